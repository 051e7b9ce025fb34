// SPDX-License-Identifier: GPL-2.0
/* Suites and SA payloads: offering, selecting, checking a choice (RFC 7296, 2.7, 3.3). */
#include "talk.h"
#include "wire/sa.h"

#define GCM(bits) { IKE_T_ENCR, IKE_ENCR_AES_GCM_16, bits }
#define PRF(n) { IKE_T_PRF, IKE_PRF_HMAC_SHA2_##n, 0 }
#define KE(group) { IKE_T_KE, group, 0 }
#define INTEG(id) { IKE_T_INTEG, id, 0 }
#define ESN(id) { IKE_T_ESN, IKE_ESN_##id, 0 }

struct t {
	u8 type;
	u16 id;
	u16 keylen;
};

static const struct ike_suite ike_256 = {
	IKE_PROTO_IKE, 0, IKE_ENCR_AES_GCM_16, 256, 0, IKE_PRF_HMAC_SHA2_384, IKE_KE_X25519
};
static const struct ike_suite ike_128 = {
	IKE_PROTO_IKE, 0, IKE_ENCR_AES_GCM_16, 128, 0, IKE_PRF_HMAC_SHA2_256, IKE_KE_X25519
};
static const struct ike_suite esp_256 = { IKE_PROTO_ESP, 0, IKE_ENCR_AES_GCM_16, 256, 0, 0, 0 };
static const struct ike_suite esp_128 = { IKE_PROTO_ESP, 0, IKE_ENCR_AES_GCM_16, 128, 0, 0, 0 };

/* ---- SA payloads of a test --------------------------------------------------- */

static u8 buf[4096];
static struct isakmp_out out;
static struct isakmp_sa_build build;
static unsigned int proposals;

static void sa_begin(void)
{
	isakmp_out_init(&out, buf, sizeof(buf));
	proposals = 0;
}

static void proposal(u8 num, u8 protocol, const struct t *t, size_t n)
{
	static const u8 spi[8] = { 0, 0, 0x11, 0x22, 5, 6, 7, 8 };

	if (proposals++)
		buf[build.proposal] = 2;	/* RFC 7296, 3.3.1: more follow */
	isakmp_sa_build_begin(&build, &out, num, protocol, spi,
			      protocol == IKE_PROTO_IKE ? 0 : 4);
	for (; n; n--, t++)
		isakmp_sa_build_transform(&build, t->type, t->id, t->keylen);
	isakmp_sa_build_end(&build, true);
}

#define PROPOSAL(num, protocol, ...)						\
	do {									\
		const struct t ts_[] = { __VA_ARGS__ };				\
		proposal(num, protocol, ts_, ARRAY_SIZE(ts_));			\
	} while (0)

static struct isakmp_payload payload(void)
{
	struct isakmp_payload p = { .type = IKE_PL_SA, .body = buf, .len = (u16)out.len };

	CHECK(!out.full);
	CHECK_EQ(isakmp_sa_decode(&p, NULL), ISAKMP_OK);
	return p;
}

static u8 num;
static u64 spi;

static const struct ike_suite *select_hint(const struct ike_suite *ours, unsigned int n, u16 hint)
{
	static struct ike_suites s;
	struct isakmp_payload p = payload();

	s.n = (u8)n;
	memcpy(s.s, ours, n * sizeof(*ours));
	num = 0xee;
	spi = 0xeeeeeeee;
	return ike_suite_select(&s, &p, hint, true, &num, &spi);
}

static const struct ike_suite *select_one(const struct ike_suite *ours)
{
	return select_hint(ours, 1, ours->ke);
}

/* ---- offers ------------------------------------------------------------------- */

static void test_round_trip(void)
{
	static const struct ike_suite suites[] = { ike_256, ike_128 }, esp[] = { esp_128, esp_256 };
	struct ike_suites s = { .n = 2 };
	const struct ike_suite *got;
	struct isakmp_payload p;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		memcpy(s.s, i ? esp : suites, sizeof(suites));
		isakmp_out_init(&out, buf, sizeof(buf));
		ike_suites_encode(&out, &s, 0x11223344, true);
		p = payload();
		got = ike_suite_select(&s, &p, s.s[0].ke, true, &num, &spi);
		CHECK(got == &s.s[0]);
		CHECK_EQ(num, 1);
		CHECK_EQ(spi, i ? 0x11223344 : 0);
		/* The answer: the second one */
		isakmp_out_init(&out, buf, sizeof(buf));
		ike_suite_encode(&out, &s.s[1], 2, 0x55667788, IKE_FORM_FULL);
		p = payload();
		CHECK(ike_suite_chosen(&s, &p, true, &spi) == &s.s[1]);
		CHECK_EQ(spi, i ? 0x55667788 : 0);
	}
}

