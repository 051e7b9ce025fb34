// SPDX-License-Identifier: GPL-2.0
/*
 * IKE_SA_INIT (RFC 7296, 1.2).
 *
 * Nothing in this exchange is protected.  An error answer may be forged: it is
 * noted, and the initiator goes on waiting (RFC 7296, 2.21.1).  A request that
 * cannot be accepted leaves no state.
 */
#include "ike/engine.h"
#include "wire/sa.h"

static u8 *copy(const u8 *p, size_t n)
{
	u8 *to = isakmp_alloc(n);

	if (to)
		memcpy(to, p, n);
	return to;
}

/* ---- initiator ----------------------------------------------------------- */

static void add_nonce(struct ike_msg *m, const u8 *value, u16 len)
{
	struct isakmp_nonce n = { .value = value, .len = len };

	isakmp_build_payload(&m->b, IKE_PL_NONCE);
	isakmp_nonce_encode(&m->b.o, &n);
	isakmp_build_close(&m->b);
}

static void add_ke(struct ike_msg *m, u16 group, const u8 *value, u16 len)
{
	struct isakmp_ke ke = { .group = group, .value = value, .len = len };

	isakmp_build_payload(&m->b, IKE_PL_KE);
	isakmp_ke_encode(&m->b.o, &ke);
	isakmp_build_close(&m->b);
}

/* HDR, [N(COOKIE),] SAi1, KEi, Ni; the real message 1 is kept for AUTH. */
static enum isakmp_reason send_init(struct ike_sa *sa, const u8 *pub, u16 pub_len,
				    u64 now)
{
	struct ike_setup *s = sa->setup;
	enum isakmp_reason why;
	struct ike_msg m;

	why = ike_msg_begin(sa, &m, IKE_SA_INIT, IKE_REQUEST, 0, false);
	if (why)
		return why;
	/* RFC 7296, 2.6: the cookie is the first payload */
	if (s->cookie_len)
		ike_msg_notify(&m, IKE_N_COOKIE, s->cookie, s->cookie_len);
	isakmp_build_payload(&m.b, IKE_PL_SA);
	ike_suites_encode(&m.b.o, &sa->peer->ike, 0, true);
	isakmp_build_close(&m.b);
	add_ke(&m, sa->peer->ike.s[0].ke, pub, pub_len);
	add_nonce(&m, s->ni, s->ni_len);
	sa->next_out = 0;
	why = ike_request_send(sa, &m, IKE_SA_INIT, 0, now);
	if (why)
		return why;
	isakmp_free(s->msg_i);
	s->msg_i_len = sa->out.len;
	s->msg_i = copy(sa->out.bytes, sa->out.len);
	return s->msg_i ? ISAKMP_OK : ISAKMP_R_NO_MEMORY;
}

/**
 * ike_init_start - begin as initiator
 * @sa: a new SA with peer and wanted child
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why there will be no SA.
 */
enum isakmp_reason ike_init_start(struct ike_sa *sa, u64 now)
{
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;
	struct ike_setup *s;

	if (!sa->want)
		return ISAKMP_R_NO_CHILD;
	s = isakmp_alloc(sizeof(*s));
	if (!s)
		return why;
	sa->setup = s;
	/* The buffer of the peer's value holds ours until that one comes */
	s->kex = isakmp_kex_new(sa->peer->ike.s[0].ke, s->peer_ke, &s->peer_ke_len);
	if (!s->kex)
		return ISAKMP_R_CRYPTO;
	s->ni_len = IKE_NONCE_LEN;
	isakmp_random(s->ni, s->ni_len);
	sa->give_up_at = now + IKE_ESTABLISH_MS;
	why = ike_child_want(sa, sa->peer, sa->want, 0, now);
	if (!why)
		why = send_init(sa, s->peer_ke, s->peer_ke_len, now);
	if (!why)
		ike_sa_set_state(sa, IKE_S_I_INIT);
	return why;
}

/* The responder asks for proof of our address: the same again, with its cookie. */
static enum isakmp_reason retry_with_cookie(struct ike_sa *sa,
					    const struct isakmp_notify *n, u64 now)
{
	struct ike_setup *s = sa->setup;
	enum isakmp_reason why;

	if (s->cookie_tries >= IKE_COOKIE_TRIES)
		return ISAKMP_R_COOKIE_LIMIT;
	s->cookie_tries++;
	s->cookie_len = (u8)n->len;
	memcpy(s->cookie, n->data, n->len);
	ike_request_done(sa);
	why = send_init(sa, s->peer_ke, s->peer_ke_len, now);
	/* No request is out, or AUTH could not cover it: nothing to wait for */
	if (why)
		ike_sa_die(sa, why, 0, now);
	return why;
}

