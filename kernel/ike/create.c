// SPDX-License-Identifier: GPL-2.0
/*
 * CREATE_CHILD_SA for a child, new or in place of another one: who proposes
 * (RFC 7296, 1.3.1 and 1.3.3).
 *
 *	Initiator				Responder
 *	HDR, SK {[N(REKEY_SA),] SA, Ni,
 *		 [KEi,] TSi, TSr}	   -->
 *					<--  HDR, SK {SA, Nr, [KEr,] TSi, TSr}
 *				or	<--  HDR, SK {N(error)}
 *
 * Either end may propose, whoever began the IKE SA.
 */
#include "ike/engine.h"
#include "wire/sa.h"

/**
 * ike_create_free - forget a negotiation
 * @sa: the SA
 * @x: the negotiation; NULL is fine
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void ike_create_free(struct ike_sa *sa, struct ike_create *x)
{
	if (!x)
		return;
	if (x->ep)
		ike_epoch_free(sa, x->ep);
	isakmp_free(x->offer);
	isakmp_kex_free(x->kex);
	isakmp_free(x);
}

/**
 * ike_create_gone - the peer deleted a child that we do not know
 * @sa: the SA
 * @spi: the peer's inbound SPI
 *
 * When it is one that we proposed, its response is late: there is no such child.
 *
 * Context: Process; the SA's worker.
 */
void ike_create_gone(struct ike_sa *sa, u32 spi)
{
	struct ike_request *r;

	for (r = sa->ep->out; r; r = r->next)
		if (r->create)
			r->create->gone[r->create->n_gone++ % IKE_GONE_MAX] = spi;
}

static bool is_gone(const struct ike_create *x, u32 spi)
{
	unsigned int i;

	for (i = 0; i < min_t(unsigned int, x->n_gone, IKE_GONE_MAX); i++)
		if (x->gone[i] == spi)
			return true;
	return false;
}

/**
 * ike_create_key - a fresh key for a negotiation
 * @x: the negotiation
 * @group: of the key; IKE_KE_NONE: none (no PFS)
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY or CRYPTO.
 */
enum isakmp_reason ike_create_key(struct ike_create *x, u16 group)
{
	isakmp_kex_free(x->kex);
	x->kex = NULL;
	x->group = group;
	if (group == IKE_KE_NONE)
		return ISAKMP_OK;
	x->kex = isakmp_kex_new(group, x->pub, &x->pub_len);
	return x->kex ? ISAKMP_OK : ike_kex_none(group);
}

/* The group that the peer has taken before, as far as policy has it. */
static u16 best_group(const struct ike_sa *sa, const struct ike_child *c)
{
	const struct ike_child *old = c->rekeys ? ike_child_of(sa, c->rekeys) : NULL;
	const struct ike_suites *s = &c->policy->esp;

	if (old && old->suite.ke != IKE_KE_NONE && ike_suites_have_group(s, old->suite.ke))
		return old->suite.ke;
	if (s->s[0].ke != IKE_KE_NONE && ike_suites_have_group(s, sa->ep->suite.ke))
		return sa->ep->suite.ke;
	return s->s[0].ke;
}

static enum isakmp_reason prepare(const struct ike_sa *sa, struct ike_create *x,
				  const struct ike_child *c)
{
	x->ni_len = IKE_NONCE_LEN;
	isakmp_random(x->ni, x->ni_len);
	return ike_create_key(x, best_group(sa, c));
}

/*
 * RFC 7296, 1.3.3: "the SPI the exchange initiator would expect in inbound" packets, and
 * "the protocol of the SA we are rekeying", which may be another one now.
 */
static void add_rekeys(const struct ike_sa *sa, struct ike_msg *m, const struct ike_child *c)
{
	struct isakmp_notify n = { .type = IKE_N_REKEY_SA, .spi_size = 4 };
	const struct ike_child *old = ike_child_of(sa, c->rekeys);
	u8 spi[4];

	put_unaligned_be32(c->rekeys, spi);
	n.protocol = ike_child_protocol(old ? old : c);
	n.spi = spi;
	isakmp_build_payload(&m->b, IKE_PL_NOTIFY);
	isakmp_notify_encode(&m->b.o, &n);
	isakmp_build_close(&m->b);
}

