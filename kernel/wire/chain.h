/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Payload chains (RFC 7296, 3.2).  Each payload starts with
 *
 *                        1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+-+-------------+-------------------------------+
 *   | Next Payload  |C|  reserved   |         Payload Length        |
 *   +---------------+-+-------------+-------------------------------+
 *
 * A payload's type stands in the header before it; Length counts these four
 * octets too.  Next Payload 0 ends the chain, and so does an Encrypted payload
 * (RFC 7296, 3.14) or an Encrypted Fragment payload (RFC 7383, 2.5), whose Next
 * Payload is the type of the first payload inside:
 *
 *   header     next=SA --+        header   next=SK --+
 *   SA         next=KE --+--+     SK       next=IDi -+--+     (outer)
 *   KE         next=Ni      |       IV                  |
 *   Ni         next=0       |       IDi    next=AUTH    |     (inner)
 *                                   AUTH   next=0
 *                                   padding, Pad Length, ICV
 */
#ifndef _ISAKMP_WIRE_CHAIN_H
#define _ISAKMP_WIRE_CHAIN_H

#include <isakmp/ikev2.h>
#include <isakmp/limits.h>
#include <isakmp/reason.h>
#include "wire/header.h"

/**
 * struct isakmp_payload - one payload of a chain (RFC 7296, 3.2)
 * @type: its type, from the Next Payload field before it
 * @critical: the critical bit
 * @body: what follows the generic header; points into the message
 * @len: octets of @body
 */
struct isakmp_payload {
	u8 type;
	bool critical;
	const u8 *body;
	u16 len;
};

/**
 * struct isakmp_chain - a whole payload chain, checked
 * @seen: bit (type - 32) for each known type that is present
 * @repeated: the same for each known type present more than once
 * @critical_type: the first unknown type with the critical bit (with
 *	PAYLOAD_CRITICAL), else 0
 * @next_in_sk: Next Payload field of the SK or SKF payload: type of the first inner
 *	one
 * @n: number of payloads
 * @pl: the payloads, in the order of the message
 *
 * One and a half kilobytes: not for the stack.
 */
struct isakmp_chain {
	u64 seen;
	u64 repeated;
	u8 critical_type;
	u8 next_in_sk;
	u8 n;
	struct isakmp_payload pl[IKE_PAYLOADS_MAX];
};

#define ISAKMP_PL_BIT(type) BIT_ULL((type) - 32)

/* Is this a payload type that RFC 7296 defines, or SKF? */
static inline bool isakmp_payload_known(u8 type)
{
	return (type >= IKE_PL_FIRST && type <= IKE_PL_LAST) || type == IKE_PL_SKF;
}

/**
 * isakmp_chain_decode() - walk and check a chain of payloads
 * @first: type of the first payload (0: the chain must be empty)
 * @p: the octets, without the IKE header
 * @n: how many
 * @c: the chain; empty, but for @critical_type, unless OK is returned
 *
 * The payloads must cover the octets exactly.  SK and SKF end the chain whatever
 * their Next Payload says (RFC 7296, 3.14); that no SK is inside another is for
 * the law to say, with @seen of the inner chain.  Unknown payloads that are not
 * critical are kept in pl[] (their type as it is, no bit in seen) and skipped by
 * the law.  At most IKE_PAYLOADS_MAX steps, no allocation, no recursion.
 *
 * Context: any.
 * Return: OK;
 * PAYLOAD_SHORT, a Payload Length below 4, or fewer than 4 octets left for
 * a payload that was announced; PAYLOAD_LENGTH, a Payload Length beyond the end;
 * PAYLOAD_MANY; PAYLOAD_TRAILING, octets after the last payload;
 * PAYLOAD_CRITICAL, an unknown type is critical (named only when nothing else is
 * wrong with the chain).
 */
enum isakmp_reason isakmp_chain_decode(u8 first, const u8 *p, size_t n,
				       struct isakmp_chain *c);

/**
 * isakmp_chain_find() - the first payload of a type
 * @c: a chain
 * @type: the type
 *
 * Context: any.
 * Return: the payload, or NULL.
 */
const struct isakmp_payload *isakmp_chain_find(const struct isakmp_chain *c, u8 type);

/**
 * isakmp_chain_next() - the next payload of a type
 * @c: a chain
 * @type: the type
 * @prev: the one before, from this chain, or NULL for the first
 *
 * Context: any.
 * Return: the payload, or NULL.
 */
const struct isakmp_payload *isakmp_chain_next(const struct isakmp_chain *c, u8 type,
					       const struct isakmp_payload *prev);

