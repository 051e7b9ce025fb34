/* SPDX-License-Identifier: GPL-2.0 */
/* The native double of kernel/net/ticket.c: what a test says, and what was done. */
#ifndef _ISAKMP_SELFTESTS_TICKETS_H
#define _ISAKMP_SELFTESTS_TICKETS_H

#include "ike/seam.h"

#define NATIVE_SPENT 64

struct native_tickets {
	/* what the test says */
	u64 wall;			/* ms since 1970 */
	u64 over;			/* the same: what ends by then is over */
	struct ike_ticket_stamp now;	/* of those given from now on */
	unsigned int n_keys;
	struct ike_ticket_key key[ISAKMP_TICKET_KEYS_MAX]; /* the newest first */
	const struct ike_peer *peer;	/* the object that tickets are for; NULL: gone */
	bool revoked;
	bool revoked_late;		/* when isakmp_ticket_peer() has looked */
	bool taken;			/* others have the inner addresses */
	unsigned int room;		/* for spent ones */
	/* what was done */
	u8 spent[NATIVE_SPENT][IKE_TICKET_NUMBER_LEN];
	unsigned int n_spent;
	bool all_barred;
	unsigned int leases, superseded;
	u64 superseded_spi;
	struct ike_ticket *kept;
};

extern struct native_tickets native_tickets;

/* As at start: one key, room, no peer; what was kept is freed. */
void native_tickets_reset(void);

#endif
