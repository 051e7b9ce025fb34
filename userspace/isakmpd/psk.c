// SPDX-License-Identifier: GPL-2.0
/*
 * What AUTH covers, and AUTH with a pre-shared secret.
 *
 * RFC 7296, 2.15:
 *
 *   AUTH = prf(prf(Shared Secret, "Key Pad for IKEv2"), <SignedOctets>)
 *
 *   InitiatorSignedOctets = RealMessage1 | NonceRData | MACedIDForI
 *   ResponderSignedOctets = RealMessage2 | NonceIData | MACedIDForR
 *   MACedIDForX = prf(SK_px, RestOfIDPayload)
 */
#include <isakmp/ikev2.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdlib.h>

#include "psk.h"

static const struct {
	u16 prf;
	u8 len;
	const char *digest;
} prfs[] = {
	{ IKE_PRF_HMAC_MD5,	 16, "MD5" },
	{ IKE_PRF_HMAC_SHA1,	 20, "SHA1" },
	{ IKE_PRF_HMAC_SHA2_256, 32, "SHA256" },
	{ IKE_PRF_HMAC_SHA2_384, 48, "SHA384" },
	{ IKE_PRF_HMAC_SHA2_512, 64, "SHA512" },
};

/* Fetched once: a look-up by name costs as much as the computation. */
static pthread_once_t hmac_once = PTHREAD_ONCE_INIT;
static EVP_MAC *hmac;

static void hmac_drop(void)
{
	EVP_MAC_free(hmac);
	hmac = NULL;
}

static void hmac_fetch(void)
{
	hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	OPENSSL_atexit(hmac_drop);
}

static const char *prf_digest(u16 prf)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prfs); i++)
		if (prfs[i].prf == prf)
			return prfs[i].digest;
	return NULL;
}

/**
 * psk_prf_len() - octets of a PRF's output, and of its key
 * @prf: transform ID
 *
 * Return: how many, 0: it is not known here.
 */
size_t psk_prf_len(u16 prf)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prfs); i++)
		if (prfs[i].prf == prf)
			return prfs[i].len;
	return 0;
}

static bool mac_all(EVP_MAC_CTX *ctx, const char *digest, const struct octets *key,
		    const struct octets *v, unsigned int n, u8 out[PSK_PRF_MAX])
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest, 0),
		OSSL_PARAM_construct_end(),
	};
	unsigned int i;
	size_t len;

	if (!EVP_MAC_init(ctx, key->p, key->n, params))
		return false;
	for (i = 0; i < n; i++)
		if (!EVP_MAC_update(ctx, v[i].p, v[i].n))
			return false;
	return EVP_MAC_final(ctx, out, &len, PSK_PRF_MAX);
}

/**
 * psk_prf() - a PRF
 * @prf: transform ID
 * @key: its key
 * @v: its input: @v[0] | @v[1] | ...
 * @n: how many are in @v
 * @out: psk_prf_len() octets
 *
 * Context: any thread.
 * Return: false: it is not known here, or no memory.
 */
bool psk_prf(u16 prf, const struct octets *key, const struct octets *v, unsigned int n,
	     u8 out[PSK_PRF_MAX])
{
	const char *digest = prf_digest(prf);
	EVP_MAC_CTX *ctx;
	bool good;

	pthread_once(&hmac_once, hmac_fetch);
	ctx = digest && hmac ? EVP_MAC_CTX_new(hmac) : NULL;
	if (!ctx)
		return false;
	good = mac_all(ctx, digest, key, v, n, out);
	EVP_MAC_CTX_free(ctx);
	return good;
}

/**
 * psk_hash() - the hash that a PRF is the HMAC of
 * @prf: transform ID
 * @in: of what
 * @out: psk_prf_len() octets
 *
 * Context: any thread.
 * Return: false: it is not known here, or no memory.
 */
bool psk_hash(u16 prf, const struct octets *in, u8 out[PSK_PRF_MAX])
{
	const char *digest = prf_digest(prf);

	return digest && EVP_Q_digest(NULL, digest, NULL, in->p, in->n, out, NULL) == 1;
}

static bool parts_ok(const struct psk_signed *s, size_t len)
{
	return len && s->msg.n && s->nonce.n && s->id.n && s->sk_p.n == len;
}

/**
 * psk_signed_octets() - <SignedOctets> in one piece
 * @prf: transform ID of the negotiated PRF
 * @s: the parts; none may be empty, SK_p has the PRF's length
 * @what: out: to be freed
 *
 * Context: any thread.
 * Return: false: refused, or no memory.
 */
bool psk_signed_octets(u16 prf, const struct psk_signed *s, struct octets *what)
{
	size_t len = psk_prf_len(prf);
	u8 *p = parts_ok(s, len) ? malloc(s->msg.n + s->nonce.n + PSK_PRF_MAX) : NULL;

	if (!p)
		return false;
	memcpy(p, s->msg.p, s->msg.n);
	memcpy(p + s->msg.n, s->nonce.p, s->nonce.n);
	if (!psk_prf(prf, &s->sk_p, &s->id, 1, p + s->msg.n + s->nonce.n)) {
		free(p);
		return false;
	}
	*what = (struct octets) { p, s->msg.n + s->nonce.n + len };
	return true;
}

/**
 * psk_auth() - authentication data of one side
 * @prf: transform ID of the negotiated PRF
 * @secret: the shared secret; an empty one is refused
 * @s: what is signed; no part may be empty, SK_p has the PRF's length
 * @auth: out
 *
 * Context: any thread.
 * Return: octets in @auth, 0: refused, or no memory.
 */
size_t psk_auth(u16 prf, const struct octets *secret, const struct psk_signed *s,
		u8 auth[PSK_PRF_MAX])
{
	static const struct octets pad = { (const u8 *)"Key Pad for IKEv2", 17 };
	u8 key[PSK_PRF_MAX], maced_id[PSK_PRF_MAX];
	size_t len = psk_prf_len(prf);
	struct octets k = { key, len };
	struct octets v[] = { s->msg, s->nonce, { maced_id, len } };
	bool good;

	if (!secret->n || !parts_ok(s, len))
		return 0;
	good = psk_prf(prf, &s->sk_p, &s->id, 1, maced_id) &&
	       psk_prf(prf, secret, &pad, 1, key) &&
	       psk_prf(prf, &k, v, ARRAY_SIZE(v), auth);
	OPENSSL_cleanse(key, sizeof(key));
	OPENSSL_cleanse(maced_id, sizeof(maced_id));
	return good ? len : 0;
}

/**
 * psk_verify() - is this the other side's authentication data
 * @prf: transform ID of the negotiated PRF
 * @secret: the shared secret
 * @s: what the other side signed
 * @auth: what it sent
 *
 * Context: any thread.  Constant time in the octets of @auth.
 * Return: true if it is.
 */
bool psk_verify(u16 prf, const struct octets *secret, const struct psk_signed *s,
		const struct octets *auth)
{
	u8 want[PSK_PRF_MAX];
	size_t n = psk_auth(prf, secret, s, want);
	bool good = n && auth->n == n && !CRYPTO_memcmp(want, auth->p, n);

	OPENSSL_cleanse(want, sizeof(want));
	return good;
}
