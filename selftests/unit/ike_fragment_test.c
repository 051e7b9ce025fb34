// SPDX-License-Identifier: GPL-2.0
/* Fragments (RFC 7383): what comes in pieces, in any order, and what is no piece. */
#include "talk.h"

#define SIZE 576		/* of IP packets: UDP, IPv4 */
#define IKE_SIZE (SIZE - 28)
#define CERT 4096

/* ---- the two ends --------------------------------------------------------- */

static struct talk *speakers(u16 a, u16 b)
{
	struct talk *t = talk_new();

	t->a.peer.fragment = a;
	t->b.peer.fragment = b;
	t->a.cert_len = t->b.cert_len = CERT;
	return t;
}

static struct talk *at(enum talk_stage stage)
{
	struct talk *t = speakers(SIZE, SIZE);

	talk_advance(t, stage);
	return t;
}

/* Up, with nothing in the queues, and certificates that no test asks for again. */
static struct talk *up(void)
{
	struct talk *t = at(TALK_UP);

	talk_settle(t);
	return t;
}

/* ---- fragments that a test makes -------------------------------------------- */

/* @flip: the last octet of the ICV is another. */
static enum isakmp_reason give(struct end *from, const struct piece *p, bool flip)
{
	struct packet packet = piece_write(p, from);
	enum isakmp_reason why;

	packet.p[packet.n - 1] ^= flip;
	why = talk_deliver(talk_other(from), &packet);
	packet_free(&packet);
	return why;
}

/* The inner chain of INFORMATIONAL requests: a notification with @n octets of data. */
static const u8 *notice(size_t n)
{
	static u8 text[20000] = { [4] = 0, 0, 0x60, 0 };

	put_unaligned_be16((u16)(n + 8), text + 2);
	return text;
}

/* A piece of such a request of @from with the ID that the other end waits for. */
static struct piece part_of(struct end *from, u16 number, u16 total, size_t n)
{
	const u8 *text = notice(n);
	size_t all = n + 8, each = (all + total - 1) / total, done = (number - 1U) * each;

	done = min(done, all);
	return (struct piece){
		.exchange = IKE_INFORMATIONAL, .kind = IKE_REQUEST,
		.msgid = talk_other(from)->ike.ep->next_in, .number = number, .total = total,
		.first = number == 1 ? IKE_PL_NOTIFY : IKE_PL_NONE,
		.text = text + done, .n = min(each, all - done),
	};
}

static enum isakmp_reason give_part(struct end *from, u16 number, u16 total, size_t n)
{
	struct piece p = part_of(from, number, total, n);

	return give(from, &p, false);
}

/* The one message of @e waits in the queue, in fragments: as RFC 7383, 2.5, has them. */
static unsigned int check_fragments(struct end *e)
{
	const u8 *head = e->queue[0].p;
	unsigned int i;

	for (i = 0; i < e->queued; i++) {
		const struct packet *p = &e->queue[i];

		CHECK(p->n <= IKE_SIZE);
		/* all full, but the last */
		CHECK(i + 1 == e->queued || p->n + 16 > IKE_SIZE);
		CHECK_EQ(p->p[16], IKE_PL_SKF);
		CHECK_MEM(p->p, head, 16);
		CHECK_MEM(p->p + 17, head + 17, 7);
		CHECK_EQ(p->p[28] != 0, i == 0);
		CHECK_EQ(get_unaligned_be16(p->p + 32), i + 1);
		CHECK_EQ(get_unaligned_be16(p->p + 34), e->queued);
	}
	return e->queued;
}

/* ---- agreed on --------------------------------------------------------------- */

static void with_sizes(u16 a, u16 b, bool agreed)
{
	struct talk *t = speakers(a, b);
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
	CHECK_REASON(give_part(e, 1, 2, 100), agreed ? ISAKMP_OK : ISAKMP_R_FRAGMENT_UNAGREED);
	talk_over(t);
}

static void test_agreed(void)
{
	with_sizes(SIZE, SIZE, true);
	with_sizes(1280, SIZE, true);
	with_sizes(SIZE, 0, false);
	with_sizes(0, SIZE, false);
	with_sizes(0, 0, false);
}

