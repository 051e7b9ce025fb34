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
 * Either end may begin; several go on at once, of ours tun->v1_quicks by one ISAKMP SA.  The
 * responder receives before it says message 2, and sends when message 3, or traffic, shows that
 * the initiator is there.  It repeats message 2 by timer: only that makes the initiator say
 * message 3 again.
 *
 * With the commit bit the end that has not set it waits for CONNECTED before it sends (RFC 2408,
 * 3.1).  The bit is in no HASH: the wait is a short one.
 */
#include "v1/phase2.h"

/* ---- how it ends ----------------------------------------------------------------- */

/**
 * v1_quick_child - the child that a Quick Mode is about
 * @sa: the SA
 * @x: the Quick Mode
 *
 * Context: Process; the SA's worker.
 * Return: the child; NULL: it is gone.
 */
struct ike_child *v1_quick_child(const struct ike_sa *sa, const struct v1_exchange *x)
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

/**
 * v1_quick_tell_gone - a child is not there: the peer is told
 * @sa: the SA
 * @ep: by which ISAKMP SA
 * @q: what its Quick Mode keeps
 *
 * Context: Process; the SA's worker.
 */
void v1_quick_tell_gone(struct ike_sa *sa, struct ike_epoch *ep, const struct v1_quick *q)
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
	v1_quick_tell_gone(sa, ep, q);
	ike_rekey_forget(sa, c, ISAKMP_R_TIMEOUT, now);
}

static void lost(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x, u64 now)
{
	struct ike_child *c = v1_quick_child(sa, x);

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
	struct ike_child *c = v1_quick_child(sa, x);

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
	const struct ike_child *c = v1_quick_child(sa, x);
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

/**
 * v1_quick_body - what a Quick Mode keeps
 * @x: it
 * @spi: our SPI of its child; 0: not known yet
 * @group: of its key exchange
 *
 * Context: Process; the SA's worker.
 * Return: false: no memory.
 */
bool v1_quick_body(struct v1_exchange *x, u32 spi, u16 group)
{
	struct v1_quick *q = isakmp_alloc(sizeof(*q));

	if (!q)
		return false;
	q->spi = spi;
	q->pfs.group = group;
	x->body = q;
	return true;
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
	v1_msg_bytes(m, V1_PL_NONCE, x->ni, x->ni_len);
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
	why = pub && v1_quick_body(x, c->spi_in, group) ? ISAKMP_OK : ISAKMP_R_NO_MEMORY;
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

/**
 * v1_quick_nonce - take the nonce of a message
 * @in: the message
 * @nonce: IKE_NONCE_MAX octets: see v1_receive()
 * @len: set: how many there are
 *
 * Context: Process; the SA's worker.
 */
void v1_quick_nonce(const struct v1_in *in, u8 *nonce, u16 *len)
{
	const struct isakmp_payload *p = v1_chain_find(&in->chain, V1_PL_NONCE);

	*len = p->len;
	memcpy(nonce, p->body, p->len);
}

/**
 * v1_quick_secrets - what the keys of the child are made of
 * @x: the Quick Mode
 * @shared: g(qm)^xy; empty: no PFS
 *
 * Context: Process; the SA's worker.
 * Return: spans of it.
 */
struct ike_child_secrets v1_quick_secrets(const struct v1_exchange *x, struct ike_span shared)
{
	return (struct ike_child_secrets){
		.shared = shared, .ni = { x->ni, x->ni_len }, .nr = { x->nr, x->nr_len },
	};
}

/**
 * v1_quick_note_commit - did the peer set the commit bit?
 * @in: a message of it
 * @x: the Quick Mode
 *
 * Context: Process; the SA's worker.
 */
void v1_quick_note_commit(const struct v1_in *in, struct v1_exchange *x)
{
	x->commit |= !!(in->h.flags & V1_FLAG_COMMIT);
}

/**
 * v1_quick_contact - does the peer say that it knows of nothing elder?
 * @sa: the SA
 * @in: message 1 or 2: HASH(3) covers no payload
 * @now: ms
 *
 * RFC 2407, 4.6.3.
 *
 * Context: Process; the SA's worker.
 */
void v1_quick_contact(struct ike_sa *sa, const struct v1_in *in, u64 now)
{
	const struct isakmp_payload *p = NULL;
	struct v1_notify n;

	while ((p = v1_chain_next(&in->chain, V1_PL_NOTIFY, p)))
		if (!v1_notify_decode(p, &n) && n.type == V1_N_INITIAL_CONTACT) {
			v1_contact(sa, in->ep, now);
			return;
		}
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

/*
 * The peer began one, too, and has sent its last message before it answered ours: for it, ours takes
 * the place of that.
 */
static enum isakmp_reason place(const struct ike_sa *sa, struct ike_child *c)
{
	const struct ike_child *twin = c->rekeys ? NULL : v1_child_twin(sa, c);

	if (!twin || twin->state != IKE_CHILD_UP || twin->proposer || twin->held ||
	    ike_rekey_wanted(sa, twin))
		return ISAKMP_OK;
	return ike_rekey_prepare(c, twin);
}

/* It has not come up: whose place it will have is seen when message 2 comes again. */
static void unplace(struct ike_child *c)
{
	c->rekeys = 0;
	c->rekeyed = 0;
	isakmp_free(c->lowest);
	c->lowest = NULL;
	if (c->replaces)	/* the same selectors */
		return;
	isakmp_free(c->floor);
	c->floor = NULL;
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
	bool is_rekey = c->rekeys;
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
	if (!why)
		why = place(sa, c);
	if (why)
		return why;
	v1_quick_nonce(in, x->nr, &x->nr_len);
	q->protocol = choice.protocol;
	c->suite = choice.suite;
	c->spi_out = choice.spi;
	c->life = ike_life_of(c->policy);
	agree_life(in, c, &choice);
	c->held = c->rekeys || x->commit;
	secrets = v1_quick_secrets(x, secret);
	why = v1_child_install(sa, in->ep, c, &secrets, now);
	if (why && !is_rekey)
		unplace(c);
	return why;
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
	c->in_vain = true;
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
	struct ike_child *c = v1_quick_child(sa, in->x);
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
	v1_quick_note_commit(in, in->x);
	v1_quick_contact(sa, in, now);
	return answered(sa, in, NULL, now);
}

/* ---- the end of the wait with the commit bit ------------------------------------------- */

/**
 * v1_quick_connected - CONNECTED came, authenticated
 * @sa: the SA
 * @x: the Quick Mode whose message ID it has; the peer set the commit bit in it
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_quick_connected(struct ike_sa *sa, const struct v1_exchange *x, u64 now)
{
	struct ike_child *c = x->step ? NULL : v1_quick_child(sa, x);

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
	struct ike_child *c = x ? v1_quick_child(sa, x) : NULL;

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
	struct ike_child *c = v1_quick_child(sa, in->x);

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
		return v1_quick_serve(sa, in, v, now);
	return in->pkt ? answered(sa, in, v, now) : made(sa, in, v, now);
}
