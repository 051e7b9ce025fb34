// SPDX-License-Identifier: GPL-2.0
/* INFORMATIONAL (RFC 7296, 1.4): deletion, liveness, notifications. */
#include "ike/engine.h"

#define IKE_AUTH_ID 1	/* message ID of IKE_AUTH, which is one exchange here */

/* @spis: n of 4 octets each, but for the IKE SA */
static void add_delete(struct ike_msg *m, u8 protocol, const u8 *spis, u16 n)
{
	struct isakmp_delete d = { .protocol = protocol };

	if (protocol != IKE_PROTO_IKE) {
		d.spi_size = 4;
		d.n = n;
		d.spis = spis;
	}
	isakmp_build_payload(&m->b, IKE_PL_DELETE);
	isakmp_delete_encode(&m->b.o, &d);
	isakmp_build_close(&m->b);
}

/* @error: what is notified with it; 0: nothing */
static enum isakmp_reason send(struct ike_sa *sa, struct ike_epoch *ep, unsigned long task,
			       u16 error, u64 now)
{
	struct ike_request about = { .task = task };
	enum isakmp_reason why;
	struct ike_msg m;

	why = ike_request_begin(sa, ep, &m, IKE_INFORMATIONAL);
	if (why)
		return why;
	if (error)
		ike_msg_notify(&m, error, NULL, 0);
	if (task == IKE_TASK_DELETE_IKE)
		add_delete(&m, IKE_PROTO_IKE, NULL, 0);
	else if (task == IKE_TASK_WINDOW)
		ike_window_say(sa, &m);
	else if (task == IKE_TASK_TICKET)
		ike_ticket_ask(sa, &m);
	else if (task == IKE_TASK_LIFETIME)
		ike_until_add(&m, ike_until_left(sa, now));
	else if (task == IKE_TASK_REDIRECT)
		ike_redirect_say(sa, &m);
	else if (task == IKE_TASK_TOKEN)
		ike_qcd_say(sa, ep, &m);
	else if (sa->mobike)
		why = ike_mobike_ask(sa, &m, &about);
	if (why) {
		ike_msg_free(&m);
		return why;
	}
	why = ike_request_send(sa, &m, &about, now);
	if (why || ep != sa->ep || task != IKE_TASK_DELETE_IKE)
		return why;
	ike_ticket_end(sa);
	if (sa->state != IKE_S_DELETING)
		ike_sa_set_state(sa, IKE_S_DELETING);
	return why;
}

/* The newest goes first: the peer shall not use what has the place of another. */
static struct ike_child *next_deleted(const struct ike_sa *sa)
{
	struct ike_child *c, *last = NULL;

	for (c = sa->children; c; c = c->next)
		if (c->state == IKE_CHILD_DELETING && !c->busy)
			last = c;
	return last;
}

static enum isakmp_reason send_child_delete(struct ike_sa *sa, u64 now)
{
	struct ike_child *c = next_deleted(sa);
	struct ike_request about = { .task = IKE_TASK_DELETE_CHILD, .spi = c->spi_in };
	enum isakmp_reason why;
	struct ike_msg m;
	u8 spi[4];

	why = ike_request_begin(sa, sa->ep, &m, IKE_INFORMATIONAL);
	if (why)
		return why;
	put_unaligned_be32(c->spi_in, spi);
	add_delete(&m, ike_child_protocol(c), spi, 1);
	why = ike_request_send(sa, &m, &about, now);
	c->busy = !why;
	return why;
}

/**
 * ike_info_send - carry out a task with an INFORMATIONAL request
 * @sa: the SA; no request is out
 * @task: one IKE_TASK_*
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why it could not be built.
 */
enum isakmp_reason ike_info_send(struct ike_sa *sa, unsigned long task, u64 now)
{
	return task == IKE_TASK_DELETE_CHILD ? send_child_delete(sa, now) :
					       send(sa, ike_epoch_for(sa, task), task, 0, now);
}

