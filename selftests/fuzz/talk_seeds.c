// SPDX-License-Identifier: GPL-2.0
/*
 * Seeds of talk_fuzz: a handshake in good weather, and from each stage on some
 * of what can happen there.
 *
 *	talk_seeds DIR [CORPORA]
 */
#include "seed.h"
#include "talk.h"
#include "talk_ops.h"

static void write_seed(const char *name, u8 stage, const u8 *ops, size_t n)
{
	char path[64];

	snprintf(path, sizeof(path), "talk-%s-%u", name, stage);
	seed_write(path, &stage, 1, ops, n);
}

#define B 0x80
#define SEED(name, stage, ...)							\
	do {									\
		static const u8 ops_[] = { __VA_ARGS__ };			\
		write_seed(name, stage, ops_, sizeof(ops_));			\
	} while (0)

#define PIECE(e, what, number, total, ...)					\
	OP_FRAGMENT | (e), what, 0, number, total, (number) == 1 ? IKE_PL_NOTIFY : 0,	\
	sizeof((u8[]){ __VA_ARGS__ }), __VA_ARGS__

static void seed_fragments(u8 stage)
{
	SEED("whole", stage, OP_SETTLE, PIECE(0, 2, 2, 2, 0, 0, 0x60, 0), PIECE(0, 2, 1, 2, 0, 0, 0, 8),
	     OP_SETTLE, PIECE(B, 2, 1, 1, 0, 0, 0, 8, 0, 0, 0x60, 0), OP_SETTLE);
	SEED("finer", stage, OP_SETTLE, PIECE(0, 2, 1, 2, 0, 0, 0, 8), PIECE(0, 2, 1, 3, 0, 0, 0, 8),
	     PIECE(0, 2, 2, 2, 0, 0, 0x60, 0), PIECE(0, 2, 3, 3, 0, 0x60, 0),
	     PIECE(0, 2, 2, 3, 0), OP_LATER, 120, OP_SETTLE);
	SEED("late", stage, OP_SETTLE, PIECE(0, 2, 1, 2, 0, 0, 0, 8), OP_WORLD | B, 128,
	     PIECE(0, 2, 2, 2, 0, 0, 0x60, 0), OP_LATER, 121, OP_TIMER | B, OP_SETTLE);
	SEED("again", stage, OP_TWICE, OP_TWICE, OP_DELIVER, OP_DELIVER, OP_DELIVER, OP_ANSWER | B, 1,
	     PIECE(0, 0, 1, 9, 0, 0, 0, 8), OP_TIMER, OP_TIMER, OP_TIMER, OP_SETTLE);
}

static void seed_stage(u8 stage)
{
	SEED("calm", stage, OP_SETTLE, OP_LATER, 100, OP_SETTLE, OP_EVENT, 1, OP_SETTLE);
	SEED("by-hand", stage, OP_DELIVER, OP_DELIVER | B, OP_ANSWER, 1, OP_DELIVER,
	     OP_ANSWER | B, 1, OP_DELIVER | B, OP_ANSWER, 1);
	SEED("refused", stage, OP_ANSWER, 2, OP_ANSWER | B, 2, OP_SETTLE, OP_LATER, 255);
	SEED("junk", stage, OP_TWICE, OP_MUTATE | B, 0, 40, 1, OP_TWICE | B, OP_MUTATE, 0, 90, 128,
	     OP_SETTLE);
	SEED("silence", stage, OP_TIMER, OP_TIMER, OP_TIMER, OP_TIMER, OP_TIMER, OP_TIMER | B,
	     OP_TIMER | B);
	SEED("deletes", stage, OP_SETTLE, OP_EVENT, 3, OP_EVENT | B, 1, OP_DELIVER | B, OP_DELIVER,
	     OP_SETTLE, OP_START, OP_SETTLE);
	SEED("authentic", stage, OP_SEALED, 2, 0, 3, IKE_PL_NOTIFY, 0, IKE_PL_DELETE, 0,
	     IKE_PL_DELETE, 0x44, 1, 0, 0, 0, OP_SEALED | B, 1, 0, 2, IKE_PL_SA, 0, IKE_PL_NONCE, 0,
	     OP_SEALED | B, 0x80, 0, 2, IKE_PL_IDR, 0, IKE_PL_AUTH, 0, OP_SETTLE);
	SEED("memory", stage, OP_MEMORY, 3, OP_DELIVER, OP_MEMORY, 5, OP_DELIVER | B, OP_MEMORY, 7,
	     OP_ANSWER, 1, OP_SETTLE, OP_WORLD, 0x7f, OP_LATER, 90, OP_WORLD, 0, OP_SETTLE);
	SEED("verdicts", stage, OP_VERDICT, 1, 0, OP_VERDICT | B, 0, 16, OP_VERDICT, 3, 2, OP_SETTLE);
	SEED("raw", stage, OP_RAW, 36, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, IKE_PL_NOTIFY,
	     0x20, IKE_SA_INIT, IKE_FLAG_RESPONSE, 0, 0, 0, 0, 0, 0, 0, 36, 0, 0, 0, 8, 0, 0, 0, 14,
	     OP_SETTLE);
}

int main(int argc, char **argv)
{
	u8 stage;

	if (!seed_begin(argc, argv))
		return 1;
	for (stage = TALK_INIT; stage <= TALK_UP; stage++)
		seed_stage(stage);
	seed_stage(0x80 | TALK_UP);
	for (stage = TALK_INIT; stage <= TALK_UP; stage++) {
		seed_stage(0x40 | stage);
		seed_fragments(0x40 | stage);
	}
	return seed.failed != 0;
}
