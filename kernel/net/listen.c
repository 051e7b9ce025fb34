// SPDX-License-Identifier: GPL-2.0
/*
 * Listen objects.
 *
 * The sockets are wildcard ones; the objects filter in the receive path.  They are
 * opened with the first object of a domain and closed with its last, so that a
 * namespace without any leaves UDP 500 and 4500 to others.  Which domain an object
 * is of follows its device: into a VRF, out of it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/l3mdev.h>
#include "net/addr.h"
#include "netns.h"

/* An address and a device, each of which may be any. */
struct isakmp_listen {
	char dev[IFNAMSIZ];
	struct isakmp_addr addr;
	bool gone;
};

/* Those that are gone take only room. */
struct isakmp_listens {
	struct rcu_head rcu;
	unsigned int n;
	struct isakmp_listen v[];
};

/* ---- domains ------------------------------------------------------------- */

/* A device that is not there yet may come outside of VRFs as well as inside. */
static u32 domain_of(struct isakmp_net *in, const struct isakmp_listen *l)
{
	struct net_device *dev;
	u32 ifindex = 0;

	rcu_read_lock();
	dev = *l->dev ? dev_get_by_name_rcu(in->net, l->dev) : NULL;
	if (dev)
		ifindex = (u32)l3mdev_master_ifindex_rcu(dev);
	rcu_read_unlock();
	return ifindex;
}

static int open_needed(struct isakmp_net *in, const struct isakmp_listens *all,
		       struct netlink_ext_ack *extack)
{
	unsigned int i;
	u32 ifindex;
	int err;

	for (i = 0; all && i < all->n; i++) {
		if (all->v[i].gone)
			continue;
		ifindex = domain_of(in, &all->v[i]);
		if (isakmp_domain_is_open(in, ifindex))
			continue;
		err = isakmp_domain_open(in, ifindex, extack);
		if (err)
			return err;
	}
	return 0;
}

static bool is_needed(struct isakmp_net *in, const struct isakmp_listens *all, u32 ifindex)
{
	unsigned int i;

	for (i = 0; all && i < all->n; i++)
		if (!all->v[i].gone && domain_of(in, &all->v[i]) == ifindex)
			return true;
	return false;
}

static void close_unneeded(struct isakmp_net *in, const struct isakmp_listens *all)
{
	struct isakmp_domain *d, *next;

	lockdep_assert_held(&in->listen.lock);
	list_for_each_entry_safe(d, next, &in->listen.domains, list)
		if (!is_needed(in, all, d->ifindex))
			isakmp_domain_close(in, d->ifindex);
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
	return !l->gone && !strncmp(l->dev, dev ?: "", IFNAMSIZ) &&
	       isakmp_addr_equal(&l->addr, addr);
}

static unsigned int count(const struct isakmp_listens *all)
{
	unsigned int i, n = 0;

	for (i = 0; all && i < all->n; i++)
		n += !all->v[i].gone;
	return n;
}

/* Those that are there, with room for one more behind them; NULL: no memory. */
static struct isakmp_listens *copy(const struct isakmp_listens *all)
{
	struct isakmp_listens *new;
	unsigned int i;

	new = kzalloc(struct_size(new, v, count(all) + 1), GFP_KERNEL_ACCOUNT);
	for (i = 0; new && all && i < all->n; i++)
		if (!all->v[i].gone)
			new->v[new->n++] = all->v[i];
	return new;
}

/* Must hold the lock. */
static int add_locked(struct isakmp_net *in, const char *dev, const struct isakmp_addr *addr,
		      struct netlink_ext_ack *extack)
{
	struct isakmp_listens *old = objects(in), *new;
	struct isakmp_listen *l;
	int err;