/* @x belongs to the request when this succeeds. */
static enum isakmp_reason send_request(struct ike_sa *sa, struct ike_child *c,
				       struct ike_create *x, u64 now)
{
	const struct ike_request about = {
		.task = IKE_TASK_CREATE_CHILD, .spi = c->spi_in, .create = x,
	};
	struct isakmp_nonce ni = { .value = x->ni, .len = x->ni_len };
	struct isakmp_ke ke = { .group = x->group, .value = x->pub, .len = x->pub_len };
	enum isakmp_reason why;
	struct ike_msg m;

	why = ike_child_passes(sa, c->policy);
	if (!why)
		why = ike_request_begin(sa, sa->ep, &m, IKE_CREATE_CHILD_SA);
	if (why)
		return why;
	if (c->rekeys)
		add_rekeys(sa, &m, c);
	ike_child_offer_sa(sa, c, &m, IKE_FORM_FULL);
	ike_msg_nonce(&m, &ni);
	if (x->kex)
		ike_msg_ke(&m, &ke);
	ike_child_offer_ts(sa, c, &m);
	why = ike_request_send(sa, &m, &about, now);
	c->busy = !why;
	return why;
}

/*
 * There will be no such child on this IKE SA.  One that is in use and cannot be
 * rekeyed, or was lost, may come with another IKE SA: before the old one has expired.
 * RFC 7296, 2.8: when it has, and there is no other way, "an implementation MUST close
 * the IKE SA".
 */
static void give_up(struct ike_sa *sa, struct ike_child *c, enum isakmp_reason why, u64 now)
{
	bool lost = c->replaces;
	bool needed = (c->rekeys && !ike_rekey_stale(sa, c)) || lost;

	ike_rekey_forget(sa, c, why, now);
	if (!needed || ike_renew(sa, why) || !lost)
		return;
	sa->reason = (u16)why;
	sa->tasks |= IKE_TASK_DELETE_IKE;
}

/**
 * ike_create_send - propose the next child that is wanted
 * @sa: the SA; no request is out
 * @now: ms
 *
 * A child that cannot be proposed is given up, by name.
 *
 * Context: Process; the SA's worker.
 * Return: OK, or NO_MEMORY: to be tried again.
 */
enum isakmp_reason ike_create_send(struct ike_sa *sa, u64 now)
{
	struct ike_child *c = ike_child_next(sa, now);
	struct ike_create *x;
	enum isakmp_reason why;

	if (!c)
		return ISAKMP_OK;
	if (ike_rekey_stale(sa, c)) {
		ike_rekey_forget(sa, c, ISAKMP_OK, now);
		return ISAKMP_OK;
	}
	x = isakmp_alloc(sizeof(*x));
	why = x ? prepare(sa, x, c) : ISAKMP_R_NO_MEMORY;
	if (!why)
		why = send_request(sa, c, x, now);
	if (!why)
		return why;
	ike_create_free(sa, x);
	if (why == ISAKMP_R_NO_MEMORY)
		return why;
	isakmp_refused(sa, why, c->spi_in);
	give_up(sa, c, why, now);
	return ISAKMP_OK;
}

/* PFS: g^ir into @shared, when the suite that was chosen wants it. */
static enum isakmp_reason take_ke(struct ike_create *x, const struct ike_child *c,
				  const struct isakmp_chain *chain, u8 *shared, u16 *len)
{
	const struct isakmp_payload *p = isakmp_chain_find(chain, IKE_PL_KE);
	struct isakmp_ke ke;

	*len = 0;
	if (c->suite.ke == IKE_KE_NONE)
		return ISAKMP_OK;
	if (!p)
		return ISAKMP_R_MISSING;
	if (isakmp_ke_decode(p, &ke))
		return ISAKMP_R_BAD_KE;
	if (ke.group != c->suite.ke || ke.group != x->group)
		return ISAKMP_R_KE_GROUP;
	if (!isakmp_kex_pub_ok(ke.group, ke.value, ke.len))
		return ISAKMP_R_KE_VALUE;
	return ike_kex_reason(isakmp_kex_derive(x->kex, ke.value, ke.len, shared, len));
}

