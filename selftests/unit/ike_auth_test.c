// SPDX-License-Identifier: GPL-2.0
/* IKE_AUTH through the engine: the first protected messages (RFC 7296, 1.2, 2.15, 2.21.2). */
#include "talk.h"

static void take_message(struct message *m, struct end *from)
{
	struct packet p = talk_take(from);

	message_read(m, from, &p);
	packet_free(&p);
}

/* ---- the whole handshake -------------------------------------------------------- */

static void check_view(const struct end *e)
{
	const struct end *o = talk_other((struct end *)e);
	struct ike_sa_view *v = malloc(ike_view_size(&e->ike));
	const struct ike_child_view *c;

	ike_view_fill(&e->ike, v);
	CHECK_EQ(v->state, IKE_S_ESTABLISHED);
	CHECK_EQ(v->reason, ISAKMP_OK);
	CHECK(!strcmp(v->peer, e->peer.name));
	CHECK_EQ(v->spi_i, o->ike.ep->spi_i);
	CHECK_EQ(v->spi_r, o->ike.ep->spi_r);
	CHECK_EQ(v->id_local_len, 5);
	CHECK_EQ(v->id_local[4], e->name);
	CHECK_EQ(v->id_remote[4], o->name);
	CHECK_EQ(v->n_children, 1);
	c = ike_view_child(v, NULL);
	CHECK(!strcmp(c->name, "net"));
	CHECK_EQ(c->state, IKE_CHILD_UP);
	CHECK_EQ(c->spi_in, talk_child(o)->spi_out);
	CHECK_EQ(c->n_local + c->n_remote, 2);
	CHECK_MEM(c->ts, e->local, sizeof(e->local[0]));
	CHECK_MEM(c->ts + 1, e->remote, sizeof(e->remote[0]));
	CHECK_EQ(c->rekeyed, talk_child(e)->rekeyed);
	CHECK_MEM(c->past, talk_child(e)->past, sizeof(c->past));
	CHECK(!ike_view_child(v, c));
	free(v);
}

static void test_handshake(void)
{
	struct talk *t = talk_at(TALK_UP);
	unsigned int i;

	talk_child(&t->b)->rekeyed = 7;
	for (i = 0; i < ISAKMP_COUNTS; i++)
		talk_child(&t->b)->past[i] = 1 + i;
	check_view(&t->a);
	check_view(&t->b);
	CHECK_EQ(t->a.sent + t->b.sent, 4);
	CHECK_EQ(t->a.asks, 2);
	CHECK_EQ(t->b.asks, 1);
	CHECK_EQ(t->a.refusals + t->b.refusals, 0);
	CHECK_MEM(t->a.ike.ep->sk_d, t->b.ike.ep->sk_d, 64);
	CHECK_EQ(t->a.ike.ep->next_out, 2);
	CHECK_EQ(t->b.ike.ep->next_in, 2);
	CHECK(!t->a.ike.setup && !t->b.ike.setup);
	CHECK(t->a.xfrm && t->b.xfrm);
	CHECK_EQ(ike_sa_deadline(&t->a.ike), IKE_NEVER);
	talk_over(t);
}

/* RFC 7296, 2.15: what each side's AUTH covers, and the keys each may see. */
static void test_questions(void)
{
	struct talk *t = talk_at(TALK_I_ASKING);
	struct ike_ask *a = &t->a.ask, *b = &t->b.ask;
	size_t prf = isakmp_prf_len(t->a.ike.ep->suite.prf);

	CHECK_EQ(a->kind, IKE_ASK_I_AUTH);
	CHECK(a->sk_pi.len == prf && !a->sk_pr.len && !a->id_i.len && !a->auth.len);
	CHECK_MEM(a->sk_pi.p, t->a.ike.sk_pi, prf);
	talk_advance(t, TALK_R_ASKING);
	CHECK_EQ(b->kind, IKE_ASK_R_AUTH);
	CHECK(b->sk_pi.len == prf && b->sk_pr.len == prf);
	CHECK_MEM(b->sk_pi.p, t->a.ike.sk_pi, prf);
	CHECK_MEM(b->sk_pr.p, t->a.ike.sk_pr, prf);
	CHECK(b->id_i.len == 5 && b->id_i.p[4] == 'A' && b->id_r.len == 5 && b->id_r.p[4] == 'B');
	CHECK(b->auth_method == IKE_AM_PSK && b->auth.len == 32 && b->auth.p[0] == 0x50 + 'A');
	CHECK(b->ni.len == 32 && b->nr.len == 32 && memcmp(b->ni.p, b->nr.p, 32));
	CHECK_EQ(b->msg_r.len, t->b.stored.n);
	CHECK_MEM(b->msg_r.p, t->b.stored.p, t->b.stored.n);
	talk_advance(t, TALK_I_VERIFYING);
	CHECK_EQ(a->kind, IKE_ASK_I_VERIFY);
	CHECK(a->sk_pr.len == prf && !a->sk_pi.len);
	CHECK_MEM(a->sk_pr.p, t->a.ike.sk_pr, prf);
	CHECK(a->id_r.len == 5 && a->id_r.p[4] == 'B' && a->id_i.p[4] == 'A');
	CHECK(a->auth.p[0] == 0x50 + 'B');
	CHECK_EQ(a->msg_r.len, t->a.ike.setup->msg_r_len);
	talk_over(t);
}

