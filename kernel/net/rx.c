// SPDX-License-Identifier: GPL-2.0
/*
 * The way of one message, from UDP to the inbox of an SA.  All in softirq, under
 * RCU; nothing here costs more than its sender paid:
 *
 *	demultiplex	port 4500: ESP, keepalives, IKE behind its marker
 *	header		gate/, on a copy of 28 octets
 *	listen		is this address asked at all?
 *	look up		by our SPI (version 1: cookie), or a first message by its digest
 *	repeat		the last request again: the stored response again
 *	admit		a new first message: net/admit.c
 *	deliver		a bounded copy into the SA's inbox
 */
#include <linux/udp.h>
#include <isakmp/ikev1.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/ipv6_stubs.h>
#include <net/route.h>
#include <net/udp.h>
#include <net/xfrm.h>
#include "net/addr.h"
#include "net/rx.h"
#include "net/send.h"
#include "netns.h"
#include "trace.h"
#include "wire/chain.h"

#define KEEPALIVE 0xff	/* RFC 3948, 2.3 */

/* ---- a message for an SA ------------------------------------------------- */

/*
 * RFC 7383, 2.6.1: of a request that came in fragments the first one alone has the
 * response repeated.  Its octets may be others than before: that is for the worker.
 */
static bool is_further_fragment(const struct isakmp_message *m)
{
	const size_t at = IKE_HDR_LEN + IKE_PL_HDR_LEN;
	struct isakmp_payload p = { .type = IKE_PL_SKF, .body = m->data + at };
	struct isakmp_skf skf;

	if (m->h.next != IKE_PL_SKF || m->n < at)
		return false;
	p.len = (u16)(m->n - at);
	return !isakmp_skf_decode(&p, &skf) && skf.number > 1;
}

static enum isakmp_reason deliver(const struct isakmp_message *m, struct isakmp_sa *sa,
				  u64 digest)
{
	struct isakmp_packet *p;

	/* Cheaper than a copy; asked again, under the lock, with it. */
	if (isakmp_sa_inbox_full(sa, (u32)m->n))
		return ISAKMP_R_INBOX_FULL;
	p = isakmp_packet_new(m->data, m->n, GFP_ATOMIC);
	if (!p)
		return ISAKMP_R_NO_MEMORY;
	p->ike.digest = digest;
	p->ike.path = m->path;
	return isakmp_sa_deliver(sa, p);
}

/* RFC 7296, 2.1: the response to a retransmitted request is sent again. */
static enum isakmp_reason for_sa(const struct isakmp_message *m, const struct isakmp_door *d,
				 u64 digest)
{
	const struct isakmp_response *r = NULL;

	if (!(m->h.flags & IKE_FLAG_RESPONSE))
		r = isakmp_response_to(d, m->h.msgid);
	if (r && r->digest == digest && isakmp_path_repeats(&r->path, &m->path, r->roams))
		return isakmp_response_repeat(d->sa, r, &m->path);
	if (r && is_further_fragment(m))
		return ISAKMP_R_FRAGMENT_ANSWERED;
	return deliver(m, d->sa, digest);
}

/* ---- whose is it? -------------------------------------------------------- */

/* The door with this SPI of ours, in this role; its SA is pinned. */
static struct isakmp_door *door_as(struct isakmp_net *in, u64 spi, bool initiator)
{
	struct isakmp_door *d = isakmp_door_find(in, spi);

	if (!d || d->initiator == initiator)
		return d;
	isakmp_sa_put(d->sa);
	return NULL;
}

/* Is this an SPI of ours, in this role? */
static bool is_ours(struct isakmp_net *in, u64 spi, bool initiator)
{
	struct isakmp_door *d = door_as(in, spi, initiator);

	if (d)
		isakmp_sa_put(d->sa);
	return d;
}

static enum isakmp_reason first_message(const struct isakmp_message *m)
{
	struct isakmp_first_key key;
	enum isakmp_reason why;
	struct isakmp_sa *sa;

	if (is_ours(m->in, m->h.spi_i, true))
		return ISAKMP_R_REFLECTED;
	key.digest = isakmp_gate_digest(m->in->sas.key, m->data, m->n);
	key.path = m->path;
	sa = isakmp_table_find_first(m->in, &key);
	if (!sa)
		return isakmp_admit_first(m, key.digest);
	if (sa->v1)
		why = deliver(m, sa, key.digest);
	else
		why = for_sa(m, &sa->door, key.digest);
	isakmp_sa_put(sa);
	return why;
}

