// SPDX-License-Identifier: GPL-2.0
/* IKE_AUTH: what the helper's verdicts make of it, and the first child (RFC 7296, 1.2, 2.21.2). */
#include "talk.h"

/* ---- verdicts ------------------------------------------------------------------------------ */

/* Whatever the helper has against it, the peer learns the same. */
static void test_refused_by_r(void)
{
	static const enum isakmp_reason whys[] = {
		ISAKMP_R_AUTH_FAILED, ISAKMP_R_NO_SECRET, ISAKMP_R_NO_IDENTITY,
		ISAKMP_R_HELPER_LOST, ISAKMP_R_STALE,
	};
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(whys); i++) {
		tap_note("%s", tap_reason_name(whys[i]));
		t = talk_at(TALK_R_ASKING);
		CHECK_REASON(talk_answer(&t->b, whys[i]), whys[i]);
		CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
		CHECK_EQ(t->b.ike.reason, whys[i]);
		CHECK_EQ(t->b.queued, 1);
		talk_settle(t);
		CHECK_REASON(t->a.why, ISAKMP_R_PEER_ERROR);
		CHECK_EQ(t->a.arg, IKE_N_AUTHENTICATION_FAILED);
		CHECK(!t->a.live);
		CHECK_EQ(t->a.installs + t->b.installs, 0);
		talk_over(t);
	}
}

static void test_refused_by_i(void)
{
	struct talk *t = talk_at(TALK_I_ASKING);

	CHECK_REASON(talk_answer(&t->a, ISAKMP_R_NO_SECRET), ISAKMP_R_NO_SECRET);
	CHECK(!t->a.live);
	CHECK_EQ(t->a.sent, 1);
	talk_over(t);
	/* RFC 7296, 2.21.2: told in an INFORMATIONAL, which ends both */
	t = talk_at(TALK_I_VERIFYING);
	CHECK_REASON(talk_answer(&t->a, ISAKMP_R_AUTH_FAILED), ISAKMP_R_AUTH_FAILED);
	CHECK_EQ(t->a.ike.state, IKE_S_DELETING);
	CHECK_EQ(t->a.ike.reason, ISAKMP_R_AUTH_FAILED);
	CHECK_EQ(t->a.installs, 0);
	CHECK_EQ(t->a.queued, 1);
	talk_settle(t);
	CHECK_REASON(t->b.why, ISAKMP_R_PEER_ERROR);
	CHECK_EQ(t->b.arg, IKE_N_AUTHENTICATION_FAILED);
	CHECK(!t->a.live && t->b.ike.state == IKE_S_DEAD && !t->b.xfrm);
	talk_over(t);
}

static void test_bad_verdicts(void)
{
	struct ike_verdict v;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		tap_note("responder, field %u", i);
		t = talk_at(TALK_R_ASKING);
		talk_good_verdict(&t->b, &v);
		if (i == 0) {
			isakmp_peer_put(v.peer);
			v.peer = NULL;
		}
		v.id_len = i == 1 ? 0 : v.id_len;
		v.auth_len = i == 2 ? 0 : v.auth_len;
		CHECK_REASON(talk_verdict(&t->b, &v), ISAKMP_R_HELPER_ERROR);
		CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
		CHECK_EQ(talk_error(&t->b), IKE_N_AUTHENTICATION_FAILED);
		CHECK_EQ(t->b.installs, 0);
		talk_over(t);
		if (i == 0)
			continue;
		tap_note("initiator, field %u", i);
		t = talk_at(TALK_I_ASKING);
		talk_good_verdict(&t->a, &v);
		v.id_len = i == 1 ? 0 : v.id_len;
		v.auth_len = i == 2 ? 0 : v.auth_len;
		CHECK_REASON(talk_verdict(&t->a, &v), ISAKMP_R_HELPER_ERROR);
		CHECK(!t->a.live);
		talk_over(t);
	}
}

