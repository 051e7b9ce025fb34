// SPDX-License-Identifier: GPL-2.0
/* Dumped objects -> snapshot.  Lengths are checked, meaning is not judged. */
#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "objects.h"

#define NAME { .type = NLA_STRING, .minlen = 2, .maxlen = ISAKMP_NAME_MAX + 1 }

#define PATH { .type = NLA_STRING, .minlen = 2, .maxlen = ISAKMP_PATH_LEN_MAX + 1 }

static const struct nla_policy top_policy[ISAKMP_A_MAX + 1] = {
	[ISAKMP_A_PEER] = { .type = NLA_NESTED },
	[ISAKMP_A_AUTH] = { .type = NLA_NESTED },
	[ISAKMP_A_CRED] = { .type = NLA_NESTED },
	[ISAKMP_A_POOL] = { .type = NLA_NESTED },
};

static const struct nla_policy peer_policy[ISAKMP_PEER_MAX + 1] = {
	[ISAKMP_PEER_NAME] = NAME,
	[ISAKMP_PEER_GEN]  = { .type = NLA_U32 },
	[ISAKMP_PEER_REMOTE_PLEN] = { .type = NLA_U8 },
	[ISAKMP_PEER_TEMPLATE] = NAME,
	[ISAKMP_PEER_IS_TEMPLATE] = { .type = NLA_U8 },
	[ISAKMP_PEER_VERSIONS] = { .type = NLA_U8 },
};

static const struct nla_policy pool_policy[ISAKMP_POOL_MAX + 1] = {
	[ISAKMP_POOL_NAME] = NAME,
};

static const struct nla_policy auth_policy[ISAKMP_AUTH_MAX + 1] = {
	[ISAKMP_AUTH_PEER]   = NAME,
	[ISAKMP_AUTH_SIDE]   = { .type = NLA_U8 },
	[ISAKMP_AUTH_METHOD] = { .type = NLA_U8 },
	[ISAKMP_AUTH_CRED]   = NAME,
	[ISAKMP_AUTH_XAUTH]  = NAME,
};

static const struct nla_policy cred_policy[ISAKMP_CRED_MAX + 1] = {
	[ISAKMP_CRED_NAME] = NAME,
	[ISAKMP_CRED_TYPE] = { .type = NLA_U8 },
	[ISAKMP_CRED_FILE] = PATH,
	[ISAKMP_CRED_KEY_FILE] = PATH,
};

static bool get_ident(struct nlattr *a, struct ident *id)
{
	return ident_from_attr(nla_data(a), (size_t)nla_len(a), id);
}

static bool get_addr(struct nlattr *a, struct config_addr *to)
{
	if (!a)
		return true;
	if (nla_len(a) != 4 && nla_len(a) != 16)
		return false;
	to->len = (u8)nla_len(a);
	memcpy(to->octets, nla_data(a), to->len);
	return true;
}

/* A name is terminated within its attribute, and nothing follows. */
static bool name_ok(struct nlattr *a)
{
	const char *s = nla_data(a);
	int n = nla_len(a);

	return n >= 2 && n <= ISAKMP_NAME_MAX + 1 && memchr(s, '\0', (size_t)n) == s + n - 1;
}

static bool get_pools(struct nlattr *nest, struct config_peer *p, const char **pool)
{
	struct nlattr *a;
	int left;

	p->pool = pool;
	nla_for_each_nested(a, nest, left) {
		if (nla_type(a) != ISAKMP_PEER_POOL)
			continue;
		if (p->n_pool == ISAKMP_PEER_POOLS_MAX || !name_ok(a))
			return false;
		pool[p->n_pool++] = nla_data(a);
	}
	return true;
}

/* Bits of the exchanges that it may begin with. */
static u8 get_accept(struct nlattr *nest)
{
	struct nlattr *a;
	u8 bits = 0;
	int left;

	nla_for_each_nested(a, nest, left)
		if (nla_type(a) == ISAKMP_PEER_V1_ACCEPT && nla_len(a) && nla_get_u8(a) < 8)
			bits |= (u8)BIT(nla_get_u8(a));
	return bits;
}

static int add_peer(struct nlattr *nest, struct config *c)
{
	struct nlattr *tb[ISAKMP_PEER_MAX + 1];
	const char *pool[ISAKMP_PEER_POOLS_MAX];
	struct config_peer p = { 0 };

	if (nla_parse_nested(tb, ISAKMP_PEER_MAX, nest, peer_policy) ||
	    !tb[ISAKMP_PEER_NAME] || !tb[ISAKMP_PEER_GEN])
		return -EBADMSG;
	p.name = nla_get_string(tb[ISAKMP_PEER_NAME]);
	p.gen = nla_get_u32(tb[ISAKMP_PEER_GEN]);
	if (!get_addr(tb[ISAKMP_PEER_LOCAL], &p.local_addr) ||
	    !get_addr(tb[ISAKMP_PEER_REMOTE], &p.remote_addr) || !get_pools(nest, &p, pool))
		return -EBADMSG;
	p.has_plen = tb[ISAKMP_PEER_REMOTE_PLEN];
	if (p.has_plen)
		p.plen = nla_get_u8(tb[ISAKMP_PEER_REMOTE_PLEN]);
	p.has_versions = tb[ISAKMP_PEER_VERSIONS];
	if (p.has_versions)
		p.versions = nla_get_u8(tb[ISAKMP_PEER_VERSIONS]);
	p.accept = get_accept(nest);
	if (tb[ISAKMP_PEER_TEMPLATE])
		p.template = nla_get_string(tb[ISAKMP_PEER_TEMPLATE]);
	p.is_template = tb[ISAKMP_PEER_IS_TEMPLATE] && nla_get_u8(tb[ISAKMP_PEER_IS_TEMPLATE]);
	return config_add_peer(c, &p);
}

