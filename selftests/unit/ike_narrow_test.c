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

/* ---- the packet that it is for ------------------------------------------------- */

static struct ike_flow packet(struct isakmp_ts local, struct isakmp_ts remote)
{
	return (struct ike_flow){ local, remote };
}

static struct ike_flow dns(void)
{
	return packet(port(host(1, 9), UDP, 4000), port(host(3, 5), UDP, 53));
}

static void start_for(struct end *e, const struct ike_child_policy *p,
		      const struct ike_flow *flow)
{
	struct ike_event ev = { .type = IKE_EV_CHILD_START, .peer = &e->peer, .child = p,
				.flow = flow };

	talk_event(e, &ev);
}

/* What the oldest message of an end proposes or answers; @v has 17. */
static unsigned int said(struct end *from, u8 type, struct isakmp_ts *v)
{
	struct isakmp_payload pl;
	unsigned int n = 0;
	struct message m;
	int at;

	message_read(&m, from, &from->queue[0]);
	at = message_find(&m, type);
	if (CHECK(at >= 0)) {
		pl = (struct isakmp_payload){ .type = type, .body = m.b[at].p,
					      .len = m.b[at].n };
		CHECK_EQ(isakmp_ts_decode(&pl, v, IKE_TS_MAX + 1, &n), ISAKMP_OK);
	}
	message_free(&m);
	return n;
}

static void says(struct end *from, u8 type, const struct isakmp_ts *want, unsigned int n)
{
	struct isakmp_ts v[IKE_TS_MAX + 1];
	size_t len = n * sizeof(*v);

	if (CHECK_EQ(said(from, type, v), n))
		CHECK_MEM(v, want, len);
}

/* RFC 7296, 2.9: first the packet, then what policy has; by CREATE_CHILD_SA. */
static void test_packet_first(void)
{
	struct ike_flow f = dns();
	struct second s;
	struct talk *t = two_children(&s);

	talk_advance(t, TALK_UP);
	start_for(&t->a, &s.a, &f);
	says(&t->a, IKE_PL_TSI, ((struct isakmp_ts[]){ f.local, s.a_local[0] }), 2);
	says(&t->a, IKE_PL_TSR, ((struct isakmp_ts[]){ f.remote, s.a_remote[0] }), 2);
	talk_settle(t);
	CHECK_EQ(t->a.ike.n_children, 2);
	CHECK(!t->a.ike.children->next->flow);
	CHECK_EQ(t->a.last.n_local, 1);
	CHECK_MEM(t->a.last.remote, s.a_remote, sizeof(s.a_remote[0]));
	talk_over(t);
}

/* A starts for a packet. */
static struct talk *first_child(struct second *s, const struct ike_flow *f)
{
	struct talk *t = two_children(s);

	talk_open_a(t);
	t->a.ike.flow = isakmp_alloc(sizeof(*f));
	*t->a.ike.flow = *f;
	talk_do(&t->a, IKE_EV_START, 0);
	CHECK(!t->a.ike.flow);
	return t;
}

/* The same for the first child, in IKE_AUTH. */
static void test_packet_in_auth(void)
{
	struct ike_flow f = packet(port(host(1, 9), UDP, 4000), port(host(2, 5), UDP, 53));
	struct second s;
	struct talk *t = first_child(&s, &f);

	talk_advance(t, TALK_AUTH);
	says(&t->a, IKE_PL_TSI, ((struct isakmp_ts[]){ f.local, t->a.local[0] }), 2);
	says(&t->a, IKE_PL_TSR, ((struct isakmp_ts[]){ f.remote, t->a.remote[0] }), 2);
	talk_settle(t);
	CHECK_EQ(t->a.last.n_local, 1);
	CHECK_MEM(t->a.last.local, t->a.local, sizeof(t->a.local[0]));
	talk_over(t);
}

