// SPDX-License-Identifier: GPL-2.0
/*
 * Setting up and taking down from outside: by the operator, by a packet, by a
 * starter, by a change of the configuration.
 */
#include <linux/netlink.h>
#include <linux/slab.h>
#include "ike/seam.h"
#include "net/addr.h"
#include "net/send.h"
#include "net/version.h"
#include "netns.h"

/* ---- starting ------------------------------------------------------------ */

static bool is_one_address(const struct ike_peer *peer)
{
	return peer->remote.family && peer->remote_plen == 8 * isakmp_addr_len(&peer->remote);
}

/* Refuses what cannot lead anywhere; else where @peer is, as it is configured. */
static int configured_path(struct isakmp_net *in, const struct ike_peer *peer,
			   struct isakmp_path *path, struct netlink_ext_ack *extack)
{
	memset(path, 0, sizeof(*path));
	if (!is_one_address(peer)) {
		NL_SET_ERR_MSG(extack, "the peer's remote is not one address");
		return -EDESTADDRREQ;
	}
	if (peer->local.family && peer->local.family != peer->remote.family) {
		NL_SET_ERR_MSG(extack, "one of the peer's addresses is IPv4, the other IPv6");
		return -EAFNOSUPPORT;
	}
	path->ifindex = isakmp_send_ifindex(in, peer->dev);
	if (*peer->dev && !path->ifindex) {
		NL_SET_ERR_MSG(extack, "the peer's device is not there");
		return -ENODEV;
	}
	if (isakmp_addr_is_link_local(&peer->remote) && !path->ifindex) {
		NL_SET_ERR_MSG(extack, "a link-local address needs the peer's device");
		return -ENODEV;
	}
	path->local = peer->local;
	path->remote = peer->remote;
	path->lport = ISAKMP_PORT;
	path->rport = ISAKMP_PORT;
	path->mark = peer->mark;
	return 0;
}

static int start_path(struct isakmp_net *in, const struct ike_peer *peer,
		      struct isakmp_path *path, struct netlink_ext_ack *extack)
{
	int err;

	err = configured_path(in, peer, path, extack);
	if (err)
		return err;
	if (!isakmp_listen_open(in)) {
		NL_SET_ERR_MSG(extack, "there is no listen object: nothing could be received");
		return -ENOTCONN;
	}
	err = isakmp_send_source(in, path);
	if (err && peer->local.family) {
		NL_SET_ERR_MSG(extack, "there is no route from the peer's local address to it");
		return err;
	}
	if (err) {
		NL_SET_ERR_MSG(extack, "there is no route to the peer");
		return err;
	}
	if (!isakmp_listen_covers(in, &path->local, path->ifindex)) {
		NL_SET_ERR_MSG(extack, "no listen object covers the local address");
		return -EADDRNOTAVAIL;
	}
	return 0;
}

static void link_error(int err, struct netlink_ext_ack *extack)
{
	switch (err) {
	case -EALREADY:
		NL_SET_ERR_MSG(extack, "the child is up, or on its way");
		break;
	case -ENOSPC:
		NL_SET_ERR_MSG(extack, "too many children wait to be set up on this IKE SA");
		break;
	case -ENFILE:
		NL_SET_ERR_MSG(extack, "there are as many IKE SAs as net.isakmp.sa_max allows");
		break;
	case -ESHUTDOWN:
		NL_SET_ERR_MSG(extack, "the namespace or the module is going away");
		break;
	default:
		NL_SET_ERR_MSG(extack, "out of memory");
	}
}

/*
 * What goes on: inner addresses that the SA has had are asked for again by the one in its
 * place; one that was redirected is looked for where it was to be (RFC 5685).  It is the
 * worker of @replaces who calls.
 */
static void inherit(struct isakmp_sa *sa, u64 replaces)
{
	struct isakmp_sa *old = replaces ? isakmp_sa_get_id(sa->in, replaces) : NULL;
	struct ike_sa_view *v = old ? isakmp_sa_view(old) : NULL;

	if (v && v->inner_ours)
		memcpy(sa->ike.inner, v->inner, sizeof(sa->ike.inner));
	kfree(v);
	if (!old)
		return;
	sa->ike.redirects = old->ike.redirects;
	if (sa->ike.redirects.from.family)
		sa->first.path = old->first.path;
	isakmp_sa_put(old);
}

/* Not in the tables yet. */
static struct isakmp_sa *initiator_new(struct isakmp_net *in, const struct ike_peer *peer,
				       const struct ike_child_policy *child,
				       const struct ike_flow *flow, u64 replaces,
				       const struct isakmp_path *path)
{
	struct isakmp_sa *sa = isakmp_sa_new(in, true, path, GFP_KERNEL_ACCOUNT);

	if (!sa)
		return NULL;
	isakmp_peer_get(peer);
	sa->ike.peer = peer;
	sa->ike.want = child;
	sa->ike.flow = flow ? isakmp_alloc(sizeof(*flow)) : NULL;
	if (sa->ike.flow)	/* a hint: it may be missing */
		*sa->ike.flow = *flow;
	sa->ike.replaces = replaces;
	inherit(sa, replaces);
	return sa;
}

/**
 * isakmp_sa_start_on - set up an IKE SA, on a path that is known
 * @in: namespace
 * @peer: with whom; a reference is taken
 * @child: child of @peer to set up with it
 * @flow: the packet it is for, or NULL
 * @replaces: id of the SA that it shall replace, or 0
 * @path: where to
 * @version: which version it speaks: 1 or 2
 *
 * Context: Process.
 * Return: the SA, pinned; as ERR_PTR() what isakmp_table_link() returns.
 */
