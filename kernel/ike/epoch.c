// SPDX-License-Identifier: GPL-2.0
/*
 * Epochs: what belongs to one pair of IKE SPIs.
 *
 * RFC 7296 calls each of them an IKE SA.  Here an IKE SA goes on, with its
 * children, its identities and its id, when a rekey gives it other keys.
 */
#include "ike/engine.h"
#include "v1/v1.h"

/**
 * ike_epoch_spi - our SPI
 * @ep: the epoch
 *
 * Context: Any.
 * Return: host order.
 */
u64 ike_epoch_spi(const struct ike_epoch *ep)
{
	return ep->initiator ? ep->spi_i : ep->spi_r;
}

static struct ike_epoch *find(const struct ike_sa *sa, bool initiator, u64 spi)
{
	struct ike_epoch *ep;

	for (ep = sa->ep; ep; ep = ep->next)
		if (ep->initiator == initiator && ike_epoch_spi(ep) == spi)
			return ep;
	return NULL;
}

/**
 * ike_epoch_of - whose message is it?
 * @sa: the SA
 * @in: a message to us; on success @in->ep is set
 *
 * RFC 7296, 3.1: the I flag says that it comes from the original initiator.  A first
 * message has no SPI of the responder.
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_SA, REFLECTED.
 */
enum isakmp_reason ike_epoch_of(const struct ike_sa *sa, struct ike_in *in)
{
	bool theirs = in->h.flags & IKE_FLAG_INITIATOR;

	in->ep = in->h.spi_r ? find(sa, !theirs, theirs ? in->h.spi_r : in->h.spi_i) :
			       find(sa, !theirs, ike_epoch_spi(sa->ep));
	if (in->ep)
		return ISAKMP_OK;
	return find(sa, theirs, theirs ? in->h.spi_i : in->h.spi_r) ? ISAKMP_R_REFLECTED :
								      ISAKMP_R_NO_SA;
}

/**
 * ike_epoch_begin - message IDs start at 0, one request at a time
 * @ep: zeroed
 * @initiator: are we its original initiator?
 *
 * RFC 7296, 2.2 and 2.3.
 *
 * Context: Any.
 */
void ike_epoch_begin(struct ike_epoch *ep, bool initiator)
{
	ep->initiator = initiator;
	ep->window_in = 1;
	ep->window_out = 1;
}

/**
 * ike_epoch_check_id - may the peer make a request with this message ID now?
 * @ep: the epoch
 * @id: the message ID
 *
 * RFC 7296, 2.2 and 2.3.
 *
 * Context: Process; the SA's worker.
 * Return: OK, OLD_ID, AHEAD_ID.
 */
enum isakmp_reason ike_epoch_check_id(const struct ike_epoch *ep, u32 id)
{
	if (id < ep->next_in)
		return ISAKMP_R_OLD_ID;
	/* RFC 7296, 2.2: they do not wrap; long before, the IKE SA is rekeyed */
	if (id - ep->next_in >= ep->window_in || id >= IKE_MSGID_MAX)
		return ISAKMP_R_AHEAD_ID;
	return ep->seen & BIT(id - ep->next_in) ? ISAKMP_R_OLD_ID : ISAKMP_OK;
}

/**
 * ike_epoch_accept - the peer has made a request
 * @ep: the epoch
 * @id: its message ID, in the window
 *
 * Context: Process; the SA's worker.
 */
void ike_epoch_accept(struct ike_epoch *ep, u32 id)
{
	ep->seen |= (u32)BIT(id - ep->next_in);
	while (ep->seen & 1) {
		ep->seen >>= 1;
		ep->next_in++;
	}
}

/**
 * ike_epoch_unaccept - a request counts as not made: it will come again
 * @ep: the epoch
 * @id: its message ID, accepted before
 *
 * Context: Process; the SA's worker.
 */
void ike_epoch_unaccept(struct ike_epoch *ep, u32 id)
{
	unsigned int back;

	if (id >= ep->next_in) {
		ep->seen &= ~(u32)BIT(id - ep->next_in);
		return;
	}
	back = ep->next_in - id;
	ep->seen = ep->seen << back | ((u32)BIT(back) - 2);
	ep->next_in = id;
}

/**
 * ike_epoch_worn - does an epoch run out of message IDs?
 * @ep: the epoch
 *
 * RFC 7296, 2.2: when "Message IDs grow too large to fit in 32 bits, the IKE SA MUST be
 * closed or rekeyed".
 *
 * Context: Process; the SA's worker.
 * Return: true if it is to be rekeyed.
 */
bool ike_epoch_worn(const struct ike_epoch *ep)
{
	return max(ep->next_out, ep->next_in) >= IKE_MSGID_REKEY;
}

/**
 * ike_epoch_new - another epoch of an SA, with an SPI of ours
 * @sa: the SA
 * @initiator: do we ask for it?
 *
 * Context: Process; the SA's worker.
 * Return: the epoch, in no list yet; NULL: no memory.
 */
