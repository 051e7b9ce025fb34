// SPDX-License-Identifier: GPL-2.0
/*
 * Transaction exchanges of version 1: XAUTH and mode config (draft-beaulieu-ike-xauth,
 * draft-ietf-ipsec-isakmp-mode-cfg).  A is the client.
 */
#include "v1_loss.h"
#include "v1_xauth.h"
#include "v1/transaction.h"

static const struct isakmp_addr inner6 = { 6, { 0xfd, 9, [15] = 2 } };

static void is_addr(const struct isakmp_ts *ts, const struct isakmp_addr *a)
{
	CHECK_MEM(ts->start, a->a, 16);
	CHECK_MEM(ts->end, a->a, 16);
}

/* Both are up, with the address, and the child is for it. */
static void check_inner(const struct talk *t)
{
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	CHECK(t->a.xfrm && t->b.xfrm);
	CHECK_EQ(t->a.ike.inner[0].family, 4);
	CHECK_MEM(t->a.ike.inner[0].a, inner4.a, 16);
	CHECK_EQ(t->b.ike.inner[0].family, 4);
	CHECK_MEM(t->b.ike.inner[0].a, inner4.a, 16);
	is_addr(&t->a.last.local[0], &inner4);
	is_addr(&t->b.last.remote[0], &inner4);
}

static void check_ends(const struct talk *t)
{
	CHECK(!t->a.live || t->a.ike.state == IKE_S_DEAD);
	CHECK(!t->b.live || t->b.ike.state == IKE_S_DEAD);
	CHECK_EQ(t->a.installs + t->b.installs, 0);
}

/* An end says it under a message ID of its own; what the other one makes of it. */
static enum isakmp_reason say_by(struct end *e, u8 type, const void *attrs, size_t n)
{
	struct v1_msg m;

	CHECK_EQ(v1_msg_begin(&e->ike, e->ike.ep, NULL, &m, V1_TRANSACTION, V1_H_1), ISAKMP_OK);
	if (type) {
		isakmp_build_payload(&m.b, V1_PL_ATTRIBUTES);
		v1_attributes_encode(&m.b.o, type, 7);
		isakmp_out_bytes(&m.b.o, attrs, n);
		isakmp_build_close(&m.b);
	}
	CHECK_EQ(v1_say_once(&e->ike, &m), ISAKMP_OK);
	return v1_lab_pass(e);
}

static enum isakmp_reason say(struct talk *t, u8 type, const void *attrs, size_t n)
{
	return say_by(&t->a, type, attrs, n);
}

static const u8 a_name[] = { 0x40, 0x89, 0, 3, 'a', 'n', 'n' };
static const u8 is_good[] = { 0xc0, 0x8f, 0, 1 };
static const u8 an_address[] = { 0, 1, 0, 4, 10, 9, 0, 9 };

/* ---- it works ------------------------------------------------------------------- */

static void test_config(void)
{
	struct talk *t;
	int push;

	for (push = 0; push < 2; push++) {
		tap_note("%s", push ? "push" : "pull");
		t = v1_lab_up(client(false, push));
		check_inner(t);
		CHECK(t->a.ike.config && t->a.ike.config->n_dns == 1 &&
		      t->a.ike.config->n_subnets == 1);
		CHECK_EQ(t->a.ike.config->subnet[0].plen, 16);
		CHECK_EQ(t->a.ike.config->domains_len, sizeof(domains));
		CHECK_MEM(t->a.ike.config->domains, domains, sizeof(domains));
		/* Phase 1, the pair, Quick Mode */
		CHECK_EQ(t->a.sent + t->b.sent, 6 + 2 + 3);
		v1_lab_over(t);
	}
}

static void test_both_families(void)
{
	struct talk *t;
	int push;

	for (push = 0; push < 2; push++) {
		t = client(false, push);
		t->a.peer.vip[1] = any6;
		t->b.inner[1] = inner6;
		v1_lab_up(t);
		check_inner(t);
		CHECK_EQ(t->a.ike.inner[1].family, 6);
		CHECK_MEM(t->a.ike.inner[1].a, inner6.a, 16);
		v1_lab_over(t);
	}
}

