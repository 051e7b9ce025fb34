// SPDX-License-Identifier: GPL-2.0
/*
 * The first message again: cookies, other groups, and errors that anybody can forge
 * (RFC 7296, 1.2, 2.6, 2.21.1).
 */
#include "talk.h"

/* The oldest datagram of an end, taken apart. */
static void take_message(struct message *m, struct end *from)
{
	struct packet p = talk_take(from);

	message_read(m, from, &p);
	packet_free(&p);
}

/* A offers its first group and two more; B has @theirs alone. */
static struct talk *with_groups(u16 second, u16 third, u16 theirs)
{
	struct talk *t = talk_new();
	struct ike_suites *s = &t->a.peer.ike;

	s->n = 3;
	s->s[1] = s->s[2] = s->s[0];
	s->s[1].ke = second;
	s->s[2].ke = third;
	t->b.peer.ike.n = 1;
	t->b.peer.ike.s[0].ke = theirs;
	talk_advance(t, TALK_INIT);
	return t;
}

/* B answers with this error and leaves nothing. */
static struct packet error_of(struct talk *t, enum isakmp_reason why, u16 type,
			      const void *data, size_t n)
{
	struct packet p = talk_take(&t->a);
	struct message m;

	CHECK_REASON(talk_deliver(&t->b, &p), why);
	CHECK(!t->b.live);
	CHECK_EQ(t->b.queued, 1);
	packet_free(&p);
	p = talk_take(&t->b);
	message_read(&m, &t->b, &p);
	CHECK_EQ(m.n, 1);
	CHECK_EQ(m.h.spi_r, 0);		/* RFC 7296, 2.6 */
	CHECK_EQ(m.h.spi_i, t->a.ike.ep->spi_i);
	CHECK_EQ(m.h.flags, IKE_FLAG_RESPONSE);
	CHECK_EQ(get_unaligned_be16(m.b[0].p + 2), type);
	CHECK_EQ(m.b[0].n, 4 + n);
	CHECK_MEM(m.b[0].p + 4, data, n);
	message_free(&m);
	return p;
}

/* RFC 7296, 1.2: the group is named, and tried; all else stays as it was. */
static void test_invalid_ke(void)
{
	struct talk *t = with_groups(IKE_KE_ECP_256, IKE_KE_MODP_2048, IKE_KE_MODP_2048);
	struct message first, again;
	struct packet p = packet_copy(&t->a.queue[0]);
	int i;

	message_read(&first, &t->a, &p);
	packet_free(&p);
	p = error_of(t, ISAKMP_R_KE_GROUP, IKE_N_INVALID_KE_PAYLOAD, "\0\x0e", 2);
	CHECK_EQ(talk_deliver(&t->a, &p), ISAKMP_OK);
	packet_free(&p);
	CHECK_EQ(t->a.queued, 1);
	p = packet_copy(&t->a.queue[0]);
	message_read(&again, &t->a, &p);
	packet_free(&p);
	CHECK_EQ(again.n, first.n);
	CHECK_EQ(again.h.spi_i, first.h.spi_i);
	CHECK_EQ(again.h.msgid, 0);
	for (i = 0; i < (int)first.n; i++) {
		tap_note("payload %d", i);
		CHECK_EQ(again.b[i].type, first.b[i].type);
		if (first.b[i].type == IKE_PL_KE)
			CHECK(again.b[i].n == 4 + 256 && again.b[i].p[1] == IKE_KE_MODP_2048);
		else if (CHECK_EQ(again.b[i].n, first.b[i].n))
			CHECK_MEM(again.b[i].p, first.b[i].p, first.b[i].n);
	}
	message_free(&first);
	message_free(&again);
	talk_settle(t);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->a.ike.ep->suite.ke, IKE_KE_MODP_2048);
	CHECK(t->a.xfrm && t->b.xfrm);
	talk_over(t);
}

/* ---- cookies, and errors that anybody can forge ------------------------------------------ */

