// SPDX-License-Identifier: GPL-2.0
/*
 * The child seams of ike/seam.h: states, then the policies.
 *
 * struct isakmp_xfrm belongs to the worker of its IKE SA.  Others reach it only
 * through the table of states and the active owner of a policy (both under RCU),
 * and through @children (under @mutex).  isakmp_child_remove() takes it from all
 * three and frees it after a grace period.  What they do with it is to post an
 * event to its IKE SA, whose memory lives as long, see net/sa.h.
 */
#include <linux/slab.h>
#include <net/xfrm.h>
#include "net/sa.h"
#include "xfrm/inner.h"

/**
 * isakmp_child_spi() - an inbound SPI for a child of this SA
 * @sa: the IKE SA
 *
 * Context: process.
 * Return: the SPI, host order.
 */
u32 isakmp_child_spi(struct ike_sa *sa)
{
	return isakmp_state_spi(isakmp_sa_of(sa)->in->net, &sa->path.local);
}

/**
 * isakmp_child_cpi() - an inbound CPI for a child of this SA
 * @sa: the IKE SA
 *
 * Context: process.
 * Return: the CPI, host order; 0: none is free.
 */
u16 isakmp_child_cpi(struct ike_sa *sa)
{
	return isakmp_state_cpi(isakmp_sa_of(sa)->in->net, &sa->path.local);
}

/**
 * isakmp_xfrm_lost() - tell an IKE SA, once, that its child lost something
 * @child: what it has installed
 * @how: IKE_EV_CHILD_LOST or IKE_EV_CHILD_EXPIRED
 *
 * Context: any, under rcu_read_lock() or holding @mutex.
 */
void isakmp_xfrm_lost(struct isakmp_xfrm *child, enum ike_event_type how)
{
	if (!test_and_set_bit(ISAKMP_TOLD_LOST, &child->told))
		isakmp_sa_post(child->sa, how, child->spi_in);
}

/**
 * isakmp_xfrm_has() - does a child have this one of the states?
 * @child: what it has installed, or will
 * @half: enum isakmp_half_of
 *
 * Context: any.
 * Return: true if so.
 */
bool isakmp_xfrm_has(const struct isakmp_xfrm *child, unsigned int half)
{
	return half == ISAKMP_HALF_IN || half == ISAKMP_HALF_OUT || child->owner.comp;
}

/**
 * isakmp_xfrm_plan() - which of the states a plan is for
 * @plan: @out and @comp are filled
 * @half: enum isakmp_half_of
 *
 * Context: any.
 */
void isakmp_xfrm_plan(struct isakmp_state_plan *plan, unsigned int half)
{
	plan->out = half >= ISAKMP_HALF_COMP_OUT;
	plan->comp = half == ISAKMP_HALF_COMP_IN || half == ISAKMP_HALF_COMP_OUT;
}

/**
 * isakmp_xfrm_alive() - are all states valid?
 * @child: what a child SA has installed
 *
 * Context: any; @child does not go meanwhile.
 * Return: true when they are.
 */
bool isakmp_xfrm_alive(const struct isakmp_xfrm *child)
{
	unsigned int i;

	for (i = 0; i < ISAKMP_HALVES; i++)
		if (isakmp_xfrm_has(child, i) && !isakmp_state_is_valid(child->half[i].x))
			return false;
	return true;
}

/*
 * The reqid of the child that this one rekeys; 0: none.  What the peer sends through
 * either must pass at the policies, whichever is the active one there.
 */
static u32 isakmp_xfrm_chain(const struct ike_sa *sa, const struct ike_child *c)
{
	const struct ike_child *old = c->rekeys ? ike_child_of(sa, c->rekeys) : NULL;

	return old && old->xfrm ? old->xfrm->owner.reqid : 0;
}

static struct isakmp_xfrm *isakmp_xfrm_new(struct ike_sa *sa, const struct ike_child *c)
{
	struct isakmp_xfrm *child = kzalloc(sizeof(*child), GFP_KERNEL);
	unsigned int i;

