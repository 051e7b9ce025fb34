// SPDX-License-Identifier: GPL-2.0
/* gate/: token buckets and source prefixes, in simulated softirq. */
#include "gate/gate.h"
#include "native.h"
#include "tap.h"

static const struct isakmp_path here = {
	.local = { 4, { 192, 0, 2, 1 } }, .remote = { 4, { 198, 51, 100, 7 } },
	.lport = 500, .rport = 500,
};

static unsigned int spend(struct isakmp_bucket *b, u64 now, u32 rate, u32 burst)
{
	unsigned int n = 0;

	while (n < 5000 && isakmp_bucket_spend(b, now, rate, burst))
		n++;
	return n;
}

static void test_bucket(void)
{
	struct isakmp_bucket b = { 0 };
	unsigned int n = 0;
	u64 now;

	CHECK_EQ(spend(&b, 0, 4, 8), 8);	/* full at the beginning of time */
	CHECK_EQ(spend(&b, 249, 4, 8), 0);
	CHECK_EQ(spend(&b, 250, 4, 8), 1);
	CHECK_EQ(spend(&b, 1000, 4, 8), 3);
	CHECK_EQ(spend(&b, 500, 4, 8), 1);	/* a clock behind gives one at once */
	CHECK_EQ(spend(&b, 1000, 4, 8), 2);	/* and then what it was behind */
	CHECK_EQ(spend(&b, 1ULL << 40, 4, 8), 8);	/* and silence no more than all */
	CHECK_EQ(spend(&b, (1ULL << 40) + 1, 0, 8), 5000);	/* no limit */

	/* Emptied at a slow rate, it is not empty for long at a quick one */
	b = (struct isakmp_bucket){ 0 };
	CHECK_EQ(spend(&b, 0, 1, 60), 60);
	CHECK_EQ(spend(&b, 0, 1000, 10), 1);
	CHECK_EQ(spend(&b, 10, 1000, 10), 10);

	/* A minute's flood gets the burst, then the rate */
	b = (struct isakmp_bucket){ 0 };
	for (now = 0; now < 60000; now++)
		n += spend(&b, now, 20, 5);
	CHECK(n >= 5 + 20 * 60 - 1 && n <= 5 + 20 * 60);
	b = (struct isakmp_bucket){ 0 };
	CHECK_EQ(spend(&b, 7, 1, 1), 1);
	CHECK_EQ(spend(&b, 1006, 1, 1), 0);
	CHECK_EQ(spend(&b, 1007, 1, 1), 1);
	b = (struct isakmp_bucket){ 0 };
	CHECK_EQ(spend(&b, 7, 3000, 3000), 3000);
	CHECK_EQ(spend(&b, 8, 3000, 3000), 3);
}

static struct isakmp_sources table;

/* Is there a token for who comes from an address like @here with another octet? */
static bool from(u8 family, u8 index, u8 value)
{
	struct isakmp_path path = here;

	path.remote.family = family;
	path.remote.a[index] = value;
	return isakmp_bucket_spend(&isakmp_source_of(&table, &path)->bucket[0], 50, 1, 4);
}

static void test_prefixes(void)
{
	unsigned int i, ok = 0;

	/* An IPv4 /24 is one source, an IPv6 /48 too, not a /128 */
	isakmp_source_init(&table);
	for (i = 0; i < 20; i++)
		CHECK_EQ(from(4, 3, (u8)i), i < 4);
	for (i = 0; i < 20; i++)
		CHECK_EQ(from(6, (u8)(6 + i % 10), (u8)i), i < 4);
	/* Its neighbours are others, but for those who share a bucket by chance */
	for (i = 1; i < 256; i++)
		ok += from(4, 2, (u8)(100 ^ i));
	CHECK(ok > 250);
	for (i = 1, ok = 0; i < 256; i++)
		ok += from(6, 5, (u8)i);
	CHECK(ok > 250);
}

/* What the unproven took is not missed by the proven. */
static void test_proven(void)
{
	struct isakmp_path path = here;
	struct isakmp_source *p;

	isakmp_source_init(&table);
	p = isakmp_source_of(&table, &path);
	CHECK_EQ(spend(&p->bucket[0], 50, 1, 4), 4);
	CHECK_EQ(spend(&p->bucket[1], 50, 100, 200), 200);
	CHECK_EQ(p->half_open, 0);
}

/* Who shares with whom is a secret of each table. */
static void test_prefix_key(void)
{
	struct isakmp_path path = here;
	size_t used[2];
	unsigned int round;

	for (round = 0; round < 2; round++) {
		isakmp_source_init(&table);
		used[round] = (size_t)(isakmp_source_of(&table, &path) - table.slot);
		CHECK(used[round] < ISAKMP_PREFIX_BUCKETS);
	}
	CHECK(used[0] != used[1]);
}

int main(void)
{
	native_ctx(NATIVE_SOFTIRQ);
	TAP_RUN(test_bucket, "bucket: burst and rate");
	TAP_RUN(test_prefixes, "bucket: one for a /24, one for a /48");
	TAP_RUN(test_proven, "bucket: another one for proven addresses");
	TAP_RUN(test_prefix_key, "bucket: which one is a secret");
	return tap_done();
}
