/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one way to read octets, and the one way to write them.
 *
 * A cursor owns the rule "look before you read": every get checks the
 * remaining length, advances, and says whether it could.  Nothing else in
 * wire/ does pointer arithmetic on a peer's octets.
 */
#ifndef _ISAKMP_WIRE_CURSOR_H
#define _ISAKMP_WIRE_CURSOR_H

#include <isakmp/pure.h>

/**
 * struct isakmp_cur - octets not yet read
 * @p: the next octet
 * @left: how many there are
 */
struct isakmp_cur {
	const u8 *p;
	size_t left;
};

/**
 * isakmp_cur_init() - start reading
 * @c: the cursor
 * @p: the octets
 * @n: how many
 */
static inline void isakmp_cur_init(struct isakmp_cur *c, const void *p, size_t n)
{
	c->p = p;
	c->left = n;
}

/**
 * isakmp_cur_take() - take octets off the front
 * @c: the cursor, unchanged when it has fewer than @n
 * @n: how many
 * @out: their start, or NULL to skip them
 *
 * The integer gets below are built on it and do the same for 1, 2, 4 and 8
 * octets in network order.
 *
 * Context: any.
 * Return: whether there were @n octets.
 */
static inline bool __must_check
isakmp_cur_take(struct isakmp_cur *c, size_t n, const u8 **out)
{
	if (c->left < n)
		return false;
	if (out)
		*out = c->p;
	c->p += n;
	c->left -= n;
	return true;
}

static inline bool __must_check isakmp_cur_u8(struct isakmp_cur *c, u8 *v)
{
	const u8 *p;

	if (!isakmp_cur_take(c, 1, &p))
		return false;
	*v = *p;
	return true;
}

static inline bool __must_check isakmp_cur_u16(struct isakmp_cur *c, u16 *v)
{
	const u8 *p;

	if (!isakmp_cur_take(c, 2, &p))
		return false;
	*v = get_unaligned_be16(p);
	return true;
}

static inline bool __must_check isakmp_cur_u32(struct isakmp_cur *c, u32 *v)
{
	const u8 *p;

	if (!isakmp_cur_take(c, 4, &p))
		return false;
	*v = get_unaligned_be32(p);
	return true;
}

static inline bool __must_check isakmp_cur_u64(struct isakmp_cur *c, u64 *v)
{
	const u8 *p;

	if (!isakmp_cur_take(c, 8, &p))
		return false;
	*v = get_unaligned_be64(p);
	return true;
}

/**
 * isakmp_cur_sub() - take octets off the front as a cursor of their own
 * @c: the cursor, unchanged when it has fewer than @n
 * @n: how many
 * @sub: reads these octets and no others
 *
 * How a nested length is obeyed: what reads @sub cannot leave it.
 *
 * Context: any.
 * Return: whether there were @n octets.
 */
static inline bool __must_check
isakmp_cur_sub(struct isakmp_cur *c, size_t n, struct isakmp_cur *sub)
{
	const u8 *p;

	if (!isakmp_cur_take(c, n, &p))
		return false;
	isakmp_cur_init(sub, p, n);
	return true;
}

/* What is left, as one value whose length fits a 16-bit field. */
static inline void isakmp_cur_rest(struct isakmp_cur *c, const u8 **p, u16 *n)
{
	*p = c->p;
	*n = (u16)c->left;
	c->p += c->left;
	c->left = 0;
}

/**
 * struct isakmp_out - a message being built
 * @p: its buffer, owned by the caller
 * @len: octets written so far
 * @cap: octets there is room for
 * @full: something did not fit; sticky, checked once at the end
 */
struct isakmp_out {
	u8 *p;
	size_t len;
	size_t cap;
	bool full;
};

static inline void isakmp_out_init(struct isakmp_out *o, void *p, size_t cap)
{
	o->p = p;
	o->len = 0;
	o->cap = cap;
	o->full = false;
}

/**
 * isakmp_out_room() - reserve octets at the end
 * @o: the message
 * @n: how many
 *
 * Context: any.
 * Return: their start (not yet written), or NULL; then @full is set.
 */
static inline u8 *isakmp_out_room(struct isakmp_out *o, size_t n)
{
	u8 *p;

	if (o->full || o->cap - o->len < n) {
		o->full = true;
		return NULL;
	}
	p = o->p + o->len;
	o->len += n;
	return p;
}

static inline void isakmp_out_u8(struct isakmp_out *o, u8 v)
{
	u8 *p = isakmp_out_room(o, 1);

	if (p)
		*p = v;
}

static inline void isakmp_out_u16(struct isakmp_out *o, u16 v)
{
	u8 *p = isakmp_out_room(o, 2);

	if (p)
		put_unaligned_be16(v, p);
}

static inline void isakmp_out_u32(struct isakmp_out *o, u32 v)
{
	u8 *p = isakmp_out_room(o, 4);

	if (p)
		put_unaligned_be32(v, p);
}

static inline void isakmp_out_u64(struct isakmp_out *o, u64 v)
{
	u8 *p = isakmp_out_room(o, 8);

	if (p)
		put_unaligned_be64(v, p);
}

static inline void isakmp_out_bytes(struct isakmp_out *o, const void *v, size_t n)
{
	u8 *p = isakmp_out_room(o, n);

	if (p && n)
		memcpy(p, v, n);
}

static inline void isakmp_out_zero(struct isakmp_out *o, size_t n)
{
	u8 *p = isakmp_out_room(o, n);

	if (p && n)
		memset(p, 0, n);
}

/*
 * Fields that are known only after what follows them was written.  Nothing
 * happens on a full message, where @off may never have been reached.
 */
static inline bool isakmp_out_wrote(const struct isakmp_out *o, size_t off, size_t n)
{
	return !o->full && off <= o->len && o->len - off >= n;
}

static inline void isakmp_out_patch8(struct isakmp_out *o, size_t off, u8 v)
{
	if (isakmp_out_wrote(o, off, 1))
		o->p[off] = v;
}

static inline void isakmp_out_patch32(struct isakmp_out *o, size_t off, u32 v)
{
	if (isakmp_out_wrote(o, off, 4))
		put_unaligned_be32(v, o->p + off);
}

/**
 * isakmp_out_patch_size() - write a 16-bit length: the octets since a structure began
 * @o: the message; @full is set when the length does not fit 16 bits
 * @start: offset of the structure's first octet
 * @at: offset of the length field
 *
 * Context: any.
 */
static inline void isakmp_out_patch_size(struct isakmp_out *o, size_t start, size_t at)
{
	if (o->len - start > U16_MAX)
		o->full = true;
	if (isakmp_out_wrote(o, at, 2))
		put_unaligned_be16((u16)(o->len - start), o->p + at);
}

#endif /* _ISAKMP_WIRE_CURSOR_H */
