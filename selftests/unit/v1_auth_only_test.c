// SPDX-License-Identifier: GPL-2.0
/* Authentication Only (RFC 2408, 4.6), both roles. */
#include "v1_lab.h"
#include "v1_loss.h"

static const struct row {
	u16 method;
	u8 how;
} rows[] = {
	{ V1_M_PSK, IKE_V1_PSK }, { V1_M_RSA_SIG, IKE_V1_SIG }, { V1_M_ECDSA_256, IKE_V1_SIG },
};

#define EACH_ROW(r) for ((r) = rows; (r) < rows + ARRAY_SIZE(rows) && note(r); (r)++)

static bool note(const struct row *r)
{
	tap_note("method %u", r->method);
	return true;
}

static struct talk *way(const struct row *r)
{
	struct talk *t = v1_lab_new();

	v1_lab.methods[0] = r->method;
	t->a.peer.v1.exchange = V1_AUTH_ONLY;
	t->b.peer.v1.accept |= BIT(V1_AUTH_ONLY);
	t->a.peer.v1.methods = BIT(r->how);
	t->b.peer.v1.methods = BIT(r->how);
	return t;
}

/* Over, with nothing left, and nothing of it was encrypted or had a public value. */
static bool in_the_clear(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct v1_chain *c = calloc(1, sizeof(*c));

	CHECK_EQ(p->p[18], V1_AUTH_ONLY);
	CHECK_EQ(p->p[IKE_HDR_FLAGS_AT], 0);
	CHECK_EQ(v1_chain_decode(p->p[IKE_HDR_NEXT_AT], p->p + IKE_HDR_LEN, p->n - IKE_HDR_LEN,
				 false, c), ISAKMP_OK);
	CHECK(!v1_chain_find(c, V1_PL_KE));
	free(c);
	return true;
}

static bool proved(const struct end *e)
{
	return e->dead_why == ISAKMP_R_V1_AUTH_ONLY;
}

static void test_both(void)
{
	const struct row *r;
	struct talk *t;

	EACH_ROW(r) {
		t = way(r);
		v1_lab.net = in_the_clear;
		v1_lab_start(t);
		v1_lab_settle(t);
		CHECK_REASON(t->a.dead_why, ISAKMP_R_V1_AUTH_ONLY);
		CHECK(proved(&t->a) && proved(&t->b));
		CHECK_EQ(t->a.sent, 2);
		CHECK_EQ(t->b.sent, 1);
		CHECK_EQ(t->a.refusals + t->b.refusals, 0);
		CHECK_EQ(t->a.installs + t->b.installs, 0);
		CHECK_EQ(t->a.dead_id_len, 4 + strlen(v1_lab.id[1]));
		CHECK_EQ(t->b.dead_id_len, 4 + strlen(v1_lab.id[0]));
		v1_lab_over(t);
	}
}

/* HASH_R as it is written at the top of v1/auth_only.c, from the octets on the wire. */
static void test_hash(void)
{
	const char *psk = "a secret that both know";
	struct v1_chain *c1 = calloc(1, sizeof(*c1)), *c2 = calloc(1, sizeof(*c2));
	struct talk *t = way(&rows[0]);
	const struct isakmp_payload *ni, *nr, *sa, *id, *hash;
	struct packet p1, p2;
	u8 skeyid[64], want[64], both[16];

	v1_lab_start(t);
	v1_lab_answer(&t->a);
	p1 = talk_take(&t->a);
	v1_lab_deliver(&t->b, &p1);
	v1_lab_answer(&t->b);
	p2 = talk_take(&t->b);
	CHECK_EQ(v1_chain_decode(V1_PL_SA, p1.p + IKE_HDR_LEN, p1.n - IKE_HDR_LEN, false, c1), 0);
	CHECK_EQ(v1_chain_decode(V1_PL_SA, p2.p + IKE_HDR_LEN, p2.n - IKE_HDR_LEN, false, c2), 0);
	sa = v1_chain_find(c1, V1_PL_SA);
	ni = v1_chain_find(c1, V1_PL_NONCE);
	nr = v1_chain_find(c2, V1_PL_NONCE);
	id = v1_chain_find(c2, V1_PL_ID);
	hash = v1_chain_find(c2, V1_PL_HASH);
	if (CHECK(sa && ni && nr && id && hash)) {
		const struct ike_span n[] = { { ni->body, ni->len }, { nr->body, nr->len } };
		const struct ike_span v[] = { { both, 16 }, { sa->body, sa->len },
					      { id->body, id->len } };

		memcpy(both, p2.p + 8, 8);
		memcpy(both + 8, p2.p, 8);
		CHECK_EQ(isakmp_prf(t->a.peer.ike.s[0].prf, (const u8 *)psk, strlen(psk), n, 2,
				    skeyid), 0);
		CHECK_EQ(isakmp_prf(t->a.peer.ike.s[0].prf, skeyid, 32, v, 3, want), 0);
		CHECK_EQ(hash->len, 32);
		CHECK_MEM(hash->body, want, 32);
	}
	packet_free(&p1);
	packet_free(&p2);
	free(c1);
	free(c2);
	v1_lab_over(t);
}

