// SPDX-License-Identifier: GPL-2.0
/* Rekeying of child SAs: message by message (RFC 7296, 1.3.3, 2.8 and 2.25.1). */
#include "talk.h"

static enum isakmp_reason rekey(struct end *e)
{
	return talk_do(e, IKE_EV_CHILD_REKEY, 0);
}

/* One child, UP, the same at both ends; what was before it is forgotten. */
static void one_is_left(struct talk *t)
{
	const struct ike_child *a, *b;

	talk_settle(t);
	talk_timer(&t->a, t->now + IKE_CHILD_LINGER_MS);
	talk_timer(&t->b, t->now);
	talk_settle(t);
	a = t->a.ike.children;
	b = t->b.ike.children;
	CHECK_EQ(t->a.ike.n_children, 1);
	CHECK_EQ(t->b.ike.n_children, 1);
	if (!a || !b)
		return;
	CHECK_EQ(a->state, IKE_CHILD_UP);
	CHECK_EQ(b->state, IKE_CHILD_UP);
	CHECK_EQ(a->spi_in, b->spi_out);
	CHECK_EQ(a->spi_out, b->spi_in);
	CHECK(a->xfrm && !a->xfrm->held && b->xfrm && !b->xfrm->held);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
}

static void with_pfs(struct end *e)
{
	e->child.esp.s[0].ke = e->child.esp.s[1].ke = IKE_KE_X25519;
}

/* ---- one end asks -------------------------------------------------------------- */

/* RFC 7296, 2.8: who sends through what, and when. */
static void walk(struct talk *t, struct end *us, bool used)
{
	struct end *them = talk_other(us);
	u32 old = them->last.spi_in;

	CHECK_EQ(rekey(us), ISAKMP_OK);
	CHECK_EQ(us->installs, 1);
	/* Asked: receives at once, sends through the old one */
	CHECK_EQ(talk_pass(us), ISAKMP_OK);
	CHECK_EQ(them->installs, 2);
	CHECK(them->last.held);
	CHECK_EQ(them->switches, 0);
	CHECK_EQ(ike_child_of(&them->ike, old)->state, IKE_CHILD_REKEYED);
	/* Answered: both ways through the new one, the old one is deleted */
	CHECK_EQ(talk_pass(them), ISAKMP_OK);
	CHECK_EQ(us->switches, 1);
	CHECK_EQ(us->queued, 1);
	CHECK(talk_child_in(us, IKE_CHILD_DELETING) != NULL);
	if (used) {
		CHECK_EQ(talk_do(them, IKE_EV_CHILD_USED, them->last.spi_in), ISAKMP_OK);
		CHECK_EQ(them->switches, 1);
		CHECK_EQ(talk_do(them, IKE_EV_CHILD_USED, them->last.spi_in), ISAKMP_OK);
	}
	CHECK_EQ(talk_pass(us), ISAKMP_OK);
	CHECK_EQ(them->switches, 1);
	CHECK_EQ(talk_pass(them), ISAKMP_OK);
	/* What is under way is received */
	CHECK(talk_child_in(us, IKE_CHILD_GONE) && talk_child_in(us, IKE_CHILD_GONE)->xfrm->held);
	CHECK(talk_child_in(them, IKE_CHILD_GONE) && talk_child_in(them, IKE_CHILD_GONE)->xfrm->held);
	CHECK_EQ(ike_sa_deadline(&us->ike), t->now + IKE_CHILD_LINGER_MS);
	CHECK_EQ(ike_sa_deadline(&them->ike), t->now + IKE_CHILD_LINGER_MS);
	one_is_left(t);
	CHECK_EQ(us->switches + them->switches, 2);
	CHECK_EQ(us->refusals + them->refusals, 0);
	CHECK_EQ(us->closed + them->closed, 0);
	CHECK(t->a.last.suite.ke == t->b.last.suite.ke);
}

static void test_walk(void)
{
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 8; i++) {
		tap_note("%c, %s PFS", i & 1 ? 'B' : 'A', i & 2 ? "with" : "without");
		t = talk_at(TALK_UP);
		if (i & 2) {
			with_pfs(&t->a);
			with_pfs(&t->b);
		}
		walk(t, i & 1 ? &t->b : &t->a, i & 4);
		CHECK_EQ(t->a.last.suite.ke, i & 2 ? IKE_KE_X25519 : IKE_KE_NONE);
		CHECK_EQ(t->a.ike.children->rekeyed, 1);
		talk_over(t);
	}
}

