// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family: who may do what, with which attributes.
 *
 * Permission.  The core asks for CAP_NET_ADMIN over the network namespace
 * (GENL_UNS_ADMIN_PERM).  That is enough only if the initial namespace says so
 * (net.isakmp.user_namespaces): otherwise the capability must be that of the
 * initial user namespace, which we check ourselves, before each command
 * (pre_doit) and each dump (start).
 *
 * parallel_ops.  The core would hold one mutex for all such families of the
 * machine around each command.  Ours may take long (a commit of many peers, a
 * route look-up), and need no more order than the lock of their namespace's
 * configuration gives.
 *
 * resv_start_op.  The core's check of reserved header fields also refuses the
 * NLM_F_CREATE, _EXCL and _REPLACE that NEW uses.  So it is left out, and
 * pre_doit makes the same check with these flags allowed where they mean
 * something.  Every command has a policy, checked strictly.
 */
#include <linux/capability.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include "nl/attr.h"
#include "nl/debug.h"
#include "nl/family.h"
#include "nl/helper.h"
#include "nl/kind.h"
#include "nl/txn.h"

#define NEW_FLAGS (NLM_F_CREATE | NLM_F_EXCL | NLM_F_REPLACE)

/* ---- policies, one for each command or group of commands ----------------- */

/* Commands without attributes; a maxattr of 0 would mean: not checked. */
static const struct nla_policy none_policy[] = {
	[ISAKMP_A_TXN] = { .type = NLA_REJECT },
};

#define ONE_NEST_POLICY(name, attr, nested)				\
	static const struct nla_policy name[] = {			\
		[attr] = NLA_POLICY_NESTED(nested),			\
	}

#define NEW_POLICY(name, attr, nested)					\
	static const struct nla_policy name[] = {			\
		[ISAKMP_A_TXN] = { .type = NLA_U32 },			\
		[attr] = NLA_POLICY_NESTED(nested),			\
	}

/* X_GET, X_DEL (but PEER_DEL), CHILD_UP, CHILD_DOWN, SA_GET, SA_REVOKE, SA_REKEY, SA_REDIRECT */
ONE_NEST_POLICY(listen_policy, ISAKMP_A_LISTEN, isakmp_listen_policy);
ONE_NEST_POLICY(proposal_policy, ISAKMP_A_PROPOSAL, isakmp_proposal_policy);
ONE_NEST_POLICY(cred_policy, ISAKMP_A_CRED, isakmp_cred_policy);
ONE_NEST_POLICY(peer_policy, ISAKMP_A_PEER, isakmp_peer_policy);
ONE_NEST_POLICY(auth_policy, ISAKMP_A_AUTH, isakmp_auth_policy);
ONE_NEST_POLICY(child_policy, ISAKMP_A_CHILD, isakmp_child_policy);
ONE_NEST_POLICY(pool_policy, ISAKMP_A_POOL, isakmp_pool_policy);
ONE_NEST_POLICY(sa_policy, ISAKMP_A_SA, isakmp_sa_policy);

/* X_NEW */
NEW_POLICY(listen_new_policy, ISAKMP_A_LISTEN, isakmp_listen_policy);
NEW_POLICY(proposal_new_policy, ISAKMP_A_PROPOSAL, isakmp_proposal_policy);
NEW_POLICY(cred_new_policy, ISAKMP_A_CRED, isakmp_cred_policy);
NEW_POLICY(peer_new_policy, ISAKMP_A_PEER, isakmp_peer_policy);
NEW_POLICY(auth_new_policy, ISAKMP_A_AUTH, isakmp_auth_policy);
NEW_POLICY(child_new_policy, ISAKMP_A_CHILD, isakmp_child_policy);
NEW_POLICY(pool_new_policy, ISAKMP_A_POOL, isakmp_pool_policy);

/* PEER_DEL */
static const struct nla_policy peer_del_policy[] = {
	[ISAKMP_A_PEER]	= NLA_POLICY_NESTED(isakmp_peer_policy),
	[ISAKMP_A_KEEP]	= { .type = NLA_FLAG },
};

/* FLUSH */
static const struct nla_policy flush_policy[] = {
	[ISAKMP_A_KIND] = NLA_POLICY_RANGE(NLA_U8, ISAKMP_KIND_LISTEN, ISAKMP_KIND_MAX),
	[ISAKMP_A_KEEP] = { .type = NLA_FLAG },
};

/* TXN_COMMIT */
static const struct nla_policy commit_policy[] = {
	[ISAKMP_A_TXN]	 = { .type = NLA_U32 },
	[ISAKMP_A_CHECK] = { .type = NLA_FLAG },
	[ISAKMP_A_KEEP]	 = { .type = NLA_FLAG },
};

