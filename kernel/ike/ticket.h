/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tickets: an IKE SA in a form that outlives it (RFC 5723).
 *
 * What a responder gives is a "ticket by value" (6.1):
 *
 *	 0		1	9	    25		33    41
 *	| version 2 | key id | number | expires at | IV | text ... | ICV |
 *	|<----------- associated data ------------>|    |<-- AES-GCM -->|
 *
 * The number is drawn for each, 128 bits; the key is made from the one that the helper
 * gave the kernel, and the number: so no key has more than one text, and no counter need
 * outlive the kernel.  Times are milliseconds since 1970: a ticket may be older than
 * the kernel it comes back to.  Whether what it stands on was revoked since is no question
 * for clocks, which are set back.
 *
 * What is in the text both ends keep: the responder in the ticket, the initiator beside
 * it (4.2).
 */
#ifndef _ISAKMP_IKE_TICKET_H
#define _ISAKMP_IKE_TICKET_H

#include "ike/sa.h"
#include "wire/cursor.h"

#define IKE_TICKET_VERSION	2
#define IKE_TICKET_KEY_ID_LEN	8
#define IKE_TICKET_KEY_LEN	32
#define IKE_TICKET_NUMBER_LEN	16

/* A key of the responder's tickets. */
struct ike_ticket_key {
	u8 id[IKE_TICKET_KEY_ID_LEN];
	u8 key[IKE_TICKET_KEY_LEN];
};

/**
 * struct ike_ticket_stamp - when a ticket was given
 * @era: in which life of the namespace
 * @revocations: how many there had been in it
 */
struct ike_ticket_stamp {
	u64 era;
	u64 revocations;
};

/**
 * struct ike_ticket - what a ticket stands for
 * @number: responder: of the ticket
 * @expires: ms since 1970
 * @given: when
 * @until: ms since 1970: how long the peer is believed; 0: for ever
 * @binding: of the peer object then (struct ike_peer)
 * @spi: our SPI of the IKE SA
 * @suite: of the IKE SA
 * @children: responder: bit n: peer->child[n] may be set up
 * @inner: as in struct ike_sa
 * @sk_d: of the IKE SA
 * @peer: name of the peer object
 * @id_local: as in struct ike_sa
 * @id_remote: the same
 * @unique: as in struct ike_basis, as those that follow
 * @local_cred: name
 * @remote_cred: name
 * @handle: the helper's
 * @config: responder: what goes with @inner, packed
 * @opaque: initiator: the ticket itself, owned
 * @opaque_len: its octets
 * @text_len: octets of @text
 * @text: what the spans point to
 */
struct ike_ticket {
	u8 number[IKE_TICKET_NUMBER_LEN];
	u64 expires;
	struct ike_ticket_stamp given;
	u64 until;
	u64 binding;
	u64 spi;
	struct ike_suite suite;
	u32 children;
	struct isakmp_addr inner[IKE_INNER];
	struct ike_span sk_d;
	struct ike_span peer;
	struct ike_span id_local;
	struct ike_span id_remote;
	struct ike_span unique;
	struct ike_span local_cred;
	struct ike_span remote_cred;
	struct ike_span handle;
	struct ike_span config;
	u8 *opaque;
	u16 opaque_len;
	u16 text_len;
	u8 text[];
};

struct ike_ticket *ike_ticket_decode(const u8 *p, size_t n);
void ike_ticket_encode(struct isakmp_out *o, const struct ike_ticket *t);
void ike_ticket_free(struct ike_ticket *t);

#endif