/* By time: who proposed it asks first. */
static void test_times(void)
{
	struct talk *t = talk_new();
	u64 a, b, hard = 1000000;
	unsigned int i;

	t->a.child.life_s = t->b.child.life_s = 100;
	talk_advance(t, TALK_UP);
	a = ike_sa_deadline(&t->a.ike);
	b = ike_sa_deadline(&t->b.ike);
	CHECK(a >= 1000 + 81000 && a < 1000 + 88000 && b >= 1000 + 90000 && b < 1000 + 94000);
	talk_timer(&t->a, a - 1);
	CHECK_EQ(t->a.queued, 0);
	talk_timer(&t->a, a);
	CHECK_EQ(t->a.queued, 1);
	one_is_left(t);
	CHECK_EQ(t->a.installs, 2);
	CHECK(t->a.ike.children->rekey_at > a + 80000);
	talk_over(t);
	for (i = 0; i < 1000; i++) {
		a = ike_soft_limit(hard, true);
		b = ike_soft_limit(hard, false);
		CHECK(a >= 812500 && a < 880000 && b >= 900000 && b < 940000);
	}
	CHECK_EQ(ike_soft_limit(0, true), 0);
	CHECK(ike_soft_limit(1, true) && ike_soft_limit(1, false));
}

/* By bytes and packets: xfrm/ tells once. */
static void test_soft(void)
{
	struct talk *t = talk_new();

	t->a.child.life_packets = 1000;
	t->a.child.life_bytes = 1ULL << 40;
	talk_advance(t, TALK_UP);
	CHECK(talk_child(&t->a)->soft_packets > 800 && talk_child(&t->a)->soft_packets < 900);
	CHECK(talk_child(&t->a)->soft_bytes > 800ULL << 30);
	CHECK_EQ(talk_child(&t->b)->soft_packets, 0);
	CHECK_EQ(talk_do(&t->a, IKE_EV_CHILD_SOFT, 0), ISAKMP_OK);
	CHECK_EQ(t->a.queued, 0);
	t->a.xfrm->soft = true;
	CHECK_EQ(talk_do(&t->a, IKE_EV_CHILD_SOFT, 0), ISAKMP_OK);
	CHECK_EQ(talk_do(&t->a, IKE_EV_CHILD_SOFT, 0), ISAKMP_OK);
	CHECK_EQ(t->a.queued, 1);
	one_is_left(t);
	CHECK_EQ(t->a.installs, 2);
	talk_over(t);
}

/* What went through all of them, in the end. */
static void test_counters(void)
{
	struct talk *t = talk_at(TALK_UP);
	unsigned int i;

	for (i = 1; i <= 3; i++) {
		t->a.rx = 10;
		t->b.rx = 100;
		rekey(i & 1 ? &t->a : &t->b);
		one_is_left(t);
		CHECK_EQ(talk_child(&t->a)->past[ISAKMP_PACKETS_IN], 10 * i);
		CHECK_EQ(talk_child(&t->b)->past[ISAKMP_PACKETS_IN], 100 * i);
		CHECK_EQ(talk_child(&t->a)->rekeyed, i);
		CHECK_EQ(talk_child(&t->b)->rekeyed, i);
	}
	talk_over(t);
}

/* The same octets again are the same answer, also when the child has gone. */
static void test_repeat(void)
{
	struct packet request, first, again;
	struct talk *t = talk_at(TALK_UP);
	unsigned int i;

	rekey(&t->a);
	for (i = 0; i < 2; i++) {	/* CREATE_CHILD_SA, then the Delete */
		request = talk_take(&t->a);
		talk_deliver(&t->b, &request);
		first = talk_take(&t->b);
		t->now += 1000;
		talk_deliver(&t->b, &request);
		again = talk_take(&t->b);
		CHECK_EQ(first.n, again.n);
		CHECK_MEM(first.p, again.p, first.n);
		CHECK_EQ(t->b.installs, 2);
		talk_deliver(&t->a, &first);
		CHECK_REASON(talk_deliver(&t->a, &again), ISAKMP_R_UNASKED);
		packet_free(&request);
		packet_free(&first);
		packet_free(&again);
	}
	one_is_left(t);
	talk_over(t);
}

