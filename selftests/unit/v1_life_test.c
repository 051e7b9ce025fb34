// SPDX-License-Identifier: GPL-2.0
/* Lifetimes of version 1 (RFC 2407, 4.5.2, 4.5.4, 4.6.3.1), and rekeys. */
#include "v1_lab.h"
#include "v1/phase2.h"

static struct ike_child *only_up(const struct end *e)
{
	struct ike_child *c, *found = NULL;

	for (c = e->ike.children; c; c = c->next)
		if (c->state == IKE_CHILD_UP) {
			CHECK(!found);
			found = c;
		}
	CHECK(found);
	return found;
}

/* ---- what is agreed on ----------------------------------------------------------- */

static void test_table(void)
{
	static const struct {
		u8 check;
		u64 ours, theirs, agreed;	/* 0: refused, unless both are */
		bool tell;
	} rows[] = {
		{ IKE_LIFETIME_CLAIM, 3600, 1800, 1800, false },
		{ IKE_LIFETIME_CLAIM, 3600, 3600, 3600, false },
		{ IKE_LIFETIME_CLAIM, 3600, 7200, 3600, true },
		{ IKE_LIFETIME_CLAIM, 3600, 0, 3600, true },
		{ IKE_LIFETIME_CLAIM, 0, 7200, 7200, false },
		{ IKE_LIFETIME_OBEY, 3600, 1800, 1800, false },
		{ IKE_LIFETIME_OBEY, 3600, 7200, 7200, false },
		{ IKE_LIFETIME_OBEY, 0, 7200, 7200, false },
		{ IKE_LIFETIME_STRICT, 3600, 1800, 1800, false },
		{ IKE_LIFETIME_STRICT, 3600, 3600, 3600, false },
		{ IKE_LIFETIME_STRICT, 3600, 7200, 0, false },
		{ IKE_LIFETIME_STRICT, 3600, 0, 0, false },
		{ IKE_LIFETIME_STRICT, 0, 7200, 7200, false },
		{ IKE_LIFETIME_EXACT, 3600, 3600, 3600, false },
		{ IKE_LIFETIME_EXACT, 3600, 3599, 0, false },
		{ IKE_LIFETIME_EXACT, 3600, 3601, 0, false },
	};
	struct v1_life ours = {}, theirs = {}, agreed;
	enum isakmp_reason why;
	unsigned int i;
	bool tell;

	for (i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		bool kb = i & 1;

		tap_note("row %u %s", i / 2, kb ? "kilobytes" : "seconds");
		*(kb ? &ours.kb : &ours.s) = rows[i / 2].ours;
		*(kb ? &theirs.kb : &theirs.s) = rows[i / 2].theirs;
		*(kb ? &ours.s : &ours.kb) = *(kb ? &theirs.s : &theirs.kb) = 0;
		why = v1_life_agree(rows[i / 2].check, &ours, &theirs, &agreed, &tell);
		tap_reason(why);
		CHECK_EQ(why, rows[i / 2].agreed ? ISAKMP_OK : ISAKMP_R_V1_LIFETIME);
		if (why)
			continue;
		CHECK_EQ(kb ? agreed.kb : agreed.s, rows[i / 2].agreed);
		CHECK_EQ(tell, rows[i / 2].tell);
	}
}

