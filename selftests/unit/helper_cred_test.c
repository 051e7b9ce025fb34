// SPDX-License-Identifier: GPL-2.0
/*
 * Credentials in files: what may be in them, who may read them, and that what is
 * in a file when a question comes counts.  The keys are made here.
 */
#include <fcntl.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "helper.h"
#include "helper_pki.h"
#include "isakmpd/creds.h"
#include "isakmpd/log.h"

#define PATIENCE_S 10	/* far longer than anything takes */

static char dir[] = "/tmp/isakmpd-cred-XXXXXX";

static const char *path(const char *name)
{
	static char p[128];

	snprintf(p, sizeof(p), "%s/%s", dir, name);
	return p;
}

/* In place of what was there, as an editor does. */
static void put_file(const char *name, struct octets o, mode_t mode)
{
	char tmp[128];
	int fd;

	snprintf(tmp, sizeof(tmp), "%s", path("tmp"));
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0 && write(fd, o.p, o.n) == (ssize_t)o.n && !fchmod(fd, mode));
	close(fd);
	CHECK(!rename(tmp, path(name)));
	free((void *)o.p);
}

static X509 *self_signed(EVP_PKEY *key, bool ca)
{
	struct pki_wish w = { .name = "self", .key = key, .ca = ca, .alt = "DNS:gw-a.example" };

	return pki_cert(&w);
}

/* ---- what may be in a file ----------------------------------------------------- */

static struct octets joined(struct octets a, struct octets b)
{
	u8 *p = malloc(a.n + b.n);

	memcpy(p, a.p, a.n);
	memcpy(p + a.n, b.p, b.n);
	free((void *)a.p);
	free((void *)b.p);
	return (struct octets) { p, a.n + b.n };
}

static struct octets text(const char *s)
{
	return (struct octets) { (u8 *)strdup(s), strlen(s) };
}

static struct octets der_of(X509 *cert)
{
	struct octets body = pki_body(cert);
	u8 *p = (u8 *)body.p;

	memmove(p, p + 1, body.n - 1);
	return (struct octets) { p, body.n - 1 };
}

static struct octets encrypted(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p;
	long n;
	u8 *copy;

	PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_128_cbc(), "word", 4, NULL, NULL);
	n = BIO_get_mem_data(bio, &p);
	copy = malloc((size_t)n);
	memcpy(copy, p, (size_t)n);
	BIO_free(bio);
	return (struct octets) { copy, (size_t)n };
}

/* Takes both. */
static void parses(u8 type, struct octets file, struct octets key_file, bool good)
{
	struct loaded *l = NULL;
	const char *why = loaded_parse(type, &file, &key_file, &l);

	tap_note("type %u: %s", type, why ? why : "fine");
	CHECK(!why == good && !why == !!l);
	tap_note(" ");
	loaded_put(l);
	free((void *)file.p);
	free((void *)key_file.p);
}

#define NONE ((struct octets) { 0 })
#define X509_ ISAKMP_CRED_X509
#define KEY ISAKMP_CRED_KEY
#define PUB ISAKMP_CRED_PUBKEY
#define CA ISAKMP_CRED_CA

