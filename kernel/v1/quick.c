// SPDX-License-Identifier: GPL-2.0
/*
 * Quick Mode (RFC 2409, 5.5): the negotiation of a child.
 *
 *	Initiator				Responder
 *	HDR*, HASH(1), SA, Ni
 *	  [, KE] [, IDci, IDcr]		-->
 *					<--	HDR*, HASH(2), SA, Nr
 *						  [, KE] [, IDci, IDcr]
 *	HDR*, HASH(3)			-->
 *
 * Either end may begin, and several go on at once.  The responder receives before it says
 * message 2, and sends when message 3, or traffic, shows that the initiator is there.  It
 * repeats message 2 by timer: only that makes the initiator say message 3 again.
 *
 * With the commit bit the end that has not set it waits for CONNECTED before it sends (RFC 2408,
 * 3.1).  The bit is in no HASH: the wait is a short one.
 */
#include "v1/phase2.h"

/**
 * struct quick - what a Quick Mode keeps
 * @spi: our SPI of its child
 * @protocol: responder: of its child
 * @group: IKE_KE_NONE: no PFS
 * @kex: initiator: our private key
 */
struct quick {
	u32 spi;
	u8 protocol;
	u16 group;
	struct isakmp_kex *kex;
};

/* ---- how it ends ----------------------------------------------------------------- */

static struct ike_child *child_of(const struct ike_sa *sa, const struct v1_exchange *x)
{
	const struct quick *q = x->body;

	return q ? ike_child_of(sa, q->spi) : NULL;
}

/*
 * Nobody answers: the peer may have lost the ISAKMP SA.  By another one it is tried once more.
 * A connection that comes to nothing that way ends, as when nobody answers to phase 1.
 */
static void lost_ours(struct ike_sa *sa, struct ike_epoch *ep, struct ike_child *c, u64 now)
{
	c->busy = false;
	if (c->state != IKE_CHILD_WANTED)
		return;
	if (!c->delays++) {
		v1_phase1_end(sa, ep, ISAKMP_R_TIMEOUT, now);
		return;
	}
	ike_rekey_forget(sa, c, ISAKMP_R_TIMEOUT, now);
	if (sa->children)
		return;
	v1_info_delete(sa, ep);
	ike_sa_die(sa, ISAKMP_R_TIMEOUT, 0, now);
}

static void tell_gone(struct ike_sa *sa, struct ike_epoch *ep, const struct quick *q)
{
	enum isakmp_reason why = v1_info_delete_child(sa, ep, q->protocol, q->spi);

	if (why)
		isakmp_refused(sa, why, q->spi);
}

/* Message 3 has not come.  Where traffic has, the peer has the child all the same. */
static void lost_theirs(struct ike_sa *sa, struct ike_epoch *ep, struct ike_child *c,
			const struct quick *q, u64 now)
{
	if (c->state != IKE_CHILD_UP || !c->held)
		return;
	if (isakmp_child_used(sa, c)) {
		ike_rekey_used(sa, c, now);
		return;
	}
	tell_gone(sa, ep, q);
	ike_rekey_forget(sa, c, ISAKMP_R_TIMEOUT, now);
}

static void lost(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x, u64 now)
{
	struct ike_child *c = child_of(sa, x);

	if (c && x->initiator)
		lost_ours(sa, ep, c, now);
	else if (c)
		lost_theirs(sa, ep, c, x->body, now);
}

/* A child that waits for it is free to be negotiated by another one. */
static void forget(struct ike_sa *sa, struct v1_exchange *x)
{
	struct ike_child *c = child_of(sa, x);
	struct quick *q = x->body;

	if (c && x->initiator && x->step)
		c->busy = false;
	if (q)
		isakmp_kex_free(q->kex);
	isakmp_free(q);
	x->body = NULL;
}

static const struct v1_exchange_ops quick_ops = {
	.type = V1_QUICK, .lost = lost, .free = forget,
};

static struct quick *body_new(struct v1_exchange *x, u32 spi, u16 group)
{
	struct quick *q = isakmp_alloc(sizeof(*q));

	if (!q)
		return NULL;
	q->spi = spi;
	q->group = group;
	x->body = q;
	return q;
}

static void add_nonce(struct v1_msg *m, const u8 *nonce, u16 len)
{
	v1_msg_bytes(m, V1_PL_NONCE, nonce, len);
}

/* ---- who begins: message 1 --------------------------------------------------------- */

