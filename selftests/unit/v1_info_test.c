// SPDX-License-Identifier: GPL-2.0
/* Informational of version 1: Deletes and notifications (RFC 2409, 5.7; RFC 2408, 5.14, 5.15). */
#include "v1_children.h"
#include "v1_delete.h"
#include "v1_forge.h"
#include "v1_loss.h"
#include "v1/phase2.h"

static void begin(struct talk *t, struct v1_msg *m)
{
	CHECK_EQ(v1_msg_begin(&t->a.ike, t->a.ike.ep, NULL, m, V1_INFORMATIONAL, V1_H_1),
		 ISAKMP_OK);
}

/* A says it; what B makes of it. */
static enum isakmp_reason say(struct talk *t, struct v1_msg *m)
{
	CHECK_EQ(v1_say_once(&t->a.ike, m), ISAKMP_OK);
	return v1_lab_pass(&t->a);
}

static void add_notify(struct v1_msg *m, u16 type, u8 protocol, u8 spi_len, const u8 *spi)
{
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = protocol, .type = type,
			       .spi_len = spi_len, .spi = spi };

	v1_msg_notify(m, &n);
}

/* ---- Deletes of children -------------------------------------------------------- */

static void test_close(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());

	talk_do(&t->a, IKE_EV_CHILD_STOP, t->a.ike.children->spi_in);
	CHECK_EQ(t->a.ike.n_children, 0);
	v1_lab_settle(t);
	CHECK_EQ(t->b.closed, 1);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 0);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	v1_lab_over(t);
}

/* Several, twice, unknown ones, of the other protocol, and a word about one that is gone. */
static void test_many(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	u8 spi[5 * 4] = { 1, 2, 3, 4 };
	struct v1_msg m;

	put_unaligned_be32(t->a.ike.children->spi_in, spi + 4);
	put_unaligned_be32(t->a.ike.children->spi_in, spi + 8);
	put_unaligned_be32(t->b.ike.children->spi_in, spi + 12);
	begin(t, &m);
	add_delete(&m, V1_PROTO_AH, 4, spi, 5);
	CHECK_EQ(say(t, &m), ISAKMP_OK);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 1);
	begin(t, &m);
	add_delete(&m, V1_PROTO_ESP, 4, spi, 5);
	add_notify(&m, V1_N_INVALID_SPI, V1_PROTO_ESP, 4, spi + 4);
	add_delete(&m, V1_PROTO_ESP, 4, spi + 4, 1);
	add_notify(&m, V1_N_RESPONDER_LIFETIME, V1_PROTO_ESP, 4, spi + 4);
	CHECK_REASON(say(t, &m), ISAKMP_R_PEER_ERROR);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 0);
	CHECK_EQ(t->b.closed, 1);
	v1_lab_over(t);
}

static void test_replayed_delete(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct ike_event ev = { .type = IKE_EV_CHILD_START, .peer = &t->a.peer,
				.child = &t->a.child };
	struct packet p, copy;

	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	p = talk_take(&t->a);
	copy = packet_copy(&p);
	CHECK_EQ(v1_lab_deliver(&t->b, &p), ISAKMP_OK);
	packet_free(&p);
	talk_event(&t->a, &ev);
	v1_lab_settle(t);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 1);
	CHECK_REASON(v1_lab_deliver(&t->b, &copy), ISAKMP_R_OLD_ID);
	packet_free(&copy);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 1);
	v1_lab_over(t);
}

/* A Delete with an octet changed: nothing happens (HASH is verified). */
static void test_flips(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct packet p, copy;
	size_t i;

	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	p = talk_take(&t->a);
	for (i = IKE_HDR_LEN; i < p.n; i++) {
		copy = packet_copy(&p);
		copy.p[i] ^= 1;
		CHECK_REASON(v1_lab_deliver(&t->b, &copy), ISAKMP_R_ICV);
		packet_free(&copy);
		CHECK_EQ(count(&t->b, IKE_CHILD_UP), 1);
	}
	CHECK_EQ(v1_lab_deliver(&t->b, &p), ISAKMP_OK);
	packet_free(&p);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 0);
	v1_lab_over(t);
}

