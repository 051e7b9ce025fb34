// SPDX-License-Identifier: GPL-2.0
/*
 * Authentication Only (RFC 2408, 4.6): three messages, no keys.
 *
 *	Initiator				Responder
 *	HDR, SA, Ni			-->
 *					<--	HDR, SA, Nr, IDir, HASH_R or [CERT,] SIG_R
 *	HDR, IDii, HASH_I or [CERT,] SIG_I -->
 *
 * RFC 2409 does not have it, so what is hashed is as near to it as can be: all that HASH_I and
 * HASH_R cover there but public values, of which there are none,
 *
 *	HASH_I = prf (SKEYID, CKY-I | CKY-R | SAi_b | IDii_b)
 *	HASH_R = prf (SKEYID, CKY-R | CKY-I | SAi_b | IDir_b)
 *
 * and the nonces in SKEYID, which is prf (pre-shared-key, Ni_b | Nr_b), or, to be signed,
 * hash (Ni_b | Nr_b), as in Base Mode.  No ISAKMP SA comes of it: nothing can be encrypted, there
 * are no children, and the connection ends when both have proved who they are.  Who is at the
 * other end at another time is not known by it.
 */
#include "v1/engine.h"

/*
 * Both have: v1-auth-only says so to whoever watches.  The initiator has said the last message, which
 * the responder may not have heard: it is kept for a while.
 */
static enum isakmp_reason finish(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);
	struct v1_talk last = p->talk;

	if (!ep->initiator) {
		ike_sa_die(sa, ISAKMP_R_V1_AUTH_ONLY, 0, now);
		return ISAKMP_OK;
	}
	p->talk.bytes = NULL;
	ike_sa_die(sa, ISAKMP_R_V1_AUTH_ONLY, IKE_LINGER_MS, now);
	p->talk = last;
	return ISAKMP_OK;
}

static enum isakmp_reason say_again(struct ike_sa *sa, struct v1_phase1 *p, u64 now)
{
	if (!isakmp_bucket_spend(&p->repeats, now, IKE_REPEAT_PER_SECOND, IKE_REPEAT_BURST))
		return ISAKMP_R_REPEATED_OFTEN;
	sa->resends++;
	return ike_send(sa, &sa->path, p->talk.bytes, p->talk.len);
}

/**
 * v1_auth_only_again - a datagram for a connection that is over: the last message again?
 * @sa: the SA, DEAD
 * @pkt: the datagram: message 2 again, or it comes too late
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_auth_only_again(struct ike_sa *sa, const struct ike_packet *pkt, u64 now)
{
	struct v1_phase1 *p = sa->ep ? sa->ep->v1 : NULL;
	enum isakmp_reason why = ISAKMP_R_DYING;

	if (!p || !p->talk.bytes)
		return;
	if (p->talk.answers == pkt->digest &&
	    isakmp_addr_equal(&pkt->path.remote, &sa->path.remote))
		why = say_again(sa, p, now);
	if (why)
		isakmp_refused(sa, why, 0);
}

/* ---- initiator ----------------------------------------------------------- */

/**
 * v1_auth_only_begun - the helper says who we are
 * @sa: the SA
 * @ep: the ISAKMP SA, which never is one
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 1 is out.
 */
enum isakmp_reason v1_auth_only_begun(struct ike_sa *sa, struct ike_epoch *ep,
				      struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_first_begun(sa, ep, v);
	struct v1_msg m;

	if (!why)
		why = v1_msg_begin(sa, ep, NULL, &m, V1_AUTH_ONLY, V1_H_NONE);
	if (why)
		return why;
	why = v1_first_offer(sa, &m);
	if (why) {
		v1_msg_free(&m);
		return why;
	}
	v1_nonce_add(&m);
	v1_certreq_add(sa, &m);
	why = v1_talk_say(sa, &m, &v1_of(ep)->talk, NULL, true, now);
	if (!why)
		v1_phase1_await(ep, 2);
	return why;
}

/* The proof in message 2: HASH_R here, SIG_R by the helper. */
static enum isakmp_reason check_second(struct ike_sa *sa, struct ike_epoch *ep)
{
	struct v1_chain *c = isakmp_alloc(sizeof(*c));
	enum isakmp_reason why = c ? v1_kept_read(v1_of(ep)->setup, c) : ISAKMP_R_NO_MEMORY;

	if (!why)
		why = v1_peer_check(ep, c);
	isakmp_free(c);
	return why ? why : v1_ask_peer(sa, ep, IKE_ASK_I_VERIFY, true);
}

/**
 * v1_auth_only_second - the responder's choice, nonce, identity and proof
 * @sa: the initiator
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked.
 */
enum isakmp_reason v1_auth_only_second(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct v1_setup *u = v1_of(in->ep)->setup;
	enum isakmp_reason why = v1_first_chosen(sa, in);
	bool asked = false;

	if (!why)
		why = v1_nonce_read(in->ep, &in->chain);
	if (!why)
		why = v1_peer_id(in->ep, &in->chain);
	if (!why)
		why = v1_kept_take(u, in);
	if (!why)
		why = v1_proof_key(sa, in->ep, &asked);
	if (!why && !asked)
		why = check_second(sa, in->ep);
	if (why) {
		v1_kept_free(u);
		v1_first_unchosen(in->ep);
	}
	return why;
}

