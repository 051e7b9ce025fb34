// SPDX-License-Identifier: GPL-2.0
/* An IKE SA that is up: INFORMATIONAL, CREATE_CHILD_SA, message IDs, clocks. */
#include "talk.h"

#define OCTETS(...) (const u8[]){ __VA_ARGS__ }, sizeof((const u8[]){ __VA_ARGS__ })

/* A request of @from with the next ID, empty. */
static void request(struct message *m, struct end *from, u8 exchange)
{
	message_new(m, from, exchange, IKE_REQUEST, from->ike.ep->next_out++);
}

static void add_delete(struct message *m, u8 protocol, const u32 *spis, u16 n)
{
	static u8 room[16][64];
	static unsigned int used;
	u8 *p = room[used++ % 16];
	u16 i;

	p[0] = protocol;
	p[1] = protocol == IKE_PROTO_IKE ? 0 : 4;
	put_unaligned_be16(n, p + 2);
	for (i = 0; i < n; i++)
		put_unaligned_be32(spis[i], p + 4 + 4 * i);
	message_add(m, IKE_PL_DELETE, p, 4 + 4 * (size_t)n);
}

static void add_notify(struct message *m, u16 type)
{
	static u8 p[4];

	put_unaligned_be16(type, p + 2);
	message_add(m, IKE_PL_NOTIFY, p, 4);
}

/* The one answer of an end: its header is checked, its payloads are in @m. */
static void take_answer(struct message *m, struct end *from, u8 exchange, u32 msgid)
{
	struct packet p = talk_take(from);

	CHECK_EQ(from->queued, 0);
	if (!p.n)
		talk_broken("%c: no answer", from->name);
	message_read(m, from, &p);
	packet_free(&p);
	CHECK(m->sk);
	CHECK_EQ(m->h.exchange, exchange);
	CHECK_EQ(m->h.msgid, msgid);
	CHECK_EQ(m->h.flags, IKE_FLAG_RESPONSE | (from->ike.initiator ? IKE_FLAG_INITIATOR : 0));
}

/* ---- message IDs (RFC 7296, 2.2 and 2.3) ------------------------------------------- */

static void test_ids(void)
{
	struct talk *t = talk_at(TALK_UP);
	struct message m;
	unsigned int i;
	u64 before;
	u32 next;

	for (i = 0; i < 5; i++) {
		next = t->a.ike.ep->next_out;
		CHECK_EQ(t->b.ike.ep->next_in, next);
		talk_do(&t->a, IKE_EV_CHECK, 0);
		talk_settle(t);
		CHECK_EQ(t->a.ike.ep->next_out, next + 1);
	}
	before = talk_hash(&t->b);
	for (i = 0; i < 20; i++) {
		if (i == t->b.ike.ep->next_in)
			continue;
		tap_note("ID %u", i);
		message_new(&m, &t->a, IKE_INFORMATIONAL, IKE_REQUEST, i);
		CHECK_REASON(message_deliver(&m, &t->a),
			     i < t->b.ike.ep->next_in ? ISAKMP_R_OLD_ID : ISAKMP_R_AHEAD_ID);
		CHECK_EQ(talk_hash(&t->b), before);
	}
	message_new(&m, &t->a, IKE_INFORMATIONAL, IKE_REQUEST, U32_MAX);
	CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_AHEAD_ID);
	CHECK_EQ(talk_hash(&t->b), before);
	/* The SA ends long before IDs could wrap */
	t->b.ike.ep->next_in = IKE_MSGID_MAX;
	message_new(&m, &t->a, IKE_INFORMATIONAL, IKE_REQUEST, IKE_MSGID_MAX);
	CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_AHEAD_ID);
	talk_over(t);
}

static void test_unasked(void)
{
	struct talk *t = talk_at(TALK_UP);
	struct message m;
	unsigned int i;
	u64 before = talk_hash(&t->a);

	for (i = 0; i < 4; i++) {
		message_new(&m, &t->b, IKE_INFORMATIONAL, IKE_RESPONSE, i);
		CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_UNASKED);
		CHECK_EQ(talk_hash(&t->a), before);
	}
	talk_do(&t->a, IKE_EV_CHECK, 0);
	before = talk_hash(&t->a);
	for (i = 0; i < 6; i++) {
		if (i == t->a.ike.ep->out->msgid)
			continue;
		message_new(&m, &t->b, IKE_INFORMATIONAL, IKE_RESPONSE, i);
		CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_UNASKED);
	}
	message_new(&m, &t->b, IKE_CREATE_CHILD_SA, IKE_RESPONSE, t->a.ike.ep->out->msgid);
	CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_UNASKED);
	message_new(&m, &t->b, IKE_AUTH, IKE_RESPONSE, t->a.ike.ep->out->msgid);
	CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_UNASKED);
	CHECK_EQ(talk_hash(&t->a), before);
	talk_over(t);
}