static void test_no_idr(void)
{
	struct talk *t = talk_at(TALK_I_ASKING);
	struct ike_verdict v;

	talk_good_verdict(&t->a, &v);
	v.id_want_len = 0;
	CHECK_EQ(talk_verdict(&t->a, &v), ISAKMP_OK);
	talk_advance(t, TALK_R_ASKING);
	CHECK_EQ(t->b.ask.id_r.len, 0);
	talk_advance(t, TALK_UP);
	talk_over(t);
}

/* ---- the request, changed ---------------------------------------------------------- */

static struct talk *at_request(struct message *m)
{
	struct talk *t = talk_at(TALK_AUTH);

	take_message(m, &t->a);
	talk_flush(&t->b);
	return t;
}

static struct talk *at_response(struct message *m)
{
	struct talk *t = talk_at(TALK_AUTH_ANSWERED);

	take_message(m, &t->b);
	return t;
}

/* RFC 7296, 2.21.2: answered under protection, and the SA is over; no child, no question. */
static void request_malformed(struct talk *t, struct message *m, enum isakmp_reason why, u32 arg,
			      u16 error)
{
	CHECK_REASON(message_deliver(m, &t->a), why);
	CHECK_EQ(t->b.arg, arg);
	CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
	CHECK_EQ(t->b.ike.reason, why);
	CHECK(!t->b.asking && !t->b.installs);
	if (CHECK_EQ(t->b.queued, 1))
		CHECK_EQ(talk_error(&t->b), error);
	/* It lingers to repeat the answer, and is gone */
	CHECK_EQ(ike_sa_deadline(&t->b.ike), t->now + IKE_LINGER_MS);
	talk_timer(&t->b, t->now + IKE_LINGER_MS);
	CHECK(!t->b.live);
	talk_over(t);
}

static void request_accepted(struct talk *t, struct message *m)
{
	CHECK_EQ(message_deliver(m, &t->a), ISAKMP_OK);
	CHECK_EQ(t->b.ike.state, IKE_S_R_ASK);
	talk_settle(t);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK(t->a.xfrm && t->b.xfrm);
	talk_over(t);
}

static bool allowed_in_request(u8 type)
{
	return type == IKE_PL_CP || type == IKE_PL_CERT || type == IKE_PL_CERTREQ ||
	       type == IKE_PL_NOTIFY || type == IKE_PL_VENDOR || !isakmp_payload_known(type);
}

static void test_request_payloads(void)
{
	struct message m;
	struct talk *t;
	unsigned int i, n, type;

	t = at_request(&m);
	n = m.n;
	CHECK_EQ(n, 6);
	message_free(&m);
	talk_over(t);
	for (i = 0; i < n; i++) {
		t = at_request(&m);
		type = m.b[i].type;
		tap_note("payload %u", type);
		message_drop(&m, i);
		if (type == IKE_PL_IDR)
			request_accepted(t, &m);
		else
			request_malformed(t, &m, ISAKMP_R_MISSING, type, IKE_N_INVALID_SYNTAX);
		t = at_request(&m);
		message_insert(&m, 0, m.b[i]);
		request_malformed(t, &m, ISAKMP_R_REPEATED, type, IKE_N_INVALID_SYNTAX);
	}
	for (type = 1; type < 256; type++) {
		t = at_request(&m);
		tap_note("added %u", type);
		if (message_find(&m, (u8)type) >= 0) {
			message_free(&m);
			talk_over(t);
			continue;
		}
		message_insert(&m, type == IKE_PL_SK || type == IKE_PL_SKF ? m.n : 1, talk_body((u8)type));
		if (allowed_in_request((u8)type))
			request_accepted(t, &m);
		else
			request_malformed(t, &m, ISAKMP_R_UNEXPECTED, type, IKE_N_INVALID_SYNTAX);
	}
}

