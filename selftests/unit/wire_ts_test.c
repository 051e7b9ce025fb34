// SPDX-License-Identifier: GPL-2.0
/* Traffic Selector and Configuration payloads (RFC 7296, 3.13 and 3.15). */
#include "wire.h"

static u8 room[65536];

/* Figures 19 and 20: 198.51.100.66 UDP 100 to 200, and all of 2001:db8::/32 */
static const u8 example[] = {
	2, 0, 0, 0,
	7, 17, 0, 16,  0, 100, 0, 200,  198, 51, 100, 66,  198, 51, 100, 66,
	8, 0, 0, 40,  0, 0, 0xff, 0xff,
	0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0x20, 0x01, 0x0d, 0xb8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
};

static enum isakmp_reason decode(const void *body, size_t n, struct isakmp_ts *v,
				 unsigned int max, unsigned int *count)
{
	struct isakmp_payload pl = payload(IKE_PL_TSI, body, n);
	enum isakmp_reason r = isakmp_ts_decode(&pl, v, max, count);

	CHECK_EQ(isakmp_payload_check(&pl), r);
	payload_free(&pl);
	return r;
}

static void test_example(void)
{
	struct isakmp_ts v[IKE_TS_MAX];
	struct isakmp_out o;
	unsigned int n;

	CHECK_EQ(decode(example, sizeof(example), v, IKE_TS_MAX, &n), ISAKMP_OK);
	CHECK_EQ(n, 2);
	CHECK_EQ(v[0].type, IKE_TS_IPV4);
	CHECK_EQ(v[0].proto, 17);
	CHECK_EQ(v[0].port_start, 100);
	CHECK_EQ(v[0].port_end, 200);
	CHECK_MEM(v[0].start, "\xc6\x33\x64\x42\0\0\0\0\0\0\0\0\0\0\0", 16);
	CHECK_MEM(v[0].end, v[0].start, 16);
	CHECK_EQ(v[1].type, IKE_TS_IPV6);
	CHECK_EQ(v[1].proto, 0);
	CHECK_EQ(v[1].port_start, 0);
	CHECK_EQ(v[1].port_end, 65535);
	CHECK_MEM(v[1].start, example + 28, 16);
	CHECK_MEM(v[1].end, example + 44, 16);

	isakmp_out_init(&o, room, sizeof(room));
	isakmp_ts_encode(&o, v, n);
	EXPECT_OUT(&o, example, sizeof(example));
}

static void test_truncation(void)
{
	struct isakmp_ts v[IKE_TS_MAX];
	unsigned int n;
	size_t cut;

	for (cut = 0; cut < sizeof(example); cut++) {
		n = 9;
		CHECK_REASON(decode(example, cut, v, IKE_TS_MAX, &n), ISAKMP_R_BAD_TS);
		CHECK_EQ(n, 0);
	}
	memcpy(room, example, sizeof(example));
	CHECK_REASON(decode(room, sizeof(example) + 1, v, IKE_TS_MAX, &n), ISAKMP_R_BAD_TS);
}

/* A payload that says @count and holds @n IPv4 selectors */
static size_t selectors(u8 *p, unsigned int count, unsigned int n)
{
	unsigned int i;

	p[0] = (u8)count;
	p[1] = p[2] = p[3] = 0xff;	/* reserved, ignored */
	for (i = 0; i < n; i++)
		memcpy(p + 4 + 16 * i, example + 4, 16);
	return 4 + 16 * n;
}

static void test_counts(void)
{
	struct isakmp_ts v[IKE_TS_MAX];
	unsigned int count, n, got;
	bool good;
	size_t len;

	for (count = 0; count < 256; count++)
		for (n = 0; n < 256; n += n < IKE_TS_MAX + 2 || n >= 252 ? 1 : 78) {
			tap_note("says %u, holds %u", count, n);
			len = selectors(room, count, n);
			good = n == count && n >= 1;
			CHECK_REASON(decode(room, len, v, IKE_TS_MAX, &got),
				     good ? ISAKMP_OK : ISAKMP_R_BAD_TS);
			CHECK_EQ(got, good ? n : 0);
		}
}

static void test_room(void)
{
	struct isakmp_ts *v;
	unsigned int max, n;
	size_t len = selectors(room, 5, 5);

	for (max = 0; max < 8; max++) {
		v = malloc(max * sizeof(*v));
		CHECK_EQ(decode(room, len, v, max, &n), ISAKMP_OK);
		CHECK_EQ(n, 5);
		CHECK(!max || v[min(max, 5U) - 1].proto == 17);
		free(v);
	}
	CHECK_EQ(decode(room, len, NULL, 0, NULL), ISAKMP_OK);
}

