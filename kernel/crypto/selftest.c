// SPDX-License-Identifier: GPL-2.0
/*
 * Known answers through the seams.  Included by algs.c, where it runs at load
 * in DEBUG builds, and by the native test, which runs it over the doubles.
 */
#include "crypto/kex.h"
#include "crypto/vectors.h"
#include "ike/seam.h"

static bool selftest_prf(const struct kat_prf *k)
{
	u8 out[ISAKMP_PRF_LEN_MAX];
	struct ike_span halves[2] = {
		{ k->data.p, k->data.len / 2 },
		{ k->data.p + k->data.len / 2, k->data.len - k->data.len / 2 },
	};

	return isakmp_prf_len(k->prf) == k->out.len &&
	       !isakmp_prf(k->prf, k->key.p, k->key.len, halves, 2, out) &&
	       !memcmp(out, k->out.p, k->out.len);
}

static bool selftest_x25519(const struct kat_x25519 *k)
{
	u8 out[ISAKMP_X25519_LEN];
	struct isakmp_kex *kex;
	u16 len = 0;
	bool good;

	kex = isakmp_kex_new(IKE_KE_X25519, out, &len);
	if (!kex)
		return false;
	memcpy(kex->private, k->private.p, sizeof(kex->private));
	good = len == sizeof(out) &&
	       !isakmp_kex_derive(kex, k->pub.p, (u16)k->pub.len, out, &len) &&
	       len == k->shared.len && !memcmp(out, k->shared.p, len);
	isakmp_kex_free(kex);
	return good;
}

static bool selftest_x25519_bad(const struct ike_span *pub)
{
	u8 out[ISAKMP_X25519_LEN];
	struct isakmp_kex *kex;
	bool good;
	u16 len;

	kex = isakmp_kex_new(IKE_KE_X25519, out, &len);
	if (!kex)
		return false;
	good = isakmp_kex_derive(kex, pub->p, (u16)pub->len, out, &len) == -EINVAL;
	isakmp_kex_free(kex);
	return good;
}

/* Open the known message, seal its text, and open that. */
static bool selftest_sk_with(struct isakmp_sk *sk, const struct kat_sk *k, size_t iv, u8 *msg)
{
	size_t rest = k->msg.len - k->aad;
	u8 *text = msg + k->aad + iv;

	memcpy(msg, k->msg.p, k->msg.len);
	if (isakmp_sk_open(sk, msg, k->aad, rest) || memcmp(text, k->text.p, k->text.len))
		return false;
	if (isakmp_sk_seal(sk, msg, k->aad, k->text.len) || !memcmp(text, k->text.p, k->text.len))
		return false;
	if (isakmp_sk_open(sk, msg, k->aad, rest) || memcmp(text, k->text.p, k->text.len))
		return false;

	memcpy(msg, k->msg.p, k->msg.len);
	msg[0] ^= 1;
	return isakmp_sk_open(sk, msg, k->aad, rest) == -EBADMSG;
}

static bool selftest_sk(const struct kat_sk *k)
{
	const struct ike_suite suite = {
		.encr = k->encr, .keylen = k->keylen, .integ = k->integ,
	};
	struct isakmp_sk *sk = isakmp_sk_new(&suite, k->key.p, k->key.len);
	u8 *msg = isakmp_alloc(k->msg.len);
	bool good = sk && msg && selftest_sk_with(sk, k, isakmp_sk_size(&suite).iv, msg);

	isakmp_free(msg);
	isakmp_sk_free(sk);
	return good;
}

static bool selftest_sk_had(const struct kat_sk *k)
{
	return isakmp_crypto_has(IKE_T_ENCR, k->encr, k->keylen) &&
	       isakmp_crypto_has(IKE_T_INTEG, k->integ, 0);
}

/* What the kernel lacks is left out.  Return: NULL, or the name of what failed. */
static const char *selftest_run(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kat_prfs); i++)
		if (isakmp_crypto_has(IKE_T_PRF, kat_prfs[i].prf, 0) &&
		    !selftest_prf(&kat_prfs[i]))
			return kat_prfs[i].name;
	for (i = 0; i < ARRAY_SIZE(kat_sks); i++)
		if (selftest_sk_had(&kat_sks[i]) && !selftest_sk(&kat_sks[i]))
			return kat_sks[i].name;
	for (i = 0; i < ARRAY_SIZE(kat_x25519s); i++)
		if (!selftest_x25519(&kat_x25519s[i]))
			return kat_x25519s[i].name;
	for (i = 0; i < ARRAY_SIZE(kat_x25519_bad); i++)
		if (!selftest_x25519_bad(&kat_x25519_bad[i]))
			return "RFC 8031, 3.2: all-zero secret";
	return NULL;
}
