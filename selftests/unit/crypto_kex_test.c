// SPDX-License-Identifier: GPL-2.0
/* Key exchange through the crypto seam's native double: every group, every edge. */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "crypto/kex.h"
#include "crypto/modp.h"
#include "crypto/vectors.h"
#include "ike/seam.h"
#include "native.h"
#include "tap.h"

/* Those that are computed here: MODP first, then ECP. */
static const struct { u16 id; u16 pub, shared; } ours[] = {
	{ IKE_KE_MODP_1024, 128, 128 }, { IKE_KE_MODP_1536, 192, 192 },
	{ IKE_KE_MODP_2048, 256, 256 }, { IKE_KE_MODP_3072, 384, 384 },
	{ IKE_KE_MODP_4096, 512, 512 }, { IKE_KE_MODP_6144, 768, 768 },
	{ IKE_KE_MODP_8192, 1024, 1024 }, { IKE_KE_ECP_256, 64, 32 },
	{ IKE_KE_ECP_384, 96, 48 }, { IKE_KE_X25519, 32, 32 },
};

#define MODPS	7
#define ECPS	2

static u8 pub_a[IKE_KE_MAX], pub_b[IKE_KE_MAX], out_a[IKE_KE_MAX], out_b[IKE_KE_MAX];

/* A key of ours meets this value. */
static int met(u16 group, const u8 *pub, u16 pub_len)
{
	struct isakmp_kex *k;
	u16 len = 0;
	int err;

	k = isakmp_kex_new(group, pub_a, &len);
	if (!CHECK(k))
		return 0;
	err = isakmp_kex_derive(k, pub, pub_len, out_a, &len);
	isakmp_kex_free(k);
	/* The test that comes first says the same, but what only g^ir shows */
	CHECK_EQ(isakmp_kex_pub_ok(group, pub, pub_len),
		 !err || (group == IKE_KE_X25519 && pub_len == 32));
	return err;
}

static void test_agree(void)
{
	struct isakmp_kex *a, *b;
	u16 la, lb, na, nb;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ours); i++) {
		tap_note("group %u", ours[i].id);
		a = isakmp_kex_new(ours[i].id, pub_a, &la);
		b = isakmp_kex_new(ours[i].id, pub_b, &lb);
		CHECK(a && b && la == ours[i].pub && lb == ours[i].pub);
		CHECK(memcmp(pub_a, pub_b, la));
		CHECK(memcmp(a->private, b->private, a->group->private));
		CHECK(!isakmp_kex_derive(a, pub_b, lb, out_a, &na));
		CHECK(!isakmp_kex_derive(b, pub_a, la, out_b, &nb));
		CHECK(na == ours[i].shared && nb == ours[i].shared);
		CHECK_MEM(out_a, out_b, na);
		isakmp_kex_free(a);
		isakmp_kex_free(b);
	}
	isakmp_kex_free(NULL);
}

/* One value in 256 begins with a zero octet: it stays (RFC 7296, 3.4; RFC 5903, 7). */
static void test_padding(void)
{
	unsigned int tries, zero = 0;
	struct isakmp_kex *k;
	u16 len;

	for (tries = 0; tries < 20000 && zero < 3; tries++) {
		k = isakmp_kex_new(IKE_KE_ECP_256, pub_a, &len);
		CHECK_EQ(len, 64);
		zero += !pub_a[0];
		isakmp_kex_free(k);
	}
	CHECK(zero >= 3);
}

/* Sizes are those of the group; nothing else is a key exchange of ours. */
static void test_groups(void)
{
	unsigned int id, known = 0;
	struct isakmp_kex *k;
	u16 len;

	for (id = 0; id <= U16_MAX; id++) {
		k = isakmp_kex_new((u16)id, pub_a, &len);
		tap_note("group %u", id);
		CHECK_EQ(!!k, isakmp_kex_pub_len((u16)id) && !isakmp_kex_by_helper((u16)id));
		known += !!k;
		isakmp_kex_free(k);
	}
	CHECK_EQ(known, ARRAY_SIZE(ours));
}

static void test_lengths(void)
{
	struct isakmp_kex *k;
	unsigned int n;
	size_t i;
	u16 len;

	for (i = 0; i < ARRAY_SIZE(ours); i++) {
		k = isakmp_kex_new(ours[i].id, pub_b, &len);
		for (n = 0; n <= IKE_KE_MAX; n++) {
			tap_note("group %u, %u octets", ours[i].id, n);
			if (n == ours[i].pub)
				continue;
			CHECK_EQ(isakmp_kex_derive(k, pub_b, (u16)n, out_a, &len), -EINVAL);
			CHECK(!isakmp_kex_pub_ok(ours[i].id, pub_b, n));
		}
		CHECK(isakmp_kex_pub_ok(ours[i].id, pub_b, ours[i].pub));
		CHECK(!isakmp_kex_derive(k, pub_b, ours[i].pub, out_a, &len));
		isakmp_kex_free(k);
	}
}

