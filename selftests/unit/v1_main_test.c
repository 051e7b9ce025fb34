// SPDX-License-Identifier: GPL-2.0
/* Main Mode of version 1, both roles. */
#include "v1_lab.h"

/* Both ends have the same ISAKMP SA. */
static void check_same(const struct talk *t)
{
	const struct v1_phase1 *a = v1_lab_p(&t->a), *b = v1_lab_p(&t->b);

	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	if (!a || !b)
		return;
	CHECK_EQ(a->state, V1_P1_UP);
	CHECK_EQ(b->state, V1_P1_UP);
	CHECK_EQ(t->a.ike.ep->spi_i, t->b.ike.ep->spi_i);
	CHECK_EQ(t->a.ike.ep->spi_r, t->b.ike.ep->spi_r);
	CHECK(a->key_len && a->key_len == b->key_len);
	CHECK_MEM(a->key, b->key, a->key_len);
	CHECK_MEM(a->skeyid_d, b->skeyid_d, 64);
	CHECK_MEM(a->skeyid_a, b->skeyid_a, 64);
	CHECK_MEM(a->iv, b->iv, V1_BLOCK_MAX);
	CHECK_EQ(a->method, b->method);
}

static void test_psk(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());

	check_same(t);
	CHECK(!v1_lab_p(&t->a)->setup && !v1_lab_p(&t->b)->setup);
	CHECK_EQ(v1_lab_p(&t->a)->method, V1_M_PSK);
	v1_lab_over(t);
}

static void test_sig(void)
{
	struct talk *t = v1_lab_up(v1_lab_new_sig());

	check_same(t);
	CHECK_EQ(v1_lab_p(&t->a)->method, V1_M_RSA_SIG);
	v1_lab_over(t);
}

/*
 * The helper computes the group, and takes its time: what was answered is not said again; when it
 * is done, the exchange goes on.
 */
static void test_slow_group(void)
{
	struct talk *t = v1_lab_new();
	unsigned int sent, i;

	t->a.peer.ike.s[0].ke = t->b.peer.ike.s[0].ke = IKE_KE_ECP_521;
	t->a.peer.ike.n = t->b.peer.ike.n = 1;
	v1_lab_start(t);
	v1_lab_answer(&t->a);
	v1_lab_pass(&t->a);
	v1_lab_pass(&t->b);
	CHECK(t->a.asking && t->a.ask.kind == IKE_ASK_KEX);
	sent = t->a.sent;
	for (i = 1; i < 5; i++)
		talk_timer(&t->a, t->now + t->a.tun.retransmit_ms);
	CHECK_EQ(t->a.sent, sent);
	CHECK(t->a.asking);
	v1_lab_settle(t);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	check_same(t);
	v1_lab_over(t);
}

/* ---- loss --------------------------------------------------------------------- */

static struct {
	char from;
	unsigned int nth;	/* 0: none */
} lost;

static bool lossy(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	return from->name != lost.from || nth != lost.nth;
}

/* Each message of the six once: the initiator asks again, and the responder repeats. */
static void test_loss(void)
{
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 12; i++) {
		tap_note("%c's message %u, %s", i & 1 ? 'B' : 'A', 1 + (i % 6) / 2,
			 i < 6 ? "PSK" : "signatures");
		t = i < 6 ? v1_lab_new() : v1_lab_new_sig();
		v1_lab.net = lossy;
		lost.from = i & 1 ? 'B' : 'A';
		lost.nth = 1 + (i % 6) / 2;
		v1_lab_start(t);
		v1_lab_let_pass(t, 5000);
		check_same(t);
		/* and three of Quick Mode */
		CHECK_EQ(v1_lab.nth[0] + v1_lab.nth[1], i & 1 ? 11 : 10);
		v1_lab_over(t);
	}
}

/* All six twice: answered with the same octets, and nothing else happens. */
static bool twice(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct packet copy = packet_copy(p);

	if (nth <= 3)
		v1_lab_deliver(talk_other(from), &copy);
	packet_free(&copy);
	return true;
}

static void test_twice(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.net = twice;
	v1_lab_start(t);
	v1_lab_settle(t);
	check_same(t);
	CHECK_EQ(t->a.asks, 3);
	CHECK_EQ(t->b.asks, 2);
	v1_lab_over(t);
}

