// SPDX-License-Identifier: GPL-2.0
/*
 * Who is it?  Questions for the helper and its verdicts, identities, HASH and SIG
 * (RFC 2409, 5).
 *
 * HASH is checked and made here, SIG by the helper.  What a HASH proves is the peer's; what
 * a SIG proves is known when the helper has decided: until then, and when it refuses, the
 * message may be anybody's, and the right one is still awaited.
 */
#include "v1/engine.h"

/* ---- questions ----------------------------------------------------------- */

/**
 * v1_ask_waits - has another question to be answered first?
 * @sa: the SA
 *
 * Those of Quick Mode let others go first.
 *
 * Context: Process; the SA's worker.
 * Return: true if so; then v1_ask() says UPCALL_LIMIT.
 */
bool v1_ask_waits(struct ike_sa *sa)
{
	return sa->v1->asking && !v1_pfs_yield(sa);
}

/**
 * v1_ask - ask the helper
 * @sa: the SA; one question at a time
 * @ep: for which ISAKMP SA
 * @msgid: for which exchange of it, 0: for itself
 * @ask: the question; what all of version 1 have is set
 *
 * Context: Process; the SA's worker.
 * Return: as isakmp_ask(); UPCALL_LIMIT: another question is under way.
 */
enum isakmp_reason v1_ask(struct ike_sa *sa, struct ike_epoch *ep, u32 msgid,
			  struct ike_ask *ask)
{
	struct v1_conn *c = sa->v1;
	enum isakmp_reason why;

	if (v1_ask_waits(sa))
		return ISAKMP_R_UPCALL_LIMIT;
	ask->v1 = true;
	ask->prf = ep->suite.prf;
	ask->method = v1_of(ep)->method;
	why = ike_ask(sa, ask);
	if (why)
		return why;
	c->asking = ep;
	c->ask_msgid = msgid;
	return ISAKMP_OK;
}

/**
 * v1_unask - the helper need not answer any more
 * @sa: the SA
 * @ep: for which ISAKMP SA; fine if it was not asked
 *
 * Context: Process; the SA's worker.
 */
void v1_unask(struct ike_sa *sa, struct ike_epoch *ep)
{
	if (!sa->v1 || sa->v1->asking != ep)
		return;
	sa->v1->asking = NULL;
	ike_unask(sa);
}

/**
 * v1_is_ours - is a refusal about what we have, not about the peer?
 * @why: the refusal
 *
 * Context: Any.
 * Return: true: the same message may do later.
 */
bool v1_is_ours(enum isakmp_reason why)
{
	return why == ISAKMP_R_NO_MEMORY || why == ISAKMP_R_HELPER_LOST ||
	       why == ISAKMP_R_CRED_BUSY || why == ISAKMP_R_UPCALL_LIMIT;
}

/**
 * v1_ask_phase1 - the same for phase 1: while it is under way nothing is sent again
 * @sa: the SA
 * @ep: for which ISAKMP SA
 * @ask: the question
 *
 * Context: Process; the SA's worker.
 * Return: as v1_ask().
 */
enum isakmp_reason v1_ask_phase1(struct ike_sa *sa, struct ike_epoch *ep, struct ike_ask *ask)
{
	struct v1_phase1 *p = v1_of(ep);
	enum isakmp_reason why;

	ask->initiator = ep->initiator;
	ask->exchange = p->exchange;
	ask->aggressive = p->exchange == V1_AGGRESSIVE ||
			  (p->exchange == V1_BASE && !ep->initiator);
	why = v1_ask(sa, ep, 0, ask);
	if (why)
		return why;
	p->state = V1_P1_ASKING;
	p->talk.resend_at = IKE_NEVER;
	return ISAKMP_OK;
}

/**
 * v1_ask_skeyid - PSK: the helper makes SKEYID
 * @sa: the SA
 * @ep: the ISAKMP SA, with both nonces
 * @id: body of the peer's ID payload, when it came in the clear; or NULL
 * @id_len: its octets
 *
 * Context: Process; the SA's worker.
 * Return: as v1_ask().
 */
