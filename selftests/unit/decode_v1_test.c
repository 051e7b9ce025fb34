// SPDX-License-Identifier: GPL-2.0
/* isakmp decode: messages of version 1. */
#include <unistd.h>

#include "decode_lab.h"
#include "decode_make.h"
#include "tap.h"
#include "wire/v1.h"

/* What make_v1_all() makes, line by line. */
static const char *const all_shown[] = {
	"\tSA\n\t\tproposal 1 ISAKMP\n\t\t\ttransform 1 KEY_IKE encr AES_CBC key-length 256 "
	"hash SHA2_256 auth XAUTH-initiator-PSK group MODP_2048 life-type seconds life 86400 "
	"attr-99 7 group-prime 0x6e696e65206f637473\n\t\t\ttransform 2 9 encr 77 group EC2N_155 group EC2N_185 group 35\n",
	"\tSA\n\t\tproposal 1 ESP spi 0xc0ffee01\n\t\t\ttransform 1 AES_GCM_16 key-length 128 "
	"mode udp-tunnel auth HMAC_SHA2_256 group ECP_256\n\t\tproposal 1 IPCOMP spi 0x1234\n"
	"\t\t\ttransform 1 DEFLATE\n",
	"\tKE value 0x76616c7565\n", "\tNonce value 0x3132333435363738\n",
	"\tID fqdn:gw-a.example proto 17 port 500\n", "\tID ipv4:192.0.2.1\n",
	"\tID type-10:0x3000\n", "\tID 10.1.0.0/16[tcp/443]\n", "\tID 10.1.0.1-10.1.0.9\n",
	"\tCERT X509 (not a certificate) data 0x", "\tCERT X509-key-exchange (not a certificate) ",
	"\tCERT 11 data 0x6b6579\n", "\tCERTREQ X509\n", "\tCERTREQ X509-key-exchange\n",
	"\tCERTREQ X509 authority CN=a\\x5c1Bb\n", "\tHASH value 0x68617368\n",
	"\tSIG value 0x736967\n", "\tN NO-PROPOSAL-CHOSEN protocol ISAKMP data 0x6e6f1b\n",
	"\tN 40000 doi 0 protocol ESP text text\n", "\tN R-U-THERE protocol ISAKMP value 256\n",
	"\tN RESPONDER-LIFETIME protocol ESP life-type kilobytes life 65536\n",
	"\tN RESPONDER-LIFETIME protocol ESP data 0x800100\n",
	"\tD ESP spis 0xc0000001,0xc0000002\n", "\tV DPD\n",
	"\tV draft-ietf-ipsec-nat-t-ike-02\n", "\tV FRAGMENTATION\n",
	"\tV text \"some box 1.0\"\n", "\tAttributes request id 7\n\t\tXAUTH-TYPE 0\n"
	"\t\tXAUTH-USER-NAME 0x616e6e611b\n\t\tINTERNAL_IP4_ADDRESS 10.0.0.7\n"
	"\t\tINTERNAL_ADDRESS_EXPIRY ", "\t\tINTERNAL_IP6_NBNS\n",
	"\tNAT-D value 0x30313233343536373839616263646566\n", "\tNAT-OA draft 192.0.2.7\n",
	"\tFragment id 7 number 3 last octets 5\n", "\tpayload-200 data 0x77686174\n",
};

/* ---- tests --------------------------------------------------------------------- */

