// SPDX-License-Identifier: GPL-2.0
/*
 * Quick crash detection (RFC 6290): has the peer lost the IKE SA?
 *
 *	HDR, SK {.., N(QCD_TOKEN), ..}			in IKE_AUTH, after a rekey
 *	HDR, N(INVALID_IKE_SPI), N(QCD_TOKEN)+		it has
 *
 * A token is made of the SPIs and a secret that outlives us: who has lost everything else
 * can make it again.  It goes in the clear when there is nothing left that it could end
 * (net/admit.c).
 */
#include "ike/engine.h"

static bool make(struct ike_sa *sa, const struct ike_epoch *ep, u8 token[ISAKMP_TOKEN_LEN])
{
	return sa->peer->qcd && isakmp_token(sa, ep, token);
}

/**
 * ike_qcd_say - add our token, if we give one
 * @sa: the SA; its peer is known
 * @ep: of which epoch
 * @m: a protected message
 *
 * Context: Process; the SA's worker.
 */
void ike_qcd_say(struct ike_sa *sa, const struct ike_epoch *ep, struct ike_msg *m)
{
	u8 token[ISAKMP_TOKEN_LEN];
	/* RFC 6290, 4.1: Protocol ID MUST be 1, SPI Size MUST be zero */
	struct isakmp_notify n = {
		.protocol = IKE_PROTO_IKE, .type = IKE_N_QCD_TOKEN,
		.data = token, .len = sizeof(token),
	};

	if (!make(sa, ep, token))
		return;
	isakmp_build_payload(&m->b, IKE_PL_NOTIFY);
	isakmp_notify_encode(&m->b.o, &n);
	isakmp_build_close(&m->b);
	memzero_explicit(token, sizeof(token));
}

/**
 * ike_qcd_renew - the peer has no token of ours, or one that is good no more
 * @sa: the SA, established
 *
 * RFC 6290, 4.3 and 4.4: in an exchange of its own.
 *
 * Context: Process; the SA's worker.
 */
void ike_qcd_renew(struct ike_sa *sa)
{
	u8 token[ISAKMP_TOKEN_LEN];

	if (!make(sa, sa->ep, token))
		return;
	memzero_explicit(token, sizeof(token));
	sa->tasks |= IKE_TASK_TOKEN;
}

/**
 * ike_qcd_changed - our tokens are made of another secret now
 * @sa: the SA
 * @now: ms
 *
 * So are those of all the others: each has its own time.
 *
 * Context: Process; the SA's worker.
 */
void ike_qcd_changed(struct ike_sa *sa, u64 now)
{
	if (sa->state == IKE_S_ESTABLISHED)
		sa->token_at = min(sa->token_at, now + ike_spread(IKE_SPREAD_MS));
}

/**
 * ike_qcd_timer - the time has come to give the peer another token
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void ike_qcd_timer(struct ike_sa *sa, u64 now)
{
	if (now < sa->token_at)
		return;
	sa->token_at = IKE_NEVER;
	ike_qcd_renew(sa);
}

static const struct isakmp_payload *next_token(const struct isakmp_chain *c,
					       const struct isakmp_payload *p,
					       struct isakmp_notify *n)
{
	while ((p = isakmp_chain_next(c, IKE_PL_NOTIFY, p)))
		if (!isakmp_notify_decode(p, n) && n->type == IKE_N_QCD_TOKEN)
			return p;
	return NULL;
}

/**
 * ike_qcd_heard - keep the token that a peer gives
 * @sa: the SA; its peer is known
 * @ep: of which epoch
 * @c: payloads of an authentic message
 *
 * The last one counts (RFC 6290, 4.4).  Without memory there is none: its loss is found
 * out more slowly.
 *
 * Context: Process; the SA's worker.
 */
void ike_qcd_heard(struct ike_sa *sa, struct ike_epoch *ep, const struct isakmp_chain *c)
{
	struct ike_token *token;
	struct isakmp_notify n;

	if (!sa->peer->qcd || !next_token(c, NULL, &n))
		return;
	token = isakmp_alloc(sizeof(*token) + n.len);
	if (token) {
		token->len = (u8)n.len;
		memcpy(token->data, n.data, n.len);
	}
	isakmp_free(ep->token);
	ep->token = token;
}

/**
 * ike_qcd_check - does an unprotected message prove that the peer has lost the IKE SA?
 * @sa: the SA
 * @in: the message, which anybody may have sent
 * @now: ms
 *
 * RFC 6290, 4.5: "at least four" tokens of one message are looked at; it may come from
 * anywhere.  An epoch that is not in use is no IKE SA to the peer either.
 *
 * Context: Process; the SA's worker.
 * Return: OK: it has no token, or there is none to compare it with; CRASHED: the SA is
 * over; TOKEN_BAD, TOKEN_LIMIT.
 */
enum isakmp_reason ike_qcd_check(struct ike_sa *sa, const struct ike_in *in, u64 now)
{
	const struct ike_token *token = in->ep->token;
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;
	unsigned int left = IKE_TOKENS_MAX;
	bool same = false;

	if (!token || in->ep != sa->ep || !next_token(&in->chain, NULL, &n))
		return ISAKMP_OK;
	/* RFC 6290, 8.1 */
	if (!isakmp_bucket_spend(&sa->tokens, now, IKE_TOKENS_PER_SECOND, IKE_TOKENS_BURST))
		return ISAKMP_R_TOKEN_LIMIT;
	while (left-- && (p = next_token(&in->chain, p, &n)))
		same |= n.len == token->len && !isakmp_differ(n.data, token->data, n.len);
	if (!same)
		return ISAKMP_R_TOKEN_BAD;
	ike_sa_die(sa, ISAKMP_R_CRASHED, 0, now);
	return ISAKMP_R_CRASHED;
}
