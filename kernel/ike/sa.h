/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The IKE SA: the engine's one object.
 *
 * An SA belongs to the worker that runs ike_sa_handle() on it; nobody else
 * touches it.  There is no lock, reference count, timer or socket in here:
 * net/ embeds this struct, finds it, pins it, frees it.  Everything that
 * happens to an SA is an event.
 */
#ifndef _ISAKMP_IKE_SA_H
#define _ISAKMP_IKE_SA_H

#include <isakmp/ikev2.h>
#include <isakmp/limits.h>
#include <isakmp/reason.h>
#include "gate/gate.h"
#include "ike/child.h"
#include "ike/path.h"
#include "ike/policy.h"
#include "wire/ts.h"

struct ike_grant;
struct ike_set;
struct ike_ticket;
struct ike_try;
struct isakmp_chain;
struct isakmp_kex;
struct isakmp_sk;
struct isakmp_xfrm;
struct v1_conn;
struct v1_phase1;

/*
 * States.  The moves allowed are a table in state.c; ike_sa_set_state() is the
 * one door.  *_ASK: a question is with the helper.
 */
#define IKE_STATES(S)						\
	S(NEW, "new")			/* nothing sent yet */	\
	S(I_RESUME, "resume-sent")	/* IKE_SESSION_RESUME is out */ \
	S(I_KEX, "key-asked")		/* helper makes our KE value */ \
	S(I_INIT, "init-sent")		/* IKE_SA_INIT is out */	\
	S(I_SECRET, "secret-asked")	/* helper computes g^ir */ \
	S(I_ASK, "auth-asked")		/* helper makes our AUTH */	\
	S(I_AUTH, "auth-sent")		/* IKE_AUTH is out */	\
	S(I_VERIFY, "verifying")	/* helper checks the peer's */ \
	S(R_KEX, "key-asked-peer")	/* helper makes KE value and g^ir */ \
	S(R_INIT, "init-answered")	/* half-open responder */ \
	S(R_RESUME, "resume-answered")	/* the same, by a ticket */ \
	S(R_ASK, "auth-asked-peer")	/* helper checks and makes */ \
	S(V1, "phase-1")		/* version 1: its first one is under way */ \
	S(ESTABLISHED, "established")				\
	S(DELETING, "deleting")		/* our Delete is out, or waits for IKE_AUTH */ \
	S(DEAD, "dead")			/* answers repeats, then goes */

enum ike_state {
#define S(id, name) IKE_S_##id,
	IKE_STATES(S)
#undef S
	__IKE_S_MAX,
};

/* Tunables of a namespace (sysctl net.isakmp.*), read at use. */
struct ike_tunables {
	u32 retransmit_ms;	/* before the first retransmission, then doubled */
	u32 retransmit_tries;	/* retransmissions before the peer counts as dead */
	u32 half_open_ms;	/* life of a half-open responder SA */
	u32 v1_quicks;		/* Quick Modes of ours at once by one ISAKMP SA, 1 to V1_QUICKS_MAX */
};

/* What can be waiting to be sent as a request, most urgent first. */
#define IKE_TASK_DELETE_IKE	BIT(0)
#define IKE_TASK_DELETE_CHILD	BIT(1)
#define IKE_TASK_CREATE_CHILD	BIT(2)
#define IKE_TASK_LIVENESS	BIT(3)
#define IKE_TASK_PROBE		BIT(4)	/* is the peer there now? */
#define IKE_TASK_REKEY		BIT(5)	/* of the IKE SA */
#define IKE_TASK_WINDOW		BIT(6)	/* tell the peer how many requests it may have */
#define IKE_TASK_UPDATE		BIT(7)	/* we are somewhere else (RFC 4555, 3.5) */
#define IKE_TASK_TICKET		BIT(8)	/* ask for a ticket (RFC 5723) */
#define IKE_TASK_LIFETIME	BIT(9)	/* tell the initiator how long it is believed */
#define IKE_TASK_ADDRESSES	BIT(10)	/* we have others besides (3.6) */
#define IKE_TASK_TOKEN		BIT(11)	/* give the peer a token */
#define IKE_TASK_REDIRECT	BIT(12)	/* tell the peer to go to another gateway */

