// SPDX-License-Identifier: GPL-2.0
/* Fragments that come in (RFC 7383): in any order, and what is no piece. */
#include "pieces.h"

/* ---- in any order -------------------------------------------------------------- */

enum order { FORWARD, BACKWARD, SHUFFLED, TWICE, LAST_TWICE };

static void deliver_all(struct end *to, struct packet *p, unsigned int n, enum order order)
{
	unsigned int i, j;

	for (i = 0; i < n; i++) {
		j = order == BACKWARD ? n - 1 - i : order == SHUFFLED ? (i * 7 + 3) % n : i;
		CHECK_REASON(talk_deliver(to, &p[j]), ISAKMP_OK);
		if (i + 1 < n && (order == TWICE || (order == LAST_TWICE && !i)))
			CHECK_REASON(talk_deliver(to, order == TWICE ? &p[j] : &p[n - 1]),
				     order == TWICE ? ISAKMP_R_FRAGMENT_REPEATED : ISAKMP_OK);
		if (order == LAST_TWICE && i + 2 == n)
			break;
	}
}

static void test_orders(void)
{
	struct packet p[TALK_QUEUE];
	enum order order;
	struct talk *t;
	unsigned int n;

	for (order = FORWARD; order <= LAST_TWICE; order++) {
		tap_note("order %u", order);
		t = pieces_at(TALK_AUTH);
		pieces_take(&t->a, p, &n);
		deliver_all(&t->b, p, n, order);
		pieces_free(p, n);
		CHECK_EQ(t->b.asks, 1);
		CHECK_EQ(t->b.fragments, 0);
		talk_advance(t, TALK_AUTH_ANSWERED);
		pieces_take(&t->b, p, &n);
		deliver_all(&t->a, p, n, order);
		pieces_free(p, n);
		CHECK_EQ(t->a.fragments, 0);
		talk_settle(t);
		CHECK(t->a.xfrm && t->b.xfrm);
		talk_over(t);
	}
}

/* As many as may be, the last one first: each in its slot, none looked for. */
static void test_descending(void)
{
	struct talk *t = pieces_up();
	u16 i;

	for (i = IKE_FRAGMENTS_MAX; i; i--) {
		tap_note("fragment %u", i);
		CHECK_REASON(pieces_give_part(&t->a, i, IKE_FRAGMENTS_MAX, 10000), ISAKMP_OK);
	}
	CHECK_EQ(t->b.queued, 1);	/* the response */
	CHECK_EQ(t->b.fragments, 0);
	talk_over(t);
}

/* A fragment may be empty, and so may a message (RFC 7383, 2.5.3; liveness). */
static void test_empty_text(void)
{
	struct talk *t = pieces_up();
	struct piece p;

	p = pieces_part(&t->a, 1, 2, 100);
	p.n = 0;
	CHECK_REASON(pieces_give(&t->a, &p, false), ISAKMP_OK);
	p = pieces_part(&t->a, 1, 1, 100);
	p.number = p.total = 2;
	CHECK_REASON(pieces_give(&t->a, &p, false), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);
	talk_flush(&t->b);
	p = pieces_part(&t->a, 1, 1, 100);
	p.first = IKE_PL_NONE;
	p.n = 0;
	CHECK_REASON(pieces_give(&t->a, &p, false), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);
	talk_over(t);
}

/* ---- what never becomes whole ----------------------------------------------- */

static void test_missing(void)
{
	struct packet p[TALK_QUEUE];
	unsigned int n, i;
	struct talk *t = pieces_at(TALK_AUTH);
	u64 until;

	/* a responder that lives on: half open it would be over by then */
	t->b.ike.give_up_at = IKE_NEVER;
	pieces_take(&t->a, p, &n);
	until = t->now + IKE_FRAGMENT_MS;
	for (i = 0; i < n; i++)
		if (i != 4)
			CHECK_REASON(talk_deliver(&t->b, &p[i]), ISAKMP_OK);
	CHECK(t->b.fragments > PIECES_CERT / 2);
	CHECK_EQ(ike_sa_deadline(&t->b.ike), until);
	CHECK_REASON(talk_timer(&t->b, until - 1), ISAKMP_OK);
	CHECK(t->b.fragments);
	CHECK_REASON(talk_timer(&t->b, until), ISAKMP_R_FRAGMENT_TIMEOUT);
	CHECK_EQ(t->b.arg, 1);
	CHECK_EQ(t->b.fragments, 0);
	/* late, and alone; then all of them again */
	CHECK_REASON(talk_deliver(&t->b, &p[4]), ISAKMP_OK);
	CHECK_EQ(t->b.asks, 0);
	for (i = 0; i < n; i++)
		if (i != 4)
			CHECK_REASON(talk_deliver(&t->b, &p[i]), ISAKMP_OK);
	CHECK_EQ(t->b.asks, 1);
	pieces_free(p, n);
	talk_settle(t);
	CHECK(t->a.xfrm && t->b.xfrm);
	talk_over(t);
}

