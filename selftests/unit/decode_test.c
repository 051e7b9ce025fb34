// SPDX-License-Identifier: GPL-2.0
/* isakmp decode: keys, frames, fragments, payloads; and what hostile captures do to it. */
#include <dirent.h>
#include <pcap/pcap.h>
#include <unistd.h>

#include "decode_lab.h"
#include "decode_make.h"
#include "tap.h"

/* What make_all() makes, line by line. */
static const char *const all_shown[] = {
	"\tSA\n", "\t\tproposal 1 ESP spi 0xc0ffee01 encr AES_GCM_16-256,AES_CBC-128 "
	"integ HMAC_SHA2_256_128 esn no type-99 7\n",
	"\tKE X25519 value 0x76616c7565\n", "\tIDi fqdn:gw-a.example\n",
	"\tCERT X509 (not a certificate) data 0x", "url http://x/ data ",
	"\tAUTH PSK data 0x736563726574\n",
	"\tAUTH digital-signature algorithm ED25519 data 0x7369676e6174757265\n",
	"\tN COOKIE text cookie\n", "\tN INVALID_KE_PAYLOAD group ECP_256\n",
	"\tN SIGNATURE_HASH_ALGORITHMS hashes SHA2_256,IDENTITY,256\n",
	"\tN 40959 data 0xff\n", "\tD ESP spis 0xc0000001,0xc0000002\n",
	"\tV text strongSwan\n", "\tTSi 10.1.0.0/16[tcp/443],2001::/127\n",
	"\tCP request\n", "\t\tINTERNAL_IP4_ADDRESS 10.0.0.7\n",
	"\t\tINTERNAL_IP4_DNS\n", "\t\tINTERNAL_IP4_SUBNET 10.1.0.0/255.255.0.0\n",
	"\t\tINTERNAL_IP6_SUBNET 2001::/64\n", "\t\tAPPLICATION_VERSION \"v1 x\"\n",
	"\tEAP request id 7 type Identity data 0x75736572\n",
	"\tpayload-200 data 0x77686174\n",
};

static void test_payloads(void)
{
	struct isakmp_builder b;
	u8 msg[MSG_MAX];
	const char *text;

	make_begin(&b, msg, IKE_SA_INIT, IKE_FLAG_INITIATOR);
	make_all(&b);
	CHECK(isakmp_build_end(&b));
	text = shown(msg, b.o.len, false);
	has(text, "IKE IKE_SA_INIT request from initiator id 1 spi-i 0x1122334455667788 "
	    "spi-r 0x99aabbccddeeff00 octets ");
	for (size_t i = 0; i < ARRAY_SIZE(all_shown); i++)
		has(text, all_shown[i]);
	text = shown(msg, b.o.len, true);
	has(text, "\"payload\":\"D\",\"protocol\":\"ESP\",\"spis\":[\"c0000001\",\"c0000002\"]");
	has(text, "\"encr\":[\"AES_GCM_16-256\",\"AES_CBC-128\"]");
}

/* ---- keys ------------------------------------------------------------------- */

static const struct ike_suite suites[] = {
	{ .encr = IKE_ENCR_AES_GCM_16, .keylen = 128 },
	{ .encr = IKE_ENCR_AES_GCM_16, .keylen = 256 },
	{ .encr = IKE_ENCR_AES_GCM_12, .keylen = 256 },
	{ .encr = IKE_ENCR_AES_GCM_8, .keylen = 192 },
	{ .encr = IKE_ENCR_AES_CCM_8, .keylen = 128 },
	{ .encr = IKE_ENCR_AES_CCM_12, .keylen = 192 },
	{ .encr = IKE_ENCR_AES_CCM_16, .keylen = 256 },
	{ .encr = IKE_ENCR_CHACHA20_POLY1305 },
	{ .encr = IKE_ENCR_AES_CBC, .keylen = 128, .integ = IKE_INTEG_HMAC_SHA1_96 },
	{ .encr = IKE_ENCR_AES_CBC, .keylen = 192, .integ = IKE_INTEG_HMAC_SHA2_256_128 },
	{ .encr = IKE_ENCR_AES_CBC, .keylen = 256, .integ = IKE_INTEG_HMAC_SHA2_384_192 },
	{ .encr = IKE_ENCR_AES_CTR, .keylen = 256, .integ = IKE_INTEG_HMAC_SHA2_512_256 },
};

