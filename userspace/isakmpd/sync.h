/* SPDX-License-Identifier: GPL-2.0 */
/* The snapshot in force, and how it stays true.  The rules are in sync.c. */
#ifndef _ISAKMPD_SYNC_H
#define _ISAKMPD_SYNC_H

#include "config.h"
#include "family.h"

int sync_open(void (*kick)(void));
void sync_end(void);
void sync_close(void);
int sync_fd(void);

int sync_attach(const struct family *f);
void sync_detach(void);
void sync_dirty(void);
bool sync_drain(void);
int sync_serve(struct config **old, struct config **new);

u16 sync_family(void);
struct config *sync_current(void);
struct config *sync_snapshot(bool force);

#endif
