// SPDX-License-Identifier: GPL-2.0
/*
 * Secrets in files.
 *
 * For isakmpd(8):
 *
 *   The secrets directory (-c DIR, /etc/isakmp/secrets) belongs to root or to
 *   the user that isakmpd runs as, and nobody else may write into it.
 *
 *   `file` of a cred is a path inside that directory: either absolute and
 *   beginning with DIR, or relative to it.  Symbolic links are followed as long
 *   as they stay inside (an absolute link does not: it is refused).
 *
 *   A secret's file is a regular file; its owner is root or the user that
 *   isakmpd runs as; the group may read it, not write it; others may do nothing
 *   (mode 0600, 0640 or stricter).  It has at most 1024 octets.
 *
 *   One newline at the end does not belong to the secret.  What is left is
 *     0x...	hex digits, an even number: the octets they mean
 *     else	text: its octets as they are, no terminator, no conversion
 *   An empty secret is refused, and so is text with control characters (a
 *   carriage return, a second line, a tab, binary data): write it in hex.
 *   RFC 7296, 2.15: text and hex are what every implementation accepts.
 *
 *   A secret should hold as much chance as the keys it protects:
 *   `(umask 077; printf 0x; openssl rand -hex 32) > FILE`.  Below 16 octets
 *   isakmpd warns.
 *
 *   Files are read when a secret is needed, and forgotten at once: a changed
 *   file is in force for the next authentication, with nothing to reload, and no
 *   secret is in memory while none is used.  (Six system calls, a few
 *   microseconds.)  New creds are also read once when they appear, and all of
 *   them at SIGHUP, only to say in the log what is wrong with them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "secret.h"

#define RESOLVE_TRIES 8

static bool ours(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

static const char *check_dir(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return strerrordesc_np(errno);
	if (!ours(&st))
		return "the secrets directory belongs to another user";
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return "others may write into the secrets directory";
	return NULL;
}

static const char *check_file(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return strerrordesc_np(errno);
	if (!S_ISREG(st.st_mode))
		return "not a regular file";
	if (!ours(&st))
		return "belongs to another user";
	if (st.st_mode & S_IRWXO)
		return "others may read or write it; its mode must be 0640 or stricter";
	if (st.st_mode & S_IWGRP)
		return "its group may write it; its mode must be 0640 or stricter";
	if (st.st_size > SECRET_FILE_MAX)
		return "longer than 1024 octets";
	return NULL;
}

/*
 * @file as seen from the secrets directory, or NULL: it is elsewhere.  Only
 * spelling: what a path resolves to is openat2()'s business.
 */
static const char *relative(const char *dir, const char *file)
{
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	if (file[0] == '/') {
		if (strncmp(file, dir, n))
			return NULL;
		file += n;
		if (dir[n - 1] != '/' && file[0] != '/')
			return NULL;
	}
	while (file[0] == '/')
		file++;
	return file[0] ? file : NULL;
}

static int open_beneath(int dirfd, const char *path)
{
	struct open_how how = {
		/* O_NONBLOCK: a FIFO must not hold up a worker */
		.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	int fd, tries;

	/* EAGAIN: something was renamed meanwhile */
	for (tries = 0; tries < RESOLVE_TRIES; tries++) {
		fd = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd;
}

/* One octet more than may be: a file that grew after fstat() is noticed. */
static const char *read_all(int fd, struct secret *s)
{
	ssize_t got;

	for (s->n = 0; s->n < sizeof(s->octets); s->n += (size_t)got) {
		got = read(fd, s->octets + s->n, sizeof(s->octets) - s->n);
		if (got < 0 && errno == EINTR)
			got = 0;
		else if (got < 0)
			return strerrordesc_np(errno);
		else if (!got)
			return NULL;
	}
	return "longer than 1024 octets";
}

static const char *read_beneath(int dirfd, const char *path, struct secret *s)
{
	const char *why;
	int fd;

	fd = open_beneath(dirfd, path);
	if (fd < 0 && errno == EXDEV)
		return "leads out of the secrets directory";
	if (fd < 0)
		return strerrordesc_np(errno);
	why = check_file(fd);
	if (!why)
		why = read_all(fd, s);
	if (!why)
		why = secret_parse(s);
	close(fd);
	return why;
}

static int open_dir(const char *dir)
{
	return open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/**
 * secret_check_dir() - may secrets be in this directory
 * @dir: the secrets directory
 *
 * Return: NULL, or what is wrong with it.
 */
const char *secret_check_dir(const char *dir)
{
	const char *why;
	int fd;

	fd = open_dir(dir);
	if (fd < 0)
		return strerrordesc_np(errno);
	why = check_dir(fd);
	close(fd);
	return why;
}

/**
 * secret_read() - read a secret, checking all that the man page asks
 * @dir: the secrets directory
 * @file: path that the cred gives
 * @s: out; empty when refused
 *
 * Context: may block on the file system.
 * Return: NULL, or what is wrong, as the end of a sentence about the file.
 */
const char *secret_read(const char *dir, const char *file, struct secret *s)
{
	const char *path = relative(dir, file);
	const char *why;
	int fd;

	s->n = 0;
	if (!path)
		return "outside the secrets directory";
	fd = open_dir(dir);
	if (fd < 0)
		return "the secrets directory cannot be opened";
	why = check_dir(fd);
	if (!why)
		why = read_beneath(fd, path, s);
	close(fd);
	if (why)
		secret_wipe(s);
	return why;
}

static const char *parse_hex(struct secret *s)
{
	size_t i, n = (s->n - 2) / 2;
	int hi, lo;

	if (s->n % 2)
		return "0x is followed by an odd number of hex digits";
	for (i = 0; i < n; i++) {
		hi = OPENSSL_hexchar2int(s->octets[2 + 2 * i]);
		lo = OPENSSL_hexchar2int(s->octets[3 + 2 * i]);
		if (hi < 0 || lo < 0)
			return "0x is followed by something that is not a hex digit";
		s->octets[i] = (u8)(hi << 4 | lo);
	}
	OPENSSL_cleanse(s->octets + n, s->n - n);
	s->n = n;
	return n ? NULL : "empty";
}

/**
 * secret_parse() - from what a file holds to the secret, in place
 * @s: contents of the file; unspecified when refused
 *
 * Return: NULL, or what is wrong.
 */
const char *secret_parse(struct secret *s)
{
	size_t i;

	if (s->n && s->octets[s->n - 1] == '\n')
		s->n--;
	if (!s->n)
		return "empty";
	if (s->n >= 2 && !memcmp(s->octets, "0x", 2))
		return parse_hex(s);
	for (i = 0; i < s->n; i++)
		if (s->octets[i] < ' ' || s->octets[i] == 0x7f)
			return "has a control character in it; write the secret in hex, after 0x";
	return NULL;
}

/**
 * secret_wipe() - forget a secret
 * @s: zeroed
 */
void secret_wipe(struct secret *s)
{
	OPENSSL_cleanse(s, sizeof(*s));
}
