// SPDX-License-Identifier: GPL-2.0
/*
 * Directed runs of version 1: what the network, the helper or an attacker does is in a
 * script, and each has a claim of its own beside what must always be true.
 *
 *	loss		the last message of an exchange is lost, once or more in a row
 *	replay.c	old messages, when their SPIs stand for something again
 *	commit		the commit bit, which no HASH covers, is turned
 *	helper		phase 1 ends while the helper is dead
 *	XAUTH		asks again, when another phase 1 is begun
 *	crossing	another phase 1 is begun by both ends
 *
 * Each is run in a few worlds: suites, groups and sizes of fragments differ, and in every third
 * one A is behind a NAT.
 */
#include <stdio.h>
#include <stdlib.h>

#include <isakmp/ikev1.h>
#include "v1/engine.h"
#include "record.h"
#include "scene.h"

/* Seeds: no XAUTH, no inner addresses but where a run wants them */
static const u64 worlds[] = { 1, 2, 4, 6, 9, 11 };

/* ---- a world in which nothing happens by itself ------------------------------- */

struct world *scene_open(u64 seed, u8 exchange)
{
	struct world *w = world_new(seed, world_verbose, true);
	int i;

	w->weather = (struct weather){ .delay = 20 };
	for (i = 0; i < NODES; i++) {
		w->node[i].peer.v1.exchange = exchange;
		w->node[i].peer.life_s = 14400;
		w->node[i].peer.dpd_s = 0;
		w->node[i].child.life_s = 3600;
	}
	return w;
}

/* The one connection of a node; what is being set up is none yet. */
struct sim_sa *scene_sa(struct world *w, int node)
{
	struct sim_sa *s, *found = NULL;

	for (s = w->node[node].sas; s; s = s->next) {
		if (s->ike.state != IKE_S_ESTABLISHED)
			continue;
		if (found)
			broken("%c has more than one connection", 'A' + node);
		found = s;
	}
	if (!found)
		broken("%c has no connection", 'A' + node);
	return found;
}

/* The one child that it has; what it wants in its place is none yet. */
struct ike_child *scene_child(struct world *w, int node)
{
	struct ike_child *c, *found = NULL;

	for (c = scene_sa(w, node)->ike.children; c; c = c->next) {
		if (!c->xfrm)
			continue;
		if (found)
			broken("%c has more than one child", 'A' + node);
		found = c;
	}
	if (!found || found->state != IKE_CHILD_UP || found->held)
		broken("%c has no child that it sends through", 'A' + node);
	return found;
}

/* Each end has one connection with one child, through which both send. */
void scene_check_up(struct world *w)
{
	const struct ike_child *a = scene_child(w, 0), *b = scene_child(w, 1);

	if (a->spi_in != b->spi_out || a->spi_out != b->spi_in)
		broken("the ends have different children");
}

/* When all is quiet. */
void scene_close(struct world *w)
{
	w->wire = NULL;
	world_agree(w);
	world_free(w);
}

/* ---- loss ------------------------------------------------------------------------ */

static struct {
	u8 exchange;
	unsigned int left;		/* so many of them are still to be lost */
	unsigned int said;		/* so often it was said */
	u64 digest;			/* all of them are the same */
	unsigned int asked;		/* so often the message before it was said */
	u32 msgid;			/* Quick: which; 0: none yet */
	u64 first;			/* its message 1 */
} last;

static u64 digest_of(const u8 *p, size_t n)
{
	static const u64 key[2] = { 3, 4 };

	return isakmp_siphash(key, p, n);
}

/* Is it the last message of an exchange that A has begun?  Main: B's, the others: A's. */
static bool is_last(const struct node *from, const u8 *p, size_t n)
{
	bool sealed = p[IKE_HDR_FLAGS_AT] & V1_FLAG_ENCRYPTION;

	switch (last.exchange) {
	case V1_MAIN:
		return sealed && from->n == 1;
	case V1_AGGRESSIVE:
		return from->n == 0 && get_unaligned_be64(p + V1_COOKIE_LEN);
	}
	if (!last.msgid) {
		last.msgid = get_unaligned_be32(p + 20);
		last.first = digest_of(p, n);
	}
	return from->n == 0 && last.msgid == get_unaligned_be32(p + 20) &&
	       digest_of(p, n) != last.first;
}

