// SPDX-License-Identifier: GPL-2.0
/* The helper's log: which lines are shown, and how many of those that peers cause. */
#include <fcntl.h>
#include <unistd.h>

#include "isakmpd/log.h"
#include "tap.h"

static char file[] = "/tmp/isakmpd-log-XXXXXX";
static int fd, was;

/* From here on stderr is a file. */
static void capture(void)
{
	CHECK(!ftruncate(fd, 0) && !lseek(fd, 0, SEEK_SET));
	dup2(fd, STDERR_FILENO);
}

/* Lines with @what in them. */
static unsigned int captured(const char *what)
{
	unsigned int n = 0;
	char line[256];
	FILE *f;

	dup2(was, STDERR_FILENO);
	f = fopen(file, "r");
	while (fgets(line, sizeof(line), f))
		n += strstr(line, what) != NULL;
	CHECK(!ferror(f));
	fclose(f);
	return n;
}

static void test_levels(void)
{
	log_open(false);
	CHECK(!log_debugs());
	capture();
	log_debug("not shown");
	log_info("shown");
	log_err("shown");
	CHECK_EQ(captured("shown"), 2);
	log_open(true);
	CHECK(log_debugs());
	capture();
	log_debug("shown, too");
	CHECK_EQ(captured("isakmpd: shown, too\n"), 1);
}

/* A crowd of strangers fills no disk, and hides nothing that is wrong on our side. */
static void test_limits(void)
{
	unsigned int i, n = 0;

	log_open(true);
	capture();
	for (i = 0; i < 5000; i++)
		log_debug("a stranger");
	log_warning("trouble of our own");
	i = captured("a stranger");
	CHECK(i >= 999 && i <= 2000);	/* the clock may go on */
	CHECK_EQ(captured("trouble of our own"), 1);
	for (i = 0; i < 100; i++)
		n += log_often();
	CHECK(n >= 10 && n <= 20);
}

int main(void)
{
	fd = mkstemp(file);
	was = dup(STDERR_FILENO);
	if (fd < 0 || was < 0) {
		puts("Bail out! no file");
		return 1;
	}
	TAP_RUN(test_levels, "log: which lines are shown");
	TAP_RUN(test_limits, "log: what peers cause is limited, debug lines apart");
	unlink(file);
	return tap_done();
}
