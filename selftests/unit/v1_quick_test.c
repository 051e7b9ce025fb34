// SPDX-License-Identifier: GPL-2.0
/* Quick Mode of version 1, both roles (RFC 2409, 5.5; RFC 2407, 4.5). */
#include "v1_children.h"
#include "v1_forge.h"
#include "v1/phase2.h"

static void with_group(struct talk *t, u16 a, u16 b)
{
	t->a.child.esp.s[0].ke = t->a.child.esp.s[1].ke = a;
	t->b.child.esp.s[0].ke = t->b.child.esp.s[1].ke = b;
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

static unsigned int oas;	/* NAT-OA payloads of A */
static u8 oa_type;

/* RFC 3947, 5.2: of the initiator, then of the responder, as their sender sees them */
static bool look_for_oa(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	const struct isakmp_path *path = &t->a.ike.path;
	struct isakmp_addr seen;
	struct v1_forge f;
	unsigned int i;

	if (from != &t->a || p->p[18] != V1_QUICK)
		return true;
	v1_forge_read(&f, &t->b, p);
	for (i = 0; i < f.n; i++) {
		struct isakmp_payload pl = { .body = f.b[i].p, .len = (u16)f.b[i].n };

		if (f.b[i].type != V1_PL_NAT_OA && f.b[i].type != V1_PL_NAT_OA_DRAFT)
			continue;
		CHECK_EQ(f.b[i].type, oa_type);
		CHECK_EQ(v1_nat_oa_decode(&pl, &seen), ISAKMP_OK);
		CHECK(isakmp_addr_equal(&seen, oas++ & 1 ? &path->remote : &path->local));
	}
	v1_forge_free(&f);
	return true;
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
		oas = 0;
		oa_type = i ? V1_PL_NAT_OA_DRAFT : V1_PL_NAT_OA;
		v1_lab.net = look_for_oa;
		start(&t->a);
		v1_lab_settle(t);
		check_up(t, 1);
		CHECK_EQ(oas, 2);
		CHECK(t->a.last.encap && t->b.last.encap);
		CHECK_MEM(t->a.last.local[0].start, t->a.path.local.a, 4);
		CHECK_MEM(t->b.last.remote[0].start, t->a.nat.outer.a, 4);
		v1_lab_over(t);
	}
}

