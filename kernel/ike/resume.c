// SPDX-License-Identifier: GPL-2.0
/*
 * Session resumption (RFC 5723): an IKE SA from a ticket, without key exchange and
 * without a helper.
 *
 *	Initiator				Responder
 *	HDR, [N(COOKIE),] Ni, N(TICKET_OPAQUE),
 *	  N(NAT_DETECTION_*)		   -->
 *					<--  HDR, Nr, N(NAT_DETECTION_*)
 *			or		<--  HDR, N(COOKIE): the same again
 *			or		<--  HDR, N(TICKET_NACK): IKE_SA_INIT instead
 *	HDR, SK {IDi, [IDr,] AUTH, [SAi2, TSi, TSr]} -->
 *					<--  HDR, SK {IDr, AUTH, [SAr2, TSi, TSr]}
 *
 * AUTH is a MAC under SK_p, which nobody has who has not had SK_d.  What the helper
 * would say, the ticket says: it is made a verdict of the helper's, and all that follows
 * from one follows here, too (auth.c).
 *
 * TICKET_NACK may be forged: that costs a full exchange, which is what we would have had
 * without a ticket.
 */
#include "ike/engine.h"

static const struct isakmp_payload *get(const struct ike_in *in, u8 type)
{
	return isakmp_chain_find(&in->chain, type);
}

/* ---- what both sides say ------------------------------------------------- */

/* N, N(NAT_DETECTION_*), [N(IKEV2_FRAGMENTATION_SUPPORTED)] */
static enum isakmp_reason add_common(struct ike_sa *sa, struct ike_msg *m,
				     const struct isakmp_nonce *n,
				     const struct isakmp_path *path, bool fake, bool fragments)
{
	enum isakmp_reason why;

	ike_msg_nonce(m, n);
	why = ike_nat_add(sa, m, path, fake);
	if (fragments)
		ike_msg_notify(m, IKE_N_FRAGMENTATION_SUPPORTED, NULL, 0);
	return why;
}

/* ---- initiator: the first message ---------------------------------------- */

/**
 * ike_resume_build - the first message that presents a ticket
 * @sa: the initiator
 * @m: the request, begun
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY or CRYPTO.
 */
enum isakmp_reason ike_resume_build(struct ike_sa *sa, struct ike_msg *m)
{
	const struct ike_setup *s = sa->setup;
	const struct isakmp_nonce n = { .value = s->ni, .len = s->ni_len };

	ike_msg_notify(m, IKE_N_TICKET_OPAQUE, s->ticket->opaque, s->ticket->opaque_len);
	return add_common(sa, m, &n, &sa->path, sa->peer->encap, sa->peer->fragment);
}

/**
 * ike_resume_start - present the ticket
 * @sa: a new initiator; its set-up has the ticket
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why there will be no SA.
 */
enum isakmp_reason ike_resume_start(struct ike_sa *sa, u64 now)
{
	struct ike_try *t = isakmp_alloc(sizeof(*t));
	enum isakmp_reason why;

	if (!t)
		return ISAKMP_R_NO_MEMORY;
	sa->setup->resuming = true;
	sa->setup->tries = t;
	why = ike_init_send(sa, t, now);
	if (!why)
		ike_sa_set_state(sa, IKE_S_I_RESUME);
	return why;
}

/**
 * ike_resume_fall_back - a full exchange instead, at once
 * @sa: the initiator, I_RESUME
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void ike_resume_fall_back(struct ike_sa *sa, u64 now)
{
	enum isakmp_reason why;

	ike_try_anew(sa);
	sa->setup->resuming = false;
	why = ike_init_full(sa, now);
	if (!why)
		return;
	isakmp_refused(sa, why, 0);
	ike_sa_die(sa, why, 0, now);
}

/**
 * ike_resume_notify - a response without nonce: a cookie, or TICKET_NACK
 * @sa: the initiator
 * @in: the message
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, TICKET_REFUSED, or as ike_init_notify().
 */
enum isakmp_reason ike_resume_notify(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	if (!ike_init_says(&in->chain, IKE_N_TICKET_NACK))
		return ike_init_notify(sa, in, now);
	ike_ticket_free(sa->setup->ticket);
	sa->setup->ticket = NULL;
	ike_resume_fall_back(sa, now);
	return ISAKMP_R_TICKET_REFUSED;
}

