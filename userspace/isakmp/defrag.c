// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "defrag.h"

static bool same(const struct ip_packet *a, const struct ip_packet *b)
{
	return a->family == b->family && a->id == b->id &&
	       !memcmp(a->src, b->src, sizeof(a->src)) &&
	       !memcmp(a->dst, b->dst, sizeof(a->dst)) &&
	       (a->family != 4 || a->proto == b->proto);
}

/* The packet's slot; or a free one, or else the one that waits longest, emptied. */
static struct defrag_slot *slot_of(struct defrag *d, const struct ip_packet *ip)
{
	struct defrag_slot *oldest = d->slots;
	uint8_t *data;

	for (struct defrag_slot *s = d->slots; s < d->slots + DEFRAG_SLOTS; s++) {
		if (s->used && same(&s->of, ip))
			return s;
		if (s->used < oldest->used)
			oldest = s;
	}
	data = oldest->data ? oldest->data : malloc(DEFRAG_MAX);
	if (!data)
		abort();
	*oldest = (struct defrag_slot){ .of = *ip, .data = data };
	return oldest;
}

/* Whether all of the fragment is new; then it is noted. */
static bool note(struct defrag_slot *s, size_t offset, size_t n)
{
	size_t first = offset / 8, end = (offset + n + 7) / 8;

	for (size_t i = first; i < end; i++)
		if (s->got[i / 8] & 1 << i % 8)
			return false;
	for (size_t i = first; i < end; i++)
		s->got[i / 8] |= 1 << i % 8;
	return true;
}

/*
 * A fragment that overlaps is ignored, whether it repeats or contradicts: of two
 * stories nobody here can tell which one the receiver believed (RFC 5722, 4).
 */
static bool fits(struct defrag_slot *s, const struct ip_packet *ip, size_t n)
{
	size_t end = ip->offset + n;

	if (!n || end > DEFRAG_MAX || (ip->more && n % 8))
		return false;
	if (s->whole && end > s->whole)
		return false;
	/* Nothing ends behind the packet's end: then as many octets as it has are all of it. */
	if (!ip->more && (s->end > end || (s->whole && s->whole != end)))
		return false;
	if (!note(s, ip->offset, n))
		return false;
	if (s->end < end)
		s->end = end;
	return true;
}

/**
 * defrag_add() - one more fragment
 * @d: what there is
 * @ip: whose it is, and where; of a whole packet, what it carries
 * @p: its octets
 * @n: how many
 * @whole: what the packet carries, when it is whole now; until the next call
 * @len: its octets
 *
 * Return: whether the packet is whole.
 */
bool defrag_add(struct defrag *d, struct ip_packet *ip, const uint8_t *p, size_t n,
		const uint8_t **whole, size_t *len)
{
	struct defrag_slot *s;

	if (!d->slots)
		d->slots = calloc(DEFRAG_SLOTS, sizeof(*d->slots));
	if (!d->slots)
		abort();
	s = slot_of(d, ip);
	s->used = ++d->clock;
	if (!fits(s, ip, n))
		return false;
	memcpy(s->data + ip->offset, p, n);
	s->have += n;
	/* RFC 8200, 4.5: only the one with offset zero says what follows */
	if (!ip->offset)
		s->of.proto = ip->proto;
	if (!ip->more)
		s->whole = ip->offset + n;
	if (s->have != s->whole)
		return false;
	s->used = 0;
	ip->proto = s->of.proto;
	*whole = s->data;
	*len = s->whole;
	return true;
}

/**
 * defrag_free() - the end
 * @d: may be zeroed
 */
void defrag_free(struct defrag *d)
{
	for (size_t i = 0; d->slots && i < DEFRAG_SLOTS; i++)
		free(d->slots[i].data);
	free(d->slots);
	d->slots = NULL;
}
