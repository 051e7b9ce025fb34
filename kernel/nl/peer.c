// SPDX-License-Identifier: GPL-2.0
/* peer objects: an IKE peer, or all that match. */
#include <isakmp/ikev1.h>
#include "nl/inherit.h"
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
	[ISAKMP_PEER_TEMPLATE]	= ISAKMP_NAME_POLICY,
	[ISAKMP_PEER_IS_TEMPLATE] = NLA_POLICY_MAX(NLA_U8, 1),
	[ISAKMP_PEER_ENCAP]	= NLA_POLICY_MAX(NLA_U8, 1),
	[ISAKMP_PEER_MARK]	= { .type = NLA_U32 },
	[ISAKMP_PEER_DEV]	= ISAKMP_DEV_POLICY,
	[ISAKMP_PEER_MAX_SAS]	= NLA_POLICY_MIN(NLA_U32, 1),
	[ISAKMP_PEER_REAUTH_S]	= { .type = NLA_U32 },
	[ISAKMP_PEER_UNIQUE]	= NLA_POLICY_MAX(NLA_U8, ISAKMP_UNIQUE_KEEP),
	[ISAKMP_PEER_FRAGMENTATION] = NLA_POLICY_MAX(NLA_U8, 1),
	[ISAKMP_PEER_MOBIKE]	= NLA_POLICY_MAX(NLA_U8, 1),
	[ISAKMP_PEER_ROAM]	= NLA_POLICY_NESTED(isakmp_ts_policy),
	[ISAKMP_PEER_FRAGMENT_SIZE] = NLA_POLICY_RANGE(NLA_U16, IKE_FRAGMENT_SIZE_MIN, IKE_MSG_MAX),
	[ISAKMP_PEER_WINDOW]	= NLA_POLICY_RANGE(NLA_U16, 1, IKE_WINDOW_MAX),
	[ISAKMP_PEER_CHILDLESS]	= NLA_POLICY_MAX(NLA_U8, ISAKMP_CHILDLESS_FORCE),
	[ISAKMP_PEER_QCD]	= NLA_POLICY_MAX(NLA_U8, 1),
	[ISAKMP_PEER_REDIRECT]	= ISAKMP_ADDR_POLICY,
	[ISAKMP_PEER_FOLLOW]	= NLA_POLICY_NESTED(isakmp_ts_policy),
	[ISAKMP_PEER_POOL]	= ISAKMP_NAME_POLICY,
	[ISAKMP_PEER_VIRTUAL_IP] = ISAKMP_ADDR_POLICY,
	[ISAKMP_PEER_RESUMPTION] = NLA_POLICY_MAX(NLA_U8, 1),
	[ISAKMP_PEER_VERSIONS]	= NLA_POLICY_MAX(NLA_U8, ISAKMP_VERSIONS_2_THEN_1),
	[ISAKMP_PEER_V1_EXCHANGE] = NLA_POLICY_RANGE(NLA_U8, V1_BASE, V1_AGGRESSIVE),
	[ISAKMP_PEER_V1_ACCEPT]	= NLA_POLICY_RANGE(NLA_U8, V1_BASE, V1_AGGRESSIVE),
	[ISAKMP_PEER_LIFETIME_CHECK] = NLA_POLICY_MAX(NLA_U8, ISAKMP_LIFETIME_EXACT),
	[ISAKMP_PEER_V1_PUSH]	= NLA_POLICY_MAX(NLA_U8, 1),
	[ISAKMP_PEER_V1_NEW_GROUP] = NLA_POLICY_MAX(NLA_U8, 1),
};

static size_t peer_size(const void *spec)
{
	const struct isakmp_peer_spec *v = spec;

	return struct_size(v, pool, v->n_pools);
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
	v->max_sas = ISAKMP_PEER_SAS;
	v->unique = ISAKMP_UNIQUE_REPLACE;
	v->fragmentation = 1;
	v->mobike = 1;
	v->fragment_size = IKE_FRAGMENT_SIZE;
	v->window = 1;
	v->childless = ISAKMP_CHILDLESS_ALLOW;
	v->qcd = 1;
	v->v1_exchange = V1_MAIN;
	v->v1_accept = BIT(V1_MAIN);
}

