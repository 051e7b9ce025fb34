// SPDX-License-Identifier: GPL-2.0
/*
 * XFRM policies: shared by their selector, with ordered owners.
 *
 * The first insertion is exclusive: someone else's policy with the same
 * selector is a refusal, never replaced.  Later ones go over our own.  There
 * xfrm_policy_insert() links the new policy before it unlinks the old one, under
 * one lock and with readers under RCU, so that each packet meets one of them;
 * the index stays.  When the insertion fails (no memory), the old one stays: its
 * SPI may be dead by then, so packets are dropped, none leaves in the clear, and
 * the repair work tries again.
 */
#include <linux/atomic.h>
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/xfrm.h>
#include "stats.h"
#include "xfrm/inner.h"

/* From selector to struct isakmp_policy: changed under @mutex, read under RCU. */
static struct rhashtable isakmp_policies;
static const struct rhashtable_params isakmp_policy_params = {
	.head_offset = offsetof(struct isakmp_policy, node),
	.key_offset = offsetof(struct isakmp_policy, key),
	.key_len = sizeof_field(struct isakmp_policy, key),
	.automatic_shrinking = true,
};

static atomic_t isakmp_reqids;

/**
 * isakmp_policy_init() - make the table
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_policy_init(void)
{
	atomic_set(&isakmp_reqids, get_random_u32());
	return rhashtable_init(&isakmp_policies, &isakmp_policy_params);
}

/**
 * isakmp_policy_exit() - the inverse; no hook runs any more
 *
 * Context: process.
 */
void isakmp_policy_exit(void)
{
	rhashtable_destroy(&isakmp_policies);
}

/*
 * 2^31 reqids without a repetition, in an order that does not look like one: the
 * kernel's bydst hash is the reqid XOR the addresses, and sequences of both
 * fall into one bucket.  Each step is one-to-one on 31 bits.
 */
static u32 isakmp_reqid_new(void)
{
	const u32 mask = ISAKMP_REQID_MIN - 1;
	u32 v = (u32)atomic_inc_return(&isakmp_reqids) & mask;

	v = v * 0x2c1b3c6d & mask;
	v ^= v >> 15;
	v = v * 0x297a2d39 & mask;
	v ^= v >> 15;
	return v | ISAKMP_REQID_MIN;
}

static struct isakmp_xfrm_net *isakmp_policy_xn(const struct isakmp_policy *p)
{
	return &p->in->xfrm;
}

static struct xfrm_policy *isakmp_policy_xp(const struct isakmp_policy *p, int dir)
{
	return rcu_dereference_protected(p->xp[dir],
					 lockdep_is_held(&isakmp_policy_xn(p)->mutex));
}

static struct isakmp_owner *isakmp_policy_active(const struct isakmp_policy *p)
{
	return rcu_dereference_protected(p->active,
					 lockdep_is_held(&isakmp_policy_xn(p)->mutex));
}

static void isakmp_policy_notify(struct xfrm_policy *xp, int dir, u32 event)
{
	struct km_event c = { .event = event, .net = xp_net(xp) };

	km_policy_notify(xp, dir, &c);
}

/*
 * Inbound templates have no SPI: every state of the reqid and the addresses may
 * carry the traffic, the old ones during an overlap too.
 */
static void isakmp_policy_template(struct xfrm_tmpl *t, const struct isakmp_owner *o, int dir)
{
	bool out = dir == XFRM_POLICY_OUT;

	memset(t, 0, sizeof(*t));
	t->id.daddr = out ? o->ends.remote : o->ends.local;
	t->id.spi = out ? o->spi : 0;
	t->id.proto = o->proto;
	t->saddr = out ? o->ends.local : o->ends.remote;
	t->encap_family = o->ends.family;
	t->reqid = o->reqid;
	t->mode = o->mode;
	t->aalgos = ~0;
	t->ealgos = ~0;
	t->calgos = ~0;
	t->allalgs = 1;
}

/*
 * In the order in which a packet is processed on its way out.  RFC 3173, 2.2: what
 * would not get smaller comes uncompressed.  Returns how many.
 */
