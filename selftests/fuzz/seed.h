/* SPDX-License-Identifier: GPL-2.0 */
/* Writing seeds: NAME_seeds DIR [CORPORA]. */
#ifndef _FUZZ_SEED_H
#define _FUZZ_SEED_H

#include <stdbool.h>
#include <stdio.h>

static struct {
	const char *dir;
	const char *corpora;	/* of others' packets, or NULL */
	unsigned int failed;
} seed;

/* false: that is not how it is called. */
static inline bool seed_begin(int argc, char **argv)
{
	seed.dir = argc > 1 ? argv[1] : NULL;
	seed.corpora = argc > 2 ? argv[2] : NULL;
	if (!seed.dir)
		fprintf(stderr, "usage: %s DIR [CORPORA]\n", argv[0]);
	return seed.dir;
}

/* @head: what the first octets of an input say of the others */
static inline void seed_write(const char *name, const void *head, size_t head_len, const void *p,
			      size_t n)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", seed.dir, name);
	f = fopen(path, "w");
	if (!f || (head_len && fwrite(head, head_len, 1, f) != 1) ||
	    (n && fwrite(p, n, 1, f) != 1)) {
		perror(path);
		seed.failed++;
	}
	if (f && fclose(f))
		seed.failed++;
}

#endif
