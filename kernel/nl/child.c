// SPDX-License-Identifier: GPL-2.0
/* child objects: traffic to protect. */
#include <isakmp/ikev2.h>
#include "nl/kind.h"
#include "xfrm/range.h"
#include "xfrm/xfrm.h"

#define CHILD_LIFE_S		28800
#define CHILD_WINDOW		128
#define CHILD_WINDOW_MAX	4096	/* what XFRM can do */

const struct nla_policy isakmp_child_policy[ISAKMP_CHILD_MAX + 1] = {
	[ISAKMP_CHILD_PEER]	= ISAKMP_NAME_POLICY,
	[ISAKMP_CHILD_NAME]	= ISAKMP_NAME_POLICY,
	[ISAKMP_CHILD_LOCAL_TS]	= NLA_POLICY_NESTED(isakmp_ts_policy),
	[ISAKMP_CHILD_REMOTE_TS] = NLA_POLICY_NESTED(isakmp_ts_policy),
	[ISAKMP_CHILD_START]	= NLA_POLICY_MAX(NLA_U8, ISAKMP_START_NOW),
	[ISAKMP_CHILD_PROPOSAL]	= ISAKMP_NAME_POLICY,
	[ISAKMP_CHILD_LIFE_S]	= { .type = NLA_U32 },
	[ISAKMP_CHILD_LIFE_BYTES] = { .type = NLA_U64 },
	[ISAKMP_CHILD_LIFE_PACKETS] = { .type = NLA_U64 },
	[ISAKMP_CHILD_REPLAY_WINDOW] = NLA_POLICY_RANGE(NLA_U16, 1, CHILD_WINDOW_MAX),
	[ISAKMP_CHILD_MODE]	= NLA_POLICY_MAX(NLA_U8, ISAKMP_MODE_TRANSPORT),
	[ISAKMP_CHILD_SINGLE_PAIR] = NLA_POLICY_MAX(NLA_U8, 1),
	[ISAKMP_CHILD_MARK]	= { .type = NLA_U32 },
	[ISAKMP_CHILD_MARK_MASK] = { .type = NLA_U32 },
	[ISAKMP_CHILD_IF_ID]	= { .type = NLA_U32 },
	[ISAKMP_CHILD_ON_DEAD]	= NLA_POLICY_RANGE(NLA_U8, ISAKMP_ACTION_NONE, ISAKMP_ACTION_START),
	[ISAKMP_CHILD_ON_CLOSE]	= NLA_POLICY_RANGE(NLA_U8, ISAKMP_ACTION_NONE, ISAKMP_ACTION_START),
	[ISAKMP_CHILD_DSCP]	= NLA_POLICY_MAX(NLA_U8, ISAKMP_DSCP_NONE),
	[ISAKMP_CHILD_DF]	= NLA_POLICY_MAX(NLA_U8, ISAKMP_DF_CLEAR),
	[ISAKMP_CHILD_ECN]	= NLA_POLICY_MAX(NLA_U8, 1),
	[ISAKMP_CHILD_TFC]	= { .type = NLA_U16 },
	[ISAKMP_CHILD_IPCOMP]	= { .type = NLA_U8 },
	[ISAKMP_CHILD_OFFLOAD]	= NLA_POLICY_MAX(NLA_U8, ISAKMP_OFFLOAD_AUTO),
	[ISAKMP_CHILD_OFFLOAD_DEV] = ISAKMP_DEV_POLICY,
};

static size_t child_size(const void *spec)
{
	const struct isakmp_child_spec *v = spec;

	return struct_size(v, ts, v->n_local + v->n_remote);
}

static void child_key(const void *spec, struct isakmp_key *key)
{
	const struct isakmp_child_spec *v = spec;

	isakmp_key_names(key, v->peer, v->name);
}

