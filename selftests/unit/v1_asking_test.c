// SPDX-License-Identifier: GPL-2.0
/*
 * While the helper is asked about a message of phase 1, that one may come again, and another one in
 * its place: neither is looked at.  What the helper has refused is not shown to it twice.
 */
#include "v1_ways.h"

/* What came last, at A and at B. */
static struct packet last[2];
static unsigned int poked, refusals;

static bool listen(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct packet *of = &last[from == &t->a];

	packet_free(of);
	*of = packet_copy(p);
	return true;
}

static void forget(void)
{
	packet_free(&last[0]);
	packet_free(&last[1]);
	memset(last, 0, sizeof(last));
}

/* Nothing is asked, nothing is said, and it is refused for @want, if it is. */
static void poke(struct end *e, const struct packet *p, enum isakmp_reason want)
{
	unsigned int asks = e->asks, sent = e->sent;

	CHECK_REASON(v1_lab_deliver(e, p), want);
	CHECK_EQ(e->asks, asks);
	CHECK_EQ(e->sent, sent);
	poked++;
}

static void says(struct end *e, struct ike_verdict *v)
{
	struct packet p = last[e->name == 'B'];

	/* The peer has the last message of phase 1, or asks for it */
	if (v->kind == IKE_ASK_V1_XAUTH || v->kind == IKE_ASK_V1_CONFIG) {
		CHECK_EQ(v1_lab_p(e)->talk.resend_at, IKE_NEVER);
		CHECK_EQ(v1_lab_p(talk_other(e))->talk.resend_at, IKE_NEVER);
	}
	if (!p.n || get_unaligned_be32(p.p + 20) || v1_lab_p(e)->state != V1_P1_ASKING)
		return;
	tap_note("exchange %u, method %u, %c is asked %u", v1_lab_p(e)->exchange,
		 v1_lab_p(e)->method, e->name, v->kind);
	CHECK_EQ(v1_lab_p(e)->talk.resend_at, IKE_NEVER);
	p = packet_copy(&p);
	poke(e, &p, ISAKMP_OK);
	packet_free(&p);
	p = packet_copy(&last[e->name == 'B']);
	p.p[p.n - 1] ^= 1;
	poke(e, &p, ISAKMP_R_NO_LAW);
	packet_free(&p);
}

static void test_asked(void)
{
	struct talk *t;
	unsigned int i;

	for (i = 0; i < V1_WAYS; i++) {
		t = v1_way_new(&v1_ways[i]);
		v1_lab.net = listen;
		v1_lab.says = says;
		v1_lab_start(t);
		v1_lab_settle(t);
		if (v1_ways[i].exchange == V1_AUTH_ONLY)
			CHECK(t->a.dead_why == ISAKMP_R_V1_AUTH_ONLY &&
			      t->b.dead_why == ISAKMP_R_V1_AUTH_ONLY);
		else
			CHECK(t->a.ike.state == IKE_S_ESTABLISHED && t->b.ike.state == IKE_S_ESTABLISHED);
		forget();
		v1_lab_over(t);
	}
	CHECK(poked > 4 * V1_WAYS);
}

/* As if it were not the peer's. */
static void no(struct end *e, struct ike_verdict *v)
{
	if (v->kind != IKE_ASK_R_AUTH && v->kind != IKE_ASK_I_VERIFY)
		return;
	if (v->peer)
		isakmp_peer_put(v->peer);
	*v = (struct ike_verdict){ .kind = v->kind, .reason = ISAKMP_R_AUTH_FAILED };
	refusals++;
}

static void refuse(u8 exchange, enum ike_ask_kind kind)
{
	struct talk *t = v1_lab_new_sig();
	struct end *e = kind == IKE_ASK_R_AUTH ? &t->b : &t->a;

	tap_note("exchange %u", exchange);
	t->a.peer.v1.exchange = exchange;
	t->b.peer.v1.accept = BIT(exchange);
	v1_lab.net = listen;
	v1_lab_start(t);
	while (!(e->asking && e->ask.kind == kind)) {
		if (t->a.asking)
			v1_lab_answer(&t->a);
		if (t->b.asking && t->b.ask.kind != kind)
			v1_lab_answer(&t->b);
		if (t->a.queued)
			v1_lab_pass(&t->a);
		if (t->b.queued)
			v1_lab_pass(&t->b);
	}
	refusals = 0;
	v1_lab.says = no;
	v1_lab_answer(e);
	CHECK_EQ(refusals, 1);
	poke(e, &last[e == &t->b], ISAKMP_OK);
	CHECK(!e->asking && e->live);
	forget();
	v1_lab_over(t);
}

static void test_refused(void)
{
	refuse(V1_MAIN, IKE_ASK_R_AUTH);
	refuse(V1_MAIN, IKE_ASK_I_VERIFY);
	refuse(V1_BASE, IKE_ASK_R_AUTH);
	refuse(V1_BASE, IKE_ASK_I_VERIFY);
	refuse(V1_AGGRESSIVE, IKE_ASK_I_VERIFY);
	refuse(V1_AUTH_ONLY, IKE_ASK_I_VERIFY);
}

