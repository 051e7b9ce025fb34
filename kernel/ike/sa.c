// SPDX-License-Identifier: GPL-2.0
/* The one entrance: everything that happens to an IKE SA is an event. */
#include "ike/engine.h"
#include "v1/v1.h"

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
	sa->ep = &sa->first;
	ike_epoch_begin(sa->ep, initiator);
	*(initiator ? &sa->ep->spi_i : &sa->ep->spi_r) = our_spi;
	sa->in.ep = sa->ep;
	sa->path = *path;
	sa->tun = tun;
	sa->created_at = now;
	sa->last_in = now;
	sa->give_up_at = now + (initiator ? IKE_ESTABLISH_MS : tun->half_open_ms);
	sa->retry_at = IKE_NEVER;
	sa->dpd_at = IKE_NEVER;
	sa->rekey_at = IKE_NEVER;
	sa->expire_at = IKE_NEVER;
	sa->until_at = IKE_NEVER;
	sa->reauth_at = IKE_NEVER;
	sa->release_at = IKE_NEVER;
	sa->keepalive_at = IKE_NEVER;
	sa->follow_at = IKE_NEVER;
	sa->ticket_at = IKE_NEVER;
	sa->token_at = IKE_NEVER;
}

/**
 * ike_sa_release - free what an SA owns; the struct itself is the caller's
 * @sa: the SA; nobody else can reach it
 *
 * Context: Process.
 */
void ike_sa_release(struct ike_sa *sa)
{
	ike_unask(sa);
	v1_sa_silence(sa);
	ike_child_drop_all(sa, ISAKMP_R_DYING);
	isakmp_lease_drop(sa);
	ike_epoch_drop_all(sa);
	v1_sa_release(sa);
	ike_setup_free(sa);
	ike_ticket_forget(sa);
	isakmp_free(sa->flow);
	isakmp_free(sa->config);
	isakmp_free(sa->id_local);
	isakmp_free(sa->id_remote);
	isakmp_free(sa->basis);
	isakmp_free(sa->mobike);
	if (sa->peer)
		isakmp_peer_put(sa->peer);
	memzero_explicit(sa, sizeof(*sa));
}

/**
 * ike_ask - ask the helper
 * @sa: the SA
 * @ask: the question; its number is set
 *
 * The answer to an earlier question, if it is still on its way, counts no more.
 *
 * Context: Process; the SA's worker.
 * Return: as isakmp_ask().
 */
enum isakmp_reason ike_ask(struct ike_sa *sa, struct ike_ask *ask)
{
	ask->question = ++sa->question;
	return isakmp_ask(sa, ask);
}

/**
 * ike_unask - the helper need not answer any more
 * @sa: the SA; fine if it has asked nothing
 *
 * Context: Process; the SA's worker.
 */
void ike_unask(struct ike_sa *sa)
{
	sa->question++;
	isakmp_ask_cancel(sa);
}

/**
 * ike_renew - a new IKE SA shall take the place of this one
 * @sa: the SA
 * @why: what made it necessary
 *
 * RFC 7296, 2.8.3: with configuration payloads that "has to be initiated by the same
 * party as the original IKE SA": who has an inner address of ours comes by itself.
 *
 * Context: Process; the SA's worker.
 * Return: false: it is not for us to do.
 */
bool ike_renew(struct ike_sa *sa, enum isakmp_reason why)
{
	if (!ike_config_wanted(sa) && (sa->inner[0].family || sa->inner[1].family))
		return false;
	isakmp_renew(sa, why);
	return true;
}

