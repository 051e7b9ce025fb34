// SPDX-License-Identifier: GPL-2.0
/*
 * Signatures: who signs how, and that nothing but the right signature is one.
 * The keys are made here.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "helper.h"
#include "helper_pki.h"

#define HASHES_ALL (IKE_HASH_BIT(IKE_HASH_SHA2_256) | IKE_HASH_BIT(IKE_HASH_SHA2_384) | \
		    IKE_HASH_BIT(IKE_HASH_SHA2_512) | IKE_HASH_BIT(IKE_HASH_IDENTITY))
#define ONLY(h) IKE_HASH_BIT(IKE_HASH_##h)

static const struct octets what = { (const u8 *)"what is signed, the octets of RFC 7296, 2.15", 44 };
static const struct sig_schemes any_scheme;

static struct octets auth_of(const struct sig_auth *a)
{
	return (struct octets) { a->data, a->n };
}

static enum isakmp_reason check_as(EVP_PKEY *key, u8 method, const struct octets *auth)
{
	u8 scheme = 0;

	return sig_check(key, &any_scheme, &what, method, auth, &scheme);
}

/* ---- which scheme, which hash ------------------------------------------------ */

#define PSS	ISAKMP_SCHEME_RSA_PSS
#define PKCS1	ISAKMP_SCHEME_RSA_PKCS1
#define ECDSA	ISAKMP_SCHEME_ECDSA
#define EDDSA	ISAKMP_SCHEME_ED25519

static const struct {
	u8 kind;
	u8 allowed[3];
	u32 hashes;
	u8 his;
	u8 reason;
	u8 method;
	u8 scheme;
	u16 len;		/* of the signature alone; 0: it varies */
} choices[] = {
	{ PKI_RSA, { 0 }, HASHES_ALL, 0, ISAKMP_OK, 14, PSS, 256 },
	{ PKI_RSA, { PKCS1, PSS }, HASHES_ALL, 0, ISAKMP_OK, 14, PKCS1, 256 },
	{ PKI_RSA, { ECDSA, PKCS1 }, HASHES_ALL, 0, ISAKMP_OK, 14, PKCS1, 256 },
	{ PKI_RSA, { 0 }, ONLY(SHA2_512), 0, ISAKMP_OK, 14, PSS, 256 },
	/* as responder in the scheme of the peer, when that is allowed */
	{ PKI_RSA, { 0 }, HASHES_ALL, PKCS1, ISAKMP_OK, 14, PKCS1, 256 },
	{ PKI_RSA, { PSS, PKCS1 }, HASHES_ALL, PKCS1, ISAKMP_OK, 14, PKCS1, 256 },
	{ PKI_RSA, { PSS }, HASHES_ALL, PKCS1, ISAKMP_OK, 14, PSS, 256 },
	{ PKI_RSA, { 0 }, HASHES_ALL, EDDSA, ISAKMP_OK, 14, PSS, 256 },
	{ PKI_P256, { 0 }, HASHES_ALL, PSS, ISAKMP_OK, 14, ECDSA, 0 },
	{ PKI_P384, { 0 }, HASHES_ALL, 0, ISAKMP_OK, 14, ECDSA, 0 },
	{ PKI_P521, { 0 }, ONLY(SHA2_256), 0, ISAKMP_OK, 14, ECDSA, 0 },
	{ PKI_ED25519, { 0 }, HASHES_ALL, 0, ISAKMP_OK, 14, EDDSA, 64 },
	/* RFC 4754: the peer announced nothing */
	{ PKI_P256, { 0 }, 0, 0, ISAKMP_OK, IKE_AM_ECDSA_256, ECDSA, 64 },
	{ PKI_P384, { 0 }, 0, 0, ISAKMP_OK, IKE_AM_ECDSA_384, ECDSA, 96 },
	{ PKI_P521, { 0 }, 0, 0, ISAKMP_OK, IKE_AM_ECDSA_521, ECDSA, 132 },
	/* RSA would mean SHA-1 then, and Ed25519 nothing at all */
	{ PKI_RSA, { 0 }, 0, 0, ISAKMP_R_AUTH_HASH, 0, 0, 0 },
	{ PKI_ED25519, { 0 }, 0, 0, ISAKMP_R_AUTH_HASH, 0, 0, 0 },
	{ PKI_ED25519, { 0 }, ONLY(SHA2_256), 0, ISAKMP_R_AUTH_HASH, 0, 0, 0 },
	{ PKI_RSA, { 0 }, ONLY(SHA1), 0, ISAKMP_R_AUTH_HASH, 0, 0, 0 },
	{ PKI_P256, { 0 }, ONLY(SHA1) | ONLY(IDENTITY), 0, ISAKMP_R_AUTH_HASH, 0, 0, 0 },
	{ PKI_RSA, { ECDSA, EDDSA }, HASHES_ALL, 0, ISAKMP_R_AUTH_METHOD, 0, 0, 0 },
	{ PKI_P256, { PSS, PKCS1, EDDSA }, HASHES_ALL, ECDSA, ISAKMP_R_AUTH_METHOD, 0, 0, 0 },
	{ PKI_ED25519, { ECDSA }, HASHES_ALL, 0, ISAKMP_R_AUTH_METHOD, 0, 0, 0 },
};

