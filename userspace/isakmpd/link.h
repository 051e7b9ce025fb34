/* SPDX-License-Identifier: GPL-2.0 */
/* A generic netlink socket and its receive buffer. */
#ifndef _ISAKMPD_LINK_H
#define _ISAKMPD_LINK_H

#include <isakmp/pure.h>
#include <netlink/msg.h>
#include <netlink/socket.h>

#define LINK_BUF	65536	/* octets; an upcall has at most about 40000 */
#define LINK_MSG	32768	/* octets of a message of ours: certificates may be in it */
#define LINK_WAIT_S	5	/* the kernel answers within the call, or never */

/**
 * struct link - a socket of one thread
 * @sk: libnl's part: port, sequence numbers, sending
 * @fd: its descriptor
 * @buf: what was received last, LINK_BUF octets, not swappable if possible
 * @used: octets of @buf written since the last link_wipe()
 * @extack: what the kernel had to say about the last refusal
 * @bad_attr: where the attribute at fault was in the request; 0: not said
 */
struct link {
	struct nl_sock *sk;
	int fd;
	u8 *buf;
	size_t used;
	char extack[160];
	u32 bad_attr;
};

/* One message of an answer.  0, or -errno: that is what link_call() returns. */
typedef int (*link_fn)(struct nlmsghdr *nlh, void *arg);

int link_open(struct link *l);
void link_close(struct link *l);
void link_wipe(struct link *l);

struct nl_msg *link_request(u16 family, u8 cmd, int flags);
int link_send(struct link *l, struct nl_msg *msg, u32 *seq);
int link_call(struct link *l, struct nl_msg *msg, link_fn fn, void *arg);
int link_receive(struct link *l, int flags, struct nlmsghdr **nlh, int *left);
int link_error(struct link *l, struct nlmsghdr *nlh);

int link_join(struct link *l, u32 group);
int link_only_config_events(struct link *l);
bool link_readable(const struct link *l);

#endif
