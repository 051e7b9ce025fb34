// SPDX-License-Identifier: GPL-2.0
/* A talk (talk.h) until it is quiet, and a handshake up to a point. */
#include "talk.h"

static bool deliver_one(struct end *from)
{
	struct packet p = talk_take(from);

	if (!p.n)
		return false;
	talk_deliver(talk_other(from), &p);
	packet_free(&p);
	return true;
}

static bool answer_one(struct end *e)
{
	if (!e->asking)
		return false;
	talk_answer(e, ISAKMP_OK);
	return true;
}

void talk_settle(struct talk *t)
{
	unsigned int n = 1000;

	while (n-- && (deliver_one(&t->a) || deliver_one(&t->b) ||
		       answer_one(&t->a) || answer_one(&t->b)))
		;
	if (n > 1000)
		talk_broken("the ends do not come to rest");
}

static void step(struct talk *t, enum talk_stage stage)
{
	switch (stage) {
	case TALK_INIT:
		talk_open_a(t);
		talk_do(&t->a, IKE_EV_START, 0);
		break;
	case TALK_INIT_ANSWERED:
	case TALK_R_ASKING:
		while (deliver_one(&t->a))
			;
		break;
	case TALK_I_ASKING:
	case TALK_I_VERIFYING:
		while (deliver_one(&t->b))
			;
		break;
	case TALK_AUTH:
	case TALK_UP:
		talk_answer(&t->a, ISAKMP_OK);
		break;
	case TALK_AUTH_ANSWERED:
		talk_answer(&t->b, ISAKMP_OK);
		break;
	}
}

static enum talk_stage stage_of(const struct talk *t)
{
	const struct end *a = &t->a, *b = &t->b;

	if (a->ike.state == IKE_S_ESTABLISHED)
		return TALK_UP;
	if (a->ike.state == IKE_S_I_VERIFY)
		return TALK_I_VERIFYING;
	if (b->ike.state == IKE_S_ESTABLISHED)
		return TALK_AUTH_ANSWERED;
	if (b->ike.state == IKE_S_R_ASK)
		return TALK_R_ASKING;
	if (a->ike.state == IKE_S_I_AUTH)
		return TALK_AUTH;
	if (a->ike.state == IKE_S_I_ASK)
		return TALK_I_ASKING;
	if (b->ike.state == IKE_S_R_INIT)
		return TALK_INIT_ANSWERED;
	return TALK_INIT;
}

void talk_advance(struct talk *t, enum talk_stage stage)
{
	unsigned int at = t->a.live ? stage_of(t) + 1 : TALK_INIT;

	for (; at <= stage; at++)
		step(t, at);
	if (stage_of(t) != stage)
		talk_broken("a handshake came to stage %u, not %u", stage_of(t), stage);
}

struct talk *talk_at(enum talk_stage stage)
{
	struct talk *t = talk_new();

	talk_advance(t, stage);
	return t;
}
