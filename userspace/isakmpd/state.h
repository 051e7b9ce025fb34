/* SPDX-License-Identifier: GPL-2.0 */
/* The state directory: what is kept over a restart. */
#ifndef _ISAKMPD_STATE_H
#define _ISAKMPD_STATE_H

#include <stdbool.h>
#include <stddef.h>

bool state_open(const char *dir);
int state_dir(void);
void state_close(void);
bool state_secret(const char *name, unsigned char *out, size_t n);

#endif
