// SPDX-License-Identifier: GPL-2.0
/* gate/: headers and first messages of version 1, in simulated softirq. */
#include "gate/gate.h"
#include "native.h"
#include "wire.h"
#include "wire/v1.h"

#define CKY_I 0x1122334455667788ULL
#define CKY_R 0x99aabbccddeeff00ULL

static struct isakmp_header header(u8 exchange, u64 spi_r, u32 msgid)
{
	return (struct isakmp_header){
		.spi_i = CKY_I, .spi_r = spi_r, .major = 1, .exchange = exchange,
		.msgid = msgid, .len = IKE_HDR_LEN,
	};
}

static enum isakmp_reason gate_of(const struct isakmp_header *h)
{
	struct isakmp_header seen;
	enum isakmp_reason r;
	struct isakmp_out o;
	u8 p[IKE_HDR_LEN], *copy;

	isakmp_out_init(&o, p, sizeof(p));
	isakmp_header_encode(&o, h);
	copy = exact(p, sizeof(p));
	r = isakmp_gate_header(copy, sizeof(p), &seen);
	free(copy);
	return r;
}

/* Rules by hand: which responder's cookie and message ID each exchange may have. */
static const struct rule {
	u8 exchange;
	bool cookie_may_miss;
	char msgid;
} rules[] = {
	{ 1, true, '0' }, { 2, true, '0' }, { 3, true, '0' }, { 4, true, '0' },
	{ 5, true, '*' }, { 6, false, '1' }, { 32, false, '1' }, { 33, false, '1' },
};

static enum isakmp_reason ruled(const struct isakmp_header *h)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		if (rules[i].exchange != h->exchange)
			continue;
		if (!h->spi_i || (!h->spi_r && !rules[i].cookie_may_miss))
			return ISAKMP_R_SPI;
		if (h->next != 132 && rules[i].msgid != '*' && (rules[i].msgid == '1') != !!h->msgid)
			return ISAKMP_R_V1_MESSAGE_ID;
		return !h->spi_r && h->flags & 1 ? ISAKMP_R_V1_FLAGS : ISAKMP_OK;
	}
	return ISAKMP_R_EXCHANGE;
}

/* All exchanges, all flags (those without a name too), cookies and IDs there and not. */
static void test_matrix(void)
{
	static const u8 nexts[] = { 0, 1, 8, 132, 255 };
	unsigned int exchange, flags, bits, next;

	for (exchange = 0; exchange < 256; exchange++)
		for (flags = 0; flags < 256; flags++)
			for (bits = 0; bits < 8; bits++)
				for (next = 0; next < ARRAY_SIZE(nexts); next++) {
					struct isakmp_header h = header((u8)exchange,
						bits & 1 ? CKY_R : 0, bits & 2 ? 1U << flags % 32 : 0);

					h.spi_i = bits & 4 ? CKY_I : 0;
					h.flags = (u8)flags;
					h.next = nexts[next];
					tap_note("exchange %u flags %02x bits %u next %u", exchange,
						 flags, bits, h.next);
					CHECK_REASON(gate_of(&h), ruled(&h));
				}
}

static void test_versions(void)
{
	struct isakmp_header h = header(V1_MAIN, 0, 0);
	unsigned int minor;

	for (minor = 0; minor < 16; minor++) {
		h.minor = (u8)minor;
		CHECK_REASON(gate_of(&h), minor ? ISAKMP_R_VERSION : ISAKMP_OK);
	}
	h.minor = 0;
	h.len = IKE_HDR_LEN + 1;
	CHECK_REASON(gate_of(&h), ISAKMP_R_LENGTH);
	/* No version has an exchange of the other */
	h = header(IKE_SA_INIT, 0, 0);
	CHECK_REASON(gate_of(&h), ISAKMP_R_EXCHANGE);
	h = header(V1_MAIN, 0, 0);
	h.major = 2;
	CHECK_REASON(gate_of(&h), ISAKMP_R_EXCHANGE);
}

static void test_is_first(void)
{
	unsigned int exchange;

	for (exchange = 0; exchange < 256; exchange++) {
		struct isakmp_header h = header((u8)exchange, 0, 0);

		CHECK_EQ(isakmp_gate_v1_is_first(&h), exchange >= 1 && exchange <= 4);
		CHECK(!isakmp_gate_is_first(&h) || exchange == 34 || exchange == 38);
		h.spi_r = CKY_R;
		CHECK(!isakmp_gate_v1_is_first(&h));
		h = header((u8)exchange, 0, 0);
		h.major = 2;
		CHECK(!isakmp_gate_v1_is_first(&h));
	}
}

