// SPDX-License-Identifier: GPL-2.0
/* Security Association payload (RFC 7296, 3.3). */
#include "wire.h"

static u8 room[65536];

/* The example of RFC 7296, 3.3, by the drawings of 3.3.1, 3.3.2 and 3.3.5 */
static const u8 example[] = {
	/* Proposal #1: more; length; ESP, SPI size 4, 7 transforms, SPI */
	2, 0, 0, 80,  1, 3, 4, 7,  0x05, 0x23, 0x57, 0xbb,
	/* ENCR_AES_CBC 128, 192, 256 */
	3, 0, 0, 12,  1, 0, 0, 12,  0x80, 14, 0, 128,
	3, 0, 0, 12,  1, 0, 0, 12,  0x80, 14, 0, 192,
	3, 0, 0, 12,  1, 0, 0, 12,  0x80, 14, 1, 0,
	/* AUTH_HMAC_SHA1_96, AUTH_AES_XCBC_96 */
	3, 0, 0, 8,  3, 0, 0, 2,
	3, 0, 0, 8,  3, 0, 0, 5,
	/* ESN, no ESN */
	3, 0, 0, 8,  5, 0, 0, 1,
	0, 0, 0, 8,  5, 0, 0, 0,
	/* Proposal #2: last; ESP, SPI size 4, 4 transforms, SPI */
	0, 0, 0, 52,  2, 3, 4, 4,  0x35, 0xa1, 0xd6, 0xf2,
	/* AES-GCM with 8 octet ICV, 128, 256; ESN, no ESN */
	3, 0, 0, 12,  1, 0, 0, 18,  0x80, 14, 0, 128,
	3, 0, 0, 12,  1, 0, 0, 18,  0x80, 14, 1, 0,
	3, 0, 0, 8,  5, 0, 0, 1,
	0, 0, 0, 8,  5, 0, 0, 0,
};

static const u8 spis[2][4] = { { 0x05, 0x23, 0x57, 0xbb }, { 0x35, 0xa1, 0xd6, 0xf2 } };

static const struct isakmp_transform transforms[2][7] = {
	{
		{ IKE_T_ENCR, 12, 128, false }, { IKE_T_ENCR, 12, 192, false },
		{ IKE_T_ENCR, 12, 256, false }, { IKE_T_INTEG, 2, 0, false },
		{ IKE_T_INTEG, 5, 0, false }, { IKE_T_ESN, IKE_ESN_YES, 0, false },
		{ IKE_T_ESN, IKE_ESN_NO, 0, false },
	},
	{
		{ IKE_T_ENCR, 18, 128, false }, { IKE_T_ENCR, 18, 256, false },
		{ IKE_T_ESN, IKE_ESN_YES, 0, false }, { IKE_T_ESN, IKE_ESN_NO, 0, false },
	},
};

static const unsigned int counts[2] = { 7, 4 };

static enum isakmp_reason check_sa(const void *body, size_t n)
{
	return check_body(IKE_PL_SA, body, n);
}

/* One proposal for the tests below: IKE, AES-GCM-16 256 and a PRF */
static const u8 one[] = {
	0, 0, 0, 28,  1, 1, 0, 2,
	3, 0, 0, 12,  1, 0, 0, 20,  0x80, 14, 1, 0,
	0, 0, 0, 8,  2, 0, 0, 5,
};

static void check_proposal(const struct isakmp_proposal *p, unsigned int i)
{
	struct isakmp_transform t;
	struct isakmp_cur c;
	unsigned int n;

	CHECK_EQ(p->num, i + 1);
	CHECK_EQ(p->protocol, IKE_PROTO_ESP);
	CHECK_EQ(p->spi_size, 4);
	CHECK_MEM(p->spi, spis[i], 4);
	CHECK_EQ(p->n, counts[i]);
	isakmp_cur_init(&c, p->transforms, p->len);
	for (n = 0; isakmp_transform_next(&c, &t); n++) {
		tap_note("proposal %u, transform %u", i, n);
		CHECK_EQ(t.type, transforms[i][n].type);
		CHECK_EQ(t.id, transforms[i][n].id);
		CHECK_EQ(t.keylen, transforms[i][n].keylen);
		CHECK(!t.odd);
	}
	CHECK_EQ(n, counts[i]);
}

