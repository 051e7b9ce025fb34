// SPDX-License-Identifier: GPL-2.0
/* Dead peer detection of version 1 (RFC 3706). */
#include "v1_lab.h"
#include "v1/phase2.h"

static struct talk *with_dpd(void)
{
	struct talk *t = v1_lab_new();

	t->a.peer.dpd_s = 30;
	return v1_lab_up(t);
}

static bool deaf(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	return false;
}

/* Nothing came for a while: it is asked, and answers. */
static void test_alive(void)
{
	struct talk *t = with_dpd();
	u32 out = v1_lab_p(&t->a)->dpd_out, sent = t->a.sent;

	CHECK(!(out >> 31));
	v1_lab_let_pass(t, 29000);
	CHECK_EQ(t->a.sent, sent);
	v1_lab_let_pass(t, 2000);
	CHECK_EQ(t->a.sent, sent + 1);
	CHECK_EQ(v1_lab_p(&t->a)->dpd_out, out + 1);
	CHECK_EQ(v1_lab_p(&t->a)->dpd_at, IKE_NEVER);
	CHECK_EQ(v1_lab_p(&t->b)->dpd_in, out + 1);
	v1_lab_let_pass(t, 60000);
	CHECK(t->a.sent > sent + 1 && t->a.sent <= sent + 3);
	CHECK_EQ(t->a.ike.resends, 0);
	v1_lab_over(t);
}

static void test_traffic(void)
{
	struct talk *t = with_dpd();
	u32 sent = t->a.sent;

	t->a.rx = 5;
	v1_lab_let_pass(t, 31000);
	CHECK_EQ(t->a.sent, sent);
	v1_lab_let_pass(t, 31000);
	CHECK(t->a.sent > sent);
	v1_lab_over(t);
}

/* It does not answer: dead, after as many tries as any message has; and a late answer helps. */
static void test_dead(void)
{
	struct talk *t = with_dpd();
	u32 sent = t->a.sent;

	v1_lab.net = deaf;
	v1_lab_let_pass(t, 31000);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	v1_lab_let_pass(t, 600000);
	CHECK(!t->a.live);
	CHECK_EQ(t->a.down_why, ISAKMP_R_TIMEOUT);
	CHECK_EQ(t->a.sent, sent + 1 + t->a.tun.retransmit_tries);
	v1_lab_over(t);
}

/* Each wait is twice as long as the one before. */
static void test_waits(void)
{
	struct talk *t = with_dpd();
	const struct v1_phase1 *p = v1_lab_p(&t->a);
	unsigned int i;

	talk_do(&t->a, IKE_EV_CHECK, 0);
	for (i = 0; i < t->a.tun.retransmit_tries; i++) {
		CHECK_EQ(p->dpd_at - t->now, (u64)t->a.tun.retransmit_ms << i);
		talk_flush(&t->a);
		talk_timer(&t->a, p->dpd_at);
	}
	talk_flush(&t->a);
	v1_lab_over(t);
}

/* A Quick Mode of the peer waits for its message 3: that shows as well whether it is there. */
static void test_under_way(void)
{
	struct talk *t = with_dpd();
	u32 out = v1_lab_p(&t->a)->dpd_out;

	t->a.peer.dpd_s = t->a.ike.dpd_s = 2;
	t->a.ike.dpd_at = t->now + 2000;
	talk_do(&t->b, IKE_EV_CHILD_REKEY, t->b.ike.children->spi_in);
	v1_lab_pass(&t->b);
	v1_lab.net = deaf;
	v1_lab_let_pass(t, 3500);
	CHECK(v1_lab_p(&t->a)->exchanges->step);
	CHECK(t->a.ike.resends);
	CHECK_EQ(v1_lab_p(&t->a)->dpd_out, out);
	/* It is over, and nobody was */
	v1_lab_let_pass(t, 600000);
	CHECK(!t->a.live);
	CHECK_EQ(t->a.down_why, ISAKMP_R_TIMEOUT);
	v1_lab_over(t);
}

static void test_traffic_while_asking(void)
{
	struct talk *t = with_dpd();

	v1_lab.net = deaf;
	v1_lab_let_pass(t, 31000);
	t->a.rx = 1;
	v1_lab_let_pass(t, 20000);
	CHECK_EQ(v1_lab_p(&t->a)->dpd_at, IKE_NEVER);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	v1_lab_over(t);
}

