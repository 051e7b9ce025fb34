// SPDX-License-Identifier: GPL-2.0
/*
 * How phase 1 begins: the offer and the choice.
 *
 * Who asks is a stranger: a request that cannot be accepted leaves no state.
 */
#include "v1/engine.h"

/**
 * v1_first_begun - who we are, and what we offer
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @v: verdict of V1_BEGIN
 *
 * Context: Process; the SA's worker.
 * Return: OK; HELPER_ERROR, there is no method; NO_PROPOSAL, no suite of version 1 can be
 * spoken; NO_MEMORY.
 */
enum isakmp_reason v1_first_begun(struct ike_sa *sa, struct ike_epoch *ep,
				  const struct ike_verdict *v)
{
	struct v1_setup *u = v1_of(ep)->setup;
	enum isakmp_reason why = v1_own_id(ep, v);
	unsigned int i;

	if (!why)
		why = v1_certreqs_take(u, v);
	if (why)
		return why;
	for (i = 0; i < v->n_methods && i < V1_METHODS_MAX; i++)
		if (v1_method_allowed(sa->peer, true, v->methods[i]) &&
		    v1_method_goes(v1_of(ep)->exchange, v->methods[i]))
			u->methods[u->n_methods++] = v->methods[i];
	if (!u->n_methods)
		return ISAKMP_R_HELPER_ERROR;
	return v1_suites_ready(sa, &sa->peer->ike, 0, &u->offer) ? ISAKMP_OK :
								   ISAKMP_R_NO_PROPOSAL;
}

/**
 * v1_first_offer - the SA payload of the initiator, which is kept for HASH
 * @sa: the SA
 * @m: the message; the payload is the first
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY, OVERSIZE.
 */
enum isakmp_reason v1_first_offer(struct ike_sa *sa, struct v1_msg *m)
{
	struct v1_setup *u = v1_of(m->ep)->setup;
	size_t at = IKE_HDR_LEN + IKE_PL_HDR_LEN;

	v1_proposal_offer(m, u, sa->peer->life_s);
	if (m->b.o.full)
		return ISAKMP_R_OVERSIZE;
	isakmp_free(u->sa_i);
	u->sa_i = ike_copy(m->buf + at, m->b.o.len - at);
	u->sa_i_len = (u16)(m->b.o.len - at);
	return u->sa_i ? ISAKMP_OK : ISAKMP_R_NO_MEMORY;
}

/* From the candidates, most specific first: the first that accepts an offer. */
static const struct ike_peer *choose(struct ike_sa *sa, const struct v1_in *in, size_t ke_len,
				     struct v1_chosen *x)
{
	const struct isakmp_payload *pl = v1_chain_find(&in->chain, V1_PL_SA);
	const struct ike_peer *peer;
	unsigned int i;

	x->exchange = in->h.exchange;
	x->lifetime = false;
	for (i = 0; (peer = isakmp_candidate(sa, i)); i++)
		if (peer->v1.versions != IKE_VERSIONS_2 &&
		    peer->v1.accept & BIT(in->h.exchange) &&
		    v1_proposal_select(sa, peer, pl, ke_len, x))
			return peer;
	return NULL;
}

/* HDR, N(NO-PROPOSAL-CHOSEN): in the clear, once, and nothing is kept (RFC 2408, 5.4) */
static void refuse(struct ike_sa *sa, const struct v1_in *in, u16 type)
{
	const struct v1_notify n = {
		.doi = V1_DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .type = type,
	};
	struct isakmp_header h = {
		.spi_i = in->h.spi_i, .major = V1_MAJOR, .exchange = V1_INFORMATIONAL,
	};
	struct v1_msg m = { .buf = isakmp_alloc(IKE_FRAGMENT_SIZE_MIN) };

	if (!m.buf)
		return;
	isakmp_random(&h.msgid, sizeof(h.msgid));
	isakmp_build_begin(&m.b, m.buf, IKE_FRAGMENT_SIZE_MIN, &h);
	v1_msg_notify(&m, &n);
	if (isakmp_build_end(&m.b))
		isakmp_send(sa, &in->pkt->path, m.buf, m.b.o.len);
	v1_msg_free(&m);
}

