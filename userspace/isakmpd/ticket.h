/* SPDX-License-Identifier: GPL-2.0 */
/* Keys of the kernel's tickets (RFC 5723), which outlive it and us. */
#ifndef _ISAKMPD_TICKET_H
#define _ISAKMPD_TICKET_H

#include <netlink/msg.h>
#include <stdbool.h>

void ticket_open(int dir);
bool ticket_turn(void);
void ticket_void(void);
int ticket_put(struct nl_msg *msg);
void ticket_close(void);

#endif
