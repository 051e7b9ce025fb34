// SPDX-License-Identifier: GPL-2.0
/* Configuration payload (RFC 7296, 3.15). */
#include "wire/cp.h"

#define ATTR_TYPE_MASK	0x7fff

bool isakmp_cp_attr_next(struct isakmp_cur *c, struct isakmp_cp_attr *v)
{
	struct isakmp_cp_attr a;

	if (!isakmp_cur_u16(c, &a.type) || !isakmp_cur_u16(c, &a.len) ||
	    !isakmp_cur_take(c, a.len, &a.value))
		return false;
	/* RFC 7296, 3.15.1: the reserved bit MUST be ignored on receipt */
	a.type &= ATTR_TYPE_MASK;
	*v = a;
	return true;
}

enum isakmp_reason isakmp_cp_decode(const struct isakmp_payload *p, u8 *cfg_type,
				    struct isakmp_cur *attrs)
{
	struct isakmp_cp_attr a;
	struct isakmp_cur c, all;
	u8 type;

	isakmp_cur_init(&c, p->body, p->len);
	/* RFC 7296, 3.15: RESERVED MUST be ignored on receipt */
	if (!isakmp_cur_u8(&c, &type) || !isakmp_cur_take(&c, 3, NULL))
		return ISAKMP_R_BAD_CP;
	all = c;
	while (c.left)
		if (!isakmp_cp_attr_next(&c, &a))
			return ISAKMP_R_BAD_CP;

	*cfg_type = type;
	if (attrs)
		*attrs = all;
	return ISAKMP_OK;
}

void isakmp_cp_encode(struct isakmp_out *o, u8 cfg_type)
{
	isakmp_out_u8(o, cfg_type);
	isakmp_out_zero(o, 3);
}

void isakmp_cp_attr_encode(struct isakmp_out *o, const struct isakmp_cp_attr *v)
{
	/* RFC 7296, 3.15.1: the reserved bit MUST be zero */
	isakmp_out_u16(o, v->type & ATTR_TYPE_MASK);
	isakmp_out_u16(o, v->len);
	isakmp_out_bytes(o, v->value, v->len);
}
