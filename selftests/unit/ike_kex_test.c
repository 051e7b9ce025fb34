// SPDX-License-Identifier: GPL-2.0
/* Groups that the helper computes: its own code answers (ECP-521, X448). */
#include "talk.h"

static const u16 groups[] = { IKE_KE_ECP_521, IKE_KE_X448 };

/* Both ends have @group alone. */
static struct talk *with_group(u16 group)
{
	struct talk *t = talk_new();

	t->a.peer.ike.s[0].ke = t->a.peer.ike.s[1].ke = group;
	t->b.peer.ike.s[0].ke = t->b.peer.ike.s[1].ke = group;
	talk_open_a(t);
	return t;
}

static struct talk *started(u16 group)
{
	struct talk *t = with_group(group);

	talk_do(&t->a, IKE_EV_START, 0);
	return t;
}

/* The request is at B, whose helper is asked. */
static struct talk *at_responder(u16 group)
{
	struct talk *t = started(group);
	struct packet p;

	talk_answer(&t->a, ISAKMP_OK);
	p = talk_take(&t->a);
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
	packet_free(&p);
	return t;
}

/* B's answer is at A, whose helper is asked for g^ir. */
static struct talk *at_secret(u16 group)
{
	struct talk *t = at_responder(group);
	struct packet p;

	talk_answer(&t->b, ISAKMP_OK);
	p = talk_take(&t->b);
	CHECK_EQ(talk_deliver(&t->a, &p), ISAKMP_OK);
	packet_free(&p);
	return t;
}

/* Every step of it, and what each question carries. */
static void check_group(u16 group)
{
	struct talk *t = started(group);
	size_t pub = isakmp_kex_pub_len(group);
	struct packet p;
	u8 seed[IKE_KEX_SEED_LEN];

	CHECK_EQ(t->a.ike.state, IKE_S_I_KEX);
	CHECK_EQ(t->a.sent, 0);
	CHECK(t->a.asking && t->a.ask.kind == IKE_ASK_KEX && t->a.ask.group == group);
	CHECK_EQ(t->a.ask.seed.len, IKE_KEX_SEED_LEN);
	CHECK_EQ(t->a.ask.peer_ke.len, 0);
	memcpy(seed, t->a.ask.seed.p, sizeof(seed));
	CHECK_EQ(talk_answer(&t->a, ISAKMP_OK), ISAKMP_OK);
	CHECK_EQ(t->a.ike.state, IKE_S_I_INIT);
	p = talk_take(&t->a);
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
	CHECK_EQ(t->b.ike.state, IKE_S_R_KEX);
	CHECK_EQ(t->b.sent, 0);
	CHECK(t->b.asking && t->b.ask.kind == IKE_ASK_KEX && t->b.ask.group == group);
	CHECK_EQ(t->b.ask.peer_ke.len, pub);
	/* The peer repeats itself meanwhile */
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
	CHECK_EQ(t->b.asks, 1);
	packet_free(&p);
	CHECK_EQ(talk_answer(&t->b, ISAKMP_OK), ISAKMP_OK);
	CHECK_EQ(t->b.ike.state, IKE_S_R_INIT);
	p = talk_take(&t->b);
	CHECK_EQ(talk_deliver(&t->a, &p), ISAKMP_OK);
	packet_free(&p);
	CHECK_EQ(t->a.ike.state, IKE_S_I_SECRET);
	CHECK(t->a.asking && t->a.ask.kind == IKE_ASK_KEX);
	CHECK_MEM(t->a.ask.seed.p, seed, sizeof(seed));
	CHECK_EQ(t->a.ask.peer_ke.len, pub);
	CHECK_EQ(talk_answer(&t->a, ISAKMP_OK), ISAKMP_OK);
	CHECK_EQ(t->a.ike.state, IKE_S_I_ASK);
	/* The seed is gone with what needed it */
	CHECK(!native_mem_holds(seed, sizeof(seed)));
	talk_settle(t);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->a.ike.ep->suite.ke, group);
	CHECK(t->a.xfrm && t->b.xfrm);
	talk_over(t);
}

static void test_groups(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		tap_note("group %u", groups[i]);
		CHECK(isakmp_kex_by_helper(groups[i]));
		check_group(groups[i]);
	}
}