static void test_pieces(void)
{
	static const u16 natt[] = { 500, IKE_PORT_NATT };
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(natt); i++) {
		t = speakers(SIZE, 1280);
		t->a.nat.on = natt[i] == IKE_PORT_NATT;
		t->a.nat.outer = (struct isakmp_addr){ 4, { 198, 51, 100, 1 } };
		t->a.nat.port[0] = 1024;
		t->a.nat.port[1] = 1025;
		talk_advance(t, TALK_AUTH);
		tap_note("the request, port %u", natt[i]);
		CHECK_EQ(check_fragments(&t->a), 9);
		/* the marker has its room */
		CHECK_EQ(t->a.queue[0].n, IKE_SIZE - (i ? IKE_NON_ESP_LEN : 0));
		talk_advance(t, TALK_AUTH_ANSWERED);
		tap_note("the response is in pieces like those of the request");
		CHECK_EQ(check_fragments(&t->b), 9);
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
	struct talk *t = speakers(1280, 1280);
	u8 family;

	t->a.cert_len = 0;
	talk_advance(t, TALK_AUTH);
	CHECK_EQ(t->a.queued, 1);
	CHECK_EQ(t->a.queue[0].p[16], IKE_PL_SK);
	talk_advance(t, TALK_AUTH_ANSWERED);
	CHECK_EQ(check_fragments(&t->b), 9);
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
			t = speakers(SIZE, SIZE);
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

/* ---- in any order -------------------------------------------------------------- */

static void take_all(struct end *e, struct packet *p, unsigned int *n)
{
	for (*n = 0; e->queued; (*n)++)
		p[*n] = talk_take(e);
}

static void free_all(struct packet *p, unsigned int n)
{
	while (n--)
		packet_free(&p[n]);
}

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
		t = at(TALK_AUTH);
		take_all(&t->a, p, &n);
		deliver_all(&t->b, p, n, order);
		free_all(p, n);
		CHECK_EQ(t->b.asks, 1);
		CHECK_EQ(t->b.fragments, 0);
		talk_advance(t, TALK_AUTH_ANSWERED);
		take_all(&t->b, p, &n);
		deliver_all(&t->a, p, n, order);
		free_all(p, n);
		CHECK_EQ(t->a.fragments, 0);
		talk_settle(t);
		CHECK(t->a.xfrm && t->b.xfrm);
		talk_over(t);
	}
}

/* As many as may be, the last one first: each in its slot, none looked for. */
static void test_descending(void)
{
	struct talk *t = up();
	u16 i;

	for (i = IKE_FRAGMENTS_MAX; i; i--) {
		tap_note("fragment %u", i);
		CHECK_REASON(give_part(&t->a, i, IKE_FRAGMENTS_MAX, 10000), ISAKMP_OK);
	}
	CHECK_EQ(t->b.queued, 1);	/* the response */
	CHECK_EQ(t->b.fragments, 0);
	talk_over(t);
}

/* A fragment may be empty, and so may a message (RFC 7383, 2.5.3; liveness). */
static void test_empty_text(void)
{
	struct talk *t = up();
	struct piece p;

	p = part_of(&t->a, 1, 2, 100);
	p.n = 0;
	CHECK_REASON(give(&t->a, &p, false), ISAKMP_OK);
	p = part_of(&t->a, 1, 1, 100);
	p.number = p.total = 2;
	CHECK_REASON(give(&t->a, &p, false), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);
	talk_flush(&t->b);
	p = part_of(&t->a, 1, 1, 100);
	p.first = IKE_PL_NONE;
	p.n = 0;
	CHECK_REASON(give(&t->a, &p, false), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);
	talk_over(t);
}

/* ---- what never becomes whole ----------------------------------------------- */

static void test_missing(void)
{
	struct packet p[TALK_QUEUE];
	unsigned int n, i;
	struct talk *t = at(TALK_AUTH);
	u64 until;

	/* a responder that lives on: half open it would be over by then */
	t->b.ike.give_up_at = IKE_NEVER;
	take_all(&t->a, p, &n);
	until = t->now + IKE_FRAGMENT_MS;
	for (i = 0; i < n; i++)
		if (i != 4)
			CHECK_REASON(talk_deliver(&t->b, &p[i]), ISAKMP_OK);
	CHECK(t->b.fragments > CERT / 2);
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
	free_all(p, n);
	talk_settle(t);
	CHECK(t->a.xfrm && t->b.xfrm);
	talk_over(t);
}

/* The half-open SA goes, and its fragments with it. */
static void test_half_open(void)
{
	struct packet p[TALK_QUEUE];
	struct talk *t = at(TALK_AUTH);
	unsigned int n;

	take_all(&t->a, p, &n);
	CHECK_REASON(talk_deliver(&t->b, &p[0]), ISAKMP_OK);
	CHECK(t->b.fragments && t->b.ike.proven);
	CHECK(ike_sa_deadline(&t->b.ike) <= t->now + IKE_FRAGMENT_MS);
	talk_timer(&t->b, t->now + t->b.tun.half_open_ms);
	CHECK(!t->b.live);
	CHECK_EQ(t->b.fragments, 0);
	free_all(p, n);
	talk_over(t);
}

