// SPDX-License-Identifier: GPL-2.0
/*
 * Key exchange for the kernel: ECP-521 (RFC 5903) and X448 (RFC 8031).
 *
 * Nothing is kept: the seed is the private key, it stays in the IKE SA, and the
 * same seed gives the same key.  The peer's value is checked before anything is
 * computed with it (RFC 6989, 2.3; RFC 7748, 6.2).
 */
#include <isakmp/ikev2.h>
#include <isakmp/limits.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/params.h>

#include "kex.h"

#define P521_LEN	66	/* octets of a coordinate */
#define P521_SCALAR	74	/* octets of seed used: 64 bits more than the order */
#define X448_LEN	56

/* ---- ECP-521 ------------------------------------------------------------------ */

/* FIPS 186-4, B.4.1: d = (c mod (n - 1)) + 1, where c has 64 bits more than n. */
static BIGNUM *p521_scalar(const EC_GROUP *g, const struct octets *seed, BN_CTX *ctx)
{
	BIGNUM *d = BN_secure_new(), *c = BN_secure_new(), *n = BN_dup(EC_GROUP_get0_order(g));
	bool good;

	if (d && c)
		BN_set_flags(c, BN_FLG_CONSTTIME);
	good = d && c && n && BN_bin2bn(seed->p, P521_SCALAR, c) && BN_sub_word(n, 1) &&
	       BN_mod(d, c, n, ctx) && BN_add_word(d, 1);
	BN_clear_free(c);
	BN_free(n);
	if (good) {
		BN_set_flags(d, BN_FLG_CONSTTIME);
		return d;
	}
	BN_clear_free(d);
	return NULL;
}

/* @pub = d * G, uncompressed: 4, x, y */
static bool p521_public(const EC_GROUP *g, const BIGNUM *d, u8 pub[1 + 2 * P521_LEN],
			BN_CTX *ctx)
{
	EC_POINT *p = EC_POINT_new(g);
	bool good;

	good = p && EC_POINT_mul(g, p, d, NULL, NULL, ctx) &&
	       EC_POINT_point2oct(g, p, POINT_CONVERSION_UNCOMPRESSED, pub, 1 + 2 * P521_LEN,
				  ctx) == 1 + 2 * P521_LEN;
	EC_POINT_free(p);
	return good;
}

static bool p521_secret(const struct octets *seed, u8 priv[P521_LEN], u8 pub[1 + 2 * P521_LEN])
{
	EC_GROUP *g = EC_GROUP_new_by_curve_name(NID_secp521r1);
	BN_CTX *ctx = BN_CTX_secure_new();
	BIGNUM *d = g && ctx ? p521_scalar(g, seed, ctx) : NULL;
	bool good;

	good = d && p521_public(g, d, pub, ctx) && BN_bn2binpad(d, priv, P521_LEN) == P521_LEN;
	BN_clear_free(d);
	BN_CTX_free(ctx);
	EC_GROUP_free(g);
	return good;
}

/* Refuses what is not on the curve.  @priv may be NULL: a public key. */
static EVP_PKEY *p521_key(const u8 pub[1 + 2 * P521_LEN], const BIGNUM *priv)
{
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *k = NULL;

	if (b && ctx &&
	    OSSL_PARAM_BLD_push_utf8_string(b, OSSL_PKEY_PARAM_GROUP_NAME, "P-521", 0) &&
	    OSSL_PARAM_BLD_push_octet_string(b, OSSL_PKEY_PARAM_PUB_KEY, pub, 1 + 2 * P521_LEN) &&
	    (!priv || OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_PRIV_KEY, priv)))
		params = OSSL_PARAM_BLD_to_param(b);
	if (params && EVP_PKEY_fromdata_init(ctx) > 0)
		EVP_PKEY_fromdata(ctx, &k, priv ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(b);
	EVP_PKEY_CTX_free(ctx);
	return k;
}

static EVP_PKEY *p521_own(const struct octets *seed, u8 *out)
{
	u8 priv[P521_LEN], pub[1 + 2 * P521_LEN];
	EVP_PKEY *k = NULL;
	BIGNUM *d;

	if (!p521_secret(seed, priv, pub))
		return NULL;
	d = BN_secure_new();
	if (d && BN_bin2bn(priv, sizeof(priv), d))
		k = p521_key(pub, d);
	BN_clear_free(d);
	OPENSSL_cleanse(priv, sizeof(priv));
	memcpy(out, pub + 1, 2 * P521_LEN);
	return k;
}

