// SPDX-License-Identifier: GPL-2.0
/*
 * The key manager: what the network and others do to our states and policies.
 *
 * The hooks are global to the machine and run under rcu_read_lock(), mostly in
 * softirq, some with x->lock held, and in the middle of our own calls (which may
 * hold @mutex).  So they look up, post an event to an IKE SA, or put one thing
 * on a list under the leaf @lock and queue the work.  Whether something is lost
 * the work decides, under @mutex, from what it sees then.  Our own removals are
 * no loss: we take a state out of the table, and a policy out of its place,
 * before it goes.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <net/net_namespace.h>
#include <net/xfrm.h>
#include "net/sa.h"
#include "net/socket.h"
#include "xfrm/inner.h"

/**
 * isakmp_km_flushed() - have the work find out what is lost
 * @net: namespace
 * @what: ISAKMP_FLUSHED_*
 *
 * Flushes and acquires come from processes and packets of a namespace: neither is
 * there before its initialisation or after its exit.
 *
 * Context: any.
 */
void isakmp_km_flushed(const struct net *net, u8 what)
{
	struct isakmp_xfrm_net *xn = &isakmp_net_of(net)->xfrm;

	spin_lock_bh(&xn->lock);
	xn->flushed |= what;
	if (!xn->dying)
		queue_work(system_unbound_wq, &xn->work);
	spin_unlock_bh(&xn->lock);
}

static void isakmp_km_suspect(struct isakmp_policy *p)
{
	struct isakmp_xfrm_net *xn = &p->in->xfrm;

	spin_lock_bh(&xn->lock);
	if (!p->gone && !xn->dying && list_empty(&p->suspect)) {
		list_add_tail(&p->suspect, &xn->suspects);
		queue_work(system_unbound_wq, &xn->work);
	}
	spin_unlock_bh(&xn->lock);
}

static void isakmp_km_state_gone(struct xfrm_state *x)
{
	struct isakmp_xfrm *child = isakmp_state_child(x);

	if (child)
		isakmp_xfrm_lost(child, IKE_EV_CHILD_LOST);
}

static void isakmp_km_expired(struct xfrm_state *x, bool hard)
{
	struct isakmp_xfrm *child = isakmp_state_child(x);

	if (child && hard)
		isakmp_xfrm_lost(child, IKE_EV_CHILD_EXPIRED);
	else if (child)
		isakmp_life_reached(child, x);
}

/* Only flushes say in which namespace; only they come without a state. */
static int isakmp_km_notify(struct xfrm_state *x, const struct km_event *c)
{
	if (c->event == XFRM_MSG_FLUSHSA)
		isakmp_km_flushed(c->net, ISAKMP_FLUSHED_SA);
	else if (!x)
		return 0;
	else if (c->event == XFRM_MSG_DELSA)
		isakmp_km_state_gone(x);
	else if (c->event == XFRM_MSG_EXPIRE)
		isakmp_km_expired(x, c->data.hard);
	return 0;
}

/*
 * A policy is killed before it is told that it was, by deletion, expiry or
 * replacement; so the event itself does not matter.
 */
static int isakmp_km_notify_policy(struct xfrm_policy *xp, int dir, const struct km_event *c)
{
	struct isakmp_policy *p;

	if (c->event == XFRM_MSG_FLUSHPOLICY) {
		isakmp_km_flushed(c->net, ISAKMP_FLUSHED_POLICY);
		return 0;
	}
	if (!xp || dir < 0 || dir >= XFRM_POLICY_MAX)
		return 0;
	p = isakmp_policy_find(xp, dir);
	if (p && isakmp_policy_lost(p))
		isakmp_km_suspect(p);
	return 0;
}

/*
 * 0 would make XFRM hold the flow for a state that never comes: only for a trap
 * of ours, and once it is queued.  A template with an SPI is a child's whose state
 * is gone.  The selector of @x is the packet.
 */
static int isakmp_km_acquire(struct xfrm_state *x, struct xfrm_tmpl *t, struct xfrm_policy *xp)
{
	struct isakmp_owner *o;
	struct isakmp_policy *p;

	p = isakmp_policy_find(xp, XFRM_POLICY_OUT);
	if (!p || rcu_access_pointer(p->xp[XFRM_POLICY_OUT]) != xp)
		return -ESRCH;
	o = rcu_dereference(p->active);
	if (!o || (o->spi != t->id.spi && (!o->comp || o->cpi != t->id.spi)))
		return -ESRCH;
	if (!o->spi)
		return isakmp_trap_hit(isakmp_owner_trap(o), &x->sel);
	isakmp_xfrm_lost(isakmp_owner_child(o), IKE_EV_CHILD_LOST);
	return -ESRCH;
}