static bool lose_last(struct node *from, const struct isakmp_path *way, u8 *p, size_t n)
{
	if (p[18] != last.exchange || p[IKE_HDR_NEXT_AT] == V1_PL_FRAGMENT)
		return true;
	if (!is_last(from, p, n)) {
		last.asked += from->n == (last.exchange == V1_MAIN ? 0 : 1);
		return true;
	}
	if (last.said++ && last.digest != digest_of(p, n))
		broken("what is said again differs");
	last.digest = digest_of(p, n);
	if (!last.left)
		return true;
	last.left--;
	return false;
}

/*
 * Whoever says it keeps it, and says it when the other end asks again, not by a timer of its
 * own: as often as it was asked, and the same octets.
 */
static void lost(u64 seed, u8 exchange, u8 phase1, unsigned int times)
{
	struct world *w = scene_open(seed, phase1);
	int i;

	for (i = 0; i < NODES; i++)
		w->node[i].peer.fragment = 0;
	memset(&last, 0, sizeof(last));
	last.exchange = exchange;
	last.left = times;
	w->wire = lose_last;
	node_start(&w->node[0], 0);
	world_run(w, w->now + 60000);
	if (last.left || last.said < times + 1)
		broken("it was said %u times, and %u are still to be lost", last.said, last.left);
	if (last.said > last.asked)
		broken("it was said %u times, and asked for %u times", last.said, last.asked);
	scene_check_up(w);
	if (w->children != 2)
		broken("%llu children came up", (unsigned long long)w->children);
	scene_close(w);
}

static void lost_main(u64 seed, unsigned int times)
{
	lost(seed, V1_MAIN, V1_MAIN, times);
}

static void lost_aggressive(u64 seed, unsigned int times)
{
	lost(seed, V1_AGGRESSIVE, V1_AGGRESSIVE, times);
}

static void lost_quick(u64 seed, unsigned int times)
{
	lost(seed, V1_QUICK, V1_MAIN, times);
}

/* ---- the commit bit --------------------------------------------------------------- */

static struct {
	unsigned int at;	/* in which datagram, from 1; 0: in all; UINT_MAX: in none */
	unsigned int n;		/* datagrams so far */
	bool first;		/* it was one of phase 1 */
} turn;

static bool turn_commit(struct node *from, const struct isakmp_path *way, u8 *p, size_t n)
{
	if (++turn.n != turn.at && turn.at)
		return true;
	turn.first = !get_unaligned_be32(p + 20);
	p[IKE_HDR_FLAGS_AT] ^= V1_FLAG_COMMIT;
	return true;
}

static void check_used(struct world *w)
{
	const struct ike_child *c;
	int i;

	for (i = 0; i < NODES; i++)
		for (c = scene_sa(w, i)->ike.children; c; c = c->next)
			if (c->state == IKE_CHILD_UP && c->held)
				broken("message %u: %c does not use its child", turn.at, 'A' + i);
}

/* A conversation with all kinds of messages: when both were established is in @up. */
static struct world *converse(u64 seed, u8 exchange, u64 up[NODES])
{
	struct world *w = scene_open(seed, exchange);
	int i;

	turn.n = 0;
	w->wire = turn_commit;
	for (i = 0; i < NODES; i++)
		w->node[i].peer.dpd_s = 5;
	node_start(&w->node[0], 0);
	world_run(w, w->now + 10000);
	for (i = 0; i < NODES; i++)
		up[i] = scene_sa(w, i)->ike.established_at;
	world_run(w, w->now + V1_COMMIT_MS);
	scene_check_up(w);
	sa_event_in(scene_sa(w, 1), 0, IKE_EV_CHILD_REKEY);
	world_run(w, w->now + V1_COMMIT_MS + 1000);
	check_used(w);
	world_run(w, w->now + 30000);
	scene_check_up(w);
	return w;
}

/*
 * Turned in each message by turns, and in all of them: phase 1 takes as long as without, and
 * children are used after a while.
 */
static void commit(u64 seed, u8 exchange)
{
	u64 plain[NODES], up[NODES];
	unsigned int n;
	int i;

	turn.at = ~0U;
	scene_close(converse(seed, exchange, plain));
	n = turn.n;
	for (turn.at = 0; turn.at <= n; turn.at++) {
		scene_close(converse(seed, exchange, up));
		for (i = 0; i < NODES; i++)
			if ((turn.first || !turn.at) && up[i] != plain[i])
				broken("message %u: %c is up after %llu ms, not %llu", turn.at,
				       'A' + i, (unsigned long long)up[i],
				       (unsigned long long)plain[i]);
	}
}