static struct sig_wish wish_of(size_t i)
{
	u8 n = 0;

	while (n < 3 && choices[i].allowed[n])
		n++;
	return (struct sig_wish) { { n, choices[i].allowed }, choices[i].hashes, choices[i].his };
}

static void test_choice(void)
{
	struct sig_wish w;
	struct octets auth;
	struct sig_auth a;
	EVP_PKEY *key, *public;
	u8 scheme;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(choices); i++) {
		tap_note("choice %zu", i);
		key = pki_key(choices[i].kind, 0);
		w = wish_of(i);
		CHECK_REASON(sig_make(key, &w, &what, &a), choices[i].reason);
		if (choices[i].reason)
			continue;
		CHECK_EQ(a.method, choices[i].method);
		if (choices[i].len)
			CHECK_EQ(a.n - (a.method == 14 ? 1U + a.data[0] : 0), choices[i].len);
		auth = auth_of(&a);
		public = pki_public(key);
		CHECK_REASON(sig_check(public, &any_scheme, &what, a.method, &auth, &scheme),
			     ISAKMP_OK);
		CHECK_EQ(scheme, choices[i].scheme);
		EVP_PKEY_free(public);
	}
}

/* RFC 7427, appendix A, octet by octet. */
static void test_identifiers(void)
{
	static const struct { u8 kind, scheme; u32 hashes; u8 n; const char *octets; } ids[] = {
		{ PKI_RSA, PKCS1, ONLY(SHA2_256), 15, "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d"
		  "\x01\x01\x0b\x05\x00" },
		{ PKI_RSA, PKCS1, ONLY(SHA2_512), 15, "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d"
		  "\x01\x01\x0d\x05\x00" },
		{ PKI_P256, ECDSA, ONLY(SHA2_256), 12, "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04"
		  "\x03\x02" },
		{ PKI_P384, ECDSA, ONLY(SHA2_384), 12, "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04"
		  "\x03\x03" },
		{ PKI_ED25519, EDDSA, ONLY(IDENTITY), 7, "\x30\x05\x06\x03\x2b\x65\x70" },
		{ PKI_RSA, PSS, ONLY(SHA2_256), 67, "\x30\x41\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01"
		  "\x01\x0a\x30\x34\xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
		  "\x05\x00\xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\x30\x0d"
		  "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\xa2\x03\x02\x01\x20" },
	};
	struct sig_wish w;
	struct sig_auth a;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		tap_note("identifier %zu", i);
		w = (struct sig_wish) { { 1, &ids[i].scheme }, ids[i].hashes, 0 };
		CHECK_REASON(sig_make(pki_key(ids[i].kind, 0), &w, &what, &a), ISAKMP_OK);
		CHECK_EQ(a.data[0], ids[i].n);
		CHECK_MEM(a.data + 1, ids[i].octets, ids[i].n);
	}
}

/* One octet of the AlgorithmIdentifier, or its length, is another. */
static void other_identifiers(const struct sig_auth *good, EVP_PKEY *key)
{
	static const u8 xors[] = { 1, 2, 4, 0x80, 0xff };
	struct sig_auth bad;
	struct octets auth;
	size_t i, k;

	for (i = 0; i <= good->data[0]; i++) {
		for (k = 0; k < ARRAY_SIZE(xors); k++) {
			bad = *good;
			bad.data[i] ^= xors[k];
			auth = auth_of(&bad);
			CHECK(check_as(key, 14, &auth));
		}
	}
}

