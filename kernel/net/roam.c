// SPDX-License-Identifier: GPL-2.0
/*
 * The addresses and routes of a namespace change: IKE SAs that we started may have to
 * take another path (RFC 4555, 3.5).  What others started asks for addresses alone, unless
 * its own is gone: those are told (3.6), and routes change often where there are many.
 *
 * The notifiers only queue; changes that come together are looked at together, by one
 * work item a namespace, which tells the IKE SAs that may move.  Each looks at its own
 * route: see ike/roam.c.  The more it has told, the later it comes again: where routes
 * change all the time many SAs shall not look at nothing else.
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <net/fib_notifier.h>
#include <net/ip6_fib.h>
#include "ike/seam.h"
#include "net/roam.h"
#include "net/send.h"
#include "netns.h"

/* ---- seams --------------------------------------------------------------- */

/**
 * isakmp_path_local - which address of ours leads to the peer now?
 * @ike: the SA
 * @path: its remote address and ports count, and its device, unless the peer object has
 *	one; its local address and device are set
 *
 * Context: Process; the SA's worker.
 * Return: false: none that policy allows.
 */
bool isakmp_path_local(struct ike_sa *ike, struct isakmp_path *path)
{
	struct isakmp_net *in = isakmp_sa_of(ike)->in;
	const struct ike_peer *peer = ike->peer;
	u32 ifindex = isakmp_send_ifindex(in, peer->dev);

	if (peer->local.family && peer->local.family != path->remote.family)
		return false;
	if (*peer->dev && !ifindex)
		return false;
	path->local = peer->local;
	/* Without a device of its own the peer is in the VRF that it came out of */
	if (ifindex)
		path->ifindex = ifindex;
	return !isakmp_send_source(in, path) &&
	       isakmp_listen_covers(in, &path->local, path->ifindex);
}

/**
 * isakmp_path_stands - is the local address of an SA's path one of ours still?
 * @ike: the SA
 *
 * Context: Process; the SA's worker.
 * Return: true if it is.
 */
bool isakmp_path_stands(struct ike_sa *ike)
{
	return isakmp_listen_has(isakmp_sa_of(ike)->in, &ike->path.local);
}

/**
 * isakmp_path_others - addresses of ours that the peer may come to as well
 * @ike: the SA
 * @out: filled
 * @max: at most so many
 *
 * They tell the peer what networks we are in (RFC 4555, 5.5): only those that a listen
 * object names and a device has, and none when the peer object has an address of ours.
 *
 * Context: Process; the SA's worker.
 * Return: how many.
 */
unsigned int isakmp_path_others(struct ike_sa *ike, struct isakmp_addr *out, unsigned int max)
{
	if (!ike->peer || ike->peer->local.family)
		return 0;
	return isakmp_listen_named(isakmp_sa_of(ike)->in, &ike->path, out, max);
}

/* ---- changes ------------------------------------------------------------- */

/* A grace period lies between "dying" and isakmp_roam_net_exit(): it is waited for. */
static void look_in(struct isakmp_net *in, unsigned long delay)
{
	rcu_read_lock();
	if (!isakmp_net_dying(in))
		queue_delayed_work(system_unbound_wq, &in->roam.work, delay);
	rcu_read_unlock();
}

static void changed(struct isakmp_net *in)
{
	look_in(in, msecs_to_jiffies(ISAKMP_ROAM_MS));
}

/* Return: how many were told. */
static unsigned long tell(struct isakmp_net *in)
{
	bool addresses = test_and_clear_bit(0, &in->roam.addresses) || !in->roam.noticed;
	struct isakmp_sa *sa;
	unsigned long n = 0;
	u64 id = 0;

	while (!isakmp_net_dying(in) && (sa = isakmp_sa_next(in, id))) {
		id = sa->id;
		if (READ_ONCE(sa->roams) &&
		    (sa->initiator || addresses || READ_ONCE(sa->stranded)))
			n += !isakmp_sa_post(sa, IKE_EV_ROAM, 0);
		isakmp_sa_put(sa);
		cond_resched();
	}
	return n;
}

/*
 * The core shows who comes all routes, and gives up with -EBUSY when they do not hold
 * still for so long.  Until it works the SAs are asked without an occasion.
 */
static void notice_routes(struct isakmp_net *in)
{
	in->roam.noticed = !register_fib_notifier(in->net, &in->roam.fib, NULL, NULL);
}

