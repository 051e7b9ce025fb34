// SPDX-License-Identifier: GPL-2.0
/*
 * An initiator gives up when IKE_AUTH has gone out: the responder, which may have an
 * IKE SA by then, is told (RFC 7296, 2.21).
 */
#include "talk.h"

static bool take_one(struct end *from)
{
	struct packet p = talk_take(from);

	if (!p.n)
		return false;
	talk_deliver(talk_other(from), &p);
	packet_free(&p);
	return true;
}

/* The Delete of the IKE SA waits at A; with @error notified, 0: nothing. */
static void check_delete(struct talk *t, u16 error)
{
	struct message m;

	CHECK_EQ(t->a.ike.state, IKE_S_DELETING);
	if (!CHECK_EQ(t->a.queued, 1))
		return;
	message_read(&m, &t->a, &t->a.queue[0]);
	CHECK_EQ(m.h.exchange, IKE_INFORMATIONAL);
	CHECK_EQ(m.h.msgid, 2);
	CHECK_EQ(m.n, error ? 2 : 1);
	CHECK_EQ(m.b[m.n - 1].type, IKE_PL_DELETE);
	CHECK_MEM(m.b[m.n - 1].p, ((const u8[]){ IKE_PROTO_IKE, 0, 0, 0 }), 4);
	if (error)
		CHECK_EQ(get_unaligned_be16(m.b[0].p + 2), error);
	message_free(&m);
}

static void all_gone(struct talk *t)
{
	CHECK(!t->a.live && !t->b.xfrm && !t->a.installs);
	CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
	talk_over(t);
}

/* IKE_AUTH is out and A was told to stop: nothing is said yet. */
static struct talk *stopped(void)
{
	struct talk *t = talk_at(TALK_AUTH);

	CHECK_EQ(talk_do(&t->a, IKE_EV_STOP, 0), ISAKMP_OK);
	CHECK_EQ(t->a.ike.state, IKE_S_DELETING);
	CHECK_EQ(t->a.queued, 1);
	CHECK(t->a.ike.ep->out && !t->a.ike.setup && !t->a.installs);
	CHECK_EQ(talk_do(&t->a, IKE_EV_STOP, 0), ISAKMP_OK);
	CHECK_EQ(t->a.queued, 1);
	return t;
}

/* RFC 7296, 2.3: a window of one: the answer first, then the Delete. */
static void test_stop_auth(void)
{
	struct talk *t = stopped();

	take_one(&t->a);
	talk_answer(&t->b, ISAKMP_OK);
	CHECK(t->b.xfrm);
	take_one(&t->b);
	CHECK(!t->a.asking);
	check_delete(t, 0);
	talk_settle(t);
	all_gone(t);
}

/* The answer is lost, and the Delete too: both come again. */
static void test_stop_auth_lost(void)
{
	struct talk *t = stopped();

	take_one(&t->a);
	talk_answer(&t->b, ISAKMP_OK);
	talk_flush(&t->b);
	talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
	CHECK_EQ(t->a.queued, 1);
	take_one(&t->a);
	take_one(&t->b);
	check_delete(t, 0);
	talk_flush(&t->a);
	talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
	check_delete(t, 0);
	talk_settle(t);
	all_gone(t);
}

/* It does not believe us either: there is nothing to delete. */
static void test_stop_auth_refused(void)
{
	struct talk *t = stopped();

	take_one(&t->a);
	CHECK_REASON(talk_answer(&t->b, ISAKMP_R_AUTH_FAILED), ISAKMP_R_AUTH_FAILED);
	take_one(&t->b);
	CHECK_EQ(t->a.queued, 0);
	all_gone(t);
}

/* Nobody answers: the schedule of retransmissions is the end. */
static void test_stop_auth_silence(void)
{
	struct talk *t = stopped();
	unsigned int n = 0;

	talk_flush(&t->a);
	while (t->a.live && n++ < 20)
		talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
	CHECK(!t->a.live);
	CHECK_REASON(t->a.why, ISAKMP_R_TIMEOUT);
	CHECK_EQ(t->a.queued, t->a.tun.retransmit_tries);
	CHECK_EQ(t->now, 1000 + 1000 + 2000 + 4000 + 8000);
	talk_over(t);
}

/* What comes is no answer that can be read. */
static void test_stop_auth_malformed(void)
{
	struct talk *t = stopped();
	struct message m;
	struct packet p;

	take_one(&t->a);
	talk_answer(&t->b, ISAKMP_OK);
	p = talk_take(&t->b);
	message_read(&m, &t->b, &p);
	packet_free(&p);
	message_insert(&m, 0, m.b[message_find(&m, IKE_PL_AUTH)]);
	CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_REPEATED);
	check_delete(t, 0);
	talk_settle(t);
	all_gone(t);
}

/* The responder is up, and its own Delete is here before its answer. */
static void test_stop_auth_crossing(void)
{
	struct talk *t = stopped();

	take_one(&t->a);
	talk_answer(&t->b, ISAKMP_OK);
	talk_flush(&t->b);
	talk_do(&t->b, IKE_EV_STOP, 0);
	take_one(&t->b);
	CHECK_EQ(t->a.ike.state, IKE_S_DEAD);
	take_one(&t->a);
	CHECK(!t->b.live);
	talk_over(t);
}

