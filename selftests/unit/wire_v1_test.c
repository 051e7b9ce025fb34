// SPDX-License-Identifier: GPL-2.0
/* Chains and payloads of version 1 but SA and ID (RFC 2408, 3; RFC 3706; RFC 3947). */
#include <openssl/evp.h>
#include "wire_v1.h"

static u8 zeros[65536];
static struct v1_chain chain;

/* ---- chains ----------------------------------------------------------------- */

static enum isakmp_reason check_chain_v1(u8 first, const void *p, size_t n, bool padded)
{
	u8 *copy = exact(p, n);
	enum isakmp_reason r = v1_chain_decode(first, copy, n, padded, &chain);

	if (r != ISAKMP_OK)
		CHECK(!chain.n && !chain.seen && !chain.repeated && !chain.unknown && !chain.end);
	free(copy);
	return r;
}

/* HASH, NONCE, two vendor IDs */
static const u8 pieces[] = {
	10, 0, 0, 8,  1, 2, 3, 4,
	13, 0, 0, 12,  1, 2, 3, 4, 5, 6, 7, 8,
	13, 0, 0, 4,
	0, 0, 0, 5,  9,
};

static void test_chain(void)
{
	const struct isakmp_payload *pl;

	CHECK_REASON(v1_chain_decode(V1_PL_HASH, pieces, sizeof(pieces), false, &chain), ISAKMP_OK);
	CHECK_EQ(chain.n, 4);
	CHECK_EQ(chain.end, sizeof(pieces));
	CHECK_EQ(chain.seen, BIT(8) | BIT(10) | BIT(13));
	CHECK_EQ(chain.repeated, BIT(13));
	CHECK_EQ(chain.unknown, 0);
	pl = v1_chain_find(&chain, V1_PL_NONCE);
	CHECK(pl == &chain.pl[1] && pl->len == 8 && pl->body == pieces + 12);
	CHECK(v1_chain_find(&chain, V1_PL_VENDOR) == &chain.pl[2]);
	CHECK(v1_chain_next(&chain, V1_PL_VENDOR, &chain.pl[2]) == &chain.pl[3]);
	CHECK(!v1_chain_next(&chain, V1_PL_VENDOR, &chain.pl[3]));
	CHECK(!v1_chain_find(&chain, V1_PL_SA));
}

/* Cut, and with octets behind, which encryption alone excuses. */
static void test_cover(void)
{
	u8 p[sizeof(pieces) + 16] = { 0 };
	enum isakmp_reason r;
	size_t n;
	int padded;

	memcpy(p, pieces, sizeof(pieces));
	for (padded = 0; padded < 2; padded++) {
		for (n = 0; n < sizeof(pieces); n++) {
			tap_note("%zu octets", n);
			r = check_chain_v1(V1_PL_HASH, p, n, padded);
			CHECK(r == ISAKMP_R_PAYLOAD_SHORT || r == ISAKMP_R_PAYLOAD_LENGTH);
			tap_reason(r);
		}
		for (; n <= sizeof(p); n++) {
			tap_note("%zu octets", n);
			r = padded || n == sizeof(pieces) ? ISAKMP_OK : ISAKMP_R_PAYLOAD_TRAILING;
			CHECK_REASON(check_chain_v1(V1_PL_HASH, p, n, padded), r);
			if (r == ISAKMP_OK)
				CHECK_EQ(chain.end, sizeof(pieces));
		}
	}
	CHECK_REASON(check_chain_v1(V1_PL_NONE, p, 0, false), ISAKMP_OK);
	CHECK_REASON(check_chain_v1(V1_PL_NONE, p, 1, false), ISAKMP_R_PAYLOAD_TRAILING);
	CHECK_REASON(check_chain_v1(V1_PL_NONE, p, 1, true), ISAKMP_OK);
	CHECK(!chain.n && !chain.end);
}

