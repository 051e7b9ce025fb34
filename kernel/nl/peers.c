// SPDX-License-Identifier: GPL-2.0
/*
 * The published peers of a namespace.
 *
 * Look-up by address pair must not grow with the number of peers: it runs for
 * every first message.  The key is (remote prefix, prefix length, local
 * address); a look-up tries the prefix lengths that are in use, the longest
 * first, and for each our exact address before "any".  The table has a fixed
 * number of buckets, made with the first peer, so that publishing cannot fail.
 *
 * A peer that left the table is seen by readers of two kinds: those under RCU
 * (softirq), and handlers of the engine, which may sleep, under the SRCU of this
 * file.  The last reference therefore waits for both, one after the other.
 */
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/srcu.h>
#include "ike/seam.h"
#include "net/sa.h"
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

static u32 addr_bucket(const struct isakmp_peers *t, const struct peers_key *k)
{
	u32 h = jhash(k->local.a, sizeof(k->local.a), t->seed ^ k->local.family);

	h = jhash(k->remote.a, sizeof(k->remote.a), h ^ k->plen);
	return h >> (32 - ISAKMP_PEERS_BITS);
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

static bool key_matches(const struct ike_peer *p, const struct peers_key *k)
{
	struct isakmp_addr remote = p->remote;

	if (peer_plen(p) != k->plen || !isakmp_addr_equal(&p->local, &k->local))
		return false;
	if (!remote.family)
		return true;
	addr_mask(&remote, k->plen);
	return remote.family == k->remote.family &&
	       !memcmp(remote.a, k->remote.a, sizeof(remote.a));
}

/* The @nth peer under one key; *@nth counts down.  Must hold RCU. */
static struct isakmp_peer *peers_under(const struct isakmp_peers *t,
				       const struct peers_key *k, unsigned int *nth)
{
	struct isakmp_peer *peer;

	hlist_for_each_entry_rcu(peer, &t->addr[addr_bucket(t, k)], by_addr)
		if (key_matches(&peer->p, k) && !(*nth)--)
			return peer;
	return NULL;
}

/**
 * isakmp_peers_nth() - one of the peers that match an address pair
 * @in: the namespace
 * @path: local and remote address
 * @nth: 0 for the most specific one, and so on
 *
 * Context: Must hold RCU, or what isakmp_peers_read_lock() gives.
 * Return: the peer, not pinned; NULL after the last.
 */
const struct ike_peer *isakmp_peers_nth(struct isakmp_net *in, const struct isakmp_path *path,
					unsigned int nth)
{
	struct isakmp_peers *t = &in->config.peers;
	unsigned int bits = 8 * (unsigned int)isakmp_addr_len(&path->remote);
	struct isakmp_peer *peer = NULL;
	unsigned int i, any;

	/* Pairs with isakmp_peers_alloc(). */
	if (!smp_load_acquire(&t->addr))
		return NULL;
	rcu_read_lock();
	for (i = 0; i <= bits && !peer; i++) {
		struct peers_key k = { .remote = path->remote, .plen = (u8)(bits - i) };

		if (!READ_ONCE(t->n_plen[k.plen]))
			continue;
		addr_mask(&k.remote, k.plen);
		for (any = 0; any < 2 && !peer; any++) {
			if (!any)
				k.local = path->local;
			else
				memset(&k.local, 0, sizeof(k.local));
			peer = peers_under(t, &k, &nth);
		}
	}
	rcu_read_unlock();
	return peer ? &peer->p : NULL;
}

/**
 * isakmp_peer_covers() - does this peer match an address pair?
 * @p: the peer
 * @path: local and remote address
 *
 * Context: any.
 * Return: whether it does.
 */
bool isakmp_peer_covers(const struct ike_peer *p, const struct isakmp_path *path)
{
	struct peers_key k = { .local = p->local, .remote = path->remote };

	if (p->local.family && !isakmp_addr_equal(&p->local, &path->local))
		return false;
	k.plen = (u8)peer_plen(p);
	addr_mask(&k.remote, k.plen);
	return key_matches(p, &k);
}

/**
 * isakmp_peer_match() - does any peer object match this address pair?
 * @in: the namespace
 * @path: local and remote address
 *
 * Context: any.
 * Return: whether one does.
 */
bool isakmp_peer_match(struct isakmp_net *in, const struct isakmp_path *path)
{
	bool found;

	rcu_read_lock();
	found = isakmp_peers_nth(in, path, 0);
	rcu_read_unlock();
	return found;
}

/* Seam: see ike/seam.h.  The worker holds isakmp_peers_read_lock(). */
const struct ike_peer *isakmp_candidate(struct ike_sa *sa, unsigned int i)
{
	RCU_LOCKDEP_WARN(!srcu_read_lock_held(&isakmp_peers_srcu),
			 "candidates without isakmp_peers_read_lock()");
	if (i >= IKE_CANDIDATES_MAX)
		return NULL;
	return isakmp_peers_nth(isakmp_sa_of(sa)->in, &sa->path, i);
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

	if (!smp_load_acquire(&t->addr))
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
	kvfree(container_of(rcu, struct isakmp_peer, rcu));
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
	if (t->addr)
		return 0;
	v = kvcalloc(2UL << ISAKMP_PEERS_BITS, sizeof(*v), GFP_KERNEL_ACCOUNT);
	if (!v)
		return -ENOMEM;
	t->seed = get_random_u32();
	t->name = v + (1UL << ISAKMP_PEERS_BITS);
	/* Readers that see the buckets see the seed. */
	smp_store_release(&t->addr, v);
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
	kvfree(in->config.peers.addr);
	in->config.peers.addr = NULL;
	in->config.peers.name = NULL;
}

static void peer_link(struct isakmp_peers *t, struct isakmp_peer *peer)
{
	unsigned int plen = peer_plen(&peer->p);
	struct peers_key k;

	peer_key(&peer->p, &k);
	WRITE_ONCE(t->n_plen[plen], t->n_plen[plen] + 1);
	hlist_add_head_rcu(&peer->by_addr, &t->addr[addr_bucket(t, &k)]);
	hlist_add_head_rcu(&peer->by_name, &t->name[name_bucket(t, peer->p.name)]);
}

static void peer_unlink(struct isakmp_peers *t, struct isakmp_peer *peer)
{
	unsigned int plen = peer_plen(&peer->p);

	hlist_del_init_rcu(&peer->by_name);
	hlist_del_init_rcu(&peer->by_addr);
	WRITE_ONCE(t->n_plen[plen], t->n_plen[plen] - 1);
}

/**
 * isakmp_peers_publish() - a peer comes, goes, or is replaced
 * @in: the namespace, after isakmp_peers_alloc()
 * @old: a published peer, or NULL; the caller keeps its reference
 * @new: the one instead of it, or NULL
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
 * Context: process, at module exit, when nobody holds a peer any more.
 */
void isakmp_peers_exit(void)
{
	rcu_barrier();
	srcu_barrier(&isakmp_peers_srcu);
}
