// SPDX-License-Identifier: GPL-2.0
/*
 * The published peers of a namespace.
 *
 *	place		(remote prefix, prefix length, local address)
 *	  variant	   what the answer to a first message depends on: versions, suites,
 *			   CERTREQ, way
 *	    peer	      ...
 *
 * Look-up by address pair must not grow with the number of peers: it runs for
 * every first message.  It tries the prefix lengths that are in use, the longest
 * first, and for each our exact address before "any".  Before the identity is
 * known peers of one variant are all the same, so thousands of peers for any
 * address that share a proposal cost no more than one.  A device is looked at with
 * each variant that has one: there are as many as VRFs with these addresses.
 *
 * The tables have a fixed number of buckets, made with the first peer, and a place
 * and a variant are made before the change that needs them, so that publishing
 * cannot fail.
 *
 * A peer that left the table is seen by readers of two kinds: those under RCU
 * (softirq), and handlers of the engine, which may sleep, under the SRCU of this
 * file.  The last reference therefore waits for both, one after the other.  Places
 * and variants are seen under RCU only.
 */
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <net/l3mdev.h>
#include "ike/seam.h"
#include "net/sa.h"
#include "net/send.h"
#include "netns.h"
#include "nl/config.h"

DEFINE_STATIC_SRCU(isakmp_peers_srcu);

struct peers_key {
	struct isakmp_addr local;
	struct isakmp_addr remote;
	u8 plen;
};

static struct isakmp_peer *to_peer(const struct ike_peer *peer)
{
	return container_of((struct ike_peer *)peer, struct isakmp_peer, p);
}

static void addr_mask(struct isakmp_addr *x, unsigned int plen)
{
	unsigned int i;

	for (i = 0; i < sizeof(x->a); i++) {
		unsigned int keep = plen > 8 * i ? min(plen - 8 * i, 8U) : 0;

		x->a[i] &= (u8)~(0xff >> keep);
	}
}

/**
 * struct place - an address pair that peers are for
 * @node: in isakmp_peers.place, while there is a variant in it
 * @key: the pair
 * @variants: struct isakmp_variant, in use
 * @n: how many those are
 * @ref: variants that point here; config.lock
 * @rcu: for freeing
 */
struct place {
	struct hlist_node node;
	struct peers_key key;
	struct hlist_head variants;
	unsigned int n;
	unsigned int ref;
	struct rcu_head rcu;
};

/**
 * struct isakmp_variant - peers of one place that are alike before they are known
 * @node: in isakmp_peers.variant, as long as it is
 * @by_place: in place->variants, while there is a peer in it
 * @place: the place
 * @hash: of place and suites
 * @peers: struct isakmp_peer
 * @n: how many those are
 * @ref: compiled peers that point here; config.lock
 * @pubkey: as in struct ike_peer, like all that follows
 * @encap: ESP in UDP
 * @fragment: size of fragments
 * @mark: of packets we send
 * @dev: to leave by
 * @v1: what it says of version 1
 * @ike: suites
 * @rcu: for freeing
 */
struct isakmp_variant {
	struct hlist_node node;
	struct hlist_node by_place;
	struct place *place;
	u32 hash;
	struct hlist_head peers;
	unsigned int n;
	unsigned int ref;
	bool pubkey;
	bool encap;
	u16 fragment;
	u32 mark;
	char dev[IKE_DEV_LEN];
	struct ike_v1 v1;
	struct ike_suites ike;
	struct rcu_head rcu;
};

static u32 key_hash(const struct isakmp_peers *t, const struct peers_key *k)
{
	u32 h = jhash(k->local.a, sizeof(k->local.a), t->seed ^ k->local.family);

	return jhash(k->remote.a, sizeof(k->remote.a), h ^ k->plen ^ ((u32)k->remote.family << 8));
}

static u32 bucket(u32 hash)
{
	return hash >> (32 - ISAKMP_PEERS_BITS);
}

