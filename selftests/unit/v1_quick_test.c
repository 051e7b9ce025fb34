// SPDX-License-Identifier: GPL-2.0
/* Quick Mode of version 1, both roles (RFC 2409, 5.5; RFC 2407, 4.5). */
#include "v1_lab.h"
#include "v1/phase2.h"

static unsigned int count(const struct end *e, u8 state)
{
	const struct ike_child *c;
	unsigned int n = 0;

	for (c = e->ike.children; c; c = c->next)
		n += c->state == state;
	return n;
}

/* Both ends have so many children, which send, and no others. */
static void check_up(struct talk *t, unsigned int n)
{
	struct end *const ends[] = { &t->a, &t->b };
	const struct ike_child *c;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		CHECK_EQ(count(ends[i], IKE_CHILD_UP), n);
		CHECK_EQ(ends[i]->ike.n_children, n);
		for (c = ends[i]->ike.children; c; c = c->next)
			CHECK(!c->held);
	}
}

static void with_group(struct talk *t, u16 a, u16 b)
{
	t->a.child.esp.s[0].ke = t->a.child.esp.s[1].ke = a;
	t->b.child.esp.s[0].ke = t->b.child.esp.s[1].ke = b;
}

static void start(struct end *e)
{
	struct ike_event ev = { .type = IKE_EV_CHILD_START, .peer = &e->peer,
				.child = &e->child };

	talk_event(e, &ev);
}

/* ---- it works ---------------------------------------------------------------- */

static void test_up(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());

	check_up(t, 1);
	CHECK_EQ(t->a.installs, 1);
	CHECK_EQ(t->b.installs, 1);
	CHECK_EQ(t->a.last.suite.encr, IKE_ENCR_AES_CBC);
	CHECK_EQ(t->a.last.suite.keylen, 256);
	CHECK_EQ(t->b.switches, 1);
	/* Peers that answer in the message that came know nonces of this length alone */
	CHECK_EQ(v1_lab_p(&t->a)->exchanges->ni_len, 20);
	v1_lab_over(t);
}

static void test_pfs(void)
{
	unsigned int before = talk_derived;
	struct talk *t = v1_lab_new();

	with_group(t, IKE_KE_ECP_256, IKE_KE_ECP_256);
	v1_lab_up(t);
	check_up(t, 1);
	CHECK_EQ(talk_derived - before, 4);
	CHECK_EQ(t->a.last.suite.ke, IKE_KE_ECP_256);
	CHECK_EQ(t->b.last.suite.ke, IKE_KE_ECP_256);
	v1_lab_over(t);
}

static void test_groups_differ(void)
{
	static const u16 groups[][2] = {
		{ IKE_KE_NONE, IKE_KE_ECP_256 }, { IKE_KE_ECP_256, IKE_KE_NONE },
		{ IKE_KE_ECP_256, IKE_KE_ECP_384 },
	};
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		t = v1_lab_new();
		with_group(t, groups[i][0], groups[i][1]);
		v1_lab_up(t);
		check_up(t, 0);
		CHECK_EQ(t->b.refused[ISAKMP_R_NO_PROPOSAL], 1);
		CHECK_EQ(t->a.refused[ISAKMP_R_PEER_ERROR], 1);
		CHECK_EQ(t->b.installs, 0);
		v1_lab_over(t);
	}
}

/* What both ends name in another order, or of which only one is common. */
static void test_choice(void)
{
	struct talk *t = v1_lab_new();
	struct ike_suites *b = &t->b.child.esp;

	b->s[0] = b->s[1];
	b->n = 1;
	v1_lab_up(t);
	check_up(t, 1);
	CHECK_EQ(t->a.last.suite.keylen, 128);
	CHECK_EQ(t->a.last.suite.integ, IKE_INTEG_HMAC_SHA1_96);
	v1_lab_over(t);
}

static void test_suites(void)
{
	static const struct ike_suite suites[] = {
		{ IKE_PROTO_ESP, 0, IKE_ENCR_AES_GCM_16, 256, 0, 0, 0 },
		{ IKE_PROTO_ESP, 1, IKE_ENCR_AES_GCM_8, 128, 0, 0, 0 },
		{ IKE_PROTO_ESP, 0, IKE_ENCR_AES_CCM_12, 192, 0, 0, 0 },
		{ IKE_PROTO_ESP, 1, IKE_ENCR_AES_CTR, 128, IKE_INTEG_HMAC_SHA2_512_256, 0, 0 },
		{ IKE_PROTO_AH, 0, 0, 0, IKE_INTEG_HMAC_SHA2_384_192, 0, 0 },
		{ IKE_PROTO_AH, 1, 0, 0, IKE_INTEG_HMAC_SHA1_96, 0, 0 },
	};
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		t = v1_lab_new();
		tap_note("suite %u", i);
		t->a.child.esp.n = t->b.child.esp.n = 1;
		t->a.child.esp.s[0] = t->b.child.esp.s[0] = suites[i];
		v1_lab_up(t);
		check_up(t, 1);
		CHECK_MEM(&t->a.last.suite, &suites[i], sizeof(suites[i]));
		CHECK_MEM(&t->b.last.suite, &suites[i], sizeof(suites[i]));
		v1_lab_over(t);
	}
}

