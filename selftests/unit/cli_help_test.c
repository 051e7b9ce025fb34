// SPDX-License-Identifier: GPL-2.0
/* The command without a kernel: help, its tables, and the man pages beside them. */
#include "../../userspace/common/reason.h"
#include "../../kernel/ike/engine.h"
#include "../../userspace/isakmp/reader.h"
#include "cli_lab.h"

static void helps(const char *line, const char *want)
{
	char text[64], *words[WORDS_MAX];
	int n;

	lab_open();
	snprintf(text, sizeof(text), "%s", line);
	n = lab_split(text, words);
	tap_note("%s", line);
	CHECK_EQ(cli_run(&lab.cli, n, words), CLI_OK);
	lab_flush();
	tap_check(!strncmp(lab.wrote, want, strlen(want)), TAP_WHERE, "it writes: %s", lab.wrote);
	lab_close();
}

/* However people ask. */
static void test_help(void)
{
	helps("help", "Usage: isakmp [ OPTIONS ]");
	helps("help nothing", "Usage: isakmp [ OPTIONS ]");
	helps("help peer", "Usage: isakmp peer add");
	helps("peer help", "Usage: isakmp peer add");
	helps("peer -h", "Usage: isakmp peer add");
	helps("peer --help", "Usage: isakmp peer add");
	helps("help peer up", "Usage: isakmp peer up");
	helps("peer help up", "Usage: isakmp peer up");
	helps("peer up help", "Usage: isakmp peer up");
	helps("help peer nothing", "Usage: isakmp peer add");
	helps("help decode", "Usage: isakmp decode FILE");
	helps("decode help", "Usage: isakmp decode FILE");
}

/* Every state that an SA can be shown in can be asked for. */
static void test_states(void)
{
	for (unsigned int s = 0; s < IKE_S_DEAD; s++) {
		static struct args a;
		char *words[] = { "state", (char *)ike_state_name(s) };

		lab_open();
		tap_note("%s", words[1]);
		CHECK(!args_parse(&lab.cli, &object_sa, verb_find(&object_sa, "show"), 2,
				  words, &a));
		CHECK(!strcmp(mnl_attr_get_str(args_get(&a, ISAKMP_SA_STATE)), words[1]));
		CHECK(strstr(type_state.means, words[1]));
		lab_close();
	}
}

static void check_verb(const struct object *o, const struct verb *v)
{
	const struct key *keys = verb_keys(o, v), *k, *l;

	tap_note("%s %s", o->name, v->name);
	CHECK(v->run && v->help && *v->help);
	CHECK((v->needs & v->takes) == v->needs);
	for (k = keys; v->takes && k->name; k++) {
		if (!key_taken(v, k))
			continue;
		CHECK(k->type->parse && k->help && *k->help);
		CHECK(k - keys < 64);
		for (l = keys; l < k; l++)
			CHECK(strcmp(l->name, k->name));
	}
	help_verb(lab.cli.out.f, o, v);
}

static void test_tables(void)
{
	lab_open();
	help_main(lab.cli.out.f);
	for (const struct object *const *o = objects; *o; o++) {
		const struct verb *v;

		CHECK(object_find((*o)->name) == *o);
		for (v = (*o)->verbs; v->name; v++)
			check_verb(*o, v);
		help_object(lab.cli.out.f, *o);
	}
	lab_flush();
	CHECK(strstr(lab.wrote, "isakmp peer up PEER [ wait TIME ] [ nowait ]"));
	lab_close();
	for (unsigned int r = 1; r <= ISAKMP_R_MAX; r++)
		CHECK(reason_name(r) && reason_text(r));
	CHECK(!reason_name(ISAKMP_R_MAX + 1));
}

/* Has the page a line with this? */
static bool page_has(FILE *page, const char *line)
{
	char buf[256];

	rewind(page);
	while (fgets(buf, sizeof(buf), page))
		if (!strncmp(buf, line, strlen(line)) && buf[strlen(line)] == '\n')
			return true;
	return false;
}