/* Keys of one octet. */
static const struct {
	u8 attr;
	u32 bit;
	size_t at;
} choices[] = {
	{ ISAKMP_PEER_ENCAP,	ISAKMP_GIVEN_ENCAP,	offsetof(struct isakmp_peer_spec, encap) },
	{ ISAKMP_PEER_UNIQUE,	ISAKMP_GIVEN_UNIQUE,	offsetof(struct isakmp_peer_spec, unique) },
	{ ISAKMP_PEER_FRAGMENTATION, ISAKMP_GIVEN_FRAGMENTS,
	  offsetof(struct isakmp_peer_spec, fragmentation) },
	{ ISAKMP_PEER_CHILDLESS, ISAKMP_GIVEN_CHILDLESS,
	  offsetof(struct isakmp_peer_spec, childless) },
	{ ISAKMP_PEER_RESUMPTION, ISAKMP_GIVEN_RESUMPTION,
	  offsetof(struct isakmp_peer_spec, resumption) },
	{ ISAKMP_PEER_QCD,	ISAKMP_GIVEN_QCD,	offsetof(struct isakmp_peer_spec, qcd) },
	{ ISAKMP_PEER_VERSIONS,	ISAKMP_GIVEN_VERSIONS,
	  offsetof(struct isakmp_peer_spec, versions) },
	{ ISAKMP_PEER_V1_EXCHANGE, ISAKMP_GIVEN_V1_EXCHANGE,
	  offsetof(struct isakmp_peer_spec, v1_exchange) },
	{ ISAKMP_PEER_LIFETIME_CHECK, ISAKMP_GIVEN_LIFETIME_CHECK,
	  offsetof(struct isakmp_peer_spec, lifetime_check) },
	{ ISAKMP_PEER_V1_PUSH,	ISAKMP_GIVEN_V1_PUSH,
	  offsetof(struct isakmp_peer_spec, v1_push) },
	{ ISAKMP_PEER_V1_NEW_GROUP, ISAKMP_GIVEN_V1_NEW_GROUP,
	  offsetof(struct isakmp_peer_spec, v1_new_group) },
};

static void peer_choices(struct nlattr **tb, struct isakmp_peer_spec *v)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(choices); i++) {
		if (!tb[choices[i].attr])
			continue;
		*((u8 *)v + choices[i].at) = nla_get_u8(tb[choices[i].attr]);
		v->given |= choices[i].bit;
	}
}

/* Is any bit of @x set after the first @plen? */
static bool bits_after(const struct isakmp_addr *x, unsigned int plen)
{
	unsigned int i;

	for (i = plen / 8; i < sizeof(x->a); i++)
		if (x->a[i] & (i == plen / 8 ? 0xff >> plen % 8 : 0xff))
			return true;
	return false;
}

static int peer_remote(const struct isakmp_parse *p, struct isakmp_peer_spec *v)
{
	const struct nlattr *a = p->tb[ISAKMP_PEER_REMOTE], *plen = p->tb[ISAKMP_PEER_REMOTE_PLEN];
	struct isakmp_addr remote;
	unsigned int bits;
	int err;

	if (!a && !plen)
		return 0;
	if (!a)
		return isakmp_refuse(p->extack, plen, -EINVAL,
				     "a prefix length needs an address with it");
	err = isakmp_attr_addr(a, &remote, p->extack);
	if (err)
		return err;
	bits = 8 * (unsigned int)isakmp_addr_len(&remote);
	v->remote_plen = plen ? nla_get_u8(plen) : (u8)bits;
	if (v->remote_plen > bits)
		return isakmp_refuse(p->extack, plen, -EINVAL,
				     "a prefix has at most 32 bits (IPv4) or 128 bits (IPv6)");
	if (v->remote_plen == bits)
		return isakmp_attr_host(a, &v->remote, p->extack);
	if (bits_after(&remote, v->remote_plen))
		return isakmp_refuse(p->extack, a, -EINVAL,
				     "the prefix has bits set after its length");
	v->remote = remote;
	return 0;
}

static int peer_ends(const struct isakmp_parse *p, struct isakmp_peer_spec *v)
{
	struct nlattr **tb = p->tb;
	int err = 0;

	if (tb[ISAKMP_PEER_LOCAL])
		err = isakmp_attr_host(tb[ISAKMP_PEER_LOCAL], &v->local, p->extack);
	if (!err)
		err = peer_remote(p, v);
	if (!err && tb[ISAKMP_PEER_DEV])
		err = isakmp_attr_dev(tb[ISAKMP_PEER_DEV], v->dev, p->extack);
	if (err || !v->local.family || !v->remote.family)
		return err;
	if (v->local.family != v->remote.family)
		return isakmp_refuse(p->extack, tb[ISAKMP_PEER_REMOTE] ?: tb[ISAKMP_PEER_LOCAL],
				     -EINVAL, "both addresses are IPv4, or both are IPv6");
	if (v->remote_plen == 8 * isakmp_addr_len(&v->remote) &&
	    isakmp_addr_equal(&v->local, &v->remote))
		return isakmp_refuse(p->extack, tb[ISAKMP_PEER_REMOTE] ?: tb[ISAKMP_PEER_LOCAL],
				     -EINVAL, "local and remote address are the same");
	return 0;
}

