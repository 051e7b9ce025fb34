/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every limit on something a peer, a user or the network controls, once.
 * Lengths are octets, times milliseconds unless the name says otherwise.
 */
#ifndef _ISAKMP_LIMITS_H
#define _ISAKMP_LIMITS_H

/* Messages */
#define IKE_MSG_MAX		16384	/* longest message accepted or built */
#define IKE_PAYLOADS_MAX	64	/* payloads in one chain */
#define IKE_PROPOSALS_MAX	32	/* proposals in one SA payload */
#define IKE_TRANSFORMS_MAX	64	/* transforms in one proposal */
#define IKE_ATTRS_MAX		8	/* attributes in one transform */
#define IKE_TS_MAX		16	/* selectors of a side of a child; further ones are left out */
#define IKE_NONCE_MIN		16	/* RFC 7296, 2.10 */
#define IKE_NONCE_MAX		256
#define IKE_NONCE_LEN		32	/* what we send */
#define IKE_COOKIE_MAX		64	/* RFC 7296, 2.6 */
#define IKE_ID_MAX		255	/* identity octets we keep */
#define IKE_UNIQUE_MAX		640	/* of its canonical form: a name in another encoding */
#define IKE_HANDLE_MAX		176	/* what the helper wants to be told of a credential again */
#define IKE_AUTH_MAX		1152	/* authentication data octets: RSA with 8192 bits */
#define IKE_KE_MAX		1024	/* key exchange value octets */
#define IKE_KEX_SEED_LEN	80	/* private seed of a group that the helper computes */
#define IKE_CERTS_MAX		16	/* CERT payloads looked at in one message */
#define IKE_CERTS_OUT_MAX	8	/* CERT payloads we send */
#define IKE_CERTREQ_MAX		64	/* authorities that our CERTREQ payload names */
#define IKE_CERTREQ_KEPT	256	/* authorities that a responder names, which we keep */
#define IKE_CHILD_KEY_MAX	128	/* octets of KEYMAT for one direction */
#define IKE_CFG_DNS_MAX		8	/* DNS servers of a configuration; further ones are left out */
#define IKE_CFG_SUBNETS_MAX	16	/* subnets, the same */
#define IKE_CFG_DOMAINS_LEN	1024	/* octets of all split-DNS domains, the same */
#define IKE_CFG_DOMAIN_MAX	253	/* octets of one, RFC 1035 */

/* Fragments (RFC 7383); together they have at most IKE_MSG_MAX octets of text */
#define IKE_FRAGMENTS_MAX	64	/* of one message, accepted or made */
#define IKE_FRAGMENT_MS		30000	/* a message is whole by then, or forgotten */
#define IKE_FRAGMENT_SIZE	1280	/* octets of an IP packet, unless the peer object says */
#define IKE_FRAGMENT_SIZE_MIN	576	/* the least it may say; tried when nothing larger works */
#define IKE_FRAGMENT_TRIES	2	/* retransmissions before smaller pieces are tried */

/* Tickets (RFC 5723) */
#define IKE_TICKET_MAX		2048	/* octets of ours */
#define IKE_TICKET_KEPT_MAX	4096	/* octets of a responder's that we keep */
#define IKE_TICKET_MS		86400000U /* one is good for a day at most */
#define IKE_TICKET_AGAIN_MS	300000	/* between two that an IKE SA is given */
#define IKE_TICKET_ASK_MS	60000	/* another one is asked for no sooner, however short the
					 * life of the first
					 */
#define IKE_RESUME_TRIES	2	/* retransmissions before a full exchange is tried */

