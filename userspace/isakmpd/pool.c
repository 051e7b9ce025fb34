// SPDX-License-Identifier: GPL-2.0
/*
 * Pools of inner addresses.
 *
 * The addresses of a family are numbered: those of the first range, then those of
 * the next.  Of a range that is a prefix of more than two addresses the first is not
 * given out (RFC 4291, 2.6.1: the subnet-router anycast address; in IPv4 that of the
 * network), nor is the last in IPv4, to which broadcasts go.
 */
#include "pool.h"

/* ---- addresses as numbers ------------------------------------------------ */

/* The low 64 bits; ranges that differ above them are longer than anybody counts. */
static u64 low_of(const struct config_addr *a)
{
	u64 v = 0;
	u8 i;

	for (i = a->len > 8 ? a->len - 8 : 0; i < a->len; i++)
		v = v << 8 | a->octets[i];
	return v;
}

static u64 high_of(const struct config_addr *a)
{
	u64 v = 0;
	u8 i;

	for (i = 0; i + 8 < a->len; i++)
		v = v << 8 | a->octets[i];
	return v;
}

static bool is_prefix(const struct config_range *r)
{
	u64 first = low_of(&r->start), last = low_of(&r->end), host = first ^ last;

	/* ones at the end, where the first address has zeros */
	return high_of(&r->start) == high_of(&r->end) && !(host & (host + 1)) &&
	       !(first & host);
}

/* What is given out of a range: from @first on, so many. */
struct span {
	u64 first;
	u64 n;
};

static struct span span_of(const struct config_range *r)
{
	struct span s = { low_of(&r->start), 0 };
	u64 last = high_of(&r->start) == high_of(&r->end) ? low_of(&r->end) : U64_MAX;

	if (high_of(&r->start) == high_of(&r->end) ? is_prefix(r) && last - s.first > 1 :
						     !s.first) {
		s.first++;
		if (r->start.len == 4)
			last--;
	}
	s.n = last - s.first == U64_MAX ? U64_MAX : last - s.first + 1;
	return s;
}

/* ---- the pools of a peer --------------------------------------------------- */

/**
 * pools_of() - the pools of a peer
 * @c: the snapshot
 * @p: a peer of it
 *
 * Return: those that are there.
 */
struct pools pools_of(const struct config *c, const struct config_peer *p)
{
	struct pools v = { 0 };
	u8 i;

	for (i = 0; i < p->n_pool; i++) {
		v.pool[v.n] = config_find_pool(c, p->pool[i]);
		if (v.pool[v.n])
			v.n++;
	}
	return v;
}

/* The ranges of a family one after another; NULL after the last. */
static const struct config_range *range_at(const struct pools *p, u8 len, unsigned int i)
{
	u8 k, r;

	for (k = 0; k < p->n; k++)
		for (r = 0; r < p->pool[k]->n_range; r++)
			if (p->pool[k]->range[r].start.len == len && !i--)
				return &p->pool[k]->range[r];
	return NULL;
}

/**
 * pools_count() - how many addresses there are
 * @p: pools
 * @len: 4 or 16
 *
 * Return: the number; as many as u64 can hold when there are more.
 */
u64 pools_count(const struct pools *p, u8 len)
{
	const struct config_range *r;
	unsigned int i;
	u64 n = 0, more;

	for (i = 0; (r = range_at(p, len, i)); i++) {
		more = span_of(r).n;
		n = n + more < n ? U64_MAX : n + more;
	}
	return n;
}

/**
 * pools_at() - an address by its number
 * @p: pools
 * @len: 4 or 16
 * @i: from 0
 * @a: out
 *
 * Return: false: there are not so many.
 */
bool pools_at(const struct pools *p, u8 len, u64 i, struct config_addr *a)
{
	const struct config_range *r;
	unsigned int k;
	struct span s;
	u64 v;
	u8 at;

	for (k = 0; (r = range_at(p, len, k)); k++) {
		s = span_of(r);
		if (i >= s.n) {
			i -= s.n;
			continue;
		}
		*a = r->start;
		v = s.first + i;
		for (at = len; at && len - at < 8; v >>= 8)
			a->octets[--at] = (u8)v;
		return true;
	}
	return false;
}

static bool in_range(const struct config_range *r, const struct config_addr *a)
{
	struct span s = span_of(r);

	return r->start.len == a->len && high_of(&r->start) == high_of(a) &&
	       low_of(a) >= s.first && low_of(a) - s.first < s.n;
}

/**
 * pools_have() - is this one of their addresses
 * @p: pools
 * @a: an address
 *
 * Return: true if it may be given out.
 */
bool pools_have(const struct pools *p, const struct config_addr *a)
{
	const struct config_range *r;
	unsigned int i;

	for (i = 0; (r = range_at(p, a->len, i)); i++)
		if (in_range(r, a))
			return true;
	return false;
}

/**
 * pools_digest() - what tells the addresses of some pools from those of others
 * @p: pools
 * @len: 4 or 16
 *
 * Return: the same for the same ranges.
 */
u64 pools_digest(const struct pools *p, u8 len)
{
	u64 h = 14695981039346656037ULL;
	const struct config_range *r;
	unsigned int i;
	size_t k;

	for (i = 0; (r = range_at(p, len, i)); i++)
		for (k = 0; k < len; k++) {
			h = (h ^ r->start.octets[k]) * 1099511628211ULL;
			h = (h ^ r->end.octets[k]) * 1099511628211ULL;
		}
	return h;
}
