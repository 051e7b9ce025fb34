// SPDX-License-Identifier: GPL-2.0
/*
 * The log: one write(2) per line, so that threads do not mix.
 *
 * When stderr is the journal (JOURNAL_STREAM names it, systemd.exec(5)), lines
 * begin with their level (sd-daemon(3)), else with the program's name.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

#define LINE_LEN 1536		/* an identity in full, and a sentence */
#define OFTEN_BURST 10
#define OFTEN_DEBUG 1000
#define OFTEN_SECONDS 10

/**
 * struct budget - lines of one kind that may still be logged
 * @since: seconds, when it was full
 * @used: lines since then
 * @dropped: lines since then that were too many
 *
 * All protected by budget_lock.
 */
struct budget {
	time_t since;
	unsigned int used;
	unsigned int dropped;
};

static pthread_mutex_t budget_lock = PTHREAD_MUTEX_INITIALIZER;
static struct budget often, debug;

static enum log_level log_max = LEVEL_INFO;
static bool log_journal;

static bool stderr_is_journal(void)
{
	const char *env = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return env && sscanf(env, "%llu:%llu", &dev, &ino) == 2 &&
	       !fstat(STDERR_FILENO, &st) && st.st_dev == dev && st.st_ino == ino;
}

/**
 * log_open() - find out where lines go
 * @verbose: show debug lines too
 */
void log_open(bool verbose)
{
	log_max = verbose ? LEVEL_DEBUG : LEVEL_INFO;
	log_journal = stderr_is_journal();
}

/* @dropped: out: lines that were too many until now, told once */
static bool spend(struct budget *b, unsigned int burst, unsigned int *dropped)
{
	struct timespec now;
	bool may;

	clock_gettime(CLOCK_MONOTONIC, &now);
	pthread_mutex_lock(&budget_lock);
	*dropped = 0;
	if (now.tv_sec - b->since >= OFTEN_SECONDS) {
		*dropped = b->dropped;
		*b = (struct budget) { .since = now.tv_sec };
	}
	may = b->used < burst;
	b->used += may;
	b->dropped += !may;
	pthread_mutex_unlock(&budget_lock);
	return may;
}

/**
 * log_often() - may a line that peers can cause be logged again
 *
 * Context: any thread.
 * Return: true at most OFTEN_BURST times in OFTEN_SECONDS.
 */
bool log_often(void)
{
	unsigned int dropped;

	return spend(&often, OFTEN_BURST, &dropped);
}

/**
 * log_debugs() - are debug lines shown
 *
 * For who would have to compute what is in one.
 *
 * Context: any thread.
 * Return: true if so.
 */
bool log_debugs(void)
{
	return log_max >= LEVEL_DEBUG;
}

/* Debug lines are what peers cause: they have a limit. */
static bool may_debug(void)
{
	unsigned int dropped;
	bool may = log_debugs() && spend(&debug, OFTEN_DEBUG, &dropped);

	if (may && dropped)
		log_info("%u lines were left out", dropped);
	return may;
}

/**
 * log_line() - one line, without its newline
 * @level: how bad it is
 * @fmt: as printf()
 *
 * Of debug lines at most OFTEN_DEBUG in OFTEN_SECONDS.
 *
 * Context: any thread.
 */
void log_line(enum log_level level, const char *fmt, ...)
{
	char line[LINE_LEN];
	va_list ap;
	int n, m;

	if (level > log_max || (level == LEVEL_DEBUG && !may_debug()))
		return;
	n = log_journal ? snprintf(line, sizeof(line), "<%d>", level) :
			  snprintf(line, sizeof(line), "isakmpd: ");
	va_start(ap, fmt);
	m = vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, ap);
	va_end(ap);
	if (m < 0)
		return;
	n += m;
	if ((size_t)n > sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;		/* nobody to tell */
}
