// SPDX-License-Identifier: GPL-2.0
/*
 * Seeds of v1_talk_fuzz: each way in good weather, and at each of its messages some of what can
 * happen there.
 *
 *	v1_talk_seeds DIR [CORPORA]
 */
#include "seed.h"
#include "v1_lab.h"
#include "v1_talk_ops.h"
#include "v1_ways.h"

static void write_seed(const char *name, u8 way, u8 with, u8 steps, const u8 *ops, size_t n)
{
	const u8 head[] = { way, with, steps };
	char path[64];

	snprintf(path, sizeof(path), "v1-%s-%u-%02x-%u", name, way, with, steps);
	seed_write(path, head, sizeof(head), ops, n);
}

#define B 0x80
#define SEED(name, ...)								\
	do {									\
		static const u8 ops_[] = { __VA_ARGS__ };			\
		write_seed(name, way, with, steps, ops_, sizeof(ops_));		\
	} while (0)

#define PLAIN(e, edit, which, ...) OP_PLAIN | (e), edit, which, ##__VA_ARGS__
#define REPLAYS(i) OP_REPLAY, i, OP_REPLAY | B, i, OP_REPLAY, (i) + 1, OP_REPLAY | B, (i) + 1,	\
	OP_REPLAY, (i) + 2, OP_REPLAY | B, (i) + 2, OP_REPLAY, (i) + 3, OP_REPLAY | B, (i) + 3
#define STALE 0x80	/* HASH is not made anew */

static void seed_network(u8 way, u8 with, u8 steps)
{
	SEED("loss", OP_DROP, OP_DROP | B, OP_TIMER, OP_TIMER, OP_SETTLE, OP_TIMER | B, OP_SETTLE);
	SEED("twice", OP_TWICE, OP_TWICE | B, OP_TWICE, OP_TWICE | B, OP_STEP, 3, OP_REPLAY, 0,
	     OP_REPLAY | B, 1, OP_REPLAY, 2, OP_REPLAY | B, 3, OP_SETTLE, OP_REPLAY, 4,
	     OP_REPLAY | B, 5);
	SEED("again", OP_SETTLE, OP_EVENT, 11, OP_SETTLE, OP_EVENT | B, 10, OP_SETTLE, REPLAYS(0),
	     REPLAYS(4), REPLAYS(8), REPLAYS(12), OP_LATER, 255, OP_LATER, 255, REPLAYS(0),
	     REPLAYS(4), REPLAYS(8), REPLAYS(12));
	SEED("late", OP_STEP, 1, OP_LATE, 1, OP_LATE | B, 1, OP_STEP, 1, OP_LATE, 1, OP_SETTLE);
	SEED("flip", OP_TWICE, OP_MUTATE | B, 0, 40, 1, OP_TWICE | B, OP_MUTATE, 0, 70, 128,
	     OP_SETTLE);
	SEED("raw", OP_RAW | B, 40, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, V1_PL_NOTIFY,
	     0x10, V1_INFORMATIONAL, 0, 0, 0, 0, 0, 0, 0, 0, 40, 0, 0, 0, 12, 0, 0, 0, 1, 1, 0, 0,
	     14, OP_SETTLE);
}