/* Payload Length 0 to 3, and past the end, at each payload. */
static void test_chain_lengths(void)
{
	static const size_t at[] = { 0, 8, 20, 24 };
	u8 p[sizeof(pieces)];
	unsigned int v;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(at); i++)
		for (v = 0; v < 65536; v++) {
			memcpy(p, pieces, sizeof(p));
			put_unaligned_be16((u16)v, p + at[i] + 2);
			tap_note("payload %zu, length %u", i, v);
			if (v < 4)
				CHECK_REASON(check_chain_v1(V1_PL_HASH, p, sizeof(p), false),
					     ISAKMP_R_PAYLOAD_SHORT);
			else if (v > sizeof(p) - at[i])
				CHECK_REASON(check_chain_v1(V1_PL_HASH, p, sizeof(p), false),
					     ISAKMP_R_PAYLOAD_LENGTH);
		}
}

static void test_count(void)
{
	u8 p[4 * (IKE_PAYLOADS_MAX + 1)];
	unsigned int n, i;

	for (n = IKE_PAYLOADS_MAX - 1; n <= IKE_PAYLOADS_MAX + 1; n++) {
		for (i = 0; i < n; i++)
			put_unaligned_be32((i + 1 < n ? 200U << 24 : 0) | 4, p + 4 * i);
		CHECK_REASON(check_chain_v1(200, p, 4 * n, false),
			     n > IKE_PAYLOADS_MAX ? ISAKMP_R_PAYLOAD_MANY : ISAKMP_OK);
		CHECK_EQ(chain.n, n > IKE_PAYLOADS_MAX ? 0 : n);
	}
}

static bool is_known(unsigned int type)
{
	return (type >= 1 && type <= 14) || type == 20 || type == 21 || type == 132;
}

/*
 * All 256 types: what is not of this version keeps its number and is told as unknown, none
 * becomes another but the two of drafts.
 */
static void test_types(void)
{
	u8 p[8] = { 0, 0, 0, 8 };
	unsigned int type, now;

	for (type = 1; type < 256; type++) {
		now = type == 130 ? 20 : type == 131 ? 21 : type;
		tap_note("type %u", type);
		CHECK_REASON(check_chain_v1((u8)type, p, 8, false), ISAKMP_OK);
		CHECK_EQ(chain.pl[0].type, now);
		CHECK_EQ(chain.pl[0].critical, now != type);
		CHECK_EQ(chain.unknown, is_known(now) ? 0 : type);
		CHECK_EQ(v1_payload_known((u8)now), is_known(now));
		CHECK_EQ(chain.seen, is_known(now) ? V1_PL_BIT(now) : 0);
		CHECK_EQ(!chain.seen, !is_known(now));
		/* Types of version 2 are no types here, nor is 22, which others have */
		if ((type >= 33 && type <= 53) || type == 22 || type == 15)
			CHECK(chain.unknown == type && !chain.seen);
	}
}

static const struct { u8 type; u32 bit; } bits[] = {
	{ V1_PL_SA, 1 }, { V1_PL_ATTRIBUTES, 14 }, { V1_PL_NAT_D, 20 }, { V1_PL_NAT_OA, 21 },
	{ V1_PL_FRAGMENT, 31 },
};

static void test_bits(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bits); i++)
		CHECK_EQ(V1_PL_BIT(bits[i].type), 1UL << bits[i].bit);
	CHECK(!(V1_PL_BIT(V1_PL_FRAGMENT) & V1_PL_BIT(V1_PL_NAT_OA)));
}

/* ---- values ------------------------------------------------------------------ */