/* Beyond the room there is, each is checked all the same. */
static void test_many(void)
{
	struct isakmp_ts v[IKE_TS_MAX];
	size_t len = selectors(room, 255, 255);
	unsigned int i, n;

	for (i = 0; i < 255; i++) {
		room[4 + 16 * i + 2] ^= 1;	/* length */
		CHECK_REASON(decode(room, len, v, IKE_TS_MAX, &n), ISAKMP_R_BAD_TS);
		CHECK_EQ(n, 0);
		room[4 + 16 * i + 2] ^= 1;
		room[4 + 16 * i] = 9;		/* unknown: not counted */
		CHECK_EQ(decode(room, len, v, IKE_TS_MAX, &n), ISAKMP_OK);
		CHECK_EQ(n, 254);
		CHECK_EQ(v[IKE_TS_MAX - 1].proto, 17);
		room[4 + 16 * i] = IKE_TS_IPV4;
	}
}

/* Every type and length of a selector that a known one follows */
static void test_lengths(void)
{
	struct isakmp_ts v[IKE_TS_MAX];
	unsigned int type, len, n;
	u8 body[4 + 60 + 16];
	bool good;

	for (type = 0; type < 256; type++)
		for (len = 0; len <= 60; len++) {
			tap_note("type %u, length %u", type, len);
			memset(body, 0, sizeof(body));
			body[0] = 2;
			body[4] = (u8)type;
			put_unaligned_be16((u16)len, body + 6);
			memcpy(body + 4 + len, example + 4, 16);
			good = type == 7 ? len == 16 : type == 8 ? len == 40 : len >= 4;
			CHECK_REASON(decode(body, 4 + len + 16, v, IKE_TS_MAX, &n),
				     good ? ISAKMP_OK : ISAKMP_R_BAD_TS);
			if (!good)
				continue;
			CHECK_EQ(n, type == 7 || type == 8 ? 2 : 1);
			CHECK_EQ(v[n - 1].proto, 17);
		}
}

static void test_all_lengths(void)
{
	u8 body[sizeof(example)];
	unsigned int v;

	memcpy(body, example, sizeof(body));
	for (v = 0; v < 65536; v++) {
		put_unaligned_be16((u16)v, body + 6);
		CHECK_REASON(check_body(IKE_PL_TSR, body, sizeof(body)),
			     v == 16 ? ISAKMP_OK : ISAKMP_R_BAD_TS);
	}
	memcpy(body, example, sizeof(body));
	body[4] = 9;				/* unknown to us, and running past the end */
	for (v = 61; v < 65536; v++) {
		put_unaligned_be16((u16)v, body + 6);
		CHECK_REASON(check_body(IKE_PL_TSR, body, sizeof(body)), ISAKMP_R_BAD_TS);
	}
}

static void test_unknown_alone(void)
{
	static const u8 body[] = { 1, 0, 0, 0,  9, 0, 0, 8,  1, 2, 3, 4 };
	struct isakmp_ts v[1];
	unsigned int n = 9;

	CHECK_EQ(decode(body, sizeof(body), v, 1, &n), ISAKMP_OK);
	CHECK_EQ(n, 0);
}

static void test_ports(void)
{
	static const u16 ports[] = { 0, 1, 255, 256, 32768, 65534, 65535 };
	u8 body[20];
	unsigned int i, j;
	bool good;

	selectors(body, 1, 1);
	for (i = 0; i < ARRAY_SIZE(ports); i++)
		for (j = 0; j < ARRAY_SIZE(ports); j++) {
			tap_note("ports %u to %u", ports[i], ports[j]);
			put_unaligned_be16(ports[i], body + 8);
			put_unaligned_be16(ports[j], body + 10);
			good = i <= j || (ports[i] == 65535 && ports[j] == 0);	/* OPAQUE */
			CHECK_REASON(check_body(IKE_PL_TSI, body, sizeof(body)),
				     good ? ISAKMP_OK : ISAKMP_R_BAD_TS);
		}
}

