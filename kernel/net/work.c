// SPDX-License-Identifier: GPL-2.0
/*
 * The dispatcher: lists of SAs that have something to do, and a work item that
 * lets them do it, for each CPU.
 *
 * An SA is in one list or with one worker at most (sa.run), so nobody but that
 * worker touches its engine.  SAs are spread by SPI over the CPUs online when
 * they are queued.  A list that is not empty has its work item queued or
 * running: a CPU that goes offline hands its work items to the others
 * (Documentation/core-api/workqueue.rst), and an SA is not stranded.
 */
#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/workqueue.h>
#include "netns.h"
#include "net/work.h"

#define ROUND_MAX	16	/* SAs run before the work item gives way */
#define TURNS		8	/* after so many the order begins anew */

/**
 * struct dispatcher - the SAs waiting at a CPU
 * @lock: protects @queue and the SAs' places in it; innermost
 * @queue: by enum isakmp_prio
 * @turn: counts what was taken; the work item's
 * @cpu: where it runs
 * @work: runs them
 */
struct dispatcher {
	spinlock_t lock;
	struct list_head queue[ISAKMP_PRIOS];
	unsigned int turn;
	int cpu;
	struct work_struct work;
};

static struct dispatcher __percpu *dispatchers;
static struct workqueue_struct *wq;

static int choose_cpu(const struct isakmp_sa *sa)
{
	unsigned int n = (unsigned int)sa->door.spi % num_online_cpus();
	int cpu;

	for_each_online_cpu(cpu)
		if (!n--)
			return cpu;
	/* One went offline meanwhile: any that was online ever will do. */
	return raw_smp_processor_id();
}

/* Must hold sa.lock. */
static void enqueue(struct isakmp_sa *sa)
{
	struct dispatcher *d = per_cpu_ptr(dispatchers, sa->cpu);

	lockdep_assert_held(&sa->lock);
	sa->run = ISAKMP_RUN_QUEUED;
	spin_lock(&d->lock);
	list_add_tail(&sa->queue, &d->queue[sa->prio]);
	spin_unlock(&d->lock);
	queue_work_on(d->cpu, wq, &d->work);
}

/**
 * isakmp_work_queue - let an SA run, unless it waits or runs already
 * @sa: the SA; a reference is taken for the time
 *
 * Context: Any.  Must hold sa.lock.
 */
void isakmp_work_queue(struct isakmp_sa *sa)
{
	lockdep_assert_held(&sa->lock);
	if (sa->run != ISAKMP_RUN_IDLE)
		return;
	isakmp_sa_get(sa);
	atomic_inc(&sa->in->sas.n_busy);
	sa->cpu = choose_cpu(sa);
	enqueue(sa);
}

/**
 * isakmp_work_done - a worker leaves an SA alone
 * @sa: the SA; goes to the end of its list if it has more to do, else the
 *	reference of isakmp_work_queue() is dropped
 * @prio: its enum isakmp_prio from now on
 *
 * Context: Process; the SA's worker.
 */
void isakmp_work_done(struct isakmp_sa *sa, u8 prio)
{
	atomic_t *n_busy = &sa->in->sas.n_busy;
	bool more;

	spin_lock_bh(&sa->lock);
	sa->prio = prio;
	sa->run = ISAKMP_RUN_IDLE;
	more = sa->pending || sa->n_inbox || !list_empty(&sa->takes);
	if (more)
		enqueue(sa);
	spin_unlock_bh(&sa->lock);
	if (more)
		return;
	isakmp_sa_put(sa);
	/* The namespace may end now: the address is not followed any more. */
	if (atomic_dec_and_test(n_busy))
		wake_up_var(n_busy);
}

/* Must hold the lock. */
static struct list_head *choose_list(struct dispatcher *d)
{
	/* Now and then another list is first: none waits for ever. */
	static const u8 first[TURNS] = {
		[TURNS / 2]	= ISAKMP_PRIO_PROVEN,
		[TURNS - 1]	= ISAKMP_PRIO_STRANGER,
	};
	int i = first[d->turn++ % TURNS];

	lockdep_assert_held(&d->lock);
	if (!list_empty(&d->queue[i]))
		return &d->queue[i];
	for (i = 0; i < ISAKMP_PRIOS; i++)
		if (!list_empty(&d->queue[i]))
			return &d->queue[i];
	return NULL;
}

static struct isakmp_sa *dequeue(struct dispatcher *d)
{
	struct isakmp_sa *sa = NULL;
	struct list_head *list;

	spin_lock_bh(&d->lock);
	list = choose_list(d);
	if (list) {
		sa = list_first_entry(list, struct isakmp_sa, queue);
		list_del_init(&sa->queue);
	}
	spin_unlock_bh(&d->lock);
	return sa;
}

static void dispatch(struct work_struct *work)
{
	struct dispatcher *d = container_of(work, struct dispatcher, work);
	unsigned int n = ROUND_MAX;
	struct isakmp_sa *sa;

	while (n--) {
		sa = dequeue(d);
		if (!sa)
			return;
		isakmp_sa_run(sa);
		cond_resched();
	}
	queue_work_on(d->cpu, wq, &d->work);
}

/**
 * isakmp_work_init - a dispatcher for each CPU there may be
 *
 * Context: Process.
 * Return: 0 or -ENOMEM.
 */
int isakmp_work_init(void)
{
	struct dispatcher *d;
	int cpu, i;

	dispatchers = alloc_percpu(struct dispatcher);
	if (!dispatchers)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		d = per_cpu_ptr(dispatchers, cpu);
		spin_lock_init(&d->lock);
		for (i = 0; i < ISAKMP_PRIOS; i++)
			INIT_LIST_HEAD(&d->queue[i]);
		d->cpu = cpu;
		INIT_WORK(&d->work, dispatch);
	}
	/* What they run may take milliseconds: others need not wait for it. */
	wq = alloc_workqueue("isakmp", WQ_CPU_INTENSIVE, 0);
	if (!wq) {
		free_percpu(dispatchers);
		return -ENOMEM;
	}
	return 0;
}

/**
 * isakmp_work_exit - the dispatchers go; no SA is left
 *
 * Context: Process.
 */
void isakmp_work_exit(void)
{
	destroy_workqueue(wq);
	free_percpu(dispatchers);
}
