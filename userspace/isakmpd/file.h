/* SPDX-License-Identifier: GPL-2.0 */
/* Files of credentials: where they may be, who may have written them.  The rules are in file.c. */
#ifndef _ISAKMPD_FILE_H
#define _ISAKMPD_FILE_H

#include <isakmp/pure.h>
#include <sys/stat.h>

/* Who may read it. */
enum file_kind {
	FILE_SECRET,	/* its owner and its group */
	FILE_PUBLIC,	/* anybody: certificates, public keys */
};

/**
 * struct file_stamp - which state of a file was read
 * @good: the rest means something: a regular file, not changed just now
 * @dev: its file system
 * @ino: its number there
 * @size: octets
 * @mtime: last change of its contents
 * @ctime: last change of anything
 */
struct file_stamp {
	bool good;
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime;
	struct timespec ctime;
};

/**
 * struct file_room - where the octets of a file go
 * @octets: room
 * @size: of it
 * @n: out: octets that the file has
 */
struct file_room {
	u8 *octets;
	size_t size;
	size_t n;
};

const char *file_check_dir(const char *dir);
const char *file_read(const char *dir, const char *file, enum file_kind kind,
		      struct file_room *room, struct file_stamp *stamp);
bool file_unchanged(const char *dir, const char *file, const struct file_stamp *stamp);
bool file_is_missing(const char *dir, const char *file);
bool file_is_fifo(const char *dir, const char *file);

#endif