static void test_weak(void)
{
	static const u8 sha1[][16] = {
		{ 15, 0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 5, 5, 0 },
		{ 11, 0x30, 9, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1 },
		{ 15, 0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 10, 0x30, 0 },
	};
	static const u8 methods[] = { 0, 2, 3, 8, 12, 13, 15, 255 };
	EVP_PKEY *key = pki_key(PKI_RSA, 0);
	struct sig_wish w = { .hashes = HASHES_ALL };
	struct octets auth;
	struct sig_auth a;
	size_t i;

	CHECK_REASON(sig_make(key, &w, &what, &a), ISAKMP_OK);
	auth = auth_of(&a);
	CHECK_REASON(check_as(key, IKE_AM_RSA_SIG, &auth), ISAKMP_R_AUTH_HASH);
	for (i = 0; i < ARRAY_SIZE(methods); i++)
		CHECK_REASON(check_as(key, methods[i], &auth), ISAKMP_R_AUTH_METHOD);
	for (i = 0; i < ARRAY_SIZE(sha1); i++) {
		auth = (struct octets) { sha1[i], sha1[i][0] + 1U };
		CHECK_REASON(check_as(key, 14, &auth), ISAKMP_R_AUTH_HASH);
	}
	for (i = 0; i < PKI_KINDS; i++) {
		CHECK(!sig_make(pki_key(i, 0), &w, &what, &a));
		other_identifiers(&a, pki_key(i, 0));
	}
}

static void test_allowed(void)
{
	static const u8 schemes[] = { PKCS1, PSS, ECDSA, EDDSA };
	static const u8 kinds[] = { PKI_RSA, PKI_RSA, PKI_P256, PKI_ED25519 };
	struct sig_schemes allowed = { 1, NULL };
	struct sig_wish w = { .hashes = HASHES_ALL };
	struct octets auth;
	struct sig_auth a;
	size_t i, k;
	u8 scheme;

	for (i = 0; i < ARRAY_SIZE(schemes); i++) {
		w.allowed = (struct sig_schemes) { 1, &schemes[i] };
		CHECK(!sig_make(pki_key(kinds[i], 0), &w, &what, &a));
		auth = auth_of(&a);
		for (k = 0; k < ARRAY_SIZE(schemes); k++) {
			allowed.scheme = &schemes[k];
			CHECK_REASON(sig_check(pki_key(kinds[i], 0), &allowed, &what, a.method,
					       &auth, &scheme),
				     i == k ? ISAKMP_OK : ISAKMP_R_AUTH_METHOD);
		}
	}
	/* method 9 is ECDSA */
	w = (struct sig_wish) { 0 };
	CHECK(!sig_make(pki_key(PKI_P256, 0), &w, &what, &a));
	auth = auth_of(&a);
	allowed.scheme = &schemes[0];
	CHECK_REASON(sig_check(pki_key(PKI_P256, 0), &allowed, &what, a.method, &auth, &scheme),
		     ISAKMP_R_AUTH_METHOD);
}

/* ---- the negative matrix --------------------------------------------------------- */

/* Rows: every key and way to sign. */
static const struct way {
	u8 kind;
	u8 scheme;
	u32 hashes;
	u32 other;	/* another hash, 0: there is none */
} ways[] = {
	{ PKI_RSA, PKCS1, ONLY(SHA2_256), ONLY(SHA2_512) },
	{ PKI_RSA, PKCS1, ONLY(SHA2_384), ONLY(SHA2_256) },
	{ PKI_RSA, PKCS1, ONLY(SHA2_512), ONLY(SHA2_384) },
	{ PKI_RSA, PSS, ONLY(SHA2_256), ONLY(SHA2_512) },
	{ PKI_RSA, PSS, ONLY(SHA2_384), ONLY(SHA2_256) },
	{ PKI_RSA, PSS, ONLY(SHA2_512), ONLY(SHA2_384) },
	{ PKI_P256, ECDSA, ONLY(SHA2_256), ONLY(SHA2_512) },
	{ PKI_P384, ECDSA, ONLY(SHA2_384), ONLY(SHA2_256) },
	{ PKI_P521, ECDSA, ONLY(SHA2_512), ONLY(SHA2_384) },
	{ PKI_ED25519, EDDSA, ONLY(IDENTITY), 0 },
	{ PKI_P256, ECDSA, 0, 0 },
	{ PKI_P384, ECDSA, 0, 0 },
	{ PKI_P521, ECDSA, 0, 0 },
};

