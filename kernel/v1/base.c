// SPDX-License-Identifier: GPL-2.0
/*
 * Base Mode (RFC 2408, 4.4): four messages, identities in the clear.
 *
 *	Initiator				Responder
 *	HDR, SA, Ni			-->
 *					<--	HDR, SA, Nr
 *	HDR, KE, IDii, HASH_I or SIG_I	-->
 *					<--	HDR, KE, IDir, HASH_R or SIG_R
 *
 * HASH_I and HASH_R are those of RFC 2409, but that the initiator does not know g^xr when it
 * makes HASH_I, nor g^xy: what is signed is made with hash(Ni_b | Nr_b) in place of SKEYID.
 * The responder proves itself to nobody who has not done so before.
 */
#include "v1/engine.h"

/* HDR, SA, N, [VID ...]: message 1 or 2; the SA payload is there */
static enum isakmp_reason say_nonce(struct ike_sa *sa, struct v1_msg *m,
				    const struct ike_peer *peer, const struct v1_in *in, u64 now)
{
	struct ike_epoch *ep = m->ep;
	enum isakmp_reason why;

	v1_nonce_add(m);
	v1_vendor_add(m, peer);
	why = v1_talk_say(sa, m, &v1_of(ep)->talk, in, !in, now);
	if (!why)
		v1_phase1_await(ep, ep->initiator ? 2 : 3);
	return why;
}

/* HDR, KE, ID, [CERT,] HASH or SIG, [NAT-D, NAT-D]: message 3 or 4 */
static enum isakmp_reason say_proof(struct ike_sa *sa, struct ike_epoch *ep,
				    const struct ike_verdict *v, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);
	struct v1_setup *u = p->setup;
	const struct isakmp_path *path = ep->initiator ? &sa->path : &u->path;
	enum isakmp_reason why;
	struct v1_msg m;

	why = v1_msg_begin(sa, ep, NULL, &m, V1_BASE, V1_H_NONE);
	if (why)
		return why;
	v1_ke_add(&m);
	v1_msg_bytes(&m, V1_PL_ID, u->id, u->id_len);
	v1_certreq_add(sa, &m);
	why = v1_nat_add(&m, path, sa->peer->encap);
	if (!why)
		why = v1_own_proof(&m, v);
	if (why) {
		v1_msg_free(&m);
		return why;
	}
	return v1_talk_say(sa, &m, &p->talk, NULL, ep->initiator, now);
}

/* ---- initiator ----------------------------------------------------------- */

/**
 * v1_base_begun - the helper says who we are
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 1 is out.
 */
enum isakmp_reason v1_base_begun(struct ike_sa *sa, struct ike_epoch *ep,
				 struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_first_begun(sa, ep, v);
	struct v1_msg m;

	if (!why)
		why = v1_msg_begin(sa, ep, NULL, &m, V1_BASE, V1_H_NONE);
	if (why)
		return why;
	why = v1_first_offer(sa, &m);
	if (why) {
		v1_msg_free(&m);
		return why;
	}
	return say_nonce(sa, &m, sa->peer, NULL, now);
}

static enum isakmp_reason say_third(struct ike_sa *sa, struct ike_epoch *ep,
				    const struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = say_proof(sa, ep, v, now);

	if (!why)
		v1_phase1_await(ep, 4);
	return why;
}

/* Our public value is there: our proof. */
static enum isakmp_reason go_on(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	static const struct ike_verdict none;
	enum isakmp_reason why;
	bool asked;

	why = v1_proof_key(sa, ep, &asked);
	if (why || asked)
		return why;
	return v1_proof_of(v1_of(ep)->method, true) == V1_CLASS_SIG ?
	       v1_ask_own(sa, ep) : say_third(sa, ep, &none, now);
}

/**
 * v1_base_second - what the responder has chosen, and its nonce
 * @sa: the initiator
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked, or message 3 is out.
 */
enum isakmp_reason v1_base_second(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct v1_setup *u = v1_of(in->ep)->setup;
	enum isakmp_reason why = v1_first_chosen(sa, in);
	bool asked = false;

	if (!why)
		why = v1_nonce_read(in->ep, &in->chain);
	if (!why)
		why = v1_kept_take(u, in);
	if (!why)
		why = v1_kex_make(sa, in->ep, &asked);
	if (!why && !asked)
		why = go_on(sa, in->ep, now);
	if (why)
		v1_kept_free(u);
	return why;
}

/**
 * v1_base_public - the helper has made our public value
 * @sa: the initiator
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked, or message 3 is out.
 */
enum isakmp_reason v1_base_public(struct ike_sa *sa, struct ike_epoch *ep,
				  struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_kex_made(ep, v);

	return why ? why : go_on(sa, ep, now);
}

/**
 * v1_base_signed - the helper has made our signature
 * @sa: the initiator
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 3 is out.
 */
enum isakmp_reason v1_base_signed(struct ike_sa *sa, struct ike_epoch *ep,
				  struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_own_id(ep, v);

	if (!why)
		why = ike_basis_own(sa, v);
	return why ? why : say_third(sa, ep, v, now);
}

/* KE, identity and proof of the peer, as far as they can be looked at yet. */
static enum isakmp_reason take_proof(struct v1_in *in)
{
	struct v1_phase1 *p = v1_of(in->ep);
	enum isakmp_reason why = v1_ke_read(in->ep, &in->chain, &in->arg);

