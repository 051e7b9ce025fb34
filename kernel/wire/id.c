// SPDX-License-Identifier: GPL-2.0
/* Identification payloads (RFC 7296, 3.5). */
#include "wire/payload.h"

struct id_rule {
	u8 type;
	u8 min;
	u8 max;
	bool text;	/* no terminators in it */
};

static const struct id_rule id_rules[] = {
	/* RFC 7296, 3.5: a single four (4) octet IPv4 address */
	{ IKE_ID_IPV4,	4,	4,	false },
	/* RFC 7296, 3.5: MUST NOT contain any terminators (NULL, CR, etc.) */
	{ IKE_ID_FQDN,	1,	IKE_ID_MAX, true },
	{ IKE_ID_EMAIL,	1,	IKE_ID_MAX, true },
	/* RFC 7296, 3.5: a single sixteen (16) octet IPv6 address */
	{ IKE_ID_IPV6,	16,	16,	false },
};

static const struct id_rule id_other = { 0, 1, IKE_ID_MAX, false };

static const struct id_rule *id_rule(u8 type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(id_rules); i++)
		if (id_rules[i].type == type)
			return &id_rules[i];
	return &id_other;
}

static bool id_terminated(struct isakmp_cur c)
{
	u8 v;

	while (isakmp_cur_u8(&c, &v))
		if (v == '\0' || v == '\n' || v == '\r')
			return true;
	return false;
}

enum isakmp_reason isakmp_id_decode(const struct isakmp_payload *p, struct isakmp_id *v)
{
	const struct id_rule *rule;
	struct isakmp_cur c;
	u8 type;

	isakmp_cur_init(&c, p->body, p->len);
	/* RFC 7296, 3.5: RESERVED MUST be ignored on receipt */
	if (!isakmp_cur_u8(&c, &type) || !isakmp_cur_take(&c, 3, NULL))
		return ISAKMP_R_BAD_ID;
	rule = id_rule(type);
	if (c.left < rule->min || c.left > rule->max)
		return ISAKMP_R_BAD_ID;
	if (rule->text && id_terminated(c))
		return ISAKMP_R_BAD_ID;

	v->type = type;
	isakmp_cur_rest(&c, &v->value, &v->len);
	return ISAKMP_OK;
}

void isakmp_id_encode(struct isakmp_out *o, const struct isakmp_id *v)
{
	isakmp_out_u8(o, v->type);
	isakmp_out_zero(o, 3);
	isakmp_out_bytes(o, v->value, v->len);
}
