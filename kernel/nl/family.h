/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family, and its operations under the file that has them. */
#ifndef _ISAKMP_NL_FAMILY_H
#define _ISAKMP_NL_FAMILY_H

#include <net/genetlink.h>
#include <net/sock.h>
#include <uapi/linux/isakmp.h>
#include "compat.h"
#include "netns.h"

enum isakmp_family_group {
	ISAKMP_GROUP_EVENTS,
	ISAKMP_GROUP_UPCALL,
};

extern struct genl_family isakmp_family;

int isakmp_family_init(void);
void isakmp_family_exit(void);
bool isakmp_family_heard(struct isakmp_net *in, unsigned int group);

static inline struct isakmp_net *isakmp_info_net(const struct genl_info *info)
{
	return isakmp_net_of(read_pnet(&info->_net));
}

static inline struct isakmp_net *isakmp_dump_net(const struct netlink_callback *cb)
{
	return isakmp_net_of(sock_net(cb->skb->sk));
}

/* object.c */
int isakmp_object_get_doit(struct sk_buff *skb, struct genl_info *info);
int isakmp_object_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int isakmp_object_new_doit(struct sk_buff *skb, struct genl_info *info);
int isakmp_object_del_doit(struct sk_buff *skb, struct genl_info *info);
int isakmp_object_flush_doit(struct sk_buff *skb, struct genl_info *info);

/* txn.c */
int isakmp_txn_begin_doit(struct sk_buff *skb, struct genl_info *info);
int isakmp_txn_commit_doit(struct sk_buff *skb, struct genl_info *info);
int isakmp_txn_abort_doit(struct sk_buff *skb, struct genl_info *info);

/* updown.c */
int isakmp_updown_peer_up_doit(struct sk_buff *skb, struct genl_info *info);
int isakmp_updown_peer_down_doit(struct sk_buff *skb, struct genl_info *info);
int isakmp_updown_child_up_doit(struct sk_buff *skb, struct genl_info *info);
int isakmp_updown_child_down_doit(struct sk_buff *skb, struct genl_info *info);

/* sa.c */
extern const struct nla_policy isakmp_sa_policy[ISAKMP_SA_GATEWAY + 1];
int isakmp_sa_get_doit(struct sk_buff *skb, struct genl_info *info);
int isakmp_sa_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int isakmp_sa_revoke_doit(struct sk_buff *skb, struct genl_info *info);
int isakmp_sa_rekey_doit(struct sk_buff *skb, struct genl_info *info);
int isakmp_sa_redirect_doit(struct sk_buff *skb, struct genl_info *info);
int isakmp_sa_del_doit(struct sk_buff *skb, struct genl_info *info);

/* stat.c */
int isakmp_stat_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);

/* helper.c */
int isakmp_helper_register_doit(struct sk_buff *skb, struct genl_info *info);
int isakmp_helper_accept_doit(struct sk_buff *skb, struct genl_info *info);

/* verdict.c */
extern const struct nla_policy isakmp_verdict_policy[ISAKMP_VERDICT_MAX + 1];
int isakmp_verdict_doit(struct sk_buff *skb, struct genl_info *info);

/* publish.c */
extern const struct nla_policy isakmp_publish_policy[ISAKMP_PUBLISH_MAX + 1];
int isakmp_publish_doit(struct sk_buff *skb, struct genl_info *info);

/* debug.c */
int isakmp_debug_watch_doit(struct sk_buff *skb, struct genl_info *info);

#endif
