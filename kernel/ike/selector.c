// SPDX-License-Identifier: GPL-2.0
/* Narrowing of traffic selectors (RFC 7296, 2.9). */
#include "ike/engine.h"

/**
 * ike_ts_prefix - is a selector's address range a prefix?
 * @t: the selector
 * @plen: its prefix length
 *
 * XFRM policies have prefixes; a range that is none cannot be installed.
 *
 * Context: Any.
 * Return: true if it is.
 */
bool ike_ts_prefix(const struct isakmp_ts *t, u8 *plen)
{
	size_t n = isakmp_ts_addr_len(t->type), i;
	bool in_host = false;
	u8 len = 0, bit;

	for (i = 0; i < n * 8; i++) {
		bit = 0x80 >> (i & 7);
		if (!in_host && !((t->start[i / 8] ^ t->end[i / 8]) & bit)) {
			len++;
			continue;
		}
		in_host = true;
		if (t->start[i / 8] & bit || !(t->end[i / 8] & bit))
			return false;
	}
	*plen = len;
	return true;
}

/* XFRM selects all ports or one. */
static bool ports_fit(const struct isakmp_ts *t)
{
	return t->port_start == t->port_end ||
	       (t->port_start == 0 && t->port_end == 65535);
}

/**
 * ike_ts_within - is a selector covered by another?
 * @inner: the narrower one
 * @outer: the wider one
 *
 * Context: Any.
 * Return: true if every packet of @inner is one of @outer.
 */
bool ike_ts_within(const struct isakmp_ts *inner, const struct isakmp_ts *outer)
{
	size_t n = isakmp_ts_addr_len(outer->type);

	return inner->type == outer->type &&
	       (!outer->proto || inner->proto == outer->proto) &&
	       inner->port_start >= outer->port_start &&
	       inner->port_end <= outer->port_end &&
	       memcmp(inner->start, outer->start, n) >= 0 &&
	       memcmp(inner->end, outer->end, n) <= 0;
}

/**
 * ike_ts_all_within - is each selector of a list covered by one of another?
 * @inner: the narrower list
 * @n_inner: its length; 0 is not covered
 * @outer: the wider list
 * @n_outer: its length
 *
 * Context: Any.
 * Return: true if so.
 */
bool ike_ts_all_within(const struct isakmp_ts *inner, unsigned int n_inner,
		       const struct isakmp_ts *outer, unsigned int n_outer)
{
	unsigned int i, j;

	for (i = 0; i < n_inner; i++) {
		for (j = 0; j < n_outer; j++)
			if (ike_ts_within(&inner[i], &outer[j]))
				break;
		if (j == n_outer)
			return false;
	}
	return n_inner;
}

/* The part two selectors have in common. */
static bool intersect(const struct isakmp_ts *a, const struct isakmp_ts *b,
		      struct isakmp_ts *out)
{
	size_t n = isakmp_ts_addr_len(a->type);

	if (a->type != b->type || (a->proto && b->proto && a->proto != b->proto))
		return false;
	memset(out, 0, sizeof(*out));
	out->type = a->type;
	out->proto = a->proto ? a->proto : b->proto;
	out->port_start = max(a->port_start, b->port_start);
	out->port_end = min(a->port_end, b->port_end);
	memcpy(out->start, memcmp(a->start, b->start, n) > 0 ? a->start : b->start, n);
	memcpy(out->end, memcmp(a->end, b->end, n) < 0 ? a->end : b->end, n);
	return out->port_start <= out->port_end && memcmp(out->start, out->end, n) <= 0;
}

/**
 * ike_ts_narrow - what two lists of selectors have in common
 * @ours: what policy allows
 * @n_ours: its length
 * @theirs: what the peer proposes
 * @n_theirs: its length
 * @out: the intersections that XFRM can install
 * @max: room in @out
 *
 * In the peer's order; a part of one found before is left out.
 *
 * Context: Any.
 * Return: how many are in @out; 0: nothing in common.
 */
unsigned int ike_ts_narrow(const struct isakmp_ts *ours, unsigned int n_ours,
			   const struct isakmp_ts *theirs, unsigned int n_theirs,
			   struct isakmp_ts *out, unsigned int max)
{
	unsigned int i, j, n = 0;
	struct isakmp_ts t;
	u8 plen;

	for (i = 0; i < n_theirs; i++) {
		for (j = 0; j < n_ours && n < max; j++) {
			if (!intersect(&ours[j], &theirs[i], &t))
				continue;
			if (!ike_ts_prefix(&t, &plen) || !ports_fit(&t))
				continue;
			if (n && ike_ts_all_within(&t, 1, out, n))
				continue;
			out[n++] = t;
		}
	}
	return n;
}
