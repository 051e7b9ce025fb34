// SPDX-License-Identifier: GPL-2.0
/* Traffic selectors as XFRM selectors. */
#include <linux/slab.h>
#include <net/xfrm.h>
#include <isakmp/ikev2.h>
#include "xfrm/inner.h"
#include "xfrm/range.h"

/*
 * Priority: a smaller number is asked first.  The more bits of the addresses a
 * selector fixes, the more specific it is; then the protocol, then ports and mark:
 *
 *	BASE - 8 * (prefix bits of both sides) - 4 (protocol) - 1 (each port, mark)
 *
 * so ours are from BASE - 2055 to BASE.  What an operator adds with `ip xfrm
 * policy` has priority 0 unless asked otherwise and comes before all of them.
 */
#define ISAKMP_PRIORITY_BASE	0x60000

/**
 * isakmp_selector_priority() - the priority of a policy with this selector
 * @sel: the selector
 * @marked: it takes packets of a mark only
 *
 * Context: any.
 * Return: the priority; smaller is asked first.
 */
u32 isakmp_selector_priority(const struct xfrm_selector *sel, bool marked)
{
	u32 bits = sel->prefixlen_s + sel->prefixlen_d;

	return ISAKMP_PRIORITY_BASE - 8 * bits - (sel->proto ? 4 : 0) -
	       (sel->sport_mask ? 1 : 0) - (sel->dport_mask ? 1 : 0) - marked;
}

/**
 * isakmp_selector_turn() - the selector of the other direction
 * @to: filled, padding included
 * @from: the selector
 *
 * XFRM reads an ICMP type as source port and its code as destination port, either
 * way: they do not turn.
 *
 * Context: any.
 */
void isakmp_selector_turn(struct xfrm_selector *to, const struct xfrm_selector *from)
{
	bool fixed = isakmp_range_has_types(from->proto);

	memset(to, 0, sizeof(*to));
	to->saddr = from->daddr;
	to->daddr = from->saddr;
	to->sport = fixed ? from->sport : from->dport;
	to->dport = fixed ? from->dport : from->sport;
	to->sport_mask = fixed ? from->sport_mask : from->dport_mask;
	to->dport_mask = fixed ? from->dport_mask : from->sport_mask;
	to->prefixlen_s = from->prefixlen_d;
	to->prefixlen_d = from->prefixlen_s;
	to->family = from->family;
	to->proto = from->proto;
	to->ifindex = from->ifindex;
	to->user = from->user;
}

/* RFC 7296, 3.13.1.  A port 0, or ICMP's, is one that XFRM does not know. */
static void isakmp_selector_end(struct isakmp_ts *to, const struct xfrm_selector *packet,
				const xfrm_address_t *addr, u16 port)
{
	memset(to, 0, sizeof(*to));
	to->type = packet->family == AF_INET ? IKE_TS_IPV4 : IKE_TS_IPV6;
	to->proto = packet->proto;
	to->port_start = port;
	to->port_end = port ?: U16_MAX;
	memcpy(to->start, addr, isakmp_ts_addr_len(to->type));
	memcpy(to->end, addr, isakmp_ts_addr_len(to->type));
}

/**
 * isakmp_selector_flow() - a packet as traffic selectors
 * @to: filled
 * @packet: outbound, as XFRM tells of it: whole addresses and ports
 *
 * Context: any.
 */
void isakmp_selector_flow(struct ike_flow *to, const struct xfrm_selector *packet)
{
	u16 sport = 0, dport = 0;

	if (isakmp_range_has_ports(packet->proto)) {
		sport = ntohs(packet->sport);
		dport = ntohs(packet->dport);
	} else if (isakmp_range_has_types(packet->proto)) {
		sport = (u16)(ntohs(packet->sport) << 8 | (ntohs(packet->dport) & 0xff));
		dport = sport;
	}
	isakmp_selector_end(&to->local, packet, &packet->saddr, sport);
	isakmp_selector_end(&to->remote, packet, &packet->daddr, dport);
}

