// SPDX-License-Identifier: GPL-2.0
/* Tickets (RFC 5723): given, read, spent. */
#include "resume.h"

/* Where the ticket of a first message begins: the data of its first notification. */
static size_t ticket_at(const struct packet *p)
{
	CHECK_EQ(p->p[IKE_HDR_LEN - 12], IKE_PL_NOTIFY);
	return IKE_HDR_LEN + IKE_PL_HDR_LEN + 4;
}

static size_t ticket_len(const struct packet *p)
{
	return get_unaligned_be16(p->p + IKE_HDR_LEN + 2) - 8U;
}

/* ---- giving ------------------------------------------------------------------ */

static void test_given(void)
{
	struct talk *t = willing();

	talk_advance(t, TALK_UP);
	CHECK(t->a.ike.grant && t->b.ike.grant);
	CHECK_EQ(t->a.ike.grant->expires, NT.wall + IKE_TICKET_MS);
	CHECK_EQ(t->b.ike.grant->expires, NT.wall + IKE_TICKET_MS);
	CHECK(t->a.ike.grant->len < 512);
	CHECK(!t->a.ike.resumed && !t->b.ike.resumed);
	CHECK_EQ(NT.n_spent, 0);
	over(t);
}

/* RFC 5723, 6.2: the life of the IKE SA, the time until the end. */
static void test_life(void)
{
	struct talk *t = willing();

	t->b.peer.life_s = 3600;
	talk_advance(t, TALK_UP);
	CHECK_EQ(t->a.ike.grant->expires, NT.wall + 3600000);
	over(t);
	t = willing();
	t->b.peer.life_s = 3600;
	t->b.peer.reauth_s = 600;
	talk_advance(t, TALK_UP);
	CHECK_EQ(t->a.ike.grant->expires, NT.wall + 600000);
	over(t);
}

static void test_not_given(void)
{
	struct talk *t = willing();
	struct packet p;

	t->a.peer.resume = false;	/* it does not ask */
	talk_advance(t, TALK_UP);
	CHECK(!t->a.ike.grant && !t->b.ike.grant);
	CHECK_EQ(t->b.refusals, 0);
	over(t);

	t = willing();
	t->b.peer.resume = false;
	talk_advance(t, TALK_AUTH_ANSWERED);
	CHECK_EQ(t->b.refused[ISAKMP_R_TICKET_NONE], 1);
	p = talk_take(&t->b);
	CHECK_REASON(talk_deliver(&t->a, &p), ISAKMP_R_TICKET_NONE);
	packet_free(&p);
	talk_settle(t);
	CHECK(both_up(t) && !t->a.ike.grant && !t->b.ike.grant);
	over(t);

	t = willing();
	NT.n_keys = 0;			/* no helper has given any */
	talk_advance(t, TALK_UP);
	CHECK(!t->a.ike.grant && t->b.refused[ISAKMP_R_TICKET_NONE] == 1);
	over(t);
}

/* However short its life: another one is asked for after a while, not at once. */
static void test_short(void)
{
	static const u32 life_s[] = { 1, 60, 79, 80, 81, 3600 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(life_s); i++) {
		struct talk *t = willing();
		u64 most = life_s[i] * 750ULL;

		tap_note("%u s", life_s[i]);
		t->b.peer.life_s = life_s[i];
		talk_advance(t, TALK_UP);
		CHECK_EQ(t->a.ike.grant->expires, NT.wall + life_s[i] * 1000ULL);
		CHECK_EQ(t->a.ike.ticket_at, t->now + max(most, (u64)IKE_TICKET_ASK_MS));
		over(t);
	}
}

/* When it was given stands in it, and not when it was lost. */
static void test_stamp(void)
{
	struct talk *t = willing();
	struct ike_ticket *ticket = NULL;
	struct packet p;

	NT.now = (struct ike_ticket_stamp){ 7, 41 };
	talk_advance(t, TALK_UP);
	NT.now = (struct ike_ticket_stamp){ 7, 42 };
	lose_b(t);
	lose_a(t);
	CHECK(NT.kept && NT.kept->given.era == 7 && NT.kept->given.revocations == 41);
	start(t);
	p = talk_take(&t->a);
	CHECK_REASON(ike_ticket_open(&t->a.ike, p.p + ticket_at(&p), ticket_len(&p), &ticket),
		     ISAKMP_OK);
	CHECK(ticket && ticket->given.era == 7 && ticket->given.revocations == 41);
	ike_ticket_free(ticket);
	packet_free(&p);
	over(t);
}

