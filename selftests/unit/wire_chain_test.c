// SPDX-License-Identifier: GPL-2.0
/* Header, payload chains and the builder (RFC 7296, 3.1, 3.2, 3.14). */
#include "wire.h"

static struct isakmp_chain chain;

/* RFC 7296, 3.1, figure 4, octet by octet */
static const u8 header_octets[] = {
	0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,	/* initiator's SPI */
	0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x01,	/* responder's SPI */
	0x2e,						/* next payload: SK */
	0x20,						/* version 2.0 */
	0x25,						/* INFORMATIONAL */
	0x28,						/* response, initiator */
	0x01, 0x02, 0x03, 0x04,				/* message ID */
	0x00, 0x00, 0x00, 0x1c,				/* length */
};

static void test_header(void)
{
	struct isakmp_header h;
	struct isakmp_out o;
	u8 buf[IKE_HDR_LEN];

	CHECK_EQ(isakmp_header_decode(header_octets, sizeof(header_octets), &h), ISAKMP_OK);
	CHECK_EQ(h.spi_i, 0x1122334455667788ULL);
	CHECK_EQ(h.spi_r, 0x99aabbccddeeff01ULL);
	CHECK_EQ(h.next, IKE_PL_SK);
	CHECK_EQ(h.major, 2);
	CHECK_EQ(h.minor, 0);
	CHECK_EQ(h.exchange, IKE_INFORMATIONAL);
	CHECK_EQ(h.flags, IKE_FLAG_RESPONSE | IKE_FLAG_INITIATOR);
	CHECK_EQ(h.msgid, 0x01020304);
	CHECK_EQ(h.len, 28);

	isakmp_out_init(&o, buf, sizeof(buf));
	isakmp_header_encode(&o, &h);
	EXPECT_OUT(&o, header_octets, sizeof(header_octets));
}

static enum isakmp_reason header_of(size_t n, u32 len, struct isakmp_header *h)
{
	u8 *p = calloc(1, n + !n);
	enum isakmp_reason r;
	u8 *copy;

	if (n >= 28)
		put_unaligned_be32(len, p + 24);
	copy = exact(p, n);
	r = isakmp_header_decode(copy, n, h);
	free(copy);
	free(p);
	return r;
}

static void test_header_length(void)
{
	static const u32 wrong[] = { 0, 27, 28, 99, 101, 1U << 31, 0xffffffffU };
	struct isakmp_header h, was;
	size_t i;

	memset(&h, 0x55, sizeof(h));
	was = h;
	for (i = 0; i < 28; i++) {
		CHECK_REASON(header_of(i, 0, &h), ISAKMP_R_SHORT);
		CHECK_MEM(&h, &was, sizeof(h));
	}
	CHECK_EQ(header_of(28, 28, &h), ISAKMP_OK);
	CHECK_EQ(header_of(100, 100, &h), ISAKMP_OK);
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		h.len = 1;
		CHECK_REASON(header_of(100, wrong[i], &h), ISAKMP_R_LENGTH);
		CHECK_EQ(h.len, wrong[i]);	/* filled: a refusal can name it */
	}
}

static void test_header_bits(void)
{
	u8 p[sizeof(header_octets)], buf[sizeof(header_octets)];
	struct isakmp_header h;
	struct isakmp_out o;
	unsigned int v;

	memcpy(p, header_octets, sizeof(p));
	for (v = 0; v < 256; v++) {
		p[16] = p[17] = p[18] = p[19] = (u8)v;
		CHECK_EQ(isakmp_header_decode(p, sizeof(p), &h), ISAKMP_OK);
		CHECK_EQ(h.major, v >> 4);
		CHECK_EQ(h.minor, v & 15);
		isakmp_out_init(&o, buf, sizeof(buf));
		isakmp_header_encode(&o, &h);
		EXPECT_OUT(&o, p, sizeof(p));
	}
	CHECK_EQ(IKE_FLAG_INITIATOR, 1 << 3);	/* X X R V I X X X */
	CHECK_EQ(IKE_FLAG_VERSION, 1 << 4);
	CHECK_EQ(IKE_FLAG_RESPONSE, 1 << 5);
}

