// SPDX-License-Identifier: GPL-2.0
/* One message, or a long time, in a talk (talk.h). */
#include "talk.h"

enum isakmp_reason talk_pass(struct end *from)
{
	struct packet p = talk_take(from);
	enum isakmp_reason why;

	CHECK(p.n);
	if (!p.n)
		return ISAKMP_R_NO_SA;
	why = talk_deliver(talk_other(from), &p);
	packet_free(&p);
	return why;
}

void talk_lose(struct end *from)
{
	struct packet p = talk_take(from);

	packet_free(&p);
}

void talk_let_pass(struct talk *t, u64 ms)
{
	u64 a, b, until = t->now + ms;

	while (t->now < until) {
		talk_settle(t);
		a = t->a.live ? ike_sa_deadline(&t->a.ike) : IKE_NEVER;
		b = t->b.live ? ike_sa_deadline(&t->b.ike) : IKE_NEVER;
		CHECK(min(a, b) >= t->now);
		if (min(a, b) > until)
			break;
		talk_timer(a <= b ? &t->a : &t->b, min(a, b));
	}
}
