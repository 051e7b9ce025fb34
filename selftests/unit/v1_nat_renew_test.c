// SPDX-License-Identifier: GPL-2.0
/*
 * ESP in UDP when phase 1 is over (RFC 3947, 4): ports that change after Base Mode, what another
 * ISAKMP SA tells about a NAT, and a Quick Mode that is for it.
 */
#include "v1_nat.h"

/* Base Mode is over, and something comes before Quick Mode, of either end: over which ports? */
static struct talk *base(struct talk *t)
{
	t->a.peer.v1.exchange = V1_BASE;
	t->b.peer.v1.accept = BIT(V1_BASE);
	return t;
}

static const char *const between[] = { "pull", "push", "XAUTH", "XAUTH of the initiator" };

static struct talk *with(unsigned int kind)
{
	switch (kind) {
	case 0:
	case 1:
		return with_pool(v1_lab_new(), kind);
	case 2:
		return v1_lab_new_xauth();
	default:
		return initiator_asks();
	}
}

static void test_base_more(void)
{
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 2 * ARRAY_SIZE(between); i++) {
		tap_note("%s, %s", between[i / 2], i & 1 ? "a NAT" : "forced");
		t = base(with(i / 2));
		t->a.peer.encap = !(i & 1);
		if (i & 1)
			t->a.nat = nat;
		v1_lab_up(t);
		check_encap(t, true);
		v1_lab_over(t);
	}
}

struct taken {
	bool up;	/* ESP is in UDP before */
	u16 port;
	bool nat, may_change;
	bool want;	/* and afterwards */
	u16 want_port;
};

/* B gets another ISAKMP SA of A: set up over this port, with or without a NAT in between. */
static void take(struct talk *t, const struct taken *v)
{
	const struct ike_nat nat = { .spoken = true, .remote = v->nat };
	struct ike_v1_take take = {
		.path = t->b.ike.path, .until_at = IKE_NEVER, .reauth_at = IKE_NEVER,
		.nat = nat, .ep = ike_epoch_new(&t->b.ike, false),
	};
	struct ike_event ev = { .type = IKE_EV_V1_TAKE, .take = &take };

	take.encap = v->nat && (v->may_change || v->port == IKE_PORT_NATT);
	take.path.lport = take.path.rport = v->port;
	take.ep->suite = t->b.ike.ep->suite;
	isakmp_random(&take.ep->spi_i, sizeof(take.ep->spi_i));
	take.ep->v1 = v1_phase1_new();
	take.ep->v1->state = V1_P1_UP;
	take.ep->v1->nat = nat;
	take.ep->v1->may_change = v->may_change;
	CHECK_EQ(talk_event(&t->b, &ev), ISAKMP_OK);
	talk_flush(&t->b);
}

/* Over the ports that are known a NAT tells nothing new, and none does; over others both do. */
static void test_taken(void)
{
	static const struct taken rows[] = {
		{ true, 4500, true, false, true, 4500 },
		{ true, 4500, false, false, false, 4500 },
		{ true, 500, true, true, true, 4500 },
		{ true, 500, false, false, false, 500 },
		{ true, 500, true, false, false, 500 },
		{ false, 500, true, true, false, 500 },
		{ false, 4500, true, false, true, 4500 },
	}, *v;
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		tap_note("row %u", i);
		v = &rows[i];
		t = mode(V1_MAIN);
		t->a.peer.encap = v->up;
		v1_lab_up(t);
		take(t, v);
		CHECK_EQ(t->b.ike.encap, v->want);
		CHECK_EQ(t->b.ike.path.lport, v->want_port);
		CHECK_EQ(t->b.moves, v->want_port != (v->up ? 4500 : 500));
		if (t->b.moves)
			CHECK_EQ(t->b.ike.nat_remote, v->nat);
		v1_lab_over(t);
	}
}

/* ESP was in UDP for one that was to change ports, and is not heard of: the next one says. */
static void test_unheard(void)
{
	struct taken v = { .port = 500, .nat = true };
	struct talk *t;
	int may;

	for (may = 0; may < 2; may++) {
		t = v1_lab_up(mode(V1_MAIN));
		t->b.ike.encap = true;
		v.may_change = may;
		take(t, &v);
		CHECK_EQ(t->b.ike.encap, may);
		v1_lab_over(t);
	}
}