/* What the responder keeps of g^ir goes with the first protected message. */
static void test_secret_gone(void)
{
	struct talk *t = at_responder(IKE_KE_X448);
	u8 shared[56], seed[IKE_KEX_SEED_LEN];

	memcpy(seed, t->b.ask.seed.p, sizeof(seed));
	CHECK(native_mem_holds(seed, sizeof(seed)));
	talk_answer(&t->b, ISAKMP_OK);
	CHECK(!native_mem_holds(seed, sizeof(seed)));
	memcpy(shared, t->b.kex_shared, sizeof(shared));
	CHECK(native_mem_holds(shared, sizeof(shared)));
	talk_advance(t, TALK_INIT_ANSWERED);
	talk_settle(t);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	CHECK(!native_mem_holds(shared, sizeof(shared)));
	talk_over(t);
}

/* No helper has published the group: it is not spoken. */
static void test_not_ready(void)
{
	struct talk *t = with_group(IKE_KE_X448);
	struct packet p;

	t->a.kex_gone = true;
	CHECK_REASON(talk_do(&t->a, IKE_EV_START, 0), ISAKMP_R_HELPER_LOST);
	CHECK_EQ(t->a.ike.state, IKE_S_DEAD);
	talk_over(t);

	/* The other suite is, and it alone is offered */
	t = with_group(IKE_KE_X448);
	t->a.peer.ike.s[1].ke = t->b.peer.ike.s[1].ke = IKE_KE_X25519;
	t->a.kex_gone = true;
	CHECK_EQ(talk_do(&t->a, IKE_EV_START, 0), ISAKMP_OK);
	CHECK_EQ(t->a.ike.state, IKE_S_I_INIT);
	CHECK_EQ(t->a.ike.setup->offer.n, 1);
	talk_settle(t);
	CHECK_EQ(t->a.ike.ep->suite.ke, IKE_KE_X25519);
	CHECK(t->a.xfrm && t->b.xfrm);
	talk_over(t);

	/* A responder without helper has nothing in common */
	t = started(IKE_KE_X448);
	talk_answer(&t->a, ISAKMP_OK);
	p = talk_take(&t->a);
	t->b.kex_gone = true;
	CHECK_REASON(talk_deliver(&t->b, &p), ISAKMP_R_NO_PROPOSAL);
	CHECK(!t->b.live);
	packet_free(&p);
	talk_over(t);
}

/* No rekey with such a group: a new IKE SA takes the place, and that is no refusal. */
static void test_rekey(void)
{
	struct talk *t = started(IKE_KE_X448);

	talk_settle(t);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(talk_do(&t->a, IKE_EV_REKEY, 0), ISAKMP_OK);
	CHECK_EQ(t->a.queued, 0);
	CHECK_EQ(t->a.renews, 1);
	/* With another one, that */
	t->a.peer.ike.s[1].ke = t->b.peer.ike.s[1].ke = IKE_KE_X25519;
	CHECK_EQ(talk_do(&t->a, IKE_EV_REKEY, 0), ISAKMP_OK);
	talk_settle(t);
	CHECK_EQ(t->b.ike.rekeyed, 1);
	CHECK_EQ(t->b.ike.ep->suite.ke, IKE_KE_X25519);
	CHECK_EQ(t->a.renews, 1);
	CHECK_EQ(t->a.refusals + t->b.refusals, 0);
	talk_over(t);
}

/* A helper that is lost, busy, or says no: a named end, and nothing on the wire. */
static void test_refused(void)
{
	static const u16 why[] = { ISAKMP_R_HELPER_LOST, ISAKMP_R_KE_VALUE, ISAKMP_R_CRYPTO };
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(why); i++) {
		tap_note("reason %u", why[i]);
		t = started(IKE_KE_X448);
		CHECK_REASON(talk_answer(&t->a, why[i]), why[i]);
		CHECK(!t->a.live && !t->a.sent);
		talk_over(t);
		t = at_responder(IKE_KE_X448);
		CHECK_REASON(talk_answer(&t->b, why[i]), why[i]);
		CHECK(!t->b.live && !t->b.sent);
		talk_over(t);
		t = at_secret(IKE_KE_X448);
		CHECK_REASON(talk_answer(&t->a, why[i]), why[i]);
		CHECK(!t->a.live);
		CHECK_EQ(t->a.sent, 1);
		talk_over(t);
	}
}

