/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between the files of xfrm/.  Nobody else includes this.
 *
 * Who owns what:
 *
 *	child (isakmp_xfrm) --+			  one per child SA
 *	  2 halves (states),  |
 *	  4 with IPComp       |
 *			      +- owner - claims --- policy --- 3 xfrm_policy
 *	trap (isakmp_trap) ---+   one per selector   one per selector of the
 *						     namespace: in, fwd, out
 *
 * A policy lists the claims on it in order: children, the newest first (but one
 * that is held comes behind the first), then traps, the oldest first.  The first
 * decides what the three XFRM policies say
 * (reqid, addresses, the SPI of the outbound one); when it goes, the next one's
 * are inserted over them, so that no packet ever meets a gap.
 */
#ifndef _ISAKMP_XFRM_INNER_H
#define _ISAKMP_XFRM_INNER_H

#include <linux/rhashtable-types.h>
#include <net/xfrm.h>
#include <isakmp/limits.h>
#include "netns.h"
#include "xfrm/xfrm.h"

#define ISAKMP_REQID_MIN	0x80000000U	/* ours are from here on */
#define ISAKMP_REPLAY_WINDOW	128		/* packets, when a child says 0 */
#define ISAKMP_REPAIR_WAIT_MAX	60		/* seconds */

#define ISAKMP_FLUSHED_SA	BIT(0)
#define ISAKMP_FLUSHED_POLICY	BIT(1)

/**
 * struct isakmp_ends - the addresses of a tunnel, or the two hosts of transport mode
 * @family: AF_*
 * @local: ours; of a trap it may be unset
 * @remote: the peer's, never unset
 */
struct isakmp_ends {
	u16 family;
	xfrm_address_t local;
	xfrm_address_t remote;
};

/**
 * struct isakmp_owner - whom policies work for; part of a child or a trap
 * @reqid: of the states and templates
 * @spi: outbound, in the template; 0: a trap
 * @cpi: the same of IPComp
 * @comp: with IPComp, whose template comes first
 * @apart: a child's, what comes in through it has policies of its own: see part.c
 * @leaving: a child's, about to be released
 * @only_in: of those: nothing goes out by them
 * @mute: a child's: nothing goes out by its policies: another's take more, and that sends
 * @proto: IPPROTO_ESP or IPPROTO_AH
 * @mode: XFRM_MODE_*
 * @ends: of the states and templates; @mutex of struct isakmp_xfrm_net
 * @mark: of the packets that its policies select
 * @if_id: of the XFRM interface they go through, 0 = none
 * @n: claims in @claim
 * @claim: one per pair of selectors; @mutex of struct isakmp_xfrm_net
 */
struct isakmp_owner {
	u32 reqid;
	__be32 spi;
	__be32 cpi;
	bool comp;
	bool apart;
	bool leaving;
	bool only_in;
	bool mute;
	u8 proto;
	u8 mode;
	struct isakmp_ends ends;
	struct xfrm_mark mark;
	u32 if_id;
	unsigned int n;
	struct isakmp_claim *claim;
};

/**
 * struct isakmp_claim - an owner's hold on one policy
 * @list: in the policy's @claims, empty before isakmp_policy_attach()
 * @owner: whose it is
 * @policy: on what
 */
struct isakmp_claim {
	struct list_head list;
	struct isakmp_owner *owner;
	struct isakmp_policy *policy;
};

/*
 * What a policy is found by, every padding zero: @sel is the outbound one.  For
 * XFRM as well, another mark or interface makes it another policy.
 */
struct isakmp_policy_key {
	const struct net *net;
	struct xfrm_selector sel;
	struct xfrm_mark mark;
	u32 if_id;
};

