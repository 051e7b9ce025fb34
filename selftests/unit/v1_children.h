/* SPDX-License-Identifier: GPL-2.0 */
/* Children of two connections of version 1: begun, and counted. */
#ifndef _UNIT_V1_CHILDREN_H
#define _UNIT_V1_CHILDREN_H

#include "v1_lab.h"

/* So many children of an end are in this state. */
static inline unsigned int count(const struct end *e, u8 state)
{
	const struct ike_child *c;
	unsigned int n = 0;

	for (c = e->ike.children; c; c = c->next)
		n += c->state == state;
	return n;
}

/* Both ends have so many children, which send, and no others. */
static inline void check_up(struct talk *t, unsigned int n)
{
	struct end *const ends[] = { &t->a, &t->b };
	const struct ike_child *c;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		CHECK_EQ(count(ends[i], IKE_CHILD_UP), n);
		CHECK_EQ(ends[i]->ike.n_children, n);
		for (c = ends[i]->ike.children; c; c = c->next)
			CHECK(!c->held);
	}
}

/* Begins one more Quick Mode, for the child of policy. */
static inline void start(struct end *e)
{
	struct ike_event ev = { .type = IKE_EV_CHILD_START, .peer = &e->peer,
				.child = &e->child };

	talk_event(e, &ev);
}

#endif
