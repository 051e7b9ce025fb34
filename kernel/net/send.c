// SPDX-License-Identifier: GPL-2.0
/*
 * The one sender, for workers and softirq alike.
 *
 * The skb is a fresh one and belongs to our socket, and the route is looked up
 * with it: the socket's ALLOW policy takes IKE past whatever the namespace's
 * policies want protected or blocked.  DF is off: a message may exceed the MTU.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <net/ip.h>
#include <net/route.h>
#include <net/udp_tunnel.h>
#include "net/addr.h"
#include "net/send.h"
#include "netns.h"

static struct rtable *route(struct sock *sk, struct flowi4 *fl, const struct isakmp_path *path)
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

static struct sk_buff *build(const struct rtable *rt, const struct isakmp_path *path,
			     const u8 *p, size_t n)
{
	size_t head = LL_RESERVED_SPACE(rt->dst.dev) + rt->dst.header_len +
		      sizeof(struct iphdr) + sizeof(struct udphdr);
	size_t marker = path->lport == ISAKMP_PORT_NATT ? IKE_NON_ESP_LEN : 0;
	struct sk_buff *skb;

	skb = alloc_skb(head + marker + n + rt->dst.trailer_len, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, head);
	/* RFC 7296, 2.23: four octets of zero before a message on port 4500 */
	skb_put_zero(skb, marker);
	skb_put_data(skb, p, n);
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
static int send4(struct sock *sk, const struct isakmp_path *path, const u8 *p, size_t n)
{
	struct sk_buff *skb;
	struct rtable *rt;
	struct flowi4 fl;

	rt = route(sk, &fl, path);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	skb = build(rt, path, p, n);
	if (!skb) {
		ip_rt_put(rt);
		return -ENOMEM;
	}
	skb_set_owner_w(skb, sk);
	udp_tunnel_xmit_skb(rt, sk, skb, fl.saddr, fl.daddr, 0, ip4_dst_hoplimit(&rt->dst), 0,
			    fl.fl4_sport, fl.fl4_dport, false, false);
	return 0;
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
	int err = -ENOTCONN;
	struct sock *sk;

	rcu_read_lock_bh();
	sk = isakmp_listen_sock(in, path->lport);
	if (sk && path->local.family == 4 && path->remote.family == 4)
		err = has_room(sk, who) ? send4(sk, path, p, n) : -EAGAIN;
	rcu_read_unlock_bh();
	if (!err)
		return ISAKMP_OK;
	net_dbg_ratelimited("message not sent, error %d\n", err);
	return err == -ENOMEM ? ISAKMP_R_NO_MEMORY : ISAKMP_R_SEND;
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
	struct rtable *rt = ERR_PTR(-ENOTCONN);
	struct flowi4 fl;
	struct sock *sk;

	rcu_read_lock();
	sk = isakmp_listen_sock(in, path->lport);
	if (sk)
		rt = route(sk, &fl, path);
	rcu_read_unlock();
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	ip_rt_put(rt);
	path->local = isakmp_addr_v4(fl.saddr);
	return 0;
}