/* Nonce of 16, unknown type 200, Vendor ID of 1: each header as in figure 5 */
static const u8 three[] = {
	200,  0x00, 0x00, 0x14,
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
	43,   0x7f, 0x00, 0x04,			/* reserved bits set, not critical */
	0,    0x00, 0x00, 0x05, 0x61,
};

static const size_t three_starts[] = { 0, 20, 24 };

static void test_chain(void)
{
	CHECK_EQ(isakmp_chain_decode(IKE_PL_NONCE, three, sizeof(three), &chain), ISAKMP_OK);
	CHECK_EQ(chain.n, 3);
	CHECK_EQ(chain.pl[0].type, IKE_PL_NONCE);
	CHECK_EQ(chain.pl[0].len, 16);
	CHECK(chain.pl[0].body == three + 4);
	CHECK_EQ(chain.pl[1].type, 200);
	CHECK_EQ(chain.pl[1].len, 0);
	CHECK(!chain.pl[1].critical);
	CHECK_EQ(chain.pl[2].type, IKE_PL_VENDOR);
	CHECK_EQ(chain.pl[2].len, 1);
	CHECK_EQ(chain.pl[2].body[0], 0x61);
	CHECK_EQ(chain.seen, 1U << 8 | 1U << 11);
	CHECK_EQ(chain.repeated, 0);
	CHECK_EQ(chain.next_in_sk, 0);
}

static void test_chain_empty(void)
{
	CHECK_EQ(check_chain(IKE_PL_NONE, "", 0, &chain), ISAKMP_OK);
	CHECK_EQ(chain.n, 0);
	CHECK_REASON(check_chain(IKE_PL_NONE, "a", 1, &chain), ISAKMP_R_PAYLOAD_TRAILING);
	CHECK_REASON(check_chain(IKE_PL_NONCE, "", 0, &chain), ISAKMP_R_PAYLOAD_SHORT);
}

static void test_chain_short_lengths(void)
{
	u8 p[sizeof(three)];
	unsigned int at, len;

	for (at = 0; at < ARRAY_SIZE(three_starts); at++)
		for (len = 0; len < 4; len++) {
			tap_note("payload %u, length %u", at, len);
			memcpy(p, three, sizeof(p));
			p[three_starts[at] + 3] = (u8)len;
			CHECK_REASON(check_chain(IKE_PL_NONCE, p, sizeof(p), &chain),
				     ISAKMP_R_PAYLOAD_SHORT);
			CHECK_EQ(chain.n, 0);
			CHECK_EQ(chain.seen, 0);
		}
}

/* Does a payload that starts at @at and has @len octets end where one starts? */
static bool lands(unsigned int at, unsigned int len)
{
	unsigned int i;

	for (i = at + 1; i < ARRAY_SIZE(three_starts); i++)
		if (three_starts[at] + len == three_starts[i])
			return true;
	return three_starts[at] + len == sizeof(three) && at == ARRAY_SIZE(three_starts) - 1;
}

static void test_chain_lengths(void)
{
	unsigned int at, len, room;
	u8 p[sizeof(three)];
	enum isakmp_reason r;

	for (at = 0; at < ARRAY_SIZE(three_starts); at++)
		for (len = 4; len < 65536; len++) {
			tap_note("payload %u, length %u", at, len);
			memcpy(p, three, sizeof(p));
			put_unaligned_be16((u16)len, p + three_starts[at] + 2);
			room = (unsigned int)(sizeof(p) - three_starts[at]);
			r = check_chain(IKE_PL_NONCE, p, sizeof(p), &chain);
			if (len > room)
				CHECK_REASON(r, ISAKMP_R_PAYLOAD_LENGTH);
			else
				CHECK_EQ(r == ISAKMP_OK, lands(at, len));
		}
}

static void test_chain_trailing(void)
{
	u8 p[sizeof(three) + 8] = { 0 };
	size_t n;

	memcpy(p, three, sizeof(three));
	for (n = sizeof(three) + 1; n <= sizeof(p); n++)
		CHECK_REASON(check_chain(IKE_PL_NONCE, p, n, &chain), ISAKMP_R_PAYLOAD_TRAILING);
	CHECK_EQ(chain.n, 0);
}

