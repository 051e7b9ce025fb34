// SPDX-License-Identifier: GPL-2.0
/*
 * Tickets of a namespace (RFC 5723).
 *
 *	ours	the keys that they are made with; the numbers of those that were used,
 *		or whose IKE SA was rekeyed or deleted, until they are over; and what was
 *		revoked
 *	others'	one for a peer that an IKE SA of ours was lost of, until it is presented
 *
 * What counts no more is never forgotten before its time.  When there is no room to
 * remember it, all tickets given so far are revoked; to be used, a ticket needs room.
 * A kernel that starts has forgotten what it knew of used ones, and of revoked ones: who
 * has one must show the secret in it, and what it stands on the helper looks at again.
 *
 * People set clocks, also back.  So what came first, a ticket or a revocation, is known by
 * counting these, and by a number that each namespace draws: a ticket of another one was
 * given before.  And what is over once is over for ever.
 */
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include "ike/seam.h"
#include "net/lease.h"
#include "net/unique.h"
#include "netns.h"

#define SLOT_SHIFT	21		/* ms */
#define SWEEP_MS	60000
#define SWEEP_BATCH	256
#define REAP_BATCH	16		/* each is compared with all that was revoked */

static_assert((u64)(ISAKMP_TICKET_SLOTS - 2) << SLOT_SHIFT > IKE_TICKET_MS);

struct kept_key {
	char peer[ISAKMP_NAME_MAX + 1];
	struct isakmp_addr remote;
};

/**
 * struct entry - a ticket that is remembered
 * @node: in spent or kept
 * @rcu: for freeing: the tables are resized under RCU
 * @slot: in slots
 * @expires: ms since 1970
 * @ticket: kept: the ticket, owned; spent: NULL
 * @number: spent
 * @key: kept
 * @looked: kept: the revocations that it was compared with
 */
struct entry {
	struct rhash_head node;
	struct rcu_head rcu;
	struct list_head slot;
	u64 expires;
	struct ike_ticket *ticket;
	union {
		u8 number[IKE_TICKET_NUMBER_LEN];
		struct {
			struct kept_key key;
			u64 looked;
		};
	};
};

#define SPENT_SIZE offsetofend(struct entry, number)

static const struct rhashtable_params spent_params = {
	.key_len = sizeof_field(struct entry, number),
	.key_offset = offsetof(struct entry, number),
	.head_offset = offsetof(struct entry, node),
	.automatic_shrinking = true,
};

static const struct rhashtable_params kept_params = {
	.key_len = sizeof_field(struct entry, key),
	.key_offset = offsetof(struct entry, key),
	.head_offset = offsetof(struct entry, node),
	.automatic_shrinking = true,
};

/**
 * struct revocation - a credential or an identity that was revoked
 * @list: in revoked
 * @nr: the how many-eth it is: tickets given before are meant
 * @sas: the same, of the last one that took IKE SAs along; 0: there was none
 * @cred: of a credential, its name; empty: of an identity
 * @len: octets of @identity
 * @identity: canonical
 */
struct revocation {
	struct list_head list;
	u64 nr;
	u64 sas;
	char cred[ISAKMP_NAME_MAX + 1];
	u16 len;
	u8 identity[];
};

static struct isakmp_ticket_net *tickets_of(const struct ike_sa *ike)
{
	return &container_of(ike, struct isakmp_sa, ike)->in->tickets;
}

/**
 * isakmp_wall - the time of people
 *
 * Context: Any.
 * Return: ms since 1970.
 */
u64 isakmp_wall(void)
{
	return (u64)ktime_to_ms(ktime_get_real());
}

/* ---- keys ---------------------------------------------------------------- */

/**
 * isakmp_ticket_keys - the helper gives keys
 * @in: the namespace
 * @key: the keys, the one for new tickets first
 * @n: how many, at most ISAKMP_TICKET_KEYS_MAX; 0: tickets are neither given nor taken
 *
 * Context: Process.
 */
