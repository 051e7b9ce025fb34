/* SPDX-License-Identifier: GPL-2.0 */
/* Dumped SAs -> who has which inner address. */
#ifndef _ISAKMPD_SAS_H
#define _ISAKMPD_SAS_H

#include <netlink/msg.h>

int sas_seen(struct nlmsghdr *nlh, void *arg);

#endif
