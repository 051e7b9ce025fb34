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

int main(void)
{
	TAP_RUN(test_tfc, "an end that takes no padded packets (RFC 7296, 1.3.1)");
	TAP_RUN(test_ah, "AH: keys, and Deletes of its protocol");
	TAP_RUN(test_ah_delete, "AH: a Delete of another protocol is not for it");
	TAP_RUN(test_ah_nat, "AH: refused by name where there is a NAT");
	return tap_done();
}