/* The half-open SA goes, and its fragments with it. */
static void test_half_open(void)
{
	struct packet p[TALK_QUEUE];
	struct talk *t = pieces_at(TALK_AUTH);
	unsigned int n;

	pieces_take(&t->a, p, &n);
	CHECK_REASON(talk_deliver(&t->b, &p[0]), ISAKMP_OK);
	CHECK(t->b.fragments && t->b.ike.proven);
	CHECK(ike_sa_deadline(&t->b.ike) <= t->now + IKE_FRAGMENT_MS);
	talk_timer(&t->b, t->now + t->b.tun.half_open_ms);
	CHECK(!t->b.live);
	CHECK_EQ(t->b.fragments, 0);
	pieces_free(p, n);
	talk_over(t);
}

/* ---- what is no fragment ------------------------------------------------------ */

/* Whatever can be told without the keys is refused before they are used. */
static void refused(struct end *from, const struct piece *p, enum isakmp_reason why)
{
	struct end *to = talk_other(from);
	u64 was = talk_hash(to);

	CHECK_REASON(pieces_give(from, p, false), why);
	CHECK_EQ(talk_hash(to), was);
	CHECK_REASON(pieces_give(from, p, true), why);
	CHECK_EQ(talk_hash(to), was);
}

static void test_numbers(void)
{
	static const u16 bad[][2] = { { 0, 0 }, { 0, 1 }, { 0, 9 }, { 1, 0 }, { 2, 1 },
				      { 0xffff, 1 }, { 0xffff, 0xfffe }, { 0xffff, 0 } };
	struct talk *t = pieces_up();
	unsigned int i;
	struct piece p;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		tap_note("fragment %u of %u", bad[i][0], bad[i][1]);
		p = pieces_part(&t->a, 1, 1, 100);
		p.number = bad[i][0];
		p.total = bad[i][1];
		refused(&t->a, &p, ISAKMP_R_BAD_SKF);
		/* also when there are others already */
		if (!i)
			CHECK_REASON(pieces_give_part(&t->a, 1, 3, 100), ISAKMP_OK);
	}
	p = pieces_part(&t->a, 1, 1, 100);
	p.total = IKE_FRAGMENTS_MAX + 1;
	refused(&t->a, &p, ISAKMP_R_FRAGMENT_LIMIT);
	p.total = 0xffff;
	refused(&t->a, &p, ISAKMP_R_FRAGMENT_LIMIT);
	talk_over(t);
}

/* The body of an SKF payload cut anywhere, also before its IV and ICV could end. */
static void test_short(void)
{
	struct talk *t = pieces_up();
	struct piece whole = pieces_part(&t->a, 1, 2, 40);
	struct packet p = piece_write(&whole, &t->a), cut;
	size_t body = p.n - IKE_HDR_LEN - IKE_PL_HDR_LEN, n;
	u64 was = talk_hash(&t->b);
	enum isakmp_reason why;

	for (n = 0; n < body; n++) {
		tap_note("%zu octets", n);
		cut = packet_copy(&p);
		cut.n = IKE_HDR_LEN + IKE_PL_HDR_LEN + n;
		put_unaligned_be32((u32)cut.n, cut.p + IKE_HDR_LENGTH_AT);
		put_unaligned_be16((u16)(cut.n - IKE_HDR_LEN), cut.p + IKE_HDR_LEN + 2);
		why = n < IKE_SKF_LEN + 8 + 1 + 16 ? ISAKMP_R_BAD_SKF : ISAKMP_R_ICV;
		CHECK_REASON(talk_deliver(&t->b, &cut), why);
		CHECK_EQ(talk_hash(&t->b), was);
		packet_free(&cut);
	}
	packet_free(&p);
	talk_over(t);
}

