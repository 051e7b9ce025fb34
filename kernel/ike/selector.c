// SPDX-License-Identifier: GPL-2.0
/* Narrowing of traffic selectors (RFC 7296, 2.9). */
#include "ike/engine.h"

/**
 * ike_ts_set_addr - let a selector be about one address
 * @ts: the selector
 * @a: the address
 *
 * Context: Any.
 */
void ike_ts_set_addr(struct isakmp_ts *ts, const struct isakmp_addr *a)
{
	ts->type = a->family == 4 ? IKE_TS_IPV4 : IKE_TS_IPV6;
	memcpy(ts->start, a->a, sizeof(ts->start));
	memcpy(ts->end, a->a, sizeof(ts->end));
}

/**
 * ike_ts_resolve - the selectors of a policy, "dynamic" ones filled in
 * @policy: the list
 * @n: its length, at most IKE_TS_MAX
 * @a: the address of that side
 * @out: as many selectors
 *
 * Context: Any.
 */
void ike_ts_resolve(const struct isakmp_ts *policy, unsigned int n,
		    const struct isakmp_addr *a, struct isakmp_ts *out)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		out[i] = policy[i];
		if (out[i].type == IKE_TS_DYNAMIC)
			ike_ts_set_addr(&out[i], a);
	}
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

/* To a list in which none is part of another, so that it stays one. */
static unsigned int add(const struct isakmp_ts *t, struct isakmp_ts *out, unsigned int n,
			unsigned int max)
{
	unsigned int i, kept = 0;

	if (ike_ts_all_within(t, 1, out, n))
		return n;
	for (i = 0; i < n; i++)
		if (!ike_ts_within(&out[i], t))
			out[kept++] = out[i];
	if (kept < max)
		out[kept++] = *t;
	return kept;
}

/**
 * ike_ts_narrow - what two lists of selectors have in common
 * @ours: what policy allows
 * @n_ours: its length
 * @theirs: what the peer proposes
 * @n_theirs: its length
 * @out: the intersections
 * @max: room in @out
 *
 * In the peer's order; one that is part of another is left out.
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

	for (i = 0; i < n_theirs; i++) {
		for (j = 0; j < n_ours; j++) {
			if (intersect(&ours[j], &theirs[i], &t))
				n = add(&t, out, n, max);
		}
	}
	return n;
}