/* ---- AUTH ---------------------------------------------------------------- */

/*
 * RFC 5723, 4.3.3: AUTH = prf(SK_px, <message octets>), these as in RFC 7296, 2.15:
 * the first message, the nonce of the other side, prf(SK_px, IDx').
 */
static enum isakmp_reason auth_value(const struct ike_sa *sa, bool of_initiator,
				     const struct ike_span *id, u8 out[64])
{
	const struct ike_setup *s = sa->setup;
	const u8 *sk = of_initiator ? sa->sk_pi : sa->sk_pr;
	size_t len = isakmp_prf_len(sa->ep->suite.prf);
	u8 maced[64];
	const struct ike_span octets[] = {
		{ of_initiator ? s->msg_i : s->msg_r, of_initiator ? s->msg_i_len : s->msg_r_len },
		{ of_initiator ? s->nr : s->ni, of_initiator ? s->nr_len : s->ni_len },
		{ maced, len },
	};
	int err;

	err = isakmp_prf(sa->ep->suite.prf, sk, len, id, 1, maced);
	if (!err)
		err = isakmp_prf(sa->ep->suite.prf, sk, len, octets, ARRAY_SIZE(octets), out);
	memzero_explicit(maced, sizeof(maced));
	return ike_crypto_reason(err);
}

static enum isakmp_reason check_auth(const struct ike_sa *sa, const struct isakmp_auth_pl *auth)
{
	const struct ike_span id = { sa->id_remote, sa->id_remote_len };
	size_t len = isakmp_prf_len(sa->ep->suite.prf);
	enum isakmp_reason why;
	u8 want[64];

	if (auth->method != IKE_AM_PSK)
		return ISAKMP_R_AUTH_METHOD;
	why = auth_value(sa, !sa->initiator, &id, want);
	if (!why && (auth->len != len || isakmp_differ(want, auth->value, len)))
		why = ISAKMP_R_AUTH_FAILED;
	memzero_explicit(want, sizeof(want));
	return why;
}

/* Ours, and our identity. */
static enum isakmp_reason make_auth(const struct ike_sa *sa, struct ike_verdict *v)
{
	const struct ike_span *id = &sa->setup->ticket->id_local;

	v->auth_method = IKE_AM_PSK;
	v->auth_len = (u16)isakmp_prf_len(sa->ep->suite.prf);
	v->id_len = (u16)id->len;
	memcpy(v->id, id->p, id->len);
	return auth_value(sa, sa->initiator, id, v->auth);
}

/* RFC 5723, 4.3.3: identities "MUST be identical to the value included in the ticket". */
static bool same_id(const struct ike_span *ticket, const u8 *id, size_t len)
{
	return ticket->len == len && !memcmp(ticket->p, id, len);
}

/* What the first authentication stood on, and for how long; false: it is over. */
static bool stands_on(const struct ike_ticket *t, struct ike_verdict *v)
{
	u64 wall = isakmp_wall();

	v->unique = t->unique;
	v->local_cred = t->local_cred;
	v->remote_cred = t->remote_cred;
	v->handle = t->handle;
	if (!t->until)
		return true;
	if (t->until <= wall)
		return false;
	v->left_s = (u32)min_t(u64, t->until - wall, U32_MAX) / 1000;
	return v->left_s;
}

/**
 * ike_resume_stands - does what the ticket stands on still count?
 * @sa: the SA; it is known whose it is; fine if no ticket was taken
 *
 * What is revoked from here on finds the SA.  What was revoked while it had its ticket
 * with it found neither.
 *
 * Context: Process; the SA's worker.
 * Return: OK or TICKET_REVOKED.
 */
enum isakmp_reason ike_resume_stands(struct ike_sa *sa)
{
	const struct ike_setup *s = sa->setup;

	if (s->resuming && isakmp_ticket_revoked(sa, s->ticket))
		return ISAKMP_R_TICKET_REVOKED;
	return ISAKMP_OK;
}

/* ---- initiator: the response --------------------------------------------- */