/* RFC 2407, 4.5.2: the example, and what is in conflict */
static void test_attributes(void)
{
	static const struct { u8 n; u8 p[40]; u8 result; u64 s, kb; } rows[] = {
		{ 24, { 0x80, 1, 0, 1, 0, 2, 0, 4, 0, 1, 0x51, 0x80,
			0x80, 1, 0, 2, 0, 2, 0, 4, 0, 1, 0x86, 0xa0 }, 1, 86400, 100000 },
		{ 8, { 0x80, 1, 0, 1, 0x80, 2, 0x0e, 0x10 }, 1, 3600, 0 },
		{ 16, { 0x80, 1, 0, 1, 0x80, 2, 0, 9, 0x80, 1, 0, 1, 0x80, 2, 0, 9 }, 1, 9, 0 },
		{ 16, { 0x80, 1, 0, 1, 0x80, 2, 0, 9, 0x80, 1, 0, 1, 0x80, 2, 0, 8 }, 0, 0, 0 },
		{ 4, { 0x80, 2, 0, 9 }, 0, 0, 0 },	/* no type */
		{ 4, { 0x80, 1, 0, 1 }, 0, 0, 0 },	/* no duration */
		{ 8, { 0x80, 1, 0, 3, 0x80, 2, 0, 9 }, 0, 0, 0 },
		{ 8, { 0x80, 1, 0, 1, 0x80, 2, 0, 0 }, 0, 0, 0 },
		{ 9, { 0, 1, 0, 1, 1, 0x80, 2, 0, 9 }, 0, 0, 0 },	/* type MUST be basic */
		{ 8, { 0x80, 1, 0, 1, 0x80, 1, 0, 1 }, 0, 0, 0 },
		{ 12, { 0x80, 1, 0, 2, 0x80, 1, 0, 1, 0x80, 2, 0, 9 }, 0, 0, 0 },
		{ 12, { 0x80, 1, 0, 1, 0x80, 2, 0, 9, 0x80, 1, 0, 2 }, 0, 0, 0 },
		{ 10, { 0x80, 1, 0, 1, 0x80, 2, 0, 9, 0x80, 1 }, 0, 0, 0 },
	};
	struct v1_life l;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct v1_notify n = { .protocol = V1_PROTO_ESP, .data = rows[i].p,
				       .len = rows[i].n };

		tap_note("row %u", i);
		CHECK_EQ(v1_life_told(&n, &l), rows[i].result);
		if (!rows[i].result)
			continue;
		CHECK_EQ(l.s, rows[i].s);
		CHECK_EQ(l.kb, rows[i].kb);
	}
}

/* One that is too short, whatever the operator says of longer ones. */
static void test_least(void)
{
	static const u8 checks[] = { IKE_LIFETIME_CLAIM, IKE_LIFETIME_OBEY,
				     IKE_LIFETIME_STRICT, IKE_LIFETIME_EXACT };
	struct v1_life ours = { 3600, 0 }, theirs = {}, agreed;
	unsigned int i;
	bool tell;

	for (i = 0; i < ARRAY_SIZE(checks); i++) {
		tap_note("check %u", checks[i]);
		ours = (struct v1_life){ .s = 3600 };
		theirs = (struct v1_life){ .s = V1_LIFE_LEAST_S - 1 };
		CHECK_REASON(v1_life_agree(checks[i], &ours, &theirs, &agreed, &tell),
			     ISAKMP_R_V1_LIFETIME);
		theirs = (struct v1_life){ .s = 3600, .kb = V1_LIFE_LEAST_KB - 1 };
		CHECK_REASON(v1_life_agree(checks[i], &ours, &theirs, &agreed, &tell),
			     ISAKMP_R_V1_LIFETIME);
		/* Ours is as short */
		ours.s = theirs.s = 2;
		ours.kb = theirs.kb = 1;
		CHECK_EQ(v1_life_agree(checks[i], &ours, &theirs, &agreed, &tell), ISAKMP_OK);
		CHECK(agreed.s == 2 && agreed.kb == 1 && !tell);
	}
	ours = (struct v1_life){};
	theirs = (struct v1_life){ V1_LIFE_LEAST_S, V1_LIFE_LEAST_KB };
	CHECK_EQ(v1_life_agree(IKE_LIFETIME_OBEY, &ours, &theirs, &agreed, &tell), ISAKMP_OK);
}

/* In either phase it has a name. */
static void test_least_offered(void)
{
	struct talk *t = v1_lab_new();

	t->a.peer.life_s = 1;
	v1_lab_start(t);
	v1_lab_settle(t);
	CHECK_EQ(t->b.refused[ISAKMP_R_V1_LIFETIME], 1);
	CHECK(!t->b.live);
	v1_lab_over(t);
	t = v1_lab_new();
	t->a.child.life_s = 1;
	v1_lab_up(t);
	CHECK_EQ(t->b.refused[ISAKMP_R_V1_LIFETIME], 1);
	CHECK(!t->b.xfrm);
	v1_lab_over(t);
}

