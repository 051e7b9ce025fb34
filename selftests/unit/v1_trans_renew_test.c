// SPDX-License-Identifier: GPL-2.0
/*
 * Transaction exchanges of version 1 when a connection gets one more ISAKMP SA: whose it is, and
 * who may begin it (draft-beaulieu-ike-xauth).  A is the client.
 */
#include "v1_xauth.h"

static bool no_elder_yet(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	if (nth <= 4)
		CHECK_EQ(v1_lab.elders, 0);
	return true;
}

/*
 * A group has one identity: whose connection it is is known after XAUTH, which is not asked
 * again there.
 */
static void test_elder(void)
{
	struct talk *t = v1_lab_new_xauth(), *u;
	struct ike_v1_take take;
	struct ike_event ev = { .type = IKE_EV_V1_TAKE, .take = &take };
	unsigned int asks;

	v1_lab.elder = 77;
	v1_lab.net = no_elder_yet;
	v1_lab_start(t);
	v1_lab_settle(t);
	CHECK_EQ(v1_lab.hand_overs, 1);
	CHECK(!t->b.live);
	CHECK(v1_lab.take.ep && v1_lab.take.ep->v1->user_known);
	take = v1_lab.take;
	v1_lab.take.ep = NULL;
	talk_release(t);
	u = v1_lab_up(v1_lab_new_xauth());
	u->refs += t->refs;
	asks = u->b.asks;
	take.path = u->b.ike.path;
	CHECK_EQ(talk_event(&u->b, &ev), ISAKMP_OK);
	CHECK_EQ(v1_lab_p(&u->b)->state, V1_P1_UP);
	CHECK(u->b.ike.ep != &u->b.ike.first);
	CHECK_EQ(u->b.asks, asks);
	v1_lab_over(u);
	talk_free(t);
}

/* An elder takes an ISAKMP SA, and waits to be asked: that ends, and the others stay. */
static void test_renewed_waits(void)
{
	struct talk *t = v1_lab_new(), *u;
	struct ike_v1_take take;
	struct ike_event ev = { .type = IKE_EV_V1_TAKE, .take = &take };

	v1_lab.elder = 77;
	v1_lab_start(t);
	v1_lab_settle(t);
	take = v1_lab.take;
	v1_lab.take.ep = NULL;
	talk_release(t);
	u = v1_lab_up(v1_lab_new());
	u->refs += t->refs;
	u->b.peer.v1.xauth = IKE_V1_XAUTH_US;
	take.path = u->b.ike.path;
	CHECK_EQ(talk_event(&u->b, &ev), ISAKMP_OK);
	v1_lab_let_pass(u, IKE_ESTABLISH_MS - 1);
	CHECK_EQ(u->b.refused[ISAKMP_R_TIMEOUT], 0);
	v1_lab_let_pass(u, 1);
	CHECK_EQ(u->b.refused[ISAKMP_R_TIMEOUT], 1);
	CHECK_EQ(u->b.ike.state, IKE_S_ESTABLISHED);
	CHECK(v1_phase1_ready(&u->b.ike) == &u->b.ike.first);
	CHECK(u->b.xfrm != NULL);
	v1_lab_over(u);
	talk_free(t);
}

/*
 * @e wants another ISAKMP SA; the other end is a new SA there, @o of another talk, that calls
 * itself @other as the one before did.
 */
static void renew(struct end *e, struct end *o, const char *other)
{
	const char *own = v1_lab.id[1];
	unsigned int rounds = 100;
	struct packet p;

	CHECK_EQ(talk_do(e, IKE_EV_REKEY, 0), ISAKMP_OK);
	while (rounds--) {
		if (e->asking)
			v1_lab_answer(e);
		v1_lab.id[1] = other;
		if (o->asking)
			v1_lab_answer(o);
		v1_lab.id[1] = own;
		p = talk_take(e);
		if (p.n)
			v1_lab_deliver(o, &p);
		packet_free(&p);
		p = talk_take(o);
		if (p.n)
			v1_lab_deliver(e, &p);
		packet_free(&p);
	}
}