static void test_example(void)
{
	struct isakmp_payload pl = payload(IKE_PL_SA, example, sizeof(example));
	struct isakmp_proposal p;
	struct isakmp_cur c;
	unsigned int n, i;

	CHECK_EQ(isakmp_sa_decode(&pl, &n), ISAKMP_OK);
	CHECK_EQ(n, 2);
	isakmp_cur_init(&c, pl.body, pl.len);
	for (i = 0; isakmp_proposal_next(&c, &p) && i < 2; i++)
		check_proposal(&p, i);
	CHECK_EQ(i, 2);
	CHECK_EQ(c.left, 0);
	payload_free(&pl);
}

static void build_example(struct isakmp_out *o)
{
	struct isakmp_sa_build b;
	unsigned int i, t;

	for (i = 0; i < 2; i++) {
		isakmp_sa_build_begin(&b, o, (u8)(i + 1), IKE_PROTO_ESP, spis[i], 4);
		for (t = 0; t < counts[i]; t++)
			isakmp_sa_build_transform(&b, transforms[i][t].type,
						  transforms[i][t].id, transforms[i][t].keylen);
		isakmp_sa_build_end(&b, i == 1);
	}
}

static void test_build(void)
{
	struct isakmp_out o;
	size_t cap;
	u8 *p;

	for (cap = 0; cap <= sizeof(example); cap++) {
		tap_note("room for %zu", cap);
		p = malloc(cap);
		isakmp_out_init(&o, p, cap);
		build_example(&o);
		if (cap == sizeof(example))
			EXPECT_OUT(&o, example, cap);
		else
			CHECK(o.full);
		free(p);
	}
}

static void build_many(struct isakmp_out *o, unsigned int n)
{
	struct isakmp_sa_build b;

	isakmp_out_init(o, room, sizeof(room));
	isakmp_sa_build_begin(&b, o, 1, IKE_PROTO_IKE, NULL, 0);
	while (n--)
		isakmp_sa_build_transform(&b, IKE_T_ENCR, 20, 256);
	isakmp_sa_build_end(&b, true);
}

static void test_build_counts(void)
{
	struct isakmp_out o;

	build_many(&o, 0);
	CHECK(o.full);
	build_many(&o, 1);
	CHECK(!o.full);
	CHECK_EQ(check_sa(room, o.len), ISAKMP_OK);
	build_many(&o, IKE_TRANSFORMS_MAX);
	CHECK(!o.full);
	CHECK_EQ(check_sa(room, o.len), ISAKMP_OK);
	build_many(&o, IKE_TRANSFORMS_MAX + 1);
	CHECK(o.full);
}

static void test_truncation(void)
{
	unsigned int n = 7;
	struct isakmp_payload pl;
	size_t cut;

	for (cut = 0; cut < sizeof(example); cut++) {
		tap_note("%zu octets", cut);
		pl = payload(IKE_PL_SA, example, cut);
		CHECK_REASON(isakmp_sa_decode(&pl, &n), ISAKMP_R_BAD_SA);
		CHECK_EQ(n, 0);
		payload_free(&pl);
	}
}

static void test_last_substruc(void)
{
	static const struct {
		size_t at;
		u8 good;
	} at[] = { { 0, 2 }, { 80, 0 }, { 12, 3 }, { 72, 0 }, { 92, 3 }, { 124, 0 } };
	u8 body[sizeof(example)];
	unsigned int i, v;

	for (i = 0; i < ARRAY_SIZE(at); i++)
		for (v = 0; v < 256; v++) {
			tap_note("%u at %zu", v, at[i].at);
			memcpy(body, example, sizeof(body));
			CHECK_EQ(body[at[i].at], at[i].good);
			body[at[i].at] = (u8)v;
			CHECK_REASON(check_sa(body, sizeof(body)),
				     v == at[i].good ? ISAKMP_OK : ISAKMP_R_BAD_SA);
		}
}

