/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a datagram goes through before an SA is touched, in the order of price:
 *
 *	isakmp_gate_header()	is this an IKE message for us at all?
 *	  net/: look up the SA; a request that was seen has the digest of
 *	  isakmp_gate_digest().  For a new first message:
 *	isakmp_gate_first()	has it what an IKE_SA_INIT request needs, or one of
 *				IKE_SESSION_RESUME?  Of version 1, a first message of
 *				phase 1: isakmp_gate_v1_first()
 *	isakmp_cookie_check()	under load: does somebody live where it came from?
 *	isakmp_bucket_spend()	has that prefix had enough?  After the cookie, so
 *				that forged sources drain nobody's bucket
 *	isakmp_gate_*_reply()	the only answers there are without an SA
 *
 * Pure (include/isakmp/pure.h), and for softirq: nothing here allocates,
 * sleeps, locks or loops longer than IKE_PAYLOADS_MAX.  State is locked, or
 * owned, by the caller.
 */
#ifndef _ISAKMP_GATE_GATE_H
#define _ISAKMP_GATE_GATE_H

#include <isakmp/limits.h>
#include <isakmp/reason.h>
#include "ike/path.h"
#include "wire/header.h"

/* ---- header.c ------------------------------------------------------------ */

/**
 * isakmp_gate_header() - check the header of a datagram (RFC 7296, 3.1)
 * @p: the datagram, without a non-ESP marker
 * @n: its octets
 * @h: filled unless SHORT is returned
 *
 * Which SA has the SPIs, and whether a foreign SPI is in truth our own
 * (REFLECTED), is for the caller's table to say: the I flag tells which of the
 * two SPIs is ours (the responder's, when it is set).
 *
 * Context: any.
 * Return: OK;
 * SHORT, below 28 octets; LENGTH, the Length field is not @n; OVERSIZE, @n
 * exceeds IKE_MSG_MAX; VERSION, the major version is not 2 (whatever the rest
 * says: isakmp_gate_version_reply() knows whether to answer); EXCHANGE;
 * SPI, an SPI is zero or not zero where it must not be, or the I flag
 * contradicts the exchange; FIRST_ID.  Of major version 1: what
 * isakmp_gate_v1_header() says; @h->major tells which of them was accepted.
 */
enum isakmp_reason isakmp_gate_header(const u8 *p, size_t n, struct isakmp_header *h);

/**
 * isakmp_gate_is_first() - is this a request for a new IKE SA?
 * @h: a header of version 2 that isakmp_gate_header() accepted
 *
 * Context: any.
 */
static inline bool isakmp_gate_is_first(const struct isakmp_header *h)
{
	return isakmp_exchange_is_first(h->exchange) && !(h->flags & IKE_FLAG_RESPONSE);
}

/* ---- v1.c ---------------------------------------------------------------- */

#ifdef ISAKMP_V1

/**
 * isakmp_gate_v1_header() - isakmp_gate_header() for version 1 (RFC 2408, 3.1)
 * @h: the header; its major version is 1, its Length is the datagram's
 *
 * Which of the cookies is ours no flag tells: the caller's table knows.  Bits of @h->flags
 * that RFC 2408 has no name for are not looked at, as in version 2.
 *
 * Context: any.
 * Return: OK;
 * VERSION, the minor version is not 0; EXCHANGE; SPI, a cookie is zero where it must not
 * be: the initiator's anywhere, the responder's but in a first message and in an
 * Informational; V1_MESSAGE_ID, not 0 in phase 1, or 0 in phase 2 (in an Informational, and
 * with a fragment, any will do); V1_FLAGS, encrypted without a responder's cookie.
 */
enum isakmp_reason isakmp_gate_v1_header(const struct isakmp_header *h);

/**
 * isakmp_gate_v1_is_first() - does this begin a new ISAKMP SA of version 1?
 * @h: a header that isakmp_gate_header() accepted
 *
 * Context: any.
 */
bool isakmp_gate_v1_is_first(const struct isakmp_header *h);

