// SPDX-License-Identifier: GPL-2.0
/*
 * Where an SA goes on: tokens of quick crash detection (RFC 6290), and what net/ says of one
 * that is lost; redirects (RFC 5685).
 */
#include "talk.h"

static struct isakmp_token_key key_of(const struct end *e)
{
	struct isakmp_token_key key;

	memset(&key, e->tokens, sizeof(key));
	return key;
}

bool isakmp_token(struct ike_sa *sa, const struct ike_epoch *ep, u8 out[ISAKMP_TOKEN_LEN])
{
	const struct isakmp_token_key key = key_of(talk_end(sa));

	native_process(__func__);
	if (talk_end(sa)->tokens)
		isakmp_gate_token(&key, ep->initiator, ep->spi_i, ep->spi_r, out);
	return talk_end(sa)->tokens;
}

struct packet talk_lost(const struct end *e, const struct packet *p)
{
	const struct isakmp_token_key key = key_of(e);
	u8 out[ISAKMP_GATE_TOKEN_MAX];
	struct packet answer = { .path = e->path };
	struct isakmp_header h;

	if (isakmp_gate_header(p->p, p->n, &h))
		talk_broken("%c: a test's message has a bad header", e->name);
	answer.n = isakmp_gate_token_reply(&h, &key, out);
	answer.p = malloc(sizeof(out));
	if (!answer.p)
		abort();
	memcpy(answer.p, out, answer.n);
	return answer;
}

void isakmp_redirected(struct ike_sa *sa, const struct isakmp_addr *to)
{
	native_process(__func__);
	talk_end(sa)->redirected = *to;
}