/* The answer is lost for minutes: what is in use stays. */
static void test_answer_late(void)
{
	struct talk *t = talk_at(TALK_UP);
	u32 old = t->b.last.spi_in;

	rekey(&t->a);
	talk_pass(&t->a);
	talk_timer(&t->b, t->now + IKE_RESPONSE_MS - 1);
	CHECK_EQ(t->b.queued, 1);
	CHECK_EQ(ike_child_of(&t->b.ike, old)->state, IKE_CHILD_REKEYED);
	CHECK(!ike_child_of(&t->b.ike, old)->xfrm->held);
	one_is_left(t);
	talk_over(t);
	/* It came, and the peer forgets to delete */
	t = talk_at(TALK_UP);
	old = t->b.last.spi_in;
	rekey(&t->a);
	talk_pass(&t->a);
	talk_flush(&t->b);
	talk_do(&t->b, IKE_EV_CHILD_USED, t->b.last.spi_in);
	CHECK_EQ(ike_sa_deadline(&t->b.ike), t->now + IKE_REKEYED_MS);
	talk_timer(&t->b, t->now + IKE_REKEYED_MS);
	CHECK_EQ(t->b.queued, 1);
	CHECK_EQ(ike_child_of(&t->b.ike, old)->state, IKE_CHILD_DELETING);
	talk_over(t);
	/* The same, and nothing ever came in: what we delete we do not send through */
	t = talk_at(TALK_UP);
	rekey(&t->a);
	talk_pass(&t->a);
	talk_flush(&t->b);
	talk_timer(&t->b, t->now + IKE_RESPONSE_MS);
	CHECK_EQ(t->b.queued, 1);
	CHECK_EQ(t->b.switches, 1);
	CHECK(!talk_child_in(&t->b, IKE_CHILD_UP)->held);
	talk_over(t);
}

/* ---- both ask (RFC 7296, 2.8.1) ---------------------------------------------------- */

static void test_both(void)
{
	unsigned int i, kept_a = 0;
	u32 mine;
	struct talk *t;

	for (i = 0; i < 24; i++) {
		t = talk_at(TALK_UP);
		rekey(&t->a);		/* req1 */
		rekey(&t->b);		/* req2 */
		CHECK_EQ(talk_pass(&t->a), ISAKMP_OK);
		CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
		CHECK_EQ(t->a.switches + t->b.switches, 0);
		CHECK_EQ(t->a.ike.n_children, 3);
		mine = t->a.ike.children->next->spi_in;
		CHECK_EQ(talk_pass(i & 1 ? &t->a : &t->b), ISAKMP_OK);
		CHECK_EQ(talk_pass(i & 1 ? &t->b : &t->a), ISAKMP_OK);
		one_is_left(t);
		CHECK_EQ(t->a.refusals + t->b.refusals, 0);
		CHECK_EQ(t->a.installs + t->b.installs, 6);
		CHECK_EQ(t->a.closed + t->b.closed, 0);
		kept_a += talk_child(&t->a)->spi_in == mine;
		/* It can be rekeyed again */
		rekey(&t->a);
		one_is_left(t);
		CHECK_EQ(t->a.installs, 4);
		talk_over(t);
	}
	CHECK(kept_a && kept_a < 24);
}

/* "... with req1 lost": the other end has finished before it comes. */
static void test_both_lost(void)
{
	struct packet req1;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		t = talk_at(TALK_UP);
		rekey(&t->a);
		req1 = talk_take(&t->a);
		rekey(&t->b);
		CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
		CHECK_EQ(talk_pass(&t->a), ISAKMP_OK);	/* resp2: B deletes the old one */
		if (!i) {
			CHECK_REASON(talk_deliver(&t->b, &req1), ISAKMP_R_REKEY_BUSY);
			talk_settle(t);
			/* There is nothing to be rekeyed any more */
			talk_timer(&t->a, t->now + 7000);
			CHECK_EQ(t->a.queued, 0);
		} else {
			talk_pass(&t->b);
			talk_pass(&t->a);
			CHECK_REASON(talk_deliver(&t->b, &req1), ISAKMP_R_REKEY_UNKNOWN);
		}
		one_is_left(t);
		CHECK_EQ(t->a.renews + t->b.renews, 0);
		CHECK_EQ(t->a.refused[ISAKMP_R_PEER_ERROR], 1);
		CHECK_EQ(t->a.installs, 2);
		packet_free(&req1);
		talk_over(t);
	}
}

/* ---- rekey against delete (RFC 7296, 2.25.1) ---------------------------------------- */

