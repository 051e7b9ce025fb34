// SPDX-License-Identifier: GPL-2.0
/*
 * A response that could not leave is kept, and counts: the request again has it sent
 * (RFC 7296, 2.1), whatever it was that kept it from leaving.
 */
#include "talk.h"

static const enum isakmp_reason whys[] = { ISAKMP_R_SEND, ISAKMP_R_NO_MEMORY };

/* What A has sent reaches B, whose answer cannot leave at first. */
static void unsent(struct talk *t, enum isakmp_reason why)
{
	struct packet p = talk_take(&t->a);

	CHECK(p.n);
	t->b.send_why = why;
	talk_deliver(&t->b, &p);
	CHECK_EQ(t->b.queued, 0);
	t->b.send_why = ISAKMP_OK;
	talk_deliver(&t->b, &p);
	CHECK_EQ(t->b.queued, 1);
	packet_free(&p);
	talk_settle(t);
}

static void both_stand(struct talk *t)
{
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->a.ike.ep->spi_r, t->b.ike.ep->spi_r);
	CHECK(t->a.xfrm && t->b.xfrm);
	CHECK_EQ(t->a.xfrm->spi_out, t->b.xfrm->spi_in);
	CHECK_EQ(t->a.xfrm->spi_in, t->b.xfrm->spi_out);
	CHECK_EQ(t->a.renews + t->b.renews, 0);
}

static void test_events(u8 event)
{
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(whys); i++) {
		tap_note("event %u, %u", event, whys[i]);
		t = talk_at(TALK_UP);
		talk_do(&t->a, event, 0);
		unsent(t, whys[i]);
		both_stand(t);
		talk_do(&t->b, IKE_EV_CHECK, 0);
		talk_settle(t);
		CHECK_EQ(t->b.ike.last_in, t->now);
		talk_over(t);
	}
}

static void test_child(void)
{
	test_events(IKE_EV_CHILD_REKEY);
}

static void test_ike(void)
{
	test_events(IKE_EV_REKEY);
}

static void test_info(void)
{
	test_events(IKE_EV_CHECK);
}

static void test_auth(void)
{
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(whys); i++) {
		t = talk_at(TALK_R_ASKING);
		t->b.send_why = whys[i];
		CHECK_EQ(talk_answer(&t->b, ISAKMP_OK), ISAKMP_OK);
		t->b.send_why = ISAKMP_OK;
		talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
		talk_settle(t);
		both_stand(t);
		talk_over(t);
	}
}

int main(void)
{
	TAP_RUN(test_auth, "IKE_AUTH: its answer cannot leave, the request comes again");
	TAP_RUN(test_child, "rekey of a child: the same");
	TAP_RUN(test_ike, "rekey of the IKE SA: the same");
	TAP_RUN(test_info, "INFORMATIONAL: the same");
	return tap_done();
}
