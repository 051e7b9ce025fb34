/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An IKE SA in the kernel: the engine's object with what makes it safe to
 * reach from everywhere.
 *
 *	sa.c	the object: events, view, its end
 *	inbox.c	messages that wait
 *	setup.c	how it begins, and is told to end
 *	table.c	how it is found, and how many there may be
 *	door.c	its SPIs
 *	version.c	which version it speaks
 *	v1.c	version 1: an ISAKMP SA becomes one of another connection
 *	group.c	whose it is, with how many others
 *	claim.c	which children it has
 *	unique.c	who its peer is, and which others are of the same identity
 *	lease.c	which inner addresses its peer has of us
 *	work.c	who runs it
 *	seam.c	what the engine calls
 *	roam.c	its path may be another
 *	response.c	what is sent again
 *
 * Owner.  @ike and everything marked "worker" belong to whoever runs the SA:
 * the dispatcher, one at a time (@run), or its creator before it is linked.
 *
 * References.  One is held by the tables until the SA has ended, one while it
 * waits for the dispatcher or runs, and one by each user who asked for it.
 * Looking up is done under RCU; the memory is freed a grace period after the
 * last reference.
 *
 * Locks, outermost first: wheel.lock or sas.lock, sa.lock, the dispatcher's.  Inside
 * of sas.lock, admit.lock as well.  None is held across a call into another folder.
 */
#ifndef _ISAKMP_NET_SA_H
#define _ISAKMP_NET_SA_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>
#include "gate/gate.h"
#include "ike/sa.h"
#include "net/door.h"
#include "net/group.h"
#include "net/timer.h"

struct isakmp_net;
struct netlink_ext_ack;

/* What the dispatcher serves first. */
enum isakmp_prio {
	ISAKMP_PRIO_ESTABLISHED,
	ISAKMP_PRIO_PROVEN,	/* and SAs that we started */
	ISAKMP_PRIO_STRANGER,
	ISAKMP_PRIOS,
};

/* How an SA gives way to another one. */
enum isakmp_yield {
	ISAKMP_YIELD_CROSSED,	/* both ends started at once: see claim.c */
	ISAKMP_YIELD_LATER,	/* its peer may be authenticating anew */
	ISAKMP_YIELD_NOW,
	ISAKMP_YIELD_SILENT,	/* its peer has forgotten it */
};

enum isakmp_run {
	ISAKMP_RUN_IDLE,	/* nothing to do */
	ISAKMP_RUN_QUEUED,	/* in a list of the dispatcher */
	ISAKMP_RUN_RUNNING,	/* a worker has it */
};

/**
 * struct isakmp_packet - a datagram waiting at an SA
 * @list: in the inbox
 * @ike: as the engine gets it; its data is @data
 * @data: the message
 */
struct isakmp_packet {
	struct list_head list;
	struct ike_packet ike;
	u8 data[];
};

/* What a first message is known by. */
struct isakmp_first_key {
	u64 digest;
	struct isakmp_path path;
};

/* A child that waits for the worker to be started. */
struct isakmp_wish {
	struct list_head list;
	const struct ike_peer *peer;
	const struct ike_child_policy *child;
	bool has_flow;
	struct ike_flow flow;
};

/* An ISAKMP SA that waits for the worker to be taken (version 1). */
struct isakmp_take {
	struct list_head list;
	u64 asked;	/* as in struct isakmp_sa */
	struct ike_v1_take ike;
};

/* What happens to an SA beside what the engine is told: enum ike_event_type goes on. */
enum isakmp_event {
	ISAKMP_EV_CLAIMS = 24,	/* some of its children shall go */
	ISAKMP_EV_RECHECK,	/* its peer object has changed */
	ISAKMP_EV_CROSSED,	/* another one stays */
	ISAKMP_EV_REVOKED,	/* what it stands on was revoked */
};

#define ISAKMP_CHILD_EVENTS (IKE_EV_CHILD_REKEY - IKE_EV_CHILD_STOP + 1)