/**
 * ike_info_refuse - delete the IKE SA: the initiator does not believe the responder
 * @sa: the SA; no request is out
 * @now: ms
 *
 * RFC 7296, 2.21.2: "the notification MAY be returned in a separate INFORMATIONAL
 * exchange".
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why it could not be built.
 */
enum isakmp_reason ike_info_refuse(struct ike_sa *sa, u64 now)
{
	return send(sa, sa->ep, IKE_TASK_DELETE_IKE, IKE_N_AUTHENTICATION_FAILED, now);
}

/**
 * ike_info_close - delete what a rekey of the IKE SA has left over
 * @sa: the SA, which goes on
 * @ep: the epoch; nothing is out in it
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why it could not be built.
 */
enum isakmp_reason ike_info_close(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	return send(sa, ep, IKE_TASK_DELETE_IKE, 0, now);
}

/*
 * RFC 7296, 2.21.2: "In an IKE_AUTH exchange, or in the INFORMATIONAL exchange
 * immediately following it", these "cause the IKE SA to be deleted ... without a Delete
 * payload".  That a peer is not authenticated it may find later, too.
 */
static bool is_last_word(const struct ike_sa *sa, const struct ike_in *in, u16 error)
{
	bool follows = !sa->initiator && in->ep == &sa->first && in->h.msgid == IKE_AUTH_ID + 1;

	return error == IKE_N_AUTHENTICATION_FAILED ||
	       (follows && (error == IKE_N_INVALID_SYNTAX ||
			    error == IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD));
}

/* The error that a message notifies; the last one, 0: none. */
static u16 error_in(const struct ike_in *in)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;
	u16 error = 0;

	while ((p = isakmp_chain_next(&in->chain, IKE_PL_NOTIFY, p)))
		if (!isakmp_notify_decode(p, &n) && n.type < IKE_N_STATUS)
			error = n.type;
	return error;
}

/**
 * ike_info_response - our INFORMATIONAL request was answered
 * @sa: the SA
 * @in: the message; in->req says what it was
 * @now: ms
 *
 * RFC 7296, 2.21.3: with INVALID_SYNTAX the peer has deleted the IKE SA.
 *
 * Context: Process; the SA's worker.
 * Return: OK; PEER_ERROR: the SA is over; what ike_mobike_answered() says.
 */
enum isakmp_reason ike_info_response(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	struct ike_child *c = ike_child_of(sa, in->req->spi);

	if (c)
		c->busy = false;
	if (in->req->task != IKE_TASK_DELETE_IKE && error_in(in) == IKE_N_INVALID_SYNTAX) {
		in->arg = IKE_N_INVALID_SYNTAX;
		ike_sa_die(sa, ISAKMP_R_PEER_ERROR, 0, now);
		return ISAKMP_R_PEER_ERROR;
	}
	ike_qcd_heard(sa, in->ep, &in->chain);
	/* RFC 5685: the client deletes the IKE SA; if it forgets, we do */
	if (in->req->task == IKE_TASK_REDIRECT)
		sa->expire_at = min(sa->expire_at, now + IKE_REDIRECT_MS);
	if (in->req->task == IKE_TASK_DELETE_IKE && in->ep != sa->ep)
		ike_epoch_gone(sa, in->ep, now);
	else if (in->req->task == IKE_TASK_DELETE_IKE)
		ike_sa_die(sa, ISAKMP_OK, 0, now);
	else if (in->req->task == IKE_TASK_DELETE_CHILD && c)
		ike_rekey_closed(sa, c, now);
	else if (in->req->task == IKE_TASK_TICKET && in->ep == sa->ep &&
		 sa->state == IKE_S_ESTABLISHED)
		ike_ticket_hear(sa, &in->chain, now);
	return sa->mobike ? ike_mobike_answered(sa, in, now) : ISAKMP_OK;
}

/* SPIs of ours in wire order. */
struct spis {
	u16 n;
	u8 spi[4 * IKE_INSTANCES_MAX];
};

/*
 * What the peer's request asks for, read before anything is done.  @esp, @ah: ours, of
 * the children it deletes; those we are deleting ourselves are not named again (RFC
 * 7296, 2.25.1).
 */