/* Only where the operator names it. */
static void test_unnamed(void)
{
	static struct ike_peer other;
	struct talk *t = way(&rows[0]);

	t->b.peer.v1.accept = BIT(V1_MAIN) | BIT(V1_AGGRESSIVE) | BIT(V1_BASE);
	v1_lab_start(t);
	v1_lab_answer(&t->a);
	v1_lab_pass(&t->a);
	CHECK(!t->b.live && !t->b.asks);
	CHECK_EQ(t->b.refused[ISAKMP_R_NO_PROPOSAL], 1);
	v1_lab_over(t);
	/* nor of a peer that is meant by its secret */
	t = way(&rows[0]);
	other = t->b.peer;
	t->b.candidate[0] = &other;
	t->b.peer.v1.accept = BIT(V1_MAIN);
	v1_lab_start(t);
	v1_lab_answer(&t->a);
	v1_lab_pass(&t->a);
	CHECK_REASON(v1_lab_answer(&t->b), ISAKMP_R_AUTH_METHOD);
	CHECK_EQ(t->b.sent, 0);
	v1_lab_over(t);
}

/* RSA encryption and XAUTH need keys. */
static void test_methods(void)
{
	CHECK(v1_method_goes(V1_AUTH_ONLY, V1_M_PSK));
	CHECK(!v1_method_goes(V1_AUTH_ONLY, V1_M_RSA_ENC));
	CHECK(!v1_method_goes(V1_AUTH_ONLY, V1_M_RSA_REV));
	CHECK(!v1_method_goes(V1_AUTH_ONLY, V1_M_XAUTH_I_PSK));
	CHECK(!v1_method_goes(V1_AUTH_ONLY, V1_M_HYBRID_I_RSA));
}

/* ---- loss and repetition ----------------------------------------------------------- */

/* The initiator asks again, and gets the same answer. */
static void test_loss(void)
{
	const struct row *r;
	struct talk *t;
	unsigned int i;

	EACH_ROW(r) {
		for (i = 0; i < 2; i++) {
			tap_note("method %u, message %u", r->method, i + 1);
			t = way(r);
			v1_lab.net = lossy;
			lost.from = i ? 'B' : 'A';
			lost.nth = 1;
			v1_lab_start(t);
			v1_lab_let_pass(t, 2 * t->a.tun.retransmit_ms);
			CHECK(proved(&t->a) && proved(&t->b));
			CHECK_EQ(t->a.sent, 3);
			CHECK_EQ(t->b.sent, 1 + i);
			v1_lab_over(t);
		}
	}
}

/*
 * Message 3 is lost.  Who has message 2 repeated (here: it came twice, and late) gets the same one
 * again, the first of them as good as the one that was lost; not for ever, and nobody else.
 */
static struct packet second;

static bool keep_second(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	if (from->name == 'B' && !second.p)
		second = packet_copy(p);
	return from->name != 'A' || nth != 2;
}

