// SPDX-License-Identifier: GPL-2.0
/*
 * Rekeying the IKE SA (RFC 7296, 1.3.2, 2.8.2 and 2.18).
 *
 *	Initiator				Responder
 *	HDR, SK {SA, Ni, KEi}	   -->
 *					<--  HDR, SK {SA, Nr, KEr}
 *
 * A new epoch takes the place of the present one; children, identities and id stay.
 * Who asked deletes the old one.  When both ask, there are two new ones: that with
 * the lowest of the four nonces is deleted by who asked for it.
 *
 * A group that only the helper computes is not for this: then a new IKE SA is set up
 * instead, as after a refusal.
 */
#include "ike/engine.h"
#include "wire/sa.h"

/**
 * ike_sa_limits - when the IKE SA is to be rekeyed, and ends
 * @sa: the SA, established or rekeyed just now
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void ike_sa_limits(struct ike_sa *sa, u64 now)
{
	u64 life = (u64)sa->life_s * 1000;

	sa->delays = 0;
	sa->keyed_at = now;
	sa->rekey_at = life ? now + ike_soft_limit(life, sa->ep->initiator) : IKE_NEVER;
	sa->expire_at = life ? now + life + (life >> 2) : IKE_NEVER;
}

/* What may be spoken: policy as it is now, but for the helper's groups. */
static unsigned int offer(struct ike_sa *sa, struct ike_suites *s)
{
	const struct ike_peer *now = isakmp_peer_now(sa);
	unsigned int i, n = 0;

	ike_suites_ready(sa, now ? &now->ike : &sa->peer->ike, s);
	if (now)
		isakmp_peer_put(now);
	for (i = 0; i < s->n; i++)
		if (!isakmp_kex_by_helper(s->s[i].ke))
			s->s[n++] = s->s[i];
	s->n = (u8)n;
	return n;
}

/**
 * ike_sa_rekey_is_out - are we rekeying an epoch?
 * @ep: the epoch
 *
 * Context: Process; the SA's worker.
 * Return: true if our request waits for its response.
 */
bool ike_sa_rekey_is_out(const struct ike_epoch *ep)
{
	const struct ike_request *r;

	for (r = ep->out; r; r = r->next)
		if (r->task == IKE_TASK_REKEY)
			return true;
	return false;
}

/* The new one is in use from now on. */
static void move_on(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	ike_epoch_succeed(sa, ep);
	sa->rekeyed++;
	ike_sa_limits(sa, now);
	ike_window_begin(sa);
	ike_ticket_rekeyed(sa);
	/* RFC 6290, 4.3: who is asked has said it in the answer */
	if (ep->initiator)
		ike_qcd_renew(sa);
	isakmp_rekeyed(sa);
}

/* ---- who asks ------------------------------------------------------------ */

static enum isakmp_reason send(struct ike_sa *sa, struct ike_create *x, u64 now)
{
	const struct ike_request about = { .task = IKE_TASK_REKEY, .create = x };
	struct isakmp_nonce ni = { .value = x->ni, .len = x->ni_len };
	struct isakmp_ke ke = { .group = x->group, .value = x->pub, .len = x->pub_len };
	enum isakmp_reason why;
	struct ike_msg m;

	why = ike_request_begin(sa, sa->ep, &m, IKE_CREATE_CHILD_SA);
	if (why)
		return why;
	isakmp_build_payload(&m.b, IKE_PL_SA);
	ike_suites_encode(&m.b.o, x->offer, x->ep->spi_i, IKE_FORM_REKEY);
	isakmp_build_close(&m.b);
	ike_msg_nonce(&m, &ni);
	ike_msg_ke(&m, &ke);
	return ike_request_send(sa, &m, &about, now);
}

/* Without an epoch when there is nothing to offer: the helper has all of the groups. */
static enum isakmp_reason prepare(struct ike_sa *sa, struct ike_create *x)
{
	u16 group = sa->ep->suite.ke;

