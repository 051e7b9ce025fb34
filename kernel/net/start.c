// SPDX-License-Identifier: GPL-2.0
/*
 * Starters: one for each child that is to be up at all times, or again when it was
 * lost (on_dead, on_close).
 *
 * One whose child is to be up tries when it is made.  Whenever an SA with its child
 * ends or loses the child, what is to be done follows from how that came: nothing, a
 * trap, or to try after a wait that doubles with each failure.  That the child is up
 * by other means (the peer was quicker) it hears from isakmp_sa_start(): -EALREADY,
 * and the end of that SA will come here too.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/rhashtable.h>
#include <linux/slab.h>
#include "ike/seam.h"
#include "net/version.h"
#include "netns.h"
#include "xfrm/xfrm.h"

#define WAIT_MAX_S 60

struct starter_key {
	char peer[ISAKMP_NAME_MAX + 1];
	char child[ISAKMP_NAME_MAX + 1];
};

/**
 * struct starter - a child that is to be up
 * @node: in start.by_name
 * @key: its names, zero behind their ends
 * @in: its namespace
 * @list: in start.all
 * @ready: in start.ready, or empty
 * @ref: one for the tables, one for the work
 * @rcu: for freeing
 * @timer: when to try again
 * @peer: pinned; start.lock
 * @child: of @peer; start.lock
 * @wait_s: before the next attempt but one; start.lock
 * @held: the operator took it down; start.lock
 * @chasing: it tries until the child is up; start.lock
 * @trapped: a trap of its own is set; start.lock
 */
struct starter {
	struct rhash_head node;
	struct starter_key key;
	struct isakmp_net *in;
	struct list_head list;
	struct list_head ready;
	refcount_t ref;
	struct rcu_head rcu;
	struct isakmp_timer timer;
	const struct ike_peer *peer;
	const struct ike_child_policy *child;
	unsigned int wait_s;
	bool held;
	bool chasing;
	bool trapped;
};

static const struct rhashtable_params params = {
	.key_len = sizeof_field(struct starter, key),
	.key_offset = offsetof(struct starter, key),
	.head_offset = offsetof(struct starter, node),
	.automatic_shrinking = true,
};

/* ---- the starter --------------------------------------------------------- */

static void set_key(struct starter_key *k, const char *peer, const char *child)
{
	memset(k, 0, sizeof(*k));
	strscpy(k->peer, peer, sizeof(k->peer));
	strscpy(k->child, child, sizeof(k->child));
}

/* Must hold start.lock. */
static struct starter *find(struct isakmp_net *in, const char *peer, const char *child)
{
	struct starter_key key;

	lockdep_assert_held(&in->start.lock);
	if (in->start.closed)
		return NULL;
	set_key(&key, peer, child);
	return rhashtable_lookup_fast(&in->start.by_name, &key, params);
}

/* A worker may have set the timer of one that was removed meanwhile. */
static void put(struct starter *s)
{
	if (!refcount_dec_and_test(&s->ref))
		return;
	isakmp_timer_clear(&s->in->wheel, &s->timer);
	isakmp_peer_put(s->peer);
	kfree_rcu(s, rcu);
}

/* Must hold start.lock. */
static void make_ready(struct starter *s)
{
	struct isakmp_start_net *st = &s->in->start;

	lockdep_assert_held(&st->lock);
	if (st->closed || s->held || !list_empty(&s->ready))
		return;
	refcount_inc(&s->ref);
	list_add_tail(&s->ready, &st->ready);
	queue_work(system_unbound_wq, &st->work);
}

/* Softirq, with the wheel's lock. */
static void fire(struct isakmp_timer *t)
{
	struct starter *s = container_of(t, struct starter, timer);

	spin_lock(&s->in->start.lock);
	make_ready(s);
	spin_unlock(&s->in->start.lock);
}

/* A little early, differently each time, so that not all come at once. */
static u64 next_try(unsigned int wait_s)
{
	u64 ms = (u64)wait_s * MSEC_PER_SEC;
	u16 less;

	isakmp_random(&less, sizeof(less));
	return isakmp_now() + ms - ((ms * less) >> 19);
}

static void try_again(struct starter *s)
{
	unsigned int wait_s;

	spin_lock_bh(&s->in->start.lock);
	s->chasing = true;
	wait_s = max(s->wait_s, 1U);
	s->wait_s = min(2 * wait_s, (unsigned int)WAIT_MAX_S);
	spin_unlock_bh(&s->in->start.lock);
	isakmp_timer_set(&s->in->wheel, &s->timer, next_try(wait_s));
}

/* ---- the work ------------------------------------------------------------ */

