// SPDX-License-Identifier: GPL-2.0
/* CREATE_CHILD_SA: further children of an IKE SA that is up (RFC 7296, 1.3.1). */
#include "talk.h"

#define ANY_PORT 0, 65535

/* A second child, "dmz", for both ends; what differs is the caller's. */
struct second {
	struct ike_child_policy a, b;
	struct isakmp_ts a_local[2], a_remote[2], b_local[2], b_remote[2];
};

static struct isakmp_ts net(u8 n)
{
	return (struct isakmp_ts){ IKE_TS_IPV4, 0, ANY_PORT, { 10, n }, { 10, n, 255, 255 } };
}

static struct isakmp_ts host(u8 a, u8 b, u8 c, u8 d)
{
	return (struct isakmp_ts){ IKE_TS_IPV4, 0, ANY_PORT, { a, b, c, d }, { a, b, c, d } };
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

static struct talk *up_with_second(struct second *s)
{
	struct talk *t = talk_new();

	give_child(&t->a, &s->a, s->a_local, s->a_remote, 11, 12);
	give_child(&t->b, &s->b, s->b_local, s->b_remote, 12, 11);
	return t;
}

static void with_ke(struct ike_child_policy *p, u16 first, u16 second)
{
	p->esp.s[0].ke = first;
	p->esp.s[1].ke = second;
}

static enum isakmp_reason start(struct end *e, const struct ike_child_policy *p)
{
	struct ike_event ev = { .type = IKE_EV_CHILD_START, .peer = &e->peer, .child = p };

	return talk_event(e, &ev);
}

/* ---- it works ---------------------------------------------------------------- */

static void both_have(struct talk *t, unsigned int n)
{
	const struct ike_child *c;

	CHECK_EQ(t->a.ike.n_children, n);
	CHECK_EQ(t->b.ike.n_children, n);
	for (c = t->a.ike.children; c; c = c->next)
		CHECK_EQ(c->state, IKE_CHILD_UP);
	for (c = t->b.ike.children; c; c = c->next)
		CHECK_EQ(c->state, IKE_CHILD_UP);
}

/*
 * A peer that authenticates anew has its further children from the old IKE SA, too: each
 * sends here when the peer has it there, or after a while.
 */
static void test_new_child_anew(void)
{
	struct second s;
	struct talk *t;
	unsigned int i;
	u32 spi;

	for (i = 0; i < 3; i++) {
		t = up_with_second(&s);
		t->b.anew = i < 2;
		talk_advance(t, TALK_UP);
		talk_timer(&t->b, t->now + IKE_HOLD_MS);
		t->b.switches = 0;
		start(&t->a, &s.a);
		talk_settle(t);
		both_have(t, 2);
		spi = t->b.last.spi_in;
		CHECK_EQ(t->b.last.held, i < 2);
		CHECK_EQ(ike_child_of(&t->b.ike, spi)->held, i < 2);
		if (i == 0)
			talk_do(&t->b, IKE_EV_CHILD_USED, spi);
		else if (i == 1)
			talk_timer(&t->b, t->now + IKE_HOLD_MS);
		CHECK_EQ(t->b.switches, i < 2);
		CHECK(!ike_child_of(&t->b.ike, spi)->held);
		talk_timer(&t->b, t->now + IKE_HOLD_MS);
		CHECK_EQ(t->b.switches, i < 2);
		CHECK_EQ(ike_sa_deadline(&t->b.ike), IKE_NEVER);
		talk_over(t);
	}
}

/* By either end, whoever began the IKE SA; talk.c compares keys and selectors. */
static void test_new_child(void)
{
	struct second s;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		tap_note("%s, %s PFS", i & 1 ? "B" : "A", i & 2 ? "with" : "without");
		t = up_with_second(&s);
		if (i & 2) {
			with_ke(&s.a, IKE_KE_X25519, IKE_KE_X25519);
			with_ke(&s.b, IKE_KE_X25519, IKE_KE_X25519);
		}
		talk_advance(t, TALK_UP);
		CHECK_EQ(start(i & 1 ? &t->b : &t->a, i & 1 ? &s.b : &s.a), ISAKMP_OK);
		talk_settle(t);
		both_have(t, 2);
		CHECK_EQ(t->a.sent + t->b.sent, 6);
		CHECK_EQ(t->a.refusals + t->b.refusals, 0);
		CHECK_EQ(t->a.last.suite.ke, i & 2 ? IKE_KE_X25519 : IKE_KE_NONE);
		CHECK_MEM(t->a.last.local, s.a_local, sizeof(s.a_local[0]));
		/* A second time: it is there */
		CHECK_EQ(start(&t->a, &s.a), ISAKMP_OK);
		CHECK_EQ(t->a.queued, 0);
		talk_over(t);
	}
}