static int child_parse_key(const struct isakmp_parse *p, struct isakmp_key *key)
{
	int err = isakmp_attr_require(p->tb, p->nest, ISAKMP_CHILD_PEER, p->extack);

	isakmp_key_names(key, "", NULL);
	if (!err)
		err = isakmp_attr_require(p->tb, p->nest, ISAKMP_CHILD_NAME, p->extack);
	if (!err)
		err = isakmp_attr_name(p->tb[ISAKMP_CHILD_PEER], key->first, p->extack);
	return err ?: isakmp_attr_name(p->tb[ISAKMP_CHILD_NAME], key->second, p->extack);
}

static void child_init(void *spec)
{
	struct isakmp_child_spec *v = spec;

	v->life_s = CHILD_LIFE_S;
	v->replay_window = CHILD_WINDOW;
}

static bool ts_overlap(const struct isakmp_ts *a, const struct isakmp_ts *b)
{
	return a->type == b->type &&
	       (!a->proto || !b->proto || a->proto == b->proto) &&
	       a->port_start <= b->port_end && b->port_start <= a->port_end &&
	       memcmp(a->start, b->end, sizeof(a->start)) <= 0 &&
	       memcmp(b->start, a->end, sizeof(b->start)) <= 0;
}

static bool ts_any_overlap(const struct isakmp_ts *a, unsigned int n,
			   const struct isakmp_ts *b, unsigned int m)
{
	unsigned int i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < m; j++)
			if (ts_overlap(&a[i], &b[j]))
				return true;
	return false;
}

/* The selectors of one side, into @v. */
static int child_side(const struct isakmp_parse *p, int attr, struct isakmp_ts *v, u8 *n)
{
	const struct nlattr *a;
	int rem, err;

	nla_for_each_nested(a, p->nest, rem) {
		if (nla_type(a) != attr)
			continue;
		if (*n == IKE_TS_MAX)
			return isakmp_refuse(p->extack, a, -E2BIG,
					     "a side has at most 16 selectors");
		err = isakmp_attr_ts(a, &v[*n], p->extack);
		if (err)
			return err;
		if (ts_any_overlap(&v[*n], 1, v, *n))
			return isakmp_refuse(p->extack, a, -EINVAL,
					     "two selectors of one side overlap");
		++*n;
	}
	return 0;
}

/* Selectors given replace those of their side; the other side's stay. */
static int child_selectors(const struct isakmp_parse *p, struct isakmp_child_spec *v)
{
	struct isakmp_ts *ts;
	u8 n_local = 0, n_remote = 0;
	int err = 0;

	ts = kcalloc(2 * IKE_TS_MAX, sizeof(*ts), GFP_KERNEL);
	if (!ts)
		return -ENOMEM;
	if (p->tb[ISAKMP_CHILD_LOCAL_TS]) {
		err = child_side(p, ISAKMP_CHILD_LOCAL_TS, ts, &n_local);
	} else {
		n_local = v->n_local;
		memcpy(ts, v->ts, n_local * sizeof(*ts));
	}
	if (!err && p->tb[ISAKMP_CHILD_REMOTE_TS]) {
		err = child_side(p, ISAKMP_CHILD_REMOTE_TS, ts + n_local, &n_remote);
	} else {
		n_remote = v->n_remote;
		memcpy(ts + n_local, v->ts + v->n_local, n_remote * sizeof(*ts));
	}
	if (!err) {
		memcpy(v->ts, ts, 2 * IKE_TS_MAX * sizeof(*ts));
		v->n_local = n_local;
		v->n_remote = n_remote;
	}
	kfree(ts);
	return err;
}