/* Nobody is there: a few tries, and that is it. */
static void test_silence(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.net = lossy;
	lost.from = 'A';
	lost.nth = 0;
	v1_lab_start(t);
	v1_lab_answer(&t->a);
	while (t->a.live && t->now < 100000) {
		talk_flush(&t->a);
		talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
	}
	CHECK(!t->a.live);
	CHECK_EQ(t->a.sent, 1 + t->a.tun.retransmit_tries);
	CHECK_REASON(t->a.why, ISAKMP_R_TIMEOUT);
	v1_lab_over(t);
}

/*
 * CVE-2016-5361: a datagram for each that came, and none by timer, as long as nobody has
 * shown that it lives at the address.
 */
static void test_no_amplification(void)
{
	struct talk *t = v1_lab_new();
	struct packet first;

	v1_lab_start(t);
	v1_lab_answer(&t->a);
	first = talk_take(&t->a);
	CHECK_EQ(v1_lab_deliver(&t->b, &first), ISAKMP_OK);
	CHECK_EQ(t->b.sent, 1);
	CHECK(ike_sa_deadline(&t->b.ike) >= t->now + t->b.tun.half_open_ms);
	v1_lab_deliver(&t->b, &first);
	CHECK_EQ(t->b.sent, 2);
	talk_timer(&t->b, t->now + t->b.tun.half_open_ms - 1);
	CHECK_EQ(t->b.sent, 2);
	talk_timer(&t->b, t->now + 1);
	CHECK_EQ(t->b.sent, 2);
	CHECK(!t->b.live);
	CHECK_REASON(t->b.why, ISAKMP_R_HALF_OPEN_TIMEOUT);
	packet_free(&first);
	v1_lab_over(t);
}

/* ---- tampering ----------------------------------------------------------------- */

/* Until the @n-th datagram of @from waits in its queue. */
static void until(struct talk *t, struct end *from, unsigned int n)
{
	struct end *o = talk_other(from);
	unsigned int rounds = 50;

	v1_lab_start(t);
	while (from->sent < n && rounds--) {
		if (t->a.asking)
			v1_lab_answer(&t->a);
		else if (t->b.asking)
			v1_lab_answer(&t->b);
		else if (from->queued)
			v1_lab_pass(from);
		else if (o->queued)
			v1_lab_pass(o);
	}
	CHECK_EQ(from->sent, n);
	CHECK_EQ(from->queued, 1);
}

/* A datagram with a bit of an octet flipped, and what came of it. */
static void flip(struct talk *t, struct end *to, const struct packet *p, size_t at)
{
	struct packet bad = packet_copy(p);

	bad.p[at] ^= 1U << (at % 8);
	if (at < IKE_HDR_LENGTH_AT || at >= IKE_HDR_LEN)	/* or gate/ refuses it */
		v1_lab_deliver(to, &bad);
	if (to->asking)
		v1_lab_answer(to);
	packet_free(&bad);
}

/*
 * Every octet of messages 5 and 6: what is not whole is not believed, and the right one still
 * is.  The helper that finds a signature wrong says nothing about the next one.
 */
static void tamper(bool by_sig, bool fifth)
{
	struct talk *t = by_sig ? v1_lab_new_sig() : v1_lab_new();
	struct end *from = fifth ? &t->a : &t->b, *to = talk_other(from);
	struct packet p;
	size_t at;

	until(t, from, 3);
	p = talk_take(from);
	CHECK(p.p[IKE_HDR_FLAGS_AT] & V1_FLAG_ENCRYPTION);
	for (at = 0; at < p.n; at++) {
		tap_note("octet %zu of %zu", at, p.n);
		flip(t, to, &p, at);
		CHECK(to->live && to->ike.state == IKE_S_V1);
		CHECK_EQ(v1_lab_p(to)->state, V1_P1_OPENING);
		v1_lab_p(to)->setup->junk = 0;
	}
	tap_note("%s", "the right one");
	CHECK_EQ(v1_lab_deliver(to, &p), ISAKMP_OK);
	packet_free(&p);
	v1_lab_settle(t);
	check_same(t);
	v1_lab_over(t);
}

