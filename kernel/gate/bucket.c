// SPDX-License-Identifier: GPL-2.0
/* Token buckets: at most so many in a burst, and so many a second. */
#include "gate/gate.h"
#include "ike/seam.h"

#define NS_PER_MS 1000000U
#define NS_PER_S  1000000000U

bool isakmp_bucket_spend(struct isakmp_bucket *b, u64 now, u32 rate, u32 burst)
{
	u64 now_ns = now * NS_PER_MS;
	u64 all;
	u32 each;

	if (!rate)
		return true;
	each = NS_PER_S / rate;	/* a token is back after this time */
	all = (u64)each * burst;
	if (b->empty_until < now_ns)
		b->empty_until = now_ns;
	/* More is owed than this rate lends: it is from another. One is free, the rest is owed */
	if (b->empty_until - now_ns > all)
		b->empty_until = now_ns + all - each;
	if (b->empty_until - now_ns + each > all)
		return false;
	b->empty_until += each;
	return true;
}

void isakmp_source_init(struct isakmp_sources *b)
{
	memset(b, 0, sizeof(*b));
	isakmp_random(b->key, sizeof(b->key));
}

struct isakmp_source *isakmp_source_of(struct isakmp_sources *b, const struct isakmp_path *path)
{
	const struct isakmp_addr *a = &path->remote;
	u8 prefix[1 + 6] = { a->family };

	BUILD_BUG_ON(ISAKMP_PREFIX_BUCKETS & (ISAKMP_PREFIX_BUCKETS - 1));
	memcpy(prefix + 1, a->a, a->family == 4 ? 3 : 6);
	return &b->slot[isakmp_siphash(b->key, prefix, sizeof(prefix)) &
			(ISAKMP_PREFIX_BUCKETS - 1)];
}