/*
 * There is no ISAKMP SA, and nobody answers to the first message of another one: dead.  As
 * long as traffic comes it is not.
 */
static void test_dead_without(void)
{
	struct talk *t = with_dpd();
	u64 until = t->now + 600000;

	v1_phase1_end(&t->a.ike, t->a.ike.ep, ISAKMP_OK, t->now);
	v1_lab.net = deaf;
	while (t->now < until && t->a.live) {
		t->a.rx++;
		v1_lab_let_pass(t, 10000);
	}
	CHECK(t->a.live);
	v1_lab_let_pass(t, 900000);
	CHECK(!t->a.live);
	CHECK_EQ(t->a.down_why, ISAKMP_R_TIMEOUT);
	v1_lab_over(t);
}

/* Whatever it says is life, too. */
static void test_speaks(void)
{
	struct talk *t = with_dpd();

	talk_do(&t->a, IKE_EV_CHECK, 0);
	talk_lose(&t->a);
	CHECK(v1_lab_p(&t->a)->dpd_at != IKE_NEVER);
	t->now++;
	CHECK_EQ(talk_do(&t->b, IKE_EV_CHECK, 0), ISAKMP_OK);
	v1_lab_pass(&t->b);
	talk_lose(&t->a);
	v1_lab.net = deaf;
	v1_lab_let_pass(t, t->a.tun.retransmit_ms + 1);
	CHECK_EQ(v1_lab_p(&t->a)->dpd_at, IKE_NEVER);
	v1_lab_over(t);
}

/* The peer has not said that it speaks it: it is not asked. */
static void test_not_spoken(void)
{
	struct talk *t = with_dpd();
	u32 sent = t->a.sent;

	CHECK(v1_lab_p(&t->a)->can & BIT(V1_CAN_DPD));
	v1_lab_p(&t->a)->can &= ~BIT(V1_CAN_DPD);
	v1_lab_let_pass(t, 300000);
	CHECK_EQ(t->a.sent, sent);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	v1_lab_over(t);
}

static u8 others[16];	/* what makes the cookies those of another ISAKMP SA */

static enum isakmp_reason say(struct talk *t, u16 type, u32 number, u16 len, u8 protocol)
{
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = protocol, .type = type,
			       .spi_len = 16, .len = len };
	u8 cookies[16], data[8] = {};
	struct v1_msg m;
	unsigned int i;

	put_unaligned_be64(t->b.ike.ep->spi_i, cookies);
	put_unaligned_be64(t->b.ike.ep->spi_r, cookies + 8);
	for (i = 0; i < sizeof(cookies); i++)
		cookies[i] ^= others[i];
	put_unaligned_be32(number, data);
	n.spi = cookies;
	n.data = data;
	CHECK_EQ(v1_msg_begin(&t->b.ike, t->b.ike.ep, NULL, &m, V1_INFORMATIONAL, V1_H_1),
		 ISAKMP_OK);
	v1_msg_notify(&m, &n);
	CHECK_EQ(v1_say_once(&t->b.ike, &m), ISAKMP_OK);
	return v1_lab_pass(&t->b);
}