/**
 * isakmp_gate_v1_first() - one cheap pass over a first message of version 1
 * @p: the message, as isakmp_gate_header() accepted it
 * @n: its octets
 * @h: its header: isakmp_gate_v1_is_first()
 *
 * Only lengths of payloads, their presence, and the nonce's length are looked at.
 *
 * Context: any.
 * Return: OK; PAYLOAD_SHORT, PAYLOAD_LENGTH, PAYLOAD_MANY, PAYLOAD_TRAILING, as
 * v1_chain_decode() has them, but for V1_PAD_CLEAR_MAX octets of padding; UNEXPECTED,
 * something stands before SA; MISSING, SA or what the exchange needs beside it (Aggressive
 * Mode: KE, Ni, IDii; Base and Authentication Only: Ni) is not there; REPEATED, one of these
 * comes twice; BAD_NONCE.
 */
enum isakmp_reason isakmp_gate_v1_first(const u8 *p, size_t n, const struct isakmp_header *h);

#else

static inline enum isakmp_reason isakmp_gate_v1_header(const struct isakmp_header *h)
{
	return ISAKMP_R_VERSION;
}

static inline bool isakmp_gate_v1_is_first(const struct isakmp_header *h)
{
	return false;
}

static inline enum isakmp_reason isakmp_gate_v1_first(const u8 *p, size_t n,
						      const struct isakmp_header *h)
{
	return ISAKMP_R_VERSION;
}

#endif

/* ---- first.c ------------------------------------------------------------- */

/**
 * struct isakmp_first - what the gate reads in a first message
 * @ni: the initiator's nonce; points into the message
 * @ni_len: IKE_NONCE_MIN to IKE_NONCE_MAX
 * @cookie: data of the COOKIE notify, when that is the first payload, or NULL;
 *	points into the message
 * @cookie_len: 1 to IKE_COOKIE_MAX, or 0
 */
struct isakmp_first {
	const u8 *ni;
	u16 ni_len;
	const u8 *cookie;
	u16 cookie_len;
};

/**
 * isakmp_gate_first() - one cheap pass over an IKE_SA_INIT or IKE_SESSION_RESUME request
 * @p: the message, as isakmp_gate_header() accepted it
 * @n: its octets
 * @h: its header
 * @f: filled when OK is returned
 *
 * Only lengths of payloads, their presence, Ni and a leading Notify are looked
 * at, and of IKE_SESSION_RESUME that there is a ticket; the rest is read once the
 * message may cost something.
 *
 * Context: any.
 * Return: OK; PAYLOAD_SHORT, PAYLOAD_LENGTH, PAYLOAD_MANY, PAYLOAD_TRAILING, as
 * isakmp_chain_decode() has them; MISSING, SA, KE, Ni or the ticket is not there; REPEATED,
 * two Ni; BAD_NONCE; BAD_NOTIFY.
 */
enum isakmp_reason isakmp_gate_first(const u8 *p, size_t n, const struct isakmp_header *h,
				     struct isakmp_first *f);

/**
 * isakmp_gate_digest() - the digest of a whole message, to know it again
 * @key: secret of the namespace, so that nobody can make two messages with one
 *	digest
 * @p: the message
 * @n: its octets
 *
 * Context: any.
 */
u64 isakmp_gate_digest(const u64 key[2], const u8 *p, size_t n);

/* ---- cookie.c ------------------------------------------------------------ */

#define ISAKMP_COOKIE_LEN 17

/**
 * struct isakmp_cookies - the secrets behind our cookies (RFC 7296, 2.6)
 * @secret: three keys of SipHash-2-4 each; the one of @version and the one before
 * @version: number of the current secret, the first octet of its cookies
 * @rotated_at: when that secret was drawn
 *
 * Written by isakmp_cookie_init() and isakmp_cookie_rotate() alone; the others
 * take it const, and may run side by side or on a copy.
 */
struct isakmp_cookies {
	u64 secret[2][6];
	u8 version;
	u64 rotated_at;
};

/**
 * isakmp_cookie_init() - draw both secrets
 * @c: the secrets
 * @now: the time, ms
 *
 * Context: any; the caller owns @c.
 */
