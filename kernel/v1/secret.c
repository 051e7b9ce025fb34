// SPDX-License-Identifier: GPL-2.0
/*
 * Main Mode by RSA encryption (RFC 2409, 5.2): who can read its nonce has the key.
 *
 *	Initiator				Responder
 *	HDR, SA				-->
 *					<--	HDR, SA
 *	HDR, KE, <IDii>, <Ni>		-->
 *					<--	HDR, KE, <IDir>, <Nr>
 *	HDR*, HASH_I			-->
 *					<--	HDR*, HASH_R
 *
 * The helper has the keys.  What was not encrypted for us it opens as random octets, and
 * nothing here depends on what they are before HASH_I is checked: nobody learns by our
 * behaviour whether the padding was right (Felsch et al., 2018).
 */
#include "v1/engine.h"

/**
 * v1_secret_seal - have our nonce and identity encrypted for the peer
 * @sa: the SA
 * @ep: the ISAKMP SA; our public value is there
 *
 * The responder does not say who it is before the helper has found the peer's key.
 *
 * Context: Process; the SA's worker.
 * Return: as v1_ask().
 */
enum isakmp_reason v1_secret_seal(struct ike_sa *sa, struct ike_epoch *ep)
{
	const struct v1_setup *u = v1_of(ep)->setup;
	struct ike_ask ask = { .kind = IKE_ASK_V1_ENCRYPT };

	if (ep->initiator) {
		ask.secret = (struct ike_span){ u->ni, u->ni_len };
		ask.secret_id = (struct ike_span){ u->id, u->id_len };
	} else {
		ask.secret = (struct ike_span){ u->nr, u->nr_len };
		ask.id_i = (struct ike_span){ u->peer_id, u->peer_id_len };
	}
	return v1_ask_phase1(sa, ep, &ask);
}

/**
 * v1_secret_sealed - they are: message 3 or 4
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when it is out.
 */
enum isakmp_reason v1_secret_sealed(struct ike_sa *sa, struct ike_epoch *ep,
				    struct ike_verdict *v, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);
	const struct isakmp_path *path = ep->initiator ? &sa->path : &p->setup->path;
	enum isakmp_reason why;
	struct v1_msg m;

	if (!v->secret.len || !v->secret_id.len)
		return ISAKMP_R_HELPER_ERROR;
	why = v1_own_id(ep, v);
	if (!why)
		why = v1_msg_begin(sa, ep, NULL, &m, V1_MAIN, V1_H_NONE);
	if (why)
		return why;
	if (!ep->initiator)
		v1_peer_meant(sa, ep, v);
	v1_ke_add(&m);
	v1_msg_bytes(&m, V1_PL_ID, v->secret_id.p, v->secret_id.len);
	v1_msg_bytes(&m, V1_PL_NONCE, v->secret.p, v->secret.len);
	why = v1_nat_add(&m, path, sa->peer->encap);
	if (why) {
		v1_msg_free(&m);
		return why;
	}
	why = v1_talk_say(sa, &m, &p->talk, NULL, ep->initiator, now);
	if (!why)
		v1_phase1_await(ep, ep->initiator ? 4 : 5);
	return why;
}

/**
 * v1_secret_open - have the peer's nonce and identity decrypted
 * @sa: the SA
 * @ep: the ISAKMP SA; the message is kept
 *
 * Context: Process; the SA's worker.
 * Return: as v1_ask().
 */
enum isakmp_reason v1_secret_open(struct ike_sa *sa, struct ike_epoch *ep)
{
	struct v1_chain *c = isakmp_alloc(sizeof(*c));
	struct ike_ask ask = { .kind = IKE_ASK_V1_DECRYPT };
	const struct isakmp_payload *n, *id;
	enum isakmp_reason why = c ? v1_kept_read(v1_of(ep)->setup, c) : ISAKMP_R_NO_MEMORY;

	if (!why) {
		n = v1_chain_find(c, V1_PL_NONCE);
		id = v1_chain_find(c, V1_PL_ID);
		ask.secret = (struct ike_span){ n->body, n->len };
		ask.secret_id = (struct ike_span){ id->body, id->len };
		why = v1_ask_phase1(sa, ep, &ask);
	}
	isakmp_free(c);
	return why;
}

static enum isakmp_reason keep(struct ike_epoch *ep, const struct ike_verdict *v)
{
	struct v1_setup *u = v1_of(ep)->setup;
	u8 *id;

	if (v->secret.len < V1_NONCE_MIN || v->secret.len > IKE_NONCE_MAX ||
	    v->secret_id.len <= 4 || v->secret_id.len > 4 + IKE_ID_MAX)
		return ISAKMP_R_HELPER_ERROR;
	id = ike_copy(v->secret_id.p, v->secret_id.len);
	if (!id)
		return ISAKMP_R_NO_MEMORY;
	isakmp_free(u->peer_id);
	u->peer_id = id;
	u->peer_id_len = (u16)v->secret_id.len;
	memcpy(ep->initiator ? u->nr : u->ni, v->secret.p, v->secret.len);
	*(ep->initiator ? &u->nr_len : &u->ni_len) = (u16)v->secret.len;
	return ISAKMP_OK;
}

/**
 * v1_secret_opened - they are
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when message 5 is out, or the responder's own are being encrypted.
 */
enum isakmp_reason v1_secret_opened(struct ike_sa *sa, struct ike_epoch *ep,
				    struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = keep(ep, v);

	if (why)
		return why;
	return ep->initiator ? v1_main_say_fifth(sa, ep, now) : v1_secret_seal(sa, ep);
}

/**
 * v1_secret_key - KE of the peer, its nonce and identity sealed: message 3 or 4
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked.
 */
enum isakmp_reason v1_secret_key(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct v1_phase1 *p = v1_of(in->ep);
	enum isakmp_reason why;
	bool asked = false;

	v1_vendor_read(p, &in->chain);
	why = v1_ke_read(in->ep, &in->chain, &in->arg);
	if (!why)
		why = v1_nat_detect(in, &p->setup->nat);
	if (!why)
		why = v1_kept_take(p->setup, in);
	if (!why)
		why = in->ep->initiator ? v1_kex_secret(sa, in->ep, &asked) :
					  v1_kex_make(sa, in->ep, &asked);
	if (!why && !asked)
		why = v1_secret_open(sa, in->ep);
	if (why)
		v1_kept_free(p->setup);
	return why;
}