/* Both sides' own packets, back to them, in every kind of message. */
static void test_reflection(void)
{
	struct talk *t = talk_at(TALK_UP);
	struct packet p;
	u64 before;

	talk_do(&t->a, IKE_EV_CHECK, 0);
	p = talk_take(&t->a);
	before = talk_hash(&t->a);
	CHECK_REASON(talk_give(&t->a, p.p, p.n), ISAKMP_R_REFLECTED);
	/* With the I flag changed it is no message of the peer either */
	p.p[19] ^= IKE_FLAG_INITIATOR;
	CHECK_REASON(talk_give(&t->a, p.p, p.n), ISAKMP_R_AHEAD_ID);
	put_unaligned_be32(0, p.p + 20);
	CHECK_REASON(talk_give(&t->a, p.p, p.n), ISAKMP_R_ICV);
	CHECK_EQ(talk_hash(&t->a), before);
	packet_free(&p);
	talk_over(t);
}

static void test_repeat(void)
{
	struct talk *t = talk_at(TALK_UP);
	struct packet p, answer;
	u64 before;

	talk_do(&t->a, IKE_EV_CHECK, 0);
	p = talk_take(&t->a);
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
	answer = talk_take(&t->b);
	before = t->b.ike.ep->next_in;
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);
	CHECK_EQ(t->b.queue[0].n, answer.n);
	CHECK_MEM(t->b.queue[0].p, answer.p, answer.n);
	CHECK_EQ(t->b.ike.ep->next_in, before);
	CHECK_EQ(talk_deliver(&t->a, &answer), ISAKMP_OK);
	before = talk_hash(&t->a);
	CHECK_REASON(talk_deliver(&t->a, &answer), ISAKMP_R_UNASKED);
	CHECK_EQ(talk_hash(&t->a), before);
	/* Every packet of before, once the next one has been answered */
	talk_flush(&t->b);
	talk_do(&t->a, IKE_EV_CHECK, 0);
	talk_settle(t);
	before = talk_hash(&t->b);
	CHECK_REASON(talk_give(&t->b, p.p, p.n), ISAKMP_R_OLD_ID);
	CHECK_EQ(talk_hash(&t->b), before);
	packet_free(&p);
	packet_free(&answer);
	talk_over(t);
}

/* ---- deletes (RFC 7296, 1.4.1) ------------------------------------------------------- */

static void test_delete_child(void)
{
	struct end *e, *o;
	struct message m;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		tap_note("%s deletes", i ? "responder" : "initiator");
		t = talk_at(TALK_UP);
		e = i ? &t->b : &t->a;
		o = talk_other(e);
		e->rx = 7;
		o->rx = 9;
		CHECK_EQ(talk_do(e, IKE_EV_CHILD_STOP, 0), ISAKMP_OK);
		CHECK(e->xfrm != NULL);		/* until the peer has answered */
		CHECK_EQ(talk_child_state(e), IKE_CHILD_DELETING);
		message_read(&m, e, &e->queue[0]);
		CHECK_EQ(m.n, 1);
		CHECK_EQ(m.b[0].type, IKE_PL_DELETE);
		CHECK_EQ(get_unaligned_be32(m.b[0].p + 4), e->last.spi_in);
		message_free(&m);
		CHECK_EQ(talk_deliver(o, &e->queue[0]), ISAKMP_OK);
		talk_flush(e);
		CHECK(!o->xfrm);
		message_read(&m, o, &o->queue[0]);
		CHECK_EQ(m.n, 1);
		CHECK_EQ(get_unaligned_be32(m.b[0].p + 4), o->last.spi_in);
		message_free(&m);
		talk_settle(t);
		CHECK(!e->xfrm);
		CHECK_EQ(e->downs + o->downs, 2);
		/* what went through it is told with its end */
		CHECK(e->down_rx == 7 && e->down_shown && o->down_rx == 9 && o->down_shown);
		CHECK_EQ(talk_child_state(e) + talk_child_state(o), 0);
		CHECK(t->a.ike.state == IKE_S_ESTABLISHED && t->b.ike.state == IKE_S_ESTABLISHED);
		CHECK_EQ(talk_do(e, IKE_EV_CHILD_STOP, 0), ISAKMP_OK);
		CHECK_EQ(e->queued, 0);
		talk_over(t);
	}
}

