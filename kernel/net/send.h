/* SPDX-License-Identifier: GPL-2.0 */
/* The one sender. */
#ifndef _ISAKMP_NET_SEND_H
#define _ISAKMP_NET_SEND_H

#include <isakmp/reason.h>
#include "ike/policy.h"

struct isakmp_net;

#define ISAKMP_SNDBUF (4 << 20)	/* octets of ours under way, at most half of it */

/* Who wants to send: those that anybody can make us send leave room to the others. */
enum isakmp_sender {
	ISAKMP_SENDER_SA,
	ISAKMP_SENDER_GATE,
};

enum isakmp_reason isakmp_send_message(struct isakmp_net *in, const struct isakmp_path *path,
				       enum isakmp_sender who, const u8 *p, size_t n);
enum isakmp_reason isakmp_send_keepalive(struct isakmp_net *in, const struct isakmp_path *path);
u32 isakmp_send_ifindex(struct isakmp_net *in, const char *dev);
struct isakmp_path isakmp_send_way(struct isakmp_net *in, const struct isakmp_path *path,
				   const struct ike_peer *peer);
int isakmp_send_source(struct isakmp_net *in, struct isakmp_path *path);

#endif
