// SPDX-License-Identifier: GPL-2.0
/* Narrowing of traffic selectors (RFC 7296, 2.9). */
#include "talk.h"

#define ANY_PORT 0, 65535

#define NET(b) { IKE_TS_IPV4, 0, ANY_PORT, { 10, b, 0, 0 }, { 10, b, 255, 255 } }

static struct isakmp_ts ts(u8 proto, u16 port_start, u16 port_end, u32 start, u32 end)
{
	struct isakmp_ts t = { IKE_TS_IPV4, proto, port_start, port_end, { 0 }, { 0 } };

	put_unaligned_be32(start, t.start);
	put_unaligned_be32(end, t.end);
	return t;
}

static bool same(const struct isakmp_ts *a, const struct isakmp_ts *b)
{
	return a->type == b->type && a->proto == b->proto && a->port_start == b->port_start &&
	       a->port_end == b->port_end && !memcmp(a->start, b->start, 16) &&
	       !memcmp(a->end, b->end, 16);
}

static struct isakmp_ts got[IKE_TS_MAX + 1];

static unsigned int narrow(struct isakmp_ts ours, struct isakmp_ts theirs)
{
	return ike_ts_narrow(&ours, 1, &theirs, 1, got, IKE_TS_MAX);
}

#define NARROWS(ours, theirs, want)						\
	do {									\
		struct isakmp_ts want_ = want;					\
		if (CHECK_EQ(narrow(ours, theirs), 1))				\
			CHECK(same(&got[0], &want_));				\
	} while (0)

static const u32 ten = 0x0a000000;	/* 10.0.0.0 */

static void test_addresses(void)
{
	struct isakmp_ts net = ts(0, ANY_PORT, ten, ten + 0xffff);
	struct isakmp_ts sub = ts(0, ANY_PORT, ten + 0x100, ten + 0x1ff);
	struct isakmp_ts host = ts(0, ANY_PORT, ten + 5, ten + 5);
	struct isakmp_ts all = ts(0, ANY_PORT, 0, 0xffffffff);
	struct isakmp_ts next = ts(0, ANY_PORT, ten + 0x10000, ten + 0x1ffff);

	NARROWS(net, net, net);
	NARROWS(net, sub, sub);
	NARROWS(sub, net, sub);
	NARROWS(net, all, net);
	NARROWS(all, all, all);
	NARROWS(net, host, host);
	NARROWS(host, all, host);
	CHECK_EQ(narrow(net, next), 0);
	CHECK_EQ(narrow(sub, host), 0);
}

/* Addresses are ranges: what is common to two of them is one. */
static void test_ranges(void)
{
	struct isakmp_ts net = ts(0, ANY_PORT, ten, ten + 0xff);

	NARROWS(net, ts(0, ANY_PORT, ten + 1, ten + 0xff), ts(0, ANY_PORT, ten + 1, ten + 0xff));
	NARROWS(net, ts(0, ANY_PORT, ten, ten + 0xfe), ts(0, ANY_PORT, ten, ten + 0xfe));
	NARROWS(net, ts(0, ANY_PORT, ten - 5, ten + 0x100), net);
	NARROWS(net, ts(0, ANY_PORT, ten - 5, ten + 0x7f), ts(0, ANY_PORT, ten, ten + 0x7f));
	NARROWS(net, ts(0, ANY_PORT, ten + 0xff, ten + 0x1ff),
		ts(0, ANY_PORT, ten + 0xff, ten + 0xff));
}

/* "dynamic" is the address of the path, with protocol and ports as they are. */
static void test_dynamic(void)
{
	static const struct isakmp_addr v4 = { 4, { 192, 0, 2, 1 } }, v6 = { 6, { 0x20, 1, 0xd, 0xb8 } };
	struct isakmp_ts policy[2] = { ts(17, 1701, 1701, 0, 0), ts(6, ANY_PORT, ten, ten + 0xff) };
	struct isakmp_ts out[2];

	policy[0].type = IKE_TS_DYNAMIC;
	ike_ts_resolve(policy, 2, &v4, out);
	CHECK(same(&out[0], &(struct isakmp_ts) { IKE_TS_IPV4, 17, 1701, 1701, { 192, 0, 2, 1 },
						  { 192, 0, 2, 1 } }));
	CHECK(same(&out[1], &policy[1]));
	ike_ts_resolve(policy, 2, &v6, out);
	CHECK(same(&out[0], &(struct isakmp_ts) { IKE_TS_IPV6, 17, 1701, 1701,
						  { 0x20, 1, 0xd, 0xb8 }, { 0x20, 1, 0xd, 0xb8 } }));
}

