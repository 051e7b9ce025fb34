// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"

/**
 * reader_open() - begins to read
 * @r: the reader
 * @file: path, or "-" for standard input
 *
 * Return: whether the file could be opened; else errno says why not.
 */
bool reader_open(struct reader *r, const char *file)
{
	memset(r, 0, sizeof(*r));
	r->f = strcmp(file, "-") ? fopen(file, "re") : stdin;
	return r->f;
}

/**
 * reader_close() - the end
 * @r: the reader
 */
void reader_close(struct reader *r)
{
	if (r->f && r->f != stdin)
		fclose(r->f);
	free(r->text);
	free(r->physical);
	free(r->words);
	memset(r, 0, sizeof(*r));
}

static void append(struct reader *r, const char *s, size_t n)
{
	if (r->len + n + 1 > r->size) {
		r->size = r->size * 2 + n + 256;
		r->text = realloc(r->text, r->size);
		if (!r->text)
			abort();
	}
	memcpy(r->text + r->len, s, n);
	r->len += n;
	r->text[r->len] = 0;
}

/*
 * One command with its continuations; what was read before an error is none.
 * Return: false at the end of the file, or of what can be read of it.
 */
static bool read_logical(struct reader *r)
{
	bool more = true;
	ssize_t n;

	r->len = 0;
	append(r, "", 0);
	r->line = r->next + 1;
	while (more) {
		n = getline(&r->physical, &r->physical_size, r->f);
		if (ferror(r->f)) {
			r->error = errno;
			return false;
		}
		if (n < 0)
			return r->next >= r->line;
		r->next++;
		if (n && r->physical[n - 1] == '\n')
			n--;
		if (n && r->physical[n - 1] == '\r')
			n--;
		more = n && r->physical[n - 1] == '\\';
		append(r, r->physical, more ? n - 1 : n);
	}
	return true;
}

static void add_word(struct reader *r, char *word)
{
	if (r->n_words == r->words_size) {
		r->words_size = r->words_size * 2 + 32;
		r->words = realloc(r->words, r->words_size * sizeof(char *));
		if (!r->words)
			abort();
	}
	r->words[r->n_words++] = word;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* One word without its quotes, in place.  Return: what follows; NULL: error. */
static char *read_word(struct reader *r, char *in)
{
	char *out = in, quote = 0;

	add_word(r, out);
	for (; *in && (quote || !is_blank(*in)); in++) {
		if (quote && *in == quote)
			quote = 0;
		else if (!quote && (*in == '\'' || *in == '"'))
			quote = *in;
		else
			*out++ = *in;
	}
	if (quote) {
		why_not(&r->why, "no closing %c", quote);
		return NULL;
	}
	if (*in)
		in++;
	*out = 0;
	return in;
}

/* Told once; then there is no more. */
static enum reader_result reader_end(struct reader *r)
{
	if (!r->error)
		return READER_END;
	why_not(&r->why, "it cannot be read: %s", strerror(r->error));
	r->error = 0;
	r->over = true;
	return READER_ERROR;
}

/**
 * reader_next() - the next command
 * @r: the reader
 *
 * Return: READER_COMMAND with its words, valid until the next call.
 */
enum reader_result reader_next(struct reader *r)
{
	char *at;

	do {
		if (r->over || !read_logical(r))
			return reader_end(r);
		if (strlen(r->text) != r->len) {
			why_not(&r->why, "there is a zero octet in it");
			return READER_ERROR;
		}
		r->n_words = 0;
		at = r->text;
		while (at && *(at += strspn(at, " \t")) && *at != '#')
			at = read_word(r, at);
		if (!at)
			return READER_ERROR;
	} while (!r->n_words);
	return READER_COMMAND;
}
