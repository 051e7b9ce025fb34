// SPDX-License-Identifier: GPL-2.0
/* STAT_GET: the counters. */
#include "nl/family.h"

/* Where a dump is; in netlink_callback.ctx. */
struct stat_cursor {
	unsigned int next;
};

static int put_stat(struct sk_buff *skb, struct netlink_callback *cb, struct isakmp_net *in,
		    unsigned int i)
{
	struct nlattr *nest;
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &isakmp_family,
			  NLM_F_MULTI, ISAKMP_CMD_STAT_GET);
	if (!hdr)
		return -EMSGSIZE;
	nest = nla_nest_start(skb, ISAKMP_A_STAT);
	if (!nest ||
	    nla_put_string(skb, ISAKMP_STAT_NAME, isakmp_stat_name(i)) ||
	    nla_put_u64_64bit(skb, ISAKMP_STAT_VALUE, isakmp_stat_value(in, i),
			      ISAKMP_STAT_PAD) ||
	    nla_put_string(skb, ISAKMP_STAT_TEXT, isakmp_stat_text(i))) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * isakmp_stat_get_dumpit() - STAT_GET
 * @skb: to be filled
 * @cb: the dump
 *
 * Context: process.
 * Return: octets filled, 0 at the end.
 */
int isakmp_stat_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct stat_cursor *cur = (void *)cb->ctx;
	struct isakmp_net *in = isakmp_dump_net(cb);

	BUILD_BUG_ON(sizeof(*cur) > sizeof(cb->ctx));
	for (; cur->next < __ISAKMP_S_MAX; cur->next++)
		if (isakmp_stat_name(cur->next) && put_stat(skb, cb, in, cur->next))
			break;
	return skb->len;
}
