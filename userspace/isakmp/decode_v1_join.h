/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of version 1 in pieces, as Microsoft and Cisco cut them, until they are whole.  One at
 * a time for each direction of an ISAKMP SA, as in the module; a bounded number of them, each no
 * longer, and in no more pieces, than the module takes (IKE_MSG_MAX, IKE_FRAGMENTS_MAX).
 */
#ifndef _ISAKMP_DECODE_V1_JOIN_H
#define _ISAKMP_DECODE_V1_JOIN_H

#include <stddef.h>
#include <stdint.h>

#include "defrag.h"
#include "wire/header.h"
#include "wire/v1.h"

#define V1_JOINS	64	/* messages being put together */

struct v1_joins;

enum isakmp_reason v1_joins_add(struct v1_joins **t, const struct ip_packet *ip,
				const struct isakmp_header *h, const struct v1_fragment *f,
				uint8_t **whole, size_t *n);
void v1_joins_free(struct v1_joins *t);

#endif