static u32 name_bucket(const struct isakmp_peers *t, const char *name)
{
	return jhash(name, strlen(name), t->seed) >> (32 - ISAKMP_PEERS_BITS);
}

/* A peer for any remote address is one with a prefix of length 0. */
static unsigned int peer_plen(const struct ike_peer *p)
{
	return p->remote.family ? p->remote_plen : 0;
}

static void peer_key(const struct ike_peer *p, struct peers_key *k)
{
	memset(k, 0, sizeof(*k));
	k->local = p->local;
	k->plen = (u8)peer_plen(p);
	k->remote = p->remote;
	addr_mask(&k->remote, k->plen);
}

static bool key_equal(const struct peers_key *a, const struct peers_key *b)
{
	return a->plen == b->plen && isakmp_addr_equal(&a->local, &b->local) &&
	       isakmp_addr_equal(&a->remote, &b->remote);
}

/* Must hold RCU or config.lock. */
static struct place *place_find(const struct isakmp_peers *t, const struct peers_key *k)
{
	struct place *x;

	hlist_for_each_entry_rcu(x, &t->place[bucket(key_hash(t, k))], node, true)
		if (key_equal(&x->key, k))
			return x;
	return NULL;
}

/* 0: outside of VRFs */
static int vrf_of(struct isakmp_net *in, u32 ifindex)
{
	return ifindex ? l3mdev_master_ifindex_by_index(in->net, (int)ifindex) : 0;
}

/* Addresses mean something inside a VRF: a device of the peer says which. */
static bool way_fits(struct isakmp_net *in, const char *dev, const struct isakmp_path *path)
{
	return !*dev || vrf_of(in, isakmp_send_ifindex(in, dev)) == vrf_of(in, path->ifindex);
}

/**
 * struct walk - through the variants that match an address pair, and its VRF
 * @in: the namespace
 * @t: its peers
 * @path: the pair
 * @version: of the protocol, 1 or 2, that is to be spoken
 * @step: where we are: prefix length, address or any, on either side
 * @next: the variant to look at next, NULL: of the next place
 */
struct walk {
	struct isakmp_net *in;
	const struct isakmp_peers *t;
	const struct isakmp_path *path;
	u8 version;
	unsigned int step;
	const struct isakmp_variant *next;
};

/*
 * The key of a step, most specific first: prefix lengths down to 0, then peers for
 * any address of either family; for each our address, then any.
 */
static bool walk_key(const struct walk *w, struct peers_key *k)
{
	unsigned int bits = 8 * (unsigned int)isakmp_addr_len(&w->path->remote);
	unsigned int i = w->step / 2;

	memset(k, 0, sizeof(*k));
	if (i > bits + 1)
		return false;
	if (i <= bits) {
		k->remote = w->path->remote;
		k->plen = (u8)(bits - i);
		addr_mask(&k->remote, k->plen);
	}
	if (!(w->step & 1))
		k->local = w->path->local;
	return true;
}

/* The next variant by addresses, or NULL.  Must hold RCU. */
static const struct isakmp_variant *walk_step(struct walk *w)
{
	const struct isakmp_variant *v = w->next;
	const struct place *place;
	struct peers_key k;

	for (; !v && walk_key(w, &k); w->step++) {
		/* A step by which no peer can be found is none. */
		if (!READ_ONCE(w->t->n_plen[k.plen]))
			continue;
		place = place_find(w->t, &k);
		if (place)
			v = hlist_entry_safe(rcu_dereference(hlist_first_rcu(&place->variants)),
					     struct isakmp_variant, by_place);
	}
	if (v)
		w->next = hlist_entry_safe(rcu_dereference(hlist_next_rcu(&v->by_place)),
					   struct isakmp_variant, by_place);
	return v;
}

