// SPDX-License-Identifier: GPL-2.0
/*
 * The simulator: two gateways, one seed a run.
 *
 *	sim [N]		runs seeds 1 to N (default 50)
 *	sim -v -s SEED	one run, told line by line
 *	sim -1 ...	the same with version 1
 *	sim -d [WORD]	directed runs of version 1: all, or those with the word in their name
 *
 * A run has a stormy part, in which things happen, and a calm one, after which
 * both ends must agree on every SA or both know that there is none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <isakmp/ikev1.h>
#include "world.h"

#define STORM_MS 90000		/* of trouble */
#define CALM_MS 240000		/* for timers to settle what is left */
#define MOMENTS 6000		/* of 10 ms */

/* ---- what happens -------------------------------------------------------- */

/* Any SA of a node: the n-th, or NULL. */
static struct sim_sa *some_sa(struct world *w, struct node *node)
{
	struct sim_sa *s;
	u64 n = 0, pick;

	for (s = node->sas; s; s = s->next)
		n++;
	pick = chance(w, n);
	for (s = node->sas; s && pick; s = s->next)
		pick--;
	return s;
}

static struct node *some_node(struct world *w)
{
	return &w->node[chance(w, NODES)];
}

static void happen_event(struct world *w, u64 type)
{
	struct sim_sa *s = some_sa(w, some_node(w));

	if (!s)
		return;
	if (type == IKE_EV_STOP || type == IKE_EV_KILL || type == IKE_EV_CHILD_STOP)
		traffic_trouble(w);
	say("%c: event %llu for SA %llu", 'A' + s->node->n, (unsigned long long)type,
	    (unsigned long long)s->ike.id);
	sa_event_in(s, 0, (u8)type);
}

/* The same at both ends: they cross. */
static void happen_both(struct world *w, u64 type)
{
	struct sim_sa *s;
	int i;

	for (i = 0; i < NODES; i++)
		for (s = w->node[i].sas; s; s = s->next)
			sa_event_in(s, chance(w, 20), (u8)type);
}

static void happen_lost(struct world *w, u64 arg)
{
	struct sim_sa *s = some_sa(w, some_node(w));
	struct ike_event ev = { .type = chance(w, 2) ? IKE_EV_CHILD_LOST : IKE_EV_CHILD_EXPIRED };
	struct ike_child *c = s ? s->ike.children : NULL;
	u64 n = s ? chance(w, s->ike.n_children + 1U) : 0;

	while (c && n--)
		c = c->next;
	if (!c || c->state != IKE_CHILD_UP)
		return;
	ev.spi = c->spi_in;
	traffic_trouble(w);
	sa_event(s, &ev);
}

static void happen_child_start(struct world *w, u64 arg)
{
	struct sim_sa *s = some_sa(w, some_node(w));
	struct ike_event ev = { .type = IKE_EV_CHILD_START };

	if (!s || s->handling)
		return;
	ev.peer = &s->node->peer;
	ev.child = &s->node->more[chance(w, MORE)];
	say("%c: SA %llu shall have %s", 'A' + s->node->n, (unsigned long long)s->ike.id,
	    ev.child->name);
	sa_event(s, &ev);
}

static void happen_crash(struct world *w, u64 arg)
{
	node_crash(some_node(w));
}

static void happen_start(struct world *w, u64 node)
{
	node_start(&w->node[node], 0);
}

static void helper_back(struct world *w, u64 node)
{
	say("%c: helper is back", 'A' + (int)node);
	w->node[node].helper_up = true;
}

static void happen_helper_death(struct world *w, u64 arg)
{
	struct node *node = some_node(w);

	say("%c: helper dies", 'A' + node->n);
	node->helper_up = false;
	world_call_in(w, chance(w, 25000), helper_back, (u64)node->n);
}

static void happen_cookies(struct world *w, u64 arg)
{
	some_node(w)->want_cookies = true;
}

/* An unprotected error that anybody may have sent. */
static void happen_forged(struct world *w, u64 arg)
{
	static const u16 types[] = { IKE_N_NO_PROPOSAL_CHOSEN, IKE_N_INVALID_SYNTAX,
				     IKE_N_INVALID_KE_PAYLOAD, IKE_N_COOKIE };
	struct sim_sa *s = some_sa(w, &w->node[0]);
	struct isakmp_header h = { .major = w->v1 ? 1 : 2,
				   .exchange = w->v1 ? V1_INFORMATIONAL : IKE_SA_INIT,
				   .flags = w->v1 ? 0 : IKE_FLAG_RESPONSE };
	struct isakmp_builder b;
	struct isakmp_notify n = { .type = types[chance(w, 4)], .data = (const u8 *)"12",
				   .len = 2 };
	u8 buf[128];

	if (!s)
		return;
	h.spi_i = s->ike.ep->spi_i;
	isakmp_build_begin(&b, buf, sizeof(buf), &h);
	isakmp_build_payload(&b, IKE_PL_NOTIFY);
	isakmp_notify_encode(&b.o, &n);
	isakmp_build_close(&b);
	if (isakmp_build_end(&b))
		world_inject(w, s->node, &s->ike.path, buf, b.o.len);
}

