// SPDX-License-Identifier: GPL-2.0
/*
 * The one sender, for workers and softirq alike.
 *
 * The skb is a fresh one and belongs to our socket, and the route is looked up
 * with it: the socket's ALLOW policy takes IKE past whatever the namespace's
 * policies want protected or blocked.  A message may exceed the MTU: DF is off, IPv6
 * fragments.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <net/addrconf.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ipv6_stubs.h>
#include <net/route.h>
#include <net/udp_tunnel.h>
#include "net/addr.h"
#include "net/send.h"
#include "netns.h"

/* ---- routes -------------------------------------------------------------- */

static struct rtable *route4(struct sock *sk, struct flowi4 *fl, const struct isakmp_path *path)
{
	struct net *net = sock_net(sk);
	struct rtable *rt;

	*fl = (struct flowi4) {
		.flowi4_oif = path->ifindex,
		.flowi4_mark = path->mark,
		.flowi4_proto = IPPROTO_UDP,
		.flowi4_uid = sock_net_uid(net, sk),
		.saddr = isakmp_addr_be32(&path->local),
		.daddr = isakmp_addr_be32(&path->remote),
		.fl4_sport = htons(path->lport),
		.fl4_dport = htons(path->rport),
	};
	security_sk_classify_flow(sk, flowi4_to_flowi_common(fl));
	rt = ip_route_output_flow(net, fl, sk);
	if (!IS_ERR(rt) && rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) {
		ip_rt_put(rt);
		return ERR_PTR(-EACCES);
	}
	return rt;
}

/* Under RCU.  What the look-up of an IPv6 route does not check by itself. */
static int check6(struct net *net, const struct flowi6 *fl, const struct isakmp_path *path)
{
	const struct net_device *dev;

	if (ipv6_addr_any(&fl->daddr) || ipv6_addr_is_multicast(&fl->daddr))
		return -EACCES;
	if (isakmp_addr_is_link_local(&path->remote) && !path->ifindex)
		return -ENODEV;
	/* The device says in which VRF the address must be. */
	dev = path->ifindex ? dev_get_by_index_rcu(net, (int)path->ifindex) : NULL;
	if (path->local.family && !ipv6_chk_addr(net, &fl->saddr, dev, 0))
		return -EADDRNOTAVAIL;
	return 0;
}

static struct dst_entry *route6(struct sock *sk, struct flowi6 *fl, const struct isakmp_path *path)
{
	struct net *net = sock_net(sk);
	int err;

	*fl = (struct flowi6) {
		.flowi6_oif = path->ifindex,
		.flowi6_mark = path->mark,
		.flowi6_proto = IPPROTO_UDP,
		.flowi6_uid = sock_net_uid(net, sk),
		.saddr = isakmp_addr_in6(&path->local),
		.daddr = isakmp_addr_in6(&path->remote),
		.fl6_sport = htons(path->lport),
		.fl6_dport = htons(path->rport),
	};
	err = check6(net, fl, path);
	if (err)
		return ERR_PTR(err);
	security_sk_classify_flow(sk, flowi6_to_flowi_common(fl));
	return ipv6_stub->ipv6_dst_lookup_flow(net, sk, fl, NULL);
}

/* ---- packets ------------------------------------------------------------- */

/* What goes into a datagram, before it has a route. */
struct load {
	const u8 *p;
	size_t n;
	bool marker;		/* RFC 7296, 2.23: four octets of zero before it */
};

static struct sk_buff *build(const struct dst_entry *dst, size_t ip_len,
			     const struct isakmp_path *path, const struct load *load)
{
	size_t head = LL_RESERVED_SPACE(dst->dev) + dst->header_len + ip_len +
		      sizeof(struct udphdr);
	size_t marker = load->marker ? IKE_NON_ESP_LEN : 0;
	struct sk_buff *skb;

	skb = alloc_skb(head + marker + load->n + dst->trailer_len, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, head);
	skb_put_zero(skb, marker);
	skb_put_data(skb, load->p, load->n);
	skb->mark = path->mark;
	skb->ignore_df = 1;
	return skb;
}

static bool has_room(const struct sock *sk, enum isakmp_sender who)
{
	if (who == ISAKMP_SENDER_SA)
		return sock_writeable(sk);
	return refcount_read(&sk->sk_wmem_alloc) < READ_ONCE(sk->sk_sndbuf) >> 2;
}

/* Under RCU, bottom halves off: the tunnel code counts on this CPU. */
static int send4(struct sock *sk, const struct isakmp_path *path, const struct load *load)
{
	struct sk_buff *skb;
	struct rtable *rt;
	struct flowi4 fl;

	rt = route4(sk, &fl, path);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	skb = build(&rt->dst, sizeof(struct iphdr), path, load);
	if (!skb) {
		ip_rt_put(rt);
		return -ENOMEM;
	}
	skb_set_owner_w(skb, sk);
	udp_tunnel_xmit_skb(rt, sk, skb, fl.saddr, fl.daddr, 0, ip4_dst_hoplimit(&rt->dst), 0,
			    fl.fl4_sport, fl.fl4_dport, false, false);
	return 0;
}

