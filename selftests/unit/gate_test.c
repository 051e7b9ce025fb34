// SPDX-License-Identifier: GPL-2.0
/* gate/: every rule of the gate, in simulated softirq. */
#include "gate/gate.h"
#include "ike/seam.h"
#include "native.h"
#include "tap.h"
#include "wire/payload.h"

#define SPI_I 0x1122334455667788ULL
#define SPI_R 0x99aabbccddeeff00ULL
#define I IKE_FLAG_INITIATOR
#define R IKE_FLAG_RESPONSE

/* ---- messages ------------------------------------------------------------- */

struct msg {
	u8 p[4096];
	size_t n;
	struct isakmp_header h;
};

static u8 ni[IKE_NONCE_MAX];

static struct isakmp_header header(u8 exchange, u8 flags, u64 spi_r)
{
	return (struct isakmp_header){
		.spi_i = SPI_I, .spi_r = spi_r, .major = 2, .exchange = exchange,
		.flags = flags, .msgid = !isakmp_exchange_is_first(exchange), .len = IKE_HDR_LEN,
	};
}

/* What a datagram with this header says of itself; on an exact-size copy. */
static enum isakmp_reason gate(const u8 *p, size_t n, struct isakmp_header *h)
{
	u8 *exact = malloc(n ? n : 1);
	enum isakmp_reason r;

	memcpy(exact, p, n);
	r = isakmp_gate_header(exact, n, h);
	free(exact);
	return r;
}

static enum isakmp_reason gate_of(const struct isakmp_header *h)
{
	struct isakmp_header seen;
	struct isakmp_out o;
	u8 p[IKE_HDR_LEN];

	isakmp_out_init(&o, p, sizeof(p));
	isakmp_header_encode(&o, h);
	return gate(p, sizeof(p), &seen);
}

struct piece {
	u8 type;
	const void *body;
	size_t len;
};

static const u8 body[256] = { 1, 2, 3 };

#define SA { IKE_PL_SA, body, 44 }
#define KE { IKE_PL_KE, body, 36 }
#define NI { IKE_PL_NONCE, ni, 32 }

static void build_as(struct msg *m, u8 exchange, const struct piece *v, size_t n)
{
	const struct isakmp_header h = header(exchange, I, 0);
	struct isakmp_builder b;
	size_t i;

	isakmp_build_begin(&b, m->p, sizeof(m->p), &h);
	for (i = 0; i < n; i++) {
		isakmp_build_payload(&b, v[i].type);
		isakmp_out_bytes(&b.o, v[i].body, v[i].len);
		isakmp_build_close(&b);
	}
	if (!isakmp_build_end(&b))
		native_die("a message of the test is too long");
	m->n = b.o.len;
	if (isakmp_gate_header(m->p, m->n, &m->h) != ISAKMP_OK)
		native_die("a message of the test has a bad header");
}

static void build(struct msg *m, const struct piece *v, size_t n)
{
	build_as(m, IKE_SA_INIT, v, n);
}

#define BUILD(m, ...)								\
	do {									\
		const struct piece pieces_[] = { __VA_ARGS__ };			\
		build(m, pieces_, ARRAY_SIZE(pieces_));				\
	} while (0)

/* The pass over a first message.  Its octets stay where @f can point to them. */
static enum isakmp_reason first(struct msg *m, struct isakmp_first *f)
{
	static u8 *exact;

	free(exact);
	exact = malloc(m->n);
	memcpy(exact, m->p, m->n);
	return isakmp_gate_first(exact, m->n, &m->h, f);
}

static size_t cookie_body(u8 *p, u16 type, const u8 *cookie, size_t n)
{
	put_unaligned_be16(0, p);
	put_unaligned_be16(type, p + 2);
	memcpy(p + 4, cookie, n);
	return n + 4;
}

/* ---- header --------------------------------------------------------------- */

