/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause */
/*
 * Why a message, a request or an SA was refused.
 *
 * One line per reason: the enumerator, its name (counter in
 * /proc/net/isakmp_stat, `isakmp stat`, tracepoint, event) and the sentence a
 * person reads.  A name never changes its meaning; new ones go to the end of
 * their group.  Every reason is triggered by a test (`make test` checks).
 */
#ifndef _ISAKMP_REASON_H
#define _ISAKMP_REASON_H

#define ISAKMP_REASONS(R)						       \
	/* The datagram and its header (gate/) */			       \
	R(SHORT, "short", "the datagram is shorter than an IKE header")	       \
	R(LENGTH, "length", "the header's length is not the datagram's")       \
	R(OVERSIZE, "oversize", "the message is longer than the limit")	       \
	R(VERSION, "version", "the major version is not one spoken here")      \
	R(EXCHANGE, "exchange", "the exchange type is not known")	       \
	R(SPI, "spi", "the SPIs of the header do not fit the exchange")	       \
	R(FIRST_ID, "first-id", "IKE_SA_INIT with a message ID other than 0")  \
	R(REFLECTED, "reflected", "our own message came back to us")	       \
	R(NOT_LISTENING, "not-listening", "no listen object covers the address asked") \
	R(NO_SA, "no-sa", "no IKE SA has this SPI")			       \
	R(NO_PEER, "no-peer", "no peer object matches the address pair")       \
	R(PREFIX_LIMIT, "prefix-limit", "too many first messages from this source prefix") \
	R(HALF_OPEN_LIMIT, "half-open-limit", "too many half-open IKE SAs")    \
	R(COOKIE_SENT, "cookie-sent", "under load: a cookie was asked for")    \
	R(COOKIE_BAD, "cookie-bad", "the cookie returned is not one of ours")  \
	R(REPEATED_OFTEN, "repeated-often", "the stored response was already repeated often enough") \
	R(INBOX_FULL, "inbox-full", "the IKE SA has too much work waiting")    \
	R(DYING, "dying", "the IKE SA or its namespace is going away")	       \
	R(NO_MEMORY, "no-memory", "memory ran out")			       \
	R(SA_LIMIT, "sa-limit", "this namespace has as many IKE SAs as it may") \
	R(EVICTED, "evicted", "a half-open IKE SA gave way to one with a proven address") \
	R(ANSWER_LIMIT, "answer-limit", "too many strangers were asked for a cookie already") \
	/* Payloads (wire/) */						       \
	R(PAYLOAD_SHORT, "payload-short", "a payload is shorter than its header") \
	R(PAYLOAD_LENGTH, "payload-length", "a payload runs past its message") \
	R(PAYLOAD_MANY, "payload-many", "more payloads than the limit")	       \
	R(PAYLOAD_TRAILING, "payload-trailing", "octets follow the last payload") \
	R(PAYLOAD_CRITICAL, "payload-critical", "an unknown payload is marked critical") \
	R(BAD_SA, "bad-sa", "a Security Association payload is malformed")     \
	R(BAD_KE, "bad-ke", "a Key Exchange payload is malformed")	       \
	R(BAD_NONCE, "bad-nonce", "a nonce is shorter or longer than allowed") \
	R(BAD_ID, "bad-id", "an Identification payload is malformed")	       \
	R(BAD_AUTH, "bad-auth", "an Authentication payload is malformed")      \
	R(BAD_CERT, "bad-cert", "a Certificate or Certificate Request payload is malformed") \
	R(BAD_NOTIFY, "bad-notify", "a Notify payload is malformed")	       \
	R(BAD_DELETE, "bad-delete", "a Delete payload is malformed")	       \
	R(BAD_TS, "bad-ts", "a Traffic Selector payload is malformed")	       \
	R(BAD_CP, "bad-cp", "a Configuration payload is malformed")	       \
	R(BAD_EAP, "bad-eap", "an EAP payload is malformed")		       \
	R(BAD_SK, "bad-sk", "an Encrypted payload is malformed")	       \
	R(BAD_SKF, "bad-skf", "an Encrypted Fragment payload is malformed")    \
	/* The law of exchanges (ike/) */				       \
	R(NO_LAW, "no-law", "this exchange is not allowed in this state")      \
	R(MISSING, "missing", "a required payload is missing")		       \
	R(UNEXPECTED, "unexpected", "a payload does not belong in this message") \
	R(REPEATED, "repeated", "a payload may appear only once")	       \
	R(ICV, "icv", "the integrity check failed")			       \
	R(JUNK_LIMIT, "junk-limit", "too many messages with a bad integrity check on a half-open IKE SA") \
	R(OLD_ID, "old-id", "the message ID was answered long ago")	       \
	R(AHEAD_ID, "ahead-id", "the message ID is ahead of the window")       \
	R(UNASKED, "unasked", "a response to no request of ours")	       \
	R(FORGEABLE, "forgeable", "an unprotected error answer was noted, not believed") \
	R(COOKIE_LIMIT, "cookie-limit", "the responder asked for a cookie too often") \
	R(KE_RETRY, "ke-retry", "the responder asked for a group that was not offered, or too often") \
	R(FRAGMENT_UNAGREED, "fragment-unagreed", "a fragment came, but fragmentation was not agreed on") \
	R(FRAGMENT_REPEATED, "fragment-repeated", "a fragment of this number is there already") \
	R(FRAGMENT_OLD, "fragment-old", "the message has come in more fragments since then") \
	R(FRAGMENT_LIMIT, "fragment-limit", "a message has more fragments, or octets, than the limit") \
	R(FRAGMENT_ROOM, "fragment-room", "too many octets of unfinished messages wait") \
	R(FRAGMENT_TIMEOUT, "fragment-timeout", "not all fragments of a message came in time") \
	R(FRAGMENT_ANSWERED, "fragment-answered", "a further fragment of a request that is answered") \
	/* Negotiation */						       \
	R(NO_PROPOSAL, "no-proposal", "no proposal of the peer is acceptable") \
	R(BAD_CHOICE, "bad-choice", "the responder chose what was not offered") \
	R(KE_GROUP, "ke-group", "the key exchange is for another group than the one chosen") \
	R(KE_VALUE, "ke-value", "the key exchange value is not a valid one")   \
	R(TS, "ts", "no traffic selector is acceptable")		       \
	R(SUITE_REFUSED, "suite-refused", "the peer object does not allow the suite that was negotiated") \
	R(NO_CHILD, "no-child", "the peer object has no such child")	       \
	R(NO_ADDITIONAL_SAS, "no-additional-sas", "the IKE SA has as many child SAs as it may") \
	R(REKEY_UNKNOWN, "rekey-unknown", "the SA to be rekeyed is not there") \
	R(REKEY_BUSY, "rekey-busy", "a rekey met another exchange about the same SA") \
	R(REKEY_LIMIT, "rekey-limit", "the peer rekeys too often")	       \
	R(MODE, "mode", "the child has the other mode: tunnel or transport") \
	R(SINGLE_PAIR, "single-pair", "the child takes a single pair of addresses") \
	R(TS_PREFIXES, "ts-prefixes", "an address range needs more policies than the limit") \
	R(PEER_ERROR, "peer-error", "the peer answered with an error")	       \
	R(AH_NAT, "ah-nat", "AH does not pass a NAT: the child needs ESP")      \
	R(NO_ADDRESS, "no-address", "an inner address is wanted, and there is none") \
	R(ADDRESS_TAKEN, "address-taken", "another IKE SA has this inner address") \
	R(CP_VALUE, "cp-value", "a configuration attribute cannot have this value") \
	R(CP_LIMIT, "cp-limit", "a configuration payload has more than the limit") \
	R(CHILDLESS, "childless", "one end wants IKE_AUTH without a child, the other does not") \
	/* Authentication */						       \
	R(AUTH_FAILED, "auth-failed", "authentication failed")		       \
	R(NO_SECRET, "no-secret", "the helper has no secret for this identity") \
	R(NO_IDENTITY, "no-identity", "no peer object has this identity")      \
	R(HELPER_LOST, "helper-lost", "no helper answered in time")	       \
	R(HELPER_ERROR, "helper-error", "the helper's answer does not fit the question") \
	R(UPCALL_LIMIT, "upcall-limit", "too many questions wait for the helper") \
	R(STALE, "stale", "the peer object changed while the helper decided")  \
	R(AUTH_METHOD, "auth-method", "the peer authenticates by a method that is not allowed") \
	R(AUTH_HASH, "auth-hash", "no signature hash in common, or one that is too weak") \
	R(CERT_UNTRUSTED, "cert-untrusted", "no chain from the certificate to an authority") \
	R(CERT_EXPIRED, "cert-expired", "a certificate is not valid at this time") \
	R(CERT_IDENTITY, "cert-identity", "the certificate is not for this identity") \
	R(CRED_BUSY, "cred-busy", "too many questions wait for this credential") \
	R(PEER_LIMIT, "peer-limit", "the peer object has as many IKE SAs as it may") \
	R(CERT_REVOKED, "cert-revoked", "a certificate was revoked by its authority") \
	R(CRL_EXPIRED, "crl-expired", "the list of revoked certificates is out of date") \
	R(NOT_UNIQUE, "not-unique", "another IKE SA of this identity stands, and is kept") \
	/* Life */							       \
	R(TIMEOUT, "timeout", "the peer did not answer")		       \
	R(HALF_OPEN_TIMEOUT, "half-open-timeout", "the peer did not finish in time") \
	R(CROSSED, "crossed", "both ends started at once: the other IKE SA stays") \
	R(CHILD_LOST, "child-lost", "someone else removed a state of ours")    \
	R(CHILD_EXPIRED, "child-expired", "a child SA reached its hard lifetime") \
	R(XFRM_STATE, "xfrm-state", "the kernel refused an SA")		       \
	R(XFRM_POLICY, "xfrm-policy", "a policy of someone else has the same selector") \
	R(ACQUIRE_LIMIT, "acquire-limit", "too many acquires wait")	       \
	R(SEND, "send", "the message could not be sent")		       \
	R(CRYPTO, "crypto", "a cryptographic operation failed")		       \
	R(NARROWED, "narrowed", "a packet met a trap whose child is up for other traffic only") \
	R(REPLACED, "replaced", "a new IKE SA of the same identity took its place") \
	R(AUTH_EXPIRED, "auth-expired", "the time that the authentication is good for is over") \
	R(REVOKED, "revoked", "its credential or identity was revoked")       \
	R(OFFLOAD, "offload", "no device takes the SA that one is to encrypt") \
	R(CRASHED, "crashed", "the peer has lost the IKE SA, and proved it with its token") \
	R(TOKEN_BAD, "token-bad", "a token that is not the one the peer gave: it proves nothing") \
	R(TOKEN_LIMIT, "token-limit", "too many tokens came for one IKE SA") \
	R(REDIRECTED, "redirected", "the peer is, or was, told to go to another gateway") \
	R(REDIRECT_BAD, "redirect-bad", "a redirect with a wrong nonce, to where we are, or malformed") \
	R(REDIRECT_REFUSED, "redirect-refused", "the peer object does not allow this redirect") \
	R(REDIRECT_NAME, "redirect-name", "a redirect to a name: only addresses are followed") \
	R(REDIRECT_LIMIT, "redirect-limit", "too many redirects in a row") \
	/* Paths */							       \
	R(MOBIKE_UNAGREED, "mobike-unagreed", "addresses were told by a peer that may not do so") \
	R(UPDATE_OLD, "update-old", "the peer has told newer addresses before") \
	R(ROAM, "roam", "the peer object does not allow this address of the peer") \
	R(ADDRESSES_LIMIT, "addresses-limit", "the peer has told more addresses than the limit") \
	R(NAT_FORBIDDEN, "nat-forbidden", "a NAT changed an address where none may be")  \
	R(COOKIE2, "cookie2", "a return routability check was answered with other octets") \
	R(NO_PATH, "no-path", "none of our addresses leads to the peer")       \
	R(PATH_REFUSED, "path-refused", "the peer refuses our new address") \
	R(MOVES_LIMIT, "moves-limit", "the path changes too often: the children follow later") \
	/* Resumption (RFC 5723) */					       \
	R(TICKET_UNKNOWN, "ticket-unknown", "the key of the ticket is not here, or no more") \
	R(TICKET_BAD, "ticket-bad", "a ticket is damaged, or was not made here") \
	R(TICKET_USED, "ticket-used", "the ticket was used, or its IKE SA was rekeyed or deleted") \
	R(TICKET_EXPIRED, "ticket-expired", "the time that the ticket is good for is over") \
	R(TICKET_REVOKED, "ticket-revoked", "what the ticket stands on was revoked") \
	R(TICKET_STALE, "ticket-stale", "the peer object is not what it was when the ticket was given") \
	R(TICKET_LIMIT, "ticket-limit", "too many used tickets are remembered to take another one") \
	R(TICKET_REFUSED, "ticket-refused", "the responder refused the ticket: a full exchange follows") \
	R(TICKET_NONE, "ticket-none", "a ticket was asked for, and none is given") \
	/* Version 1 (gate/, wire/, v1/) */				       \
	R(V1_NO_PEER, "v1-no-peer", "no peer object of these addresses speaks version 1") \
	R(V1_LOAD, "v1-load", "half-open IKE SAs are many, and version 1 has its part of them") \
	R(V1_DOWNGRADE, "v1-downgrade", "version 2 has worked with this peer object") \
	R(V1_MESSAGE_ID, "v1-message-id", "the message ID does not fit the exchange") \
	R(V1_FLAGS, "v1-flags", "the flags do not fit the message")	        \
	R(V1_DOI, "v1-doi", "the domain of interpretation is not that of IPsec") \
	R(V1_SITUATION, "v1-situation", "a situation other than identity only") \
	R(V1_BAD_HASH, "v1-bad-hash", "a Hash or Signature payload has no octets, or too many") \
	R(V1_BAD_NAT, "v1-bad-nat", "a NAT-D or NAT-OA payload is malformed")  \
	R(V1_BAD_FRAGMENT, "v1-bad-fragment", "a Fragment payload is malformed") \
	R(V1_IDS_USED, "v1-ids-used", "the ISAKMP SA has had as many message IDs as it may") \
	R(V1_BUNDLE, "v1-bundle", "ESP, AH or IPComp are wanted together")     \
	R(V1_LIFETIME, "v1-lifetime", "the lifetime that is offered is not allowed") \
	R(V1_QUICK_ID, "v1-quick-id", "a Quick Mode is not for two addresses, subnets or ranges") \
	R(V1_DPD_NUMBER, "v1-dpd-number", "the number of an R-U-THERE, or of its ACK, is another one") \
	R(V1_AUTH_ONLY, "v1-auth-only", "both ends have proved who they are; nothing else was asked for") \
	R(V1_FORGOTTEN, "v1-forgotten", "the peer says that it knows of nothing older (INITIAL-CONTACT)")

/* The enumerators start at 1; ISAKMP_OK means "not refused". */
enum isakmp_reason {
	ISAKMP_OK,
#define R(id, name, text) ISAKMP_R_##id,
	ISAKMP_REASONS(R)
#undef R
	__ISAKMP_R_MAX,
};

#define ISAKMP_R_MAX (__ISAKMP_R_MAX - 1)

#endif /* _ISAKMP_REASON_H */
