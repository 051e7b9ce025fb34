// SPDX-License-Identifier: GPL-2.0
/* pool objects: inner addresses for peers that ask for them. */
#include <isakmp/ikev2.h>
#include "nl/kind.h"
#include "wire/cp.h"

const struct nla_policy isakmp_range_policy[ISAKMP_RANGE_MAX + 1] = {
	[ISAKMP_RANGE_START]	= ISAKMP_ADDR_POLICY,
	[ISAKMP_RANGE_END]	= ISAKMP_ADDR_POLICY,
};

const struct nla_policy isakmp_pool_policy[ISAKMP_POOL_MAX + 1] = {
	[ISAKMP_POOL_NAME]	= ISAKMP_NAME_POLICY,
	[ISAKMP_POOL_RANGE]	= NLA_POLICY_NESTED(isakmp_range_policy),
	[ISAKMP_POOL_DNS]	= ISAKMP_ADDR_POLICY,
	[ISAKMP_POOL_SUBNET]	= NLA_POLICY_NESTED(isakmp_range_policy),
	[ISAKMP_POOL_DOMAIN]	= ISAKMP_DOMAIN_POLICY,
};

/* ---- what verdicts and SAs have, too ------------------------------------- */

/**
 * isakmp_range_attr() - read a range
 * @nest: the attribute
 * @r: filled
 * @extack: told why not
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_range_attr(const struct nlattr *nest, struct isakmp_range *r,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ISAKMP_RANGE_MAX + 1];
	int err;

	err = nla_parse_nested(tb, ISAKMP_RANGE_MAX, nest, isakmp_range_policy, extack);
	if (!err)
		err = isakmp_attr_require(tb, nest, ISAKMP_RANGE_START, extack);
	if (!err)
		err = isakmp_attr_require(tb, nest, ISAKMP_RANGE_END, extack);
	if (!err)
		err = isakmp_attr_addr(tb[ISAKMP_RANGE_START], &r->start, extack);
	if (!err)
		err = isakmp_attr_addr(tb[ISAKMP_RANGE_END], &r->end, extack);
	if (err)
		return err;
	if (r->start.family != r->end.family)
		return isakmp_refuse(extack, nest, -EINVAL, "one end is IPv4, the other IPv6");
	if (memcmp(r->start.a, r->end.a, sizeof(r->start.a)) > 0)
		return isakmp_refuse(extack, nest, -EINVAL, "the range starts above its end");
	return 0;
}

static bool bit(const struct isakmp_addr *a, unsigned int i)
{
	return a->a[i / 8] & 0x80 >> i % 8;
}

/**
 * isakmp_subnet_attr() - read a range that is a prefix
 * @nest: the attribute
 * @net: filled
 * @extack: told why not
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_subnet_attr(const struct nlattr *nest, struct ike_net *net,
		       struct netlink_ext_ack *extack)
{
	unsigned int bits, plen = 0, i;
	struct isakmp_range r;
	int err;

	err = isakmp_range_attr(nest, &r, extack);
	if (err)
		return err;
	bits = 8 * (unsigned int)isakmp_addr_len(&r.start);
	while (plen < bits && bit(&r.start, plen) == bit(&r.end, plen))
		plen++;
	for (i = plen; i < bits; i++)
		if (bit(&r.start, i) || !bit(&r.end, i))
			return isakmp_refuse(extack, nest, -EINVAL, "a subnet is a prefix");
	net->addr = r.start;
	net->plen = (u8)plen;
	return 0;
}

/**
 * isakmp_range_put() - write a range
 * @skb: where to
 * @type: of the nest
 * @r: the range
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int isakmp_range_put(struct sk_buff *skb, int type, const struct isakmp_range *r)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest || isakmp_attr_put_addr(skb, ISAKMP_RANGE_START, &r->start) ||
	    isakmp_attr_put_addr(skb, ISAKMP_RANGE_END, &r->end))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * isakmp_config_attr() - one of what goes with inner addresses
 * @a: the attribute
 * @as: ISAKMP_POOL_DNS, _SUBNET or _DOMAIN: what it is
 * @c: it is added to this
 * @extack: told why not
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_config_attr(const struct nlattr *a, int as, struct ike_config *c,
		       struct netlink_ext_ack *extack)
{
	size_t n;

	if (as == ISAKMP_POOL_DNS) {
		if (c->n_dns == IKE_CFG_DNS_MAX)
			return isakmp_refuse(extack, a, -E2BIG, "there are at most 8 DNS servers");
		return isakmp_attr_host(a, &c->dns[c->n_dns++], extack);
	}
	if (as == ISAKMP_POOL_SUBNET) {
		if (c->n_subnets == IKE_CFG_SUBNETS_MAX)
			return isakmp_refuse(extack, a, -E2BIG, "there are at most 16 subnets");
		return isakmp_subnet_attr(a, &c->subnet[c->n_subnets++], extack);
	}
	n = strlen(nla_data(a));
	if (!isakmp_cp_domain_ok(nla_data(a), n))
		return isakmp_refuse(extack, a, -EINVAL,
				     "a domain has letters, digits, hyphens and dots alone");
	if (c->domains_len + n + 1 > sizeof(c->domains))
		return isakmp_refuse(extack, a, -E2BIG, "the domains have at most 1024 octets");
	memcpy(c->domains + c->domains_len, nla_data(a), n + 1);
	c->domains_len += (u16)(n + 1);
	return 0;
}

static struct isakmp_range range_of(const struct ike_net *net)
{
	struct isakmp_range r = { net->addr, net->addr };
	unsigned int i;

	for (i = net->plen; i < 8 * isakmp_addr_len(&r.end); i++)
		r.end.a[i / 8] |= 0x80 >> i % 8;
	return r;
}

/**
 * isakmp_config_put() - write what goes with inner addresses
 * @skb: where to
 * @c: it
 * @dns: type of the attribute of a DNS server; those of a subnet and a domain follow
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int isakmp_config_put(struct sk_buff *skb, const struct ike_config *c, int dns)
{
	struct isakmp_range r;
	unsigned int i;

	for (i = 0; i < c->n_dns; i++)
		if (isakmp_attr_put_addr(skb, dns, &c->dns[i]))
			return -EMSGSIZE;
	for (i = 0; i < c->n_subnets; i++) {
		r = range_of(&c->subnet[i]);
		if (isakmp_range_put(skb, dns + 1, &r))
			return -EMSGSIZE;
	}
	for (i = 0; i < c->domains_len; i += strlen(c->domains + i) + 1)
		if (nla_put_string(skb, dns + 2, c->domains + i))
			return -EMSGSIZE;
	return 0;
}

/* ---- the object ---------------------------------------------------------- */

