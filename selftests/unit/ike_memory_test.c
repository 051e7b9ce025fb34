// SPDX-License-Identifier: GPL-2.0
/* Memory: every allocation of a handshake fails once; no secret stays behind. */
#include "talk.h"

/*
 * The ends after a failure: each child is up at both or at neither, or its half
 * is one that the other end will never hear of again and finds out by liveness.
 */
static void check_after(struct talk *t)
{
	struct end *a = &t->a, *b = &t->b;

	if (a->live && b->live && a->ike.state == IKE_S_ESTABLISHED &&
	    b->ike.state == IKE_S_ESTABLISHED) {
		CHECK_EQ(!a->xfrm, !b->xfrm);
		CHECK_EQ(talk_child_state(a) == IKE_CHILD_UP, a->xfrm != NULL);
		CHECK_EQ(talk_child_state(b) == IKE_CHILD_UP, b->xfrm != NULL);
	}
	CHECK(!a->xfrm || a->live);
	CHECK(!b->xfrm || b->live);
}

/* Timers of both ends until all is said; liveness finds a dead peer. */
static bool fragments;		/* IKE_AUTH comes in several */

static struct talk *with_dpd(void)
{
	struct talk *t = talk_new();

	if (fragments) {
		t->a.peer.fragment = t->b.peer.fragment = IKE_FRAGMENT_SIZE_MIN;
		t->a.cert_len = t->b.cert_len = 1000;
	}
	t->a.peer.dpd_s = t->b.peer.dpd_s = 20;
	t->a.peer.life_s = t->b.peer.life_s = 0;
	return t;
}

/* Fail the n-th point from @stage on, then let both go on as they can. */
static bool fail_from(enum talk_stage stage, unsigned long n)
{
	struct talk *t = with_dpd();
	bool over;

	if (stage > TALK_INIT)
		talk_advance(t, stage - 1);
	native_mem_fail_at(n);
	if (stage == TALK_INIT) {
		talk_open_a(t);
		talk_do(&t->a, IKE_EV_START, 0);
	}
	talk_settle(t);
	over = native_mem_points() < n;
	native_mem_fail_at(0);
	talk_let_pass(t, 300000);
	check_after(t);
	/* A lone end has given up, too */
	CHECK(t->a.live == t->b.live || t->a.ike.state == IKE_S_DEAD ||
	      t->b.ike.state == IKE_S_DEAD);
	if (over)
		CHECK(t->a.xfrm && t->b.xfrm);
	talk_over(t);
	return over;
}

static void test_fail_nth(void)
{
	unsigned int stage;
	unsigned long n;

	for (stage = TALK_INIT; stage <= TALK_UP; stage++) {
		for (n = 1; n < 1000; n++) {
			tap_note("stage %u, failure %lu", stage, n);
			if (fail_from(stage, n))
				break;
		}
		CHECK(n < 1000 && n > 1);
	}
}

static void test_fail_fragments(void)
{
	fragments = true;
	test_fail_nth();
	fragments = false;
}

/* With a cookie on the way: the first message is made anew. */
static void test_fail_cookie(void)
{
	struct message m;
	struct talk *t;
	unsigned long n;
	bool over = false;

	for (n = 1; !over && n < 100; n++) {
		tap_note("failure %lu", n);
		t = with_dpd();
		talk_advance(t, TALK_INIT);
		talk_flush(&t->a);
		message_new(&m, &t->b, IKE_SA_INIT, IKE_RESPONSE, 0);
		m.h.spi_i = t->a.ike.ep->spi_i;
		m.h.flags = IKE_FLAG_RESPONSE;
		message_add(&m, IKE_PL_NOTIFY, "\0\0\x40\x06" "cookie", 10);
		native_mem_fail_at(n);
		message_deliver(&m, &t->b);
		over = native_mem_points() < n;
		native_mem_fail_at(0);
		talk_let_pass(t, 300000);
		check_after(t);
		CHECK(!t->a.live || t->a.xfrm);
		talk_over(t);
	}
	CHECK(over && n > 3);
}