enum isakmp_reason v1_ask_skeyid(struct ike_sa *sa, struct ike_epoch *ep, const u8 *id,
				 u16 id_len)
{
	const struct v1_setup *u = v1_of(ep)->setup;
	struct ike_ask ask = {
		.kind = IKE_ASK_V1_SKEYID,
		.ni = { u->ni, u->ni_len },
		.nr = { u->nr, u->nr_len },
	};

	*(ep->initiator ? &ask.id_r : &ask.id_i) = (struct ike_span){ id, id_len };
	return v1_ask_phase1(sa, ep, &ask);
}

/* What HASH_I or HASH_R covers before the identity (RFC 2409, 5); the caller's to free. */
static u8 *covered(const struct ike_epoch *ep, bool of_initiator, size_t *n)
{
	const struct v1_setup *u = v1_of(ep)->setup;
	const u8 *own = of_initiator ? u->ke_i : u->ke_r, *other = of_initiator ? u->ke_r : u->ke_i;
	u16 own_len = of_initiator ? u->ke_i_len : u->ke_r_len;
	u16 other_len = of_initiator ? u->ke_r_len : u->ke_i_len;
	bool later = of_initiator && v1_of(ep)->exchange == V1_BASE;
	struct isakmp_out o;
	u8 *buf;

	/* As v1_hash_auth() */
	if (later)
		other_len = 0;
	*n = own_len + other_len + 2 * V1_COOKIE_LEN + u->sa_i_len;
	buf = isakmp_alloc(*n);
	if (!buf)
		return NULL;
	isakmp_out_init(&o, buf, *n);
	isakmp_out_bytes(&o, own, own_len);
	isakmp_out_bytes(&o, other, other_len);
	isakmp_out_u64(&o, of_initiator ? ep->spi_i : ep->spi_r);
	isakmp_out_u64(&o, of_initiator ? ep->spi_r : ep->spi_i);
	isakmp_out_bytes(&o, u->sa_i, u->sa_i_len);
	return buf;
}

/* With what is said of both sides, and what is covered. */
static enum isakmp_reason ask_proof(struct ike_sa *sa, struct ike_epoch *ep,
				    struct ike_ask *ask)
{
	struct v1_phase1 *p = v1_of(ep);
	struct isakmp_chain *certs = v1_certs_of(p->setup);
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;
	struct ike_span first;
	u8 *i, *r;

	i = covered(ep, true, &ask->msg_i.len);
	r = covered(ep, false, &ask->msg_r.len);
	ask->msg_i.p = i;
	ask->msg_r.p = r;
	/* What we sign is in the same place, whoever we are */
	if (ask->kind == IKE_ASK_I_AUTH && !ep->initiator) {
		first = ask->msg_i;
		ask->msg_i = ask->msg_r;
		ask->msg_r = first;
	}
	ask->chain = certs;
	ask->sk_pi = (struct ike_span){ p->skeyid, isakmp_prf_len(ep->suite.prf) };
	if (i && r && certs)
		why = v1_ask_phase1(sa, ep, ask);
	isakmp_free(i);
	isakmp_free(r);
	isakmp_free(certs);
	return why;
}

/**
 * v1_ask_own - the helper makes our signature
 * @sa: the SA
 * @ep: the ISAKMP SA: SKEYID is there
 *
 * Context: Process; the SA's worker.
 * Return: as v1_ask().
 */
enum isakmp_reason v1_ask_own(struct ike_sa *sa, struct ike_epoch *ep)
{
	const struct v1_setup *u = v1_of(ep)->setup;
	struct ike_ask ask = { .kind = IKE_ASK_I_AUTH };

	ask.id_i = (struct ike_span){ u->id, u->id_len };
	return ask_proof(sa, ep, &ask);
}

static const struct isakmp_payload *proof_in(const struct ike_epoch *ep,
					     const struct v1_chain *c)
{
	u8 class = v1_proof_of(v1_of(ep)->method, !ep->initiator);

	return v1_chain_find(c, class == V1_CLASS_SIG ? V1_PL_SIG : V1_PL_HASH);
}

/**
 * v1_ask_peer - may the peer connect, and is its signature right?
 * @sa: the SA
 * @ep: the ISAKMP SA; the message is kept
 * @kind: IKE_ASK_R_AUTH, IKE_ASK_I_VERIFY
 * @proof: its proof is in the message
 *
 * Context: Process; the SA's worker.
 * Return: as v1_ask().
 */
