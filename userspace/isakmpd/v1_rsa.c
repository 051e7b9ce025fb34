// SPDX-License-Identifier: GPL-2.0
/*
 * RSA encryption of version 1: PKCS #1, block type 2: 00 02 | 8 or more octets, none of them
 * 0 | 00 | what it is.
 *
 * Nobody may learn whether what he sent was such a block (Bleichenbacher 1998; in IKE: Felsch
 * et al. 2018).  So there is no failure: something that was not encrypted for us decrypts to
 * octets that only we could tell, of a length that only we could tell, the same ones whenever
 * it comes again; the exchange goes on with them, and fails where a wrong HASH fails.  Which
 * of the two it was decides no branch and no address in memory.  libcrypto does that itself
 * since 3.2; here it is done for all, with its RSA alone.
 */
#include <isakmp/ikev2.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "psk.h"
#include "v1_rsa.h"

#define BLOCK_MAX	(SIG_RSA_MAX / 8)
#define FILL_MIN	8
#define HASH_LEN	32

static EVP_PKEY_CTX *begin(EVP_PKEY *key, int (*init)(EVP_PKEY_CTX *), int padding)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_is_a(key, "RSA") ?
			    EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;

	if (ctx && init(ctx) > 0 && EVP_PKEY_CTX_set_rsa_padding(ctx, padding) > 0)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

/**
 * v1_rsa_encrypt() - encrypt
 * @key: the peer's public key; sig_key_flaw() found none
 * @plain: what
 * @out: out
 *
 * Context: any thread.
 * Return: octets in @out; 0: it is too long for the key, or the key is no RSA key.
 */
size_t v1_rsa_encrypt(EVP_PKEY *key, const struct octets *plain, u8 out[IKE_AUTH_MAX])
{
	EVP_PKEY_CTX *ctx = begin(key, EVP_PKEY_encrypt_init, RSA_PKCS1_PADDING);
	size_t n = IKE_AUTH_MAX;
	bool good = ctx && (size_t)EVP_PKEY_get_size(key) <= n &&
		    EVP_PKEY_encrypt(ctx, out, &n, plain->p, plain->n) > 0;

	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return good ? n : 0;
}

/* ---- octets that only we can tell ----------------------------------------------------- */

/* From the private key and what came: the key of what follows. */
static bool own_key(EVP_PKEY *key, const struct octets *in, u8 out[PSK_PRF_MAX])
{
	u8 d[BLOCK_MAX], hash[HASH_LEN];
	struct octets k = { hash, sizeof(hash) };
	BIGNUM *e = NULL;
	int n = -1;
	bool good;

	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_D, &e) &&
	    BN_num_bytes(e) <= (int)sizeof(d))
		n = BN_bn2binpad(e, d, sizeof(d));
	BN_clear_free(e);
	good = n > 0 && EVP_Q_digest(NULL, "SHA256", NULL, d, (size_t)n, hash, NULL) == 1 &&
	       psk_prf(IKE_PRF_HMAC_SHA2_256, &k, in, 1, out);
	OPENSSL_cleanse(d, sizeof(d));
	OPENSSL_cleanse(hash, sizeof(hash));
	return good;
}

/**
 * v1_rsa_nothing() - what something decrypts to that is not encrypted for us
 * @key: our private key
 * @in: it
 * @min: the fewest octets that it would have
 * @max: the most, at most V1_RSA_PLAIN_MAX
 * @out: out: always the same for the same key and octets
 *
 * Context: any thread.
 * Return: octets in @out, of which all V1_RSA_PLAIN_MAX are set; 0: no memory.
 */