/* Stopping, deleting, answering: an end may die of it, but whole. */
static void test_fail_info(void)
{
	static const u8 types[] = { IKE_EV_STOP, IKE_EV_CHILD_STOP, IKE_EV_CHECK };
	unsigned int i, who;
	struct talk *t;
	unsigned long n;
	bool over;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		for (who = 0; who < 2; who++) {
			over = false;
			for (n = 1; !over && n < 100; n++) {
				tap_note("event %u, %c, failure %lu", types[i], 'A' + who, n);
				t = with_dpd();
				talk_advance(t, TALK_UP);
				native_mem_fail_at(n);
				talk_do(who ? &t->b : &t->a, types[i], 0);
				talk_settle(t);
				over = native_mem_points() < n;
				native_mem_fail_at(0);
				talk_let_pass(t, 300000);
				check_after(t);
				talk_over(t);
			}
			CHECK(over && n > 3);
		}
}

/* No memory to open a message: it is not junk for that, and may come again. */
static void test_fail_open(void)
{
	struct talk *t = talk_at(TALK_AUTH);
	struct packet junk = packet_copy(&t->a.queue[0]), p;
	u64 before;

	junk.p[junk.n - 1] ^= 1;
	CHECK_REASON(talk_deliver(&t->b, &junk), ISAKMP_R_ICV);	/* keys are there now */
	p = talk_take(&t->a);
	before = talk_hash(&t->b);
	native_mem_fail_at(1);
	CHECK_REASON(talk_deliver(&t->b, &p), ISAKMP_R_NO_MEMORY);
	native_mem_fail_at(2);
	CHECK_REASON(talk_deliver(&t->b, &p), ISAKMP_R_NO_MEMORY);
	native_mem_fail_at(0);
	CHECK_EQ(talk_hash(&t->b), before);
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
	talk_settle(t);
	CHECK(t->a.xfrm && t->b.xfrm);
	packet_free(&junk);
	packet_free(&p);
	talk_over(t);
}

/*
 * A first protected message that finds no memory has not come: the same again goes
 * on from there.  Nobody is refused for it, nothing is given up.
 */
static void check_heard_again(enum talk_stage stage)
{
	struct talk *t;
	struct end *to;
	unsigned long n;
	bool over = false;
	u8 state;

	for (n = 1; !over && n < 200; n++) {
		tap_note("stage %u, failure %lu", stage, n);
		t = talk_at(stage);
		to = stage == TALK_AUTH ? &t->b : &t->a;
		state = to->ike.state;
		native_mem_fail_at(n);
		talk_deliver(to, &talk_other(to)->queue[0]);
		over = native_mem_points() < n;
		native_mem_fail_at(0);
		if (!over) {
			CHECK_REASON(to->why, ISAKMP_R_NO_MEMORY);
			CHECK_EQ(to->ike.state, state);
			CHECK(!to->ike.setup->inner && !to->ike.id_remote && !to->asks ==
			      (to == &t->b));
		}
		talk_flush(&t->a);
		talk_flush(&t->b);
		talk_timer(&t->a, t->now + 1000);
		talk_settle(t);
		CHECK(t->a.xfrm && t->b.xfrm);
		CHECK_EQ(t->a.refusals + t->b.refusals, !over);
		talk_over(t);
	}
	CHECK(over && n > 4);
}

static void test_heard_again(void)
{
	check_heard_again(TALK_AUTH);
	check_heard_again(TALK_AUTH_ANSWERED);
}

/* ---- secrets --------------------------------------------------------------------- */

struct secrets {
	u8 d[64], pi[64], pr[64];
	size_t n;
};

static struct secrets secrets_of(const struct ike_sa *sa)
{
	struct secrets s = { .n = isakmp_prf_len(sa->ep->suite.prf) };

	memcpy(s.d, sa->ep->sk_d, 64);
	memcpy(s.pi, sa->sk_pi, 64);
	memcpy(s.pr, sa->sk_pr, 64);
	return s;
}

static bool held(const void *p, size_t n, const struct talk *t)
{
	return native_mem_holds(p, n) || memmem(&t->a.ike, sizeof(t->a.ike), p, n) ||
	       memmem(&t->b.ike, sizeof(t->b.ike), p, n);
}

static void check_gone(const struct secrets *s, const struct talk *t)
{
	CHECK(!held(s->d, s->n, t));
	CHECK(!held(s->pi, s->n, t));
	CHECK(!held(s->pr, s->n, t));
}