static void test_known_bad(void)
{
	const struct kat_kex_bad *t;

	for (t = kat_kex_bad; t < kat_kex_bad + ARRAY_SIZE(kat_kex_bad); t++) {
		u16 n = (u16)isakmp_kex_pub_len(t->group);

		memset(pub_b, 0, n);
		memcpy(pub_b + n - t->pub.len, t->pub.p, t->pub.len);
		tap_note("group %u, %s, row %zu", t->group, t->name, (size_t)(t - kat_kex_bad));
		CHECK_EQ(met(t->group, pub_b, n), -EINVAL);
	}
}

/* RFC 8031, 3.2: the top bit of the peer's value is to be ignored. */
static void test_x25519_top_bit(void)
{
	struct isakmp_kex *k;
	u16 len;

	k = isakmp_kex_new(IKE_KE_X25519, pub_b, &len);
	CHECK(!isakmp_kex_derive(k, pub_b, len, out_a, &len));
	pub_b[31] |= 0x80;
	CHECK(!isakmp_kex_derive(k, pub_b, len, out_b, &len));
	CHECK_MEM(out_a, out_b, 32);
	isakmp_kex_free(k);
}

/* ---- MODP ------------------------------------------------------------------- */

/* @p += @v, which may be negative. */
static void add(u8 *p, size_t n, int v)
{
	for (; n && v; v >>= 8) {
		v += p[--n];
		p[n] = (u8)v;
	}
}

/* 0, 1, p - 1, p and what is above are refused, 2 and p - 2 are not. */
static void test_modp_range(void)
{
	static const struct { bool prime; int off; int err; } edges[] = {
		{ false, 0, -EINVAL }, { false, 1, -EINVAL }, { false, 2, 0 }, { false, 256, 0 },
		{ true, -2, 0 }, { true, -1, -EINVAL }, { true, 0, -EINVAL }, { true, 1, -EINVAL },
		{ true, 256, -EINVAL }, { true, -256, 0 },
	};
	const struct isakmp_group *g;
	size_t i, e;

	for (i = 0; i < MODPS; i++) {
		g = isakmp_sizes_group(ours[i].id);
		for (e = 0; e < ARRAY_SIZE(edges); e++) {
			memset(pub_b, 0, g->pub);
			if (edges[e].prime)
				memcpy(pub_b, isakmp_modp_prime(g), g->pub);
			add(pub_b, g->pub, edges[e].off);
			tap_note("group %u, edge %zu", g->id, e);
			CHECK_EQ(met(g->id, pub_b, g->pub), edges[e].err);
		}
		memset(pub_b, 0xff, g->pub);
		CHECK_EQ(met(g->id, pub_b, g->pub), -EINVAL);
	}
}

/* -2 = p - 2 has the powers of 2, but for the sign: RFC 3526's primes are what they say. */
static void test_modp_minus_two(void)
{
	const struct isakmp_group *g;
	struct isakmp_kex *k;
	unsigned int carry;
	size_t i, n;
	u16 len;

	for (i = 0; i < MODPS; i++) {
		g = isakmp_sizes_group(ours[i].id);
		memcpy(pub_b, isakmp_modp_prime(g), g->pub);
		add(pub_b, g->pub, -2);
		k = isakmp_kex_new(g->id, pub_a, &len);
		CHECK(!isakmp_kex_derive(k, pub_b, g->pub, out_a, &len));
		/* An odd power: p - 2^x */
		for (n = g->pub, carry = 0; k->private[g->private - 1] & 1 && n--; ) {
			unsigned int v = 256U + isakmp_modp_prime(g)[n] - out_a[n] - carry;

			out_a[n] = (u8)v;
			carry = v < 256;
		}
		tap_note("group %u", g->id);
		CHECK_MEM(out_a, pub_a, g->pub);
		isakmp_kex_free(k);
	}
}

/* floor(2^@bits / @x - 2^@bits / (3 @x^3) + ...): arctan(1 / @x), but for the last bits */
static BIGNUM *arctan(int bits, BN_ULONG x)
{
	BIGNUM *sum = BN_new(), *power = BN_new(), *term = BN_new();
	BN_ULONG k;

	BN_set_bit(power, bits);
	BN_div_word(power, x);
	for (k = 1; !BN_is_zero(power); k += 2) {
		BN_copy(term, power);
		BN_div_word(term, k);
		if (k & 2)
			BN_sub(sum, sum, term);
		else
			BN_add(sum, sum, term);
		BN_div_word(power, x * x);
	}
	BN_free(power);
	BN_free(term);
	return sum;
}