/**
 * struct isakmp_sa - an IKE SA
 * @ike: the engine's; worker
 * @in: namespace; may be gone once @dead is set
 * @id: ike.id, for others
 * @initiator: did we start it?
 * @v1: it speaks version 1
 * @answered: something came from where it sends to, whatever it was; initiator
 * @door: its first SPI
 * @doors: all doors that are linked; sas.lock
 * @first: responder: its first message
 * @ref: references
 * @rcu: for freeing
 * @by_first: in sas.by_first, responder
 * @half: in sas.unproven, or empty; sas.lock
 * @group: whose it is, once that is known; written by the worker or creator, sas.lock
 * @member: in @group; sas.lock
 * @live: counts in @group; sas.lock
 * @claims: struct isakmp_sa_claim; sas.lock
 * @roams: it may have to take another path
 * @stranded: it waits for a route to take one
 * @unsynced: @claims changed since the worker looked
 * @identity: of its peer, while it counts in @group; sas.lock
 * @same: in @identity; sas.lock
 * @basis: the engine's, for others, once @identity is there; sas.lock
 * @established_at: as the engine's, for others; sas.lock
 * @rank: the same
 * @stands: version 1: it is a connection, others join it; sas.lock
 * @crossed_by: id of the SA that stays instead of this one, or 0; sas.lock
 * @yield: enum isakmp_yield: how it gives way; sas.lock
 * @half_open: counted as such; sas.lock
 * @lock: protects what follows up to @timer
 * @dead: has ended: takes no more events
 * @run: enum isakmp_run
 * @prio: enum isakmp_prio
 * @n_inbox: packets in @inbox
 * @inbox_len: octets in them
 * @cpu: where it is queued
 * @pending: bits: enum ike_event_type
 * @child_spi: of each pending IKE_EV_CHILD_*
 * @mapping: of a pending IKE_EV_MAPPING
 * @redirect: of a pending IKE_EV_REDIRECT
 * @verdict: waiting
 * @takes: struct isakmp_take
 * @n_wishes: in @wishes
 * @wishes: struct isakmp_wish
 * @inbox: packets waiting
 * @queue: in the dispatcher's list; the dispatcher's lock
 * @repeat: how often responses may be repeated
 * @shown: what isakmp_sa_view() gives, with @shown_room octets; NULL: not
 *	published yet
 * @timer: posts IKE_EV_TIMER
 * @lease: inner addresses that it holds, by slot; leases.lock
 * @asked: when its helper was asked first about what it stands on, as revocations are counted;
 *	0: it was not; worker
 * @heir: id of the SA that its ISAKMP SA went to, 0: none did; worker
 * @successor: id of the SA that shall replace this one; worker
 * @synced: what the engine was like when @claims followed it; worker
 * @cross_at: when it gives way to @crossed_by, or 0; worker
 */
struct isakmp_sa {
	struct ike_sa ike;
	struct isakmp_net *in;
	u64 id;
	bool initiator;
	bool v1;
	bool answered;
	struct isakmp_door door;
	struct list_head doors;
	struct isakmp_first_key first;
	refcount_t ref;
	struct rcu_head rcu;

	struct rhash_head by_first;
	struct list_head half;
	struct isakmp_group *group;
	struct isakmp_member member;
	bool live;
	struct list_head claims;
	bool roams;
	bool stranded;
	bool unsynced;
	struct isakmp_identity *identity;
	struct list_head same;
	const struct ike_basis *basis;
	u64 established_at;
	u64 rank;
	bool stands;
	u64 crossed_by;
	u8 yield;
	bool half_open;

	spinlock_t lock;
	bool dead;
	u8 run;
	u8 prio;
	u8 n_inbox;
	u32 inbox_len;
	unsigned int cpu;
	unsigned long pending;
	u32 child_spi[ISAKMP_CHILD_EVENTS];
	struct isakmp_path mapping;
	struct isakmp_addr redirect;
	struct ike_verdict *verdict;
	struct list_head takes;
	u8 n_wishes;
	struct list_head wishes;
	struct list_head inbox;
	struct list_head queue;
	struct isakmp_bucket repeat;
	struct ike_sa_view *shown;
	u32 shown_room;

	struct isakmp_timer timer;
	struct isakmp_lease *lease[IKE_INNER];
	u64 asked;
	u64 heir;
	u64 successor;
	u64 synced;
	u64 cross_at;
};

/**
 * struct isakmp_sa_net - the IKE SAs of a namespace
 * @lock: adding to and removing from the tables
 * @closed: nothing is added any more
 * @last_id: id of the newest SA
 * @by_id: all
 * @by_spi: struct isakmp_door: all, by our SPIs
 * @by_first: responder SAs by their first message
 * @groups: those whose peer is known, by its name
 * @identities: those whose identity is known, by group and identity
 * @unproven: half-open ones whose peer has not shown that it is where it says, the
 *	oldest first
 * @key: of the digests, and of other hashes here
 * @n: how many there are
 * @n_half_open: of which half-open
 * @n_half_open_v1: of which speak version 1
 * @n_busy: of which queued or running
 * @queued: octets waiting in all inboxes
 * @fragments: octets of messages that are not whole yet
 */
struct isakmp_sa_net {
	spinlock_t lock;
	bool closed;
	unsigned long last_id;
	struct xarray by_id;
	struct rhashtable by_spi;
	struct rhashtable by_first;
	struct rhashtable groups;
	struct rhashtable identities;
	struct list_head unproven;
	u64 key[2];
	atomic_t n;
	atomic_t n_half_open;
	atomic_t n_half_open_v1;
	atomic_t n_busy;
	atomic_long_t queued;
	atomic_long_t fragments;
};

static inline struct isakmp_sa *isakmp_sa_of(struct ike_sa *ike)
{
	return container_of(ike, struct isakmp_sa, ike);
}