static void test_payloads(void)
{
	struct isakmp_builder b;
	u8 msg[MSG_MAX];
	const char *text;

	make_v1_begin(&b, msg, V1_MAIN, 0, 0);
	make_v1_all(&b);
	CHECK(isakmp_build_end(&b));
	text = shown(msg, b.o.len, false);
	has(text, "IKE Main version 1 id 0 spi-i 0x1122334455667788 spi-r 0x99aabbccddeeff00 octets ");
	for (size_t i = 0; i < ARRAY_SIZE(all_shown); i++)
		has(text, all_shown[i]);
	CHECK(!strstr(text, "refused"));
	CHECK(printable(text));
	text = shown(msg, b.o.len, true);
	has(text, "\"exchange\":\"Main\",\"version\":1,\"id\":0,");
	has(text, "\"transforms\":[{\"num\":1,\"id\":\"KEY_IKE\",\"attributes\":["
	    "{\"attribute\":\"encr\",\"value\":\"AES_CBC\"},");
	has(text, "{\"attribute\":99,\"value\":7}");
	has(text, "{\"payload\":\"V\",\"vendor\":\"DPD\",\"value\":\"afcad71368a1f1c96b8696fc77570100\"}");
	has(text, "\"payload\":\"D\",\"protocol\":\"ESP\",\"spis\":[\"c0000001\",\"c0000002\"]");
	has(text, "\"payload\":\"NAT-OA\",\"draft\":true,\"address\":\"192.0.2.7\"");
	CHECK(printable(text));
}

static void test_header(void)
{
	static const struct {
		u8 exchange;
		const char *name;
	} rows[] = {
		{ V1_BASE, "Base" }, { V1_AUTH_ONLY, "Authentication-Only" },
		{ V1_AGGRESSIVE, "Aggressive" }, { V1_INFORMATIONAL, "Informational" },
		{ V1_TRANSACTION, "Transaction" }, { V1_QUICK, "Quick" },
		{ V1_NEW_GROUP, "New-Group" }, { 99, "99" },
		/* numbers that only version 2 has a name for */
		{ IKE_SA_INIT, "34" }, { IKE_AUTH, "35" }, { 43, "43" },
	};
	struct isakmp_builder b;
	u8 msg[MSG_MAX];
	char want[64];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		make_v1_begin(&b, msg, rows[i].exchange, 0, 77);
		make_raw(&b, V1_PL_HASH, "hash", 4);
		CHECK(isakmp_build_end(&b));
		snprintf(want, sizeof(want), "IKE %s version 1 id 77 ", rows[i].name);
		has(shown(msg, b.o.len, false), want);
	}
	/* and the other way round */
	make_begin(&b, msg, V1_QUICK, IKE_FLAG_INITIATOR);
	CHECK(isakmp_build_end(&b));
	has(shown(msg, b.o.len, false), "IKE 32 request from initiator ");
	/* What is encrypted is told as that, and not read */
	make_v1_begin(&b, msg, V1_QUICK, 0xff, 77);
	make_raw(&b, V1_PL_HASH, "any octets", 10);
	CHECK(isakmp_build_end(&b));
	has(shown(msg, b.o.len, false), "version 1 flags encrypted,commit,authentication-only,248 id 77 ");
	has(lab.text, "\tencrypted first HASH octets 14\n");
	CHECK(!strstr(lab.text, "value"));
	has(shown(msg, b.o.len, true), "\"flags\":[\"encrypted\",\"commit\",\"authentication-only\",248]");
	has(lab.text, "\"payloads\":[{\"payload\":\"encrypted\",\"first\":\"HASH\",\"octets\":14}]");
}

static void test_malformed(void)
{
	struct isakmp_builder b;
	u8 msg[MSG_MAX];

	make_v1_begin(&b, msg, V1_MAIN, 0, 0);
	make_raw(&b, V1_PL_NONCE, "short", 5);
	make_raw(&b, V1_PL_SA, "\0\0\0\2", 4);
	make_raw(&b, V1_PL_SA, "\0\0\0\1\0\0\0\6", 8);
	make_raw(&b, V1_PL_ID, "\1\0\0\0abc", 7);
	make_raw(&b, V1_PL_KE, "value", 5);
	CHECK(isakmp_build_end(&b));
	has(shown(msg, b.o.len, false), "\tNonce refused bad-nonce (");
	has(lab.text, "\tSA doi 2 refused v1-doi (");
	has(lab.text, "\tSA doi 1 situation 6 refused v1-situation (");
	has(lab.text, "\tID refused bad-id (an Identification payload is malformed) data 0x");
	tap_note("a length that runs past the end: what came before it is shown");
	put_unaligned_be16(99, msg + b.o.len - 7);
	has(shown(msg, b.o.len, false), "refused payload-length (");
	has(lab.text, "\tID refused bad-id (");
	CHECK(!strstr(lab.text, "\tKE"));
	tap_note("a length of the header that is not the datagram's");
	has(shown(msg, b.o.len - 1, false), "refused length (");
	CHECK(!strstr(lab.text, "payload-length"));
}

