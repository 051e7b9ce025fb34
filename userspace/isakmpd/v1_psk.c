// SPDX-License-Identifier: GPL-2.0
/*
 * Pre-shared secrets of version 1: whose, and SKEYID from it.
 *
 *	SKEYID = prf(pre-shared-key, Ni_b | Nr_b)	(RFC 2409, 5)
 *
 * The secret is needed before the peer has said who it is, but in Aggressive and Base Mode (5.4).
 * So in Main Mode the addresses decide: the first candidate that has a secret, and no
 * other; afterwards the identity must be one that goes with this secret.
 *
 * Which cred: that of the auth objects; else one that lists the peer's identity, if one is
 * configured or it came in the clear; else one that lists its address.
 *
 * In Aggressive Mode the answer to the first message shows HASH_R.  Somebody who asks for
 * identities until one is answered learns nothing: one that is not known, has no secret, or may
 * not begin that way, is answered with a secret that nobody has, and fails at HASH_I as a wrong
 * secret does.  Who answers is a peer object that may be begun with so; without any there is no
 * answer.  Of several, which may call us by different names, it is for an identity always the same
 * one, as long as the helper runs, and nobody can tell which it will be.
 */
#include <isakmp/ikev2.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <pthread.h>

#include "v1.h"

#define DECOY_LEN 32

static struct ident body(const struct octets *o)
{
	struct ident id;

	return ident_from_body(o->p, o->n, &id) ? id : (struct ident) { 0 };
}

/* What the peer has said in the clear; type 0: nothing */
static struct ident claimed(const struct question *q)
{
	if (!q->aggressive)
		return (struct ident) { 0 };
	return body(q->initiator ? &q->id_r : &q->id_i);
}

static const struct config_cred *cred_of(const struct decision *d, const struct ident *id)
{
	return id->type ? config_cred_for(d->config, id, BIT(ISAKMP_CRED_PSK), 0) : NULL;
}

static const struct config_cred *cred_by_address(const struct decision *d)
{
	const struct octets *r = &d->q->remote;
	struct ident id = { r->n == 4 ? IKE_ID_IPV4 : IKE_ID_IPV6, (u8)r->n, r->p };

	return r->n ? cred_of(d, &id) : NULL;
}

/**
 * v1_psk_cred() - whose secret
 * @d: a question that has ID_I or ID_R if it came in the clear
 * @p: the peer
 *
 * Return: the cred, or NULL.
 */
const struct config_cred *v1_psk_cred(const struct decision *d, const struct config_peer *p)
{
	const char *name = p->remote.cred ? p->remote.cred : p->local.cred;
	struct ident his = p->remote.id;
	const struct config_cred *cred;

	if (name)
		return config_find_cred(d->config, name);
	if (!his.type || ident_is_pattern(&his))
		his = claimed(d->q);
	cred = cred_of(d, &his);
	return cred ? cred : cred_by_address(d);
}

static enum cred_state get_secret(struct decision *d, const struct config_peer *p)
{
	const struct config_cred *cred = v1_psk_cred(d, p);
	enum cred_state state;

	if (!cred || cred->type != ISAKMP_CRED_PSK || !cred->file)
		return CRED_NONE;
	d->a->local_cred = cred->name;
	state = d->src->secret(d->src, cred, d->secret);
	return !state && !d->secret->n ? CRED_NONE : state;
}

/* ---- SKEYID ------------------------------------------------------------------------------ */

static u16 answer(struct decision *d, const struct config_peer *p)
{
	struct octets v[] = { d->q->ni, d->q->nr };
	struct octets key = { d->secret->octets, d->secret->n };
	struct answer *a = d->a;

	a->peer = p;
	a->names_peer = !d->q->initiator;
	a->local_id_len = (u16)ident_to_body(&p->local.id, a->local_id);
	if (!psk_prf(d->q->prf, &key, v, ARRAY_SIZE(v), a->skeyid))
		return refuse(d, ISAKMP_R_HELPER_ERROR, "SKEYID could not be computed");
	a->skeyid_len = (u16)psk_prf_len(d->q->prf);
	return ISAKMP_OK;
}

/* Could this peer be the one?  Then @state says if its secret is there. */
static bool may_be(struct decision *d, const struct config_peer *p, const struct ident *id,
		   enum cred_state *state)
{
	if (!choose_usable(d->q, p) || !v1_goes(d, p) ||
	    (id->type && !choose_takes(&p->remote, id)))
		return false;
	*state = get_secret(d, p);
	return *state != CRED_NONE;
}

/* The first by addresses whose secret is there, or is being read. */
static const struct config_peer *first_listed(struct decision *d, enum cred_state *state)
{
	static const struct ident any;
	const struct config_peer *p;
	u8 i;

	for (i = 0; i < d->q->n_peer; i++) {
		p = config_find_peer(d->config, d->q->peer[i].name);
		if (p && may_be(d, p, &any, state))
			return p;
	}
	return NULL;
}

static const struct config_peer *first_other(struct decision *d, enum cred_state *state)
{
	static const struct ident any;
	const struct config_peer *p;
	size_t i;

	for (i = 0; d->q->more && (p = config_peer_at(d->config, i)); i++)
		if (choose_reaches(p, d->q) && may_be(d, p, &any, state))
			return p;
	return NULL;
}

