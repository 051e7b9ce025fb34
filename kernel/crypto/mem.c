// SPDX-License-Identifier: GPL-2.0
/* Memory, chance, comparing and SipHash for the pure code. */
#include <crypto/algapi.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>

#include "ike/seam.h"

/**
 * isakmp_alloc() - zeroed memory for the engine
 * @n: octets, bounded by the caller
 *
 * What peers make us hold must neither kill a process nor fill the log, so it
 * fails before the OOM killer is called.
 *
 * Context: Process, may sleep.
 * Return: the memory, or NULL.
 */
void *isakmp_alloc(size_t n)
{
	return kzalloc(n, GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
}

/**
 * isakmp_free() - zero and free
 * @p: what isakmp_alloc() returned, or NULL
 *
 * Context: any.
 */
void isakmp_free(void *p)
{
	kfree_sensitive(p);
}

/**
 * isakmp_random() - random octets
 * @p: where to
 * @n: how many
 *
 * Context: any.
 */
void isakmp_random(void *p, size_t n)
{
	get_random_bytes(p, n);
}

/**
 * isakmp_differ() - compare in constant time
 * @a: octets
 * @b: octets
 * @n: how many
 *
 * Context: any.
 * Return: whether they differ.
 */
bool isakmp_differ(const void *a, const void *b, size_t n)
{
	return crypto_memneq(a, b, n);
}

/**
 * isakmp_siphash() - SipHash-2-4
 * @key: the key
 * @p: the octets
 * @n: how many
 *
 * Context: any.
 * Return: the hash.
 */
u64 isakmp_siphash(const u64 key[2], const void *p, size_t n)
{
	siphash_key_t k = { { key[0], key[1] } };

	return siphash(p, n, &k);
}
