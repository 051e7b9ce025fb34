// SPDX-License-Identifier: GPL-2.0
/*
 * Aggressive Mode (RFC 2409, 5.1 and 5.4): three messages, identities in the clear.
 *
 *	Initiator				Responder
 *	HDR, SA, KE, Ni, IDii		-->
 *					<--	HDR, SA, KE, Nr, IDir, HASH_R or SIG_R
 *	HDR*, HASH_I or SIG_I		-->
 *
 * By RSA encryption KE, nonces and identities are as in secret.c.
 *
 * The responder proves itself first, to anybody: with a secret, that is something to guess
 * at.  It does so only where the operator says so of the peer.
 */
#include "v1/engine.h"

/* ---- initiator ----------------------------------------------------------- */

/* KE, nonce and identity of ours: in the clear, or as the helper has sealed them. */
static enum isakmp_reason add_own(struct v1_msg *m, const struct ike_verdict *v)
{
	const struct v1_phase1 *p = v1_of(m->ep);

	if (v1_class_of(p->method) & V1_CLASS_RSA)
		return v1_secret_add(m, v);
	v1_kex_add(m);
	v1_msg_bytes(m, V1_PL_ID, p->setup->id, p->setup->id_len);
	return ISAKMP_OK;
}

/**
 * v1_aggressive_say_first - HDR, SA, KE, Ni, IDii, [VID ...]
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @v: by RSA encryption: verdict of V1_ENCRYPT
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when it is out.
 */
enum isakmp_reason v1_aggressive_say_first(struct ike_sa *sa, struct ike_epoch *ep,
					   const struct ike_verdict *v, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);
	enum isakmp_reason why;
	struct v1_msg m;

	why = v1_msg_begin(sa, ep, NULL, &m, V1_AGGRESSIVE, V1_H_NONE);
	if (why)
		return why;
	why = v1_first_offer(sa, &m);
	if (!why)
		why = add_own(&m, v);
	if (why) {
		v1_msg_free(&m);
		return why;
	}
	v1_certreq_add(sa, &m);
	v1_vendor_add(&m, sa->peer);
	why = v1_talk_say(sa, &m, &p->talk, NULL, true, now);
	if (!why)
		v1_phase1_await(ep, 2);
	return why;
}

/* Our public value is there: message 1, or what the helper has to do for it. */
static enum isakmp_reason go_first(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	if (v1_class_of(v1_of(ep)->method) & V1_CLASS_RSA)
		return v1_secret_seal(sa, ep);
	return v1_aggressive_say_first(sa, ep, NULL, now);
}

/*
 * By RSA encryption message 1 depends on the method; revised, on hash and cipher, too: then
 * there is one choice.  Otherwise these methods are not for the list.
 */
static void narrow(struct v1_phase1 *p)
{
	struct v1_setup *u = p->setup;
	unsigned int i, n = 0;

	if (v1_class_of(u->methods[0]) & V1_CLASS_RSA) {
		p->method = u->methods[0];
		u->n_methods = 1;
		if (v1_class_of(p->method) == V1_CLASS_REV)
			u->offer.n = 1;
		return;
	}
	for (i = 0; i < u->n_methods; i++)
		if (!(v1_class_of(u->methods[i]) & V1_CLASS_RSA))
			u->methods[n++] = u->methods[i];
	u->n_methods = (u8)n;
}

/**
 * v1_aggressive_begun - the helper says who we are
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * RFC 2409, 5: the group cannot be negotiated: it is that of the first suite.
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 1 is out, or the helper makes our public value.
 */
enum isakmp_reason v1_aggressive_begun(struct ike_sa *sa, struct ike_epoch *ep,
				       struct ike_verdict *v, u64 now)
{
	struct v1_setup *u = v1_of(ep)->setup;
	enum isakmp_reason why = v1_first_begun(sa, ep, v);
	bool asked;

	if (why)
		return why;
	ep->suite = u->offer.s[0];
	v1_suites_ready(sa, &sa->peer->ike, ep->suite.ke, &u->offer);
	narrow(v1_of(ep));
	why = v1_kex_make(sa, ep, &asked);
	return why || asked ? why : go_first(sa, ep, now);
}