struct ike_epoch *ike_epoch_new(struct ike_sa *sa, bool initiator)
{
	struct ike_epoch *ep = isakmp_alloc(sizeof(*ep));

	if (!ep)
		return NULL;
	ike_epoch_begin(ep, initiator);
	if (!isakmp_door_open(sa, ep))
		return ep;
	isakmp_free(ep);
	return NULL;
}

/**
 * ike_epoch_forget - an epoch is closed: its keys go at once
 * @ep: the epoch; what is kept of it is what was sent
 *
 * RFC 7296, 2.12: "once a connection is closed, each endpoint MUST forget not only the
 * keys used by the connection but also any information that could be used to recompute
 * those keys."
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void ike_epoch_forget(struct ike_epoch *ep)
{
	isakmp_sk_free(ep->sk_in);
	isakmp_sk_free(ep->sk_out);
	ep->sk_in = NULL;
	ep->sk_out = NULL;
	memzero_explicit(ep->sk_d, sizeof(ep->sk_d));
}

/**
 * ike_epoch_free - forget an epoch
 * @sa: the SA
 * @ep: in no list (any more)
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void ike_epoch_free(struct ike_sa *sa, struct ike_epoch *ep)
{
	if (sa->in.ep == ep)
		sa->in.ep = sa->ep;
	v1_epoch_release(sa, ep);
	ike_request_drop_all(sa, ep);
	ike_fragments_free(sa, ep);
	isakmp_door_close(sa, ep);
	ike_epoch_forget(ep);
	isakmp_free(ep->lowest);
	isakmp_free(ep->token);
	memzero_explicit(ep, sizeof(*ep));
	if (ep != &sa->first)
		isakmp_free(ep);
}

/**
 * ike_epoch_add - an epoch that is not in use, or not yet
 * @sa: the SA
 * @ep: from ike_epoch_new(), with its keys
 *
 * Context: Process; the SA's worker.
 */
void ike_epoch_add(struct ike_sa *sa, struct ike_epoch *ep)
{
	ep->next = sa->ep->next;
	sa->ep->next = ep;
}

/**
 * ike_epoch_remove - take an epoch out of the list of its SA
 * @sa: the SA
 * @ep: in its list, not the only one
 *
 * Context: Process; the SA's worker.
 */
void ike_epoch_remove(struct ike_sa *sa, struct ike_epoch *ep)
{
	struct ike_epoch **at = &sa->ep;

	while (*at != ep)
		at = &(*at)->next;
	*at = ep->next;
}

/**
 * ike_epoch_succeed - another epoch is in use from now on
 * @sa: the SA
 * @ep: one that was added
 *
 * Context: Process; the SA's worker.
 */
void ike_epoch_succeed(struct ike_sa *sa, struct ike_epoch *ep)
{
	ike_epoch_remove(sa, ep);
	ep->next = sa->ep;
	sa->ep = ep;
	sa->tasks &= ~(unsigned long)IKE_TASK_REKEY;
}

/**
 * ike_epoch_rival - one that the peer has asked for while we were asking
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 * Return: the epoch, or NULL: there is none.
 */
struct ike_epoch *ike_epoch_rival(const struct ike_sa *sa)
{
	struct ike_epoch *ep;

	for (ep = sa->ep->next; ep; ep = ep->next)
		if (ep->state == IKE_EPOCH_OPEN)
			return ep;
	return NULL;
}

/* Those that are more than a stock of answers. */
static unsigned int alive(const struct ike_sa *sa)
{
	const struct ike_epoch *ep;
	unsigned int n = 0;

	for (ep = sa->ep; ep; ep = ep->next)
		n += ep->state != IKE_EPOCH_GONE;
	return n;
}

/**
 * ike_epochs_full - are there as many as there may be?
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 * Return: true if there may be no other one before one is deleted.
 */
bool ike_epochs_full(const struct ike_sa *sa)
{
	return alive(sa) >= IKE_EPOCHS_MAX;
}

/**
 * ike_epoch_leave - another epoch has its place: the peer deletes it
 * @ep: the epoch
 * @now: ms
 *
 * If the peer forgets, we do, but not while it may wait for our answer.
 *
 * Context: Process; the SA's worker.
 */
void ike_epoch_leave(struct ike_epoch *ep, u64 now)
{
	ep->state = IKE_EPOCH_LEFT;
	ep->end_at = now + IKE_RESPONSE_MS;
}

/**
 * ike_epoch_heard - the peer uses an epoch
 * @sa: the SA
 * @ep: the epoch
 * @now: ms
 *
 * Then it has our answer, and no need for older ones.
 *
 * Context: Process; the SA's worker.
 */
void ike_epoch_heard(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct ike_epoch *old;

	ep->heard = true;
	if (ep != sa->ep)
		return;
	for (old = ep->next; old; old = old->next)
		if (old->state == IKE_EPOCH_LEFT)
			old->end_at = min(old->end_at, now + IKE_REKEYED_MS);
}