static void test_tamper(void)
{
	tamper(false, true);
	tamper(false, false);
	tamper(true, true);
	tamper(true, false);
}

/* Not without end: what cannot be deciphered costs something. */
static void test_junk(void)
{
	struct talk *t = v1_lab_new();
	struct packet p;
	unsigned int i;

	until(t, &t->a, 3);
	p = talk_take(&t->a);
	for (i = 0; i < IKE_JUNK_MAX; i++) {
		p.p[IKE_HDR_LEN + i] ^= 1;
		CHECK_REASON(v1_lab_deliver(&t->b, &p), ISAKMP_R_AUTH_FAILED);
	}
	p.p[p.n - 1] ^= 1;
	CHECK_REASON(v1_lab_deliver(&t->b, &p), ISAKMP_R_JUNK_LIMIT);
	packet_free(&p);
	v1_lab_over(t);
}

/* Nor is the helper asked without end about signatures that are none. */
static void test_junk_signatures(void)
{
	struct talk *t = v1_lab_new_sig();
	unsigned int i, asks;
	struct packet p;

	until(t, &t->a, 3);
	p = talk_take(&t->a);
	v1_lab.refuse[IKE_ASK_R_AUTH] = ISAKMP_R_AUTH_FAILED;
	for (i = asks = 0; i < 4 * IKE_JUNK_MAX; i++) {
		p.p[IKE_HDR_LEN + 48 + i % 5] ^= 1U << (i / 5 % 8);	/* in SIG */
		v1_lab_deliver(&t->b, &p);
		if (!t->b.asking)
			continue;
		asks++;
		v1_lab_answer(&t->b);
	}
	CHECK(asks > 0 && asks <= IKE_JUNK_MAX);
	CHECK(t->b.refused[ISAKMP_R_JUNK_LIMIT] > 0);
	packet_free(&p);
	v1_lab_over(t);
}

/* ---- who is it? ------------------------------------------------------------------ */

/* Two secrets: message 5 cannot be read, and nobody comes up. */
static void test_wrong_secret(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.psk[1] = "another one";
	v1_lab_start(t);
	v1_lab_let_pass(t, 60000);
	CHECK(!t->a.live && !t->b.live);
	CHECK(t->b.refused[ISAKMP_R_AUTH_FAILED] > 0);
	CHECK_EQ(t->b.sent, 2);
	v1_lab_over(t);
}

/* The helper refuses the one whose HASH was right: that is the end, and nothing else is. */
static void test_refused(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.refuse[IKE_ASK_R_AUTH] = ISAKMP_R_NO_IDENTITY;
	v1_lab_start(t);
	v1_lab_settle(t);
	CHECK_EQ(t->b.refused[ISAKMP_R_NO_IDENTITY], 1);
	CHECK(!t->b.live);
	/* Who has heard so has not been told by whom, and goes on; in the end that is why */
	CHECK_EQ(t->a.ike.state, IKE_S_V1);
	CHECK_EQ(t->a.refused[ISAKMP_R_PEER_ERROR], 1);
	CHECK_EQ(t->a.arg, V1_N_AUTHENTICATION_FAILED);
	v1_lab_let_pass(t, IKE_ESTABLISH_MS);
	CHECK(!t->a.live);
	CHECK_EQ(t->a.dead_why, ISAKMP_R_PEER_ERROR);
	v1_lab_over(t);

	t = v1_lab_new();
	v1_lab.refuse[IKE_ASK_I_VERIFY] = ISAKMP_R_NO_IDENTITY;
	v1_lab_start(t);
	v1_lab_settle(t);
	CHECK(!t->a.live);
	CHECK_EQ(t->a.refused[ISAKMP_R_NO_IDENTITY], 1);
	v1_lab_over(t);
}

/*
 * The secret was found by the address.  Who says then to be somebody else is let in where the helper
 * says that it has the same one; not where the identity has found it.
 */
static struct talk *of_another(u8 exchange)
{
	static struct ike_peer other;
	struct talk *t = v1_lab_new();