/* What both ends have in the end, of 3600 s offered. */
static void test_both(void)
{
	static const struct { u8 check; u32 ours; u32 a, b; } rows[] = {
		{ IKE_LIFETIME_CLAIM, 1800, 1800, 1800 },
		{ IKE_LIFETIME_CLAIM, 7200, 3600, 3600 },
		{ IKE_LIFETIME_OBEY, 1800, 3600, 3600 },
		{ IKE_LIFETIME_STRICT, 1800, 0, 0 },
		{ IKE_LIFETIME_STRICT, 7200, 3600, 3600 },
		{ IKE_LIFETIME_EXACT, 7200, 0, 0 },
		{ IKE_LIFETIME_EXACT, 3600, 3600, 3600 },
	};
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		tap_note("row %u", i);
		t = v1_lab_new();
		t->b.peer.v1.lifetime = rows[i].check;
		t->b.child.life_s = rows[i].ours;
		v1_lab_up(t);
		CHECK_EQ(t->b.refused[ISAKMP_R_V1_LIFETIME], !rows[i].a);
		if (rows[i].a) {
			CHECK_EQ(only_up(&t->a)->life.s, rows[i].a);
			CHECK_EQ(only_up(&t->b)->life.s, rows[i].b);
		}
		v1_lab_over(t);
	}
}

/* Nothing is said: 28800 seconds. */
static void test_default(void)
{
	struct talk *t = v1_lab_new();

	t->a.child.life_s = t->b.child.life_s = 0;
	v1_lab_up(t);
	CHECK_EQ(only_up(&t->a)->life.s, V1_LIFE_DEFAULT_S);
	CHECK_EQ(only_up(&t->b)->life.s, V1_LIFE_DEFAULT_S);
	v1_lab_over(t);
}

/* The same where it has to be exactly what policy says, which says nothing either. */
static void test_default_exact(void)
{
	struct talk *t = v1_lab_new();

	t->a.child.life_s = t->b.child.life_s = 0;
	t->b.peer.v1.lifetime = IKE_LIFETIME_EXACT;
	v1_lab_up(t);
	CHECK_EQ(only_up(&t->b)->life.s, V1_LIFE_DEFAULT_S);
	v1_lab_over(t);
}

/* More seconds than XFRM can count are no limit. */
static void test_ever(void)
{
	struct v1_life l = { .s = 0xffffffff };
	struct ike_life life = { .s = 1 };

	v1_life_set(&life, &l);
	CHECK_EQ(life.s, 0);
	CHECK(!v1_life_shorten(&life, &l));
	CHECK_EQ(life.s, 0);
	l.s = 0x7fffffff;
	CHECK(v1_life_shorten(&life, &l));
	CHECK_EQ(life.s, 0x7fffffff);
}

/* Octets of our own are not rounded; what is less is kilobytes. */
static void test_bytes(void)
{
	struct talk *t = v1_lab_new();

	t->a.child.life_bytes = 1000001;
	t->b.child.life_bytes = 500000;
	v1_lab_up(t);
	CHECK_EQ(only_up(&t->b)->life.bytes, 500000);
	CHECK_EQ(only_up(&t->a)->life.bytes, 489 * 1024);
	v1_lab_over(t);
}

/* ---- RESPONDER-LIFETIME, later --------------------------------------------------------- */

static enum isakmp_reason tell(struct talk *t, u8 protocol, u32 spi, u64 s)
{
	struct v1_life l = { .s = s };
	struct v1_msg m;

	CHECK_EQ(v1_msg_begin(&t->b.ike, t->b.ike.ep, NULL, &m, V1_INFORMATIONAL, V1_H_1),
		 ISAKMP_OK);
	v1_life_tell(&m, protocol, spi, &l);
	CHECK_EQ(v1_say_once(&t->b.ike, &m), ISAKMP_OK);
	return v1_lab_pass(&t->b);
}