#define ISAKMP_PORT_PREFIXES_MAX 30	/* 2 * 16 - 2 */

/* A pair of traffic selectors as the prefixes that it takes. */
struct isakmp_selector_parts {
	u8 proto;
	unsigned int n_src;
	unsigned int n_dst;
	unsigned int n_sport;	/* ICMP: types with codes, and ... */
	unsigned int n_dport;	/* ... 1 here */
	struct isakmp_range_prefix src[IKE_TS_PREFIXES_MAX];
	struct isakmp_range_prefix dst[IKE_TS_PREFIXES_MAX];
	struct isakmp_range_prefix sport[ISAKMP_PORT_PREFIXES_MAX];
	struct isakmp_range_prefix dport[ISAKMP_PORT_PREFIXES_MAX];
};

static __be16 isakmp_selector_mask(unsigned int len)
{
	return htons((u16)(U16_MAX << (16 - len)));
}

/* Up to 8 bits are of the type, the others of the code. */
static void isakmp_selector_types(struct xfrm_selector *sel, const struct isakmp_range_prefix *p)
{
	unsigned int type = min_t(unsigned int, p->len, 8), code = p->len - type;

	sel->sport = htons(p->value[0]);
	sel->sport_mask = type ? isakmp_selector_mask(8 + type) : 0;
	sel->dport = htons(p->value[1]);
	sel->dport_mask = code ? isakmp_selector_mask(8 + code) : 0;
}

static void isakmp_selector_fill(struct xfrm_selector *sel, u16 family,
				 const struct isakmp_selector_parts *p, const unsigned int at[4])
{
	const struct isakmp_range_prefix *sport = &p->sport[at[2]], *dport = &p->dport[at[3]];

	memset(sel, 0, sizeof(*sel));
	sel->family = family;
	sel->proto = p->proto;
	memcpy(&sel->saddr, p->src[at[0]].value, sizeof(sel->saddr));
	memcpy(&sel->daddr, p->dst[at[1]].value, sizeof(sel->daddr));
	sel->prefixlen_s = p->src[at[0]].len;
	sel->prefixlen_d = p->dst[at[1]].len;
	if (isakmp_range_has_types(p->proto)) {
		isakmp_selector_types(sel, sport);
		return;
	}
	sel->sport = htons(get_unaligned_be16(sport->value));
	sel->dport = htons(get_unaligned_be16(dport->value));
	sel->sport_mask = isakmp_selector_mask(sport->len);
	sel->dport_mask = isakmp_selector_mask(dport->len);
}

/*
 * RFC 4301, 4.4.1.3: the local one is what we send, the remote one what the peer
 * may send.  XFRM gets what both have in common, either way.
 */
static void isakmp_selector_split_types(struct isakmp_selector_parts *p,
					const struct isakmp_ts *l, const struct isakmp_ts *r)
{
	struct isakmp_ts both = *l;

	both.port_start = max(l->port_start, r->port_start);
	both.port_end = min(l->port_end, r->port_end);
	p->n_sport = isakmp_range_ports(&both, p->sport, ARRAY_SIZE(p->sport));
	p->n_dport = 1;
}

/* How many selectors it makes: 0: the two have no packet in common; -E2BIG. */
static int isakmp_selector_split(struct isakmp_selector_parts *p, const struct isakmp_ts *l,
				 const struct isakmp_ts *r)
{
	p->proto = l->proto ?: r->proto;
	p->n_src = isakmp_range_addrs(l, p->src, ARRAY_SIZE(p->src));
	p->n_dst = isakmp_range_addrs(r, p->dst, ARRAY_SIZE(p->dst));
	if (isakmp_range_has_types(p->proto)) {
		isakmp_selector_split_types(p, l, r);
	} else {
		p->n_sport = isakmp_range_ports(l, p->sport, ARRAY_SIZE(p->sport));
		p->n_dport = isakmp_range_ports(r, p->dport, ARRAY_SIZE(p->dport));
	}
	if (p->n_src > IKE_TS_PREFIXES_MAX || p->n_dst > IKE_TS_PREFIXES_MAX ||
	    p->n_src * p->n_sport > IKE_TS_PREFIXES_MAX ||
	    p->n_dst * p->n_dport > IKE_TS_PREFIXES_MAX)
		return -E2BIG;
	return p->n_src * p->n_dst * p->n_sport * p->n_dport;
}

