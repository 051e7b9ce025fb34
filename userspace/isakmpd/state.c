// SPDX-License-Identifier: GPL-2.0
/*
 * The state directory, and secrets of our own in it.
 *
 * It belongs to root or to the user that isakmpd runs as, nobody else may write into it,
 * and one isakmpd uses it: who comes second keeps nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "state.h"

#define NAME_MAX_LEN 32

static int dirfd = -1;

static const char *check_dir(void)
{
	struct stat st;

	if (fstat(dirfd, &st))
		return strerrordesc_np(errno);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return "it belongs to another user";
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return "others may write into it";
	if (flock(dirfd, LOCK_EX | LOCK_NB))
		return "another isakmpd uses it";
	return NULL;
}

/**
 * state_open() - use a state directory
 * @dir: it need not be there
 *
 * Context: before there are other threads.
 * Return: true if it is ours; false: nothing is kept (said).
 */
bool state_open(const char *dir)
{
	const char *why;

	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0) {
		log_info("%s: %s: nothing is kept over a restart", dir, strerrordesc_np(errno));
		return false;
	}
	why = check_dir();
	if (!why)
		return true;
	log_warning("%s: %s: nothing is kept over a restart", dir, why);
	state_close();
	return false;
}

/**
 * state_dir() - the state directory
 *
 * Context: any thread.
 * Return: a descriptor of it; -1: there is none.
 */
int state_dir(void)
{
	return dirfd;
}

/**
 * state_close() - leave it to others
 *
 * Context: main thread.
 */
void state_close(void)
{
	if (dirfd >= 0)
		close(dirfd);
	dirfd = -1;
}

/* ---- secrets ------------------------------------------------------------------- */

static const char *check_file(int fd, size_t n)
{
	struct stat st;

	if (fstat(fd, &st))
		return strerrordesc_np(errno);
	if (!S_ISREG(st.st_mode) || st.st_size != (off_t)n)
		return "it is not what was written";
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return "it belongs to another user";
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return "others may read or write it";
	return NULL;
}

/* false: there is none, or one that is not to be used (said). */
static bool read_secret(const char *name, unsigned char *out, size_t n)
{
	int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	const char *why = NULL;

	if (fd < 0) {
		if (errno != ENOENT)
			log_warning("%s cannot be read: %s", name, strerrordesc_np(errno));
		return false;
	}
	why = check_file(fd, n);
	if (!why && read(fd, out, n) != (ssize_t)n)
		why = "it cannot be read";
	close(fd);
	if (why)
		log_warning("the state file %s: %s: another one takes its place", name, why);
	return !why;
}

static bool write_secret(const char *name, const unsigned char *p, size_t n)
{
	char fresh[NAME_MAX_LEN + sizeof(".new")];
	int fd, err;
	bool good;

	snprintf(fresh, sizeof(fresh), "%s.new", name);
	unlinkat(dirfd, fresh, 0);
	fd = openat(dirfd, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	good = write(fd, p, n) == (ssize_t)n && !fsync(fd);
	good = !close(fd) && good;
	if (good && !renameat(dirfd, fresh, dirfd, name) && !fsync(dirfd))
		return true;
	err = errno;
	unlinkat(dirfd, fresh, 0);
	errno = err;
	return false;
}

/**
 * state_secret() - random octets that are the same after a reboot
 * @name: of the file, in the state directory, of mode 0600; at most 32 characters
 * @out: the octets
 * @n: how many
 *
 * Made when there are none.  One that cannot be kept is none.
 *
 * Context: main thread.
 * Return: true if @out is filled.
 */
bool state_secret(const char *name, unsigned char *out, size_t n)
{
	if (dirfd < 0)
		return false;
	if (read_secret(name, out, n))
		return true;
	if (RAND_bytes(out, (int)n) == 1 && write_secret(name, out, n))
		return true;
	log_warning("the state file %s cannot be written: %s", name, strerrordesc_np(errno));
	OPENSSL_cleanse(out, n);
	return false;
}
