// SPDX-License-Identifier: GPL-2.0
/*
 * The decisions: who is it, may he, and is it really he.
 *
 * Which secret.  That of the cred that the side's auth object names; else of
 * the one that the other side's names; else of the cred that lists the remote
 * identity (the first by name).
 *
 * Which peer, asked as responder.  Among the candidates in the kernel's order
 * (most specific addresses first): those whose remote identity is exactly IDi,
 * before those that take any.  When the initiator says whom it wants to talk to
 * (IDr), only a peer whose local identity is exactly that one: RFC 7296, 3.5
 * would let us answer as somebody else, which the initiator then refuses, or
 * worse, accepts.  The first peer found decides; a wrong secret is not tried on
 * the next, so that one message costs one secret.
 *
 * To the network all refusals look alike (the kernel's business); so that they
 * take alike too, an unknown identity is worth the computation of a known one.
 */
#include <isakmp/ikev2.h>
#include <openssl/crypto.h>

#include "auth.h"

struct ctx {
	const struct config *config;
	const struct secret_source *src;
	const struct question *q;
	struct secret *secret;
	struct answer *a;
};

static u16 refuse(struct ctx *x, enum isakmp_reason reason, const char *why)
{
	x->a->why = why;
	return (u16)reason;
}

/* ---- is it a question at all ----------------------------------------------- */

static bool nonce_ok(const struct octets *n)
{
	return n->n >= IKE_NONCE_MIN && n->n <= IKE_NONCE_MAX;
}

static bool message_ok(const struct octets *m)
{
	return m->n >= IKE_HDR_LEN && m->n <= IKE_MSG_MAX;
}

static bool identity_ok(const struct octets *id)
{
	struct ident v;

	return id->n && ident_from_body(id->p, id->n, &v);
}

static bool i_auth_ok(const struct question *q)
{
	return q->n_peer == 1 && message_ok(&q->msg_i) && nonce_ok(&q->nr) &&
	       q->sk_pi.n == psk_prf_len(q->prf);
}

static bool r_auth_ok(const struct question *q)
{
	return q->n_peer && message_ok(&q->msg_i) && message_ok(&q->msg_r) &&
	       nonce_ok(&q->ni) && nonce_ok(&q->nr) && identity_ok(&q->id_i) &&
	       (!q->id_r.n || identity_ok(&q->id_r)) &&
	       q->sk_pi.n == psk_prf_len(q->prf) && q->sk_pr.n == q->sk_pi.n;
}

static bool kex_ok(const struct question *q)
{
	return q->seed.n == IKE_KEX_SEED_LEN;
}

static bool i_verify_ok(const struct question *q)
{
	return q->n_peer == 1 && message_ok(&q->msg_r) && nonce_ok(&q->ni) &&
	       identity_ok(&q->id_r) && q->sk_pr.n == psk_prf_len(q->prf);
}

/* ---- identities ------------------------------------------------------------ */

static bool matches(const struct ident *want, const struct ident *got)
{
	return !want->type || ident_equal(want, got);
}

static struct ident body(const struct octets *o)
{
	struct ident id;

	return ident_from_body(o->p, o->n, &id) ? id : (struct ident) { 0 };
}

/* Both sides are there, and ours can say who we are. */
static bool usable(const struct config_peer *p)
{
	return p && p->local.method && p->local.id.type && p->remote.method;
}

static const struct config_peer *the_peer(const struct ctx *x)
{
	const struct config_peer *p = config_find_peer(x->config, x->q->peer[0].name);

	return usable(p) ? p : NULL;
}

static bool fits(const struct config_peer *p, const struct ident *idi,
		 const struct ident *idr, bool exact)
{
	if (!usable(p) || !matches(&p->remote.id, idi))
		return false;
	if (exact && !p->remote.id.type)
		return false;
	return !idr->type || ident_equal(&p->local.id, idr);
}

static const struct config_peer *choose(const struct ctx *x)
{
	struct ident idi = body(&x->q->id_i);
	struct ident idr = body(&x->q->id_r);
	const struct config_peer *p;
	int exact;
	u8 i;

	for (exact = 1; exact >= 0; exact--) {
		for (i = 0; i < x->q->n_peer; i++) {
			p = config_find_peer(x->config, x->q->peer[i].name);
			if (fits(p, &idi, &idr, exact))
				return p;
		}
	}
	return NULL;
}

/* ---- secrets --------------------------------------------------------------- */

