// SPDX-License-Identifier: GPL-2.0
/* The IKE header (RFC 7296, 3.1). */
#include "wire/header.h"

enum isakmp_reason isakmp_header_decode(const u8 *p, size_t n,
					struct isakmp_header *h)
{
	struct isakmp_cur c;
	u8 version;

	isakmp_cur_init(&c, p, n);
	if (c.left < IKE_HDR_LEN ||
	    !isakmp_cur_u64(&c, &h->spi_i) || !isakmp_cur_u64(&c, &h->spi_r) ||
	    !isakmp_cur_u8(&c, &h->next) || !isakmp_cur_u8(&c, &version) ||
	    !isakmp_cur_u8(&c, &h->exchange) || !isakmp_cur_u8(&c, &h->flags) ||
	    !isakmp_cur_u32(&c, &h->msgid) || !isakmp_cur_u32(&c, &h->len))
		return ISAKMP_R_SHORT;

	h->major = version >> 4;
	h->minor = version & 0x0f;

	/* RFC 7296, 3.1: Length is the total message, header and payloads */
	return h->len == n ? ISAKMP_OK : ISAKMP_R_LENGTH;
}

void isakmp_header_encode(struct isakmp_out *o, const struct isakmp_header *h)
{
	isakmp_out_u64(o, h->spi_i);
	isakmp_out_u64(o, h->spi_r);
	isakmp_out_u8(o, h->next);
	isakmp_out_u8(o, (u8)(h->major << 4 | (h->minor & 0x0f)));
	isakmp_out_u8(o, h->exchange);
	isakmp_out_u8(o, h->flags);
	isakmp_out_u32(o, h->msgid);
	isakmp_out_u32(o, h->len);
}

void isakmp_header_set_length(struct isakmp_out *o)
{
	isakmp_out_patch32(o, IKE_HDR_LENGTH_AT, (u32)o->len);
}
