// SPDX-License-Identifier: GPL-2.0
/*
 * Listen objects and sockets.
 *
 * The sockets are wildcard ones; the objects filter in the receive path.  They are
 * opened with the first object and closed with the last, so that a namespace
 * without any leaves UDP 500 and 4500 to others.
 */
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/xfrm.h>
#include <net/sock.h>
#include <net/udp_tunnel.h>
#include <net/xfrm.h>
#include "net/rx.h"
#include "net/send.h"
#include "netns.h"

/* An address and a device, each of which may be any. */
struct isakmp_listen {
	char dev[IFNAMSIZ];
	struct isakmp_addr addr;
};

struct isakmp_listens {
	struct rcu_head rcu;
	unsigned int n;
	struct isakmp_listen v[];
};

/* Every socket: its port, and what XFRM is to think of it. */
static const struct listen_socket {
	u16 port;
	u8 encap_type;		/* any but 0 has UDP call us */
} sockets[ISAKMP_SOCKETS] = {
	[ISAKMP_SOCKET_IKE] = { ISAKMP_PORT, 1 },
	[ISAKMP_SOCKET_NATT] = { ISAKMP_PORT_NATT, UDP_ENCAP_ESPINUDP },
};

/* ---- sockets ------------------------------------------------------------- */

/* IKE itself must get through, whatever the policies of the namespace say. */
static int bypass(struct sock *sk, u8 dir)
{
	struct xfrm_userpolicy_info p = {
		.sel.family = AF_INET,
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
	err = xfrm_user_policy(sk, IP_XFRM_POLICY, KERNEL_SOCKPTR(&p), sizeof(p));
	release_sock(sk);
	return err;
}

/* Everything a packet might meet is there before the port is. */
static int set_up(struct isakmp_net *in, struct socket *sock, const struct listen_socket *s)
{
	struct udp_tunnel_sock_cfg cfg = {
		.sk_user_data = in,
		.encap_type = s->encap_type,
		.encap_rcv = isakmp_rx_encap,
	};
	struct sockaddr_in any = {
		.sin_family = AF_INET,
		.sin_port = htons(s->port),
		.sin_addr.s_addr = htonl(INADDR_ANY),
	};
	int err;

	WRITE_ONCE(sock->sk->sk_sndbuf, ISAKMP_SNDBUF);
	rcu_assign_sk_user_data(sock->sk, in);	/* isakmp_listen_is_ours() */
	err = bypass(sock->sk, XFRM_POLICY_IN);
	if (err)
		return err;
	err = bypass(sock->sk, XFRM_POLICY_OUT);
	if (err)
		return err;
	setup_udp_tunnel_sock(in->net, sock, &cfg);
	return kernel_bind(sock, (struct sockaddr *)&any, sizeof(any));
}

static int open_one(struct isakmp_net *in, enum isakmp_socket which)
{
	struct socket *sock;
	int err;

	err = sock_create_kern(in->net, AF_INET, SOCK_DGRAM, IPPROTO_UDP, &sock);
	if (err)
		return err;
	err = set_up(in, sock, &sockets[which]);
	if (err) {
		sock_release(sock);
		return err;
	}
	rcu_assign_pointer(in->listen.sk[which], sock->sk);
	return 0;
}

static void close_all(struct isakmp_net *in)
{
	struct socket *sock[ISAKMP_SOCKETS] = {};
	struct sock *sk;
	int i;

	lockdep_assert_held(&in->listen.lock);
	for (i = 0; i < ISAKMP_SOCKETS; i++) {
		sk = rcu_replace_pointer(in->listen.sk[i], NULL, true);
		if (sk)
			sock[i] = sk->sk_socket;
	}
	/* Each waits for a grace period: for those who send through it, too. */
	for (i = 0; i < ISAKMP_SOCKETS; i++)
		if (sock[i])
			udp_tunnel_sock_release(sock[i]);
}

static void open_error(int err, enum isakmp_socket which, struct netlink_ext_ack *extack)
{
	if (err != -EADDRINUSE)
		NL_SET_ERR_MSG(extack, "the sockets for IKE could not be opened");
	else if (which == ISAKMP_SOCKET_IKE)
		NL_SET_ERR_MSG(extack, "UDP port 500 is in use by another program");
	else
		NL_SET_ERR_MSG(extack, "UDP port 4500 is in use by another program");
}

static int open_all(struct isakmp_net *in, struct netlink_ext_ack *extack)
{
	int err, i;

	lockdep_assert_held(&in->listen.lock);
	if (isakmp_net_dying(in))
		return -ESHUTDOWN;
	err = isakmp_admit_open(in);
	if (err)
		return err;
	for (i = 0; i < ISAKMP_SOCKETS; i++) {
		err = open_one(in, i);
		if (err) {
			open_error(err, i, extack);
			close_all(in);
			return err;
		}
	}
	return 0;
}

/**
 * isakmp_listen_sock - the socket of a port of ours
 * @in: namespace
 * @port: host order
 *
 * Context: Any; under RCU.
 * Return: the socket; NULL: not open.
 */
struct sock *isakmp_listen_sock(struct isakmp_net *in, u16 port)
{
	return rcu_dereference_check(in->listen.sk[port == ISAKMP_PORT_NATT ?
						   ISAKMP_SOCKET_NATT : ISAKMP_SOCKET_IKE],
				     rcu_read_lock_bh_held());
}

/**
 * isakmp_listen_is_ours - is a socket one of the module's?
 * @sk: any socket
 *
 * For compile_policy of our key manager, which comes before the socket is bound.
 *
 * Context: Any.
 * Return: true for a socket that the module is setting up or has set up.
 */
bool isakmp_listen_is_ours(const struct sock *sk)
{
	bool yes;

	rcu_read_lock();
	yes = sk->sk_kern_sock &&
	      rcu_dereference_sk_user_data(sk) == isakmp_net_of(sock_net(sk));
	rcu_read_unlock();
	return yes;
}

/* ---- objects ------------------------------------------------------------- */

static struct isakmp_listens *objects(struct isakmp_net *in)
{
	return rcu_dereference_protected(in->listen.objects,
					 lockdep_is_held(&in->listen.lock));
}

static void replace(struct isakmp_net *in, struct isakmp_listens *new)
{
	struct isakmp_listens *old = objects(in);

	rcu_assign_pointer(in->listen.objects, new);
	if (old)
		kfree_rcu(old, rcu);
}

static bool is_object(const struct isakmp_listen *l, const char *dev,
		      const struct isakmp_addr *addr)
{
	return !strncmp(l->dev, dev ?: "", IFNAMSIZ) && isakmp_addr_equal(&l->addr, addr);
}

static int check(const struct isakmp_listens *old, const struct isakmp_addr *addr,
		 struct netlink_ext_ack *extack)
{
	if (addr->family && addr->family != 4) {
		NL_SET_ERR_MSG(extack, "only IPv4 addresses can be listened on");
		return -EAFNOSUPPORT;
	}
	if (old && old->n >= ISAKMP_LISTENS_MAX) {
		NL_SET_ERR_MSG(extack, "there are as many listen objects as there may be");
		return -ENOSPC;
	}
	return 0;
}

/* Must hold the lock. */
static int add_locked(struct isakmp_net *in, const char *dev, const struct isakmp_addr *addr,
		      struct netlink_ext_ack *extack)
{
	struct isakmp_listens *old = objects(in), *new;
	unsigned int n = old ? old->n : 0;
	int err;

	err = check(old, addr, extack);
	if (err)
		return err;
	new = kzalloc(struct_size(new, v, n + 1), GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;
	if (!old)
		err = open_all(in, extack);
	if (err) {
		kfree(new);
		return err;
	}
	if (old)
		memcpy(new->v, old->v, n * sizeof(*new->v));
	if (dev)
		strscpy(new->v[n].dev, dev, IFNAMSIZ);
	new->v[n].addr = *addr;
	new->n = n + 1;
	replace(in, new);
	return 0;
}

/**
 * isakmp_listen_add - one more listen object
 * @in: namespace
 * @dev: name of the device asked on, NULL = any
 * @addr: address asked, family 0 = any
 * @extack: for the sentence
 *
 * The first one opens the sockets.
 *
 * Context: Process.
 * Return: 0 or -errno; -EADDRINUSE: another program has the ports.
 */
int isakmp_listen_add(struct isakmp_net *in, const char *dev, const struct isakmp_addr *addr,
		      struct netlink_ext_ack *extack)
{
	int err;

	mutex_lock(&in->listen.lock);
	err = add_locked(in, dev, addr, extack);
	mutex_unlock(&in->listen.lock);
	return err;
}

/* Must hold the lock. */
static int del_locked(struct isakmp_net *in, const char *dev, const struct isakmp_addr *addr)
{
	struct isakmp_listens *old = objects(in), *new;
	unsigned int i;

	for (i = 0; old && i < old->n; i++)
		if (is_object(&old->v[i], dev, addr))
			break;
	if (!old || i == old->n)
		return -ENOENT;
	if (old->n == 1) {
		close_all(in);
		replace(in, NULL);
		return 0;
	}
	new = kmemdup(old, struct_size(old, v, old->n), GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;
	new->v[i] = new->v[--new->n];
	replace(in, new);
	return 0;
}

/**
 * isakmp_listen_del - one listen object less
 * @in: namespace
 * @dev: as it was added
 * @addr: as it was added
 *
 * The last one closes the sockets.
 *
 * Context: Process.
 * Return: 0, -ENOENT or -ENOMEM.
 */
int isakmp_listen_del(struct isakmp_net *in, const char *dev, const struct isakmp_addr *addr)
{
	int err;

	mutex_lock(&in->listen.lock);
	err = del_locked(in, dev, addr);
	mutex_unlock(&in->listen.lock);
	return err;
}

/**
 * isakmp_listen_open - is there a listen object?
 * @in: namespace
 *
 * Context: Any.
 * Return: true if the sockets are open.
 */
bool isakmp_listen_open(struct isakmp_net *in)
{
	return rcu_access_pointer(in->listen.objects);
}

/**
 * isakmp_listen_covers_dev - may a message for this address be answered?
 * @in: namespace
 * @local: the address asked
 * @dev: where it was asked, NULL = not known, any will do
 *
 * Context: Any; under RCU.
 * Return: true if a listen object has both.
 */
bool isakmp_listen_covers_dev(struct isakmp_net *in, const struct isakmp_addr *local,
			      const struct net_device *dev)
{
	const struct isakmp_listens *all = rcu_dereference(in->listen.objects);
	const struct isakmp_listen *l;
	unsigned int i;

	for (i = 0; all && i < all->n; i++) {
		l = &all->v[i];
		if (l->addr.family && !isakmp_addr_equal(&l->addr, local))
			continue;
		if (!*l->dev || !dev || !strncmp(l->dev, dev->name, IFNAMSIZ))
			return true;
	}
	return false;
}

/**
 * isakmp_listen_covers - may a message for this address be answered?
 * @in: namespace
 * @local: the address asked
 * @ifindex: where it was asked, 0 = not known, any will do
 *
 * Context: Any.
 * Return: true if a listen object has both.
 */
bool isakmp_listen_covers(struct isakmp_net *in, const struct isakmp_addr *local, u32 ifindex)
{
	bool yes;

	rcu_read_lock();
	yes = isakmp_listen_covers_dev(in, local, ifindex ?
				       dev_get_by_index_rcu(in->net, (int)ifindex) : NULL);
	rcu_read_unlock();
	return yes;
}

/**
 * isakmp_listen_net_init - nothing is listened on
 * @in: namespace
 *
 * Context: Process.
 * Return: 0.
 */
int isakmp_listen_net_init(struct isakmp_net *in)
{
	mutex_init(&in->listen.lock);
	return 0;
}

/**
 * isakmp_listen_net_pre_exit - nothing comes in any more
 * @in: namespace, marked as dying
 *
 * After the next grace period no receiver knows @in any longer.
 *
 * Context: Process.
 */
void isakmp_listen_net_pre_exit(struct isakmp_net *in)
{
	struct sock *sk;
	int i;

	mutex_lock(&in->listen.lock);
	for (i = 0; i < ISAKMP_SOCKETS; i++) {
		sk = rcu_dereference_protected(in->listen.sk[i],
					       lockdep_is_held(&in->listen.lock));
		if (sk)
			rcu_assign_sk_user_data(sk, NULL);
	}
	mutex_unlock(&in->listen.lock);
}

/**
 * isakmp_listen_net_exit - close the sockets, forget the objects
 * @in: namespace
 *
 * Context: Process.
 */
void isakmp_listen_net_exit(struct isakmp_net *in)
{
	mutex_lock(&in->listen.lock);
	close_all(in);
	replace(in, NULL);
	mutex_unlock(&in->listen.lock);
}
