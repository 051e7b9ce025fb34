// SPDX-License-Identifier: GPL-2.0
/*
 * The answers that need no SA: one header, one Notify.
 *
 *	HDR(SPIi, 0), N(COOKIE)				to a first message
 *	HDR(SPIi, SPIr), N(INVALID_MAJOR_VERSION)	to a version above ours
 *	HDR(SPIi, SPIr), N(INVALID_IKE_SPI)		to a request for no SA of ours
 */
#include "gate/gate.h"
#include "wire/payload.h"

/* Never longer than what is answered: nobody gets amplified. */
static size_t reply(const struct isakmp_header *h, u16 type, const u8 *data, u16 len,
		    u8 out[ISAKMP_GATE_REPLY_MAX])
{
	struct isakmp_notify notify = { .type = type, .data = data, .len = len };
	struct isakmp_header hdr = {
		/* RFC 7296, 1.5: same SPIs; Message ID and Exchange Type copied */
		.spi_i = h->spi_i,
		.spi_r = h->spi_r,
		.major = IKE_V2_MAJOR,
		.exchange = h->exchange,
		.flags = IKE_FLAG_RESPONSE | (~h->flags & IKE_FLAG_INITIATOR),
		.msgid = h->msgid,
	};
	struct isakmp_builder b;

	/* RFC 7296, 3.1: MUST NOT generate a response to a response */
	if (h->flags & IKE_FLAG_RESPONSE || !h->spi_i)
		return 0;
	isakmp_build_begin(&b, out, min_t(size_t, h->len, ISAKMP_GATE_REPLY_MAX), &hdr);
	isakmp_build_payload(&b, IKE_PL_NOTIFY);
	isakmp_notify_encode(&b.o, &notify);
	isakmp_build_close(&b);
	return isakmp_build_end(&b) ? b.o.len : 0;
}

size_t isakmp_gate_cookie_reply(const struct isakmp_header *h,
				const u8 cookie[ISAKMP_COOKIE_LEN],
				u8 out[ISAKMP_GATE_REPLY_MAX])
{
	if (!isakmp_gate_is_first(h))
		return 0;
	return reply(h, IKE_N_COOKIE, cookie, ISAKMP_COOKIE_LEN, out);
}

size_t isakmp_gate_version_reply(const struct isakmp_header *h,
				 u8 out[ISAKMP_GATE_REPLY_MAX])
{
	/* RFC 7296, 1.5: of a higher major version; 2.5: the header says which is ours */
	if (h->major <= IKE_V2_MAJOR)
		return 0;
	return reply(h, IKE_N_INVALID_MAJOR_VERSION, NULL, 0, out);
}

size_t isakmp_gate_spi_reply(const struct isakmp_header *h,
			     u8 out[ISAKMP_GATE_REPLY_MAX])
{
	/* RFC 7296, 1.5: an encrypted IKE request with an unrecognized IKE SPI */
	if (isakmp_exchange_is_first(h->exchange) || (h->next != IKE_PL_SK && h->next != IKE_PL_SKF))
		return 0;
	return reply(h, IKE_N_INVALID_IKE_SPI, NULL, 0, out);
}