static struct sig_auth make(const struct way *way, unsigned int which, u32 hashes,
			    const struct octets *octets)
{
	struct sig_wish w = { { 1, &way->scheme }, hashes, 0 };
	struct sig_auth a = { 0 };

	CHECK(!sig_make(pki_key(way->kind, which), &w, octets, &a));
	return a;
}

static size_t head_of(const struct sig_auth *a)
{
	return a->method == 14 ? 1U + a->data[0] : 0;
}

static void never(const struct way *way, const struct sig_auth *a)
{
	struct octets auth = auth_of(a);

	CHECK(check_as(pki_key(way->kind, 0), a->method, &auth));
}

/* The AlgorithmIdentifier stays, and what follows it is @octet, as long or of @n. */
static void fill_sig(const struct way *way, const struct sig_auth *good, u8 octet, size_t n)
{
	struct sig_auth bad = *good;

	bad.n = (u16)(head_of(good) + n);
	memset(bad.data + head_of(good), octet, n);
	never(way, &bad);
}

static void made_up(const struct way *way, const struct sig_auth *good)
{
	size_t n = good->n - head_of(good), i;
	struct sig_auth bad = *good;

	for (i = 0; i <= n; i += 1 + i / 8) {
		fill_sig(way, good, 0, i);
		fill_sig(way, good, 0xff, i);
	}
	fill_sig(way, good, 0, n);
	fill_sig(way, good, 1, n);
	for (i = 0; i < n; i++)
		bad.data[head_of(good) + i] = (u8)(i * 151 + 7);
	never(way, &bad);
}

/* DER of an ECDSA signature with r and s from { 0, 1 } (CVE-2013-2944), and raw. */
static void tiny_numbers(const struct way *way, const struct sig_auth *good)
{
	struct sig_auth bad = *good;
	u8 *p = bad.data + head_of(good);
	u8 r, s;

	for (r = 0; r < 2; r++) {
		for (s = 0; s < 2; s++) {
			if (good->method == 14) {
				memcpy(p, ((u8[]) { 0x30, 6, 2, 1, r, 2, 1, s }), 8);
				bad.n = (u16)(head_of(good) + 8);
			} else {
				memset(p, 0, good->n);
				p[good->n / 2 - 1] = r;
				p[good->n - 1] = s;
			}
			never(way, &bad);
		}
	}
}

static void nearly(const struct way *way, const struct sig_auth *good)
{
	size_t n = good->n - head_of(good), i;
	struct sig_auth bad;

	for (i = 0; i < n; i++) {
		bad = *good;
		bad.data[head_of(good) + i] ^= (u8)(1U << i % 8);
		never(way, &bad);
	}
	for (i = 0; i < n; i += 1 + i / 8) {
		bad = *good;
		bad.n = (u16)(head_of(good) + i);
		never(way, &bad);
	}
	bad = *good;
	bad.n = 0;
	never(way, &bad);
	for (i = 1; i <= 64; i *= 2) {
		bad = *good;
		memset(bad.data + bad.n, i == 1 ? 0 : 0x5a, i);
		bad.n = (u16)(bad.n + i);
		never(way, &bad);
	}
	/* a zero in front */
	bad = *good;
	bad.data[head_of(good)] = 0;
	memcpy(bad.data + head_of(good) + 1, good->data + head_of(good), n);
	bad.n++;
	never(way, &bad);
}

static void other_signer(const struct way *way, const struct sig_auth *good)
{
	struct octets more = { what.p, what.n - 1 }, less = { what.p + 1, what.n - 1 };
	struct octets nothing = { what.p, 0 };
	struct sig_auth bad = make(way, 1, way->hashes, &what), other;

	never(way, &bad);
	bad = make(way, 0, way->hashes, &more);
	never(way, &bad);
	bad = make(way, 0, way->hashes, &less);
	never(way, &bad);
	bad = make(way, 0, way->hashes, &nothing);
	never(way, &bad);
	if (!way->other)
		return;
	/* the signature of one hash under the name of another */
	other = make(way, 0, way->other, &what);
	bad = *good;
	bad.n = (u16)(head_of(good) + other.n - head_of(&other));
	memcpy(bad.data + head_of(good), other.data + head_of(&other), other.n - head_of(&other));
	never(way, &bad);
}

/* It is good by one method and key alone. */
static void other_methods(const struct way *way, const struct sig_auth *good)
{
	struct octets auth = auth_of(good);
	unsigned int method, kind;

	for (method = 0; method < 256; method++)
		CHECK(!check_as(pki_key(way->kind, 0), (u8)method, &auth) ==
		      (method == good->method));
	for (kind = 0; kind < PKI_KINDS; kind++)
		CHECK(!check_as(pki_key(kind, 0), good->method, &auth) == (kind == way->kind));
}

