// SPDX-License-Identifier: GPL-2.0
/*
 * Signatures of version 1 (RFC 2409, 5.1): that nothing but the right one is one.  The keys
 * are made here, but for those of RFC 4754.
 */
#include <isakmp/ikev1.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "helper.h"
#include "helper_pki.h"
#include "isakmpd/v1_sig.h"

static u8 hash_octets[64];

static struct octets hash_of(size_t n)
{
	return (struct octets) { hash_octets, n };
}

static EVP_PKEY *key_of(unsigned int i)
{
	return i < PKI_ED25519 ? pki_key(i, 0) : pki_dsa(0);
}

/* ---- ours is taken, and nothing like it ------------------------------------------- */

static const struct {
	u8 method;
	u16 len;		/* of a signature */
	u16 prf;
} kinds[] = {
	[PKI_RSA]     = { V1_M_RSA_SIG, 256, IKE_PRF_HMAC_MD5 },
	[PKI_P256]    = { V1_M_ECDSA_256, 64, IKE_PRF_HMAC_SHA2_256 },
	[PKI_P384]    = { V1_M_ECDSA_384, 96, IKE_PRF_HMAC_SHA2_384 },
	[PKI_P521]    = { V1_M_ECDSA_521, 132, IKE_PRF_HMAC_SHA2_512 },
	[PKI_ED25519] = { V1_M_DSS_SIG, 56, IKE_PRF_HMAC_SHA1 },
};

static void one_kind(unsigned int i)
{
	EVP_PKEY *key = key_of(i), *other = i < PKI_ED25519 ? pki_key(i, 1) : pki_dsa(1);
	struct octets hash = hash_of(psk_prf_len(kinds[i].prf)), sig, cut;
	u8 made[IKE_AUTH_MAX + 1] = { 0 };
	size_t k;

	CHECK_EQ(v1_sig_method(key), kinds[i].method);
	/* all but RSA have a hash of their own */
	CHECK_EQ(v1_sig_prf(kinds[i].method, IKE_PRF_HMAC_MD5), kinds[i].prf);
	sig = (struct octets) { made, v1_sig_make(key, &hash, made) };
	CHECK_EQ(sig.n, kinds[i].len);
	CHECK(v1_sig_check(key, &hash, &sig));
	CHECK(!v1_sig_check(other, &hash, &sig));
	for (k = 0; k < sig.n; k++) {
		made[k] ^= 1;
		CHECK(!v1_sig_check(key, &hash, &sig));
		made[k] ^= 1;
	}
	hash_octets[3] ^= 0x10;
	CHECK(!v1_sig_check(key, &hash, &sig));
	hash_octets[3] ^= 0x10;
	for (cut = sig, cut.n = 0; cut.n <= sig.n + 1; cut.n++)
		CHECK(v1_sig_check(key, &hash, &cut) == (cut.n == sig.n));
	CHECK(v1_sig_check(key, &hash, &sig));
	CHECK(!ERR_peek_error());
}

/* RFC 8017, 8.2.2: as long as the key; a number that is shorter has zeros in front. */
static void test_short(void)
{
	EVP_PKEY *key = pki_key(PKI_RSA, 0);
	struct octets hash = hash_of(20), sig;
	u8 made[IKE_AUTH_MAX], was = hash_octets[0], next = hash_octets[1];
	unsigned int i;

	for (i = 0; i < 4096; i++) {
		hash_octets[0] = (u8)i;
		hash_octets[1] = (u8)(i >> 8);
		sig = (struct octets) { made, v1_sig_make(key, &hash, made) };
		if (!made[0])
			break;
	}
	CHECK(i < 4096 && v1_sig_check(key, &hash, &sig));
	sig.p++;
	sig.n--;
	CHECK(!v1_sig_check(key, &hash, &sig));
	hash_octets[0] = was;
	hash_octets[1] = next;
}

static void test_kinds(void)
{
	unsigned int i;

	for (i = 0; i <= PKI_ED25519; i++) {
		tap_note("kind %u", i);
		one_kind(i);
	}
	tap_note(" ");
	CHECK_EQ(v1_sig_method(pki_key(PKI_ED25519, 0)), 0);
	CHECK(!sig_key_flaw(pki_dsa(0)));
}

/* ---- RSA: the block as a whole (threat 82) --------------------------------------- */

#define K 256

/* What signing the block @b with the private key gives. */
static struct octets sign_block(const u8 b[K])
{
	static u8 sig[K];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pki_key(PKI_RSA, 0), NULL);
	size_t n = sizeof(sig);

	CHECK(EVP_PKEY_sign_init(ctx) > 0 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0);
	CHECK(EVP_PKEY_sign(ctx, sig, &n, b, K) > 0 && n == K);
	EVP_PKEY_CTX_free(ctx);
	return (struct octets) { sig, n };
}

static bool takes(const u8 b[K], size_t hash_len)
{
	struct octets sig = sign_block(b), hash = hash_of(hash_len);

	return v1_sig_check(pki_key(PKI_RSA, 0), &hash, &sig);
}