	if (!child)
		return NULL;
	child->sa = isakmp_sa_of(sa);
	child->in = child->sa->in;
	child->spi_in = c->spi_in;
	for (i = 0; i < ISAKMP_HALVES; i++)
		child->half[i].child = child;
	INIT_LIST_HEAD(&child->list);
	WRITE_ONCE(child->ifindex, sa->path.ifindex);
	WRITE_ONCE(child->mark, sa->path.mark);
	child->owner.spi = htonl(c->spi_out);
	child->owner.cpi = htonl(c->cpi_out);
	child->owner.comp = c->cpi_out;
	child->owner.proto = isakmp_xfrm_proto(c->suite.protocol);
	child->owner.mode = isakmp_xfrm_mode(c->mode);
	child->owner.mark.v = c->policy->mark & c->policy->mark_mask;
	child->owner.mark.m = c->policy->mark_mask;
	child->owner.if_id = c->policy->if_id;
	child->owner.reqid = isakmp_xfrm_chain(sa, c);
	child->held = c->held;
	isakmp_offload_want(child, c->policy);
	isakmp_xfrm_ends(&child->owner.ends, &sa->path.local, &sa->path.remote);
	return child;
}

/*
 * Policies before states: what the next owner takes over is never without a
 * state for long, and nothing is lost in between.
 */
static void isakmp_xfrm_remove(struct isakmp_xfrm *child)
{
	struct isakmp_xfrm_net *xn = &child->in->xfrm;
	unsigned int i = ISAKMP_HALVES;

	mutex_lock(&xn->mutex);
	list_del_init(&child->list);
	child->owner.leaving = true;
	isakmp_part_settle(&child->owner);
	isakmp_policy_release(&child->owner);
	mutex_unlock(&xn->mutex);
	while (i--)
		isakmp_state_del(&child->half[i]);
	if (child->owner.apart)
		isakmp_part_end(child);
	isakmp_offload_unwant(child);
	kfree_rcu(child, rcu);
}

/**
 * isakmp_xfrm_reason() - the reason of an error
 * @err: -errno
 * @why: when it is not for lack of memory
 *
 * Context: any.
 * Return: NO_MEMORY or @why.
 */
enum isakmp_reason isakmp_xfrm_reason(int err, enum isakmp_reason why)
{
	return err == -ENOMEM || err == -ENOBUFS ? ISAKMP_R_NO_MEMORY : why;
}

/* Of isakmp_policy_claim(). */
static enum isakmp_reason isakmp_xfrm_claim_reason(int err)
{
	if (err == -E2BIG)
		return ISAKMP_R_TS_PREFIXES;
	return isakmp_xfrm_reason(err, err == -EINVAL ? ISAKMP_R_TS : ISAKMP_R_XFRM_POLICY);
}

/*
 * From the moment it is in @children a flush is noticed by the work; one that
 * came before is seen here.
 */
static enum isakmp_reason isakmp_xfrm_attach(struct isakmp_xfrm *child)
{
	struct isakmp_xfrm_net *xn = &child->in->xfrm;
	int err;

	mutex_lock(&xn->mutex);
	list_add(&child->list, &xn->children);
	err = isakmp_policy_attach(&child->owner, child->held);
	if (!err)
		isakmp_part_settle(&child->owner);
	mutex_unlock(&xn->mutex);
	if (err)
		return isakmp_xfrm_reason(err, ISAKMP_R_XFRM_POLICY);
	return isakmp_xfrm_alive(child) ? ISAKMP_OK : ISAKMP_R_XFRM_STATE;
}

static int isakmp_xfrm_state(struct isakmp_half *h, const struct isakmp_state_plan *plan)
{
	struct xfrm_state *x = isakmp_state_build(h, plan);

	return IS_ERR(x) ? PTR_ERR(x) : isakmp_state_insert(h, x);
}

