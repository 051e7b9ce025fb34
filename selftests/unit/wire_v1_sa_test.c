// SPDX-License-Identifier: GPL-2.0
/* SA payloads and attributes of version 1 (RFC 2408, 3.3 to 3.6; RFC 2407, 4.6.1). */
#include "wire_v1.h"

static u8 room[65536];

/* Two of phase 2 for one of two, and one alternative: ESP and AH, or ESP. */
static const u8 example[] = {
	0, 0, 0, 1,  0, 0, 0, 1,	/* DOI IPsec, identity only */
	/* Proposal 1: more; ESP, SPI, two transforms */
	2, 0, 0, 56,  1, 3, 4, 2,  0x05, 0x23, 0x57, 0xbb,
	/* AES: HMAC-SHA1, tunnel, 256 bits, 3600 seconds; 3DES the same without a key length */
	3, 0, 0, 24,  1, 12, 0, 0,  0x80, 5, 0, 2,  0x80, 4, 0, 1,  0x80, 6, 1, 0,
	0x80, 2, 0x0e, 0x10,
	0, 0, 0, 20,  2, 3, 0, 0,  0x80, 5, 0, 2,  0, 2, 0, 4,  0, 1, 0x51, 0x80,
	/* Proposal 1: more; AH */
	2, 0, 0, 24,  1, 2, 4, 1,  0x05, 0x23, 0x57, 0xbc,
	0, 0, 0, 12,  1, 3, 0, 0,  0x80, 5, 0, 2,
	/* Proposal 2: last; a transform without attributes */
	0, 0, 0, 20,  2, 3, 4, 1,  0x05, 0x23, 0x57, 0xbd,
	0, 0, 0, 8,  1, 11, 0, 0,
};

#define PROPOSAL 8	/* where the first one begins */

static enum isakmp_reason check_sa(const void *body, size_t n)
{
	return check_v1(V1_PL_SA, body, n);
}

static void test_example(void)
{
	struct isakmp_payload pl = payload(V1_PL_SA, example, sizeof(example));
	static const u8 protocols[] = { 3, 2, 3 }, nums[] = { 1, 1, 2 }, counts[] = { 2, 1, 1 };
	struct v1_attr_value a;
	struct v1_proposal p;
	struct v1_transform t;
	struct isakmp_cur c;
	u32 doi, situation;
	unsigned int i;

	CHECK_REASON(v1_sa_decode(&pl, &doi, &situation, &c), ISAKMP_OK);
	CHECK(doi == 1 && situation == 1);
	for (i = 0; v1_proposal_next(&c, &p) && i < 3; i++) {
		CHECK_EQ(p.protocol, protocols[i]);
		CHECK_EQ(p.num, nums[i]);
		CHECK_EQ(p.n, counts[i]);
		CHECK_EQ(get_unaligned_be32(p.spi), 0x052357bb + i);
		CHECK(v1_transform_next(&p.transforms, &t));
		if (i)
			continue;
		CHECK(t.num == 1 && t.id == V1_ESP_AES && t.raw_len == 24);
		CHECK_MEM(t.raw, example + PROPOSAL + 12, 24);
		CHECK(v1_attr_next(&t.attrs, &a) && a.type == 5 && a.basic && a.small == 2);
		CHECK(v1_transform_next(&p.transforms, &t) && t.id == V1_ESP_3DES);
		CHECK(v1_attr_next(&t.attrs, &a) && v1_attr_next(&t.attrs, &a));
		CHECK(a.type == 2 && !a.basic && a.len == 4 && a.small == 86400);
		CHECK(!v1_attr_next(&t.attrs, &a) && !t.attrs.left);
		CHECK(!v1_transform_next(&p.transforms, &t));
	}
	CHECK_EQ(i, 3);
	CHECK_EQ(c.left, 0);
	payload_free(&pl);
	check_v1_same(V1_PL_SA, example, sizeof(example));
}