/* What goes through a child of 3DES is bounded, whatever was agreed on. */
static void test_3des(void)
{
	struct talk *t = v1_lab_new();

	t->a.child.esp.n = t->b.child.esp.n = 1;
	t->a.child.esp.s[0] = t->b.child.esp.s[0] = (struct ike_suite){
		IKE_PROTO_ESP, 0, IKE_ENCR_3DES, 0, IKE_INTEG_HMAC_SHA1_96, 0, 0,
	};
	v1_lab_up(t);
	check_up(t, 1);
	CHECK_EQ(t->a.ike.children->life.bytes, IKE_3DES_BYTES);
	CHECK_EQ(t->b.ike.children->life.bytes, IKE_3DES_BYTES);
	CHECK(t->a.ike.children->soft_bytes && t->b.ike.children->soft_bytes);
	v1_lab_over(t);
}

/* Version 1 has no number for it. */
static void test_unspeakable(void)
{
	struct talk *t = v1_lab_new();

	t->a.child.esp.n = 1;
	t->a.child.esp.s[0] = (struct ike_suite){
		IKE_PROTO_ESP, 0, IKE_ENCR_CHACHA20_POLY1305, 0, 0, 0, 0,
	};
	v1_lab_up(t);
	check_up(t, 0);
	CHECK_EQ(t->a.refused[ISAKMP_R_NO_PROPOSAL], 1);
	v1_lab_over(t);
}

static void test_transport(void)
{
	struct talk *t = v1_lab_new();

	t->a.child.mode = t->b.child.mode = IKE_MODE_TRANSPORT;
	t->a.local[0].type = t->a.remote[0].type = IKE_TS_DYNAMIC;
	t->b.local[0].type = t->b.remote[0].type = IKE_TS_DYNAMIC;
	v1_lab_up(t);
	check_up(t, 1);
	CHECK_EQ(t->a.last.mode, IKE_MODE_TRANSPORT);
	CHECK_EQ(t->b.last.mode, IKE_MODE_TRANSPORT);
	v1_lab_over(t);
}

/*
 * Transport mode behind a NAT: the addresses are those that each end sees (RFC 3947, 5.2).  With
 * the drafts the modes and NAT-OA have other numbers.
 */
static void test_nat(void)
{
	static const u8 kinds[] = { V1_CAN_NATT_RFC, V1_CAN_NATT_02 };
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		t = v1_lab_new();
		t->liar = true;
		t->a.nat = (struct talk_nat){
			.on = true, .outer = { 4, { 198, 51, 100, 9 } }, .port = { 1024, 1025 },
		};
		t->a.child.mode = t->b.child.mode = IKE_MODE_TRANSPORT;
		t->a.local[0].type = t->a.remote[0].type = IKE_TS_DYNAMIC;
		t->b.local[0].type = t->b.remote[0].type = IKE_TS_DYNAMIC;
		v1_lab_up(t);
		talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
		v1_lab_let_pass(t, 2 * IKE_CHILD_LINGER_MS);
		v1_lab_p(&t->a)->natt = v1_lab_p(&t->b)->natt = BIT(kinds[i]);
		start(&t->a);
		v1_lab_settle(t);
		check_up(t, 1);
		CHECK(t->a.last.encap && t->b.last.encap);
		CHECK_MEM(t->a.last.local[0].start, t->a.path.local.a, 4);
		CHECK_MEM(t->b.last.remote[0].start, t->a.nat.outer.a, 4);
		v1_lab_over(t);
	}
}