/* What a response says, before any of it counts. */
struct response {
	struct isakmp_nonce nr;
	struct ike_nat nat;
};

/* Compute aside: without keys the SA is as it was. */
static enum isakmp_reason take_response(struct ike_sa *sa, const struct ike_in *in,
					const struct response *r)
{
	struct ike_setup *s = sa->setup;
	struct ike_try *t = s->tries;
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;

	s->msg_r = ike_copy(in->pkt->data, in->pkt->len);
	s->msg_r_len = in->pkt->len;
	s->nr_len = r->nr.len;
	memcpy(s->nr, r->nr.value, r->nr.len);
	sa->ep->suite = s->ticket->suite;
	sa->ep->spi_r = in->h.spi_r;
	if (s->msg_r)
		why = ike_keys_resume(sa);
	if (why) {
		isakmp_free(s->msg_r);
		s->msg_r = NULL;
		sa->ep->spi_r = 0;
		return why;
	}
	if (ike_init_says(&in->chain, IKE_N_FRAGMENTATION_SUPPORTED))
		sa->fragment = sa->peer->fragment;
	ike_nat_commit(sa, &r->nat, sa->peer->encap);
	ike_path_float(sa);
	ike_try_settle(sa, t);
	return ISAKMP_OK;
}

static enum isakmp_reason prove(struct ike_sa *sa, u64 now)
{
	struct ike_verdict *v = isakmp_alloc(sizeof(*v));
	struct ike_ticket *t = sa->setup->ticket;
	enum isakmp_reason why;

	if (!v)
		return ISAKMP_R_NO_MEMORY;
	v->kind = IKE_ASK_I_AUTH;
	v->local_cred = t->local_cred;
	v->id_want_len = (u16)t->id_remote.len;
	memcpy(v->id_want, t->id_remote.p, t->id_remote.len);
	memcpy(sa->inner, t->inner, sizeof(sa->inner));
	v->reason = (u16)make_auth(sa, v);
	why = ike_auth_made(sa, v, now);
	isakmp_free(v);
	return why;
}

/**
 * ike_resume_response - the responder takes the ticket
 * @sa: the initiator
 * @in: the message; it obeys the law
 * @now: ms
 *
 * A response that cannot be right is dropped and the wait goes on.
 *
 * Context: Process; the SA's worker.
 * Return: OK when IKE_AUTH is out; else why not.
 */
enum isakmp_reason ike_resume_response(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	enum isakmp_reason why;
	struct response r;

	if (!in->h.spi_r)
		return ISAKMP_R_SPI;
	why = isakmp_nonce_decode(get(in, IKE_PL_NONCE), &r.nr);
	if (!why)
		why = ike_childless_heard(sa, &in->chain);
	if (!why)
		why = ike_nat_detect(in, &r.nat);
	if (!why)
		why = take_response(sa, in, &r);
	if (why)
		return why;
	ike_request_drop_all(sa, sa->ep);
	sa->ep->next_out = 1;
	sa->msgs_in++;
	sa->last_in = now;
	why = prove(sa, now);
	if (why)
		ike_sa_die(sa, why, 0, now);
	return why;
}

/**
 * ike_resume_verified - is the responder the one that gave the ticket?
 * @sa: the initiator
 * @in: its IKE_AUTH; sa->id_remote is from it
 * @auth: its AUTH
 * @v: filled as the helper would
 *
 * Context: Process; the SA's worker.
 * Return: OK: @v says; NO_MEMORY.
 */
enum isakmp_reason ike_resume_verified(struct ike_sa *sa, const struct ike_in *in,
				       const struct isakmp_auth_pl *auth,
				       struct ike_verdict *v)
{
	struct ike_ticket *t = sa->setup->ticket;
	enum isakmp_reason why;

	v->kind = IKE_ASK_I_VERIFY;
	if (get(in, IKE_PL_CERT))
		why = ISAKMP_R_UNEXPECTED;
	else if (!same_id(&t->id_remote, sa->id_remote, sa->id_remote_len))
		why = ISAKMP_R_AUTH_FAILED;
	else
		why = check_auth(sa, auth);
	if (!why && !stands_on(t, v))
		why = ISAKMP_R_TICKET_EXPIRED;
	v->reason = (u16)why;
	sa->resumed = !why;
	return why == ISAKMP_R_NO_MEMORY ? why : ISAKMP_OK;
}