static size_t pool_size(const void *spec)
{
	return sizeof(struct isakmp_pool_spec);
}

static void pool_key(const void *spec, struct isakmp_key *key)
{
	isakmp_key_names(key, ((const struct isakmp_pool_spec *)spec)->name, NULL);
}

static int pool_parse_key(const struct isakmp_parse *p, struct isakmp_key *key)
{
	int err = isakmp_attr_require(p->tb, p->nest, ISAKMP_POOL_NAME, p->extack);

	isakmp_key_names(key, "", NULL);
	return err ?: isakmp_attr_name(p->tb[ISAKMP_POOL_NAME], key->first, p->extack);
}

static bool overlap(const struct isakmp_range *a, const struct isakmp_range *b)
{
	return a->start.family == b->start.family &&
	       memcmp(a->start.a, b->end.a, sizeof(a->start.a)) <= 0 &&
	       memcmp(b->start.a, a->end.a, sizeof(a->start.a)) <= 0;
}

static int pool_range(const struct isakmp_parse *p, const struct nlattr *a,
		      struct isakmp_pool_spec *v)
{
	unsigned int i;
	int err;

	if (v->n_ranges == ISAKMP_POOL_RANGES_MAX)
		return isakmp_refuse(p->extack, a, -E2BIG, "a pool has at most 8 ranges");
	err = isakmp_range_attr(a, &v->range[v->n_ranges], p->extack);
	if (err)
		return err;
	for (i = 0; i < v->n_ranges; i++)
		if (overlap(&v->range[i], &v->range[v->n_ranges]))
			return isakmp_refuse(p->extack, a, -EINVAL, "two ranges overlap");
	v->n_ranges++;
	return 0;
}