/* @lost: as for isakmp_admit_say_no_sa() */
static enum isakmp_reason no_sa(const struct isakmp_message *m, u64 other, bool theirs,
				bool lost)
{
	if (is_ours(m->in, other, theirs))
		return ISAKMP_R_REFLECTED;
	isakmp_admit_say_no_sa(m, lost);
	return ISAKMP_R_NO_SA;
}

/* RFC 7296, 3.1: I is set in what the original initiator sends; the other is us. */
static enum isakmp_reason later_message(const struct isakmp_message *m)
{
	bool theirs = m->h.flags & IKE_FLAG_INITIATOR;
	u64 ours = theirs ? m->h.spi_r : m->h.spi_i;
	enum isakmp_reason why;
	struct isakmp_door *d;
	u64 digest = 0;

	d = isakmp_door_find(m->in, ours);
	if (!d || d->initiator == theirs) {
		if (d)
			isakmp_sa_put(d->sa);
		return no_sa(m, theirs ? m->h.spi_i : m->h.spi_r, theirs, !d);
	}
	if (!(m->h.flags & IKE_FLAG_RESPONSE))
		digest = isakmp_gate_digest(m->in->sas.key, m->data, m->n);
	why = d->sa->v1 ? ISAKMP_R_VERSION : for_sa(m, d, digest);
	isakmp_sa_put(d->sa);
	return why;
}

/*
 * Version 1 does not say which cookie is ours: that of the responder, where we are the
 * responder, else that of the initiator.  The engine looks at the other one.  Who has a
 * cookie of nobody gets no answer; who answers a message of version 2 by one of version 1
 * has answered.
 */
static enum isakmp_reason later_message_v1(const struct isakmp_message *m)
{
	enum isakmp_reason why = ISAKMP_R_VERSION;
	struct isakmp_door *d;

	d = m->h.spi_r ? door_as(m->in, m->h.spi_r, false) : NULL;
	if (!d)
		d = door_as(m->in, m->h.spi_i, true);
	if (!d)
		return ISAKMP_R_NO_SA;
	if (d->sa->v1)
		why = deliver(m, d->sa, isakmp_gate_digest(m->in->sas.key, m->data, m->n));
	else
		WRITE_ONCE(d->sa->answered, true);
	isakmp_sa_put(d->sa);
	return why;
}

static enum isakmp_reason for_us(const struct isakmp_message *m)
{
	if (m->h.major == V1_MAJOR)
		return isakmp_gate_v1_is_first(&m->h) ? first_message(m) : later_message_v1(m);
	return isakmp_gate_is_first(&m->h) ? first_message(m) : later_message(m);
}

/* ---- the datagram -------------------------------------------------------- */

/* A broadcast, multicast or anycast has no one address that could answer. */
static bool is_unicast(const struct sk_buff *skb, u8 family)
{
	if (!skb_dst(skb))
		return false;
	if (family == 6)
		return ipv6_unicast_destination(skb);
	return skb_rtable(skb)->rt_type == RTN_LOCAL;
}

static bool is_listened(const struct isakmp_message *m, const struct sk_buff *skb)
{
	const struct net_device *dev;

	if (!is_unicast(skb, m->path.remote.family))
		return false;
	if (isakmp_listen_covers_dev(m->in, &m->path.local, skb->dev, m->outside))
		return true;
	if (!m->sdif)
		return false;
	dev = dev_get_by_index_rcu(m->in->net, m->sdif);
	return dev && isakmp_listen_covers_dev(m->in, &m->path.local, dev, false);
}

static void note_path4(struct isakmp_message *m, const struct sk_buff *skb)
{
	m->sdif = inet_sdif(skb);
	m->path.local = isakmp_addr_v4(ip_hdr(skb)->daddr);
	m->path.remote = isakmp_addr_v4(ip_hdr(skb)->saddr);
	m->path.mark = IP4_REPLY_MARK(m->in->net, skb->mark);
}

static void note_path6(struct isakmp_message *m, const struct sk_buff *skb)
{
	m->sdif = inet6_sdif(skb);
	m->path.local = isakmp_addr_v6(&ipv6_hdr(skb)->daddr);
	m->path.remote = isakmp_addr_v6(&ipv6_hdr(skb)->saddr);
	m->path.mark = IP6_REPLY_MARK(m->in->net, skb->mark);
}

/*
 * Out of a VRF an answer must go back into it, to a link-local address out of the
 * device it came in by; else routing decides.
 */
static void note_path(struct isakmp_message *m, const struct sock *sk, const struct sk_buff *skb)
{
	if (sk->sk_family == AF_INET6)
		note_path6(m, skb);
	else
		note_path4(m, skb);
	if (isakmp_addr_is_link_local(&m->path.remote))
		m->path.ifindex = (u32)IP6CB(skb)->iif;
	else if (m->sdif)
		m->path.ifindex = (u32)skb->dev->ifindex;
	m->path.lport = inet_sk(sk)->inet_num;
	m->path.rport = ntohs(udp_hdr(skb)->source);
	m->outside = !sk->sk_bound_dev_if;
}