static unsigned int isakmp_policy_templates(struct xfrm_tmpl t[2], const struct isakmp_owner *o,
					    int dir)
{
	unsigned int n = 0;

	if (o->comp) {
		isakmp_policy_template(&t[n], o, dir);
		t[n].id.proto = IPPROTO_COMP;
		t[n].id.spi = dir == XFRM_POLICY_OUT ? o->cpi : 0;
		t[n].optional = dir != XFRM_POLICY_OUT;
		n++;
	}
	isakmp_policy_template(&t[n], o, dir);
	t[n].mode = isakmp_owner_mode(o, false);
	return n + 1;
}

static struct xfrm_policy *isakmp_policy_build(const struct isakmp_policy *p, int dir,
					       const struct xfrm_tmpl *t, unsigned int n)
{
	struct xfrm_policy *xp = xfrm_policy_alloc(p->in->net, GFP_KERNEL);

	if (!xp)
		return NULL;
	if (dir == XFRM_POLICY_OUT)
		xp->selector = p->key.sel;
	else
		isakmp_selector_turn(&xp->selector, &p->key.sel);
	xp->family = p->key.sel.family;
	xp->priority = isakmp_selector_priority(&p->key.sel, p->key.mark.m);
	xp->mark = p->key.mark;
	xp->if_id = p->key.if_id;
	xp->type = XFRM_POLICY_TYPE_MAIN;
	xp->action = XFRM_POLICY_ALLOW;
	xp->lft.soft_byte_limit = XFRM_INF;
	xp->lft.hard_byte_limit = XFRM_INF;
	xp->lft.soft_packet_limit = XFRM_INF;
	xp->lft.hard_packet_limit = XFRM_INF;
	memcpy(xp->xfrm_vec, t, n * sizeof(*t));
	xp->xfrm_nr = n;
	return xp;
}

/* Of one that was never inserted. */
static void isakmp_policy_unbuild(struct xfrm_policy *xp)
{
	xp->walk.dead = 1;
	xfrm_policy_destroy(xp);
}

/*
 * Makes the policy of one direction what @o wants; Must hold @mutex.  Between
 * the look at the old one and the insertion over it, someone may have put a
 * policy of theirs in its place: that one is replaced, as by `ip xfrm policy
 * update`.
 */
static int isakmp_policy_put(struct isakmp_policy *p, int dir, const struct isakmp_owner *o)
{
	struct xfrm_policy *old = isakmp_policy_xp(p, dir), *xp;
	struct xfrm_tmpl t[2];
	unsigned int n = isakmp_policy_templates(t, o, dir);
	bool first;
	int err;

	first = !old || isakmp_policy_is_dead(old);
	if (!first && old->xfrm_nr == n && !memcmp(old->xfrm_vec, t, n * sizeof(t[0])))
		return 0;
	xp = isakmp_policy_build(p, dir, t, n);
	if (!xp)
		return -ENOMEM;
	err = xfrm_policy_insert(dir, xp, first);
	xfrm_audit_policy_add(xp, !err, false);
	if (err) {
		isakmp_policy_unbuild(xp);
		return err;
	}
	rcu_assign_pointer(p->xp[dir], xp);
	isakmp_policy_notify(xp, dir, first ? XFRM_MSG_NEWPOLICY : XFRM_MSG_UPDPOLICY);
	if (old)
		xfrm_pol_put(old);
	return 0;
}

/* Must hold @mutex. */
static void isakmp_policy_take(struct isakmp_policy *p, int dir)
{
	struct xfrm_policy *xp = isakmp_policy_xp(p, dir);

	if (!xp)
		return;
	RCU_INIT_POINTER(p->xp[dir], NULL);
	if (!xfrm_policy_delete(xp, dir)) {
		xfrm_audit_policy_delete(xp, 1, false);
		isakmp_policy_notify(xp, dir, XFRM_MSG_DELPOLICY);
	}
	xfrm_pol_put(xp);
}

/* Transport mode is between two hosts: nothing is forwarded.  Must hold @mutex. */
static int isakmp_policy_put_fwd(struct isakmp_policy *p, const struct isakmp_owner *o)
{
	if (o->mode == XFRM_MODE_TUNNEL)
		return isakmp_policy_put(p, XFRM_POLICY_FWD, o);
	isakmp_policy_take(p, XFRM_POLICY_FWD);
	return 0;
}