/* @n empty payloads of type @type, the last header saying @last */
static void many_of(u8 *p, unsigned int n, u8 type, u8 last)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		p[4 * i] = i + 1 < n ? type : last;
		p[4 * i + 1] = 0;
		p[4 * i + 2] = 0;
		p[4 * i + 3] = 4;
	}
}

static void test_chain_many(void)
{
	static const u8 types[] = { IKE_PL_VENDOR, 200, 1 };
	u8 p[4 * (IKE_PAYLOADS_MAX + 1)];
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		for (n = 1; n <= IKE_PAYLOADS_MAX; n++) {
			many_of(p, n, types[i], 0);
			CHECK_EQ(check_chain(types[i], p, 4 * n, &chain), ISAKMP_OK);
			CHECK_EQ(chain.n, n);
		}
		many_of(p, n, types[i], 0);
		CHECK_REASON(check_chain(types[i], p, 4 * n, &chain), ISAKMP_R_PAYLOAD_MANY);
		CHECK_EQ(chain.n, 0);
	}
}

/* RFC 7383, 2.5: an SKF payload ends the chain; its Next Payload is of what is inside. */
static void test_skf(void)
{
	static const u8 want[] = {
		0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
		0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00,
		53, 0x20, 35, 0x08, 0, 0, 0, 1, 0, 0, 0, 45,
		35, 0, 0, 17, 0, 1, 0, 2, 0, 0, 'a', 'b', 'c', 0, 3, 0, 0,
	};
	const struct isakmp_header h = {
		.spi_i = 0x1122334455667788, .spi_r = 0x99aabbccddeeff00, .major = 2,
		.exchange = IKE_AUTH, .flags = IKE_FLAG_INITIATOR, .msgid = 1,
	};
	struct isakmp_skf skf = { 1, 2 };
	struct isakmp_builder b;
	u8 buf[64];
	size_t at;

	isakmp_build_begin(&b, buf, sizeof(buf), &h);
	at = isakmp_build_skf(&b, &skf, IKE_PL_IDI, 2);
	isakmp_out_bytes(&b.o, "abc\0\3", 5);
	CHECK_EQ(at, 38);
	isakmp_build_sk_end(&b, at, 6, 1);
	CHECK(isakmp_build_end(&b));
	CHECK_EQ(b.o.len, sizeof(want));
	CHECK_MEM(buf, want, sizeof(want));
	CHECK_EQ(isakmp_chain_decode(IKE_PL_SKF, want + 28, sizeof(want) - 28, &chain), ISAKMP_OK);
	CHECK_EQ(chain.n, 1);
	CHECK_EQ(chain.next_in_sk, IKE_PL_IDI);
	skf = (struct isakmp_skf){ 0 };
	CHECK_EQ(isakmp_skf_decode(&chain.pl[0], &skf), ISAKMP_OK);
	CHECK(skf.number == 1 && skf.total == 2);
	chain.pl[0].len = 4;
	CHECK_REASON(isakmp_skf_decode(&chain.pl[0], &skf), ISAKMP_R_BAD_SKF);
}

/* A chain of one payload of each type, critical or not */
static void test_chain_types(void)
{
	u8 p[4] = { 0, 0, 0, 4 };
	unsigned int type;
	bool known;

	for (type = 1; type < 256; type++) {
		tap_note("type %u", type);
		known = (type >= 33 && type <= 48) || type == 53;
		p[1] = 0x7f;
		CHECK_EQ(check_chain((u8)type, p, 4, &chain), ISAKMP_OK);
		CHECK_EQ(chain.seen, known ? 1ULL << (type - 32) : 0);
		CHECK_EQ(chain.critical_type, 0);
		p[1] = 0x80;
		if (known) {
			CHECK_EQ(check_chain((u8)type, p, 4, &chain), ISAKMP_OK);
			CHECK(chain.pl[0].critical);
			CHECK_EQ(chain.critical_type, 0);
		} else {
			CHECK_REASON(check_chain((u8)type, p, 4, &chain),
				     ISAKMP_R_PAYLOAD_CRITICAL);
			CHECK_EQ(chain.critical_type, type);
			CHECK_EQ(chain.n, 0);
		}
	}
}

