// SPDX-License-Identifier: GPL-2.0
/*
 * Seeds of decode_fuzz: a message of every payload, one of version 1, a sealed one, fragments, pieces,
 * keys; and captures of others, when they are there.
 *
 *	decode_seeds DIR [CORPUS]
 */
#include <dirent.h>

#include "decode_make.h"
#include "wire/v1.h"
#include "seed.h"

static void write_seed(const char *name, u8 mode, const u8 *p, size_t n)
{
	seed_write(name, &mode, 1, p, n);
}

/* A frame of raw IPv4 with a datagram of UDP, or its part from @from on. */
static size_t put_frame(u8 *p, const u8 *data, size_t n, size_t from, size_t to)
{
	u8 udp[MSG_MAX + 8] = { 0x01, 0xf4, 0x01, 0xf4 };
	size_t end = min(to, n + 8);

	put_unaligned_be16(n + 8, udp + 4);
	memcpy(udp + 8, data, n);
	put_unaligned_be16(20 + end - from, p);
	memset(p + 2, 0, 20);
	p[2] = 0x45;
	put_unaligned_be16(20 + end - from, p + 4);
	put_unaligned_be16(from / 8 | (end < n + 8 ? 0x2000 : 0), p + 8);
	p[11] = 17;
	memcpy(p + 22, udp + from, end - from);
	return 22 + end - from;
}

static void messages(void)
{
	static const struct ike_suite gcm = { .encr = IKE_ENCR_AES_GCM_16, .keylen = 128 };
	struct keytable_sa sa = { .cipher = keytable_cipher(gcm.encr, gcm.keylen),
				  .integ = keytable_integ(0) };
	static u8 msg[MSG_MAX], frame[3 * MSG_MAX];
	struct isakmp_builder b;
	size_t n, at;

	make_begin(&b, msg, IKE_SA_INIT, IKE_FLAG_INITIATOR);
	make_all(&b);
	seed.failed += !isakmp_build_end(&b);
	n = put_frame(frame, msg, b.o.len, 0, MSG_MAX);
	write_seed("all", 3, frame, n);
	write_seed("all-json", 3 | 8, frame, n);
	at = put_frame(frame, msg, b.o.len, 0, 160);
	write_seed("fragments", 3, frame, at + put_frame(frame + at, msg, b.o.len, 160, MSG_MAX));
	for (unsigned int i = 0; i < 20; i++)
		sa.sk_e[0][i] = sa.sk_e[1][i] = i;
	n = make_sealed(msg, &gcm, &sa, true);
	write_seed("sealed", 3, frame, put_frame(frame, msg, n, 0, MSG_MAX));
	make_v1_begin(&b, msg, 2, 0, 0);
	make_v1_all(&b);
	seed.failed += !isakmp_build_end(&b);
	n = put_frame(frame, msg, b.o.len, 0, MSG_MAX);
	write_seed("v1", 3, frame, n);
	write_seed("v1-json", 3 | 8, frame, n);
}

static size_t put_message(u8 *frame, struct isakmp_builder *b, const u8 *msg)
{
	seed.failed += !isakmp_build_end(b);
	return put_frame(frame, msg, b->o.len, 0, MSG_MAX);
}

/* Main Mode of version 1, from the choice on: AES-128 with SHA-1; then what is encrypted. */
static void conversation_v1(void)
{
	static u8 msg[MSG_MAX], frames[4 * MSG_MAX];
	struct isakmp_builder b;
	struct v1_sa_out s;
	size_t n = 0;

	make_v1_begin(&b, msg, V1_MAIN, 0, 0);
	isakmp_build_payload(&b, V1_PL_SA);
	v1_sa_begin(&s, &b.o);
	v1_proposal_open(&s, 1, V1_PROTO_ISAKMP, NULL, 0);
	v1_transform_open(&s, 1, V1_TRANSFORM_KEY_IKE);
	v1_attr_encode(&b.o, V1_A_ENCR, V1_ENCR_AES);
	v1_attr_encode(&b.o, V1_A_KEY_LENGTH, 128);
	v1_attr_encode(&b.o, V1_A_HASH, V1_HASH_SHA1);
	v1_transform_close(&s);
	v1_proposal_close(&s);
	isakmp_build_close(&b);
	n += put_message(frames, &b, msg);
	make_v1_begin(&b, msg, V1_MAIN, 0, 0);
	make_raw(&b, V1_PL_KE, "the initiator's", 15);
	n += put_message(frames + n, &b, msg);
	make_v1_begin(&b, msg, V1_MAIN, 0, 0);
	make_raw(&b, V1_PL_KE, "the responder's", 15);
	n += put_message(frames + n, &b, msg);
	make_v1_begin(&b, msg, V1_QUICK, V1_FLAG_ENCRYPTION, 7);
	isakmp_out_bytes(&b.o, "thirty-two octets of cipher text", 32);
	n += put_message(frames + n, &b, msg);
	write_seed("v1-talk", 3, frames, n);
	write_seed("v1-talk-json", 3 | 8, frames, n);
}

/* A message of version 1 in two pieces. */
static void pieces_v1(void)
{
	static u8 msg[MSG_MAX], whole[MSG_MAX], frames[2 * MSG_MAX];
	struct v1_fragment f = { .id = 1 };
	struct isakmp_builder b;
	size_t n = 0, len;

	make_v1_begin(&b, whole, V1_MAIN, 0, 0);
	make_raw(&b, V1_PL_NONCE, "12345678", 8);
	seed.failed += !isakmp_build_end(&b);
	len = b.o.len;
	for (f.number = 1; f.number <= 2; f.number++) {
		f.last = f.number == 2;
		f.len = (u16)(f.last ? len - 20 : 20);
		f.data = whole + (f.last ? 20 : 0);
		make_v1_begin(&b, msg, V1_MAIN, 0, 0);
		isakmp_build_payload(&b, V1_PL_FRAGMENT);
		v1_fragment_encode(&b.o, &f);
		isakmp_build_close(&b);
		n += put_message(frames + n, &b, msg);
	}
	write_seed("v1-pieces", 3, frames, n);
	write_seed("v1-pieces-json", 3 | 8, frames, n);
}

static void key_line(void)
{
	static const char line[] = "#x\n1122334455667788,99aabbccddeeff00,"
		"000102030405060708090a0b0c0d0e0f,000102030405060708090a0b0c0d0e0f,"
		"\"AES-CBC-128 [RFC3602]\",0001020304050607080900010203040506070809,"
		"0001020304050607080900010203040506070809,\"HMAC_SHA1_96 [RFC2404]\"\n";

	write_seed("keys", 64, (const u8 *)line, sizeof(line) - 1);
}

static void captures(const char *corpus)
{
	char path[4096];
	const struct dirent *e;
	static u8 buf[65536];
	DIR *d;

	snprintf(path, sizeof(path), "%s/pcap", corpus);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		FILE *f;

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/pcap/%s", corpus, e->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		write_seed(e->d_name, 32, buf, fread(buf, 1, sizeof(buf), f));
		fclose(f);
	}
	if (d)
		closedir(d);
}

int main(int argc, char **argv)
{
	if (!seed_begin(argc, argv))
		return 1;
	messages();
	conversation_v1();
	pieces_v1();
	key_line();
	if (seed.corpora)
		captures(seed.corpora);
	return seed.failed != 0;
}