/* Bodies that are their value: every length, by hand. */
static void test_values(void)
{
	static const struct {
		u8 type;
		unsigned int min, max;
		enum isakmp_reason why;
	} rows[] = {
		{ V1_PL_KE, 1, 1024, ISAKMP_R_BAD_KE },
		{ V1_PL_CERT, 2, 65531, ISAKMP_R_BAD_CERT },
		{ V1_PL_CERTREQ, 1, 65531, ISAKMP_R_BAD_CERT },
		{ V1_PL_HASH, 1, 1152, ISAKMP_R_V1_BAD_HASH },
		{ V1_PL_SIG, 1, 1152, ISAKMP_R_V1_BAD_HASH },
		{ V1_PL_NONCE, 8, 1152, ISAKMP_R_BAD_NONCE },
		{ V1_PL_NAT_D, 16, 64, ISAKMP_R_V1_BAD_NAT },
		{ V1_PL_VENDOR, 0, 65531, ISAKMP_OK },
		{ V1_PL_PROPOSAL, 0, 65531, ISAKMP_OK },
		{ V1_PL_TRANSFORM, 0, 65531, ISAKMP_OK },
		{ 200, 0, 65531, ISAKMP_OK },
	};
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		for (n = 0; n <= 65531; n += n < 1200 ? 1 : 64331) {
			tap_note("type %u, %u octets", rows[i].type, n);
			CHECK_REASON(check_v1(rows[i].type, zeros, n),
				     n < rows[i].min || n > rows[i].max ? rows[i].why : ISAKMP_OK);
		}
	for (n = 0; n <= 300; n++) {
		struct isakmp_payload pl = { .type = V1_PL_NONCE, .body = zeros, .len = (u16)n };

		CHECK_EQ(v1_nonce_holds(&pl), n >= 8 && n <= 256);
	}
}

/* ---- Notification, Delete ------------------------------------------------------ */

static size_t put_notify(u8 *p, u16 type, u8 spi_len)
{
	put_unaligned_be32(V1_DOI_IPSEC, p);
	p[4] = V1_PROTO_ISAKMP;
	p[5] = spi_len;
	put_unaligned_be16(type, p + 6);
	return 8;
}

/* Every type with 0 to 8 octets of data. */
static void test_notify_data(void)
{
	u8 p[8 + 8] = { 0 };
	unsigned int type, n;
	bool four;

	for (type = 0; type < 65536; type++)
		for (n = 0; n <= 8; n++) {
			put_notify(p, (u16)type, 0);
			four = type == 24577 || type == 36136 || type == 36137;
			tap_note("type %u, %u octets", type, n);
			CHECK_REASON(check_v1(V1_PL_NOTIFY, p, 8 + n),
				     four && n != 4 ? ISAKMP_R_BAD_NOTIFY : ISAKMP_OK);
		}
}

static void test_notify_spi(void)
{
	u8 p[8 + 300] = { 0 };
	unsigned int spi, n;

	for (spi = 0; spi < 256; spi++)
		for (n = 0; n < sizeof(p); n++) {
			put_notify(p, V1_N_NO_PROPOSAL_CHOSEN, (u8)spi);
			tap_note("SPI of %u, %u octets in all", spi, n);
			CHECK_REASON(check_v1(V1_PL_NOTIFY, p, n),
				     spi > 16 || n < 8 + spi ? ISAKMP_R_BAD_NOTIFY : ISAKMP_OK);
		}
}

/* What looks like a message in the data stays data. */
static void test_notify_message(void)
{
	u8 p[8 + 4 + IKE_HDR_LEN + sizeof(pieces)] = { 0 };
	struct isakmp_payload pl;
	struct v1_notify v;

	put_notify(p, V1_N_INVALID_COOKIE, 4);
	memcpy(p + 12 + IKE_HDR_LEN, pieces, sizeof(pieces));
	pl = payload(V1_PL_NOTIFY, p, sizeof(p));
	CHECK_REASON(v1_notify_decode(&pl, &v), ISAKMP_OK);
	CHECK(v.doi == 1 && v.protocol == 1 && v.spi_len == 4 && v.type == 4);
	CHECK_EQ(v.len, sizeof(p) - 12);
	CHECK(v.spi == pl.body + 8 && v.data == pl.body + 12);
	payload_free(&pl);
	check_v1_same(V1_PL_NOTIFY, p, sizeof(p));
}

static unsigned int spi_of(unsigned int protocol, unsigned int size)
{
	switch (protocol) {
	case 1:
		return size == 16;
	case 2:
	case 3:
		return size == 4;
	case 4:
		return size == 2 || size == 4;
	default:
		return false;
	}
}

