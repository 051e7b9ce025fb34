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
	p = piece(&t->b, 1, true, 9, data, 40);
	CHECK_REASON(give(&t->b, 1, true, 4, p.p, (u16)p.n), ISAKMP_R_V1_BAD_FRAGMENT);
	packet_free(&p);
	CHECK_EQ(t->b.fragments, 0);
	/* The same again, more than a message */
	CHECK_EQ(give(&t->b, 2, true, 5, data, 10), ISAKMP_OK);
	CHECK_REASON(give(&t->b, 2, true, 5, data, 10), ISAKMP_R_FRAGMENT_REPEATED);
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

/*
 * All messages of a peer have the same ID, and pieces of one that never became whole are there: a
 * piece that cannot be of that one is the first of another.
 */
static void test_one_id(void)
{
	static const u8 old[40] = { 1 }, other[40];
	struct talk *t = small(1280);
	u32 one;

	v1_lab_up(t);
	CHECK_EQ(give(&t->b, 1, false, 1, old, 40), ISAKMP_OK);
	one = t->b.fragments;
	CHECK_EQ(give(&t->b, 2, false, 1, old, 40), ISAKMP_OK);
	/* Two pieces, both of which are there already, with other octets */
	CHECK_EQ(give(&t->b, 1, false, 1, other, 40), ISAKMP_OK);
	CHECK_EQ(t->b.fragments, one);
	CHECK_REASON(give(&t->b, 2, true, 1, other, 40), ISAKMP_R_LENGTH);
	CHECK_EQ(t->b.fragments, 0);
	/* The last one, which stands before others; one behind the last; now it is the last */
	CHECK_EQ(give(&t->b, 5, false, 1, old, 40), ISAKMP_OK);
	CHECK_EQ(give(&t->b, 3, true, 1, old, 40), ISAKMP_OK);
	CHECK_EQ(t->b.fragments, one);
	CHECK_EQ(give(&t->b, 4, false, 1, old, 40), ISAKMP_OK);
	CHECK_EQ(t->b.fragments, one);
	CHECK_EQ(give(&t->b, 4, true, 1, old, 40), ISAKMP_OK);
	CHECK_EQ(t->b.fragments, one);
	CHECK_REASON(give(&t->b, 4, true, 1, old, 40), ISAKMP_R_FRAGMENT_REPEATED);
	v1_lab_over(t);
}

/* ---- in which order they come ------------------------------------------------------ */

enum order { DESCENDING, LAST_FIRST, LAST_TWICE, EACH_TWICE, MIDDLE_LATE, HALF_AND_ALL, ALL_TWICE, LAST_LATE,
	     LAST_LATE_OFTEN, ANOTHER_BETWEEN, ORDERS };

static void arrive(struct end *to, const struct packet *p, unsigned int times)
{
	while (times--)
		v1_lab_deliver(to, p);
}

/* All @n pieces of a message, and what else comes. */
static void in_order(struct end *to, const struct packet *p, unsigned int n, enum order o)
{
	static const u8 data[40];
	unsigned int i, rounds = o == HALF_AND_ALL || o == ALL_TWICE ? 2 : 1;

	if (o == LAST_FIRST || o == LAST_TWICE)
		v1_lab_deliver(to, &p[n - 1]);
	for (i = 0; i < rounds * n; i++) {
		if (o == HALF_AND_ALL && i >= n / 2 && i < n)
			continue;
		if (o == LAST_FIRST && i == n - 1)
			continue;
		if (o == ANOTHER_BETWEEN && i == n / 2)
			give(to, 1, false, 7, data, sizeof(data));
		if (o == MIDDLE_LATE && i == n / 2)
			continue;
		arrive(to, &p[o == DESCENDING ? n - 1 - i : i % n], 1 + (o == EACH_TWICE));
	}
	arrive(to, &p[n / 2], o == MIDDLE_LATE);
	/* the other message has had its place: it comes again, as after a loss */
	for (i = 0; o == ANOTHER_BETWEEN && i < n; i++)
		v1_lab_deliver(to, &p[i]);
	arrive(to, &p[n - 1], o == LAST_LATE ? 1 : o == LAST_LATE_OFTEN ? 200 : 0);
}

/* The @at-th message that is cut comes in this order, all others as they were sent. */
static bool pass_all(struct end *from, enum order o, unsigned int at, unsigned int *nth)
{
	struct packet p[TALK_QUEUE];
	unsigned int i, n = 0;
	bool cut;

	while (from->queued)
		p[n++] = talk_take(from);
	cut = n > 1 && p[0].p[IKE_HDR_NEXT_AT] == V1_PL_FRAGMENT && (*nth)++ == at;
	if (cut)
		in_order(talk_other(from), p, n, o);
	for (i = 0; i < n; i++) {
		if (!cut)
			v1_lab_deliver(talk_other(from), &p[i]);
		packet_free(&p[i]);
	}
	return cut;
}

