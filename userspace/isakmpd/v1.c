// SPDX-License-Identifier: GPL-2.0
/*
 * The decisions of version 1: what comes in which order.
 *
 * The kernel keys the ISAKMP SA and checks all HASHes, for which it gets SKEYID (v1_psk.c);
 * here it is decided who may connect as whom, signatures are checked and made (v1_proof.c).
 */
#include <isakmp/ikev2.h>

#include "v1.h"

/* ---- is it a question at all -------------------------------------------------------- */

static bool nonce_ok(const struct octets *n)
{
	return n->n >= V1_NONCE_MIN && n->n <= IKE_NONCE_MAX;
}

static bool hashed_ok(const struct octets *m)
{
	return m->n && m->n <= V1_HASHED_MAX;
}

static bool identity_ok(const struct octets *id)
{
	struct ident v;

	return id->n && ident_from_body(id->p, id->n, &v);
}

/* What a signature is of is there. */
static bool signed_ok(const struct question *q, const struct octets *msg)
{
	return hashed_ok(msg) && q->sk_pi.n == psk_prf_len(q->prf);
}

static bool begin_ok(const struct question *q)
{
	return q->n_peer == 1;
}

static bool skeyid_ok(const struct question *q)
{
	const struct octets *id = q->initiator ? &q->id_r : &q->id_i;

	return q->n_peer && (q->n_peer == 1 || !q->initiator) && nonce_ok(&q->ni) &&
	       nonce_ok(&q->nr) && (!q->aggressive || identity_ok(id));
}

static bool i_auth_ok(const struct question *q)
{
	return q->n_peer == 1 && signed_ok(q, &q->msg_i) &&
	       (!q->id_i.n || identity_ok(&q->id_i));
}

static bool r_auth_ok(const struct question *q)
{
	return q->n_peer && identity_ok(&q->id_i) && (!q->id_r.n || identity_ok(&q->id_r)) &&
	       (!v1_method_signs(q->method, true) || signed_ok(q, &q->msg_i)) &&
	       (!v1_method_signs(q->method, false) || signed_ok(q, &q->msg_r));
}

static bool i_verify_ok(const struct question *q)
{
	return q->n_peer == 1 && identity_ok(q->initiator ? &q->id_r : &q->id_i) &&
	       (!v1_method_signs(q->method, !q->initiator) ||
		signed_ok(q, q->initiator ? &q->msg_r : &q->msg_i));
}

/* Revised, the identity is encrypted with a key from the nonce: by the kernel. */
static bool encrypts_id(const struct question *q)
{
	const struct v1_way *w = v1_way(q->method);

	return w && w->base == V1_M_RSA_ENC;
}

/* What the initiator has said may be no identity: that is no matter before HASH_I is right. */
static bool encrypt_ok(const struct question *q)
{
	bool id = q->initiator ? !encrypts_id(q) || identity_ok(&q->secret_id) : q->id_i.n;

	return q->n_peer && (q->n_peer == 1 || !q->initiator) && nonce_ok(&q->secret) && id;
}

static bool decrypt_ok(const struct question *q)
{
	return q->n_peer && q->secret.n && (!encrypts_id(q) || q->secret_id.n);
}

static bool xauth_ok(const struct question *q)
{
	return q->n_peer == 1 && identity_ok(&q->id_i) && identity_ok(&q->id_r) &&
	       (q->attributes_type || !q->attributes.n);
}

static bool config_ok(const struct question *q)
{
	return q->n_peer == 1 && identity_ok(&q->id_i) && identity_ok(&q->id_r) &&
	       q->unique.n <= IKE_UNIQUE_MAX;
}

/* ---- what several of them need ------------------------------------------------------- */

/**
 * v1_initiator() - are we the initiator
 * @q: a question of version 1
 *
 * Return: true if so.
 */
bool v1_initiator(const struct question *q)
{
	return q->initiator || q->kind == ISAKMP_UPCALL_I_AUTH ||
	       q->kind == ISAKMP_UPCALL_V1_BEGIN;
}

/* The secret that was used is that of the first candidate: of this peer, too?  No file is read. */
static bool same_secret(const struct decision *d, const struct config_peer *p)
{
	const struct config_peer *first = config_find_peer(d->config, d->q->peer[0].name);
	const struct config_cred *a = first ? v1_psk_cred(d, first) : NULL;
	const struct config_cred *b = v1_psk_cred(d, p);

	if (!a || !b)
		return first && a == b;
	return a == b || (a->type == ISAKMP_CRED_PSK && b->type == ISAKMP_CRED_PSK && a->file &&
			  b->file && !strcmp(a->file, b->file));
}

/**
 * v1_goes() - does a peer object go with how this exchange authenticates
 * @d: the decision
 * @p: the peer
 *
 * Return: true if so.
 */
