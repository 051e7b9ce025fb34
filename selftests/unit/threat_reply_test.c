// SPDX-License-Identifier: GPL-2.0
/*
 * What goes out, and what was in memory before.  The native programs are compiled
 * so that a local variable that is not written to has octets of 0xfe (gcc's
 * -ftrivial-auto-var-init=pattern); whatever an answer has of them, the engine
 * never wrote.
 */
#include "talk.h"

#define PAINT 0xfe
#define RUN 4			/* by chance once in 2^32 octets */

static bool painted(const u8 *p, size_t n)
{
	size_t i, run = 0;

	for (i = 0; i < n; i++) {
		run = p[i] == PAINT ? run + 1 : 0;
		if (run == RUN)
			return true;
	}
	return false;
}

static unsigned int looked;

/* Everything that an end has to say, in clear and opened. */
static void look(struct end *e)
{
	struct message m;
	unsigned int i, j;

	for (i = 0; i < e->queued; i++) {
		struct packet *p = &e->queue[i];

		looked++;
		CHECK(!painted(p->p, p->n) || p->p[16] == IKE_PL_SK);
		if (!e->live || p->p[16] != IKE_PL_SK)
			continue;
		message_read(&m, e, p);
		for (j = 0; j < m.n; j++)
			CHECK(!painted(m.b[j].p, m.b[j].n));
		message_free(&m);
	}
}

static void give(struct end *to, const struct packet *p)
{
	talk_deliver(to, p);
	look(to);
}

static void test_life(void)
{
	static const enum talk_stage stages[] = {
		TALK_INIT, TALK_INIT_ANSWERED, TALK_I_ASKING, TALK_AUTH, TALK_R_ASKING,
		TALK_AUTH_ANSWERED, TALK_I_VERIFYING, TALK_UP,
	};
	struct talk *t = talk_at(TALK_INIT);
	unsigned int i;

	looked = 0;
	for (i = 0; i < ARRAY_SIZE(stages); i++) {
			talk_advance(t, stages[i]);
		look(&t->a);
		look(&t->b);
	}
	talk_do(&t->a, IKE_EV_CHECK, 0);
	look(&t->a);
	give(&t->b, &t->a.queue[0]);
	CHECK(looked >= 6);
	talk_over(t);
}

/* A responder that never heard of anybody gets a first message with one bit flipped. */
static void give_flipped(size_t at, int bit)
{
	struct talk *t = talk_at(TALK_INIT);
	struct packet p = packet_copy(&t->a.queue[0]);

	if (at < p.n) {
		p.p[at] ^= 1 << bit;
		give(&t->b, &p);
	}
	packet_free(&p);
	talk_over(t);
}

static void test_first(void)
{
	size_t at, n;
	struct talk *t = talk_at(TALK_INIT);

	n = t->a.queue[0].n;
	talk_over(t);
	looked = 0;
	for (at = IKE_HDR_LEN; at < n; at++) {
		tap_note("octet %zu", at);
		give_flipped(at, 0);
		give_flipped(at, 7);
	}
	CHECK(looked > n);	/* most are answered: by an error, or as if nothing were */
}

static void test_can_fail(void)
{
	u8 some[64] = { 0 }, unwritten[RUN];

	/* the compiler does it: see above */
	asm volatile("" : : "r"(unwritten) : "memory");
	CHECK(painted(unwritten, RUN));
	CHECK(!painted(some, sizeof(some)));
	memset(some + 60, PAINT, RUN);
	CHECK(painted(some, sizeof(some)));
	CHECK(!painted(some, sizeof(some) - 1));
}

int main(void)
{
	TAP_RUN(test_can_fail, "paint is recognized");
	TAP_RUN(test_life, "nothing stale in any message of an SA's life (threat 6)");
	TAP_RUN(test_first, "nothing stale in answers to damaged first messages (threat 6)");
	return tap_done();
}
