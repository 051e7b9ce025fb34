// SPDX-License-Identifier: GPL-2.0
/*
 * Rekeying a child SA (RFC 7296, 2.8 and 2.8.1).
 *
 *	X	the child in use
 *	N	what takes its place, made by CREATE_CHILD_SA with REKEY_SA
 *
 *	we ask		with the answer N is up at both ends: traffic goes out through N,
 *			X is deleted by us
 *	we are asked	N receives at once; X goes on sending until the first packet
 *			comes in through N, or the peer deletes X
 *	both ask	there are two N.  The one that the lowest of the four nonces went
 *			into is deleted by who asked for it; who asked for the other one
 *			deletes X
 *
 * An X or N that went this way receives a little longer: packets may be under way.
 */
#include "ike/engine.h"

/* ---- when ---------------------------------------------------------------- */

/**
 * ike_soft_limit - when to rekey what has a lifetime
 * @hard: the lifetime, of whatever unit; 0: none
 * @early: do we ask first?
 *
 * RFC 7296, 2.8.1: "the timing of rekeying requests SHOULD be jittered".  That is 81
 * to 88 % for one end, and 90 to 94 % for the other.
 *
 * Context: Any.
 * Return: the soft limit, 0: none.
 */
u64 ike_soft_limit(u64 hard, bool early)
{
	u8 dice;

	isakmp_random(&dice, sizeof(dice));
	if (early)
		return hard - (hard >> 2) + (hard >> 4) + (((hard >> 8) * dice) >> 4);
	return hard - (hard >> 4) - (hard >> 5) + (((hard >> 8) * dice) >> 5);
}

/* Longer each time, and by chance: two ends that were in each other's way part. */
static u64 rekey_delay(u8 n)
{
	u64 wait = min_t(u64, (u64)IKE_DELAY_MS << min_t(u8, n - 1, 16), IKE_DELAY_MAX_MS);
	u8 dice;

	isakmp_random(&dice, sizeof(dice));
	return wait + ((wait * dice) >> 10);
}

/**
 * ike_rekey_patient - wait after a TEMPORARY_FAILURE
 * @n: how many there were; counts this one
 * @end: ms: when what is to be rekeyed ends
 * @at: ms: set: when to ask again
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: false: there were too many, or the time that is left is for another IKE SA.
 */
bool ike_rekey_patient(u8 *n, u64 end, u64 *at, u64 now)
{
	u64 wait = rekey_delay(++*n);

	if (*n > IKE_DELAYS_MAX || (*n > 1 && now + 2 * wait > end))
		return false;
	*at = now + wait;
	return true;
}

/**
 * ike_rekey_limits - when a child is to be rekeyed
 * @c: the child, about to be installed
 * @now: ms
 *
 * Who has proposed it asks first.
 *
 * Context: Process; the SA's worker.
 */
void ike_rekey_limits(struct ike_child *c, u64 now)
{
	c->soft_bytes = ike_soft_limit(c->life.bytes, c->proposer);
	c->soft_packets = ike_soft_limit(c->life.packets, c->proposer);
	c->up_at = now;
	c->rekey_at = c->life.s ? now + ike_soft_limit((u64)c->life.s * 1000, c->proposer) :
				  IKE_NEVER;
}

/* ---- asking -------------------------------------------------------------- */

static struct ike_floor *floor_of(const struct ike_child *c)
{
	struct ike_floor *f;

	f = isakmp_alloc(sizeof(*f) + (size_t)(c->n_local + c->n_remote) * sizeof(*f->ts));
	if (!f)
		return NULL;
	f->n_local = c->n_local;
	f->n_remote = c->n_remote;
	memcpy(f->ts, c->local, c->n_local * sizeof(*f->ts));
	memcpy(f->ts + c->n_local, c->remote, c->n_remote * sizeof(*f->ts));
	return f;
}

/* The child policy of this name as it is configured now. */
static const struct ike_child_policy *policy_now(const struct ike_peer *now, const char *name)
{
	unsigned int i;

	for (i = 0; i < now->n_child; i++)
		if (!strcmp(now->child[i]->name, name))
			return now->child[i];
	return NULL;
}