/* What shall be there again is. */
static void test_on_close(void)
{
	struct talk *t = v1_lab_new();

	t->a.child.on_close = IKE_ACTION_START;
	v1_lab_up(t);
	talk_do(&t->b, IKE_EV_CHILD_STOP, 0);
	v1_lab_let_pass(t, 2 * IKE_AGAIN_MS);
	CHECK_EQ(count(&t->a, IKE_CHILD_UP), 1);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 1);
	v1_lab_over(t);
}

/* ---- Deletes of ISAKMP SAs -------------------------------------------------------- */

/* The children stay; what is to be said next has another ISAKMP SA. */
static void test_isakmp(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct v1_msg m;
	u8 spi[2 * 16];

	cookies_of(&t->a, spi);
	memset(spi + 16, 9, 16);
	begin(t, &m);
	add_delete(&m, V1_PROTO_ISAKMP, 16, spi, 2);
	add_notify(&m, V1_N_INITIAL_CONTACT, V1_PROTO_ISAKMP, 16, spi);
	CHECK_EQ(say(t, &m), ISAKMP_OK);
	CHECK_EQ(t->b.ike.state, IKE_S_ESTABLISHED);
	CHECK(!v1_phase1_ready(&t->b.ike));
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 1);
	v1_lab_over(t);
}

/* Cookies of somebody else, of another length: nobody's. */
static void test_isakmp_others(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct v1_msg m;
	u8 spi[16];

	memset(spi, 9, sizeof(spi));
	begin(t, &m);
	add_delete(&m, V1_PROTO_ISAKMP, 16, spi, 1);
	CHECK_EQ(say(t, &m), ISAKMP_OK);
	CHECK(v1_phase1_ready(&t->b.ike));
	v1_lab_over(t);
}

/* ---- notifications ------------------------------------------------------------------ */

/* Elder children go; those that came by this ISAKMP SA stay. */
static void test_contact(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct v1_msg m;
	u8 spi[16];

	cookies_of(&t->a, spi);
	begin(t, &m);
	add_notify(&m, V1_N_INITIAL_CONTACT, V1_PROTO_ISAKMP, 16, spi);
	CHECK_EQ(say(t, &m), ISAKMP_OK);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 1);
	CHECK_EQ(t->b.forgotten, 0);
	v1_lab_p(&t->b)->begun_at = t->now + 1;
	begin(t, &m);
	add_notify(&m, V1_N_INITIAL_CONTACT, V1_PROTO_ISAKMP, 16, spi);
	CHECK_EQ(say(t, &m), ISAKMP_R_V1_FORGOTTEN);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 0);
	CHECK_EQ(t->b.down_why, ISAKMP_R_V1_FORGOTTEN);
	CHECK_EQ(t->b.forgotten, 1);
	CHECK_EQ(t->b.closed, 0);
	v1_lab_over(t);
}

/* B has crashed, and knows of nothing any more. */
static void forget(struct end *e)
{
	ike_sa_release(&e->ike);
	e->ike.ep = &e->ike.first;
	e->live = false;
	e->xfrm = NULL;
}

/* A sets up another ISAKMP SA, and hears that its child leads nowhere. */
static void test_crashed(bool initial)
{
	struct talk *t = v1_lab_up(v1_lab_new());

	v1_lab_let_pass(t, 1000);
	forget(&t->b);
	t->b.initial = initial;
	talk_do(&t->a, IKE_EV_REKEY, 0);
	v1_lab_settle(t);
	CHECK(t->b.live && t->b.ike.state == IKE_S_ESTABLISHED);
	CHECK_EQ(t->a.rekeys, 1);
	CHECK_EQ(count(&t->a, IKE_CHILD_UP), !initial);
	v1_lab_over(t);
}

static void test_first_there(void)
{
	test_crashed(true);
}