/* In tunnel mode nobody asks. */
static void test_nat_tunnel(void)
{
	struct talk *t = v1_lab_new();

	t->a.nat = (struct talk_nat){
		.on = true, .outer = { 4, { 198, 51, 100, 9 } }, .port = { 1024, 1025 },
	};
	v1_lab_up(t);
	oas = 0;
	v1_lab.net = look_for_oa;
	talk_do(&t->a, IKE_EV_CHILD_REKEY, t->a.ike.children->spi_in);
	v1_lab_settle(t);
	CHECK_EQ(t->a.installs, 2);
	CHECK(t->a.last.encap);
	CHECK_EQ(oas, 0);
	v1_lab_over(t);
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

/* A pair is of one family. */
static void test_families(void)
{
	static const struct isakmp_ts six[] = {
		{ IKE_TS_IPV6, 0, 0, 65535, { 0xfd, 1 }, { 0xfd, 1, [2 ... 15] = 0xff } },
		{ IKE_TS_IPV6, 0, 0, 65535, { 0xfd, 2 }, { 0xfd, 2, [2 ... 15] = 0xff } },
	};
	struct talk *t = v1_lab_new();

	t->a.child.n_local = t->b.child.n_remote = 2;
	t->a.child.n_remote = t->b.child.n_local = 2;
	t->a.local[1] = t->b.remote[1] = six[0];
	t->a.remote[1] = t->b.local[1] = six[1];
	v1_lab_up(t);
	check_up(t, 2);
	CHECK_EQ(t->a.refusals + t->b.refusals, 0);
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
	/* Who has more has it rekeyed as it is */
	talk_do(&t->b, IKE_EV_CHILD_REKEY, t->b.ike.children->spi_in);
	v1_lab_settle(t);
	CHECK_EQ(t->b.installs, 2);
	CHECK_EQ(t->b.refusals, 0);
	CHECK_MEM(&t->b.last.remote[0], &t->a.local[0], sizeof(struct isakmp_ts));
	v1_lab_over(t);
}

/*
 * Who has more has lost what the peer has begun: it is negotiated anew as it was, each of several,
 * for the peer knows nothing else.
 */
static void test_part_lost(void)
{
	struct talk *t = v1_lab_new();
	unsigned int i;

	t->a.child.n_local = 3;
	for (i = 0; i < 3; i++)
		t->a.local[i] = net(1, (u8)(i + 7));
	t->b.remote[0] = (struct isakmp_ts){ IKE_TS_IPV4, 0, 0, 65535, { 10, 1 },
					     { 10, 1, 255, 255 } };
	v1_lab_up(t);
	check_up(t, 3);
	t->b.child_dead = false;
	talk_do(&t->b, IKE_EV_CHILD_LOST, t->b.ike.children->next->spi_in);
	v1_lab_let_pass(t, 2 * IKE_REKEYED_MS);
	check_up(t, 3);
	CHECK_EQ(t->b.installs, 4);
	CHECK_MEM(&t->b.last.remote[0], &t->a.local[1], sizeof(struct isakmp_ts));
	/* The peer begins another one before we can: that is not what is wanted */
	v1_lab_p(&t->b)->state = V1_P1_CONFIG;
	talk_do(&t->b, IKE_EV_CHILD_LOST, t->b.ike.children->spi_in);
	v1_lab_p(&t->b)->state = V1_P1_UP;
	talk_do(&t->a, IKE_EV_CHILD_REKEY, t->a.ike.children->next->spi_in);
	v1_lab_pass(&t->a);
	CHECK_EQ(t->b.installs, 5);
	v1_lab_let_pass(t, 2 * IKE_REKEYED_MS);
	check_up(t, 3);
	/* All at once, at both ends */
	t->a.child_dead = t->b.child_dead = true;
	talk_do(&t->b, IKE_EV_CHILD_LOST, 0);
	talk_do(&t->a, IKE_EV_CHILD_LOST, 0);
	t->a.child_dead = t->b.child_dead = false;
	v1_lab_let_pass(t, 2 * IKE_REKEYED_MS);
	check_up(t, 3);
	v1_lab_over(t);
}

/* Of what is lost one is wanted, however long that takes; none where another one has the same. */
static void test_lost_once(void)
{
	struct talk *t = v1_lab_new();
	struct ike_child *lost, *other;
	struct v1_pair pair;
	unsigned int i;

	t->a.child.n_local = t->b.child.n_remote = 2;
	for (i = 0; i < 2; i++)
		t->a.local[i] = t->b.remote[i] = net(1, (u8)i);
	v1_lab_up(t);
	t->b.child_dead = false;
	lost = t->b.ike.children;
	other = lost->next;
	v1_lab_p(&t->b)->state = V1_P1_CONFIG;
	talk_do(&t->b, IKE_EV_CHILD_LOST, lost->spi_in);
	for (i = 1; i < 4; i++)
		talk_timer(&t->b, t->now + i * IKE_RENEW_RETRY_MS);
	CHECK_EQ(t->b.ike.n_children, 3);
	pair = (struct v1_pair){ other->local[0], other->remote[0] };
	v1_pair_set(lost, &pair);
	talk_timer(&t->b, t->now + i * IKE_RENEW_RETRY_MS);
	CHECK_EQ(lost->state, IKE_CHILD_DELETING);
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

/*
 * A's message 1 comes late, when B's child is up at B, and message 3 of that later still: B puts A's
 * in the place of its own, A takes them for two that cross.  The first Delete of A never comes.
 */
static unsigned int quicks[2], infos;

static bool late_then_lost(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	bool is_b = from == &t->b;
	unsigned int n;

	if (p->p[18] == V1_QUICK) {
		n = ++quicks[is_b];
		return is_b ? n != 2 && n != 3 : n != 1;
	}
	if (p->p[18] == V1_INFORMATIONAL && !is_b)
		return infos++;
	return true;
}

static void test_crossing_late(void)
{
	unsigned int i, lost = 0;
	struct talk *t;

	for (i = 0; i < 16; i++) {
		t = v1_lab_up(v1_lab_new());
		talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
		v1_lab_let_pass(t, 2 * IKE_CHILD_LINGER_MS);
		t->a.ike.dpd_at = t->b.ike.dpd_at = IKE_NEVER;
		quicks[0] = quicks[1] = infos = 0;
		v1_lab.net = late_then_lost;
		start(&t->a);
		start(&t->b);
		v1_lab_let_pass(t, 5 * IKE_CHILD_LINGER_MS);
		lost += infos > 1;
		CHECK_EQ(count(&t->b, IKE_CHILD_UP), 1);
		v1_lab_let_pass(t, 3 * IKE_REKEYED_MS);
		check_up(t, 1);
		CHECK_EQ(t->a.ike.children->spi_in, t->b.ike.children->spi_out);
		v1_lab_over(t);
	}
	CHECK(lost);
}

/*
 * Both begin at once, and there is no memory for ours; meanwhile the peer's goes, and our ISAKMP SA.
 * What was wanted is still wanted, in nobody's place.
 */
static void test_crossing_memory(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct packet first, second;
	u32 theirs;

	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	v1_lab_let_pass(t, 2 * IKE_CHILD_LINGER_MS);
	start(&t->a);
	first = talk_take(&t->a);
	start(&t->b);
	v1_lab_settle(t);
	CHECK_EQ(count(&t->a, IKE_CHILD_UP), 1);
	theirs = t->b.ike.children->spi_in;
	CHECK_EQ(v1_lab_deliver(&t->b, &first), ISAKMP_OK);
	second = talk_take(&t->b);
	t->a.install_why = ISAKMP_R_NO_MEMORY;
	CHECK_REASON(v1_lab_deliver(&t->a, &second), ISAKMP_R_NO_MEMORY);
	t->a.install_why = ISAKMP_OK;
	CHECK_EQ(t->a.ike.children->state, IKE_CHILD_WANTED);
	CHECK_EQ(t->a.ike.children->rekeys, 0);
	CHECK_EQ(v1_info_delete_child(&t->b.ike, t->b.ike.ep, V1_PROTO_ESP, theirs), ISAKMP_OK);
	CHECK_EQ(v1_lab_pass(&t->b), ISAKMP_OK);
	v1_phase1_end(&t->a.ike, t->a.ike.ep, ISAKMP_OK, t->now);
	CHECK_EQ(count(&t->a, IKE_CHILD_WANTED), 1);
	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	CHECK_EQ(count(&t->a, IKE_CHILD_WANTED), 0);
	packet_free(&first);
	packet_free(&second);
	v1_lab_over(t);
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

/* ---- errors ------------------------------------------------------------------------ */

/* An error of the peer is about what we have begun: not about what it has begun itself. */
static void test_error_about_theirs(void)
{
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = V1_PROTO_ESP,
			       .type = V1_N_NO_PROPOSAL_CHOSEN, .spi_len = 4 };
	struct talk *t = v1_lab_up(v1_lab_new());
	struct packet second;
	struct v1_msg m;
	u8 spi[4];

	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	v1_lab_let_pass(t, 2 * IKE_CHILD_LINGER_MS);
	start(&t->a);
	v1_lab_pass(&t->a);
	second = talk_take(&t->b);
	put_unaligned_be32(t->b.ike.children->spi_in, spi);
	n.spi = spi;
	CHECK_EQ(v1_msg_begin(&t->a.ike, t->a.ike.ep, NULL, &m, V1_INFORMATIONAL, V1_H_1),
		 ISAKMP_OK);
	v1_msg_notify(&m, &n);
	CHECK_EQ(v1_say_once(&t->a.ike, &m), ISAKMP_OK);
	CHECK_REASON(v1_lab_pass(&t->a), ISAKMP_R_PEER_ERROR);
	CHECK_EQ(v1_lab_deliver(&t->a, &second), ISAKMP_OK);
	packet_free(&second);
	v1_lab_settle(t);
	check_up(t, 1);
	v1_lab_over(t);
}

/* The message ID of the Quick Mode of ours that is under way */
static u32 out_id(const struct ike_epoch *ep)
{
	const struct v1_exchange *x;

	for (x = ep->v1->exchanges; x; x = x->next)
		if (x->initiator && x->step)
			return x->msgid;
	return 0;
}

/*
 * A peer that knows the IVs of three exchanges has lost that of message 3 when several of ours go on
 * at once: so many there are.  An error that does not say which it is about is about the only one, then
 * the next begins; of several it ends none.
 */
static void errs(u32 quicks)
{
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = V1_PROTO_ESP,
			       .type = V1_N_NO_PROPOSAL_CHOSEN };
	struct talk *t = v1_lab_new();
	struct v1_msg m;
	unsigned int i;
	u32 id;

	t->a.tun.v1_quicks = quicks;
	t->a.child.n_local = t->b.child.n_remote = 5;
	for (i = 0; i < 5; i++)
		t->a.local[i] = t->b.remote[i] = net(1, (u8)i);
	v1_lab_up(t);
	check_up(t, 5);
	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	v1_lab_let_pass(t, 2 * IKE_CHILD_LINGER_MS);
	start(&t->a);
	CHECK_EQ(v1_quicks_out(t->a.ike.ep), quicks);
	id = out_id(t->a.ike.ep);
	talk_flush(&t->a);
	CHECK_EQ(v1_msg_begin(&t->b.ike, t->b.ike.ep, NULL, &m, V1_INFORMATIONAL, V1_H_1),
		 ISAKMP_OK);
	v1_msg_notify(&m, &n);
	CHECK_EQ(v1_say_once(&t->b.ike, &m), ISAKMP_OK);
	CHECK_REASON(v1_lab_pass(&t->b), ISAKMP_R_PEER_ERROR);
	CHECK_EQ(v1_quicks_out(t->a.ike.ep), quicks);
	CHECK_EQ(out_id(t->a.ike.ep) != id, quicks == 1);
	CHECK_EQ(t->a.queued, quicks == 1);
	v1_lab_over(t);
}

static void test_one_out(void)
{
	errs(V1_QUICKS);
}

static void test_several_out(void)
{
	errs(3);
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

/* No memory for message 2: when it comes again, all is as if it had not come before. */
static void test_second_again(void)
{
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;
	unsigned int n, again = 0;
	struct packet p, copy;
	struct talk *t;

	for (n = 1; why == ISAKMP_R_NO_MEMORY; n++) {
		tap_note("allocation %u", n);
		t = v1_lab_up(v1_lab_new());
		talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
		v1_lab_let_pass(t, 2 * IKE_CHILD_LINGER_MS);
		start(&t->a);
		v1_lab_pass(&t->a);
		p = talk_take(&t->b);
		copy = packet_copy(&p);
		native_mem_fail_at(n);
		why = v1_lab_deliver(&t->a, &p);
		native_mem_fail_at(0);
		if (why == ISAKMP_R_NO_MEMORY && count(&t->a, IKE_CHILD_WANTED)) {
			CHECK_EQ(v1_lab_deliver(&t->a, &copy), ISAKMP_OK);
			again++;
		}
		packet_free(&p);
		packet_free(&copy);
		v1_lab_settle(t);
		CHECK_EQ(count(&t->a, IKE_CHILD_UP), count(&t->b, IKE_CHILD_UP));
		v1_lab_over(t);
	}
	CHECK(again > 2);
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
	TAP_RUN(test_nat_tunnel, "Quick Mode: tunnel mode behind a NAT");
	TAP_RUN(test_nat_moves, "Quick Mode: a NAT that maps anew");
	TAP_RUN(test_modes_differ, "Quick Mode: tunnel and transport are not the same");
	TAP_RUN(test_pairs, "Quick Mode: one for each pair of selectors");
	TAP_RUN(test_families, "Quick Mode: selectors of both families");
	TAP_RUN(test_part, "Quick Mode: a part of what policy has");
	TAP_RUN(test_part_lost, "Quick Mode: parts of what policy has are lost, and come back");
	TAP_RUN(test_lost_once, "Quick Mode: what is lost is wanted once");
	TAP_RUN(test_more, "Quick Mode: more than policy has is refused");
	TAP_RUN(test_crossing, "Quick Mode: both ends begin at once");
	TAP_RUN(test_crossing_memory, "Quick Mode: both ends begin at once, and there is no memory (threat 57)");
	TAP_RUN(test_crossing_late, "Quick Mode: both ends begin at once, and one comes late");
	TAP_RUN(test_overtaken, "Quick Mode: the peer is quicker");
	TAP_RUN(test_error_about_theirs, "Quick Mode: an error about what the peer has begun");
	TAP_RUN(test_one_out, "Quick Mode: one of ours at once, and an error about it");
	TAP_RUN(test_several_out, "Quick Mode: several at once, and an error about one of them");
	TAP_RUN(test_replay, "Quick Mode: replays");
	TAP_RUN(test_memory, "Quick Mode: without memory");
	TAP_RUN(test_second_again, "Quick Mode: no memory for message 2, which comes again");
	return tap_done();
}