/* The same child wanted at both ends at once: two come, neither end is confused. */
static void test_crossing(void)
{
	struct second s;
	struct talk *t = up_with_second(&s);

	talk_advance(t, TALK_UP);
	start(&t->a, &s.a);
	start(&t->b, &s.b);
	talk_settle(t);
	both_have(t, 3);
	talk_over(t);
}

/* Wanted while something else is under way: it waits its turn. */
static void test_queued(void)
{
	struct second s;
	struct talk *t = up_with_second(&s);

	talk_advance(t, TALK_AUTH);
	CHECK_EQ(start(&t->a, &s.a), ISAKMP_OK);
	CHECK_EQ(t->a.ike.n_children, 2);
	talk_settle(t);
	both_have(t, 2);
	talk_over(t);
}

/* Each goes alone, or with its IKE SA. */
static void test_deleted(void)
{
	struct second s;
	struct talk *t = up_with_second(&s);

	talk_advance(t, TALK_UP);
	start(&t->a, &s.a);
	talk_settle(t);
	talk_do(&t->b, IKE_EV_CHILD_STOP, t->b.ike.children->spi_in);
	talk_settle(t);
	both_have(t, 1);
	CHECK(!strcmp(t->a.ike.children->policy->name, "dmz"));
	start(&t->b, &t->b.child);
	talk_settle(t);
	both_have(t, 2);
	talk_do(&t->a, IKE_EV_STOP, 0);
	talk_settle(t);
	CHECK(!t->a.live && !t->a.xfrm && !t->b.xfrm);
	talk_over(t);
}

/* ---- key exchange of its own --------------------------------------------------- */

/* RFC 7296, 1.3: the group of the responder's choice; the child comes up with it. */
static void test_invalid_ke(void)
{
	struct second s;
	struct talk *t = up_with_second(&s);

	with_ke(&s.a, IKE_KE_X25519, IKE_KE_ECP_256);
	s.a.esp.s[1].keylen = 256;
	with_ke(&s.b, IKE_KE_ECP_256, IKE_KE_ECP_256);
	talk_advance(t, TALK_UP);
	start(&t->a, &s.a);
	talk_settle(t);
	CHECK_EQ(t->b.refused[ISAKMP_R_KE_GROUP], 1);
	both_have(t, 2);
	CHECK_EQ(t->a.last.suite.ke, IKE_KE_ECP_256);
	talk_over(t);
}

/* A group that was not offered, or the same again and again: the child is given up. */
static void test_invalid_ke_wrong(void)
{
	static const u16 groups[] = { IKE_KE_X25519, IKE_KE_ECP_384, 0, 0xffff };
	struct message m;
	struct second s;
	struct talk *t;
	unsigned int i;
	u8 data[6] = { 0 };

	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		t = up_with_second(&s);
		with_ke(&s.a, IKE_KE_X25519, IKE_KE_X25519);
		talk_advance(t, TALK_UP);
		start(&t->a, &s.a);
		talk_flush(&t->a);
		message_new(&m, &t->b, IKE_CREATE_CHILD_SA, IKE_RESPONSE, t->a.ike.ep->out->msgid);
		put_unaligned_be16(IKE_N_INVALID_KE_PAYLOAD, data + 2);
		put_unaligned_be16(groups[i], data + 4);
		message_add(&m, IKE_PL_NOTIFY, data, 6);
		CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_KE_RETRY);
		CHECK_EQ(t->a.ike.n_children, 1);
		CHECK_EQ(t->a.queued, 0);
		talk_over(t);
	}
}

/* ---- refusals ------------------------------------------------------------------ */

