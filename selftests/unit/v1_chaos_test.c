// SPDX-License-Identifier: GPL-2.0
/*
 * Children of version 1 when everything happens at once: rekeys, losses and starts at both
 * ends, over a network that loses, repeats and delays messages of Quick Mode.  (Deletes
 * are one-way: a lost one leaves the child at the other end until its end.)
 */
#include "v1_children.h"
#include "v1/phase2.h"

#define SEEDS 300

static u32 dice_state;

static unsigned int dice(unsigned int sides)
{
	dice_state = dice_state * 1664525 + 1013904223;
	return (dice_state >> 8) % sides;
}

static bool rough(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	if (p->n < IKE_HDR_LEN || p->p[18] != V1_QUICK)
		return true;
	switch (dice(5)) {
	case 0:
		return false;
	case 1: {
		struct packet copy = packet_copy(p);

		v1_lab_deliver(talk_other(from), &copy);
		packet_free(&copy);
	}
	}
	return true;
}

static void something(struct talk *t)
{
	struct end *e = dice(2) ? &t->a : &t->b;
	struct ike_child *c = talk_child_in(e, IKE_CHILD_UP);

	switch (dice(6)) {
	case 0:
	case 1:
		if (c)
			talk_do(e, IKE_EV_CHILD_REKEY, c->spi_in);
		break;
	case 2:
		if (c)
			talk_do(e, IKE_EV_CHILD_LOST, c->spi_in);
		break;
	case 3:
		start(e);
		break;
	case 4:
		if (c)
			talk_do(e, IKE_EV_CHILD_USED, c->spi_in);
		break;
	case 5:
		v1_lab_let_pass(t, dice(8000));
		break;
	}
	if (dice(2) && e->queued)
		v1_lab_pass(e);
}

/* Each child that is up at one end is up at the other. */
static void check_mirror(const struct end *e, const struct end *o)
{
	const struct ike_child *c, *d;

	for (c = e->ike.children; c; c = c->next) {
		CHECK_EQ(c->state, IKE_CHILD_UP);
		CHECK(!c->held);
		for (d = o->ike.children; d && d->spi_out != c->spi_in; d = d->next)
			;
		CHECK(d);
	}
}

static void test_chaos(void)
{
	struct talk *t;
	unsigned int i, n, seed, several = 0, given_up = 0;

	for (seed = 0; seed < SEEDS; seed++) {
		tap_note("seed %u", seed);
		dice_state = seed;
		t = v1_lab_up(v1_lab_new());
		t->a.child.life_s = t->b.child.life_s = 0;
		v1_lab.net = rough;
		n = 5 + dice(20);
		for (i = 0; i < n; i++)
			something(t);
		v1_lab.net = NULL;
		v1_lab_let_pass(t, 8 * IKE_REKEYED_MS);
		CHECK(t->a.live && t->b.live);
		/* Both ends may have given up the ISAKMP SA; there is no other one here */
		if (!t->a.live || !t->b.live || !v1_phase1_ready(&t->a.ike) ||
		    !v1_phase1_ready(&t->b.ike)) {
			given_up++;
			v1_lab_over(t);
			continue;
		}
		start(&t->a);
		v1_lab_let_pass(t, 8 * IKE_REKEYED_MS);
		CHECK(t->a.ike.n_children >= 1);
		several += t->a.ike.n_children > 1;
		check_mirror(&t->a, &t->b);
		check_mirror(&t->b, &t->a);
		v1_lab_over(t);
	}
	tap_note("%u with several, %u given up", several, given_up);
	CHECK(several < SEEDS / 10);
	CHECK(given_up < SEEDS / 10);
}

int main(void)
{
	TAP_RUN(test_chaos, "Children of version 1: both ends see the same in the end");
	return tap_done();
}