/**
 * ike_epoch_for - in which epoch a task is carried out
 * @sa: the SA
 * @task: IKE_TASK_*
 *
 * The one in use.  But when our answer to its rekey is lost, for the peer asked from
 * where it believed us to be, it has to hear of the new address first, in one that it is
 * known to have.
 *
 * Context: Process; the SA's worker.
 * Return: the epoch.
 */
struct ike_epoch *ike_epoch_for(const struct ike_sa *sa, unsigned long task)
{
	struct ike_epoch *ep = sa->ep;

	if (!(task & (IKE_TASK_UPDATE | IKE_TASK_ADDRESSES)) || ep->heard || ep->initiator)
		return ep;
	while (ep && (ep->state != IKE_EPOCH_LEFT || !(ep->heard || ep->initiator)))
		ep = ep->next;
	return ep ?: sa->ep;
}

/**
 * ike_epoch_close - another epoch has its place: we delete it
 * @ep: the epoch
 *
 * Context: Process; the SA's worker.
 */
void ike_epoch_close(struct ike_epoch *ep)
{
	ep->state = IKE_EPOCH_CLOSING;
}

/* What was under way in an epoch that has gone starts over in the one in use. */
static void start_over(struct ike_sa *sa, const struct ike_epoch *ep)
{
	const struct ike_request *r;
	struct ike_child *c;

	for (r = ep->out; r; r = r->next) {
		sa->tasks |= r->task & (IKE_TASK_UPDATE | IKE_TASK_ADDRESSES | IKE_TASK_PROBE |
					IKE_TASK_LIFETIME | IKE_TASK_REDIRECT);
		c = r->spi ? ike_child_of(sa, r->spi) : NULL;
		if (c)
			c->busy = false;
	}
}

/**
 * ike_epoch_gone - an epoch is deleted at both ends
 * @sa: the SA
 * @ep: not the one in use
 * @now: ms
 *
 * It stays for a while to have its answers repeated.
 *
 * Context: Process; the SA's worker.
 */
void ike_epoch_gone(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	start_over(sa, ep);
	ike_request_drop_all(sa, ep);
	ike_fragments_free(sa, ep);
	ike_epoch_forget(ep);
	ep->state = IKE_EPOCH_GONE;
	ep->end_at = now + IKE_LINGER_MS;
}

/* What its time has come for. */
static void look(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	enum isakmp_reason why;

	if (ep->state == IKE_EPOCH_LEFT && now >= ep->end_at)
		ike_epoch_close(ep);
	if (ep->state == IKE_EPOCH_CLOSING && !ep->out) {
		why = ike_info_close(sa, ep, now);
		if (why)
			isakmp_refused(sa, why, 0);
		if (why == ISAKMP_R_NO_MEMORY)
			sa->retry_at = now + sa->tun->retransmit_ms;
		else if (why)
			ike_epoch_gone(sa, ep, now);
	}
	if (ep->state == IKE_EPOCH_GONE && now >= ep->end_at) {
		ike_epoch_remove(sa, ep);
		ike_epoch_free(sa, ep);
	}
}

/**
 * ike_epoch_tasks - delete and forget those that are not in use
 * @sa: the SA
 * @now: ms
 *
 * RFC 7296, 2.8: the Delete is "the last request sent over the old IKE SA".
 *
 * Context: Process; the SA's worker.
 */
void ike_epoch_tasks(struct ike_sa *sa, u64 now)
{
	unsigned int n = alive(sa);
	struct ike_epoch *ep, *next;

	for (ep = sa->ep->next; ep; ep = next) {
		next = ep->next;
		/* The oldest are last */
		if (ep->state == IKE_EPOCH_GONE && ++n > IKE_EPOCHS_MAX)
			ep->end_at = now;
		look(sa, ep, now);
	}
}

/**
 * ike_epoch_deadline - when one of those not in use wants to be looked at
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 * Return: ms; U64_MAX: never.
 */
u64 ike_epoch_deadline(const struct ike_sa *sa)
{
	const struct ike_epoch *ep;
	u64 t = IKE_NEVER;

	if (sa->state == IKE_S_DEAD)
		return t;	/* they go with the SA */
	for (ep = sa->ep->next; ep; ep = ep->next)
		if (ep->state == IKE_EPOCH_LEFT || ep->state == IKE_EPOCH_GONE)
			t = min(t, ep->end_at);
	return t;
}

/**
 * ike_epoch_silence - nothing is sent any more
 * @sa: the SA, which ends
 *
 * Context: Process; the SA's worker.
 */
void ike_epoch_silence(struct ike_sa *sa)
{
	struct ike_epoch *ep;

	for (ep = sa->ep; ep; ep = ep->next)
		ike_request_drop_all(sa, ep);
}

/**
 * ike_epoch_drop_all - the SA ends, with all that it had keys for
 * @sa: the SA
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void ike_epoch_drop_all(struct ike_sa *sa)
{
	struct ike_epoch *ep;

	while ((ep = sa->ep)) {
		sa->ep = ep->next;
		ike_epoch_free(sa, ep);
	}
}
