// SPDX-License-Identifier: GPL-2.0
/*
 * Peers that go about it in another way than we do: who deletes what we are rekeying,
 * never deletes what it has rekeyed, refuses us and goes on with its own.
 */
#include "talk.h"

/* From @from: nothing but a notification; @msgid: of the request, or of its answer. */
static enum isakmp_reason notify(struct end *from, u8 exchange, u8 kind, u32 msgid, u16 type)
{
	u8 data[5] = { 0, 0, (u8)(type >> 8), (u8)type, 99 };
	struct message m;

	message_new(&m, from, exchange, kind, msgid);
	message_add(&m, IKE_PL_NOTIFY, data, type == IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD ? 5 : 4);
	return message_deliver(&m, from);
}

/* What lingers goes; what is left is up at both ends, or nothing is. */
static void come_to_rest(struct talk *t)
{
	const struct ike_child *a, *b;

	talk_settle(t);
	talk_let_pass(t, 30000);
	a = t->a.ike.children;
	b = t->b.ike.children;
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	CHECK(!a == !b);
	if (!a || !b)
		return;
	CHECK_EQ(t->a.ike.n_children, 1);
	CHECK_EQ(t->b.ike.n_children, 1);
	CHECK_EQ(a->state, IKE_CHILD_UP);
	CHECK_EQ(b->state, IKE_CHILD_UP);
	CHECK_EQ(a->spi_in, b->spi_out);
	CHECK(a->xfrm && !a->xfrm->held && b->xfrm && !b->xfrm->held);
}

static const struct isakmp_addr inner = { 4, { 10, 9, 0, 2 } };

/* A has an inner address of B, whose policy is every address. */
static struct talk *client(void)
{
	struct talk *t = talk_new();

	t->a.peer.vip[0].family = 4;
	t->a.local[0] = (struct isakmp_ts){ .type = IKE_TS_DYNAMIC, .port_end = 65535 };
	t->b.remote[0] = (struct isakmp_ts){ .type = IKE_TS_IPV4, .port_end = 65535,
					     .end = { 255, 255, 255, 255 } };
	t->b.inner[0] = inner;
	t->liar = true;
	talk_advance(t, TALK_UP);
	return t;
}

/* ---- children ------------------------------------------------------------------ */

/*
 * The peer never deletes the old one, and nothing comes in: when its states are gone the
 * new one sends.
 */
static void test_old_expires(void)
{
	static const u8 types[] = { IKE_EV_CHILD_EXPIRED, IKE_EV_CHILD_LOST };
	struct ike_child *heir;
	struct talk *t;
	unsigned int i;
	u32 old;

	for (i = 0; i < 4; i++) {
		t = talk_at(TALK_UP);
		old = t->b.last.spi_in;
		talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
		talk_pass(&t->a);
		talk_flush(&t->b);
		heir = talk_child_in(&t->b, IKE_CHILD_UP);
		CHECK(heir && heir->held);
		t->b.child_dead = i & 2;	/* both of them */
		talk_do(&t->b, types[i & 1], i & 2 ? 0 : old);
		CHECK(heir && !heir->held);
		CHECK_EQ(t->b.switches, 1);
		/* The peer may wait for our answer yet: no Delete */
		CHECK_EQ(ike_child_of(&t->b.ike, old)->state, IKE_CHILD_REKEYED);
		talk_over(t);
	}
}

/* A's rekey is out; B does as it likes with the child. */
static struct talk *rekeying(void)
{
	struct talk *t = talk_at(TALK_UP);

	t->a.rx = t->b.rx = 7;
	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	return t;
}

/* Who is asked deletes the old one itself; that comes before the answer. */
static void test_asked_deletes(void)
{
	struct talk *t = rekeying();
	struct ike_child *old;
	struct packet answer;

	talk_pass(&t->a);
	answer = talk_take(&t->b);
	ike_child_delete(talk_child_in(&t->b, IKE_CHILD_REKEYED));
	talk_timer(&t->b, t->now);
	CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
	/* Nothing goes out in the clear meanwhile, and nobody is told of a loss */
	old = talk_child_in(&t->a, IKE_CHILD_GONE);
	CHECK(old && old->xfrm);
	CHECK_EQ(t->a.closed, 0);
	talk_let_pass(t, 500);
	CHECK(talk_child_in(&t->a, IKE_CHILD_GONE) != NULL);
	CHECK_EQ(talk_deliver(&t->a, &answer), ISAKMP_OK);
	packet_free(&answer);
	CHECK_EQ(t->a.switches, 1);
	come_to_rest(t);
	CHECK_EQ(talk_child(&t->a)->past[ISAKMP_PACKETS_IN], 7);
	CHECK_EQ(talk_child(&t->b)->past[ISAKMP_PACKETS_IN], 7);
	CHECK_EQ(t->a.closed + t->b.closed, 0);
	CHECK_EQ(t->a.renews + t->b.renews, 0);
	talk_over(t);
}

