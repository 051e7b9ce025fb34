/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/*
 * The generic netlink family "isakmp", version 1.
 *
 * Who talks here: the command `isakmp` (configuration, state, events) and the
 * helper `isakmpd` (questions of the kernel and their answers).  Everything is
 * per network namespace and needs CAP_NET_ADMIN over it (of the initial user
 * namespace, unless the sysctl net.isakmp.user_namespaces of the initial
 * namespace says 1).
 *
 * Conventions
 *   - Every refusal has an extack sentence and names the attribute at fault.
 *   - Integers are host order.  Addresses are 4 or 16 octets, network order.
 *     Ports are host order.  Times are milliseconds unless the name ends in _S.
 *   - Lists are repeated attributes, in order.
 *   - Names are 1 to 63 octets of [A-Za-z0-9._@:+-], not starting with '-'.
 *   - An identity (`..._ID` of an object or an SA) is one octet of type
 *     (RFC 7296, 3.5) followed by its value.  In upcalls and verdicts it is the
 *     whole body of the Identification payload (type, three reserved octets,
 *     value), because AUTH covers those octets.
 *   - Secrets never come out of the kernel, with one exception: SK_pi and SK_pr
 *     in an upcall, to the helper that accepted it.  There are no secrets in
 *     the configuration: a `cred` names a file that the helper reads.
 *
 * Objects.  NEW creates or changes, with the flags of rtnetlink:
 *	NLM_F_CREATE | NLM_F_EXCL	add: must not exist
 *	NLM_F_CREATE | NLM_F_REPLACE	replace: whatever was there goes (but a
 *					peer keeps its auth and child objects)
 *	NLM_F_REPLACE			set: must exist; keys given are changed,
 *					the others stay
 * A repeated attribute is a list: given, it replaces the whole list.
 * DEL removes one (-ENOENT when there is none; -EBUSY while another object
 * refers to it).  FLUSH removes all objects of one kind, or, without KIND, of
 * all kinds.  GET gives one object, or with NLM_F_DUMP all of the kind in the
 * order they came in (with the key: that one; auth, child: with the peer's name
 * those of the peer).  In GET, DEL, UP and DOWN a nest holds the key alone.
 *
 * The IKE SAs of a peer that is removed go down; with ISAKMP_A_KEEP (PEER_DEL, FLUSH,
 * TXN_COMMIT) those that are established go on, rekeys and all, by what the peer was, until
 * they end, but nobody authenticates for it any more.  A peer of its name that is added has
 * them, as if it had been changed.
 *
 * NLM_F_DUMP_INTR says that objects changed during the dump: dump again.  A dump
 * that is refused ends in NLMSG_DONE with the errno and extack in it.
 *
 * Transactions make the whole configuration equal to what is sent:
 *	TXN_BEGIN	-> reply with ISAKMP_A_TXN, the number
 *	X_NEW ...	with ISAKMP_A_TXN: staged, nothing is changed yet
 *	TXN_COMMIT	checks all of it, then swaps; what is equal to what was
 *			there is not touched.  With ISAKMP_A_CHECK: checks only
 *			(not for ports and policies that others may have).
 * What is referred to is sent before what refers to it.  A transaction ends with
 * its commit, with TXN_ABORT, or with its socket; one that is refused stays open.
 *
 * Setting up and taking down
 *	PEER_UP		all children of the peer (or those named in CHILD
 *			nests); the reply carries for each an SA nest with the
 *			ID of the IKE SA, its PEER, and the CHILD's NAME.  A
 *			child that is up, or on its way, is not started again
 *	PEER_DOWN	deletes its IKE SAs, telling the peer
 *	CHILD_UP/DOWN	one child, maybe of the peer's template
 *	SA_DEL		one IKE SA, by id; with ISAKMP_A_FORCE without a word
 *	SA_REVOKE	the IKE SA with an ID, or all that stand on a CRED (of the
 *			peer's or ours) or are of the identity UNIQUE: their
 *			children go at once, the peer is told.  -ENOENT: there are
 *			none
 *	SA_REDIRECT	the peer of the IKE SA with an ID is told to go to a GATEWAY
 *			(RFC 5685).  -EOPNOTSUPP: it follows no redirects
 *	SA_REKEY	the IKE SA with an ID, or its child CHILD_NAME, gets other
 *			keys as soon as it can; events tell when it has
 *
 * Helper: HELPER_REGISTER, HELPER_PUBLISH and UPCALL_*: isakmp_helper.h has their manual.
 *
 * Keys for Wireshark
 *	KEYS_WATCH	this socket gets a KEYS notification whenever keys of an IKE
 *			SA are made in its namespace.  Only while the module
 *			parameter debug_keys is 1 (-EPERM otherwise), and only for
 *			CAP_NET_ADMIN in the initial user namespace
 *
 * Notifications (group "events"): ISAKMP_CMD_EVENT with ISAKMP_A_EVENT, and the
 * nest of the object or SA concerned in the layout of its GET.  A peer whose GEN
 * changed because its auth, child or proposal did has an event, too.  Events
 * about refusals are limited in rate; the counters are not.
 */
