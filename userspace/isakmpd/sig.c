// SPDX-License-Identifier: GPL-2.0
/*
 * Signatures.
 *
 * Method 14 (RFC 7427) begins with an AlgorithmIdentifier.  It is not parsed:
 * those that are accepted are written down below and compared as a whole; so
 * there is nothing in it that could be overlooked.  Methods 9 to 11 (RFC 4754)
 * are ECDSA with one curve and one hash each.  SHA-1, and with it method 1, is
 * accepted from nobody and never made.  Keys of DSA are for version 1 (v1_sig.c).
 *
 * Which scheme for ours: that of the peer when it has shown one and our key and
 * configuration allow it (a peer that signs with PKCS #1 may not know PSS), else
 * the first that the key can do, in the order of the configuration.  Which hash:
 * the one that fits the key, if the peer announced it; else the strongest that
 * it did.
 */
#include <isakmp/ikev2.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "sig.h"

#define ID_MAX	80	/* octets of an AlgorithmIdentifier */

/* ---- AlgorithmIdentifiers (RFC 7427, appendix A; RFC 4055; RFC 8410) -------------- */

#define SEQ		0x30
#define OID_PKCS1(n)	0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, n
#define OID_SHA(n)	0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, n
#define OID_ECDSA(n)	0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, n
#define DER_NULL	0x05, 0x00

#define ID_RSA(n)	{ SEQ, 13, OID_PKCS1(n), DER_NULL }
#define ID_RSA_BARE(n)	{ SEQ, 11, OID_PKCS1(n) }
#define ID_ECDSA(n)	{ SEQ, 10, OID_ECDSA(n) }
/* The hash, MGF1 with it, a salt as long as it; the hash's NULL may be absent. */
#define PSS_HASH(n)	SEQ, 13, OID_SHA(n), DER_NULL
#define PSS_HASH_BARE(n) SEQ, 11, OID_SHA(n)
#define PSS_SALT(salt)	0xa2, 3, 0x02, 1, salt
#define PSS_TRAILER	0xa3, 3, 0x02, 1, 1	/* the default: DER leaves it out */
#define ID_PSS(n, salt)								\
	{ SEQ, 65, OID_PKCS1(10), SEQ, 52, 0xa0, 15, PSS_HASH(n),		\
	  0xa1, 28, SEQ, 26, OID_PKCS1(8), PSS_HASH(n), PSS_SALT(salt) }
#define ID_PSS_TRAILER(n, salt)							\
	{ SEQ, 70, OID_PKCS1(10), SEQ, 57, 0xa0, 15, PSS_HASH(n),		\
	  0xa1, 28, SEQ, 26, OID_PKCS1(8), PSS_HASH(n), PSS_SALT(salt), PSS_TRAILER }
#define ID_PSS_BARE(n, salt)							\
	{ SEQ, 61, OID_PKCS1(10), SEQ, 48, 0xa0, 13, PSS_HASH_BARE(n),		\
	  0xa1, 26, SEQ, 24, OID_PKCS1(8), PSS_HASH_BARE(n), PSS_SALT(salt) }
#define ID_PSS_BARE_TRAILER(n, salt)						\
	{ SEQ, 66, OID_PKCS1(10), SEQ, 53, 0xa0, 13, PSS_HASH_BARE(n),		\
	  0xa1, 26, SEQ, 24, OID_PKCS1(8), PSS_HASH_BARE(n), PSS_SALT(salt), PSS_TRAILER }

/**
 * struct alg - a signature algorithm of method 14
 * @scheme: enum isakmp_scheme
 * @hash: enum ike_hash
 * @n: octets of @id
 * @id: AlgorithmIdentifier; of those with one scheme and hash we send the first
 */
struct alg {
	u8 scheme;
	u8 hash;
	u8 n;
	u8 id[ID_MAX];
};

#define ALG(s, h, n, ...) { ISAKMP_SCHEME_##s, IKE_HASH_##h, n, __VA_ARGS__ }

