// SPDX-License-Identifier: GPL-2.0
/*
 * Objects -> what the engine sees: a peer with its children, the suites copied
 * in, in one piece of memory.  The children of a template are compiled once: its
 * peers point to them, and hold it.
 */
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <isakmp/ikev2.h>
#include "ike/seam.h"
#include "netns.h"
#include "nl/compile.h"
#include "nl/compile_v1.h"
#include "nl/inherit.h"

/* The suites of @proposal for the IKE SA, or for children, in order. */
static void compile_suites(const struct isakmp_object *proposal, bool ike,
			   struct ike_suites *v)
{
	const struct isakmp_proposal_spec *p = proposal->c.spec;
	unsigned int i;

	for (i = 0; i < p->n; i++)
		if ((p->s[i].protocol == IKE_PROTO_IKE) == ike)
			v->s[v->n++] = p->s[i];
}

static void compile_peer(const struct isakmp_peer_spec *spec, struct ike_peer *p)
{
	BUILD_BUG_ON(sizeof(p->dev) != sizeof(spec->dev));
	BUILD_BUG_ON((int)IKE_UNIQUE_REPLACE != (int)ISAKMP_UNIQUE_REPLACE);
	BUILD_BUG_ON((int)IKE_UNIQUE_KEEP != (int)ISAKMP_UNIQUE_KEEP);
	BUILD_BUG_ON((int)IKE_CHILDLESS_ALLOW != (int)ISAKMP_CHILDLESS_ALLOW);
	BUILD_BUG_ON((int)IKE_CHILDLESS_FORCE != (int)ISAKMP_CHILDLESS_FORCE);

	memcpy(p->name, spec->name, sizeof(p->name));
	memcpy(p->dev, spec->dev, sizeof(p->dev));
	p->local = spec->local;
	p->remote = spec->remote;
	p->remote_plen = spec->remote_plen;
	p->dpd_s = spec->dpd_s;
	p->life_s = spec->life_s;
	p->max_sas = spec->max_sas;
	p->reauth_s = spec->reauth_s;
	p->unique = spec->unique;
	p->mark = spec->mark;
	p->encap = spec->encap;
	p->fragment = spec->fragmentation ? spec->fragment_size : 0;
	p->window = spec->window;
	p->childless = spec->childless;
	p->resume = spec->resumption;
	p->qcd = spec->qcd;
	memcpy(p->vip, spec->vip, sizeof(p->vip));
	p->mobike = spec->mobike;
	p->n_roam = spec->n_roam;
	memcpy(p->roam, spec->roam, sizeof(p->roam));
	p->redirect = spec->redirect;
	p->n_follow = spec->n_follow;
	memcpy(p->follow, spec->follow, sizeof(p->follow));
}

/* What is not given follows from how the child is started. */
static u8 compile_action(const struct isakmp_child_spec *spec, u8 given)
{
	static const u8 by_start[] = {
		[IKE_START_NONE] = IKE_ACTION_NONE,
		[IKE_START_TRAP] = IKE_ACTION_TRAP,
		[IKE_START_NOW] = IKE_ACTION_START,
	};

	BUILD_BUG_ON((int)IKE_ACTION_NONE != (int)ISAKMP_ACTION_NONE);
	BUILD_BUG_ON((int)IKE_ACTION_START != (int)ISAKMP_ACTION_START);
	return given ?: by_start[spec->start];
}

static void compile_child(const struct isakmp_child_spec *spec, struct ike_child_policy *c,
			  struct isakmp_ts *ts)
{
	unsigned int n = spec->n_local + spec->n_remote;

	BUILD_BUG_ON((int)IKE_START_NONE != (int)ISAKMP_START_NONE);
	BUILD_BUG_ON((int)IKE_START_TRAP != (int)ISAKMP_START_TRAP);
	BUILD_BUG_ON((int)IKE_START_NOW != (int)ISAKMP_START_NOW);
	BUILD_BUG_ON((int)IKE_MODE_TRANSPORT != (int)ISAKMP_MODE_TRANSPORT);
	BUILD_BUG_ON((int)IKE_OFFLOAD_AUTO != (int)ISAKMP_OFFLOAD_AUTO);

