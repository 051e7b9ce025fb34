// SPDX-License-Identifier: GPL-2.0
/* Key derivation: RFC 7296, 2.13, 2.14 and 2.17. */
#include "ike/engine.h"

/**
 * ike_prf_plus - prf+ (RFC 7296, 2.13)
 * @prf: PRF transform ID
 * @key: K
 * @key_len: octets of @key
 * @seed: S, in pieces
 * @n: pieces, at most 6
 * @out: T1 | T2 | ..., cut to @len
 * @len: octets wanted, at most 255 times the PRF's output
 *
 *	T1 = prf (K, S | 0x01)
 *	T2 = prf (K, T1 | S | 0x02) ...
 *
 * Context: Process.
 * Return: 0, or -errno with @out zeroed.
 */
int ike_prf_plus(u16 prf, const u8 *key, size_t key_len, const struct ike_span *seed,
		 unsigned int n, u8 *out, size_t len)
{
	size_t size = isakmp_prf_len(prf), done = 0, want = len;
	struct ike_span v[8];
	u8 t[64], round = 0;
	int err = 0;

	if (!size || size > sizeof(t) || n > 6 || len > 255 * size)
		return -EINVAL;
	memcpy(v + 1, seed, n * sizeof(*seed));
	v[n + 1] = (struct ike_span){ &round, 1 };
	while (done < want) {
		size_t part = min(size, want - done);

		v[0] = (struct ike_span){ t, round ? size : 0 };
		round++;
		err = isakmp_prf(prf, key, key_len, v, n + 2, t);
		if (err)
			break;
		memcpy(out + done, t, part);
		done += part;
	}
	memzero_explicit(t, sizeof(t));
	if (err)
		memzero_explicit(out, len);
	return err;
}

/**
 * ike_kex_reason - what a failed key exchange is called
 * @err: of isakmp_kex_derive()
 *
 * Context: Any.
 * Return: OK, NO_MEMORY, or KE_VALUE.
 */
enum isakmp_reason ike_kex_reason(int err)
{
	if (err == -ENOMEM)
		return ISAKMP_R_NO_MEMORY;
	return err ? ISAKMP_R_KE_VALUE : ISAKMP_OK;
}

/* RFC 7296, 2.14: the order in which prf+ hands out the keys of an IKE SA. */
struct ike_keys {
	u8 sk_d[64];
	u8 sk_ei[64];
	u8 sk_er[64];
	u8 sk_pi[64];
	u8 sk_pr[64];
};

static int keys_expand(struct ike_sa *sa, const u8 *skeyseed, struct ike_keys *k)
{
	size_t prf = isakmp_prf_len(sa->suite.prf);
	size_t enc = isakmp_encr_key_len(sa->suite.encr, sa->suite.keylen);
	u8 spis[16], stream[5 * 64], *p = stream;
	struct ike_span seed[] = {
		{ sa->setup->ni, sa->setup->ni_len },
		{ sa->setup->nr, sa->setup->nr_len },
		{ spis, sizeof(spis) },
	};
	int err;

	if (!enc || enc > 64)
		return -EINVAL;
	put_unaligned_be64(sa->spi_i, spis);
	put_unaligned_be64(sa->spi_r, spis + 8);
	/* {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr}; no SK_a with
	 * an AEAD (RFC 5282, 7.1)
	 */
	err = ike_prf_plus(sa->suite.prf, skeyseed, prf, seed, ARRAY_SIZE(seed),
			   stream, 3 * prf + 2 * enc);
	if (!err) {
		memcpy(k->sk_d, p, prf);
		memcpy(k->sk_ei, p += prf, enc);
		memcpy(k->sk_er, p += enc, enc);
		memcpy(k->sk_pi, p += enc, prf);
		memcpy(k->sk_pr, p += prf, prf);
	}
	memzero_explicit(stream, sizeof(stream));
	return err;
}