static void test_xauth(void)
{
	struct talk *t = v1_lab_up(v1_lab_new_xauth());

	CHECK_EQ(v1_lab_p(&t->a)->method, V1_M_XAUTH_I_PSK);
	CHECK(t->a.xfrm && t->b.xfrm);
	is_user(&t->b, "ann");
	CHECK(!v1_sa_user(&t->a.ike));
	check_stands(&t->b, "ann");
	CHECK_EQ(t->a.sent + t->b.sent, 6 + 4 + 3);
	v1_lab_over(t);
}

static void test_xauth_config(void)
{
	struct talk *t;
	int push;

	for (push = 0; push < 2; push++) {
		t = v1_lab_up(client(true, push));
		check_inner(t);
		CHECK_EQ(t->a.sent + t->b.sent, 6 + 4 + 2 + 3);
		v1_lab_over(t);
	}
}

/* Several questions, each under a message ID of its own. */
static void test_rounds(void)
{
	struct talk *t = v1_lab_new_xauth();

	v1_lab.rounds = 2;
	v1_lab_up(t);
	CHECK_EQ(t->a.sent + t->b.sent, 6 + 8 + 3);
	is_user(&t->b, "ann");
	v1_lab_over(t);
}

static void test_initiator_asks(void)
{
	struct talk *t = v1_lab_up(initiator_asks());

	CHECK(t->a.xfrm && t->b.xfrm);
	is_user(&t->a, "ann");
	v1_lab_over(t);
}

/* ---- loss, repetition, tampering ------------------------------------------------- */

/* Each message of XAUTH and mode config once. */
static void test_loss(void)
{
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 12; i++) {
		t = client(true, i >= 6);
		v1_lab.net = lossy;
		lost.from = i & 1 ? 'B' : 'A';
		lost.nth = 4 + (i % 6) / 2;
		tap_note("%s: %c's message %u", i >= 6 ? "push" : "pull", lost.from, lost.nth);
		v1_lab_start(t);
		v1_lab_let_pass(t, 10000);
		check_inner(t);
		CHECK(v1_lab.nth[0] + v1_lab.nth[1] > 15);
		v1_lab_over(t);
	}
}

static bool twice(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct packet copy = packet_copy(p);

	if (nth >= 4 && nth <= 6)
		v1_lab_deliver(talk_other(from), &copy);
	packet_free(&copy);
	return true;
}

/* Nothing is asked, or decided, twice; what is answered at once is answered again. */
static void test_twice(void)
{
	struct talk *t;
	int push;

	for (push = 0; push < 2; push++) {
		t = client(true, push);
		v1_lab.net = twice;
		v1_lab_start(t);
		v1_lab_settle(t);
		check_inner(t);
		/* V1_BEGIN, SKEYID, I_VERIFY, XAUTH */
		CHECK_EQ(t->a.asks, 4);
		/* SKEYID, R_AUTH, XAUTH twice, V1_CONFIG */
		CHECK_EQ(t->b.asks, 5);
		v1_lab_over(t);
	}
}

/* Each octet of each of them: refused, and nothing moves. */
static bool flipped(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct end *to = talk_other(from);
	struct packet bad;
	unsigned int sent = to->sent, asks = to->asks;
	size_t at;
	u8 state;

	if (nth < 4 || nth > 6)
		return true;
	state = v1_lab_p(to)->state;
	for (at = 0; at < p->n; at++) {
		if (at >= IKE_HDR_LENGTH_AT && at < IKE_HDR_LEN)
			continue;	/* gate/ refuses it */
		tap_note("%c %u, octet %zu of %zu", from->name, nth, at, p->n);
		bad = packet_copy(p);
		bad.p[at] ^= 1U << (at % 8);
		CHECK(v1_lab_deliver(to, &bad) != ISAKMP_OK);
		packet_free(&bad);
		CHECK_EQ(to->sent, sent);
		CHECK_EQ(to->asks, asks);
		CHECK_EQ(v1_lab_p(to)->state, state);
	}
	return true;
}

static void test_flips(void)
{
	struct talk *t;
	int push;

	for (push = 0; push < 2; push++) {
		t = client(true, push);
		v1_lab.net = flipped;
		v1_lab_start(t);
		v1_lab_settle(t);
		check_inner(t);
		v1_lab_over(t);
	}
}

