// SPDX-License-Identifier: GPL-2.0
/* Hints that something may be wrong: RFC 7296, 1.5 and 2.21.4. */
#include "talk.h"

/* As gate/ would answer a request for no SA: unprotected, with the SPIs of the SA. */
static enum isakmp_reason forge(struct end *to, u16 type, u32 msgid)
{
	struct isakmp_header h = {
		.spi_i = to->ike.ep->spi_i, .spi_r = to->ike.ep->spi_r, .major = 2,
		.exchange = IKE_INFORMATIONAL, .msgid = msgid,
		.flags = IKE_FLAG_RESPONSE | (to->ike.ep->initiator ? 0 : IKE_FLAG_INITIATOR),
	};
	struct isakmp_notify n = { .type = type };
	struct isakmp_builder b;
	u8 buf[64];

	isakmp_build_begin(&b, buf, sizeof(buf), &h);
	isakmp_build_payload(&b, IKE_PL_NOTIFY);
	isakmp_notify_encode(&b.o, &n);
	isakmp_build_close(&b);
	CHECK(isakmp_build_end(&b));
	return talk_give(to, buf, b.o.len);
}

/* Thousands of them: one liveness check an interval, and nothing else. */
static void test_forged(void)
{
	struct talk *t = talk_at(TALK_UP);
	unsigned int i;
	u8 turn;

	for (turn = 0; turn < 3; turn++) {
		for (i = 0; i < 1000; i++)
			CHECK_REASON(forge(&t->a, IKE_N_INVALID_IKE_SPI, i),
				     ISAKMP_R_FORGEABLE);
		CHECK_EQ(t->a.queued, 1);
		CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
		talk_settle(t);		/* the peer is there */
		CHECK(!t->a.ike.ep->out);
		CHECK_REASON(forge(&t->a, IKE_N_INVALID_IKE_SPI, 0), ISAKMP_R_FORGEABLE);
		CHECK_EQ(t->a.queued, 0);
		t->now += IKE_HINT_MS;
	}
	CHECK(t->a.xfrm && t->b.xfrm);
	talk_over(t);
}

/* The peer has really forgotten: the check finds out. */
static void test_true(void)
{
	struct talk *t = talk_at(TALK_UP);

	forge(&t->a, IKE_N_INVALID_IKE_SPI, 0);
	while (t->a.live) {
		talk_flush(&t->a);
		if (t->a.ike.ep->out)
			forge(&t->a, IKE_N_INVALID_IKE_SPI, t->a.ike.ep->out->msgid);
		talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
	}
	CHECK_EQ(t->a.refused[ISAKMP_R_TIMEOUT], 1);
	CHECK(!t->a.xfrm);
	talk_over(t);
}

/* Nothing else that comes unprotected is a hint. */
static void test_other(void)
{
	struct talk *t = talk_at(TALK_UP);

	CHECK_REASON(forge(&t->a, IKE_N_INVALID_SYNTAX, 0), ISAKMP_R_UNASKED);
	CHECK_REASON(forge(&t->a, IKE_N_INVALID_SPI, 0), ISAKMP_R_UNASKED);
	CHECK_EQ(t->a.queued, 0);
	talk_over(t);
	t = talk_at(TALK_AUTH);
	CHECK_REASON(forge(&t->a, IKE_N_INVALID_IKE_SPI, 1), ISAKMP_R_UNASKED);
	talk_over(t);
}

static void say(struct talk *t, u32 spi)
{
	u8 n[8] = { 0, 0, 0, IKE_N_INVALID_SPI };
	struct message m;

	put_unaligned_be32(spi, n + 4);
	message_new(&m, &t->b, IKE_INFORMATIONAL, IKE_REQUEST, t->b.ike.ep->next_out++);
	message_add(&m, IKE_PL_NOTIFY, n, sizeof(n));
	message_deliver(&m, &t->b);
}

/* INVALID_SPI: a rekey finds out whether the peer has the child. */
static void test_spi(void)
{
	struct talk *t = talk_at(TALK_UP);
	u32 old = talk_child(&t->a)->spi_in;

	say(t, talk_child(&t->a)->spi_out + 1);
	CHECK_EQ(t->a.queued, 1);		/* the answer, and no more */
	talk_settle(t);
	CHECK_EQ(talk_child(&t->a)->spi_in, old);
	t->now += IKE_HINT_MS;
	/* It has not */
	ike_child_drop(&t->b.ike, talk_child(&t->b), ISAKMP_OK);
	say(t, talk_child(&t->a)->spi_out);
	talk_settle(t);
	CHECK_EQ(t->b.refused[ISAKMP_R_REKEY_UNKNOWN], 1);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK(ike_child_of(&t->a.ike, old) == NULL);
	CHECK_EQ(t->a.ike.n_children, 1);
	CHECK_EQ(t->b.ike.n_children, 1);
	talk_over(t);
}

/* Forged ones, as often as can be: the peer is heard all the same. */
static void test_both(void)
{
	struct talk *t = talk_at(TALK_UP);
	u32 old = talk_child(&t->a)->spi_in;

	forge(&t->a, IKE_N_INVALID_IKE_SPI, 0);
	talk_settle(t);
	say(t, talk_child(&t->a)->spi_out);
	talk_settle(t);
	CHECK(ike_child_of(&t->a.ike, old)->state != IKE_CHILD_UP);
	CHECK_EQ(t->a.installs, 2);
	talk_over(t);
}

int main(void)
{
	TAP_RUN(test_forged, "INVALID_IKE_SPI by the thousand: one check an interval");
	TAP_RUN(test_true, "and when it is true, the peer is given up");
	TAP_RUN(test_other, "nothing else in the clear is a hint");
	TAP_RUN(test_spi, "INVALID_SPI of the peer: a rekey finds out");
	TAP_RUN(test_both, "... whatever is forged at the same time");
	return tap_done();
}
