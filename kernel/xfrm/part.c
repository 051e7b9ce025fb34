// SPDX-License-Identifier: GPL-2.0
/*
 * A successor of another protocol, or with IPComp where there was none.
 *
 * While a child takes the place of another one packets come in through both, and of one
 * selector XFRM has one inbound policy, whose templates are of one of them.  What comes
 * in through the new one meanwhile gets a mark, and by that mark meets policies of its
 * own:
 *
 *	begin	policies for the mark, inbound; then the new one's states, which set it
 *	...	what goes out takes the one or the other, as ever; the inbound policies
 *		without the mark are those of the old one
 *	settle	the old one goes: these are the new one's; the mark is no more set; the
 *		policies for it go
 *
 * At each step every packet of either meets its templates, and none in the clear passes.
 * A policy without a mark takes what has one: who is late finds it.
 *
 * Not where packets have a mark for their policies anyhow: rules may look at all of it.
 */
#include <net/xfrm.h>
#include "net/sa.h"
#include "xfrm/inner.h"

#define ISAKMP_PART_MARK	0x80000000U

static bool isakmp_part_differs(const struct isakmp_owner *a, const struct isakmp_owner *b)
{
	return a->proto != b->proto || a->mode != b->mode || a->comp != b->comp;
}

/* Are there inbound policies of another child in the way?  Must hold @mutex. */
static bool isakmp_part_needed(const struct isakmp_owner *o)
{
	const struct isakmp_owner *in;
	unsigned int i;

	for (i = 0; i < o->n; i++) {
		if (list_empty(&o->claim[i].policy->claims))
			continue;
		in = isakmp_policy_receiver(o->claim[i].policy);
		if (in != o && in->spi && !in->apart && isakmp_part_differs(in, o))
			return true;
	}
	return false;
}

/**
 * isakmp_part_begin() - a child gets inbound policies of its own, if it needs them
 * @child: its policies are claimed; no state is there yet
 * @c: the child
 *
 * If that fails it is as if it needed none: some packets are lost, none gets in.
 *
 * Context: process, the worker of its IKE SA.
 */
void isakmp_part_begin(struct isakmp_xfrm *child, const struct ike_child *c)
{
	struct mutex *mutex = &child->in->xfrm.mutex;
	struct isakmp_owner *side = &child->side;
	bool needed;
	int err;

	mutex_lock(mutex);
	needed = !child->owner.mark.m && isakmp_part_needed(&child->owner);
	mutex_unlock(mutex);
	if (!needed)
		return;
	*side = child->owner;
	side->n = 0;
	side->claim = NULL;
	side->only_in = true;
	side->mark.v = ISAKMP_PART_MARK;
	side->mark.m = ISAKMP_PART_MARK;
	err = isakmp_policy_claim(child->in, side, c->local, c->n_local, c->remote,
				  c->n_remote);
	mutex_lock(mutex);
	err = err ?: isakmp_policy_attach(side, false);
	if (err)
		isakmp_policy_release(side);
	child->owner.apart = !err;
	mutex_unlock(mutex);
}

/* What comes in through it meets the policies of all.  Must hold @mutex. */
static void isakmp_part_join(struct isakmp_xfrm *child)
{
	static const u8 halves[] = { ISAKMP_HALF_IN, ISAKMP_HALF_COMP_IN };
	struct xfrm_state *x;
	unsigned int i;

	child->owner.apart = false;
	for (i = 0; i < ARRAY_SIZE(halves); i++) {
		x = child->half[halves[i]].x;
		if (!x)
			continue;
		spin_lock_bh(&x->lock);
		x->props.smark = child->owner.mark;
		spin_unlock_bh(&x->lock);
	}
	isakmp_policy_release(&child->side);
}

/**
 * isakmp_part_settle() - an owner comes or goes: who needs policies of its own no more?
 * @o: a child's, attached; @leaving is set if it goes
 *
 * Must hold @mutex.
 *
 * Context: process.
 */
void isakmp_part_settle(struct isakmp_owner *o)
{
	struct isakmp_claim *c, *other;
	bool any = false;

	for (c = o->claim; c < o->claim + o->n; c++)
		list_for_each_entry(other, &c->policy->claims, list)
			any |= other->owner->apart && !other->owner->leaving;
	if (!any)
		return;
	isakmp_policy_update(o);
	for (c = o->claim; c < o->claim + o->n; c++)
		list_for_each_entry(other, &c->policy->claims, list)
			if (other->owner->apart && !other->owner->leaving &&
			    !isakmp_part_needed(other->owner))
				isakmp_part_join(isakmp_owner_child(other->owner));
}

/**
 * isakmp_part_move() - the same of a child whose path is another one
 * @child: what it has installed
 * @ends: where it is now
 *
 * Must hold @mutex.
 *
 * Context: process, the worker of its IKE SA.
 */
void isakmp_part_move(struct isakmp_xfrm *child, const struct isakmp_ends *ends)
{
	if (!child->owner.apart)
		return;
	child->side.ends = *ends;
	isakmp_policy_update(&child->side);
}

/**
 * isakmp_part_end() - a child goes
 * @child: what it had installed; its states are gone
 *
 * Context: process, the worker of its IKE SA.
 */
void isakmp_part_end(struct isakmp_xfrm *child)
{
	mutex_lock(&child->in->xfrm.mutex);
	isakmp_policy_release(&child->side);
	mutex_unlock(&child->in->xfrm.mutex);
}
