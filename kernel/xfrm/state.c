// SPDX-License-Identifier: GPL-2.0
/* XFRM states: SPIs, build, insert, remove. */
#include <linux/jhash.h>
#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/xfrm.h>
#include <isakmp/ikev2.h>
#include "net/sa.h"
#include "xfrm/inner.h"

/*
 * Our SPIs, RFC 4303, 2.1 (1 to 255 are reserved):
 *
 *	 31    28 27                                                   0
 *	+--------+------------------------------------------------------+
 *	|  gen   |                       random                         |
 *	+--------+------------------------------------------------------+
 *
 * gen goes from 1 to 15 and changes every 256 seconds: an SPI is not drawn a
 * second time within an hour, so that late packets of a child SA that went
 * cannot meet another one.  Never xfrm_alloc_spi(): it walks every state of the
 * machine under its one lock.
 */
#define ISAKMP_SPI_GEN_SECONDS	256
#define ISAKMP_SPI_GENS		15
#define ISAKMP_SPI_SHIFT	28
#define ISAKMP_SPI_TRIES	16

/* What a state is found by. */
struct isakmp_state_id {
	const struct net *net;
	xfrm_address_t daddr;
	__be32 spi;
	u8 proto;
};

/* From that to struct isakmp_half: for the hooks and the counters, under RCU. */
static struct rhashtable isakmp_states;

static void isakmp_state_id(struct isakmp_state_id *id, const struct net *net,
			    const xfrm_address_t *daddr, u8 proto, __be32 spi)
{
	memset(id, 0, sizeof(*id));
	id->net = net;
	id->daddr = *daddr;
	id->proto = proto;
	id->spi = spi;
}

/* The SPI alone would do for ours; those of the peers may be alike. */
static u32 isakmp_state_hash(const void *data, u32 len, u32 seed)
{
	const struct isakmp_state_id *id = data;

	return jhash2((const u32 *)&id->daddr, sizeof(id->daddr) / sizeof(u32),
		      seed ^ (__force u32)id->spi);
}

static u32 isakmp_state_hash_half(const void *data, u32 len, u32 seed)
{
	const struct isakmp_half *h = data;
	struct isakmp_state_id id;

	isakmp_state_id(&id, xs_net(h->x), &h->x->id.daddr, h->x->id.proto, h->x->id.spi);
	return isakmp_state_hash(&id, sizeof(id), seed);
}

/* One that is just removed may have lost its state already. */
static int isakmp_state_differs(struct rhashtable_compare_arg *arg, const void *data)
{
	const struct isakmp_state_id *id = arg->key;
	const struct isakmp_half *h = data;
	struct xfrm_state *x = READ_ONCE(h->x);

	return !x || x->id.spi != id->spi || x->id.proto != id->proto ||
	       xs_net(x) != id->net ||
	       memcmp(&x->id.daddr, &id->daddr, sizeof(id->daddr));
}

static const struct rhashtable_params isakmp_state_params = {
	.head_offset = offsetof(struct isakmp_half, node),
	.key_len = sizeof(struct isakmp_state_id),
	.hashfn = isakmp_state_hash,
	.obj_hashfn = isakmp_state_hash_half,
	.obj_cmpfn = isakmp_state_differs,
	.automatic_shrinking = true,
};

/**
 * isakmp_state_init() - make the table
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_state_init(void)
{
	return rhashtable_init(&isakmp_states, &isakmp_state_params);
}

/**
 * isakmp_state_exit() - the inverse; no hook runs any more
 *
 * Context: process.
 */
void isakmp_state_exit(void)
{
	rhashtable_destroy(&isakmp_states);
}

static bool isakmp_state_taken(struct net *net, const xfrm_address_t *addr, __be32 spi,
			       u16 family)
{
	static const u8 protos[] = { IPPROTO_ESP, IPPROTO_AH };
	struct xfrm_state *x = NULL;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(protos) && !x; i++)
		x = xfrm_state_lookup(net, 0, addr, spi, protos[i], family);
	if (x)
		xfrm_state_put(x);
	return x;
}

