// SPDX-License-Identifier: GPL-2.0
/* Phase 1 of version 1 in all its ways: exchange, method, group, who has the keys of it. */
#include "v1_lab.h"

static const u8 exchanges[] = { V1_MAIN, V1_AGGRESSIVE, V1_BASE };

static struct talk *way(u8 exchange, u16 method, enum ike_v1_auth how)
{
	struct talk *t = v1_lab_new();

	v1_lab.methods[0] = method;
	t->a.peer.v1.exchange = exchange;
	t->b.peer.v1.accept = BIT(exchange);
	t->a.peer.v1.methods = BIT(how);
	t->b.peer.v1.methods = BIT(how);
	return t;
}

/* Both have the same keys, and a child by them. */
static void check_up(struct talk *t)
{
	v1_lab_up(t);
	CHECK_EQ(t->a.installs, 1);
	CHECK_EQ(t->b.installs, 1);
	v1_lab_over(t);
}

static void test_methods(void)
{
	static const u16 methods[] = { V1_M_RSA_SIG, V1_M_DSS_SIG, V1_M_ECDSA_256,
				       V1_M_ECDSA_384, V1_M_ECDSA_521 };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(exchanges); i++)
		for (j = 0; j < ARRAY_SIZE(methods); j++) {
			tap_note("exchange %u, method %u", exchanges[i], methods[j]);
			check_up(way(exchanges[i], methods[j], IKE_V1_SIG));
		}
}

/* A group that only the helper knows. */
static void test_helper_group(void)
{
	struct talk *t;
	unsigned int i;

	for (i = 0; i < 2 * ARRAY_SIZE(exchanges); i++) {
		tap_note("exchange %u, %s", exchanges[i / 2], i & 1 ? "SIG" : "PSK");
		t = way(exchanges[i / 2], i & 1 ? V1_M_RSA_SIG : V1_M_PSK,
			i & 1 ? IKE_V1_SIG : IKE_V1_PSK);
		t->a.peer.ike.n = t->b.peer.ike.n = 1;
		t->a.peer.ike.s[0].ke = t->b.peer.ike.s[0].ke = IKE_KE_ECP_521;
		check_up(t);
	}
}

/* RSA encryption is not for Base Mode: neither offered nor chosen. */
static void test_exchange_cannot(void)
{
	static const struct { u8 exchange; u16 method; u8 how; } rows[] = {
		{ V1_BASE, V1_M_RSA_ENC, IKE_V1_RSA_ENC },
		{ V1_BASE, V1_M_RSA_REV, IKE_V1_RSA_REV },
	};
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		tap_note("row %u", i);
		CHECK(!v1_method_goes(rows[i].exchange, rows[i].method));
		t = way(rows[i].exchange, rows[i].method, rows[i].how);
		v1_lab_start(t);
		CHECK_REASON(v1_lab_answer(&t->a), ISAKMP_R_HELPER_ERROR);
		CHECK(!t->a.live);
		v1_lab_over(t);
	}
}

static void test_suites(void)
{
	static const struct ike_suite suites[] = {
		{ IKE_PROTO_IKE, 0, IKE_ENCR_3DES, 0, IKE_INTEG_HMAC_MD5_96, IKE_PRF_HMAC_MD5,
		  IKE_KE_MODP_1024 },
		{ IKE_PROTO_IKE, 0, IKE_ENCR_3DES, 0, IKE_INTEG_HMAC_SHA1_96,
		  IKE_PRF_HMAC_SHA1, IKE_KE_MODP_1536 },
		{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_CBC, 192, IKE_INTEG_HMAC_SHA2_512_256,
		  IKE_PRF_HMAC_SHA2_512, IKE_KE_MODP_2048 },
		{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_384_192,
		  IKE_PRF_HMAC_SHA2_384, IKE_KE_ECP_384 },
	};
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		tap_note("suite %u", i);
		t = way(V1_MAIN, V1_M_PSK, IKE_V1_PSK);
		/* One of the initiator's many; the responder's order counts */
		t->a.peer.ike.n = ARRAY_SIZE(suites);
		memcpy(t->a.peer.ike.s, suites, sizeof(suites));
		t->b.peer.ike.n = 1;
		t->b.peer.ike.s[0] = suites[i];
		v1_lab_up(t);
		CHECK_EQ(t->a.ike.ep->suite.encr, suites[i].encr);
		CHECK_EQ(t->a.ike.ep->suite.prf, suites[i].prf);
		CHECK_EQ(t->b.ike.ep->suite.ke, suites[i].ke);
		v1_lab_over(t);
	}
}