static void happen_garbage(struct world *w, u64 arg)
{
	struct node *node = some_node(w);
	struct sim_sa *s = some_sa(w, node);
	struct isakmp_path path = { .local = node->addr, .lport = 500, .rport = 500 };
	size_t n = chance(w, 200);
	u8 buf[200];

	isakmp_random(buf, sizeof(buf));
	if (s && n >= 28) {
		put_unaligned_be64(s->ike.ep->spi_i, buf);
		put_unaligned_be64(s->ike.ep->spi_r, buf + 8);
		buf[17] = w->v1 ? 0x10 : 0x20;
		buf[18] = (u8)((w->v1 ? 30 : 34) + chance(w, 4));
		put_unaligned_be32((u32)n, buf + 24);
	}
	path.remote = w->node[1 - node->n].addr;
	if (n)
		world_inject(w, node, &path, buf, n);
}

static void happen_traffic(struct world *w, u64 arg)
{
	traffic_flow(w);
	nat_esp(some_node(w));
}

static void happen_move(struct world *w, u64 arg)
{
	roam_move(w);
}

static void happen_rebind(struct world *w, u64 arg)
{
	nat_forget(&w->node[0]);
}

struct happening {
	unsigned int odds;	/* of 1000, each of EVENTS times */
	void (*fn)(struct world *w, u64 arg);
	u64 arg;
};

#define EVENTS 12

static const struct happening happenings[] = {
	{ 40, happen_event, IKE_EV_STOP },
	{ 20, happen_event, IKE_EV_KILL },
	{ 40, happen_event, IKE_EV_CHILD_STOP },
	{ 60, happen_event, IKE_EV_CHECK },
	{ 80, happen_event, IKE_EV_REKEY },
	{ 80, happen_event, IKE_EV_CHILD_REKEY },
	{ 40, happen_both, IKE_EV_REKEY },
	{ 40, happen_both, IKE_EV_CHILD_REKEY },
	{ 40, happen_event, IKE_EV_START },
	{ 40, happen_lost, 0 },
	{ 120, happen_child_start, 0 },
	{ 20, happen_crash, 0 },
	{ 40, happen_helper_death, 0 },
	{ 20, happen_cookies, 0 },
	{ 60, happen_forged, 0 },
	{ 80, happen_garbage, 0 },
	{ 60, happen_traffic, 0 },
	{ 60, happen_rebind, 0 },
	{ 60, happen_move, 0 },
	{ 40, happen_start, 0 },
	{ 20, happen_start, 1 },
};

/* One of them, as likely as the table says. */
void happen(struct world *w)
{
	unsigned int i, sum = 0;

	for (i = 0; i < ARRAY_SIZE(happenings); i++)
		sum += happenings[i].odds;
	sum = (unsigned int)chance(w, sum);
	for (i = 0; sum >= happenings[i].odds; i++)
		sum -= happenings[i].odds;
	happenings[i].fn(w, happenings[i].arg);
}

static void plan(struct world *w)
{
	unsigned int i, j;

	for (i = 0; i < EVENTS; i++)
		for (j = 0; j < ARRAY_SIZE(happenings); j++)
			if (odds(w, happenings[j].odds))
				world_call_in(w, chance(w, STORM_MS), happenings[j].fn,
					      happenings[j].arg);
}

/* Some runs are between gateways that cannot agree on something. */
static void quarrel(struct world *w)
{
	static const struct ike_suite other = { IKE_PROTO_IKE, 0, IKE_ENCR_AES_GCM_16, 128, 0,
						IKE_PRF_HMAC_SHA2_384, IKE_KE_X25519 };
	struct node *b = &w->node[1];

	switch (chance(w, 12)) {
	case 0:
		b->secret = "another secret, of the same size";
		b->stranger = true;
		helper_setup(b);
		break;
	case 1:
		b->local_ts.start[1] = b->local_ts.end[1] = 99;
		break;
	case 2:
		b->peer.ike.n = 1;
		b->peer.ike.s[0] = other;
		break;
	case 3:
		b->child.esp.n = 1;
		b->child.esp.s[0].keylen = 192;
		break;
	case 4:
		w->node[0].child.on_close = IKE_ACTION_START;
		w->node[0].peer.life_s = 40;
		break;
	default:
		break;
	}
}