/* ---- first message -------------------------------------------------------- */

struct msg {
	u8 p[4096];
	size_t n;
	struct isakmp_header h;
};

struct piece {
	u8 type;
	size_t len;
};

static const u8 body[2048];

static void build(struct msg *m, u8 exchange, const struct piece *v, size_t n)
{
	const struct isakmp_header h = header(exchange, 0, 0);
	struct isakmp_builder b;
	size_t i;

	isakmp_build_begin(&b, m->p, sizeof(m->p), &h);
	for (i = 0; i < n; i++) {
		isakmp_build_payload(&b, v[i].type);
		isakmp_out_bytes(&b.o, body, v[i].len);
		isakmp_build_close(&b);
	}
	if (!isakmp_build_end(&b))
		native_die("a message of the test is too long");
	m->n = b.o.len;
	if (isakmp_gate_header(m->p, m->n, &m->h) != ISAKMP_OK)
		native_die("a message of the test has a bad header");
}

static enum isakmp_reason first(const struct msg *m)
{
	u8 *copy = exact(m->p, m->n);
	enum isakmp_reason r = isakmp_gate_v1_first(copy, m->n, &m->h);

	free(copy);
	return r;
}

static enum isakmp_reason first_of(u8 exchange, const struct piece *v, size_t n)
{
	struct msg m;

	build(&m, exchange, v, n);
	return first(&m);
}

#define FIRST(exchange, ...)							\
	({									\
		const struct piece pieces_[] = { __VA_ARGS__ };			\
		first_of(exchange, pieces_, ARRAY_SIZE(pieces_));		\
	})

#define SA { V1_PL_SA, 40 }
#define KE { V1_PL_KE, 96 }
#define NI { V1_PL_NONCE, 16 }
#define ID { V1_PL_ID, 8 }
#define VID { V1_PL_VENDOR, 16 }

static const struct {
	u8 exchange;
	const char *name;
	struct piece v[4];
	size_t n;
} needs[] = {
	{ V1_BASE, "base", { SA, NI }, 2 },
	{ V1_MAIN, "main", { SA }, 1 },
	{ V1_AUTH_ONLY, "authentication only", { SA, NI }, 2 },
	{ V1_AGGRESSIVE, "aggressive", { SA, KE, NI, ID }, 4 },
};

/* Each payload withheld, doubled, SA moved back; more of others is welcome. */
static void test_needs(void)
{
	size_t i, j, k, n;

	for (i = 0; i < ARRAY_SIZE(needs); i++) {
		n = needs[i].n;
		for (j = 0; j < n; j++) {
			struct piece v[6];

			memcpy(v, needs[i].v, n * sizeof(v[0]));
			tap_note("%s, payload %zu", needs[i].name, j);
			CHECK_REASON(first_of(needs[i].exchange, v, n), ISAKMP_OK);
			v[n] = (struct piece)VID;
			v[n + 1] = (struct piece){ 200, 0 };
			CHECK_REASON(first_of(needs[i].exchange, v, n + 2), ISAKMP_OK);
			v[n] = v[j];
			CHECK_REASON(first_of(needs[i].exchange, v, n + 1), ISAKMP_R_REPEATED);
			for (k = j; k + 1 < n; k++)
				v[k] = v[k + 1];
			CHECK_REASON(first_of(needs[i].exchange, v, n - 1),
				     j || n == 1 ? ISAKMP_R_MISSING : ISAKMP_R_UNEXPECTED);
		}
		CHECK_REASON(first_of(needs[i].exchange, NULL, 0), ISAKMP_R_MISSING);
		CHECK_REASON(FIRST(needs[i].exchange, VID, SA, KE, NI, ID), ISAKMP_R_UNEXPECTED);
	}
	CHECK_REASON(FIRST(V1_AGGRESSIVE, SA, ID, NI, KE), ISAKMP_OK);
}

/* Any payload type, and one of version 2, in front and in place of one that is needed. */
static void test_types(void)
{
	unsigned int type, e;

	for (e = 0; e < ARRAY_SIZE(needs); e++)
		for (type = 2; type < 256; type++) {
			struct piece v[5] = { { (u8)type, 16 }, SA };

			tap_note("type %u", type);
			CHECK_REASON(first_of(needs[e].exchange, v, 2), ISAKMP_R_UNEXPECTED);
			memcpy(v, needs[e].v, sizeof(needs[e].v));
			if (needs[e].n < 2 || v[needs[e].n - 1].type == type)
				continue;
			v[needs[e].n - 1].type = (u8)type;
			CHECK(first_of(needs[e].exchange, v, needs[e].n) != ISAKMP_OK);
		}
}

