// SPDX-License-Identifier: GPL-2.0
/* How many requests may be under way: RFC 7296, 2.2 and 2.3. */
#include "talk.h"

#define WINDOW 4

/* Both up; A keeps so many requests of B's, and has said so. */
static struct talk *up_with(u8 window)
{
	struct talk *t = talk_new();

	t->a.peer.window = window;
	t->b.peer.window = 1;
	talk_advance(t, TALK_UP);
	talk_settle(t);
	CHECK_EQ(t->b.ike.ep->window_out, window);
	CHECK_EQ(t->a.ike.ep->window_in, window);
	CHECK_EQ(t->a.ike.ep->window_out, 1);
	CHECK_EQ(t->b.ike.ep->window_in, 1);
	return t;
}

/* Liveness checks as tasks: each is a request. */
static void checks(struct end *e, unsigned int n)
{
	while (n--)
		talk_do(e, IKE_EV_CHECK, 0);
}

static u32 msgid_of(const struct packet *p)
{
	return get_unaligned_be32(p->p + 20);
}

static void test_one(void)
{
	struct talk *t = up_with(1);

	CHECK_EQ(t->a.ike.ep->next_out, 2);	/* nothing was said */
	checks(&t->b, 3);
	CHECK_EQ(t->b.queued, 1);
	talk_settle(t);
	CHECK(!t->b.ike.ep->out && !t->b.ike.tasks);
	talk_over(t);
}

static void test_several(void)
{
	struct talk *t = up_with(WINDOW);
	u32 first = t->b.ike.ep->next_out;
	struct packet p;

	checks(&t->b, WINDOW + 2);
	CHECK_EQ(t->b.queued, WINDOW);
	/* The oldest one is answered: there is room for one more */
	p = talk_take(&t->b);
	CHECK_EQ(msgid_of(&p), first);
	talk_deliver(&t->a, &p);
	packet_free(&p);
	p = talk_take(&t->a);
	talk_deliver(&t->b, &p);
	packet_free(&p);
	CHECK_EQ(t->b.queued, WINDOW);
	CHECK_EQ(t->b.ike.ep->next_out, first + WINDOW + 1);
	talk_settle(t);
	CHECK(!t->b.ike.ep->out && !t->b.ike.tasks);
	CHECK_EQ(t->a.ike.ep->next_in, t->b.ike.ep->next_out);
	talk_over(t);
}

/* Out of order: "it MUST wait until it has received responses to all requests" before. */
static void test_order(void)
{
	struct talk *t = up_with(WINDOW);
	u32 first = t->a.ike.ep->next_in;
	struct packet request[WINDOW], answer[WINDOW];
	unsigned int i;

	checks(&t->b, WINDOW + 1);
	for (i = 0; i < WINDOW; i++)
		request[i] = talk_take(&t->b);
	for (i = WINDOW; i--;) {
		CHECK_EQ(talk_deliver(&t->a, &request[i]), ISAKMP_OK);
		CHECK_EQ(t->a.ike.ep->next_in, i ? first : first + WINDOW);
		answer[i] = talk_take(&t->a);
		CHECK_EQ(msgid_of(&answer[i]), first + i);
	}
	/* Each of them again: the same octets */
	for (i = 0; i < WINDOW; i++) {
		struct packet again;

		talk_deliver(&t->a, &request[i]);
		again = talk_take(&t->a);
		CHECK_EQ(again.n, answer[i].n);
		CHECK_MEM(again.p, answer[i].p, again.n);
		packet_free(&again);
	}
	for (i = WINDOW; --i;) {
		talk_deliver(&t->b, &answer[i]);
		CHECK_EQ(t->b.queued, 0);
	}
	talk_deliver(&t->b, &answer[0]);
	CHECK_EQ(t->b.queued, 1);
	for (i = 0; i < WINDOW; i++) {
		packet_free(&request[i]);
		packet_free(&answer[i]);
	}
	talk_settle(t);
	talk_over(t);
}