/* ---- responder ----------------------------------------------------------- */

/* What a request says, before there is an SA for it. */
struct request {
	struct ike_first first;
	struct ike_ticket *ticket;
	struct isakmp_addr redirect;
};

static bool find_ticket(const struct ike_in *in, struct isakmp_notify *n)
{
	const struct isakmp_payload *p = NULL;

	while ((p = isakmp_chain_next(&in->chain, IKE_PL_NOTIFY, p)))
		if (!isakmp_notify_decode(p, n) && n->type == IKE_N_TICKET_OPAQUE)
			return true;
	return false;
}

/* May an IKE SA like the one of the ticket be here, now? */
static enum isakmp_reason check_ticket(struct ike_sa *sa, struct request *r)
{
	const struct ike_ticket *t = r->ticket;
	const struct ike_peer *peer;
	enum isakmp_reason why;

	if (t->until && t->until <= isakmp_wall())
		return ISAKMP_R_TICKET_EXPIRED;
	why = isakmp_ticket_peer(sa, t, &peer);
	if (why)
		return why;
	if (!peer->resume)
		why = ISAKMP_R_TICKET_STALE;
	else if (!ike_suites_allow(&peer->ike, &t->suite))
		why = ISAKMP_R_SUITE_REFUSED;
	r->first.encap = peer->encap;
	r->first.childless = peer->childless != IKE_CHILDLESS_NEVER;
	r->first.fragment = peer->fragment;
	r->redirect = peer->redirect;
	isakmp_peer_put(peer);
	return why;
}

static enum isakmp_reason check_request(struct ike_sa *sa, struct ike_in *in,
					struct request *r)
{
	struct isakmp_notify n;
	enum isakmp_reason why;

	why = isakmp_nonce_decode(get(in, IKE_PL_NONCE), &r->first.ni);
	if (why)
		return why;
	if (!find_ticket(in, &n))
		return ISAKMP_R_MISSING;
	why = ike_ticket_open(sa, n.data, n.len, &r->ticket);
	if (!why)
		why = check_ticket(sa, r);
	/* RFC 5723, 4.3.2: "if it rejects the ticket for any reason" */
	if (why && why != ISAKMP_R_NO_MEMORY)
		ike_refuse_clear(sa, in, IKE_N_TICKET_NACK, NULL, 0);
	if (!why)
		why = ike_redirect_answer(sa, in, &r->first.ni, &r->redirect);
	return why ? why : ike_nat_detect(in, &r->first.nat);
}

static enum isakmp_reason keep_request(struct ike_sa *sa, const struct ike_in *in,
				       struct request *r)
{
	enum isakmp_reason why = ike_first_keep(sa, in, &r->first);

	if (why)
		return why;
	sa->ep->suite = r->ticket->suite;
	sa->setup->resuming = true;
	sa->setup->ticket = r->ticket;
	r->ticket = NULL;
	return ISAKMP_OK;
}

static enum isakmp_reason answer(struct ike_sa *sa)
{
	const struct ike_setup *s = sa->setup;
	const struct isakmp_nonce n = { .value = s->nr, .len = s->nr_len };
	enum isakmp_reason why;
	struct ike_msg m;

	why = ike_response_begin(sa, &m);
	if (why)
		return why;
	why = add_common(sa, &m, &n, &sa->in.path, s->fake, sa->fragment);
	if (s->childless)
		ike_msg_notify(&m, IKE_N_CHILDLESS_SUPPORTED, NULL, 0);
	if (!why)
		why = ike_first_say(sa, &m);
	ike_msg_free(&m);
	return why;
}

/**
 * ike_resume_request - an initiator presents a ticket
 * @sa: a new responder SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Keys are derived when the first protected message comes.
 *
 * Context: Process; the SA's worker.
 * Return: OK when answered; REDIRECTED; else why the SA shall not be.
 */
enum isakmp_reason ike_resume_request(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	struct request r = {};
	enum isakmp_reason why;

	why = check_request(sa, in, &r);
	if (!why)
		why = keep_request(sa, in, &r);
	if (!why)
		why = answer(sa);
	ike_ticket_free(r.ticket);
	return ike_first_done(sa, why, now);
}

