// SPDX-License-Identifier: GPL-2.0
/*
 * The file of leases: who has had which inner address.
 *
 * It helps a restarted helper to give somebody the address that he had; who has which
 * address now, it does not say (lease.c).  So it may be old, or missing.  It is
 *
 *	isakmpd-leases 1
 *	ADDRESS PEER IDENTITY		who got his longest ago first
 *	...
 *	end N				so many
 *
 * in the state directory, as "leases", of mode 0600; replaced as a whole.  One that is
 * damaged is put aside as "leases.damaged"; what is good before the damage counts.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lease.h"
#include "lease_file.h"
#include "log.h"
#include "state.h"

#define NAME	"leases"
#define FRESH	NAME ".new"
#define DAMAGED	NAME ".damaged"
#define MAGIC	"isakmpd-leases 1"
#define LINE	(INET6_ADDRSTRLEN + 1 + LEASE_HOLDER_MAX + 2)

static bool unsaved;	/* something changed that could not be written yet */

/* ---- reading ----------------------------------------------------------------- */

static bool parse_addr(const char *s, struct config_addr *a)
{
	*a = (struct config_addr) { 0 };
	if (inet_pton(AF_INET, s, a->octets) == 1)
		a->len = 4;
	else if (inet_pton(AF_INET6, s, a->octets) == 1)
		a->len = 16;
	return a->len;
}

/* Two words of printable ASCII. */
static bool holder_ok(const char *s)
{
	const char *blank = strchr(s, ' ');

	if (!blank || blank == s || !blank[1] || strchr(blank + 1, ' ') ||
	    strlen(s) >= LEASE_HOLDER_MAX)
		return false;
	for (; *s; s++)
		if (*s < ' ' || *s > '~')
			return false;
	return true;
}

static bool read_lease(char *line)
{
	char *blank = strchr(line, ' ');
	struct config_addr a;

	if (!blank)
		return false;
	*blank++ = '\0';
	return parse_addr(line, &a) && holder_ok(blank) && lease_known(&a, blank);
}

/* A whole line without its end. */
static bool next_line(FILE *f, char line[LINE])
{
	size_t n;

	if (!fgets(line, LINE, f))
		return false;
	n = strlen(line);
	if (!n || line[n - 1] != '\n')
		return false;
	line[n - 1] = '\0';
	return true;
}

/* Line number of the damage; 0: it is whole. */
static unsigned long read_all(FILE *f)
{
	unsigned long n = 1;
	char line[LINE], end[32];

	if (!next_line(f, line) || strcmp(line, MAGIC))
		return n;
	while (next_line(f, line)) {
		n++;
		snprintf(end, sizeof(end), "end %lu", n - 2);
		if (!strcmp(line, end))
			return fgetc(f) == EOF ? 0 : n + 1;
		if (!read_lease(line))
			return n;
	}
	return n + 1;
}

static FILE *open_file(void)
{
	int fd = openat(state_dir(), NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	if (fd >= 0 && !f)
		close(fd);
	if (fd < 0 && errno != ENOENT)
		log_warning("the leases cannot be read: %s", strerrordesc_np(errno));
	return f;
}

static void load(void)
{
	FILE *f = open_file();
	unsigned long bad;

	if (!f)
		return;
	bad = read_all(f);
	fclose(f);
	if (!bad)
		return;
	renameat(state_dir(), NAME, state_dir(), DAMAGED);
	log_warning("the file of leases is damaged in line %lu: put aside as " DAMAGED, bad);
}

/* ---- writing ------------------------------------------------------------------ */

struct writing {
	FILE *f;
	unsigned long n;
};

static bool write_lease(const struct config_addr *a, const char *holder, void *arg)
{
	char text[INET6_ADDRSTRLEN];
	struct writing *w = arg;

	inet_ntop(a->len == 4 ? AF_INET : AF_INET6, a->octets, text, sizeof(text));
	w->n++;
	return fprintf(w->f, "%s %s\n", text, holder) > 0;
}

static bool write_all(int fd)
{
	struct writing w = { .f = fdopen(fd, "w") };
	bool good;

	if (!w.f) {
		close(fd);
		return false;
	}
	good = fputs(MAGIC "\n", w.f) >= 0 && lease_each(write_lease, &w) &&
	       fprintf(w.f, "end %lu\n", w.n) > 0 && !fflush(w.f) && !fsync(fd);
	return !fclose(w.f) && good;
}

/* What was there stays until the new one is on the disk, and so does its name. */
static bool replace(void)
{
	int fd;

	unlinkat(state_dir(), FRESH, 0);
	fd = openat(state_dir(), FRESH, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd >= 0 && write_all(fd) && !renameat(state_dir(), FRESH, state_dir(), NAME) &&
	       !fsync(state_dir());
}

/**
 * lease_file_save() - write what is remembered, if it changed
 *
 * What cannot be written is tried again the next time.
 *
 * Context: main thread.
 */
void lease_file_save(void)
{
	if (state_dir() < 0)
		return;
	unsaved |= lease_changed();
	if (!unsaved)
		return;
	unsaved = !replace();
	if (unsaved && log_often())
		log_warning("the leases cannot be written: %s", strerrordesc_np(errno));
}

/* ---- open and closed ------------------------------------------------------------- */

/**
 * lease_file_open() - remember what is in the file, and keep it from here on
 * @dir: the state directory; it need not be there
 *
 * Context: before there are other threads.
 */
void lease_file_open(const char *dir)
{
	if (!state_open(dir))
		return;
	load();
	lease_changed();
	unsaved = false;
}

/**
 * lease_file_close() - write it a last time
 *
 * Context: main thread.
 */
void lease_file_close(void)
{
	lease_file_save();
	state_close();
}