/*
 * For IP_XFRM_POLICY and IPV6_XFRM_POLICY on the IKE sockets, where xfrm_user is
 * not there to do it.  Only what net/socket.c asks for: let everything of this
 * socket pass.  Of other sockets *@dir stays what the managers before us answered.
 */
static struct xfrm_policy *isakmp_km_compile_policy(struct sock *sk, int opt, u8 *data,
						    int len, int *dir)
{
	const struct xfrm_userpolicy_info *u = (const struct xfrm_userpolicy_info *)data;
	struct xfrm_policy *xp;

	if (!isakmp_socket_is_ours(sk) ||
	    (opt != IP_XFRM_POLICY && opt != IPV6_XFRM_POLICY))
		return NULL;
	*dir = -EINVAL;
	if (len != sizeof(*u) || u->dir > XFRM_POLICY_OUT || u->action != XFRM_POLICY_ALLOW)
		return NULL;
	*dir = -ENOBUFS;
	xp = xfrm_policy_alloc(sock_net(sk), GFP_ATOMIC);
	if (!xp)
		return NULL;
	memcpy(&xp->selector, &u->sel, sizeof(xp->selector));
	memcpy(&xp->lft, &u->lft, sizeof(xp->lft));
	xp->priority = u->priority;
	xp->family = u->sel.family;
	xp->type = XFRM_POLICY_TYPE_MAIN;
	xp->action = XFRM_POLICY_ALLOW;
	*dir = u->dir;
	return xp;
}

static void isakmp_km_addr(struct isakmp_addr *to, const xfrm_address_t *from, u16 family)
{
	memset(to, 0, sizeof(*to));
	to->family = family == AF_INET ? 4 : 6;
	memcpy(to->a, from, isakmp_addr_len(to));
}

/*
 * A packet came through @x, so it proved itself, but from elsewhere.  It may still
 * be an old one that someone sends again: the engine asks the peer there before
 * it moves.  Managers are asked until one says 0; we never end the round.
 */
static int isakmp_km_new_mapping(struct xfrm_state *x, xfrm_address_t *ipaddr, __be16 sport)
{
	struct isakmp_xfrm *child = isakmp_state_child(x);
	struct isakmp_path path;

	if (!child || !x->encap)
		return -EOPNOTSUPP;
	memset(&path, 0, sizeof(path));
	isakmp_km_addr(&path.local, &x->id.daddr, x->props.family);
	isakmp_km_addr(&path.remote, ipaddr, x->props.family);
	path.lport = ntohs(READ_ONCE(x->encap->encap_dport));
	path.rport = ntohs(sport);
	path.ifindex = READ_ONCE(child->ifindex);
	path.mark = READ_ONCE(child->mark);
	isakmp_sa_post_mapping(child->sa, &path);
	return -EOPNOTSUPP;
}

static int isakmp_km_report(struct net *net, u8 proto, struct xfrm_selector *sel,
			    xfrm_address_t *addr)
{
	return -EOPNOTSUPP;
}

static int isakmp_km_migrate(const struct xfrm_selector *sel, u8 dir, u8 type,
			     const struct xfrm_migrate *m, int num_bundles,
			     const struct xfrm_kmaddress *k, struct net *net,
			     const struct xfrm_encap_tmpl *encap)
{
	return -EOPNOTSUPP;
}

static bool isakmp_km_is_alive(const struct km_event *c)
{
	return atomic_read(&isakmp_net_of(c->net)->xfrm.n_traps) > 0;
}

static struct xfrm_mgr isakmp_km = {
	.notify		= isakmp_km_notify,
	.acquire	= isakmp_km_acquire,
	.compile_policy	= isakmp_km_compile_policy,
	.new_mapping	= isakmp_km_new_mapping,
	.notify_policy	= isakmp_km_notify_policy,
	.report		= isakmp_km_report,
	.migrate	= isakmp_km_migrate,
	.is_alive	= isakmp_km_is_alive,
};

/* Must hold @mutex. */
static void isakmp_km_check_states(struct isakmp_xfrm_net *xn)
{
	struct isakmp_xfrm *child;

	lockdep_assert_held(&xn->mutex);
	list_for_each_entry(child, &xn->children, list) {
		if (!isakmp_xfrm_alive(child))
			isakmp_xfrm_lost(child, IKE_EV_CHILD_LOST);
		cond_resched();
	}
}

/* Must hold @mutex: what is on the list cannot be freed. */
static struct isakmp_policy *isakmp_km_next_suspect(struct isakmp_xfrm_net *xn)
{
	struct isakmp_policy *p;