static void test_chain_critical_order(void)
{
	u8 p[] = { 101, 0x80, 0, 4,  102, 0x80, 0, 4,  0, 0x80, 0, 4 };

	CHECK_REASON(check_chain(100, p, sizeof(p), &chain), ISAKMP_R_PAYLOAD_CRITICAL);
	CHECK_EQ(chain.critical_type, 100);	/* the first of them */
	p[11] = 3;				/* malformed is named first */
	CHECK_REASON(check_chain(100, p, sizeof(p), &chain), ISAKMP_R_PAYLOAD_SHORT);
	CHECK_EQ(chain.critical_type, 0);
}

static void test_chain_sk(void)
{
	static const u8 p[] = {
		46, 0, 0, 4,				/* Vendor ID */
		35, 0, 0, 7, 0xa, 0xb, 0xc,		/* SK, IDi inside */
	};
	u8 more[sizeof(p) + 4] = { 0 };

	CHECK_EQ(check_chain(IKE_PL_VENDOR, p, sizeof(p), &chain), ISAKMP_OK);
	CHECK_EQ(chain.n, 2);
	CHECK_EQ(chain.next_in_sk, IKE_PL_IDI);
	CHECK(!(chain.seen & ISAKMP_PL_BIT(IKE_PL_IDI)));
	CHECK(chain.seen & ISAKMP_PL_BIT(IKE_PL_SK));

	memcpy(more, p, sizeof(p));
	more[sizeof(p) + 3] = 4;	/* RFC 7296, 3.14: SK MUST be the last */
	CHECK_REASON(check_chain(IKE_PL_VENDOR, more, sizeof(more), &chain),
		     ISAKMP_R_PAYLOAD_TRAILING);
	CHECK_EQ(chain.next_in_sk, 0);
}

static void test_chain_find(void)
{
	static const u8 p[] = { 41, 0, 0, 4,  43, 0, 0, 4,  41, 0, 0, 4,  0, 0, 0, 4 };
	const struct isakmp_payload *pl;

	CHECK_EQ(isakmp_chain_decode(IKE_PL_NOTIFY, p, sizeof(p), &chain), ISAKMP_OK);
	CHECK_EQ(chain.repeated, ISAKMP_PL_BIT(IKE_PL_NOTIFY));
	pl = isakmp_chain_find(&chain, IKE_PL_NOTIFY);
	CHECK(pl == &chain.pl[0]);
	CHECK(isakmp_chain_next(&chain, IKE_PL_NOTIFY, NULL) == pl);
	pl = isakmp_chain_next(&chain, IKE_PL_NOTIFY, pl);
	CHECK(pl == &chain.pl[1]);
	pl = isakmp_chain_next(&chain, IKE_PL_NOTIFY, pl);
	CHECK(pl == &chain.pl[3]);
	CHECK(!isakmp_chain_next(&chain, IKE_PL_NOTIFY, pl));
	CHECK(isakmp_chain_find(&chain, IKE_PL_VENDOR) == &chain.pl[2]);
	CHECK(!isakmp_chain_find(&chain, IKE_PL_SA));
}

/* Vendor ID "a", Nonce of 16: what the builder must write, octet by octet */
static const u8 built_octets[] = {
	0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
	0, 0, 0, 0, 0, 0, 0, 0,
	43, 0x20, 34, 0x08, 0, 0, 0, 0, 0, 0, 0, 53,
	40, 0, 0, 5, 'a',
	0, 0, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
};

static const struct isakmp_header init_header = {
	.spi_i = 0x1122334455667788ULL, .next = 99, .major = 2,
	.exchange = IKE_SA_INIT, .flags = IKE_FLAG_INITIATOR, .len = 99,
};

static bool build_init(u8 *p, size_t cap)
{
	const struct isakmp_nonce nonce = { three + 4, 16 };
	struct isakmp_builder b;

	isakmp_build_begin(&b, p, cap, &init_header);
	isakmp_build_payload(&b, IKE_PL_VENDOR);
	isakmp_out_bytes(&b.o, "a", 1);
	isakmp_build_close(&b);
	isakmp_build_payload(&b, IKE_PL_NONCE);
	isakmp_nonce_encode(&b.o, &nonce);
	isakmp_build_close(&b);
	return isakmp_build_end(&b);
}

