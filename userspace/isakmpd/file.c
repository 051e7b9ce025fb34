// SPDX-License-Identifier: GPL-2.0
/*
 * Files of credentials.
 *
 * For isakmpd(8):
 *
 *   The secrets directory (-c DIR, /etc/isakmp/secrets) belongs to root or to
 *   the user that isakmpd runs as, and nobody else may write into it.
 *
 *   `file` and `key-file` of a cred are paths inside that directory: either
 *   absolute and beginning with DIR, or relative to it.  Symbolic links are
 *   followed as long as they stay inside (an absolute link does not: it is
 *   refused).
 *
 *   A file is a regular file or a FIFO (which is read to its end, for as long as
 *   a question to the helper may take); its owner is root or the user that
 *   isakmpd runs as; nobody else may write it.  A secret or a private key may be
 *   read by its group, by others it may not (mode 0600, 0640 or stricter).
 */
#include <errno.h>
#include <fcntl.h>
#include <isakmp/limits.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "file.h"

#define RESOLVE_TRIES	8
/* Clocks of file systems tick: what changed just now may change again unseen. */
#define SETTLED_S	2

/* O_NONBLOCK: open() does not wait for a FIFO's writer. */
#define READ_FLAGS	(O_RDONLY | O_NOCTTY | O_NONBLOCK)

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

static const char *check_mode(const struct stat *st, enum file_kind kind)
{
	if (!ours(st))
		return "belongs to another user";
	if (kind == FILE_PUBLIC)
		return st->st_mode & (S_IWGRP | S_IWOTH) ?
		       "its group or others may write it" : NULL;
	if (st->st_mode & S_IRWXO)
		return "others may read or write it; its mode must be 0640 or stricter";
	if (st->st_mode & S_IWGRP)
		return "its group may write it; its mode must be 0640 or stricter";
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

static int open_beneath(int dirfd, const char *path, u64 flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
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

/* ---- reading ------------------------------------------------------------------------ */

static s64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* Regular files are always ready. */
static bool wait_readable(int fd, s64 until)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n;

	do
		n = poll(&p, 1, (int)max_t(s64, until - now_ms(), 0));
	while (n < 0 && errno == EINTR);
	return n > 0;
}

static const char *read_all(int fd, struct file_room *r)
{
	s64 until = now_ms() + ISAKMP_UPCALL_MS;
	ssize_t got;
	u8 more;

	for (r->n = 0; wait_readable(fd, until);) {
		/* One octet more than may be: a file that grew is noticed. */
		got = r->n < r->size ? read(fd, r->octets + r->n, r->size - r->n) :
				       read(fd, &more, 1);
		if (!got)
			return NULL;
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got < 0)
			return strerrordesc_np(errno);
		if (r->n == r->size)
			return "longer than it may be";
		r->n += (size_t)got;
	}
	return "nobody writes into this FIFO, or not to the end";
}

static void stamp_set(struct file_stamp *s, const struct stat *st)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	*s = (struct file_stamp) {
		.good = S_ISREG(st->st_mode) && now.tv_sec - st->st_ctim.tv_sec > SETTLED_S &&
			now.tv_sec - st->st_mtim.tv_sec > SETTLED_S,
		.dev = st->st_dev, .ino = st->st_ino, .size = st->st_size,
		.mtime = st->st_mtim, .ctime = st->st_ctim,
	};
}

static const char *read_fd(int fd, enum file_kind kind, struct file_room *room,
			   struct file_stamp *stamp)
{
	struct stat st;
	const char *why;

	if (fstat(fd, &st))
		return strerrordesc_np(errno);
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return "neither a regular file nor a FIFO";
	why = check_mode(&st, kind);
	if (why)
		return why;
	if (S_ISREG(st.st_mode) && (u64)st.st_size > room->size)
		return "longer than it may be";
	stamp_set(stamp, &st);
	return read_all(fd, room);
}