static void test_parse(void)
{
	EVP_PKEY *key = pki_key(PKI_P256, 0), *other = pki_key(PKI_P256, 1), *small = pki_rsa(1024, 65537);
	X509 *cert = self_signed(key, false), *ca = self_signed(key, true), *both[] = { cert, ca };
	X509 *weak = self_signed(small, true);

	parses(X509_, pki_pem(&cert, 1, NULL), pki_pem(NULL, 0, key), true);
	parses(X509_, pki_pem(both, 2, NULL), pki_pem(NULL, 0, key), true);
	parses(X509_, pki_pem(&cert, 1, key), NONE, true);
	parses(X509_, der_of(cert), pki_pem(NULL, 0, key), true);
	parses(X509_, pki_pem(&cert, 1, NULL), pki_pem(NULL, 0, other), false);
	parses(X509_, pki_pem(&cert, 1, NULL), NONE, false);
	parses(X509_, pki_pem(&cert, 1, NULL), encrypted(key), false);
	parses(X509_, pki_pem(&cert, 1, NULL), text("nonsense"), false);
	parses(X509_, text("nonsense"), pki_pem(NULL, 0, key), false);
	parses(X509_, pki_pem(&weak, 1, NULL), pki_pem(NULL, 0, small), false);
	parses(KEY, pki_pem(NULL, 0, key), NONE, true);
	parses(KEY, encrypted(key), NONE, false);
	parses(KEY, pki_pem_public(key), NONE, false);
	parses(KEY, pki_pem(NULL, 0, small), NONE, false);
	parses(KEY, text(""), NONE, false);
	parses(PUB, pki_pem_public(key), NONE, true);
	parses(PUB, pki_pem(&cert, 1, NULL), NONE, true);
	parses(PUB, der_of(cert), NONE, true);
	parses(PUB, pki_pem_public(small), NONE, false);
	parses(PUB, text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), NONE, false);
	parses(CA, pki_pem(&ca, 1, NULL), NONE, true);
	parses(CA, der_of(ca), NONE, true);
	parses(CA, joined(text("a word before\n"), pki_pem(&ca, 1, NULL)), NONE, true);
	parses(CA, pki_pem(&cert, 1, NULL), NONE, false);
	parses(CA, pki_pem(&weak, 1, NULL), NONE, false);
	parses(CA, pki_pem(both, 2, NULL), NONE, false);
	parses(CA, joined(pki_pem(&ca, 1, NULL),
			  text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")),
	       NONE, false);
	parses(CA, text(""), NONE, false);
	parses(ISAKMP_CRED_PSK, text("a secret"), NONE, false);
	parses(200, text(""), NONE, false);
	X509_free(cert);
	X509_free(ca);
	X509_free(weak);
	EVP_PKEY_free(small);
}

/* Every part of a file: no crash, and no key of it. */
static void test_parse_truncated(void)
{
	static const u8 types[] = { X509_, KEY, PUB, CA };
	X509 *ca = self_signed(pki_key(PKI_ED25519, 0), true);
	struct octets whole = pki_pem(&ca, 1, pki_key(PKI_ED25519, 0)), cut, none = { 0 };
	struct loaded *l;
	size_t i, k;

	for (i = 0; i < whole.n; i += 3) {
		cut = (struct octets) { malloc(i ? i : 1), i };
		memcpy((void *)cut.p, whole.p, i);
		for (k = 0; k < ARRAY_SIZE(types); k++) {
			l = NULL;
			if (!loaded_parse(types[k], &cut, &none, &l))
				CHECK(types[k] == CA || types[k] == PUB || i > whole.n - 4);
			loaded_put(l);
		}
		free((void *)cut.p);
	}
	free((void *)whole.p);
	X509_free(ca);
}

/* ---- files that change -------------------------------------------------------------- */

/* What was in the files at @since, or later. */
static enum cred_state look(u64 since, bool again, u8 type, const char *file,
			    const char *key_file, EVP_PKEY *want)
{
	struct config_cred c = { .name = file, .type = type, .file = path(file) };
	struct creds_view v = creds_view(since, again);
	char copy[2][128];
	struct loaded *l = NULL;
	enum cred_state state;

	snprintf(copy[0], sizeof(copy[0]), "%s", path(file));
	c.file = copy[0];
	if (key_file) {
		snprintf(copy[1], sizeof(copy[1]), "%s", path(key_file));
		c.key_file = copy[1];
	}
	state = v.src.load(&v.src, &c, &l);
	if (state == CRED_READY && want)
		CHECK(EVP_PKEY_eq(l->key ? l->key : X509_get0_pubkey(sk_X509_value(l->chain, 0)),
				  want) == 1);
	if (state == CRED_READY)
		loaded_put(l);
	return state;
}

static enum cred_state get_since(u64 since, u8 type, const char *file, const char *key_file,
				 EVP_PKEY *want)
{
	return look(since, false, type, file, key_file, want);
}

static unsigned int waits;	/* on a busy machine any file may be slow */

/* As a worker does: a question that has to wait is looked at again. */
static enum cred_state get(u8 type, const char *file, const char *key_file, EVP_PKEY *want)
{
	const struct timespec a_little = { .tv_nsec = 1000000 };
	u64 since = creds_now(), until = since + PATIENCE_S * 1000000000ULL;
	enum cred_state state = look(since, false, type, file, key_file, want);

	while (state == CRED_WAIT && creds_now() < until) {
		waits++;
		nanosleep(&a_little, NULL);
		state = look(since, true, type, file, key_file, want);
	}
	return state;
}