/* The peer closes it for good: what it says to our request, in both orders. */
static void test_really_closed(void)
{
	static const u16 types[] = { IKE_N_TEMPORARY_FAILURE, IKE_N_CHILD_SA_NOT_FOUND,
				     IKE_N_NO_ADDITIONAL_SAS, IKE_N_TS_UNACCEPTABLE,
				     IKE_N_SINGLE_PAIR_REQUIRED };
	struct talk *t;
	unsigned int i;
	bool again;

	for (i = 0; i < 2 * ARRAY_SIZE(types); i++) {
		again = i & 1;
		tap_note("error %u, %s", types[i / 2], again ? "to be up again" : "closed");
		t = rekeying();
		t->a.child.on_close = again ? IKE_ACTION_START : IKE_ACTION_NONE;
		talk_flush(&t->a);
		talk_do(&t->b, IKE_EV_CHILD_STOP, 0);
		CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
		CHECK_EQ(t->a.closed, 0);
		notify(&t->b, IKE_CREATE_CHILD_SA, IKE_RESPONSE, t->a.ike.ep->out->msgid,
		       types[i / 2]);
		CHECK_EQ(t->a.closed, 1);
		CHECK_EQ(t->a.downs, 1);
		t->b.ike.ep->next_in++;		/* it has seen that request */
		come_to_rest(t);
		CHECK_EQ(t->a.ike.n_children, again);
		CHECK_EQ(t->a.ups, 1U + again);
		CHECK_EQ(t->a.renews, 0);
		talk_over(t);
	}
}

/* The same, while our rekey waits for its time. */
static void test_closed_while_waiting(void)
{
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		t = rekeying();
		t->a.child.on_close = i ? IKE_ACTION_START : IKE_ACTION_NONE;
		talk_do(&t->b, IKE_EV_CHILD_STOP, 0);
		CHECK_REASON(talk_pass(&t->a), ISAKMP_R_REKEY_BUSY);
		talk_deliver(&t->a, &t->b.queue[1]);	/* TEMPORARY_FAILURE comes first */
		CHECK(talk_child_in(&t->a, IKE_CHILD_WANTED) != NULL);
		come_to_rest(t);
		CHECK_EQ(t->a.closed, 1);
		CHECK_EQ(t->a.downs, 1);
		CHECK_EQ(t->a.ike.n_children, i);
		talk_over(t);
	}
}

/* The IKE SA ends while the answer is still awaited: the child is a loss like others. */
static void test_closed_and_dead(void)
{
	struct talk *t = rekeying();

	talk_flush(&t->a);
	talk_do(&t->b, IKE_EV_CHILD_STOP, 0);
	talk_pass(&t->b);
	talk_do(&t->a, IKE_EV_KILL, 0);
	CHECK_EQ(t->a.downs, 1);
	talk_over(t);
}

/* Both ask: what went through the one that goes counts, too. */
static void test_collision_counts(void)
{
	struct talk *t;
	unsigned int i;
	u64 n;

	for (i = 0; i < 8; i++) {
		t = talk_at(TALK_UP);
		talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
		talk_do(&t->b, IKE_EV_CHILD_REKEY, 0);
		talk_pass(&t->a);
		talk_pass(&t->b);
		talk_pass(&t->a);
		talk_pass(&t->b);
		t->a.rx = 10;		/* through each of the three */
		come_to_rest(t);
		n = talk_child(&t->a)->past[ISAKMP_PACKETS_IN];
		CHECK_EQ(n, 20);
		talk_over(t);
	}
}

/* ---- the IKE SA ------------------------------------------------------------------ */

/* Both ask; the peer refuses us and goes on with its own: so do we, and start no other. */
static void test_refused_beside(void)
{
	static const u16 types[] = { IKE_N_TEMPORARY_FAILURE, IKE_N_NO_ADDITIONAL_SAS,
				     IKE_N_NO_PROPOSAL_CHOSEN, IKE_N_INVALID_KE_PAYLOAD };
	struct talk *t;
	unsigned int i;
	u8 ke[6] = { 0, 0, 0, IKE_N_INVALID_KE_PAYLOAD, 0, 99 };
	struct message m;
	u64 spi;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		tap_note("error %u", types[i]);
		t = talk_at(TALK_UP);
		talk_do(&t->a, IKE_EV_REKEY, 0);
		talk_do(&t->b, IKE_EV_REKEY, 0);
		talk_flush(&t->a);
		talk_pass(&t->b);
		message_new(&m, &t->b, IKE_CREATE_CHILD_SA, IKE_RESPONSE, t->a.ike.ep->out->msgid);
		put_unaligned_be16(types[i], ke + 2);
		message_add(&m, IKE_PL_NOTIFY, ke, types[i] == IKE_N_INVALID_KE_PAYLOAD ? 6 : 4);
		message_deliver(&m, &t->b);
		t->b.ike.ep->next_in++;
		CHECK_EQ(t->a.renews, 0);
		CHECK_EQ(t->a.rekeys, 1);
		spi = t->a.ike.ep->spi_i;
		CHECK(!t->a.ike.ep->initiator);
		/* In use at once, whether or not the old one is deleted */
		talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
		talk_settle(t);
		CHECK_EQ(t->b.ike.ep->spi_i, spi);
		come_to_rest(t);
		CHECK_EQ(t->a.installs, 2);
		CHECK_EQ(t->a.renews + t->b.renews, 0);
		talk_over(t);
	}
}