static void test_told(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct v1_phase1 *p = v1_lab_p(&t->a);
	struct ike_child *c = only_up(&t->a);
	u64 rekey_at = c->rekey_at;

	CHECK_EQ(tell(t, V1_PROTO_ESP, c->spi_out, 1000), ISAKMP_OK);
	CHECK_EQ(c->life.s, 1000);
	CHECK(c->rekey_at < rekey_at);
	CHECK_EQ(c->xfrm->relimits, 1);
	CHECK_EQ(tell(t, V1_PROTO_ESP, c->spi_out, 2000), ISAKMP_OK);
	CHECK_EQ(tell(t, V1_PROTO_ESP, c->spi_out + 1, 500), ISAKMP_OK);
	CHECK_EQ(tell(t, V1_PROTO_AH, c->spi_out, 500), ISAKMP_OK);
	CHECK_EQ(c->life.s, 1000);
	CHECK_EQ(p->life_s, 14400);
	CHECK_EQ(tell(t, V1_PROTO_ISAKMP, 0, 20000), ISAKMP_OK);
	CHECK_EQ(p->life_s, 14400);
	CHECK_EQ(tell(t, V1_PROTO_ISAKMP, 0, 1000), ISAKMP_OK);
	CHECK_EQ(p->life_s, 1000);
	CHECK_EQ(p->expire_at, p->up_at + 1000000);
	/* Too short */
	CHECK_EQ(tell(t, V1_PROTO_ISAKMP, 0, 1), ISAKMP_OK);
	CHECK_EQ(p->life_s, V1_LIFE_LEAST_S);
	CHECK_EQ(tell(t, V1_PROTO_ESP, c->spi_out, 1), ISAKMP_OK);
	CHECK_EQ(c->life.s, V1_LIFE_LEAST_S);
	v1_lab_over(t);
}

/* One that another has the place of, or that is lost, goes when it goes. */
static void test_told_late(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct ike_child *c = only_up(&t->a);

	talk_do(&t->a, IKE_EV_CHILD_REKEY, c->spi_in);
	v1_lab_settle(t);
	CHECK_EQ(c->state, IKE_CHILD_REKEYED);
	CHECK_EQ(tell(t, V1_PROTO_ESP, c->spi_out, 1000), ISAKMP_OK);
	CHECK_EQ(c->life.s, 3600);
	CHECK_EQ(c->xfrm->relimits, 0);
	v1_lab_over(t);
}

/* ---- rekeys -------------------------------------------------------------------------------- */

/* The one before goes a while after, and is told. */
static void test_child(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	u32 spi = only_up(&t->a)->spi_in;

	v1_lab_let_pass(t, 3600 * 1000 * 89 / 100);
	CHECK_EQ(t->a.installs, 2);
	CHECK_EQ(t->b.installs, 2);
	CHECK(only_up(&t->a)->spi_in != spi);
	CHECK_EQ(only_up(&t->a)->rekeyed, 1);
	v1_lab_let_pass(t, 60000);
	CHECK_EQ(t->a.ike.n_children, 1);
	CHECK_EQ(t->b.ike.n_children, 1);
	CHECK(!only_up(&t->a)->held && !only_up(&t->b)->held);
	CHECK_EQ(t->b.closed, 0);
	v1_lab_over(t);
}

/* The old one receives for a while, and sends until the peer has the new one. */
static void test_overlap(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct ike_child *old = t->b.ike.children;

	talk_do(&t->a, IKE_EV_CHILD_REKEY, t->a.ike.children->spi_in);
	v1_lab_pass(&t->a);
	CHECK_EQ(old->state, IKE_CHILD_REKEYED);
	CHECK(old->next && old->next->held);
	v1_lab_settle(t);
	CHECK(!old->next->held);
	/* The Delete is not said yet: message 3 may have to come again */
	CHECK_EQ(t->a.ike.children->state, IKE_CHILD_REKEYED);
	CHECK_EQ(old->state, IKE_CHILD_REKEYED);
	CHECK_EQ(t->a.removes, 0);
	CHECK_EQ(t->b.removes, 0);
	v1_lab_let_pass(t, 3 * IKE_CHILD_LINGER_MS);
	CHECK_EQ(t->a.ike.n_children, 1);
	CHECK_EQ(t->b.ike.n_children, 1);
	v1_lab_over(t);
}

