// SPDX-License-Identifier: GPL-2.0
/*
 * Quick Mode (RFC 2409, 5.5), who is asked: messages 1 and 3 come, message 2 goes out.  See quick.c.
 */
#include "v1/phase2.h"

/*
 * What message 2 needs beside the child.  Where the helper computes, the message is kept and looked
 * at twice: the child of the first time goes, and what may be then is asked anew with the verdict.
 */
struct answer {
	const struct ike_verdict *v; /* what the helper has computed; NULL: nothing yet */
	struct v1_choice choice;
	struct v1_pair asked;	/* what the IDs say, for the echo */
	bool ids;
	u16 pub_len;
	u8 pub[IKE_KE_MAX];
	u8 shared[IKE_KE_MAX];
};

/*
 * Is it a rekey, or may there be another child?  Of those that take the place of others a
 * peer may have so many at once.
 */
static enum isakmp_reason place(struct ike_sa *sa, struct ike_child *c, bool again, u64 now)
{
	struct ike_child *old = v1_child_twin(sa, c);

	/* The new one is there already */
	if (!old)
		return ike_children_count(sa) > IKE_CHILDREN_MAX ? ISAKMP_R_NO_ADDITIONAL_SAS :
								   ISAKMP_OK;
	if (!again &&
	    !isakmp_bucket_spend(&sa->rekeys, now, IKE_REKEYS_PER_SECOND, IKE_REKEYS_BURST))
		return ISAKMP_R_REKEY_LIMIT;
	return ike_rekey_prepare(c, old);
}

/* g(qm)^xy and our value, of the helper or our own. */
static enum isakmp_reason compute(struct answer *a, u16 group, const struct isakmp_payload *ke,
				  struct ike_span *secret)
{
	if (!a->v || !ke)
		return v1_pfs_derive(NULL, group, ke, a->pub, &a->pub_len, a->shared, secret);
	a->pub_len = (u16)a->v->pub.len;
	memcpy(a->pub, a->v->pub.p, a->pub_len);
	*secret = a->v->shared;
	return ISAKMP_OK;
}

static enum isakmp_reason agree(struct ike_sa *sa, struct v1_in *in, struct ike_child *c,
				struct answer *a, u32 allowed, u64 now)
{
	const u16 *group = &a->choice.suite.ke;
	struct v1_quick *q = in->x->body;
	const struct isakmp_payload *ke;
	struct ike_span secret = {};
	struct ike_child_secrets secrets;
	enum isakmp_reason why;

	why = v1_pair_read(sa, in, false, &a->asked, &a->ids);
	if (!why)
		why = v1_match(sa, c, in, &a->asked, allowed, &a->choice);
	/* The policy may be another one by now */
	if (!why && a->v && *group != q->pfs.group)
		why = ISAKMP_R_NO_PROPOSAL;
	if (!why)
		why = v1_pfs_check(in, *group, &ke);
	if (!why)
		why = place(sa, c, a->v, now);
	q->pfs.group = *group;
	if (!why && !a->v && isakmp_kex_by_helper(*group))
		return v1_pfs_wait(sa, in->ep, in->x, in);
	if (!why)
		why = compute(a, *group, ke, &secret);
	if (why)
		return why;
	if (a->choice.udp)
		v1_nat_told(sa);
	v1_quick_nonce(in, in->x->ni, &in->x->ni_len);
	in->x->nr_len = IKE_NONCE_LEN;
	isakmp_random(in->x->nr, in->x->nr_len);
	q->protocol = a->choice.protocol;
	c->suite = a->choice.suite;
	c->spi_out = a->choice.spi;
	v1_life_set(&c->life, &a->choice.agreed);
	c->held = true;
	secrets = v1_quick_secrets(in->x, secret);
	return v1_child_install(sa, in->ep, c, &secrets, now);
}

static void echo_ids(const struct v1_in *in, struct v1_msg *m)
{
	const struct isakmp_payload *p = NULL;

	while ((p = v1_chain_next(&in->chain, V1_PL_ID, p)))
		v1_msg_bytes(m, V1_PL_ID, p->body, p->len);
}

/*
 * RFC 2407, 4.6.3.2: "positive confirmation of the responder's election": our receivers always
 * look for replays.
 */
static void tell_replay(struct v1_msg *m, u8 protocol, u32 spi_in)
{
	static const u8 enabled[4] = { 0, 0, 0, 1 };
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = protocol,
			       .type = V1_N_REPLAY_STATUS, .spi_len = 4,
			       .data = enabled, .len = sizeof(enabled) };
	u8 spi[4];

	put_unaligned_be32(spi_in, spi);
	n.spi = spi;
	v1_msg_notify(m, &n);
}

static enum isakmp_reason say_second(struct ike_sa *sa, struct v1_in *in,
				     const struct ike_child *c, const struct answer *a, u64 now)
{
	enum isakmp_reason why;
	struct v1_msg m;

	why = v1_msg_begin(sa, in->ep, in->x, &m, V1_QUICK, V1_H_2);
	if (why)
		return why;
	v1_offer_answer(c, &a->choice, &m);
	v1_msg_bytes(&m, V1_PL_NONCE, in->x->nr, in->x->nr_len);
	if (a->pub_len)
		v1_msg_bytes(&m, V1_PL_KE, a->pub, a->pub_len);
	if (a->ids)
		echo_ids(in, &m);
	if (v1_nat_oa_wanted(sa, c))
		v1_nat_oa_add(sa, &m, false);
	if (a->choice.tell)
		v1_life_tell(&m, a->choice.protocol, c->spi_in, &a->choice.agreed);
	tell_replay(&m, a->choice.protocol, c->spi_in);
	return v1_talk_say(sa, &m, &in->x->talk, in, true, now);
}

