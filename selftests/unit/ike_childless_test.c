// SPDX-License-Identifier: GPL-2.0
/* IKE_AUTH without a child: RFC 6023. */
#include "talk.h"

static struct talk *with(u8 a, u8 b)
{
	struct talk *t = talk_new();

	t->a.peer.childless = a;
	t->b.peer.childless = b;
	return t;
}

static bool announced(const struct end *b)
{
	struct message m;
	bool there = false;
	unsigned int i;

	message_read(&m, (struct end *)b, &b->queue[0]);
	for (i = 0; i < m.n; i++)
		if (m.b[i].type == IKE_PL_NOTIFY &&
		    get_unaligned_be16(m.b[i].p + 2) == IKE_N_CHILDLESS_SUPPORTED) {
			there = true;
			/* No protocol, no SPI, no data */
			CHECK_EQ(m.b[i].n, 4);
			CHECK_EQ(get_unaligned_be16(m.b[i].p), 0);
		}
	message_free(&m);
	return there;
}

/* Is there anything of a child in the message that waits at @e? */
static bool has_child(struct end *e)
{
	struct message m;
	bool there;

	message_read(&m, e, &e->queue[0]);
	CHECK_EQ(m.h.exchange, IKE_AUTH);
	there = message_find(&m, IKE_PL_SA) >= 0;
	CHECK_EQ(message_find(&m, IKE_PL_TSI) >= 0, there);
	CHECK_EQ(message_find(&m, IKE_PL_TSR) >= 0, there);
	message_free(&m);
	return there;
}

static void both_up(struct talk *t)
{
	talk_settle(t);
	CHECK(t->a.xfrm && t->b.xfrm);
	CHECK_EQ(talk_child_state(&t->a), IKE_CHILD_UP);
	CHECK_EQ(talk_child_state(&t->b), IKE_CHILD_UP);
	CHECK_EQ(t->a.refusals + t->b.refusals, 0);
}

static const struct {
	u8 a, b;
	bool announced, bare;
} works[] = {
	{ IKE_CHILDLESS_NEVER,	IKE_CHILDLESS_NEVER,	false,	false },
	{ IKE_CHILDLESS_NEVER,	IKE_CHILDLESS_PREFER,	true,	false },
	{ IKE_CHILDLESS_ALLOW,	IKE_CHILDLESS_ALLOW,	true,	false },
	{ IKE_CHILDLESS_PREFER,	IKE_CHILDLESS_NEVER,	false,	false },
	{ IKE_CHILDLESS_PREFER,	IKE_CHILDLESS_ALLOW,	true,	true },
	{ IKE_CHILDLESS_PREFER,	IKE_CHILDLESS_PREFER,	true,	true },
	{ IKE_CHILDLESS_PREFER,	IKE_CHILDLESS_FORCE,	true,	true },
	{ IKE_CHILDLESS_FORCE,	IKE_CHILDLESS_ALLOW,	true,	true },
	{ IKE_CHILDLESS_FORCE,	IKE_CHILDLESS_FORCE,	true,	true },
};

static void test_works(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(works); i++) {
		struct talk *t = with(works[i].a, works[i].b);

		tap_note("%u and %u", works[i].a, works[i].b);
		talk_advance(t, TALK_INIT_ANSWERED);
		CHECK_EQ(announced(&t->b), works[i].announced);
		talk_advance(t, TALK_AUTH);
		CHECK_EQ(has_child(&t->a), !works[i].bare);
		talk_advance(t, TALK_AUTH_ANSWERED);
		CHECK_EQ(has_child(&t->b), !works[i].bare);
		CHECK_EQ(t->b.installs, !works[i].bare);
		talk_advance(t, TALK_UP);
		/* The child comes at once, by an exchange of its own */
		CHECK_EQ(t->a.queued, works[i].bare);
		both_up(t);
		talk_over(t);
	}
}

/* With a group of its own: its keys do not come from those of IKE_SA_INIT alone. */
static void test_pfs(void)
{
	struct talk *t = with(IKE_CHILDLESS_PREFER, IKE_CHILDLESS_ALLOW);
	struct message m;

	t->a.child.esp.s[0].ke = t->b.child.esp.s[0].ke = IKE_KE_X25519;
	talk_advance(t, TALK_UP);
	message_read(&m, &t->a, &t->a.queue[0]);
	CHECK_EQ(m.h.exchange, IKE_CREATE_CHILD_SA);
	CHECK(message_find(&m, IKE_PL_KE) >= 0);
	message_free(&m);
	both_up(t);
	CHECK_EQ(t->b.last.suite.ke, IKE_KE_X25519);
	talk_over(t);
}

/* What we insist on is not there: the answer is none, the wait goes on. */
static void test_unannounced(void)
{
	struct talk *t = with(IKE_CHILDLESS_FORCE, IKE_CHILDLESS_NEVER);

	talk_advance(t, TALK_INIT_ANSWERED);
	CHECK_EQ(t->a.ike.state, IKE_S_I_INIT);
	talk_settle(t);
	CHECK_REASON(t->a.why, ISAKMP_R_CHILDLESS);
	CHECK_EQ(t->a.ike.state, IKE_S_I_INIT);
	CHECK(!t->a.asks);
	talk_over(t);
}

