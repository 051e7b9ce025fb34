/* SPDX-License-Identifier: GPL-2.0 */
/* v1_lab.net of a network that loses one datagram. */
#ifndef _UNIT_V1_LOSS_H
#define _UNIT_V1_LOSS_H

#include "v1_lab.h"

/* The @nth (from 1) of A or of B. */
static struct {
	char from;
	unsigned int nth;
} lost;

static inline bool lossy(struct talk *t, struct end *from, unsigned int nth, struct packet *p)
{
	return from->name != lost.from || nth != lost.nth;
}

#endif