static void test_last_again(void)
{
	const struct row *r;
	struct talk *t;
	struct packet elsewhere;
	unsigned int i;

	EACH_ROW(r) {
		t = way(r);
		v1_lab.net = keep_second;
		v1_lab_start(t);
		v1_lab_settle(t);
		CHECK(proved(&t->a) && !proved(&t->b));
		CHECK_EQ(t->a.sent, 2);
		elsewhere = packet_copy(&second);
		elsewhere.path.local.a[3] ^= 1;
		v1_lab_deliver(&t->a, &elsewhere);
		CHECK_EQ(t->a.sent, 2);
		CHECK_EQ(t->a.refused[ISAKMP_R_DYING], 1);
		packet_free(&elsewhere);
		/* Nor is another one answered, from wherever it comes */
		second.p[second.n - 1] ^= 1;
		v1_lab_deliver(&t->a, &second);
		second.p[second.n - 1] ^= 1;
		CHECK_EQ(t->a.sent, 2);
		CHECK_EQ(t->a.refused[ISAKMP_R_DYING], 2);
		v1_lab_let_pass(t, 2000);
		v1_lab_deliver(&t->a, &second);
		CHECK_EQ(t->a.sent, 3);
		v1_lab_settle(t);
		CHECK(proved(&t->b));
		for (i = 0; i < 10 * IKE_REPEAT_BURST; i++)
			v1_lab_deliver(&t->a, &second);
		CHECK_EQ(t->a.sent, 2 + IKE_REPEAT_BURST);
		talk_flush(&t->a);
		v1_lab_let_pass(t, IKE_LINGER_MS);
		CHECK(!t->a.live);
		packet_free(&second);
		second.p = NULL;
		v1_lab_over(t);
	}
}

/* Nobody waits for an answer to message 3: the responder believes nobody, and its SA ends. */
static void test_last_lost(void)
{
	const struct row *r;
	struct talk *t;

	EACH_ROW(r) {
		t = way(r);
		v1_lab.net = lossy;
		lost.from = 'A';
		lost.nth = 2;
		v1_lab_start(t);
		v1_lab_let_pass(t, t->b.tun.half_open_ms + 1000);
		CHECK(proved(&t->a));
		CHECK(!t->b.live);
		CHECK_REASON(t->b.dead_why, ISAKMP_R_HALF_OPEN_TIMEOUT);
		CHECK_EQ(t->b.sent, 1);
		v1_lab_over(t);
	}
}

static bool twice(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct packet copy = packet_copy(p);

	v1_lab_deliver(talk_other(from), &copy);
	packet_free(&copy);
	return true;
}

/* Each message twice: one answer each, and each helper is asked once. */
static void test_twice(void)
{
	const struct row *r;
	unsigned int asks[2];
	struct talk *t;

	EACH_ROW(r) {
		t = way(r);
		v1_lab_start(t);
		v1_lab_settle(t);
		asks[0] = t->a.asks;
		asks[1] = t->b.asks;
		v1_lab_over(t);
		t = way(r);
		v1_lab.net = twice;
		v1_lab_start(t);
		v1_lab_settle(t);
		CHECK(proved(&t->a) && proved(&t->b));
		CHECK_EQ(t->a.asks, asks[0]);
		CHECK_EQ(t->b.asks, asks[1]);
		CHECK_EQ(t->a.sent, 2);
		CHECK_EQ(t->b.sent, 1);
		v1_lab_over(t);
	}
}

/* Any octet of any message but in its header: nobody is authenticated by it. */
static struct {
	char from;
	unsigned int nth;
	size_t at;
	bool there;
} flip;

static bool flipped(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	if (from->name != flip.from || nth != flip.nth)
		return true;
	flip.there = flip.at < p->n;
	if (flip.there)
		p->p[flip.at] ^= 1;
	return true;
}

static void tamper(const struct row *r, char from, unsigned int nth)
{
	unsigned int loose = 0;
	struct talk *t;

	flip.from = from;
	flip.nth = nth;
	for (flip.at = IKE_HDR_LEN; flip.at < 2000; flip.at++) {
		t = way(r);
		v1_lab.net = flipped;
		flip.there = false;
		v1_lab_start(t);
		v1_lab_settle(t);
		if (!flip.there) {
			v1_lab_over(t);
			break;
		}
		/* reserved octets, CERTREQ, CERT: they prove nothing here */
		loose += proved(&t->a) && proved(&t->b);
		CHECK(!t->b.live || t->b.ike.state == IKE_S_V1);
		v1_lab_over(t);
	}
	tap_note("method %u, %c %u: %zu octets, %u say nothing", r->method, from, nth,
		 flip.at - IKE_HDR_LEN, loose);
	CHECK(loose < 40);
}