static void make_keys(struct keytable_sa *sa, const struct ike_suite *s)
{
	memset(sa, 0, sizeof(*sa));
	sa->spi_i = SPI_I;
	sa->spi_r = SPI_R;
	sa->cipher = keytable_cipher(s->encr, s->keylen);
	sa->integ = keytable_integ(s->integ);
	if (!sa->cipher || !sa->integ)
		return;
	for (int i = 0; i < 2; i++) {
		isakmp_random(sa->sk_e[i], keytable_encr_len(sa->cipher));
		isakmp_random(sa->sk_a[i], sa->integ->key);
	}
}

/* A line, read back, is the one table there is. */
static bool load_keys(const struct keytable_sa *sa)
{
	char *line = NULL;
	size_t len;
	struct why w;
	FILE *f = open_memstream(&line, &len);
	bool ok;

	fputs("# a comment\n\n", f);
	keytable_write(f, sa);
	fclose(f);
	keytable_free(&lab.d.keys);
	f = fmemopen(line, len, "r");
	w.text[0] = 0;
	ok = keytable_load(&lab.d.keys, f, &w);
	tap_check(ok, TAP_WHERE, "%s: %s", w.text, line);
	CHECK_EQ(lab.d.keys.n, 1);
	fclose(f);
	free(line);
	return ok;
}

static void test_suites(void)
{
	struct keytable_sa sa;
	u8 msg[MSG_MAX];
	size_t n;

	for (size_t i = 0; i < 2 * ARRAY_SIZE(suites); i++) {
		const struct ike_suite *s = &suites[i / 2];

		tap_note("encr %u/%u integ %u, %s", s->encr, s->keylen, s->integ,
			 i % 2 ? "initiator" : "responder");
		make_keys(&sa, s);
		if (!CHECK(sa.cipher && sa.integ) || !load_keys(&sa))
			continue;
		n = make_sealed(msg, s, &sa, i % 2);
		if (!CHECK(n))
			continue;
		has(shown(msg, n, false), "decrypted\n\t\tIDi fqdn:inside.example\n"
		    "\t\tTSi 10.1.0.0/16[tcp/443],2001::/127\n");
		msg[n - 1] ^= 1;
		has(shown(msg, n, false), "refused icv (");
		msg[n - 1] ^= 1;
		msg[IKE_HDR_LEN + 1] ^= 1;
		has(shown(msg, n, false), "refused icv (");
	}
	tap_note("no keys");
	keytable_free(&lab.d.keys);
	n = make_sealed(msg, &suites[0], (make_keys(&sa, &suites[0]), &sa), true);
	CHECK(!strstr(shown(msg, n, false), "inside") && strstr(lab.text, "SK octets "));
}

/* RFC 7383: a fragment of several is octets; one that is alone is the message. */
static void test_ike_fragments(void)
{
	const struct isakmp_skf one = { 1, 1 }, second = { 2, 3 };
	const struct ike_suite *s = &suites[0];
	struct keytable_sa sa;
	u8 msg[MSG_MAX];
	size_t n;

	make_keys(&sa, s);
	n = make_fragment(msg, s, &sa, true, &second);
	has(shown(msg, n, false), "SKF fragment 2 of 3 octets ");
	CHECK(!strstr(lab.text, "decrypted"));
	if (!CHECK(load_keys(&sa)))
		return;
	has(shown(msg, n, false), "decrypted data 86-octets");
	n = make_fragment(msg, s, &sa, true, &one);
	has(shown(msg, n, false), "decrypted\n\t\tIDi fqdn:inside.example\n");
	msg[n - 1] ^= 1;
	has(shown(msg, n, false), "refused icv (");
	msg[33] = 2;		/* of one */
	has(shown(msg, n, false), "SKF refused bad-skf (");
	keytable_free(&lab.d.keys);
}

