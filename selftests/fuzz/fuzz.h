/* SPDX-License-Identifier: GPL-2.0 */
/* What the targets have in common. */
#ifndef _FUZZ_FUZZ_H
#define _FUZZ_FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <isakmp/pure.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t n);

#define MUST(cond)							\
	do {								\
		if (!(cond)) {						\
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond); \
			abort();					\
		}							\
	} while (0)

/* A copy in a buffer of its exact size, to be freed. */
static inline u8 *exact(const u8 *p, size_t n)
{
	u8 *copy = malloc(n ? n : 1);

	MUST(copy);
	if (n)
		memcpy(copy, p, n);
	return copy;
}

#endif
