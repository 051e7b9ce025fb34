// SPDX-License-Identifier: GPL-2.0
/* Payload bodies but SA, ID and VENDOR (RFC 2408, 3.7 to 3.15; RFC 3947; mode config). */
#include "wire/v1.h"

#define SPI_MAX		16
#define FRAGMENT_LAST	0x01

/* ---- Notification ----------------------------------------------------------- */

/* The types whose text says how long their data is; of others, any data is accepted. */
struct notify_rule {
	u16 type;
	u16 len;
};

static const struct notify_rule notify_rules[] = {
	/* RFC 2407, 4.6.3.2: a 4-octet value, 0 or 1 */
	{ V1_N_REPLAY_STATUS, 4 },
	/* RFC 3706, 5.3 and 5.4: the sequence number, 32 bits */
	{ V1_N_R_U_THERE, 4 },
	{ V1_N_R_U_THERE_ACK, 4 },
};

static bool notify_len_holds(u16 type, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(notify_rules); i++)
		if (notify_rules[i].type == type)
			return notify_rules[i].len == len;
	return true;
}

enum isakmp_reason v1_notify_decode(const struct isakmp_payload *p, struct v1_notify *v)
{
	struct v1_notify n;
	struct isakmp_cur c;

	isakmp_cur_init(&c, p->body, p->len);
	if (!isakmp_cur_u32(&c, &n.doi) || !isakmp_cur_u8(&c, &n.protocol) ||
	    !isakmp_cur_u8(&c, &n.spi_len) || !isakmp_cur_u16(&c, &n.type) ||
	    !isakmp_cur_take(&c, n.spi_len, &n.spi))
		return ISAKMP_R_BAD_NOTIFY;
	/* RFC 2408, 3.14: from zero to sixteen */
	if (n.spi_len > SPI_MAX || !notify_len_holds(n.type, c.left))
		return ISAKMP_R_BAD_NOTIFY;

	isakmp_cur_rest(&c, &n.data, &n.len);
	*v = n;
	return ISAKMP_OK;
}

void v1_notify_encode(struct isakmp_out *o, const struct v1_notify *v)
{
	isakmp_out_u32(o, v->doi);
	isakmp_out_u8(o, v->protocol);
	isakmp_out_u8(o, v->spi_len);
	isakmp_out_u16(o, v->type);
	isakmp_out_bytes(o, v->spi, v->spi_len);
	isakmp_out_bytes(o, v->data, v->len);
}

/* ---- Delete ----------------------------------------------------------------- */

static bool delete_spi_holds(u8 protocol, u8 spi_len)
{
	switch (protocol) {
	case V1_PROTO_ISAKMP:
		/* RFC 2408, 3.15: the pair of cookies, 16 octets */
		return spi_len == 2 * V1_COOKIE_LEN;
	case V1_PROTO_AH:
	case V1_PROTO_ESP:
		return spi_len == 4;
	case V1_PROTO_IPCOMP:
		return spi_len == 2 || spi_len == 4;
	default:
		return false;
	}
}

enum isakmp_reason v1_delete_decode(const struct isakmp_payload *p, struct v1_delete *v)
{
	struct v1_delete d;
	struct isakmp_cur c;

	isakmp_cur_init(&c, p->body, p->len);
	if (!isakmp_cur_u32(&c, &d.doi) || !isakmp_cur_u8(&c, &d.protocol) ||
	    !isakmp_cur_u8(&c, &d.spi_len) || !isakmp_cur_u16(&c, &d.n) ||
	    !delete_spi_holds(d.protocol, d.spi_len))
		return ISAKMP_R_BAD_DELETE;
	/* RFC 2408, 3.15: # of SPIs, each of SPI Size, to the end */
	if (!d.n || c.left != (u32)d.n * d.spi_len)
		return ISAKMP_R_BAD_DELETE;

	d.spis = c.p;
	*v = d;
	return ISAKMP_OK;
}

void v1_delete_encode(struct isakmp_out *o, const struct v1_delete *v)
{
	isakmp_out_u32(o, v->doi);
	isakmp_out_u8(o, v->protocol);
	isakmp_out_u8(o, v->spi_len);
	isakmp_out_u16(o, v->n);
	isakmp_out_bytes(o, v->spis, (u32)v->n * v->spi_len);
}

/* ---- NAT-OA ----------------------------------------------------------------- */

enum isakmp_reason v1_nat_oa_decode(const struct isakmp_payload *p, struct isakmp_addr *v)
{
	struct isakmp_addr a = {};
	struct isakmp_cur c;
	const u8 *octets;
	u8 type;

	isakmp_cur_init(&c, p->body, p->len);
	if (!isakmp_cur_u8(&c, &type) || !isakmp_cur_take(&c, 3, NULL))
		return ISAKMP_R_V1_BAD_NAT;
	/* RFC 3947, 5.2: ID_IPV4_ADDR and ID_IPV6_ADDR only */
	if (type != V1_ID_IPV4 && type != V1_ID_IPV6)
		return ISAKMP_R_V1_BAD_NAT;
	a.family = type == V1_ID_IPV4 ? 4 : 6;
	if (!isakmp_cur_take(&c, isakmp_addr_len(&a), &octets) || c.left)
		return ISAKMP_R_V1_BAD_NAT;

