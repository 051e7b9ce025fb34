/* SPDX-License-Identifier: GPL-2.0 */
/* Inner addresses that peers have of us: who holds which. */
#ifndef _ISAKMP_NET_LEASE_H
#define _ISAKMP_NET_LEASE_H

#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include "ike/sa.h"

struct isakmp_lease;
struct isakmp_net;
struct isakmp_sa;

/**
 * struct isakmp_lease_net - the inner addresses of a namespace
 * @lock: protects all of this, and lease[] of each SA; a leaf, taken with bottom
 *	halves on
 * @by_addr: those that some SA holds
 */
struct isakmp_lease_net {
	spinlock_t lock;
	struct rhashtable by_addr;
};

/**
 * struct isakmp_lease_wish - addresses for an SA, in memory of their own
 * @sa: the SA
 * @lease: by slot; NULL: none
 * @again: by slot: an SA of the same peer and identity may have it already
 * @taken: slot of one that somebody else has
 */
struct isakmp_lease_wish {
	struct isakmp_sa *sa;
	struct isakmp_lease *lease[IKE_INNER];
	bool again[IKE_INNER];
	unsigned int taken;
};

int isakmp_lease_wish_init(struct isakmp_lease_wish *w, struct isakmp_sa *sa,
			   const struct isakmp_addr *inner, const struct isakmp_addr *asked,
			   const struct ike_peer *peer, const struct ike_span *id);
int isakmp_lease_enter(struct isakmp_lease_wish *w);
void isakmp_lease_wish_free(struct isakmp_lease_wish *w);

int isakmp_lease_net_init(struct isakmp_net *in);
void isakmp_lease_net_exit(struct isakmp_net *in);

#endif