/* RFC 3706, 6.2 */
static void test_numbers(void)
{
	struct talk *t = with_dpd();
	unsigned int i;

	CHECK_EQ(say(t, V1_N_R_U_THERE, 100, 4, V1_PROTO_ISAKMP), ISAKMP_OK);
	CHECK_EQ(t->a.queued, 1);
	talk_flush(&t->a);
	/* Our answer was lost, and the peer asks again */
	CHECK_EQ(say(t, V1_N_R_U_THERE, 100, 4, V1_PROTO_ISAKMP), ISAKMP_OK);
	CHECK_EQ(t->a.queued, 1);
	talk_flush(&t->a);
	CHECK_REASON(say(t, V1_N_R_U_THERE, 99, 4, V1_PROTO_ISAKMP), ISAKMP_R_V1_DPD_NUMBER);
	CHECK_EQ(t->a.queued, 0);
	CHECK_EQ(say(t, V1_N_R_U_THERE, 103, 4, V1_PROTO_ISAKMP), ISAKMP_OK);
	CHECK_EQ(t->a.queued, 1);
	talk_flush(&t->a);
	CHECK_REASON(say(t, V1_N_R_U_THERE, 104, 3, V1_PROTO_ISAKMP), ISAKMP_R_BAD_NOTIFY);
	CHECK_REASON(say(t, V1_N_R_U_THERE, 104, 4, V1_PROTO_ESP), ISAKMP_R_BAD_NOTIFY);
	for (i = 0; i < sizeof(others); i += 8) {
		others[i] = 1;
		CHECK_REASON(say(t, V1_N_R_U_THERE, 104, 4, V1_PROTO_ISAKMP), ISAKMP_R_BAD_NOTIFY);
		others[i] = 0;
	}
	/* We have asked nothing */
	CHECK_REASON(say(t, V1_N_R_U_THERE_ACK, v1_lab_p(&t->a)->dpd_out, 4, V1_PROTO_ISAKMP),
		     ISAKMP_R_V1_DPD_NUMBER);
	talk_do(&t->a, IKE_EV_CHECK, 0);
	talk_lose(&t->a);
	CHECK_REASON(say(t, V1_N_R_U_THERE_ACK, v1_lab_p(&t->a)->dpd_out + 1, 4, V1_PROTO_ISAKMP),
		     ISAKMP_R_V1_DPD_NUMBER);
	CHECK(v1_lab_p(&t->a)->dpd_at != IKE_NEVER);
	CHECK_EQ(say(t, V1_N_R_U_THERE_ACK, v1_lab_p(&t->a)->dpd_out, 4, V1_PROTO_ISAKMP),
		 ISAKMP_OK);
	CHECK_EQ(v1_lab_p(&t->a)->dpd_at, IKE_NEVER);
	v1_lab_over(t);
}

/* R-U-THERE by cookies of nobody; for an ISAKMP SA that ends, or is not there any more. */
static void test_nobody(void)
{
	struct talk *t = with_dpd();
	struct ike_epoch *ep = t->b.ike.ep;
	struct packet p, other;
	u32 refused;

	CHECK_EQ(talk_do(&t->b, IKE_EV_CHECK, 0), ISAKMP_OK);
	p = talk_take(&t->b);
	other = packet_copy(&p);
	other.p[0] ^= 1;
	CHECK_REASON(talk_give(&t->a, other.p, other.n), ISAKMP_R_NO_SA);
	v1_phase1_end(&t->a.ike, t->a.ike.ep, ISAKMP_OK, t->now);
	CHECK_REASON(talk_give(&t->a, p.p, p.n), ISAKMP_R_DYING);
	CHECK_EQ(t->a.queued, 0);
	CHECK(ep->v1);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	refused = t->a.refused[ISAKMP_R_DYING];
	ike_sa_die(&t->a.ike, ISAKMP_OK, 0, t->now);
	talk_give(&t->a, p.p, p.n);
	CHECK_EQ(t->a.queued, 0);
	CHECK_EQ(t->a.refused[ISAKMP_R_DYING], refused);
	packet_free(&p);
	packet_free(&other);
	v1_lab_over(t);
}

/*
 * Phase 1 has ended, and no helper is there to set up another one: the children live, and
 * the peer is not dead for that.
 */
static void test_no_helper(void)
{
	struct talk *t = v1_lab_new();
	unsigned int i;

	t->a.peer.dpd_s = 30;
	t->a.peer.life_s = t->b.peer.life_s = 600;
	t->a.child.life_s = t->b.child.life_s = 0;
	v1_lab_up(t);
	for (i = 0; i < ARRAY_SIZE(v1_lab.refuse); i++)
		v1_lab.refuse[i] = ISAKMP_R_HELPER_LOST;
	v1_lab_let_pass(t, 1200000);
	CHECK(!v1_phase1_ready(&t->a.ike) && !v1_phase1_ready(&t->b.ike));
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->a.removes, 0);
	CHECK_EQ(t->b.removes, 0);
	v1_lab_over(t);
}

/* A began, and goes down when it has sent the last but one message, or the last one, of phase 1. */
static struct talk *left_alone(u8 exchange, u32 dpd_s, u32 life_s)
{
	struct talk *t = v1_lab_new();
	unsigned int last = exchange == V1_MAIN ? 3 : 2;

