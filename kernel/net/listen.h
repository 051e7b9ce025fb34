/* SPDX-License-Identifier: GPL-2.0 */
/* Listen objects, and the sockets that are open while there is one. */
#ifndef _ISAKMP_NET_LISTEN_H
#define _ISAKMP_NET_LISTEN_H

#include <linux/if.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include "ike/path.h"

struct isakmp_net;
struct net_device;
struct netlink_ext_ack;
struct sock;

#define ISAKMP_PORT		500
#define ISAKMP_PORT_NATT	4500	/* RFC 7296, 2.23 */

/*
 * Priority of the ALLOW policies on our sockets: how compile_policy of our key
 * manager knows them.  IP_XFRM_POLICY with struct xfrm_userpolicy_info, no
 * templates, family AF_INET, an all-zero selector.
 */
#define ISAKMP_BYPASS_PRIORITY	0x4c495350

enum isakmp_socket {
	ISAKMP_SOCKET_IKE,
	ISAKMP_SOCKET_NATT,
	ISAKMP_SOCKETS,
};

struct isakmp_listens;

/**
 * struct isakmp_listen_net - where a namespace listens
 * @lock: protects changes to all of this
 * @objects: the listen objects; NULL: none.  Read under RCU
 * @sk: sockets, read under RCU; NULL: closed
 */
struct isakmp_listen_net {
	struct mutex lock;
	struct isakmp_listens __rcu *objects;
	struct sock __rcu *sk[ISAKMP_SOCKETS];
};

int isakmp_listen_add(struct isakmp_net *in, const char *dev, const struct isakmp_addr *addr,
		      struct netlink_ext_ack *extack);
int isakmp_listen_del(struct isakmp_net *in, const char *dev, const struct isakmp_addr *addr);
bool isakmp_listen_open(struct isakmp_net *in);
bool isakmp_listen_covers(struct isakmp_net *in, const struct isakmp_addr *local, u32 ifindex);
bool isakmp_listen_covers_dev(struct isakmp_net *in, const struct isakmp_addr *local,
			      const struct net_device *dev);
struct sock *isakmp_listen_sock(struct isakmp_net *in, u16 port);
bool isakmp_listen_is_ours(const struct sock *sk);

int isakmp_listen_net_init(struct isakmp_net *in);
void isakmp_listen_net_pre_exit(struct isakmp_net *in);
void isakmp_listen_net_exit(struct isakmp_net *in);

#endif
