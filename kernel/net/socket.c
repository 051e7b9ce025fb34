// SPDX-License-Identifier: GPL-2.0
/*
 * The sockets: wildcard ones, for they answer from the address that was asked.
 *
 * A socket that is bound to nothing does not see what arrives in a VRF, so each
 * VRF that is listened in has sockets of its own, bound to its device: a domain.
 * IPv6 sockets are IPv6's alone; where the machine has no IPv6 there are none.
 */
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/xfrm.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/sock.h>
#include <net/udp_tunnel.h>
#include <net/xfrm.h>
#include "net/rx.h"
#include "net/send.h"
#include "net/socket.h"
#include "netns.h"

/* Every socket: its family and port, and what XFRM is to think of it. */
static const struct socket_kind {
	sa_family_t family;
	u16 port;
	u8 encap_type;		/* any but 0 has UDP call us */
} kinds[ISAKMP_SOCKETS] = {
	[ISAKMP_SOCKET_IKE4] = { AF_INET, ISAKMP_PORT, 1 },
	[ISAKMP_SOCKET_NATT4] = { AF_INET, ISAKMP_PORT_NATT, UDP_ENCAP_ESPINUDP },
	[ISAKMP_SOCKET_IKE6] = { AF_INET6, ISAKMP_PORT, 1 },
	[ISAKMP_SOCKET_NATT6] = { AF_INET6, ISAKMP_PORT_NATT, UDP_ENCAP_ESPINUDP },
};

/* ---- one socket ---------------------------------------------------------- */

/* IKE itself must get through, whatever the policies of the namespace say. */
static int bypass(struct sock *sk, u8 dir)
{
	struct xfrm_userpolicy_info p = {
		.sel.family = sk->sk_family,
		.lft = {
			.soft_byte_limit = XFRM_INF,
			.hard_byte_limit = XFRM_INF,
			.soft_packet_limit = XFRM_INF,
			.hard_packet_limit = XFRM_INF,
		},
		.priority = ISAKMP_BYPASS_PRIORITY,
		.dir = dir,
		.action = XFRM_POLICY_ALLOW,
	};
	int err;

	lock_sock(sk);
	err = xfrm_user_policy(sk, sk->sk_family == AF_INET6 ? IPV6_XFRM_POLICY : IP_XFRM_POLICY,
			       KERNEL_SOCKPTR(&p), sizeof(p));
	release_sock(sk);
	return err;
}

static int bind_any(struct socket *sock, const struct socket_kind *k)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(k->port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(k->port) };

	if (k->family == AF_INET6)
		return kernel_bind(sock, (struct sockaddr *)&v6, sizeof(v6));
	return kernel_bind(sock, (struct sockaddr *)&v4, sizeof(v4));
}

/* Everything a packet might meet is there before the port is. */
static int set_up(struct isakmp_net *in, struct socket *sock, const struct socket_kind *k,
		  u32 ifindex)
{
	struct udp_tunnel_sock_cfg cfg = {
		.sk_user_data = in,
		.encap_type = k->encap_type,
		.encap_rcv = isakmp_rx_encap,
	};
	int err;

	WRITE_ONCE(sock->sk->sk_sndbuf, ISAKMP_SNDBUF);
	rcu_assign_sk_user_data(sock->sk, in);	/* isakmp_socket_is_ours() */
	if (k->family == AF_INET6)
		ip6_sock_set_v6only(sock->sk);
	err = bypass(sock->sk, XFRM_POLICY_IN);
	if (err)
		return err;
	err = bypass(sock->sk, XFRM_POLICY_OUT);
	if (err)
		return err;
	if (ifindex)
		err = sock_bindtoindex(sock->sk, (int)ifindex, true);
	if (err)
		return err;
	setup_udp_tunnel_sock(in->net, sock, &cfg);
	return bind_any(sock, k);
}

/* The open socket of @d, or NULL. */
static struct sock *open_sock(struct isakmp_net *in, struct isakmp_domain *d, int which)
{
	return rcu_dereference_protected(d->sk[which], lockdep_is_held(&in->listen.lock));
}

/* Must hold listen.lock. */
#define for_each_open(in, d, i, sk)					\
	list_for_each_entry(d, &(in)->listen.domains, list)		\
		for (i = 0; i < ISAKMP_SOCKETS; i++)			\
			if (!(sk = open_sock(in, d, i)))		\
				;					\
			else

