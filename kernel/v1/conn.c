// SPDX-License-Identifier: GPL-2.0
/*
 * Several ISAKMP SAs of one connection.
 *
 * They come and go; the children stay.  When something has to be sent and none is up, one is
 * begun, as an epoch more.  One that the peer begins comes as an SA of its own, and is handed
 * over to its elder when its identity is known.
 */
#include "v1/engine.h"

/* One that is being set up. */
static bool is_opening(const struct ike_epoch *ep)
{
	return ep->v1 && v1_of(ep)->state < V1_P1_UP;
}

static bool opening(const struct ike_sa *sa)
{
	const struct ike_epoch *ep;

	for (ep = sa->ep; ep; ep = ep->next)
		if (is_opening(ep))
			return true;
	return false;
}

/**
 * v1_conn_want - something waits for an ISAKMP SA
 * @sa: the SA, established
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_conn_want(struct ike_sa *sa, u64 now)
{
	if (!v1_phase1_ready(sa))
		sa->v1->wanted = true;
}

/**
 * v1_conn_renew - another ISAKMP SA is wanted, although one is there
 * @sa: the SA, established
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_conn_renew(struct ike_sa *sa, u64 now)
{
	sa->v1->wanted = true;
}

/* ---- of our own ---------------------------------------------------------- */

static enum isakmp_reason begin(struct ike_sa *sa, u64 now)
{
	struct ike_epoch *ep = ike_epoch_new(sa, true);
	enum isakmp_reason why;

	if (!ep)
		return ISAKMP_R_NO_MEMORY;
	ep->v1 = v1_phase1_new();
	if (!ep->v1) {
		ike_epoch_free(sa, ep);
		return ISAKMP_R_NO_MEMORY;
	}
	ike_epoch_add(sa, ep);
	why = v1_phase1_begin(sa, ep, now);
	if (why)
		v1_phase1_end(sa, ep, why, now);
	return why;
}

/* Those that are more than a memory; @oldest of them is not the one in use, or NULL. */
static unsigned int alive(const struct ike_sa *sa, struct ike_epoch **oldest)
{
	struct ike_epoch *ep;
	unsigned int n = 0;

	*oldest = NULL;
	for (ep = sa->ep; ep; ep = ep->next) {
		if (ep->state == IKE_EPOCH_GONE)
			continue;
		if (n++)
			*oldest = ep;
	}
	return n;
}

/* There is room for another one: peers may leave them without a Delete, and go on doing so. */
static void make_room(struct ike_sa *sa, u64 now)
{
	struct ike_epoch *oldest;

	if (alive(sa, &oldest) < IKE_EPOCHS_MAX)
		return;
	if (v1_of(oldest)->state == V1_P1_UP)
		v1_info_delete(sa, oldest);
	v1_phase1_end(sa, oldest, ISAKMP_OK, now);
}

/* The oldest are last; more than a few are not remembered. */
static void forget_gone(struct ike_sa *sa, u64 now)
{
	struct ike_epoch *ep, *next;
	unsigned int n = 1;

	for (ep = sa->ep->next; ep; ep = next) {
		next = ep->next;
		if (++n > 2 * IKE_EPOCHS_MAX && ep->state == IKE_EPOCH_GONE)
			ep->end_at = now;
		if (ep->state != IKE_EPOCH_GONE || now < ep->end_at)
			continue;
		ike_epoch_remove(sa, ep);
		ike_epoch_free(sa, ep);
	}
}

/* Nothing is left that a connection is for. */
static bool is_empty(const struct ike_sa *sa)
{
	return !sa->children && !opening(sa) && !v1_phase1_ready(sa);
}

/**
 * v1_conn_tasks - begin an ISAKMP SA when one is wanted, forget those that are gone
 * @sa: the SA, established
 * @now: ms
 *
 * Without children and without an ISAKMP SA there is no connection.
 *
 * Context: Process; the SA's worker.
 */
void v1_conn_tasks(struct ike_sa *sa, u64 now)
{
	struct v1_conn *c = sa->v1;
	enum isakmp_reason why;

	forget_gone(sa, now);
	v1_config_tasks(sa, now);
	if (is_empty(sa)) {
		ike_sa_die(sa, sa->reason, 0, now);
		return;
	}
	if (!c->wanted || opening(sa) || now < c->phase1_at)
		return;
	make_room(sa, now);
	why = begin(sa, now);
	if (!why)
		return;
	isakmp_refused(sa, why, 0);
	c->phase1_at = max(c->phase1_at, now + sa->tun->retransmit_ms);
}

/**
 * v1_conn_deadline - when that has to be looked at
 * @sa: the SA, established
 *
 * Context: Process; the SA's worker.
 * Return: ms; U64_MAX: never.
 */
u64 v1_conn_deadline(const struct ike_sa *sa)
{
	u64 t = sa->v1->wanted && !opening(sa) ? sa->v1->phase1_at : IKE_NEVER;
	const struct ike_epoch *ep;

	for (ep = sa->ep->next; ep; ep = ep->next)
		if (ep->state == IKE_EPOCH_GONE)
			t = min(t, ep->end_at);
	return t;
}

/* ---- of the peer --------------------------------------------------------- */

/* What it may have is what the helper has said last. */
static void confine(struct ike_sa *sa, struct ike_v1_take *take, u64 now)
{
	isakmp_peer_put(sa->peer);
	sa->peer = take->peer;
	take->peer = NULL;
	sa->allowed = take->allowed;
	v1_children_confine(sa, now);
}

/**
 * v1_conn_take - an ISAKMP SA that has begun as another SA is one of this connection
 * @sa: the SA, established
 * @take: what comes; take->ep and take->basis are taken
 * @now: ms
 *
 * The peer has authenticated anew: what counts from now on is what that stands on, how long it
 * is good for, and, where it has begun, what it may have by that.
 *
 * Context: Process; the SA's worker.
 */
void v1_conn_take(struct ike_sa *sa, struct ike_v1_take *take, u64 now)
{
	struct ike_epoch *ep = take->ep;

	take->ep = NULL;
	make_room(sa, now);
	ike_epoch_add(sa, ep);
	sa->last_in = max(sa->last_in, take->last_in);
	if (take->basis)
		isakmp_basis_set(sa, take->basis);
	take->basis = NULL;
	sa->until_at = take->until_at;
	sa->reauth_at = take->reauth_at;
	v1_nat_take(sa, ep, take, now);
	ike_path_established(sa, now);
	if (take->peer && !ep->initiator)
		confine(sa, take, now);
	/* One that crosses is up already; of others the peer shows now what else it has to */
	if (v1_of(ep)->state == V1_P1_UP)
		v1_phase1_up(sa, ep, now);
	else
		v1_trans_begin(sa, ep, now);
}