/* HDR, IDii, HASH_I or [CERT,] SIG_I; then there is nothing left to do */
static enum isakmp_reason say_third(struct ike_sa *sa, struct ike_epoch *ep,
				    const struct ike_verdict *v, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);
	enum isakmp_reason why;
	struct v1_msg m;

	why = v1_msg_begin(sa, ep, NULL, &m, V1_AUTH_ONLY, V1_H_NONE);
	if (why)
		return why;
	v1_msg_bytes(&m, V1_PL_ID, p->setup->id, p->setup->id_len);
	why = v1_own_proof(&m, v);
	if (why) {
		v1_msg_free(&m);
		return why;
	}
	why = v1_talk_say(sa, &m, &p->talk, NULL, false, now);
	return why ? why : finish(sa, ep, now);
}

/**
 * v1_auth_only_verified - the helper believes the responder
 * @sa: the initiator
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 3 is out, or the helper signs for it.
 */
enum isakmp_reason v1_auth_only_verified(struct ike_sa *sa, struct ike_epoch *ep,
					 struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_peer_shown(sa, ep, sa->peer, v);

	if (why)
		return why;
	return v1_proof_of(v1_of(ep)->method, true) == V1_CLASS_SIG ? v1_ask_own(sa, ep) :
								      say_third(sa, ep, v, now);
}

/* ---- responder ----------------------------------------------------------- */

/* HDR, SA, Nr, IDir, [CERTREQ,] HASH_R or [CERT,] SIG_R */
static enum isakmp_reason say_second(struct ike_sa *sa, struct ike_epoch *ep,
				     const struct ike_verdict *v, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);
	struct v1_setup *u = p->setup;
	enum isakmp_reason why;
	struct v1_msg m;

	why = v1_msg_begin(sa, ep, NULL, &m, V1_AUTH_ONLY, V1_H_NONE);
	if (why)
		return why;
	v1_msg_bytes(&m, V1_PL_SA, u->sa_r, u->sa_r_len);
	v1_nonce_add(&m);
	v1_msg_bytes(&m, V1_PL_ID, u->id, u->id_len);
	v1_certreq_add(sa, &m);
	why = v1_own_proof(&m, v);
	if (why) {
		v1_msg_free(&m);
		return why;
	}
	why = v1_talk_say(sa, &m, &p->talk, NULL, false, now);
	if (!why)
		v1_phase1_await(ep, 3);
	return why;
}

/**
 * v1_auth_only_first - a new initiator
 * @sa: a new responder SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * It does not say who it is: who is meant is known by the addresses, as in Main Mode.
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked; else why the SA shall not be.
 */
enum isakmp_reason v1_auth_only_first(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	enum isakmp_reason why = v1_first_take(sa, in, 0, now);
	struct ike_verdict *none;
	bool asked = false;

	if (!why)
		why = v1_nonce_read(in->ep, &in->chain);
	if (!why)
		why = v1_kept_take(v1_of(in->ep)->setup, in);
	if (why)
		return why;
	v1_nonce_make(in->ep);
	why = v1_proof_key(sa, in->ep, &asked);
	if (!why && !asked) {
		none = isakmp_alloc(sizeof(*none));
		if (!none)
			return ISAKMP_R_NO_MEMORY;
		v1_peer_meant(sa, in->ep, none);
		isakmp_free(none);
		why = v1_ask_own(sa, in->ep);
	}
	if (!why)
		ike_sa_set_state(sa, IKE_S_V1);
	return why;
}

/**
 * v1_auth_only_third - the initiator's identity and proof
 * @sa: the responder
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked.
 */
enum isakmp_reason v1_auth_only_third(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct v1_phase1 *p = v1_of(in->ep);
	bool signs = v1_proof_of(p->method, true) == V1_CLASS_SIG;
	enum isakmp_reason why = v1_peer_id(in->ep, &in->chain);

	if (!why)
		why = v1_peer_check(in->ep, &in->chain);
	if (!why)
		why = v1_kept_take(p->setup, in);
	if (!why)
		why = v1_ask_peer(sa, in->ep, signs ? IKE_ASK_I_VERIFY : IKE_ASK_R_AUTH, true);
	if (why)
		v1_kept_free(p->setup);
	return why;
}

/**
 * v1_auth_only_judged - the helper believes the initiator
 * @sa: the responder
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why not.
 */
enum isakmp_reason v1_auth_only_judged(struct ike_sa *sa, struct ike_epoch *ep,
				       struct ike_verdict *v, u64 now)
{
	const struct ike_peer *peer = v->kind == IKE_ASK_I_VERIFY ? sa->peer : v->peer;
	enum isakmp_reason why = v1_peer_shown(sa, ep, peer, v);

	return why ? why : finish(sa, ep, now);
}

/* ---- both ---------------------------------------------------------------- */

/**
 * v1_auth_only_keyed - the helper has made SKEYID
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 2 of the responder is out, or the initiator's helper was asked.
 */
enum isakmp_reason v1_auth_only_keyed(struct ike_sa *sa, struct ike_epoch *ep,
				      struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_skeyid_take(sa, ep, v);

	if (why)
		return why;
	if (ep->initiator)
		return check_second(sa, ep);
	if (!(sa->peer->v1.accept & BIT(V1_AUTH_ONLY)))
		return ISAKMP_R_AUTH_METHOD;
	return say_second(sa, ep, v, now);
}

/**
 * v1_auth_only_signed - the helper has made our signature
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 2 of the responder, or 3 of the initiator, is out.
 */
enum isakmp_reason v1_auth_only_signed(struct ike_sa *sa, struct ike_epoch *ep,
				       struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_own_id(ep, v);

	if (!why)
		why = ike_basis_own(sa, v);
	if (why)
		return why;
	return ep->initiator ? say_third(sa, ep, v, now) : say_second(sa, ep, v, now);
}