/* The first Quick Mode of the first ISAKMP SA, if that did not tell: later there may be children. */
static bool says_contact(struct ike_sa *sa, const struct v1_msg *m)
{
	return m->ep == &sa->first && !sa->v1->told_contact && isakmp_contact_is_initial(sa);
}

/* RFC 2407, 4.6.3: in a message "which is protected by a retransmission timer" */
static void add_contact(struct ike_sa *sa, struct v1_msg *m)
{
	struct v1_notify n = { .doi = V1_DOI_IPSEC, .protocol = V1_PROTO_ISAKMP,
			       .type = V1_N_INITIAL_CONTACT, .spi_len = 2 * V1_COOKIE_LEN };
	u8 cookies[2 * V1_COOKIE_LEN];

	put_unaligned_be64(m->ep->spi_i, cookies);
	put_unaligned_be64(m->ep->spi_r, cookies + V1_COOKIE_LEN);
	n.spi = cookies;
	v1_msg_notify(m, &n);
}

static enum isakmp_reason say_first(struct ike_sa *sa, struct v1_exchange *x,
				    const struct ike_child *c, const struct v1_pair *pair,
				    const u8 *pub, u16 pub_len, struct v1_msg *m)
{
	const struct quick *q = x->body;

	v1_offer_add(sa, c, q->group, m);
	add_nonce(m, x->ni, x->ni_len);
	if (pub_len)
		v1_msg_bytes(m, V1_PL_KE, pub, pub_len);
	if (!v1_pair_add(pair, true, m))
		return ISAKMP_R_TS;
	if (v1_nat_oa_wanted(sa, c))
		v1_nat_oa_add(sa, m, true);
	if (says_contact(sa, m))
		add_contact(sa, m);
	return ISAKMP_OK;
}

/* @pub: IKE_KE_MAX room */
static enum isakmp_reason make_key(struct quick *q, u8 *pub, u16 *pub_len)
{
	*pub_len = 0;
	if (q->group == IKE_KE_NONE)
		return ISAKMP_OK;
	q->kex = isakmp_kex_new(q->group, pub, pub_len);
	return q->kex ? ISAKMP_OK : ike_kex_none(q->group);
}

static enum isakmp_reason begin(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x,
				struct ike_child *c, const struct v1_pair *pair, u8 *pub, u64 now)
{
	enum isakmp_reason why;
	struct v1_msg m;
	u16 pub_len;

	why = make_key(x->body, pub, &pub_len);
	if (why)
		return why;
	x->ni_len = IKE_NONCE_LEN;
	isakmp_random(x->ni, x->ni_len);
	v1_pair_set(c, pair);
	why = v1_msg_begin(sa, ep, x, &m, V1_QUICK, V1_H_1);
	if (why)
		return why;
	why = say_first(sa, x, c, pair, pub, pub_len, &m);
	if (why) {
		v1_msg_free(&m);
		return why;
	}
	why = v1_talk_say(sa, &m, &x->talk, NULL, true, now);
	sa->v1->told_contact |= !why;
	return why;
}

/**
 * v1_quick_begin - propose a child
 * @sa: the SA
 * @ep: by which ISAKMP SA
 * @c: the child, WANTED; busy when OK
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK; AH_NAT; NO_PROPOSAL, TS: version 1 cannot say it; NO_MEMORY; CRYPTO; OVERSIZE.
 */
enum isakmp_reason v1_quick_begin(struct ike_sa *sa, struct ike_epoch *ep, struct ike_child *c,
				  u64 now)
{
	enum isakmp_reason why = ike_child_passes(sa, c->policy);
	struct v1_exchange *x;
	struct v1_pair pair;
	u16 group;
	u8 *pub;

	if (!why && !v1_offer_group(sa, c, &group))
		why = ISAKMP_R_NO_PROPOSAL;
	if (!why && !v1_pair_of(sa, c, &pair))
		why = ISAKMP_R_TS;
	if (why)
		return why;
	x = v1_exchange_new(sa, ep, &quick_ops, 0, now);
	if (!x)
		return ISAKMP_R_NO_MEMORY;
	pub = isakmp_alloc(IKE_KE_MAX);
	why = pub && body_new(x, c->spi_in, group) ? ISAKMP_OK : ISAKMP_R_NO_MEMORY;
	if (!why)
		why = begin(sa, ep, x, c, &pair, pub, now);
	isakmp_free(pub);
	if (why)
		v1_exchange_free(sa, ep, x);
	c->busy = !why;
	return why;
}