static const struct alg algs[] = {
	ALG(RSA_PKCS1, SHA2_256, 15, ID_RSA(11)),
	ALG(RSA_PKCS1, SHA2_384, 15, ID_RSA(12)),
	ALG(RSA_PKCS1, SHA2_512, 15, ID_RSA(13)),
	ALG(RSA_PKCS1, SHA2_256, 13, ID_RSA_BARE(11)),
	ALG(RSA_PKCS1, SHA2_384, 13, ID_RSA_BARE(12)),
	ALG(RSA_PKCS1, SHA2_512, 13, ID_RSA_BARE(13)),
	ALG(RSA_PSS, SHA2_256, 67, ID_PSS(1, 32)),
	ALG(RSA_PSS, SHA2_384, 67, ID_PSS(2, 48)),
	ALG(RSA_PSS, SHA2_512, 67, ID_PSS(3, 64)),
	ALG(RSA_PSS, SHA2_256, 72, ID_PSS_TRAILER(1, 32)),
	ALG(RSA_PSS, SHA2_384, 72, ID_PSS_TRAILER(2, 48)),
	ALG(RSA_PSS, SHA2_512, 72, ID_PSS_TRAILER(3, 64)),
	ALG(RSA_PSS, SHA2_256, 63, ID_PSS_BARE(1, 32)),
	ALG(RSA_PSS, SHA2_384, 63, ID_PSS_BARE(2, 48)),
	ALG(RSA_PSS, SHA2_512, 63, ID_PSS_BARE(3, 64)),
	ALG(RSA_PSS, SHA2_256, 68, ID_PSS_BARE_TRAILER(1, 32)),
	ALG(RSA_PSS, SHA2_384, 68, ID_PSS_BARE_TRAILER(2, 48)),
	ALG(RSA_PSS, SHA2_512, 68, ID_PSS_BARE_TRAILER(3, 64)),
	ALG(ECDSA, SHA2_256, 12, ID_ECDSA(2)),
	ALG(ECDSA, SHA2_384, 12, ID_ECDSA(3)),
	ALG(ECDSA, SHA2_512, 12, ID_ECDSA(4)),
	ALG(ED25519, IDENTITY, 7, { SEQ, 5, 0x06, 3, 0x2b, 0x65, 0x70 }),
	/* Known in order to say what is wrong with them. */
	ALG(RSA_PKCS1, SHA1, 15, ID_RSA(5)),
	ALG(RSA_PKCS1, SHA1, 13, ID_RSA_BARE(5)),
	ALG(RSA_PSS, SHA1, 15, { SEQ, 13, OID_PKCS1(10), SEQ, 0 }),
	ALG(ECDSA, SHA1, 11, { SEQ, 9, 0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01 }),
};

static const struct alg *alg_find(u8 scheme, u8 hash)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(algs); i++)
		if (algs[i].scheme == scheme && algs[i].hash == hash)
			return &algs[i];
	return NULL;
}

/* ---- RFC 4754: r and s, side by side ---------------------------------------------- */

static const struct raw {
	u8 method;
	u8 hash;
	u8 len;			/* of r, and of s */
	const char *curve;
} raws[] = {
	{ IKE_AM_ECDSA_256, IKE_HASH_SHA2_256, 32, SN_X9_62_prime256v1 },
	{ IKE_AM_ECDSA_384, IKE_HASH_SHA2_384, 48, SN_secp384r1 },
	{ IKE_AM_ECDSA_521, IKE_HASH_SHA2_512, 66, SN_secp521r1 },
};

/* The row of a key's curve, or NULL: it is no EC key, or its curve is not allowed. */
static const struct raw *raw_of_key(const EVP_PKEY *key)
{
	char curve[32];
	size_t i, n;

	if (!EVP_PKEY_is_a(key, "EC") ||
	    !EVP_PKEY_get_group_name(key, curve, sizeof(curve), &n))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(raws); i++)
		if (!strcmp(curve, raws[i].curve))
			return &raws[i];
	return NULL;
}

static const struct raw *raw_of_method(u8 method)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(raws); i++)
		if (raws[i].method == method)
			return &raws[i];
	return NULL;
}

/**
 * sig_raw_to_der() - r | s as libcrypto takes it
 * @auth: the two numbers, side by side
 * @len: octets of each
 * @der: out
 * @max: octets that it has room for
 *
 * Context: any thread.  RFC 4754, 7; RFC 2409, 5.1 for DSS.
 * Return: octets in @der, 0: it is no such signature.
 */
