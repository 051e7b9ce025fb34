/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A message of version 1 taken apart, changed, and put together again so that who gets it
 * believes it: with its HASH (phase 2), encrypted by the keys and the IV that it is awaited with.
 *
 *	v1_forge_read(&f, to, p);		@p as it was sent to @to, not delivered yet
 *	v1_forge_drop(&f, i);
 *	q = v1_forge_write(&f, &p->path);
 *	v1_forge_free(&f);
 */
#ifndef _UNIT_V1_FORGE_H
#define _UNIT_V1_FORGE_H

#include "v1_lab.h"

struct v1_forge {
	struct end *to;
	struct isakmp_header h;
	bool encrypted;
	const struct v1_law *law;	/* that the message is compared with; NULL: none */
	unsigned int n;
	struct v1_forge_body {
		u8 type;
		const u8 *p;
		size_t n;
	} b[IKE_PAYLOADS_MAX];
	u8 *buf;			/* what these point into */
};

void v1_forge_read(struct v1_forge *f, struct end *to, const struct packet *p);
struct packet v1_forge_write(const struct v1_forge *f, const struct isakmp_path *path);
void v1_forge_free(struct v1_forge *f);
void v1_forge_drop(struct v1_forge *f, unsigned int i);
/* One more of what stands there. */
void v1_forge_double(struct v1_forge *f, unsigned int i);
void v1_forge_add(struct v1_forge *f, u8 type, const void *p, size_t n);
/* The first of a type; -1: there is none. */
int v1_forge_find(const struct v1_forge *f, u8 type);

#endif
