/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an input of talk_fuzz means: its first octet is the stage of a handshake
 * to begin at; then operations, each an octet (the low 4 bits: which; bit 7: B,
 * not A) and its operands.
 */
#ifndef _FUZZ_TALK_OPS_H
#define _FUZZ_TALK_OPS_H

enum talk_op {
	OP_DELIVER,	/* the oldest datagram of this end */
	OP_DROP,	/* it is lost */
	OP_TWICE,	/* delivered, and still there */
	OP_MUTATE,	/* where (2 octets), what: the last one seen, changed, to this end */
	OP_RAW,		/* octets (1), then these: to this end */
	OP_SEALED,	/* exchange and kind, ID, payloads, ... from this end, in its keys */
	OP_TIMER,	/* this end's deadline */
	OP_LATER,	/* quarters of seconds (1); then the timers of both */
	OP_ANSWER,	/* reason (1): this end's helper answers */
	OP_VERDICT,	/* kind (1), what is missing (1): a verdict nobody vouches for */
	OP_EVENT,	/* event (1) */
	OP_WORLD,	/* what fails from now on (1) */
	OP_MEMORY,	/* which allocation of the next event fails (1) */
	OP_SETTLE,	/* a while of good weather */
	OP_START,	/* A again, when it is over */
	OP_FRAGMENT,	/* exchange and kind, ID, number, total, first, octets (1), then these */
	TALK_OPS,
};

#endif