static int child_lives(const struct isakmp_parse *p, struct isakmp_child_spec *v)
{
	struct nlattr **tb = p->tb;

	if (tb[ISAKMP_CHILD_START])
		v->start = nla_get_u8(tb[ISAKMP_CHILD_START]);
	if (tb[ISAKMP_CHILD_ON_DEAD])
		v->on_dead = nla_get_u8(tb[ISAKMP_CHILD_ON_DEAD]);
	if (tb[ISAKMP_CHILD_ON_CLOSE])
		v->on_close = nla_get_u8(tb[ISAKMP_CHILD_ON_CLOSE]);
	if (tb[ISAKMP_CHILD_LIFE_S])
		v->life_s = nla_get_u32(tb[ISAKMP_CHILD_LIFE_S]);
	if (tb[ISAKMP_CHILD_LIFE_BYTES])
		v->life_bytes = nla_get_u64(tb[ISAKMP_CHILD_LIFE_BYTES]);
	if (tb[ISAKMP_CHILD_LIFE_PACKETS])
		v->life_packets = nla_get_u64(tb[ISAKMP_CHILD_LIFE_PACKETS]);
	if (tb[ISAKMP_CHILD_REPLAY_WINDOW])
		v->replay_window = nla_get_u16(tb[ISAKMP_CHILD_REPLAY_WINDOW]);
	if (!tb[ISAKMP_CHILD_PROPOSAL])
		return 0;
	return isakmp_attr_name(tb[ISAKMP_CHILD_PROPOSAL], v->proposal, p->extack);
}

static int child_mark(const struct isakmp_parse *p, struct isakmp_child_spec *v)
{
	const struct nlattr *mark = p->tb[ISAKMP_CHILD_MARK];
	const struct nlattr *mask = p->tb[ISAKMP_CHILD_MARK_MASK];

	if (mark)
		v->mark = nla_get_u32(mark);
	if (mask)
		v->mark_mask = nla_get_u32(mask);
	else if (mark && !v->mark_mask)
		v->mark_mask = U32_MAX;
	if (v->mark & ~v->mark_mask)
		return isakmp_refuse(p->extack, mark ?: mask, -EINVAL,
				     "the mark has bits set outside of its mask");
	return 0;
}

static void child_outer(struct nlattr **tb, struct ike_outer *v)
{
	BUILD_BUG_ON((int)ISAKMP_DSCP_NONE != IKE_DSCP_NONE);
	if (tb[ISAKMP_CHILD_DSCP])
		v->dscp = nla_get_u8(tb[ISAKMP_CHILD_DSCP]);
	if (tb[ISAKMP_CHILD_DF])
		v->clear_df = nla_get_u8(tb[ISAKMP_CHILD_DF]) == ISAKMP_DF_CLEAR;
	if (tb[ISAKMP_CHILD_ECN])
		v->no_ecn = !nla_get_u8(tb[ISAKMP_CHILD_ECN]);
	if (tb[ISAKMP_CHILD_TFC])
		v->tfc = nla_get_u16(tb[ISAKMP_CHILD_TFC]);
}

static int child_ipcomp(const struct isakmp_parse *p, struct isakmp_child_spec *v)
{
	const struct nlattr *a = p->tb[ISAKMP_CHILD_IPCOMP];

	if (!a)
		return 0;
	v->ipcomp = nla_get_u8(a);
	if (v->ipcomp && !isakmp_esp_has_comp(v->ipcomp))
		return isakmp_refuse(p->extack, a, -EOPNOTSUPP,
				     "this compression is not to be had here");
	return 0;
}

static int child_offload(const struct isakmp_parse *p, struct isakmp_child_spec *v)
{
	const struct nlattr *a = p->tb[ISAKMP_CHILD_OFFLOAD];
	const struct nlattr *dev = p->tb[ISAKMP_CHILD_OFFLOAD_DEV];

	if (a)
		v->offload = nla_get_u8(a);
	if (v->offload == ISAKMP_OFFLOAD_CRYPTO && !isakmp_offload_has())
		return isakmp_refuse(p->extack, a, -EOPNOTSUPP,
				     "this kernel cannot leave encryption to a device");
	return dev ? isakmp_attr_dev(dev, v->offload_dev, p->extack) : 0;
}