/* ---- what is no fragment ------------------------------------------------------ */

/* Whatever can be told without the keys is refused before they are used. */
static void refused(struct end *from, const struct piece *p, enum isakmp_reason why)
{
	struct end *to = talk_other(from);
	u64 was = talk_hash(to);

	CHECK_REASON(give(from, p, false), why);
	CHECK_EQ(talk_hash(to), was);
	CHECK_REASON(give(from, p, true), why);
	CHECK_EQ(talk_hash(to), was);
}

static void test_numbers(void)
{
	static const u16 bad[][2] = { { 0, 0 }, { 0, 1 }, { 0, 9 }, { 1, 0 }, { 2, 1 },
				      { 0xffff, 1 }, { 0xffff, 0xfffe }, { 0xffff, 0 } };
	struct talk *t = up();
	unsigned int i;
	struct piece p;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		tap_note("fragment %u of %u", bad[i][0], bad[i][1]);
		p = part_of(&t->a, 1, 1, 100);
		p.number = bad[i][0];
		p.total = bad[i][1];
		refused(&t->a, &p, ISAKMP_R_BAD_SKF);
		/* also when there are others already */
		if (!i)
			CHECK_REASON(give_part(&t->a, 1, 3, 100), ISAKMP_OK);
	}
	p = part_of(&t->a, 1, 1, 100);
	p.total = IKE_FRAGMENTS_MAX + 1;
	refused(&t->a, &p, ISAKMP_R_FRAGMENT_LIMIT);
	p.total = 0xffff;
	refused(&t->a, &p, ISAKMP_R_FRAGMENT_LIMIT);
	talk_over(t);
}

/* The body of an SKF payload cut anywhere, also before its IV and ICV could end. */
static void test_short(void)
{
	struct talk *t = up();
	struct piece whole = part_of(&t->a, 1, 2, 40);
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
	struct talk *t = at(TALK_INIT_ANSWERED);
	struct message m;

	message_new(&m, &t->b, IKE_SA_INIT, IKE_RESPONSE, 0);
	message_add(&m, IKE_PL_SKF, "\0\1\0\1octets", 10);
	CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_UNEXPECTED);
	talk_over(t);

	t = up();
	message_new(&m, &t->a, IKE_INFORMATIONAL, IKE_REQUEST, t->b.ike.ep->next_in);
	message_add(&m, IKE_PL_SKF, "\0\1\0\1octets", 10);
	CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_UNEXPECTED);
	talk_over(t);
}

/* ---- the ICV comes first -------------------------------------------------------- */

static void test_icv_first(void)
{
	struct talk *t = up();
	struct piece p = part_of(&t->a, 1, 2, 100);
	u64 was = talk_hash(&t->b);

	CHECK_REASON(give(&t->a, &p, true), ISAKMP_R_ICV);
	CHECK_EQ(talk_hash(&t->b), was);
	/* nor does a bad one with a larger total make an end of those that are there */
	CHECK_REASON(give(&t->a, &p, false), ISAKMP_OK);
	p.total = 3;
	CHECK_REASON(give(&t->a, &p, true), ISAKMP_R_ICV);
	CHECK_REASON(give_part(&t->a, 2, 2, 100), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);
	talk_over(t);
}

static void test_junk(void)
{
	struct packet p[TALK_QUEUE];
	struct talk *t = at(TALK_AUTH);
	unsigned int n, i;

	take_all(&t->a, p, &n);
	p[0].p[p[0].n - 1] ^= 1;
	for (i = 1; i < IKE_JUNK_MAX; i++)
		CHECK_REASON(talk_deliver(&t->b, &p[0]), ISAKMP_R_ICV);
	CHECK_REASON(talk_deliver(&t->b, &p[0]), ISAKMP_R_JUNK_LIMIT);
	CHECK(!t->b.live);
	free_all(p, n);
	talk_over(t);
}