static enum isakmp_reason keep(struct v1_setup *u, const struct v1_in *in,
			       const struct v1_chosen *x)
{
	const struct isakmp_payload *pl = v1_chain_find(&in->chain, V1_PL_SA);
	struct isakmp_out o;

	u->sa_i = ike_copy(pl->body, pl->len);
	u->sa_i_len = pl->len;
	u->sa_r = isakmp_alloc(pl->len);
	if (!u->sa_i || !u->sa_r)
		return ISAKMP_R_NO_MEMORY;
	isakmp_out_init(&o, u->sa_r, pl->len);
	v1_proposal_answer(&o, x);
	u->sa_r_len = (u16)o.len;
	return o.full ? ISAKMP_R_OVERSIZE : ISAKMP_OK;
}

/**
 * v1_first_take - a new initiator: who may it be, and what is chosen?
 * @sa: a new responder SA
 * @in: its first message; it obeys the law
 * @ke_len: octets of the KE value in it; 0: it has none
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK: the set-up has both SA payloads; NO_PROPOSAL, V1_LIFETIME, MISSING, NO_MEMORY.
 */
enum isakmp_reason v1_first_take(struct ike_sa *sa, struct v1_in *in, size_t ke_len, u64 now)
{
	struct v1_phase1 *p = v1_of(in->ep);
	const struct ike_peer *peer;
	enum isakmp_reason why;
	struct v1_chosen x;

	v1_vendor_read(p, &in->chain);
	why = v1_nat_agreed(in);
	if (why)
		return why;
	peer = choose(sa, in, ke_len, &x);
	if (!peer) {
		refuse(sa, in, V1_N_NO_PROPOSAL_CHOSEN);
		return x.lifetime ? ISAKMP_R_V1_LIFETIME : ISAKMP_R_NO_PROPOSAL;
	}
	why = v1_setup_new(sa, in->ep, now);
	if (!why)
		why = keep(p->setup, in, &x);
	if (why)
		return why;
	isakmp_peer_get(peer);
	p->setup->peer = peer;
	p->exchange = in->h.exchange;
	p->method = x.method;
	p->life_s = (u32)min_t(u64, x.life.s, U32_MAX);
	in->ep->suite = x.suite;
	sa->msgs_in++;
	sa->last_in = now;
	sa->give_up_at = now + sa->tun->half_open_ms;
	return ISAKMP_OK;
}

/**
 * v1_first_chosen - the initiator: what the responder has chosen
 * @sa: the SA
 * @in: its first message; it obeys the law
 *
 * Context: Process; the SA's worker.
 * Return: OK: suite, method and cookies are known; SPI, BAD_CHOICE, MISSING.
 */
enum isakmp_reason v1_first_chosen(struct ike_sa *sa, struct v1_in *in)
{
	struct v1_phase1 *p = v1_of(in->ep);
	enum isakmp_reason why;
	struct v1_chosen x;

	if (!in->h.spi_r)
		return ISAKMP_R_SPI;
	why = v1_proposal_chosen(p->setup, sa->peer->life_s,
				 v1_chain_find(&in->chain, V1_PL_SA), &x);
	if (why)
		return why;
	p->method = x.method;
	p->life_s = (u32)min_t(u64, x.life.s, U32_MAX);
	in->ep->suite = x.suite;
	in->ep->spi_r = in->h.spi_r;
	v1_vendor_read(p, &in->chain);
	why = v1_nat_agreed(in);
	if (why)
		v1_first_unchosen(in->ep);
	return why;
}

/**
 * v1_first_unchosen - it was somebody else who has chosen: nothing of that counts
 * @ep: the ISAKMP SA of the initiator
 *
 * Context: Process; the SA's worker.
 */
void v1_first_unchosen(struct ike_epoch *ep)
{
	struct v1_phase1 *p = v1_of(ep);

	ep->spi_r = 0;
	p->key_len = 0;
	p->can = 0;
	p->natt = 0;
}