	x->offer = isakmp_alloc(sizeof(*x->offer));
	if (!x->offer)
		return ISAKMP_R_NO_MEMORY;
	if (!offer(sa, x->offer))
		return ISAKMP_OK;
	x->ep = ike_epoch_new(sa, true);
	if (!x->ep)
		return ISAKMP_R_NO_MEMORY;
	x->ni_len = IKE_NONCE_LEN;
	isakmp_random(x->ni, x->ni_len);
	/* The peer has taken it before */
	if (!ike_suites_have_group(x->offer, group))
		group = x->offer->s[0].ke;
	return ike_create_key(x, group);
}

/**
 * ike_sa_rekey_send - ask for other keys
 * @sa: the SA; nothing is out
 * @now: ms
 *
 * When it cannot be, an IKE SA from scratch takes the place of this one.  As long as
 * the peer leaves the Deletes of too many old ones without an answer, it waits.
 *
 * Context: Process; the SA's worker.
 * Return: OK, or NO_MEMORY: to be tried again.
 */
enum isakmp_reason ike_sa_rekey_send(struct ike_sa *sa, u64 now)
{
	enum isakmp_reason why;
	struct ike_create *x;

	if (ike_epochs_full(sa)) {
		sa->rekey_at = now + IKE_RENEW_RETRY_MS;
		return ISAKMP_OK;
	}
	x = isakmp_alloc(sizeof(*x));
	why = x ? prepare(sa, x) : ISAKMP_R_NO_MEMORY;
	if (!why && x->ep) {
		why = send(sa, x, now);
		if (!why)
			return ISAKMP_OK;
	}
	ike_create_free(sa, x);
	if (why == ISAKMP_R_NO_MEMORY)
		return why;
	if (why)
		isakmp_refused(sa, why, 0);
	ike_renew(sa, why);
	return ISAKMP_OK;
}

/* What a response says, before any of it counts. */
struct response {
	const struct ike_suite *suite;
	u64 spi;
	struct isakmp_ke ke;
	struct isakmp_nonce nr;
};

static enum isakmp_reason read_response(const struct ike_in *in, struct response *r)
{
	const struct isakmp_chain *c = &in->chain;
	const struct ike_create *x = in->req->create;

	r->suite = ike_suite_chosen(x->offer, isakmp_chain_find(c, IKE_PL_SA),
				    IKE_FORM_REKEY, &r->spi);
	if (!r->suite || !r->spi)
		return ISAKMP_R_BAD_CHOICE;
	if (isakmp_ke_decode(isakmp_chain_find(c, IKE_PL_KE), &r->ke))
		return ISAKMP_R_BAD_KE;
	if (r->ke.group != r->suite->ke || r->ke.group != x->group)
		return ISAKMP_R_KE_GROUP;
	if (!isakmp_kex_pub_ok(r->ke.group, r->ke.value, r->ke.len))
		return ISAKMP_R_KE_VALUE;
	return isakmp_nonce_decode(isakmp_chain_find(c, IKE_PL_NONCE), &r->nr);
}

/* The keys of @ep by the exchange; @x: its nonces. */
static enum isakmp_reason derive(struct ike_sa *sa, const struct ike_epoch *old,
				 struct ike_epoch *ep, struct isakmp_kex *kex,
				 const struct isakmp_ke *ke, struct ike_child_secrets *x)
{
	enum isakmp_reason why;
	u8 *shared;
	u16 len;

	ep->lowest = ike_lowest_of(&x->ni, &x->nr);
	shared = isakmp_alloc(IKE_KE_MAX);
	why = ep->lowest && shared ? ISAKMP_OK : ISAKMP_R_NO_MEMORY;
	if (!why)
		why = ike_kex_reason(isakmp_kex_derive(kex, ke->value, ke->len, shared, &len));
	if (!why) {
		x->shared = (struct ike_span){ shared, len };
		why = ike_keys_rekey(sa, old, ep, x);
	}
	isakmp_free(shared);
	if (why) {
		isakmp_free(ep->lowest);
		ep->lowest = NULL;
	}
	return why;
}

static enum isakmp_reason take_response(struct ike_sa *sa, const struct ike_in *in)
{
	struct ike_create *x = in->req->create;
	struct ike_child_secrets secrets = {};
	enum isakmp_reason why;
	struct response r;