#ifndef _UAPI_LINUX_ISAKMP_H
#define _UAPI_LINUX_ISAKMP_H

#define ISAKMP_GENL_NAME	"isakmp"
#define ISAKMP_GENL_VERSION	1
#define ISAKMP_MCGRP_EVENTS	"events"
#define ISAKMP_MCGRP_UPCALL	"upcall"

enum isakmp_cmd {
	ISAKMP_CMD_LISTEN_GET = 1,
	ISAKMP_CMD_LISTEN_NEW,
	ISAKMP_CMD_LISTEN_DEL,
	ISAKMP_CMD_PROPOSAL_GET,
	ISAKMP_CMD_PROPOSAL_NEW,
	ISAKMP_CMD_PROPOSAL_DEL,
	ISAKMP_CMD_CRED_GET,
	ISAKMP_CMD_CRED_NEW,
	ISAKMP_CMD_CRED_DEL,
	ISAKMP_CMD_PEER_GET,
	ISAKMP_CMD_PEER_NEW,
	ISAKMP_CMD_PEER_DEL,	/* takes its auth and child objects along */
	ISAKMP_CMD_AUTH_GET,
	ISAKMP_CMD_AUTH_NEW,
	ISAKMP_CMD_AUTH_DEL,
	ISAKMP_CMD_CHILD_GET,
	ISAKMP_CMD_CHILD_NEW,
	ISAKMP_CMD_CHILD_DEL,
	ISAKMP_CMD_FLUSH,
	ISAKMP_CMD_TXN_BEGIN,
	ISAKMP_CMD_TXN_COMMIT,
	ISAKMP_CMD_TXN_ABORT,
	ISAKMP_CMD_PEER_UP,
	ISAKMP_CMD_PEER_DOWN,
	ISAKMP_CMD_CHILD_UP,
	ISAKMP_CMD_CHILD_DOWN,
	ISAKMP_CMD_SA_GET,
	ISAKMP_CMD_SA_DEL,
	ISAKMP_CMD_STAT_GET,
	ISAKMP_CMD_HELPER_REGISTER,
	ISAKMP_CMD_UPCALL_READY,
	ISAKMP_CMD_UPCALL_ACCEPT,
	ISAKMP_CMD_UPCALL_DONE,
	ISAKMP_CMD_EVENT,
	ISAKMP_CMD_HELPER_PUBLISH,
	ISAKMP_CMD_KEYS_WATCH,
	ISAKMP_CMD_KEYS,
	ISAKMP_CMD_SA_REVOKE,
	ISAKMP_CMD_POOL_GET,
	ISAKMP_CMD_POOL_NEW,
	ISAKMP_CMD_POOL_DEL,
	ISAKMP_CMD_SA_REKEY,
	ISAKMP_CMD_SA_REDIRECT,

	__ISAKMP_CMD_MAX,
};

#define ISAKMP_CMD_MAX (__ISAKMP_CMD_MAX - 1)

/* Top level of every message */
enum isakmp_attr {
	ISAKMP_A_TXN = 1,	/* u32: number of a transaction */
	ISAKMP_A_CHECK,		/* flag: commit checks only */
	ISAKMP_A_FORCE,		/* flag: without telling the peer */
	ISAKMP_A_KIND,		/* u8: enum isakmp_kind, for FLUSH */
	ISAKMP_A_LISTEN,	/* nest: enum isakmp_listen_attr */
	ISAKMP_A_PROPOSAL,	/* nest: enum isakmp_proposal_attr */
	ISAKMP_A_CRED,		/* nest: enum isakmp_cred_attr */
	ISAKMP_A_PEER,		/* nest: enum isakmp_peer_attr */
	ISAKMP_A_AUTH,		/* nest: enum isakmp_auth_attr */
	ISAKMP_A_CHILD,		/* nest: enum isakmp_child_attr */
	ISAKMP_A_SA,		/* nest: enum isakmp_sa_attr; repeated by PEER_UP */
	ISAKMP_A_STAT,		/* nest: enum isakmp_stat_attr */
	ISAKMP_A_UPCALL,	/* nest: enum isakmp_upcall_attr */
	ISAKMP_A_VERDICT,	/* nest: enum isakmp_verdict_attr */
	ISAKMP_A_EVENT,		/* nest: enum isakmp_event_attr */
	ISAKMP_A_PAD,
	ISAKMP_A_PUBLISH,	/* nest: enum isakmp_publish_attr */
	ISAKMP_A_KEYS,		/* nest: enum isakmp_keys_attr */
	ISAKMP_A_POOL,		/* nest: enum isakmp_pool_attr */
	ISAKMP_A_KEEP,		/* flag: IKE SAs of peers that are removed go on */