static enum isakmp_reason complete(struct ike_sa *sa, struct ike_child *c,
				   const struct ike_in *in, u32 *arg, u64 now)
{
	struct ike_child_secrets secrets = {};
	struct ike_create *x = in->req->create;
	u16 len;
	enum isakmp_reason why;
	struct isakmp_nonce nr;
	u8 *shared;

	why = isakmp_nonce_decode(isakmp_chain_find(&in->chain, IKE_PL_NONCE), &nr);
	if (!why)
		why = ike_child_read_answer(sa, c, &in->chain, IKE_FORM_FULL, arg);
	if (!why && !ike_rekey_fits(c->floor, c))
		why = ISAKMP_R_TS;
	if (!why && is_gone(x, c->spi_out))
		why = ISAKMP_R_CHILD_LOST;
	if (why)
		return why;
	shared = isakmp_alloc(IKE_KE_MAX);
	if (!shared)
		return ISAKMP_R_NO_MEMORY;
	secrets.ni = (struct ike_span){ x->ni, x->ni_len };
	secrets.nr = (struct ike_span){ nr.value, nr.len };
	why = take_ke(x, c, &in->chain, shared, &len);
	secrets.shared = (struct ike_span){ shared, len };
	c->held = c->rekeys;
	if (!why)
		why = ike_child_install(sa, c, &secrets, now);
	isakmp_free(shared);
	return why;
}

/* The child our request was about; NULL: it went in the meantime. */
static struct ike_child *asked_for(const struct ike_sa *sa, const struct ike_in *in)
{
	struct ike_child *c = ike_child_of(sa, in->req->spi);

	if (!c || !in->req->create)
		return NULL;
	c->busy = false;
	return c->state == IKE_CHILD_WANTED ? c : NULL;
}

/*
 * The peer has a child that we cannot have: it is deleted there.  One that it has deleted
 * in the meantime it did not want.
 */
static void take_back(struct ike_sa *sa, struct ike_child *c, enum isakmp_reason why, u64 now)
{
	if (why == ISAKMP_R_CHILD_LOST) {
		ike_rekey_forget(sa, c, why, now);
		return;
	}
	ike_child_delete(c);
	if (c->rekeys)
		ike_renew(sa, why);
}

/**
 * ike_create_response - the peer set up the child we proposed
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * A child that the peer has and we want no more is deleted there.  RFC 6989, 2.5: for
 * a KE value that cannot be right the IKE SA is.
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why there is no child; NO_MEMORY: not yet, all is as it was.
 */
enum isakmp_reason ike_create_response(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	struct ike_child *c = asked_for(sa, in);
	enum isakmp_reason why;

	if (!c)
		return ISAKMP_OK;
	why = complete(sa, c, in, &in->arg, now);
	c->busy = why == ISAKMP_R_NO_MEMORY;
	if (c->busy)
		return why;
	if (why)
		take_back(sa, c, why, now);
	else if (c->rekeys)
		ike_rekey_done(sa, c, now);
	else
		ike_child_took_over(sa, c);
	return why;
}

/**
 * ike_create_group - the group that the peer wants instead (RFC 7296, 1.3)
 * @x: the negotiation
 * @s: what it offered
 * @n: INVALID_KE_PAYLOAD
 *
 * Context: Process; the SA's worker.
 * Return: the group; 0: none that we offered, or asked for too often.
 */
u16 ike_create_group(const struct ike_create *x, const struct ike_suites *s,
		     const struct isakmp_notify *n)
{
	u16 group = get_unaligned_be16(n->data);

	if (x->ke_tries >= IKE_KE_TRIES || group == x->group ||
	    !ike_suites_have_group(s, group))
		return 0;
	return group;
}

static enum isakmp_reason try_group(struct ike_sa *sa, struct ike_child *c,
				    struct ike_request *was, u16 group, u64 now)
{
	enum isakmp_reason why = ISAKMP_R_KE_RETRY;