static void test_request_order(void)
{
	struct message m;
	struct body first;
	struct talk *t;
	unsigned int i, j;

	for (i = 0; i < 12; i++) {
		tap_note("order %u", i);
		t = at_request(&m);
		for (j = 0; j < i % 6; j++) {
			first = m.b[0];
			message_drop(&m, 0);
			message_insert(&m, i < 6 ? m.n : m.n - j % m.n, first);
		}
		request_accepted(t, &m);
	}
}

static void test_request_critical(void)
{
	struct message m;
	struct talk *t;

	t = at_request(&m);
	message_insert(&m, 2, (struct body){ 200, true, NULL, 0 });
	request_malformed(t, &m, ISAKMP_R_PAYLOAD_CRITICAL, 200,
			  IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD);
	/* RFC 7296, 2.5: of a known type the bit means nothing */
	t = at_request(&m);
	m.b[0].critical = m.b[m.n - 1].critical = true;
	request_accepted(t, &m);
}

#define OCTETS(...) (const u8[]){ __VA_ARGS__ }, sizeof((const u8[]){ __VA_ARGS__ })

static void test_request_bodies(void)
{
	static const u8 big[4 + IKE_AUTH_MAX + 1] = { IKE_ID_KEY_ID };
	const struct { struct body b; enum isakmp_reason why; } bad[] = {
		{ { IKE_PL_IDI, false, big, 3 }, ISAKMP_R_BAD_ID },
		{ { IKE_PL_IDI, false, big, 4 }, ISAKMP_R_BAD_ID },
		{ { IKE_PL_IDI, false, big, 4 + IKE_ID_MAX + 1 }, ISAKMP_R_BAD_ID },
		{ { IKE_PL_IDR, false, big, 4 + IKE_ID_MAX + 1 }, ISAKMP_R_BAD_ID },
		{ { IKE_PL_AUTH, false, big, 4 }, ISAKMP_R_BAD_AUTH },
		{ { IKE_PL_AUTH, false, big, 4 + IKE_AUTH_MAX + 1 }, ISAKMP_R_BAD_AUTH },
		{ { IKE_PL_SA, false, big, 44 }, ISAKMP_R_BAD_SA },
		{ { IKE_PL_TSI, false, big, 8 }, ISAKMP_R_BAD_TS },
		{ { IKE_PL_TSR, false, big, 3 }, ISAKMP_R_BAD_TS },
		{ { IKE_PL_CP, false, OCTETS(1, 0, 0) }, ISAKMP_R_BAD_CP },
		{ { IKE_PL_CERT, false, OCTETS(4) }, ISAKMP_R_BAD_CERT },
		{ { IKE_PL_NOTIFY, false, OCTETS(0, 1, 0, 1) }, ISAKMP_R_BAD_NOTIFY },
	};
	struct message m;
	struct talk *t;
	unsigned int i;
	int at;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		tap_note("body %u", i);
		t = at_request(&m);
		at = message_find(&m, bad[i].b.type);
		if (at >= 0)
			message_drop(&m, (unsigned int)at);
		message_insert(&m, 0, bad[i].b);
		request_malformed(t, &m, bad[i].why, bad[i].b.type, IKE_N_INVALID_SYNTAX);
	}
}

/* Octets inside SK that are no chain; a Pad Length longer than all of it. */
static void check_inner(u8 next, const u8 *inner, size_t n, enum isakmp_reason why)
{
	struct talk *t = talk_at(TALK_AUTH);
	struct isakmp_header h;
	struct isakmp_builder b;
	struct packet p = { 0 };
	u8 buf[512];
	size_t sk;

	isakmp_header_decode(t->a.queue[0].p, t->a.queue[0].n, &h);
	isakmp_build_begin(&b, buf, sizeof(buf), &h);
	sk = isakmp_build_sk(&b, 8);
	isakmp_out_bytes(&b.o, inner, n);
	isakmp_out_zero(&b.o, 16);
	isakmp_out_patch8(&b.o, b.sk, next);
	isakmp_out_patch_size(&b.o, b.sk, b.sk + 2);
	CHECK(isakmp_build_end(&b));
	CHECK(!isakmp_sk_seal(t->a.ike.ep->sk_out, buf, sk - 8, n));
	p.p = buf;
	p.n = b.o.len;
	talk_flush(&t->b);
	CHECK_REASON(talk_deliver(&t->b, &p), why);
	CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
	CHECK_EQ(talk_error(&t->b), IKE_N_INVALID_SYNTAX);
	talk_over(t);
}

