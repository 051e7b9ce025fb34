// SPDX-License-Identifier: GPL-2.0
/*
 * An IKE SA in the kernel: events in, one worker at a time, and its end.
 *
 * The end of an SA, in three steps:
 *
 *  1. Unlink.  isakmp_table_unlink() takes it out of every table under sas.lock;
 *     from then on no look-up finds it.  @dead, set under sa.lock, makes those who
 *     hold it already unable to give it anything more to do: post, deliver and
 *     verdict all look at @dead under that lock before they queue.
 *  2. Grace.  Who found it before step 1 holds a reference, or is inside RCU on
 *     its way to one; the memory is freed by call_rcu() after the last reference,
 *     so neither ever sees freed memory.
 *  3. Stop and release.  The timer is cleared: isakmp_timer_clear() returns when
 *     fire() can run no more, and only the worker, who is here, sets it.  The
 *     worker is the one work there is to flush.  Then nothing but this thread can
 *     reach the engine's part, and it is released; then the tables' reference goes.
 *
 * The worker does all three when the engine says that it has finished, or was
 * told to IKE_EV_KILL.  A namespace ends by closing the tables and posting KILL to
 * every SA: isakmp_sa_net_exit() has only to wait until nobody is busy.
 */
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>
#include "ike/seam.h"
#include "net/work.h"
#include "netns.h"
#include "v1/v1.h"

static struct kmem_cache *cache;

/* What a worker takes from an SA at once. */
struct todo {
	unsigned long pending;
	u32 child_spi[ISAKMP_CHILD_EVENTS];
	struct isakmp_path mapping;
	struct isakmp_addr redirect;
	struct ike_verdict *verdict;
	struct list_head takes;
	struct list_head wishes;
	struct list_head inbox;
};

/* ---- the object ---------------------------------------------------------- */

static void fire(struct isakmp_timer *t)
{
	isakmp_sa_post(container_of(t, struct isakmp_sa, timer), IKE_EV_TIMER, 0);
}

/**
 * isakmp_sa_new - an SA that nobody can find yet
 * @in: namespace
 * @initiator: do we start it?
 * @path: where to send, or how the first message came
 * @gfp: how to allocate
 *
 * Context: Any that @gfp allows.
 * Return: the SA with one reference, the caller's; NULL: no memory.
 */
struct isakmp_sa *isakmp_sa_new(struct isakmp_net *in, bool initiator,
				const struct isakmp_path *path, gfp_t gfp)
{
	struct isakmp_sa *sa = kmem_cache_zalloc(cache, gfp | __GFP_NOWARN);

	if (!sa)
		return NULL;
	sa->in = in;
	sa->initiator = initiator;
	isakmp_door_init(&sa->door, sa, initiator);
	sa->first.path = *path;
	refcount_set(&sa->ref, 1);
	spin_lock_init(&sa->lock);
	INIT_LIST_HEAD(&sa->inbox);
	INIT_LIST_HEAD(&sa->queue);
	INIT_LIST_HEAD(&sa->wishes);
	INIT_LIST_HEAD(&sa->takes);
	INIT_LIST_HEAD(&sa->claims);
	INIT_LIST_HEAD(&sa->half);
	INIT_LIST_HEAD(&sa->doors);
	sa->prio = initiator ? ISAKMP_PRIO_PROVEN : ISAKMP_PRIO_STRANGER;
	sa->timer.fire = fire;
	ike_sa_init(&sa->ike, initiator, sa->door.spi, path, &in->sysctl.tun, isakmp_now());
	sa->ike.ep->door = &sa->door;
	return sa;
}

static void free_rcu_cb(struct rcu_head *rcu)
{
	struct isakmp_sa *sa = container_of(rcu, struct isakmp_sa, rcu);

	kfree(sa->shown);
	kmem_cache_free(cache, sa);
}

/**
 * isakmp_sa_put - drop a reference
 * @sa: the SA
 *
 * Context: Any.
 */
void isakmp_sa_put(struct isakmp_sa *sa)
{
	if (refcount_dec_and_test(&sa->ref))
		call_rcu(&sa->rcu, free_rcu_cb);
}