/* IKE_AUTH of A, with or without a child, whatever B said. */
static struct message auth_message(struct talk *t, bool bare)
{
	struct packet p = talk_take(&t->a);
	struct message m;

	message_read(&m, &t->a, &p);
	packet_free(&p);
	while (bare && message_find(&m, IKE_PL_SA) >= 0)
		message_drop(&m, (unsigned int)message_find(&m, IKE_PL_SA));
	while (bare && message_find(&m, IKE_PL_TSI) >= 0)
		message_drop(&m, (unsigned int)message_find(&m, IKE_PL_TSI));
	while (bare && message_find(&m, IKE_PL_TSR) >= 0)
		message_drop(&m, (unsigned int)message_find(&m, IKE_PL_TSR));
	return m;
}

/* RFC 6023, 3: who does not have it answers with INVALID_SYNTAX. */
static void test_never(void)
{
	struct talk *t = with(IKE_CHILDLESS_NEVER, IKE_CHILDLESS_NEVER);
	struct message m;

	talk_advance(t, TALK_AUTH);
	m = auth_message(t, true);
	CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_CHILDLESS);
	CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
	CHECK(!t->b.asks);
	CHECK_EQ(talk_error(&t->b), IKE_N_INVALID_SYNTAX);
	talk_over(t);
}

/* Half a child is none. */
static void test_half(void)
{
	struct talk *t = with(IKE_CHILDLESS_ALLOW, IKE_CHILDLESS_ALLOW);
	struct message m;

	talk_advance(t, TALK_AUTH);
	m = auth_message(t, false);
	message_drop(&m, (unsigned int)message_find(&m, IKE_PL_SA));
	CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_MISSING);
	CHECK_EQ(t->b.arg, IKE_PL_SA);
	CHECK_EQ(talk_error(&t->b), IKE_N_INVALID_SYNTAX);
	talk_over(t);
}

/* Announced for the sake of another peer; who it is is not allowed to, or has to. */
static void test_identity(u8 policy, bool bare)
{
	struct talk *t = with(bare ? IKE_CHILDLESS_PREFER : IKE_CHILDLESS_NEVER, policy);
	struct ike_peer other = t->b.peer;

	other.childless = IKE_CHILDLESS_ALLOW;
	t->b.candidate[1] = &other;
	talk_advance(t, TALK_R_ASKING);
	CHECK_REASON(talk_answer(&t->b, ISAKMP_OK), ISAKMP_R_CHILDLESS);
	CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
	CHECK(!t->b.installs);
	CHECK_EQ(talk_error(&t->b), IKE_N_AUTHENTICATION_FAILED);
	talk_over(t);
}

static void test_identity_never(void)
{
	test_identity(IKE_CHILDLESS_NEVER, true);
}

static void test_identity_force(void)
{
	test_identity(IKE_CHILDLESS_FORCE, false);
}

/* A child that nobody asked for. */
static void test_unasked(void)
{
	static const u8 types[] = { IKE_PL_SA, IKE_PL_TSI, IKE_PL_TSR };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		struct talk *t = with(IKE_CHILDLESS_FORCE, IKE_CHILDLESS_FORCE);
		struct message m;
		struct packet p;

		talk_advance(t, TALK_AUTH_ANSWERED);
		p = talk_take(&t->b);
		message_read(&m, &t->b, &p);
		message_insert(&m, m.n, talk_body(types[i]));
		CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_UNEXPECTED);
		CHECK_EQ(t->a.arg, types[i]);
		packet_free(&p);
		/* B has the IKE SA, and is told */
		CHECK_EQ(t->a.ike.state, IKE_S_DELETING);
		talk_settle(t);
		CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
		CHECK(!t->a.installs);
		talk_over(t);
	}
}

/* The pool is empty: said, as it would be with a child. */
static void test_no_address(void)
{
	struct talk *t = with(IKE_CHILDLESS_FORCE, IKE_CHILDLESS_FORCE);

	t->a.peer.vip[0].family = 4;
	t->b.no_address = true;
	talk_advance(t, TALK_R_ASKING);
	CHECK_REASON(talk_answer(&t->b, ISAKMP_OK), ISAKMP_R_NO_ADDRESS);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(talk_error(&t->b), IKE_N_INTERNAL_ADDRESS_FAILURE);
	talk_over(t);
}

int main(void)
{
	TAP_RUN(test_works, "childless: what both ends want, in all ways that agree");
	TAP_RUN(test_pfs, "childless: a key exchange for the first child");
	TAP_RUN(test_unannounced, "childless: insisted on, and not announced");
	TAP_RUN(test_never, "childless: not announced, and done");
	TAP_RUN(test_half, "childless: with selectors, and no suite");
	TAP_RUN(test_identity_never, "childless: announced, but not for this peer");
	TAP_RUN(test_identity_force, "childless: a child, and this peer has to come without");
	TAP_RUN(test_unasked, "childless: an answer with a child");
	TAP_RUN(test_no_address, "childless: no inner address is left");
	return tap_done();
}
