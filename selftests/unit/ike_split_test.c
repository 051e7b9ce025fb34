// SPDX-License-Identifier: GPL-2.0
/* Fragments that go out (RFC 7383): how large, how often, and smaller ones. */
#include "pieces.h"

/* ---- agreed on --------------------------------------------------------------- */

static void with_sizes(u16 a, u16 b, bool agreed)
{
	struct talk *t = pieces_speakers(a, b);
	struct end *e = &t->a;

	tap_note("sizes %u and %u", a, b);
	talk_advance(t, TALK_AUTH);
	CHECK_EQ(t->a.ike.fragment, agreed ? a : 0);
	CHECK_EQ(t->b.ike.fragment, agreed ? b : 0);
	CHECK_EQ(t->a.queued > 1, agreed);
	talk_advance(t, TALK_AUTH_ANSWERED);
	CHECK_EQ(t->b.queued > 1, agreed);
	talk_settle(t);
	CHECK(t->a.xfrm && t->b.xfrm);
	CHECK_REASON(pieces_give_part(e, 1, 2, 100), agreed ? ISAKMP_OK : ISAKMP_R_FRAGMENT_UNAGREED);
	talk_over(t);
}

static void test_agreed(void)
{
	with_sizes(PIECES_SIZE, PIECES_SIZE, true);
	with_sizes(1280, PIECES_SIZE, true);
	with_sizes(PIECES_SIZE, 0, false);
	with_sizes(0, PIECES_SIZE, false);
	with_sizes(0, 0, false);
}

static void test_pieces(void)
{
	static const u16 natt[] = { 500, IKE_PORT_NATT };
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(natt); i++) {
		t = pieces_speakers(PIECES_SIZE, 1280);
		t->a.nat.on = natt[i] == IKE_PORT_NATT;
		t->a.nat.outer = (struct isakmp_addr){ 4, { 198, 51, 100, 1 } };
		t->a.nat.port[0] = 1024;
		t->a.nat.port[1] = 1025;
		talk_advance(t, TALK_AUTH);
		tap_note("the request, port %u", natt[i]);
		CHECK_EQ(pieces_check(&t->a), 9);
		/* the marker has its room */
		CHECK_EQ(t->a.queue[0].n, PIECES_IKE_SIZE - (i ? IKE_NON_ESP_LEN : 0));
		talk_advance(t, TALK_AUTH_ANSWERED);
		tap_note("the response is in pieces like those of the request");
		CHECK_EQ(pieces_check(&t->b), 9);
		CHECK_EQ(t->b.queue[0].n, t->a.ike.ep->out ?
			 isakmp_header_length(t->a.ike.ep->out->bytes) : 0);
		talk_settle(t);
		CHECK(t->a.xfrm && t->b.xfrm);
		CHECK_EQ(t->a.refusals + t->b.refusals, 0);
		talk_over(t);
	}
}

/* What came in one piece and was short tells nothing of what may go back. */
static void test_short_request(void)
{
	struct talk *t = pieces_speakers(1280, 1280);
	u8 family;

	t->a.cert_len = 0;
	talk_advance(t, TALK_AUTH);
	CHECK_EQ(t->a.queued, 1);
	CHECK_EQ(t->a.queue[0].p[16], IKE_PL_SK);
	talk_advance(t, TALK_AUTH_ANSWERED);
	CHECK_EQ(pieces_check(&t->b), 9);
	talk_settle(t);
	CHECK(t->a.xfrm && t->b.xfrm);
	for (family = 4; family <= 6; family += 2) {
		t->b.path.remote.family = family;
		CHECK_EQ(ike_split_limit(&t->b.ike, &t->b.path, 100), family == 6 ? 1232 : 548);
		CHECK_EQ(ike_split_limit(&t->b.ike, &t->b.path, 1240), family == 6 ? 1232 : 1240);
		CHECK_EQ(ike_split_limit(&t->b.ike, &t->b.path, 5000), family == 6 ? 1232 : 1252);
	}
	talk_over(t);
}

/* Where it was not agreed on, what is too long for one message is none: no fragments. */
static void test_too_long(void)
{
	unsigned int oversize = 0, sent = 0;
	struct talk *t;
	size_t n;

	for (n = IKE_MSG_MAX - 400; n < IKE_MSG_MAX - 150; n++) {
		tap_note("certificate of %zu octets", n);
		t = talk_new();
		t->a.cert_len = n;
		talk_advance(t, TALK_I_ASKING);
		talk_flush(&t->a);
		if (talk_answer(&t->a, ISAKMP_OK) == ISAKMP_R_OVERSIZE)
			oversize++;
		CHECK(!t->a.queued || (t->a.queued == 1 && t->a.queue[0].p[16] == IKE_PL_SK));
		sent += t->a.queued;
		CHECK_EQ(oversize + sent, n - (IKE_MSG_MAX - 400) + 1);
		talk_over(t);
	}
	CHECK(oversize && sent);
}