/* Fragments to an SA that is not there yet, in the clear, or in another payload. */
static void test_places(void)
{
	struct talk *t = pieces_at(TALK_INIT_ANSWERED);
	struct message m;

	message_new(&m, &t->b, IKE_SA_INIT, IKE_RESPONSE, 0);
	message_add(&m, IKE_PL_SKF, "\0\1\0\1octets", 10);
	CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_UNEXPECTED);
	talk_over(t);

	t = pieces_up();
	message_new(&m, &t->a, IKE_INFORMATIONAL, IKE_REQUEST, t->b.ike.ep->next_in);
	message_add(&m, IKE_PL_SKF, "\0\1\0\1octets", 10);
	CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_UNEXPECTED);
	talk_over(t);
}

/* ---- the ICV comes first -------------------------------------------------------- */

static void test_icv_first(void)
{
	struct talk *t = pieces_up();
	struct piece p = pieces_part(&t->a, 1, 2, 100);
	u64 was = talk_hash(&t->b);

	CHECK_REASON(pieces_give(&t->a, &p, true), ISAKMP_R_ICV);
	CHECK_EQ(talk_hash(&t->b), was);
	/* nor does a bad one with a larger total make an end of those that are there */
	CHECK_REASON(pieces_give(&t->a, &p, false), ISAKMP_OK);
	p.total = 3;
	CHECK_REASON(pieces_give(&t->a, &p, true), ISAKMP_R_ICV);
	CHECK_REASON(pieces_give_part(&t->a, 2, 2, 100), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);
	talk_over(t);
}

static void test_junk(void)
{
	struct packet p[TALK_QUEUE];
	struct talk *t = pieces_at(TALK_AUTH);
	unsigned int n, i;

	pieces_take(&t->a, p, &n);
	p[0].p[p[0].n - 1] ^= 1;
	for (i = 1; i < IKE_JUNK_MAX; i++)
		CHECK_REASON(talk_deliver(&t->b, &p[0]), ISAKMP_R_ICV);
	CHECK_REASON(talk_deliver(&t->b, &p[0]), ISAKMP_R_JUNK_LIMIT);
	CHECK(!t->b.live);
	pieces_free(p, n);
	talk_over(t);
}

/* Every bit of a fragment is under its ICV, number and total too (RFC 7383, 2.5). */
static void test_flips(void)
{
	struct talk *t = pieces_up();
	struct piece piece = pieces_part(&t->a, 1, 2, 30);
	struct packet p = piece_write(&piece, &t->a), bad;
	u64 was = talk_hash(&t->b);
	size_t i;

	for (i = 0; i < 8 * p.n; i++) {
		tap_note("bit %zu", i);
		bad = packet_copy(&p);
		bad.p[i / 8] ^= (u8)(1 << i % 8);
		CHECK(talk_deliver(&t->b, &bad) != ISAKMP_OK);
		CHECK_EQ(talk_hash(&t->b), was);
		packet_free(&bad);
	}
	packet_free(&p);
	talk_over(t);
}

/* ---- sets ------------------------------------------------------------------------ */

static void test_overlap(void)
{
	struct talk *t = pieces_up();
	struct piece p;

	CHECK_REASON(pieces_give_part(&t->a, 1, 2, 100), ISAKMP_OK);
	p = pieces_part(&t->a, 1, 2, 100);
	p.text = (const u8 *)"other octets";
	p.n = 12;
	refused(&t->a, &p, ISAKMP_R_FRAGMENT_REPEATED);
	CHECK_REASON(pieces_give_part(&t->a, 2, 2, 100), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);	/* of the first octets: no INVALID_SYNTAX */
	CHECK_EQ(talk_error(&t->b), 0);
	talk_over(t);
}