static enum isakmp_reason forge(struct talk *t, u16 type, const void *data, size_t n)
{
	struct message m;
	u8 body[128] = { 0 };

	message_new(&m, &t->b, IKE_SA_INIT, IKE_RESPONSE, 0);
	m.h.spi_i = t->a.ike.ep->spi_i;
	m.h.spi_r = 0;
	m.h.flags = IKE_FLAG_RESPONSE;
	put_unaligned_be16(type, body + 2);
	if (n)
		memcpy(body + 4, data, n);
	message_add(&m, IKE_PL_NOTIFY, body, 4 + n);
	return message_deliver(&m, &t->b);
}

/* RFC 7296, 2.6: the same again, with the cookie in front. */
static void check_retry(struct talk *t, const struct message *first, const u8 *cookie, size_t n)
{
	struct message m;
	int i;

	CHECK_EQ(t->a.queued, 1);
	take_message(&m, &t->a);
	CHECK_EQ(m.n, first->n + 1);
	CHECK_EQ(m.b[0].type, IKE_PL_NOTIFY);
	CHECK_EQ(m.b[0].n, 4 + n);
	CHECK_MEM(m.b[0].p, "\0\0\x40\x06", 4);
	CHECK_MEM(m.b[0].p + 4, cookie, n);
	CHECK_EQ(m.h.spi_i, first->h.spi_i);
	CHECK_EQ(m.h.msgid, 0);
	for (i = 0; i < (int)first->n; i++) {
		CHECK_EQ(m.b[i + 1].n, first->b[i].n);
		CHECK_MEM(m.b[i + 1].p, first->b[i].p, first->b[i].n);
	}
	message_free(&m);
}

static void test_cookie(void)
{
	struct talk *t = talk_at(TALK_INIT);
	struct message first;
	u8 cookie[65];
	unsigned int i;

	memset(cookie, 'c', sizeof(cookie));
	take_message(&first, &t->a);
	CHECK_REASON(forge(t, IKE_N_COOKIE, cookie, 0), ISAKMP_R_BAD_NOTIFY);
	CHECK_REASON(forge(t, IKE_N_COOKIE, cookie, 65), ISAKMP_R_BAD_NOTIFY);
	CHECK_EQ(t->a.sent, 1);
	for (i = 0; i < IKE_COOKIE_TRIES; i++) {
		cookie[0] = (u8)i;
		CHECK_EQ(forge(t, IKE_N_COOKIE, cookie, i ? 64 : 1), ISAKMP_OK);
		check_retry(t, &first, cookie, i ? 64 : 1);
		CHECK_EQ(t->a.ike.ep->out->resend_at, t->now + t->a.tun.retransmit_ms);
		/* The same again answers a repeat of ours */
		CHECK_EQ(forge(t, IKE_N_COOKIE, cookie, i ? 64 : 1), ISAKMP_OK);
		CHECK_EQ(t->a.queued, 0);
	}
	for (i = 0; i < 1000; i++)
		CHECK_REASON(forge(t, IKE_N_COOKIE, cookie, 17), ISAKMP_R_COOKIE_LIMIT);
	CHECK_EQ(t->a.sent, 1 + IKE_COOKIE_TRIES);
	CHECK_EQ(t->a.ike.state, IKE_S_I_INIT);
	message_free(&first);
	talk_over(t);
}

/* RFC 7296, 2.15: AUTH covers the last of the first messages, cookie and all. */
static void test_cookie_auth(void)
{
	struct talk *t = talk_at(TALK_INIT);
	struct packet last;

	talk_flush(&t->a);
	CHECK_EQ(forge(t, IKE_N_COOKIE, "cookie", 6), ISAKMP_OK);
	last = packet_copy(&t->a.queue[0]);
	talk_advance(t, TALK_I_ASKING);
	CHECK_EQ(t->a.ask.msg_i.len, last.n);
	CHECK_MEM(t->a.ask.msg_i.p, last.p, last.n);
	talk_advance(t, TALK_R_ASKING);
	CHECK_EQ(t->b.ask.msg_i.len, last.n);
	CHECK_MEM(t->b.ask.msg_i.p, last.p, last.n);
	talk_advance(t, TALK_UP);
	packet_free(&last);
	talk_over(t);
}