static const char *open_error(void)
{
	return errno == EXDEV ? "leads out of the secrets directory" : strerrordesc_np(errno);
}

static int open_dir(const char *dir)
{
	return open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/**
 * file_check_dir() - may credentials be in this directory
 * @dir: the secrets directory
 *
 * Return: NULL, or what is wrong with it.
 */
const char *file_check_dir(const char *dir)
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
 * file_read() - read a file, checking all that the man page asks
 * @dir: the secrets directory
 * @file: path that the cred gives
 * @kind: which rules
 * @room: where to
 * @stamp: out: for file_unchanged()
 *
 * Context: may block on the file system, on a FIFO for ISAKMP_UPCALL_MS.
 * Return: NULL, or what is wrong, as the end of a sentence about the file; then
 * @room may hold some of it.
 */
const char *file_read(const char *dir, const char *file, enum file_kind kind,
		      struct file_room *room, struct file_stamp *stamp)
{
	const char *path = relative(dir, file);
	const char *why;
	int dirfd, fd;

	*stamp = (struct file_stamp) { 0 };
	room->n = 0;
	if (!path)
		return "outside the secrets directory";
	dirfd = open_dir(dir);
	if (dirfd < 0)
		return "the secrets directory cannot be opened";
	why = check_dir(dirfd);
	fd = why ? -1 : open_beneath(dirfd, path, READ_FLAGS);
	if (!why)
		why = fd < 0 ? open_error() : read_fd(fd, kind, room, stamp);
	if (fd >= 0)
		close(fd);
	close(dirfd);
	return why;
}

static bool file_stat(const char *dir, const char *file, struct stat *st)
{
	const char *path = relative(dir, file);
	int dirfd = path ? open_dir(dir) : -1;
	int fd = dirfd < 0 ? -1 : open_beneath(dirfd, path, O_PATH);
	bool good = fd >= 0 && !check_dir(dirfd) && !fstat(fd, st);

	if (fd >= 0)
		close(fd);
	if (dirfd >= 0)
		close(dirfd);
	return good;
}

/**
 * file_unchanged() - is a file as it was
 * @dir: the secrets directory
 * @file: path that the cred gives
 * @stamp: of when it was read
 *
 * Context: may block on the file system.
 * Return: true if reading it again would give the same.
 */
bool file_unchanged(const char *dir, const char *file, const struct file_stamp *stamp)
{
	struct file_stamp now;
	struct stat st;

	if (!stamp->good || !file_stat(dir, file, &st))
		return false;
	stamp_set(&now, &st);
	return now.good && now.dev == stamp->dev && now.ino == stamp->ino &&
	       now.size == stamp->size && now.mtime.tv_sec == stamp->mtime.tv_sec &&
	       now.mtime.tv_nsec == stamp->mtime.tv_nsec &&
	       now.ctime.tv_sec == stamp->ctime.tv_sec &&
	       now.ctime.tv_nsec == stamp->ctime.tv_nsec;
}

/**
 * file_is_fifo() - would reading it take something away from somebody
 * @dir: the secrets directory
 * @file: path that the cred gives
 *
 * Context: may block on the file system.
 * Return: true if it is a FIFO.
 */
bool file_is_fifo(const char *dir, const char *file)
{
	struct stat st;

	return file_stat(dir, file, &st) && S_ISFIFO(st.st_mode);
}

/**
 * file_is_missing() - was it removed
 * @dir: the secrets directory
 * @file: path that the cred gives
 *
 * Context: may block on the file system.
 * Return: true if there is no such file; false also when that cannot be told.
 */
bool file_is_missing(const char *dir, const char *file)
{
	const char *path = relative(dir, file);
	int dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1, err = 0;

	if (dirfd >= 0 && path) {
		fd = open_beneath(dirfd, path, O_PATH);
		err = errno;
	}
	if (fd >= 0)
		close(fd);
	if (dirfd >= 0)
		close(dirfd);
	return dirfd >= 0 && path && fd < 0 && err == ENOENT;
}
