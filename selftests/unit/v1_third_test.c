// SPDX-License-Identifier: GPL-2.0
/*
 * Quick Mode of version 1: how it ends.  Messages are lost, or changed on their way; message 3 comes
 * late, again, or not at all; one end has set the commit bit (RFC 2408, 3.1).
 */
#include "v1_children.h"
#include "v1/phase2.h"

/* ---- losses ---------------------------------------------------------------------- */

static unsigned int lose_from, lose_nth;

static bool lossy(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	return (from->name == 'B') != lose_from || nth != lose_nth;
}

/* Each datagram of the conversation once; the last is Quick Mode 3. */
static void test_loss(void)
{
	struct talk *t;

	for (lose_from = 0; lose_from < 2; lose_from++)
		for (lose_nth = 1; lose_nth <= 5 - lose_from; lose_nth++) {
			tap_note("%c %u", 'A' + lose_from, lose_nth);
			t = v1_lab_new();
			v1_lab.net = lossy;
			v1_lab_start(t);
			v1_lab_let_pass(t, 20000);
			check_up(t, 1);
			CHECK_EQ(t->a.installs, 1);
			CHECK_EQ(t->b.installs, 1);
			v1_lab_over(t);
		}
}

static bool no_third(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	return from->name == 'B' || nth < 5;
}

/* Who began has gone after message 2: the responder takes the child back. */
static void test_no_third(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.net = no_third;
	v1_lab_up(t);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 1);
	CHECK(t->b.ike.children->held);
	t->b.ike.dpd_at = IKE_NEVER;
	v1_lab_let_pass(t, 2 * V1_EXCHANGE_MS);
	CHECK_EQ(t->b.ike.n_children, 0);
	CHECK_EQ(t->b.refused[ISAKMP_R_TIMEOUT], 1);
	/* If it is there after all it hears of that */
	CHECK_EQ(t->a.closed, 1);
	CHECK_EQ(count(&t->a, IKE_CHILD_UP), 0);
	v1_lab_over(t);
}

/* The same, but its traffic comes. */
static void test_no_third_used(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.net = no_third;
	v1_lab_up(t);
	talk_do(&t->b, IKE_EV_CHILD_USED, t->b.ike.children->spi_in);
	CHECK(!t->b.ike.children->held);
	v1_lab_let_pass(t, 2 * V1_EXCHANGE_MS);
	check_up(t, 1);
	v1_lab_over(t);
}

/* The same, and nobody has told of the traffic. */
static void test_no_third_seen(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.net = no_third;
	v1_lab_up(t);
	CHECK(t->b.ike.children->held);
	t->b.ike.dpd_at = IKE_NEVER;
	t->b.xfrm->used = true;
	v1_lab_let_pass(t, 2 * V1_EXCHANGE_MS);
	check_up(t, 1);
	v1_lab_over(t);
}

/* The responder deletes the child before message 3 has come: who says that hears it again. */
static void test_third_too_late(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct packet answer, gone;

	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	v1_lab_let_pass(t, 2 * IKE_CHILD_LINGER_MS);
	start(&t->a);
	v1_lab_pass(&t->a);
	answer = talk_take(&t->b);
	talk_do(&t->b, IKE_EV_CHILD_STOP, 0);
	gone = talk_take(&t->b);
	CHECK_EQ(v1_lab_deliver(&t->a, &gone), ISAKMP_OK);
	CHECK_EQ(v1_lab_deliver(&t->a, &answer), ISAKMP_OK);
	CHECK_EQ(count(&t->a, IKE_CHILD_UP), 1);
	v1_lab_settle(t);
	check_up(t, 0);
	packet_free(&answer);
	packet_free(&gone);
	v1_lab_over(t);
}