/* Both at once: no Delete in the answers (RFC 7296, 1.4.1 and 2.25.1). */
static void test_crossing_children(void)
{
	struct talk *t = talk_at(TALK_UP);
	struct packet a, b;
	struct message m;

	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	talk_do(&t->b, IKE_EV_CHILD_STOP, 0);
	a = talk_take(&t->a);
	b = talk_take(&t->b);
	CHECK_EQ(talk_deliver(&t->b, &a), ISAKMP_OK);
	CHECK_EQ(talk_deliver(&t->a, &b), ISAKMP_OK);
	message_read(&m, &t->a, &t->a.queue[0]);
	CHECK_EQ(m.n, 0);
	message_free(&m);
	message_read(&m, &t->b, &t->b.queue[0]);
	CHECK_EQ(m.n, 0);
	message_free(&m);
	talk_settle(t);
	CHECK(!t->a.xfrm && !t->b.xfrm);
	CHECK_EQ(t->a.downs + t->b.downs, 2);
	CHECK(t->a.ike.state == IKE_S_ESTABLISHED && t->b.ike.state == IKE_S_ESTABLISHED);
	CHECK(!t->a.ike.ep->out && !t->b.ike.ep->out && !t->a.ike.tasks && !t->b.ike.tasks);
	packet_free(&a);
	packet_free(&b);
	talk_over(t);
}

static void test_delete_ike(void)
{
	struct end *e, *o;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		tap_note("%s deletes", i ? "responder" : "initiator");
		t = talk_at(TALK_UP);
		e = i ? &t->b : &t->a;
		o = talk_other(e);
		CHECK_EQ(talk_do(e, IKE_EV_STOP, 0), ISAKMP_OK);
		CHECK_EQ(e->ike.state, IKE_S_DELETING);
		CHECK_EQ(talk_do(e, IKE_EV_STOP, 0), ISAKMP_OK);
		CHECK_EQ(e->queued, 1);
		talk_settle(t);
		CHECK(!e->live && !e->xfrm && !o->xfrm);
		CHECK_EQ(o->ike.state, IKE_S_DEAD);
		CHECK_EQ(o->ike.reason, ISAKMP_OK);
		/* It answers repeats for a while */
		CHECK(o->stored.p != NULL);
		talk_timer(o, t->now + IKE_LINGER_MS - 1);
		CHECK(o->live);
		talk_timer(o, t->now + 1);
		CHECK(!o->live);
		talk_over(t);
	}
}

static void test_crossing_ike(void)
{
	struct talk *t = talk_at(TALK_UP);
	struct packet a, b;

	talk_do(&t->a, IKE_EV_STOP, 0);
	talk_do(&t->b, IKE_EV_STOP, 0);
	a = talk_take(&t->a);
	b = talk_take(&t->b);
	CHECK_EQ(talk_deliver(&t->b, &a), ISAKMP_OK);
	CHECK_EQ(talk_deliver(&t->a, &b), ISAKMP_OK);
	CHECK_EQ(t->a.queued + t->b.queued, 2);
	CHECK(!t->a.xfrm && !t->b.xfrm);
	CHECK(t->a.ike.state == IKE_S_DEAD && t->b.ike.state == IKE_S_DEAD);
	a.p[a.n - 1] ^= 1;
	CHECK_REASON(talk_deliver(&t->b, &a), ISAKMP_R_DYING);
	talk_settle(t);
	CHECK_EQ(t->a.sent, 4);
	packet_free(&a);
	packet_free(&b);
	talk_over(t);
}

/* An IKE Delete meets a Delete of the child, both ways. */
static void test_crossing_mixed(void)
{
	struct talk *t = talk_at(TALK_UP);
	struct packet a, b;

	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	talk_do(&t->b, IKE_EV_STOP, 0);
	a = talk_take(&t->a);
	b = talk_take(&t->b);
	CHECK_EQ(talk_deliver(&t->b, &a), ISAKMP_OK);
	CHECK_EQ(t->b.ike.state, IKE_S_DELETING);
	CHECK_EQ(talk_deliver(&t->a, &b), ISAKMP_OK);
	CHECK_EQ(t->a.ike.state, IKE_S_DEAD);
	talk_settle(t);
	CHECK(!t->a.xfrm && !t->b.xfrm && !t->b.live);
	packet_free(&a);
	packet_free(&b);
	talk_over(t);
}

/* Threats 38 and 39: every order and mixture that a peer can think of. */
static void test_delete_sets(void)
{
	struct message m, answer;
	struct talk *t;
	unsigned int mix;
	bool child, ike;
	u32 spis[3], none[2] = { 1, 0xffffffff };

	for (mix = 0; mix < 256; mix++) {
		tap_note("mixture %u", mix);
		t = talk_at(TALK_UP);
		spis[0] = 7;
		spis[1] = spis[2] = t->a.last.spi_in;
		request(&m, &t->a, IKE_INFORMATIONAL);
		if (mix & 1)
			add_delete(&m, IKE_PROTO_ESP, none, 2);
		if (mix & 2)
			add_delete(&m, IKE_PROTO_IKE, NULL, 0);
		if (mix & 4)
			add_delete(&m, IKE_PROTO_ESP, spis, 3);
		if (mix & 8)
			add_delete(&m, IKE_PROTO_AH, spis + 1, 1);
		if (mix & 16)
			add_notify(&m, IKE_N_INITIAL_CONTACT);
		if (mix & 32)
			add_delete(&m, IKE_PROTO_ESP, spis + 1, 1);
		if (mix & 64)
			add_delete(&m, IKE_PROTO_ESP, spis + 1, 1);
		if (mix & 128)
			add_delete(&m, IKE_PROTO_IKE, NULL, 0);
		child = mix & (4 | 32 | 64);
		ike = mix & (2 | 128);
		CHECK_EQ(message_deliver(&m, &t->a), ISAKMP_OK);
		take_answer(&answer, &t->b, IKE_INFORMATIONAL, 2);
		CHECK_EQ(answer.n, child && !ike);
		CHECK_EQ(t->b.ike.state, ike ? IKE_S_DEAD : IKE_S_ESTABLISHED);
		CHECK_EQ(t->b.xfrm == NULL, child || ike);
		CHECK_EQ(t->b.downs, child || ike);
		CHECK_EQ(t->b.renews, 0);
		message_free(&answer);
		talk_over(t);
	}
}