/* RFC 5282, 8: no INTEG with an AEAD; RFC 7296, 3.3.3: what IKE and ESP must have. */
static void test_offer_octets(void)
{
	static const u8 ike[] = {
		0, 0, 0, 36, 1, 1, 0, 3, 3, 0, 0, 12, 1, 0, 0, 20, 0x80, 14, 1, 0,
		3, 0, 0, 8, 2, 0, 0, 6, 0, 0, 0, 8, 4, 0, 0, 31,
	};
	static const u8 esp[] = {
		0, 0, 0, 32, 7, 3, 4, 2, 1, 2, 3, 4, 3, 0, 0, 12, 1, 0, 0, 20, 0x80, 14, 0, 128,
		0, 0, 0, 8, 5, 0, 0, 0,
	};

	isakmp_out_init(&out, buf, sizeof(buf));
	ike_suite_encode(&out, &ike_256, 1, 0, IKE_FORM_FULL);
	if (CHECK_EQ(out.len, sizeof(ike)))
		CHECK_MEM(buf, ike, sizeof(ike));
	isakmp_out_init(&out, buf, sizeof(buf));
	ike_suite_encode(&out, &esp_128, 7, 0x01020304, IKE_FORM_FULL);
	if (CHECK_EQ(out.len, sizeof(esp)))
		CHECK_MEM(buf, esp, sizeof(esp));
}

/* ---- selecting ------------------------------------------------------------------ */

static void test_our_order(void)
{
	static const struct ike_suite ours[] = { ike_256, ike_128 };

	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, GCM(128), PRF(256), KE(IKE_KE_X25519));
	PROPOSAL(2, IKE_PROTO_IKE, GCM(256), PRF(384), KE(IKE_KE_X25519));
	CHECK_EQ(select_hint(ours, 2, IKE_KE_X25519)->keylen, 256);
	CHECK_EQ(num, 2);
	CHECK_EQ(select_one(&ike_128)->keylen, 128);
	CHECK_EQ(num, 1);
	/* All of them in one proposal */
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, { IKE_T_ENCR, 12, 128 }, GCM(128), GCM(192), GCM(256), PRF(256),
		 PRF(384), KE(14), KE(IKE_KE_X25519), KE(19));
	CHECK_EQ(select_hint(ours, 2, IKE_KE_X25519)->keylen, 256);
	CHECK_EQ(select_one(&ike_128)->keylen, 128);
	CHECK_EQ(num, 1);
}

/* RFC 7296, 1.2: the group the peer has sent a value for saves a round trip. */
static void test_ke_hint(void)
{
	struct ike_suite ours[] = { ike_256, ike_256, ike_128 };
	const struct ike_suite *got;

	ours[0].ke = 19;
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, GCM(256), PRF(384), KE(19), KE(IKE_KE_X25519));
	CHECK_EQ(select_hint(ours, 3, IKE_KE_X25519)->ke, IKE_KE_X25519);
	CHECK_EQ(select_hint(ours, 3, 19)->ke, 19);
	/* A hint we have nothing for is no obstacle */
	CHECK_EQ(select_hint(ours, 3, 14)->ke, 19);
	/* The hint does not make up for what is not offered */
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, GCM(256), PRF(384), KE(19));
	got = select_hint(ours, 3, IKE_KE_X25519);
	CHECK(got && got->ke == 19);
	got = select_hint(ours + 1, 2, IKE_KE_X25519);
	CHECK(!got);
}