	__ISAKMP_A_MAX,
};

#define ISAKMP_A_MAX (__ISAKMP_A_MAX - 1)

enum isakmp_kind {
	ISAKMP_KIND_LISTEN = 1,
	ISAKMP_KIND_PROPOSAL,
	ISAKMP_KIND_CRED,
	ISAKMP_KIND_PEER,
	ISAKMP_KIND_AUTH,
	ISAKMP_KIND_CHILD,
	ISAKMP_KIND_POOL,

	__ISAKMP_KIND_MAX,
};

#define ISAKMP_KIND_MAX (__ISAKMP_KIND_MAX - 1)

/*
 * listen: which of our addresses answer.  Its key is both attributes together;
 * neither means every address.  The first listen object of a namespace opens
 * the sockets on UDP 500 and 4500, the last one gone closes them.
 */
enum isakmp_listen_attr {
	ISAKMP_LISTEN_DEV = 1,	/* string: name of the device asked on */
	ISAKMP_LISTEN_ADDR,	/* address asked */

	__ISAKMP_LISTEN_MAX,
};

#define ISAKMP_LISTEN_MAX (__ISAKMP_LISTEN_MAX - 1)

/* A suite: one combination of algorithms, by their IANA transform IDs. */
enum isakmp_suite_attr {
	ISAKMP_SUITE_PROTOCOL = 1, /* u8: 1 IKE, 2 AH, 3 ESP; AH and ESP not in
				 * one proposal
				 */
	ISAKMP_SUITE_ENCR,	/* u16: not with AH */
	ISAKMP_SUITE_KEYLEN,	/* u16: bits */
	ISAKMP_SUITE_INTEG,	/* u16: absent with an AEAD */
	ISAKMP_SUITE_PRF,	/* u16: IKE only */
	ISAKMP_SUITE_KE,	/* u16: ESP, AH: PFS, in CREATE_CHILD_SA */
	ISAKMP_SUITE_ESN,	/* u8: ESP, AH; absent = 0 */

	__ISAKMP_SUITE_MAX,
};

#define ISAKMP_SUITE_MAX (__ISAKMP_SUITE_MAX - 1)

/* proposal: suites in order of preference.  At least one. */
enum isakmp_proposal_attr {
	ISAKMP_PROPOSAL_NAME = 1, /* string */
	ISAKMP_PROPOSAL_SUITE,	/* nest, repeated: enum isakmp_suite_attr */

	__ISAKMP_PROPOSAL_MAX,
};

#define ISAKMP_PROPOSAL_MAX (__ISAKMP_PROPOSAL_MAX - 1)

enum isakmp_cred_type {
	ISAKMP_CRED_PSK = 1,	/* a shared secret */
	ISAKMP_CRED_X509,	/* our certificate (then its chain), and its key */
	ISAKMP_CRED_KEY,	/* our key alone: the peer knows the public half */
	ISAKMP_CRED_PUBKEY,	/* a peer's public key */
	ISAKMP_CRED_CA,		/* certificates of authorities we trust */
	ISAKMP_CRED_USERS,	/* names and passwords of those whom XAUTH asks */
	ISAKMP_CRED_USER,	/* our name (ID) and password, when XAUTH asks us */
};

/*
 * cred: where the helper finds a secret, a key or certificates, and for whom it
 * is.  IDs: psk, pubkey: the peers; x509, key: who we are with it.
 */
enum isakmp_cred_attr {
	ISAKMP_CRED_NAME = 1,	/* string */
	ISAKMP_CRED_TYPE,	/* u8: enum isakmp_cred_type */
	ISAKMP_CRED_ID,		/* identity, repeated: the peers it is shared with */
	ISAKMP_CRED_FILE,	/* string: path of the file, see isakmpd(8) */
	ISAKMP_CRED_KEY_FILE,	/* string: x509: path of the private key */

	__ISAKMP_CRED_MAX,
};

#define ISAKMP_CRED_MAX (__ISAKMP_CRED_MAX - 1)

/*
 * Several IKE SAs of one identity on one peer object.  A new one from the address of
 * an old one is taken for the same peer, who authenticates anew: the old one goes
 * after 10 s, if the peer has not deleted it.
 */
enum isakmp_unique {
	ISAKMP_UNIQUE_NEVER,	/* they stay; INITIAL_CONTACT is ignored, and not sent */
	ISAKMP_UNIQUE_NO,	/* the old ones go when the new one says INITIAL_CONTACT */
	ISAKMP_UNIQUE_REPLACE,	/* the old ones go when a new one is established */
	ISAKMP_UNIQUE_KEEP,	/* a new one from another address is refused */
};