/**
 * v1_quicks_out - how many Quick Modes of ours are under way
 * @ep: of which ISAKMP SA
 *
 * Context: Process; the SA's worker.
 * Return: the number.
 */
unsigned int v1_quicks_out(const struct ike_epoch *ep)
{
	const struct v1_exchange *x;
	unsigned int n = 0;

	for (x = ep->v1->exchanges; x; x = x->next)
		n += x->ops == &quick_ops && x->initiator && x->step;
	return n;
}

/* ---- key exchange -------------------------------------------------------------------- */

/* Has the message a KE payload exactly when the suite has a group, and is it a value of it? */
static enum isakmp_reason check_ke(const struct v1_in *in, u16 group,
				   const struct isakmp_payload **ke)
{
	*ke = v1_chain_find(&in->chain, V1_PL_KE);
	if (group == IKE_KE_NONE)
		return *ke ? ISAKMP_R_KE_GROUP : ISAKMP_OK;
	if (!*ke)
		return ISAKMP_R_MISSING;
	return isakmp_kex_pub_ok(group, (*ke)->body, (*ke)->len) ? ISAKMP_OK : ISAKMP_R_KE_VALUE;
}

/* @kex: NULL: a fresh one, with its value in @pub.  @shared: IKE_KE_MAX room each. */
static enum isakmp_reason derive(struct isakmp_kex *kex, u16 group,
				 const struct isakmp_payload *ke, u8 *pub, u16 *pub_len,
				 u8 *shared, struct ike_span *out)
{
	struct isakmp_kex *fresh = NULL;
	enum isakmp_reason why;
	u16 len;

	if (!ke)
		return ISAKMP_OK;
	if (!kex)
		kex = fresh = isakmp_kex_new(group, pub, pub_len);
	if (!kex)
		return ike_kex_none(group);
	why = ike_kex_reason(isakmp_kex_derive(kex, ke->body, ke->len, shared, &len));
	isakmp_kex_free(fresh);
	*out = (struct ike_span){ shared, len };
	return why;
}

static void take_nonce(const struct v1_in *in, u8 *nonce, u16 *len)
{
	const struct isakmp_payload *p = v1_chain_find(&in->chain, V1_PL_NONCE);

	*len = p->len;
	memcpy(nonce, p->body, p->len);
}

static struct ike_child_secrets secrets_of(const struct v1_exchange *x, struct ike_span shared)
{
	return (struct ike_child_secrets){
		.shared = shared, .ni = { x->ni, x->ni_len }, .nr = { x->nr, x->nr_len },
	};
}

static void note_commit(const struct v1_in *in, struct v1_exchange *x)
{
	x->commit |= !!(in->h.flags & V1_FLAG_COMMIT);
}

/* ---- who begins: message 2 --------------------------------------------------------- */

/* RESPONDER-LIFETIME, where the responder chooses less than was offered. */
static void hear_life(const struct v1_in *in, struct ike_child *c, u32 spi)
{
	const struct isakmp_payload *p = NULL;
	struct v1_notify n;
	struct v1_life l;

	while ((p = v1_chain_next(&in->chain, V1_PL_NOTIFY, p)))
		if (!v1_notify_decode(p, &n) && n.type == V1_N_RESPONDER_LIFETIME &&
		    n.protocol != V1_PROTO_ISAKMP &&
		    (n.spi_len != 4 || get_unaligned_be32(n.spi) == spi) && v1_life_told(&n, &l))
			v1_life_shorten(&c->life, &l);
}

/* What was offered, or less: what nothing was said of has the default. */
static void agree_life(const struct v1_in *in, struct ike_child *c, const struct v1_choice *choice)
{
	struct v1_life l = choice->life;

	if (!c->life.s)
		c->life.s = V1_LIFE_DEFAULT_S;
	if (!choice->has_s)
		l.s = 0;
	v1_life_shorten(&c->life, &l);
	hear_life(in, c, choice->spi);
}

/* "The identities ... MUST be passed": what is not what we asked for we do not have. */
static enum isakmp_reason check_pair(const struct ike_sa *sa, const struct v1_in *in,
				     struct ike_child *c)
{
	struct v1_pair asked, got;
	enum isakmp_reason why;
	bool there;

