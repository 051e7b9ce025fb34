// SPDX-License-Identifier: GPL-2.0
/* Security Association payload (RFC 7296, 3.3). */
#include "wire/sa.h"

#define LAST		0	/* RFC 7296, 3.3.1 and 3.3.2: Last Substruc */
#define MORE_PROPOSALS	2
#define MORE_TRANSFORMS	3

#define TRANSFORM_LEN	8	/* without attributes */
#define SIZE_OFFSET	2	/* of both lengths */
#define NUM_OFFSET	7	/* of Num Transforms */

#define ATTR_TV		0x8000	/* RFC 7296, 3.3.5: type/value, 4 octets */

/*
 * The first four octets of both substructures, which look alike: Last Substruc,
 * reserved, length.  @body gets the rest of the substructure.
 */
static bool substruc_take(struct isakmp_cur *c, u8 *last, struct isakmp_cur *body)
{
	u16 len;

	return isakmp_cur_u8(c, last) &&
	       /* RFC 7296, 3.3.1: RESERVED MUST be ignored on receipt */
	       isakmp_cur_take(c, 1, NULL) &&
	       isakmp_cur_u16(c, &len) &&
	       len >= 4 &&
	       isakmp_cur_sub(c, len - 4, body);
}

/* RFC 7296, 3.3.1 and 3.3.2: zero at the last substructure, @more before it. */
static bool last_agrees(u8 last, u8 more, const struct isakmp_cur *rest)
{
	return last == (rest->left ? more : LAST);
}

static bool attr_take(struct isakmp_cur *c, struct isakmp_transform *v)
{
	u16 type, value;

	if (!isakmp_cur_u16(c, &type) || !isakmp_cur_u16(c, &value))
		return false;
	if (type == (ATTR_TV | IKE_ATTR_KEY_LENGTH)) {
		/* RFC 7296, 3.3.2: a transform MUST NOT have two of one type */
		if (v->keylen || !value)
			return false;
		v->keylen = value;
		return true;
	}
	/* RFC 7296, 3.3.5: fixed length MUST NOT be encoded as variable */
	if (type == IKE_ATTR_KEY_LENGTH)
		return false;
	/* RFC 7296, 3.3.6: an attribute not understood: transform unacceptable */
	v->odd = true;
	return type & ATTR_TV || isakmp_cur_take(c, value, NULL);
}

static bool attrs_take(struct isakmp_cur *c, struct isakmp_transform *v)
{
	unsigned int n;

	for (n = 0; c->left; n++)
		if (n == IKE_ATTRS_MAX || !attr_take(c, v))
			return false;
	return true;
}

static bool transform_take(struct isakmp_cur *c, u8 *last, struct isakmp_transform *v)
{
	struct isakmp_cur body;

	v->keylen = 0;
	v->odd = false;
	return substruc_take(c, last, &body) &&
	       isakmp_cur_u8(&body, &v->type) &&
	       /* RFC 7296, 3.3.2: RESERVED MUST be ignored on receipt */
	       isakmp_cur_take(&body, 1, NULL) &&
	       isakmp_cur_u16(&body, &v->id) &&
	       attrs_take(&body, v);
}

static bool proposal_take(struct isakmp_cur *c, u8 *last, struct isakmp_proposal *v)
{
	struct isakmp_cur body;

	if (!substruc_take(c, last, &body) ||
	    !isakmp_cur_u8(&body, &v->num) ||
	    !isakmp_cur_u8(&body, &v->protocol) ||
	    !isakmp_cur_u8(&body, &v->spi_size) ||
	    !isakmp_cur_u8(&body, &v->n) ||
	    !isakmp_cur_take(&body, v->spi_size, &v->spi))
		return false;
	isakmp_cur_rest(&body, &v->transforms, &v->len);
	return true;
}

/* RFC 7296, 3.3: the lengths MUST be consistent with the counts. */
static bool transforms_check(const struct isakmp_proposal *p)
{
	struct isakmp_transform t;
	struct isakmp_cur c;
	unsigned int n;
	u8 last;

	isakmp_cur_init(&c, p->transforms, p->len);
	for (n = 0; c.left; n++)
		if (n == IKE_TRANSFORMS_MAX || !transform_take(&c, &last, &t) ||
		    !last_agrees(last, MORE_TRANSFORMS, &c))
			return false;
	/* RFC 7296, 3.3.1: one or more transform substructures */
	return n && n == p->n;
}