/* floor(2^@bits * pi), by Machin: pi = 16 arctan(1/5) - 4 arctan(1/239) */
static BIGNUM *pi(int bits)
{
	BIGNUM *a = arctan(bits + 64, 5), *b = arctan(bits + 64, 239);

	BN_lshift(a, a, 4);
	BN_lshift(b, b, 2);
	BN_sub(a, a, b);
	BN_rshift(a, a, 64);
	BN_free(b);
	return a;
}

/* RFC 2409, 6.2; RFC 3526: 2^n - 2^(n - 64) - 1 + 2^64 * { [2^(n - 130) pi] + c } */
static void test_modp_primes(void)
{
	static const unsigned int c[MODPS] = {
		129093, 741804, 124476, 1690314, 240904, 929484, 4743158,
	};
	const struct isakmp_group *g;
	BIGNUM *want, *bit, *prime;
	size_t i;
	int n;

	for (i = 0; i < MODPS; i++) {
		g = isakmp_sizes_group(ours[i].id);
		n = 8 * g->pub;
		want = pi(n - 130);
		bit = BN_new();
		BN_add_word(want, c[i]);
		BN_lshift(want, want, 64);
		BN_set_bit(bit, n);
		BN_add(want, want, bit);
		BN_zero(bit);
		BN_set_bit(bit, n - 64);
		BN_sub(want, want, bit);
		BN_sub_word(want, 1);
		prime = BN_bin2bn(isakmp_modp_prime(g), g->pub, NULL);
		tap_note("group %u", g->id);
		CHECK(!BN_cmp(want, prime));
		BN_free(want);
		BN_free(bit);
		BN_free(prime);
	}
}

/* ---- ECP --------------------------------------------------------------------- */

/* Every point next to a good one is off the curve. */
static void test_ecp_off_curve(void)
{
	struct isakmp_kex *k;
	unsigned int bit;
	size_t i;
	u16 len;

	for (i = MODPS; i < MODPS + ECPS; i++) {
		k = isakmp_kex_new(ours[i].id, pub_b, &len);
		for (bit = 0; bit < 8U * ours[i].pub; bit++) {
			pub_b[bit / 8] ^= 1 << bit % 8;
			tap_note("group %u, bit %u", ours[i].id, bit);
			CHECK_EQ(isakmp_kex_derive(k, pub_b, len, out_a, &len), -EINVAL);
			CHECK(!isakmp_kex_pub_ok(ours[i].id, pub_b, ours[i].pub));
			pub_b[bit / 8] ^= 1 << bit % 8;
			len = ours[i].pub;
		}
		CHECK(!isakmp_kex_derive(k, pub_b, len, out_a, &len));
		/* RFC 5903, 7 cannot write infinity; nor SEC 1's forms of it */
		memset(pub_b, 0xff, ours[i].pub);
		CHECK_EQ(met(ours[i].id, pub_b, ours[i].pub), -EINVAL);
		memset(pub_b, 0, ours[i].pub);
		CHECK_EQ(met(ours[i].id, pub_b, ours[i].pub), -EINVAL);
		CHECK_EQ(met(ours[i].id, pub_b, 1), -EINVAL);
		isakmp_kex_free(k);
	}
}

/* The curves as libcrypto knows them. */
static const struct { u16 id; int nid; int w; } curves[] = {
	{ IKE_KE_ECP_256, NID_X9_62_prime256v1, 32 }, { IKE_KE_ECP_384, NID_secp384r1, 48 },
	{ IKE_KE_ECP_521, NID_secp521r1, 66 },
};

static void write_point(const EC_GROUP *g, const EC_POINT *p, u8 *to, int w)
{
	BIGNUM *x = BN_new(), *y = BN_new();

	CHECK(EC_POINT_get_affine_coordinates(g, p, x, y, NULL) == 1);
	CHECK(BN_bn2binpad(x, to, w) == w && BN_bn2binpad(y, to + w, w) == w);
	BN_free(x);
	BN_free(y);
}

static void check_point(u16 id, int w, const EC_POINT *p, const EC_GROUP *g)
{
	unsigned int bit;

	write_point(g, p, pub_b, w);
	CHECK(isakmp_kex_pub_ok(id, pub_b, (size_t)(2 * w)));
	for (bit = 0; bit < 16U * w; bit++) {
		pub_b[bit / 8] ^= 1 << bit % 8;
		tap_note("group %u, bit %u", id, bit);
		CHECK(!isakmp_kex_pub_ok(id, pub_b, (size_t)(2 * w)));
		pub_b[bit / 8] ^= 1 << bit % 8;
	}
}

