// SPDX-License-Identifier: GPL-2.0
/* Secrets in the state directory: the same after a restart, nobody else's, or made anew. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "isakmpd/state.h"
#include "tap.h"

static char dir[] = "/tmp/state.XXXXXX";
static char file[64];
static unsigned char first[32];

/* As a process that starts. */
static bool secret(unsigned char out[32])
{
	bool good = state_open(dir) && state_secret("qcd-secret", out, 32);

	state_close();
	return good;
}

/* Is it another one than before, kept as it should be? */
static void check_fresh(void)
{
	unsigned char now[32], again[32];
	struct stat st;

	CHECK(secret(now));
	CHECK(memcmp(now, first, sizeof(now)));
	CHECK(!lstat(file, &st) && S_ISREG(st.st_mode));
	CHECK_EQ(st.st_mode & 07777, 0600);
	CHECK_EQ(st.st_size, 32);
	CHECK(secret(again));
	CHECK_MEM(again, now, sizeof(now));
	memcpy(first, now, sizeof(first));
}

static void test_made(void)
{
	check_fresh();
}

static void test_damaged(void)
{
	int fd;

	CHECK(!truncate(file, 31));
	check_fresh();
	fd = open(file, O_WRONLY | O_APPEND);
	CHECK_EQ(write(fd, "x", 1), 1);
	close(fd);
	check_fresh();
	CHECK(!truncate(file, 0));
	check_fresh();
}

static void test_others(void)
{
	CHECK(!chmod(file, 0640));
	check_fresh();
	CHECK(!chmod(file, 0604));
	check_fresh();
}

static void test_link(void)
{
	CHECK(!unlink(file));
	CHECK(!symlink("/etc/passwd", file));
	check_fresh();
}

/* A directory in its place cannot be replaced: then there is no secret. */
static void test_stuck(void)
{
	static const unsigned char zero[32];
	unsigned char now[32];
	char fresh[80];

	CHECK(!unlink(file));
	CHECK(!mkdir(file, 0700));
	CHECK(!secret(now));
	CHECK_MEM(now, zero, sizeof(now));
	snprintf(fresh, sizeof(fresh), "%s.new", file);
	CHECK(access(fresh, F_OK));
	CHECK(!rmdir(file));
	check_fresh();
}

static void test_nowhere(void)
{
	unsigned char now[32];

	CHECK(!state_open("/nowhere/at/all"));
	CHECK(!state_secret("qcd-secret", now, sizeof(now)));
	CHECK_EQ(state_dir(), -1);
}

int main(void)
{
	CHECK(mkdtemp(dir));
	CHECK(freopen("/dev/null", "w", stderr));
	snprintf(file, sizeof(file), "%s/qcd-secret", dir);
	TAP_RUN(test_made, "state: a secret is made, kept with mode 0600, and read again");
	TAP_RUN(test_damaged, "state: one of another length is made anew");
	TAP_RUN(test_others, "state: one that others may read is made anew");
	TAP_RUN(test_link, "state: a link is not followed");
	TAP_RUN(test_stuck, "state: one that cannot be kept is none");
	TAP_RUN(test_nowhere, "state: no directory, no secret");
	unlink(file);
	rmdir(dir);
	return tap_done();
}
