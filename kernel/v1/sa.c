// SPDX-License-Identifier: GPL-2.0
/* The entrance of version 1: what happens to a connection, and when it wants to be woken. */
#include "v1/engine.h"

/**
 * v1_sa_init - a new SA is to speak version 1
 * @sa: from ike_sa_init(), before its first event
 * @now: ms
 *
 * Context: Process.
 * Return: OK or NO_MEMORY.
 */
enum isakmp_reason v1_sa_init(struct ike_sa *sa, u64 now)
{
	struct v1_conn *c = isakmp_alloc(sizeof(*c));
	struct v1_phase1 *p = c ? v1_phase1_new() : NULL;

	if (!p) {
		isakmp_free(c);
		return ISAKMP_R_NO_MEMORY;
	}
	c->retry_at = IKE_NEVER;
	sa->v1 = c;
	sa->ep->v1 = p;
	return ISAKMP_OK;
}

/* ---- events -------------------------------------------------------------- */

static void start(struct ike_sa *sa, u64 now)
{
	enum isakmp_reason why;

	if (sa->state != IKE_S_NEW || !sa->initiator)
		return;
	ike_sa_set_state(sa, IKE_S_V1);
	why = v1_phase1_begin(sa, sa->ep, now);
	if (why) {
		isakmp_refused(sa, why, 0);
		ike_sa_die(sa, why, 0, now);
	}
}

/* Those that the peer has, too. */
static void tell_all(struct ike_sa *sa)
{
	struct ike_epoch *ep;

	for (ep = sa->ep; ep; ep = ep->next)
		if (v1_of(ep) && v1_of(ep)->state >= V1_P1_XAUTH &&
		    v1_of(ep)->state != V1_P1_GONE)
			v1_info_delete(sa, ep);
}

/*
 * Down: Deletes are one-way (RFC 2408, 5.15), so nothing is waited for.  The children first:
 * a peer may keep them when the ISAKMP SA goes.
 */
static void stop(struct ike_sa *sa, enum isakmp_reason why, u64 now)
{
	const struct ike_event children = { .type = IKE_EV_CHILD_STOP };

	if (sa->state == IKE_S_ESTABLISHED) {
		v1_child_event(sa, &children, now);
		v1_tasks(sa, now);
	}
	tell_all(sa);
	ike_sa_die(sa, why, 0, now);
}

/* The peer is believed no longer. */
static void bar(struct ike_sa *sa, enum isakmp_reason why, u64 now)
{
	if (sa->state == IKE_S_DEAD || sa->barred)
		return;
	isakmp_refused(sa, why, 0);
	sa->barred = (u16)why;
	stop(sa, why, now);
}

/* It took too long. */
static void give_up(struct ike_sa *sa, u64 now)
{
	enum isakmp_reason why;

	sa->give_up_at = IKE_NEVER;
	if (sa->state == IKE_S_DEAD)
		return;
	why = sa->initiator ? ISAKMP_R_TIMEOUT : ISAKMP_R_HALF_OPEN_TIMEOUT;
	isakmp_refused(sa, why, 0);
	tell_all(sa);
	ike_sa_die(sa, why, 0, now);
}

/* The operator, or the helper, wants both to be authenticated anew: a new phase 1 does that. */
static void until(struct ike_sa *sa, u64 now)
{
	if (sa->state != IKE_S_ESTABLISHED)
		return;
	if (now >= sa->until_at) {
		bar(sa, ISAKMP_R_AUTH_EXPIRED, now);
	} else if (now >= sa->reauth_at) {
		sa->reauth_at = now + IKE_RENEW_RETRY_MS;
		v1_conn_renew(sa, now);
	}
}

static void timer(struct ike_sa *sa, u64 now)
{
	struct ike_epoch *ep, *next;

	if (now >= sa->give_up_at)
		give_up(sa, now);
	until(sa, now);
	for (ep = sa->ep; ep && sa->state != IKE_S_DEAD; ep = next) {
		next = ep->next;
		v1_phase1_timer(sa, ep, now);
		v1_fragment_timer(sa, ep, now);
		v1_exchanges_timer(sa, ep, now);
	}
	if (sa->state != IKE_S_ESTABLISHED)
		return;
	ike_path_timer(sa, now);
	v1_phase2_timer(sa, now);
}

static bool is_up(const struct ike_sa *sa)
{
	return sa->state == IKE_S_ESTABLISHED;
}

