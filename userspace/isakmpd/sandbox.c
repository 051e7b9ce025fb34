// SPDX-License-Identifier: GPL-2.0
/*
 * What this process gives up before it looks at anything: core files and
 * ptrace (secrets), new privileges, and all capabilities but CAP_NET_ADMIN.
 *
 * No CAP_DAC_*: a file of secrets must be readable by its mode.
 */
#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <isakmp/pure.h>

#include "log.h"
#include "sandbox.h"

/* Fails without CAP_SETPCAP; then there is nothing in it that we could gain. */
static void drop_bounding(void)
{
	int cap;

	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (cap != CAP_NET_ADMIN)
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
}

static void keep_net_admin(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &head, caps)) {
		log_warning("capabilities cannot be read: %s", strerrordesc_np(errno));
		return;
	}
	caps[0].permitted &= 1U << CAP_NET_ADMIN;
	caps[1].permitted = 0;
	caps[0].effective = caps[0].permitted;
	caps[1].effective = 0;
	caps[0].inheritable = 0;
	caps[1].inheritable = 0;
	if (syscall(SYS_capset, &head, caps))
		log_warning("capabilities cannot be dropped: %s", strerrordesc_np(errno));
}

/**
 * sandbox_enter() - give it up
 *
 * Context: before there are threads: capabilities are per thread.
 */
void sandbox_enter(void)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		log_warning("core files cannot be turned off: %s", strerrordesc_np(errno));
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	drop_bounding();
	keep_net_admin();
}