/* The NAT maps A anew: what A sets up in place of its child has that place at B, too. */
static void test_nat_moves(void)
{
	struct talk *t = v1_lab_new();
	struct ike_child *old;

	t->liar = true;
	t->a.nat = (struct talk_nat){
		.on = true, .outer = { 4, { 198, 51, 100, 9 } }, .port = { 1024, 1025 },
	};
	t->a.child.mode = t->b.child.mode = IKE_MODE_TRANSPORT;
	t->a.local[0].type = t->a.remote[0].type = IKE_TS_DYNAMIC;
	t->b.local[0].type = t->b.remote[0].type = IKE_TS_DYNAMIC;
	v1_lab_up(t);
	old = t->b.ike.children;
	t->a.nat.outer.a[3] = 10;
	talk_do(&t->a, IKE_EV_CHILD_REKEY, t->a.ike.children->spi_in);
	v1_lab_settle(t);
	CHECK_EQ(t->b.ike.n_children, 2);
	CHECK_EQ(old->state, IKE_CHILD_REKEYED);
	CHECK_EQ(old->next->rekeys, old->spi_in);
	CHECK_MEM(old->next->remote[0].start, t->a.nat.outer.a, 4);
	v1_lab_over(t);
}

static void test_modes_differ(void)
{
	struct talk *t = v1_lab_new();

	t->b.child.mode = IKE_MODE_TRANSPORT;
	v1_lab_up(t);
	check_up(t, 0);
	CHECK_EQ(t->b.refused[ISAKMP_R_NO_PROPOSAL], 1);
	v1_lab_over(t);
}

/* ---- several ------------------------------------------------------------------- */

static struct isakmp_ts net(u8 n, u8 m)
{
	return (struct isakmp_ts){ IKE_TS_IPV4, 0, 0, 65535, { 10, n, m, 0 }, { 10, n, m, 255 } };
}

/* Each pair of selectors is a child. */
static void test_pairs(void)
{
	struct talk *t = v1_lab_new();
	unsigned int i;

	t->a.child.n_local = t->b.child.n_remote = 3;
	t->a.child.n_remote = t->b.child.n_local = 2;
	for (i = 0; i < 3; i++)
		t->a.local[i] = t->b.remote[i] = net(1, (u8)i);
	for (i = 0; i < 2; i++)
		t->a.remote[i] = t->b.local[i] = net(2, (u8)i);
	v1_lab_up(t);
	check_up(t, 6);
	/* One that is lost comes back, and no other one */
	t->a.child_dead = false;
	talk_do(&t->a, IKE_EV_CHILD_LOST, t->a.ike.children->next->spi_in);
	v1_lab_settle(t);
	v1_lab_let_pass(t, 2 * IKE_REKEYED_MS);
	check_up(t, 6);
	CHECK_EQ(t->a.installs, 7);
	v1_lab_over(t);
}

static void test_part(void)
{
	struct talk *t = v1_lab_new();

	t->a.local[0] = net(1, 7);
	t->b.remote[0] = (struct isakmp_ts){ IKE_TS_IPV4, 0, 0, 65535, { 10, 1 },
					     { 10, 1, 255, 255 } };
	v1_lab_up(t);
	check_up(t, 1);
	CHECK_MEM(&t->b.last.remote[0], &t->a.local[0], sizeof(struct isakmp_ts));
	v1_lab_over(t);
}

/* Nobody narrows. */
static void test_more(void)
{
	struct talk *t = v1_lab_new();

	t->b.remote[0] = net(1, 7);
	v1_lab_up(t);
	check_up(t, 0);
	CHECK_EQ(t->b.refused[ISAKMP_R_TS], 1);
	CHECK_EQ(t->a.arg, V1_N_INVALID_ID_INFORMATION);
	v1_lab_over(t);
}

/* Both begin at once: one is left, the same at both ends, and nothing is closed. */
static void test_crossing(void)
{
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 16; i++) {
		t = v1_lab_up(v1_lab_new());
		talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
		v1_lab_let_pass(t, 2 * IKE_CHILD_LINGER_MS);
		CHECK_EQ(t->b.closed, 1);
		start(&t->a);
		start(&t->b);
		v1_lab_settle(t);
		v1_lab_let_pass(t, 4 * IKE_CHILD_LINGER_MS);
		check_up(t, 1);
		CHECK_EQ(t->a.ike.children->spi_in, t->b.ike.children->spi_out);
		CHECK_EQ(t->a.closed, 0);
		CHECK_EQ(t->b.closed, 1);
		v1_lab_over(t);
	}
}

/* The peer begins what waits here for memory: it is wanted no more. */
static void test_overtaken(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());

	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	v1_lab_let_pass(t, 2 * IKE_CHILD_LINGER_MS);
	t->b.ike.v1->retry_at = t->now + 1000;
	start(&t->b);
	CHECK_EQ(count(&t->b, IKE_CHILD_WANTED), 1);
	start(&t->a);
	v1_lab_settle(t);
	check_up(t, 1);
	v1_lab_let_pass(t, 60000);
	check_up(t, 1);
	CHECK_EQ(t->b.installs, 2);
	v1_lab_over(t);
}