/* Nobody answers: it ends, at either end. */
static bool silent(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	return nth < lost.nth;
}

static void test_silence(void)
{
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 6; i++) {
		t = client(true, i >= 3);
		v1_lab.net = silent;
		lost.nth = 4 + i % 3;
		tap_note("%s, from %u on", i >= 3 ? "push" : "pull", lost.nth);
		v1_lab_start(t);
		v1_lab_let_pass(t, 200000);
		/* Who does not push waits for nothing; DPD is off */
		if (i == 2)
			talk_do(&t->b, IKE_EV_KILL, 0);
		check_ends(t);
		CHECK(t->a.refused[ISAKMP_R_TIMEOUT] || t->b.refused[ISAKMP_R_TIMEOUT]);
		v1_lab_over(t);
	}
}

/* ---- XAUTH that is refused --------------------------------------------------------- */

static void test_wrong_password(void)
{
	struct talk *t = client(true, false);

	v1_lab.password = "not her password";
	/* That the client ends is not what keeps it out */
	v1_lab.net = lossy;
	lost.from = 'A';
	lost.nth = 6;
	v1_lab_start(t);
	v1_lab_settle(t);
	check_ends(t);
	CHECK_EQ(t->a.refused[ISAKMP_R_AUTH_FAILED], 1);
	CHECK_EQ(t->b.refused[ISAKMP_R_AUTH_FAILED], 1);
	v1_lab_over(t);
}

/* The peer may not be one more of the user: a word about it comes, too. */
static void test_not_unique(void)
{
	struct talk *t = client(true, false);

	t->b.known_why = ISAKMP_R_NOT_UNIQUE;
	v1_lab_start(t);
	v1_lab_settle(t);
	check_ends(t);
	CHECK_EQ(t->b.refused[ISAKMP_R_NOT_UNIQUE], 1);
	CHECK_EQ(t->a.refused[ISAKMP_R_AUTH_FAILED], 1);
	v1_lab_over(t);
}

/* The ACK of a refusal is lost: who asked gives up. */
static void test_refusal_lost(void)
{
	struct talk *t = client(true, false);

	v1_lab.password = "";
	v1_lab.net = silent;
	lost.nth = 5;
	v1_lab_start(t);
	v1_lab_let_pass(t, 200000);
	check_ends(t);
	CHECK_EQ(t->b.refused[ISAKMP_R_AUTH_FAILED], 1);
	v1_lab_over(t);
}

/* Until the helper of an end is asked so, for the @n-th time. */
static void until_asked(struct talk *t, struct end *e, u8 kind, unsigned int n)
{
	struct end *o = talk_other(e);
	unsigned int rounds = 100;

	v1_lab_start(t);
	while (rounds--) {
		if (e->asking && e->ask.kind == kind && !--n)
			return;
		if (e->asking)
			v1_lab_answer(e);
		else if (o->asking)
			v1_lab_answer(o);
		else if (e->queued)
			v1_lab_pass(e);
		else if (o->queued)
			v1_lab_pass(o);
	}
	CHECK(!"asked");
}

static void lose_helper(char who, u8 kind, unsigned int n, enum isakmp_reason why)
{
	struct talk *t = client(true, kind == IKE_ASK_V1_CONFIG);
	struct end *e = who == 'A' ? &t->a : &t->b;

	tap_note("%c, question %u, %u", who, kind, n);
	until_asked(t, e, kind, n);
	v1_lab.refuse[kind] = why;
	v1_lab_answer(e);
	v1_lab.refuse[kind] = ISAKMP_OK;
	v1_lab_settle(t);
	check_ends(t);
	CHECK_EQ(e->refused[why], 1);
	v1_lab_over(t);
}

/* Who has begun asks, and knows now whose connection it is: there may be no other one. */
static void test_not_unique_asking(void)
{
	struct talk *t = initiator_asks();

	until_asked(t, &t->a, IKE_ASK_V1_XAUTH, 1);
	t->a.known_why = ISAKMP_R_NOT_UNIQUE;
	v1_lab_settle(t);
	check_ends(t);
	CHECK_EQ(t->a.refused[ISAKMP_R_NOT_UNIQUE], 1);
	v1_lab_over(t);
}