static void test_build(void)
{
	size_t cap;
	u8 *p;

	for (cap = 0; cap <= sizeof(built_octets); cap++) {
		tap_note("room for %zu", cap);
		p = malloc(cap);
		CHECK_EQ(build_init(p, cap), cap == sizeof(built_octets));
		if (cap == sizeof(built_octets))
			CHECK_MEM(p, built_octets, cap);
		free(p);
	}
}

static void test_build_empty(void)
{
	u8 p[IKE_HDR_LEN], want[IKE_HDR_LEN];
	struct isakmp_builder b;

	memcpy(want, built_octets, sizeof(want));
	want[16] = 0;
	want[27] = 28;
	isakmp_build_begin(&b, p, sizeof(p), &init_header);
	CHECK(isakmp_build_end(&b));
	CHECK_MEM(p, want, sizeof(want));
}

static void test_build_too_long(void)
{
	static u8 p[70000];
	struct isakmp_builder b;

	isakmp_build_begin(&b, p, sizeof(p), &init_header);
	isakmp_build_payload(&b, IKE_PL_VENDOR);
	isakmp_out_zero(&b.o, 65531);
	isakmp_build_close(&b);
	CHECK(isakmp_build_end(&b));
	CHECK_EQ(check_chain(IKE_PL_VENDOR, p + 28, 65535, &chain), ISAKMP_OK);

	isakmp_build_begin(&b, p, sizeof(p), &init_header);
	isakmp_build_payload(&b, IKE_PL_VENDOR);
	isakmp_out_zero(&b.o, 65532);
	isakmp_build_close(&b);
	CHECK(!isakmp_build_end(&b));
}

/* An SK payload with a Vendor ID of @vid octets inside; its inner length */
static size_t build_sk(u8 *p, size_t cap, size_t vid, size_t block, bool *good)
{
	struct isakmp_builder b;
	size_t sk, end;

	isakmp_build_begin(&b, p, cap, &init_header);
	sk = isakmp_build_sk(&b, 8);
	CHECK(b.o.full || sk == 28 + 4 + 8);
	isakmp_build_payload(&b, IKE_PL_VENDOR);
	isakmp_out_zero(&b.o, vid);
	isakmp_build_close(&b);
	isakmp_build_sk_end(&b, sk, block, 16);
	end = b.o.len;
	*good = isakmp_build_end(&b);
	return end - sk - 16;
}

static void check_sk(const u8 *p, size_t vid, size_t block, size_t inner)
{
	const struct isakmp_payload *sk;
	struct isakmp_header h;
	size_t pad;

	CHECK_EQ(isakmp_header_decode(p, 28 + 4 + 8 + inner + 16, &h), ISAKMP_OK);
	CHECK_EQ(isakmp_chain_decode(h.next, p + 28, h.len - 28, &chain), ISAKMP_OK);
	CHECK_EQ(chain.n, 1);
	sk = &chain.pl[0];
	CHECK_EQ(sk->type, IKE_PL_SK);
	CHECK_EQ(sk->len, 8 + inner + 16);
	CHECK_EQ(chain.next_in_sk, IKE_PL_VENDOR);
	CHECK_EQ(inner % block, 0);
	pad = sk->body[8 + inner - 1];
	CHECK(pad < block);
	CHECK_EQ(inner, 4 + vid + pad + 1);
	CHECK_EQ(isakmp_chain_decode(IKE_PL_VENDOR, p + 40, 4 + vid, &chain), ISAKMP_OK);
}

static void test_build_sk(void)
{
	static const size_t blocks[] = { 1, 4, 8, 16, 256 };
	size_t i, vid, inner;
	u8 buf[1024];
	bool good;

	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		for (vid = 0; vid < 300; vid++) {
			tap_note("block %zu, %zu octets", blocks[i], vid);
			inner = build_sk(buf, sizeof(buf), vid, blocks[i], &good);
			if (CHECK(good))
				check_sk(buf, vid, blocks[i], inner);
		}
}

