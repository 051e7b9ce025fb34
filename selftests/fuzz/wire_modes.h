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
	WIRE_MODES,
};

#endif