/* Version 1 */
#define V1_PAD_CLEAR_MAX	3	/* octets behind the last payload of a message in the clear */
#define V1_NONCE_MIN		8	/* RFC 2409, 5 */
#define V1_NONCE_LEN		20	/* of ours, where we begin a Quick Mode */
#define V1_HASH_MIN		16	/* octets of a hash: MD5 ... */
#define V1_HASH_MAX		64	/* ... to SHA-512 */
#define V1_TRANSFORMS_MAX	256	/* transforms of one SA payload, in all proposals */
#define V1_ATTRS_MAX		24	/* attributes of one transform */
#define V1_KEY_MAX		32	/* octets of the key of an ISAKMP SA's cipher */
#define V1_BLOCK_MAX		16	/* octets of its block */
#define V1_METHODS_MAX		8	/* ways to authenticate that are offered */
#define V1_USER_MAX		127	/* octets of a name of XAUTH */
#define V1_ATTRIBUTES_MAX	4096	/* octets of the attributes of XAUTH that go to the helper, or come */
#define V1_EARLY_MAX		4	/* messages of phase 2 that wait for the end of phase 1 */
#define V1_EARLY_LEN		4096	/* octets of one of these */
#define V1_EXCHANGES_MAX	64	/* exchanges of phase 2 of one ISAKMP SA, with those that
					 * are over and only answer repeats
					 */
#define V1_GROUPS_MAX		4	/* private groups of one ISAKMP SA */
#define V1_QUICKS		1	/* Quick Modes of ours at once by default: strongSwan knows the IVs
					 * of three exchanges, of those that are over and of Deletes, too
					 */
#define V1_QUICKS_MAX		16	/* and at most */
#define V1_WAIT_MAX		8	/* Quick Modes of one ISAKMP SA that wait for the helper ... */
#define V1_WAIT_LEN		8192	/* ... and octets of the message of one */
#define V1_IDS_MAX		4096	/* message IDs of the peer remembered of one ISAKMP SA */
#define V1_IDS_RENEW		(V1_IDS_MAX / 4 * 3) /* another one is set up from here on */
#define V1_EXCHANGE_MS		60000	/* an exchange of phase 2 is over by then */
#define V1_KEEP_MS		120000	/* the last message of an exchange is repeated so long */
#define V1_CERTS_KEPT		2048	/* octets of CERT and CERTREQ payloads of an earlier message */
#define V1_HASHED_MAX		(IKE_MSG_MAX + 2 * IKE_KE_MAX) /* octets that HASH covers, but
					 * for the identity
					 */
#define V1_UNSHOWN_LIVES	2	/* lives of a half-open SA that somebody who has shown nothing yet
					 * (hybrid authentication) has for XAUTH
					 */
#define V1_COMMIT_MS		10000	/* CONNECTED is waited for */
#define V1_LIFE_LEAST_S		10	/* what a peer may make of a lifetime, in seconds ... */
#define V1_LIFE_LEAST_KB	256	/* ... and in kilobytes; less only where policy says less */
#define V1_AGAIN_MS		1000	/* after a phase 1 that came to nothing; doubled by the next ... */
#define V1_AGAIN_MAX_MS		64000	/* ... up to this */

