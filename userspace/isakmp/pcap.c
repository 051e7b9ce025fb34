// SPDX-License-Identifier: GPL-2.0
#include <pcap/pcap.h>
#include <string.h>

#include "wire/cursor.h"
#include "pcap.h"

#define ETH_IPV4	0x0800
#define ETH_IPV6	0x86dd
#define VLANS_MAX	4
#define EXTENSIONS_MAX	8

/* ---- link layers: what protocol follows, and where ------------------------- */

static bool vlan_skip(struct isakmp_cur *c, u16 *type)
{
	int tags = 0;

	while (*type == 0x8100 || *type == 0x88a8 || *type == 0x9100)
		if (++tags > VLANS_MAX || !isakmp_cur_take(c, 2, NULL) ||
		    !isakmp_cur_u16(c, type))
			return false;
	return true;
}

static bool link_ethernet(struct isakmp_cur *c, u16 *type)
{
	return isakmp_cur_take(c, 12, NULL) && isakmp_cur_u16(c, type) &&
	       vlan_skip(c, type);
}

static bool link_sll(struct isakmp_cur *c, u16 *type)
{
	return isakmp_cur_take(c, 14, NULL) && isakmp_cur_u16(c, type) &&
	       vlan_skip(c, type);
}

static bool link_sll2(struct isakmp_cur *c, u16 *type)
{
	return isakmp_cur_u16(c, type) && isakmp_cur_take(c, 18, NULL) &&
	       vlan_skip(c, type);
}

static bool link_raw(struct isakmp_cur *c, u16 *type)
{
	*type = c->left && *c->p >> 4 == 6 ? ETH_IPV6 : ETH_IPV4;
	return true;
}

/* A family in the byte order of the machine that captured: 2 is IPv4 everywhere. */
static bool link_loop(struct isakmp_cur *c, u16 *type)
{
	u32 family;

	if (!isakmp_cur_u32(c, &family))
		return false;
	*type = family == 2 || family == 0x02000000 ? ETH_IPV4 : ETH_IPV6;
	return true;
}

static const struct link {
	int dlt;
	bool (*skip)(struct isakmp_cur *c, u16 *type);
} links[] = {
	{ DLT_EN10MB, link_ethernet },
	{ DLT_LINUX_SLL, link_sll },
	{ DLT_LINUX_SLL2, link_sll2 },
	{ DLT_RAW, link_raw },
	{ DLT_IPV4, link_raw },
	{ DLT_IPV6, link_raw },
	{ DLT_NULL, link_loop },
	{ DLT_LOOP, link_loop },
};

static const struct link *link_of(int dlt)
{
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (links[i].dlt == dlt)
			return &links[i];
	return NULL;
}

/**
 * capture_link_known() - can frames of this kind be read
 * @link: DLT_* of libpcap
 *
 * Return: whether they can.
 */
bool capture_link_known(int link)
{
	return link_of(link);
}

/* ---- IP -------------------------------------------------------------------- */

static void addr_take(u8 *to, const u8 *from, size_t n)
{
	memcpy(to, from, n);
	memset(to + n, 0, 16 - n);
}

/* @c becomes what the packet carries; shorter than the packet says: cut. */
static bool ipv4_read(struct isakmp_cur *c, struct ip_packet *ip, bool *cut)
{
	const u8 *h = c->p;
	size_t head, total;
	u16 frag;

	if (c->left < 20 || h[0] >> 4 != 4)
		return false;
	head = (h[0] & 0xf) * 4;
	total = get_unaligned_be16(h + 2);
	frag = get_unaligned_be16(h + 6);
	/* 0: the length was left to the device (segmentation) */
	if (!total)
		total = c->left;
	if (head < 20 || total < head || c->left < head)
		return false;
	*ip = (struct ip_packet){ .family = 4, .proto = h[9],
			       .id = get_unaligned_be16(h + 4),
			       .more = frag & 0x2000,
			       .offset = (frag & 0x1fff) * 8 };
	addr_take(ip->src, h + 12, 4);
	addr_take(ip->dst, h + 16, 4);
	*cut = c->left < total;
	isakmp_cur_init(c, h + head, (*cut ? c->left : total) - head);
	return true;
}

/* Headers between IPv6's own and what it carries (RFC 8200, 4). */
static bool ipv6_extensions(struct isakmp_cur *c, struct ip_packet *ip)
{
	for (int i = 0; i < EXTENSIONS_MAX; i++) {
		const u8 *h = c->p;

		switch (ip->proto) {
		case 0: case 43: case 60:
			if (c->left < 8 || !isakmp_cur_take(c, (h[1] + 1) * 8, NULL))
				return false;
			break;
		case 44:
			if (!isakmp_cur_take(c, 8, NULL))
				return false;
			ip->offset = get_unaligned_be16(h + 2) & 0xfff8;
			ip->more = h[3] & 1;
			ip->id = get_unaligned_be32(h + 4);
			ip->proto = h[0];
			return true;
		default:
			return true;
		}
		ip->proto = h[0];
	}
	return false;
}

