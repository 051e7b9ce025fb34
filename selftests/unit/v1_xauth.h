/* SPDX-License-Identifier: GPL-2.0 */
/* XAUTH and mode config between two ends of version 1: who asks whom, who is believed to be there. */
#ifndef _UNIT_V1_XAUTH_H
#define _UNIT_V1_XAUTH_H

#include "v1_lab.h"

static inline void is_user(const struct end *e, const char *who)
{
	const char *user = v1_sa_user(&e->ike);

	CHECK(user && !strcmp(user, who));
}

/* The connection stands on this user, not on what phase 1 has shown. */
static inline void check_stands(const struct end *e, const char *who)
{
	const struct ike_span body = { e->ike.id_remote, e->ike.id_remote_len };
	const struct ike_span want = v1_lab_user(who, &body);
	const struct ike_basis *b = e->ike.basis;

	is_user(e, who);
	CHECK(b && b->unique_len == want.len && !memcmp(b->unique, want.p, want.len));
	CHECK(b && !strcmp(b->remote_cred, "users"));
	CHECK(b && b->handle_len == strlen(who) && !memcmp(b->handle, who, b->handle_len));
}

/* It is the initiator that asks. */
static inline struct talk *initiator_asks(void)
{
	struct talk *t = v1_lab_new_xauth();

	v1_lab.methods[0] = V1_M_XAUTH_R_PSK;
	t->a.peer.v1.xauth = IKE_V1_XAUTH_PEER;
	t->b.peer.v1.xauth = IKE_V1_XAUTH_US;
	return t;
}

static const struct isakmp_addr any4 = { 4, { 0 } }, any6 = { 6, { 0 } };
static const struct isakmp_addr inner4 = { 4, { 10, 9, 0, 2 } };
static const struct isakmp_addr dns4 = { 4, { 10, 9, 0, 1 } };
static const struct isakmp_ts dynamic = { .type = IKE_TS_DYNAMIC, .port_end = 65535 };
static const char domains[] = "example.org\0example.net";

/* A wants an address of B, which has one: A asks for it (pull), or B sends it (push). */
static inline struct talk *with_pool(struct talk *t, bool push)
{
	t->a.peer.vip[0] = any4;
	t->b.peer.pools = 1;
	t->b.inner[0] = inner4;
	t->b.config.dns[t->b.config.n_dns++] = dns4;
	t->b.config.subnet[t->b.config.n_subnets++] = (struct ike_net){ { 4, { 10, 2 } }, 16 };
	memcpy(t->b.config.domains, domains, sizeof(domains));
	t->b.config.domains_len = sizeof(domains);
	t->a.peer.v1.push = t->b.peer.v1.push = push;
	t->a.local[0] = t->b.remote[0] = dynamic;
	return t;
}

static inline struct talk *client(bool xauth, bool push)
{
	return with_pool(xauth ? v1_lab_new_xauth() : v1_lab_new(), push);
}

#endif