/* Another phase 1 of A; an SA of @u, which is at B as well, answers it and hands it over. */
static void renew(struct talk *t, struct talk *u)
{
	struct ike_event ev = { .type = IKE_EV_V1_TAKE, .take = &v1_lab.take };
	unsigned int rounds = 100;

	v1_lab.elder = 77;
	talk_do(&t->a, IKE_EV_REKEY, 0);
	while (rounds-- && !v1_lab.take.ep) {
		if (t->a.asking)
			v1_lab_answer(&t->a);
		if (u->b.asking)
			v1_lab_answer(&u->b);
		v1_lab_pass_all(&t->a, &u->b);
		v1_lab_pass_all(&u->b, &t->a);
	}
	CHECK(v1_lab.take.ep && !u->b.live);
	v1_lab_answer(&t->a);
	CHECK_EQ(talk_event(&t->b, &ev), ISAKMP_OK);
	CHECK_EQ(t->a.rekeys, 1);
}

/* Who wants ESP in UDP does no more: so both ends leave it, over the ports that they have. */
static void test_renewed(void)
{
	struct talk *t, *u;
	int forced;

	for (forced = 1; forced >= 0; forced--) {
		t = mode(V1_MAIN);
		t->a.peer.encap = true;
		v1_lab_up(t);
		t->a.peer.encap = forced;
		u = v1_lab_new();
		renew(t, u);
		CHECK_EQ(t->a.ike.encap, forced);
		CHECK_EQ(t->b.ike.encap, forced);
		CHECK_EQ(t->b.ike.path.lport, IKE_PORT_NATT);
		u->refs += t->refs;
		talk_release(t);
		talk_free(t);
		v1_lab_over(u);
	}
}

/* B has forgotten A, and sees no NAT: what A proposes is for ESP in UDP all the same. */
static void test_told(void)
{
	struct talk *t = mode(V1_MAIN);

	t->a.peer.encap = true;
	v1_lab_up(t);
	t->b.ike.encap = false;
	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	v1_lab_settle(t);
	CHECK(t->b.ike.encap);
	CHECK(t->b.xfrm && t->b.xfrm->encap);
	v1_lab_over(t);
	t = v1_lab_up(mode(V1_MAIN));
	t->a.ike.encap = true;
	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	v1_lab_settle(t);
	CHECK(!t->b.ike.encap);
	CHECK_EQ(t->b.refused[ISAKMP_R_NO_PROPOSAL], 1);
	v1_lab_over(t);
	/* The answer is for what was proposed */
	t = v1_lab_up(mode(V1_MAIN));
	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	v1_lab_pass(&t->a);
	t->a.ike.encap = true;
	CHECK_REASON(v1_lab_pass(&t->b), ISAKMP_R_BAD_CHOICE);
	t->a.ike.encap = false;
	v1_lab_settle(t);
	v1_lab_over(t);
}

/* One that may change ports does, or does not: the first message that is heard by it says so. */
static void test_changes(void)
{
	const struct isakmp_path *at;
	struct talk *t;
	int i;

	for (i = 0; i < 2; i++) {
		t = v1_lab_up(mode(V1_MAIN));
		at = &t->b.ike.path;
		v1_lab_p(&t->b)->nat = (struct ike_nat){ .spoken = true, .remote = true };
		v1_lab_p(&t->b)->may_change = true;
		if (i)
			t->a.ike.path.lport = t->a.ike.path.rport = IKE_PORT_NATT;
		talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
		v1_lab_pass(&t->a);
		CHECK_EQ(t->b.ike.encap, i);
		CHECK_EQ(at->lport, i ? IKE_PORT_NATT : 500);
		CHECK(!v1_lab_p(&t->b)->may_change);
		talk_flush(&t->a);
		talk_flush(&t->b);
		v1_lab_over(t);
	}
}

int main(void)
{
	TAP_RUN(test_base_more, "XAUTH and mode config after Base Mode: the ports are changed before");
	TAP_RUN(test_taken, "another ISAKMP SA: what it tells about a NAT");
	TAP_RUN(test_unheard, "the same, after one of Base Mode that was never heard");
	TAP_RUN(test_renewed, "another ISAKMP SA of ours: a NAT that is there no more");
	TAP_RUN(test_told, "a Quick Mode for ESP in UDP: over port 4500, and over no other one");
	TAP_RUN(test_changes, "one more after Base Mode: its initiator changes ports, or stays");
	return tap_done();
}