/* @got: the remote identity as the peer gave it, type 0: not known yet */
static bool get_secret(struct ctx *x, const struct config_peer *p, bool local,
		       const struct ident *got)
{
	const struct ident *remote = p->remote.id.type ? &p->remote.id : got;
	const char *name = local ? p->local.cred : p->remote.cred;
	const struct config_cred *cred = NULL;

	if (!name)
		name = local ? p->remote.cred : p->local.cred;
	if (name)
		cred = config_find_cred(x->config, name);
	else if (remote->type)
		cred = config_cred_for(x->config, remote);
	if (!cred || cred->type != ISAKMP_CRED_PSK || !cred->file)
		return false;
	return x->src->read(x->src, cred, x->secret) && x->secret->n;
}

static bool verify(struct ctx *x, const struct psk_signed *s)
{
	struct octets secret = { x->secret->octets, x->secret->n };

	return psk_verify(x->q->prf, &secret, s, &x->q->auth);
}

/* What verify() costs, for nothing. */
static void burn(struct ctx *x, const struct psk_signed *s)
{
	x->secret->n = SECRET_SHORT;
	memset(x->secret->octets, 0, SECRET_SHORT);
	(void)verify(x, s);
}

/* Our ID and AUTH into the answer; false: it could not be computed. */
static bool sign(struct ctx *x, const struct config_peer *p, struct psk_signed *s)
{
	struct octets secret = { x->secret->octets, x->secret->n };
	struct answer *a = x->a;

	a->local_id_len = (u16)ident_to_body(&p->local.id, a->local_id);
	s->id = (struct octets) { a->local_id, a->local_id_len };
	a->auth_len = (u16)psk_auth(x->q->prf, &secret, s, a->auth);
	a->auth_method = IKE_AM_PSK;
	return a->auth_len;
}

/* ---- the three questions --------------------------------------------------- */

static u16 i_auth(struct ctx *x)
{
	const struct question *q = x->q;
	struct psk_signed mine = { .msg = q->msg_i, .nonce = q->nr, .sk_p = q->sk_pi };
	const struct config_peer *p = the_peer(x);
	struct ident unknown = { 0 };

	if (!p)
		return refuse(x, ISAKMP_R_NO_IDENTITY, "the peer has no usable auth objects");
	x->a->peer = p;
	if (p->local.method != ISAKMP_METHOD_PSK)
		return refuse(x, ISAKMP_R_AUTH_FAILED, "our method is not known here");
	if (!get_secret(x, p, true, &unknown))
		return refuse(x, ISAKMP_R_NO_SECRET, "no secret for our side");
	if (!sign(x, p, &mine))
		return refuse(x, ISAKMP_R_HELPER_ERROR, "AUTH could not be computed");
	if (p->remote.id.type)
		x->a->remote_id_len = (u16)ident_to_body(&p->remote.id, x->a->remote_id);
	return ISAKMP_OK;
}

static u16 r_verify(struct ctx *x, const struct config_peer *p, const struct psk_signed *his)
{
	struct ident idi = body(&x->q->id_i);

	if (p->remote.method != ISAKMP_METHOD_PSK || x->q->auth_method != IKE_AM_PSK)
		return refuse(x, ISAKMP_R_AUTH_FAILED, "the peer's method is not allowed");
	if (!get_secret(x, p, false, &idi))
		return refuse(x, ISAKMP_R_NO_SECRET, "no secret for the peer");
	if (!verify(x, his))
		return refuse(x, ISAKMP_R_AUTH_FAILED, "the peer's AUTH is wrong");
	return ISAKMP_OK;
}

static u16 r_auth(struct ctx *x)
{
	const struct question *q = x->q;
	struct psk_signed his = { q->msg_i, q->nr, q->sk_pi, q->id_i };
	struct psk_signed mine = { .msg = q->msg_r, .nonce = q->ni, .sk_p = q->sk_pr };
	const struct config_peer *p = choose(x);
	struct ident idi = body(&q->id_i);
	u16 reason;

	if (!p) {
		burn(x, &his);
		return refuse(x, ISAKMP_R_NO_IDENTITY, "no candidate has these identities");
	}
	x->a->peer = p;
	reason = r_verify(x, p, &his);
	if (reason)
		return reason;
	/* Only now: our AUTH is for those who have proven themselves. */
	if (p->local.method != ISAKMP_METHOD_PSK)
		return refuse(x, ISAKMP_R_AUTH_FAILED, "our method is not known here");
	if (!get_secret(x, p, true, &idi))
		return refuse(x, ISAKMP_R_NO_SECRET, "no secret for our side");
	if (!sign(x, p, &mine))
		return refuse(x, ISAKMP_R_HELPER_ERROR, "AUTH could not be computed");
	return ISAKMP_OK;
}

