// SPDX-License-Identifier: GPL-2.0
/*
 * Hardware offload: a device encrypts and decrypts what passes it (ip-xfrm(8):
 * "offload crypto").
 *
 * A state that a device has taken holds a reference to it.  When the device goes down,
 * or goes, XFRM removes such states and drops the references, also those of states that
 * somebody pins; but it tells no key manager.  isakmp_offload_event() is called after
 * XFRM has done so (its notifier was there first) and has the work look at all states.
 * What is lost is negotiated anew, and meets the device as it is then.
 */
#include <linux/netdevice.h>
#include <net/xfrm.h>
#include "xfrm/inner.h"

/**
 * isakmp_offload_has() - can this kernel leave the work to devices?
 *
 * Context: any.
 * Return: true if it can.
 */
bool isakmp_offload_has(void)
{
	return ISAKMP_XFRM_OFFLOAD;
}

static int isakmp_offload_find(struct net *net, const char *name)
{
	struct net_device *dev;
	int ifindex;

	BUILD_BUG_ON(IKE_DEV_LEN != IFNAMSIZ);
	if (!name[0])
		return 0;
	rcu_read_lock();
	dev = dev_get_by_name_rcu(net, name);
	ifindex = dev ? dev->ifindex : -1;
	rcu_read_unlock();
	return ifindex;
}

/**
 * isakmp_offload_want() - what a device shall do for a child
 * @child: what the child will install; its namespace is set
 * @p: its policy
 *
 * Context: process.
 */
void isakmp_offload_want(struct isakmp_xfrm *child, const struct ike_child_policy *p)
{
	child->offload = p->offload;
	if (!p->offload)
		return;
	child->offload_if = isakmp_offload_find(child->in->net, p->offload_dev);
	atomic_inc(&child->in->xfrm.n_offloads);
}

/**
 * isakmp_offload_unwant() - the inverse; its states are out of XFRM
 * @child: what the child had installed
 *
 * Context: process.
 */
void isakmp_offload_unwant(struct isakmp_xfrm *child)
{
	if (child->offload)
		atomic_dec(&child->in->xfrm.n_offloads);
}

/**
 * isakmp_offload_add() - give a new state to a device, if one is to have it
 * @h: whose it is
 * @x: the state, not in XFRM yet; xfrm_dev_state_delete() undoes it
 *
 * XFRM looks for the device by the route itself when it is told none.  ESP in UDP is
 * not for devices that only encrypt: its ports may change at any time (move.c).
 *
 * Context: process.
 * Return: 0, also when the kernel may do the work; -ENODEV: no device takes it.
 */
int isakmp_offload_add(const struct isakmp_half *h, struct xfrm_state *x)
{
	const struct isakmp_xfrm *child = h->child;
	struct xfrm_user_offload u = { .ifindex = child->offload_if };
	int err = -ENODEV;

	if (!child->offload)
		return 0;
	if (h == &child->half[ISAKMP_HALF_IN])
		u.flags = XFRM_OFFLOAD_INBOUND;
	if (isakmp_offload_has() && child->offload_if >= 0 && !x->encap)
		err = xfrm_dev_state_add(child->in->net, x, &u, NULL);
	if (child->offload == IKE_OFFLOAD_AUTO || (!err && x->xso.dev))
		return 0;
	return -ENODEV;
}

/**
 * isakmp_offload_event() - something happened to a device
 * @in: its namespace
 * @event: NETDEV_*
 *
 * Under RTNL, which is not for us to wait with: the work does the rest.
 *
 * Context: process.
 */
void isakmp_offload_event(struct isakmp_net *in, unsigned long event)
{
	if ((event == NETDEV_DOWN || event == NETDEV_UNREGISTER) &&
	    atomic_read(&in->xfrm.n_offloads))
		isakmp_km_flushed(in->net, ISAKMP_FLUSHED_SA);
}