size_t sig_raw_to_der(const struct octets *auth, u8 len, u8 *der, size_t max)
{
	ECDSA_SIG *sig = auth->n == 2U * len ? ECDSA_SIG_new() : NULL;
	BIGNUM *r = sig ? BN_bin2bn(auth->p, len, NULL) : NULL;
	BIGNUM *s = sig ? BN_bin2bn(auth->p + len, len, NULL) : NULL;
	int n = 0;

	if (r && s && ECDSA_SIG_set0(sig, r, s)) {
		n = i2d_ECDSA_SIG(sig, NULL);
		n = n > 0 && (size_t)n <= max ? i2d_ECDSA_SIG(sig, &der) : 0;
	} else {
		BN_free(r);
		BN_free(s);
	}
	ECDSA_SIG_free(sig);
	return (size_t)max(n, 0);
}

/**
 * sig_der_to_raw() - r | s from what libcrypto makes
 * @der: a signature
 * @n: its octets
 * @len: octets that each of the two numbers gets
 * @out: out: 2 * @len octets
 *
 * Context: any thread.
 * Return: false: it cannot be read, or the numbers are longer.
 */
bool sig_der_to_raw(const u8 *der, size_t n, u8 len, u8 *out)
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
	bool good;

	good = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, len) == len &&
	       BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + len, len) == len;
	ECDSA_SIG_free(sig);
	return good;
}

/**
 * sig_ecdsa_method() - the method of a key's curve
 * @key: public or private
 *
 * Return: IKE_AM_ECDSA_*, which version 1 has the same numbers for; 0: it is no EC key, or its
 * curve is not allowed.
 */
u8 sig_ecdsa_method(const EVP_PKEY *key)
{
	const struct raw *raw = raw_of_key(key);

	return raw ? raw->method : 0;
}

/* ---- keys -------------------------------------------------------------------------- */

static const char *rsa_numbers_flaw(const BIGNUM *n, const BIGNUM *e)
{
	if (BN_num_bits(n) < SIG_RSA_MIN || BN_num_bits(n) > SIG_RSA_MAX)
		return "an RSA key of less than 2048 or more than 8192 bits";
	if (!BN_is_odd(n) || BN_is_negative(n))
		return "an RSA key whose modulus is even";
	if (!BN_is_odd(e) || BN_is_one(e) || BN_is_negative(e) || BN_num_bits(e) > SIG_E_MAX)
		return "an RSA key whose exponent is even, 1 or too long";
	return NULL;
}

static const char *rsa_flaw(const EVP_PKEY *key)
{
	const char *why = "an RSA key without its numbers";
	BIGNUM *n = NULL, *e = NULL;

	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) &&
	    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e))
		why = rsa_numbers_flaw(n, e);
	BN_free(n);
	BN_free(e);
	return why;
}

static const char *dsa_numbers_flaw(const BIGNUM *p, const BIGNUM *q)
{
	if (BN_num_bits(p) < SIG_RSA_MIN || BN_num_bits(p) > SIG_DSA_MAX || !BN_is_odd(p))
		return "a DSA key of less than 2048 or more than 3072 bits";
	if (BN_num_bits(q) < SIG_DSA_Q_MIN || BN_num_bits(q) > SIG_DSA_Q_MAX || !BN_is_odd(q))
		return "a DSA key whose group has less than 160 or more than 256 bits";
	return NULL;
}

/* 0, 1 and p - 1 have powers that everybody knows: with them everybody can sign. */
static bool is_trivial(const BIGNUM *v, const BIGNUM *p)
{
	BIGNUM *most = BN_dup(p);
	bool trivial;

	trivial = !most || !BN_sub_word(most, 1) || BN_is_zero(v) || BN_is_one(v) ||
		  BN_is_negative(v) || BN_cmp(v, most) >= 0;
	BN_free(most);
	return trivial;
}

static const char *dsa_flaw(const EVP_PKEY *key)
{
	const char *why = "a DSA key without its numbers";
	BIGNUM *p = NULL, *q = NULL, *g = NULL, *y = NULL;

	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_FFC_P, &p) &&
	    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_FFC_Q, &q) &&
	    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_FFC_G, &g) &&
	    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PUB_KEY, &y))
		why = dsa_numbers_flaw(p, q);
	if (!why && (is_trivial(g, p) || is_trivial(y, p)))
		why = "a DSA key that everybody can sign with";
	BN_free(p);
	BN_free(q);
	BN_free(g);
	BN_free(y);
	return why;
}