static void test_protocols(void)
{
	struct isakmp_ts any = ts(0, ANY_PORT, ten, ten + 0xff);
	struct isakmp_ts tcp = ts(6, ANY_PORT, ten, ten + 0xff);
	struct isakmp_ts udp = ts(17, ANY_PORT, ten, ten + 0xff);

	NARROWS(any, tcp, tcp);
	NARROWS(tcp, any, tcp);
	NARROWS(udp, udp, udp);
	CHECK_EQ(narrow(tcp, udp), 0);
	CHECK_EQ(narrow(udp, tcp), 0);
}

static void test_ports(void)
{
	struct isakmp_ts any = ts(6, ANY_PORT, ten, ten + 0xff);
	struct isakmp_ts http = ts(6, 80, 80, ten, ten + 0xff);

	NARROWS(any, http, http);
	NARROWS(http, any, http);
	NARROWS(http, ts(6, 1, 1024, ten, ten + 0xff), http);
	CHECK_EQ(narrow(http, ts(6, 81, 90, ten, ten + 0xff)), 0);
	NARROWS(any, ts(6, 80, 81, ten, ten + 0xff), ts(6, 80, 81, ten, ten + 0xff));
	NARROWS(any, ts(6, 1, 65535, ten, ten + 0xff), ts(6, 1, 65535, ten, ten + 0xff));
	/* RFC 7296, 3.13.1: OPAQUE is no port we can select */
	CHECK_EQ(narrow(any, ts(6, 65535, 0, ten, ten + 0xff)), 0);
}

static void test_families(void)
{
	struct isakmp_ts v4 = ts(0, ANY_PORT, 0, 0xffffffff), v6 = v4;

	v6.type = IKE_TS_IPV6;
	memset(v6.end, 0xff, 16);
	CHECK_EQ(narrow(v4, v6), 0);
	CHECK_EQ(narrow(v6, v4), 0);
	CHECK(!ike_ts_within(&v4, &v6));
	NARROWS(v6, v6, v6);
}

/* RFC 7296, 2.9: the first selector may be the packet that started it all. */
static void test_lists(void)
{
	struct isakmp_ts ours[2] = { NET(1), NET(2) };
	struct isakmp_ts theirs[4] = { ts(6, 80, 80, ten + 0x10005, ten + 0x10005), NET(1), NET(9),
				       NET(2) };

	/* It is part of the second one */
	CHECK_EQ(ike_ts_narrow(ours, 2, theirs, 4, got, IKE_TS_MAX), 2);
	CHECK(same(&got[0], &ours[0]));
	CHECK(same(&got[1], &ours[1]));
	/* Without that it stays, first */
	CHECK_EQ(ike_ts_narrow(ours, 2, theirs, 1, got, IKE_TS_MAX), 1);
	CHECK(same(&got[0], &theirs[0]));
	theirs[1] = theirs[2];
	CHECK_EQ(ike_ts_narrow(ours, 2, theirs, 4, got, IKE_TS_MAX), 2);
	CHECK(same(&got[0], &theirs[0]));
	CHECK(same(&got[1], &ours[1]));
	/* The other way round */
	theirs[3] = theirs[0];
	theirs[0] = ours[0];
	CHECK_EQ(ike_ts_narrow(ours, 2, theirs, 4, got, IKE_TS_MAX), 1);
	CHECK(same(&got[0], &ours[0]));
	CHECK_EQ(ike_ts_narrow(ours, 0, theirs, 4, got, IKE_TS_MAX), 0);
	CHECK_EQ(ike_ts_narrow(ours, 2, theirs, 0, got, IKE_TS_MAX), 0);
}

/* 16 of ours by 16 of theirs: 256 parts, room for 16, not one more. */
static void test_many(void)
{
	struct isakmp_ts ours[16], theirs[16];
	unsigned int i, max;

	for (i = 0; i < 16; i++) {
		ours[i] = ts((u8)(i + 1), ANY_PORT, ten, ten + 0xffff);
		theirs[i] = ts(0, ANY_PORT, ten + 0x100 * i, ten + 0x100 * i + 0xff);
	}
	for (max = 0; max <= IKE_TS_MAX; max++) {
		tap_note("room for %u", max);
		memset(got, 0xee, sizeof(got));
		CHECK_EQ(ike_ts_narrow(ours, 16, theirs, 16, got, max), max);
		CHECK_EQ(got[max].type, 0xee);
		CHECK(!max || ike_ts_all_within(got, max, ours, 16));
		CHECK(!max || ike_ts_all_within(got, max, theirs, 16));
	}
}

