// SPDX-License-Identifier: GPL-2.0
/* Quick crash detection: RFC 6290. */
#include "talk.h"

static struct talk *with(u8 a, u8 b)
{
	struct talk *t = talk_new();

	t->a.peer.qcd = t->b.peer.qcd = true;
	t->a.tokens = a;
	t->b.tokens = b;
	return t;
}

static struct talk *up_with(u8 a, u8 b)
{
	struct talk *t = with(a, b);

	talk_advance(t, TALK_UP);
	talk_settle(t);
	return t;
}

/* The token in the oldest message that waits at @e. */
static bool token_in(struct end *e, u8 token[ISAKMP_TOKEN_LEN])
{
	bool there = false;
	struct message m;
	unsigned int i;

	message_read(&m, e, &e->queue[0]);
	for (i = 0; i < m.n; i++) {
		if (m.b[i].type != IKE_PL_NOTIFY ||
		    get_unaligned_be16(m.b[i].p + 2) != IKE_N_QCD_TOKEN)
			continue;
		/* RFC 6290, 4.1: Protocol ID 1, no SPI; 4.2: behind AUTH */
		CHECK_EQ(m.b[i].p[0], IKE_PROTO_IKE);
		CHECK_EQ(m.b[i].p[1], 0);
		CHECK_EQ(m.b[i].n, 4 + ISAKMP_TOKEN_LEN);
		CHECK(m.h.exchange != IKE_AUTH || m.b[i - 1].type == IKE_PL_AUTH);
		memcpy(token, m.b[i].p + 4, ISAKMP_TOKEN_LEN);
		there = true;
	}
	message_free(&m);
	return there;
}

/* @e has the token that the other end would show now. */
static void check_has(struct end *e)
{
	struct end *other = talk_other(e);
	const struct ike_token *token = e->ike.ep->token;
	u8 want[ISAKMP_TOKEN_LEN];

	if (!CHECK(token))
		return;
	CHECK_EQ(token->len, ISAKMP_TOKEN_LEN);
	CHECK(isakmp_token(&other->ike, other->ike.ep, want));
	CHECK_MEM(token->data, want, sizeof(want));
}

static void test_given(void)
{
	struct talk *t = with(1, 2);
	u8 a[ISAKMP_TOKEN_LEN] = {}, b[ISAKMP_TOKEN_LEN] = {};

	talk_advance(t, TALK_AUTH);
	CHECK(token_in(&t->a, a));
	talk_advance(t, TALK_AUTH_ANSWERED);
	CHECK(token_in(&t->b, b));
	CHECK(memcmp(a, b, sizeof(a)));
	talk_advance(t, TALK_UP);
	check_has(&t->a);
	check_has(&t->b);
	talk_over(t);
}

/* Who has no secret gives none; who is told not to neither gives nor takes. */
static void test_not_given(void)
{
	struct talk *t = with(0, 2);
	u8 token[ISAKMP_TOKEN_LEN];

	talk_advance(t, TALK_AUTH);
	CHECK(!token_in(&t->a, token));
	talk_advance(t, TALK_UP);
	CHECK(!t->b.ike.ep->token);
	check_has(&t->a);
	talk_over(t);

	t = with(1, 2);
	t->b.peer.qcd = false;
	talk_advance(t, TALK_AUTH_ANSWERED);
	CHECK(!token_in(&t->b, token));
	talk_advance(t, TALK_UP);
	CHECK(!t->a.ike.ep->token && !t->b.ike.ep->token);
	talk_over(t);
}

/* A asks B, who has lost everything but its secret. */
static struct packet ask_lost(struct talk *t)
{
	struct packet p, answer;

	talk_do(&t->a, IKE_EV_CHECK, 0);
	p = talk_take(&t->a);
	answer = talk_lost(&t->b, &p);
	CHECK(answer.n);
	CHECK(answer.n <= p.n + 3);
	packet_free(&p);
	return answer;
}

static void test_lost(void)
{
	struct talk *t = up_with(1, 2);
	struct packet p = ask_lost(t);

	CHECK_REASON(talk_deliver(&t->a, &p), ISAKMP_R_CRASHED);
	CHECK(!t->a.live && !t->a.xfrm);
	CHECK_EQ(t->a.down_why, ISAKMP_R_CRASHED);
	CHECK_EQ(t->a.queued, 0);	/* silently */
	packet_free(&p);
	talk_over(t);
}