/* A REQUEST wants a REPLY: another type is not believed. */
static void test_wrong_type(void)
{
	static const u8 types[] = { IKE_CFG_REQUEST, IKE_CFG_SET, IKE_CFG_ACK, 0 };
	const struct ike_span attrs = { an_address, sizeof(an_address) };
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		t = client(false, false);
		until_asked(t, &t->b, IKE_ASK_V1_CONFIG, 1);
		CHECK_EQ(v1_trans_say(&t->b.ike, t->b.ike.ep, v1_lab_p(&t->b)->exchanges, types[i],
				      &attrs, t->now), ISAKMP_OK);
		CHECK_REASON(v1_lab_pass(&t->b), ISAKMP_R_UNEXPECTED);
		CHECK_EQ(v1_lab_p(&t->a)->state, V1_P1_CONFIG);
		CHECK_EQ(t->a.ike.inner[0].family, 0);
		v1_lab_over(t);
	}
}

/* Either helper goes away: both ends end at once. */
static void test_helper_lost(void)
{
	lose_helper('B', IKE_ASK_V1_XAUTH, 1, ISAKMP_R_HELPER_LOST);
	lose_helper('B', IKE_ASK_V1_XAUTH, 2, ISAKMP_R_HELPER_LOST);
	lose_helper('A', IKE_ASK_V1_XAUTH, 1, ISAKMP_R_NO_SECRET);
	lose_helper('B', IKE_ASK_V1_CONFIG, 1, ISAKMP_R_HELPER_LOST);
}

/* ---- order ------------------------------------------------------------------------- */

/* A does without XAUTH, or the address, as soon as the offer is made. */
static bool forgetful(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	t->a.peer.v1.xauth = IKE_V1_XAUTH_NONE;
	t->a.peer.vip[0].family = 0;
	return true;
}

/* Quick Mode before they are over: nothing is set up. */
static void skip(bool xauth)
{
	struct talk *t = client(xauth, true);

	t->a.local[0] = t->b.remote[0];
	v1_lab.net = forgetful;
	v1_lab_start(t);
	v1_lab_let_pass(t, 100000);
	CHECK_EQ(t->b.installs, 0);
	CHECK(t->b.refused[ISAKMP_R_NO_LAW] > 0);
	/* What it does not wait for has no law there */
	CHECK(t->a.refused[ISAKMP_R_NO_LAW] > 0);
	CHECK(!t->b.live || t->b.ike.state == IKE_S_DEAD);
	v1_lab_over(t);
}

static void test_skip(void)
{
	skip(true);
	skip(false);
}

/* One asks, the other one sends unasked: one of both is enough. */
static void test_pull_of_push(void)
{
	struct talk *t = client(false, true);

	t->a.peer.v1.push = false;
	v1_lab_start(t);
	v1_lab_let_pass(t, 5000);
	check_inner(t);
	v1_lab_over(t);
}

/* Each waits for the other: that ends, and the other is told. */
static void test_both_wait(void)
{
	struct talk *t = client(false, false);

	t->a.peer.v1.push = true;
	v1_lab_start(t);
	v1_lab_let_pass(t, IKE_ESTABLISH_MS + 1000);
	check_ends(t);
	CHECK_EQ(t->a.refused[ISAKMP_R_TIMEOUT], 1);
	v1_lab_over(t);
}

static void test_no_address(void)
{
	struct talk *t;
	int push;

	for (push = 0; push < 2; push++) {
		t = client(false, push);
		t->b.no_address = true;
		v1_lab_start(t);
		v1_lab_settle(t);
		check_ends(t);
		CHECK_EQ(t->b.refused[ISAKMP_R_NO_ADDRESS], 1);
		v1_lab_over(t);
	}
	t = client(false, false);
	t->b.peer.pools = 0;
	v1_lab_start(t);
	v1_lab_settle(t);
	check_ends(t);
	CHECK_EQ(t->a.refused[ISAKMP_R_NO_ADDRESS], 1);
	v1_lab_over(t);
}