	memcpy(c->name, spec->name, sizeof(c->name));
	c->start = spec->start;
	c->on_dead = compile_action(spec, spec->on_dead);
	c->on_close = compile_action(spec, spec->on_close);
	c->mode = spec->mode;
	c->single_pair = spec->single_pair;
	c->mark = spec->mark;
	c->mark_mask = spec->mark_mask;
	c->if_id = spec->if_id;
	c->outer = spec->outer;
	c->ipcomp = spec->ipcomp;
	c->offload = spec->offload;
	memcpy(c->offload_dev, spec->offload_dev, sizeof(c->offload_dev));
	c->life_s = spec->life_s;
	c->life_bytes = spec->life_bytes;
	c->life_packets = spec->life_packets;
	c->replay_window = spec->replay_window;
	c->n_local = spec->n_local;
	c->n_remote = spec->n_remote;
	memcpy(ts, spec->ts, n * sizeof(*ts));
	c->local = ts;
	c->remote = ts + spec->n_local;
}

/**
 * struct compile - a peer being compiled
 * @peer: the object
 * @holder: whose children it has
 * @except: auth or child to overlook, or NULL
 * @proposal: its proposal
 * @base: the compiled template whose children it shares, or NULL
 * @blame: attribute to name in a refusal, or NULL
 * @extack: told why not
 */
struct compile {
	struct isakmp_object *peer;
	struct isakmp_object *holder;
	const struct isakmp_object *except;
	const struct isakmp_object *proposal;
	struct isakmp_peer *base;
	const struct nlattr *blame;
	struct netlink_ext_ack *extack;
};

/* The children of a template, as they are, but for those that take another proposal. */
static struct isakmp_peer *compile_base(const struct compile *x)
{
	const struct isakmp_object *t = x->holder;

	if (t == x->peer || x->proposal != isakmp_inherit_proposal(t))
		return NULL;
	return t->fresh ?: t->was ? t->was->live : t->live;
}

static struct isakmp_peer *compile_alloc(const struct compile *v)
{
	size_t n = 0, ts = 0, pairs = 0, off_pairs, off_ts;
	const struct isakmp_child_spec *spec;
	const struct isakmp_object *o;
	struct isakmp_peer *x;

	list_for_each_entry(o, &v->holder->children, sibling) {
		spec = o->c.spec;
		n++;
		ts += spec->n_local + spec->n_remote;
		pairs += spec->n_local * spec->n_remote;
	}
	if (v->base)
		n = ts = 0;
	off_pairs = struct_size(x, c, n);
	off_ts = off_pairs + pairs * sizeof(struct isakmp_pair);
	x = kvzalloc(off_ts + ts * sizeof(struct isakmp_ts), GFP_KERNEL_ACCOUNT);
	if (!x)
		return NULL;
	refcount_set(&x->ref, 1);
	INIT_HLIST_NODE(&x->by_place);
	INIT_HLIST_NODE(&x->by_name);
	x->pairs = (void *)x + off_pairs;
	x->ts = (void *)x + off_ts;
	x->template = isakmp_is_template(v->peer);
	return x;
}

/* A trap waits for packets of addresses that are known. */
static bool traps_unknown(const struct ike_peer *p, const struct ike_child_policy *c)
{
	bool traps = c->start == IKE_START_TRAP || c->on_dead == IKE_ACTION_TRAP ||
		     c->on_close == IKE_ACTION_TRAP;
	unsigned int i;

	for (i = 0; i < c->n_local; i++)
		if (c->local[i].type == IKE_TS_DYNAMIC && traps && c->mode == IKE_MODE_TUNNEL &&
		    (p->vip[0].family || p->vip[1].family))
			return true;
	return false;
}

/* CREATE_CHILD_SA answers at once. */
static bool has_helper_group(const struct ike_child_policy *c)
{
	unsigned int i;

	for (i = 0; i < c->esp.n; i++)
		if (isakmp_kex_by_helper(c->esp.s[i].ke))
			return true;
	return false;
}

