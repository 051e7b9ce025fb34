/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ISAKMP_RUN_H
#define _ISAKMP_RUN_H

#include "cli.h"

const struct verb *verb_find(const struct object *o, const char *name);

#endif /* _ISAKMP_RUN_H */