/* Our own inbound SPI names nothing: the peer names what it receives on. */
static void test_delete_wrong_side(void)
{
	struct talk *t = talk_at(TALK_UP);
	struct message m;

	request(&m, &t->a, IKE_INFORMATIONAL);
	add_delete(&m, IKE_PROTO_ESP, &t->b.last.spi_in, 1);
	CHECK_EQ(message_deliver(&m, &t->a), ISAKMP_OK);
	CHECK(t->b.xfrm != NULL);
	talk_over(t);
}

/* RFC 7296, 3.11: "the number of SPIs" may be none, in a request and in an answer. */
static void test_delete_none(void)
{
	struct talk *t = talk_at(TALK_UP);
	struct message m;

	request(&m, &t->b, IKE_INFORMATIONAL);
	add_delete(&m, IKE_PROTO_ESP, NULL, 0);
	CHECK_EQ(message_deliver(&m, &t->b), ISAKMP_OK);
	take_answer(&m, &t->a, IKE_INFORMATIONAL, 0);
	CHECK_EQ(m.n, 0);
	message_free(&m);
	CHECK(t->a.xfrm != NULL);
	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	talk_flush(&t->a);
	message_new(&m, &t->b, IKE_INFORMATIONAL, IKE_RESPONSE, 2);
	add_delete(&m, IKE_PROTO_ESP, NULL, 0);
	CHECK_EQ(message_deliver(&m, &t->b), ISAKMP_OK);
	CHECK(!t->a.xfrm);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->a.queued, 0);
	talk_over(t);
}

/* A child that starts at once is wanted again when the peer closes it. */
static void test_delete_again(void)
{
	struct talk *t = talk_at(TALK_UP);

	t->b.child.on_close = IKE_ACTION_START;
	talk_timer(&t->a, t->now + IKE_AGAIN_MS);
	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	talk_settle(t);
	CHECK_EQ(t->b.ups, 2);
	/* That one is closed at once: the next comes later */
	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	talk_settle(t);
	CHECK_EQ(t->b.ups, 2);
	talk_timer(&t->b, t->now + IKE_AGAIN_MS - 1);
	CHECK_EQ(t->b.queued, 0);
	talk_timer(&t->b, t->now + 1);
	talk_settle(t);
	CHECK_EQ(t->b.ups, 3);
	CHECK_EQ(t->a.ups, 3);
	CHECK(t->a.xfrm && t->b.xfrm);
	talk_over(t);
	t = talk_at(TALK_UP);
	t->a.child.on_close = t->b.child.on_close = IKE_ACTION_START;
	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	talk_do(&t->b, IKE_EV_CHILD_STOP, 0);
	talk_settle(t);
	CHECK_EQ(t->a.ups + t->b.ups, 2);
	CHECK(!t->a.xfrm && !t->b.xfrm);
	talk_over(t);
}

/* ---- other requests ------------------------------------------------------------------- */

static void test_notifies(void)
{
	struct message m;
	struct talk *t;

	t = talk_at(TALK_UP);
	request(&m, &t->a, IKE_INFORMATIONAL);
	add_notify(&m, IKE_N_INVALID_SELECTORS);
	CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_PEER_ERROR);
	CHECK_EQ(t->b.arg, IKE_N_INVALID_SELECTORS);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	take_answer(&m, &t->b, IKE_INFORMATIONAL, 2);
	CHECK_EQ(m.n, 0);
	message_free(&m);
	request(&m, &t->a, IKE_INFORMATIONAL);
	add_notify(&m, 40000);
	CHECK_EQ(message_deliver(&m, &t->a), ISAKMP_OK);
	talk_flush(&t->b);
	request(&m, &t->a, IKE_INFORMATIONAL);
	add_notify(&m, IKE_N_AUTHENTICATION_FAILED);
	CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_PEER_ERROR);
	CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
	CHECK_EQ(t->b.queued, 1);
	CHECK(!t->b.xfrm);
	talk_over(t);
}