void isakmp_cookie_init(struct isakmp_cookies *c, u64 now);

/* Is it time for isakmp_cookie_rotate()?  Context: any. */
static inline bool isakmp_cookie_due(const struct isakmp_cookies *c, u64 now)
{
	return now >= c->rotated_at + ISAKMP_COOKIE_ROTATE_MS;
}

/**
 * isakmp_cookie_rotate() - draw a new secret, if it is time
 * @c: the secrets
 * @now: the time, ms
 *
 * To be called before make and check: they know no time.  The secret before
 * goes on serving once, for ISAKMP_COOKIE_ROTATE_MS; one that nobody rotated
 * away in time goes at once.
 *
 * Context: any.  Must hold whatever keeps others from @c.
 */
void isakmp_cookie_rotate(struct isakmp_cookies *c, u64 now);

/**
 * isakmp_cookie_make() - the cookie that proves an address
 * @c: the secrets
 * @path: how the request came
 * @spi_i: its initiator's SPI
 * @ni: its Ni
 * @ni_len: at most IKE_NONCE_MAX
 * @out: version, then 128 bits of keyed hash over Ni, the remote address and
 *	port, and SPIi
 *
 * Context: any.
 */
void isakmp_cookie_make(const struct isakmp_cookies *c, const struct isakmp_path *path,
			u64 spi_i, const u8 *ni, size_t ni_len, u8 out[ISAKMP_COOKIE_LEN]);

/**
 * isakmp_cookie_check() - is the cookie of a first message one of ours?
 * @c: the secrets
 * @path: how the message came
 * @spi_i: its initiator's SPI
 * @f: what isakmp_gate_first() found
 *
 * RFC 7296, 2.6: a message with a wrong cookie is to be processed as if it had
 * none.
 *
 * Context: any.
 * Return: OK, or COOKIE_BAD, also when there is no cookie.
 */
enum isakmp_reason isakmp_cookie_check(const struct isakmp_cookies *c,
				       const struct isakmp_path *path, u64 spi_i,
				       const struct isakmp_first *f);

/* ---- bucket.c ------------------------------------------------------------ */

/**
 * struct isakmp_bucket - a token bucket; all zero is a full one
 * @empty_until: when all that was taken will have come back, in ns
 */
struct isakmp_bucket {
	u64 empty_until;
};

/**
 * isakmp_bucket_spend() - take a token, if there is one
 * @b: the bucket
 * @now: the time, ms
 * @rate: tokens that come back in a second; 0: there is no limit
 * @burst: tokens in a full bucket, at least 1
 *
 * @rate and @burst may differ from call to call.  When more is owed than this
 * @rate and @burst lend, one token is given and the rest of @burst is owed.
 *
 * Context: any.  Must hold whatever keeps others from @b.
 * Return: whether there was one.
 */
bool isakmp_bucket_spend(struct isakmp_bucket *b, u64 now, u32 rate, u32 burst);

/**
 * struct isakmp_source - what comes from one source prefix
 * @bucket: tokens for first messages, [true] for those whose cookie was good
 * @half_open: half-open IKE SAs it has
 */
struct isakmp_source {
	struct isakmp_bucket bucket[2];
	u32 half_open;
};

/**
 * struct isakmp_sources - every source prefix; some share a place
 * @key: of the hash that says which, drawn by isakmp_source_init()
 * @slot: the places
 *
 * A prefix is a /24 of IPv4 or a /48 of IPv6: an attacker has whole ones to himself
 * (RFC 8019, 4.1 and 6).  Ninety-six kilobytes.
 */
struct isakmp_sources {
	u64 key[2];
	struct isakmp_source slot[ISAKMP_PREFIX_BUCKETS];
};

/**
 * isakmp_source_init() - nothing has come yet
 * @b: the prefixes
 *
 * Context: any; the caller owns @b.
 */
void isakmp_source_init(struct isakmp_sources *b);

/**
 * isakmp_source_of() - what comes from where a message came from
 * @b: the prefixes
 * @path: how it came
 *
 * Context: any.  Must hold whatever keeps others from @b, as long as it is used.
 * Return: the prefix.
 */
