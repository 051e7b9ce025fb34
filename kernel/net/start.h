/* SPDX-License-Identifier: GPL-2.0 */
/* Children that are to be up at all times, or again when they were lost. */
#ifndef _ISAKMP_NET_START_H
#define _ISAKMP_NET_START_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "ike/policy.h"

struct isakmp_net;
struct isakmp_sa;

/* How an SA came to have a child no longer. */
enum isakmp_loss {
	ISAKMP_LOSS_NEVER_UP,	/* it could not be set up */
	ISAKMP_LOSS_DEAD,	/* the peer did not answer any more, or has lost it */
	ISAKMP_LOSS_CLOSED,	/* the peer closed it */
	ISAKMP_LOSS_OTHER,
};

/**
 * struct isakmp_start_net - the starters of a namespace
 * @traps: a starter's trap comes or goes with @trapped; taken before @lock, and before
 *	@mutex of struct isakmp_xfrm_net
 * @lock: protects all that follows; taken inside of wheel.lock
 * @closed: nothing is started any more
 * @by_name: starters by peer and child
 * @all: the same
 * @ready: those whose time has come
 * @work: starts them
 */
struct isakmp_start_net {
	struct mutex traps;
	spinlock_t lock;
	bool closed;
	struct rhashtable by_name;
	struct list_head all;
	struct list_head ready;
	struct work_struct work;
};

void isakmp_start_peer(struct isakmp_net *in, const struct ike_peer *old,
		       const struct ike_peer *new);
void isakmp_start_recheck(struct isakmp_sa *sa);
void isakmp_start_hold(struct isakmp_net *in, const char *peer, const char *child);
void isakmp_start_hold_peer(struct isakmp_net *in, const char *peer);
void isakmp_start_resume(struct isakmp_net *in, const char *peer, const char *child);
void isakmp_start_up(struct isakmp_net *in, const char *peer, const char *child);
void isakmp_start_lost(struct isakmp_net *in, const char *peer, const char *child,
		       enum isakmp_loss loss);

int isakmp_start_net_init(struct isakmp_net *in);
void isakmp_start_net_pre_exit(struct isakmp_net *in);
void isakmp_start_net_exit(struct isakmp_net *in);

#endif