/**
 * struct isakmp_policy - the XFRM policies of one selector, every direction
 * @node: in the table of policies
 * @key: what it is found by
 * @in: its namespace
 * @active: the owner whose templates are in; for the hooks
 * @xp: what we inserted, by XFRM_POLICY_*; NULL: nothing.  May be dead
 *	already: by someone else's hand
 * @list: in @policies of struct isakmp_xfrm_net
 * @claims: attached ones, the active one first
 * @n_claims: attached or not
 * @newest: the owner that claimed last, attached or not, while it does
 * @repair: in @repairs, or empty
 * @suspect: in @suspects, or empty; @lock
 * @gone: not to be queued any more; @lock
 * @rcu: for the hooks
 *
 * Everything without another lock belongs to @mutex.
 */
struct isakmp_policy {
	struct rhash_head node;
	struct isakmp_policy_key key;
	struct isakmp_net *in;
	struct isakmp_owner __rcu *active;
	struct xfrm_policy __rcu *xp[XFRM_POLICY_MAX];
	struct list_head list;
	struct list_head claims;
	unsigned int n_claims;
	const struct isakmp_owner *newest;
	struct list_head repair;
	struct list_head suspect;
	bool gone;
	struct rcu_head rcu;
};

/**
 * struct isakmp_half - one direction of a child SA
 * @node: in the table of states, by the address, SPI and namespace of @x
 * @x: the state, pinned; NULL: none.  Written by the worker of the IKE SA under
 *	@mutex, or before the child is in @children
 * @child: whose it is
 */
struct isakmp_half {
	struct rhash_head node;
	struct xfrm_state *x;
	struct isakmp_xfrm *child;
};

/* The states of a child in the order in which they come; those of IPComp may be missing. */
enum isakmp_half_of {
	ISAKMP_HALF_COMP_IN,
	ISAKMP_HALF_IN,
	ISAKMP_HALF_COMP_OUT,
	ISAKMP_HALF_OUT,
	ISAKMP_HALVES,
};

/* What its IKE SA was told of a child, each once. */
enum {
	ISAKMP_TOLD_LOST,	/* or a loss is none of anybody's business */
	ISAKMP_TOLD_USED,
	ISAKMP_TOLD_SOFT,
};

/**
 * struct isakmp_xfrm - what a child SA has installed
 * @in: its namespace
 * @sa: its IKE SA: alive as long as this is in a table or list
 * @spi_in: our SPI
 * @told: bits ISAKMP_TOLD_*
 * @held: nothing goes out through it yet; written under the lock of the
 *	inbound state
 * @offload: enum ike_offload
 * @offload_if: device for that; 0: as routed; -1: there is none of its name
 * @ifindex: of the path, for the hooks
 * @mark: of the path, for the hooks
 * @half: the states, by enum isakmp_half_of
 * @owner: its claims on policies
 * @side: with @owner.apart: the same on those of its own; @mutex
 * @list: in @children of struct isakmp_xfrm_net
 * @rcu: for the hooks
 */
struct isakmp_xfrm {
	struct isakmp_net *in;
	struct isakmp_sa *sa;
	u32 spi_in;
	unsigned long told;
	bool held;
	u8 offload;
	int offload_if;
	u32 ifindex;
	u32 mark;
	struct isakmp_half half[ISAKMP_HALVES];
	struct isakmp_owner owner;
	struct isakmp_owner side;
	struct list_head list;
	struct rcu_head rcu;
};

struct isakmp_trap_key {
	struct isakmp_net *in;
	char peer[ISAKMP_NAME_MAX + 1];
	char child[ISAKMP_NAME_MAX + 1];
};

/**
 * struct isakmp_trap - policies that wait for a packet
 * @node: in the table of traps
 * @key: its names, zero behind their ends
 * @peer: whom to call, pinned
 * @child: what to set up; belongs to @peer
 * @owner: its claims on policies
 * @list: in @traps of struct isakmp_xfrm_net
 * @acquire: in @acquires, or empty; @lock
 * @flow: while it is in there: the packet that put it there; @lock
 * @gone: not to be queued any more; @lock
 * @rcu: for the hooks
 */