/* The same for IPv6. */
static int send6(struct sock *sk, const struct isakmp_path *path, const struct load *load)
{
	struct dst_entry *dst;
	struct sk_buff *skb;
	struct flowi6 fl;

	dst = route6(sk, &fl, path);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	skb = build(dst, sizeof(struct ipv6hdr), path, load);
	if (!skb) {
		dst_release(dst);
		return -ENOMEM;
	}
	skb->protocol = htons(ETH_P_IPV6);
	skb_set_owner_w(skb, sk);
	udp_tunnel6_xmit_skb(dst, sk, skb, NULL, &fl.saddr, &fl.daddr, 0, ip6_dst_hoplimit(dst), 0,
			     fl.fl6_sport, fl.fl6_dport, false);
	return 0;
}

static int send_load(struct isakmp_net *in, const struct isakmp_path *path,
		     enum isakmp_sender who, const struct load *load)
{
	int err = -ENOTCONN;
	struct sock *sk;

	rcu_read_lock_bh();
	sk = isakmp_socket_find(in, path);
	if (sk && path->local.family == path->remote.family) {
		if (!has_room(sk, who))
			err = -EAGAIN;
		else if (path->remote.family == 6)
			err = send6(sk, path, load);
		else
			err = send4(sk, path, load);
	}
	rcu_read_unlock_bh();
	return err;
}

static enum isakmp_reason send_reason(int err)
{
	if (!err)
		return ISAKMP_OK;
	net_dbg_ratelimited("message not sent, error %d\n", err);
	return err == -ENOMEM ? ISAKMP_R_NO_MEMORY : ISAKMP_R_SEND;
}

/**
 * isakmp_send_message - send a message
 * @in: namespace
 * @path: where to, and from which of our addresses
 * @who: on whose behalf
 * @p: the message, without non-ESP marker
 * @n: its octets
 *
 * Context: Any, with no lock of ours held: the message may come back to us at once.
 * Return: OK; NO_MEMORY; SEND: no socket, no route, or too much under way.
 */
enum isakmp_reason isakmp_send_message(struct isakmp_net *in, const struct isakmp_path *path,
				       enum isakmp_sender who, const u8 *p, size_t n)
{
	const struct load load = { p, n, path->lport == ISAKMP_PORT_NATT };

	return send_reason(send_load(in, path, who, &load));
}

/**
 * isakmp_send_keepalive - keep a NAT's mapping (RFC 3948, 2.3)
 * @in: namespace
 * @path: where to; on port 4500
 *
 * Context: Any, with no lock of ours held.
 * Return: as isakmp_send_message().
 */
enum isakmp_reason isakmp_send_keepalive(struct isakmp_net *in, const struct isakmp_path *path)
{
	static const u8 octet = 0xff;
	const struct load load = { &octet, sizeof(octet), false };

	return send_reason(send_load(in, path, ISAKMP_SENDER_SA, &load));
}

/**
 * isakmp_send_ifindex - the device or VRF that a peer is to be reached by
 * @in: namespace
 * @dev: its name; empty: as routed
 *
 * Context: Any.
 * Return: its index; 0: as routed, or there is no such device.
 */
u32 isakmp_send_ifindex(struct isakmp_net *in, const char *dev)
{
	struct net_device *d;
	u32 ifindex = 0;

	if (!*dev)
		return 0;
	rcu_read_lock();
	d = dev_get_by_name_rcu(in->net, dev);
	if (d)
		ifindex = (u32)d->ifindex;
	rcu_read_unlock();
	return ifindex;
}

static bool has_device(struct isakmp_net *in, u32 ifindex)
{
	bool yes;

	rcu_read_lock();
	yes = dev_get_by_index_rcu(in->net, (int)ifindex);
	rcu_read_unlock();
	return yes;
}

/**
 * isakmp_send_way - by which device and with which mark to send
 * @in: namespace
 * @path: as the message to be answered came, or as the SA has it
 * @peer: the peer, one that it may be, or NULL
 *
 * Context: Any.
 * Return: the path to send on.
 */
struct isakmp_path isakmp_send_way(struct isakmp_net *in, const struct isakmp_path *path,
				   const struct ike_peer *peer)
{
	struct isakmp_path p = *path;
	u32 ifindex;

	if (!peer)
		return p;
	/* A device that went and came again has another number */
	if (!p.ifindex || (*peer->dev && !has_device(in, p.ifindex))) {
		ifindex = isakmp_send_ifindex(in, peer->dev);
		p.ifindex = ifindex ?: p.ifindex;
	}
	if (!p.mark)
		p.mark = peer->mark;
	return p;
}

/* Under RCU. */
static int source4(struct sock *sk, struct isakmp_path *path)
{
	struct rtable *rt;
	struct flowi4 fl;

	rt = route4(sk, &fl, path);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	ip_rt_put(rt);
	path->local = isakmp_addr_v4(fl.saddr);
	return 0;
}

/* Under RCU. */
static int source6(struct sock *sk, struct isakmp_path *path)
{
	struct dst_entry *dst;
	struct flowi6 fl;

	dst = route6(sk, &fl, path);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	dst_release(dst);
	path->local = isakmp_addr_v6(&fl.saddr);
	return 0;
}

/**
 * isakmp_send_source - which of our addresses to use
 * @in: namespace
 * @path: its local address is filled in if unset, else only checked
 *
 * Context: Any.
 * Return: 0 or -errno.
 */
int isakmp_send_source(struct isakmp_net *in, struct isakmp_path *path)
{
	int err = -ENOTCONN;
	struct sock *sk;

	rcu_read_lock();
	sk = isakmp_socket_find(in, path);
	if (sk)
		err = path->remote.family == 6 ? source6(sk, path) : source4(sk, path);
	rcu_read_unlock();
	return err;
}