static struct starter *next_ready(struct isakmp_start_net *st, const struct ike_peer **peer,
				  const struct ike_child_policy **child)
{
	struct starter *s;

	spin_lock_bh(&st->lock);
	s = list_first_entry_or_null(&st->ready, struct starter, ready);
	if (s) {
		list_del_init(&s->ready);
		*peer = s->peer;
		*child = s->child;
		isakmp_peer_get(*peer);
	}
	spin_unlock_bh(&st->lock);
	return s;
}

/* It is up by other means; or on its way: its end will come here, too. */
static void no_need(struct starter *s, const struct ike_peer *peer,
		    const struct ike_child_policy *child)
{
	bool up = isakmp_sa_child_is_up(s->in, peer, child->name);

	spin_lock_bh(&s->in->start.lock);
	s->chasing &= !up;
	spin_unlock_bh(&s->in->start.lock);
}

static void work(struct work_struct *work)
{
	struct isakmp_net *in = container_of(work, struct isakmp_net, start.work);
	const struct ike_child_policy *child;
	const struct ike_peer *peer;
	struct isakmp_sa *sa;
	struct starter *s;

	while ((s = next_ready(&in->start, &peer, &child))) {
		sa = isakmp_sa_start(in, peer, child, NULL, NULL);
		if (!IS_ERR(sa))
			isakmp_sa_put(sa);
		else if (PTR_ERR(sa) == -EALREADY)
			no_need(s, peer, child);
		else
			try_again(s);
		isakmp_peer_put(peer);
		put(s);
		cond_resched();
	}
}

/* ---- configuration ------------------------------------------------------- */

static struct starter *starter_new(struct isakmp_net *in, const struct ike_peer *peer,
				   const struct ike_child_policy *child)
{
	struct starter *s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);

	if (!s)
		return NULL;
	set_key(&s->key, peer->name, child->name);
	INIT_LIST_HEAD(&s->ready);
	refcount_set(&s->ref, 1);
	isakmp_peer_get(peer);
	s->in = in;
	s->timer.fire = fire;
	s->peer = peer;
	s->child = child;
	return s;
}

static bool is_now(const struct ike_child_policy *child)
{
	return child->start == IKE_START_NOW;
}

static bool needs_starter(const struct ike_child_policy *child)
{
	return is_now(child) || child->on_dead == IKE_ACTION_START ||
	       child->on_close == IKE_ACTION_START ||
	       (child->start != IKE_START_TRAP && (child->on_dead == IKE_ACTION_TRAP ||
						   child->on_close == IKE_ACTION_TRAP));
}

static int set_trap(struct isakmp_net *in, const struct ike_peer *peer,
		    const struct ike_child_policy *child)
{
	int err = isakmp_trap_add(in, peer, child, NULL);

	if (err)
		pr_warn("child %s of peer %s has no trap: error %d\n", child->name, peer->name, err);
	return err;
}

/* The trap of a child goes; one that the configuration sets stays. */
static void untrap(struct starter *s, const struct ike_child_policy *now)
{
	struct isakmp_start_net *st = &s->in->start;
	bool trapped;

	/* Most have none.  One that is being set was marked before */
	if (!READ_ONCE(s->trapped))
		return;
	mutex_lock(&st->traps);
	spin_lock_bh(&st->lock);
	trapped = s->trapped;
	WRITE_ONCE(s->trapped, false);
	spin_unlock_bh(&st->lock);
	if (trapped && (!now || now->start != IKE_START_TRAP))
		isakmp_trap_del(s->in, s->key.peer, s->key.child);
	mutex_unlock(&st->traps);
}

/*
 * The policy of a child that was lost is another one: its trap, too, and no packet passes
 * meanwhile.  It goes if there would be none by that.
 */
static void retrap(struct starter *s, const struct ike_peer *peer,
		   const struct ike_child_policy *child)
{
	struct isakmp_start_net *st = &s->in->start;
	bool keep = child->start != IKE_START_TRAP && (child->on_dead == IKE_ACTION_TRAP ||
						       child->on_close == IKE_ACTION_TRAP);

	mutex_lock(&st->traps);
	if (keep && READ_ONCE(s->trapped))
		keep = !set_trap(s->in, peer, child);
	mutex_unlock(&st->traps);
	if (!keep)
		untrap(s, child);
}

/* Must hold start.lock. */
static int link(struct isakmp_start_net *st, struct starter *s)
{
	int err;

	lockdep_assert_held(&st->lock);
	if (st->closed)
		return -ESHUTDOWN;
	err = rhashtable_insert_fast(&st->by_name, &s->node, params);
	if (err)
		return err;
	list_add_tail(&s->list, &st->all);
	s->chasing = is_now(s->child);
	if (s->chasing)
		make_ready(s);
	return 0;
}

