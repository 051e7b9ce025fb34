// SPDX-License-Identifier: GPL-2.0
/* Phase 1 of version 1 when memory runs out, once, at each place where it can. */
#include "v1_lab.h"

/* A life after phase 1 has begun: what else is said. */
enum life { QUICK, AUTH_ONLY, NEW_GROUP, FRAGMENTS, DPD };

static struct talk *prepared(u8 exchange, u16 method, enum ike_v1_auth how, enum life life)
{
	struct talk *t = v1_lab_new();
	unsigned int i;

	v1_lab.methods[0] = method;
	t->a.peer.v1.methods = BIT(how);
	t->b.peer.v1.methods = BIT(how);
	t->a.peer.v1.exchange = exchange;
	t->b.peer.v1.accept = BIT(exchange);
	t->a.peer.v1.new_group = life == NEW_GROUP;
	for (i = 0; i < t->a.child.esp.n && life == NEW_GROUP; i++)
		t->a.child.esp.s[i].ke = t->b.child.esp.s[i].ke = IKE_KE_MODP_1024;
	if (life == FRAGMENTS)
		t->a.peer.fragment = t->b.peer.fragment = 160;
	if (life == DPD)
		t->a.peer.dpd_s = t->b.peer.dpd_s = 5;
	return t;
}

static bool has_proved(const struct end *e)
{
	return e->dead_why == ISAKMP_R_V1_AUTH_ONLY;
}

static bool good(const struct talk *t, enum life life)
{
	if (life == AUTH_ONLY)
		return has_proved(&t->a) && has_proved(&t->b);
	return t->a.ike.state == IKE_S_ESTABLISHED && t->a.xfrm;
}

/* What is refused for lack of memory comes again, or is begun again: nothing stays behind. */
static void run(u8 exchange, u16 method, enum ike_v1_auth how, enum life life)
{
	unsigned long n, up = 0, points;
	struct talk *t;

	for (n = 1;; n++) {
		tap_note("exchange %u, method %u, life %u, point %lu", exchange, method, life, n);
		t = prepared(exchange, method, how, life);
		talk_open_a(t);
		native_mem_fail_at(n);
		if (!v1_sa_init(&t->a.ike, t->now)) {
			talk_do(&t->a, IKE_EV_START, 0);
			v1_lab_let_pass(t, 20000);
			up += good(t, life);
		}
		points = native_mem_points();
		native_mem_fail_at(0);
		v1_lab_over(t);
		if (points < n)
			break;
	}
	tap_note("exchange %u, method %u, life %u: %lu of %lu", exchange, method, life, up, n);
	CHECK(n > (life == AUTH_ONLY ? 20 : 60));
	CHECK(up > n / 2);
}

static void test_all(void)
{
	static const u8 exchanges[] = { V1_MAIN, V1_AGGRESSIVE, V1_BASE };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		run(exchanges[i], V1_M_PSK, IKE_V1_PSK, QUICK);
		run(exchanges[i], V1_M_RSA_SIG, IKE_V1_SIG, QUICK);
		if (exchanges[i] == V1_BASE)
			continue;
		run(exchanges[i], V1_M_RSA_ENC, IKE_V1_RSA_ENC, QUICK);
		run(exchanges[i], V1_M_RSA_REV, IKE_V1_RSA_REV, QUICK);
	}
}

static void test_auth_only(void)
{
	run(V1_AUTH_ONLY, V1_M_PSK, IKE_V1_PSK, AUTH_ONLY);
	run(V1_AUTH_ONLY, V1_M_RSA_SIG, IKE_V1_SIG, AUTH_ONLY);
}

static void test_new_group(void)
{
	run(V1_MAIN, V1_M_PSK, IKE_V1_PSK, NEW_GROUP);
}

static void test_fragments(void)
{
	run(V1_MAIN, V1_M_RSA_SIG, IKE_V1_SIG, FRAGMENTS);
}

static void test_dpd(void)
{
	run(V1_MAIN, V1_M_PSK, IKE_V1_PSK, DPD);
}

int main(void)
{
	TAP_RUN(test_all, "memory runs out once");
	TAP_RUN(test_auth_only, "in Authentication Only");
	TAP_RUN(test_new_group, "in New Group Mode");
	TAP_RUN(test_fragments, "with messages in pieces");
	TAP_RUN(test_dpd, "with R-U-THERE");
	return tap_done();
}