static void test_lengths(void)
{
	static const u32 claims[] = { 0, 1, 27, 29, 0x80000000, 0xffffffff, 28 << 8 };
	struct isakmp_header h = header(IKE_SA_INIT, I, 0), seen;
	static u8 p[IKE_MSG_MAX + 8];
	struct isakmp_out o;
	size_t n, i;

	isakmp_out_init(&o, p, sizeof(p));
	isakmp_header_encode(&o, &h);
	for (n = 0; n < IKE_HDR_LEN; n++)
		CHECK_REASON(gate(p, n, &seen), ISAKMP_R_SHORT);
	CHECK_REASON(gate(p, IKE_HDR_LEN, &seen), ISAKMP_OK);
	CHECK_REASON(gate(p, IKE_HDR_LEN + 1, &seen), ISAKMP_R_LENGTH);
	for (i = 0; i < ARRAY_SIZE(claims); i++) {
		h.len = claims[i];
		CHECK_REASON(gate_of(&h), ISAKMP_R_LENGTH);
	}

	put_unaligned_be32(IKE_MSG_MAX, p + 24);
	CHECK_REASON(gate(p, IKE_MSG_MAX, &seen), ISAKMP_OK);
	CHECK_REASON(gate(p, IKE_MSG_MAX - 1, &seen), ISAKMP_R_LENGTH);
	CHECK_REASON(gate(p, IKE_MSG_MAX + 1, &seen), ISAKMP_R_LENGTH);
	put_unaligned_be32(IKE_MSG_MAX + 1, p + 24);
	CHECK_REASON(gate(p, IKE_MSG_MAX + 1, &seen), ISAKMP_R_OVERSIZE);
}

static void test_versions(void)
{
	struct isakmp_header h = header(IKE_SA_INIT, I, 0);
	unsigned int major, minor;

	for (major = 0; major < 16; major++)
		for (minor = 0; minor < 16; minor++) {
			h.major = (u8)major;
			h.minor = (u8)minor;
			/* 1.0 has no exchange of this number */
			CHECK_REASON(gate_of(&h), major == 2 ? ISAKMP_OK :
				     major == 1 && !minor ? ISAKMP_R_EXCHANGE : ISAKMP_R_VERSION);
		}
}

/* Rules by hand: what each message may have.  '*': either. */
struct rule {
	u8 exchange;
	char response, initiator, spi_r;
};

static const struct rule rules[] = {
	{ 34, '0', '1', '0' },	/* first message */
	{ 34, '1', '0', '*' },	/* its answer: no SPI with COOKIE or an error */
	{ 35, '0', '1', '1' },
	{ 35, '1', '0', '1' },
	{ 36, '*', '*', '1' },
	{ 37, '*', '*', '1' },
	{ 38, '0', '1', '0' },	/* RFC 5723: a first message, too */
	{ 38, '1', '0', '*' },
};

static bool allows(char rule, bool is)
{
	return rule == '*' || (rule == '1') == is;
}

static bool ruled(const struct isakmp_header *h)
{
	const struct rule *r;

	for (r = rules; r < rules + ARRAY_SIZE(rules); r++)
		if (r->exchange == h->exchange && allows(r->response, h->flags & R) &&
		    allows(r->initiator, h->flags & I) && allows(r->spi_r, h->spi_r))
			return h->spi_i;
	return false;
}

/* All exchanges, all flags (the reserved ones too), SPIs there and not. */
static void test_header_matrix(void)
{
	unsigned int exchange, flags, spis;
	enum isakmp_reason want;

	for (exchange = 0; exchange < 256; exchange++)
		for (flags = 0; flags < 256; flags++)
			for (spis = 0; spis < 4; spis++) {
				struct isakmp_header h = header((u8)exchange, (u8)flags,
								spis & 1 ? SPI_R : 0);

				h.spi_i = spis & 2 ? SPI_I : 0;
				want = ruled(&h) ? ISAKMP_OK : ISAKMP_R_SPI;
				if (exchange < 34 || exchange > 38)
					want = ISAKMP_R_EXCHANGE;
				tap_note("exchange %u flags %02x spis %u", exchange, flags, spis);
				CHECK_REASON(gate_of(&h), want);
			}
}

static void test_first_id(void)
{
	struct isakmp_header h;
	unsigned int bit;
	u8 response;

	for (response = 0; response <= 1; response++)
		for (bit = 0; bit < 32; bit++) {
			h = header(IKE_SA_INIT, response ? R : I, 0);
			h.msgid = 1U << bit;
			CHECK_REASON(gate_of(&h), ISAKMP_R_FIRST_ID);
			h.exchange = IKE_SESSION_RESUME;
			CHECK_REASON(gate_of(&h), ISAKMP_R_FIRST_ID);
			h = header(IKE_AUTH, response ? R : I, SPI_R);
			h.msgid = 1U << bit;
			CHECK_REASON(gate_of(&h), ISAKMP_OK);
		}
}