static void test_matrix(void)
{
	struct sig_auth good;
	struct octets auth;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		tap_note("way %zu", i);
		good = make(&ways[i], 0, ways[i].hashes, &what);
		auth = auth_of(&good);
		CHECK_REASON(check_as(pki_key(ways[i].kind, 0), good.method, &auth), ISAKMP_OK);
		made_up(&ways[i], &good);
		if (ways[i].scheme == ECDSA)
			tiny_numbers(&ways[i], &good);
		nearly(&ways[i], &good);
		other_signer(&ways[i], &good);
		other_methods(&ways[i], &good);
	}
}

/* ---- PKCS #1, strictly ------------------------------------------------------------- */

static const u8 digest_info[] = {	/* SHA-256: RFC 8017, 9.2 */
	0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
	0x05, 0x00, 0x04, 0x20,
};

/* What the private key makes of a block; the AlgorithmIdentifier of RSA with SHA-256 first. */
static struct sig_auth raw_rsa(EVP_PKEY *key, const u8 *block, size_t n)
{
	static const u8 id[] = { 15, 0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 11, 5, 0 };
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	struct sig_auth a = { .method = 14, .n = sizeof(id) };
	size_t len = sizeof(a.data) - sizeof(id);

	memcpy(a.data, id, sizeof(id));
	CHECK(EVP_PKEY_sign_init(ctx) > 0 &&
	      EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0 &&
	      EVP_PKEY_sign(ctx, a.data + sizeof(id), &len, block, n) > 0);
	EVP_PKEY_CTX_free(ctx);
	a.n = (u16)(a.n + len);
	return a;
}

#define BLOCK 256

/* 00 01 FF..FF 00 @t, and @after octets of rubbish behind */
static void block_of(u8 block[BLOCK], const u8 *t, size_t n, size_t after)
{
	size_t pad = BLOCK - 3 - n - after;

	memset(block, 0xff, BLOCK);
	block[0] = 0;
	block[1] = 1;
	block[2 + pad] = 0;
	memcpy(block + 3 + pad, t, n);
	memset(block + BLOCK - after, 0x42, after);
}

static enum isakmp_reason try_block(EVP_PKEY *key, const u8 *block)
{
	struct sig_auth a = raw_rsa(key, block, BLOCK);
	struct octets auth = auth_of(&a);

	return check_as(key, 14, &auth);
}

static void test_pkcs1(void)
{
	EVP_PKEY *keys[] = { pki_rsa(2048, 3), pki_key(PKI_RSA, 0) };
	u8 t[sizeof(digest_info) + 34], block[BLOCK];
	size_t n = sizeof(digest_info), i, k;

	memcpy(t, digest_info, n);
	CHECK(EVP_Q_digest(NULL, "SHA256", NULL, what.p, what.n, t + n, NULL));
	n += 32;
	for (k = 0; k < ARRAY_SIZE(keys); k++) {
		tap_note("key %zu", k);
		block_of(block, t, n, 0);
		CHECK_REASON(try_block(keys[k], block), ISAKMP_OK);
		/* Bleichenbacher 2006: rubbish behind the hash */
		for (i = 1; i < BLOCK - n - 10; i += 1 + i / 4) {
			block_of(block, t, n, i);
			CHECK_REASON(try_block(keys[k], block), ISAKMP_R_AUTH_FAILED);
		}
		/* a shorter hash, the hash alone, nothing */
		for (i = 0; i < n; i++) {
			block_of(block, t, i, 0);
			CHECK_REASON(try_block(keys[k], block), ISAKMP_R_AUTH_FAILED);
		}
		block_of(block, t + sizeof(digest_info), 32, 0);
		CHECK_REASON(try_block(keys[k], block), ISAKMP_R_AUTH_FAILED);
		/* every octet of the block counts, of padding and DigestInfo */
		for (i = 0; i < BLOCK; i += k ? 9 : 1) {
			block_of(block, t, n, 0);
			block[i] ^= i ? 0x10 : 0;	/* the first has to be small */
			CHECK(!try_block(keys[k], block) == !i);
		}
		/* type 2, type 0 */
		block_of(block, t, n, 0);
		block[1] = 2;
		CHECK_REASON(try_block(keys[k], block), ISAKMP_R_AUTH_FAILED);
		block[1] = 0;
		CHECK_REASON(try_block(keys[k], block), ISAKMP_R_AUTH_FAILED);
	}
	EVP_PKEY_free(keys[0]);
}

