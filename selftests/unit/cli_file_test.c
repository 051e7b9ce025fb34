// SPDX-License-Identifier: GPL-2.0
/* The command without a kernel: files of commands, batches, configurations. */
#include <errno.h>

#include "../../userspace/isakmp/batch.h"
#include "../../userspace/isakmp/reader.h"
#include "cli_lab.h"

static void test_reader(void)
{
	static const char text[] =
		"# a comment\n"
		"\n"
		"one two\\\n"
		"  three # the rest\n"
		"\t'a b' \"c 'd\" e\"f\"g h#i \"\"\r\n"
		"last";
	char path[64];
	struct reader r;
	FILE *f = text_file(text, path, sizeof(path));

	CHECK(reader_open(&r, path));
	CHECK_EQ(reader_next(&r), READER_COMMAND);
	CHECK_EQ(r.n_words, 3);
	CHECK_EQ(r.line, 3);
	CHECK(!strcmp(r.words[1], "two") && !strcmp(r.words[2], "three"));
	CHECK_EQ(reader_next(&r), READER_COMMAND);
	CHECK_EQ(r.line, 5);
	if (CHECK_EQ(r.n_words, 5)) {
		CHECK(!strcmp(r.words[0], "a b"));
		CHECK(!strcmp(r.words[1], "c 'd"));
		CHECK(!strcmp(r.words[2], "efg"));
		CHECK(!strcmp(r.words[3], "h#i"));
		CHECK(!strcmp(r.words[4], ""));
	}
	CHECK_EQ(reader_next(&r), READER_COMMAND);
	CHECK(r.n_words == 1 && !strcmp(r.words[0], "last"));
	CHECK_EQ(reader_next(&r), READER_END);
	reader_close(&r);
	fclose(f);
	f = text_file("fine\n'open\n", path, sizeof(path));
	CHECK(reader_open(&r, path));
	CHECK_EQ(reader_next(&r), READER_COMMAND);
	CHECK_EQ(reader_next(&r), READER_ERROR);
	CHECK_EQ(r.line, 2);
	reader_close(&r);
	fclose(f);
}

/* A disk that fails behind the text. */
static ssize_t failing_read(void *cookie, char *buf, size_t n)
{
	const char **text = cookie;

	if (!**text) {
		errno = EIO;
		return -1;
	}
	n = min(n, strlen(*text));
	memcpy(buf, *text, n);
	*text += n;
	return n;
}

/* What cannot be read to its end is an error, and no command is made of a part. */
static void test_reader_fails(void)
{
	static const cookie_io_functions_t failing = { .read = failing_read };
	const char *text = "one two\npeer del gw";
	struct reader r = { .f = fopencookie(&text, "r", failing) };

	CHECK_EQ(reader_next(&r), READER_COMMAND);
	CHECK_EQ(r.n_words, 2);
	CHECK_EQ(reader_next(&r), READER_ERROR);
	CHECK(!strcmp(r.why.text, "it cannot be read: Input/output error"));
	CHECK_EQ(reader_next(&r), READER_END);
	reader_close(&r);
	says("config check /", CLI_USAGE, "Error: /:1: it cannot be read: Is a directory.\n");
	says("config apply /", CLI_USAGE, "/:1: it cannot be read");
	says("config apply /proc/self/mem", CLI_USAGE, "mem:1: it cannot be read: Input/output error");
	says("decode /", CLI_USAGE, "Is a directory");
	says("decode /dev/null keys /", CLI_USAGE, "keys: \"/\": it cannot be read: Is a directory");
}

static void batch(const char *text, bool force, int status, const char *want,
		  const char *not_want)
{
	char path[64];
	FILE *f = text_file(text, path, sizeof(path));

	lab_open();
	lab.cli.force = force;
	CHECK_EQ(batch_run(&lab.cli, path), status);
	lab_flush();
	tap_check(strstr(lab.said, want), TAP_WHERE, "it says: %s", lab.said);
	tap_check(!not_want || !strstr(lab.said, not_want), TAP_WHERE,
		  "it says: %s", lab.said);
	lab_close();
	fclose(f);
}

static void test_batch(void)
{
	static const char two[] = "help\npeer add\n# no\nsa bogus\nhelp\n";

	batch(two, false, CLI_USAGE, ":2\n", ":4\n");
	batch(two, true, CLI_USAGE, ":4\n", ":5\n");
	batch("help\n\n", false, CLI_OK, "", "Error");
	batch("'open\n", false, CLI_USAGE, "no closing '", NULL);
	lab_open();
	lab.cli.force = true;
	CHECK_EQ(batch_run(&lab.cli, "/"), CLI_USAGE);
	lab_flush();
	tap_check(strstr(lab.said, "it cannot be read: Is a directory.\nCommand failed /:1\n"),
		  TAP_WHERE, "it says: %s", lab.said);
	lab_close();
}

static void config(const char *text, const char *want)
{
	char path[64], *words[] = { "config", "check", path };
	FILE *f = text_file(text, path, sizeof(path));

	lab_open();
	tap_note("%s", want);
	CHECK(cli_run(&lab.cli, 3, words) != CLI_OK);
	lab_flush();
	tap_check(strstr(lab.said, want), TAP_WHERE, "it says: %s", lab.said);
	tap_check(strstr(lab.said, path), TAP_WHERE, "it says: %s", lab.said);
	CHECK(!lab.cli.file);
	lab_close();
	fclose(f);
}

static void test_config(void)
{
	config("listen add\npeer add gw\n", ":2: missing key \"proposal\"");
	config("listen addr 192.0.2.1\npeer gw proposal p\nsa\n", ":3: \"sa\" is not an object of a configuration");
	config("peer del gw\n", ":1: \"del\" is a verb, and");
	config("peer flush proposal p\nsa\n", ":1: \"flush\" is a verb, and");
	config("peer add flush proposal p\nsa\n", ":2: \"sa\"");
	config("listen\npeer add \\\n gw proposal p x y\n", ":2: unknown key \"x\"");
	config("listen \"x\n", ":1: no closing \"");
}

int main(void)
{
	TAP_RUN(test_reader, "files: comments, continuations, quotes");
	TAP_RUN(test_reader_fails, "files: one that cannot be read is no empty one");
	TAP_RUN(test_batch, "batch: stops, or goes on with force");
	TAP_RUN(test_config, "config: errors lead to FILE:LINE");
	return tap_done();
}