static void right_block(u8 b[K], size_t hash_len)
{
	memset(b, 0xff, K);
	b[0] = 0, b[1] = 1;
	b[K - hash_len - 1] = 0;
	memcpy(b + K - hash_len, hash_octets, hash_len);
}

static void test_block(void)
{
	/* DigestInfo of SHA-1, up to the hash (RFC 8017, 9.2) */
	static const u8 info[] = { 0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02,
				   0x1a, 0x05, 0x00, 0x04, 0x14 };
	const size_t n = 20;
	size_t at;
	u8 b[K];

	right_block(b, n);
	CHECK(takes(b, n));
	/* a hash more, a hash less */
	CHECK(!takes(b, n - 1));
	CHECK(!takes(b, n + 1));
	/* each octet is looked at */
	for (at = 0; at < K; at++) {
		right_block(b, n);
		b[at] ^= at ? 0x81 : 0x01;
		if (at)		/* else it is more than the modulus, perhaps */
			CHECK(!takes(b, n));
	}
	/* encrypted for us, not signed by it */
	right_block(b, n);
	b[1] = 2;
	CHECK(!takes(b, n));
	/* a signature of version 2, or of TLS: with the hash's name */
	right_block(b, n);
	memcpy(b + K - n - sizeof(info), info, sizeof(info));
	b[K - n - sizeof(info) - 1] = 0;
	CHECK(!takes(b, n));
	/* the least fill, the hash, and then what one likes: forged with e = 3 */
	for (at = 0; at <= K - 11 - n; at++) {
		memset(b, 0x5a, K);
		b[0] = 0, b[1] = 1;
		memset(b + 2, 0xff, 8 + at);
		b[10 + at] = 0;
		memcpy(b + 11 + at, hash_octets, n);
		CHECK(takes(b, n) == (at == K - 11 - n));
	}
	/* no fill, the hash at the end */
	memset(b, 0, K);
	memcpy(b + K - n, hash_octets, n);
	CHECK(!takes(b, n));
	/* no hash at all */
	right_block(b, 0);
	CHECK(!takes(b, 0));
}

/* libcrypto's PKCS #1, which says the hash, is not that of RFC 2409. */
static void test_digest_info(void)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	struct octets hash = hash_of(20), sig;
	u8 made[IKE_AUTH_MAX];
	size_t n = sizeof(made);

	CHECK(EVP_DigestSignInit_ex(md, NULL, "SHA1", NULL, NULL, pki_key(PKI_RSA, 0), NULL) == 1);
	CHECK(EVP_DigestSign(md, made, &n, hash.p, hash.n) == 1);
	EVP_MD_CTX_free(md);
	sig = (struct octets) { made, n };
	CHECK(!v1_sig_check(pki_key(PKI_RSA, 0), &hash, &sig));
}

/* ---- ECDSA: r and s ------------------------------------------------------------------ */

/* RFC 4754, 8: public key, hash, r | s */
static const struct {
	u8 method;
	const char *curve;
	const char *point, *hash, *sig;
} vectors[] = {
	{ V1_M_ECDSA_256, "P-256",
	  "042442a5cc0ecd015fa3ca31dc8e2bbc70bf42d60cbca20085e0822cb04235e9706fc98bd7e50211"
	  "a4a27102fa3549df79ebcb4bf246b80945cddfe7d509bbfd7d",
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	  "cb28e0999b9c7715fd0a80d8e47a77079716cbbf917dd72e97566ea1c066957c86fa3bb4e26cad5b"
	  "f90b7f81899256ce7594bb1ea0c89212748bff3b3d5b0315" },
	{ V1_M_ECDSA_384, "P-384",
	  "0496281bf8dd5e0525ca049c048d345d3082968d10fedf5c5aca0c64e6465a97ea5ce10c9dfec217"
	  "97415710721f437922447688ba94708eb6e2e4d59f6ab6d7edff9301d249fe49c33096655f5d502f"
	  "ad3d383b91c5e7edaa2b714cc99d5743ca",
	  "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc23"
	  "58baeca134c825a7",
	  "fb017b914e29149432d8bac29a514640b46f53ddab2c69948084e2930f1c8f7e08e07c9c63f2d21a"
	  "07dcb56a6af56eb3b263a1305e057f984d38726a1b46874109f417bca112674c528262a40a629af1"
	  "cbb9f516ce0fa7d2ff630863a00e8b9f" },
	{ V1_M_ECDSA_521, "P-521",
	  "040151518f1af0f563517edd5485190df95a4bf57b5cba4cf2a9a3f6474725a35f7afe0a6ddeb8be"
	  "dbcd6a197e592d40188901cecd650699c9b5e456aea5add19052a8006f3b142ea1bfff7e2837ad44"
	  "c9e4ff6d2d34c73184bbad90026dd5e6e85317d9df45cad7803c6c20035b2f3ff63aff4e1ba64d1c"
	  "077577da3f4286c58f0aeae643",
	  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a8"
	  "36ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	  "0154fd3836af92d0dca57dd5341d3053988534fde8318fc6aaaab68e2e6f4339b19f2f281a7e0b22"
	  "c269d93cf8794a9278880ed7dbb8d9362caeacee544320552251017705a7030290d1ceb605a9a1bb"
	  "03ff9cdd521e87a696ec926c8c10c8362df4975367101f67d1cf9bccbf2f3d239534fa509e70aac8"
	  "51ae01aac68d62f866472660" },
};