/* ---- damaged ----------------------------------------------------------------- */

/* Every octet of a ticket, every bit of its clear part. */
static void test_flipped(void)
{
	struct talk *t = presented();
	struct packet p = talk_take(&t->a), q;
	size_t at = ticket_at(&p), n = ticket_len(&p), i, bits;
	enum isakmp_reason why;

	for (i = 0; i < n; i++)
		for (bits = 1; bits < 256; bits = i < 33 ? bits << 1 : 256) {
			tap_note("octet %zu ^ %02zx", i, bits);
			p.p[at + i] ^= (u8)bits;
			why = talk_deliver(&t->b, &p);
			CHECK(why == ISAKMP_R_TICKET_BAD || why == ISAKMP_R_TICKET_UNKNOWN ||
			      why == ISAKMP_R_TICKET_EXPIRED);
			CHECK_EQ(why == ISAKMP_R_TICKET_UNKNOWN, i >= 1 && i < 9);
			CHECK(!t->b.live);
			q = talk_take(&t->b);
			CHECK_EQ(q.n, 36);
			packet_free(&q);
			p.p[at + i] ^= (u8)bits;
		}
	CHECK_EQ(NT.n_spent, 0);
	CHECK_REASON(talk_deliver(&t->b, &p), ISAKMP_OK);
	packet_free(&p);
	over(t);
}

static void test_cut(void)
{
	struct talk *t = presented();
	struct packet p = talk_take(&t->a);
	size_t at = ticket_at(&p), n = ticket_len(&p), i;
	struct ike_ticket *ticket;

	for (i = 0; i < n; i++) {
		tap_note("%zu octets", i);
		ticket = NULL;
		CHECK_REASON(ike_ticket_open(&t->a.ike, p.p + at, i, &ticket),
			     ISAKMP_R_TICKET_BAD);
		CHECK(!ticket);
	}
	packet_free(&p);
	over(t);
}

/* Each octet of the helper's secret makes another key. */
static void test_secret(void)
{
	struct talk *t = presented();
	struct packet p = talk_take(&t->a);
	struct ike_ticket *ticket = NULL;
	unsigned int i;

	for (i = 0; i < IKE_TICKET_KEY_LEN; i++) {
		tap_note("octet %u", i);
		NT.key[0].key[i] ^= 1;
		CHECK_REASON(ike_ticket_open(&t->a.ike, p.p + ticket_at(&p), ticket_len(&p),
					     &ticket), ISAKMP_R_TICKET_BAD);
		CHECK(!ticket);
		NT.key[0].key[i] ^= 1;
	}
	packet_free(&p);
	over(t);
}

/* ---- the end of a ticket ------------------------------------------------------ */

static void test_rekeyed(void)
{
	struct talk *t = willing();
	u8 first[IKE_TICKET_NUMBER_LEN];

	talk_advance(t, TALK_UP);
	memcpy(first, t->b.ike.grant->number, sizeof(first));
	talk_do(&t->b, IKE_EV_REKEY, 0);
	talk_settle(t);
	CHECK_EQ(t->a.ike.rekeyed, 1);
	CHECK_EQ(NT.n_spent, 1);
	CHECK_MEM(NT.spent[0], first, sizeof(first));
	/* It asks at once, and is told to ask later */
	CHECK(!t->a.ike.grant && !t->b.ike.grant);
	CHECK_EQ(t->a.ike.ticket_at, t->now + IKE_TICKET_AGAIN_MS);
	t->now += IKE_TICKET_AGAIN_MS;
	talk_timer(&t->a, t->now);
	talk_settle(t);
	CHECK(t->a.ike.grant && t->b.ike.grant);
	lose_b(t);
	lose_a(t);
	start(t);
	talk_settle(t);
	CHECK(both_up(t) && t->b.ike.resumed);
	over(t);
}