static void test_build_sk_full(void)
{
	size_t cap, whole;
	u8 buf[256], *p;
	bool good;

	whole = build_sk(buf, sizeof(buf), 10, 16, &good) + 28 + 4 + 8 + 16;
	for (cap = 0; cap <= whole; cap++) {
		p = malloc(cap);
		build_sk(p, cap, 10, 16, &good);
		CHECK_EQ(good, cap == whole);
		free(p);
	}
}

static void test_build_sk_empty(void)
{
	struct isakmp_builder b;
	u8 p[128];
	size_t sk;

	isakmp_build_begin(&b, p, sizeof(p), &init_header);
	sk = isakmp_build_sk(&b, 8);
	isakmp_build_sk_end(&b, sk, 1, 16);
	CHECK(isakmp_build_end(&b));
	CHECK_EQ(b.o.len, 28 + 4 + 8 + 1 + 16);
	CHECK_EQ(isakmp_chain_decode(IKE_PL_SK, p + 28, b.o.len - 28, &chain), ISAKMP_OK);
	CHECK_EQ(chain.next_in_sk, IKE_PL_NONE);
}

/* Every truncation of a whole message is refused; only the header's length fits. */
static void test_truncation(void)
{
	u8 msg[sizeof(built_octets)];
	struct isakmp_header h;
	enum isakmp_reason r;
	size_t n;
	u8 *p;

	for (n = 0; n < sizeof(built_octets); n++) {
		tap_note("%zu octets", n);
		memcpy(msg, built_octets, sizeof(msg));
		put_unaligned_be32((u32)n, msg + 24);
		p = exact(msg, n);
		r = isakmp_header_decode(p, n, &h);
		CHECK_EQ(r, n < 28 ? ISAKMP_R_SHORT : ISAKMP_OK);
		if (r == ISAKMP_OK) {
			r = isakmp_chain_decode(h.next, p + 28, n - 28, &chain);
			CHECK_EQ(r, n < 32 || (n >= 33 && n < 37) ? ISAKMP_R_PAYLOAD_SHORT :
								  ISAKMP_R_PAYLOAD_LENGTH);
		}
		free(p);
	}
}

int main(void)
{
	TAP_RUN(test_header, "header: the drawing, both ways (RFC 7296, 3.1)");
	TAP_RUN(test_header_length, "header: length is the datagram's (threat 3) (threat 4)");
	TAP_RUN(test_header_bits, "header: versions, flags, exchanges, all 256 (threat 4)");
	TAP_RUN(test_chain, "chain: the drawing; reserved bits ignored (RFC 7296, 3.2)");
	TAP_RUN(test_chain_empty, "chain: empty, with and without octets");
	TAP_RUN(test_chain_short_lengths, "chain: length 0..3 at every position (threat 1)");
	TAP_RUN(test_chain_lengths, "chain: length 4..65535 at every position (threat 1)");
	TAP_RUN(test_chain_trailing, "chain: octets after the last payload");
	TAP_RUN(test_chain_many, "chain: MAX-1, MAX, MAX+1 payloads (threat 37)");
	TAP_RUN(test_skf, "SKF: the drawing (RFC 7383, 2.5)");
	TAP_RUN(test_chain_types, "chain: every type, critical or not (threat 35) (threat 36)");
	TAP_RUN(test_chain_critical_order, "chain: critical is named last (RFC 7296, 2.5)");
	TAP_RUN(test_chain_sk, "chain: SK ends it (RFC 7296, 3.14)");
	TAP_RUN(test_chain_find, "chain: find, next, repeated");
	TAP_RUN(test_build, "build: octets as drawn, in every room");
	TAP_RUN(test_build_empty, "build: a message without payloads");
	TAP_RUN(test_build_too_long, "build: a payload of 65535 octets, and of one more");
	TAP_RUN(test_build_sk, "build: SK, inner link, padding to the block (RFC 7296, 3.14)");
	TAP_RUN(test_build_sk_full, "build: SK in every room");
	TAP_RUN(test_build_sk_empty, "build: SK with nothing inside");
	TAP_RUN(test_truncation, "message cut at every octet (threat 4) (threat 10)");
	return tap_done();
}