/* What only a request of CREATE_CHILD_SA needs. */
struct ike_create {
	struct ike_epoch *ep;	/* rekey of the IKE SA: to be in use next; owned */
	struct ike_suites *offer; /* the same: what it offers; owned */
	struct isakmp_kex *kex;	/* PFS */
	u16 group;		/* of @kex */
	u8 ke_tries;		/* INVALID_KE_PAYLOAD answers followed */
	u16 ni_len;
	u16 nr_len;
	u8 ni[IKE_NONCE_MAX];	/* of who proposes the child */
	u8 nr[IKE_NONCE_MAX];
	u16 pub_len;
	u8 pub[IKE_KE_MAX];	/* ours */
	/*
	 * SPIs that the peer deleted and we do not know: its response, which made
	 * them, may still be on its way
	 */
	u8 n_gone;
	u32 gone[IKE_GONE_MAX];
};

/**
 * struct ike_request - a request of ours that waits for its response
 * @next: of the same epoch, the oldest first
 * @bytes: its datagrams, one behind the other, owned; a retransmission is the same octets
 * @len: octets of @bytes
 * @msgid: its message ID
 * @exchange: its exchange type
 * @tries: retransmissions made
 * @task: IKE_TASK_* it carries out
 * @spi: our SPI of the child it is about, or 0
 * @create: what the negotiation of a child needs, owned; or NULL
 * @challenge: COOKIE2 is in it: @cookie
 * @round: MOBIKE: for which path it was made
 * @cookie: to be returned (RFC 4555, 3.7)
 * @resend_at: ms
 */
struct ike_request {
	struct ike_request *next;
	u8 *bytes;
	u32 len;
	u32 msgid;
	u8 exchange;
	u8 tries;
	unsigned long task;
	u32 spi;
	struct ike_create *create;
	bool challenge;
	u32 round;
	u8 cookie[IKE_COOKIE2_LEN];
	u64 resend_at;
};

/**
 * struct ike_redirects - how an IKE SA came to its gateway (RFC 5685)
 * @from: who sent us, or the peer, there; family 0: nobody
 * @n: redirects followed since @since
 * @since: ms
 */
struct ike_redirects {
	struct isakmp_addr from;
	u8 n;
	u64 since;
};

/**
 * struct ike_token - a token of the peer (RFC 6290); a secret, until it is used
 * @len: octets
 * @data: the token
 */
struct ike_token {
	u8 len;
	u8 data[];
};

enum ike_epoch_state {
	IKE_EPOCH_OPEN,		/* in use, or made beside the one in use */
	IKE_EPOCH_LEFT,		/* another has its place; the peer deletes it */
	IKE_EPOCH_CLOSING,	/* our Delete waits or is out */
	IKE_EPOCH_GONE,		/* deleted; answers repeats */
};

/**
 * struct ike_epoch - one IKE SA as RFC 7296 has it: SPIs, keys, message IDs
 * @next: an older one, or one that a rekey has made beside it
 * @state: enum ike_epoch_state
 * @spi_i: host order
 * @spi_r: host order
 * @initiator: are we its original initiator?
 * @heard: the peer has used it
 * @window_in: requests that the peer may have under way
 * @window_out: requests that we may have under way (RFC 7296, 2.3)
 * @suite: what was negotiated
 * @sk_d: the other SK_e and SK_a live in the sk objects alone
 * @sk_in: key of what we receive
 * @sk_out: key of what we send
 * @next_out: ID of our next request
 * @next_in: lowest ID of a request that the peer has not made
 * @seen: bit n: the request @next_in + n was made
 * @out: requests of ours without response
 * @fragments: of messages that are not whole yet, owned
 * @door: what net/ keeps for it
 * @lowest: made by a rekey that crossed with another: its lower nonce, owned
 * @token: whoever shows it has lost this IKE SA, owned; NULL: the peer gave none
 * @end_at: ms: LEFT: deleted by us then; GONE: forgotten
 * @v1: version 1: the ISAKMP SA, owned; NULL: version 2
 *
 * An IKE SA that is rekeyed goes on as another of these (RFC 7296, 2.18).
 */
