/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The input of wire_fuzz: the first octet says what the rest is, and for
 * chains and bodies the second one is a payload type.
 */
#ifndef _FUZZ_WIRE_MODES_H
#define _FUZZ_WIRE_MODES_H

enum wire_mode {
	WIRE_MESSAGE,	/* a datagram: header and chain */
	WIRE_FIXED,	/* the same, but the header's length is put right first */
	WIRE_CHAIN,	/* TYPE, then a bare chain of payloads */
	WIRE_BODY,	/* TYPE, then the body of one payload */
	WIRE_V1_MESSAGE, /* version 1: a datagram, the header's length is put right first */
	WIRE_V1_CHAIN,	/* TYPE, then a chain of version 1, maybe with padding behind */
	WIRE_V1_BODY,	/* TYPE, then the body of one payload of version 1 */
	WIRE_MODES,
};

/* Does a payload type follow the mode? */
static inline int wire_mode_typed(unsigned int mode)
{
	return mode == WIRE_CHAIN || mode == WIRE_BODY || mode == WIRE_V1_CHAIN ||
	       mode == WIRE_V1_BODY;
}

#endif