/* The ISAKMP SA goes before message 3 comes: what came through the child tells. */
static void test_unconfirmed(void)
{
	struct talk *t;
	u8 used;

	for (used = 0; used < 2; used++) {
		tap_note("used %u", used);
		t = v1_lab_new();
		v1_lab.net = no_third;
		v1_lab_up(t);
		CHECK(t->b.ike.children->held);
		t->b.xfrm->used = used;
		v1_phase1_end(&t->b.ike, t->b.ike.ep, ISAKMP_OK, t->now);
		talk_timer(&t->b, t->now + V1_EXCHANGE_MS);
		CHECK_EQ(t->b.switches, used);
		CHECK_EQ(count(&t->b, IKE_CHILD_UP), used);
		v1_lab_over(t);
	}
}

static bool deaf;

static bool not_to_b(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	return from->name == 'B' || nth < 5 || !deaf;
}

/*
 * Message 3 is lost, and the Delete that follows it as well: who asks for message 3 then hears that
 * there is no child, and never uses it.
 */
static void test_third_taken_back(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.net = not_to_b;
	deaf = true;
	v1_lab_up(t);
	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	v1_lab_settle(t);
	CHECK_EQ(count(&t->a, IKE_CHILD_UP), 0);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 1);
	CHECK(t->b.ike.children->held);
	v1_lab_let_pass(t, t->b.tun.retransmit_ms);
	deaf = false;
	v1_lab_let_pass(t, V1_EXCHANGE_MS / 2);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 0);
	CHECK_EQ(t->b.switches, 0);
	v1_lab_over(t);
}

static struct packet second;	/* message 2, the first that B sends after phase 1 */

static bool not_third(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	if (from->name == 'B' && nth == 4)
		second = packet_copy(p);
	return from->name == 'B' || nth < 5;
}

/* Asked for by anybody who has seen message 2, that is said as often as message 3 would be. */
static void test_third_taken_back_often(void)
{
	struct talk *t = v1_lab_new();
	unsigned int i, ids;

	v1_lab.net = not_third;
	v1_lab_up(t);
	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	talk_flush(&t->a);
	CHECK_EQ(v1_lab_deliver(&t->a, &second), ISAKMP_OK);
	ids = v1_lab_p(&t->a)->n_ids;
	for (i = 0; i < 50; i++) {
		talk_flush(&t->a);
		v1_lab_deliver(&t->a, &second);
	}
	CHECK_EQ(v1_lab_p(&t->a)->n_ids, ids);
	CHECK(t->a.refused[ISAKMP_R_REPEATED_OFTEN]);
	talk_flush(&t->a);
	packet_free(&second);
	v1_lab_over(t);
}

/* ---- damage ------------------------------------------------------------------------ */

static size_t flip_at;
static unsigned int flip_from, flip_nth;
static u8 flip_bits;
static unsigned int flipped;

static bool flip(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	if ((from->name == 'B') == flip_from && nth == flip_nth && flip_at < p->n) {
		p->p[flip_at] ^= flip_bits;
		flipped++;
	}
	return true;
}

/* Every octet of the three messages: nothing comes of it, and then the good one counts. */
static void test_flips(void)
{
	static const struct { unsigned int from, nth; } messages[] = { { 0, 4 }, { 1, 4 }, { 0, 5 } };
	unsigned int i, icv = 0;
	struct talk *t;

	flipped = 0;
	for (i = 0; i < ARRAY_SIZE(messages); i++) {
		flip_from = messages[i].from;
		flip_nth = messages[i].nth;
		flip_bits = 0x40;
		for (flip_at = 0; flip_at < 300; flip_at++) {
			tap_note("message %u octet %zu", i, flip_at);
			t = v1_lab_new();
			v1_lab.net = flip;
			v1_lab_start(t);
			v1_lab_let_pass(t, 10000);
			check_up(t, 1);
			CHECK_EQ(t->a.installs, 1);
			CHECK_EQ(t->b.installs, 1);
			icv += t->a.refused[ISAKMP_R_ICV] + t->b.refused[ISAKMP_R_ICV];
			v1_lab_over(t);
		}
	}
	/* All but those of three headers, of which the message IDs count as well */
	CHECK(flipped > 3 * IKE_HDR_LEN);
	CHECK(icv >= flipped - 3 * IKE_HDR_LEN);
}

