// SPDX-License-Identifier: GPL-2.0
/*
 * CREATE_CHILD_SA for a new child (RFC 7296, 1.3.1).
 *
 *	Initiator				Responder
 *	HDR, SK {SA, Ni, [KEi,] TSi, TSr}  -->
 *					<--  HDR, SK {SA, Nr, [KEr,] TSi, TSr}
 *				or	<--  HDR, SK {N(error)}
 *
 * Either end may propose, whoever began the IKE SA.  A rekey is refused: a new
 * IKE SA takes the place of the old one.
 */
#include "ike/engine.h"
#include "wire/sa.h"

/* ---- who proposes -------------------------------------------------------- */

/**
 * ike_create_free - forget the negotiation of a child
 * @x: the negotiation; NULL is fine
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void ike_create_free(struct ike_create *x)
{
	if (!x)
		return;
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

/* A fresh key of @group; IKE_KE_NONE: no PFS. */
static enum isakmp_reason draw_key(struct ike_create *x, u16 group)
{
	isakmp_kex_free(x->kex);
	x->kex = NULL;
	x->group = group;
	if (group == IKE_KE_NONE)
		return ISAKMP_OK;
	x->kex = isakmp_kex_new(group, x->pub, &x->pub_len);
	return x->kex ? ISAKMP_OK : ISAKMP_R_CRYPTO;
}

static enum isakmp_reason prepare(struct ike_create *x, const struct ike_child *c)
{
	x->ni_len = IKE_NONCE_LEN;
	isakmp_random(x->ni, x->ni_len);
	return draw_key(x, c->policy->esp.s[0].ke);
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
	ike_child_offer_sa(sa, c, &m, IKE_FORM_FULL);
	ike_msg_nonce(&m, &ni);
	if (x->kex)
		ike_msg_ke(&m, &ke);
	ike_child_offer_ts(sa, c, &m);
	why = ike_request_send(sa, &m, &about, now);
	c->busy = !why;
	return why;
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
	struct ike_child *c = ike_child_next(sa, IKE_CHILD_WANTED, now);
	struct ike_create *x;
	enum isakmp_reason why;

	if (!c)
		return ISAKMP_OK;
	x = isakmp_alloc(sizeof(*x));
	why = x ? prepare(x, c) : ISAKMP_R_NO_MEMORY;
	if (!why)
		why = send_request(sa, c, x, now);
	if (!why)
		return why;
	ike_create_free(x);
	if (why == ISAKMP_R_NO_MEMORY)
		return why;
	isakmp_refused(sa, why, c->spi_in);
	ike_child_drop(sa, c, why);
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
				   const struct ike_in *in, u32 *arg)
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
	if (!why)
		why = ike_child_install(sa, c, &secrets);
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

/**
 * ike_create_response - the peer set up the child we proposed
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * A child that the peer has and we cannot have, or want no more, is deleted there;
 * one that it has deleted in the meantime (CHILD_LOST) is none.  RFC 6989, 2.5: for
 * a KE value that cannot be right the IKE SA is.
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why there is no child; NO_MEMORY: not yet, all is as it was.
 */
enum isakmp_reason ike_create_response(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	enum isakmp_reason why = ISAKMP_OK;
	struct ike_child *c = asked_for(sa, in);

	if (c) {
		why = complete(sa, c, in, &in->arg);
		c->busy = why == ISAKMP_R_NO_MEMORY;
		if (c->busy)
			return why;
		if (why == ISAKMP_R_CHILD_LOST)
			ike_child_drop(sa, c, why);
		else if (why)
			ike_child_delete(c);
		else
			ike_child_took_over(sa, c);
	}
	if (why == ISAKMP_R_KE_VALUE) {
		sa->reason = why;
		sa->tasks |= IKE_TASK_DELETE_IKE;
	}
	return why;
}

/* RFC 7296, 1.3: the group the peer wants; 0: none that we offered. */
static u16 group_wanted(const struct ike_create *x, const struct ike_child *c,
			const struct isakmp_notify *n)
{
	u16 group = get_unaligned_be16(n->data);
	unsigned int i;

	if (x->ke_tries >= IKE_KE_TRIES || group == x->group)
		return 0;
	for (i = 0; i < c->policy->esp.n; i++)
		if (c->policy->esp.s[i].ke == group)
			return group;
	return 0;
}

static enum isakmp_reason try_group(struct ike_sa *sa, struct ike_child *c,
				    struct ike_request *was, u16 group, u64 now)
{
	enum isakmp_reason why = ISAKMP_R_KE_RETRY;

