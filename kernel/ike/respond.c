// SPDX-License-Identifier: GPL-2.0
/*
 * IKE_SA_INIT of the responder (RFC 7296, 1.2).
 *
 * Who asks is a stranger: a request that cannot be accepted leaves no state, and
 * one that can costs one key pair.  g^ir is computed when the first protected
 * message comes.
 */
#include "ike/engine.h"
#include "wire/sa.h"

static const struct isakmp_payload *get(const struct ike_in *in, u8 type)
{
	return isakmp_chain_find(&in->chain, type);
}

/* ---- what it has in common with IKE_SESSION_RESUME ------------------------- */

/**
 * ike_first_keep - a first message is accepted: what comes next needs it
 * @sa: a new responder SA
 * @in: the message
 * @f: what it says
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY; then ike_first_done().
 */
enum isakmp_reason ike_first_keep(struct ike_sa *sa, const struct ike_in *in,
				  const struct ike_first *f)
{
	struct ike_setup *s = isakmp_alloc(sizeof(*s));

	if (!s)
		return ISAKMP_R_NO_MEMORY;
	sa->setup = s;
	s->msg_i_len = in->pkt->len;
	s->msg_i = ike_copy(in->pkt->data, in->pkt->len);
	s->fake = f->encap;
	s->childless = f->childless;
	s->ni_len = f->ni.len;
	memcpy(s->ni, f->ni.value, f->ni.len);
	s->nr_len = IKE_NONCE_LEN;
	isakmp_random(s->nr, s->nr_len);
	/* RFC 7383, 2.3: said in the response when it was in the request */
	if (ike_init_says(&in->chain, IKE_N_FRAGMENTATION_SUPPORTED))
		sa->fragment = f->fragment;
	ike_nat_commit(sa, &f->nat, f->encap);
	sa->in.digest = in->pkt->digest;
	sa->in.msgid = 0;
	sa->in.exchange = in->h.exchange;
	sa->in.path = in->pkt->path;
	return s->msg_i ? ISAKMP_OK : ISAKMP_R_NO_MEMORY;
}

/**
 * ike_first_say - answer a first message; the real message 2 is kept for AUTH
 * @sa: the responder
 * @m: the response; all payloads are in it
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why the SA shall not be.
 */
enum isakmp_reason ike_first_say(struct ike_sa *sa, struct ike_msg *m)
{
	enum isakmp_reason why = ike_msg_end(sa, m);
	struct ike_setup *s = sa->setup;

	if (why)
		return why;
	s->msg_r_len = (u32)m->b.o.len;
	s->msg_r = ike_copy(m->buf, m->b.o.len);
	return s->msg_r ? ike_respond(sa, m) : ISAKMP_R_NO_MEMORY;
}

/**
 * ike_first_done - a first message was looked at
 * @sa: the responder
 * @why: OK when it is answered, or will be; else why the SA shall not be
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: @why.
 */
enum isakmp_reason ike_first_done(struct ike_sa *sa, enum isakmp_reason why, u64 now)
{
	if (why) {
		ike_setup_free(sa);
		return why;
	}
	sa->ep->next_in = 1;
	sa->msgs_in++;
	sa->last_in = now;
	sa->give_up_at = now + sa->tun->half_open_ms;
	return ISAKMP_OK;
}

/* ---- the request ----------------------------------------------------------- */

/* From the candidates, most specific first: the first that accepts an offer. */
static const struct ike_peer *choose(struct ike_sa *sa, const struct isakmp_payload *p,
				     u16 group, struct ike_suite *suite, u8 *num)
{
	const struct ike_peer *peer;
	const struct ike_suite *s;
	struct ike_suites ready;
	unsigned int i;
	u64 spi;

	for (i = 0; (peer = isakmp_candidate(sa, i)); i++) {
		if (!ike_suites_ready(sa, &peer->ike, &ready))
			continue;
		s = ike_suite_select(&ready, p, group, IKE_FORM_FULL, num, &spi);
		if (!s)
			continue;
		*suite = *s;
		return peer;
	}
	return NULL;
}

/* What a request says, before there is an SA for it. */
struct request {
	struct isakmp_ke ke;
	struct ike_first first;
	u8 num;
};

static enum isakmp_reason check_request(struct ike_sa *sa, struct ike_in *in,
					struct request *r)
{
	const struct ike_peer *peer;
	enum isakmp_reason why;
	u8 group[2];

	why = isakmp_ke_decode(get(in, IKE_PL_KE), &r->ke);
	if (!why)
		why = isakmp_nonce_decode(get(in, IKE_PL_NONCE), &r->first.ni);
	if (why)
		return why;
	peer = choose(sa, get(in, IKE_PL_SA), r->ke.group, &sa->ep->suite, &r->num);
	if (!peer) {
		ike_refuse_clear(sa, in, IKE_N_NO_PROPOSAL_CHOSEN, NULL, 0);
		return ISAKMP_R_NO_PROPOSAL;
	}
	in->arg = r->ke.group;
	if (r->ke.group != sa->ep->suite.ke) {
		/* RFC 7296, 1.2: name the group we want */
		put_unaligned_be16(sa->ep->suite.ke, group);
		ike_refuse_clear(sa, in, IKE_N_INVALID_KE_PAYLOAD, group, 2);
		return ISAKMP_R_KE_GROUP;
	}
	/* RFC 6989, 2.5: no SA for a value that cannot be right */
	if (!isakmp_kex_pub_ok(r->ke.group, r->ke.value, r->ke.len))
		return ISAKMP_R_KE_VALUE;
	why = ike_redirect_answer(sa, in, &r->first.ni, NULL);
	if (why)
		return why;
	r->first.encap = peer->encap;
	r->first.childless = ike_childless_spoken(sa);
	r->first.fragment = peer->fragment;
	return ike_nat_detect(in, &r->first.nat);
}

