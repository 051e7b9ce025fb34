// SPDX-License-Identifier: GPL-2.0
/* Messages of version 1 in pieces, put together (decode_v1_join.h). */
#include <isakmp/limits.h>
#include <stdlib.h>
#include <string.h>

#include "decode_v1_join.h"

struct piece {
	uint16_t n;		/* 0: not here yet */
	uint8_t *p;
};

/* A message that is not whole yet: whose, from where to where. */
struct join {
	unsigned long used;	/* when, in pieces; 0: free */
	struct ip_packet ip;
	uint64_t spi_i;
	uint64_t spi_r;
	uint16_t id;
	unsigned int last;	/* number of its last piece; 0: not known */
	unsigned int top;	/* the highest number of those that are here */
	unsigned int have;
	size_t len;
	struct piece piece[IKE_FRAGMENTS_MAX];
};

struct v1_joins {
	unsigned long clock;
	struct join join[V1_JOINS];
};

static void join_drop(struct join *j)
{
	for (size_t i = 0; i < IKE_FRAGMENTS_MAX; i++)
		free(j->piece[i].p);
	memset(j, 0, sizeof(*j));
}

/**
 * v1_joins_free() - forgets all of them
 * @t: what v1_joins_add() made, or NULL
 */
void v1_joins_free(struct v1_joins *t)
{
	for (size_t i = 0; t && i < V1_JOINS; i++)
		join_drop(&t->join[i]);
	free(t);
}

static bool is_of(const struct join *j, const struct ip_packet *ip, const struct isakmp_header *h)
{
	return j->used && j->spi_i == h->spi_i && j->spi_r == h->spi_r &&
	       j->ip.family == ip->family && !memcmp(j->ip.src, ip->src, sizeof(ip->src)) &&
	       !memcmp(j->ip.dst, ip->dst, sizeof(ip->dst));
}

/* Can it be a piece of the message whose pieces are here?  The last one stands behind all others. */
static bool belongs(const struct join *j, const struct v1_fragment *f)
{
	const struct piece *have = &j->piece[f->number - 1];

	if (j->id != f->id)
		return false;
	if (have->n)
		return have->n == f->len && !memcmp(have->p, f->data, f->len) &&
		       f->last == (f->number == j->last);
	return !(j->last && f->number > j->last) && !(f->last && f->number < j->top);
}

/* The message that is under way there; else a free place, or that of whom nothing came for longest. */
static struct join *join_for(struct v1_joins *t, const struct ip_packet *ip,
			     const struct isakmp_header *h, const struct v1_fragment *f)
{
	struct join *j, *oldest = t->join;

	for (j = t->join; j < t->join + V1_JOINS; j++) {
		if (is_of(j, ip, h))
			break;
		if (j->used < oldest->used)
			oldest = j;
	}
	if (j == t->join + V1_JOINS)
		j = oldest;
	else if (belongs(j, f))
		return j;
	join_drop(j);
	j->ip = *ip;
	j->spi_i = h->spi_i;
	j->spi_r = h->spi_r;
	j->id = f->id;
	return j;
}

static void keep(struct join *j, const struct v1_fragment *f)
{
	struct piece *piece = &j->piece[f->number - 1];

	if (piece->n)
		return;
	piece->p = malloc(f->len);
	if (!piece->p)
		abort();
	memcpy(piece->p, f->data, f->len);
	piece->n = f->len;
	j->len += f->len;
	j->have++;
	if (j->top < f->number)
		j->top = f->number;
	if (f->last)
		j->last = f->number;
}

static uint8_t *put_together(const struct join *j)
{
	uint8_t *whole = malloc(j->len), *at = whole;

	if (!whole)
		abort();
	for (unsigned int i = 0; i < j->last; i++) {
		memcpy(at, j->piece[i].p, j->piece[i].n);
		at += j->piece[i].n;
	}
	return whole;
}

/**
 * v1_joins_add() - one more piece
 * @t: messages that are not whole; made when there are none
 * @ip: from where to where
 * @h: the header of the piece
 * @f: the piece
 * @whole: out: the message, for free(); NULL: something is missing
 * @n: out: its octets
 *
 * Return: OK or FRAGMENT_LIMIT: then none of the message is kept.
 */
enum isakmp_reason v1_joins_add(struct v1_joins **t, const struct ip_packet *ip,
				const struct isakmp_header *h, const struct v1_fragment *f,
				uint8_t **whole, size_t *n)
{
	struct join *j;

	*whole = NULL;
	if (f->number > IKE_FRAGMENTS_MAX)
		return ISAKMP_R_FRAGMENT_LIMIT;
	if (!*t)
		*t = calloc(1, sizeof(**t));
	if (!*t)
		abort();
	j = join_for(*t, ip, h, f);
	j->used = ++(*t)->clock;
	keep(j, f);
	if (j->len > IKE_MSG_MAX) {
		join_drop(j);
		return ISAKMP_R_FRAGMENT_LIMIT;
	}
	if (j->last && j->have == j->last) {
		*n = j->len;
		*whole = put_together(j);
		join_drop(j);
	}
	return ISAKMP_OK;
}
