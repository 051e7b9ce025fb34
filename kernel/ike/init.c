// SPDX-License-Identifier: GPL-2.0
/*
 * IKE_SA_INIT of the initiator (RFC 7296, 1.2), and what both sides say in it.
 *
 * Nothing in this exchange is protected.  An error answer may be forged: it is
 * noted, and the initiator goes on waiting (RFC 7296, 2.21.1).  Those that ask
 * for another first message are followed a few times (retry.c).
 */
#include "ike/engine.h"
#include "wire/sa.h"

/* ---- what both sides say ------------------------------------------------- */

/* RFC 7427, 4: a list of 16-bit numbers; RFC 8420 for the last one. */
static void add_hashes(struct ike_msg *m)
{
	static const u8 hashes[] = {
		0, IKE_HASH_SHA2_256, 0, IKE_HASH_SHA2_384, 0, IKE_HASH_SHA2_512,
		0, IKE_HASH_IDENTITY,
	};

	ike_msg_notify(m, IKE_N_SIGNATURE_HASH_ALGORITHMS, hashes, sizeof(hashes));
}

/**
 * ike_init_add - KE, N, N(NAT_DETECTION_*), N(SIGNATURE_HASH_ALGORITHMS),
 *	[N(IKEV2_FRAGMENTATION_SUPPORTED)]
 * @sa: the SA
 * @m: an IKE_SA_INIT message
 * @ke: our public value
 * @n: our nonce
 * @path: the way it goes
 * @fake: as ike_nat_add()
 * @fragments: fragmentation is spoken (RFC 7383, 2.3)
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY or CRYPTO.
 */
enum isakmp_reason ike_init_add(struct ike_sa *sa, struct ike_msg *m,
				const struct isakmp_ke *ke, const struct isakmp_nonce *n,
				const struct isakmp_path *path, bool fake, bool fragments)
{
	enum isakmp_reason why;

	ike_msg_ke(m, ke);
	ike_msg_nonce(m, n);
	why = ike_nat_add(sa, m, path, fake);
	add_hashes(m);
	if (fragments)
		ike_msg_notify(m, IKE_N_FRAGMENTATION_SUPPORTED, NULL, 0);
	return why;
}

/**
 * ike_init_hashes - the signature hashes that a peer announces
 * @c: payloads of its IKE_SA_INIT message
 *
 * SHA-1 is not among those taken: a signature over it proves little.
 *
 * Context: Any.
 * Return: IKE_HASH_BIT()s.
 */
u32 ike_init_hashes(const struct isakmp_chain *c)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;
	unsigned int i;
	u32 hashes = 0;
	u16 id;

	while ((p = isakmp_chain_next(c, IKE_PL_NOTIFY, p))) {
		if (isakmp_notify_decode(p, &n) ||
		    n.type != IKE_N_SIGNATURE_HASH_ALGORITHMS)
			continue;
		for (i = 0; i + 2 <= n.len; i += 2) {
			id = get_unaligned_be16(n.data + i);
			if (id >= IKE_HASH_SHA2_256 && id <= IKE_HASH_IDENTITY)
				hashes |= IKE_HASH_BIT(id);
		}
	}
	return hashes;
}

/**
 * ike_init_says - has a peer's IKE_SA_INIT message a notification?
 * @c: its payloads
 * @type: notify message type
 *
 * Context: Any.
 * Return: true if it has.
 */
bool ike_init_says(const struct isakmp_chain *c, u16 type)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;

	while ((p = isakmp_chain_next(c, IKE_PL_NOTIFY, p)))
		if (!isakmp_notify_decode(p, &n) && n.type == type)
			return true;
	return false;
}

/**
 * ike_copy - a copy of some octets
 * @p: the octets
 * @n: how many
 *
 * Context: Process.
 * Return: for isakmp_free(), or NULL.
 */