/* It asks again, for another one: it has the one that it had. */
static void test_again(void)
{
	struct talk *t = v1_lab_up(client(false, false));

	CHECK_EQ(say(t, IKE_CFG_REQUEST, an_address, sizeof(an_address)), ISAKMP_OK);
	CHECK(t->b.asking);
	CHECK_EQ(t->b.ask.wish[0].family, 4);
	CHECK_MEM(t->b.ask.wish[0].a, inner4.a, 16);
	v1_lab_settle(t);
	check_inner(t);
	v1_lab_over(t);
}

/* A child is lost, and there is another address by the time that it can be negotiated anew. */
static void test_lost_readdressed(void)
{
	struct talk *t = v1_lab_up(client(false, false));

	v1_lab_p(&t->a)->state = V1_P1_CONFIG;
	talk_do(&t->a, IKE_EV_CHILD_LOST, t->a.ike.children->spi_in);
	t->a.ike.inner[0].a[3]++;
	t->b.ike.inner[0].a[3]++;
	v1_lab_p(&t->a)->state = V1_P1_UP;
	v1_lab_let_pass(t, 3 * IKE_REKEYED_MS);
	is_addr(&t->a.last.local[0], &t->a.ike.inner[0]);
	CHECK_EQ(t->a.ike.n_children, 1);
	CHECK_EQ(t->b.ike.n_children, 1);
	CHECK_EQ(t->b.refused[ISAKMP_R_TS], 0);
	v1_lab_over(t);
}

/*
 * Who has the addresses begins: the other one asks for one all the same, or takes what is pushed;
 * then it has a child for it.
 */
static void test_begun_by_giver(void)
{
	struct ike_event start = { .type = IKE_EV_CHILD_START };
	struct talk *t;
	int push;

	for (push = 0; push < 2; push++) {
		tap_note(push ? "push" : "pull");
		t = v1_lab_new();
		t->b.peer.vip[0] = any4;
		t->a.peer.pools = 1;
		t->a.inner[0] = inner4;
		t->a.peer.v1.push = t->b.peer.v1.push = push;
		t->b.local[0] = t->a.remote[0] = dynamic;
		v1_lab_up(t);
		start.peer = &t->b.peer;
		start.child = &t->b.child;
		if (!t->b.xfrm)
			talk_event(&t->b, &start);
		v1_lab_settle(t);
		CHECK(t->a.xfrm && t->b.xfrm);
		CHECK_MEM(t->a.ike.inner[0].a, inner4.a, 16);
		CHECK_MEM(t->b.ike.inner[0].a, inner4.a, 16);
		is_addr(&t->b.last.local[0], &inner4);
		is_addr(&t->a.last.remote[0], &inner4);
		v1_lab_over(t);
	}
}

/* ---- without law ---------------------------------------------------------------------- */

static void test_no_law(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	unsigned int sent = t->b.sent, asks = t->b.asks;

	CHECK_REASON(say(t, IKE_CFG_REQUEST, a_name, sizeof(a_name)), ISAKMP_R_NO_LAW);
	CHECK_REASON(say(t, IKE_CFG_SET, is_good, sizeof(is_good)), ISAKMP_R_NO_LAW);
	CHECK_REASON(say(t, IKE_CFG_REQUEST, is_good, sizeof(is_good)), ISAKMP_R_NO_LAW);
	CHECK_REASON(say(t, IKE_CFG_SET, a_name, sizeof(a_name)), ISAKMP_R_NO_LAW);
	CHECK_REASON(say(t, IKE_CFG_SET, an_address, sizeof(an_address)), ISAKMP_R_NO_LAW);
	CHECK_REASON(say(t, IKE_CFG_REPLY, an_address, sizeof(an_address)), ISAKMP_R_UNEXPECTED);
	CHECK_REASON(say(t, IKE_CFG_ACK, an_address, sizeof(an_address)), ISAKMP_R_UNEXPECTED);
	CHECK_REASON(say(t, 77, an_address, sizeof(an_address)), ISAKMP_R_UNEXPECTED);
	CHECK_REASON(say(t, 0, NULL, 0), ISAKMP_R_MISSING);
	CHECK_EQ(t->b.sent, sent);
	CHECK_EQ(t->b.asks, asks);
	CHECK_EQ(t->b.ike.inner[0].family, 0);
	/* Who has no pool says so */
	CHECK_EQ(say(t, IKE_CFG_REQUEST, an_address, sizeof(an_address)), ISAKMP_OK);
	CHECK_EQ(t->b.sent, sent + 1);
	v1_lab_settle(t);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	v1_lab_over(t);
}

