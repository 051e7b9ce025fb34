// SPDX-License-Identifier: GPL-2.0
/* Phase 1 of version 1 when memory runs out, once, at each place where it can. */
#include "v1_lab.h"

/* What is refused for lack of memory comes again, or is begun again: nothing stays behind. */
static void run(u8 exchange, u16 method, enum ike_v1_auth how)
{
	unsigned long n, up = 0, points;
	struct talk *t;

	for (n = 1;; n++) {
		tap_note("exchange %u, method %u, point %lu", exchange, method, n);
		t = v1_lab_new();
		v1_lab.methods[0] = method;
		t->a.peer.v1.methods = BIT(how);
		t->b.peer.v1.methods = BIT(how);
		t->a.peer.v1.exchange = exchange;
		t->b.peer.v1.accept = BIT(exchange);
		talk_open_a(t);
		native_mem_fail_at(n);
		if (!v1_sa_init(&t->a.ike, t->now)) {
			talk_do(&t->a, IKE_EV_START, 0);
			v1_lab_let_pass(t, 20000);
			up += t->a.ike.state == IKE_S_ESTABLISHED && t->a.xfrm;
		}
		points = native_mem_points();
		native_mem_fail_at(0);
		v1_lab_over(t);
		if (points < n)
			break;
	}
	tap_note("exchange %u, method %u: %lu of %lu", exchange, method, up, n);
	CHECK(n > 60);
	CHECK(up > n / 2);
}

static void test_all(void)
{
	static const u8 exchanges[] = { V1_MAIN, V1_AGGRESSIVE, V1_BASE };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		run(exchanges[i], V1_M_PSK, IKE_V1_PSK);
		run(exchanges[i], V1_M_RSA_SIG, IKE_V1_SIG);
		if (exchanges[i] == V1_BASE)
			continue;
		run(exchanges[i], V1_M_RSA_ENC, IKE_V1_RSA_ENC);
		run(exchanges[i], V1_M_RSA_REV, IKE_V1_RSA_REV);
	}
}

int main(void)
{
	TAP_RUN(test_all, "memory runs out once");
	return tap_done();
}