/* ---- what must be true in the end ---------------------------------------- */

/* Both ends have the same. */
void world_agree(struct world *w)
{
	const struct sim_sa *s;
	int i;

	for (i = 0; i < NODES; i++)
		for (s = w->node[i].sas; s; s = s->next) {
			if (s->ike.state != IKE_S_ESTABLISHED)
				broken("%c: SA %llu is still %s", 'A' + i,
				       (unsigned long long)s->ike.id,
				       ike_state_name(s->ike.state));
			if (!nat_mirror(s))
				broken("%c: SA %llu is established alone", 'A' + i,
				       (unsigned long long)s->ike.id);
			nat_check(s, nat_mirror(s));
			if (w->v1 && s != w->node[i].sas)
				broken("%c: a second connection to the same peer", 'A' + i);
		}
	record_check(w);
}

static void settle(struct world *w)
{
	int i, j;

	w->weather = (struct weather){ .delay = 20 };
	for (i = 0; i < NODES; i++) {
		w->node[i].helper_up = true;
		w->node[i].peer.life_s = 0;
		w->node[i].child.life_s = 0;
		for (j = 0; j < MORE; j++)
			w->node[i].more[j].life_s = 0;
	}
	if (w->v1)
		v1_calm(w);
	/* RFC 4555, 3.11: with MOBIKE a responder is patient */
	world_run(w, w->now + (w->mobile ? 3 * CALM_MS : CALM_MS));
	/* Lives that began in the storm still end, and make way: no new ones */
	for (i = 0; i < 4; i++)
		world_run(w, w->now + CALM_MS / 4);
	/* Nobody is in the middle of an exchange, if only for a moment */
	for (i = 0; i < MOMENTS && traffic_busy(w); i++)
		world_run(w, w->now + 10);
}

static u64 reasons[ISAKMP_R_MAX + 1];

static void run(u64 seed, bool v1, u64 *established, u64 *children, u64 *moves,
		u64 *rekeys)
{
	struct world *w = world_new(seed, world_verbose, v1);
	unsigned int i;

	if (lives_long(seed)) {
		lives_run(w);
	} else {
		w->weather = (struct weather){ .loss = seed % 4 ? 100 : 300, .duplicate = 50,
					       .delay = seed % 3 ? 100 : 1500, .mangle = 30 };
		quarrel(w);
		plan(w);
		node_start(&w->node[0], 0);
		world_run(w, w->now + STORM_MS);
	}
	settle(w);
	world_agree(w);
	*established += w->established;
	*children += w->children;
	*moves += w->moves;
	*rekeys += w->rekeys;
	for (i = 0; i <= ISAKMP_R_MAX; i++)
		reasons[i] += w->reasons[i];
	world_free(w);
}

static void print_reasons(void)
{
	static const char *const names[] = {
#define R(id, name, text) [ISAKMP_R_##id] = name,
		ISAKMP_REASONS(R)
#undef R
	};
	unsigned int i;

	for (i = 1; i <= ISAKMP_R_MAX; i++)
		if (reasons[i])
			printf("# reason: %s\n", names[i]);
}

static int direct(const char *word)
{
	unsigned int n = scenes_run(word);

	printf("1..%u\n", n);
	pki_free();
	return !n;
}

int main(int argc, char **argv)
{
	u64 n = 50, first = 1, seed, established = 0, children = 0, moves = 0, rekeys = 0;
	bool v1 = false, directed = false, fine;
	int opt;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((opt = getopt(argc, argv, "v1ds:")) != -1) {
		if (opt == 'v')
			world_verbose = true;
		else if (opt == '1')
			v1 = true;
		else if (opt == 'd')
			directed = true;
		else if (opt == 's')
			first = strtoull(optarg, NULL, 0), n = 1;
		else
			return 1;
	}
	if (directed)
		return direct(argv[optind]);
	if (optind < argc)
		n = strtoull(argv[optind], NULL, 0);
	for (seed = first; seed < first + n; seed++)
		run(seed, v1, &established, &children, &moves, &rekeys);
	printf("# %llu runs, %llu IKE SAs established, %llu rekeys of them, %llu children up, %llu moved\n",
	       (unsigned long long)n, (unsigned long long)established,
	       (unsigned long long)rekeys, (unsigned long long)children,
	       (unsigned long long)moves);
	print_reasons();
	/* A simulator in which nothing comes up, is rekeyed, or moves, proves nothing */
	fine = established >= n / 2 && children && (n < 100 || (moves && rekeys));
	printf("%s 1 - sim: %llu seeds%s\n1..1\n", fine ? "ok" : "not ok",
	       (unsigned long long)n, v1 ? " of version 1" : "");
	pki_free();
	return !fine;
}