static void peer_numbers(struct nlattr **tb, struct isakmp_peer_spec *v)
{
	const struct {
		int attr;
		u32 bit;
		u32 *to;
	} numbers[] = {
		{ ISAKMP_PEER_DPD_S,	ISAKMP_GIVEN_DPD,	&v->dpd_s },
		{ ISAKMP_PEER_LIFE_S,	ISAKMP_GIVEN_LIFE,	&v->life_s },
		{ ISAKMP_PEER_MARK,	ISAKMP_GIVEN_MARK,	&v->mark },
		{ ISAKMP_PEER_MAX_SAS,	ISAKMP_GIVEN_MAX_SAS,	&v->max_sas },
		{ ISAKMP_PEER_REAUTH_S,	ISAKMP_GIVEN_REAUTH,	&v->reauth_s },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (!tb[numbers[i].attr])
			continue;
		*numbers[i].to = nla_get_u32(tb[numbers[i].attr]);
		v->given |= numbers[i].bit;
	}
	if (tb[ISAKMP_PEER_FRAGMENT_SIZE]) {
		v->fragment_size = nla_get_u16(tb[ISAKMP_PEER_FRAGMENT_SIZE]);
		v->given |= ISAKMP_GIVEN_FRAGMENT_SIZE;
	}
	if (tb[ISAKMP_PEER_WINDOW]) {
		v->window = (u8)nla_get_u16(tb[ISAKMP_PEER_WINDOW]);
		v->given |= ISAKMP_GIVEN_WINDOW;
	}
	if (tb[ISAKMP_PEER_MOBIKE]) {
		v->mobike = nla_get_u8(tb[ISAKMP_PEER_MOBIKE]);
		v->given |= ISAKMP_GIVEN_MOBIKE;
	}
	/* Without template nobody else gives these. */
	if (!v->template[0])
		v->given |= ISAKMP_GIVEN_DPD | ISAKMP_GIVEN_LIFE;
}

/* Addresses without protocol and port; those that are given replace those before. */
static int peer_prefixes(const struct isakmp_parse *p, int attr, struct isakmp_ts *list,
			 unsigned int max, u8 *n)
{
	const struct nlattr *a;
	struct isakmp_ts *ts;
	int rem, err;

	*n = 0;
	nla_for_each_nested(a, p->nest, rem) {
		if (nla_type(a) != attr)
			continue;
		if (*n == max)
			return isakmp_refuse(p->extack, a, -E2BIG, "there are at most 4 prefixes");
		ts = &list[(*n)++];
		err = isakmp_attr_ts(a, ts, p->extack);
		if (err)
			return err;
		if (ts->type == IKE_TS_DYNAMIC || ts->proto || ts->port_start ||
		    ts->port_end != U16_MAX)
			return isakmp_refuse(p->extack, a, -EINVAL,
					     "these are addresses, without protocol and port");
	}
	return 0;
}

/* Where it may move to; where it may redirect us to, and where it is redirected to. */
static int peer_places(const struct isakmp_parse *p, struct isakmp_peer_spec *v)
{
	static const struct isakmp_addr none[] = { { .family = 4 }, { .family = 6 } };
	const struct nlattr *to = p->tb[ISAKMP_PEER_REDIRECT];
	int err = 0;

	if (p->tb[ISAKMP_PEER_ROAM]) {
		v->given |= ISAKMP_GIVEN_ROAM;
		err = peer_prefixes(p, ISAKMP_PEER_ROAM, v->roam, IKE_ROAM_MAX, &v->n_roam);
	}
	if (!err && p->tb[ISAKMP_PEER_FOLLOW]) {
		v->given |= ISAKMP_GIVEN_FOLLOW;
		err = peer_prefixes(p, ISAKMP_PEER_FOLLOW, v->follow, IKE_FOLLOW_MAX,
				    &v->n_follow);
	}
	if (err || !to)
		return err;
	v->given |= ISAKMP_GIVEN_REDIRECT;
	err = isakmp_attr_addr(to, &v->redirect, p->extack);
	if (err)
		return err;
	if (isakmp_addr_equal(&v->redirect, &none[v->redirect.family == 6])) {
		memset(&v->redirect, 0, sizeof(v->redirect));
		return 0;
	}
	return isakmp_attr_host(to, &v->redirect, p->extack);
}

