// SPDX-License-Identifier: GPL-2.0
/* The law of version 1 as a table: each row is reached, and none stands in another's way. */
#include "v1_lab.h"

static bool same_place(const struct v1_law *a, const struct v1_law *b)
{
	return a->exchange == b->exchange && a->step == b->step && a->role == b->role &&
	       a->encrypted == b->encrypted && a->methods & b->methods;
}

static void test_rows(void)
{
	const struct v1_law *l, *o;
	unsigned int i, j, class;

	for (i = 0; i < v1_n_laws; i++) {
		l = &v1_laws[i];
		tap_note("%s", l->story);
		CHECK(l->handle && l->methods && l->step);
		CHECK(!(l->required & (l->once | l->many)) && !(l->once & l->many));
		/* HASH stands in what it protects, and is looked at nowhere else */
		CHECK(!l->hash || (l->encrypted && l->required & V1_PL_BIT(V1_PL_HASH)));
		for (class = V1_CLASS_PSK; class <= V1_CLASS_REV; class <<= 1)
			if (l->methods & class)
				CHECK(v1_law_find(l->exchange, l->step, l->role, (u8)class,
						  l->encrypted) == l);
		for (j = i + 1; j < v1_n_laws; j++) {
			o = &v1_laws[j];
			CHECK(!same_place(l, o));
		}
	}
}

static bool allowed(u8 exchange, u8 step, u8 role, bool encrypted)
{
	return v1_law_find(exchange, step, role, 0, encrypted);
}

/* Nothing else is allowed: of all exchanges and steps only those of the table. */
static void test_nothing_else(void)
{
	unsigned int x, step, role, enc, rows = 0;

	for (x = 0; x < 256; x++)
		for (step = 0; step < 9; step++)
			for (role = IKE_EITHER; role <= IKE_WE_RESPOND; role++)
				for (enc = 0; enc < 2; enc++)
					rows += allowed((u8)x, (u8)step, (u8)role, enc);
	/* The same place by secret and by signature is one */
	CHECK(rows <= v1_n_laws);
	CHECK(!allowed(V1_MAIN, 5, IKE_WE_RESPOND, false));
	CHECK(!allowed(V1_MAIN, 1, IKE_WE_RESPOND, true));
	CHECK(!allowed(V1_QUICK, 1, IKE_WE_RESPOND, false));
	CHECK(!allowed(V1_INFORMATIONAL, 1, IKE_WE_RESPOND, false));
	CHECK(!allowed(7, 1, IKE_WE_RESPOND, false));
}

/* What is missing, too much, or there twice. */
static void test_check(void)
{
	const struct v1_law *l = v1_law_find(V1_MAIN, 3, IKE_WE_RESPOND, V1_CLASS_PSK, false);
	struct v1_chain *c = calloc(1, sizeof(*c));
	u32 arg = 0;

	if (!c || !CHECK(l))
		return;
	c->seen = V1_PL_BIT(V1_PL_KE);
	CHECK_REASON(v1_law_check(l, c, &arg), ISAKMP_R_MISSING);
	CHECK_EQ(arg, V1_PL_NONCE);
	c->seen |= V1_PL_BIT(V1_PL_NONCE);
	CHECK_EQ(v1_law_check(l, c, &arg), ISAKMP_OK);
	c->seen |= V1_PL_BIT(V1_PL_DELETE);
	CHECK_REASON(v1_law_check(l, c, &arg), ISAKMP_R_UNEXPECTED);
	CHECK_EQ(arg, V1_PL_DELETE);
	c->seen &= ~V1_PL_BIT(V1_PL_DELETE);
	c->unknown = 99;
	CHECK_REASON(v1_law_check(l, c, &arg), ISAKMP_R_UNEXPECTED);
	CHECK_EQ(arg, 99);
	c->unknown = 0;
	c->repeated = V1_PL_BIT(V1_PL_VENDOR) | V1_PL_BIT(V1_PL_NAT_D);
	CHECK_EQ(v1_law_check(l, c, &arg), ISAKMP_OK);
	c->repeated = V1_PL_BIT(V1_PL_KE);
	CHECK_REASON(v1_law_check(l, c, &arg), ISAKMP_R_REPEATED);
	CHECK_EQ(arg, V1_PL_KE);
	free(c);
}