/* Written by hand, with any room: the example, or full. */
static void write_example(struct isakmp_out *o)
{
	static const u8 day[] = { 0, 1, 0x51, 0x80 };
	struct v1_sa_out s;

	v1_sa_begin(&s, o);
	v1_proposal_open(&s, 1, V1_PROTO_ESP, example + 16, 4);
	v1_transform_open(&s, 1, V1_ESP_AES);
	v1_attr_encode(o, V1_IA_AUTH, 2);
	v1_attr_encode(o, V1_IA_MODE, V1_MODE_TUNNEL);
	v1_attr_encode(o, V1_IA_KEY_LENGTH, 256);
	v1_attr_encode(o, V1_IA_LIFE, 3600);
	v1_transform_close(&s);
	v1_transform_open(&s, 2, V1_ESP_3DES);
	v1_attr_encode(o, V1_IA_AUTH, 2);
	v1_attr_encode_long(o, V1_IA_LIFE, day, 4);
	v1_transform_close(&s);
	v1_proposal_close(&s);
	v1_proposal_open(&s, 1, V1_PROTO_AH, (const u8 []){ 0x05, 0x23, 0x57, 0xbc }, 4);
	v1_transform_open(&s, 1, V1_AH_SHA1);
	v1_attr_encode(o, V1_IA_AUTH, 2);
	v1_transform_close(&s);
	v1_proposal_close(&s);
	v1_proposal_open(&s, 2, V1_PROTO_ESP, (const u8 []){ 0x05, 0x23, 0x57, 0xbd }, 4);
	v1_transform_open(&s, 1, V1_ESP_NULL);
	v1_transform_close(&s);
	v1_proposal_close(&s);
}

static void test_write(void)
{
	struct isakmp_out o;
	size_t cap;
	u8 *p;

	for (cap = 0; cap <= sizeof(example); cap++) {
		tap_note("room for %zu", cap);
		p = malloc(cap);
		isakmp_out_init(&o, p, cap);
		write_example(&o);
		if (cap == sizeof(example))
			EXPECT_OUT(&o, example, cap);
		else
			CHECK(o.full);
		free(p);
	}
}

/* What a responder answers: one transform of the offer, as it was, number and attributes. */
static void test_echo(void)
{
	struct isakmp_payload pl = payload(V1_PL_SA, example, sizeof(example));
	static const u8 want[] = {
		0, 0, 0, 1,  0, 0, 0, 1,
		0, 0, 0, 36,  1, 3, 4, 1,  9, 9, 9, 9,
		0, 0, 0, 24,  1, 12, 0, 0,  0x80, 5, 0, 2,  0x80, 4, 0, 1,  0x80, 6, 1, 0,
		0x80, 2, 0x0e, 0x10,
	};
	struct v1_transform t;
	struct v1_proposal p;
	struct isakmp_out o;
	struct v1_sa_out s;
	struct isakmp_cur c;
	u32 doi, situation;

	CHECK_REASON(v1_sa_decode(&pl, &doi, &situation, &c), ISAKMP_OK);
	CHECK(v1_proposal_next(&c, &p) && v1_transform_next(&p.transforms, &t));
	isakmp_out_init(&o, room, sizeof(room));
	v1_sa_begin(&s, &o);
	v1_proposal_open(&s, p.num, p.protocol, (const u8 []){ 9, 9, 9, 9 }, 4);
	v1_transform_echo(&s, &t);
	v1_proposal_close(&s);
	EXPECT_OUT(&o, want, sizeof(want));
	/* Without a transform there is nothing to send */
	v1_proposal_open(&s, 1, V1_PROTO_ESP, NULL, 0);
	v1_proposal_close(&s);
	CHECK(o.full);
	payload_free(&pl);
}

/* Cut at every octet, and one more. */
static void test_cut(void)
{
	u8 longer[sizeof(example) + 1] = { 0 };
	size_t n;

	memcpy(longer, example, sizeof(example));
	for (n = 0; n < sizeof(example); n++) {
		tap_note("%zu octets", n);
		CHECK_REASON(check_sa(example, n), ISAKMP_R_BAD_SA);
	}
	CHECK_REASON(check_sa(longer, sizeof(longer)), ISAKMP_R_BAD_SA);
}

/* Each length, count and Next Payload field with every value. */
static void test_fields(void)
{
	static const struct {
		const char *name;
		size_t at;
	} fields[] = {
		{ "next of a proposal", 8 }, { "its length", 11 }, { "its SPI size", 14 },
		{ "its count", 15 }, { "next of a transform", 20 }, { "its length", 23 },
		{ "length of the last transform", 47 }, { "next of the second", 44 },
		{ "next of the second proposal", 64 }, { "next of the last", 88 },
		{ "count of the last", 95 },
	};
	u8 p[sizeof(example)];
	unsigned int v;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		for (v = 0; v < 256; v++) {
			memcpy(p, example, sizeof(p));
			p[fields[i].at] = (u8)v;
			tap_note("%s is %u", fields[i].name, v);
			CHECK_REASON(check_sa(p, sizeof(p)),
				     v == example[fields[i].at] ? ISAKMP_OK : ISAKMP_R_BAD_SA);
		}
}