struct isakmp_trap {
	struct rhash_head node;
	struct isakmp_trap_key key;
	const struct ike_peer *peer;
	const struct ike_child_policy *child;
	struct isakmp_owner owner;
	struct list_head list;
	struct list_head acquire;
	struct ike_flow flow;
	bool gone;
	struct rcu_head rcu;
};

static inline u16 isakmp_xfrm_family(const struct isakmp_addr *a)
{
	return a->family == 4 ? AF_INET : AF_INET6;
}

static inline void isakmp_xfrm_addr(xfrm_address_t *to, const struct isakmp_addr *from)
{
	BUILD_BUG_ON(sizeof(*to) != sizeof(from->a));
	memcpy(to, from->a, sizeof(*to));
}

/* A policy or state of ours that was not removed by us but is not in use. */
static inline bool isakmp_policy_is_dead(const struct xfrm_policy *xp)
{
	return READ_ONCE(xp->walk.dead);
}

static inline bool isakmp_state_is_valid(const struct xfrm_state *x)
{
	return x && READ_ONCE(x->km.state) == XFRM_STATE_VALID;
}

static inline void isakmp_xfrm_ends(struct isakmp_ends *to, const struct isakmp_addr *local,
				    const struct isakmp_addr *remote)
{
	to->family = isakmp_xfrm_family(remote);
	isakmp_xfrm_addr(&to->local, local);
	isakmp_xfrm_addr(&to->remote, remote);
}

static inline u8 isakmp_xfrm_proto(u8 protocol)
{
	return protocol == IKE_PROTO_AH ? IPPROTO_AH : IPPROTO_ESP;
}

static inline u8 isakmp_xfrm_mode(u8 mode)
{
	return mode == IKE_MODE_TRANSPORT ? XFRM_MODE_TRANSPORT : XFRM_MODE_TUNNEL;
}

/* What IPComp has to do with a packet comes inside of ESP or AH, in the tunnel. */
static inline u8 isakmp_owner_mode(const struct isakmp_owner *o, bool comp)
{
	return comp || !o->comp ? o->mode : XFRM_MODE_TRANSPORT;
}

/* esp.c */
void isakmp_esp_init(void);
int isakmp_esp_key(struct xfrm_state *x, const struct ike_suite *s, const u8 *key);
int isakmp_esp_copy(struct xfrm_state *x, const struct xfrm_state *from);
int isakmp_esp_comp(struct xfrm_state *x, u8 transform);
void isakmp_esp_wipe(struct xfrm_state *x);

/* selector.c */
int isakmp_selector_pairs(const struct isakmp_ts *local, unsigned int n_local,
			  const struct isakmp_ts *remote, unsigned int n_remote,
			  struct xfrm_selector *out, unsigned int room);
unsigned int isakmp_selector_room(const struct isakmp_ts *local, unsigned int n_local,
				  const struct isakmp_ts *remote, unsigned int n_remote);
u32 isakmp_selector_priority(const struct xfrm_selector *sel, bool marked);
void isakmp_selector_turn(struct xfrm_selector *to, const struct xfrm_selector *from);
void isakmp_selector_flow(struct ike_flow *to, const struct xfrm_selector *packet);

/**
 * struct isakmp_state_plan - what a state shall be
 * @sa: the IKE SA, on its path
 * @c: its child
 * @ends: where
 * @out: outbound
 * @comp: of IPComp
 * @key: of a new one: isakmp_encr_key_len(), then isakmp_integ_key_len() octets
 * @old: of one that moves: what it was
 */
struct isakmp_state_plan {
	const struct ike_sa *sa;
	const struct ike_child *c;
	const struct isakmp_ends *ends;
	bool out;
	bool comp;
	const u8 *key;
	struct xfrm_state *old;
};

/* state.c */
int isakmp_state_init(void);
void isakmp_state_exit(void);
struct xfrm_state *isakmp_state_build(const struct isakmp_half *h,
				      const struct isakmp_state_plan *plan);