/* What was to be rekeyed goes before that could be said: nothing takes its place. */
static void test_stale(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	struct ike_child *old = only_up(&t->a);

	v1_lab_p(&t->a)->state = V1_P1_CONFIG;
	talk_do(&t->a, IKE_EV_CHILD_REKEY, old->spi_in);
	CHECK_EQ(t->a.ike.n_children, 2);
	ike_child_delete(old);
	v1_lab_p(&t->a)->state = V1_P1_UP;
	talk_timer(&t->a, t->now);
	CHECK_EQ(v1_quicks_out(t->a.ike.ep), 0);
	CHECK_EQ(t->a.ike.n_children, 0);
	v1_lab_settle(t);
	CHECK_EQ(t->b.closed, 1);
	CHECK_EQ(t->b.installs, 1);
	v1_lab_over(t);
}

static bool no_info(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	return p->p[18] != V1_INFORMATIONAL;
}

/*
 * The Delete of the old one is lost, and the peer goes on using it: it is said again.  What was
 * under way says nothing, nor is there no end to it.
 */
static void test_delete_lost(bool used)
{
	struct talk *t = v1_lab_new();
	unsigned int sent, i;

	/* It was hard to get */
	v1_lab_start(t);
	while (!t->a.ike.children)
		v1_lab_step(t);
	t->a.ike.children->delays = IKE_DELAYS_MAX;
	v1_lab_settle(t);
	talk_do(&t->a, IKE_EV_CHILD_REKEY, t->a.ike.children->spi_in);
	v1_lab_settle(t);
	v1_lab.net = no_info;
	t->a.ike.dpd_at = t->b.ike.dpd_at = IKE_NEVER;
	v1_lab_let_pass(t, IKE_CHILD_LINGER_MS);
	CHECK_EQ(t->a.ike.children->state, IKE_CHILD_GONE);
	sent = t->a.sent;
	for (i = 0; i < 100; i++) {
		t->a.rx += used || i == 1;
		v1_lab_let_pass(t, IKE_CHILD_LINGER_MS / 4);
	}
	CHECK_EQ(t->a.sent - sent, used ? IKE_DELAYS_MAX : 0);
	CHECK_EQ(t->a.ike.n_children, 1);
	v1_lab_over(t);
}

static void test_delete_lost_unused(void)
{
	test_delete_lost(false);
}

static void test_delete_lost_used(void)
{
	test_delete_lost(true);
}

/* Both at once: in the end one is left at both ends, the same. */
static void test_both_rekey(void)
{
	unsigned int i;

	for (i = 0; i < 16; i++) {
		struct talk *t = v1_lab_up(v1_lab_new());

		talk_do(&t->a, IKE_EV_CHILD_REKEY, t->a.ike.children->spi_in);
		talk_do(&t->b, IKE_EV_CHILD_REKEY, t->b.ike.children->spi_in);
		v1_lab_let_pass(t, 3 * IKE_REKEYED_MS);
		CHECK_EQ(t->a.ike.n_children, 1);
		CHECK_EQ(t->b.ike.n_children, 1);
		CHECK_EQ(only_up(&t->a)->spi_in, only_up(&t->b)->spi_out);
		v1_lab_over(t);
	}
}

/* B's message 1 comes when A's own rekey is done; the first Delete that B says never comes. */
static unsigned int quicks, infos;

static bool late_then_lost(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	if (from == &t->b && p->p[18] == V1_QUICK)
		return quicks++;
	if (from == &t->b && p->p[18] == V1_INFORMATIONAL)
		return infos++;
	return true;
}

/*
 * A knows nothing of two that cross: it puts B's in the place of its own, which B takes for the
 * one of both.  Nobody sends anything that would tell.
 */
static void test_both_rekey_late(void)
{
	unsigned int i, in_vain = 0;

	for (i = 0; i < 16; i++) {
		struct talk *t = v1_lab_up(v1_lab_new());

		quicks = infos = 0;
		v1_lab.net = late_then_lost;
		t->a.ike.dpd_at = t->b.ike.dpd_at = IKE_NEVER;
		talk_do(&t->b, IKE_EV_CHILD_REKEY, t->b.ike.children->spi_in);
		talk_do(&t->a, IKE_EV_CHILD_REKEY, t->a.ike.children->spi_in);
		v1_lab_let_pass(t, 5 * IKE_CHILD_LINGER_MS);
		in_vain += !only_up(&t->b)->proposer;
		CHECK_EQ(only_up(&t->a)->spi_in, only_up(&t->b)->spi_out);
		v1_lab_let_pass(t, 3 * IKE_REKEYED_MS);
		CHECK_EQ(t->a.ike.n_children, 1);
		CHECK_EQ(t->b.ike.n_children, 1);
		CHECK_EQ(only_up(&t->a)->spi_in, only_up(&t->b)->spi_out);
		v1_lab_over(t);
	}
	CHECK(in_vain);
}