static void test_nonces(void)
{
	size_t n;

	for (n = 0; n <= IKE_AUTH_MAX + 1; n += n < 300 ? 1 : 100) {
		tap_note("%zu octets", n);
		/* Encrypted, one is as long as a key */
		CHECK_REASON(FIRST(V1_BASE, SA, { V1_PL_NONCE, n }),
			     n < 8 || n > 1152 ? ISAKMP_R_BAD_NONCE : ISAKMP_OK);
	}
	CHECK_REASON(FIRST(V1_BASE, SA, { V1_PL_NONCE, IKE_AUTH_MAX }), ISAKMP_OK);
	CHECK_REASON(FIRST(V1_BASE, SA, { V1_PL_NONCE, IKE_AUTH_MAX + 1 }), ISAKMP_R_BAD_NONCE);
}

static void test_cut(void)
{
	static const struct piece v[] = { SA, KE, NI, ID };
	enum isakmp_reason r;
	struct msg m;
	size_t whole;

	build(&m, V1_AGGRESSIVE, v, 4);
	whole = m.n;
	for (m.n = IKE_HDR_LEN; m.n < whole; m.n++) {
		r = first(&m);
		CHECK(r == ISAKMP_R_PAYLOAD_SHORT || r == ISAKMP_R_PAYLOAD_LENGTH);
		tap_reason(r);
	}
	/* padding to whole words */
	m.n = whole + V1_PAD_CLEAR_MAX;
	CHECK(!first(&m));
	m.n++;
	CHECK_REASON(first(&m), ISAKMP_R_PAYLOAD_TRAILING);
	m.n = IKE_HDR_LEN - 1;
	CHECK_REASON(first(&m), ISAKMP_R_SHORT);
}

static void test_lengths(void)
{
	static const struct piece v[] = { SA, KE, NI, ID };
	size_t at = IKE_HDR_LEN, i;
	struct msg m;
	u16 n;

	for (i = 0; i < 4; i++) {
		build(&m, V1_AGGRESSIVE, v, 4);
		for (n = 0; n < 4; n++) {
			put_unaligned_be16(n, m.p + at + 2);
			CHECK_REASON(first(&m), ISAKMP_R_PAYLOAD_SHORT);
		}
		put_unaligned_be16((u16)(m.n - at + 1), m.p + at + 2);
		CHECK_REASON(first(&m), ISAKMP_R_PAYLOAD_LENGTH);
		put_unaligned_be16(0xffff, m.p + at + 2);
		CHECK_REASON(first(&m), ISAKMP_R_PAYLOAD_LENGTH);
		at += IKE_PL_HDR_LEN + v[i].len;
	}
}

static void test_count(void)
{
	struct piece v[IKE_PAYLOADS_MAX + 1] = { SA };
	size_t i;

	for (i = 1; i < ARRAY_SIZE(v); i++)
		v[i] = (struct piece){ V1_PL_VENDOR, 0 };
	CHECK_REASON(first_of(V1_MAIN, v, IKE_PAYLOADS_MAX), ISAKMP_OK);
	CHECK_REASON(first_of(V1_MAIN, v, IKE_PAYLOADS_MAX + 1), ISAKMP_R_PAYLOAD_MANY);
}

int main(void)
{
	native_ctx(NATIVE_SOFTIRQ);

	TAP_RUN(test_matrix, "header: all exchanges, flags, cookies, message IDs (RFC 2408, 3.1)");
	TAP_RUN(test_versions, "header: 1.0 alone, and no exchange of the other version (threat 4)");
	TAP_RUN(test_is_first, "header: what a first message is");
	TAP_RUN(test_needs, "first: each payload withheld, doubled, before SA (threat 31, threat 33)");
	TAP_RUN(test_types, "first: every type where another belongs (threat 35)");
	TAP_RUN(test_nonces, "first: nonces of every length (RFC 2409, 5)");
	TAP_RUN(test_cut, "first: cut at every octet");
	TAP_RUN(test_lengths, "first: payload lengths (threat 1)");
	TAP_RUN(test_count, "first: as many payloads as the limit, one more");
	return tap_done();
}