static bool pool_given(const struct isakmp_peer_spec *v, const char *name)
{
	unsigned int i;

	for (i = 0; i < v->n_pools; i++)
		if (!strcmp(v->pool[i], name))
			return true;
	return false;
}

static int peer_pool(const struct isakmp_parse *p, const struct nlattr *a,
		     struct isakmp_peer_spec *v)
{
	char name[ISAKMP_NAME_MAX + 1];
	int err;

	err = isakmp_attr_name(a, name, p->extack);
	if (err)
		return err;
	if (pool_given(v, name))
		return isakmp_refuse(p->extack, a, -EINVAL, "a pool is given twice");
	if (v->n_pools == ISAKMP_PEER_POOLS_MAX)
		return isakmp_refuse(p->extack, a, -E2BIG, "a peer has at most 4 pools");
	memcpy(v->pool[v->n_pools++], name, sizeof(name));
	return 0;
}

static int peer_vip(const struct isakmp_parse *p, const struct nlattr *a,
		    struct isakmp_peer_spec *v)
{
	static const struct isakmp_addr any[IKE_INNER] = { { .family = 4 }, { .family = 6 } };
	struct isakmp_addr vip;
	unsigned int slot;
	int err;

	err = isakmp_attr_addr(a, &vip, p->extack);
	if (err)
		return err;
	slot = vip.family == 6;
	if (v->vip[slot].family)
		return isakmp_refuse(p->extack, a, -EINVAL,
				     "there is one virtual IP of each family");
	if (!isakmp_addr_equal(&vip, &any[slot])) {
		err = isakmp_attr_host(a, &vip, p->extack);
		if (err)
			return err;
	}
	v->vip[slot] = vip;
	return 0;
}

static int peer_accept(const struct isakmp_parse *p, const struct nlattr *a,
		       struct isakmp_peer_spec *v)
{
	if (v->v1_accept & BIT(nla_get_u8(a)))
		return isakmp_refuse(p->extack, a, -EINVAL, "an exchange is given twice");
	v->v1_accept |= (u8)BIT(nla_get_u8(a));
	return 0;
}

/* Lists that are given take the place of those that were there. */
static int peer_lists(const struct isakmp_parse *p, struct isakmp_peer_spec *v)
{
	const struct nlattr *a;
	int rem, err = 0;

	if (p->tb[ISAKMP_PEER_POOL]) {
		v->n_pools = 0;
		memset(v->pool, 0, ISAKMP_PEER_POOLS_MAX * sizeof(v->pool[0]));
	}
	if (p->tb[ISAKMP_PEER_VIRTUAL_IP])
		memset(v->vip, 0, sizeof(v->vip));
	if (p->tb[ISAKMP_PEER_V1_ACCEPT]) {
		v->given |= ISAKMP_GIVEN_V1_ACCEPT;
		v->v1_accept = 0;
	}
	nla_for_each_nested(a, p->nest, rem) {
		if (nla_type(a) == ISAKMP_PEER_POOL)
			err = peer_pool(p, a, v);
		else if (nla_type(a) == ISAKMP_PEER_VIRTUAL_IP)
			err = peer_vip(p, a, v);
		else if (nla_type(a) == ISAKMP_PEER_V1_ACCEPT)
			err = peer_accept(p, a, v);
		if (err)
			return err;
	}
	return 0;
}