static void test_reload(void)
{
	EVP_PKEY *first = pki_key(PKI_P256, 0), *second = pki_key(PKI_P256, 1);
	unsigned int i;

	put_file("key", pki_pem(NULL, 0, first), 0600);
	CHECK_EQ(get(KEY, "key", NULL, first), CRED_READY);
	/* again and again, faster than file systems' clocks tick */
	for (i = 0; i < 20; i++) {
		put_file("key", pki_pem(NULL, 0, i % 2 ? first : second), 0600);
		CHECK_EQ(get(KEY, "key", NULL, i % 2 ? first : second), CRED_READY);
	}
	put_file("key", text("broken"), 0600);
	CHECK_EQ(get(KEY, "key", NULL, NULL), CRED_NONE);
	CHECK(!unlink(path("key")));
	CHECK_EQ(get(KEY, "key", NULL, NULL), CRED_NONE);
	put_file("key", pki_pem(NULL, 0, second), 0600);
	CHECK_EQ(get(KEY, "key", NULL, second), CRED_READY);
	/* one file under two names is two files */
	CHECK_EQ(get(PUB, "key", NULL, NULL), CRED_NONE);
}

static void test_permissions(void)
{
	EVP_PKEY *key = pki_key(PKI_P256, 0);
	X509 *cert = self_signed(key, true);

	put_file("own.pem", pki_pem(&cert, 1, NULL), 0644);
	put_file("own.key", pki_pem(NULL, 0, key), 0640);
	CHECK_EQ(get(X509_, "own.pem", "own.key", key), CRED_READY);
	CHECK(!chmod(path("own.key"), 0644));
	CHECK_EQ(get(X509_, "own.pem", "own.key", NULL), CRED_NONE);
	CHECK(!chmod(path("own.key"), 0600) && !chmod(path("own.pem"), 0664));
	CHECK_EQ(get(X509_, "own.pem", "own.key", NULL), CRED_NONE);
	/* a certificate anybody may read, unless the key is in it */
	put_file("both", pki_pem(&cert, 1, key), 0644);
	CHECK_EQ(get(X509_, "both", NULL, NULL), CRED_NONE);
	CHECK(!chmod(path("both"), 0600));
	CHECK_EQ(get(X509_, "both", NULL, key), CRED_READY);
	put_file("ca", pki_pem(&cert, 1, NULL), 0644);
	CHECK_EQ(get(CA, "ca", NULL, NULL), CRED_READY);
	CHECK(!chmod(path("ca"), 0646));
	CHECK_EQ(get(CA, "ca", NULL, NULL), CRED_NONE);
	X509_free(cert);
}

/* A broken file harms those who need it, and the log says which it is. */
static void test_harm(void)
{
	EVP_PKEY *key = pki_key(PKI_P256, 0);
	char log[4096] = "";
	int was = dup(STDERR_FILENO), fd = open(path("log"), O_RDWR | O_CREAT | O_TRUNC, 0600);

	put_file("good", pki_pem(NULL, 0, key), 0600);
	put_file("torn", text("-----BEGIN PRIVATE KEY-----\nAAAA"), 0600);
	dup2(fd, STDERR_FILENO);
	CHECK_EQ(get(KEY, "torn", NULL, NULL), CRED_NONE);
	CHECK_EQ(get(KEY, "good", NULL, key), CRED_READY);
	/* of two files the one that is wrong */
	CHECK(!chmod(path("own.key"), 0644) && !chmod(path("own.pem"), 0644));
	CHECK_EQ(get(X509_, "own.pem", "own.key", NULL), CRED_NONE);
	dup2(was, STDERR_FILENO);
	CHECK(pread(fd, log, sizeof(log) - 1, 0) > 0);
	CHECK(strstr(log, "cred torn: ") && !strstr(log, "good"));
	CHECK(strstr(log, "/own.key: others may read") && !strstr(log, "/own.pem: "));
	CHECK(!strstr(log, "AAAA"));	/* not what is in it */
	close(was);
	close(fd);
}

/* ---- news ------------------------------------------------------------------------------- */


static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static unsigned int news, lists, ready, others;	/* protected by lock */

