// SPDX-License-Identifier: GPL-2.0
/* The words behind a verb: read by the tables of keys, and written by them. */
#include <stdlib.h>
#include <string.h>

#include "keys.h"

/* Where the reader of words is. */
struct walk {
	struct cli *cli;
	const struct object *o;
	const struct verb *v;
	struct args *a;
	const struct key *list;	/* the list that further words may belong to */
	uint64_t seen;		/* bits: index of the key */
};

/**
 * verb_keys() - the table of keys of a verb
 * @o: the object
 * @v: its verb
 *
 * Return: the table; it may hold keys that the verb does not take.
 */
const struct key *verb_keys(const struct object *o, const struct verb *v)
{
	return v->keys ? v->keys : o->keys;
}

/**
 * key_taken() - does a verb take a key
 * @v: the verb
 * @k: the key
 *
 * Return: whether it does.
 */
bool key_taken(const struct verb *v, const struct key *k)
{
	return k->flags & v->takes && !(k->flags & KEY_SHOW);
}

/**
 * key_of_attr() - whose attribute is this
 * @keys: table
 * @attr: type of the attribute
 *
 * Return: the first key that makes it, or NULL.
 */
const struct key *key_of_attr(const struct key *keys, uint16_t attr)
{
	for (; keys && keys->name; keys++)
		if (keys->attr == attr)
			return keys;
	return NULL;
}

static uint64_t key_bit(const struct walk *w, const struct key *k)
{
	return 1ULL << (k - w->a->keys);
}

static bool key_seen(const struct walk *w, const struct key *k)
{
	return w->seen & key_bit(w, k);
}

static const struct key *key_named(const struct walk *w, const char *word)
{
	const struct key *k;

	for (k = w->a->keys; k->name; k++)
		if (key_taken(w->v, k) && !(k->flags & KEY_POS) &&
		    !strcmp(k->name, word))
			return k;
	return NULL;
}

/* The next key without a name; @needed: only if it must be there. */
static const struct key *key_place(const struct walk *w, bool needed)
{
	const struct key *k;

	for (k = w->a->keys; k->name; k++) {
		if (!key_taken(w->v, k) || !(k->flags & KEY_POS) ||
		    (key_seen(w, k) && !(k->flags & KEY_LIST)))
			continue;
		return needed && !(k->flags & w->v->needs) ? NULL : k;
	}
	return NULL;
}

static int usage(struct walk *w, const char *what, const char *word,
		 const char *why)
{
	return cli_error(w->cli, CLI_USAGE, "%s \"%s\"%s%s", what, word,
			 why ? ": " : "", why ? why : "");
}

/* One value: its attributes go into the message, a mark tells whose they are. */
static bool value_put(struct walk *w, const struct key *k, const char *word,
		      struct why *why)
{
	struct args *a = w->a;
	size_t len;

	if (a->n_marks == ARGS_MARKS)
		return why_not(why, "more than %u values", ARGS_MARKS);
	args_body(a, &len);
	a->marks[a->n_marks++] = (struct mark){ .at = len, .key = k };
	w->seen |= key_bit(w, k);
	if (sizeof(a->buf) - a->nlh->nlmsg_len < strlen(word) + 128)
		return why_not(why, "the command is too long");
	return k->type->parse(a, k, word, why);
}

/* The comma that ends a value, or NULL: a comma may also be part of one. */
static char *list_comma(const struct key *k, char *word)
{
	char *comma = strchr(word, ',');

	while (comma && k->type->begins && !k->type->begins(comma + 1))
		comma = strchr(comma + 1, ',');
	return comma;
}

/* "a,b,c" */
static bool list_put(struct walk *w, const struct key *k, const char *words,
		     struct why *why)
{
	char *copy = strdup(words), *word, *comma;
	bool ok = true;

	if (!copy)
		abort();
	for (word = copy; ok && word; word = comma) {
		comma = list_comma(k, word);
		if (comma)
			*comma++ = 0;
		ok = value_put(w, k, word, why);
	}
	free(copy);
	return ok;
}

static bool values_put(struct walk *w, const struct key *k, const char *word,
		       struct why *why)
{
	return k->flags & KEY_LIST ? list_put(w, k, word, why) :
				     value_put(w, k, word, why);
}

static int value_read(struct walk *w, const struct key *k, const char *word)
{
	struct why why;

	if (values_put(w, k, word, &why))
		return CLI_OK;
	if (k->flags & KEY_POS)
		return cli_error(w->cli, CLI_USAGE, "%s", why.text);
	return cli_error(w->cli, CLI_USAGE, "%s: %s", k->name, why.text);
}

/* A word that is no key: it may go on with a list, or it is wrong. */
static int stray_read(struct walk *w, const char *word)
{
	struct why why;

	const char *blank = *w->v->name ? " " : "";

	if (!w->list)
		return cli_error(w->cli, CLI_USAGE,
				 "unknown key \"%s\" of \"%s%s%s\"", word,
				 w->o->name, blank, w->v->name);
	if (values_put(w, w->list, word, &why))
		return CLI_OK;
	return cli_error(w->cli, CLI_USAGE,
			 "unknown key \"%s\" of \"%s%s%s\" (and as %s: %s)", word,
			 w->o->name, blank, w->v->name, w->list->name, why.text);
}