static void bad_key_line(const char *text, const char *want)
{
	char buf[4096];
	struct why w = { "" };
	struct keytable t = { 0 };
	FILE *f;

	snprintf(buf, sizeof(buf), "\n%s\n", text);
	f = fmemopen(buf, strlen(buf), "r");
	tap_note("%s", text);
	CHECK(!keytable_load(&t, f, &w));
	tap_check(strstr(w.text, want) && strstr(w.text, "line 2"), TAP_WHERE, "%s", w.text);
	fclose(f);
	keytable_free(&t);
}

#define GCM128 "\"AES-GCM-128 with 16 octet ICV [RFC5282]\""
#define K20 "000102030405060708090a0b0c0d0e0f10111213"
#define SPIS "1122334455667788,99aabbccddeeff00,"

static void test_key_lines(void)
{
	static char line[4000];
	struct keytable t = { 0 };
	struct why w = { "" };
	FILE *f;

	bad_key_line("nonsense", "eight fields");
	bad_key_line(SPIS K20 "," K20 "," GCM128 ",,,\"NONE [RFC4306]\",", "eight fields");
	bad_key_line("11,22," K20 "," K20 "," GCM128 ",,,\"NONE [RFC4306]\"", "SPI");
	bad_key_line(SPIS K20 "," K20 ",\"ROT-13\",,,\"NONE [RFC4306]\"", "algorithm");
	bad_key_line(SPIS K20 ",00," GCM128 ",,,\"NONE [RFC4306]\"", "wrong length");
	bad_key_line(SPIS K20 "," K20 "," GCM128 ",00,,\"NONE [RFC4306]\"", "wrong length");
	bad_key_line(SPIS K20 "," K20 "," GCM128 "," K20 "," K20 ",\"HMAC_SHA1_96 [RFC2404]\"",
		     "go together");
	bad_key_line(SPIS "00,00,\"AES-CBC-128 [RFC3602]\",,,\"NONE [RFC4306]\"", "go together");
	memset(line, 'x', sizeof(line) - 1);
	bad_key_line(line, "eight fields");
	tap_note("a comment of any length");
	line[0] = '#';
	memcpy(line + 2000, "\n# more", 7);
	f = fmemopen(line, strlen(line), "r");
	CHECK(keytable_load(&t, f, &w) && !t.n);
	fclose(f);
}

/* ---- frames ------------------------------------------------------------------ */

#define PAYLOAD "\0\0\0\0what UDP carries"
#define PAYLOAD_LEN 20

static size_t put_udp(u8 *p, u16 len)
{
	put_unaligned_be16(4500, p);
	put_unaligned_be16(4500, p + 2);
	put_unaligned_be16(len, p + 4);
	put_unaligned_be16(0, p + 6);
	memcpy(p + 8, PAYLOAD, PAYLOAD_LEN);
	return 8 + PAYLOAD_LEN;
}

/* An IPv4 packet, or the part of one from @from to @to. */
static size_t put_ipv4(u8 *p, size_t from, size_t to, u16 id)
{
	u8 udp[8 + PAYLOAD_LEN];
	size_t n = put_udp(udp, sizeof(udp));

	to = min(to, n);
	memset(p, 0, 20);
	p[0] = 0x45;
	put_unaligned_be16(20 + to - from, p + 2);
	put_unaligned_be16(id, p + 4);
	put_unaligned_be16(from / 8 | (to < n ? 0x2000 : 0), p + 6);
	p[9] = 17;
	memcpy(p + 12, "\xc0\0\2\1\xc0\0\2\2", 8);
	memcpy(p + 20, udp + from, to - from);
	return 20 + to - from;
}