/* A curve given by its numbers is somebody's own, whatever it is called. */
static const char *ec_flaw(const EVP_PKEY *key)
{
	int explicit_params = 0;

	if (!raw_of_key(key))
		return "a curve that is none of P-256, P-384 and P-521";
	if (EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
				   &explicit_params) && explicit_params)
		return "a curve that has no name";
	return NULL;
}

/**
 * sig_key_flaw() - may anything be computed with this key
 * @key: public or private
 *
 * Context: any thread.  To be asked before a key of a peer is used: what is
 * looked at here costs nothing, whatever the key.
 * Return: NULL, or what is wrong with it.
 */
const char *sig_key_flaw(const EVP_PKEY *key)
{
	const char *why = "a kind of key not known here";

	if (EVP_PKEY_is_a(key, "RSA"))
		why = rsa_flaw(key);
	else if (EVP_PKEY_is_a(key, "EC"))
		why = ec_flaw(key);
	else if (EVP_PKEY_is_a(key, "DSA"))
		why = dsa_flaw(key);
	else if (EVP_PKEY_is_a(key, "ED25519"))
		why = NULL;
	ERR_clear_error();
	return why;
}

/**
 * sig_key_does() - is a scheme one of this kind of key
 * @key: public or private
 * @scheme: enum isakmp_scheme
 *
 * Return: true if so.
 */
bool sig_key_does(const EVP_PKEY *key, u8 scheme)
{
	switch (scheme) {
	case ISAKMP_SCHEME_RSA_PKCS1:
	case ISAKMP_SCHEME_RSA_PSS:
		return EVP_PKEY_is_a(key, "RSA");
	case ISAKMP_SCHEME_ECDSA:
		return EVP_PKEY_is_a(key, "EC");
	case ISAKMP_SCHEME_ED25519:
		return EVP_PKEY_is_a(key, "ED25519");
	}
	return false;
}

/* ---- libcrypto ---------------------------------------------------------------------- */

static const char *digest_name(u8 hash)
{
	static const char *const names[] = {
		[IKE_HASH_SHA2_256] = "SHA256",
		[IKE_HASH_SHA2_384] = "SHA384",
		[IKE_HASH_SHA2_512] = "SHA512",
	};

	return hash < ARRAY_SIZE(names) ? names[hash] : NULL;	/* Identity: NULL */
}

static bool set_padding(EVP_PKEY_CTX *ctx, u8 scheme)
{
	if (scheme == ISAKMP_SCHEME_RSA_PKCS1)
		return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0;
	if (scheme == ISAKMP_SCHEME_RSA_PSS)
		return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) > 0;
	return true;
}

static bool verify(EVP_PKEY *key, u8 scheme, u8 hash, const struct octets *what,
		   const struct octets *sig)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx;
	bool good;

	/* 1 is yes; 0 and what is below are two kinds of no */
	good = md && sig->n &&
	       EVP_DigestVerifyInit_ex(md, &ctx, digest_name(hash), NULL, NULL, key, NULL) == 1 &&
	       set_padding(ctx, scheme) &&
	       EVP_DigestVerify(md, sig->p, sig->n, what->p, what->n) == 1;
	EVP_MD_CTX_free(md);
	ERR_clear_error();
	return good;
}

/* Octets in @sig, 0: it could not be made. */
static size_t sign(EVP_PKEY *key, u8 scheme, u8 hash, const struct octets *what, u8 *sig,
		   size_t max)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx;
	size_t n = max;
	bool good;

	good = md && (size_t)EVP_PKEY_get_size(key) <= max &&
	       EVP_DigestSignInit_ex(md, &ctx, digest_name(hash), NULL, NULL, key, NULL) == 1 &&
	       set_padding(ctx, scheme) &&
	       EVP_DigestSign(md, sig, &n, what->p, what->n) == 1;
	EVP_MD_CTX_free(md);
	ERR_clear_error();
	return good ? n : 0;
}

/* ---- ours ---------------------------------------------------------------------------- */

static bool allows(const struct sig_schemes *s, u8 scheme)
{
	return !s->n || memchr(s->scheme, scheme, s->n);
}

