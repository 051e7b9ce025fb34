// SPDX-License-Identifier: GPL-2.0
/* The wheel: slots of ISAKMP_TICK_MS, one turn in ISAKMP_WHEEL_SLOTS ticks. */
#include <linux/jiffies.h>
#include "net/timer.h"

/* Visits in one softirq; what is left waits for the next jiffy. */
#define VISITS_MAX 1024

#define SLOT(tick) ((unsigned int)(tick) & (ISAKMP_WHEEL_SLOTS - 1))

static u64 tick_floor(u64 ms)
{
	return div_u64(ms, ISAKMP_TICK_MS);
}

/* When to look at a deadline: as it passes, but within a turn. */
static u64 tick_visit(const struct isakmp_wheel *w, u64 due)
{
	u64 last = w->tick + ISAKMP_WHEEL_SLOTS - 1;
	u64 tick;

	if (due >= last * ISAKMP_TICK_MS)
		return last;
	tick = tick_floor(due + ISAKMP_TICK_MS - 1);
	return max(tick, w->tick + 1);
}

static void insert(struct isakmp_wheel *w, struct isakmp_timer *t)
{
	lockdep_assert_held(&w->lock);
	t->visit = tick_visit(w, t->due);
	hlist_add_head(&t->node, &w->slot[SLOT(t->visit)]);
	__set_bit(SLOT(t->visit), w->busy);
}

static void remove(struct isakmp_wheel *w, struct isakmp_timer *t)
{
	lockdep_assert_held(&w->lock);
	hlist_del_init(&t->node);
	if (hlist_empty(&w->slot[SLOT(t->visit)]))
		__clear_bit(SLOT(t->visit), w->busy);
}

/* The first tick that has something to visit. */
static u64 tick_next(const struct isakmp_wheel *w)
{
	unsigned int from = SLOT(w->tick + 1);
	unsigned int slot = find_next_bit(w->busy, ISAKMP_WHEEL_SLOTS, from);

	if (slot >= ISAKMP_WHEEL_SLOTS)
		slot = find_first_bit(w->busy, ISAKMP_WHEEL_SLOTS);
	if (slot >= ISAKMP_WHEEL_SLOTS)
		return ISAKMP_TIMER_NEVER;
	return w->tick + 1 + SLOT(slot - from);
}

/*
 * Kernel timers are late by up to an eighth of what they wait: a long wait ends
 * an eighth too early, and the rest is waited for anew.
 */
static void kick_at(struct isakmp_wheel *w, u64 next, u64 now)
{
	u64 ms = next * ISAKMP_TICK_MS;

	lockdep_assert_held(&w->lock);
	w->next = next;
	if (next == ISAKMP_TIMER_NEVER || w->stopped)
		return;
	ms = ms > now ? ms - now : 0;
	if (ms > 8 * ISAKMP_TICK_MS)
		ms -= ms >> 3;
	mod_timer(&w->kick, jiffies + msecs_to_jiffies((unsigned int)ms));
}

/* Must hold the lock.  Returns visits made. */
static unsigned int visit(struct isakmp_wheel *w, u64 tick, u64 now, unsigned int max)
{
	struct hlist_head *head = &w->slot[SLOT(tick)];
	struct isakmp_timer *t;
	unsigned int n = 0;

	while (n < max && !hlist_empty(head)) {
		t = hlist_entry(head->first, struct isakmp_timer, node);
		n++;
		remove(w, t);
		if (t->due > now)
			insert(w, t);	/* never into this slot: it is a turn away */
		else
			t->fire(t);
	}
	return n;
}

static void turn(struct timer_list *timer)
{
	struct isakmp_wheel *w = container_of(timer, struct isakmp_wheel, kick);
	unsigned int left = VISITS_MAX;
	u64 now = isakmp_now();
	u64 until, tick;

	spin_lock(&w->lock);
	until = tick_floor(now);
	for (;;) {
		tick = tick_next(w);
		if (tick > until)
			break;
		w->tick = tick - 1;	/* a turn ends before this slot */
		left -= visit(w, tick, now, left);
		if (!left)
			break;
		w->tick = tick;
	}
	if (left && w->tick < until)
		w->tick = until;
	kick_at(w, tick_next(w), now);
	spin_unlock(&w->lock);
}

/**
 * isakmp_timer_wheel_init - an empty wheel
 * @w: the wheel
 *
 * Context: Process.
 */
void isakmp_timer_wheel_init(struct isakmp_wheel *w)
{
	unsigned int i;

	spin_lock_init(&w->lock);
	timer_setup(&w->kick, turn, 0);
	for (i = 0; i < ISAKMP_WHEEL_SLOTS; i++)
		INIT_HLIST_HEAD(&w->slot[i]);
	w->tick = tick_floor(isakmp_now());
	w->next = ISAKMP_TIMER_NEVER;
}

/**
 * isakmp_timer_wheel_stop - nothing fires any more
 * @w: the wheel
 *
 * When this returns no fire() is running.  Timers may still be set and
 * cleared, without effect.
 *
 * Context: Process.
 */
void isakmp_timer_wheel_stop(struct isakmp_wheel *w)
{
	spin_lock_bh(&w->lock);
	w->stopped = true;
	spin_unlock_bh(&w->lock);
	timer_delete_sync(&w->kick);
}

/**
 * isakmp_timer_set - set a deadline, or move it
 * @w: the wheel
 * @t: the timer, with its fire() set
 * @due: ms, or ISAKMP_TIMER_NEVER: as isakmp_timer_clear()
 *
 * Context: Any, but with nothing held that fire() takes.
 */
void isakmp_timer_set(struct isakmp_wheel *w, struct isakmp_timer *t, u64 due)
{
	u64 now;

	if (due == ISAKMP_TIMER_NEVER) {
		isakmp_timer_clear(w, t);
		return;
	}

	spin_lock_bh(&w->lock);
	t->due = due;
	/* An earlier visit will see the new deadline. */
	if (!hlist_unhashed(&t->node) && t->visit <= tick_visit(w, due))
		goto out;
	if (!hlist_unhashed(&t->node))
		remove(w, t);
	now = isakmp_now();
	/* An empty wheel has stood still. */
	if (bitmap_empty(w->busy, ISAKMP_WHEEL_SLOTS))
		w->tick = max(w->tick, tick_floor(now));
	insert(w, t);
	if (t->visit < w->next)
		kick_at(w, t->visit, now);
out:
	spin_unlock_bh(&w->lock);
}

/**
 * isakmp_timer_clear - forget a deadline
 * @w: the wheel
 * @t: the timer
 *
 * When this returns, fire() is not running and will not.
 *
 * Context: Any, but with nothing held that fire() takes.
 */
void isakmp_timer_clear(struct isakmp_wheel *w, struct isakmp_timer *t)
{
	spin_lock_bh(&w->lock);
	if (!hlist_unhashed(&t->node))
		remove(w, t);
	spin_unlock_bh(&w->lock);
}
