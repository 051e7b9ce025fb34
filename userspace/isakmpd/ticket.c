// SPDX-License-Identifier: GPL-2.0
/*
 * The keys of the kernel's tickets (RFC 5723).
 *
 * They are made here, given to the kernel, which shows them to nobody, and kept in the
 * state directory as "tickets", of mode 0600: so that who has a ticket can come back after
 * a restart of the machine.  The file is
 *
 *	isakmpd-tickets 1
 *	SECONDS ID KEY		since 1970; 8 and 32 octets in hexadecimal
 *	[SECONDS ID KEY]	the one before
 *	end
 *
 * A key makes tickets for a week (6.2: much longer than an IKE SA lives), then another
 * one does; what it has made is taken for as long as a ticket can live.  A file that is
 * damaged, or that others can read, is replaced: then clients authenticate once more.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <isakmp/limits.h>
#include <linux/isakmp.h>
#include <netlink/attr.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <isakmp/pure.h>

#include "log.h"
#include "ticket.h"

#define NAME	"tickets"
#define FRESH	NAME ".new"
#define MAGIC	"isakmpd-tickets 1\n"
#define END	"end\n"
#define TURN_S	(7 * 86400)
#define OLD_S	(IKE_TICKET_MS / 1000 + 3600)
#define KEYS	2
#define LINE	(24 + 2 * ISAKMP_TICKET_KEY_LEN)
#define FILE_MAX (sizeof(MAGIC) + KEYS * LINE + sizeof(END))

struct key {
	u64 made;			/* s since 1970 */
	u8 octets[ISAKMP_TICKET_KEY_LEN]; /* ID, then the secret */
};

static struct key keys[KEYS];		/* the one for new tickets first */
static unsigned int n_keys;
static int dirfd = -1;			/* lease_file.c's */

static u64 now(void)
{
	return (u64)time(NULL);
}

/* ---- reading ----------------------------------------------------------------- */

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool get_hex(const char **s, u8 *to, size_t n)
{
	int high, low;

	for (; n; n--, *s += 2) {
		high = digit((*s)[0]);
		low = high < 0 ? -1 : digit((*s)[1]);
		if (low < 0)
			return false;
		*to++ = (u8)(high << 4 | low);
	}
	return true;
}

static bool get_key(const char **s, struct key *k)
{
	char *end;

	if (**s < '0' || **s > '9')
		return false;
	errno = 0;
	k->made = strtoull(*s, &end, 10);
	if (errno || *end++ != ' ')
		return false;
	*s = end;
	if (!get_hex(s, k->octets, 8) || *(*s)++ != ' ' ||
	    !get_hex(s, k->octets + 8, sizeof(k->octets) - 8))
		return false;
	return *(*s)++ == '\n';
}

static bool parse(const char *s)
{
	if (strncmp(s, MAGIC, strlen(MAGIC)))
		return false;
	s += strlen(MAGIC);
	while (strcmp(s, END)) {
		if (n_keys == KEYS || !get_key(&s, &keys[n_keys]))
			return false;
		n_keys++;
	}
	return n_keys;
}

static const char *check_file(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return strerrordesc_np(errno);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return "it belongs to another user";
	if (!S_ISREG(st.st_mode) || st.st_mode & (S_IRWXG | S_IRWXO))
		return "others than its owner may use it";
	return NULL;
}