	lockdep_assert_held(&xn->mutex);
	spin_lock_bh(&xn->lock);
	p = list_first_entry_or_null(&xn->suspects, struct isakmp_policy, suspect);
	if (p)
		list_del_init(&p->suspect);
	spin_unlock_bh(&xn->lock);
	return p;
}

static void isakmp_km_work(struct work_struct *work)
{
	struct isakmp_xfrm_net *xn = container_of(work, struct isakmp_xfrm_net, work);
	struct isakmp_policy *p;
	u8 flushed;

	spin_lock_bh(&xn->lock);
	flushed = xn->flushed;
	xn->flushed = 0;
	spin_unlock_bh(&xn->lock);
	mutex_lock(&xn->mutex);
	if (flushed & ISAKMP_FLUSHED_SA)
		isakmp_km_check_states(xn);
	if (flushed & ISAKMP_FLUSHED_POLICY)
		list_for_each_entry(p, &xn->policies, list) {
			isakmp_policy_check(p);
			cond_resched();
		}
	while ((p = isakmp_km_next_suspect(xn))) {
		isakmp_policy_check(p);
		cond_resched();
	}
	mutex_unlock(&xn->mutex);
}

/**
 * isakmp_xfrm_net_init() - a namespace comes
 * @in: its memory is zero
 *
 * Context: process.
 * Return: 0.
 */
int isakmp_xfrm_net_init(struct isakmp_net *in)
{
	struct isakmp_xfrm_net *xn = &in->xfrm;

	mutex_init(&xn->mutex);
	spin_lock_init(&xn->lock);
	INIT_LIST_HEAD(&xn->children);
	INIT_LIST_HEAD(&xn->traps);
	INIT_LIST_HEAD(&xn->policies);
	INIT_LIST_HEAD(&xn->repairs);
	INIT_LIST_HEAD(&xn->suspects);
	INIT_LIST_HEAD(&xn->acquires);
	INIT_WORK(&xn->work, isakmp_km_work);
	INIT_WORK(&xn->acquire, isakmp_trap_start);
	INIT_DELAYED_WORK(&xn->repair, isakmp_policy_repair);
	xn->repaired_at = jiffies - 3 * ISAKMP_REPAIR_WAIT_MAX * HZ;
	return 0;
}

/**
 * isakmp_xfrm_net_pre_exit() - a namespace goes: nothing is queued any more
 * @in: namespace
 *
 * Acquires look for SAs: their work is waited for as long as the tables of SAs are there.
 *
 * Context: process.
 */
void isakmp_xfrm_net_pre_exit(struct isakmp_net *in)
{
	spin_lock_bh(&in->xfrm.lock);
	in->xfrm.dying = true;
	spin_unlock_bh(&in->xfrm.lock);
	cancel_work_sync(&in->xfrm.acquire);
}

/**
 * isakmp_xfrm_net_exit() - take away what is left in a namespace
 * @in: namespace, after isakmp_xfrm_net_pre_exit() and the last SA
 *
 * Works are queued only under @lock while @dying is false, so none comes back
 * once it was waited for.  Traps go here; children went with their SAs, and with
 * the last owner the last policy.
 *
 * Context: process.
 */
void isakmp_xfrm_net_exit(struct isakmp_net *in)
{
	struct isakmp_xfrm_net *xn = &in->xfrm;

	cancel_work_sync(&xn->work);
	cancel_delayed_work_sync(&xn->repair);
	isakmp_trap_flush(in);
	WARN_ON_ONCE(!list_empty(&xn->children));
	WARN_ON_ONCE(!list_empty(&xn->policies));
}

/**
 * isakmp_km_register() - become a key manager, once namespaces are served
 *
 * Context: process.
 */
void isakmp_km_register(void)
{
	xfrm_register_km(&isakmp_km);
}

/**
 * isakmp_km_unregister() - the inverse; waits for hooks that run
 *
 * Context: process.
 */
void isakmp_km_unregister(void)
{
	xfrm_unregister_km(&isakmp_km);
}

/**
 * isakmp_xfrm_init() - what all namespaces share
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_xfrm_init(void)
{
	int err;

	isakmp_esp_init();
	err = isakmp_state_init();
	if (err)
		return err;
	err = isakmp_policy_init();
	if (err)
		goto state;
	err = isakmp_trap_init();
	if (err)
		goto policy;
	return 0;
policy:
	isakmp_policy_exit();
state:
	isakmp_state_exit();
	return err;
}

/**
 * isakmp_xfrm_exit() - the inverse; no namespace is served any more
 *
 * Context: process.
 */
void isakmp_xfrm_exit(void)
{
	isakmp_trap_exit();
	isakmp_policy_exit();
	isakmp_state_exit();
}