/* Who is asked is the client alone: it does not ask for a password, nor say what came of it. */
static void test_wrong_side(void)
{
	struct talk *t = client(true, false);

	until_asked(t, &t->a, IKE_ASK_V1_XAUTH, 1);
	CHECK_REASON(say(t, IKE_CFG_SET, is_good, sizeof(is_good)), ISAKMP_R_NO_LAW);
	CHECK_REASON(say(t, IKE_CFG_REQUEST, a_name, sizeof(a_name)), ISAKMP_R_NO_LAW);
	/* An address before XAUTH is over */
	CHECK_REASON(say(t, IKE_CFG_REQUEST, an_address, sizeof(an_address)), ISAKMP_R_NO_LAW);
	CHECK_EQ(v1_lab_p(&t->b)->state, V1_P1_XAUTH);
	v1_lab_settle(t);
	check_inner(t);
	v1_lab_over(t);
}

/* Of STATUS 1 is good, and nothing else; when XAUTH is over it is nothing. */
static void test_status(void)
{
	static const u8 is_bad[] = { 0xc0, 0x8f, 0, 0 }, is_odd[] = { 0xc0, 0x8f, 0, 2 };
	struct talk *t = client(true, false);

	until_asked(t, &t->a, IKE_ASK_V1_XAUTH, 1);
	CHECK_REASON(say_by(&t->b, IKE_CFG_REQUEST, is_good, sizeof(is_good)), ISAKMP_R_NO_LAW);
	CHECK_EQ(v1_lab_p(&t->a)->state, V1_P1_XAUTH);
	CHECK_REASON(say_by(&t->b, IKE_CFG_SET, is_odd, sizeof(is_odd)), ISAKMP_R_AUTH_FAILED);
	CHECK(!t->a.live || t->a.ike.state == IKE_S_DEAD);
	v1_lab_over(t);
	t = v1_lab_up(client(true, false));
	CHECK_REASON(say_by(&t->b, IKE_CFG_SET, is_good, sizeof(is_good)), ISAKMP_R_NO_LAW);
	CHECK_REASON(say_by(&t->b, IKE_CFG_SET, is_bad, sizeof(is_bad)), ISAKMP_R_NO_LAW);
	CHECK_REASON(say_by(&t->b, IKE_CFG_REQUEST, a_name, sizeof(a_name)), ISAKMP_R_NO_LAW);
	CHECK_EQ(t->a.queued, 0);
	check_inner(t);
	v1_lab_over(t);
}

/* Who gives addresses takes none, and who has some gets no other ones in between. */
static void test_addresses_unasked(void)
{
	struct talk *t = client(false, true);

	until_asked(t, &t->b, IKE_ASK_V1_CONFIG, 1);
	CHECK_EQ(v1_lab_p(&t->b)->state, V1_P1_CONFIG);
	while (t->b.queued)
		v1_lab_pass(&t->b);
	v1_lab_answer(&t->a);
	CHECK_REASON(say(t, IKE_CFG_SET, an_address, sizeof(an_address)), ISAKMP_R_NO_LAW);
	CHECK_EQ(v1_lab_p(&t->b)->state, V1_P1_CONFIG);
	v1_lab_settle(t);
	check_inner(t);
	CHECK_REASON(say_by(&t->b, IKE_CFG_SET, an_address, sizeof(an_address)), ISAKMP_R_NO_LAW);
	CHECK_EQ(t->a.queued, 0);
	check_inner(t);
	v1_lab_over(t);
}