/* Each meets the other, in both orders (threat 57). */
static void test_against_delete(void)
{
	struct packet first;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		tap_note("order %u", i);
		t = talk_at(TALK_UP);
		rekey(&t->a);
		talk_do(&t->b, IKE_EV_CHILD_STOP, t->b.last.spi_in);
		if (i & 1) {
			CHECK_REASON(talk_pass(&t->a), ISAKMP_R_REKEY_BUSY);
			CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
		} else {
			CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
			CHECK_REASON(talk_pass(&t->a), ISAKMP_R_REKEY_BUSY);
		}
		if (i & 2) {		/* the Delete is answered before */
			first = talk_take(&t->b);
			talk_settle(t);
			talk_deliver(&t->a, &first);
			packet_free(&first);
		}
		talk_settle(t);
		talk_timer(&t->a, t->now + 7000);
		talk_settle(t);
		CHECK(!t->a.xfrm && !t->b.xfrm);
		CHECK_EQ(t->a.ike.n_children + t->b.ike.n_children, 0);
		CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
		CHECK_EQ(t->a.renews, 0);
		talk_over(t);
	}
}

/* Crossing Deletes: neither names it again, both are rid of it. */
static void test_crossing(void)
{
	struct talk *t = talk_at(TALK_UP);
	struct message m;

	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	talk_do(&t->b, IKE_EV_CHILD_STOP, 0);
	talk_pass(&t->a);
	talk_pass(&t->b);
	message_read(&m, &t->a, &t->a.queue[0]);
	CHECK_EQ(m.n, 0);
	message_free(&m);
	talk_settle(t);
	CHECK_EQ(t->a.ike.n_children + t->b.ike.n_children, 0);
	talk_over(t);
	/* Of one that was rekeyed: what lingers is forgotten in time */
	t = talk_at(TALK_UP);
	rekey(&t->a);
	talk_pass(&t->a);
	talk_do(&t->b, IKE_EV_CHILD_STOP, t->b.last.spi_in);
	talk_settle(t);
	CHECK(ike_sa_deadline(&t->a.ike) <= t->now + IKE_CHILD_LINGER_MS);
	CHECK(ike_sa_deadline(&t->b.ike) <= t->now + IKE_CHILD_LINGER_MS);
	talk_timer(&t->a, t->now + IKE_CHILD_LINGER_MS);
	talk_timer(&t->b, t->now);
	talk_settle(t);
	CHECK_EQ(t->a.ike.n_children + t->b.ike.n_children, 0);
	talk_over(t);
}

/* The operator deletes the new one while the old one still waits to be deleted. */
static void test_stopped(void)
{
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		tap_note("%u", i);
		t = talk_at(TALK_UP);
		rekey(&t->a);
		talk_pass(&t->a);
		if (i & 1)
			talk_pass(&t->b);
		talk_do(i & 2 ? &t->a : &t->b, IKE_EV_CHILD_STOP,
			i & 2 ? t->a.ike.children->spi_in : t->b.last.spi_in);
		talk_settle(t);
		talk_timer(&t->a, t->now + IKE_CHILD_LINGER_MS);
		talk_timer(&t->b, t->now);
		talk_settle(t);
		if (i != 3)
			CHECK_EQ(t->a.ike.n_children + t->b.ike.n_children, 0);
		else	/* the old one was meant: it is going anyway */
			CHECK_EQ(t->a.ike.n_children, t->b.ike.n_children);
		talk_over(t);
	}
}

/* The peer closes it, and its successor, before its answer comes: closed, and that is all. */
static void test_closed_early(void)
{
	struct packet answer;
	struct talk *t = talk_at(TALK_UP);

	rekey(&t->a);
	talk_pass(&t->a);
	answer = talk_take(&t->b);
	talk_do(&t->b, IKE_EV_CHILD_STOP, t->b.last.spi_in);
	talk_settle(t);
	CHECK_REASON(talk_deliver(&t->a, &answer), ISAKMP_R_CHILD_LOST);
	packet_free(&answer);
	talk_let_pass(t, 2 * IKE_CHILD_LINGER_MS);
	CHECK_EQ(t->a.ike.n_children + t->b.ike.n_children, 0);
	CHECK_EQ(t->a.closed, 1);
	CHECK_EQ(t->a.renews, 0);
	talk_over(t);
}

/* ---- refusals ------------------------------------------------------------------ */

