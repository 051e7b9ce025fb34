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
 * struct isakmp_cp_net - an address or a prefix of an attribute
 * @family: 4 or 6
 * @plen: prefix length; of an address that has none: 32 or 128
 * @addr: 4 octets used for IPv4, the rest zero
 */
struct isakmp_cp_net {
	u8 family;
	u8 plen;
	u8 addr[16];
};

/**
 * isakmp_cp_family() - which addresses are in values of a type
 * @type: enum ike_cfg_attr
 *
 * Context: any.
 * Return: 4, 6; 0: its values are no addresses, or it is not known.
 */
u8 isakmp_cp_family(u16 type);

/**
 * isakmp_cp_net_decode() - read an attribute whose value is an address or a prefix
 * @a: the attribute, of a type that isakmp_cp_family() knows
 * @v: filled when true
 *
 * The value has one of these forms:
 *
 *	IP4_ADDRESS, _NETMASK, _DNS, _NBNS, _DHCP	address (4)
 *	IP6_DNS, _DHCP					address (16)
 *	IP4_SUBNET					address (4), netmask (4)
 *	IP6_ADDRESS, IP6_SUBNET				address (16), prefix length (1)
 *
 * A netmask is ones, then zeros.  Octets of the address behind a prefix stay.
 *
 * Context: any.
 * Return: whether length, netmask or prefix length can be right.
 */
bool isakmp_cp_net_decode(const struct isakmp_cp_attr *a, struct isakmp_cp_net *v);

/**
 * isakmp_cp_net_encode() - append an attribute whose value is an address or a prefix
 * @o: where to
 * @type: a type that isakmp_cp_family() knows, of @v's family
 * @v: address; its prefix length goes out where the type has one
 *
 * Context: any.
 */
void isakmp_cp_net_encode(struct isakmp_out *o, u16 type, const struct isakmp_cp_net *v);

/**
 * isakmp_cp_domain_ok() - can this be a domain for split DNS (RFC 8598, 4)?
 * @p: its octets, not terminated
 * @n: how many
 *
 * Labels of 1 to 63 letters, digits and hyphens, which neither begin nor end with a
 * hyphen, with dots between them: nothing that a program could take for something else.
 *
 * Context: any.
 * Return: whether it is one.
 */
bool isakmp_cp_domain_ok(const u8 *p, size_t n);

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