/* With a hop-by-hop header; fragmented when @to is less than all. */
static size_t put_ipv6(u8 *p, size_t from, size_t to, bool fragment)
{
	u8 udp[8 + PAYLOAD_LEN];
	size_t n = put_udp(udp, sizeof(udp)), at = 40;

	to = min(to, n);
	memset(p, 0, 64);
	p[0] = 0x60;
	p[6] = 0;
	p[8] = 0x20;
	p[24] = 0x20;
	p[40] = fragment ? 44 : 17;
	at += 8;
	if (fragment) {
		p[at] = 17;
		put_unaligned_be16(from | (to < n), p + at + 2);
		put_unaligned_be32(77, p + at + 4);
		at += 8;
	}
	memcpy(p + at, udp + from, to - from);
	put_unaligned_be16(at - 40 + to - from, p + 4);
	return at + to - from;
}

static bool is_ours(const struct datagram *d)
{
	return d->ip.proto == PCAP_UDP && d->sport == 4500 && d->n == PAYLOAD_LEN &&
	       !memcmp(d->p, PAYLOAD, PAYLOAD_LEN) && !d->cut;
}

static void test_links(void)
{
	static const struct {
		int link;
		const char *head;
		size_t n;
		bool v6;
	} links[] = {
		{ DLT_EN10MB, "dddddd" "ssssss" "\x08\x00", 14, false },
		{ DLT_EN10MB, "dddddd" "ssssss" "\x86\xdd", 14, true },
		{ DLT_EN10MB, "dddddd" "ssssss" "\x88\xa8\0\1\x81\0\0\2\x08\x00", 22, false },
		{ DLT_LINUX_SLL, "\0\0\0\1\0\6aaaaaaaa\x08\x00", 16, false },
		{ DLT_LINUX_SLL2, "\x86\xdd\0\0\0\0\0\1\0\1\0\6aaaaaaaa", 20, true },
		{ DLT_RAW, "", 0, false }, { DLT_RAW, "", 0, true },
		{ DLT_IPV4, "", 0, false }, { DLT_IPV6, "", 0, true },
		{ DLT_NULL, "\2\0\0\0", 4, false }, { DLT_LOOP, "\0\0\0\2", 4, false },
		{ DLT_NULL, "\0\0\0\x1e", 4, true },
	};
	struct capture c = { 0 };
	struct datagram d;
	u8 frame[256];
	size_t n;

	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		tap_note("link %d", links[i].link);
		memcpy(frame, links[i].head, links[i].n);
		n = links[i].n + (links[i].v6 ?
				  put_ipv6(frame + links[i].n, 0, 999, false) :
				  put_ipv4(frame + links[i].n, 0, 999, 1));
		c.link = links[i].link;
		CHECK(capture_link_known(c.link));
		CHECK(capture_frame(&c, frame, n, &d) && is_ours(&d));
		CHECK(capture_frame(&c, frame, n - 1, &d) && d.cut);
		for (size_t k = 0; k < n; k++)
			CHECK(!capture_frame(&c, frame, k, &d) || d.cut);
	}
	capture_close(&c);
}

/* Frames in an order; the last one completes the packet, or none does. */
static void fragments(const size_t (*part)[2], size_t n, bool v6, bool whole)
{
	struct capture c = { .link = DLT_RAW };
	struct datagram d;
	u8 frame[256];
	size_t len;

	for (size_t i = 0; i < n; i++) {
		len = v6 ? put_ipv6(frame, part[i][0], part[i][1], true) :
			   put_ipv4(frame, part[i][0], part[i][1], 7);
		tap_note("%s fragment %zu of %zu", v6 ? "IPv6" : "IPv4", i + 1, n);
		CHECK_EQ(capture_frame(&c, frame, len, &d), whole && i == n - 1);
	}
	CHECK(!whole || is_ours(&d));
	capture_close(&c);
}

