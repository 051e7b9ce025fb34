/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of version 1, opened with a key that somebody wrote down.  The key is not enough: cipher
 * and hash are what the responder chose, the first IV is made of both public values, and each
 * further one is the end of the message before.  So conversations are followed from their first
 * message on, a bounded number of them.
 */
#ifndef _ISAKMP_DECODE_V1_OPEN_H
#define _ISAKMP_DECODE_V1_OPEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keytable.h"
#include "wire/v1.h"

#define V1_TALKS	64	/* conversations followed */
#define V1_CHAINS	64	/* exchanges of one */
#define V1_BEFORE	8	/* messages of one, in case they come again */

struct v1_talks;

void v1_talks_free(struct v1_talks *t);
void v1_talks_clear(struct v1_talks **t, const struct isakmp_header *h, const struct v1_chain *c);
bool v1_talks_open(struct v1_talks *t, const struct keytable *keys, const struct isakmp_header *h,
		   const uint8_t *msg, size_t n, uint8_t *text);

#endif
