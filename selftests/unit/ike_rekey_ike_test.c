// SPDX-License-Identifier: GPL-2.0
/* Rekeying of the IKE SA: message by message (RFC 7296, 1.3.2, 2.8.2, 2.18 and 2.25.2). */
#include "talk.h"

static enum isakmp_reason rekey(struct end *e)
{
	return talk_do(e, IKE_EV_REKEY, 0);
}

/* The initiator's SPI in the oldest message of an end; 0: it has none. */
static u64 spi_of(const struct end *e)
{
	return e->queued ? get_unaligned_be64(e->queue[0].p) : 0;
}

static unsigned int epochs(const struct end *e)
{
	const struct ike_epoch *ep;
	unsigned int n = 0;

	for (ep = e->ike.ep; ep; ep = ep->next)
		n++;
	return n;
}

/* Both use the same one, other than @before; the child is as it was. */
static void both_moved(struct talk *t, u64 before)
{
	const struct ike_epoch *a = t->a.ike.ep, *b = t->b.ike.ep;

	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(a->spi_i, b->spi_i);
	CHECK_EQ(a->spi_r, b->spi_r);
	CHECK(a->spi_i != before && a->initiator != b->initiator);
	CHECK(!a->out && !b->out);
	CHECK_MEM(a->sk_d, b->sk_d, sizeof(a->sk_d));
	CHECK_EQ(t->a.ike.n_children, 1);
	CHECK_EQ(t->b.ike.n_children, 1);
	CHECK_EQ(t->a.installs + t->b.installs, 2);
	CHECK_EQ(t->a.renews + t->b.renews, 0);
}

/* Older ones answer repeats for a while, and go. */
static void old_ones_go(struct talk *t)
{
	talk_settle(t);
	talk_timer(&t->a, t->now + IKE_LINGER_MS);
	talk_timer(&t->b, t->now);
	talk_settle(t);
	CHECK_EQ(epochs(&t->a), 1);
	CHECK_EQ(epochs(&t->b), 1);
}

/* ---- one end asks ---------------------------------------------------------------- */

static void test_walk(void)
{
	struct packet first;
	struct end *us, *them;
	struct talk *t;
	unsigned int i;
	u8 sk_d[64];
	u64 spi, id;

	for (i = 0; i < 4; i++) {
		t = talk_at(TALK_UP);
		us = i & 1 ? &t->b : &t->a;
		them = talk_other(us);
		spi = us->ike.ep->spi_i;
		id = us->ike.id;
		memcpy(sk_d, us->ike.ep->sk_d, 64);
		CHECK_EQ(rekey(us), ISAKMP_OK);
		CHECK_EQ(talk_pass(us), ISAKMP_OK);
		CHECK_EQ(them->rekeys, 1);
		CHECK_EQ(talk_pass(them), ISAKMP_OK);
		CHECK_EQ(us->rekeys, 1);
		/* The Delete is of the old one; what is new begins at 0 */
		CHECK_EQ(us->queued, 1);
		CHECK_EQ(spi_of(us), spi);
		CHECK_EQ(us->ike.ep->next_out + us->ike.ep->next_in, 0);
		CHECK_EQ(them->ike.ep->next_out + them->ike.ep->next_in, 0);
		CHECK_EQ(us->ike.ep->window_out, 1);
		talk_settle(t);
		both_moved(t, spi);
		CHECK(us->ike.ep->initiator && us->ike.id == id);
		CHECK(memcmp(sk_d, us->ike.ep->sk_d, 32));
		talk_do(i & 2 ? us : them, IKE_EV_CHECK, 0);
		first = packet_copy(i & 2 ? &us->queue[0] : &them->queue[0]);
		CHECK_EQ(get_unaligned_be32(first.p + IKE_HDR_MSGID_AT), 0);
		packet_free(&first);
		old_ones_go(t);
		talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
		talk_settle(t);
		CHECK_EQ(t->a.refusals + t->b.refusals, 0);
		talk_over(t);
	}
}