/* ---- events in ----------------------------------------------------------- */

/* Must hold sa.lock.  Two children at once: let the engine look at whichever. */
static void note_child(struct isakmp_sa *sa, unsigned int type, u32 spi)
{
	unsigned int i = type - IKE_EV_CHILD_STOP;

	lockdep_assert_held(&sa->lock);
	if (type < IKE_EV_CHILD_STOP || type > IKE_EV_CHILD_REKEY)
		return;
	if (sa->pending & BIT(type) && sa->child_spi[i] != spi)
		spi = 0;
	sa->child_spi[i] = spi;
}

/**
 * isakmp_sa_post - let something happen to an SA
 * @sa: the SA
 * @type: any event without content: enum ike_event_type or enum isakmp_event
 * @spi: with IKE_EV_CHILD_*: our inbound SPI, 0 = whichever child
 *
 * An event that is waiting already is not queued twice: each means "look".
 *
 * Context: Any.
 * Return: 0; -ESHUTDOWN: the SA has ended.
 */
int isakmp_sa_post(struct isakmp_sa *sa, unsigned int type, u32 spi)
{
	int err = -ESHUTDOWN;

	spin_lock_bh(&sa->lock);
	if (!sa->dead) {
		note_child(sa, type, spi);
		sa->pending |= BIT(type);
		isakmp_work_queue(sa);
		err = 0;
	}
	spin_unlock_bh(&sa->lock);
	return err;
}

/**
 * isakmp_sa_post_mapping - ESP of an SA's peer came from another address
 * @sa: the SA
 * @path: where from; the newest counts
 *
 * Context: Any.
 */
void isakmp_sa_post_mapping(struct isakmp_sa *sa, const struct isakmp_path *path)
{
	spin_lock_bh(&sa->lock);
	if (!sa->dead) {
		sa->mapping = *path;
		sa->pending |= BIT(IKE_EV_MAPPING);
		isakmp_work_queue(sa);
	}
	spin_unlock_bh(&sa->lock);
}

/**
 * isakmp_sa_post_redirect - the operator wants an SA's peer at another gateway
 * @sa: the SA
 * @to: the gateway
 *
 * Context: Any.
 * Return: 0; -ESHUTDOWN, the SA has ended.
 */
int isakmp_sa_post_redirect(struct isakmp_sa *sa, const struct isakmp_addr *to)
{
	int err = -ESHUTDOWN;

	spin_lock_bh(&sa->lock);
	if (!sa->dead) {
		sa->redirect = *to;
		sa->pending |= BIT(IKE_EV_REDIRECT);
		isakmp_work_queue(sa);
		err = 0;
	}
	spin_unlock_bh(&sa->lock);
	return err;
}

static void wish_free(struct isakmp_wish *w)
{
	if (w->peer)
		isakmp_peer_put(w->peer);
	kfree(w);
}

/**
 * isakmp_sa_start_child - set up a further child on an SA
 * @sa: the SA, established or being set up
 * @peer: the peer as it is now; pinned: the reference changes hands in any case
 * @child: child of @peer
 * @flow: the packet it is for, or NULL
 *
 * Context: Any.
 * Return: 0; -ESHUTDOWN, the SA has ended; -ENOSPC; -ENOMEM.
 */
int isakmp_sa_start_child(struct isakmp_sa *sa, const struct ike_peer *peer,
			  const struct ike_child_policy *child,
			  const struct ike_flow *flow)
{
	struct isakmp_wish *w = kzalloc(sizeof(*w), GFP_ATOMIC | __GFP_NOWARN);
	int err = 0;

	if (!w) {
		isakmp_peer_put(peer);
		return -ENOMEM;
	}
	w->peer = peer;
	w->child = child;
	w->has_flow = flow;
	if (flow)
		w->flow = *flow;
	spin_lock_bh(&sa->lock);
	if (sa->dead) {
		err = -ESHUTDOWN;
	} else if (sa->n_wishes >= IKE_CHILDREN_MAX) {
		err = -ENOSPC;
	} else {
		sa->n_wishes++;
		list_add_tail(&w->list, &sa->wishes);
		sa->pending |= BIT(IKE_EV_CHILD_START);
		isakmp_work_queue(sa);
	}
	spin_unlock_bh(&sa->lock);
	if (err)
		wish_free(w);
	return err;
}