/* An answer to another question, or after the end, moves nothing. */
static void test_wrong_verdicts(void)
{
	static const enum talk_stage stages[] = { TALK_I_ASKING, TALK_R_ASKING, TALK_I_VERIFYING };
	struct ike_verdict v;
	struct talk *t;
	struct end *e;
	unsigned int i, kind;
	u8 state;

	for (i = 0; i < 3; i++)
		for (kind = 0; kind < 5; kind++) {
			tap_note("stage %u, kind %u", stages[i], kind);
			t = talk_at(stages[i]);
			e = stages[i] == TALK_R_ASKING ? &t->b : &t->a;
			talk_good_verdict(e, &v);
			if (v.kind != kind) {
				v.kind = (u8)kind;
				state = e->ike.state;
				CHECK_REASON(talk_verdict(e, &v), ISAKMP_R_HELPER_ERROR);
				CHECK_EQ(e->ike.state, state);
			} else if (v.peer) {
				isakmp_peer_put(v.peer);
			}
			talk_over(t);
		}
	t = talk_at(TALK_R_ASKING);
	talk_good_verdict(&t->b, &v);
	talk_do(&t->b, IKE_EV_KILL, 0);
	CHECK(!t->b.asking);
	CHECK_REASON(talk_verdict(&t->b, &v), ISAKMP_R_HELPER_ERROR);
	CHECK(!t->b.live);
	talk_over(t);
}

/* Chosen before the peer was known; not among what it may use. */
static void test_suite_refused(void)
{
	struct talk *t = talk_at(TALK_R_ASKING);

	t->b.peer.ike.s[0] = t->b.peer.ike.s[1];
	t->b.peer.ike.n = 1;
	CHECK_REASON(talk_answer(&t->b, ISAKMP_OK), ISAKMP_R_SUITE_REFUSED);
	CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
	CHECK_EQ(talk_error(&t->b), IKE_N_AUTHENTICATION_FAILED);
	talk_over(t);
}

/* A responder that has no room for a question has not heard: no answer, nothing kept. */
static void test_helper_busy(void)
{
	struct talk *t = talk_at(TALK_AUTH);
	struct packet p = talk_take(&t->a);
	u64 until = ike_sa_deadline(&t->b.ike);
	unsigned int i;

	t->b.ask_why = ISAKMP_R_UPCALL_LIMIT;
	for (i = 0; i < 3; i++) {
		CHECK_REASON(talk_deliver(&t->b, &p), ISAKMP_R_UPCALL_LIMIT);
		CHECK_EQ(t->b.ike.state, IKE_S_R_INIT);
		CHECK_EQ(t->b.sent, 1);
		CHECK(!t->b.ike.id_remote && !t->b.ike.setup->inner);
	}
	/* It comes again, and is new */
	t->b.ask_why = ISAKMP_OK;
	CHECK_EQ(ike_sa_deadline(&t->b.ike), until);
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
	CHECK_EQ(t->b.asks, 1);
	talk_settle(t);
	CHECK(t->a.xfrm && t->b.xfrm);
	packet_free(&p);
	talk_over(t);
	/* Or not in time */
	t = talk_at(TALK_AUTH);
	p = talk_take(&t->a);
	t->b.ask_why = ISAKMP_R_UPCALL_LIMIT;
	talk_deliver(&t->b, &p);
	CHECK_REASON(talk_timer(&t->b, until), ISAKMP_R_HALF_OPEN_TIMEOUT);
	CHECK(!t->b.live);
	packet_free(&p);
	talk_over(t);
}

/* ---- the responder's child --------------------------------------------------------------------- */

