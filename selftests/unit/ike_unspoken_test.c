// SPDX-License-Identifier: GPL-2.0
/* What is not spoken: EAP and fragments.  Nothing is believed, kept or answered for them. */
#include "talk.h"


static const u8 success[] = { IKE_EAP_SUCCESS, 7, 0, 4 };

static void add_success(struct message *m)
{
	message_insert(m, 0, (struct body){ .type = IKE_PL_EAP, .n = sizeof(success),
					    .p = success });
}

static void drop(struct message *m, u8 type)
{
	int at = message_find(m, type);

	if (at >= 0)
		message_drop(m, (unsigned int)at);
}

/* The message that waits at @from, with an EAP Success, and without some payload. */
static void with_success(enum talk_stage stage, bool of_a, u8 without)
{
	struct talk *t = talk_at(stage);
	struct end *from = of_a ? &t->a : &t->b, *to = talk_other(from);
	struct packet p = talk_take(from);
	struct message m;

	talk_flush(to);
	message_read(&m, from, &p);
	packet_free(&p);
	drop(&m, without);
	add_success(&m);
	CHECK(message_deliver(&m, from) != ISAKMP_OK);
	CHECK(!to->asking && !to->installs && !to->ups);
	CHECK(to->ike.state != IKE_S_ESTABLISHED);
	talk_over(t);
}

/* In a request of its own to who is established already. */
static void success_alone(u8 exchange)
{
	struct talk *t = talk_at(TALK_UP);
	unsigned int ups = t->b.ups, installs = t->b.installs, asks = t->b.asks;
	struct message m;

	message_new(&m, &t->a, exchange, IKE_REQUEST, t->b.ike.ep->next_in);
	message_add(&m, IKE_PL_EAP, success, sizeof(success));
	message_deliver(&m, &t->a);
	CHECK(t->b.ups == ups && t->b.installs == installs && t->b.asks == asks);
	talk_over(t);
}

static void test_eap(void)
{
	static const u8 without[] = { 0, IKE_PL_AUTH, IKE_PL_IDI, IKE_PL_IDR };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(without); i++) {
		tap_note("without payload %u", without[i]);
		with_success(TALK_AUTH, true, without[i]);
		with_success(TALK_AUTH_ANSWERED, false, without[i]);
	}
	success_alone(IKE_AUTH);
	success_alone(IKE_CREATE_CHILD_SA);
	success_alone(IKE_INFORMATIONAL);
}

/* One fragment, in the clear or with octets that nobody sealed. */
static void fragment(struct end *to, u8 exchange, u32 msgid, const u8 *body, size_t n)
{
	struct end *from = talk_other(to);
	struct isakmp_header h = {
		.spi_i = to->ike.ep->spi_i, .spi_r = to->ike.ep->spi_r, .major = 2,
		.exchange = exchange, .msgid = msgid,
		.flags = from->ike.initiator ? IKE_FLAG_INITIATOR : 0,
	};
	struct isakmp_builder b;
	u8 buf[256];
	struct packet p = { .p = buf };
	unsigned int sent = to->sent, asks = to->asks;
	u64 was = talk_hash(to);

	isakmp_build_begin(&b, buf, sizeof(buf), &h);
	isakmp_build_payload(&b, IKE_PL_SKF);
	isakmp_out_bytes(&b.o, body, n);
	isakmp_build_close(&b);
	CHECK(isakmp_build_end(&b));
	p.n = b.o.len;
	CHECK(talk_deliver(to, &p) != ISAKMP_OK);
	CHECK_EQ(talk_hash(to), was);
	CHECK(to->sent == sent && to->asks == asks);
}

static void test_fragments(void)
{
	static const u8 bodies[][40] = {
		{ 0, 0, 0, 0 }, { 0, 1, 0, 1 }, { 0, 2, 0, 1 }, { 0, 1, 0xff, 0xff },
		{ 0xff, 0xff, 0xff, 0xff },
	};
	static const u8 exchanges[] = { IKE_AUTH, IKE_CREATE_CHILD_SA, IKE_INFORMATIONAL };
	static const enum talk_stage stages[] = { TALK_AUTH, TALK_AUTH_ANSWERED, TALK_UP };
	unsigned int i, j, k;
	struct talk *t;

	for (i = 0; i < ARRAY_SIZE(stages); i++) {
		t = talk_at(stages[i]);
		for (j = 0; j < ARRAY_SIZE(exchanges); j++) {
			for (k = 0; k < ARRAY_SIZE(bodies); k++) {
				tap_note("stage %u, exchange %u, body %u", stages[i],
					 exchanges[j], k);
				fragment(&t->b, exchanges[j], t->b.ike.ep->next_in, bodies[k], 40);
				fragment(&t->a, exchanges[j], t->a.ike.ep->next_in, bodies[k], 40);
				fragment(&t->b, exchanges[j], t->b.ike.ep->next_in, bodies[k], 4);
			}
			fragment(&t->b, exchanges[j], t->b.ike.ep->next_in, NULL, 0);
		}
		talk_settle(t);
		CHECK(t->a.xfrm && t->b.xfrm);
		talk_over(t);
	}
}

int main(void)
{
	TAP_RUN(test_eap, "unspoken: EAP Success is no success, wherever it comes (threat 54)");
	TAP_RUN(test_fragments, "unspoken: fragments, first, empty, of nothing (threat 64)");
	return tap_done();
}