/* Who shall take, or has taken, the place of the child with @spi. */
static struct ike_child *heir_of(const struct ike_sa *sa, u32 spi, const struct ike_child *but)
{
	struct ike_child *c;

	for (c = sa->children; c; c = c->next)
		if (c != but && c->rekeys == spi)
			return c;
	return NULL;
}

/* It has the place of another one, whether or not a third is to have it by now. */
static bool is_heir(const struct ike_child *c)
{
	return c->rekeys && (c->state == IKE_CHILD_UP || c->state == IKE_CHILD_REKEYED);
}

/* Who has its place: when both ends ask, another one may still be wished for. */
static struct ike_child *next_of(const struct ike_sa *sa, const struct ike_child *old)
{
	struct ike_child *c;

	for (c = sa->children; c; c = c->next)
		if (c->rekeys == old->spi_in && is_heir(c))
			return c;
	return NULL;
}

/* Who has it in the end. */
static struct ike_child *successor_of(const struct ike_sa *sa, const struct ike_child *old)
{
	struct ike_child *c = next_of(sa, old);
	unsigned int n = sa->n_children;	/* SPIs may come again: no circles */

	while (c && c->state == IKE_CHILD_REKEYED && n--)
		c = next_of(sa, c);
	return c && c->state == IKE_CHILD_UP ? c : NULL;
}

/* Whose place it is that a child would have, by its selectors. */
static struct ike_child *holder_of(const struct ike_sa *sa, const struct ike_child *c)
{
	struct ike_child *d;

	for (d = sa->children; d && c->policy; d = d->next)
		if (d != c && d->state == IKE_CHILD_UP && d->rekeys &&
		    !strcmp(d->policy->name, c->policy->name) &&
		    ike_ts_all_within(c->local, c->n_local, d->local, d->n_local) &&
		    ike_ts_all_within(c->remote, c->n_remote, d->remote, d->n_remote))
			return d;
	return NULL;
}

/**
 * ike_rekey_wish - a child is wanted with the selectors of another one
 * @sa: the SA
 * @old: the other one
 * @peer: the peer that it shall be of
 * @policy: child of @peer
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: it, WANTED, in the list of @sa; NULL: no memory.
 */
struct ike_child *ike_rekey_wish(struct ike_sa *sa, const struct ike_child *old,
				 const struct ike_peer *peer, const struct ike_child_policy *policy,
				 u64 now)
{
	struct ike_child *c = ike_child_new(sa, peer, policy);

	if (!c)
		return NULL;
	c->floor = floor_of(old);
	if (!c->floor) {
		ike_child_drop(sa, c, ISAKMP_R_NO_MEMORY);
		return NULL;
	}
	c->proposer = true;
	c->nth = old->nth;
	c->mode = old->mode;
	c->try_at = now;
	return c;
}

static enum isakmp_reason want(struct ike_sa *sa, const struct ike_child *old,
			       const struct ike_peer *peer, u64 now)
{
	const struct ike_child_policy *policy = policy_now(peer, old->policy->name);
	struct ike_child *c;

	if (!policy)
		return ISAKMP_R_NO_CHILD;
	if (sa->n_children >= IKE_INSTANCES_MAX)
		return ISAKMP_R_NO_ADDITIONAL_SAS;
	c = ike_rekey_wish(sa, old, peer, policy, now);
	if (!c)
		return ISAKMP_R_NO_MEMORY;
	c->rekeys = old->spi_in;
	c->rekeyed = old->rekeyed + 1;
	return ISAKMP_OK;
}

/**
 * ike_rekey_begin - rekey a child as soon as the IKE SA can
 * @sa: the SA
 * @old: the child; nothing happens unless it is UP, or when it is being rekeyed
 * @now: ms
 *
 * Its successor is of the policy as it is now.
 *
 * Context: Process; the SA's worker.
 */