static void test_finer_set(void)
{
	struct talk *t = pieces_up();
	struct piece p;
	long one;

	CHECK_REASON(pieces_give_part(&t->a, 1, 2, 100), ISAKMP_OK);
	one = t->b.fragments;
	CHECK_REASON(pieces_give_part(&t->a, 3, 4, 100), ISAKMP_OK);
	CHECK(t->b.fragments <= one);
	/* of those before none is wanted any more, and none counts */
	p = pieces_part(&t->a, 2, 2, 100);
	refused(&t->a, &p, ISAKMP_R_FRAGMENT_OLD);
	p = pieces_part(&t->a, 3, 3, 100);
	refused(&t->a, &p, ISAKMP_R_FRAGMENT_OLD);
	CHECK_REASON(pieces_give_part(&t->a, 1, 4, 100), ISAKMP_OK);
	CHECK_REASON(pieces_give_part(&t->a, 2, 4, 100), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 0);
	CHECK_REASON(pieces_give_part(&t->a, 4, 4, 100), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);
	CHECK_EQ(talk_error(&t->b), 0);
	talk_over(t);
}

/* A request and a response at once, their fragments by turns. */
static void test_two_messages(void)
{
	struct talk *t = pieces_up();
	struct end *a = &t->a, *b = &t->b;
	static const u8 text[] = { 0, 0, 0, 10, 0, 0, 0x60, 0, 1, 2 };
	struct piece r = { IKE_INFORMATIONAL, IKE_RESPONSE, 0, 1, 2, IKE_PL_NOTIFY, text, 5 };

	talk_do(b, IKE_EV_CHECK, 0);
	talk_flush(b);
	r.msgid = b->ike.ep->out->msgid;
	CHECK_REASON(pieces_give_part(a, 2, 3, 100), ISAKMP_OK);
	CHECK_REASON(pieces_give(a, &r, false), ISAKMP_OK);
	CHECK_REASON(pieces_give_part(a, 1, 3, 100), ISAKMP_OK);
	CHECK(b->ike.ep->out);
	r.number = 2;
	r.first = IKE_PL_NONE;
	r.text += 5;
	CHECK_REASON(pieces_give(a, &r, false), ISAKMP_OK);
	CHECK(!b->ike.ep->out);
	CHECK_EQ(b->queued, 0);
	CHECK_REASON(pieces_give_part(a, 3, 3, 100), ISAKMP_OK);
	CHECK_EQ(b->queued, 1);
	CHECK_EQ(b->fragments, 0);
	talk_over(t);
}

/* Only of a message that may come now. */
static void test_window(void)
{
	struct talk *t = pieces_up();
	struct piece p = pieces_part(&t->a, 1, 2, 100);

	p.msgid++;
	refused(&t->a, &p, ISAKMP_R_AHEAD_ID);
	p.msgid -= 3;
	refused(&t->a, &p, ISAKMP_R_OLD_ID);
	p.kind = IKE_RESPONSE;
	refused(&t->a, &p, ISAKMP_R_UNASKED);
	talk_over(t);
}

/* The same message, some of it in fragments, then whole. */
static void test_mixed(void)
{
	struct talk *t = pieces_up();
	struct message m;

	CHECK_REASON(pieces_give_part(&t->a, 1, 2, 100), ISAKMP_OK);
	CHECK(t->b.fragments);
	message_new(&m, &t->a, IKE_INFORMATIONAL, IKE_REQUEST, t->b.ike.ep->next_in);
	CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);
	CHECK_EQ(t->b.fragments, 0);
	talk_over(t);
}

/* What is in them is nonsense: as if it had come in one piece. */
static void test_nonsense(void)
{
	struct talk *t = pieces_up();
	struct piece p = pieces_part(&t->a, 1, 2, 100);

	p.first = IKE_PL_SA;
	CHECK_REASON(pieces_give(&t->a, &p, false), ISAKMP_OK);
	CHECK_REASON(pieces_give_part(&t->a, 2, 2, 100), ISAKMP_R_UNEXPECTED);
	CHECK_EQ(talk_error(&t->b), IKE_N_INVALID_SYNTAX);
	CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
	CHECK_EQ(t->b.fragments, 0);
	talk_over(t);
}

/* ---- limits ----------------------------------------------------------------------- */

static void test_octets(void)
{
	enum isakmp_reason why = ISAKMP_OK;
	struct talk *t = pieces_up();
	struct piece p;
	u16 i;

	/* one whole message of nearly all there may be */
	for (i = 1; i <= 20; i++)
		CHECK_REASON(pieces_give_part(&t->a, i, 20, IKE_MSG_MAX - 9), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);
	talk_flush(&t->b);
	for (i = 1; i <= 20 && !why; i++) {
		p = pieces_part(&t->a, 1, 20, 20000 - 9);
		p.number = i;
		why = pieces_give(&t->a, &p, false);
	}
	CHECK_REASON(why, ISAKMP_R_FRAGMENT_LIMIT);
	CHECK_EQ(t->b.fragments, 0);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	talk_over(t);
}

