/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Security Association payload: proposals, transforms, attributes
 * (RFC 7296, 3.3).  The body is one or more proposals (3.3.1):
 *
 *                        1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+---------------+-------------------------------+
 *   | 2=more 0=last |   reserved    |        Proposal Length        |
 *   +---------------+---------------+---------------+---------------+
 *   | Proposal Num  |  Protocol ID  |    SPI Size   |Num  Transforms|
 *   +---------------+---------------+---------------+---------------+
 *   ~                        SPI (variable)                         ~
 *   +---------------------------------------------------------------+
 *   ~                     one or more transforms                    ~
 *   +---------------------------------------------------------------+
 *
 * a transform (3.3.2) is
 *
 *   +---------------+---------------+-------------------------------+
 *   | 3=more 0=last |   reserved    |        Transform Length       |
 *   +---------------+---------------+-------------------------------+
 *   |Transform Type |   reserved    |          Transform ID         |
 *   +---------------+---------------+-------------------------------+
 *   ~                     attributes, maybe none                    ~
 *   +---------------------------------------------------------------+
 *
 * and an attribute (3.3.5), as type/value or as type/length/value,
 *
 *   +-+-----------------------------+-------------------------------+
 *   |1|       Attribute Type        |        Attribute Value        |
 *   +-+-----------------------------+-------------------------------+
 *   |0|       Attribute Type        |       Attribute Length        |
 *   +-+-----------------------------+-------------------------------+
 *   ~                        Attribute Value                        ~
 *   +---------------------------------------------------------------+
 */
#ifndef _ISAKMP_WIRE_SA_H
#define _ISAKMP_WIRE_SA_H

#include "wire/chain.h"

/**
 * struct isakmp_transform - one transform (RFC 7296, 3.3.2)
 * @type: ENCR, PRF, INTEG, KE, ESN, or one unknown to us
 * @id: transform ID
 * @keylen: Key Length attribute in bits, 0 when absent
 * @odd: carries an attribute that we do not know: the transform is not
 *	acceptable (RFC 7296, 3.3.6), the proposal may be
 */
struct isakmp_transform {
	u8 type;
	u16 id;
	u16 keylen;
	bool odd;
};

/**
 * struct isakmp_proposal - one proposal, checked (RFC 7296, 3.3.1)
 * @num: proposal number
 * @protocol: IKE, AH, ESP or one unknown to us
 * @spi_size: 0, 4 or 8
 * @n: number of transforms
 * @spi: its octets
 * @transforms: the octets of the transforms; read with isakmp_transform_next()
 * @len: octets of @transforms
 */
struct isakmp_proposal {
	u8 num;
	u8 protocol;
	u8 spi_size;
	u8 n;
	const u8 *spi;
	const u8 *transforms;
	u16 len;
};

/**
 * isakmp_sa_decode() - check a whole SA payload, every level, before use
 * @p: the payload
 * @proposals: number of proposals, 0 unless OK; may be NULL
 *
 * Last Substruc (2 or 0, 3 or 0) must agree with the lengths, Num Transforms
 * with the transforms, and inner lengths must cover the outer ones exactly.
 * At least one proposal and one transform in each; at most IKE_PROPOSALS_MAX,
 * IKE_TRANSFORMS_MAX, IKE_ATTRS_MAX.  SPI Size is 0 or 8 for IKE (which of
 * them, the exchange decides), 4 for AH and ESP, any of these for a protocol
 * unknown to us.  A Key Length attribute of 0, twice, or in TLV form is
 * refused.
 *
 * Proposal numbers (3.3.1): an offer starts at 1 and goes up by 1; an
 * acceptance is a single proposal (3.3.6) that keeps its number from the offer.
 * Hence several proposals must start at 1, and a single one may have any
 * number but 0: it is for the negotiation to compare it with its offer, or with
 * 1 where this payload is the offer.
 *
 * Context: any.
 * Return: OK or BAD_SA.
 */
enum isakmp_reason isakmp_sa_decode(const struct isakmp_payload *p, unsigned int *proposals);

/**
 * isakmp_proposal_next() - iterate the proposals of a payload that was accepted
 * @c: starts as the payload's body
 * @v: the proposal
 *
 * Context: any.
 * Return: false at the end; @v is then as it was.
 */
bool isakmp_proposal_next(struct isakmp_cur *c, struct isakmp_proposal *v);

/**
 * isakmp_transform_next() - iterate the transforms of a proposal
 * @c: starts as the proposal's @transforms and @len
 * @v: the transform
 *
 * Context: any.
 * Return: false at the end; @v is then as it was.
 */
bool isakmp_transform_next(struct isakmp_cur *c, struct isakmp_transform *v);

/**
 * struct isakmp_sa_build - an SA payload's body being written
 * @o: the message, with a payload IKE_PL_SA open
 * @proposal: offset of the open proposal
 * @transform: offset of its latest transform, 0: none
 * @n: number of its transforms
 *
 * Per proposal _begin, its transforms, _end.  A proposal without transforms, or
 * with more than IKE_TRANSFORMS_MAX, is not written: @o becomes full.
 */
struct isakmp_sa_build {
	struct isakmp_out *o;
	size_t proposal;
	size_t transform;
	u8 n;
};

/**
 * isakmp_sa_build_begin() - open a proposal
 * @b: the builder
 * @o: the message
 * @num: proposal number
 * @protocol: protocol
 * @spi: our SPI in network order, or NULL
 * @spi_size: its octets
 *
 * Context: any.
 */
void isakmp_sa_build_begin(struct isakmp_sa_build *b, struct isakmp_out *o, u8 num,
			   u8 protocol, const u8 *spi, u8 spi_size);

/**
 * isakmp_sa_build_transform() - add a transform to the open proposal
 * @b: the builder
 * @type: transform type
 * @id: transform ID
 * @keylen: Key Length attribute in bits, 0: none
 *
 * Context: any.
 */
void isakmp_sa_build_transform(struct isakmp_sa_build *b, u8 type, u16 id, u16 keylen);

/**
 * isakmp_sa_build_end() - close the open proposal
 * @b: the builder
 * @last: it is the payload's last proposal
 *
 * Context: any.
 */
void isakmp_sa_build_end(struct isakmp_sa_build *b, bool last);

#endif