/* What may happen to a connection at any time. */
static void dispatch_common(struct ike_sa *sa, struct ike_event *ev, u64 now)
{
	switch (ev->type) {
	case IKE_EV_PACKET:
		v1_receive(sa, &ev->packet, now);
		break;
	case IKE_EV_TIMER:
		timer(sa, now);
		break;
	case IKE_EV_START:
		start(sa, now);
		break;
	case IKE_EV_STOP:
		stop(sa, ISAKMP_OK, now);
		break;
	case IKE_EV_KILL:
		ike_sa_die(sa, ISAKMP_OK, 0, now);
		break;
	case IKE_EV_VERDICT:
		v1_verdict(sa, ev->verdict, now);
		break;
	case IKE_EV_BAR:
		bar(sa, ev->why, now);
		break;
	case IKE_EV_CHILD_STOP:
	case IKE_EV_CHILD_START:
	case IKE_EV_CHILD_LOST:
	case IKE_EV_CHILD_EXPIRED:
	case IKE_EV_CHILD_USED:
	case IKE_EV_CHILD_SOFT:
	case IKE_EV_CHILD_REKEY:
		v1_child_event(sa, ev, now);
		break;
	}
}

/* What concerns one that is up; the other events are of version 2 alone. */
static void dispatch_up(struct ike_sa *sa, struct ike_event *ev, u64 now)
{
	switch (ev->type) {
	case IKE_EV_CHECK:
		v1_dpd_check(sa, now);
		break;
	case IKE_EV_REKEY:
		v1_conn_renew(sa, now);
		break;
	case IKE_EV_REAUTH:
		ike_until_policy(sa, ev->reauth_s, now);
		break;
	case IKE_EV_MAPPING:
		v1_nat_mapping(sa, &ev->path, now);
		break;
	case IKE_EV_ROAM:
		v1_nat_roam(sa, now);
		break;
	case IKE_EV_V1_TAKE:
		v1_conn_take(sa, ev->take, now);
		break;
	}
}

/**
 * v1_sa_handle - let an event happen to a connection
 * @sa: the SA
 * @ev: the event, as with ike_sa_handle()
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_sa_handle(struct ike_sa *sa, struct ike_event *ev, u64 now)
{
	struct v1_conn *c = sa->v1;

	if (now >= c->retry_at)
		c->retry_at = IKE_NEVER;
	if (sa->state != IKE_S_DEAD)
		dispatch_common(sa, ev, now);
	else if (ev->type == IKE_EV_PACKET)
		v1_auth_only_again(sa, &ev->packet, now);
	if (is_up(sa))
		dispatch_up(sa, ev, now);
	v1_early_run(sa, now);
	if (is_up(sa) && c->retry_at == IKE_NEVER)
		v1_tasks(sa, now);
	if (is_up(sa))
		v1_conn_tasks(sa, now);
}

/**
 * v1_sa_deadline - when a connection wants a TIMER event
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 * Return: ms; U64_MAX: never.
 */
u64 v1_sa_deadline(const struct ike_sa *sa)
{
	const struct ike_epoch *ep;
	u64 t = sa->give_up_at;

	if (sa->state == IKE_S_DEAD)
		return t;
	for (ep = sa->ep; ep; ep = ep->next) {
		t = min(t, v1_phase1_deadline(ep));
		t = min(t, v1_fragment_deadline(ep));
		t = min(t, v1_exchanges_deadline(ep));
	}
	if (!is_up(sa))
		return t;
	t = min(t, sa->keepalive_at);
	t = min(t, sa->follow_at);
	t = min(t, sa->until_at);
	t = min(t, sa->reauth_at);
	t = min(t, v1_conn_deadline(sa));
	return min(t, sa->v1->retry_at == IKE_NEVER ? v1_child_deadline(sa) : sa->v1->retry_at);
}

/* ---- the end ------------------------------------------------------------- */

/**
 * v1_sa_silence - a connection ends: nothing is sent any more, keys are forgotten
 * @sa: the SA; fine if it speaks version 2
 *
 * What is on the stack of a handler stays valid: only v1_epoch_release() frees it.
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void v1_sa_silence(struct ike_sa *sa)
{
	struct ike_epoch *ep;

	if (!sa->v1)
		return;
	for (ep = sa->ep; ep; ep = ep->next)
		if (ep->v1)
			v1_phase1_silence(sa, ep);
	sa->v1->asking = NULL;
}

/**
 * v1_sa_release - free what version 1 has in an SA
 * @sa: the SA, without epochs; fine if it speaks version 2
 *
 * Context: Process.
 */
void v1_sa_release(struct ike_sa *sa)
{
	isakmp_free(sa->v1);
	sa->v1 = NULL;
}

/**
 * v1_epoch_release - free what version 1 has in an epoch
 * @sa: the SA
 * @ep: the epoch; fine if it has none
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void v1_epoch_release(struct ike_sa *sa, struct ike_epoch *ep)
{
	if (!ep->v1)
		return;
	v1_phase1_silence(sa, ep);
	isakmp_free(ep->v1);
	ep->v1 = NULL;
}