void ike_rekey_begin(struct ike_sa *sa, struct ike_child *old, u64 now)
{
	const struct ike_peer *peer;
	enum isakmp_reason why;

	if (old->state != IKE_CHILD_UP)
		return;
	old->rekey_at = now + IKE_RENEW_RETRY_MS;	/* when this comes to nothing */
	if (heir_of(sa, old->spi_in, NULL))
		return;
	/* The peer may not have it yet: our answer is still on its way */
	if (old->held && old->rekeys) {
		old->rekey_at = now + IKE_DELAY_MS;
		return;
	}
	peer = isakmp_peer_now(sa);
	why = peer ? want(sa, old, peer, now) : ISAKMP_R_NO_CHILD;
	if (peer)
		isakmp_peer_put(peer);
	if (why)
		isakmp_refused(sa, why, old->spi_in);
}

/**
 * ike_rekey_stale - is there nothing left to be rekeyed?
 * @sa: the SA
 * @c: the child that is wanted
 *
 * Context: Process; the SA's worker.
 * Return: true when @c was wanted in place of one that has gone.
 */
bool ike_rekey_stale(const struct ike_sa *sa, const struct ike_child *c)
{
	const struct ike_child *old = c->rekeys ? ike_child_of(sa, c->rekeys) : NULL;

	return c->rekeys && (!old || old->state > IKE_CHILD_LOST);
}

/*
 * What went through a child so far counts for who has its place; of what it has
 * itself only the rest does, so that the sum stays what it is.
 */
static void hand_over(struct ike_sa *sa, struct ike_child *c, struct ike_child *heir)
{
	u64 n[ISAKMP_COUNTS] = {};
	unsigned int i;

	if (c->xfrm)
		isakmp_child_counters(sa, c, n);
	for (i = 0; i < ISAKMP_COUNTS; i++) {
		heir->past[i] += c->past[i] + n[i];
		c->past[i] = 0 - n[i];
	}
}

/* Our request for the same place is out: its answer is compared with this one all the same. */
static void remember(struct ike_sa *sa, struct ike_child *c)
{
	struct ike_child *ours;

	for (ours = sa->children; ours && c->lowest; ours = ours->next)
		if (ours->state == IKE_CHILD_WANTED && ours->busy && ours->rekeys == c->rekeys) {
			isakmp_free(ours->rival);
			ours->rival = c->lowest;
			c->lowest = NULL;
		}
}

/**
 * ike_rekey_inherit - a child is about to go
 * @sa: the SA
 * @c: the child
 *
 * What went through it counts for who has its place.
 *
 * Context: Process; the SA's worker.
 */
void ike_rekey_inherit(struct ike_sa *sa, struct ike_child *c)
{
	struct ike_child *heir = successor_of(sa, c) ?: holder_of(sa, c);

	remember(sa, c);
	if (heir && c->superseded)
		hand_over(sa, c, heir);
	/* Nobody came in its place: it is a loss after all */
	if (!heir && c->closed)
		c->superseded = false;
}

/* ---- both asked ---------------------------------------------------------- */

/* Octet by octet; when one is at its end, it is the lower one. */
static bool lower(const u8 *a, u16 a_len, const u8 *b, u16 b_len)
{
	int order = memcmp(a, b, min(a_len, b_len));

	return order < 0 || (!order && a_len < b_len);
}

/**
 * ike_lowest_of - the lower nonce of an exchange, for a comparison with another
 * @ni: of who asked
 * @nr: of who answered
 *
 * Context: Process; the SA's worker.
 * Return: to be freed with isakmp_free(); NULL: no memory.
 */
struct ike_lowest *ike_lowest_of(const struct ike_span *ni, const struct ike_span *nr)
{
	bool first = lower(ni->p, (u16)ni->len, nr->p, (u16)nr->len);
	const struct ike_span *n = first ? ni : nr;
	struct ike_lowest *l = isakmp_alloc(sizeof(*l));

	if (!l)
		return NULL;
	l->len = (u16)n->len;
	memcpy(l->nonce, n->p, n->len);
	return l;
}

/**
 * ike_lowest_goes - of two exchanges that did the same: is this one in vain?
 * @this: lower nonce of the one
 * @other: of the other
 *
 * RFC 7296, 2.8.1.
 *
 * Context: Any.
 * Return: true when the lowest nonce of all is in @this.
 */
bool ike_lowest_goes(const struct ike_lowest *this, const struct ike_lowest *other)
{
	return lower(this->nonce, this->len, other->nonce, other->len);
}

