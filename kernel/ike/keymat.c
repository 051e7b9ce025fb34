// SPDX-License-Identifier: GPL-2.0
/* Key derivation: RFC 7296, 2.13, 2.14 and 2.17; RFC 5723, 5.1. */
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

/**
 * ike_crypto_reason - what another failure of the cryptography is called
 * @err: 0 or -errno
 *
 * Context: Any.
 * Return: OK, NO_MEMORY, or CRYPTO.
 */
enum isakmp_reason ike_crypto_reason(int err)
{
	if (err == -ENOMEM)
		return ISAKMP_R_NO_MEMORY;
	return err ? ISAKMP_R_CRYPTO : ISAKMP_OK;
}

/* The keys of an IKE SA; @i and @r as isakmp_sk_new() takes them: SK_e, then SK_a. */
struct ike_keys {
	u8 sk_d[64];
	u8 sk_pi[64];
	u8 sk_pr[64];
	u8 i[IKE_CHILD_KEY_MAX];
	u8 r[IKE_CHILD_KEY_MAX];
	size_t encr;	/* octets of SK_e */
	size_t integ;	/* octets of SK_a */
};

static u8 *take(u8 *to, u8 *from, size_t n)
{
	memcpy(to, from, n);
	return from + n;
}

/* {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr}: RFC 7296, 2.14. */
static void keys_split(struct ike_keys *k, u8 *p, size_t prf)
{
	p = take(k->sk_d, p, prf);
	/* No SK_a with an AEAD (RFC 5282, 7.1) */
	p = take(k->i + k->encr, p, k->integ);
	p = take(k->r + k->encr, p, k->integ);
	p = take(k->i, p, k->encr);
	p = take(k->r, p, k->encr);
	p = take(k->sk_pi, p, prf);
	take(k->sk_pr, p, prf);
}

/* @seed_prf: whose output SKEYSEED is */
static int keys_expand(const struct ike_epoch *ep, u16 seed_prf, const u8 *skeyseed,
		       const struct ike_child_secrets *x, struct ike_keys *k)
{
	size_t prf = isakmp_prf_len(ep->suite.prf);
	u8 spis[16], stream[3 * 64 + 2 * IKE_CHILD_KEY_MAX];
	struct ike_span seed[] = { x->ni, x->nr, { spis, sizeof(spis) } };
	int err;

	k->encr = isakmp_encr_key_len(ep->suite.encr, ep->suite.keylen);
	k->integ = isakmp_integ_key_len(ep->suite.integ);
	if (!k->encr || k->encr + k->integ > IKE_CHILD_KEY_MAX)
		return -EINVAL;
	put_unaligned_be64(ep->spi_i, spis);
	put_unaligned_be64(ep->spi_r, spis + 8);
	err = ike_prf_plus(ep->suite.prf, skeyseed, isakmp_prf_len(seed_prf), seed,
			   ARRAY_SIZE(seed), stream, 3 * prf + 2 * (k->encr + k->integ));
	if (!err)
		keys_split(k, stream, prf);
	memzero_explicit(stream, sizeof(stream));
	return err;
}

static int keys_install(struct ike_sa *sa, struct ike_epoch *ep, const struct ike_keys *k)
{
	struct isakmp_sk *i, *r;

	if (isakmp_encr_key_weak(ep->suite.encr, k->i) || isakmp_encr_key_weak(ep->suite.encr, k->r))
		return -EKEYREJECTED;
	i = isakmp_sk_new(&ep->suite, k->i, k->encr + k->integ);
	r = isakmp_sk_new(&ep->suite, k->r, k->encr + k->integ);
	if (!i || !r) {
		isakmp_sk_free(i);
		isakmp_sk_free(r);
		return -ENOMEM;
	}
	memcpy(ep->sk_d, k->sk_d, sizeof(ep->sk_d));
	ep->sk_out = ep->initiator ? i : r;
	ep->sk_in = ep->initiator ? r : i;
	isakmp_keys_made(sa, ep, k->i, k->r, k->encr, k->i + k->encr, k->r + k->encr, k->integ);
	return 0;
}

