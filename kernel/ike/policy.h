/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the operator wants, as the engine sees it: immutable once published.
 * nl/ compiles the objects of a transaction into these, pins and frees them.
 */
#ifndef _ISAKMP_IKE_POLICY_H
#define _ISAKMP_IKE_POLICY_H

#include <isakmp/limits.h>
#include "ike/path.h"
#include "wire/ts.h"

/**
 * struct ike_suite - one combination of algorithms
 * @protocol: IKE_PROTO_IKE, IKE_PROTO_ESP or IKE_PROTO_AH
 * @encr: ENCR transform ID; AH: 0
 * @keylen: its key length in bits
 * @integ: INTEG transform ID, IKE_INTEG_NONE with an AEAD
 * @prf: PRF transform ID (IKE only)
 * @ke: KE transform ID (ESP, AH: PFS, in CREATE_CHILD_SA alone; IKE_KE_NONE: none)
 * @esn: IKE_ESN_* (ESP, AH)
 */
struct ike_suite {
	u8 protocol;
	u8 esn;
	u16 encr;
	u16 keylen;
	u16 integ;
	u16 prf;
	u16 ke;
};

#define IKE_DEV_LEN 16		/* as IFNAMSIZ */

/* Suites in the operator's order of preference. */
struct ike_suites {
	u8 n;
	struct ike_suite s[ISAKMP_SUITES_MAX];
};

enum ike_mode {
	IKE_MODE_TUNNEL,
	IKE_MODE_TRANSPORT,	/* RFC 7296, 1.3.1: USE_TRANSPORT_MODE */
};

/*
 * Type of a selector whose address is that of the SA's own path ("dynamic"):
 * protocol and ports count, the addresses are filled in when it is used.
 */
#define IKE_TS_DYNAMIC 0

enum ike_start {
	IKE_START_NONE,		/* only when the peer or the operator says so */
	IKE_START_TRAP,		/* at the first packet */
	IKE_START_NOW,		/* at once, and again when it is lost */
};

enum ike_dscp {
	IKE_DSCP_OUT,		/* inner to outer header, by who encapsulates */
	IKE_DSCP_IN,		/* outer to inner, by who decapsulates */
	IKE_DSCP_BOTH,
	IKE_DSCP_NONE,
};

#define IKE_TFC_MTU U16_MAX	/* pad to what the path takes */

/**
 * struct ike_outer - what a tunnel's outer header has to do with the inner one
 * @dscp: enum ike_dscp: which way the DSCP is copied
 * @clear_df: IPv4: DF of the inner header is not copied to the outer one
 * @no_ecn: congestion is not told across the tunnel's ends (RFC 6040)
 * @tfc: packets are padded to so many octets (RFC 4303, 2.7); 0: not
 */
struct ike_outer {
	u8 dscp;
	bool clear_df;
	bool no_ecn;
	u16 tfc;
};

/* Who encrypts.  As enum isakmp_offload. */
enum ike_offload {
	IKE_OFFLOAD_NO,
	IKE_OFFLOAD_CRYPTO,	/* a device, or there is no child */
	IKE_OFFLOAD_AUTO,	/* a device, if there is one that can */
};

/* What becomes of a child that went without our doing. */
enum ike_action {
	IKE_ACTION_NONE = 1,
	IKE_ACTION_TRAP,	/* the next packet sets it up again */
	IKE_ACTION_START,	/* it is set up again at once */
};

