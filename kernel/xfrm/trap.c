// SPDX-License-Identifier: GPL-2.0
/*
 * Traps: policies without an SPI.  A packet that meets one makes XFRM ask its key
 * managers for a state; ours starts an IKE SA.  XFRM holds back all that meets the
 * trap by a larval state (net.core.xfrm_acq_expires seconds), which goes when the
 * child's state of the same reqid comes: when the child was not narrowed.
 */
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/netlink.h>
#include <net/xfrm.h>
#include "net/sa.h"
#include "nl/config.h"
#include "stats.h"
#include "xfrm/inner.h"

/* From the names to struct isakmp_trap; used under @mutex. */
static struct rhashtable isakmp_traps;
static const struct rhashtable_params isakmp_trap_params = {
	.head_offset = offsetof(struct isakmp_trap, node),
	.key_offset = offsetof(struct isakmp_trap, key),
	.key_len = sizeof_field(struct isakmp_trap, key),
	.automatic_shrinking = true,
};

/**
 * isakmp_trap_init() - make the table
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_trap_init(void)
{
	return rhashtable_init(&isakmp_traps, &isakmp_trap_params);
}

/**
 * isakmp_trap_exit() - the inverse
 *
 * Context: process.
 */
void isakmp_trap_exit(void)
{
	rhashtable_destroy(&isakmp_traps);
}

static void isakmp_trap_key(struct isakmp_trap_key *k, struct isakmp_net *in,
			    const char *peer, const char *child)
{
	memset(k, 0, sizeof(*k));
	k->in = in;
	strscpy(k->peer, peer, sizeof(k->peer));
	strscpy(k->child, child, sizeof(k->child));
}

static struct isakmp_trap *isakmp_trap_new(struct isakmp_net *in, const struct ike_peer *peer,
					   const struct ike_child_policy *child)
{
	struct isakmp_trap *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return NULL;
	isakmp_trap_key(&t->key, in, peer->name, child->name);
	isakmp_peer_get(peer);
	t->peer = peer;
	t->child = child;
	INIT_LIST_HEAD(&t->list);
	INIT_LIST_HEAD(&t->acquire);
	/* The first larval state goes when the child has such a state. */
	t->owner.comp = child->ipcomp;
	t->owner.proto = isakmp_xfrm_proto(child->esp.s[0].protocol);
	t->owner.mode = isakmp_xfrm_mode(child->mode);
	t->owner.mark.v = child->mark & child->mark_mask;
	t->owner.mark.m = child->mark_mask;
	t->owner.if_id = child->if_id;
	isakmp_xfrm_ends(&t->owner.ends, &peer->local, &peer->remote);
	return t;
}

/*
 * Not in the table any more, or never.  Keep the hooks from queueing it; free after
 * those that run.  Must hold @mutex.
 */
static void isakmp_trap_free(struct isakmp_net *in, struct isakmp_trap *t)
{
	struct isakmp_xfrm_net *xn = &in->xfrm;

	lockdep_assert_held(&xn->mutex);
	isakmp_policy_release(&t->owner);
	spin_lock_bh(&xn->lock);
	t->gone = true;
	if (!list_empty(&t->acquire)) {
		list_del_init(&t->acquire);
		xn->n_acquires--;
	}
	spin_unlock_bh(&xn->lock);
	isakmp_peer_put(t->peer);
	kfree_rcu(t, rcu);
}

/* Not in the table any more.  Must hold @mutex. */
static void isakmp_trap_retire(struct isakmp_net *in, struct isakmp_trap *t)
{
	list_del(&t->list);
	atomic_dec(&in->xfrm.n_traps);
	isakmp_trap_free(in, t);
}

/* Must hold @mutex. */
static void isakmp_trap_remove(struct isakmp_net *in, struct isakmp_trap *t)
{
	rhashtable_remove_fast(&isakmp_traps, &t->node, isakmp_trap_params);
	isakmp_trap_retire(in, t);
}

/*
 * The new one's policies come before the old one's go.  Must hold @mutex.
 */
static int isakmp_trap_publish(struct isakmp_net *in, struct isakmp_trap *t)
{
	struct isakmp_trap *old;
	int err;

	err = isakmp_policy_attach(&t->owner, false);
	if (err)
		return err;
	old = rhashtable_lookup_fast(&isakmp_traps, &t->key, isakmp_trap_params);
	if (old)
		err = rhashtable_replace_fast(&isakmp_traps, &old->node, &t->node,
					      isakmp_trap_params);
	else
		err = rhashtable_insert_fast(&isakmp_traps, &t->node, isakmp_trap_params);
	if (err)
		return err;
	list_add(&t->list, &in->xfrm.traps);
	atomic_inc(&in->xfrm.n_traps);
	if (old)
		isakmp_trap_retire(in, old);
	return 0;
}

