/* SPDX-License-Identifier: GPL-2.0 */
/* A child of an IKE SA: what it was made from, and what became of it. */
#ifndef _ISAKMP_IKE_CHILD_H
#define _ISAKMP_IKE_CHILD_H

#include <isakmp/ikev2.h>
#include <isakmp/limits.h>
#include "ike/policy.h"
#include "wire/ts.h"

struct isakmp_xfrm;

/* The numbers are seen in views; 0 is none of them. */
enum ike_child_state {
	IKE_CHILD_WANTED = 1,	/* waits for its negotiation, or is in it */
	IKE_CHILD_UP,		/* states and policies are in */
	IKE_CHILD_LOST,		/* a state is gone; what is left keeps traffic
				 * from going out in the clear
				 */
	IKE_CHILD_DELETING,	/* our Delete is waiting or out */
	IKE_CHILD_REKEYED,	/* another has its place; the peer deletes it */
	IKE_CHILD_GONE,		/* deleted; receives what is under way */
};

/* What is counted of a child SA. */
enum isakmp_count_of {
	ISAKMP_BYTES_IN,
	ISAKMP_PACKETS_IN,
	ISAKMP_BYTES_OUT,
	ISAKMP_PACKETS_OUT,
	ISAKMP_COUNTS,
};

/**
 * struct ike_flow - the packet that a child is wanted for: a hint, from anybody
 * @local: our end of it, as narrow as can be (RFC 7296, 2.9)
 * @remote: the other end
 */
struct ike_flow {
	struct isakmp_ts local;
	struct isakmp_ts remote;
};

/* The lower nonce of an exchange (RFC 7296, 2.8.1). */
struct ike_lowest {
	u16 len;
	u8 nonce[IKE_NONCE_MAX];
};

/**
 * struct ike_life - how long a child may be used with its keys
 * @s: seconds; 0: no limit
 * @bytes: of either direction; 0: no limit
 * @packets: the same
 */
struct ike_life {
	u32 s;
	u64 bytes;
	u64 packets;
};

/**
 * struct ike_floor - what a rekeyed child must have at least (RFC 7296, 2.9.2); in version 1: it has
 * @n_local: selectors of our side, first in @ts
 * @n_remote: of the peer's side, behind them
 */
struct ike_floor {
	u8 n_local;
	u8 n_remote;
	struct isakmp_ts ts[];
};

/**
 * struct ike_child - a child SA instance, or the wish for one
 * @next: of the same IKE SA, newest last
 * @peer: the snapshot it is made from; a reference of its own
 * @policy: child of @peer
 * @state: enum ike_child_state
 * @mode: enum ike_mode
 * @proposer: we proposed it: the keys of our outbound SA come first
 * @pair: a single pair of addresses is asked for
 * @nth: version 1: which pair of selectors of @policy it is for
 * @busy: a request of ours about it is under way
 * @no_tfc: the peer takes no padded packets
 * @cpi_in: our CPI, offered or in use; 0: none
 * @cpi_out: the peer's; 0: the child is not compressed
 * @suite: what was negotiated
 * @spi_in: our SPI, host order
 * @spi_out: the peer's SPI, host order
 * @replaces: our inbound SPI of the lost one it shall take the place of, or 0
 * @rekeys: our inbound SPI of the one it is the rekeyed form of, or 0
 * @floor: with @rekeys, in version 1 with @replaces, until it is up: the selectors of that one, owned
 * @lowest: with @rekeys: the lower nonce of the exchange that made it, owned
 * @rival: WANTED: the same of what the peer had put in that place, gone by now; owned
 * @superseded: another one took its place: it lingers when it is deleted
 * @in_vain: ours, of two that took one place at once, is the one that goes
 * @closed: GONE: the peer has deleted it, and our request to rekey it was out
 * @delays: WANTED: TEMPORARY_FAILUREs that it met, or version 1: how often it came to nothing;
 *	GONE, version 1: how often its Delete was said again
 * @life: hard limits: those of @policy, or what the operator made of them since
 * @up_at: ms: when it came up
 * @rekey_at: ms: UP: to be rekeyed from then on
 * @held: installed, but nothing goes out through it until isakmp_child_switch()
 * @soft_bytes: of either direction, to be rekeyed at; 0: none
 * @soft_packets: the same
 * @rekeyed: how often it was, under this name
 * @past: what went through its predecessors, by enum isakmp_count_of
 * @flow: WANTED: the packet it is for, owned; NULL: not known
 * @n_local: selectors in @local
 * @n_remote: selectors in @remote
 * @local: narrowed selectors of our side, owned (one allocation with @remote)
 * @remote: of the peer's side
 * @rx_seen: inbound packets at the last liveness check; GONE: when it was looked at
 * @looked_at: GONE, version 1: it was once
 * @unconfirmed: UP, version 1: its Quick Mode ended before message 3; deleted at @try_at unless
 *	it is in use
 * @try_at: ms: WANTED: not before; UP: held no longer than that; LOST: negotiated anew
 *	from then on; REKEYED: deleted by us then; GONE: forgotten
 * @local_end: our address of its states, which follow @path of the SA
 * @remote_end: the peer's
 * @xfrm: what xfrm/ hangs here: the states and policies it installed
 */
struct ike_child {
	struct ike_child *next;
	const struct ike_peer *peer;
	const struct ike_child_policy *policy;
	u8 state;
	u8 mode;
	bool proposer;
	bool pair;
	u8 nth;
	bool busy;
	bool no_tfc;
	u16 cpi_in;
	u16 cpi_out;
	struct ike_suite suite;
	u32 spi_in;
	u32 spi_out;
	u32 replaces;
	u32 rekeys;
	struct ike_floor *floor;
	struct ike_lowest *lowest;
	struct ike_lowest *rival;
	bool superseded;
	bool in_vain;
	bool closed;
	u8 delays;
	struct ike_life life;
	u64 up_at;
	u64 rekey_at;
	bool held;
	u64 soft_bytes;
	u64 soft_packets;
	u32 rekeyed;
	u64 past[ISAKMP_COUNTS];
	struct ike_flow *flow;
	u8 n_local;
	u8 n_remote;
	struct isakmp_ts *local;
	struct isakmp_ts *remote;
	u64 rx_seen;
	bool looked_at;
	bool unconfirmed;
	u64 try_at;
	struct isakmp_addr local_end;
	struct isakmp_addr remote_end;
	struct isakmp_xfrm *xfrm;
};

/* Does it stand for its name?  One that another takes the place of does not. */
static inline bool ike_child_counts(const struct ike_child *c)
{
	return c->policy && c->state <= IKE_CHILD_LOST;
}

#endif
