// SPDX-License-Identifier: GPL-2.0
/* peer objects: an IKE peer, or all that match. */
#include <linux/in.h>
#include <isakmp/ikev2.h>
#include "nl/kind.h"
#include "nl/peers.h"

#define PEER_DPD_S	30
#define PEER_LIFE_S	86400

const struct nla_policy isakmp_peer_policy[ISAKMP_PEER_MAX + 1] = {
	[ISAKMP_PEER_NAME]	= ISAKMP_NAME_POLICY,
	[ISAKMP_PEER_LOCAL]	= ISAKMP_ADDR_POLICY,
	[ISAKMP_PEER_REMOTE]	= ISAKMP_ADDR_POLICY,
	[ISAKMP_PEER_REMOTE_PLEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[ISAKMP_PEER_PROPOSAL]	= ISAKMP_NAME_POLICY,
	[ISAKMP_PEER_DPD_S]	= { .type = NLA_U32 },
	[ISAKMP_PEER_LIFE_S]	= { .type = NLA_U32 },
	[ISAKMP_PEER_TEMPLATE] = { .type = NLA_REJECT },
	[ISAKMP_PEER_IS_TEMPLATE] = { .type = NLA_REJECT },
	[ISAKMP_PEER_ENCAP] = { .type = NLA_REJECT },
	[ISAKMP_PEER_MARK] = { .type = NLA_REJECT },
	[ISAKMP_PEER_DEV] = { .type = NLA_REJECT },
	[ISAKMP_PEER_MAX_SAS] = { .type = NLA_REJECT },
};

static size_t peer_size(const void *spec)
{
	return sizeof(struct isakmp_peer_spec);
}

static void peer_key(const void *spec, struct isakmp_key *key)
{
	isakmp_key_names(key, ((const struct isakmp_peer_spec *)spec)->name, NULL);
}

static int peer_parse_key(const struct isakmp_parse *p, struct isakmp_key *key)
{
	int err = isakmp_attr_require(p->tb, p->nest, ISAKMP_PEER_NAME, p->extack);

	isakmp_key_names(key, "", NULL);
	return err ?: isakmp_attr_name(p->tb[ISAKMP_PEER_NAME], key->first, p->extack);
}

static void peer_init(void *spec)
{
	struct isakmp_peer_spec *v = spec;

	v->dpd_s = PEER_DPD_S;
	v->life_s = PEER_LIFE_S;
}

/* An address that one host has and that messages may come from. */
static int peer_host(const struct nlattr *a, struct isakmp_addr *x,
		     struct netlink_ext_ack *extack)
{
	int err = isakmp_attr_addr(a, x, extack);
	__be32 ip;

	if (err)
		return err;
	memcpy(&ip, x->a, sizeof(ip));
	if (ipv4_is_zeronet(ip) || ipv4_is_multicast(ip) || ipv4_is_lbcast(ip))
		return isakmp_refuse(extack, a, -EINVAL, "this is not the address of a host");
	return 0;
}

static int peer_remote(const struct isakmp_parse *p, struct isakmp_peer_spec *v)
{
	const struct nlattr *a = p->tb[ISAKMP_PEER_REMOTE], *plen = p->tb[ISAKMP_PEER_REMOTE_PLEN];
	u32 ip;
	int err;

	if (!a && !plen)
		return 0;
	if (!a)
		return isakmp_refuse(p->extack, plen, -EINVAL,
				     "a prefix length needs an address with it");
	v->remote_plen = plen ? nla_get_u8(plen) : 32;
	if (v->remote_plen > 32)
		return isakmp_refuse(p->extack, plen, -EINVAL,
				     "an IPv4 prefix has at most 32 bits");
	if (v->remote_plen == 32)
		return peer_host(a, &v->remote, p->extack);
	err = isakmp_attr_addr(a, &v->remote, p->extack);
	if (err)
		return err;
	ip = get_unaligned_be32(v->remote.a);
	if (v->remote_plen ? ip & (U32_MAX >> v->remote_plen) : ip)
		return isakmp_refuse(p->extack, a, -EINVAL,
				     "the prefix has bits set after its length");
	return 0;
}

static int peer_parse(const struct isakmp_parse *p, void *spec)
{
	struct isakmp_peer_spec *v = spec;
	struct nlattr **tb = p->tb;
	int err;

	err = isakmp_attr_name(tb[ISAKMP_PEER_NAME], v->name, p->extack);
	if (!err && tb[ISAKMP_PEER_LOCAL])
		err = peer_host(tb[ISAKMP_PEER_LOCAL], &v->local, p->extack);
	if (!err)
		err = peer_remote(p, v);
	if (!err && tb[ISAKMP_PEER_PROPOSAL])
		err = isakmp_attr_name(tb[ISAKMP_PEER_PROPOSAL], v->proposal, p->extack);
	if (!err && !v->proposal[0])
		err = isakmp_attr_require(tb, p->nest, ISAKMP_PEER_PROPOSAL, p->extack);
	if (err)
		return err;
	if (tb[ISAKMP_PEER_DPD_S])
		v->dpd_s = nla_get_u32(tb[ISAKMP_PEER_DPD_S]);
	if (tb[ISAKMP_PEER_LIFE_S])
		v->life_s = nla_get_u32(tb[ISAKMP_PEER_LIFE_S]);
	if (v->remote_plen == 32 && v->local.family &&
	    isakmp_addr_equal(&v->local, &v->remote))
		return isakmp_refuse(p->extack, tb[ISAKMP_PEER_REMOTE] ?: tb[ISAKMP_PEER_LOCAL],
				     -EINVAL, "local and remote address are the same");
	return 0;
}

static const char *peer_ref(const void *spec)
{
	return ((const struct isakmp_peer_spec *)spec)->proposal;
}

static int peer_fill_key(struct sk_buff *skb, const struct isakmp_object *o)
{
	const struct isakmp_peer_spec *v = o->c.spec;

	return nla_put_string(skb, ISAKMP_PEER_NAME, v->name);
}

static int peer_fill(struct sk_buff *skb, const struct isakmp_object *o)
{
	const struct isakmp_peer_spec *v = o->c.spec;

	if (isakmp_attr_put_addr(skb, ISAKMP_PEER_LOCAL, &v->local) ||
	    isakmp_attr_put_addr(skb, ISAKMP_PEER_REMOTE, &v->remote) ||
	    (v->remote.family &&
	     nla_put_u8(skb, ISAKMP_PEER_REMOTE_PLEN, v->remote_plen)) ||
	    nla_put_string(skb, ISAKMP_PEER_PROPOSAL, v->proposal) ||
	    nla_put_u32(skb, ISAKMP_PEER_DPD_S, v->dpd_s) ||
	    nla_put_u32(skb, ISAKMP_PEER_LIFE_S, v->life_s))
		return -EMSGSIZE;
	return o->live ? nla_put_u32(skb, ISAKMP_PEER_GEN, o->live->p.gen) : 0;
}

const struct isakmp_kind_ops isakmp_peer_kind = {
	.attr		= ISAKMP_A_PEER,
	.maxattr	= ISAKMP_PEER_MAX,
	.policy		= isakmp_peer_policy,
	.key_attrs	= BIT(ISAKMP_PEER_NAME),
	.ref_attr	= ISAKMP_PEER_PROPOSAL,
	.ref_kind	= ISAKMP_KIND_PROPOSAL,
	.draft		= sizeof(struct isakmp_peer_spec),
	.size		= peer_size,
	.parse_key	= peer_parse_key,
	.key		= peer_key,
	.init		= peer_init,
	.parse		= peer_parse,
	.ref		= peer_ref,
	.fill_key	= peer_fill_key,
	.fill		= peer_fill,
};