void isakmp_ticket_keys(struct isakmp_net *in, const struct ike_ticket_key *key, unsigned int n)
{
	struct isakmp_ticket_net *tn = &in->tickets;

	spin_lock(&tn->lock);
	memzero_explicit(tn->key, sizeof(tn->key));
	memcpy(tn->key, key, n * sizeof(*key));
	tn->n_keys = n;
	spin_unlock(&tn->lock);
}

/**
 * isakmp_ticket_key - a key of our tickets
 * @ike: the SA
 * @newest: the one for new tickets; else that with the ID in @k
 * @k: filled
 *
 * Context: Process; the SA's worker.
 * Return: false: there is none.
 */
bool isakmp_ticket_key(struct ike_sa *ike, bool newest, struct ike_ticket_key *k)
{
	struct isakmp_ticket_net *tn = tickets_of(ike);
	bool found = false;
	unsigned int i;

	spin_lock(&tn->lock);
	for (i = 0; i < tn->n_keys && !found; i++) {
		if (!newest && memcmp(k->id, tn->key[i].id, sizeof(k->id)))
			continue;
		*k = tn->key[i];
		found = true;
	}
	spin_unlock(&tn->lock);
	return found;
}

/* ---- what is remembered --------------------------------------------------- */

/* Must hold tickets.lock. */
static void enter(struct isakmp_ticket_net *tn, struct entry *e)
{
	struct list_head *slots = e->ticket ? tn->kept_slots : tn->spent_slots;

	lockdep_assert_held(&tn->lock);
	list_add_tail(&e->slot, &slots[(e->expires >> SLOT_SHIFT) % ISAKMP_TICKET_SLOTS]);
	*(e->ticket ? &tn->n_kept : &tn->n_spent) += 1;
	queue_delayed_work(system_unbound_wq, &tn->sweep, msecs_to_jiffies(SWEEP_MS));
}

/* Must hold tickets.lock. */
static void leave(struct isakmp_ticket_net *tn, struct entry *e)
{
	lockdep_assert_held(&tn->lock);
	list_del(&e->slot);
	if (e->ticket) {
		rhashtable_remove_fast(&tn->kept, &e->node, kept_params);
		tn->n_kept--;
	} else {
		rhashtable_remove_fast(&tn->spent, &e->node, spent_params);
		tn->n_spent--;
	}
}

/* It is in no table any more. */
static void entry_free(struct entry *e)
{
	if (!e)
		return;
	ike_ticket_free(e->ticket);
	kfree_rcu(e, rcu);
}

/* One that is over, out of the tables; NULL: there is none. */
static struct entry *next_over(struct isakmp_ticket_net *tn, struct list_head *slot, u64 wall)
{
	struct entry *e;

	spin_lock(&tn->lock);
	e = list_first_entry_or_null(slot, struct entry, slot);
	/* All of a slot end within its time; the present one waits */
	if (e && !tn->closed && e->expires >> SLOT_SHIFT >= wall >> SLOT_SHIFT)
		e = NULL;
	if (e && !e->ticket)
		tn->over = max(tn->over, e->expires);
	if (e)
		leave(tn, e);
	spin_unlock(&tn->lock);
	return e;
}

static void free_over(struct isakmp_ticket_net *tn, struct list_head *slots)
{
	u64 wall = isakmp_wall();
	unsigned int i, n = 0;
	struct entry *e;

	for (i = 0; i < ISAKMP_TICKET_SLOTS; i++)
		while ((e = next_over(tn, &slots[i], wall))) {
			entry_free(e);
			if (++n % SWEEP_BATCH == 0)
				cond_resched();
		}
}

/* ---- ours: used ones ------------------------------------------------------ */

