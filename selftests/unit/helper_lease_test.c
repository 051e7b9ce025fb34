// SPDX-License-Identifier: GPL-2.0
/*
 * Inner addresses: numbers of a pool, who gets which, and the file that outlives the helper.  The
 * kernel is a table here, as it is there: it takes no address that somebody else has.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "isakmpd/lease_file.h"
#include "helper.h"
#include "isakmpd/lease.h"

static struct config_addr addr(const char *text)
{
	struct config_addr a = { 0 };

	if (inet_pton(AF_INET, text, a.octets) == 1)
		a.len = 4;
	else if (inet_pton(AF_INET6, text, a.octets) == 1)
		a.len = 16;
	CHECK(a.len);
	return a;
}

static const char *text(const struct config_addr *a)
{
	static char buf[INET6_ADDRSTRLEN];

	if (!a->len)
		return "none";
	inet_ntop(a->len == 4 ? AF_INET : AF_INET6, a->octets, buf, sizeof(buf));
	return buf;
}

static void is(const struct config_addr *a, const char *want, int line)
{
	tap_check(!strcmp(text(a), want), TAP_WHERE, "line %d: %s, wanted %s", line, text(a), want);
}

#define IS(a, want) is(&(a), want, __LINE__)

/* ---- pools ----------------------------------------------------------------------- */

#define RANGES 8

struct lab {
	struct config_range range[RANGES];
	struct config_pool pool;
	const char *name;
	struct config *config;
};

/* A peer "clients" with a pool of these ranges: "a-b", one after the other. */
static void lab_open(struct lab *l, const char *const *ranges)
{
	struct config_peer peer = { .name = "clients", .n_pool = 1, .pool = &l->name };
	char first[64], *last;

	memset(l, 0, sizeof(*l));
	l->name = "inside";
	l->pool = (struct config_pool) { .name = l->name, .range = l->range };
	for (; *ranges; ranges++) {
		strcpy(first, *ranges);
		last = strchr(first, '-');
		*last++ = 0;
		l->range[l->pool.n_range++] = (struct config_range) { addr(first), addr(last) };
	}
	l->config = config_new();
	CHECK_EQ(config_add_pool(l->config, &l->pool), 0);
	CHECK_EQ(config_add_peer(l->config, &peer), 0);
	CHECK_EQ(config_finish(l->config), 0);
	lease_forget();
}

static void lab_close(struct lab *l)
{
	config_put(l->config);
	lease_forget();
}

static struct pools pools(const struct lab *l)
{
	return pools_of(l->config, config_find_peer(l->config, "clients"));
}

static void test_numbers(void)
{
	static const struct {
		const char *range, *first, *last;
		u64 n;
	} rows[] = {
		{ "10.9.0.0-10.9.0.255", "10.9.0.1", "10.9.0.254", 254 },
		{ "10.9.0.0-10.9.255.255", "10.9.0.1", "10.9.255.254", 65534 },
		{ "10.9.0.0-10.9.0.1", "10.9.0.0", "10.9.0.1", 2 },
		{ "10.9.0.0-10.9.0.3", "10.9.0.1", "10.9.0.2", 2 },
		{ "10.9.0.5-10.9.0.5", "10.9.0.5", "10.9.0.5", 1 },
		{ "10.9.0.1-10.9.0.254", "10.9.0.1", "10.9.0.254", 254 },
		{ "10.9.0.250-10.9.1.5", "10.9.0.250", "10.9.1.5", 12 },
		{ "10.9.0.4-10.9.0.11", "10.9.0.4", "10.9.0.11", 8 },
		{ "0.0.0.0-255.255.255.255", "0.0.0.1", "255.255.255.254", 0xfffffffe },
		{ "fd09::-fd09::ffff", "fd09::1", "fd09::ffff", 65535 },
		{ "fd09::10-fd09::20", "fd09::10", "fd09::20", 17 },
		{ "fd09::-fd09::ffff:ffff:ffff:ffff", "fd09::1", "fd09::ffff:ffff:ffff:ffff", U64_MAX },
	};
	struct config_addr a;
	struct pools p;
	struct lab l;
	size_t i;
	u8 len;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		lab_open(&l, (const char *const[]){ rows[i].range, NULL });
		p = pools(&l);
		len = l.range[0].start.len;
		CHECK_EQ(pools_count(&p, len), rows[i].n);
		CHECK_EQ(pools_count(&p, len == 4 ? 16 : 4), 0);
		CHECK(pools_at(&p, len, 0, &a));
		IS(a, rows[i].first);
		CHECK(pools_have(&p, &a));
		CHECK(pools_at(&p, len, rows[i].n - 1, &a));
		IS(a, rows[i].last);
		CHECK(pools_have(&p, &a));
		CHECK(!pools_at(&p, len, rows[i].n, &a));
		lab_close(&l);
	}
}