static void test_is_first(void)
{
	struct isakmp_header h = header(IKE_SA_INIT, I, 0);

	CHECK(isakmp_gate_is_first(&h));
	h.flags = R;
	CHECK(!isakmp_gate_is_first(&h));
	h = header(IKE_AUTH, I, SPI_R);
	CHECK(!isakmp_gate_is_first(&h));
	h = header(IKE_SESSION_RESUME, I, 0);
	CHECK(isakmp_gate_is_first(&h));
	h.flags = R;
	CHECK(!isakmp_gate_is_first(&h));
}

/* ---- first message -------------------------------------------------------- */

static void test_first(void)
{
	static const struct piece parts[3] = { SA, KE, NI };
	struct isakmp_first f;
	struct piece v[3];
	struct msg m;
	unsigned int i, j;

	/* RFC 7296, 2.5: MUST NOT reject any order */
	for (i = 0; i < 3; i++)
		for (j = 0; j < 3; j++) {
			if (i == j)
				continue;
			v[0] = parts[i];
			v[1] = parts[j];
			v[2] = parts[3 - i - j];
			build(&m, v, 3);
			CHECK_REASON(first(&m, &f), ISAKMP_OK);
			CHECK_EQ(f.ni_len, 32);
			CHECK_MEM(f.ni, ni, 32);
			CHECK(!f.cookie && !f.cookie_len);
			build(&m, v, 2);
			CHECK_REASON(first(&m, &f), ISAKMP_R_MISSING);
		}
	build(&m, v, 0);
	CHECK_REASON(first(&m, &f), ISAKMP_R_MISSING);
	BUILD(&m, SA, KE, NI, NI);
	CHECK_REASON(first(&m, &f), ISAKMP_R_REPEATED);
	/* Unknown ones are skipped; a critical one the engine answers */
	BUILD(&m, { 200, body, 3 }, SA, { 200, body, 0 }, KE, NI, { 43, body, 16 });
	CHECK_REASON(first(&m, &f), ISAKMP_OK);
	m.p[IKE_HDR_LEN + 1] = IKE_PL_CRITICAL;
	CHECK_REASON(first(&m, &f), ISAKMP_OK);
}

static void test_nonce_lengths(void)
{
	static u8 long_ni[300];
	struct isakmp_first f;
	struct msg m;
	size_t n;

	for (n = 0; n <= sizeof(long_ni); n++) {
		BUILD(&m, SA, KE, { IKE_PL_NONCE, long_ni, n });
		tap_note("%zu octets", n);
		CHECK_REASON(first(&m, &f),
			     n < 16 || n > 256 ? ISAKMP_R_BAD_NONCE : ISAKMP_OK);
	}
}

/* Cut at every octet, with a header that says so. */
static void test_first_cut(void)
{
	struct isakmp_first f;
	enum isakmp_reason r;
	struct msg m;
	size_t whole;

	BUILD(&m, SA, KE, NI);
	whole = m.n;
	for (m.n = IKE_HDR_LEN; m.n < whole; m.n++) {
		m.h.len = (u32)m.n;
		r = first(&m, &f);
		CHECK(r == ISAKMP_R_PAYLOAD_SHORT || r == ISAKMP_R_PAYLOAD_LENGTH);
		tap_reason(r);
	}
	m.n = whole + 1;
	CHECK_REASON(first(&m, &f), ISAKMP_R_PAYLOAD_TRAILING);
	m.n = IKE_HDR_LEN - 1;
	CHECK_REASON(first(&m, &f), ISAKMP_R_SHORT);
}

/* Generic lengths 0 to 3, and beyond the end, everywhere. */
static void test_payload_lengths(void)
{
	static const size_t at[] = { 28, 28 + 48, 28 + 48 + 40 };
	static const u16 sizes[] = { 48, 40, 36 };
	struct isakmp_first f;
	struct msg m;
	size_t i;
	u16 n;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		BUILD(&m, SA, KE, NI);
		for (n = 0; n < 4; n++) {
			put_unaligned_be16(n, m.p + at[i] + 2);
			CHECK_REASON(first(&m, &f), ISAKMP_R_PAYLOAD_SHORT);
		}
		put_unaligned_be16((u16)(m.n - at[i] + 1), m.p + at[i] + 2);
		CHECK_REASON(first(&m, &f), ISAKMP_R_PAYLOAD_LENGTH);
		put_unaligned_be16(0xffff, m.p + at[i] + 2);
		CHECK_REASON(first(&m, &f), ISAKMP_R_PAYLOAD_LENGTH);
		put_unaligned_be16(sizes[i], m.p + at[i] + 2);
		CHECK_REASON(first(&m, &f), ISAKMP_OK);
	}
}

