// SPDX-License-Identifier: GPL-2.0
/*
 * The key exchange of phase 1, the keys that come from it, and what takes their place.
 *
 * In a group of the helper's the private key is a seed that stays here, as in version 2.
 * The responder computes g^xy when the first message that needs keys is there, once.
 */
#include "v1/engine.h"

/* Where a side's public value is. */
static u8 *ke_of(struct v1_setup *u, bool of_initiator, u16 **len)
{
	*len = of_initiator ? &u->ke_i_len : &u->ke_r_len;
	return of_initiator ? u->ke_i : u->ke_r;
}

static void make_nonce(struct v1_setup *u, bool of_initiator)
{
	u16 *len = of_initiator ? &u->ni_len : &u->nr_len;

	if (!*len)
		isakmp_random(of_initiator ? u->ni : u->nr, IKE_NONCE_LEN);
	*len = IKE_NONCE_LEN;
}

static enum isakmp_reason ask(struct ike_sa *sa, struct ike_epoch *ep, bool shared)
{
	struct v1_setup *u = v1_of(ep)->setup;
	struct ike_ask a = {
		.kind = IKE_ASK_KEX,
		.group = ep->suite.ke,
		.seed = { u->seed, sizeof(u->seed) },
	};
	enum isakmp_reason why;
	u16 *len;

	if (shared) {
		a.peer_ke.p = ke_of(u, !ep->initiator, &len);
		a.peer_ke.len = *len;
	}
	why = v1_ask(sa, ep, 0, &a);
	if (why)
		return why;
	v1_of(ep)->state = V1_P1_ASKING;
	/* What it answers has come: there is nothing to be sent again */
	v1_of(ep)->talk.resend_at = IKE_NEVER;
	return ISAKMP_OK;
}

/**
 * v1_kex_make - our nonce and public value
 * @sa: the SA
 * @ep: the ISAKMP SA; of the responder with those of the peer
 * @asked: set: the helper was asked
 *
 * A message that comes again has those made already.
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why there are none.
 */
enum isakmp_reason v1_kex_make(struct ike_sa *sa, struct ike_epoch *ep, bool *asked)
{
	struct v1_setup *u = v1_of(ep)->setup;
	u16 *len;
	u8 *ke = ke_of(u, ep->initiator, &len);

	*asked = false;
	if (*len)
		return ISAKMP_OK;
	make_nonce(u, ep->initiator);
	if (isakmp_kex_by_helper(ep->suite.ke)) {
		isakmp_random(u->seed, sizeof(u->seed));
		*asked = true;
		return ask(sa, ep, !ep->initiator);
	}
	u->kex = isakmp_kex_new(ep->suite.ke, ke, len);
	return u->kex ? ISAKMP_OK : ike_kex_none(ep->suite.ke);
}

/**
 * v1_kex_made - the helper has computed
 * @ep: the ISAKMP SA
 * @v: the verdict; g^xy is in it when the peer's value was in the question
 *
 * Context: Process; the SA's worker.
 * Return: OK, HELPER_ERROR, KE_VALUE.
 */
enum isakmp_reason v1_kex_made(struct ike_epoch *ep, const struct ike_verdict *v)
{
	struct v1_setup *u = v1_of(ep)->setup;
	enum isakmp_reason why;
	bool shared;
	u16 *len;
	u8 *ke;

	ke_of(u, !ep->initiator, &len);
	shared = *len;
	why = ike_kex_check(v, ep->suite.ke, shared);
	if (why)
		return why;
	ke = ke_of(u, ep->initiator, &len);
	*len = (u16)v->pub.len;
	memcpy(ke, v->pub.p, v->pub.len);
	if (shared) {
		u->shared_len = (u16)v->shared.len;
		memcpy(u->shared, v->shared.p, v->shared.len);
	}
	return ISAKMP_OK;
}

/**
 * v1_nonce_read - NONCE of the peer
 * @ep: the ISAKMP SA
 * @c: the message
 *
 * Context: Process; the SA's worker.
 * Return: OK: it is kept; BAD_NONCE.
 */
