// SPDX-License-Identifier: GPL-2.0
/* SA_GET, SA_DEL, SA_REVOKE, SA_REKEY and SA_REDIRECT. */
#include <linux/sched.h>
#include <linux/slab.h>
#include "nl/attr.h"
#include "net/unique.h"
#include "nl/family.h"
#include "nl/view.h"

/* What SAs are asked for by; those after PEER are for SA_REVOKE and SA_REKEY alone. */
const struct nla_policy isakmp_sa_policy[ISAKMP_SA_GATEWAY + 1] = {
	[ISAKMP_SA_ID]		= { .type = NLA_U64 },
	[ISAKMP_SA_PEER]	= ISAKMP_NAME_POLICY,
	[ISAKMP_SA_CRED]	= ISAKMP_NAME_POLICY,
	[ISAKMP_SA_UNIQUE]	= NLA_POLICY_RANGE(NLA_BINARY, 2, IKE_UNIQUE_MAX),
	[ISAKMP_SA_CHILD_NAME]	= ISAKMP_NAME_POLICY,
	[ISAKMP_SA_GATEWAY]	= ISAKMP_ADDR_POLICY,
};

/* The SA with the id in ISAKMP_A_SA, pinned, or an ERR_PTR.  @tb: up to @max, PEER at least. */
static struct isakmp_sa *sa_asked(struct genl_info *info, struct nlattr **tb, int max)
{
	const struct nlattr *nest = info->attrs[ISAKMP_A_SA];
	struct netlink_ext_ack *extack = info->extack;
	struct isakmp_sa *sa;
	int err;

	err = isakmp_attr_require(info->attrs, NULL, ISAKMP_A_SA, extack);
	if (!err)
		err = nla_parse_nested(tb, max, nest, isakmp_sa_policy, extack);
	if (!err)
		err = isakmp_attr_require(tb, nest, ISAKMP_SA_ID, extack);
	if (!err && tb[ISAKMP_SA_PEER])
		err = isakmp_refuse(extack, tb[ISAKMP_SA_PEER], -EINVAL,
				    "the peer chooses in a dump only; one IKE SA is known by its id");
	if (err)
		return ERR_PTR(err);
	sa = isakmp_sa_get_id(isakmp_info_net(info), nla_get_u64(tb[ISAKMP_SA_ID]));
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
	struct nlattr *tb[ISAKMP_SA_PEER + 1];
	struct ike_sa_view *v;
	struct isakmp_sa *sa;
	struct sk_buff *msg;
	int err = -ENOMEM;
	void *hdr;

