// SPDX-License-Identifier: GPL-2.0
/*
 * Network namespaces: what each part of the module has in one, in which order.
 *
 * Teardown, the table read from its end.  pre_exit of all parts comes first, and
 * after it (the core's doing) a grace period: then no datagram, acquire or hook
 * brings in anything new, and whoever was on the way is through.  The works that start
 * SAs are over by then: they look for SAs in tables that go.  Then the exits, each for
 * all namespaces that end together:
 *
 *   sas (stop)	the tables are closed, so that not even a worker or work item adds an
 *		SA; the wheel stops; every SA is told to end
 *   sas	they are waited for.  An SA takes its question, child and timer along, so
 *		these parts must still be there
 *   roam	its work told IKE SAs, and is waited for
 *   start	no SA is left to tell of a loss; starters go
 *   upcall	no SA is left to ask
 *   leases	no SA is left to hold an inner address
 *   tickets	no SA is left to leave one behind, or to use one
 *   xfrm	no SA is left to own states; traps and their policies go
 *   config	nobody is left to hold or look up a peer
 *   listen	sockets close: SAs and traps needed them no more
 *   admit	no socket is left to receive for
 *   sysctl	nobody is left to read them
 *   stats	last: all of the above count.  Who still holds the namespace under
 *		RCU may count as well: the memory goes a grace period later
 *
 * No object of ours holds a reference on the namespace.
 */
#include <linux/list.h>
#include <linux/mutex.h>
#include "netns.h"

unsigned int isakmp_net_id;

/* All namespaces that are not on their way out, for isakmp_netns_farewell(). */
static LIST_HEAD(all);
static DEFINE_MUTEX(all_lock);

/* How long unloading waits for Deletes to be sent, in all namespaces together. */
#define FAREWELL_MS 3000

static const struct part {
	int (*init)(struct isakmp_net *in);
	void (*pre_exit)(struct isakmp_net *in);
	void (*exit)(struct isakmp_net *in);
} parts[] = {
	{ isakmp_stats_net_init, NULL, isakmp_stats_net_exit },
	{ isakmp_sysctl_net_init, NULL, isakmp_sysctl_net_exit },
	{ isakmp_admit_net_init, NULL, isakmp_admit_net_exit },
	{ isakmp_listen_net_init, isakmp_listen_net_pre_exit, isakmp_listen_net_exit },
	{ isakmp_config_net_init, NULL, isakmp_config_net_exit },
	{ isakmp_xfrm_net_init, isakmp_xfrm_net_pre_exit, isakmp_xfrm_net_exit },
	{ isakmp_ticket_net_init, NULL, isakmp_ticket_net_exit },
	{ isakmp_lease_net_init, NULL, isakmp_lease_net_exit },
	{ isakmp_upcall_net_init, isakmp_upcall_net_pre_exit, isakmp_upcall_net_exit },
	{ isakmp_start_net_init, isakmp_start_net_pre_exit, isakmp_start_net_exit },
	{ isakmp_sa_net_init, NULL, isakmp_sa_net_exit },
	{ isakmp_roam_net_init, isakmp_roam_net_pre_exit, isakmp_roam_net_exit },
	{ NULL, NULL, isakmp_sa_net_stop },
};

/* The first @n parts. */
static void pre_exit_parts(struct isakmp_net *in, int n)
{
	WRITE_ONCE(in->dying, true);
	while (n--)
		if (parts[n].pre_exit)
			parts[n].pre_exit(in);
}

static void net_pre_exit(struct net *net)
{
	struct isakmp_net *in = isakmp_net_of(net);

	mutex_lock(&all_lock);
	list_del_init(&in->list);
	mutex_unlock(&all_lock);
	pre_exit_parts(in, ARRAY_SIZE(parts));
}

static void net_exit_batch(struct list_head *nets)
{
	int i = ARRAY_SIZE(parts);
	struct net *net;

	while (i--)
		list_for_each_entry(net, nets, exit_list)
			parts[i].exit(isakmp_net_of(net));
	synchronize_rcu();
	list_for_each_entry(net, nets, exit_list)
		isakmp_stats_net_free(isakmp_net_of(net));
}

static int net_init(struct net *net)
{
	struct isakmp_net *in = isakmp_net_of(net);
	int err, i;

	in->net = net;
	INIT_LIST_HEAD(&in->list);
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		err = parts[i].init ? parts[i].init(in) : 0;
		if (err)
			goto err_parts;
	}
	mutex_lock(&all_lock);
	list_add_tail(&in->list, &all);
	mutex_unlock(&all_lock);
	return 0;

err_parts:
	pre_exit_parts(in, i);
	synchronize_rcu();
	while (i--)
		parts[i].exit(in);
	isakmp_stats_net_free(in);
	return err;
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.pre_exit = net_pre_exit,
	.exit_batch = net_exit_batch,
	.id = &isakmp_net_id,
	.size = sizeof(struct isakmp_net),
};

/**
 * isakmp_netns_init - be in every namespace
 *
 * Context: Process.
 * Return: 0 or -errno.
 */
int isakmp_netns_init(void)
{
	return register_pernet_subsys(&net_ops);
}

/**
 * isakmp_netns_exit - be in no namespace
 *
 * Context: Process.
 */
void isakmp_netns_exit(void)
{
	unregister_pernet_subsys(&net_ops);
}

/**
 * isakmp_netns_farewell - let every SA of the machine tell its peer
 *
 * Best effort: one Delete for each SA that may send one, no answer is waited for.
 *
 * Context: Process; the module is being unloaded.
 */
void isakmp_netns_farewell(void)
{
	struct isakmp_net *in;
	u64 now, until;

	mutex_lock(&all_lock);
	list_for_each_entry(in, &all, list)
		isakmp_sa_net_farewell(in);
	until = isakmp_now() + FAREWELL_MS;
	list_for_each_entry(in, &all, list) {
		now = isakmp_now();
		isakmp_sa_net_settle(in, now < until ? (unsigned int)(until - now) : 0);
	}
	mutex_unlock(&all_lock);
}
