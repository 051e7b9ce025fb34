/* SPDX-License-Identifier: GPL-2.0 */
/* Who runs the SAs: a dispatcher for each CPU. */
#ifndef _ISAKMP_NET_WORK_H
#define _ISAKMP_NET_WORK_H

#include <linux/types.h>

struct isakmp_sa;

int isakmp_work_init(void);
void isakmp_work_exit(void);
void isakmp_work_queue(struct isakmp_sa *sa);
void isakmp_work_done(struct isakmp_sa *sa, u8 prio);

#endif