/**
 * isakmp_state_spi() - draw an inbound SPI
 * @net: namespace
 * @local: our address
 *
 * It is not reserved: when someone takes it before the state is inserted, the
 * insertion is refused.
 *
 * Context: any.
 * Return: the SPI, host order, never 0.
 */
u32 isakmp_state_spi(struct net *net, const struct isakmp_addr *local)
{
	u32 gen = 1 + (u32)(ktime_get_boottime_seconds() / ISAKMP_SPI_GEN_SECONDS) %
		      ISAKMP_SPI_GENS;
	unsigned int tries = ISAKMP_SPI_TRIES;
	xfrm_address_t addr;
	u32 spi;

	isakmp_xfrm_addr(&addr, local);
	do {
		spi = gen << ISAKMP_SPI_SHIFT | get_random_u32() >> (32 - ISAKMP_SPI_SHIFT);
	} while (isakmp_state_taken(net, &addr, htonl(spi), isakmp_xfrm_family(local)) &&
		 --tries);
	return spi;
}

#define ISAKMP_CPI_MIN	256	/* RFC 3173, 3.3: these are negotiated */
#define ISAKMP_CPIS	(61440 - ISAKMP_CPI_MIN)

/**
 * isakmp_state_cpi() - draw an inbound CPI
 * @net: namespace
 * @local: our address
 *
 * It is not reserved, as with isakmp_state_spi().
 *
 * Context: any.
 * Return: the CPI, host order; 0: too many are taken.
 */
u16 isakmp_state_cpi(struct net *net, const struct isakmp_addr *local)
{
	unsigned int tries = ISAKMP_SPI_TRIES;
	struct xfrm_state *x;
	xfrm_address_t addr;
	u32 cpi;

	isakmp_xfrm_addr(&addr, local);
	while (tries--) {
		cpi = ISAKMP_CPI_MIN + reciprocal_scale(get_random_u32(), ISAKMP_CPIS);
		x = xfrm_state_lookup(net, 0, &addr, htonl(cpi), IPPROTO_COMP,
				      isakmp_xfrm_family(local));
		if (!x)
			return (u16)cpi;
		xfrm_state_put(x);
	}
	return 0;
}

/**
 * isakmp_state_child() - whose state is this?
 * @x: the state
 *
 * Context: any, under rcu_read_lock().
 * Return: the child, valid until rcu_read_unlock(), or NULL.
 */
struct isakmp_xfrm *isakmp_state_child(struct xfrm_state *x)
{
	struct isakmp_state_id id;
	struct isakmp_half *h;

	isakmp_state_id(&id, xs_net(x), &x->id.daddr, x->id.proto, x->id.spi);
	h = rhashtable_lookup(&isakmp_states, &id, isakmp_state_params);
	return h && READ_ONCE(h->x) == x ? h->child : NULL;
}

/**
 * isakmp_state_find() - a state of ours
 * @net: namespace
 * @to: where its packets go
 * @proto: IPPROTO_ESP or IPPROTO_AH
 * @spi: its SPI, host order
 *
 * Context: any, under rcu_read_lock().
 * Return: the state, valid until rcu_read_unlock(): XFRM frees it a grace period after
 * the last put; or NULL.
 */
struct xfrm_state *isakmp_state_find(struct net *net, const struct isakmp_addr *to, u8 proto,
				     u32 spi)
{
	struct isakmp_state_id id;
	struct isakmp_half *h;
	xfrm_address_t addr;

	isakmp_xfrm_addr(&addr, to);
	isakmp_state_id(&id, net, &addr, proto, htonl(spi));
	h = rhashtable_lookup(&isakmp_states, &id, isakmp_state_params);
	return h ? READ_ONCE(h->x) : NULL;
}