/* There is no such child: it is set up from scratch. */
static void test_gone(void)
{
	struct message m;
	struct talk *t = talk_at(TALK_UP);
	u32 spi = t->a.last.spi_in;
	int i;

	ike_child_drop(&t->b.ike, talk_child(&t->b), ISAKMP_OK);
	rekey(&t->a);
	CHECK_REASON(talk_pass(&t->a), ISAKMP_R_REKEY_UNKNOWN);
	message_read(&m, &t->b, &t->b.queue[0]);
	i = message_find(&m, IKE_PL_NOTIFY);
	CHECK(i >= 0 && m.b[i].n == 8 && m.b[i].p[0] == IKE_PROTO_ESP);
	CHECK_EQ(get_unaligned_be16(m.b[i].p + 2), IKE_N_CHILD_SA_NOT_FOUND);
	CHECK_EQ(get_unaligned_be32(m.b[i].p + 4), spi);
	message_free(&m);
	talk_settle(t);
	CHECK_EQ(t->b.installs, 2);
	one_is_left(t);
	CHECK_EQ(t->a.renews, 0);
	talk_over(t);
}

/* REKEY_SA with a protocol that the child is not of (threat 42). */
static void test_protocol(void)
{
	static const u8 protocols[] = { 0, 1, IKE_PROTO_AH, 4, 255 };
	struct message m;
	struct packet p;
	struct talk *t;
	unsigned int i;
	u8 body[8];
	int at;

	for (i = 0; i < ARRAY_SIZE(protocols); i++) {
		tap_note("protocol %u", protocols[i]);
		t = talk_at(TALK_UP);
		rekey(&t->a);
		p = talk_take(&t->a);
		message_read(&m, &t->a, &p);
		packet_free(&p);
		at = message_find(&m, IKE_PL_NOTIFY);
		memcpy(body, m.b[at].p, 8);
		body[0] = protocols[i];
		m.b[at].p = body;
		CHECK(message_deliver(&m, &t->a) != ISAKMP_OK);
		CHECK_EQ(t->b.installs, 1);
		CHECK(talk_error(&t->b) != 0);
		talk_over(t);
	}
}

static void answer_error(struct talk *t, u16 type, u32 msgid)
{
	u8 data[4] = { 0, 0, (u8)(type >> 8), (u8)type };
	struct message m;

	message_new(&m, &t->b, IKE_CREATE_CHILD_SA, IKE_RESPONSE, msgid);
	message_add(&m, IKE_PL_NOTIFY, data, 4);
	CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_PEER_ERROR);
	CHECK_EQ(t->a.arg, type);
}

/* TEMPORARY_FAILURE again and again: longer each time, then another IKE SA. */
static void test_temporary(void)
{
	struct talk *t = talk_at(TALK_UP);
	u64 at, wait = IKE_DELAY_MS;
	unsigned int i;

	rekey(&t->a);
	for (i = 0; i < IKE_DELAYS_MAX; i++, wait = min_t(u64, 2 * wait, IKE_DELAY_MAX_MS)) {
		talk_flush(&t->a);
		answer_error(t, IKE_N_TEMPORARY_FAILURE, t->a.ike.ep->out->msgid);
		CHECK_EQ(t->a.queued, 0);
		CHECK_EQ(t->a.renews, 0);
		at = talk_child(&t->a)->next->try_at;
		CHECK(at >= t->now + wait && at < t->now + wait + wait / 4);
		/* Whatever else is due: nothing is of the past, and nothing goes out */
		while (ike_sa_deadline(&t->a.ike) < at) {
			CHECK(ike_sa_deadline(&t->a.ike) > t->now);
			talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
			CHECK_EQ(t->a.queued, 0);
		}
		talk_timer(&t->a, at);
		CHECK_EQ(t->a.queued, 1);
	}
	answer_error(t, IKE_N_TEMPORARY_FAILURE, t->a.ike.ep->out->msgid);
	CHECK_EQ(t->a.renews, 1);
	CHECK_EQ(t->a.ike.n_children, 1);
	CHECK_EQ(talk_child_state(&t->a), IKE_CHILD_UP);
	talk_over(t);
}

/* ... and before the child ends: half of the time that was left is for the other IKE SA. */
static void test_temporary_end(void)
{
	struct talk *t = talk_new();
	u64 end, begun;

	t->a.child.life_s = 100;
	talk_advance(t, TALK_UP);
	end = talk_child(&t->a)->up_at + 100000;
	begun = talk_child(&t->a)->rekey_at;
	talk_timer(&t->a, begun);
	while (!t->a.renews && t->now < end) {
		CHECK_EQ(t->a.queued, 1);
		talk_flush(&t->a);
		answer_error(t, IKE_N_TEMPORARY_FAILURE, t->a.ike.ep->out->msgid);
		if (!t->a.renews)
			talk_timer(&t->a, talk_child(&t->a)->next->try_at);
	}
	CHECK_EQ(t->a.renews, 1);
	CHECK(t->now > begun + 2 * IKE_DELAY_MS && t->now + IKE_DELAY_MS < end);
	CHECK_EQ(talk_child_state(&t->a), IKE_CHILD_UP);
	talk_over(t);
}