/* ---- losses ---------------------------------------------------------------------- */

static unsigned int lose_from, lose_nth;

static bool lossy(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	return (from->name == 'B') != lose_from || nth != lose_nth;
}

/* Each datagram of the conversation once; the last is Quick Mode 3. */
static void test_loss(void)
{
	struct talk *t;

	for (lose_from = 0; lose_from < 2; lose_from++)
		for (lose_nth = 1; lose_nth <= 5 - lose_from; lose_nth++) {
			tap_note("%c %u", 'A' + lose_from, lose_nth);
			t = v1_lab_new();
			v1_lab.net = lossy;
			v1_lab_start(t);
			v1_lab_let_pass(t, 20000);
			check_up(t, 1);
			CHECK_EQ(t->a.installs, 1);
			CHECK_EQ(t->b.installs, 1);
			v1_lab_over(t);
		}
}

static bool no_third(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	return from->name == 'B' || nth < 5;
}

/* Who began has gone after message 2: the responder takes the child back. */
static void test_no_third(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.net = no_third;
	v1_lab_up(t);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 1);
	CHECK(t->b.ike.children->held);
	t->b.ike.dpd_at = IKE_NEVER;
	v1_lab_let_pass(t, 2 * V1_EXCHANGE_MS);
	CHECK_EQ(t->b.ike.n_children, 0);
	CHECK_EQ(t->b.refused[ISAKMP_R_TIMEOUT], 1);
	v1_lab_over(t);
}

/* The same, but its traffic comes. */
static void test_no_third_used(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.net = no_third;
	v1_lab_up(t);
	talk_do(&t->b, IKE_EV_CHILD_USED, t->b.ike.children->spi_in);
	CHECK(!t->b.ike.children->held);
	v1_lab_let_pass(t, 2 * V1_EXCHANGE_MS);
	check_up(t, 1);
	v1_lab_over(t);
}

static bool deaf;

static bool not_to_b(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	return from->name == 'B' || nth < 5 || !deaf;
}

/*
 * Message 3 is lost, and the Delete that follows it as well: who asks for message 3 then hears that
 * there is no child, and never uses it.
 */
static void test_third_taken_back(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.net = not_to_b;
	deaf = true;
	v1_lab_up(t);
	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	v1_lab_settle(t);
	CHECK_EQ(count(&t->a, IKE_CHILD_UP), 0);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 1);
	CHECK(t->b.ike.children->held);
	v1_lab_let_pass(t, t->b.tun.retransmit_ms);
	deaf = false;
	v1_lab_let_pass(t, V1_EXCHANGE_MS / 2);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 0);
	CHECK_EQ(t->b.switches, 0);
	v1_lab_over(t);
}

/* ---- damage ------------------------------------------------------------------------ */

static size_t flip_at;
static unsigned int flip_from, flip_nth;
static u8 flip_bits;
static unsigned int flipped;

static bool flip(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	if ((from->name == 'B') == flip_from && nth == flip_nth && flip_at < p->n) {
		p->p[flip_at] ^= flip_bits;
		flipped++;
	}
	return true;
}

/* Every octet of the three messages: nothing comes of it, and then the good one counts. */
static void test_flips(void)
{
	static const struct { unsigned int from, nth; } messages[] = { { 0, 4 }, { 1, 4 }, { 0, 5 } };
	unsigned int i, icv = 0;
	struct talk *t;

	flipped = 0;
	for (i = 0; i < ARRAY_SIZE(messages); i++) {
		flip_from = messages[i].from;
		flip_nth = messages[i].nth;
		flip_bits = 0x40;
		for (flip_at = 0; flip_at < 300; flip_at++) {
			tap_note("message %u octet %zu", i, flip_at);
			t = v1_lab_new();
			v1_lab.net = flip;
			v1_lab_start(t);
			v1_lab_let_pass(t, 10000);
			check_up(t, 1);
			CHECK_EQ(t->a.installs, 1);
			CHECK_EQ(t->b.installs, 1);
			icv += t->a.refused[ISAKMP_R_ICV] + t->b.refused[ISAKMP_R_ICV];
			v1_lab_over(t);
		}
	}
	/* All but those of three headers, of which the message IDs count as well */
	CHECK(flipped > 3 * IKE_HDR_LEN);
	CHECK(icv >= flipped - 3 * IKE_HDR_LEN);
}