static u16 i_verify(struct ctx *x)
{
	const struct question *q = x->q;
	struct psk_signed his = { q->msg_r, q->ni, q->sk_pr, q->id_r };
	const struct config_peer *p = the_peer(x);
	struct ident idr = body(&q->id_r);

	if (!p)
		return refuse(x, ISAKMP_R_NO_IDENTITY, "the peer has no usable auth objects");
	x->a->peer = p;
	if (!matches(&p->remote.id, &idr))
		return refuse(x, ISAKMP_R_NO_IDENTITY, "the responder has another identity");
	if (p->remote.method != ISAKMP_METHOD_PSK || q->auth_method != IKE_AM_PSK)
		return refuse(x, ISAKMP_R_AUTH_FAILED, "the responder's method is not allowed");
	if (!get_secret(x, p, false, &idr))
		return refuse(x, ISAKMP_R_NO_SECRET, "no secret for the responder");
	if (!verify(x, &his))
		return refuse(x, ISAKMP_R_AUTH_FAILED, "the responder's AUTH is wrong");
	return ISAKMP_OK;
}

static u16 kex(struct ctx *x)
{
	const struct question *q = x->q;
	enum isakmp_reason reason = kex_compute(q->group, &q->seed, &q->peer_ke, &x->a->kex);

	if (reason == ISAKMP_R_KE_VALUE)
		return refuse(x, reason, "the peer's value is not one of the group");
	return reason ? refuse(x, reason, "the key exchange could not be computed") : ISAKMP_OK;
}

static const struct {
	bool (*ok)(const struct question *q);
	u16 (*decide)(struct ctx *x);
} kinds[] = {
	[ISAKMP_UPCALL_I_AUTH]	 = { i_auth_ok, i_auth },
	[ISAKMP_UPCALL_R_AUTH]	 = { r_auth_ok, r_auth },
	[ISAKMP_UPCALL_I_VERIFY] = { i_verify_ok, i_verify },
	[ISAKMP_UPCALL_KEX]	 = { kex_ok, kex },
};

/* Nothing of a refusal's half-made answer goes out. */
static void wipe_results(struct answer *a)
{
	a->local_id_len = 0;
	a->remote_id_len = 0;
	a->auth_len = 0;
	OPENSSL_cleanse(a->auth, sizeof(a->auth));
	OPENSSL_cleanse(&a->kex, sizeof(a->kex));
}

/**
 * auth_outdated() - does the kernel know more than this snapshot
 * @c: the snapshot
 * @q: the question
 *
 * Generations wrap; one is older when it is less than half the circle behind.
 *
 * Return: true if a new snapshot is worth its price before deciding.
 */
bool auth_outdated(const struct config *c, const struct question *q)
{
	const struct config_peer *p;
	u8 i;

	for (i = 0; i < q->n_peer; i++) {
		p = config_find_peer(c, q->peer[i].name);
		if (!p || (q->peer[i].has_gen && (s32)(p->gen - q->peer[i].gen) < 0))
			return true;
	}
	return false;
}

/**
 * auth_decide() - answer a question
 * @c: the snapshot to decide on
 * @src: where secrets come from
 * @q: the question; nothing about it is taken for granted
 * @scratch: room for a secret; zeroed on return
 * @a: the answer; its peer belongs to @c
 *
 * Context: any thread; may block in @src.  RFC 7296, 2.15.
 */
void auth_decide(const struct config *c, const struct secret_source *src,
		 const struct question *q, struct secret *scratch, struct answer *a)
{
	struct ctx x = { .config = c, .src = src, .q = q, .secret = scratch, .a = a };

	*a = (struct answer) { .id = q->id, .kind = q->kind };
	if (q->kind >= ARRAY_SIZE(kinds) || !kinds[q->kind].ok)
		a->reason = refuse(&x, ISAKMP_R_HELPER_ERROR, "a kind of question not known here");
	else if (q->kind != ISAKMP_UPCALL_KEX && !psk_prf_len(q->prf))
		a->reason = refuse(&x, ISAKMP_R_HELPER_ERROR, "a PRF not known here");
	else if (!kinds[q->kind].ok(q))
		a->reason = refuse(&x, ISAKMP_R_HELPER_ERROR, "the question is incomplete");
	else
		a->reason = kinds[q->kind].decide(&x);
	if (a->reason)
		wipe_results(a);
	secret_wipe(scratch);
}
