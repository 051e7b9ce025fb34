/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Protected messages of version 1 under the hands of who has the keys: opened, changed, sealed
 * again; and all that an end holds, as one number.
 *
 * What a message is opened with is what its receiver would open it with: its key, and the chain
 * of IVs where it stands there.
 */
#ifndef _UNIT_V1_PLAIN_H
#define _UNIT_V1_PLAIN_H

#include "v1_lab.h"

#define V1_PLAIN_BODIES 24

struct v1_plain {
	struct isakmp_header h;
	struct isakmp_path path;
	unsigned int n;
	struct body b[V1_PLAIN_BODIES];
	u8 *buf;			/* what the bodies point into */
};

/* false: it is not encrypted, the receiver has no keys for it, or no chain comes out. */
bool v1_plain_open(struct v1_plain *m, struct end *to, const struct packet *p);
/* One from nothing, of phase 2. */
void v1_plain_new(struct v1_plain *m, struct end *to, u8 exchange, u32 msgid);
/* @hash: HASH of phase 2 is made anew, if there is room for it; else it is as it was */
struct packet v1_plain_seal(const struct v1_plain *m, struct end *to, bool hash);
void v1_plain_free(struct v1_plain *m);

/* A body of phase 2, as @from might say it; @what: one of the things that such a payload says */
void v1_body_put(struct isakmp_out *o, const struct end *from, u8 type, u8 what);

/* Would its receiver find HASH of phase 2 right? */
bool v1_plain_is_right(struct end *to, const struct packet *p);

/* The ISAKMP SA that a message is of, by its cookies; NULL: of none. */
struct ike_epoch *v1_plain_epoch(struct end *to, const struct packet *p);

/* A message was there before: it waits for the helper, or for the end of phase 1, or is answered. */
bool v1_lab_was_there(const struct end *e, const struct packet *p);

/*
 * All that an end holds and has done, but for the count of junk in phase 1.  Of the heap both
 * ends': compare it around what happens to one of them.
 */
u64 v1_lab_digest(struct end *e);
/* The same but for what it takes to say an answer again. */
u64 v1_lab_digest_but_repeats(struct end *e);

#endif