/* Must hold tickets.lock. */
static enum isakmp_reason check_unused(struct isakmp_ticket_net *tn, const u8 *number,
				       u64 expires)
{
	lockdep_assert_held(&tn->lock);
	if (expires <= tn->over)
		return ISAKMP_R_TICKET_EXPIRED;
	if (rhashtable_lookup_fast(&tn->spent, number, spent_params))
		return ISAKMP_R_TICKET_USED;
	return tn->n_spent < ISAKMP_TICKETS_SPENT ? ISAKMP_OK : ISAKMP_R_TICKET_LIMIT;
}

/**
 * isakmp_ticket_unused - may a ticket be used?
 * @ike: the SA
 * @number: its number
 * @expires: when it is over
 *
 * What the clock says of that is for others.  But of those that were over once nothing is
 * remembered.
 *
 * Context: Process; the SA's worker.
 * Return: OK; TICKET_USED; TICKET_EXPIRED; TICKET_LIMIT, it could not be remembered.
 */
enum isakmp_reason isakmp_ticket_unused(struct ike_sa *ike, const u8 *number, u64 expires)
{
	struct isakmp_ticket_net *tn = tickets_of(ike);
	enum isakmp_reason why;

	spin_lock(&tn->lock);
	why = check_unused(tn, number, expires);
	spin_unlock(&tn->lock);
	return why;
}

/* Must hold tickets.lock.  *@e is used up when OK is returned. */
static enum isakmp_reason spend(struct isakmp_ticket_net *tn, struct entry **e)
{
	enum isakmp_reason why = check_unused(tn, (*e)->number, (*e)->expires);

	if (why)
		return why;
	if (tn->closed || rhashtable_insert_fast(&tn->spent, &(*e)->node, spent_params))
		return ISAKMP_R_NO_MEMORY;
	enter(tn, *e);
	*e = NULL;
	return ISAKMP_OK;
}

/**
 * isakmp_ticket_spend - a ticket counts no more
 * @ike: the SA that uses it, or that it was for
 * @number: its number
 * @expires: when it is over
 * @end: its IKE SA ends, or has other keys: it must not count any more
 *
 * Context: Process; the SA's worker.
 * Return: OK; TICKET_USED; TICKET_EXPIRED; TICKET_LIMIT, NO_MEMORY: it is not remembered.
 */
enum isakmp_reason isakmp_ticket_spend(struct ike_sa *ike, const u8 *number, u64 expires,
				       bool end)
{
	struct isakmp_ticket_net *tn = tickets_of(ike);
	struct entry *e = kzalloc(SPENT_SIZE, GFP_KERNEL | __GFP_NOWARN);
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;

	if (e) {
		e->expires = expires;
		memcpy(e->number, number, sizeof(e->number));
	}
	spin_lock(&tn->lock);
	if (e)
		why = spend(tn, &e);
	if (end && (why == ISAKMP_R_TICKET_LIMIT || why == ISAKMP_R_NO_MEMORY))
		tn->barred = ++tn->revocations;
	spin_unlock(&tn->lock);
	kfree(e);
	return why;
}

/* ---- revoked ones ---------------------------------------------------------- */

/**
 * isakmp_ticket_stamp - when a ticket is given, without a clock
 * @ike: the SA
 *
 * Context: Process; the SA's worker.
 * Return: what tells it from those given before a revocation.
 */
struct ike_ticket_stamp isakmp_ticket_stamp(const struct ike_sa *ike)
{
	struct isakmp_ticket_net *tn = tickets_of(ike);
	struct ike_ticket_stamp given = { .era = tn->era };

	spin_lock(&tn->lock);
	given.revocations = tn->revocations;
	spin_unlock(&tn->lock);
	return given;
}

static bool stands_on(const struct ike_ticket *t, const struct revocation *r)
{
	size_t n = strlen(r->cred);

	if (n)
		return (t->local_cred.len == n && !memcmp(t->local_cred.p, r->cred, n)) ||
		       (t->remote_cred.len == n && !memcmp(t->remote_cred.p, r->cred, n));
	return t->unique.len == r->len && !memcmp(t->unique.p, r->identity, r->len);
}