	if (count(old) >= ISAKMP_LISTENS_MAX) {
		NL_SET_ERR_MSG(extack, "there are as many listen objects as there may be");
		return -ENOSPC;
	}
	new = copy(old);
	if (!new)
		return -ENOMEM;
	l = &new->v[new->n++];
	if (dev)
		strscpy(l->dev, dev, IFNAMSIZ);
	l->addr = *addr;
	err = open_needed(in, new, extack);
	if (err) {
		close_unneeded(in, old);
		kfree(new);
		return err;
	}
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
 * The first one of a domain opens its sockets.
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
	if (!err)
		isakmp_roam_addresses(in);
	return err;
}

/* Must hold the lock.  Without memory the object is only marked: it must go. */
static int del_locked(struct isakmp_net *in, const char *dev, const struct isakmp_addr *addr)
{
	struct isakmp_listens *old = objects(in), *new = NULL;
	unsigned int i;

	for (i = 0; old && i < old->n; i++)
		if (is_object(&old->v[i], dev, addr))
			break;
	if (!old || i == old->n)
		return -ENOENT;
	WRITE_ONCE(old->v[i].gone, true);
	if (count(old)) {
		new = copy(old);
		if (new)
			replace(in, new);
	} else {
		replace(in, NULL);
	}
	close_unneeded(in, objects(in));
	return 0;
}

/**
 * isakmp_listen_del - one listen object less
 * @in: namespace
 * @dev: as it was added
 * @addr: as it was added
 *
 * The last one of a domain closes its sockets.
 *
 * Context: Process.
 * Return: 0 or -ENOENT.
 */