static void test_addresses(void)
{
	u8 four[20], six[44];
	unsigned int at;

	selectors(four, 1, 1);
	for (at = 0; at < 4; at++) {
		selectors(four, 1, 1);
		four[16 + at]--;		/* the end falls below the start */
		CHECK_REASON(check_body(IKE_PL_TSI, four, sizeof(four)), ISAKMP_R_BAD_TS);
		four[16 + at] += 2;
		CHECK_EQ(check_body(IKE_PL_TSI, four, sizeof(four)), ISAKMP_OK);
	}
	for (at = 0; at < 16; at++) {
		memset(six, 0x55, sizeof(six));
		memcpy(six, "\1\0\0\0\x08\0\0\x28\0\0\xff\xff", 12);
		CHECK_EQ(check_body(IKE_PL_TSI, six, sizeof(six)), ISAKMP_OK);
		six[12 + at]++;
		CHECK_REASON(check_body(IKE_PL_TSI, six, sizeof(six)), ISAKMP_R_BAD_TS);
	}
}

static void test_encode(void)
{
	static const struct isakmp_ts any[IKE_TS_MAX + 1] = {
		[0] = { IKE_TS_IPV4, 0, 0, 65535, { 0 }, { 255, 255, 255, 255 } },
	};
	static const u8 want[] = {
		1, 0, 0, 0,
		7, 0, 0, 16,  0, 0, 0xff, 0xff,  0, 0, 0, 0,  255, 255, 255, 255,
	};
	struct isakmp_out o;

	isakmp_out_init(&o, room, sizeof(room));
	isakmp_ts_encode(&o, any, 1);
	EXPECT_OUT(&o, want, sizeof(want));
	isakmp_out_init(&o, room, sizeof(want) - 1);
	isakmp_ts_encode(&o, any, 1);
	CHECK(o.full);
	isakmp_out_init(&o, room, sizeof(room));
	isakmp_ts_encode(&o, any, 0);
	CHECK(o.full);
	isakmp_out_init(&o, room, sizeof(room));
	isakmp_ts_encode(&o, any, IKE_TS_MAX + 1);
	CHECK(o.full);
}

/* Figures 22 and 23: request for an IPv4 address and a DNS server; reserved bits set */
static const u8 cp[] = {
	1, 0xff, 0xff, 0xff,
	0x80, 0x01, 0, 0,
	0x00, 0x03, 0, 4, 192, 0, 2, 53,
};

static void test_cp(void)
{
	u8 clean[sizeof(cp)];
	struct isakmp_payload pl = payload(IKE_PL_CP, cp, sizeof(cp));
	struct isakmp_cp_attr a;
	struct isakmp_cur c;
	struct isakmp_out o;
	unsigned int n = 0;
	u8 type = 0;

	memcpy(clean, cp, sizeof(cp));
	clean[1] = clean[2] = clean[3] = clean[4] = 0;

	isakmp_out_init(&o, room, sizeof(room));
	CHECK_EQ(isakmp_cp_decode(&pl, &type, &c), ISAKMP_OK);
	CHECK_EQ(type, IKE_CFG_REQUEST);
	isakmp_cp_encode(&o, type);
	while (isakmp_cp_attr_next(&c, &a)) {
		CHECK_EQ(a.type, n ? 3 : 1);
		CHECK_EQ(a.len, n ? 4 : 0);
		n++;
		isakmp_cp_attr_encode(&o, &a);
	}
	CHECK_EQ(n, 2);
	EXPECT_OUT(&o, clean, sizeof(clean));

	a.type = 0x8001;			/* the reserved bit is never sent */
	isakmp_out_init(&o, room, sizeof(room));
	isakmp_cp_attr_encode(&o, &a);
	CHECK_EQ(room[0], 0);
	payload_free(&pl);
}

static void test_cp_truncation(void)
{
	size_t cut;

	for (cut = 0; cut < sizeof(cp); cut++)
		CHECK_REASON(check_body(IKE_PL_CP, cp, cut),
			     cut == 4 || cut == 8 ? ISAKMP_OK : ISAKMP_R_BAD_CP);
}

/* The last attribute's length around what is left, and everything else */
static void test_cp_lengths(void)
{
	u8 body[sizeof(cp)];
	unsigned int v;

	memcpy(body, cp, sizeof(body));
	for (v = 0; v < 65536; v++) {
		put_unaligned_be16((u16)v, body + 10);
		/* 0 leaves four octets, which read as an attribute of 565 */
		CHECK_REASON(check_body(IKE_PL_CP, body, sizeof(body)),
			     v == 4 ? ISAKMP_OK : ISAKMP_R_BAD_CP);
	}
	memcpy(body, cp, sizeof(body));
	for (v = 0; v < 65536; v++) {
		put_unaligned_be16((u16)v, body + 6);
		CHECK_REASON(check_body(IKE_PL_CP, body, sizeof(body)),
			     v == 0 || v == 8 ? ISAKMP_OK : ISAKMP_R_BAD_CP);
	}
}

