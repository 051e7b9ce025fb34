/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Deadlines of a namespace: a coarse wheel, cheap for very many of them.
 *
 * A deadline further away than one turn of the wheel is looked at once a turn
 * and put back; setting one later than it was costs nothing until then.
 */
#ifndef _ISAKMP_NET_TIMER_H
#define _ISAKMP_NET_TIMER_H

#include <linux/bitmap.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/math64.h>
#include <linux/spinlock.h>
#include <linux/time64.h>
#include <linux/timer.h>

#define ISAKMP_TICK_MS		32	/* deadlines are kept to this and a jiffy */
#define ISAKMP_WHEEL_SLOTS	256
#define ISAKMP_TIMER_NEVER	(~0ULL)

/* The time the module lives by: ms since boot, suspend included. */
static inline u64 isakmp_now(void)
{
	return div_u64(ktime_get_boottime_ns(), NSEC_PER_MSEC);
}

/**
 * struct isakmp_timer - a deadline; all zero is one that is not set
 * @node: in a slot of the wheel
 * @due: ms
 * @visit: tick at which the wheel looks at it
 * @fire: called in softirq with the wheel's lock held: must not set or clear
 *	timers of the wheel
 */
struct isakmp_timer {
	struct hlist_node node;
	u64 due;
	u64 visit;
	void (*fire)(struct isakmp_timer *t);
};

/**
 * struct isakmp_wheel - the timers of a namespace
 * @lock: protects all of this and every timer in it; taken before sa.lock
 * @tick: the last tick that is done
 * @next: the tick @kick is set for, or ISAKMP_TIMER_NEVER
 * @stopped: nothing is set any more
 * @kick: drives the wheel while it is not empty
 * @busy: slots that are not empty
 * @slot: timers by the tick of their visit
 */
struct isakmp_wheel {
	spinlock_t lock;
	u64 tick;
	u64 next;
	bool stopped;
	struct timer_list kick;
	DECLARE_BITMAP(busy, ISAKMP_WHEEL_SLOTS);
	struct hlist_head slot[ISAKMP_WHEEL_SLOTS];
};

void isakmp_timer_wheel_init(struct isakmp_wheel *w);
void isakmp_timer_wheel_stop(struct isakmp_wheel *w);
void isakmp_timer_set(struct isakmp_wheel *w, struct isakmp_timer *t, u64 due);
void isakmp_timer_clear(struct isakmp_wheel *w, struct isakmp_timer *t);

#endif
