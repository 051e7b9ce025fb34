// SPDX-License-Identifier: GPL-2.0
/* A child that is rekeyed while the one before it still waits for its Delete. */
#include "talk.h"

/* Two requests under way each way. */
static struct talk *up(void)
{
	struct talk *t = talk_at(TALK_UP);

	t->a.ike.ep->window_out = t->a.ike.ep->window_in = 2;
	t->b.ike.ep->window_out = t->b.ike.ep->window_in = 2;
	return t;
}

static void pass(struct packet p, struct end *to)
{
	CHECK(p.n);
	talk_deliver(to, &p);
	packet_free(&p);
}

/* What sends: the one child that is in and not held. */
static u32 sender(const struct end *e)
{
	const struct ike_child *c;
	u32 spi = 0;

	for (c = e->ike.children; c; c = c->next) {
		if (!c->xfrm || c->xfrm->held)
			continue;
		CHECK(!spi);
		spi = c->spi_in;
	}
	return spi;
}

static u32 last_of(const struct end *e)
{
	const struct ike_child *c = e->ike.children;

	while (c->next)
		c = c->next;
	return c->spi_in;
}

/*
 * P is rekeyed to X, X to N, and only then P's Delete arrives: that says that the peer
 * has X, and nothing of N, which its answer has yet to tell it of.
 */
static void chain(struct talk *t, u32 *x, u32 *n, bool used)
{
	struct packet delete;

	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	pass(talk_take(&t->a), &t->b);
	*x = last_of(&t->b);
	pass(talk_take(&t->b), &t->a);
	delete = talk_take(&t->a);
	talk_do(&t->a, IKE_EV_CHILD_REKEY, t->b.last.spi_out);
	pass(talk_take(&t->a), &t->b);
	*n = last_of(&t->b);
	CHECK(*n != *x);
	if (used)		/* a packet through X says as much */
		talk_do(&t->b, IKE_EV_CHILD_USED, *x);
	else
		pass(delete, &t->b);
	CHECK(ike_child_of(&t->b.ike, *n)->held);
	CHECK(!ike_child_of(&t->b.ike, *x)->held);
	if (used)
		pass(delete, &t->b);
	else
		CHECK_EQ(sender(&t->b), *x);
	CHECK(ike_child_of(&t->b.ike, *n)->held);
}

static void test_chain(void)
{
	struct talk *t;
	unsigned int i;
	u32 x, n;

	for (i = 0; i < 2; i++) {
		t = up();
		t->b.rx = 10;
		chain(t, &x, &n, i);
		talk_settle(t);
		CHECK_EQ(sender(&t->b), n);
		talk_timer(&t->a, t->now + IKE_CHILD_LINGER_MS);
		talk_timer(&t->b, t->now);
		talk_settle(t);
		CHECK_EQ(t->b.ike.n_children, 1);
		CHECK_EQ(t->a.ike.n_children, 1);
		/* Nothing that was counted is lost: of P and of X */
		CHECK_EQ(t->b.ike.children->past[ISAKMP_PACKETS_IN], 20);
		CHECK_EQ(t->b.ike.children->rekeyed, 2);
		talk_over(t);
	}
}

/* The Delete of X overtakes that of P: P does not come back for that. */
static void test_overtaken(void)
{
	struct talk *t = up();
	struct packet delete;
	u32 p, n;

	t->a.ike.ep->window_out = t->b.ike.ep->window_in = 3;
	p = talk_child(&t->b)->spi_in;
	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	pass(talk_take(&t->a), &t->b);
	pass(talk_take(&t->b), &t->a);
	delete = talk_take(&t->a);
	talk_do(&t->a, IKE_EV_CHILD_REKEY, t->b.last.spi_out);
	pass(talk_take(&t->a), &t->b);
	n = last_of(&t->b);
	pass(talk_take(&t->b), &t->a);
	pass(talk_take(&t->a), &t->b);	/* the Delete of X */
	CHECK_EQ(ike_child_of(&t->b.ike, p)->state, IKE_CHILD_REKEYED);
	CHECK(!ike_child_of(&t->b.ike, n)->held);
	talk_timer(&t->b, t->now + IKE_CHILD_LINGER_MS);
	pass(delete, &t->b);
	CHECK_EQ(ike_child_of(&t->b.ike, p)->state, IKE_CHILD_GONE);
	CHECK_EQ(sender(&t->b), n);
	talk_settle(t);
	talk_timer(&t->a, t->now + IKE_CHILD_LINGER_MS);
	talk_timer(&t->b, t->now);
	CHECK_EQ(t->a.ike.n_children + t->b.ike.n_children, 2);
	CHECK_EQ(t->a.refusals + t->b.refusals, 0);
	talk_over(t);
}

/* One child, the same at both ends, whatever was asked for meanwhile. */
static void one_is_left(struct talk *t, unsigned int rekeyed, unsigned int lost)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		talk_settle(t);
		talk_timer(&t->a, t->now + IKE_CHILD_LINGER_MS);
		talk_timer(&t->b, t->now);
	}
	talk_settle(t);
	CHECK_EQ(t->a.ike.n_children, 1);
	CHECK_EQ(t->b.ike.n_children, 1);
	CHECK_EQ(t->a.ike.children->spi_in, t->b.ike.children->spi_out);
	CHECK_EQ(t->a.ike.children->rekeyed, rekeyed);
	CHECK_EQ(t->a.refused[ISAKMP_R_CHILD_LOST] + t->b.refused[ISAKMP_R_CHILD_LOST], lost);
}

