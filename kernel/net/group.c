// SPDX-License-Identifier: GPL-2.0
/* The IKE SAs of each peer object: who belongs to whom, and how many there may be. */
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include "ike/seam.h"
#include "net/unique.h"
#include "net/version.h"
#include "netns.h"

#define WALK_MAX 32	/* SAs of a walk before the lock is let go */

static const struct rhashtable_params params = {
	.key_len = sizeof_field(struct isakmp_group, name),
	.key_offset = offsetof(struct isakmp_group, name),
	.head_offset = offsetof(struct isakmp_group, node),
	.automatic_shrinking = true,
};

/* ---- what an SA brings along --------------------------------------------- */

static struct isakmp_group *group_new(const char *peer)
{
	struct isakmp_group *g = kzalloc(sizeof(*g), GFP_KERNEL_ACCOUNT);

	if (!g)
		return NULL;
	strscpy_pad(g->name, peer, sizeof(g->name));
	INIT_LIST_HEAD(&g->members);
	return g;
}

/**
 * isakmp_enlist_init - what isakmp_group_enter() needs
 * @e: filled
 * @peer: name of the peer
 * @child: name of the first child; NULL: none yet
 * @unique: as in struct isakmp_enlist
 *
 * Context: Process.
 * Return: 0 or -ENOMEM.
 */
int isakmp_enlist_init(struct isakmp_enlist *e, const char *peer, const char *child,
		       bool unique)
{
	e->unique = unique;
	e->identity = NULL;
	e->group = group_new(peer);
	e->claim = child ? kzalloc(sizeof(*e->claim), GFP_KERNEL_ACCOUNT) : NULL;
	if (!e->group || (child && !e->claim)) {
		isakmp_enlist_free(e);
		return -ENOMEM;
	}
	if (child)
		strscpy(e->claim->name, child, sizeof(e->claim->name));
	return 0;
}

/**
 * isakmp_enlist_free - forget what was not used
 * @e: after isakmp_enlist_init()
 *
 * Context: Any.
 */
void isakmp_enlist_free(struct isakmp_enlist *e)
{
	kfree(e->group);
	kfree(e->identity);
	kfree(e->claim);
}

/* ---- groups -------------------------------------------------------------- */

/* Must hold sas.lock. */
static struct isakmp_group *find(struct isakmp_net *in, const char *peer)
{
	char key[ISAKMP_NAME_MAX + 1];

	lockdep_assert_held(&in->sas.lock);
	strscpy_pad(key, peer, sizeof(key));
	return rhashtable_lookup_fast(&in->sas.groups, key, params);
}

/* Must hold sas.lock. */
static int join(struct isakmp_sa *sa, struct isakmp_enlist *e)
{
	struct isakmp_net *in = sa->in;
	struct isakmp_group *g;
	int err;

	lockdep_assert_held(&in->sas.lock);
	g = find(in, e->group->name);
	if (!g) {
		g = e->group;
		err = rhashtable_insert_fast(&in->sas.groups, &g->node, params);
		if (err)
			return err;
		e->group = NULL;
	}
	sa->group = g;
	sa->live = true;
	sa->member.sa = sa;
	list_add_tail(&sa->member.list, &g->members);
	g->n++;
	g->n_ours += sa->initiator;
	return 0;
}

/* Must hold sas.lock. */
static void free_if_empty(struct isakmp_net *in, struct isakmp_group *g)
{
	lockdep_assert_held(&in->sas.lock);
	if (!list_empty(&g->members))
		return;
	isakmp_peer_put(g->kept);
	g->kept = NULL;
	if (g->worked_2)
		return;
	rhashtable_remove_fast(&in->sas.groups, &g->node, params);
	kfree_rcu(g, rcu);
}

/* Must hold sas.lock. */
static bool has_claim(const struct isakmp_sa *sa, const char *child)
{
	const struct isakmp_sa_claim *c;

	list_for_each_entry(c, &sa->claims, list)
		if (!c->stop && !strcmp(c->name, child))
			return true;
	return false;
}

static bool same_ends(const struct isakmp_path *a, const struct isakmp_path *b)
{
	return isakmp_addr_equal(&a->remote, &b->remote) &&
	       (!b->local.family || isakmp_addr_equal(&a->local, &b->local));
}

/*
 * The SA between these ends that has a child, with *@has set; or else the best one
 * to set it up on: the newest, but one that is established first.  Must hold
 * sas.lock; not pinned.
 */