/* Counts and sizes whose product is, and is not, what follows. */
static void test_delete(void)
{
	static const u16 counts[] = { 0, 1, 2, 3, 255, 256, 4096, 16384, 65535 };
	static u8 p[8 + 4096];
	unsigned int protocol, size, i;
	size_t n;
	int off;

	for (protocol = 0; protocol < 8; protocol++)
		for (size = 0; size < 256; size++)
			for (i = 0; i < ARRAY_SIZE(counts); i++)
				for (off = -1; off <= 1; off++) {
					n = 8 + (size_t)counts[i] * size + off;
					if (n > sizeof(p))
						n = sizeof(p);
					put_unaligned_be32(1, p);
					p[4] = (u8)protocol;
					p[5] = (u8)size;
					put_unaligned_be16(counts[i], p + 6);
					tap_note("protocol %u, %u of %u, %zu octets", protocol,
						 counts[i], size, n);
					CHECK_REASON(check_v1(V1_PL_DELETE, p, n),
						     counts[i] && spi_of(protocol, size) &&
						     n == 8 + (size_t)counts[i] * size ?
						     ISAKMP_OK : ISAKMP_R_BAD_DELETE);
				}
}

/* ---- NAT-OA, Attributes, Fragment ---------------------------------------------- */

static void test_nat_oa(void)
{
	struct isakmp_addr a = { .family = 9 };
	u8 p[64] = { 0, 0xff, 0xff, 0xff, 192, 0, 2, 1 };
	struct isakmp_payload pl;
	unsigned int type, n;
	bool good;

	for (type = 0; type < 256; type++)
		for (n = 0; n < sizeof(p); n++) {
			p[0] = (u8)type;
			good = (type == 1 && n == 8) || (type == 5 && n == 20);
			tap_note("type %u, %u octets", type, n);
			CHECK_REASON(check_v1(V1_PL_NAT_OA, p, n),
				     good ? ISAKMP_OK : ISAKMP_R_V1_BAD_NAT);
		}
	p[0] = 2;
	pl = payload(V1_PL_NAT_OA, p, 8);
	CHECK_REASON(v1_nat_oa_decode(&pl, &a), ISAKMP_R_V1_BAD_NAT);
	CHECK_EQ(a.family, 9);
	payload_free(&pl);
	p[0] = 1;
	pl = payload(V1_PL_NAT_OA, p, 8);
	CHECK_REASON(v1_nat_oa_decode(&pl, &a), ISAKMP_OK);
	CHECK(a.family == 4 && !memcmp(a.a, p + 4, 4) && !memcmp(a.a + 4, zeros, 12));
	payload_free(&pl);
	memset(p + 1, 0, 3);
	check_v1_same(V1_PL_NAT_OA, p, 8);
}

/* An attribute's length is what is left, one less, one to four more. */
static void test_attributes(void)
{
	static const u8 head[] = { IKE_CFG_REQUEST, 0xff, 0x12, 0x34, 0x40, 0x89, 0, 0 };
	u8 p[64] = { 0 };
	struct isakmp_payload pl;
	struct v1_attributes v;
	unsigned int n;
	int off;

	memcpy(p, head, sizeof(head));
	for (n = 0; n <= 40; n++)
		for (off = -1; off <= 4; off++) {
			if ((int)n + off < 0)
				continue;
			put_unaligned_be16((u16)((int)n + off), p + 6);
			tap_note("%u octets, says %d more", n, off);
			CHECK_REASON(check_v1(V1_PL_ATTRIBUTES, p, 8 + n),
				     off ? ISAKMP_R_BAD_CP : ISAKMP_OK);
		}
	for (n = 0; n < 4; n++)
		CHECK_REASON(check_v1(V1_PL_ATTRIBUTES, p, n), ISAKMP_R_BAD_CP);
	CHECK_REASON(check_v1(V1_PL_ATTRIBUTES, p, 4), ISAKMP_OK);
	pl = payload(V1_PL_ATTRIBUTES, p, 4);
	CHECK_REASON(v1_attributes_decode(&pl, &v), ISAKMP_OK);
	CHECK(v.type == IKE_CFG_REQUEST && v.id == 0x1234 && !v.attrs.left);
	payload_free(&pl);
}