/* Numbers and addresses are one to one, over several ranges, and nothing else is of the pool. */
static void test_one_to_one(void)
{
	static const char *const ranges[] = { "10.9.0.0-10.9.0.15", "10.9.1.7-10.9.1.9",
					      "fd09::-fd09::f", NULL };
	bool seen[512] = { false };
	struct config_addr a, b = addr("10.9.0.0");
	struct pools p;
	struct lab l;
	unsigned int i, n = 0;

	lab_open(&l, ranges);
	p = pools(&l);
	CHECK_EQ(pools_count(&p, 4), 14 + 3);
	CHECK_EQ(pools_count(&p, 16), 15);
	for (i = 0; pools_at(&p, 4, i, &a); i++) {
		CHECK(pools_have(&p, &a));
		CHECK(!seen[a.octets[2] * 256 + a.octets[3]]);
		seen[a.octets[2] * 256 + a.octets[3]] = true;
	}
	CHECK_EQ(i, 17);
	for (i = 0; i < 512; i++) {
		b.octets[2] = (u8)(i >> 8);
		b.octets[3] = (u8)i;
		CHECK_EQ(pools_have(&p, &b), seen[i]);
		n += seen[i];
	}
	CHECK_EQ(n, 17);
	a = addr("10.9.0.1");
	a.len = 16;
	CHECK(!pools_have(&p, &a));
	lab_close(&l);
}

/* ---- a kernel ----------------------------------------------------------------------- */

#define WHO 64

/* Which address each holder has in IKE SAs now. */
static struct config_addr has[WHO][2];

static bool same(const struct config_addr *a, const struct config_addr *b)
{
	return a->len && a->len == b->len && !memcmp(a->octets, b->octets, a->len);
}

static bool taken(unsigned int who, const struct config_addr *a)
{
	unsigned int i;

	for (i = 0; i < WHO; i++)
		if (i != who && same(&has[i][a->len == 16], a))
			return true;
	return false;
}

static u8 id_body[WHO][16];

static struct question wish(unsigned int who, const char *four, const char *six)
{
	struct question q = { .kind = ISAKMP_UPCALL_R_AUTH };
	int n = snprintf((char *)id_body[who] + 4, 12, "c%u.example", who);

	id_body[who][0] = IKE_ID_FQDN;
	q.id_i = (struct octets) { id_body[who], 4 + (size_t)n };
	if (four)
		q.wish[0] = addr(four);
	if (six)
		q.wish[1] = addr(six);
	return q;
}

/* What worker.c does.  Return: proposals made. */
static unsigned int ask(const struct lab *l, unsigned int who, const char *four, const char *six,
			struct answer *a)
{
	struct question q = wish(who, four, six);
	struct lease_try t;
	unsigned int n = 0, slot;
	bool again;

	*a = (struct answer) { 0 };
	if (!lease_begin(&t, l->config, config_find_peer(l->config, "clients"), &q))
		return 0;
	do {
		lease_next(&t, a);
		n++;
		again = false;
		for (slot = 0; slot < 2 && !again; slot++)
			if (a->inner[slot].len && taken(who, &a->inner[slot]))
				again = lease_taken(&t, a, slot);
	} while (again);
	CHECK_EQ(a->no_inner, !a->inner[0].len && !a->inner[1].len);
	lease_given(&t, a);
	for (slot = 0; slot < 2; slot++)
		if (a->inner[slot].len)
			has[who][slot] = a->inner[slot];
	return n;
}