static void add(struct isakmp_net *in, const struct ike_peer *peer,
		const struct ike_child_policy *child)
{
	struct starter *s = starter_new(in, peer, child);
	int err = -ENOMEM;

	if (s) {
		spin_lock_bh(&in->start.lock);
		err = link(&in->start, s);
		spin_unlock_bh(&in->start.lock);
	}
	if (!err)
		return;
	if (s)
		put(s);
	pr_warn("child %s of peer %s is not started: error %d\n", child->name, peer->name, err);
}

/* The starter that is there goes on with the new policy, at once if it is to be up. */
static bool renew(struct isakmp_net *in, const struct ike_peer *peer,
		  const struct ike_child_policy *child)
{
	const struct ike_peer *old = NULL;
	struct starter *s;

	isakmp_peer_get(peer);
	spin_lock_bh(&in->start.lock);
	s = find(in, peer->name, child->name);
	if (s) {
		old = s->peer;
		s->peer = peer;
		s->child = child;
		s->wait_s = 0;
		s->held = false;
		s->chasing |= is_now(child);
		if (s->chasing)
			make_ready(s);
		refcount_inc(&s->ref);
	}
	spin_unlock_bh(&in->start.lock);
	isakmp_peer_put(s ? old : peer);
	if (!s)
		return false;
	retrap(s, peer, child);
	put(s);
	return true;
}

static void remove(struct isakmp_net *in, const char *peer, const char *child,
		   const struct ike_child_policy *now)
{
	struct isakmp_start_net *st = &in->start;
	struct starter *s;
	bool was_ready;

	spin_lock_bh(&st->lock);
	s = find(in, peer, child);
	if (s) {
		rhashtable_remove_fast(&st->by_name, &s->node, params);
		list_del(&s->list);
		s->held = true;
		was_ready = !list_empty(&s->ready);
		list_del_init(&s->ready);
	}
	spin_unlock_bh(&st->lock);
	if (!s)
		return;
	untrap(s, now);
	if (was_ready)
		put(s);
	put(s);
}

static const struct ike_child_policy *child_of(const struct ike_peer *peer, const char *name)
{
	unsigned int i;

	for (i = 0; peer && i < peer->n_child; i++)
		if (!strcmp(peer->child[i]->name, name))
			return peer->child[i];
	return NULL;
}

static bool same_traffic(const struct ike_child_policy *a, const struct ike_child_policy *b)
{
	return a->n_local == b->n_local && a->n_remote == b->n_remote &&
	       !memcmp(a->local, b->local, a->n_local * sizeof(*a->local)) &&
	       !memcmp(a->remote, b->remote, a->n_remote * sizeof(*a->remote));
}

static bool same_ends(const struct ike_peer *a, const struct ike_peer *b)
{
	return isakmp_addr_equal(&a->local, &b->local) &&
	       isakmp_addr_equal(&a->remote, &b->remote) && a->remote_plen == b->remote_plen;
}

/* Starters of what is not to be up any more. */
static void remove_old(struct isakmp_net *in, const struct ike_peer *old,
		       const struct ike_peer *new)
{
	const struct ike_child_policy *c, *now;
	unsigned int i;

	for (i = 0; i < old->n_child; i++) {
		c = old->child[i];
		now = child_of(new, c->name);
		if (needs_starter(c) && (!now || !needs_starter(now)))
			remove(in, old->name, c->name, now);
	}
}

/**
 * isakmp_start_peer - a peer was published, changed or removed
 * @in: namespace
 * @old: as it was, or NULL
 * @new: as it is, or NULL
 *
 * SAs of a peer that is gone and not kept, or is somewhere else now, go down, and so do
 * children that are gone or protect other traffic now.  Lifetimes apply at once.  The
 * rest is left alone.  SAs that were kept of a peer of this name are the new one's.
 * Then what is to be up at all times is started.
 *
 * Context: Process.
 */
void isakmp_start_peer(struct isakmp_net *in, const struct ike_peer *old,
		       const struct ike_peer *new)
{
	bool kept = new && isakmp_group_unkeep(in, new->name);
	unsigned int i;

	if (old && (!new || new->binding != old->binding))
		isakmp_ticket_drop(in, old);
	isakmp_version_change(in, old, new);
	if (old)
		remove_old(in, old, new);
	if (old || kept)
		isakmp_sa_recheck_peer(in, old ? old->name : new->name);
	for (i = 0; new && i < new->n_child; i++)
		if (needs_starter(new->child[i]) && !renew(in, new, new->child[i]))
			add(in, new, new->child[i]);
}