static int isakmp_state_replay_copy(struct xfrm_state *x, const struct xfrm_state *old)
{
	size_t len;

	if (!old->replay_esn)
		return 0;
	len = xfrm_replay_state_esn_len(old->replay_esn);
	x->replay_esn = kmemdup(old->replay_esn, len, GFP_KERNEL);
	x->preplay_esn = kmemdup(old->preplay_esn, len, GFP_KERNEL);
	return x->replay_esn && x->preplay_esn ? 0 : -ENOMEM;
}

/*
 * Inbound: always the bitmap, which has windows above 32 packets too, with ESN
 * or without.  Outbound: only ESN needs more than the counter of the state, and
 * then the window is what the kernel asks of that direction.
 */
static int isakmp_state_replay(struct xfrm_state *x, const struct isakmp_state_plan *plan)
{
	bool esn = plan->c->suite.esn == IKE_ESN_YES;
	struct xfrm_replay_state_esn *r;
	u32 window, words;

	if (esn)
		x->props.flags |= XFRM_STATE_ESN;
	if (plan->old)
		return isakmp_state_replay_copy(x, plan->old);
	if (!esn && plan->out)
		return 0;
	window = plan->c->policy->replay_window ?: ISAKMP_REPLAY_WINDOW;
	window = min_t(u32, window, XFRMA_REPLAY_ESN_MAX);
	if (plan->out)
		window = ISAKMP_XFRM_ESN_WINDOW_OUT;
	words = DIV_ROUND_UP(window, 32);
	r = kzalloc(struct_size(r, bmp, words), GFP_KERNEL);
	if (!r)
		return -ENOMEM;
	r->bmp_len = words;
	r->replay_window = window;
	x->replay_esn = r;
	x->preplay_esn = kmemdup(r, struct_size(r, bmp, words), GFP_KERNEL);
	return x->preplay_esn ? 0 : -ENOMEM;
}

/*
 * Marks.  Outbound, the state is for the packets that the policy selects, and what
 * it sends has the peer's mark.  Inbound nobody has marked what comes from the
 * network: the state takes any, and gives what is inside the mark that the
 * inbound policy wants to see.
 */
static void isakmp_state_mark(struct xfrm_state *x, const struct isakmp_xfrm *child,
			      const struct ike_child *c, bool out)
{
	const struct isakmp_owner *o = &child->owner;

	if (!out) {
		x->props.smark = o->apart ? child->side.mark : o->mark;
		return;
	}
	x->mark = o->mark;
	if (c->peer->mark) {
		x->props.smark.v = c->peer->mark;
		x->props.smark.m = U32_MAX;
	}
}

/**
 * isakmp_state_encap() - ESP in UDP on a path (RFC 3948, 2.1)
 * @e: filled
 * @path: the path of the IKE SA
 * @out: outbound
 *
 * Context: any.
 */
void isakmp_state_encap(struct xfrm_encap_tmpl *e, const struct isakmp_path *path, bool out)
{
	memset(e, 0, sizeof(*e));
	e->encap_type = UDP_ENCAP_ESPINUDP;
	e->encap_sport = htons(out ? path->lport : path->rport);
	e->encap_dport = htons(out ? path->rport : path->lport);
}

static int isakmp_state_wrap(struct xfrm_state *x, const struct isakmp_state_plan *plan)
{
	/* When AH meets a NAT, xfrm_init_state() refuses it. */
	if (!plan->sa->encap)
		return 0;
	x->encap = kmalloc(sizeof(*x->encap), GFP_KERNEL);
	if (!x->encap)
		return -ENOMEM;
	isakmp_state_encap(x->encap, &plan->sa->path, plan->out);
	return 0;
}

