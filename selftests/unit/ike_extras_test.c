// SPDX-License-Identifier: GPL-2.0
/* What two ends may say of a child beside suite, mode and selectors (RFC 7296, 1.3.1). */
#include "talk.h"

/* Takes the oldest datagram of @from, delivers it with one more notification. */
static void say(struct end *from, u16 type, const u8 *data, size_t n)
{
	struct packet p = talk_take(from);
	struct message m;
	u8 body[16] = { 0 };

	put_unaligned_be16(type, body + 2);
	if (n)
		memcpy(body + 4, data, n);
	message_read(&m, from, &p);
	packet_free(&p);
	message_add(&m, IKE_PL_NOTIFY, body, 4 + n);
	CHECK_EQ(message_deliver(&m, from), ISAKMP_OK);
}

static void test_tfc(void)
{
	struct talk *t = talk_at(TALK_AUTH);

	say(&t->a, IKE_N_ESP_TFC_PADDING_NOT_SUPPORTED, NULL, 0);
	talk_settle(t);
	CHECK_EQ(talk_child_state(&t->a), IKE_CHILD_UP);
	CHECK(talk_child(&t->b)->no_tfc);
	CHECK(!talk_child(&t->a)->no_tfc);
	talk_over(t);

	t = talk_at(TALK_AUTH_ANSWERED);
	say(&t->b, IKE_N_ESP_TFC_PADDING_NOT_SUPPORTED, NULL, 0);
	talk_settle(t);
	CHECK_EQ(talk_child_state(&t->a), IKE_CHILD_UP);
	CHECK(talk_child(&t->a)->no_tfc);
	CHECK(!talk_child(&t->b)->no_tfc);
	talk_over(t);
}

static const struct ike_suite ah = {
	.protocol = IKE_PROTO_AH, .integ = IKE_INTEG_HMAC_SHA2_256_128
};

static struct talk *of_ah(void)
{
	struct talk *t = talk_new();

	t->a.child.esp = t->b.child.esp = (struct ike_suites){ 1, { ah } };
	return t;
}

/* 32 octets of keys each way, a Delete under the right protocol, and its answer. */
static void test_ah(void)
{
	struct talk *t = of_ah();
	struct packet p;
	struct message m;
	int i;

	talk_advance(t, TALK_UP);
	CHECK_EQ(t->a.last.suite.protocol, IKE_PROTO_AH);
	CHECK_EQ(t->a.last.key_len, 32);
	CHECK_EQ(t->b.last.key_len, 32);
	CHECK_EQ(talk_do(&t->a, IKE_EV_CHILD_STOP, t->a.last.spi_in), ISAKMP_OK);
	p = talk_take(&t->a);
	message_read(&m, &t->a, &p);
	i = message_find(&m, IKE_PL_DELETE);
	CHECK(i >= 0 && m.b[i].p[0] == IKE_PROTO_AH);
	message_free(&m);
	CHECK_EQ(talk_deliver(&t->b, &p), ISAKMP_OK);
	packet_free(&p);
	CHECK(!t->b.xfrm);
	CHECK(t->b.queued == 1);
	message_read(&m, &t->b, &t->b.queue[0]);
	i = message_find(&m, IKE_PL_DELETE);
	CHECK(i >= 0 && m.b[i].p[0] == IKE_PROTO_AH &&
	      get_unaligned_be32(m.b[i].p + 4) == t->b.last.spi_in);
	message_free(&m);
	talk_settle(t);
	CHECK(!t->a.xfrm);
	talk_over(t);
}

/* An ESP SPI is not that of AH, even with its number. */
static void test_ah_delete(void)
{
	struct talk *t = of_ah();
	struct message m;
	u8 body[8] = { IKE_PROTO_ESP, 4, 0, 1 };

	talk_advance(t, TALK_UP);
	put_unaligned_be32(t->b.last.spi_out, body + 4);
	message_new(&m, &t->a, IKE_INFORMATIONAL, IKE_REQUEST, 2);
	message_add(&m, IKE_PL_DELETE, body, sizeof(body));
	CHECK_EQ(message_deliver(&m, &t->a), ISAKMP_OK);
	CHECK(t->b.xfrm != NULL);
	talk_over(t);
}

/* Another protocol by a rekey: the request names that of the SA it is about (RFC 7296, 1.3.3). */
static void test_protocol(void)
{
	struct talk *t = talk_at(TALK_UP);
	struct ike_child_policy a = t->a.child, b = t->b.child;

	a.esp = b.esp = (struct ike_suites){ 1, { ah } };
	t->a.peer.child[0] = &a;
	t->b.peer.child[0] = &b;
	CHECK_EQ(talk_do(&t->a, IKE_EV_CHILD_REKEY, 0), ISAKMP_OK);
	talk_settle(t);
	CHECK_EQ(t->a.installs, 2);
	CHECK_EQ(t->a.last.suite.protocol, IKE_PROTO_AH);
	t->a.peer.child[0] = &t->a.child;
	t->b.peer.child[0] = &t->b.child;
	CHECK_EQ(talk_do(&t->b, IKE_EV_CHILD_REKEY, t->b.last.spi_in), ISAKMP_OK);
	talk_settle(t);
	CHECK_EQ(t->a.installs, 3);
	CHECK_EQ(t->a.last.suite.protocol, IKE_PROTO_ESP);
	CHECK_EQ(t->a.refusals + t->b.refusals, 0);
	talk_over(t);
}