	t->a.peer.v1.exchange = exchange;
	t->a.peer.v1.accept = t->b.peer.v1.accept = BIT(exchange);
	t->b.peer.dpd_s = dpd_s;
	t->b.peer.life_s = life_s;
	v1_lab_start(t);
	while (t->a.sent < last) {
		if (t->a.asking)
			v1_lab_answer(&t->a);
		if (t->b.asking)
			v1_lab_answer(&t->b);
		if (t->b.queued)
			v1_lab_pass(&t->b);
		if (t->a.queued && t->a.sent < last)
			v1_lab_pass(&t->a);
	}
	talk_do(&t->a, IKE_EV_KILL, 0);
	v1_lab_pass(&t->a);
	talk_flush(&t->a);
	v1_lab_settle(t);
	CHECK(!t->a.live || t->a.ike.state == IKE_S_DEAD);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	CHECK(!t->b.ike.children && v1_phase1_ready(&t->b.ike));
	return t;
}

/*
 * The initiator went down, and could not say so: RFC 2409, 5.7, has no IV for a Delete before the
 * end of phase 1.  What it leaves here is found to be dead in time, or ends with its lifetime.
 */
static void test_left_alone(void)
{
	static const u8 exchanges[] = { V1_MAIN, V1_AGGRESSIVE };
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		tap_note("exchange %u", exchanges[i]);
		t = left_alone(exchanges[i], 30, 14400);
		v1_lab_let_pass(t, 29000);
		CHECK(t->b.live);
		v1_lab_let_pass(t, 2 * IKE_ESTABLISH_MS);
		CHECK(!t->b.live);
		CHECK_EQ(t->b.dead_why, ISAKMP_R_TIMEOUT);
		v1_lab_over(t);
		t = left_alone(exchanges[i], 0, 100);
		v1_lab_let_pass(t, 99000);
		CHECK(t->b.live);
		v1_lab_let_pass(t, 1000);
		CHECK(!t->b.live || t->b.ike.state == IKE_S_DEAD);
		v1_lab_over(t);
	}
}

/* The responder went down before the last message of Aggressive Mode, which nobody answers. */
static void test_left_initiator(void)
{
	struct talk *t = v1_lab_new();

	t->a.peer.v1.exchange = V1_AGGRESSIVE;
	t->a.peer.v1.accept = t->b.peer.v1.accept = BIT(V1_AGGRESSIVE);
	t->a.peer.dpd_s = 30;
	v1_lab_start(t);
	while (t->a.ike.state != IKE_S_ESTABLISHED) {
		if (t->a.asking)
			v1_lab_answer(&t->a);
		if (t->b.asking)
			v1_lab_answer(&t->b);
		if (t->b.queued)
			v1_lab_pass(&t->b);
		if (t->a.queued && t->a.sent < 2)
			v1_lab_pass(&t->a);
	}
	talk_do(&t->b, IKE_EV_KILL, 0);
	v1_lab.net = deaf;
	v1_lab_let_pass(t, 4 * IKE_ESTABLISH_MS);
	CHECK(!t->a.live);
	CHECK_EQ(t->a.dead_why, ISAKMP_R_TIMEOUT);
	v1_lab_over(t);
}

int main(void)
{
	TAP_RUN(test_alive, "DPD: the peer is there (RFC 3706, 5.2)");
	TAP_RUN(test_traffic, "DPD: traffic is life (5.4)");
	TAP_RUN(test_dead, "DPD: the peer is dead");
	TAP_RUN(test_waits, "DPD: longer and longer waits");
	TAP_RUN(test_under_way, "DPD: nobody is asked while a Quick Mode is under way");
	TAP_RUN(test_dead_without, "DPD: the peer is dead, and there is no ISAKMP SA");
	TAP_RUN(test_traffic_while_asking, "DPD: traffic comes instead of an answer");
	TAP_RUN(test_speaks, "DPD: the peer says something else");
	TAP_RUN(test_not_spoken, "DPD: a peer that does not speak it (5.1)");
	TAP_RUN(test_numbers, "DPD: numbers (6.2)");
	TAP_RUN(test_nobody, "DPD: of an ISAKMP SA that is not there (threat 51)");
	TAP_RUN(test_left_alone, "the initiator goes down before it is up: the responder's ISAKMP SA ends in time");
	TAP_RUN(test_left_initiator, "the responder goes down before it is up: the initiator's connection ends in time");
	TAP_RUN(test_no_helper, "DPD: phase 1 has ended and the helper is gone: children live");
	return tap_done();
}
