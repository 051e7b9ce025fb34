/* SPDX-License-Identifier: GPL-2.0 */
/* What the module keeps of a network namespace. */
#ifndef _ISAKMP_NETNS_H
#define _ISAKMP_NETNS_H

#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include "net/admit.h"
#include "net/lease.h"
#include "net/listen.h"
#include "net/roam.h"
#include "net/sa.h"
#include "net/start.h"
#include "net/ticket.h"
#include "net/timer.h"
#include "nl/config.h"
#include "nl/debug.h"
#include "nl/upcall.h"
#include "stats.h"
#include "sysctl.h"
#include "xfrm/xfrm.h"

/**
 * struct isakmp_net - a network namespace, as the module sees it
 * @net: the namespace; no reference: this goes before it does
 * @list: in the list of all, see isakmp_netns_farewell()
 * @dying: nothing new begins; set once, read anywhere
 * @stats: counters; NULL: nothing is counted any more
 * @stats_gone: the same, for isakmp_stats_net_free()
 * @sysctl: tunables
 * @listen: listen objects and sockets
 * @admit: what first messages must pass
 * @wheel: timers
 * @sas: IKE SAs and their tables
 * @leases: inner addresses that they hold
 * @roam: changes of addresses and routes
 * @tickets: what they leave behind
 * @start: children that are to be up at all times
 * @config: objects
 * @upcall: questions for the helper
 * @debug: who watches keys
 * @xfrm: child SAs, traps
 */
struct isakmp_net {
	struct net *net;
	struct list_head list;
	bool dying;
	struct isakmp_stats __percpu *stats;
	struct isakmp_stats __percpu *stats_gone;
	struct isakmp_sysctl sysctl;
	struct isakmp_listen_net listen;
	struct isakmp_admit_net admit;
	struct isakmp_wheel wheel;
	struct isakmp_sa_net sas;
	struct isakmp_lease_net leases;
	struct isakmp_roam_net roam;
	struct isakmp_ticket_net tickets;
	struct isakmp_start_net start;
	struct isakmp_config config;
	struct isakmp_upcall_net upcall;
	struct isakmp_debug_net debug;
	struct isakmp_xfrm_net xfrm;
};

extern unsigned int isakmp_net_id;

/* Context: any, as long as @net exists and the module is initialised. */
static inline struct isakmp_net *isakmp_net_of(const struct net *net)
{
	return net_generic(net, isakmp_net_id);
}

static inline bool isakmp_net_dying(const struct isakmp_net *in)
{
	return READ_ONCE(in->dying);
}

int isakmp_netns_init(void);
void isakmp_netns_exit(void);
void isakmp_netns_farewell(void);

#endif
