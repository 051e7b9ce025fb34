// SPDX-License-Identifier: GPL-2.0
/*
 * RSA encryption (RFC 2409, 5.2 and 5.3): who can read its nonce has the key.
 *
 *	Initiator				Responder
 *	HDR, SA				-->
 *					<--	HDR, SA
 *	HDR, [HASH(1),] KE, <IDii>, <Ni> -->
 *					<--	HDR, KE, <IDir>, <Nr>
 *	HDR*, HASH_I			-->
 *					<--	HDR*, HASH_R
 *
 * and in Aggressive Mode
 *
 *	HDR, SA, [HASH(1),] KE, <IDii>, <Ni> -->
 *					<--	HDR, SA, KE, <IDir>, <Nr>, HASH_R
 *	HDR, HASH_I			-->
 *
 * Revised, the nonce comes first, and KE and the identity are encrypted by it: revised.c.
 *
 * The helper has the keys.  What was not encrypted for us it opens as random octets, and
 * nothing here depends on what they are before HASH_I is checked: nobody learns by our
 * behaviour whether the padding was right (Felsch et al., 2018).
 */
#include "v1/engine.h"

static bool is_revised(const struct ike_epoch *ep)
{
	return v1_class_of(v1_of(ep)->method) == V1_CLASS_REV;
}

/* ---- ours ---------------------------------------------------------------- */

/**
 * v1_secret_seal - have our nonce, and identity, encrypted for the peer
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
	struct isakmp_chain *certs;
	enum isakmp_reason why;

	if (ep->initiator) {
		ask.secret = (struct ike_span){ u->ni, u->ni_len };
		if (!is_revised(ep))
			ask.secret_id = (struct ike_span){ u->id, u->id_len };
		return v1_ask_phase1(sa, ep, &ask);
	}
	certs = v1_certs_of(u);
	if (!certs)
		return ISAKMP_R_NO_MEMORY;
	ask.secret = (struct ike_span){ u->nr, u->nr_len };
	ask.id_i = (struct ike_span){ u->peer_id, u->peer_id_len };
	ask.chain = certs;
	why = v1_ask_phase1(sa, ep, &ask);
	isakmp_free(certs);
	return why;
}

/**
 * v1_secret_add - our public value, nonce and identity, encrypted
 * @m: the message
 * @v: the verdict
 *
 * Context: Process; the SA's worker.
 * Return: OK, OVERSIZE, NO_MEMORY, CRYPTO.
 */
enum isakmp_reason v1_secret_add(struct v1_msg *m, const struct ike_verdict *v)
{
	if (is_revised(m->ep)) {
		v1_msg_bytes(m, V1_PL_NONCE, v->secret.p, v->secret.len);
		return v1_revised_add(m);
	}
	v1_ke_add(m);
	v1_msg_bytes(m, V1_PL_ID, v->secret_id.p, v->secret_id.len);
	v1_msg_bytes(m, V1_PL_NONCE, v->secret.p, v->secret.len);
	return ISAKMP_OK;
}

/* Message 3 or 4 of Main Mode */
static enum isakmp_reason say_key(struct ike_sa *sa, struct ike_epoch *ep,
				  const struct ike_verdict *v, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);
	const struct isakmp_path *path = ep->initiator ? &sa->path : &p->setup->path;
	enum isakmp_reason why;
	struct v1_msg m;

	why = v1_msg_begin(sa, ep, NULL, &m, V1_MAIN, V1_H_NONE);
	if (why)
		return why;
	why = v1_secret_add(&m, v);
	if (!why)
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

static enum isakmp_reason take(struct ike_sa *sa, struct ike_epoch *ep, struct ike_verdict *v)
{
	enum isakmp_reason why;

	if (!v->secret.len || (!is_revised(ep) && !v->secret_id.len))
		return ISAKMP_R_HELPER_ERROR;
	why = v1_own_id(ep, v);
	if (!why && !ep->initiator)
		v1_peer_meant(sa, ep, v);
	return why;
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
	enum isakmp_reason why = take(sa, ep, v);

	return why ? why : say_key(sa, ep, v, now);
}

/**
 * v1_secret_aggressive - the same in Aggressive Mode: message 1 or 2
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * HASH_R needs both nonces, and no g^xy: there are no keys before message 3.
 *
 * Context: Process; the SA's worker.
 * Return: OK when it is out.
 */
enum isakmp_reason v1_secret_aggressive(struct ike_sa *sa, struct ike_epoch *ep,
					struct ike_verdict *v, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);
	enum isakmp_reason why = take(sa, ep, v);

	if (why)
		return why;
	if (ep->initiator)
		return v1_aggressive_say_first(sa, ep, v, now);
	why = v1_crypto_reason(v1_skeyid_enc(&ep->suite, p->setup, ep->spi_i, ep->spi_r,
					     p->skeyid));
	return why ? why : v1_aggressive_say_second(sa, ep, v, now);
}

/* ---- the peer's ---------------------------------------------------------- */