/* Was it given before the @nr-th revocation?  One of another namespace's was. */
static bool is_before(const struct isakmp_ticket_net *tn, const struct ike_ticket *t, u64 nr)
{
	return t->given.era != tn->era || t->given.revocations < nr;
}

/* Must hold tickets.lock. */
static bool is_revoked(struct isakmp_ticket_net *tn, const struct ike_ticket *t)
{
	bool yes = tn->barred && is_before(tn, t, tn->barred);
	const struct revocation *r;

	lockdep_assert_held(&tn->lock);
	list_for_each_entry(r, &tn->revoked, list)
		yes = yes || (is_before(tn, t, r->nr) && stands_on(t, r));
	return yes;
}

static bool was_revoked(struct isakmp_ticket_net *tn, const struct ike_ticket *t)
{
	bool yes;

	spin_lock(&tn->lock);
	yes = is_revoked(tn, t);
	spin_unlock(&tn->lock);
	return yes;
}

static struct revocation *revocation_new(const struct isakmp_revoke *what)
{
	size_t n = what->cred ? 0 : what->identity_len;
	struct revocation *r = kzalloc(struct_size(r, identity, n), GFP_KERNEL_ACCOUNT);

	if (!r)
		return NULL;
	if (what->cred)
		strscpy(r->cred, what->cred, sizeof(r->cred));
	else
		memcpy(r->identity, what->identity, n);
	r->len = (u16)n;
	return r;
}

static bool same(const struct revocation *a, const struct revocation *b)
{
	return a->len == b->len && !strcmp(a->cred, b->cred) &&
	       !memcmp(a->identity, b->identity, a->len);
}

/* Must hold tickets.lock.  Its place is for @r: the same, said earlier; or the oldest. */
static struct revocation *make_room(struct isakmp_ticket_net *tn, const struct revocation *r)
{
	struct revocation *old;

	lockdep_assert_held(&tn->lock);
	list_for_each_entry(old, &tn->revoked, list)
		if (same(old, r))
			return old;
	if (tn->n_revoked < ISAKMP_REVOCATIONS_MAX)
		return NULL;
	old = list_first_entry(&tn->revoked, struct revocation, list);
	tn->barred = max(tn->barred, old->nr);
	return old;
}

/**
 * isakmp_ticket_revoke - tickets that stand on this count no more
 * @in: the namespace
 * @what: a credential or an identity
 * @sas: IKE SAs go, too
 *
 * Nobody looks for them: each is compared when it is to be used.  When there are too many
 * revocations, the oldest is taken to be of all tickets.  If this one cannot be remembered,
 * it is.
 *
 * Context: Process.
 */
void isakmp_ticket_revoke(struct isakmp_net *in, const struct isakmp_revoke *what, bool sas)
{
	struct revocation *r = revocation_new(what), *old = NULL;
	struct isakmp_ticket_net *tn = &in->tickets;

	spin_lock(&tn->lock);
	tn->revocations++;
	if (r) {
		old = make_room(tn, r);
		if (old)
			list_del(&old->list);
		else
			tn->n_revoked++;
		r->nr = tn->revocations;
		r->sas = sas ? r->nr : old && same(old, r) ? old->sas : 0;
		list_add_tail(&r->list, &tn->revoked);
	} else {
		tn->barred = tn->revocations;
	}
	spin_unlock(&tn->lock);
	kfree(old);
}

/**
 * isakmp_ticket_revoked - was what a ticket stands on revoked?
 * @ike: the SA that has it
 * @t: the ticket
 *
 * Context: Process; the SA's worker.
 * Return: true if so, since it was given, or its IKE SA was lost.
 */
bool isakmp_ticket_revoked(struct ike_sa *ike, const struct ike_ticket *t)
{
	return was_revoked(tickets_of(ike), t);
}

/**
 * isakmp_revocations_note - a helper is asked about an SA
 * @sa: the SA
 * @anew: it is the first question of an authentication
 *
 * Context: Process; the SA's worker.
 */