/**
 * isakmp_sa_has_wish - does a child wait for the worker to be started?
 * @sa: the SA
 * @child: its name
 *
 * Context: Any.
 * Return: true if it does.
 */
bool isakmp_sa_has_wish(struct isakmp_sa *sa, const char *child)
{
	const struct isakmp_wish *w;
	bool yes = false;

	spin_lock_bh(&sa->lock);
	list_for_each_entry(w, &sa->wishes, list)
		yes |= !strcmp(w->child->name, child);
	spin_unlock_bh(&sa->lock);
	return yes;
}

/**
 * isakmp_sa_drop_wish - a child shall not be started after all
 * @sa: the SA
 * @child: its name
 *
 * Context: Any.
 */
void isakmp_sa_drop_wish(struct isakmp_sa *sa, const char *child)
{
	struct isakmp_wish *w, *next;

	spin_lock_bh(&sa->lock);
	list_for_each_entry_safe(w, next, &sa->wishes, list) {
		if (strcmp(w->child->name, child))
			continue;
		list_del(&w->list);
		sa->n_wishes--;
		wish_free(w);
	}
	spin_unlock_bh(&sa->lock);
}

static void verdict_free(struct ike_verdict *v)
{
	if (v && v->peer)
		isakmp_peer_put(v->peer);
	kfree_sensitive(v);
}

/**
 * isakmp_sa_post_verdict - the answer to the question that an SA has asked
 * @sa: the SA
 * @v: from kmalloc(); changes hands in any case, and so does its peer
 *
 * Only the answer to the latest question is kept.
 *
 * Context: Process.
 * Return: 0; -ESHUTDOWN, the SA has ended.
 */
int isakmp_sa_post_verdict(struct isakmp_sa *sa, struct ike_verdict *v)
{
	int err = 0;

	spin_lock_bh(&sa->lock);
	if (sa->dead) {
		err = -ESHUTDOWN;
	} else {
		if (!sa->verdict || (s32)(v->question - sa->verdict->question) > 0)
			swap(sa->verdict, v);
		sa->pending |= BIT(IKE_EV_VERDICT);
		isakmp_work_queue(sa);
	}
	spin_unlock_bh(&sa->lock);
	verdict_free(v);
	return err;
}

/**
 * isakmp_sa_post_take - an ISAKMP SA of another SA is one of this SA's now (version 1)
 * @sa: the SA; it is live, so it has not ended
 * @old: the door to the other SA
 * @t: from kmalloc(), with its own door, closed yet; changes hands when 0 is returned
 *
 * What comes by the new door waits for sa.lock: nothing is heard before the ISAKMP SA is there.
 *
 * Context: Any.  Must hold sas.lock.
 * Return: as isakmp_door_replace().
 */
int isakmp_sa_post_take(struct isakmp_sa *sa, struct isakmp_door *old, struct isakmp_take *t)
{
	int err;

	lockdep_assert_held(&sa->in->sas.lock);
	spin_lock_bh(&sa->lock);
	err = isakmp_door_replace(old, t->ike.ep->door);
	if (!err) {
		list_add_tail(&t->list, &sa->takes);
		isakmp_work_queue(sa);
	}
	spin_unlock_bh(&sa->lock);
	return err;
}

static void take_free(struct isakmp_sa *sa, struct isakmp_take *t)
{
	if (t->ike.ep) {
		isakmp_door_close(&sa->ike, t->ike.ep);
		v1_epoch_release(&sa->ike, t->ike.ep);
		isakmp_free(t->ike.ep);
	}
	isakmp_free(t->ike.basis);
	isakmp_peer_put(t->ike.peer);
	kfree(t);
}

/* ---- the worker ---------------------------------------------------------- */

