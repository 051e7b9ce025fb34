// SPDX-License-Identifier: GPL-2.0
/*
 * The children of an SA as others see them.
 *
 * What the engine has is the truth; after each run of the worker the claims follow
 * it.  What follows from them is decided here: a child that went may have to be
 * started again, a predecessor may go, and of two SAs that both ends started at
 * once one is too many.
 */
#include <linux/slab.h>
#include "ike/seam.h"
#include "net/unique.h"
#include "net/version.h"
#include "netns.h"

/* ---- what the engine has ------------------------------------------------- */

static bool is_over(const struct ike_sa *ike)
{
	return ike->state == IKE_S_DELETING || ike->state == IKE_S_DEAD;
}

static const struct ike_child *child_named(const struct ike_sa *ike, const char *name)
{
	const struct ike_child *c;

	for (c = ike->children; c; c = c->next)
		if (ike_child_counts(c) && !strcmp(c->policy->name, name))
			return c;
	return NULL;
}

/* Changes whenever anything does that matters here. */
static u64 fingerprint(const struct isakmp_sa *sa)
{
	const struct ike_child *c;
	u64 v[2] = { sa->ike.state, sa->ike.peer ? sa->ike.peer->gen : 0 };

	for (c = sa->ike.children; c; c = c->next) {
		v[0] = isakmp_siphash(sa->in->sas.key, v, sizeof(v));
		v[1] = (u64)c->spi_in << 8 | c->state;
	}
	return isakmp_siphash(sa->in->sas.key, v, sizeof(v));
}

/* ---- following it -------------------------------------------------------- */

/* Must hold sas.lock.  A wish that no worker has taken yet stands as well. */
static bool is_held(struct isakmp_sa *sa, const struct isakmp_sa_claim *claim)
{
	const struct ike_child *c = child_named(&sa->ike, claim->name);

	return c || isakmp_sa_has_wish(sa, claim->name);
}

/* Must hold sas.lock. */
static void drop_claims(struct isakmp_sa *sa, struct list_head *gone)
{
	struct isakmp_sa_claim *claim, *next;
	const struct ike_child *c;

	lockdep_assert_held(&sa->in->sas.lock);
	list_for_each_entry_safe(claim, next, &sa->claims, list) {
		if (claim->stop)
			continue;
		if (is_over(&sa->ike) || !is_held(sa, claim)) {
			list_move(&claim->list, gone);
			continue;
		}
		c = child_named(&sa->ike, claim->name);
		claim->up = c && c->state != IKE_CHILD_WANTED;
		claim->closed = false;
		claim->forgotten = false;
	}
}

/* Must hold sas.lock. */
static bool is_claimed(const struct isakmp_sa *sa, const char *name)
{
	const struct isakmp_sa_claim *claim;

	list_for_each_entry(claim, &sa->claims, list)
		if (!claim->stop && !strcmp(claim->name, name))
			return true;
	return false;
}

/*
 * Must hold sas.lock.  Without memory a child is not claimed: a second one of its
 * name may then be started.
 */
static void add_claims(struct isakmp_sa *sa)
{
	const struct ike_child *c;
	struct isakmp_sa_claim *claim;

	lockdep_assert_held(&sa->in->sas.lock);
	for (c = sa->ike.children; c; c = c->next) {
		if (!ike_child_counts(c) || is_claimed(sa, c->policy->name))
			continue;
		claim = kzalloc(sizeof(*claim), GFP_ATOMIC | __GFP_NOWARN);
		if (!claim)
			return;
		strscpy(claim->name, c->policy->name, sizeof(claim->name));
		claim->up = c->state != IKE_CHILD_WANTED;
		list_add_tail(&claim->list, &sa->claims);
	}
}

static void note_end(struct isakmp_sa *sa, const struct ike_child *c, bool forgotten)
{
	struct isakmp_sa_claim *claim;

	if (!c->policy)
		return;
	spin_lock_bh(&sa->in->sas.lock);
	list_for_each_entry(claim, &sa->claims, list) {
		if (strcmp(claim->name, c->policy->name))
			continue;
		claim->closed |= !forgotten;
		claim->forgotten |= forgotten;
	}
	spin_unlock_bh(&sa->in->sas.lock);
}

/**
 * isakmp_child_closed - the peer closes a child, or all with the IKE SA
 * @ike: the SA
 * @c: the child
 *
 * Context: Process; the SA's worker.
 */
void isakmp_child_closed(struct ike_sa *ike, const struct ike_child *c)
{
	note_end(isakmp_sa_of(ike), c, false);
}

/**
 * isakmp_child_forgotten - the peer has lost a child, and says so
 * @ike: the SA
 * @c: the child
 *
 * Context: Process; the SA's worker.
 */
