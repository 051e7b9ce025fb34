/* SPDX-License-Identifier: GPL-2.0 */
/* The input of ticket_fuzz: the first octet says what the rest is. */
#ifndef _FUZZ_TICKET_MODES_H
#define _FUZZ_TICKET_MODES_H

enum ticket_mode {
	TICKET_TEXT,		/* of a ticket */
	TICKET_OPENED,		/* a ticket, as a stranger presents it */
	TICKET_PRESENTED,	/* the same, in IKE_SESSION_RESUME */
	TICKET_GIVEN,		/* TICKET_LT_OPAQUE: the answer to a question for one */
	REDIRECT_FIRST,		/* REDIRECT: the answer to IKE_SA_INIT, but for the nonce */
	REDIRECT_RESUMING,	/* the same to IKE_SESSION_RESUME */
	REDIRECT_FROM,		/* REDIRECTED_FROM: in IKE_SA_INIT */
	TOKEN_CLEAR,		/* QCD_TOKEN: with INVALID_IKE_SPI */
	SAID_BY_B,		/* type of a notification (2 octets), its data: in INFORMATIONAL */
	SAID_BY_A,		/* the same by the initiator */
	TICKET_MODES,
};

#endif