/* The commit bit is in no HASH: whoever sets it delays, for a while. */
static void test_commit(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.net = flip;
	flip_from = 1;
	flip_nth = 4;
	flip_at = 19;
	flip_bits = V1_FLAG_COMMIT;
	v1_lab_up(t);
	CHECK_EQ(count(&t->a, IKE_CHILD_UP), 1);
	CHECK(t->a.ike.children->held);
	v1_lab_let_pass(t, V1_COMMIT_MS - 1);
	CHECK(t->a.ike.children->held);
	v1_lab_let_pass(t, 2);
	check_up(t, 1);
	v1_lab_over(t);
}

static struct v1_exchange *last_exchange(struct end *e)
{
	return v1_lab_p(e)->exchanges;
}

static void test_connected(void)
{
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = V1_PROTO_ESP,
			       .type = V1_N_CONNECTED, .spi_len = 4 };
	struct talk *t = v1_lab_new();
	struct v1_msg m;
	u8 spi[4];

	v1_lab.net = flip;
	flip_from = 1;
	flip_nth = 4;
	flip_at = 19;
	flip_bits = V1_FLAG_COMMIT;
	v1_lab_up(t);
	put_unaligned_be32(t->b.ike.children->spi_in, spi);
	n.spi = spi;
	CHECK_EQ(v1_msg_begin(&t->b.ike, t->b.ike.ep, last_exchange(&t->b), &m,
			      V1_INFORMATIONAL, V1_H_1), ISAKMP_OK);
	v1_msg_notify(&m, &n);
	CHECK_EQ(v1_say_once(&t->b.ike, &m), ISAKMP_OK);
	v1_lab_settle(t);
	check_up(t, 1);
	v1_lab_over(t);
}

/* ---- replays ------------------------------------------------------------------------ */

static struct packet kept[16];
static unsigned int n_kept;

static bool keep(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	if (n_kept < ARRAY_SIZE(kept))
		kept[n_kept++] = packet_copy(p);
	return true;
}

static void drop_kept(void)
{
	while (n_kept)
		packet_free(&kept[--n_kept]);
}

/* All that was said, again: soon, and when nobody answers it any more. */
static void test_replay(void)
{
	struct talk *t = v1_lab_new();
	unsigned int i, round;

	v1_lab.net = keep;
	v1_lab_up(t);
	v1_lab.net = NULL;
	CHECK_EQ(n_kept, 9);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < n_kept; i++) {
			v1_lab_deliver(i % 2 ? &t->a : &t->b, &kept[i]);
			v1_lab_settle(t);
		}
		CHECK_EQ(t->a.installs, 1);
		CHECK_EQ(t->b.installs, 1);
		check_up(t, 1);
		v1_lab_let_pass(t, 2 * V1_KEEP_MS);
	}
	CHECK(t->b.refused[ISAKMP_R_OLD_ID]);
	drop_kept();
	v1_lab_over(t);
}

/* ---- what a peer may say -------------------------------------------------------------- */

/* A Quick Mode 1 made by hand. */
struct craft {
	u8 protocol2;		/* of a second proposal with the same number; 0: none */
	u16 mode;
	u16 rounds;		/* attribute that is not known here; 0: none */
	u32 life, life2;	/* 0: none */
	u16 nonce;
	u16 n_ids;
	struct {
		u8 type;
		u8 len;
		u8 body[40];
	} id[3];
	bool apart;		/* the nonce is between the IDs */
};

static void forget_craft(struct ike_sa *sa, struct v1_exchange *x) { }

static const struct v1_exchange_ops craft_ops = { .type = V1_QUICK, .free = forget_craft };

static void add_transforms(struct v1_sa_out *s, const struct craft *k)
{
	v1_transform_open(s, 1, V1_ESP_AES);
	if (k->mode)
		v1_attr_encode(s->o, V1_IA_MODE, k->mode);
	v1_attr_encode(s->o, V1_IA_AUTH, V1_AUTH_HMAC_SHA2_256);
	v1_attr_encode(s->o, V1_IA_KEY_LENGTH, 256);
	if (k->rounds)
		v1_attr_encode(s->o, V1_IA_KEY_ROUNDS, k->rounds);
	if (k->life) {
		v1_attr_encode(s->o, V1_IA_LIFE_TYPE, V1_LIFE_SECONDS);
		v1_attr_encode(s->o, V1_IA_LIFE, k->life);
	}
	if (k->life2) {
		v1_attr_encode(s->o, V1_IA_LIFE_TYPE, V1_LIFE_SECONDS);
		v1_attr_encode(s->o, V1_IA_LIFE, k->life2);
	}
	v1_transform_close(s);
}