	if (!v1_pair_of(sa, c, &asked))
		return ISAKMP_R_TS;
	why = v1_pair_read(sa, in, true, &got, &there);
	if (why)
		return why;
	if (!v1_pair_is(&asked, &got))
		return ISAKMP_R_TS;
	if (c->mode == IKE_MODE_TRANSPORT)
		ike_child_substitute(sa, &got.local, 1, &got.remote, 1);
	v1_pair_set(c, &got);
	return ISAKMP_OK;
}

static enum isakmp_reason complete(struct ike_sa *sa, struct v1_in *in, struct ike_child *c,
				   u8 *shared, u64 now)
{
	struct v1_exchange *x = in->x;
	struct quick *q = x->body;
	const struct isakmp_payload *ke;
	struct ike_child_secrets secrets;
	struct ike_span secret = {};
	struct v1_choice choice;
	enum isakmp_reason why;

	why = v1_offer_chosen(sa, c, q->group, in, &choice);
	if (!why)
		why = check_pair(sa, in, c);
	if (!why)
		why = check_ke(in, q->group, &ke);
	if (!why)
		why = derive(q->kex, q->group, ke, NULL, NULL, shared, &secret);
	if (why)
		return why;
	take_nonce(in, x->nr, &x->nr_len);
	c->suite = choice.suite;
	c->spi_out = choice.spi;
	c->life = ike_life_of(c->policy);
	agree_life(in, c, &choice);
	c->held = c->rekeys || x->commit;
	secrets = secrets_of(x, secret);
	return v1_child_install(sa, in->ep, c, &secrets, now);
}

static enum isakmp_reason say_third(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	enum isakmp_reason why;
	struct v1_msg m;

	why = v1_msg_begin(sa, in->ep, in->x, &m, V1_QUICK, V1_H_3);
	return why ? why : v1_talk_say(sa, &m, &in->x->talk, in, false, now);
}

/*
 * Both ends have begun at once.  Nobody says which of the two goes; both see all SPIs, though:
 * the one with the lowest goes, by who began it.
 */
static void cross(struct ike_sa *sa, struct ike_child *c, u64 now)
{
	const struct ike_child *twin = v1_child_twin(sa, c);

	if (!twin || twin->state != IKE_CHILD_UP || twin->proposer ||
	    min(twin->spi_in, twin->spi_out) <= min(c->spi_in, c->spi_out))
		return;
	c->superseded = true;
	c->state = IKE_CHILD_REKEYED;
	c->try_at = now + IKE_CHILD_LINGER_MS;
}

/* It is up: what it takes the place of goes. */
static void came_up(struct ike_sa *sa, struct ike_child *c, bool commit, u64 now)
{
	struct ike_child *old = c->rekeys ? ike_child_of(sa, c->rekeys) : NULL;

	if (commit && c->held)
		c->try_at = now + V1_COMMIT_MS;
	if (!c->rekeys) {
		ike_child_took_over(sa, c);
		cross(sa, c, now);
		return;
	}
	ike_rekey_done(sa, c, now);
	/* The old one sends until CONNECTED */
	if (old && commit && old->state == IKE_CHILD_REKEYED)
		old->try_at += V1_COMMIT_MS;
}

/**
 * v1_quick_answered - message 2 of a Quick Mode of ours
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * A child that the peer has and we cannot have, or want no more, is deleted there.
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why there is no child; NO_MEMORY: not yet, all is as it was.
 */
enum isakmp_reason v1_quick_answered(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct ike_child *c = child_of(sa, in->x);
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;
	u8 *shared;

	note_commit(in, in->x);
	if (!c || c->state != IKE_CHILD_WANTED) {
		if (c)
			c->busy = false;
		v1_exchange_done(in->x, now);
		return ISAKMP_OK;
	}
	shared = isakmp_alloc(IKE_KE_MAX);
	if (shared)
		why = complete(sa, in, c, shared, now);
	isakmp_free(shared);
	if (why == ISAKMP_R_NO_MEMORY)
		return why;
	c->busy = false;
	if (!why) {
		why = say_third(sa, in, now);
		came_up(sa, c, in->x->commit, now);
	}
	if (why)
		ike_child_delete(c);
	v1_exchange_done(in->x, now);
	return why;
}

/* ---- who is asked -------------------------------------------------------------------- */

/* What message 2 needs beside the child. */
struct answer {
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
static enum isakmp_reason place(struct ike_sa *sa, struct ike_child *c, u64 now)
{
	struct ike_child *old = v1_child_twin(sa, c);