/* Must hold sa.lock. */
static void take(struct isakmp_sa *sa, struct todo *todo)
{
	lockdep_assert_held(&sa->lock);
	todo->pending = sa->pending;
	memcpy(todo->child_spi, sa->child_spi, sizeof(todo->child_spi));
	todo->mapping = sa->mapping;
	todo->redirect = sa->redirect;
	todo->verdict = sa->verdict;
	INIT_LIST_HEAD(&todo->takes);
	list_splice_init(&sa->takes, &todo->takes);
	INIT_LIST_HEAD(&todo->wishes);
	list_splice_init(&sa->wishes, &todo->wishes);
	sa->n_wishes = 0;
	isakmp_inbox_take(sa, &todo->inbox);
	sa->pending = 0;
	sa->verdict = NULL;
}

static void drop(struct isakmp_sa *sa, struct todo *todo)
{
	struct isakmp_take *t, *next_take;
	struct isakmp_wish *w, *next_wish;

	isakmp_inbox_drop(sa, &todo->inbox);
	list_for_each_entry_safe(t, next_take, &todo->takes, list)
		take_free(sa, t);
	list_for_each_entry_safe(w, next_wish, &todo->wishes, list)
		wish_free(w);
	verdict_free(todo->verdict);
}

static void handle_packets(struct isakmp_sa *sa, struct todo *todo)
{
	struct ike_event ev = { .type = IKE_EV_PACKET };
	struct isakmp_packet *p, *next;

	list_for_each_entry_safe(p, next, &todo->inbox, list) {
		if (sa->heir)
			return;
		ev.packet = p->ike;
		ike_sa_handle(&sa->ike, &ev, isakmp_now());
		list_del(&p->list);
		isakmp_packet_free(p);
	}
}

static void revoke(struct isakmp_sa *sa)
{
	struct ike_event ev = { .type = IKE_EV_BAR, .why = ISAKMP_R_REVOKED };

	ike_sa_handle(&sa->ike, &ev, isakmp_now());
}

/*
 * Version 1: an SA that is up stands on what another authentication stands on, which may have
 * been revoked while its helper decided.  Who revokes from here on finds it by that.
 */
static void check_anew(struct isakmp_sa *sa, u64 asked)
{
	if (sa->ike.v1 && sa->ike.basis && sa->ike.state == IKE_S_ESTABLISHED &&
	    isakmp_revoked_since(sa, asked))
		revoke(sa);
}

/* Before packets: what came by its door is for it. */
static void handle_takes(struct isakmp_sa *sa, struct todo *todo)
{
	struct ike_event ev = { .type = IKE_EV_V1_TAKE };
	struct isakmp_take *t;

	list_for_each_entry(t, &todo->takes, list) {
		ev.take = &t->ike;
		ike_sa_handle(&sa->ike, &ev, isakmp_now());
		check_anew(sa, t->asked);
	}
}

static void handle_verdict(struct isakmp_sa *sa, struct todo *todo)
{
	struct ike_event ev = { .type = IKE_EV_VERDICT, .verdict = todo->verdict };
	u8 kind = todo->verdict ? todo->verdict->kind : 0;

	if (todo->verdict)
		ike_sa_handle(&sa->ike, &ev, isakmp_now());
	/* Whom XAUTH finds the peer to be is another thing to stand on */
	if (kind == IKE_ASK_I_VERIFY || kind == IKE_ASK_V1_XAUTH)
		check_anew(sa, sa->asked);
}

static void handle_wishes(struct isakmp_sa *sa, struct todo *todo)
{
	struct ike_event ev = { .type = IKE_EV_CHILD_START };
	struct isakmp_wish *w;

	list_for_each_entry(w, &todo->wishes, list) {
		ev.peer = w->peer;
		ev.child = w->child;
		ev.flow = w->has_flow ? &w->flow : NULL;
		ike_sa_handle(&sa->ike, &ev, isakmp_now());
		w->peer = ev.peer;	/* the engine may have taken it */
	}
}

static void handle_mapping(struct isakmp_sa *sa, const struct todo *todo)
{
	struct ike_event ev = { .type = IKE_EV_MAPPING, .path = todo->mapping };

	if (todo->pending & BIT(IKE_EV_MAPPING))
		ike_sa_handle(&sa->ike, &ev, isakmp_now());
}