/* One of each form, as it goes over the wire. */
static const struct {
	u16 type;
	struct isakmp_cp_net net;
	u8 len;
	u8 value[17];
} nets[] = {
	{ IKE_CFG_IP4_ADDRESS, { 4, 32, { 10, 9, 0, 2 } }, 4, { 10, 9, 0, 2 } },
	{ IKE_CFG_IP4_NETMASK, { 4, 32, { 255, 255 } }, 4, { 255, 255 } },
	{ IKE_CFG_IP4_DNS, { 4, 32, { 10, 9, 0, 1 } }, 4, { 10, 9, 0, 1 } },
	{ IKE_CFG_IP4_NBNS, { 4, 32, { 10, 9, 0, 1 } }, 4, { 10, 9, 0, 1 } },
	{ IKE_CFG_IP4_DHCP, { 4, 32, { 10, 9, 0, 1 } }, 4, { 10, 9, 0, 1 } },
	{ IKE_CFG_IP4_SUBNET, { 4, 12, { 10, 16 } }, 8, { 10, 16, 0, 0, 255, 240 } },
	{ IKE_CFG_IP4_SUBNET, { 4, 0, { 0 } }, 8, { 0 } },
	{ IKE_CFG_IP4_SUBNET, { 4, 32, { 1, 2, 3, 4 } }, 8, { 1, 2, 3, 4, 255, 255, 255, 255 } },
	{ IKE_CFG_IP6_ADDRESS, { 6, 64, { 0xfd, 9, [15] = 2 } }, 17,
	  { 0xfd, 9, [15] = 2, [16] = 64 } },
	{ IKE_CFG_IP6_DNS, { 6, 128, { 0xfd, 9, [15] = 1 } }, 16, { 0xfd, 9, [15] = 1 } },
	{ IKE_CFG_IP6_DHCP, { 6, 128, { 0xfd, 9, [15] = 1 } }, 16, { 0xfd, 9, [15] = 1 } },
	{ IKE_CFG_IP6_SUBNET, { 6, 128, { 0xfd } }, 17, { 0xfd, [16] = 128 } },
};

static void test_cp_nets(void)
{
	struct isakmp_cp_net net;
	struct isakmp_cp_attr a;
	struct isakmp_out o;
	unsigned int i;
	u8 want[21];

	for (i = 0; i < ARRAY_SIZE(nets); i++) {
		CHECK_EQ(isakmp_cp_family(nets[i].type), nets[i].net.family);
		isakmp_out_init(&o, room, sizeof(room));
		isakmp_cp_net_encode(&o, nets[i].type, &nets[i].net);
		put_unaligned_be16(nets[i].type, want);
		put_unaligned_be16(nets[i].len, want + 2);
		memcpy(want + 4, nets[i].value, nets[i].len);
		EXPECT_OUT(&o, want, 4U + nets[i].len);
		a = (struct isakmp_cp_attr){ nets[i].type, nets[i].value, nets[i].len };
		memset(&net, 0xaa, sizeof(net));
		CHECK(isakmp_cp_net_decode(&a, &net));
		CHECK_MEM(&net, &nets[i].net, sizeof(net));
	}
	CHECK_EQ(isakmp_cp_family(IKE_CFG_DNS_DOMAIN), 0);
	CHECK_EQ(isakmp_cp_family(IKE_CFG_SUPPORTED), 0);
}

/* Every length but the right one, each in a buffer of its own size */
static void test_cp_net_lengths(void)
{
	struct isakmp_cp_net net = { .plen = 77 };
	struct isakmp_cp_attr a;
	unsigned int i;
	u8 *value;
	u16 n;

	for (i = 0; i < ARRAY_SIZE(nets); i++) {
		for (n = 0; n < 40; n++) {
			value = calloc(1, n ? n : 1);
			a = (struct isakmp_cp_attr){ nets[i].type, value, n };
			CHECK_EQ(isakmp_cp_net_decode(&a, &net), n == nets[i].len);
			free(value);
		}
	}
	net.plen = 77;
	a = (struct isakmp_cp_attr){ IKE_CFG_DNS_DOMAIN, (const u8 *)"abcd", 4 };
	CHECK(!isakmp_cp_net_decode(&a, &net));
	CHECK_EQ(net.plen, 77);
}

