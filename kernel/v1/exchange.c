// SPDX-License-Identifier: GPL-2.0
/*
 * Exchanges of phase 2, by message ID, and the message IDs that are used up.
 *
 * RFC 2409, 5.5: several may be under way at once.  One that is over stays for a while to
 * repeat its last message.  A message ID counts once, of either end: so neither a Quick Mode
 * nor a Delete can be replayed, nor ours be sent back to us.
 */
#include "v1/engine.h"

/* ---- message IDs --------------------------------------------------------- */

/* Where @msgid is, or would be. */
static u16 place(const struct v1_phase1 *p, u32 msgid)
{
	u16 low = 0, high = p->n_ids, mid;

	while (low < high) {
		mid = (u16)((low + high) / 2);
		if (p->ids[mid] < msgid)
			low = (u16)(mid + 1);
		else
			high = mid;
	}
	return low;
}

/**
 * v1_id_used - was a message ID used already?
 * @ep: the ISAKMP SA
 * @msgid: it
 *
 * Context: Process; the SA's worker.
 * Return: true if it was.
 */
bool v1_id_used(const struct ike_epoch *ep, u32 msgid)
{
	const struct v1_phase1 *p = v1_of(ep);
	u16 at = place(p, msgid);

	return at < p->n_ids && p->ids[at] == msgid;
}

static enum isakmp_reason grow(struct v1_phase1 *p)
{
	u16 room = p->ids_room ? (u16)min(2 * p->ids_room, V1_IDS_MAX) : 16;
	u32 *ids;

	if (p->n_ids < p->ids_room)
		return ISAKMP_OK;
	if (p->n_ids >= V1_IDS_MAX)
		return ISAKMP_R_V1_IDS_USED;
	ids = isakmp_alloc(room * sizeof(*ids));
	if (!ids)
		return ISAKMP_R_NO_MEMORY;
	if (p->n_ids)
		memcpy(ids, p->ids, p->n_ids * sizeof(*ids));
	isakmp_free(p->ids);
	p->ids = ids;
	p->ids_room = room;
	return ISAKMP_OK;
}

/**
 * v1_id_use - use up a message ID
 * @ep: the ISAKMP SA
 * @msgid: one that is not used
 *
 * Context: Process; the SA's worker.
 * Return: OK; NO_MEMORY; V1_IDS_USED: it has had as many as it may.
 */
enum isakmp_reason v1_id_use(struct ike_epoch *ep, u32 msgid)
{
	struct v1_phase1 *p = v1_of(ep);
	enum isakmp_reason why = grow(p);
	u16 at;

	if (why)
		return why;
	at = place(p, msgid);
	memmove(p->ids + at + 1, p->ids + at, (size_t)(p->n_ids - at) * sizeof(*p->ids));
	p->ids[at] = msgid;
	p->n_ids++;
	return ISAKMP_OK;
}

/**
 * v1_id_unuse - the message could not be handled, and will come again
 * @ep: the ISAKMP SA
 * @msgid: used up for it; fine if it is not any more
 *
 * Context: Process; the SA's worker.
 */
void v1_id_unuse(struct ike_epoch *ep, u32 msgid)
{
	struct v1_phase1 *p = v1_of(ep);
	u16 at = place(p, msgid);

	if (at >= p->n_ids || p->ids[at] != msgid)
		return;
	p->n_ids--;
	memmove(p->ids + at, p->ids + at + 1, (size_t)(p->n_ids - at) * sizeof(*p->ids));
}

/**
 * v1_id_fresh - a message ID for us
 * @ep: the ISAKMP SA
 *
 * RFC 2408, 3.1: random, not 0.
 *
 * Context: Process; the SA's worker.
 * Return: it, used up; 0: no memory, or there are none left.
 */
u32 v1_id_fresh(struct ike_epoch *ep)
{
	u32 msgid;

	do {
		isakmp_random(&msgid, sizeof(msgid));
	} while (!msgid || v1_id_used(ep, msgid));
	return v1_id_use(ep, msgid) ? 0 : msgid;
}

/* ---- exchanges ----------------------------------------------------------- */

static unsigned int count(const struct v1_phase1 *p, struct v1_exchange **oldest_over)
{
	struct v1_exchange *x;
	unsigned int n = 0;

	*oldest_over = NULL;
	for (x = p->exchanges; x; x = x->next) {
		n++;
		if (!x->step)
			*oldest_over = x;	/* new ones are first */
	}
	return n;
}

/* The IV that it begins with: after the message that is being handled, or its own. */
static int first_iv(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x)
{
	const struct v1_in *in = sa->v1->in;

	if (x->initiator || !in || in->ep != ep || in->h.msgid != x->msgid)
		return v1_iv_of(ep, x->msgid, x->iv);
	memcpy(x->iv, in->iv, sizeof(x->iv));
	return 0;
}