void isakmp_child_forgotten(struct ike_sa *ike, const struct ike_child *c)
{
	note_end(isakmp_sa_of(ike), c, true);
}

static enum isakmp_loss loss_of(const struct isakmp_sa *sa, const struct isakmp_sa_claim *claim)
{
	if (!sa->ike.established_at)
		return ISAKMP_LOSS_NEVER_UP;
	if (claim->closed)
		return ISAKMP_LOSS_CLOSED;
	if (claim->forgotten || sa->ike.reason == ISAKMP_R_V1_FORGOTTEN)
		return ISAKMP_LOSS_DEAD;
	if (sa->ike.state == IKE_S_DEAD && (sa->ike.reason == ISAKMP_R_TIMEOUT ||
					    sa->ike.reason == ISAKMP_R_CRASHED))
		return ISAKMP_LOSS_DEAD;
	/* The peer may refuse a child as often as it is asked */
	return claim->up ? ISAKMP_LOSS_OTHER : ISAKMP_LOSS_NEVER_UP;
}

/* Children that an SA has no longer: those that are to be up are tried again. */
static void release(struct isakmp_sa *sa, const char *peer, struct list_head *gone)
{
	struct isakmp_sa_claim *claim, *next;

	list_for_each_entry_safe(claim, next, gone, list) {
		isakmp_version_fall_back(sa, claim->name);
		isakmp_start_lost(sa->in, peer, claim->name, loss_of(sa, claim));
		kfree(claim);
	}
}

/* ---- taking the place of another SA -------------------------------------- */

/* Must hold sas.lock. */
static bool all_up(const struct isakmp_sa *sa)
{
	const struct isakmp_sa_claim *claim;

	list_for_each_entry(claim, &sa->claims, list)
		if (!claim->stop && !claim->up)
			return false;
	return !list_empty(&sa->claims);
}

/* Must hold sas.lock.  All children that it was to take over were refused. */
static bool in_vain(const struct isakmp_sa *sa)
{
	lockdep_assert_held(&sa->in->sas.lock);
	return sa->ike.replaces && list_empty(&sa->claims);
}

/* All that the predecessor had is here: it may go. */
static void replace(struct isakmp_sa *sa)
{
	struct isakmp_sa *old = isakmp_sa_get_id(sa->in, sa->ike.replaces);

	sa->ike.replaces = 0;
	if (!old)
		return;
	isakmp_sa_post(old, IKE_EV_STOP, 0);
	isakmp_sa_put(old);
}

/* ---- SAs that cross ------------------------------------------------------ */

/* Must hold sas.lock. */
static bool share_child(const struct isakmp_sa *a, const struct isakmp_sa *b)
{
	const struct isakmp_sa_claim *claim;

	list_for_each_entry(claim, &a->claims, list)
		if (claim->up && !claim->stop && is_claimed(b, claim->name))
			return true;
	return false;
}

/* Version 1 gives way to version 2. */
static bool ranks_below(const struct isakmp_sa *a, const struct isakmp_sa *b)
{
	return a->v1 != b->v1 ? a->v1 : a->rank < b->rank;
}

/*
 * Must hold sas.lock.  Both ends know both ranks, so they agree.  The loser gives
 * way when the winner is up at the other end, too: isakmp_cross_due().
 */
static void settle_crossing(struct isakmp_sa *sa)
{
	struct isakmp_sa *other = isakmp_unique_crossing(sa, share_child), *loser;

	if (!other || other->crossed_by)
		return;
	if (ranks_below(other, sa))
		loser = other;
	else if (ranks_below(sa, other))
		loser = sa;
	else
		return;
	if (loser->crossed_by)
		return;
	loser->crossed_by = loser == sa ? other->id : sa->id;
	isakmp_sa_post(loser, ISAKMP_EV_CROSSED, 0);
}

/* Our traffic goes out through the winner. */
static void yield_all(const struct isakmp_sa *sa)
{
	const struct ike_child *c;

	for (c = sa->ike.children; c; c = c->next)
		isakmp_child_yield(c, false);
}

/**
 * isakmp_cross_begin - an SA gives way to another one
 * @sa: the SA
 *
 * One that has crossed with the other, and lost:
 *
 * Who has started the loser has answered for the winner, and deletes the loser as
 * soon as the other end has surely heard that answer, or asked again.  Who has
 * started the winner knows that it is up at both ends, uses it, and waits for the
 * Delete, but not for ever.
 *
 * Context: Process; the SA's worker.
 */
