// SPDX-License-Identifier: GPL-2.0
/*
 * Quick Mode with PFS in a group that the helper computes, both roles: its own code answers
 * (ECP-521).
 */
#include "v1_children.h"
#include "v1_forge.h"
#include "v1/phase2.h"

#define GROUP IKE_KE_ECP_521

static void with_group(struct talk *t, u16 group)
{
	t->a.child.esp.s[0].ke = t->a.child.esp.s[1].ke = group;
	t->b.child.esp.s[0].ke = t->b.child.esp.s[1].ke = group;
}

static bool asks_kex(const struct end *e)
{
	return e->asking && e->ask.kind == IKE_ASK_KEX && e->ask.group == GROUP && e->ask.v1;
}

static struct talk *with_helpers(void)
{
	struct talk *t = v1_lab_new();

	with_group(t, GROUP);
	return t;
}

/* An ISAKMP SA without a child; then A's helper is asked for message 1. */
static struct talk *at_first(void)
{
	struct talk *t = v1_lab_up(with_helpers());

	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	v1_lab_let_pass(t, 2 * IKE_CHILD_LINGER_MS);
	check_up(t, 0);
	t->a.refusals = t->b.refusals = 0;
	t->a.installs = t->b.installs = 0;
	start(&t->a);
	return t;
}

/* B's helper is asked for message 2. */
static struct talk *at_second(void)
{
	struct talk *t = at_first();

	v1_lab_answer(&t->a);
	CHECK_EQ(v1_lab_pass(&t->a), ISAKMP_OK);
	return t;
}

/* A's helper is asked for message 3. */
static struct talk *at_third(void)
{
	struct talk *t = at_second();

	v1_lab_answer(&t->b);
	CHECK_EQ(v1_lab_pass(&t->b), ISAKMP_OK);
	return t;
}

static struct talk *(*const stages[])(void) = { at_first, at_second, at_third };

/* Whose helper is asked there. */
static struct end *asker(struct talk *t, unsigned int stage)
{
	return stage == 1 ? &t->b : &t->a;
}

static enum isakmp_reason refuse(struct end *e, enum isakmp_reason why)
{
	v1_lab.refuse[IKE_ASK_KEX] = why;
	why = v1_lab_answer(e);
	v1_lab.refuse[IKE_ASK_KEX] = ISAKMP_OK;
	return why;
}

/* ---- it works ------------------------------------------------------------------ */

/* Each question, what it carries, and what is on the wire by then; repeats ask nothing. */
static void test_up(void)
{
	struct talk *t = at_first();
	unsigned int sent = t->a.sent, asks;
	u8 seed[IKE_KEX_SEED_LEN];
	struct packet p;

	CHECK(asks_kex(&t->a));
	CHECK_EQ(t->a.ask.seed.len, IKE_KEX_SEED_LEN);
	CHECK_EQ(t->a.ask.peer_ke.len, 0);
	CHECK_EQ(t->a.sent, sent);
	memcpy(seed, t->a.ask.seed.p, sizeof(seed));
	CHECK_EQ(v1_lab_answer(&t->a), ISAKMP_OK);
	CHECK_EQ(t->a.sent, sent + 1);

	p = talk_take(&t->a);
	sent = t->b.sent;
	CHECK_EQ(v1_lab_deliver(&t->b, &p), ISAKMP_OK);
	asks = t->b.asks;
	CHECK(asks_kex(&t->b));
	CHECK_EQ(t->b.ask.peer_ke.len, 132);
	CHECK_EQ(v1_lab_deliver(&t->b, &p), ISAKMP_OK);
	CHECK_EQ(t->b.asks, asks);
	CHECK_EQ(t->b.sent, sent);
	CHECK_EQ(t->b.ike.n_children, 0);
	CHECK_EQ(v1_lab_answer(&t->b), ISAKMP_OK);
	CHECK_EQ(t->b.sent, sent + 1);
	/* Now it is answered, and so are its repeats */
	CHECK_EQ(v1_lab_deliver(&t->b, &p), ISAKMP_OK);
	CHECK_EQ(t->b.sent, sent + 2);
	packet_free(&p);

	p = talk_take(&t->b);
	talk_flush(&t->b);
	sent = t->a.sent;
	CHECK_EQ(v1_lab_deliver(&t->a, &p), ISAKMP_OK);
	asks = t->a.asks;
	CHECK(asks_kex(&t->a));
	CHECK_MEM(t->a.ask.seed.p, seed, sizeof(seed));
	CHECK_EQ(t->a.ask.peer_ke.len, 132);
	CHECK_EQ(v1_lab_deliver(&t->a, &p), ISAKMP_OK);
	CHECK_EQ(t->a.asks, asks);
	packet_free(&p);
	/* Nor is anything sent again while it waits */
	talk_timer(&t->a, t->now + 10000);
	CHECK_EQ(t->a.sent, sent);
	CHECK_EQ(v1_lab_answer(&t->a), ISAKMP_OK);
	v1_lab_settle(t);
	check_up(t, 1);
	CHECK_EQ(t->a.last.suite.ke, GROUP);
	CHECK_EQ(t->b.last.suite.ke, GROUP);
	CHECK_EQ(t->a.refusals, 0);
	CHECK_EQ(t->b.refusals, 0);
	v1_lab_let_pass(t, 2 * V1_KEEP_MS);
	CHECK(!native_mem_holds(seed, sizeof(seed)));
	v1_lab_over(t);
}

