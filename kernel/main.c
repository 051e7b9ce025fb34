// SPDX-License-Identifier: GPL-2.0
/*
 * isakmp.ko: IKEv2 in the kernel.
 *
 * Loading, and why in this order:
 *
 *   crypto	finds out what the kernel has; everybody asks it
 *   sa, work	what SAs are made of, and run by
 *   xfrm	its tables, which namespaces use
 *   netns	every namespace; from here on isakmp_net_of() works
 *   listen	devices that come and go, in every namespace
 *   km		the hooks of XFRM need every namespace to be there
 *   family	the commands need all of the above
 *
 * Unloading is the same backwards, with two things in between: after the last
 * command the SAs may say good-bye, while packets still go out; and after the last
 * namespace everything that was left to RCU is waited for, before the caches and
 * the code that it would use go.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <net/genetlink.h>
#include <uapi/linux/isakmp.h>
#include "crypto/crypto.h"
#include "net/work.h"
#include "netns.h"
#include "nl/family.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static void netns_exit(void)
{
	isakmp_netns_exit();
	isakmp_config_exit();
	rcu_barrier();
}

static int km_init(void)
{
	isakmp_km_register();
	return 0;
}

static void family_exit(void)
{
	isakmp_family_exit();
	isakmp_netns_farewell();
}

static const struct part {
	int (*init)(void);
	void (*exit)(void);
} parts[] = {
	{ isakmp_crypto_init, isakmp_crypto_exit },
	{ isakmp_sa_init, isakmp_sa_exit },
	{ isakmp_work_init, isakmp_work_exit },
	{ isakmp_xfrm_init, isakmp_xfrm_exit },
	{ isakmp_netns_init, netns_exit },
	{ isakmp_listen_init, isakmp_listen_exit },
	{ isakmp_roam_init, isakmp_roam_exit },
	{ km_init, isakmp_km_unregister },
	{ isakmp_family_init, family_exit },
};

static void undo(int n)
{
	while (n--)
		parts[n].exit();
}

static int __init isakmp_init(void)
{
	int err, i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		err = parts[i].init();
		if (err) {
			undo(i);
			return err;
		}
	}
	return 0;
}

static void __exit isakmp_exit(void)
{
	undo(ARRAY_SIZE(parts));
}

module_init(isakmp_init);
module_exit(isakmp_exit);

MODULE_DESCRIPTION("ISAKMP/IKEv2 key exchange for IPsec, decided by the helper isakmpd");
MODULE_AUTHOR("The isakmp authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(__stringify(ISAKMP_VERSION));	/* dkms.conf has it */
MODULE_ALIAS_GENL_FAMILY(ISAKMP_GENL_NAME);