static bool ipv6_read(struct isakmp_cur *c, struct ip_packet *ip, bool *cut)
{
	const u8 *h = c->p;
	size_t total;

	if (c->left < 40 || h[0] >> 4 != 6)
		return false;
	total = get_unaligned_be16(h + 4);
	*ip = (struct ip_packet){ .family = 16, .proto = h[6] };
	addr_take(ip->src, h + 8, 16);
	addr_take(ip->dst, h + 24, 16);
	*cut = c->left - 40 < total;
	isakmp_cur_init(c, h + 40, *cut ? c->left - 40 : total);
	return ipv6_extensions(c, ip);
}

static bool udp_read(struct isakmp_cur *c, struct datagram *d)
{
	u16 len;

	if (!isakmp_cur_u16(c, &d->sport) || !isakmp_cur_u16(c, &d->dport) ||
	    !isakmp_cur_u16(c, &len) || !isakmp_cur_take(c, 2, NULL) || len < 8)
		return false;
	len -= 8;
	d->cut |= c->left < len;
	d->p = c->p;
	d->n = d->cut && c->left < len ? c->left : len;
	return true;
}

static bool carried_read(struct isakmp_cur *c, struct datagram *d)
{
	if (d->ip.proto == PCAP_UDP)
		return udp_read(c, d);
	d->p = c->p;
	d->n = c->left;
	return d->ip.proto == PCAP_ESP;
}

/**
 * capture_frame() - what a frame carries
 * @c: the capture: its kind of link, its fragments
 * @p: the frame
 * @n: its octets, as far as they were captured
 * @d: the datagram
 *
 * Return: whether a whole datagram of UDP or an ESP packet ends in this frame.
 */
bool capture_frame(struct capture *c, const uint8_t *p, size_t n, struct datagram *d)
{
	const struct link *link = link_of(c->link);
	struct isakmp_cur cur;
	u16 type = 0;

	isakmp_cur_init(&cur, p, n);
	d->cut = false;
	if (!link || !link->skip(&cur, &type))
		return false;
	if (!(type == ETH_IPV4 && ipv4_read(&cur, &d->ip, &d->cut)) &&
	    !(type == ETH_IPV6 && ipv6_read(&cur, &d->ip, &d->cut)))
		return false;
	if (!d->ip.more && !d->ip.offset)
		return carried_read(&cur, d);
	return !d->cut &&
	       defrag_add(&c->defrag, &d->ip, cur.p, cur.left, &cur.p, &cur.left) &&
	       carried_read(&cur, d);
}

/* ---- the file -------------------------------------------------------------- */

/**
 * capture_open() - begins to read
 * @c: the capture
 * @f: the file, which the capture closes
 * @w: what is wrong
 *
 * Return: whether it is a capture that can be read; close it in any case.
 */
bool capture_open(struct capture *c, FILE *f, struct why *w)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	const char *name;

	memset(c, 0, sizeof(*c));
	c->pcap = pcap_fopen_offline(f, error);
	if (!c->pcap) {
		if (f != stdin)
			fclose(f);
		return why_not(w, "%s", error);
	}
	c->link = pcap_datalink(c->pcap);
	if (capture_link_known(c->link))
		return true;
	name = pcap_datalink_val_to_name(c->link);
	return why_not(w, "frames of the kind %s (%d) cannot be read",
		       name ? name : "?", c->link);
}

/**
 * capture_next() - the next frame
 * @c: the capture
 * @d: with DATAGRAM, what it carries, until the next call
 * @w: with ERROR, what is wrong with the file
 *
 * Return: see enum capture_result.
 */
enum capture_result capture_next(struct capture *c, struct datagram *d, struct why *w)
{
	struct pcap_pkthdr *head;
	const u_char *p;
	int got = pcap_next_ex(c->pcap, &head, &p);

	if (got == PCAP_ERROR_BREAK)
		return CAPTURE_END;
	if (got != 1) {
		why_not(w, "%s", pcap_geterr(c->pcap));
		return CAPTURE_ERROR;
	}
	d->frame = ++c->frames;
	d->time = head->ts;
	return capture_frame(c, p, head->caplen, d) ? CAPTURE_DATAGRAM : CAPTURE_OTHER;
}

/**
 * capture_close() - the end
 * @c: the capture
 */
void capture_close(struct capture *c)
{
	if (c->pcap)
		pcap_close(c->pcap);
	defrag_free(&c->defrag);
}
