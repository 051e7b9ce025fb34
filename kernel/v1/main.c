// SPDX-License-Identifier: GPL-2.0
/*
 * Main Mode (RFC 2409, 5.1 and 5.4): six messages, three round trips.
 *
 *	Initiator				Responder
 *	HDR, SA				-->
 *					<--	HDR, SA
 *	HDR, KE, Ni			-->
 *					<--	HDR, KE, Nr
 *	HDR*, IDii, HASH_I or SIG_I	-->
 *					<--	HDR*, IDir, HASH_R or SIG_R
 *
 * With a secret the responder has to know it before it knows who calls: the helper finds it
 * by the addresses when message 3 is there.
 */
#include "v1/engine.h"

/* ---- initiator ----------------------------------------------------------- */

/* HDR, SA, [VID ...] */
static enum isakmp_reason say_first(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);
	enum isakmp_reason why;
	struct v1_msg m;

	why = v1_msg_begin(sa, ep, NULL, &m, V1_MAIN, V1_H_NONE);
	if (why)
		return why;
	why = v1_first_offer(sa, &m);
	if (why) {
		v1_msg_free(&m);
		return why;
	}
	v1_vendor_add(&m, sa->peer);
	why = v1_talk_say(sa, &m, &p->talk, NULL, true, now);
	if (!why)
		v1_phase1_await(ep, 2);
	return why;
}

/**
 * v1_main_begun - the helper says who we are
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 1 is out.
 */
enum isakmp_reason v1_main_begun(struct ike_sa *sa, struct ike_epoch *ep,
				 struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_first_begun(sa, ep, v);

	return why ? why : say_first(sa, ep, now);
}

/* HDR, KE, N, [CERTREQ,] [NAT-D, NAT-D]: message 3 or 4 */
static enum isakmp_reason say_key(struct ike_sa *sa, struct ike_epoch *ep,
				  const struct isakmp_path *path, bool fake, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);
	enum isakmp_reason why;
	struct v1_msg m;

	why = v1_msg_begin(sa, ep, NULL, &m, V1_MAIN, V1_H_NONE);
	if (why)
		return why;
	v1_kex_add(&m);
	v1_certreq_add(sa, &m);
	why = v1_nat_add(&m, path, fake);
	if (why) {
		v1_msg_free(&m);
		return why;
	}
	why = v1_talk_say(sa, &m, &p->talk, NULL, ep->initiator, now);
	if (!why)
		v1_phase1_await(ep, ep->initiator ? 4 : 5);
	return why;
}

/* Our public value is there: message 3, or what the helper has to do for it. */
static enum isakmp_reason say_third(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	if (v1_class_of(v1_of(ep)->method) & V1_CLASS_RSA)
		return v1_secret_seal(sa, ep);
	return say_key(sa, ep, &sa->path, sa->peer->encap, now);
}

/**
 * v1_main_second - what the responder has chosen
 * @sa: the initiator
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 3 is out, or the helper makes our public value.
 */
enum isakmp_reason v1_main_second(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	enum isakmp_reason why = v1_first_chosen(sa, in);
	bool asked;

	if (why)
		return why;
	why = v1_kept_take(v1_of(in->ep)->setup, in);
	if (!why)
		why = v1_kex_make(sa, in->ep, &asked);
	if (!why && !asked)
		why = say_third(sa, in->ep, now);
	if (why)
		v1_kept_free(v1_of(in->ep)->setup);
	return why;
}

/**
 * v1_main_public - the helper has made our public value
 * @sa: the initiator
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 3 is out.
 */
enum isakmp_reason v1_main_public(struct ike_sa *sa, struct ike_epoch *ep,
				  struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_kex_made(ep, v);

	return why ? why : say_third(sa, ep, now);
}

/* HDR*, ID, [CERT,] HASH or SIG, [N(INITIAL-CONTACT)]: message 5 or 6 */
static enum isakmp_reason say_proof(struct ike_sa *sa, struct ike_epoch *ep,
				    const struct ike_verdict *v, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);
	struct v1_setup *u = p->setup;
	enum isakmp_reason why;
	struct v1_msg m;

	why = v1_msg_begin(sa, ep, NULL, &m, V1_MAIN, V1_H_NONE);
	if (why)
		return why;
	m.encrypt = true;
	/* With RSA encryption it was said before */
	if (!(v1_class_of(p->method) & V1_CLASS_RSA))
		v1_msg_bytes(&m, V1_PL_ID, u->id, u->id_len);
	why = v1_own_proof(&m, v);
	if (why) {
		v1_msg_free(&m);
		return why;
	}
	if (ep->initiator)
		v1_contact_add(sa, &m);
	return v1_talk_say(sa, &m, &p->talk, NULL, ep->initiator, now);
}

