// SPDX-License-Identifier: GPL-2.0
/* KE values that cannot be right, by the engine (RFC 6989, 2.5). */
#include "crypto/modp.h"
#include "talk.h"

/* A value of each kind that fails its test: range, curve, coordinate. */
static const struct { u16 group; const char *what; } bad[] = {
	{ IKE_KE_MODP_2048, "1" }, { IKE_KE_MODP_2048, "p - 1" }, { IKE_KE_MODP_3072, "p" },
	{ IKE_KE_MODP_4096, "0" }, { IKE_KE_ECP_256, "next to one" },
	{ IKE_KE_ECP_384, "next to one" }, { IKE_KE_ECP_256, "0" }, { IKE_KE_ECP_384, "0" },
};

/* Changes the value in the KE payload of a message. */
static void spoil(struct message *m, u16 group, const char *what)
{
	struct body *ke = &m->b[message_find(m, IKE_PL_KE)];
	size_t n = ke->n - 4;
	u8 *value = (u8 *)ke->p + 4;

	CHECK_EQ(get_unaligned_be16(ke->p), group);
	CHECK_EQ(n, isakmp_kex_pub_len(group));
	if (!strcmp(what, "next to one")) {
		value[n - 1] ^= 1;
		return;
	}
	memset(value, 0, n);
	if (what[0] == 'p') {
		memcpy(value, isakmp_modp_prime(isakmp_sizes_group(group)), n);
		value[n - 1] -= what[1] != 0;
	}
	if (what[0] == '1')
		value[n - 1] = 1;
}

static void take_message(struct message *m, struct end *from)
{
	struct packet p = talk_take(from);

	message_read(m, from, &p);
	packet_free(&p);
}

/* ---- IKE_SA_INIT ----------------------------------------------------------------- */

static struct talk *with_group(u16 group, enum talk_stage stage)
{
	struct talk *t = talk_new();

	t->a.peer.ike.s[0].ke = t->a.peer.ike.s[1].ke = group;
	t->b.peer.ike.s[0].ke = t->b.peer.ike.s[1].ke = group;
	talk_advance(t, stage);
	return t;
}

/* The message is dropped: nothing is said, computed or kept. */
static void test_init_request(void)
{
	struct message m;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		tap_note("group %u, %s", bad[i].group, bad[i].what);
		t = with_group(bad[i].group, TALK_INIT);
		take_message(&m, &t->a);
		spoil(&m, bad[i].group, bad[i].what);
		talk_derived = 0;
		CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_KE_VALUE);
		CHECK_EQ(t->b.arg, bad[i].group);
		CHECK(!t->b.live);
		CHECK_EQ(t->b.sent, 0);
		CHECK_EQ(talk_derived, 0);
		talk_over(t);
	}
}

/* It is not used: the initiator waits, and the right one is still taken. */
static void test_init_response(void)
{
	struct packet good;
	struct message m;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		tap_note("group %u, %s", bad[i].group, bad[i].what);
		t = with_group(bad[i].group, TALK_INIT_ANSWERED);
		good = packet_copy(&t->b.stored);
		take_message(&m, &t->b);
		spoil(&m, bad[i].group, bad[i].what);
		talk_derived = 0;
		CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_KE_VALUE);
		CHECK_EQ(t->a.ike.state, IKE_S_I_INIT);
		CHECK(!t->a.ike.ep->sk_in && !t->a.ike.ep->spi_r && t->a.ike.ep->out);
		CHECK_EQ(talk_derived, 0);
		CHECK_EQ(talk_deliver(&t->a, &good), ISAKMP_OK);
		talk_settle(t);
		CHECK(t->a.xfrm && t->b.xfrm);
		packet_free(&good);
		talk_over(t);
	}
}

static void answer_kex(struct end *e)
{
	CHECK_EQ(e->ask.kind, IKE_ASK_KEX);
	CHECK_EQ(talk_answer(e, ISAKMP_OK), ISAKMP_OK);
}

/* The group is the helper's, the test is not: nobody is asked about such a value. */
static void test_init_helper(void)
{
	struct packet good, p;
	struct message m;
	struct talk *t;

	t = talk_new();
	t->a.peer.ike.s[0].ke = t->a.peer.ike.s[1].ke = IKE_KE_ECP_521;
	t->b.peer.ike.s[0].ke = t->b.peer.ike.s[1].ke = IKE_KE_ECP_521;
	talk_open_a(t);
	talk_do(&t->a, IKE_EV_START, 0);
	answer_kex(&t->a);
	p = talk_take(&t->a);
	message_read(&m, &t->a, &p);
	spoil(&m, IKE_KE_ECP_521, "next to one");
	CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_KE_VALUE);
	CHECK(!t->b.live && !t->b.asks);
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
	packet_free(&p);
	answer_kex(&t->b);
	good = packet_copy(&t->b.stored);
	take_message(&m, &t->b);
	spoil(&m, IKE_KE_ECP_521, "next to one");
	CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_KE_VALUE);
	CHECK_EQ(t->a.ike.state, IKE_S_I_INIT);
	CHECK_EQ(t->a.asks, 1);
	CHECK_EQ(talk_deliver(&t->a, &good), ISAKMP_OK);
	talk_settle(t);
	CHECK(t->a.xfrm && t->b.xfrm);
	packet_free(&good);
	talk_over(t);
}

/* ---- CREATE_CHILD_SA --------------------------------------------------------------- */