/* RFC 7296, 2.21.3: malformed under protection: answered, and the end of it. */
static void test_malformed(void)
{
	struct { u8 exchange; struct body b; enum isakmp_reason why; } bad[] = {
		{ IKE_INFORMATIONAL, talk_body(IKE_PL_SA), ISAKMP_R_UNEXPECTED },
		{ IKE_INFORMATIONAL, talk_body(IKE_PL_SK), ISAKMP_R_UNEXPECTED },
		{ IKE_INFORMATIONAL, talk_body(IKE_PL_EAP), ISAKMP_R_UNEXPECTED },
		{ IKE_INFORMATIONAL, { IKE_PL_DELETE, false, OCTETS(3, 4, 0, 2, 0, 0, 0, 1) },
		  ISAKMP_R_BAD_DELETE },
		{ IKE_INFORMATIONAL, { IKE_PL_DELETE, false, OCTETS(1, 4, 0, 1, 0, 0, 0, 1) },
		  ISAKMP_R_BAD_DELETE },
		{ IKE_INFORMATIONAL, { IKE_PL_NOTIFY, false, OCTETS(0, 0, 0) },
		  ISAKMP_R_BAD_NOTIFY },
		{ IKE_INFORMATIONAL, { IKE_PL_CP, false, OCTETS(1) }, ISAKMP_R_BAD_CP },
		{ IKE_CREATE_CHILD_SA, talk_body(IKE_PL_SA), ISAKMP_R_MISSING },
		{ IKE_CREATE_CHILD_SA, talk_body(IKE_PL_NONCE), ISAKMP_R_MISSING },
	};
	struct message m;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		tap_note("body %u", i);
		t = talk_at(TALK_UP);
		request(&m, &t->b, bad[i].exchange);
		message_insert(&m, 0, bad[i].b);
		CHECK_REASON(message_deliver(&m, &t->b), bad[i].why);
		CHECK_EQ(talk_error(&t->a), IKE_N_INVALID_SYNTAX);
		CHECK_EQ(t->a.ike.state, IKE_S_DEAD);
		CHECK(!t->a.xfrm);
		talk_over(t);
	}
	t = talk_at(TALK_UP);
	request(&m, &t->b, IKE_INFORMATIONAL);
	message_insert(&m, 0, talk_body(IKE_PL_CP));
	message_insert(&m, 0, talk_body(IKE_PL_CP));
	CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_REPEATED);
	CHECK_EQ(t->a.ike.state, IKE_S_DEAD);
	talk_over(t);
}

/* RFC 7296, 2.5: a critical payload we do not know: the request alone is rejected. */
static void test_critical(void)
{
	struct talk *t = talk_at(TALK_UP);
	struct message m;

	request(&m, &t->b, IKE_INFORMATIONAL);
	message_insert(&m, 0, (struct body){ 50, true, NULL, 0 });
	add_delete(&m, IKE_PROTO_IKE, NULL, 0);
	CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_PAYLOAD_CRITICAL);
	CHECK_EQ(t->a.arg, 50);
	CHECK_EQ(talk_error(&t->a), IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK(t->a.xfrm != NULL);
	request(&m, &t->b, IKE_INFORMATIONAL);
	message_insert(&m, 0, (struct body){ 50, false, NULL, 0 });
	CHECK_EQ(message_deliver(&m, &t->b), ISAKMP_OK);
	talk_over(t);
}

/* A response cannot be answered: we delete the IKE SA. */
static void test_malformed_response(void)
{
	struct talk *t = talk_at(TALK_UP);
	struct message m;

	talk_do(&t->a, IKE_EV_CHECK, 0);
	talk_flush(&t->a);
	message_new(&m, &t->b, IKE_INFORMATIONAL, IKE_RESPONSE, t->a.ike.ep->out->msgid);
	message_insert(&m, 0, talk_body(IKE_PL_SA));
	CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_UNEXPECTED);
	CHECK_EQ(t->a.ike.state, IKE_S_DELETING);
	CHECK_EQ(t->a.ike.reason, ISAKMP_R_UNEXPECTED);
	CHECK_EQ(t->a.queued, 1);
	message_new(&m, &t->b, IKE_INFORMATIONAL, IKE_RESPONSE, t->a.ike.ep->out->msgid);
	message_insert(&m, 0, (struct body){ 60, true, NULL, 0 });
	CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_PAYLOAD_CRITICAL);
	CHECK(!t->a.live);
	talk_over(t);
}