/**
 * struct ike_child_policy - a child that a peer may have
 * @name: the child object's name, unique within its peer
 * @start: enum ike_start
 * @on_dead: enum ike_action, when the peer does not answer any more
 * @on_close: enum ike_action, when the peer closes it
 * @mode: enum ike_mode
 * @single_pair: one pair of addresses at a time (RFC 7296, 3.10.1: 34)
 * @esp: acceptable suites: of ESP, or of AH
 * @n_local: number of selectors in @local
 * @n_remote: number of selectors in @remote
 * @local: traffic selectors of our side
 * @remote: of the peer's side
 * @life_s: hard lifetime in seconds, 0 = none
 * @life_bytes: hard lifetime in octets of either direction, 0 = none
 * @life_packets: hard lifetime in packets, 0 = none
 * @replay_window: packets, 0 = the module's default
 * @mark: of the packets its policies select, under @mark_mask
 * @mark_mask: 0 = no mark
 * @if_id: of an XFRM interface, 0 = none
 * @outer: tunnel mode
 * @ipcomp: transform of IPComp (RFC 7296, 3.10.1: 16387), 0 = none
 * @offload: enum ike_offload
 * @offload_dev: device for that, "" = where the route to the peer leads to
 */
struct ike_child_policy {
	char name[ISAKMP_NAME_MAX + 1];
	u8 start;
	u8 on_dead;
	u8 on_close;
	u8 mode;
	bool single_pair;
	struct ike_suites esp;
	u8 n_local;
	u8 n_remote;
	const struct isakmp_ts *local;
	const struct isakmp_ts *remote;
	u32 life_s;
	u64 life_bytes;
	u64 life_packets;
	u16 replay_window;
	u32 mark;
	u32 mark_mask;
	u32 if_id;
	struct ike_outer outer;
	u8 ipcomp;
	u8 offload;
	char offload_dev[IKE_DEV_LEN];
};

/* Several IKE SAs of one identity on one peer object.  As enum isakmp_unique. */
enum ike_unique {
	IKE_UNIQUE_NEVER,	/* as many as there are, whatever they say */
	IKE_UNIQUE_NO,		/* the others go when a new one says INITIAL_CONTACT */
	IKE_UNIQUE_REPLACE,	/* the others go */
	IKE_UNIQUE_KEEP,	/* a new one from elsewhere is refused */
};

/* IKE_AUTH without a child (RFC 6023).  As enum isakmp_childless. */
enum ike_childless {
	IKE_CHILDLESS_NEVER,	/* nor from the peer */
	IKE_CHILDLESS_ALLOW,	/* when the peer wants it so */
	IKE_CHILDLESS_PREFER,	/* we want it so, when the peer has it */
	IKE_CHILDLESS_FORCE,	/* no other one */
};

/* Which versions are spoken with a peer.  As enum isakmp_versions. */
enum ike_versions {
	IKE_VERSIONS_2,
	IKE_VERSIONS_1,
	IKE_VERSIONS_2_THEN_1,	/* 1 when nobody answers to 2, and 2 has never worked */
};

/* What becomes of lifetimes that differ from ours.  As enum isakmp_lifetime_check. */
enum ike_lifetime_check {
	IKE_LIFETIME_CLAIM,	/* a longer one is shortened, and the peer told */
	IKE_LIFETIME_OBEY,	/* the initiator's counts */
	IKE_LIFETIME_STRICT,	/* a longer one is refused */
	IKE_LIFETIME_EXACT,	/* any other one is refused */
};

/* Ways to authenticate in version 1, of both sides of a peer: compiled from auth objects. */
enum ike_v1_auth {
	IKE_V1_PSK,		/* BIT()s in ike_v1.methods */
	IKE_V1_SIG,		/* RSA, DSS, ECDSA */
	IKE_V1_RSA_ENC,
	IKE_V1_RSA_REV,
	IKE_V1_HYBRID,		/* one side by signature, the other by XAUTH alone */
};

/* Who is asked for name and password after phase 1. */
enum ike_v1_xauth {
	IKE_V1_XAUTH_NONE,
	IKE_V1_XAUTH_PEER,	/* we ask the peer */
	IKE_V1_XAUTH_US,	/* it asks us */
};

