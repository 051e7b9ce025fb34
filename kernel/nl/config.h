/* SPDX-License-Identifier: GPL-2.0 */
/* The configuration of a network namespace. */
#ifndef _ISAKMP_NL_CONFIG_H
#define _ISAKMP_NL_CONFIG_H

#include <linux/mutex.h>
#include <linux/ratelimit.h>
#include "nl/peers.h"

struct isakmp_net;
struct isakmp_store;

/**
 * struct isakmp_config - the configuration of a namespace
 * @lock: protects all of this; readers of @peers use RCU.  Never taken in
 *	calls from net/, xfrm/ or ike/: nl/ holds it while it calls them
 * @store: the objects in force
 * @txns: open transactions
 * @n_txns: their number
 * @last_txn: number of the newest
 * @last_gen: newest generation of a compiled peer
 * @peers: the compiled peers, for look-up
 * @pairs: pairs of selectors of the compiled peers in force
 * @pairs_seed: of their hashes
 * @refused: rate of the events about refusals
 */
struct isakmp_config {
	struct mutex lock;
	struct isakmp_store *store;
	struct list_head txns;
	unsigned int n_txns;
	u32 last_txn;
	u32 last_gen;
	struct isakmp_peers peers;
	struct isakmp_index pairs;
	u32 pairs_seed;
	struct ratelimit_state refused;
};

int isakmp_config_net_init(struct isakmp_net *in);
void isakmp_config_net_exit(struct isakmp_net *in);
void isakmp_config_exit(void);

#endif