enum isakmp_reason v1_ask_peer(struct ike_sa *sa, struct ike_epoch *ep, u8 kind, bool proof)
{
	const struct v1_setup *u = v1_of(ep)->setup;
	struct v1_chain *c = isakmp_alloc(sizeof(*c));
	const struct isakmp_payload *pl;
	struct ike_ask ask = { .kind = kind, .proof_later = !proof };
	enum isakmp_reason why = c ? v1_kept_read(u, c) : ISAKMP_R_NO_MEMORY;

	if (!why) {
		*(ep->initiator ? &ask.id_i : &ask.id_r) = (struct ike_span){ u->id, u->id_len };
		*(ep->initiator ? &ask.id_r : &ask.id_i) =
			(struct ike_span){ u->peer_id, u->peer_id_len };
		pl = proof ? proof_in(ep, c) : NULL;
		if (pl && pl->type == V1_PL_SIG)
			ask.auth = (struct ike_span){ pl->body, pl->len };
		why = ask_proof(sa, ep, &ask);
	}
	isakmp_free(c);
	return why;
}

/* ---- the peer's proof ---------------------------------------------------- */

/* RFC 2407, 4.6.2: protocol and port are 0, or those of IKE; with NAT traversal 4500, too. */
static bool is_id(const struct isakmp_payload *pl)
{
	struct v1_id id;

	return !v1_id_decode(pl, &id) && pl->len <= 4 + IKE_ID_MAX &&
	       (!id.proto || id.proto == 17) &&
	       (!id.port || id.port == 500 || id.port == IKE_PORT_NATT);
}

/**
 * v1_peer_id - the identity of the peer, kept
 * @ep: the ISAKMP SA
 * @c: the message
 *
 * Context: Process; the SA's worker.
 * Return: OK, BAD_ID, NO_MEMORY.
 */
enum isakmp_reason v1_peer_id(struct ike_epoch *ep, const struct v1_chain *c)
{
	const struct isakmp_payload *pl = v1_chain_find(c, V1_PL_ID);
	struct v1_setup *u = v1_of(ep)->setup;
	u8 *copy;

	if (!is_id(pl))
		return ISAKMP_R_BAD_ID;
	copy = ike_copy(pl->body, pl->len);
	if (!copy)
		return ISAKMP_R_NO_MEMORY;
	isakmp_free(u->peer_id);
	u->peer_id = copy;
	u->peer_id_len = pl->len;
	return ISAKMP_OK;
}

/**
 * v1_peer_check - HASH of the peer, where it proves itself by that
 * @ep: the ISAKMP SA; SKEYID and the peer's identity are there
 * @c: the message
 *
 * Context: Process; the SA's worker.
 * Return: OK: it is right, or the helper checks a signature; AUTH_FAILED; BAD_ID, who can read
 * the nonce says no identity; NO_MEMORY, CRYPTO.
 */
enum isakmp_reason v1_peer_check(struct ike_epoch *ep, const struct v1_chain *c)
{
	const struct isakmp_payload *pl = proof_in(ep, c);
	const struct v1_setup *u = v1_of(ep)->setup;
	const struct isakmp_payload id = { .body = u->peer_id, .len = u->peer_id_len };
	size_t len = isakmp_prf_len(ep->suite.prf);
	u8 want[64];
	int err;

	if (!pl)
		return ISAKMP_R_MISSING;
	if (pl->type == V1_PL_SIG)
		return ISAKMP_OK;
	err = v1_hash_auth(ep, !ep->initiator, u->peer_id, u->peer_id_len, want);
	if (err)
		return v1_crypto_reason(err);
	if (pl->len != len || isakmp_differ(pl->body, want, len))
		return ISAKMP_R_AUTH_FAILED;
	return is_id(&id) ? ISAKMP_OK : ISAKMP_R_BAD_ID;
}

/* Does the message prove whose it is without the helper? */
static bool by_hash(const struct ike_epoch *ep)
{
	return v1_proof_of(v1_of(ep)->method, !ep->initiator) != V1_CLASS_SIG;
}

/* ---- our own ------------------------------------------------------------- */

/**
 * v1_own_id - our identity, as the helper says it
 * @ep: the ISAKMP SA
 * @v: the verdict; without one it stays
 *
 * Context: Process; the SA's worker.
 * Return: OK; NO_MEMORY; HELPER_ERROR: there is none.
 */
