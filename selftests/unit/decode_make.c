// SPDX-License-Identifier: GPL-2.0
/* Messages for decode_test and for the seeds of decode_fuzz. */
#include <stdlib.h>

#include "decode_make.h"
#include "wire/cp.h"
#include "wire/payload.h"
#include "wire/sa.h"
#include "wire/ts.h"

/* A message with the header of an IKE SA */
void make_begin(struct isakmp_builder *b, u8 *buf, u8 exchange, u8 flags)
{
	struct isakmp_header h = { .spi_i = SPI_I, .spi_r = SPI_R, .major = 2,
				   .exchange = exchange, .flags = flags, .msgid = 1 };

	isakmp_build_begin(b, buf, MSG_MAX, &h);
}

/* A Notify payload */
void make_notify(struct isakmp_builder *b, u16 type, const void *data, u16 len)
{
	const struct isakmp_notify n = { .type = type, .data = data, .len = len };

	isakmp_build_payload(b, IKE_PL_NOTIFY);
	isakmp_notify_encode(&b->o, &n);
	isakmp_build_close(b);
}

/* An IDi payload */
void make_id(struct isakmp_builder *b, u8 type, const char *value)
{
	const struct isakmp_id id = { .type = type, .value = (const u8 *)value,
				      .len = strlen(value) };

	isakmp_build_payload(b, IKE_PL_IDI);
	isakmp_id_encode(&b->o, &id);
	isakmp_build_close(b);
}

static void make_sa(struct isakmp_builder *b)
{
	struct isakmp_sa_build s;

	isakmp_build_payload(b, IKE_PL_SA);
	isakmp_sa_build_begin(&s, &b->o, 1, IKE_PROTO_ESP, (const u8 *)"\xc0\xff\xee\x01", 4);
	isakmp_sa_build_transform(&s, IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 256);
	isakmp_sa_build_transform(&s, IKE_T_ENCR, IKE_ENCR_AES_CBC, 128);
	isakmp_sa_build_transform(&s, IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_256_128, 0);
	isakmp_sa_build_transform(&s, IKE_T_ESN, IKE_ESN_NO, 0);
	isakmp_sa_build_transform(&s, 99, 7, 0);
	isakmp_sa_build_end(&s, true);
	isakmp_build_close(b);
}

static void make_ts(struct isakmp_builder *b)
{
	const struct isakmp_ts ts[] = {
		{ .type = IKE_TS_IPV4, .proto = 6, .port_start = 443, .port_end = 443,
		  .start = { 10, 1, 0, 0 }, .end = { 10, 1, 255, 255 } },
		{ .type = IKE_TS_IPV6, .port_end = 65535, .start = { 0x20, 1 },
		  .end = { 0x20, 1, [15] = 1 } },
	};

	isakmp_build_payload(b, IKE_PL_TSI);
	isakmp_ts_encode(&b->o, ts, ARRAY_SIZE(ts));
	isakmp_build_close(b);
}

static void make_cp(struct isakmp_builder *b)
{
	const struct isakmp_cp_attr attrs[] = {
		{ .type = 1, .value = (const u8 *)"\x0a\x00\x00\x07", .len = 4 },
		{ .type = 3 },
		{ .type = 7, .value = (const u8 *)"v1 x", .len = 4 },
		{ .type = 13, .value = (const u8 *)"\x0a\1\0\0\xff\xff\0\0", .len = 8 },
		{ .type = 15, .value = (const u8 *)" \1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x40", .len = 17 },
	};

	isakmp_build_payload(b, IKE_PL_CP);
	isakmp_cp_encode(&b->o, IKE_CFG_REQUEST);
	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++)
		isakmp_cp_attr_encode(&b->o, &attrs[i]);
	isakmp_build_close(b);
}

/* A payload of any octets */
void make_raw(struct isakmp_builder *b, u8 type, const char *p, size_t n)
{
	isakmp_build_payload(b, type);
	isakmp_out_bytes(&b->o, p, n);
	isakmp_build_close(b);
}

/* One payload of each kind */
void make_all(struct isakmp_builder *b)
{
	make_sa(b);
	make_raw(b, IKE_PL_KE, "\0\x1f\0\0value", 9);
	make_raw(b, IKE_PL_NONCE, "0123456789abcdef", 16);
	make_id(b, IKE_ID_FQDN, "gw-a.example");
	make_raw(b, IKE_PL_CERT, "\x04no DER", 7);
	make_raw(b, IKE_PL_CERT, "\x0c" "01234567890123456789http://x/", 30);
	make_raw(b, IKE_PL_CERTREQ, "\x04" "01234567890123456789", 21);
	make_raw(b, IKE_PL_AUTH, "\x02\0\0\0secret", 10);
	make_raw(b, IKE_PL_AUTH, "\x0e\0\0\0\x07\x30\x05\x06\x03\x2b\x65\x70signature", 21);
	make_notify(b, IKE_N_COOKIE, "cookie", 6);
	make_notify(b, IKE_N_INVALID_KE_PAYLOAD, "\0\x13", 2);
	make_notify(b, IKE_N_SIGNATURE_HASH_ALGORITHMS, "\0\x02\0\x05\1\0", 6);
	make_notify(b, 40959, "\xff", 1);
	make_raw(b, IKE_PL_DELETE, "\x03\x04\0\x02\xc0\0\0\x01\xc0\0\0\x02", 12);
	make_raw(b, IKE_PL_VENDOR, "strongSwan", 10);
	make_ts(b);
	make_cp(b);
	make_raw(b, IKE_PL_EAP, "\x01\x07\0\x09\x01user", 9);
	make_raw(b, 200, "what", 4);
}

/* A message of one side, sealed by the double of the module's crypto */
size_t make_sealed(u8 *msg, const struct ike_suite *s, const struct keytable_sa *sa,
		   bool initiator)
{
	return make_fragment(msg, s, sa, initiator, NULL);
}

/* The same as a fragment of that number; @skf may be NULL */
size_t make_fragment(u8 *msg, const struct ike_suite *s, const struct keytable_sa *sa,
		     bool initiator, const struct isakmp_skf *skf)
{
	struct isakmp_sk_size size = isakmp_sk_size(s);
	size_t at, n = keytable_encr_len(sa->cipher), text;
	u8 key[2 * KEYTABLE_KEY_MAX];
	struct isakmp_builder b;
	struct isakmp_sk *sk;

	memcpy(key, sa->sk_e[!initiator], n);
	memcpy(key + n, sa->sk_a[!initiator], sa->integ->key);
	sk = isakmp_sk_new(s, key, n + sa->integ->key);
	if (!sk)
		return 0;
	make_begin(&b, msg, IKE_AUTH, initiator ? IKE_FLAG_INITIATOR : IKE_FLAG_RESPONSE);
	at = skf ? isakmp_build_skf(&b, skf, IKE_PL_NONE, size.iv) : isakmp_build_sk(&b, size.iv);
	make_id(&b, IKE_ID_FQDN, "inside.example");
	make_ts(&b);
	isakmp_build_sk_end(&b, at, size.block, size.icv);
	if (!isakmp_build_end(&b))
		abort();
	text = b.o.len - at - size.icv;
	if (isakmp_sk_seal(sk, msg, at - size.iv, text))
		abort();
	isakmp_sk_free(sk);
	return b.o.len;
}