/* Every bit of a fragment is under its ICV, number and total too (RFC 7383, 2.5). */
static void test_flips(void)
{
	struct talk *t = up();
	struct piece piece = part_of(&t->a, 1, 2, 30);
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
	struct talk *t = up();
	struct piece p;

	CHECK_REASON(give_part(&t->a, 1, 2, 100), ISAKMP_OK);
	p = part_of(&t->a, 1, 2, 100);
	p.text = (const u8 *)"other octets";
	p.n = 12;
	refused(&t->a, &p, ISAKMP_R_FRAGMENT_REPEATED);
	CHECK_REASON(give_part(&t->a, 2, 2, 100), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);	/* of the first octets: no INVALID_SYNTAX */
	CHECK_EQ(talk_error(&t->b), 0);
	talk_over(t);
}

static void test_finer_set(void)
{
	struct talk *t = up();
	struct piece p;
	long one;

	CHECK_REASON(give_part(&t->a, 1, 2, 100), ISAKMP_OK);
	one = t->b.fragments;
	CHECK_REASON(give_part(&t->a, 3, 4, 100), ISAKMP_OK);
	CHECK(t->b.fragments <= one);
	/* of those before none is wanted any more, and none counts */
	p = part_of(&t->a, 2, 2, 100);
	refused(&t->a, &p, ISAKMP_R_FRAGMENT_OLD);
	p = part_of(&t->a, 3, 3, 100);
	refused(&t->a, &p, ISAKMP_R_FRAGMENT_OLD);
	CHECK_REASON(give_part(&t->a, 1, 4, 100), ISAKMP_OK);
	CHECK_REASON(give_part(&t->a, 2, 4, 100), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 0);
	CHECK_REASON(give_part(&t->a, 4, 4, 100), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);
	CHECK_EQ(talk_error(&t->b), 0);
	talk_over(t);
}

/* A request and a response at once, their fragments by turns. */
static void test_two_messages(void)
{
	struct talk *t = up();
	struct end *a = &t->a, *b = &t->b;
	static const u8 text[] = { 0, 0, 0, 10, 0, 0, 0x60, 0, 1, 2 };
	struct piece r = { IKE_INFORMATIONAL, IKE_RESPONSE, 0, 1, 2, IKE_PL_NOTIFY, text, 5 };

	talk_do(b, IKE_EV_CHECK, 0);
	talk_flush(b);
	r.msgid = b->ike.ep->out->msgid;
	CHECK_REASON(give_part(a, 2, 3, 100), ISAKMP_OK);
	CHECK_REASON(give(a, &r, false), ISAKMP_OK);
	CHECK_REASON(give_part(a, 1, 3, 100), ISAKMP_OK);
	CHECK(b->ike.ep->out);
	r.number = 2;
	r.first = IKE_PL_NONE;
	r.text += 5;
	CHECK_REASON(give(a, &r, false), ISAKMP_OK);
	CHECK(!b->ike.ep->out);
	CHECK_EQ(b->queued, 0);
	CHECK_REASON(give_part(a, 3, 3, 100), ISAKMP_OK);
	CHECK_EQ(b->queued, 1);
	CHECK_EQ(b->fragments, 0);
	talk_over(t);
}

/* Only of a message that may come now. */
static void test_window(void)
{
	struct talk *t = up();
	struct piece p = part_of(&t->a, 1, 2, 100);

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
	struct talk *t = up();
	struct message m;

	CHECK_REASON(give_part(&t->a, 1, 2, 100), ISAKMP_OK);
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
	struct talk *t = up();
	struct piece p = part_of(&t->a, 1, 2, 100);

	p.first = IKE_PL_SA;
	CHECK_REASON(give(&t->a, &p, false), ISAKMP_OK);
	CHECK_REASON(give_part(&t->a, 2, 2, 100), ISAKMP_R_UNEXPECTED);
	CHECK_EQ(talk_error(&t->b), IKE_N_INVALID_SYNTAX);
	CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
	CHECK_EQ(t->b.fragments, 0);
	talk_over(t);
}

/* ---- limits ----------------------------------------------------------------------- */

static void test_octets(void)
{
	enum isakmp_reason why = ISAKMP_OK;
	struct talk *t = up();
	struct piece p;
	u16 i;

	/* one whole message of nearly all there may be */
	for (i = 1; i <= 20; i++)
		CHECK_REASON(give_part(&t->a, i, 20, IKE_MSG_MAX - 9), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);
	talk_flush(&t->b);
	for (i = 1; i <= 20 && !why; i++) {
		p = part_of(&t->a, 1, 20, 20000 - 9);
		p.number = i;
		why = give(&t->a, &p, false);
	}
	CHECK_REASON(why, ISAKMP_R_FRAGMENT_LIMIT);
	CHECK_EQ(t->b.fragments, 0);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	talk_over(t);
}