static void test_not_first_there(void)
{
	test_crashed(false);
}

/* XAUTH is not over in it: it says nothing of what others have set up, only of itself. */
static void test_before_xauth(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct v1_msg m;
	u8 spi[16];

	put_unaligned_be32(t->a.ike.children->spi_in, spi);
	v1_lab_p(&t->b)->state = V1_P1_XAUTH;
	v1_lab_p(&t->b)->up_at = t->now + 1;
	begin(t, &m);
	add_delete(&m, V1_PROTO_ESP, 4, spi, 1);
	say(t, &m);
	cookies_of(&t->a, spi);
	begin(t, &m);
	add_notify(&m, V1_N_INITIAL_CONTACT, V1_PROTO_ISAKMP, 16, spi);
	say(t, &m);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 1);
	CHECK(!t->b.ike.contact);
	begin(t, &m);
	add_delete(&m, V1_PROTO_ISAKMP, 16, spi, 1);
	say(t, &m);
	CHECK_EQ(v1_lab_p(&t->b)->state, V1_P1_GONE);
	v1_lab_over(t);
}

/* What breaks the law may come again as often as somebody likes: it is no sign of life. */
static void test_unlawful(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	static const u8 nonce[16];
	struct v1_msg m;
	u64 last;

	v1_lab_let_pass(t, 1000);
	last = t->b.ike.last_in;
	begin(t, &m);
	v1_msg_bytes(&m, V1_PL_NONCE, nonce, sizeof(nonce));
	CHECK(say(t, &m));
	CHECK_EQ(t->b.ike.last_in, last);
	v1_lab_over(t);
}

/* An error for a Quick Mode of ours, that names it or not, ends it; another one does not. */
static void test_errors(void)
{
	static const struct { u8 spi_len; bool ours, ends; } rows[] = {
		{ 4, true, true }, { 4, false, false }, { 0, false, true },
	};
	struct talk *t;
	struct v1_msg m;
	unsigned int i;
	u8 spi[4];

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ike_event ev = { .type = IKE_EV_CHILD_START };

		tap_note("row %u", i);
		t = v1_lab_up(v1_lab_new());
		talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
		v1_lab_settle(t);
		v1_lab_let_pass(t, 2 * IKE_CHILD_LINGER_MS);
		ev.peer = &t->b.peer;
		ev.child = &t->b.child;
		talk_event(&t->b, &ev);
		CHECK_EQ(count(&t->b, IKE_CHILD_WANTED), 1);
		talk_lose(&t->b);
		put_unaligned_be32(rows[i].ours ? t->b.ike.children->spi_in : 77, spi);
		begin(t, &m);
		add_notify(&m, V1_N_NO_PROPOSAL_CHOSEN, V1_PROTO_ESP, rows[i].spi_len, spi);
		CHECK_REASON(say(t, &m), ISAKMP_R_PEER_ERROR);
		CHECK_EQ(t->b.arg, V1_N_NO_PROPOSAL_CHOSEN);
		CHECK_EQ(t->b.ike.n_children, rows[i].ends ? 0 : 1);
		v1_lab_over(t);
	}
}

/* What has no SPI of the peer yet is not named by 0. */
static void test_delete_of_nothing(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	static const u8 zero[4];
	struct v1_msg m;

	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	v1_lab_let_pass(t, 2 * IKE_CHILD_LINGER_MS);
	start(&t->b);
	CHECK_EQ(count(&t->b, IKE_CHILD_WANTED), 1);
	talk_lose(&t->b);
	begin(t, &m);
	add_delete(&m, V1_PROTO_ESP, 4, zero, 1);
	CHECK_EQ(say(t, &m), ISAKMP_OK);
	CHECK_EQ(count(&t->b, IKE_CHILD_WANTED), 1);
	v1_lab_over(t);
}

/* ---- in the clear -------------------------------------------------------------------- */

