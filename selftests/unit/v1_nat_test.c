// SPDX-License-Identifier: GPL-2.0
/* NAT traversal of version 1 (RFC 3947 and its drafts). */
#include "v1_lab.h"

static const struct talk_nat nat = {
	.on = true, .outer = { 4, { 198, 51, 100, 9 } }, .port = { 1024, 1025 },
};

static struct talk *mode(u8 exchange)
{
	struct talk *t = v1_lab_new();

	t->a.peer.v1.exchange = exchange;
	t->b.peer.v1.accept = BIT(V1_MAIN) | BIT(V1_AGGRESSIVE);
	return t;
}

static void check_encap(const struct talk *t, bool encap)
{
	CHECK_EQ(t->a.ike.encap, encap);
	CHECK_EQ(t->b.ike.encap, encap);
	CHECK(t->a.ike.natt && t->b.ike.natt);
	CHECK_EQ(t->a.ike.path.lport, encap ? IKE_PORT_NATT : 500);
	CHECK_EQ(t->b.ike.path.lport, encap ? IKE_PORT_NATT : 500);
	CHECK(t->a.xfrm && t->a.xfrm->encap == encap);
}

static void test_none(void)
{
	struct talk *t = v1_lab_up(mode(V1_MAIN));

	check_encap(t, false);
	CHECK(!t->a.ike.nat_local && !t->a.ike.nat_remote);
	CHECK(!t->b.ike.nat_local && !t->b.ike.nat_remote);
	CHECK_EQ(t->a.ike.keepalive_at, IKE_NEVER);
	v1_lab_over(t);
}

static void test_initiator(void)
{
	static const u8 modes[] = { V1_MAIN, V1_AGGRESSIVE };
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		tap_note("exchange %u", modes[i]);
		t = mode(modes[i]);
		t->a.nat = nat;
		v1_lab_up(t);
		check_encap(t, true);
		CHECK(t->a.ike.nat_local && !t->a.ike.nat_remote);
		CHECK(!t->b.ike.nat_local && t->b.ike.nat_remote);
		CHECK_EQ(t->b.ike.path.rport, 1025);
		CHECK(isakmp_addr_equal(&t->b.ike.path.remote, &nat.outer));
		CHECK(t->a.ike.keepalive_at != IKE_NEVER);
		CHECK_EQ(t->b.ike.keepalive_at, IKE_NEVER);
		v1_lab_over(t);
	}
}

/* The operator wants ESP in UDP: the peer has to believe that there is a NAT. */
static void test_forced(void)
{
	struct talk *t = mode(V1_MAIN);

	t->a.peer.encap = true;
	v1_lab_up(t);
	check_encap(t, true);
	CHECK(t->b.ike.nat_remote);
	v1_lab_over(t);
}

/* Takes the vendor IDs of the better kinds out of the first message of either end. */
static unsigned int hide;

static bool older(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	static const enum v1_can kinds[] = { V1_CAN_NATT_RFC, V1_CAN_NATT_03, V1_CAN_NATT_02 };
	struct isakmp_out o;
	unsigned int i;
	u8 id[32];
	size_t at;

	for (i = 0; nth == 1 && i < hide; i++) {
		isakmp_out_init(&o, id, sizeof(id));
		v1_vendor_encode(&o, kinds[i]);
		for (at = 0; at + o.len <= p->n; at++)
			if (!memcmp(p->p + at, id, o.len))
				p->p[at] ^= 1;
	}
	return true;
}

static void test_drafts(void)
{
	struct talk *t;

	for (hide = 1; hide <= 3; hide++) {
		tap_note("%u hidden", hide);
		t = mode(V1_MAIN);
		t->a.nat = nat;
		v1_lab.net = older;
		v1_lab_up(t);
		check_encap(t, true);
		CHECK_EQ(v1_lab_p(&t->a)->natt, BIT(V1_CAN_NATT_RFC + hide));
		CHECK_EQ(v1_lab_p(&t->b)->natt, BIT(V1_CAN_NATT_RFC + hide));
		v1_lab_over(t);
	}
}

/* The NAT forgets: what is authentic comes from elsewhere, and goes there from then on. */
static void test_rebound(void)
{
	struct talk *t = mode(V1_MAIN);

	t->a.nat = nat;
	v1_lab_up(t);
	t->a.nat.port[1] = 2000;
	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	v1_lab_settle(t);
	CHECK_EQ(t->b.ike.path.rport, 2000);
	CHECK_EQ(t->a.ike.state, IKE_S_ESTABLISHED);
	CHECK(t->a.installs == 2 && t->b.installs == 2);
	v1_lab_over(t);
}

/* Without a NAT the peer is where it was: what comes from elsewhere is a copy. */
static void test_copied(void)
{
	struct talk *t = v1_lab_up(mode(V1_MAIN));
	struct isakmp_path path = t->b.ike.path, was = path;
	struct packet p;

	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	p = talk_take(&t->a);
	path.remote.a[3] = 99;
	talk_deliver_on(&t->b, &p, &path);
	packet_free(&p);
	CHECK(isakmp_path_equal(&t->b.ike.path, &was));
	talk_flush(&t->b);
	v1_lab_over(t);
}

/*
 * Headers are in the clear: a Quick Mode said to be an Informational has the right HASH(1), and
 * its message ID stays free.  Nobody moves by what can be said again and again.
 */
static void test_disguised(void)
{
	struct talk *t = mode(V1_MAIN);
	struct isakmp_path path, was;
	struct packet p;

	t->a.nat = nat;
	v1_lab_up(t);
	path = was = t->b.ike.path;
	path.rport = 3000;
	talk_do(&t->a, IKE_EV_CHILD_REKEY, 0);
	p = talk_take(&t->a);
	CHECK_EQ(p.p[18], V1_QUICK);
	p.p[18] = V1_INFORMATIONAL;
	CHECK_REASON(talk_deliver_on(&t->b, &p, &path), ISAKMP_R_UNEXPECTED);
	CHECK(isakmp_path_equal(&t->b.ike.path, &was));
	packet_free(&p);
	v1_lab_over(t);
}

int main(void)
{
	TAP_RUN(test_none, "no NAT: ports and ESP as they are");
	TAP_RUN(test_initiator, "the initiator is behind a NAT (RFC 3947, 4)");
	TAP_RUN(test_forced, "ESP in UDP as the operator wants it");
	TAP_RUN(test_drafts, "drafts 03 and 02");
	TAP_RUN(test_rebound, "the NAT forgets a mapping");
	TAP_RUN(test_copied, "without a NAT nobody moves");
	TAP_RUN(test_disguised, "nor by a message in another one's clothes");
	return tap_done();
}