	/* The new one is there already */
	if (!old)
		return ike_children_count(sa) > IKE_CHILDREN_MAX ? ISAKMP_R_NO_ADDITIONAL_SAS :
								   ISAKMP_OK;
	if (!isakmp_bucket_spend(&sa->rekeys, now, IKE_REKEYS_PER_SECOND, IKE_REKEYS_BURST))
		return ISAKMP_R_REKEY_LIMIT;
	return ike_rekey_prepare(c, old);
}

static enum isakmp_reason agree(struct ike_sa *sa, struct v1_in *in, struct ike_child *c,
				struct answer *a, u32 allowed, u64 now)
{
	const struct isakmp_payload *ke;
	struct ike_span secret = {};
	struct ike_child_secrets secrets;
	enum isakmp_reason why;

	why = v1_pair_read(sa, in, false, &a->asked, &a->ids);
	if (!why)
		why = v1_match(sa, c, in, &a->asked, allowed, &a->choice);
	if (!why)
		why = check_ke(in, a->choice.suite.ke, &ke);
	if (!why)
		why = place(sa, c, now);
	if (!why)
		why = derive(NULL, a->choice.suite.ke, ke, a->pub, &a->pub_len, a->shared, &secret);
	if (why)
		return why;
	take_nonce(in, in->x->ni, &in->x->ni_len);
	in->x->nr_len = IKE_NONCE_LEN;
	isakmp_random(in->x->nr, in->x->nr_len);
	((struct quick *)in->x->body)->protocol = a->choice.protocol;
	c->suite = a->choice.suite;
	c->spi_out = a->choice.spi;
	v1_life_set(&c->life, &a->choice.agreed);
	c->held = true;
	secrets = secrets_of(in->x, secret);
	return v1_child_install(sa, in->ep, c, &secrets, now);
}

static void echo_ids(const struct v1_in *in, struct v1_msg *m)
{
	const struct isakmp_payload *p = NULL;

	while ((p = v1_chain_next(&in->chain, V1_PL_ID, p)))
		v1_msg_bytes(m, V1_PL_ID, p->body, p->len);
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
	add_nonce(&m, in->x->nr, in->x->nr_len);
	if (a->pub_len)
		v1_msg_bytes(&m, V1_PL_KE, a->pub, a->pub_len);
	if (a->ids)
		echo_ids(in, &m);
	if (v1_nat_oa_wanted(sa, c))
		v1_nat_oa_add(sa, &m, false);
	if (a->choice.tell)
		v1_life_tell(&m, a->choice.protocol, c->spi_in, &a->choice.agreed);
	return v1_talk_say(sa, &m, &in->x->talk, in, true, now);
}

/* The notification that tells the peer why it has no child. */
static u16 notify_of(enum isakmp_reason why)
{
	switch (why) {
	case ISAKMP_R_TS:
	case ISAKMP_R_TS_PREFIXES:
	case ISAKMP_R_V1_QUICK_ID:
		return V1_N_INVALID_ID_INFORMATION;
	case ISAKMP_R_KE_VALUE:
		return V1_N_INVALID_KEY_INFORMATION;
	case ISAKMP_R_BAD_SA:
		return V1_N_BAD_PROPOSAL_SYNTAX;
	case ISAKMP_R_V1_DOI:
		return V1_N_DOI_NOT_SUPPORTED;
	case ISAKMP_R_V1_SITUATION:
		return V1_N_SITUATION_NOT_SUPPORTED;
	default:
		return V1_N_NO_PROPOSAL_CHOSEN;
	}
}

/* The peer was quicker: what waits of ours is wanted no more. */
static void drop_wish(struct ike_sa *sa, const struct ike_child *c)
{
	struct ike_child *d;

	for (d = sa->children; d; d = d->next)
		if (d->state == IKE_CHILD_WANTED && !d->busy && !d->rekeys && d->nth == c->nth &&
		    !strcmp(d->policy->name, c->policy->name))
			break;
	if (!d)
		return;
	if (d->replaces && ike_child_of(sa, d->replaces))
		ike_child_took_over(sa, d);
	ike_child_drop(sa, d, ISAKMP_OK);
}

static void hear_contact(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	const struct isakmp_payload *p = NULL;
	struct v1_notify n;

	while ((p = v1_chain_next(&in->chain, V1_PL_NOTIFY, p)))
		if (!v1_notify_decode(p, &n) && n.type == V1_N_INITIAL_CONTACT) {
			v1_contact(sa, in->ep, now);
			return;
		}
}

static enum isakmp_reason answer(struct ike_sa *sa, struct v1_in *in, struct answer *a,
				 struct ike_child *c, u32 allowed, u64 now)
{
	enum isakmp_reason why;