/* Who asks wants another ISAKMP SA: @began the connection, or its peer did. */
static void renew_asker(bool began, const char *user, bool good)
{
	struct talk *t = began ? initiator_asks() : v1_lab_new_xauth(), *u;
	struct end *e = began ? &t->a : &t->b;
	u64 cookie, until;

	e->peer.reauth_s = 1000;
	v1_lab_up(t);
	cookie = e->ike.ep->spi_i;
	until = e->ike.until_at;
	tap_note("%s, %s", began ? "ours" : "the peer's", user);
	check_stands(e, "ann");
	u = initiator_asks();	/* a new one is asked, whoever began the connection */
	u->refs = t->refs;
	v1_lab_let_pass(t, 1);	/* neither end has begun this one before it was up */
	v1_lab.user = user;
	if (!good)
		v1_lab.known_user = user;
	renew(e, &u->b, began ? "b.example" : "a.example");
	CHECK_EQ(e->ike.state, IKE_S_ESTABLISHED);
	CHECK(e->xfrm != NULL);
	CHECK_EQ(e->rekeys, good);
	CHECK_EQ(e->ike.ep->spi_i != cookie, good);
	CHECK_EQ(e->refused[ISAKMP_R_NO_IDENTITY], !good);
	CHECK_EQ(u->b.ike.state == IKE_S_ESTABLISHED, good);
	check_stands(e, "ann");
	/* The secret that many share makes nobody believed for longer */
	CHECK_EQ(e->ike.until_at, good ? t->now + 1000000 : until);
	u->refs = t->refs;
	talk_release(t);
	talk_free(t);
	v1_lab_over(u);
}

/* One more ISAKMP SA that the asker begins is of the same user. */
static void test_renew_asker(void)
{
	renew_asker(true, "ann", true);
	renew_asker(false, "ann", true);
}

/* Another user does not come into a connection, and moves nothing of it. */
static void test_another_user(void)
{
	renew_asker(true, "bob", false);
	renew_asker(false, "bob", false);
}

/* A further ISAKMP SA brings no address: it comes to nothing, and what we have is ours as before. */
static void test_no_further_address(void)
{
	struct talk *t, *u;
	int push;

	for (push = 0; push < 2; push++) {
		tap_note(push ? "push" : "pull");
		t = v1_lab_up(client(false, push));
		u = client(false, push);
		u->refs = t->refs;
		u->b.inner[0].family = 0;
		u->b.no_address = !push;
		renew(&t->a, &u->b, "b.example");
		CHECK_EQ(t->a.refused[ISAKMP_R_NO_ADDRESS], 1);
		CHECK_EQ(t->a.rekeys, 0);
		CHECK_EQ(t->a.ike.inner[0].family, 4);
		CHECK_MEM(t->a.ike.inner[0].a, inner4.a, 16);
		CHECK(t->a.ike.config && t->a.ike.config->n_dns == 1);
		CHECK(t->a.xfrm != NULL);
		u->refs = t->refs;
		talk_release(t);
		talk_free(t);
		v1_lab_over(u);
	}
}

/* What goes on between an end and another one, of another talk, helpers answering. */
static void settle_ends(struct end *e, struct end *o)
{
	unsigned int rounds = 20;

	while (rounds--) {
		if (e->asking)
			v1_lab_answer(e);
		if (o->asking)
			v1_lab_answer(o);
		v1_lab_pass_all(e, o);
		v1_lab_pass_all(o, e);
	}
}