/**
 * v1_exchange_new - begin an exchange of phase 2
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @ops: what kind it is
 * @msgid: 0: ours, with a fresh message ID; else the peer's, whose message is being handled
 * @now: ms
 *
 * It awaits message 2, of either.
 *
 * Context: Process; the SA's worker.
 * Return: the exchange; NULL: no memory, or there are too many.
 */
struct v1_exchange *v1_exchange_new(struct ike_sa *sa, struct ike_epoch *ep,
				    const struct v1_exchange_ops *ops, u32 msgid, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);
	struct v1_exchange *x, *old;

	if (count(p, &old) >= V1_EXCHANGES_MAX) {
		if (!old)
			return NULL;
		v1_exchange_free(sa, ep, old);
	}
	x = isakmp_alloc(sizeof(*x));
	if (!x)
		return NULL;
	x->ops = ops;
	x->initiator = !msgid;
	x->msgid = msgid ? msgid : v1_id_fresh(ep);
	x->step = x->initiator ? 2 : 3;
	x->until_at = now + V1_EXCHANGE_MS;
	x->talk.resend_at = IKE_NEVER;
	if (!x->msgid || first_iv(sa, ep, x)) {
		isakmp_free(x);
		return NULL;
	}
	x->next = p->exchanges;
	p->exchanges = x;
	return x;
}

/**
 * v1_exchange_of - the exchange with a message ID
 * @ep: the ISAKMP SA
 * @msgid: it
 *
 * Context: Process; the SA's worker.
 * Return: the exchange; NULL: there is none.
 */
struct v1_exchange *v1_exchange_of(const struct ike_epoch *ep, u32 msgid)
{
	struct v1_exchange *x;

	for (x = v1_of(ep)->exchanges; x; x = x->next)
		if (x->msgid == msgid)
			return x;
	return NULL;
}

/**
 * v1_exchange_done - an exchange is over: it repeats its last message
 * @x: the exchange
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_exchange_done(struct v1_exchange *x, u64 now)
{
	x->step = 0;
	x->talk.resend_at = IKE_NEVER;
	x->until_at = now + V1_KEEP_MS;
}

/**
 * v1_exchange_free - forget an exchange
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @x: its exchange
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void v1_exchange_free(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x)
{
	struct v1_exchange **at = &v1_of(ep)->exchanges;

	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
	if (x->ops->free)
		x->ops->free(sa, x);
	v1_talk_free(&x->talk);
	isakmp_free(x);
}

/**
 * v1_exchange_free_all - the same for all of an ISAKMP SA
 * @sa: the SA
 * @ep: the ISAKMP SA
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void v1_exchange_free_all(struct ike_sa *sa, struct ike_epoch *ep)
{
	struct v1_phase1 *p = v1_of(ep);

	while (p->exchanges)
		v1_exchange_free(sa, ep, p->exchanges);
}

/* ---- time ---------------------------------------------------------------- */

/* Nobody answers. */
static void lose(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x, u64 now)
{
	u32 msgid = x->msgid;

	if (x->step) {
		isakmp_refused(sa, ISAKMP_R_TIMEOUT, 0);
		if (x->ops->lost)
			x->ops->lost(sa, ep, x, now);
	}
	/* It may be gone, with all that there was */
	if (ep->v1 && v1_exchange_of(ep, msgid) == x)
		v1_exchange_free(sa, ep, x);
}

static struct v1_exchange *due(const struct v1_phase1 *p, u64 now)
{
	struct v1_exchange *x = p->exchanges;

	while (x && now < x->until_at && now < x->talk.resend_at)
		x = x->next;
	return x;
}

/**
 * v1_exchanges_timer - retransmit, give up, forget
 * @sa: the SA
 * @ep: one of its epochs
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_exchanges_timer(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct v1_exchange *x;

	while (ep->v1 && (x = due(v1_of(ep), now)))
		if (now >= x->until_at || !v1_talk_resend(sa, &x->talk, now))
			lose(sa, ep, x, now);
}

/**
 * v1_exchanges_deadline - when that is
 * @ep: an epoch
 *
 * Context: Process; the SA's worker.
 * Return: ms; U64_MAX: never.
 */
u64 v1_exchanges_deadline(const struct ike_epoch *ep)
{
	const struct v1_exchange *x = ep->v1 ? v1_of(ep)->exchanges : NULL;
	u64 t = IKE_NEVER;

	for (; x; x = x->next)
		t = min(t, min(x->until_at, x->talk.resend_at));
	return t;
}