/* The same, that speaks the version, and is reached where @w->path leads. */
static const struct isakmp_variant *walk_next(struct walk *w)
{
	const struct isakmp_variant *v;

	do {
		v = walk_step(w);
	} while (v && (!ike_v1_speaks(&v->v1, w->version) ||
		       !way_fits(w->in, v->dev, w->path)));
	return v;
}

static const struct isakmp_peer *first_peer(const struct isakmp_variant *v)
{
	return hlist_entry_safe(rcu_dereference(hlist_first_rcu(&v->peers)),
				struct isakmp_peer, by_place);
}

/* Of peers that are alike before they are known, one.  Not pinned; NULL after the last. */
static const struct ike_peer *peers_nth(struct isakmp_net *in, const struct isakmp_path *path,
					u8 version, unsigned int nth)
{
	struct walk w = { .in = in, .t = &in->config.peers, .path = path, .version = version };
	const struct isakmp_peer *peer = NULL;
	const struct isakmp_variant *v;

	/* Pairs with isakmp_peers_alloc(). */
	if (!smp_load_acquire(&w.t->place))
		return NULL;
	rcu_read_lock();
	while ((v = walk_next(&w))) {
		peer = first_peer(v);
		if (peer && !nth--)
			break;
		peer = NULL;
	}
	rcu_read_unlock();
	return peer ? &peer->p : NULL;
}

static bool suite_allowed(const struct ike_suites *v, const struct ike_suite *s)
{
	unsigned int i;

	for (i = 0; i < v->n; i++) {
		const struct ike_suite *a = &v->s[i];

		if (a->encr == s->encr && a->keylen == s->keylen && a->integ == s->integ &&
		    a->prf == s->prf && a->ke == s->ke)
			return true;
	}
	return false;
}

/**
 * isakmp_peers_allowing() - peers that match an address pair and allow a suite
 * @in: the namespace
 * @path: local and remote address
 * @version: of the protocol, 1 or 2
 * @suite: what was negotiated
 * @v: filled with the peers, not pinned, the most specific first
 * @max: room in @v
 * @more: there are others
 *
 * Context: Must hold what isakmp_peers_read_lock() gives.
 * Return: how many.
 */
unsigned int isakmp_peers_allowing(struct isakmp_net *in, const struct isakmp_path *path,
				   u8 version, const struct ike_suite *suite,
				   const struct ike_peer **v, unsigned int max, bool *more)
{
	struct walk w = { .in = in, .t = &in->config.peers, .path = path, .version = version };
	const struct isakmp_variant *x;
	const struct isakmp_peer *peer;
	unsigned int n = 0;

	*more = false;
	if (!smp_load_acquire(&w.t->place))
		return 0;
	rcu_read_lock();
	while (!*more && (x = walk_next(&w))) {
		if (!suite_allowed(&x->ike, suite))
			continue;
		hlist_for_each_entry_rcu(peer, &x->peers, by_place) {
			*more = n == max;
			if (*more)
				break;
			v[n++] = &peer->p;
		}
	}
	rcu_read_unlock();
	return n;
}

/**
 * isakmp_peer_covers() - does this peer match an address pair?
 * @in: the namespace
 * @p: the peer
 * @path: local and remote address, and by which device
 *
 * Context: any.
 * Return: whether it does.
 */
bool isakmp_peer_covers(struct isakmp_net *in, const struct ike_peer *p,
			const struct isakmp_path *path)
{
	struct isakmp_addr remote = path->remote, prefix = p->remote;

	if (!way_fits(in, p->dev, path))
		return false;
	if (p->local.family && !isakmp_addr_equal(&p->local, &path->local))
		return false;
	if (!prefix.family)
		return true;
	addr_mask(&remote, p->remote_plen);
	addr_mask(&prefix, p->remote_plen);
	return isakmp_addr_equal(&remote, &prefix);
}

/**
 * isakmp_peer_match() - does any peer object match this address pair?
 * @in: the namespace
 * @path: local and remote address
 * @version: of the protocol, 1 or 2
 *
 * Context: any.
 * Return: whether one does.
 */