	in->x = v1_exchange_new(sa, in->ep, &quick_ops, in->h.msgid, now);
	if (!in->x || !body_new(in->x, c->spi_in, IKE_KE_NONE))
		return ISAKMP_R_NO_MEMORY;
	note_commit(in, in->x);
	hear_contact(sa, in, now);
	why = agree(sa, in, c, a, allowed, now);
	if (!why)
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
	if (!why && c->rekeys)
		ike_rekey_answered(sa, c, now);
	if (!why) {
		drop_wish(sa, c);
		return why;
	}
	if (in->x)
		v1_exchange_free(sa, in->ep, in->x);
	in->x = NULL;
	if (c)
		ike_child_drop(sa, c, why);
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
 * Return: OK when the child is up, though held; or why there is none (the peer was told,
 * but of NO_MEMORY).
 */
enum isakmp_reason v1_quick_asked(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;
	struct answer *a;
	u8 protocol;
	u32 spi;

	if (sa->state != IKE_S_ESTABLISHED)
		return ISAKMP_R_NO_LAW;
	a = isakmp_alloc(sizeof(*a));
	if (a)
		why = serve(sa, in, a, now);
	isakmp_free(a);
	if (!why || why == ISAKMP_R_NO_MEMORY)
		return why;
	spi = v1_offer_spi(in, &protocol);
	v1_info_error(sa, in->ep, notify_of(why), protocol, spi);
	return why;
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
	struct ike_child *c = child_of(sa, in->x);

	note_commit(in, in->x);
	v1_exchange_done(in->x, now);
	/* Our Delete came before the peer had it */
	if (!c || c->state == IKE_CHILD_GONE)
		tell_gone(sa, in->ep, in->x->body);
	if (!c || !c->held)
		return ISAKMP_OK;
	if (in->x->commit)
		c->try_at = now + V1_COMMIT_MS;
	else
		ike_rekey_used(sa, c, now);
	return ISAKMP_OK;
}

/**
 * v1_quick_connected - CONNECTED came, authenticated
 * @sa: the SA
 * @ep: by which ISAKMP SA
 * @msgid: its message ID: that of the Quick Mode that it is about
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_quick_connected(struct ike_sa *sa, struct ike_epoch *ep, u32 msgid, u64 now)
{
	struct v1_exchange *x = v1_exchange_of(ep, msgid);
	struct ike_child *c;

	if (!x || x->ops != &quick_ops || !x->commit || x->step)
		return;
	c = child_of(sa, x);
	if (!c || c->state != IKE_CHILD_UP || !c->held)
		return;
	c->try_at = IKE_NEVER;
	ike_rekey_used(sa, c, now);
}

/* ---- refused ----------------------------------------------------------------------------- */

/* Of which Quick Mode: who says no SPI means the only one. */
static struct v1_exchange *meant(const struct ike_epoch *ep, const struct v1_notify *n)
{
	struct v1_exchange *x, *found = NULL;
	const struct quick *q;

	for (x = ep->v1->exchanges; x; x = x->next) {
		if (x->ops != &quick_ops || !x->initiator || !x->step)
			continue;
		q = x->body;
		if (n->spi_len == 4 && get_unaligned_be32(n->spi) == q->spi)
			return x;
		if (n->spi_len != 4 || !get_unaligned_be32(n->spi))
			found = v1_quicks_out(ep) == 1 ? x : NULL;
	}
	return found;
}

/**
 * v1_quick_refused - an error came, authenticated: of a child that we want?
 * @sa: the SA
 * @ep: by which ISAKMP SA
 * @n: the notification
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_quick_refused(struct ike_sa *sa, struct ike_epoch *ep, const struct v1_notify *n,
		      u64 now)
{
	struct v1_exchange *x = meant(ep, n);
	struct ike_child *c = x ? child_of(sa, x) : NULL;

	if (!x)
		return;
	if (c)
		c->busy = false;
	v1_exchange_done(x, now);
	if (c && c->state == IKE_CHILD_WANTED)
		ike_rekey_forget(sa, c, ISAKMP_R_PEER_ERROR, now);
}