static void test_payload_count(void)
{
	struct piece v[IKE_PAYLOADS_MAX + 1] = { SA, KE, NI };
	struct isakmp_first f;
	struct msg m;
	size_t i;

	for (i = 3; i < ARRAY_SIZE(v); i++)
		v[i] = (struct piece){ IKE_PL_VENDOR, body, 0 };
	build(&m, v, IKE_PAYLOADS_MAX);
	CHECK_REASON(first(&m, &f), ISAKMP_OK);
	build(&m, v, IKE_PAYLOADS_MAX + 1);
	CHECK_REASON(first(&m, &f), ISAKMP_R_PAYLOAD_MANY);
}

static void test_find_cookie(void)
{
	u8 data[80] = { 9, 8, 7 }, n41[4 + sizeof(data)];
	struct isakmp_first f;
	struct msg m;
	size_t n;

	for (n = 0; n <= sizeof(data); n++) {
		cookie_body(n41, IKE_N_COOKIE, data, n);
		BUILD(&m, { IKE_PL_NOTIFY, n41, n + 4 }, SA, KE, NI);
		tap_note("%zu octets", n);
		/* RFC 7296, 2.6: MUST be between 1 and 64 octets */
		if (!n || n > 64) {
			CHECK_REASON(first(&m, &f), ISAKMP_R_BAD_NOTIFY);
			continue;
		}
		CHECK_REASON(first(&m, &f), ISAKMP_OK);
		CHECK_EQ(f.cookie_len, n);
		CHECK_MEM(f.cookie, data, n);
	}

	/* Not the first payload: no cookie */
	cookie_body(n41, IKE_N_COOKIE, data, 17);
	BUILD(&m, SA, { IKE_PL_NOTIFY, n41, 21 }, KE, NI);
	CHECK_REASON(first(&m, &f), ISAKMP_OK);
	CHECK(!f.cookie && !f.cookie_len);
	/* The first payload, but another notify */
	cookie_body(n41, IKE_N_COOKIE + 1, data, 17);
	BUILD(&m, { IKE_PL_NOTIFY, n41, 21 }, SA, KE, NI);
	CHECK_REASON(first(&m, &f), ISAKMP_OK);
	CHECK(!f.cookie && !f.cookie_len);
}

/* RFC 5723, 4.3.2: a nonce and a ticket, and the cookie in front. */
static void test_resume(void)
{
	u8 n1[21], n2[5];
	struct piece v[] = { { IKE_PL_NOTIFY, n1, 21 }, NI, { IKE_PL_NOTIFY, n2, 5 } };
	struct isakmp_first f;
	struct msg m;

	cookie_body(n1, IKE_N_COOKIE, body, 17);
	cookie_body(n2, IKE_N_TICKET_OPAQUE, body, 1);
	build_as(&m, IKE_SESSION_RESUME, v, 3);
	CHECK_REASON(first(&m, &f), ISAKMP_OK);
	CHECK_EQ(f.ni_len, 32);
	CHECK_EQ(f.cookie_len, 17);
	build_as(&m, IKE_SESSION_RESUME, v + 1, 2);
	CHECK_REASON(first(&m, &f), ISAKMP_OK);
	CHECK(!f.cookie);
	build_as(&m, IKE_SESSION_RESUME, v + 2, 1);
	CHECK_REASON(first(&m, &f), ISAKMP_R_MISSING);
	build_as(&m, IKE_SESSION_RESUME, v, 2);
	CHECK_REASON(first(&m, &f), ISAKMP_R_MISSING);
	/* A ticket does not make an IKE_SA_INIT, nor SA and KE a resumption */
	build_as(&m, IKE_SA_INIT, v, 3);
	CHECK_REASON(first(&m, &f), ISAKMP_R_MISSING);
	build_as(&m, IKE_SESSION_RESUME, (struct piece[]){ SA, KE, NI }, 3);
	CHECK_REASON(first(&m, &f), ISAKMP_R_MISSING);
	/* One that is empty is none */
	v[2].len = 4;
	build_as(&m, IKE_SESSION_RESUME, v, 3);
	CHECK_REASON(first(&m, &f), ISAKMP_R_MISSING);
}

/* ---- digest --------------------------------------------------------------- */

