// SPDX-License-Identifier: GPL-2.0
/* Whose traffic selectors a child gets: both ends of the negotiation (RFC 7296, 2.9). */
#include "talk.h"

#define ANY_PORT 0, 65535
#define UDP 17

/* A second child, "dmz", of each end. */
struct second {
	struct ike_child_policy a, b;
	struct isakmp_ts a_local[IKE_TS_MAX], a_remote[IKE_TS_MAX];
	struct isakmp_ts b_local[IKE_TS_MAX], b_remote[IKE_TS_MAX];
};

static struct isakmp_ts net(u8 n)
{
	return (struct isakmp_ts){ IKE_TS_IPV4, 0, ANY_PORT, { 10, n }, { 10, n, 255, 255 } };
}

static const struct isakmp_ts ten = { IKE_TS_IPV4, 0, ANY_PORT, { 10 }, { 10, 255, 255, 255 } };

static struct isakmp_ts host(u8 n, u8 last)
{
	return (struct isakmp_ts){ IKE_TS_IPV4, 0, ANY_PORT, { 10, n, 0, last }, { 10, n, 0, last } };
}

static struct isakmp_ts port(struct isakmp_ts t, u8 proto, u16 port)
{
	t.proto = proto;
	t.port_start = t.port_end = port;
	return t;
}

static void give_child(struct end *e, struct ike_child_policy *p, struct isakmp_ts *local,
		       struct isakmp_ts *remote, u8 ours, u8 theirs)
{
	*p = e->child;
	strcpy(p->name, "dmz");
	local[0] = net(ours);
	remote[0] = net(theirs);
	p->local = local;
	p->remote = remote;
	p->n_local = p->n_remote = 1;
	e->peer.child[e->peer.n_child++] = p;
}

/* Of both ends "net" is 10.1 <-> 10.2; "dmz" is 10.1 <-> 10.3. */
static struct talk *two_children(struct second *s)
{
	struct talk *t = talk_new();

	give_child(&t->a, &s->a, s->a_local, s->a_remote, 1, 3);
	give_child(&t->b, &s->b, s->b_local, s->b_remote, 3, 1);
	return t;
}

static enum isakmp_reason start(struct end *e, const struct ike_child_policy *p)
{
	struct ike_event ev = { .type = IKE_EV_CHILD_START, .peer = &e->peer, .child = p };

	return talk_event(e, &ev);
}

/* The child that B chose for A's "dmz". */
static struct ike_child *chosen(struct talk *t)
{
	talk_advance(t, TALK_UP);
	start(&t->a, t->a.peer.child[1]);
	talk_settle(t);
	CHECK_EQ(t->a.ike.n_children, 2);
	CHECK_EQ(t->b.ike.n_children, 2);
	return t->b.ike.children->next;
}

/* ---- which child -------------------------------------------------------------- */

/* The child that takes the packet, before an earlier one that takes another part. */
static void test_first_choice(void)
{
	struct second s;
	struct talk *t = two_children(&s);
	struct ike_child *c;

	s.a_remote[0] = port(host(3, 5), UDP, 53);
	s.a_remote[1] = ten;
	s.a.n_remote = 2;
	c = chosen(t);
	CHECK(!strcmp(c->policy->name, "dmz"));
	CHECK_EQ(c->n_local, 1);
	CHECK_MEM(c->local, s.b_local, sizeof(s.b_local[0]));
	talk_over(t);
	/* No child takes it: any that takes a part */
	t = two_children(&s);
	s.a_remote[0] = port(host(4, 5), UDP, 53);
	s.a_remote[1] = ten;
	s.a.n_remote = 2;
	CHECK(!strcmp(chosen(t)->policy->name, "net"));
	talk_over(t);
	/* It takes one side of the packet only */
	t = two_children(&s);
	s.a_local[0] = host(4, 5);
	s.a_local[1] = ten;
	s.a.n_local = 2;
	s.a_remote[1] = ten;
	s.a.n_remote = 2;
	CHECK(!strcmp(chosen(t)->policy->name, "net"));
	talk_over(t);
}

/* One that takes everything, before one that takes the first choice. */
static void test_whole(void)
{
	struct second s;
	struct talk *t = two_children(&s);

	s.a_remote[0] = host(2, 5);
	s.a_remote[1] = ten;
	s.a.n_remote = 2;
	s.b_local[0] = ten;
	CHECK(!strcmp(chosen(t)->policy->name, "dmz"));
	talk_over(t);
}

/* ---- how many ----------------------------------------------------------------- */

