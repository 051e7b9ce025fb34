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

/* ---- how it ends ----------------------------------------------------------------- */

static struct ike_child *child_of(const struct ike_sa *sa, const struct v1_exchange *x)
{
	const struct v1_quick *q = x->body;

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
	v1_pair_failed(sa, c, ISAKMP_R_TIMEOUT, now);
	if (sa->children)
		return;
	v1_info_delete(sa, ep);
	ike_sa_die(sa, ISAKMP_R_TIMEOUT, 0, now);
}

static void tell_gone(struct ike_sa *sa, struct ike_epoch *ep, const struct v1_quick *q)
{
	enum isakmp_reason why = v1_info_delete_child(sa, ep, q->protocol, q->spi);

	if (why)
		isakmp_refused(sa, why, q->spi);
}

/* Message 3 has not come.  Where traffic has, the peer has the child all the same. */
static void lost_theirs(struct ike_sa *sa, struct ike_epoch *ep, struct ike_child *c,
			const struct v1_quick *q, u64 now)
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

	if (v1_pfs_waits(x)) {
		v1_pfs_failed(sa, ep, x, ISAKMP_R_HELPER_LOST, now);
	} else if (c && x->initiator) {
		lost_ours(sa, ep, c, now);
	} else if (c) {
		x->step = 0;	/* nothing is awaited any more */
		lost_theirs(sa, ep, c, x->body, now);
	}
}

/*
 * A child that waits for it is free to be negotiated by another one.  With the ISAKMP SA gone
 * message 3 does not come any more, nor the end of the wait for it.
 */
static void forget(struct ike_sa *sa, struct v1_exchange *x)
{
	struct ike_child *c = child_of(sa, x);

	if (c && x->initiator && x->step)
		c->busy = false;
	if (c && !x->initiator && x->step && c->state == IKE_CHILD_UP) {
		c->unconfirmed = true;
		c->try_at = x->until_at;
	}
	v1_pfs_free(sa, x);
	isakmp_free(x->body);
	x->body = NULL;
}

/*
 * Message 2 has come again, of a child that is gone since: the peer has not heard message 3, nor
 * that.  It would send through the child if it heard only one of them.
 */
static bool again(struct ike_sa *sa, struct v1_in *in, struct v1_exchange *x, u64 now)
{
	const struct ike_child *c = child_of(sa, x);
	struct v1_quick *q = x->body;
	enum isakmp_reason why;

	if (!x->initiator || x->step || q->taken_back || (c && c->state != IKE_CHILD_GONE))
		return false;
	why = v1_info_take_back(sa, in, x, q->protocol, q->spi, now);
	q->taken_back = !why;
	if (why)
		isakmp_refused(sa, why, q->spi);
	return true;
}

const struct v1_exchange_ops v1_quick_ops = {
	.type = V1_QUICK, .lost = lost, .again = again, .free = forget,
};

static struct v1_quick *body_new(struct v1_exchange *x, u32 spi, u16 group)
{
	struct v1_quick *q = isakmp_alloc(sizeof(*q));

	if (!q)
		return NULL;
	q->spi = spi;
	q->pfs.group = group;
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
	const struct v1_quick *q = x->body;

	v1_offer_add(sa, c, q->pfs.group, m);
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

/* @pub: our value; @pub_len: 0: there is none */
static enum isakmp_reason propose(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x,
				  struct ike_child *c, const u8 *pub, u16 pub_len, u64 now)
{
	enum isakmp_reason why;
	struct v1_pair pair;
	struct v1_msg m;

	if (!v1_pair_of(sa, c, &pair))
		return ISAKMP_R_TS;
	v1_pair_set(c, &pair);
	why = v1_msg_begin(sa, ep, x, &m, V1_QUICK, V1_H_1);
	if (why)
		return why;
	why = say_first(sa, x, c, &pair, pub, pub_len, &m);
	if (why) {
		v1_msg_free(&m);
		return why;
	}
	x->until_at = now + V1_EXCHANGE_MS;
	why = v1_talk_say(sa, &m, &x->talk, NULL, true, now);
	sa->v1->told_contact |= !why;
	return why;
}

static enum isakmp_reason begin(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x,
				struct ike_child *c, u8 *pub, u64 now)
{
	struct v1_quick *q = x->body;
	enum isakmp_reason why;
	u16 pub_len;