/* What would make the engine fail later, each time. */
static int compile_check(const struct isakmp_peer *x, const struct ike_child_policy *c,
			 const struct compile *v)
{
	const struct ike_peer *p = &x->p;
	int err;

	if (x->template)
		return 0;
	if (!c->esp.n)
		return isakmp_refuse_name(v->extack, v->blame, -EINVAL,
					  "the proposal has no ESP or AH suite for child", c->name);
	if (p->v1.versions != IKE_VERSIONS_1 && has_helper_group(c))
		return isakmp_refuse_name(v->extack, v->blame, -EOPNOTSUPP,
					  "only version 1 asks the helper for this key exchange, child",
					  c->name);
	err = isakmp_compile_v1_child(p, c, v->blame, v->extack);
	if (err)
		return err;
	if (traps_unknown(p, c))
		return isakmp_refuse_name(v->extack, v->blame, -EINVAL,
					  "a virtual IP is not known before it is up: no trap, child",
					  c->name);
	if ((c->start != IKE_START_NONE || c->on_dead != IKE_ACTION_NONE ||
	     c->on_close != IKE_ACTION_NONE) &&
	    (!p->remote.family || p->remote_plen != 8 * isakmp_addr_len(&p->remote)))
		return isakmp_refuse_name(v->extack, v->blame, -EDESTADDRREQ,
					  "only one remote address can be called, by child",
					  c->name);
	return 0;
}

static int compile_own(struct isakmp_peer *x, const struct compile *v)
{
	struct isakmp_ts *ts = x->ts;
	const struct isakmp_object *o, *own;
	int err;

	list_for_each_entry(o, &v->holder->children, sibling) {
		struct ike_child_policy *c = &x->c[x->p.n_child];

		if (o == v->except)
			continue;
		own = o->c.n_refs ? o->c.refs[0].to : v->proposal;
		if (own)
			compile_suites(own, false, &c->esp);
		compile_child(o->c.spec, c, ts);
		err = compile_check(x, c, v);
		if (err)
			return err;
		ts += c->n_local + c->n_remote;
		x->p.child[x->p.n_child++] = c;
	}
	return 0;
}

static int compile_shared(struct isakmp_peer *x, const struct compile *v)
{
	unsigned int i;
	int err;

	for (i = 0; i < v->base->p.n_child; i++) {
		err = compile_check(x, v->base->p.child[i], v);
		if (err)
			return err;
		x->p.child[i] = v->base->p.child[i];
	}
	x->p.n_child = v->base->p.n_child;
	x->base = v->base;
	isakmp_peer_get(&x->base->p);
	return 0;
}

/* Of all that the pools of a peer say; 0: it has none of its own. */
static u32 pools_hash(const struct isakmp_object *peer)
{
	const struct isakmp_object *o;
	unsigned int i;
	u32 hash = 0;

	for (i = 0; i < peer->c.n_refs; i++) {
		o = peer->c.refs[i].to;
		if (o->kind == ISAKMP_KIND_POOL)
			hash = jhash(o->c.spec, sizeof(struct isakmp_pool_spec), hash) | 1;
	}
	return hash;
}

static u32 compile_pools(const struct isakmp_object *peer)
{
	const struct isakmp_object *template = isakmp_inherit_template(peer);

	return pools_hash(peer) ?: template ? pools_hash(template) : 0;
}

static bool compile_pubkey(const struct compile *v)
{
	const struct isakmp_object *o;

	o = isakmp_inherit_auth(v->peer, ISAKMP_SIDE_REMOTE, v->except);
	return o && ((const struct isakmp_auth_spec *)o->c.spec)->method == ISAKMP_METHOD_PUBKEY;
}

static u64 fold(u64 hash, const void *p, size_t n)
{
	return isakmp_siphash((const u64[2]){ hash, n }, p, n);
}

