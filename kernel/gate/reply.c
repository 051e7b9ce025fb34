// SPDX-License-Identifier: GPL-2.0
/*
 * The answers that need no SA: one header, one Notify.
 *
 *	HDR(SPIi, 0), N(COOKIE)				to a first message
 *	HDR(SPIi, SPIr), N(INVALID_MAJOR_VERSION)	to a version above ours
 *	HDR(SPIi, SPIr), N(INVALID_IKE_SPI)		to a request for no SA of ours
 *	HDR(SPIi, SPIr), N(INVALID_IKE_SPI), N(QCD_TOKEN)	the same, proven
 */
#include "gate/gate.h"
#include "wire/payload.h"

/* No request of an IKE SA is shorter: empty, an IV of 8 octets, an ICV of 16. */
#define PROTECTED_MIN (IKE_HDR_LEN + IKE_PL_HDR_LEN + 8 + 1 + 16)

static struct isakmp_header answer_to(const struct isakmp_header *h)
{
	return (struct isakmp_header){
		/* RFC 7296, 1.5: same SPIs; Message ID and Exchange Type copied */
		.spi_i = h->spi_i,
		.spi_r = h->spi_r,
		.major = IKE_V2_MAJOR,
		.exchange = h->exchange,
		.flags = IKE_FLAG_RESPONSE | (~h->flags & IKE_FLAG_INITIATOR),
		.msgid = h->msgid,
	};
}

static void add_notify(struct isakmp_builder *b, const struct isakmp_notify *n)
{
	isakmp_build_payload(b, IKE_PL_NOTIFY);
	isakmp_notify_encode(&b->o, n);
	isakmp_build_close(b);
}

/* Never longer than what is answered: nobody gets amplified. */
static size_t reply(const struct isakmp_header *h, u16 type, const u8 *data, u16 len,
		    u8 out[ISAKMP_GATE_REPLY_MAX])
{
	struct isakmp_notify notify = { .type = type, .data = data, .len = len };
	struct isakmp_header hdr = answer_to(h);
	struct isakmp_builder b;

	/* RFC 7296, 3.1: MUST NOT generate a response to a response */
	if (h->flags & IKE_FLAG_RESPONSE || !h->spi_i)
		return 0;
	isakmp_build_begin(&b, out, min_t(size_t, h->len, ISAKMP_GATE_REPLY_MAX), &hdr);
	add_notify(&b, &notify);
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

/* RFC 7296, 1.5: an encrypted IKE request with an unrecognized IKE SPI */
static bool is_protected(const struct isakmp_header *h)
{
	return !isakmp_exchange_is_first(h->exchange) &&
	       (h->next == IKE_PL_SK || h->next == IKE_PL_SKF);
}

size_t isakmp_gate_spi_reply(const struct isakmp_header *h,
			     u8 out[ISAKMP_GATE_REPLY_MAX])
{
	if (!is_protected(h))
		return 0;
	return reply(h, IKE_N_INVALID_IKE_SPI, NULL, 0, out);
}

size_t isakmp_gate_token_reply(const struct isakmp_header *h,
			       const struct isakmp_token_key *key,
			       u8 out[ISAKMP_GATE_TOKEN_MAX])
{
	u8 token[ISAKMP_TOKEN_LEN];
	const struct isakmp_notify no_sa = { .type = IKE_N_INVALID_IKE_SPI };
	/* RFC 6290, 4.1: Protocol ID MUST be 1, SPI Size MUST be zero */
	const struct isakmp_notify proof = {
		.protocol = IKE_PROTO_IKE, .type = IKE_N_QCD_TOKEN,
		.data = token, .len = sizeof(token),
	};
	struct isakmp_header hdr = answer_to(h);
	struct isakmp_builder b;

	if (h->flags & IKE_FLAG_RESPONSE || !is_protected(h) || !h->spi_i ||
	    h->len < PROTECTED_MIN)
		return 0;
	isakmp_gate_token(key, !(h->flags & IKE_FLAG_INITIATOR), h->spi_i, h->spi_r, token);
	isakmp_build_begin(&b, out, ISAKMP_GATE_TOKEN_MAX, &hdr);
	add_notify(&b, &no_sa);
	add_notify(&b, &proof);
	return isakmp_build_end(&b) ? b.o.len : 0;
}