static bool isakmp_trap_is_dynamic(const struct isakmp_ts *ts, unsigned int n)
{
	while (n--)
		if (ts[n].type == IKE_TS_DYNAMIC)
			return true;
	return false;
}

static int isakmp_trap_check(const struct ike_peer *peer, const struct ike_child_policy *child,
			     struct netlink_ext_ack *extack)
{
	if (!peer->remote.family || peer->remote_plen != 8 * isakmp_addr_len(&peer->remote)) {
		NL_SET_ERR_MSG(extack, "a trap needs a peer with one remote address");
		return -EINVAL;
	}
	if (!peer->local.family && isakmp_trap_is_dynamic(child->local, child->n_local)) {
		NL_SET_ERR_MSG(extack, "a trap with a dynamic local-ts needs a peer with a local address");
		return -EINVAL;
	}
	return 0;
}

/* Selectors of one side, the dynamic ones with the address of that side. */
static void isakmp_trap_fill(struct isakmp_ts *to, const struct isakmp_ts *from, unsigned int n,
			     const struct isakmp_addr *addr)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		to[i] = from[i];
		if (from[i].type != IKE_TS_DYNAMIC)
			continue;
		to[i].type = addr->family == 4 ? IKE_TS_IPV4 : IKE_TS_IPV6;
		memcpy(to[i].start, addr->a, sizeof(to[i].start));
		memcpy(to[i].end, addr->a, sizeof(to[i].end));
	}
}

static int isakmp_trap_claim(struct isakmp_net *in, struct isakmp_trap *t)
{
	const struct ike_child_policy *c = t->child;
	struct isakmp_ts *ts = kcalloc(c->n_local + c->n_remote, sizeof(*ts), GFP_KERNEL);
	int err;

	if (!ts)
		return -ENOMEM;
	isakmp_trap_fill(ts, c->local, c->n_local, &t->peer->local);
	isakmp_trap_fill(ts + c->n_local, c->remote, c->n_remote, &t->peer->remote);
	err = isakmp_policy_claim(in, &t->owner, ts, c->n_local, ts + c->n_local, c->n_remote);
	kfree(ts);
	return err;
}

static int isakmp_trap_refuse(int err, struct netlink_ext_ack *extack)
{
	if (err == -EEXIST)
		NL_SET_ERR_MSG(extack, "a policy of someone else has the same selector");
	else if (err == -E2BIG)
		NL_SET_ERR_MSG(extack, "the traffic selectors need more policies than the limit");
	else if (err == -EINVAL)
		NL_SET_ERR_MSG(extack, "XFRM has no policy for these traffic selectors");
	return err;
}

/**
 * isakmp_trap_add() - set a trap, or replace the one of this name
 * @in: namespace
 * @peer: whom to call; a reference is taken
 * @child: what to set up; belongs to @peer
 * @extack: where to say why not; may be NULL
 *
 * Replacing leaves no gap: policies that are equal are not touched, others are
 * there before the old ones go.  After an error the old trap is as it was.
 *
 * Context: process.
 * Return: 0; -EINVAL: the peer is not one address, or its selectors fit no policy;
 * -E2BIG: they take too many; -EEXIST: someone else's policy has the selector;
 * -errno.
 */
int isakmp_trap_add(struct isakmp_net *in, const struct ike_peer *peer,
		    const struct ike_child_policy *child, struct netlink_ext_ack *extack)
{
	struct isakmp_trap *t;
	int err;

	err = isakmp_trap_check(peer, child, extack);
	if (err)
		return err;
	t = isakmp_trap_new(in, peer, child);
	if (!t)
		return -ENOMEM;
	err = isakmp_trap_claim(in, t);
	mutex_lock(&in->xfrm.mutex);
	if (!err)
		err = isakmp_trap_publish(in, t);
	if (err)
		isakmp_trap_free(in, t);
	mutex_unlock(&in->xfrm.mutex);
	return isakmp_trap_refuse(err, extack);
}

/**
 * isakmp_trap_del() - remove a trap; fine when there is none
 * @in: namespace
 * @peer: name of the peer
 * @child: name of the child
 *
 * Context: process.
 */