static void on_authorities(bool revoked)
{
	pthread_mutex_lock(&lock);
	news++;
	lists += revoked;
	pthread_cond_broadcast(&more);
	pthread_mutex_unlock(&lock);
}

static void on_ready(void)
{
	pthread_mutex_lock(&lock);
	ready++;
	pthread_cond_broadcast(&more);
	pthread_mutex_unlock(&lock);
}

static void on_users(void)
{
	pthread_mutex_lock(&lock);
	others++;
	pthread_cond_broadcast(&more);
	pthread_mutex_unlock(&lock);
}

/* Until there were so many, and no more than those unless some file was slow. */
static bool heard(const unsigned int *what, unsigned int n)
{
	struct timespec until;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE_S;
	pthread_mutex_lock(&lock);
	while (*what < n && !err)
		err = pthread_cond_clockwait(&more, &lock, CLOCK_MONOTONIC, &until);
	err |= waits ? *what < n : *what != n;
	pthread_mutex_unlock(&lock);
	return !err;
}

static void set_mtime(const char *file, time_t from_now)
{
	struct timespec t[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = time(NULL) + from_now } };

	CHECK(!utimensat(AT_FDCWD, path(file), t, 0));
}

/*
 * Authorities are published again when there are others, not when a file was read
 * again: one whose time is in the future is read for each question.
 */
static void test_authorities(void)
{
	EVP_PKEY *key = pki_key(PKI_P256, 0), *key_2 = pki_key(PKI_P256, 1);
	X509 *one = self_signed(key, true), *two = self_signed(key_2, true), *both[] = { one, two };
	unsigned int i;

	news = 0;
	put_file("tomorrow", pki_pem(&one, 1, NULL), 0644);
	set_mtime("tomorrow", 86400);
	for (i = 0; i < 100; i++)
		CHECK_EQ(get(CA, "tomorrow", NULL, key), CRED_READY);
	CHECK(heard(&news, 1));
	put_file("tomorrow", pki_pem(&two, 1, NULL), 0644);
	set_mtime("tomorrow", 86400);
	/* who only wants to know what was read causes no reading */
	CHECK_EQ(get_since(0, CA, "tomorrow", NULL, key), CRED_READY);
	CHECK_EQ(get(CA, "tomorrow", NULL, key_2), CRED_READY);
	CHECK_EQ(get_since(0, CA, "tomorrow", NULL, key_2), CRED_READY);
	CHECK(heard(&news, 2));
	put_file("tomorrow", pki_pem(both, 2, NULL), 0644);
	CHECK_EQ(get(CA, "tomorrow", NULL, key), CRED_READY);
	CHECK(heard(&news, 3));
	put_file("tomorrow", text("broken"), 0644);
	for (i = 0; i < 5; i++)
		CHECK_EQ(get(CA, "tomorrow", NULL, NULL), CRED_NONE);
	CHECK(heard(&news, 4));
	X509_free(one);
	X509_free(two);
}

/* The same of users; who only looks reads the file, too. */
static void test_others(void)
{
	const struct config_cred k = { .name = "u", .type = ISAKMP_CRED_USERS, .file = "users" };
	static const char *const rows[] = { "ann:*\nbob:*\n", "ann:*\nbob:!\n", "ann:*\n" };
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		put_file("users", text(rows[i]), 0640);
		for (n = 0; n < 3; n++) {
			set_mtime("users", 86400);
			creds_refresh(&k);
		}
		CHECK(heard(&others, i + 1));
	}
}

static unsigned int count(const char *log, const char *what)
{
	unsigned int n = 0;

	while ((log = strstr(log, what))) {
		log++;
		n++;
	}
	return n;
}

/* What is wrong with a file of users is said once, and to who asks. */
static void test_said(void)
{
	const struct config_cred k = { .name = "u", .type = ISAKMP_CRED_USERS, .file = "torn" };
	char log[4096] = "";
	int was = dup(STDERR_FILENO), fd = open(path("log"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	unsigned int i;

	dup2(fd, STDERR_FILENO);
	for (i = 0; i < 6; i++) {
		put_file("torn", text(i < 3 ? "ann\n" : "ann:*\nann:*\n"), 0640);
		creds_refresh(&k);
		creds_refresh(&k);
	}
	CHECK_EQ(get(ISAKMP_CRED_USERS, "torn", NULL, NULL), CRED_NONE);
	dup2(was, STDERR_FILENO);
	CHECK(pread(fd, log, sizeof(log) - 1, 0) > 0);
	CHECK_EQ(count(log, "without a colon"), 1);
	CHECK_EQ(count(log, "twice"), 2);
	close(was);
	close(fd);
}

/* In a process of its own: the log takes ten lines in ten seconds. */
static void test_look(void)
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		test_said();
		fflush(stdout);
		_exit(tap.bad != 0);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && !status);
}