/* @n selectors of one host each, from 10.@net.0.1 on. */
static struct body hosts(u8 type, u8 net, unsigned int n)
{
	static const u8 one[16] = { IKE_TS_IPV4, 0, 0, 16, 0, 0, 255, 255, 10, 0, 0, 0, 10 };
	static u8 body[4 + 255 * sizeof(one)];
	unsigned int i;
	u8 *p;

	body[0] = (u8)n;
	for (i = 0; i < n; i++) {
		p = body + 4 + i * sizeof(one);
		memcpy(p, one, sizeof(one));
		p[9] = p[13] = net;
		p[11] = p[15] = (u8)(i + 1);
	}
	return (struct body){ type, false, body, 4 + n * sizeof(one) };
}

/* The oldest message of an end, with another TSi or TSr. */
static void replace(struct end *from, struct message *m, struct body ts)
{
	struct packet p = talk_take(from);
	int at;

	message_read(m, from, &p);
	packet_free(&p);
	at = message_find(m, ts.type);
	if (CHECK(at >= 0))
		m->b[at] = ts;
}

/* 255 selectors are no mistake: the first 16 are taken, the others left out. */
static void test_many_proposed(void)
{
	static const unsigned int n[] = { 16, 17, 255 };
	const struct ike_child *c;
	struct message m;
	struct second s;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(n); i++) {
		tap_note("%u selectors", n[i]);
		t = two_children(&s);
		t->liar = true;			/* A asked for something else */
		talk_advance(t, TALK_UP);
		t->b.local[0] = host(3, 1);
		start(&t->a, &s.a);
		replace(&t->a, &m, hosts(IKE_PL_TSR, 3, n[i]));
		CHECK_EQ(message_deliver(&m, &t->a), ISAKMP_OK);
		CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
		if (!CHECK_EQ(t->b.ike.n_children, 2)) {
			talk_over(t);
			continue;
		}
		c = t->b.ike.children->next;
		/* Nobody takes more than 16 whole: then the first child that fits */
		CHECK(!strcmp(c->policy->name, n[i] > 16 ? "net" : "dmz"));
		CHECK_EQ(c->n_local, n[i] > 16 ? 1 : 16);
		CHECK_MEM(c->local[0].start, host(3, 1).start, 16);
		talk_over(t);
	}
}

/* A responder's 17: there is no child, and nothing else ends. */
static void test_many_answered(void)
{
	struct message m;
	struct second s;
	struct talk *t;
	unsigned int n;

	for (n = 16; n <= 17; n++) {
		tap_note("%u selectors", n);
		t = two_children(&s);
		t->liar = true;			/* B has all of it */
		s.a_local[0] = s.b_remote[0] = ten;
		talk_advance(t, TALK_UP);
		start(&t->a, &s.a);
		talk_deliver(&t->b, &t->a.queue[0]);
		talk_flush(&t->a);
		replace(&t->b, &m, hosts(IKE_PL_TSI, 1, n));
		CHECK_REASON(message_deliver(&m, &t->b), n > 16 ? ISAKMP_R_TS : ISAKMP_OK);
		CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
		CHECK_EQ(t->a.ike.children->next->state,
			 n > 16 ? IKE_CHILD_DELETING : IKE_CHILD_UP);
		talk_settle(t);
		CHECK_EQ(t->a.ike.n_children, n > 16 ? 1 : 2);
		CHECK_EQ(t->b.ike.n_children, n > 16 ? 1 : 2);
		talk_over(t);
	}
}

/* A packet and its network, as strongSwan's traps propose them: one selector. */
static void test_no_parts(void)
{
	struct second s;
	struct talk *t = two_children(&s);
	struct ike_child *c;

	s.a_local[1] = s.a_local[0];
	s.a_local[0] = port(host(1, 9), UDP, 4000);
	s.a_remote[1] = s.a_remote[0];
	s.a_remote[0] = port(host(3, 5), UDP, 53);
	s.a.n_local = s.a.n_remote = 2;
	c = chosen(t);
	CHECK_EQ(c->n_local, 1);
	CHECK_EQ(c->n_remote, 1);
	CHECK_MEM(c->local, s.b_local, sizeof(s.b_local[0]));
	CHECK_MEM(c->remote, s.b_remote, sizeof(s.b_remote[0]));
	talk_over(t);
}

int main(void)
{
	TAP_RUN(test_first_choice, "the child that takes the first choice (RFC 7296, 2.9)");
	TAP_RUN(test_whole, "the child that takes everything, before all others");
	TAP_RUN(test_many_proposed, "more selectors than are kept: a part of them");
	TAP_RUN(test_many_answered, "more selectors in an answer: no child, by name");
	TAP_RUN(test_no_parts, "what is part of another selector is left out");
	return tap_done();
}