static enum isakmp_reason check_header(struct isakmp_message *m, const struct sk_buff *skb,
				       unsigned int off)
{
	u8 copy[IKE_HDR_LEN];
	const u8 *p;

	if (m->n < IKE_HDR_LEN)
		return ISAKMP_R_SHORT;
	p = skb_header_pointer(skb, off, sizeof(copy), copy);
	if (!p)
		return ISAKMP_R_SHORT;
	return isakmp_gate_header(p, m->n, &m->h);
}

static enum isakmp_reason receive(struct isakmp_message *m, struct sk_buff *skb,
				  unsigned int off)
{
	enum isakmp_reason why;

	why = check_header(m, skb, off);
	if (why && why != ISAKMP_R_VERSION)
		return why;
	if (!is_listened(m, skb))
		return ISAKMP_R_NOT_LISTENING;
	if (why) {
		isakmp_admit_say_version(m);
		return why;
	}
	trace_isakmp_rx(m->in->net, &m->path, &m->h);
	if (!pskb_may_pull(skb, skb->len))
		return ISAKMP_R_NO_MEMORY;
	m->data = skb->data + off;
	return for_us(m);
}

/* @off: of the message in @skb, within its length. */
static void receive_ike(struct isakmp_net *in, const struct sock *sk, struct sk_buff *skb,
			unsigned int off)
{
	struct isakmp_message m = { .in = in, .n = skb->len - off };
	enum isakmp_reason why;

	isakmp_count(in, ISAKMP_S_RX);
	note_path(&m, sk, skb);
	why = receive(&m, skb, off);
	if (!why) {
		consume_skb(skb);
		return;
	}
	isakmp_net_refused(in, &m.path, why, 0);
	kfree_skb(skb);
}

/* A positive value would have UDP queue the packet to a socket that nobody reads. */
static int receive_esp(struct isakmp_net *in, struct sock *sk, struct sk_buff *skb)
{
	int ret;

	isakmp_count(in, ISAKMP_S_RX_ESP);
	if (sk->sk_family == AF_INET6)
		ret = ipv6_stub->xfrm6_udp_encap_rcv(sk, skb);
	else
		ret = xfrm4_udp_encap_rcv(sk, skb);
	if (ret <= 0)
		return ret;
	isakmp_net_refused(in, NULL, ISAKMP_R_SHORT, 0);
	kfree_skb(skb);
	return 0;
}

/*
 * RFC 3948, 2.1 to 2.3: one octet 0xff is a keepalive, four octets of zero stand
 * before an IKE message, anything else is ESP.
 */
static int receive_natt(struct isakmp_net *in, struct sock *sk, struct sk_buff *skb)
{
	static const u8 marker[IKE_NON_ESP_LEN];
	const unsigned int off = sizeof(struct udphdr);
	unsigned int n = skb->len - off;
	u8 copy[IKE_NON_ESP_LEN];
	const u8 *p;

	p = skb_header_pointer(skb, off, min_t(unsigned int, n, sizeof(copy)), copy);
	if (p && n == 1 && *p == KEEPALIVE) {
		isakmp_count(in, ISAKMP_S_KEEPALIVE);
		consume_skb(skb);
		return 0;
	}
	if (p && n >= sizeof(marker) && memcmp(p, marker, sizeof(marker)))
		return receive_esp(in, sk, skb);
	receive_ike(in, sk, skb, off + min_t(unsigned int, n, sizeof(marker)));
	return 0;
}

/**
 * isakmp_rx_encap - a datagram for one of our sockets
 * @sk: the socket
 * @skb: the datagram, at its UDP header; its checksum is right
 *
 * Context: Softirq, under RCU.
 * Return: 0, the datagram is gone; below 0, what XFRM wants of an ESP packet.
 */
int isakmp_rx_encap(struct sock *sk, struct sk_buff *skb)
{
	struct isakmp_net *in = rcu_dereference_sk_user_data(sk);

	/* The namespace is going away, or UDP has passed less than its header. */
	if (!in || isakmp_net_dying(in) || skb->len < sizeof(struct udphdr)) {
		kfree_skb(skb);
		return 0;
	}
	if (inet_sk(sk)->inet_num == ISAKMP_PORT_NATT)
		return receive_natt(in, sk, skb);
	receive_ike(in, sk, skb, sizeof(struct udphdr));
	return 0;
}