static u64 fold_auth(u64 hash, const struct isakmp_object *o)
{
	const struct isakmp_auth_spec *v = o ? o->c.spec : NULL;
	unsigned int i;

	if (!v)
		return fold(hash, "", 1);
	hash = fold(hash, &v->method, sizeof(v->method));
	hash = fold(hash, v->id.v, v->id.len);
	hash = fold(hash, v->scheme, v->n_schemes);
	hash = fold(hash, v->cred, strlen(v->cred));
	hash = fold(hash, v->xauth, strlen(v->xauth));
	for (i = 0; i < v->n_cas; i++)
		hash = fold(hash, v->ca[i], strlen(v->ca[i]));
	return hash;
}

/*
 * Of what is said, not of when: a ticket may be older than this kernel.  Nobody gains by
 * another text with the same hash: it is the operator's.
 */
static u64 compile_auth(const struct compile *v)
{
	u64 hash = 1;
	u8 side;

	for (side = ISAKMP_SIDE_LOCAL; side <= ISAKMP_SIDE_REMOTE; side++)
		hash = fold_auth(hash, isakmp_inherit_auth(v->peer, side, v->except));
	return hash;
}

static u64 compile_binding(const struct ike_peer *p)
{
	u64 hash = fold(p->auth, &p->pools, sizeof(p->pools));
	const u8 v1[] = { p->v1.versions, p->v1.accept };
	unsigned int i;

	hash = fold(hash, v1, sizeof(v1));
	for (i = 0; i < ARRAY_SIZE(p->vip); i++)
		hash = fold(hash, p->vip[i].a, isakmp_addr_len(&p->vip[i]));
	for (i = 0; i < p->n_child; i++)
		hash = fold(hash, p->child[i]->name, strlen(p->child[i]->name));
	return hash;
}

/* What a peer and its template may contradict each other in. */
static int compile_keys(struct isakmp_peer *x, const struct compile *v)
{
	struct isakmp_peer_spec keys;
	const struct ike_peer *p = &x->p;

	isakmp_inherit_keys(v->peer, &keys);
	compile_peer(&keys, &x->p);
	x->p.pubkey = compile_pubkey(v);
	x->p.pools = compile_pools(v->peer);
	if (v->proposal)
		compile_suites(v->proposal, true, &x->p.ike);
	isakmp_compile_v1(&keys, v->peer, v->except, &x->p.v1);
	if (x->template)
		return 0;
	if (!v->proposal)
		return isakmp_refuse_name(v->extack, v->blame, -EINVAL,
					  "neither the peer nor its template has a proposal",
					  p->name);
	if (!p->ike.n)
		return isakmp_refuse_name(v->extack, v->blame, -EINVAL,
					  "the proposal has no IKE suite for peer", p->name);
	if (p->local.family && p->remote.family && p->local.family != p->remote.family)
		return isakmp_refuse_name(v->extack, v->blame, -EINVAL,
					  "one address is IPv4, one IPv6, of peer", p->name);
	return isakmp_compile_v1_check(p, v->peer, v->except, v->blame, v->extack);
}

/**
 * isakmp_compile() - compile a peer
 * @in: the namespace; gives the generation
 * @peer: the peer object; its template, if it has one, is compiled already
 * @except: an auth or child object of it or its template to leave out, or NULL
 * @blame: attribute to name in a refusal, or NULL
 * @extack: told why not
 *
 * Context: process.  Must hold config.lock.
 * Return: the compiled peer with one reference, or an ERR_PTR.
 */
struct isakmp_peer *isakmp_compile(struct isakmp_net *in, struct isakmp_object *peer,
				   const struct isakmp_object *except,
				   const struct nlattr *blame, struct netlink_ext_ack *extack)
{
	struct compile v = {
		.peer = peer,
		.holder = isakmp_inherit_children(peer, except),
		.except = except,
		.proposal = isakmp_inherit_proposal(peer),
		.blame = blame,
		.extack = extack,
	};
	struct isakmp_peer *x;
	int err;

	lockdep_assert_held(&in->config.lock);
	v.base = compile_base(&v);
	x = compile_alloc(&v);
	if (!x)
		return ERR_PTR(-ENOMEM);
	err = compile_keys(x, &v);
	if (!err)
		err = v.base ? compile_shared(x, &v) : compile_own(x, &v);
	if (err) {
		kvfree(x);
		return ERR_PTR(err);
	}
	x->p.auth = compile_auth(&v);
	x->p.binding = compile_binding(&x->p);
	isakmp_pairs_make(x);
	if (!++in->config.last_gen)
		in->config.last_gen = 1;
	x->p.gen = in->config.last_gen;
	return x;
}

