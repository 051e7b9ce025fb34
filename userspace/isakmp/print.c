// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <string.h>

#include "print.h"

static void newline(const struct out *o)
{
	if (!o->pretty)
		return;
	fputc('\n', o->f);
	for (unsigned int i = 0; i < o->depth; i++)
		fputs("    ", o->f);
}

/* JSON: what goes before a member or an element. */
static void comma(struct out *o)
{
	if (o->count[o->depth]++)
		fputc(',', o->f);
	newline(o);
}

/*
 * RFC 3629, 4: the octets of the character that begins here; 0: none does.  The
 * second octet tells overlong forms, surrogates and what is beyond U+10FFFF.
 */
static size_t utf8_len(const char *s)
{
	const unsigned char *c = (const unsigned char *)s;
	unsigned char low = *c == 0xe0 ? 0xa0 : *c == 0xf0 ? 0x90 : 0x80;
	unsigned char high = *c == 0xed ? 0x9f : *c == 0xf4 ? 0x8f : 0xbf;
	size_t n = *c < 0xe0 ? 2 : *c < 0xf0 ? 3 : 4;

	if (*c < 0x80)
		return 1;
	if (*c < 0xc2 || *c > 0xf4 || c[1] < low || c[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

static bool is_utf8(const char *s)
{
	size_t n;

	for (; *s; s += n) {
		n = utf8_len(s);
		if (!n)
			return false;
	}
	return true;
}

/**
 * out_sentence() - text that holds what others wrote
 * @f: where to
 * @s: the text; what a terminal would obey becomes \xNN
 */
void out_sentence(FILE *f, const char *s)
{
	for (size_t n; *s; s += n) {
		unsigned char c = *s;

		n = utf8_len(s);
		/* U+0080 to U+009F are control characters, too. */
		if (c < ' ' || c == 0x7f || !n || (c == 0xc2 && (unsigned char)s[1] < 0xa0)) {
			fprintf(f, "\\x%02x", c);
			n = 1;
		} else {
			fwrite(s, 1, n, f);
		}
	}
}

static void json_string(const struct out *o, const char *s)
{
	bool raw = is_utf8(s);

	fputc('"', o->f);
	for (; *s; s++) {
		unsigned char c = *s;

		if (c == '"' || c == '\\')
			fprintf(o->f, "\\%c", c);
		else if (c < ' ' || c == 0x7f || (c > 0x7f && !raw))
			fprintf(o->f, "\\u%04x", c);
		else
			fputc(c, o->f);
	}
	fputc('"', o->f);
}

static void json_name(struct out *o, const char *name, const char *suffix)
{
	comma(o);
	if (o->array[o->depth])
		return;
	fputc('"', o->f);
	for (; *name; name++)
		fputc(*name == '-' || *name == ' ' ? '_' : *name, o->f);
	fprintf(o->f, "%s\":%s", suffix, o->pretty ? " " : "");
}

static void json_down(struct out *o, char bracket)
{
	fputc(bracket, o->f);
	if (o->depth < OUT_DEPTH - 1)
		o->depth++;
	o->count[o->depth] = 0;
	o->array[o->depth] = bracket == '[';
}

static void json_up(struct out *o, char bracket)
{
	unsigned int members = o->count[o->depth];

	if (o->depth)
		o->depth--;
	if (members)
		newline(o);
	fputc(bracket, o->f);
}

/* Text: what goes before a word: a blank, or a line break that was asked for. */
static void gap(struct out *o)
{
	if (o->broken) {
		fputs(o->oneline ? "\\" : "\n", o->f);
		for (unsigned int i = 0; i < o->depth; i++)
			fputc('\t', o->f);
	} else if (o->count[o->depth]) {
		fputc(' ', o->f);
	}
	o->count[o->depth]++;
	o->broken = false;
}

/* Text: "name " or, in a list, a comma between elements. */
static void text_name(struct out *o, const char *name)
{
	if (o->lists) {
		if (o->count[o->depth]++)
			fputc(',', o->f);
		return;
	}
	gap(o);
	if (name && !o->bare)
		fprintf(o->f, "%s ", name);
	o->bare = false;
}

/*
 * Text: a word that the command reads back as one.  A backslash at its end would
 * be one at the end of a line.  A quote goes between quotes of the other kind.
 */
static void text_value(const struct out *o, const char *s)
{
	bool quoted = !*s || strpbrk(s, " \t#'\"") || s[strlen(s) - 1] == '\\';
	char quote = strchr(s, '"') ? '\'' : '"';

	if (quoted)
		fputc(quote, o->f);
	for (; *s; s++) {
		unsigned char c = *s;

		if (quoted && c == quote) {
			quote = quote == '"' ? '\'' : '"';
			fprintf(o->f, "%c%c", c, quote);
		}
		if (c < ' ' || c == 0x7f)
			fprintf(o->f, "\\x%02x", c);
		else
			fputc(c, o->f);
	}
	if (quoted)
		fputc(quote, o->f);
}

/**
 * out_start() - a command that writes records begins; once is enough
 * @o: the writer
 */
void out_start(struct out *o)
{
	if (o->json && !o->started)
		json_down(o, '[');
	o->started = true;
}

/**
 * out_end() - nothing more comes
 * @o: the writer
 */
void out_end(struct out *o)
{
	if (o->json && o->started) {
		json_up(o, ']');
		fputc('\n', o->f);
	}
	o->started = false;
}

/**
 * out_open() - a record begins
 * @o: the writer
 * @name: of the record; in JSON not written inside an array
 */
void out_open(struct out *o, const char *name)
{
	if (o->json) {
		json_name(o, name, "");
		json_down(o, '{');
		return;
	}
	gap(o);
	fputs(name, o->f);
	o->depth++;
	o->count[o->depth] = 1;
}

/**
 * out_close() - the record ends
 * @o: the writer
 */
void out_close(struct out *o)
{
	if (o->json) {
		json_up(o, '}');
		return;
	}
	o->depth--;
	o->broken = false;
	if (o->depth)
		return;
	fputc('\n', o->f);
	o->count[0] = 0;
}

/**
 * out_list() - a member with several values begins
 * @o: the writer
 * @name: of the member
 */
void out_list(struct out *o, const char *name)
{
	if (o->json) {
		json_name(o, name, "");
		json_down(o, '[');
		return;
	}
	text_name(o, name);
	o->lists++;
	o->depth++;
	o->count[o->depth] = 0;
}

/**
 * out_list_end() - the member ends
 * @o: the writer
 */
void out_list_end(struct out *o)
{
	if (o->json) {
		json_up(o, ']');
		return;
	}
	o->lists--;
	o->depth--;
}

/**
 * out_records() - records of one kind inside a record begin
 * @o: the writer
 * @name: of the member in JSON; each record of text has its own name
 */
void out_records(struct out *o, const char *name)
{
	if (o->json)
		out_list(o, name);
}

/**
 * out_records_end() - the last of them is written
 * @o: the writer
 */
void out_records_end(struct out *o)
{
	if (o->json)
		out_list_end(o);
}

/**
 * out_break() - text goes on in the next line (with -o: after a backslash)
 * @o: the writer
 *
 * No line is begun when nothing more comes.
 */
void out_break(struct out *o)
{
	o->broken = !o->json && !o->plain;
}

/**
 * out_bare() - text: the next member is written without its name
 * @o: the writer
 */
void out_bare(struct out *o)
{
	o->bare = !o->json;
}

/**
 * out_text() - a string
 * @o: the writer
 * @name: of the member; NULL in a list
 * @value: escaped here, whatever is in it
 */
void out_text(struct out *o, const char *name, const char *value)
{
	if (o->json) {
		json_name(o, name, "");
		json_string(o, value);
		return;
	}
	text_name(o, name);
	text_value(o, value);
}

/**
 * out_note() - a sentence: in text between brackets, without name and quotes
 * @o: the writer
 * @name: of the member
 * @value: the sentence
 */
void out_note(struct out *o, const char *name, const char *value)
{
	if (o->json) {
		out_text(o, name, value);
		return;
	}
	gap(o);
	fprintf(o->f, "(%s)", value);
}

/**
 * out_word() - text only: a word
 * @o: the writer
 * @word: written as it is
 */
void out_word(struct out *o, const char *word)
{
	if (o->json)
		return;
	gap(o);
	fputs(word, o->f);
}

/**
 * out_uint() - a number
 * @o: the writer
 * @name: of the member; NULL in a list
 * @value: the number
 */
void out_uint(struct out *o, const char *name, uint64_t value)
{
	if (o->json)
		json_name(o, name, "");
	else
		text_name(o, name);
	fprintf(o->f, "%" PRIu64, value);
}

/**
 * out_hex() - an SPI: hexadecimal, in JSON a string
 * @o: the writer
 * @name: of the member
 * @value: the number
 * @digits: how many of them
 */
void out_hex(struct out *o, const char *name, uint64_t value, int digits)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "0x%0*" PRIx64, digits, value);
	out_text(o, name, buf);
}

/**
 * out_flag() - something that is so
 * @o: the writer
 * @name: of the member; in text the name alone
 */
void out_flag(struct out *o, const char *name)
{
	if (o->json) {
		json_name(o, name, "");
		fputs("true", o->f);
		return;
	}
	out_word(o, name);
}

/* "90061" -> "1d1h1m1s"; the parser of times reads it back. */
static void text_seconds(const struct out *o, uint64_t s)
{
	static const struct {
		uint64_t seconds;
		char suffix;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	bool any = false;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		uint64_t n = s / units[i].seconds;

		s %= units[i].seconds;
		if (!n && (any || units[i].seconds > 1))
			continue;
		fprintf(o->f, "%" PRIu64 "%c", n, units[i].suffix);
		any = true;
	}
}

/**
 * out_seconds() - a time that the operator set; JSON appends _s to the name
 * @o: the writer
 * @name: of the member
 * @value: seconds; 0 is "off" in text
 */
void out_seconds(struct out *o, const char *name, uint64_t value)
{
	if (o->json) {
		json_name(o, name, "_s");
		fprintf(o->f, "%" PRIu64, value);
		return;
	}
	text_name(o, name);
	if (value)
		text_seconds(o, value);
	else
		fputs("off", o->f);
}

/**
 * out_ms() - a time that was measured; JSON appends _ms to the name
 * @o: the writer
 * @name: of the member
 * @value: milliseconds
 */
void out_ms(struct out *o, const char *name, uint64_t value)
{
	if (o->json) {
		json_name(o, name, "_ms");
		fprintf(o->f, "%" PRIu64, value);
		return;
	}
	text_name(o, name);
	if (value < 10000)
		fprintf(o->f, "%" PRIu64 ".%03us", value / 1000,
			(unsigned int)(value % 1000));
	else
		text_seconds(o, value / 1000);
}
