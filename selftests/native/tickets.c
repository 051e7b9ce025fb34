// SPDX-License-Identifier: GPL-2.0
/* Native double of the ticket seams: one responder and one initiator may use it at once. */
#include "native.h"
#include "tickets.h"

struct native_tickets native_tickets;

u64 isakmp_wall(void)
{
	return native_tickets.wall;
}

bool isakmp_ticket_key(struct ike_sa *sa, bool newest, struct ike_ticket_key *k)
{
	const struct native_tickets *n = &native_tickets;
	unsigned int i;

	for (i = 0; i < n->n_keys; i++) {
		if (!newest && memcmp(k->id, n->key[i].id, sizeof(k->id)))
			continue;
		*k = n->key[i];
		return true;
	}
	return false;
}

static bool is_spent(const u8 *number)
{
	unsigned int i;

	for (i = 0; i < native_tickets.n_spent; i++)
		if (!memcmp(native_tickets.spent[i], number, IKE_TICKET_NUMBER_LEN))
			return true;
	return false;
}

struct ike_ticket_stamp isakmp_ticket_stamp(const struct ike_sa *sa)
{
	return native_tickets.now;
}

enum isakmp_reason isakmp_ticket_unused(struct ike_sa *sa, const u8 *number, u64 expires)
{
	if (expires <= native_tickets.over)
		return ISAKMP_R_TICKET_EXPIRED;
	if (is_spent(number))
		return ISAKMP_R_TICKET_USED;
	return native_tickets.n_spent < native_tickets.room ? ISAKMP_OK : ISAKMP_R_TICKET_LIMIT;
}

enum isakmp_reason isakmp_ticket_spend(struct ike_sa *sa, const u8 *number, u64 expires,
				       bool end)
{
	enum isakmp_reason why = isakmp_ticket_unused(sa, number, expires);

	native_process(__func__);
	if (!why && native_mem_fails())
		why = ISAKMP_R_NO_MEMORY;
	if (!why)
		memcpy(native_tickets.spent[native_tickets.n_spent++], number,
		       IKE_TICKET_NUMBER_LEN);
	native_tickets.all_barred |= end && (why == ISAKMP_R_TICKET_LIMIT ||
					     why == ISAKMP_R_NO_MEMORY);
	return why;
}

enum isakmp_reason isakmp_ticket_peer(struct ike_sa *sa, const struct ike_ticket *t,
				      const struct ike_peer **peer)
{
	const struct ike_peer *p = native_tickets.peer;

	native_process(__func__);
	if (!p || strlen(p->name) != t->peer.len || memcmp(p->name, t->peer.p, t->peer.len) ||
	    p->binding != t->binding)
		return ISAKMP_R_TICKET_STALE;
	if (native_tickets.revoked || native_tickets.all_barred)
		return ISAKMP_R_TICKET_REVOKED;
	isakmp_peer_get(p);
	*peer = p;
	return ISAKMP_OK;
}

bool isakmp_ticket_revoked(struct ike_sa *sa, const struct ike_ticket *t)
{
	native_process(__func__);
	return native_tickets.revoked || native_tickets.revoked_late;
}

bool isakmp_ticket_lease(struct ike_sa *sa, const struct ike_verdict *v)
{
	native_process(__func__);
	if (!v->peer)
		native_die("a lease for nobody");
	native_tickets.leases++;
	return !native_tickets.taken;
}

void isakmp_ticket_supersede(struct ike_sa *sa, u64 spi)
{
	native_process(__func__);
	native_tickets.superseded++;
	native_tickets.superseded_spi = spi;
}

void isakmp_ticket_keep(struct ike_sa *sa, struct ike_ticket *t)
{
	native_process(__func__);
	ike_ticket_free(native_tickets.kept);
	native_tickets.kept = t;
}

struct ike_ticket *isakmp_ticket_take(struct ike_sa *sa)
{
	struct ike_ticket *t = native_tickets.kept;

	native_process(__func__);
	native_tickets.kept = NULL;
	return t;
}

void native_tickets_reset(void)
{
	struct native_tickets *n = &native_tickets;

	ike_ticket_free(n->kept);
	memset(n, 0, sizeof(*n));
	n->wall = 1800000000000ULL;
	n->now = (struct ike_ticket_stamp){ 0x1111, 1 };
	n->room = NATIVE_SPENT;
	n->n_keys = 1;
	memset(&n->key[0], 0x4b, sizeof(n->key[0]));
}