static void set_reuse(struct sock *sk, bool on)
{
	lock_sock(sk);
	sk->sk_reuseport = on;
	release_sock(sk);
}

/*
 * The port of a VRF and the port outside of VRFs are one for UDP, unless both
 * sockets would share it.  They would for as long as it takes to bind, and only
 * with root: nobody shall get the port beside us.
 */
static void all_reuse(struct isakmp_net *in, bool on)
{
	struct isakmp_domain *d;
	struct sock *sk;
	int i;

	for_each_open(in, d, i, sk)
		set_reuse(sk, on);
}

static int open_one(struct isakmp_net *in, struct isakmp_domain *d, enum isakmp_socket which)
{
	const struct socket_kind *k = &kinds[which];
	struct socket *sock;
	int err;

	err = sock_create_kern(in->net, k->family, SOCK_DGRAM, IPPROTO_UDP, &sock);
	/* A machine without IPv6 has nothing to listen for there. */
	if (err == -EAFNOSUPPORT && k->family == AF_INET6)
		return 0;
	if (err)
		return err;
	set_reuse(sock->sk, true);
	err = set_up(in, sock, k, d->ifindex);
	set_reuse(sock->sk, false);
	if (err) {
		sock_release(sock);
		return err;
	}
	rcu_assign_pointer(d->sk[which], sock->sk);
	return 0;
}

/* ---- domains ------------------------------------------------------------- */

/* Must hold listen.lock, or RCU. */
static struct isakmp_domain *find(struct isakmp_net *in, u32 ifindex)
{
	struct isakmp_domain *d;

	list_for_each_entry_rcu(d, &in->listen.domains, list,
				lockdep_is_held(&in->listen.lock) || rcu_read_lock_bh_held())
		if (d->ifindex == ifindex)
			return d;
	return NULL;
}

/* Nobody finds it any more. */
static void close(struct isakmp_net *in, struct isakmp_domain *d)
{
	struct socket *sock[ISAKMP_SOCKETS] = {};
	struct sock *sk;
	int i;

	lockdep_assert_held(&in->listen.lock);
	for (i = 0; i < ISAKMP_SOCKETS; i++) {
		sk = rcu_replace_pointer(d->sk[i], NULL, lockdep_is_held(&in->listen.lock));
		if (sk)
			sock[i] = sk->sk_socket;
	}
	/* Each waits for a grace period: for those who send through it, too. */
	for (i = 0; i < ISAKMP_SOCKETS; i++)
		if (sock[i])
			udp_tunnel_sock_release(sock[i]);
	kfree_rcu(d, rcu);
}

static void open_error(int err, enum isakmp_socket which, struct netlink_ext_ack *extack)
{
	if (err != -EADDRINUSE)
		NL_SET_ERR_MSG(extack, "the sockets for IKE could not be opened");
	else if (kinds[which].port == ISAKMP_PORT)
		NL_SET_ERR_MSG(extack, "UDP port 500 is in use by another program");
	else
		NL_SET_ERR_MSG(extack, "UDP port 4500 is in use by another program");
}

static int open_sockets(struct isakmp_net *in, struct isakmp_domain *d,
			struct netlink_ext_ack *extack)
{
	int err = 0, i;

	all_reuse(in, true);
	for (i = 0; i < ISAKMP_SOCKETS && !err; i++) {
		err = open_one(in, d, i);
		if (err)
			open_error(err, i, extack);
	}
	all_reuse(in, false);
	return err;
}

/**
 * isakmp_domain_is_open - are there sockets for a domain?
 * @in: namespace
 * @ifindex: of a VRF's device; 0: outside of VRFs
 *
 * Context: Process.  Must hold listen.lock.
 * Return: true if there are.
 */
bool isakmp_domain_is_open(struct isakmp_net *in, u32 ifindex)
{
	lockdep_assert_held(&in->listen.lock);
	return find(in, ifindex);
}

/**
 * isakmp_domain_open - open the sockets of a domain
 * @in: namespace
 * @ifindex: of a VRF's device; 0: outside of VRFs
 * @extack: for the sentence, or NULL
 *
 * Context: Process.  Must hold listen.lock.
 * Return: 0 or -errno; -EADDRINUSE: another program has the ports.
 */
