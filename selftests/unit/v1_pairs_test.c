// SPDX-License-Identifier: GPL-2.0
/* A child is as many Quick Modes as its selectors have pairs: some of them fail, or are others later. */
#include "v1_children.h"

static struct isakmp_ts net(u8 n, u8 m)
{
	return (struct isakmp_ts){ IKE_TS_IPV4, 0, 0, 65535, { 10, n, m, 0 }, { 10, n, m, 255 } };
}

/* One of two pairs is refused: it is tried again, less and less often, until it is taken. */
static void test_refused(void)
{
	struct talk *t = v1_lab_new();
	u64 end;

	t->a.child.n_remote = 2;
	t->a.remote[0] = t->b.local[0] = net(2, 0);
	t->a.remote[1] = net(2, 1);
	v1_lab_up(t);
	CHECK_EQ(t->b.refused[ISAKMP_R_TS], 1);
	CHECK_EQ(count(&t->a, IKE_CHILD_UP), 1);
	CHECK_EQ(count(&t->a, IKE_CHILD_WANTED), 1);
	end = t->now + 300000;
	while (t->now < end)
		v1_lab_let_pass(t, 1000);
	CHECK(t->b.refused[ISAKMP_R_TS] >= 6);
	CHECK(t->b.refused[ISAKMP_R_TS] <= 14);
	t->b.child.n_local = 2;
	t->b.local[1] = net(2, 1);
	v1_lab_let_pass(t, 2 * V1_AGAIN_MAX_MS);
	CHECK_EQ(count(&t->a, IKE_CHILD_UP), 2);
	CHECK_EQ(count(&t->b, IKE_CHILD_UP), 2);
	CHECK_EQ(count(&t->a, IKE_CHILD_WANTED), 0);
	v1_lab_over(t);
}

/* With none of them there is no child: what that means is for others to say. */
static void test_all_refused(void)
{
	struct talk *t = v1_lab_new();

	t->a.child.n_remote = 2;
	t->a.remote[0] = net(2, 0);
	t->a.remote[1] = net(2, 1);
	t->b.local[0] = net(3, 0);
	v1_lab_up(t);
	CHECK_EQ(t->b.refused[ISAKMP_R_TS], 2);
	CHECK(!t->a.ike.children);
	v1_lab_over(t);
}

/* The child is taken down while one of its pairs waits: so is that. */
static void test_down(void)
{
	struct talk *t = v1_lab_new();

	t->a.child.n_remote = 2;
	t->a.remote[0] = t->b.local[0] = net(2, 0);
	t->a.remote[1] = net(2, 1);
	v1_lab_up(t);
	talk_do(&t->a, IKE_EV_CHILD_STOP, 0);
	v1_lab_let_pass(t, 2 * V1_AGAIN_MAX_MS);
	CHECK(!t->a.ike.children);
	CHECK_EQ(t->b.refused[ISAKMP_R_TS], 1);
	v1_lab_over(t);
}

/* ---- inner addresses ------------------------------------------------------------- */

static const struct isakmp_addr any4 = { 4, { 0 } };
static const struct isakmp_addr first4 = { 4, { 10, 9, 0, 2 } }, other4 = { 4, { 10, 9, 0, 3 } };
static const struct isakmp_ts dynamic = { .type = IKE_TS_DYNAMIC, .port_end = 65535 };

static struct talk *client(const struct isakmp_addr *inner)
{
	struct talk *t = v1_lab_new();

	t->a.peer.vip[0] = any4;
	t->b.peer.pools = 1;
	t->b.inner[0] = *inner;
	t->a.local[0] = t->b.remote[0] = dynamic;
	return t;
}

/* A sets up another ISAKMP SA; who answers has forgotten it, and gives it @inner. */
static struct isakmp_ts moved(const struct isakmp_addr *inner, bool *same)
{
	struct isakmp_ts seen = {};
	struct talk *t = v1_lab_up(client(&first4)), *u = client(inner);
	const struct ike_child *c;
	unsigned int rounds = 40;
	u32 spi = talk_child(&t->a)->spi_in;

	t->liar = u->liar = true;	/* they are not each other's */
	CHECK_EQ(talk_do(&t->a, IKE_EV_REKEY, 0), ISAKMP_OK);
	while (rounds--) {
		if (t->a.asking)
			v1_lab_answer(&t->a);
		if (u->b.asking)
			v1_lab_answer(&u->b);
		v1_lab_pass_all(&t->a, &u->b);
		v1_lab_pass_all(&u->b, &t->a);
	}
	CHECK_MEM(t->a.ike.inner[0].a, inner->a, 4);
	c = talk_child_in(&t->a, IKE_CHILD_UP);
	CHECK_EQ(count(&t->a, IKE_CHILD_UP), 1);
	if (c)
		seen = c->local[0];
	*same = c && c->spi_in == spi;
	u->refs += t->refs;
	talk_release(t);
	talk_release(u);
	talk_free(t);
	v1_lab_over(u);
	return seen;
}

/* What has an address that is ours no more leads nowhere. */
static void test_address(void)
{
	struct isakmp_ts ts;
	bool same;

	ts = moved(&other4, &same);
	CHECK(!same);
	CHECK_MEM(ts.start, other4.a, 4);
	ts = moved(&first4, &same);
	CHECK(same);
	CHECK_MEM(ts.start, first4.a, 4);
}

int main(void)
{
	TAP_RUN(test_refused, "a pair that is refused is tried again");
	TAP_RUN(test_all_refused, "all pairs are refused");
	TAP_RUN(test_down, "the child goes down while a pair waits");
	TAP_RUN(test_address, "another inner address: the child for the old one makes way");
	return tap_done();
}
