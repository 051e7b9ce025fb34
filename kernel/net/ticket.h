/* SPDX-License-Identifier: GPL-2.0 */
/* Tickets of a namespace (RFC 5723): keys, used ones, kept ones. */
#ifndef _ISAKMP_NET_TICKET_H
#define _ISAKMP_NET_TICKET_H

#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "ike/ticket.h"

struct isakmp_net;
struct isakmp_revoke;
struct isakmp_sa;

/* By when they end: one for each 2^21 ms, more than a ticket can live. */
#define ISAKMP_TICKET_SLOTS 64

/**
 * struct isakmp_ticket_net - the tickets of a namespace
 * @lock: protects all of this; a leaf
 * @closed: nothing is added any more
 * @n_keys: in @key
 * @key: the helper's; the first one is for new tickets
 * @spent: tickets of ours that count no more, by number
 * @kept: tickets that we have of others, by peer
 * @spent_slots: by when they end
 * @kept_slots: the same
 * @n_spent: in @spent
 * @n_kept: in @kept
 * @over: ms since 1970: what ends by then is over, whatever the clock says
 * @era: drawn by the namespace: a ticket with another one was given by one before
 * @revocations: how many there were
 * @barred: tickets given before so many count no more
 * @revoked: struct revocation: what was revoked, the oldest first
 * @n_revoked: in @revoked
 * @reaped: the sweep's: the revocations that kept tickets were compared with
 * @sweep: frees what is over
 */
struct isakmp_ticket_net {
	spinlock_t lock;
	bool closed;
	unsigned int n_keys;
	struct ike_ticket_key key[ISAKMP_TICKET_KEYS_MAX];
	struct rhashtable spent;
	struct rhashtable kept;
	struct list_head spent_slots[ISAKMP_TICKET_SLOTS];
	struct list_head kept_slots[ISAKMP_TICKET_SLOTS];
	unsigned int n_spent;
	unsigned int n_kept;
	u64 over;
	u64 era;
	u64 revocations;
	u64 barred;
	struct list_head revoked;
	unsigned int n_revoked;
	u64 reaped;
	struct delayed_work sweep;
};

void isakmp_ticket_keys(struct isakmp_net *in, const struct ike_ticket_key *key, unsigned int n);
void isakmp_ticket_revoke(struct isakmp_net *in, const struct isakmp_revoke *what, bool sas);
void isakmp_revocations_note(struct isakmp_sa *sa, bool anew);
bool isakmp_revoked_since(struct isakmp_sa *sa, u64 asked);
void isakmp_ticket_drop(struct isakmp_net *in, const struct ike_peer *peer);
int isakmp_ticket_net_init(struct isakmp_net *in);
void isakmp_ticket_net_exit(struct isakmp_net *in);

#endif