/* A message of version 2's payload types, or of any other, in Main Mode 1: refused whole. */
static void test_types(void)
{
	struct talk *t = v1_lab_new();
	struct packet p, bad;
	unsigned int type;

	v1_lab_start(t);
	v1_lab_answer(&t->a);
	p = talk_take(&t->a);
	for (type = 0; type < 256; type++) {
		if (type == V1_PL_SA)
			continue;
		tap_note("type %u", type);
		bad = packet_copy(&p);
		bad.p[IKE_HDR_NEXT_AT] = (u8)type;
		v1_lab_deliver(&t->b, &bad);
		CHECK(!t->b.live);
		CHECK_EQ(t->b.sent, 0);
		packet_free(&bad);
	}
	packet_free(&p);
	v1_lab_over(t);
}

static void test_methods(void)
{
	unsigned int m, known = 0;

	for (m = 0; m < 65536; m++)
		known += v1_class_of((u16)m) != 0;
	CHECK_EQ(known, 8 + 4 + 10);
	CHECK_EQ(v1_class_of(V1_M_HYBRID_I_RSA), V1_CLASS_SIG);
	CHECK_EQ(v1_proof_of(V1_M_HYBRID_I_RSA, true), V1_CLASS_PSK);
	CHECK_EQ(v1_proof_of(V1_M_HYBRID_I_RSA, false), V1_CLASS_SIG);
	CHECK_EQ(v1_proof_of(V1_M_HYBRID_R_DSS, false), V1_CLASS_PSK);
	CHECK_EQ(v1_proof_of(V1_M_PSK, true), V1_CLASS_PSK);
}

/* Of all methods in an SA payload only those that the operator allows are chosen. */
static void test_allowed(void)
{
	struct ike_peer peer = { .v1.methods = BIT(IKE_V1_PSK) };
	unsigned int m, n;

	for (m = n = 0; m < 65536; m++)
		n += v1_method_allowed(&peer, false, (u16)m);
	CHECK_EQ(n, 1);
	CHECK(v1_method_allowed(&peer, true, V1_M_PSK));
	peer.v1.xauth = IKE_V1_XAUTH_PEER;
	CHECK(!v1_method_allowed(&peer, false, V1_M_PSK));
	CHECK(v1_method_allowed(&peer, false, V1_M_XAUTH_I_PSK));
	CHECK(v1_method_allowed(&peer, true, V1_M_XAUTH_R_PSK));
	peer.v1.xauth = IKE_V1_XAUTH_US;
	CHECK(v1_method_allowed(&peer, true, V1_M_XAUTH_I_PSK));
	CHECK(v1_method_allowed(&peer, false, V1_M_XAUTH_R_PSK));
	peer.v1.methods = BIT(IKE_V1_HYBRID);
	CHECK(v1_method_allowed(&peer, true, V1_M_HYBRID_I_RSA));
	CHECK(!v1_method_allowed(&peer, true, V1_M_RSA_SIG));
}

int main(void)
{
	TAP_RUN(test_rows, "each row is reached, none is in another's way");
	TAP_RUN(test_nothing_else, "nothing else is allowed");
	TAP_RUN(test_check, "missing, unexpected, repeated (threat 31, threat 33)");
	TAP_RUN(test_types, "256 payload types in a first message (threat 35, threat 36)");
	TAP_RUN(test_methods, "methods and what proves by them");
	TAP_RUN(test_allowed, "65536 methods: the operator's alone (threat 44)");
	return tap_done();
}