/* IKE SAs */
#define IKE_INBOX_MAX		8	/* messages waiting at one SA, or ... */
#define IKE_INBOX_FRAGMENTS	(2 * IKE_MSG_MAX) /* ... IKE_FRAGMENTS_MAX with so many octets */
#define IKE_WINDOW_MAX		8	/* requests of one end under way at once (RFC 7296, 2.3) */
#define IKE_JUNK_MAX		10	/* bad ICVs that end a half-open SA */
#define IKE_COOKIE_TRIES	3	/* COOKIE answers we follow */
#define IKE_CANDIDATES_MAX	64	/* peers tried for one IKE_SA_INIT */
#define IKE_KE_TRIES		2	/* INVALID_KE_PAYLOAD answers we follow */
#define IKE_CHILDREN_MAX	32	/* child SAs of one IKE SA */
#define IKE_INSTANCES_MAX	(3 * IKE_CHILDREN_MAX) /* of these while they are rekeyed */
#define IKE_REKEYS_PER_SECOND	4	/* rekeys that a peer may ask for, of one IKE SA ... */
#define IKE_REKEYS_BURST	64	/* ... and at once */
#define IKE_REDIRECTS_MAX	5	/* RFC 5685, MAX_REDIRECTS: followed in ... */
#define IKE_REDIRECT_PERIOD_MS	300000	/* ... REDIRECT_LOOP_DETECT_PERIOD */
#define IKE_REDIRECT_MS		10000	/* who was redirected has to leave by then */
#define IKE_FOLLOW_MAX		4	/* prefixes of gateways that a peer may redirect us to */
#define IKE_TOKEN_MIN		16	/* RFC 6290, 5: octets of a token */
#define IKE_TOKEN_MAX		128
#define IKE_TOKENS_MAX		4	/* tokens of one message that are looked at (4.5) */
#define IKE_TOKENS_PER_SECOND	10	/* messages with tokens for one IKE SA */
#define IKE_TOKENS_BURST	20	/* and at once */
#define IKE_EPOCHS_MAX		16	/* of one IKE SA, with those that only answer repeats */
#define IKE_SPREAD_MS		60000	/* what all IKE SAs have to do at once is spread over this */
#define IKE_AGAIN_MS		1000	/* from one child that the peer closes to the next */
#define IKE_DELAY_MS		1000	/* after a TEMPORARY_FAILURE; doubled by the next ... */
#define IKE_DELAY_MAX_MS	60000	/* ... up to this ... */
#define IKE_DELAYS_MAX		9	/* ... until the IKE SA is renewed */
#define IKE_GONE_MAX		4	/* children deleted before we heard of them */
#define IKE_TS_PREFIXES_MAX	64	/* policies that one selector may need */
#define IKE_REPEAT_BURST	8	/* stored responses, then ... */
#define IKE_REPEAT_PER_SECOND	4	/* ... so many a second per SA */
#define IKE_RESPONSE_MS		300000	/* a response is repeated so long (RFC 7296, 2.1) */
#define IKE_MSGID_MAX		0x7fffffffU /* message IDs of one epoch: it ends long before 2^32 */
#define IKE_MSGID_REKEY		(IKE_MSGID_MAX / 2) /* it is rekeyed from here on */
#define IKE_LINGER_MS		30000	/* a deleted SA still answers repeats */
#define IKE_3DES_BYTES		(1ULL << 30) /* a child of 3DES carries no more: of 2^27 blocks of 64
					 * bits two are the same once in 2,000 children
					 */
#define IKE_CHILD_LINGER_MS	5000	/* a rekeyed child receives what is under way */
#define IKE_IN_VAIN_AGAIN	2	/* more Deletes of one that the peer may have put in its place */
#define IKE_REKEYED_MS		60000	/* what the peer does not delete by then, we do */
#define IKE_HALF_OPEN_MIN_MS	2000	/* life of a half-open SA when there are too many */
#define IKE_CROSS_MS		10000	/* the loser of two crossing SAs goes by then, and so does
					 * one whose peer has authenticated anew
					 */
#define IKE_KEEPALIVE_MS	20000	/* RFC 3948, 4: behind a NAT */
#define IKE_HINT_MS		10000	/* between two hints that are followed */
#define IKE_PROBE_MS		5000	/* between two probes of a new address */
#define IKE_PATH_TRIES		2	/* retransmissions before another path is tried (RFC 4555) */
#define IKE_MOVES_MAX		4	/* of ours since the peer was heard, that begin its tries anew */
#define IKE_PROBE_TRIES		2	/* ... before a return routability check goes elsewhere, too */
#define IKE_HURRY_PER_SECOND	1	/* times that what is out goes there at once, */
#define IKE_HURRY_BURST		8	/* ... and that often in a row */
#define IKE_MOVES_PER_SECOND	1	/* times that the children of an IKE SA follow the peer's word, */
#define IKE_MOVES_BURST		8	/* ... and that often in a row */
#define IKE_PATIENT_MS		300000	/* a responder with MOBIKE waits for an answer (3.11) ... */
#define IKE_PATIENT_TRIES	2	/* ... with so many more retransmissions */
#define IKE_ADDRESSES_MAX	8	/* of a peer, that are kept */
#define IKE_COOKIE2_LEN		16	/* octets of a return routability check */
#define IKE_ROAM_MAX		4	/* prefixes that a peer may roam in */
#define IKE_REAUTH_MS		300000	/* before the end of an authentication, at most */
#define IKE_LIFETIME_LEAST_MS	5000	/* that a responder's AUTH_LIFETIME may give an IKE SA */
#define IKE_HOLD_MS		1000	/* an initiator has its child by then */
#define IKE_ASK_AGAIN_MS	1000	/* a helper that had too much to do */
#define IKE_CHANGED_MS	300000	/* what authenticated by objects that are others now ends by then */
#define IKE_ESTABLISH_MS	60000	/* an attempt to set up ends by then */