static void refused_with(struct second *s, struct talk *t, enum isakmp_reason why, u16 notify)
{
	talk_advance(t, TALK_UP);
	start(&t->a, &s->a);
	talk_settle(t);
	CHECK_EQ(t->b.refused[why], 1);
	CHECK_REASON(t->b.why, why);
	CHECK_EQ(t->a.refused[ISAKMP_R_PEER_ERROR], 1);
	CHECK_EQ(t->a.arg, notify);
	both_have(t, 1);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	talk_over(t);
}

static void test_refused(void)
{
	struct second s;
	struct talk *t;

	t = up_with_second(&s);
	s.b_local[0] = net(99);
	refused_with(&s, t, ISAKMP_R_TS, IKE_N_TS_UNACCEPTABLE);
	t = up_with_second(&s);
	s.b.esp.n = 1;
	s.b.esp.s[0].keylen = 192;
	refused_with(&s, t, ISAKMP_R_NO_PROPOSAL, IKE_N_NO_PROPOSAL_CHOSEN);
	t = up_with_second(&s);
	s.b.mode = IKE_MODE_TRANSPORT;
	refused_with(&s, t, ISAKMP_R_MODE, IKE_N_NO_PROPOSAL_CHOSEN);
	t = up_with_second(&s);
	t->b.peer_gone = true;
	refused_with(&s, t, ISAKMP_R_NO_CHILD, IKE_N_NO_PROPOSAL_CHOSEN);
}

/* Only what the helper allowed when it saw the identity. */
static void test_not_allowed(void)
{
	struct second s;
	struct talk *t = up_with_second(&s);

	talk_advance(t, TALK_UP);
	t->b.ike.allowed = 1;
	start(&t->a, &s.a);
	talk_settle(t);
	CHECK_EQ(t->b.refused[ISAKMP_R_TS], 1);
	both_have(t, 1);
	talk_over(t);
}

static void test_limit(void)
{
	struct ike_child_policy many[IKE_CHILDREN_MAX + 1];
	struct second s;
	struct talk *t = up_with_second(&s);
	unsigned int i;

	talk_advance(t, TALK_UP);
	for (i = 2; i <= IKE_CHILDREN_MAX; i++) {
		many[i] = s.a;
		many[i].name[0] = (char)('A' + i);
		start(&t->a, &many[i]);
		talk_settle(t);
		CHECK_EQ(t->b.ike.n_children, i);
	}
	CHECK_REASON(start(&t->a, &s.a), ISAKMP_R_NO_ADDITIONAL_SAS);
	talk_do(&t->a, IKE_EV_CHILD_STOP, t->a.ike.children->spi_in);
	talk_settle(t);
	both_have(t, IKE_CHILDREN_MAX - 1);
	talk_over(t);
}

/* The responder is full, the initiator is not. */
static void test_limit_responder(void)
{
	struct second s;
	struct talk *t = up_with_second(&s);
	unsigned int i;

	talk_advance(t, TALK_UP);
	start(&t->a, &s.a);
	for (i = 1; i < IKE_CHILDREN_MAX; i++)
		CHECK(ike_child_new(&t->b.ike, &t->b.peer, &t->b.child));
	talk_settle(t);
	while (t->b.ike.n_children > 1)
		ike_child_drop(&t->b.ike, t->b.ike.children->next, ISAKMP_OK);
	CHECK_EQ(t->b.refused[ISAKMP_R_NO_ADDITIONAL_SAS], 1);
	CHECK_EQ(t->a.arg, IKE_N_NO_ADDITIONAL_SAS);
	both_have(t, 1);
	talk_over(t);
}

/* RFC 7296, 2.25.2: while the IKE SA is being deleted, later. */
static void test_deleting(void)
{
	struct second s;
	struct talk *t = up_with_second(&s);

	talk_advance(t, TALK_UP);
	start(&t->a, &s.a);
	talk_do(&t->b, IKE_EV_STOP, 0);
	CHECK_REASON(talk_deliver(&t->b, &t->a.queue[0]), ISAKMP_R_DYING);
	talk_flush(&t->a);
	CHECK_EQ(talk_error(&t->b), 0);		/* its Delete */
	CHECK_EQ(talk_error(&t->b), IKE_N_TEMPORARY_FAILURE);
	talk_over(t);
}

