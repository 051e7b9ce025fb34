// SPDX-License-Identifier: GPL-2.0
/* Bodies of KE, ID, CERT, CERTREQ, AUTH, Nonce, Notify, Delete, EAP, SK. */
#include "wire.h"

static u8 big[65536];
static u8 room[65536];

/* Sizes around every boundary that a 16-bit length can meet. */
static const size_t sizes[] = {
	0, 1, 2, 3, 4, 5, 15, 16, 17, 19, 20, 21, 39, 40, 41, 63, 64, 65, 254, 255, 256, 257,
	258, 259, 260, 1023, 1024, 1025, 1028, 1029, 65530, 65531,
};

/* Decode a body and encode it again: the octets must be @want. */
#define TRIP(kind, type, body, n, want)						\
	do {									\
		struct isakmp_payload trip_pl = payload(type, body, n);		\
		struct isakmp_out trip_o;					\
		struct isakmp_##kind trip_v;					\
		isakmp_out_init(&trip_o, room, sizeof(room));			\
		if (CHECK_EQ(isakmp_##kind##_decode(&trip_pl, &trip_v), ISAKMP_OK)) { \
			isakmp_##kind##_encode(&trip_o, &trip_v);		\
			EXPECT_OUT(&trip_o, want, n);				\
		}								\
		payload_free(&trip_pl);						\
	} while (0)

/* RFC 7296, 3.4, figure 10: group 31, reserved octets set */
static void test_ke(void)
{
	static const u8 body[] = { 0x00, 0x1f, 0xff, 0xff, 0xde, 0xad };
	static const u8 clean[] = { 0x00, 0x1f, 0x00, 0x00, 0xde, 0xad };
	struct isakmp_payload pl = payload(IKE_PL_KE, body, sizeof(body));
	struct isakmp_ke ke;
	size_t i;

	CHECK_EQ(isakmp_ke_decode(&pl, &ke), ISAKMP_OK);
	CHECK_EQ(ke.group, IKE_KE_X25519);
	CHECK_EQ(ke.len, 2);
	CHECK_MEM(ke.value, "\xde\xad", 2);
	payload_free(&pl);
	TRIP(ke, IKE_PL_KE, body, sizeof(body), clean);

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		if (sizes[i] < 5)
			CHECK_REASON(check_body(IKE_PL_KE, big, sizes[i]), ISAKMP_R_BAD_KE);
		else
			TRIP(ke, IKE_PL_KE, big, sizes[i], big);
}

static void test_ke_groups(void)
{
	unsigned int group;
	u8 body[5] = { 0 };

	for (group = 0; group < 65536; group++) {
		put_unaligned_be16((u16)group, body);
		TRIP(ke, IKE_PL_KE, body, sizeof(body), body);
	}
}

/* RFC 7296, 3.5, figure 11: ID_FQDN, reserved octets set */
static void test_id(void)
{
	static const u8 body[] = { 0x02, 0xff, 0xff, 0xff, 'a', '.', 'b' };
	static const u8 clean[] = { 0x02, 0x00, 0x00, 0x00, 'a', '.', 'b' };
	struct isakmp_payload pl = payload(IKE_PL_IDI, body, sizeof(body));
	struct isakmp_id id;

	CHECK_EQ(isakmp_id_decode(&pl, &id), ISAKMP_OK);
	CHECK_EQ(id.type, IKE_ID_FQDN);
	CHECK_EQ(id.len, 3);
	CHECK_MEM(id.value, "a.b", 3);
	payload_free(&pl);
	TRIP(id, IKE_PL_IDI, body, sizeof(body), clean);
	TRIP(id, IKE_PL_IDR, body, sizeof(body), clean);
}

static bool id_good(unsigned int type, size_t len)
{
	switch (type) {
	case 1:
		return len == 4;
	case 5:
		return len == 16;
	default:
		return len >= 1 && len <= 255;
	}
}

static void test_id_lengths(void)
{
	unsigned int type;
	u8 body[4 + 300];
	size_t n;

	memset(body, 'x', sizeof(body));
	for (type = 0; type < 256; type++) {
		memset(body, 0, 4);
		body[0] = (u8)type;
		for (n = 0; n <= sizeof(body); n++) {
			tap_note("type %u, body of %zu", type, n);
			if (n >= 4 && id_good(type, n - 4))
				TRIP(id, IKE_PL_IDR, body, n, body);
			else
				CHECK_REASON(check_body(IKE_PL_IDI, body, n), ISAKMP_R_BAD_ID);
		}
	}
	CHECK_REASON(check_body(IKE_PL_IDI, big, 65531), ISAKMP_R_BAD_ID);
}

static void test_id_terminators(void)
{
	static const u8 types[] = { 1, 2, 3, 5, 9, 10, 11, 77 };
	unsigned int t, at, octet, n;
	u8 body[4 + 16];
	bool bad;

	for (t = 0; t < sizeof(types); t++)
		for (octet = 0; octet < 256; octet++)
			for (at = 4; at < 8; at++) {
				tap_note("type %u, octet %u", types[t], octet);
				memset(body, 'x', sizeof(body));
				body[0] = types[t];
				body[at] = (u8)octet;
				n = types[t] == 5 ? 20 : 8;
				bad = (types[t] == 2 || types[t] == 3) &&
				      (octet == 0 || octet == '\n' || octet == '\r');
				CHECK_REASON(check_body(IKE_PL_IDI, body, n),
					     bad ? ISAKMP_R_BAD_ID : ISAKMP_OK);
			}
}

/* RFC 7296, 3.6 and 3.7, figures 12 and 13 */
static void test_cert(void)
{
	static const u8 body[] = { 0x04, 0x30, 0x82 };
	struct isakmp_payload pl = payload(IKE_PL_CERT, body, sizeof(body));
	struct isakmp_cert cert;

	CHECK_EQ(isakmp_cert_decode(&pl, &cert), ISAKMP_OK);
	CHECK_EQ(cert.encoding, IKE_CERT_X509_SIGNATURE);
	CHECK_EQ(cert.len, 2);
	CHECK_MEM(cert.value, "\x30\x82", 2);
	payload_free(&pl);
}

static bool cert_good(unsigned int encoding, size_t len)
{
	return len > (encoding == 12 || encoding == 13 ? 20 : 0);
}

static bool certreq_good(unsigned int encoding, size_t len)
{
	return len % 20 == 0 || (encoding != 4 && encoding != 12 && encoding != 13);
}

static void test_cert_lengths(void)
{
	unsigned int encoding;
	u8 body[64] = { 0 };
	size_t n;

	CHECK_REASON(check_body(IKE_PL_CERT, body, 0), ISAKMP_R_BAD_CERT);
	CHECK_REASON(check_body(IKE_PL_CERTREQ, body, 0), ISAKMP_R_BAD_CERT);
	for (encoding = 0; encoding < 256; encoding++)
		for (n = 1; n <= sizeof(body); n++) {
			tap_note("encoding %u, body of %zu", encoding, n);
			body[0] = (u8)encoding;
			if (cert_good(encoding, n - 1))
				TRIP(cert, IKE_PL_CERT, body, n, body);
			else
				CHECK_REASON(check_body(IKE_PL_CERT, body, n), ISAKMP_R_BAD_CERT);
			if (certreq_good(encoding, n - 1))
				TRIP(cert, IKE_PL_CERTREQ, body, n, body);
			else
				CHECK_REASON(check_body(IKE_PL_CERTREQ, body, n),
					     ISAKMP_R_BAD_CERT);
		}
	TRIP(cert, IKE_PL_CERT, big, 65531, big);
}

/* RFC 7296, 3.8, figure 14: shared key, reserved octets set */
static void test_auth(void)
{
	static const u8 body[] = { 0x02, 0xff, 0xff, 0xff, 0xca, 0xfe };
	static const u8 clean[] = { 0x02, 0x00, 0x00, 0x00, 0xca, 0xfe };
	struct isakmp_payload pl = payload(IKE_PL_AUTH, body, sizeof(body));
	struct isakmp_auth_pl auth;
	struct isakmp_out o;
	size_t i;

	CHECK_EQ(isakmp_auth_decode(&pl, &auth), ISAKMP_OK);
	CHECK_EQ(auth.method, IKE_AM_PSK);
	CHECK_EQ(auth.len, 2);
	CHECK_MEM(auth.value, "\xca\xfe", 2);
	isakmp_out_init(&o, room, sizeof(room));
	isakmp_auth_encode(&o, &auth);
	EXPECT_OUT(&o, clean, sizeof(clean));
	payload_free(&pl);

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		CHECK_REASON(check_body(IKE_PL_AUTH, big, sizes[i]),
			     sizes[i] >= 5 && sizes[i] <= 4 + IKE_AUTH_MAX ? ISAKMP_OK :
									     ISAKMP_R_BAD_AUTH);
}

static void test_nonce(void)
{
	size_t n;

	for (n = 0; n < 300; n++) {
		tap_note("%zu octets", n);
		memset(big, (int)n, n);
		if (n >= 16 && n <= 256)
			TRIP(nonce, IKE_PL_NONCE, big, n, big);
		else
			CHECK_REASON(check_body(IKE_PL_NONCE, big, n), ISAKMP_R_BAD_NONCE);
	}
	memset(big, 0, sizeof(big));
}

/* RFC 7296, 3.10, figure 16: REKEY_SA of an ESP SA, with data */
static void test_notify(void)
{
	static const u8 body[] = { 0x03, 0x04, 0x40, 0x09, 1, 2, 3, 4, 0x55, 0x66, 0x77 };
	struct isakmp_payload pl = payload(IKE_PL_NOTIFY, body, sizeof(body));
	struct isakmp_notify v;

	CHECK_EQ(isakmp_notify_decode(&pl, &v), ISAKMP_OK);
	CHECK_EQ(v.protocol, IKE_PROTO_ESP);
	CHECK_EQ(v.spi_size, 4);
	CHECK_EQ(v.type, IKE_N_REKEY_SA);
	CHECK_MEM(v.spi, "\1\2\3\4", 4);
	CHECK_EQ(v.len, 3);
	CHECK_MEM(v.data, "\x55\x66\x77", 3);
	payload_free(&pl);
	TRIP(notify, IKE_PL_NOTIFY, body, sizeof(body), body);
}

/* Octets of data that a type may have, from the RFC's text: min, max */
static void notify_want(unsigned int type, size_t *min, size_t *max)
{
	static const struct {
		u16 type, min, max;
	} wants[] = {
		{ 1, 1, 1 },		/* UNSUPPORTED_CRITICAL_PAYLOAD, 2.5 */
		{ 9, 4, 4 },		/* INVALID_MESSAGE_ID, 2.3 */
		{ 11, 4, 4 },		/* INVALID_SPI, 1.5 */
		{ 17, 2, 2 },		/* INVALID_KE_PAYLOAD, 1.3 */
		{ 16385, 4, 4 },	/* SET_WINDOW_SIZE, 2.3 */
		{ 16387, 3, 65535 },	/* IPCOMP_SUPPORTED, 2.22 */
		{ 16388, 20, 20 },	/* NAT_DETECTION_SOURCE_IP, 2.23 */
		{ 16389, 20, 20 },	/* NAT_DETECTION_DESTINATION_IP, 2.23 */
		{ 16390, 1, 64 },	/* COOKIE, 2.6 */
		{ 16397, 4, 4 },	/* ADDITIONAL_IP4_ADDRESS, RFC 4555, 4.2.2 */
		{ 16398, 16, 16 },	/* ADDITIONAL_IP6_ADDRESS, the same */
		{ 16401, 8, 64 },	/* COOKIE2, RFC 4555, 4.2.5 */
		{ 16402, 12, 36 },	/* NO_NATS_ALLOWED, RFC 4555, 4.2.6 */
		{ 16409, 5, 65535 },	/* TICKET_LT_OPAQUE, RFC 5723, 7.1 */
		{ 16413, 1, 65535 },	/* TICKET_OPAQUE, RFC 5723, 7.2 */
		{ 16419, 16, 128 },	/* QCD_TOKEN, RFC 6290, 5 */
	};
	size_t i;

	*min = 0;
	*max = 65535;
	for (i = 0; i < ARRAY_SIZE(wants); i++)
		if (wants[i].type == type) {
			*min = wants[i].min;
			*max = wants[i].max;
		}
}

static void test_notify_data(void)
{
	size_t n, min, max, head;
	unsigned int type;
	u8 body[8 + 70];

	for (type = 0; type < 65536; type++) {
		if (type == 60)			/* the registry's ends, and nearby */
			type = 16380;
		if (type == 16450)
			type = 65530;
		head = type == IKE_N_REKEY_SA ? 8 : 4;
		notify_want(type, &min, &max);
		for (n = 0; n <= 70; n++) {
			tap_note("type %u, %zu octets of data", type, n);
			memset(body, 0, sizeof(body));
			body[0] = head == 8 ? 3 : 0;
			body[1] = head == 8 ? 4 : 0;
			put_unaligned_be16((u16)type, body + 2);
			if (n >= min && n <= max)
				TRIP(notify, IKE_PL_NOTIFY, body, head + n, body);
			else
				CHECK_REASON(check_body(IKE_PL_NOTIFY, body, head + n),
					     ISAKMP_R_BAD_NOTIFY);
		}
	}
}

static bool notify_spi_good(unsigned int protocol, unsigned int size)
{
	return !size || (size == 4 && (protocol == 2 || protocol == 3)) ||
	       (size == 8 && protocol == 1);
}

static void test_notify_spi(void)
{
	unsigned int protocol, size;
	enum isakmp_reason want;
	u8 body[4 + 255];

	for (protocol = 0; protocol < 256; protocol++)
		for (size = 0; size < 256; size++) {
			tap_note("protocol %u, SPI size %u", protocol, size);
			memset(body, 0, sizeof(body));
			body[0] = (u8)protocol;
			body[1] = (u8)size;
			put_unaligned_be16(IKE_N_INITIAL_CONTACT, body + 2);
			want = notify_spi_good(protocol, size) ? ISAKMP_OK : ISAKMP_R_BAD_NOTIFY;
			CHECK_REASON(check_body(IKE_PL_NOTIFY, body, 4 + size), want);
			if (size)	/* an SPI that is cut short */
				CHECK_REASON(check_body(IKE_PL_NOTIFY, body, 3 + size),
					     ISAKMP_R_BAD_NOTIFY);
			put_unaligned_be16(IKE_N_REKEY_SA, body + 2);
			want = size == 4 ? want : ISAKMP_R_BAD_NOTIFY;
			CHECK_REASON(check_body(IKE_PL_NOTIFY, body, 4 + size), want);
		}
}

/* Data that looks like payloads without end stays data. */
static void test_notify_nested(void)
{
	u8 body[4 + 64] = { 0, 0, 0x40, 0x00 };
	struct isakmp_payload pl;
	struct isakmp_notify v;
	unsigned int i;

	for (i = 4; i < sizeof(body); i += 4)
		body[i] = IKE_PL_NOTIFY;	/* next: notify, length 0 */
	pl = payload(IKE_PL_NOTIFY, body, sizeof(body));
	CHECK_EQ(isakmp_notify_decode(&pl, &v), ISAKMP_OK);
	CHECK_EQ(v.len, 64);
	CHECK(v.data == pl.body + 4);
	payload_free(&pl);
}

/* RFC 7296, 3.11, figure 17: two ESP SAs; the IKE SA */
static void test_delete(void)
{
	static const u8 esp[] = { 0x03, 0x04, 0x00, 0x02, 1, 2, 3, 4, 5, 6, 7, 8 };
	static const u8 ike[] = { 0x01, 0x00, 0x00, 0x00 };
	struct isakmp_payload pl = payload(IKE_PL_DELETE, esp, sizeof(esp));
	struct isakmp_delete v;

	CHECK_EQ(isakmp_delete_decode(&pl, &v), ISAKMP_OK);
	CHECK_EQ(v.protocol, IKE_PROTO_ESP);
	CHECK_EQ(v.spi_size, 4);
	CHECK_EQ(v.n, 2);
	CHECK_MEM(v.spis, esp + 4, 8);
	payload_free(&pl);
	TRIP(delete, IKE_PL_DELETE, esp, sizeof(esp), esp);
	TRIP(delete, IKE_PL_DELETE, ike, sizeof(ike), ike);
}

static bool delete_good(unsigned int protocol, unsigned int size, unsigned int n, size_t octets)
{
	if (protocol == 1)
		return !size && !n && !octets;
	return (protocol == 2 || protocol == 3) && size == 4 && octets == 4ULL * n;
}

static void delete_one(unsigned int protocol, unsigned int size, unsigned int n, size_t octets)
{
	u8 *body = big;

	if (octets > 65531 - 4)
		return;
	tap_note("protocol %u, %u SPIs of %u in %zu octets", protocol, n, size, octets);
	body[0] = (u8)protocol;
	body[1] = (u8)size;
	put_unaligned_be16((u16)n, body + 2);
	if (delete_good(protocol, size, n, octets))
		TRIP(delete, IKE_PL_DELETE, body, 4 + octets, body);
	else
		CHECK_REASON(check_body(IKE_PL_DELETE, body, 4 + octets), ISAKMP_R_BAD_DELETE);
	memset(body, 0, 4);
}

static void test_delete_counts(void)
{
	static const unsigned int protocols[] = { 0, 1, 2, 3, 4, 255 };
	static const unsigned int counts[] = { 0, 1, 2, 3, 255, 256, 16381, 16384, 65535 };
	unsigned int p, size, c;
	size_t product;

	for (p = 0; p < ARRAY_SIZE(protocols); p++)
		for (c = 0; c < ARRAY_SIZE(counts); c++)
			for (size = 0; size < 256; size++) {
				product = (size_t)counts[c] * size;
				delete_one(protocols[p], size, counts[c], 0);
				delete_one(protocols[p], size, counts[c], 4);
				delete_one(protocols[p], size, counts[c], product);
				delete_one(protocols[p], size, counts[c], product + 1);
				if (product)
					delete_one(protocols[p], size, counts[c], product - 1);
				/* what a 16-bit product would be */
				delete_one(protocols[p], size, counts[c], product & 0xffff);
			}
	for (c = 0; c < 4; c++)
		CHECK_REASON(check_body(IKE_PL_DELETE, big, c), ISAKMP_R_BAD_DELETE);
}

/* RFC 7296, 3.16, figure 25: Identity request; Success */
static void test_eap(void)
{
	static const u8 request[] = { 0x01, 0x2a, 0x00, 0x05, 0x01 };
	static const u8 success[] = { 0x03, 0x2b, 0x00, 0x04 };
	struct isakmp_payload pl = payload(IKE_PL_EAP, request, sizeof(request));
	struct isakmp_eap v;

	CHECK_EQ(isakmp_eap_decode(&pl, &v), ISAKMP_OK);
	CHECK_EQ(v.code, IKE_EAP_REQUEST);
	CHECK_EQ(v.identifier, 0x2a);
	CHECK_EQ(v.len, 5);
	CHECK(v.packet == pl.body);
	payload_free(&pl);
	TRIP(eap, IKE_PL_EAP, request, sizeof(request), request);
	TRIP(eap, IKE_PL_EAP, success, sizeof(success), success);
}

static bool eap_good(unsigned int code, size_t len)
{
	return code == 1 || code == 2 ? len >= 5 : (code == 3 || code == 4) && len == 4;
}

static void test_eap_lengths(void)
{
	unsigned int code, len;
	u8 body[16] = { 0 };
	size_t n;

	for (code = 0; code < 256; code++)
		for (n = 0; n <= sizeof(body); n++)
			for (len = 0; len < 20; len++) {
				tap_note("code %u, length %u in %zu", code, len, n);
				body[0] = (u8)code;
				put_unaligned_be16((u16)len, body + 2);
				if (n >= 4 && len == n && eap_good(code, n))
					TRIP(eap, IKE_PL_EAP, body, n, body);
				else
					CHECK_REASON(check_body(IKE_PL_EAP, body, n),
						     ISAKMP_R_BAD_EAP);
			}
	put_unaligned_be16(0xffff, body + 2);
	CHECK_REASON(check_body(IKE_PL_EAP, body, sizeof(body)), ISAKMP_R_BAD_EAP);
}

/* The reason of each type for an empty body */
static void test_empty_bodies(void)
{
	static const enum isakmp_reason want[256] = {
		[33] = ISAKMP_R_BAD_SA, [34] = ISAKMP_R_BAD_KE, [35] = ISAKMP_R_BAD_ID,
		[36] = ISAKMP_R_BAD_ID, [37] = ISAKMP_R_BAD_CERT, [38] = ISAKMP_R_BAD_CERT,
		[39] = ISAKMP_R_BAD_AUTH, [40] = ISAKMP_R_BAD_NONCE, [41] = ISAKMP_R_BAD_NOTIFY,
		[42] = ISAKMP_R_BAD_DELETE, [44] = ISAKMP_R_BAD_TS, [45] = ISAKMP_R_BAD_TS,
		[46] = ISAKMP_R_BAD_SK, [47] = ISAKMP_R_BAD_CP, [48] = ISAKMP_R_BAD_EAP,
		[53] = ISAKMP_R_BAD_SKF,
	};
	unsigned int type;

	for (type = 0; type < 256; type++) {
		tap_note("type %u", type);
		CHECK_REASON(check_body((u8)type, "", 0), want[type]);
	}
	CHECK_EQ(check_body(IKE_PL_SK, big, 1), ISAKMP_OK);
	CHECK_EQ(check_body(IKE_PL_VENDOR, big, 1), ISAKMP_OK);
	CHECK_EQ(check_body(200, big, 1), ISAKMP_OK);
}

/* Bodies that start like a good one and end anywhere, every octet ~0 after it */
static void test_ones(void)
{
	u8 body[64];
	unsigned int type, keep;
	size_t n;

	for (type = 0; type < 256; type++)
		for (keep = 0; keep < 5; keep++)
			for (n = 0; n <= sizeof(body); n++) {
				memset(body, 0xff, sizeof(body));
				memset(body, 1, keep);
				check_body((u8)type, body, n);
			}
	memset(body, 0xff, sizeof(body));
	CHECK_REASON(check_body(IKE_PL_NOTIFY, body, sizeof(body)), ISAKMP_R_BAD_NOTIFY);
	CHECK_REASON(check_body(IKE_PL_DELETE, body, sizeof(body)), ISAKMP_R_BAD_DELETE);
	CHECK_REASON(check_body(IKE_PL_TSI, body, sizeof(body)), ISAKMP_R_BAD_TS);
	CHECK_REASON(check_body(IKE_PL_CP, body, sizeof(body)), ISAKMP_R_BAD_CP);
	CHECK_REASON(check_body(IKE_PL_SA, body, sizeof(body)), ISAKMP_R_BAD_SA);
	CHECK_REASON(check_body(IKE_PL_EAP, body, sizeof(body)), ISAKMP_R_BAD_EAP);
}

int main(void)
{
	TAP_RUN(test_ke, "KE: the drawing, lengths (RFC 7296, 3.4)");
	TAP_RUN(test_ke_groups, "KE: all 65536 groups stay what they are (threat 75)");
	TAP_RUN(test_id, "ID: the drawing (RFC 7296, 3.5)");
	TAP_RUN(test_id_lengths, "ID: every type, lengths (threat 7) (threat 9) (threat 17)");
	TAP_RUN(test_id_terminators, "ID: no terminators in FQDN and EMAIL (RFC 7296, 3.5)");
	TAP_RUN(test_cert, "CERT: the drawing (RFC 7296, 3.6)");
	TAP_RUN(test_cert_lengths, "CERT, CERTREQ: every encoding, lengths (RFC 7296, 3.7)");
	TAP_RUN(test_auth, "AUTH: the drawing, lengths (RFC 7296, 3.8)");
	TAP_RUN(test_nonce, "Nonce: 16 to 256 octets (RFC 7296, 3.9)");
	TAP_RUN(test_notify, "Notify: the drawing (RFC 7296, 3.10)");
	TAP_RUN(test_notify_data, "Notify: every type and length of data (threat 15)");
	TAP_RUN(test_notify_spi, "Notify: every protocol and SPI size");
	TAP_RUN(test_notify_nested, "Notify: data is never read as payloads (threat 13)");
	TAP_RUN(test_delete, "Delete: the drawing (RFC 7296, 3.11)");
	TAP_RUN(test_delete_counts, "Delete: count x size x octets (threat 2) (threat 16)");
	TAP_RUN(test_eap, "EAP: the drawing (RFC 7296, 3.16)");
	TAP_RUN(test_eap_lengths, "EAP: inner length, codes (threat 23)");
	TAP_RUN(test_empty_bodies, "empty bodies, every type (threat 35) (threat 36)");
	TAP_RUN(test_ones, "reserved and other fields all ones (threat 30)");
	return tap_done();
}
