// SPDX-License-Identifier: GPL-2.0
/* auth objects: how one side of a peer proves itself. */
#include "nl/kind.h"

const struct nla_policy isakmp_auth_policy[ISAKMP_AUTH_MAX + 1] = {
	[ISAKMP_AUTH_PEER]	= ISAKMP_NAME_POLICY,
	[ISAKMP_AUTH_SIDE]	= NLA_POLICY_RANGE(NLA_U8, ISAKMP_SIDE_LOCAL, ISAKMP_SIDE_REMOTE),
	[ISAKMP_AUTH_METHOD]	= NLA_POLICY_RANGE(NLA_U8, ISAKMP_METHOD_PSK, ISAKMP_METHOD_PSK),
	[ISAKMP_AUTH_ID]	= ISAKMP_IDENT_POLICY,
	[ISAKMP_AUTH_CRED]	= ISAKMP_NAME_POLICY,
	[ISAKMP_AUTH_CA] = { .type = NLA_REJECT },
	[ISAKMP_AUTH_SCHEME] = { .type = NLA_REJECT },
};

static size_t auth_size(const void *spec)
{
	return sizeof(struct isakmp_auth_spec);
}

static void auth_key(const void *spec, struct isakmp_key *key)
{
	const struct isakmp_auth_spec *v = spec;

	isakmp_key_names(key, v->peer, NULL);
	key->second[0] = (char)v->side;
}

static int auth_parse_key(const struct isakmp_parse *p, struct isakmp_key *key)
{
	int err = isakmp_attr_require(p->tb, p->nest, ISAKMP_AUTH_PEER, p->extack);

	isakmp_key_names(key, "", NULL);
	if (!err)
		err = isakmp_attr_require(p->tb, p->nest, ISAKMP_AUTH_SIDE, p->extack);
	if (err)
		return err;
	key->second[0] = (char)nla_get_u8(p->tb[ISAKMP_AUTH_SIDE]);
	return isakmp_attr_name(p->tb[ISAKMP_AUTH_PEER], key->first, p->extack);
}

static int auth_parse(const struct isakmp_parse *p, void *spec)
{
	struct isakmp_auth_spec *v = spec;
	struct nlattr **tb = p->tb;
	int err;

	v->side = nla_get_u8(tb[ISAKMP_AUTH_SIDE]);
	if (tb[ISAKMP_AUTH_METHOD])
		v->method = nla_get_u8(tb[ISAKMP_AUTH_METHOD]);
	err = isakmp_attr_name(tb[ISAKMP_AUTH_PEER], v->peer, p->extack);
	if (!err && !v->method)
		err = isakmp_attr_require(tb, p->nest, ISAKMP_AUTH_METHOD, p->extack);
	if (!err && tb[ISAKMP_AUTH_ID])
		err = isakmp_attr_ident(tb[ISAKMP_AUTH_ID], &v->id, p->extack);
	if (!err && v->side == ISAKMP_SIDE_LOCAL && !v->id.len)
		err = isakmp_attr_require(tb, p->nest, ISAKMP_AUTH_ID, p->extack);
	if (!err && tb[ISAKMP_AUTH_CRED])
		err = isakmp_attr_name(tb[ISAKMP_AUTH_CRED], v->cred, p->extack);
	return err;
}

static const char *auth_ref(const void *spec)
{
	return ((const struct isakmp_auth_spec *)spec)->cred;
}

static int auth_fill_key(struct sk_buff *skb, const struct isakmp_object *o)
{
	const struct isakmp_auth_spec *v = o->c.spec;

	if (nla_put_string(skb, ISAKMP_AUTH_PEER, v->peer))
		return -EMSGSIZE;
	return nla_put_u8(skb, ISAKMP_AUTH_SIDE, v->side);
}

static int auth_fill(struct sk_buff *skb, const struct isakmp_object *o)
{
	const struct isakmp_auth_spec *v = o->c.spec;

	if (nla_put_u8(skb, ISAKMP_AUTH_METHOD, v->method) ||
	    (v->id.len && nla_put(skb, ISAKMP_AUTH_ID, v->id.len, v->id.v)) ||
	    (v->cred[0] && nla_put_string(skb, ISAKMP_AUTH_CRED, v->cred)))
		return -EMSGSIZE;
	return 0;
}

const struct isakmp_kind_ops isakmp_auth_kind = {
	.attr		= ISAKMP_A_AUTH,
	.maxattr	= ISAKMP_AUTH_MAX,
	.policy		= isakmp_auth_policy,
	.key_attrs	= BIT(ISAKMP_AUTH_PEER) | BIT(ISAKMP_AUTH_SIDE),
	.ref_attr	= ISAKMP_AUTH_CRED,
	.ref_kind	= ISAKMP_KIND_CRED,
	.draft		= sizeof(struct isakmp_auth_spec),
	.size		= auth_size,
	.parse_key	= auth_parse_key,
	.key		= auth_key,
	.parse		= auth_parse,
	.ref		= auth_ref,
	.fill_key	= auth_fill_key,
	.fill		= auth_fill,
};