struct wishes {
	bool delete_ike;
	bool told_left;
	u32 left_s;
	u16 error;
	u16 n_delete;
	u32 delete[IKE_INSTANCES_MAX];
	struct spis esp;
	struct spis ah;
	struct ike_told told;
};

static void wish_deleted(struct wishes *w, const struct ike_child *c)
{
	struct spis *to = ike_child_protocol(c) == IKE_PROTO_AH ? &w->ah : &w->esp;
	unsigned int i;

	for (i = 0; i < w->n_delete; i++)
		if (w->delete[i] == c->spi_in)
			return;
	w->delete[w->n_delete++] = c->spi_in;
	if (c->state != IKE_CHILD_DELETING)
		put_unaligned_be32(c->spi_in, to->spi + 4 * to->n++);
}

/* RFC 7296, 1.4.1: the peer names its inbound SPIs, which are our outbound. */
static bool read_spi(const struct ike_sa *sa, u8 protocol, u32 spi, struct wishes *w)
{
	const struct ike_child *c;
	bool found = false;

	for (c = sa->children; c; c = c->next) {
		if (!c->spi_out || c->spi_out != spi || c->state == IKE_CHILD_GONE ||
		    ike_child_protocol(c) != protocol)
			continue;
		wish_deleted(w, c);
		found = true;
	}
	return found;
}

static void read_delete(struct ike_sa *sa, const struct isakmp_delete *d, struct wishes *w)
{
	unsigned int i;
	u32 spi;

	w->delete_ike |= d->protocol == IKE_PROTO_IKE;
	if (d->protocol == IKE_PROTO_IKE)
		return;
	for (i = 0; i < d->n; i++) {
		spi = get_unaligned_be32(d->spis + 4 * i);
		if (!read_spi(sa, d->protocol, spi, w))
			ike_create_gone(sa, spi);
	}
}

static enum isakmp_reason read_wishes(struct ike_sa *sa, const struct ike_in *in,
				      struct wishes *w)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_delete d;

	while ((p = isakmp_chain_next(&in->chain, IKE_PL_DELETE, p)))
		if (!isakmp_delete_decode(p, &d))
			read_delete(sa, &d, w);
	w->error = error_in(in);
	w->told_left = ike_until_read(&in->chain, &w->left_s);
	return ike_mobike_read(sa, in, &w->told);
}

/*
 * None for what is about to go; another epoch's has the keys of the present one.  Return:
 * was one given?
 */
static bool tell_ticket(struct ike_sa *sa, const struct ike_in *in, const struct wishes *w,
			struct ike_msg *m, u64 now)
{
	if (!ike_ticket_asked(&in->chain))
		return false;
	if (!w->delete_ike && in->ep == sa->ep && sa->state == IKE_S_ESTABLISHED)
		return ike_ticket_answer(sa, m, now);
	ike_msg_notify(m, IKE_N_TICKET_NACK, NULL, 0);
	return false;
}

static enum isakmp_reason answer(struct ike_sa *sa, const struct ike_in *in,
				 const struct wishes *w, u64 now)
{
	enum isakmp_reason why;
	struct ike_msg m;
	bool ticket;

	why = ike_response_begin(sa, &m);
	if (why)
		return why;
	/* RFC 7296, 1.4.1: our halves of the pairs; not with the IKE SA */
	if (w->esp.n && !w->delete_ike)
		add_delete(&m, IKE_PROTO_ESP, w->esp.spi, w->esp.n);
	if (w->ah.n && !w->delete_ike)
		add_delete(&m, IKE_PROTO_AH, w->ah.spi, w->ah.n);
	ike_config_idle(&in->chain, &m);
	ticket = tell_ticket(sa, in, w, &m, now);
	why = ike_mobike_answer(sa, &w->told, &m);
	if (!why)
		why = ike_msg_end(sa, &m);
	if (!why)
		why = ike_respond(sa, &m);
	ike_msg_free(&m);
	if (ticket && why && why != ISAKMP_R_SEND)
		ike_ticket_unsaid(sa);
	return why;
}

