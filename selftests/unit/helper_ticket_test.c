// SPDX-License-Identifier: GPL-2.0
/* The keys of tickets: made, kept, turned. */
#include <fcntl.h>
#include <linux/isakmp.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper.h"
#include "isakmpd/ticket.h"

static char dir[] = "/tmp/helper_ticket_test.XXXXXX";
static int fd;

struct given {
	unsigned int n;
	u8 key[4][ISAKMP_TICKET_KEY_LEN];
};

/* What the kernel would be given. */
static struct given given(void)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct given g = { 0 };
	struct nlattr *a;
	int left;

	nlmsg_put(msg, 0, 0, 16, 0, 0);
	CHECK_EQ(ticket_put(msg), 0);
	nlmsg_for_each_attr(a, nlmsg_hdr(msg), 0, left) {
		CHECK_EQ(nla_type(a), ISAKMP_PUBLISH_TICKET_KEY);
		CHECK_EQ(nla_len(a), ISAKMP_TICKET_KEY_LEN);
		memcpy(g.key[g.n++], nla_data(a), ISAKMP_TICKET_KEY_LEN);
	}
	nlmsg_free(msg);
	return g;
}

static void reopen(void)
{
	ticket_close();
	CHECK_EQ(given().n, 0);
	ticket_open(fd);
}

static size_t file_read(char text[512])
{
	int f = openat(fd, "tickets", O_RDONLY);
	ssize_t n = read(f, text, 511);

	CHECK(f >= 0 && n > 0);
	close(f);
	text[n] = '\0';
	return (size_t)n;
}

static void file_write(const char *text, size_t n)
{
	int f = openat(fd, "tickets", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(f >= 0 && write(f, text, n) == (ssize_t)n);
	close(f);
}

static bool same(const struct given *g, unsigned int i, const struct given *h, unsigned int k)
{
	return !memcmp(g->key[i], h->key[k], ISAKMP_TICKET_KEY_LEN);
}

static void test_kept(void)
{
	struct given first, again;
	struct stat st;

	unlinkat(fd, "tickets", 0);
	ticket_open(fd);
	first = given();
	CHECK_EQ(first.n, 1);
	CHECK(!fstatat(fd, "tickets", &st, 0));
	CHECK_EQ(st.st_mode & 0777, 0600);
	CHECK(faccessat(fd, "tickets.new", F_OK, 0));
	reopen();
	again = given();
	CHECK(again.n == 1 && same(&again, 0, &first, 0));
	CHECK(!ticket_turn());
	ticket_close();
}

/* As if it had been made long ago. */
static void age(const char *made)
{
	char text[512], aged[512];
	size_t n = file_read(text);
	char *line = strchr(text, '\n') + 1, *blank = strchr(line, ' ');

	n = (size_t)snprintf(aged, sizeof(aged), "%.*s%s%s", (int)(line - text), text, made, blank);
	file_write(aged, n);
}

static void test_turned(void)
{
	struct given first, second, third;
	char day[32];

	ticket_open(fd);
	first = given();
	ticket_close();
	age("0");
	ticket_open(fd);
	second = given();
	CHECK_EQ(second.n, 2);
	CHECK(!same(&second, 0, &first, 0) && same(&second, 1, &first, 0));
	reopen();
	third = given();
	CHECK(third.n == 2 && same(&third, 0, &second, 0) && same(&third, 1, &first, 0));
	ticket_close();
	/* Once more: the first one is gone */
	age("0");
	ticket_open(fd);
	third = given();
	CHECK(third.n == 2 && same(&third, 1, &second, 0));
	ticket_close();
	/* Two days later: nobody has a ticket of the one before */
	snprintf(day, sizeof(day), "%lld", (long long)time(NULL) - 2 * 86400);
	age(day);
	ticket_open(fd);
	CHECK_EQ(given().n, 1);
	reopen();
	CHECK_EQ(given().n, 1);
	ticket_close();
}

/* Whatever is in it, there are keys, and a good file. */
static void test_damaged(void)
{
	struct given good, g;
	char text[512];
	size_t n, i;

	ticket_open(fd);
	good = given();
	ticket_close();
	n = file_read(text);
	for (i = 0; i < n; i += 5) {
		tap_note("octet %zu", i);
		text[i] ^= 0x10;
		file_write(text, n);
		text[i] ^= 0x10;
		ticket_open(fd);
		g = given();
		CHECK(g.n == 1 || g.n == 2);
		reopen();
		CHECK(g.n == given().n);
		ticket_close();
	}
	for (i = 0; i < n; i += 7) {
		tap_note("%zu octets", i);
		file_write(text, i);
		ticket_open(fd);
		g = given();
		CHECK(g.n == 1 && !same(&g, 0, &good, 0));
		ticket_close();
	}
}

static void test_others(void)
{
	struct given first, g;

	ticket_open(fd);
	first = given();
	ticket_close();
	CHECK(!fchmodat(fd, "tickets", 0640, 0));
	ticket_open(fd);
	g = given();
	CHECK(g.n == 1 && !same(&g, 0, &first, 0));
	ticket_close();
	CHECK(!unlinkat(fd, "tickets", 0) && !symlinkat("/dev/zero", fd, "tickets"));
	ticket_open(fd);
	CHECK_EQ(given().n, 1);
	ticket_close();
}

static void test_void(void)
{
	struct given first, g;

	ticket_open(fd);
	first = given();
	ticket_void();
	g = given();
	CHECK(g.n == 1 && !same(&g, 0, &first, 0));
	reopen();
	first = given();
	CHECK(first.n == 1 && same(&g, 0, &first, 0));
	ticket_close();
}

/* Nothing can be written: those that were made void do not come back, either. */
static void test_void_unwritten(void)
{
	struct given first, g;

	ticket_open(fd);
	first = given();
	CHECK(!mkdirat(fd, "tickets.new", 0700));
	ticket_void();
	CHECK(!unlinkat(fd, "tickets.new", AT_REMOVEDIR));
	reopen();
	g = given();
	CHECK(g.n == 1 && !same(&g, 0, &first, 0));
	ticket_close();
}

/* Of a file that cannot take its place nothing is left. */
static void test_stuck(void)
{
	CHECK(!unlinkat(fd, "tickets", 0) && !mkdirat(fd, "tickets", 0700));
	ticket_open(fd);
	CHECK_EQ(given().n, 1);
	ticket_close();
	CHECK(faccessat(fd, "tickets.new", F_OK, 0));
	CHECK(!unlinkat(fd, "tickets", AT_REMOVEDIR));
}

static void test_nowhere(void)
{
	struct given first, g;

	ticket_open(-1);
	first = given();
	CHECK_EQ(first.n, 1);
	ticket_close();
	ticket_open(-1);
	g = given();
	CHECK(g.n == 1 && !same(&g, 0, &first, 0));
	ticket_close();
}

int main(void)
{
	CHECK(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	TAP_RUN(test_kept, "they are kept, for the owner alone");
	TAP_RUN(test_turned, "one makes tickets, the one before opens them, older ones are gone");
	TAP_RUN(test_damaged, "a damaged file: another octet, other lengths");
	TAP_RUN(test_others, "a file that others may read, and one that is none");
	TAP_RUN(test_void, "no ticket is good any more");
	TAP_RUN(test_void_unwritten, "nor after a restart, when the new key cannot be written");
	TAP_RUN(test_stuck, "a file that cannot take its place");
	TAP_RUN(test_nowhere, "no state directory");
	unlinkat(fd, "tickets", 0);
	rmdir(dir);
	return tap_done();
}