/* HDR*, IDii, ...  Over port 4500, if there is a NAT (RFC 3947, 4). */
static enum isakmp_reason say_fifth(struct ike_sa *sa, struct ike_epoch *ep,
				    const struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why;

	v1_nat_found(sa, ep);
	why = say_proof(sa, ep, v, now);
	if (!why)
		v1_phase1_await(ep, 6);
	return why;
}

/* g^xy is there: SKEYID, keys, and then our proof. */
static enum isakmp_reason go_on(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	static const struct ike_verdict none;
	struct v1_phase1 *p = v1_of(ep);
	enum isakmp_reason why;

	p->key_len = 0;
	if (v1_class_of(p->method) == V1_CLASS_PSK)
		return v1_ask_skeyid(sa, ep, NULL, 0);
	if (v1_class_of(p->method) & V1_CLASS_RSA)
		return v1_secret_go_on(sa, ep, now);
	why = v1_keys_need(sa, ep);
	if (why)
		return why;
	return v1_proof_of(p->method, true) == V1_CLASS_SIG ? v1_ask_own(sa, ep) :
							      say_fifth(sa, ep, &none, now);
}

/**
 * v1_main_say_fifth - both nonces are known: message 5 by HASH_I
 * @sa: the initiator
 * @ep: the ISAKMP SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when it is out.
 */
enum isakmp_reason v1_main_say_fifth(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	static const struct ike_verdict none;
	enum isakmp_reason why;

	v1_of(ep)->key_len = 0;
	why = v1_keys_need(sa, ep);
	return why ? why : say_fifth(sa, ep, &none, now);
}

/**
 * v1_main_fourth - the responder's public value and nonce
 * @sa: the initiator
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked, or message 5 is out.
 */
enum isakmp_reason v1_main_fourth(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct v1_phase1 *p = v1_of(in->ep);
	enum isakmp_reason why;
	bool asked = false;

	v1_vendor_read(p, &in->chain);
	why = v1_kex_read(in->ep, &in->chain, &in->arg);
	if (!why)
		why = v1_nat_detect(in, &p->setup->nat);
	if (!why)
		why = v1_kept_take(p->setup, in);
	if (!why)
		why = v1_kex_secret(sa, in->ep, &asked);
	if (!why && !asked)
		why = go_on(sa, in->ep, now);
	if (why)
		v1_kept_free(p->setup);
	return why;
}

/**
 * v1_main_secret - the helper has computed g^xy
 * @sa: the initiator
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked, or message 5 is out.
 */
enum isakmp_reason v1_main_secret(struct ike_sa *sa, struct ike_epoch *ep,
				  struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_kex_made(ep, v);

	return why ? why : go_on(sa, ep, now);
}

/**
 * v1_main_signed - the helper has made our signature
 * @sa: the initiator
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 5 is out.
 */
enum isakmp_reason v1_main_signed(struct ike_sa *sa, struct ike_epoch *ep,
				  struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_own_id(ep, v);

	if (!why)
		why = ike_basis_own(sa, v);
	return why ? why : say_fifth(sa, ep, v, now);
}

/* The identity and proof of the peer: what can be checked here is. */
static enum isakmp_reason take_proof(struct ike_sa *sa, struct v1_in *in, u8 kind)
{
	struct v1_setup *u = v1_of(in->ep)->setup;
	enum isakmp_reason why = ISAKMP_OK;

	if (!(v1_class_of(v1_of(in->ep)->method) & V1_CLASS_RSA))
		why = v1_peer_id(in->ep, &in->chain);
	if (!why)
		why = v1_peer_check(in->ep, &in->chain);
	if (!why)
		why = v1_kept_take(u, in);
	if (!why)
		why = v1_ask_peer(sa, in->ep, kind, true);
	if (why)
		v1_kept_free(u);
	return why;
}

/**
 * v1_main_sixth - the responder's identity and proof
 * @sa: the initiator
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked.
 */
enum isakmp_reason v1_main_sixth(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	return take_proof(sa, in, IKE_ASK_I_VERIFY);
}

/**
 * v1_main_verified - the helper believes the responder
 * @sa: the initiator
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why it is not believed.
 */
enum isakmp_reason v1_main_verified(struct ike_sa *sa, struct ike_epoch *ep,
				    struct ike_verdict *v, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);
	enum isakmp_reason why = v1_peer_known(sa, ep, v);

	if (why)
		return why;
	memcpy(p->iv, p->setup->iv, sizeof(p->iv));
	return v1_phase1_proven(sa, ep, v->left_s, now);
}