/* Every inner length: only the true one covers its outer one exactly. */
static void test_inner_lengths(void)
{
	static const size_t at[] = { 2, 82, 14, 74, 94, 126 };
	u8 body[sizeof(example)];
	unsigned int i, v;

	for (i = 0; i < ARRAY_SIZE(at); i++)
		for (v = 0; v < 65536; v++) {
			tap_note("length %u at %zu", v, at[i]);
			memcpy(body, example, sizeof(body));
			put_unaligned_be16((u16)v, body + at[i]);
			CHECK_REASON(check_sa(body, sizeof(body)),
				     v == get_unaligned_be16(example + at[i]) ? ISAKMP_OK :
										ISAKMP_R_BAD_SA);
		}
}

/* Proposal lengths, SPI sizes and counts that hide one structure in another */
static void test_counts(void)
{
	u8 body[sizeof(one)];
	unsigned int v;

	memcpy(body, one, sizeof(body));
	for (v = 0; v < 256; v++) {
		body[7] = (u8)v;
		CHECK_REASON(check_sa(body, sizeof(body)), v == 2 ? ISAKMP_OK : ISAKMP_R_BAD_SA);
	}
	/* "one or more" of both */
	CHECK_REASON(check_sa("\0\0\0\x08\1\1\0\0", 8), ISAKMP_R_BAD_SA);
	CHECK_REASON(check_sa("", 0), ISAKMP_R_BAD_SA);
}

static bool spi_good(unsigned int protocol, unsigned int size)
{
	switch (protocol) {
	case 1:
		return size == 0 || size == 8;
	case 2:
	case 3:
		return size == 4;
	default:
		return size == 0 || size == 4 || size == 8;
	}
}

static void test_spi_sizes(void)
{
	u8 body[sizeof(one) + 256];
	unsigned int protocol, size;

	for (protocol = 0; protocol < 256; protocol++)
		for (size = 0; size < 256; size++) {
			tap_note("protocol %u, SPI size %u", protocol, size);
			memset(body, 0, sizeof(body));
			memcpy(body, one, 8);
			memcpy(body + 8 + size, one + 8, sizeof(one) - 8);
			put_unaligned_be16((u16)(sizeof(one) + size), body + 2);
			body[5] = (u8)protocol;
			body[6] = (u8)size;
			CHECK_REASON(check_sa(body, sizeof(one) + size),
				     spi_good(protocol, size) ? ISAKMP_OK : ISAKMP_R_BAD_SA);
		}
}

/* @n proposals of one transform each, numbered from @first by @step */
static size_t proposals(u8 *p, unsigned int n, unsigned int first, unsigned int step)
{
	static const u8 proposal[] = { 2, 0, 0, 16,  0, 1, 0, 1,  0, 0, 0, 8,  2, 0, 0, 5 };
	unsigned int i;

	for (i = 0; i < n; i++) {
		memcpy(p + 16 * i, proposal, 16);
		p[16 * i] = i + 1 < n ? 2 : 0;
		p[16 * i + 4] = (u8)(first + i * step);
	}
	return 16 * n;
}

static void test_numbers(void)
{
	unsigned int n, first;

	for (first = 0; first < 256; first++) {
		tap_note("first %u", first);
		/* alone: an acceptance keeps the number that it had in the offer */
		n = (unsigned int)proposals(room, 1, first, 1);
		CHECK_REASON(check_sa(room, n), first ? ISAKMP_OK : ISAKMP_R_BAD_SA);
		/* several: an offer */
		n = (unsigned int)proposals(room, 3, first, 1);
		CHECK_REASON(check_sa(room, n), first == 1 ? ISAKMP_OK : ISAKMP_R_BAD_SA);
	}
	for (n = 0; n < 256; n++)
		CHECK_REASON(check_sa(room, proposals(room, 3, 1, n)),
			     n == 1 ? ISAKMP_OK : ISAKMP_R_BAD_SA);
}

static void test_many(void)
{
	unsigned int n;

	for (n = 1; n <= IKE_PROPOSALS_MAX + 1; n++) {
		tap_note("%u proposals", n);
		CHECK_REASON(check_sa(room, proposals(room, n, 1, 1)),
			     n <= IKE_PROPOSALS_MAX ? ISAKMP_OK : ISAKMP_R_BAD_SA);
	}
}

/* A proposal of @n transforms */
static size_t many_transforms(u8 *p, unsigned int n)
{
	static const u8 transform[] = { 3, 0, 0, 8,  2, 0, 0, 5 };
	unsigned int i;

	memcpy(p, one, 8);
	put_unaligned_be16((u16)(8 + 8 * n), p + 2);
	p[7] = (u8)n;
	for (i = 0; i < n; i++) {
		memcpy(p + 8 + 8 * i, transform, 8);
		p[8 + 8 * i] = i + 1 < n ? 3 : 0;
	}
	return 8 + 8 * n;
}