void isakmp_cross_begin(struct isakmp_sa *sa)
{
	bool crossed = sa->yield == ISAKMP_YIELD_CROSSED;

	if (crossed && !sa->initiator)
		yield_all(sa);
	sa->cross_at = isakmp_now();
	if (sa->yield <= ISAKMP_YIELD_LATER)
		sa->cross_at += crossed && sa->initiator ? IKE_CROSS_MS / 4 : IKE_CROSS_MS;
}

/**
 * isakmp_cross_due - has the time come to give way?
 * @sa: the SA; when it has, its traffic goes through the winner
 *
 * Context: Process; the SA's worker.
 * Return: true when it has, and the winner still stands.
 */
bool isakmp_cross_due(struct isakmp_sa *sa)
{
	struct isakmp_sa *winner;
	bool stands;

	if (!sa->cross_at || isakmp_now() < sa->cross_at)
		return false;
	sa->cross_at = 0;
	winner = isakmp_sa_get_id(sa->in, READ_ONCE(sa->crossed_by));
	stands = winner && READ_ONCE(winner->live);
	if (winner)
		isakmp_sa_put(winner);
	if (!stands) {
		spin_lock_bh(&sa->in->sas.lock);
		sa->crossed_by = 0;
		spin_unlock_bh(&sa->in->sas.lock);
	}
	if (!stands || sa->ike.state != IKE_S_ESTABLISHED)
		return false;
	yield_all(sa);
	return true;
}

/* ---- the worker ---------------------------------------------------------- */

/* Must hold sas.lock. */
static void follow(struct isakmp_sa *sa, struct list_head *gone, bool *replaces)
{
	bool first;

	WRITE_ONCE(sa->unsynced, false);
	drop_claims(sa, gone);
	if (is_over(&sa->ike)) {
		isakmp_group_retire(sa);
		return;
	}
	add_claims(sa);
	if (sa->ike.state != IKE_S_ESTABLISHED)
		return;
	first = !sa->established_at;
	if (first)
		isakmp_version_worked(sa);
	sa->established_at = sa->ike.established_at;
	sa->rank = sa->ike.rank;
	*replaces = sa->ike.replaces && all_up(sa);
	/* It makes room for another attempt, and does not push anybody aside */
	if (in_vain(sa)) {
		isakmp_sa_post(sa, IKE_EV_STOP, 0);
		return;
	}
	if (!sa->live)
		return;
	if (first)
		isakmp_unique_settle(sa);
	settle_crossing(sa);
}

/**
 * isakmp_claims_sync - let the claims follow the engine
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 */
void isakmp_claims_sync(struct isakmp_sa *sa)
{
	u64 now = fingerprint(sa);
	bool replaces = false;
	LIST_HEAD(gone);

	if (!sa->group || (now == sa->synced && !READ_ONCE(sa->unsynced)))
		return;
	sa->synced = now;
	spin_lock_bh(&sa->in->sas.lock);
	follow(sa, &gone, &replaces);
	spin_unlock_bh(&sa->in->sas.lock);
	release(sa, sa->group->name, &gone);
	if (replaces)
		replace(sa);
}

/* All of the name: there are two where both ends set it up at once. */
static void stop_named(struct isakmp_sa *sa, const char *name)
{
	struct ike_event ev = { .type = IKE_EV_CHILD_STOP };
	unsigned int n = sa->ike.n_children;
	const struct ike_child *c;

	while (n-- && (c = child_named(&sa->ike, name))) {
		ev.spi = c->spi_in;
		ike_sa_handle(&sa->ike, &ev, isakmp_now());
	}
}

/**
 * isakmp_claims_stop - take down the children that shall go
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 */
void isakmp_claims_stop(struct isakmp_sa *sa)
{
	struct isakmp_sa_claim *claim, *next;
	LIST_HEAD(stop);

	spin_lock_bh(&sa->in->sas.lock);
	list_for_each_entry_safe(claim, next, &sa->claims, list)
		if (claim->stop)
			list_move_tail(&claim->list, &stop);
	spin_unlock_bh(&sa->in->sas.lock);
	list_for_each_entry_safe(claim, next, &stop, list) {
		stop_named(sa, claim->name);
		kfree(claim);
	}
}

/**
 * isakmp_claims_end - an SA ends with what it has
 * @sa: the SA, about to be unlinked
 *
 * Context: Process; the SA's worker.
 */
void isakmp_claims_end(struct isakmp_sa *sa)
{
	LIST_HEAD(gone);

	if (!sa->group)
		return;
	spin_lock_bh(&sa->in->sas.lock);
	isakmp_group_retire(sa);
	list_splice_init(&sa->claims, &gone);
	spin_unlock_bh(&sa->in->sas.lock);
	release(sa, sa->group->name, &gone);
}
