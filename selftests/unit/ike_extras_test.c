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

int main(void)
{
	TAP_RUN(test_tfc, "an end that takes no padded packets (RFC 7296, 1.3.1)");
	return tap_done();
}