/* What the responder had to say in the old one it says in the new one. */
static void test_lifetime_anew(void)
{
	struct ike_event ev = { .type = IKE_EV_REAUTH, .reauth_s = 1000 };
	struct talk *t = talk_at(TALK_UP);

	talk_event(&t->b, &ev);
	CHECK_EQ(t->b.queued, 1);
	talk_flush(&t->b);
	talk_do(&t->a, IKE_EV_REKEY, 0);
	talk_settle(t);
	CHECK(t->a.ike.until_at != IKE_NEVER);
	talk_over(t);
}

/* RFC 7296, 2.21.2: right after IKE_AUTH these end it; later they are no more than words. */
static void test_last_word(void)
{
	static const u16 types[] = { IKE_N_INVALID_SYNTAX, IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD,
				     IKE_N_AUTHENTICATION_FAILED, IKE_N_INVALID_SELECTORS };
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 2 * ARRAY_SIZE(types); i++) {
		t = talk_at(TALK_UP);
		if (i & 1) {
			talk_do(&t->a, IKE_EV_CHECK, 0);
			talk_settle(t);
		}
		CHECK_REASON(notify(&t->a, IKE_INFORMATIONAL, IKE_REQUEST,
				    t->a.ike.ep->next_out, types[i / 2]), ISAKMP_R_PEER_ERROR);
		CHECK_EQ(t->b.ike.state, i == 4 || i == 5 || i == 0 || i == 2 ? IKE_S_DEAD :
							   IKE_S_ESTABLISHED);
		CHECK_EQ(t->b.queued, 1);
		talk_over(t);
	}
	/* The initiator is told nothing of the kind */
	t = talk_at(TALK_UP);
	notify(&t->b, IKE_INFORMATIONAL, IKE_REQUEST, 0, IKE_N_INVALID_SYNTAX);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	talk_over(t);
}

/*
 * A client with an inner address of ours lets us rekey nothing: there is no calling it
 * back (RFC 7296, 2.8.3).  When its child has expired the IKE SA goes, and it comes again.
 */
static void test_served(void)
{
	struct talk *t = client();

	talk_do(&t->b, IKE_EV_CHILD_REKEY, 0);
	talk_flush(&t->b);
	notify(&t->a, IKE_CREATE_CHILD_SA, IKE_RESPONSE, t->b.ike.ep->out->msgid, 12345);
	CHECK_EQ(t->b.ike.n_children, 1);
	talk_do(&t->b, IKE_EV_REKEY, 0);
	talk_flush(&t->b);
	notify(&t->a, IKE_CREATE_CHILD_SA, IKE_RESPONSE, t->b.ike.ep->out->msgid, 12345);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->b.queued, 0);
	talk_do(&t->b, IKE_EV_CHILD_EXPIRED, t->b.last.spi_in);
	talk_timer(&t->b, t->now + 5000);
	CHECK_EQ(t->b.queued, 1);
	talk_flush(&t->b);
	notify(&t->a, IKE_CREATE_CHILD_SA, IKE_RESPONSE, t->b.ike.ep->out->msgid, 12345);
	CHECK_EQ(t->b.ike.state, IKE_S_DELETING);
	CHECK_EQ(t->b.renews, 0);
	talk_over(t);
}

/* ---- selectors ------------------------------------------------------------------- */

/* The responder gives an inner address and leaves "every address" as it was offered. */
static void test_not_narrowed(void)
{
	struct talk *t = client();

	CHECK_EQ(t->b.last.remote[0].end[0], 255);
	CHECK_EQ(talk_child_state(&t->a), IKE_CHILD_UP);
	CHECK_EQ(t->a.last.n_local, 1);
	CHECK_MEM(t->a.last.local[0].start, inner.a, 4);
	CHECK_MEM(t->a.last.local[0].end, inner.a, 4);
	talk_over(t);
}

int main(void)
{
	TAP_RUN(test_old_expires, "an old child that the peer never deletes: its heir sends");
	TAP_RUN(test_asked_deletes, "who is asked to rekey deletes the old child itself");
	TAP_RUN(test_really_closed, "a child is closed while our request to rekey it is out");
	TAP_RUN(test_closed_while_waiting, "the same while our request waits for its time");
	TAP_RUN(test_closed_and_dead, "the same, and then the IKE SA ends");
	TAP_RUN(test_collision_counts, "both ask: what was counted adds up");
	TAP_RUN(test_refused_beside, "both rekey the IKE SA, the peer refuses ours");
	TAP_RUN(test_lifetime_anew, "a rekey of the IKE SA loses no AUTH_LIFETIME");
	TAP_RUN(test_last_word, "errors right after IKE_AUTH (RFC 7296, 2.21.2)");
	TAP_RUN(test_served, "a client with an inner address is not called back (RFC 7296, 2.8.3)");
	TAP_RUN(test_not_narrowed, "selectors that the responder has not narrowed to the address");
	return tap_done();
}