/* Both ends, up, are to have a second child, with a key exchange of its own. */
struct second {
	struct ike_child_policy a, b;
	struct isakmp_ts a_ts[2], b_ts[2];
};

static void give_child(struct end *e, struct ike_child_policy *p, struct isakmp_ts *ts,
		       u8 ours, u8 theirs, u16 group)
{
	*p = e->child;
	strcpy(p->name, "dmz");
	ts[0] = (struct isakmp_ts){ IKE_TS_IPV4, 0, 0, 65535, { 10, ours },
				    { 10, ours, 255, 255 } };
	ts[1] = (struct isakmp_ts){ IKE_TS_IPV4, 0, 0, 65535, { 10, theirs },
				    { 10, theirs, 255, 255 } };
	p->local = &ts[0];
	p->remote = &ts[1];
	p->esp.s[0].ke = p->esp.s[1].ke = group;
	e->peer.child[e->peer.n_child++] = p;
}

/* A's request for it waits in A's queue. */
static struct talk *asking(struct second *s, u16 group)
{
	struct ike_event ev = { .type = IKE_EV_CHILD_START };
	struct talk *t = talk_new();

	give_child(&t->a, &s->a, s->a_ts, 11, 12, group);
	give_child(&t->b, &s->b, s->b_ts, 12, 11, group);
	talk_advance(t, TALK_UP);
	ev.peer = &t->a.peer;
	ev.child = &s->a;
	CHECK_EQ(talk_event(&t->a, &ev), ISAKMP_OK);
	return t;
}

/* X25519: a point of small order, which shows in g^ir. */
static unsigned int n_bad(void)
{
	return ARRAY_SIZE(bad) + 1;
}

static void spoil_nth(struct message *m, unsigned int i)
{
	if (i < ARRAY_SIZE(bad))
		spoil(m, bad[i].group, bad[i].what);
	else
		spoil(m, IKE_KE_X25519, "0");
}

static struct talk *asking_nth(struct second *s, unsigned int i)
{
	u16 group = i < ARRAY_SIZE(bad) ? bad[i].group : IKE_KE_X25519;

	tap_note("group %u, %u", group, i);
	return asking(s, group);
}

/* INVALID_SYNTAX, and no IKE SA any more: at both ends, for it is fatal in both. */
static void test_create_request(void)
{
	struct message m;
	struct packet p;
	struct second s;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < n_bad(); i++) {
		t = asking_nth(&s, i);
		take_message(&m, &t->a);
		spoil_nth(&m, i);
		CHECK_REASON(message_deliver(&m, &t->a), ISAKMP_R_KE_VALUE);
		CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
		CHECK_EQ(t->b.ike.reason, ISAKMP_R_KE_VALUE);
		CHECK_EQ(t->b.queued, 1);
		CHECK_EQ(t->b.installs, 1);
		p = packet_copy(&t->b.queue[0]);
		CHECK_EQ(talk_error(&t->b), IKE_N_INVALID_SYNTAX);
		CHECK_REASON(talk_deliver(&t->a, &p), ISAKMP_R_PEER_ERROR);
		packet_free(&p);
		CHECK_EQ(t->a.arg, IKE_N_INVALID_SYNTAX);
		CHECK(!t->a.live);
		/* It answers repeats for a while */
		CHECK_EQ(ike_sa_deadline(&t->b.ike), t->now + IKE_LINGER_MS);
		talk_over(t);
	}
}

/* "The Initiator getting this reply MUST immediately delete the IKE SA" */
static void test_create_response(void)
{
	struct message m;
	struct packet p;
	struct second s;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < n_bad(); i++) {
		t = asking_nth(&s, i);
		p = talk_take(&t->a);
		CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
		packet_free(&p);
		take_message(&m, &t->b);
		spoil_nth(&m, i);
		CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_KE_VALUE);
		CHECK_EQ(t->a.ike.state, IKE_S_DELETING);
		CHECK_EQ(t->a.ike.reason, ISAKMP_R_KE_VALUE);
		CHECK_EQ(t->a.queued, 1);
		CHECK_EQ(t->a.installs, 1);
		talk_settle(t);
		CHECK(!t->a.live && !t->b.xfrm);
		CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
		talk_over(t);
	}
}

static void test_create_good(void)
{
	struct second s;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < n_bad(); i++) {
		t = asking_nth(&s, i);
		talk_settle(t);
		CHECK_EQ(t->a.ike.n_children, 2);
		CHECK_EQ(t->b.ike.n_children, 2);
		CHECK_EQ(t->a.refusals + t->b.refusals, 0);
		talk_over(t);
	}
}

int main(void)
{
	TAP_RUN(test_init_request, "IKE_SA_INIT request: dropped, nothing kept (RFC 6989, 2.5) (threat 80)");
	TAP_RUN(test_init_response, "IKE_SA_INIT response: ignored, the right one counts (threat 80)");
	TAP_RUN(test_init_helper, "the same for a group of the helper's, without asking it (threat 80)");
	TAP_RUN(test_create_request, "CREATE_CHILD_SA request: INVALID_SYNTAX, both ends drop the IKE SA (threat 80)");
	TAP_RUN(test_create_response, "CREATE_CHILD_SA response: the IKE SA is deleted (threat 80)");
	TAP_RUN(test_create_good, "CREATE_CHILD_SA: with good values none of that");
	return tap_done();
}