/* The same, and there is no ISAKMP SA to say it by: another one is set up for that. */
static void test_both_rekey_unsaid(void)
{
	unsigned int i, asks, in_vain = 0;
	struct talk *t;

	for (i = 0; i < 16; i++) {
		t = v1_lab_up(v1_lab_new());
		quicks = infos = 0;
		v1_lab.net = late_then_lost;
		talk_do(&t->b, IKE_EV_CHILD_REKEY, t->b.ike.children->spi_in);
		talk_do(&t->a, IKE_EV_CHILD_REKEY, t->a.ike.children->spi_in);
		v1_lab_let_pass(t, IKE_CHILD_LINGER_MS);
		v1_lab.net = NULL;
		if (only_up(&t->b)->proposer) {	/* A's is in vain: both know */
			v1_lab_over(t);
			continue;
		}
		in_vain++;
		v1_phase1_end(&t->b.ike, t->b.ike.ep, ISAKMP_OK, t->now);
		asks = t->b.asks;
		v1_lab_let_pass(t, IKE_CHILD_LINGER_MS);
		CHECK(t->b.asks > asks);
		v1_lab_over(t);
	}
	CHECK(in_vain);
}

/* Both have lost it: what B asks for is there by the time of the answer. */
static void test_both_lost_late(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());

	quicks = infos = 0;
	v1_lab.net = late_then_lost;
	talk_do(&t->b, IKE_EV_CHILD_LOST, t->b.ike.children->spi_in);
	talk_do(&t->a, IKE_EV_CHILD_LOST, t->a.ike.children->spi_in);
	v1_lab_let_pass(t, 3 * IKE_REKEYED_MS);
	CHECK_EQ(t->a.ike.n_children, 1);
	CHECK_EQ(t->b.ike.n_children, 1);
	CHECK_EQ(only_up(&t->a)->spi_in, only_up(&t->b)->spi_out);
	v1_lab_over(t);
}

/* Nobody answers a Quick Mode: a new ISAKMP SA is tried, and the old child stays. */
static bool no_quick(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	return p->p[18] != V1_QUICK;
}

static void test_unanswered(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	unsigned int asks = t->a.asks;

	v1_lab.net = no_quick;
	talk_do(&t->a, IKE_EV_CHILD_REKEY, t->a.ike.children->spi_in);
	v1_lab_let_pass(t, 400000);
	CHECK(t->a.asks > asks);
	CHECK(!v1_phase1_ready(&t->a.ike));
	CHECK_EQ(t->a.installs, 1);
	CHECK_EQ(only_up(&t->a)->state, IKE_CHILD_UP);
	v1_lab_over(t);
}

/* The same of the first one, by whichever ISAKMP SA: the connection is none. */
static void test_never(void)
{
	struct talk *t = v1_lab_new();

	v1_lab.net = no_quick;
	v1_lab_up(t);
	t->a.ike.children->delays = 1;
	v1_lab_let_pass(t, 400000);
	CHECK(!t->a.live);
	CHECK_EQ(t->a.refused[ISAKMP_R_TIMEOUT], 1);
	CHECK(!t->b.live || !v1_phase1_ready(&t->b.ike));
	v1_lab_over(t);
}

/* The operator closes it, and no ISAKMP SA can be set up to say so: it goes all the same. */
static void test_unsaid(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(v1_lab.refuse); i++)
		v1_lab.refuse[i] = ISAKMP_R_HELPER_LOST;
	v1_phase1_end(&t->a.ike, t->a.ike.ep, ISAKMP_OK, t->now);
	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	CHECK_EQ(t->a.ike.n_children, 1);
	v1_lab_let_pass(t, 5000);
	CHECK_EQ(t->a.removes, 1);
	v1_lab_over(t);
}