static void test_fragments(void)
{
	static const size_t forward[][2] = { { 0, 8 }, { 8, 24 }, { 24, 99 } };
	static const size_t backward[][2] = { { 24, 99 }, { 8, 24 }, { 0, 8 } };
	static const size_t twice[][2] = { { 0, 8 }, { 0, 8 }, { 24, 99 }, { 8, 24 } };
	static const size_t overlap[][2] = { { 0, 16 }, { 8, 24 }, { 24, 99 } };
	static const size_t again[][2] = { { 24, 99 }, { 24, 99 }, { 8, 24 }, { 8, 24 }, { 0, 8 } };
	struct capture c = { .link = DLT_RAW };
	struct datagram d;
	u8 frame[256];

	for (int v6 = 0; v6 < 2; v6++) {
		fragments(forward, 3, v6, true);
		fragments(backward, 3, v6, true);
		fragments(twice, 4, v6, true);
		fragments(overlap, 3, v6, false);
		fragments(again, 5, v6, true);
	}
	tap_note("more packets than there is room for");
	for (unsigned int id = 0; id < 3 * DEFRAG_SLOTS; id++)
		CHECK(!capture_frame(&c, frame, put_ipv4(frame, 0, 8, id), &d));
	CHECK(!capture_frame(&c, frame, put_ipv4(frame, 8, 99, 0), &d));
	CHECK(capture_frame(&c, frame, put_ipv4(frame, 8, 99, 3 * DEFRAG_SLOTS - 1), &d));
	CHECK(is_ours(&d));
	capture_close(&c);
}

/* A fragment of a packet of IPv6 that says of itself where it is, and whether it is the last. */
static bool piece(struct capture *c, size_t from, size_t to, bool last, u8 proto)
{
	struct datagram d;
	u8 frame[256];
	size_t n = put_ipv6(frame, 0, to - from, true);

	frame[48] = proto;
	put_unaligned_be16(from | !last, frame + 50);
	return capture_frame(c, frame, n, &d);
}

/*
 * Octets that nobody sent are shown to nobody: pieces of one packet, none of which
 * makes it whole, in this order and backwards.
 */
static void test_fragments_beyond(void)
{
	static const struct {
		size_t from, to;
		bool last;
	} sets[][4] = {
		{ { 16, 24, false }, { 8, 12, true } },
		{ { 8, 24, false }, { 8, 16, true } },
		{ { 0, 8, false }, { 24, 32, false }, { 16, 20, true } },
		{ { 24, 32, false }, { 32, 40, false }, { 16, 24, true } },
		{ { 16, 24, true }, { 8, 16, true } },
		{ { 8, 12, true }, { 8, 16, true }, { 16, 24, false } },
		{ { 16, 24, false }, { 16, 24, false }, { 8, 16, false }, { 24, 28, true } },
	};
	struct capture c = { .link = DLT_RAW };

	for (size_t i = 0; i < 2 * ARRAY_SIZE(sets); i++) {
		tap_note("set %zu, %s", i / 2, i % 2 ? "backwards" : "forwards");
		for (size_t k = 0; k < 4; k++) {
			size_t at = i % 2 ? 3 - k : k;

			CHECK(!sets[i / 2][at].to ||
			      !piece(&c, sets[i / 2][at].from, sets[i / 2][at].to,
				     sets[i / 2][at].last, 17));
		}
		capture_close(&c);
	}
	tap_note("the first fragment says what the packet carries");
	CHECK(!piece(&c, 8, 28, true, 6) && piece(&c, 0, 8, false, 17));
	CHECK(!piece(&c, 0, 8, false, 17) && piece(&c, 8, 28, true, 6));
	CHECK(!piece(&c, 0, 8, false, 6) && !piece(&c, 8, 28, true, 17));
	capture_close(&c);
}

/* ---- the other kinds --------------------------------------------------------- */

static const char *shown_4500(const char *p, size_t n)
{
	struct datagram dg = { .frame = 9, .ip.family = 16, .ip.proto = PCAP_UDP,
			       .sport = 4500, .dport = 1024, .p = (const u8 *)p, .n = n };

	lab_open(false);
	CHECK(decode_datagram(&lab.d, &dg));
	lab_close();
	return lab.text;
}