static void handle_redirect(struct isakmp_sa *sa, const struct todo *todo)
{
	struct ike_event ev = { .type = IKE_EV_REDIRECT, .path.remote = todo->redirect };

	if (todo->pending & BIT(IKE_EV_REDIRECT))
		ike_sa_handle(&sa->ike, &ev, isakmp_now());
}

/* It ends, for there is another one. */
static void give_way(struct isakmp_sa *sa)
{
	bool silent = sa->yield == ISAKMP_YIELD_SILENT;
	struct ike_event ev = { .type = silent ? IKE_EV_KILL : IKE_EV_STOP };
	enum isakmp_reason why = sa->yield == ISAKMP_YIELD_CROSSED ? ISAKMP_R_CROSSED :
				 silent && sa->v1 ? ISAKMP_R_V1_FORGOTTEN : ISAKMP_R_REPLACED;

	isakmp_refused(&sa->ike, why, 0);
	sa->ike.reason = why;
	ike_sa_handle(&sa->ike, &ev, isakmp_now());
}

/* What concerns only this folder. */
static void handle_ours(struct isakmp_sa *sa, const struct todo *todo)
{
	if (todo->pending & BIT(ISAKMP_EV_CLAIMS))
		isakmp_claims_stop(sa);
	if (todo->pending & BIT(ISAKMP_EV_RECHECK))
		isakmp_start_recheck(sa);
	if (todo->pending & BIT(ISAKMP_EV_CROSSED))
		isakmp_cross_begin(sa);
	if (todo->pending & BIT(ISAKMP_EV_REVOKED))
		revoke(sa);
	if (isakmp_cross_due(sa))
		give_way(sa);
}

static void handle_bits(struct isakmp_sa *sa, const struct todo *todo, const u8 *types,
			unsigned int n)
{
	struct ike_event ev = {};
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (!(todo->pending & BIT(types[i])))
			continue;
		ev.type = types[i];
		ev.spi = 0;
		if (ev.type >= IKE_EV_CHILD_STOP && ev.type <= IKE_EV_CHILD_REKEY)
			ev.spi = todo->child_spi[ev.type - IKE_EV_CHILD_STOP];
		ike_sa_handle(&sa->ike, &ev, isakmp_now());
	}
}

/* Before its first event. */
static noinline_for_stack void begin_v1(struct isakmp_sa *sa)
{
	struct ike_event ev = { .type = IKE_EV_KILL };
	enum isakmp_reason why = ISAKMP_OK;

	if (sa->v1 && !sa->ike.v1)
		why = v1_sa_init(&sa->ike, isakmp_now());
	if (!why)
		return;
	isakmp_refused(&sa->ike, why, 0);
	ike_sa_handle(&sa->ike, &ev, isakmp_now());
}

/* What must not wait comes first; what a packet may make unnecessary, last. */
static void handle(struct isakmp_sa *sa, struct todo *todo)
{
	static const u8 first[] = { IKE_EV_KILL, IKE_EV_START, IKE_EV_CHILD_LOST,
				    IKE_EV_CHILD_EXPIRED, IKE_EV_CHILD_USED };
	static const u8 last[] = { IKE_EV_CHILD_STOP, IKE_EV_CHILD_SOFT,
				   IKE_EV_CHILD_REKEY, IKE_EV_REKEY, IKE_EV_STOP,
				   IKE_EV_ROAM, IKE_EV_TOKEN, IKE_EV_CHECK, IKE_EV_TIMER };
	u32 resends = sa->ike.resends;
	int peers = isakmp_peers_read_lock();

	begin_v1(sa);
	handle_bits(sa, todo, first, ARRAY_SIZE(first));
	handle_takes(sa, todo);
	handle_verdict(sa, todo);
	handle_packets(sa, todo);
	handle_ours(sa, todo);
	handle_wishes(sa, todo);
	handle_mapping(sa, todo);
	handle_redirect(sa, todo);
	handle_bits(sa, todo, last, ARRAY_SIZE(last));
	isakmp_peers_read_unlock(peers);
	for (; resends != sa->ike.resends; resends++)
		isakmp_count(sa->in, ISAKMP_S_RESEND);
}