/* In the old one the same octets again are the same answer again, also when it is gone. */
static void test_repeat(void)
{
	struct packet request, first, again;
	struct talk *t = talk_at(TALK_UP);
	u64 spi = t->a.ike.ep->spi_i;
	unsigned int i;

	rekey(&t->a);
	for (i = 0; i < 2; i++) {
		request = talk_take(&t->a);
		talk_deliver(&t->b, &request);
		first = talk_take(&t->b);
		t->now += 5000;
		talk_deliver(&t->b, &request);
		again = talk_take(&t->b);
		CHECK_EQ(first.n, again.n);
		CHECK_MEM(first.p, again.p, first.n);
		talk_deliver(&t->a, &first);
		CHECK(talk_deliver(&t->a, &again) != ISAKMP_OK);
		packet_free(&request);
		packet_free(&first);
		packet_free(&again);
	}
	CHECK_EQ(t->a.rekeys + t->b.rekeys, 2);
	old_ones_go(t);
	both_moved(t, spi);
	talk_over(t);
}

/* The answer comes late: the old one is there for it. */
static void test_answer_late(void)
{
	struct talk *t = talk_at(TALK_UP);
	u64 spi = t->a.ike.ep->spi_i;

	rekey(&t->a);
	talk_pass(&t->a);
	talk_timer(&t->b, t->now + IKE_RESPONSE_MS - 1);
	CHECK_EQ(t->b.queued, 1);
	talk_settle(t);
	both_moved(t, spi);
	old_ones_go(t);
	talk_over(t);
	/* It came, the peer is heard, and forgets to delete */
	t = talk_at(TALK_UP);
	spi = t->a.ike.ep->spi_i;
	rekey(&t->a);
	talk_pass(&t->a);
	talk_pass(&t->b);
	talk_flush(&t->a);
	talk_do(&t->a, IKE_EV_CHECK, 0);
	talk_settle(t);
	CHECK_EQ(ike_sa_deadline(&t->b.ike), t->now + IKE_REKEYED_MS);
	talk_timer(&t->b, t->now + IKE_REKEYED_MS);
	CHECK_EQ(t->b.queued, 1);
	CHECK_EQ(spi_of(&t->b), spi);
	talk_settle(t);
	both_moved(t, spi);
	talk_over(t);
}

/* ---- both ask (RFC 7296, 2.8.2) ------------------------------------------------------ */

static void test_both(void)
{
	unsigned int i, kept_a = 0;
	struct talk *t;
	u64 spi;

	for (i = 0; i < 24; i++) {
		t = talk_at(TALK_UP);
		spi = t->a.ike.ep->spi_i;
		rekey(&t->a);
		rekey(&t->b);
		CHECK_EQ(talk_pass(&t->a), ISAKMP_OK);
		CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
		CHECK_EQ(t->a.rekeys + t->b.rekeys, 0);
		CHECK_EQ(talk_pass(i & 1 ? &t->a : &t->b), ISAKMP_OK);
		CHECK_EQ(talk_pass(i & 1 ? &t->b : &t->a), ISAKMP_OK);
		talk_settle(t);
		both_moved(t, spi);
		CHECK_EQ(t->a.rekeys, 1);
		CHECK_EQ(t->b.rekeys, 1);
		CHECK_EQ(t->a.refusals + t->b.refusals, 0);
		kept_a += t->a.ike.ep->initiator;
		old_ones_go(t);
		rekey(&t->b);
		talk_settle(t);
		CHECK_EQ(t->a.rekeys, 2);
		old_ones_go(t);
		talk_over(t);
	}
	CHECK(kept_a && kept_a < 24);
}