static void test_many_transforms(void)
{
	unsigned int n;

	for (n = 0; n <= 300; n++) {
		tap_note("%u transforms", n);
		CHECK_REASON(check_sa(room, many_transforms(room, n)),
			     n && n <= IKE_TRANSFORMS_MAX ? ISAKMP_OK : ISAKMP_R_BAD_SA);
	}
}

/* A proposal of one transform with @n octets of attributes */
static size_t with_attrs(u8 *p, const void *attrs, size_t n)
{
	static const u8 head[] = { 0, 0, 0, 0,  1, 1, 0, 1,  0, 0, 0, 0,  1, 0, 0, 20 };

	memcpy(p, head, sizeof(head));
	put_unaligned_be16((u16)(16 + n), p + 2);
	put_unaligned_be16((u16)(8 + n), p + 10);
	if (n)
		memcpy(p + 16, attrs, n);
	return 16 + n;
}

/* The single transform of a body that @want says is good */
static struct isakmp_transform attrs_of(const void *attrs, size_t n, enum isakmp_reason want)
{
	struct isakmp_transform t = { 0 };
	struct isakmp_proposal p;
	struct isakmp_payload pl;
	struct isakmp_cur c;

	pl = payload(IKE_PL_SA, room, with_attrs(room, attrs, n));
	CHECK_REASON(isakmp_sa_decode(&pl, NULL), want);
	if (want == ISAKMP_OK) {
		isakmp_cur_init(&c, pl.body, pl.len);
		CHECK(isakmp_proposal_next(&c, &p));
		isakmp_cur_init(&c, p.transforms, p.len);
		CHECK(isakmp_transform_next(&c, &t));
		CHECK(!isakmp_transform_next(&c, &t));
	}
	payload_free(&pl);
	return t;
}

static void test_attrs(void)
{
	struct isakmp_transform t;

	t = attrs_of("", 0, ISAKMP_OK);
	CHECK_EQ(t.keylen, 0);
	CHECK(!t.odd);
	t = attrs_of("\x80\x0e\x01\x00", 4, ISAKMP_OK);
	CHECK_EQ(t.keylen, 256);
	CHECK(!t.odd);
	t = attrs_of("\x80\x0f\x01\x00", 4, ISAKMP_OK);		/* TV, unknown */
	CHECK(t.odd);
	t = attrs_of("\x00\x0f\x00\x02zz\x80\x0e\x00\x80", 10, ISAKMP_OK); /* TLV, unknown */
	CHECK(t.odd);
	CHECK_EQ(t.keylen, 128);
	t = attrs_of("\x00\x00\x00\x00", 4, ISAKMP_OK);		/* TLV of nothing */
	CHECK(t.odd);
	attrs_of("\x00\x0e\x00\x02\x01\x00", 6, ISAKMP_R_BAD_SA); /* Key Length as TLV */
	attrs_of("\x80\x0e\x01\x00\x80\x0e\x01\x00", 8, ISAKMP_R_BAD_SA); /* twice */
	attrs_of("\x80\x0e\x01", 3, ISAKMP_R_BAD_SA);
	attrs_of("\x80", 1, ISAKMP_R_BAD_SA);
}

static void test_key_lengths(void)
{
	u8 attr[4] = { 0x80, 14 };
	struct isakmp_transform t;
	unsigned int v;

	attrs_of(attr, 4, ISAKMP_R_BAD_SA);		/* Key Length 0 */
	for (v = 1; v < 65536; v++) {
		put_unaligned_be16((u16)v, attr + 2);
		t = attrs_of(attr, 4, ISAKMP_OK);
		CHECK_EQ(t.keylen, v);
	}
}