static void test_forged_errors(void)
{
	static const u16 types[] = { IKE_N_NO_PROPOSAL_CHOSEN, IKE_N_INVALID_SYNTAX,
				     IKE_N_AUTHENTICATION_FAILED, IKE_N_INVALID_MAJOR_VERSION,
				     8191, IKE_N_STATUS };
	struct talk *t = talk_at(TALK_INIT);
	unsigned int i;

	for (i = 0; i < 1000; i++)
		CHECK_REASON(forge(t, types[i % ARRAY_SIZE(types)], NULL, 0), ISAKMP_R_FORGEABLE);
	CHECK_REASON(forge(t, IKE_N_INVALID_KE_PAYLOAD, "\0\x13", 2), ISAKMP_R_KE_RETRY);
	CHECK_REASON(forge(t, IKE_N_INVALID_KE_PAYLOAD, "\0\x1f", 1), ISAKMP_R_BAD_NOTIFY);
	/* The group we sent a value of: it answers what was before */
	CHECK_EQ(forge(t, IKE_N_INVALID_KE_PAYLOAD, "\0\x1f", 2), ISAKMP_OK);
	CHECK_EQ(t->a.sent, 1);
	CHECK_EQ(t->a.ike.state, IKE_S_I_INIT);
	talk_settle(t);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK(t->a.xfrm && t->b.xfrm);
	talk_over(t);
}

/* Both helpers cover the same first messages with AUTH, and the SA comes up. */
static void completes(struct talk *t, const struct packet *request)
{
	CHECK_EQ(t->a.ike.state, IKE_S_I_ASK);
	CHECK_EQ(t->a.ask.msg_i.len, request->n);
	CHECK_MEM(t->a.ask.msg_i.p, request->p, request->n);
	talk_flush(&t->a);
	talk_advance(t, TALK_R_ASKING);
	CHECK_EQ(t->b.ask.msg_i.len, request->n);
	CHECK_MEM(t->b.ask.msg_i.p, request->p, request->n);
	talk_advance(t, TALK_UP);
	CHECK(t->a.xfrm && t->b.xfrm);
}

/*
 * Threats, 2: somebody answers a thousand times before the responder does, which
 * was asked before all that.  What goes out is bounded, and its answer counts.
 */
static void test_fooled(void)
{
	static const u8 groups[3][2] = { { 0, IKE_KE_ECP_256 }, { 0, IKE_KE_MODP_2048 },
					 { 0, IKE_KE_X25519 } };
	struct packet first, answer;
	struct talk *t;
	unsigned int i, kind, most;
	u8 cookie[8];

	for (kind = 0; kind < 3; kind++) {
		tap_note("%s", kind == 0 ? "cookies" : kind == 1 ? "groups" : "both, and errors");
		t = with_groups(IKE_KE_ECP_256, IKE_KE_MODP_2048, IKE_KE_X25519);
		first = talk_take(&t->a);
		CHECK_EQ(talk_deliver(&t->b, &first), ISAKMP_OK);
		answer = talk_take(&t->b);
		for (i = 0; i < 1000; i++) {
			put_unaligned_be64(i, cookie);
			if (kind != 1)
				forge(t, IKE_N_COOKIE, cookie, 8);
			if (kind != 0)
				forge(t, IKE_N_INVALID_KE_PAYLOAD, groups[i % 3], 2);
			if (kind == 2)
				forge(t, IKE_N_NO_PROPOSAL_CHOSEN, NULL, 0);
		}
		most = 1 + (kind != 1) * IKE_COOKIE_TRIES + (kind != 0) * IKE_KE_TRIES;
		CHECK_EQ(t->a.sent, most);
		CHECK_EQ(t->a.refused[ISAKMP_R_COOKIE_LIMIT] > 900, kind != 1);
		CHECK_EQ(t->a.refused[ISAKMP_R_KE_RETRY] > 300, kind != 0);
		CHECK_EQ(t->a.ike.state, IKE_S_I_INIT);
		CHECK_EQ(talk_deliver(&t->a, &answer), ISAKMP_OK);
		completes(t, &first);
		packet_free(&first);
		packet_free(&answer);
		talk_over(t);
	}
}

