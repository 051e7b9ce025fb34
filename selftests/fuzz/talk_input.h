/* SPDX-License-Identifier: GPL-2.0 */
/* What the input of a conversation is to a target: octets, the clock, memory that runs out. */
#ifndef _FUZZ_TALK_INPUT_H
#define _FUZZ_TALK_INPUT_H

#include "talk.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t n);

#define MUST(cond)							\
	do {								\
		if (!(cond))						\
			talk_broken("%s:%d: %s", __FILE__, __LINE__, #cond); \
	} while (0)

static struct talk *t;
static struct isakmp_cur in;
static unsigned int fail;	/* OP_MEMORY */

static u8 octet(void)
{
	u8 v = 0;

	if (!isakmp_cur_u8(&in, &v))
		return 0;
	return v;
}

/* The engine gets one event; one of its points of failure may fail. */
static void arm(void)
{
	native_mem_fail_at(fail);
	fail = 0;
}

/* The target's: an end's clock, and what may come of it. */
static void timer(struct end *e, u64 now);

static void op_timer(struct end *e)
{
	u64 at = e->live ? ike_sa_deadline(&e->ike) : IKE_NEVER;

	if (at != IKE_NEVER)
		timer(e, max(at, t->now));
}

static void op_later(void)
{
	t->now += 250 * (u64)octet();
	timer(&t->a, t->now);
	timer(&t->b, t->now);
}

#endif