static void add_sa(struct v1_msg *m, const struct craft *k)
{
	struct v1_sa_out s;

	isakmp_build_payload(&m->b, V1_PL_SA);
	v1_sa_begin(&s, &m->b.o);
	v1_proposal_open(&s, 1, V1_PROTO_ESP, (const u8 *)"\1\2\3\4", 4);
	add_transforms(&s, k);
	v1_proposal_close(&s);
	if (k->protocol2) {
		v1_proposal_open(&s, 1, k->protocol2, (const u8 *)"\1\2\3\5", 4);
		add_transforms(&s, k);
		v1_proposal_close(&s);
	}
	isakmp_build_close(&m->b);
}

static enum isakmp_reason say(struct talk *t, const struct craft *k)
{
	struct ike_sa *a = &t->a.ike;
	struct v1_exchange *x = v1_exchange_new(a, a->ep, &craft_ops, 0, t->now);
	const u16 len = k->nonce ? k->nonce : 32;
	u8 nonce[IKE_AUTH_MAX] = { 7 };
	struct v1_msg m;
	unsigned int i;

	CHECK(x);
	x->ni_len = min_t(u16, len, sizeof(x->ni));
	memcpy(x->ni, nonce, x->ni_len);
	CHECK_EQ(v1_msg_begin(a, a->ep, x, &m, V1_QUICK, V1_H_1), ISAKMP_OK);
	add_sa(&m, k);
	if (!k->apart)
		v1_msg_bytes(&m, V1_PL_NONCE, nonce, len);
	for (i = 0; i < k->n_ids; i++) {
		isakmp_build_payload(&m.b, V1_PL_ID);
		isakmp_out_u8(&m.b.o, k->id[i].type);
		isakmp_out_zero(&m.b.o, 3);
		isakmp_out_bytes(&m.b.o, k->id[i].body, k->id[i].len);
		isakmp_build_close(&m.b);
		if (k->apart && !i)
			v1_msg_bytes(&m, V1_PL_NONCE, nonce, len);
	}
	CHECK_EQ(v1_talk_say(a, &m, &x->talk, NULL, false, t->now), ISAKMP_OK);
	return v1_lab_pass(&t->a);
}

/* Up, and nobody has a child. */
static struct talk *bare(struct talk *t)
{
	v1_lab_up(t);
	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	v1_lab_settle(t);
	v1_lab_let_pass(t, 2 * IKE_CHILD_LINGER_MS);
	CHECK_EQ(t->a.ike.n_children, 0);
	CHECK_EQ(t->b.ike.n_children, 0);
	t->a.arg = 0;
	t->liar = true;
	return t;
}

/* The selectors of talk.c, as IDs. */
static struct craft good(const struct talk *t)
{
	struct craft k = { .mode = V1_MODE_TUNNEL, .n_ids = 2 };
	const struct isakmp_ts *ts[] = { &t->a.local[0], &t->a.remote[0] };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		k.id[i].type = V1_ID_IPV4_RANGE;
		k.id[i].len = 8;
		memcpy(k.id[i].body, ts[i]->start, 4);
		memcpy(k.id[i].body + 4, ts[i]->end, 4);
	}
	return k;
}

/* Each type of ID for each of the two: what is no address is refused, by name. */
static void test_id_types(void)
{
	static const struct { u8 type, len; u8 body[32]; } wrong[] = {
		{ V1_ID_FQDN, 9, "b.example" }, { V1_ID_USER_FQDN, 11, "b@b.example" },
		{ V1_ID_DN, 2, { 0x30, 0 } }, { V1_ID_GN, 2, { 0x30, 0 } },
		{ V1_ID_KEY_ID, 4, { 10, 0, 0, 1 } }, { 0, 4, { 10, 0, 0, 1 } },
		{ 255, 4, { 10, 0, 0, 1 } }, { V1_ID_IPV6, 16, { 0xfd } },
		{ V1_ID_IPV4_SUBNET, 8, { 10, 0, 0, 0, 255, 0, 255, 0 } },
		{ V1_ID_IPV4_RANGE, 8, { 10, 0, 0, 9, 10, 0, 0, 1 } },
	};
	struct talk *t = bare(v1_lab_new());
	unsigned int i, which;
	struct craft k;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		for (which = 0; which < 2; which++) {
			tap_note("type %u for %u", wrong[i].type, which);
			k = good(t);
			k.id[which].type = wrong[i].type;
			k.id[which].len = wrong[i].len;
			memcpy(k.id[which].body, wrong[i].body, wrong[i].len);
			CHECK_REASON(say(t, &k), ISAKMP_R_V1_QUICK_ID);
			CHECK_EQ(t->b.ike.n_children, 0);
			v1_lab_settle(t);
			CHECK_EQ(t->a.arg, V1_N_INVALID_ID_INFORMATION);
		}
	k = good(t);
	CHECK_EQ(say(t, &k), ISAKMP_OK);
	CHECK_EQ(t->b.ike.n_children, 1);
	talk_flush(&t->b);
	v1_lab_over(t);
}

