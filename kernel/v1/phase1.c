// SPDX-License-Identifier: GPL-2.0
/* What all exchanges of phase 1 have in common: an ISAKMP SA begins, comes up, ends. */
#include "v1/engine.h"

/**
 * v1_phase1_new - an ISAKMP SA, not begun yet
 *
 * Context: Process.
 * Return: it, for an epoch; NULL: no memory.
 */
struct v1_phase1 *v1_phase1_new(void)
{
	struct v1_phase1 *p = isakmp_alloc(sizeof(*p));

	if (!p)
		return NULL;
	p->step = 1;
	p->talk.resend_at = IKE_NEVER;
	p->rekey_at = IKE_NEVER;
	p->expire_at = IKE_NEVER;
	p->dpd_at = IKE_NEVER;
	p->until_at = IKE_NEVER;
	return p;
}

/**
 * v1_setup_new - room for what only the setting up needs
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK or NO_MEMORY.
 */
enum isakmp_reason v1_setup_new(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct v1_setup *u = isakmp_alloc(sizeof(*u));

	if (!u)
		return ISAKMP_R_NO_MEMORY;
	u->until_at = now + IKE_ESTABLISH_MS;
	v1_of(ep)->begun_at = now;
	v1_of(ep)->setup = u;
	return ISAKMP_OK;
}

/**
 * v1_setup_free - forget it
 * @u: it; NULL is fine
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void v1_setup_free(struct v1_setup *u)
{
	unsigned int i;

	if (!u)
		return;
	isakmp_kex_free(u->kex);
	isakmp_free(u->sa_i);
	isakmp_free(u->sa_r);
	isakmp_free(u->id);
	isakmp_free(u->peer_id);
	isakmp_free(u->kept);
	isakmp_free(u->ask);
	isakmp_free(u->said);
	for (i = 0; i < V1_EARLY_MAX; i++)
		isakmp_free(u->early[i]);
	if (u->peer)
		isakmp_peer_put(u->peer);
	isakmp_free(u);
}

/* ---- a message that waits for the helper ---------------------------------- */

/**
 * v1_kept_take - keep the payloads of a message until the helper has decided
 * @u: the setting up
 * @in: the message
 *
 * Context: Process; the SA's worker.
 * Return: OK or NO_MEMORY.
 */
enum isakmp_reason v1_kept_take(struct v1_setup *u, const struct v1_in *in)
{
	u8 *copy = ike_copy(in->pkt->data + IKE_HDR_LEN, in->chain.end);

	if (!copy)
		return ISAKMP_R_NO_MEMORY;
	isakmp_free(u->kept);
	u->kept = copy;
	u->kept_len = in->chain.end;
	u->kept_first = in->h.next;
	u->kept_clear = !in->encrypted;
	u->pending = in->pkt->digest;
	u->path = in->pkt->path;
	memcpy(u->iv, in->iv, sizeof(u->iv));
	return ISAKMP_OK;
}

/**
 * v1_kept_read - read them again
 * @u: the setting up
 * @c: the chain
 *
 * Context: Process; the SA's worker.
 * Return: OK: it was before.
 */
enum isakmp_reason v1_kept_read(const struct v1_setup *u, struct v1_chain *c)
{
	return v1_chain_decode(u->kept_first, u->kept, u->kept_len, false, c);
}

/**
 * v1_kept_free - the helper has decided: another message may come
 * @u: the setting up
 *
 * Context: Process; the SA's worker.
 */
void v1_kept_free(struct v1_setup *u)
{
	isakmp_free(u->kept);
	u->kept = NULL;
	u->kept_len = 0;
	u->pending = 0;
}

/* ---- its life ------------------------------------------------------------ */

/**
 * v1_phase1_begin - begin an ISAKMP SA of our own
 * @sa: the SA; its peer is known
 * @ep: a new epoch, or the first
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper was asked who we are; else why it was not begun.
 */
enum isakmp_reason v1_phase1_begin(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct ike_ask ask = { .kind = IKE_ASK_V1_BEGIN, .initiator = true };
	struct v1_phase1 *p = v1_of(ep);
	enum isakmp_reason why = v1_setup_new(sa, ep, now);

	if (why)
		return why;
	p->exchange = sa->peer->v1.exchange;
	why = v1_ask(sa, ep, 0, &ask);
	if (!why)
		p->state = V1_P1_ASKING;
	return why;
}

/**
 * v1_phase1_await - the exchange goes on
 * @ep: the ISAKMP SA
 * @step: number of the message that is awaited
 *
 * Context: Process; the SA's worker.
 */