static u8 choose_scheme(const EVP_PKEY *key, const struct sig_wish *w)
{
	static const u8 all[] = {
		ISAKMP_SCHEME_RSA_PSS, ISAKMP_SCHEME_RSA_PKCS1, ISAKMP_SCHEME_ECDSA,
		ISAKMP_SCHEME_ED25519,
	};
	const u8 *list = w->allowed.n ? w->allowed.scheme : all;
	size_t i, n = w->allowed.n ? w->allowed.n : ARRAY_SIZE(all);

	if (allows(&w->allowed, w->his) && sig_key_does(key, w->his))
		return w->his;
	for (i = 0; i < n; i++)
		if (sig_key_does(key, list[i]))
			return list[i];
	return 0;
}

/* The hash that is as strong as the key (RFC 8247, 3.2; RFC 8420 for Ed25519). */
static u8 fitting_hash(const EVP_PKEY *key)
{
	const struct raw *raw = raw_of_key(key);

	if (raw)
		return raw->hash;
	if (EVP_PKEY_is_a(key, "ED25519"))
		return IKE_HASH_IDENTITY;
	return EVP_PKEY_get_bits(key) <= 3072 ? IKE_HASH_SHA2_256 :
	       EVP_PKEY_get_bits(key) <= 4096 ? IKE_HASH_SHA2_384 : IKE_HASH_SHA2_512;
}

static u8 choose_hash(const EVP_PKEY *key, u32 hashes)
{
	static const u8 strong[] = { IKE_HASH_SHA2_512, IKE_HASH_SHA2_384, IKE_HASH_SHA2_256 };
	u8 fits = fitting_hash(key);
	size_t i;

	if (hashes & IKE_HASH_BIT(fits))
		return fits;
	for (i = 0; fits != IKE_HASH_IDENTITY && i < ARRAY_SIZE(strong); i++)
		if (hashes & IKE_HASH_BIT(strong[i]))
			return strong[i];
	return 0;
}

/* @alg: out, if OK; NULL: RFC 4754 */
static enum isakmp_reason choose_alg(const EVP_PKEY *key, const struct sig_wish *w,
				     const struct alg **alg)
{
	u8 scheme = choose_scheme(key, w);

	*alg = NULL;
	if (!scheme)
		return ISAKMP_R_AUTH_METHOD;
	if (!w->hashes)		/* SHA-1 is all that is left for other keys */
		return raw_of_key(key) ? ISAKMP_OK : ISAKMP_R_AUTH_HASH;
	*alg = alg_find(scheme, choose_hash(key, w->hashes));
	return *alg ? ISAKMP_OK : ISAKMP_R_AUTH_HASH;
}

/**
 * sig_can() - would sig_make() find a way
 * @key: our private key; sig_key_flaw() found none
 * @w: what is allowed, what the peer can do
 *
 * Return: true if so.
 */
bool sig_can(const EVP_PKEY *key, const struct sig_wish *w)
{
	const struct alg *alg;

	return !choose_alg(key, w, &alg);
}

static enum isakmp_reason make_raw(EVP_PKEY *key, const struct octets *what, struct sig_auth *a)
{
	const struct raw *raw = raw_of_key(key);
	u8 der[256];
	size_t n;

	n = sign(key, ISAKMP_SCHEME_ECDSA, raw->hash, what, der, sizeof(der));
	if (!n || !sig_der_to_raw(der, n, raw->len, a->data))
		return ISAKMP_R_HELPER_ERROR;
	a->method = raw->method;
	a->n = 2 * raw->len;
	return ISAKMP_OK;
}

static enum isakmp_reason make_14(EVP_PKEY *key, const struct alg *alg,
				  const struct octets *what, struct sig_auth *a)
{
	size_t head = 1U + alg->n, n;

	a->data[0] = alg->n;
	memcpy(a->data + 1, alg->id, alg->n);
	n = sign(key, alg->scheme, alg->hash, what, a->data + head, sizeof(a->data) - head);
	if (!n)
		return ISAKMP_R_HELPER_ERROR;
	a->method = IKE_AM_DIGITAL_SIG;
	a->n = (u16)(head + n);
	return ISAKMP_OK;
}