/* TXN_ABORT */
static const struct nla_policy abort_policy[] = {
	[ISAKMP_A_TXN] = { .type = NLA_U32 },
};

/* PEER_UP */
static const struct nla_policy peer_up_policy[] = {
	[ISAKMP_A_PEER]	 = NLA_POLICY_NESTED(isakmp_peer_policy),
	[ISAKMP_A_CHILD] = NLA_POLICY_NESTED(isakmp_child_policy),
};

/* PEER_DOWN */
static const struct nla_policy peer_down_policy[] = {
	[ISAKMP_A_FORCE] = { .type = NLA_FLAG },
	[ISAKMP_A_PEER]	 = NLA_POLICY_NESTED(isakmp_peer_policy),
};

/* SA_DEL */
static const struct nla_policy sa_del_policy[] = {
	[ISAKMP_A_FORCE] = { .type = NLA_FLAG },
	[ISAKMP_A_SA]	 = NLA_POLICY_NESTED(isakmp_sa_policy),
};

/* UPCALL_DONE */
static const struct nla_policy done_policy[] = {
	[ISAKMP_A_VERDICT] = NLA_POLICY_NESTED(isakmp_verdict_policy),
};

/* HELPER_PUBLISH */
static const struct nla_policy publish_policy[] = {
	[ISAKMP_A_PUBLISH] = NLA_POLICY_NESTED(isakmp_publish_policy),
};

/* ---- permission ---------------------------------------------------------- */

static bool family_allowed(const struct sk_buff *skb)
{
	return isakmp_sysctl_user_namespaces() || netlink_capable(skb, CAP_NET_ADMIN);
}

/* The error says all; 6.1 has no room for a sentence here. */
static int family_start(struct netlink_callback *cb)
{
	return family_allowed(cb->skb) ? 0 : -EPERM;
}

static bool family_is_new(u8 cmd)
{
	return cmd == ISAKMP_CMD_POOL_NEW ||
	       (cmd <= ISAKMP_CMD_CHILD_DEL && cmd % 3 == ISAKMP_CMD_LISTEN_NEW);
}

static int family_pre_doit(const struct isakmp_genl_op *op, struct sk_buff *skb,
			   struct genl_info *info)
{
	u16 flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_ECHO;

	BUILD_BUG_ON(ISAKMP_CMD_LISTEN_NEW != 2);
	if (!family_allowed(skb))
		return isakmp_refuse(info->extack, NULL, -EPERM,
				     "net.isakmp.user_namespaces does not allow this user namespace");
	if (family_is_new(info->genlhdr->cmd))
		flags |= NEW_FLAGS;
	if (info->genlhdr->reserved || (info->nlhdr->nlmsg_flags & ~flags))
		return isakmp_refuse(info->extack, NULL, -EINVAL,
				     "reserved bits are set in the message header");
	return 0;
}

/* ---- operations ---------------------------------------------------------- */

#define POLICY(p) .policy = (p), .maxattr = ARRAY_SIZE(p) - 1
#define DO(id, fn, p)							\
	{								\
		.cmd	= ISAKMP_CMD_##id,				\
		.flags	= GENL_UNS_ADMIN_PERM,				\
		.doit	= fn,						\
		POLICY(p),						\
	}
/* Of the initial user namespace, whatever the sysctl says. */
#define DO_ROOT(id, fn, p)						\
	{								\
		.cmd	= ISAKMP_CMD_##id,				\
		.flags	= GENL_ADMIN_PERM,				\
		.doit	= fn,						\
		POLICY(p),						\
	}
#define DO_AND_DUMP(id, fn, dump, p)					\
	{								\
		.cmd	= ISAKMP_CMD_##id,				\
		.flags	= GENL_UNS_ADMIN_PERM,				\
		.doit	= fn,						\
		.start	= family_start,					\
		.dumpit	= dump,						\
		POLICY(p),						\
	}