/* Must hold @mutex. */
static int isakmp_policy_put_out(struct isakmp_policy *p, const struct isakmp_owner *o)
{
	if (!o->only_in && !o->mute)
		return isakmp_policy_put(p, XFRM_POLICY_OUT, o);
	isakmp_policy_take(p, XFRM_POLICY_OUT);
	return 0;
}

/**
 * isakmp_policy_receiver() - whose templates are in the inbound policies
 * @p: the policies; somebody has a claim on them
 *
 * The first claim's, unless what comes in for that one has policies of its own: then
 * that of the child which has none.  Must hold @mutex.
 *
 * Context: process.
 * Return: the owner.
 */
struct isakmp_owner *isakmp_policy_receiver(const struct isakmp_policy *p)
{
	struct isakmp_claim *c;

	lockdep_assert_held(&isakmp_policy_xn(p)->mutex);
	list_for_each_entry(c, &p->claims, list)
		if (c->owner->spi && !c->owner->apart && !c->owner->leaving)
			return c->owner;
	list_for_each_entry(c, &p->claims, list)
		if (!c->owner->leaving)
			return c->owner;
	return list_first_entry(&p->claims, struct isakmp_claim, list)->owner;
}

/*
 * Makes the policies what the first claim wants.  Inbound before outbound, or
 * the first answers would be dropped; the other way round when they go.  Must
 * hold @mutex.
 */
static int isakmp_policy_refresh(struct isakmp_policy *p)
{
	struct isakmp_claim *c = list_first_entry_or_null(&p->claims, struct isakmp_claim, list);
	const struct isakmp_owner *in = c ? isakmp_policy_receiver(p) : NULL;

	lockdep_assert_held(&isakmp_policy_xn(p)->mutex);
	rcu_assign_pointer(p->active, c ? c->owner : NULL);
	if (c)
		return isakmp_policy_put(p, XFRM_POLICY_IN, in) ?:
		       isakmp_policy_put_fwd(p, in) ?:
		       isakmp_policy_put_out(p, c->owner);
	isakmp_policy_take(p, XFRM_POLICY_OUT);
	isakmp_policy_take(p, XFRM_POLICY_FWD);
	isakmp_policy_take(p, XFRM_POLICY_IN);
	return 0;
}

/*
 * Again at once, but when that was needed shortly before: after 1, 2, 4 ... 60
 * seconds.  Must hold @mutex.
 */
static void isakmp_policy_repair_later(struct isakmp_policy *p)
{
	struct isakmp_xfrm_net *xn = isakmp_policy_xn(p);

	lockdep_assert_held(&xn->mutex);
	if (list_empty(&p->repair))
		list_add_tail(&p->repair, &xn->repairs);
	if (time_after(jiffies, xn->repaired_at + 2 * ISAKMP_REPAIR_WAIT_MAX * HZ))
		xn->repair_wait = 0;
	spin_lock_bh(&xn->lock);
	if (!xn->dying)
		queue_delayed_work(system_unbound_wq, &xn->repair, xn->repair_wait * HZ);
	spin_unlock_bh(&xn->lock);
}

/**
 * isakmp_policy_repair() - install again what was removed or could not be put
 * @work: @repair of struct isakmp_xfrm_net
 *
 * Context: process.
 */
void isakmp_policy_repair(struct work_struct *work)
{
	struct isakmp_xfrm_net *xn = container_of(to_delayed_work(work),
						  struct isakmp_xfrm_net, repair);
	struct isakmp_policy *p, *next;
	LIST_HEAD(todo);

	mutex_lock(&xn->mutex);
	xn->repaired_at = jiffies;
	xn->repair_wait = clamp(2 * xn->repair_wait, 1U, 0U + ISAKMP_REPAIR_WAIT_MAX);
	list_splice_init(&xn->repairs, &todo);
	list_for_each_entry_safe(p, next, &todo, repair) {
		list_del_init(&p->repair);
		cond_resched();
		if (!isakmp_policy_refresh(p))
			continue;
		isakmp_net_refused(p->in, NULL, ISAKMP_R_XFRM_POLICY, 0);
		isakmp_policy_repair_later(p);
	}
	mutex_unlock(&xn->mutex);
}