static void test_inner_chain(void)
{
	struct { u8 next; u8 n; u8 p[8]; enum isakmp_reason why; } bad[] = {
		{ IKE_PL_IDI, 1, { 1 }, ISAKMP_R_BAD_SK },
		{ IKE_PL_IDI, 4, { 0, 0, 0, 255 }, ISAKMP_R_BAD_SK },
		{ IKE_PL_IDI, 4, { 0, 0, 0, 4 }, ISAKMP_R_BAD_SK },
		{ IKE_PL_IDI, 4, { 0, 0, 0, 3 }, ISAKMP_R_PAYLOAD_SHORT },
		{ IKE_PL_IDI, 5, { 0, 0, 0, 3, 0 }, ISAKMP_R_PAYLOAD_SHORT },
		{ IKE_PL_IDI, 5, { 0, 0, 0, 5, 0 }, ISAKMP_R_PAYLOAD_LENGTH },
		{ IKE_PL_IDI, 6, { 0, 0, 0, 4, 9, 0 }, ISAKMP_R_PAYLOAD_TRAILING },
		{ IKE_PL_NONE, 1, { 0 }, ISAKMP_R_MISSING },
		{ IKE_PL_NONE, 2, { 1, 0 }, ISAKMP_R_PAYLOAD_TRAILING },
		{ IKE_PL_SK, 5, { 0, 0, 0, 4, 0 }, ISAKMP_R_MISSING },
	};
	static u8 many[(IKE_PAYLOADS_MAX + 1) * 4 + 1];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		tap_note("chain %u", i);
		check_inner(bad[i].next, bad[i].p, bad[i].n, bad[i].why);
	}
	for (i = 0; i <= IKE_PAYLOADS_MAX; i++) {
		many[4 * i] = i < IKE_PAYLOADS_MAX ? IKE_PL_VENDOR : 0;
		many[4 * i + 3] = 4;
	}
	check_inner(IKE_PL_VENDOR, many, sizeof(many), ISAKMP_R_PAYLOAD_MANY);
}

/* ---- the response, changed ------------------------------------------------------------ */

/* RFC 7296, 2.21: A cleans up, and at B as well. */
static void response_malformed(struct talk *t, struct message *m, enum isakmp_reason why)
{
	CHECK_REASON(message_deliver(m, &t->b), why);
	CHECK_EQ(t->a.ike.state, IKE_S_DELETING);
	CHECK_EQ(t->a.ike.reason, why);
	CHECK(!t->a.installs && !t->a.asking && t->b.xfrm);
	CHECK_EQ(t->a.queued, 1);
	talk_settle(t);
	CHECK(!t->a.live && !t->b.xfrm);
	CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
	CHECK_EQ(t->b.ike.reason, ISAKMP_OK);
	talk_over(t);
}

static void test_response_payloads(void)
{
	struct message m;
	struct talk *t;
	unsigned int i, n, type;

	t = at_response(&m);
	n = m.n;
	CHECK_EQ(n, 5);
	message_free(&m);
	talk_over(t);
	for (i = 0; i < n; i++) {
		t = at_response(&m);
		type = m.b[i].type;
		tap_note("payload %u twice", type);
		message_insert(&m, 0, m.b[i]);
		response_malformed(t, &m, ISAKMP_R_REPEATED);
		if (type != IKE_PL_IDR && type != IKE_PL_AUTH)
			continue;
		t = at_response(&m);
		message_drop(&m, i);
		response_malformed(t, &m, ISAKMP_R_MISSING);
	}
	for (type = IKE_PL_FIRST; type <= IKE_PL_LAST; type++) {
		t = at_response(&m);
		tap_note("added %u", type);
		if (message_find(&m, (u8)type) >= 0) {
			message_free(&m);
			talk_over(t);
			continue;
		}
		message_insert(&m, type == IKE_PL_SK || type == IKE_PL_SKF ? m.n : 0, talk_body((u8)type));
		if (!allowed_in_request((u8)type) || type == IKE_PL_CERTREQ) {
			response_malformed(t, &m, ISAKMP_R_UNEXPECTED);
			continue;
		}
		CHECK_EQ(message_deliver(&m, &t->b), ISAKMP_OK);
		talk_settle(t);
		CHECK(t->a.xfrm && t->b.xfrm);
		talk_over(t);
	}
	t = at_response(&m);
	message_insert(&m, 0, (struct body){ 99, true, NULL, 0 });
	response_malformed(t, &m, ISAKMP_R_PAYLOAD_CRITICAL);
}