int isakmp_domain_open(struct isakmp_net *in, u32 ifindex, struct netlink_ext_ack *extack)
{
	struct isakmp_domain *d;
	int err;

	lockdep_assert_held(&in->listen.lock);
	if (isakmp_net_dying(in))
		return -ESHUTDOWN;
	err = isakmp_admit_open(in);
	if (err)
		return err;
	d = kzalloc(sizeof(*d), GFP_KERNEL_ACCOUNT);
	if (!d)
		return -ENOMEM;
	d->ifindex = ifindex;
	err = open_sockets(in, d, extack);
	if (err)
		close(in, d);
	else
		list_add_tail_rcu(&d->list, &in->listen.domains);
	return err;
}

/**
 * isakmp_domain_close - close the sockets of a domain; fine if there are none
 * @in: namespace
 * @ifindex: of a VRF's device, which may be gone; 0: outside of VRFs
 *
 * Context: Process.  Must hold listen.lock.
 */
void isakmp_domain_close(struct isakmp_net *in, u32 ifindex)
{
	struct isakmp_domain *d = find(in, ifindex);

	lockdep_assert_held(&in->listen.lock);
	if (!d)
		return;
	list_del_rcu(&d->list);
	close(in, d);
}

/**
 * isakmp_domains_deafen - nothing comes in any more
 * @in: namespace, marked as dying
 *
 * After the next grace period no receiver knows @in any longer.
 *
 * Context: Process.  Must hold listen.lock.
 */
void isakmp_domains_deafen(struct isakmp_net *in)
{
	struct isakmp_domain *d;
	struct sock *sk;
	int i;

	for_each_open(in, d, i, sk)
		rcu_assign_sk_user_data(sk, NULL);
}

/**
 * isakmp_domains_close - close all sockets
 * @in: namespace
 *
 * Context: Process.  Must hold listen.lock.
 */
void isakmp_domains_close(struct isakmp_net *in)
{
	struct isakmp_domain *d, *next;

	lockdep_assert_held(&in->listen.lock);
	list_for_each_entry_safe(d, next, &in->listen.domains, list) {
		list_del_rcu(&d->list);
		close(in, d);
	}
}

/* ---- look-up ------------------------------------------------------------- */

/* Must hold RCU.  A device inside of a VRF belongs to that VRF's domain. */
static struct isakmp_domain *domain_of(struct isakmp_net *in, u32 ifindex)
{
	struct isakmp_domain *d = find(in, ifindex);
	struct net_device *dev;

	if (d || !ifindex)
		return d;
	dev = dev_get_by_index_rcu(in->net, (int)ifindex);
	return dev ? find(in, (u32)l3mdev_master_ifindex_rcu(dev)) : NULL;
}

/**
 * isakmp_socket_find - the socket that messages of a path go through
 * @in: namespace
 * @path: its local port, remote family and device count
 *
 * Context: Any; under RCU.
 * Return: the socket; NULL: not open.
 */
struct sock *isakmp_socket_find(struct isakmp_net *in, const struct isakmp_path *path)
{
	bool natt = path->lport == ISAKMP_PORT_NATT;
	struct isakmp_domain *d = domain_of(in, path->ifindex);
	enum isakmp_socket which;

	if (path->remote.family == 6)
		which = natt ? ISAKMP_SOCKET_NATT6 : ISAKMP_SOCKET_IKE6;
	else
		which = natt ? ISAKMP_SOCKET_NATT4 : ISAKMP_SOCKET_IKE4;
	return d ? rcu_dereference_check(d->sk[which], rcu_read_lock_bh_held()) : NULL;
}

/**
 * isakmp_socket_is_ours - is a socket one of the module's?
 * @sk: any socket
 *
 * For compile_policy of our key manager, which comes before the socket is bound.
 *
 * Context: Any.
 * Return: true for a socket that the module is setting up or has set up.
 */
bool isakmp_socket_is_ours(const struct sock *sk)
{
	bool yes;

	rcu_read_lock();
	yes = sk->sk_kern_sock &&
	      rcu_dereference_sk_user_data(sk) == isakmp_net_of(sock_net(sk));
	rcu_read_unlock();
	return yes;
}