/* Each type absent, twice, and with another ID: one suite, whole or not at all. */
static void check_each_type(const struct ike_suite *s, const struct t *t, size_t n)
{
	struct t mine[8];
	size_t i;

	for (i = 0; i < n; i++) {
		tap_note("protocol %u, type %u", s->protocol, t[i].type);
		memcpy(mine, t, n * sizeof(*t));
		mine[i] = t[n - 1];
		sa_begin();
		proposal(1, s->protocol, mine, n - 1);		/* absent */
		CHECK(!select_one(s));
		memcpy(mine, t, n * sizeof(*t));
		mine[n] = t[i];
		sa_begin();
		proposal(1, s->protocol, mine, n + 1);		/* the same twice */
		CHECK(select_one(s) != NULL);
		mine[n].id = 0x7fff;
		sa_begin();
		proposal(1, s->protocol, mine, n + 1);		/* and another */
		CHECK(select_one(s) != NULL);
		mine[i].id = 0x7ffe;
		sa_begin();
		proposal(1, s->protocol, mine, n + 1);		/* others only */
		CHECK(!select_one(s));
		mine[i].id = 0;
		sa_begin();
		proposal(1, s->protocol, mine, n);		/* NONE */
		CHECK_EQ(select_one(s) != NULL, t[i].id == 0);
	}
}

static void test_each_type(void)
{
	static const struct t ike[] = { GCM(256), PRF(384), KE(IKE_KE_X25519) };
	static const struct t esp[] = { GCM(256), ESN(NO) };

	check_each_type(&ike_256, ike, ARRAY_SIZE(ike));
	check_each_type(&esp_256, esp, ARRAY_SIZE(esp));
}

/* RFC 7296, 3.3.3: ESN is mandatory for ESP, and may be one of two or both. */
static void test_esn(void)
{
	sa_begin();
	PROPOSAL(1, IKE_PROTO_ESP, GCM(256));
	CHECK(!select_one(&esp_256));
	sa_begin();
	PROPOSAL(1, IKE_PROTO_ESP, GCM(256), ESN(YES));
	CHECK(!select_one(&esp_256));
	sa_begin();
	PROPOSAL(1, IKE_PROTO_ESP, GCM(256), ESN(YES), ESN(NO));
	CHECK(select_one(&esp_256) != NULL);
	CHECK_EQ(spi, 0x1122);
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, GCM(256), PRF(384), KE(IKE_KE_X25519), ESN(NO));
	CHECK(!select_one(&ike_256));
}

/* CREATE_CHILD_SA without PFS: NONE says the same as no KE; another does not. */
static void test_ke_none(void)
{
	sa_begin();
	PROPOSAL(1, IKE_PROTO_ESP, GCM(256), ESN(NO), KE(IKE_KE_NONE));
	CHECK(select_one(&esp_256) != NULL);
	sa_begin();
	PROPOSAL(1, IKE_PROTO_ESP, GCM(256), ESN(NO), KE(IKE_KE_X25519));
	CHECK(!select_one(&esp_256));
	sa_begin();
	PROPOSAL(1, IKE_PROTO_ESP, GCM(256), ESN(NO), KE(IKE_KE_X25519), KE(IKE_KE_NONE));
	CHECK(select_one(&esp_256) != NULL);
	sa_begin();
	PROPOSAL(1, IKE_PROTO_ESP, GCM(256), ESN(NO), PRF(256));
	CHECK(!select_one(&esp_256));
}

/* AH has INTEG and ESN, both mandatory, and no cipher (RFC 7296, 3.3.3). */
static void test_ah(void)
{
	static const struct ike_suite ah = {
		.protocol = IKE_PROTO_AH, .integ = IKE_INTEG_HMAC_SHA2_256_128
	};

	sa_begin();
	PROPOSAL(1, IKE_PROTO_AH, INTEG(12), ESN(NO));
	CHECK(select_one(&ah) != NULL);
	CHECK_EQ(spi, 0x1122);
	CHECK(!select_one(&esp_256));
	sa_begin();
	PROPOSAL(1, IKE_PROTO_ESP, INTEG(12), ESN(NO));
	CHECK(!select_one(&ah));
	sa_begin();
	PROPOSAL(1, IKE_PROTO_AH, INTEG(12));
	CHECK(!select_one(&ah));
	sa_begin();
	PROPOSAL(1, IKE_PROTO_AH, ESN(NO));
	CHECK(!select_one(&ah));
	sa_begin();
	PROPOSAL(1, IKE_PROTO_AH, INTEG(12), ESN(NO), GCM(256));
	CHECK(!select_one(&ah));
	sa_begin();
	PROPOSAL(1, IKE_PROTO_AH, INTEG(2), INTEG(12), ESN(YES), ESN(NO), KE(IKE_KE_NONE));
	CHECK(select_one(&ah) != NULL);
}

