/* SPDX-License-Identifier: GPL-2.0 */
/* Parsers say in a sentence what is wrong; the caller says where. */
#ifndef _COMMON_WHY_H
#define _COMMON_WHY_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

struct why {
	char text[256];
};

/* Notes the sentence; always false, so that a parser can return it. */
static inline bool __attribute__((format(printf, 2, 3)))
why_not(struct why *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(w->text, sizeof(w->text), fmt, ap);
	va_end(ap);
	return false;
}

#endif /* _COMMON_WHY_H */