static struct isakmp_sa *find_sa(const struct isakmp_group *g, const char *child,
				 const struct isakmp_path *path, bool *has)
{
	struct isakmp_sa *sa, *best = NULL;
	const struct isakmp_member *m;

	*has = false;
	list_for_each_entry(m, &g->members, list) {
		sa = m->sa;
		if (!sa || !sa->live || !same_ends(&sa->first.path, path))
			continue;
		*has = has_claim(sa, child);
		if (*has)
			return sa;
		if (!best || sa->established_at || !best->established_at)
			best = sa;
	}
	return best;
}

/**
 * isakmp_group_enter - an SA that we start belongs to its peer, with its child
 * @sa: the SA
 * @e: what it brings along; what is used is cleared
 *
 * Context: Any.  Must hold sas.lock.
 * Return: 0; -EALREADY, another SA has the child; -EAGAIN, another SA could have
 * it; -errno.
 */
int isakmp_group_enter(struct isakmp_sa *sa, struct isakmp_enlist *e)
{
	struct isakmp_group *g = find(sa->in, e->group->name);
	bool has;
	int err;

	if (g && e->unique && find_sa(g, e->claim->name, &sa->first.path, &has))
		return has ? -EALREADY : -EAGAIN;
	err = join(sa, e);
	if (err)
		return err;
	list_add_tail(&e->claim->list, &sa->claims);
	e->claim = NULL;
	return 0;
}

/**
 * isakmp_group_leave - an SA leaves the tables
 * @sa: the SA; fine if it belongs to nobody
 *
 * Context: Any.  Must hold sas.lock.
 */
void isakmp_group_leave(struct isakmp_sa *sa)
{
	struct isakmp_sa_claim *claim, *next;
	struct isakmp_group *g = sa->group;

	if (!g)
		return;
	isakmp_group_retire(sa);
	/* There is one only when the SA did not get into all of the tables. */
	list_for_each_entry_safe(claim, next, &sa->claims, list) {
		list_del(&claim->list);
		kfree(claim);
	}
	list_del(&sa->member.list);
	sa->group = NULL;
	free_if_empty(sa->in, g);
}

/**
 * isakmp_group_retire - nobody counts on an SA any more
 * @sa: the SA
 *
 * What it has may be started elsewhere.
 *
 * Context: Any.  Must hold sas.lock.
 */
void isakmp_group_retire(struct isakmp_sa *sa)
{
	lockdep_assert_held(&sa->in->sas.lock);
	if (!sa->live)
		return;
	isakmp_unique_leave(sa);
	sa->group->n--;
	sa->group->n_ours -= sa->initiator;
	sa->live = false;
}

/* Must hold sas.lock.  From @at on; what is left is behind @place. */
static bool walk(struct list_head *at, struct isakmp_group *g, struct isakmp_member *place,
		 void (*fn)(struct isakmp_sa *sa, const void *arg), const void *arg)
{
	unsigned int n = WALK_MAX;
	struct isakmp_member *m;

	while (at->next != &g->members) {
		m = list_entry(at->next, struct isakmp_member, list);
		if (!n--) {
			list_add(&place->list, at);
			return true;
		}
		at = at->next;
		if (m->sa)
			fn(m->sa, arg);
	}
	return false;
}

/**
 * isakmp_group_each - do something to all SAs of a peer
 * @in: namespace
 * @peer: its name
 * @fn: what; holds sas.lock
 * @arg: for @fn
 *
 * SAs that come meanwhile may be left out.
 *
 * Context: Process.
 */
void isakmp_group_each(struct isakmp_net *in, const char *peer,
		       void (*fn)(struct isakmp_sa *sa, const void *arg), const void *arg)
{
	struct isakmp_member place = {};
	struct isakmp_group *g;
	struct list_head *at;
	bool more;

	spin_lock_bh(&in->sas.lock);
	g = find(in, peer);
	more = g && walk(&g->members, g, &place, fn, arg);
	while (more) {
		spin_unlock_bh(&in->sas.lock);
		cond_resched();
		spin_lock_bh(&in->sas.lock);
		/* The place keeps the group. */
		at = place.list.prev;
		list_del(&place.list);
		more = walk(at, g, &place, fn, arg);
		if (!more)
			free_if_empty(in, g);
	}
	spin_unlock_bh(&in->sas.lock);
}