u8 *ike_copy(const u8 *p, size_t n)
{
	u8 *to = isakmp_alloc(n);

	if (to)
		memcpy(to, p, n);
	return to;
}

/* ---- the request --------------------------------------------------------- */

/*
 * HDR, [N(COOKIE),] SAi1, KEi, Ni, N(NAT_DETECTION_SOURCE_IP),
 *	N(NAT_DETECTION_DESTINATION_IP), N(SIGNATURE_HASH_ALGORITHMS),
 *	[N(IKEV2_FRAGMENTATION_SUPPORTED)],
 *	[N(REDIRECT_SUPPORTED) or N(REDIRECTED_FROM)]
 */
static enum isakmp_reason build_request(struct ike_sa *sa, struct ike_msg *m,
					const struct ike_try *t)
{
	const struct ike_setup *s = sa->setup;
	const struct isakmp_ke ke = { t->group, t->pub, t->pub_len };
	const struct isakmp_nonce n = { .value = s->ni, .len = s->ni_len };
	enum isakmp_reason why;

	why = ike_request_begin(sa, sa->ep, m, s->resuming ? IKE_SESSION_RESUME : IKE_SA_INIT);
	if (why)
		return why;
	/* RFC 7296, 2.6: the cookie is the first payload */
	if (s->cookie_len)
		ike_msg_notify(m, IKE_N_COOKIE, s->cookie, s->cookie_len);
	if (s->resuming) {
		why = ike_resume_build(sa, m);
	} else {
		isakmp_build_payload(&m->b, IKE_PL_SA);
		ike_suites_encode(&m->b.o, &s->offer, 0, IKE_FORM_FULL);
		isakmp_build_close(&m->b);
		why = ike_init_add(sa, m, &ke, &n, &sa->path, sa->peer->encap,
				   sa->peer->fragment);
	}
	ike_redirect_ready(sa, m);
	if (why)
		ike_msg_free(m);
	return why;
}

/* In place of what was out; when it fails, that is still out. */
static enum isakmp_reason send_instead(struct ike_sa *sa, struct ike_msg *m, u64 now)
{
	struct ike_request *before = sa->ep->out;
	enum isakmp_reason why;

	sa->ep->out = NULL;
	why = ike_request_send(sa, m, NULL, now);
	if (why)
		sa->ep->out = before;
	else
		ike_request_free(sa, before);
	return why;
}

/**
 * ike_init_send - send the first message
 * @sa: the initiator
 * @t: with which key exchange; keeps a copy, which AUTH may have to cover
 * @now: ms
 *
 * When it fails, what was out before is still out.
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY, CRYPTO or OVERSIZE.
 */
enum isakmp_reason ike_init_send(struct ike_sa *sa, struct ike_try *t, u64 now)
{
	enum isakmp_reason why;
	struct ike_msg m;
	u8 *kept;

	sa->ep->next_out = 0;	/* RFC 7296, 2.2: that of every first message */
	why = build_request(sa, &m, t);
	if (why)
		return why;
	kept = isakmp_alloc(m.b.o.len);
	if (!kept || m.b.o.full) {
		why = kept ? ISAKMP_R_OVERSIZE : ISAKMP_R_NO_MEMORY;
		isakmp_free(kept);
		ike_msg_free(&m);
		return why;
	}
	why = send_instead(sa, &m, now);
	if (why) {
		isakmp_free(kept);
		return why;
	}
	memcpy(kept, sa->ep->out->bytes, sa->ep->out->len);
	ike_try_keep(t, kept, sa->ep->out->len);
	return ISAKMP_OK;
}

/* Why nothing can be offered: no code for it, or nobody there who has it. */
static enum isakmp_reason nothing_to_offer(const struct ike_suites *s)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		if (isakmp_kex_by_helper(s->s[i].ke))
			return ISAKMP_R_HELPER_LOST;
	return ISAKMP_R_CRYPTO;
}

