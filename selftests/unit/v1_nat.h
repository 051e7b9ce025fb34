/* SPDX-License-Identifier: GPL-2.0 */
/* Two ends of version 1 with a NAT between them, or with ESP in UDP. */
#ifndef _UNIT_V1_NAT_H
#define _UNIT_V1_NAT_H

#include "v1_xauth.h"

static const struct talk_nat nat = {
	.on = true, .outer = { 4, { 198, 51, 100, 9 } }, .port = { 1024, 1025 },
};

static inline struct talk *mode(u8 exchange)
{
	struct talk *t = v1_lab_new();

	t->a.peer.v1.exchange = exchange;
	t->b.peer.v1.accept = BIT(V1_MAIN) | BIT(V1_AGGRESSIVE) | BIT(V1_BASE);
	return t;
}

static inline void check_encap(const struct talk *t, bool encap)
{
	CHECK_EQ(t->a.ike.encap, encap);
	CHECK_EQ(t->b.ike.encap, encap);
	CHECK(t->a.ike.natt && t->b.ike.natt);
	CHECK_EQ(t->a.ike.path.lport, encap ? IKE_PORT_NATT : 500);
	CHECK_EQ(t->b.ike.path.lport, encap ? IKE_PORT_NATT : 500);
	CHECK(t->a.xfrm && t->a.xfrm->encap == encap);
}

#endif