/* Our answer is on its way: what it announces is not rekeyed before the peer has it. */
static void test_held(void)
{
	struct talk *t = up();
	u32 n;

	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	pass(talk_take(&t->a), &t->b);
	n = last_of(&t->b);
	talk_do(&t->b, IKE_EV_CHILD_REKEY, n);
	CHECK_EQ(t->b.queued, 1);	/* the answer */
	CHECK_EQ(ike_child_of(&t->b.ike, n)->rekey_at, t->now + IKE_DELAY_MS);
	one_is_left(t, 2, 0);
	CHECK_EQ(t->a.refusals + t->b.refusals, 0);
	talk_over(t);
}

/* The peer rekeys what it has announced, and we have not heard of: later. */
static void test_unheard(void)
{
	struct talk *t = up();
	struct packet answer;
	u32 n;

	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	pass(talk_take(&t->a), &t->b);
	n = last_of(&t->b);
	answer = talk_take(&t->b);
	ike_child_of(&t->b.ike, n)->held = false;
	talk_do(&t->b, IKE_EV_CHILD_REKEY, n);
	CHECK_EQ(t->b.queued, 1);
	pass(talk_take(&t->b), &t->a);
	CHECK_EQ(t->a.refused[ISAKMP_R_REKEY_BUSY], 1);
	pass(answer, &t->a);
	one_is_left(t, 2, 0);
	talk_over(t);
}

/* What becomes of B's successor, which has won, before A's answer comes. */
enum fate { REKEYED_ON, LOST };

/* B deletes P; its successor @m is rekeyed, or lost and set up anew. */
static void goes_on(struct talk *t, enum fate fate, u32 m)
{
	talk_settle(t);		/* the Delete of P */
	talk_do(&t->b, fate == LOST ? IKE_EV_CHILD_LOST : IKE_EV_CHILD_REKEY, m);
	talk_timer(&t->b, t->now);
	talk_settle(t);
	talk_timer(&t->a, t->now + IKE_CHILD_LINGER_MS);
	talk_lose(&t->a);	/* asked again */
}

/* Both ends ask. Return: the answer that A waits for; the one to B is on its way. */
static struct packet cross(struct talk *t)
{
	struct packet ask, answer;

	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	talk_do(&t->b, IKE_EV_CHILD_REKEY, 0);
	ask = talk_take(&t->b);
	pass(talk_take(&t->a), &t->b);
	answer = talk_take(&t->b);
	pass(ask, &t->a);
	return answer;
}

/*
 * Both ends ask, the answer that A waits for is late, and B's successor wins.  What A hears
 * of at last is one too many, though B's is not there any more.
 */
static bool late_answer(enum fate fate)
{
	struct talk *t = up();
	struct packet answer;
	bool b_won;
	u32 n, m;

	answer = cross(t);
	n = last_of(&t->a);
	pass(talk_take(&t->a), &t->b);
	m = ike_child_of(&t->a.ike, n)->spi_out;
	b_won = ike_child_of(&t->b.ike, m)->state == IKE_CHILD_UP;
	if (b_won) {
		goes_on(t, fate, m);
		CHECK(!ike_child_of(&t->a.ike, n));
		n = sender(&t->a);
		pass(answer, &t->a);
		CHECK_EQ(sender(&t->a), n);
		one_is_left(t, fate == LOST ? 0 : 2, fate == LOST);
	} else {
		packet_free(&answer);
	}
	talk_over(t);
	return b_won;
}

static void late_answers(enum fate fate)
{
	unsigned int i, won = 0;

	for (i = 0; i < 64 && won < 2; i++)	/* by chance: who has the lowest nonce */
		won += late_answer(fate);
	CHECK_EQ(won, 2);
}

static void test_late_rekeyed(void)
{
	late_answers(REKEYED_ON);
}

static void test_late_lost(void)
{
	late_answers(LOST);
}

/* As above, but B cannot have its successor, and deletes that: A's takes the place of P. */
static void test_given_up(void)
{
	struct packet answer;
	unsigned int i;
	struct talk *t;

	for (i = 0; i < 8; i++) {	/* whatever the nonces say */
		t = up();
		answer = cross(t);
		t->b.install_why = ISAKMP_R_XFRM_STATE;
		pass(talk_take(&t->a), &t->b);
		t->b.install_why = ISAKMP_OK;
		talk_settle(t);		/* the Delete */
		pass(answer, &t->a);
		one_is_left(t, 1, 0);
		talk_over(t);
	}
}

int main(void)
{
	TAP_RUN(test_overtaken, "the Delete of the second overtakes that of the first");
	TAP_RUN(test_late_rekeyed, "an answer so late that the peer has rekeyed its own successor");
	TAP_RUN(test_late_lost, "an answer so late that the peer has lost its own successor");
	TAP_RUN(test_given_up, "the peer gives up its own successor: ours is used");
	TAP_RUN(test_held, "a child that the peer may not have yet is not rekeyed");
	TAP_RUN(test_unheard, "rekeyed before its answer has come: TEMPORARY_FAILURE (RFC 7296, 2.25)");
	TAP_RUN(test_chain, "rekeyed twice before the first Delete: sends through what the peer has");
	return tap_done();
}