/* RFC 7296, 2.21.3: INVALID_SYNTAX in an answer: the peer has no IKE SA any more. */
static void test_invalid_syntax(void)
{
	static const u8 types[] = { IKE_EV_CHECK, IKE_EV_CHILD_STOP, IKE_EV_STOP };
	struct message m;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		tap_note("event %u", types[i]);
		t = talk_at(TALK_UP);
		talk_do(&t->a, types[i], 0);
		message_new(&m, &t->b, IKE_INFORMATIONAL, IKE_RESPONSE, t->a.ike.ep->out->msgid);
		add_notify(&m, IKE_N_INVALID_SYNTAX);
		/* To a Delete it is as good an answer as any */
		CHECK_EQ(message_deliver(&m, &t->b),
			 types[i] == IKE_EV_STOP ? ISAKMP_OK : ISAKMP_R_PEER_ERROR);
		CHECK(!t->a.live && !t->a.xfrm);
		talk_over(t);
		/* Another error is not the end */
		t = talk_at(TALK_UP);
		talk_do(&t->a, types[i], 0);
		message_new(&m, &t->b, IKE_INFORMATIONAL, IKE_RESPONSE, t->a.ike.ep->out->msgid);
		add_notify(&m, IKE_N_TEMPORARY_FAILURE);
		CHECK_EQ(message_deliver(&m, &t->b), ISAKMP_OK);
		CHECK_EQ(t->a.live, types[i] != IKE_EV_STOP);
		talk_over(t);
	}
}

static void test_answer_fails(void)
{
	struct talk *t = talk_at(TALK_UP);

	t->b.store_why = ISAKMP_R_NO_MEMORY;
	talk_do(&t->a, IKE_EV_CHECK, 0);
	CHECK_REASON(talk_deliver(&t->b, &t->a.queue[0]), ISAKMP_R_NO_MEMORY);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	t->b.store_why = ISAKMP_OK;
	talk_over(t);
	/* The key is used up: the SA ends rather than repeat an IV */
	t = talk_at(TALK_UP);
	native_sk_used(t->a.ike.ep->sk_out, U32_MAX);
	CHECK_REASON(talk_do(&t->a, IKE_EV_CHECK, 0), ISAKMP_R_CRYPTO);
	CHECK_EQ(t->a.ike.state, IKE_S_DEAD);
	talk_over(t);
}

/* ---- clocks ------------------------------------------------------------------------------ */

static struct talk *up_with(u32 dpd_s, u32 life_s)
{
	struct talk *t = talk_new();

	t->a.peer.dpd_s = t->b.peer.dpd_s = dpd_s;
	t->a.peer.life_s = t->b.peer.life_s = life_s;
	talk_advance(t, TALK_UP);
	return t;
}

/* Sequence numbers that come to their end are seen at the latest then. */
static void test_idle_rekeys(void)
{
	struct talk *t = up_with(20, 0);
	u32 old = t->a.last.spi_in;

	t->a.xfrm->soft = true;
	t->a.rx = 7;
	CHECK_EQ(talk_timer(&t->a, 21000), ISAKMP_OK);
	talk_settle(t);
	CHECK(t->a.last.spi_in != old);
	CHECK_EQ(t->a.installs, 2);
	CHECK_EQ(t->b.installs, 2);
	talk_over(t);
}

static void test_dpd(void)
{
	struct talk *t = up_with(20, 0);
	struct message m;

	CHECK_EQ(ike_sa_deadline(&t->a.ike), 21000);
	CHECK_EQ(talk_timer(&t->a, 20999), ISAKMP_OK);
	CHECK_EQ(t->a.queued, 0);
	CHECK_EQ(talk_timer(&t->a, 21000), ISAKMP_OK);
	CHECK_EQ(t->a.queued, 1);
	message_read(&m, &t->a, &t->a.queue[0]);
	CHECK_EQ(m.n, 0);
	CHECK_EQ(m.h.exchange, IKE_INFORMATIONAL);
	message_free(&m);
	talk_settle(t);
	CHECK(!t->a.ike.ep->out);
	CHECK_EQ(ike_sa_deadline(&t->a.ike), 41000);
	CHECK_EQ(ike_sa_deadline(&t->b.ike), 41000);	/* what it heard counts */
	/* Packets through the child count as well, each once */
	t->a.rx = 5;
	CHECK_EQ(talk_timer(&t->a, 41000), ISAKMP_OK);
	CHECK_EQ(t->a.queued, 0);
	CHECK_EQ(talk_timer(&t->a, 61000), ISAKMP_OK);
	CHECK_EQ(t->a.queued, 1);
	talk_over(t);
}

static void test_dpd_dead_peer(void)
{
	struct talk *t = up_with(20, 0);
	static const u64 at[] = { 21000, 22000, 24000, 28000, 36000 };
	struct packet first = { 0 };
	unsigned int i;

	for (i = 0; i < 5; i++) {
		tap_note("timer %u", i);
		CHECK_EQ(ike_sa_deadline(&t->a.ike), at[i]);
		CHECK_REASON(talk_timer(&t->a, at[i]), i < 4 ? ISAKMP_OK : ISAKMP_R_TIMEOUT);
		if (!i)
			first = packet_copy(&t->a.queue[0]);
		if (i < 4) {
			CHECK_EQ(t->a.queued, 1);
			CHECK_MEM(t->a.queue[0].p, first.p, first.n);
		}
		talk_flush(&t->a);
	}
	CHECK(!t->a.live && !t->a.xfrm);
	CHECK_EQ(t->a.down_why, ISAKMP_R_TIMEOUT);
	packet_free(&first);
	talk_over(t);
}

