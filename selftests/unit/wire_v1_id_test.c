// SPDX-License-Identifier: GPL-2.0
/* ID payloads of version 1 (RFC 2407, 4.6.2), and as traffic selectors. */
#include "wire_v1.h"

static const u8 head[4] = { 0, 17, 0x01, 0xf4 };	/* UDP, port 500 */

static enum isakmp_reason check_id(u8 type, const u8 *value, size_t n)
{
	static u8 p[4 + 512];

	memcpy(p, head, 4);
	p[0] = type;
	memcpy(p + 4, value, n);
	return check_v1(V1_PL_ID, p, 4 + n);
}

/* By hand: what RFC 2407, 4.6.2.2 to 4.6.2.12 say. */
static bool len_holds(unsigned int type, size_t n)
{
	switch (type) {
	case 1:
		return n == 4;
	case 4:
	case 7:
		return n == 8;
	case 5:
		return n == 16;
	case 6:
	case 8:
		return n == 32;
	default:
		return n >= 1 && n <= 255;
	}
}

static void test_lengths(void)
{
	static u8 value[300];
	unsigned int type;
	size_t n;

	memset(value, 'a', sizeof(value));
	for (type = 0; type < 256; type++)
		for (n = 0; n < sizeof(value); n++) {
			tap_note("type %u, %zu octets", type, n);
			CHECK_REASON(check_id((u8)type, value, n),
				     len_holds(type, n) ? ISAKMP_OK : ISAKMP_R_BAD_ID);
		}
	for (n = 0; n < 4; n++)
		CHECK_REASON(check_v1(V1_PL_ID, head, n), ISAKMP_R_BAD_ID);
}

static void test_text(void)
{
	u8 name[16];
	unsigned int c, type;
	size_t at;

	for (type = 2; type <= 11; type++)
		for (c = 0; c < 256; c++)
			for (at = 0; at < sizeof(name); at++) {
				if (type >= 4 && type <= 8)
					continue;
				memset(name, 'a', sizeof(name));
				name[at] = (u8)c;
				tap_note("type %u, octet %u at %zu", type, c, at);
				CHECK_REASON(check_id((u8)type, name, sizeof(name)),
					     type <= 3 && (!c || c == '\n' || c == '\r') ?
					     ISAKMP_R_BAD_ID : ISAKMP_OK);
			}
}

static void test_fields(void)
{
	struct isakmp_payload pl = payload(V1_PL_ID, "\x01\x11\x01\xf4\xc0\x00\x02\x01", 8);
	struct v1_id v;

	CHECK_REASON(v1_id_decode(&pl, &v), ISAKMP_OK);
	CHECK(v.type == V1_ID_IPV4 && v.proto == 17 && v.port == 500 && v.len == 4);
	CHECK(v.value == pl.body + 4);
	payload_free(&pl);
}

/* ---- as traffic selectors ------------------------------------------------------ */

static bool to_ts(u8 type, u8 proto, u16 port, const u8 *value, size_t n, struct isakmp_ts *ts)
{
	struct v1_id id = { type, proto, port, exact(value, n), (u16)n };
	bool r = v1_id_to_ts(&id, ts);

	free((void *)id.value);
	return r;
}

/* Every type at every length: addresses of their own length are selectors, nothing else is. */
static void test_types(void)
{
	static u8 value[64];
	struct isakmp_ts ts;
	unsigned int type;
	size_t n;
	bool addr;

	for (type = 0; type < 256; type++)
		for (n = 0; n <= sizeof(value); n++) {
			addr = type == 1 || (type >= 4 && type <= 8);
			tap_note("type %u, %zu octets", type, n);
			CHECK_EQ(to_ts((u8)type, 0, 0, value, n, &ts), addr && len_holds(type, n));
		}
}

/* All prefixes of both families, there and back; the host part says nothing. */
static void test_subnets(void)
{
	u8 value[32], start[16], end[16], out[64];
	unsigned int len, plen, i;
	struct isakmp_ts ts;
	struct isakmp_out o;

	for (len = 4; len <= 16; len += 12)
		for (plen = 0; plen <= 8 * len; plen++) {
			tap_note("%u octets, /%u", len, plen);
			for (i = 0; i < len; i++) {
				value[i] = (u8)(0xa5 + 7 * i);
				value[len + i] = 0;
			}
			for (i = 0; i < plen; i++)
				value[len + i / 8] |= (u8)(0x80 >> i % 8);
			for (i = 0; i < len; i++) {
				start[i] = value[i] & value[len + i];
				end[i] = value[i] | (u8)~value[len + i];
			}
			CHECK(to_ts(len == 4 ? 4 : 6, 6, 0, value, 2 * len, &ts));
			CHECK_MEM(ts.start, start, len);
			CHECK_MEM(ts.end, end, len);
			CHECK(ts.type == (len == 4 ? IKE_TS_IPV4 : IKE_TS_IPV6) && ts.proto == 6);
			CHECK(!ts.port_start && ts.port_end == 65535);
			isakmp_out_init(&o, out, sizeof(out));
			CHECK(v1_id_from_ts(&ts, &o));
			if (plen == 8 * len) {
				CHECK(o.len == 4 + len && out[0] == (len == 4 ? 1 : 5));
				continue;
			}
			CHECK(o.len == 4 + 2 * len && out[0] == (len == 4 ? 4 : 6));
			CHECK_MEM(out + 4, start, len);
			CHECK_MEM(out + 4 + len, value + len, len);
		}
}

