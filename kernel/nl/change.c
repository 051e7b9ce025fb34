// SPDX-License-Identifier: GPL-2.0
/*
 * A change of the configuration in force.
 *
 * First everything that can fail, in an order that can be undone: memory, then
 * sockets that open, then traps: what comes before what goes, so that a selector
 * that moves to another peer, or with its peer, is never without a policy.  From
 * then on nothing fails: the peers are published one by one, sockets close, and
 * net/ is told about each peer, so that it starts and stops what follows from the
 * change.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/printk.h>
#include <linux/sched.h>
#include "ike/seam.h"
#include "net/group.h"
#include "net/listen.h"
#include "net/start.h"
#include "net/unique.h"
#include "netns.h"
#include "nl/change.h"
#include "nl/compile.h"
#include "nl/store.h"
#include "xfrm/xfrm.h"

/**
 * isakmp_change_init() - nothing changes
 * @ch: the change
 * @keep: the SAs of peers that go stay
 *
 * Context: process.
 */
void isakmp_change_init(struct isakmp_change *ch, bool keep)
{
	INIT_LIST_HEAD(&ch->peers);
	INIT_LIST_HEAD(&ch->open);
	INIT_LIST_HEAD(&ch->close);
	ch->keep = keep;
}

/* Where the published peer hangs: in a commit, at the object it replaces. */
static struct isakmp_peer **live_of(struct isakmp_object *peer)
{
	return peer->was ? &peer->was->live : &peer->live;
}

/* A template stands for nobody. */
static const struct ike_peer *policy(const struct isakmp_peer *x)
{
	return x && !x->template ? &x->p : NULL;
}

static struct isakmp_peer *published(struct isakmp_peer *x)
{
	return policy(x) ? x : NULL;
}

static void drop(struct isakmp_peer *x)
{
	if (x)
		isakmp_peer_put(&x->p);
}

/**
 * isakmp_change_peer() - compile a peer; if it differs, it is part of the change
 * @in: the namespace
 * @ch: the change
 * @peer: the peer object; fine if it is part of the change already
 * @except: an auth or child object of it or its template to leave out, or NULL
 * @touched: not 0: it differs in what is not compiled
 * @blame: attribute to name in a refusal, or NULL
 * @extack: told why not
 *
 * Context: process.  Must hold config.lock.
 * Return: 0 or -errno.
 */
int isakmp_change_peer(struct isakmp_net *in, struct isakmp_change *ch,
		       struct isakmp_object *peer, const struct isakmp_object *except,
		       u8 touched, const struct nlattr *blame,
		       struct netlink_ext_ack *extack)
{
	struct isakmp_peer *old = *live_of(peer), *fresh;

	lockdep_assert_held(&in->config.lock);
	if (!list_empty(&peer->change))
		return 0;
	fresh = isakmp_compile(in, peer, except, blame, extack);
	if (IS_ERR(fresh))
		return PTR_ERR(fresh);
	if (old && !touched && isakmp_compile_same(old, fresh)) {
		drop(fresh);
		return 0;
	}
	peer->fresh = fresh;
	list_add_tail(&peer->change, &ch->peers);
	return 0;
}

/* The sides that @peer takes from its template. */
static u8 sides_taken(const struct isakmp_object *peer)
{
	u8 sides = 0, side;

	for (side = ISAKMP_SIDE_LOCAL; side <= ISAKMP_SIDE_REMOTE; side++)
		if (!peer->auth[side - 1])
			sides |= BIT(side);
	return sides;
}

/**
 * isakmp_change_family() - the same for a peer and those who have it as template
 * @in: the namespace
 * @ch: the change
 * @peer: the peer object
 * @except: an auth or child object of it to leave out, or NULL
 * @touched: BIT(side) of each side whose auth object differs
 * @blame: attribute to name in a refusal, or NULL
 * @extack: told why not
 *
 * Context: process.  Must hold config.lock.
 * Return: 0 or -errno.
 */
int isakmp_change_family(struct isakmp_net *in, struct isakmp_change *ch,
			 struct isakmp_object *peer, const struct isakmp_object *except,
			 u8 touched, const struct nlattr *blame,
			 struct netlink_ext_ack *extack)
{
	const struct isakmp_ref *ref;
	int err;

	err = isakmp_change_peer(in, ch, peer, except, touched, blame, extack);
	list_for_each_entry(ref, &peer->refs, node) {
		if (err)
			break;
		err = isakmp_change_peer(in, ch, ref->from, except,
					 touched & sides_taken(ref->from), blame, extack);
		cond_resched();
	}
	return err;
}

/**
 * isakmp_change_cred() - a cred is another one now, or goes
 * @in: the namespace
 * @cred: the object; its name counts
 *
 * What stands on it the helper looks at, but for tickets: these count no more.
 *
 * Context: process.
 */