/**
 * ike_info_closed - the peer has closed a child, which may have to be set up anew
 * @sa: the SA
 * @c: the child, which another one has the place of, or is freed
 * @now: ms
 *
 * A peer that closes each one as soon as it is up has the next one a while later.
 *
 * Context: Process; the SA's worker.
 */
void ike_info_closed(struct ike_sa *sa, struct ike_child *c, u64 now)
{
	const struct ike_child_policy *policy = c->policy;
	const struct ike_peer *peer = c->peer;
	bool again = (c->state == IKE_CHILD_UP || c->closed) &&
		     policy->on_close == IKE_ACTION_START;
	u64 at = max(now, c->up_at + IKE_AGAIN_MS);
	enum isakmp_reason why = ISAKMP_OK;
	u8 nth = c->nth;

	c->superseded &= !c->closed;
	if (!c->superseded)
		isakmp_child_closed(sa, c);
	isakmp_peer_get(peer);
	ike_rekey_closed(sa, c, now);
	if (again)
		why = ike_child_want_nth(sa, peer, policy, nth, NULL, 0, at);
	isakmp_peer_put(peer);
	if (why)
		isakmp_refused(sa, why, 0);
}

/**
 * ike_child_closed - the peer closes a child, which we may be rekeying
 * @sa: the SA
 * @c: the child; it may be freed
 * @now: ms
 *
 * There may be another one in its place already, of which the answer is on its way.  Until
 * it comes nothing goes out in the clear; when it says no, the child is closed.
 *
 * Context: Process; the SA's worker.
 */
void ike_child_closed(struct ike_sa *sa, struct ike_child *c, u64 now)
{
	struct ike_child *ours = c->superseded ? NULL : ike_rekey_wanted(sa, c);

	if (!ours || !ours->busy) {
		if (ours)
			ike_child_drop(sa, ours, ISAKMP_OK);
		ike_info_closed(sa, c, now);
		return;
	}
	c->superseded = true;
	c->closed = true;
	ike_rekey_closed(sa, c, now);
}

static void children_closed(struct ike_sa *sa, const struct wishes *w, u64 now)
{
	struct ike_child *c;
	unsigned int i;

	for (i = 0; i < w->n_delete; i++) {
		c = ike_child_of(sa, w->delete[i]);
		if (c)
			ike_child_closed(sa, c, now);
	}
}

static enum isakmp_reason serve(struct ike_sa *sa, struct ike_in *in, struct wishes *w, u64 now)
{
	const struct ike_child *c;
	enum isakmp_reason why;

	why = read_wishes(sa, in, w);
	ike_window_heard(in);
	ike_qcd_heard(sa, in->ep, &in->chain);
	ike_hint_spi(sa, in, now);
	if (!why)
		why = answer(sa, in, w, now);
	if (why == ISAKMP_R_NO_MEMORY)
		return why;
	if (w->delete_ike && ike_sa_rekey_deleted(sa, in->ep, now))
		return why;
	w->delete_ike |= is_last_word(sa, in, w->error);
	if (!w->delete_ike && !why)
		ike_redirect_told(sa, &in->chain, now);
	if (!w->delete_ike)
		children_closed(sa, w, now);
	if (w->told_left)
		ike_until_told(sa, w->left_s, now);
	if (!w->delete_ike && !why)
		why = ike_mobike_obey(sa, in, &w->told, now);
	in->arg = w->error;
	if (w->error && !why)
		why = ISAKMP_R_PEER_ERROR;
	for (c = w->delete_ike ? sa->children : NULL; c; c = c->next)
		isakmp_child_closed(sa, c);
	if (w->delete_ike)
		ike_sa_die(sa, w->error ? ISAKMP_R_PEER_ERROR : ISAKMP_OK,
			   IKE_LINGER_MS, now);
	return why;
}

/**
 * ike_info_request - the peer deletes, checks liveness or notifies
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, PEER_ERROR, or why it could not be answered.
 */
enum isakmp_reason ike_info_request(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	struct wishes *w = isakmp_alloc(sizeof(*w));
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;

	if (w)
		why = serve(sa, in, w, now);
	isakmp_free(w);
	return why;
}