/* The peer deletes it; if it forgets, we do, but not while it may wait for our answer. */
static void leave_to_peer(struct ike_child *c, bool waits, u64 now)
{
	c->state = IKE_CHILD_REKEYED;
	c->superseded = true;
	c->try_at = now + (waits ? IKE_RESPONSE_MS : IKE_REKEYED_MS);
}

static void delete_superseded(struct ike_child *c)
{
	c->superseded = true;
	c->closed = false;
	if (c->state != IKE_CHILD_GONE)
		ike_child_delete(c);
}

/*
 * Another one has its place, by our doing.  In version 1 nobody answers a Delete, and the
 * last message of the exchange may come late, or again.
 */
static void give_up(const struct ike_sa *sa, struct ike_child *c, u64 now)
{
	if (!sa->v1 || c->state > IKE_CHILD_LOST) {
		delete_superseded(c);
		return;
	}
	c->superseded = true;
	c->state = IKE_CHILD_REKEYED;
	c->try_at = now + IKE_CHILD_LINGER_MS;
}

/* One too many: it takes nobody's place. */
static void disinherit(struct ike_child *c)
{
	c->rekeys = 0;
	isakmp_free(c->lowest);
	c->lowest = NULL;
}

/* @rival, @old: what still is of the peer's successor, and of the child that both had */
static bool in_vain(const struct ike_child *c, const struct ike_child *rival,
		    const struct ike_child *old)
{
	if (rival)
		return ike_lowest_goes(c->lowest, rival->lowest);
	/* The peer had one in its place: it has given that up, unless it has deleted the old one */
	return c->rival && (!old || old->state == IKE_CHILD_GONE) &&
	       ike_lowest_goes(c->lowest, c->rival);
}

/**
 * ike_rekey_done - our request was answered: a child is up in place of another
 * @sa: the SA
 * @c: the child, UP, held
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void ike_rekey_done(struct ike_sa *sa, struct ike_child *c, u64 now)
{
	struct ike_child *rival = heir_of(sa, c->rekeys, c);
	struct ike_child *old = ike_child_of(sa, c->rekeys);

	if (in_vain(c, rival, old)) {
		c->in_vain = true;
		disinherit(c);
		give_up(sa, c, now);
		return;
	}
	if (c->try_at == IKE_NEVER)	/* the peer does not ask us to wait */
		isakmp_child_switch(sa, c);
	if (rival) {
		hand_over(sa, rival, c);
		disinherit(rival);
		leave_to_peer(rival, false, now);
	}
	if (old) {
		give_up(sa, old, now);
		hand_over(sa, old, c);
	}
}

/* ---- being asked --------------------------------------------------------- */

/* The peer may have what it has agreed to, and we have not heard of yet. */
static bool expects_any(const struct ike_sa *sa)
{
	const struct ike_request *r;

	for (r = sa->ep->out; r; r = r->next)
		if (r->task == IKE_TASK_CREATE_CHILD)
			return true;
	return false;
}

/**
 * ike_rekey_asked - may the peer rekey a child?
 * @sa: the SA
 * @protocol: of the child
 * @spi: what the peer calls it: our outbound SPI
 * @old: the child
 * @now: ms
 *
 * RFC 7296, 2.25.1.
 *
 * Context: Process; the SA's worker.
 * Return: OK; REKEY_UNKNOWN, there is no such child; REKEY_BUSY, not now;
 * REKEY_LIMIT, it asks too often.
 */
enum isakmp_reason ike_rekey_asked(struct ike_sa *sa, u8 protocol, u32 spi,
				   struct ike_child **old, u64 now)
{
	struct ike_child *c;

	for (c = sa->children; c; c = c->next)
		if (c->spi_out == spi && c->state >= IKE_CHILD_UP &&
		    c->state != IKE_CHILD_GONE && ike_child_protocol(c) == protocol)
			break;
	if (!c)
		return expects_any(sa) ? ISAKMP_R_REKEY_BUSY : ISAKMP_R_REKEY_UNKNOWN;
	if (c->state != IKE_CHILD_UP && c->state != IKE_CHILD_LOST)
		return ISAKMP_R_REKEY_BUSY;
	if (sa->n_children >= IKE_INSTANCES_MAX ||
	    !isakmp_bucket_spend(&sa->rekeys, now, IKE_REKEYS_PER_SECOND, IKE_REKEYS_BURST))
		return ISAKMP_R_REKEY_LIMIT;
	*old = c;
	return ISAKMP_OK;
}