/* ---- a peer that was removed without its SAs ------------------------------ */

/**
 * isakmp_group_keep - a peer is about to be removed, and its SAs stay
 * @in: namespace
 * @peer: as it is, still published; a reference is taken if it has SAs
 *
 * They go by @peer from then on.
 *
 * Context: Process.
 */
void isakmp_group_keep(struct isakmp_net *in, const struct ike_peer *peer)
{
	struct isakmp_group *g;

	spin_lock_bh(&in->sas.lock);
	g = find(in, peer->name);
	if (g && !g->kept) {
		isakmp_peer_get(peer);
		g->kept = peer;
	}
	spin_unlock_bh(&in->sas.lock);
}

/**
 * isakmp_group_unkeep - a peer is there; SAs that were kept of one of its name are its own
 * @in: namespace
 * @peer: its name; it is published
 *
 * Context: Process.
 * Return: true if there may be such.
 */
bool isakmp_group_unkeep(struct isakmp_net *in, const char *peer)
{
	const struct ike_peer *kept = NULL;
	struct isakmp_group *g;

	spin_lock_bh(&in->sas.lock);
	g = find(in, peer);
	if (g)
		swap(kept, g->kept);
	spin_unlock_bh(&in->sas.lock);
	if (!kept)
		return false;
	isakmp_peer_put(kept);
	return true;
}

/**
 * isakmp_group_forget - what a peer has spoken counts no longer
 * @in: namespace
 * @peer: its name
 *
 * Context: Process.
 */
void isakmp_group_forget(struct isakmp_net *in, const char *peer)
{
	struct isakmp_group *g;

	spin_lock_bh(&in->sas.lock);
	g = find(in, peer);
	if (g) {
		g->worked_2 = false;
		free_if_empty(in, g);
	}
	spin_unlock_bh(&in->sas.lock);
}

/**
 * isakmp_group_peer - by which peer an SA goes now
 * @sa: the SA; its peer is known
 * @kept: set: the peer was removed, and this is what it was
 *
 * A peer is kept before it is removed, and is there again before it is kept no more: who
 * finds neither under the lock has none.
 *
 * Context: Process; the SA's worker.
 * Return: the compiled peer, pinned; NULL: it is gone.
 */
const struct ike_peer *isakmp_group_peer(struct isakmp_sa *sa, bool *kept)
{
	const char *name = sa->ike.peer->name;
	const struct ike_peer *peer = isakmp_peer_by_name(sa->in, name);

	*kept = false;
	if (peer)
		return peer;
	spin_lock_bh(&sa->in->sas.lock);
	peer = isakmp_peer_by_name(sa->in, name);
	if (!peer && sa->group && sa->group->kept) {
		peer = sa->group->kept;
		isakmp_peer_get(peer);
		*kept = true;
	}
	spin_unlock_bh(&sa->in->sas.lock);
	return peer;
}

/* ---- children on SAs that are there -------------------------------------- */

/* Must hold sas.lock.  The wish goes to the SA; -errno: it does not. */
static int claim(struct isakmp_sa *sa, const struct ike_peer *peer,
		 const struct ike_child_policy *child, const struct ike_flow *flow,
		 struct isakmp_sa_claim *c)
{
	int err;

	lockdep_assert_held(&sa->in->sas.lock);
	isakmp_peer_get(peer);
	err = isakmp_sa_start_child(sa, peer, child, flow);
	if (err)
		return err;
	strscpy(c->name, child->name, sizeof(c->name));
	list_add_tail(&c->list, &sa->claims);
	WRITE_ONCE(sa->unsynced, true);
	isakmp_sa_get(sa);
	return 0;
}

/**
 * isakmp_group_further - set up a child on an IKE SA that is there, or on its way
 * @in: namespace
 * @peer: with whom; a reference is taken
 * @child: child of @peer
 * @flow: the packet it is for, or NULL
 * @path: between which ends
 *
 * Context: Process.
 * Return: the SA, pinned; NULL: there is none, or it takes no more; -EALREADY: one
 * has the child; -ENOMEM.
 */
