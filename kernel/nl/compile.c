// SPDX-License-Identifier: GPL-2.0
/*
 * Objects -> what the engine sees: a peer with its children, the suites copied
 * in, in one piece of memory.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <isakmp/ikev2.h>
#include "netns.h"
#include "nl/compile.h"
#include "nl/store.h"

/* The suites of @proposal for one protocol, in order. */
static void compile_suites(const struct isakmp_object *proposal, u8 protocol,
			   struct ike_suites *v)
{
	const struct isakmp_proposal_spec *p = proposal->c.spec;
	unsigned int i;

	for (i = 0; i < p->n; i++)
		if (p->s[i].protocol == protocol)
			v->s[v->n++] = p->s[i];
}

static void compile_peer(const struct isakmp_peer_spec *spec, struct ike_peer *p)
{
	memcpy(p->name, spec->name, sizeof(p->name));
	p->local = spec->local;
	p->remote = spec->remote;
	p->remote_plen = spec->remote_plen;
	p->dpd_s = spec->dpd_s;
	p->life_s = spec->life_s;
}

static void compile_child(const struct isakmp_child_spec *spec, struct ike_child_policy *c,
			  struct isakmp_ts *ts)
{
	unsigned int n = spec->n_local + spec->n_remote;

	BUILD_BUG_ON((int)IKE_START_NONE != (int)ISAKMP_START_NONE);
	BUILD_BUG_ON((int)IKE_START_TRAP != (int)ISAKMP_START_TRAP);
	BUILD_BUG_ON((int)IKE_START_NOW != (int)ISAKMP_START_NOW);

	memcpy(c->name, spec->name, sizeof(c->name));
	c->start = spec->start;
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

static struct isakmp_peer *compile_alloc(const struct isakmp_object *peer)
{
	const struct isakmp_child_spec *spec;
	const struct isakmp_object *o;
	struct isakmp_peer *x;
	size_t ts = 0;

	list_for_each_entry(o, &peer->children, sibling) {
		spec = o->c.spec;
		ts += spec->n_local + spec->n_remote;
	}
	x = kvzalloc(struct_size(x, c, peer->n_children) + ts * sizeof(struct isakmp_ts),
		     GFP_KERNEL_ACCOUNT);
	if (!x)
		return NULL;
	refcount_set(&x->ref, 1);
	INIT_HLIST_NODE(&x->by_addr);
	INIT_HLIST_NODE(&x->by_name);
	return x;
}

/* What would make the engine fail later, each time. */
static int compile_check(const struct ike_peer *p, const struct ike_child_policy *c,
			 const struct nlattr *blame, struct netlink_ext_ack *extack)
{
	if (!c->esp.n)
		return isakmp_refuse_name(extack, blame, -EINVAL,
					  "the proposal has no ESP suite for child", c->name);
	if (c->start != IKE_START_NONE &&
	    (!p->remote.family || p->remote_plen != 8 * isakmp_addr_len(&p->remote)))
		return isakmp_refuse_name(extack, blame, -EDESTADDRREQ,
					  "only one remote address can be called, by child",
					  c->name);
	return 0;
}

static int compile_children(struct isakmp_peer *x, const struct isakmp_object *peer,
			    const struct isakmp_object *except,
			    const struct nlattr *blame, struct netlink_ext_ack *extack)
{
	struct isakmp_ts *ts = (struct isakmp_ts *)&x->c[peer->n_children];
	const struct isakmp_object *o;
	int err;

	list_for_each_entry(o, &peer->children, sibling) {
		struct ike_child_policy *c = &x->c[x->p.n_child];

		if (o == except)
			continue;
		compile_suites(o->c.ref ?: peer->c.ref, IKE_PROTO_ESP, &c->esp);
		compile_child(o->c.spec, c, ts);
		err = compile_check(&x->p, c, blame, extack);
		if (err)
			return err;
		ts += c->n_local + c->n_remote;
		x->p.child[x->p.n_child++] = c;
	}
	return 0;
}

/**
 * isakmp_compile() - compile a peer
 * @in: the namespace; gives the generation
 * @peer: the peer object
 * @except: a child of it to leave out, or NULL
 * @blame: attribute to name in a refusal, or NULL
 * @extack: told why not
 *
 * Context: process.  Must hold config.lock.
 * Return: the compiled peer with one reference, or an ERR_PTR.
 */
struct isakmp_peer *isakmp_compile(struct isakmp_net *in, const struct isakmp_object *peer,
				   const struct isakmp_object *except,
				   const struct nlattr *blame, struct netlink_ext_ack *extack)
{
	struct isakmp_peer *x;
	int err;

	lockdep_assert_held(&in->config.lock);
	x = compile_alloc(peer);
	if (!x)
		return ERR_PTR(-ENOMEM);
	compile_peer(peer->c.spec, &x->p);
	compile_suites(peer->c.ref, IKE_PROTO_IKE, &x->p.ike);
	if (x->p.ike.n)
		err = compile_children(x, peer, except, blame, extack);
	else
		err = isakmp_refuse_name(extack, blame, -EINVAL,
					 "the proposal has no IKE suite for peer", x->p.name);
	if (err) {
		kvfree(x);
		return ERR_PTR(err);
	}
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

static bool same_child(const struct ike_child_policy *a, const struct ike_child_policy *b)
{
	return !strcmp(a->name, b->name) && a->start == b->start &&
	       same_suites(&a->esp, &b->esp) && same_traffic(a, b) &&
	       a->life_s == b->life_s && a->life_bytes == b->life_bytes &&
	       a->life_packets == b->life_packets && a->replay_window == b->replay_window;
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

	if (strcmp(p->name, q->name) || !isakmp_addr_equal(&p->local, &q->local) ||
	    !isakmp_addr_equal(&p->remote, &q->remote) ||
	    p->remote_plen != q->remote_plen || !same_suites(&p->ike, &q->ike) ||
	    p->dpd_s != q->dpd_s || p->life_s != q->life_s || p->n_child != q->n_child)
		return false;
	for (i = 0; i < p->n_child; i++)
		if (!same_child(p->child[i], q->child[i]))
			return false;
	return true;
}
