// SPDX-License-Identifier: GPL-2.0
/* Files of secrets: who may read and write them, where they are, what is in them. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "isakmpd/file.h"
#include "isakmpd/secret.h"
#include "tap.h"

static char dir[64];

static char *path(const char *name)
{
	static char p[PATH_MAX];

	snprintf(p, sizeof(p), "%s/%s", dir, name);
	return p;
}

static void put_file(const char *name, const void *octets, size_t n, mode_t mode)
{
	int fd = open(path(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0 && write(fd, octets, n) == (ssize_t)n);
	CHECK(!fchmod(fd, mode));
	close(fd);
}

static const char *try(const char *file, struct secret *s)
{
	const char *why = secret_read(dir, file, s);

	CHECK(!why == !!s->n);		/* refused: nothing is left */
	return why;
}

static bool make_dir(void)
{
	strcpy(dir, "/tmp/isakmpd-test-XXXXXX");
	return mkdtemp(dir) && !mkdir(path("in"), 0700);
}

static void remove_dir(void)
{
	static const char *const names[] = {
		"good", "mode", "dir", "out", "chain", "inside", "fifo", "big", "empty", "in/deep",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (unlink(path(names[i])) && errno == EISDIR)
			rmdir(path(names[i]));
	rmdir(path("in"));
	CHECK(!rmdir(dir));
}

static void check_modes(void)
{
	static const mode_t good[] = { 0600, 0400, 0640, 0440, 0700 };
	static const mode_t bad[] = { 0644, 0604, 0601, 0602, 0660, 0620, 0666, 0777, 04604 };
	struct secret s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		tap_note("mode %04o", good[i]);
		put_file("mode", "secret", 6, good[i]);
		CHECK(!try("mode", &s));
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		tap_note("mode %04o", bad[i]);
		put_file("mode", "secret", 6, bad[i]);
		CHECK(try("mode", &s));
	}
	tap_note(" ");
}

static void check_places(void)
{
	struct secret s;
	char slashes[96];

	/* absolute, relative, deeper, with slashes; nothing else */
	put_file("good", "secret\n", 7, 0640);
	put_file("in/deep", "deep", 4, 0600);
	CHECK(!try("good", &s) && s.n == 6 && !memcmp(s.octets, "secret", 6));
	CHECK(!try(path("good"), &s));
	CHECK(!try("in/deep", &s) && s.n == 4);
	CHECK(!try("in/../good", &s));
	snprintf(slashes, sizeof(slashes), "%s///", dir);
	CHECK(!secret_read(slashes, path("good"), &s));
	CHECK(try("nowhere", &s));
	CHECK(try("", &s));
	CHECK(try("/", &s));
	CHECK(try(dir, &s));
	CHECK(try("..", &s));
	CHECK(try("../etc/hostname", &s));
	CHECK(try("in/../../etc/hostname", &s));
	CHECK(try("/etc/hostname", &s));
	snprintf(slashes, sizeof(slashes), "%s-not/x", dir);
	CHECK(try(slashes, &s));

	/* links: inside yes, outside no, absolute no */
	CHECK(!symlink("good", path("inside")) && !try("inside", &s));
	CHECK(!symlink("../../etc/hostname", path("out")) && try("out", &s));
	unlink(path("out"));
	CHECK(!symlink("/etc/hostname", path("out")) && try("out", &s));
	CHECK(!symlink("out", path("chain")) && try("chain", &s));
}

static void check_kinds(void)
{
	static u8 big[SECRET_FILE_MAX + 1];
	struct secret s;

	CHECK(!mkdir(path("dir"), 0700) && try("dir", &s));
	CHECK(!mkfifo(path("fifo"), 0600) && try("fifo", &s));
	put_file("empty", "", 0, 0600);
	CHECK(try("empty", &s));
	memset(big, 'x', sizeof(big));
	put_file("big", big, SECRET_FILE_MAX, 0600);
	CHECK(!try("big", &s) && s.n == SECRET_FILE_MAX);
	put_file("big", big, SECRET_FILE_MAX + 1, 0600);
	CHECK(try("big", &s));
	if (geteuid() == 0) {
		CHECK(!chown(path("good"), 12345, 0) && try("good", &s));
		CHECK(!chown(path("good"), 0, 12345) && !try("good", &s));
	}
}

static void check_directory(void)
{
	struct secret s;

	CHECK(!file_check_dir(dir));
	CHECK(file_check_dir("/nowhere/at/all"));
	CHECK(file_check_dir(path("good")));
	CHECK(secret_read("/nowhere/at/all", "good", &s));
	CHECK(!chmod(dir, 0770) && file_check_dir(dir) && try("good", &s));
	CHECK(!chmod(dir, 0702) && file_check_dir(dir) && try("good", &s));
	CHECK(!chmod(dir, 0755) && !file_check_dir(dir) && !try("good", &s));
}

static void test_secret_files(void)
{
	if (!CHECK(make_dir()))
		return;
	check_modes();
	check_places();
	check_kinds();
	check_directory();
	remove_dir();
}

static void test_secret_text(void)
{
	static const struct {
		const char *file;
		size_t n;
		const char *secret;	/* NULL: refused */
		size_t len;
	} cases[] = {
		{ "word", 4, "word", 4 },
		{ "word\n", 5, "word", 4 },
		{ "two words \n", 11, "two words ", 10 },
		{ "caf\xc3\xa9", 5, "caf\xc3\xa9", 5 },
		{ "0xff00", 6, "\xff\x00", 2 },
		{ "0xFf00\n", 7, "\xff\x00", 2 },
		{ "0", 1, "0", 1 },
		{ "0X41", 4, "0X41", 4 },
		{ "", 0, NULL, 0 },
		{ "\n", 1, NULL, 0 },
		{ "\n\n", 2, NULL, 0 },
		{ "word\n\n", 6, NULL, 0 },
		{ "word\r\n", 6, NULL, 0 },
		{ "a\nb", 3, NULL, 0 },
		{ "a\tb", 3, NULL, 0 },
		{ "a\0b", 3, NULL, 0 },
		{ "a\x7f", 2, NULL, 0 },
		{ "0x", 2, NULL, 0 },
		{ "0x\n", 3, NULL, 0 },
		{ "0xf", 3, NULL, 0 },
		{ "0xfg", 4, NULL, 0 },
		{ "0xff ", 5, NULL, 0 },
		{ "0x ff", 5, NULL, 0 },
		{ "0xff\nff", 7, NULL, 0 },
	};
	struct secret s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		tap_note("case %zu", i);
		memset(&s, 0, sizeof(s));
		s.n = cases[i].n;
		memcpy(s.octets, cases[i].file, s.n);
		if (!cases[i].secret) {
			CHECK(secret_parse(&s));
			continue;
		}
		CHECK(!secret_parse(&s));
		CHECK_EQ(s.n, cases[i].len);
		CHECK_MEM(s.octets, cases[i].secret, cases[i].len);
	}
}

int main(void)
{
	TAP_RUN(test_secret_files, "secret: modes, owners, links, kinds of files");
	TAP_RUN(test_secret_text, "secret: text and hex");
	return tap_done();
}