/* An elder takes an ISAKMP SA, and the helper is just asked about another one: it waits. */
static void test_elder_busy(void)
{
	struct talk *t = client(false, true), *u = v1_lab_up(client(false, true));
	struct ike_event ev = { .type = IKE_EV_V1_TAKE, .take = &v1_lab.take };
	struct ike_epoch *ep;

	t->liar = u->liar = true;
	v1_lab.elder = 77;
	v1_lab_start(t);
	while (!v1_lab.take.ep) {
		if (t->a.asking)
			v1_lab_answer(&t->a);
		if (t->b.asking)
			v1_lab_answer(&t->b);
		v1_lab_pass_all(&t->a, &t->b);
		v1_lab_pass_all(&t->b, &t->a);
	}
	CHECK_EQ(talk_do(&u->b, IKE_EV_REKEY, 0), ISAKMP_OK);
	CHECK(u->b.asking && u->b.ask.kind == IKE_ASK_V1_BEGIN);
	ep = v1_lab.take.ep;
	v1_lab.take.path = u->b.ike.path;
	CHECK_EQ(talk_event(&u->b, &ev), ISAKMP_OK);
	CHECK_EQ(v1_of(ep)->state, V1_P1_CONFIG);
	CHECK_EQ(u->b.ask.kind, IKE_ASK_V1_BEGIN);
	CHECK_EQ(v1_lab_answer(&u->b), ISAKMP_OK);
	CHECK(u->b.asking && u->b.ask.kind == IKE_ASK_V1_CONFIG);
	settle_ends(&u->b, &t->a);
	CHECK_EQ(v1_of(ep)->state, V1_P1_UP);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	u->refs += t->refs;
	talk_release(t);
	talk_release(u);
	talk_free(t);
	v1_lab_over(u);
}

/* Name and password come while the helper chooses an address: they are heard when they come again. */
static void test_reply_busy(void)
{
	static const u8 wants[] = { 0, 1, 0, 0 };
	struct talk *t = v1_lab_up(client(true, false)), *u = initiator_asks();
	struct end *e = &t->b, *o = &u->b;
	unsigned int rounds = 20;
	struct v1_msg m;

	t->liar = u->liar = true;
	u->refs = t->refs;
	v1_lab_let_pass(t, 1);
	CHECK_EQ(talk_do(e, IKE_EV_REKEY, 0), ISAKMP_OK);
	/* Until @o is asked for its name */
	while (rounds-- && o->ask.kind != IKE_ASK_V1_XAUTH) {
		if (e->asking)
			v1_lab_answer(e);
		v1_lab_pass_all(e, o);
		if (o->asking && o->ask.kind != IKE_ASK_V1_XAUTH) {
			v1_lab.id[1] = "a.example";
			v1_lab_answer(o);
			v1_lab.id[1] = "b.example";
		}
		v1_lab_pass_all(o, e);
	}
	CHECK(o->asking && !e->asking);
	CHECK_EQ(v1_msg_begin(&t->a.ike, t->a.ike.ep, NULL, &m, V1_TRANSACTION, V1_H_1), ISAKMP_OK);
	isakmp_build_payload(&m.b, V1_PL_ATTRIBUTES);
	v1_attributes_encode(&m.b.o, IKE_CFG_REQUEST, 7);
	isakmp_out_bytes(&m.b.o, wants, sizeof(wants));
	isakmp_build_close(&m.b);
	CHECK_EQ(v1_say_once(&t->a.ike, &m), ISAKMP_OK);
	v1_lab_pass_all(&t->a, e);
	CHECK(e->asking && e->ask.kind == IKE_ASK_V1_CONFIG);
	v1_lab_answer(o);
	v1_lab_pass_all(o, e);
	CHECK_EQ(e->refused[ISAKMP_R_UPCALL_LIMIT], 1);
	CHECK_EQ(e->ask.kind, IKE_ASK_V1_CONFIG);
	v1_lab_answer(e);
	talk_flush(e);
	CHECK_EQ(e->rekeys, 0);
	talk_timer(e, t->now + e->tun.retransmit_ms);
	u->now = t->now;
	settle_ends(e, o);
	CHECK_EQ(e->rekeys, 1);
	CHECK_EQ(o->ike.state, IKE_S_ESTABLISHED);
	check_stands(e, "ann");
	u->refs = t->refs;
	talk_release(t);
	talk_free(t);
	v1_lab_over(u);
}

int main(void)
{
	TAP_RUN(test_elder, "whose connection it is is known after XAUTH");
	TAP_RUN(test_renewed_waits, "one more that waits in vain");
	TAP_RUN(test_renew_asker, "who asks begins another one: it is of the same user");
	TAP_RUN(test_another_user, "another user in a connection");
	TAP_RUN(test_elder_busy, "one more while the helper is asked about another: its address waits");
	TAP_RUN(test_reply_busy, "name and password while the helper is asked about another");
	TAP_RUN(test_no_further_address, "a further ISAKMP SA without an address: the one before stays");
	return tap_done();
}
