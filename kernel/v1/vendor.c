// SPDX-License-Identifier: GPL-2.0
/*
 * Vendor IDs: what both ends speak beside the RFCs of 1998.
 *
 * The initiator says all that it speaks.  The responder answers with what it has heard,
 * and with the one kind of NAT traversal that is used: RFC 3947 before the drafts.
 */
#include "v1/engine.h"

static const u8 natt[] = { V1_CAN_NATT_RFC, V1_CAN_NATT_03, V1_CAN_NATT_02, V1_CAN_NATT_02N };

/* What we speak with a peer. */
static u32 ours(const struct ike_peer *peer)
{
	u32 can = BIT(V1_CAN_DPD) | V1_CAN_NATT;

	if (peer->v1.xauth != IKE_V1_XAUTH_NONE)
		can |= BIT(V1_CAN_XAUTH) | BIT(V1_CAN_UNITY);
	if (peer->fragment)
		can |= BIT(V1_CAN_FRAGMENT);
	return can;
}

static void add(struct v1_msg *m, enum v1_can what)
{
	isakmp_build_payload(&m->b, V1_PL_VENDOR);
	v1_vendor_encode(&m->b.o, what);
	isakmp_build_close(&m->b);
}

/**
 * v1_vendor_add - say what we speak
 * @m: the first message that we send
 * @peer: with whom
 *
 * Context: Process; the SA's worker.
 */
void v1_vendor_add(struct v1_msg *m, const struct ike_peer *peer)
{
	const struct v1_phase1 *p = v1_of(m->ep);
	u32 can = ours(peer);
	unsigned int i;

	if (!m->ep->initiator)
		can &= (p->can & ~V1_CAN_NATT) | p->natt;
	for (i = 0; i < V1_CANS; i++)
		if (can & BIT(i))
			add(m, i);
}

/**
 * v1_vendor_read - what the peer speaks
 * @p: the ISAKMP SA
 * @c: a message of phase 1
 *
 * Context: Process; the SA's worker.
 */
void v1_vendor_read(struct v1_phase1 *p, const struct v1_chain *c)
{
	const struct isakmp_payload *pl = NULL;
	unsigned int i;

	while ((pl = v1_chain_next(c, V1_PL_VENDOR, pl)))
		p->can |= v1_vendor_bits(pl);
	/* RFC 3947, 3.1: in the first two messages; what is named later nobody can have agreed on */
	for (i = 0; p->step <= 2 && !p->natt && i < ARRAY_SIZE(natt); i++)
		p->natt = p->can & BIT(natt[i]);
}
