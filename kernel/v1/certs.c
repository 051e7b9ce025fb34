// SPDX-License-Identifier: GPL-2.0
/*
 * Certificates in phase 1 (RFC 2408, 3.9 and 3.10; RFC 2409, 5.1): whose we ask for, and what the
 * peer says and asks for.
 *
 * The helper knows the names of our authorities; it is the initiator that has asked it before
 * the message goes out in which they belong.  A list that would make a message too long for one
 * packet is not worth it: then one payload without a name asks for whatever there is.
 */
#include "v1/engine.h"

/* What may follow CERTREQ in a message that is short otherwise: NAT-D, vendor IDs. */
#define AFTER 320

/* Payloads that are kept: type, octets of the body, body. */
#define HEAD 3

static void put(struct isakmp_out *o, u8 type, const u8 *p, size_t n)
{
	isakmp_out_u8(o, type);
	isakmp_out_u16(o, (u16)n);
	isakmp_out_bytes(o, p, n);
}

static bool next(struct isakmp_cur *c, struct isakmp_payload *pl)
{
	return isakmp_cur_u8(c, &pl->type) && isakmp_cur_u16(c, &pl->len) &&
	       isakmp_cur_take(c, pl->len, &pl->body);
}

/* ---- what we ask for --------------------------------------------------------- */

/**
 * v1_certreqs_take - whose certificates will do
 * @u: the setting up
 * @v: verdict of V1_BEGIN
 *
 * Context: Process; the SA's worker.
 * Return: OK or NO_MEMORY.
 */
enum isakmp_reason v1_certreqs_take(struct v1_setup *u, const struct ike_verdict *v)
{
	struct isakmp_out o;
	unsigned int i;
	size_t n = 0;

	for (i = 0; i < v->n_certreqs; i++)
		n += HEAD + v->certreqs[i].len;
	isakmp_free(u->ask);
	u->ask = NULL;
	u->ask_len = 0;
	if (!n || n > IKE_FRAGMENT_SIZE)
		return ISAKMP_OK;
	u->ask = isakmp_alloc(n);
	if (!u->ask)
		return ISAKMP_R_NO_MEMORY;
	isakmp_out_init(&o, u->ask, n);
	for (i = 0; i < v->n_certreqs; i++)
		put(&o, V1_PL_CERTREQ, v->certreqs[i].p, v->certreqs[i].len);
	u->ask_len = (u16)n;
	return ISAKMP_OK;
}

static bool peer_signs(const struct ike_epoch *ep)
{
	const struct v1_phase1 *p = v1_of(ep);
	unsigned int i;

	if (p->method)
		return v1_proof_of(p->method, !ep->initiator) == V1_CLASS_SIG;
	for (i = 0; i < p->setup->n_methods; i++)
		if (v1_proof_of(p->setup->methods[i], !ep->initiator) == V1_CLASS_SIG)
			return true;
	return false;
}

/* HEAD has an octet less than the head of a payload. */
static bool names_fit(const struct ike_sa *sa, const struct v1_msg *m, const struct v1_setup *u)
{
	size_t size = sa->peer && sa->peer->fragment ? sa->peer->fragment : IKE_FRAGMENT_SIZE;

	return u->ask_len &&
	       m->b.o.len + u->ask_len + IKE_CERTS_OUT_MAX + AFTER <= ike_in_ip(&sa->path, size);
}

/**
 * v1_certreq_add - ask for a certificate: one payload for each authority (RFC 2408, 3.10)
 * @sa: the SA
 * @m: a message of phase 1; where the peer does not sign nothing is added
 *
 * Context: Process; the SA's worker.
 */
