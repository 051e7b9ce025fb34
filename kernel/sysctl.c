// SPDX-License-Identifier: GPL-2.0
/* Tunables: net.isakmp.* */
#include <linux/slab.h>
#include <linux/sysctl.h>
#include "compat.h"
#include "netns.h"

static u32 zero, one = 1;
static u32 tries_max = 20, threshold_max = U32_MAX;
static u32 retransmit_min = 100, retransmit_max = 60000;
static u32 half_open_ms_min = 100, half_open_ms_max = 120000;
static u32 sas_max = 1 << 24, rate_max = 1000000;
static u32 quicks_max = V1_QUICKS_MAX;

/* Every tunable: name, where it lives, least and greatest value, default. */
static const struct tunable {
	const char *name;
	size_t offset;		/* in struct isakmp_sysctl */
	u32 *min;
	u32 *max;
	u32 value;
} tunables[] = {
#define T(name, member, min, max, value) \
	{ name, offsetof(struct isakmp_sysctl, member), &(min), &(max), value }
	T("retransmit_timeout_ms", tun.retransmit_ms, retransmit_min, retransmit_max, 1000),
	T("retransmit_tries", tun.retransmit_tries, zero, tries_max, 6),
	T("half_open_timeout_ms", half_open_ms, half_open_ms_min, half_open_ms_max, 30000),
	T("half_open_max", half_open_max, one, sas_max, 8192),
	T("cookie_threshold", cookie_threshold, zero, threshold_max, 64),
	T("cookie_rate", cookie_rate, zero, rate_max, 50000),
	T("prefix_half_open", prefix_half_open, zero, threshold_max, 16),
	T("prefix_rate", prefix_rate, zero, rate_max, 20),
	T("prefix_burst", prefix_burst, one, rate_max, 100),
	T("proven_rate", proven_rate, zero, rate_max, 2000),
	T("proven_burst", proven_burst, one, rate_max, 4000),
	T("sa_max", sa_max, one, sas_max, 131072),
	T("v1_quick_modes", tun.v1_quicks, one, quicks_max, V1_QUICKS),
#undef T
};

#define N_TUNABLES ARRAY_SIZE(tunables)
/* and user_namespaces, and for 6.1 an empty entry at the end */
#define N_TABLE (N_TUNABLES + 2)

/**
 * isakmp_sysctl_user_namespaces - may other user namespaces configure?
 *
 * Context: Any.
 * Return: true if CAP_NET_ADMIN over one's own user namespace is enough.
 */
bool isakmp_sysctl_user_namespaces(void)
{
	return READ_ONCE(isakmp_net_of(&init_net)->sysctl.user_namespaces);
}

static void fill(struct ctl_table *t, const char *name, u32 *data, u32 *min, u32 *max)
{
	t->procname = name;
	t->data = data;
	t->maxlen = sizeof(*data);
	t->mode = 0644;
	t->proc_handler = proc_douintvec_minmax;
	t->extra1 = min;
	t->extra2 = max;
}

static unsigned int fill_table(struct isakmp_net *in)
{
	struct isakmp_sysctl *s = &in->sysctl;
	unsigned int n;

	for (n = 0; n < N_TUNABLES; n++) {
		u32 *data = (void *)s + tunables[n].offset;

		*data = tunables[n].value;
		fill(&s->table[n], tunables[n].name, data, tunables[n].min, tunables[n].max);
	}
	s->tun.half_open_ms = s->half_open_ms;
	if (net_eq(in->net, &init_net))
		fill(&s->table[n++], "user_namespaces", &s->user_namespaces, &zero, &one);
	return n;
}

/**
 * isakmp_sysctl_net_init - tunables of a new namespace
 * @in: namespace
 *
 * As with net.core.xfrm_*, a namespace that belongs to another user namespace than
 * the initial one does not show them: they bound what it may cost the others.
 *
 * Context: Process.
 * Return: 0 or -ENOMEM.
 */
int isakmp_sysctl_net_init(struct isakmp_net *in)
{
	struct isakmp_sysctl *s = &in->sysctl;
	unsigned int n;

	s->table = kcalloc(N_TABLE, sizeof(*s->table), GFP_KERNEL);
	if (!s->table)
		return -ENOMEM;
	n = fill_table(in);
	if (in->net->user_ns != &init_user_ns)
		return 0;
	s->header = register_net_sysctl_sz(in->net, "net/isakmp", s->table, n);
	if (!s->header) {
		kfree(s->table);
		return -ENOMEM;
	}
	return 0;
}

/**
 * isakmp_sysctl_net_exit - the tunables go
 * @in: namespace
 *
 * Context: Process.
 */
void isakmp_sysctl_net_exit(struct isakmp_net *in)
{
	if (in->sysctl.header)
		unregister_net_sysctl_table(in->sysctl.header);
	kfree(in->sysctl.table);
}