/* Reserved octets say nothing, whatever is in them, and are not written again. */
static void test_reserved(void)
{
	static const size_t at[] = { 9, 21, 26, 27, 45, 50, 51, 65 };
	struct isakmp_payload pl;
	u8 p[sizeof(example)];
	struct isakmp_out o;
	size_t i;

	memcpy(p, example, sizeof(p));
	for (i = 0; i < ARRAY_SIZE(at); i++) {
		CHECK_EQ(p[at[i]], 0);
		p[at[i]] = 0xff;
	}
	CHECK_REASON(check_sa(p, sizeof(p)), ISAKMP_OK);
	pl = payload(V1_PL_SA, p, sizeof(p));
	isakmp_out_init(&o, room, sizeof(room));
	CHECK(v1_recode(&pl, &o));
	EXPECT_OUT(&o, example, sizeof(example));
	payload_free(&pl);
}

/* Every bit of DOI and situation, all at once too. */
static void test_doi(void)
{
	u8 p[sizeof(example)];
	unsigned int bit;

	for (bit = 0; bit <= 32; bit++) {
		u32 v = bit == 32 ? ~0U : 1U << bit;

		tap_note("%08x", v);
		memcpy(p, example, sizeof(p));
		put_unaligned_be32(v, p);
		CHECK_REASON(check_sa(p, sizeof(p)), v == 1 ? ISAKMP_OK : ISAKMP_R_V1_DOI);
		/* The rest of another DOI is for who knows it */
		CHECK_REASON(check_sa(p, 4), v == 1 ? ISAKMP_R_BAD_SA : ISAKMP_R_V1_DOI);
		put_unaligned_be32(1, p);
		put_unaligned_be32(v, p + 4);
		CHECK_REASON(check_sa(p, sizeof(p)), v == 1 ? ISAKMP_OK : ISAKMP_R_V1_SITUATION);
	}
	put_unaligned_be32(0, p + 4);
	CHECK_REASON(check_sa(p, sizeof(p)), ISAKMP_R_V1_SITUATION);
}

/* @num, @protocol, @spi_len of one proposal with @transforms. */
static size_t put_proposal(u8 *p, bool last, u8 num, u8 protocol, u8 spi_len,
			   unsigned int transforms)
{
	u16 len = (u16)(8 + spi_len + 8 * transforms);
	unsigned int i;

	memset(p, 0, len);
	p[0] = last ? 0 : 2;
	put_unaligned_be16(len, p + 2);
	p[4] = num;
	p[5] = protocol;
	p[6] = spi_len;
	p[7] = (u8)transforms;
	for (i = 0; i < transforms; i++) {
		u8 *t = p + 8 + spi_len + 8 * i;

		t[0] = i + 1 < transforms ? 3 : 0;
		t[3] = 8;
		t[4] = (u8)i;
		t[5] = 1;
	}
	return len;
}

static size_t put_head(u8 *p)
{
	put_unaligned_be32(V1_DOI_IPSEC, p);
	put_unaligned_be32(V1_SIT_IDENTITY_ONLY, p + 4);
	return 8;
}

static void test_spi_lengths(void)
{
	unsigned int protocol, n;
	size_t len;
	bool good;

	for (protocol = 0; protocol < 256; protocol++)
		for (n = 0; n < 256; n++) {
			len = put_head(room);
			len += put_proposal(room + len, true, 1, (u8)protocol, (u8)n, 1);
			good = n <= 16;
			if (protocol == V1_PROTO_AH || protocol == V1_PROTO_ESP)
				good = n == 4;
			if (protocol == V1_PROTO_IPCOMP)
				good = n == 2 || n == 4;
			tap_note("protocol %u, SPI of %u", protocol, n);
			CHECK_REASON(check_sa(room, len), good ? ISAKMP_OK : ISAKMP_R_BAD_SA);
		}
}