/* g^ir is gone as soon as the keys are there, SK_p with IKE_AUTH; the rest, with their SA. */
static void test_secrets(void)
{
	struct talk *t;
	struct secrets s;
	u8 key[36];

	talk_derived = 0;
	t = talk_at(TALK_I_ASKING);
	s = secrets_of(&t->a.ike);

	CHECK_EQ(talk_derived, 1);
	CHECK(held(s.d, s.n, t));
	CHECK(!held(talk_shared, 32, t));
	talk_advance(t, TALK_UP);
	CHECK(!held(talk_shared, 32, t));
	CHECK(!held(s.pi, s.n, t) && !held(s.pr, s.n, t));
	CHECK(held(s.d, s.n, t));
	memcpy(key, t->a.last.key_in, 36);
	CHECK(!held(key, 32, t));
	memcpy(key, t->b.last.key_in, 36);
	CHECK(!held(key, 32, t));
	talk_release(t);
	check_gone(&s, t);
	CHECK_EQ(native_mem_outstanding(), 0);
	talk_free(t);
}

/*
 * RFC 7296, 2.12: who answers repeats and no more has forgotten the keys: an IKE SA that
 * was deleted, and what a rekey has left over.
 */
static void test_secrets_closed(void)
{
	struct talk *t = talk_at(TALK_I_ASKING);
	struct secrets s = secrets_of(&t->a.ike);
	struct ike_epoch *first = t->b.ike.ep;

	talk_advance(t, TALK_UP);
	talk_do(&t->a, IKE_EV_REKEY, 0);
	talk_settle(t);
	CHECK_EQ(first->state, IKE_EPOCH_GONE);
	CHECK(!first->sk_in && !first->sk_out);
	check_gone(&s, t);
	s = secrets_of(&t->a.ike);
	CHECK(held(s.d, s.n, t));
	talk_do(&t->a, IKE_EV_STOP, 0);
	talk_settle(t);
	CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
	CHECK(t->b.live && !t->b.ike.ep->sk_in && !t->b.ike.ep->sk_out);
	CHECK(!held(s.d, s.n, t));
	talk_release(t);
	talk_free(t);
}

/* The same for an SA that is refused, deleted, or given up. */
static void test_secrets_refused(void)
{
	struct secrets s;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		tap_note("end %u", i);
		t = talk_at(TALK_I_ASKING);
		s = secrets_of(&t->a.ike);
		if (i)
			talk_advance(t, i == 1 ? TALK_R_ASKING : TALK_UP);
		if (i == 0)
			talk_answer(&t->a, ISAKMP_R_NO_SECRET);
		else if (i == 1)
			talk_answer(&t->b, ISAKMP_R_AUTH_FAILED);
		else if (i == 2)
			talk_do(&t->a, IKE_EV_STOP, 0);
		else
			talk_do(&t->a, IKE_EV_KILL, 0);
		talk_let_pass(t, 300000);
		talk_release(t);
		check_gone(&s, t);
		CHECK_EQ(native_mem_outstanding(), 0);
		talk_free(t);
	}
}

/* Threats 49, 50, 71: first messages that are refused leave nothing, however many. */
static void test_flat(void)
{
	struct talk *t = talk_at(TALK_INIT);
	struct packet p = talk_take(&t->a);
	size_t blocks = native_mem_outstanding(), octets = native_mem_bytes();
	unsigned int i;

	t->b.candidate[0] = NULL;
	for (i = 0; i < 10000; i++) {
		CHECK_REASON(talk_deliver(&t->b, &p), ISAKMP_R_NO_PROPOSAL);
		talk_flush(&t->b);
	}
	CHECK(!t->b.live);
	CHECK_EQ(native_mem_outstanding(), blocks);
	CHECK_EQ(native_mem_bytes(), octets);
	packet_free(&p);
	talk_over(t);
}

int main(void)
{
	TAP_RUN(test_fail_nth, "fail-nth: every allocation of a handshake (threats 41, 58)");
	TAP_RUN(test_fail_fragments, "memory: the same with IKE_AUTH in fragments (threat 70)");
	TAP_RUN(test_fail_cookie, "fail-nth: the first message again, with a cookie");
	TAP_RUN(test_fail_info, "fail-nth: Deletes and liveness");
	TAP_RUN(test_fail_open, "no memory to open a message: not junk");
	TAP_RUN(test_heard_again, "no memory for IKE_AUTH: not heard, and heard again, at both ends (threat 58)");
	TAP_RUN(test_secrets, "secrets: gone with what needed them");
	TAP_RUN(test_secrets_closed, "secrets: gone while answers are still repeated (RFC 7296, 2.12)");
	TAP_RUN(test_secrets_refused, "secrets: gone however an SA ends");
	TAP_RUN(test_flat, "ten thousand refused first messages leave nothing (threats 49, 50, 71)");
	return tap_done();
}