static void commit_main(u64 seed, unsigned int times)
{
	commit(seed, V1_MAIN);
}

static void commit_aggressive(u64 seed, unsigned int times)
{
	commit(seed, V1_AGGRESSIVE);
}

/* ---- the helper is dead when phase 1 ends --------------------------------------------- */

static void flow(struct world *w, u64 until)
{
	traffic_flow(w);
	if (w->now < until)
		world_call_in(w, 1000, flow, until);
}

static void helpers(struct world *w, unsigned int which, bool up)
{
	int i;

	for (i = 0; i < NODES; i++)
		if (which & 1U << i)
			w->node[i].helper_up = up;
}

static void check_phase1(struct world *w, bool there)
{
	int i;

	for (i = 0; i < NODES; i++)
		if (!v1_phase1_ready(&scene_sa(w, i)->ike) == there)
			broken("%c has %s ISAKMP SA", 'A' + i, there ? "no" : "an");
}

/* @which: of whose helper, as bits: it dies, and comes back after ten minutes. */
static struct world *orphan(u64 seed, unsigned int which, u32 child_s)
{
	struct world *w = scene_open(seed, V1_MAIN);
	int i;

	for (i = 0; i < NODES; i++) {
		w->node[i].peer.life_s = 120;
		w->node[i].child.life_s = child_s;
	}
	node_start(&w->node[0], 0);
	world_run(w, w->now + 20000);
	scene_check_up(w);
	helpers(w, which, false);
	world_call_in(w, 0, flow, w->now + 900000);
	world_run(w, w->now + 300000);
	check_phase1(w, false);
	return w;
}

/* Children go on as if nothing were: every packet arrives. */
static void helper_dead(u64 seed, unsigned int which)
{
	struct world *w = orphan(seed, which, 3600);
	u64 packets = w->packets;
	u32 spi = scene_child(w, 0)->spi_in;

	world_run(w, w->now + 300000);
	scene_check_up(w);
	check_phase1(w, false);
	if (w->packets < packets + 2 * 290 || w->packets_lost)
		broken("%llu packets came, %llu are lost",
		       (unsigned long long)(w->packets - packets),
		       (unsigned long long)w->packets_lost);
	helpers(w, which, true);
	world_run(w, w->now + 200000);
	check_phase1(w, true);
	scene_check_up(w);
	if (scene_child(w, 0)->spi_in != spi || w->packets_lost)
		broken("the child is another one, or a packet was lost");
	scene_close(w);
}

/* A child is used until the end that was agreed on, not longer; when the helper is back so is it. */
static void helper_dead_long(u64 seed, unsigned int which)
{
	struct world *w = orphan(seed, which, 400);
	u64 packets = w->packets;

	scene_check_up(w);
	world_run(w, w->now + 60000);
	scene_check_up(w);
	if (w->packets < packets + 2 * 50 || w->packets_lost)
		broken("packets are lost before the end of the child");
	world_run(w, w->now + 120000);
	packets = w->packets;
	world_run(w, w->now + 30000);
	if (w->packets != packets)
		broken("a child is used longer than it may");
	helpers(w, which, true);
	world_run(w, w->now + 300000);
	check_phase1(w, true);
	scene_check_up(w);
	scene_close(w);
}

/* ---- both ends begin phase 1 at once ------------------------------------------------------ */

/* Neither takes the other one's for what it has the place of: there is one afterwards. */
static void crossing(u64 seed, unsigned int ms)
{
	struct world *w = scene_open(seed, seed % 2 ? V1_MAIN : V1_AGGRESSIVE);

	node_start(&w->node[0], 0);
	world_run(w, w->now + 20000);
	scene_check_up(w);
	world_call_in(w, 0, flow, w->now + 200000);
	sa_event_in(scene_sa(w, 0), 0, IKE_EV_REKEY);
	sa_event_in(scene_sa(w, 1), ms, IKE_EV_REKEY);
	world_run(w, w->now + 60000);
	check_phase1(w, true);
	world_run(w, w->now + 140000);
	check_phase1(w, true);
	scene_check_up(w);
	if (w->packets_lost || w->rekeys < 2)
		broken("%llu packets are lost, %llu rekeys", (unsigned long long)w->packets_lost,
		       (unsigned long long)w->rekeys);
	scene_close(w);
}

