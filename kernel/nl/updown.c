// SPDX-License-Identifier: GPL-2.0
/* PEER_UP, PEER_DOWN, CHILD_UP, CHILD_DOWN. */
#include "ike/seam.h"
#include "nl/family.h"
#include "nl/kind.h"
#include "nl/object.h"

/* The published form of a peer object, pinned, or an ERR_PTR. */
static const struct ike_peer *peer_pinned(const struct isakmp_object *o, struct genl_info *info,
					  const struct nlattr *blame)
{
	if (o->live->template)
		return ERR_PTR(isakmp_refuse(info->extack, blame, -EINVAL,
					     "a template is no peer to talk to"));
	isakmp_peer_get(&o->live->p);
	return &o->live->p;
}

/* The peer, as compiled and pinned, that a message names; or an ERR_PTR. */
static const struct ike_peer *peer_named(struct isakmp_net *in, struct genl_info *info)
{
	const struct ike_peer *peer;
	struct isakmp_object *o;

	mutex_lock(&in->config.lock);
	o = isakmp_object_find(in, ISAKMP_KIND_PEER, info->attrs, info->extack);
	peer = IS_ERR(o) ? ERR_CAST(o) : peer_pinned(o, info, info->attrs[ISAKMP_A_PEER]);
	mutex_unlock(&in->config.lock);
	return peer;
}

static int child_index(const struct ike_peer *peer, const char *name)
{
	int i;

	for (i = 0; i < peer->n_child; i++)
		if (!strcmp(peer->child[i]->name, name))
			return i;
	return -ENOENT;
}

/* The same for a child, maybe of the peer's template; *@want gets its bit. */
static const struct ike_peer *child_named(struct isakmp_net *in, struct genl_info *info, u32 *want)
{
	const struct nlattr *blame = info->attrs[ISAKMP_A_CHILD];
	const struct ike_peer *peer;
	struct isakmp_object *o;
	struct isakmp_key key;
	int i;

	i = isakmp_object_key(ISAKMP_KIND_CHILD, info->attrs, &key, info->extack);
	if (i)
		return ERR_PTR(i);
	mutex_lock(&in->config.lock);
	o = isakmp_store_find_name(in->config.store, ISAKMP_KIND_PEER, key.first);
	peer = o ? peer_pinned(o, info, blame) :
		   ERR_PTR(isakmp_refuse(info->extack, blame, -ENOENT, "there is no such peer"));
	mutex_unlock(&in->config.lock);
	if (IS_ERR(peer))
		return peer;
	i = child_index(peer, key.second);
	if (i < 0) {
		isakmp_peer_put(peer);
		return ERR_PTR(isakmp_refuse(info->extack, blame, i,
					     "the peer has no such child"));
	}
	*want = (u32)BIT(i);
	return peer;
}

/* The index of the child that a nest names, and the nest has nothing else. */
static int child_given(struct genl_info *info, const struct ike_peer *peer,
		       const struct nlattr *nest)
{
	struct nlattr *tb[ISAKMP_CHILD_MAX + 1];
	unsigned int i;
	int err, found;

	err = nla_parse_nested(tb, ISAKMP_CHILD_MAX, nest, isakmp_child_policy, info->extack);
	if (!err)
		err = isakmp_attr_require(tb, nest, ISAKMP_CHILD_NAME, info->extack);
	if (err)
		return err;
	for (i = 1; i <= ISAKMP_CHILD_MAX; i++)
		if (tb[i] && i != ISAKMP_CHILD_NAME)
			return isakmp_refuse(info->extack, tb[i], -EINVAL,
					     "only the name of a child of the peer may be given here");
	found = child_index(peer, nla_data(tb[ISAKMP_CHILD_NAME]));
	if (found < 0)
		return isakmp_refuse(info->extack, tb[ISAKMP_CHILD_NAME], found,
				     "the peer has no such child");
	return found;
}

/* PEER_UP: the children named in ISAKMP_A_CHILD nests; none named: all. */
static int children_wanted(struct genl_info *info, const struct ike_peer *peer, u32 *want)
{
	const struct nlattr *a;
	int rem, i;

	*want = 0;
	nlmsg_for_each_attr(a, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(a) != ISAKMP_A_CHILD)
			continue;
		i = child_given(info, peer, a);
		if (i < 0)
			return i;
		*want |= (u32)BIT(i);
	}
	if (!info->attrs[ISAKMP_A_CHILD])
		*want = (u32)(BIT_ULL(peer->n_child) - 1);
	if (!*want)
		return isakmp_refuse(info->extack, info->attrs[ISAKMP_A_PEER], -ENOENT,
				     "the peer has no child to set up");
	return 0;
}

