/* SPDX-License-Identifier: GPL-2.0 */
/* Threads that pull questions and answer them. */
#ifndef _ISAKMPD_WORKER_H
#define _ISAKMPD_WORKER_H

#define WORKERS_MAX 64

int worker_start(unsigned int n, const char *secrets);
void worker_wake(void);
void worker_stop(void);

#endif