static void test_tamper(void)
{
	const struct row *r;

	EACH_ROW(r) {
		tamper(r, 'A', 1);
		tamper(r, 'B', 1);
		tamper(r, 'A', 2);
	}
}

/* A wrong secret, a signature that is not believed: either end says no. */
static void test_no(void)
{
	const struct row *r;
	struct talk *t;

	t = way(&rows[0]);
	v1_lab.psk[1] = "another";
	v1_lab_start(t);
	v1_lab_let_pass(t, 100000);
	CHECK_REASON(t->a.dead_why, ISAKMP_R_AUTH_FAILED);
	CHECK(!t->a.live && !t->b.live && !proved(&t->b));
	v1_lab_over(t);
	EACH_ROW(r) {
		t = way(r);
		v1_lab.refuse[r->how == IKE_V1_PSK ? IKE_ASK_R_AUTH : IKE_ASK_I_VERIFY] =
			ISAKMP_R_NO_IDENTITY;
		v1_lab_start(t);
		v1_lab_let_pass(t, 100000);
		CHECK(!t->a.live && !t->b.live && !proved(&t->b));
		CHECK(t->a.refused[ISAKMP_R_NO_IDENTITY] + t->b.refused[ISAKMP_R_NO_IDENTITY] > 0);
		v1_lab_over(t);
	}
}

/* What is encrypted, and what belongs to other exchanges, means nothing here. */
static void test_other_exchanges(void)
{
	static const u8 exchanges[] = { V1_QUICK, V1_INFORMATIONAL, V1_TRANSACTION,
					V1_NEW_GROUP, V1_AUTH_ONLY, V1_MAIN };
	struct talk *t = way(&rows[0]);
	u8 buf[IKE_HDR_LEN + 64];
	struct packet p = { .p = buf, .n = sizeof(buf), .path = t->a.path };
	unsigned int i;

	v1_lab_start(t);
	v1_lab_answer(&t->a);
	v1_lab_pass(&t->a);
	v1_lab_answer(&t->b);
	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		memset(buf, 0, sizeof(buf));
		put_unaligned_be64(t->b.ike.ep->spi_i, buf);
		put_unaligned_be64(t->b.ike.ep->spi_r, buf + 8);
		buf[IKE_HDR_NEXT_AT] = V1_PL_HASH;
		buf[17] = V1_MAJOR << 4;
		buf[18] = exchanges[i];
		buf[IKE_HDR_FLAGS_AT] = V1_FLAG_ENCRYPTION;
		buf[23] = exchanges[i] != V1_AUTH_ONLY && exchanges[i] != V1_MAIN;
		buf[27] = sizeof(buf);
		CHECK_REASON(v1_lab_deliver(&t->b, &p), ISAKMP_R_NO_LAW);
	}
	v1_lab_settle(t);
	CHECK(proved(&t->a) && proved(&t->b));
	v1_lab_over(t);
}

int main(void)
{
	TAP_RUN(test_both, "both prove who they are, and it is over (RFC 2408, 4.6)");
	TAP_RUN(test_hash, "HASH_R from the octets on the wire");
	TAP_RUN(test_unnamed, "only where it is named");
	TAP_RUN(test_methods, "methods that need keys");
	TAP_RUN(test_loss, "message 1 or 2 is lost once");
	TAP_RUN(test_last_lost, "message 3 is lost: the responder believes nobody");
	TAP_RUN(test_last_again, "message 3 is lost: it is said again when message 2 comes again");
	TAP_RUN(test_twice, "each message comes twice");
	TAP_RUN(test_tamper, "every octet of every message changed");
	TAP_RUN(test_no, "who is not believed");
	TAP_RUN(test_other_exchanges, "nothing is encrypted");
	return tap_done();
}