/* Either end has the same child made anew. */
static void test_rekey(void)
{
	struct talk *t = v1_lab_up(with_helpers());
	struct end *const ends[] = { &t->a, &t->b };
	unsigned int i;

	check_up(t, 1);
	for (i = 0; i < 4; i++) {
		talk_do(ends[i & 1], IKE_EV_CHILD_REKEY, ends[i & 1]->ike.children->spi_in);
		CHECK(asks_kex(ends[i & 1]));
		v1_lab_settle(t);
		v1_lab_let_pass(t, 2 * IKE_REKEYED_MS);
		check_up(t, 1);
		CHECK_EQ(t->a.ike.children->rekeyed, i + 1);
		CHECK_EQ(t->b.ike.children->rekeyed, i + 1);
	}
	CHECK_EQ(t->a.refusals + t->b.refusals, 0);
	v1_lab_over(t);
}

/* Both begin at once: one is left. */
static void test_crossing(void)
{
	struct talk *t = at_first();

	start(&t->b);
	v1_lab_settle(t);
	v1_lab_let_pass(t, 4 * IKE_CHILD_LINGER_MS);
	check_up(t, 1);
	v1_lab_over(t);
}

static struct isakmp_ts net(u8 n, u8 m)
{
	return (struct isakmp_ts){ IKE_TS_IPV4, 0, 0, 65535, { 10, n, m, 0 }, { 10, n, m, 255 } };
}

static struct talk *many(u8 n, u8 m)
{
	struct talk *t = with_helpers();
	unsigned int i;

	t->a.child.n_local = t->b.child.n_remote = n;
	t->a.child.n_remote = t->b.child.n_local = m;
	for (i = 0; i < n; i++)
		t->a.local[i] = t->b.remote[i] = net(1, (u8)i);
	for (i = 0; i < m; i++)
		t->a.remote[i] = t->b.local[i] = net(2, (u8)i);
	return t;
}

static void test_parallel(void)
{
	struct talk *t = many(3, 2);
	unsigned int i;

	t->a.tun.v1_quicks = t->b.tun.v1_quicks = 3;
	v1_lab_up(t);
	check_up(t, 6);
	/* One question at a time (talk.c), and each in its turn */
	for (i = 0; i < 2; i++) {
		struct end *e = i ? &t->b : &t->a;
		struct ike_child *c;

		for (c = e->ike.children; c; c = c->next)
			if (c->state == IKE_CHILD_UP)
				talk_do(e, IKE_EV_CHILD_REKEY, c->spi_in);
		CHECK(v1_quicks_out(e->ike.ep) > 1);
		v1_lab_settle(t);
		v1_lab_let_pass(t, 2 * IKE_REKEYED_MS);
		check_up(t, 6);
	}
	CHECK_EQ(t->a.refusals + t->b.refusals, 0);
	v1_lab_over(t);
}

/* Phase 1 goes first, whatever a Quick Mode waits for. */
static void test_yields(void)
{
	unsigned int stage;
	struct talk *t;
	struct end *e;

	for (stage = 0; stage < ARRAY_SIZE(stages); stage++) {
		tap_note("stage %u", stage);
		t = stages[stage]();
		e = asker(t, stage);
		CHECK(asks_kex(e));
		CHECK_EQ(talk_do(e, IKE_EV_REKEY, 0), ISAKMP_OK);
		CHECK(e->asking && e->ask.kind == IKE_ASK_V1_BEGIN);
		CHECK_EQ(v1_lab_answer(e), ISAKMP_OK);
		CHECK(asks_kex(e));
		v1_lab_settle(t);
		check_up(t, 1);
		v1_lab_over(t);
	}
}