enum isakmp_reason v1_own_id(struct ike_epoch *ep, const struct ike_verdict *v)
{
	struct v1_setup *u = v1_of(ep)->setup;
	u8 *copy;

	/* What was said once is covered by what follows */
	if (!v->id_len || (u->id && v1_of(ep)->exchange == V1_AGGRESSIVE))
		return u->id ? ISAKMP_OK : ISAKMP_R_HELPER_ERROR;
	copy = ike_copy(v->id, v->id_len);
	if (!copy)
		return ISAKMP_R_NO_MEMORY;
	isakmp_free(u->id);
	u->id = copy;
	u->id_len = v->id_len;
	return ISAKMP_OK;
}

/**
 * v1_peer_meant - the helper says whom the initiator is taken for
 * @sa: the responder
 * @ep: the ISAKMP SA
 * @v: the verdict; without a peer the one that the offer was chosen by
 *
 * Context: Process; the SA's worker.
 */
void v1_peer_meant(struct ike_sa *sa, struct ike_epoch *ep, struct ike_verdict *v)
{
	const struct ike_peer *peer = v->peer;

	v->peer = NULL;
	if (!peer) {
		peer = v1_of(ep)->setup->peer;
		isakmp_peer_get(peer);
	}
	if (sa->peer)
		isakmp_peer_put(sa->peer);
	sa->peer = peer;
	v1_of(ep)->setup->meant = v1_of(ep)->setup->pending;
}

/**
 * v1_skeyid_take - the helper has made SKEYID
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @v: the verdict; of the responder with whose secret it is: nobody else comes in by it
 *
 * Context: Process; the SA's worker.
 * Return: OK, HELPER_ERROR, NO_MEMORY.
 */
enum isakmp_reason v1_skeyid_take(struct ike_sa *sa, struct ike_epoch *ep, struct ike_verdict *v)
{
	enum isakmp_reason why;

	if (v->skeyid.len != isakmp_prf_len(ep->suite.prf))
		return ISAKMP_R_HELPER_ERROR;
	why = v1_own_id(ep, v);
	if (!why)
		why = ike_basis_own(sa, v);
	if (why)
		return why;
	memcpy(v1_of(ep)->skeyid, v->skeyid.p, v->skeyid.len);
	if (!ep->initiator)
		v1_peer_meant(sa, ep, v);
	return ISAKMP_OK;
}

/**
 * v1_own_proof - [CERT,] SIG of the verdict, or HASH
 * @m: the message
 * @v: the verdict
 *
 * Context: Process; the SA's worker.
 * Return: OK, HELPER_ERROR, NO_MEMORY, CRYPTO.
 */
enum isakmp_reason v1_own_proof(struct v1_msg *m, const struct ike_verdict *v)
{
	const struct v1_setup *u = v1_of(m->ep)->setup;
	unsigned int i;
	u8 hash[64];
	int err;

	if (v1_proof_of(v1_of(m->ep)->method, m->ep->initiator) == V1_CLASS_SIG) {
		if (!v->auth_len)
			return ISAKMP_R_HELPER_ERROR;
		for (i = 0; i < v->n_certs; i++)
			v1_msg_bytes(m, V1_PL_CERT, v->certs[i].p, v->certs[i].len);
		v1_msg_bytes(m, V1_PL_SIG, v->auth, v->auth_len);
		return ISAKMP_OK;
	}
	err = v1_hash_auth(m->ep, m->ep->initiator, u->id, u->id_len, hash);
	if (err)
		return v1_crypto_reason(err);
	v1_msg_bytes(m, V1_PL_HASH, hash, isakmp_prf_len(m->ep->suite.prf));
	return ISAKMP_OK;
}

/**
 * v1_contact_add - INITIAL-CONTACT, if it is one (RFC 2407, 4.6.3.3)
 * @sa: the SA
 * @m: message 5 of Main Mode; "MUST NOT be sent in Aggressive Mode" (4.6.3): quick.c says it
 *
 * Context: Process; the SA's worker.
 */
