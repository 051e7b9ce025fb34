/* SPDX-License-Identifier: GPL-2.0 */
/* Listen objects, and the sockets that are open while there is one. */
#ifndef _ISAKMP_NET_LISTEN_H
#define _ISAKMP_NET_LISTEN_H

#include <linux/if.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>
#include "net/socket.h"

struct isakmp_net;
struct net_device;
struct netlink_ext_ack;

struct isakmp_listens;

/**
 * struct isakmp_listen_net - where a namespace listens
 * @lock: protects changes to all of this
 * @objects: the listen objects; NULL: none.  Read under RCU
 * @domains: struct isakmp_domain, read under RCU
 * @work: devices have changed: are these still the domains?
 */
struct isakmp_listen_net {
	struct mutex lock;
	struct isakmp_listens __rcu *objects;
	struct list_head domains;
	struct work_struct work;
};

int isakmp_listen_add(struct isakmp_net *in, const char *dev, const struct isakmp_addr *addr,
		      struct netlink_ext_ack *extack);
int isakmp_listen_del(struct isakmp_net *in, const char *dev, const struct isakmp_addr *addr);
bool isakmp_listen_open(struct isakmp_net *in);
bool isakmp_listen_covers(struct isakmp_net *in, const struct isakmp_addr *local, u32 ifindex);
bool isakmp_listen_has(struct isakmp_net *in, const struct isakmp_addr *a);
unsigned int isakmp_listen_named(struct isakmp_net *in, const struct isakmp_path *path,
				 struct isakmp_addr *out, unsigned int max);
bool isakmp_listen_covers_dev(struct isakmp_net *in, const struct isakmp_addr *local,
			      const struct net_device *dev, bool outside);

int isakmp_listen_init(void);
void isakmp_listen_exit(void);
int isakmp_listen_net_init(struct isakmp_net *in);
void isakmp_listen_net_pre_exit(struct isakmp_net *in);
void isakmp_listen_net_exit(struct isakmp_net *in);

#endif
