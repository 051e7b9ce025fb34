// SPDX-License-Identifier: GPL-2.0
/* A command whose errors and records are kept. */
#include "cli_lab.h"

struct lab lab;

void lab_open(void)
{
	memset(&lab, 0, sizeof(lab));
	lab.cli.err = open_memstream(&lab.said, &lab.said_len);
	lab.cli.out.f = open_memstream(&lab.wrote, &lab.wrote_len);
}

void lab_flush(void)
{
	fflush(lab.cli.err);
	fflush(lab.cli.out.f);
}

void lab_close(void)
{
	fclose(lab.cli.err);
	fclose(lab.cli.out.f);
	free(lab.said);
	free(lab.wrote);
}

int lab_split(char *text, char **words)
{
	int n = 0;
	char *save;

	for (words[n] = strtok_r(text, " ", &save); words[n];
	     words[n] = strtok_r(NULL, " ", &save))
		n++;
	return n;
}

/* Runs a line; what it says to stderr must be @want, which may be its part. */
void says(const char *line, int status, const char *want)
{
	char text[512], *words[WORDS_MAX];
	int n;

	lab_open();
	snprintf(text, sizeof(text), "%s", line);
	n = lab_split(text, words);
	tap_note("%s", line);
	CHECK_EQ(cli_run(&lab.cli, n, words), status);
	lab_flush();
	tap_check(strstr(lab.said, want), TAP_WHERE, "it says: %s", lab.said);
	lab_close();
}

void written(const char *line, bool json, const char *want)
{
	static char nest[ARGS_MAX] __attribute__((aligned(4)));
	char text[512], *words[WORDS_MAX];
	struct nlattr *attr = (void *)nest;
	const struct object *o;
	static struct args a;
	const char *body;
	size_t len;
	int n;

	lab_open();
	snprintf(text, sizeof(text), "%s", line);
	n = lab_split(text, words);
	o = object_find(words[0]);
	tap_note("%s", line);
	if (CHECK(o && !args_parse(&lab.cli, o, verb_find(o, words[1]), n - 2,
				   words + 2, &a))) {
		body = args_body(&a, &len);
		memcpy(nest + MNL_ATTR_HDRLEN, body, len);
		attr->nla_len = MNL_ATTR_HDRLEN + len;
		attr->nla_type = o->attr;
		lab.cli.out.json = json;
		lab.cli.out.plain = !json;
		out_start(&lab.cli.out);
		object_print(&lab.cli.out, o, attr, json ? NULL : "add");
		out_end(&lab.cli.out);
	}
	lab_flush();
	tap_check(!strcmp(lab.wrote, want), TAP_WHERE, "it writes: %s%s",
		  lab.wrote, lab.said);
	lab_close();
}

/* A file of our own, gone at once: its path works as long as it is open. */
FILE *text_file(const char *text, char *path, size_t size)
{
	FILE *f = tmpfile();

	fputs(text, f);
	fflush(f);
	rewind(f);
	snprintf(path, size, "/proc/self/fd/%d", fileno(f));
	return f;
}