/* The IKE SA comes up alone, and the responder is told to drop its child. */
static void child_refused_by_i(struct talk *t, enum isakmp_reason why)
{
	CHECK_EQ(t->a.ike.state, IKE_S_I_VERIFY);
	CHECK_REASON(talk_answer(&t->a, ISAKMP_OK), why);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->a.ike.reason, why);
	CHECK(!t->a.xfrm && t->b.xfrm);
	talk_settle(t);
	CHECK(!t->a.xfrm && !t->b.xfrm);
	CHECK_EQ(talk_child_state(&t->a), 0);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->a.ups, 0);
	talk_over(t);
}

static void test_response_child(void)
{
	static const u8 types[] = { IKE_PL_TSI, IKE_PL_TSR };
	static const struct { u8 at, value; } spoils[] = { { 4, 2 }, { 5, 2 }, { 8, 0 }, { 19, 12 } };
	struct message m;
	struct talk *t;
	unsigned int i;
	u8 *p;

	for (i = 0; i < 2; i++) {
		tap_note("type %u", types[i]);
		t = at_response(&m);
		message_drop(&m, (unsigned int)message_find(&m, types[i]));
		CHECK_EQ(message_deliver(&m, &t->b), ISAKMP_OK);
		child_refused_by_i(t, ISAKMP_R_MISSING);
		/* RFC 7296, 2.9: a responder narrows, it does not widen */
		t = at_response(&m);
		p = (u8 *)m.b[message_find(&m, types[i])].p;
		p[4 + 8 + 1]--;
		CHECK_EQ(message_deliver(&m, &t->b), ISAKMP_OK);
		child_refused_by_i(t, ISAKMP_R_TS);
	}
	for (i = 0; i < ARRAY_SIZE(spoils); i++) {
		tap_note("octet %u of SA", spoils[i].at);
		t = at_response(&m);
		p = (u8 *)m.b[message_find(&m, IKE_PL_SA)].p;
		p[spoils[i].at] = spoils[i].value;
		if (spoils[i].at == 8)
			memset(p + 8, 0, 4);	/* SPI 0 */
		CHECK_EQ(message_deliver(&m, &t->b), ISAKMP_OK);
		child_refused_by_i(t, ISAKMP_R_BAD_CHOICE);
	}
	t = talk_at(TALK_I_VERIFYING);
	t->a.install_why = ISAKMP_R_XFRM_POLICY;
	child_refused_by_i(t, ISAKMP_R_XFRM_POLICY);
	t = talk_at(TALK_I_VERIFYING);
	t->a.install_why = ISAKMP_R_XFRM_STATE;
	child_refused_by_i(t, ISAKMP_R_XFRM_STATE);
}

/* No SA in the response: there is no child, and nothing to delete. */
static void test_response_no_child(void)
{
	struct message m;
	struct talk *t = at_response(&m);

	message_drop(&m, (unsigned int)message_find(&m, IKE_PL_SA));
	message_drop(&m, (unsigned int)message_find(&m, IKE_PL_TSI));
	message_drop(&m, (unsigned int)message_find(&m, IKE_PL_TSR));
	CHECK_EQ(message_deliver(&m, &t->b), ISAKMP_OK);
	CHECK_REASON(talk_answer(&t->a, ISAKMP_OK), ISAKMP_R_MISSING);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->a.queued, 0);
	talk_over(t);
}