static int peer_names(const struct isakmp_parse *p, struct isakmp_peer_spec *v)
{
	struct nlattr **tb = p->tb;
	int err;

	err = isakmp_attr_name(tb[ISAKMP_PEER_NAME], v->name, p->extack);
	if (!err && tb[ISAKMP_PEER_TEMPLATE])
		err = isakmp_attr_name(tb[ISAKMP_PEER_TEMPLATE], v->template, p->extack);
	if (!err && tb[ISAKMP_PEER_PROPOSAL])
		err = isakmp_attr_name(tb[ISAKMP_PEER_PROPOSAL], v->proposal, p->extack);
	if (err)
		return err;
	if (tb[ISAKMP_PEER_IS_TEMPLATE])
		v->is_template = nla_get_u8(tb[ISAKMP_PEER_IS_TEMPLATE]);
	if (v->is_template && v->template[0])
		return isakmp_refuse(p->extack,
				     tb[ISAKMP_PEER_TEMPLATE] ?: tb[ISAKMP_PEER_IS_TEMPLATE],
				     -EINVAL, "a template has no template");
	if (!v->proposal[0] && !v->template[0] && !v->is_template)
		return isakmp_attr_require(tb, p->nest, ISAKMP_PEER_PROPOSAL, p->extack);
	return 0;
}

static int peer_parse(const struct isakmp_parse *p, void *spec)
{
	struct isakmp_peer_spec *v = spec;
	int err;

	err = peer_names(p, v);
	if (!err)
		err = peer_ends(p, v);
	if (!err)
		err = peer_places(p, v);
	if (!err)
		err = peer_lists(p, v);
	if (err)
		return err;
	peer_choices(p->tb, v);
	peer_numbers(p->tb, v);
	return 0;
}

static int peer_check(const struct isakmp_parse *p, struct isakmp_store *s,
		      const struct isakmp_object *owner, const struct isakmp_object *self,
		      const void *spec)
{
	const struct isakmp_peer_spec *v = spec;
	const struct isakmp_object *t;

	if (self && !v->is_template && !list_empty(&self->refs))
		return isakmp_refuse(p->extack, p->tb[ISAKMP_PEER_IS_TEMPLATE] ?: p->nest, -EBUSY,
				     "other peers have this one as template");
	if (!v->template[0])
		return 0;
	t = isakmp_store_find_name(s, ISAKMP_KIND_PEER, v->template);
	if (isakmp_is_template(t))
		return 0;
	return isakmp_refuse(p->extack, p->tb[ISAKMP_PEER_TEMPLATE] ?: p->nest, -EINVAL,
			     "the peer named here is not marked as a template");
}

static bool peer_ref(const void *spec, unsigned int i, struct isakmp_named *ref)
{
	const struct isakmp_peer_spec *v = spec;

	if (i >= 2) {
		ref->attr = ISAKMP_PEER_POOL;
		ref->kind = ISAKMP_KIND_POOL;
		ref->name = i - 2 < v->n_pools ? v->pool[i - 2] : "";
		return i - 2 < v->n_pools;
	}
	ref->attr = i ? ISAKMP_PEER_TEMPLATE : ISAKMP_PEER_PROPOSAL;
	ref->kind = i ? ISAKMP_KIND_PEER : ISAKMP_KIND_PROPOSAL;
	ref->name = i ? v->template : v->proposal;
	return true;
}

static int peer_fill_key(struct sk_buff *skb, const struct isakmp_object *o)
{
	const struct isakmp_peer_spec *v = o->c.spec;

	return nla_put_string(skb, ISAKMP_PEER_NAME, v->name);
}

static int peer_fill_choices(struct sk_buff *skb, const struct isakmp_peer_spec *v)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(choices); i++)
		if (v->given & choices[i].bit &&
		    nla_put_u8(skb, choices[i].attr, *((const u8 *)v + choices[i].at)))
			return -EMSGSIZE;
	return 0;
}

/* What was given; family 0: nothing was. */
static const struct isakmp_addr *peer_redirect(const struct isakmp_peer_spec *v)
{
	static const struct isakmp_addr none = { .family = 4 };

	return v->given & ISAKMP_GIVEN_REDIRECT && !v->redirect.family ? &none : &v->redirect;
}

