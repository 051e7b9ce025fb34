// SPDX-License-Identifier: GPL-2.0
/* The kinds of objects. */
#include "nl/kind.h"

static const struct isakmp_kind_ops *const kinds[ISAKMP_KIND_MAX] = {
	[ISAKMP_KIND_LISTEN - 1]	= &isakmp_listen_kind,
	[ISAKMP_KIND_PROPOSAL - 1]	= &isakmp_proposal_kind,
	[ISAKMP_KIND_CRED - 1]		= &isakmp_cred_kind,
	[ISAKMP_KIND_PEER - 1]		= &isakmp_peer_kind,
	[ISAKMP_KIND_AUTH - 1]		= &isakmp_auth_kind,
	[ISAKMP_KIND_CHILD - 1]		= &isakmp_child_kind,
	[ISAKMP_KIND_POOL - 1]		= &isakmp_pool_kind,
};

/**
 * isakmp_kind() - what is special about a kind
 * @kind: enum isakmp_kind
 *
 * Context: any.
 * Return: its table.
 */
const struct isakmp_kind_ops *isakmp_kind(u8 kind)
{
	return kinds[kind - 1];
}

/**
 * isakmp_kind_put() - write an object in the layout of its GET
 * @skb: where to
 * @o: the object
 * @key_only: nothing but its key
 *
 * Context: process.  Must hold config.lock.
 * Return: 0 or -EMSGSIZE.
 */
int isakmp_kind_put(struct sk_buff *skb, const struct isakmp_object *o, bool key_only)
{
	const struct isakmp_kind_ops *ops = isakmp_kind(o->kind);
	struct nlattr *nest = nla_nest_start(skb, ops->attr);

	if (!nest || ops->fill_key(skb, o) ||
	    (!key_only && ops->fill && ops->fill(skb, o)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}