/* A TLV attribute of every length in a transform of 8 to 64 octets */
static void test_attr_lengths(void)
{
	enum isakmp_reason r;
	unsigned int size, v;
	u8 attr[64] = { 0 };
	u8 *body;
	size_t n;

	attr[1] = 99;
	for (size = 0; size <= 56; size += 4) {
		n = with_attrs(room, attr, size);
		body = exact(room, n);
		for (v = 0; v < 65536; v++) {
			struct isakmp_payload pl = { .type = IKE_PL_SA, .body = body,
						     .len = (u16)n };

			tap_note("length %u in %u octets", v, size);
			if (size)
				put_unaligned_be16((u16)v, body + 16 + 2);
			r = isakmp_sa_decode(&pl, NULL);
			if (!size || v == size - 4)
				CHECK_EQ(r, ISAKMP_OK);
			else if (v > size - 4)
				CHECK_REASON(r, ISAKMP_R_BAD_SA);
		}
		free(body);
	}
}

static void test_many_attrs(void)
{
	u8 attrs[4 * (IKE_ATTRS_MAX + 2)];
	unsigned int n;

	for (n = 0; n < sizeof(attrs) / 4; n++) {
		attrs[4 * n] = 0x80;
		attrs[4 * n + 1] = (u8)(20 + n);
		attrs[4 * n + 2] = 0;
		attrs[4 * n + 3] = 0;
	}
	for (n = 1; n <= IKE_ATTRS_MAX + 2; n++) {
		tap_note("%u attributes", n);
		attrs_of(attrs, 4 * n, n <= IKE_ATTRS_MAX ? ISAKMP_OK : ISAKMP_R_BAD_SA);
	}
}

/* Types and IDs unknown to us decode: the law says what they are worth. */
static void test_transforms(void)
{
	struct isakmp_transform t;
	struct isakmp_cur c;
	unsigned int v;
	u8 body[sizeof(one)];

	memcpy(body, one, sizeof(body));
	for (v = 0; v < 65536; v++) {
		body[24] = (u8)v;
		put_unaligned_be16((u16)v, body + 26);
		CHECK_EQ(check_sa(body, sizeof(body)), ISAKMP_OK);
		isakmp_cur_init(&c, body + 20, 8);
		CHECK(isakmp_transform_next(&c, &t));
		CHECK_EQ(t.type, v & 255);
		CHECK_EQ(t.id, v);
	}
}

static void test_reserved(void)
{
	static const size_t at[] = { 1, 9, 13, 21, 25 };
	u8 body[sizeof(one)];
	size_t i;

	memcpy(body, one, sizeof(body));
	for (i = 0; i < ARRAY_SIZE(at); i++) {
		CHECK_EQ(body[at[i]], 0);
		body[at[i]] = 0xff;
	}
	CHECK_EQ(check_sa(body, sizeof(body)), ISAKMP_OK);
}

int main(void)
{
	TAP_RUN(test_example, "SA: the example, by the drawings (RFC 7296, 3.3)");
	TAP_RUN(test_build, "SA: building the example, in every room");
	TAP_RUN(test_build_counts, "SA: building 0, 1, MAX, MAX+1 transforms");
	TAP_RUN(test_truncation, "SA: cut at every octet (threat 10)");
	TAP_RUN(test_last_substruc, "SA: Last Substruc, all 256 at both levels (threat 14)");
	TAP_RUN(test_inner_lengths, "SA: every inner length, 0..65535 (threat 23)");
	TAP_RUN(test_counts, "SA: Num Transforms agrees; one or more of both");
	TAP_RUN(test_spi_sizes, "SA: every protocol and SPI size");
	TAP_RUN(test_numbers, "SA: proposal numbers of offers and acceptances (RFC 7296, 3.3.1)");
	TAP_RUN(test_many, "SA: MAX proposals and one more (threat 37)");
	TAP_RUN(test_many_transforms, "SA: MAX transforms and one more (threat 37)");
	TAP_RUN(test_attrs, "SA: attributes, TV and TLV (RFC 7296, 3.3.5)");
	TAP_RUN(test_key_lengths, "SA: Key Length 0..65535 (threat 78) (threat 79)");
	TAP_RUN(test_attr_lengths, "SA: TLV length 0..65535 (threat 11) (threat 18)");
	TAP_RUN(test_many_attrs, "SA: MAX attributes and one more (threat 37)");
	TAP_RUN(test_transforms, "SA: all 65536 transform IDs stay what they are (threat 75)");
	TAP_RUN(test_reserved, "SA: reserved octets are ignored (threat 30)");
	return tap_done();
}
