// SPDX-License-Identifier: GPL-2.0
/* First messages of version 1 that come to nothing: what is told of us, what stays. */
#include "v1_lab.h"

static const u8 exchanges[] = { V1_MAIN, V1_AGGRESSIVE, V1_BASE, V1_AUTH_ONLY };

/* A's first message is on its way to B. */
static struct talk *first(u8 exchange, struct packet *p)
{
	struct talk *t = v1_lab_new();

	t->a.peer.v1.exchange = exchange;
	t->b.peer.v1.accept = BIT(exchange);
	v1_lab_start(t);
	v1_lab_answer(&t->a);
	*p = talk_take(&t->a);
	CHECK_EQ(p->p[18], exchange);
	return t;
}

/* ---- nothing in common ---------------------------------------------------------- */

/* The SA payload of B's policy has nothing of it; the same is said each time, by nobody. */
static void check_refused(struct talk *t, const struct packet *p, size_t before)
{
	struct packet answer;

	v1_lab_deliver(&t->b, p);
	CHECK(!t->b.live);
	CHECK_EQ(native_mem_outstanding(), before);
	CHECK_EQ(t->b.queued, 1);
	answer = talk_take(&t->b);
	CHECK_EQ(answer.p[18], V1_INFORMATIONAL);
	CHECK_MEM(answer.p, p->p, V1_COOKIE_LEN);
	CHECK_EQ(get_unaligned_be64(answer.p + V1_COOKIE_LEN), 0);
	CHECK(answer.n <= p->n);
	packet_free(&answer);
}

/* With a cookie of the responder, guessed or seen elsewhere, it is of no SA. */
static void check_learned(struct talk *t, const struct packet *p)
{
	struct packet q = packet_copy(p);
	unsigned int i;

	for (i = 0; i < 3; i++) {
		put_unaligned_be64(i ? 0x0123456789abcdefULL * i : t->a.ike.ep->spi_i,
				   q.p + V1_COOKIE_LEN);
		CHECK_REASON(v1_lab_deliver(&t->b, &q), ISAKMP_R_NO_SA);
		CHECK_EQ(t->b.queued, 0);
	}
	packet_free(&q);
}

static void test_no_proposal(void)
{
	struct packet p;
	struct talk *t;
	unsigned int i, round;
	size_t before;

	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		tap_note("exchange %u", exchanges[i]);
		t = first(exchanges[i], &p);
		t->b.peer.ike.n = 1;
		t->b.peer.ike.s[0].prf = IKE_PRF_HMAC_SHA2_512;
		before = native_mem_outstanding();
		for (round = 0; round < 3; round++) {
			check_refused(t, &p, before);
			check_learned(t, &p);
		}
		CHECK_EQ(t->b.refused[ISAKMP_R_NO_PROPOSAL], 3);
		packet_free(&p);
		v1_lab_over(t);
	}
}

/* ---- what is wrong with it ----------------------------------------------------------- */

/* One octet is another; cut off; with something behind it. */
static struct packet spoilt(const struct packet *p, unsigned int n)
{
	struct packet q = packet_copy(p);
	size_t at = IKE_HDR_LEN + n % (p->n - IKE_HDR_LEN);

	if (n / p->n % 3 == 0)
		q.p[at] ^= 1U << n % 8;
	else if (n / p->n % 3 == 1)
		q.p[at] = (u8)(n % 2 ? 0xff : 0);
	else
		q.n = at;
	put_unaligned_be32((u32)q.n, q.p + IKE_HDR_LENGTH_AT);
	return q;
}

/* Refused, or begun and then ended as who is silent: after either there is what was there before. */
static void test_freed(void)
{
	unsigned int i, n, refused = 0;
	struct packet p, q;
	struct talk *t;
	size_t before;

	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		t = first(exchanges[i], &p);
		before = native_mem_outstanding();
		for (n = 0; n < 6 * p.n; n++) {
			tap_note("exchange %u, %u", exchanges[i], n);
			q = spoilt(&p, n);
			v1_lab_deliver(&t->b, &q);
			packet_free(&q);
			refused += !t->b.live;
			if (t->b.live) {
				talk_timer(&t->b, t->now + t->b.tun.half_open_ms);
				CHECK(!t->b.live);
				if (t->b.asking)
					v1_lab_answer(&t->b);
			}
			talk_flush(&t->b);
			CHECK_EQ(native_mem_outstanding(), before);
		}
		packet_free(&p);
		v1_lab_over(t);
	}
	CHECK(refused > 1000);
}

int main(void)
{
	TAP_RUN(test_no_proposal, "nothing in common: no cookie of ours is told, nothing is there (threat 49)");
	TAP_RUN(test_freed, "first messages spoilt in each octet: all of it is freed (threats 50, 70, 71)");
	return tap_done();
}