/* Whatever goes with it: an AEAD, a block cipher with a MAC. */
static void test_suites(void)
{
	static const struct ike_suite suites[] = {
		{ IKE_PROTO_IKE, 0, IKE_ENCR_CHACHA20_POLY1305, 0, 0, IKE_PRF_HMAC_SHA2_512,
		  IKE_KE_X25519 },
		{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_512_256,
		  IKE_PRF_HMAC_SHA2_512, IKE_KE_X25519 },
		{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_CTR, 128, IKE_INTEG_HMAC_SHA1_96,
		  IKE_PRF_HMAC_SHA1, IKE_KE_X25519 },
	};
	unsigned int i, over;
	struct talk *t;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		/* every length of the last fragment, and of padding */
		for (over = 0; over < 40; over++) {
			tap_note("suite %u, %u octets more", i, over);
			t = pieces_speakers(PIECES_SIZE, PIECES_SIZE);
			t->a.cert_len = t->b.cert_len = 900 + over;
			t->a.peer.ike.n = t->b.peer.ike.n = 1;
			t->a.peer.ike.s[0] = t->b.peer.ike.s[0] = suites[i];
			talk_advance(t, TALK_AUTH);
			CHECK(t->a.queued >= 2 && t->a.queued <= 3);
			talk_settle(t);
			CHECK(t->a.xfrm && t->b.xfrm);
			talk_over(t);
		}
	}
}

/* ---- again ------------------------------------------------------------------------- */

/* The same datagrams as before wait in the queue of @e. */
static void check_again(struct end *e, const struct packet *p, unsigned int n)
{
	unsigned int i;

	CHECK_EQ(e->queued, n);
	for (i = 0; i < n && i < e->queued; i++) {
		CHECK_EQ(e->queue[i].n, p[i].n);
		CHECK_MEM(e->queue[i].p, p[i].p, p[i].n);
	}
	talk_flush(e);
}

static void test_replay(void)
{
	struct packet q[TALK_QUEUE], r[TALK_QUEUE];
	struct isakmp_path elsewhere;
	unsigned int n, m, i;
	struct talk *t = pieces_at(TALK_AUTH);
	struct end *b = &t->b;

	pieces_take(&t->a, q, &n);
	for (i = 0; i < n; i++)
		CHECK_REASON(talk_deliver(b, &q[i]), ISAKMP_OK);
	/* while the helper thinks nothing is said */
	CHECK_REASON(talk_deliver(b, &q[0]), ISAKMP_OK);
	CHECK_EQ(b->queued, 0);
	talk_advance(t, TALK_AUTH_ANSWERED);
	pieces_take(b, r, &m);

	CHECK_REASON(talk_deliver(b, &q[0]), ISAKMP_OK);
	check_again(b, r, m);
	for (i = 1; i < n; i++)
		CHECK_REASON(talk_deliver(b, &q[i]), ISAKMP_R_FRAGMENT_ANSWERED);
	CHECK_EQ(b->queued, 0);
	elsewhere = b->path;
	elsewhere.remote.a[3] = 99;
	talk_deliver_on(b, &q[0], &elsewhere);
	CHECK_EQ(b->queued, 0);
	pieces_free(q, n);
	pieces_free(r, m);
	talk_over(t);
}

/* In smaller pieces: the answer is the same octets, once the ICV is right. */
static void test_replay_finer(void)
{
	struct packet r[TALK_QUEUE], p;
	unsigned int m;
	struct talk *t = pieces_at(TALK_AUTH_ANSWERED);
	struct end *a = &t->a, *b = &t->b;
	struct isakmp_path elsewhere = b->path;
	struct piece piece = { IKE_AUTH, IKE_REQUEST, 1, 1, 20, IKE_PL_IDI, pieces_notice(50), 40 };

	pieces_take(b, r, &m);
	CHECK_REASON(pieces_give(a, &piece, true), ISAKMP_R_ICV);
	CHECK_EQ(b->queued, 0);
	CHECK_REASON(pieces_give(a, &piece, false), ISAKMP_OK);
	check_again(b, r, m);
	CHECK_EQ(b->fragments, 0);
	piece.number = 2;
	CHECK_REASON(pieces_give(a, &piece, false), ISAKMP_R_FRAGMENT_ANSWERED);
	piece.number = 1;
	p = piece_write(&piece, a);
	elsewhere.remote.a[3] = 99;
	CHECK_REASON(talk_deliver_on(b, &p, &elsewhere), ISAKMP_R_FRAGMENT_ANSWERED);
	packet_free(&p);
	CHECK_EQ(b->queued, 0);
	/* once another request is answered, this one is over */
	CHECK_REASON(pieces_give_part(a, 1, 1, 10), ISAKMP_OK);
	talk_flush(b);
	CHECK_REASON(pieces_give(a, &piece, false), ISAKMP_R_NO_LAW);
	CHECK_EQ(b->queued, 0);
	pieces_free(r, m);
	talk_over(t);
}

/* ---- smaller pieces ------------------------------------------------------------------ */