static void test_numbers(void)
{
	static const struct {
		u8 num[3];
		bool good;
	} rows[] = {
		{ { 0, 0, 0 }, true }, { { 0, 1, 2 }, true }, { { 1, 1, 2 }, true },
		{ { 1, 3, 255 }, true }, { { 2, 1, 3 }, false }, { { 1, 2, 1 }, false },
		{ { 255, 255, 0 }, false },
	};
	size_t i, j, len;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		len = put_head(room);
		for (j = 0; j < 3; j++)
			len += put_proposal(room + len, j == 2, rows[i].num[j], 1, 0, 1);
		tap_note("row %zu", i);
		CHECK_REASON(check_sa(room, len), rows[i].good ? ISAKMP_OK : ISAKMP_R_BAD_SA);
	}
}

static enum isakmp_reason many(unsigned int proposals, unsigned int transforms)
{
	size_t len = put_head(room);
	unsigned int i;

	for (i = 0; i < proposals; i++)
		len += put_proposal(room + len, i + 1 == proposals, (u8)i, 1, 0, transforms);
	return check_sa(room, len);
}

/* Two proposals with so many transforms. */
static enum isakmp_reason two(unsigned int first, unsigned int second)
{
	size_t len = put_head(room);

	len += put_proposal(room + len, false, 1, 1, 0, first);
	len += put_proposal(room + len, true, 2, 1, 0, second);
	return check_sa(room, len);
}

static void test_limits(void)
{
	CHECK_REASON(many(0, 0), ISAKMP_R_BAD_SA);
	CHECK_REASON(many(1, 0), ISAKMP_R_BAD_SA);
	CHECK_REASON(many(IKE_PROPOSALS_MAX, 8), ISAKMP_OK);
	CHECK_REASON(many(IKE_PROPOSALS_MAX + 1, 1), ISAKMP_R_BAD_SA);
	/* 256 in all, 255 in one */
	CHECK_REASON(many(1, 255), ISAKMP_OK);
	CHECK_REASON(many(2, V1_TRANSFORMS_MAX / 2), ISAKMP_OK);
	CHECK_REASON(many(2, V1_TRANSFORMS_MAX / 2 + 1), ISAKMP_R_BAD_SA);
	CHECK_REASON(many(8, V1_TRANSFORMS_MAX / 8), ISAKMP_OK);
	CHECK_REASON(many(8, V1_TRANSFORMS_MAX / 8 + 1), ISAKMP_R_BAD_SA);
	CHECK_REASON(two(255, V1_TRANSFORMS_MAX - 255), ISAKMP_OK);
	CHECK_REASON(two(255, V1_TRANSFORMS_MAX - 254), ISAKMP_R_BAD_SA);
}

/* ---- attributes ------------------------------------------------------------ */

/* A transform with these attribute octets in an SA payload of its own. */
static enum isakmp_reason with_attrs(const u8 *attrs, size_t n)
{
	size_t len = put_head(room);
	u8 *t = room + len + 8;

	put_proposal(room + len, true, 1, 1, 0, 1);
	put_unaligned_be16((u16)(16 + n), room + len + 2);
	put_unaligned_be16((u16)(8 + n), t + 2);
	memcpy(t + 8, attrs, n);
	return check_sa(room, len + 16 + n);
}

/* Each variable-length attribute says 0 to 65535 octets in a transform of 8 to 64. */
static void test_attr_lengths(void)
{
	static const u16 types[] = { V1_A_GROUP_PRIME, V1_A_GROUP_G1, V1_A_GROUP_ORDER, V1_A_LIFE,
				     0x7fff };
	static const u16 far[] = { 100, 255, 256, 1000, 0x7fff, 0x8000, 0xfffc, 0xffff };
	u8 attr[56] = { 0 };
	size_t n, len, i, j;

	for (j = 0; j < ARRAY_SIZE(types); j++)
		for (n = 1; n <= sizeof(attr); n++) {
			put_unaligned_be16(types[j], attr);
			for (len = 0; len < 64 + ARRAY_SIZE(far); len++) {
				i = len < 64 ? len : far[len - 64];
				put_unaligned_be16((u16)i, attr + 2);
				/* One attribute alone; what is left is others, of type 0 */
				tap_note("type %u, %zu octets, says %zu", types[j], n, i);
				if (n < 4 || i > n - 4)
					CHECK_REASON(with_attrs(attr, n), ISAKMP_R_BAD_SA);
				else if (i == n - 4)
					CHECK_REASON(with_attrs(attr, n), ISAKMP_OK);
			}
		}
}