bool isakmp_peer_match(struct isakmp_net *in, const struct isakmp_path *path, u8 version)
{
	bool found;

	rcu_read_lock();
	found = peers_nth(in, path, version, 0);
	rcu_read_unlock();
	return found;
}

/**
 * isakmp_peer_first() - the most specific peer object that matches an address pair
 * @in: the namespace
 * @path: local and remote address
 * @version: of the protocol, 1 or 2, that it must speak
 *
 * Context: any, under rcu_read_lock().
 * Return: the peer, valid until rcu_read_unlock(), or NULL.
 */
const struct ike_peer *isakmp_peer_first(struct isakmp_net *in, const struct isakmp_path *path,
					 u8 version)
{
	return peers_nth(in, path, version, 0);
}

/* Seam: see ike/seam.h.  The worker holds isakmp_peers_read_lock(). */
const struct ike_peer *isakmp_candidate(struct ike_sa *sa, unsigned int i)
{
	RCU_LOCKDEP_WARN(!srcu_read_lock_held(&isakmp_peers_srcu),
			 "candidates without isakmp_peers_read_lock()");
	if (i >= IKE_CANDIDATES_MAX)
		return NULL;
	return peers_nth(isakmp_sa_of(sa)->in, &sa->path, sa->v1 ? 1 : 2, i);
}

/**
 * isakmp_peer_by_name() - find a published peer
 * @in: the namespace
 * @name: its name
 *
 * Context: any.
 * Return: the peer, pinned: isakmp_peer_put() it; NULL if there is none.
 */
const struct ike_peer *isakmp_peer_by_name(struct isakmp_net *in, const char *name)
{
	struct isakmp_peers *t = &in->config.peers;
	struct isakmp_peer *peer, *found = NULL;

	if (!smp_load_acquire(&t->place))
		return NULL;
	rcu_read_lock();
	hlist_for_each_entry_rcu(peer, &t->name[name_bucket(t, name)], by_name) {
		if (strcmp(peer->p.name, name))
			continue;
		/* While it is replaced, the newer one comes first. */
		if (refcount_inc_not_zero(&peer->ref)) {
			found = peer;
			break;
		}
	}
	rcu_read_unlock();
	return found ? &found->p : NULL;
}

/**
 * isakmp_peer_get() - one more reference
 * @peer: a peer the caller has pinned
 *
 * Context: any.
 */
void isakmp_peer_get(const struct ike_peer *peer)
{
	refcount_inc(&to_peer(peer)->ref);
}

static void peer_free(struct rcu_head *rcu)
{
	struct isakmp_peer *peer = container_of(rcu, struct isakmp_peer, rcu);

	if (peer->base)
		isakmp_peer_put(&peer->base->p);
	kvfree(peer);
}

static void peer_free_srcu(struct rcu_head *rcu)
{
	call_srcu(&isakmp_peers_srcu, rcu, peer_free);
}

/* Seam: see ike/seam.h. */
void isakmp_peer_put(const struct ike_peer *peer)
{
	struct isakmp_peer *x;

	if (!peer)
		return;
	x = to_peer(peer);
	if (refcount_dec_and_test(&x->ref))
		call_rcu(&x->rcu, peer_free_srcu);
}

/**
 * isakmp_peers_read_lock() - keep what isakmp_candidate() will return
 *
 * Context: process; may sleep before the unlock.
 * Return: for isakmp_peers_read_unlock().
 */
int isakmp_peers_read_lock(void) __acquires(isakmp_peers)
{
	return srcu_read_lock(&isakmp_peers_srcu);
}

/**
 * isakmp_peers_read_unlock() - candidates may go
 * @idx: what isakmp_peers_read_lock() returned
 *
 * Context: process.
 */
