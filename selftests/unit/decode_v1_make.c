// SPDX-License-Identifier: GPL-2.0
/* Messages of version 1 for decode_v1_test and for the seeds of decode_fuzz. */
#include "decode_make.h"
#include "wire/v1.h"

/* A message of version 1 */
void make_v1_begin(struct isakmp_builder *b, u8 *buf, u8 exchange, u8 flags, u32 msgid)
{
	struct isakmp_header h = { .spi_i = SPI_I, .spi_r = SPI_R, .major = V1_MAJOR,
				   .exchange = exchange, .flags = flags,
				   .msgid = msgid };

	isakmp_build_begin(b, buf, MSG_MAX, &h);
}

static void make_v1_vendor(struct isakmp_builder *b, enum v1_can what)
{
	isakmp_build_payload(b, V1_PL_VENDOR);
	v1_vendor_encode(&b->o, what);
	isakmp_build_close(b);
}

static void make_v1_phase1(struct isakmp_builder *b)
{
	struct v1_sa_out s;

	isakmp_build_payload(b, V1_PL_SA);
	v1_sa_begin(&s, &b->o);
	v1_proposal_open(&s, 1, V1_PROTO_ISAKMP, NULL, 0);
	v1_transform_open(&s, 1, V1_TRANSFORM_KEY_IKE);
	v1_attr_encode(&b->o, V1_A_ENCR, V1_ENCR_AES);
	v1_attr_encode(&b->o, V1_A_KEY_LENGTH, 256);
	v1_attr_encode(&b->o, V1_A_HASH, V1_HASH_SHA2_256);
	v1_attr_encode(&b->o, V1_A_METHOD, V1_M_XAUTH_I_PSK);
	v1_attr_encode(&b->o, V1_A_GROUP, 14);
	v1_attr_encode(&b->o, V1_A_LIFE_TYPE, V1_LIFE_SECONDS);
	v1_attr_encode(&b->o, V1_A_LIFE, 86400);
	v1_attr_encode(&b->o, 99, 7);
	v1_attr_encode_long(&b->o, V1_A_GROUP_PRIME, (const u8 *)"nine octs", 9);
	v1_transform_close(&s);
	v1_transform_open(&s, 2, 9);
	v1_attr_encode(&b->o, V1_A_ENCR, 77);
	v1_attr_encode(&b->o, V1_A_GROUP, 3);
	v1_attr_encode(&b->o, V1_A_GROUP, 4);
	v1_attr_encode(&b->o, V1_A_GROUP, 35);
	v1_transform_close(&s);
	v1_proposal_close(&s);
	isakmp_build_close(b);
}

static void make_v1_phase2(struct isakmp_builder *b)
{
	struct v1_sa_out s;

	isakmp_build_payload(b, V1_PL_SA);
	v1_sa_begin(&s, &b->o);
	v1_proposal_open(&s, 1, V1_PROTO_ESP, (const u8 *)"\xc0\xff\xee\x01", 4);
	v1_transform_open(&s, 1, V1_ESP_AES_GCM_16);
	v1_attr_encode(&b->o, V1_IA_KEY_LENGTH, 128);
	v1_attr_encode(&b->o, V1_IA_MODE, V1_MODE_UDP_TUNNEL);
	v1_attr_encode(&b->o, V1_IA_AUTH, V1_AUTH_HMAC_SHA2_256);
	v1_attr_encode(&b->o, V1_IA_GROUP, 19);
	v1_transform_close(&s);
	v1_proposal_close(&s);
	v1_proposal_open(&s, 1, V1_PROTO_IPCOMP, (const u8 *)"\x12\x34", 2);
	v1_transform_open(&s, 1, 2);
	v1_transform_close(&s);
	v1_proposal_close(&s);
	isakmp_build_close(b);
}

static void make_v1_notify(struct isakmp_builder *b, u32 doi, u8 protocol, u16 type,
			   const char *data, u16 len)
{
	const struct v1_notify n = { .doi = doi, .protocol = protocol, .type = type,
				     .data = (const u8 *)data, .len = len };

	isakmp_build_payload(b, V1_PL_NOTIFY);
	v1_notify_encode(&b->o, &n);
	isakmp_build_close(b);
}

/* One payload of each kind of version 1 */
void make_v1_all(struct isakmp_builder *b)
{
	make_v1_phase1(b);
	make_v1_phase2(b);
	make_raw(b, V1_PL_KE, "value", 5);
	make_raw(b, V1_PL_NONCE, "12345678", 8);
	make_raw(b, V1_PL_ID, "\x02\x11\x01\xf4gw-a.example", 16);
	make_raw(b, V1_PL_ID, "\x01\0\0\0\xc0\0\x02\x01", 8);
	make_raw(b, V1_PL_ID, "\x0a\0\0\0\x30\0", 6);
	make_raw(b, V1_PL_ID, "\x04\x06\x01\xbb\x0a\x01\0\0\xff\xff\0\0", 12);
	make_raw(b, V1_PL_ID, "\x07\0\0\0\x0a\x01\0\x01\x0a\x01\0\x09", 12);
	make_raw(b, V1_PL_CERT, "\x04no DER", 7);
	make_raw(b, V1_PL_CERT, "\x05no DER", 7);
	make_raw(b, V1_PL_CERT, "\x0bkey", 4);
	make_raw(b, V1_PL_CERTREQ, "\x04", 1);
	make_raw(b, V1_PL_CERTREQ, "\x05", 1);
	make_raw(b, V1_PL_CERTREQ,
		 "\x04\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03""a\x1b""b", 17);
	make_raw(b, V1_PL_HASH, "hash", 4);
	make_raw(b, V1_PL_SIG, "sig", 3);
	make_v1_notify(b, 1, V1_PROTO_ISAKMP, V1_N_NO_PROPOSAL_CHOSEN, "no\x1b", 3);
	make_v1_notify(b, 0, V1_PROTO_ESP, 40000, "text", 4);
	make_v1_notify(b, 1, V1_PROTO_ISAKMP, V1_N_R_U_THERE, "\0\0\1\0", 4);
	make_v1_notify(b, 1, V1_PROTO_ESP, V1_N_RESPONDER_LIFETIME,
		       "\x80\x01\0\x02\0\x02\0\4\0\1\0\0", 12);
	make_v1_notify(b, 1, V1_PROTO_ESP, V1_N_RESPONDER_LIFETIME, "\x80\x01\0", 3);
	make_raw(b, V1_PL_DELETE, "\0\0\0\1\3\4\0\2\xc0\0\0\1\xc0\0\0\2", 16);
	make_v1_vendor(b, V1_CAN_DPD);
	make_v1_vendor(b, V1_CAN_NATT_02N);
	make_v1_vendor(b, V1_CAN_FRAGMENT);
	make_raw(b, V1_PL_VENDOR, "some box 1.0", 12);
	make_raw(b, V1_PL_ATTRIBUTES, "\1\0\0\7\xc0\x88\0\0\x40\x89\0\5anna\x1b\0\1\0\4\x0a\0\0\7\0\5\0\4\0\0\0\x3c\0\x0b\0\0", 37);
	make_raw(b, V1_PL_NAT_D, "0123456789abcdef", 16);
	make_raw(b, V1_PL_NAT_OA_DRAFT, "\1\0\0\0\xc0\0\2\7", 8);
	make_raw(b, V1_PL_FRAGMENT, "\0\7\3\1piece", 9);
	make_raw(b, 200, "what", 4);
}
