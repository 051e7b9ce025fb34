/* SPDX-License-Identifier: GPL-2.0 */
/* Upcalls and verdicts: attributes <-> structs. */
#ifndef _ISAKMPD_UPCALL_H
#define _ISAKMPD_UPCALL_H

#include <netlink/msg.h>

#include "auth.h"

const char *upcall_parse(struct nlmsghdr *nlh, struct question *q);
int upcall_put(struct nl_msg *msg, const struct answer *a);
u32 upcall_six_at(struct nl_msg *msg);

#endif
