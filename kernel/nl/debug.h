/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets that are told the keys of IKE SAs. */
#ifndef _ISAKMP_NL_DEBUG_H
#define _ISAKMP_NL_DEBUG_H

#include <linux/spinlock.h>
#include <isakmp/limits.h>

struct isakmp_net;

/**
 * struct isakmp_debug_net - who watches the keys of a namespace
 * @lock: protects all of this; a leaf
 * @n: watching sockets; read without the lock to see whether there is any
 * @portid: of each
 */
struct isakmp_debug_net {
	spinlock_t lock;
	unsigned int n;
	u32 portid[ISAKMP_WATCHERS_MAX];
};

void isakmp_debug_net_init(struct isakmp_net *in);
void isakmp_debug_closed(struct isakmp_net *in, u32 portid);

#endif