static void test_cp_masks(void)
{
	u8 four[8] = { 10 }, six[17] = { 0xfd };
	struct isakmp_cp_attr a4 = { IKE_CFG_IP4_SUBNET, four, 8 };
	struct isakmp_cp_attr a6 = { IKE_CFG_IP6_SUBNET, six, 17 };
	struct isakmp_cp_net net;
	unsigned int plen, flip, good = 0;

	for (plen = 0; plen <= 32; plen++) {
		u32 mask = plen ? ~0U << (32 - plen) : 0;

		put_unaligned_be32(mask, four + 4);
		CHECK(isakmp_cp_net_decode(&a4, &net));
		CHECK_EQ(net.plen, plen);
		/* With any one bit changed it is another mask, or none */
		for (flip = 0; flip < 32; flip++) {
			put_unaligned_be32(mask ^ 1U << flip, four + 4);
			good += isakmp_cp_net_decode(&a4, &net);
		}
	}
	CHECK_EQ(good, 64);
	for (plen = 0; plen < 256; plen++) {
		six[16] = (u8)plen;
		CHECK_EQ(isakmp_cp_net_decode(&a6, &net), plen <= 128);
	}
}

static bool domain_ok(const char *s)
{
	size_t n = strlen(s);
	u8 *p = malloc(n ? n : 1);
	bool ok;

	memcpy(p, s, n);
	ok = isakmp_cp_domain_ok(p, n);
	free(p);
	return ok;
}

static void test_domains(void)
{
	static const char *const bad[] = {
		"", ".", "a.", ".a", "a..b", "-a", "a-", "a.-b", "a b", "a;b", "a$b", "a`b",
		"$(id)", "a\nb", "a/b", "a'b", "a\"b", "a\\b", "a_b", "*.a", "a|b", "a&b",
		"\xc3\xa4.example", "a\x7f", "a%b", "~a",
	};
	char name[IKE_CFG_DOMAIN_MAX + 2];
	unsigned int i, c;
	u8 one;

	CHECK(domain_ok("example"));
	CHECK(domain_ok("corp.Example.com"));
	CHECK(domain_ok("xn--bcher-kva.example"));
	CHECK(domain_ok("9.10.in-addr.arpa"));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(!domain_ok(bad[i]));
	for (c = 0; c < 256; c++) {
		one = (u8)c;
		CHECK_EQ(isakmp_cp_domain_ok(&one, 1),
			 (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
	}
	CHECK(!isakmp_cp_domain_ok((const u8 *)"a\0b", 3));
	memset(name, 'a', sizeof(name));
	for (i = 63; i < IKE_CFG_DOMAIN_MAX; i += 64)
		name[i] = '.';
	CHECK(isakmp_cp_domain_ok((u8 *)name, IKE_CFG_DOMAIN_MAX));
	CHECK(!isakmp_cp_domain_ok((u8 *)name, IKE_CFG_DOMAIN_MAX + 1));
	CHECK(isakmp_cp_domain_ok((u8 *)name, 63));
	CHECK(!isakmp_cp_domain_ok((u8 *)name, 64));
	name[63] = 'a';
	CHECK(!isakmp_cp_domain_ok((u8 *)name, 64));
}

int main(void)
{
	TAP_RUN(test_example, "TS: the drawings, both ways (RFC 7296, 3.13)");
	TAP_RUN(test_truncation, "TS: cut at every octet (threat 10) (threat 22)");
	TAP_RUN(test_counts, "TS: every count against every number of selectors (threat 23)");
	TAP_RUN(test_room, "TS: never writes past the caller's room");
	TAP_RUN(test_many, "TS: 255 of them, each checked");
	TAP_RUN(test_lengths, "TS: every type and length (threat 9)");
	TAP_RUN(test_all_lengths, "TS: length 0..65535 (threat 22)");
	TAP_RUN(test_unknown_alone, "TS: a selector of an unknown type alone");
	TAP_RUN(test_ports, "TS: ports, OPAQUE (RFC 7296, 3.13.1)");
	TAP_RUN(test_addresses, "TS: a range that starts above its end");
	TAP_RUN(test_encode, "TS: encoding 0, 1, MAX+1");
	TAP_RUN(test_cp, "CP: the drawings, both ways; reserved bits (RFC 7296, 3.15)");
	TAP_RUN(test_cp_truncation, "CP: cut at every octet (threat 22)");
	TAP_RUN(test_cp_lengths, "CP: attribute length 0..65535 (threat 21)");
	TAP_RUN(test_cp_nets, "CP: addresses and prefixes, both ways (RFC 7296, 3.15.1)");
	TAP_RUN(test_cp_net_lengths, "CP: every wrong length of them");
	TAP_RUN(test_cp_masks, "CP: netmasks and prefix lengths");
	TAP_RUN(test_domains, "CP: domains with nothing in them that is not of a name (RFC 8598)");
	return tap_done();
}
