/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Traffic Selector payloads, TSi and TSr (RFC 7296, 3.13).  The body is
 *
 *                        1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+-----------------------------------------------+
 *   | Number of TSs |                   reserved                    |
 *   +---------------+-----------------------------------------------+
 *
 * and then that many selectors (3.13.1), of which only type and length mean the
 * same for every type:
 *
 *   +---------------+---------------+-------------------------------+
 *   |   TS Type     |IP Protocol ID |       Selector Length         |
 *   +---------------+---------------+-------------------------------+
 *   |           Start Port          |           End Port            |
 *   +-------------------------------+-------------------------------+
 *   ~                Starting Address, 4 or 16 octets               ~
 *   +---------------------------------------------------------------+
 *   ~                Ending Address, 4 or 16 octets                 ~
 *   +---------------------------------------------------------------+
 */
#ifndef _ISAKMP_WIRE_TS_H
#define _ISAKMP_WIRE_TS_H

#include "wire/chain.h"

/**
 * struct isakmp_ts - one traffic selector, an inclusive range
 * @type: IKE_TS_IPV4 or IKE_TS_IPV6
 * @proto: IP protocol, 0 = any
 * @port_start: host order; OPAQUE is start 65535, end 0
 * @port_end: host order
 * @start: first address, 4 octets used for IPv4, the rest zero
 * @end: last address
 */
struct isakmp_ts {
	u8 type;
	u8 proto;
	u16 port_start;
	u16 port_end;
	u8 start[16];
	u8 end[16];
};

/**
 * isakmp_ts_decode() - check a TS payload and read its selectors
 * @p: the payload
 * @v: filled with the first @max selectors; NULL with @max 0 to check only
 * @max: room in @v
 * @n: how many there are, up to 255, also above @max; 0 unless OK; may be NULL
 *
 * All are checked, however many are filled.  Selectors of an unknown type are
 * skipped (neither filled nor counted) if their length holds; all may be so, then
 * @n is 0 and no traffic is acceptable.  Refused are: no selector at all, a count
 * or a length that does not cover the body exactly, a known type with another
 * length than its own (16, 40), an address or port range that starts above its
 * end, except the ports of OPAQUE.
 *
 * Context: any.
 * Return: OK or BAD_TS.
 */
enum isakmp_reason isakmp_ts_decode(const struct isakmp_payload *p,
				    struct isakmp_ts *v, unsigned int max, unsigned int *n);

/**
 * isakmp_ts_encode() - append the body of a TS payload
 * @o: where to, with the payload open
 * @v: the selectors
 * @n: how many, 1 to IKE_TS_MAX; else @o becomes full
 *
 * Context: any.
 */
void isakmp_ts_encode(struct isakmp_out *o, const struct isakmp_ts *v, unsigned int n);

/* Octets of an address of this selector type: 4 or 16. */
static inline size_t isakmp_ts_addr_len(u8 type)
{
	return type == IKE_TS_IPV4 ? 4 : 16;
}

#endif
