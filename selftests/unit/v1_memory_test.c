// SPDX-License-Identifier: GPL-2.0
/* Phase 1 of version 1 when memory runs out, once, at each place where it can. */
#include "v1_lab.h"

/* What is refused for lack of memory comes again, or is begun again: nothing stays behind. */
static void run(u8 exchange, bool by_sig)
{
	unsigned long n, up = 0, points;
	struct talk *t;

	for (n = 1;; n++) {
		tap_note("exchange %u, %s, point %lu", exchange, by_sig ? "SIG" : "PSK", n);
		t = by_sig ? v1_lab_new_sig() : v1_lab_new();
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
	tap_note("exchange %u, %s: %lu of %lu", exchange, by_sig ? "SIG" : "PSK", up, n);
	CHECK(n > 60);
	CHECK(up > n / 2);
}

static void test_all(void)
{
	run(V1_MAIN, false);
	run(V1_MAIN, true);
	run(V1_AGGRESSIVE, false);
	run(V1_AGGRESSIVE, true);
	run(V1_BASE, false);
	run(V1_BASE, true);
}

int main(void)
{
	TAP_RUN(test_all, "memory runs out once");
	return tap_done();
}