struct ike_epoch {
	struct ike_epoch *next;
	u8 state;
	u64 spi_i;
	u64 spi_r;
	bool initiator;
	bool heard;
	u8 window_in;
	u8 window_out;
	struct ike_suite suite;
	u8 sk_d[64];
	struct isakmp_sk *sk_in;
	struct isakmp_sk *sk_out;
	u32 next_out;
	u32 next_in;
	u32 seen;
	struct ike_request *out;
	struct ike_set *fragments;
	struct isakmp_door *door;
	struct ike_lowest *lowest;
	struct ike_token *token;
	u64 end_at;
	struct v1_phase1 *v1;
};

/* Inner addresses (RFC 7296, 2.19): an IPv4 and an IPv6 one; family 0: none. */
#define IKE_INNER 2

struct ike_net {
	struct isakmp_addr addr;
	u8 plen;
};

/**
 * struct ike_config - what goes with inner addresses
 * @n_dns: in @dns
 * @n_subnets: in @subnet
 * @domains_len: octets of @domains
 * @dns: DNS servers
 * @subnet: what is behind the responder
 * @domains: to be looked up there (RFC 8598), one after the other, each terminated;
 *	isakmp_cp_domain_ok() has seen them
 */
struct ike_config {
	u8 n_dns;
	u8 n_subnets;
	u16 domains_len;
	struct isakmp_addr dns[IKE_CFG_DNS_MAX];
	struct ike_net subnet[IKE_CFG_SUBNETS_MAX];
	char domains[IKE_CFG_DOMAINS_LEN];
};

/**
 * struct ike_cfg_wish - what a peer asks us for
 * @asked: BIT()s of the configuration attributes
 * @addr: inner addresses, by slot; all zeros: any; family 0: none
 */
struct ike_cfg_wish {
	u32 asked;
	struct isakmp_addr addr[IKE_INNER];
};

/* What only the setting up of an SA needs; freed when it is over. */
struct ike_setup {
	struct isakmp_kex *kex;
	u8 peer_ke[IKE_KE_MAX];
	u16 peer_ke_len;
	u8 *msg_i;		/* the latest IKE_SA_INIT request, no marker */
	u8 *msg_r;		/* its response */
	u32 msg_i_len;
	u32 msg_r_len;
	u8 cookie[IKE_COOKIE_MAX];
	u8 cookie_len;
	u8 cookie_tries;
	u16 forgeable;		/* last unprotected error notify, for the report */
	u8 ke_tries;		/* INVALID_KE_PAYLOAD answers followed */
	u8 seed[IKE_KEX_SEED_LEN]; /* private key of a group of the helper's */
	u8 shared[IKE_KE_MAX];	/* responder, such a group: g^ir until it is used */
	u16 shared_len;
	u8 *certreq;		/* initiator: CERTREQ body of the response, owned */
	u16 certreq_len;
	struct ike_suites offer; /* initiator: what its request offers */
	struct ike_try *tries;	/* initiator: its first messages, latest first */
	struct ike_try *asked;	/* initiator: one whose KE value the helper makes */
	bool fooled;		/* initiator: more cookies asked for than can be true */
	bool fake;		/* responder: say that we are behind a NAT */
	u8 proposal;		/* responder: number of the peer's proposal */
	struct ike_cfg_wish wish; /* responder */
	u8 ni[IKE_NONCE_MAX];
	u8 nr[IKE_NONCE_MAX];
	u16 ni_len;
	u16 nr_len;
	u8 *inner;		/* IKE_AUTH chain, decrypted, while the helper decides */
	u32 inner_len;
	u8 inner_first;		/* type of its first payload */
	bool childless;		/* the responder has said that IKE_AUTH may be without a child */
	bool bare;		/* IKE_AUTH is */
	u64 ask_at;		/* responder: the helper is asked again; 0: not */
	struct ike_ticket *ticket; /* initiator: presented; responder: taken; owned */
	bool resuming;		/* it is the one that counts: IKE_SESSION_RESUME */
	bool wants_ticket;	/* responder: the initiator asks for one */
	bool has_lifetime;	/* initiator: the responder said ... */
	u32 lifetime_s;		/* ... how long it believes us; responder: what it says */
};