void isakmp_peers_read_unlock(int idx) __releases(isakmp_peers)
{
	srcu_read_unlock(&isakmp_peers_srcu, idx);
}

/**
 * isakmp_peers_alloc() - make sure that peers can be published
 * @in: the namespace
 *
 * Context: process.  Must hold config.lock.
 * Return: 0 or -ENOMEM.
 */
int isakmp_peers_alloc(struct isakmp_net *in)
{
	struct isakmp_peers *t = &in->config.peers;
	struct hlist_head *v;

	lockdep_assert_held(&in->config.lock);
	if (t->place)
		return 0;
	v = kvcalloc(3UL << ISAKMP_PEERS_BITS, sizeof(*v), GFP_KERNEL_ACCOUNT);
	if (!v)
		return -ENOMEM;
	t->seed = get_random_u32();
	t->variant = v + (1UL << ISAKMP_PEERS_BITS);
	t->name = v + (2UL << ISAKMP_PEERS_BITS);
	/* Readers that see the buckets see the seed. */
	smp_store_release(&t->place, v);
	return 0;
}

/**
 * isakmp_peers_free() - the namespace goes
 * @in: the namespace: no peer is published, nobody looks any more
 *
 * Context: process.
 */
void isakmp_peers_free(struct isakmp_net *in)
{
	kvfree(in->config.peers.place);
	in->config.peers.place = NULL;
	in->config.peers.variant = NULL;
	in->config.peers.name = NULL;
}

/* ---- publishing ---------------------------------------------------------- */

static bool same_suites(const struct ike_suites *a, const struct ike_suites *b)
{
	return a->n == b->n && !memcmp(a->s, b->s, a->n * sizeof(a->s[0]));
}

static bool alike(const struct isakmp_variant *v, const struct ike_peer *p)
{
	return v->pubkey == p->pubkey && v->encap == p->encap && v->fragment == p->fragment &&
	       v->mark == p->mark && !strcmp(v->dev, p->dev) &&
	       !memcmp(&v->v1, &p->v1, sizeof(v->v1)) && same_suites(&v->ike, &p->ike);
}

static struct isakmp_variant *variant_find(const struct isakmp_peers *t, u32 hash,
					   const struct peers_key *k, const struct ike_peer *p)
{
	struct isakmp_variant *v;

	hlist_for_each_entry(v, &t->variant[bucket(hash)], node)
		if (v->hash == hash && key_equal(&v->place->key, k) && alike(v, p))
			return v;
	return NULL;
}

/* The place of @k, as one more variant will have it. */
static struct place *place_get(struct isakmp_peers *t, const struct peers_key *k)
{
	struct place *x = place_find(t, k);

	if (!x) {
		x = kzalloc(sizeof(*x), GFP_KERNEL_ACCOUNT);
		if (!x)
			return NULL;
		x->key = *k;
		hlist_add_head_rcu(&x->node, &t->place[bucket(key_hash(t, k))]);
	}
	x->ref++;
	return x;
}

static void place_put(struct place *x)
{
	if (--x->ref)
		return;
	hlist_del_rcu(&x->node);
	kfree_rcu(x, rcu);
}

static struct isakmp_variant *variant_new(struct isakmp_peers *t, u32 hash,
					  const struct peers_key *k, const struct ike_peer *p)
{
	struct isakmp_variant *v = kzalloc(sizeof(*v), GFP_KERNEL_ACCOUNT);

	if (!v)
		return NULL;
	v->place = place_get(t, k);
	if (!v->place) {
		kfree(v);
		return NULL;
	}
	v->hash = hash;
	v->pubkey = p->pubkey;
	v->encap = p->encap;
	v->fragment = p->fragment;
	v->mark = p->mark;
	memcpy(v->dev, p->dev, sizeof(v->dev));
	v->v1 = p->v1;
	v->ike = p->ike;
	hlist_add_head(&v->node, &t->variant[bucket(hash)]);
	return v;
}