	memcpy(a.a, octets, isakmp_addr_len(&a));
	*v = a;
	return ISAKMP_OK;
}

void v1_nat_oa_encode(struct isakmp_out *o, const struct isakmp_addr *v)
{
	isakmp_out_u8(o, v->family == 4 ? V1_ID_IPV4 : V1_ID_IPV6);
	isakmp_out_zero(o, 3);
	isakmp_out_bytes(o, v->a, isakmp_addr_len(v));
}

/* ---- Attributes ------------------------------------------------------------- */

enum isakmp_reason v1_attributes_decode(const struct isakmp_payload *p, struct v1_attributes *v)
{
	struct isakmp_cur c, all;
	struct v1_attr_value a;
	u16 id;
	u8 type;

	isakmp_cur_init(&c, p->body, p->len);
	if (!isakmp_cur_u8(&c, &type) || !isakmp_cur_take(&c, 1, NULL) ||
	    !isakmp_cur_u16(&c, &id))
		return ISAKMP_R_BAD_CP;
	all = c;
	while (c.left)
		if (!v1_attr_next(&c, &a))
			return ISAKMP_R_BAD_CP;

	v->type = type;
	v->id = id;
	v->attrs = all;
	return ISAKMP_OK;
}

void v1_attributes_encode(struct isakmp_out *o, u8 type, u16 id)
{
	isakmp_out_u8(o, type);
	isakmp_out_zero(o, 1);
	isakmp_out_u16(o, id);
}

/* ---- Fragment --------------------------------------------------------------- */

enum isakmp_reason v1_fragment_decode(const struct isakmp_payload *p, struct v1_fragment *v)
{
	struct isakmp_cur c;
	u8 number, flags;
	u16 id;

	isakmp_cur_init(&c, p->body, p->len);
	if (!isakmp_cur_u16(&c, &id) || !isakmp_cur_u8(&c, &number) ||
	    !isakmp_cur_u8(&c, &flags) || !number || !c.left)
		return ISAKMP_R_V1_BAD_FRAGMENT;

	v->id = id;
	v->number = number;
	v->last = flags & FRAGMENT_LAST;
	isakmp_cur_rest(&c, &v->data, &v->len);
	return ISAKMP_OK;
}

void v1_fragment_encode(struct isakmp_out *o, const struct v1_fragment *v)
{
	isakmp_out_u16(o, v->id);
	isakmp_out_u8(o, v->number);
	isakmp_out_u8(o, v->last ? FRAGMENT_LAST : 0);
	isakmp_out_bytes(o, v->data, v->len);
}

/* ---- all of them ------------------------------------------------------------ */

/* Bodies that are their value: which lengths any of them can have. */
struct value_rule {
	u8 type;
	u16 min;
	u16 max;
	enum isakmp_reason why;
};

static const struct value_rule value_rules[] = {
	{ V1_PL_KE,	1, IKE_KE_MAX, ISAKMP_R_BAD_KE },
	/* RFC 2408, 3.9 and 3.10: an encoding, then the value; an authority may be empty */
	{ V1_PL_CERT,	2, U16_MAX, ISAKMP_R_BAD_CERT },
	{ V1_PL_CERTREQ, 1, U16_MAX, ISAKMP_R_BAD_CERT },
	{ V1_PL_HASH,	1, IKE_AUTH_MAX, ISAKMP_R_V1_BAD_HASH },
	{ V1_PL_SIG,	1, IKE_AUTH_MAX, ISAKMP_R_V1_BAD_HASH },
	{ V1_PL_NONCE,	V1_NONCE_MIN, IKE_AUTH_MAX, ISAKMP_R_BAD_NONCE },
	{ V1_PL_NAT_D,	V1_HASH_MIN, V1_HASH_MAX, ISAKMP_R_V1_BAD_NAT },
};

static enum isakmp_reason value_check(const struct isakmp_payload *p)
{
	const struct value_rule *r;

	for (r = value_rules; r < value_rules + ARRAY_SIZE(value_rules); r++)
		if (r->type == p->type)
			return p->len < r->min || p->len > r->max ? r->why : ISAKMP_OK;
	return ISAKMP_OK;
}

enum isakmp_reason v1_payload_check(const struct isakmp_payload *p)
{
	union {
		u32 sa[2];
		struct v1_id id;
		struct v1_notify notify;
		struct v1_delete delete;
		struct v1_attributes attributes;
		struct isakmp_addr addr;
		struct v1_fragment fragment;
	} v;

	switch (p->type) {
	case V1_PL_SA:
		return v1_sa_decode(p, &v.sa[0], &v.sa[1], NULL);
	case V1_PL_ID:
		return v1_id_decode(p, &v.id);
	case V1_PL_NOTIFY:
		return v1_notify_decode(p, &v.notify);
	case V1_PL_DELETE:
		return v1_delete_decode(p, &v.delete);
	case V1_PL_ATTRIBUTES:
		return v1_attributes_decode(p, &v.attributes);
	case V1_PL_NAT_OA:
		return v1_nat_oa_decode(p, &v.addr);
	case V1_PL_FRAGMENT:
		return v1_fragment_decode(p, &v.fragment);
	default:
		return value_check(p);
	}
}