/* Selectors filled, or -errno. */
static int isakmp_selector_pair(const struct isakmp_ts *l, const struct isakmp_ts *r,
				struct isakmp_selector_parts *p,
				struct xfrm_selector *out, unsigned int room)
{
	u16 family = l->type == IKE_TS_IPV4 ? AF_INET : AF_INET6;
	unsigned int at[4];
	int n;

	if (l->type != r->type || (l->proto && r->proto && l->proto != r->proto))
		return 0;
	if (!isakmp_range_count(l) || !isakmp_range_count(r))
		return -EINVAL;
	n = isakmp_selector_split(p, l, r);
	if (n > 0 && n > room)
		return -E2BIG;
	if (n <= 0)
		return n;
	for (at[0] = 0; at[0] < p->n_src; at[0]++)
		for (at[1] = 0; at[1] < p->n_dst; at[1]++)
			for (at[2] = 0; at[2] < p->n_sport; at[2]++)
				for (at[3] = 0; at[3] < p->n_dport; at[3]++)
					isakmp_selector_fill(out++, family, p, at);
	return n;
}

/**
 * isakmp_selector_room() - selectors that two sides need at most
 * @local: our side
 * @n_local: how many, at most IKE_TS_MAX
 * @remote: the peer's side
 * @n_remote: how many, at most IKE_TS_MAX
 *
 * Context: any.
 * Return: the number, at most ISAKMP_PAIRS_MAX.
 */
unsigned int isakmp_selector_room(const struct isakmp_ts *local, unsigned int n_local,
				  const struct isakmp_ts *remote, unsigned int n_remote)
{
	unsigned int i, l = 0, r = 0;

	for (i = 0; i < n_local; i++)
		l += min_t(unsigned int, isakmp_range_count(&local[i]), ISAKMP_PAIRS_MAX);
	for (i = 0; i < n_remote; i++)
		r += min_t(unsigned int, isakmp_range_count(&remote[i]), ISAKMP_PAIRS_MAX);
	return min_t(unsigned int, l * r, ISAKMP_PAIRS_MAX);
}

/**
 * isakmp_selector_pairs() - outbound selectors of two sides' traffic selectors
 * @local: our side
 * @n_local: how many, at most IKE_TS_MAX
 * @remote: the peer's side
 * @n_remote: how many, at most IKE_TS_MAX
 * @out: filled
 * @room: selectors in @out
 *
 * RFC 4301, 4.4.1.2: a packet is covered when its ends are in one selector of
 * each side, so there is a policy for each pair; and where a range is no prefix,
 * for each of the prefixes that make it up.
 *
 * Context: process.
 * Return: selectors filled; -EINVAL: there is none, or one that XFRM cannot say
 * (OPAQUE, ports of a protocol without any); -E2BIG: they are too many; -ENOMEM.
 */
int isakmp_selector_pairs(const struct isakmp_ts *local, unsigned int n_local,
			  const struct isakmp_ts *remote, unsigned int n_remote,
			  struct xfrm_selector *out, unsigned int room)
{
	struct isakmp_selector_parts *parts = kmalloc(sizeof(*parts), GFP_KERNEL);
	unsigned int i, j;
	int n = 0, got;

	if (!parts)
		return -ENOMEM;
	for (i = 0; i < n_local; i++)
		for (j = 0; j < n_remote; j++) {
			got = isakmp_selector_pair(&local[i], &remote[j], parts, &out[n], room - n);
			if (got < 0)
				goto out;
			n += got;
		}
	got = n ?: -EINVAL;
out:
	kfree(parts);
	return got;
}