/* RFC 7296, 2.21.2: some errors beside AUTH take the IKE SA along, the others do not. */
static void test_response_fatal(void)
{
	static const struct { u8 error; bool fatal; } cases[] = {
		{ IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD, true }, { IKE_N_INVALID_SYNTAX, true },
		{ IKE_N_AUTHENTICATION_FAILED, true }, { IKE_N_NO_PROPOSAL_CHOSEN, false },
		{ IKE_N_TS_UNACCEPTABLE, false }, { IKE_N_NO_ADDITIONAL_SAS, false },
	};
	u8 notify[5] = { 0, 0, 0, 0, IKE_PL_TSI };
	struct message m;
	struct talk *t;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		tap_note("%u", cases[i].error);
		t = at_response(&m);
		message_drop(&m, (unsigned int)message_find(&m, IKE_PL_SA));
		message_drop(&m, (unsigned int)message_find(&m, IKE_PL_TSI));
		message_drop(&m, (unsigned int)message_find(&m, IKE_PL_TSR));
		/* the first has the payload type with it */
		notify[3] = cases[i].error;
		message_add(&m, IKE_PL_NOTIFY, notify, i ? 4 : 5);
		CHECK_EQ(message_deliver(&m, &t->b), ISAKMP_OK);
		CHECK_REASON(talk_answer(&t->a, ISAKMP_OK), ISAKMP_R_PEER_ERROR);
		CHECK_EQ(t->a.arg, cases[i].error);
		CHECK(cases[i].fatal ? !t->a.live : t->a.ike.state == IKE_S_ESTABLISHED);
		CHECK_EQ(t->a.queued, 0);
		talk_over(t);
	}
}

static void test_response_errors(void)
{
	struct message m;
	struct talk *t = at_response(&m);

	message_free(&m);
	message_new(&m, &t->b, IKE_AUTH, IKE_RESPONSE, 1);
	message_add(&m, IKE_PL_NOTIFY, OCTETS(0, 0, 0, IKE_N_AUTHENTICATION_FAILED));
	CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_PEER_ERROR);
	CHECK(!t->a.live);
	talk_over(t);
	t = at_response(&m);
	message_free(&m);
	message_new(&m, &t->b, IKE_AUTH, IKE_RESPONSE, 1);
	CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_PEER_ERROR);
	CHECK(!t->a.live);
	talk_over(t);
}

/* ---- cut, flipped, junk ------------------------------------------------------------------ */

static bool cheap(enum isakmp_reason why)
{
	return why != ISAKMP_OK && why != ISAKMP_R_NO_MEMORY && why != ISAKMP_R_CRYPTO;
}

/* An end refuses these octets and is what it was, but for the count of junk. */
static void must_not_matter(struct end *e, const u8 *p, size_t n)
{
	u64 before = talk_hash(e);
	enum isakmp_reason why = talk_give(e, p, n);

	CHECK(cheap(why));
	tap_reason(why);
	e->ike.junk = 0;
	CHECK_EQ(talk_hash(e), before);
}

static void check_flips(struct end *to, const struct packet *p)
{
	struct packet bad = packet_copy(p);
	size_t n, bit;

	/* Keys are derived by now */
	bad.p[bad.n - 1] ^= 1;
	CHECK_REASON(talk_give(to, bad.p, bad.n), ISAKMP_R_ICV);
	bad.p[bad.n - 1] ^= 1;
	to->ike.junk = 0;
	for (bit = 0; bit < bad.n * 8; bit++) {
		tap_note("%c, bit %zu", to->name, bit);
		bad.p[bit / 8] ^= (u8)(1 << bit % 8);
		must_not_matter(to, bad.p, bad.n);
		bad.p[bit / 8] ^= (u8)(1 << bit % 8);
	}
	for (n = 0; n < bad.n; n++) {
		tap_note("%c, cut to %zu", to->name, n);
		must_not_matter(to, bad.p, n);
		if (n < IKE_HDR_LEN)
			continue;
		put_unaligned_be32((u32)n, bad.p + 24);
		must_not_matter(to, bad.p, n);
		if (n >= 61) {	/* SK as long as what is left */
			put_unaligned_be16((u16)(n - IKE_HDR_LEN), bad.p + 30);
			must_not_matter(to, bad.p, n);
		}
		memcpy(bad.p, p->p, 32);
	}
	packet_free(&bad);
}

static void test_flips(void)
{
	struct talk *t = talk_at(TALK_AUTH);

	check_flips(&t->b, &t->a.queue[0]);
	talk_advance(t, TALK_AUTH_ANSWERED);
	check_flips(&t->a, &t->b.stored);
	talk_advance(t, TALK_UP);
	talk_do(&t->a, IKE_EV_CHECK, 0);
	check_flips(&t->b, &t->a.queue[0]);
	CHECK_EQ(talk_deliver(&t->b, &t->a.queue[0]), ISAKMP_OK);
	check_flips(&t->a, &t->b.queue[0]);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK(t->a.xfrm && t->b.xfrm);
	talk_over(t);
}

