// SPDX-License-Identifier: GPL-2.0
/*
 * Signatures of version 1 (RFC 2409, 5.1): over HASH_I or HASH_R, which is not hashed again.
 *
 *	RSA	a private key encryption of PKCS #1: 00 01 ff .. ff 00 HASH, without the
 *		DigestInfo that says which hash it is
 *	DSS	r | s, each as long as the order of the group; HASH is made with HMAC-SHA1
 *	ECDSA	r | s, each as long as the curve; HASH is made with HMAC of the curve's hash
 *		(RFC 4754 ties the three methods to one hash each; then RFC 2409, 5.1 takes
 *		"the HMAC version of the hash algorithm associated with the signature method")
 *
 * An RSA signature is not taken apart: the block that it must be is written down and compared
 * as a whole, so that there is no place for octets that nobody looks at.
 */
#include <isakmp/ikev1.h>
#include <isakmp/ikev2.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "v1_sig.h"

#define RSA_BLOCK_MAX	(SIG_RSA_MAX / 8)
#define RSA_FILL_MIN	8	/* PKCS #1: octets of ff */
#define DER_MAX		256

/**
 * v1_sig_method() - which method a key signs by
 * @key: public or private
 *
 * Return: enum v1_method, without XAUTH; 0: none.
 */
u8 v1_sig_method(const EVP_PKEY *key)
{
	if (EVP_PKEY_is_a(key, "RSA"))
		return V1_M_RSA_SIG;
	if (EVP_PKEY_is_a(key, "DSA"))
		return V1_M_DSS_SIG;
	return sig_ecdsa_method(key);
}

/**
 * v1_sig_prf() - the PRF that makes the HASH to be signed
 * @method: of v1_sig_method()
 * @negotiated: the PRF of the ISAKMP SA
 *
 * Return: its transform ID.
 */
u16 v1_sig_prf(u8 method, u16 negotiated)
{
	switch (method) {
	case V1_M_DSS_SIG:
		return IKE_PRF_HMAC_SHA1;
	case V1_M_ECDSA_256:
		return IKE_PRF_HMAC_SHA2_256;
	case V1_M_ECDSA_384:
		return IKE_PRF_HMAC_SHA2_384;
	case V1_M_ECDSA_521:
		return IKE_PRF_HMAC_SHA2_512;
	}
	return negotiated;
}

/* Octets of r, and of s; 0: the key has none. */
static u8 number_len(const EVP_PKEY *key)
{
	BIGNUM *q = NULL;
	u8 n = 0;

	switch (v1_sig_method(key)) {
	case V1_M_ECDSA_256:
		return 32;
	case V1_M_ECDSA_384:
		return 48;
	case V1_M_ECDSA_521:
		return 66;
	case V1_M_DSS_SIG:
		if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_FFC_Q, &q))
			n = (u8)BN_num_bytes(q);
		BN_free(q);
	}
	return n;
}

/* Nothing is hashed: @hash goes in as it is. */
static EVP_PKEY_CTX *begin(EVP_PKEY *key, int (*init)(EVP_PKEY_CTX *), int padding)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);

	if (ctx && init(ctx) > 0 &&
	    (!EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_CTX_set_rsa_padding(ctx, padding) > 0))
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

static size_t sign(EVP_PKEY *key, const struct octets *hash, u8 *out, size_t max)
{
	EVP_PKEY_CTX *ctx = begin(key, EVP_PKEY_sign_init, RSA_PKCS1_PADDING);
	bool good = ctx && (size_t)EVP_PKEY_get_size(key) <= max &&
		    EVP_PKEY_sign(ctx, out, &max, hash->p, hash->n) > 0;

	EVP_PKEY_CTX_free(ctx);
	return good ? max : 0;
}

static size_t sign_raw(EVP_PKEY *key, const struct octets *hash, u8 sig[IKE_AUTH_MAX])
{
	u8 der[DER_MAX], len = number_len(key);
	size_t n = sign(key, hash, der, sizeof(der));

	return len && n && sig_der_to_raw(der, n, len, sig) ? 2U * len : 0;
}

/**
 * v1_sig_make() - sign
 * @key: our private key; sig_key_flaw() found none
 * @hash: HASH_I or HASH_R, made with v1_sig_prf()
 * @sig: out: the body of a SIG payload
 *
 * Context: any thread.  RFC 2409, 5.1.
 * Return: octets in @sig, 0: it could not be made.
 */
size_t v1_sig_make(EVP_PKEY *key, const struct octets *hash, u8 sig[IKE_AUTH_MAX])
{
	size_t n = EVP_PKEY_is_a(key, "RSA") ? sign(key, hash, sig, IKE_AUTH_MAX) :
					       sign_raw(key, hash, sig);

	ERR_clear_error();
	return n;
}

/* ---- the peer's ------------------------------------------------------------------------ */

/* The block that a key of @k octets has to have signed. */
static bool expect_block(const struct octets *hash, size_t k, u8 *block)
{
	if (!hash->n || k < 3 + RSA_FILL_MIN + hash->n || k > RSA_BLOCK_MAX)
		return false;
	block[0] = 0;
	block[1] = 1;
	memset(block + 2, 0xff, k - 3 - hash->n);
	block[k - hash->n - 1] = 0;
	memcpy(block + k - hash->n, hash->p, hash->n);
	return true;
}

static bool check_rsa(EVP_PKEY *key, const struct octets *hash, const struct octets *sig)
{
	EVP_PKEY_CTX *ctx = begin(key, EVP_PKEY_verify_recover_init, RSA_NO_PADDING);
	u8 want[RSA_BLOCK_MAX], got[RSA_BLOCK_MAX];
	size_t k = (size_t)EVP_PKEY_get_size(key), n = sizeof(got);
	bool good;

	good = ctx && sig->n == k && expect_block(hash, k, want) &&
	       EVP_PKEY_verify_recover(ctx, got, &n, sig->p, sig->n) > 0 && n == k &&
	       !memcmp(want, got, k);
	EVP_PKEY_CTX_free(ctx);
	return good;
}

static bool check_raw(EVP_PKEY *key, const struct octets *hash, const struct octets *sig)
{
	EVP_PKEY_CTX *ctx = begin(key, EVP_PKEY_verify_init, 0);
	u8 der[DER_MAX], len = number_len(key);
	size_t n = len ? sig_raw_to_der(sig, len, der, sizeof(der)) : 0;
	/* 1 is yes; 0 and what is below are two kinds of no */
	bool good = ctx && n && EVP_PKEY_verify(ctx, der, n, hash->p, hash->n) == 1;

	EVP_PKEY_CTX_free(ctx);
	return good;
}

/**
 * v1_sig_check() - is this the other side's signature
 * @key: its public key; sig_key_flaw() found none
 * @hash: HASH_I or HASH_R, made with v1_sig_prf()
 * @sig: the body of its SIG payload
 *
 * Context: any thread.  RFC 2409, 5.1.
 * Return: true if it is.
 */
bool v1_sig_check(EVP_PKEY *key, const struct octets *hash, const struct octets *sig)
{
	bool good = EVP_PKEY_is_a(key, "RSA") ? check_rsa(key, hash, sig) :
						check_raw(key, hash, sig);

	ERR_clear_error();
	return good;
}