/* One forged INVALID_KE; both answers are on their way, either may be first. */
static void test_either_answer(void)
{
	struct packet first, second, answer;
	struct talk *t;
	unsigned int late;

	for (late = 0; late < 2; late++) {
		tap_note("the %s answer", late ? "second" : "first");
		t = with_groups(IKE_KE_ECP_256, IKE_KE_MODP_2048, IKE_KE_X25519);
		t->b.peer.ike.n = 2;
		t->b.peer.ike.s[1] = t->b.peer.ike.s[0];
		t->b.peer.ike.s[1].ke = IKE_KE_ECP_256;
		first = talk_take(&t->a);
		CHECK_EQ(forge(t, IKE_N_INVALID_KE_PAYLOAD, "\0\x13", 2), ISAKMP_OK);
		second = talk_take(&t->a);
		CHECK_EQ(talk_deliver(&t->b, late ? &second : &first), ISAKMP_OK);
		answer = talk_take(&t->b);
		CHECK_EQ(talk_deliver(&t->a, &answer), ISAKMP_OK);
		CHECK_EQ(t->a.ike.ep->suite.ke, late ? IKE_KE_ECP_256 : IKE_KE_X25519);
		completes(t, late ? &second : &first);
		packet_free(&first);
		packet_free(&second);
		packet_free(&answer);
		talk_over(t);
	}
}

/* RFC 7296, 2.6.1: the cookie stays, with another group too. */
static void test_cookie_and_group(void)
{
	struct talk *t = with_groups(IKE_KE_ECP_256, IKE_KE_MODP_2048, IKE_KE_ECP_256);
	struct message m;

	talk_flush(&t->a);
	CHECK_EQ(forge(t, IKE_N_COOKIE, "a cookie", 8), ISAKMP_OK);
	talk_flush(&t->a);
	CHECK_EQ(forge(t, IKE_N_INVALID_KE_PAYLOAD, "\0\x13", 2), ISAKMP_OK);
	CHECK_EQ(t->a.queued, 1);
	take_message(&m, &t->a);
	CHECK_EQ(m.b[0].type, IKE_PL_NOTIFY);
	CHECK_MEM(m.b[0].p, "\0\0\x40\x06" "a cookie", 12);
	CHECK_EQ(m.b[message_find(&m, IKE_PL_KE)].p[1], IKE_KE_ECP_256);
	CHECK_EQ(message_deliver(&m, &t->a), ISAKMP_OK);
	talk_settle(t);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	talk_over(t);
}

/* There and back again: the octets are the same, for the responder a repeat. */
static void test_group_back(void)
{
	struct talk *t = with_groups(IKE_KE_ECP_256, IKE_KE_MODP_2048, IKE_KE_X25519);
	struct packet first = talk_take(&t->a), again;

	CHECK_EQ(forge(t, IKE_N_INVALID_KE_PAYLOAD, "\0\x13", 2), ISAKMP_OK);
	talk_flush(&t->a);
	CHECK_EQ(forge(t, IKE_N_INVALID_KE_PAYLOAD, "\0\x1f", 2), ISAKMP_OK);
	CHECK_EQ(t->a.queued, 1);
	again = packet_copy(&t->a.queue[0]);
	if (CHECK_EQ(again.n, first.n))
		CHECK_MEM(again.p, first.p, first.n);
	CHECK_REASON(forge(t, IKE_N_INVALID_KE_PAYLOAD, "\0\x0e", 2), ISAKMP_R_KE_RETRY);
	CHECK_EQ(t->a.arg, IKE_KE_MODP_2048);
	talk_settle(t);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	packet_free(&first);
	packet_free(&again);
	talk_over(t);
}

