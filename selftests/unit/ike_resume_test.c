// SPDX-License-Identifier: GPL-2.0
/* Session resumption (RFC 5723), message by message. */
#include "resume.h"

/* ---- as it should be -------------------------------------------------------- */

/* RFC 5723, 5.1, computed here. */
static void check_keys(struct talk *t, const u8 *sk_d_old, size_t prf)
{
	const struct ike_setup *s = t->b.ike.setup;
	u16 id = t->b.ike.ep->suite.prf;
	struct ike_span seed[] = {
		{ (const u8 *)"Resumption", 10 }, { s->ni, s->ni_len }, { s->nr, s->nr_len },
	};
	u8 skeyseed[64], spis[16], keys[512];
	struct ike_span expand[] = {
		{ s->ni, s->ni_len }, { s->nr, s->nr_len }, { spis, sizeof(spis) },
	};
	size_t encr = t->a.keys.enc;

	put_unaligned_be64(t->b.ike.ep->spi_i, spis);
	put_unaligned_be64(t->b.ike.ep->spi_r, spis + 8);
	CHECK_EQ(isakmp_prf(id, sk_d_old, prf, seed, 3, skeyseed), 0);
	CHECK_EQ(ike_prf_plus(id, skeyseed, prf, expand, 3, keys, 3 * prf + 2 * encr), 0);
	CHECK_MEM(t->a.keys.ei, keys + prf, encr);
	CHECK_MEM(t->a.keys.er, keys + prf + encr, encr);
	CHECK_MEM(t->a.ike.sk_pi, keys + prf + 2 * encr, prf);
	CHECK_MEM(t->a.ike.sk_pr, keys + 2 * prf + 2 * encr, prf);
}

static void test_resume(void)
{
	struct talk *t = willing();
	u8 sk_d[64], number[IKE_TICKET_NUMBER_LEN];
	unsigned int asks, derived;
	struct packet p;
	u64 spi;

	talk_advance(t, TALK_UP);
	memcpy(sk_d, t->a.ike.ep->sk_d, sizeof(sk_d));
	memcpy(number, t->b.ike.grant->number, sizeof(number));
	spi = t->b.ike.ep->spi_r;
	lose_b(t);
	lose_a(t);
	asks = t->a.asks + t->b.asks;
	derived = talk_derived;
	t->a.sent = 0;
	t->b.sent = 0;
	start(t);
	CHECK(!NT.kept);
	p = talk_take(&t->a);
	CHECK_REASON(talk_deliver(&t->b, &p), ISAKMP_OK);
	CHECK_EQ(t->b.ike.state, IKE_S_R_RESUME);
	packet_free(&p);
	p = talk_take(&t->b);
	CHECK_EQ(p.p[18], IKE_SESSION_RESUME);
	CHECK_REASON(talk_deliver(&t->a, &p), ISAKMP_OK);
	packet_free(&p);
	CHECK_EQ(t->a.ike.state, IKE_S_I_AUTH);
	CHECK(t->a.ike.ep->spi_r != spi);
	check_keys(t, sk_d, 48);
	talk_settle(t);
	CHECK(both_up(t));
	/* Two messages each, nobody was asked, no key exchange */
	CHECK_EQ(t->a.sent, 2);
	CHECK_EQ(t->b.sent, 2);
	CHECK_EQ(t->a.asks + t->b.asks, asks);
	CHECK_EQ(talk_derived, derived);
	CHECK(t->a.ike.resumed && t->b.ike.resumed);
	/* Used once, the one before is gone, the next one is given */
	CHECK_EQ(NT.n_spent, 1);
	CHECK_MEM(NT.spent[0], number, sizeof(number));
	CHECK_EQ(NT.superseded, 1);
	CHECK_EQ(NT.superseded_spi, spi);
	CHECK(t->a.ike.grant && memcmp(t->b.ike.grant->number, number, sizeof(number)));
	over(t);
}

/* Again and again, each time with the ticket of the time before. */
static void test_chain(void)
{
	struct talk *t = presented();
	unsigned int i;

	for (i = 0; i < 5; i++) {
		tap_note("%u", i);
		talk_settle(t);
		CHECK(both_up(t));
		lose_b(t);
		lose_a(t);
		start(t);
		CHECK_EQ(t->a.ike.state, IKE_S_I_RESUME);
	}
	CHECK_EQ(NT.n_spent, 5);
	over(t);
}