/* ---- responder ----------------------------------------------------------- */

/* HDR, SA, [VID ...] */
static enum isakmp_reason say_second(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct v1_phase1 *p = v1_of(in->ep);
	enum isakmp_reason why;
	struct v1_msg m;

	why = v1_msg_begin(sa, in->ep, NULL, &m, V1_MAIN, V1_H_NONE);
	if (why)
		return why;
	v1_msg_bytes(&m, V1_PL_SA, p->setup->sa_r, p->setup->sa_r_len);
	v1_vendor_add(&m, p->setup->peer);
	return v1_talk_say(sa, &m, &p->talk, in, false, now);
}

/**
 * v1_main_first - a new initiator
 * @sa: a new responder SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when answered; else why the SA shall not be.
 */
enum isakmp_reason v1_main_first(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	enum isakmp_reason why = v1_first_take(sa, in, 0, now);

	if (!why)
		why = say_second(sa, in, now);
	if (why)
		return why;
	v1_phase1_await(in->ep, 3);
	ike_sa_set_state(sa, IKE_S_V1);
	return ISAKMP_OK;
}

/* All but SKEYID is there for message 4. */
static enum isakmp_reason answer_key(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct v1_setup *u = v1_of(ep)->setup;

	if (v1_class_of(v1_of(ep)->method) == V1_CLASS_PSK)
		return v1_ask_skeyid(sa, ep, NULL, 0);
	if (v1_class_of(v1_of(ep)->method) & V1_CLASS_RSA)
		return v1_secret_go_on(sa, ep, now);
	return say_key(sa, ep, &u->path, u->peer->encap, now);
}

/**
 * v1_main_third - the initiator's public value and nonce
 * @sa: the responder
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 4 is out, or the helper was asked.
 */
enum isakmp_reason v1_main_third(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct v1_phase1 *p = v1_of(in->ep);
	enum isakmp_reason why;
	bool asked = false;

	v1_vendor_read(p, &in->chain);
	why = v1_kex_read(in->ep, &in->chain, &in->arg);
	if (!why)
		why = v1_nat_detect(in, &p->setup->nat);
	if (!why)
		why = v1_kept_take(p->setup, in);
	if (!why)
		why = v1_kex_make(sa, in->ep, &asked);
	if (!why && !asked)
		why = answer_key(sa, in->ep, now);
	if (why)
		v1_kept_free(p->setup);
	else
		v1_certs_keep(in->ep, &in->chain);
	return why;
}

/**
 * v1_main_both - the helper has computed our public value and g^xy
 * @sa: the responder
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 4 is out, or the helper was asked.
 */
enum isakmp_reason v1_main_both(struct ike_sa *sa, struct ike_epoch *ep,
				struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_kex_made(ep, v);

	return why ? why : answer_key(sa, ep, now);
}

/**
 * v1_main_keyed - the helper has made SKEYID
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 5 of the initiator, or 4 of the responder, is out.
 */
enum isakmp_reason v1_main_keyed(struct ike_sa *sa, struct ike_epoch *ep,
				 struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v1_skeyid_take(sa, ep, v);

	if (why)
		return why;
	if (!ep->initiator)
		return say_key(sa, ep, &v1_of(ep)->setup->path, sa->peer->encap, now);
	why = v1_keys_need(sa, ep);
	return why ? why : say_fifth(sa, ep, v, now);
}

/**
 * v1_main_fifth - the initiator's identity and proof
 * @sa: the responder
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked.
 */
enum isakmp_reason v1_main_fifth(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	return take_proof(sa, in, IKE_ASK_R_AUTH);
}

/**
 * v1_main_judged - the helper believes the initiator
 * @sa: the responder
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 6 is out; else why not.
 */
enum isakmp_reason v1_main_judged(struct ike_sa *sa, struct ike_epoch *ep,
				  struct ike_verdict *v, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);
	u8 iv[V1_BLOCK_MAX];
	enum isakmp_reason why;

	v1_peer_contact(sa, p->setup);
	why = v1_own_id(ep, v);
	if (!why)
		why = v1_peer_adopt(sa, ep, v);
	if (why)
		return why;
	v1_nat_follow(sa, ep);
	memcpy(iv, p->iv, sizeof(iv));
	memcpy(p->iv, p->setup->iv, sizeof(iv));
	why = say_proof(sa, ep, v, now);
	if (why) {
		memcpy(p->iv, iv, sizeof(iv));
		return why;
	}
	return v1_phase1_proven(sa, ep, v->left_s, now);
}