bool v1_goes(const struct decision *d, const struct config_peer *p)
{
	const struct question *q = d->q;
	const struct v1_way *w = v1_way(q->method);

	if (q->kind == ISAKMP_UPCALL_V1_SKEYID && !q->method)
		return v1_way_of(p, V1_M_PSK, q->initiator);
	if (!w || !v1_fits(p, q->method, v1_initiator(q)))
		return false;
	return w->base != V1_M_PSK || q->kind != ISAKMP_UPCALL_R_AUTH || same_secret(d, p);
}

/* RFC 2407, 4.6.2: zeros, or UDP port 500; some say the port of their NAT traversal. */
static bool port_ok(const struct octets *id)
{
	unsigned int port = (unsigned int)id->p[2] << 8 | id->p[3];

	return id->p[1] ? id->p[1] == 17 && (!port || port == 500 || port == 4500) : !port;
}

/**
 * v1_id_usual() - is it an identity as phase 1 has them
 * @body: body of an ID payload
 *
 * Return: true if so.
 */
bool v1_id_usual(const struct octets *body)
{
	static const u8 types[] = { IKE_ID_IPV4, IKE_ID_FQDN, IKE_ID_EMAIL, IKE_ID_IPV6,
				    IKE_ID_DN, IKE_ID_KEY_ID };
	struct ident id;

	return body->n && ident_from_body(body->p, body->n, &id) &&
	       memchr(types, id.type, sizeof(types)) && port_ok(body);
}

/* Who the other side says it is. */
static u16 his_identity(struct decision *d, const struct octets *body, struct ident *id)
{
	if (!ident_from_body(body->p, body->n, id) || !port_ok(body))
		return refuse(d, ISAKMP_R_NO_IDENTITY,
			      "the peer's identity is for a protocol or a port");
	return ISAKMP_OK;
}

/* Of a question about one peer; NULL: its auth objects are incomplete. */
static const struct config_peer *the_peer(struct decision *d)
{
	const struct config_peer *p = config_find_peer(d->config, d->q->peer[0].name);

	if (!p || !choose_usable(d->q, p))
		return NULL;
	d->a->peer = p;
	return p;
}

/* Our identity into the answer: the one that we have said already, if we have. */
static void name_us(struct decision *d, const struct config_peer *p, const struct octets *said)
{
	d->named = said->n;
	if (!said->n) {
		d->a->local_id_len = (u16)ident_to_body(&p->local.id, d->a->local_id);
		return;
	}
	d->a->local_id_len = (u16)said->n;
	memcpy(d->a->local_id, said->p, said->n);
}

static bool allowed(struct decision *d, const struct config_peer *p)
{
	return v1_fits(p, d->q->method, v1_initiator(d->q));
}

/* ---- the questions ------------------------------------------------------------------- */

/* The methods that need no key of ours to be looked at. */
static void add_methods(struct answer *a, const struct config_peer *p)
{
	static const u8 bases[] = { V1_M_PSK, V1_M_RSA_ENC, V1_M_RSA_REV, V1_M_RSA_SIG,
				    V1_M_DSS_SIG };
	const struct v1_way *w;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		w = v1_way_of(p, bases[i], true);
		if (w)
			a->methods[a->n_methods++] = w->method;
	}
}

static u16 begin(struct decision *d)
{
	static const struct octets nothing;
	const struct config_peer *p = the_peer(d);
	u16 reason = ISAKMP_OK;

	if (!p)
		return refuse(d, ISAKMP_R_NO_IDENTITY, "the peer has no usable auth objects");
	name_us(d, p, &nothing);
	if (p->local.method == ISAKMP_METHOD_PUBKEY)
		reason = own_methods(d, p);
	else
		add_methods(d->a, p);
	if (!reason && !d->a->n_methods)
		reason = refuse(d, ISAKMP_R_AUTH_METHOD,
				"both sides have no method in common that version 1 knows");
	return reason ? reason : his_certreq(d, p);
}

static u16 i_auth(struct decision *d)
{
	const struct question *q = d->q;
	struct psk_signed mine = { .msg = q->msg_i, .sk_p = q->sk_pi };
	const struct config_peer *p = the_peer(d);

	if (!p)
		return refuse(d, ISAKMP_R_NO_IDENTITY, "the peer has no usable auth objects");
	if (!allowed(d, p) || !v1_method_signs(q->method, true))
		return refuse(d, ISAKMP_R_AUTH_METHOD, "the method is not allowed");
	name_us(d, p, &q->id_i);
	return own_sign(d, p, &mine);
}

/*
 * The other side is whom it says, if this is OK.  Who does not sign has shown in HASH that it
 * has the secret; with hybrid authentication it has shown nothing, and XAUTH follows.
 */