	t->a.peer.v1.exchange = exchange;
	t->b.peer.v1.accept = BIT(exchange);
	v1_lab_start(t);
	while (t->a.sent < (exchange == V1_MAIN ? 3 : 2))
		v1_lab_step(t);
	other = t->b.peer;
	strcpy(other.name, "other");
	t->b.ike.peer = &other;
	t->refs++;
	isakmp_peer_put(&t->b.peer);
	v1_lab_pass(&t->a);
	return t;
}

static void test_another_peer(void)
{
	struct talk *t = of_another(V1_MAIN);

	CHECK_REASON(v1_lab_answer(&t->b), ISAKMP_OK);
	CHECK(t->b.live && t->b.ike.peer == &t->b.peer);
	v1_lab_settle(t);
	CHECK(t->a.xfrm && t->b.xfrm);
	v1_lab_over(t);

	t = of_another(V1_AGGRESSIVE);
	CHECK_REASON(v1_lab_answer(&t->b), ISAKMP_R_AUTH_FAILED);
	CHECK(!t->b.live);
	v1_lab_over(t);
}

/* ---- cookies, exchanges, messages in the clear -------------------------------------- */

static void test_cookies(void)
{
	struct talk *t = v1_lab_new();
	struct packet p, bad;

	v1_lab_start(t);
	v1_lab_answer(&t->a);
	p = talk_take(&t->a);
	/* Our own first message comes back */
	CHECK_REASON(v1_lab_deliver(&t->a, &p), ISAKMP_R_REFLECTED);
	v1_lab_deliver(&t->b, &p);
	packet_free(&p);
	v1_lab_pass(&t->b);
	p = talk_take(&t->a);
	/* Another cookie of the responder, of the initiator */
	bad = packet_copy(&p);
	bad.p[V1_COOKIE_LEN] ^= 1;
	CHECK_REASON(v1_lab_deliver(&t->b, &bad), ISAKMP_R_NO_SA);
	bad.p[V1_COOKIE_LEN] ^= 1;
	bad.p[0] ^= 1;
	CHECK_REASON(v1_lab_deliver(&t->b, &bad), ISAKMP_R_NO_SA);
	bad.p[0] ^= 1;
	/* Message 3 as message 4 */
	CHECK_REASON(v1_lab_deliver(&t->a, &bad), ISAKMP_R_REFLECTED);
	/* RFC 2409, 5: "MUST NOT switch exchange types in the middle" */
	bad.p[18] = V1_AGGRESSIVE;
	CHECK_REASON(v1_lab_deliver(&t->b, &bad), ISAKMP_R_NO_LAW);
	bad.p[18] = V1_MAIN;
	bad.p[IKE_HDR_MSGID_AT] = 1;
	CHECK_REASON(v1_lab_deliver(&t->b, &bad), ISAKMP_R_V1_MESSAGE_ID);
	packet_free(&bad);
	CHECK_EQ(v1_lab_deliver(&t->b, &p), ISAKMP_OK);
	packet_free(&p);
	v1_lab_settle(t);
	check_same(t);
	v1_lab_over(t);
}

/* What one end offers the other does not take: an answer, and nothing stays. */
static void test_no_proposal(void)
{
	struct talk *t = v1_lab_new();

	t->b.peer.ike.n = 1;
	t->b.peer.ike.s[0].ke = IKE_KE_ECP_384;
	v1_lab_start(t);
	v1_lab_answer(&t->a);
	v1_lab_pass(&t->a);
	CHECK(!t->b.live);
	CHECK_EQ(t->b.refused[ISAKMP_R_NO_PROPOSAL], 1);
	CHECK_EQ(t->b.sent, 1);
	v1_lab_over(t);
}

/* Only the exchanges that the operator allows are answered. */
static void test_not_accepted(void)
{
	struct talk *t = v1_lab_new();

	t->b.peer.v1.accept = BIT(V1_AGGRESSIVE);
	v1_lab_start(t);
	v1_lab_answer(&t->a);
	v1_lab_pass(&t->a);
	CHECK(!t->b.live);
	CHECK_EQ(t->b.refused[ISAKMP_R_NO_PROPOSAL], 1);
	v1_lab_over(t);
}