/* RFC 2409, 5: 8 to 256 octets; a longer one has no place to be kept. */
static void test_nonces(void)
{
	static const u16 wrong[] = { 1, 7, 257, 512, IKE_AUTH_MAX };
	static const u16 right[] = { 8, 256 };
	struct talk *t = bare(v1_lab_new());
	struct craft k = good(t);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		tap_note("%u octets", wrong[i]);
		k.nonce = wrong[i];
		CHECK_REASON(say(t, &k), ISAKMP_R_BAD_NONCE);
		CHECK_EQ(t->b.ike.n_children, 0);
		v1_lab_settle(t);
	}
	for (i = 0; i < ARRAY_SIZE(right); i++) {
		k.nonce = right[i];
		CHECK_EQ(say(t, &k), ISAKMP_OK);
		CHECK_EQ(count(&t->b, IKE_CHILD_UP), 1);
		talk_flush(&t->b);
	}
	v1_lab_over(t);
}

/* RFC 2409, 5.5: both of them, side by side, or none. */
static void test_id_numbers(void)
{
	struct talk *t = bare(v1_lab_new());
	struct craft k = good(t);

	k.n_ids = 1;
	CHECK_REASON(say(t, &k), ISAKMP_R_V1_QUICK_ID);
	k.n_ids = 3;
	k.id[2] = k.id[1];
	CHECK_REASON(say(t, &k), ISAKMP_R_V1_QUICK_ID);
	k.n_ids = 2;
	k.apart = true;
	CHECK_REASON(say(t, &k), ISAKMP_R_V1_QUICK_ID);
	k.n_ids = 0;
	k.apart = false;
	CHECK_REASON(say(t, &k), ISAKMP_R_TS);
	t->b.local[0].type = t->b.remote[0].type = IKE_TS_DYNAMIC;
	CHECK_EQ(say(t, &k), ISAKMP_OK);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 1);
	CHECK_MEM(t->b.last.remote[0].start, t->a.path.local.a, 4);
	talk_flush(&t->b);
	v1_lab_over(t);
}

/* The answer is about other traffic than was asked for: it is taken back. */
static void test_other_answer(void)
{
	struct talk *t = bare(v1_lab_new());

	start(&t->a);
	v1_lab_pass(&t->a);
	CHECK_EQ(t->b.ike.n_children, 1);
	t->a.local[0].end[1]++;
	CHECK_REASON(v1_lab_pass(&t->b), ISAKMP_R_TS);
	v1_lab_settle(t);
	CHECK_EQ(t->a.ike.n_children, 0);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 0);
	CHECK_EQ(t->a.installs, 1);
	v1_lab_over(t);
}

/*
 * Transport mode behind a NAT: in message 2 is the address that B knows of A, not the one that A has
 * said.  Where there is no NAT it is about somebody else.
 */
static void test_nat_answer(void)
{
	struct talk *t;
	unsigned int nat;

	for (nat = 0; nat < 2; nat++) {
		t = v1_lab_new();
		if (nat)
			t->a.nat = (struct talk_nat){
				.on = true, .outer = { 4, { 198, 51, 100, 9 } },
				.port = { 1024, 1025 },
			};
		t->liar = true;
		t->a.child.mode = t->b.child.mode = IKE_MODE_TRANSPORT;
		t->a.local[0].type = t->a.remote[0].type = IKE_TS_DYNAMIC;
		t->b.local[0].type = t->b.remote[0].type = IKE_TS_DYNAMIC;
		bare(t);
		start(&t->a);
		v1_lab_pass(&t->a);
		t->a.ike.path.local.a[3]++;
		CHECK_REASON(v1_lab_pass(&t->b), nat ? ISAKMP_OK : ISAKMP_R_TS);
		CHECK_EQ(count(&t->a, IKE_CHILD_UP), nat);
		if (nat)
			CHECK_MEM(t->a.last.local[0].start, t->a.ike.path.local.a, 4);
		v1_lab_settle(t);
		v1_lab_over(t);
	}
}