static void test_attr_count(void)
{
	u8 attrs[4 * (V1_ATTRS_MAX + 1)];
	size_t i;

	for (i = 0; i <= V1_ATTRS_MAX; i++)
		put_unaligned_be32(0x800b0001, attrs + 4 * i);
	CHECK_REASON(with_attrs(attrs, 4 * V1_ATTRS_MAX), ISAKMP_OK);
	CHECK_REASON(with_attrs(attrs, 4 * V1_ATTRS_MAX + 4), ISAKMP_R_BAD_SA);
	/* Half of one */
	CHECK_REASON(with_attrs(attrs, 6), ISAKMP_R_BAD_SA);
	CHECK_REASON(with_attrs(attrs, 0), ISAKMP_OK);
}

/* Both forms, and what a value is as a number. */
static void test_attr_forms(void)
{
	static const u8 octets[] = {
		0x80, 12, 0xff, 0xfe,			/* basic */
		0, 12, 0, 2, 0xff, 0xfe,		/* the same, longer */
		0, 12, 0, 0,				/* nothing */
		0, 12, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8,
		0, 12, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9,	/* no number */
		0xff, 0xff, 0, 0,			/* type 32767 */
		0, 12, 0, 1,				/* cut */
	};
	static const struct {
		u64 small;
		u16 type, len;
		bool basic;
	} want[] = {
		{ 0xfffe, 12, 2, true }, { 0xfffe, 12, 2, false }, { 0, 12, 0, false },
		{ 0x0102030405060708, 12, 8, false }, { 0, 12, 9, false }, { 0, 0x7fff, 2, true },
	};
	struct v1_attr_value v = { 0 };
	u8 *copy = exact(octets, sizeof(octets));
	struct isakmp_cur c;
	size_t i;

	isakmp_cur_init(&c, copy, sizeof(octets));
	for (i = 0; v1_attr_next(&c, &v) && i < ARRAY_SIZE(want); i++) {
		tap_note("attribute %zu", i);
		CHECK_EQ(v.small, want[i].small);
		CHECK_EQ(v.type, want[i].type);
		CHECK_EQ(v.len, want[i].len);
		CHECK_EQ(v.basic, want[i].basic);
	}
	CHECK_EQ(i, ARRAY_SIZE(want));
	CHECK_EQ(c.left, 4);
	CHECK(v.type == 0x7fff && v.basic);
	free(copy);
}

static void test_attr_encode(void)
{
	static const u8 want[] = {
		0x80, 12, 0xff, 0xff,
		0, 12, 0, 4, 0, 1, 0, 0,
		0, 12, 0, 4, 0xff, 0xff, 0xff, 0xff,
		0x80, 1, 0, 0,
	};
	u8 out[sizeof(want)];
	struct isakmp_out o;

	isakmp_out_init(&o, out, sizeof(out));
	v1_attr_encode(&o, 12, 65535);
	v1_attr_encode(&o, 12, 65536);
	v1_attr_encode(&o, 12, 0xffffffff);
	v1_attr_encode(&o, 1, 0);
	EXPECT_OUT(&o, want, sizeof(want));
	v1_attr_encode(&o, 1, 0);
	CHECK(o.full);
}

int main(void)
{
	TAP_RUN(test_example, "SA: two protocols and an alternative, read and written again");
	TAP_RUN(test_write, "SA: written into any room");
	TAP_RUN(test_echo, "SA: a selection echoes the transform");
	TAP_RUN(test_cut, "SA: cut at every octet");
	TAP_RUN(test_fields, "SA: every value of lengths, counts, next payloads (threat 14)");
	TAP_RUN(test_reserved, "SA: reserved octets are not looked at");
	TAP_RUN(test_doi, "SA: every bit of DOI and situation (threat 30)");
	TAP_RUN(test_spi_lengths, "SA: SPI lengths of every protocol");
	TAP_RUN(test_numbers, "SA: proposal numbers do not go down (RFC 2408, 4.2)");
	TAP_RUN(test_limits, "SA: as many proposals and transforms as the limits, one more");
	TAP_RUN(test_attr_lengths, "SA: attributes past their transform (threat 11, threat 18)");
	TAP_RUN(test_attr_count, "SA: as many attributes as the limit, one more");
	TAP_RUN(test_attr_forms, "attributes: both forms (RFC 2408, 3.3)");
	TAP_RUN(test_attr_encode, "attributes: numbers in the form they need");
	return tap_done();
}