/* Every group number there is, asked for and sent (threat 75). */
static void test_all_groups(void)
{
	struct talk *t = with_groups(IKE_KE_ECP_256, IKE_KE_MODP_2048, IKE_KE_X25519);
	struct packet answer;
	struct message m;
	unsigned int id;
	bool ours;
	u8 group[2];
	u64 before;

	for (id = 0; id < 65536; id++) {
		tap_note("group %u", id);
		ours = id == IKE_KE_ECP_256 || id == IKE_KE_MODP_2048 || id == IKE_KE_X25519;
		put_unaligned_be16((u16)id, group);
		if (ours)
			continue;
		CHECK_REASON(forge(t, IKE_N_INVALID_KE_PAYLOAD, group, 2), ISAKMP_R_KE_RETRY);
	}
	CHECK_EQ(t->a.sent, 1);
	take_message(&m, &t->a);
	CHECK_EQ(message_deliver(&m, &t->a), ISAKMP_OK);
	answer = talk_take(&t->b);
	before = talk_hash(&t->a);
	for (id = 0; id < 65536; id++) {
		tap_note("KE of group %u", id);
		if (id == IKE_KE_X25519)
			continue;
		message_read(&m, &t->b, &answer);
		put_unaligned_be16((u16)id, (u8 *)m.b[message_find(&m, IKE_PL_KE)].p);
		CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_KE_GROUP);
	}
	CHECK_EQ(talk_hash(&t->a), before);
	CHECK_EQ(talk_deliver(&t->a, &answer), ISAKMP_OK);
	packet_free(&answer);
	talk_over(t);
}

/* The same for a responder: only what it has makes an SA. */
static void test_all_groups_r(void)
{
	struct talk *t = talk_at(TALK_INIT);
	struct packet first = talk_take(&t->a);
	struct message m;
	unsigned int id;

	for (id = 0; id < 65536; id++) {
		tap_note("group %u", id);
		if (id == IKE_KE_X25519)
			continue;
		message_read(&m, &t->a, &first);
		put_unaligned_be16((u16)id, (u8 *)m.b[message_find(&m, IKE_PL_KE)].p);
		CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_KE_GROUP);
		talk_flush(&t->b);
		message_read(&m, &t->a, &first);
		/* In both proposals: their last transform */
		put_unaligned_be16((u16)id, (u8 *)m.b[0].p + 34);
		put_unaligned_be16((u16)id, (u8 *)m.b[0].p + 36 + 34);
		CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_NO_PROPOSAL);
		talk_flush(&t->b);
		CHECK(!t->b.live);
	}
	CHECK_EQ(talk_deliver(&t->b, &first), ISAKMP_OK);
	packet_free(&first);
	talk_over(t);
}

int main(void)
{
	TAP_RUN(test_invalid_ke, "responder: INVALID_KE_PAYLOAD names the group");
	TAP_RUN(test_cookie, "initiator: COOKIE is followed three times");
	TAP_RUN(test_cookie_auth, "initiator: AUTH is about the message with the cookie");
	TAP_RUN(test_fooled, "initiator: a thousand forged answers, then the true one to what was first");
	TAP_RUN(test_either_answer, "initiator: after a forged INVALID_KE either answer will do");
	TAP_RUN(test_cookie_and_group, "initiator: the cookie stays, with another group too");
	TAP_RUN(test_group_back, "initiator: back to a group is the same message again");
	TAP_RUN(test_all_groups, "initiator: every group, asked for and answered with (threat 75)");
	TAP_RUN(test_all_groups_r, "responder: every group, in KE and SA (threat 75)");
	TAP_RUN(test_forged_errors, "initiator: a thousand forged errors change nothing");
	return tap_done();
}