/* One that covers what is there finds room for itself, and makes some. */
static void test_full(void)
{
	struct isakmp_ts all = ts(0, ANY_PORT, ten, ten + 0xffff), theirs[5];
	unsigned int i;

	for (i = 0; i < 3; i++)
		theirs[i] = ts(0, ANY_PORT, ten + i, ten + i);
	theirs[3] = ts(0, ANY_PORT, ten + 1, ten + 9);
	theirs[4] = ts(0, ANY_PORT, ten + 20, ten + 29);
	CHECK_EQ(ike_ts_narrow(&all, 1, theirs, 5, got, 3), 3);
	CHECK(same(&got[0], &theirs[0]));
	CHECK(same(&got[1], &theirs[3]));
	CHECK(same(&got[2], &theirs[4]));
	CHECK_EQ(ike_ts_narrow(&all, 1, theirs, 5, got, 2), 2);
	CHECK(same(&got[1], &theirs[3]));
}

static bool none_within_another(const struct isakmp_ts *t, unsigned int n)
{
	unsigned int i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++)
			if (i != j && ike_ts_within(&t[i], &t[j]))
				return false;
	return true;
}

/*
 * Nothing comes out that is not in both, whatever goes in; nothing twice; and what
 * the peer wants first of all, when it may have it.
 */
static void test_never_wider(void)
{
	struct isakmp_ts ours[3], theirs[3], *t;
	unsigned int round, i, n;
	u32 r[4];

	native_seed(7);
	for (round = 0; round < 20000; round++) {
		for (i = 0; i < 6; i++) {
			isakmp_random(r, sizeof(r));
			t = i < 3 ? &ours[i] : &theirs[i - 3];
			*t = ts(r[0] & 1 ? 6 : 0, 0, 65535, ten + (r[1] & 0xf0), 0);
			put_unaligned_be32(get_unaligned_be32(t->start) + (r[2] & 0x1f), t->end);
			if (r[0] & 2)
				t->port_start = t->port_end = (u16)(r[3] & 3);
		}
		n = ike_ts_narrow(ours, 3, theirs, 3, got, IKE_TS_MAX);
		CHECK(!n || ike_ts_all_within(got, n, ours, 3));
		CHECK(!n || ike_ts_all_within(got, n, theirs, 3));
		CHECK(none_within_another(got, n));
		CHECK(!ike_ts_all_within(theirs, 1, ours, 3) ||
		      ike_ts_all_within(theirs, 1, got, n));
	}
}

static void test_within(void)
{
	struct isakmp_ts net = ts(0, ANY_PORT, ten, ten + 0xff), t;
	struct isakmp_ts two[2] = { NET(1), NET(2) }, three[3] = { NET(2), NET(1), NET(3) };

	CHECK(ike_ts_within(&net, &net));
	t = ts(6, 80, 80, ten + 1, ten + 1);
	CHECK(ike_ts_within(&t, &net));
	CHECK(!ike_ts_within(&net, &t));
	t = ts(0, ANY_PORT, ten - 1, ten + 0xff);
	CHECK(!ike_ts_within(&t, &net));
	t = ts(0, ANY_PORT, ten, ten + 0x100);
	CHECK(!ike_ts_within(&t, &net));
	net.proto = 6;
	t = ts(0, ANY_PORT, ten, ten + 0xff);
	CHECK(!ike_ts_within(&t, &net));
	net.port_start = net.port_end = 80;
	t = ts(6, 80, 81, ten, ten + 0xff);
	CHECK(!ike_ts_within(&t, &net));
	t = ts(6, 79, 80, ten, ten + 0xff);
	CHECK(!ike_ts_within(&t, &net));
	CHECK(ike_ts_all_within(two, 2, three, 3));
	CHECK(!ike_ts_all_within(three, 3, two, 2));
	CHECK(!ike_ts_all_within(two, 0, three, 3));
	CHECK(!ike_ts_all_within(two, 2, three, 0));
}

int main(void)
{
	TAP_RUN(test_addresses, "narrow: subset, superset, disjoint (RFC 7296, 2.9)");
	TAP_RUN(test_ranges, "narrow: ranges");
	TAP_RUN(test_dynamic, "resolve: dynamic selectors");
	TAP_RUN(test_protocols, "narrow: protocols");
	TAP_RUN(test_ports, "narrow: ports");
	TAP_RUN(test_families, "narrow: families do not mix");
	TAP_RUN(test_lists, "narrow: lists, in the peer's order");
	TAP_RUN(test_many, "narrow: 16 by 16, in the room there is");
	TAP_RUN(test_full, "narrow: a wider one takes the place of its parts");
	TAP_RUN(test_never_wider, "narrow: never wider than either side (threat 41)");
	TAP_RUN(test_within, "within: every field counts");
	return tap_done();
}