/**
 * sig_make() - sign
 * @key: our private key; sig_key_flaw() found none
 * @w: what is allowed, what the peer can do
 * @what: what is signed
 * @a: out
 *
 * Context: any thread.  RFC 7427, 3; RFC 4754, 7 when the peer announced no hash.
 * Return: OK; AUTH_METHOD: the configuration allows no scheme of this key;
 * AUTH_HASH: no hash in common; HELPER_ERROR.
 */
enum isakmp_reason sig_make(EVP_PKEY *key, const struct sig_wish *w,
			    const struct octets *what, struct sig_auth *a)
{
	const struct alg *alg;
	enum isakmp_reason reason = choose_alg(key, w, &alg);

	if (reason)
		return reason;
	return alg ? make_14(key, alg, what, a) : make_raw(key, what, a);
}

/* ---- the peer's ----------------------------------------------------------------------- */

/* @sig: what follows the AlgorithmIdentifier */
static const struct alg *read_id(const struct octets *auth, struct octets *sig)
{
	size_t i, n = auth->n ? auth->p[0] : 0;

	if (auth->n < 1 + n)
		return NULL;
	*sig = (struct octets) { auth->p + 1 + n, auth->n - 1 - n };
	for (i = 0; i < ARRAY_SIZE(algs); i++)
		if (algs[i].n == n && !memcmp(algs[i].id, auth->p + 1, n))
			return &algs[i];
	return NULL;
}

static enum isakmp_reason check_14(EVP_PKEY *key, const struct sig_schemes *allowed,
				   const struct octets *what, const struct octets *auth,
				   u8 *scheme)
{
	struct octets sig;
	const struct alg *alg = read_id(auth, &sig);

	if (!alg)
		return ISAKMP_R_AUTH_METHOD;
	if (alg->hash == IKE_HASH_SHA1)
		return ISAKMP_R_AUTH_HASH;
	if (!allows(allowed, alg->scheme))
		return ISAKMP_R_AUTH_METHOD;
	*scheme = alg->scheme;
	if (!sig_key_does(key, alg->scheme) || !verify(key, alg->scheme, alg->hash, what, &sig))
		return ISAKMP_R_AUTH_FAILED;
	return ISAKMP_OK;
}

static enum isakmp_reason check_raw(EVP_PKEY *key, const struct raw *raw,
				    const struct octets *what, const struct octets *auth)
{
	u8 der[256];
	struct octets sig = { der, sig_raw_to_der(auth, raw->len, der, sizeof(der)) };

	/* the method names the curve, too */
	if (raw_of_key(key) != raw || !verify(key, ISAKMP_SCHEME_ECDSA, raw->hash, what, &sig))
		return ISAKMP_R_AUTH_FAILED;
	return ISAKMP_OK;
}

/**
 * sig_method_known() - is it a method of signing that sig_check() accepts
 * @method: RFC 7296, 3.8
 *
 * Return: true if so.
 */
bool sig_method_known(u8 method)
{
	return method == IKE_AM_DIGITAL_SIG || raw_of_method(method);
}

/**
 * sig_check() - is this the other side's signature
 * @key: its public key; sig_key_flaw() found none
 * @allowed: by the configuration
 * @what: what it signed
 * @method: RFC 7296, 3.8
 * @auth: authentication data
 * @scheme: out, unless AUTH_METHOD or AUTH_HASH: enum isakmp_scheme
 *
 * Context: any thread.  RFC 7427, 3; RFC 4754, 7.
 * Return: OK; AUTH_METHOD: a method or scheme that is not known or not allowed;
 * AUTH_HASH: SHA-1; AUTH_FAILED: it is not.
 */
enum isakmp_reason sig_check(EVP_PKEY *key, const struct sig_schemes *allowed,
			     const struct octets *what, u8 method,
			     const struct octets *auth, u8 *scheme)
{
	const struct raw *raw = raw_of_method(method);

	if (method == IKE_AM_RSA_SIG)	/* RFC 7296, 3.8: SHA-1 is all that is sure */
		return ISAKMP_R_AUTH_HASH;
	if (method == IKE_AM_DIGITAL_SIG)
		return check_14(key, allowed, what, auth, scheme);
	if (!raw || !allows(allowed, ISAKMP_SCHEME_ECDSA))
		return ISAKMP_R_AUTH_METHOD;
	*scheme = ISAKMP_SCHEME_ECDSA;
	return check_raw(key, raw, what, auth);
}
