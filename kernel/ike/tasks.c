// SPDX-License-Identifier: GPL-2.0
/*
 * What is sent next: the most urgent of what waits, as far as the window is open
 * (RFC 7296, 2.3).
 */
#include "ike/engine.h"

static const unsigned long order[] = {
	IKE_TASK_DELETE_IKE, IKE_TASK_UPDATE, IKE_TASK_ADDRESSES, IKE_TASK_DELETE_CHILD, IKE_TASK_PROBE,
	IKE_TASK_REKEY, IKE_TASK_WINDOW, IKE_TASK_TOKEN, IKE_TASK_REDIRECT, IKE_TASK_LIFETIME,
	IKE_TASK_CREATE_CHILD, IKE_TASK_TICKET, IKE_TASK_LIVENESS,
};

/* Nothing may be under way beside these. */
#define ALONE	(IKE_TASK_DELETE_IKE | IKE_TASK_REKEY)

/*
 * RFC 7296, 2.3: "it MUST wait until it has received responses to all requests up
 * through request X-N".
 */
static bool window_open(const struct ike_epoch *ep, unsigned long task)
{
	const struct ike_request *r;
	u32 oldest = ep->next_out;

	for (r = ep->out; r; r = r->next) {
		if (r->task & ALONE)
			return false;
		oldest = min(oldest, r->msgid);
	}
	return task & ALONE ? !ep->out : ep->next_out - oldest < ep->window_out;
}

/*
 * The first of them; 0: none, or it has to wait, and what comes after it.  What waits in
 * an epoch that is not in use holds up nothing.  After a probe others have their turn:
 * who has us try one place after the other shall not have us do nothing else.
 */
static unsigned long next_task(const struct ike_sa *sa)
{
	unsigned long late = sa->probed ? IKE_TASK_PROBE : 0;
	struct ike_epoch *ep;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		if (!(sa->tasks & ~late & order[i]))
			continue;
		ep = ike_epoch_for(sa, order[i]);
		if (window_open(ep, order[i]))
			return order[i];
		if (ep == sa->ep)
			return 0;
	}
	return window_open(sa->ep, late) ? sa->tasks & late : 0;
}

/* Return: true when it went out, or there was nothing to send after all. */
static bool run(struct ike_sa *sa, unsigned long task, u64 now)
{
	enum isakmp_reason why;

	sa->tasks &= ~task;
	sa->probed = task == IKE_TASK_PROBE;
	if (task == IKE_TASK_CREATE_CHILD)
		why = ike_create_send(sa, now);
	else if (task == IKE_TASK_REKEY)
		why = ike_sa_rekey_send(sa, now);
	else
		why = ike_info_send(sa, task, now);
	if (!why)
		return true;
	isakmp_refused(sa, why, 0);
	if (why == ISAKMP_R_NO_MEMORY) {
		sa->tasks |= task;
		sa->retry_at = now + sa->tun->retransmit_ms;
	} else {
		ike_sa_die(sa, why, 0, now);
	}
	return false;
}

/**
 * ike_spread - when to do what all IKE SAs have to do at once
 * @ms: over how long
 *
 * Context: Any.
 * Return: ms from now, less than @ms, by chance.
 */
u64 ike_spread(u64 ms)
{
	u16 dice;

	isakmp_random(&dice, sizeof(dice));
	return (ms * dice) >> 16;
}

/**
 * ike_tasks_run - send what waits
 * @sa: the SA
 * @now: ms
 *
 * Without memory it goes on waiting, for the time of a retransmission.
 *
 * Context: Process; the SA's worker.
 */
void ike_tasks_run(struct ike_sa *sa, u64 now)
{
	unsigned long task;

	if (sa->state == IKE_S_ESTABLISHED || sa->state == IKE_S_DELETING)
		ike_epoch_tasks(sa, now);
	if (sa->state == IKE_S_ESTABLISHED && ike_epoch_worn(sa->ep))
		sa->rekey_at = min(sa->rekey_at, now + IKE_RENEW_RETRY_MS);
	do {
		if (sa->state != IKE_S_ESTABLISHED || sa->retry_at != IKE_NEVER)
			return;
		if (window_open(sa->ep, 0))
			ike_child_tasks(sa, now);
		task = next_task(sa);
	} while (task && run(sa, task, now));
}