static int child_kind(const struct isakmp_parse *p, struct isakmp_child_spec *v)
{
	struct nlattr **tb = p->tb;

	if (tb[ISAKMP_CHILD_MODE])
		v->mode = nla_get_u8(tb[ISAKMP_CHILD_MODE]);
	if (tb[ISAKMP_CHILD_SINGLE_PAIR])
		v->single_pair = nla_get_u8(tb[ISAKMP_CHILD_SINGLE_PAIR]);
	if (tb[ISAKMP_CHILD_IF_ID])
		v->if_id = nla_get_u32(tb[ISAKMP_CHILD_IF_ID]);
	child_outer(tb, &v->outer);
	return child_ipcomp(p, v) ?: child_offload(p, v) ?: child_mark(p, v);
}

static int child_parse(const struct isakmp_parse *p, void *spec)
{
	struct isakmp_child_spec *v = spec;
	int err;

	err = isakmp_attr_name(p->tb[ISAKMP_CHILD_PEER], v->peer, p->extack);
	if (!err)
		err = isakmp_attr_name(p->tb[ISAKMP_CHILD_NAME], v->name, p->extack);
	if (!err)
		err = child_lives(p, v);
	if (!err)
		err = child_kind(p, v);
	if (!err)
		err = child_selectors(p, v);
	if (!err && !v->n_local)
		err = isakmp_attr_require(p->tb, p->nest, ISAKMP_CHILD_LOCAL_TS, p->extack);
	if (!err && !v->n_remote)
		err = isakmp_attr_require(p->tb, p->nest, ISAKMP_CHILD_REMOTE_TS, p->extack);
	return err;
}

static bool child_ref(const void *spec, unsigned int i, struct isakmp_named *ref)
{
	const struct isakmp_child_spec *v = spec;

	ref->attr = ISAKMP_CHILD_PROPOSAL;
	ref->kind = ISAKMP_KIND_PROPOSAL;
	ref->name = v->proposal;
	return !i;
}

/* RFC 4303, 2.7: behind the packet inside, whose own header says where it ends. */
static int child_check_outer(const struct isakmp_parse *p, const struct isakmp_child_spec *v)
{
	if (v->mode == ISAKMP_MODE_TRANSPORT && v->outer.tfc)
		return isakmp_refuse(p->extack, p->tb[ISAKMP_CHILD_TFC] ?:
				     p->tb[ISAKMP_CHILD_MODE], -EINVAL,
				     "only packets in tunnels can be padded");
	if (v->ipcomp && v->outer.tfc)
		return isakmp_refuse(p->extack, p->tb[ISAKMP_CHILD_TFC] ?:
				     p->tb[ISAKMP_CHILD_IPCOMP], -EINVAL,
				     "packets are padded or compressed, not both");
	return 0;
}

/* What XFRM leaves to no device, or only to one that does all of it. */
static int child_check_offload(const struct isakmp_parse *p, const struct isakmp_child_spec *v)
{
	const struct nlattr *a = p->tb[ISAKMP_CHILD_OFFLOAD];

	if (!v->offload && v->offload_dev[0])
		return isakmp_refuse(p->extack, p->tb[ISAKMP_CHILD_OFFLOAD_DEV] ?: a, -EINVAL,
				     "a device for offload, but offload is no");
	if (v->offload && v->outer.tfc)
		return isakmp_refuse(p->extack, p->tb[ISAKMP_CHILD_TFC] ?: a, -EINVAL,
				     "packets are padded or left to a device, not both");
	if (v->offload && v->ipcomp)
		return isakmp_refuse(p->extack, p->tb[ISAKMP_CHILD_IPCOMP] ?: a, -EINVAL,
				     "packets are compressed or left to a device, not both");
	return 0;
}

/* The attribute to blame for selectors: whichever was given. */
static const struct nlattr *child_blame(const struct isakmp_parse *p)
{
	return p->tb[ISAKMP_CHILD_REMOTE_TS] ?: p->tb[ISAKMP_CHILD_LOCAL_TS];
}