/* A hint that policy does not have, or for which there is no room, is none. */
static void test_packet_left_out(void)
{
	struct ike_flow f = dns();
	struct second s;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		tap_note("case %u", i);
		t = two_children(&s);
		if (i == 0)
			f.local = host(7, 9);
		else if (i == 1)
			f = packet(host(1, 9), host(7, 5));
		else
			f = dns();
		while (i == 2 && s.a.n_local < IKE_TS_MAX) {
			s.a_local[s.a.n_local] = net(100 + s.a.n_local);
			s.a.n_local++;
		}
		talk_advance(t, TALK_UP);
		start_for(&t->a, &s.a, &f);
		says(&t->a, IKE_PL_TSI, s.a_local, s.a.n_local);
		says(&t->a, IKE_PL_TSR, s.a_remote, 1);
		talk_settle(t);
		CHECK_EQ(t->a.ike.n_children, 2);
		talk_over(t);
	}
}

/* A view tells which packets a child that was narrowed leaves out. */
static void test_left_out(void)
{
	struct ike_flow in = dns(), out = packet(host(1, 9), host(3, 6));
	struct second s;
	struct talk *t = two_children(&s);
	struct ike_sa_view *v;
	unsigned int i;

	s.b_local[0] = host(3, 5);
	talk_advance(t, TALK_UP);
	for (i = 0; i < 3; i++) {	/* not there, on its way, up */
		tap_note("step %u", i);
		if (i == 1)
			start_for(&t->a, &s.a, &in);
		else if (i == 2)
			talk_settle(t);
		v = malloc(ike_view_size(&t->a.ike));
		ike_view_fill(&t->a.ike, v);
		CHECK(!ike_view_leaves_out(v, "dmz", &in));
		CHECK_EQ(ike_view_leaves_out(v, "dmz", &out), i == 2);
		CHECK(ike_view_leaves_out(v, "net", &in));
		CHECK(!ike_view_leaves_out(v, "lab", &in));
		free(v);
	}
	talk_over(t);
}

/* ---- a pair of addresses ------------------------------------------------------- */

/*
 * A responder that takes pairs finds one in the first choices: all there is between
 * the two, so that what answers the packet passes, too.
 */
static void test_pair_chosen(void)
{
	struct ike_flow f = packet(port(host(1, 9), 1, 0x0800), port(host(3, 5), 1, 0x0800));
	struct second s;
	struct talk *t = two_children(&s);
	struct isakmp_ts want = host(3, 5);

	s.b.single_pair = true;
	talk_advance(t, TALK_UP);
	start_for(&t->a, &s.a, &f);
	talk_settle(t);
	CHECK_EQ(t->a.ike.n_children, 2);
	CHECK_EQ(t->b.refusals, 0);
	CHECK_EQ(t->a.last.n_remote, 1);
	CHECK_MEM(t->a.last.remote, &want, sizeof(want));
	talk_over(t);
	/* Some of it only, by policy: two selectors, one pair */
	t = two_children(&s);
	s.b.single_pair = true;
	s.b_local[0].proto = 6;
	s.b_local[1] = net(3);
	s.b_local[1].proto = 1;
	s.b.n_local = 2;
	talk_advance(t, TALK_UP);
	start_for(&t->a, &s.a, &f);
	talk_settle(t);
	CHECK_EQ(t->b.refusals, 0);
	CHECK_EQ(t->a.last.n_remote, 2);
	talk_over(t);
	/* The first choice is none of B's */
	t = two_children(&s);
	s.b.single_pair = true;
	s.b_local[0] = host(3, 6);
	s.b_local[1] = host(3, 7);
	s.b.n_local = 2;
	talk_advance(t, TALK_UP);
	start_for(&t->a, &s.a, &f);
	talk_settle(t);
	CHECK(t->b.refused[ISAKMP_R_SINGLE_PAIR]);
	CHECK_EQ(t->a.ike.n_children, 1);
	talk_over(t);
}

/* B's answer becomes a refusal, and its child goes: it wants a pair alone. */
static void demand_pair(struct talk *t)
{
	static const u8 types[] = { IKE_PL_SA, IKE_PL_TSI, IKE_PL_TSR, IKE_PL_NONCE };
	static const u8 refusal[4] = { 0, 0, 0, IKE_N_SINGLE_PAIR_REQUIRED };
	struct ike_child *c = t->b.ike.children;
	struct packet p = talk_take(&t->b);
	struct message m;
	unsigned int i;
	int at;

	message_read(&m, &t->b, &p);
	packet_free(&p);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		at = message_find(&m, types[i]);
		if (at >= 0)
			message_drop(&m, at);
	}
	message_add(&m, IKE_PL_NOTIFY, refusal, sizeof(refusal));
	while (c->next)
		c = c->next;
	ike_child_drop(&t->b.ike, c, ISAKMP_OK);
	message_deliver(&m, &t->b);
}

