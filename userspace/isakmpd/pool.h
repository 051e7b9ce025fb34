/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses of pools: which there are, in an order. */
#ifndef _ISAKMPD_POOL_H
#define _ISAKMPD_POOL_H

#include "config.h"

/* Pools of one peer, as one. */
struct pools {
	u8 n;
	const struct config_pool *pool[ISAKMP_PEER_POOLS_MAX];
};

struct pools pools_of(const struct config *c, const struct config_peer *p);
u64 pools_count(const struct pools *p, u8 len);
bool pools_at(const struct pools *p, u8 len, u64 i, struct config_addr *a);
bool pools_have(const struct pools *p, const struct config_addr *a);
u64 pools_digest(const struct pools *p, u8 len);

#endif