/* "... one of the peers might not notice": its request comes when all is over. */
static void test_both_late(void)
{
	struct packet req1;
	struct talk *t;
	unsigned int i;
	u64 spi;

	for (i = 0; i < 2; i++) {
		t = talk_at(TALK_UP);
		spi = t->a.ike.ep->spi_i;
		rekey(&t->a);
		req1 = talk_take(&t->a);
		rekey(&t->b);
		CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
		CHECK_EQ(t->a.rekeys, 0);	/* it waits for its own */
		CHECK_EQ(talk_pass(&t->a), ISAKMP_OK);
		CHECK_EQ(t->b.rekeys, 1);
		if (i) {		/* req1 before the Delete */
			CHECK_REASON(talk_deliver(&t->b, &req1), ISAKMP_R_REKEY_BUSY);
			CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
			CHECK_EQ(t->a.rekeys, 1);
		} else {
			CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
			CHECK_EQ(t->a.rekeys, 1);
			CHECK_REASON(talk_deliver(&t->b, &req1), ISAKMP_R_REKEY_BUSY);
		}
		packet_free(&req1);
		talk_settle(t);
		both_moved(t, spi);
		CHECK(t->b.ike.ep->initiator);
		old_ones_go(t);
		talk_over(t);
	}
}

/* ---- against others (RFC 7296, 2.25.2) ------------------------------------------------- */

/* A child is being made, rekeyed or deleted here: later. */
static void test_against_child(void)
{
	static const u8 types[] = { IKE_EV_CHILD_REKEY, IKE_EV_CHILD_STOP };
	struct talk *t;
	unsigned int i;
	u64 spi;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		t = talk_at(TALK_UP);
		spi = t->a.ike.ep->spi_i;
		talk_do(&t->b, types[i], 0);
		rekey(&t->a);
		CHECK_REASON(talk_pass(&t->a), ISAKMP_R_REKEY_BUSY);
		/* ... and there: a new child later, a Delete as ever */
		CHECK_REASON(talk_pass(&t->b), i ? ISAKMP_OK : ISAKMP_R_REKEY_BUSY);
		CHECK_EQ(t->a.closed, i);
		talk_settle(t);
		CHECK_EQ(t->a.ike.ep->spi_i, spi);
		CHECK(t->a.ike.rekey_at >= t->now + IKE_DELAY_MS &&
		      t->a.ike.rekey_at < t->now + 2 * IKE_DELAY_MS);
		talk_timer(&t->a, t->a.ike.rekey_at);
		talk_settle(t);
		CHECK_EQ(t->a.rekeys, 1);
		CHECK(t->a.ike.ep->spi_i != spi);
		talk_timer(&t->b, t->now + 7000);
		talk_settle(t);
		CHECK_EQ(t->b.installs, i ? 1 : 2);
		CHECK_EQ(t->a.renews + t->b.renews, 0);
		talk_over(t);
	}
}

/* It is being deleted: by who is asked, and by who asks (threat 57). */
static void test_against_delete(void)
{
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		t = talk_at(TALK_UP);
		rekey(&t->a);
		talk_do(&t->b, IKE_EV_STOP, 0);
		if (i)
			CHECK_REASON(talk_pass(&t->a), ISAKMP_R_DYING);
		CHECK_EQ(talk_pass(&t->b), ISAKMP_OK);
		CHECK_EQ(t->a.ike.state, IKE_S_DEAD);
		CHECK_EQ(t->a.queued, i ? 1 : 2);
		talk_settle(t);
		CHECK(!t->a.xfrm && !t->b.xfrm);
		talk_over(t);
	}
}

/* Wanted while a request is out: it waits; so does a Delete behind it. */
static void test_alone(void)
{
	struct talk *t = talk_at(TALK_UP);

	talk_do(&t->a, IKE_EV_CHECK, 0);
	rekey(&t->a);
	CHECK_EQ(t->a.queued, 1);
	talk_settle(t);
	CHECK_EQ(t->a.rekeys, 1);
	rekey(&t->a);
	talk_do(&t->a, IKE_EV_STOP, 0);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	talk_settle(t);
	CHECK(!t->a.live && !t->a.xfrm && !t->b.xfrm);
	talk_over(t);
}

/* ---- refusals ------------------------------------------------------------------------ */