/* RFC 6290, 3: from any address and port. */
static void test_anywhere(void)
{
	struct talk *t = up_with(1, 2);
	struct packet p = ask_lost(t);
	struct isakmp_path path = t->a.path;

	path.remote.a[3] = 99;
	path.rport = 4711;
	CHECK_REASON(talk_deliver_on(&t->a, &p, &path), ISAKMP_R_CRASHED);
	CHECK(!t->a.live);
	packet_free(&p);
	talk_over(t);
}

/* Our Delete is out: it need not wait for its answer. */
static void test_deleting(void)
{
	struct talk *t = up_with(1, 2);
	struct packet p, answer;

	talk_do(&t->a, IKE_EV_STOP, 0);
	p = talk_take(&t->a);
	answer = talk_lost(&t->b, &p);
	CHECK_REASON(talk_deliver(&t->a, &answer), ISAKMP_R_CRASHED);
	CHECK(!t->a.live);
	packet_free(&p);
	packet_free(&answer);
	talk_over(t);
}

/* Any bit of the token changed: nothing but the one liveness check of a hint. */
static void test_forged(void)
{
	struct talk *t = up_with(1, 2);
	struct packet p = ask_lost(t);
	unsigned int bit, sent = t->a.sent;

	for (bit = 0; bit < 8 * ISAKMP_TOKEN_LEN; bit++) {
		u8 *at = &p.p[p.n - ISAKMP_TOKEN_LEN + bit / 8];

		*at ^= 1 << bit % 8;
		CHECK_REASON(talk_deliver(&t->a, &p), ISAKMP_R_TOKEN_BAD);
		*at ^= 1 << bit % 8;
		t->now += 200;
	}
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK(t->a.xfrm);
	CHECK_EQ(t->a.sent, sent);
	packet_free(&p);
	talk_over(t);
}

/* Thousands at once: as many as the bucket holds are compared. */
static void test_flood(void)
{
	struct talk *t = up_with(1, 2);
	struct packet p = ask_lost(t);
	unsigned int i;

	p.p[p.n - 1] ^= 1;
	for (i = 0; i < 5000; i++)
		talk_deliver(&t->a, &p);
	CHECK_REASON(t->a.why, ISAKMP_R_TOKEN_LIMIT);
	CHECK_EQ(t->a.refused[ISAKMP_R_TOKEN_BAD], IKE_TOKENS_BURST);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	/* A second later the true one counts */
	t->now += 1000;
	p.p[p.n - 1] ^= 1;
	CHECK_REASON(talk_deliver(&t->a, &p), ISAKMP_R_CRASHED);
	packet_free(&p);
	talk_over(t);
}

/* A token, unprotected, in a message with @n of them; the last one is true. */
static enum isakmp_reason many(struct talk *t, unsigned int n)
{
	struct end *a = &t->a;
	struct isakmp_header h = {
		.spi_i = a->ike.ep->spi_i, .spi_r = a->ike.ep->spi_r, .major = 2,
		.exchange = IKE_INFORMATIONAL, .flags = IKE_FLAG_RESPONSE,
	};
	struct isakmp_notify notify = {
		.protocol = IKE_PROTO_IKE, .type = IKE_N_QCD_TOKEN, .len = ISAKMP_TOKEN_LEN,
	};
	u8 buf[1024], token[ISAKMP_TOKEN_LEN];
	struct isakmp_builder b;

	isakmp_build_begin(&b, buf, sizeof(buf), &h);
	while (n--) {
		memcpy(token, a->ike.ep->token->data, sizeof(token));
		token[0] ^= (u8)n;
		notify.data = token;
		isakmp_build_payload(&b, IKE_PL_NOTIFY);
		isakmp_notify_encode(&b.o, &notify);
		isakmp_build_close(&b);
	}
	CHECK(isakmp_build_end(&b));
	return talk_give(a, buf, b.o.len);
}

/* RFC 6290, 4.5: "at least four QCD_TOKEN notifications in a single packet" */
static void test_several(void)
{
	struct talk *t = up_with(1, 2);

	CHECK_REASON(many(t, IKE_TOKENS_MAX + 1), ISAKMP_R_TOKEN_BAD);
	CHECK_EQ(t->a.queued, 0);	/* without INVALID_IKE_SPI it is no hint */
	CHECK_REASON(many(t, IKE_TOKENS_MAX), ISAKMP_R_CRASHED);
	talk_over(t);
}

/* Who gave no token cannot show one. */
static void test_none(void)
{
	struct talk *t = up_with(1, 0);
	struct packet p;

	t->b.tokens = 2;
	p = ask_lost(t);
	CHECK_REASON(talk_deliver(&t->a, &p), ISAKMP_R_FORGEABLE);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	packet_free(&p);
	talk_over(t);
}