/* ---- no helper ------------------------------------------------------------------- */

/* It does not answer in time: a named refusal, nothing is left, and another time it works. */
static void test_lost(void)
{
	unsigned int stage;
	struct talk *t;

	for (stage = 0; stage < ARRAY_SIZE(stages); stage++) {
		tap_note("stage %u", stage);
		t = stages[stage]();
		CHECK_REASON(refuse(asker(t, stage), ISAKMP_R_HELPER_LOST), ISAKMP_R_HELPER_LOST);
		CHECK(!t->a.asking && !t->b.asking);
		/* Who asked asks again; whoever was asked has not said no */
		v1_lab_let_pass(t, 70000);
		check_up(t, stage == 1);
		CHECK_EQ(t->a.refused[ISAKMP_R_PEER_ERROR], 0);
		if (stage != 1)
			start(&t->a);
		v1_lab_let_pass(t, 2 * IKE_REKEYED_MS);
		check_up(t, 1);
		v1_lab_over(t);
	}
}

/* The child in use stays, and sends, when its rekey comes to nothing: whoever begins it. */
static void test_old_stays(void)
{
	unsigned int which, stage;
	struct ike_child *old;
	struct talk *t;
	struct end *e;

	for (which = 0; which < 2; which++)
		for (stage = 0; stage < 3; stage++) {
			tap_note("end %u, stage %u", which, stage);
			t = v1_lab_up(with_helpers());
			e = which ? &t->b : &t->a;
			old = e->ike.children;
			talk_do(e, IKE_EV_CHILD_REKEY, old->spi_in);
			if (stage)
				v1_lab_answer(e), v1_lab_pass(e);
			if (stage == 2)
				v1_lab_answer(talk_other(e)), v1_lab_pass(talk_other(e));
			e = stage == 1 ? talk_other(e) : e;
			refuse(e, ISAKMP_R_HELPER_LOST);
			CHECK_EQ(e->refused[ISAKMP_R_HELPER_LOST], 1);
			CHECK_EQ(count(&t->a, IKE_CHILD_UP), 1);
			CHECK_EQ(count(&t->b, IKE_CHILD_UP), 1);
			CHECK(!t->a.ike.children->held && !t->b.ike.children->held);
			/* Later it is tried again, and works */
			v1_lab_let_pass(t, 2 * IKE_RENEW_RETRY_MS);
			check_up(t, 1);
			CHECK_EQ(t->a.ike.children->rekeyed, 1);
			v1_lab_over(t);
		}
}

/* Nobody is there who could be asked. */
static void test_none(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	unsigned int sent, asks;

	/* A: the child in use stays */
	with_group(t, GROUP);
	t->a.kex_gone = true;
	sent = t->a.sent;
	CHECK_REASON(talk_do(&t->a, IKE_EV_CHILD_REKEY, t->a.ike.children->spi_in),
		     ISAKMP_R_HELPER_LOST);
	CHECK_EQ(t->a.sent, sent);
	check_up(t, 1);
	/* The other suite alone is spoken */
	t->a.child.esp.s[1].ke = t->b.child.esp.s[1].ke = IKE_KE_ECP_256;
	v1_lab_let_pass(t, 2 * IKE_RENEW_RETRY_MS);
	check_up(t, 1);
	CHECK_EQ(t->a.last.suite.ke, IKE_KE_ECP_256);
	v1_lab_over(t);

	/* B says nothing, as if it had not come; it comes again */
	t = at_first();
	v1_lab_answer(&t->a);
	t->b.kex_gone = true;
	asks = t->b.asks;
	sent = t->b.sent;
	CHECK_REASON(v1_lab_pass(&t->a), ISAKMP_R_HELPER_LOST);
	CHECK_EQ(t->b.asks, asks);
	CHECK_EQ(t->b.sent, sent);
	CHECK_EQ(t->b.ike.n_children, 0);
	t->b.kex_gone = false;
	v1_lab_let_pass(t, 10000);
	check_up(t, 1);
	v1_lab_over(t);
}

/* It hangs, and the exchange is over before its question is. */
static void test_hangs(void)
{
	unsigned int stage;
	struct talk *t;
	struct end *e;

	for (stage = 0; stage < ARRAY_SIZE(stages); stage++) {
		tap_note("stage %u", stage);
		t = stages[stage]();
		e = asker(t, stage);
		CHECK(asks_kex(e));
		talk_timer(e, t->now + V1_EXCHANGE_MS);
		CHECK(!e->asking);
		CHECK_EQ(e->ike.n_children, 0);
		CHECK_EQ(e->installs, 0);
		v1_lab_over(t);
	}
}

