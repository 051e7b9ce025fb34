// SPDX-License-Identifier: GPL-2.0
/*
 * Long lives: hours in which children and the IKE SA are rekeyed again and again, by
 * time, by packets and because somebody wants it, while the network loses, repeats and
 * delays, a NAT forgets and helpers die.  In every second one things happen besides that
 * end a child or an SA, in every fourth memory runs out now and then.
 */
#include "world.h"

#define SHORT_MS	(20 * 60 * 1000)
#define LONG_MS		(2 * 3600 * 1000)
#define SHORT_SEEDS	1000	/* later ones are long */

/**
 * lives_long - is this run a long life?
 * @seed: of the run
 */
bool lives_long(u64 seed)
{
	return seed % 2;
}

static bool peaceful(const struct world *w)
{
	return w->seed / 2 % 2;
}

/* Memory runs out, now and then. */
static bool poor(const struct world *w)
{
	return w->seed / 4 % 4 == 3;
}

/**
 * lives_refuse - is what an end shall do refused there, for no reason of the peer's?
 * @w: the world
 */
bool lives_refuse(struct world *w)
{
	if (!w->fussy || !odds(w, 60))
		return false;
	traffic_trouble(w);
	return true;
}

/* Both ends have lives of their own. */
static void lifetimes(struct world *w, struct node *node)
{
	unsigned int i;

	node->peer.life_s = (u32)(200 + chance(w, 1000));
	for (i = 0; i < node->peer.n_child; i++) {
		struct ike_child_policy *p = i ? &node->more[i - 1] : &node->child;

		p->life_s = (u32)(60 + chance(w, 400));
		p->life_packets = chance(w, 2) ? 20 + chance(w, 100) : 0;
	}
	node->tun = (struct ike_tunables){ 500, 8, 30000, 3 };
	node->peer.dpd_s = (u32)(20 + chance(w, 60));
}

static void helper_back(struct world *w, u64 node)
{
	w->node[node].helper_up = true;
}

/* What ends nothing. */
static void harmless(struct world *w)
{
	struct node *node = &w->node[chance(w, NODES)];
	static const u8 types[] = { IKE_EV_REKEY, IKE_EV_CHILD_REKEY, IKE_EV_CHECK };
	u8 type = types[chance(w, ARRAY_SIZE(types))];
	struct sim_sa *s;
	int i;

	switch (chance(w, 5)) {
	case 0:
		nat_forget(&w->node[0]);
		break;
	case 1:
		node->helper_up = false;
		world_call_in(w, chance(w, 300000), helper_back, (u64)node->n);
		break;
	case 2:		/* at both ends, about the same time */
		for (i = 0; i < NODES; i++)
			for (s = w->node[i].sas; s; s = s->next)
				sa_event_in(s, chance(w, 40), type);
		break;
	default:
		for (s = node->sas; s; s = s->next)
			sa_event_in(s, 0, type);
	}
}

static void more_children(struct world *w)
{
	struct ike_event ev = { .type = IKE_EV_CHILD_START };
	struct node *node = &w->node[chance(w, NODES)];

	if (!node->sas || node->sas->handling)
		return;
	ev.peer = &node->peer;
	ev.child = &node->more[chance(w, MORE)];
	sa_event(node->sas, &ev);
}

static void tick(struct world *w, u64 until)
{
	if (w->now >= until)
		return;
	traffic_flow(w);
	if (odds(w, 10))
		nat_esp(&w->node[chance(w, NODES)]);
	if (odds(w, 15))
		harmless(w);
	if (odds(w, 5))
		more_children(w);
	if (odds(w, 10))
		roam_move(w);
	if (poor(w) && odds(w, 30)) {
		native_mem_fail_at(1 + chance(w, 100));
		traffic_trouble(w);
	}
	if (!peaceful(w) && odds(w, 5))
		happen(w);
	/* What has ended begins anew */
	if (!w->node[0].sas && odds(w, 50))
		node_start(&w->node[0], 0);
	world_call_in(w, 1 + chance(w, 2000), tick, until);
}

/**
 * lives_run - a long life, until it has been long enough
 * @w: the world
 */
void lives_run(struct world *w)
{
	static const unsigned int losses[] = { 0, 0, 50, 100, 200, 400 };
	u64 until = w->now + (w->seed > SHORT_SEEDS ? LONG_MS : SHORT_MS);
	int i;

	w->weather = (struct weather){
		.loss = losses[chance(w, ARRAY_SIZE(losses))],
		.duplicate = (unsigned int)chance(w, 100),
		.delay = chance(w, 3) ? 100 : 1000, .mangle = (unsigned int)chance(w, 30),
	};
	for (i = 0; i < NODES; i++)
		lifetimes(w, &w->node[i]);
	w->fussy = w->seed / 8 % 4 == 3;
	node_start(&w->node[0], 0);
	world_call_in(w, 0, tick, until);
	world_run(w, until);
	native_mem_fail_at(0);
	w->fussy = false;
}