/* Children that are gone, or protect other traffic now.  Returns how many SPIs. */
static unsigned int outdated(const struct ike_sa *ike, const struct ike_peer *now,
			     u32 spi[IKE_INSTANCES_MAX])
{
	const struct ike_child_policy *policy;
	const struct ike_child *c;
	unsigned int n = 0;

	for (c = ike->children; c && n < IKE_INSTANCES_MAX; c = c->next) {
		if (!ike_child_counts(c))
			continue;
		policy = child_of(now, c->policy->name);
		if (!policy || !same_traffic(policy, c->policy))
			spi[n++] = c->spi_in;
	}
	return n;
}

/* Does an SA go down?  Of a peer that was removed, what is up is kept, at most. */
static bool goes(const struct ike_sa *ike, const struct ike_peer *now, bool kept)
{
	return !now || !same_ends(ike->peer, now) || !ike_v1_speaks(&now->v1, ike->v1 ? 1 : 2) ||
	       (kept && ike->state != IKE_S_ESTABLISHED);
}

/**
 * isakmp_start_recheck - the peer object of an SA has changed
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 */
void isakmp_start_recheck(struct isakmp_sa *sa)
{
	struct ike_event ev = { .type = IKE_EV_STOP };
	const struct ike_peer *now;
	u32 spi[IKE_INSTANCES_MAX];
	unsigned int i, n;
	bool kept;

	if (!sa->ike.peer)
		return;
	now = isakmp_group_peer(sa, &kept);
	if (goes(&sa->ike, now, kept)) {
		ike_sa_handle(&sa->ike, &ev, isakmp_now());
	} else {
		ike_sa_relimit(&sa->ike, now, isakmp_now());
		n = outdated(&sa->ike, now, spi);
		ev.type = IKE_EV_CHILD_STOP;
		for (i = 0; i < n; i++) {
			ev.spi = spi[i];
			ike_sa_handle(&sa->ike, &ev, isakmp_now());
		}
		ev = (struct ike_event){ .type = IKE_EV_REAUTH, .reauth_s = now->reauth_s };
		ike_sa_handle(&sa->ike, &ev, isakmp_now());
	}
	if (now)
		isakmp_peer_put(now);
}

/* ---- what happens to SAs and by the operator ----------------------------- */

/**
 * isakmp_start_hold - a child that was taken down by hand stays down
 * @in: namespace
 * @peer: name of its peer
 * @child: its name
 *
 * Until isakmp_start_resume(), or a change of the peer.
 *
 * Context: Any.
 */
void isakmp_start_hold(struct isakmp_net *in, const char *peer, const char *child)
{
	struct starter *s;

	spin_lock_bh(&in->start.lock);
	s = find(in, peer, child);
	if (s)
		s->held = true;
	spin_unlock_bh(&in->start.lock);
}

/**
 * isakmp_start_hold_peer - the same for all children of a peer, and for its ticket
 * @in: namespace
 * @peer: its name
 *
 * Context: Any.
 */
void isakmp_start_hold_peer(struct isakmp_net *in, const char *peer)
{
	const struct ike_peer *p = isakmp_peer_by_name(in, peer);
	unsigned int i;

	for (i = 0; p && i < p->n_child; i++)
		isakmp_start_hold(in, peer, p->child[i]->name);
	if (!p)
		return;
	/* RFC 5723, 6.2: "when a user logs out" */
	isakmp_ticket_drop(in, p);
	isakmp_peer_put(p);
}

/**
 * isakmp_start_resume - a child was started by hand, or by a packet
 * @in: namespace
 * @peer: name of its peer
 * @child: its name
 *
 * Context: Any.
 */
void isakmp_start_resume(struct isakmp_net *in, const char *peer, const char *child)
{
	struct starter *s;

	spin_lock_bh(&in->start.lock);
	s = find(in, peer, child);
	if (s)
		s->held = false;
	spin_unlock_bh(&in->start.lock);
}

/* The starter of a child, with a reference. */
static struct starter *get_starter(struct isakmp_net *in, const char *peer, const char *child,
				   bool forget_failures)
{
	struct starter *s;

	spin_lock_bh(&in->start.lock);
	s = find(in, peer, child);
	if (s) {
		refcount_inc(&s->ref);
		if (forget_failures)
			s->wait_s = 0;
	}
	spin_unlock_bh(&in->start.lock);
	return s;
}

/**
 * isakmp_start_up - a child came up
 * @in: namespace
 * @peer: name of its peer
 * @child: its name
 *
 * Context: Process.
 */