static enum isakmp_reason keep_request(struct ike_sa *sa, const struct ike_in *in,
				       const struct request *r)
{
	enum isakmp_reason why = ike_first_keep(sa, in, &r->first);
	struct ike_setup *s = sa->setup;

	if (why)
		return why;
	s->proposal = r->num;
	s->peer_ke_len = r->ke.len;
	memcpy(s->peer_ke, r->ke.value, r->ke.len);
	sa->hashes = ike_init_hashes(&in->chain);
	return ISAKMP_OK;
}

/* Who may come as the peer: is there one of whom a certificate is asked? */
static bool wants_certs(struct ike_sa *sa)
{
	const struct ike_peer *peer;
	unsigned int i;

	for (i = 0; (peer = isakmp_candidate(sa, i)); i++)
		if (peer->pubkey)
			return true;
	return false;
}

/* RFC 7296, 1.2: [CERTREQ], "an indication of acceptable trust anchors" */
static enum isakmp_reason add_certreq(struct ike_sa *sa, struct ike_msg *m)
{
	size_t room = 1 + IKE_CERTREQ_MAX * IKE_CERTREQ_HASH_LEN, n;
	u8 *body;

	if (!wants_certs(sa))
		return ISAKMP_OK;
	body = isakmp_alloc(room);
	if (!body)
		return ISAKMP_R_NO_MEMORY;
	n = isakmp_certreq(sa, body, room);
	if (n) {
		isakmp_build_payload(&m->b, IKE_PL_CERTREQ);
		isakmp_out_bytes(&m->b.o, body, n);
		isakmp_build_close(&m->b);
	}
	isakmp_free(body);
	return ISAKMP_OK;
}

/*
 * HDR, SAr1, KEr, Nr, N(NAT_DETECTION_SOURCE_IP), N(NAT_DETECTION_DESTINATION_IP),
 *	N(SIGNATURE_HASH_ALGORITHMS), [N(IKEV2_FRAGMENTATION_SUPPORTED)],
 *	[N(CHILDLESS_IKEV2_SUPPORTED)], [CERTREQ]
 */
static enum isakmp_reason build_answer(struct ike_sa *sa, struct ike_msg *m, const u8 *pub,
				       u16 len)
{
	const struct ike_setup *s = sa->setup;
	const struct isakmp_ke ke = { sa->ep->suite.ke, pub, len };
	const struct isakmp_nonce n = { .value = s->nr, .len = s->nr_len };
	enum isakmp_reason why;

	isakmp_build_payload(&m->b, IKE_PL_SA);
	ike_suite_encode(&m->b.o, &sa->ep->suite, s->proposal, 0, IKE_FORM_FULL);
	isakmp_build_close(&m->b);
	why = ike_init_add(sa, m, &ke, &n, &sa->in.path, s->fake, sa->fragment);
	if (s->childless)
		ike_msg_notify(m, IKE_N_CHILDLESS_SUPPORTED, NULL, 0);
	if (!why)
		why = add_certreq(sa, m);
	return why;
}

/**
 * ike_init_answer - answer IKE_SA_INIT
 * @sa: the responder
 * @pub: our public value
 * @len: its octets
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why the SA shall not be.
 */
enum isakmp_reason ike_init_answer(struct ike_sa *sa, const u8 *pub, u16 len)
{
	enum isakmp_reason why;
	struct ike_msg m;

	why = ike_response_begin(sa, &m);
	if (why)
		return why;
	why = build_answer(sa, &m, pub, len);
	if (!why)
		why = ike_first_say(sa, &m);
	ike_msg_free(&m);
	return why;
}

/* Our half of the key exchange, and with it the answer; or the question for it. */
static enum isakmp_reason answer(struct ike_sa *sa)
{
	struct ike_setup *s = sa->setup;
	enum isakmp_reason why;
	u8 *pub;
	u16 len;

	if (isakmp_kex_by_helper(sa->ep->suite.ke)) {
		isakmp_random(s->seed, sizeof(s->seed));
		why = ike_kex_ask(sa, sa->ep->suite.ke, s->seed, s->peer_ke, s->peer_ke_len);
		if (!why)
			ike_sa_set_state(sa, IKE_S_R_KEX);
		return why;
	}
	pub = isakmp_alloc(IKE_KE_MAX);
	if (!pub)
		return ISAKMP_R_NO_MEMORY;
	s->kex = isakmp_kex_new(sa->ep->suite.ke, pub, &len);
	why = s->kex ? ike_init_answer(sa, pub, len) : ike_kex_none(sa->ep->suite.ke);
	isakmp_free(pub);
	return why;
}

/**
 * ike_init_request - a new initiator
 * @sa: a new responder SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when answered, or when the helper computes; else why the SA shall
 * not be.
 */
enum isakmp_reason ike_init_request(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	enum isakmp_reason why;
	struct request r;

	why = check_request(sa, in, &r);
	if (!why)
		why = keep_request(sa, in, &r);
	if (!why)
		why = answer(sa);
	return ike_first_done(sa, why, now);
}