/* What the IKE SA stands on is what the first one stood on, and so is its end. */
static void test_basis(void)
{
	struct talk *t = willing();
	u64 until;

	t->b.peer.reauth_s = 1000;
	talk_advance(t, TALK_UP);
	until = t->b.ike.until_at;
	CHECK_EQ(until, t->now + 1000000);
	lose_b(t);
	lose_a(t);
	NT.wall += 100000;
	t->now += 100000;
	start(t);
	talk_settle(t);
	CHECK(both_up(t));
	CHECK(t->b.ike.until_at <= until && t->b.ike.until_at + 1000 >= until);
	CHECK(t->a.ike.until_at <= until && t->a.ike.until_at + 1000 >= until);
	CHECK_EQ(t->b.ike.basis->unique_len, 2);
	CHECK_MEM(t->b.ike.basis->unique, "\2A", 2);
	CHECK_EQ(t->a.ike.basis->unique_len, 2);
	CHECK_MEM(t->a.ike.basis->unique, "\2B", 2);
	over(t);
}

static void test_inner(void)
{
	static const struct isakmp_addr had = { 4, { 10, 9, 0, 7 } };
	struct talk *t = willing();

	t->a.peer.vip[0] = (struct isakmp_addr){ .family = 4 };
	t->b.inner[0] = had;
	t->b.config = (struct ike_config){
		.n_dns = 1, .dns = { { 4, { 10, 9, 0, 1 } } },
		.n_subnets = 1, .subnet = { { { 4, { 10, 9 } }, 16 } },
		.domains_len = 13, .domains = "corp.example",
	};
	talk_advance(t, TALK_UP);
	lose_b(t);
	lose_a(t);
	memset(&t->b.inner, 0, sizeof(t->b.inner));
	memset(&t->b.config, 0, sizeof(t->b.config));
	start(t);
	talk_settle(t);
	CHECK(both_up(t));
	CHECK_EQ(NT.leases, 1);
	CHECK(isakmp_addr_equal(&t->a.ike.inner[0], &had));
	CHECK(isakmp_addr_equal(&t->b.ike.inner[0], &had));
	CHECK(t->a.ike.config && t->a.ike.config->n_dns == 1);
	CHECK_EQ(t->a.ike.config->n_subnets, 1);
	CHECK_EQ(t->a.ike.config->subnet[0].plen, 16);
	CHECK_MEM(t->a.ike.config->domains, "corp.example", 13);
	/* The next time somebody else has it */
	lose_b(t);
	lose_a(t);
	NT.taken = true;
	start(t);
	talk_settle(t);
	CHECK(t->a.refused[ISAKMP_R_NO_ADDRESS] && t->b.refused[ISAKMP_R_NO_ADDRESS]);
	over(t);
}

/* ---- cookies, refusals, silence --------------------------------------------- */

static void test_cookie(void)
{
	static const u8 cookie[] = { 0, 0, 0x40, 6, 'c', 'o', 'o', 'k', 'i', 'e' };
	struct talk *t = presented();
	struct packet was = talk_take(&t->a), p;
	struct message m;

	memset(&m, 0, sizeof(m));
	m.h = (struct isakmp_header){
		.spi_i = t->a.ike.ep->spi_i, .major = 2, .exchange = IKE_SESSION_RESUME,
		.flags = IKE_FLAG_RESPONSE,
	};
	message_add(&m, IKE_PL_NOTIFY, cookie, sizeof(cookie));
	p = message_write(&m, &t->b);
	message_free(&m);
	CHECK_REASON(talk_give(&t->a, p.p, p.n), ISAKMP_OK);
	packet_free(&p);
	CHECK_EQ(t->a.queued, 1);
	p = first_of(t);
	/* The same, with the cookie in front */
	CHECK_EQ(p.n, was.n + 4 + sizeof(cookie));
	CHECK_MEM(p.p + IKE_HDR_LEN + 4, cookie, sizeof(cookie));
	CHECK_MEM(p.p + IKE_HDR_LEN + 4 + sizeof(cookie), was.p + IKE_HDR_LEN,
		  was.n - IKE_HDR_LEN);
	packet_free(&p);
	packet_free(&was);
	talk_settle(t);
	CHECK(both_up(t) && t->b.ike.resumed);
	over(t);
}

