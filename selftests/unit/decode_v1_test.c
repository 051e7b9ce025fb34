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
	"attr-99 7 group-prime 0x6e696e65206f637473\n\t\t\ttransform 2 9 encr 77\n",
	"\tSA\n\t\tproposal 1 ESP spi 0xc0ffee01\n\t\t\ttransform 1 AES_GCM_16 key-length 128 "
	"mode udp-tunnel auth HMAC_SHA2_256 group ECP_256\n\t\tproposal 1 IPCOMP spi 0x1234\n"
	"\t\t\ttransform 1 DEFLATE\n",
	"\tKE value 0x76616c7565\n", "\tNonce value 0x3132333435363738\n",
	"\tID fqdn:gw-a.example proto 17 port 500\n", "\tID ipv4:192.0.2.1\n",
	"\tID 10.1.0.0/16[tcp/443]\n", "\tID 10.1.0.1-10.1.0.9\n",
	"\tCERT X509 (not a certificate) data 0x", "\tCERTREQ X509\n",
	"\tCERTREQ X509 authority CN=a\\x5c1Bb\n", "\tHASH value 0x68617368\n",
	"\tSIG value 0x736967\n", "\tN NO-PROPOSAL-CHOSEN protocol ISAKMP data 0x6e6f1b\n",
	"\tN 40000 doi 0 protocol ESP text text\n", "\tN R-U-THERE protocol ISAKMP value 256\n",
	"\tN RESPONDER-LIFETIME protocol ESP life-type kilobytes life 65536\n",
	"\tN RESPONDER-LIFETIME protocol ESP data 0x800100\n",
	"\tD ESP spis 0xc0000001,0xc0000002\n", "\tV DPD\n",
	"\tV draft-ietf-ipsec-nat-t-ike-02\n", "\tV FRAGMENTATION\n",
	"\tV text \"some box 1.0\"\n", "\tAttributes request id 7\n\t\tXAUTH-TYPE 0\n"
	"\t\tXAUTH-USER-NAME 0x616e6e611b\n\t\tINTERNAL_IP4_ADDRESS 10.0.0.7\n",
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
	if (dir && !access(dir, R_OK))
		TAP_RUN(test_others, "packets of others");
	else
		tap_skip("packets of others", "no corpus of captures");
	free(lab.text);
	return tap_done();
}
