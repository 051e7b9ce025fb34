// SPDX-License-Identifier: GPL-2.0
/* The one entrance: everything that happens to an IKE SA is an event. */
#include "ike/engine.h"

/**
 * ike_sa_init - make a zeroed struct an IKE SA
 * @sa: zeroed
 * @initiator: are we the original initiator?
 * @our_spi: our SPI, unique here, not zero
 * @path: initiator: where to send; responder: how the first message came
 * @tun: tunables of the namespace, outliving the SA
 * @now: ms
 *
 * A responder's spi_i is set by the caller from the first message.
 *
 * Context: Any.
 */
void ike_sa_init(struct ike_sa *sa, bool initiator, u64 our_spi,
		 const struct isakmp_path *path, const struct ike_tunables *tun, u64 now)
{
	sa->initiator = initiator;
	*(initiator ? &sa->spi_i : &sa->spi_r) = our_spi;
	sa->path = *path;
	sa->tun = tun;
	sa->created_at = now;
	sa->last_in = now;
	sa->give_up_at = now + (initiator ? IKE_ESTABLISH_MS : tun->half_open_ms);
	sa->out.resend_at = IKE_NEVER;
	sa->dpd_at = IKE_NEVER;
	sa->renew_at = IKE_NEVER;
	sa->expire_at = IKE_NEVER;
}

/**
 * ike_sa_release - free what an SA owns; the struct itself is the caller's
 * @sa: the SA; nobody else can reach it
 *
 * Context: Process.
 */
void ike_sa_release(struct ike_sa *sa)
{
	isakmp_ask_cancel(sa);
	if (sa->child.state != IKE_CHILD_NONE)
		ike_child_drop(sa, ISAKMP_R_DYING);
	ike_request_done(sa);
	ike_setup_free(sa);
	isakmp_sk_free(sa->sk_in);
	isakmp_sk_free(sa->sk_out);
	isakmp_free(sa->id_local);
	isakmp_free(sa->id_remote);
	if (sa->peer)
		isakmp_peer_put(sa->peer);
	memzero_explicit(sa, sizeof(*sa));
}

static void verdict(struct ike_sa *sa, struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = ISAKMP_R_HELPER_ERROR;
	const struct ike_verdict_law *l;
	u8 state = sa->state;
	unsigned int i;

	for (i = 0; i < ike_n_verdict_laws; i++) {
		l = &ike_verdict_laws[i];
		if (l->kind != v->kind || l->state != state)
			continue;
		why = l->handle(sa, v, now);
		if (!why && l->next != IKE_STAY && sa->state == state)
			ike_sa_set_state(sa, l->next);
		break;
	}
	if (why)
		isakmp_refused(sa, why, 0);
}

/* The peer has been silent: traffic through the child counts as life. */
static void idle(struct ike_sa *sa, u64 now)
{
	struct ike_child *c = &sa->child;
	u64 rx;

	sa->dpd_at = now + (u64)sa->peer->dpd_s * 1000;
	if (c->state == IKE_CHILD_UP) {
		if (!isakmp_child_alive(sa, c)) {
			ike_child_gone(sa, ISAKMP_R_CHILD_LOST, now);
			return;
		}
		rx = isakmp_child_rx(sa, c);
		if (rx != c->rx_seen) {
			c->rx_seen = rx;
			return;
		}
	}
	sa->tasks |= IKE_TASK_LIVENESS;
}

/* Set-up took too long, or lingering is over. */
static void give_up(struct ike_sa *sa, u64 now)
{
	enum isakmp_reason why;

	sa->give_up_at = IKE_NEVER;
	if (sa->state == IKE_S_DEAD)
		return;
	why = sa->initiator ? ISAKMP_R_TIMEOUT : ISAKMP_R_HALF_OPEN_TIMEOUT;
	isakmp_refused(sa, why, 0);
	ike_sa_die(sa, why, 0, now);
}

static void timer(struct ike_sa *sa, u64 now)
{
	if (now >= sa->give_up_at)
		give_up(sa, now);
	ike_request_timer(sa, now);
	if (now >= sa->expire_at) {
		sa->expire_at = IKE_NEVER;
		sa->tasks |= IKE_TASK_DELETE_IKE;
	}
	if (now >= sa->renew_at) {
		sa->renew_at = now + IKE_RENEW_RETRY_MS;
		isakmp_renew(sa, sa->reason);
	}
	if (now >= sa->dpd_at)
		idle(sa, now);
}

static void start(struct ike_sa *sa, u64 now)
{
	enum isakmp_reason why;

	if (sa->state != IKE_S_NEW || !sa->initiator)
		return;
	why = ike_init_start(sa, now);
	if (why) {
		isakmp_refused(sa, why, 0);
		ike_sa_die(sa, why, 0, now);
	}
}

/* Down, politely where there is somebody to tell. */
static void stop(struct ike_sa *sa, u64 now)
{
	if (sa->state == IKE_S_ESTABLISHED)
		sa->tasks |= IKE_TASK_DELETE_IKE;
	else if (sa->state != IKE_S_DELETING)
		ike_sa_die(sa, ISAKMP_OK, 0, now);
}

