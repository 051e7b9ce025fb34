// SPDX-License-Identifier: GPL-2.0
/*
 * Lifetimes of states, and what a held child waits for.
 *
 * At a hard limit XFRM removes a state (IKE_EV_CHILD_EXPIRED).  At a soft one it
 * only tells: time to rekey (IKE_EV_CHILD_SOFT).  Both are looked at before a packet
 * is processed, and count those before it: what failed its ICV never counts.
 *
 * XFRM has no word for "the first packet came in".  The inbound state of a held
 * child therefore has a soft limit of one packet: the next one after it tells
 * (IKE_EV_CHILD_USED).  isakmp_life_release() puts the real limits in its place.
 *
 * XFRM tells of a soft limit with x->lock held, so what it means is changed under
 * that lock.
 */
#include <net/xfrm.h>
#include "net/sa.h"
#include "xfrm/inner.h"

/*
 * RFC 4303, 3.3.3: without ESN no sequence number may come twice.  Some are left
 * for what is on its way when the SA expires.
 */
#define ISAKMP_PACKETS_MAX	(U32_MAX - 0xffff)

/*
 * When it is rekeyed for that reason: after three quarters of the numbers; what
 * comes in gives the sender, who knows better, the first chance.  Less up to a
 * sixteenth, so that not all children of a day ask at once.
 */
#define ISAKMP_PACKETS_SOFT_OUT	0xc0000000U
#define ISAKMP_PACKETS_SOFT_IN	0xe0000000U
#define ISAKMP_PACKETS_JITTER	0x0fffffffU

static bool isakmp_life_counts(const struct ike_child *c)
{
	return c->suite.esn != IKE_ESN_YES;
}

static u64 isakmp_life_numbers(const struct ike_child *c, bool out)
{
	return (out ? ISAKMP_PACKETS_SOFT_OUT : ISAKMP_PACKETS_SOFT_IN) -
	       (c->spi_in & ISAKMP_PACKETS_JITTER);
}

/* The soft limits of a child that is held no more. */
static void isakmp_life_soft(struct xfrm_state *x, const struct ike_child *c, bool out)
{
	x->lft.soft_byte_limit = c->soft_bytes ?: XFRM_INF;
	x->lft.soft_packet_limit = c->soft_packets ?: XFRM_INF;
	if (isakmp_life_counts(c))
		x->lft.soft_packet_limit = min_t(u64, x->lft.soft_packet_limit,
						 isakmp_life_numbers(c, out));
}

/**
 * isakmp_life_fill() - the limits of a new state
 * @x: from xfrm_state_alloc(): they are XFRM_INF; 0 would expire at once
 * @c: its child
 * @out: outbound
 *
 * Context: process.
 */
void isakmp_life_fill(struct xfrm_state *x, const struct ike_child *c, bool out)
{
	x->lft.hard_add_expires_seconds = c->life.s;
	x->lft.hard_byte_limit = c->life.bytes ?: XFRM_INF;
	x->lft.hard_packet_limit = c->life.packets ?: XFRM_INF;
	if (isakmp_life_counts(c))
		x->lft.hard_packet_limit = min_t(u64, x->lft.hard_packet_limit,
						 ISAKMP_PACKETS_MAX);
	isakmp_life_soft(x, c, out);
	if (c->held && !out)
		x->lft.soft_packet_limit = 1;
}

/**
 * isakmp_life_release() - a child is held no more: the real limits of what comes in
 * @child: what it has installed
 * @c: the child
 *
 * Context: process, the worker of its IKE SA.
 */
void isakmp_life_release(struct isakmp_xfrm *child, const struct ike_child *c)
{
	struct xfrm_state *x = child->half[ISAKMP_HALF_IN].x;

	if (!x)
		return;
	spin_lock_bh(&x->lock);
	WRITE_ONCE(child->held, false);
	isakmp_life_soft(x, c, false);
	x->km.dying = 0;
	spin_unlock_bh(&x->lock);
}