static void asks_for_pair(struct talk *t, const struct ike_flow *f)
{
	struct isakmp_ts l = f->local, r = f->remote;

	/* Not the packet alone: its answer belongs to it */
	l.proto = r.proto = 0;
	l.port_start = r.port_start = 0;
	l.port_end = r.port_end = 65535;
	says(&t->a, IKE_PL_TSI, &l, 1);
	says(&t->a, IKE_PL_TSR, &r, 1);
	talk_settle(t);
	CHECK_EQ(t->a.last.n_local, 1);
	CHECK_MEM(t->a.last.local, &l, sizeof(l));
	CHECK_MEM(t->a.last.remote, &r, sizeof(r));
}

/* RFC 7296, 2.9: SINGLE_PAIR_REQUIRED; once more with the addresses of the packet. */
static void test_pair_asked(void)
{
	struct ike_flow f = dns();
	struct second s;
	struct talk *t = two_children(&s);

	talk_advance(t, TALK_UP);
	start_for(&t->a, &s.a, &f);
	talk_deliver(&t->b, &t->a.queue[0]);
	talk_flush(&t->a);
	demand_pair(t);
	CHECK_EQ(t->a.refused[ISAKMP_R_SINGLE_PAIR], 1);
	asks_for_pair(t, &f);
	CHECK_EQ(t->a.ike.n_children, 2);
	CHECK_EQ(t->b.ike.n_children, 2);
	talk_over(t);
}

/* The same in IKE_AUTH: the IKE SA comes up, the child by CREATE_CHILD_SA; only once. */
static void test_pair_asked_in_auth(void)
{
	struct ike_flow f = packet(port(host(1, 9), UDP, 4000), port(host(2, 5), UDP, 53));
	struct second s;
	struct talk *t = first_child(&s, &f);
	unsigned int i;

	for (i = 0; i < 2; i++) {
		tap_note("granted %u", !i);
		if (i)
			t = first_child(&s, &f);
		talk_advance(t, TALK_AUTH_ANSWERED);
		demand_pair(t);
		talk_answer(&t->a, ISAKMP_OK);
		CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
		CHECK_EQ(t->a.refused[ISAKMP_R_SINGLE_PAIR], 1);
		CHECK_EQ(t->a.ike.n_children, 1);
		if (!i) {
			asks_for_pair(t, &f);
			CHECK_EQ(talk_child_state(&t->a), IKE_CHILD_UP);
			CHECK_EQ(t->a.refusals, 1);
		} else {
			talk_deliver(&t->b, &t->a.queue[0]);
			talk_flush(&t->a);
			demand_pair(t);
			CHECK_EQ(t->a.refused[ISAKMP_R_PEER_ERROR], 1);
			CHECK_EQ(t->a.ike.n_children, 0);
			CHECK_EQ(t->a.queued, 0);
		}
		talk_over(t);
	}
}

int main(void)
{
	TAP_RUN(test_first_choice, "the child that takes the first choice (RFC 7296, 2.9)");
	TAP_RUN(test_whole, "the child that takes everything, before all others");
	TAP_RUN(test_many_proposed, "more selectors than are kept: a part of them");
	TAP_RUN(test_many_answered, "more selectors in an answer: no child, by name");
	TAP_RUN(test_no_parts, "what is part of another selector is left out");
	TAP_RUN(test_packet_first, "the packet comes first (RFC 7296, 2.9)");
	TAP_RUN(test_packet_in_auth, "the packet comes first in IKE_AUTH, too");
	TAP_RUN(test_packet_left_out, "a packet that policy does not have is left out");
	TAP_RUN(test_left_out, "packets that a narrowed child leaves out");
	TAP_RUN(test_pair_chosen, "single pair: that of the packet, all of it");
	TAP_RUN(test_pair_asked, "SINGLE_PAIR_REQUIRED: the packet's addresses (RFC 7296, 2.9)");
	TAP_RUN(test_pair_asked_in_auth, "SINGLE_PAIR_REQUIRED in IKE_AUTH: once more");
	return tap_done();
}
