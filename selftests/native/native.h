/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The native doubles of the "crypto" and "memory" seams (kernel/ike/seam.h),
 * and the switches a test turns.  They enforce the seams' contract: whoever
 * breaks it is told which seam, and the program aborts.
 */
#ifndef _ISAKMP_SELFTESTS_NATIVE_H
#define _ISAKMP_SELFTESTS_NATIVE_H

#include <isakmp/pure.h>

/* ---- where we are --------------------------------------------------------- */

enum native_ctx {
	NATIVE_PROCESS,		/* at start; every seam may be called */
	NATIVE_SOFTIRQ,		/* calling a process seam aborts */
};

/* Say where this thread is now.  Return: where it was. */
enum native_ctx native_ctx(enum native_ctx now);

/* First line of every double of a process seam: native_process(__func__) */
void native_process(const char *seam);

/* A broken contract: prints, aborts. */
void native_die(const char *what, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/* ---- chance --------------------------------------------------------------- */

/*
 * From now on isakmp_random(), and with it private keys, is a function of
 * @seed and of the calls made: the same seed replays the same run.  Before the
 * first call it is real.  A seed serves one thread.
 */
void native_seed(u64 seed);

/* ---- what there is -------------------------------------------------------- */

/*
 * From now on the kernel lacks this transform; type 0: it has them all again.
 * One at a time.  PRF and INTEG transforms stand on one hash: without a PRF its
 * INTEG is gone too.
 */
void native_without(u8 transform_type, u16 id);
/* For the doubles. */
bool native_lacks(u8 transform_type, u16 id);

/* ---- keys ------------------------------------------------------------------ */

struct isakmp_sk;

/* As if @n messages had been sealed with @sk. */
void native_sk_used(struct isakmp_sk *sk, u64 n);

/* ---- memory --------------------------------------------------------------- */

/* Blocks of isakmp_alloc() not freed yet, and the octets in them. */
size_t native_mem_outstanding(void);
size_t native_mem_bytes(void);
/* Octets, after those that gave @h, as one number: fast, and no secret. */
u64 native_digest(u64 h, const void *octets, size_t n);
/* Of all octets in them, in whatever order they were made: has any changed? */
u64 native_mem_digest(void);

/*
 * Make the @n-th point of failure from now (1: the next) fail, that one alone;
 * 0: none.  Points are isakmp_alloc(), isakmp_prf(), isakmp_hash(), isakmp_cbc(),
 * isakmp_kex_derive(), isakmp_sk_seal() and isakmp_sk_open() too: in the kernel these
 * allocate.
 */
void native_mem_fail_at(unsigned long n);

/*
 * Points passed since native_mem_fail_at().  A fail-nth loop is over when a
 * run passed fewer than it asked to fail.
 */
unsigned long native_mem_points(void);

/* A point of failure.  Return: it shall fail now. */
bool native_mem_fails(void);

/*
 * Is there a live block with these octets in it?  What a test asks about a
 * secret once its owner is gone.  Freed blocks are zeroed, which is checked.
 */
bool native_mem_holds(const void *octets, size_t n);

#endif