/* Who begins does not even ask; who is asked refuses the child, not the IKE SA. */
static void test_ah_nat(void)
{
	struct talk *t = of_ah();

	t->a.peer.encap = true;
	talk_advance(t, TALK_I_ASKING);
	talk_settle(t);
	CHECK_EQ(t->a.refused[ISAKMP_R_AH_NAT], 1);
	CHECK(!t->a.installs && !t->b.installs);
	talk_over(t);

	t = of_ah();
	talk_advance(t, TALK_AUTH);
	t->b.ike.nat_remote = true;
	talk_settle(t);
	CHECK_EQ(t->b.refused[ISAKMP_R_AH_NAT], 1);
	CHECK_EQ(t->a.refused[ISAKMP_R_PEER_ERROR], 1);
	CHECK(!t->a.installs && !t->b.installs);
	talk_over(t);
}

/* ---- IPComp ------------------------------------------------------------------- */

static struct talk *compressed(bool a, bool b)
{
	struct talk *t = talk_new();

	t->a.child.ipcomp = a ? IKE_IPCOMP_DEFLATE : 0;
	t->b.child.ipcomp = b ? IKE_IPCOMP_DEFLATE : 0;
	return t;
}

static bool is_compressed(const struct talk *t)
{
	return t->a.last.cpi_out && t->a.last.cpi_in && t->b.last.cpi_out;
}

/* Where both want it, in IKE_AUTH and CREATE_CHILD_SA. */
static void test_ipcomp(void)
{
	struct ike_event ev = { .type = IKE_EV_CHILD_START };
	unsigned int both;
	struct talk *t;

	for (both = 0; both < 4; both++) {
		t = compressed(both & 1, both & 2);
		talk_advance(t, TALK_UP);
		CHECK_EQ(is_compressed(t), both == 3);
		CHECK_EQ(talk_do(&t->b, IKE_EV_CHILD_STOP, t->b.last.spi_in), ISAKMP_OK);
		talk_settle(t);
		ev.peer = &t->b.peer;
		ev.child = &t->b.child;
		CHECK_EQ(talk_event(&t->b, &ev), ISAKMP_OK);
		talk_settle(t);
		CHECK_EQ(talk_child_state(&t->a), IKE_CHILD_UP);
		CHECK_EQ(is_compressed(t), both == 3);
		talk_over(t);
	}
}

/* A NAT: nothing is said of it, and the child comes up without. */
static void test_ipcomp_nat(void)
{
	struct talk *t = compressed(true, true);

	t->a.peer.encap = true;
	talk_advance(t, TALK_UP);
	CHECK(!is_compressed(t));
	talk_over(t);

	t = compressed(true, true);
	talk_advance(t, TALK_AUTH);
	t->b.ike.nat_local = true;
	talk_settle(t);
	CHECK_EQ(talk_child_state(&t->a), IKE_CHILD_UP);
	CHECK(!is_compressed(t));
	talk_over(t);
}

/* What the peer says of it, when it is not what it should say: as if it had not. */
static void test_ipcomp_odd(void)
{
	static const struct {
		u8 n;
		u8 data[6];
		bool good;
	} say_it[] = {
		{ 3, { 0x12, 0x34, 2 }, true },
		{ 6, { 0x12, 0x34, 2, 1, 2, 3 }, true },	/* attributes */
		{ 3, { 1, 0, 2 }, true },
		{ 3, { 0xef, 0xff, 2 }, true },
		{ 3, { 0x12, 0x34, 3 }, false },		/* LZS */
		{ 3, { 0, 0, 2 }, false },
		{ 3, { 0, 255, 2 }, false },
		{ 3, { 0xf0, 0, 2 }, false },
	};
	unsigned int i;
	struct talk *t;

	for (i = 0; i < ARRAY_SIZE(say_it); i++) {
		tap_note("%u", i);
		t = compressed(false, true);
		t->liar = true;
		talk_advance(t, TALK_AUTH);
		say(&t->a, IKE_N_IPCOMP_SUPPORTED, say_it[i].data, say_it[i].n);
		talk_settle(t);
		CHECK_EQ(talk_child_state(&t->b), IKE_CHILD_UP);
		CHECK_EQ(talk_child(&t->b)->cpi_out != 0, say_it[i].good);
		/* Not asked for, so A does not compress whatever it hears */
		CHECK_EQ(talk_child_state(&t->a), IKE_CHILD_UP);
		CHECK_EQ(talk_child(&t->a)->cpi_out, 0);
		talk_over(t);
	}
}

int main(void)
{
	TAP_RUN(test_tfc, "an end that takes no padded packets (RFC 7296, 1.3.1)");
	TAP_RUN(test_ah, "AH: keys, and Deletes of its protocol");
	TAP_RUN(test_ah_delete, "AH: a Delete of another protocol is not for it");
	TAP_RUN(test_protocol, "AH in place of ESP, and back, by a rekey");
	TAP_RUN(test_ipcomp, "IPComp: where both ends want it (RFC 7296, 2.22)");
	TAP_RUN(test_ipcomp_nat, "IPComp: not where there is a NAT");
	TAP_RUN(test_ipcomp_odd, "IPComp: notifications that are none");
	TAP_RUN(test_ah_nat, "AH: refused by name where there is a NAT");
	return tap_done();
}
