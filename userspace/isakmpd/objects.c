// SPDX-License-Identifier: GPL-2.0
/* Dumped objects -> snapshot.  Lengths are checked, meaning is not judged. */
#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "objects.h"

#define NAME { .type = NLA_STRING, .minlen = 2, .maxlen = ISAKMP_NAME_MAX + 1 }

static const struct nla_policy top_policy[ISAKMP_A_MAX + 1] = {
	[ISAKMP_A_PEER] = { .type = NLA_NESTED },
	[ISAKMP_A_AUTH] = { .type = NLA_NESTED },
	[ISAKMP_A_CRED] = { .type = NLA_NESTED },
};

static const struct nla_policy peer_policy[ISAKMP_PEER_MAX + 1] = {
	[ISAKMP_PEER_NAME] = NAME,
	[ISAKMP_PEER_GEN]  = { .type = NLA_U32 },
};

static const struct nla_policy auth_policy[ISAKMP_AUTH_MAX + 1] = {
	[ISAKMP_AUTH_PEER]   = NAME,
	[ISAKMP_AUTH_SIDE]   = { .type = NLA_U8 },
	[ISAKMP_AUTH_METHOD] = { .type = NLA_U8 },
	[ISAKMP_AUTH_CRED]   = NAME,
};

static const struct nla_policy cred_policy[ISAKMP_CRED_MAX + 1] = {
	[ISAKMP_CRED_NAME] = NAME,
	[ISAKMP_CRED_TYPE] = { .type = NLA_U8 },
	[ISAKMP_CRED_FILE] = { .type = NLA_STRING, .minlen = 2,
			       .maxlen = ISAKMP_PATH_LEN_MAX + 1 },
};

static bool get_ident(struct nlattr *a, struct ident *id)
{
	return ident_from_attr(nla_data(a), (size_t)nla_len(a), id);
}

static int add_peer(struct nlattr *nest, struct config *c)
{
	struct nlattr *tb[ISAKMP_PEER_MAX + 1];
	struct config_peer p = { 0 };

	if (nla_parse_nested(tb, ISAKMP_PEER_MAX, nest, peer_policy) ||
	    !tb[ISAKMP_PEER_NAME] || !tb[ISAKMP_PEER_GEN])
		return -EBADMSG;
	p.name = nla_get_string(tb[ISAKMP_PEER_NAME]);
	p.gen = nla_get_u32(tb[ISAKMP_PEER_GEN]);
	return config_add_peer(c, &p);
}

static int add_auth(struct nlattr *nest, struct config *c)
{
	struct nlattr *tb[ISAKMP_AUTH_MAX + 1];
	struct config_auth a = { 0 };

	if (nla_parse_nested(tb, ISAKMP_AUTH_MAX, nest, auth_policy) ||
	    !tb[ISAKMP_AUTH_PEER] || !tb[ISAKMP_AUTH_SIDE] || !tb[ISAKMP_AUTH_METHOD])
		return -EBADMSG;
	if (tb[ISAKMP_AUTH_ID] && !get_ident(tb[ISAKMP_AUTH_ID], &a.id))
		return -EBADMSG;
	if (tb[ISAKMP_AUTH_CRED])
		a.cred = nla_get_string(tb[ISAKMP_AUTH_CRED]);
	a.method = nla_get_u8(tb[ISAKMP_AUTH_METHOD]);
	return config_add_auth(c, nla_get_string(tb[ISAKMP_AUTH_PEER]),
			       nla_get_u8(tb[ISAKMP_AUTH_SIDE]), &a);
}

static int add_cred(struct nlattr *nest, struct config *c)
{
	struct nlattr *tb[ISAKMP_CRED_MAX + 1], *a;
	struct ident ids[ISAKMP_CRED_IDS_MAX];
	struct config_cred k = { .id = ids };
	int left;

	if (nla_parse_nested(tb, ISAKMP_CRED_MAX, nest, cred_policy) ||
	    !tb[ISAKMP_CRED_NAME] || !tb[ISAKMP_CRED_TYPE])
		return -EBADMSG;
	nla_for_each_nested(a, nest, left) {
		if (nla_type(a) != ISAKMP_CRED_ID)
			continue;
		if (k.n_id == ARRAY_SIZE(ids) || !get_ident(a, &ids[k.n_id++]))
			return -EBADMSG;
	}
	if (tb[ISAKMP_CRED_FILE])
		k.file = nla_get_string(tb[ISAKMP_CRED_FILE]);
	k.name = nla_get_string(tb[ISAKMP_CRED_NAME]);
	k.type = nla_get_u8(tb[ISAKMP_CRED_TYPE]);
	return config_add_cred(c, &k);
}

/**
 * objects_add() - one message of a dump into a snapshot
 * @nlh: reply to PEER_GET, AUTH_GET or CRED_GET
 * @config: struct config, being filled
 *
 * Return: 0, -EBADMSG or -ENOMEM.
 */
int objects_add(struct nlmsghdr *nlh, void *config)
{
	struct nlattr *top[ISAKMP_A_MAX + 1];

	if (!genlmsg_valid_hdr(nlh, 0) ||
	    genlmsg_parse(nlh, 0, top, ISAKMP_A_MAX, top_policy))
		return -EBADMSG;
	if (top[ISAKMP_A_PEER])
		return add_peer(top[ISAKMP_A_PEER], config);
	if (top[ISAKMP_A_AUTH])
		return add_auth(top[ISAKMP_A_AUTH], config);
	if (top[ISAKMP_A_CRED])
		return add_cred(top[ISAKMP_A_CRED], config);
	return -EBADMSG;
}