static void gets(const struct lab *l, unsigned int who, const char *four, const char *six,
		 const char *want4, const char *want6)
{
	struct answer a;

	ask(l, who, four, six, &a);
	IS(a.inner[0], want4);
	IS(a.inner[1], want6);
}

static void leaves(unsigned int who)
{
	memset(has[who], 0, sizeof(has[who]));
}

static const char *const small[] = { "10.9.0.0-10.9.0.7", "fd09::-fd09::7", NULL };

#define ANY4 "0.0.0.0"
#define ANY6 "::"

static void test_order(void)
{
	struct answer a;
	struct lab l;

	memset(has, 0, sizeof(has));
	lab_open(&l, small);
	gets(&l, 1, ANY4, ANY6, "10.9.0.1", "fd09::1");
	gets(&l, 2, ANY4, NULL, "10.9.0.2", "none");
	gets(&l, 3, NULL, ANY6, "none", "fd09::2");
	/* the one it asks for; not of the pool, not free */
	gets(&l, 4, "10.9.0.5", NULL, "10.9.0.5", "none");
	gets(&l, 5, "10.9.0.7", NULL, "10.9.0.3", "none");
	gets(&l, 6, "10.9.0.1", NULL, "10.9.0.4", "none");
	/* who leaves and comes again has it again */
	leaves(2);
	gets(&l, 7, ANY4, NULL, "10.9.0.6", "none");
	gets(&l, 2, ANY4, NULL, "10.9.0.2", "none");
	/* none is left */
	ask(&l, 8, ANY4, NULL, &a);
	CHECK(a.no_inner && !a.inner[0].len);
	/* of one family only */
	gets(&l, 9, ANY4, ANY6, "none", "fd09::3");
	/* who was away may have lost it */
	leaves(4);
	leaves(1);
	gets(&l, 8, ANY4, NULL, "10.9.0.5", "none");
	gets(&l, 10, ANY4, NULL, "10.9.0.1", "none");
	leaves(10);
	gets(&l, 1, ANY4, NULL, "10.9.0.1", "none");
	lab_close(&l);
}

/* An address of 10.8.0.0/13 by its number. */
static struct config_addr elsewhere(u32 i)
{
	return (struct config_addr) { 4, { 10, (u8)(8 + (i >> 16)), (u8)(i >> 8), (u8)i } };
}

/* A pool of a few, all of which others have had, and before that many had one of another pool. */
static void test_crowded(void)
{
	static const char *const four[] = { "10.99.0.0-10.99.0.7", NULL };
	struct config_addr a = addr("10.99.0.1"), other;
	char who[LEASE_HOLDER_MAX];
	struct lab l;
	u32 i;

	memset(has, 0, sizeof(has));
	lab_open(&l, four);
	for (i = 0; i < LEASES_MAX - 100; i++) {
		other = elsewhere(i);
		snprintf(who, sizeof(who), "staff fqdn:s%u", i);
		CHECK(lease_known(&other, who));
	}
	for (i = 1; i <= 6; i++) {
		a.octets[3] = (u8)i;
		snprintf(who, sizeof(who), "clients fqdn:gone%u", i);
		CHECK(lease_known(&a, who));
	}
	/* the longest ago first, while others are there; then there is none */
	for (i = 1; i <= 6; i++) {
		a.octets[3] = (u8)i;
		gets(&l, i, ANY4, NULL, text(&a), "none");
	}
	gets(&l, 7, ANY4, NULL, "none", "none");
	leaves(3);
	gets(&l, 7, ANY4, NULL, "10.99.0.3", "none");
	lab_close(&l);
}

/* What was not asked for, or is in no pool, is not there. */
static void test_nothing(void)
{
	static const char *const four[] = { "10.9.0.0-10.9.0.7", NULL };
	struct answer a;
	struct lab l;

	memset(has, 0, sizeof(has));
	lab_open(&l, four);
	CHECK_EQ(ask(&l, 1, NULL, NULL, &a), 0);
	CHECK_EQ(ask(&l, 1, NULL, ANY6, &a), 0);
	gets(&l, 1, ANY4, ANY6, "10.9.0.1", "none");
	lab_close(&l);
}

