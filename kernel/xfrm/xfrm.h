/* SPDX-License-Identifier: GPL-2.0 */
/*
 * XFRM: child SAs as states and policies, and the key manager of traps.
 *
 *	esp.c		algorithms and their keys
 *	state.c		states: SPIs, build, insert, remove
 *	life.c		their hard and soft limits
 *	offload.c	devices that encrypt
 *	range.c		ranges -> prefixes; pure
 *	selector.c	traffic selectors -> XFRM selectors, priorities
 *	policy.c	policies: shared by their selector, ordered owners
 *	child.c		the seams of ike/seam.h: a child's states and policies
 *	move.c		the same, for a path that changes
 *	part.c		the same, for a successor of another protocol
 *	trap.c		traps: policies that start an IKE SA at the first packet
 *	km.c		struct xfrm_mgr: what others and the network do to all that
 *
 * How the module brings it up and down:
 *
 *	isakmp_xfrm_init		before the pernet operations
 *	  isakmp_xfrm_net_init		  of each namespace
 *	    isakmp_km_register		    hooks run from here ...
 *	    isakmp_km_unregister	    ... to here
 *	  isakmp_xfrm_net_pre_exit	  acquires are refused from here
 *	  isakmp_xfrm_net_exit		  after the last SA of the namespace went
 *	isakmp_xfrm_exit
 *
 * The hooks read the memory of struct isakmp_net: it must outlive them.
 */
#ifndef _ISAKMP_XFRM_XFRM_H
#define _ISAKMP_XFRM_XFRM_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "ike/policy.h"
#include "ike/seam.h"

struct isakmp_net;
struct netlink_ext_ack;

/**
 * struct isakmp_xfrm_net - what xfrm/ keeps of a network namespace
 * @mutex: policies, their owners, and the three lists below; held across
 *	xfrm_policy_*(), km_policy_notify() and their like for states, never across
 *	a call into net/ or nl/ that may sleep
 * @children: struct isakmp_xfrm: installed children
 * @traps: struct isakmp_trap
 * @policies: struct isakmp_policy
 * @repairs: struct isakmp_policy that have to be installed again
 * @lock: leaf, taken in the hooks; guards the members that follow
 * @dying: nothing is queued any more
 * @flushed: ISAKMP_FLUSHED_* seen since the work ran
 * @suspects: struct isakmp_policy that someone else may have removed
 * @acquires: struct isakmp_trap that a packet hit
 * @n_acquires: how many those are
 * @n_traps: number of traps; read without lock
 * @n_offloads: number of children that a device is to encrypt for
 * @work: finds out what @flushed and @suspects mean
 * @acquire: starts IKE SAs for @acquires
 * @repair: installs @repairs
 * @repair_wait: seconds that the next @repair waits
 * @repaired_at: jiffies when @repair ran last
 */
struct isakmp_xfrm_net {
	struct mutex mutex;		/* process; see above */
	struct list_head children;
	struct list_head traps;
	struct list_head policies;
	struct list_head repairs;
	unsigned int repair_wait;
	unsigned long repaired_at;

	spinlock_t lock;		/* leaf, bottom halves off */
	bool dying;
	u8 flushed;
	struct list_head suspects;
	struct list_head acquires;
	unsigned int n_acquires;

	atomic_t n_traps;
	atomic_t n_offloads;
	struct work_struct work;
	struct work_struct acquire;
	struct delayed_work repair;
};

int isakmp_xfrm_init(void);
void isakmp_xfrm_exit(void);
bool isakmp_esp_has(const struct ike_suite *s);
bool isakmp_esp_has_comp(u8 transform);
bool isakmp_offload_has(void);
void isakmp_offload_event(struct isakmp_net *in, unsigned long event);
void isakmp_km_register(void);
void isakmp_km_unregister(void);

int isakmp_xfrm_net_init(struct isakmp_net *in);
void isakmp_xfrm_net_pre_exit(struct isakmp_net *in);
void isakmp_xfrm_net_exit(struct isakmp_net *in);

int isakmp_trap_add(struct isakmp_net *in, const struct ike_peer *peer,
		    const struct ike_child_policy *child,
		    struct netlink_ext_ack *extack);
void isakmp_trap_del(struct isakmp_net *in, const char *peer, const char *child);

void isakmp_xfrm_counters(struct isakmp_net *in, const struct isakmp_addr *local,
			  const struct isakmp_addr *remote, u8 protocol,
			  u32 spi_in, u32 spi_out, u64 out[ISAKMP_COUNTS]);
bool isakmp_xfrm_device(struct isakmp_net *in, const struct isakmp_addr *to, u8 protocol,
			u32 spi, char name[IKE_DEV_LEN]);

#endif