/**
 * struct ike_v1 - what a peer object says of version 1
 * @versions: enum ike_versions
 * @exchange: enum v1_exchange_type that we begin with
 * @accept: BIT()s of enum v1_exchange_type that the peer may begin with
 * @methods: BIT()s of enum ike_v1_auth
 * @xauth: enum ike_v1_xauth
 * @push: mode config is pushed by who has the addresses, not pulled
 * @lifetime: enum ike_lifetime_check
 * @new_group: MODP groups of children get private numbers, which we propose
 */
struct ike_v1 {
	u8 versions;
	u8 exchange;
	u8 accept;
	u8 methods;
	u8 xauth;
	bool push;
	u8 lifetime;
	bool new_group;
};

/* Is version 1, or 2, spoken with a peer that says this? */
static inline bool ike_v1_speaks(const struct ike_v1 *v, u8 version)
{
	return v->versions != (version == 1 ? IKE_VERSIONS_2 : IKE_VERSIONS_1);
}

/**
 * struct ike_peer - a peer the operator configured, with its children
 * @name: the peer object's name
 * @gen: changes whenever the compiled peer changes
 * @local: our address; family 0 = any
 * @remote: the peer's address or prefix; family 0 = any
 * @remote_plen: prefix length of @remote
 * @ike: acceptable suites for the IKE SA
 * @dpd_s: liveness check after so many idle seconds, 0 = never
 * @life_s: the IKE SA is rekeyed within so many seconds, 0 = never
 * @reauth_s: the peer has to authenticate anew after so many seconds, 0 = never
 * @unique: enum ike_unique
 * @max_sas: IKE SAs that may stand on this object
 * @mark: of the IKE and ESP packets we send, 0 = none
 * @dev: device or VRF to leave by, "" = as routed
 * @encap: ESP in UDP also without a NAT
 * @window: requests that the peer may have under way at once (RFC 7296, 2.3)
 * @fragment: IKE messages whose IP packet is longer go in fragments (RFC 7383), when the
 *	peer has it too; 0: not spoken
 * @childless: enum ike_childless
 * @mobike: its IKE SAs may move (RFC 4555)
 * @n_roam: number of selectors in @roam, 0: it may be anywhere
 * @roam: addresses that it may move to
 * @redirect: gateway that it is told to go to (RFC 5685); family 0: it may stay
 * @n_follow: number of selectors in @follow, 0: it redirects us nowhere
 * @follow: gateways that it may redirect us to
 * @qcd: give it tokens, and believe those that it gave (RFC 6290)
 * @pubkey: the remote side may authenticate by signature: send CERTREQ
 * @vip: inner addresses that we ask it for, by slot (IPv4, IPv6); all zeros: any;
 *	family 0: none
 * @pools: changes with the pools that the helper gives inner addresses of; 0: none
 * @resume: tickets are given and taken, asked for and presented (RFC 5723)
 * @auth: of what both sides authenticate by, the same way
 * @binding: of all that an authentication by this object stands on, and its children:
 *	the same over restarts, as long as the objects say the same
 * @v1: what it says of version 1
 * @n_child: number of children
 * @child: in the order of the objects
 */
struct ike_peer {
	char name[ISAKMP_NAME_MAX + 1];
	u32 gen;
	struct isakmp_addr local;
	struct isakmp_addr remote;
	u8 remote_plen;
	struct ike_suites ike;
	u32 dpd_s;
	u32 life_s;
	u32 reauth_s;
	u8 unique;
	u32 max_sas;
	u32 mark;
	char dev[IKE_DEV_LEN];
	bool encap;
	u16 fragment;
	u8 window;
	u8 childless;
	bool mobike;
	u8 n_roam;
	struct isakmp_ts roam[IKE_ROAM_MAX];
	struct isakmp_addr redirect;
	u8 n_follow;
	struct isakmp_ts follow[IKE_FOLLOW_MAX];
	bool qcd;
	bool pubkey;
	struct isakmp_addr vip[2];
	u32 pools;
	bool resume;
	u64 auth;
	u64 binding;
	struct ike_v1 v1;
	u8 n_child;
	const struct ike_child_policy *child[ISAKMP_CHILDREN_MAX];
};

#endif