/* What is ahead of the window, or was answered in it, is refused by name. */
static void test_outside(void)
{
	struct talk *t = up_with(WINDOW);
	struct message m;
	u32 next;

	checks(&t->b, 1);
	talk_settle(t);
	next = t->a.ike.ep->next_in;
	message_new(&m, &t->b, IKE_INFORMATIONAL, IKE_REQUEST, next + WINDOW);
	CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_AHEAD_ID);
	message_new(&m, &t->b, IKE_INFORMATIONAL, IKE_REQUEST, next + WINDOW - 1);
	CHECK_EQ(message_deliver(&m, &t->b), ISAKMP_OK);
	message_new(&m, &t->b, IKE_INFORMATIONAL, IKE_REQUEST, next + WINDOW - 1);
	CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_OLD_ID);
	CHECK_EQ(t->a.ike.ep->next_in, next);
	message_new(&m, &t->b, IKE_INFORMATIONAL, IKE_REQUEST, next - 1);
	CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_OLD_ID);
	talk_flush(&t->a);
	talk_over(t);
}

static void say(struct talk *t, u32 window)
{
	u8 n[8] = { 0, 0, IKE_N_SET_WINDOW_SIZE >> 8, IKE_N_SET_WINDOW_SIZE & 0xff };
	struct message m;

	put_unaligned_be32(window, n + 4);
	message_new(&m, &t->a, IKE_INFORMATIONAL, IKE_REQUEST, t->a.ike.ep->next_out++);
	message_add(&m, IKE_PL_NOTIFY, n, sizeof(n));
	message_deliver(&m, &t->a);
	talk_flush(&t->b);
}

/* It grows only, and not without end. */
static void test_grows(void)
{
	struct talk *t = up_with(WINDOW);

	say(t, 2);
	CHECK_EQ(t->b.ike.ep->window_out, WINDOW);
	say(t, 0);
	CHECK_EQ(t->b.ike.ep->window_out, WINDOW);
	say(t, 0xffffffff);
	CHECK_EQ(t->b.ike.ep->window_out, IKE_WINDOW_MAX);
	talk_over(t);
}

/* A rekey of the IKE SA waits until nothing is under way, and starts over with 1. */
static void test_rekey(void)
{
	struct talk *t = up_with(WINDOW);
	const struct ike_epoch *old = t->b.ike.ep;
	struct packet p[2];
	unsigned int i;

	checks(&t->b, 2);
	talk_do(&t->b, IKE_EV_REKEY, 0);
	checks(&t->b, 1);
	CHECK_EQ(t->b.queued, 2);
	for (i = 0; i < 2; i++)
		p[i] = talk_take(&t->b);
	for (i = 0; i < 2; i++) {
		struct packet answer;

		CHECK(!t->b.queued);
		talk_deliver(&t->a, &p[i]);
		answer = talk_take(&t->a);
		talk_deliver(&t->b, &answer);
		packet_free(&answer);
		packet_free(&p[i]);
	}
	/* Now, and nothing beside it */
	CHECK_EQ(t->b.queued, 1);
	checks(&t->b, 2);
	CHECK_EQ(t->b.queued, 1);
	while (t->b.ike.ep == old) {
		p[0] = talk_take(t->b.queued ? &t->b : &t->a);
		CHECK(p[0].n);
		talk_deliver(t->a.ike.rekeyed ? &t->b : &t->a, &p[0]);
		packet_free(&p[0]);
	}
	CHECK_EQ(t->b.ike.ep->window_out, 1);
	talk_settle(t);
	CHECK_EQ(t->b.ike.ep->window_out, WINDOW);	/* said again */
	CHECK_EQ(t->a.ike.ep->window_in, WINDOW);
	talk_over(t);
}