	/* Some peers copy it, and put theirs over its first 20 octets */
	x->ni_len = V1_NONCE_LEN;
	isakmp_random(x->ni, x->ni_len);
	if (isakmp_kex_by_helper(q->pfs.group))
		return v1_pfs_wait(sa, ep, x, NULL);
	why = v1_pfs_make(&q->pfs, pub, &pub_len);
	return why ? why : propose(sa, ep, x, c, pub, pub_len, now);
}

/**
 * v1_quick_begin - propose a child
 * @sa: the SA
 * @ep: by which ISAKMP SA
 * @c: the child, WANTED; busy when OK
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK; AH_NAT; NO_PROPOSAL, TS: version 1 cannot say it; HELPER_LOST: nobody computes its
 * group; NO_MEMORY; CRYPTO; OVERSIZE.
 */
enum isakmp_reason v1_quick_begin(struct ike_sa *sa, struct ike_epoch *ep, struct ike_child *c,
				  u64 now)
{
	enum isakmp_reason why = ike_child_passes(sa, c->policy);
	struct v1_exchange *x;
	struct v1_pair pair;
	u16 group;
	u8 *pub;

	if (!why)
		why = v1_offer_group(sa, c, &group);
	if (!why && !v1_pair_of(sa, c, &pair))
		why = ISAKMP_R_TS;
	if (why)
		return why;
	x = v1_exchange_new(sa, ep, &v1_quick_ops, 0, now);
	if (!x)
		return ISAKMP_R_NO_MEMORY;
	pub = isakmp_alloc(IKE_KE_MAX);
	why = pub && body_new(x, c->spi_in, group) ? ISAKMP_OK : ISAKMP_R_NO_MEMORY;
	if (!why)
		why = begin(sa, ep, x, c, pub, now);
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
		n += x->ops == &v1_quick_ops && x->initiator && x->step;
	return n;
}

/* ---- what both ends do with a message -------------------------------------------------- */

/* Of 8 to 256 octets: see v1_receive(). */
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
	/* Behind a NAT strongSwan says the addresses as it sees them, others as they were asked for */
	if (c->mode == IKE_MODE_TRANSPORT) {
		ike_child_substitute(sa, &asked.local, 1, &asked.remote, 1);
		ike_child_substitute(sa, &got.local, 1, &got.remote, 1);
	}
	if (!v1_pair_is(&asked, &got))
		return ISAKMP_R_TS;
	v1_pair_set(c, &got);
	return ISAKMP_OK;
}