/* Without a word DSCP is copied to the outer header, DF as well, and ECN is told. */
static void isakmp_state_outer(struct xfrm_state *x, const struct ike_child *c, bool out)
{
	const struct ike_outer *o = &c->policy->outer;

	if (x->props.mode != XFRM_MODE_TUNNEL)
		return;
	if (o->no_ecn)
		x->props.flags |= XFRM_STATE_NOECN;
	if (!out) {
		if (o->dscp == IKE_DSCP_IN || o->dscp == IKE_DSCP_BOTH)
			x->props.flags |= XFRM_STATE_DECAP_DSCP;
		return;
	}
	if (o->dscp == IKE_DSCP_IN || o->dscp == IKE_DSCP_NONE)
		x->props.extra_flags |= XFRM_SA_XFLAG_DONT_ENCAP_DSCP;
	if (o->clear_df)
		x->props.flags |= XFRM_STATE_NOPMTUDISC;
	if (!c->no_tfc)
		x->tfcpad = o->tfc;
}

static __be32 isakmp_state_number(const struct isakmp_state_plan *plan)
{
	const struct ike_child *c = plan->c;

	if (plan->comp)
		return htonl(plan->out ? c->cpi_out : c->cpi_in);
	return htonl(plan->out ? c->spi_out : c->spi_in);
}

/*
 * The selector of a state stays empty (AF_UNSPEC): one state serves several
 * selectors, in tunnel mode of both families; the policies do the selecting,
 * both ways.
 */
static void isakmp_state_fill(struct xfrm_state *x, const struct isakmp_half *h,
			      const struct isakmp_state_plan *plan)
{
	const struct isakmp_owner *o = &h->child->owner;
	const struct isakmp_ends *ends = plan->ends;
	struct net *net = h->child->in->net;
	bool out = plan->out;

	x->id.proto = plan->comp ? IPPROTO_COMP : o->proto;
	x->id.spi = isakmp_state_number(plan);
	x->id.daddr = out ? ends->remote : ends->local;
	x->props.saddr = out ? ends->local : ends->remote;
	x->props.family = ends->family;
	x->props.mode = isakmp_owner_mode(o, plan->comp);
	x->props.reqid = o->reqid;
	x->props.flags = XFRM_STATE_AF_UNSPEC;
	/* RFC 4302, 3.3.3.2.1: in IPv4 the header is a multiple of 32 bits, no more */
	if (x->id.proto == IPPROTO_AH && ends->family == AF_INET)
		x->props.flags |= XFRM_STATE_ALIGN4;
	x->if_id = o->if_id;
	x->replay_maxdiff = net->xfrm.sysctl_aevent_rseqth;
	x->replay_maxage = net->xfrm.sysctl_aevent_etime * HZ / XFRM_AE_ETH_M;
	isakmp_state_set_dir(x, out);
	isakmp_state_mark(x, h->child, plan->c, out);
	isakmp_state_outer(x, plan->c, out);
	if (!plan->comp)
		isakmp_life_fill(x, plan->c, out);
}

/**
 * isakmp_state_drop() - the last of a state of ours that is not in XFRM, or dead
 * @x: the state
 *
 * Context: any.
 */
void isakmp_state_drop(struct xfrm_state *x)
{
	isakmp_esp_wipe(x);
	x->km.state = XFRM_STATE_DEAD;
	xfrm_state_put(x);
}

/*
 * What sends several packets as one (esp4_offload.c, when it is loaded) does not pad
 * them; without it each goes its own way.
 */
static void isakmp_state_pad(struct xfrm_state *x)
{
	if (!x->tfcpad || !x->type_offload)
		return;
	module_put(x->type_offload->owner);
	x->type_offload = NULL;
}

/* Its limits and keys are those of ESP or AH around it. */
static int isakmp_state_init_comp(struct xfrm_state *x, const struct isakmp_state_plan *plan)
{
	struct net *net = xs_net(x);
	int err = isakmp_esp_comp(x, plan->c->policy->ipcomp);

	if (err)
		return err;
	/* Tunnels of one pair of ends share a state of IP in IP: see ipcomp4_init_state() */
	mutex_lock(&net->xfrm.xfrm_cfg_mutex);
	err = xfrm_init_state(x);
	mutex_unlock(&net->xfrm.xfrm_cfg_mutex);
	return err;
}