static void test_fragment(void)
{
	u8 p[16] = { 0xab, 0xcd, 3, 1, 'x' };
	struct isakmp_payload pl = payload(V1_PL_FRAGMENT, p, 5);
	struct v1_fragment v;
	unsigned int n;

	CHECK_REASON(v1_fragment_decode(&pl, &v), ISAKMP_OK);
	CHECK(v.id == 0xabcd && v.number == 3 && v.last && v.len == 1 && *v.data == 'x');
	payload_free(&pl);
	for (n = 0; n < sizeof(p); n++) {
		p[2] = 3;
		CHECK_REASON(check_v1(V1_PL_FRAGMENT, p, n),
			     n < 5 ? ISAKMP_R_V1_BAD_FRAGMENT : ISAKMP_OK);
		p[2] = 0;
		CHECK_REASON(check_v1(V1_PL_FRAGMENT, p, n), ISAKMP_R_V1_BAD_FRAGMENT);
	}
	for (n = 0; n < 256; n++) {
		p[2] = 255;
		p[3] = (u8)n;
		pl = payload(V1_PL_FRAGMENT, p, 5);
		CHECK_REASON(v1_fragment_decode(&pl, &v), ISAKMP_OK);
		CHECK_EQ(v.last, n & 1);
		payload_free(&pl);
		if (n < 2)
			check_v1_same(V1_PL_FRAGMENT, p, 5);
	}
}

/* ---- vendor IDs ------------------------------------------------------------------ */

/* What they are hashes of (facts of drafts and RFCs), and how many octets of that count. */
static const struct vendor {
	enum v1_can can;
	const char *text;
	u8 len;		/* of the hash */
	u8 sent;	/* what we send in all */
	bool bare;	/* also without what follows the hash */
} vendors[] = {
	{ V1_CAN_XAUTH, "draft-ietf-ipsra-isakmp-xauth-06.txt", 8, 8, true },
	{ V1_CAN_UNITY, "CISCO-UNITY", 14, 16, false },
	{ V1_CAN_FRAGMENT, "FRAGMENTATION", 16, 20, true },
	{ V1_CAN_NATT_RFC, "RFC 3947", 16, 16, true },
	{ V1_CAN_NATT_03, "draft-ietf-ipsec-nat-t-ike-03", 16, 16, true },
	{ V1_CAN_NATT_02, "draft-ietf-ipsec-nat-t-ike-02", 16, 16, true },
	{ V1_CAN_NATT_02N, "draft-ietf-ipsec-nat-t-ike-02\n", 16, 16, true },
};

/* RFC 3706, 5.1: it is no hash of anything that is told */
static const u8 dpd[] = {
	0xaf, 0xca, 0xd7, 0x13, 0x68, 0xa1, 0xf1, 0xc9, 0x6b, 0x86, 0x96, 0xfc, 0x77, 0x57, 1, 0,
};

static u32 bits_of(const u8 *p, size_t n)
{
	struct isakmp_payload pl = payload(V1_PL_VENDOR, p, n);
	u32 r = v1_vendor_bits(&pl);

	payload_free(&pl);
	return r;
}

static size_t sent(enum v1_can what, u8 *p, size_t cap)
{
	struct isakmp_out o;

	isakmp_out_init(&o, p, cap);
	v1_vendor_encode(&o, what);
	CHECK(!o.full);
	return o.len;
}