/* A stranger's notification in the clear, once there are keys: it says nothing. */
static void test_clear_info(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	const struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = V1_PROTO_ISAKMP,
				     .type = V1_N_AUTHENTICATION_FAILED };
	struct isakmp_header h = {
		.spi_i = t->a.ike.ep->spi_i, .spi_r = t->a.ike.ep->spi_r, .major = 1,
		.exchange = V1_INFORMATIONAL, .msgid = 77,
	};
	struct isakmp_builder b;
	u8 buf[128];

	isakmp_build_begin(&b, buf, sizeof(buf), &h);
	isakmp_build_payload(&b, V1_PL_NOTIFY);
	v1_notify_encode(&b.o, &n);
	isakmp_build_close(&b);
	CHECK(isakmp_build_end(&b));
	CHECK_REASON(talk_give(&t->a, buf, b.o.len), ISAKMP_R_FORGEABLE);
	check_same(t);
	v1_lab_over(t);
}

/* ---- what comes before its time --------------------------------------------------- */

static bool no_fifth(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	return from->name != 'A' || nth != 3;
}

/* Of phase 2, while phase 1 is under way: a few are kept, and none that is long. */
static void test_early(void)
{
	struct talk *t = v1_lab_new();
	u8 buf[V1_EARLY_LEN + 1] = {};
	struct v1_setup *u;
	unsigned int i;

	v1_lab.net = no_fifth;
	v1_lab_start(t);
	v1_lab_settle(t);
	u = v1_lab_p(&t->b)->setup;
	CHECK(u && v1_lab_p(&t->b)->state == V1_P1_OPENING);
	put_unaligned_be64(t->a.ike.ep->spi_i, buf);
	put_unaligned_be64(t->a.ike.ep->spi_r, buf + 8);
	buf[16] = V1_PL_HASH;
	buf[17] = V1_MAJOR << 4;
	buf[18] = V1_QUICK;
	buf[19] = V1_FLAG_ENCRYPTION;
	for (i = 1; i <= V1_EARLY_MAX + 1; i++) {
		put_unaligned_be32(i, buf + 20);
		put_unaligned_be32(sizeof(buf), buf + 24);
		CHECK_REASON(talk_give(&t->b, buf, sizeof(buf)), ISAKMP_R_NO_LAW);
		put_unaligned_be32(sizeof(buf) - 1, buf + 24);
		CHECK_REASON(talk_give(&t->b, buf, sizeof(buf) - 1),
			     i > V1_EARLY_MAX ? ISAKMP_R_INBOX_FULL : ISAKMP_OK);
	}
	for (i = 0; i < V1_EARLY_MAX; i++)
		CHECK_EQ(u->early_len[i], V1_EARLY_LEN);
	v1_lab_over(t);
}

int main(void)
{
	TAP_RUN(test_psk, "Main Mode by secret (RFC 2409, 5.4)");
	TAP_RUN(test_sig, "Main Mode by signature (RFC 2409, 5.1)");
	TAP_RUN(test_slow_group, "a group of the helper's: nothing is sent again meanwhile");
	TAP_RUN(test_loss, "each message is lost once");
	TAP_RUN(test_twice, "each message comes twice");
	TAP_RUN(test_silence, "nobody answers");
	TAP_RUN(test_no_amplification, "no more goes out than comes in (threat 72)");
	TAP_RUN(test_tamper, "an octet flipped changes nothing (threat 53)");
	TAP_RUN(test_junk, "not all junk is looked at");
	TAP_RUN(test_junk_signatures, "nor are all signatures that are none");
	TAP_RUN(test_wrong_secret, "two secrets");
	TAP_RUN(test_refused, "the helper refuses who has the secret");
	TAP_RUN(test_another_peer, "message 5 is of a peer whose secret it was");
	TAP_RUN(test_cookies, "cookies, exchange types, message IDs");
	TAP_RUN(test_no_proposal, "nothing in common (threat 49)");
	TAP_RUN(test_not_accepted, "an exchange that is not accepted");
	TAP_RUN(test_clear_info, "in the clear once there are keys: ignored, counted (threat 52)");
	TAP_RUN(test_early, "phase 2 before the end of phase 1: a few messages, and no long ones");
	return tap_done();
}
