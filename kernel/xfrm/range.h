/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ranges as prefixes.  A traffic selector is a range of addresses and one of
 * ports; an XFRM selector has a prefix and a masked port.  So a range becomes
 * the fewest prefixes that are exactly it:
 *
 *	10.0.0.3 - 10.0.0.9	10.0.0.3/32  10.0.0.4/30  10.0.0.8/31
 *
 * At most 2 * bits - 2 of them: a longer one on each step up from the first
 * value, a shorter one on each step down to the last.
 *
 * Pure: compiled natively as well, see ike/seam.h.
 */
#ifndef _ISAKMP_XFRM_RANGE_H
#define _ISAKMP_XFRM_RANGE_H

#include <isakmp/pure.h>
#include "wire/ts.h"

/**
 * struct isakmp_range_prefix - values that begin with the same bits
 * @value: the first of them, network order, as many octets as it has bits
 * @len: bits they have in common
 */
struct isakmp_range_prefix {
	u8 value[16];
	u8 len;
};

unsigned int isakmp_range_split(const u8 *first, const u8 *last, unsigned int bits,
				struct isakmp_range_prefix *out, unsigned int room);
bool isakmp_range_has_ports(u8 proto);
bool isakmp_range_has_types(u8 proto);
unsigned int isakmp_range_addrs(const struct isakmp_ts *ts, struct isakmp_range_prefix *out,
				unsigned int room);
unsigned int isakmp_range_ports(const struct isakmp_ts *ts, struct isakmp_range_prefix *out,
				unsigned int room);
unsigned int isakmp_range_count(const struct isakmp_ts *ts);

#endif
