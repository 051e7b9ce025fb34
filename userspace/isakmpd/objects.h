/* SPDX-License-Identifier: GPL-2.0 */
/* Dumped objects -> snapshot. */
#ifndef _ISAKMPD_OBJECTS_H
#define _ISAKMPD_OBJECTS_H

#include <netlink/msg.h>

#include "config.h"

int objects_add(struct nlmsghdr *nlh, void *config);

#endif