	if (group) {
		was->create->ke_tries++;
		why = draw_key(was->create, group);
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
	ike_child_drop(sa, c, why);
	return why;
}

/*
 * What our proposal met: the same with another group, the same later, a single
 * pair, no child, or no IKE SA.
 */
static enum isakmp_reason refused(struct ike_sa *sa, struct ike_child *c,
				  struct ike_request *was, const struct isakmp_notify *n,
				  u64 now)
{
	if (n->type == IKE_N_INVALID_KE_PAYLOAD)
		return try_group(sa, c, was, group_wanted(was->create, c, n), now);
	if (n->type == IKE_N_TEMPORARY_FAILURE) {
		c->try_at = now + IKE_RENEW_WAIT_MS;
		return ISAKMP_R_PEER_ERROR;
	}
	if (n->type == IKE_N_SINGLE_PAIR_REQUIRED && ike_child_as_pair(c, now))
		return ISAKMP_R_SINGLE_PAIR;
	if (n->type == IKE_N_INVALID_SYNTAX) {
		/* RFC 7296, 2.21.3: it has no IKE SA any more */
		ike_sa_die(sa, ISAKMP_R_PEER_ERROR, 0, now);
		return ISAKMP_R_PEER_ERROR;
	}
	/* It takes no more children, but perhaps another IKE SA */
	if (n->type == IKE_N_NO_ADDITIONAL_SAS && c->replaces)
		isakmp_renew(sa, ISAKMP_R_CHILD_LOST);
	ike_child_drop(sa, c, ISAKMP_R_PEER_ERROR);
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
		ike_child_drop(sa, c, ISAKMP_R_PEER_ERROR);
	in->arg = IKE_PL_SA;
	return ISAKMP_R_MISSING;
}

/* ---- who is asked -------------------------------------------------------- */

/* What the answer needs beside the child. */
struct answer {
	struct ike_agreed agreed;
	u32 allowed;		/* children of the peer, as bits */
	u16 group;
	u16 pub_len;
	u16 notify;		/* of a refusal, when it is not the usual one */
	u8 nr[IKE_NONCE_LEN];
	u8 pub[IKE_KE_MAX];
	u8 shared[IKE_KE_MAX];
	u16 shared_len;
};

/* May there be another child?  RFC 7296, 2.25.2 and 1.3. */
static enum isakmp_reason may_create(const struct ike_sa *sa, const struct ike_in *in)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;

	while ((p = isakmp_chain_next(&in->chain, IKE_PL_NOTIFY, p)))
		if (!isakmp_notify_decode(p, &n) && n.type == IKE_N_REKEY_SA)
			return ISAKMP_R_REKEY;
	if (sa->state != IKE_S_ESTABLISHED || sa->tasks & IKE_TASK_DELETE_IKE)
		return ISAKMP_R_DYING;
	return sa->n_children < IKE_CHILDREN_MAX ? ISAKMP_OK : ISAKMP_R_NO_ADDITIONAL_SAS;
}

/* PFS: our value and g^ir, when the suite that was chosen wants it. */
static enum isakmp_reason answer_ke(const struct ike_child *c, const struct isakmp_ke *ke,
				    struct answer *a, u32 *arg)
{
	struct isakmp_kex *kex;
	enum isakmp_reason why;

	a->group = c->suite.ke;
	if (a->group == IKE_KE_NONE)
		return ISAKMP_OK;
	*arg = ke->group;
	if (ke->group != a->group) {
		a->notify = IKE_N_INVALID_KE_PAYLOAD;
		return ISAKMP_R_KE_GROUP;
	}
	if (!isakmp_kex_pub_ok(ke->group, ke->value, ke->len)) {
		a->notify = IKE_N_INVALID_SYNTAX;
		return ISAKMP_R_KE_VALUE;
	}
	kex = isakmp_kex_new(a->group, a->pub, &a->pub_len);
	if (!kex)
		return ISAKMP_R_CRYPTO;
	why = ike_kex_reason(isakmp_kex_derive(kex, ke->value, ke->len, a->shared,
					       &a->shared_len));
	isakmp_kex_free(kex);
	if (why == ISAKMP_R_KE_VALUE)
		a->notify = IKE_N_INVALID_SYNTAX;
	return why;
}

static enum isakmp_reason agree(struct ike_sa *sa, struct ike_child *c,
				struct ike_in *in, struct answer *a)
{
	const struct isakmp_payload *p = isakmp_chain_find(&in->chain, IKE_PL_KE);
	struct isakmp_ke ke = { .group = IKE_KE_NONE };
	struct ike_child_secrets secrets = {};
	enum isakmp_reason why = ISAKMP_OK;
	struct isakmp_nonce ni;

	if (p)
		why = isakmp_ke_decode(p, &ke);
	if (!why)
		why = isakmp_nonce_decode(isakmp_chain_find(&in->chain, IKE_PL_NONCE), &ni);
	if (!why)
		why = ike_child_choose(sa, c, &in->chain, a->allowed, ke.group, &a->agreed);
	if (!why)
		why = answer_ke(c, &ke, a, &in->arg);
	if (why)
		return why;
	isakmp_random(a->nr, sizeof(a->nr));
	secrets.ni = (struct ike_span){ ni.value, ni.len };
	secrets.nr = (struct ike_span){ a->nr, sizeof(a->nr) };
	secrets.shared = (struct ike_span){ a->shared, a->shared_len };
	return ike_child_install(sa, c, &secrets);
}