static void test_digest(void)
{
	u64 key[2] = { 1, 2 }, whole;
	struct msg m;
	size_t bit, n;

	BUILD(&m, SA, KE, NI);
	whole = isakmp_gate_digest(key, m.p, m.n);
	CHECK_EQ(isakmp_gate_digest(key, m.p, m.n), whole);
	for (bit = 0; bit < 8 * m.n; bit++) {
		m.p[bit / 8] ^= 1 << bit % 8;
		CHECK(isakmp_gate_digest(key, m.p, m.n) != whole);
		m.p[bit / 8] ^= 1 << bit % 8;
	}
	for (n = 0; n < m.n; n++)
		CHECK(isakmp_gate_digest(key, m.p, n) != whole);
	for (bit = 0; bit < 128; bit++) {
		key[bit / 64] ^= 1ULL << bit % 64;
		CHECK(isakmp_gate_digest(key, m.p, m.n) != whole);
		key[bit / 64] ^= 1ULL << bit % 64;
	}
}

/* ---- cookies -------------------------------------------------------------- */

static const struct isakmp_path here = {
	.local = { 4, { 192, 0, 2, 1 } }, .remote = { 4, { 198, 51, 100, 7 } },
	.lport = 500, .rport = 500,
};

static struct isakmp_cookies jar;

static void make(u8 cookie[ISAKMP_COOKIE_LEN])
{
	isakmp_cookie_init(&jar, 1000);
	isakmp_cookie_make(&jar, &here, SPI_I, ni, 32, cookie);
}

static enum isakmp_reason check(const struct isakmp_path *path, u64 spi_i, const u8 *nonce,
				u16 ni_len, const u8 *cookie, u16 cookie_len)
{
	const struct isakmp_first f = { nonce, ni_len, cookie, cookie_len };

	return isakmp_cookie_check(&jar, path, spi_i, &f);
}

#define CHECK_COOKIE(want) \
	CHECK_REASON(check(&here, SPI_I, ni, 32, cookie, ISAKMP_COOKIE_LEN), want)

static void test_cookie_path(void)
{
	u8 cookie[ISAKMP_COOKIE_LEN];
	struct isakmp_path path;
	unsigned int bit;

	make(cookie);
	CHECK_COOKIE(ISAKMP_OK);
	for (bit = 0; bit < 8 * 16; bit++) {
		path = here;
		path.remote.a[bit / 8] ^= 1 << bit % 8;
		CHECK_REASON(check(&path, SPI_I, ni, 32, cookie, 17), ISAKMP_R_COOKIE_BAD);
	}
	for (bit = 0; bit < 16; bit++) {
		path = here;
		path.rport ^= 1 << bit;
		CHECK_REASON(check(&path, SPI_I, ni, 32, cookie, 17), ISAKMP_R_COOKIE_BAD);
	}
	path = here;
	path.remote.family = 6;
	CHECK_REASON(check(&path, SPI_I, ni, 32, cookie, 17), ISAKMP_R_COOKIE_BAD);
	/* Which of our addresses and ports was asked proves nothing about the peer */
	path = here;
	path.local.a[3] = 2;
	path.lport = 4500;
	CHECK_REASON(check(&path, SPI_I, ni, 32, cookie, 17), ISAKMP_OK);
}

static void test_cookie_request(void)
{
	u8 cookie[ISAKMP_COOKIE_LEN], other[33];
	unsigned int bit;
	u64 spi;

	make(cookie);
	for (bit = 0; bit < 64; bit++)
		CHECK_REASON(check(&here, SPI_I ^ 1ULL << bit, ni, 32, cookie, 17),
			     ISAKMP_R_COOKIE_BAD);
	for (spi = 1; spi <= 100; spi++)
		CHECK_REASON(check(&here, spi, ni, 32, cookie, 17), ISAKMP_R_COOKIE_BAD);
	memcpy(other, ni, sizeof(other));
	for (bit = 0; bit < 8 * 32; bit++) {
		other[bit / 8] ^= 1 << bit % 8;
		CHECK_REASON(check(&here, SPI_I, other, 32, cookie, 17), ISAKMP_R_COOKIE_BAD);
		other[bit / 8] ^= 1 << bit % 8;
	}
	CHECK_REASON(check(&here, SPI_I, other, 31, cookie, 17), ISAKMP_R_COOKIE_BAD);
	CHECK_REASON(check(&here, SPI_I, other, 33, cookie, 17), ISAKMP_R_COOKIE_BAD);
	CHECK_REASON(check(&here, SPI_I, other, 32, cookie, 17), ISAKMP_OK);
}