/* RFC 6290, 4.3: another IKE SA has other tokens, whoever rekeys. */
static void test_rekeyed(bool by_a)
{
	struct talk *t = up_with(1, 2);
	struct end *e = by_a ? &t->a : &t->b;
	u8 old[ISAKMP_TOKEN_LEN];
	struct packet p;

	memcpy(old, t->a.ike.ep->token->data, sizeof(old));
	p = ask_lost(t);
	talk_settle(t);
	/* B is there after all */
	while (t->a.ike.ep->out) {
		talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
		talk_settle(t);
	}
	talk_do(e, IKE_EV_REKEY, 0);
	talk_settle(t);
	CHECK_EQ(t->a.ike.rekeyed, 1);
	CHECK_EQ(t->b.ike.rekeyed, 1);
	check_has(&t->a);
	check_has(&t->b);
	CHECK(memcmp(old, t->a.ike.ep->token->data, sizeof(old)));
	/* That of the IKE SA before ends nothing */
	talk_deliver(&t->a, &p);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->a.refused[ISAKMP_R_CRASHED], 0);
	packet_free(&p);
	p = ask_lost(t);
	CHECK_REASON(talk_deliver(&t->a, &p), ISAKMP_R_CRASHED);
	packet_free(&p);
	talk_over(t);
}

static void test_rekeyed_by_a(void)
{
	test_rekeyed(true);
}

static void test_rekeyed_by_b(void)
{
	test_rekeyed(false);
}

/* Another secret: the peer gets another token (RFC 6290, 4.4). */
static void test_secret(void)
{
	struct talk *t = up_with(1, 2);

	t->b.tokens = 3;
	talk_do(&t->b, IKE_EV_TOKEN, 0);
	CHECK_EQ(t->b.queued, 0);
	CHECK(ike_sa_deadline(&t->b.ike) < t->now + IKE_SPREAD_MS);
	talk_timer(&t->b, ike_sa_deadline(&t->b.ike));
	CHECK_EQ(t->b.queued, 1);
	talk_settle(t);
	check_has(&t->a);
	/* No secret any more: nothing to say */
	t->b.tokens = 0;
	talk_do(&t->b, IKE_EV_TOKEN, 0);
	talk_timer(&t->b, t->now + IKE_SPREAD_MS);
	CHECK_EQ(t->b.queued, 0);
	talk_over(t);
}

/* So do all the others' peers: in each tenth of the time about a tenth of them. */
static void test_spread(void)
{
	struct talk *t = up_with(1, 2);
	unsigned int i, tenth[10] = {};

	for (i = 0; i < 1000; i++) {
		t->b.ike.token_at = IKE_NEVER;
		talk_do(&t->b, IKE_EV_TOKEN, 0);
		tenth[(t->b.ike.token_at - t->now) * 10 / IKE_SPREAD_MS]++;
	}
	for (i = 0; i < 10; i++)
		CHECK(tenth[i] > 50 && tenth[i] < 200);
	CHECK_EQ(t->b.queued, 0);
	/* Told again, it is not put off */
	t->b.ike.token_at = t->now;
	talk_do(&t->b, IKE_EV_TOKEN, 0);
	CHECK_EQ(t->b.ike.token_at, t->now);
	talk_over(t);
}

/* RFC 6290, 5: 16 to 128 octets; in a protected message, others are malformed. */
static void test_length(void)
{
	static const u16 len[] = { 0, 15, 16, 128, 129 };
	u8 n[4 + IKE_TOKEN_MAX + 1] = {
		IKE_PROTO_IKE, 0, IKE_N_QCD_TOKEN >> 8, IKE_N_QCD_TOKEN & 0xff,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(len); i++) {
		struct talk *t = up_with(1, 2);
		bool good = len[i] >= 16 && len[i] <= 128;
		struct message m;

		tap_note("%u octets", len[i]);
		message_new(&m, &t->b, IKE_INFORMATIONAL, IKE_REQUEST,
			    t->b.ike.ep->next_out++);
		message_add(&m, IKE_PL_NOTIFY, n, 4 + len[i]);
		CHECK_REASON(message_deliver(&m, &t->b), good ? ISAKMP_OK : ISAKMP_R_BAD_NOTIFY);
		if (good)
			CHECK_EQ(t->a.ike.ep->token->len, len[i]);
		talk_over(t);
	}
}