static bool auth_selects(const struct ike_suite *ours, unsigned int n)
{
	struct isakmp_payload p = payload();
	struct ike_suites s = { .n = (u8)n };
	const struct ike_suite *got;

	memcpy(s.s, ours, n * sizeof(*ours));
	got = ike_suite_select(&s, &p, IKE_KE_NONE, false, &num, &spi);
	CHECK(!got || got == &s.s[0]);
	return got;
}

/*
 * RFC 7296, 1.2: no KE in IKE_AUTH.  What we have for later is not offered, and
 * what a peer says of it all the same is passed over.
 */
static void test_ke_in_auth(void)
{
	struct ike_suite pfs = esp_256;

	pfs.ke = IKE_KE_X25519;
	sa_begin();
	PROPOSAL(1, IKE_PROTO_ESP, GCM(256), ESN(NO));
	CHECK(auth_selects(&pfs, 1) && auth_selects(&esp_256, 1));
	sa_begin();
	PROPOSAL(1, IKE_PROTO_ESP, GCM(256), ESN(NO), KE(14), KE(19), KE(IKE_KE_NONE));
	CHECK(auth_selects(&pfs, 1) && auth_selects(&esp_256, 1));
	sa_begin();
	PROPOSAL(1, IKE_PROTO_ESP, GCM(256), ESN(NO), KE(0x7fff));
	CHECK(auth_selects(&pfs, 1) && auth_selects(&esp_256, 1));
	/* It makes up for nothing else */
	sa_begin();
	PROPOSAL(1, IKE_PROTO_ESP, GCM(256), KE(IKE_KE_X25519));
	CHECK(!auth_selects(&pfs, 1));
	/* An IKE SA never goes without */
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, GCM(256), PRF(384));
	CHECK(!auth_selects(&ike_256, 1));
}

/* Suites that differ in KE alone are one proposal of IKE_AUTH, and one choice. */
static void test_offer_in_auth(void)
{
	struct ike_suites s = { .n = 4, .s = { esp_256, esp_256, esp_128, esp_128 } };
	struct isakmp_payload p;
	unsigned int n;
	bool pfs;

	s.s[0].ke = s.s[2].ke = IKE_KE_X25519;
	s.s[1].ke = 19;
	for (pfs = false;; pfs = true) {
		isakmp_out_init(&out, buf, sizeof(buf));
		ike_suites_encode(&out, &s, 0x1122, pfs);
		p = payload();
		CHECK_EQ(isakmp_sa_decode(&p, &n), ISAKMP_OK);
		CHECK_EQ(n, pfs ? 4 : 2);
		sa_begin();
		PROPOSAL(2, IKE_PROTO_ESP, GCM(128), ESN(NO));
		p = payload();
		CHECK(ike_suite_chosen(&s, &p, pfs, &spi) == (pfs ? NULL : &s.s[2]));
		sa_begin();
		PROPOSAL(4, IKE_PROTO_ESP, GCM(128), ESN(NO));
		p = payload();
		CHECK(ike_suite_chosen(&s, &p, pfs, &spi) == (pfs ? &s.s[3] : NULL));
		sa_begin();
		PROPOSAL(3, IKE_PROTO_ESP, GCM(128), ESN(NO), KE(IKE_KE_X25519));
		p = payload();
		CHECK(ike_suite_chosen(&s, &p, pfs, &spi) == (pfs ? &s.s[2] : NULL));
		sa_begin();
		PROPOSAL(1, IKE_PROTO_ESP, GCM(256), ESN(NO), KE(IKE_KE_X25519));
		p = payload();
		CHECK(ike_suite_chosen(&s, &p, pfs, &spi) == (pfs ? &s.s[0] : NULL));
		if (pfs)
			break;
	}
}

