// SPDX-License-Identifier: GPL-2.0
/* Notify payload (RFC 7296, 3.10). */
#include "wire/payload.h"

/*
 * The types whose text says how long their data is.  Of the others, known or
 * not, any data is accepted: nothing reads it, and RFC 7296, 3.10.1 wants
 * what is not recognized ignored.
 */
struct notify_rule {
	u16 type;
	u16 min;
	u16 max;
	bool spi;	/* means nothing without the SPI of a child SA */
};

static const struct notify_rule notify_rules[] = {
	/* RFC 7296, 2.5: the one-octet payload type */
	{ IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD, 1, 1, false },
	/* RFC 7296, 2.3: the four-octet invalid Message ID */
	{ IKE_N_INVALID_MESSAGE_ID, 4, 4, false },
	/* RFC 7296, 1.5: the SPI of the invalid packet, ESP's or AH's */
	{ IKE_N_INVALID_SPI, 4, 4, false },
	/* RFC 7296, 1.3: two octets of data, the accepted group number */
	{ IKE_N_INVALID_KE_PAYLOAD, 2, 2, false },
	/* RFC 7296, 2.3: MUST be 4 octets long */
	{ IKE_N_SET_WINDOW_SIZE, 4, 4, false },
	/* RFC 7296, 2.22: a two-octet CPI, a one-octet Transform ID, attributes */
	{ IKE_N_IPCOMP_SUPPORTED, 3, U16_MAX, false },
	/* RFC 7296, 2.23: a SHA-1 digest */
	{ IKE_N_NAT_DETECTION_SOURCE_IP, 20, 20, false },
	{ IKE_N_NAT_DETECTION_DESTINATION_IP, 20, 20, false },
	/* RFC 7296, 2.6: MUST be between 1 and 64 octets, inclusive */
	{ IKE_N_COOKIE, 1, IKE_COOKIE_MAX, false },
	/* RFC 4555, 4.2.2: either a four-octet IPv4 address or a 16-octet IPv6 address */
	{ IKE_N_ADDITIONAL_IP4_ADDRESS, 4, 4, false },
	{ IKE_N_ADDITIONAL_IP6_ADDRESS, 16, 16, false },
	/* RFC 4555, 4.2.5: MUST be between 8 and 64 octets in length (inclusive) */
	{ IKE_N_COOKIE2, 8, IKE_COOKIE_MAX, false },
	/* RFC 4555, 4.2.6: 12 octets for IPv4, 36 for IPv6 */
	{ IKE_N_NO_NATS_ALLOWED, 12, 36, false },
	/* RFC 6290, 5: at least 16 octets long, and no more than 128 */
	{ IKE_N_QCD_TOKEN, IKE_TOKEN_MIN, IKE_TOKEN_MAX, false },
	/* RFC 7296, 1.3.3: the SPI is that of the SA being rekeyed */
	{ IKE_N_REKEY_SA, 0, U16_MAX, true },
	/* RFC 5723, 7.1: a four-octet lifetime and the ticket; 7.2: the ticket */
	{ IKE_N_TICKET_LT_OPAQUE, 5, U16_MAX, false },
	{ IKE_N_TICKET_OPAQUE, 1, U16_MAX, false },
};

static const struct notify_rule notify_other = { 0, 0, U16_MAX, false };

static const struct notify_rule *notify_rule(u16 type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(notify_rules); i++)
		if (notify_rules[i].type == type)
			return &notify_rules[i];
	return &notify_other;
}

static bool notify_spi_holds(u8 protocol, u8 spi_size)
{
	switch (spi_size) {
	case 0:
		/* RFC 7296, 3.10: if the SPI is empty, Protocol ID MUST be ignored */
		return true;
	case 4:
		/* RFC 7296, 3.10: child SAs: MUST be (2) for AH or (3) for ESP */
		return protocol == IKE_PROTO_AH || protocol == IKE_PROTO_ESP;
	case 8:
		return protocol == IKE_PROTO_IKE;
	default:
		return false;
	}
}

enum isakmp_reason isakmp_notify_decode(const struct isakmp_payload *p, struct isakmp_notify *v)
{
	const struct notify_rule *rule;
	struct isakmp_cur c;
	u8 protocol, spi_size;
	const u8 *spi;
	u16 type;

	isakmp_cur_init(&c, p->body, p->len);
	if (!isakmp_cur_u8(&c, &protocol) || !isakmp_cur_u8(&c, &spi_size) ||
	    !isakmp_cur_u16(&c, &type) || !isakmp_cur_take(&c, spi_size, &spi) ||
	    !notify_spi_holds(protocol, spi_size))
		return ISAKMP_R_BAD_NOTIFY;
	rule = notify_rule(type);
	if (c.left < rule->min || c.left > rule->max || (rule->spi && spi_size != 4))
		return ISAKMP_R_BAD_NOTIFY;

	v->protocol = protocol;
	v->spi_size = spi_size;
	v->type = type;
	v->spi = spi;
	isakmp_cur_rest(&c, &v->data, &v->len);
	return ISAKMP_OK;
}

void isakmp_notify_encode(struct isakmp_out *o, const struct isakmp_notify *v)
{
	isakmp_out_u8(o, v->protocol);
	isakmp_out_u8(o, v->spi_size);
	isakmp_out_u16(o, v->type);
	isakmp_out_bytes(o, v->spi, v->spi_size);
	isakmp_out_bytes(o, v->data, v->len);
}
