/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one writer of records.  The same calls make text and JSON, so that they
 * cannot drift apart:
 *
 *	out_open(o, "peer");		peer gw-b dpd 30s
 *	out_bare(o);
 *	out_text(o, "name", "gw-b");	{"name":"gw-b","dpd_s":30}
 *	out_seconds(o, "dpd", 30);
 *	out_close(o);
 *
 * Text is in the language of the command: a record of an object can be typed.
 * In JSON '-' becomes '_' in names, and what is absent is not written.
 */
#ifndef _ISAKMP_PRINT_H
#define _ISAKMP_PRINT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define OUT_DEPTH 16

struct out {
	FILE *f;
	bool json;
	bool pretty;
	bool oneline;
	bool stats;
	bool details;
	bool plain;		/* what can be typed, nothing else */
	bool started;
	bool bare;		/* text: the next name is not written */
	bool broken;		/* text: what comes next begins a line */
	unsigned int depth;
	unsigned int count[OUT_DEPTH];	/* members written at each depth */
	bool array[OUT_DEPTH];		/* JSON: members without names */
	unsigned int lists;	/* text: lists that are open */
};

void out_sentence(FILE *f, const char *s);
void out_start(struct out *o);
void out_end(struct out *o);
void out_open(struct out *o, const char *name);
void out_close(struct out *o);
void out_list(struct out *o, const char *name);
void out_list_end(struct out *o);
void out_records(struct out *o, const char *name);
void out_records_end(struct out *o);
void out_break(struct out *o);
void out_bare(struct out *o);
void out_text(struct out *o, const char *name, const char *value);
void out_note(struct out *o, const char *name, const char *value);
void out_word(struct out *o, const char *word);
void out_uint(struct out *o, const char *name, uint64_t value);
void out_hex(struct out *o, const char *name, uint64_t value, int digits);
void out_flag(struct out *o, const char *name);
void out_seconds(struct out *o, const char *name, uint64_t value);
void out_ms(struct out *o, const char *name, uint64_t value);

#endif /* _ISAKMP_PRINT_H */