/* A lost one is negotiated anew. */
static void test_lost(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	u32 spi = only_up(&t->a)->spi_in;

	talk_do(&t->a, IKE_EV_CHILD_LOST, spi);
	v1_lab_let_pass(t, 3 * IKE_REKEYED_MS);
	CHECK(only_up(&t->a)->spi_in != spi);
	CHECK_EQ(t->a.ike.n_children, 1);
	CHECK_EQ(t->b.ike.n_children, 1);
	v1_lab_over(t);
}

/* At both ends, at once; of hard lifetimes the responder waits. */
static void test_both_lost(void)
{
	static const u8 events[] = { IKE_EV_CHILD_LOST, IKE_EV_CHILD_EXPIRED };
	struct talk *t;
	unsigned int i;
	u32 spi;

	for (i = 0; i < 16; i++) {
		t = v1_lab_up(v1_lab_new());
		spi = only_up(&t->a)->spi_in;
		talk_do(&t->a, events[i & 1], spi);
		talk_do(&t->b, events[i & 1], only_up(&t->b)->spi_in);
		v1_lab_let_pass(t, 3 * IKE_REKEYED_MS);
		CHECK(only_up(&t->a)->spi_in != spi);
		CHECK_EQ(t->a.ike.n_children, 1);
		CHECK_EQ(t->b.ike.n_children, 1);
		CHECK_EQ(only_up(&t->a)->spi_in, only_up(&t->b)->spi_out);
		CHECK_EQ(t->a.installs, events[i & 1] == IKE_EV_CHILD_LOST ? 3 : 2);
		v1_lab_over(t);
	}
}

/* The operator changes policy: what was agreed on becomes shorter, not longer. */
static void test_relimit(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());

	t->a.child.life_s = 7200;
	ike_sa_relimit(&t->a.ike, &t->a.peer, t->now);
	CHECK_EQ(only_up(&t->a)->life.s, 3600);
	t->a.child.life_s = 1200;
	ike_sa_relimit(&t->a.ike, &t->a.peer, t->now);
	CHECK_EQ(only_up(&t->a)->life.s, 1200);
	t->a.peer.life_s = 600;
	ike_sa_relimit(&t->a.ike, &t->a.peer, t->now);
	CHECK_EQ(v1_lab_p(&t->a)->life_s, 14400);
	CHECK_EQ(t->a.ike.rekey_at, IKE_NEVER);
	v1_lab_over(t);
}

/* ---- the ISAKMP SA ------------------------------------------------------------------------ */

static void test_limits(void)
{
	struct talk *t = v1_lab_up(v1_lab_new());
	const struct v1_phase1 *a = v1_lab_p(&t->a), *b = v1_lab_p(&t->b);

	CHECK_EQ(a->life_s, 14400);
	CHECK_EQ(b->life_s, 14400);
	CHECK_EQ(a->expire_at, a->up_at + 14400 * 1000);
	CHECK(a->rekey_at < b->rekey_at && b->rekey_at < b->expire_at);
	v1_lab_over(t);
}

/* Before its end another one is begun; but not when there is nothing that needs it. */
static void test_renew(void)
{
	struct talk *t;
	unsigned int asks, i;

	for (i = 0; i < 2; i++) {
		t = v1_lab_up(v1_lab_new());
		if (i)
			talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
		v1_lab_settle(t);
		v1_lab_let_pass(t, 14400 * 800);
		asks = t->a.asks;
		v1_lab_let_pass(t, 14400 * 90);
		CHECK_EQ(t->a.asks > asks, !i);
		v1_lab_over(t);
	}
}