static enum isakmp_reason say_created(struct ike_sa *sa, const struct ike_child *c,
				      const struct answer *a)
{
	struct isakmp_nonce nr = { .value = a->nr, .len = sizeof(a->nr) };
	struct isakmp_ke ke = { .group = a->group, .value = a->pub, .len = a->pub_len };
	enum isakmp_reason why;
	struct ike_msg m;

	why = ike_response_begin(sa, &m);
	if (why)
		return why;
	ike_child_answer_sa(c, &m, &a->agreed);
	ike_msg_nonce(&m, &nr);
	if (a->group != IKE_KE_NONE)
		ike_msg_ke(&m, &ke);
	ike_child_answer_ts(c, &m);
	why = ike_msg_end(sa, &m);
	if (!why)
		why = ike_respond(sa, &m);
	ike_msg_free(&m);
	return why;
}

static enum isakmp_reason say_refused(struct ike_sa *sa, enum isakmp_reason why,
				      const struct answer *a)
{
	u16 notify = a->notify ? a->notify : ike_child_refusal(why);
	enum isakmp_reason sent;
	u8 group[2];

	if (why == ISAKMP_R_DYING)
		notify = IKE_N_TEMPORARY_FAILURE;
	put_unaligned_be16(a->group, group);
	sent = ike_respond_notify(sa, notify, group,
				  notify == IKE_N_INVALID_KE_PAYLOAD ? 2 : 0);
	return sent == ISAKMP_R_NO_MEMORY ? sent : why;
}

static bool has_child(const struct ike_sa *sa, const char *name)
{
	unsigned int i;

	for (i = 0; i < sa->peer->n_child; i++)
		if (sa->allowed & BIT(i) && !strcmp(sa->peer->child[i]->name, name))
			return true;
	return false;
}

/* What the helper allowed when it saw @sa->peer, for the children of @now. */
static u32 allowed(const struct ike_sa *sa, const struct ike_peer *now)
{
	u32 all = (u32)BIT_ULL(sa->peer->n_child) - 1, mask = 0;
	unsigned int i;

	if (now == sa->peer)
		return sa->allowed;
	for (i = 0; i < now->n_child; i++)
		if ((sa->allowed & all) == all || has_child(sa, now->child[i]->name))
			mask |= (u32)BIT(i);
	return mask;
}

static enum isakmp_reason create(struct ike_sa *sa, struct ike_in *in, struct answer *a)
{
	const struct ike_peer *now;
	struct ike_child *c = NULL;
	enum isakmp_reason why;

	why = may_create(sa, in);
	now = why ? NULL : isakmp_peer_now(sa);
	if (!why && !now)
		why = ISAKMP_R_NO_CHILD;
	if (why)
		return say_refused(sa, why, a);
	a->allowed = allowed(sa, now);
	c = ike_child_new(sa, now, NULL);
	isakmp_peer_put(now);
	if (!c)
		return ISAKMP_R_NO_MEMORY;
	why = agree(sa, c, in, a);
	if (why) {
		ike_child_drop(sa, c, why);
		return why == ISAKMP_R_NO_MEMORY ? why : say_refused(sa, why, a);
	}
	why = say_created(sa, c, a);
	if (why == ISAKMP_R_NO_MEMORY || why == ISAKMP_R_CRYPTO) {
		ike_child_drop(sa, c, why);
		return why;
	}
	return ISAKMP_OK;	/* kept: the peer will ask again */
}

/**
 * ike_create_request - the peer proposes another child
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Its children are those of the peer object as it is now: one that was added since
 * the IKE SA came up counts, one that was taken away does not.
 *
 * The inbound SA is there before the answer announces it.
 *
 * Context: Process; the SA's worker.
 * Return: OK when the child is up, or why there is none (answered, but for
 * NO_MEMORY); KE_VALUE: the IKE SA is over.
 */
enum isakmp_reason ike_create_request(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	struct answer *a = isakmp_alloc(sizeof(*a));
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;

	if (!a)
		return why;
	why = create(sa, in, a);
	isakmp_free(a);
	/* RFC 6989, 2.5: INVALID_SYNTAX is the answer, and the end of the IKE SA */
	if (why == ISAKMP_R_KE_VALUE)
		ike_sa_die(sa, why, IKE_LINGER_MS, now);
	return why;
}

/**
 * ike_create_rekey_request - the peer wants to rekey the IKE SA
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * RFC 7296, 1.3: "the responder ... MUST reject the request with a
 * NO_ADDITIONAL_SAS notification" when it takes no more.
 *
 * Context: Process; the SA's worker.
 * Return: REKEY, or why that could not be sent.
 */
enum isakmp_reason ike_create_rekey_request(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	enum isakmp_reason why;

	why = ike_respond_notify(sa, IKE_N_NO_ADDITIONAL_SAS, NULL, 0);
	return why ? why : ISAKMP_R_REKEY;
}
