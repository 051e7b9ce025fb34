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

static bool selftest_hash(const struct kat_hash *k)
{
	u8 out[ISAKMP_PRF_LEN_MAX];
	struct ike_span halves[2] = {
		{ k->data.p, k->data.len / 2 },
		{ k->data.p + k->data.len / 2, k->data.len - k->data.len / 2 },
	};

	return isakmp_prf_len(k->prf) == k->out.len && !isakmp_hash(k->prf, halves, 2, out) &&
	       !memcmp(out, k->out.p, k->out.len);
}

/* In one piece, or the first block and what follows it, by the IV that it left behind */
static bool selftest_cbc_with(const struct kat_cbc *k, u8 *p, bool seal, size_t first)
{
	const struct ike_span from = seal ? k->text : k->sealed, to = seal ? k->sealed : k->text;
	size_t block = isakmp_cbc_block(k->encr), i;
	u8 iv[ISAKMP_IV_MAX];

	for (i = 0; i < sizeof(iv); i++)
		iv[i] = i;
	memcpy(p, from.p, from.len);
	return !isakmp_cbc(k->encr, k->key.p, k->key.len, iv, p, first, seal) &&
	       (first == from.len ||
		!isakmp_cbc(k->encr, k->key.p, k->key.len, iv, p + first, from.len - first, seal)) &&
	       !memcmp(p, to.p, to.len) &&
	       !memcmp(iv, k->sealed.p + k->sealed.len - block, block);
}

static bool selftest_cbc(const struct kat_cbc *k)
{
	size_t block = isakmp_cbc_block(k->encr);
	u8 *p = isakmp_alloc(k->text.len);
	bool good;

	good = p && block && k->text.len == k->sealed.len &&
	       selftest_cbc_with(k, p, true, k->text.len) &&
	       selftest_cbc_with(k, p, false, k->text.len) &&
	       selftest_cbc_with(k, p, true, block) && selftest_cbc_with(k, p, false, block);
	isakmp_free(p);
	return good;
}

static bool selftest_cbc_had(const struct kat_cbc *k)
{
	return isakmp_crypto_has(IKE_T_ENCR, k->encr, 8 * k->key.len) ||
	       isakmp_crypto_has(IKE_T_ENCR, k->encr, 0);
}

/* A key that is not drawn but given; the caller frees. */
static struct isakmp_kex *selftest_key(u16 group, struct ike_span private)
{
	struct isakmp_kex *k = isakmp_alloc(sizeof(*k));

	if (k) {
		k->group = isakmp_sizes_group(group);
		memcpy(k->private, private.p, private.len);
	}
	return k;
}

/* The peer's value as long as it has to be; the caller frees. */
static u8 *selftest_pub(u16 group, struct ike_span pub)
{
	size_t n = isakmp_kex_pub_len(group);
	u8 *p = isakmp_alloc(IKE_KE_MAX);

	if (p)
		memcpy(p + n - pub.len, pub.p, pub.len);
	return p;
}

static bool selftest_kex(const struct kat_kex *t)
{
	const struct isakmp_group *g = isakmp_sizes_group(t->group);
	struct isakmp_kex *k = selftest_key(t->group, t->private);
	u8 *pub = selftest_pub(t->group, t->pub), *out = isakmp_alloc(IKE_KE_MAX);
	u16 len = 0;
	bool good;

	good = out && pub && k && t->private.len == g->private &&
	       isakmp_kex_pub_ok(t->group, pub, g->pub) &&
	       !isakmp_kex_derive(k, pub, g->pub, out, &len) &&
	       len == g->shared && !memcmp(out, t->shared.p, t->shared.len);
	isakmp_kex_free(k);
	isakmp_free(pub);
	isakmp_free(out);
	return good;
}

static bool selftest_kex_bad(const struct kat_kex_bad *t)
{
	u8 *pub = selftest_pub(t->group, t->pub), *out = isakmp_alloc(IKE_KE_MAX);
	struct isakmp_kex *k = NULL;
	bool good = false;
	u16 len;

	if (out && pub)
		k = isakmp_kex_new(t->group, out, &len);
	if (k)
		good = isakmp_kex_derive(k, pub, len, out, &len) == -EINVAL &&
		       (t->group == IKE_KE_X25519 || !isakmp_kex_pub_ok(t->group, pub, len));
	isakmp_kex_free(k);
	isakmp_free(pub);
	isakmp_free(out);
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
	for (i = 0; i < ARRAY_SIZE(kat_hashes); i++)
		if (isakmp_crypto_has(IKE_T_PRF, kat_hashes[i].prf, 0) &&
		    !selftest_hash(&kat_hashes[i]))
			return kat_hashes[i].name;
	for (i = 0; i < ARRAY_SIZE(kat_cbcs); i++)
		if (selftest_cbc_had(&kat_cbcs[i]) && !selftest_cbc(&kat_cbcs[i]))
			return kat_cbcs[i].name;
	for (i = 0; i < ARRAY_SIZE(kat_sks); i++)
		if (selftest_sk_had(&kat_sks[i]) && !selftest_sk(&kat_sks[i]))
			return kat_sks[i].name;
	for (i = 0; i < ARRAY_SIZE(kat_kexes); i++)
		if (isakmp_crypto_has(IKE_T_KE, kat_kexes[i].group, 0) &&
		    !selftest_kex(&kat_kexes[i]))
			return kat_kexes[i].name;
	for (i = 0; i < ARRAY_SIZE(kat_kex_bad); i++)
		if (isakmp_crypto_has(IKE_T_KE, kat_kex_bad[i].group, 0) &&
		    !selftest_kex_bad(&kat_kex_bad[i]))
			return kat_kex_bad[i].name;
	return NULL;
}