/* Message IDs do not come again: it is renewed in time, and ends with the last one. */
static void test_worn(void)
{
	struct talk *t = v1_lab_new();
	unsigned int asks, i;
	u32 refused;

	t->a.child.life_s = t->b.child.life_s = 0;
	v1_lab_up(t);
	asks = t->a.asks;
	for (i = v1_lab_p(&t->a)->n_ids; i < V1_IDS_RENEW - 2; i++)
		CHECK(v1_id_fresh(t->a.ike.ep));
	talk_do(&t->a, IKE_EV_CHECK, 0);
	v1_lab_let_pass(t, IKE_RENEW_RETRY_MS - 1);
	CHECK_EQ(t->a.asks, asks);
	v1_lab_let_pass(t, 2);
	CHECK(t->a.asks > asks);
	for (i = v1_lab_p(&t->a)->n_ids; i < V1_IDS_MAX; i++)
		CHECK(v1_id_fresh(t->a.ike.ep));
	refused = t->b.refused[ISAKMP_R_V1_IDS_USED];
	talk_timer(&t->a, t->now);
	v1_lab_let_pass(t, 10);
	CHECK(!v1_phase1_ready(&t->a.ike));
	CHECK_EQ(t->b.refused[ISAKMP_R_V1_IDS_USED], refused);
	CHECK_EQ(t->a.removes, 0);
	v1_lab_over(t);
}

/* At its end, with nobody to set up another one, the peer is told and the children stay. */
static void test_expire(void)
{
	struct talk *t = v1_lab_new();
	unsigned int i;

	t->a.child.life_s = t->b.child.life_s = 28800;
	v1_lab_up(t);
	for (i = 0; i < ARRAY_SIZE(v1_lab.refuse); i++)
		v1_lab.refuse[i] = ISAKMP_R_HELPER_LOST;
	v1_lab_let_pass(t, 14401 * 1000);
	CHECK(!v1_phase1_ready(&t->a.ike));
	CHECK(!v1_phase1_ready(&t->b.ike));
	CHECK_EQ(t->a.removes, 0);
	CHECK_EQ(t->b.removes, 0);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	v1_lab_over(t);
}

int main(void)
{
	TAP_RUN(test_table, "Lifetimes: what a responder makes of them");
	TAP_RUN(test_attributes, "Lifetimes: attributes (RFC 2407, 4.5.2)");
	TAP_RUN(test_least, "Lifetimes: one that is too short is refused");
	TAP_RUN(test_least_offered, "Lifetimes: too short, in either phase");
	TAP_RUN(test_both, "Lifetimes: what both ends have");
	TAP_RUN(test_default, "Lifetimes: nothing is said");
	TAP_RUN(test_default_exact, "Lifetimes: nothing is said, and it has to be exact");
	TAP_RUN(test_ever, "Lifetimes: longer than can be counted");
	TAP_RUN(test_bytes, "Lifetimes: octets");
	TAP_RUN(test_told, "Lifetimes: RESPONDER-LIFETIME (RFC 2407, 4.6.3.1)");
	TAP_RUN(test_told_late, "Lifetimes: RESPONDER-LIFETIME of a child that was rekeyed");
	TAP_RUN(test_child, "Rekey of a child");
	TAP_RUN(test_overlap, "Rekey of a child: which one sends when");
	TAP_RUN(test_stale, "Rekey of a child that goes first");
	TAP_RUN(test_delete_lost_unused, "a Delete is lost");
	TAP_RUN(test_delete_lost_used, "a Delete is lost, and the peer uses the child");
	TAP_RUN(test_both_rekey, "Rekey of a child: both at once");
	TAP_RUN(test_both_rekey_late, "Rekey of a child: both at once, and one comes late");
	TAP_RUN(test_both_rekey_unsaid, "Rekey of a child: both at once, one late, and no ISAKMP SA");
	TAP_RUN(test_both_lost_late, "A child that both ends have lost, and one message 1 comes late");
	TAP_RUN(test_unanswered, "Rekey of a child: nobody answers");
	TAP_RUN(test_never, "A child that nobody ever answers for");
	TAP_RUN(test_unsaid, "A child is closed, and nobody can be told");
	TAP_RUN(test_lost, "A lost child comes back");
	TAP_RUN(test_both_lost, "A child that both ends have lost comes back");
	TAP_RUN(test_relimit, "The operator changes lifetimes");
	TAP_RUN(test_limits, "Lifetime of an ISAKMP SA");
	TAP_RUN(test_renew, "Lifetime of an ISAKMP SA: another one is begun");
	TAP_RUN(test_worn, "An ISAKMP SA without message IDs");
	TAP_RUN(test_expire, "End of an ISAKMP SA: the children stay");
	return tap_done();
}
