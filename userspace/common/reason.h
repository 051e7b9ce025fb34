/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _COMMON_REASON_H
#define _COMMON_REASON_H

#include <isakmp/reason.h>

const char *reason_name(unsigned int reason);
const char *reason_text(unsigned int reason);
const char *notify_name(unsigned int type);

#endif /* _COMMON_REASON_H */
