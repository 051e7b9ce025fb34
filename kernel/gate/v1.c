// SPDX-License-Identifier: GPL-2.0
/* The same of version 1 (RFC 2408, 3.1; RFC 2409, 5). */
#include "gate/gate.h"
#include "wire/v1.h"

/* What a first message needs beside SA, which stands in front. */
struct first_rule {
	u8 exchange;
	u32 needs;
};

static const struct first_rule first_rules[] = {
	/* RFC 2408, 4.4: HDR; SA; NONCE => */
	{ V1_BASE, V1_PL_BIT(V1_PL_NONCE) },
	/* RFC 2409, 5: HDR, SA --> */
	{ V1_MAIN, 0 },
	/* RFC 2408, 4.6: HDR; SA; NONCE => */
	{ V1_AUTH_ONLY, V1_PL_BIT(V1_PL_NONCE) },
	/* RFC 2409, 5: HDR, SA, KE, Ni, IDii --> */
	{ V1_AGGRESSIVE, V1_PL_BIT(V1_PL_KE) | V1_PL_BIT(V1_PL_NONCE) | V1_PL_BIT(V1_PL_ID) },
};

#define ONCE (V1_PL_BIT(V1_PL_SA) | V1_PL_BIT(V1_PL_KE) | V1_PL_BIT(V1_PL_NONCE) | \
	      V1_PL_BIT(V1_PL_ID))

static const struct first_rule *first_rule(u8 exchange)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(first_rules); i++)
		if (first_rules[i].exchange == exchange)
			return &first_rules[i];
	return NULL;
}

static bool exchange_known(u8 exchange)
{
	return (exchange >= V1_BASE && exchange <= V1_TRANSACTION) ||
	       exchange == V1_QUICK || exchange == V1_NEW_GROUP;
}

static bool cookies_fit(const struct isakmp_header *h)
{
	if (!h->spi_i)
		return false;
	/*
	 * A first message has none of the responder.  Who refuses one says so in an
	 * Informational, and many do so before they have made a cookie.
	 */
	return h->spi_r || first_rule(h->exchange) || h->exchange == V1_INFORMATIONAL;
}

/* RFC 2408, 3.1: 0 in phase 1; random, to tell exchanges apart, in phase 2 */
static bool message_id_fits(const struct isakmp_header *h)
{
	/* Some give pieces the message ID of the whole, some give all of them 0. */
	if (h->exchange == V1_INFORMATIONAL || h->next == V1_PL_FRAGMENT)
		return true;
	return !h->msgid == !!first_rule(h->exchange);
}

enum isakmp_reason isakmp_gate_v1_header(const struct isakmp_header *h)
{
	/* RFC 2408, 3.1: a minor version larger than its own SHOULD never be accepted */
	if (h->minor)
		return ISAKMP_R_VERSION;
	if (!exchange_known(h->exchange))
		return ISAKMP_R_EXCHANGE;
	if (!cookies_fit(h))
		return ISAKMP_R_SPI;
	if (!message_id_fits(h))
		return ISAKMP_R_V1_MESSAGE_ID;
	/* Without a responder there are no keys. */
	if (!h->spi_r && h->flags & V1_FLAG_ENCRYPTION)
		return ISAKMP_R_V1_FLAGS;
	return ISAKMP_OK;
}

bool isakmp_gate_v1_is_first(const struct isakmp_header *h)
{
	return h->major == V1_MAJOR && first_rule(h->exchange) && !h->spi_r;
}

/* @seen: the types before it, of those that come once */
static enum isakmp_reason note_payload(const struct isakmp_payload *pl, u32 *seen)
{
	u32 bit = v1_payload_known(pl->type) ? V1_PL_BIT(pl->type) & ONCE : 0;

	/* RFC 2409, 5: the SA payload MUST precede all other payloads */
	if (pl->type != V1_PL_SA && !(*seen & V1_PL_BIT(V1_PL_SA)))
		return ISAKMP_R_UNEXPECTED;
	if (*seen & bit)
		return ISAKMP_R_REPEATED;
	*seen |= bit;
	return pl->type == V1_PL_NONCE ? v1_payload_check(pl) : ISAKMP_OK;
}

enum isakmp_reason isakmp_gate_v1_first(const u8 *p, size_t n, const struct isakmp_header *h)
{
	const struct first_rule *rule = first_rule(h->exchange);
	u32 seen = 0, needs = V1_PL_BIT(V1_PL_SA);
	struct isakmp_payload pl;
	enum isakmp_reason r;
	struct isakmp_cur c;
	u8 type = h->next;
	unsigned int i;

	isakmp_cur_init(&c, p, n);
	if (!isakmp_cur_take(&c, IKE_HDR_LEN, NULL))
		return ISAKMP_R_SHORT;
	for (i = 0; type != V1_PL_NONE; i++) {
		if (i == IKE_PAYLOADS_MAX)
			return ISAKMP_R_PAYLOAD_MANY;
		r = v1_payload_take(&c, &type, &pl);
		if (r == ISAKMP_OK)
			r = note_payload(&pl, &seen);
		if (r != ISAKMP_OK)
			return r;
	}
	if (c.left > V1_PAD_CLEAR_MAX)
		return ISAKMP_R_PAYLOAD_TRAILING;
	if (rule)
		needs |= rule->needs;
	return (seen & needs) == needs ? ISAKMP_OK : ISAKMP_R_MISSING;
}