/* RFC 7296, 1.2 and 2.21.2: the child fails, the IKE SA does not. */
static void child_refused_by_r(struct talk *t, enum isakmp_reason why)
{
	CHECK_REASON(talk_answer(&t->b, ISAKMP_OK), why);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->b.ike.reason, why);
	CHECK_EQ(talk_child_state(&t->b), 0);
	CHECK(!t->b.xfrm);
	talk_settle(t);
	CHECK_REASON(t->a.why, ISAKMP_R_PEER_ERROR);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->a.ike.reason, ISAKMP_R_PEER_ERROR);
	CHECK_EQ(talk_child_state(&t->a), 0);
	CHECK_EQ(t->a.sent + t->b.sent, 4);
	talk_over(t);
}

static void test_child_refused(void)
{
	struct talk *t = talk_at(TALK_R_ASKING);
	struct ike_verdict v;

	t->b.local[0].start[1] = t->b.local[0].end[1] = 77;
	child_refused_by_r(t, ISAKMP_R_TS);
	t = talk_at(TALK_R_ASKING);
	t->b.child.esp.n = 1;
	t->b.child.esp.s[0].keylen = 192;
	child_refused_by_r(t, ISAKMP_R_NO_PROPOSAL);
	t = talk_at(TALK_R_ASKING);
	t->b.install_why = ISAKMP_R_XFRM_STATE;
	child_refused_by_r(t, ISAKMP_R_XFRM_STATE);
	t = talk_at(TALK_R_ASKING);
	t->b.install_why = ISAKMP_R_XFRM_POLICY;
	child_refused_by_r(t, ISAKMP_R_XFRM_POLICY);
	/* No child is allowed to this identity */
	t = talk_at(TALK_R_ASKING);
	talk_good_verdict(&t->b, &v);
	v.children = 0xfffffffe;
	CHECK_REASON(talk_verdict(&t->b, &v), ISAKMP_R_TS);
	CHECK_EQ(talk_error(&t->b), IKE_N_TS_UNACCEPTABLE);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	talk_over(t);
}

static void test_child_errors(void)
{
	struct talk *t = talk_at(TALK_R_ASKING);

	t->b.local[0].start[1] = t->b.local[0].end[1] = 77;
	CHECK_REASON(talk_answer(&t->b, ISAKMP_OK), ISAKMP_R_TS);
	CHECK_EQ(talk_error(&t->b), IKE_N_TS_UNACCEPTABLE);
	talk_over(t);
	t = talk_at(TALK_R_ASKING);
	t->b.child.esp.n = 1;
	t->b.child.esp.s[0].keylen = 192;
	CHECK_REASON(talk_answer(&t->b, ISAKMP_OK), ISAKMP_R_NO_PROPOSAL);
	CHECK_EQ(talk_error(&t->b), IKE_N_NO_PROPOSAL_CHOSEN);
	talk_over(t);
}

/* The helper cannot look now: it is asked again, and the initiator hears nothing. */
static void test_cred_busy(void)
{
	struct talk *t = talk_at(TALK_R_ASKING);
	unsigned int i;
	u64 until;

	for (i = 0; i < 3; i++) {
		CHECK_REASON(talk_answer(&t->b, ISAKMP_R_CRED_BUSY), ISAKMP_R_CRED_BUSY);
		CHECK_EQ(t->b.queued, 0);
		CHECK_EQ(t->b.ike.state, IKE_S_R_ASK);
		CHECK(!t->b.asking);
		CHECK_EQ(ike_sa_deadline(&t->b.ike), t->now + IKE_ASK_AGAIN_MS);
		t->b.ask_why = i == 1 ? ISAKMP_R_UPCALL_LIMIT : ISAKMP_OK;
		talk_timer(&t->b, ike_sa_deadline(&t->b.ike));
		if (i == 1) {
			CHECK(!t->b.asking);
			t->b.ask_why = ISAKMP_OK;
			talk_timer(&t->b, ike_sa_deadline(&t->b.ike));
		}
		CHECK(t->b.asking && t->b.ask.kind == IKE_ASK_R_AUTH);
		CHECK(t->b.ask.auth.len == 32 && t->b.ask.id_r.len == 5);
	}
	talk_advance(t, TALK_UP);
	CHECK(t->a.xfrm && t->b.xfrm);
	talk_over(t);
	/* not for ever */
	t = talk_at(TALK_R_ASKING);
	until = t->b.ike.give_up_at;
	while (t->b.live && t->now < until) {
		talk_answer(&t->b, ISAKMP_R_CRED_BUSY);
		talk_timer(&t->b, ike_sa_deadline(&t->b.ike));
	}
	CHECK(!t->b.live && !t->b.queued);
	CHECK_EQ(t->b.refused[ISAKMP_R_HALF_OPEN_TIMEOUT], 1);
	talk_over(t);
}