/* RFC 7296, 2.8.1: of two that crossed, the one with the lowest nonce goes. */
static u64 rank(const struct ike_setup *s)
{
	int order = memcmp(s->ni, s->nr, min(s->ni_len, s->nr_len));
	bool first = order < 0 || (!order && s->ni_len < s->nr_len);

	return get_unaligned_be64(first ? s->ni : s->nr);
}

/* What AUTH is made with, and what decides between two that crossed. */
static void keep_proofs(struct ike_sa *sa, const struct ike_keys *k)
{
	memcpy(sa->sk_pi, k->sk_pi, sizeof(sa->sk_pi));
	memcpy(sa->sk_pr, k->sk_pr, sizeof(sa->sk_pr));
	sa->rank = rank(sa->setup);
}

/* SKEYSEED = prf(Ni | Nr, g^ir) */
static int first_seed(const struct ike_epoch *ep, const struct ike_child_secrets *x,
		      u8 *skeyseed)
{
	u8 *nonces = isakmp_alloc(x->ni.len + x->nr.len);
	int err;

	if (!nonces)
		return -ENOMEM;
	memcpy(nonces, x->ni.p, x->ni.len);
	memcpy(nonces + x->ni.len, x->nr.p, x->nr.len);
	err = isakmp_prf(ep->suite.prf, nonces, x->ni.len + x->nr.len, &x->shared, 1, skeyseed);
	isakmp_free(nonces);
	return err;
}

/*
 * SKEYSEED = prf(SK_d (old), g^ir (new) | Ni | Nr): "it is the old IKE SA's PRF that is
 * used to generate SKEYSEED"
 */
static int next_seed(const struct ike_epoch *old, const struct ike_child_secrets *x,
		     u8 *skeyseed)
{
	const struct ike_span seed[] = { x->shared, x->ni, x->nr };

	return isakmp_prf(old->suite.prf, old->sk_d, isakmp_prf_len(old->suite.prf), seed,
			  ARRAY_SIZE(seed), skeyseed);
}

/* SKEYSEED = prf(SK_d_old, "Resumption" | Ni | Nr) */
static int resumed_seed(const struct ike_epoch *ep, const struct ike_span *sk_d,
			const struct ike_child_secrets *x, u8 *skeyseed)
{
	static const u8 label[] = { 'R', 'e', 's', 'u', 'm', 'p', 't', 'i', 'o', 'n' };
	const struct ike_span seed[] = { { label, sizeof(label) }, x->ni, x->nr };

	return isakmp_prf(ep->suite.prf, sk_d->p, sk_d->len, seed, ARRAY_SIZE(seed), skeyseed);
}

/* @sk_d: of the ticket, or NULL: the seed is g^ir */
static enum isakmp_reason first_keys(struct ike_sa *sa, const struct ike_child_secrets *x,
				     const struct ike_span *sk_d)
{
	struct ike_keys *k = isakmp_alloc(sizeof(*k));
	u8 skeyseed[64];
	int err = -ENOMEM;

	if (k)
		err = sk_d ? resumed_seed(sa->ep, sk_d, x, skeyseed)
			   : first_seed(sa->ep, x, skeyseed);
	if (!err)
		err = keys_expand(sa->ep, sa->ep->suite.prf, skeyseed, x, k);
	if (!err)
		err = keys_install(sa, sa->ep, k);
	if (!err)
		keep_proofs(sa, k);
	memzero_explicit(skeyseed, sizeof(skeyseed));
	isakmp_free(k);
	return ike_crypto_reason(err);
}

/**
 * ike_keys_derive - all keys of an IKE SA from g^ir (RFC 7296, 2.14)
 * @sa: suite, SPIs and nonces are set; no keys yet
 * @shared: g^ir
 * @len: octets of @shared
 *
 * On success the keys are in the SA; on failure nothing has changed.
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY or CRYPTO.
 */
enum isakmp_reason ike_keys_derive(struct ike_sa *sa, const u8 *shared, u16 len)
{
	const struct ike_setup *s = sa->setup;
	const struct ike_child_secrets x = {
		.shared = { shared, len },
		.ni = { s->ni, s->ni_len },
		.nr = { s->nr, s->nr_len },
	};