static u8 prio_of(const struct ike_sa *ike)
{
	if (ike->state == IKE_S_ESTABLISHED || ike->state == IKE_S_DELETING)
		return ISAKMP_PRIO_ESTABLISHED;
	return ike->proven || ike->initiator ? ISAKMP_PRIO_PROVEN : ISAKMP_PRIO_STRANGER;
}

/* Steps 1 and 3 of the argument at the top of this file. */
static noinline_for_stack void end(struct isakmp_sa *sa)
{
	struct todo todo;

	isakmp_claims_end(sa);
	isakmp_table_unlink(sa);
	spin_lock_bh(&sa->lock);
	sa->dead = true;
	take(sa, &todo);
	spin_unlock_bh(&sa->lock);
	drop(sa, &todo);

	isakmp_timer_clear(&sa->in->wheel, &sa->timer);
	isakmp_count(sa->in, ISAKMP_S_SA_ENDED);
	ike_sa_release(&sa->ike);
	isakmp_sa_put(sa);
}

static u64 deadline(struct isakmp_sa *sa)
{
	u64 t = min(ike_sa_deadline(&sa->ike), isakmp_response_expire(sa));

	return sa->cross_at ? min(t, sa->cross_at) : t;
}

/**
 * isakmp_sa_run - do what an SA has to do
 * @sa: the SA, taken out of its list
 *
 * One round: what was waiting when it began.
 *
 * Context: Process; the dispatcher alone.
 */
void isakmp_sa_run(struct isakmp_sa *sa)
{
	struct todo todo;
	bool over;
	u8 prio;

	spin_lock_bh(&sa->lock);
	sa->run = ISAKMP_RUN_RUNNING;
	take(sa, &todo);
	spin_unlock_bh(&sa->lock);

	handle(sa, &todo);
	over = todo.pending & BIT(IKE_EV_KILL) || ike_sa_finished(&sa->ike, isakmp_now());
	drop(sa, &todo);
	isakmp_sa_publish(sa);
	isakmp_claims_sync(sa);
	prio = prio_of(&sa->ike);
	if (sa->prio == ISAKMP_PRIO_STRANGER && prio != sa->prio)
		isakmp_table_prove(sa);
	if (over)
		end(sa);
	else
		isakmp_timer_set(&sa->in->wheel, &sa->timer, deadline(sa));
	isakmp_work_done(sa, prio);
}

/* ---- the view ------------------------------------------------------------ */

/**
 * isakmp_sa_publish - show what an SA is like now
 * @sa: the SA
 *
 * Without memory it goes on showing what it showed before.
 *
 * Context: Process; the SA's worker.
 */
void isakmp_sa_publish(struct isakmp_sa *sa)
{
	size_t size = ike_view_size(&sa->ike);
	struct ike_sa_view *old = NULL, *new = NULL;

	WRITE_ONCE(sa->roams, sa->ike.mobike);
	WRITE_ONCE(sa->stranded, sa->ike.mobike && sa->ike.mobike->stranded);
	/* Only the worker replaces it. */
	if (!sa->shown || sa->shown_room < size) {
		new = kzalloc(size, GFP_KERNEL);
		if (!new)
			return;
	}
	spin_lock_bh(&sa->lock);
	if (new) {
		old = sa->shown;
		sa->shown = new;
		sa->shown_room = (u32)size;
	}
	ike_view_fill(&sa->ike, sa->shown);
	spin_unlock_bh(&sa->lock);
	kfree(old);
}

/* No worker has had it yet: this is all there is. */
static void view_new(const struct isakmp_sa *sa, struct ike_sa_view *v)
{
	memset(v, 0, sizeof(*v));
	v->size = sizeof(*v);
	v->children_end = v->size;
	v->id = sa->id;
	v->initiator = sa->initiator;
	v->version = sa->v1 ? 1 : 2;
	v->path = sa->first.path;
	*(sa->initiator ? &v->spi_i : &v->spi_r) = sa->door.spi;
}