	sa = sa_asked(info, tb, ISAKMP_SA_PEER);
	if (IS_ERR(sa))
		return PTR_ERR(sa);
	v = isakmp_sa_view(sa);
	msg = v ? genlmsg_new(isakmp_view_size(v), GFP_KERNEL) : NULL;
	if (msg) {
		hdr = genlmsg_put_reply(msg, info, &isakmp_family, 0, ISAKMP_CMD_SA_GET);
		err = hdr ? isakmp_view_put(msg, in, v, true) : -EMSGSIZE;
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
	bool walk;		/* of one peer, but through all */
};

#define BATCH 64		/* SAs of one peer looked up at a time */
#define BATCH_WORTH 4096	/* of a peer with more, all are walked through instead */

/**
 * struct batch - some of the SAs of one peer
 * @after: of those with higher ids ...
 * @id: ... the lowest, in order
 * @n: how many
 * @seen: SAs the peer has
 */
struct batch {
	u64 after;
	u64 id[BATCH];
	unsigned int n;
	unsigned int seen;
};

static int dump_put(struct sk_buff *skb, struct netlink_callback *cb, struct isakmp_net *in,
		    const struct ike_sa_view *v)
{
	bool first = !skb->len;
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &isakmp_family, NLM_F_MULTI, ISAKMP_CMD_SA_GET);
	if (!hdr)
		return -EMSGSIZE;
	/* What does not fit with nothing before it never will. */
	if (isakmp_view_put(skb, in, v, first)) {
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

static void batch_add(struct isakmp_sa *sa, const void *arg)
{
	struct batch *b = (void *)arg;
	unsigned int i;

	b->seen++;
	if (sa->id <= b->after || (b->n == BATCH && sa->id > b->id[BATCH - 1]))
		return;
	for (i = b->n < BATCH ? b->n++ : BATCH - 1; i && b->id[i - 1] > sa->id; i--)
		b->id[i] = b->id[i - 1];
	b->id[i] = sa->id;
}

/* Those of one peer; not through all, unless it has so many that this is quicker. */
static int dump_peer(struct sk_buff *skb, struct netlink_callback *cb, struct isakmp_net *in,
		     const char *peer)
{
	struct sa_cursor *cur = (void *)cb->ctx;
	struct isakmp_sa *sa;
	struct batch b;
	unsigned int i;
	int err = 0;

	while (!cur->walk) {
		b = (struct batch){ .after = cur->after };
		isakmp_group_each(in, peer, batch_add, &b);
		cur->walk = b.seen > BATCH_WORTH;
		if (!b.n)
			return 0;
		for (i = 0; i < b.n; i++) {
			sa = isakmp_sa_get_id(in, b.id[i]);
			err = sa ? dump_one(skb, cb, in, peer, sa) : 0;
			if (sa)
				isakmp_sa_put(sa);
			if (err)
				return err;
			cur->after = b.id[i];
		}
	}
	return dump_some(skb, cb, in, peer);
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
		err = *peer ? dump_peer(skb, cb, in, peer) : dump_some(skb, cb, in, peer);
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
	struct nlattr *tb[ISAKMP_SA_PEER + 1];
	struct isakmp_sa *sa = sa_asked(info, tb, ISAKMP_SA_PEER);
	int err;

	if (IS_ERR(sa))
		return PTR_ERR(sa);
	err = isakmp_sa_post(sa, info->attrs[ISAKMP_A_FORCE] ? IKE_EV_KILL : IKE_EV_STOP, 0);
	isakmp_sa_put(sa);
	return err;
}

static bool revoke_one(struct isakmp_net *in, u64 id)
{
	struct isakmp_sa *sa = isakmp_sa_get_id(in, id);
	bool done = sa && !isakmp_sa_post(sa, ISAKMP_EV_REVOKED, 0);

	if (sa)
		isakmp_sa_put(sa);
	return done;
}

static int revoke_by(struct isakmp_net *in, struct nlattr **tb, struct netlink_ext_ack *extack)
{
	char cred[ISAKMP_NAME_MAX + 1];
	struct isakmp_revoke what = {};
	int err;

	if (tb[ISAKMP_SA_ID])
		return revoke_one(in, nla_get_u64(tb[ISAKMP_SA_ID])) ? 0 : -ENOENT;
	if (tb[ISAKMP_SA_CRED]) {
		err = isakmp_attr_name(tb[ISAKMP_SA_CRED], cred, extack);
		if (err)
			return err;
		what.cred = cred;
	} else {
		what.identity = nla_data(tb[ISAKMP_SA_UNIQUE]);
		what.identity_len = (u16)nla_len(tb[ISAKMP_SA_UNIQUE]);
	}
	return isakmp_revoke(in, &what) ? 0 : -ENOENT;
}

/**
 * isakmp_sa_revoke_doit() - SA_REVOKE
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_sa_revoke_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[ISAKMP_SA_UNIQUE + 1], *nest;
	int err;

	err = isakmp_attr_require(info->attrs, NULL, ISAKMP_A_SA, info->extack);
	if (err)
		return err;
	nest = info->attrs[ISAKMP_A_SA];
	err = nla_parse_nested(tb, ISAKMP_SA_UNIQUE, nest, isakmp_sa_policy, info->extack);
	if (err)
		return err;
	if (!!tb[ISAKMP_SA_ID] + !!tb[ISAKMP_SA_CRED] + !!tb[ISAKMP_SA_UNIQUE] != 1)
		return isakmp_refuse(info->extack, nest, -EINVAL,
				     "one of a number, a credential and an identity is revoked at a time");
	err = revoke_by(isakmp_info_net(info), tb, info->extack);
	return err != -ENOENT ? err : isakmp_refuse(info->extack, nest, err,
						    "no IKE SA stands on this");
}

/* The inbound SPI of a child that is up, 0: there is none of this name. */
static u32 spi_named(struct isakmp_sa *sa, const char *child)
{
	struct ike_sa_view *v = isakmp_sa_view(sa);
	const struct ike_child_view *c = NULL;
	u32 spi = 0;

	while (v && (c = ike_view_child(v, c)))
		if (c->state == IKE_CHILD_UP && !strcmp(c->name, child))
			spi = c->spi_in;
	kfree(v);
	return spi;
}

static int rekey(struct isakmp_sa *sa, struct nlattr *attr, struct netlink_ext_ack *extack)
{
	char child[ISAKMP_NAME_MAX + 1];
	u32 spi;
	int err;

	if (!attr)
		return isakmp_sa_post(sa, IKE_EV_REKEY, 0);
	err = isakmp_attr_name(attr, child, extack);
	if (err)
		return err;
	spi = spi_named(sa, child);
	if (!spi)
		return isakmp_refuse(extack, attr, -ENOENT,
				     "no child of this name is up on this IKE SA");
	return isakmp_sa_post(sa, IKE_EV_CHILD_REKEY, spi);
}

/**
 * isakmp_sa_rekey_doit() - SA_REKEY
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_sa_rekey_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[ISAKMP_SA_CHILD_NAME + 1];
	struct isakmp_sa *sa = sa_asked(info, tb, ISAKMP_SA_CHILD_NAME);
	int err;

	if (IS_ERR(sa))
		return PTR_ERR(sa);
	err = rekey(sa, tb[ISAKMP_SA_CHILD_NAME], info->extack);
	isakmp_sa_put(sa);
	return err;
}

static int redirect(struct isakmp_sa *sa, const struct nlattr *to, struct netlink_ext_ack *extack)
{
	struct ike_sa_view *v = isakmp_sa_view(sa);
	bool follows = v && !v->initiator && v->redirectable;
	struct isakmp_addr addr;
	int err;

	kfree(v);
	if (!follows)
		return isakmp_refuse(extack, to, -EOPNOTSUPP,
				     "the peer of this IKE SA follows no redirects");
	err = isakmp_attr_host(to, &addr, extack);
	return err ?: isakmp_sa_post_redirect(sa, &addr);
}

/**
 * isakmp_sa_redirect_doit() - SA_REDIRECT
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_sa_redirect_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[ISAKMP_SA_GATEWAY + 1];
	struct isakmp_sa *sa = sa_asked(info, tb, ISAKMP_SA_GATEWAY);
	int err;

	if (IS_ERR(sa))
		return PTR_ERR(sa);
	err = isakmp_attr_require(tb, info->attrs[ISAKMP_A_SA], ISAKMP_SA_GATEWAY, info->extack);
	if (!err)
		err = redirect(sa, tb[ISAKMP_SA_GATEWAY], info->extack);
	isakmp_sa_put(sa);
	return err;
}