static void test_cookie_octets(void)
{
	u8 cookie[IKE_COOKIE_MAX + 1] = { 0 };
	unsigned int bit;
	u16 n;

	make(cookie);
	for (bit = 0; bit < 8 * ISAKMP_COOKIE_LEN; bit++) {
		cookie[bit / 8] ^= 1 << bit % 8;
		CHECK_COOKIE(ISAKMP_R_COOKIE_BAD);
		cookie[bit / 8] ^= 1 << bit % 8;
	}
	for (n = 0; n <= sizeof(cookie); n++)
		CHECK_REASON(check(&here, SPI_I, ni, 32, cookie, n),
			     n == 17 ? ISAKMP_OK : ISAKMP_R_COOKIE_BAD);
	CHECK_REASON(check(&here, SPI_I, ni, 32, NULL, 0), ISAKMP_R_COOKIE_BAD);
	/* Another namespace has other secrets */
	isakmp_cookie_init(&jar, 1000);
	cookie[0] = jar.version;
	CHECK_COOKIE(ISAKMP_R_COOKIE_BAD);
}

static void test_cookie_rotation(void)
{
	u8 cookie[ISAKMP_COOKIE_LEN], newer[ISAKMP_COOKIE_LEN];
	u64 now = 1000 + ISAKMP_COOKIE_ROTATE_MS;

	make(cookie);
	CHECK(!isakmp_cookie_due(&jar, now - 1) && isakmp_cookie_due(&jar, now));
	isakmp_cookie_rotate(&jar, now - 1);
	isakmp_cookie_make(&jar, &here, SPI_I, ni, 32, newer);
	CHECK_MEM(newer, cookie, sizeof(cookie));

	isakmp_cookie_rotate(&jar, now);
	CHECK_COOKIE(ISAKMP_OK);
	isakmp_cookie_make(&jar, &here, SPI_I, ni, 32, newer);
	CHECK_EQ(newer[0], (u8)(cookie[0] + 1));
	CHECK(memcmp(newer + 1, cookie + 1, 16));

	/* A clock of another CPU that is behind is no reason to rotate */
	isakmp_cookie_rotate(&jar, now - 5);
	CHECK_COOKIE(ISAKMP_OK);

	isakmp_cookie_rotate(&jar, now + ISAKMP_COOKIE_ROTATE_MS);
	CHECK_COOKIE(ISAKMP_R_COOKIE_BAD);
	memcpy(cookie, newer, sizeof(cookie));
	CHECK_COOKIE(ISAKMP_OK);
}

/* Nobody called for long: the old secret does not serve, and versions wrap. */
static void test_cookie_sleep(void)
{
	u8 cookie[ISAKMP_COOKIE_LEN], was;
	u64 now = 1000;
	int i;

	make(cookie);
	isakmp_cookie_rotate(&jar, now + 2 * ISAKMP_COOKIE_ROTATE_MS - 1);
	CHECK_COOKIE(ISAKMP_OK);
	make(cookie);
	isakmp_cookie_rotate(&jar, now + 2 * ISAKMP_COOKIE_ROTATE_MS);
	CHECK_COOKIE(ISAKMP_R_COOKIE_BAD);

	make(cookie);
	for (i = 0; i < 600; i++) {
		was = cookie[0];
		isakmp_cookie_make(&jar, &here, SPI_I, ni, 32, cookie);
		CHECK(!i || cookie[0] == (u8)(was + 1));
		now += ISAKMP_COOKIE_ROTATE_MS;
		isakmp_cookie_rotate(&jar, now);
		CHECK_COOKIE(ISAKMP_OK);
	}
}

/* The whole way: first message, cookie asked for, first message again. */
static void test_cookie_exchange(void)
{
	u8 cookie[ISAKMP_COOKIE_LEN], reply[ISAKMP_GATE_REPLY_MAX];
	struct isakmp_payload pl = { .type = IKE_PL_NOTIFY };
	struct isakmp_notify notify;
	struct isakmp_header h;
	struct isakmp_first f;
	struct msg m;
	size_t n;

	isakmp_cookie_init(&jar, 0);
	BUILD(&m, SA, KE, NI);
	CHECK_REASON(first(&m, &f), ISAKMP_OK);
	CHECK_REASON(isakmp_cookie_check(&jar, &here, m.h.spi_i, &f), ISAKMP_R_COOKIE_BAD);
	isakmp_cookie_make(&jar, &here, m.h.spi_i, f.ni, f.ni_len, cookie);
	n = isakmp_gate_cookie_reply(&m.h, cookie, reply);
	CHECK_REASON(gate(reply, n, &h), ISAKMP_OK);

	pl.body = reply + IKE_HDR_LEN + IKE_PL_HDR_LEN;
	pl.len = (u16)(n - IKE_HDR_LEN - IKE_PL_HDR_LEN);
	CHECK_REASON(isakmp_notify_decode(&pl, &notify), ISAKMP_OK);
	CHECK_EQ(notify.type, IKE_N_COOKIE);
	BUILD(&m, { IKE_PL_NOTIFY, pl.body, pl.len }, SA, KE, NI);
	CHECK_REASON(first(&m, &f), ISAKMP_OK);
	CHECK_REASON(isakmp_cookie_check(&jar, &here, m.h.spi_i, &f), ISAKMP_OK);
}