void isakmp_trap_del(struct isakmp_net *in, const char *peer, const char *child)
{
	struct isakmp_trap_key key;
	struct isakmp_trap *t;

	isakmp_trap_key(&key, in, peer, child);
	mutex_lock(&in->xfrm.mutex);
	t = rhashtable_lookup_fast(&isakmp_traps, &key, isakmp_trap_params);
	if (t)
		isakmp_trap_remove(in, t);
	mutex_unlock(&in->xfrm.mutex);
}

/**
 * isakmp_trap_flush() - remove all traps of a namespace
 * @in: namespace
 *
 * Context: process.
 */
void isakmp_trap_flush(struct isakmp_net *in)
{
	struct isakmp_trap *t, *next;

	mutex_lock(&in->xfrm.mutex);
	list_for_each_entry_safe(t, next, &in->xfrm.traps, list)
		isakmp_trap_remove(in, t);
	mutex_unlock(&in->xfrm.mutex);
}

/**
 * isakmp_trap_hit() - a packet met a trap
 * @t: the trap
 * @packet: as XFRM tells of it; of several, the first counts
 *
 * Context: any, under rcu_read_lock().
 * Return: 0: an IKE SA will be started, or is about to be; -ESRCH: not.
 */
int isakmp_trap_hit(struct isakmp_trap *t, const struct xfrm_selector *packet)
{
	struct isakmp_net *in = t->key.in;
	struct isakmp_xfrm_net *xn = &in->xfrm;
	bool full = false, queued;

	spin_lock_bh(&xn->lock);
	queued = !list_empty(&t->acquire);
	if (!queued && !t->gone && !xn->dying) {
		full = xn->n_acquires >= ISAKMP_ACQUIRES_MAX;
		queued = !full;
		if (queued) {
			isakmp_selector_flow(&t->flow, packet);
			list_add_tail(&t->acquire, &xn->acquires);
			xn->n_acquires++;
			queue_work(system_unbound_wq, &xn->acquire);
		}
	}
	spin_unlock_bh(&xn->lock);
	if (full)
		isakmp_net_refused(in, NULL, ISAKMP_R_ACQUIRE_LIMIT, 0);
	return queued ? 0 : -ESRCH;
}

/* What a trap that was hit is about; @peer is pinned. */
struct isakmp_acquire {
	const struct ike_peer *peer;
	const struct ike_child_policy *child;
	struct ike_flow flow;
};

/* The next trap that was hit; false: there is none. */
static bool isakmp_trap_next(struct isakmp_xfrm_net *xn, struct isakmp_acquire *a)
{
	struct isakmp_trap *t;

	spin_lock_bh(&xn->lock);
	t = list_first_entry_or_null(&xn->acquires, struct isakmp_trap, acquire);
	if (t) {
		list_del_init(&t->acquire);
		xn->n_acquires--;
		a->peer = t->peer;
		a->child = t->child;
		a->flow = t->flow;
		isakmp_peer_get(a->peer);
	}
	spin_unlock_bh(&xn->lock);
	return t;
}

/*
 * The child is there, or on its way.  When it was narrowed, and this packet is
 * outside, that is all that will be.
 */
static void isakmp_trap_missed(struct isakmp_net *in, const struct isakmp_acquire *a)
{
	struct isakmp_sa *sa = isakmp_sa_find_child(in, a->peer, a->child->name);
	struct ike_sa_view *v = sa ? isakmp_sa_view(sa) : NULL;

	if (v && ike_view_leaves_out(v, a->child->name, &a->flow))
		isakmp_net_refused(in, &v->path, ISAKMP_R_NARROWED, 0);
	kfree(v);
	if (sa)
		isakmp_sa_put(sa);
}

/**
 * isakmp_trap_start() - start IKE SAs for the traps that were hit
 * @work: @acquire of struct isakmp_xfrm_net
 *
 * When the start is refused, the larval state keeps the flow from asking again at
 * once.
 *
 * Context: process; holds no lock, for net/ takes its own.
 */
void isakmp_trap_start(struct work_struct *work)
{
	struct isakmp_xfrm_net *xn = container_of(work, struct isakmp_xfrm_net, acquire);
	struct isakmp_net *in = container_of(xn, struct isakmp_net, xfrm);
	struct isakmp_acquire a;
	struct isakmp_sa *sa;

	while (isakmp_trap_next(xn, &a)) {
		isakmp_count(in, ISAKMP_S_ACQUIRE);
		sa = isakmp_sa_start(in, a.peer, a.child, &a.flow, NULL);
		if (!IS_ERR(sa))
			isakmp_sa_put(sa);
		else if (sa == ERR_PTR(-EALREADY))
			isakmp_trap_missed(in, &a);
		isakmp_peer_put(a.peer);
		cond_resched();
	}
}