/* The id of the SA that has a child, or is about to; 0 if it just went. */
static u64 sa_id_of_child(struct isakmp_net *in, const struct ike_peer *peer,
			  const struct ike_child_policy *c)
{
	struct isakmp_sa *sa = isakmp_sa_find_child(in, peer, c->name);
	u64 id = 0;

	if (sa) {
		id = sa->id;
		isakmp_sa_put(sa);
	}
	return id;
}

/* Up or on its way already is as good as started. */
static int child_up(struct isakmp_net *in, const struct ike_peer *peer,
		    const struct ike_child_policy *c, struct genl_info *info, u64 *id)
{
	struct isakmp_sa *sa = isakmp_sa_start(in, peer, c, NULL, info->extack);

	if (PTR_ERR_OR_ZERO(sa) == -EALREADY) {
		*id = sa_id_of_child(in, peer, c);
		if (*id) {
			NL_SET_ERR_MSG(info->extack, "the child was up already, or on its way");
			return 0;
		}
	}
	if (IS_ERR(sa))
		return (int)PTR_ERR(sa);
	*id = sa->id;
	isakmp_sa_put(sa);
	return 0;
}

static int put_started(struct sk_buff *msg, const struct ike_peer *peer,
		       const struct ike_child_policy *c, u64 id)
{
	struct nlattr *nest = nla_nest_start(msg, ISAKMP_A_SA), *child;

	if (!nest || nla_put_u64_64bit(msg, ISAKMP_SA_ID, id, ISAKMP_SA_PAD) ||
	    nla_put_string(msg, ISAKMP_SA_PEER, peer->name))
		return -EMSGSIZE;
	child = nla_nest_start(msg, ISAKMP_SA_CHILD);
	if (!child || nla_put_string(msg, ISAKMP_CHILD_SA_NAME, c->name))
		return -EMSGSIZE;
	nla_nest_end(msg, child);
	nla_nest_end(msg, nest);
	return 0;
}

/* Starts children @want of @peer; the reply says which SAs they are part of. */
static int children_up(struct isakmp_net *in, const struct ike_peer *peer, u32 want,
		       struct genl_info *info)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	int err = -ENOMEM;
	unsigned int i;
	void *hdr;
	u64 id;

	if (!msg)
		return err;
	hdr = genlmsg_put_reply(msg, info, &isakmp_family, 0, info->genlhdr->cmd);
	err = hdr ? 0 : -EMSGSIZE;
	for (i = 0; i < peer->n_child && !err; i++) {
		if (!(want & BIT(i)))
			continue;
		err = child_up(in, peer, peer->child[i], info, &id);
		if (!err)
			err = put_started(msg, peer, peer->child[i], id);
	}
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/**
 * isakmp_updown_peer_up_doit() - PEER_UP
 * @skb: the message
 * @info: the message, parsed
 *
 * When a child cannot be started the ones before it stay.
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_updown_peer_up_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct isakmp_net *in = isakmp_info_net(info);
	const struct ike_peer *peer = peer_named(in, info);
	u32 want;
	int err;

	if (IS_ERR(peer))
		return (int)PTR_ERR(peer);
	err = children_wanted(info, peer, &want);
	if (!err)
		err = children_up(in, peer, want, info);
	isakmp_peer_put(peer);
	return err;
}

/**
 * isakmp_updown_peer_down_doit() - PEER_DOWN
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_updown_peer_down_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct isakmp_net *in = isakmp_info_net(info);
	const struct ike_peer *peer = peer_named(in, info);

	if (IS_ERR(peer))
		return (int)PTR_ERR(peer);
	isakmp_sa_stop_peer(in, peer->name, info->attrs[ISAKMP_A_FORCE]);
	isakmp_peer_put(peer);
	return 0;
}

/**
 * isakmp_updown_child_up_doit() - CHILD_UP
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_updown_child_up_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct isakmp_net *in = isakmp_info_net(info);
	const struct ike_peer *peer;
	u32 want = 0;
	int err;

	peer = child_named(in, info, &want);
	if (IS_ERR(peer))
		return (int)PTR_ERR(peer);
	err = children_up(in, peer, want, info);
	isakmp_peer_put(peer);
	return err;
}

/**
 * isakmp_updown_child_down_doit() - CHILD_DOWN
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_updown_child_down_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct isakmp_net *in = isakmp_info_net(info);
	const struct ike_peer *peer;
	u32 want = 0;

	peer = child_named(in, info, &want);
	if (IS_ERR(peer))
		return (int)PTR_ERR(peer);
	if (want)
		isakmp_sa_stop_child(in, peer->name, peer->child[__ffs(want)]->name);
	isakmp_peer_put(peer);
	return 0;
}