void isakmp_revocations_note(struct isakmp_sa *sa, bool anew)
{
	struct isakmp_ticket_net *tn = &sa->in->tickets;

	if (sa->asked && !anew)
		return;
	spin_lock(&tn->lock);
	sa->asked = tn->revocations + 1;
	spin_unlock(&tn->lock);
}

/**
 * isakmp_revoked_since - was what an SA stands on revoked while its helper decided?
 * @sa: the SA; who revokes from here on finds it
 * @asked: when that was, as isakmp_revocations_note() says; 0: no helper was asked
 *
 * Context: Process; the SA's worker.
 * Return: true if so.
 */
bool isakmp_revoked_since(struct isakmp_sa *sa, u64 asked)
{
	struct isakmp_ticket_net *tn = &sa->in->tickets;
	const struct revocation *r;
	bool yes = false;

	if (!asked)
		return false;
	spin_lock(&tn->lock);
	list_for_each_entry(r, &tn->revoked, list) {
		const struct isakmp_revoke what = {
			.cred = r->cred[0] ? r->cred : NULL,
			.identity = r->identity, .identity_len = r->len,
		};

		yes = yes || (r->sas >= asked && isakmp_basis_meant(sa->ike.basis, &what));
	}
	spin_unlock(&tn->lock);
	return yes;
}

/* ---- ours: presented ------------------------------------------------------ */

/**
 * isakmp_ticket_peer - whom a ticket is for
 * @ike: a responder
 * @t: the ticket, opened
 * @peer: pinned, when OK is returned
 *
 * Context: Process; the SA's worker.
 * Return: OK; TICKET_STALE; TICKET_REVOKED.
 */
enum isakmp_reason isakmp_ticket_peer(struct ike_sa *ike, const struct ike_ticket *t,
				      const struct ike_peer **peer)
{
	struct isakmp_net *in = isakmp_sa_of(ike)->in;
	char name[ISAKMP_NAME_MAX + 1] = "";
	const struct ike_peer *p;

	memcpy(name, t->peer.p, t->peer.len);
	p = isakmp_peer_by_name(in, name);
	if (p && p->binding == t->binding && isakmp_peer_covers(in, p, &ike->path)) {
		if (!was_revoked(&in->tickets, t)) {
			*peer = p;
			return ISAKMP_OK;
		}
		isakmp_peer_put(p);
		return ISAKMP_R_TICKET_REVOKED;
	}
	if (p)
		isakmp_peer_put(p);
	return ISAKMP_R_TICKET_STALE;
}

/**
 * isakmp_ticket_lease - an SA is to have the inner addresses that its ticket names
 * @ike: the SA
 * @v: which, and for whom
 *
 * Context: Process; the SA's worker.
 * Return: false: somebody else has one of them, or there is no memory.
 */
bool isakmp_ticket_lease(struct ike_sa *ike, const struct ike_verdict *v)
{
	struct isakmp_lease_wish w;
	int err;

	err = isakmp_lease_wish_init(&w, isakmp_sa_of(ike), v->inner, v->inner, v->peer,
				     &v->unique);
	if (!err)
		err = isakmp_lease_enter(&w);
	isakmp_lease_wish_free(&w);
	if (err == -EADDRINUSE)
		isakmp_refused(ike, ISAKMP_R_ADDRESS_TAKEN, 0);
	return !err;
}

/**
 * isakmp_ticket_supersede - the IKE SA that a ticket was given in goes, without a word
 * @ike: the one that takes its place
 * @spi: ours, of the other one
 *
 * Context: Process; the SA's worker.
 */
