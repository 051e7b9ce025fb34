/* SPDX-License-Identifier: GPL-2.0 */
/* The sockets: one for each port and family, in every domain that is listened in. */
#ifndef _ISAKMP_NET_SOCKET_H
#define _ISAKMP_NET_SOCKET_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include "ike/path.h"

struct isakmp_net;
struct netlink_ext_ack;
struct sock;

#define ISAKMP_PORT		500
#define ISAKMP_PORT_NATT	4500	/* RFC 7296, 2.23 */

/*
 * Priority of the ALLOW policies on our sockets: how compile_policy of our key
 * manager knows them.  IP_XFRM_POLICY or IPV6_XFRM_POLICY with struct
 * xfrm_userpolicy_info, no templates, an all-zero selector of the socket's family.
 */
#define ISAKMP_BYPASS_PRIORITY	0x4c495350

enum isakmp_socket {
	ISAKMP_SOCKET_IKE4,
	ISAKMP_SOCKET_NATT4,
	ISAKMP_SOCKET_IKE6,
	ISAKMP_SOCKET_NATT6,
	ISAKMP_SOCKETS,
};

/**
 * struct isakmp_domain - the sockets of a VRF, or of everything outside of VRFs
 * @list: in listen.domains
 * @rcu: for freeing after the readers
 * @ifindex: of the VRF's device; 0: outside
 * @sk: read under RCU; NULL: closed, or a family this machine does not have
 */
struct isakmp_domain {
	struct list_head list;
	struct rcu_head rcu;
	u32 ifindex;
	struct sock __rcu *sk[ISAKMP_SOCKETS];
};

bool isakmp_domain_is_open(struct isakmp_net *in, u32 ifindex);
int isakmp_domain_open(struct isakmp_net *in, u32 ifindex, struct netlink_ext_ack *extack);
void isakmp_domain_close(struct isakmp_net *in, u32 ifindex);
void isakmp_domains_deafen(struct isakmp_net *in);
void isakmp_domains_close(struct isakmp_net *in);

struct sock *isakmp_socket_find(struct isakmp_net *in, const struct isakmp_path *path);
bool isakmp_socket_is_ours(const struct sock *sk);

#endif