/**
 * struct ike_basis - what an authentication stands on; immutable
 * @unique: the peer's identity, canonical
 * @local_cred: cred that our AUTH was made with; empty: not known
 * @remote_cred: cred that the peer is believed for; empty: not known
 * @handle: the helper's, to check it again
 * @config: responder that gives tickets: what goes with inner addresses, packed
 * @unique_len: octets in @unique
 * @config_len: octets in @config
 * @handle_len: octets in @handle
 * @data: what they point to
 */
struct ike_basis {
	const u8 *unique;
	const char *local_cred;
	const char *remote_cred;
	const u8 *handle;
	const u8 *config;
	u16 unique_len;
	u16 config_len;
	u8 handle_len;
	u8 data[];
};

/**
 * struct ike_nat - what the NAT detection of a message told
 * @spoken: the peer speaks NAT traversal
 * @local: we are behind a NAT
 * @remote: the peer is
 */
struct ike_nat {
	bool spoken;
	bool local;
	bool remote;
};

/**
 * struct ike_place - which request
 * @spi: our SPI of its epoch, 0: none
 * @msgid: its message ID
 */
struct ike_place {
	u64 spi;
	u32 msgid;
};

/**
 * struct ike_mobike - both ends speak MOBIKE (RFC 4555)
 * @n: addresses in @peer
 * @candidate: initiator: which one is tried: 0: that of @good, then those in @peer
 * @refused: initiator: how often the peer has seen a NAT that may not be; responder:
 *	how often a probe was answered from where the peer was
 * @moves: how often our address has changed since the peer was heard
 * @seeking: initiator: no update from the present path was answered yet
 * @tried_all: initiator: no other address is left to be tried
 * @has_seen: @seen is set
 * @stranded: responder: its address is gone, and no other one led to the peer
 * @nat: responder: to be true with the path that is probed
 * @hurries: responder: how often what is out was sent at once to where the peer says it is
 * @follows: how often the children followed what the peer says of the path
 * @round: counts the paths
 * @newest_update: the peer's newest UPDATE_SA_ADDRESSES
 * @newest_list: its newest list of addresses
 * @good: initiator: the path of the children
 * @peer: where the peer says that it is
 * @n_told: addresses in @told
 * @told: responder: what it has told beside that of the path
 * @seen: initiator: the digest of our own address as the peer sees it
 */
struct ike_mobike {
	u8 n;
	u8 n_told;
	u8 candidate;
	u8 refused;
	u8 moves;
	bool seeking;
	bool tried_all;
	bool has_seen;
	bool stranded;
	struct ike_nat nat;
	struct isakmp_bucket hurries;
	struct isakmp_bucket follows;
	u32 round;
	struct ike_place newest_update;
	struct ike_place newest_list;
	struct isakmp_path good;
	struct isakmp_addr peer[IKE_ADDRESSES_MAX];
	struct isakmp_addr told[IKE_ADDRESSES_MAX];
	u8 seen[20];
};

/* The request of the peer that is being answered. */
struct ike_answer {
	struct ike_epoch *ep;
	u64 digest;
	u32 msgid;
	u32 largest;		/* octets of it, or of its largest fragment */
	u8 exchange;
	struct isakmp_path path;
};

/**
 * struct ike_sa - an IKE SA (IKEv2)
 */