void isakmp_change_cred(struct isakmp_net *in, const struct isakmp_object *cred)
{
	const struct isakmp_cred_spec *v = cred->c.spec;
	const struct isakmp_revoke what = { .cred = v->name };

	isakmp_ticket_revoke(in, &what, false);
}

static int refuse_pair(const struct isakmp_peer *peer, const struct isakmp_pair *other,
		       const struct nlattr *blame, struct netlink_ext_ack *extack)
{
	if (other->peer == peer)
		return isakmp_refuse_name(extack, blame, -EEXIST,
					  "two children of one peer have the same selectors",
					  peer->p.child[other->child]->name);
	return isakmp_refuse_name(extack, blame, -EEXIST,
				  "a child of another peer has these selectors, peer",
				  other->peer->p.name);
}

/**
 * isakmp_change_check() - what cannot be seen of one peer alone
 * @in: the namespace
 * @ch: the change, complete; the caller will run or abort it
 * @blame: attribute to name in a refusal, or NULL
 * @extack: told why not
 *
 * No two children may have a pair of selectors in common.
 *
 * Context: process.  Must hold config.lock.
 * Return: 0 or -EEXIST.
 */
int isakmp_change_check(struct isakmp_net *in, struct isakmp_change *ch,
			const struct nlattr *blame, struct netlink_ext_ack *extack)
{
	const struct isakmp_pair *other;
	struct isakmp_object *o;

	lockdep_assert_held(&in->config.lock);
	list_for_each_entry(o, &ch->peers, change)
		if (*live_of(o))
			isakmp_pairs_unlink(in, *live_of(o));
	list_for_each_entry(o, &ch->peers, change) {
		other = policy(o->fresh) ? isakmp_pairs_link_new(in, o->fresh) : NULL;
		if (other)
			return refuse_pair(o->fresh, other, blame, extack);
		cond_resched();
	}
	return 0;
}

/**
 * isakmp_change_drop_peer() - a peer goes
 * @ch: the change
 * @peer: the peer object
 *
 * Context: process.
 */
void isakmp_change_drop_peer(struct isakmp_change *ch, struct isakmp_object *peer)
{
	list_add_tail(&peer->change, &ch->peers);
}

static void forget(struct list_head *list)
{
	struct isakmp_object *o, *tmp;

	list_for_each_entry_safe(o, tmp, list, change)
		list_del_init(&o->change);
}

/**
 * isakmp_change_finish() - the change is made, and no longer looked at
 * @ch: the change
 *
 * Context: process.
 */
void isakmp_change_finish(struct isakmp_change *ch)
{
	forget(&ch->peers);
	forget(&ch->open);
	forget(&ch->close);
}

/**
 * isakmp_change_abort() - the change will not be made, or failed
 * @in: the namespace
 * @ch: the change
 *
 * Context: process.  Must hold config.lock.
 */
void isakmp_change_abort(struct isakmp_net *in, struct isakmp_change *ch)
{
	struct isakmp_object *o;

	lockdep_assert_held(&in->config.lock);
	list_for_each_entry(o, &ch->peers, change) {
		if (!o->fresh)
			continue;
		isakmp_pairs_unlink(in, o->fresh);
		isakmp_peers_unprepare(o->fresh);
		drop(o->fresh);
		o->fresh = NULL;
	}
	list_for_each_entry(o, &ch->peers, change)
		if (policy(*live_of(o)))
			isakmp_pairs_link(in, *live_of(o));
	isakmp_change_finish(ch);
}

/* ---- sockets ------------------------------------------------------------- */

static const char *listen_dev(const struct isakmp_listen_spec *l)
{
	return l->dev[0] ? l->dev : NULL;
}

static void listens_close(struct isakmp_net *in, struct list_head *list,
			  const struct isakmp_object *until)
{
	const struct isakmp_listen_spec *l;
	const struct isakmp_object *o;

	list_for_each_entry(o, list, change) {
		if (o == until)
			return;
		l = o->c.spec;
		isakmp_listen_del(in, listen_dev(l), &l->addr);
	}
}

static int listens_open(struct isakmp_net *in, struct list_head *list,
			struct netlink_ext_ack *extack)
{
	const struct isakmp_listen_spec *l;
	const struct isakmp_object *o;
	int err;

	list_for_each_entry(o, list, change) {
		l = o->c.spec;
		err = isakmp_listen_add(in, listen_dev(l), &l->addr, extack);
		if (err) {
			listens_close(in, list, o);
			return err;
		}
	}
	return 0;
}

/* ---- traps --------------------------------------------------------------- */

/* Has @b a trap of this name? */
static bool has_trap(const struct ike_peer *b, const char *child)
{
	unsigned int i;

	for (i = 0; b && i < b->n_child; i++)
		if (!strcmp(b->child[i]->name, child))
			return b->child[i]->start == IKE_START_TRAP;
	return false;
}