/* RFC 6290, 9.2: roles and SPIs exchanged in a header bring out no token of the SA. */
static void test_roles(void)
{
	struct talk *t = up_with(1, 2);
	const struct ike_epoch *ep = t->b.ike.ep;
	const u8 *true_one = t->a.ike.ep->token->data;
	u8 buf[IKE_HDR_LEN + 40] = {};
	unsigned int i;

	for (i = 0; i < 4; i++) {
		struct packet p = { .p = buf, .n = sizeof(buf) }, answer;
		bool swap = i & 1, theirs = i & 2;

		put_unaligned_be64(swap ? ep->spi_r : ep->spi_i, buf);
		put_unaligned_be64(swap ? ep->spi_i : ep->spi_r, buf + 8);
		buf[16] = IKE_PL_SK;
		buf[17] = 0x20;
		buf[18] = IKE_INFORMATIONAL;
		buf[19] = theirs ? IKE_FLAG_INITIATOR : 0;
		put_unaligned_be32(sizeof(buf), buf + 24);
		answer = talk_lost(&t->b, &p);
		CHECK_EQ(answer.n, ISAKMP_GATE_TOKEN_MAX);
		/* To our SPI in our role alone: net/ finds the SA then, and sends none */
		CHECK_EQ(!memcmp(answer.p + answer.n - ISAKMP_TOKEN_LEN, true_one,
				 ISAKMP_TOKEN_LEN), !swap && theirs);
		packet_free(&answer);
	}
	talk_over(t);
}

/* RFC 6290, 4.5: to protected requests alone, and octet for octet. */
static void test_reply(void)
{
	static const u8 want[] = {
		0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
		0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00,
		41, 0x20, 37, 0x20, 0, 0, 0, 9, 0, 0, 0, 60,
		41, 0, 0, 8, 0, 0, 0, 4,
		0, 0, 0, 24, 1, 0, 0x40, 0x23,
	};
	const struct isakmp_token_key key = { { 1, 2, 3, 4 } };
	struct isakmp_header h = {
		.spi_i = 0x1122334455667788, .spi_r = 0x99aabbccddeeff00, .major = 2,
		.exchange = IKE_INFORMATIONAL, .flags = IKE_FLAG_INITIATOR, .msgid = 9,
		.next = IKE_PL_SK, .len = 57,
	}, other;
	u8 out[ISAKMP_GATE_TOKEN_MAX], token[ISAKMP_TOKEN_LEN];

	CHECK_EQ(isakmp_gate_token_reply(&h, &key, out), sizeof(out));
	CHECK_EQ(sizeof(out), sizeof(want) + sizeof(token));
	CHECK_EQ(out[19], IKE_FLAG_RESPONSE);
	out[19] = 0x20;
	CHECK_MEM(out, want, sizeof(want));
	isakmp_gate_token(&key, false, h.spi_i, h.spi_r, token);
	CHECK_MEM(out + sizeof(want), token, sizeof(token));
	other = h;
	other.len = 56;
	CHECK_EQ(isakmp_gate_token_reply(&other, &key, out), 0);
	other = h;
	other.flags |= IKE_FLAG_RESPONSE;
	CHECK_EQ(isakmp_gate_token_reply(&other, &key, out), 0);
	other = h;
	other.next = IKE_PL_NOTIFY;
	CHECK_EQ(isakmp_gate_token_reply(&other, &key, out), 0);
	other = h;
	other.exchange = IKE_SA_INIT;
	CHECK_EQ(isakmp_gate_token_reply(&other, &key, out), 0);
}

int main(void)
{
	TAP_RUN(test_given, "qcd: both ends give a token in IKE_AUTH");
	TAP_RUN(test_not_given, "qcd: without a secret, or when told not to, none");
	TAP_RUN(test_lost, "qcd: who shows it has lost the IKE SA");
	TAP_RUN(test_anywhere, "qcd: from wherever it comes");
	TAP_RUN(test_deleting, "qcd: while our Delete waits");
	TAP_RUN(test_forged, "qcd: a token with any bit changed ends nothing");
	TAP_RUN(test_flood, "qcd: a flood of tokens is limited");
	TAP_RUN(test_several, "qcd: four tokens of a message are looked at");
	TAP_RUN(test_none, "qcd: a token that was never given");
	TAP_RUN(test_rekeyed_by_a, "qcd: other tokens after a rekey of ours");
	TAP_RUN(test_rekeyed_by_b, "qcd: other tokens after a rekey of the peer's");
	TAP_RUN(test_secret, "qcd: another secret, other tokens");
	TAP_RUN(test_spread, "qcd: another secret, many tunnels: each in its time");
	TAP_RUN(test_length, "qcd: a token of any length");
	TAP_RUN(test_reply, "qcd: what is answered, and to what");
	TAP_RUN(test_roles, "qcd: no header brings out a token of an IKE SA that is there");
	return tap_done();
}
