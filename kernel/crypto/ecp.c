// SPDX-License-Identifier: GPL-2.0
/*
 * Is a point on its curve (RFC 6989, 2.3)?  The curves are those of RFC 5903, 3,
 * also the one that the helper computes:
 *
 *	y^2 = x^3 - 3 x + b  (mod p)
 *
 * The kernel's own test is behind its key agreement, which costs many times
 * as much, or in a module that we would then need.  Pure: the native double takes
 * it from here.  Nothing in it is secret: it may take as long as the numbers want.
 */
#include "crypto/ecp.h"

/* 2^256 - 2^224 + 2^192 + 2^96 - 1 */
static const u8 p_256[] = {
	0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};

static const u8 b_256[] = {
	0x5a, 0xc6, 0x35, 0xd8, 0xaa, 0x3a, 0x93, 0xe7, 0xb3, 0xeb, 0xbd, 0x55,
	0x76, 0x98, 0x86, 0xbc, 0x65, 0x1d, 0x06, 0xb0, 0xcc, 0x53, 0xb0, 0xf6,
	0x3b, 0xce, 0x3c, 0x3e, 0x27, 0xd2, 0x60, 0x4b,
};

/* 2^384 - 2^128 - 2^96 + 2^32 - 1 */
static const u8 p_384[] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff,
};

static const u8 b_384[] = {
	0xb3, 0x31, 0x2f, 0xa7, 0xe2, 0x3e, 0xe7, 0xe4, 0x98, 0x8e, 0x05, 0x6b,
	0xe3, 0xf8, 0x2d, 0x19, 0x18, 0x1d, 0x9c, 0x6e, 0xfe, 0x81, 0x41, 0x12,
	0x03, 0x14, 0x08, 0x8f, 0x50, 0x13, 0x87, 0x5a, 0xc6, 0x56, 0x39, 0x8d,
	0x8a, 0x2e, 0xd1, 0x9d, 0x2a, 0x85, 0xc8, 0xed, 0xd3, 0xec, 0x2a, 0xef,
};

/* 2^521 - 1 */
static const u8 p_521[] = {
	0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};

static const u8 b_521[] = {
	0x00, 0x51, 0x95, 0x3e, 0xb9, 0x61, 0x8e, 0x1c, 0x9a, 0x1f, 0x92, 0x9a,
	0x21, 0xa0, 0xb6, 0x85, 0x40, 0xee, 0xa2, 0xda, 0x72, 0x5b, 0x99, 0xb3,
	0x15, 0xf3, 0xb8, 0xb4, 0x89, 0x91, 0x8e, 0xf1, 0x09, 0xe1, 0x56, 0x19,
	0x39, 0x51, 0xec, 0x7e, 0x93, 0x7b, 0x16, 0x52, 0xc0, 0xbd, 0x3b, 0xb1,
	0xbf, 0x07, 0x35, 0x73, 0xdf, 0x88, 0x3d, 0x2c, 0x34, 0xf1, 0xef, 0x45,
	0x1f, 0xd4, 0x6b, 0x50, 0x3f, 0x00,
};

#define WORDS 17		/* of 32 bits: 521, and one more for sums */

/* Least significant word first; what a field has no use for stays zero. */
struct number {
	u32 w[WORDS];
};

/* The numbers below @p; a sum of two of them fits into @words. */
struct field {
	struct number p;
	size_t octets;
	size_t words;
};

static void load(struct number *to, const u8 *octets, const struct field *f)
{
	size_t n = f->octets, i;

	memset(to, 0, sizeof(*to));
	for (i = 0; i < n; i++)
		to->w[i / 4] |= (u32)octets[n - 1 - i] << 8 * (i % 4);
}

static bool below(const struct number *a, const struct number *b, const struct field *f)
{
	size_t i = f->words;

	while (i--)
		if (a->w[i] != b->w[i])
			return a->w[i] < b->w[i];
	return false;
}

static void plus(struct number *a, const struct number *b, const struct field *f)
{
	u64 sum = 0;
	size_t i;

	for (i = 0; i < f->words; i++) {
		sum += (u64)a->w[i] + b->w[i];
		a->w[i] = (u32)sum;
		sum >>= 32;
	}
}

/* @b is not above @a. */
static void minus(struct number *a, const struct number *b, const struct field *f)
{
	u64 v = 0;
	size_t i;

	for (i = 0; i < f->words; i++) {
		v = (u64)a->w[i] - b->w[i] - (v >> 63);
		a->w[i] = (u32)v;
	}
}

/* The same in the field. */
static void add(struct number *a, const struct number *b, const struct field *f)
{
	plus(a, b, f);
	if (!below(a, &f->p, f))
		minus(a, &f->p, f);
}

static void subtract(struct number *a, const struct number *b, const struct field *f)
{
	if (below(a, b, f))
		plus(a, &f->p, f);
	minus(a, b, f);
}

static void multiply(struct number *to, const struct number *a, const struct number *b,
		     const struct field *f)
{
	size_t bit = 8 * f->octets;

	memset(to, 0, sizeof(*to));
	while (bit--) {
		add(to, to, f);
		if (a->w[bit / 32] >> bit % 32 & 1)
			add(to, b, f);
	}
}

static bool on_curve(const struct number *x, const struct number *y, const struct number *b,
		     const struct field *f)
{
	static const struct number three = { { 3 } };
	struct number v, w;

	/* x (x^2 - 3) + b */
	multiply(&v, x, x, f);
	subtract(&v, &three, f);
	multiply(&w, x, &v, f);
	add(&w, b, f);
	multiply(&v, y, y, f);
	return !memcmp(&v, &w, sizeof(v));
}

static const struct curve {
	u16 group;
	const u8 *p;
	const u8 *b;
	size_t octets;
} curves[] = {
	{ IKE_KE_ECP_256, p_256, b_256, sizeof(p_256) },
	{ IKE_KE_ECP_384, p_384, b_384, sizeof(p_384) },
	{ IKE_KE_ECP_521, p_521, b_521, sizeof(p_521) },
};

static const struct curve *curve_of(u16 group)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(curves); i++)
		if (curves[i].group == group)
			return &curves[i];
	return NULL;
}

/**
 * isakmp_ecp_is() - is a group one of these curves?
 * @group: KE transform ID
 *
 * Context: any.
 * Return: whether it is.
 */
bool isakmp_ecp_is(u16 group)
{
	return curve_of(group);
}

/**
 * isakmp_ecp_valid() - may this public value be used? (RFC 6989, 2.3)
 * @group: KE transform ID, isakmp_ecp_is()
 * @value: x | y (RFC 5903, 7), as long as the group says
 *
 * The point at infinity cannot be written in this form.
 *
 * Context: any.
 * Return: whether it may.
 */
bool isakmp_ecp_valid(u16 group, const u8 *value)
{
	const struct curve *c = curve_of(group);
	struct field f = { .octets = c->octets, .words = c->octets / 4 + 1 };
	struct number b, x, y;

	load(&f.p, c->p, &f);
	load(&b, c->b, &f);
	load(&x, value, &f);
	load(&y, value + c->octets, &f);
	return below(&x, &f.p, &f) && below(&y, &f.p, &f) && on_curve(&x, &y, &b, &f);
}