/**
 * v1_aggressive_public - the helper has made our public value
 * @sa: the initiator
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 1 is out.
 */
enum isakmp_reason v1_aggressive_public(struct ike_sa *sa, struct ike_epoch *ep,
					struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_kex_made(ep, v);

	return why ? why : go_first(sa, ep, now);
}

/**
 * v1_aggressive_check - the proof in message 2: HASH_R here, SIG_R by the helper
 * @sa: the initiator
 * @ep: the ISAKMP SA: all is there but what comes from SKEYID
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked.
 */
enum isakmp_reason v1_aggressive_check(struct ike_sa *sa, struct ike_epoch *ep)
{
	struct v1_setup *u = v1_of(ep)->setup;
	struct v1_chain *c = isakmp_alloc(sizeof(*c));
	enum isakmp_reason why = c ? v1_kept_read(u, c) : ISAKMP_R_NO_MEMORY;

	if (!why)
		why = v1_keys_need(sa, ep);
	if (!why)
		why = v1_peer_check(ep, c);
	isakmp_free(c);
	return why ? why : v1_ask_peer(sa, ep, IKE_ASK_I_VERIFY, true);
}

static enum isakmp_reason go_on(struct ike_sa *sa, struct ike_epoch *ep)
{
	struct v1_phase1 *p = v1_of(ep);
	struct v1_setup *u = p->setup;

	p->key_len = 0;
	if (v1_class_of(p->method) == V1_CLASS_PSK)
		return v1_ask_skeyid(sa, ep, u->peer_id, u->peer_id_len);
	return v1_aggressive_check(sa, ep);
}

/**
 * v1_aggressive_second - the responder's choice, public value, identity and proof
 * @sa: the initiator
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Another responder's may come first: what is not proved is forgotten.
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked.
 */
enum isakmp_reason v1_aggressive_second(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct v1_phase1 *p = v1_of(in->ep);
	enum isakmp_reason why = v1_first_chosen(sa, in);
	bool asked = false;

	if (!why)
		why = v1_kex_read(in->ep, &in->chain, &in->arg);
	if (!why)
		why = v1_peer_id(in->ep, &in->chain);
	if (!why)
		why = v1_nat_detect(in, &p->setup->nat);
	if (!why)
		why = v1_kept_take(p->setup, in);
	if (!why)
		why = v1_kex_secret(sa, in->ep, &asked);
	if (!why && !asked)
		why = go_on(sa, in->ep);
	if (why) {
		v1_kept_free(p->setup);
		v1_first_unchosen(in->ep);
	}
	return why;
}

/**
 * v1_aggressive_sealed - the same by RSA encryption
 * @sa: the initiator
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked.
 */
enum isakmp_reason v1_aggressive_sealed(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	enum isakmp_reason why = v1_first_chosen(sa, in);

	v1_of(in->ep)->key_len = 0;
	if (!why)
		why = v1_secret_read(sa, in);
	if (why)
		v1_first_unchosen(in->ep);
	return why;
}

/**
 * v1_aggressive_secret - the helper has computed g^xy
 * @sa: the initiator
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked.
 */
enum isakmp_reason v1_aggressive_secret(struct ike_sa *sa, struct ike_epoch *ep,
					struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_kex_made(ep, v);

	return why ? why : go_on(sa, ep);
}

/* HDR*, [NAT-D, NAT-D,] HASH_I or [CERT,] SIG_I */
static enum isakmp_reason say_third(struct ike_sa *sa, struct ike_epoch *ep,
				    const struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why;
	struct v1_msg m;

	v1_nat_found(sa, ep);
	why = v1_msg_begin(sa, ep, NULL, &m, V1_AGGRESSIVE, V1_H_NONE);
	if (why)
		return why;
	m.encrypt = true;
	why = v1_own_proof(&m, v);
	if (!why)
		why = v1_nat_add(&m, &sa->path, sa->peer->encap);
	if (why) {
		v1_msg_free(&m);
		return why;
	}
	return v1_talk_say(sa, &m, &v1_of(ep)->talk, NULL, false, now);
}