/* Only what has a right ICV is life. */
static void test_dpd_not_fooled(void)
{
	struct talk *t = up_with(20, 0);
	struct packet junk;

	t->now = 10000;
	talk_do(&t->b, IKE_EV_CHECK, 0);
	junk = talk_take(&t->b);
	junk.p[junk.n - 1] ^= 1;
	CHECK_REASON(talk_deliver(&t->a, &junk), ISAKMP_R_ICV);
	CHECK_EQ(ike_sa_deadline(&t->a.ike), 21000);
	junk.p[junk.n - 1] ^= 1;
	CHECK_EQ(talk_deliver(&t->a, &junk), ISAKMP_OK);
	CHECK_EQ(ike_sa_deadline(&t->a.ike), 30000);
	packet_free(&junk);
	talk_over(t);
}

static void test_life(void)
{
	struct talk *t = up_with(0, 80);
	u64 a = ike_sa_deadline(&t->a.ike), b = ike_sa_deadline(&t->b.ike);

	/* Before it is over, and not both at once */
	CHECK(a > 1000 + 64000 && a < b && b < 81000);
	talk_timer(&t->a, a - 1);
	CHECK_EQ(t->a.queued, 0);
	talk_timer(&t->a, a);
	CHECK_EQ(t->a.queued, 1);
	talk_settle(t);
	CHECK_EQ(t->a.rekeys, 1);
	CHECK_EQ(t->b.rekeys, 1);
	CHECK_EQ(t->a.renews, 0);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK(ike_sa_deadline(&t->a.ike) > a);
	/* Without an answer it ends */
	t->a.ike.rekey_at = t->b.ike.rekey_at = IKE_NEVER;
	talk_timer(&t->a, t->a.ike.expire_at);
	CHECK_EQ(t->a.ike.state, IKE_S_DELETING);
	talk_settle(t);
	CHECK(!t->a.live && !t->a.xfrm && !t->b.xfrm);
	talk_over(t);
}

static void test_child_lost(void)
{
	struct talk *t = talk_at(TALK_UP);
	u32 old = t->a.last.spi_in;

	CHECK_EQ(talk_do(&t->a, IKE_EV_CHILD_LOST, old + 1), ISAKMP_OK);
	t->a.child_dead = true;
	CHECK_REASON(talk_do(&t->a, IKE_EV_CHILD_LOST, old), ISAKMP_R_CHILD_LOST);
	/* What is left stays until the successor is up: nothing goes in the clear */
	CHECK_EQ(t->a.removes, 0);
	CHECK_EQ(talk_child_state(&t->a), IKE_CHILD_LOST);
	CHECK_EQ(talk_do(&t->a, IKE_EV_CHILD_LOST, 0), ISAKMP_OK);
	t->a.child_dead = false;
	talk_settle(t);
	CHECK_EQ(t->a.ups, 2);
	CHECK_EQ(t->a.ike.n_children, 1);
	CHECK_EQ(t->b.ike.n_children, 1);
	CHECK_EQ(talk_child_state(&t->a), IKE_CHILD_UP);
	CHECK(talk_child(&t->a)->spi_in != old);
	talk_do(&t->a, IKE_EV_STOP, 0);
	talk_settle(t);
	CHECK(!t->a.xfrm && !t->b.xfrm);
	talk_over(t);
}

/* Who was asked leaves it to who proposed, for a while. */
static void test_child_expired(void)
{
	struct talk *t = talk_at(TALK_UP);

	CHECK_REASON(talk_do(&t->b, IKE_EV_CHILD_EXPIRED, t->b.last.spi_in),
		     ISAKMP_R_CHILD_EXPIRED);
	talk_settle(t);
	CHECK(t->a.xfrm && t->b.xfrm);
	CHECK_EQ(t->b.ups, 1);
	CHECK_EQ(ike_sa_deadline(&t->b.ike), 6000);
	talk_timer(&t->b, 6000);
	talk_settle(t);
	CHECK_EQ(t->b.ups, 2);
	CHECK_EQ(t->b.ike.n_children, 1);
	talk_over(t);
	/* Both at once: one new child */
	t = talk_at(TALK_UP);
	talk_do(&t->b, IKE_EV_CHILD_EXPIRED, t->b.last.spi_in);
	talk_do(&t->a, IKE_EV_CHILD_EXPIRED, t->a.last.spi_in);
	talk_settle(t);
	CHECK_EQ(t->a.ups + t->b.ups, 4);
	CHECK_EQ(t->a.ike.n_children + t->b.ike.n_children, 2);
	talk_over(t);
}