/* What cannot be rekeyed here comes with another IKE SA; this one is as it was. */
static void test_refused(void)
{
	static const u16 types[] = { IKE_N_NO_ADDITIONAL_SAS, IKE_N_NO_PROPOSAL_CHOSEN,
				     IKE_N_TS_UNACCEPTABLE };
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		t = talk_at(TALK_UP);
		rekey(&t->a);
		answer_error(t, types[i], t->a.ike.ep->out->msgid);
		CHECK_EQ(t->a.renews, 1);
		CHECK_EQ(t->a.ike.n_children, 1);
		CHECK_EQ(talk_child_state(&t->a), IKE_CHILD_UP);
		CHECK_EQ(t->a.switches, 0);
		talk_over(t);
	}
	/* The peer did it meanwhile: nothing is needed */
	t = talk_at(TALK_UP);
	rekey(&t->a);
	rekey(&t->b);
	talk_flush(&t->a);
	talk_pass(&t->b);
	talk_flush(&t->a);
	answer_error(t, IKE_N_NO_ADDITIONAL_SAS, t->a.ike.ep->out->msgid);
	CHECK_EQ(t->a.renews, 0);
	talk_over(t);
}

/* The peer withdraws its own and refuses ours: nobody has the place of the old one. */
static void test_withdrawn(void)
{
	struct talk *t = talk_at(TALK_UP);
	u32 old = t->a.last.spi_in;

	rekey(&t->a);
	rekey(&t->b);
	talk_pass(&t->b);
	CHECK_EQ(ike_child_of(&t->a.ike, old)->state, IKE_CHILD_REKEYED);
	talk_do(&t->b, IKE_EV_CHILD_STOP, t->b.ike.children->next->spi_in);
	talk_flush(&t->b);
	talk_deliver(&t->b, &t->a.queue[1]);
	talk_pass(&t->b);			/* its Delete */
	talk_flush(&t->a);
	answer_error(t, IKE_N_NO_ADDITIONAL_SAS, t->a.ike.ep->out->msgid);
	CHECK_EQ(ike_child_of(&t->a.ike, old)->state, IKE_CHILD_UP);
	CHECK_EQ(t->a.ike.n_children, 1);
	CHECK_EQ(t->a.renews, 0);
	CHECK_EQ(ike_sa_deadline(&t->a.ike), t->now + 30000);	/* asked for again */
	talk_over(t);
}

static void test_invalid_ke(void)
{
	struct talk *t = talk_new();

	t->a.child.esp.s[1] = t->a.child.esp.s[0];
	t->b.child.esp.s[0].ke = t->b.child.esp.s[1].ke = IKE_KE_ECP_256;
	t->a.child.esp.s[0].ke = IKE_KE_X25519;
	t->a.child.esp.s[1].ke = IKE_KE_ECP_256;
	talk_advance(t, TALK_UP);
	rekey(&t->a);
	one_is_left(t);
	CHECK_EQ(t->b.refused[ISAKMP_R_KE_GROUP], 1);
	CHECK_EQ(t->a.last.suite.ke, IKE_KE_ECP_256);
	/* The next time it is known */
	rekey(&t->a);
	one_is_left(t);
	CHECK_EQ(t->b.refused[ISAKMP_R_KE_GROUP], 1);
	CHECK_EQ(t->a.installs, 3);
	talk_over(t);
}

/* RFC 7296, 2.9.2: who is asked refuses, who asks deletes it and starts over. */
static void test_narrower(void)
{
	struct ike_child *old;
	struct talk *t = talk_at(TALK_UP);

	t->b.local[0].end[2] = 0;
	rekey(&t->a);
	CHECK_REASON(talk_pass(&t->a), ISAKMP_R_TS);
	talk_settle(t);
	CHECK_EQ(t->a.arg, IKE_N_TS_UNACCEPTABLE);
	CHECK_EQ(t->a.renews, 1);
	CHECK_EQ(t->b.ike.n_children, 1);
	talk_over(t);

	t = talk_at(TALK_UP);
	t->b.local[0].end[2] = 0;
	old = talk_child(&t->b);
	old->local[0].end[2] = 0;	/* B believes that it always was so */
	rekey(&t->a);
	CHECK_EQ(talk_pass(&t->a), ISAKMP_OK);
	CHECK_REASON(talk_pass(&t->b), ISAKMP_R_TS);
	CHECK_EQ(t->a.installs, 1);
	CHECK_EQ(t->a.renews, 1);
	talk_settle(t);
	/* It is deleted, and the old one is in use again */
	CHECK_EQ(t->b.ike.n_children, 1);
	CHECK_EQ(t->b.ike.children, old);
	CHECK_EQ(old->state, IKE_CHILD_UP);
	CHECK_EQ(t->b.switches, 1);
	talk_over(t);
}