static void answer_error(struct talk *t, u16 type)
{
	u8 data[4] = { 0, 0, (u8)(type >> 8), (u8)type };
	struct message m;

	message_new(&m, &t->b, IKE_CREATE_CHILD_SA, IKE_RESPONSE, t->a.ike.ep->out->msgid);
	message_add(&m, IKE_PL_NOTIFY, data, 4);
	CHECK_REASON(message_deliver(&m, &t->b), ISAKMP_R_PEER_ERROR);
	CHECK_EQ(t->a.arg, type);
}

/* TEMPORARY_FAILURE without end: an IKE SA from scratch. */
static void test_temporary(void)
{
	struct talk *t = talk_at(TALK_UP);
	u64 at, wait = IKE_DELAY_MS;
	unsigned int i;

	rekey(&t->a);
	for (i = 0; i < IKE_DELAYS_MAX; i++, wait = min_t(u64, 2 * wait, IKE_DELAY_MAX_MS)) {
		talk_flush(&t->a);
		answer_error(t, IKE_N_TEMPORARY_FAILURE);
		at = ike_sa_deadline(&t->a.ike);
		CHECK(at >= t->now + wait && at < t->now + wait + wait / 4);
		CHECK_EQ(t->a.queued, 0);
		talk_timer(&t->a, at);
		CHECK_EQ(t->a.queued, 1);
	}
	CHECK_EQ(t->a.renews, 0);
	answer_error(t, IKE_N_TEMPORARY_FAILURE);
	CHECK_EQ(t->a.renews, 1);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK_EQ(epochs(&t->a), 1);
	talk_over(t);
}

/* ... before this one ends. */
static void test_temporary_end(void)
{
	struct talk *t = talk_new();
	u64 end, begun;

	t->a.peer.life_s = 100;
	talk_advance(t, TALK_UP);
	end = t->a.ike.expire_at;
	begun = t->a.ike.rekey_at;
	talk_timer(&t->a, begun);
	while (!t->a.renews && t->a.ike.state == IKE_S_ESTABLISHED && t->now < end) {
		CHECK_EQ(t->a.queued, 1);
		talk_flush(&t->a);
		answer_error(t, IKE_N_TEMPORARY_FAILURE);
		if (!t->a.renews)
			talk_timer(&t->a, ike_sa_deadline(&t->a.ike));
	}
	CHECK_EQ(t->a.renews, 1);
	CHECK(t->now > begun + 4 * IKE_DELAY_MS && t->now + 4 * IKE_DELAY_MS < end);
	talk_over(t);
}

static void test_refused(void)
{
	static const u16 types[] = { IKE_N_NO_ADDITIONAL_SAS, IKE_N_NO_PROPOSAL_CHOSEN };
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		t = talk_at(TALK_UP);
		rekey(&t->a);
		answer_error(t, types[i]);
		CHECK_EQ(t->a.renews, 1);
		CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
		CHECK(t->a.xfrm != NULL);
		talk_over(t);
	}
	/* The peer's policy is another one now */
	t = talk_at(TALK_UP);
	t->b.peer.ike.n = 1;
	t->b.peer.ike.s[0].encr = IKE_ENCR_CHACHA20_POLY1305;
	t->b.peer.ike.s[0].keylen = 0;
	rekey(&t->a);
	CHECK_REASON(talk_pass(&t->a), ISAKMP_R_NO_PROPOSAL);
	CHECK_EQ(epochs(&t->b), 1);
	talk_settle(t);
	CHECK_EQ(t->a.renews, 1);
	/* INVALID_SYNTAX: it has no IKE SA any more */
	rekey(&t->a);
	answer_error(t, IKE_N_INVALID_SYNTAX);
	CHECK(!t->a.live && !t->a.xfrm);
	talk_over(t);
}

/* RFC 7296, 1.3: the group of the other end's choice. */
static void test_invalid_ke(void)
{
	struct talk *t = talk_at(TALK_UP);
	u64 spi = t->a.ike.ep->spi_i;

	t->a.peer.ike.s[1].ke = IKE_KE_ECP_256;
	t->b.peer.ike.s[0].ke = t->b.peer.ike.s[1].ke = IKE_KE_ECP_256;
	rekey(&t->a);
	CHECK_REASON(talk_pass(&t->a), ISAKMP_R_KE_GROUP);
	talk_settle(t);
	both_moved(t, spi);
	CHECK_EQ(t->a.ike.ep->suite.ke, IKE_KE_ECP_256);
	old_ones_go(t);
	talk_over(t);
}