static struct packet clear(struct talk *t, u64 spi_r, u8 type, u8 protocol, u16 notify)
{
	struct isakmp_header h = { .spi_i = t->a.ike.ep->spi_i, .spi_r = spi_r, .major = 1,
				   .exchange = V1_INFORMATIONAL, .msgid = 77 };
	struct packet p = { .p = malloc(256), .path = t->b.ike.path };
	struct v1_delete d = { .doi = V1_DOI_IPSEC, .protocol = protocol, .spi_len = 4, .n = 1 };
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = protocol, .type = notify };
	struct isakmp_builder b;
	u8 spi[16];

	d.spis = spi;
	memset(spi, 0, sizeof(spi));
	if (t->a.ike.children)
		put_unaligned_be32(t->a.ike.children->spi_out, spi);
	isakmp_build_begin(&b, p.p, 256, &h);
	isakmp_build_payload(&b, type);
	if (type == V1_PL_DELETE)
		v1_delete_encode(&b.o, &d);
	else
		v1_notify_encode(&b.o, &n);
	isakmp_build_close(&b);
	CHECK(isakmp_build_end(&b));
	p.n = b.o.len;
	return p;
}

/* CVE-2007-1841: a Delete in the clear. */
static void test_clear(void)
{
	static const struct { u8 type; u16 notify; } rows[] = {
		{ V1_PL_DELETE, 0 }, { V1_PL_NOTIFY, V1_N_INITIAL_CONTACT },
		{ V1_PL_NOTIFY, V1_N_R_U_THERE }, { V1_PL_NOTIFY, V1_N_INVALID_COOKIE },
	};
	struct talk *t = v1_lab_up(v1_lab_new());
	u64 before = talk_hash(&t->a);
	struct packet p;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		p = clear(t, t->a.ike.ep->spi_r, rows[i].type, V1_PROTO_ESP, rows[i].notify);
		CHECK_REASON(talk_give(&t->a, p.p, p.n), ISAKMP_R_FORGEABLE);
		packet_free(&p);
		CHECK_EQ(talk_hash(&t->a), before);
		CHECK_EQ(t->a.queued, 0);
	}
	v1_lab_over(t);
}

/* Before there are keys: it is noted, and the exchange goes on. */
static void test_hint(void)
{
	struct talk *t = v1_lab_new();
	struct packet p;

	v1_lab_start(t);
	v1_lab_answer(&t->a);
	CHECK_EQ(t->a.queued, 1);
	p = clear(t, 0, V1_PL_NOTIFY, V1_PROTO_ISAKMP, V1_N_NO_PROPOSAL_CHOSEN);
	CHECK_REASON(talk_give(&t->a, p.p, p.n), ISAKMP_R_FORGEABLE);
	CHECK_EQ(t->a.arg, V1_N_NO_PROPOSAL_CHOSEN);
	packet_free(&p);
	p = clear(t, 0, V1_PL_NOTIFY, V1_PROTO_ISAKMP, V1_N_INITIAL_CONTACT);
	CHECK_REASON(talk_give(&t->a, p.p, p.n), ISAKMP_R_UNEXPECTED);
	packet_free(&p);
	/* a type of private use, which no set of types has a bit for */
	p = clear(t, 0, 200, V1_PROTO_ISAKMP, V1_N_NO_PROPOSAL_CHOSEN);
	CHECK_REASON(talk_give(&t->a, p.p, p.n), ISAKMP_R_UNEXPECTED);
	packet_free(&p);
	v1_lab_settle(t);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	v1_lab_over(t);
}

/* With keys, and phase 1 not over yet: it is not even noted. */
static void test_no_hint(void)
{
	struct talk *t = v1_lab_new();
	struct packet p;

	lost.from = 'B';
	lost.nth = 3;
	v1_lab.net = lossy;
	v1_lab_start(t);
	v1_lab_settle(t);
	CHECK(v1_lab_p(&t->a)->key_len && v1_lab_p(&t->a)->setup);
	p = clear(t, t->a.ike.ep->spi_r, V1_PL_NOTIFY, V1_PROTO_ISAKMP, V1_N_NO_PROPOSAL_CHOSEN);
	CHECK_REASON(talk_give(&t->a, p.p, p.n), ISAKMP_R_FORGEABLE);
	packet_free(&p);
	CHECK_EQ(v1_lab_p(&t->a)->setup->forgeable, 0);
	v1_lab_let_pass(t, 2 * t->a.tun.retransmit_ms);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	v1_lab_over(t);
}