static void test_stranger_octets(void)
{
	enum isakmp_reason why = ISAKMP_OK;
	struct talk *t = at(TALK_AUTH);
	struct piece p;
	u16 i;

	for (i = 1; i <= 20 && !why; i++) {
		p = part_of(&t->a, 1, 20, 20000 - 9);
		p.exchange = IKE_AUTH;
		p.number = i;
		why = give(&t->a, &p, false);
	}
	CHECK_REASON(why, ISAKMP_R_FRAGMENT_LIMIT);
	CHECK(!t->b.live);
	CHECK_EQ(t->b.fragments, 0);
	talk_over(t);
}

/* The namespace has no room: what comes later has, and nothing is forgotten for it. */
static void test_room(void)
{
	struct talk *t = up();

	CHECK_REASON(give_part(&t->a, 1, 3, 3000), ISAKMP_OK);
	t->b.fragments_max = t->b.fragments;
	CHECK_REASON(give_part(&t->a, 2, 3, 3000), ISAKMP_R_FRAGMENT_ROOM);
	t->b.fragments_max = 0;
	CHECK_REASON(give_part(&t->a, 2, 3, 3000), ISAKMP_OK);
	CHECK_REASON(give_part(&t->a, 3, 3, 3000), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);
	talk_flush(&t->b);
	t->b.fragments_max = 1;
	CHECK_REASON(give_part(&t->a, 1, 3, 3000), ISAKMP_R_FRAGMENT_ROOM);
	CHECK_EQ(t->b.fragments, 0);
	talk_over(t);
}

/* Thousands of beginnings, each with another total: there is room for one. */
static void test_beginnings(void)
{
	struct talk *t = up();
	unsigned int i;
	long most = 0;

	for (i = 0; i < 2000; i++) {
		give_part(&t->a, (u16)(1 + i % 3), (u16)(4 + i % (IKE_FRAGMENTS_MAX - 4)), 3000);
		most = max(most, t->b.fragments);
	}
	CHECK(most < 4 * 3000);
	talk_over(t);
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
	struct talk *t = at(TALK_AUTH);
	struct end *b = &t->b;

	take_all(&t->a, q, &n);
	for (i = 0; i < n; i++)
		CHECK_REASON(talk_deliver(b, &q[i]), ISAKMP_OK);
	/* while the helper thinks nothing is said */
	CHECK_REASON(talk_deliver(b, &q[0]), ISAKMP_OK);
	CHECK_EQ(b->queued, 0);
	talk_advance(t, TALK_AUTH_ANSWERED);
	take_all(b, r, &m);

	CHECK_REASON(talk_deliver(b, &q[0]), ISAKMP_OK);
	check_again(b, r, m);
	for (i = 1; i < n; i++)
		CHECK_REASON(talk_deliver(b, &q[i]), ISAKMP_R_FRAGMENT_ANSWERED);
	CHECK_EQ(b->queued, 0);
	elsewhere = b->path;
	elsewhere.remote.a[3] = 99;
	talk_deliver_on(b, &q[0], &elsewhere);
	CHECK_EQ(b->queued, 0);
	free_all(q, n);
	free_all(r, m);
	talk_over(t);
}

/* In smaller pieces: the answer is the same octets, once the ICV is right. */
static void test_replay_finer(void)
{
	struct packet r[TALK_QUEUE], p;
	unsigned int m;
	struct talk *t = at(TALK_AUTH_ANSWERED);
	struct end *a = &t->a, *b = &t->b;
	struct isakmp_path elsewhere = b->path;
	struct piece piece = { IKE_AUTH, IKE_REQUEST, 1, 1, 20, IKE_PL_IDI, notice(50), 40 };

	take_all(b, r, &m);
	CHECK_REASON(give(a, &piece, true), ISAKMP_R_ICV);
	CHECK_EQ(b->queued, 0);
	CHECK_REASON(give(a, &piece, false), ISAKMP_OK);
	check_again(b, r, m);
	CHECK_EQ(b->fragments, 0);
	piece.number = 2;
	CHECK_REASON(give(a, &piece, false), ISAKMP_R_FRAGMENT_ANSWERED);
	piece.number = 1;
	p = piece_write(&piece, a);
	elsewhere.remote.a[3] = 99;
	CHECK_REASON(talk_deliver_on(b, &p, &elsewhere), ISAKMP_R_FRAGMENT_ANSWERED);
	packet_free(&p);
	CHECK_EQ(b->queued, 0);
	/* once another request is answered, this one is over */
	CHECK_REASON(give_part(a, 1, 1, 10), ISAKMP_OK);
	talk_flush(b);
	CHECK_REASON(give(a, &piece, false), ISAKMP_R_NO_LAW);
	CHECK_EQ(b->queued, 0);
	free_all(r, m);
	talk_over(t);
}

