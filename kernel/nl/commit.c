// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a staged store the one in force.
 *
 * Both are compared object by object, by key: a peer that compiles to what is
 * published, with the same auth objects, keeps its compiled form and generation,
 * and nobody hears of it.
 */
#include <linux/sched.h>
#include "ike/seam.h"
#include "netns.h"
#include "nl/change.h"
#include "nl/compile.h"
#include "nl/inherit.h"
#include "nl/kind.h"
#include "nl/txn.h"

static struct isakmp_object *counterpart(struct isakmp_store *s, const struct isakmp_object *o)
{
	struct isakmp_key key;

	isakmp_kind(o->kind)->key(o->c.spec, &key);
	return isakmp_store_find(s, o->kind, &key);
}

static bool auth_differs(const struct isakmp_object *a, const struct isakmp_object *b)
{
	const struct isakmp_kind_ops *ops = isakmp_kind(ISAKMP_KIND_AUTH);
	const struct isakmp_auth_spec *x, *y;
	size_t skip = offsetofend(struct isakmp_auth_spec, peer), n;

	if (!a || !b)
		return a != b;
	x = a->c.spec;
	y = b->c.spec;
	n = ops->size(x);
	/* The name may be the template's in one, the peer's in the other. */
	return n != ops->size(y) || memcmp((void *)x + skip, (void *)y + skip, n - skip);
}

/* What the helper decides on is not compiled. */
static u8 auths_differ(const struct isakmp_object *a, const struct isakmp_object *b)
{
	u8 sides = 0, side;

	for (side = ISAKMP_SIDE_LOCAL; side <= ISAKMP_SIDE_REMOTE; side++)
		if (auth_differs(isakmp_inherit_auth(a, side, NULL),
				 isakmp_inherit_auth(b, side, NULL)))
			sides |= BIT(side);
	return sides;
}

static int commit_peer(struct isakmp_net *in, struct isakmp_store *new,
		       struct isakmp_object *o, struct isakmp_change *ch,
		       struct netlink_ext_ack *extack)
{
	struct isakmp_object *twin = isakmp_store_twin(new, o);
	const struct isakmp_peer_spec *v;

	if (twin) {
		v = twin->c.spec;
		return isakmp_refuse_name(extack, NULL, -EEXIST,
					  "two peers have the same addresses and remote identity",
					  v->name);
	}
	return isakmp_change_peer(in, ch, o, NULL, o->was ? auths_differ(o, o->was) : 0, NULL,
				  extack);
}

/* Templates first: the others are compiled from them. */
static int commit_peers(struct isakmp_net *in, struct isakmp_store *old,
			struct isakmp_store *new, struct isakmp_change *ch,
			struct netlink_ext_ack *extack)
{
	struct isakmp_object *o;
	unsigned long serial;
	int err, pass;

	xa_for_each(&old->all[ISAKMP_KIND_PEER - 1], serial, o)
		if (!counterpart(new, o))
			isakmp_change_drop_peer(ch, o);
	xa_for_each(&new->all[ISAKMP_KIND_PEER - 1], serial, o)
		o->was = counterpart(old, o);
	for (pass = 0; pass < 2; pass++) {
		xa_for_each(&new->all[ISAKMP_KIND_PEER - 1], serial, o) {
			if (isakmp_is_template(o) == pass)
				continue;
			err = commit_peer(in, new, o, ch, extack);
			if (err)
				return err;
			cond_resched();
		}
	}
	return 0;
}

static void commit_listens(struct isakmp_store *old, struct isakmp_store *new,
			   struct isakmp_change *ch)
{
	struct isakmp_object *o;
	unsigned long serial;

	xa_for_each(&new->all[ISAKMP_KIND_LISTEN - 1], serial, o)
		if (!counterpart(old, o))
			list_add_tail(&o->change, &ch->open);
	xa_for_each(&old->all[ISAKMP_KIND_LISTEN - 1], serial, o)
		if (!counterpart(new, o))
			list_add_tail(&o->change, &ch->close);
}

/* Nobody comes back by a ticket that stands on what is no more. */
static void commit_revoke(struct isakmp_net *in, struct isakmp_store *old,
			 struct isakmp_store *new)
{
	size_t (*size)(const void *spec) = isakmp_kind(ISAKMP_KIND_CRED)->size;
	const struct isakmp_object *now;
	struct isakmp_object *o;
	unsigned long serial;

	xa_for_each(&old->all[ISAKMP_KIND_CRED - 1], serial, o) {
		now = counterpart(new, o);
		if (!now || size(now->c.spec) != size(o->c.spec) ||
		    memcmp(now->c.spec, o->c.spec, size(o->c.spec)))
			isakmp_change_cred(in, o);
	}
}

/* Not committed: the staged store forgets the one in force. */
static void commit_undo(struct isakmp_net *in, struct isakmp_store *new,
			struct isakmp_change *ch)
{
	struct isakmp_object *o;
	unsigned long serial;

	isakmp_change_abort(in, ch);
	xa_for_each(&new->all[ISAKMP_KIND_PEER - 1], serial, o)
		o->was = NULL;
}

/* The change is made: what was equal moves over. */
static void commit_swap(struct isakmp_net *in, struct isakmp_store *new)
{
	struct isakmp_store *old = in->config.store;
	struct isakmp_object *o;
	unsigned long serial;

	xa_for_each(&new->all[ISAKMP_KIND_PEER - 1], serial, o) {
		if (o->was) {
			o->live = o->was->live;
			o->was->live = NULL;
			o->was = NULL;
		}
	}
	new->seq = old->seq;
	isakmp_store_changed(new);
	in->config.store = new;
	isakmp_store_free(old);
}

/**
 * isakmp_commit() - make a staged store the one in force
 * @in: the namespace
 * @new: the staged store; on success (and not @check) the namespace owns it
 * @check: only see whether it would do.  Ports and policies that someone else has
 *	are found out only by taking them
 * @keep: the SAs of peers that are not in it stay
 * @extack: told why not
 *
 * Context: process.  Must hold config.lock.
 * Return: 0; or -errno, and everything is as it was.
 */
int isakmp_commit(struct isakmp_net *in, struct isakmp_store *new, bool check, bool keep,
		  struct netlink_ext_ack *extack)
{
	struct isakmp_store *old = in->config.store;
	struct isakmp_change ch;
	int err;

	lockdep_assert_held(&in->config.lock);
	isakmp_change_init(&ch, keep);
	commit_listens(old, new, &ch);
	err = commit_peers(in, old, new, &ch, extack);
	if (!err)
		err = isakmp_change_check(in, &ch, NULL, extack);
	if (!err && !check)
		err = isakmp_change_run(in, &ch, extack);
	if (err || check) {
		commit_undo(in, new, &ch);
		return err;
	}
	commit_revoke(in, old, new);
	isakmp_change_finish(&ch);
	commit_swap(in, new);
	return 0;
}
