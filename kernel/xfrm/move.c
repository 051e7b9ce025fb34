// SPDX-License-Identifier: GPL-2.0
/*
 * A child SA follows the path of its IKE SA.
 *
 * Other ports: the encapsulation of both states changes in place, as in
 * xfrm_state_update().  Other addresses: they are what a state is found by, so
 * there is a new one with the same keys.  It must go on where the old one was: a
 * sequence number is the IV of AEADs and counter mode, and a replay window that
 * forgets lets old packets in.  Therefore
 *
 *	build all			everything that may fail for lack of memory
 *	for each of them
 *	  the old one leaves XFRM	no number is taken from it any more
 *	  its numbers and windows, its age and its counters into the new one
 *	  the new one enters
 *	policies			templates of the new addresses
 *
 * Packets of the microseconds in between are dropped.
 */
#include <net/xfrm.h>
#include "net/sa.h"
#include "xfrm/inner.h"

/* Also makes cached bundles look again: a rule may route by ports. */
static void isakmp_move_encap(struct xfrm_state *x, const struct isakmp_path *path, bool out)
{
	struct net *net = xs_net(x);

	spin_lock_bh(&x->lock);
	isakmp_state_encap(x->encap, path, out);
	spin_lock(&net->xfrm.xfrm_state_lock);
	x->genid++;
	spin_unlock(&net->xfrm.xfrm_state_lock);
	spin_unlock_bh(&x->lock);
}

/*
 * What a state has counted, and up to where; nothing is counted by @old any more.  Limits
 * that were changed under way are not those of the child (life.c).
 */
static void isakmp_move_counts(struct xfrm_state *x, struct xfrm_state *old)
{
	size_t len;

	spin_lock_bh(&old->lock);
	x->lft = old->lft;
	x->curlft = old->curlft;
	x->stats = old->stats;
	x->lastused = old->lastused;
	x->replay = old->replay;
	x->preplay = old->preplay;
	if (old->replay_esn) {
		len = xfrm_replay_state_esn_len(old->replay_esn);
		memcpy(x->replay_esn, old->replay_esn, len);
		memcpy(x->preplay_esn, old->preplay_esn, len);
	}
	spin_unlock_bh(&old->lock);
}

/* @x is ours no more, whatever the answer.  Must hold @mutex. */
static int isakmp_move_state(struct isakmp_half *h, struct xfrm_state *x)
{
	struct xfrm_state *old = h->x;
	int err;

	if (isakmp_state_remove(h)) {
		isakmp_move_counts(x, old);
		err = isakmp_state_insert(h, x);
	} else {
		err = -ESRCH;	/* someone else was first: that is a loss */
		WRITE_ONCE(h->x, NULL);
		isakmp_state_drop(x);
	}
	isakmp_state_drop(old);
	return err;
}

/* Of @x, by enum isakmp_half_of, all are ours no more. */
static enum isakmp_reason isakmp_move_commit(struct isakmp_xfrm *child,
					     const struct isakmp_ends *ends,
					     struct xfrm_state *x[ISAKMP_HALVES])
{
	struct isakmp_xfrm_net *xn = &child->in->xfrm;
	unsigned int i;
	int err = 0;

	mutex_lock(&xn->mutex);
	/* An acquire of a packet in between is no loss. */
	set_bit(ISAKMP_TOLD_LOST, &child->told);
	child->owner.ends = *ends;
	for (i = 0; i < ISAKMP_HALVES; i++) {
		if (!x[i])
			continue;
		if (err)
			isakmp_state_drop(x[i]);
		else
			err = isakmp_move_state(&child->half[i], x[i]);
	}
	/* What fails here is repaired soon. */
	isakmp_policy_update(&child->owner);
	isakmp_part_move(child, ends);
	clear_bit(ISAKMP_TOLD_LOST, &child->told);
	mutex_unlock(&xn->mutex);
	return !err && isakmp_xfrm_alive(child) ? ISAKMP_OK : ISAKMP_R_XFRM_STATE;
}

static enum isakmp_reason isakmp_move_states(struct isakmp_xfrm *child, struct ike_sa *sa,
					     const struct ike_child *c,
					     const struct isakmp_ends *ends)
{
	struct isakmp_state_plan plan = { .sa = sa, .c = c, .ends = ends };
	struct xfrm_state *x[ISAKMP_HALVES] = {};
	unsigned int i;
	int err;

	for (i = 0; i < ISAKMP_HALVES; i++) {
		if (!isakmp_xfrm_has(child, i))
			continue;
		isakmp_xfrm_plan(&plan, i);
		plan.old = child->half[i].x;
		x[i] = isakmp_state_build(&child->half[i], &plan);
		if (IS_ERR(x[i]))
			break;
	}
	if (i == ISAKMP_HALVES)
		return isakmp_move_commit(child, ends, x);
	err = PTR_ERR(x[i]);
	while (i--)
		if (x[i])
			isakmp_state_drop(x[i]);
	return isakmp_xfrm_reason(err, ISAKMP_R_XFRM_STATE);
}

static bool isakmp_move_same_ends(const struct isakmp_ends *a, const struct isakmp_ends *b)
{
	return a->family == b->family &&
	       !memcmp(&a->local, &b->local, sizeof(a->local)) &&
	       !memcmp(&a->remote, &b->remote, sizeof(a->remote));
}

/**
 * isakmp_child_move() - the IKE SA has another path: take a child along
 * @sa: the IKE SA, on its new path
 * @c: its child
 *
 * In transport mode the addresses are those of the packets (RFC 4555, 1.2 leaves it
 * out as well): another one is another child.
 *
 * Context: process, the worker of @sa.
 * Return: OK; XFRM_STATE: the child is lost; NO_MEMORY: it is where it was.
 */
enum isakmp_reason isakmp_child_move(struct ike_sa *sa, struct ike_child *c)
{
	struct isakmp_xfrm *child = c->xfrm;
	struct isakmp_ends ends;

	if (!child || !isakmp_xfrm_alive(child))
		return ISAKMP_R_XFRM_STATE;
	WRITE_ONCE(child->ifindex, sa->path.ifindex);
	WRITE_ONCE(child->mark, sa->path.mark);
	isakmp_xfrm_ends(&ends, &sa->path.local, &sa->path.remote);
	if (isakmp_move_same_ends(&ends, &child->owner.ends) &&
	    sa->encap == !!child->half[ISAKMP_HALF_IN].x->encap) {
		if (sa->encap) {
			isakmp_move_encap(child->half[ISAKMP_HALF_IN].x, &sa->path, false);
			isakmp_move_encap(child->half[ISAKMP_HALF_OUT].x, &sa->path, true);
		}
		return ISAKMP_OK;
	}
	if (child->owner.mode != XFRM_MODE_TUNNEL)
		return ISAKMP_R_XFRM_STATE;
	return isakmp_move_states(child, sa, c, &ends);
}