void v1_contact_add(struct ike_sa *sa, struct v1_msg *m)
{
	u8 spi[2 * V1_COOKIE_LEN];
	const struct v1_notify n = {
		.doi = V1_DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .spi_len = sizeof(spi),
		.type = V1_N_INITIAL_CONTACT, .spi = spi,
	};

	if (sa->state != IKE_S_V1 || sa->v1->told_contact || !isakmp_contact_is_initial(sa))
		return;
	sa->v1->told_contact = true;
	put_unaligned_be64(m->ep->spi_i, spi);
	put_unaligned_be64(m->ep->spi_r, spi + V1_COOKIE_LEN);
	v1_msg_notify(m, &n);
}

static bool says_contact(const struct v1_chain *c)
{
	const struct isakmp_payload *pl = NULL;
	struct v1_notify n;

	while ((pl = v1_chain_next(c, V1_PL_NOTIFY, pl)))
		if (!v1_notify_decode(pl, &n) && n.type == V1_N_INITIAL_CONTACT)
			return true;
	return false;
}

/* ---- verdicts ------------------------------------------------------------ */

static const struct v1_verdict_law *law_of(const struct ike_epoch *ep,
					   const struct ike_verdict *v)
{
	const struct v1_phase1 *p = v1_of(ep);
	const struct v1_verdict_law *l;
	unsigned int i;

	for (i = 0; i < v1_n_verdict_laws; i++) {
		l = &v1_verdict_laws[i];
		if (l->kind == v->kind && l->exchange == p->exchange && l->step == p->step &&
		    l->initiator == ep->initiator)
			return l;
	}
	return NULL;
}

/* Whom a forged message meant is not whom the right one does. */
static void unmean(struct ike_sa *sa, struct v1_setup *u)
{
	if (!u->pending || u->meant != u->pending)
		return;
	u->meant = 0;
	isakmp_peer_put(sa->peer);
	sa->peer = NULL;
}

/* Another message may be the right one; this one is not looked at again. */
static void doubt(struct ike_sa *sa, struct ike_epoch *ep, enum isakmp_reason why, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);
	struct v1_setup *u = p->setup;

	unmean(sa, u);
	u->refused = v1_is_ours(why) ? 0 : u->pending;
	u->junk += u->junk < IKE_JUNK_MAX;
	u->why = (u16)why;
	v1_kept_free(u);
	p->state = V1_P1_OPENING;
	if (ep->initiator && p->step == 2)
		v1_first_unchosen(ep);
	if (p->talk.bytes && ep->initiator)
		p->talk.resend_at = now + sa->tun->retransmit_ms;
}

/* The peer has proved who it is, and may not connect: it is told so. */
static void refuse(struct ike_sa *sa, struct ike_epoch *ep, enum isakmp_reason why, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);

	if (p->key_len && p->setup->pending) {
		memcpy(p->iv, p->setup->iv, sizeof(p->iv));
		v1_info_error(sa, ep, V1_N_AUTHENTICATION_FAILED, V1_PROTO_ISAKMP, 0);
	}
	v1_phase1_end(sa, ep, why, now);
}

static enum isakmp_reason verdict_of_phase1(struct ike_sa *sa, struct ike_epoch *ep,
					    struct ike_verdict *v, u64 now)
{
	const struct v1_verdict_law *l = law_of(ep, v);
	enum isakmp_reason why = v->reason;

	if (!l || v1_of(ep)->state != V1_P1_ASKING)
		return ISAKMP_R_HELPER_ERROR;
	if (!why)
		why = l->handle(sa, ep, v, now);
	/* After a hand-over it is another SA's */
	if (!why || sa->state == IKE_S_DEAD || !ep->v1 || v1_of(ep)->state == V1_P1_GONE)
		return why;
	/* Nobody is adopted twice */
	if (v1_of(ep)->setup->adopted)
		v1_phase1_end(sa, ep, why, now);
	else if (l->doubts == V1_DOUBTS_ALL ||
		 (l->doubts == V1_DOUBTS_SIG && (!by_hash(ep) || v1_is_ours(why))))
		doubt(sa, ep, why, now);
	else if (l->doubts == V1_DOUBTS_SIG)
		refuse(sa, ep, why, now);
	else
		v1_phase1_end(sa, ep, why, now);
	return why;
}

