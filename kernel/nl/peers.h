/* SPDX-License-Identifier: GPL-2.0 */
/* Compiled peers: what the engine gets of the configuration, and its look-up. */
#ifndef _ISAKMP_NL_PEERS_H
#define _ISAKMP_NL_PEERS_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include "ike/policy.h"

struct isakmp_net;

/**
 * struct isakmp_peer - a peer object with its children and suites, compiled
 * @p: what the engine sees; immutable once published
 * @ref: one for the publication, one for each SA, verdict, or other user
 * @rcu: for freeing after the readers
 * @by_addr: in isakmp_peers.addr
 * @by_name: in isakmp_peers.name
 * @c: the children @p.child points to, then their selectors
 */
struct isakmp_peer {
	struct ike_peer p;
	refcount_t ref;
	struct rcu_head rcu;
	struct hlist_node by_addr;
	struct hlist_node by_name;
	struct ike_child_policy c[];
};

#define ISAKMP_PEERS_BITS 13

/**
 * struct isakmp_peers - the published peers of a namespace
 * @addr: buckets by (remote prefix, local address); NULL until the first peer
 * @name: buckets by name
 * @seed: of the hashes
 * @n_plen: peers with each remote prefix length
 *
 * Changed under config.lock, read under RCU.
 */
struct isakmp_peers {
	struct hlist_head *addr;
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
bool isakmp_peer_covers(const struct ike_peer *p, const struct isakmp_path *path);
bool isakmp_peer_match(struct isakmp_net *in, const struct isakmp_path *path);

const struct ike_peer *isakmp_peers_nth(struct isakmp_net *in, const struct isakmp_path *path,
					unsigned int nth);
int isakmp_peers_alloc(struct isakmp_net *in);
void isakmp_peers_free(struct isakmp_net *in);
void isakmp_peers_publish(struct isakmp_net *in, struct isakmp_peer *old,
			  struct isakmp_peer *new);
void isakmp_peers_exit(void);

#endif
