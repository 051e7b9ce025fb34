// SPDX-License-Identifier: GPL-2.0
/* Payload chains (RFC 2408, 3.2). */
#include "wire/v1.h"

/* RFC 3947, 3.2: what was 130 and 131 in the drafts is 20 and 21. */
static u8 type_now(u8 type)
{
	switch (type) {
	case V1_PL_NAT_D_DRAFT:
		return V1_PL_NAT_D;
	case V1_PL_NAT_OA_DRAFT:
		return V1_PL_NAT_OA;
	default:
		return type;
	}
}

enum isakmp_reason v1_payload_take(struct isakmp_cur *c, u8 *type, struct isakmp_payload *pl)
{
	struct isakmp_cur body;
	u16 len;
	u8 next;

	if (!isakmp_cur_u8(c, &next) || !isakmp_cur_take(c, 1, NULL) ||
	    !isakmp_cur_u16(c, &len))
		return ISAKMP_R_PAYLOAD_SHORT;
	/* RFC 2408, 3.2: including the generic payload header */
	if (len < IKE_PL_HDR_LEN)
		return ISAKMP_R_PAYLOAD_SHORT;
	if (!isakmp_cur_sub(c, len - IKE_PL_HDR_LEN, &body))
		return ISAKMP_R_PAYLOAD_LENGTH;

	pl->type = type_now(*type);
	pl->critical = pl->type != *type;
	isakmp_cur_rest(&body, &pl->body, &pl->len);
	*type = next;
	return ISAKMP_OK;
}

/* First pass: every length and the whole cover; nothing is kept but the refusal. */
static enum isakmp_reason chain_check(u8 type, struct isakmp_cur c, bool padded)
{
	struct isakmp_payload pl;
	enum isakmp_reason r;
	unsigned int n;

	for (n = 0; type != V1_PL_NONE; n++) {
		if (n == IKE_PAYLOADS_MAX)
			return ISAKMP_R_PAYLOAD_MANY;
		r = v1_payload_take(&c, &type, &pl);
		if (r != ISAKMP_OK)
			return r;
	}
	return c.left && !padded ? ISAKMP_R_PAYLOAD_TRAILING : ISAKMP_OK;
}

static void chain_note(struct v1_chain *c, u8 type)
{
	u32 bit;

	if (!v1_payload_known(type)) {
		if (!c->unknown)
			c->unknown = type;
		return;
	}
	bit = V1_PL_BIT(type);
	c->repeated |= c->seen & bit;
	c->seen |= bit;
}

enum isakmp_reason v1_chain_decode(u8 first, const u8 *p, size_t n, bool padded,
				   struct v1_chain *c)
{
	struct isakmp_cur cur;
	enum isakmp_reason r;
	u8 type = first;

	c->seen = 0;
	c->repeated = 0;
	c->unknown = 0;
	c->n = 0;
	c->end = 0;

	isakmp_cur_init(&cur, p, n);
	r = chain_check(first, cur, padded);
	if (r != ISAKMP_OK)
		return r;
	while (type != V1_PL_NONE && v1_payload_take(&cur, &type, &c->pl[c->n]) == ISAKMP_OK)
		chain_note(c, c->pl[c->n++].type);
	c->end = (u32)(n - cur.left);
	return ISAKMP_OK;
}

const struct isakmp_payload *v1_chain_find(const struct v1_chain *c, u8 type)
{
	return v1_chain_next(c, type, NULL);
}

const struct isakmp_payload *v1_chain_next(const struct v1_chain *c, u8 type,
					   const struct isakmp_payload *prev)
{
	const struct isakmp_payload *pl;

	for (pl = prev ? prev + 1 : c->pl; pl < c->pl + c->n; pl++)
		if (pl->type == type)
			return pl;
	return NULL;
}
