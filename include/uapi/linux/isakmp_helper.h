/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/*
 * The generic netlink family "isakmp": the kernel's questions to the helper, and what the
 * helper says to them.  Part of isakmp.h, which has the conventions.
 *
 *	HELPER_REGISTER	this socket wants UPCALL_READY (group "upcall", which
 *			it has joined before)
 *	UPCALL_READY	notification without content: come and get what waits
 *	UPCALL_ACCEPT	-> reply with ISAKMP_A_UPCALL, or -EAGAIN: none waits.
 *			One READY stands for all questions until then.  A reply
 *			may be 64 KiB long.  -ENOBUFS: the socket was full, the
 *			question waits again
 *	UPCALL_DONE	ISAKMP_A_VERDICT, from the socket that accepted; exactly
 *			one per question counts (-ENOENT: answered, timed out
 *			or cancelled already).  -EINVAL: the answer does not fit
 *			the question, which is refused as helper-error.
 *			-ESTALE: GEN is not the peer's; the question waits
 *			again, the second time it is refused as stale.  A peer
 *			for other addresses: -EINVAL, and no-identity.
 *			-EADDRINUSE: another IKE SA has the inner address; the
 *			question is still the helper's, who answers once more
 *	HELPER_PUBLISH	what IKE_SA_INIT answers need without a question, and the keys
 *			of tickets; replaces what was published; stays when the helper
 *			goes
 * When a registered socket closes, the questions it had accepted wait again.
 */
#ifndef _UAPI_LINUX_ISAKMP_HELPER_H
#define _UAPI_LINUX_ISAKMP_HELPER_H

enum isakmp_upcall_kind {
	ISAKMP_UPCALL_I_AUTH = 1, /* make our AUTH, we are the initiator */
	ISAKMP_UPCALL_R_AUTH,	/* check the peer's AUTH, choose the peer, make ours */
	ISAKMP_UPCALL_I_VERIFY,	/* check the responder's AUTH */
	ISAKMP_UPCALL_KEX,	/* compute a key exchange */
	ISAKMP_UPCALL_V1_BEGIN,	/* version 1: who are we, how do we authenticate? */
	ISAKMP_UPCALL_V1_SKEYID, /* PSK: SKEYID */
	ISAKMP_UPCALL_V1_ENCRYPT, /* RSA encryption: our nonce and identity for the peer */
	ISAKMP_UPCALL_V1_DECRYPT, /* the same: the peer's for us */
	ISAKMP_UPCALL_V1_XAUTH,	/* the next step of XAUTH */
	ISAKMP_UPCALL_V1_CONFIG, /* inner addresses for the peer */
};