static void test_stranger_octets(void)
{
	enum isakmp_reason why = ISAKMP_OK;
	struct talk *t = pieces_at(TALK_AUTH);
	struct piece p;
	u16 i;

	for (i = 1; i <= 20 && !why; i++) {
		p = pieces_part(&t->a, 1, 20, 20000 - 9);
		p.exchange = IKE_AUTH;
		p.number = i;
		why = pieces_give(&t->a, &p, false);
	}
	CHECK_REASON(why, ISAKMP_R_FRAGMENT_LIMIT);
	CHECK(!t->b.live);
	CHECK_EQ(t->b.fragments, 0);
	talk_over(t);
}

/* The namespace has no room: what comes later has, and nothing is forgotten for it. */
static void test_room(void)
{
	struct talk *t = pieces_up();

	CHECK_REASON(pieces_give_part(&t->a, 1, 3, 3000), ISAKMP_OK);
	t->b.fragments_max = t->b.fragments;
	CHECK_REASON(pieces_give_part(&t->a, 2, 3, 3000), ISAKMP_R_FRAGMENT_ROOM);
	t->b.fragments_max = 0;
	CHECK_REASON(pieces_give_part(&t->a, 2, 3, 3000), ISAKMP_OK);
	CHECK_REASON(pieces_give_part(&t->a, 3, 3, 3000), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);
	talk_flush(&t->b);
	t->b.fragments_max = 1;
	CHECK_REASON(pieces_give_part(&t->a, 1, 3, 3000), ISAKMP_R_FRAGMENT_ROOM);
	CHECK_EQ(t->b.fragments, 0);
	talk_over(t);
}

/* Thousands of beginnings, each with another total: there is room for one. */
static void test_beginnings(void)
{
	struct talk *t = pieces_up();
	unsigned int i;
	long most = 0;

	for (i = 0; i < 2000; i++) {
		pieces_give_part(&t->a, (u16)(1 + i % 3), (u16)(4 + i % (IKE_FRAGMENTS_MAX - 4)), 3000);
		most = max(most, t->b.fragments);
	}
	CHECK(most < 4 * 3000);
	talk_over(t);
}

int main(void)
{
	TAP_RUN(test_orders, "fragments: in any order, twice, the last one first (threat 67)");
	TAP_RUN(test_descending, "fragments: as many as may be, descending (threat 66)");
	TAP_RUN(test_empty_text, "fragments: with nothing in them (threat 65) (threat 68)");
	TAP_RUN(test_missing, "fragments: one is missing, late, and all come again (threat 67)");
	TAP_RUN(test_half_open, "fragments: they go with a half-open SA (threat 70)");
	TAP_RUN(test_numbers, "fragments: 0, above the total, too many (threat 64)");
	TAP_RUN(test_short, "fragments: shorter than what must be in them (threat 5)");
	TAP_RUN(test_places, "fragments: where none belong (threat 64)");
	TAP_RUN(test_icv_first, "fragments: none is kept, none is dropped for one with a bad ICV");
	TAP_RUN(test_junk, "fragments: junk ends a half-open SA");
	TAP_RUN(test_flips, "fragments: every bit counts");
	TAP_RUN(test_overlap, "fragments: the same number with other octets");
	TAP_RUN(test_finer_set, "fragments: more of them than before, fewer than before");
	TAP_RUN(test_two_messages, "fragments: of two messages by turns");
	TAP_RUN(test_window, "fragments: of messages that may not come");
	TAP_RUN(test_mixed, "fragments: then the message in one piece");
	TAP_RUN(test_nonsense, "fragments: of what is malformed");
	TAP_RUN(test_octets, "fragments: more octets than the limit (threat 69)");
	TAP_RUN(test_stranger_octets, "fragments: more than the limit end a stranger's SA (threat 69)");
	TAP_RUN(test_room, "fragments: the namespace has no room (threat 69)");
	TAP_RUN(test_beginnings, "fragments: thousands that never become whole (threat 69)");
	return tap_done();
}