static u16 believe(struct decision *d, const struct config_peer *p, const struct ident *id,
		   const struct psk_signed *his, bool he_began)
{
	const struct v1_way *w = v1_way(d->q->method);
	u16 reason = ISAKMP_OK;

	if (v1_method_signs(w->method, he_began))
		reason = v1_check(d, p, id, his);
	else if (w->base == V1_M_PSK)
		reason = v1_psk_stands(d, p);
	else if (!w->hybrid)
		reason = v1_secret_stands(d, p, id);
	if (!reason)
		d->a->unique_len = (u16)ident_canonical(id, d->a->unique);
	return reason;
}

static u16 r_auth(struct decision *d)
{
	static const struct octets nothing;
	static const struct ident any;
	const struct question *q = d->q;
	struct psk_signed his = { .msg = q->msg_i, .sk_p = q->sk_pi, .id = q->id_i };
	struct psk_signed mine = { .msg = q->msg_r, .sk_p = q->sk_pi };
	const struct config_peer *p;
	struct ident id;
	u16 reason = his_identity(d, &q->id_i, &id);

	if (reason)
		return reason;
	p = choose_peer(d, &id, &any);
	if (!p)
		return refuse(d, ISAKMP_R_NO_IDENTITY, "no candidate has this identity");
	d->a->peer = p;
	if (!allowed(d, p))
		return refuse(d, ISAKMP_R_AUTH_METHOD, "the peer's method is not allowed");
	if (!v1_goes(d, p))
		return refuse(d, ISAKMP_R_AUTH_FAILED, "this identity has another secret");
	/* In Aggressive Mode we sign first. */
	if (!q->proof_later)
		reason = believe(d, p, &id, &his, true);
	if (reason)
		return reason;
	/* In Main Mode nothing was said yet */
	name_us(d, p, q->exchange == V1_MAIN ? &nothing : &q->id_r);
	return v1_method_signs(q->method, false) ? own_sign(d, p, &mine) : ISAKMP_OK;
}

static u16 i_verify(struct decision *d)
{
	const struct question *q = d->q;
	struct psk_signed his = { .msg = q->initiator ? q->msg_r : q->msg_i, .sk_p = q->sk_pi,
				  .id = q->initiator ? q->id_r : q->id_i };
	const struct config_peer *p = the_peer(d);
	struct ident id;
	u16 reason = his_identity(d, &his.id, &id);

	if (reason)
		return reason;
	if (!p)
		return refuse(d, ISAKMP_R_NO_IDENTITY, "the peer has no usable auth objects");
	if (!choose_takes(&p->remote, &id))
		return refuse(d, ISAKMP_R_NO_IDENTITY, "the peer has another identity");
	if (!allowed(d, p))
		return refuse(d, ISAKMP_R_AUTH_METHOD, "the peer's method is not allowed");
	return believe(d, p, &id, &his, !q->initiator);
}

/* Which addresses: lease.c */
static u16 config(struct decision *d)
{
	struct answer *a = d->a;

	if (!the_peer(d))
		return refuse(d, ISAKMP_R_NO_IDENTITY, "the peer has no usable auth objects");
	a->unique_len = (u16)d->q->unique.n;
	if (a->unique_len)
		memcpy(a->unique, d->q->unique.p, a->unique_len);
	return ISAKMP_OK;
}

static const struct decide_kind kinds[] = {
	[ISAKMP_UPCALL_I_AUTH]	  = { true, i_auth_ok, i_auth },
	[ISAKMP_UPCALL_R_AUTH]	  = { true, r_auth_ok, r_auth },
	[ISAKMP_UPCALL_I_VERIFY]  = { true, i_verify_ok, i_verify },
	[ISAKMP_UPCALL_V1_BEGIN]  = { false, begin_ok, begin },
	[ISAKMP_UPCALL_V1_SKEYID] = { true, skeyid_ok, v1_skeyid },
	[ISAKMP_UPCALL_V1_ENCRYPT] = { true, encrypt_ok, v1_encrypt },
	[ISAKMP_UPCALL_V1_DECRYPT] = { true, decrypt_ok, v1_decrypt },
	[ISAKMP_UPCALL_V1_XAUTH]  = { false, xauth_ok, v1_xauth },
	[ISAKMP_UPCALL_V1_CONFIG] = { false, config_ok, config },
};

/**
 * v1_kind() - how a kind of question is decided
 * @kind: enum isakmp_upcall_kind
 *
 * Return: it, or NULL: version 1 has no such.
 */
const struct decide_kind *v1_kind(u8 kind)
{
	return kind < ARRAY_SIZE(kinds) && kinds[kind].ok ? &kinds[kind] : NULL;
}
