/* SPDX-License-Identifier: GPL-2.0 */
/* Compiled peers: what the engine gets of the configuration, and its look-up. */
#ifndef _ISAKMP_NL_PEERS_H
#define _ISAKMP_NL_PEERS_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include "ike/policy.h"
#include "nl/pairs.h"

struct isakmp_net;
struct isakmp_variant;

/**
 * struct isakmp_peer - a peer object with its children and suites, compiled
 * @p: what the engine sees; immutable once published
 * @ref: one for the publication, one for each SA, verdict, or other user
 * @rcu: for freeing after the readers
 * @template: it stands for nobody: never published
 * @variant: where it is, or will be, published; config.lock
 * @by_place: in @variant->peers
 * @by_name: in isakmp_peers.name
 * @base: the compiled template that the children belong to, with a reference; or NULL
 * @n_pairs: in @pairs
 * @pairs: each local with each remote selector of each child; config.lock
 * @ts: selectors of @c
 * @c: the children @p.child points to, if they are its own; then @pairs, @ts
 */
struct isakmp_peer {
	struct ike_peer p;
	refcount_t ref;
	struct rcu_head rcu;
	bool template;
	struct isakmp_variant *variant;
	struct hlist_node by_place;
	struct hlist_node by_name;
	struct isakmp_peer *base;
	unsigned int n_pairs;
	struct isakmp_pair *pairs;
	struct isakmp_ts *ts;
	struct ike_child_policy c[];
};

#define ISAKMP_PEERS_BITS 13

/**
 * struct isakmp_peers - the published peers of a namespace
 * @place: buckets of places; NULL until the first peer
 * @variant: buckets of variants
 * @name: buckets of peers by name
 * @seed: of the hashes
 * @n_plen: peers with each remote prefix length
 *
 * Changed under config.lock, read under RCU.
 */
struct isakmp_peers {
	struct hlist_head *place;
	struct hlist_head *variant;
	struct hlist_head *name;
	u32 seed;
	u32 n_plen[129];
};

/*
 * Around ike_sa_handle(): what isakmp_candidate() returned stays valid until
 * the unlock, sleeping or not.
 */
int isakmp_peers_read_lock(void) __acquires(isakmp_peers);
void isakmp_peers_read_unlock(int idx) __releases(isakmp_peers);

const struct ike_peer *isakmp_peer_by_name(struct isakmp_net *in, const char *name);
void isakmp_peer_get(const struct ike_peer *peer);
bool isakmp_peer_covers(struct isakmp_net *in, const struct ike_peer *p,
			const struct isakmp_path *path);
const struct ike_peer *isakmp_peer_first(struct isakmp_net *in, const struct isakmp_path *path,
					 u8 version);
bool isakmp_peer_match(struct isakmp_net *in, const struct isakmp_path *path, u8 version);

unsigned int isakmp_peers_allowing(struct isakmp_net *in, const struct isakmp_path *path,
				   u8 version, const struct ike_suite *suite,
				   const struct ike_peer **v, unsigned int max, bool *more);
int isakmp_peers_alloc(struct isakmp_net *in);
void isakmp_peers_free(struct isakmp_net *in);
int isakmp_peers_prepare(struct isakmp_net *in, struct isakmp_peer *peer);
void isakmp_peers_unprepare(struct isakmp_peer *peer);
void isakmp_peers_publish(struct isakmp_net *in, struct isakmp_peer *old,
			  struct isakmp_peer *new);
void isakmp_peers_exit(void);

#endif
