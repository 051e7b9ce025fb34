/* SPDX-License-Identifier: GPL-2.0 */
/* Tunables of a namespace: net.isakmp.*, see sysctl.c for names and ranges. */
#ifndef _ISAKMP_SYSCTL_H
#define _ISAKMP_SYSCTL_H

#include "ike/sa.h"

struct ctl_table;
struct ctl_table_header;
struct isakmp_net;

/**
 * struct isakmp_sysctl - tunables, each read at use
 * @header: of the registered table
 * @table: this namespace's copy
 * @tun: those of the engine; half_open_ms there is what follows from this one and
 *	from how many are half-open
 * @half_open_ms: life of a half-open SA when there are few
 * @half_open_max: IKE SAs that may be half-open at a time
 * @cookie_threshold: half-open IKE SAs from which on cookies are demanded
 * @cookie_rate: cookies asked for per second, 0: no limit
 * @prefix_half_open: half-open IKE SAs of one source prefix from which on it is
 *	asked for cookies
 * @prefix_rate: first messages per second from one source prefix, 0: no limit
 * @prefix_burst: first messages at once from one source prefix
 * @proven_rate: the same for first messages with a good cookie
 * @proven_burst: the same
 * @sa_max: IKE SAs there may be at a time
 * @user_namespaces: of the initial namespace, for all: is CAP_NET_ADMIN over
 *	another user namespace than the initial one enough?
 */
struct isakmp_sysctl {
	struct ctl_table_header *header;
	struct ctl_table *table;
	struct ike_tunables tun;
	u32 half_open_ms;
	u32 half_open_max;
	u32 cookie_threshold;
	u32 cookie_rate;
	u32 prefix_half_open;
	u32 prefix_rate;
	u32 prefix_burst;
	u32 proven_rate;
	u32 proven_burst;
	u32 sa_max;
	u32 user_namespaces;
};

bool isakmp_sysctl_user_namespaces(void);

int isakmp_sysctl_net_init(struct isakmp_net *in);
void isakmp_sysctl_net_exit(struct isakmp_net *in);

#endif