/* What is repeated: authorities and schemes. */
static bool get_lists(struct nlattr *nest, struct config_auth *to, const char **ca)
{
	struct nlattr *a;
	int left;

	nla_for_each_nested(a, nest, left) {
		if (nla_type(a) == ISAKMP_AUTH_CA) {
			if (to->n_ca == ISAKMP_AUTH_CAS_MAX || !name_ok(a))
				return false;
			ca[to->n_ca++] = nla_data(a);
		} else if (nla_type(a) == ISAKMP_AUTH_SCHEME) {
			if (to->n_scheme == CONFIG_SCHEMES_MAX || nla_len(a) != 1)
				return false;
			to->scheme[to->n_scheme++] = nla_get_u8(a);
		}
	}
	return true;
}

static int add_auth(struct nlattr *nest, struct config *c)
{
	struct nlattr *tb[ISAKMP_AUTH_MAX + 1];
	const char *ca[ISAKMP_AUTH_CAS_MAX];
	struct config_auth a = { .ca = ca };

	if (nla_parse_nested(tb, ISAKMP_AUTH_MAX, nest, auth_policy) ||
	    !tb[ISAKMP_AUTH_PEER] || !tb[ISAKMP_AUTH_SIDE] || !tb[ISAKMP_AUTH_METHOD])
		return -EBADMSG;
	if (tb[ISAKMP_AUTH_ID] && !get_ident(tb[ISAKMP_AUTH_ID], &a.id))
		return -EBADMSG;
	if (!get_lists(nest, &a, ca))
		return -EBADMSG;
	if (tb[ISAKMP_AUTH_CRED])
		a.cred = nla_get_string(tb[ISAKMP_AUTH_CRED]);
	if (tb[ISAKMP_AUTH_XAUTH])
		a.xauth = nla_get_string(tb[ISAKMP_AUTH_XAUTH]);
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
	if (tb[ISAKMP_CRED_KEY_FILE])
		k.key_file = nla_get_string(tb[ISAKMP_CRED_KEY_FILE]);
	k.name = nla_get_string(tb[ISAKMP_CRED_NAME]);
	k.type = nla_get_u8(tb[ISAKMP_CRED_TYPE]);
	return config_add_cred(c, &k);
}

static bool get_range(struct nlattr *nest, struct config_range *r)
{
	struct nlattr *tb[ISAKMP_RANGE_MAX + 1];

	return !nla_parse_nested(tb, ISAKMP_RANGE_MAX, nest, NULL) && tb[ISAKMP_RANGE_START] &&
	       tb[ISAKMP_RANGE_END] && get_addr(tb[ISAKMP_RANGE_START], &r->start) &&
	       get_addr(tb[ISAKMP_RANGE_END], &r->end) && r->start.len == r->end.len &&
	       memcmp(r->start.octets, r->end.octets, r->start.len) <= 0;
}

/* The lists of a pool, as they are read. */
struct pool_lists {
	struct config_range range[ISAKMP_POOL_RANGES_MAX];
	struct config_addr dns[IKE_CFG_DNS_MAX];
	struct config_range subnet[IKE_CFG_SUBNETS_MAX];
	const char *domain[CONFIG_DOMAINS_MAX];
};

static bool domain_ok(struct nlattr *a)
{
	const char *s = nla_data(a);
	int n = nla_len(a);

	return n >= 2 && n <= IKE_CFG_DOMAIN_MAX + 1 && memchr(s, '\0', (size_t)n) == s + n - 1;
}

static bool get_of_pool(struct nlattr *a, struct config_pool *p, struct pool_lists *l)
{
	switch (nla_type(a)) {
	case ISAKMP_POOL_RANGE:
		return p->n_range < ARRAY_SIZE(l->range) && get_range(a, &l->range[p->n_range++]);
	case ISAKMP_POOL_DNS:
		return p->n_dns < ARRAY_SIZE(l->dns) && get_addr(a, &l->dns[p->n_dns++]);
	case ISAKMP_POOL_SUBNET:
		return p->n_subnet < ARRAY_SIZE(l->subnet) &&
		       get_range(a, &l->subnet[p->n_subnet++]);
	case ISAKMP_POOL_DOMAIN:
		if (p->n_domain < ARRAY_SIZE(l->domain))
			l->domain[p->n_domain++] = nla_data(a);
		return domain_ok(a);
	}
	return true;
}

static int add_pool(struct nlattr *nest, struct config *c)
{
	struct nlattr *tb[ISAKMP_POOL_MAX + 1], *a;
	struct pool_lists l = { 0 };
	struct config_pool p = { .range = l.range, .dns = l.dns, .subnet = l.subnet,
				 .domain = l.domain };
	int left;

	if (nla_parse_nested(tb, ISAKMP_POOL_MAX, nest, pool_policy) || !tb[ISAKMP_POOL_NAME])
		return -EBADMSG;
	p.name = nla_get_string(tb[ISAKMP_POOL_NAME]);
	nla_for_each_nested(a, nest, left)
		if (!get_of_pool(a, &p, &l))
			return -EBADMSG;
	return config_add_pool(c, &p);
}

/**
 * objects_add() - one message of a dump into a snapshot
 * @nlh: reply to PEER_GET, AUTH_GET, CRED_GET or POOL_GET
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
	if (top[ISAKMP_A_POOL])
		return add_pool(top[ISAKMP_A_POOL], config);
	return -EBADMSG;
}
