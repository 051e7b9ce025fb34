// SPDX-License-Identifier: GPL-2.0
/*
 * Help comes from the tables.  Lines that begin with two blanks are for the
 * completion too: a word, then what it is.
 */
#include <stdlib.h>
#include <string.h>

#include "keys.h"

static const char options[] =
	"OPTIONS := { -j[son] | -p[retty] | -s[tatistics] | -d[etails] | -o[neline] |\n"
	"             -t[imestamp] | -ts[hort] | -n[etns] NAME | -b[atch] FILE | -force |\n"
	"             -4 | -6 | -V[ersion] | -h[elp] }\n";

/**
 * help_main() - isakmp help
 * @f: where to
 */
void help_main(FILE *f)
{
	fputs("Usage: isakmp [ OPTIONS ] OBJECT { VERB | help }\n"
	      "       isakmp [ -force ] -b[atch] FILE\n", f);
	fputs(options, f);
	fputs("OBJECT :=\n", f);
	for (const struct object *const *o = objects; *o; o++)
		fprintf(f, "  %-12s %s\n", (*o)->name, (*o)->help);
	fputs("See isakmp(8).\n", f);
}

/* "TIME", or "none|trap|now" */
static void put_value(FILE *f, const struct key *k)
{
	const char *bar = "";

	if (k->type->name && *k->type->name) {
		fputs(k->type->name, f);
		return;
	}
	for (unsigned int i = 0; k->names && i < k->arg; i++) {
		if (!k->names[i])
			continue;
		fprintf(f, "%s%s", bar, k->names[i]);
		bar = "|";
	}
}

static void put_key(FILE *f, const struct key *k)
{
	if (!(k->flags & KEY_POS))
		fputs(k->name, f);
	if (!(k->flags & KEY_POS) && k->type->name)
		fputc(' ', f);
	put_value(f, k);
	if (k->flags & KEY_LIST)
		fputs("[,...]", f);
}

static void put_usage(FILE *f, const struct object *o, const struct verb *v,
		      const char *lead)
{
	const struct key *k;

	fprintf(f, "%sisakmp %s", lead, o->name);
	if (*v->name)
		fprintf(f, " %s", v->name);
	for (k = v->takes ? verb_keys(o, v) : NULL; k && k->name; k++) {
		bool needed = k->flags & v->needs;

		if (!key_taken(v, k))
			continue;
		fputs(needed ? " " : " [ ", f);
		put_key(f, k);
		fputs(needed ? "" : " ]", f);
	}
	fputc('\n', f);
}

/**
 * help_object() - isakmp OBJECT help
 * @f: where to
 * @o: the object
 */
void help_object(FILE *f, const struct object *o)
{
	const char *lead = "Usage: ";

	for (const struct verb *v = o->verbs; v->name; v++) {
		put_usage(f, o, v, lead);
		lead = "       ";
	}
	if (!*o->verbs[0].name) {
		help_verb(f, o, o->verbs);
		return;
	}
	fprintf(f, "%s: %s\n", o->name, o->help);
	for (const struct verb *v = o->verbs; v->name; v++)
		fprintf(f, "  %-12s %s\n", v->name, v->help);
}

/* Whether an earlier key of the verb has the same type. */
static bool type_told(const struct verb *v, const struct key *keys,
		      const struct key *k)
{
	for (; keys < k; keys++)
		if (key_taken(v, keys) && keys->type == k->type)
			return true;
	return false;
}

static void put_row(FILE *f, const struct key *k)
{
	char left[256] = "";
	FILE *row = fmemopen(left, sizeof(left), "w");

	if (!row)
		return;
	put_key(row, k);
	fclose(row);
	fprintf(f, "  %-24s %s\n", left, k->help);
}

/**
 * help_verb() - isakmp OBJECT VERB help
 * @f: where to
 * @o: the object
 * @v: its verb
 */
void help_verb(FILE *f, const struct object *o, const struct verb *v)
{
	const struct key *keys = v->takes ? verb_keys(o, v) : NULL;
	const struct key *k;

	if (*v->name)
		put_usage(f, o, v, "Usage: ");
	fprintf(f, "%s\n", v->help);
	for (k = keys; k && k->name; k++)
		if (key_taken(v, k))
			put_row(f, k);
	for (k = keys; k && k->name; k++)
		if (key_taken(v, k) && k->type->means &&
		    !type_told(v, keys, k))
			fprintf(f, "%s := %s\n", k->type->name, k->type->means);
}