/* The commit bit is in no HASH: whoever sets it delays, for a while. */
static void test_commit(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.net = flip;
	flip_from = 1;
	flip_nth = 4;
	flip_at = 19;
	flip_bits = V1_FLAG_COMMIT;
	v1_lab_up(t);
	CHECK_EQ(count(&t->a, IKE_CHILD_UP), 1);
	CHECK(t->a.ike.children->held);
	v1_lab_let_pass(t, V1_COMMIT_MS - 1);
	CHECK(t->a.ike.children->held);
	v1_lab_let_pass(t, 2);
	check_up(t, 1);
	v1_lab_over(t);
}

/* A rekey: the old one sends until CONNECTED, so it stays so much longer. */
static void test_commit_rekey(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct ike_child *old = t->a.ike.children;
	const u32 spi = old->spi_in;

	v1_lab.net = flip;
	flip_from = 1;
	flip_nth = v1_lab.nth[1] + 1;
	flip_at = 19;
	flip_bits = V1_FLAG_COMMIT;
	talk_do(&t->a, IKE_EV_CHILD_REKEY, spi);
	v1_lab_settle(t);
	CHECK_EQ(t->a.installs, 2);
	CHECK(old->next && old->next->held);
	v1_lab_let_pass(t, IKE_CHILD_LINGER_MS + 1000);
	CHECK(ike_child_of(&t->a.ike, spi) == old && old->state == IKE_CHILD_REKEYED);
	v1_lab_let_pass(t, V1_COMMIT_MS + IKE_CHILD_LINGER_MS);
	CHECK(!ike_child_of(&t->a.ike, spi));
	check_up(t, 1);
	v1_lab_over(t);
}

static struct v1_exchange *last_exchange(struct end *e)
{
	return v1_lab_p(e)->exchanges;
}

static void test_connected(void)
{
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = V1_PROTO_ESP,
			       .type = V1_N_CONNECTED, .spi_len = 4 };
	struct talk *t = v1_lab_new();
	struct v1_msg m;
	u8 spi[4];

	v1_lab.net = flip;
	flip_from = 1;
	flip_nth = 4;
	flip_at = 19;
	flip_bits = V1_FLAG_COMMIT;
	v1_lab_up(t);
	put_unaligned_be32(t->b.ike.children->spi_in, spi);
	n.spi = spi;
	CHECK_EQ(v1_msg_begin(&t->b.ike, t->b.ike.ep, last_exchange(&t->b), &m,
			      V1_INFORMATIONAL, V1_H_1), ISAKMP_OK);
	v1_msg_notify(&m, &n);
	CHECK_EQ(v1_say_once(&t->b.ike, &m), ISAKMP_OK);
	v1_lab_settle(t);
	check_up(t, 1);
	v1_lab_over(t);
}

static void say_connected(struct end *e)
{
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = V1_PROTO_ESP,
			       .type = V1_N_CONNECTED };
	struct v1_msg m;

	CHECK_EQ(v1_msg_begin(&e->ike, e->ike.ep, last_exchange(e), &m, V1_INFORMATIONAL, V1_H_1),
		 ISAKMP_OK);
	v1_msg_notify(&m, &n);
	CHECK_EQ(v1_say_once(&e->ike, &m), ISAKMP_OK);
	CHECK_EQ(v1_lab_pass(e), ISAKMP_OK);
}

/*
 * The initiator has set the bit: CONNECTED before message 3 is too early; after it the responder
 * waits for it, but not for ever.
 */
