// SPDX-License-Identifier: GPL-2.0
/*
 * IPComp (RFC 7296, 2.22; RFC 3173): an SA of its own inside of the child, made
 * and removed with it.  Each end says the CPI it receives on:
 *
 *	                     1                   2
 *	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3
 *	+-------------------------------+---------------+
 *	|              CPI              |  Transform ID |  attributes ...
 *	+-------------------------------+---------------+
 *
 * A request has one such notification for each transform, the response one or
 * none; none is no reason to refuse the child.
 */
#include "ike/engine.h"

#define CPI_MIN 256	/* RFC 3173, 3.3: below, and ... */
#define CPI_MAX 61439	/* ... above, CPIs are not negotiated */

/*
 * Between NATs it is left out: what is not compressed comes as IP in IP, whose
 * addresses the NAT does not change.
 */
static bool may_compress(const struct ike_sa *sa, const struct ike_child *c)
{
	return c->policy->ipcomp && !sa->encap && !sa->nat_local && !sa->nat_remote;
}

static void add(const struct ike_child *c, struct ike_msg *m)
{
	u8 data[3];

	put_unaligned_be16(c->cpi_in, data);
	data[2] = c->policy->ipcomp;
	ike_msg_notify(m, IKE_N_IPCOMP_SUPPORTED, data, sizeof(data));
}

/**
 * ike_ipcomp_offer - say that a child we propose may be compressed
 * @sa: the IKE SA
 * @c: the child; it gets a CPI
 * @m: the request
 *
 * Context: Process; the SA's worker.
 */
void ike_ipcomp_offer(struct ike_sa *sa, struct ike_child *c, struct ike_msg *m)
{
	if (!may_compress(sa, c))
		return;
	if (!c->cpi_in)
		c->cpi_in = isakmp_child_cpi(sa);
	if (c->cpi_in)
		add(c, m);
}

/* The CPI of the peer for our transform; 0: it has none. */
static u16 cpi_of(const struct isakmp_chain *chain, u8 transform)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;
	u16 cpi;

	while ((p = isakmp_chain_next(chain, IKE_PL_NOTIFY, p))) {
		/* The decoder sees to it that there are 3 octets */
		if (isakmp_notify_decode(p, &n) || n.type != IKE_N_IPCOMP_SUPPORTED ||
		    n.data[2] != transform)
			continue;
		cpi = get_unaligned_be16(n.data);
		if (cpi >= CPI_MIN && cpi <= CPI_MAX)
			return cpi;
	}
	return 0;
}

/**
 * ike_ipcomp_read - does the peer compress this child?
 * @sa: the IKE SA
 * @c: the child; its policy is chosen
 * @chain: the payloads of the request or response
 *
 * With @c->cpi_out the child is compressed.
 *
 * Context: Process; the SA's worker.
 */
void ike_ipcomp_read(struct ike_sa *sa, struct ike_child *c, const struct isakmp_chain *chain)
{
	c->cpi_out = 0;
	if (!may_compress(sa, c))
		return;
	if (!c->cpi_in && !c->proposer)
		c->cpi_in = isakmp_child_cpi(sa);
	if (c->cpi_in)
		c->cpi_out = cpi_of(chain, c->policy->ipcomp);
}

/**
 * ike_ipcomp_answer - say that a child the peer proposed is compressed
 * @c: the child
 * @m: the response
 *
 * Context: Process; the SA's worker.
 */
void ike_ipcomp_answer(const struct ike_child *c, struct ike_msg *m)
{
	if (c->cpi_out)
		add(c, m);
}