static bool up_in_order(enum order o, unsigned int at)
{
	struct talk *t = small(160);
	struct end *const ends[] = { &t->a, &t->b };
	unsigned int i, nth = 0, rounds = 50;
	bool cut = false;

	tap_note("order %u, message %u", o, at);
	v1_lab_start(t);
	while (rounds--)
		for (i = 0; i < 2; i++) {
			if (ends[i]->asking)
				v1_lab_answer(ends[i]);
			if (ends[i]->queued)
				cut |= pass_all(ends[i], o, at, &nth);
		}
	CHECK(t->a.ike.state == IKE_S_ESTABLISHED && t->b.ike.state == IKE_S_ESTABLISHED);
	CHECK(t->a.xfrm && t->b.xfrm);
	CHECK_EQ(t->a.installs, 1);
	CHECK_EQ(t->b.installs, 1);
	/* What came too late is forgotten */
	v1_lab_let_pass(t, IKE_FRAGMENT_MS);
	CHECK(!t->a.fragments && !t->b.fragments);
	v1_lab_over(t);
	return cut;
}

/* Without any timer: the message becomes whole by what has come. */
static void test_orders(void)
{
	unsigned int o, at;

	for (o = 0; o < ORDERS; o++) {
		for (at = 0; up_in_order(o, at); at++)
			;
		CHECK(at >= 4);
	}
}

/* As many as there may be, the last first: whole when the first is there, and not before. */
static void test_descending(void)
{
	struct talk *t = v1_lab_up(small(1280));
	u8 whole[IKE_FRAGMENTS_MAX * 200] = { 0 };
	unsigned int i;

	put_unaligned_be64(t->b.ike.ep->spi_i, whole);
	put_unaligned_be64(t->b.ike.ep->spi_r, whole + 8);
	whole[16] = V1_PL_HASH;
	whole[17] = V1_MAJOR << 4;
	whole[18] = V1_INFORMATIONAL;
	whole[IKE_HDR_FLAGS_AT] = V1_FLAG_ENCRYPTION;
	whole[IKE_HDR_MSGID_AT] = 1;
	put_unaligned_be32(sizeof(whole), whole + IKE_HDR_LENGTH_AT);
	for (i = IKE_FRAGMENTS_MAX; i > 1; i--)
		CHECK_EQ(give(&t->b, (u8)i, i == IKE_FRAGMENTS_MAX, 1, whole + (i - 1) * 200, 200),
			 ISAKMP_OK);
	CHECK(t->b.fragments > (long)sizeof(whole) - 200);
	/* It is read as one that came whole: nobody has made it */
	CHECK_REASON(give(&t->b, 1, false, 1, whole, 200), ISAKMP_R_ICV);
	CHECK_EQ(t->b.fragments, 0);
	v1_lab_over(t);
}

static void test_not_agreed(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());

	CHECK_REASON(give(&t->b, 1, true, 1, (const u8 *)"x", 1), ISAKMP_R_FRAGMENT_UNAGREED);
	v1_lab_over(t);
}

/* Before there is a responder its first answer may come in pieces, with its cookie: no others. */
static void test_no_cookie(void)
{
	struct talk *t = small(1280);
	static const u8 data[40];
	struct packet p;

	v1_lab_start(t);
	v1_lab_answer(&t->a);
	p = piece(&t->a, 1, false, 1, data, sizeof(data));
	p.p[18] = V1_INFORMATIONAL;
	CHECK_REASON(v1_lab_deliver(&t->a, &p), ISAKMP_R_FRAGMENT_UNAGREED);
	CHECK_EQ(t->a.fragments, 0);
	p.p[18] = V1_MAIN;
	p.p[V1_COOKIE_LEN] = 1;
	CHECK_REASON(v1_lab_deliver(&t->a, &p), ISAKMP_OK);
	CHECK(t->a.fragments > 0);
	packet_free(&p);
	v1_lab_settle(t);
	v1_lab_over(t);
}

/* The peer says that it can, and we do not: its pieces are none. */
static void test_we_do_not(void)
{
	struct talk *t = small(1280);
	static const u8 data[40];

	t->b.peer.fragment = 0;
	v1_lab_up(t);
	CHECK(v1_lab_p(&t->b)->can & BIT(V1_CAN_FRAGMENT));
	CHECK_REASON(give(&t->b, 1, false, 1, data, sizeof(data)), ISAKMP_R_FRAGMENT_UNAGREED);
	CHECK_EQ(t->b.fragments, 0);
	v1_lab_over(t);
}

int main(void)
{
	TAP_RUN(test_up, "Main and Quick Mode in pieces");
	TAP_RUN(test_unagreed, "not where one of them does not say so");
	TAP_RUN(test_one_id, "the next message has the ID of one that never became whole");
	TAP_RUN(test_hostile, "pieces of nothing (threats 5, 64, 65, 68)");
	TAP_RUN(test_orders, "any order, pieces twice, late ones: it becomes whole (threats 66, 67)");
	TAP_RUN(test_descending, "as many as there may be, the last first (threat 66)");
	TAP_RUN(test_not_agreed, "pieces that nobody has agreed on");
	TAP_RUN(test_no_cookie, "pieces without the cookie of a responder (threat 64)");
	TAP_RUN(test_we_do_not, "pieces of who can, where we do not");
	return tap_done();
}