static void test_vendor_hashes(void)
{
	u8 hash[EVP_MAX_MD_SIZE], p[64];
	unsigned int i, all = BIT(V1_CAN_DPD);

	for (i = 0; i < ARRAY_SIZE(vendors); i++) {
		tap_note("%s", vendors[i].text);
		CHECK(EVP_Digest(vendors[i].text, strlen(vendors[i].text), hash, NULL, EVP_md5(),
				 NULL));
		CHECK_EQ(sent(vendors[i].can, p, sizeof(p)), vendors[i].sent);
		CHECK_MEM(p, hash, vendors[i].len);
		CHECK_EQ(bits_of(p, vendors[i].sent), BIT(vendors[i].can));
		all |= BIT(vendors[i].can);
	}
	CHECK_EQ(sent(V1_CAN_DPD, p, sizeof(p)), sizeof(dpd));
	CHECK_MEM(p, dpd, sizeof(dpd));
	CHECK_EQ(bits_of(dpd, sizeof(dpd)), BIT(V1_CAN_DPD));
	CHECK_EQ(all, BIT(V1_CANS) - 1);
}

/* Every length up to four more, and every octet of what counts changed. */
static void test_vendor_lengths(void)
{
	const struct vendor *v;
	u8 p[64] = { 0 };
	size_t n, i;

	for (v = vendors; v < vendors + ARRAY_SIZE(vendors); v++) {
		memset(p, 0, sizeof(p));
		sent(v->can, p, sizeof(p));
		for (n = 0; n <= (size_t)v->sent + 4; n++) {
			tap_note("%s, %zu octets", v->text, n);
			CHECK_EQ(bits_of(p, n), n == v->sent || (v->bare && n == v->len) ?
				 BIT(v->can) : 0);
		}
		for (i = 0; i < v->sent; i++) {
			p[i] ^= 0x40;
			tap_note("%s, octet %zu", v->text, i);
			CHECK_EQ(bits_of(p, v->sent), i < v->len ? 0 : BIT(v->can));
			p[i] ^= 0x40;
		}
	}
}

/* A Vendor ID is the last payload, and ends where the datagram does. */
static void test_vendor_end(void)
{
	u8 p[IKE_PL_HDR_LEN + 20] = { 0 };
	u8 *copy;
	u16 n;

	sent(V1_CAN_FRAGMENT, p + IKE_PL_HDR_LEN, 20);
	for (n = 0; n <= 20; n++) {
		put_unaligned_be16(IKE_PL_HDR_LEN + n, p + 2);
		copy = exact(p, IKE_PL_HDR_LEN + n);
		CHECK_REASON(v1_chain_decode(V1_PL_VENDOR, copy, IKE_PL_HDR_LEN + n, false, &chain),
			     ISAKMP_OK);
		CHECK_EQ(v1_vendor_bits(&chain.pl[0]), n == 16 || n == 20 ? BIT(V1_CAN_FRAGMENT) : 0);
		free(copy);
	}
}

int main(void)
{
	TAP_RUN(test_chain, "chain: payloads, seen, repeated, in order");
	TAP_RUN(test_cover, "chain: cut at every octet; padding behind it");
	TAP_RUN(test_chain_lengths, "chain: every Payload Length of each payload (threat 1)");
	TAP_RUN(test_count, "chain: one payload less, as many and one more than the limit (threat 37)");
	TAP_RUN(test_types, "chain: all 256 types, none is taken for another (threat 35, threat 36)");
	TAP_RUN(test_bits, "chain: each known type has a bit of its own");
	TAP_RUN(test_values, "values: every length of each kind");
	TAP_RUN(test_notify_data, "Notification: every type with 0 to 8 octets (threat 15)");
	TAP_RUN(test_notify_spi, "Notification: every SPI length in every body");
	TAP_RUN(test_notify_message, "Notification: its data is no message (threat 13)");
	TAP_RUN(test_delete, "Delete: counts by sizes (threat 2, threat 16)");
	TAP_RUN(test_nat_oa, "NAT-OA: every type and length (RFC 3947, 5.2)");
	TAP_RUN(test_attributes, "Attributes: lengths around what is left (threat 21)");
	TAP_RUN(test_fragment, "Fragment: empty, number 0, the last (threat 64, threat 65)");
	TAP_RUN(test_vendor_hashes, "vendor IDs: what they are hashes of");
	TAP_RUN(test_vendor_lengths, "vendor IDs: each at every length, each octet (threat 19)");
	TAP_RUN(test_vendor_end, "vendor IDs: at the end of a datagram (threat 20)");
	return tap_done();
}