struct isakmp_sa *isakmp_group_further(struct isakmp_net *in, const struct ike_peer *peer,
				       const struct ike_child_policy *child,
				       const struct ike_flow *flow,
				       const struct isakmp_path *path)
{
	struct isakmp_sa_claim *c = kzalloc(sizeof(*c), GFP_KERNEL_ACCOUNT);
	struct isakmp_sa *sa = NULL;
	struct isakmp_group *g;
	bool has = false;
	int err = 0;

	if (!c)
		return ERR_PTR(-ENOMEM);
	spin_lock_bh(&in->sas.lock);
	g = find(in, peer->name);
	if (g)
		sa = find_sa(g, child->name, path, &has);
	if (has)
		err = -EALREADY;
	else if (sa)
		err = claim(sa, peer, child, flow, c);
	spin_unlock_bh(&in->sas.lock);
	if (!sa || err)
		kfree(c);
	return err ? ERR_PTR(err) : sa;
}

/**
 * isakmp_sa_find_child - the SA with a child
 * @in: namespace
 * @peer: whose child; its remote must be one address
 * @child: its name
 *
 * Context: Any.
 * Return: the SA that has it, or is setting it up, pinned; or NULL.
 */
struct isakmp_sa *isakmp_sa_find_child(struct isakmp_net *in, const struct ike_peer *peer,
				       const char *child)
{
	const struct isakmp_path path = { .local = peer->local, .remote = peer->remote };
	struct isakmp_sa *sa = NULL;
	struct isakmp_group *g;
	bool has = false;

	spin_lock_bh(&in->sas.lock);
	g = find(in, peer->name);
	if (g)
		sa = find_sa(g, child, &path, &has);
	/* The tables' reference is there as long as the lock is held. */
	if (has)
		isakmp_sa_get(sa);
	spin_unlock_bh(&in->sas.lock);
	return has ? sa : NULL;
}

/* Must hold sas.lock. */
static bool has_up(const struct isakmp_sa *sa, const char *child)
{
	const struct isakmp_sa_claim *c;

	lockdep_assert_held(&sa->in->sas.lock);
	list_for_each_entry(c, &sa->claims, list)
		if (c->up && !c->stop && !strcmp(c->name, child))
			return true;
	return false;
}

/**
 * isakmp_sa_child_is_up - is there an SA with a child that is up?
 * @in: namespace
 * @peer: whose child
 * @child: its name
 *
 * Context: Any.
 * Return: true if so; false also when the peer's remote is not one address.
 */
bool isakmp_sa_child_is_up(struct isakmp_net *in, const struct ike_peer *peer,
			   const char *child)
{
	const struct isakmp_path path = { .local = peer->local, .remote = peer->remote };
	const struct isakmp_member *m;
	struct isakmp_group *g;
	bool up = false;

	if (!peer->remote.family || peer->remote_plen != 8 * isakmp_addr_len(&peer->remote))
		return false;
	spin_lock_bh(&in->sas.lock);
	g = find(in, peer->name);
	if (g)
		list_for_each_entry(m, &g->members, list)
			up |= m->sa && m->sa->live && same_ends(&m->sa->first.path, &path) &&
			      has_up(m->sa, child);
	spin_unlock_bh(&in->sas.lock);
	return up;
}

/* ---- the peer of a responder --------------------------------------------- */

/*
 * Must hold sas.lock.  When the peer has as many SAs as it may, one that replaces
 * another is let in nevertheless: there is exactly one of this identity.
 */
static bool has_room(const struct isakmp_group *g, const struct isakmp_sa *sa,
		     const struct ike_peer *peer)
{
	return !g || g->n < (peer->max_sas ?: ISAKMP_PEER_SAS) || isakmp_unique_replaces(g, sa);
}

static enum isakmp_reason adopt(struct isakmp_sa *sa, const struct ike_peer *peer,
				struct isakmp_enlist *e)
{
	struct isakmp_net *in = sa->in;
	enum isakmp_reason why = ISAKMP_OK;
	struct isakmp_group *g;

	spin_lock_bh(&in->sas.lock);
	g = find(in, peer->name);
	if (sa->group)
		why = ISAKMP_R_DYING;
	else
		why = isakmp_version_check(g, sa, peer);
	if (!why && g)
		why = isakmp_unique_check(g, sa, peer);
	if (!why && !has_room(g, sa, peer))
		why = ISAKMP_R_PEER_LIMIT;
	sa->ike.anew = g && isakmp_unique_anew(g, sa) && !sa->ike.contact;
	if (!why && (join(sa, e) || isakmp_unique_join(sa, e)))
		why = ISAKMP_R_NO_MEMORY;
	spin_unlock_bh(&in->sas.lock);
	return why;
}