/* The first IKE_AUTH without a child, which comes by CREATE_CHILD_SA then (RFC 6023). */
enum isakmp_childless {
	ISAKMP_CHILDLESS_NEVER,	/* not taken from the peer */
	ISAKMP_CHILDLESS_ALLOW,	/* taken from the peer */
	ISAKMP_CHILDLESS_PREFER, /* the same; done by us when the peer takes it */
	ISAKMP_CHILDLESS_FORCE,	/* nothing else is done or taken */
};

enum isakmp_versions {
	ISAKMP_VERSIONS_2,
	ISAKMP_VERSIONS_1,
	ISAKMP_VERSIONS_2_THEN_1, /* 1 is tried when nobody answers to 2; never once 2 has
				   * worked with that peer
				   */
};

/* Version 1: when the peer proposes another lifetime than ours */
enum isakmp_lifetime_check {
	ISAKMP_LIFETIME_CLAIM,	/* a longer one is shortened, and the peer told */
	ISAKMP_LIFETIME_OBEY,	/* it counts */
	ISAKMP_LIFETIME_STRICT,	/* a longer one is refused */
	ISAKMP_LIFETIME_EXACT,	/* any other one is refused */
};

/*
 * peer: an IKE peer, or all that match.  With TEMPLATE it takes from the peer of
 * that name every key it does not have itself, the auth object of each side it
 * has none of, and, when it has no child, all children; GET shows its own alone.  A
 * change of the template is one of all who take what changed (new GEN, event).  A
 * peer with IS_TEMPLATE is only that: it matches nobody.  A template has no
 * template.  A peer without one has DPD_S and LIFE_S as its own, given or not.
 */
enum isakmp_peer_attr {
	ISAKMP_PEER_NAME = 1,	/* string */
	ISAKMP_PEER_LOCAL,	/* address; absent: any */
	ISAKMP_PEER_REMOTE,	/* address; absent: any */
	ISAKMP_PEER_REMOTE_PLEN, /* u8: prefix length; absent: one address */
	ISAKMP_PEER_PROPOSAL,	/* string: name of a proposal object */
	ISAKMP_PEER_DPD_S,	/* u32: liveness check when idle; 0 = never; default 30 */
	ISAKMP_PEER_LIFE_S,	/* u32: the IKE SA is rekeyed; 0 = never; default 86400 */
	ISAKMP_PEER_GEN,	/* u32, from the kernel: changes with the peer */
	ISAKMP_PEER_TEMPLATE,	/* string: name of a peer with IS_TEMPLATE */
	ISAKMP_PEER_IS_TEMPLATE, /* u8: 1 */
	ISAKMP_PEER_ENCAP,	/* u8: 1: ESP in UDP also without a NAT */
	ISAKMP_PEER_MARK,	/* u32: of the IKE and ESP packets we send */
	ISAKMP_PEER_DEV,	/* string: device or VRF to leave by */
	ISAKMP_PEER_MAX_SAS,	/* u32: IKE SAs on this object; default 1024 */
	ISAKMP_PEER_REAUTH_S,	/* u32: the peer authenticates anew; 0 = never; default 0 */
	ISAKMP_PEER_UNIQUE,	/* u8: enum isakmp_unique; default replace */
	ISAKMP_PEER_FRAGMENTATION, /* u8: 1: of IKE messages (RFC 7383); 0: no; default 1 */
	ISAKMP_PEER_FRAGMENT_SIZE, /* u16: octets of an IP packet with IKE at most; 576 to
				    * 16384, default 1280
				    */
	ISAKMP_PEER_POOL,	/* string, repeated: names of pool objects: inner
				 * addresses for those who ask us for them */
	ISAKMP_PEER_VIRTUAL_IP,	/* address, repeated, one of each family: inner
				 * addresses that we ask it for; all zeros: any */
	ISAKMP_PEER_WINDOW,	/* u16: requests that it may have under way at once; 1 to 8,
				 * default 1 */
	ISAKMP_PEER_CHILDLESS,	/* u8: enum isakmp_childless; default allow */
	ISAKMP_PEER_MOBIKE,	/* u8: 1: its IKE SAs may move (RFC 4555); 0: no; default 1 */
	ISAKMP_PEER_ROAM,	/* nest, repeated: enum isakmp_ts_attr, addresses alone: where
				 * the peer may move to; absent: anywhere; at most 4
				 */
	ISAKMP_PEER_RESUMPTION,	/* u8: 1: a lost IKE SA may come back by a ticket, without
				 * authentication (RFC 5723); default 0
				 */
	ISAKMP_PEER_QCD,	/* u8: 1: quick crash detection (RFC 6290); 0: no; default 1 */
	ISAKMP_PEER_REDIRECT,	/* address: gateway that it is told to go to (RFC 5685); all
				 * zeros: none, as when it is absent
				 */
	ISAKMP_PEER_FOLLOW,	/* nest, repeated: enum isakmp_ts_attr, addresses alone:
				 * gateways that it may redirect us to; absent: none; at
				 * most 4
				 */
	ISAKMP_PEER_VERSIONS,	/* u8: enum isakmp_versions; default 2 */
	ISAKMP_PEER_V1_EXCHANGE, /* u8: exchange that we begin with in version 1, as RFC 2408
				  * numbers them: 2 main, 4 aggressive, 1 base, 3
				  * authentication only; default 2
				  */
	ISAKMP_PEER_V1_ACCEPT,	/* u8, repeated: exchanges that the peer may begin with;
				 * default 2
				 */
	ISAKMP_PEER_LIFETIME_CHECK, /* u8: enum isakmp_lifetime_check; version 1; default claim */
	ISAKMP_PEER_V1_PUSH,	/* u8: 1: inner addresses are pushed by who has them; 0: pulled
				 * by who wants them; version 1; default 0
				 */
	ISAKMP_PEER_V1_NEW_GROUP, /* u8: 1: we give the MODP groups of children private numbers
				   * by New Group Mode (RFC 2409, 5.6); version 1; default 0
				   */