static enum isakmp_reason isakmp_xfrm_install(struct isakmp_xfrm *child, struct ike_sa *sa,
					      const struct ike_child *c,
					      const u8 *key_in, const u8 *key_out)
{
	struct isakmp_state_plan plan = { .sa = sa, .c = c, .ends = &child->owner.ends };
	unsigned int i;
	int err;

	err = isakmp_policy_claim(child->in, &child->owner, c->local, c->n_local,
				  c->remote, c->n_remote);
	if (err)
		return isakmp_xfrm_claim_reason(err);
	isakmp_part_begin(child, c);
	for (i = 0; i < ISAKMP_HALVES && !err; i++) {
		if (!isakmp_xfrm_has(child, i))
			continue;
		isakmp_xfrm_plan(&plan, i);
		plan.key = plan.out ? key_out : key_in;
		err = isakmp_xfrm_state(&child->half[i], &plan);
	}
	if (err == -ENODEV)
		return ISAKMP_R_OFFLOAD;
	if (err)
		return isakmp_xfrm_reason(err, ISAKMP_R_XFRM_STATE);
	return isakmp_xfrm_attach(child);
}

/**
 * isakmp_child_install() - install states and policies of a child SA
 * @sa: its IKE SA
 * @c: the child, filled but for @c->xfrm
 * @key_in: isakmp_encr_key_len(), then isakmp_integ_key_len() octets
 * @key_out: as many
 *
 * Context: process, the worker of @sa.
 * Return: OK, XFRM_STATE, OFFLOAD, XFRM_POLICY, TS, TS_PREFIXES, NO_MEMORY; on refusal
 * nothing stays.
 */
enum isakmp_reason isakmp_child_install(struct ike_sa *sa, struct ike_child *c,
					const u8 *key_in, const u8 *key_out)
{
	struct isakmp_xfrm *child;
	enum isakmp_reason why;

	/* RFC 4303, 2.1: 0 is no SPI; below, it would mean a trap */
	if (!c->spi_in || !c->spi_out)
		return ISAKMP_R_XFRM_STATE;
	child = isakmp_xfrm_new(sa, c);
	if (!child)
		return ISAKMP_R_NO_MEMORY;
	why = isakmp_xfrm_install(child, sa, c, key_in, key_out);
	if (why)
		isakmp_xfrm_remove(child);
	else
		c->xfrm = child;
	return why;
}

/**
 * isakmp_child_switch() - traffic goes out through this child from now on
 * @sa: the IKE SA
 * @c: its child, held or not; fine when it has no states
 *
 * Context: process, the worker of @sa.
 */
void isakmp_child_switch(struct ike_sa *sa, struct ike_child *c)
{
	struct isakmp_xfrm *child = c->xfrm;

	c->held = false;
	if (!child)
		return;
	mutex_lock(&child->in->xfrm.mutex);
	isakmp_policy_lead(&child->owner);
	mutex_unlock(&child->in->xfrm.mutex);
	isakmp_life_release(child, c);
}

/**
 * isakmp_child_yield() - traffic goes out through another child of the selectors
 * @c: the child, which goes on receiving; fine when it has no states
 * @wider: that one's selectors take all that those of @c take, and more
 *
 * Context: process, the worker of its IKE SA.
 */
void isakmp_child_yield(const struct ike_child *c, bool wider)
{
	struct isakmp_xfrm *child = c->xfrm;

	if (!child)
		return;
	mutex_lock(&child->in->xfrm.mutex);
	child->owner.mute |= wider;
	isakmp_policy_yield(&child->owner);
	mutex_unlock(&child->in->xfrm.mutex);
}

/**
 * isakmp_child_remove() - take away what isakmp_child_install() made
 * @sa: the IKE SA
 * @c: its child; fine when some or all is gone already
 *
 * Context: process, the worker of @sa.
 */
void isakmp_child_remove(struct ike_sa *sa, struct ike_child *c)
{
	struct isakmp_xfrm *child = c->xfrm;

	if (!child)
		return;
	c->xfrm = NULL;
	isakmp_xfrm_remove(child);
}

static void isakmp_xfrm_count(struct xfrm_state *x, u64 *bytes, u64 *packets)
{
	if (!x)
		return;
	spin_lock_bh(&x->lock);
	*bytes = x->curlft.bytes;
	*packets = x->curlft.packets;
	spin_unlock_bh(&x->lock);
}

/**
 * isakmp_child_counters() - what went through a child SA so far
 * @sa: the IKE SA
 * @c: its child
 * @out: filled, by ISAKMP_BYTES_IN and so on; 0 where there is no state
 *
 * Context: process, the worker of @sa.
 */