/* The first message is refused for this; then a full exchange follows at once. */
static void refused(struct talk *t, enum isakmp_reason why)
{
	struct packet p = talk_take(&t->a);
	unsigned int asks = t->b.asks;

	CHECK_REASON(talk_deliver(&t->b, &p), why);
	CHECK(!t->b.live);
	packet_free(&p);
	p = talk_take(&t->b);
	/* HDR(SPIi, 0), N(TICKET_NACK), no longer than what it answers */
	CHECK_EQ(p.n, 36);
	CHECK_EQ(p.p[18], IKE_SESSION_RESUME);
	CHECK_EQ(get_unaligned_be16(p.p + 34), IKE_N_TICKET_NACK);
	CHECK_EQ(get_unaligned_be64(p.p + 8), 0);
	CHECK_REASON(talk_deliver(&t->a, &p), ISAKMP_R_TICKET_REFUSED);
	packet_free(&p);
	CHECK_EQ(t->a.ike.state, IKE_S_I_INIT);
	NT.peer = &t->b.peer;
	talk_settle(t);
	CHECK(both_up(t));
	CHECK(!t->a.ike.resumed && t->b.asks == asks + 1);
	over(t);
}

static void test_unknown(void)
{
	struct talk *t = presented();

	NT.key[0].id[0] ^= 1;
	refused(t, ISAKMP_R_TICKET_UNKNOWN);
	t = presented();
	NT.key[0].key[IKE_TICKET_KEY_LEN - 1] ^= 1;	/* another one under its ID */
	refused(t, ISAKMP_R_TICKET_BAD);
	/* The key was changed once: it still opens, and the other one seals */
	t = presented();
	NT.key[1] = NT.key[0];
	NT.n_keys = 2;
	memset(&NT.key[0], 0x77, sizeof(NT.key[0]));
	talk_settle(t);
	CHECK(both_up(t) && t->b.ike.resumed);
	CHECK_MEM(t->a.ike.grant->opaque + 1, NT.key[0].id, IKE_TICKET_KEY_ID_LEN);
	over(t);
}

static void test_expired(void)
{
	struct talk *t = presented();

	NT.wall = t->a.ike.setup->ticket->expires;
	refused(t, ISAKMP_R_TICKET_EXPIRED);
	t = presented();
	NT.wall = t->a.ike.setup->ticket->expires - 1;
	talk_settle(t);
	CHECK(both_up(t) && t->b.ike.resumed);
	over(t);
}

/* A machine that starts without a clock, in 1970: it cannot know that the ticket is not over. */
static void test_no_clock(void)
{
	struct talk *t = presented();

	NT.wall = t->a.ike.setup->ticket->expires - 2 * IKE_TICKET_MS - 1;
	refused(t, ISAKMP_R_TICKET_EXPIRED);
	t = presented();
	NT.wall = 1000;
	refused(t, ISAKMP_R_TICKET_EXPIRED);
	t = presented();
	NT.wall = t->a.ike.setup->ticket->expires - 2 * IKE_TICKET_MS;
	talk_settle(t);
	CHECK(both_up(t) && t->b.ike.resumed);
	over(t);
}

/* The clock is set back behind the end of one that was forgotten. */
static void test_over(void)
{
	struct talk *t = presented();

	NT.over = t->a.ike.setup->ticket->expires;
	refused(t, ISAKMP_R_TICKET_EXPIRED);
	t = presented();
	NT.over = t->a.ike.setup->ticket->expires - 1;
	talk_settle(t);
	CHECK(both_up(t) && t->b.ike.resumed);
	over(t);
}

static void test_stale(void)
{
	struct talk *t = presented();

	t->b.peer.binding++;
	refused(t, ISAKMP_R_TICKET_STALE);
	t = presented();
	NT.peer = NULL;
	refused(t, ISAKMP_R_TICKET_STALE);
	t = presented();
	t->b.peer.resume = false;
	refused(t, ISAKMP_R_TICKET_STALE);
}

static void test_revoked(void)
{
	struct talk *t = presented();

	NT.revoked = true;
	refused(t, ISAKMP_R_TICKET_REVOKED);
}

static void test_limit(void)
{
	struct talk *t = presented();

	NT.room = 0;
	refused(t, ISAKMP_R_TICKET_LIMIT);
}

static void test_suite(void)
{
	struct talk *t = presented();

	t->b.peer.ike.s[0] = t->b.peer.ike.s[1];
	t->a.peer.ike.s[0] = t->a.peer.ike.s[1];
	refused(t, ISAKMP_R_SUITE_REFUSED);
}