	if (group) {
		was->create->ke_tries++;
		why = ike_create_key(was->create, group);
	}
	if (!why)
		why = send_request(sa, c, was->create, now);
	if (!why) {
		was->create = NULL;
		return why;
	}
	if (why == ISAKMP_R_NO_MEMORY) {
		isakmp_refused(sa, why, 0);
		c->try_at = now + IKE_RENEW_WAIT_MS;	/* from the beginning */
		return ISAKMP_OK;
	}
	give_up(sa, c, why, now);
	return why;
}

/* When the child ends that one is to take the place of; IKE_NEVER: at no certain time. */
static u64 end_of_old(const struct ike_sa *sa, const struct ike_child *c)
{
	const struct ike_child *old = c->rekeys ? ike_child_of(sa, c->rekeys) : NULL;

	return old && old->life.s ? old->up_at + (u64)old->life.s * 1000 : IKE_NEVER;
}

/*
 * RFC 7296, 2.25: "it MUST wait".  When that goes on for minutes, or so long that there
 * would be no time for anything else, both ends do not see the same, and a new IKE SA
 * shall take the place of this one.
 */
static void delay(struct ike_sa *sa, struct ike_child *c, u64 now)
{
	if (ike_rekey_patient(&c->delays, end_of_old(sa, c), &c->try_at, now))
		return;
	give_up(sa, c, ISAKMP_R_PEER_ERROR, now);
}

/* RFC 7296, 2.25: the peer has no such child: it is set up from scratch. */
static void not_found(struct ike_sa *sa, struct ike_child *c, u64 now)
{
	struct ike_child *old = c->rekeys ? ike_child_of(sa, c->rekeys) : NULL;

	ike_child_drop(sa, c, ISAKMP_R_PEER_ERROR);
	if (old)
		ike_child_gone(sa, old, ISAKMP_R_CHILD_LOST, now);
}

/*
 * What our proposal met: the same with another group, the same later, a single
 * pair, no child, or no IKE SA.
 */
static enum isakmp_reason refused(struct ike_sa *sa, struct ike_child *c,
				  struct ike_request *was, const struct isakmp_notify *n,
				  u64 now)
{
	/* RFC 7296, 2.8.1: the peer was quicker, or has closed it */
	if (ike_rekey_stale(sa, c) && n->type != IKE_N_INVALID_SYNTAX) {
		ike_rekey_forget(sa, c, ISAKMP_R_PEER_ERROR, now);
		return ISAKMP_R_PEER_ERROR;
	}
	if (n->type == IKE_N_INVALID_KE_PAYLOAD)
		return try_group(sa, c, was, ike_create_group(was->create, &c->policy->esp, n),
				 now);
	if (n->type == IKE_N_SINGLE_PAIR_REQUIRED && ike_child_as_pair(c, now))
		return ISAKMP_R_SINGLE_PAIR;
	if (n->type == IKE_N_TEMPORARY_FAILURE)
		delay(sa, c, now);
	else if (n->type == IKE_N_CHILD_SA_NOT_FOUND)
		not_found(sa, c, now);
	else if (n->type == IKE_N_INVALID_SYNTAX)
		/* RFC 7296, 2.21.3: it has no IKE SA any more */
		ike_sa_die(sa, ISAKMP_R_PEER_ERROR, 0, now);
	else
		give_up(sa, c, ISAKMP_R_PEER_ERROR, now);
	return ISAKMP_R_PEER_ERROR;
}

/**
 * ike_create_refused - the peer has no such child
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: why: PEER_ERROR, KE_RETRY, SINGLE_PAIR, MISSING.
 */
enum isakmp_reason ike_create_refused(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	const struct isakmp_payload *p = NULL;
	struct ike_child *c = asked_for(sa, in);
	struct isakmp_notify n;

	while (c && (p = isakmp_chain_next(&in->chain, IKE_PL_NOTIFY, p))) {
		if (isakmp_notify_decode(p, &n) || n.type >= IKE_N_STATUS)
			continue;
		in->arg = n.type;
		return refused(sa, c, in->req, &n, now);
	}
	if (c)
		give_up(sa, c, ISAKMP_R_PEER_ERROR, now);
	in->arg = IKE_PL_SA;
	return ISAKMP_R_MISSING;
}