/* Its own address, asked for while it has it: the kernel lets it. */
static void test_again(void)
{
	struct lab l;

	memset(has, 0, sizeof(has));
	lab_open(&l, small);
	gets(&l, 1, ANY4, NULL, "10.9.0.1", "none");
	gets(&l, 1, "10.9.0.1", NULL, "10.9.0.1", "none");
	lab_close(&l);
}

/*
 * Thousands of comings and goings at random, and restarts, with what the kernel has and with
 * nothing.  Nobody is given what another one has; nobody goes without while there is something.
 */
static void restart(unsigned int how)
{
	char holder[LEASE_HOLDER_MAX];
	unsigned int i, slot;
	struct ident id;

	lease_forget();
	for (i = 0; i < WHO && how; i++) {
		wish(i, NULL, NULL);
		ident_from_body(id_body[i], 4 + strlen((char *)id_body[i] + 4), &id);
		lease_holder("clients", &id, holder);
		for (slot = 0; slot < 2; slot++)
			if (has[i][slot].len)
				lease_known(&has[i][slot], holder);
	}
}

static unsigned int in_use(unsigned int slot)
{
	unsigned int i, n = 0;

	for (i = 0; i < WHO; i++)
		n += has[i][slot].len != 0;
	return n;
}

static void test_random(void)
{
	static const char *const ranges[] = { "10.9.0.0-10.9.0.15", "10.9.3.9-10.9.3.20",
					      "fd09::-fd09::1f", NULL };
	unsigned int i, who;
	struct answer a;
	struct lab l;
	bool full;

	memset(has, 0, sizeof(has));
	lab_open(&l, ranges);
	srand(7);
	for (i = 0; i < 20000; i++) {
		who = (unsigned int)rand() % WHO;
		if (!(rand() % 500))
			restart((unsigned int)rand() % 2);
		if (has[who][0].len || has[who][1].len) {
			leaves(who);
			continue;
		}
		full = in_use(0) == 26;
		ask(&l, who, ANY4, rand() % 2 ? ANY6 : NULL, &a);
		CHECK_EQ(full, !a.inner[0].len);
		CHECK(!a.inner[0].len || !taken(who, &a.inner[0]));
		CHECK(!a.inner[1].len || !taken(who, &a.inner[1]));
		CHECK(in_use(0) <= 26 && in_use(1) <= 31);
	}
	lab_close(&l);
}

/* While there is room for all, everybody has his own for good. */
static void test_sticky(void)
{
	static const char *const ranges[] = { "10.9.0.0-10.9.0.127", NULL };
	struct config_addr first[WHO];
	unsigned int i, who;
	struct answer a;
	struct lab l;

	memset(has, 0, sizeof(has));
	lab_open(&l, ranges);
	for (who = 0; who < WHO; who++) {
		ask(&l, who, ANY4, NULL, &a);
		first[who] = a.inner[0];
	}
	for (i = 0; i < 2000; i++) {
		who = (unsigned int)rand() % WHO;
		leaves(who);
		CHECK_EQ(ask(&l, who, ANY4, NULL, &a), 1);
		CHECK(same(&a.inner[0], &first[who]));
	}
	lab_close(&l);
}

/* ---- the file --------------------------------------------------------------------------- */

static char dir[] = "/tmp/lease-XXXXXX", file[64], damaged[80];

static void write_file(const char *text)
{
	FILE *f = fopen(file, "w");

	fputs(text, f);
	fclose(f);
	unlink(damaged);
}

static unsigned int n_known;
static char known[4096];

static bool note(const struct config_addr *a, const char *holder, void *arg)
{
	n_known++;
	snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s %s;", text(a), holder);
	return true;
}

static void all_known(void)
{
	n_known = 0;
	known[0] = 0;
	lease_each(note, NULL);
}

static bool ask_meanwhile(const struct config_addr *a, const char *holder, void *arg)
{
	struct config_addr other = { .len = 4, .octets = { 10, 8, 0, 1 } };

	n_known++;
	return lease_known(&other, "p fqdn:other");
}