/* RFC 7296, 3.3.1: 8 for IKE, or zero for its initial SA; 4 for ESP and AH. */
static bool spi_size_check(const struct isakmp_proposal *p)
{
	switch (p->protocol) {
	case IKE_PROTO_IKE:
		return p->spi_size == 0 || p->spi_size == 8;
	case IKE_PROTO_AH:
	case IKE_PROTO_ESP:
		return p->spi_size == 4;
	default:
		return p->spi_size == 0 || p->spi_size == 4 || p->spi_size == 8;
	}
}

/* @n: proposals before this one; @alone: nor are there any after it */
static bool proposal_check(const struct isakmp_proposal *p, unsigned int n, bool alone)
{
	/*
	 * RFC 7296, 3.3.1: the first MUST be 1, the next ones MUST be one more;
	 * an accepted proposal, always single, MUST have the offer's number.
	 */
	if (alone ? !p->num : p->num != n + 1)
		return false;
	return spi_size_check(p) && transforms_check(p);
}

enum isakmp_reason isakmp_sa_decode(const struct isakmp_payload *p, unsigned int *proposals)
{
	struct isakmp_proposal v;
	struct isakmp_cur c;
	unsigned int n = 0;
	u8 last;

	if (proposals)
		*proposals = 0;
	isakmp_cur_init(&c, p->body, p->len);
	do {
		if (n == IKE_PROPOSALS_MAX || !proposal_take(&c, &last, &v) ||
		    !last_agrees(last, MORE_PROPOSALS, &c) ||
		    !proposal_check(&v, n, !n && !c.left))
			return ISAKMP_R_BAD_SA;
		n++;
	} while (c.left);

	if (proposals)
		*proposals = n;
	return ISAKMP_OK;
}

bool isakmp_proposal_next(struct isakmp_cur *c, struct isakmp_proposal *v)
{
	struct isakmp_proposal p;
	u8 last;

	if (!proposal_take(c, &last, &p))
		return false;
	*v = p;
	return true;
}

bool isakmp_transform_next(struct isakmp_cur *c, struct isakmp_transform *v)
{
	struct isakmp_transform t;
	u8 last;

	if (!transform_take(c, &last, &t))
		return false;
	*v = t;
	return true;
}

void isakmp_sa_build_begin(struct isakmp_sa_build *b, struct isakmp_out *o, u8 num,
			   u8 protocol, const u8 *spi, u8 spi_size)
{
	b->o = o;
	b->proposal = o->len;
	b->transform = 0;
	b->n = 0;

	isakmp_out_zero(o, 4);			/* patched by _end */
	isakmp_out_u8(o, num);
	isakmp_out_u8(o, protocol);
	isakmp_out_u8(o, spi_size);
	isakmp_out_u8(o, 0);			/* patched by _end */
	isakmp_out_bytes(o, spi, spi_size);
}

void isakmp_sa_build_transform(struct isakmp_sa_build *b, u8 type, u16 id, u16 keylen)
{
	struct isakmp_out *o = b->o;

	if (b->n == IKE_TRANSFORMS_MAX) {
		o->full = true;
		return;
	}
	if (b->n)
		isakmp_out_patch8(o, b->transform, MORE_TRANSFORMS);
	b->n++;
	b->transform = o->len;

	isakmp_out_u8(o, LAST);
	isakmp_out_u8(o, 0);
	isakmp_out_u16(o, keylen ? TRANSFORM_LEN + 4 : TRANSFORM_LEN);
	isakmp_out_u8(o, type);
	isakmp_out_u8(o, 0);
	isakmp_out_u16(o, id);
	if (!keylen)
		return;
	isakmp_out_u16(o, ATTR_TV | IKE_ATTR_KEY_LENGTH);
	isakmp_out_u16(o, keylen);
}

void isakmp_sa_build_end(struct isakmp_sa_build *b, bool last)
{
	struct isakmp_out *o = b->o;

	if (!b->n)
		o->full = true;
	isakmp_out_patch8(o, b->proposal, last ? LAST : MORE_PROPOSALS);
	isakmp_out_patch_size(o, b->proposal, b->proposal + SIZE_OFFSET);
	isakmp_out_patch8(o, b->proposal + NUM_OFFSET, b->n);
}