	__ISAKMP_PEER_MAX,
};

#define ISAKMP_PEER_MAX (__ISAKMP_PEER_MAX - 1)

/* A range of addresses of one family, both ends included. */
enum isakmp_range_attr {
	ISAKMP_RANGE_START = 1,	/* address */
	ISAKMP_RANGE_END,	/* address */

	__ISAKMP_RANGE_MAX,
};

#define ISAKMP_RANGE_MAX (__ISAKMP_RANGE_MAX - 1)

/*
 * pool: inner addresses for peers that ask for them (RFC 7296, 2.19), and what goes
 * with them.  The helper gives them out; no two IKE SAs of a namespace hold one, but
 * an SA of the same peer object and identity that asks for this very address, or for
 * which the other one goes (UNIQUE of the peer).  Of a range that is a prefix of more than two
 * addresses the first is not given out, nor is the last in IPv4.
 */
enum isakmp_pool_attr {
	ISAKMP_POOL_NAME = 1,	/* string */
	ISAKMP_POOL_RANGE,	/* nest, repeated: enum isakmp_range_attr */
	ISAKMP_POOL_DNS,	/* address, repeated: DNS servers */
	ISAKMP_POOL_SUBNET,	/* nest, repeated: enum isakmp_range_attr, a prefix:
				 * what is behind us */
	ISAKMP_POOL_DOMAIN,	/* string, repeated: to be asked of these servers
				 * (RFC 8598) */

	__ISAKMP_POOL_MAX,
};

#define ISAKMP_POOL_MAX (__ISAKMP_POOL_MAX - 1)

enum isakmp_side {
	ISAKMP_SIDE_LOCAL = 1,
	ISAKMP_SIDE_REMOTE,
};

enum isakmp_method {
	ISAKMP_METHOD_PSK = 1,
	ISAKMP_METHOD_PUBKEY,	/* a signature: certificate or known public key */
	/* version 1 alone: */
	ISAKMP_METHOD_RSA_ENC,	/* RSA encryption; with a key that does not sign */
	ISAKMP_METHOD_RSA_REV,	/* the same, revised */
	ISAKMP_METHOD_XAUTH,	/* name and password alone (hybrid) */
};

/* Signature schemes: RFC 7427, and RFC 7296's own methods they replace. */
enum isakmp_scheme {
	ISAKMP_SCHEME_RSA_PKCS1 = 1,
	ISAKMP_SCHEME_RSA_PSS,
	ISAKMP_SCHEME_ECDSA,
	ISAKMP_SCHEME_ED25519,

	__ISAKMP_SCHEME_MAX,
};

#define ISAKMP_SCHEME_MAX (__ISAKMP_SCHEME_MAX - 1)

/*
 * auth: how one side of a peer proves itself.  Its key is (peer, side).  An ID
 * of the remote side may be a pattern: a FQDN or e-mail address that starts with
 * "*" takes every one that ends like it.
 */
enum isakmp_auth_attr {
	ISAKMP_AUTH_PEER = 1,	/* string */
	ISAKMP_AUTH_SIDE,	/* u8: enum isakmp_side */
	ISAKMP_AUTH_METHOD,	/* u8: enum isakmp_method */
	ISAKMP_AUTH_ID,		/* identity; remote side without: any */
	ISAKMP_AUTH_CRED,	/* string: name of a cred object; absent: the cred
				 * that lists the remote identity */
	ISAKMP_AUTH_CA,		/* string, repeated: pubkey, remote: names of ca
				 * creds that may have issued the certificate;
				 * absent: any of them */
	ISAKMP_AUTH_SCHEME,	/* u8, repeated: pubkey: schemes allowed, ours in
				 * order of preference; absent: all */
	ISAKMP_AUTH_XAUTH,	/* string: name of a cred object: after METHOD (or alone, with
				 * METHOD_XAUTH) this side is asked for name and password:
				 * remote: a cred of users, local: of a user; version 1
				 */

