// SPDX-License-Identifier: GPL-2.0
/* First messages of version 1 that come to nothing: what is told of us, what stays. */
#include <time.h>
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

/* ---- what is offered --------------------------------------------------------------- */

struct offer {
	u8 octets[IKE_MSG_MAX];
	struct isakmp_payload pl;
	struct isakmp_out o;
	struct v1_sa_out s;
};

static void offer_begin(struct offer *f)
{
	isakmp_out_init(&f->o, f->octets, sizeof(f->octets));
	v1_sa_begin(&f->s, &f->o);
	v1_proposal_open(&f->s, 1, V1_PROTO_ISAKMP, NULL, 0);
}

/* @times: the lifetime is said so often */
static void offer_add(struct offer *f, u8 num, u16 bits, u16 hash, u32 life_s, u32 kb,
		      unsigned int times)
{
	v1_transform_open(&f->s, num, V1_TRANSFORM_KEY_IKE);
	v1_attr_encode(&f->o, V1_A_ENCR, V1_ENCR_AES);
	v1_attr_encode(&f->o, V1_A_KEY_LENGTH, bits);
	v1_attr_encode(&f->o, V1_A_HASH, hash);
	v1_attr_encode(&f->o, V1_A_GROUP, IKE_KE_ECP_256);
	while (times--) {
		v1_attr_encode(&f->o, V1_A_LIFE_TYPE, V1_LIFE_SECONDS);
		v1_attr_encode(&f->o, V1_A_LIFE, life_s);
	}
	if (kb) {
		v1_attr_encode(&f->o, V1_A_LIFE_TYPE, V1_LIFE_KILOBYTES);
		v1_attr_encode(&f->o, V1_A_LIFE, kb);
	}
	v1_attr_encode(&f->o, V1_A_METHOD, V1_M_PSK);
	v1_transform_close(&f->s);
}

static bool selects(struct talk *t, struct offer *f, struct v1_chosen *x)
{
	x->exchange = V1_MAIN;
	x->lifetime = false;
	f->pl = (struct isakmp_payload){ .type = V1_PL_SA, .body = f->octets,
					 .len = (u16)f->o.len };
	return v1_proposal_select(&t->a.ike, &t->a.peer, &f->pl, 0, x);
}

/* Our order counts, then that of the offer; what is refused for its lifetime leaves nothing behind. */
static void test_order(void)
{
	struct talk *t = v1_lab_new();
	struct offer *f = calloc(1, sizeof(*f));
	struct v1_chosen x;

	v1_lab_start(t);
	offer_begin(f);
	offer_add(f, 1, 128, V1_HASH_SHA1, 1000, 0, 1);
	offer_add(f, 2, 256, V1_HASH_SHA2_256, 2000, 0, 1);
	offer_add(f, 3, 256, V1_HASH_SHA2_256, 3000, 0, 1);
	offer_add(f, 4, 256, V1_HASH_SHA2_256, 4000, 1, 1);
	v1_proposal_close(&f->s);
	CHECK(selects(t, f, &x));
	CHECK_EQ(x.transform.num, 2);
	CHECK_EQ(x.suite.keylen, 256);
	CHECK_EQ(x.life.s, 2000);
	CHECK_EQ(x.life.kb, 0);
	offer_begin(f);
	offer_add(f, 1, 128, V1_HASH_SHA1, 1000, 0, 1);
	offer_add(f, 2, 256, V1_HASH_SHA2_256, 2000, 1, 1);
	v1_proposal_close(&f->s);
	CHECK(selects(t, f, &x));
	CHECK_EQ(x.transform.num, 1);
	CHECK_EQ(x.life.s, 1000);
	offer_begin(f);
	offer_add(f, 2, 256, V1_HASH_SHA2_256, 2000, 1, 1);
	v1_proposal_close(&f->s);
	CHECK(!selects(t, f, &x));
	CHECK(x.lifetime);
	free(f);
	v1_lab_over(t);
}

/* Of so many suites the quickest of a few times: microseconds. */
static u64 takes(struct talk *t, struct offer *f, unsigned int suites)
{
	u64 best = ~0ULL, took;
	struct timespec a, b;
	struct v1_chosen x;
	unsigned int i;

	t->a.peer.ike.n = (u8)suites;
	for (i = 0; i < 7; i++) {
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
		CHECK(!selects(t, f, &x));
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
		took = (u64)(b.tv_sec - a.tv_sec) * 1000000 +
		       (u64)(b.tv_nsec / 1000) - (u64)(a.tv_nsec / 1000);
		best = min(best, took);
	}
	return best;
}

/* Anybody can send the longest offer, from any address: it is read once, whatever we have. */
static void test_stranger(void)
{
	struct talk *t = v1_lab_new();
	struct offer *f = calloc(1, sizeof(*f));
	u64 one, all;
	unsigned int i;

	v1_lab_start(t);
	for (i = 1; i < ISAKMP_SUITES_MAX; i++)
		t->a.peer.ike.s[i] = t->a.peer.ike.s[0];
	offer_begin(f);
	for (i = 0; i < 250; i++)
		offer_add(f, (u8)i, 192, V1_HASH_SHA2_512, 3600, 0, 4);
	v1_proposal_close(&f->s);
	CHECK(!f->o.full);
	one = takes(t, f, 1);
	all = takes(t, f, ISAKMP_SUITES_MAX);
	tap_note("one suite: %llu us, %u suites: %llu us", (unsigned long long)one,
		 ISAKMP_SUITES_MAX, (unsigned long long)all);
	CHECK(all < 4 * one + 100);
	t->a.peer.ike.n = 2;
	free(f);
	v1_lab_over(t);
}

/* ---- what is kept --------------------------------------------------------------------- */

/* Of a stranger not much more than what a set-up needs, whatever it says. */
static void test_kept(void)
{
	struct packet p;
	struct talk *t;
	unsigned int i;
	size_t before;

	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		t = first(exchanges[i], &p);
		before = native_mem_bytes();
		v1_lab_deliver(&t->b, &p);
		while (t->b.asking)
			v1_lab_answer(&t->b);
		CHECK(t->b.queued == 1);
		tap_note("exchange %u: %zu octets for %zu", exchanges[i],
			 native_mem_bytes() - before, p.n);
		CHECK(native_mem_bytes() - before < sizeof(struct v1_setup) +
						    sizeof(struct v1_phase1) + 4 * p.n + 2048);
		packet_free(&p);
		v1_lab_over(t);
	}
}

/* Nor of a connection that is up: what was said last is no longer than it is. */
static void test_kept_up(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());

	v1_lab_let_pass(t, 2 * V1_KEEP_MS);
	tap_note("%zu octets for two ends", native_mem_bytes());
	CHECK(native_mem_bytes() < 2 * (sizeof(struct v1_phase1) + 4096));
	v1_lab_over(t);
}

int main(void)
{
	TAP_RUN(test_order, "an offer: our order, then the peer's");
	TAP_RUN(test_stranger, "the longest offer of a stranger is read once");
	TAP_RUN(test_kept, "of a stranger not much is kept");
	TAP_RUN(test_kept_up, "nor of a connection that is up");
	TAP_RUN(test_no_proposal, "nothing in common: no cookie of ours is told, nothing is there (threat 49)");
	TAP_RUN(test_freed, "first messages spoilt in each octet: all of it is freed (threats 50, 70, 71)");
	return tap_done();
}