/* What policy allows no more is not presented either, whoever would take it. */
static void test_suite_ours(void)
{
	struct talk *t = willing();

	talk_advance(t, TALK_UP);
	lose_b(t);
	lose_a(t);
	CHECK(NT.kept);
	t->a.peer.ike.s[0] = t->a.peer.ike.s[1];
	start(t);
	CHECK_EQ(t->a.ike.state, IKE_S_I_INIT);
	CHECK(!NT.kept && !t->a.ike.setup->ticket);
	talk_settle(t);
	CHECK(both_up(t) && !t->b.ike.resumed);
	over(t);
}

/* "A reused ticket SHOULD be rejected by a gateway" (RFC 5723, 4.3.1). */
static void test_used(void)
{
	struct talk *t = presented();
	struct packet p = first_of(t), q;

	talk_settle(t);
	CHECK(both_up(t));
	lose_b(t);
	/* The same octets at a responder that has forgotten all but the used tickets */
	CHECK_REASON(talk_deliver(&t->b, &p), ISAKMP_R_TICKET_USED);
	CHECK(!t->b.live);
	q = talk_take(&t->b);
	CHECK_EQ(q.n, 36);
	packet_free(&q);
	packet_free(&p);
	over(t);
}

/* Two half-open ones of one ticket: the second to authenticate is refused. */
static void test_used_meanwhile(void)
{
	struct talk *t = presented();

	talk_pass(&t->a);
	talk_pass(&t->b);
	memcpy(NT.spent[NT.n_spent++], t->b.ike.setup->ticket->number, IKE_TICKET_NUMBER_LEN);
	CHECK_REASON(talk_pass(&t->a), ISAKMP_R_TICKET_USED);
	talk_settle(t);
	CHECK(!t->a.live || t->a.ike.state == IKE_S_DEAD);
	CHECK_EQ(t->b.ups, 1);
	over(t);
}

/* TICKET_NACK as an answer to nothing, or to what is over: no second exchange. */
static void test_nack_late(void)
{
	struct talk *t = presented();
	struct packet p = talk_take(&t->a), nack;

	NT.peer = NULL;
	talk_deliver(&t->b, &p);
	packet_free(&p);
	nack = talk_take(&t->b);
	NT.peer = &t->b.peer;
	CHECK_REASON(talk_deliver(&t->a, &nack), ISAKMP_R_TICKET_REFUSED);
	CHECK_REASON(talk_deliver(&t->a, &nack), ISAKMP_R_UNASKED);
	talk_settle(t);
	CHECK(both_up(t));
	CHECK_REASON(talk_deliver(&t->a, &nack), ISAKMP_R_UNASKED);
	packet_free(&nack);
	over(t);
}

/* Nobody there: a full exchange after a while; nobody for that either: it is kept. */
static void test_silence(void)
{
	struct talk *t = presented();
	unsigned int n = 100, resumes = 0, inits = 0;
	struct packet p;

	while (t->a.live && n--) {
		while ((p = talk_take(&t->a)).n) {
			resumes += p.p[18] == IKE_SESSION_RESUME;
			inits += p.p[18] == IKE_SA_INIT;
			packet_free(&p);
		}
		talk_timer(&t->a, t->now + 1000);
	}
	CHECK(!t->a.live);
	CHECK_EQ(resumes, 1 + IKE_RESUME_TRIES);
	CHECK_EQ(inits, 1 + 3);
	CHECK(NT.kept);
	/* The network is back */
	start(t);
	CHECK_EQ(t->a.ike.state, IKE_S_I_RESUME);
	talk_settle(t);
	CHECK(both_up(t) && t->b.ike.resumed);
	over(t);
}

/* An old responder does not know the exchange; the full one has it forget the ticket. */
static void silent_exchange(u32 tries)
{
	struct talk *t = presented();
	unsigned int n = 60;

	t->a.tun.retransmit_tries = tries;
	while (t->a.ike.state == IKE_S_I_RESUME && n--) {
		talk_flush(&t->a);
		talk_timer(&t->a, t->now + 1000);
	}
	talk_settle(t);
	CHECK(both_up(t) && !t->a.ike.resumed && !NT.kept);
	over(t);
}

static void test_silent_exchange(void)
{
	u32 tries;

	for (tries = 0; tries <= 6; tries++)
		silent_exchange(tries);
}

/* ---- IKE_AUTH --------------------------------------------------------------- */

/* Up to A's IKE_AUTH, which waits. */
static struct talk *proving(void)
{
	struct talk *t = presented();

	talk_pass(&t->a);
	talk_pass(&t->b);
	CHECK_EQ(t->a.queued, 1);
	return t;
}