static void test_kinds(void)
{
	struct datagram dg = { .ip.family = 4, .ip.proto = PCAP_UDP, .sport = 53, .dport = 53 };

	has(shown_4500("\xff", 1), "9 0.000000 [::]:4500 > [::]:1024 keepalive\n");
	has(shown_4500("\x01\2\3\4\0\0\0\5abcd", 12), "ESP spi 0x01020304 seq 5 octets 12\n");
	has(shown_4500("\0\0\0", 3), "ESP refused short (");
	has(shown_4500("\0\0\0\0ike", 7), "IKE octets 3 refused short (");
	lab_open(false);
	CHECK(!decode_datagram(&lab.d, &dg));
	lab_close();
	CHECK_EQ(lab.len, 0);
}

static void test_malformed(void)
{
	struct isakmp_builder b;
	u8 msg[MSG_MAX];

	make_begin(&b, msg, IKE_SA_INIT, 0);
	make_notify(&b, IKE_N_COOKIE, "cookie", 6);
	make_raw(&b, IKE_PL_NONCE, "short", 5);
	make_raw(&b, IKE_PL_KE, "\0\x1f\0\0value", 9);
	CHECK(isakmp_build_end(&b));
	has(shown(msg, b.o.len, false), "\tNonce refused bad-nonce (a nonce is shorter or "
	    "longer than allowed) data 0x73686f7274\n");
	tap_note("a length that runs past the end: what came before it is shown");
	put_unaligned_be16(99, msg + b.o.len - 11);
	has(shown(msg, b.o.len, false), "refused payload-length (");
	has(lab.text, "\tN COOKIE text cookie\n");
	CHECK(!strstr(lab.text, "\tKE"));
	tap_note("version");
	msg[17] = 0x30;
	has(shown(msg, b.o.len, false), "version 3 id 1 ");
	has(lab.text, "refused version (");
	CHECK_EQ(strstr(lab.text, "\tN") != NULL, 0);
}

/* (threat 62): what a peer sent is never obeyed, not even by a terminal. */
static void test_hostile_text(void)
{
	static const char evil[] = "\";id #\n%s%n\x1b[2J\x9b\\";
	struct isakmp_builder b;
	u8 msg[MSG_MAX];

	for (int json = 0; json < 2; json++) {
		make_begin(&b, msg, IKE_SA_INIT, 0);
		make_notify(&b, 16404, evil, sizeof(evil) - 1);
		make_notify(&b, 16404, "\";id #%s%n'", 11);
		make_id(&b, IKE_ID_KEY_ID, evil);
		make_id(&b, IKE_ID_FQDN, "a\x1b[2J\";id%n");
		make_raw(&b, IKE_PL_VENDOR, evil, sizeof(evil) - 1);
		make_raw(&b, IKE_PL_CERT, "\x0c" "01234567890123456789\x1b\n", 23);
		CHECK(isakmp_build_end(&b));
		shown(msg, b.o.len, json);
		CHECK(printable(lab.text));
		has(lab.text, json ? "\\\";id #%s%n'" : "'\";id #%s%n'\"'\"\n");
		has(lab.text, json ? "fqdn:a\\\\x1b[2J\\\";id%n" : "fqdn:a\\x1b[2J\";id%n");
	}
}

/* Every beginning of a message, and every octet of it changed. */
static void test_mutations(void)
{
	struct isakmp_builder b;
	u8 msg[MSG_MAX], copy[MSG_MAX];

	make_begin(&b, msg, IKE_SA_INIT, IKE_FLAG_INITIATOR);
	make_all(&b);
	CHECK(isakmp_build_end(&b));
	for (size_t n = 0; n < b.o.len; n++) {
		u8 *exact = malloc(n + !n);

		memcpy(exact, msg, n);
		CHECK(printable(shown(exact, n, n % 2)));
		free(exact);
	}
	for (size_t i = 0; i < 4 * b.o.len; i++) {
		memcpy(copy, msg, b.o.len);
		copy[i / 4] ^= 1 << (i % 4) * 2;
		CHECK(printable(shown(copy, b.o.len, i % 2)));
	}
}

/* ---- captures of others -------------------------------------------------------- */

