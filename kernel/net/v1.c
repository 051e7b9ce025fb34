// SPDX-License-Identifier: GPL-2.0
/*
 * Version 1: a new ISAKMP SA of a peer that has a connection already becomes one of it.
 *
 * It was set up as an IKE SA of its own, as nobody knew whose it would be.  What goes over is
 * its door and what the engine keeps of it (struct v1_phase1, in a copy of its epoch); the IKE
 * SA that is left has nothing and ends.
 *
 * So does one of our own, when the peer has begun one at once: whichever comes up second joins
 * the first (isakmp_v1_stand()), at each end for itself, and what was to be set up on it is set
 * up there.
 *
 * The door.  One with the same cookie, which leads to the connection, takes the old one's
 * place in the table in one step (rhashtable_replace_fast()) under sas.lock: a look-up finds
 * one of both, never none.  Who has found the old door holds a reference to the SA it leads
 * to, or is inside RCU on its way to one; the old door is part of that SA, or is freed a
 * grace period later.  What such a late one delivers lies in the old inbox, and is passed on
 * by the worker that empties it (isakmp_inbox_drop()); what it delivers to an SA that is dead
 * by then is lost, and the peer repeats it.
 *
 * The heir.  It is found by its id with a reference.  Only one that is live takes something,
 * and that changes under sas.lock: an SA that ends is retired first, then taken out of the
 * tables with all of its doors, then marked dead.  So one that is live while we hold the lock
 * gets the door before its doors are closed and what we hand over before its last look at
 * what waits for it: nothing is left behind.  What waits comes before packets, so that what
 * came by the new door finds its ISAKMP SA.
 *
 * The peer object.  Who changes it publishes it, then has all SAs of it look; what is handed over
 * is by the object as the helper saw it, and a new SA of the peer's is not one of these yet.  So
 * the heir looks at it again, after it has what was handed over.
 */
#include <linux/slab.h>
#include "ike/seam.h"
#include "net/unique.h"
#include "netns.h"

static void take_free(struct isakmp_take *t)
{
	isakmp_peer_put(t->ike.peer);
	kfree(t->ike.ep->door);
	/* What it points to is still the old one's. */
	isakmp_free(t->ike.ep);
	kfree(t);
}

/* What @heir gets: a copy of the epoch, with a door that is closed yet. */
static struct isakmp_take *take_new(struct isakmp_sa *heir, const struct ike_sa *ike,
				    const struct ike_epoch *ep)
{
	struct isakmp_take *t = kzalloc(sizeof(*t), GFP_KERNEL);
	struct ike_epoch *copy = isakmp_alloc(sizeof(*copy));
	struct isakmp_door *d = kzalloc(sizeof(*d), GFP_KERNEL);

	if (!t || !copy || !d) {
		kfree(d);
		isakmp_free(copy);
		kfree(t);
		return NULL;
	}
	d->spi = ep->door->spi;
	isakmp_door_init(d, heir, ep->initiator);
	*copy = *ep;
	copy->next = NULL;
	copy->door = d;
	t->ike.ep = copy;
	t->ike.path = ike->path;
	t->ike.nat = (struct ike_nat){ ike->natt, ike->nat_local, ike->nat_remote };
	t->ike.encap = ike->encap;
	t->ike.last_in = ike->last_in;
	t->ike.until_at = ike->until_at;
	t->ike.reauth_at = ike->reauth_at;
	isakmp_peer_get(ike->peer);
	t->ike.peer = ike->peer;
	t->ike.allowed = ike->allowed;
	return t;
}

static enum isakmp_reason give(struct isakmp_sa *sa, struct isakmp_sa *heir,
			       struct isakmp_door *old, struct isakmp_take *t)
{
	enum isakmp_reason why = ISAKMP_R_NO_SA;

	spin_lock_bh(&heir->in->sas.lock);
	if (heir->live && !isakmp_sa_post_take(heir, old, t)) {
		isakmp_group_bequeath(sa, heir);
		why = ISAKMP_OK;
	}
	spin_unlock_bh(&heir->in->sas.lock);
	return why;
}

/**
 * isakmp_v1_hand_over - an ISAKMP SA becomes one of another connection
 * @ike: the SA that it was set up as
 * @ep: its epoch; has neither door nor struct v1_phase1 afterwards, when OK is returned
 * @id: what isakmp_v1_elder() or isakmp_v1_stand() has said
 *
 * Context: Process; the SA's worker.
 * Return: OK; NO_SA, that one ends; NO_MEMORY.
 */
enum isakmp_reason isakmp_v1_hand_over(struct ike_sa *ike, struct ike_epoch *ep, u64 id)
{
	struct isakmp_sa *sa = isakmp_sa_of(ike), *heir = isakmp_sa_get_id(sa->in, id);
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;
	struct isakmp_take *t;

	if (!heir)
		return ISAKMP_R_NO_SA;
	t = take_new(heir, ike, ep);
	if (t) {
		t->asked = sa->asked;
		/* Before: the heir may be quick */
		swap(t->ike.basis, ike->basis);
		why = give(sa, heir, ep->door, t);
		if (why)
			swap(t->ike.basis, ike->basis);
		if (why)
			take_free(t);
	}
	if (why) {
		isakmp_sa_put(heir);
		return why;
	}
	/* Who changed its peer object meanwhile may have looked for this SA in vain */
	isakmp_peer_recheck(heir, ike->peer);
	isakmp_sa_put(heir);
	sa->heir = id;
	ep->v1 = NULL;
	isakmp_door_close(ike, ep);
	return ISAKMP_OK;
}