void isakmp_ticket_supersede(struct ike_sa *ike, u64 spi)
{
	struct isakmp_sa *sa = isakmp_sa_of(ike), *other;
	struct isakmp_door *d;

	/* The SA is pinned, its door is not: one of a rekey goes with its epoch */
	rcu_read_lock();
	d = isakmp_door_find(sa->in, spi);
	other = d ? d->sa : NULL;
	rcu_read_unlock();
	if (!other)
		return;
	spin_lock_bh(&sa->in->sas.lock);
	if (other != sa && other->live && other->group == sa->group && !other->crossed_by) {
		other->crossed_by = sa->id;
		other->yield = ISAKMP_YIELD_SILENT;
		isakmp_sa_post(other, ISAKMP_EV_CROSSED, 0);
	}
	spin_unlock_bh(&sa->in->sas.lock);
	isakmp_sa_put(other);
}

/* ---- others' -------------------------------------------------------------- */

/* By where we ask for the peer, wherever it moves to. */
static void set_key(struct kept_key *key, const char *peer, const struct isakmp_addr *remote)
{
	memset(key, 0, sizeof(*key));
	strscpy(key->peer, peer, sizeof(key->peer));
	key->remote = *remote;
}

/* Out of the tables; NULL: there is none. */
static struct entry *take(struct isakmp_ticket_net *tn, const struct kept_key *key)
{
	struct entry *e;

	spin_lock(&tn->lock);
	e = rhashtable_lookup_fast(&tn->kept, key, kept_params);
	if (e)
		leave(tn, e);
	spin_unlock(&tn->lock);
	return e;
}

static int keep(struct isakmp_ticket_net *tn, struct entry *e)
{
	int err = -ENOSPC;

	spin_lock(&tn->lock);
	if (!tn->closed && tn->n_kept < ISAKMP_TICKETS_KEPT)
		err = rhashtable_lookup_insert_fast(&tn->kept, &e->node, kept_params);
	if (!err)
		enter(tn, e);
	spin_unlock(&tn->lock);
	return err;
}

/**
 * isakmp_ticket_keep - an SA was lost: its ticket is for the next one
 * @ike: the SA, an initiator
 * @t: its ticket, owned from here on
 *
 * Without room it is forgotten: then the next one authenticates.  There is one for each
 * peer, also when two SAs are lost at once.
 *
 * Context: Process; the SA's worker.
 */
void isakmp_ticket_keep(struct ike_sa *ike, struct ike_ticket *t)
{
	struct isakmp_ticket_net *tn = tickets_of(ike);
	struct entry *e = kzalloc(sizeof(*e), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);

	if (!e) {
		ike_ticket_free(t);
		return;
	}
	set_key(&e->key, ike->peer->name, &isakmp_sa_of(ike)->first.path.remote);
	entry_free(take(tn, &e->key));
	e->ticket = t;
	e->expires = t->expires;
	if (keep(tn, e))
		entry_free(e);
}

/**
 * isakmp_ticket_take - is there a ticket for a new SA?
 * @ike: the SA, an initiator
 *
 * RFC 5723, 4.3.1: one that has expired MUST NOT be presented.
 *
 * Context: Process; the SA's worker.
 * Return: the ticket, the SA's from now on; NULL: there is none that can be presented.
 */
struct ike_ticket *isakmp_ticket_take(struct ike_sa *ike)
{
	struct ike_ticket *t = NULL;
	struct kept_key key;
	struct entry *e;

	set_key(&key, ike->peer->name, &isakmp_sa_of(ike)->first.path.remote);
	e = take(tickets_of(ike), &key);
	/* It may have been with an SA, and back, since */
	if (e && e->expires > isakmp_wall() && e->ticket->binding == ike->peer->binding &&
	    !was_revoked(tickets_of(ike), e->ticket))
		swap(t, e->ticket);
	entry_free(e);
	return t;
}

/**
 * isakmp_ticket_drop - the ticket that is kept for a peer counts no more
 * @in: the namespace
 * @peer: the peer
 *
 * Context: Process.
 */
void isakmp_ticket_drop(struct isakmp_net *in, const struct ike_peer *peer)
{
	struct kept_key key;

	set_key(&key, peer->name, &peer->remote);
	entry_free(take(&in->tickets, &key));
}

/* ---- what is over, or revoked ---------------------------------------------- */