static struct packet junk_of(const struct talk *t)
{
	struct packet p = packet_copy(&t->a.queue[0]);

	p.p[p.n - 1] ^= 1;
	return p;
}

/* RFC 8019, 4.6: junk ends a half-open SA, for the price of one derivation. */
static void test_junk_limit(void)
{
	struct talk *t = talk_at(TALK_AUTH);
	struct packet junk = junk_of(t);
	unsigned int i;

	talk_derived = 0;
	for (i = 1; i < IKE_JUNK_MAX; i++)
		CHECK_REASON(talk_deliver(&t->b, &junk), ISAKMP_R_ICV);
	CHECK_EQ(t->b.ike.state, IKE_S_R_INIT);
	CHECK_REASON(talk_deliver(&t->b, &junk), ISAKMP_R_JUNK_LIMIT);
	CHECK(!t->b.live);
	CHECK_EQ(talk_derived, 1);
	CHECK_EQ(t->b.sent, 1);
	packet_free(&junk);
	talk_over(t);
}

static void test_junk_survived(void)
{
	struct talk *t = talk_at(TALK_AUTH);
	struct packet junk = junk_of(t);
	unsigned int i;

	talk_derived = 0;
	for (i = 1; i < IKE_JUNK_MAX; i++)
		talk_deliver(&t->b, &junk);
	talk_advance(t, TALK_UP);
	CHECK_EQ(talk_derived, 1);
	CHECK(t->a.xfrm && t->b.xfrm);
	/* Once it is up, junk ends nothing */
	packet_free(&junk);
	talk_do(&t->a, IKE_EV_CHECK, 0);
	junk = junk_of(t);
	for (i = 0; i < 1000; i++)
		CHECK_REASON(talk_deliver(&t->b, &junk), ISAKMP_R_ICV);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	packet_free(&junk);
	talk_over(t);
}

/* An initiator waits, however much junk comes: it pays for nothing but ICVs. */
static void test_junk_initiator(void)
{
	struct talk *t = talk_at(TALK_AUTH_ANSWERED);
	struct packet junk = packet_copy(&t->b.stored);
	unsigned int i;

	junk.p[junk.n - 1] ^= 1;
	for (i = 0; i < 1000; i++)
		CHECK_REASON(talk_deliver(&t->a, &junk), ISAKMP_R_ICV);
	talk_advance(t, TALK_UP);
	packet_free(&junk);
	talk_over(t);
}

/* What is not protected ends nothing once there are keys. */
static void test_clear(void)
{
	struct talk *t = talk_at(TALK_AUTH);
	struct message m;
	struct packet p;
	u64 before;

	message_new(&m, &t->a, IKE_AUTH, IKE_REQUEST, 1);
	m.sk = false;
	message_add(&m, IKE_PL_NOTIFY, OCTETS(0, 0, 0, IKE_N_INVALID_SYNTAX));
	before = talk_hash(&t->b);
	CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_MISSING);
	CHECK_EQ(talk_hash(&t->b), before);
	message_new(&m, &t->a, IKE_AUTH, IKE_REQUEST, 1);
	m.sk = false;
	message_insert(&m, 0, (struct body){ 200, true, NULL, 0 });
	CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_PAYLOAD_CRITICAL);
	CHECK_EQ(talk_hash(&t->b), before);
	/* An SK too short for what it must hold */
	message_new(&m, &t->a, IKE_AUTH, IKE_REQUEST, 1);
	m.sk = false;
	message_insert(&m, 0, (struct body){ IKE_PL_SK, false, OCTETS(1, 2, 3, 4, 5, 6, 7, 8, 9,
		       10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24) });
	p = message_write(&m, &t->a);
	message_free(&m);
	CHECK_REASON(talk_deliver(&t->b, &p), ISAKMP_R_BAD_SK);
	CHECK_EQ(t->b.ike.state, IKE_S_R_INIT);
	CHECK_EQ(t->b.sent, 1);
	packet_free(&p);
	talk_advance(t, TALK_UP);
	talk_over(t);
}

/* ---- repeats ------------------------------------------------------------------------------------ */