int isakmp_state_insert(struct isakmp_half *h, struct xfrm_state *x);
bool isakmp_state_remove(struct isakmp_half *h);
void isakmp_state_drop(struct xfrm_state *x);
void isakmp_state_del(struct isakmp_half *h);
struct isakmp_xfrm *isakmp_state_child(struct xfrm_state *x);
struct xfrm_state *isakmp_state_find(struct net *net, const struct isakmp_addr *to, u8 proto,
				     u32 spi);
u32 isakmp_state_spi(struct net *net, const struct isakmp_addr *local);
u16 isakmp_state_cpi(struct net *net, const struct isakmp_addr *local);
void isakmp_state_encap(struct xfrm_encap_tmpl *e, const struct isakmp_path *path, bool out);

/* life.c */
void isakmp_life_fill(struct xfrm_state *x, const struct ike_child *c, bool out);
void isakmp_life_release(struct isakmp_xfrm *child, const struct ike_child *c);
void isakmp_life_reached(struct isakmp_xfrm *child, const struct xfrm_state *x);

/* offload.c */
void isakmp_offload_want(struct isakmp_xfrm *child, const struct ike_child_policy *p);
void isakmp_offload_unwant(struct isakmp_xfrm *child);
int isakmp_offload_add(const struct isakmp_half *h, struct xfrm_state *x);

/* km.c */
void isakmp_km_flushed(const struct net *net, u8 what);

/* policy.c */
int isakmp_policy_init(void);
void isakmp_policy_exit(void);
int isakmp_policy_claim(struct isakmp_net *in, struct isakmp_owner *o,
			const struct isakmp_ts *local, unsigned int n_local,
			const struct isakmp_ts *remote, unsigned int n_remote);
int isakmp_policy_attach(struct isakmp_owner *o, bool held);
void isakmp_policy_lead(struct isakmp_owner *o);
int isakmp_policy_update(struct isakmp_owner *o);
void isakmp_policy_yield(struct isakmp_owner *o);
void isakmp_policy_release(struct isakmp_owner *o);
struct isakmp_policy *isakmp_policy_find(const struct xfrm_policy *xp, int dir);
bool isakmp_policy_lost(const struct isakmp_policy *p);
void isakmp_policy_check(struct isakmp_policy *p);
struct isakmp_owner *isakmp_policy_receiver(const struct isakmp_policy *p);
void isakmp_policy_repair(struct work_struct *work);

/* child.c */
void isakmp_xfrm_lost(struct isakmp_xfrm *child, enum ike_event_type how);
bool isakmp_xfrm_alive(const struct isakmp_xfrm *child);
bool isakmp_xfrm_has(const struct isakmp_xfrm *child, unsigned int half);
void isakmp_xfrm_plan(struct isakmp_state_plan *plan, unsigned int half);
enum isakmp_reason isakmp_xfrm_reason(int err, enum isakmp_reason why);

static inline struct isakmp_xfrm *isakmp_owner_child(struct isakmp_owner *o)
{
	if (!o->spi)
		return NULL;
	return o->only_in ? container_of(o, struct isakmp_xfrm, side) :
			    container_of(o, struct isakmp_xfrm, owner);
}

/* part.c */
void isakmp_part_begin(struct isakmp_xfrm *child, const struct ike_child *c);
void isakmp_part_settle(struct isakmp_owner *o);
void isakmp_part_move(struct isakmp_xfrm *child, const struct isakmp_ends *ends);
void isakmp_part_end(struct isakmp_xfrm *child);

/* trap.c */
int isakmp_trap_init(void);
void isakmp_trap_exit(void);
int isakmp_trap_hit(struct isakmp_trap *trap, const struct xfrm_selector *packet);
void isakmp_trap_start(struct work_struct *work);
void isakmp_trap_flush(struct isakmp_net *in);

static inline struct isakmp_trap *isakmp_owner_trap(struct isakmp_owner *o)
{
	return o->spi ? NULL : container_of(o, struct isakmp_trap, owner);
}

#endif