/* A list that is given takes the place of the one that was there. */
static void pool_forget(const struct isakmp_parse *p, struct isakmp_pool_spec *v)
{
	struct ike_config *c = &v->config;

	if (p->tb[ISAKMP_POOL_RANGE]) {
		v->n_ranges = 0;
		memset(v->range, 0, sizeof(v->range));
	}
	if (p->tb[ISAKMP_POOL_DNS]) {
		c->n_dns = 0;
		memset(c->dns, 0, sizeof(c->dns));
	}
	if (p->tb[ISAKMP_POOL_SUBNET]) {
		c->n_subnets = 0;
		memset(c->subnet, 0, sizeof(c->subnet));
	}
	if (p->tb[ISAKMP_POOL_DOMAIN]) {
		c->domains_len = 0;
		memset(c->domains, 0, sizeof(c->domains));
	}
}

static int pool_parse(const struct isakmp_parse *p, void *spec)
{
	struct isakmp_pool_spec *v = spec;
	const struct nlattr *a;
	int rem, err;

	err = isakmp_attr_name(p->tb[ISAKMP_POOL_NAME], v->name, p->extack);
	if (err)
		return err;
	pool_forget(p, v);
	nla_for_each_nested(a, p->nest, rem) {
		switch (nla_type(a)) {
		case ISAKMP_POOL_RANGE:
			err = pool_range(p, a, v);
			break;
		case ISAKMP_POOL_DNS:
		case ISAKMP_POOL_SUBNET:
		case ISAKMP_POOL_DOMAIN:
			err = isakmp_config_attr(a, nla_type(a), &v->config, p->extack);
			break;
		}
		if (err)
			return err;
	}
	if (!v->n_ranges)
		return isakmp_attr_require(p->tb, p->nest, ISAKMP_POOL_RANGE, p->extack);
	return 0;
}

static int pool_fill_key(struct sk_buff *skb, const struct isakmp_object *o)
{
	const struct isakmp_pool_spec *v = o->c.spec;

	return nla_put_string(skb, ISAKMP_POOL_NAME, v->name);
}

static int pool_fill(struct sk_buff *skb, const struct isakmp_object *o)
{
	const struct isakmp_pool_spec *v = o->c.spec;
	unsigned int i;

	BUILD_BUG_ON(ISAKMP_POOL_SUBNET != ISAKMP_POOL_DNS + 1 ||
		     ISAKMP_POOL_DOMAIN != ISAKMP_POOL_DNS + 2);
	for (i = 0; i < v->n_ranges; i++)
		if (isakmp_range_put(skb, ISAKMP_POOL_RANGE, &v->range[i]))
			return -EMSGSIZE;
	return isakmp_config_put(skb, &v->config, ISAKMP_POOL_DNS);
}

const struct isakmp_kind_ops isakmp_pool_kind = {
	.attr		= ISAKMP_A_POOL,
	.maxattr	= ISAKMP_POOL_MAX,
	.policy		= isakmp_pool_policy,
	.key_attrs	= BIT(ISAKMP_POOL_NAME),
	.draft		= sizeof(struct isakmp_pool_spec),
	.size		= pool_size,
	.parse_key	= pool_parse_key,
	.key		= pool_key,
	.parse		= pool_parse,
	.fill_key	= pool_fill_key,
	.fill		= pool_fill,
};
