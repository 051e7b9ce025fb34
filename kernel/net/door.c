// SPDX-License-Identifier: GPL-2.0
/*
 * Doors: the SPIs that an IKE SA is found by, with what it answered there.
 *
 * An SA has one from the beginning, and another one for each rekey of itself as
 * long as somebody may knock there.
 */
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include "ike/seam.h"
#include "netns.h"

static const struct rhashtable_params params = {
	.key_len = sizeof_field(struct isakmp_door, spi),
	.key_offset = offsetof(struct isakmp_door, spi),
	.head_offset = offsetof(struct isakmp_door, node),
	.automatic_shrinking = true,
};

/**
 * isakmp_door_init - a door with an SPI of its own, closed yet
 * @d: zeroed; an SPI that it has already stays
 * @sa: where it leads
 * @initiator: is it the initiator's?
 *
 * Context: Any.
 */
void isakmp_door_init(struct isakmp_door *d, struct isakmp_sa *sa, bool initiator)
{
	while (!d->spi)
		isakmp_random(&d->spi, sizeof(d->spi));
	d->initiator = initiator;
	d->sa = sa;
	INIT_LIST_HEAD(&d->list);
}

/**
 * isakmp_door_link - from here on the SA is found by it
 * @d: the door
 *
 * Context: Any; must hold sas.lock.
 * Return: 0; -EEXIST, once in 2^64; -ENOMEM and the like.
 */
int isakmp_door_link(struct isakmp_door *d)
{
	struct isakmp_sa_net *sas = &d->sa->in->sas;
	int err;

	lockdep_assert_held(&sas->lock);
	err = rhashtable_lookup_insert_fast(&sas->by_spi, &d->node, params);
	if (!err)
		list_add(&d->list, &d->sa->doors);
	return err;
}

/**
 * isakmp_door_replace - from here on another SA is found by an SPI
 * @d: the door with it
 * @new: the other SA's, with the same SPI, closed yet
 *
 * Whoever looks finds one of both.
 *
 * Context: Any; must hold sas.lock.
 * Return: 0; -ENOENT, @d is closed; -errno.
 */
int isakmp_door_replace(struct isakmp_door *d, struct isakmp_door *new)
{
	struct isakmp_sa_net *sas = &d->sa->in->sas;
	int err;

	lockdep_assert_held(&sas->lock);
	if (list_empty(&d->list))
		return -ENOENT;
	err = rhashtable_replace_fast(&sas->by_spi, &d->node, &new->node, params);
	if (err)
		return err;
	list_del_init(&d->list);
	list_add(&new->list, &new->sa->doors);
	return 0;
}

/* Must hold sas.lock. */
static void unlink(struct isakmp_door *d)
{
	struct isakmp_sa_net *sas = &d->sa->in->sas;

	lockdep_assert_held(&sas->lock);
	if (list_empty(&d->list))
		return;
	rhashtable_remove_fast(&sas->by_spi, &d->node, params);
	list_del_init(&d->list);
}

/**
 * isakmp_door_unlink_all - nobody finds the SA by any SPI any more
 * @sa: the SA
 *
 * Context: Any; must hold sas.lock.
 */
void isakmp_door_unlink_all(struct isakmp_sa *sa)
{
	struct isakmp_door *d, *next;

	list_for_each_entry_safe(d, next, &sa->doors, list)
		unlink(d);
}

/**
 * isakmp_door_find - the door with an SPI of ours
 * @in: namespace
 * @spi: host order
 *
 * Context: Any, under RCU.
 * Return: the door, whose SA is pinned, or NULL.
 */
struct isakmp_door *isakmp_door_find(struct isakmp_net *in, u64 spi)
{
	struct isakmp_door *d = rhashtable_lookup(&in->sas.by_spi, &spi, params);

	return d && refcount_inc_not_zero(&d->sa->ref) ? d : NULL;
}

/* ---- what the engine calls ----------------------------------------------- */

/**
 * isakmp_door_open - an SPI for another epoch of an SA
 * @ike: the SA
 * @ep: the epoch; its role is set
 *
 * Context: Process; the SA's worker.
 * Return: OK or NO_MEMORY.
 */
enum isakmp_reason isakmp_door_open(struct ike_sa *ike, struct ike_epoch *ep)
{
	struct isakmp_sa *sa = isakmp_sa_of(ike);
	struct isakmp_door *d = kzalloc(sizeof(*d), GFP_KERNEL);
	int err;

	if (!d)
		return ISAKMP_R_NO_MEMORY;
	isakmp_door_init(d, sa, ep->initiator);
	spin_lock_bh(&sa->in->sas.lock);
	err = isakmp_door_link(d);
	spin_unlock_bh(&sa->in->sas.lock);
	if (err) {
		kfree(d);
		return ISAKMP_R_NO_MEMORY;
	}
	ep->door = d;
	*(ep->initiator ? &ep->spi_i : &ep->spi_r) = d->spi;
	return ISAKMP_OK;
}

/**
 * isakmp_door_close - the SPI of an epoch is no longer one of ours
 * @ike: the SA
 * @ep: the epoch; fine when it has none
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void isakmp_door_close(struct ike_sa *ike, struct ike_epoch *ep)
{
	struct isakmp_sa *sa = isakmp_sa_of(ike);
	struct isakmp_door *d = ep->door;
	unsigned int i;

	if (!d)
		return;
	ep->door = NULL;
	spin_lock_bh(&sa->in->sas.lock);
	unlink(d);
	spin_unlock_bh(&sa->in->sas.lock);
	for (i = 0; i < ARRAY_SIZE(d->response); i++)
		isakmp_response_put(&d->response[i], NULL);
	if (d != &sa->door)
		kfree_rcu(d, rcu);
}

/* ---- namespace ----------------------------------------------------------- */

/**
 * isakmp_door_net_init - no doors
 * @in: namespace
 *
 * Context: Process.
 * Return: 0 or -errno.
 */
int isakmp_door_net_init(struct isakmp_net *in)
{
	return rhashtable_init(&in->sas.by_spi, &params);
}

/**
 * isakmp_door_net_exit - the table goes; it is empty
 * @in: namespace
 *
 * Context: Process.
 */
void isakmp_door_net_exit(struct isakmp_net *in)
{
	rhashtable_destroy(&in->sas.by_spi);
}