static const struct config_peer *first(struct decision *d, enum cred_state *state)
{
	const struct config_peer *p = first_listed(d, state);

	return p ? p : first_other(d, state);
}

/* Main Mode, asked as responder. */
static u16 by_address(struct decision *d)
{
	enum cred_state state = CRED_NONE;
	const struct config_peer *p = first(d, &state);

	if (!p || state)
		return cred_refusal(d, state, "no candidate has a secret");
	return answer(d, p);
}

static u8 draw_key[DECOY_LEN];
static bool draw_ready;

static void make_draw_key(void)
{
	draw_ready = RAND_priv_bytes(draw_key, sizeof(draw_key)) == 1;
}

static bool draw(const struct octets *id, const char *name, u8 out[PSK_PRF_MAX])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct octets key = { draw_key, sizeof(draw_key) };
	struct octets v[] = { *id, { (const u8 *)name, strlen(name) } };

	pthread_once(&once, make_draw_key);
	return draw_ready && psk_prf(IKE_PRF_HMAC_SHA2_256, &key, v, ARRAY_SIZE(v), out);
}

/* One of those that the kernel lists; NULL: none of them will do, or nothing can be drawn. */
static const struct config_peer *drawn(struct decision *d)
{
	const struct config_peer *p, *best = NULL;
	u8 lot[PSK_PRF_MAX] = { 0 }, highest[PSK_PRF_MAX] = { 0 };
	const struct config_cred *cred;
	u8 i;

	for (i = 0; i < d->q->n_peer; i++) {
		p = config_find_peer(d->config, d->q->peer[i].name);
		if (!p || !choose_usable(d->q, p) || !v1_goes(d, p))
			continue;
		cred = v1_psk_cred(d, p);
		if (!cred || cred->type != ISAKMP_CRED_PSK || !cred->file ||
		    !draw(&d->q->id_i, p->name, lot))
			continue;
		if (!best || memcmp(lot, highest, sizeof(lot)) > 0) {
			best = p;
			memcpy(highest, lot, sizeof(lot));
		}
	}
	return best;
}

/* A secret that nobody has, for an identity that is not known. */
static u16 decoy(struct decision *d)
{
	const struct config_peer *p = drawn(d);
	enum cred_state state = p ? get_secret(d, p) : CRED_NONE; /* as costly as a true one */

	if (state == CRED_NONE)
		p = first(d, &state);
	if (!p || state)
		return cred_refusal(d, state, "no candidate has a secret");
	if (RAND_priv_bytes(d->secret->octets, DECOY_LEN) != 1)
		return refuse(d, ISAKMP_R_HELPER_ERROR, "there are no random numbers");
	d->secret->n = DECOY_LEN;
	d->a->why = "no candidate has this identity and a secret: it will not get through";
	return answer(d, p);
}

/* Aggressive or Base Mode, asked as responder. */
static u16 by_identity(struct decision *d)
{
	static const struct ident any;
	struct ident id = claimed(d->q);
	const struct config_peer *p = choose_peer(d, &id, &any);
	enum cred_state state = CRED_NONE;

	if (!p || !may_be(d, p, &id, &state))
		return decoy(d);
	return state ? cred_refusal(d, state, "") : answer(d, p);
}

static u16 as_initiator(struct decision *d)
{
	const struct config_peer *p = config_find_peer(d->config, d->q->peer[0].name);
	struct ident id = claimed(d->q);
	enum cred_state state;

	if (!p || !choose_usable(d->q, p) || !v1_goes(d, p))
		return refuse(d, ISAKMP_R_NO_IDENTITY, "the peer has no usable auth objects");
	d->a->peer = p;
	if (id.type && !choose_takes(&p->remote, &id))
		return refuse(d, ISAKMP_R_NO_IDENTITY, "the responder has another identity");
	state = get_secret(d, p);
	return state ? cred_refusal(d, state, "no secret for the peer") : answer(d, p);
}

/**
 * v1_skeyid() - SKEYID, and whose secret it is from
 * @d: a v1-skeyid question
 *
 * RFC 2409, 5.4.
 *
 * Return: OK or the reason to refuse with.
 */
u16 v1_skeyid(struct decision *d)
{
	if (d->q->initiator)
		return as_initiator(d);
	return d->q->aggressive ? by_identity(d) : by_address(d);
}

/**
 * v1_psk_stands() - what the acceptance of somebody with the secret stands on
 * @d: an r-auth or i-verify question; the kernel has found HASH right
 * @p: the peer
 *
 * Return: OK or the reason to refuse with.
 */
u16 v1_psk_stands(struct decision *d, const struct config_peer *p)
{
	const struct config_cred *cred = v1_psk_cred(d, p);

	if (!cred || cred->type != ISAKMP_CRED_PSK)
		return refuse(d, ISAKMP_R_NO_SECRET, "no secret for the peer");
	if (d->q->kind == ISAKMP_UPCALL_R_AUTH)
		d->a->local_cred = cred->name;
	d->a->remote_cred = cred->name;
	return ISAKMP_OK;
}