/**
 * v1_secret_open - have the peer's nonce, and identity, decrypted
 * @sa: the SA
 * @ep: the ISAKMP SA; the message is kept
 *
 * HASH(1) says which of the responder's keys is meant.
 *
 * Context: Process; the SA's worker.
 * Return: as v1_ask().
 */
enum isakmp_reason v1_secret_open(struct ike_sa *sa, struct ike_epoch *ep)
{
	struct v1_chain *c = isakmp_alloc(sizeof(*c));
	struct ike_ask ask = { .kind = IKE_ASK_V1_DECRYPT };
	enum isakmp_reason why = c ? v1_kept_read(v1_of(ep)->setup, c) : ISAKMP_R_NO_MEMORY;
	const struct isakmp_payload *n, *id, *hash;

	if (!why) {
		n = v1_chain_find(c, V1_PL_NONCE);
		id = v1_chain_find(c, V1_PL_ID);
		hash = ep->initiator ? NULL : v1_chain_find(c, V1_PL_HASH);
		ask.secret = (struct ike_span){ n->body, n->len };
		if (!is_revised(ep))
			ask.secret_id = (struct ike_span){ id->body, id->len };
		if (hash)
			ask.auth = (struct ike_span){ hash->body, hash->len };
		why = v1_ask_phase1(sa, ep, &ask);
	}
	isakmp_free(c);
	return why;
}

static enum isakmp_reason keep_id(struct v1_setup *u, const struct ike_span *body)
{
	u8 *id;

	if (body->len <= 4 || body->len > 4 + IKE_ID_MAX)
		return ISAKMP_R_HELPER_ERROR;
	id = ike_copy(body->p, body->len);
	if (!id)
		return ISAKMP_R_NO_MEMORY;
	isakmp_free(u->peer_id);
	u->peer_id = id;
	u->peer_id_len = (u16)body->len;
	return ISAKMP_OK;
}

static enum isakmp_reason keep(struct ike_epoch *ep, const struct ike_verdict *v)
{
	struct v1_setup *u = v1_of(ep)->setup;

	if (v->secret.len < V1_NONCE_MIN || v->secret.len > IKE_NONCE_MAX)
		return ISAKMP_R_HELPER_ERROR;
	memcpy(ep->initiator ? u->nr : u->ni, v->secret.p, v->secret.len);
	*(ep->initiator ? &u->nr_len : &u->ni_len) = (u16)v->secret.len;
	return is_revised(ep) ? v1_revised_open(ep) : keep_id(u, &v->secret_id);
}

/**
 * v1_secret_go_on - what the peer has sealed is open, and the key exchange done
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked, or message 5 of Main Mode is out.
 */
enum isakmp_reason v1_secret_go_on(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	if (!ep->initiator)
		return v1_secret_seal(sa, ep);
	return v1_of(ep)->exchange == V1_MAIN ? v1_main_say_fifth(sa, ep, now) :
						v1_aggressive_check(sa, ep);
}

/**
 * v1_secret_opened - they are
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked, or message 5 of Main Mode is out.
 */
enum isakmp_reason v1_secret_opened(struct ike_sa *sa, struct ike_epoch *ep,
				    struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = keep(ep, v);
	bool asked = false;

	if (!why)
		why = ike_basis_own(sa, v);
	if (!why)
		why = ep->initiator ? v1_kex_secret(sa, ep, &asked) : v1_kex_make(sa, ep, &asked);
	return why || asked ? why : v1_secret_go_on(sa, ep, now);
}

/* As far as everybody can look into it. */
static enum isakmp_reason look(struct v1_in *in)
{
	const struct isakmp_payload *n = v1_chain_find(&in->chain, V1_PL_NONCE);
	const struct isakmp_payload *id = v1_chain_find(&in->chain, V1_PL_ID);
	enum isakmp_reason why;

	if (!n->len || n->len > IKE_AUTH_MAX)
		return ISAKMP_R_BAD_NONCE;
	if (is_revised(in->ep))
		return v1_revised_fits(in->ep, &in->chain);
	if (!id->len || id->len > IKE_AUTH_MAX)
		return ISAKMP_R_BAD_ID;
	why = v1_certs_look(&in->chain);
	return why ? why : v1_ke_read(in->ep, &in->chain, &in->arg);
}

/**
 * v1_secret_read - the peer's public value, its nonce and identity, sealed
 * @sa: the SA
 * @in: the message; it obeys the law
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked.
 */
enum isakmp_reason v1_secret_read(struct ike_sa *sa, struct v1_in *in)
{
	struct v1_setup *u = v1_of(in->ep)->setup;
	enum isakmp_reason why = look(in);

	if (!why)
		why = v1_nat_detect(in, &u->nat);
	if (!why)
		why = v1_kept_take(u, in);
	if (!why)
		why = v1_secret_open(sa, in->ep);
	if (why)
		v1_kept_free(u);
	return why;
}

/**
 * v1_secret_key - message 3 or 4 of Main Mode
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked.
 */
enum isakmp_reason v1_secret_key(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	v1_vendor_read(v1_of(in->ep), &in->chain);
	return v1_secret_read(sa, in);
}