int isakmp_listen_del(struct isakmp_net *in, const char *dev, const struct isakmp_addr *addr)
{
	int err;

	mutex_lock(&in->listen.lock);
	err = del_locked(in, dev, addr);
	mutex_unlock(&in->listen.lock);
	if (!err)
		isakmp_roam_addresses(in);
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
 * @dev: where it was asked, NULL = not known
 * @outside: outside of VRFs: objects without a device count
 *
 * Context: Any; under RCU.
 * Return: true if a listen object has both.
 */
bool isakmp_listen_covers_dev(struct isakmp_net *in, const struct isakmp_addr *local,
			      const struct net_device *dev, bool outside)
{
	const struct isakmp_listens *all = rcu_dereference(in->listen.objects);
	const struct isakmp_listen *l;
	unsigned int i;

	for (i = 0; all && i < all->n; i++) {
		l = &all->v[i];
		if (READ_ONCE(l->gone) ||
		    (l->addr.family && !isakmp_addr_equal(&l->addr, local)))
			continue;
		if (*l->dev ? !dev || !strncmp(l->dev, dev->name, IFNAMSIZ) : outside)
			return true;
	}
	return false;
}

/* Under RCU.  An object for the VRF covers the devices inside. */
static bool covers(struct isakmp_net *in, const struct isakmp_addr *local, u32 ifindex)
{
	struct net_device *dev, *master;

	dev = ifindex ? dev_get_by_index_rcu(in->net, (int)ifindex) : NULL;
	master = dev ? l3mdev_master_dev_rcu(dev) : NULL;
	if (isakmp_listen_covers_dev(in, local, dev, !master))
		return true;
	return master && isakmp_listen_covers_dev(in, local, master, false);
}

/**
 * isakmp_listen_covers - may we speak from this address?
 * @in: namespace
 * @local: the address
 * @ifindex: the device or VRF to leave by, 0 = not known, any will do
 *
 * Context: Any.
 * Return: true if a listen object has both.
 */
bool isakmp_listen_covers(struct isakmp_net *in, const struct isakmp_addr *local, u32 ifindex)
{
	bool yes;

	rcu_read_lock();
	yes = covers(in, local, ifindex);
	rcu_read_unlock();
	return yes;
}

/**
 * isakmp_listen_has - has a device of ours this address?
 * @in: namespace
 * @a: the address
 *
 * Context: Any.
 * Return: true if so.
 */
bool isakmp_listen_has(struct isakmp_net *in, const struct isakmp_addr *a)
{
	struct in6_addr six = isakmp_addr_in6(a);
	bool yes;

	if (a->family == 6)
		return ipv6_chk_addr(in->net, &six, NULL, 0);
	rcu_read_lock();
	yes = __ip_dev_find(in->net, isakmp_addr_be32(a), false);
	rcu_read_unlock();
	return yes;
}

static bool is_among(const struct isakmp_addr *list, unsigned int n, const struct isakmp_addr *a)
{
	while (n--)
		if (isakmp_addr_equal(&list[n], a))
			return true;
	return false;
}

/**
 * isakmp_listen_named - the addresses that listen objects name and a device has
 * @in: namespace
 * @path: whose local address is left out; they must be good with its device
 * @out: filled
 * @max: at most so many
 *
 * Context: Any.
 * Return: how many.
 */
unsigned int isakmp_listen_named(struct isakmp_net *in, const struct isakmp_path *path,
				 struct isakmp_addr *out, unsigned int max)
{
	const struct isakmp_listens *all;
	const struct isakmp_listen *l;
	unsigned int i, n = 0;

	rcu_read_lock();
	all = rcu_dereference(in->listen.objects);
	for (i = 0; all && i < all->n && n < max; i++) {
		l = &all->v[i];
		if (!READ_ONCE(l->gone) && l->addr.family &&
		    !isakmp_addr_equal(&l->addr, &path->local) &&
		    !isakmp_addr_is_link_local(&l->addr) &&
		    !is_among(out, n, &l->addr) && isakmp_listen_has(in, &l->addr) &&
		    covers(in, &l->addr, path->ifindex))
			out[n++] = l->addr;
	}
	rcu_read_unlock();
	return n;
}

/* ---- devices come, go, move in and out of VRFs --------------------------- */

static void work(struct work_struct *work)
{
	struct isakmp_net *in = container_of(work, struct isakmp_net, listen.work);
	int err;

	mutex_lock(&in->listen.lock);
	err = open_needed(in, objects(in), NULL);
	if (!err)
		close_unneeded(in, objects(in));
	mutex_unlock(&in->listen.lock);
	if (err && err != -ESHUTDOWN)
		pr_warn_ratelimited("sockets for a VRF could not be opened: error %d\n", err);
}

/*
 * Under RTNL, which nobody may want who holds listen.lock: the work does it.  The
 * core unregisters the devices of a namespace, under RTNL, between our pre_exit
 * and our exit: who did not see @dying is through when the work is cancelled.
 */
static int device_event(struct notifier_block *nb, unsigned long event, void *info)
{
	struct isakmp_net *in = isakmp_net_of(dev_net(netdev_notifier_info_to_dev(info)));

	isakmp_offload_event(in, event);
	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_UNREGISTER:
	case NETDEV_CHANGENAME:
	case NETDEV_CHANGEUPPER:
		if (isakmp_listen_open(in) && !isakmp_net_dying(in))
			queue_work(system_unbound_wq, &in->listen.work);
	}
	return NOTIFY_DONE;
}

static struct notifier_block device_notifier = { .notifier_call = device_event };

/**
 * isakmp_listen_init - watch devices
 *
 * Context: Process; every namespace is there.
 * Return: 0 or -errno.
 */
int isakmp_listen_init(void)
{
	return register_netdevice_notifier(&device_notifier);
}

/**
 * isakmp_listen_exit - the inverse
 *
 * Context: Process; every namespace is still there.
 */
void isakmp_listen_exit(void)
{
	unregister_netdevice_notifier(&device_notifier);
}

/* ---- namespace ----------------------------------------------------------- */

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
	INIT_LIST_HEAD(&in->listen.domains);
	INIT_WORK(&in->listen.work, work);
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
	mutex_lock(&in->listen.lock);
	isakmp_domains_deafen(in);
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
	cancel_work_sync(&in->listen.work);
	mutex_lock(&in->listen.lock);
	isakmp_domains_close(in);
	replace(in, NULL);
	mutex_unlock(&in->listen.lock);
}