static void test_attributes(void)
{
	struct talk *t = bare(v1_lab_new());
	struct craft k = good(t);

	k.rounds = 3;
	CHECK_REASON(say(t, &k), ISAKMP_R_NO_PROPOSAL);
	k = good(t);
	k.life = 100;
	k.life2 = 200;
	CHECK_REASON(say(t, &k), ISAKMP_R_NO_PROPOSAL);
	k.mode = 7;
	k.life2 = 100;
	CHECK_REASON(say(t, &k), ISAKMP_R_NO_PROPOSAL);
	k.mode = V1_MODE_UDP_TUNNEL;
	CHECK_REASON(say(t, &k), ISAKMP_R_NO_PROPOSAL);
	k.mode = 0;
	CHECK_EQ(say(t, &k), ISAKMP_OK);
	talk_flush(&t->b);
	v1_lab_over(t);
}

static void test_bundle(void)
{
	struct talk *t = bare(v1_lab_new());
	struct craft k = good(t);

	k.protocol2 = V1_PROTO_AH;
	CHECK_REASON(say(t, &k), ISAKMP_R_V1_BUNDLE);
	CHECK_EQ(t->b.ike.n_children, 0);
	v1_lab_settle(t);
	CHECK_EQ(t->a.arg, V1_N_NO_PROPOSAL_CHOSEN);
	v1_lab_over(t);
}

/* No memory at any point: both ends have the same in the end. */
static void test_memory(void)
{
	struct talk *t;
	unsigned int n;

	for (n = 1; n < 60; n++) {
		tap_note("allocation %u", n);
		t = v1_lab_new();
		with_group(t, IKE_KE_ECP_256, IKE_KE_ECP_256);
		v1_lab_up(t);
		talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
		v1_lab_settle(t);
		native_mem_fail_at(n);
		start(&t->a);
		v1_lab_let_pass(t, 30000);
		native_mem_fail_at(0);
		CHECK_EQ(count(&t->a, IKE_CHILD_UP), count(&t->b, IKE_CHILD_UP));
		v1_lab_over(t);
	}
}

int main(void)
{
	TAP_RUN(test_up, "Quick Mode: a child comes up (RFC 2409, 5.5)");
	TAP_RUN(test_pfs, "Quick Mode with a key exchange");
	TAP_RUN(test_groups_differ, "Quick Mode: one end wants another group, or none");
	TAP_RUN(test_choice, "Quick Mode: the suite that both have");
	TAP_RUN(test_suites, "Quick Mode: all kinds of suites (RFC 2407, 4.4)");
	TAP_RUN(test_3des, "a child of 3DES carries 1 GiB at most");
	TAP_RUN(test_unspeakable, "Quick Mode: a suite that version 1 cannot say");
	TAP_RUN(test_transport, "Quick Mode: transport mode");
	TAP_RUN(test_nat, "Quick Mode: transport mode behind a NAT (RFC 3947, 5)");
	TAP_RUN(test_nat_moves, "Quick Mode: a NAT that maps anew");
	TAP_RUN(test_modes_differ, "Quick Mode: tunnel and transport are not the same");
	TAP_RUN(test_pairs, "Quick Mode: one for each pair of selectors");
	TAP_RUN(test_part, "Quick Mode: a part of what policy has");
	TAP_RUN(test_more, "Quick Mode: more than policy has is refused");
	TAP_RUN(test_crossing, "Quick Mode: both ends begin at once");
	TAP_RUN(test_overtaken, "Quick Mode: the peer is quicker");
	TAP_RUN(test_loss, "Quick Mode: each message lost once");
	TAP_RUN(test_no_third, "Quick Mode: message 3 never comes");
	TAP_RUN(test_no_third_used, "Quick Mode: traffic comes in its place");
	TAP_RUN(test_third_taken_back, "Quick Mode: message 3 asked for, of a child that is deleted");
	TAP_RUN(test_flips, "Quick Mode: every octet changed (threat 53)");
	TAP_RUN(test_commit, "Quick Mode: the commit bit, set by anybody");
	TAP_RUN(test_connected, "Quick Mode: CONNECTED (RFC 2408, 3.1)");
	TAP_RUN(test_replay, "Quick Mode: replays");
	TAP_RUN(test_nonces, "Quick Mode: nonces shorter and longer than any may be");
	TAP_RUN(test_id_types, "Quick Mode: types of identities (threat 40)");
	TAP_RUN(test_id_numbers, "Quick Mode: two identities, or none");
	TAP_RUN(test_other_answer, "Quick Mode: the answer is for other traffic");
	TAP_RUN(test_nat_answer, "Quick Mode: behind a NAT, and the answer has the address outside");
	TAP_RUN(test_attributes, "Quick Mode: attributes that mean nothing, or two things");
	TAP_RUN(test_bundle, "Quick Mode: ESP and AH together are refused");
	TAP_RUN(test_memory, "Quick Mode: without memory");
	return tap_done();
}