/*
 * upcall: a question.  What a kind carries:
 *	i-auth		PEER GEN PRF MSG_I NR SK_PI [CERTREQ] [HASHES]
 *	r-auth		(PEER GEN)* [MORE] PRF MSG_I MSG_R NI NR SK_PI SK_PR ID_I
 *			[ID_R] AUTH_METHOD AUTH [CERT*] [CERTREQ*] [HASHES] [ADDR*]
 *	i-verify	PEER GEN PRF MSG_R NI SK_PR ID_I ID_R AUTH_METHOD AUTH
 *			[CERT*]
 *	kex		GROUP SEED [PEER_KE]
 * of version 1 (VERSION is 1), where SK_PI is SKEYID, MSG_I and MSG_R are what HASH_I and
 * HASH_R (RFC 2409, 5) cover before the identity, INITIATOR says that we have begun, and PEER
 * is one once the peer is known:
 *	i-auth		PEER GEN PRF METHOD INITIATOR MSG_I SK_PI [ID_I: what we have said
 *			already] [CERTREQ*]	signatures alone; without INITIATOR (exchange
 *			auth-only) MSG_I is what HASH_R covers
 *	r-auth		(PEER GEN)* [MORE] PRF METHOD [AGGRESSIVE] MSG_I MSG_R SK_PI ID_I
 *			[ID_R: what we have said already] [AUTH: of a peer that signs; with
 *			PROOF_LATER i-verify has it] [CERT*] [CERTREQ*]
 *			By secret PEER is one; in Main Mode the first is whose secret was
 *			used, and who is named in the answer has the same one.
 *			The kernel has checked the HASH of a peer that does not sign
 *	i-verify	PEER GEN PRF METHOD [INITIATOR] [AGGRESSIVE] MSG_R (of an initiator:
 *			MSG_I) SK_PI ID_I ID_R [AUTH: of a peer that signs] [CERT*]
 *	kex		as in version 2
 *	v1-begin	PEER GEN INITIATOR
 *	v1-skeyid	(PEER GEN)* [MORE] PRF METHOD [INITIATOR] [AGGRESSIVE] NI NR [ID_I,
 *			ID_R: of the peer, when it came in the clear]
 *	v1-encrypt	(PEER GEN)* [MORE] PRF METHOD [INITIATOR] SECRET: our nonce; not
 *			revised, INITIATOR: SECRET_ID, the body of our ID payload; else ID_I,
 *			the peer's, maybe none that can be read [CERT*]
 *	v1-decrypt	(PEER GEN)* [MORE] PRF METHOD [INITIATOR] SECRET: the peer's nonce;
 *			not revised: SECRET_ID, the body of its ID payload; [AUTH: HASH(1),
 *			of the certificate whose key is meant]
 *	v1-xauth	PEER GEN PRF METHOD [INITIATOR: XAUTH asks us] ID_I ID_R
 *			[ATTRIBUTES_TYPE ATTRIBUTES: what the peer has said]
 *	v1-config	PEER GEN PRF METHOD [INITIATOR] ID_I ID_R [UNIQUE: as a verdict had it]
 *			ADDR*
 * and all: ID KIND SA LOCAL REMOTE DEADLINE, and EXCHANGE, while phase 1 is under way, but for kex.
 * (PEER GEN)*: the candidates that speak the version, whose addresses match and whose
 * proposals allow what was negotiated, most specific first, each followed by its generation.
 * MORE: there are others; the helper may choose any peer, the kernel checks
 * that addresses and suite fit.  SEED is the private key: the same seed gives the
 * same key.
 */
enum isakmp_upcall_attr {
	ISAKMP_UPCALL_ID = 1,	/* u64 */
	ISAKMP_UPCALL_KIND,	/* u8: enum isakmp_upcall_kind */
	ISAKMP_UPCALL_SA,	/* u64: id of the IKE SA */
	ISAKMP_UPCALL_LOCAL,	/* address */
	ISAKMP_UPCALL_REMOTE,	/* address */
	ISAKMP_UPCALL_DEADLINE,	/* u32: ms that are left */
	ISAKMP_UPCALL_PEER,	/* string, repeated */
	ISAKMP_UPCALL_GEN,	/* u32: generation of the PEER before it */
	ISAKMP_UPCALL_PRF,	/* u16: PRF transform ID */
	ISAKMP_UPCALL_MSG_I,	/* IKE_SA_INIT request, real octets; version 1: see above */
	ISAKMP_UPCALL_MSG_R,	/* IKE_SA_INIT response */
	ISAKMP_UPCALL_NI,	/* nonce data */
	ISAKMP_UPCALL_NR,
	ISAKMP_UPCALL_SK_PI,
	ISAKMP_UPCALL_SK_PR,
	ISAKMP_UPCALL_ID_I,	/* body of the payload */
	ISAKMP_UPCALL_ID_R,	/* body of the payload */
	ISAKMP_UPCALL_AUTH_METHOD, /* u8: RFC 7296, 3.8 */
	ISAKMP_UPCALL_AUTH,	/* authentication data */
	ISAKMP_UPCALL_PAD,
	ISAKMP_UPCALL_MORE,	/* flag: more candidates than are listed */
	ISAKMP_UPCALL_CERT,	/* body of a CERT payload, repeated */
	ISAKMP_UPCALL_CERTREQ,	/* body of a CERTREQ payload, repeated */
	ISAKMP_UPCALL_HASHES,	/* u32: bit n: hash algorithm n (RFC 7427) */
	ISAKMP_UPCALL_GROUP,	/* u16: KE transform ID */
	ISAKMP_UPCALL_SEED,	/* octets */
	ISAKMP_UPCALL_PEER_KE,	/* public value of the peer */
	ISAKMP_UPCALL_ADDR,	/* address, repeated, one of each family: an inner one
				 * is asked for, this one; all zeros: any */
	ISAKMP_UPCALL_VERSION,	/* u8: 1; absent: 2 */
	ISAKMP_UPCALL_METHOD,	/* u16: version 1: as negotiated (RFC 2409, appendix A) */
	ISAKMP_UPCALL_INITIATOR, /* flag: we are */
	ISAKMP_UPCALL_AGGRESSIVE, /* flag: the identity came in the clear */
	ISAKMP_UPCALL_ATTRIBUTES_TYPE, /* u8: type of the Attributes payload */
	ISAKMP_UPCALL_ATTRIBUTES, /* its data attributes */
	ISAKMP_UPCALL_SECRET,	/* RSA encryption: the nonce, in the clear or encrypted */
	ISAKMP_UPCALL_SECRET_ID, /* the same of the identity */
	ISAKMP_UPCALL_UNIQUE,	/* the peer's identity, canonical, as a verdict had it */
	ISAKMP_UPCALL_PROOF_LATER, /* flag: what the peer proves itself by comes later */
	ISAKMP_UPCALL_EXCHANGE,	/* u8: version 1: of phase 1, as RFC 2408 numbers them; a
				 * responder's peer accepts it (ISAKMP_PEER_V1_ACCEPT)
				 */

