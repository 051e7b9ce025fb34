// SPDX-License-Identifier: GPL-2.0
/*
 * The decisions: who is it, may he, and is it really he.
 *
 * choose.c finds the peer object, proof.c checks the peer's AUTH and makes ours;
 * here is the order of things.  An initiator checks the responder before anything
 * else goes to it; a responder makes its own AUTH only for those who have proven
 * themselves.
 *
 * To the network all refusals look alike (the kernel's business); so that they
 * take alike too, an unknown identity is worth the computation of a known one.
 */
#include <isakmp/ikev2.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#include "v1.h"

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

/* ---- the questions ------------------------------------------------------------ */

static struct ident body(const struct octets *o)
{
	struct ident id;

	return ident_from_body(o->p, o->n, &id) ? id : (struct ident) { 0 };
}

/* Of a question about one peer; NULL: its auth objects are incomplete. */
static const struct config_peer *the_peer(struct decision *d)
{
	const struct config_peer *p = config_find_peer(d->config, d->q->peer[0].name);

	if (!p || !p->local.method || !p->local.id.type || !p->remote.method)
		return NULL;
	d->a->peer = p;
	return p;
}

/* Our identity and AUTH into the answer. */
static u16 prove(struct decision *d, const struct config_peer *p, const struct ident *id,
		 struct psk_signed *mine)
{
	struct answer *a = d->a;

	a->local_id_len = (u16)ident_to_body(&p->local.id, a->local_id);
	mine->id = (struct octets) { a->local_id, a->local_id_len };
	return proof_make(d, p, id, mine);
}

static u16 i_auth(struct decision *d)
{
	const struct question *q = d->q;
	struct psk_signed mine = { .msg = q->msg_i, .nonce = q->nr, .sk_p = q->sk_pi };
	const struct config_peer *p = the_peer(d);
	struct ident id = { 0 };
	u16 reason;

	if (!p)
		return refuse(d, ISAKMP_R_NO_IDENTITY, "the peer has no usable auth objects");
	if (!ident_is_pattern(&p->remote.id))
		id = p->remote.id;
	reason = prove(d, p, &id, &mine);
	if (!reason)
		reason = his_certreq(d, p);
	if (!reason && id.type)
		d->a->remote_id_len = (u16)ident_to_body(&id, d->a->remote_id);
	return reason;
}

/* The other side is whom it says: @id. */
static u16 believe(struct decision *d, const struct config_peer *p, const struct ident *id,
		   const struct psk_signed *his)
{
	u16 reason = proof_check(d, p, id, his);

	if (!reason)
		d->a->unique_len = (u16)ident_canonical(id, d->a->unique);
	return reason;
}

static u16 r_auth(struct decision *d)
{
	const struct question *q = d->q;
	struct psk_signed his = { q->msg_i, q->nr, q->sk_pi, q->id_i };
	struct psk_signed mine = { .msg = q->msg_r, .nonce = q->ni, .sk_p = q->sk_pr };
	struct ident idi = body(&q->id_i), idr = body(&q->id_r);
	const struct config_peer *p = choose_peer(d, &idi, &idr);
	u16 reason;

	if (!p) {
		proof_burn(d, &his);
		return refuse(d, ISAKMP_R_NO_IDENTITY, "no candidate has these identities");
	}
	d->a->peer = p;
	reason = believe(d, p, &idi, &his);
	/* Only now: our AUTH is for those who have proven themselves. */
	return reason ? reason : prove(d, p, &idi, &mine);
}

static u16 i_verify(struct decision *d)
{
	const struct question *q = d->q;
	struct psk_signed his = { q->msg_r, q->ni, q->sk_pr, q->id_r };
	const struct config_peer *p = the_peer(d);
	struct ident idr = body(&q->id_r);

	if (!p)
		return refuse(d, ISAKMP_R_NO_IDENTITY, "the peer has no usable auth objects");
	if (!choose_takes(&p->remote, &idr))
		return refuse(d, ISAKMP_R_NO_IDENTITY, "the responder has another identity");
	return believe(d, p, &idr, &his);
}

static u16 kex(struct decision *d)
{
	const struct question *q = d->q;
	enum isakmp_reason reason = kex_compute(q->group, &q->seed, &q->peer_ke, &d->a->kex);

	if (reason == ISAKMP_R_KE_VALUE)
		return refuse(d, reason, "the peer's value is not one of the group");
	return reason ? refuse(d, reason, "the key exchange could not be computed") : ISAKMP_OK;
}

