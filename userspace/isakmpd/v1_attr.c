// SPDX-License-Identifier: GPL-2.0
/*
 * Data attributes (RFC 2408, 3.3): a type, then a value of two octets, or a length and as
 * many octets.  Whoever reads them takes either form.
 */
#include "v1_attr.h"

#define SHORT 0x8000

static u16 get_u16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

/**
 * xattr_next() - the next of several attributes
 * @rest: what is not read yet; moved
 * @a: out
 *
 * Return: false: there is none, and if @rest is not empty, it is malformed.
 */
bool xattr_next(struct octets *rest, struct xattr *a)
{
	size_t n;

	if (rest->n < 4)
		return false;
	a->type = get_u16(rest->p);
	if (a->type & SHORT) {
		n = 4;
		a->value = (struct octets) { rest->p + 2, 2 };
	} else {
		n = 4U + get_u16(rest->p + 2);
		a->value = (struct octets) { rest->p + 4, n - 4 };
	}
	if (n > rest->n)
		return false;
	a->type &= (u16)~SHORT;
	rest->p += n;
	rest->n -= n;
	return true;
}

/**
 * xattr_number() - a value that is a number
 * @a: an attribute
 * @v: out
 *
 * Return: false: it is none, or a longer one.
 */
bool xattr_number(const struct xattr *a, u32 *v)
{
	size_t i;

	*v = 0;
	if (!a->value.n || a->value.n > sizeof(*v))
		return false;
	for (i = 0; i < a->value.n; i++)
		*v = *v << 8 | a->value.p[i];
	return true;
}

static bool put_head(struct xattr_out *o, u16 type, u16 v, size_t more)
{
	u8 *p = o->p + o->n;

	if (o->size - o->n < 4 + more)
		return false;
	p[0] = (u8)(type >> 8);
	p[1] = (u8)type;
	p[2] = (u8)(v >> 8);
	p[3] = (u8)v;
	o->n += 4;
	return true;
}

/**
 * xattr_put_short() - add an attribute with a value of two octets
 * @o: where to
 * @type: its type
 * @v: its value
 *
 * Return: false: there is no room.
 */
bool xattr_put_short(struct xattr_out *o, u16 type, u16 v)
{
	return put_head(o, type | SHORT, v, 0);
}

/**
 * xattr_put() - add an attribute
 * @o: where to
 * @type: its type
 * @value: its value, perhaps empty
 *
 * Return: false: there is no room, or it is too long.
 */
bool xattr_put(struct xattr_out *o, u16 type, const struct octets *value)
{
	if (value->n > 0xffff || !put_head(o, type, (u16)value->n, value->n))
		return false;
	if (value->n)
		memcpy(o->p + o->n, value->p, value->n);
	o->n += value->n;
	return true;
}