/* It comes again when the peer is less busy. */
static void test_temporary(void)
{
	struct message m;
	struct second s;
	struct talk *t = up_with_second(&s);
	u8 data[4] = { 0, 0, 0, IKE_N_TEMPORARY_FAILURE };
	u64 at;

	talk_advance(t, TALK_UP);
	start(&t->a, &s.a);
	talk_flush(&t->a);
	message_new(&m, &t->b, IKE_CREATE_CHILD_SA, IKE_RESPONSE, t->a.ike.ep->out->msgid);
	message_add(&m, IKE_PL_NOTIFY, data, 4);
	CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_PEER_ERROR);
	CHECK_EQ(t->a.ike.n_children, 2);
	at = ike_sa_deadline(&t->a.ike);
	CHECK(at >= t->now + IKE_DELAY_MS && at < t->now + 2 * IKE_DELAY_MS);
	t->b.ike.ep->next_in = t->a.ike.ep->next_out;	/* as if B had answered that */
	talk_timer(&t->a, at);
	talk_settle(t);
	both_have(t, 2);
	talk_over(t);
}

/* ---- selectors and modes ------------------------------------------------------- */

/* RFC 7296, 2.9: narrowed; and told that there is more, for another child. */
static void test_more(void)
{
	struct packet p;
	struct message m;
	struct second s;
	struct talk *t = up_with_second(&s);
	int i;

	s.a_local[0] = net(0);
	s.a_local[0].end[1] = 255;
	s.a_remote[0] = s.a_local[0];
	talk_advance(t, TALK_UP);
	start(&t->a, &s.a);
	p = talk_take(&t->a);
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
	packet_free(&p);
	message_read(&m, &t->b, &t->b.queue[0]);
	i = message_find(&m, IKE_PL_NOTIFY);
	CHECK(i >= 0 && get_unaligned_be16(m.b[i].p + 2) == IKE_N_ADDITIONAL_TS_POSSIBLE);
	message_free(&m);
	talk_settle(t);
	CHECK_EQ(t->a.ike.n_children, 2);
	CHECK_MEM(t->a.last.local, t->a.local, sizeof(t->a.local[0]));
	talk_over(t);
}

/* The child that takes all that is proposed, before an earlier one that narrows. */
static void test_whole_first(void)
{
	struct second s;
	struct talk *t = up_with_second(&s);

	s.b_local[0] = s.a_remote[0] = t->b.local[0];
	s.b_remote[0] = s.a_local[0] = net(0);
	s.b_remote[0].end[1] = s.a_local[0].end[1] = 255;
	talk_advance(t, TALK_UP);
	start(&t->a, &s.a);
	talk_settle(t);
	both_have(t, 2);
	CHECK(!strcmp(t->b.ike.children->next->policy->name, "dmz"));
	talk_over(t);
}

/* RFC 7296, 3.10.1: SINGLE_PAIR_REQUIRED, and what the initiator makes of it. */
static void test_single_pair(void)
{
	struct second s;
	struct talk *t;

	/* Nothing but networks to offer: no child */
	t = up_with_second(&s);
	s.b.single_pair = true;
	talk_advance(t, TALK_UP);
	start(&t->a, &s.a);
	talk_settle(t);
	CHECK_EQ(t->b.refused[ISAKMP_R_SINGLE_PAIR], 2);
	CHECK_REASON(t->b.why, ISAKMP_R_SINGLE_PAIR);
	CHECK_EQ(t->a.refused[ISAKMP_R_SINGLE_PAIR], 1);
	CHECK_EQ(t->a.refused[ISAKMP_R_PEER_ERROR], 1);
	both_have(t, 1);
	talk_over(t);
	/* A pair comes first: the responder takes it */
	t = up_with_second(&s);
	s.b.single_pair = true;
	s.a_local[1] = s.a_local[0];
	s.a_local[0] = host(10, 11, 0, 5);
	s.a_remote[0] = host(10, 12, 0, 7);
	s.a.n_local = 2;
	talk_advance(t, TALK_UP);
	start(&t->a, &s.a);
	talk_settle(t);
	both_have(t, 2);
	CHECK_EQ(t->a.last.n_local, 1);
	CHECK_MEM(t->a.last.local, s.a_local, sizeof(s.a_local[0]));
	talk_over(t);
}

