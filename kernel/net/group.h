/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The IKE SAs of each peer object, and the children they have.
 *
 * A claim is a child that an SA has, or is about to have: as long as it stands,
 * nobody starts that child a second time.  All of it is under sas.lock.
 */
#ifndef _ISAKMP_NET_GROUP_H
#define _ISAKMP_NET_GROUP_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/rhashtable-types.h>
#include "ike/policy.h"

struct ike_flow;
struct isakmp_net;
struct isakmp_sa;

/**
 * struct isakmp_member - a place in a group
 * @list: in the group
 * @sa: whose place it is; NULL: how far a walk has come
 */
struct isakmp_member {
	struct list_head list;
	struct isakmp_sa *sa;
};

/**
 * struct isakmp_group - the IKE SAs of a peer object
 * @node: in sas.groups
 * @rcu: for freeing
 * @name: of the peer, zero behind its end
 * @members: struct isakmp_member, the newest last
 * @n: SAs that stand, or are being set up
 * @n_ours: of which we started
 * @worked_2: an IKE SA of version 2 was up, which counts with "2-then-1" alone: the group
 *	stays as long as the object does
 * @kept: the peer as it was when it was removed, pinned, if its SAs were to stay; NULL: it
 *	is there, or was removed with them
 */
struct isakmp_group {
	struct rhash_head node;
	struct rcu_head rcu;
	char name[ISAKMP_NAME_MAX + 1];
	struct list_head members;
	unsigned int n;
	unsigned int n_ours;
	bool worked_2;
	const struct ike_peer *kept;
};

/**
 * struct isakmp_sa_claim - a child that an SA has, or is about to have
 * @list: in sa.claims
 * @up: it is there
 * @stop: it is to go: nobody counts on it any more
 * @closed: the peer has closed it
 * @forgotten: the peer has lost it, as it says
 * @name: of the child
 */
struct isakmp_sa_claim {
	struct list_head list;
	bool up;
	bool stop;
	bool closed;
	bool forgotten;
	char name[ISAKMP_NAME_MAX + 1];
};

struct isakmp_identity;

/**
 * struct isakmp_enlist - what an SA brings along into the tables
 * @group: a group of the peer's name, used when there is none yet
 * @identity: of the peer, used when there is none yet
 * @claim: the first child of one that we start
 * @unique: refuse when the child is claimed, or could be set up on another SA
 */
struct isakmp_enlist {
	struct isakmp_group *group;
	struct isakmp_identity *identity;
	struct isakmp_sa_claim *claim;
	bool unique;
};

int isakmp_enlist_init(struct isakmp_enlist *e, const char *peer, const char *child,
		       bool unique);
void isakmp_enlist_free(struct isakmp_enlist *e);

int isakmp_group_enter(struct isakmp_sa *sa, struct isakmp_enlist *e);
void isakmp_group_leave(struct isakmp_sa *sa);
void isakmp_group_retire(struct isakmp_sa *sa);
void isakmp_group_bequeath(struct isakmp_sa *sa, struct isakmp_sa *heir);
bool isakmp_peer_recheck(struct isakmp_sa *sa, const struct ike_peer *peer);
void isakmp_group_each(struct isakmp_net *in, const char *peer,
		       void (*fn)(struct isakmp_sa *sa, const void *arg), const void *arg);
void isakmp_group_keep(struct isakmp_net *in, const struct ike_peer *peer);
bool isakmp_group_unkeep(struct isakmp_net *in, const char *peer);
void isakmp_group_forget(struct isakmp_net *in, const char *peer);
const struct ike_peer *isakmp_group_peer(struct isakmp_sa *sa, bool *kept);
struct isakmp_sa *isakmp_group_further(struct isakmp_net *in, const struct ike_peer *peer,
				       const struct ike_child_policy *child,
				       const struct ike_flow *flow,
				       const struct isakmp_path *path);

void isakmp_claims_sync(struct isakmp_sa *sa);
void isakmp_claims_stop(struct isakmp_sa *sa);
void isakmp_claims_end(struct isakmp_sa *sa);

int isakmp_group_net_init(struct isakmp_net *in);
void isakmp_group_net_exit(struct isakmp_net *in);

#endif
