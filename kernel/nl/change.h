/* SPDX-License-Identifier: GPL-2.0 */
/* A change of the configuration in force: all of it or nothing. */
#ifndef _ISAKMP_NL_CHANGE_H
#define _ISAKMP_NL_CHANGE_H

#include <linux/list.h>

struct isakmp_net;
struct isakmp_object;
struct netlink_ext_ack;
struct nlattr;

/**
 * struct isakmp_change - what the rest of the module has to follow
 * @peers: peer objects; each goes from what is published to its @fresh
 * @open: listen objects to open
 * @close: listen objects to close
 * @keep: the SAs of peers that go stay
 */
struct isakmp_change {
	struct list_head peers;
	struct list_head open;
	struct list_head close;
	bool keep;
};

void isakmp_change_init(struct isakmp_change *ch, bool keep);
int isakmp_change_peer(struct isakmp_net *in, struct isakmp_change *ch,
		       struct isakmp_object *peer, const struct isakmp_object *except,
		       u8 touched, const struct nlattr *blame,
		       struct netlink_ext_ack *extack);
int isakmp_change_family(struct isakmp_net *in, struct isakmp_change *ch,
			 struct isakmp_object *peer, const struct isakmp_object *except,
			 u8 touched, const struct nlattr *blame,
			 struct netlink_ext_ack *extack);
int isakmp_change_check(struct isakmp_net *in, struct isakmp_change *ch,
			const struct nlattr *blame, struct netlink_ext_ack *extack);
void isakmp_change_cred(struct isakmp_net *in, const struct isakmp_object *cred);
void isakmp_change_drop_peer(struct isakmp_change *ch, struct isakmp_object *peer);
int isakmp_change_run(struct isakmp_net *in, struct isakmp_change *ch,
		      struct netlink_ext_ack *extack);
void isakmp_change_finish(struct isakmp_change *ch);
void isakmp_change_abort(struct isakmp_net *in, struct isakmp_change *ch);

#endif