static int keys_install(struct ike_sa *sa, const struct ike_keys *k)
{
	size_t enc = isakmp_encr_key_len(sa->suite.encr, sa->suite.keylen);
	struct isakmp_sk *i = isakmp_sk_new(&sa->suite, k->sk_ei, enc);
	struct isakmp_sk *r = isakmp_sk_new(&sa->suite, k->sk_er, enc);

	if (!i || !r) {
		isakmp_sk_free(i);
		isakmp_sk_free(r);
		return -ENOMEM;
	}
	memcpy(sa->sk_d, k->sk_d, sizeof(sa->sk_d));
	memcpy(sa->sk_pi, k->sk_pi, sizeof(sa->sk_pi));
	memcpy(sa->sk_pr, k->sk_pr, sizeof(sa->sk_pr));
	sa->sk_out = sa->initiator ? i : r;
	sa->sk_in = sa->initiator ? r : i;
	return 0;
}

/**
 * ike_keys_derive - all keys of an IKE SA from g^ir (RFC 7296, 2.14)
 * @sa: suite, SPIs and nonces are set; no keys yet
 * @shared: g^ir
 * @len: octets of @shared
 *
 *	SKEYSEED = prf(Ni | Nr, g^ir)
 *
 * On success the keys are in the SA; on failure nothing has changed.
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY or CRYPTO.
 */
enum isakmp_reason ike_keys_derive(struct ike_sa *sa, const u8 *shared, u16 len)
{
	struct ike_setup *s = sa->setup;
	struct ike_span secret = { shared, len };
	u8 skeyseed[64], *nonces;
	struct ike_keys *k;
	int err = -ENOMEM;

	k = isakmp_alloc(sizeof(*k));
	nonces = isakmp_alloc(s->ni_len + s->nr_len);
	if (k && nonces) {
		memcpy(nonces, s->ni, s->ni_len);
		memcpy(nonces + s->ni_len, s->nr, s->nr_len);
		err = isakmp_prf(sa->suite.prf, nonces, s->ni_len + s->nr_len,
				 &secret, 1, skeyseed);
	}
	if (!err)
		err = keys_expand(sa, skeyseed, k);
	if (!err)
		err = keys_install(sa, k);
	memzero_explicit(skeyseed, sizeof(skeyseed));
	isakmp_free(nonces);
	isakmp_free(k);
	if (err == -ENOMEM)
		return ISAKMP_R_NO_MEMORY;
	return err ? ISAKMP_R_CRYPTO : ISAKMP_OK;
}

/**
 * ike_child_keys - KEYMAT of the child made in IKE_AUTH (RFC 7296, 2.17)
 * @sa: the IKE SA; its set-up still holds the nonces
 * @s: suite of the child
 * @key_in: keys of our inbound SA
 * @key_out: keys of our outbound SA
 * @len: octets of each: isakmp_encr_key_len()
 *
 *	KEYMAT = prf+(SK_d, Ni | Nr)
 *
 * The keys of the direction initiator to responder come first.
 *
 * Context: Process; the SA's worker.
 * Return: OK, or CRYPTO.
 */
enum isakmp_reason ike_child_keys(struct ike_sa *sa, const struct ike_suite *s,
				  u8 *key_in, u8 *key_out, size_t len)
{
	struct ike_span seed[] = {
		{ sa->setup->ni, sa->setup->ni_len },
		{ sa->setup->nr, sa->setup->nr_len },
	};
	u8 keymat[2 * 64];
	int err;

	if (!len || len > 64)
		return ISAKMP_R_CRYPTO;
	err = ike_prf_plus(sa->suite.prf, sa->sk_d, isakmp_prf_len(sa->suite.prf),
			   seed, ARRAY_SIZE(seed), keymat, 2 * len);
	if (!err) {
		memcpy(sa->initiator ? key_out : key_in, keymat, len);
		memcpy(sa->initiator ? key_in : key_out, keymat + len, len);
	}
	memzero_explicit(keymat, sizeof(keymat));
	return err ? ISAKMP_R_CRYPTO : ISAKMP_OK;
}