	__ISAKMP_AUTH_MAX,
};

#define ISAKMP_AUTH_MAX (__ISAKMP_AUTH_MAX - 1)

/*
 * A traffic selector: an inclusive range.  A range that is no prefix is installed
 * as the prefixes that make it up, at most 64.
 */
enum isakmp_ts_attr {
	ISAKMP_TS_PROTO = 1,	/* u8: IP protocol; absent: any */
	ISAKMP_TS_PORT_START,	/* u16 */
	ISAKMP_TS_PORT_END,	/* u16 */
	ISAKMP_TS_START,	/* address */
	ISAKMP_TS_END,		/* address */
	ISAKMP_TS_DYNAMIC,	/* u8: 1: the SA's own address, instead of START and END */

	__ISAKMP_TS_ATTR_MAX,
};

#define ISAKMP_TS_ATTR_MAX (__ISAKMP_TS_ATTR_MAX - 1)

enum isakmp_start {
	ISAKMP_START_NONE,	/* when the peer or the operator says so */
	ISAKMP_START_TRAP,	/* at the first packet */
	ISAKMP_START_NOW,	/* at once, and again when it is lost */
};

/* What becomes of a child that went without our doing. */
enum isakmp_action {
	ISAKMP_ACTION_NONE = 1,
	ISAKMP_ACTION_TRAP,	/* the next packet sets it up again */
	ISAKMP_ACTION_START,	/* it is set up again; after a wait that doubles to 60 s */
};

enum isakmp_mode {
	ISAKMP_MODE_TUNNEL,
	ISAKMP_MODE_TRANSPORT,
};

/* Which way a tunnel copies the DSCP */
enum isakmp_dscp {
	ISAKMP_DSCP_OUT,	/* inner header to outer, of what is sent */
	ISAKMP_DSCP_IN,		/* outer to inner, of what is received */
	ISAKMP_DSCP_BOTH,
	ISAKMP_DSCP_NONE,
};

/* What the outer IPv4 header of a tunnel has for DF */
enum isakmp_df {
	ISAKMP_DF_COPY,		/* what the inner one has */
	ISAKMP_DF_CLEAR,
};

/* Who encrypts: the kernel, or the device that ESP passes */
enum isakmp_offload {
	ISAKMP_OFFLOAD_NO,
	ISAKMP_OFFLOAD_CRYPTO,	/* the device; without one that can there is no child */
	ISAKMP_OFFLOAD_AUTO,	/* the device, if it can */
};

/* child: traffic to protect.  Its key is (peer, name). */
enum isakmp_child_attr {
	ISAKMP_CHILD_PEER = 1,	/* string */
	ISAKMP_CHILD_NAME,	/* string */
	ISAKMP_CHILD_LOCAL_TS,	/* nest, repeated: enum isakmp_ts_attr */
	ISAKMP_CHILD_REMOTE_TS,	/* nest, repeated */
	ISAKMP_CHILD_START,	/* u8: enum isakmp_start; default none */
	ISAKMP_CHILD_PROPOSAL,	/* string; absent: the peer's */
	ISAKMP_CHILD_LIFE_S,	/* u32: hard lifetime; 0 = none; default 28800 */
	ISAKMP_CHILD_LIFE_BYTES, /* u64: 0 = none */
	ISAKMP_CHILD_LIFE_PACKETS, /* u64: 0 = none */
	ISAKMP_CHILD_REPLAY_WINDOW, /* u16: packets; default 128 */
	ISAKMP_CHILD_PAD,
	ISAKMP_CHILD_MODE,	/* u8: enum isakmp_mode; default tunnel */
	ISAKMP_CHILD_SINGLE_PAIR, /* u8: 1: one pair of addresses at a time */
	ISAKMP_CHILD_MARK,	/* u32: of the packets selected */
	ISAKMP_CHILD_MARK_MASK,	/* u32: default all ones with MARK */
	ISAKMP_CHILD_IF_ID,	/* u32: of an XFRM interface */
	ISAKMP_CHILD_DSCP,	/* u8: enum isakmp_dscp; default out */
	ISAKMP_CHILD_DF,	/* u8: enum isakmp_df; default copy */
	ISAKMP_CHILD_ECN,	/* u8: 0: congestion is not told through a tunnel;
				 * default 1
				 */
	ISAKMP_CHILD_TFC,	/* u16: packets in a tunnel are padded to so many
				 * octets, unless the peer wants none; 0xffff: to the
				 * path's MTU; default 0
				 */
	ISAKMP_CHILD_IPCOMP,	/* u8: transform of IPComp, if the peer has it and there
				 * is no NAT: 2 DEFLATE; 0 = none; default 0
				 */
	ISAKMP_CHILD_ON_DEAD,	/* u8: enum isakmp_action, when the peer does not answer
				 * any more; default: as START says */
	ISAKMP_CHILD_ON_CLOSE,	/* u8: enum isakmp_action, when the peer closes it; default:
				 * as START says */
	ISAKMP_CHILD_OFFLOAD,	/* u8: enum isakmp_offload; default no */
	ISAKMP_CHILD_OFFLOAD_DEV, /* string: name of the device; absent: the one that the
				 * route to the peer leads to
				 */

