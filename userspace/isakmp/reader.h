/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands from a file: one a line, # begins a comment, \ at the end of a line
 * goes on with the next one, 'quotes' and "quotes" keep blanks.
 */
#ifndef _ISAKMP_READER_H
#define _ISAKMP_READER_H

#include <stdio.h>
#include "../common/why.h"

struct reader {
	FILE *f;
	unsigned int line;	/* where the last command began */
	unsigned int next;	/* lines read */
	char *text;		/* of the command; the words point into it */
	size_t len;
	size_t size;
	char *physical;		/* one line of the file */
	size_t physical_size;
	char **words;
	int n_words;
	int words_size;
	int error;		/* errno of a read */
	bool over;		/* after that */
	struct why why;
};

enum reader_result {
	READER_END,
	READER_COMMAND,		/* words, n_words */
	READER_ERROR,		/* why */
};

bool reader_open(struct reader *r, const char *file);
enum reader_result reader_next(struct reader *r);
void reader_close(struct reader *r);

#endif /* _ISAKMP_READER_H */