/* Who answered says it once the other end speaks: before, that may still verify AUTH. */
static void test_answered(void)
{
	struct talk *t = talk_new();

	t->a.peer.window = 1;
	t->b.peer.window = WINDOW;
	talk_advance(t, TALK_AUTH_ANSWERED);
	CHECK_EQ(t->b.queued, 1);
	CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
	CHECK_EQ(t->a.ike.state, IKE_S_I_VERIFY);
	CHECK_EQ(t->b.queued, 0);
	talk_settle(t);
	CHECK_EQ(t->a.refusals + t->b.refusals, 0);
	CHECK_EQ(t->a.ike.ep->window_out, 1);
	checks(&t->a, 1);
	talk_settle(t);
	CHECK_EQ(t->a.ike.ep->window_out, WINDOW);

	/* The same of what a rekey has made: there the other end may not have it yet */
	talk_do(&t->a, IKE_EV_REKEY, 0);
	CHECK_EQ(talk_pass(&t->a), ISAKMP_OK);
	CHECK_EQ(t->b.ike.rekeyed, 1);
	CHECK_EQ(t->b.queued, 1);
	talk_settle(t);
	CHECK_EQ(t->a.ike.ep->window_out, 1);
	checks(&t->a, 1);
	talk_settle(t);
	CHECK_EQ(t->a.ike.ep->window_out, WINDOW);
	CHECK_EQ(t->a.refusals + t->b.refusals, 0);
	talk_over(t);
}

/* The window grows while a request is under way, whose answer is lost: it is kept. */
static void test_kept(void)
{
	struct talk *t = talk_new();

	t->a.peer.window = 1;
	t->b.peer.window = WINDOW;
	talk_advance(t, TALK_UP);
	checks(&t->a, 1);
	CHECK_EQ(talk_pass(&t->a), ISAKMP_OK);
	talk_lose(&t->b);
	CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
	CHECK_EQ(t->a.ike.ep->window_out, WINDOW);
	checks(&t->a, 2);
	talk_settle(t);
	CHECK(t->a.ike.ep->out && !t->a.ike.ep->out->next);
	talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
	CHECK_EQ(talk_pass(&t->a), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);
	talk_settle(t);
	CHECK(!t->a.ike.ep->out);
	talk_over(t);
}

/* A request is out: what is to be said waits, the most urgent first. */
static void test_tasks(void)
{
	struct talk *t = talk_at(TALK_UP);
	struct message m;

	talk_do(&t->a, IKE_EV_CHECK, 0);
	talk_do(&t->a, IKE_EV_CHECK, 0);
	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	CHECK_EQ(t->a.queued, 1);
	talk_deliver(&t->b, &t->a.queue[0]);
	talk_flush(&t->a);
	talk_deliver(&t->a, &t->b.queue[0]);
	talk_flush(&t->b);
	CHECK_EQ(t->a.queued, 1);
	message_read(&m, &t->a, &t->a.queue[0]);
	CHECK_EQ(m.n, 1);
	CHECK_EQ(m.b[0].p[0], IKE_PROTO_ESP);
	message_free(&m);
	talk_do(&t->a, IKE_EV_STOP, 0);
	talk_settle(t);
	CHECK_EQ(t->a.sent, 5);		/* and the liveness check is not worth it */
	CHECK(!t->a.live && t->b.ike.state == IKE_S_DEAD);
	talk_over(t);
	/* Nothing that waits is forgotten */
	t = talk_at(TALK_UP);
	talk_do(&t->a, IKE_EV_CHECK, 0);
	talk_do(&t->a, IKE_EV_CHECK, 0);
	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	talk_settle(t);
	CHECK_EQ(t->a.sent, 5);
	CHECK(!t->a.ike.tasks && !t->a.ike.ep->out && !t->a.xfrm && !t->b.xfrm);
	talk_over(t);
}

int main(void)
{
	TAP_RUN(test_one, "one request at a time, unless the peer says more");
	TAP_RUN(test_tasks, "requests wait for each other, urgent ones first");
	TAP_RUN(test_several, "as many as the peer keeps");
	TAP_RUN(test_order, "out of order; each answer again; the oldest holds the window");
	TAP_RUN(test_outside, "outside of the window");
	TAP_RUN(test_grows, "it grows, never shrinks, and has a limit");
	TAP_RUN(test_rekey, "a rekey of the IKE SA waits, and starts over with one");
	TAP_RUN(test_answered, "who answered says it once the other end has the answer");
	TAP_RUN(test_kept, "an answer is kept when the window grows");
	return tap_done();
}