/* @v: what the helper has computed; NULL: nothing.  @room: IKE_KE_MAX octets */
static enum isakmp_reason complete(struct ike_sa *sa, struct v1_in *in, struct ike_child *c,
				   const struct ike_verdict *v, u8 *room, u64 now)
{
	struct v1_exchange *x = in->x;
	struct v1_quick *q = x->body;
	const struct isakmp_payload *ke;
	struct ike_child_secrets secrets;
	struct ike_span secret = {};
	struct v1_choice choice;
	enum isakmp_reason why;

	why = v1_offer_chosen(sa, c, q->pfs.group, in, &choice);
	if (!why)
		why = check_pair(sa, in, c);
	if (!why)
		why = v1_pfs_check(in, q->pfs.group, &ke);
	if (!why && !v && isakmp_kex_by_helper(q->pfs.group))
		return v1_pfs_wait(sa, in->ep, x, in);
	if (!why && v)
		secret = v->shared;
	else if (!why)
		why = v1_pfs_derive(q->pfs.kex, q->pfs.group, ke, NULL, NULL, room, &secret);
	if (why)
		return why;
	take_nonce(in, x->nr, &x->nr_len);
	q->protocol = choice.protocol;
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

/* As v1_quick_answered(); @v: what the helper has computed, or NULL. */
static enum isakmp_reason answered(struct ike_sa *sa, struct v1_in *in,
				   const struct ike_verdict *v, u64 now)
{
	struct ike_child *c = child_of(sa, in->x);
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;
	u8 *room;

	if (!c || c->state != IKE_CHILD_WANTED) {
		if (c)
			c->busy = false;
		v1_exchange_done(in->x, now);
		return ISAKMP_OK;
	}
	room = isakmp_alloc(IKE_KE_MAX);
	if (room)
		why = complete(sa, in, c, v, room, now);
	isakmp_free(room);
	if (why == ISAKMP_R_NO_MEMORY || (!why && v1_pfs_waits(in->x)))
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

/**
 * v1_quick_answered - message 2 of a Quick Mode of ours
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * A child that the peer has and we cannot have, or want no more, is deleted there.
 *
 * Context: Process; the SA's worker.
 * Return: OK, also when the helper computes; or why there is no child; NO_MEMORY: not yet, all is
 * as it was.
 */
enum isakmp_reason v1_quick_answered(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	note_commit(in, in->x);
	return answered(sa, in, NULL, now);
}

/* ---- who is asked -------------------------------------------------------------------- */

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
	take_nonce(in, in->x->ni, &in->x->ni_len);
	in->x->nr_len = IKE_NONCE_LEN;
	isakmp_random(in->x->nr, in->x->nr_len);
	q->protocol = a->choice.protocol;
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

static enum isakmp_reason exchange_of(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	in->x = v1_exchange_new(sa, in->ep, &v1_quick_ops, in->h.msgid, now);
	if (!in->x || !body_new(in->x, 0, IKE_KE_NONE))
		return ISAKMP_R_NO_MEMORY;
	note_commit(in, in->x);
	hear_contact(sa, in, now);
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

/* As v1_quick_asked(); @v: what the helper has computed, or NULL. */
static enum isakmp_reason asked(struct ike_sa *sa, struct v1_in *in, const struct ike_verdict *v,
				u64 now)
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
	return sa->state == IKE_S_ESTABLISHED ? asked(sa, in, NULL, now) : ISAKMP_R_NO_LAW;
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

	if (!x || x->ops != &v1_quick_ops || !x->commit || x->step)
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
	const struct v1_quick *q;

	for (x = ep->v1->exchanges; x; x = x->next) {
		if (x->ops != &v1_quick_ops || !x->initiator || !x->step)
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
	v1_pfs_free(sa, x);
	v1_exchange_done(x, now);
	if (c && c->state == IKE_CHILD_WANTED)
		v1_pair_failed(sa, c, ISAKMP_R_PEER_ERROR, now);
}

/* ---- the helper has computed ----------------------------------------------------------------- */

/* Our value is there: message 1. */
static enum isakmp_reason made(struct ike_sa *sa, const struct v1_in *in,
			       const struct ike_verdict *v, u64 now)
{
	struct ike_child *c = child_of(sa, in->x);

	if (!c || c->state != IKE_CHILD_WANTED) {
		v1_exchange_free(sa, in->ep, in->x);
		return ISAKMP_OK;
	}
	return propose(sa, in->ep, in->x, c, v->pub.p, (u16)v->pub.len, now);
}

/**
 * v1_quick_computed - the helper has computed
 * @sa: the SA
 * @in: the message that has waited for it; before message 1 there is none: no @in->pkt
 * @v: the verdict; it fits
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why there is no child; NO_MEMORY: all is as it was.
 */
enum isakmp_reason v1_quick_computed(struct ike_sa *sa, struct v1_in *in,
				     const struct ike_verdict *v, u64 now)
{
	if (!in->x->initiator)
		return asked(sa, in, v, now);
	return in->pkt ? answered(sa, in, v, now) : made(sa, in, v, now);
}