/* RFC 7296, 1.3.1: both ends, one end, the other end. */
static void test_transport(void)
{
	struct second s;
	struct talk *t;

	t = up_with_second(&s);
	s.a_local[0].type = s.a_remote[0].type = IKE_TS_DYNAMIC;
	s.b_local[0].type = s.b_remote[0].type = IKE_TS_DYNAMIC;
	s.a.mode = s.b.mode = IKE_MODE_TRANSPORT;
	talk_advance(t, TALK_UP);
	start(&t->a, &s.a);
	talk_settle(t);
	both_have(t, 2);
	CHECK_EQ(t->a.last.mode, IKE_MODE_TRANSPORT);
	CHECK_MEM(t->a.last.local[0].start, t->a.path.local.a, 4);
	CHECK_MEM(t->a.last.remote[0].end, t->a.path.remote.a, 4);
	talk_over(t);
	/* Declined: the responder has a tunnel, which we do not want */
	t = up_with_second(&s);
	s.a.mode = IKE_MODE_TRANSPORT;
	talk_advance(t, TALK_UP);
	start(&t->a, &s.a);
	talk_settle(t);
	CHECK_EQ(t->a.refused[ISAKMP_R_MODE], 1);
	both_have(t, 1);
	talk_over(t);
}

/* RFC 7296, 2.23.1: behind a NAT the addresses are those each host sees. */
static void test_transport_nat(void)
{
	static const struct isakmp_addr inside = { 4, { 10, 0, 0, 9 } };
	static const struct isakmp_addr outside = { 4, { 203, 0, 113, 1 } };
	struct second s;
	struct talk *t = up_with_second(&s);

	s.a_local[0].type = s.a_remote[0].type = IKE_TS_DYNAMIC;
	s.b_local[0].type = s.b_remote[0].type = IKE_TS_DYNAMIC;
	s.a.mode = s.b.mode = IKE_MODE_TRANSPORT;
	talk_advance(t, TALK_UP);
	t->liar = true;		/* each end sees its own addresses */
	t->a.ike.path.local = inside;
	t->a.ike.nat_local = true;
	t->b.ike.path.remote = outside;
	t->b.ike.nat_remote = true;
	start(&t->a, &s.a);
	talk_settle(t);
	both_have(t, 2);
	CHECK_MEM(t->a.last.local[0].start, inside.a, 4);
	CHECK_MEM(t->a.last.remote[0].start, t->a.path.remote.a, 4);
	CHECK_MEM(t->b.last.remote[0].start, outside.a, 4);
	CHECK_MEM(t->b.last.local[0].start, t->b.path.local.a, 4);
	talk_over(t);
}

/* ---- the message ------------------------------------------------------------- */

/* Each payload withheld or doubled: named, answered; the IKE SA ends (threat 31, 32). */
static void test_payloads(void)
{
	static const u8 types[] = { IKE_PL_SA, IKE_PL_NONCE, IKE_PL_TSI, IKE_PL_TSR };
	struct message m;
	struct packet p;
	struct second s;
	struct talk *t;
	unsigned int i;
	int at;

	for (i = 0; i < 2 * ARRAY_SIZE(types); i++) {
		t = up_with_second(&s);
		talk_advance(t, TALK_UP);
		start(&t->a, &s.a);
		p = talk_take(&t->a);
		message_read(&m, &t->a, &p);
		packet_free(&p);
		at = message_find(&m, types[i / 2]);
		CHECK(at >= 0);
		if (i & 1)
			message_insert(&m, at, m.b[at]);
		else
			message_drop(&m, at);
		CHECK_REASON(message_deliver(&m, &t->a),
			     i & 1 ? ISAKMP_R_REPEATED : ISAKMP_R_MISSING);
		CHECK_EQ(talk_error(&t->b), IKE_N_INVALID_SYNTAX);
		CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
		CHECK_EQ(t->b.installs, 1);
		talk_over(t);
	}
}