static void test_mutations(void)
{
	struct isakmp_builder b;
	u8 msg[MSG_MAX], copy[MSG_MAX];

	make_v1_begin(&b, msg, V1_AGGRESSIVE, 0, 0);
	make_v1_all(&b);
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

/* ---- pieces ------------------------------------------------------------------------ */

#define CUT 120		/* octets of a piece */

static u8 whole[MSG_MAX];
static size_t whole_len;

/* Of the heads of pieces; who sends them, beside the two. */
static u8 piece_flags, piece_from;

/* Piece @number of octets, as a message; from the responder with @back. */
static const char *told_piece(u16 id, u8 number, bool last, const u8 *p, size_t n, bool back)
{
	const struct v1_fragment f = { .id = id, .number = number, .last = last, .data = p,
				       .len = (u16)n };
	static u8 msg[IKE_MSG_MAX];
	struct isakmp_header h = { .spi_i = SPI_I, .spi_r = SPI_R, .major = V1_MAJOR,
				   .exchange = V1_MAIN, .flags = piece_flags };
	struct datagram dg = { .frame = 1, .ip.family = 4, .ip.proto = PCAP_UDP,
			       .sport = 500, .dport = 500, .p = msg };
	struct isakmp_builder b;

	dg.ip.src[0] = back;
	dg.ip.src[1] = piece_from;
	dg.ip.dst[0] = !back;
	isakmp_build_begin(&b, msg, sizeof(msg), &h);
	isakmp_build_payload(&b, V1_PL_FRAGMENT);
	v1_fragment_encode(&b.o, &f);
	isakmp_build_close(&b);
	CHECK(isakmp_build_end(&b));
	dg.n = b.o.len;
	lab_open(false);
	decode_datagram(&lab.d, &dg);
	lab_close();
	CHECK(printable(lab.text));
	return lab.text;
}

static unsigned int pieces(void)
{
	return (unsigned int)((whole_len + CUT - 1) / CUT);
}

/* Piece @i, from 0, of the whole message */
static const char *told(u16 id, unsigned int i, bool back)
{
	return told_piece(id, (u8)(i + 1), i + 1 == pieces(), whole + CUT * i,
			  min_t(size_t, CUT, whole_len - CUT * i), back);
}

static bool joined(const char *text)
{
	return strstr(text, "\tmessage Main version 1 id 0 spi-i 0x1122334455667788 ") &&
	       strstr(text, "\t\tKE value 0x76616c7565\n") &&
	       strstr(text, "\n\t\tpayload-200 data 0x77686174\n");
}

static void forget(void)
{
	v1_joins_free(lab.d.pieces);
	lab.d.pieces = NULL;
}

static void test_pieces(void)
{
	struct isakmp_builder b;
	unsigned int i, n;

	make_v1_begin(&b, whole, V1_MAIN, 0, 0);
	make_v1_all(&b);
	CHECK(isakmp_build_end(&b));
	whole_len = b.o.len;
	n = pieces();
	CHECK(n >= 4);
	tap_note("in order, and again, with the same ID");
	for (i = 0; i < 2 * n; i++)
		CHECK_EQ(joined(told(1, i % n, false)), i % n == n - 1);
	has(lab.text, " last octets ");
	tap_note("backwards");
	for (i = n; i--;)
		CHECK_EQ(joined(told(2, i, false)), i == 0);
	tap_note("one of them twice");
	for (i = 0; i < n; i++) {
		CHECK_EQ(joined(told(3, i, false)), i == n - 1);
		if (i == 1)
			CHECK(!joined(told(3, i, false)));
	}
	tap_note("one is missing, then all of the next message");
	for (i = 1; i < n; i++)
		CHECK(!joined(told(4, i, false)));
	for (i = 0; i < n; i++)
		CHECK_EQ(joined(told(5, i, false)), i == n - 1);
	tap_note("both directions at once, with the same ID");
	for (i = 0; i < n; i++) {
		CHECK_EQ(joined(told(1, i, false)), i == n - 1);
		CHECK_EQ(joined(told(1, n - 1 - i, true)), i == n - 1);
	}
	tap_note("somebody else beside them, with the same cookies");
	for (i = 0; i < n; i++) {
		piece_from = 1;
		CHECK(!joined(told(1, 0, false)));
		piece_from = 0;
		CHECK_EQ(joined(told(1, i, false)), i == n - 1);
	}
	tap_note("heads are in the clear, whatever their flags are");
	piece_flags = V1_FLAG_ENCRYPTION;
	for (i = 0; i < n; i++)
		CHECK_EQ(joined(told(1, i, false)), i == n - 1);
	piece_flags = 0;
	tap_note("a piece of the same number that is another: a message of its own");
	CHECK(!joined(told(6, 0, false)));
	CHECK(!joined(told_piece(6, 1, false, whole, CUT - 1, false)));
	for (i = 1; i < n; i++)
		CHECK(!joined(told(6, i, false)));
	tap_note("one that is longer than it says");
	whole[IKE_HDR_LEN - 1] ^= 1;
	for (i = 0; i < n; i++)
		told(7, i, false);
	has(lab.text, "\tmessage Main version 1 id 0 ");
	has(lab.text, " refused length (");
	forget();
}

/* Conversations that are never whole, too many and too long (threats 64, 65, 66, 68). */
static void test_piece_limits(void)
{
	static u8 big[IKE_MSG_MAX];
	unsigned int i;

	told_piece(1, IKE_FRAGMENTS_MAX, false, big, 1, false);
	CHECK(!strstr(lab.text, "refused"));
	told_piece(1, IKE_FRAGMENTS_MAX + 1, true, big, 1, false);
	has(lab.text, " refused fragment-limit (");
	told_piece(1, 255, true, big, 1, false);
	has(lab.text, " refused fragment-limit (");
	forget();
	for (i = 1; i < 16; i++)
		CHECK(!strstr(told_piece(1, (u8)i, false, big, IKE_MSG_MAX / 16, false), "refused"));
	CHECK(!strstr(told_piece(1, 16, false, big, IKE_MSG_MAX / 16, false), "refused"));
	has(told_piece(1, 17, true, big, 1, false), " refused fragment-limit (");
	tap_note("what was too long is forgotten");
	CHECK(!strstr(told_piece(1, 17, true, big, 1, false), "message"));
	forget();
	tap_note("the last one alone, nothing in it, less than a header");
	told_piece(1, 1, true, big, 1, false);
	has(lab.text, "\tmessage octets 1 refused short (");
	has(told_piece(1, 0, true, big, 1, false), "refused v1-bad-fragment (");
	has(told_piece(1, 1, true, big, 0, false), "refused v1-bad-fragment (");
	forget();
}

/* A message in pieces is no piece itself. */
static void test_piece_of_piece(void)
{
	struct isakmp_builder b;
	u8 msg[MSG_MAX];

	make_v1_begin(&b, msg, V1_MAIN, 0, 0);
	make_raw(&b, V1_PL_FRAGMENT, "\0\7\1\1piece", 9);
	CHECK(isakmp_build_end(&b));
	told_piece(1, 1, true, msg, b.o.len, false);
	has(lab.text, "\tmessage Main version 1 ");
	has(lab.text, "\t\tFragment id 7 number 1 last octets 5");
	has(lab.text, " refused v1-bad-fragment (");
	tap_note("whatever is behind it");
	make_v1_begin(&b, msg, V1_MAIN, 0, 0);
	make_raw(&b, V1_PL_FRAGMENT, "\0\7\1\1piece", 9);
	make_raw(&b, V1_PL_NONCE, "12345678", 8);
	CHECK(isakmp_build_end(&b));
	CHECK(!strstr(shown(msg, b.o.len, false), "message"));
	forget();
}

/* The place of the one that nothing came of for the longest time is taken. */
static void test_many_pieces(void)
{
	struct isakmp_header h = { .spi_r = SPI_R };
	struct v1_fragment f = { .id = 1, .data = (const u8 *)"piece", .len = 5 };
	struct ip_packet ip = { .family = 4 };
	struct v1_joins *t = NULL;
	uint8_t *all;
	size_t n;

	for (h.spi_i = 1; h.spi_i <= 3 * V1_JOINS; h.spi_i++) {
		f.number = 1;
		f.last = false;
		CHECK(!v1_joins_add(&t, &ip, &h, &f, &all, &n) && !all);
	}
	f.number = 2;
	f.last = true;
	for (h.spi_i = 2 * V1_JOINS + 1; h.spi_i <= 3 * V1_JOINS; h.spi_i++) {
		CHECK(!v1_joins_add(&t, &ip, &h, &f, &all, &n));
		if (CHECK(all)) {
			CHECK_EQ(n, 10);
			CHECK_MEM(all, "piecepiece", 10);
		}
		free(all);
	}
	for (h.spi_i = 1; h.spi_i <= 2 * V1_JOINS; h.spi_i++)
		CHECK(!v1_joins_add(&t, &ip, &h, &f, &all, &n) && !all);
	v1_joins_free(t);
}

/* ---- what others sent ------------------------------------------------------------- */

static void test_others(void)
{
	static const struct {
		const char *file;
		const char *want;
	} rows[] = {
		{ "ike-scan__pkt-default-proposal.dat__001.bin",
		  "transform 1 KEY_IKE encr 3DES hash SHA1 auth PSK group MODP_1024 "
		  "life-type seconds life 28800" },
		{ "ike-scan__pkt-aggr-mode-response.dat__001.bin", "IKE Aggressive version 1 id 0" },
		{ "ike-scan__pkt-notify-response.dat__001.bin",
		  "\tN NO-PROPOSAL-CHOSEN doi 0 protocol ISAKMP\n" },
		{ "libreswan__cve-2015-3204.py__001.bin", "refused v1-situation (" },
	};
	char path[512];
	u8 buf[MSG_MAX];
	size_t n;
	FILE *f;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		tap_note("%s", rows[i].file);
		snprintf(path, sizeof(path), "%s/reports/%s", getenv("NATIVE_CORPORA"), rows[i].file);
		f = fopen(path, "re");
		if (!CHECK(f))
			continue;
		n = fread(buf, 1, sizeof(buf), f);
		fclose(f);
		has(shown(buf, n, false), rows[i].want);
	}
}

int main(void)
{
	const char *dir = getenv("NATIVE_CORPORA");

	TAP_RUN(test_payloads, "every payload, in words");
	TAP_RUN(test_header, "exchanges, flags, what is encrypted");
	TAP_RUN(test_malformed, "malformed messages, by reason");
	TAP_RUN(test_mutations, "messages cut and changed anywhere (threat 62)");
	TAP_RUN(test_pieces, "a message in pieces, in any order, is shown with the last of them");
	TAP_RUN(test_piece_limits, "pieces that are too many, too long, or none (threats 64, 65, 68)");
	TAP_RUN(test_piece_of_piece, "a message in pieces is no piece itself");
	TAP_RUN(test_many_pieces, "more messages in pieces than are followed");
	if (dir && !access(dir, R_OK))
		TAP_RUN(test_others, "packets of others");
	else
		tap_skip("packets of others", "no corpus of captures");
	free(lab.text);
	return tap_done();
}