static void child_event(struct ike_sa *sa, const struct ike_event *ev, u64 now)
{
	if (ev->spi && ev->spi != sa->child.spi_in)
		return;
	if (ev->type == IKE_EV_CHILD_LOST)
		ike_child_gone(sa, ISAKMP_R_CHILD_LOST, now);
	else if (ev->type == IKE_EV_CHILD_EXPIRED)
		ike_child_gone(sa, ISAKMP_R_CHILD_EXPIRED, now);
	else if (sa->state < IKE_S_ESTABLISHED)
		stop(sa, now);	/* it was for this child */
	else if (sa->child.state == IKE_CHILD_UP || sa->child.state == IKE_CHILD_LOST)
		ike_child_delete(sa);
}

static void dispatch(struct ike_sa *sa, struct ike_event *ev, u64 now)
{
	switch (ev->type) {
	case IKE_EV_PACKET:
		ike_receive(sa, &ev->packet, now);
		break;
	case IKE_EV_TIMER:
		timer(sa, now);
		break;
	case IKE_EV_START:
		start(sa, now);
		break;
	case IKE_EV_STOP:
		stop(sa, now);
		break;
	case IKE_EV_KILL:
		ike_sa_die(sa, ISAKMP_OK, 0, now);
		break;
	case IKE_EV_VERDICT:
		verdict(sa, ev->verdict, now);
		break;
	case IKE_EV_CHILD_STOP:
	case IKE_EV_CHILD_LOST:
	case IKE_EV_CHILD_EXPIRED:
		child_event(sa, ev, now);
		break;
	case IKE_EV_CHECK:
		if (sa->state == IKE_S_ESTABLISHED)
			sa->tasks |= IKE_TASK_LIVENESS;
		break;
	}
}

/**
 * ike_sa_handle - let an event happen to an SA
 * @sa: the SA, owned by the caller for the duration
 * @ev: the event; what hangs from it stays the caller's (but verdict->peer,
 *	which the handler may take and clear)
 * @now: ms, monotonic
 *
 * Afterwards the caller asks ike_sa_deadline() when to come back with a TIMER
 * and ike_sa_finished() whether the SA may go.
 *
 * Context: Process; one caller per SA at a time.
 */
void ike_sa_handle(struct ike_sa *sa, struct ike_event *ev, u64 now)
{
	dispatch(sa, ev, now);
	ike_tasks_run(sa, now);
}

/**
 * ike_sa_deadline - when the SA wants a TIMER event
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 * Return: ms; U64_MAX: never.
 */
u64 ike_sa_deadline(const struct ike_sa *sa)
{
	u64 t = min(sa->give_up_at, sa->out.resend_at);

	t = min(t, sa->dpd_at);
	t = min(t, sa->renew_at);
	return min(t, sa->expire_at);
}

/**
 * ike_sa_finished - is it over?
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: true when the SA may be unlinked and freed.
 */
bool ike_sa_finished(const struct ike_sa *sa, u64 now)
{
	return sa->state == IKE_S_DEAD &&
	       (sa->give_up_at == IKE_NEVER || now >= sa->give_up_at);
}

static void view_child(const struct ike_child *c, struct ike_sa_view *v)
{
	v->child_state = c->state;
	if (c->state == IKE_CHILD_NONE)
		return;
	if (c->policy)
		memcpy(v->child, c->policy->name, sizeof(v->child));
	v->child_suite = c->suite;
	v->spi_in = c->spi_in;
	v->spi_out = c->spi_out;
	v->n_local = c->n_local;
	v->n_remote = c->n_remote;
	if (c->local) {
		memcpy(v->local, c->local, c->n_local * sizeof(*c->local));
		memcpy(v->remote, c->remote, c->n_remote * sizeof(*c->remote));
	}
}

/**
 * ike_sa_get_view - what may be shown of an SA
 * @sa: the SA
 * @v: filled whole
 *
 * Context: Any; the SA's worker, or whoever keeps it away.
 */
void ike_sa_get_view(const struct ike_sa *sa, struct ike_sa_view *v)
{
	memset(v, 0, sizeof(*v));
	v->id = sa->id;
	v->spi_i = sa->spi_i;
	v->spi_r = sa->spi_r;
	v->initiator = sa->initiator;
	v->state = sa->state;
	v->reason = sa->reason;
	v->path = sa->path;
	if (sa->peer)
		memcpy(v->peer, sa->peer->name, sizeof(v->peer));
	v->suite = sa->suite;
	v->created_at = sa->created_at;
	v->established_at = sa->established_at;
	v->last_in = sa->last_in;
	v->msgs_in = sa->msgs_in;
	v->msgs_out = sa->msgs_out;
	v->resends = sa->resends;
	v->id_local_len = sa->id_local_len;
	v->id_remote_len = sa->id_remote_len;
	if (sa->id_local)
		memcpy(v->id_local, sa->id_local, sa->id_local_len);
	if (sa->id_remote)
		memcpy(v->id_remote, sa->id_remote, sa->id_remote_len);
	view_child(&sa->child, v);
}