/* Found out by looking. */
static void test_child_missing(void)
{
	struct talk *t = up_with(20, 0);

	t->a.child_dead = true;
	CHECK_REASON(talk_timer(&t->a, 21000), ISAKMP_R_CHILD_LOST);
	/* A child that is lost can still be taken down */
	talk_do(&t->a, IKE_EV_CHILD_STOP, t->a.last.spi_in);
	talk_settle(t);
	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	talk_settle(t);
	CHECK(!t->a.xfrm && !t->b.xfrm);
	talk_over(t);
}

/* Everything an operator can say, at every stage: nothing is left over. */
static void test_stop_everywhere(void)
{
	static const u8 types[] = { IKE_EV_STOP, IKE_EV_KILL, IKE_EV_CHILD_STOP, IKE_EV_CHECK,
				    IKE_EV_CHILD_LOST, IKE_EV_CHILD_EXPIRED, IKE_EV_TIMER,
				    IKE_EV_START };
	unsigned int stage, i, who, sent;
	struct talk *t;
	struct end *e;

	for (stage = TALK_INIT; stage <= TALK_UP; stage++)
		for (i = 0; i < ARRAY_SIZE(types); i++)
			for (who = 0; who < 2; who++) {
				tap_note("stage %u, event %u, %c", stage, types[i], 'A' + who);
				t = talk_at(stage);
				e = who ? &t->b : &t->a;
				sent = e->sent;
				if (!e->live) {
					talk_over(t);
					continue;
				}
				talk_do(e, types[i], 0);
				if (types[i] == IKE_EV_KILL) {
					CHECK_EQ(e->ike.state, IKE_S_DEAD);
					CHECK_EQ(e->sent, sent);
				}
				CHECK(e->sent <= sent + 1);
				talk_settle(t);
				/* A Delete that came before the peer could read it comes again */
				if (e->live && e->ike.ep->out)
					talk_timer(e, e->ike.ep->out->resend_at);
				talk_settle(t);
				if (types[i] == IKE_EV_STOP || types[i] == IKE_EV_KILL)
					CHECK(!e->live || e->ike.state == IKE_S_DEAD);
				talk_over(t);
			}
}

int main(void)
{
	TAP_RUN(test_ids, "message IDs: old and ahead (RFC 7296, 2.3)");
	TAP_RUN(test_unasked, "message IDs: responses that nobody asked for");
	TAP_RUN(test_reflection, "reflection: our own messages (RFC 7296, 3.1)");
	TAP_RUN(test_repeat, "repeats: the same octets, or nothing");
	TAP_RUN(test_delete_child, "Delete of the child, by either side (RFC 7296, 1.4.1)");
	TAP_RUN(test_crossing_children, "Deletes of the child cross");
	TAP_RUN(test_delete_ike, "Delete of the IKE SA, by either side");
	TAP_RUN(test_crossing_ike, "Deletes of the IKE SA cross");
	TAP_RUN(test_crossing_mixed, "a Delete of the IKE SA crosses one of the child");
	TAP_RUN(test_delete_sets, "Deletes in any number, order and mixture (threats 38, 39)");
	TAP_RUN(test_delete_wrong_side, "Delete with the SPI of the wrong side");
	TAP_RUN(test_delete_none, "Delete without an SPI: nothing, not malformed");
	TAP_RUN(test_delete_again, "a child that starts at once is set up again");
	TAP_RUN(test_notifies, "INFORMATIONAL with errors (RFC 7296, 2.21.2)");
	TAP_RUN(test_malformed, "malformed requests: INVALID_SYNTAX (RFC 7296, 2.21.3; threats 2, 16)");
	TAP_RUN(test_critical, "unknown critical payload: the request is rejected alone");
	TAP_RUN(test_invalid_syntax, "INVALID_SYNTAX in an answer: the IKE SA is gone (RFC 7296, 2.21.3)");
	TAP_RUN(test_malformed_response, "malformed responses: we delete the IKE SA");
	TAP_RUN(test_answer_fails, "answers that cannot be made");
	TAP_RUN(test_dpd, "liveness: when idle, put off by traffic (RFC 7296, 2.4)");
	TAP_RUN(test_idle_rekeys, "idleness: a child near its last number is rekeyed");
	TAP_RUN(test_dpd_dead_peer, "liveness: a dead peer, exact times");
	TAP_RUN(test_dpd_not_fooled, "liveness: junk is no life");
	TAP_RUN(test_life, "life: renewed, then deleted");
	TAP_RUN(test_child_lost, "a child lost is negotiated anew");
	TAP_RUN(test_child_expired, "a child expired, at one end and at both");
	TAP_RUN(test_child_missing, "a child found missing");
	TAP_RUN(test_stop_everywhere, "every event at every stage (threats 57, 58)");
	return tap_done();
}