/* Takes away what @a has and @b has not, of the first @n children of @a. */
static void traps_del(struct isakmp_net *in, const struct ike_peer *a,
		      const struct ike_peer *b, unsigned int n)
{
	unsigned int i;

	for (i = 0; a && i < n && i < a->n_child; i++)
		if (a->child[i]->start == IKE_START_TRAP && !has_trap(b, a->child[i]->name))
			isakmp_trap_del(in, a->name, a->child[i]->name);
}

/*
 * Sets the traps of @a, in place of those of these names: also when nothing
 * differs, for a trap knows its peer as it was compiled.  *@n is the child that
 * failed.
 */
static int traps_add(struct isakmp_net *in, const struct ike_peer *a, unsigned int *n,
		     struct netlink_ext_ack *extack)
{
	int err;

	for (*n = 0; a && *n < a->n_child; ++*n) {
		if (a->child[*n]->start != IKE_START_TRAP)
			continue;
		err = isakmp_trap_add(in, a, a->child[*n], extack);
		if (err)
			return err;
	}
	return 0;
}

/* Child @n of @failed could not be added: back to how it was. */
static void traps_undo(struct isakmp_net *in, struct isakmp_change *ch,
		       struct isakmp_object *failed, unsigned int n)
{
	struct isakmp_object *o;
	unsigned int i;

	list_for_each_entry(o, &ch->peers, change) {
		if (traps_add(in, policy(*live_of(o)), &i, NULL))
			pr_err("trap %s of peer %s is lost: it could not be put back\n",
			       (*live_of(o))->p.child[i]->name, (*live_of(o))->p.name);
		if (o == failed)
			break;
	}
	list_for_each_entry(o, &ch->peers, change) {
		traps_del(in, policy(o->fresh), policy(*live_of(o)), o == failed ? n : UINT_MAX);
		if (o == failed)
			break;
	}
}

static int traps_switch(struct isakmp_net *in, struct isakmp_change *ch,
			struct netlink_ext_ack *extack)
{
	struct isakmp_object *o;
	unsigned int n;
	int err;

	list_for_each_entry(o, &ch->peers, change) {
		err = traps_add(in, policy(o->fresh), &n, extack);
		if (err) {
			traps_undo(in, ch, o, n);
			return err;
		}
		cond_resched();
	}
	list_for_each_entry(o, &ch->peers, change)
		traps_del(in, policy(*live_of(o)), policy(o->fresh), UINT_MAX);
	return 0;
}

/* Memory for publishing, which cannot fail then. */
static int peers_prepare(struct isakmp_net *in, struct isakmp_change *ch)
{
	struct isakmp_object *o;
	int err = 0;

	list_for_each_entry(o, &ch->peers, change) {
		if (policy(o->fresh))
			err = isakmp_peers_prepare(in, o->fresh);
		if (err)
			break;
	}
	return err;
}

/* ---- all ----------------------------------------------------------------- */

static void publish(struct isakmp_net *in, const struct isakmp_change *ch,
		    struct isakmp_object *o)
{
	struct isakmp_peer *old = published(*live_of(o)), *new = published(o->fresh);

	if (ch->keep && old && !new)
		isakmp_group_keep(in, &old->p);
	isakmp_peers_publish(in, old, new);
}

/**
 * isakmp_change_run() - make the change
 * @in: the namespace
 * @ch: the change; the caller will finish or abort it
 * @extack: told why not
 *
 * Context: process.  Must hold config.lock.
 * Return: 0; or -errno, and everything is as it was.
 */
int isakmp_change_run(struct isakmp_net *in, struct isakmp_change *ch,
		      struct netlink_ext_ack *extack)
{
	struct isakmp_peer **live;
	struct isakmp_object *o;
	int err;

	lockdep_assert_held(&in->config.lock);
	err = list_empty(&ch->peers) ? 0 : isakmp_peers_alloc(in);
	if (!err)
		err = peers_prepare(in, ch);
	if (!err)
		err = listens_open(in, &ch->open, extack);
	if (err)
		return err;
	err = traps_switch(in, ch, extack);
	if (err) {
		listens_close(in, &ch->open, NULL);
		return err;
	}
	list_for_each_entry(o, &ch->peers, change)
		publish(in, ch, o);
	listens_close(in, &ch->close, NULL);
	list_for_each_entry(o, &ch->peers, change) {
		live = live_of(o);
		isakmp_start_peer(in, policy(*live), policy(o->fresh));
		cond_resched();
		drop(*live);
		*live = NULL;
		o->live = o->fresh;
		o->fresh = NULL;
		o->was = NULL;
	}
	return 0;
}