/* Networks come as a row of fourteen octets each: what is left over is told, the others count. */
static void test_split_length(void)
{
	static const u8 attrs[] = {
		0, 1, 0, 4, 10, 9, 0, 2,
		0x70, 4, 0, 15, 10, 7, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 10,
	};
	struct talk *t;
	unsigned int odd;

	for (odd = 0; odd < 2; odd++) {
		u8 said[sizeof(attrs)];

		memcpy(said, attrs, sizeof(attrs));
		said[11] -= !odd;
		t = client(false, true);
		until_asked(t, &t->b, IKE_ASK_V1_CONFIG, 1);
		while (t->b.queued)
			v1_lab_pass(&t->b);
		v1_lab_answer(&t->a);
		CHECK_REASON(say_by(&t->b, IKE_CFG_SET, said, sizeof(said) - !odd),
			     odd ? ISAKMP_R_CP_VALUE : ISAKMP_OK);
		CHECK(t->a.ike.config && t->a.ike.config->n_subnets == 1);
		CHECK_EQ(t->a.ike.config->subnet[0].plen, 16);
		v1_lab_over(t);
	}
}

/* Whoever has proven the secret of the group is half-open no more: the user may have to type. */
static void test_time_to_type(void)
{
	struct talk *t = client(true, false);

	until_asked(t, &t->a, IKE_ASK_V1_XAUTH, 1);
	CHECK_EQ(v1_lab_p(&t->b)->state, V1_P1_XAUTH);
	CHECK(v1_lab_p(&t->b)->until_at > t->now + t->b.ike.tun->half_open_ms);
	CHECK_EQ(t->b.ike.give_up_at, v1_lab_p(&t->b)->until_at);
	v1_lab_settle(t);
	CHECK_EQ(t->b.ike.give_up_at, IKE_NEVER);
	v1_lab_over(t);
}

/*
 * racoon, number 41: the length of a value was compared with a total that counts the head, so
 * that it was read from behind the end.
 */
static void test_lengths(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	u8 attr[] = { 0, 1, 0, 4, 10, 9, 0, 9 };
	u8 len;

	for (len = 3; len <= 8; len++) {
		attr[3] = len;
		tap_note("%u of 4", len);
		if (len == 4)
			CHECK_EQ(say(t, IKE_CFG_REQUEST, attr, sizeof(attr)), ISAKMP_OK);
		else
			CHECK_REASON(say(t, IKE_CFG_REQUEST, attr, sizeof(attr)), ISAKMP_R_BAD_CP);
	}
	/* Half a head */
	CHECK_REASON(say(t, IKE_CFG_REQUEST, attr, 2), ISAKMP_R_BAD_CP);
	v1_lab_over(t);
}

/* In the clear there is none. */
static void test_clear(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct isakmp_header h = {
		.spi_i = t->a.ike.ep->spi_i, .spi_r = t->a.ike.ep->spi_r, .major = 1,
		.exchange = V1_TRANSACTION, .msgid = 77,
	};
	struct isakmp_builder b;
	u8 buf[128];

	isakmp_build_begin(&b, buf, sizeof(buf), &h);
	isakmp_build_payload(&b, V1_PL_ATTRIBUTES);
	v1_attributes_encode(&b.o, IKE_CFG_REQUEST, 1);
	isakmp_out_bytes(&b.o, an_address, sizeof(an_address));
	isakmp_build_close(&b);
	CHECK(isakmp_build_end(&b));
	CHECK_REASON(talk_give(&t->b, buf, b.o.len), ISAKMP_R_V1_FLAGS);
	v1_lab_over(t);
}

/* ---- memory ----------------------------------------------------------------------------- */

static void run_out(bool push)
{
	unsigned long n, up = 0, points;
	struct talk *t;

	for (n = 1;; n++) {
		tap_note("%s, point %lu", push ? "push" : "pull", n);
		t = client(true, push);
		talk_open_a(t);
		native_mem_fail_at(n);
		if (!v1_sa_init(&t->a.ike, t->now)) {
			talk_do(&t->a, IKE_EV_START, 0);
			v1_lab_let_pass(t, 20000);
			up += t->a.ike.state == IKE_S_ESTABLISHED && t->a.xfrm;
		}
		points = native_mem_points();
		native_mem_fail_at(0);
		v1_lab_over(t);
		if (points < n)
			break;
	}
	tap_note("%s: %lu of %lu", push ? "push" : "pull", up, n);
	CHECK(n > 100);
	CHECK(up > n / 2);
}

static void test_memory(void)
{
	run_out(false);
	run_out(true);
}