/* The peer was quicker: what waits of ours is wanted no more. */
static void drop_wish(struct ike_sa *sa, const struct ike_child *c)
{
	struct ike_child *d;

	for (d = sa->children; d; d = d->next)
		if (d->state == IKE_CHILD_WANTED && !d->busy && !d->rekeys && d->nth == c->nth &&
		    !strcmp(d->policy->name, c->policy->name) && v1_pair_wanted(sa, d, c))
			break;
	if (!d)
		return;
	if (d->replaces && ike_child_of(sa, d->replaces))
		ike_child_took_over(sa, d);
	ike_child_drop(sa, d, ISAKMP_OK);
}

static enum isakmp_reason exchange_of(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	in->x = v1_exchange_new(sa, in->ep, &v1_quick_ops, in->h.msgid, now);
	if (!in->x || !v1_quick_body(in->x, 0, IKE_KE_NONE))
		return ISAKMP_R_NO_MEMORY;
	v1_quick_note_commit(in, in->x);
	v1_quick_contact(sa, in, now);
	return ISAKMP_OK;
}

static enum isakmp_reason answer(struct ike_sa *sa, struct v1_in *in, struct answer *a,
				 struct ike_child *c, u32 allowed, u64 now)
{
	enum isakmp_reason why = in->x ? ISAKMP_OK : exchange_of(sa, in, now);

	if (why)
		return why;
	((struct v1_quick *)in->x->body)->spi = c->spi_in;
	why = agree(sa, in, c, a, allowed, now);
	if (!why && !v1_pfs_waits(in->x))
		why = say_second(sa, in, c, a, now);
	return why;
}

static enum isakmp_reason serve(struct ike_sa *sa, struct v1_in *in, struct answer *a, u64 now)
{
	const struct ike_peer *peer = isakmp_peer_now(sa);
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;
	struct ike_child *c;
	u32 allowed;

	if (!peer)
		return ISAKMP_R_NO_CHILD;
	if (sa->n_children >= IKE_INSTANCES_MAX) {
		isakmp_peer_put(peer);
		return ISAKMP_R_NO_ADDITIONAL_SAS;
	}
	allowed = ike_children_allowed(sa, peer);
	c = ike_child_new(sa, peer, NULL);
	isakmp_peer_put(peer);
	if (c)
		why = answer(sa, in, a, c, allowed, now);
	if (why || v1_pfs_waits(in->x)) {
		if (c)
			ike_child_drop(sa, c, why);
		return why;
	}
	if (c->rekeys)
		ike_rekey_answered(sa, c, now);
	drop_wish(sa, c);
	return ISAKMP_OK;
}

/**
 * v1_quick_serve - as v1_quick_asked(), and again with what the helper has computed
 * @sa: the SA
 * @in: the message
 * @v: the verdict, or NULL
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: as v1_quick_asked().
 */
enum isakmp_reason v1_quick_serve(struct ike_sa *sa, struct v1_in *in,
				  const struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;
	struct answer *a;

	a = isakmp_alloc(sizeof(*a));
	if (a) {
		a->v = v;
		why = serve(sa, in, a, now);
	}
	isakmp_free(a);
	/* What the helper has computed is asked for again */
	if (!why || (v && why == ISAKMP_R_NO_MEMORY))
		return why;
	if (!v1_is_ours(why))
		v1_info_refused(sa, in, why);
	/* With the message, where that has waited */
	if (in->x)
		v1_exchange_free(sa, in->ep, in->x);
	in->x = NULL;
	return why;
}

/**
 * v1_quick_asked - message 1 of a Quick Mode of the peer
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * The children are those of the peer object as it is now.
 *
 * Context: Process; the SA's worker.
 * Return: OK when the child is up, though held, or the helper computes; or why there is none (the
 * peer was told, but of what is no fault of its: it will ask again).
 */
enum isakmp_reason v1_quick_asked(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	return sa->state == IKE_S_ESTABLISHED ? v1_quick_serve(sa, in, NULL, now) : ISAKMP_R_NO_LAW;
}

/**
 * v1_quick_confirmed - message 3 of a Quick Mode of the peer
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK.
 */
enum isakmp_reason v1_quick_confirmed(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct ike_child *c = v1_quick_child(sa, in->x);

	v1_quick_note_commit(in, in->x);
	v1_exchange_done(in->x, now);
	/* Our Delete came before the peer had it */
	if (!c || c->state == IKE_CHILD_GONE)
		v1_quick_tell_gone(sa, in->ep, in->x->body);
	if (!c || !c->held)
		return ISAKMP_OK;
	if (in->x->commit)
		c->try_at = now + V1_COMMIT_MS;
	else
		ike_rekey_used(sa, c, now);
	return ISAKMP_OK;
}
