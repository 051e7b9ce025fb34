// SPDX-License-Identifier: GPL-2.0
/*
 * Quick crash detection (RFC 6290): what kernel/net/admit.c does, and what must not be.
 * Nobody redirects here.
 */
#include "world.h"

bool isakmp_token(struct ike_sa *sa, const struct ike_epoch *ep, u8 out[ISAKMP_TOKEN_LEN])
{
	native_process(__func__);
	isakmp_gate_token(&sim_sa_of(sa)->node->token_key, ep->initiator, ep->spi_i, ep->spi_r,
			  out);
	return true;
}

/* To a request for an SA that is not there; octets, 0: none. */
size_t token_reply(const struct node *node, const struct isakmp_header *h,
		   u8 out[ISAKMP_GATE_TOKEN_MAX])
{
	return node->peer.qcd ? isakmp_gate_token_reply(h, &node->token_key, out) : 0;
}

/* Nobody believes that an SA is lost that is there. */
void token_check(const struct ike_sa *sa)
{
	const struct isakmp_header h = {
		.spi_i = sa->ep->spi_i, .spi_r = sa->ep->spi_r,
		.flags = sa->ep->initiator ? IKE_FLAG_INITIATOR : 0,
	};
	const struct node *node = sim_sa_of((struct ike_sa *)sa)->node;

	if (find_spi(&world->node[1 - node->n], &h))
		broken("%c: an SA ended by a token, and the peer has it", 'A' + node->n);
}

void isakmp_redirected(struct ike_sa *sa, const struct isakmp_addr *to)
{
	broken("%c: redirected", 'A' + sim_sa_of(sa)->node->n);
}
