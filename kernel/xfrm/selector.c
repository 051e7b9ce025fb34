// SPDX-License-Identifier: GPL-2.0
/* Traffic selectors as XFRM selectors. */
#include <linux/in.h>
#include <net/xfrm.h>
#include <isakmp/ikev2.h>
#include "xfrm/inner.h"

/*
 * Priority: a smaller number is asked first.  The more bits of the addresses a
 * selector fixes, the more specific it is; then the protocol, then the ports:
 *
 *	BASE - 8 * (prefix bits of both sides) - 4 (protocol) - 1 (each port)
 *
 * so ours are from BASE - 2054 to BASE.  What an operator adds with `ip xfrm
 * policy` has priority 0 unless asked otherwise and comes before all of them.
 */
#define ISAKMP_PRIORITY_BASE	0x60000

/**
 * isakmp_selector_priority() - the priority of a policy with this selector
 * @sel: the selector
 *
 * Context: any.
 * Return: the priority; smaller is asked first.
 */
u32 isakmp_selector_priority(const struct xfrm_selector *sel)
{
	u32 bits = sel->prefixlen_s + sel->prefixlen_d;

	return ISAKMP_PRIORITY_BASE - 8 * bits - (sel->proto ? 4 : 0) -
	       (sel->sport_mask ? 1 : 0) - (sel->dport_mask ? 1 : 0);
}

/**
 * isakmp_selector_turn() - the selector of the other direction
 * @to: filled, padding included
 * @from: the selector
 *
 * Context: any.
 */
void isakmp_selector_turn(struct xfrm_selector *to, const struct xfrm_selector *from)
{
	memset(to, 0, sizeof(*to));
	to->saddr = from->daddr;
	to->daddr = from->saddr;
	to->sport = from->dport;
	to->dport = from->sport;
	to->sport_mask = from->dport_mask;
	to->dport_mask = from->sport_mask;
	to->prefixlen_s = from->prefixlen_d;
	to->prefixlen_d = from->prefixlen_s;
	to->family = from->family;
	to->proto = from->proto;
	to->ifindex = from->ifindex;
	to->user = from->user;
}

static bool isakmp_selector_bit(const u8 *a, unsigned int bit)
{
	return a[bit / 8] >> (7 - bit % 8) & 1;
}

/* The prefix that is the range of @ts, or -EINVAL: it is none. */
static int isakmp_selector_prefix(const struct isakmp_ts *ts, xfrm_address_t *addr, u8 *plen)
{
	unsigned int bits = 8 * isakmp_ts_addr_len(ts->type);
	unsigned int n = 0, i;

	while (n < bits &&
	       isakmp_selector_bit(ts->start, n) == isakmp_selector_bit(ts->end, n))
		n++;
	for (i = n; i < bits; i++)
		if (isakmp_selector_bit(ts->start, i) || !isakmp_selector_bit(ts->end, i))
			return -EINVAL;
	memcpy(addr, ts->start, sizeof(*addr));
	*plen = n;
	return 0;
}

/* One port or all; XFRM knows no ranges. */
static int isakmp_selector_port(const struct isakmp_ts *ts, __be16 *port, __be16 *mask)
{
	if (!ts->port_start && ts->port_end == U16_MAX)
		return 0;
	if (ts->port_start != ts->port_end)
		return -EINVAL;
	*port = htons(ts->port_start);
	*mask = htons(U16_MAX);
	return 0;
}

/* XFRM reads ports only where a protocol says that there are some. */
static bool isakmp_selector_has_ports(u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_UDPLITE ||
	       proto == IPPROTO_SCTP || proto == IPPROTO_DCCP;
}

/* 1: @sel is filled; 0: the two have no packet in common; -EINVAL. */
static int isakmp_selector_pair(const struct isakmp_ts *l, const struct isakmp_ts *r,
				struct xfrm_selector *sel)
{
	int err;

	memset(sel, 0, sizeof(*sel));
	if (l->type != r->type || (l->proto && r->proto && l->proto != r->proto))
		return 0;
	sel->family = l->type == IKE_TS_IPV4 ? AF_INET : AF_INET6;
	sel->proto = l->proto ?: r->proto;
	err = isakmp_selector_prefix(l, &sel->saddr, &sel->prefixlen_s) ?:
	      isakmp_selector_prefix(r, &sel->daddr, &sel->prefixlen_d) ?:
	      isakmp_selector_port(l, &sel->sport, &sel->sport_mask) ?:
	      isakmp_selector_port(r, &sel->dport, &sel->dport_mask);
	if (err)
		return err;
	if ((sel->sport_mask || sel->dport_mask) && !isakmp_selector_has_ports(sel->proto))
		return -EINVAL;
	return 1;
}

/**
 * isakmp_selector_pairs() - outbound selectors of two sides' traffic selectors
 * @local: our side
 * @n_local: how many, at most IKE_TS_MAX
 * @remote: the peer's side
 * @n_remote: how many, at most IKE_TS_MAX
 * @out: room for @n_local * @n_remote
 *
 * RFC 4301, 4.4.1.2: a packet is covered when its ends are in one selector of
 * each side, so there is a policy for each pair.
 *
 * Context: any.
 * Return: selectors filled; -EINVAL: there is none, or one that XFRM cannot
 * say (a range that is no prefix, several ports, ports without TCP or UDP).
 */
int isakmp_selector_pairs(const struct isakmp_ts *local, unsigned int n_local,
			  const struct isakmp_ts *remote, unsigned int n_remote,
			  struct xfrm_selector *out)
{
	unsigned int i, j;
	int n = 0, got;

	for (i = 0; i < n_local; i++)
		for (j = 0; j < n_remote; j++) {
			got = isakmp_selector_pair(&local[i], &remote[j], &out[n]);
			if (got < 0)
				return got;
			n += got;
		}
	return n ?: -EINVAL;
}