/* Who is slow with what there is holds up nobody who wants to know. */
static void test_slow(void)
{
	struct config_addr a = { .len = 4, .octets = { 10, 9, 0, 1 } };

	lease_forget();
	CHECK(lease_known(&a, "p fqdn:a"));
	a.octets[3]++;
	CHECK(lease_known(&a, "p fqdn:b"));
	n_known = 0;
	alarm(20);	/* it would wait for itself */
	CHECK(lease_each(ask_meanwhile, NULL));
	alarm(0);
	CHECK_EQ(n_known, 2);
	all_known();
	CHECK(!strcmp(known, "10.9.0.1 p fqdn:a;10.9.0.2 p fqdn:b;10.8.0.1 p fqdn:other;"));
	lease_forget();
}

/* What is read of a file; whether it is put aside. */
static void reads_as(const char *content, const char *want, bool bad)
{
	lease_forget();
	write_file(content);
	lease_file_open(dir);
	all_known();
	tap_check(!strcmp(known, want), TAP_WHERE, "%s is read as %s, wanted %s", content, known, want);
	tap_check(bad == !access(damaged, F_OK), TAP_WHERE, "%s is %sput aside", content,
		  bad ? "not " : "");
	lease_file_close();
}

#define HEAD "isakmpd-leases 1\n"