/* The same octets again are the same answer again: one child. */
static void test_replay(void)
{
	struct packet p, first, again;
	struct second s;
	struct talk *t = up_with_second(&s);

	talk_advance(t, TALK_UP);
	start(&t->a, &s.a);
	p = talk_take(&t->a);
	talk_deliver(&t->b, &p);
	first = talk_take(&t->b);
	talk_deliver(&t->b, &p);
	again = talk_take(&t->b);
	CHECK_EQ(first.n, again.n);
	CHECK_MEM(first.p, again.p, first.n);
	CHECK_EQ(t->b.ike.n_children, 2);
	talk_deliver(&t->a, &first);
	CHECK_REASON(talk_deliver(&t->a, &again), ISAKMP_R_UNASKED);
	both_have(t, 2);
	packet_free(&p);
	packet_free(&first);
	packet_free(&again);
	talk_over(t);
}

/* RFC 7296, 2.9: a responder that widens, chooses what was not offered, has no SPI. */
static void test_bad_answer(void)
{
	struct message m;
	struct packet p;
	struct second s;
	struct talk *t;
	unsigned int i;
	int at;

	for (i = 0; i < 3; i++) {
		t = up_with_second(&s);
		talk_advance(t, TALK_UP);
		start(&t->a, &s.a);
		p = talk_take(&t->a);
		talk_deliver(&t->b, &p);
		packet_free(&p);
		p = talk_take(&t->b);
		message_read(&m, &t->b, &p);
		packet_free(&p);
		if (i == 0) {
			at = message_find(&m, IKE_PL_TSR);
			((u8 *)m.b[at].p)[17] = 13;	/* 10.12.255.255 -> 10.13.255.255 */
		} else if (i == 1) {
			at = message_find(&m, IKE_PL_SA);
			((u8 *)m.b[at].p)[4] = 9;	/* number of the proposal */
		} else {
			at = message_find(&m, IKE_PL_SA);
			memset((u8 *)m.b[at].p + 8, 0, 4);
		}
		t->liar = true;
		CHECK_REASON(message_deliver(&m, &t->b),
			     i ? ISAKMP_R_BAD_CHOICE : ISAKMP_R_TS);
		CHECK_EQ(t->a.installs, 1);
		talk_settle(t);
		CHECK_EQ(t->a.ike.n_children, 1);
		CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
		talk_over(t);
	}
}

/* The operator changes his mind while the request is out: deleted at the peer. */
static void test_stopped(void)
{
	struct second s;
	struct talk *t = up_with_second(&s);
	u32 spi;

	talk_advance(t, TALK_UP);
	start(&t->a, &s.a);
	spi = t->a.ike.children->next->spi_in;
	talk_do(&t->a, IKE_EV_CHILD_STOP, spi);
	talk_settle(t);
	both_have(t, 1);
	CHECK_EQ(t->a.installs, 1);
	CHECK_EQ(t->b.installs, 2);
	talk_over(t);
}

/* The peer deletes the child before its response is here, and that comes late. */
static void test_deleted_early(void)
{
	struct packet p, late;
	struct second s;
	struct talk *t = up_with_second(&s);

	talk_advance(t, TALK_UP);
	start(&t->a, &s.a);
	p = talk_take(&t->a);
	talk_deliver(&t->b, &p);
	packet_free(&p);
	late = talk_take(&t->b);
	talk_do(&t->b, IKE_EV_CHILD_STOP, t->b.ike.children->next->spi_in);
	p = talk_take(&t->b);
	talk_deliver(&t->a, &p);
	packet_free(&p);
	p = talk_take(&t->a);
	talk_deliver(&t->b, &p);
	packet_free(&p);
	CHECK_EQ(t->b.ike.n_children, 1);
	CHECK_REASON(talk_deliver(&t->a, &late), ISAKMP_R_CHILD_LOST);
	packet_free(&late);
	talk_settle(t);
	both_have(t, 1);
	CHECK_EQ(t->a.installs, 1);
	talk_over(t);
}

