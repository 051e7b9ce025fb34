// SPDX-License-Identifier: GPL-2.0
/*
 * Hints that something may be wrong (RFC 7296, 1.5 and 2.21.4).
 *
 *	HDR, N(INVALID_IKE_SPI)		anybody can say it: is the peer there?
 *	HDR, SK {N(INVALID_SPI)}	the peer says it: does it have the child?
 *
 * No hint changes an SA.  It is the occasion to ask, and not often.  A token beside it is
 * more than a hint: qcd.c.
 */
#include "ike/engine.h"

static bool has_notify(const struct isakmp_chain *c, u16 type, struct isakmp_notify *n)
{
	const struct isakmp_payload *p = NULL;

	while ((p = isakmp_chain_next(c, IKE_PL_NOTIFY, p)))
		if (!isakmp_notify_decode(p, n) && n->type == type)
			return true;
	return false;
}

/**
 * ike_hint_clear - an unprotected message where a protected one belongs
 * @sa: the SA
 * @in: the message
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: FORGEABLE: it was a hint; OK: it was none; as ike_qcd_check().
 */
enum isakmp_reason ike_hint_clear(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	enum isakmp_reason why;
	struct isakmp_notify n;

	if (in->h.next != IKE_PL_NOTIFY ||
	    (sa->state != IKE_S_ESTABLISHED && sa->state != IKE_S_DELETING) ||
	    isakmp_chain_decode(in->h.next, in->pkt->data + IKE_HDR_LEN,
				in->pkt->len - IKE_HDR_LEN, &in->chain))
		return ISAKMP_OK;
	why = ike_qcd_check(sa, in, now);
	if (why == ISAKMP_R_CRASHED || !has_notify(&in->chain, IKE_N_INVALID_IKE_SPI, &n))
		return why;
	in->arg = n.type;
	/* A request that is out asks already */
	if (now >= sa->hint_at && !sa->ep->out && sa->state == IKE_S_ESTABLISHED) {
		sa->hint_at = now + IKE_HINT_MS;
		sa->tasks |= IKE_TASK_LIVENESS;
	}
	return why ? why : ISAKMP_R_FORGEABLE;
}

/**
 * ike_hint_spi - does the peer get ESP or AH that it knows nothing of?
 * @sa: the SA
 * @in: an authentic request
 * @now: ms
 *
 * A rekey of the child finds out: if the peer has it not, it says so.
 *
 * Context: Process; the SA's worker.
 */
void ike_hint_spi(struct ike_sa *sa, const struct ike_in *in, u64 now)
{
	struct isakmp_notify n;
	struct ike_child *c;
	u32 spi;

	/* What anybody can say is not in the way of what the peer says */
	if (now < sa->spi_hint_at || !has_notify(&in->chain, IKE_N_INVALID_SPI, &n))
		return;
	sa->spi_hint_at = now + IKE_HINT_MS;
	spi = get_unaligned_be32(n.data);
	for (c = sa->children; c; c = c->next)
		if (c->spi_out == spi)
			break;
	if (c)
		ike_rekey_begin(sa, c, now);
}