/* RFC 7296, 3.3: with an AEAD no INTEG, or NONE. */
static void test_integ(void)
{
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, GCM(256), PRF(384), KE(IKE_KE_X25519), INTEG(0));
	CHECK(select_one(&ike_256) != NULL);
	sa_begin();
	PROPOSAL(1, IKE_PROTO_ESP, GCM(256), ESN(NO), INTEG(0));
	CHECK(select_one(&esp_256) != NULL);
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, GCM(256), PRF(384), KE(IKE_KE_X25519), INTEG(12));
	CHECK(!select_one(&ike_256));
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, GCM(256), PRF(384), KE(IKE_KE_X25519), INTEG(12), INTEG(0));
	CHECK(select_one(&ike_256) != NULL);
}

static const struct ike_suite ike_cbc = {
	IKE_PROTO_IKE, 0, IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_256_128,
	IKE_PRF_HMAC_SHA2_256, IKE_KE_MODP_2048
};
static const struct ike_suite ike_chacha = {
	IKE_PROTO_IKE, 0, IKE_ENCR_CHACHA20_POLY1305, 0, 0, IKE_PRF_HMAC_SHA2_256, IKE_KE_X25519
};
static const struct ike_suite esp_cbc = {
	IKE_PROTO_ESP, IKE_ESN_YES, IKE_ENCR_AES_CBC, 128, IKE_INTEG_HMAC_SHA1_96, 0, 0
};

#define CBC(bits) { IKE_T_ENCR, IKE_ENCR_AES_CBC, bits }
#define CHACHA(bits) { IKE_T_ENCR, IKE_ENCR_CHACHA20_POLY1305, bits }
#define SHA2 INTEG(IKE_INTEG_HMAC_SHA2_256_128)

/* Ciphers that need an INTEG transform, and get one. */
static void test_with_integ(void)
{
	static const struct t ike[] = { CBC(256), PRF(256), SHA2, KE(14) };
	static const struct t esp[] = { CBC(128), INTEG(2), ESN(YES) };

	check_each_type(&ike_cbc, ike, ARRAY_SIZE(ike));
	check_each_type(&esp_cbc, esp, ARRAY_SIZE(esp));
	/* RFC 7296, 3.3.5: AES-CBC without a key length is no cipher */
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, CBC(0), PRF(256), SHA2, KE(14));
	CHECK(!select_one(&ike_cbc));
	/* NONE is none */
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, CBC(256), PRF(256), INTEG(0), KE(14));
	CHECK(!select_one(&ike_cbc));
	/* RFC 7634, 2: ChaCha20 has no key length */
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, CHACHA(0), PRF(256), KE(31));
	CHECK(select_one(&ike_chacha) != NULL);
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, CHACHA(256), PRF(256), KE(31));
	CHECK(!select_one(&ike_chacha));
}

/* RFC 7296, 2.7: both kinds need two proposals; in one, only what goes together. */
static void test_both_kinds(void)
{
	static const struct ike_suite ours[] = { ike_256, ike_cbc };

	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, CBC(128), CBC(256), PRF(256), SHA2, KE(31), KE(14));
	PROPOSAL(2, IKE_PROTO_IKE, GCM(128), GCM(256), PRF(384), PRF(256), KE(31), KE(14));
	CHECK(select_hint(ours, 2, IKE_KE_X25519)->encr == IKE_ENCR_AES_GCM_16);
	CHECK_EQ(num, 2);
	CHECK(select_hint(ours, 2, IKE_KE_MODP_2048)->encr == IKE_ENCR_AES_CBC);
	CHECK_EQ(num, 1);
	/* Wrongly in one: INTEG is for the one without its own */
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, GCM(256), CBC(256), PRF(384), PRF(256), SHA2, KE(31), KE(14));
	CHECK(select_hint(ours, 2, IKE_KE_X25519)->encr == IKE_ENCR_AES_CBC);
	CHECK(!select_one(&ike_256));
	/* With NONE as well both are whole */
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, GCM(256), CBC(256), PRF(384), PRF(256), SHA2, INTEG(0), KE(31),
		 KE(14));
	CHECK(select_one(&ike_256) && select_one(&ike_cbc));
}