	return first_keys(sa, &x, NULL);
}

/**
 * ike_keys_resume - all keys of an IKE SA from a ticket (RFC 5723, 5.1)
 * @sa: suite, SPIs, nonces and the ticket are set; no keys yet
 *
 * On success the keys are in the SA; on failure nothing has changed.
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY or CRYPTO.
 */
enum isakmp_reason ike_keys_resume(struct ike_sa *sa)
{
	const struct ike_setup *s = sa->setup;
	const struct ike_child_secrets x = {
		.ni = { s->ni, s->ni_len },
		.nr = { s->nr, s->nr_len },
	};

	return first_keys(sa, &x, &s->ticket->sk_d);
}

/**
 * ike_keys_rekey - the keys of an IKE SA that takes the place of another (2.18)
 * @sa: the SA
 * @old: the epoch whose exchange it was
 * @ep: the new one: suite and SPIs are set; no keys yet
 * @x: nonces and g^ir of the exchange
 *
 * On success the keys are in @ep; on failure nothing has changed.
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY or CRYPTO.
 */
enum isakmp_reason ike_keys_rekey(struct ike_sa *sa, const struct ike_epoch *old,
				  struct ike_epoch *ep, const struct ike_child_secrets *x)
{
	struct ike_keys *k = isakmp_alloc(sizeof(*k));
	u8 skeyseed[64];
	int err = -ENOMEM;

	if (k)
		err = next_seed(old, x, skeyseed);
	if (!err)
		err = keys_expand(ep, old->suite.prf, skeyseed, x, k);
	if (!err)
		err = keys_install(sa, ep, k);
	memzero_explicit(skeyseed, sizeof(skeyseed));
	isakmp_free(k);
	return ike_crypto_reason(err);
}

/**
 * ike_child_key_len - octets of KEYMAT for one direction of a child
 * @s: its suite
 *
 * Context: Any.
 * Return: octets, 0 when it is not known.
 */
size_t ike_child_key_len(const struct ike_suite *s)
{
	size_t encr = isakmp_encr_key_len(s->encr, s->keylen);

	if (!encr && s->protocol != IKE_PROTO_AH)
		return 0;
	return encr + isakmp_integ_key_len(s->integ);
}

/**
 * ike_child_keys - KEYMAT of a child (RFC 7296, 2.17)
 * @sa: the IKE SA
 * @c: the child: its suite, and who proposed it
 * @secrets: nonces and g^ir
 * @key_in: keys of our inbound SA, encryption before integrity (IKE_CHILD_KEY_MAX)
 * @key_out: keys of our outbound SA
 *
 *	KEYMAT = prf+(SK_d, Ni | Nr)			in IKE_AUTH
 *	KEYMAT = prf+(SK_d, g^ir (new) | Ni | Nr)	with a key exchange of its own
 *
 * The keys of the direction from who proposed to who accepted come first.
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY or CRYPTO.
 */
enum isakmp_reason ike_child_keys(struct ike_sa *sa, const struct ike_child *c,
				  const struct ike_child_secrets *secrets,
				  u8 *key_in, u8 *key_out)
{
	struct ike_span seed[] = { secrets->shared, secrets->ni, secrets->nr };
	size_t len = ike_child_key_len(&c->suite);
	bool ours_first = c->proposer;
	u8 keymat[2 * IKE_CHILD_KEY_MAX];
	int err;

	if (!len || len > IKE_CHILD_KEY_MAX)
		return ISAKMP_R_CRYPTO;
	err = ike_prf_plus(sa->ep->suite.prf, sa->ep->sk_d, isakmp_prf_len(sa->ep->suite.prf),
			   seed, ARRAY_SIZE(seed), keymat, 2 * len);
	if (!err) {
		memcpy(ours_first ? key_out : key_in, keymat, len);
		memcpy(ours_first ? key_in : key_out, keymat + len, len);
	}
	memzero_explicit(keymat, sizeof(keymat));
	return ike_crypto_reason(err);
}