static void seed_keys(u8 way, u8 with, u8 steps)
{
	SEED("xor", PLAIN(0, EDIT_XOR, 1, 3, 1), PLAIN(B, EDIT_XOR, 1, 3, 1), OP_SETTLE);
	SEED("stale", PLAIN(0, STALE | EDIT_XOR, 1, 3, 1), PLAIN(B, STALE | EDIT_ADD, 1,
	     V1_PL_NOTIFY, 5), OP_SETTLE);
	SEED("edit", PLAIN(0, EDIT_DROP, 2), OP_STEP, 1, PLAIN(B, EDIT_TWICE, 1), OP_STEP, 1,
	     PLAIN(0, EDIT_SWAP, 1), OP_STEP, 1, PLAIN(B, EDIT_CUT, 1, 4), OP_SETTLE);
	SEED("more", PLAIN(0, EDIT_LONGER, 1, 4, 1, 2, 3, 4), OP_STEP, 1,
	     PLAIN(B, EDIT_TYPE, 1, V1_PL_NONCE), OP_STEP, 1, PLAIN(0, EDIT_HEADER, 0, 0, 2),
	     OP_LATER, 40, OP_SETTLE);
	SEED("identity", PLAIN(0, EDIT_XOR, 0, 6, 1), OP_STEP, 3, PLAIN(B, EDIT_XOR, 0, 6, 1), OP_SETTLE);
	SEED("say", OP_SAY, 0, 1, 1, V1_PL_NOTIFY, 6, OP_SAY | B, 0, 2, 1, V1_PL_DELETE, 0, OP_SAY, 0,
	     3, 1, V1_PL_DELETE, 0x20, OP_SAY | B, 1, 4, 4, V1_PL_SA, 0, V1_PL_NONCE, 0, V1_PL_ID, 0,
	     V1_PL_ID, 0, OP_SAY, 2, 5, 1, V1_PL_ATTRIBUTES, 6, OP_SAY | B, 3, 6, 1, V1_PL_SA, 0,
	     OP_SETTLE);
}

static void seed_rest(u8 way, u8 with, u8 steps)
{
	SEED("calm", OP_SETTLE, OP_LATER, 100, OP_SETTLE, OP_EVENT, 1, OP_SETTLE);
	SEED("refused", OP_ANSWER, 3, OP_ANSWER | B, 3, OP_SETTLE, OP_LATER, 255);
	SEED("silence", OP_TIMER, OP_TIMER, OP_TIMER, OP_TIMER, OP_TIMER, OP_TIMER | B,
	     OP_TIMER | B);
	SEED("events", OP_EVENT, 4, OP_EVENT | B, 10, OP_SETTLE, OP_EVENT, 12, OP_SETTLE, OP_EVENT | B,
	     11, OP_SETTLE, OP_EVENT, 3, OP_SETTLE);
	SEED("memory", OP_MEMORY, 3, OP_STEP, 1, OP_MEMORY, 5, OP_STEP, 1, OP_MEMORY, 7, OP_STEP, 1,
	     OP_WORLD, 0x37, OP_LATER, 90, OP_WORLD, 0, OP_SETTLE);
	SEED("lies", OP_LIE, 4, OP_LIE | B, 16, OP_LIE, 1, OP_LIE | B, 2, OP_SETTLE);
	SEED("pieces", OP_PIECE, 1, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, OP_PIECE, 1, 2, 1, 4, 0, 0, 0, 0,
	     OP_PIECE | B, 2, 2, 1, 4, 0, 0, 0, 0, OP_LATER, 120, OP_SETTLE);
}

static void seed_way(u8 way, u8 with, u8 first)
{
	u8 steps;

	for (steps = first; steps < 28; steps += 11) {
		seed_network(way, with, steps);
		seed_keys(way, with, steps);
		seed_rest(way, with, steps);
	}
}

int main(int argc, char **argv)
{
	static const u8 withs[] = { WITH_PFS, WITH_NAT, WITH_PIECES, WITH_POOL, WITH_PUSH,
				    WITH_LIVES, WITH_TRANSPORT, WITH_GROUP };
	unsigned int i;
	u8 way;

	if (!seed_begin(argc, argv))
		return 1;
	for (way = 0; way < V1_WAYS; way++) {
		seed_way(way, 0, 0);
		seed_rest(way | WRONG_SECRET, 0, 0);
		seed_rest(way | WRONG_PASSWORD, 0, 0);
	}
	for (i = 0; i < ARRAY_SIZE(withs); i++)
		seed_way(i & 1 ? 4 : 0, withs[i], 22);
	return seed.failed != 0;
}