/**
 * v1_verdict - the helper has answered
 * @sa: the SA
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_verdict(struct ike_sa *sa, struct ike_verdict *v, u64 now)
{
	struct v1_conn *c = sa->v1;
	struct ike_epoch *ep = c->asking;
	enum isakmp_reason why = ISAKMP_OK;

	if (!ep || v->question != sa->question)
		return;
	c->asking = NULL;
	if (v->kind == IKE_ASK_V1_XAUTH)
		v1_xauth_verdict(sa, ep, c->ask_msgid, v, now);
	else if (v->kind == IKE_ASK_V1_CONFIG)
		v1_config_verdict(sa, ep, c->ask_msgid, v, now);
	else if (c->ask_msgid)
		why = v1_pfs_verdict(sa, ep, c->ask_msgid, v, now);
	else
		why = verdict_of_phase1(sa, ep, v, now);
	if (why)
		isakmp_refused(sa, why, 0);
}

/* ---- the peer is believed -------------------------------------------------- */

static enum isakmp_reason keep(u8 **to, u16 *to_len, const u8 *p, u16 n)
{
	u8 *copy = ike_copy(p, n);

	if (!copy)
		return ISAKMP_R_NO_MEMORY;
	isakmp_free(*to);
	*to = copy;
	*to_len = n;
	return ISAKMP_OK;
}

/* Whatever protocol and port it says that it is for. */
static bool same_identity(const u8 *a, u16 a_len, const u8 *b, u16 b_len)
{
	return a_len == b_len && a_len > 4 && a[0] == b[0] && !memcmp(a + 4, b + 4, a_len - 4);
}

/* A connection is with one identity: another one does not come in by a further phase 1. */
static enum isakmp_reason take_identities(struct ike_sa *sa, const struct v1_setup *u)
{
	enum isakmp_reason why;

	if (sa->state == IKE_S_ESTABLISHED &&
	    !same_identity(sa->id_remote, sa->id_remote_len, u->peer_id, u->peer_id_len))
		return ISAKMP_R_NO_IDENTITY;
	why = keep(&sa->id_remote, &sa->id_remote_len, u->peer_id, u->peer_id_len);
	return why ? why : keep(&sa->id_local, &sa->id_local_len, u->id, u->id_len);
}

/* Does it allow what was negotiated before it was known? */
static enum isakmp_reason check_peer(const struct ike_sa *sa, const struct ike_epoch *ep,
				     const struct ike_peer *peer)
{
	const struct v1_phase1 *p = v1_of(ep);

	if (!v1_suites_allow(&peer->ike, &ep->suite))
		return ISAKMP_R_SUITE_REFUSED;
	if (!v1_method_allowed(peer, false, p->method) || !(peer->v1.accept & BIT(p->exchange)))
		return ISAKMP_R_AUTH_METHOD;
	/*
	 * The secret was of one: nobody else comes in by it, but where it was chosen by addresses who,
	 * as the helper says, has the same one
	 */
	if (sa->peer && strcmp(sa->peer->name, peer->name) &&
	    !v1_by_address(p->exchange, p->method))
		return ISAKMP_R_AUTH_FAILED;
	return ISAKMP_OK;
}

/**
 * v1_peer_place - one more ISAKMP SA of @elder, or a connection of its own
 * @sa: the responder; it is known who its peer is
 * @elder: set: the connection that it becomes one of; 0: none
 *
 * Context: Process; the SA's worker.
 * Return: OK, or as isakmp_peer_adopt().
 */
enum isakmp_reason v1_peer_place(struct ike_sa *sa, u64 *elder)
{
	*elder = isakmp_v1_elder(sa);
	return *elder ? ISAKMP_OK : isakmp_peer_adopt(sa, sa->peer);
}

/**
 * v1_peer_adopt - the responder's peer is known: may it connect?
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @v: the verdict; its peer moves to the SA
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why not.
 */
enum isakmp_reason v1_peer_adopt(struct ike_sa *sa, struct ike_epoch *ep, struct ike_verdict *v)
{
	struct v1_setup *u = v1_of(ep)->setup;
	enum isakmp_reason why;

	if (!v->peer)
		return ISAKMP_R_HELPER_ERROR;
	why = check_peer(sa, ep, v->peer);
	if (!why)
		why = take_identities(sa, u);
	if (!why)
		why = ike_basis_take(sa, v);
	if (why)
		return why;
	if (sa->peer)
		isakmp_peer_put(sa->peer);
	sa->peer = v->peer;
	v->peer = NULL;
	sa->allowed = v->children;
	/* Many may share an identity: which of them it is XAUTH says */
	if (sa->peer->v1.xauth != IKE_V1_XAUTH_PEER)
		why = v1_peer_place(sa, &u->elder);
	u->adopted = !why;
	return why;
}

