// SPDX-License-Identifier: GPL-2.0
/*
 * Inner addresses that peers have of us.
 *
 * The helper chooses them; here is what makes sure that no two peers have one: a
 * table of those that SAs hold, which the helper's answer must get past.  A lease
 * belongs to a peer object and an identity.  Another SA of both may hold it, too, if
 * it asks for this very address, or if the first has to go for it (key "unique"): it
 * takes the place of the first, which keeps it to its own end (make before break).
 * In version 1 so does one that comes from the same address and port: both ends have begun
 * at once, and the two become one, if they have the same inner address.
 *
 * An SA holds its leases from the moment its question is answered until it ends; the
 * end withdraws the question first, so that none is entered afterwards.  In version 1 a
 * peer may ask again: it has what it had, as there may be children for that.
 */
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include "ike/seam.h"
#include "netns.h"

/**
 * struct isakmp_lease - an inner address that is held
 * @node: in leases.by_addr
 * @rcu: for freeing: the table is resized under RCU
 * @addr: the address
 * @n: SAs that hold it
 * @v1: the first of them speaks version 1
 * @at: where that was seen first
 * @port: and the port
 * @peer: name of their peer object
 * @id_len: octets of @id
 * @id: their identity
 */
struct isakmp_lease {
	struct rhash_head node;
	struct rcu_head rcu;
	struct isakmp_addr addr;
	unsigned int n;
	bool v1;
	struct isakmp_addr at;
	u16 port;
	char peer[ISAKMP_NAME_MAX + 1];
	size_t id_len;
	u8 id[];
};

static const struct rhashtable_params params = {
	.key_len = sizeof_field(struct isakmp_lease, addr),
	.key_offset = offsetof(struct isakmp_lease, addr),
	.head_offset = offsetof(struct isakmp_lease, node),
	.automatic_shrinking = true,
};

static struct isakmp_lease *lease_new(const struct isakmp_sa *sa, const struct isakmp_addr *a,
				      const char *peer, const struct ike_span *id)
{
	struct isakmp_lease *l = kzalloc(struct_size(l, id, id->len), GFP_KERNEL_ACCOUNT);

	if (!l)
		return NULL;
	l->addr = *a;
	l->v1 = sa->v1;
	l->at = sa->first.path.remote;
	l->port = sa->first.path.rport;
	strscpy(l->peer, peer, sizeof(l->peer));
	l->id_len = id->len;
	memcpy(l->id, id->p, id->len);
	return l;
}

static bool same_holder(const struct isakmp_lease *a, const struct isakmp_lease *b)
{
	return !strcmp(a->peer, b->peer) && a->id_len == b->id_len &&
	       !memcmp(a->id, b->id, a->id_len);
}

static bool same_place(const struct isakmp_lease *a, const struct isakmp_lease *b)
{
	return a->v1 && b->v1 && isakmp_addr_equal(&a->at, &b->at) && a->port == b->port;
}

/* Will the SA of this identity that is there go for a new one (unique.c)? */
static bool gives_way(const struct ike_peer *peer)
{
	return peer->unique == IKE_UNIQUE_REPLACE || peer->unique == IKE_UNIQUE_KEEP;
}

/**
 * isakmp_lease_wish_init() - get ready to enter addresses
 * @w: filled; isakmp_lease_wish_free() in any case
 * @sa: for whom
 * @inner: the addresses, by slot (IKE_INNER)
 * @asked: those that it asked for itself, likewise
 * @peer: its peer object
 * @id: its identity, canonical
 *
 * Context: Process.
 * Return: 0 or -ENOMEM.
 */
int isakmp_lease_wish_init(struct isakmp_lease_wish *w, struct isakmp_sa *sa,
			   const struct isakmp_addr *inner, const struct isakmp_addr *asked,
			   const struct ike_peer *peer, const struct ike_span *id)
{
	unsigned int i;

	memset(w, 0, sizeof(*w));
	w->sa = sa;
	for (i = 0; i < IKE_INNER; i++) {
		if (!inner[i].family)
			continue;
		w->lease[i] = lease_new(sa, &inner[i], peer->name, id);
		if (!w->lease[i])
			return -ENOMEM;
		w->again[i] = gives_way(peer) || isakmp_addr_equal(&inner[i], &asked[i]);
	}
	return 0;
}

/**
 * isakmp_lease_wish_free() - free what was not entered
 * @w: the wish
 *
 * Context: Process.
 */