static const struct decide_kind kinds[] = {
	[ISAKMP_UPCALL_I_AUTH]	 = { true, i_auth_ok, i_auth },
	[ISAKMP_UPCALL_R_AUTH]	 = { true, r_auth_ok, r_auth },
	[ISAKMP_UPCALL_I_VERIFY] = { true, i_verify_ok, i_verify },
	[ISAKMP_UPCALL_KEX]	 = { false, kex_ok, kex },
};

/* A key exchange is the same in both versions. */
static const struct decide_kind *kind_of(const struct question *q)
{
	if (q->version == 1 && q->kind != ISAKMP_UPCALL_KEX)
		return v1_kind(q->kind);
	return q->kind < ARRAY_SIZE(kinds) && kinds[q->kind].ok ? &kinds[q->kind] : NULL;
}

/* Nothing of a refusal's half-made answer goes out. */
static void wipe_results(struct answer *a)
{
	auth_release(a);
	a->local_id_len = 0;
	a->remote_id_len = 0;
	a->auth_len = 0;
	a->auth_method = 0;
	a->unique_len = 0;
	a->handle_len = 0;
	a->auth_left = 0;
	a->skeyid_len = 0;
	a->n_methods = 0;
	a->attributes_type = 0;
	a->more = false;
	a->user[0] = '\0';
}

static void free_secret(struct octets *o)
{
	if (o->p)
		OPENSSL_cleanse((void *)o->p, o->n);
	free((void *)o->p);
	*o = (struct octets) { 0 };
}

/**
 * auth_release() - forget what an answer carries
 * @a: an answer; its reason and the names in it stay
 */
void auth_release(struct answer *a)
{
	u8 i;

	for (i = 0; i < a->n_cert; i++)
		free((void *)a->cert[i].p);
	for (i = 0; i < a->n_authority; i++)
		free((void *)a->authority[i].p);
	free((void *)a->certreq.p);
	a->n_cert = 0;
	a->n_authority = 0;
	a->certreq = (struct octets) { 0 };
	OPENSSL_cleanse(a->auth, sizeof(a->auth));
	OPENSSL_cleanse(&a->kex, sizeof(a->kex));
	OPENSSL_cleanse(a->skeyid, sizeof(a->skeyid));
	free_secret(&a->attributes);
	free_secret(&a->secret);
	free_secret(&a->secret_id);
}

/* Is the peer the initiator?  Of XAUTH the flag says who is asked, and the method which of both. */
static bool he_began(const struct question *q)
{
	const struct v1_way *w = v1_way(q->method);

	if (q->version != 1)
		return q->kind == ISAKMP_UPCALL_R_AUTH;
	if (q->kind == ISAKMP_UPCALL_V1_XAUTH && w)
		return (w->asked == V1_ASKED_INITIATOR) != q->initiator;
	return !v1_initiator(q);
}

/**
 * auth_his() - what the peer calls itself, or is called, for the log
 * @q: a question
 * @a: its answer
 * @id: out; type 0: that is not known
 */
void auth_his(const struct question *q, const struct answer *a, struct ident *id)
{
	const struct octets wanted = { a->remote_id, a->remote_id_len };
	const struct octets *o;

	if (q->version != 1 && q->kind == ISAKMP_UPCALL_I_AUTH)
		o = &wanted;
	else
		o = he_began(q) ? &q->id_i : &q->id_r;
	*id = o->n ? body(o) : (struct ident) { 0 };
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
 * @c: the snapshot to decide on; a key exchange needs none
 * @src: where credentials come from
 * @q: the question; nothing about it is taken for granted
 * @scratch: room for a secret; zeroed on return
 * @a: the answer; its peer belongs to @c.  auth_release() when done with it
 *
 * Context: any thread; may block in @src.  RFC 7296, 2.15.
 */
void auth_decide(const struct config *c, const struct cred_source *src,
		 const struct question *q, struct secret *scratch, struct answer *a)
{
	struct decision d = { .config = c, .src = src, .q = q, .secret = scratch, .a = a };
	const struct decide_kind *kind = kind_of(q);

	*a = (struct answer) { .id = q->id, .kind = q->kind,
			       .names_peer = q->kind == ISAKMP_UPCALL_R_AUTH };
	if (!kind)
		a->reason = refuse(&d, ISAKMP_R_HELPER_ERROR, "a kind of question not known here");
	else if (kind->prf && !psk_prf_len(q->prf))
		a->reason = refuse(&d, ISAKMP_R_HELPER_ERROR, "a PRF not known here");
	else if (!kind->ok(q))
		a->reason = refuse(&d, ISAKMP_R_HELPER_ERROR, "the question is incomplete");
	else
		a->reason = kind->decide(&d);
	if (a->reason)
		wipe_results(a);
	secret_wipe(scratch);
}
