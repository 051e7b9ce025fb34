/* SPDX-License-Identifier: GPL-2.0 */
/* sd_notify(3), without its library. */
#ifndef _ISAKMPD_NOTIFY_H
#define _ISAKMPD_NOTIFY_H

void notify(const char *state);

#endif