/* ---- where it is about us ------------------------------------------------------- */

/* At which question nobody is there. */
static const struct row {
	u8 kind;
	u8 exchange;
	u8 step;
	bool initiator;
} rows[] = {
	{ IKE_ASK_V1_DECRYPT, V1_MAIN, 3, false },
	{ IKE_ASK_V1_ENCRYPT, V1_MAIN, 3, false },
	{ IKE_ASK_V1_DECRYPT, V1_MAIN, 4, true },
	{ IKE_ASK_R_AUTH, V1_MAIN, 5, false },
	{ IKE_ASK_I_VERIFY, V1_MAIN, 6, true },
	{ IKE_ASK_KEX, V1_AGGRESSIVE, 2, true },
	{ IKE_ASK_V1_SKEYID, V1_AGGRESSIVE, 2, true },
	{ IKE_ASK_V1_DECRYPT, V1_AGGRESSIVE, 2, true },
	{ IKE_ASK_I_VERIFY, V1_AGGRESSIVE, 2, true },
	{ IKE_ASK_R_AUTH, V1_AGGRESSIVE, 3, false },
	{ IKE_ASK_I_VERIFY, V1_AGGRESSIVE, 3, false },
	{ IKE_ASK_KEX, V1_BASE, 3, false },
	{ IKE_ASK_V1_SKEYID, V1_BASE, 3, false },
	{ IKE_ASK_R_AUTH, V1_BASE, 3, false },
	{ IKE_ASK_I_VERIFY, V1_BASE, 4, true },
	{ IKE_ASK_V1_SKEYID, V1_AUTH_ONLY, 2, true },
	{ IKE_ASK_I_VERIFY, V1_AUTH_ONLY, 2, true },
	{ IKE_ASK_R_AUTH, V1_AUTH_ONLY, 3, false },
	{ IKE_ASK_I_VERIFY, V1_AUTH_ONLY, 3, false },
};

static const struct row *row;
static unsigned int lost;

static void nobody(struct end *e, struct ike_verdict *v)
{
	const struct v1_phase1 *p = v1_lab_p(e);

	if (lost || v->kind != row->kind || p->exchange != row->exchange || p->step != row->step ||
	    e->ike.ep->initiator != row->initiator)
		return;
	if (v->peer)
		isakmp_peer_put(v->peer);
	*v = (struct ike_verdict){ .kind = v->kind, .reason = ISAKMP_R_HELPER_LOST };
	lost++;
}

/* One thing after another, until nobody was there; false: there was always somebody. */
static bool until_lost(struct talk *t)
{
	struct end *const ends[] = { &t->a, &t->b };
	unsigned int i, rounds = 100;

	while (!lost && rounds--)
		for (i = 0; i < 2 && !lost; i++)
			if (ends[i]->asking)
				v1_lab_answer(ends[i]);
			else if (ends[i]->queued)
				v1_lab_pass(ends[i]);
	return lost;
}

/* The message is not held against the peer: when it comes again, it is as if it came first. */
static bool later(const struct v1_way *w)
{
	struct talk *t = v1_way_new(w);
	struct end *e = row->initiator ? &t->a : &t->b;
	bool found;

	if (row->kind == IKE_ASK_KEX) {
		t->a.peer.ike.n = t->b.peer.ike.n = 1;
		t->a.peer.ike.s[0].ke = t->b.peer.ike.s[0].ke = IKE_KE_ECP_521;
	}
	lost = 0;
	v1_lab.net = listen;
	v1_lab.says = nobody;
	v1_lab_start(t);
	found = until_lost(t);
	if (found) {
		CHECK(e->live && !e->asking);
		CHECK_EQ(v1_lab_deliver(e, &last[e == &t->b]), ISAKMP_OK);
		CHECK(e->asking || e->sent);
		v1_lab_let_pass(t, 9000);
		if (row->exchange == V1_AUTH_ONLY)
			CHECK_REASON(e->dead_why, ISAKMP_R_V1_AUTH_ONLY);
		else
			CHECK(t->a.ike.state == IKE_S_ESTABLISHED &&
			      t->b.ike.state == IKE_S_ESTABLISHED);
	} else {
		v1_lab_settle(t);
	}
	forget();
	v1_lab_over(t);
	return found;
}

static void test_later(void)
{
	unsigned int i, k, n;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		row = &rows[i];
		tap_note("exchange %u, message %u, %s: question %u", row->exchange, row->step,
			 row->initiator ? "A" : "B", row->kind);
		for (k = n = 0; k < V1_WAYS; k++)
			n += v1_ways[k].exchange == row->exchange && later(&v1_ways[k]);
		CHECK(n);
	}
}

int main(void)
{
	TAP_RUN(test_asked, "while the helper is asked nothing else is looked at");
	TAP_RUN(test_refused, "what the helper has refused is not shown to it again");
	TAP_RUN(test_later, "nobody is there to answer: the same message does later");
	return tap_done();
}