/* Keys of its own; what it takes from its template is shown there. */
static int peer_fill_numbers(struct sk_buff *skb, const struct isakmp_peer_spec *v)
{
	if (((v->given & ISAKMP_GIVEN_DPD) && nla_put_u32(skb, ISAKMP_PEER_DPD_S, v->dpd_s)) ||
	    ((v->given & ISAKMP_GIVEN_LIFE) && nla_put_u32(skb, ISAKMP_PEER_LIFE_S, v->life_s)) ||
	    ((v->given & ISAKMP_GIVEN_MARK) && nla_put_u32(skb, ISAKMP_PEER_MARK, v->mark)) ||
	    ((v->given & ISAKMP_GIVEN_MAX_SAS) &&
	     nla_put_u32(skb, ISAKMP_PEER_MAX_SAS, v->max_sas)) ||
	    ((v->given & ISAKMP_GIVEN_REAUTH) &&
	     nla_put_u32(skb, ISAKMP_PEER_REAUTH_S, v->reauth_s)) ||
	    ((v->given & ISAKMP_GIVEN_FRAGMENT_SIZE) &&
	     nla_put_u16(skb, ISAKMP_PEER_FRAGMENT_SIZE, v->fragment_size)) ||
	    ((v->given & ISAKMP_GIVEN_WINDOW) &&
	     nla_put_u16(skb, ISAKMP_PEER_WINDOW, v->window)) ||
	    ((v->given & ISAKMP_GIVEN_MOBIKE) &&
	     nla_put_u8(skb, ISAKMP_PEER_MOBIKE, v->mobike)) ||
	    isakmp_attr_put_ts(skb, ISAKMP_PEER_ROAM, v->roam,
			       v->given & ISAKMP_GIVEN_ROAM ? v->n_roam : 0) ||
	    isakmp_attr_put_addr(skb, ISAKMP_PEER_REDIRECT, peer_redirect(v)) ||
	    isakmp_attr_put_ts(skb, ISAKMP_PEER_FOLLOW, v->follow,
			       v->given & ISAKMP_GIVEN_FOLLOW ? v->n_follow : 0))
		return -EMSGSIZE;
	return 0;
}

static int peer_fill_inner(struct sk_buff *skb, const struct isakmp_peer_spec *v)
{
	unsigned int i;

	for (i = 0; i < v->n_pools; i++)
		if (nla_put_string(skb, ISAKMP_PEER_POOL, v->pool[i]))
			return -EMSGSIZE;
	for (i = 0; i < IKE_INNER; i++)
		if (isakmp_attr_put_addr(skb, ISAKMP_PEER_VIRTUAL_IP, &v->vip[i]))
			return -EMSGSIZE;
	return 0;
}

static int peer_fill_accept(struct sk_buff *skb, const struct isakmp_peer_spec *v)
{
	u8 x;

	for (x = V1_BASE; v->given & ISAKMP_GIVEN_V1_ACCEPT && x <= V1_AGGRESSIVE; x++)
		if (v->v1_accept & BIT(x) && nla_put_u8(skb, ISAKMP_PEER_V1_ACCEPT, x))
			return -EMSGSIZE;
	return 0;
}

static int peer_fill(struct sk_buff *skb, const struct isakmp_object *o)
{
	const struct isakmp_peer_spec *v = o->c.spec;

	if ((v->template[0] && nla_put_string(skb, ISAKMP_PEER_TEMPLATE, v->template)) ||
	    (v->is_template && nla_put_u8(skb, ISAKMP_PEER_IS_TEMPLATE, 1)) ||
	    isakmp_attr_put_addr(skb, ISAKMP_PEER_LOCAL, &v->local) ||
	    isakmp_attr_put_addr(skb, ISAKMP_PEER_REMOTE, &v->remote) ||
	    (v->remote.family &&
	     nla_put_u8(skb, ISAKMP_PEER_REMOTE_PLEN, v->remote_plen)) ||
	    (v->proposal[0] && nla_put_string(skb, ISAKMP_PEER_PROPOSAL, v->proposal)) ||
	    (v->dev[0] && nla_put_string(skb, ISAKMP_PEER_DEV, v->dev)) ||
	    peer_fill_numbers(skb, v) || peer_fill_choices(skb, v) || peer_fill_accept(skb, v) ||
	    peer_fill_inner(skb, v))
		return -EMSGSIZE;
	return o->live ? nla_put_u32(skb, ISAKMP_PEER_GEN, o->live->p.gen) : 0;
}

const struct isakmp_kind_ops isakmp_peer_kind = {
	.attr		= ISAKMP_A_PEER,
	.maxattr	= ISAKMP_PEER_MAX,
	.policy		= isakmp_peer_policy,
	.key_attrs	= BIT(ISAKMP_PEER_NAME),
	.draft		= struct_size_t(struct isakmp_peer_spec, pool, ISAKMP_PEER_POOLS_MAX),
	.size		= peer_size,
	.parse_key	= peer_parse_key,
	.key		= peer_key,
	.init		= peer_init,
	.parse		= peer_parse,
	.ref		= peer_ref,
	.check		= peer_check,
	.fill_key	= peer_fill_key,
	.fill		= peer_fill,
};