void v1_phase1_await(struct ike_epoch *ep, u8 step)
{
	struct v1_phase1 *p = v1_of(ep);

	p->state = V1_P1_OPENING;
	p->step = step;
	p->setup->junk = 0;
	v1_kept_free(p->setup);
}

/*
 * The first one: the clocks of a long life start.  Of two connections that were begun at once, and
 * are not one, as they have different addresses, both ends take down the one with the lower cookie.
 */
static void established(struct ike_sa *sa, const struct ike_epoch *ep, u64 now)
{
	sa->established_at = now;
	sa->rank = ep->spi_i;
	sa->give_up_at = IKE_NEVER;
	sa->reason = ISAKMP_OK;
	sa->dpd_s = sa->peer->dpd_s;
	sa->life_s = sa->peer->life_s;
	ike_path_established(sa, now);
	ike_sa_set_state(sa, IKE_S_ESTABLISHED);
}

/* Its work is done; what is under way in it has a while to end. */
static void retire(struct ike_epoch *ep, u64 now)
{
	v1_of(ep)->expire_at = min(v1_of(ep)->expire_at, now + IKE_CROSS_MS);
}

/* Both ends have begun one at once: neither was up when the other began. */
static bool crosses(const struct ike_epoch *new, const struct ike_epoch *old)
{
	return new->initiator != old->initiator && v1_of(new)->begun_at <= v1_of(old)->up_at;
}

/*
 * Which of two stays: the new one; of two that cross the one whose initiator has the higher
 * cookie, as both ends see it.  Who has begun the one that goes, or takes its place, has it
 * deleted after a while; the other end waits for that.  Return: the new one stays.
 */
static bool outlives(struct ike_epoch *new, struct ike_epoch *old, u64 now)
{
	bool cross = crosses(new, old), stays = !cross || new->spi_i > old->spi_i;
	struct ike_epoch *loser = stays ? old : new;

	v1_of(loser)->rekey_at = IKE_NEVER;
	if (cross ? loser->initiator : new->initiator)
		retire(loser, now);
	return stays;
}

static void settle(struct ike_sa *sa, struct ike_epoch *new, u64 now)
{
	struct ike_epoch *ep;
	bool stays = true;

	for (ep = sa->ep; ep; ep = ep->next)
		if (ep != new && ep->v1 && v1_of(ep)->state == V1_P1_UP)
			stays &= outlives(new, ep, now);
	if (stays && new != sa->ep)
		ike_epoch_succeed(sa, new);
}

/*
 * Another connection of the same two ends has come up first, as the other end has begun one at
 * once: this is one more ISAKMP SA of that.
 */
static bool joins(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	u64 id;

	if (sa->state != IKE_S_V1)
		return false;
	id = isakmp_v1_stand(sa);
	if (!id)
		return false;
	v1_of(ep)->state = V1_P1_UP;
	if (isakmp_v1_hand_over(sa, ep, id))
		return false;
	isakmp_refused(sa, ISAKMP_R_CROSSED, 0);
	ike_sa_die(sa, ISAKMP_R_CROSSED, 0, now);
	return true;
}

/**
 * v1_phase1_up - an ISAKMP SA can be used
 * @sa: the SA; it is over when the connection is another SA
 * @ep: the ISAKMP SA
 * @now: ms
 *
 * Whoever began it has others deleted, after a while; those that the peer begins leave that
 * to the peer.
 *
 * Context: Process; the SA's worker.
 */
void v1_phase1_up(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);
	bool first = sa->state == IKE_S_V1;

	if (joins(sa, ep, now))
		return;
	p->state = V1_P1_UP;
	p->step = 0;
	p->until_at = IKE_NEVER;
	p->talk.resend_at = IKE_NEVER;
	sa->keyed_at = now;
	sa->v1->phase1_failed = 0;
	sa->v1->wanted = false;
	if (first) {
		established(sa, ep, now);
	} else {
		sa->reason = ISAKMP_OK;
		sa->rekeyed++;
		v1_nat_renewed(sa, ep);
		isakmp_rekeyed(sa);
	}
	v1_life_begin(sa, ep, now);
	settle(sa, ep, now);
	if (first && !ep->initiator)
		v1_info_contact(sa, ep);
}

/* Longer each time. */
static void failed(struct v1_conn *c, u64 now)
{
	u64 wait = min_t(u64, (u64)V1_AGAIN_MS << min_t(u8, c->phase1_failed, 16),
			 V1_AGAIN_MAX_MS);

	c->phase1_failed += c->phase1_failed < U8_MAX;
	c->phase1_at = now + wait + ike_spread(wait >> 2);
}