/**
 * ike_init_notify - a response without SA: a cookie, or an error
 * @sa: the SA
 * @in: the message
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, or FORGEABLE, COOKIE_LIMIT, NO_MEMORY.
 */
enum isakmp_reason ike_init_notify(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;

	while ((p = isakmp_chain_next(&in->chain, IKE_PL_NOTIFY, p))) {
		if (isakmp_notify_decode(p, &n))
			continue;
		in->arg = n.type;
		if (n.type == IKE_N_COOKIE)
			return retry_with_cookie(sa, &n, now);
		if (n.type < IKE_N_STATUS) {
			sa->setup->forgeable = n.type;
			return ISAKMP_R_FORGEABLE;
		}
	}
	return ISAKMP_R_FORGEABLE;
}

static const struct isakmp_payload *get(const struct ike_in *in, u8 type)
{
	return isakmp_chain_find(&in->chain, type);
}

/* Everything a response must be before it may change the SA. */
static enum isakmp_reason check_response(struct ike_sa *sa, struct ike_in *in,
					 const struct ike_suite **suite,
					 struct isakmp_ke *ke, struct isakmp_nonce *nr)
{
	u32 spi;

	if (!in->h.spi_r)
		return ISAKMP_R_SPI;
	*suite = ike_suite_chosen(&sa->peer->ike, get(in, IKE_PL_SA), true, &spi);
	if (!*suite)
		return ISAKMP_R_BAD_CHOICE;
	if (isakmp_ke_decode(get(in, IKE_PL_KE), ke))
		return ISAKMP_R_BAD_KE;
	in->arg = ke->group;
	if (ke->group != (*suite)->ke || ke->group != sa->peer->ike.s[0].ke)
		return ISAKMP_R_KE_GROUP;
	if (ke->len != isakmp_kex_pub_len(ke->group))
		return ISAKMP_R_KE_VALUE;
	return isakmp_nonce_decode(get(in, IKE_PL_NONCE), nr);
}

/* Compute aside: without keys at the end the SA is as it was. */
static enum isakmp_reason take_response(struct ike_sa *sa, const struct ike_in *in,
					const struct ike_suite *suite,
					const struct isakmp_ke *ke,
					const struct isakmp_nonce *nr)
{
	u8 *shared = isakmp_alloc(IKE_KE_MAX);
	struct ike_setup *s = sa->setup;
	enum isakmp_reason why;
	u16 len;

	if (!shared)
		return ISAKMP_R_NO_MEMORY;
	s->msg_r = copy(in->pkt->data, in->pkt->len);
	s->msg_r_len = in->pkt->len;
	s->nr_len = nr->len;
	memcpy(s->nr, nr->value, nr->len);
	sa->suite = *suite;
	sa->spi_r = in->h.spi_r;
	why = ISAKMP_R_NO_MEMORY;
	if (s->msg_r)
		why = ike_kex_reason(isakmp_kex_derive(s->kex, ke->value, ke->len,
						       shared, &len));
	if (!why)
		why = ike_keys_derive(sa, shared, len);
	isakmp_free(shared);
	if (why) {
		isakmp_free(s->msg_r);
		s->msg_r = NULL;
		sa->spi_r = 0;
	}
	return why;
}

/**
 * ike_init_response - the responder's answer
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * A response that cannot be right is dropped and the wait goes on: the right one
 * may still come.
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked for our AUTH; else why not.
 */
enum isakmp_reason ike_init_response(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	const struct ike_suite *suite;
	enum isakmp_reason why;
	struct isakmp_nonce nr;
	struct isakmp_ke ke;

	why = check_response(sa, in, &suite, &ke, &nr);
	if (!why)
		why = take_response(sa, in, suite, &ke, &nr);
	if (why)
		return why;
	isakmp_kex_free(sa->setup->kex);
	sa->setup->kex = NULL;
	ike_request_done(sa);
	sa->msgs_in++;
	sa->last_in = now;
	why = ike_auth_ask(sa);
	if (why)
		ike_sa_die(sa, why, 0, now);
	return why;
}

/* ---- responder ----------------------------------------------------------- */

/* From the candidates, most specific first: the first that accepts an offer. */
static const struct ike_suite *choose(struct ike_sa *sa, const struct isakmp_payload *p,
				      u16 group, u8 *num)
{
	const struct ike_suite *s = NULL;
	const struct ike_peer *peer;
	unsigned int i;
	u32 spi;

	for (i = 0; !s && (peer = isakmp_candidate(sa, i)); i++)
		s = ike_suite_select(&peer->ike, p, group, true, num, &spi);
	return s;
}