/**
 * ike_rekey_fits - is a child what another may be replaced by?
 * @floor: selectors of the other one; NULL: it replaces none
 * @c: the child, as far as it is agreed on
 *
 * RFC 7296, 2.9.2: "The responder MUST NOT narrow down the Traffic Selectors narrower
 * than the scope currently in use."
 *
 * Context: Process; the SA's worker.
 * Return: true if it takes all that the other one takes.
 */
bool ike_rekey_fits(const struct ike_floor *floor, const struct ike_child *c)
{
	/* Those of transport mode are the addresses of the path, which may have changed */
	return !floor || c->mode == IKE_MODE_TRANSPORT ||
	       (ike_ts_all_within(floor->ts, floor->n_local, c->local, c->n_local) &&
		ike_ts_all_within(floor->ts + floor->n_local, floor->n_remote, c->remote,
				  c->n_remote));
}

/**
 * ike_rekey_prepare - a child is going to take the place of another one
 * @c: the child, from ike_child_new()
 * @old: the other one
 *
 * Context: Process; the SA's worker.
 * Return: OK; NO_MEMORY: it is as it was.
 */
enum isakmp_reason ike_rekey_prepare(struct ike_child *c, const struct ike_child *old)
{
	struct ike_floor *floor = floor_of(old);

	if (!floor)
		return ISAKMP_R_NO_MEMORY;
	isakmp_free(c->floor);	/* in version 1 it may have what a lost one had */
	c->floor = floor;
	c->rekeys = old->spi_in;
	c->rekeyed = old->rekeyed + 1;
	return ISAKMP_OK;
}

/**
 * ike_rekey_answered - the peer's request was answered: it has one in place of another
 * @sa: the SA
 * @c: the child, UP, held
 * @now: ms
 *
 * Whatever we wanted in its place is wanted no more, unless we have asked already.
 *
 * Context: Process; the SA's worker.
 */
void ike_rekey_answered(struct ike_sa *sa, struct ike_child *c, u64 now)
{
	struct ike_child *old = ike_child_of(sa, c->rekeys);
	struct ike_child *ours = heir_of(sa, c->rekeys, c);

	if (ours && ours->state == IKE_CHILD_WANTED && !ours->busy)
		ike_child_drop(sa, ours, ISAKMP_OK);
	if (!old)
		return;
	leave_to_peer(old, true, now);
	hand_over(sa, old, c);
}

/**
 * ike_rekey_used - a packet came in through a child that is held
 * @sa: the SA
 * @c: the child
 * @now: ms
 *
 * RFC 7296, 2.8: now the peer can receive there.
 *
 * Context: Process; the SA's worker.
 */
void ike_rekey_used(struct ike_sa *sa, struct ike_child *c, u64 now)
{
	struct ike_child *old = c->rekeys ? ike_child_of(sa, c->rekeys) : NULL;

	if (!c->held || (c->state != IKE_CHILD_UP && !is_heir(c)))
		return;
	isakmp_child_switch(sa, c);
	/* Who has asked deletes it: in version 1 it may have been told to wait (CONNECTED) */
	if (old && old->state == IKE_CHILD_REKEYED && !c->proposer)
		leave_to_peer(old, false, now);
}

/**
 * ike_rekey_lost - a child that the peer is to delete has lost its states
 * @sa: the SA
 * @c: the child, REKEYED
 *
 * Nothing goes out through it any more: who has its place sends, even if the peer may
 * not have that yet.
 *
 * Context: Process; the SA's worker.
 */
void ike_rekey_lost(struct ike_sa *sa, const struct ike_child *c)
{
	struct ike_child *heir = next_of(sa, c);

	if (heir && heir->held)
		isakmp_child_switch(sa, heir);
}