/**
 * isakmp_peer_recheck - an SA goes by a peer that may have changed since it was looked at
 * @sa: the SA; where those who change a peer look for its SAs
 * @peer: the peer
 *
 * What has changed applies when the SA is up.
 *
 * Context: Process.
 * Return: false: it is gone.
 */
bool isakmp_peer_recheck(struct isakmp_sa *sa, const struct ike_peer *peer)
{
	const struct ike_peer *now = isakmp_peer_by_name(sa->in, peer->name);

	if (!now)
		return false;
	if (now != peer)
		isakmp_sa_post(sa, ISAKMP_EV_RECHECK, 0);
	isakmp_peer_put(now);
	return true;
}

/**
 * isakmp_peer_adopt - an SA is to be a peer's
 * @ike: the SA, a responder; it is known whose it is
 * @peer: the peer that the helper has chosen
 *
 * The peer may have changed since the helper was asked.  First the SA is where
 * those who change a peer look for its SAs, then the peer is looked at: so one of
 * both notices the other (isakmp_start_peer() publishes first, then looks).
 *
 * Context: Process; the SA's worker.
 * Return: OK; PEER_LIMIT; NOT_UNIQUE; VERSION or V1_DOWNGRADE, as isakmp_version_check();
 * STALE, the peer is gone; REVOKED, meanwhile; NO_MEMORY.
 */
enum isakmp_reason isakmp_peer_adopt(struct ike_sa *ike, const struct ike_peer *peer)
{
	struct isakmp_sa *sa = isakmp_sa_of(ike);
	enum isakmp_reason why;
	struct isakmp_enlist e;

	if (isakmp_enlist_init(&e, peer->name, NULL, false))
		return ISAKMP_R_NO_MEMORY;
	e.identity = isakmp_identity_new(ike->basis);
	why = e.identity ? adopt(sa, peer, &e) : ISAKMP_R_NO_MEMORY;
	isakmp_enlist_free(&e);
	if (!why && isakmp_revoked_since(sa, sa->asked))
		why = ISAKMP_R_REVOKED;
	if (why)
		return why;
	return isakmp_peer_recheck(sa, peer) ? ISAKMP_OK : ISAKMP_R_STALE;
}

/**
 * isakmp_peer_known - it is known who the peer of an SA is that we have started
 * @ike: the SA, an initiator
 *
 * Its peer object may have changed since then; if it is gone, so is the SA soon.
 *
 * Context: Process; the SA's worker.
 * Return: OK; NOT_UNIQUE; VERSION or V1_DOWNGRADE, as isakmp_version_check(); REVOKED,
 * meanwhile; NO_MEMORY.
 */
enum isakmp_reason isakmp_peer_known(struct ike_sa *ike)
{
	struct isakmp_enlist e = { .identity = isakmp_identity_new(ike->basis) };
	struct isakmp_sa *sa = isakmp_sa_of(ike);
	enum isakmp_reason why = ISAKMP_OK;

	if (!e.identity)
		return ISAKMP_R_NO_MEMORY;
	spin_lock_bh(&sa->in->sas.lock);
	if (sa->live) {
		isakmp_unique_leave(sa);	/* a message before this one was doubted */
		why = isakmp_version_check(sa->group, sa, ike->peer) ?:
		      isakmp_unique_check(sa->group, sa, ike->peer);
		if (!why && isakmp_unique_join(sa, &e))
			why = ISAKMP_R_NO_MEMORY;
	}
	spin_unlock_bh(&sa->in->sas.lock);
	kfree(e.identity);
	if (!why && isakmp_revoked_since(sa, sa->asked))
		why = ISAKMP_R_REVOKED;
	if (!why)
		isakmp_peer_recheck(sa, ike->peer);
	return why;
}

/**
 * isakmp_v1_elder - the connection that a new ISAKMP SA belongs to (version 1)
 * @ike: the SA of the new one; its peer and basis are known, and it is nobody's yet
 *
 * Context: Process; the SA's worker.
 * Return: its id, 0: there is none.
 */
u64 isakmp_v1_elder(struct ike_sa *ike)
{
	struct isakmp_sa *sa = isakmp_sa_of(ike);
	const struct isakmp_group *g;
	u64 id;

	spin_lock_bh(&sa->in->sas.lock);
	g = find(sa->in, ike->peer->name);
	id = g ? isakmp_unique_elder(g, sa) : 0;
	spin_unlock_bh(&sa->in->sas.lock);
	return id;
}