/* ---- replies -------------------------------------------------------------- */

static void test_cookie_reply(void)
{
	static const u8 want[] = {
		0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0, 0, 0, 0, 0, 0, 0, 0,
		41, 0x20, 34, 0x20, 0, 0, 0, 0, 0, 0, 0, 53,
		0, 0, 0, 25, 0, 0, 0x40, 0x06,
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
	};
	struct isakmp_header h = header(IKE_SA_INIT, I, 0);
	u8 out[ISAKMP_GATE_REPLY_MAX];
	const u8 *cookie = want + 36;

	h.len = 200;
	CHECK_EQ(sizeof(want), ISAKMP_GATE_REPLY_MAX);
	CHECK_EQ(isakmp_gate_cookie_reply(&h, cookie, out), sizeof(want));
	CHECK_MEM(out, want, sizeof(want));
	h.flags = 0xff & ~R;	/* nothing of what the peer sets comes back */
	h.minor = 15;
	h.next = 77;
	CHECK_EQ(isakmp_gate_cookie_reply(&h, cookie, out), sizeof(want));
	CHECK_MEM(out, want, sizeof(want));
	h.flags = R;
	CHECK_EQ(isakmp_gate_cookie_reply(&h, cookie, out), 0);
	h = header(IKE_AUTH, I, SPI_R);
	h.len = 200;
	CHECK_EQ(isakmp_gate_cookie_reply(&h, cookie, out), 0);
}

static void test_version_reply(void)
{
	static const u8 want[] = {
		0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
		0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00,
		41, 0x20, 99, 0x20, 0, 0, 0, 1, 0, 0, 0, 36,
		0, 0, 0, 8, 0, 0, 0, 5,
	};
	struct isakmp_header h = header(99, I, SPI_R);
	u8 out[ISAKMP_GATE_REPLY_MAX];

	h.len = 36;
	for (h.major = 0; h.major < 16; h.major++)
		CHECK_EQ(isakmp_gate_version_reply(&h, out), h.major > 2 ? sizeof(want) : 0);
	h.major = 3;
	CHECK_EQ(isakmp_gate_version_reply(&h, out), sizeof(want));
	CHECK_MEM(out, want, sizeof(want));
	h.spi_i = 0;
	CHECK_EQ(isakmp_gate_version_reply(&h, out), 0);
	h.spi_i = SPI_I;
	h.flags |= R;
	CHECK_EQ(isakmp_gate_version_reply(&h, out), 0);
}

static void test_spi_reply(void)
{
	static const u8 want[] = {
		0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
		0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00,
		41, 0x20, 37, 0x28, 0, 0, 0, 9, 0, 0, 0, 36,
		0, 0, 0, 8, 0, 0, 0, 4,
	};
	struct isakmp_header h = header(IKE_INFORMATIONAL, 0, SPI_R);
	u8 out[ISAKMP_GATE_REPLY_MAX];
	unsigned int next;

	/* The original responder asked, so what answers is the original initiator */
	h.msgid = 9;
	h.len = 57;
	for (next = 0; next < 256; next++) {
		h.next = (u8)next;
		CHECK_EQ(isakmp_gate_spi_reply(&h, out),
			 next == IKE_PL_SK || next == IKE_PL_SKF ? sizeof(want) : 0);
	}
	h.next = IKE_PL_SK;
	CHECK_EQ(isakmp_gate_spi_reply(&h, out), sizeof(want));
	CHECK_MEM(out, want, sizeof(want));
	h.flags = R;
	CHECK_EQ(isakmp_gate_spi_reply(&h, out), 0);
	h = header(IKE_SA_INIT, I, 0);
	h.next = IKE_PL_SK;
	h.len = 57;
	CHECK_EQ(isakmp_gate_spi_reply(&h, out), 0);
}

