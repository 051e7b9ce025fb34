/* SPDX-License-Identifier: GPL-2.0 */
/* What this process gives up. */
#ifndef _ISAKMPD_SANDBOX_H
#define _ISAKMPD_SANDBOX_H

void sandbox_enter(void);

#endif