static enum isakmp_reason check_request(struct ike_sa *sa, struct ike_in *in,
					struct isakmp_ke *ke, struct isakmp_nonce *ni,
					u8 *num)
{
	const struct ike_suite *suite;
	enum isakmp_reason why;
	u8 group[2];

	why = isakmp_ke_decode(get(in, IKE_PL_KE), ke);
	if (!why)
		why = isakmp_nonce_decode(get(in, IKE_PL_NONCE), ni);
	if (why)
		return why;
	suite = choose(sa, get(in, IKE_PL_SA), ke->group, num);
	if (!suite) {
		ike_refuse_clear(sa, in, IKE_N_NO_PROPOSAL_CHOSEN, NULL, 0);
		return ISAKMP_R_NO_PROPOSAL;
	}
	in->arg = ke->group;
	if (ke->group != suite->ke) {
		/* RFC 7296, 1.2: name the group we want */
		put_unaligned_be16(suite->ke, group);
		ike_refuse_clear(sa, in, IKE_N_INVALID_KE_PAYLOAD, group, 2);
		return ISAKMP_R_KE_GROUP;
	}
	/* RFC 6989, 2.5: no SA for a value that cannot be right */
	if (ke->len != isakmp_kex_pub_len(ke->group))
		return ISAKMP_R_KE_VALUE;
	sa->suite = *suite;
	return ISAKMP_OK;
}

static enum isakmp_reason keep_request(struct ike_sa *sa, const struct ike_in *in,
				       const struct isakmp_ke *ke,
				       const struct isakmp_nonce *ni)
{
	struct ike_setup *s = isakmp_alloc(sizeof(*s));

	if (!s)
		return ISAKMP_R_NO_MEMORY;
	sa->setup = s;
	s->msg_i_len = in->pkt->len;
	s->msg_i = copy(in->pkt->data, in->pkt->len);
	s->ni_len = ni->len;
	memcpy(s->ni, ni->value, ni->len);
	s->peer_ke_len = ke->len;
	memcpy(s->peer_ke, ke->value, ke->len);
	s->nr_len = IKE_NONCE_LEN;
	isakmp_random(s->nr, s->nr_len);
	return s->msg_i ? ISAKMP_OK : ISAKMP_R_NO_MEMORY;
}

/* HDR, SAr1, KEr, Nr; the real message 2 is kept for AUTH. */
static enum isakmp_reason answer_init(struct ike_sa *sa, const struct ike_in *in, u8 num)
{
	struct ike_setup *s = sa->setup;
	enum isakmp_reason why;
	struct ike_msg m;
	u8 *pub;
	u16 len;

	pub = isakmp_alloc(IKE_KE_MAX);
	if (!pub)
		return ISAKMP_R_NO_MEMORY;
	why = ISAKMP_R_CRYPTO;
	s->kex = isakmp_kex_new(sa->suite.ke, pub, &len);
	if (s->kex)
		why = ike_msg_begin(sa, &m, IKE_SA_INIT, IKE_RESPONSE, 0, false);
	if (why)
		goto out;
	isakmp_build_payload(&m.b, IKE_PL_SA);
	ike_suite_encode(&m.b.o, &sa->suite, num, 0);
	isakmp_build_close(&m.b);
	add_ke(&m, sa->suite.ke, pub, len);
	add_nonce(&m, s->nr, s->nr_len);
	why = ike_msg_end(sa, &m);
	s->msg_r_len = (u32)m.b.o.len;
	s->msg_r = why ? NULL : copy(m.buf, m.b.o.len);
	sa->in.digest = in->pkt->digest;
	sa->in.msgid = 0;
	sa->in.exchange = IKE_SA_INIT;
	sa->in.path = in->pkt->path;
	if (s->msg_r)
		why = ike_respond(sa, &m);
	else if (!why)
		why = ISAKMP_R_NO_MEMORY;
	ike_msg_free(&m);
out:
	isakmp_free(pub);
	return why;
}

/**
 * ike_init_request - a new initiator
 * @sa: a new responder SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * g^ir is not computed here but when the first protected message comes: a
 * stranger costs one key pair, not two operations.
 *
 * Context: Process; the SA's worker.
 * Return: OK when answered; else why the SA shall not be.
 */
enum isakmp_reason ike_init_request(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	enum isakmp_reason why;
	struct isakmp_nonce ni;
	struct isakmp_ke ke;
	u8 num;

	why = check_request(sa, in, &ke, &ni, &num);
	if (!why)
		why = keep_request(sa, in, &ke, &ni);
	if (!why)
		why = answer_init(sa, in, num);
	if (why) {
		ike_setup_free(sa);
		return why;
	}
	sa->next_in = 1;
	sa->msgs_in++;
	sa->last_in = now;
	sa->give_up_at = now + sa->tun->half_open_ms;
	return ISAKMP_OK;
}