static void test_manual(void)
{
	FILE *page = fopen("userspace/man/isakmp.7", "r");
	char line[300];

	if (!CHECK(page))
		return;
	for (unsigned int r = 1; r <= ISAKMP_R_MAX; r++) {
		tap_note("%s", reason_name(r));
		snprintf(line, sizeof(line), ".It Cm %s", reason_name(r));
		CHECK(page_has(page, line));
		CHECK(page_has(page, reason_text(r)));
	}
	fclose(page);
	page = fopen("userspace/man/isakmp.8", "r");
	for (const struct object *const *o = objects; *o && CHECK(page); o++) {
		tap_note("%s", (*o)->name);
		snprintf(line, sizeof(line), ".Ss %s", (*o)->name);
		CHECK(page_has(page, line));
	}
	if (page)
		fclose(page);
}

/* The example of the page, as a file. */
static FILE *example(FILE *page, char *path, size_t size)
{
	FILE *f = text_file("", path, size);
	bool on = false;
	char buf[256], *e;

	while (fgets(buf, sizeof(buf), page)) {
		if (!strcmp(buf, ".Bd -literal\n") || !strcmp(buf, ".Ed\n"))
			on = buf[1] == 'B';
		if (!on || buf[0] == '.')
			continue;
		e = strstr(buf, "\\e");	/* how roff writes a backslash */
		if (e)
			memmove(e + 1, e + 2, strlen(e + 1));
		fputs(buf, f);
	}
	rewind(f);
	return f;
}

static void test_example(void)
{
	FILE *page = fopen("userspace/man/isakmp.conf.5", "r"), *f;
	char path[64];
	static struct args a;
	struct reader r;
	int lines = 0;

	if (!CHECK(page))
		return;
	f = example(page, path, sizeof(path));
	CHECK(reader_open(&r, path));
	while (reader_next(&r) == READER_COMMAND) {
		const struct object *o = object_find(r.words[0]);

		lab_open();
		tap_note("line %u: %s", r.line, r.words[0]);
		lines += CHECK(o && o->kind &&
			       !args_parse(&lab.cli, o, verb_find(o, "add"), r.n_words - 1,
					   r.words + 1, &a));
		lab_flush();
		tap_check(!lab.said_len, TAP_WHERE, "it says: %s", lab.said);
		lab_close();
	}
	CHECK(lines > 10);
	reader_close(&r);
	fclose(f);
	fclose(page);
}

/* Every key that can be typed stands in the page of its object. */
static void test_manual_keys(void)
{
	static char text[65536];
	FILE *page = fopen("userspace/man/isakmp.8", "r");

	if (!CHECK(page))
		return;
	text[fread(text, 1, sizeof(text) - 1, page)] = 0;
	fclose(page);
	for (const struct object *const *o = objects; *o; o++) {
		char heading[40], *from, *to, key[40];

		snprintf(heading, sizeof(heading), ".Ss %s\n", (*o)->name);
		from = strstr(text, heading);
		to = from ? strstr(from + 1, "\n.S") : NULL;
		if (!CHECK(to))
			continue;
		*to = 0;
		for (const struct key *k = (*o)->keys; k->name; k++) {
			snprintf(key, sizeof(key), "%s ", k->name);
			tap_note("%s %s", (*o)->name, k->name);
			CHECK(k->flags & (KEY_SHOW | KEY_POS) || strstr(from, key));
		}
		*to = '\n';
	}
}

int main(void)
{
	TAP_RUN(test_help, "help, in whatever order");
	TAP_RUN(test_states, "sa show state: every state has its word");
	TAP_RUN(test_tables, "tables: every verb and key has its help");
	TAP_RUN(test_manual, "man pages: every reason and object is there");
	TAP_RUN(test_manual_keys, "man pages: every key is with its object");
	TAP_RUN(test_example, "man pages: the example of isakmp.conf(5) can be read");
	return tap_done();
}