void isakmp_lease_wish_free(struct isakmp_lease_wish *w)
{
	unsigned int i;

	for (i = 0; i < IKE_INNER; i++)
		kfree(w->lease[i]);
}

/* Must hold leases.lock. */
static bool is_free(struct isakmp_lease_net *ln, const struct isakmp_lease_wish *w,
		    unsigned int i)
{
	const struct isakmp_lease *l = w->lease[i], *has = w->sa->lease[i], *there;

	lockdep_assert_held(&ln->lock);
	if (has)
		return isakmp_addr_equal(&has->addr, &l->addr) && same_holder(has, l);
	there = rhashtable_lookup_fast(&ln->by_addr, &l->addr, params);
	return !there || ((w->again[i] || same_place(there, l)) && same_holder(there, l));
}

/* Must hold leases.lock. */
static void drop_one(struct isakmp_lease_net *ln, struct isakmp_lease **slot)
{
	struct isakmp_lease *l = *slot;

	lockdep_assert_held(&ln->lock);
	*slot = NULL;
	if (!l || --l->n)
		return;
	rhashtable_remove_fast(&ln->by_addr, &l->node, params);
	kfree_rcu(l, rcu);
}

/* Must hold leases.lock.  It is free. */
static int enter_one(struct isakmp_lease_net *ln, struct isakmp_lease **from,
		     struct isakmp_lease **slot)
{
	struct isakmp_lease *there;
	int err;

	lockdep_assert_held(&ln->lock);
	there = rhashtable_lookup_fast(&ln->by_addr, &(*from)->addr, params);
	if (!there) {
		err = rhashtable_insert_fast(&ln->by_addr, &(*from)->node, params);
		if (err)
			return err;
		there = *from;
		*from = NULL;
	}
	there->n++;
	*slot = there;
	return 0;
}

static int enter_all(struct isakmp_lease_net *ln, struct isakmp_lease_wish *w)
{
	struct isakmp_lease *had[IKE_INNER];
	unsigned int i;
	int err = 0;

	memcpy(had, w->sa->lease, sizeof(had));
	for (i = 0; i < IKE_INNER; i++) {
		if (!w->lease[i] || is_free(ln, w, i))
			continue;
		w->taken = i;
		return -EADDRINUSE;
	}
	for (i = 0; i < IKE_INNER && !err; i++)
		if (w->lease[i] && !had[i])
			err = enter_one(ln, &w->lease[i], &w->sa->lease[i]);
	for (i = 0; i < IKE_INNER && err; i++)
		if (!had[i])
			drop_one(ln, &w->sa->lease[i]);
	return err;
}

/**
 * isakmp_lease_enter() - an SA holds these addresses from now on
 * @w: the wish of an SA that has not ended
 *
 * Context: Process; may not sleep.
 * Return: 0; -EADDRINUSE: somebody else holds one of them, or it holds others; -ENOMEM.  Then all is as
 * it was.
 */
int isakmp_lease_enter(struct isakmp_lease_wish *w)
{
	struct isakmp_lease_net *ln = &w->sa->in->leases;
	int err;

	spin_lock(&ln->lock);
	err = enter_all(ln, w);
	spin_unlock(&ln->lock);
	return err;
}

/**
 * isakmp_lease_drop - others may have the inner addresses of an SA
 * @ike: the SA, whose questions are withdrawn
 *
 * Context: Process; the SA's worker.
 */
void isakmp_lease_drop(struct ike_sa *ike)
{
	struct isakmp_sa *sa = isakmp_sa_of(ike);
	struct isakmp_lease_net *ln = &sa->in->leases;
	unsigned int i;

	spin_lock(&ln->lock);
	for (i = 0; i < IKE_INNER; i++)
		drop_one(ln, &sa->lease[i]);
	spin_unlock(&ln->lock);
}

/**
 * isakmp_lease_net_init() - nobody holds an address
 * @in: the namespace
 *
 * Context: Process.
 * Return: 0 or -errno.
 */
int isakmp_lease_net_init(struct isakmp_net *in)
{
	spin_lock_init(&in->leases.lock);
	return rhashtable_init(&in->leases.by_addr, &params);
}

/**
 * isakmp_lease_net_exit() - the namespace goes
 * @in: the namespace; its last SA has ended
 *
 * Context: Process.
 */
void isakmp_lease_net_exit(struct isakmp_net *in)
{
	WARN_ON_ONCE(atomic_read(&in->leases.by_addr.nelems));
	rhashtable_destroy(&in->leases.by_addr);
}