static void test_repeats(void)
{
	struct talk *t = talk_at(TALK_AUTH);
	struct packet p = packet_copy(&t->a.queue[0]), answer;
	u64 before;

	talk_advance(t, TALK_R_ASKING);
	talk_flush(&t->b);
	before = talk_hash(&t->b);
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);	/* its answer is on the way */
	CHECK_EQ(talk_hash(&t->b), before);
	talk_answer(&t->b, ISAKMP_OK);
	answer = packet_copy(&t->b.queue[0]);
	talk_flush(&t->b);
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
	CHECK_EQ(t->b.queued, 1);
	CHECK_EQ(t->b.queue[0].n, answer.n);
	CHECK_MEM(t->b.queue[0].p, answer.p, answer.n);
	/* The initiator's own repeats are the same octets too */
	talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
	CHECK_EQ(t->a.queue[0].n, p.n);
	CHECK_MEM(t->a.queue[0].p, p.p, p.n);
	talk_settle(t);
	CHECK_EQ(t->b.installs, 1);
	CHECK_EQ(t->b.asks, 1);
	/* Late, and another one: the exchange is over */
	before = talk_hash(&t->b);
	CHECK_EQ(talk_give(&t->b, p.p, p.n), ISAKMP_OK);
	p.p[p.n - 1] ^= 1;
	CHECK_REASON(talk_give(&t->b, p.p, p.n), ISAKMP_R_NO_LAW);
	CHECK_EQ(talk_hash(&t->b), before);
	packet_free(&p);
	packet_free(&answer);
	talk_over(t);
}

/* RFC 7296, 2.1: the answer could not leave; the peer asks again and gets it. */
static void test_answer_unsent(void)
{
	struct talk *t = talk_at(TALK_R_ASKING);
	struct packet p;

	t->b.send_why = ISAKMP_R_SEND;
	CHECK_EQ(talk_answer(&t->b, ISAKMP_OK), ISAKMP_OK);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	t->b.send_why = ISAKMP_OK;
	talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
	p = talk_take(&t->a);
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
	packet_free(&p);
	talk_settle(t);
	CHECK(t->a.xfrm && t->b.xfrm);
	talk_over(t);
	t = talk_at(TALK_R_ASKING);
	t->b.store_why = ISAKMP_R_NO_MEMORY;
	CHECK_REASON(talk_answer(&t->b, ISAKMP_OK), ISAKMP_R_NO_MEMORY);
	CHECK(!t->b.live && !t->b.xfrm);
	talk_over(t);
}

int main(void)
{
	TAP_RUN(test_handshake, "a handshake: both ends see the same");
	TAP_RUN(test_questions, "the helper is asked what AUTH covers, no more (RFC 7296, 2.15)");
	TAP_RUN(test_no_idr, "a request without IDr");
	TAP_RUN(test_request_payloads, "IKE_AUTH request: each payload gone, twice, others added (threats 31, 32)");
	TAP_RUN(test_request_order, "IKE_AUTH request: any order");
	TAP_RUN(test_request_critical, "IKE_AUTH request: unknown critical payload");
	TAP_RUN(test_request_bodies, "IKE_AUTH request: malformed bodies (threats 7, 9, 41)");
	TAP_RUN(test_inner_chain, "IKE_AUTH request: malformed chains inside SK (threats 22, 37)");
	TAP_RUN(test_response_payloads, "IKE_AUTH response: each payload gone, twice, others added (threat 31)");
	TAP_RUN(test_response_child, "IKE_AUTH response: a child that cannot be ours is deleted (threat 32)");
	TAP_RUN(test_response_no_child, "IKE_AUTH response: no child and no error");
	TAP_RUN(test_response_fatal, "IKE_AUTH response: AUTH, and an error that ends it all");
	TAP_RUN(test_response_errors, "IKE_AUTH response: nothing but errors, or nothing");
	TAP_RUN(test_flips, "every bit flipped, every cut: nothing changes (threat 53)");
	TAP_RUN(test_junk_limit, "junk ends a half-open SA after one derivation");
	TAP_RUN(test_junk_survived, "junk below the limit, and on an established SA");
	TAP_RUN(test_junk_initiator, "junk does not end an initiator's wait");
	TAP_RUN(test_clear, "clear messages when there are keys (threats 48, 52)");
	TAP_RUN(test_repeats, "repeats: the same octets, or nothing");
	TAP_RUN(test_answer_unsent, "an answer that cannot be sent, or kept");
	return tap_done();
}