enum isakmp_reason v1_nonce_read(struct ike_epoch *ep, const struct v1_chain *c)
{
	const struct isakmp_payload *n = v1_chain_find(c, V1_PL_NONCE);
	struct v1_setup *u = v1_of(ep)->setup;

	if (!v1_nonce_holds(n))
		return ISAKMP_R_BAD_NONCE;
	memcpy(ep->initiator ? u->nr : u->ni, n->body, n->len);
	*(ep->initiator ? &u->nr_len : &u->ni_len) = n->len;
	return ISAKMP_OK;
}

/**
 * v1_ke_read - KE of the peer
 * @ep: the ISAKMP SA; its suite is agreed on
 * @c: the message
 * @arg: what a refusal is about
 *
 * RFC 2409, 5: the value has the length of the group; nor may it be our own, sent back.
 *
 * Context: Process; the SA's worker.
 * Return: OK: it is kept; KE_VALUE, REFLECTED.
 */
enum isakmp_reason v1_ke_read(struct ike_epoch *ep, const struct v1_chain *c, u32 *arg)
{
	const struct isakmp_payload *ke = v1_chain_find(c, V1_PL_KE);
	struct v1_setup *u = v1_of(ep)->setup;
	u16 *len, *our_len;
	u8 *to, *our;

	*arg = ep->suite.ke;
	if (!isakmp_kex_pub_ok(ep->suite.ke, ke->body, ke->len))
		return ISAKMP_R_KE_VALUE;
	our = ke_of(u, ep->initiator, &our_len);
	if (*our_len == ke->len && !memcmp(our, ke->body, ke->len))
		return ISAKMP_R_REFLECTED;
	to = ke_of(u, !ep->initiator, &len);
	memcpy(to, ke->body, ke->len);
	*len = ke->len;
	/* What the helper has computed for the responder was of the value before */
	if (!ep->initiator && isakmp_kex_by_helper(ep->suite.ke)) {
		*our_len = 0;
		u->shared_len = 0;
	}
	return ISAKMP_OK;
}

/**
 * v1_ke_none - there is no public value of the peer
 * @ep: the ISAKMP SA: it gets no keys
 *
 * Context: Process; the SA's worker.
 */
void v1_ke_none(struct ike_epoch *ep)
{
	u16 *len;

	ke_of(v1_of(ep)->setup, !ep->initiator, &len);
	*len = 0;
	v1_of(ep)->setup->shared_len = 0;
}

/**
 * v1_kex_read - both of them
 * @ep: the ISAKMP SA; its suite is agreed on
 * @c: the message
 * @arg: what a refusal is about
 *
 * Context: Process; the SA's worker.
 * Return: as these.
 */
enum isakmp_reason v1_kex_read(struct ike_epoch *ep, const struct v1_chain *c, u32 *arg)
{
	enum isakmp_reason why = v1_ke_read(ep, c, arg);

	return why ? why : v1_nonce_read(ep, c);
}

/**
 * v1_nonce_make - NONCE of ours, if there is none yet
 * @ep: the ISAKMP SA
 *
 * Context: Process; the SA's worker.
 */
void v1_nonce_make(struct ike_epoch *ep)
{
	make_nonce(v1_of(ep)->setup, ep->initiator);
}

/**
 * v1_ke_add - KE of ours
 * @m: the message
 *
 * Context: Process; the SA's worker.
 */
void v1_ke_add(struct v1_msg *m)
{
	u16 *len;
	u8 *ke = ke_of(v1_of(m->ep)->setup, m->ep->initiator, &len);

	v1_msg_bytes(m, V1_PL_KE, ke, *len);
}

/**
 * v1_nonce_add - NONCE of ours, made when there is none
 * @m: the message
 *
 * Context: Process; the SA's worker.
 */
void v1_nonce_add(struct v1_msg *m)
{
	struct v1_setup *u = v1_of(m->ep)->setup;

	v1_nonce_make(m->ep);
	v1_msg_bytes(m, V1_PL_NONCE, m->ep->initiator ? u->ni : u->nr,
		     m->ep->initiator ? u->ni_len : u->nr_len);
}