/* What is no mask: every 16-bit pattern at each place of an IPv4 mask. */
static void test_masks(void)
{
	u8 value[8] = { 10, 1, 2, 3 };
	struct isakmp_ts ts;
	u32 mask, inverse;
	unsigned int v;
	int shift;

	for (shift = 0; shift <= 16; shift += 8)
		for (v = 0; v < 65536; v++) {
			/* Ones above the pattern */
			mask = (shift == 16 ? 0 : ~0U << (shift + 16)) | v << shift;
			inverse = ~mask;
			put_unaligned_be32(mask, value + 4);
			tap_note("%08x", mask);
			CHECK_EQ(to_ts(V1_ID_IPV4_SUBNET, 0, 0, value, 8, &ts),
				 !(inverse & (inverse + 1)));
		}
}

static void test_ranges(void)
{
	static const struct {
		u8 start[4], end[4];
		bool good;
		u8 back;	/* type that it comes back as */
	} rows[] = {
		{ { 10, 0, 0, 1 }, { 10, 0, 0, 9 }, true, 7 },
		{ { 10, 0, 0, 9 }, { 10, 0, 0, 1 }, false, 0 },
		{ { 10, 0, 0, 1 }, { 10, 0, 0, 1 }, true, 1 },
		{ { 10, 0, 0, 0 }, { 10, 0, 0, 255 }, true, 4 },
		{ { 10, 0, 0, 1 }, { 10, 0, 0, 255 }, true, 7 },
		{ { 10, 0, 1, 0 }, { 10, 0, 2, 255 }, true, 7 },
		{ { 0, 0, 0, 0 }, { 255, 255, 255, 255 }, true, 4 },
	};
	struct isakmp_ts ts;
	struct isakmp_out o;
	u8 value[8], out[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		memcpy(value, rows[i].start, 4);
		memcpy(value + 4, rows[i].end, 4);
		tap_note("row %zu", i);
		CHECK_EQ(to_ts(V1_ID_IPV4_RANGE, 0, 0, value, 8, &ts), rows[i].good);
		if (!rows[i].good)
			continue;
		isakmp_out_init(&o, out, sizeof(out));
		CHECK(v1_id_from_ts(&ts, &o) && !o.full);
		CHECK_EQ(out[0], rows[i].back);
	}
}

/* A selector has ports from and to; an ID has one, or any. */
static void test_ports(void)
{
	static const struct {
		u16 from, to;
		bool good;
		u16 port;
	} rows[] = {
		{ 0, 65535, true, 0 }, { 80, 80, true, 80 }, { 65535, 65535, true, 65535 },
		{ 0, 0, false, 0 }, { 0, 1, false, 0 }, { 1, 65535, false, 0 },
		{ 65535, 0, false, 0 },	/* OPAQUE */
	};
	struct isakmp_ts ts = { .type = IKE_TS_IPV4, .proto = 6 }, back;
	struct isakmp_out o;
	u8 out[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ts.port_start = rows[i].from;
		ts.port_end = rows[i].to;
		isakmp_out_init(&o, out, sizeof(out));
		tap_note("row %zu", i);
		CHECK_EQ(v1_id_from_ts(&ts, &o), rows[i].good);
		CHECK_EQ(o.len, rows[i].good ? 8 : 0);
		if (!rows[i].good)
			continue;
		CHECK_EQ(get_unaligned_be16(out + 2), rows[i].port);
		CHECK(to_ts(out[0], out[1], rows[i].port, out + 4, 4, &back));
		CHECK_MEM(&back, &ts, sizeof(ts));
	}
	/* No room for it */
	ts.port_start = ts.port_end = 80;
	for (i = 0; i < 8; i++) {
		isakmp_out_init(&o, out, i);
		CHECK(v1_id_from_ts(&ts, &o) && o.full);
	}
}

int main(void)
{
	TAP_RUN(test_lengths, "ID: all 256 types, 0 to 299 octets (threat 9, threat 17)");
	TAP_RUN(test_text, "ID: names hold no terminators");
	TAP_RUN(test_fields, "ID: protocol and port");
	TAP_RUN(test_types, "selector: every type and length where an address belongs (threat 40)");
	TAP_RUN(test_subnets, "selector: every prefix, there and back");
	TAP_RUN(test_masks, "selector: masks that are none");
	TAP_RUN(test_ranges, "selector: ranges, and what they come back as");
	TAP_RUN(test_ports, "selector: ports that an ID can say");
	return tap_done();
}
