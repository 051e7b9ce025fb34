/* SPDX-License-Identifier: GPL-2.0 */
/* Doors: the SPIs that an IKE SA is found by, with what it answered there. */
#ifndef _ISAKMP_NET_DOOR_H
#define _ISAKMP_NET_DOOR_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/rhashtable-types.h>
#include <linux/types.h>
#include <isakmp/limits.h>
#include "net/response.h"

struct isakmp_net;
struct isakmp_sa;

/**
 * struct isakmp_door - a pair of IKE SPIs that leads to an IKE SA
 * @node: in sas.by_spi
 * @spi: ours, host order
 * @initiator: it is the initiator's
 * @sa: where it leads
 * @list: in the doors of @sa, or empty; sas.lock
 * @rcu: for freeing, but for the one inside of @sa
 * @response: the last answers; written by the worker, read under RCU
 */
struct isakmp_door {
	struct rhash_head node;
	u64 spi;
	bool initiator;
	struct isakmp_sa *sa;
	struct list_head list;
	struct rcu_head rcu;
	struct isakmp_response __rcu *response[IKE_WINDOW_MAX];
};

void isakmp_door_init(struct isakmp_door *d, struct isakmp_sa *sa, bool initiator);
int isakmp_door_link(struct isakmp_door *d);
int isakmp_door_replace(struct isakmp_door *d, struct isakmp_door *new);
void isakmp_door_unlink_all(struct isakmp_sa *sa);
struct isakmp_door *isakmp_door_find(struct isakmp_net *in, u64 spi);
int isakmp_door_net_init(struct isakmp_net *in);
void isakmp_door_net_exit(struct isakmp_net *in);

#endif
