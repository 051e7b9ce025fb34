// SPDX-License-Identifier: GPL-2.0
/* Attributes; Security Association payload (RFC 2408, 3.3 to 3.6; RFC 2407, 4.6.1). */
#include "wire/v1.h"

#define ATTR_AF		0x8000	/* RFC 2408, 3.3: type and value, without a length */

#define NEXT_AT		0	/* of a substructure: Next Payload */
#define SIZE_AT		2	/* its length */
#define TRANSFORMS_AT	7	/* of a proposal: # of Transforms */

#define SPI_MAX		16

/* ---- attributes ------------------------------------------------------------ */

static u64 number_of(const u8 *p, u16 n)
{
	u64 v = 0;
	u16 i;

	if (n > 8)
		return 0;
	for (i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

bool v1_attr_next(struct isakmp_cur *c, struct v1_attr_value *v)
{
	struct isakmp_cur rest = *c;
	u16 type, len = 2;
	const u8 *value;

	if (!isakmp_cur_u16(&rest, &type))
		return false;
	if (!(type & ATTR_AF) && !isakmp_cur_u16(&rest, &len))
		return false;
	if (!isakmp_cur_take(&rest, len, &value))
		return false;

	*c = rest;
	v->type = type & ~ATTR_AF;
	v->basic = type & ATTR_AF;
	v->value = value;
	v->len = len;
	v->small = number_of(value, len);
	return true;
}

void v1_attr_encode(struct isakmp_out *o, u16 type, u32 value)
{
	u8 octets[4];

	if (value > U16_MAX) {
		put_unaligned_be32(value, octets);
		v1_attr_encode_long(o, type, octets, sizeof(octets));
		return;
	}
	isakmp_out_u16(o, ATTR_AF | type);
	isakmp_out_u16(o, (u16)value);
}

void v1_attr_encode_long(struct isakmp_out *o, u16 type, const u8 *value, u16 len)
{
	isakmp_out_u16(o, type & ~ATTR_AF);
	isakmp_out_u16(o, len);
	isakmp_out_bytes(o, value, len);
}

/* ---- SA: reading ------------------------------------------------------------ */

/* The generic header of a substructure; @body gets the rest of it. */
static bool part_take(struct isakmp_cur *c, u8 *next, struct isakmp_cur *body)
{
	u16 len;

	return isakmp_cur_u8(c, next) && isakmp_cur_take(c, 1, NULL) &&
	       isakmp_cur_u16(c, &len) && len >= IKE_PL_HDR_LEN &&
	       isakmp_cur_sub(c, len - IKE_PL_HDR_LEN, body);
}

/* RFC 2408, 3.5 and 3.6: MUST only contain its own type, or 0 in the last one. */
static bool next_agrees(u8 next, u8 type, const struct isakmp_cur *rest)
{
	return next == (rest->left ? type : V1_PL_NONE);
}

static bool proposal_take(struct isakmp_cur *c, u8 *next, struct v1_proposal *v)
{
	return part_take(c, next, &v->transforms) &&
	       isakmp_cur_u8(&v->transforms, &v->num) &&
	       isakmp_cur_u8(&v->transforms, &v->protocol) &&
	       isakmp_cur_u8(&v->transforms, &v->spi_len) &&
	       isakmp_cur_u8(&v->transforms, &v->n) &&
	       isakmp_cur_take(&v->transforms, v->spi_len, &v->spi);
}

static bool transform_take(struct isakmp_cur *c, u8 *next, struct v1_transform *v)
{
	const u8 *start = c->p;

	if (!part_take(c, next, &v->attrs) ||
	    !isakmp_cur_u8(&v->attrs, &v->num) || !isakmp_cur_u8(&v->attrs, &v->id) ||
	    !isakmp_cur_take(&v->attrs, 2, NULL))
		return false;
	v->raw = start;
	v->raw_len = (u16)(c->p - start);
	return true;
}

static bool attrs_check(struct isakmp_cur c)
{
	struct v1_attr_value v;
	unsigned int n;

	for (n = 0; c.left; n++)
		if (n == V1_ATTRS_MAX || !v1_attr_next(&c, &v))
			return false;
	return true;
}

/* @total: transforms of the payload so far */
static bool transforms_check(const struct v1_proposal *p, unsigned int *total)
{
	struct isakmp_cur c = p->transforms;
	struct v1_transform t;
	unsigned int n;
	u8 next;

	for (n = 0; c.left; n++)
		if (++*total > V1_TRANSFORMS_MAX || !transform_take(&c, &next, &t) ||
		    !next_agrees(next, V1_PL_TRANSFORM, &c) || !attrs_check(t.attrs))
			return false;
	return n && n == p->n;
}

static bool spi_len_holds(const struct v1_proposal *p)
{
	switch (p->protocol) {
	case V1_PROTO_AH:
	case V1_PROTO_ESP:
		return p->spi_len == 4;
	case V1_PROTO_IPCOMP:
		/* RFC 3173, 4.1: a CPI of two octets, or in four */
		return p->spi_len == 2 || p->spi_len == 4;
	default:
		/* RFC 2408, 3.5: irrelevant, MAY be from zero to sixteen */
		return p->spi_len <= SPI_MAX;
	}
}

static bool proposals_check(struct isakmp_cur c)
{
	unsigned int n, total = 0;
	struct v1_proposal p;
	u8 next, num = 0;

	for (n = 0; c.left; n++) {
		if (n == IKE_PROPOSALS_MAX || !proposal_take(&c, &next, &p) ||
		    !next_agrees(next, V1_PL_PROPOSAL, &c))
			return false;
		/* RFC 2408, 4.2: monotonically increasing; the same one: AND */
		if (p.num < num || !spi_len_holds(&p) || !transforms_check(&p, &total))
			return false;
		num = p.num;
	}
	return n;
}

enum isakmp_reason v1_sa_decode(const struct isakmp_payload *p, u32 *doi, u32 *situation,
				struct isakmp_cur *proposals)
{
	struct isakmp_cur c;

	*situation = 0;
	isakmp_cur_init(&c, p->body, p->len);
	if (!isakmp_cur_u32(&c, doi)) {
		*doi = 0;
		return ISAKMP_R_BAD_SA;
	}
	if (*doi != V1_DOI_IPSEC)
		return ISAKMP_R_V1_DOI;
	if (!isakmp_cur_u32(&c, situation))
		return ISAKMP_R_BAD_SA;
	/* RFC 2407, 4.2.1: MUST be supported; others bring labels along */
	if (*situation != V1_SIT_IDENTITY_ONLY)
		return ISAKMP_R_V1_SITUATION;
	if (!proposals_check(c))
		return ISAKMP_R_BAD_SA;
	if (proposals)
		*proposals = c;
	return ISAKMP_OK;
}

bool v1_proposal_next(struct isakmp_cur *c, struct v1_proposal *v)
{
	struct v1_proposal p;
	u8 next;

	if (!proposal_take(c, &next, &p))
		return false;
	*v = p;
	return true;
}

bool v1_transform_next(struct isakmp_cur *c, struct v1_transform *v)
{
	struct v1_transform t;
	u8 next;

	if (!transform_take(c, &next, &t))
		return false;
	*v = t;
	return true;
}

/* ---- SA: writing ------------------------------------------------------------ */

void v1_sa_begin(struct v1_sa_out *s, struct isakmp_out *o)
{
	s->o = o;
	s->proposal = 0;
	s->transform = 0;
	s->n_transforms = 0;
	isakmp_out_u32(o, V1_DOI_IPSEC);
	isakmp_out_u32(o, V1_SIT_IDENTITY_ONLY);
}

void v1_proposal_open(struct v1_sa_out *s, u8 num, u8 protocol, const u8 *spi, u8 spi_len)
{
	struct isakmp_out *o = s->o;

	if (s->proposal)
		isakmp_out_patch8(o, s->proposal + NEXT_AT, V1_PL_PROPOSAL);
	s->proposal = o->len;
	s->transform = 0;
	s->n_transforms = 0;
	isakmp_out_zero(o, IKE_PL_HDR_LEN);
	isakmp_out_u8(o, num);
	isakmp_out_u8(o, protocol);
	isakmp_out_u8(o, spi_len);
	isakmp_out_u8(o, 0);			/* patched by _close */
	isakmp_out_bytes(o, spi, spi_len);
}

/* One transform more in the open proposal, from here on. */
static void transform_link(struct v1_sa_out *s)
{
	if (s->n_transforms == U8_MAX) {
		s->o->full = true;
		return;
	}
	if (s->n_transforms++)
		isakmp_out_patch8(s->o, s->transform + NEXT_AT, V1_PL_TRANSFORM);
	s->transform = s->o->len;
}

void v1_transform_open(struct v1_sa_out *s, u8 num, u8 id)
{
	transform_link(s);
	isakmp_out_zero(s->o, IKE_PL_HDR_LEN);
	isakmp_out_u8(s->o, num);
	isakmp_out_u8(s->o, id);
	isakmp_out_zero(s->o, 2);
}

void v1_transform_close(struct v1_sa_out *s)
{
	isakmp_out_patch_size(s->o, s->transform, s->transform + SIZE_AT);
}

void v1_transform_echo(struct v1_sa_out *s, const struct v1_transform *t)
{
	transform_link(s);
	isakmp_out_bytes(s->o, t->raw, t->raw_len);
	isakmp_out_patch8(s->o, s->transform + NEXT_AT, V1_PL_NONE);
}

void v1_proposal_close(struct v1_sa_out *s)
{
	if (!s->n_transforms)
		s->o->full = true;
	isakmp_out_patch_size(s->o, s->proposal, s->proposal + SIZE_AT);
	isakmp_out_patch8(s->o, s->proposal + TRANSFORMS_AT, s->n_transforms);
}