/* Nobody answered until the deadline: that is the end, and it is said. */
static void test_helper_lost(void)
{
	struct talk *t = talk_at(TALK_R_ASKING);

	CHECK_REASON(talk_answer(&t->b, ISAKMP_R_HELPER_LOST), ISAKMP_R_HELPER_LOST);
	CHECK_EQ(talk_error(&t->b), IKE_N_AUTHENTICATION_FAILED);
	CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
	CHECK_REASON(t->b.ike.reason, ISAKMP_R_HELPER_LOST);
	talk_over(t);
}

static void test_child_narrowed(void)
{
	struct talk *t = talk_at(TALK_R_ASKING);

	t->b.local[0] = (struct isakmp_ts){ IKE_TS_IPV4, 6, 443, 443, { 10, 2, 3, 0 },
					    { 10, 2, 3, 127 } };
	CHECK_EQ(talk_answer(&t->b, ISAKMP_OK), ISAKMP_OK);
	talk_advance(t, TALK_UP);
	CHECK_EQ(t->a.last.n_remote, 1);
	CHECK_MEM(t->a.last.remote, t->b.local, sizeof(t->b.local[0]));
	talk_over(t);
}

/* The second child fits where the first one does not. */
static void test_child_second(void)
{
	struct talk *t = talk_at(TALK_R_ASKING);
	static struct isakmp_ts far;
	struct ike_child_policy other = t->b.child;
	struct ike_verdict v;

	far = (struct isakmp_ts){ IKE_TS_IPV4, 0, 0, 65535, { 172 }, { 172, 255, 255, 255 } };
	other.local = &far;
	t->b.peer.child[0] = &other;
	t->b.peer.child[1] = &t->b.child;
	t->b.peer.n_child = 2;
	talk_good_verdict(&t->b, &v);
	v.children = 3;
	CHECK_EQ(talk_verdict(&t->b, &v), ISAKMP_OK);
	CHECK(talk_child(&t->b)->policy == &t->b.child);
	talk_advance(t, TALK_UP);
	talk_over(t);
}

int main(void)
{
	TAP_RUN(test_refused_by_r, "responder refuses: AUTHENTICATION_FAILED, whatever it was (threat 56)");
	TAP_RUN(test_refused_by_i, "initiator refuses: told in an INFORMATIONAL (RFC 7296, 2.21.2)");
	TAP_RUN(test_bad_verdicts, "verdicts that lack something (threat 81)");
	TAP_RUN(test_wrong_verdicts, "verdicts for another question, or too late");
	TAP_RUN(test_suite_refused, "a suite the peer may not use");
	TAP_RUN(test_helper_busy, "responder: too many questions wait: not heard, and no refusal");
	TAP_RUN(test_cred_busy, "responder: the credential is busy: the helper is asked again, no refusal");
	TAP_RUN(test_helper_lost, "responder: no helper in time: AUTHENTICATION_FAILED");
	TAP_RUN(test_child_refused, "responder has no child for it: the IKE SA stays");
	TAP_RUN(test_child_errors, "responder has no child for it: the error says why");
	TAP_RUN(test_child_narrowed, "a narrowed child");
	TAP_RUN(test_child_second, "the second child of a peer");
	return tap_done();
}
