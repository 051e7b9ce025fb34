/* SPDX-License-Identifier: GPL-2.0 */
/* peer up, child up: asks the kernel and waits for the outcome. */
#ifndef _ISAKMP_UP_H
#define _ISAKMP_UP_H

#include "keys.h"

#define ARG_WAIT	(ARG_LOCAL + 1)
#define ARG_NOWAIT	(ARG_LOCAL + 2)

#define KEYS_WAIT							\
	KEY("wait", type_seconds, ARG_WAIT, KEY_SET,			\
	    "how long to wait for the outcome (default: 60)"),		\
	KEY("nowait", type_flag, ARG_NOWAIT, KEY_SET,			\
	    "do not wait")

int up_run(struct cli *cli, const struct object *o, const struct verb *v,
	   struct args *a);
int down_run(struct cli *cli, const struct object *o, const struct verb *v,
	     struct args *a);

#endif /* _ISAKMP_UP_H */