static unsigned int file_shown(const char *path, bool json)
{
	struct datagram dg = { 0 };
	enum capture_result got;
	unsigned int n = 0;
	struct capture c;
	struct why w;

	lab_open(json);
	if (capture_open(&c, fopen(path, "re"), &w))
		while ((got = capture_next(&c, &dg, &w)) != CAPTURE_END &&
		       got != CAPTURE_ERROR)
			n += got == CAPTURE_DATAGRAM && decode_datagram(&lab.d, &dg);
	capture_close(&c);
	lab_close();
	return n;
}

static void load_others(const char *dir)
{
	char path[512], line[KEYTABLE_LINE_MAX], *keys = NULL;
	size_t len;
	struct why w;
	FILE *f, *k = open_memstream(&keys, &len);

	snprintf(path, sizeof(path), "%s/README.md", dir);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (strchr(line, ',') == line + 16)
			fputs(line, k);
	if (f)
		fclose(f);
	fclose(k);
	keytable_free(&lab.d.keys);
	f = fmemopen(keys, len, "r");
	CHECK(keytable_load(&lab.d.keys, f, &w) && lab.d.keys.n >= 3);
	fclose(f);
	free(keys);
}

/* Conversations whose AUTH data is known. */
static void test_others_keys(void)
{
	static const struct {
		const char *file;
		const char *auth;
	} files[] = {
		{ "ikev2-decrypt-3des-sha1_160.pcap",
		  "02f7a0d5f1fdc8ea81039818c65bb9bd09af9b8917319b887ff9ba3046c344c7" },
		{ "ikev2-decrypt-aes256cbc.pcapng",
		  "e1a8d550064201a7ec024a85758d0673c61c5c510ac13bcd225d6327f50da3d3" },
		{ "ikev2-decrypt-aes256gcm16.pcap",
		  "9ab71f14ab553cad873a1aa70b99df155dee77cdcf3694b3b7527acbb9712ded" },
	};
	const char *dir = getenv("NATIVE_CORPORA");
	char path[512];

	load_others(dir);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/ikev2-keys/%s", dir, files[i].file);
		tap_note("%s", files[i].file);
		CHECK(file_shown(path, true) >= 4);
		has(lab.text, files[i].auth);
		CHECK(!strstr(lab.text, "refused"));
	}
	keytable_free(&lab.d.keys);
}

static void test_others_hostile(void)
{
	char path[512];
	const struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/pcap", getenv("NATIVE_CORPORA"));
	dir = opendir(path);
	while (CHECK(dir) && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/pcap/%s", getenv("NATIVE_CORPORA"), e->d_name);
		tap_note("%s", e->d_name);
		file_shown(path, false);
		CHECK(printable(lab.text));
		file_shown(path, true);
		CHECK(printable(lab.text));
	}
	if (dir)
		closedir(dir);
}

static void others(void (*test)(void), const char *title)
{
	const char *dir = getenv("NATIVE_CORPORA");

	if (!dir || access(dir, R_OK))
		tap_skip(title, "no corpus of captures");
	else
		TAP_RUN(test, title);
}

int main(void)
{
	TAP_RUN(test_payloads, "every payload, in words");
	TAP_RUN(test_suites, "keys: written, read, and every suite opened with them");
	TAP_RUN(test_ike_fragments, "fragments of IKE, with keys and without (RFC 7383)");
	TAP_RUN(test_key_lines, "keys: lines that are refused");
	TAP_RUN(test_links, "frames of every kind of link, IPv4 and IPv6, cut anywhere");
	TAP_RUN(test_fragments, "fragments of IP, in any order, overlapping, too many");
	TAP_RUN(test_fragments_beyond, "fragments of IP that leave a hole, beyond the last one too");
	TAP_RUN(test_kinds, "keepalives, ESP, and what is neither");
	TAP_RUN(test_malformed, "malformed messages, by reason");
	TAP_RUN(test_hostile_text, "octets of a peer are escaped in text and JSON (threat 62)");
	TAP_RUN(test_mutations, "messages cut and changed anywhere");
	others(test_others_keys, "captures of others, opened with their keys");
	others(test_others_hostile, "captures that broke other decoders");
	free(lab.text);
	return tap_done();
}
