// SPDX-License-Identifier: GPL-2.0
/*
 * CREATE_CHILD_SA for a child, new or in place of another one: who is asked
 * (RFC 7296, 1.3.1 and 1.3.3).
 */
#include "ike/engine.h"

/* What the answer needs beside the child. */
struct answer {
	struct ike_agreed agreed;
	u32 allowed;		/* children of the peer, as bits */
	u16 group;
	u16 pub_len;
	u16 notify;		/* of a refusal, when it is not the usual one */
	struct ike_child *old;	/* to be rekeyed; NULL: a new child is asked for */
	u8 rekeys[4];		/* what the peer calls it */
	u8 protocol;
	u8 nr[IKE_NONCE_LEN];
	u8 pub[IKE_KE_MAX];
	u8 shared[IKE_KE_MAX];
	u16 shared_len;
};

/* RFC 7296, 1.3.3: which child a request is to rekey; false: it wants a new one. */
static bool wants_rekey(const struct ike_in *in, struct isakmp_notify *n)
{
	const struct isakmp_payload *p = NULL;

	while ((p = isakmp_chain_next(&in->chain, IKE_PL_NOTIFY, p)))
		if (!isakmp_notify_decode(p, n) && n->type == IKE_N_REKEY_SA)
			return true;
	return false;
}

/* May there be another child, or one in place of another?  RFC 7296, 1.3 and 2.25. */
static enum isakmp_reason may_create(struct ike_sa *sa, const struct ike_in *in,
				     struct answer *a, u64 now)
{
	struct isakmp_notify n;

	if (sa->state != IKE_S_ESTABLISHED || sa->tasks & IKE_TASK_DELETE_IKE)
		return ISAKMP_R_DYING;
	/* RFC 7296, 2.25.2 */
	if (in->ep != sa->ep || ike_epoch_rival(sa) || ike_sa_rekey_is_out(sa->ep))
		return ISAKMP_R_REKEY_BUSY;
	if (!wants_rekey(in, &n))
		return ike_children_full(sa) ? ISAKMP_R_NO_ADDITIONAL_SAS : ISAKMP_OK;
	memcpy(a->rekeys, n.spi, sizeof(a->rekeys));
	a->protocol = n.protocol;
	return ike_rekey_asked(sa, n.protocol, get_unaligned_be32(n.spi), &a->old, now);
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
		return ike_kex_none(a->group);
	why = ike_kex_reason(isakmp_kex_derive(kex, ke->value, ke->len, a->shared,
					       &a->shared_len));
	isakmp_kex_free(kex);
	if (why == ISAKMP_R_KE_VALUE)
		a->notify = IKE_N_INVALID_SYNTAX;
	return why;
}

static enum isakmp_reason agree(struct ike_sa *sa, struct ike_child *c,
				struct ike_in *in, struct answer *a, u64 now)
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
	if (!why && !ike_rekey_fits(c->floor, c))
		why = ISAKMP_R_TS;
	if (!why)
		why = answer_ke(c, &ke, a, &in->arg);
	if (why)
		return why;
	isakmp_random(a->nr, sizeof(a->nr));
	secrets.ni = (struct ike_span){ ni.value, ni.len };
	secrets.nr = (struct ike_span){ a->nr, sizeof(a->nr) };
	secrets.shared = (struct ike_span){ a->shared, a->shared_len };
	/* Who has it from another IKE SA goes on with that until it has this one */
	c->held = a->old ? a->old->state == IKE_CHILD_UP : sa->anew;
	return ike_child_install(sa, c, &secrets, now);
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
	struct isakmp_notify n = { .type = a->notify ? a->notify : ike_child_refusal(why) };
	enum isakmp_reason sent;
	u8 group[2];

	put_unaligned_be16(a->group, group);
	if (n.type == IKE_N_INVALID_KE_PAYLOAD) {
		n.data = group;
		n.len = sizeof(group);
	}
	if (n.type == IKE_N_CHILD_SA_NOT_FOUND) {
		n.protocol = a->protocol;
		n.spi_size = sizeof(a->rekeys);
		n.spi = a->rekeys;
	}
	sent = ike_respond_with(sa, &n);
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

/**
 * ike_children_allowed - what the helper allowed when it saw @sa->peer
 * @sa: the SA
 * @now: the peer object as it is now
 *
 * Context: Process; the SA's worker.
 * Return: bit n: child n of @now may be set up.
 */
u32 ike_children_allowed(const struct ike_sa *sa, const struct ike_peer *now)
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

/* The successor of a child is of the same name. */
static u32 only(u32 allowed, const struct ike_peer *now, const char *name)
{
	unsigned int i;

	for (i = 0; i < now->n_child; i++)
		if (strcmp(now->child[i]->name, name))
			allowed &= ~(u32)BIT(i);
	return allowed;
}

/* A new child for the answer, in place of another one perhaps. */
static enum isakmp_reason begin(struct ike_sa *sa, struct answer *a, struct ike_child **c)
{
	const struct ike_peer *now = isakmp_peer_now(sa);
	enum isakmp_reason why = ISAKMP_OK;

	if (!now)
		return ISAKMP_R_NO_CHILD;
	a->allowed = ike_children_allowed(sa, now);
	if (a->old)
		a->allowed = only(a->allowed, now, a->old->policy->name);
	*c = ike_child_new(sa, now, NULL);
	isakmp_peer_put(now);
	if (*c && a->old)
		why = ike_rekey_prepare(*c, a->old);
	return *c ? why : ISAKMP_R_NO_MEMORY;
}

static enum isakmp_reason create(struct ike_sa *sa, struct ike_in *in, struct answer *a,
				 u64 now)
{
	struct ike_child *c = NULL;
	enum isakmp_reason why;

	why = may_create(sa, in, a, now);
	if (!why)
		why = begin(sa, a, &c);
	if (!why)
		why = agree(sa, c, in, a, now);
	if (why) {
		if (c)
			ike_child_drop(sa, c, why);
		return why == ISAKMP_R_NO_MEMORY ? why : say_refused(sa, why, a);
	}
	why = say_created(sa, c, a);
	if (why && why != ISAKMP_R_SEND) {
		ike_child_drop(sa, c, why);
		return why;
	}
	if (c->rekeys)
		ike_rekey_answered(sa, c, now);
	else if (c->held)
		sa->release_at = now + IKE_HOLD_MS;
	return ISAKMP_OK;	/* kept although unsent: the peer will ask again */
}

/**
 * ike_create_request - the peer proposes a child
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
 * NO_MEMORY).
 */
enum isakmp_reason ike_create_request(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	struct answer *a = isakmp_alloc(sizeof(*a));
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;

	if (!a)
		return why;
	why = create(sa, in, a, now);
	isakmp_free(a);
	return why;
}