/* A key by its name.  Return: words taken, or -1 when an error was told. */
static int named_read(struct walk *w, const struct key *k, char **words,
		      int left)
{
	if (key_seen(w, k) && !(k->flags & KEY_LIST)) {
		usage(w, "duplicate key", k->name, NULL);
		return -1;
	}
	w->list = k->flags & KEY_LIST ? k : NULL;
	if (!k->type->name)
		return value_read(w, k, "") == CLI_OK ? 1 : -1;
	if (left < 2) {
		usage(w, "no value after the key", k->name, NULL);
		return -1;
	}
	return value_read(w, k, words[1]) == CLI_OK ? 2 : -1;
}

/* The next value or key.  Return: words taken, or -1 when an error was told. */
static int word_read(struct walk *w, char **words, int left)
{
	const struct key *k = key_place(w, true);

	if (!k) {
		k = key_named(w, words[0]);
		if (k)
			return named_read(w, k, words, left);
		k = key_place(w, false);
	}
	if (k)
		return value_read(w, k, words[0]) == CLI_OK ? 1 : -1;
	return stray_read(w, words[0]) == CLI_OK ? 1 : -1;
}

static int needs_check(struct walk *w)
{
	const struct key *k;

	for (k = w->a->keys; k->name; k++)
		if (key_taken(w->v, k) && k->flags & w->v->needs &&
		    !key_seen(w, k) &&
		    !(k->unless && args_get(w->a, k->unless)))
			return usage(w, "missing key", k->name, k->help);
	return CLI_OK;
}

/**
 * args_parse() - reads the words behind a verb
 * @cli: the command
 * @o: the object
 * @v: the verb
 * @argc: number of words
 * @argv: the words
 * @a: what they mean
 *
 * Unknown, duplicate and missing keys are refused by name.
 *
 * Return: exit status; errors are told.
 */
int args_parse(struct cli *cli, const struct object *o, const struct verb *v,
	       int argc, char **argv, struct args *a)
{
	static const struct key none[1];
	struct walk w = { .cli = cli, .o = o, .v = v, .a = a };
	int i = 0, n;

	a->keys = v->takes ? verb_keys(o, v) : none;
	a->n_marks = 0;
	a->changes = v->flags == NLM_F_REPLACE;
	a->nlh = mnl_nlmsg_put_header(a->buf);
	while (i < argc) {
		n = word_read(&w, argv + i, argc - i);
		if (n < 0)
			return CLI_USAGE;
		i += n;
	}
	return needs_check(&w);
}

/**
 * args_body() - the attributes of a command
 * @a: what was read
 * @len: octets
 *
 * Return: the first attribute.
 */
const char *args_body(const struct args *a, size_t *len)
{
	*len = mnl_nlmsg_get_payload_len(a->nlh);
	return mnl_nlmsg_get_payload(a->nlh);
}

/**
 * args_get() - one attribute of a command
 * @a: what was read
 * @attr: its type
 *
 * Return: the first one, or NULL.
 */
const struct nlattr *args_get(const struct args *a, uint16_t attr)
{
	const struct nlattr *at;

	mnl_attr_for_each(at, a->nlh, 0)
		if (mnl_attr_get_type(at) == attr)
			return at;
	return NULL;
}

/**
 * args_key_at() - whose octet is this
 * @a: what was read
 * @at: offset from the first attribute
 *
 * Return: the key whose value it belongs to, or NULL.
 */
const struct key *args_key_at(const struct args *a, uint32_t at)
{
	const struct key *k = NULL;
	size_t len;

	args_body(a, &len);
	for (unsigned int i = 0; i < a->n_marks && at < len; i++)
		if (a->marks[i].at <= at)
			k = a->marks[i].key;
	return k;
}

static bool key_shown(const struct out *o, const struct key *k)
{
	if (o->plain && k->flags & KEY_SHOW)
		return false;
	if (o->json)
		return true;
	return !(k->flags & KEY_DETAIL && !o->details) &&
	       !(k->flags & KEY_STAT && !o->stats);
}

static bool key_mine(const struct key *k, const struct nlattr *attr)
{
	return mnl_attr_get_type(attr) == k->attr &&
	       (!k->type->mine || k->type->mine(k, attr));
}

static void list_print(struct out *o, const struct key *k,
		       const struct nlattr *nest)
{
	const struct nlattr *attr;
	bool open = false;

	mnl_attr_for_each_nested(attr, nest) {
		if (!key_mine(k, attr))
			continue;
		if (!open)
			out_list(o, k->name);
		open = true;
		k->type->print(o, k, attr, nest);
	}
	if (open)
		out_list_end(o);
}

static void value_print(struct out *o, const struct key *k,
			const struct nlattr *nest)
{
	const struct nlattr *attr = nl_find(nest, k->attr);

	if (!attr && (!k->type->absent ||
		      (k->unless && nl_find(nest, k->unless))))
		return;
	if (k->flags & KEY_POS)
		out_bare(o);
	k->type->print(o, k, attr, nest);
}

/**
 * keys_print() - writes the members of a record
 * @o: the writer
 * @keys: table
 * @flags: only keys with one of these; 0: all
 * @nest: the record's attributes
 */
void keys_print(struct out *o, const struct key *keys, uint16_t flags,
		const struct nlattr *nest)
{
	for (const struct key *k = keys; k->name; k++) {
		if (!k->type->print || !key_shown(o, k) ||
		    (flags && !(k->flags & flags)))
			continue;
		if (k->flags & KEY_BREAK)
			out_break(o);
		if (k->flags & KEY_LIST)
			list_print(o, k, nest);
		else
			value_print(o, k, nest);
	}
}