struct isakmp_sa *isakmp_sa_start_on(struct isakmp_net *in, const struct ike_peer *peer,
				     const struct ike_child_policy *child,
				     const struct ike_flow *flow, u64 replaces,
				     const struct isakmp_path *path, u8 version)
{
	struct isakmp_enlist e;
	struct isakmp_sa *sa;
	int err;

	err = isakmp_enlist_init(&e, peer->name, child->name, !replaces);
	if (err)
		return ERR_PTR(err);
	sa = initiator_new(in, peer, child, flow, replaces, path);
	if (sa)
		sa->v1 = version == 1;
	err = sa ? isakmp_table_link(sa, &e) : -ENOMEM;
	isakmp_enlist_free(&e);
	if (!err) {
		isakmp_count(in, ISAKMP_S_SA_CREATED);
		isakmp_sa_post(sa, IKE_EV_START, 0);
		return sa;
	}
	if (sa) {
		ike_sa_release(&sa->ike);
		isakmp_sa_put(sa);
	}
	return ERR_PTR(err);
}

/* On the IKE SA there is, if there is one; else with one of its own. */
static struct isakmp_sa *start_anywhere(struct isakmp_net *in, const struct ike_peer *peer,
					const struct ike_child_policy *child,
					const struct ike_flow *flow,
					const struct isakmp_path *path)
{
	struct isakmp_sa *sa;

	do {
		sa = isakmp_group_further(in, peer, child, flow, path);
		if (!sa || sa == ERR_PTR(-ESHUTDOWN))
			sa = isakmp_sa_start_on(in, peer, child, flow, 0, path,
						isakmp_version_begins(peer, NULL));
	} while (sa == ERR_PTR(-EAGAIN));
	return sa;
}

/**
 * isakmp_sa_start - set up a child, with an IKE SA if there is none to its peer
 * @in: namespace
 * @peer: with whom; its remote must be one address.  A reference is taken
 * @child: child of @peer, neither up nor on its way
 * @flow: the packet it is for, or NULL
 * @extack: for the sentence, or NULL
 *
 * Context: Process.
 * Return: the SA, pinned, or an ERR_PTR(): -EALREADY; -EDESTADDRREQ; -EAFNOSUPPORT;
 * -ENODEV; -ENOTCONN, no listen object; -EADDRNOTAVAIL or another, no usable local
 * address; -ENFILE; -ENOSPC, the SA has enough to do; -ESHUTDOWN; -ENOMEM.
 */
struct isakmp_sa *isakmp_sa_start(struct isakmp_net *in, const struct ike_peer *peer,
				  const struct ike_child_policy *child,
				  const struct ike_flow *flow,
				  struct netlink_ext_ack *extack)
{
	struct isakmp_path path;
	struct isakmp_sa *sa;
	int err;

	isakmp_start_resume(in, peer->name, child->name);
	err = start_path(in, peer, &path, extack);
	if (err)
		return ERR_PTR(err);
	sa = start_anywhere(in, peer, child, flow, &path);
	if (IS_ERR(sa))
		link_error((int)PTR_ERR(sa), extack);
	return sa;
}

/* ---- stopping ------------------------------------------------------------ */

/* Must hold sas.lock.  The children may be started again, without waiting for the peer. */
static void stop_sa(struct isakmp_sa *sa, const void *arg)
{
	const enum ike_event_type *type = arg;

	isakmp_group_retire(sa);
	isakmp_sa_post(sa, *type, 0);
}

/**
 * isakmp_sa_stop_peer - take down the SAs of a peer
 * @in: namespace
 * @peer: its name
 * @silent: do not tell it
 *
 * Children that are to be up at all times stay down until one is started.
 *
 * Context: Process.
 */
void isakmp_sa_stop_peer(struct isakmp_net *in, const char *peer, bool silent)
{
	const enum ike_event_type type = silent ? IKE_EV_KILL : IKE_EV_STOP;

	isakmp_start_hold_peer(in, peer);
	isakmp_group_each(in, peer, stop_sa, &type);
}

/* Must hold sas.lock. */
static void stop_child(struct isakmp_sa *sa, const void *arg)
{
	struct isakmp_sa_claim *claim;
	const char *child = arg;

	isakmp_sa_drop_wish(sa, child);
	list_for_each_entry(claim, &sa->claims, list) {
		if (strcmp(claim->name, child))
			continue;
		claim->stop = true;
		isakmp_sa_post(sa, ISAKMP_EV_CLAIMS, 0);
	}
}

/**
 * isakmp_sa_stop_child - take down a child
 * @in: namespace
 * @peer: name of its peer
 * @child: its name
 *
 * The IKE SA stays.  A child that is to be up at all times stays down until it is
 * started.
 *
 * Context: Process.
 */
void isakmp_sa_stop_child(struct isakmp_net *in, const char *peer, const char *child)
{
	isakmp_start_hold(in, peer, child);
	isakmp_group_each(in, peer, stop_child, child);
}

/* Must hold sas.lock. */
static void recheck(struct isakmp_sa *sa, const void *arg)
{
	isakmp_sa_post(sa, ISAKMP_EV_RECHECK, 0);
}

/**
 * isakmp_sa_recheck_peer - a peer is another now: what is up may have to go
 * @in: namespace
 * @peer: its name; it is published, or gone
 *
 * Context: Process.
 */
void isakmp_sa_recheck_peer(struct isakmp_net *in, const char *peer)
{
	isakmp_group_each(in, peer, recheck, NULL);
}