struct ike_sa {
	u64 id;			/* unique in the namespace, for people and logs */
	u64 replaces;		/* id of the SA this one shall replace, or 0 */
	struct ike_epoch *ep;	/* the present one, first in the list of all */
	struct ike_epoch first;	/* the one it begins with */
	bool initiator;		/* did we set it up? */
	bool proven;		/* the peer returned a cookie or a valid ICV */
	u8 state;		/* enum ike_state; only ike_sa_set_state() writes */
	u8 junk;		/* bad ICVs while half-open */
	u16 reason;		/* enum isakmp_reason: why it ended, or last error */
	const struct ike_tunables *tun;
	const struct ike_peer *peer;	/* policy snapshot, pinned; NULL: not known yet */
	const struct ike_child_policy *want; /* initiator: the first child, of @peer */
	struct ike_flow *flow;	/* the packet @want is for, owned until it has it; or NULL */
	u32 allowed;		/* bit n: peer->child[n] may be set up */
	struct isakmp_path path;

	/* Paths: RFC 7296, 2.23 */
	bool nat_local;		/* we are behind a NAT */
	bool nat_remote;	/* the peer is */
	bool natt;		/* both speak NAT traversal */
	bool encap;		/* ESP goes in UDP */
	struct ike_mobike *mobike; /* owned; NULL: it is not spoken */
	bool probing;		/* @probe is being tried */
	bool probed;		/* by the last request: it is another task's turn */
	struct isakmp_path probe; /* where the peer may be now */
	u32 hashes;		/* IKE_HASH_BIT()s the peer announced (RFC 7427) */
	u64 rank;		/* of two crossing SAs the lower one goes */

	u8 sk_pi[64];		/* RFC 7296, 2.14 and 2.15 */
	u8 sk_pr[64];

	struct ike_answer in;
	unsigned long tasks;	/* IKE_TASK_* waiting */
	u16 fragment;		/* octets of our IP packets at most; 0: no fragmentation */
	u32 question;		/* number of the last one for the helper */

	/* Identities: bodies of the ID payloads, owned */
	u8 *id_local;
	u8 *id_remote;
	u16 id_local_len;
	u16 id_remote_len;
	struct ike_basis *basis; /* owned; NULL: not authenticated yet */
	bool contact;		/* the peer said INITIAL_CONTACT */
	bool resumed;		/* by a ticket: nobody has authenticated now */
	struct ike_grant *grant; /* the ticket of its present epoch, owned; or NULL */
	bool anew;		/* responder: it had another IKE SA, at the same place */
	u16 barred;		/* enum isakmp_reason: why it is believed no longer */

	/*
	 * Responder: inner addresses that the peer has of us; initiator: that we have of
	 * the peer, or, before IKE_AUTH, that we have had and ask for again
	 */
	struct isakmp_addr inner[IKE_INNER];
	struct ike_config *config; /* initiator: what came with them, owned; or NULL */

	struct ike_child *children;
	u8 n_children;
	struct isakmp_bucket rekeys;	/* what the peer may ask for */
	struct isakmp_bucket tokens;	/* what anybody may have compared */
	struct ike_redirects redirects;
	struct isakmp_addr redirect_to;	/* responder: where the peer is told to go */
	bool redirectable;	/* responder: the peer follows redirects */
	struct ike_setup *setup;
	struct v1_conn *v1;	/* version 1, owned; NULL: version 2 */

	/* Deadlines in ms; U64_MAX: off */
	u64 created_at;
	u64 established_at;	/* 0: not yet */
	u64 last_in;		/* last valid message of the peer */
	u64 keyed_at;		/* the keys in use were made */
	u32 dpd_s;		/* of the peer object, or what became of it since */
	u32 life_s;		/* the same */
	u64 give_up_at;		/* set-up ends, or linger is over */
	u64 dpd_at;
	u64 rekey_at;
	u64 expire_at;
	u64 until_at;		/* the peer is believed */
	u64 reauth_at;		/* before that */
	u64 release_at;		/* responder: what is held for @anew is so no more */
	u64 keepalive_at;	/* behind a NAT */
	u64 follow_at;		/* the children follow the path */
	u64 ticket_at;		/* initiator: a ticket is asked for; responder: no other
				 * one is given before, no deadline
				 */
	u64 token_at;		/* the peer is given another token (RFC 6290) */
	u64 retry_at;		/* a task waits for memory */
	u64 probe_at;		/* no new place is tried before; no deadline */
	u64 hint_at;		/* no hint of anybody's is followed before; no deadline */
	u64 spi_hint_at;	/* the same of the peer's */