	__ISAKMP_UPCALL_MAX,
};

#define ISAKMP_UPCALL_MAX (__ISAKMP_UPCALL_MAX - 1)

/*
 * verdict: the answer.
 *	REASON 0 accepts:
 *	i-auth		LOCAL_ID AUTH_METHOD AUTH [REMOTE_ID: the IDr to ask for]
 *			[CERT*] [CERTREQ] [LOCAL_CRED]
 *	r-auth		PEER GEN LOCAL_ID AUTH_METHOD AUTH [CERT*] [CHILD*: those
 *			allowed; none given: all of the peer's] [LOCAL_CRED]
 *			[UNIQUE] [REMOTE_CRED] [HANDLE] [AUTH_LEFT_S] [ADDR*, of families
 *			that are asked for, with DNS* SUBNET* DOMAIN*; or NO_ADDR:
 *			there should be one, and there is none left]
 *	i-verify	[UNIQUE] [REMOTE_CRED] [HANDLE] [AUTH_LEFT_S]
 *	kex		PUB, and with PEER_KE: SHARED
 * of version 1:
 *	i-auth		LOCAL_ID AUTH [CERT*] [LOCAL_CRED]
 *	r-auth		PEER GEN [LOCAL_ID] [CHILD*] [LOCAL_CRED] [UNIQUE] [REMOTE_CRED]
 *			[HANDLE] [AUTH_LEFT_S], and with a METHOD by which we sign: LOCAL_ID
 *			AUTH [CERT*]
 *	i-verify, kex	as in version 2
 *	v1-begin	METHOD* LOCAL_ID [CERTREQ*]
 *	v1-skeyid	SKEYID LOCAL_ID [LOCAL_CRED], and when several could be meant: PEER
 *			GEN, whose secret it is
 *	v1-encrypt	SECRET: encrypted; not revised: SECRET_ID, too, of our identity;
 *			revised: [CERT*]; without INITIATOR: LOCAL_ID; when several could be
 *			meant: PEER GEN
 *	v1-decrypt	SECRET, as it was before it was encrypted, or random octets when it
 *			was not encrypted for us (nobody is to learn that); not revised:
 *			SECRET_ID; [LOCAL_CRED]
 *	v1-xauth	[ATTRIBUTES_TYPE ATTRIBUTES: to be said, [MORE: and then there is
 *			another question]] or at the end [USER] [UNIQUE] [REMOTE_CRED
 *			[HANDLE]]; what is not said stays as it was
 *	v1-config	[UNIQUE], and as r-auth of version 2 has them: ADDR* DNS* SUBNET*
 *			DOMAIN* or NO_ADDR
 *	REASON auth-failed, no-secret, no-identity, helper-error, auth-method,
 *	auth-hash, cert-untrusted, cert-expired, cert-identity, cert-revoked, crl-expired,
 *	cred-busy, ke-value (kex): refuses.
 *
 * What an acceptance stands on stays with the IKE SA:
 *	UNIQUE		the peer's identity, canonical: type, then value, the same
 *			octets for all spellings of one identity.  Absent: it is as
 *			in its ID payload
 *	LOCAL_CRED	cred that our AUTH was made with
 *	REMOTE_CRED	cred that the peer is believed for: its secret, its key, or the
 *			authorities at the end of its chain
 *	HANDLE		what the helper wants to be shown with the SA, to check it again
 *	AUTH_LEFT_S	then the peer has to authenticate anew.  Absent: never.  The
 *			REAUTH_S of the peer counts, too, and the earlier one ends it
 */