/* Who is listed as revoked beside an authority is news, of its own kind: once, and not at first. */
static void test_revoked(void)
{
	EVP_PKEY *key = pki_key(PKI_P256, 0);
	X509 *ca = self_signed(key, true), *bad = self_signed(pki_key(PKI_P256, 1), true), *both[] = { ca, bad };
	static const struct {
		int listed, till;	/* how many; for how many days */
		unsigned int news, lists;
	} rows[] = { { 1, 7, 1, 0 }, { 1, 14, 1, 0 }, { 2, 14, 2, 1 }, { 2, 14, 2, 1 }, { 0, 14, 3, 2 } };
	unsigned int i;

	news = lists = 0;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		put_file("listed", pki_both(pki_pem(&ca, 1, NULL),
					    pki_pem_crl(ca, key, both, (unsigned int)rows[i].listed, rows[i].till)), 0644);
		set_mtime("listed", 86400);
		CHECK_EQ(get(CA, "listed", NULL, key), CRED_READY);
		CHECK(heard(&news, rows[i].news) && heard(&lists, rows[i].lists));
	}
	/* nobody knows what is in a damaged one */
	put_file("listed", text("broken"), 0644);
	CHECK_EQ(get(CA, "listed", NULL, NULL), CRED_NONE);
	CHECK(heard(&lists, 3));
	X509_free(ca);
	X509_free(bad);
}

/* A FIFO gives once what somebody writes; who looks at the news takes nothing from it. */
static void test_slow_authority(void)
{
	EVP_PKEY *key = pki_key(PKI_P256, 0);
	X509 *cert = self_signed(key, true);
	struct octets pem = pki_pem(&cert, 1, NULL);
	unsigned int round;
	int fd;

	CHECK(!mkfifo(path("fifo"), 0600));
	for (round = 1; round <= 2; round++) {
		tap_note("round %u", round);
		news = ready = 0;
		CHECK_EQ(get_since(creds_now(), CA, "fifo", NULL, NULL), CRED_WAIT);
		fd = open(path("fifo"), O_WRONLY);
		CHECK(fd >= 0 && write(fd, pem.p, pem.n) == (ssize_t)pem.n);
		close(fd);
		/* the second time it is the same, but was left out meanwhile */
		CHECK(heard(&ready, 1) && heard(&news, 1));
		CHECK_EQ(get_since(0, CA, "fifo", NULL, key), CRED_READY);
	}
	free((void *)pem.p);
	X509_free(cert);
}

int main(void)
{
	static const char *const names[] = {
		"key", "own.pem", "own.key", "both", "ca", "good", "torn", "log", "tomorrow", "fifo",
		"users",
	};
	size_t i;

	if (!mkdtemp(dir)) {
		puts("Bail out! no directory");
		return 1;
	}
	log_open(false);
	creds_start(dir, &(struct creds_news) { on_ready, on_authorities, on_users });
	TAP_RUN(test_look, "cred: a broken file of users is named once, unless somebody asks");
	TAP_RUN(test_parse, "cred: what is in a file of each type");
	TAP_RUN(test_parse_truncated, "cred: truncated files");
	TAP_RUN(test_reload, "cred: what is in a file when the question comes counts");
	TAP_RUN(test_permissions, "cred: who may read and write a file");
	TAP_RUN(test_harm, "cred: a broken file is named, and harms nobody else");
	TAP_RUN(test_revoked, "cred: who is revoked is news, when it was not before");
	TAP_RUN(test_others, "cred: users are news when they are others");
	TAP_RUN(test_authorities, "cred: authorities are news when they are others");
	TAP_RUN(test_slow_authority, "cred: a slow authority is news, and is not read for it again");
	CHECK(creds_stop());
	for (i = 0; i < ARRAY_SIZE(names); i++)
		unlink(path(names[i]));
	rmdir(dir);
	return tap_done();
}