/**
 * ike_init_full - begin with IKE_SA_INIT
 * @sa: the initiator; its nonce is drawn, no first message is out
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why there will be no SA.
 */
enum isakmp_reason ike_init_full(struct ike_sa *sa, u64 now)
{
	struct ike_setup *s = sa->setup;
	enum isakmp_reason why;

	if (!ike_suites_ready(sa, &sa->peer->ike, &s->offer))
		return nothing_to_offer(&sa->peer->ike);
	why = ike_try_group(sa, s->offer.s[0].ke, now);
	if (!why)
		ike_sa_set_state(sa, s->asked ? IKE_S_I_KEX : IKE_S_I_INIT);
	return why;
}

/*
 * One that takes the place of another authenticates anew; so does one whose ticket is of a
 * suite that policy has no more.
 */
static struct ike_ticket *ticket_for(struct ike_sa *sa)
{
	struct ike_ticket *t;

	t = sa->peer->resume && !sa->replaces ? isakmp_ticket_take(sa) : NULL;
	if (!t || ike_suites_allow(&sa->peer->ike, &t->suite))
		return t;
	ike_ticket_free(t);
	return NULL;
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
	enum isakmp_reason why;
	struct ike_setup *s;

	if (!sa->want)
		return ISAKMP_R_NO_CHILD;
	s = isakmp_alloc(sizeof(*s));
	if (!s)
		return ISAKMP_R_NO_MEMORY;
	sa->setup = s;
	s->ni_len = IKE_NONCE_LEN;
	isakmp_random(s->ni, s->ni_len);
	sa->give_up_at = now + IKE_ESTABLISH_MS;
	why = ike_child_want(sa, sa->peer, sa->want, sa->flow, 0, now);
	isakmp_free(sa->flow);
	sa->flow = NULL;
	if (why)
		return why;
	s->ticket = ticket_for(sa);
	return s->ticket ? ike_resume_start(sa, now) : ike_init_full(sa, now);
}

/* ---- the response -------------------------------------------------------- */

/* What a response says, before any of it counts. */
struct response {
	const struct ike_suite *suite;
	struct ike_try *answers;	/* which of our requests */
	struct isakmp_ke ke;
	struct isakmp_nonce nr;
	struct ike_nat nat;
};

static const struct isakmp_payload *get(const struct ike_in *in, u8 type)
{
	return isakmp_chain_find(&in->chain, type);
}

/* Everything a response must be before it may change the SA. */
static enum isakmp_reason check_response(struct ike_sa *sa, struct ike_in *in,
					 struct response *r)
{
	enum isakmp_reason why;
	u64 spi;

	if (!in->h.spi_r)
		return ISAKMP_R_SPI;
	r->suite = ike_suite_chosen(&sa->setup->offer, get(in, IKE_PL_SA), IKE_FORM_FULL,
				    &spi);
	if (!r->suite)
		return ISAKMP_R_BAD_CHOICE;
	if (isakmp_ke_decode(get(in, IKE_PL_KE), &r->ke))
		return ISAKMP_R_BAD_KE;
	in->arg = r->ke.group;
	r->answers = ike_try_find(sa, r->ke.group);
	if (r->ke.group != r->suite->ke || !r->answers)
		return ISAKMP_R_KE_GROUP;
	/* RFC 6989, 2.5: ignored; "a later message containing a legitimate KE payload" */
	if (!isakmp_kex_pub_ok(r->ke.group, r->ke.value, r->ke.len))
		return ISAKMP_R_KE_VALUE;
	why = isakmp_nonce_decode(get(in, IKE_PL_NONCE), &r->nr);
	if (!why)
		why = ike_childless_heard(sa, &in->chain);
	return why ? why : ike_nat_detect(in, &r->nat);
}

/* Keys, or the question whose answer they are made from. */
static enum isakmp_reason make_keys(struct ike_sa *sa, const struct response *r)
{
	u8 *shared;
	enum isakmp_reason why;
	u16 len;