/* Inner addresses that the initiator had, as far as it asks for them. */
static void lease(struct ike_sa *sa, struct ike_verdict *v)
{
	const struct ike_setup *s = sa->setup;
	bool asked = false, given = false;
	unsigned int i;

	for (i = 0; i < IKE_INNER; i++) {
		asked |= s->wish.addr[i].family;
		if (!s->wish.addr[i].family || !s->ticket->inner[i].family)
			continue;
		v->inner[i] = s->ticket->inner[i];
		given = true;
	}
	if (given && !isakmp_ticket_lease(sa, v)) {
		memset(v->inner, 0, sizeof(v->inner));
		given = false;
	}
	v->no_address = asked && !given;
	if (given)
		ike_config_unpack(&s->ticket->config, &v->config);
}

/* The initiator's identity and AUTH, and whether the ticket is what it was. */
static enum isakmp_reason check_initiator(struct ike_sa *sa, const struct ike_in *in,
					  const struct isakmp_auth_pl *auth,
					  struct ike_verdict *v)
{
	const struct isakmp_payload *idr = get(in, IKE_PL_IDR);
	struct ike_ticket *t = sa->setup->ticket;
	enum isakmp_reason why;

	if (!same_id(&t->id_remote, sa->id_remote, sa->id_remote_len) ||
	    (idr && !same_id(&t->id_local, idr->body, idr->len)))
		return ISAKMP_R_AUTH_FAILED;
	why = check_auth(sa, auth);
	if (!why)
		why = isakmp_ticket_unused(sa, t->number, t->expires);
	if (!why)
		why = isakmp_ticket_peer(sa, t, &v->peer);
	if (!why && !stands_on(t, v))
		why = ISAKMP_R_TICKET_EXPIRED;
	return why;
}

/**
 * ike_resume_judged - is the initiator the one that had the ticket?
 * @sa: the responder
 * @in: its IKE_AUTH; sa->id_remote is from it
 * @auth: its AUTH
 * @v: filled as the helper would
 *
 * Context: Process; the SA's worker.
 * Return: OK: @v says; NO_MEMORY.
 */
enum isakmp_reason ike_resume_judged(struct ike_sa *sa, const struct ike_in *in,
				     const struct isakmp_auth_pl *auth,
				     struct ike_verdict *v)
{
	enum isakmp_reason why;

	v->kind = IKE_ASK_R_AUTH;
	why = check_initiator(sa, in, auth, v);
	if (!why)
		why = make_auth(sa, v);
	if (why == ISAKMP_R_NO_MEMORY)
		return why;
	v->reason = (u16)why;
	if (why)
		return ISAKMP_OK;
	v->children = sa->setup->ticket->children;
	ike_config_wish(sa, &in->chain);
	lease(sa, v);
	sa->resumed = true;
	return ISAKMP_OK;
}

/**
 * ike_resume_use - the ticket is used: it was good for one IKE SA
 * @sa: the responder; fine if it has no ticket
 *
 * Context: Process; the SA's worker.
 * Return: OK; TICKET_REVOKED; TICKET_USED, another one was quicker; TICKET_LIMIT;
 * NO_MEMORY.
 */
enum isakmp_reason ike_resume_use(struct ike_sa *sa)
{
	const struct ike_ticket *t = sa->setup->ticket;
	enum isakmp_reason why;

	if (!t)
		return ISAKMP_OK;
	why = ike_resume_stands(sa);
	if (why)
		return why;
	/* The one before ends: its place is this one's */
	sa->anew = false;
	return isakmp_ticket_spend(sa, t->number, t->expires, false);
}

/**
 * ike_resume_done - the new IKE SA is up
 * @sa: the responder; fine if it has no ticket
 *
 * RFC 5723, 4.3.4: "the old SA SHOULD be silently deleted".
 *
 * Context: Process; the SA's worker.
 */
void ike_resume_done(struct ike_sa *sa)
{
	if (sa->setup->ticket)
		isakmp_ticket_supersede(sa, sa->setup->ticket->spi);
}
