/* SPDX-License-Identifier: GPL-2.0 */
/* Two ends that resume (RFC 5723): how a test gets there. */
#ifndef _UNIT_RESUME_H
#define _UNIT_RESUME_H

#include "talk.h"
#include "tickets.h"

#define NT native_tickets

/* Two that have tickets for each other, not started. */
static inline struct talk *willing(void)
{
	struct talk *t = talk_new();

	native_tickets_reset();
	t->a.peer.resume = true;
	t->b.peer.resume = true;
	t->a.peer.binding = 11;
	t->b.peer.binding = 22;
	NT.peer = &t->b.peer;
	return t;
}

static inline void over(struct talk *t)
{
	native_tickets_reset();
	talk_over(t);
}

static inline void lose_b(struct talk *t)
{
	talk_do(&t->b, IKE_EV_KILL, 0);
	talk_timer(&t->b, t->now);
	CHECK(!t->b.live);
}

/* The peer does not answer any more. */
static inline void lose_a(struct talk *t)
{
	unsigned int n = 60;

	talk_do(&t->a, IKE_EV_CHECK, 0);
	while (t->a.live && n--) {
		talk_flush(&t->a);
		NT.wall += 1000;
		talk_timer(&t->a, t->now + 1000);
	}
	CHECK(!t->a.live);
}

static inline void start(struct talk *t)
{
	talk_open_a(t);
	talk_do(&t->a, IKE_EV_START, 0);
}

/* Both have lost the IKE SA; A presents its ticket: its first message waits. */
static inline struct talk *presented(void)
{
	struct talk *t = willing();

	talk_advance(t, TALK_UP);
	lose_b(t);
	lose_a(t);
	CHECK(NT.kept);
	start(t);
	CHECK_EQ(t->a.ike.state, IKE_S_I_RESUME);
	CHECK_EQ(t->a.queued, 1);
	return t;
}

static inline struct packet first_of(struct talk *t)
{
	return packet_copy(&t->a.queue[0]);
}

static inline bool both_up(const struct talk *t)
{
	return t->a.live && t->b.live && t->a.ike.state == IKE_S_ESTABLISHED &&
	       t->b.ike.state == IKE_S_ESTABLISHED && talk_child_state(&t->a) == IKE_CHILD_UP &&
	       talk_child_state(&t->b) == IKE_CHILD_UP;
}

#endif