	__ISAKMP_CHILD_MAX,
};

#define ISAKMP_CHILD_MAX (__ISAKMP_CHILD_MAX - 1)

/* sa: an IKE SA and what hangs from it.  All from the kernel but the filters. */
enum isakmp_sa_attr {
	ISAKMP_SA_ID = 1,	/* u64: unique in the namespace; filter */
	ISAKMP_SA_PEER,		/* string: filter */
	ISAKMP_SA_STATE,	/* string */
	ISAKMP_SA_INITIATOR,	/* flag: we started it */
	ISAKMP_SA_SPI_I,	/* u64 */
	ISAKMP_SA_SPI_R,	/* u64 */
	ISAKMP_SA_LOCAL,	/* address */
	ISAKMP_SA_REMOTE,	/* address */
	ISAKMP_SA_LPORT,	/* u16 */
	ISAKMP_SA_RPORT,	/* u16 */
	ISAKMP_SA_SUITE,	/* nest: enum isakmp_suite_attr */
	ISAKMP_SA_LOCAL_ID,	/* identity */
	ISAKMP_SA_REMOTE_ID,	/* identity */
	ISAKMP_SA_AGE,		/* u64: ms since it was created */
	ISAKMP_SA_UP,		/* u64: ms since it was established */
	ISAKMP_SA_IDLE,		/* u64: ms since the peer was heard */
	ISAKMP_SA_MSGS_IN,	/* u32 */
	ISAKMP_SA_MSGS_OUT,	/* u32 */
	ISAKMP_SA_RESENDS,	/* u32 */
	ISAKMP_SA_REASON,	/* u16: enum isakmp_reason of the last trouble */
	ISAKMP_SA_CHILD,	/* nest, repeated: enum isakmp_child_sa_attr */
	ISAKMP_SA_PAD,
	ISAKMP_SA_NAT_LOCAL,	/* flag: we are behind a NAT */
	ISAKMP_SA_NAT_REMOTE,	/* flag: the peer is */
	ISAKMP_SA_ENCAP,	/* flag: ESP goes in UDP */
	ISAKMP_SA_LOCAL_CRED,	/* string: cred that our AUTH was made with */
	ISAKMP_SA_REMOTE_CRED,	/* string: cred that the peer is believed for */
	ISAKMP_SA_HANDLE,	/* octets: as in the verdict */
	ISAKMP_SA_AUTH_LEFT,	/* u64: ms that the authentication is good for; absent:
				 * for ever */
	ISAKMP_SA_CRED,		/* string: SA_REVOKE */
	ISAKMP_SA_UNIQUE,	/* canonical identity: SA_REVOKE */
	ISAKMP_SA_FRAGMENT_SIZE, /* u16: octets of our IP packets with IKE at most; absent:
				  * no fragmentation
				  */
	ISAKMP_SA_LEASE,	/* address, repeated: inner, given to the peer */
	ISAKMP_SA_VIRTUAL_IP,	/* address, repeated: inner, given to us; with it: */
	ISAKMP_SA_DNS,		/* address, repeated */
	ISAKMP_SA_SUBNET,	/* nest, repeated: enum isakmp_range_attr */
	ISAKMP_SA_DOMAIN,	/* string, repeated: of letters, digits, hyphens and
				 * dots alone */
	ISAKMP_SA_REKEYS,	/* u32: how often it was rekeyed */
	ISAKMP_SA_CHILD_NAME,	/* string: SA_REKEY */
	ISAKMP_SA_MOBIKE,	/* flag: it may move (RFC 4555) */
	ISAKMP_SA_ADDRESS,	/* address, repeated: where the peer says it is; with MOBIKE */
	ISAKMP_SA_RESUMED,	/* flag: by a ticket, not by authentication */
	ISAKMP_SA_GATEWAY,	/* address: SA_REDIRECT */
	ISAKMP_SA_VERSION,	/* u8: 1; absent: 2 */
	ISAKMP_SA_METHOD,	/* u16: version 1: how it was authenticated (RFC 2409, appendix A) */
	ISAKMP_SA_USER,		/* string: version 1: whom XAUTH found the peer to be */

	__ISAKMP_SA_MAX,
};

#define ISAKMP_SA_MAX (__ISAKMP_SA_MAX - 1)

