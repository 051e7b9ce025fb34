// SPDX-License-Identifier: GPL-2.0
/*
 * Everything that was ever said is said again, from where it came: while its ISAKMP SA is up,
 * when another one has its place, and when it is forgotten.  The SPI of a child that was
 * deleted is that of another one by then, so a Delete that counts twice would end it.
 */
#include <stdlib.h>

#include <isakmp/ikev1.h>
#include "v1/engine.h"
#include "record.h"
#include "scene.h"

static struct said {
	struct said *next;
	struct node *to;
	struct isakmp_path way;
	size_t n;
	u8 p[];
} *said, **end = &said;

static bool listening;

static bool listen(struct node *from, const struct isakmp_path *way, u8 *p, size_t n)
{
	struct said *s;

	if (!listening)
		return true;
	s = calloc(1, sizeof(*s) + n);
	s->to = &world->node[1 - from->n];
	s->way = *way;
	s->n = n;
	memcpy(s->p, p, n);
	*end = s;
	end = &s->next;
	return true;
}

static void forget(void)
{
	struct said *s;

	while ((s = said)) {
		said = s->next;
		free(s);
	}
	end = &said;
}

/* What a replay must not change. */
static u64 state_of(const struct world *w)
{
	static const u64 key[2] = { 5, 6 };
	const struct isakmp_xfrm *x;
	const struct ike_epoch *ep;
	const struct sim_sa *s;
	u64 v[4], sum = w->children;
	int i;

	for (x = records; x; x = x->next) {
		v[0] = x->spi_in;
		v[1] = x->spi_out;
		v[2] = x->held;
		v[3] = (u64)x->node;
		sum += isakmp_siphash(key, v, sizeof(v));
	}
	for (i = 0; i < NODES; i++)
		for (s = w->node[i].sas; s; s = s->next)
			for (ep = s->ike.ep; ep; ep = ep->next) {
				if (ep->state == IKE_EPOCH_GONE)
					continue;
				v[0] = ep->spi_i;
				v[1] = ep->spi_r;
				v[2] = ep->v1->state;
				v[3] = s->ike.id << 8 | s->ike.state;
				sum += isakmp_siphash(key, v, sizeof(v));
			}
	return sum;
}

/* But first messages: anybody may begin anew. */
static void repeat_all(struct world *w)
{
	u64 was = state_of(w);
	struct said *s;

	listening = false;
	for (s = said; s; s = s->next) {
		if (!get_unaligned_be64(s->p + V1_COOKIE_LEN))
			continue;
		world_inject(w, s->to, &s->way, s->p, s->n);
		world_run(w, w->now + 50);
		if (state_of(w) != was)
			broken("exchange %u id %u, to %c, counts again", s->p[18],
			       get_unaligned_be32(s->p + 20), 'A' + s->to->n);
	}
	listening = true;
	traffic_flow(w);
	world_run(w, w->now + 1000);
	if (w->packets_lost)
		broken("a packet is lost");
}

/* @node ends its child; the next one has the same SPI. */
static void again(struct world *w, int node)
{
	struct ike_event ev = { .type = IKE_EV_CHILD_START };
	struct sim_sa *s = scene_sa(w, node);

	w->spi_again[node] = scene_child(w, node)->spi_in;
	sa_event_in(s, 0, IKE_EV_CHILD_STOP);
	world_run(w, w->now + 30000);
	if (records)
		broken("a child is left");
	ev.peer = &s->node->peer;
	ev.child = &s->node->child;
	sa_event(s, &ev);
	world_run(w, w->now + 30000);
	scene_check_up(w);
	if (w->spi_again[node])
		broken("the SPI is another one");
}

/**
 * scene_replay - all that was said, said again
 * @seed: of the world
 * @arg: whose Deletes: 0, of who has begun; 1, of the other one
 */
void scene_replay(u64 seed, unsigned int arg)
{
	struct world *w = scene_open(seed, seed % 2 ? V1_MAIN : V1_AGGRESSIVE);
	int i;

	listening = true;
	w->wire = listen;
	node_start(&w->node[0], 0);
	world_run(w, w->now + 10000);
	scene_check_up(w);
	again(w, (int)arg);
	repeat_all(w);
	if (!w->reasons[ISAKMP_R_OLD_ID])
		broken("nothing was refused as old");
	/* Over to another ISAKMP SA, of either end: the one before is used a while, then forgotten */
	for (i = 0; i < NODES; i++) {
		sa_event_in(scene_sa(w, i), 0, IKE_EV_REKEY);
		world_run(w, w->now + 5000);
		repeat_all(w);
		world_run(w, w->now + 15000);
		repeat_all(w);
		world_run(w, w->now + 100000);
		repeat_all(w);
		scene_check_up(w);
	}
	if (w->rekeys < 4)
		broken("there was no other ISAKMP SA");
	listening = false;
	forget();
	scene_close(w);
}