static void test_file(void)
{
	struct stat st;
	struct lab l;

	memset(has, 0, sizeof(has));
	lab_open(&l, small);
	lease_file_open(dir);
	gets(&l, 1, ANY4, ANY6, "10.9.0.1", "fd09::1");
	gets(&l, 2, ANY4, NULL, "10.9.0.2", "none");
	lease_file_save();
	CHECK_EQ(stat(file, &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0600);
	lease_file_close();
	lease_forget();
	lease_file_open(dir);
	all_known();
	CHECK(!strcmp(known, "10.9.0.1 clients fqdn:c1.example;fd09::1 clients fqdn:c1.example;"
			     "10.9.0.2 clients fqdn:c2.example;"));
	/* killed before it was written: the kernel still has who is there, the rest is lost */
	leaves(1);
	leaves(2);
	gets(&l, 2, ANY4, NULL, "10.9.0.2", "none");
	gets(&l, 3, ANY4, NULL, "10.9.0.3", "none");
	lease_file_close();
	lab_close(&l);
}

static void test_damaged(void)
{
	char every[] = HEAD "10.9.0.1 p fqdn:a\nfd09::1 p fqdn:a\nend 2\n";
	size_t n = sizeof(every) - 1, cut;
	char part[sizeof(every)];

	reads_as(every, "10.9.0.1 p fqdn:a;fd09::1 p fqdn:a;", false);
	reads_as(HEAD "end 0\n", "", false);
	reads_as("", "", true);
	reads_as("isakmpd-leases 2\nend 0\n", "", true);
	reads_as(HEAD "10.9.0.1 p fqdn:a\nnonsense\nend 2\n", "10.9.0.1 p fqdn:a;", true);
	reads_as(HEAD "10.9.0.1 p fqdn:a\nend 2\n", "10.9.0.1 p fqdn:a;", true);
	reads_as(HEAD "10.9.0.1 p fqdn:a\nend 1\nmore\n", "10.9.0.1 p fqdn:a;", true);
	reads_as(HEAD "10.9.0.1 p\nend 1\n", "", true);
	reads_as(HEAD "10.9.0.1 p a b\nend 1\n", "", true);
	reads_as(HEAD "10.9.0.1 p a\033[2J\nend 1\n", "", true);
	reads_as(HEAD "10.9.0.999 p a\nend 1\n", "", true);
	/* one address twice, one holder twice: the later one counts, nothing is double */
	reads_as(HEAD "10.9.0.1 p a\n10.9.0.1 p b\n10.9.0.2 p b\nend 3\n", "10.9.0.2 p b;", false);
	for (cut = 0; cut < n; cut++) {
		memcpy(part, every, cut);
		part[cut] = 0;
		lease_forget();
		write_file(part);
		lease_file_open(dir);
		CHECK_EQ(access(damaged, F_OK), 0);
		all_known();
		CHECK(n_known <= 2);
		lease_file_close();
	}
}

/* Octets at random in place of others: never fatal, no address has two holders. */
static void test_noise(void)
{
	static const char good[] = HEAD "10.9.0.1 p fqdn:a\n10.9.0.2 p fqdn:b\nfd09::1 p fqdn:a\nend 3\n";
	char noisy[sizeof(good)];
	unsigned int i, k;

	srand(11);
	for (i = 0; i < 2000; i++) {
		memcpy(noisy, good, sizeof(good));
		for (k = 1 + (unsigned int)rand() % 4; k; k--)
			noisy[(unsigned int)rand() % (sizeof(good) - 1)] = (char)(1 + rand() % 255);
		lease_forget();
		write_file(noisy);
		lease_file_open(dir);
		all_known();
		CHECK(n_known <= 3);
		lease_file_close();
	}
}

/* What could not be written is not forgotten: the next time it is. */
static void test_full(void)
{
	char fresh[sizeof(dir) + 16];

	snprintf(fresh, sizeof(fresh), "%s/leases.new", dir);
	lease_forget();
	unlink(file);
	lease_file_open(dir);
	lease_known(&(struct config_addr) { 4, { 10, 9, 0, 1 } }, "p a");
	CHECK_EQ(mkdir(fresh, 0700), 0);
	lease_file_save();
	CHECK(access(file, F_OK));
	CHECK_EQ(rmdir(fresh), 0);
	lease_file_save();
	CHECK_EQ(access(file, F_OK), 0);
	lease_file_close();
}

/* Not there, writable for others, used by another one: nothing is kept, nothing fails. */
static void test_directory(void)
{
	int fd;

	lease_forget();
	unlink(file);
	lease_file_open("/nowhere/at/all");
	lease_known(&(struct config_addr) { 4, { 10, 9, 0, 1 } }, "p a");
	lease_file_close();
	chmod(dir, 0777);
	lease_file_open(dir);
	lease_known(&(struct config_addr) { 4, { 10, 9, 0, 2 } }, "p a");
	lease_file_close();
	CHECK(access(file, F_OK));
	chmod(dir, 0700);
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	CHECK_EQ(flock(fd, LOCK_EX), 0);
	lease_file_open(dir);
	lease_known(&(struct config_addr) { 4, { 10, 9, 0, 3 } }, "p a");
	lease_file_close();
	CHECK(access(file, F_OK));
	close(fd);
	/* a link in place of the file is not followed */
	CHECK_EQ(symlink("/etc/hostname", file), 0);
	lease_file_open(dir);
	lease_known(&(struct config_addr) { 4, { 10, 9, 0, 4 } }, "p a");
	lease_file_close();
	lease_file_open(dir);
	all_known();
	CHECK(strstr(known, "10.9.0.4 p a"));
	lease_file_close();
}

int main(void)
{
	CHECK(mkdtemp(dir));
	CHECK(freopen("/dev/null", "w", stderr));	/* thousands of damaged files are told */
	snprintf(file, sizeof(file), "%s/leases", dir);
	snprintf(damaged, sizeof(damaged), "%s/leases.damaged", dir);
	TAP_RUN(test_numbers, "pools: prefixes and ranges, first and last");
	TAP_RUN(test_one_to_one, "pools: numbers and addresses, one to one");
	TAP_RUN(test_order, "who gets which, in what order");
	TAP_RUN(test_crowded, "others had all of the pool, and many more had others before: the longest ago");
	TAP_RUN(test_nothing, "what was not asked for, or is in no pool");
	TAP_RUN(test_again, "the one it has, asked for again");
	TAP_RUN(test_random, "at random, with restarts: none twice, none kept back");
	TAP_RUN(test_sticky, "everybody has the same one again");
	TAP_RUN(test_slow, "leases: whoever goes through all of them holds up nobody");
	TAP_RUN(test_file, "the file: written, read again, mode 0600");
	TAP_RUN(test_damaged, "the file: damaged in every way, put aside");
	TAP_RUN(test_noise, "the file: octets at random");
	TAP_RUN(test_full, "the file: what could not be written is written later");
	TAP_RUN(test_directory, "the directory: missing, open to others, used by another one, with a link");
	lease_forget();
	unlink(file);
	unlink(damaged);
	rmdir(dir);
	return tap_done();
}