enum isakmp_child_sa_attr {
	ISAKMP_CHILD_SA_NAME = 1, /* string */
	ISAKMP_CHILD_SA_STATE,	/* string: up, lost, deleting, rekeyed (another has its
				 * place), gone (receives what is under way)
				 */
	ISAKMP_CHILD_SA_SPI_IN,	/* u32, host order */
	ISAKMP_CHILD_SA_SPI_OUT, /* u32 */
	ISAKMP_CHILD_SA_SUITE,	/* nest: enum isakmp_suite_attr */
	ISAKMP_CHILD_SA_LOCAL_TS, /* nest, repeated */
	ISAKMP_CHILD_SA_REMOTE_TS, /* nest, repeated */
	ISAKMP_CHILD_SA_BYTES_IN, /* u64 */
	ISAKMP_CHILD_SA_PACKETS_IN, /* u64 */
	ISAKMP_CHILD_SA_BYTES_OUT, /* u64 */
	ISAKMP_CHILD_SA_PACKETS_OUT, /* u64 */
	ISAKMP_CHILD_SA_PAD,
	ISAKMP_CHILD_SA_MODE,	/* u8: enum isakmp_mode */
	ISAKMP_CHILD_SA_REKEYS,	/* u32: how often it was rekeyed; octets and packets
				 * are those of all its SPIs
				 */
	ISAKMP_CHILD_SA_CPI_IN,	/* u16: of IPComp; absent: not compressed */
	ISAKMP_CHILD_SA_CPI_OUT, /* u16 */
	ISAKMP_CHILD_SA_OFFLOAD_IN, /* string: device that decrypts; absent: the kernel */
	ISAKMP_CHILD_SA_OFFLOAD_OUT, /* string: device that encrypts */

	__ISAKMP_CHILD_SA_MAX,
};

#define ISAKMP_CHILD_SA_MAX (__ISAKMP_CHILD_SA_MAX - 1)

/* stat: one counter; reasons are among them as refused-NAME. */
enum isakmp_stat_attr {
	ISAKMP_STAT_NAME = 1,	/* string */
	ISAKMP_STAT_VALUE,	/* u64 */
	ISAKMP_STAT_TEXT,	/* string: what it counts, in a sentence */
	ISAKMP_STAT_PAD,

	__ISAKMP_STAT_MAX,
};

#define ISAKMP_STAT_MAX (__ISAKMP_STAT_MAX - 1)

enum isakmp_event_type {
	ISAKMP_EVENT_OBJECT_NEW = 1, /* with the object's nest */
	ISAKMP_EVENT_OBJECT_DEL, /* with the object's nest: its key alone */
	ISAKMP_EVENT_CONFIG,	/* a transaction was committed: dump again */
	ISAKMP_EVENT_SA_STATE,	/* with the SA's nest */
	ISAKMP_EVENT_CHILD_UP,	/* with the SA's nest */
	ISAKMP_EVENT_CHILD_DOWN, /* with the SA's nest, where the child is a last time, with
				  * all that went through it; ARG: our SPI of it; REASON
				  * says why
				  */
	ISAKMP_EVENT_REFUSED,	/* REASON, ARG; the SA's nest when there is one */
	ISAKMP_EVENT_HELPER,	/* ARG: number of helpers registered now */
	ISAKMP_EVENT_SA_REKEYED, /* with the SA's nest: its SPIs are others now */
	ISAKMP_EVENT_CHILD_REKEYED, /* with the SA's nest; ARG: our SPI of the new one */
};

/* event: what happened. */
enum isakmp_event_attr {
	ISAKMP_EVENT_TYPE = 1,	/* u8: enum isakmp_event_type */
	ISAKMP_EVENT_REASON,	/* u16: enum isakmp_reason */
	ISAKMP_EVENT_ARG,	/* u32: what the reason is about */
	ISAKMP_EVENT_OLD_STATE,	/* string: SA_STATE: the state before */

	__ISAKMP_EVENT_MAX,
};

#define ISAKMP_EVENT_MAX (__ISAKMP_EVENT_MAX - 1)

/* keys: of an IKE SA, for a protocol analyser. */
enum isakmp_keys_attr {
	ISAKMP_KEYS_SPI_I = 1,	/* u64 */
	ISAKMP_KEYS_SPI_R,	/* u64 */
	ISAKMP_KEYS_SUITE,	/* nest: enum isakmp_suite_attr */
	ISAKMP_KEYS_SK_EI,	/* octets, with the salt of an AEAD; of version 1 the one key */
	ISAKMP_KEYS_SK_ER,	/* absent with version 1 */
	ISAKMP_KEYS_SK_AI,	/* absent with an AEAD */
	ISAKMP_KEYS_SK_AR,
	ISAKMP_KEYS_PAD,

	__ISAKMP_KEYS_MAX,
};

#define ISAKMP_KEYS_MAX (__ISAKMP_KEYS_MAX - 1)

#include "isakmp_helper.h"

#endif /* _UAPI_LINUX_ISAKMP_H */