/* Some of a slot, in turn; revoked ones into @gone.  false: all have had their turn. */
static bool reap_some(struct isakmp_ticket_net *tn, struct list_head *slot, u64 revocations,
		      struct list_head *gone)
{
	unsigned int left = REAP_BATCH;
	struct entry *e;

	spin_lock(&tn->lock);
	while (left) {
		e = list_first_entry_or_null(slot, struct entry, slot);
		if (!e || e->looked == revocations)
			break;
		e->looked = revocations;
		list_move_tail(&e->slot, slot);
		if (is_revoked(tn, e->ticket)) {
			leave(tn, e);
			list_add(&e->slot, gone);
		}
		left--;
	}
	spin_unlock(&tn->lock);
	return !left;
}

/* What was revoked since the last time takes the secrets of kept tickets along. */
static void reap(struct isakmp_ticket_net *tn)
{
	struct entry *e, *next;
	u64 revocations;
	unsigned int i;
	LIST_HEAD(gone);

	spin_lock(&tn->lock);
	revocations = tn->revocations;
	spin_unlock(&tn->lock);
	if (revocations == tn->reaped)
		return;
	for (i = 0; i < ISAKMP_TICKET_SLOTS; i++)
		while (reap_some(tn, &tn->kept_slots[i], revocations, &gone))
			cond_resched();
	tn->reaped = revocations;
	list_for_each_entry_safe(e, next, &gone, slot)
		entry_free(e);
}

static void sweep(struct work_struct *work)
{
	struct isakmp_ticket_net *tn = container_of(to_delayed_work(work),
						    struct isakmp_ticket_net, sweep);

	free_over(tn, tn->spent_slots);
	free_over(tn, tn->kept_slots);
	reap(tn);
	spin_lock(&tn->lock);
	if (!tn->closed && (tn->n_spent || tn->n_kept))
		queue_delayed_work(system_unbound_wq, &tn->sweep, msecs_to_jiffies(SWEEP_MS));
	spin_unlock(&tn->lock);
}

/* ---- namespace ----------------------------------------------------------- */

/**
 * isakmp_ticket_net_init - no keys, no tickets
 * @in: the namespace
 *
 * Context: Process.
 * Return: 0 or -errno.
 */
int isakmp_ticket_net_init(struct isakmp_net *in)
{
	struct isakmp_ticket_net *tn = &in->tickets;
	unsigned int i;
	int err;

	spin_lock_init(&tn->lock);
	isakmp_random(&tn->era, sizeof(tn->era));
	INIT_LIST_HEAD(&tn->revoked);
	INIT_DELAYED_WORK(&tn->sweep, sweep);
	for (i = 0; i < ISAKMP_TICKET_SLOTS; i++) {
		INIT_LIST_HEAD(&tn->spent_slots[i]);
		INIT_LIST_HEAD(&tn->kept_slots[i]);
	}
	err = rhashtable_init(&tn->spent, &spent_params);
	if (err)
		return err;
	err = rhashtable_init(&tn->kept, &kept_params);
	if (err)
		rhashtable_destroy(&tn->spent);
	return err;
}

/**
 * isakmp_ticket_net_exit - the namespace goes
 * @in: the namespace; its last SA has ended
 *
 * Context: Process.
 */
void isakmp_ticket_net_exit(struct isakmp_net *in)
{
	struct isakmp_ticket_net *tn = &in->tickets;
	struct revocation *r, *next;

	spin_lock(&tn->lock);
	tn->closed = true;
	spin_unlock(&tn->lock);
	cancel_delayed_work_sync(&tn->sweep);
	free_over(tn, tn->spent_slots);
	free_over(tn, tn->kept_slots);
	rhashtable_destroy(&tn->kept);
	rhashtable_destroy(&tn->spent);
	list_for_each_entry_safe(r, next, &tn->revoked, list)
		kfree(r);
	memzero_explicit(tn->key, sizeof(tn->key));
}