/* What it refuses, or answers in another shape, is an end; a peer whose value it was is told. */
static void test_refused(void)
{
	static const u16 reasons[] = { ISAKMP_R_KE_VALUE, ISAKMP_R_HELPER_ERROR };
	unsigned int stage, i;
	struct talk *t;
	struct end *e;

	for (stage = 0; stage < ARRAY_SIZE(stages); stage++)
		for (i = 0; i < ARRAY_SIZE(reasons); i++) {
			tap_note("stage %u, reason %u", stage, i);
			t = stages[stage]();
			e = asker(t, stage);
			CHECK_REASON(refuse(e, reasons[i]), reasons[i]);
			v1_lab_settle(t);
			v1_lab_let_pass(t, 2 * IKE_CHILD_LINGER_MS);
			check_up(t, 0);
			if (stage == 1) {
				CHECK_EQ(t->a.refused[ISAKMP_R_PEER_ERROR], 1);
				CHECK_EQ(t->a.arg, i ? V1_N_NO_PROPOSAL_CHOSEN :
						       V1_N_INVALID_KEY_INFORMATION);
			}
			v1_lab_over(t);
		}
}

static void test_misfit(void)
{
	struct ike_verdict v;
	unsigned int stage;
	struct talk *t;
	struct end *e;

	for (stage = 0; stage < ARRAY_SIZE(stages); stage++) {
		t = stages[stage]();
		e = asker(t, stage);
		talk_good_verdict(e, &v);
		v.pub.len--;
		CHECK_REASON(talk_verdict(e, &v), ISAKMP_R_HELPER_ERROR);
		CHECK_EQ(e->installs, 0);
		v1_lab_over(t);
	}
}

/* ---- meanwhile ------------------------------------------------------------------- */

/* The SA ends, its ISAKMP SA does, or the child is wanted no more: nobody is asked any longer. */
static void test_gone(void)
{
	static const u8 events[] = { IKE_EV_KILL, IKE_EV_STOP, IKE_EV_CHILD_STOP };
	unsigned int stage, i;
	struct talk *t;
	struct end *e;

	for (stage = 0; stage < ARRAY_SIZE(stages); stage++)
		for (i = 0; i < ARRAY_SIZE(events); i++) {
			tap_note("stage %u, event %u", stage, events[i]);
			t = stages[stage]();
			e = asker(t, stage);
			talk_do(e, events[i], 0);
			if (events[i] != IKE_EV_CHILD_STOP)
				CHECK(!e->asking);
			else if (stage == 1)
				talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
			v1_lab_let_pass(t, 2 * IKE_CHILD_LINGER_MS);
			if (events[i] == IKE_EV_CHILD_STOP)
				CHECK_EQ(count(&t->a, IKE_CHILD_UP), 0);
			v1_lab_over(t);
		}
}

/* The peer's policy is another one when the helper has computed. */
static void test_policy_moves(void)
{
	struct talk *t = at_second();

	with_group(t, IKE_KE_ECP_256);
	CHECK_REASON(v1_lab_answer(&t->b), ISAKMP_R_NO_PROPOSAL);
	v1_lab_settle(t);
	check_up(t, 0);
	CHECK_EQ(t->b.installs, 0);
	v1_lab_over(t);
}

/* Message 1 counts once, however it comes again. */
static void test_replay(void)
{
	struct talk *t = at_first();
	struct packet p;

	v1_lab_answer(&t->a);
	p = talk_take(&t->a);
	CHECK_EQ(v1_lab_deliver(&t->b, &p), ISAKMP_OK);
	v1_lab_answer(&t->b);
	v1_lab_settle(t);
	check_up(t, 1);
	v1_lab_let_pass(t, 2 * V1_KEEP_MS);
	CHECK_REASON(v1_lab_deliver(&t->b, &p), ISAKMP_R_OLD_ID);
	CHECK(!t->b.asking);
	check_up(t, 1);
	packet_free(&p);
	v1_lab_over(t);
}

/* Private keys are secret, and nobody has one twice. */
static void test_seeds(void)
{
	static const u8 zero[IKE_KEX_SEED_LEN];
	u8 seen[4][IKE_KEX_SEED_LEN];
	unsigned int i, j;
	struct talk *t;

	for (i = 0; i < ARRAY_SIZE(seen); i++) {
		t = stages[i & 1]();
		memcpy(seen[i], asker(t, i & 1)->ask.seed.p, sizeof(seen[i]));
		CHECK(memcmp(seen[i], zero, sizeof(zero)));
		for (j = 0; j < i; j++)
			CHECK(memcmp(seen[i], seen[j], sizeof(seen[i])));
		v1_lab_over(t);
	}
}