static void read_waiting(struct end *from, struct message *m)
{
	struct packet p = talk_take(from);

	message_read(m, from, &p);
	packet_free(&p);
}

static void not_believed(enum isakmp_reason why, void (*change)(struct message *m))
{
	struct talk *t = proving();
	struct message m;

	read_waiting(&t->a, &m);
	change(&m);
	CHECK_REASON(message_deliver(&m, &t->a), why);
	CHECK_EQ(t->b.ike.state, IKE_S_DEAD);
	CHECK_EQ(NT.n_spent, 0);
	over(t);
}

static u8 other[8 + 64];

static void replace(struct message *m, u8 type, size_t at, u8 bits)
{
	int i = message_find(m, type);

	memcpy(other, m->b[i].p, m->b[i].n);
	other[at] ^= bits;
	m->b[i].p = other;
}

static void other_idi(struct message *m) { replace(m, IKE_PL_IDI, 4, 1); }
static void other_idr(struct message *m) { replace(m, IKE_PL_IDR, 4, 1); }
static void other_auth(struct message *m) { replace(m, IKE_PL_AUTH, 20, 1); }
static void other_method(struct message *m) { replace(m, IKE_PL_AUTH, 0, 3); }

static void longer_auth(struct message *m)
{
	int i = message_find(m, IKE_PL_AUTH);

	memcpy(other, m->b[i].p, m->b[i].n);
	m->b[i].p = other;
	m->b[i].n++;
}

static void certificate(struct message *m)
{
	message_insert(m, 1, talk_body(IKE_PL_CERT));
}

static void test_auth(void)
{
	not_believed(ISAKMP_R_AUTH_FAILED, other_idi);
	not_believed(ISAKMP_R_AUTH_FAILED, other_idr);
	not_believed(ISAKMP_R_AUTH_FAILED, other_auth);
	not_believed(ISAKMP_R_AUTH_FAILED, longer_auth);
	not_believed(ISAKMP_R_AUTH_METHOD, other_method);
	not_believed(ISAKMP_R_UNEXPECTED, certificate);
}

static void responder_not_believed(enum isakmp_reason why, void (*change)(struct message *m))
{
	struct talk *t = proving();
	struct packet p = talk_take(&t->a);
	struct message m;

	CHECK_REASON(talk_deliver(&t->b, &p), ISAKMP_OK);
	packet_free(&p);
	read_waiting(&t->b, &m);
	change(&m);
	CHECK_REASON(message_deliver(&m, &t->b), why);
	CHECK_EQ(t->a.ike.state, IKE_S_DELETING);
	talk_settle(t);
	over(t);
}

static void test_responder_auth(void)
{
	responder_not_believed(ISAKMP_R_AUTH_FAILED, other_idr);
	responder_not_believed(ISAKMP_R_AUTH_FAILED, other_auth);
	responder_not_believed(ISAKMP_R_AUTH_METHOD, other_method);
	responder_not_believed(ISAKMP_R_UNEXPECTED, certificate);
}

/* Who has the ticket but not what is in it: cannot make IKE_AUTH. */
static void test_stolen(void)
{
	struct talk *t = presented();
	struct ike_ticket *ticket = t->a.ike.setup->ticket;

	talk_pass(&t->a);
	ticket->text[ticket->sk_d.p - ticket->text] ^= 1;
	talk_pass(&t->b);
	CHECK_REASON(talk_pass(&t->a), ISAKMP_R_ICV);
	CHECK_EQ(NT.n_spent, 0);
	over(t);
}

/* A's IKE_AUTH, which waits, is refused for this, and nothing has come of it. */
static void auth_refused(struct talk *t, enum isakmp_reason why)
{
	CHECK_REASON(talk_pass(&t->a), why);
	CHECK_EQ(NT.n_spent, 0);
	CHECK(!t->b.xfrm);
	over(t);
}

static void test_changed_meanwhile(void)
{
	struct talk *t = proving();

	t->b.peer.binding++;
	auth_refused(t, ISAKMP_R_TICKET_STALE);
	t = proving();
	NT.revoked = true;
	auth_refused(t, ISAKMP_R_TICKET_REVOKED);
}

/* What is revoked when the responder has looked, and before it can be found by that. */
static void test_revoked_late(void)
{
	struct talk *t = proving();

	NT.revoked_late = true;
	auth_refused(t, ISAKMP_R_TICKET_REVOKED);
}

