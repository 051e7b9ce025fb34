// SPDX-License-Identifier: GPL-2.0
/* Pairs of selectors of the compiled peers in force: see pairs.h. */
#include <linux/jhash.h>
#include <linux/sched.h>
#include <isakmp/ikev2.h>
#include "netns.h"
#include "nl/pairs.h"

/* A pair as it will be in a policy. */
struct pair_key {
	struct isakmp_ts local;
	struct isakmp_ts remote;
	u32 mark;
	u32 mark_mask;
	u32 if_id;
};

/* The selector, with the address of its end if it is dynamic; is that known? */
static bool resolve(const struct isakmp_ts *ts, const struct isakmp_addr *end, unsigned int plen,
		    struct isakmp_ts *to)
{
	*to = *ts;
	if (ts->type != IKE_TS_DYNAMIC)
		return true;
	if (!end->family || plen != 8 * isakmp_addr_len(end))
		return false;
	to->type = end->family == 4 ? IKE_TS_IPV4 : IKE_TS_IPV6;
	memcpy(to->start, end->a, sizeof(to->start));
	memcpy(to->end, end->a, sizeof(to->end));
	return true;
}

static bool pair_key(const struct isakmp_pair *x, struct pair_key *k)
{
	const struct ike_peer *p = &x->peer->p;
	const struct ike_child_policy *c = p->child[x->child];

	memset(k, 0, sizeof(*k));
	k->mark = c->mark;
	k->mark_mask = c->mark_mask;
	k->if_id = c->if_id;
	return resolve(&c->local[x->local], &p->local,
		       8 * (unsigned int)isakmp_addr_len(&p->local), &k->local) &&
	       resolve(&c->remote[x->remote], &p->remote, p->remote_plen, &k->remote);
}

/* A pair with the same key that is linked, or NULL. */
static const struct isakmp_pair *find(const struct isakmp_net *in, const struct pair_key *k,
				      u32 hash)
{
	const struct isakmp_pair *x;
	struct pair_key other;

	hlist_for_each_entry(x, isakmp_index_bucket(&in->config.pairs, hash), node.node)
		if (x->node.hash == hash && pair_key(x, &other) && !memcmp(&other, k, sizeof(*k)))
			return x;
	return NULL;
}

/**
 * isakmp_pairs_make() - fill in the pairs of a compiled peer
 * @peer: with its children, and room for its pairs
 *
 * Context: process.
 */
void isakmp_pairs_make(struct isakmp_peer *peer)
{
	struct isakmp_pair *x = peer->pairs;
	const struct ike_child_policy *c;
	unsigned int i, j, k;

	for (i = 0; i < peer->p.n_child; i++) {
		c = peer->p.child[i];
		for (j = 0; j < c->n_local; j++) {
			for (k = 0; k < c->n_remote; k++, x++) {
				x->peer = peer;
				x->child = (u8)i;
				x->local = (u8)j;
				x->remote = (u8)k;
			}
		}
	}
	peer->n_pairs = (unsigned int)(x - peer->pairs);
}

/* Links the pairs, up to the first that is there already, if @check. */
static const struct isakmp_pair *pairs_link(struct isakmp_net *in, struct isakmp_peer *peer,
					    bool check)
{
	const struct isakmp_pair *other;
	struct isakmp_pair *x;
	struct pair_key k;
	u32 hash;

	lockdep_assert_held(&in->config.lock);
	BUILD_BUG_ON(sizeof(k) != 2 * sizeof(struct isakmp_ts) + 12);	/* no padding */
	for (x = peer->pairs; x < peer->pairs + peer->n_pairs; x++) {
		if (!hlist_unhashed(&x->node.node) || !pair_key(x, &k))
			continue;
		hash = jhash(&k, sizeof(k), in->config.pairs_seed);
		other = check ? find(in, &k, hash) : NULL;
		if (other)
			return other;
		isakmp_index_add(&in->config.pairs, &x->node, hash);
	}
	return NULL;
}

/**
 * isakmp_pairs_link_new() - the pairs of a peer that shall be in force
 * @in: the namespace
 * @peer: the compiled peer
 *
 * Context: process.  Must hold config.lock.
 * Return: NULL; or a pair that is the same as one of them: then call
 * isakmp_pairs_unlink().
 */
const struct isakmp_pair *isakmp_pairs_link_new(struct isakmp_net *in, struct isakmp_peer *peer)
{
	return pairs_link(in, peer, true);
}

/**
 * isakmp_pairs_link() - the pairs of a peer that was in force, and is again
 * @in: the namespace
 * @peer: the compiled peer; fine if its pairs are linked
 *
 * Context: process.  Must hold config.lock.
 */
void isakmp_pairs_link(struct isakmp_net *in, struct isakmp_peer *peer)
{
	pairs_link(in, peer, false);
}

/**
 * isakmp_pairs_unlink() - a peer is not in force any more, or will not be
 * @in: the namespace
 * @peer: the compiled peer; fine if its pairs are not linked
 *
 * Context: process.  Must hold config.lock.
 */
void isakmp_pairs_unlink(struct isakmp_net *in, struct isakmp_peer *peer)
{
	unsigned int i;

	lockdep_assert_held(&in->config.lock);
	for (i = 0; i < peer->n_pairs; i++)
		isakmp_index_del(&in->config.pairs, &peer->pairs[i].node);
}