/*
 * RFC 7296, 2.9.2: wider is allowed.  XFRM sends by the narrower policies as long as they
 * are there, and their child has been deleted by the peer.
 */
static void test_wider(void)
{
	struct talk *t = talk_at(TALK_UP);
	struct ike_child *old = talk_child(&t->b);

	old->local[0].end[2] = 0;	/* B believes that it always was so */
	rekey(&t->a);
	CHECK_EQ(talk_pass(&t->a), ISAKMP_OK);
	CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
	CHECK_EQ(old->state, IKE_CHILD_REKEYED);
	CHECK_EQ(talk_pass(&t->a), ISAKMP_OK);	/* the Delete */
	CHECK_EQ(old->state, IKE_CHILD_GONE);
	CHECK(old->xfrm->mute);
	CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
	CHECK(!talk_child_in(&t->a, IKE_CHILD_GONE)->xfrm->mute);
	one_is_left(t);
	CHECK_EQ(t->a.refusals + t->b.refusals, 0);
	CHECK_EQ(t->a.closed + t->b.closed, 0);
	talk_over(t);
}

/* Its policy is no more: nothing is asked for; later again. */
static void test_unwanted(void)
{
	struct talk *t = talk_at(TALK_UP);

	t->a.peer_gone = true;
	CHECK_REASON(rekey(&t->a), ISAKMP_R_NO_CHILD);
	CHECK_EQ(t->a.queued, 0);
	CHECK_EQ(ike_sa_deadline(&t->a.ike), t->now + 30000);
	t->a.peer_gone = false;
	talk_timer(&t->a, t->now + 30000);
	one_is_left(t);
	CHECK_EQ(t->a.installs, 2);
	talk_over(t);
	t = talk_at(TALK_UP);
	t->b.peer_gone = true;
	rekey(&t->a);
	CHECK_REASON(talk_pass(&t->a), ISAKMP_R_NO_CHILD);
	talk_over(t);
}

/* As fast as can be: answered up to a limit, then refused by name (threat 47). */
static void test_loop(void)
{
	struct talk *t = talk_at(TALK_UP);
	unsigned int i;

	for (i = 0; i < 200 && !t->b.refused[ISAKMP_R_REKEY_LIMIT]; i++) {
		rekey(&t->a);
		talk_settle(t);
		CHECK(t->b.ike.n_children <= IKE_INSTANCES_MAX);
	}
	CHECK(i > IKE_REKEYS_BURST && i < 200);
	CHECK_EQ(t->a.arg, IKE_N_TEMPORARY_FAILURE);
	/* Time heals */
	talk_timer(&t->a, t->now + 7000);
	talk_timer(&t->b, t->now);
	talk_settle(t);
	talk_timer(&t->b, t->now + 7000);
	one_is_left(t);
	talk_over(t);
}

static enum isakmp_reason start(struct end *e, struct ike_child_policy *p)
{
	struct ike_event ev = { .type = IKE_EV_CHILD_START, .peer = &e->peer, .child = p };

	return talk_event(e, &ev);
}

/* A child that was rekeyed is one still: there are no more for it (threat 47). */
static void test_limit(void)
{
	struct ike_child_policy many[IKE_CHILDREN_MAX + 2];
	struct talk *t = talk_at(TALK_UP);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(many); i++) {
		many[i] = t->a.child;
		many[i].name[0] = (char)('A' + i);
	}
	for (i = 1; i < IKE_CHILDREN_MAX; i++) {
		start(&t->a, &many[i]);
		talk_settle(t);
	}
	for (i = 0; i < 4; i++) {
		talk_do(&t->b, IKE_EV_CHILD_REKEY, t->b.ike.children->spi_in);
		talk_settle(t);
		talk_timer(&t->a, t->now + IKE_CHILD_LINGER_MS);
		talk_timer(&t->b, t->now);
		CHECK_EQ(t->a.ike.n_children, IKE_CHILDREN_MAX);
		CHECK_REASON(start(&t->a, &many[IKE_CHILDREN_MAX]), ISAKMP_R_NO_ADDITIONAL_SAS);
		CHECK(ike_children_full(&t->b.ike));
	}
	talk_over(t);
}

