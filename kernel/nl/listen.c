// SPDX-License-Identifier: GPL-2.0
/* listen objects: which of our addresses answer. */
#include "nl/kind.h"

const struct nla_policy isakmp_listen_policy[ISAKMP_LISTEN_MAX + 1] = {
	[ISAKMP_LISTEN_DEV]	= ISAKMP_DEV_POLICY,
	[ISAKMP_LISTEN_ADDR]	= ISAKMP_ADDR_POLICY,
};

static size_t listen_size(const void *spec)
{
	return sizeof(struct isakmp_listen_spec);
}

static void listen_key(const void *spec, struct isakmp_key *key)
{
	const struct isakmp_listen_spec *l = spec;

	BUILD_BUG_ON(sizeof(l->addr) > sizeof(key->second));
	isakmp_key_names(key, l->dev, NULL);
	memcpy(key->second, &l->addr, sizeof(l->addr));
}

static int listen_parse(const struct isakmp_parse *p, void *spec)
{
	struct isakmp_listen_spec *l = spec;
	int err = 0;

	if (p->tb[ISAKMP_LISTEN_DEV])
		err = isakmp_attr_dev(p->tb[ISAKMP_LISTEN_DEV], l->dev, p->extack);
	if (!err && p->tb[ISAKMP_LISTEN_ADDR])
		err = isakmp_attr_host(p->tb[ISAKMP_LISTEN_ADDR], &l->addr, p->extack);
	return err;
}

/* All of it is the key. */
static int listen_parse_key(const struct isakmp_parse *p, struct isakmp_key *key)
{
	struct isakmp_listen_spec l = {};
	int err = listen_parse(p, &l);

	if (!err)
		listen_key(&l, key);
	return err;
}

static int listen_fill_key(struct sk_buff *skb, const struct isakmp_object *o)
{
	const struct isakmp_listen_spec *l = o->c.spec;

	if (l->dev[0] && nla_put_string(skb, ISAKMP_LISTEN_DEV, l->dev))
		return -EMSGSIZE;
	return isakmp_attr_put_addr(skb, ISAKMP_LISTEN_ADDR, &l->addr);
}

const struct isakmp_kind_ops isakmp_listen_kind = {
	.attr		= ISAKMP_A_LISTEN,
	.maxattr	= ISAKMP_LISTEN_MAX,
	.policy		= isakmp_listen_policy,
	.key_attrs	= BIT(ISAKMP_LISTEN_DEV) | BIT(ISAKMP_LISTEN_ADDR),
	.draft		= sizeof(struct isakmp_listen_spec),
	.size		= listen_size,
	.parse_key	= listen_parse_key,
	.key		= listen_key,
	.parse		= listen_parse,
	.fill_key	= listen_fill_key,
};