/**
 * isakmp_sa_view - what an SA looked like when its worker left it last
 * @sa: the SA
 *
 * Context: Process.
 * Return: a copy to be freed with kfree(), or NULL: no memory.
 */
struct ike_sa_view *isakmp_sa_view(struct isakmp_sa *sa)
{
	size_t room = READ_ONCE(sa->shown_room), size;
	struct ike_sa_view *v;

	for (;;) {
		room = max(room, sizeof(*v));
		v = kmalloc(room, GFP_KERNEL);
		if (!v)
			return NULL;
		spin_lock_bh(&sa->lock);
		size = sa->shown ? sa->shown->size : sizeof(*v);
		if (!sa->shown)
			view_new(sa, v);
		else if (size <= room)
			memcpy(v, sa->shown, size);
		spin_unlock_bh(&sa->lock);
		if (size <= room)
			return v;
		kfree(v);
		room = size;
	}
}

/* ---- namespace and module ------------------------------------------------ */

static void close_tables(struct isakmp_net *in)
{
	spin_lock_bh(&in->sas.lock);
	in->sas.closed = true;
	spin_unlock_bh(&in->sas.lock);
}

static void post_all(struct isakmp_net *in, unsigned int type)
{
	struct isakmp_sa *sa;
	u64 id = 0;

	while ((sa = isakmp_sa_next(in, id))) {
		id = sa->id;
		isakmp_sa_post(sa, type, 0);
		isakmp_sa_put(sa);
		cond_resched();
	}
}

/**
 * isakmp_sa_net_init - no SA yet
 * @in: namespace
 *
 * Context: Process.
 * Return: 0 or -errno.
 */
int isakmp_sa_net_init(struct isakmp_net *in)
{
	isakmp_timer_wheel_init(&in->wheel);
	return isakmp_table_net_init(in);
}

/**
 * isakmp_sa_net_farewell - no new SAs, and every SA tells its peer
 * @in: namespace
 *
 * Context: Process.
 */
void isakmp_sa_net_farewell(struct isakmp_net *in)
{
	close_tables(in);
	post_all(in, IKE_EV_STOP);
}

/**
 * isakmp_sa_net_settle - wait until no SA has anything to do
 * @in: namespace
 * @ms: how long at most
 *
 * Context: Process.
 */
void isakmp_sa_net_settle(struct isakmp_net *in, unsigned int ms)
{
	wait_var_event_timeout(&in->sas.n_busy, !atomic_read(&in->sas.n_busy),
			       msecs_to_jiffies(ms));
}

/**
 * isakmp_sa_net_stop - every SA ends, telling nobody
 * @in: namespace; no packets come in any more
 *
 * Context: Process.
 */
void isakmp_sa_net_stop(struct isakmp_net *in)
{
	close_tables(in);
	isakmp_timer_wheel_stop(&in->wheel);
	post_all(in, IKE_EV_KILL);
}

/**
 * isakmp_sa_net_exit - wait until the last SA has ended
 * @in: namespace, after isakmp_sa_net_stop()
 *
 * Every SA in the tables had its KILL posted, and as they are closed there will
 * be no more; a worker that has seen KILL ends its SA.  So when nobody is busy the
 * tables are empty.
 *
 * Context: Process.
 */
void isakmp_sa_net_exit(struct isakmp_net *in)
{
	wait_var_event(&in->sas.n_busy, !atomic_read(&in->sas.n_busy));
	WARN_ON(atomic_read(&in->sas.n));
	isakmp_table_net_exit(in);
}

/**
 * isakmp_sa_init - the cache of SAs
 *
 * Context: Process.
 * Return: 0 or -ENOMEM.
 */
int isakmp_sa_init(void)
{
	cache = KMEM_CACHE(isakmp_sa, 0);
	return cache ? 0 : -ENOMEM;
}

/**
 * isakmp_sa_exit - the cache goes; the last SA has, and rcu_barrier() is over
 *
 * Context: Process.
 */
void isakmp_sa_exit(void)
{
	kmem_cache_destroy(cache);
}