/* What waits is kept, and nothing that is long. */
static void test_long(void)
{
	static const u8 vendor[V1_WAIT_LEN];
	struct talk *t = at_first();
	struct packet p, q;
	struct v1_forge f;

	v1_lab_answer(&t->a);
	p = talk_take(&t->a);
	v1_forge_read(&f, &t->b, &p);
	v1_forge_add(&f, V1_PL_VENDOR, vendor, sizeof(vendor));
	q = v1_forge_write(&f, &p.path);
	v1_forge_free(&f);
	CHECK_REASON(v1_lab_deliver(&t->b, &q), ISAKMP_R_OVERSIZE);
	CHECK(!t->b.asking);
	CHECK_EQ(t->b.ike.n_children, 0);
	packet_free(&p);
	packet_free(&q);
	talk_flush(&t->b);
	v1_lab_over(t);
}

/* A peer has no more of them wait than that. */
static void test_limit(void)
{
	struct talk *t = many(16, 1);
	struct ike_child *c;
	unsigned int i;

	t->b.child.n_remote = 16;
	v1_lab_up(t);
	check_up(t, 16);
	for (i = 0; i < 16; i++)
		t->a.child.esp.s[0].ke = GROUP;
	/* Limits of who begins are out of the way: each by an ISAKMP SA that has forgotten the others */
	for (c = t->a.ike.children, i = 0; i <= V1_WAIT_MAX; c = c->next) {
		struct v1_exchange *x;

		if (c->state != IKE_CHILD_UP)
			continue;
		talk_do(&t->a, IKE_EV_CHILD_REKEY, c->spi_in);
		while (t->a.asking)
			v1_lab_answer(&t->a);
		CHECK_REASON(v1_lab_pass(&t->a), i < V1_WAIT_MAX ? ISAKMP_OK :
							       ISAKMP_R_UPCALL_LIMIT);
		i++;
		for (x = t->a.ike.ep->v1->exchanges; x; x = x->next)
			if (x->step)
				v1_exchange_done(x, t->now);
	}
	v1_lab_over(t);
}

/* ---- memory ------------------------------------------------------------------------ */

static void test_memory(void)
{
	unsigned long n, up = 0, points;
	struct talk *t;

	for (n = 1;; n++) {
		tap_note("point %lu", n);
		t = at_first();
		native_mem_fail_at(n);
		v1_lab_let_pass(t, 30000);
		points = native_mem_points();
		native_mem_fail_at(0);
		CHECK_EQ(count(&t->a, IKE_CHILD_UP), count(&t->b, IKE_CHILD_UP));
		up += count(&t->a, IKE_CHILD_UP);
		v1_lab_over(t);
		if (points < n)
			break;
	}
	tap_note("%lu of %lu", up, n);
	CHECK(n > 15);
	CHECK(up > n / 2);
}

int main(void)
{
	TAP_RUN(test_up, "the helper is asked for each value, once, and repeats ask nothing");
	TAP_RUN(test_rekey, "either end rekeys with it");
	TAP_RUN(test_crossing, "both begin at once");
	TAP_RUN(test_parallel, "several at once wait for each other's question");
	TAP_RUN(test_yields, "phase 1 asks first");
	TAP_RUN(test_lost, "the helper is lost: a named end, and another time it works");
	TAP_RUN(test_old_stays, "the helper is lost in a rekey: the old child goes on");
	TAP_RUN(test_none, "no helper: another group, or silence");
	TAP_RUN(test_hangs, "the helper hangs: the exchange has an end");
	TAP_RUN(test_refused, "the helper refuses: the peer is told whose value it was");
	TAP_RUN(test_misfit, "an answer of another shape is refused");
	TAP_RUN(test_gone, "the SA, or the child, goes while the helper computes");
	TAP_RUN(test_policy_moves, "the policy is another one when the helper has computed");
	TAP_RUN(test_replay, "message 1 counts once");
	TAP_RUN(test_seeds, "PFS by the helper: seeds");
	TAP_RUN(test_long, "PFS by the helper: a long message does not wait");
	TAP_RUN(test_limit, "so many wait, and no more");
	TAP_RUN(test_memory, "memory runs out once, anywhere");
	return tap_done();
}
