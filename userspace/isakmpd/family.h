/* SPDX-License-Identifier: GPL-2.0 */
/* Where the family "isakmp" is, and when it comes and goes. */
#ifndef _ISAKMPD_FAMILY_H
#define _ISAKMPD_FAMILY_H

#include "link.h"

/**
 * struct family - what nlctrl says about the family
 * @id: message type of its messages; 0: it is not there
 * @events: number of the group "events"
 * @upcall: number of the group "upcall"
 */
struct family {
	u16 id;
	u32 events;
	u32 upcall;
};

int family_watch(struct link *l);
int family_find(struct link *l, struct family *f);
bool family_changed(struct nlmsghdr *nlh, bool *there);

#endif