/* ---- smaller pieces ------------------------------------------------------------------ */

static void test_finer(void)
{
	struct packet q[TALK_QUEUE], p[TALK_QUEUE];
	struct talk *t = speakers(1280, 1280);
	struct end *a = &t->a, *b = &t->b;
	unsigned int n, m, i;

	a->tun.retransmit_tries = 6;
	talk_advance(t, TALK_AUTH);
	take_all(a, q, &n);
	CHECK_EQ(n, 4);
	for (i = 0; i < IKE_FRAGMENT_TRIES; i++) {
		talk_timer(a, a->ike.ep->out->resend_at);
		check_again(a, q, n);
	}
	CHECK_EQ(a->ike.ep->out->tries, IKE_FRAGMENT_TRIES);
	talk_timer(a, a->ike.ep->out->resend_at);
	CHECK_EQ(check_fragments(a), 9);
	CHECK_EQ(a->ike.fragment, IKE_FRAGMENT_SIZE_MIN);
	/* RFC 7383, 2.5.2: the timers start over, and go on when nothing is smaller */
	CHECK_EQ(a->ike.ep->out->resend_at, t->now + a->tun.retransmit_ms);
	CHECK_EQ(a->ike.ep->out->tries, 0);
	take_all(a, p, &m);
	for (i = 0; i < IKE_FRAGMENT_TRIES + 2; i++) {
		talk_timer(a, a->ike.ep->out->resend_at);
		check_again(a, p, m);
	}
	/* of the first ones something has arrived, too */
	CHECK_REASON(talk_deliver(b, &q[1]), ISAKMP_OK);
	for (i = 0; i < m; i++)
		CHECK_REASON(talk_deliver(b, &p[i]), ISAKMP_OK);
	free_all(q, n);
	free_all(p, m);
	talk_settle(t);
	CHECK(a->xfrm && b->xfrm);
	talk_over(t);
}

/* In one piece at first; and without memory as it was. */
static void test_finer_whole(void)
{
	struct talk *t = speakers(1280, 1280);
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
	CHECK_EQ(check_fragments(a), 3);
	talk_settle(t);
	CHECK(a->xfrm && t->b.xfrm);
	talk_over(t);
}

/* Small messages stay what they are, and so does everything not agreed on. */
static void test_never_finer(void)
{
	struct packet q[TALK_QUEUE];
	struct talk *t = up();
	unsigned int n, i;

	t->a.tun.retransmit_tries = 6;
	talk_do(&t->a, IKE_EV_CHECK, 0);
	take_all(&t->a, q, &n);
	CHECK_EQ(n, 1);
	for (i = 0; i < 5; i++) {
		talk_timer(&t->a, t->a.ike.ep->out->resend_at);
		check_again(&t->a, q, n);
		CHECK_EQ(t->a.ike.ep->out->tries, i + 1);
	}
	free_all(q, n);
	talk_over(t);

	t = speakers(1280, 0);
	t->a.tun.retransmit_tries = 6;
	talk_advance(t, TALK_AUTH);
	take_all(&t->a, q, &n);
	CHECK_EQ(n, 1);
	for (i = 0; i < 5; i++) {
		talk_timer(&t->a, t->a.ike.ep->out->resend_at);
		check_again(&t->a, q, n);
	}
	free_all(q, n);
	talk_over(t);
}

int main(void)
{
	TAP_RUN(test_agreed, "fragments: only when both have said so (RFC 7383, 2.3)");
	TAP_RUN(test_pieces, "fragments: sizes, headers, numbers; a response like its request");
	TAP_RUN(test_short_request, "fragments: a long response to a short request");
	TAP_RUN(test_suites, "fragments: every kind of cipher, every length");
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
	TAP_RUN(test_replay, "fragments: the first one again has the same answer, others have none");
	TAP_RUN(test_replay_finer, "fragments: answered before, in smaller pieces now");
	TAP_RUN(test_finer, "fragments: smaller ones when nobody answers (RFC 7383, 2.5.2)");
	TAP_RUN(test_finer_whole, "fragments: of what went out in one piece");
	TAP_RUN(test_never_finer, "fragments: what is small stays as it is");
	return tap_done();
}