/**
 * v1_kex_add - both of them
 * @m: the message
 *
 * Context: Process; the SA's worker.
 */
void v1_kex_add(struct v1_msg *m)
{
	v1_ke_add(m);
	v1_nonce_add(m);
}

/* g^xy of a group of the kernel's own. */
static enum isakmp_reason derive(struct ike_epoch *ep)
{
	struct v1_setup *u = v1_of(ep)->setup;
	u16 *len;
	u8 *ke = ke_of(u, !ep->initiator, &len);
	int err;

	if (u->shared_len)
		return ISAKMP_OK;
	/* What was encrypted with another key than ours is none */
	if (!*len && v1_class_of(v1_of(ep)->method) == V1_CLASS_REV)
		return ISAKMP_R_KE_VALUE;
	if (!u->kex || !*len)
		return ISAKMP_R_NO_LAW;
	err = isakmp_kex_derive(u->kex, ke, *len, u->shared, &u->shared_len);
	if (err)
		u->shared_len = 0;
	return ike_kex_reason(err);
}

/**
 * v1_kex_secret - the initiator has all for g^xy
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @asked: set: the helper was asked
 *
 * Of another message than the one before, it is another one.
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why there is none.
 */
enum isakmp_reason v1_kex_secret(struct ike_sa *sa, struct ike_epoch *ep, bool *asked)
{
	*asked = isakmp_kex_by_helper(ep->suite.ke);
	v1_of(ep)->setup->shared_len = 0;
	return *asked ? ask(sa, ep, true) : derive(ep);
}

/**
 * v1_keys_need - the keys of an ISAKMP SA, if they are not there yet
 * @sa: the SA
 * @ep: the ISAKMP SA; with PSK its SKEYID is there
 *
 * At most once of the responder, whatever comes of it: messages that need keys may be
 * anybody's.
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why there are none.
 */
enum isakmp_reason v1_keys_need(struct ike_sa *sa, struct ike_epoch *ep)
{
	struct v1_phase1 *p = v1_of(ep);
	enum isakmp_reason why;

	if (p->key_len)
		return ISAKMP_OK;
	if (!p->setup)
		return ISAKMP_R_NO_LAW;
	why = derive(ep);
	if (!why && v1_class_of(p->method) == V1_CLASS_SIG)
		why = v1_crypto_reason(v1_skeyid_sig(&ep->suite, p->setup, p->skeyid));
	if (!why && v1_class_of(p->method) & V1_CLASS_RSA)
		why = v1_crypto_reason(v1_skeyid_enc(&ep->suite, p->setup, ep->spi_i, ep->spi_r,
						     p->skeyid));
	if (!why)
		why = v1_crypto_reason(v1_keys_derive(ep, p));
	if (!why)
		isakmp_keys_made(sa, ep, p->key, NULL, p->key_len, NULL, NULL, 0);
	if (why == ISAKMP_R_KE_VALUE) {
		isakmp_kex_free(p->setup->kex);
		p->setup->kex = NULL;
	}
	return why;
}

/**
 * v1_proof_key - what takes the place of SKEYID where there is no g^xy for it
 * @sa: the SA
 * @ep: the ISAKMP SA, with both nonces
 * @asked: set: with a secret the helper makes SKEYID; else it is hash (Ni_b | Nr_b)
 *
 * Context: Process; the SA's worker.
 * Return: OK, as v1_ask(), NO_MEMORY, CRYPTO.
 */
enum isakmp_reason v1_proof_key(struct ike_sa *sa, struct ike_epoch *ep, bool *asked)
{
	struct v1_phase1 *p = v1_of(ep);
	struct v1_setup *u = p->setup;
	const struct ike_span n[] = { { u->ni, u->ni_len }, { u->nr, u->nr_len } };

	*asked = v1_class_of(p->method) == V1_CLASS_PSK;
	if (*asked)
		return v1_ask_skeyid(sa, ep, u->peer_id, u->peer_id_len);
	return v1_crypto_reason(isakmp_hash(ep->suite.prf, n, ARRAY_SIZE(n), p->skeyid));
}