	v1_vendor_read(p, &in->chain);
	if (!why)
		why = v1_peer_id(in->ep, &in->chain);
	if (!why)
		why = v1_nat_detect(in, &p->setup->nat);
	return why ? why : v1_kept_take(p->setup, in);
}

/**
 * v1_base_fourth - the responder's public value, identity and proof
 * @sa: the initiator
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked.
 */
enum isakmp_reason v1_base_fourth(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	enum isakmp_reason why = take_proof(in);

	if (!why)
		why = v1_peer_check(in->ep, &in->chain);
	if (!why)
		why = v1_ask_peer(sa, in->ep, IKE_ASK_I_VERIFY, true);
	if (why)
		v1_kept_free(v1_of(in->ep)->setup);
	return why;
}

/* g^xy is there, or will not be. */
static enum isakmp_reason finish(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct v1_setup *u = v1_of(ep)->setup;
	enum isakmp_reason why = v1_keys_need(sa, ep);

	if (why)
		return why;
	if (ep->initiator)
		v1_nat_found(sa, ep);
	return v1_phase1_proven(sa, ep, u->left_s, now);
}

/**
 * v1_base_verified - the helper believes the responder
 * @sa: the initiator
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when it is over, or the helper computes g^xy.
 */
enum isakmp_reason v1_base_verified(struct ike_sa *sa, struct ike_epoch *ep,
				    struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_peer_known(sa, ep, v);
	bool asked = false;

	v1_of(ep)->setup->left_s = v->left_s;
	if (!why)
		why = v1_kex_secret(sa, ep, &asked);
	return why || asked ? why : finish(sa, ep, now);
}

/**
 * v1_base_secret - the helper has computed g^xy
 * @sa: the initiator
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when it is over.
 */
enum isakmp_reason v1_base_secret(struct ike_sa *sa, struct ike_epoch *ep,
				  struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_kex_made(ep, v);

	return why ? why : finish(sa, ep, now);
}

/* ---- responder ----------------------------------------------------------- */

/**
 * v1_base_first - a new initiator
 * @sa: a new responder SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when answered; else why the SA shall not be.
 */
enum isakmp_reason v1_base_first(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct v1_phase1 *p = v1_of(in->ep);
	enum isakmp_reason why = v1_first_take(sa, in, 0, now);
	struct v1_msg m;

	if (!why)
		why = v1_nonce_read(in->ep, &in->chain);
	if (!why)
		why = v1_msg_begin(sa, in->ep, NULL, &m, V1_BASE, V1_H_NONE);
	if (why)
		return why;
	v1_certs_keep(in->ep, &in->chain);
	v1_msg_bytes(&m, V1_PL_SA, p->setup->sa_r, p->setup->sa_r_len);
	why = say_nonce(sa, &m, p->setup->peer, in, now);
	if (!why)
		ike_sa_set_state(sa, IKE_S_V1);
	return why;
}

/* SKEYID, or what takes its place, is there: the proof in message 3. */
static enum isakmp_reason check_third(struct ike_sa *sa, struct ike_epoch *ep)
{
	struct v1_chain *c = isakmp_alloc(sizeof(*c));
	enum isakmp_reason why = c ? v1_kept_read(v1_of(ep)->setup, c) : ISAKMP_R_NO_MEMORY;

	if (!why)
		why = v1_peer_check(ep, c);
	isakmp_free(c);
	return why ? why : v1_ask_peer(sa, ep, IKE_ASK_R_AUTH, true);
}

static enum isakmp_reason look(struct ike_sa *sa, struct ike_epoch *ep)
{
	enum isakmp_reason why;
	bool asked;

	why = v1_proof_key(sa, ep, &asked);
	return why || asked ? why : check_third(sa, ep);
}

/**
 * v1_base_third - the initiator's public value, identity and proof
 * @sa: the responder
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked.
 */
enum isakmp_reason v1_base_third(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	enum isakmp_reason why = take_proof(in);
	bool asked = false;

	if (!why)
		why = v1_kex_make(sa, in->ep, &asked);
	if (!why && !asked)
		why = look(sa, in->ep);
	if (why)
		v1_kept_free(v1_of(in->ep)->setup);
	return why;
}

/**
 * v1_base_both - the helper has computed our public value and g^xy
 * @sa: the responder
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked.
 */
enum isakmp_reason v1_base_both(struct ike_sa *sa, struct ike_epoch *ep,
				struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_kex_made(ep, v);

	return why ? why : look(sa, ep);
}

/**
 * v1_base_keyed - the helper has made SKEYID
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 3 of the initiator is out, or the responder's helper was asked.
 */
enum isakmp_reason v1_base_keyed(struct ike_sa *sa, struct ike_epoch *ep,
				 struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_skeyid_take(sa, ep, v);

	if (why)
		return why;
	return ep->initiator ? say_third(sa, ep, v, now) : check_third(sa, ep);
}

/**
 * v1_base_judged - the helper believes the initiator
 * @sa: the responder
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 4 is out; else why not.
 */
enum isakmp_reason v1_base_judged(struct ike_sa *sa, struct ike_epoch *ep,
				  struct ike_verdict *v, u64 now)
{
	struct v1_setup *u = v1_of(ep)->setup;
	enum isakmp_reason why;

	v1_peer_contact(sa, u);
	u->left_s = v->left_s;
	why = v1_own_id(ep, v);
	if (!why)
		why = v1_peer_adopt(sa, ep, v);
	if (why)
		return why;
	v1_nat_follow(sa, ep);
	why = say_proof(sa, ep, v, now);
	return why ? why : finish(sa, ep, now);
}
