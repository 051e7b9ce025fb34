// SPDX-License-Identifier: GPL-2.0
/* Ways to set up an ISAKMP SA (v1_ways.h). */
#include "v1_ways.h"

const struct v1_way v1_ways[V1_WAYS] = {
	{ V1_MAIN, V1_M_PSK, IKE_V1_PSK, false },
	{ V1_MAIN, V1_M_RSA_SIG, IKE_V1_SIG, false },
	{ V1_MAIN, V1_M_RSA_ENC, IKE_V1_RSA_ENC, false },
	{ V1_MAIN, V1_M_RSA_REV, IKE_V1_RSA_REV, false },
	{ V1_MAIN, V1_M_XAUTH_I_PSK, IKE_V1_PSK, true },
	{ V1_MAIN, V1_M_XAUTH_I_RSA, IKE_V1_SIG, true },
	{ V1_MAIN, V1_M_HYBRID_I_RSA, IKE_V1_HYBRID, true },
	{ V1_AGGRESSIVE, V1_M_PSK, IKE_V1_PSK, false },
	{ V1_AGGRESSIVE, V1_M_RSA_SIG, IKE_V1_SIG, false },
	{ V1_AGGRESSIVE, V1_M_RSA_ENC, IKE_V1_RSA_ENC, false },
	{ V1_AGGRESSIVE, V1_M_RSA_REV, IKE_V1_RSA_REV, false },
	{ V1_AGGRESSIVE, V1_M_XAUTH_I_PSK, IKE_V1_PSK, true },
	{ V1_BASE, V1_M_PSK, IKE_V1_PSK, false },
	{ V1_BASE, V1_M_RSA_SIG, IKE_V1_SIG, false },
	{ V1_AUTH_ONLY, V1_M_PSK, IKE_V1_PSK, false },
	{ V1_AUTH_ONLY, V1_M_RSA_SIG, IKE_V1_SIG, false },
};

struct talk *v1_way_new(const struct v1_way *w)
{
	struct talk *t = w->xauth ? v1_lab_new_xauth() : v1_lab_new();

	v1_lab.methods[0] = w->method;
	t->a.peer.v1.exchange = t->b.peer.v1.exchange = w->exchange;
	t->a.peer.v1.accept = t->b.peer.v1.accept = BIT(V1_MAIN) | BIT(w->exchange);
	t->a.peer.v1.methods = t->b.peer.v1.methods = BIT(w->how);
	return t;
}

void v1_way_pool(struct talk *t, bool push)
{
	static const struct isakmp_ts dynamic = { .type = IKE_TS_DYNAMIC, .port_end = 65535 };

	t->a.peer.vip[0] = (struct isakmp_addr){ 4, { 0 } };
	t->b.peer.pools = 1;
	t->b.inner[0] = (struct isakmp_addr){ 4, { 10, 9, 0, 2 } };
	t->a.peer.v1.push = t->b.peer.v1.push = push;
	t->a.local[0] = t->b.remote[0] = dynamic;
}
