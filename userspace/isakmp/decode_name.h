/* SPDX-License-Identifier: GPL-2.0 */
/* Tables of numbers and their names. */
#ifndef _ISAKMP_DECODE_NAME_H
#define _ISAKMP_DECODE_NAME_H

#include <stddef.h>
#include <stdint.h>

struct name {
	uint16_t number;
	const char *name;
};

/* NULL: it has none. */
static inline const char *name_find(const struct name *names, size_t n, unsigned int number)
{
	for (size_t i = 0; i < n; i++)
		if (names[i].number == number)
			return names[i].name;
	return NULL;
}

#define FIND(table, number) name_find(table, sizeof(table) / sizeof((table)[0]), number)

#endif /* _ISAKMP_DECODE_NAME_H */