static int isakmp_state_init_esp(struct xfrm_state *x, const struct isakmp_state_plan *plan)
{
	int err = plan->old ? isakmp_esp_copy(x, plan->old) :
			      isakmp_esp_key(x, &plan->c->suite, plan->key);

	err = err ?: isakmp_state_replay(x, plan) ?:
		     isakmp_state_wrap(x, plan) ?:
		     __xfrm_init_state(x, true, plan->c->policy->offload, NULL);
	if (err)
		return err;
	x->km.state = XFRM_STATE_VALID;
	isakmp_state_pad(x);
	return 0;
}

/**
 * isakmp_state_build() - make one state of a child
 * @h: whose it will be; its child's owner is filled
 * @plan: what it shall be
 *
 * Context: process.
 * Return: the state, in nobody's hands yet; or ERR_PTR(-errno).
 */
struct xfrm_state *isakmp_state_build(const struct isakmp_half *h,
				      const struct isakmp_state_plan *plan)
{
	struct xfrm_state *x = xfrm_state_alloc(h->child->in->net);
	int err;

	if (!x)
		return ERR_PTR(-ENOMEM);
	isakmp_state_fill(x, h, plan);
	err = plan->comp ? isakmp_state_init_comp(x, plan) : isakmp_state_init_esp(x, plan);
	if (!err)
		return x;
	isakmp_state_drop(x);
	return ERR_PTR(err);
}

static void isakmp_state_notify(struct xfrm_state *x, u32 event)
{
	struct km_event c = { .event = event, .net = xs_net(x) };

	km_state_notify(x, &c);
}

/**
 * isakmp_state_insert() - one direction's state into XFRM
 * @h: where to keep it; it has none
 * @x: from isakmp_state_build(); ours no more, whatever the answer
 *
 * The order is that of xfrm_add_sa().  The table knows the state before others
 * can remove it.
 *
 * Context: process.
 * Return: 0; -EEXIST: the SPI is taken; -ENODEV: no device takes it; -errno.
 */
int isakmp_state_insert(struct isakmp_half *h, struct xfrm_state *x)
{
	int err;

	WRITE_ONCE(h->x, x);
	err = rhashtable_insert_fast(&isakmp_states, &h->node, isakmp_state_params);
	if (err)
		goto drop;
	xfrm_state_hold(x);
	err = isakmp_offload_add(h, x);
	if (!err) {
		err = xfrm_state_add(x);
		xfrm_audit_state_add(x, !err, false);
	}
	if (err)
		goto forget;
	isakmp_state_notify(x, XFRM_MSG_NEWSA);
	return 0;
forget:
	xfrm_dev_state_delete(x);
	rhashtable_remove_fast(&isakmp_states, &h->node, isakmp_state_params);
	xfrm_state_put(x);
drop:
	WRITE_ONCE(h->x, NULL);
	isakmp_state_drop(x);
	return err;
}

/**
 * isakmp_state_remove() - take a state out of the table and out of XFRM
 * @h: its keeper, which keeps it
 *
 * The hooks do not know it any more when it goes: a removal of ours is no loss.
 *
 * Context: process.
 * Return: true; false: someone else had taken it out of XFRM before.
 */
bool isakmp_state_remove(struct isakmp_half *h)
{
	struct xfrm_state *x = h->x;

	rhashtable_remove_fast(&isakmp_states, &h->node, isakmp_state_params);
	if (xfrm_state_delete(x))
		return false;
	xfrm_audit_state_delete(x, 1, false);
	isakmp_state_notify(x, XFRM_MSG_DELSA);
	return true;
}

/**
 * isakmp_state_del() - remove a state, if it is still there
 * @h: its keeper
 *
 * Context: process.
 */
void isakmp_state_del(struct isakmp_half *h)
{
	struct xfrm_state *x = h->x;

	if (!x)
		return;
	isakmp_state_remove(h);
	WRITE_ONCE(h->x, NULL);
	isakmp_state_drop(x);
}
