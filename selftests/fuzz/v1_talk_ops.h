/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an input of v1_talk_fuzz means: the way (1: a row of v1_ways[], and what is wrong), enum v1_talk_with (1), and
 * how many events of good weather come first (1); then operations, each an octet (the low 5
 * bits: which; bit 7: of B, not A) and its operands.
 */
#ifndef _FUZZ_V1_TALK_OPS_H
#define _FUZZ_V1_TALK_OPS_H

#define WRONG_SECRET   0x40	/* the ends have different ones */
#define WRONG_PASSWORD 0x20

enum v1_talk_with {
	WITH_PFS = 0x01,
	WITH_NAT = 0x02,	/* in front of A */
	WITH_PIECES = 0x04,	/* messages are cut */
	WITH_POOL = 0x08,	/* A wants an address: it pulls */
	WITH_PUSH = 0x10,	/* B pushes it */
	WITH_LIVES = 0x20,	/* short lifetimes */
	WITH_TRANSPORT = 0x40,
	WITH_GROUP = 0x80,	/* New Group Mode, PFS by a small MODP group */
};

enum v1_talk_op {
	OP_DELIVER,	/* the oldest datagram of this end */
	OP_DROP,	/* it is lost */
	OP_TWICE,	/* delivered, and still there */
	OP_LATE,	/* which (1): another one of those that wait */
	OP_REPLAY,	/* which (1): one of those that were seen, to this end */
	OP_MUTATE,	/* where (2), what (1): the last one seen, changed, to this end */
	OP_RAW,		/* octets (1), then these: to this end */
	OP_PLAIN,	/* edit (1), which payload (1), ...: the oldest one, as who has the keys likes */
	OP_SAY,		/* exchange (1), ID (1), payloads (1), ...: from this end, by its keys */
	OP_PIECE,	/* ID, number, last, octets (1 each), then these: to this end */
	OP_TIMER,	/* this end's deadline */
	OP_LATER,	/* quarters of seconds (1); then the timers of both */
	OP_ANSWER,	/* reason (1): this end's helper answers; even: truly */
	OP_LIE,		/* what (1): it answers what nobody vouches for */
	OP_EVENT,	/* event (1) */
	OP_WORLD,	/* what fails from now on (1) */
	OP_MEMORY,	/* which point of failure of the next event fails (1) */
	OP_SETTLE,	/* a while of good weather */
	OP_STEP,	/* how many events of it (1) */
	V1_TALK_OPS,
};

/* OP_PLAIN: the low 4 bits; with 0x80 HASH stays as it was. */
enum v1_talk_edit {
	EDIT_XOR,	/* where (1), what (1): an octet of the payload */
	EDIT_DROP,
	EDIT_TWICE,
	EDIT_TYPE,	/* type (1) */
	EDIT_CUT,	/* how many octets are left (1) */
	EDIT_LONGER,	/* octets (1), then these: behind the body */
	EDIT_ADD,	/* type (1), len (1), ...: one more */
	EDIT_SWAP,	/* with the next one */
	EDIT_HEADER,	/* where (1), what (1): an octet of the header */
	V1_TALK_EDITS,
};

#endif