	why = read_response(in, &r);
	if (why)
		return why;
	x->ep->suite = *r.suite;
	x->ep->spi_r = r.spi;
	secrets.ni = (struct ike_span){ x->ni, x->ni_len };
	secrets.nr = (struct ike_span){ r.nr.value, r.nr.len };
	return derive(sa, in->ep, x->ep, x->kex, &r.ke, &secrets);
}

/* RFC 7296, 2.8.2: which of two is in use, and who deletes what. */
static void settle(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct ike_epoch *old = sa->ep, *rival = ike_epoch_rival(sa);

	ike_epoch_add(sa, ep);
	if (rival && ike_lowest_goes(ep->lowest, rival->lowest)) {
		ike_epoch_close(ep);
		ike_epoch_leave(old, now);
		move_on(sa, rival, now);
		return;
	}
	ike_epoch_close(old);
	if (rival)
		ike_epoch_leave(rival, now);
	move_on(sa, ep, now);
}

/**
 * ike_sa_rekey_response - the peer has agreed on other keys
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Where we cannot follow, an IKE SA from scratch takes the place of this one.  RFC
 * 6989, 2.5: for a KE value that cannot be right the IKE SA is deleted.
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why not; NO_MEMORY: not yet, all is as it was.
 */
enum isakmp_reason ike_sa_rekey_response(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	struct ike_create *x = in->req->create;
	enum isakmp_reason why;

	why = take_response(sa, in);
	if (!why) {
		ike_qcd_heard(sa, x->ep, &in->chain);
		settle(sa, x->ep, now);
		x->ep = NULL;
	} else if (why != ISAKMP_R_NO_MEMORY && why != ISAKMP_R_KE_VALUE) {
		ike_renew(sa, why);
	}
	return why;
}

/* Both ends have asked, and ours comes to nothing: the peer's is in use from now on. */
static bool follow(struct ike_sa *sa, u64 now)
{
	struct ike_epoch *old = sa->ep, *rival = ike_epoch_rival(sa);

	if (!rival)
		return false;
	ike_epoch_leave(old, now);
	move_on(sa, rival, now);
	return true;
}

static enum isakmp_reason try_group(struct ike_sa *sa, struct ike_request *was, u16 group,
				    u64 now)
{
	enum isakmp_reason why = ISAKMP_R_KE_RETRY;

	if (group) {
		was->create->ke_tries++;
		why = ike_create_key(was->create, group);
	}
	if (!why)
		why = send(sa, was->create, now);
	if (!why)
		was->create = NULL;
	else if (why == ISAKMP_R_NO_MEMORY)
		sa->rekey_at = now + IKE_RENEW_WAIT_MS;	/* from the beginning */
	else if (!follow(sa, now))
		ike_renew(sa, why);
	return why;
}

/* RFC 7296, 2.25: it waits; when that does not end, both ends do not see the same. */
static void delay(struct ike_sa *sa, u64 now)
{
	if (!ike_rekey_patient(&sa->delays, sa->expire_at, &sa->rekey_at, now))
		ike_renew(sa, ISAKMP_R_PEER_ERROR);
}

/* @n: of the peer's answer; it has no other keys for us, or not now. */
static void refused(struct ike_sa *sa, const struct isakmp_notify *n, u64 now)
{
	if (n->type == IKE_N_INVALID_SYNTAX)
		ike_sa_die(sa, ISAKMP_R_PEER_ERROR, 0, now);
	else if (follow(sa, now))
		return;
	else if (n->type == IKE_N_TEMPORARY_FAILURE)
		delay(sa, now);
	else
		ike_renew(sa, ISAKMP_R_PEER_ERROR);
}

/**
 * ike_sa_rekey_refused - the peer does not rekey the IKE SA
 * @sa: the SA
 * @in: the message: notifications
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: why: PEER_ERROR, KE_RETRY, MISSING, NO_MEMORY.
 */
