/* SPDX-License-Identifier: GPL-2.0 */
/* Threads that pull questions and answer them. */
#ifndef _ISAKMPD_WORKER_H
#define _ISAKMPD_WORKER_H

#include <isakmp/limits.h>
#include <isakmp/pure.h>

#include "link.h"

/* The main thread's socket is registered too. */
#define WORKERS_MAX (ISAKMP_HELPERS_MAX - 1)

int worker_start(unsigned int n, const char *secrets, void (*authorities)(bool revoked),
		 void (*users)(void));
void worker_wake(void);
int worker_call(struct link *l, struct nl_msg *msg);
bool worker_stop(void);

#endif