/* As others say it: long lists, both ESN, transforms that nobody here knows. */
static void test_long_lists(void)
{
	struct t t[IKE_TRANSFORMS_MAX];
	unsigned int n = 0, i;

	for (i = 0; i < IKE_TRANSFORMS_MAX - 4; i++)
		t[n++] = (struct t){ (u8)(IKE_T_ENCR + i % 4), (u16)(1024 + i), 0 };
	t[n++] = (struct t)CBC(256);
	t[n++] = (struct t)PRF(256);
	t[n++] = (struct t)SHA2;
	t[n++] = (struct t)KE(14);
	sa_begin();
	proposal(1, IKE_PROTO_IKE, t, n);
	CHECK(select_one(&ike_cbc) != NULL);
	sa_begin();
	PROPOSAL(1, IKE_PROTO_ESP, CBC(128), CBC(192), CBC(256), INTEG(2), SHA2, INTEG(13),
		 INTEG(14), ESN(NO), ESN(YES), KE(31), KE(19), KE(14), KE(0));
	CHECK(select_one(&esp_cbc) != NULL);
	CHECK(auth_selects(&esp_cbc, 1));
}

/* What the kernel lacks, and groups that nobody computes, are not for an IKE SA. */
static void test_ready(void)
{
	struct ike_suites s = { .n = 4, .s = { ike_256, ike_cbc, ike_chacha, ike_128 } }, ready;
	struct talk *t = talk_new();

	CHECK_EQ(ike_suites_ready(&t->a.ike, &s, &ready), 4);
	s.s[1].ke = IKE_KE_X448;
	s.s[3].ke = IKE_KE_ECP_521;
	CHECK_EQ(ike_suites_ready(&t->a.ike, &s, &ready), 4);
	t->a.kex_gone = true;
	CHECK_EQ(ike_suites_ready(&t->a.ike, &s, &ready), 2);
	CHECK(ready.s[0].keylen == 256 && ready.s[1].encr == IKE_ENCR_CHACHA20_POLY1305);
	native_without(IKE_T_ENCR, IKE_ENCR_CHACHA20_POLY1305);
	CHECK_EQ(ike_suites_ready(&t->a.ike, &s, &ready), 1);
	native_without(IKE_T_PRF, IKE_PRF_HMAC_SHA2_384);
	CHECK_EQ(ike_suites_ready(&t->a.ike, &s, &ready), 1);
	CHECK(ready.s[0].encr == IKE_ENCR_CHACHA20_POLY1305);
	native_without(0, 0);
	s.s[0].encr = IKE_ENCR_AES_CTR;
	s.s[0].integ = 5;
	s.s[2].ke = 22;
	CHECK_EQ(ike_suites_ready(&t->a.ike, &s, &ready), 0);
	talk_free(t);
}

/* RFC 7296, 3.3.6: a type not understood spoils its proposal, and no other. */
static void test_unknown_type(void)
{
	unsigned int type;

	for (type = 0; type < 256; type++) {
		if (type >= IKE_T_ENCR && type <= IKE_T_LAST)
			continue;
		tap_note("type %u", type);
		sa_begin();
		PROPOSAL(1, IKE_PROTO_IKE, GCM(256), PRF(384), KE(IKE_KE_X25519), { (u8)type, 0, 0 });
		CHECK(!select_one(&ike_256));
		PROPOSAL(2, IKE_PROTO_IKE, GCM(256), PRF(384), KE(IKE_KE_X25519));
		CHECK(select_one(&ike_256) != NULL);
		CHECK_EQ(num, 2);
	}
}

/* RFC 7296, 3.3.6: an attribute not understood spoils its transform alone. */
static void test_odd_attribute(void)
{
	static const u8 odd[] = {
		0, 0, 0, 40, 1, 1, 0, 3, 3, 0, 0, 16, 1, 0, 0, 20, 0x80, 14, 1, 0, 0x80, 99, 0, 1,
		3, 0, 0, 8, 2, 0, 0, 6, 0, 0, 0, 8, 4, 0, 0, 31,
	};
	static const u8 both[] = {
		0, 0, 0, 52, 1, 1, 0, 4, 3, 0, 0, 16, 1, 0, 0, 20, 0x80, 14, 1, 0, 0x80, 99, 0, 1,
		3, 0, 0, 12, 1, 0, 0, 20, 0x80, 14, 1, 0,
		3, 0, 0, 8, 2, 0, 0, 6, 0, 0, 0, 8, 4, 0, 0, 31,
	};

	isakmp_out_init(&out, buf, sizeof(buf));
	isakmp_out_bytes(&out, odd, sizeof(odd));
	CHECK(!select_one(&ike_256));
	isakmp_out_init(&out, buf, sizeof(buf));
	isakmp_out_bytes(&out, both, sizeof(both));
	CHECK(select_one(&ike_256) != NULL);
}