/* ---- keys that nothing is computed with ----------------------------------------------- */

/* An RSA public key of any numbers: @n of so many bits. */
static EVP_PKEY *odd_rsa(int bits, bool even, const char *exponent)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	BIGNUM *n = BN_new(), *e = NULL;
	OSSL_PARAM *params;
	EVP_PKEY *key = NULL;

	BN_hex2bn(&e, exponent);
	if (bits)
		BN_rand(n, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
	if (even)
		BN_clear_bit(n, 0);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e);
	params = OSSL_PARAM_BLD_to_param(bld);
	if (EVP_PKEY_fromdata_init(ctx) > 0)
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	BN_free(n);
	BN_free(e);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static void unsound(EVP_PKEY *key)
{
	/* what libcrypto does not even make is no danger */
	CHECK(!key || sig_key_flaw(key));
	EVP_PKEY_free(key);
	ERR_clear_error();
}

static void test_keys(void)
{
	static const char *const kinds[] = { "X25519", "ED448", "X448", "RSA-PSS" };
	static const char *const curves[] = { "secp256k1", "P-224", "brainpoolP256r1", "P-192" };
	EVP_PKEY *key;
	size_t i;

	for (i = 0; i < PKI_KINDS; i++)
		CHECK(!sig_key_flaw(pki_key(i, 0)));
	key = odd_rsa(2048, false, "10001");
	CHECK(key && !sig_key_flaw(key));
	EVP_PKEY_free(key);
	key = odd_rsa(8192, false, "3");
	CHECK(key && !sig_key_flaw(key));
	EVP_PKEY_free(key);
	tap_note("RSA");
	unsound(odd_rsa(0, false, "10001"));
	unsound(odd_rsa(1, false, "10001"));
	unsound(odd_rsa(512, false, "10001"));
	unsound(odd_rsa(2047, false, "10001"));
	unsound(odd_rsa(8193, false, "10001"));
	unsound(odd_rsa(16384, false, "10001"));
	unsound(odd_rsa(2048, true, "10001"));
	unsound(odd_rsa(2048, false, "0"));
	unsound(odd_rsa(2048, false, "1"));
	unsound(odd_rsa(2048, false, "2"));
	unsound(odd_rsa(2048, false, "10000"));
	unsound(odd_rsa(2048, false, "10000000000000001"));
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		tap_note("%s", kinds[i]);
		unsound(i == 3 ? EVP_PKEY_Q_keygen(NULL, NULL, kinds[i], (size_t)2048) :
				 EVP_PKEY_Q_keygen(NULL, NULL, kinds[i]));
	}
	for (i = 0; i < ARRAY_SIZE(curves); i++) {
		tap_note("%s", curves[i]);
		unsound(EVP_PKEY_Q_keygen(NULL, NULL, "EC", curves[i]));
	}
}

/* P-256, with its numbers written out instead of its name. */
static void test_explicit_curve(void)
{
	EVP_PKEY *key = EVP_PKEY_dup(pki_key(PKI_P256, 0)), *back;
	u8 *der = NULL;
	const u8 *p;
	int n;

	CHECK(EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, "explicit"));
	n = i2d_PUBKEY(key, &der);
	CHECK(n > 200);
	p = der;
	back = d2i_PUBKEY(NULL, &p, n);
	if (CHECK(back))
		CHECK(sig_key_flaw(back));
	EVP_PKEY_free(back);
	EVP_PKEY_free(key);
	OPENSSL_free(der);
}

int main(void)
{
	TAP_RUN(test_choice, "sig: whose scheme, which hash, the responder in the peer's scheme");
	TAP_RUN(test_identifiers, "sig: AlgorithmIdentifiers (RFC 7427, appendix A)");
	TAP_RUN(test_weak, "sig: SHA-1, method 1, other methods and identifiers");
	TAP_RUN(test_allowed, "sig: what the configuration does not allow");
	TAP_RUN(test_matrix, "sig: every way to sign by every wrong signature (threat 84)");
	TAP_RUN(test_pkcs1, "sig: PKCS #1 blocks are compared whole (threat 82)");
	TAP_RUN(test_keys, "sig: keys are looked at before they are used (threat 83)");
	TAP_RUN(test_explicit_curve, "sig: no curves without a name (threat 83)");
	return tap_done();
}