/* As fast as can be: limited, and named (threat 47). */
static void test_loop(void)
{
	struct talk *t = talk_at(TALK_UP);
	unsigned int i;

	for (i = 0; i < 200 && !t->b.refused[ISAKMP_R_REKEY_LIMIT]; i++) {
		rekey(&t->a);
		talk_settle(t);
		t->a.n_ivs = t->b.n_ivs = 0;
	}
	CHECK(i >= IKE_REKEYS_BURST && i < 200);
	CHECK_EQ(t->b.rekeys, i - 1);
	rekey(&t->a);
	CHECK_REASON(talk_pass(&t->a), ISAKMP_R_REKEY_LIMIT);
	talk_settle(t);
	/* No more are kept than the limit says; the oldest went */
	CHECK(epochs(&t->b) <= IKE_EPOCHS_MAX && epochs(&t->a) <= IKE_EPOCHS_MAX);
	CHECK(epochs(&t->b) >= IKE_EPOCHS_MAX - 1);
	/* Time heals */
	talk_timer(&t->a, t->now + 7000);
	talk_settle(t);
	CHECK_EQ(t->b.rekeys, i);
	old_ones_go(t);
	talk_over(t);
}

/* ---- memory ---------------------------------------------------------------------------- */

static void test_memory(void)
{
	struct talk *t;
	unsigned long n;
	unsigned int i;
	bool over;
	u64 spi;

	for (i = 0; i < 3; i++) {
		over = false;
		for (n = 1; !over && n < 1000; n++) {
			tap_note("%u: allocation %lu", i, n);
			t = talk_at(TALK_UP);
			spi = t->a.ike.ep->spi_i;
			native_mem_fail_at(n);
			if (i != 1)
				rekey(&t->a);
			if (i)
				rekey(&t->b);
			talk_settle(t);
			over = native_mem_points() < n;
			native_mem_fail_at(0);
			talk_let_pass(t, 400000);
			both_moved(t, spi);
			CHECK_EQ(t->a.ike.ep->spi_r, t->b.ike.ep->spi_r);
			CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
			CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
			CHECK_EQ(epochs(&t->a), 1);
			CHECK_EQ(epochs(&t->b), 1);
			CHECK(t->a.xfrm && t->b.xfrm);
			talk_over(t);
		}
		CHECK(over && n > 20);
	}
}

int main(void)
{
	TAP_RUN(test_walk, "either end: SPIs, keys and message IDs are new, children stay");
	TAP_RUN(test_repeat, "a request again is the same octets again, also after the end");
	TAP_RUN(test_answer_late, "the old one stays until the peer can use the new one");
	TAP_RUN(test_both, "both ends at once (RFC 7296, 2.8.2)");
	TAP_RUN(test_both_late, "both ends, one does not notice (RFC 7296, 2.8.2)");
	TAP_RUN(test_against_child, "it meets the rekey, and the Delete, of a child (RFC 7296, 2.25.2)");
	TAP_RUN(test_against_delete, "it meets a Delete, in both orders (threat 57)");
	TAP_RUN(test_alone, "nothing is under way beside it");
	TAP_RUN(test_temporary, "TEMPORARY_FAILURE: later, later still, then from scratch");
	TAP_RUN(test_temporary_end, "TEMPORARY_FAILURE: from scratch before it ends");
	TAP_RUN(test_refused, "refused: another IKE SA, and this one as it was");
	TAP_RUN(test_invalid_ke, "INVALID_KE_PAYLOAD: with that group");
	TAP_RUN(test_loop, "rekeyed in a tight loop: limited, and named (threat 47)");
	TAP_RUN(test_memory, "every allocation fails once (threat 58)");
	return tap_done();
}