size_t v1_rsa_nothing(EVP_PKEY *key, const struct octets *in, size_t min, size_t max,
		      u8 out[V1_RSA_PLAIN_MAX])
{
	u8 own[PSK_PRF_MAX], block[PSK_PRF_MAX], i = 0;
	struct octets k = { own, HASH_LEN }, v = { &i, 1 };
	bool good = own_key(key, in, own);
	size_t n;

	for (; good && i * HASH_LEN < V1_RSA_PLAIN_MAX; i++) {
		good = psk_prf(IKE_PRF_HMAC_SHA2_256, &k, &v, 1, block);
		memcpy(out + i * HASH_LEN, block, HASH_LEN);
	}
	if (good)	/* the length comes after the octets */
		good = psk_prf(IKE_PRF_HMAC_SHA2_256, &k, &v, 1, block);
	n = good ? min + (((size_t)block[0] << 8 | block[1]) % (max - min + 1)) : 0;
	OPENSSL_cleanse(own, sizeof(own));
	OPENSSL_cleanse(block, sizeof(block));
	return n;
}

/* ---- without a branch ------------------------------------------------------------------ */

/* A value that the compiler knows nothing about. */
static size_t hide(size_t v)
{
	__asm__("" : "+r" (v));
	return v;
}

/* All ones or none: of the highest bit. */
static size_t mask_of(size_t v)
{
	return (size_t)0 - hide(v >> (8 * sizeof(v) - 1));
}

static size_t is_zero(size_t v)
{
	return mask_of(~v & (v - 1));
}

static size_t is_less(size_t a, size_t b)
{
	return mask_of(a ^ ((a ^ b) | ((a - b) ^ b)));
}

static size_t pick(size_t mask, size_t yes, size_t no)
{
	return (mask & yes) | (~mask & no);
}

/* Where the octet 0 behind the fill is; @k: there is none. */
static size_t find_zero(const u8 *em, size_t k)
{
	size_t at = k, found = 0, i, zero;

	for (i = 2; i < k; i++) {
		zero = is_zero(em[i]);
		at = pick(zero & ~found, i, at);
		found |= zero;
	}
	return at;
}

/* @out = the octets of @em from @from on, if @mask; every octet of both is touched. */
static void copy_out(const u8 *em, size_t k, size_t from, size_t mask, u8 out[V1_RSA_PLAIN_MAX])
{
	size_t i, j, v;

	for (j = 0; j < V1_RSA_PLAIN_MAX; j++) {
		v = 0;
		for (i = 0; i < k; i++)
			v |= is_zero(i ^ (from + j)) & em[i];
		out[j] = (u8)pick(mask, v, out[j]);
	}
}

/* The octets of a block over those in @out, of which there are @n. */
static size_t unpad(const u8 *em, size_t k, size_t min, size_t max, size_t n,
		    u8 out[V1_RSA_PLAIN_MAX])
{
	size_t zero = find_zero(em, k), len = k - zero - 1, good;

	good = is_zero(em[0]) & is_zero(em[1] ^ 2U) & ~is_less(zero, 2 + FILL_MIN) &
	       is_less(zero, k) & ~is_less(len, min) & ~is_less(max, len);
	copy_out(em, k, zero + 1, good, out);
	return pick(good, len, n);
}

/**
 * v1_rsa_decrypt() - decrypt
 * @key: our private key; sig_key_flaw() found none
 * @in: what came
 * @min: the fewest octets that it may have been
 * @max: the most, at most V1_RSA_PLAIN_MAX
 * @out: out: what it was, or as v1_rsa_nothing()
 *
 * Context: any thread.  Takes as long, and does the same, whichever of the two it is.
 * Return: octets in @out; 0: no RSA key, or no memory.
 */
size_t v1_rsa_decrypt(EVP_PKEY *key, const struct octets *in, size_t min, size_t max,
		      u8 out[V1_RSA_PLAIN_MAX])
{
	EVP_PKEY_CTX *ctx = begin(key, EVP_PKEY_decrypt_init, RSA_NO_PADDING);
	size_t k = ctx ? (size_t)EVP_PKEY_get_size(key) : 0, n = BLOCK_MAX, len = 0;
	u8 em[BLOCK_MAX] = { 0 };

	if (k && k <= sizeof(em))
		len = v1_rsa_nothing(key, in, min, max, out);
	/* what is longer than the key, or more than its modulus, everybody can see */
	if (len && in->n == k && EVP_PKEY_decrypt(ctx, em, &n, in->p, in->n) > 0 && n == k)
		len = unpad(em, k, min, max, len, out);
	OPENSSL_cleanse(em, sizeof(em));
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return len;
}