/* Any multiple of the generator is on the curve; whatever is next to it is not. */
static void test_ecp_points(void)
{
	BIGNUM *n = BN_new();
	EC_POINT *p;
	EC_GROUP *g;
	size_t i;
	int k;

	for (i = 0; i < ARRAY_SIZE(curves); i++) {
		g = EC_GROUP_new_by_curve_name(curves[i].nid);
		p = EC_POINT_new(g);
		for (k = 0; k < 8; k++) {
			CHECK(BN_rand_range(n, EC_GROUP_get0_order(g)) == 1);
			CHECK(EC_POINT_mul(g, p, n, NULL, NULL, NULL) == 1);
			check_point(curves[i].id, curves[i].w, p, g);
		}
		EC_POINT_free(p);
		EC_GROUP_free(g);
	}
	BN_free(n);
}

/* A coordinate is below p: one that is right modulo p alone is refused. */
static void test_ecp_range(void)
{
	BIGNUM *x = BN_new();
	EC_POINT *p;
	EC_GROUP *g;
	size_t i;
	int w;

	for (i = 0; i < ARRAY_SIZE(curves); i++) {
		g = EC_GROUP_new_by_curve_name(curves[i].nid);
		p = EC_POINT_new(g);
		w = curves[i].w;
		/* Every second x has a point */
		BN_zero(x);
		while (EC_POINT_set_compressed_coordinates(g, p, x, 0, NULL) != 1)
			BN_add_word(x, 1);
		write_point(g, p, pub_b, w);
		tap_note("group %u", curves[i].id);
		CHECK(isakmp_kex_pub_ok(curves[i].id, pub_b, (size_t)(2 * w)));
		CHECK(BN_add(x, x, EC_GROUP_get0_field(g)) && BN_bn2binpad(x, pub_b, w) == w);
		CHECK(!isakmp_kex_pub_ok(curves[i].id, pub_b, (size_t)(2 * w)));
		EC_POINT_free(p);
		EC_GROUP_free(g);
	}
	BN_free(x);
}

/* SEC 1 would put 4 before an uncompressed point, 2 or 3 before a compressed one. */
static void test_ecp_encodings(void)
{
	struct isakmp_kex *k;
	size_t i, w;
	u16 len;

	for (i = MODPS; i < MODPS + ECPS; i++) {
		w = ours[i].shared;
		k = isakmp_kex_new(ours[i].id, pub_b + 1, &len);
		pub_b[0] = 4;
		CHECK_EQ(isakmp_kex_derive(k, pub_b, (u16)(len + 1), out_a, &len), -EINVAL);
		pub_b[0] = (u8)(2 + (pub_b[2 * w] & 1));
		CHECK_EQ(isakmp_kex_derive(k, pub_b, (u16)(w + 1), out_a, &len), -EINVAL);
		isakmp_kex_free(k);
	}
}

/* ---- memory -------------------------------------------------------------------- */

static void test_forgotten(void)
{
	u8 private[ISAKMP_KEX_PRIVATE_MAX];
	struct isakmp_kex *k;
	size_t i;
	u16 len;

	for (i = 0; i < ARRAY_SIZE(ours); i++) {
		k = isakmp_kex_new(ours[i].id, pub_a, &len);
		memcpy(private, k->private, sizeof(private));
		CHECK(native_mem_holds(private, k->group->private));
		isakmp_kex_free(k);
		CHECK(!native_mem_holds(private, 32));
	}
	CHECK_EQ(native_mem_outstanding(), 0);
}

int main(void)
{
	TAP_RUN(test_agree, "both sides agree, keys are fresh, of every group");
	TAP_RUN(test_padding, "values keep their leading zeros");
	TAP_RUN(test_groups, "groups: all 65536, none by accident (threat 75)");
	TAP_RUN(test_lengths, "values of every other length are refused (threat 80)");
	TAP_RUN(test_known_bad, "values known to be bad are refused (threat 80)");
	TAP_RUN(test_x25519_top_bit, "X25519: the top bit does not count");
	TAP_RUN(test_modp_range, "MODP: 1 < value < p - 1 (RFC 6989, 2.1) (threat 80)");
	TAP_RUN(test_modp_primes, "MODP: the primes are those of pi (RFC 2409, 6.2; RFC 3526)");
	TAP_RUN(test_modp_minus_two, "MODP: -2 has the powers of 2");
	TAP_RUN(test_ecp_off_curve, "ECP: points off the curve, infinity (RFC 6989, 2.3) (threat 80)");
	TAP_RUN(test_ecp_points, "ECP: points and what is next to them, as libcrypto has them (threat 80)");
	TAP_RUN(test_ecp_range, "ECP: coordinates below the prime (threat 80)");
	TAP_RUN(test_ecp_encodings, "ECP: x | y and no other form (RFC 5903, 7)");
	TAP_RUN(test_forgotten, "a key is forgotten with its exchange");
	return tap_done();
}
