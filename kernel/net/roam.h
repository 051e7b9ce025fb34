/* SPDX-License-Identifier: GPL-2.0 */
/* Changes of addresses and routes, for IKE SAs that may move. */
#ifndef _ISAKMP_NET_ROAM_H
#define _ISAKMP_NET_ROAM_H

#include <linux/notifier.h>
#include <linux/workqueue.h>

struct isakmp_net;

/**
 * struct isakmp_roam_net - of a namespace
 * @fib: its routes
 * @noticed: @fib is registered; of the work, and of isakmp_roam_net_pre_exit() after it
 * @addresses: bit 0: not only routes have changed
 * @next: jiffies: no look before; of the work
 * @work: tells the IKE SAs
 */
struct isakmp_roam_net {
	struct notifier_block fib;
	bool noticed;
	unsigned long addresses;
	unsigned long next;
	struct delayed_work work;
};

void isakmp_roam_addresses(struct isakmp_net *in);
int isakmp_roam_net_init(struct isakmp_net *in);
void isakmp_roam_net_pre_exit(struct isakmp_net *in);
void isakmp_roam_net_exit(struct isakmp_net *in);
int isakmp_roam_init(void);
void isakmp_roam_exit(void);

#endif