static size_t unhex(const char *hex, u8 *out)
{
	size_t n;

	for (n = 0; sscanf(hex + 2 * n, "%2hhx", &out[n]) == 1; n++)
		;
	return n;
}

static EVP_PKEY *public_key(const char *curve, const char *point)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	u8 p[160];
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)curve, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, p, unhex(point, p)),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY *key = NULL;

	CHECK(EVP_PKEY_fromdata_init(ctx) > 0 &&
	      EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) > 0);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* ---- DSS: keys for which everybody can sign ------------------------------------------------ */

/* With p and q of a sound key; @g and @y as in the rows below. */
static EVP_PKEY *dsa_key(int g, int y)
{
	static const char *const names[] = { OSSL_PKEY_PARAM_FFC_P, OSSL_PKEY_PARAM_FFC_Q,
					     OSSL_PKEY_PARAM_FFC_G, OSSL_PKEY_PARAM_PUB_KEY };
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	BIGNUM *n[4] = { NULL };
	EVP_PKEY *key = NULL;
	OSSL_PARAM *params;
	unsigned int i;
	int v;

	for (i = 0; i < 4; i++) {
		v = i < 2 ? 9 : i == 2 ? g : y;
		CHECK(EVP_PKEY_get_bn_param(pki_dsa(0), names[i], &n[i]));
		if (v == 0 || v == 1)
			BN_set_word(n[i], (BN_ULONG)v);
		else if (v < 0)
			CHECK(BN_copy(n[i], n[0]) && BN_sub_word(n[i], (BN_ULONG)(v + 2)));
		CHECK(OSSL_PARAM_BLD_push_BN(b, names[i], n[i]));
	}
	params = OSSL_PARAM_BLD_to_param(b);
	CHECK(EVP_PKEY_fromdata_init(ctx) > 0 &&
	      EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) > 0);
	for (i = 0; i < 4; i++)
		BN_free(n[i]);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(b);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static void test_dsa_keys(void)
{
	/* 9: as it is; -2: p; -1: p - 1 */
	static const struct {
		int g, y;
	} rows[] = {
		{ 9, 9 }, { 1, 9 }, { 9, 1 }, { 1, 1 }, { 0, 9 }, { 9, 0 }, { -1, 9 }, { 9, -1 },
		{ -2, 9 }, { 9, -2 },
	};
	struct octets hash = hash_of(20), sig;
	u8 one[56] = { 0 };
	EVP_PKEY *key;
	size_t i;

	one[27] = one[55] = 1;
	sig = (struct octets) { one, sizeof(one) };
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		tap_note("g %d, y %d", rows[i].g, rows[i].y);
		key = dsa_key(rows[i].g, rows[i].y);
		if (!CHECK(key))
			continue;
		CHECK_EQ(!sig_key_flaw(key), !i);
		/* why: r = 1, s = 1 is a signature of whatever there is */
		if (rows[i].g == 1 && rows[i].y == 1)
			CHECK(v1_sig_check(key, &hash, &sig));
		EVP_PKEY_free(key);
	}
	tap_note(" ");
	CHECK(!ERR_peek_error());
}

static void test_rfc4754(void)
{
	struct octets hash, sig;
	u8 h[64], rs[132];
	EVP_PKEY *key;
	size_t i, at;

	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		tap_note("%s", vectors[i].curve);
		key = public_key(vectors[i].curve, vectors[i].point);
		hash = (struct octets) { h, unhex(vectors[i].hash, h) };
		sig = (struct octets) { rs, unhex(vectors[i].sig, rs) };
		CHECK_EQ(v1_sig_method(key), vectors[i].method);
		CHECK(v1_sig_check(key, &hash, &sig));
		for (at = 0; at < hash.n; at++) {
			h[at] ^= 0x40;
			CHECK(!v1_sig_check(key, &hash, &sig));
			h[at] ^= 0x40;
		}
		/* zero is no number of a signature */
		memset(rs, 0, sig.n / 2);
		CHECK(!v1_sig_check(key, &hash, &sig));
		EVP_PKEY_free(key);
	}
	tap_note(" ");
}

int main(void)
{
	fill(hash_octets, sizeof(hash_octets), 0x21, 3);
	TAP_RUN(test_kinds, "v1 signatures: each kind of key: the right one alone");
	TAP_RUN(test_short, "v1 signatures: RSA: shorter than the key is none");
	TAP_RUN(test_block, "v1 signatures: RSA: the block is compared as a whole (threat 82)");
	TAP_RUN(test_digest_info, "v1 signatures: RSA: the hash is not named (threat 82)");
	TAP_RUN(test_dsa_keys, "v1 signatures: DSS: a key for which everybody can sign is none (threat 83)");
	TAP_RUN(test_rfc4754, "v1 signatures: the vectors of RFC 4754");
	return tap_done();
}
