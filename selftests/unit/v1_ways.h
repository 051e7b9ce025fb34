/* SPDX-License-Identifier: GPL-2.0 */
/* Ways to set up an ISAKMP SA: exchanges and methods, as a table. */
#ifndef _UNIT_V1_WAYS_H
#define _UNIT_V1_WAYS_H

#include "v1_lab.h"

/**
 * struct v1_way - one of them
 * @exchange: enum v1_exchange_type
 * @method: enum v1_method
 * @how: enum ike_v1_auth of both peer objects
 * @xauth: B asks A for name and password
 */
struct v1_way {
	u8 exchange;
	u16 method;
	u8 how;
	bool xauth;
};

#define V1_WAYS 16

/* Seeds of v1_talk_fuzz count on their order: further ones come last. */
extern const struct v1_way v1_ways[V1_WAYS];

/* Two connections by it; nothing is sent yet. */
struct talk *v1_way_new(const struct v1_way *w);
/* A wants an address of B: it asks (pull), or B sends it (push). */
void v1_way_pool(struct talk *t, bool push);

#endif
