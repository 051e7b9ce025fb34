/* SPDX-License-Identifier: GPL-2.0 */
/* A command whose errors and records are kept, for tests of it. */
#ifndef _UNIT_CLI_LAB_H
#define _UNIT_CLI_LAB_H

#include "../../userspace/isakmp/keys.h"
#include "../../userspace/isakmp/run.h"
#include "tap.h"

#define WORDS_MAX 64

extern struct lab {
	struct cli cli;
	char *said;
	size_t said_len;
	char *wrote;
	size_t wrote_len;
} lab;

void lab_open(void);
/* What was said and written so far is in @said and @wrote. */
void lab_flush(void);
void lab_close(void);
/* A line into at most WORDS_MAX words. */
int lab_split(char *text, char **words);
/* Runs a line; what it says to stderr must be @want, which may be its part. */
void says(const char *line, int status, const char *want);
/* OBJECT VERB and so on -> attributes -> record, which must be @want. */
void written(const char *line, bool json, const char *want);
/* A file of our own, gone at once: its path works as long as it is open. */
FILE *text_file(const char *text, char *path, size_t size);

#endif