void isakmp_start_up(struct isakmp_net *in, const char *peer, const char *child)
{
	struct starter *s = get_starter(in, peer, child, true);

	if (!s)
		return;
	spin_lock_bh(&in->start.lock);
	s->chasing = false;
	spin_unlock_bh(&in->start.lock);
	untrap(s, NULL);
	put(s);
}

/*
 * What is to be done about a loss.  @peer: pinned, to be put; @child of it.  Nothing
 * while the operator keeps it down.
 */
static enum ike_action action(struct starter *s, enum isakmp_loss loss,
			      const struct ike_peer **peer,
			      const struct ike_child_policy **child)
{
	enum ike_action what = IKE_ACTION_NONE;

	spin_lock_bh(&s->in->start.lock);
	*peer = s->peer;
	*child = s->child;
	isakmp_peer_get(*peer);
	if (s->chasing)
		what = IKE_ACTION_START;
	else if (loss == ISAKMP_LOSS_DEAD)
		what = (*child)->on_dead;
	else if (loss == ISAKMP_LOSS_CLOSED)
		what = (*child)->on_close;
	else if (is_now(*child))
		what = IKE_ACTION_START;
	if (s->held)
		what = IKE_ACTION_NONE;
	if (what == IKE_ACTION_TRAP && (*child)->start == IKE_START_TRAP)
		what = IKE_ACTION_NONE;	/* it has one */
	if (what == IKE_ACTION_TRAP)
		WRITE_ONCE(s->trapped, true);
	spin_unlock_bh(&s->in->start.lock);
	return what;
}

/**
 * isakmp_start_lost - an SA has a child no longer, or never got it
 * @in: namespace
 * @peer: name of its peer
 * @child: its name
 * @loss: how that came; unless it was never up, earlier failures are forgotten
 *
 * It is no loss where another SA has the child up.
 *
 * Context: Process.
 */
void isakmp_start_lost(struct isakmp_net *in, const char *peer, const char *child,
		       enum isakmp_loss loss)
{
	struct starter *s = get_starter(in, peer, child, loss != ISAKMP_LOSS_NEVER_UP);
	const struct ike_child_policy *policy;
	const struct ike_peer *p;
	enum ike_action what;
	bool trapped;

	if (!s)
		return;
	/* Who removes the starter meanwhile finds its trap */
	mutex_lock(&in->start.traps);
	trapped = READ_ONCE(s->trapped);
	what = action(s, loss, &p, &policy);
	if (what != IKE_ACTION_NONE && isakmp_sa_child_is_up(in, p, child)) {
		what = IKE_ACTION_NONE;
		WRITE_ONCE(s->trapped, trapped);
	}
	switch (what) {
	case IKE_ACTION_START:
		try_again(s);
		break;
	case IKE_ACTION_TRAP:
		set_trap(in, p, policy);
		break;
	case IKE_ACTION_NONE:
		break;
	}
	mutex_unlock(&in->start.traps);
	isakmp_peer_put(p);
	put(s);
}

/* ---- namespace ----------------------------------------------------------- */

/**
 * isakmp_start_net_init - nothing is to be up yet
 * @in: namespace
 *
 * Context: Process.
 * Return: 0 or -errno.
 */
int isakmp_start_net_init(struct isakmp_net *in)
{
	struct isakmp_start_net *st = &in->start;

	mutex_init(&st->traps);
	spin_lock_init(&st->lock);
	INIT_LIST_HEAD(&st->all);
	INIT_LIST_HEAD(&st->ready);
	INIT_WORK(&st->work, work);
	return rhashtable_init(&st->by_name, &params);
}

/**
 * isakmp_start_net_pre_exit - nothing is started any more
 * @in: namespace, dying
 *
 * The work looks for SAs: it is waited for as long as their tables are there.
 *
 * Context: Process.
 */
void isakmp_start_net_pre_exit(struct isakmp_net *in)
{
	struct isakmp_start_net *st = &in->start;

	spin_lock_bh(&st->lock);
	st->closed = true;
	spin_unlock_bh(&st->lock);
	/* Empties st->ready on its last run. */
	flush_work(&st->work);
}

/**
 * isakmp_start_net_exit - the starters go
 * @in: namespace, after isakmp_start_net_pre_exit(); its wheel stands still and its last
 *	SA has ended
 *
 * Context: Process.
 */
void isakmp_start_net_exit(struct isakmp_net *in)
{
	struct isakmp_start_net *st = &in->start;
	struct starter *s, *tmp;

	rhashtable_destroy(&st->by_name);
	list_for_each_entry_safe(s, tmp, &st->all, list) {
		list_del(&s->list);
		put(s);
	}
}