/* The last message is ours; it is kept, for message 2 that comes again. */
static enum isakmp_reason finish(struct ike_sa *sa, struct ike_epoch *ep,
				 const struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = say_third(sa, ep, v, now);

	return why ? why : v1_phase1_proven(sa, ep, v1_of(ep)->setup->left_s, now);
}

/**
 * v1_aggressive_verified - the helper believes the responder
 * @sa: the initiator
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 3 is out, or the helper signs for it.
 */
enum isakmp_reason v1_aggressive_verified(struct ike_sa *sa, struct ike_epoch *ep,
					  struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_peer_known(sa, ep, v);

	if (why)
		return why;
	v1_of(ep)->setup->left_s = v->left_s;
	if (v1_proof_of(v1_of(ep)->method, true) == V1_CLASS_SIG)
		return v1_ask_own(sa, ep);
	return finish(sa, ep, v, now);
}

/**
 * v1_aggressive_signed - the helper has made our signature
 * @sa: the initiator
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 3 is out.
 */
enum isakmp_reason v1_aggressive_signed(struct ike_sa *sa, struct ike_epoch *ep,
					struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = ike_basis_own(sa, v);

	return why ? why : finish(sa, ep, v, now);
}

/* ---- responder ----------------------------------------------------------- */

/**
 * v1_aggressive_say_second - HDR, SA, KE, Nr, IDir, [CERTREQ,] [NAT-D, NAT-D,] HASH_R or [CERT,]
 *	SIG_R, [VID ...]
 * @sa: the responder
 * @ep: the ISAKMP SA; SKEYID is there
 * @v: the verdict that has what of it is the helper's
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when it is out.
 */
enum isakmp_reason v1_aggressive_say_second(struct ike_sa *sa, struct ike_epoch *ep,
					    const struct ike_verdict *v, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);
	struct v1_setup *u = p->setup;
	enum isakmp_reason why;
	struct v1_msg m;

	why = v1_msg_begin(sa, ep, NULL, &m, V1_AGGRESSIVE, V1_H_NONE);
	if (why)
		return why;
	v1_msg_bytes(&m, V1_PL_SA, u->sa_r, u->sa_r_len);
	why = add_own(&m, v);
	v1_certreq_add(sa, &m);
	if (!why)
		why = v1_nat_add(&m, &u->path, sa->peer->encap);
	if (!why)
		why = v1_own_proof(&m, v);
	if (why) {
		v1_msg_free(&m);
		return why;
	}
	v1_vendor_add(&m, sa->peer);
	why = v1_talk_say(sa, &m, &p->talk, NULL, false, now);
	if (!why)
		v1_phase1_await(ep, 3);
	return why;
}

/* With a secret: whose; else whoever has this identity, and our signature. */
static enum isakmp_reason ask_first(struct ike_sa *sa, struct ike_epoch *ep)
{
	struct v1_phase1 *p = v1_of(ep);
	struct v1_setup *u = p->setup;
	enum isakmp_reason why;

	if (v1_class_of(p->method) == V1_CLASS_PSK)
		return v1_ask_skeyid(sa, ep, u->peer_id, u->peer_id_len);
	if (v1_class_of(p->method) & V1_CLASS_RSA)
		return v1_secret_seal(sa, ep);
	why = v1_keys_need(sa, ep);
	return why ? why : v1_ask_peer(sa, ep, IKE_ASK_R_AUTH, false);
}

static enum isakmp_reason take_first(struct ike_sa *sa, struct v1_in *in)
{
	enum isakmp_reason why;
	bool asked = false;

	if (v1_class_of(v1_of(in->ep)->method) & V1_CLASS_RSA)
		return v1_secret_read(sa, in);
	/* HASH(1) */
	if (in->chain.seen & V1_PL_BIT(V1_PL_HASH))
		return ISAKMP_R_UNEXPECTED;
	why = v1_certs_look(&in->chain);
	if (!why)
		why = v1_kex_read(in->ep, &in->chain, &in->arg);
	if (!why)
		why = v1_peer_id(in->ep, &in->chain);
	if (!why)
		why = v1_kept_take(v1_of(in->ep)->setup, in);
	if (!why)
		why = v1_kex_make(sa, in->ep, &asked);
	return why || asked ? why : ask_first(sa, in->ep);
}