/* One of ours is over: not again at once, nor when a peer takes away what is hardly up. */
static void over(struct v1_conn *c, const struct v1_phase1 *p, u64 now)
{
	if (p->state == V1_P1_UP)
		c->phase1_at = max(c->phase1_at, p->up_at + V1_AGAIN_MS);
	else
		failed(c, now);
}

/**
 * v1_phase1_end - an ISAKMP SA ends, or the attempt to set one up
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @why: OK: as asked
 * @now: ms
 *
 * The children stay.  When it was the first attempt, so was the connection.
 *
 * Context: Process; the SA's worker.
 */
void v1_phase1_end(struct ike_sa *sa, struct ike_epoch *ep, enum isakmp_reason why, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);

	if (p->state == V1_P1_GONE)
		return;
	if (sa->state < IKE_S_ESTABLISHED) {
		ike_sa_die(sa, why, 0, now);
		return;
	}
	if (why)
		sa->reason = why;
	if (ep->initiator)
		over(sa->v1, p, now);
	v1_phase1_silence(sa, ep);
	ep->state = IKE_EPOCH_GONE;
	ep->end_at = now + IKE_LINGER_MS;
}

/**
 * v1_phase1_silence - an ISAKMP SA is used no more
 * @sa: the SA
 * @ep: the ISAKMP SA; its struct stays
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void v1_phase1_silence(struct ike_sa *sa, struct ike_epoch *ep)
{
	struct v1_phase1 *p = v1_of(ep);

	v1_unask(sa, ep);
	v1_exchange_free_all(sa, ep);
	v1_talk_free(&p->talk);
	v1_pieces_free(sa, p);
	v1_setup_free(p->setup);
	p->setup = NULL;
	isakmp_free(p->shown);
	p->shown = NULL;
	isakmp_free(p->ids);
	p->ids = NULL;
	p->n_ids = 0;
	p->ids_room = 0;
	p->n_groups = 0;
	p->state = V1_P1_GONE;
	p->key_len = 0;
	p->rekey_at = IKE_NEVER;
	p->expire_at = IKE_NEVER;
	p->dpd_at = IKE_NEVER;
	p->until_at = IKE_NEVER;
	memzero_explicit(p->skeyid, sizeof(p->skeyid));
	memzero_explicit(p->skeyid_d, sizeof(p->skeyid_d));
	memzero_explicit(p->skeyid_a, sizeof(p->skeyid_a));
	memzero_explicit(p->skeyid_e, sizeof(p->skeyid_e));
	memzero_explicit(p->key, sizeof(p->key));
	memzero_explicit(p->iv, sizeof(p->iv));
}

/* ---- time ---------------------------------------------------------------- */

/* Nobody answers, or nothing that can be believed. */
static void unanswered(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	const struct v1_setup *u = v1_of(ep)->setup;
	enum isakmp_reason why = ISAKMP_R_TIMEOUT;

	if (u && u->why)
		why = u->why;
	else if (u && u->forgeable)
		why = ISAKMP_R_PEER_ERROR;
	isakmp_refused(sa, why, u ? u->forgeable : 0);
	/* The peer has it */
	if (v1_of(ep)->state == V1_P1_XAUTH || v1_of(ep)->state == V1_P1_CONFIG)
		v1_info_delete(sa, ep);
	v1_phase1_end(sa, ep, why, now);
}

/**
 * v1_phase1_timer - retransmit, or give up
 * @sa: the SA
 * @ep: one of its epochs
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_phase1_timer(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct v1_phase1 *p = ep->v1;

	if (!p)
		return;
	if ((p->setup && now >= p->setup->until_at) || now >= p->until_at)
		unanswered(sa, ep, now);
	else if (now >= p->talk.resend_at && !v1_talk_resend(sa, &p->talk, now))
		unanswered(sa, ep, now);
}

/**
 * v1_phase1_deadline - when that is
 * @ep: an epoch
 *
 * Context: Process; the SA's worker.
 * Return: ms; U64_MAX: never.
 */
u64 v1_phase1_deadline(const struct ike_epoch *ep)
{
	const struct v1_phase1 *p = ep->v1;

	u64 t;

	if (!p)
		return IKE_NEVER;
	t = min(p->until_at, p->talk.resend_at);
	return p->setup ? min(p->setup->until_at, t) : t;
}

/**
 * v1_phase1_ready - by which ISAKMP SA can something be sent?
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 * Return: the newest that is up; NULL: there is none.
 */
struct ike_epoch *v1_phase1_ready(const struct ike_sa *sa)
{
	struct ike_epoch *ep = sa->ep;

	while (ep && !(ep->v1 && v1_of(ep)->state == V1_P1_UP))
		ep = ep->next;
	return ep;
}