void isakmp_child_counters(struct ike_sa *sa, const struct ike_child *c,
			   u64 out[ISAKMP_COUNTS])
{
	const struct isakmp_xfrm *child = c->xfrm;

	memset(out, 0, ISAKMP_COUNTS * sizeof(*out));
	if (!child)
		return;
	isakmp_xfrm_count(child->half[ISAKMP_HALF_IN].x, &out[ISAKMP_BYTES_IN],
			  &out[ISAKMP_PACKETS_IN]);
	isakmp_xfrm_count(child->half[ISAKMP_HALF_OUT].x, &out[ISAKMP_BYTES_OUT],
			  &out[ISAKMP_PACKETS_OUT]);
}

/* The claims hold the policies, and only the worker of the IKE SA gives them up. */
static bool isakmp_xfrm_policy_lost(const struct isakmp_xfrm *child)
{
	unsigned int i;

	for (i = 0; i < child->owner.n; i++)
		if (isakmp_policy_lost(child->owner.claim[i].policy))
			return true;
	return false;
}

/**
 * isakmp_child_alive() - are all states and policies of a child SA in use?
 * @sa: the IKE SA
 * @c: its child
 *
 * Some removals tell nobody: a device that goes takes its offloaded states along.
 *
 * Context: process, the worker of @sa.
 * Return: true when they are.
 */
bool isakmp_child_alive(struct ike_sa *sa, const struct ike_child *c)
{
	struct isakmp_xfrm *child = c->xfrm;
	bool lost;

	if (!child || !isakmp_xfrm_alive(child))
		return false;
	rcu_read_lock();
	lost = isakmp_xfrm_policy_lost(child);
	rcu_read_unlock();
	if (!lost)
		return true;
	/* Or another owner of the policy is just replacing it. */
	mutex_lock(&child->in->xfrm.mutex);
	lost = isakmp_xfrm_policy_lost(child);
	mutex_unlock(&child->in->xfrm.mutex);
	return !lost;
}

/**
 * isakmp_xfrm_counters() - what went through a child SA so far
 * @in: namespace
 * @local: our end of the tunnel
 * @remote: the peer's
 * @protocol: IKE_PROTO_ESP or IKE_PROTO_AH
 * @spi_in: inbound SPI, host order
 * @spi_out: outbound SPI, host order
 * @out: filled, by ISAKMP_BYTES_IN and so on; 0 where the state is gone
 *
 * Context: process.
 */
void isakmp_xfrm_counters(struct isakmp_net *in, const struct isakmp_addr *local,
			  const struct isakmp_addr *remote, u8 protocol,
			  u32 spi_in, u32 spi_out, u64 out[ISAKMP_COUNTS])
{
	u8 proto = isakmp_xfrm_proto(protocol);

	memset(out, 0, ISAKMP_COUNTS * sizeof(*out));
	rcu_read_lock();
	isakmp_xfrm_count(isakmp_state_find(in->net, local, proto, spi_in),
			  &out[ISAKMP_BYTES_IN], &out[ISAKMP_PACKETS_IN]);
	isakmp_xfrm_count(isakmp_state_find(in->net, remote, proto, spi_out),
			  &out[ISAKMP_BYTES_OUT], &out[ISAKMP_PACKETS_OUT]);
	rcu_read_unlock();
}

/**
 * isakmp_xfrm_device() - does a device do the work of a state of ours?
 * @in: namespace
 * @to: where its packets go
 * @protocol: IKE_PROTO_ESP or IKE_PROTO_AH
 * @spi: its SPI, host order
 * @name: the device's, filled if so
 *
 * Context: any.
 * Return: true if so.
 */
bool isakmp_xfrm_device(struct isakmp_net *in, const struct isakmp_addr *to, u8 protocol,
			u32 spi, char name[IKE_DEV_LEN])
{
	struct net_device *dev;
	struct xfrm_state *x;

	rcu_read_lock();
	x = isakmp_state_find(in->net, to, isakmp_xfrm_proto(protocol), spi);
	/* Who takes a device away from a state waits for readers before it is freed. */
	dev = x ? READ_ONCE(x->xso.dev) : NULL;
	if (dev)
		strscpy(name, dev->name, IKE_DEV_LEN);
	rcu_read_unlock();
	return dev;
}