static void test_commit_by_initiator(void)
{
	struct ike_child *c;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		tap_note("CONNECTED %s", i ? "comes" : "does not come");
		t = v1_lab_up(v1_lab_new());
		talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
		v1_lab_let_pass(t, 2 * IKE_CHILD_LINGER_MS);
		v1_lab.net = flip;
		flip_from = 0;
		flip_nth = v1_lab.nth[0] + 1;
		flip_at = 19;
		flip_bits = V1_FLAG_COMMIT;
		start(&t->a);
		v1_lab_pass(&t->a);
		c = t->b.ike.children;
		CHECK(c && c->held);
		say_connected(&t->a);
		CHECK(c->held);
		v1_lab_settle(t);
		CHECK(c->held && c->state == IKE_CHILD_UP);
		if (i)
			say_connected(&t->a);
		else
			v1_lab_let_pass(t, V1_COMMIT_MS - 1);
		CHECK_EQ(c->held, !i);
		v1_lab_let_pass(t, 2);
		CHECK(!c->held);
		v1_lab_over(t);
	}
}

/*
 * An Informational under its message ID, which it does not use up: CONNECTED, where the bit was
 * set, and nothing else.  A replay of what else it says would count again and again; so would one
 * of CONNECTED as a sign of life.
 */
static void test_connected_alone(void)
{
	static const struct { u8 bits; u16 type; enum isakmp_reason why; } rows[] = {
		{ V1_FLAG_COMMIT, V1_N_CONNECTED, ISAKMP_OK },
		{ V1_FLAG_COMMIT, V1_N_R_U_THERE, ISAKMP_R_OLD_ID },
		{ 0, V1_N_CONNECTED, ISAKMP_R_OLD_ID },
	};
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = V1_PROTO_ISAKMP };
	static const u8 number[4] = { 0, 0, 0, 1 };
	struct v1_msg m;
	struct talk *t;
	unsigned int i;
	u64 last;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		tap_note("row %u", i);
		t = v1_lab_new();
		v1_lab.net = flip;
		flip_from = 1;
		flip_nth = 4;
		flip_at = 19;
		flip_bits = rows[i].bits;
		v1_lab_up(t);
		last = t->a.ike.last_in;
		t->now++;
		n.type = rows[i].type;
		n.len = n.type == V1_N_R_U_THERE ? sizeof(number) : 0;
		n.data = number;
		CHECK_EQ(v1_msg_begin(&t->b.ike, t->b.ike.ep, last_exchange(&t->b), &m,
				      V1_INFORMATIONAL, V1_H_1), ISAKMP_OK);
		v1_msg_notify(&m, &n);
		CHECK_EQ(v1_say_once(&t->b.ike, &m), ISAKMP_OK);
		CHECK_REASON(v1_lab_pass(&t->b), rows[i].why);
		CHECK_EQ(t->a.queued, 0);
		CHECK_EQ(t->a.ike.last_in, last);
		CHECK_EQ(t->a.ike.children->held, rows[i].bits && rows[i].why);
		v1_lab_over(t);
	}
}

int main(void)
{
	TAP_RUN(test_loss, "Quick Mode: each message lost once");
	TAP_RUN(test_no_third, "Quick Mode: message 3 never comes");
	TAP_RUN(test_no_third_used, "Quick Mode: traffic comes in its place");
	TAP_RUN(test_no_third_seen, "Quick Mode: traffic comes in its place, and nobody says so");
	TAP_RUN(test_third_too_late, "Quick Mode: message 3 of a child that is deleted already");
	TAP_RUN(test_unconfirmed, "Quick Mode: message 3 cannot come any more");
	TAP_RUN(test_third_taken_back, "Quick Mode: message 3 asked for, of a child that is deleted");
	TAP_RUN(test_third_taken_back_often, "Quick Mode: the same, asked for again and again");
	TAP_RUN(test_flips, "Quick Mode: every octet changed (threat 53)");
	TAP_RUN(test_commit, "Quick Mode: the commit bit, set by anybody");
	TAP_RUN(test_commit_rekey, "Quick Mode: the commit bit in a rekey");
	TAP_RUN(test_connected, "Quick Mode: CONNECTED (RFC 2408, 3.1)");
	TAP_RUN(test_commit_by_initiator, "Quick Mode: the initiator has set the commit bit");
	TAP_RUN(test_connected_alone, "Quick Mode: nothing but CONNECTED comes under its message ID");
	return tap_done();
}
