// SPDX-License-Identifier: GPL-2.0
/* Ranges of addresses and ports as prefixes. */
#include <isakmp/ikev2.h>
#include <isakmp/limits.h>
#include "xfrm/range.h"

/* Protocols whose packets XFRM reads ports or types from. */
#define RANGE_TCP	6
#define RANGE_UDP	17
#define RANGE_SCTP	132
#define RANGE_UDPLITE	136
#define RANGE_ICMP	1
#define RANGE_ICMPV6	58

/* A number of up to 128 bits. */
struct range_value {
	u64 hi;
	u64 lo;
};

static struct range_value range_read(const u8 *p, unsigned int bits)
{
	struct range_value v = { 0, 0 };
	unsigned int i;

	for (i = 0; i < bits / 8; i++) {
		v.hi = v.hi << 8 | v.lo >> 56;
		v.lo = v.lo << 8 | p[i];
	}
	return v;
}

static void range_write(struct range_value v, unsigned int bits, u8 *p)
{
	unsigned int i;

	for (i = bits / 8; i-- > 0;) {
		p[i] = (u8)v.lo;
		v.lo = v.lo >> 8 | v.hi << 56;
		v.hi >>= 8;
	}
}

static bool range_above(struct range_value a, struct range_value b)
{
	return a.hi > b.hi || (a.hi == b.hi && a.lo > b.lo);
}

/* @n ones at the low end. */
static struct range_value range_ones(unsigned int n)
{
	struct range_value v = { 0, 0 };

	if (n >= 64) {
		v.lo = U64_MAX;
		n -= 64;
		v.hi = n < 64 ? (1ULL << n) - 1 : U64_MAX;
	} else {
		v.lo = (1ULL << n) - 1;
	}
	return v;
}

/* The last value of the block of 2^n that begins at @v, which is aligned. */
static struct range_value range_block_end(struct range_value v, unsigned int n)
{
	struct range_value ones = range_ones(n);

	v.hi |= ones.hi;
	v.lo |= ones.lo;
	return v;
}

/* Is the block of 2^n at @v aligned, and within @last? */
static bool range_block_fits(struct range_value v, struct range_value last, unsigned int n)
{
	struct range_value ones = range_ones(n);

	return !(v.hi & ones.hi) && !(v.lo & ones.lo) &&
	       !range_above(range_block_end(v, n), last);
}

/**
 * isakmp_range_split() - the fewest prefixes that are exactly a range
 * @first: its first value, network order
 * @last: its last value
 * @bits: of a value: 8 to 128, a multiple of 8
 * @out: filled, in order, as far as there is room; NULL with @room 0 to count
 * @room: prefixes @out has room for
 *
 * From the first value on, always the largest block that is aligned there and
 * does not go past the last value.
 *
 * Context: any.
 * Return: how many there are, also above @room; 0: @first is above @last.
 */
unsigned int isakmp_range_split(const u8 *first, const u8 *last, unsigned int bits,
				struct isakmp_range_prefix *out, unsigned int room)
{
	struct range_value v = range_read(first, bits), end = range_read(last, bits);
	unsigned int n = 0, size;

	while (!range_above(v, end)) {
		for (size = 0; size < bits && range_block_fits(v, end, size + 1); size++)
			;
		if (n < room) {
			memset(&out[n], 0, sizeof(out[n]));
			range_write(v, bits, out[n].value);
			out[n].len = bits - size;
		}
		n++;
		v = range_block_end(v, size);
		if (!range_above(end, v))
			break;
		v.lo++;
		v.hi += !v.lo;
	}
	return n;
}

/**
 * isakmp_range_has_ports() - does XFRM read ports of this protocol?
 * @proto: IP protocol
 *
 * Context: any.
 * Return: true if so.
 */
bool isakmp_range_has_ports(u8 proto)
{
	return proto == RANGE_TCP || proto == RANGE_UDP || proto == RANGE_SCTP ||
	       proto == RANGE_UDPLITE;
}

/**
 * isakmp_range_has_types() - are its "ports" ICMP types and codes?
 * @proto: IP protocol
 *
 * RFC 7296, 3.13.1: the type in the upper eight bits, the code in the lower.
 *
 * Context: any.
 * Return: true if so.
 */
bool isakmp_range_has_types(u8 proto)
{
	return proto == RANGE_ICMP || proto == RANGE_ICMPV6;
}

/**
 * isakmp_range_addrs() - the prefixes of a selector's addresses
 * @ts: traffic selector
 * @out: as of isakmp_range_split()
 * @room: as of isakmp_range_split()
 *
 * Context: any.
 * Return: as of isakmp_range_split().
 */
unsigned int isakmp_range_addrs(const struct isakmp_ts *ts, struct isakmp_range_prefix *out,
				unsigned int room)
{
	return isakmp_range_split(ts->start, ts->end, 8 * isakmp_ts_addr_len(ts->type), out, room);
}

/**
 * isakmp_range_ports() - the prefixes of a selector's ports
 * @ts: traffic selector; of its protocol nothing is taken
 * @out: as of isakmp_range_split()
 * @room: as of isakmp_range_split()
 *
 * Context: any.
 * Return: as of isakmp_range_split(); 0: OPAQUE (RFC 7296, 3.13.1).
 */
unsigned int isakmp_range_ports(const struct isakmp_ts *ts, struct isakmp_range_prefix *out,
				unsigned int room)
{
	u8 first[2], last[2];

	put_unaligned_be16(ts->port_start, first);
	put_unaligned_be16(ts->port_end, last);
	return isakmp_range_split(first, last, 16, out, room);
}

/**
 * isakmp_range_count() - policies that one traffic selector needs
 * @ts: traffic selector
 *
 * Context: any.
 * Return: prefixes of its addresses times those of its ports; 0: XFRM has no
 * policy for it (OPAQUE, an empty range, ports of a protocol without any).
 */
unsigned int isakmp_range_count(const struct isakmp_ts *ts)
{
	bool all = !ts->port_start && ts->port_end == U16_MAX;

	if (!all && !isakmp_range_has_ports(ts->proto) && !isakmp_range_has_types(ts->proto))
		return 0;
	return isakmp_range_addrs(ts, NULL, 0) * isakmp_range_ports(ts, NULL, 0);
}