/**
 * isakmp_v1_stand - an SA is about to be a connection (version 1)
 * @ike: the SA; its peer is known
 *
 * Context: Process; the SA's worker.
 * Return: id of the one that it belongs to; 0: there is none, others belong to it from now on.
 */
u64 isakmp_v1_stand(struct ike_sa *ike)
{
	struct isakmp_sa *sa = isakmp_sa_of(ike);
	u64 id = 0;

	/* Others compare inner addresses */
	isakmp_sa_publish(sa);
	spin_lock_bh(&sa->in->sas.lock);
	if (sa->live)
		id = isakmp_unique_elder(sa->group, sa);
	sa->stands = true;
	spin_unlock_bh(&sa->in->sas.lock);
	return id;
}

/* Must hold sas.lock.  Without a policy, or room, it stays where it is. */
static bool pass_on(struct isakmp_sa *heir, const struct ike_peer *peer, const char *child)
{
	unsigned int i;

	for (i = 0; i < peer->n_child; i++) {
		if (strcmp(peer->child[i]->name, child))
			continue;
		isakmp_peer_get(peer);
		return !isakmp_sa_start_child(heir, peer, peer->child[i], NULL);
	}
	return false;
}

/**
 * isakmp_group_bequeath - what was to be set up on an SA is, on another one (version 1)
 * @sa: the SA; it counts no more
 * @heir: the other one, live
 *
 * What could not go over is lost with @sa, as ever.
 *
 * Context: Any.  Must hold sas.lock.
 */
void isakmp_group_bequeath(struct isakmp_sa *sa, struct isakmp_sa *heir)
{
	const struct ike_peer *peer;
	struct isakmp_sa_claim *c, *next;

	lockdep_assert_held(&sa->in->sas.lock);
	if (!sa->live)
		return;
	isakmp_group_retire(sa);
	peer = isakmp_peer_by_name(sa->in, sa->group->name);
	list_for_each_entry_safe(c, next, &sa->claims, list) {
		if (has_claim(heir, c->name)) {
			list_del(&c->list);
			kfree(c);
		} else if (!c->stop && peer && pass_on(heir, peer, c->name)) {
			list_move_tail(&c->list, &heir->claims);
			WRITE_ONCE(heir->unsynced, true);
		}
	}
	isakmp_peer_put(peer);
}

/**
 * isakmp_contact_is_initial - is there no other SA of this peer?
 * @ike: the SA; of a responder the peer is known
 *
 * RFC 7296, 2.4: to be said only by who is the only one of its identity; nothing is
 * said where the operator allows several.  An initiator does not know yet whose it will be.
 *
 * Context: Process; the SA's worker.
 * Return: whether to say so.
 */
bool isakmp_contact_is_initial(struct ike_sa *ike)
{
	struct isakmp_sa *sa = isakmp_sa_of(ike);
	bool alone;

	if (ike->replaces || ike->peer->unique == IKE_UNIQUE_NEVER)
		return false;
	spin_lock_bh(&sa->in->sas.lock);
	alone = sa->live && (sa->initiator ? sa->group->n == 1 : isakmp_unique_is_alone(sa));
	spin_unlock_bh(&sa->in->sas.lock);
	return alone;
}

/* ---- namespace ----------------------------------------------------------- */

/**
 * isakmp_group_net_init - nobody belongs to anybody
 * @in: namespace
 *
 * Context: Process.
 * Return: 0 or -errno.
 */
int isakmp_group_net_init(struct isakmp_net *in)
{
	int err = rhashtable_init(&in->sas.groups, &params);

	if (err)
		return err;
	err = isakmp_unique_net_init(in);
	if (err)
		rhashtable_destroy(&in->sas.groups);
	return err;
}

static void free_left(void *ptr, void *arg)
{
	kfree(ptr);
}

/**
 * isakmp_group_net_exit - the table goes; nobody is in it
 * @in: namespace
 *
 * Context: Process.
 */
void isakmp_group_net_exit(struct isakmp_net *in)
{
	isakmp_unique_net_exit(in);
	/* Those that only remember which version was spoken */
	rhashtable_free_and_destroy(&in->sas.groups, free_left, NULL);
}