static const char *read_file(int fd)
{
	const char *why = check_file(fd);
	char text[FILE_MAX + 1];
	ssize_t n;

	if (why)
		return why;
	n = read(fd, text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = '\0';
	if (n < 0)
		why = strerrordesc_np(errno);
	else if (!parse(text))
		why = "it is damaged";
	OPENSSL_cleanse(text, sizeof(text));
	return why;
}

static void forget(void)
{
	OPENSSL_cleanse(keys, sizeof(keys));
	n_keys = 0;
}

static void load(void)
{
	int fd = openat(dirfd, NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	const char *why = NULL;

	if (fd >= 0) {
		why = read_file(fd);
		close(fd);
	} else if (errno != ENOENT) {
		why = strerrordesc_np(errno);
	}
	if (!why)
		return;
	forget();
	log_warning("the keys of tickets: %s: new ones are made", why);
}

/* ---- writing ------------------------------------------------------------------ */

static char *put_hex(char *to, const u8 *p, size_t n)
{
	for (; n; n--, p++)
		to += sprintf(to, "%02x", *p);
	return to;
}

static size_t format(char text[FILE_MAX])
{
	char *at = text + sprintf(text, MAGIC);
	unsigned int i;

	for (i = 0; i < n_keys; i++) {
		at += sprintf(at, "%" PRIu64 " ", keys[i].made);
		at = put_hex(at, keys[i].octets, 8);
		*at++ = ' ';
		at = put_hex(at, keys[i].octets + 8, sizeof(keys[i].octets) - 8);
		*at++ = '\n';
	}
	return (size_t)(at + sprintf(at, END) - text);
}

static bool write_fresh(int fd)
{
	char text[FILE_MAX];
	size_t n = format(text);
	bool good = write(fd, text, n) == (ssize_t)n && !fsync(fd);

	OPENSSL_cleanse(text, sizeof(text));
	return !close(fd) && good;
}

static void save(void)
{
	int fd;

	if (dirfd < 0)
		return;
	unlinkat(dirfd, FRESH, 0);
	fd = openat(dirfd, FRESH, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0 && write_fresh(fd) && !renameat(dirfd, FRESH, dirfd, NAME) && !fsync(dirfd))
		return;
	log_warning("the keys of tickets cannot be written: %s", strerrordesc_np(errno));
	unlinkat(dirfd, FRESH, 0);
}

/* ---- their lives -------------------------------------------------------------- */

/* A clock that was set back far is as good as a key that is old. */
static bool is_due(void)
{
	u64 t = now();

	return !n_keys || t >= keys[0].made + TURN_S || t + TURN_S < keys[0].made;
}

static void make(void)
{
	keys[1] = keys[0];
	if (RAND_priv_bytes(keys[0].octets, sizeof(keys[0].octets)) != 1) {
		log_err("no random octets for a key of tickets");
		forget();
		return;
	}
	keys[0].made = now();
	if (n_keys < KEYS)
		n_keys++;
}

/**
 * ticket_turn() - another key makes tickets, if it is time; an old one goes
 *
 * Context: main thread.
 * Return: true when they are others now.
 */
bool ticket_turn(void)
{
	if (is_due()) {
		make();
	} else if (n_keys == KEYS && now() >= keys[0].made + OLD_S) {
		OPENSSL_cleanse(&keys[--n_keys], sizeof(keys[0]));
	} else {
		return false;
	}
	save();
	return true;
}

/**
 * ticket_void() - no ticket given so far is good any more
 *
 * Nor after a restart, also when the new keys cannot be written.
 *
 * Context: main thread.
 */
void ticket_void(void)
{
	forget();
	if (dirfd >= 0)
		unlinkat(dirfd, NAME, 0);
	ticket_turn();
}

/**
 * ticket_put() - the keys, as attributes of HELPER_PUBLISH
 * @msg: its nest is open
 *
 * Return: 0 or -EMSGSIZE.
 */
int ticket_put(struct nl_msg *msg)
{
	unsigned int i;

	for (i = 0; i < n_keys; i++)
		if (nla_put(msg, ISAKMP_PUBLISH_TICKET_KEY, sizeof(keys[i].octets),
			    keys[i].octets))
			return -EMSGSIZE;
	return 0;
}

/**
 * ticket_open() - the keys as they are kept, or new ones
 * @dir: the state directory; -1: there is none, and the keys go with the process
 *
 * Context: before there are other threads.
 */
void ticket_open(int dir)
{
	dirfd = dir;
	forget();
	if (dirfd >= 0)
		load();
	ticket_turn();
}

/**
 * ticket_close() - the process ends
 *
 * Context: main thread.
 */
void ticket_close(void)
{
	forget();
	dirfd = -1;
}
