// SPDX-License-Identifier: GPL-2.0
/* SA_GET and SA_DEL. */
#include <linux/sched.h>
#include <linux/slab.h>
#include "nl/attr.h"
#include "nl/family.h"
#include "nl/view.h"

/* What an SA is asked for by. */
const struct nla_policy isakmp_sa_policy[ISAKMP_SA_PEER + 1] = {
	[ISAKMP_SA_ID]		= { .type = NLA_U64 },
	[ISAKMP_SA_PEER]	= ISAKMP_NAME_POLICY,
};

/* The SA with the id in ISAKMP_A_SA, pinned, or an ERR_PTR. */
static struct isakmp_sa *sa_asked(struct isakmp_net *in, struct nlattr **attrs,
				  struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ISAKMP_SA_PEER + 1];
	struct isakmp_sa *sa;
	int err;

	err = isakmp_attr_require(attrs, NULL, ISAKMP_A_SA, extack);
	if (!err)
		err = nla_parse_nested(tb, ISAKMP_SA_PEER, attrs[ISAKMP_A_SA], isakmp_sa_policy,
				       extack);
	if (!err)
		err = isakmp_attr_require(tb, attrs[ISAKMP_A_SA], ISAKMP_SA_ID, extack);
	if (!err && tb[ISAKMP_SA_PEER])
		err = isakmp_refuse(extack, tb[ISAKMP_SA_PEER], -EINVAL,
				    "the peer chooses in a dump only; one IKE SA is known by its id");
	if (err)
		return ERR_PTR(err);
	sa = isakmp_sa_get_id(in, nla_get_u64(tb[ISAKMP_SA_ID]));
	return sa ?: ERR_PTR(isakmp_refuse(extack, tb[ISAKMP_SA_ID], -ENOENT,
					   "there is no IKE SA with this id"));
}

/**
 * isakmp_sa_get_doit() - SA_GET, one IKE SA
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_sa_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct isakmp_net *in = isakmp_info_net(info);
	struct ike_sa_view *v;
	struct isakmp_sa *sa;
	struct sk_buff *msg;
	int err = -ENOMEM;
	void *hdr;

	sa = sa_asked(in, info->attrs, info->extack);
	if (IS_ERR(sa))
		return PTR_ERR(sa);
	v = isakmp_sa_view(sa);
	msg = v ? genlmsg_new(isakmp_view_size(v), GFP_KERNEL) : NULL;
	if (msg) {
		hdr = genlmsg_put_reply(msg, info, &isakmp_family, 0, ISAKMP_CMD_SA_GET);
		err = hdr ? isakmp_view_put(msg, in, v) : -EMSGSIZE;
		if (!err)
			genlmsg_end(msg, hdr);
	}
	isakmp_sa_put(sa);
	kfree(v);
	if (!err)
		return genlmsg_reply(msg, info);
	nlmsg_free(msg);
	return err;
}

/* Where a dump is; in netlink_callback.ctx. */
struct sa_cursor {
	u64 after;		/* id of the last SA looked at */
};

static int dump_put(struct sk_buff *skb, struct netlink_callback *cb, struct isakmp_net *in,
		    const struct ike_sa_view *v)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				&isakmp_family, NLM_F_MULTI, ISAKMP_CMD_SA_GET);

	if (!hdr)
		return -EMSGSIZE;
	if (isakmp_view_put(skb, in, v)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* What has ended and only repeats its last answer is none any more. */
static int dump_one(struct sk_buff *skb, struct netlink_callback *cb, struct isakmp_net *in,
		    const char *peer, struct isakmp_sa *sa)
{
	struct ike_sa_view *v = isakmp_sa_view(sa);
	int err = 0;

	if (!v)
		return -ENOMEM;
	if (v->state != IKE_S_DEAD && (!*peer || !strcmp(peer, v->peer)))
		err = dump_put(skb, cb, in, v);
	kfree(v);
	return err;
}

/* @peer empty: all. */
static int dump_some(struct sk_buff *skb, struct netlink_callback *cb, struct isakmp_net *in,
		     const char *peer)
{
	struct sa_cursor *cur = (void *)cb->ctx;
	struct isakmp_sa *sa;
	int err = 0;

	while (!err && (sa = isakmp_sa_next(in, cur->after))) {
		err = dump_one(skb, cb, in, peer, sa);
		if (!err)
			cur->after = sa->id;
		isakmp_sa_put(sa);
		cond_resched();
	}
	return err;
}

static int dump_filter(struct netlink_callback *cb, char *peer, u64 *id)
{
	struct nlattr *nest = isakmp_dump_attrs(cb)[ISAKMP_A_SA];
	struct nlattr *tb[ISAKMP_SA_PEER + 1];
	int err;

	*peer = '\0';
	*id = 0;
	if (!nest)
		return 0;
	err = nla_parse_nested(tb, ISAKMP_SA_PEER, nest, isakmp_sa_policy, cb->extack);
	if (!err && tb[ISAKMP_SA_PEER])
		err = isakmp_attr_name(tb[ISAKMP_SA_PEER], peer, cb->extack);
	if (!err && tb[ISAKMP_SA_ID])
		*id = nla_get_u64(tb[ISAKMP_SA_ID]);
	return err;
}

/**
 * isakmp_sa_get_dumpit() - SA_GET, all IKE SAs, those of a peer, or one
 * @skb: to be filled
 * @cb: the dump
 *
 * In the order of ids, which only grow: an SA that lives throughout the dump is
 * shown exactly once, whatever comes and goes.  So nothing is ever inconsistent.
 *
 * Context: process.
 * Return: octets filled, 0 at the end, or -errno.
 */
int isakmp_sa_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct isakmp_net *in = isakmp_dump_net(cb);
	struct sa_cursor *cur = (void *)cb->ctx;
	char peer[ISAKMP_NAME_MAX + 1];
	struct isakmp_sa *sa;
	u64 id;
	int err;

	BUILD_BUG_ON(sizeof(*cur) > sizeof(cb->ctx));
	err = dump_filter(cb, peer, &id);
	if (err || (id && cur->after >= id))
		return err;
	if (!id) {
		err = dump_some(skb, cb, in, peer);
	} else {
		cur->after = id;
		sa = isakmp_sa_get_id(in, id);
		if (sa) {
			err = dump_one(skb, cb, in, peer, sa);
			isakmp_sa_put(sa);
		}
	}
	return skb->len ?: err;
}

/**
 * isakmp_sa_del_doit() - SA_DEL
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_sa_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct isakmp_sa *sa = sa_asked(isakmp_info_net(info), info->attrs, info->extack);
	int err;

	if (IS_ERR(sa))
		return PTR_ERR(sa);
	err = isakmp_sa_post(sa, info->attrs[ISAKMP_A_FORCE] ? IKE_EV_KILL : IKE_EV_STOP, 0);
	isakmp_sa_put(sa);
	return err;
}