/* No memory to take the answer: it has not come, and comes again. */
static void test_answer_again(void)
{
	struct second s;
	struct packet p;
	struct talk *t;
	unsigned long n;
	bool over = false;

	for (n = 1; !over && n < 200; n++) {
		tap_note("allocation %lu", n);
		t = up_with_second(&s);
		with_ke(&s.a, IKE_KE_X25519, IKE_KE_X25519);
		with_ke(&s.b, IKE_KE_X25519, IKE_KE_X25519);
		talk_advance(t, TALK_UP);
		start(&t->a, &s.a);
		p = talk_take(&t->a);
		talk_deliver(&t->b, &p);
		packet_free(&p);
		p = talk_take(&t->b);
		native_mem_fail_at(n);
		talk_deliver(&t->a, &p);
		over = native_mem_points() < n;
		native_mem_fail_at(0);
		packet_free(&p);
		if (!over)
			CHECK_REASON(t->a.why, ISAKMP_R_NO_MEMORY);
		CHECK_EQ(t->a.queued, 0);
		talk_timer(&t->a, t->now + 1000);
		talk_settle(t);
		both_have(t, 2);
		CHECK_EQ(t->b.installs, 2);
		talk_over(t);
	}
	CHECK(over && n > 4);
}

/* Every allocation fails once: no half child, nothing lost, and it comes up in the end. */
static void test_memory(void)
{
	struct second s;
	struct talk *t;
	unsigned long n;
	bool failed = true;

	for (n = 1; failed && n < 200; n++) {
		t = up_with_second(&s);
		with_ke(&s.a, IKE_KE_X25519, IKE_KE_X25519);
		with_ke(&s.b, IKE_KE_X25519, IKE_KE_X25519);
		talk_advance(t, TALK_UP);
		native_mem_fail_at(n);
		start(&t->a, &s.a);
		talk_settle(t);
		failed = native_mem_points() >= n;
		native_mem_fail_at(0);
		tap_note("allocation %lu", n);
		talk_timer(&t->a, t->now + 1000);
		talk_settle(t);
		talk_timer(&t->a, t->now + 1000);
		talk_settle(t);
		CHECK_EQ(t->a.ike.n_children, t->b.ike.n_children);
		talk_over(t);
	}
	CHECK(!failed && n > 10);
}

int main(void)
{
	TAP_RUN(test_new_child, "a new child, by either end, with and without PFS");
	TAP_RUN(test_new_child_anew, "... of who authenticates anew: held until the peer has it");
	TAP_RUN(test_crossing, "the same child wanted at both ends at once");
	TAP_RUN(test_queued, "a child wanted too early waits");
	TAP_RUN(test_deleted, "each child is deleted alone");
	TAP_RUN(test_invalid_ke, "INVALID_KE_PAYLOAD: once more with that group");
	TAP_RUN(test_invalid_ke_wrong, "INVALID_KE_PAYLOAD: a group that was not offered");
	TAP_RUN(test_refused, "refused: selectors, suite, mode, peer gone");
	TAP_RUN(test_not_allowed, "refused: not allowed to this identity");
	TAP_RUN(test_limit, "as many children as there may be");
	TAP_RUN(test_limit_responder, "refused: NO_ADDITIONAL_SAS, also a rekey (threat 47)");
	TAP_RUN(test_deleting, "refused: TEMPORARY_FAILURE while deleting (RFC 7296, 2.25.2)");
	TAP_RUN(test_temporary, "TEMPORARY_FAILURE: later");
	TAP_RUN(test_more, "narrowed, with ADDITIONAL_TS_POSSIBLE (RFC 7296, 2.9)");
	TAP_RUN(test_whole_first, "the child that takes all comes before one that narrows");
	TAP_RUN(test_single_pair, "SINGLE_PAIR_REQUIRED, both ways");
	TAP_RUN(test_transport, "transport mode, agreed and declined (RFC 7296, 1.3.1)");
	TAP_RUN(test_transport_nat, "transport mode behind a NAT (RFC 7296, 2.23.1)");
	TAP_RUN(test_payloads, "each payload withheld or doubled (threat 31) (threat 32)");
	TAP_RUN(test_replay, "a request again is the same answer again");
	TAP_RUN(test_bad_answer, "an answer that does not fit the offer");
	TAP_RUN(test_stopped, "stopped while its request is out");
	TAP_RUN(test_deleted_early, "deleted by the peer before its answer is here");
	TAP_RUN(test_answer_again, "no memory to take an answer: not heard (threat 58)");
	TAP_RUN(test_memory, "every allocation fails once (threat 58)");
	return tap_done();
}