/**
 * ike_rekey_over - the peer has not deleted a child that another has the place of: we do
 * @sa: the SA
 * @c: the child, REKEYED
 *
 * Context: Process; the SA's worker.
 */
void ike_rekey_over(struct ike_sa *sa, struct ike_child *c)
{
	ike_rekey_lost(sa, c);
	ike_child_delete(c);
}

/**
 * ike_rekey_wanted - do we want another one in place of a child?
 * @sa: the SA
 * @c: the child
 *
 * Context: Process; the SA's worker.
 * Return: the wish, or NULL.
 */
struct ike_child *ike_rekey_wanted(const struct ike_sa *sa, const struct ike_child *c)
{
	struct ike_child *d;

	for (d = sa->children; d; d = d->next)
		if (d->state == IKE_CHILD_WANTED && d->rekeys == c->spi_in)
			return d;
	return NULL;
}

/* Nobody has its place after all: the child that was to go stays. */
static void reinstate(struct ike_sa *sa, struct ike_child *heir, u64 now)
{
	struct ike_child *old = heir->rekeys ? ike_child_of(sa, heir->rekeys) : NULL;

	if (!old || old->state != IKE_CHILD_REKEYED)
		return;
	hand_over(sa, heir, old);
	if (heir_of(sa, old->spi_in, heir))
		return;
	old->state = IKE_CHILD_UP;
	old->superseded = false;
	old->try_at = IKE_NEVER;
	old->rekey_at = now + IKE_RENEW_RETRY_MS;
	isakmp_child_switch(sa, old);
}

/**
 * ike_rekey_forget - a child that we wanted will not be
 * @sa: the SA
 * @c: the child, WANTED; freed
 * @why: for the event; OK: as asked
 * @now: ms
 *
 * The peer may have deleted its own successor of the same child because ours was to be,
 * or the child itself.
 *
 * Context: Process; the SA's worker.
 */
void ike_rekey_forget(struct ike_sa *sa, struct ike_child *c, enum isakmp_reason why, u64 now)
{
	struct ike_child *old = c->rekeys ? ike_child_of(sa, c->rekeys) : NULL;

	reinstate(sa, c, now);
	ike_child_drop(sa, c, why);
	if (old && old->closed)
		ike_info_closed(sa, old, now);
}

/* Is each selector of a list one of another? */
static bool all_among(const struct isakmp_ts *a, unsigned int n_a, const struct isakmp_ts *b,
		      unsigned int n_b)
{
	unsigned int j;

	for (; n_a--; a++) {
		for (j = 0; j < n_b; j++)
			if (ike_ts_within(a, &b[j]) && ike_ts_within(&b[j], a))
				break;
		if (j == n_b)
			return false;
	}
	return true;
}

/*
 * Does @heir send all that is sent through @c, by the same policies?  In transport mode
 * other ones are for where the path was.
 */
static bool sends_for(const struct ike_child *heir, const struct ike_child *c)
{
	if (c->mode == IKE_MODE_TRANSPORT)
		return true;
	return all_among(c->local, c->n_local, heir->local, heir->n_local) &&
	       all_among(c->remote, c->n_remote, heir->remote, heir->n_remote);
}

/**
 * ike_rekey_closed - a child is deleted at both ends
 * @sa: the SA
 * @c: the child; gone afterwards, or receiving what is under way
 * @now: ms
 *
 * Who has its place sends from now on; not who has that one's, which the peer may not
 * have yet.
 *
 * Context: Process; the SA's worker.
 */
void ike_rekey_closed(struct ike_sa *sa, struct ike_child *c, u64 now)
{
	struct ike_child *heir = next_of(sa, c);

	if (heir)
		ike_rekey_used(sa, heir, now);
	/* Unless another one has its own place: Deletes overtake each other */
	if (!c->superseded)
		reinstate(sa, c, now);
	if (!c->superseded || !c->xfrm) {
		ike_child_drop(sa, c, ISAKMP_OK);
		return;
	}
	isakmp_child_yield(c, heir && !sends_for(heir, c));
	c->busy = false;
	c->state = IKE_CHILD_GONE;
	c->try_at = now + IKE_CHILD_LINGER_MS / (sa->v1 ? 2 : 1);
}