/**
 * v1_peer_known - the initiator's peer is whom it says
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @v: the verdict
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why it is not believed.
 */
enum isakmp_reason v1_peer_known(struct ike_sa *sa, struct ike_epoch *ep,
				 const struct ike_verdict *v)
{
	enum isakmp_reason why = take_identities(sa, v1_of(ep)->setup);

	if (!why)
		why = v1_user_awaited(sa) ? v1_user_await(sa, ep, v) : ike_basis_take(sa, v);
	if (why || sa->state != IKE_S_V1)
		return why;
	why = isakmp_peer_known(sa);
	v1_of(ep)->setup->adopted = !why;
	if (!why)
		sa->allowed = ~0U;
	return why;
}

/**
 * v1_peer_shown - the peer is whom it says, and no connection comes of it
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @peer: whose peer object; NULL: the helper has not said
 * @v: the verdict
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why it is not believed.
 */
enum isakmp_reason v1_peer_shown(struct ike_sa *sa, struct ike_epoch *ep,
				 const struct ike_peer *peer, const struct ike_verdict *v)
{
	enum isakmp_reason why = ISAKMP_OK;

	if (!peer)
		return ISAKMP_R_HELPER_ERROR;
	if (!ep->initiator)
		why = check_peer(sa, ep, peer);
	if (!why)
		why = take_identities(sa, v1_of(ep)->setup);
	return why ? why : ike_basis_take(sa, v);
}

/**
 * v1_peer_contact - what the peer says of other connections
 * @sa: the SA
 * @u: the setting up; the message with its proof is kept
 *
 * In the clear anybody may have said it: neither HASH_I nor SIG_I is about that.
 *
 * Context: Process; the SA's worker.
 */
void v1_peer_contact(struct ike_sa *sa, const struct v1_setup *u)
{
	struct v1_chain *c = isakmp_alloc(sizeof(*c));

	if (c && !u->kept_clear && !v1_kept_read(u, c))
		sa->contact = says_contact(c);
	isakmp_free(c);
}

/**
 * v1_phase1_join - it is known whose ISAKMP SA a responder has
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @elder: the connection of the same peer; 0: there is none
 * @now: ms
 *
 * It becomes one of @elder, and the SA is over; or what comes before Quick Mode follows.
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why it came to nothing.
 */
enum isakmp_reason v1_phase1_join(struct ike_sa *sa, struct ike_epoch *ep, u64 elder, u64 now)
{
	enum isakmp_reason why = ISAKMP_OK;

	if (elder) {
		why = isakmp_v1_hand_over(sa, ep, elder);
		if (!why) {
			ike_sa_die(sa, ISAKMP_OK, 0, now);
			return ISAKMP_OK;
		}
		if (why == ISAKMP_R_NO_SA)
			why = isakmp_peer_adopt(sa, sa->peer);
	}
	if (!why)
		v1_trans_begin(sa, ep, now);
	return why;
}

/**
 * v1_phase1_believed - how long the peer is believed, from now on
 * @sa: the SA
 * @left_s: seconds that the helper gives; 0: for ever
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_phase1_believed(struct ike_sa *sa, u32 left_s, u64 now)
{
	sa->until_at = IKE_NEVER;
	sa->reauth_at = IKE_NEVER;
	ike_until_begin(sa, left_s, now);
}

/**
 * v1_phase1_proven - both are authenticated
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @left_s: seconds that the peer is believed; 0: for ever
 * @now: ms
 *
 * One that the peer has begun goes to the SA that it has already, if there is one: this one
 * is over then.  Otherwise what comes before Quick Mode follows.
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why it came to nothing.
 */
enum isakmp_reason v1_phase1_proven(struct ike_sa *sa, struct ike_epoch *ep, u32 left_s, u64 now)
{
	v1_of(ep)->state = V1_P1_XAUTH;
	v1_of(ep)->left_s = left_s;
	sa->proven = true;
	sa->last_in = now;
	if (!v1_user_awaited(sa))
		v1_phase1_believed(sa, left_s, now);
	return v1_phase1_join(sa, ep, v1_of(ep)->setup->elder, now);
}