	u32 msgs_in;		/* valid messages received */
	u32 msgs_out;		/* messages sent, repeats not counted */
	u32 resends;		/* retransmissions of requests */
	u32 rekeyed;		/* how often it was */
	u8 delays;		/* TEMPORARY_FAILUREs that its rekey met */
};

enum ike_event_type {
	IKE_EV_PACKET,		/* a datagram for this SA */
	IKE_EV_TIMER,		/* the deadline passed, or may have */
	IKE_EV_START,		/* initiator: begin */
	IKE_EV_STOP,		/* delete the IKE SA, telling the peer */
	IKE_EV_KILL,		/* delete it at once, telling nobody */
	IKE_EV_VERDICT,		/* the helper's answer */
	IKE_EV_CHILD_STOP,	/* delete the child, telling the peer */
	IKE_EV_CHILD_LOST,	/* someone removed a state or policy of ours */
	IKE_EV_CHILD_EXPIRED,	/* hard lifetime */
	IKE_EV_CHILD_USED,	/* packets came in through one that is held */
	IKE_EV_CHILD_SOFT,	/* soft lifetime: time to rekey it; told once */
	IKE_EV_CHILD_REKEY,	/* rekey it now */
	IKE_EV_CHECK,		/* check liveness now */
	IKE_EV_CHILD_START,	/* set up a further child */
	IKE_EV_MAPPING,		/* ESP came from another address: probe it */
	IKE_EV_BAR,		/* the peer is believed no longer */
	IKE_EV_REKEY,		/* rekey the IKE SA now */
	IKE_EV_REAUTH,		/* the operator says how long an authentication is good for */
	IKE_EV_ROAM,		/* our addresses or routes have changed */
	IKE_EV_TOKEN,		/* our tokens are others now */
	IKE_EV_REDIRECT,	/* the operator wants the peer at another gateway */
	IKE_EV_V1_TAKE,		/* an ISAKMP SA of the peer is one of this connection now */
};

/**
 * struct ike_packet - a datagram, already past gate/
 * @data: the IKE message without non-ESP marker; the engine may scribble on it
 * @len: octets; equals the header's length
 * @digest: gate_digest() of these octets
 * @path: how it came
 */
struct ike_packet {
	u8 *data;
	u32 len;
	u64 digest;
	struct isakmp_path path;
};

enum ike_ask_kind {
	IKE_ASK_I_AUTH = 1,	/* make our AUTH (initiator) */
	IKE_ASK_R_AUTH,		/* check the peer's AUTH, make ours (responder) */
	IKE_ASK_I_VERIFY,	/* check the peer's AUTH (initiator) */
	IKE_ASK_KEX,		/* a key exchange the kernel has no code for */
	/* version 1 */
	IKE_ASK_V1_BEGIN,	/* initiator: who are we, and how do we authenticate? */
	IKE_ASK_V1_SKEYID,	/* PSK: SKEYID */
	IKE_ASK_V1_ENCRYPT,	/* RSA encryption: of our nonce and identity */
	IKE_ASK_V1_DECRYPT,	/* the same, of the peer's */
	IKE_ASK_V1_XAUTH,	/* what came by XAUTH; @attributes */
	IKE_ASK_V1_CONFIG,	/* inner addresses for the peer */
};

struct ike_span {
	const u8 *p;
	size_t len;
};

/**
 * struct ike_ask - a question for the helper
 *
 * Everything points into the SA; isakmp_ask() copies what it needs.  Which
 * SK_p goes up is the engine's choice: only what the question needs.
 * IDs are payload bodies (type, three reserved octets, value): the AUTH octets
 * cover them as they are (RFC 7296, 2.15).
 */