/* CREATE_CHILD_SA of somebody who has not proved himself: not looked at. */
static void test_too_early(void)
{
	static const enum talk_stage stages[] = { TALK_AUTH, TALK_R_ASKING };
	struct message m;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(stages); i++) {
		t = talk_at(stages[i]);
		message_new(&m, &t->a, IKE_CREATE_CHILD_SA, IKE_REQUEST, 1 + i);
		message_add(&m, IKE_PL_NONCE, "0123456789abcdef", 16);
		CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_NO_LAW);
		CHECK_EQ(t->b.queued, 0);
		talk_settle(t);
		CHECK(t->a.xfrm && t->b.xfrm);
		talk_over(t);
	}
}

/* ---- memory ------------------------------------------------------------------------ */

/* Every allocation of it fails once: in the end it is done, and nothing is left over. */
static void test_memory(void)
{
	struct talk *t;
	unsigned long n;
	unsigned int i;
	bool over;

	for (i = 0; i < 3; i++) {
		over = false;
		for (n = 1; !over && n < 1000; n++) {
			tap_note("%u: allocation %lu", i, n);
			t = talk_new();
			with_pfs(&t->a);
			with_pfs(&t->b);
			talk_advance(t, TALK_UP);
			native_mem_fail_at(n);
			if (i != 1)
				rekey(&t->a);
			if (i)
				rekey(&t->b);
			talk_settle(t);
			over = native_mem_points() < n;
			native_mem_fail_at(0);
			talk_let_pass(t, 400000);
			one_is_left(t);
			CHECK(t->a.installs > 1 && !t->a.renews && !t->b.renews);
			talk_over(t);
		}
		CHECK(over && n > 20);
	}
}

int main(void)
{
	TAP_RUN(test_walk, "either end, with and without PFS: who sends through what, and when");
	TAP_RUN(test_times, "by time: who proposed it asks first, at no fixed time");
	TAP_RUN(test_soft, "by bytes and packets");
	TAP_RUN(test_counters, "what was counted adds up");
	TAP_RUN(test_repeat, "a request again is the same octets again, also after the end");
	TAP_RUN(test_answer_late, "the old one stays until the peer can use the new one");
	TAP_RUN(test_both, "both ends at once (RFC 7296, 2.8.1)");
	TAP_RUN(test_both_lost, "both ends, one request late (RFC 7296, 2.8.1)");
	TAP_RUN(test_against_delete, "a rekey meets a Delete, in both orders (threat 57)");
	TAP_RUN(test_crossing, "Deletes that cross");
	TAP_RUN(test_stopped, "stopped during a rekey: neither of the two stays");
	TAP_RUN(test_closed_early, "closed by the peer before its answer comes");
	TAP_RUN(test_gone, "CHILD_SA_NOT_FOUND: named, and set up from scratch");
	TAP_RUN(test_protocol, "REKEY_SA with the wrong protocol (threat 42)");
	TAP_RUN(test_temporary, "TEMPORARY_FAILURE: later, later still, then another IKE SA");
	TAP_RUN(test_temporary_end, "TEMPORARY_FAILURE: another IKE SA before the child ends");
	TAP_RUN(test_refused, "refused: another IKE SA, and this one as it was");
	TAP_RUN(test_withdrawn, "withdrawn by the peer and refused to us: the old one stays");
	TAP_RUN(test_invalid_ke, "INVALID_KE_PAYLOAD: with that group, and the next time at once");
	TAP_RUN(test_narrower, "never narrower, in both roles (RFC 7296, 2.9.2)");
	TAP_RUN(test_wider, "wider: nothing is sent by the narrower one's policies any more (RFC 7296, 2.9.2)");
	TAP_RUN(test_unwanted, "no policy of this name any more");
	TAP_RUN(test_loop, "rekeyed in a tight loop: limited, and named (threat 47)");
	TAP_RUN(test_limit, "NO_ADDITIONAL_SAS, also after rekeys (threat 47)");
	TAP_RUN(test_too_early, "CREATE_CHILD_SA before authentication");
	TAP_RUN(test_memory, "every allocation fails once (threat 58)");
	return tap_done();
}