static void verdict(struct ike_sa *sa, struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = ISAKMP_R_HELPER_ERROR;
	const struct ike_verdict_law *l;
	u8 state = sa->state;
	unsigned int i;

	if (v->question != sa->question)
		return;
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

/* Did traffic come through a child since the last look?  A dead child is noticed. */
static bool child_heard(struct ike_sa *sa, struct ike_child *c, u64 now)
{
	u64 n[ISAKMP_COUNTS];

	if (c->state != IKE_CHILD_UP)
		return false;
	if (!isakmp_child_alive(sa, c)) {
		ike_child_gone(sa, c, ISAKMP_R_CHILD_LOST, now);
		return false;
	}
	/* XFRM does not tell when a device's packets use up the sequence numbers */
	if (isakmp_child_soft(sa, c))
		ike_rekey_begin(sa, c, now);
	isakmp_child_counters(sa, c, n);
	if (n[ISAKMP_PACKETS_IN] == c->rx_seen)
		return false;
	c->rx_seen = n[ISAKMP_PACKETS_IN];
	return true;
}

/**
 * ike_children_heard - did traffic of the peer come through a child since the last look?
 * @sa: the SA
 * @now: ms
 *
 * It counts as life.  Children that have lost their states are noticed.
 *
 * Context: Process; the SA's worker.
 * Return: true if so.
 */
bool ike_children_heard(struct ike_sa *sa, u64 now)
{
	struct ike_child *c;
	bool heard = false;

	for (c = sa->children; c; c = c->next)
		heard |= child_heard(sa, c, now);
	return heard;
}

/* The peer has been silent. */
static void idle(struct ike_sa *sa, u64 now)
{
	sa->dpd_at = now + (u64)sa->dpd_s * 1000;
	if (!ike_children_heard(sa, now))
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
	if (sa->state == IKE_S_I_VERIFY)
		ike_auth_undo(sa, why, now);
	else
		ike_sa_die(sa, why, 0, now);
}

static void timer(struct ike_sa *sa, u64 now)
{
	if (now >= sa->give_up_at)
		give_up(sa, now);
	ike_request_timer(sa, now);
	ike_fragments_timer(sa, now);
	ike_path_timer(sa, now);
	if (now >= sa->expire_at) {
		sa->expire_at = IKE_NEVER;
		sa->tasks |= IKE_TASK_DELETE_IKE;
	}
	ike_until_timer(sa, now);
	ike_auth_again(sa, now);
	ike_auth_release(sa, now);
	ike_ticket_timer(sa, now);
	ike_qcd_timer(sa, now);
	if (now >= sa->rekey_at) {
		sa->rekey_at = now + IKE_RENEW_RETRY_MS;
		sa->tasks |= IKE_TASK_REKEY;
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
	else if (sa->state == IKE_S_I_AUTH || sa->state == IKE_S_I_VERIFY)
		ike_auth_undo(sa, ISAKMP_OK, now);
	else if (sa->state != IKE_S_DELETING)
		ike_sa_die(sa, ISAKMP_OK, 0, now);
}

/* The operator wants the child no more. */
static void child_stop(struct ike_sa *sa, struct ike_child *c, u64 now)
{
	if (sa->state < IKE_S_ESTABLISHED && sa->children == c && !c->next)
		stop(sa, now);	/* it was for this child */
	else if (c->state == IKE_CHILD_WANTED && !c->busy)
		ike_child_drop(sa, c, ISAKMP_OK);
	else if (c->state != IKE_CHILD_GONE)
		ike_child_delete(c);
}

/**
 * ike_child_meant - is it the child, shall it take its place, or has that taken its own?
 * @sa: the SA
 * @c: a child
 * @spi: inbound SPI of the child that is meant
 *
 * Context: Process; the SA's worker.
 * Return: true if so.
 */
bool ike_child_meant(const struct ike_sa *sa, const struct ike_child *c, u32 spi)
{
	const struct ike_child *heir = ike_child_of(sa, spi);

	return c->spi_in == spi || c->rekeys == spi || (heir && heir->rekeys == c->spi_in);
}

static void children_stop(struct ike_sa *sa, u32 spi, u64 now)
{
	struct ike_child *c, *next;

	for (c = sa->children; c && sa->state != IKE_S_DEAD; c = next) {
		next = c->next;
		if (!spi || ike_child_meant(sa, c, spi))
			child_stop(sa, c, now);
	}
}

/* Is an event about a child that it does not name? */
static bool concerns(struct ike_sa *sa, const struct ike_child *c, u8 type)
{
	switch (type) {
	case IKE_EV_CHILD_LOST:
	case IKE_EV_CHILD_EXPIRED:
		return (c->state == IKE_CHILD_UP || c->state == IKE_CHILD_REKEYED) &&
		       !isakmp_child_alive(sa, c);
	case IKE_EV_CHILD_USED:
		return isakmp_child_used(sa, c);
	case IKE_EV_CHILD_SOFT:
		return isakmp_child_soft(sa, c);
	}
	return true;
}

/**
 * ike_child_event - something happened to a child
 * @sa: the SA
 * @ev: IKE_EV_CHILD_LOST, _EXPIRED, _USED, _SOFT or _REKEY
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void ike_child_event(struct ike_sa *sa, const struct ike_event *ev, u64 now)
{
	struct ike_child *c;

	for (c = sa->children; c; c = c->next) {
		if (ev->spi ? ev->spi != c->spi_in : !concerns(sa, c, ev->type))
			continue;
		if (ev->type == IKE_EV_CHILD_LOST)
			ike_child_gone(sa, c, ISAKMP_R_CHILD_LOST, now);
		else if (ev->type == IKE_EV_CHILD_EXPIRED)
			ike_child_gone(sa, c, ISAKMP_R_CHILD_EXPIRED, now);
		else if (ev->type == IKE_EV_CHILD_USED)
			ike_rekey_used(sa, c, now);
		else
			ike_rekey_begin(sa, c, now);
	}
}

static void child_start(struct ike_sa *sa, const struct ike_event *ev, u64 now)
{
	enum isakmp_reason why = ISAKMP_R_DYING;

	if (sa->state != IKE_S_DELETING && sa->state != IKE_S_DEAD)
		why = ike_child_want(sa, ev->peer, ev->child, ev->flow, 0, now);
	if (why)
		isakmp_refused(sa, why, 0);
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
		/* Its peer has forgotten it; else it is as if we had */
		if (sa->reason != ISAKMP_R_REPLACED)
			ike_ticket_forget(sa);
		ike_sa_die(sa, ISAKMP_OK, 0, now);
		break;
	case IKE_EV_VERDICT:
		verdict(sa, ev->verdict, now);
		break;
	case IKE_EV_CHILD_STOP:
		children_stop(sa, ev->spi, now);
		break;
	case IKE_EV_CHILD_LOST:
	case IKE_EV_CHILD_EXPIRED:
	case IKE_EV_CHILD_USED:
	case IKE_EV_CHILD_SOFT:
	case IKE_EV_CHILD_REKEY:
		ike_child_event(sa, ev, now);
		break;
	case IKE_EV_CHILD_START:
		child_start(sa, ev, now);
		break;
	case IKE_EV_MAPPING:
		ike_path_hint(sa, &ev->path, now);
		break;
	case IKE_EV_BAR:
		ike_sa_bar(sa, ev->why, now);
		break;
	case IKE_EV_REKEY:
		if (sa->state == IKE_S_ESTABLISHED)
			sa->tasks |= IKE_TASK_REKEY;
		break;
	case IKE_EV_ROAM:
		ike_roam_look(sa, now);
		break;
	case IKE_EV_REAUTH:
		ike_until_policy(sa, ev->reauth_s, now);
		break;
	case IKE_EV_REDIRECT:
		ike_redirect_start(sa, &ev->path.remote);
		break;
	case IKE_EV_TOKEN:
		ike_qcd_changed(sa, now);
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
	if (sa->v1) {
		v1_sa_handle(sa, ev, now);
		return;
	}
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
	u64 t;

	if (sa->v1)
		return v1_sa_deadline(sa);
	t = min(sa->give_up_at, ike_request_deadline(sa));
	t = min(t, sa->dpd_at);
	t = min(t, sa->keepalive_at);
	t = min(t, sa->follow_at);
	t = min(t, sa->until_at);
	t = min(t, sa->release_at);
	if (sa->initiator && sa->state == IKE_S_ESTABLISHED)
		t = min(t, sa->ticket_at);
	if (sa->setup && sa->setup->ask_at)
		t = min(t, sa->setup->ask_at);
	t = min(t, sa->reauth_at);
	t = min(t, sa->token_at);
	t = min(t, sa->rekey_at);
	t = min(t, ike_epoch_deadline(sa));
	t = min(t, ike_child_deadline(sa));
	t = min(t, ike_fragments_deadline(sa));
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