/* Names and objects */
#define ISAKMP_NAME_MAX		63	/* octets of an object's name */
#define ISAKMP_PATH_LEN_MAX	255	/* octets of a credential's path */
#define ISAKMP_SUITES_MAX	16	/* suites in one proposal object */
#define ISAKMP_CHILDREN_MAX	16	/* children of one peer */
#define ISAKMP_AUTHS_MAX	8	/* auth objects of one peer */
#define ISAKMP_CRED_IDS_MAX	8	/* identities of one credential */
#define ISAKMP_AUTH_CAS_MAX	8	/* authorities of one auth object */
#define ISAKMP_POOL_RANGES_MAX	8	/* address ranges of a pool */
#define ISAKMP_PEER_POOLS_MAX	4	/* pools of one peer */
#define ISAKMP_PEER_SAS		1024	/* IKE SAs of one peer object, unless it says */
#define ISAKMP_OBJECTS_MAX	1000000	/* objects of one configuration */
#define ISAKMP_TXNS_MAX		8	/* open transactions of a namespace */

/* Upcalls, per network namespace */
#define ISAKMP_UPCALLS_MAX	4096	/* pending, all classes */
#define ISAKMP_UPCALLS_STRANGER	1024	/* of which from strangers */
#define ISAKMP_UPCALLS_PREFIX	64	/* of which from one source prefix */
#define ISAKMP_UPCALLS_PEER	64	/* of which about IKE SAs of one peer object */
#define ISAKMP_UPCALL_MS	20000	/* deadline of an authentication */
#define ISAKMP_CRED_WAITING_MAX 64	/* questions that wait for one credential's files */
#define ISAKMP_HELPERS_MAX	16	/* registered helper sockets */
#define ISAKMP_PUBLISH_KE_MAX	8	/* groups that a helper publishes */
#define ISAKMP_WATCHERS_MAX	8	/* sockets that watch the keys of IKE SAs */
#define ISAKMP_PAIRS_MAX	(IKE_TS_MAX * IKE_TS_MAX) /* policies of a child */
#define ISAKMP_ACQUIRES_MAX	256	/* acquires waiting for a worker */

/* Tickets, per network namespace */
#define ISAKMP_TICKET_KEYS_MAX	4	/* keys of tickets; the first one makes new ones */
#define ISAKMP_TICKETS_KEPT	131072	/* tickets that we have of responders */
#define ISAKMP_TICKETS_SPENT	1048576	/* used ones of ours that are remembered */
#define ISAKMP_REVOCATIONS_MAX	256	/* credentials and identities, for tickets that stand on
					 * them; beyond that all tickets are revoked
					 */

/* Gate */
#define ISAKMP_COOKIE_ROTATE_MS	120000	/* life of a cookie secret */
#define ISAKMP_PREFIX_BUCKETS	4096	/* token buckets for first messages */
#define ISAKMP_PREFIX_PART	16	/* of a table of half-open SAs more than half full, one
					 * prefix has at most the 16th part
					 */
#define ISAKMP_V1_PART		4	/* when cookies are asked for, version 1, which has none,
					 * has at most the 4th part of half-open SAs
					 */
#define ISAKMP_ERRORS_RATE	20	/* error answers outside of an SA, per second */
#define ISAKMP_ERRORS_BURST	40	/* and at once */
#define ISAKMP_TOKEN_LEN	16	/* octets of our tokens */
#define ISAKMP_TOKENS_RATE	1000	/* tokens of crash detection sent, per second */
#define ISAKMP_TOKENS_BURST	1000	/* and at once */

/* Namespace */
#define ISAKMP_QUEUED_MAX	(32L << 20) /* octets of messages waiting for a worker */
#define ISAKMP_FRAGMENTS_MAX	(16L << 20) /* octets of messages that are not whole yet; half
					     * of it for responders' half-open SAs
					     */
#define ISAKMP_LISTENS_MAX	256	/* listen objects */
#define ISAKMP_ROAM_MS		100	/* changes of addresses and routes that are one */
#define ISAKMP_ROAM_PER_SECOND	10000	/* IKE SAs that are told of them, ... */
#define ISAKMP_ROAM_MOST_MS	10000	/* ... but never later than that */

#endif /* _ISAKMP_LIMITS_H */