/* RFC 5903, 7: x and y, nothing before them. */
static EVP_PKEY *p521_peer(const u8 *value)
{
	u8 pub[1 + 2 * P521_LEN];

	pub[0] = POINT_CONVERSION_UNCOMPRESSED;
	memcpy(pub + 1, value, 2 * P521_LEN);
	return p521_key(pub, NULL);
}

/* ---- X448 ----------------------------------------------------------------------- */

static EVP_PKEY *x448_own(const struct octets *seed, u8 *out)
{
	EVP_PKEY *k = EVP_PKEY_new_raw_private_key(EVP_PKEY_X448, NULL, seed->p, X448_LEN);
	size_t n = X448_LEN;

	if (k && !EVP_PKEY_get_raw_public_key(k, out, &n)) {
		EVP_PKEY_free(k);
		k = NULL;
	}
	return k;
}

static EVP_PKEY *x448_peer(const u8 *value)
{
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_X448, NULL, value, X448_LEN);
}

/* ---- either --------------------------------------------------------------------- */

static const struct kex_group {
	u16 id;
	u16 pub_len;
	u16 shared_len;
	EVP_PKEY *(*own)(const struct octets *seed, u8 *pub);
	EVP_PKEY *(*peer)(const u8 *value);
} groups[] = {
	{ IKE_KE_ECP_521, 2 * P521_LEN, P521_LEN, p521_own, p521_peer },
	{ IKE_KE_X448,	  X448_LEN,	X448_LEN, x448_own, x448_peer },
};

/* The peer's key is checked again by set_peer; X448 refuses an all-zero result. */
static bool derive(EVP_PKEY *own, EVP_PKEY *peer, u8 *shared, size_t len)
{
	static const u8 zero[KEX_SHARED_MAX];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
	size_t n = len;
	bool good;

	good = ctx && EVP_PKEY_derive_init(ctx) > 0 && EVP_PKEY_derive_set_peer(ctx, peer) > 0 &&
	       EVP_PKEY_derive(ctx, shared, &n) > 0 && n == len;
	EVP_PKEY_CTX_free(ctx);
	return good && CRYPTO_memcmp(shared, zero, len);
}

static enum isakmp_reason compute(const struct kex_group *g, const struct octets *seed,
				  const struct octets *peer, struct kex_result *r)
{
	EVP_PKEY *own = g->own(seed, r->pub), *his = NULL;
	enum isakmp_reason reason = ISAKMP_OK;

	if (!own)
		return ISAKMP_R_HELPER_ERROR;
	r->pub_len = g->pub_len;
	if (peer->n) {
		his = g->peer(peer->p);
		if (his && derive(own, his, r->shared, g->shared_len))
			r->shared_len = g->shared_len;
		else
			reason = ISAKMP_R_KE_VALUE;
	}
	EVP_PKEY_free(his);
	EVP_PKEY_free(own);
	return reason;
}

/**
 * kex_group_at() - the groups computed here, one after another
 * @i: from 0
 *
 * Return: transform ID, or 0 after the last.
 */
u16 kex_group_at(size_t i)
{
	return i < ARRAY_SIZE(groups) ? groups[i].id : 0;
}

/**
 * kex_compute() - our public value, and the shared one when the peer's is there
 * @group: transform ID
 * @seed: IKE_KEX_SEED_LEN octets of chance, the private key
 * @peer: the peer's public value; n = 0: not there yet
 * @r: out; all zero when refused
 *
 * Context: any thread.  RFC 5903, 7; RFC 8031, 2; RFC 6989.
 * Return: OK, HELPER_ERROR (group or seed), or KE_VALUE (the peer's value).
 */
enum isakmp_reason kex_compute(u16 group, const struct octets *seed,
			       const struct octets *peer, struct kex_result *r)
{
	enum isakmp_reason reason = ISAKMP_R_HELPER_ERROR;
	size_t i;

	*r = (struct kex_result) { 0 };
	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		if (groups[i].id != group || seed->n != IKE_KEX_SEED_LEN)
			continue;
		reason = peer->n && peer->n != groups[i].pub_len ? ISAKMP_R_KE_VALUE :
			 compute(&groups[i], seed, peer, r);
	}
	if (reason)
		OPENSSL_cleanse(r, sizeof(*r));
	return reason;
}
