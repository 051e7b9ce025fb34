// SPDX-License-Identifier: GPL-2.0
/* Configuration payload (RFC 7296, 3.15; RFC 8598). */
#include <isakmp/ikev2.h>
#include <isakmp/limits.h>
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

/* What follows an address in the value of an attribute. */
enum tail { TAIL_NONE, TAIL_MASK, TAIL_PLEN };

static const struct form {
	u8 type;
	u8 family;
	u8 tail;
} forms[] = {
	{ IKE_CFG_IP4_ADDRESS,	4, TAIL_NONE },
	{ IKE_CFG_IP4_NETMASK,	4, TAIL_NONE },
	{ IKE_CFG_IP4_DNS,	4, TAIL_NONE },
	{ IKE_CFG_IP4_NBNS,	4, TAIL_NONE },
	{ IKE_CFG_IP4_DHCP,	4, TAIL_NONE },
	{ IKE_CFG_IP4_SUBNET,	4, TAIL_MASK },
	{ IKE_CFG_IP6_ADDRESS,	6, TAIL_PLEN },
	{ IKE_CFG_IP6_DNS,	6, TAIL_NONE },
	{ IKE_CFG_IP6_DHCP,	6, TAIL_NONE },
	{ IKE_CFG_IP6_SUBNET,	6, TAIL_PLEN },
};

static const struct form *form_of(u16 type)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(forms); i++)
		if (forms[i].type == type)
			return &forms[i];
	return NULL;
}

u8 isakmp_cp_family(u16 type)
{
	const struct form *f = form_of(type);

	return f ? f->family : 0;
}

static u32 mask_of(unsigned int plen)
{
	return plen ? ~0U << (32 - plen) : 0;
}

static bool read_mask(struct isakmp_cur *c, u8 *plen)
{
	u32 mask;

	if (!isakmp_cur_u32(c, &mask))
		return false;
	for (*plen = 0; *plen < 32 && mask_of(*plen) != mask; ++*plen)
		;
	return mask_of(*plen) == mask;
}

static bool read_tail(struct isakmp_cur *c, u8 tail, u8 *plen)
{
	switch (tail) {
	case TAIL_MASK:
		return read_mask(c, plen);
	case TAIL_PLEN:
		return isakmp_cur_u8(c, plen) && *plen <= 128;
	default:
		return true;
	}
}

bool isakmp_cp_net_decode(const struct isakmp_cp_attr *a, struct isakmp_cp_net *v)
{
	const struct form *f = form_of(a->type);
	struct isakmp_cp_net net = {};
	struct isakmp_cur c;
	const u8 *p;

	if (!f)
		return false;
	isakmp_cur_init(&c, a->value, a->len);
	net.family = f->family;
	net.plen = f->family == 4 ? 32 : 128;
	if (!isakmp_cur_take(&c, net.plen / 8, &p) || !read_tail(&c, f->tail, &net.plen) ||
	    c.left)
		return false;
	memcpy(net.addr, p, f->family == 4 ? 4 : 16);
	*v = net;
	return true;
}

void isakmp_cp_net_encode(struct isakmp_out *o, u16 type, const struct isakmp_cp_net *v)
{
	const struct form *f = form_of(type);
	u16 n = f->family == 4 ? 4 : 16;
	u16 tail = f->tail == TAIL_MASK ? 4 : f->tail == TAIL_PLEN ? 1 : 0;

	isakmp_out_u16(o, type);
	isakmp_out_u16(o, n + tail);
	isakmp_out_bytes(o, v->addr, n);
	if (f->tail == TAIL_MASK)
		isakmp_out_u32(o, mask_of(v->plen));
	else if (f->tail == TAIL_PLEN)
		isakmp_out_u8(o, v->plen);
}

static bool is_alnum(u8 c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool label_ok(const u8 *p, size_t n)
{
	size_t i;

	if (!n || n > 63 || p[0] == '-' || p[n - 1] == '-')
		return false;
	for (i = 0; i < n; i++)
		if (!is_alnum(p[i]) && p[i] != '-')
			return false;
	return true;
}

bool isakmp_cp_domain_ok(const u8 *p, size_t n)
{
	size_t i, start = 0;

	if (!n || n > IKE_CFG_DOMAIN_MAX)
		return false;
	for (i = 0; i <= n; i++) {
		if (i < n && p[i] != '.')
			continue;
		if (!label_ok(p + start, i - start))
			return false;
		start = i + 1;
	}
	return true;
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