static bool same_suites(const struct ike_suites *a, const struct ike_suites *b)
{
	return a->n == b->n && !memcmp(a->s, b->s, a->n * sizeof(a->s[0]));
}

static bool same_traffic(const struct ike_child_policy *a, const struct ike_child_policy *b)
{
	return a->n_local == b->n_local && a->n_remote == b->n_remote &&
	       !memcmp(a->local, b->local, a->n_local * sizeof(a->local[0])) &&
	       !memcmp(a->remote, b->remote, a->n_remote * sizeof(a->remote[0]));
}

static bool same_outer(const struct ike_outer *a, const struct ike_outer *b)
{
	return a->dscp == b->dscp && a->clear_df == b->clear_df &&
	       a->no_ecn == b->no_ecn && a->tfc == b->tfc;
}

static bool same_child(const struct ike_child_policy *a, const struct ike_child_policy *b)
{
	if (a == b)
		return true;
	return !strcmp(a->name, b->name) && a->start == b->start && a->mode == b->mode &&
	       a->on_dead == b->on_dead && a->on_close == b->on_close &&
	       a->single_pair == b->single_pair && a->mark == b->mark &&
	       a->mark_mask == b->mark_mask && a->if_id == b->if_id &&
	       same_outer(&a->outer, &b->outer) && a->ipcomp == b->ipcomp &&
	       a->offload == b->offload && !strcmp(a->offload_dev, b->offload_dev) &&
	       same_suites(&a->esp, &b->esp) && same_traffic(a, b) &&
	       a->life_s == b->life_s && a->life_bytes == b->life_bytes &&
	       a->life_packets == b->life_packets && a->replay_window == b->replay_window;
}

static bool same_keys(const struct ike_peer *p, const struct ike_peer *q)
{
	return !strcmp(p->name, q->name) && isakmp_addr_equal(&p->local, &q->local) &&
	       isakmp_addr_equal(&p->remote, &q->remote) && p->remote_plen == q->remote_plen &&
	       !strcmp(p->dev, q->dev) && p->mark == q->mark && p->encap == q->encap &&
	       p->dpd_s == q->dpd_s && p->life_s == q->life_s && p->max_sas == q->max_sas &&
	       p->reauth_s == q->reauth_s && p->unique == q->unique &&
	       p->pubkey == q->pubkey && p->fragment == q->fragment && p->window == q->window &&
	       p->childless == q->childless && p->qcd == q->qcd &&
	       p->pools == q->pools && isakmp_addr_equal(&p->vip[0], &q->vip[0]) &&
	       isakmp_addr_equal(&p->vip[1], &q->vip[1]) &&
	       p->mobike == q->mobike && p->n_roam == q->n_roam &&
	       !memcmp(p->roam, q->roam, p->n_roam * sizeof(p->roam[0])) &&
	       isakmp_addr_equal(&p->redirect, &q->redirect) && p->n_follow == q->n_follow &&
	       !memcmp(p->follow, q->follow, p->n_follow * sizeof(p->follow[0])) &&
	       p->resume == q->resume && p->binding == q->binding &&
	       !memcmp(&p->v1, &q->v1, sizeof(p->v1));
}

/**
 * isakmp_compile_same() - are two compiled peers the same but for the generation?
 * @a: a peer
 * @b: another
 *
 * Context: any.
 * Return: whether they are.
 */
bool isakmp_compile_same(const struct isakmp_peer *a, const struct isakmp_peer *b)
{
	const struct ike_peer *p = &a->p, *q = &b->p;
	unsigned int i;

	if (a->template != b->template || !same_keys(p, q) || !same_suites(&p->ike, &q->ike) ||
	    p->n_child != q->n_child)
		return false;
	for (i = 0; i < p->n_child; i++)
		if (!same_child(p->child[i], q->child[i]))
			return false;
	return true;
}