static void variant_put(struct isakmp_variant *v)
{
	if (--v->ref)
		return;
	hlist_del(&v->node);
	place_put(v->place);
	kfree_rcu(v, rcu);
}

/**
 * isakmp_peers_prepare() - get ready to publish a peer
 * @in: the namespace, after isakmp_peers_alloc()
 * @peer: the compiled peer; undo with isakmp_peers_unprepare()
 *
 * Context: process.  Must hold config.lock.
 * Return: 0 or -ENOMEM.
 */
int isakmp_peers_prepare(struct isakmp_net *in, struct isakmp_peer *peer)
{
	struct isakmp_peers *t = &in->config.peers;
	struct isakmp_variant *v;
	struct peers_key k;
	u32 hash;

	lockdep_assert_held(&in->config.lock);
	peer_key(&peer->p, &k);
	hash = jhash(peer->p.ike.s, peer->p.ike.n * sizeof(peer->p.ike.s[0]), key_hash(t, &k));
	hash = jhash(peer->p.dev, sizeof(peer->p.dev), hash ^ peer->p.mark);
	hash = jhash(&peer->p.v1, sizeof(peer->p.v1), hash);
	v = variant_find(t, hash, &k, &peer->p) ?: variant_new(t, hash, &k, &peer->p);
	if (!v)
		return -ENOMEM;
	v->ref++;
	peer->variant = v;
	return 0;
}

/**
 * isakmp_peers_unprepare() - a peer will not be published
 * @peer: the compiled peer; fine if it was not prepared
 *
 * Context: process.  Must hold config.lock.
 */
void isakmp_peers_unprepare(struct isakmp_peer *peer)
{
	if (peer->variant)
		variant_put(peer->variant);
	peer->variant = NULL;
}

static void peer_link(struct isakmp_peers *t, struct isakmp_peer *peer)
{
	struct isakmp_variant *v = peer->variant;
	u8 plen = v->place->key.plen;

	WRITE_ONCE(t->n_plen[plen], t->n_plen[plen] + 1);
	hlist_add_head_rcu(&peer->by_place, &v->peers);
	if (!v->n++)
		hlist_add_head_rcu(&v->by_place, &v->place->variants);
	hlist_add_head_rcu(&peer->by_name, &t->name[name_bucket(t, peer->p.name)]);
}

static void peer_unlink(struct isakmp_peers *t, struct isakmp_peer *peer)
{
	struct isakmp_variant *v = peer->variant;
	u8 plen = v->place->key.plen;

	hlist_del_init_rcu(&peer->by_name);
	if (!--v->n)
		hlist_del_init_rcu(&v->by_place);
	hlist_del_init_rcu(&peer->by_place);
	WRITE_ONCE(t->n_plen[plen], t->n_plen[plen] - 1);
	isakmp_peers_unprepare(peer);
}

/**
 * isakmp_peers_publish() - a peer comes, goes, or is replaced
 * @in: the namespace
 * @old: a published peer, or NULL; the caller keeps its reference
 * @new: the one instead of it, after isakmp_peers_prepare(), or NULL
 *
 * The new one is visible before the old one is gone: a look-up in between finds
 * one or both, never none.
 *
 * Context: process.  Must hold config.lock.
 */
void isakmp_peers_publish(struct isakmp_net *in, struct isakmp_peer *old,
			  struct isakmp_peer *new)
{
	lockdep_assert_held(&in->config.lock);
	if (new)
		peer_link(&in->config.peers, new);
	if (old)
		peer_unlink(&in->config.peers, old);
}

/**
 * isakmp_peers_exit() - wait until the last peer is freed
 *
 * The last one may have held its template, which is freed after it.
 *
 * Context: process, at module exit, when nobody holds a peer any more.
 */
void isakmp_peers_exit(void)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		rcu_barrier();
		srcu_barrier(&isakmp_peers_srcu);
	}
}