static void test_finer(void)
{
	struct packet q[TALK_QUEUE], p[TALK_QUEUE];
	struct talk *t = pieces_speakers(1280, 1280);
	struct end *a = &t->a, *b = &t->b;
	unsigned int n, m, i;

	a->tun.retransmit_tries = 6;
	talk_advance(t, TALK_AUTH);
	pieces_take(a, q, &n);
	CHECK_EQ(n, 4);
	for (i = 0; i < IKE_FRAGMENT_TRIES; i++) {
		talk_timer(a, a->ike.ep->out->resend_at);
		check_again(a, q, n);
	}
	CHECK_EQ(a->ike.ep->out->tries, IKE_FRAGMENT_TRIES);
	talk_timer(a, a->ike.ep->out->resend_at);
	CHECK_EQ(pieces_check(a), 9);
	CHECK_EQ(a->ike.fragment, IKE_FRAGMENT_SIZE_MIN);
	/* RFC 7383, 2.5.2: the timers start over, and go on when nothing is smaller */
	CHECK_EQ(a->ike.ep->out->resend_at, t->now + a->tun.retransmit_ms);
	CHECK_EQ(a->ike.ep->out->tries, 0);
	pieces_take(a, p, &m);
	for (i = 0; i < IKE_FRAGMENT_TRIES + 2; i++) {
		talk_timer(a, a->ike.ep->out->resend_at);
		check_again(a, p, m);
	}
	/* of the first ones something has arrived, too */
	CHECK_REASON(talk_deliver(b, &q[1]), ISAKMP_OK);
	for (i = 0; i < m; i++)
		CHECK_REASON(talk_deliver(b, &p[i]), ISAKMP_OK);
	pieces_free(q, n);
	pieces_free(p, m);
	talk_settle(t);
	CHECK(a->xfrm && b->xfrm);
	talk_over(t);
}

/* In one piece at first; and without memory as it was. */
static void test_finer_whole(void)
{
	struct talk *t = pieces_speakers(1280, 1280);
	struct end *a = &t->a;
	unsigned int i;

	a->cert_len = 800;
	a->tun.retransmit_tries = 6;
	talk_advance(t, TALK_AUTH);
	CHECK_EQ(a->queued, 1);
	CHECK_EQ(a->queue[0].p[16], IKE_PL_SK);
	for (i = 0; i < IKE_FRAGMENT_TRIES; i++)
		talk_timer(a, a->ike.ep->out->resend_at);
	talk_flush(a);
	native_mem_fail_at(1);
	talk_timer(a, a->ike.ep->out->resend_at);
	native_mem_fail_at(0);
	CHECK_EQ(a->queued, 1);
	talk_flush(a);
	talk_timer(a, a->ike.ep->out->resend_at);
	CHECK_EQ(pieces_check(a), 3);
	talk_settle(t);
	CHECK(a->xfrm && t->b.xfrm);
	talk_over(t);
}

/* Small messages stay what they are, and so does everything not agreed on. */
static void test_never_finer(void)
{
	struct packet q[TALK_QUEUE];
	struct talk *t = pieces_up();
	unsigned int n, i;

	t->a.tun.retransmit_tries = 6;
	talk_do(&t->a, IKE_EV_CHECK, 0);
	pieces_take(&t->a, q, &n);
	CHECK_EQ(n, 1);
	for (i = 0; i < 5; i++) {
		talk_timer(&t->a, t->a.ike.ep->out->resend_at);
		check_again(&t->a, q, n);
		CHECK_EQ(t->a.ike.ep->out->tries, i + 1);
	}
	pieces_free(q, n);
	talk_over(t);

	t = pieces_speakers(1280, 0);
	t->a.tun.retransmit_tries = 6;
	talk_advance(t, TALK_AUTH);
	pieces_take(&t->a, q, &n);
	CHECK_EQ(n, 1);
	for (i = 0; i < 5; i++) {
		talk_timer(&t->a, t->a.ike.ep->out->resend_at);
		check_again(&t->a, q, n);
	}
	pieces_free(q, n);
	talk_over(t);
}

int main(void)
{
	TAP_RUN(test_agreed, "fragments: only when both have said so (RFC 7383, 2.3)");
	TAP_RUN(test_pieces, "fragments: sizes, headers, numbers; a response like its request");
	TAP_RUN(test_short_request, "fragments: a long response to a short request");
	TAP_RUN(test_too_long, "fragments: none where they were not agreed on, whatever the length");
	TAP_RUN(test_suites, "fragments: every kind of cipher, every length");
	TAP_RUN(test_replay, "fragments: the first one again has the same answer, others have none");
	TAP_RUN(test_replay_finer, "fragments: answered before, in smaller pieces now");
	TAP_RUN(test_finer, "fragments: smaller ones when nobody answers (RFC 7383, 2.5.2)");
	TAP_RUN(test_finer_whole, "fragments: of what went out in one piece");
	TAP_RUN(test_never_finer, "fragments: what is small stays as it is");
	return tap_done();
}