/*
 * Is there no room for a message of @len octets?  All fragments of one come at once
 * (RFC 7383).  Exact under sa.lock, a hint without it.
 */
static inline bool isakmp_sa_inbox_full(const struct isakmp_sa *sa, u32 len)
{
	u8 n = READ_ONCE(sa->n_inbox);

	return n >= IKE_INBOX_MAX &&
	       (n >= IKE_FRAGMENTS_MAX ||
		READ_ONCE(sa->inbox_len) + len > IKE_INBOX_FRAGMENTS);
}

static inline void isakmp_sa_get(struct isakmp_sa *sa)
{
	refcount_inc(&sa->ref);
}

/* sa.c */
int isakmp_sa_init(void);
void isakmp_sa_exit(void);
struct isakmp_sa *isakmp_sa_new(struct isakmp_net *in, bool initiator,
				const struct isakmp_path *path, gfp_t gfp);
void isakmp_sa_put(struct isakmp_sa *sa);
int isakmp_sa_post(struct isakmp_sa *sa, unsigned int type, u32 spi);
void isakmp_sa_post_mapping(struct isakmp_sa *sa, const struct isakmp_path *path);
int isakmp_sa_post_redirect(struct isakmp_sa *sa, const struct isakmp_addr *to);
int isakmp_sa_start_child(struct isakmp_sa *sa, const struct ike_peer *peer,
			  const struct ike_child_policy *child,
			  const struct ike_flow *flow);
bool isakmp_sa_has_wish(struct isakmp_sa *sa, const char *child);
void isakmp_sa_drop_wish(struct isakmp_sa *sa, const char *child);
int isakmp_sa_post_verdict(struct isakmp_sa *sa, struct ike_verdict *v);
int isakmp_sa_post_take(struct isakmp_sa *sa, struct isakmp_door *old, struct isakmp_take *t);
void isakmp_sa_run(struct isakmp_sa *sa);
void isakmp_sa_publish(struct isakmp_sa *sa);
struct ike_sa_view *isakmp_sa_view(struct isakmp_sa *sa);
int isakmp_sa_net_init(struct isakmp_net *in);
void isakmp_sa_net_stop(struct isakmp_net *in);
void isakmp_sa_net_exit(struct isakmp_net *in);
void isakmp_sa_net_farewell(struct isakmp_net *in);
void isakmp_sa_net_settle(struct isakmp_net *in, unsigned int ms);

/* inbox.c */
struct isakmp_packet *isakmp_packet_new(const u8 *data, size_t n, gfp_t gfp);
void isakmp_packet_free(struct isakmp_packet *p);
enum isakmp_reason isakmp_sa_deliver(struct isakmp_sa *sa, struct isakmp_packet *p);
void isakmp_inbox_take(struct isakmp_sa *sa, struct list_head *inbox);
void isakmp_inbox_drop(struct isakmp_sa *sa, struct list_head *inbox);

/* setup.c */
struct isakmp_sa *isakmp_sa_start(struct isakmp_net *in, const struct ike_peer *peer,
				  const struct ike_child_policy *child,
				  const struct ike_flow *flow,
				  struct netlink_ext_ack *extack);
struct isakmp_sa *isakmp_sa_start_on(struct isakmp_net *in, const struct ike_peer *peer,
				     const struct ike_child_policy *child,
				     const struct ike_flow *flow, u64 replaces,
				     const struct isakmp_path *path, u8 version);
void isakmp_sa_stop_peer(struct isakmp_net *in, const char *peer, bool silent);
void isakmp_sa_stop_child(struct isakmp_net *in, const char *peer, const char *child);
void isakmp_sa_recheck_peer(struct isakmp_net *in, const char *peer);

/* group.c */
struct isakmp_sa *isakmp_sa_find_child(struct isakmp_net *in, const struct ike_peer *peer,
				       const char *child);
bool isakmp_sa_child_is_up(struct isakmp_net *in, const struct ike_peer *peer,
			   const char *child);

/* claim.c */
void isakmp_cross_begin(struct isakmp_sa *sa);
bool isakmp_cross_due(struct isakmp_sa *sa);

/* table.c */
int isakmp_table_net_init(struct isakmp_net *in);
void isakmp_table_net_exit(struct isakmp_net *in);
enum isakmp_reason isakmp_table_room(struct isakmp_net *in, bool initiator, bool proven);
int isakmp_table_link(struct isakmp_sa *sa, struct isakmp_enlist *e);
void isakmp_table_unlink(struct isakmp_sa *sa);
void isakmp_table_prove(struct isakmp_sa *sa);
void isakmp_table_drop_half_open(struct isakmp_sa *sa);
struct isakmp_sa *isakmp_table_find_first(struct isakmp_net *in,
					  const struct isakmp_first_key *key);
struct isakmp_sa *isakmp_sa_get_id(struct isakmp_net *in, u64 id);
struct isakmp_sa *isakmp_sa_next(struct isakmp_net *in, u64 after_id);

#endif