static void test_busy(void)
{
	struct talk *t = with_group(IKE_KE_X448);
	struct packet p;

	t->a.ask_why = ISAKMP_R_UPCALL_LIMIT;
	CHECK_REASON(talk_do(&t->a, IKE_EV_START, 0), ISAKMP_R_UPCALL_LIMIT);
	CHECK_EQ(t->a.ike.state, IKE_S_DEAD);
	talk_over(t);

	/* The initiator can wait: its peer will say it again */
	t = at_responder(IKE_KE_X448);
	talk_answer(&t->b, ISAKMP_OK);
	p = talk_take(&t->b);
	t->a.ask_why = ISAKMP_R_UPCALL_LIMIT;
	CHECK_REASON(talk_deliver(&t->a, &p), ISAKMP_R_UPCALL_LIMIT);
	CHECK_EQ(t->a.ike.state, IKE_S_I_INIT);
	t->a.ask_why = ISAKMP_OK;
	CHECK_EQ(talk_deliver(&t->a, &p), ISAKMP_OK);
	packet_free(&p);
	talk_settle(t);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	talk_over(t);
}

/* Answers of the wrong shape. */
static void spoil(struct ike_verdict *v, unsigned int how)
{
	static u8 zeros[132];

	switch (how) {
	case 0:
		v->pub.len--;
		break;
	case 1:
		v->pub = (struct ike_span){ NULL, 0 };
		break;
	case 2:
		v->shared = (struct ike_span){ NULL, 0 };
		break;
	case 3:
		v->shared.p = zeros;	/* RFC 7748, 6.2 */
		break;
	}
}

static void test_spoilt(void)
{
	struct ike_verdict v;
	struct talk *t;
	struct end *e;
	unsigned int how, stage;

	for (stage = 0; stage < 3; stage++)
		for (how = 0; how < 4; how++) {
			if (!stage && how > 1)
				continue;	/* no g^ir yet */
			tap_note("stage %u, case %u", stage, how);
			t = stage == 0 ? started(IKE_KE_X448) :
			    stage == 1 ? at_responder(IKE_KE_X448) : at_secret(IKE_KE_X448);
			e = stage == 1 ? &t->b : &t->a;
			talk_good_verdict(e, &v);
			spoil(&v, how);
			CHECK_REASON(talk_verdict(e, &v), how == 3 ? ISAKMP_R_KE_VALUE :
				     ISAKMP_R_HELPER_ERROR);
			CHECK(!e->live);
			talk_over(t);
		}
}

/* RFC 7748, 6.2: a value of the peer's that makes g^ir all zero: the helper says so. */
static void test_bad_value(void)
{
	struct talk *t = started(IKE_KE_X448);
	struct message m;
	struct packet p;

	talk_answer(&t->a, ISAKMP_OK);
	p = talk_take(&t->a);
	message_read(&m, &t->a, &p);
	memset((u8 *)m.b[message_find(&m, IKE_PL_KE)].p + 4, 0, 56);
	CHECK_EQ(message_deliver(&m, &t->a), ISAKMP_OK);
	CHECK_REASON(talk_answer(&t->b, ISAKMP_OK), ISAKMP_R_KE_VALUE);
	CHECK(!t->b.live && !t->b.sent);
	/* A wrong length needs no helper */
	message_read(&m, &t->a, &p);
	m.b[message_find(&m, IKE_PL_KE)].n--;
	CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_KE_VALUE);
	CHECK(!t->b.live);
	packet_free(&p);
	talk_over(t);
}

static enum isakmp_reason invalid_ke(struct talk *t, u16 group)
{
	u8 body[] = { 0, 0, 0, IKE_N_INVALID_KE_PAYLOAD, (u8)(group >> 8), (u8)group };
	struct message m;

	message_new(&m, &t->b, IKE_SA_INIT, IKE_RESPONSE, 0);
	m.h.spi_i = t->a.ike.ep->spi_i;
	m.h.spi_r = 0;
	m.h.flags = IKE_FLAG_RESPONSE;
	message_add(&m, IKE_PL_NOTIFY, body, sizeof(body));
	return message_deliver(&m, &t->b);
}

/* A offers X25519 first, then X448; B has @theirs. */
static struct talk *two_groups(u16 theirs)
{
	struct talk *t = talk_new();

	t->a.peer.ike.s[1] = t->a.peer.ike.s[0];
	t->a.peer.ike.s[1].ke = IKE_KE_X448;
	t->b.peer.ike.n = 1;
	t->b.peer.ike.s[0].ke = theirs;
	talk_advance(t, TALK_INIT);
	return t;
}

/* RFC 7296, 1.2, with a group of the helper's: asked for while the first is out. */
static void test_retry(void)
{
	struct talk *t = two_groups(IKE_KE_X448);
	struct packet p = talk_take(&t->a);

	CHECK_REASON(talk_deliver(&t->b, &p), ISAKMP_R_KE_GROUP);
	packet_free(&p);
	p = talk_take(&t->b);
	CHECK_EQ(talk_deliver(&t->a, &p), ISAKMP_OK);
	CHECK(t->a.asking && t->a.ike.state == IKE_S_I_INIT);
	/* Once is enough */
	CHECK_EQ(talk_deliver(&t->a, &p), ISAKMP_OK);
	CHECK_EQ(t->a.asks, 1);
	packet_free(&p);
	talk_settle(t);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->a.ike.ep->suite.ke, IKE_KE_X448);
	talk_over(t);
}