/* The initiator has its ticket with it when what it stands on is revoked here. */
static void test_revoked_presented(void)
{
	struct talk *t = proving();

	CHECK_REASON(talk_pass(&t->a), ISAKMP_OK);
	NT.revoked_late = true;
	CHECK_REASON(talk_pass(&t->b), ISAKMP_R_TICKET_REVOKED);
	CHECK(!t->a.xfrm);
	CHECK_EQ(t->a.ike.state, IKE_S_DELETING);
	talk_settle(t);
	CHECK(!t->a.live && !t->b.xfrm);
	over(t);
}

/* One that takes the place of another authenticates; who does not want it, too. */
static void test_not_presented(void)
{
	struct talk *t = willing();

	talk_advance(t, TALK_UP);
	lose_b(t);
	lose_a(t);
	talk_open_a(t);
	t->a.ike.replaces = 77;
	talk_do(&t->a, IKE_EV_START, 0);
	CHECK_EQ(t->a.ike.state, IKE_S_I_INIT);
	CHECK(NT.kept);
	talk_flush(&t->a);
	talk_do(&t->a, IKE_EV_KILL, 0);
	talk_timer(&t->a, t->now);
	t->a.peer.resume = false;
	start(t);
	CHECK_EQ(t->a.ike.state, IKE_S_I_INIT);
	over(t);
}

/* Taken down while a request is out, and the peer is silent: nothing comes back. */
static void test_taken_down(void)
{
	struct talk *t = willing();

	talk_advance(t, TALK_UP);
	lose_b(t);
	talk_do(&t->a, IKE_EV_CHECK, 0);
	CHECK_EQ(t->a.queued, 1);
	talk_do(&t->a, IKE_EV_STOP, 0);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	lose_a(t);
	CHECK(!NT.kept);
	over(t);
}

/* ---- memory ----------------------------------------------------------------- */

static void test_memory(void)
{
	unsigned long nth;
	struct talk *t;

	for (nth = 1;; nth++) {
		tap_note("point %lu", nth);
		t = presented();
		native_mem_fail_at(nth);
		talk_settle(t);
		if (native_mem_points() < nth) {
			native_mem_fail_at(0);
			CHECK(both_up(t));
			over(t);
			break;
		}
		native_mem_fail_at(0);
		over(t);
	}
	CHECK(nth > 20);
}

int main(void)
{
	TAP_RUN(test_resume, "resumption: two messages each, no helper, no key exchange; keys (5.1)");
	TAP_RUN(test_chain, "again and again");
	TAP_RUN(test_basis, "whom it stands on, and until when, is as before");
	TAP_RUN(test_inner, "inner addresses, and what goes with them");
	TAP_RUN(test_cookie, "a cookie is asked for: the same again with it (4.3.2)");
	TAP_RUN(test_unknown, "the key is gone; it was changed once");
	TAP_RUN(test_expired, "a ticket that is over");
	TAP_RUN(test_no_clock, "a ticket of days to come: the clock is not set");
	TAP_RUN(test_over, "one that was over, by a clock that was set back since");
	TAP_RUN(test_stale, "another peer object, none, one that does not resume");
	TAP_RUN(test_revoked, "what it stands on was revoked");
	TAP_RUN(test_limit, "too many used ones");
	TAP_RUN(test_suite, "a suite that is allowed no more");
	TAP_RUN(test_suite_ours, "a suite that the initiator allows no more");
	TAP_RUN(test_used, "the same first message again, when it was used");
	TAP_RUN(test_used_meanwhile, "two at once with one ticket");
	TAP_RUN(test_nack_late, "TICKET_NACK late, and again");
	TAP_RUN(test_silence, "silence: a full exchange, and the ticket is kept");
	TAP_RUN(test_silent_exchange, "a responder that does not know the exchange");
	TAP_RUN(test_auth, "IKE_AUTH: other identities, other AUTH, a certificate (4.3.3)");
	TAP_RUN(test_responder_auth, "the same of the responder");
	TAP_RUN(test_stolen, "a stolen ticket (9.1)");
	TAP_RUN(test_changed_meanwhile, "the peer object changes, or is revoked, in between");
	TAP_RUN(test_revoked_late, "revoked when the responder has looked");
	TAP_RUN(test_revoked_presented, "revoked at the initiator, on the way");
	TAP_RUN(test_not_presented, "who authenticates anew presents none");
	TAP_RUN(test_taken_down, "who was taken down leaves none");
	TAP_RUN(test_memory, "memory runs out, at every point");
	return tap_done();
}