enum isakmp_reason ike_sa_rekey_refused(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n = { .type = 0 };

	while ((p = isakmp_chain_next(&in->chain, IKE_PL_NOTIFY, p)))
		if (!isakmp_notify_decode(p, &n) && n.type < IKE_N_STATUS)
			break;
	in->arg = n.type;
	if (!p) {
		in->arg = IKE_PL_SA;
		if (!follow(sa, now))
			ike_renew(sa, ISAKMP_R_MISSING);
		return ISAKMP_R_MISSING;
	}
	if (n.type == IKE_N_INVALID_KE_PAYLOAD)
		return try_group(sa, in->req,
				 ike_create_group(in->req->create, in->req->create->offer, &n),
				 now);
	refused(sa, &n, now);
	return ISAKMP_R_PEER_ERROR;
}

/* ---- who is asked -------------------------------------------------------- */

/* What the answer needs beside the epoch. */
struct answer {
	struct isakmp_ke ke;	/* the peer's */
	struct isakmp_nonce ni;
	u8 proposal;		/* number of the peer's proposal */
	u16 notify;		/* of a refusal */
	u16 pub_len;
	u8 nr[IKE_NONCE_LEN];
	u8 pub[IKE_KE_MAX];
	struct ike_suites offer;
};

static bool child_under_way(const struct ike_sa *sa)
{
	const struct ike_child *c;

	for (c = sa->children; c; c = c->next)
		if (c->busy)
			return true;
	return false;
}

/* RFC 7296, 2.25.1 and 2.25.2. */
static enum isakmp_reason may_rekey(struct ike_sa *sa, const struct ike_in *in, u64 now)
{
	if (sa->state != IKE_S_ESTABLISHED || sa->tasks & IKE_TASK_DELETE_IKE)
		return ISAKMP_R_DYING;
	if (in->ep != sa->ep || ike_epoch_rival(sa) || child_under_way(sa))
		return ISAKMP_R_REKEY_BUSY;
	/* Who rekeys and never deletes has to wait until we do */
	if (ike_epochs_full(sa) ||
	    !isakmp_bucket_spend(&sa->rekeys, now, IKE_REKEYS_PER_SECOND, IKE_REKEYS_BURST))
		return ISAKMP_R_REKEY_LIMIT;
	return ISAKMP_OK;
}

static enum isakmp_reason choose(struct ike_sa *sa, struct ike_in *in, struct ike_epoch *ep,
				 struct answer *a)
{
	const struct isakmp_chain *c = &in->chain;
	const struct ike_suite *s;
	enum isakmp_reason why;

	why = isakmp_ke_decode(isakmp_chain_find(c, IKE_PL_KE), &a->ke);
	if (!why)
		why = isakmp_nonce_decode(isakmp_chain_find(c, IKE_PL_NONCE), &a->ni);
	if (why)
		return why;
	offer(sa, &a->offer);
	s = ike_suite_select(&a->offer, isakmp_chain_find(c, IKE_PL_SA), a->ke.group,
			     IKE_FORM_REKEY, &a->proposal, &ep->spi_i);
	if (!s || !ep->spi_i)
		return ISAKMP_R_NO_PROPOSAL;
	ep->suite = *s;
	in->arg = a->ke.group;
	if (a->ke.group != s->ke) {
		a->notify = IKE_N_INVALID_KE_PAYLOAD;
		return ISAKMP_R_KE_GROUP;
	}
	if (!isakmp_kex_pub_ok(a->ke.group, a->ke.value, a->ke.len)) {
		a->notify = IKE_N_INVALID_SYNTAX;
		return ISAKMP_R_KE_VALUE;
	}
	return ISAKMP_OK;
}

static enum isakmp_reason make_keys(struct ike_sa *sa, const struct ike_in *in,
				    struct ike_epoch *ep, struct answer *a)
{
	struct ike_child_secrets secrets = {
		.ni = { a->ni.value, a->ni.len },
		.nr = { a->nr, sizeof(a->nr) },
	};
	struct isakmp_kex *kex = isakmp_kex_new(ep->suite.ke, a->pub, &a->pub_len);
	enum isakmp_reason why;

	if (!kex)
		return ike_kex_none(ep->suite.ke);
	isakmp_random(a->nr, sizeof(a->nr));
	why = derive(sa, in->ep, ep, kex, &a->ke, &secrets);
	isakmp_kex_free(kex);
	if (why == ISAKMP_R_KE_VALUE)
		a->notify = IKE_N_INVALID_SYNTAX;
	return why;
}