/**
 * struct isakmp_skf - where an Encrypted Fragment payload belongs (RFC 7383, 2.5)
 * @number: of this fragment, 1 to @total
 * @total: of the fragments of the message
 *
 *   +-------------------------------+-------------------------------+
 *   |        Fragment Number        |        Total Fragments        |
 *   +-------------------------------+-------------------------------+
 *   ~       IV, fragment, padding, Pad Length, ICV: as in SK        ~
 *   +---------------------------------------------------------------+
 */
struct isakmp_skf {
	u16 number;
	u16 total;
};

/**
 * isakmp_skf_decode() - read where a fragment belongs
 * @p: the SKF payload
 * @v: filled when OK is returned
 *
 * Context: any.
 * Return: OK, or BAD_SKF: too short for anything encrypted, a number or a total of 0,
 * or a number above the total (RFC 7383, 2.6).
 */
enum isakmp_reason isakmp_skf_decode(const struct isakmp_payload *p, struct isakmp_skf *v);

/**
 * struct isakmp_builder - a message or an inner chain being written
 * @o: the octets
 * @link: offset of the Next Payload octet to patch when a payload is added
 * @start: offset of the payload being written
 * @sk: offset of the SK or SKF payload, 0 when there is none
 *
 * The order of calls; what does not fit makes every later call do nothing and
 * isakmp_build_end() say false:
 *
 *	isakmp_build_begin(&b, buf, cap, &hdr);
 *	isakmp_build_payload(&b, IKE_PL_NONCE);
 *	isakmp_nonce_encode(&b.o, &nonce);
 *	isakmp_build_close(&b);
 *	...
 *	sk = isakmp_build_sk(&b, iv);		if protected: the payloads
 *	...					opened from here on are inside
 *	isakmp_build_sk_end(&b, sk, block, icv);
 *	if (!isakmp_build_end(&b))
 */
struct isakmp_builder {
	struct isakmp_out o;
	size_t link;
	size_t start;
	size_t sk;
};

/**
 * isakmp_build_begin() - start a message with its header
 * @b: the builder
 * @buf: where to write
 * @cap: its octets
 * @h: the header; @next and @len are ignored, the builder fills them
 *
 * Context: any.
 */
void isakmp_build_begin(struct isakmp_builder *b, void *buf, size_t cap,
			const struct isakmp_header *h);

/**
 * isakmp_build_payload() - open a payload: link it, write its generic header
 * @b: the builder
 * @type: the payload's type
 *
 * Context: any.
 */
void isakmp_build_payload(struct isakmp_builder *b, u8 type);

/**
 * isakmp_build_close() - write the length of the open payload
 * @b: the builder
 *
 * Context: any.
 */
void isakmp_build_close(struct isakmp_builder *b);

/**
 * isakmp_build_sk() - open the SK payload
 * @b: the builder
 * @iv: octets of room (zeros) for the initialization vector
 *
 * The SK payload's Next Payload octet is now the link of the inner chain.
 *
 * Context: any.
 * Return: the offset of the first inner octet, after the IV.
 */
size_t isakmp_build_sk(struct isakmp_builder *b, size_t iv);

/**
 * isakmp_build_skf() - open an SKF payload (RFC 7383, 2.5)
 * @b: the builder
 * @skf: number and total
 * @next: Next Payload: the type of the first inner payload in the first fragment, else
 *	IKE_PL_NONE
 * @iv: octets of room (zeros) for the initialization vector
 *
 * What comes next is a piece of the inner chain, octets without meaning.
 *
 * Context: any.
 * Return: the offset of the first inner octet, after the IV.
 */
size_t isakmp_build_skf(struct isakmp_builder *b, const struct isakmp_skf *skf, u8 next,
			size_t iv);

/**
 * isakmp_build_sk_end() - close the SK or SKF payload and the header's length
 * @b: the builder
 * @sk: what isakmp_build_sk() or isakmp_build_skf() returned
 * @block: the inner octets, padding and Pad Length become a multiple of it
 *	(RFC 7296, 3.14); 1 where the cipher needs none, at most 256
 * @icv: octets of room (zeros) for the integrity check value
 *
 * Context: any.
 */
void isakmp_build_sk_end(struct isakmp_builder *b, size_t sk, size_t block, size_t icv);

/**
 * isakmp_build_end() - write the header's length
 * @b: the builder
 *
 * Context: any.
 * Return: false when anything did not fit; the octets then mean nothing.
 */
bool __must_check isakmp_build_end(struct isakmp_builder *b);

#endif