/* It was forged: the answer to what is out comes while the helper computes. */
static void test_retry_forged(void)
{
	struct talk *t = two_groups(IKE_KE_X25519);
	struct packet p;

	CHECK_EQ(invalid_ke(t, IKE_KE_X448), ISAKMP_OK);
	CHECK(t->a.asking);
	p = talk_take(&t->a);
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
	packet_free(&p);
	p = talk_take(&t->b);
	CHECK_EQ(talk_deliver(&t->a, &p), ISAKMP_OK);
	packet_free(&p);
	CHECK(t->a.asking && t->a.ask.kind == IKE_ASK_I_AUTH);
	talk_settle(t);
	CHECK_EQ(t->a.ike.ep->suite.ke, IKE_KE_X25519);
	CHECK(t->a.xfrm && t->b.xfrm);
	talk_over(t);

	/* And a helper that cannot: the wait goes on */
	t = two_groups(IKE_KE_X25519);
	CHECK_EQ(invalid_ke(t, IKE_KE_X448), ISAKMP_OK);
	CHECK_REASON(talk_answer(&t->a, ISAKMP_R_HELPER_LOST), ISAKMP_R_HELPER_LOST);
	CHECK_EQ(t->a.ike.state, IKE_S_I_INIT);
	talk_settle(t);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	talk_over(t);
}

/* The answer to a question that was taken back, on its way already, is nobody's. */
static void test_late(void)
{
	struct talk *t = at_secret(IKE_KE_X448);
	struct ike_verdict v;

	talk_good_verdict(&t->a, &v);
	v.shared = (struct ike_span){ NULL, 0 };
	v.question = t->a.ike.question - 1;
	CHECK_EQ(talk_verdict(&t->a, &v), ISAKMP_OK);
	CHECK(t->a.asking && t->a.ike.state == IKE_S_I_SECRET);
	talk_settle(t);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	talk_over(t);
}

/* A half-open responder waits for its helper no longer than for its peer. */
static void test_half_open(void)
{
	struct talk *t = at_responder(IKE_KE_X448);
	u64 until = t->now + t->b.tun.half_open_ms;

	CHECK_EQ(ike_sa_deadline(&t->b.ike), until);
	CHECK_REASON(talk_timer(&t->b, until), ISAKMP_R_HALF_OPEN_TIMEOUT);
	CHECK(!t->b.live && !t->b.asking && !t->b.sent);
	talk_over(t);
}

static void test_no_memory(void)
{
	struct talk *t;
	unsigned long n;
	bool over = false;

	for (n = 1; !over && n < 200; n++) {
		tap_note("failure %lu", n);
		t = with_group(IKE_KE_X448);
		native_mem_fail_at(n);
		talk_do(&t->a, IKE_EV_START, 0);
		talk_settle(t);
		over = native_mem_points() < n;
		native_mem_fail_at(0);
		if (over)
			CHECK(t->a.xfrm && t->b.xfrm);
		talk_over(t);
	}
	CHECK(over && n > 20);
}

int main(void)
{
	TAP_RUN(test_groups, "kex: both groups, every step, what each question carries");
	TAP_RUN(test_secret_gone, "kex: seed and g^ir are gone with what needed them");
	TAP_RUN(test_not_ready, "kex: not spoken without a helper");
	TAP_RUN(test_rekey, "an IKE SA is not rekeyed with such a group");
	TAP_RUN(test_refused, "kex: a helper that refuses, or is lost, is a named end");
	TAP_RUN(test_busy, "kex: too many questions wait");
	TAP_RUN(test_spoilt, "kex: answers of the wrong shape (threat 80)");
	TAP_RUN(test_bad_value, "kex: a value that is not on the curve (threats 80, 81)");
	TAP_RUN(test_retry, "kex: INVALID_KE_PAYLOAD names such a group");
	TAP_RUN(test_retry_forged, "kex: a forged one harms nothing");
	TAP_RUN(test_late, "kex: a late answer to an earlier question harms nothing");
	TAP_RUN(test_half_open, "kex: a half-open SA does not wait longer for it");
	TAP_RUN(test_no_memory, "kex: every allocation fails once");
	return tap_done();
}