/* ---- REPLAY-STATUS (RFC 2407, 4.6.3.2) --------------------------------------------- */

static unsigned int elected;

/* "set to selected Protocol ID from chosen SA", "the sender's inbound IPSEC SPI", 1: enabled */
static bool look_for_status(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	struct v1_notify n;
	struct v1_forge f;
	unsigned int i;

	if (from != &t->b || p->p[18] != V1_QUICK)
		return true;
	v1_forge_read(&f, &t->a, p);
	for (i = 0; i < f.n; i++) {
		struct isakmp_payload pl = { .type = f.b[i].type, .body = f.b[i].p,
					     .len = (u16)f.b[i].n };

		if (pl.type != V1_PL_NOTIFY || v1_notify_decode(&pl, &n) ||
		    n.type != V1_N_REPLAY_STATUS)
			continue;
		elected++;
		CHECK_EQ(n.protocol, t->b.child.esp.s[0].protocol == IKE_PROTO_AH ? V1_PROTO_AH :
										    V1_PROTO_ESP);
		CHECK_EQ(n.spi_len, 4);
		CHECK_EQ(get_unaligned_be32(n.spi), t->b.ike.children->spi_in);
		CHECK_EQ(n.len, 4);
		CHECK_EQ(get_unaligned_be32(n.data), 1);
	}
	v1_forge_free(&f);
	return true;
}

static void test_replay_status(void)
{
	static const struct ike_suite ah = { IKE_PROTO_AH, 0, 0, 0, IKE_INTEG_HMAC_SHA1_96, 0, 0 };
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		t = v1_lab_new();
		if (i)
			t->a.child.esp = t->b.child.esp = (struct ike_suites){ .n = 1, .s = { ah } };
		elected = 0;
		v1_lab.net = look_for_status;
		v1_lab_up(t);
		CHECK_EQ(count(&t->a, IKE_CHILD_UP), 1);
		CHECK_EQ(elected, 1);
		v1_lab_over(t);
	}
}

int main(void)
{
	TAP_RUN(test_close, "Informational: a child is closed");
	TAP_RUN(test_many, "Informational: many Deletes, and notifications of what is gone (threat 38, threat 39)");
	TAP_RUN(test_replayed_delete, "Informational: an old Delete");
	TAP_RUN(test_flips, "Informational: every octet changed (threat 53)");
	TAP_RUN(test_on_close, "Informational: a child that is set up again");
	TAP_RUN(test_isakmp, "Informational: an ISAKMP SA goes, its children stay");
	TAP_RUN(test_isakmp_others, "Informational: an ISAKMP SA of nobody");
	TAP_RUN(test_before_xauth, "Informational: before XAUTH is over");
	TAP_RUN(test_unlawful, "Informational: what breaks the law is no sign of life");
	TAP_RUN(test_first_there, "the peer has crashed, and says that it has nothing else");
	TAP_RUN(test_not_first_there, "the peer has others");
	TAP_RUN(test_contact, "Informational: INITIAL-CONTACT");
	TAP_RUN(test_errors, "Informational: errors about Quick Modes");
	TAP_RUN(test_delete_of_nothing, "Informational: a Delete of SPI 0");
	TAP_RUN(test_clear, "Informational: in the clear it is nothing (threat 51, threat 52)");
	TAP_RUN(test_hint, "Informational: in the clear, without keys: a hint");
	TAP_RUN(test_no_hint, "Informational: in the clear, with keys: not even a hint (threat 51)");
	TAP_RUN(test_replay_status, "Quick Mode: the responder says that it looks for replays");
	return tap_done();
}