static void test_key_lengths(void)
{
	unsigned int bits;

	for (bits = 0; bits < 65536; bits += bits < 600 ? 1 : 253) {
		tap_note("%u bits", bits);
		sa_begin();
		PROPOSAL(1, IKE_PROTO_ESP, GCM((u16)bits), ESN(NO));
		CHECK_EQ(select_one(&esp_256) != NULL, bits == 256);
		CHECK_EQ(select_one(&esp_128) != NULL, bits == 128);
	}
	/* A key length where there is none to have */
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, GCM(256), { IKE_T_PRF, IKE_PRF_HMAC_SHA2_384, 256 },
		 KE(IKE_KE_X25519));
	CHECK(!select_one(&ike_256));
}

static void test_all_ids(void)
{
	unsigned int id;

	for (id = 0; id < 65536; id++) {
		tap_note("id %u", id);
		sa_begin();
		PROPOSAL(1, IKE_PROTO_IKE, GCM(256), PRF(384), KE((u16)id));
		CHECK_EQ(select_hint(&ike_256, 1, (u16)id) != NULL, id == IKE_KE_X25519);
		if (id % 17 && id > 64)
			continue;
		sa_begin();
		PROPOSAL(1, IKE_PROTO_ESP, { IKE_T_ENCR, (u16)id, 256 }, ESN(NO));
		CHECK_EQ(select_one(&esp_256) != NULL, id == IKE_ENCR_AES_GCM_16);
	}
}

static void test_protocols(void)
{
	unsigned int protocol;

	for (protocol = 0; protocol < 256; protocol++) {
		tap_note("protocol %u", protocol);
		sa_begin();
		PROPOSAL(1, (u8)protocol, GCM(256), ESN(NO));
		CHECK_EQ(select_one(&esp_256) != NULL, protocol == IKE_PROTO_ESP);
		sa_begin();
		PROPOSAL(1, (u8)protocol, GCM(256), PRF(384), KE(IKE_KE_X25519));
		CHECK_EQ(select_one(&ike_256) != NULL, protocol == IKE_PROTO_IKE);
	}
}

/* RFC 7296, 3.3.1: the initial IKE SA has no SPI in its proposals. */
static void test_ike_spi(void)
{
	static const struct t t[] = { GCM(256), PRF(384), KE(IKE_KE_X25519) };
	unsigned int i;

	sa_begin();
	isakmp_sa_build_begin(&build, &out, 1, IKE_PROTO_IKE, (const u8 *)"spi of 8", 8);
	for (i = 0; i < ARRAY_SIZE(t); i++)
		isakmp_sa_build_transform(&build, t[i].type, t[i].id, t[i].keylen);
	isakmp_sa_build_end(&build, true);
	CHECK(!select_one(&ike_256));
}

/* ---- a choice --------------------------------------------------------------------- */

static const struct ike_suite *chosen(const struct ike_suite *offered, unsigned int n)
{
	static struct ike_suites s;
	struct isakmp_payload p = payload();

	s.n = (u8)n;
	memcpy(s.s, offered, n * sizeof(*offered));
	return ike_suite_chosen(&s, &p, true, &spi);
}

static void test_chosen(void)
{
	static const struct ike_suite two[] = { ike_256, ike_128 };
	unsigned int n;

	for (n = 1; n < 256; n++) {
		tap_note("number %u", n);
		sa_begin();
		PROPOSAL((u8)n, IKE_PROTO_IKE, GCM(128), PRF(256), KE(IKE_KE_X25519));
		CHECK_EQ(chosen(two, 2) != NULL, n == 2);
		sa_begin();
		PROPOSAL((u8)n, IKE_PROTO_IKE, GCM(256), PRF(384), KE(IKE_KE_X25519));
		CHECK_EQ(chosen(two, 2) != NULL, n == 1);
	}
	/* Two of them are no choice */
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, GCM(256), PRF(384), KE(IKE_KE_X25519));
	PROPOSAL(2, IKE_PROTO_IKE, GCM(128), PRF(256), KE(IKE_KE_X25519));
	CHECK(!chosen(two, 2));
}