/* No memory for the Delete: the answer has not come, and comes again. */
static void test_stop_auth_memory(void)
{
	unsigned long n;
	struct talk *t;
	bool over = false;

	for (n = 1; !over && n < 50; n++) {
		tap_note("allocation %lu", n);
		t = stopped();
		take_one(&t->a);
		talk_answer(&t->b, ISAKMP_OK);
		native_mem_fail_at(n);
		take_one(&t->b);
		over = native_mem_points() < n;
		native_mem_fail_at(0);
		if (!over) {
			CHECK_REASON(t->a.why, ISAKMP_R_NO_MEMORY);
			CHECK_EQ(t->a.queued, 0);
			talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
			take_one(&t->a);
			take_one(&t->b);
		}
		check_delete(t, 0);
		talk_settle(t);
		all_gone(t);
	}
	CHECK(over && n > 3);
}

/* The only child is not wanted any more: the same. */
static void test_stop_child(void)
{
	struct talk *t = talk_at(TALK_AUTH);

	CHECK_EQ(talk_do(&t->a, IKE_EV_CHILD_STOP, 0), ISAKMP_OK);
	talk_settle(t);
	all_gone(t);
}

/* IKE_AUTH is answered: at once, and nobody is called a liar. */
static void test_stop_verifying(void)
{
	struct ike_verdict v;
	struct talk *t = talk_at(TALK_I_VERIFYING);

	talk_good_verdict(&t->a, &v);
	v.question = t->a.ike.question;
	CHECK_EQ(talk_do(&t->a, IKE_EV_STOP, 0), ISAKMP_OK);
	CHECK(!t->a.asking);
	check_delete(t, 0);
	/* The helper's answer is late */
	talk_verdict(&t->a, &v);
	CHECK_EQ(t->a.installs, 0);
	talk_settle(t);
	all_gone(t);
}

/* The helper takes its time until there is none left. */
static void test_give_up_verifying(void)
{
	struct talk *t = talk_at(TALK_I_VERIFYING);

	CHECK_REASON(talk_timer(&t->a, ike_sa_deadline(&t->a.ike)), ISAKMP_R_TIMEOUT);
	CHECK_EQ(t->a.ike.reason, ISAKMP_R_TIMEOUT);
	check_delete(t, 0);
	talk_settle(t);
	all_gone(t);
}

/* RFC 7296, 2.21.2: this one is told why. */
static void test_not_believed(void)
{
	struct talk *t = talk_at(TALK_I_VERIFYING);

	CHECK_REASON(talk_answer(&t->a, ISAKMP_R_AUTH_FAILED), ISAKMP_R_AUTH_FAILED);
	check_delete(t, IKE_N_AUTHENTICATION_FAILED);
	talk_settle(t);
	all_gone(t);
}

/* An answer that cannot be used: an identity too long, too many questions. */
static void test_unusable(void)
{
	static const u8 big[4 + IKE_ID_MAX + 1] = { IKE_ID_KEY_ID };
	struct talk *t = talk_at(TALK_AUTH_ANSWERED);
	struct packet p = talk_take(&t->b);
	struct message m;

	message_read(&m, &t->b, &p);
	m.b[message_find(&m, IKE_PL_IDR)] = (struct body){ IKE_PL_IDR, false, big, sizeof(big) };
	CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_BAD_ID);
	packet_free(&p);
	check_delete(t, 0);
	talk_settle(t);
	all_gone(t);
	t = talk_at(TALK_AUTH_ANSWERED);
	t->a.ask_why = ISAKMP_R_UPCALL_LIMIT;
	take_one(&t->b);
	CHECK_REASON(t->a.why, ISAKMP_R_UPCALL_LIMIT);
	CHECK_EQ(t->a.ike.reason, ISAKMP_R_UPCALL_LIMIT);
	check_delete(t, 0);
	talk_settle(t);
	all_gone(t);
}

/* Before IKE_AUTH there is nobody to tell; and whoever kills tells nobody. */
static void test_silent(void)
{
	static const struct { enum talk_stage stage; u8 event; } ends[] = {
		{ TALK_INIT, IKE_EV_STOP }, { TALK_INIT_ANSWERED, IKE_EV_STOP },
		{ TALK_I_ASKING, IKE_EV_STOP }, { TALK_AUTH, IKE_EV_KILL },
		{ TALK_I_VERIFYING, IKE_EV_KILL },
	};
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		tap_note("stage %u", ends[i].stage);
		t = talk_at(ends[i].stage);
		talk_flush(&t->a);
		talk_do(&t->a, ends[i].event, 0);
		CHECK_EQ(t->a.ike.state, IKE_S_DEAD);
		CHECK_EQ(t->a.queued, 0);
		talk_over(t);
	}
}

int main(void)
{
	TAP_RUN(test_stop_auth, "stopped with IKE_AUTH out: deleted when it is answered");
	TAP_RUN(test_stop_auth_lost, "the same, with losses");
	TAP_RUN(test_stop_auth_refused, "the same, and refused: nothing to delete");
	TAP_RUN(test_stop_auth_silence, "the same, and never answered");
	TAP_RUN(test_stop_auth_malformed, "the same, with a malformed answer");
	TAP_RUN(test_stop_auth_crossing, "the same, and the responder deletes it");
	TAP_RUN(test_stop_auth_memory, "the same, without memory for the Delete (threat 58)");
	TAP_RUN(test_stop_child, "the only child is stopped with IKE_AUTH out");
	TAP_RUN(test_stop_verifying, "stopped with IKE_AUTH answered: deleted at once");
	TAP_RUN(test_give_up_verifying, "given up with IKE_AUTH answered: deleted");
	TAP_RUN(test_not_believed, "not believed: AUTHENTICATION_FAILED (RFC 7296, 2.21.2)");
	TAP_RUN(test_unusable, "an IKE_AUTH response that cannot be used: deleted");
	TAP_RUN(test_silent, "stopped before IKE_AUTH, or killed: silently");
	return tap_done();
}
