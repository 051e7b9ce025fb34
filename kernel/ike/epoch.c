// SPDX-License-Identifier: GPL-2.0
/*
 * Epochs: what belongs to one pair of IKE SPIs.
 *
 * RFC 7296 calls each of them an IKE SA.  Here an IKE SA goes on, with its
 * children, its identities and its id, when a rekey gives it other keys.
 */
#include "ike/engine.h"

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
	/* The epoch ends long before message IDs could wrap */
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

static void release(struct ike_sa *sa, struct ike_epoch *ep)
{
	ike_request_drop_all(ep);
	ike_fragments_free(sa, ep);
	isakmp_door_close(sa, ep);
	isakmp_sk_free(ep->sk_in);
	isakmp_sk_free(ep->sk_out);
	memzero_explicit(ep, sizeof(*ep));
	if (ep != &sa->first)
		isakmp_free(ep);
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
		release(sa, ep);
	}
}