/* "when the ticket lifetime is about to expire": A's question waits. */
static struct talk *renewing(void)
{
	struct talk *t = willing();

	talk_advance(t, TALK_UP);
	NT.wall += IKE_TICKET_MS / 4 * 3;
	talk_timer(&t->a, t->now + IKE_TICKET_MS / 4 * 3);
	CHECK_EQ(t->a.queued, 1);
	return t;
}

static void test_renewed(void)
{
	struct talk *t = renewing();
	u64 expires = t->a.ike.grant->expires;

	talk_settle(t);
	CHECK(t->a.ike.grant->expires > expires);
	CHECK_EQ(NT.n_spent, 1);
	over(t);
}

/* The answer comes when the IKE SA is being deleted: it has no ticket any more. */
static void test_renewed_late(void)
{
	struct talk *t = renewing();

	talk_pass(&t->a);
	ike_ticket_end(&t->a.ike);
	ike_sa_set_state(&t->a.ike, IKE_S_DELETING);
	CHECK_REASON(talk_pass(&t->b), ISAKMP_OK);
	CHECK(!t->a.ike.grant);
	over(t);
}

/* B runs out of memory at one point or another: A asks again, and soon has another one. */
static void test_memory_given(void)
{
	unsigned long nth;
	bool more = true;

	for (nth = 1; more; nth++) {
		struct talk *t = renewing();
		u64 expires = t->a.ike.grant->expires;
		struct packet p = talk_take(&t->a);

		tap_note("point %lu", nth);
		native_mem_fail_at(nth);
		talk_deliver(&t->b, &p);
		more = native_mem_points() >= nth;
		native_mem_fail_at(0);
		if (!t->b.queued)
			talk_deliver(&t->b, &p);
		packet_free(&p);
		talk_settle(t);
		/* Without memory for it B says: later (RFC 5723, 4.1) */
		if (t->b.refused[ISAKMP_R_TICKET_NONE])
			CHECK_EQ(t->a.ike.ticket_at, t->now + IKE_TICKET_AGAIN_MS);
		else
			CHECK(t->a.ike.grant->expires > expires);
		over(t);
	}
	CHECK(nth > 8);
}

/* So does A. */
static void test_memory_taken(void)
{
	unsigned int asked_again = 0;
	unsigned long nth;
	bool more = true;

	for (nth = 1; more; nth++) {
		struct talk *t = renewing();
		u64 expires = t->a.ike.grant->expires;
		struct packet p;

		tap_note("point %lu", nth);
		talk_pass(&t->a);
		p = talk_take(&t->b);
		native_mem_fail_at(nth);
		talk_deliver(&t->a, &p);
		more = native_mem_points() >= nth;
		native_mem_fail_at(0);
		talk_deliver(&t->a, &p);
		packet_free(&p);
		if (t->a.ike.grant->expires == expires) {
			CHECK_EQ(t->a.ike.ticket_at, t->now + IKE_TICKET_ASK_MS);
			asked_again++;
		}
		over(t);
	}
	CHECK(nth > 2);
	CHECK_EQ(asked_again, 1);
}

static void test_deleted(void)
{
	unsigned int who;
	struct talk *t;

	for (who = 0; who < 2; who++) {
		t = willing();
		talk_advance(t, TALK_UP);
		talk_do(who ? &t->a : &t->b, IKE_EV_STOP, 0);
		if (!who)
			CHECK_EQ(NT.n_spent, 1);	/* before the answer comes */
		talk_settle(t);
		CHECK_EQ(NT.n_spent, 1);
		CHECK(!NT.kept);
		over(t);
	}
	/* The initiator is told by nobody, as by `peer down force` */
	t = willing();
	talk_advance(t, TALK_UP);
	talk_do(&t->a, IKE_EV_KILL, 0);
	CHECK(!NT.kept);
	over(t);
}