/* ---- both ends begin the connection at once ---------------------------------------------- */

static void ask_user(struct world *w)
{
	int i;

	for (i = 0; i < NODES; i++) {
		w->node[i].certs = false;
		w->node[i].xauth = true;
		w->node[i].peer.v1.methods = BIT(IKE_V1_PSK);
		w->node[i].peer.v1.xauth = i ? IKE_V1_XAUTH_PEER : IKE_V1_XAUTH_US;
		helper_setup(&w->node[i]);
	}
}

static void start_second(struct world *w, u64 node)
{
	node_start(&w->node[node], 0);
}

/*
 * B starts up to 150 ms later than A, or A than B; A has an address of B's, or a name, or both:
 * there is one connection at each end, with one child.
 */
static void crossing_starts(u64 seed, unsigned int arg)
{
	struct world *w = scene_open(seed, seed % 2 ? V1_MAIN : V1_AGGRESSIVE);
	unsigned int kind = arg % 5, first = arg / 5 % 2;

	if (kind >= 2)
		ask_user(w);
	if (kind != 2)
		v1_give_address(w, kind & 1);
	node_start(&w->node[first], 0);
	world_call_in(w, arg / 10 * 30, start_second, 1 - first);
	world_run(w, w->now + IKE_ESTABLISH_MS + 10000);
	scene_check_up(w);
	scene_close(w);
}

/* ---- XAUTH ------------------------------------------------------------------------------- */

/* Who asks for name and password, @node 1, begins another phase 1, and who is asked: it is he. */
static void asked_again(u64 seed, unsigned int node)
{
	struct world *w = scene_open(seed, seed % 2 ? V1_MAIN : V1_AGGRESSIVE);

	ask_user(w);
	node_start(&w->node[0], 0);
	world_run(w, w->now + 20000);
	scene_check_up(w);
	if (strcmp(scene_sa(w, 1)->ike.v1->user, PKI_USER))
		broken("B does not know who A is");
	sa_event_in(scene_sa(w, (int)node), 0, IKE_EV_REKEY);
	world_run(w, w->now + 60000);
	check_phase1(w, true);
	scene_check_up(w);
	if (w->rekeys != 2 || w->reasons[ISAKMP_R_NO_IDENTITY] ||
	    strcmp(scene_sa(w, 1)->ike.v1->user, PKI_USER))
		broken("there was no other ISAKMP SA of the same user");
	scene_close(w);
}

/* ---- all of them ------------------------------------------------------------------------ */

static const struct scene {
	const char *name;
	void (*run)(u64 seed, unsigned int arg);
	unsigned int from, to;	/* of @arg: each of these */
} scenes[] = {
	{ "loss of Main Mode 6, up to five times", lost_main, 1, 5 },
	{ "loss of Aggressive Mode 3, up to four times", lost_aggressive, 1, 4 },
	{ "loss of Quick Mode 3, up to four times", lost_quick, 1, 4 },
	{ "replay of Quick Mode 1 and of Deletes", scene_replay, 0, 1 },
	{ "the commit bit, Main Mode", commit_main, 0, 0 },
	{ "the commit bit, Aggressive Mode", commit_aggressive, 0, 0 },
	{ "phase 1 ends, the helper is dead: traffic goes on", helper_dead, 1, 3 },
	{ "both ends begin another phase 1 at once", crossing, 0, 9 },
	{ "XAUTH, and another phase 1 of either end", asked_again, 0, 1 },
	{ "both ends begin at once, one with an inner address or a name", crossing_starts, 0, 59 },
	{ "phase 1 ends, the helper is dead: children end in time", helper_dead_long, 1, 3 },
};

/* Those whose name has @word in it: each a line of TAP.  Return: how many there are. */
unsigned int scenes_run(const char *word)
{
	const struct scene *s;
	unsigned int i, j, n = 0, arg;

	for (i = 0; i < ARRAY_SIZE(scenes); i++) {
		s = &scenes[i];
		if (word && !strstr(s->name, word))
			continue;
		world_scene = s->name;
		for (j = 0; j < ARRAY_SIZE(worlds); j++)
			for (arg = s->from; arg <= s->to; arg++)
				s->run(worlds[j], arg);
		printf("ok %u - sim: %s\n", ++n, s->name);
	}
	world_scene = NULL;
	return n;
}
