/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ISAKMP_MONITOR_H
#define _ISAKMP_MONITOR_H

#include "cli.h"

void monitor_keys(struct cli *cli, const struct nlattr *nest);

#endif /* _ISAKMP_MONITOR_H */