/* No header gets more octets than it came with. */
static void test_no_amplification(void)
{
	u8 out[ISAKMP_GATE_REPLY_MAX], cookie[ISAKMP_COOKIE_LEN] = { 0 }, p[IKE_HDR_LEN];
	static const u8 exchanges[] = { 34, 35, 36, 37, 38, 99 };
	struct isakmp_header h;
	struct isakmp_first f;
	struct msg m;
	u32 n, i;

	for (n = IKE_HDR_LEN; n < 100; n++)
		for (i = 0; i < 2000; i++) {
			isakmp_random(p, sizeof(p));
			put_unaligned_be32(n, p + 24);
			(void)!isakmp_header_decode(p, sizeof(p), &h);
			h.exchange = exchanges[i % ARRAY_SIZE(exchanges)];
			h.next = i & 64 ? IKE_PL_SK : h.next;
			CHECK(isakmp_gate_cookie_reply(&h, cookie, out) <= n);
			CHECK(isakmp_gate_version_reply(&h, out) <= n);
			CHECK(isakmp_gate_spi_reply(&h, out) <= n);
		}
	/* The shortest first message is long enough to get its cookie */
	BUILD(&m, { IKE_PL_SA, body, 0 }, { IKE_PL_KE, body, 0 }, { IKE_PL_NONCE, ni, 16 });
	CHECK_REASON(first(&m, &f), ISAKMP_OK);
	CHECK_EQ(isakmp_gate_cookie_reply(&m.h, cookie, out), ISAKMP_GATE_REPLY_MAX);
}

/* Any octets at all: the gate says something about each, and reads nothing else. */
static void test_any_octets(void)
{
	struct isakmp_first f;
	unsigned int round;
	struct msg m;
	size_t i;

	for (round = 0; round < 20000; round++) {
		BUILD(&m, SA, KE, NI);
		for (i = round % 7; i; i--) {
			u8 v[4];

			isakmp_random(v, sizeof(v));
			m.p[get_unaligned_be16(v) % m.n] = v[2];
		}
		if (gate(m.p, m.n, &m.h) != ISAKMP_OK || !isakmp_gate_is_first(&m.h))
			continue;
		if (first(&m, &f) == ISAKMP_OK)
			CHECK(f.ni_len >= 16 && f.ni_len <= 256 && f.cookie_len <= 64);
	}
}

int main(void)
{
	native_seed(1);
	isakmp_random(ni, sizeof(ni));
	native_ctx(NATIVE_SOFTIRQ);

	TAP_RUN(test_lengths, "header: lengths (threat 3, threat 4)");
	TAP_RUN(test_versions, "header: versions (RFC 7296, 2.5)");
	TAP_RUN(test_header_matrix, "header: all exchanges, flags, SPIs (RFC 7296, 3.1)");
	TAP_RUN(test_first_id, "header: IKE_SA_INIT has message ID 0 (RFC 7296, 2.2)");
	TAP_RUN(test_is_first, "header: what a first message is");
	TAP_RUN(test_first, "first: what must be there, in any order");
	TAP_RUN(test_nonce_lengths, "first: nonces of 0 to 300 octets");
	TAP_RUN(test_first_cut, "first: cut at every octet");
	TAP_RUN(test_payload_lengths, "first: payload lengths (threat 1)");
	TAP_RUN(test_payload_count, "first: as many payloads as the limit, one more");
	TAP_RUN(test_find_cookie, "first: cookies of 0 to 80 octets, and only in front");
	TAP_RUN(test_resume, "first: IKE_SESSION_RESUME (RFC 5723, 4.3.2)");
	TAP_RUN(test_digest, "digest: every bit, every length, every key bit");
	TAP_RUN(test_cookie_path, "cookie: from A used at B");
	TAP_RUN(test_cookie_request, "cookie: other SPIi, other Ni");
	TAP_RUN(test_cookie_octets, "cookie: each bit flipped, other lengths");
	TAP_RUN(test_cookie_rotation, "cookie: accepted after one rotation, refused after two");
	TAP_RUN(test_cookie_sleep, "cookie: late rotations, versions wrap");
	TAP_RUN(test_cookie_exchange, "cookie: the exchange (RFC 7296, 2.6)");
	TAP_RUN(test_cookie_reply, "reply: COOKIE, octet by octet");
	TAP_RUN(test_version_reply, "reply: INVALID_MAJOR_VERSION (RFC 7296, 1.5)");
	TAP_RUN(test_spi_reply, "reply: INVALID_IKE_SPI (RFC 7296, 1.5)");
	TAP_RUN(test_no_amplification, "reply: never longer than what it answers");
	TAP_RUN(test_any_octets, "first: messages with changed octets");
	return tap_done();
}