void v1_certreq_add(const struct ike_sa *sa, struct v1_msg *m)
{
	static const u8 any = IKE_CERT_X509_SIGNATURE;
	const struct v1_setup *u = v1_of(m->ep)->setup;
	struct isakmp_payload pl;
	struct isakmp_cur c;

	if (!peer_signs(m->ep))
		return;
	if (!names_fit(sa, m, u)) {
		v1_msg_bytes(m, V1_PL_CERTREQ, &any, sizeof(any));
		return;
	}
	isakmp_cur_init(&c, u->ask, u->ask_len);
	while (next(&c, &pl))
		v1_msg_bytes(m, V1_PL_CERTREQ, pl.body, pl.len);
}

/* ---- what the peer says -------------------------------------------------------- */

static bool is_cert(const struct isakmp_payload *pl)
{
	return pl->type == V1_PL_CERT || pl->type == V1_PL_CERTREQ;
}

/**
 * v1_certs_look - CERT payloads of a message in which they might have been encrypted
 * @c: the message
 *
 * Context: Process; the SA's worker.
 * Return: OK or BAD_CERT.
 */
enum isakmp_reason v1_certs_look(const struct v1_chain *c)
{
	const struct isakmp_payload *pl = NULL;

	while ((pl = v1_chain_next(c, V1_PL_CERT, pl)))
		if (v1_payload_check(pl))
			return ISAKMP_R_BAD_CERT;
	return ISAKMP_OK;
}

/**
 * v1_certs_keep - what a message says of certificates counts for the proof in a later one, too
 * @ep: the ISAKMP SA
 * @c: the message
 *
 * As much as V1_CERTS_KEPT; what is beyond, or finds no memory, is as if it had not been said.
 *
 * Context: Process; the SA's worker.
 */
void v1_certs_keep(struct ike_epoch *ep, const struct v1_chain *c)
{
	struct v1_setup *u = v1_of(ep)->setup;
	struct isakmp_out o;
	unsigned int i;
	size_t n = 0;

	if (u->said || (v1_proof_of(v1_of(ep)->method, true) != V1_CLASS_SIG &&
			v1_proof_of(v1_of(ep)->method, false) != V1_CLASS_SIG))
		return;
	for (i = 0; i < c->n; i++)
		if (is_cert(&c->pl[i]))
			n += HEAD + c->pl[i].len;
	if (!n || n > V1_CERTS_KEPT)
		return;
	u->said = isakmp_alloc(n);
	if (!u->said)
		return;
	u->said_len = (u16)n;
	isakmp_out_init(&o, u->said, n);
	for (i = 0; i < c->n; i++)
		if (is_cert(&c->pl[i]))
			put(&o, c->pl[i].type, c->pl[i].body, c->pl[i].len);
}

static void add(struct isakmp_chain *out, const struct isakmp_payload *pl)
{
	u8 type = pl->type == V1_PL_CERT ? IKE_PL_CERT : IKE_PL_CERTREQ;

	if (!is_cert(pl) || out->n == IKE_PAYLOADS_MAX)
		return;
	out->seen |= ISAKMP_PL_BIT(type);
	out->pl[out->n] = *pl;
	out->pl[out->n++].type = type;
}

/**
 * v1_certs_of - CERT and CERTREQ payloads of the message that is kept, and of earlier ones
 * @u: the setting up
 *
 * Context: Process; the SA's worker.
 * Return: a chain, as a question has it, the caller's to free; NULL: no memory.
 */
struct isakmp_chain *v1_certs_of(const struct v1_setup *u)
{
	struct isakmp_chain *out = isakmp_alloc(sizeof(*out));
	struct v1_chain *c = isakmp_alloc(sizeof(*c));
	struct isakmp_payload pl = {};
	struct isakmp_cur said;
	unsigned int i;

	if (out && c && u->kept && !v1_kept_read(u, c))
		for (i = 0; i < c->n; i++)
			add(out, &c->pl[i]);
	isakmp_cur_init(&said, u->said, u->said_len);
	while (out && c && next(&said, &pl))
		add(out, &pl);
	if (!c) {
		isakmp_free(out);
		out = NULL;
	}
	isakmp_free(c);
	return out;
}