	if (!r->answers->kex) {
		ike_try_unask(sa);
		return ike_kex_ask(sa, r->ke.group, r->answers->seed, r->ke.value,
				   r->ke.len);
	}
	shared = isakmp_alloc(IKE_KE_MAX);
	if (!shared)
		return ISAKMP_R_NO_MEMORY;
	why = ike_kex_reason(isakmp_kex_derive(r->answers->kex, r->ke.value, r->ke.len,
					       shared, &len));
	if (!why)
		why = ike_keys_derive(sa, shared, len);
	isakmp_free(shared);
	return why;
}

/* Hashes of all payloads, as far as they are kept; @to may be NULL.  Return: octets. */
static size_t certreq_hashes(const struct isakmp_chain *c, u8 *to)
{
	const size_t room = IKE_CERTREQ_KEPT * IKE_CERTREQ_HASH_LEN;
	const struct isakmp_payload *p = NULL;
	size_t n = 0, some;

	while ((p = isakmp_chain_next(c, IKE_PL_CERTREQ, p))) {
		if (p->body[0] != IKE_CERT_X509_SIGNATURE)
			continue;
		some = min_t(size_t, p->len - 1, room - n);
		if (to)
			memcpy(to + n, p->body + 1, some);
		n += some;
	}
	return n;
}

/* The authorities that the responder trusts, as one payload, for the helper's choice. */
static void keep_certreq(struct ike_setup *s, const struct isakmp_chain *c)
{
	size_t n = certreq_hashes(c, NULL);

	s->certreq = n ? isakmp_alloc(1 + n) : NULL;
	if (!s->certreq)
		return;
	s->certreq[0] = IKE_CERT_X509_SIGNATURE;
	certreq_hashes(c, s->certreq + 1);
	s->certreq_len = (u16)(1 + n);
}

/* Compute aside: without keys, or hope for them, the SA is as it was. */
static enum isakmp_reason take_response(struct ike_sa *sa, const struct ike_in *in,
					const struct response *r)
{
	struct ike_setup *s = sa->setup;
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;

	s->msg_r = ike_copy(in->pkt->data, in->pkt->len);
	s->msg_r_len = in->pkt->len;
	s->nr_len = r->nr.len;
	memcpy(s->nr, r->nr.value, r->nr.len);
	sa->ep->suite = *r->suite;
	sa->ep->spi_r = in->h.spi_r;
	if (s->msg_r)
		why = make_keys(sa, r);
	if (why) {
		isakmp_free(s->msg_r);
		s->msg_r = NULL;
		sa->ep->spi_r = 0;
		return why;
	}
	keep_certreq(s, &in->chain);
	sa->hashes = ike_init_hashes(&in->chain);
	/* RFC 7383, 2.4: only when both peers have said so */
	if (ike_init_says(&in->chain, IKE_N_FRAGMENTATION_SUPPORTED))
		sa->fragment = sa->peer->fragment;
	ike_nat_commit(sa, &r->nat, sa->peer->encap);
	ike_path_float(sa);
	return ISAKMP_OK;
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
 * Return: OK when the helper was asked for our AUTH, or for g^ir; else why not.
 */
enum isakmp_reason ike_init_response(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	enum isakmp_reason why;
	struct response r;
	bool secret;

	why = check_response(sa, in, &r);
	secret = !why && !r.answers->kex;
	if (!why)
		why = take_response(sa, in, &r);
	if (why)
		return why;
	ike_try_settle(sa, r.answers);
	ike_request_drop_all(sa, sa->ep);
	sa->ep->next_out = 1;
	sa->msgs_in++;
	sa->last_in = now;
	if (secret) {
		ike_sa_set_state(sa, IKE_S_I_SECRET);
		return ISAKMP_OK;
	}
	why = ike_auth_ask(sa);
	if (why)
		ike_sa_die(sa, why, 0, now);
	return why;
}
