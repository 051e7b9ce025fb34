// SPDX-License-Identifier: GPL-2.0
/* Dumped SAs -> who has which inner address now: lease.c remembers it. */
#include <linux/isakmp.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "lease.h"
#include "sas.h"

static const struct nla_policy top_policy[ISAKMP_A_MAX + 1] = {
	[ISAKMP_A_SA] = { .type = NLA_NESTED },
};

static const struct nla_policy sa_policy[ISAKMP_SA_MAX + 1] = {
	[ISAKMP_SA_PEER] = { .type = NLA_STRING, .minlen = 2, .maxlen = ISAKMP_NAME_MAX + 1 },
};

static void leases_of(struct nlattr *nest, const char *holder)
{
	struct config_addr addr;
	struct nlattr *a;
	int left;

	nla_for_each_nested(a, nest, left) {
		if (nla_type(a) != ISAKMP_SA_LEASE || (nla_len(a) != 4 && nla_len(a) != 16))
			continue;
		addr = (struct config_addr) { .len = (u8)nla_len(a) };
		memcpy(addr.octets, nla_data(a), addr.len);
		lease_known(&addr, holder);
	}
}

/**
 * sas_seen() - one message of a dump of IKE SAs
 * @nlh: reply to SA_GET
 * @arg: not used
 *
 * What is not understood says nothing.
 *
 * Return: 0.
 */
int sas_seen(struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *top[ISAKMP_A_MAX + 1], *tb[ISAKMP_SA_MAX + 1];
	char holder[LEASE_HOLDER_MAX];
	struct ident id;

	(void)arg;
	if (!genlmsg_valid_hdr(nlh, 0) ||
	    genlmsg_parse(nlh, 0, top, ISAKMP_A_MAX, top_policy) || !top[ISAKMP_A_SA] ||
	    nla_parse_nested(tb, ISAKMP_SA_MAX, top[ISAKMP_A_SA], sa_policy))
		return 0;
	if (!tb[ISAKMP_SA_LEASE] || !tb[ISAKMP_SA_PEER] || !tb[ISAKMP_SA_REMOTE_ID] ||
	    !ident_from_attr(nla_data(tb[ISAKMP_SA_REMOTE_ID]),
			     (size_t)nla_len(tb[ISAKMP_SA_REMOTE_ID]), &id))
		return 0;
	if (lease_holder(nla_get_string(tb[ISAKMP_SA_PEER]), &id, holder))
		leases_of(top[ISAKMP_A_SA], holder);
	return 0;
}