/* @sel has zero padding. */
static void isakmp_policy_key(struct isakmp_policy_key *key, const struct net *net,
			      const struct xfrm_selector *sel, const struct xfrm_mark *mark,
			      u32 if_id)
{
	memset(key, 0, sizeof(*key));
	key->net = net;
	memcpy(&key->sel, sel, sizeof(key->sel));
	key->mark.v = mark->v;
	key->mark.m = mark->m;
	key->if_id = if_id;
}

/* The policy of a selector, made when there is none.  Must hold @mutex. */
static struct isakmp_policy *isakmp_policy_get(struct isakmp_net *in,
					       const struct isakmp_owner *o,
					       const struct xfrm_selector *sel)
{
	struct isakmp_policy_key key;
	struct isakmp_policy *p;

	isakmp_policy_key(&key, in->net, sel, &o->mark, o->if_id);
	p = rhashtable_lookup_fast(&isakmp_policies, &key, isakmp_policy_params);
	if (p)
		return p;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return NULL;
	memcpy(&p->key, &key, sizeof(key));
	p->in = in;
	INIT_LIST_HEAD(&p->claims);
	INIT_LIST_HEAD(&p->repair);
	INIT_LIST_HEAD(&p->suspect);
	if (rhashtable_insert_fast(&isakmp_policies, &p->node, isakmp_policy_params)) {
		kfree(p);
		return NULL;
	}
	list_add(&p->list, &in->xfrm.policies);
	return p;
}

/*
 * Unlink; keep hooks from queueing it; free after those that run.  Must hold
 * @mutex.
 */
static void isakmp_policy_free(struct isakmp_policy *p)
{
	struct isakmp_xfrm_net *xn = isakmp_policy_xn(p);

	rhashtable_remove_fast(&isakmp_policies, &p->node, isakmp_policy_params);
	list_del(&p->list);
	list_del(&p->repair);
	spin_lock_bh(&xn->lock);
	p->gone = true;
	list_del_init(&p->suspect);
	spin_unlock_bh(&xn->lock);
	kfree_rcu(p, rcu);
}

/* Must hold @mutex. */
static bool isakmp_policy_same_set(const struct isakmp_owner *o, const struct isakmp_owner *other)
{
	unsigned int i;

	if (!other || other->n != o->n)
		return false;
	for (i = 0; i < o->n; i++)
		if (o->claim[i].policy != other->claim[i].policy)
			return false;
	return true;
}

/*
 * Owners of the same set of selectors share a reqid, so that their states serve
 * each other's templates.  Others must not: the inbound template is all that
 * holds a state's packets to its selectors.  Two that are set up at the same time
 * (both ends started) share it as well, so an owner counts from its claim on.  A
 * rekeyed child has its predecessor's from the start, whatever its selectors: what
 * is on its way must pass at the one's policies and the other's.  Must hold @mutex.
 */
static u32 isakmp_policy_reqid(const struct isakmp_owner *o)
{
	const struct isakmp_policy *p = o->claim[0].policy;

	if (o->reqid)
		return o->reqid;
	if (isakmp_policy_same_set(o, p->newest))
		return p->newest->reqid;
	if (isakmp_policy_same_set(o, isakmp_policy_active(p)))
		return isakmp_policy_active(p)->reqid;
	return isakmp_reqid_new();
}

static int isakmp_policy_claim_all(struct isakmp_net *in, struct isakmp_owner *o,
				   const struct xfrm_selector *sel, unsigned int n)
{
	struct isakmp_claim *c;
	unsigned int i;

	o->claim = kcalloc(n, sizeof(*o->claim), GFP_KERNEL);
	if (!o->claim)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		c = &o->claim[i];
		INIT_LIST_HEAD(&c->list);
		c->owner = o;
		c->policy = isakmp_policy_get(in, o, &sel[i]);
		if (!c->policy)
			return -ENOMEM;
		c->policy->n_claims++;
		o->n++;
	}
	o->reqid = isakmp_policy_reqid(o);
	for (i = 0; i < n; i++)
		o->claim[i].policy->newest = o;
	return 0;
}