struct isakmp_source *isakmp_source_of(struct isakmp_sources *b, const struct isakmp_path *path);

/* ---- token.c ------------------------------------------------------------- */

/**
 * struct isakmp_token_key - the secret behind our tokens: two keys of SipHash-2-4
 * @k: the keys
 */
struct isakmp_token_key {
	u64 k[4];
};

/**
 * isakmp_gate_token() - our token of an IKE SA (RFC 6290, 5.1)
 * @key: the secret
 * @initiator: are we its original initiator?
 * @spi_i: host order
 * @spi_r: host order
 * @out: the token
 *
 * Context: any.
 */
void isakmp_gate_token(const struct isakmp_token_key *key, bool initiator, u64 spi_i,
		       u64 spi_r, u8 out[ISAKMP_TOKEN_LEN]);

/* ---- reply.c ------------------------------------------------------------- */

/* Header, Notify, cookie: but for a token, no answer of the gate is longer. */
#define ISAKMP_GATE_REPLY_MAX (IKE_HDR_LEN + IKE_PL_HDR_LEN + 4 + ISAKMP_COOKIE_LEN)
/* Header, Notify, Notify with a token. */
#define ISAKMP_GATE_TOKEN_MAX (IKE_HDR_LEN + 2 * (IKE_PL_HDR_LEN + 4) + ISAKMP_TOKEN_LEN)

/**
 * isakmp_gate_cookie_reply() - the IKE_SA_INIT response that asks for a cookie
 * @h: header of the request, which isakmp_gate_first() accepted
 * @cookie: what isakmp_cookie_make() made for it
 * @out: the response (RFC 7296, 2.6)
 *
 * Like all replies here it is made of our constants and of what a response must
 * copy from the request's header, and is not longer than the request.
 *
 * Context: any.
 * Return: octets of the response; 0: there must be none.
 */
size_t isakmp_gate_cookie_reply(const struct isakmp_header *h,
				const u8 cookie[ISAKMP_COOKIE_LEN],
				u8 out[ISAKMP_GATE_REPLY_MAX]);

/**
 * isakmp_gate_version_reply() - say that version 2 is the highest spoken here
 * @h: header of a message that isakmp_gate_header() refused with VERSION
 * @out: the response with INVALID_MAJOR_VERSION (RFC 7296, 1.5 and 2.5)
 *
 * To be sent at a limited rate (RFC 7296, 2.21.4).
 *
 * Context: any.
 * Return: octets of the response; 0: there must be none (the message is a
 * response, or its version is below 2).
 */
size_t isakmp_gate_version_reply(const struct isakmp_header *h,
				 u8 out[ISAKMP_GATE_REPLY_MAX]);

/**
 * isakmp_gate_spi_reply() - say that nobody here has this IKE SA
 * @h: header of a message that isakmp_gate_header() accepted
 * @out: the response with INVALID_IKE_SPI (RFC 7296, 1.5 and 2.21.4)
 *
 * To be sent at a limited rate (RFC 7296, 2.21.4).
 *
 * Context: any.
 * Return: octets of the response; 0: there must be none (the message is a
 * response, a first message, or not an encrypted request).
 */
size_t isakmp_gate_spi_reply(const struct isakmp_header *h,
			     u8 out[ISAKMP_GATE_REPLY_MAX]);

/**
 * isakmp_gate_token_reply() - the same, and prove it (RFC 6290, 4.5)
 * @h: header of a message that isakmp_gate_header() accepted; no IKE SA is found by the
 *	SPI that is ours in it, in whichever role
 * @key: of our tokens
 * @out: the response
 *
 * Three octets longer than the shortest request there is, which has an IV of 8 and an
 * ICV of 16 octets; to be sent at a limited rate.
 *
 * Context: any.
 * Return: octets of the response; 0: there must be none.
 */
size_t isakmp_gate_token_reply(const struct isakmp_header *h,
			       const struct isakmp_token_key *key,
			       u8 out[ISAKMP_GATE_TOKEN_MAX]);

#endif