/* An XFRM policy has one protocol for both ends. */
static int child_check_protocol(const struct isakmp_parse *p, const struct isakmp_child_spec *v)
{
	unsigned int i;

	for (i = 1; i < v->n_local + v->n_remote; i++)
		if (v->ts[i].proto != v->ts[0].proto)
			return isakmp_refuse(p->extack, child_blame(p), -EINVAL,
					     "the selectors of a child are for one protocol, or all for any");
	return 0;
}

/* Prefixes and masked ports that a selector becomes; a dynamic one has one address. */
static unsigned int ts_policies(const struct isakmp_ts *ts)
{
	struct isakmp_ts host = *ts;

	if (ts->type == IKE_TS_DYNAMIC)
		host.type = IKE_TS_IPV4;
	return isakmp_range_count(&host);
}

static int child_check_selector(const struct isakmp_parse *p, const struct isakmp_ts *ts)
{
	unsigned int n = ts_policies(ts);

	if (!n)
		return isakmp_refuse(p->extack, child_blame(p), -EINVAL,
				     "a selector has ports, but its protocol has none");
	if (n > IKE_TS_PREFIXES_MAX)
		return isakmp_refuse(p->extack, child_blame(p), -E2BIG,
				     "a selector's range needs more than 64 policies");
	return 0;
}

/* XFRM policies select by prefix and masked port: a range may need many. */
static int child_check_policies(const struct isakmp_parse *p, const struct isakmp_child_spec *v)
{
	unsigned int i, local = 0, remote = 0;
	int err;

	for (i = 0; i < v->n_local + v->n_remote; i++) {
		err = child_check_selector(p, &v->ts[i]);
		if (err)
			return err;
		*(i < v->n_local ? &local : &remote) += ts_policies(&v->ts[i]);
	}
	if (local * remote > ISAKMP_PAIRS_MAX)
		return isakmp_refuse(p->extack, child_blame(p), -E2BIG,
				     "the selectors need more than 256 policies in each direction");
	return 0;
}

/* With another mark or XFRM interface it is other traffic. */
static bool same_packets(const struct isakmp_child_spec *a, const struct isakmp_child_spec *b)
{
	return a->mark == b->mark && a->mark_mask == b->mark_mask && a->if_id == b->if_id;
}

static int child_check(const struct isakmp_parse *p, struct isakmp_store *s,
		       const struct isakmp_object *peer, const struct isakmp_object *self,
		       const void *spec)
{
	const struct isakmp_child_spec *v = spec, *w;
	struct isakmp_object *o;
	int err;

	err = child_check_protocol(p, v);
	if (!err)
		err = child_check_policies(p, v);
	if (!err)
		err = child_check_outer(p, v);
	if (!err)
		err = child_check_offload(p, v);
	if (err)
		return err;
	if (!self && peer->n_children == ISAKMP_CHILDREN_MAX)
		return isakmp_refuse(p->extack, p->tb[ISAKMP_CHILD_NAME], -E2BIG,
				     "a peer has at most 16 children");
	list_for_each_entry(o, &peer->children, sibling) {
		w = o->c.spec;
		if (o != self && same_packets(v, w) &&
		    ts_any_overlap(v->ts, v->n_local, w->ts, w->n_local) &&
		    ts_any_overlap(v->ts + v->n_local, v->n_remote,
				   w->ts + w->n_local, w->n_remote))
			return isakmp_refuse_name(p->extack, child_blame(p), -EEXIST,
						  "the selectors overlap with those of child",
						  w->name);
	}
	return 0;
}

static int child_fill_key(struct sk_buff *skb, const struct isakmp_object *o)
{
	const struct isakmp_child_spec *v = o->c.spec;

	if (nla_put_string(skb, ISAKMP_CHILD_PEER, v->peer))
		return -EMSGSIZE;
	return nla_put_string(skb, ISAKMP_CHILD_NAME, v->name);
}