/**
 * v1_aggressive_first - a new initiator
 * @sa: a new responder SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked; else why the SA shall not be.
 */
enum isakmp_reason v1_aggressive_first(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	const struct isakmp_payload *ke = v1_chain_find(&in->chain, V1_PL_KE);
	enum isakmp_reason why = v1_first_take(sa, in, ke->len, now);

	if (!why)
		why = take_first(sa, in);
	if (!why)
		ike_sa_set_state(sa, IKE_S_V1);
	return why;
}

/**
 * v1_aggressive_both - the helper has computed our public value and g^xy
 * @sa: the responder
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked.
 */
enum isakmp_reason v1_aggressive_both(struct ike_sa *sa, struct ike_epoch *ep,
				      struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_kex_made(ep, v);

	return why ? why : ask_first(sa, ep);
}

/**
 * v1_aggressive_keyed - the helper has made SKEYID
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Of the initiator: HASH_R of the message that waits is right, or it is somebody else's,
 * and the next one may be the responder's.
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 2 of the responder is out, or the initiator's helper was asked.
 */
enum isakmp_reason v1_aggressive_keyed(struct ike_sa *sa, struct ike_epoch *ep,
				       struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_skeyid_take(sa, ep, v);

	if (why)
		return why;
	if (ep->initiator)
		return v1_aggressive_check(sa, ep);
	if (!(sa->peer->v1.accept & BIT(V1_AGGRESSIVE)))
		return ISAKMP_R_AUTH_METHOD;
	return v1_aggressive_say_second(sa, ep, v, now);
}

/**
 * v1_aggressive_named - the helper knows the identity, and has made our signature
 * @sa: the responder
 * @ep: the ISAKMP SA
 * @v: the verdict; its peer is that of the SA from now on
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 2 is out.
 */
enum isakmp_reason v1_aggressive_named(struct ike_sa *sa, struct ike_epoch *ep,
				       struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_own_id(ep, v);

	if (!why)
		why = ike_basis_own(sa, v);
	if (!why && !v->peer)
		why = ISAKMP_R_HELPER_ERROR;
	if (!why && !(v->peer->v1.accept & BIT(V1_AGGRESSIVE)))
		why = ISAKMP_R_AUTH_METHOD;
	if (why)
		return why;
	v1_of(ep)->setup->allowed = v->children;
	v1_peer_meant(sa, ep, v);
	return v1_aggressive_say_second(sa, ep, v, now);
}

/**
 * v1_aggressive_third - the initiator's proof
 * @sa: the responder
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked.
 */
enum isakmp_reason v1_aggressive_third(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct v1_phase1 *p = v1_of(in->ep);
	bool signs = v1_class_of(p->method) == V1_CLASS_SIG;
	enum isakmp_reason why = v1_keys_need(sa, in->ep);

	if (!why)
		why = v1_peer_check(in->ep, &in->chain);
	if (!why)
		why = v1_nat_detect(in, &p->setup->nat);
	if (!why)
		why = v1_kept_take(p->setup, in);
	if (!in->encrypted)
		memcpy(p->setup->iv, p->iv, sizeof(p->iv));
	if (!why)
		why = v1_ask_peer(sa, in->ep, signs ? IKE_ASK_I_VERIFY : IKE_ASK_R_AUTH, true);
	if (why)
		v1_kept_free(p->setup);
	return why;
}

/**
 * v1_aggressive_judged - the helper believes the initiator
 * @sa: the responder
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why not.
 */
enum isakmp_reason v1_aggressive_judged(struct ike_sa *sa, struct ike_epoch *ep,
					struct ike_verdict *v, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);
	enum isakmp_reason why;

	v1_peer_contact(sa, p->setup);
	/* By signature the peer was chosen before */
	if (v->kind == IKE_ASK_I_VERIFY) {
		isakmp_peer_get(sa->peer);
		v->peer = sa->peer;
		v->children = p->setup->allowed;
	}
	why = v1_peer_adopt(sa, ep, v);
	if (why)
		return why;
	v1_nat_follow(sa, ep);
	memcpy(p->iv, p->setup->iv, sizeof(p->iv));
	return v1_phase1_proven(sa, ep, v->left_s, now);
}
