// SPDX-License-Identifier: GPL-2.0
/* Native double of the memory seam: accounts, fails on demand, zeroes. */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ike/seam.h"
#include "native.h"

#define LIVE 0x6576696c206d656dULL
#define DEAD 0x64616564206d656dULL

/* Before and, but for the links, after each block's octets. */
struct block {
	struct block *next, *prev;
	size_t n;
	u64 magic;
} __attribute__((aligned(16)));

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* all below */
static struct block live = { .next = &live, .prev = &live };
static size_t blocks, bytes;
static unsigned long points, fail_at;

static __thread enum native_ctx here;

void native_die(const char *what, ...)
{
	va_list ap;

	va_start(ap, what);
	fputs("native: ", stderr);
	vfprintf(stderr, what, ap);
	fputc('\n', stderr);
	va_end(ap);
	abort();
}

enum native_ctx native_ctx(enum native_ctx now)
{
	enum native_ctx was = here;

	here = now;
	return was;
}

void native_process(const char *seam)
{
	if (here != NATIVE_PROCESS)
		native_die("%s() may sleep and was called in softirq", seam);
}

void native_mem_fail_at(unsigned long n)
{
	pthread_mutex_lock(&lock);
	points = 0;
	fail_at = n;
	pthread_mutex_unlock(&lock);
}

unsigned long native_mem_points(void)
{
	return points;
}

bool native_mem_fails(void)
{
	bool fails;

	pthread_mutex_lock(&lock);
	points++;
	fails = fail_at && points == fail_at;
	pthread_mutex_unlock(&lock);
	return fails;
}

size_t native_mem_outstanding(void)
{
	return blocks;
}

size_t native_mem_bytes(void)
{
	return bytes;
}

bool native_mem_holds(const void *octets, size_t n)
{
	struct block *b;
	bool found = false;

	pthread_mutex_lock(&lock);
	for (b = live.next; b != &live && !found; b = b->next)
		found = memmem(b + 1, b->n, octets, n);
	pthread_mutex_unlock(&lock);
	return found;
}

/* A fuzzer that watches each comparison would see nothing else. */
#ifdef __clang__
__attribute__((no_sanitize("coverage")))
#endif
u64 native_digest(u64 h, const void *octets, size_t n)
{
	const u8 *p = octets;
	u64 word;

	for (h += n; n >= sizeof(word); n -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = (h ^ word) * 0x9e3779b97f4a7c15ULL;
		h ^= h >> 29;
	}
	while (n--)
		h = (h ^ *p++) * 0x9e3779b97f4a7c15ULL;
	return h ^ h >> 32;
}

u64 native_mem_digest(void)
{
	struct block *b;
	u64 sum = 0;

	pthread_mutex_lock(&lock);
	for (b = live.next; b != &live; b = b->next)
		sum += native_digest(1, b + 1, b->n);
	pthread_mutex_unlock(&lock);
	return sum;
}

static u8 *tail(struct block *b)
{
	return (u8 *)(b + 1) + b->n;
}

void *isakmp_alloc(size_t n)
{
	struct block *b;

	native_process(__func__);
	if (native_mem_fails())
		return NULL;
	b = calloc(1, sizeof(*b) + n + sizeof(b->magic));
	if (!b)
		return NULL;
	b->n = n;
	b->magic = LIVE;
	memcpy(tail(b), &b->magic, sizeof(b->magic));

	pthread_mutex_lock(&lock);
	b->next = live.next;
	b->prev = &live;
	b->next->prev = b;
	live.next = b;
	blocks++;
	bytes += n;
	pthread_mutex_unlock(&lock);
	return b + 1;
}

static void check_zeroed(const struct block *b)
{
	const u8 *p = (const u8 *)(b + 1);
	size_t i;

	for (i = 0; i < b->n; i++)
		if (p[i])
			native_die("octet %zu of a freed block is not zero", i);
}

void isakmp_free(void *p)
{
	struct block *b;

	if (!p)
		return;
	b = (struct block *)p - 1;
	if (b->magic == DEAD)
		native_die("isakmp_free(): freed twice");
	if (b->magic != LIVE || memcmp(tail(b), &b->magic, sizeof(b->magic)))
		native_die("isakmp_free(): not from isakmp_alloc(), or written outside of it");

	pthread_mutex_lock(&lock);
	b->next->prev = b->prev;
	b->prev->next = b->next;
	blocks--;
	bytes -= b->n;
	pthread_mutex_unlock(&lock);

	memzero_explicit(p, b->n);
	check_zeroed(b);
	b->magic = DEAD;
	free(b);
}