/**
 * isakmp_policy_claim() - find or make the policies of an owner
 * @in: namespace
 * @o: its SPI, addresses and marks are filled; the claims are filled here, and @reqid
 *	unless it has one
 * @local: traffic selectors of our side
 * @n_local: how many
 * @remote: of the peer's side
 * @n_remote: how many
 *
 * Nothing is inserted into XFRM yet: states come before policies, and need the
 * reqid.  Whatever the answer, isakmp_policy_release() undoes it.
 *
 * Context: process.
 * Return: 0; -EINVAL: the selectors fit no policy; -E2BIG: they are too many;
 * -ENOMEM.
 */
int isakmp_policy_claim(struct isakmp_net *in, struct isakmp_owner *o,
			const struct isakmp_ts *local, unsigned int n_local,
			const struct isakmp_ts *remote, unsigned int n_remote)
{
	struct xfrm_selector *sel;
	unsigned int room;
	int n;

	if (n_local > IKE_TS_MAX || n_remote > IKE_TS_MAX)
		return -E2BIG;
	room = isakmp_selector_room(local, n_local, remote, n_remote);
	sel = kcalloc(room, sizeof(*sel), GFP_KERNEL);
	if (!sel)
		return -ENOMEM;
	n = isakmp_selector_pairs(local, n_local, remote, n_remote, sel, room);
	if (n > 0) {
		mutex_lock(&in->xfrm.mutex);
		n = isakmp_policy_claim_all(in, o, sel, n);
		mutex_unlock(&in->xfrm.mutex);
	}
	kfree(sel);
	return n;
}

/* Where a claim goes in a list; the active one stays when the new one is @held. */
static void isakmp_policy_enter(struct isakmp_claim *c, bool held)
{
	struct list_head *claims = &c->policy->claims;
	struct isakmp_claim *first;

	first = list_first_entry_or_null(claims, struct isakmp_claim, list);
	if (!c->owner->spi)
		list_add_tail(&c->list, claims);
	else if (held && first && first->owner->spi)
		list_add(&c->list, &first->list);
	else
		list_add(&c->list, claims);
}

/**
 * isakmp_policy_attach() - put an owner's policies to work
 * @o: after isakmp_policy_claim()
 * @held: a child's: not where another child has the selector
 *
 * Children come first, the newest before the others; traps last, the oldest
 * first.  Must hold @mutex.
 *
 * Context: process.
 * Return: 0; -EEXIST: someone else's policy has the selector; -ENOMEM.  After an
 * error isakmp_policy_release() undoes the rest.
 */
int isakmp_policy_attach(struct isakmp_owner *o, bool held)
{
	struct isakmp_claim *c;
	int err;

	for (c = o->claim; c < o->claim + o->n; c++) {
		isakmp_policy_enter(c, held);
		err = isakmp_policy_refresh(c->policy);
		if (err)
			return err;
	}
	return 0;
}

/**
 * isakmp_policy_update() - an attached owner's templates are others now
 * @o: the owner
 *
 * Where it is the active one.  Must hold @mutex.
 *
 * Context: process.
 * Return: 0 or -errno; what failed keeps the old templates, and is repaired.
 */
int isakmp_policy_update(struct isakmp_owner *o)
{
	struct isakmp_claim *c;
	int err = 0, one;

	for (c = o->claim; c < o->claim + o->n; c++) {
		one = isakmp_policy_refresh(c->policy);
		if (one)
			isakmp_policy_repair_later(c->policy);
		err = err ?: one;
	}
	return err;
}

/**
 * isakmp_policy_lead() - traffic goes out through this child from now on
 * @o: a child's, attached
 *
 * Must hold @mutex.
 *
 * Context: process.
 */
void isakmp_policy_lead(struct isakmp_owner *o)
{
	struct isakmp_claim *c;

	for (c = o->claim; c < o->claim + o->n; c++) {
		list_move(&c->list, &c->policy->claims);
		if (isakmp_policy_refresh(c->policy))
			isakmp_policy_repair_later(c->policy);
	}
}

/**
 * isakmp_policy_yield() - traffic goes out through another child of the selectors
 * @o: a child's, attached
 *
 * Where there is one; else nothing changes, but for one that is mute.  What comes in is
 * taken as before.
 * Must hold @mutex.
 *
 * Context: process.
 */