struct ike_ask {
	u8 kind;
	u8 auth_method;		/* of the peer's AUTH payload, 0: none */
	u16 prf;
	u32 question;		/* its number; ike_ask() sets it */
	struct ike_span msg_i, msg_r;
	struct ike_span ni, nr;
	struct ike_span sk_pi, sk_pr;
	struct ike_span id_i, id_r;	/* id_r may be empty */
	struct ike_span auth;		/* AUTH data of the peer */
	struct ike_span certreq;	/* CERTREQ body of IKE_SA_INIT's response */
	u32 hashes;			/* IKE_HASH_BIT()s the peer announced */
	/* Payloads of the peer's IKE_AUTH message; CERT and CERTREQ go up */
	const struct isakmp_chain *chain;
	/* IKE_ASK_KEX: seed and, to compute g^ir, the peer's value */
	u16 group;
	struct ike_span seed, peer_ke;
	/* IKE_ASK_R_AUTH, _V1_CONFIG: inner addresses that the peer asks for; all zeros: any */
	struct isakmp_addr wish[IKE_INNER];
	/*
	 * Version 1.  IKE_ASK_I_AUTH, R_AUTH, I_VERIFY: SKEYID is @sk_pi, what HASH_I and
	 * HASH_R cover before the ID is @msg_i and @msg_r; with PSK the kernel does all HASHes
	 * itself and @auth is empty.
	 */
	bool v1;
	bool initiator;			/* we are */
	bool aggressive;		/* the identity came in the clear, before any proof */
	bool proof_later;		/* r-auth: the peer's proof comes in a later message */
	u8 exchange;			/* enum v1_exchange_type of phase 1; 0: it is over */
	u16 method;			/* enum v1_method */
	u8 attributes_type;		/* enum ike_cfg_type of @attributes; 0: none yet */
	struct ike_span attributes;	/* data attributes */
	struct ike_span secret;		/* RSA encryption: what is encrypted: the nonce ... */
	struct ike_span secret_id;	/* ... and the identity */
	struct ike_span unique;		/* V1_CONFIG: the peer's identity, canonical */
};

/**
 * struct ike_verdict - the helper's answer
 * @kind: of the question
 * @question: its number: an answer to an earlier one is nobody's
 * @reason: ISAKMP_OK accepts; else why not
 * @peer: r-auth, v1-skeyid, v1-encrypt: the peer chosen; v1-config: the SA's.  Pinned; the
 *	reference moves to the SA
 * @children: r-auth: bit n: peer->child[n] may be set up
 * @auth_method: of @auth
 * @id: our ID payload body (i-auth, r-auth)
 * @id_want: i-auth: IDr body to ask for, may be empty
 * @auth: our AUTH data (i-auth, r-auth)
 * @n_certs: in @certs
 * @certs: bodies of our CERT payloads, in order (i-auth, r-auth)
 * @certreq: body of our CERTREQ payload, may be empty (i-auth)
 * @unique: the peer's identity, canonical (r-auth, i-verify); empty: as it says it
 * @local_cred: name of the cred that @auth was made with (i-auth, r-auth)
 * @remote_cred: of the one that the peer is believed for (r-auth, i-verify)
 * @handle: the helper's (r-auth, i-verify)
 * @left_s: seconds that the peer is believed (r-auth, i-verify); 0: for ever
 * @no_address: r-auth: an inner address was asked for, and there is none left
 * @inner: r-auth: inner addresses for the peer, which net/ keeps for the SA
 * @config: r-auth: what goes with them
 * @pub: our public value (kex)
 * @shared: g^ir, when the question had the peer's value (kex)
 * @data: what the spans point to
 */