#define OBJECT_DEL(id, p, new, del)					\
	DO_AND_DUMP(id##_GET, isakmp_object_get_doit, isakmp_object_dumpit, p), \
	DO(id##_NEW, isakmp_object_new_doit, new),			\
	DO(id##_DEL, isakmp_object_del_doit, del)
#define OBJECT(id, p, new) OBJECT_DEL(id, p, new, p)

static const struct genl_ops family_ops[] = {
	OBJECT(LISTEN, listen_policy, listen_new_policy),
	OBJECT(PROPOSAL, proposal_policy, proposal_new_policy),
	OBJECT(CRED, cred_policy, cred_new_policy),
	OBJECT_DEL(PEER, peer_policy, peer_new_policy, peer_del_policy),
	OBJECT(AUTH, auth_policy, auth_new_policy),
	OBJECT(CHILD, child_policy, child_new_policy),
	OBJECT(POOL, pool_policy, pool_new_policy),
	DO(FLUSH, isakmp_object_flush_doit, flush_policy),
	DO(TXN_BEGIN, isakmp_txn_begin_doit, none_policy),
	DO(TXN_COMMIT, isakmp_txn_commit_doit, commit_policy),
	DO(TXN_ABORT, isakmp_txn_abort_doit, abort_policy),
	DO(PEER_UP, isakmp_updown_peer_up_doit, peer_up_policy),
	DO(PEER_DOWN, isakmp_updown_peer_down_doit, peer_down_policy),
	DO(CHILD_UP, isakmp_updown_child_up_doit, child_policy),
	DO(CHILD_DOWN, isakmp_updown_child_down_doit, child_policy),
	DO_AND_DUMP(SA_GET, isakmp_sa_get_doit, isakmp_sa_get_dumpit, sa_policy),
	DO(SA_DEL, isakmp_sa_del_doit, sa_del_policy),
	DO(SA_REVOKE, isakmp_sa_revoke_doit, sa_policy),
	DO(SA_REKEY, isakmp_sa_rekey_doit, sa_policy),
	DO(SA_REDIRECT, isakmp_sa_redirect_doit, sa_policy),
	DO_AND_DUMP(STAT_GET, NULL, isakmp_stat_get_dumpit, none_policy),
	DO(HELPER_REGISTER, isakmp_helper_register_doit, none_policy),
	DO(UPCALL_ACCEPT, isakmp_helper_accept_doit, none_policy),
	DO(UPCALL_DONE, isakmp_verdict_doit, done_policy),
	DO(HELPER_PUBLISH, isakmp_publish_doit, publish_policy),
	DO_ROOT(KEYS_WATCH, isakmp_debug_watch_doit, none_policy),
};

static const struct genl_multicast_group family_groups[] = {
	[ISAKMP_GROUP_EVENTS] = {
		.name	= ISAKMP_MCGRP_EVENTS,
		.flags	= GENL_MCAST_CAP_NET_ADMIN,
	},
	[ISAKMP_GROUP_UPCALL] = {
		.name	= ISAKMP_MCGRP_UPCALL,
		.flags	= GENL_MCAST_CAP_NET_ADMIN,
	},
};

struct genl_family isakmp_family __ro_after_init = {
	.name		= ISAKMP_GENL_NAME,
	.version	= ISAKMP_GENL_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.resv_start_op	= __ISAKMP_CMD_MAX,
	.pre_doit	= family_pre_doit,
	.ops		= family_ops,
	.n_ops		= ARRAY_SIZE(family_ops),
	.mcgrps		= family_groups,
	.n_mcgrps	= ARRAY_SIZE(family_groups),
	.module		= THIS_MODULE,
};

/* ---- sockets that close -------------------------------------------------- */

static int family_urelease(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct netlink_notify *n = data;
	struct isakmp_net *in;

	if (event != NETLINK_URELEASE || n->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	in = isakmp_net_of(n->net);
	isakmp_txn_closed(in, n->portid);
	isakmp_helper_closed(in, n->portid);
	isakmp_debug_closed(in, n->portid);
	return NOTIFY_DONE;
}

static struct notifier_block family_notifier = {
	.notifier_call = family_urelease,
};

/**
 * isakmp_family_init() - open for business, last of all
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_family_init(void)
{
	int err = netlink_register_notifier(&family_notifier);

	if (err)
		return err;
	err = genl_register_family(&isakmp_family);
	if (err)
		netlink_unregister_notifier(&family_notifier);
	return err;
}

/* The numbers of our groups may be those of another family then. */
static bool gone;

/**
 * isakmp_family_heard() - does anybody listen?
 * @in: the namespace
 * @group: enum of our multicast groups
 *
 * SAs still end when the family has gone already, and have much to tell.
 *
 * Context: any.
 * Return: true if somebody has joined the group.
 */
bool isakmp_family_heard(struct isakmp_net *in, unsigned int group)
{
	return !READ_ONCE(gone) && genl_has_listeners(&isakmp_family, in->net, group) > 0;
}

/**
 * isakmp_family_exit() - closed, first of all
 *
 * When this returns no command or dump runs, and none will.
 *
 * Context: process.
 */
void isakmp_family_exit(void)
{
	WRITE_ONCE(gone, true);
	genl_unregister_family(&isakmp_family);
	netlink_unregister_notifier(&family_notifier);
}
