// SPDX-License-Identifier: GPL-2.0
/* Ranges of addresses and ports as prefixes. */
#include "tap.h"
#include "xfrm/range.h"

#define ROOM 256

typedef unsigned __int128 value;

static struct isakmp_range_prefix got[ROOM];

static void put(value v, unsigned int bits, u8 *p)
{
	for (unsigned int i = bits / 8; i-- > 0; v >>= 8)
		p[i] = (u8)v;
}

static value get(const u8 *p, unsigned int bits)
{
	value v = 0;

	for (unsigned int i = 0; i < bits / 8; i++)
		v = v << 8 | p[i];
	return v;
}

static value ones(unsigned int n)
{
	return n < 128 ? ((value)1 << n) - 1 : ~(value)0;
}

static unsigned int split(value first, value last, unsigned int bits)
{
	u8 a[16] = { 0 }, b[16] = { 0 };

	put(first, bits, a);
	put(last, bits, b);
	return isakmp_range_split(a, b, bits, got, ROOM);
}

/* The least number of prefixes, by walking the tree of all: another way to know it. */
static unsigned int least(value first, value last, value node, unsigned int size)
{
	value end = node | ones(size);

	if (last < node || end < first)
		return 0;
	if (first <= node && end <= last)
		return 1;
	return least(first, last, node, size - 1) +
	       least(first, last, node | (value)1 << (size - 1), size - 1);
}

/* One after the other they go from @first to @last, and they are no more than needed. */
static bool exact(value first, value last, unsigned int bits)
{
	unsigned int n = split(first, last, bits), i;
	value next = first, v, size;

	if (n != least(first, last, 0, bits) || n > 2 * bits - 2 || n > ROOM)
		return false;
	for (i = 0; i < n; i++) {
		v = get(got[i].value, bits);
		if (got[i].len > bits)
			return false;
		size = ones(bits - got[i].len);
		if (v != next || v & size)
			return false;
		next = v + size + 1;
	}
	return next == last + 1 || (last == ones(bits) && next == (bits < 128 ? last + 1 : 0));
}

static void test_octets(void)
{
	unsigned int a, b;

	for (a = 0; a < 256; a++)
		for (b = a; b < 256; b++) {
			tap_note("%u-%u", a, b);
			CHECK(exact(a, b, 8));
		}
}

static value random_value(u64 *seed, unsigned int bits)
{
	value v = 0;

	for (int i = 0; i < 4; i++) {
		*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
		v = v << 32 | *seed >> 32;
	}
	return v & ones(bits);
}

static void test_random(void)
{
	static const unsigned int sizes[] = { 16, 32, 128 };
	u64 seed = 1;
	value a, b;

	for (unsigned int i = 0; i < 6000; i++) {
		unsigned int bits = sizes[i % 3];

		a = random_value(&seed, bits);
		/* near each other as often as far */
		b = i & 8 ? random_value(&seed, bits) : (a + (seed >> 40)) & ones(bits);
		tap_note("%u, %u bits", i, bits);
		CHECK(exact(min(a, b), max(a, b), bits));
	}
}

static void test_ends(void)
{
	static const unsigned int sizes[] = { 8, 16, 32, 128 };

	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		unsigned int bits = sizes[i];

		CHECK(exact(0, ones(bits), bits));
		CHECK_EQ(split(0, ones(bits), bits), 1);
		CHECK_EQ(got[0].len, 0);
		CHECK_EQ(split(1, ones(bits) - 1, bits), 2 * bits - 2);
		CHECK(exact(1, ones(bits) - 1, bits));
		CHECK(exact(ones(bits), ones(bits), bits));
		CHECK_EQ(split(2, 1, bits), 0);
	}
}

static void test_room(void)
{
	u8 first[4] = { 10, 0, 0, 3 }, last[4] = { 10, 0, 0, 9 };
	struct isakmp_range_prefix p[3] = { 0 };

	CHECK_EQ(isakmp_range_split(first, last, 32, NULL, 0), 3);
	CHECK_EQ(isakmp_range_split(first, last, 32, p, 2), 3);
	CHECK_EQ(p[0].len, 32);
	CHECK_EQ(p[1].len, 30);
	CHECK_EQ(p[1].value[3], 4);
	CHECK_EQ(p[2].len, 0);
}

static struct isakmp_ts ts(u8 proto, u16 from, u16 to, u8 first, u8 last)
{
	struct isakmp_ts t = { .type = IKE_TS_IPV4, .proto = proto, .port_start = from,
			       .port_end = to, .start = { 10, 0, 0, first },
			       .end = { 10, 0, 0, last } };

	return t;
}

static void test_count(void)
{
	struct isakmp_ts t;

	t = ts(0, 0, 65535, 0, 255);
	CHECK_EQ(isakmp_range_count(&t), 1);
	t = ts(0, 0, 65535, 3, 9);
	CHECK_EQ(isakmp_range_count(&t), 3);
	t = ts(6, 1000, 1999, 3, 9);
	CHECK_EQ(isakmp_range_count(&t), 3 * isakmp_range_ports(&t, NULL, 0));
	CHECK(isakmp_range_ports(&t, NULL, 0) > 1);
	/* RFC 7296, 3.13.1: echo request, any code */
	t = ts(1, 8 << 8, 8 << 8 | 255, 0, 255);
	CHECK_EQ(isakmp_range_count(&t), 1);
	/* RFC 7296, 3.13.1: OPAQUE */
	t = ts(6, 65535, 0, 0, 255);
	CHECK_EQ(isakmp_range_count(&t), 0);
	/* ports of a protocol that has none, or of no protocol at all */
	t = ts(47, 80, 80, 0, 255);
	CHECK_EQ(isakmp_range_count(&t), 0);
	t = ts(0, 80, 80, 0, 255);
	CHECK_EQ(isakmp_range_count(&t), 0);
	t = ts(47, 0, 65535, 0, 255);
	CHECK_EQ(isakmp_range_count(&t), 1);
	t = ts(0, 0, 65535, 9, 3);
	CHECK_EQ(isakmp_range_count(&t), 0);
}

int main(void)
{
	TAP_RUN(test_octets, "each range of 8 bits is exactly its prefixes, and no more than needed");
	TAP_RUN(test_random, "so are ranges of 16, 32 and 128 bits");
	TAP_RUN(test_ends, "everything, one value, the worst case, nothing");
	TAP_RUN(test_room, "without room they are counted");
	TAP_RUN(test_count, "a traffic selector: addresses times ports, OPAQUE none");
	return tap_done();
}