static void test_barred(void)
{
	struct ike_event ev = { .type = IKE_EV_BAR, .why = ISAKMP_R_REVOKED };
	struct talk *t = willing();

	talk_advance(t, TALK_UP);
	talk_event(&t->b, &ev);
	CHECK_EQ(NT.n_spent, 1);
	over(t);
	t = willing();
	talk_advance(t, TALK_UP);
	talk_event(&t->a, &ev);
	lose_a(t);
	CHECK(!NT.kept);
	over(t);
}

/* What cannot be remembered takes all others along. */
static void test_no_room(void)
{
	struct talk *t = willing();

	talk_advance(t, TALK_UP);
	NT.room = 0;
	talk_do(&t->b, IKE_EV_STOP, 0);
	CHECK(NT.all_barred);
	CHECK_EQ(t->b.refused[ISAKMP_R_TICKET_LIMIT], 1);
	over(t);
}

/* ---- the parser, secrets ---------------------------------------------- */

static void test_parser(void)
{
	struct talk *t = presented();
	const struct ike_ticket *good = t->a.ike.setup->ticket;
	u8 *text = malloc(good->text_len), *exact;
	struct ike_ticket *ticket;
	size_t n = good->text_len, i, k;

	memcpy(text, good->text, n);
	for (i = 0; i < n; i++) {
		exact = malloc(i ? i : 1);
		memcpy(exact, text, i);
		CHECK(!ike_ticket_decode(exact, i));
		free(exact);
	}
	/* Whatever it says, it stays within its octets */
	for (i = 0; i < n; i++)
		for (k = 0; k < 256; k += 15) {
			exact = malloc(n);
			memcpy(exact, text, n);
			exact[i] = (u8)k;
			ticket = ike_ticket_decode(exact, n);
			free(exact);
			if (ticket)
				CHECK(ticket->peer.len && ticket->id_local.len >= 5 &&
				      ticket->handle.len <= IKE_HANDLE_MAX);
			ike_ticket_free(ticket);
		}
	free(text);
	over(t);
}

static void test_secrets(void)
{
	struct talk *t = willing();
	u8 sk_d[48];

	talk_advance(t, TALK_UP);
	memcpy(sk_d, t->a.ike.ep->sk_d, sizeof(sk_d));
	/* Nobody reads it in the ticket */
	CHECK(!memmem(t->a.ike.grant->opaque, t->a.ike.grant->len, sk_d, 16));
	CHECK(!memmem(t->a.ike.grant->opaque, t->a.ike.grant->len, "gw-a", 4));
	lose_b(t);
	lose_a(t);
	CHECK(native_mem_holds(sk_d, sizeof(sk_d)));
	start(t);
	talk_settle(t);
	CHECK(both_up(t));
	CHECK(!native_mem_holds(sk_d, sizeof(sk_d)));
	over(t);
}

int main(void)
{
	TAP_RUN(test_given, "a ticket is given in IKE_AUTH (RFC 5723, 4.1)");
	TAP_RUN(test_life, "it lives as long as the IKE SA, or the authentication (6.2)");
	TAP_RUN(test_short, "a short one: another is asked for after a while");
	TAP_RUN(test_stamp, "when it was given stands in it");
	TAP_RUN(test_not_given, "not asked for, not allowed, no key: no ticket");
	TAP_RUN(test_flipped, "every octet flipped");
	TAP_RUN(test_cut, "cut at every octet");
	TAP_RUN(test_secret, "each octet of the secret counts");
	TAP_RUN(test_rekeyed, "a rekey is the end of the ticket; the next one is asked for");
	TAP_RUN(test_renewed, "another one before it is over");
	TAP_RUN(test_renewed_late, "another one, when the IKE SA is being deleted");
	TAP_RUN(test_memory_given, "another one: the responder's memory runs out, at every point");
	TAP_RUN(test_memory_taken, "another one: the initiator's does");
	TAP_RUN(test_deleted, "a deleted IKE SA has no ticket (6.2)");
	TAP_RUN(test_barred, "a revoked one has none");
	TAP_RUN(test_no_room, "what cannot be remembered takes all others along");
	TAP_RUN(test_parser, "the text: cut, and with every octet another one");
	TAP_RUN(test_secrets, "nothing is read in a ticket, nothing is left of it");
	return tap_done();
}
