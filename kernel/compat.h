/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels we build against, 6.1 to 6.12, and nothing
 * else.  Sorted by header; each entry says since when the new way is there.
 */
#ifndef _ISAKMP_COMPAT_H
#define _ISAKMP_COMPAT_H

#include <linux/version.h>

/* <linux/unaligned.h>, 6.12; <asm/unaligned.h> before */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* register_net_sysctl_sz(), 6.6; before, an empty entry ends a table */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define register_net_sysctl_sz(net, path, table, n) \
	((void)(n), register_net_sysctl(net, path, table))
#endif

/* <net/genetlink.h>: a dump has a struct genl_info, 6.6 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#define isakmp_dump_attrs(cb) (genl_info_dump(cb)->attrs)
#else
#define isakmp_dump_attrs(cb) (genl_dumpit_info(cb)->attrs)
#endif

/* <net/genetlink.h>: pre_doit() gets a split operation, 6.2 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define isakmp_genl_op genl_split_ops
#else
#define isakmp_genl_op genl_ops
#endif

/*
 * <net/xfrm.h>: a state knows its direction, 6.10; from then on an outbound one
 * with ESN may not have a replay window, before it must have one
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define isakmp_state_set_dir(x, out) \
	((x)->dir = (out) ? XFRM_SA_DIR_OUT : XFRM_SA_DIR_IN)
#define ISAKMP_XFRM_ESN_WINDOW_OUT 0
#else
#define isakmp_state_set_dir(x, out) ((void)(out))
#define ISAKMP_XFRM_ESN_WINDOW_OUT 1
#endif

/*
 * <net/xfrm.h>: a device that goes does not wait for the states that somebody holds,
 * 6.12; before, nothing is left to devices
 */
#define ISAKMP_XFRM_OFFLOAD \
	(IS_ENABLED(CONFIG_XFRM_OFFLOAD) && LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0))

#endif