struct ike_verdict {
	u8 kind;
	u8 auth_method;
	u16 reason;
	u32 question;
	const struct ike_peer *peer;
	u32 children;
	u16 id_len;
	u16 id_want_len;
	u16 auth_len;
	u8 id[4 + IKE_ID_MAX];
	u8 id_want[4 + IKE_ID_MAX];
	u8 auth[IKE_AUTH_MAX];
	u8 n_certs;
	struct ike_span certs[IKE_CERTS_OUT_MAX];
	struct ike_span certreq;
	struct ike_span unique;
	struct ike_span local_cred;
	struct ike_span remote_cred;
	struct ike_span handle;
	u32 left_s;
	bool no_address;
	struct isakmp_addr inner[IKE_INNER];
	struct ike_config config;
	struct ike_span pub;
	struct ike_span shared;
	/* version 1; nl/answer_v1.c says which kind of answer has what */
	bool more;			/* XAUTH: @attributes go out, and another answer comes */
	u8 attributes_type;		/* of @attributes; 0: there are none */
	u8 n_methods;
	u8 n_certreqs;
	u16 methods[V1_METHODS_MAX];	/* V1_BEGIN: in order of preference */
	struct ike_span certreqs[IKE_CERTS_OUT_MAX]; /* V1_BEGIN: bodies of CERTREQ payloads */
	struct ike_span skeyid;
	struct ike_span secret;		/* RSA encryption, as in the question */
	struct ike_span secret_id;
	struct ike_span attributes;
	struct ike_span user;		/* XAUTH: whom it found the peer to be, for people */
	u8 data[];
};

/**
 * struct ike_v1_take - version 1: an ISAKMP SA that comes from another connection
 * @ep: it, authenticated or up, with its door and ep->v1; owned: the handler takes it and clears this
 * @path: where its peer is
 * @nat: what its NAT detection told
 * @encap: ESP goes in UDP
 * @last_in: ms: when its peer was heard last
 * @basis: what its authentication stands on; owned: as @ep
 * @until_at: ms: the peer is believed until then
 * @reauth_at: ms: it should authenticate anew before
 * @peer: the peer object as the helper saw it, pinned; owned: as @ep
 * @allowed: children of @peer that it may have
 */
struct ike_v1_take {
	struct ike_epoch *ep;
	struct isakmp_path path;
	struct ike_nat nat;
	bool encap;
	u64 last_in;
	struct ike_basis *basis;
	u64 until_at;
	u64 reauth_at;
	const struct ike_peer *peer;
	u32 allowed;
};

/**
 * struct ike_event - what happened to an SA
 * @type: enum ike_event_type
 * @packet: with IKE_EV_PACKET
 * @verdict: with IKE_EV_VERDICT; the caller frees it (sensitive) afterwards
 * @spi: with IKE_EV_CHILD_*: our inbound SPI; 0 = whichever child
 * @peer: with IKE_EV_CHILD_START: the peer as it is now.  Pinned; the handler
 *	may take the reference and clear this
 * @child: with IKE_EV_CHILD_START: a child of @peer
 * @flow: with IKE_EV_CHILD_START: the packet it is for, copied; or NULL
 * @path: with IKE_EV_MAPPING: where ESP came from; IKE_EV_REDIRECT: path.remote is where to
 * @why: with IKE_EV_BAR: why not
 * @reauth_s: with IKE_EV_REAUTH: seconds; 0: as long as may be
 * @take: with IKE_EV_V1_TAKE
 */
struct ike_event {
	u8 type;
	u32 spi;
	struct ike_packet packet;
	struct ike_verdict *verdict;
	const struct ike_peer *peer;
	const struct ike_child_policy *child;
	const struct ike_flow *flow;
	struct isakmp_path path;
	u16 why;
	u32 reauth_s;
	struct ike_v1_take *take;
};

#include "ike/view.h"

void ike_sa_init(struct ike_sa *sa, bool initiator, u64 our_spi,
		 const struct isakmp_path *path,
		 const struct ike_tunables *tun, u64 now);
void ike_sa_handle(struct ike_sa *sa, struct ike_event *ev, u64 now);
void ike_sa_relimit(struct ike_sa *sa, const struct ike_peer *peer, u64 now);
u64 ike_sa_deadline(const struct ike_sa *sa);
bool ike_sa_finished(const struct ike_sa *sa, u64 now);
void ike_sa_release(struct ike_sa *sa);
struct ike_child *ike_child_of(const struct ike_sa *sa, u32 spi_in);

/* path.c */
enum isakmp_roams ike_path_roams(const struct ike_sa *sa);

const char *ike_state_name(u8 state);

#endif
