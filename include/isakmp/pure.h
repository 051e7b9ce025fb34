/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only headers that wire/, gate/ and ike/ may include from outside.
 *
 * These folders compile twice, unchanged: into isakmp.ko, and into native
 * programs (unit tests, simulator, fuzzers, tools).  Whatever they need from
 * the kernel beyond this file reaches them through a seam (ike/seam.h).
 */
#ifndef _ISAKMP_PURE_H
#define _ISAKMP_PURE_H

#ifdef __KERNEL__

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include "compat.h"		/* unaligned.h moved in 6.12 */

#else /* native */

#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <linux/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define BIT_ULL(n) (1ULL << (n))
#define BIT(n) (1UL << (n))
#define U8_MAX UINT8_MAX
#define U16_MAX UINT16_MAX
#define U32_MAX UINT32_MAX
#define U64_MAX UINT64_MAX
/* As strict as in 6.1: both of one type, each evaluated once. */
#define __pure_pick(op, a, b)						\
	({								\
		__typeof__(a) __a = (a);				\
		__typeof__(b) __b = (b);				\
		(void)(&__a == &__b);					\
		__a op __b ? __a : __b;					\
	})
#define min(a, b) __pure_pick(<, a, b)
#define max(a, b) __pure_pick(>, a, b)
#define min_t(t, a, b) min((t)(a), (t)(b))
#define max_t(t, a, b) max((t)(a), (t)(b))
#define __must_check __attribute__((warn_unused_result))
#ifndef fallthrough
#define fallthrough __attribute__((fallthrough))
#endif
#define BUILD_BUG_ON(c) _Static_assert(!(c), #c)
#define container_of(p, t, m) ((t *)((char *)(p) - offsetof(t, m)))

static inline u16 get_unaligned_be16(const void *p)
{
	const u8 *b = p;

	return (u16)(b[0] << 8 | b[1]);
}

static inline u32 get_unaligned_be32(const void *p)
{
	const u8 *b = p;

	return (u32)b[0] << 24 | (u32)b[1] << 16 | (u32)b[2] << 8 | b[3];
}

static inline u64 get_unaligned_be64(const void *p)
{
	return (u64)get_unaligned_be32(p) << 32 |
	       get_unaligned_be32((const u8 *)p + 4);
}

static inline void put_unaligned_be16(u16 v, void *p)
{
	u8 *b = p;

	b[0] = (u8)(v >> 8);
	b[1] = (u8)v;
}

static inline void put_unaligned_be32(u32 v, void *p)
{
	u8 *b = p;

	b[0] = (u8)(v >> 24);
	b[1] = (u8)(v >> 16);
	b[2] = (u8)(v >> 8);
	b[3] = (u8)v;
}

static inline void put_unaligned_be64(u64 v, void *p)
{
	put_unaligned_be32((u32)(v >> 32), p);
	put_unaligned_be32((u32)v, (u8 *)p + 4);
}

static inline void memzero_explicit(void *p, size_t n)
{
	memset(p, 0, n);
	__asm__ __volatile__("" : : "r"(p) : "memory");
}

#endif /* __KERNEL__ */

#endif /* _ISAKMP_PURE_H */