enum isakmp_verdict_attr {
	ISAKMP_VERDICT_ID = 1,	/* u64: of the upcall */
	ISAKMP_VERDICT_REASON,	/* u16: enum isakmp_reason; 0 accepts */
	ISAKMP_VERDICT_PEER,	/* string */
	ISAKMP_VERDICT_GEN,	/* u32: generation the helper decided on */
	ISAKMP_VERDICT_CHILD,	/* string, repeated */
	ISAKMP_VERDICT_LOCAL_ID, /* body of our ID payload */
	ISAKMP_VERDICT_REMOTE_ID, /* body of an ID payload */
	ISAKMP_VERDICT_AUTH_METHOD, /* u8 */
	ISAKMP_VERDICT_AUTH,	/* authentication data */
	ISAKMP_VERDICT_PAD,
	ISAKMP_VERDICT_CERT,	/* body of a CERT payload of ours, repeated, in order */
	ISAKMP_VERDICT_CERTREQ,	/* body of our CERTREQ payload; version 1: repeated */
	ISAKMP_VERDICT_PUB,	/* our public value */
	ISAKMP_VERDICT_SHARED,	/* g^ir */
	ISAKMP_VERDICT_UNIQUE,	/* octets, at most 640 */
	ISAKMP_VERDICT_LOCAL_CRED, /* string */
	ISAKMP_VERDICT_REMOTE_CRED, /* string */
	ISAKMP_VERDICT_HANDLE,	/* octets, at most 176 */
	ISAKMP_VERDICT_AUTH_LEFT_S, /* u32: seconds from now, at least 1 */
	ISAKMP_VERDICT_ADDR,	/* address, repeated, one of each family: inner */
	ISAKMP_VERDICT_DNS,	/* address, repeated */
	ISAKMP_VERDICT_SUBNET,	/* nest, repeated: enum isakmp_range_attr */
	ISAKMP_VERDICT_DOMAIN,	/* string, repeated */
	ISAKMP_VERDICT_NO_ADDR,	/* flag */
	ISAKMP_VERDICT_METHOD,	/* u16, repeated: version 1: in order of preference */
	ISAKMP_VERDICT_SKEYID,	/* octets, as many as the PRF gives */
	ISAKMP_VERDICT_SECRET,	/* octets: the nonce, encrypted or in the clear */
	ISAKMP_VERDICT_SECRET_ID, /* octets: the identity, the same */
	ISAKMP_VERDICT_ATTRIBUTES_TYPE, /* u8: type of the Attributes payload */
	ISAKMP_VERDICT_ATTRIBUTES, /* its data attributes, at most 4096 octets */
	ISAKMP_VERDICT_MORE,	/* flag: the peer's answer is asked about */
	ISAKMP_VERDICT_USER,	/* string, at most 127 octets: whom XAUTH found the peer to
				 * be, for people
				 */

	__ISAKMP_VERDICT_MAX,
};

#define ISAKMP_VERDICT_MAX (__ISAKMP_VERDICT_MAX - 1)

/* publish: what the helper lets the kernel say in IKE_SA_INIT, and do without it. */
enum isakmp_publish_attr {
	ISAKMP_PUBLISH_CERTREQ = 1, /* body of a CERTREQ payload: our authorities */
	ISAKMP_PUBLISH_KE,	/* u16, repeated: groups this helper computes */
	ISAKMP_PUBLISH_TICKET_KEY, /* octets, repeated: ID (8), then a secret (32): keys
				 * of tickets (RFC 5723); the first one is for new
				 * tickets.  Never shown */
	ISAKMP_PUBLISH_QCD_SECRET, /* 32 octets that outlive a reboot: what the tokens of
				    * quick crash detection are made from (RFC 6290);
				    * never shown
				    */

	__ISAKMP_PUBLISH_MAX,
};

#define ISAKMP_PUBLISH_MAX (__ISAKMP_PUBLISH_MAX - 1)
#define ISAKMP_TICKET_KEY_LEN 40	/* octets of PUBLISH_TICKET_KEY */

#endif /* _UAPI_LINUX_ISAKMP_HELPER_H */