static bool says_no_name(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	return from == &t->b || p->n < IKE_HDR_LEN || p->p[18] != V1_TRANSACTION;
}

/*
 * A client of hybrid authentication that says no name has shown nothing: the more half-open SAs
 * there are, the sooner it goes.  One that has the secret of a group has time to type.
 */
static void test_anybody(void)
{
	static const struct { u16 method; u32 half_open_ms; u64 ms; } rows[] = {
		{ V1_M_HYBRID_I_RSA, 30000, IKE_ESTABLISH_MS },
		{ V1_M_HYBRID_I_RSA, 2500, 5000 },
		{ V1_M_XAUTH_I_PSK, 2500, IKE_ESTABLISH_MS },
	};
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		tap_note("row %u", i);
		t = v1_lab_new_xauth();
		if (rows[i].method == V1_M_HYBRID_I_RSA)
			t->a.peer.v1.methods = t->b.peer.v1.methods = BIT(IKE_V1_HYBRID);
		v1_lab.methods[0] = rows[i].method;
		t->b.tun.half_open_ms = rows[i].half_open_ms;
		t->b.tun.retransmit_tries = 20;
		v1_lab.net = says_no_name;
		v1_lab_start(t);
		v1_lab_let_pass(t, rows[i].ms - 1);
		CHECK(t->b.live);
		CHECK_EQ(t->b.ike.state, IKE_S_V1);
		v1_lab_let_pass(t, 1);
		CHECK(!t->b.live || t->b.ike.state == IKE_S_DEAD);
		CHECK_EQ(t->b.refused[ISAKMP_R_HALF_OPEN_TIMEOUT], 1);
		v1_lab_over(t);
	}
}

int main(void)
{
	TAP_RUN(test_config, "an inner address, pulled and pushed");
	TAP_RUN(test_both_families, "one of each family");
	TAP_RUN(test_xauth, "XAUTH: the responder asks");
	TAP_RUN(test_xauth_config, "XAUTH, then an inner address");
	TAP_RUN(test_rounds, "XAUTH: several questions");
	TAP_RUN(test_initiator_asks, "XAUTH: the initiator asks");
	TAP_RUN(test_loss, "each message is lost once");
	TAP_RUN(test_twice, "each message comes twice");
	TAP_RUN(test_flips, "an octet flipped changes nothing");
	TAP_RUN(test_silence, "nobody answers");
	TAP_RUN(test_wrong_password, "XAUTH: refused");
	TAP_RUN(test_not_unique, "XAUTH: one more of this user may not be");
	TAP_RUN(test_not_unique_asking, "XAUTH: the user that we have asked may have no other connection");
	TAP_RUN(test_refusal_lost, "XAUTH: the word about a refusal is lost");
	TAP_RUN(test_helper_lost, "a helper goes away");
	TAP_RUN(test_wrong_type, "an answer of another type");
	TAP_RUN(test_skip, "Quick Mode before they are over");
	TAP_RUN(test_pull_of_push, "one pulls, the other pushes");
	TAP_RUN(test_both_wait, "each waits for the other");
	TAP_RUN(test_no_address, "no address is left, or no pool is there");
	TAP_RUN(test_begun_by_giver, "mode config: who has the addresses begins");
	TAP_RUN(test_again, "an address is asked for again");
	TAP_RUN(test_lost_readdressed, "a child is lost, and comes back with another address");
	TAP_RUN(test_no_law, "Transactions without law");
	TAP_RUN(test_status, "XAUTH: what STATUS says, and when");
	TAP_RUN(test_addresses_unasked, "mode config: addresses that nobody has asked for");
	TAP_RUN(test_split_length, "mode config: networks and a piece of one");
	TAP_RUN(test_time_to_type, "XAUTH: there is time to type");
	TAP_RUN(test_wrong_side, "XAUTH from the wrong side, an address too early");
	TAP_RUN(test_lengths, "lengths of attributes (threat 21)");
	TAP_RUN(test_clear, "in the clear");
	TAP_RUN(test_memory, "memory runs out once");
	TAP_RUN(test_anybody, "hybrid authentication: who says no name has little time when there are many");
	return tap_done();
}