static void work(struct work_struct *work)
{
	struct isakmp_net *in = container_of(to_delayed_work(work), struct isakmp_net,
					     roam.work);
	const unsigned long most = msecs_to_jiffies(ISAKMP_ROAM_MOST_MS);
	unsigned long early = in->roam.next - jiffies;

	/* From 1 on; what is over is far above */
	if (early - 1 < most) {
		look_in(in, early);
		return;
	}
	if (!in->roam.noticed && !isakmp_net_dying(in))
		notice_routes(in);
	early = min(most, tell(in) * HZ / ISAKMP_ROAM_PER_SECOND);
	if (!in->roam.noticed)
		early = most;
	in->roam.next = jiffies + early;
	if (!in->roam.noticed)
		look_in(in, early);
}

/**
 * isakmp_roam_addresses - our addresses, or those that are told, are others
 * @in: namespace
 *
 * Context: Any.
 */
void isakmp_roam_addresses(struct isakmp_net *in)
{
	set_bit(0, &in->roam.addresses);
	changed(in);
}

static int inet_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct in_ifaddr *ifa = ptr;

	isakmp_roam_addresses(isakmp_net_of(dev_net(ifa->ifa_dev->dev)));
	return NOTIFY_DONE;
}

static int inet6_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct inet6_ifaddr *ifa = ptr;

	isakmp_roam_addresses(isakmp_net_of(dev_net(ifa->idev->dev)));
	return NOTIFY_DONE;
}

/*
 * An IPv6 address has a route of its own from when it may be used: nobody else answered to
 * it (RFC 4862, 5.4).  The address itself is told of long before.
 */
static bool is_address6(unsigned long event, const struct fib_notifier_info *info)
{
	const struct fib6_entry_notifier_info *entry;

	if (info->family != AF_INET6 || event != FIB_EVENT_ENTRY_REPLACE)
		return false;
	entry = container_of(info, struct fib6_entry_notifier_info, info);
	return entry->rt->fib6_type == RTN_LOCAL;
}

/* Under RCU.  Routes, next hops and rules of both families. */
static int fib_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct isakmp_net *in = container_of(nb, struct isakmp_net, roam.fib);

	if (is_address6(event, ptr))
		isakmp_roam_addresses(in);
	else
		changed(in);
	return NOTIFY_DONE;
}

static struct notifier_block inet_nb = { .notifier_call = inet_event };
static struct notifier_block inet6_nb = { .notifier_call = inet6_event };

/**
 * isakmp_roam_net_init - notice the routes of a namespace
 * @in: the namespace
 *
 * Context: Process.
 * Return: 0.
 */
int isakmp_roam_net_init(struct isakmp_net *in)
{
	INIT_DELAYED_WORK(&in->roam.work, work);
	in->roam.fib.notifier_call = fib_event;
	in->roam.next = jiffies;
	notice_routes(in);
	if (!in->roam.noticed)
		changed(in);
	return 0;
}

/**
 * isakmp_roam_net_pre_exit - notice nothing any more
 * @in: the namespace, dying
 *
 * The work may be noticing routes right now; what is queued later sees that @in dies.
 *
 * Context: Process.
 */
void isakmp_roam_net_pre_exit(struct isakmp_net *in)
{
	cancel_delayed_work_sync(&in->roam.work);
	if (in->roam.noticed)
		unregister_fib_notifier(in->net, &in->roam.fib);
}

/**
 * isakmp_roam_net_exit - the work is over
 * @in: the namespace, a grace period after isakmp_roam_net_pre_exit()
 *
 * Context: Process.
 */
void isakmp_roam_net_exit(struct isakmp_net *in)
{
	cancel_delayed_work_sync(&in->roam.work);
}

/**
 * isakmp_roam_init - notice addresses, of all namespaces; these are there
 *
 * Context: Process.
 * Return: 0 or -errno.
 */
int isakmp_roam_init(void)
{
	int err = register_inetaddr_notifier(&inet_nb);

	if (err)
		return err;
	err = register_inet6addr_notifier(&inet6_nb);
	if (err)
		unregister_inetaddr_notifier(&inet_nb);
	return err;
}

/**
 * isakmp_roam_exit - before the namespaces go
 *
 * Context: Process.
 */
void isakmp_roam_exit(void)
{
	unregister_inet6addr_notifier(&inet6_nb);
	unregister_inetaddr_notifier(&inet_nb);
}