/* An eighth of @limit is left, at least; 0 and XFRM_INF: there is none. */
static u64 isakmp_life_left(u64 limit, u64 used)
{
	return limit && limit != XFRM_INF ? max(limit, used + (limit >> 3) + 1) : limit;
}

static void isakmp_life_change(struct xfrm_state *x, const struct ike_child *c, bool out)
{
	struct xfrm_lifetime_cfg *l = &x->lft;
	u64 age;

	spin_lock_bh(&x->lock);
	if (x->km.state == XFRM_STATE_VALID) {
		age = (u64)(ktime_get_real_seconds() - x->curlft.add_time);
		isakmp_life_fill(x, c, out);
		l->hard_add_expires_seconds = isakmp_life_left(l->hard_add_expires_seconds, age);
		l->hard_byte_limit = isakmp_life_left(l->hard_byte_limit, x->curlft.bytes);
		l->hard_packet_limit = isakmp_life_left(l->hard_packet_limit, x->curlft.packets);
		x->km.dying = 0;
		/* XFRM looks at all times in a second, as after XFRM_MSG_UPDSA. */
		hrtimer_start(&x->mtimer, ktime_set(1, 0), HRTIMER_MODE_REL_SOFT);
	}
	spin_unlock_bh(&x->lock);
}

/* Seam: see ike/seam.h. */
void isakmp_child_relimit(const struct ike_child *c)
{
	struct isakmp_xfrm *child = c->xfrm;

	if (!child)
		return;
	if (child->half[ISAKMP_HALF_IN].x)
		isakmp_life_change(child->half[ISAKMP_HALF_IN].x, c, false);
	if (child->half[ISAKMP_HALF_OUT].x)
		isakmp_life_change(child->half[ISAKMP_HALF_OUT].x, c, true);
}

/**
 * isakmp_life_reached() - XFRM tells of a soft limit
 * @child: whose
 * @x: one of its states
 *
 * Context: any, under rcu_read_lock() and x->lock.
 */
void isakmp_life_reached(struct isakmp_xfrm *child, const struct xfrm_state *x)
{
	bool used = READ_ONCE(child->held) && x == READ_ONCE(child->half[ISAKMP_HALF_IN].x);

	lockdep_assert_held(&x->lock);
	if (!test_and_set_bit(used ? ISAKMP_TOLD_USED : ISAKMP_TOLD_SOFT, &child->told))
		isakmp_sa_post(child->sa, used ? IKE_EV_CHILD_USED : IKE_EV_CHILD_SOFT,
			       child->spi_in);
}

/**
 * isakmp_child_used() - did anything come in through a child SA?
 * @sa: the IKE SA
 * @c: its child
 *
 * Context: process, the worker of @sa.
 * Return: true if it did.
 */
bool isakmp_child_used(struct ike_sa *sa, const struct ike_child *c)
{
	u64 n[ISAKMP_COUNTS];

	isakmp_child_counters(sa, c, n);
	return n[ISAKMP_PACKETS_IN];
}

/*
 * What a device cuts into packets has several numbers and counts once, so the number
 * itself is looked at as well.
 */
static bool isakmp_life_numbers_low(struct xfrm_state *x, const struct ike_child *c)
{
	bool low;

	spin_lock_bh(&x->lock);
	low = x->replay.oseq >= isakmp_life_numbers(c, true);
	spin_unlock_bh(&x->lock);
	return low;
}

/**
 * isakmp_child_soft() - has a child SA reached a soft limit?
 * @sa: the IKE SA
 * @c: its child
 *
 * Context: process, the worker of @sa.
 * Return: true when it should be rekeyed.
 */
bool isakmp_child_soft(struct ike_sa *sa, const struct ike_child *c)
{
	struct isakmp_xfrm *child = c->xfrm;

	if (!child)
		return false;
	if (test_bit(ISAKMP_TOLD_SOFT, &child->told))
		return true;
	return child->half[ISAKMP_HALF_OUT].x && isakmp_life_counts(c) &&
	       isakmp_life_numbers_low(child->half[ISAKMP_HALF_OUT].x, c);
}