/* Exactly one transform of each type offered: no more, no fewer, no other. */
static void test_chosen_count(void)
{
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, GCM(256), PRF(384));
	CHECK(!chosen(&ike_256, 1));
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, GCM(256), PRF(384), KE(IKE_KE_X25519), KE(IKE_KE_X25519));
	CHECK(!chosen(&ike_256, 1));
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, GCM(256), GCM(128), PRF(384), KE(IKE_KE_X25519));
	CHECK(!chosen(&ike_256, 1));
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, GCM(256), PRF(384), KE(IKE_KE_X25519), INTEG(0));
	CHECK(!chosen(&ike_256, 1));
	sa_begin();
	PROPOSAL(1, IKE_PROTO_IKE, GCM(256), GCM(256), KE(IKE_KE_X25519));
	CHECK(!chosen(&ike_256, 1));
	sa_begin();
	PROPOSAL(1, IKE_PROTO_ESP, GCM(256), ESN(YES));
	CHECK(!chosen(&esp_256, 1));
	sa_begin();
	PROPOSAL(1, IKE_PROTO_ESP, GCM(128), ESN(NO));
	CHECK(!chosen(&esp_256, 1));
	sa_begin();
	PROPOSAL(1, IKE_PROTO_ESP, GCM(256), ESN(NO));
	CHECK(chosen(&esp_256, 1) != NULL);
	CHECK_EQ(spi, 0x1122);
}

static void test_allow(void)
{
	struct ike_suites s = { .n = 1 };
	struct ike_suite one;
	unsigned int i;

	s.s[0] = ike_256;
	s.s[1] = ike_128;
	CHECK(ike_suites_allow(&s, &ike_256));
	CHECK(!ike_suites_allow(&s, &ike_128));
	for (i = 0; i < 7; i++) {
		one = ike_256;
		*(i == 0 ? &one.protocol : &one.esn) ^= i < 2;
		one.encr ^= i == 2;
		one.keylen ^= i == 3;
		one.integ ^= i == 4;
		one.prf ^= i == 5;
		one.ke ^= i == 6;
		tap_note("field %u", i);
		CHECK(!ike_suites_allow(&s, &one));
	}
	s.n = 0;
	CHECK(!ike_suites_allow(&s, &ike_256));
}

int main(void)
{
	TAP_RUN(test_round_trip, "proposals: offered, selected, answered, understood");
	TAP_RUN(test_offer_octets, "proposals: octets of IKE and ESP");
	TAP_RUN(test_our_order, "select: our order of preference");
	TAP_RUN(test_ke_hint, "select: the group of the peer's KE");
	TAP_RUN(test_each_type, "select: each type absent, twice, other, NONE (threat 76)");
	TAP_RUN(test_esn, "select: ESN is mandatory for ESP");
	TAP_RUN(test_ah, "AH: integrity and ESN, no cipher");
	TAP_RUN(test_ke_none, "select: KE NONE for a child without its own key exchange");
	TAP_RUN(test_ke_in_auth, "select: KE counts for nothing in IKE_AUTH");
	TAP_RUN(test_offer_in_auth, "offer: what differs in KE alone is one proposal in IKE_AUTH");
	TAP_RUN(test_integ, "select: INTEG NONE with an AEAD");
	TAP_RUN(test_with_integ, "select: ciphers that need an INTEG (threats 76, 79)");
	TAP_RUN(test_both_kinds, "select: AEAD and others, in two proposals or wrongly in one");
	TAP_RUN(test_long_lists, "select: long lists, both ESN, unknown transforms");
	TAP_RUN(test_ready, "ready: what the kernel lacks is not spoken (threat 77)");
	TAP_RUN(test_unknown_type, "select: an unknown type spoils its proposal only (threat 77)");
	TAP_RUN(test_odd_attribute, "select: an unknown attribute spoils its transform only");
	TAP_RUN(test_key_lengths, "select: key lengths (threats 78, 79)");
	TAP_RUN(test_all_ids, "select: every group, many ciphers (threat 75)");
	TAP_RUN(test_protocols, "select: every protocol");
	TAP_RUN(test_ike_spi, "select: no SPI for the initial IKE SA");
	TAP_RUN(test_chosen, "choice: the number is that of the offer");
	TAP_RUN(test_chosen_count, "choice: one transform of each type");
	TAP_RUN(test_allow, "allow: every field counts");
	return tap_done();
}