/* What version 1 has no number for is not offered. */
static void test_not_of_version_1(void)
{
	struct talk *t = way(V1_MAIN, V1_M_PSK, IKE_V1_PSK);

	t->a.peer.ike.s[0].encr = IKE_ENCR_AES_GCM_16;
	t->a.peer.ike.s[1].ke = IKE_KE_X25519;
	v1_lab_start(t);
	CHECK_REASON(v1_lab_answer(&t->a), ISAKMP_R_NO_PROPOSAL);
	CHECK(!t->a.live);
	v1_lab_over(t);
}

/* Lifetimes: the responder takes what lifetime-check lets it. */
static void test_lifetimes(void)
{
	static const struct {
		u8 check;
		u32 theirs, ours, agreed;	/* 0: refused */
	} rows[] = {
		{ IKE_LIFETIME_CLAIM, 3600, 7200, 3600 },
		{ IKE_LIFETIME_CLAIM, 7200, 3600, 3600 },
		{ IKE_LIFETIME_OBEY, 100000, 3600, 100000 },
		{ IKE_LIFETIME_STRICT, 7200, 3600, 0 },
		{ IKE_LIFETIME_STRICT, 3600, 7200, 3600 },
		{ IKE_LIFETIME_EXACT, 3600, 7200, 0 },
		{ IKE_LIFETIME_EXACT, 7200, 7200, 7200 },
	};
	struct talk *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		tap_note("row %u", i);
		t = way(V1_MAIN, V1_M_PSK, IKE_V1_PSK);
		t->a.peer.life_s = rows[i].theirs;
		t->b.peer.life_s = rows[i].ours;
		t->b.peer.v1.lifetime = rows[i].check;
		v1_lab_start(t);
		v1_lab_settle(t);
		CHECK_EQ(t->b.live, rows[i].agreed != 0);
		if (t->b.live)
			CHECK_EQ(v1_lab_p(&t->b)->life_s, rows[i].agreed);
		v1_lab_over(t);
	}
}

/* The helper says no: to who we are, to the secret, to our signature. */
static void test_no(void)
{
	static const u8 kinds[] = { IKE_ASK_V1_BEGIN, IKE_ASK_V1_SKEYID, IKE_ASK_I_AUTH };
	struct talk *t;
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(exchanges); i++)
		for (j = 0; j < ARRAY_SIZE(kinds); j++) {
			tap_note("exchange %u, kind %u", exchanges[i], kinds[j]);
			t = way(exchanges[i], j == 2 ? V1_M_RSA_SIG : V1_M_PSK,
				j == 2 ? IKE_V1_SIG : IKE_V1_PSK);
			v1_lab.refuse[kinds[j]] = ISAKMP_R_NO_SECRET;
			v1_lab_start(t);
			v1_lab_let_pass(t, 100000);
			CHECK(!t->a.live && !t->b.live);
			CHECK(t->a.refused[ISAKMP_R_NO_SECRET] +
			      t->b.refused[ISAKMP_R_NO_SECRET] > 0);
			v1_lab_over(t);
		}
}

/* The helper asks too late, or twice: its answer is nobody's. */
static void test_stale_verdict(void)
{
	struct talk *t = way(V1_MAIN, V1_M_PSK, IKE_V1_PSK);
	struct ike_verdict *v = calloc(1, sizeof(*v));

	v1_lab_start(t);
	v->kind = IKE_ASK_V1_BEGIN;
	v->question = t->a.ike.question + 1;
	CHECK_EQ(talk_verdict(&t->a, v), ISAKMP_OK);
	CHECK(t->a.asking);
	/* Another kind than was asked */
	v->question = t->a.ike.question;
	v->kind = IKE_ASK_I_VERIFY;
	CHECK_REASON(talk_verdict(&t->a, v), ISAKMP_R_HELPER_ERROR);
	free(v);
	v1_lab_over(t);
}

int main(void)
{
	TAP_RUN(test_methods, "all exchanges by all signatures (RFC 2409, 5.1; RFC 4754)");
	TAP_RUN(test_helper_group, "a group that the helper computes");
	TAP_RUN(test_exchange_cannot, "methods that an exchange does not have");
	TAP_RUN(test_suites, "suites: 3DES, MD5, MODP groups, AES with 192 bits");
	TAP_RUN(test_not_of_version_1, "suites of version 2 alone");
	TAP_RUN(test_lifetimes, "lifetime-check");
	TAP_RUN(test_no, "the helper says no");
	TAP_RUN(test_stale_verdict, "answers to no question");
	return tap_done();
}