void isakmp_policy_yield(struct isakmp_owner *o)
{
	struct isakmp_claim *c, *other, *last;

	for (c = o->claim; c < o->claim + o->n; c++) {
		last = c;
		list_for_each_entry(other, &c->policy->claims, list)
			if (other->owner->spi)
				last = other;
		if (last == c && !o->mute)
			continue;
		if (last != c)
			list_move(&c->list, &last->list);
		if (isakmp_policy_refresh(c->policy))
			isakmp_policy_repair_later(c->policy);
	}
}

/* Must hold @mutex. */
static void isakmp_policy_unclaim(struct isakmp_claim *c)
{
	struct isakmp_policy *p = c->policy;

	if (p->newest == c->owner)
		p->newest = NULL;
	if (!list_empty(&c->list)) {
		list_del_init(&c->list);
		if (isakmp_policy_refresh(p))
			isakmp_policy_repair_later(p);
	}
	if (!--p->n_claims)
		isakmp_policy_free(p);
}

/**
 * isakmp_policy_release() - give up an owner's policies
 * @o: after isakmp_policy_claim(), attached or not
 *
 * The next owner's take over; without one they are removed.  The memory of @o
 * must live for another grace period.  Must hold @mutex.
 *
 * Context: process.
 */
void isakmp_policy_release(struct isakmp_owner *o)
{
	unsigned int i;

	for (i = 0; i < o->n; i++)
		isakmp_policy_unclaim(&o->claim[i]);
	o->n = 0;
	kfree(o->claim);
	o->claim = NULL;
}

/**
 * isakmp_policy_find() - our policy with the selector, mark and interface of this
 * @xp: the XFRM policy
 * @dir: its direction
 *
 * Context: any, under rcu_read_lock().
 * Return: the policy, valid until rcu_read_unlock(), or NULL.  @xp may still be
 * someone else's.
 */
struct isakmp_policy *isakmp_policy_find(const struct xfrm_policy *xp, int dir)
{
	struct isakmp_policy_key key;
	struct xfrm_selector turned, sel;

	/* Turning is what leaves the padding behind. */
	isakmp_selector_turn(&turned, &xp->selector);
	if (dir == XFRM_POLICY_OUT)
		isakmp_selector_turn(&sel, &turned);
	else
		memcpy(&sel, &turned, sizeof(sel));
	isakmp_policy_key(&key, xp_net(xp), &sel, &xp->mark, xp->if_id);
	return rhashtable_lookup(&isakmp_policies, &key, isakmp_policy_params);
}

/**
 * isakmp_policy_lost() - did someone else remove or replace one of these?
 * @p: the policies
 *
 * Context: any, under rcu_read_lock() or holding @mutex.
 * Return: true when a direction is gone.
 */
bool isakmp_policy_lost(const struct isakmp_policy *p)
{
	struct xfrm_policy *xp;
	int dir;

	for (dir = 0; dir < XFRM_POLICY_MAX; dir++) {
		xp = rcu_dereference_check(p->xp[dir],
					   lockdep_is_held(&isakmp_policy_xn(p)->mutex));
		if (xp && isakmp_policy_is_dead(xp))
			return true;
	}
	return false;
}

/**
 * isakmp_policy_check() - if something is lost, tell the owners
 * @p: the policies
 *
 * A child's loss is its IKE SA's business.  Below a trap, they are installed again.
 * Must hold @mutex.
 *
 * Context: process.
 */
void isakmp_policy_check(struct isakmp_policy *p)
{
	struct isakmp_claim *c;
	bool trap = false;

	lockdep_assert_held(&isakmp_policy_xn(p)->mutex);
	if (!list_empty(&p->repair) || !isakmp_policy_lost(p))
		return;
	list_for_each_entry(c, &p->claims, list) {
		if (c->owner->spi)
			isakmp_xfrm_lost(isakmp_owner_child(c->owner), IKE_EV_CHILD_LOST);
		else
			trap = true;
	}
	if (!trap)
		return;
	isakmp_net_refused(p->in, NULL, ISAKMP_R_CHILD_LOST, 0);
	isakmp_policy_repair_later(p);
}