/* What is as by default is left out. */
static int child_fill_kind(struct sk_buff *skb, const struct isakmp_child_spec *v)
{
	if ((v->mode && nla_put_u8(skb, ISAKMP_CHILD_MODE, v->mode)) ||
	    (v->single_pair && nla_put_u8(skb, ISAKMP_CHILD_SINGLE_PAIR, 1)) ||
	    (v->mark_mask && (nla_put_u32(skb, ISAKMP_CHILD_MARK, v->mark) ||
			      nla_put_u32(skb, ISAKMP_CHILD_MARK_MASK, v->mark_mask))) ||
	    (v->if_id && nla_put_u32(skb, ISAKMP_CHILD_IF_ID, v->if_id)) ||
	    (v->ipcomp && nla_put_u8(skb, ISAKMP_CHILD_IPCOMP, v->ipcomp)) ||
	    (v->offload && nla_put_u8(skb, ISAKMP_CHILD_OFFLOAD, v->offload)) ||
	    (v->offload_dev[0] &&
	     nla_put_string(skb, ISAKMP_CHILD_OFFLOAD_DEV, v->offload_dev)))
		return -EMSGSIZE;
	return 0;
}

static int child_fill_outer(struct sk_buff *skb, const struct ike_outer *v)
{
	if ((v->dscp && nla_put_u8(skb, ISAKMP_CHILD_DSCP, v->dscp)) ||
	    (v->clear_df && nla_put_u8(skb, ISAKMP_CHILD_DF, ISAKMP_DF_CLEAR)) ||
	    (v->no_ecn && nla_put_u8(skb, ISAKMP_CHILD_ECN, 0)) ||
	    (v->tfc && nla_put_u16(skb, ISAKMP_CHILD_TFC, v->tfc)))
		return -EMSGSIZE;
	return 0;
}

static int child_fill(struct sk_buff *skb, const struct isakmp_object *o)
{
	const struct isakmp_child_spec *v = o->c.spec;

	if (isakmp_attr_put_ts(skb, ISAKMP_CHILD_LOCAL_TS, v->ts, v->n_local) ||
	    isakmp_attr_put_ts(skb, ISAKMP_CHILD_REMOTE_TS, v->ts + v->n_local, v->n_remote) ||
	    nla_put_u8(skb, ISAKMP_CHILD_START, v->start) ||
	    (v->on_dead && nla_put_u8(skb, ISAKMP_CHILD_ON_DEAD, v->on_dead)) ||
	    (v->on_close && nla_put_u8(skb, ISAKMP_CHILD_ON_CLOSE, v->on_close)) ||
	    (v->proposal[0] && nla_put_string(skb, ISAKMP_CHILD_PROPOSAL, v->proposal)) ||
	    nla_put_u32(skb, ISAKMP_CHILD_LIFE_S, v->life_s) ||
	    nla_put_u64_64bit(skb, ISAKMP_CHILD_LIFE_BYTES, v->life_bytes, ISAKMP_CHILD_PAD) ||
	    nla_put_u64_64bit(skb, ISAKMP_CHILD_LIFE_PACKETS, v->life_packets,
			      ISAKMP_CHILD_PAD) ||
	    nla_put_u16(skb, ISAKMP_CHILD_REPLAY_WINDOW, v->replay_window))
		return -EMSGSIZE;
	return child_fill_kind(skb, v) ?: child_fill_outer(skb, &v->outer);
}

const struct isakmp_kind_ops isakmp_child_kind = {
	.attr		= ISAKMP_A_CHILD,
	.maxattr	= ISAKMP_CHILD_MAX,
	.policy		= isakmp_child_policy,
	.key_attrs	= BIT(ISAKMP_CHILD_PEER) | BIT(ISAKMP_CHILD_NAME),
	.draft		= struct_size_t(struct isakmp_child_spec, ts, 2 * IKE_TS_MAX),
	.size		= child_size,
	.parse_key	= child_parse_key,
	.key		= child_key,
	.init		= child_init,
	.parse		= child_parse,
	.ref		= child_ref,
	.check		= child_check,
	.fill_key	= child_fill_key,
	.fill		= child_fill,
};
