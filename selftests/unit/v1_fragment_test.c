// SPDX-License-Identifier: GPL-2.0
/* Messages of version 1 in pieces. */
#include "v1_lab.h"

static struct talk *small(u16 size)
{
	struct talk *t = v1_lab_new_sig();

	t->a.peer.fragment = size;
	t->b.peer.fragment = size;
	return t;
}

static size_t longest;
static unsigned int pieces;

static bool look(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	longest = max(longest, p->n);
	pieces += p->p[IKE_HDR_NEXT_AT] == V1_PL_FRAGMENT;
	if (p->p[IKE_HDR_NEXT_AT] == V1_PL_FRAGMENT)
		CHECK(!(p->p[IKE_HDR_FLAGS_AT] & V1_FLAG_ENCRYPTION));
	return true;
}

static void test_up(void)
{
	struct talk *t = small(128);

	longest = pieces = 0;
	v1_lab.net = look;
	v1_lab_up(t);
	CHECK(pieces >= 6);
	CHECK(!t->a.fragments && !t->b.fragments);
	CHECK_EQ(t->a.installs, 1);
	v1_lab_over(t);
}

/* Where one of them does not say so nothing is cut. */
static void test_unagreed(void)
{
	struct talk *t = small(128);

	t->b.peer.fragment = 0;
	pieces = 0;
	v1_lab.net = look;
	v1_lab_up(t);
	CHECK_EQ(pieces, 0);
	v1_lab_over(t);
}

/* A piece of a message that never becomes whole; its number, whether it is the last. */
static struct packet piece(const struct end *to, u8 number, bool last, u16 id, const u8 *data,
			   u16 n)
{
	const struct v1_fragment f = { .id = id, .number = number, .last = last, .data = data,
				       .len = n };
	struct isakmp_header h = {
		.spi_i = to->ike.ep->spi_i, .spi_r = to->ike.ep->spi_r, .major = 1,
		.exchange = V1_QUICK,
	};
	struct packet p = { .p = calloc(1, IKE_MSG_MAX), .path = talk_other((struct end *)to)->path };
	struct isakmp_builder b;

	isakmp_build_begin(&b, p.p, IKE_MSG_MAX, &h);
	isakmp_build_payload(&b, V1_PL_FRAGMENT);
	v1_fragment_encode(&b.o, &f);
	isakmp_build_close(&b);
	if (!isakmp_build_end(&b))
		talk_broken("no piece");
	p.n = b.o.len;
	p.p = realloc(p.p, p.n);
	return p;
}

static enum isakmp_reason give(struct end *to, u8 number, bool last, u16 id, const u8 *data,
			       u16 n)
{
	struct packet p = piece(to, number, last, id, data, n);
	enum isakmp_reason why = v1_lab_deliver(to, &p);

	packet_free(&p);
	return why;
}

/* CVE-2016-6381, CVE-2013-6076, CVE-2009-1574: numbers, empty ones, too many, never the last. */
static void test_hostile(void)
{
	struct talk *t = v1_lab_up(small(1280));
	static const u8 data[2000];
	struct packet p;
	unsigned int i;

	p = piece(&t->b, 1, true, 1, data, 1);
	p.p[IKE_HDR_LEN + 6] = 0;	/* number 0 */
	CHECK_REASON(v1_lab_deliver(&t->b, &p), ISAKMP_R_V1_BAD_FRAGMENT);
	p.p[IKE_HDR_LEN + 6] = 1;
	p.p[IKE_HDR_LEN + 3] = 8;	/* empty */
	p.p[IKE_HDR_LENGTH_AT + 3]--;
	p.n--;
	CHECK_REASON(v1_lab_deliver(&t->b, &p), ISAKMP_R_V1_BAD_FRAGMENT);
	packet_free(&p);
	CHECK_REASON(give(&t->b, IKE_FRAGMENTS_MAX + 1, false, 1, data, 10),
		     ISAKMP_R_FRAGMENT_LIMIT);
	CHECK_EQ(t->b.fragments, 0);
	/* No header, a header that lies, a piece in a piece: nothing comes of it */
	CHECK_REASON(give(&t->b, 1, true, 2, data, 10), ISAKMP_R_V1_BAD_FRAGMENT);
	CHECK_REASON(give(&t->b, 1, true, 3, data, 40), ISAKMP_R_LENGTH);
	p = piece(&t->b, 1, true, 9, data, 10);
	CHECK_REASON(give(&t->b, 1, true, 4, p.p, (u16)p.n), ISAKMP_R_V1_BAD_FRAGMENT);
	packet_free(&p);
	CHECK_EQ(t->b.fragments, 0);
	/* The same again, beyond the last, more than a message */
	CHECK_EQ(give(&t->b, 2, true, 5, data, 10), ISAKMP_OK);
	CHECK_REASON(give(&t->b, 2, false, 5, data, 10), ISAKMP_R_FRAGMENT_REPEATED);
	CHECK_REASON(give(&t->b, 3, false, 5, data, 10), ISAKMP_R_FRAGMENT_REPEATED);
	for (i = 1; i <= IKE_MSG_MAX / 2000; i++)
		CHECK_EQ(give(&t->b, (u8)i, false, 6, data, 2000), ISAKMP_OK);
	CHECK(t->b.fragments > 16000);
	CHECK_REASON(give(&t->b, (u8)i, false, 6, data, 2000), ISAKMP_R_FRAGMENT_LIMIT);
	CHECK_EQ(t->b.fragments, 0);
	/* There is no room; it takes too long */
	t->b.fragments_max = 3000;
	CHECK_EQ(give(&t->b, 1, false, 7, data, 2000), ISAKMP_OK);
	CHECK_REASON(give(&t->b, 2, false, 7, data, 2000), ISAKMP_R_FRAGMENT_ROOM);
	CHECK_EQ(give(&t->b, 1, false, 8, data, 10), ISAKMP_OK);
	CHECK_EQ(ike_sa_deadline(&t->b.ike), t->now + IKE_FRAGMENT_MS);
	CHECK_REASON(talk_timer(&t->b, t->now + IKE_FRAGMENT_MS), ISAKMP_R_FRAGMENT_TIMEOUT);
	CHECK_EQ(t->b.fragments, 0);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	v1_lab_over(t);
}

/* The last piece has a lower number than others that are there: some before it are not. */
static void test_last_too_low(void)
{
	struct talk *t = v1_lab_up(small(1280));
	static const u8 data[40];

	CHECK_EQ(give(&t->b, 5, false, 1, data, 10), ISAKMP_OK);
	CHECK_EQ(give(&t->b, 4, false, 1, data, 10), ISAKMP_OK);
	CHECK_REASON(give(&t->b, 3, true, 1, data, 10), ISAKMP_R_V1_BAD_FRAGMENT);
	CHECK_EQ(t->b.fragments, 0);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	v1_lab_over(t);
}

static void test_not_agreed(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());

	CHECK_REASON(give(&t->b, 1, true, 1, (const u8 *)"x", 1), ISAKMP_R_FRAGMENT_UNAGREED);
	v1_lab_over(t);
}

int main(void)
{
	TAP_RUN(test_up, "Main and Quick Mode in pieces");
	TAP_RUN(test_unagreed, "not where one of them does not say so");
	TAP_RUN(test_hostile, "pieces of nothing (CVE-2016-1287, CVE-2013-6076, CVE-2009-1574)");
	TAP_RUN(test_last_too_low, "the last piece is not behind all others");
	TAP_RUN(test_not_agreed, "pieces that nobody has agreed on");
	return tap_done();
}
