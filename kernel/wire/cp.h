/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Configuration payload (RFC 7296, 3.15).  The body is
 *
 *                        1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+-----------------------------------------------+
 *   |   CFG Type    |                   reserved                    |
 *   +---------------+-----------------------------------------------+
 *
 * and then zero or more attributes (3.15.1):
 *
 *   +-+-----------------------------+-------------------------------+
 *   |r|         Attribute Type      |            Length             |
 *   +-+-----------------------------+-------------------------------+
 *   ~                             Value                             ~
 *   +---------------------------------------------------------------+
 */
#ifndef _ISAKMP_WIRE_CP_H
#define _ISAKMP_WIRE_CP_H

#include "wire/chain.h"

/**
 * struct isakmp_cp_attr - one configuration attribute (RFC 7296, 3.15.1)
 * @type: 15 bits; the reserved bit is ignored
 * @value: its octets; what length a type needs, the reader of the value checks
 * @len: how many
 */
struct isakmp_cp_attr {
	u16 type;
	const u8 *value;
	u16 len;
};

/**
 * isakmp_cp_decode() - check a CP payload
 * @p: the payload
 * @cfg_type: enum ike_cfg_type, or one unknown to us; set only when OK
 * @attrs: for isakmp_cp_attr_next(); set only when OK; may be NULL
 *
 * The attributes must cover the body exactly.
 *
 * Context: any.
 * Return: OK or BAD_CP.
 */
enum isakmp_reason isakmp_cp_decode(const struct isakmp_payload *p, u8 *cfg_type,
				    struct isakmp_cur *attrs);

/**
 * isakmp_cp_attr_next() - iterate the attributes
 * @c: from isakmp_cp_decode()
 * @v: the attribute
 *
 * Context: any.
 * Return: false at the end; @v is then as it was.
 */
bool isakmp_cp_attr_next(struct isakmp_cur *c, struct isakmp_cp_attr *v);

/**
 * isakmp_cp_encode() - append the first four octets of the body
 * @o: where to, with the payload open; the attributes follow
 * @cfg_type: enum ike_cfg_type
 *
 * Context: any.
 */
void isakmp_cp_encode(struct isakmp_out *o, u8 cfg_type);

/**
 * isakmp_cp_attr_encode() - append one attribute
 * @o: where to
 * @v: the attribute
 *
 * Context: any.
 */
void isakmp_cp_attr_encode(struct isakmp_out *o, const struct isakmp_cp_attr *v);

#endif