static enum isakmp_reason say_rekeyed(struct ike_sa *sa, const struct ike_in *in,
				      const struct ike_epoch *ep, const struct answer *a)
{
	struct isakmp_nonce nr = { .value = a->nr, .len = sizeof(a->nr) };
	struct isakmp_ke ke = { .group = ep->suite.ke, .value = a->pub, .len = a->pub_len };
	enum isakmp_reason why;
	struct ike_msg m;

	why = ike_response_begin(sa, &m);
	if (why)
		return why;
	isakmp_build_payload(&m.b, IKE_PL_SA);
	ike_suite_encode(&m.b.o, &ep->suite, a->proposal, ep->spi_r, IKE_FORM_REKEY);
	isakmp_build_close(&m.b);
	ike_msg_nonce(&m, &nr);
	ike_msg_ke(&m, &ke);
	/* RFC 5723, 4.1: it may ask again, when the new keys are in use */
	if (ike_ticket_asked(&in->chain))
		ike_msg_notify(&m, IKE_N_TICKET_ACK, NULL, 0);
	ike_qcd_say(sa, ep, &m);
	why = ike_msg_end(sa, &m);
	if (!why)
		why = ike_respond(sa, &m);
	ike_msg_free(&m);
	return why;
}

static enum isakmp_reason say_refused(struct ike_sa *sa, enum isakmp_reason why,
				      const struct ike_epoch *ep, const struct answer *a)
{
	u16 notify = a->notify ? a->notify : ike_child_refusal(why);
	enum isakmp_reason sent;
	u8 group[2] = {};

	if (ep)
		put_unaligned_be16(ep->suite.ke, group);
	sent = ike_respond_notify(sa, notify, group,
				  notify == IKE_N_INVALID_KE_PAYLOAD ? 2 : 0);
	return sent == ISAKMP_R_NO_MEMORY ? sent : why;
}

/* Both ends ask: wait for the answer to ours.  Else it is in use from now on. */
static void take_over(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct ike_epoch *old = sa->ep;

	ike_epoch_add(sa, ep);
	if (ike_sa_rekey_is_out(old))
		return;
	ike_epoch_leave(old, now);
	move_on(sa, ep, now);
}

static enum isakmp_reason rekey(struct ike_sa *sa, struct ike_in *in, struct answer *a, u64 now)
{
	enum isakmp_reason why = may_rekey(sa, in, now);
	struct ike_epoch *ep;

	if (why)
		return say_refused(sa, why, NULL, a);
	ep = ike_epoch_new(sa, false);
	if (!ep)
		return ISAKMP_R_NO_MEMORY;
	why = choose(sa, in, ep, a);
	if (!why)
		why = make_keys(sa, in, ep, a);
	if (why && why != ISAKMP_R_NO_MEMORY)
		why = say_refused(sa, why, ep, a);
	else if (!why)
		why = say_rekeyed(sa, in, ep, a);
	if (why && why != ISAKMP_R_SEND) {
		ike_epoch_free(sa, ep);
		return why;
	}
	take_over(sa, ep, now);	/* kept although unsent: the peer will ask again */
	return ISAKMP_OK;
}

/**
 * ike_sa_rekey_request - the peer wants other keys
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * The new epoch can receive before the answer announces it.
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why not (answered, but for NO_MEMORY).
 */
enum isakmp_reason ike_sa_rekey_request(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	struct answer *a = isakmp_alloc(sizeof(*a));
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;

	if (!a)
		return why;
	why = rekey(sa, in, a, now);
	isakmp_free(a);
	return why;
}

/**
 * ike_sa_rekey_deleted - the peer deletes an epoch
 * @sa: the SA
 * @ep: the epoch
 * @now: ms
 *
 * RFC 7296, 2.8.2: when we were asking, too, the peer has not noticed, and we forget it.
 *
 * Context: Process; the SA's worker.
 * Return: true when the SA goes on; false when @ep was all it had.
 */
bool ike_sa_rekey_deleted(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct ike_epoch *rival = ike_epoch_rival(sa);

	if (ep == sa->ep && !rival)
		return false;
	if (ep == sa->ep)
		move_on(sa, rival, now);
	ike_epoch_gone(sa, ep, now);
	return true;
}
