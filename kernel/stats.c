// SPDX-License-Identifier: GPL-2.0
/* Counters: per CPU, one for each thing that happens and each reason to refuse. */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include "netns.h"
#include "nl/event.h"
#include "trace.h"

struct stat_row {
	const char *name;
	const char *text;
};

/* The counters of refusals are told apart by their prefix. */
#define REFUSED_LEN (sizeof("refused-") - 1)

static const struct stat_row rows[__ISAKMP_S_MAX] = {
#define S(id, n, t) [ISAKMP_S_##id] = { n, t },
	ISAKMP_STATS(S)
	ISAKMP_GAUGES(S)
#undef S
#define R(id, n, t) [ISAKMP_S_REASONS + ISAKMP_R_##id] = { "refused-" n, t },
	ISAKMP_REASONS(R)
#undef R
};

/**
 * isakmp_count - one more of something
 * @in: namespace; after its end nothing is counted
 * @what: enum isakmp_stat
 *
 * Context: Any; under RCU, or where the namespace cannot go.
 */
void isakmp_count(struct isakmp_net *in, enum isakmp_stat what)
{
	struct isakmp_stats __percpu *s = READ_ONCE(in->stats);

	if (s)
		this_cpu_inc(s->n[what]);
}

/**
 * isakmp_net_refused - a refusal without an IKE SA: count, trace, tell
 * @in: namespace
 * @path: how the message came, or NULL
 * @why: the reason
 * @arg: what it is about, or 0
 *
 * Context: Any; under RCU, or where the namespace cannot go.
 */
void isakmp_net_refused(struct isakmp_net *in, const struct isakmp_path *path,
			enum isakmp_reason why, u32 arg)
{
	isakmp_count(in, ISAKMP_S_REASONS + why);
	trace_isakmp_refused(in->net, path, 0, why, arg);
	isakmp_event_refused(in, path, 0, why, arg);
}

/**
 * isakmp_stat_name - name of a counter
 * @i: below __ISAKMP_S_MAX
 *
 * Context: Any.
 * Return: a static string; NULL: there is no such counter.
 */
const char *isakmp_stat_name(unsigned int i)
{
	return i < __ISAKMP_S_MAX ? rows[i].name : NULL;
}

/**
 * isakmp_stat_text - what a counter counts
 * @i: below __ISAKMP_S_MAX
 *
 * Context: Any.
 * Return: a static string; NULL: there is no such counter.
 */
const char *isakmp_stat_text(unsigned int i)
{
	return i < __ISAKMP_S_MAX ? rows[i].text : NULL;
}

/**
 * isakmp_stat_value - read a counter
 * @in: namespace
 * @i: below __ISAKMP_S_MAX
 *
 * Context: Any.
 * Return: the sum over all CPUs, or what a gauge says now.
 */
u64 isakmp_stat_value(struct isakmp_net *in, unsigned int i)
{
	u64 sum = 0;
	int cpu;

	switch (i) {
	case ISAKMP_S_SAS:
		return atomic_read(&in->sas.n);
	case ISAKMP_S_HALF_OPEN:
		return atomic_read(&in->sas.n_half_open);
	case ISAKMP_S_HELPERS:
		return READ_ONCE(in->upcall.n_helpers);
	}
	if (i >= ISAKMP_S_COUNTERS)
		return 0;
	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(in->stats, cpu)->n[i];
	return sum;
}

/**
 * isakmp_reason_name - short name of a reason
 * @why: enum isakmp_reason
 *
 * Context: Any.
 * Return: a static string; "none" for ISAKMP_OK and numbers that are no reason.
 */
const char *isakmp_reason_name(enum isakmp_reason why)
{
	return why && why < __ISAKMP_R_MAX ?
	       rows[ISAKMP_S_REASONS + why].name + REFUSED_LEN : "none";
}

/**
 * isakmp_reason_text - a reason as a sentence
 * @why: enum isakmp_reason
 *
 * Context: Any.
 * Return: a static string; empty for ISAKMP_OK and numbers that are no reason.
 */
const char *isakmp_reason_text(enum isakmp_reason why)
{
	return why && why < __ISAKMP_R_MAX ? rows[ISAKMP_S_REASONS + why].text : "";
}

/* As /proc/net/xfrm_stat. */
static int stat_show(struct seq_file *seq, void *v)
{
	struct isakmp_net *in = isakmp_net_of(seq_file_single_net(seq));
	unsigned int i;

	for (i = 0; i < __ISAKMP_S_MAX; i++)
		if (rows[i].name)
			seq_printf(seq, "%-32s%llu\n", rows[i].name,
				   isakmp_stat_value(in, i));
	return 0;
}

/**
 * isakmp_stats_net_init - counters of a new namespace
 * @in: namespace
 *
 * Context: Process.
 * Return: 0 or -ENOMEM.
 */
int isakmp_stats_net_init(struct isakmp_net *in)
{
	in->stats = alloc_percpu(struct isakmp_stats);
	if (!in->stats)
		return -ENOMEM;
	if (!proc_create_net_single("isakmp_stat", 0444, in->net->proc_net, stat_show, NULL)) {
		free_percpu(in->stats);
		return -ENOMEM;
	}
	return 0;
}

/**
 * isakmp_stats_net_exit - nothing is counted any more
 * @in: namespace
 *
 * Context: Process.
 */
void isakmp_stats_net_exit(struct isakmp_net *in)
{
	remove_proc_entry("isakmp_stat", in->net->proc_net);
	in->stats_gone = in->stats;
	WRITE_ONCE(in->stats, NULL);
}

/**
 * isakmp_stats_net_free - the memory of the counters goes
 * @in: namespace, a grace period after isakmp_stats_net_exit()
 *
 * Context: Process.
 */
void isakmp_stats_net_free(struct isakmp_net *in)
{
	free_percpu(in->stats_gone);
}
