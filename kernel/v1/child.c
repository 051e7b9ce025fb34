// SPDX-License-Identifier: GPL-2.0
/*
 * The children of a connection: what ike/child.c says of them holds here, too.  They are made
 * by Quick Modes, whichever ISAKMP SA is there, and stay when it goes.
 *
 * Deletes are one-way: what we delete is gone when it was said.  Without an ISAKMP SA
 * one is set up to say it, unless another child has the place of the one that goes, at both ends.
 */
#include "v1/phase2.h"

/* ---- keys ---------------------------------------------------------------------- */

/*
 * RFC 2409, 5.5: "The SPI chosen by the destination of the SA is used to derive KEYMAT for
 * that SA."
 */
static enum isakmp_reason keys(struct ike_epoch *ep, const struct ike_child *c,
			       const struct ike_child_secrets *secrets, u8 *in, u8 *out)
{
	size_t len = ike_child_key_len(&c->suite);
	int err;

	if (len > IKE_CHILD_KEY_MAX)
		return ISAKMP_R_CRYPTO;
	err = v1_keymat(ep, secrets, c->suite.protocol, c->spi_in, in, len);
	if (!err)
		err = v1_keymat(ep, secrets, c->suite.protocol, c->spi_out, out, len);
	return ike_crypto_reason(err);
}

/**
 * v1_child_install - keys, then states and policies, of a child agreed on
 * @sa: the SA
 * @ep: the ISAKMP SA that it was negotiated by
 * @c: the child: suite, SPIs, mode and selectors are set
 * @secrets: nonces and g(qm)^xy of its Quick Mode
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when it is UP; else why not, it is as it was.
 */
enum isakmp_reason v1_child_install(struct ike_sa *sa, struct ike_epoch *ep, struct ike_child *c,
				    const struct ike_child_secrets *secrets, u64 now)
{
	u8 key_in[IKE_CHILD_KEY_MAX], key_out[IKE_CHILD_KEY_MAX];
	enum isakmp_reason why;

	why = keys(ep, c, secrets, key_in, key_out);
	if (!why)
		why = ike_child_raise(sa, c, secrets, key_in, key_out, now);
	memzero_explicit(key_in, sizeof(key_in));
	memzero_explicit(key_out, sizeof(key_out));
	return why;
}

/* Those of transport mode are the addresses of the path, which may have changed. */
static bool same_pair(const struct ike_child *c, const struct ike_child *d)
{
	struct v1_pair have = { d->local[0], d->remote[0] }, want = { c->local[0], c->remote[0] };

	if (c->mode == IKE_MODE_TRANSPORT && d->mode == IKE_MODE_TRANSPORT && c->nth == d->nth) {
		have.local = want.local;
		have.remote = want.remote;
		have.local.proto = d->local[0].proto;
		have.local.port_start = d->local[0].port_start;
		have.local.port_end = d->local[0].port_end;
		have.remote.proto = d->remote[0].proto;
		have.remote.port_start = d->remote[0].port_start;
		have.remote.port_end = d->remote[0].port_end;
	}
	return v1_pair_is(&have, &want);
}

/**
 * v1_child_twin - the child in use whose place another would have
 * @sa: the SA
 * @c: the other: policy and selectors are set
 *
 * Nothing in a Quick Mode says that it is a rekey: the selectors do.
 *
 * Context: Process; the SA's worker.
 * Return: it, or NULL.
 */
struct ike_child *v1_child_twin(const struct ike_sa *sa, const struct ike_child *c)
{
	struct ike_child *d, *twin = NULL;

	for (d = sa->children; d; d = d->next) {
		if (d == c || (d->state != IKE_CHILD_UP && d->state != IKE_CHILD_LOST) ||
		    !d->n_local || !d->n_remote || strcmp(d->policy->name, c->policy->name))
			continue;
		if (same_pair(c, d) && (!twin || twin->state == IKE_CHILD_LOST))
			twin = d;
	}
	return twin;
}

/* ---- events -------------------------------------------------------------------- */

static void stop_one(struct ike_sa *sa, struct ike_child *c, u64 now)
{
	if (c->state == IKE_CHILD_WANTED && !c->busy)
		ike_rekey_forget(sa, c, ISAKMP_OK, now);
	else if (c->state != IKE_CHILD_GONE)
		ike_child_delete(c);
}

/* It is for this child that the connection is being set up. */
static bool is_all(const struct ike_sa *sa, u32 spi)
{
	const struct ike_child *c = sa->children;

	return sa->state < IKE_S_ESTABLISHED &&
	       (!spi || (c && !c->next && !sa->want && c->spi_in == spi));
}

static void stop(struct ike_sa *sa, u32 spi, u64 now)
{
	struct ike_event down = { .type = IKE_EV_STOP };
	struct ike_child *c, *next;

	if (is_all(sa, spi)) {
		v1_sa_handle(sa, &down, now);
		return;
	}
	for (c = sa->children; c; c = next) {
		next = c->next;
		if (!spi || ike_child_meant(sa, c, spi))
			stop_one(sa, c, now);
	}
}

/**
 * v1_child_event - something happened to a child, or shall
 * @sa: the SA
 * @ev: IKE_EV_CHILD_*
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_child_event(struct ike_sa *sa, const struct ike_event *ev, u64 now)
{
	if (ev->type == IKE_EV_CHILD_STOP)
		stop(sa, ev->spi, now);
	else if (ev->type != IKE_EV_CHILD_START)
		ike_child_event(sa, ev, now);
	else if (sa->state == IKE_S_DELETING || sa->state == IKE_S_DEAD)
		isakmp_refused(sa, ISAKMP_R_DYING, 0);
	else
		v1_pairs_want(sa, ev->peer, ev->child, ev->flow, now);
}

static bool is_allowed(const struct ike_peer *peer, u32 allowed, const char *name)
{
	unsigned int i;

	for (i = 0; i < peer->n_child; i++)
		if (!strcmp(peer->child[i]->name, name))
			return allowed & BIT(i);
	return true;	/* it goes by a change of the peer object, or stays with that */
}

/**
 * v1_children_confine - the peer may have others now: those that it may not have go
 * @sa: the SA; its peer and what that may have are as the helper has said last
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_children_confine(struct ike_sa *sa, u64 now)
{
	struct ike_child *c, *next;

	for (c = sa->children; c; c = next) {
		next = c->next;
		if (!c->policy || c->state == IKE_CHILD_DELETING || c->state == IKE_CHILD_GONE ||
		    is_allowed(sa->peer, sa->allowed, c->policy->name))
			continue;
		isakmp_refused(sa, ISAKMP_R_NO_CHILD, c->spi_in);
		stop_one(sa, c, now);
	}
}

/* ---- what is to be done ----------------------------------------------------------- */

/* What the connection was set up for. */
static void want_first(struct ike_sa *sa, u64 now)
{
	if (!sa->want)
		return;
	v1_pairs_want(sa, sa->peer, sa->want, sa->flow, now);
	sa->want = NULL;
	isakmp_free(sa->flow);
	sa->flow = NULL;
}

static bool is_up_again(const struct ike_sa *sa, const struct ike_child *lost)
{
	const struct ike_child *c = v1_child_twin(sa, lost);

	return c && c->state == IKE_CHILD_UP;
}

static bool is_wanted(const struct ike_sa *sa, const struct ike_child *lost)
{
	struct v1_pair want, had = { lost->local[0], lost->remote[0] };
	const struct ike_child *c;

	for (c = sa->children; c; c = c->next) {
		if (c->state != IKE_CHILD_WANTED || c->nth != lost->nth ||
		    strcmp(c->policy->name, lost->policy->name))
			continue;
		if (c->replaces == lost->spi_in || c->mode == IKE_MODE_TRANSPORT ||
		    (v1_pair_of(sa, c, &want) && v1_pair_is(&want, &had)))
			return true;
	}
	return false;
}

/*
 * What is lost is negotiated anew as it was: where the peer has parts of what policy has, it
 * knows nothing of the whole, and another part has another child.
 */
static void renew(struct ike_sa *sa, struct ike_child *lost, u64 now)
{
	struct ike_child *c;

	lost->try_at = now + IKE_RENEW_RETRY_MS;
	if (is_up_again(sa, lost))
		ike_child_delete(lost);
	if (lost->state != IKE_CHILD_LOST || is_wanted(sa, lost))
		return;
	if (sa->n_children >= IKE_INSTANCES_MAX) {
		isakmp_refused(sa, ISAKMP_R_NO_ADDITIONAL_SAS, lost->spi_in);
		return;
	}
	c = ike_rekey_wish(sa, lost, lost->peer, lost->policy, now);
	if (c)
		c->replaces = lost->spi_in;
	else
		isakmp_refused(sa, ISAKMP_R_NO_MEMORY, lost->spi_in);
}

static void renew_all(struct ike_sa *sa, u64 now)
{
	struct ike_child *c, *next;

	for (c = sa->children; c; c = next) {
		next = c->next;
		if (c->state == IKE_CHILD_LOST && now >= c->try_at)
			renew(sa, c, now);
	}
}

/* @forgotten: just those that the peer forgets, too, without being told. */
static struct ike_child *next_deleted(const struct ike_sa *sa, bool forgotten)
{
	struct ike_child *c, *last = NULL;

	for (c = sa->children; c; c = c->next)
		if (c->state == IKE_CHILD_DELETING && !c->busy &&
		    (!forgotten || (c->superseded && !c->in_vain)))
			last = c;
	return last;
}

/* The newest goes first: the peer shall not use what has the place of another. */
static enum isakmp_reason delete_all(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	enum isakmp_reason why;
	struct ike_child *c;

	/*
	 * Nobody is there to be told: what another has the place of is forgotten there, too; the
	 * rest waits until no ISAKMP SA could be set up to say it.
	 */
	while ((c = next_deleted(sa, !ep && !sa->v1->phase1_failed))) {
		why = ISAKMP_OK;
		if (ep)
			why = v1_info_delete_child(sa, ep, ike_child_protocol(c), c->spi_in);
		if (why == ISAKMP_R_NO_MEMORY)
			return why;
		if (why)
			isakmp_refused(sa, why, c->spi_in);
		ike_rekey_closed(sa, c, now);
	}
	return ISAKMP_OK;
}

static struct ike_child *next_wanted(const struct ike_sa *sa, u64 now)
{
	struct ike_child *c;

	for (c = sa->children; c; c = c->next)
		if (c->state == IKE_CHILD_WANTED && !c->busy && now >= c->try_at)
			return c;
	return NULL;
}

static enum isakmp_reason begin_all(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	enum isakmp_reason why;
	struct ike_child *c;
	bool wait;

	while ((c = next_wanted(sa, now)) && v1_quicks_out(ep) < sa->tun->v1_quicks) {
		why = v1_group_need(sa, ep, c, now, &wait);
		if (why || wait)
			return why;
		if (!ike_rekey_stale(sa, c))
			why = v1_quick_begin(sa, ep, c, now);
		if (why == ISAKMP_R_NO_MEMORY)
			return why;
		if (why)
			isakmp_refused(sa, why, c->spi_in);
		if (!c->busy)
			ike_rekey_forget(sa, c, why, now);
	}
	return ISAKMP_OK;
}

static struct ike_child *next_unconfirmed(const struct ike_sa *sa, u64 now)
{
	struct ike_child *c;

	for (c = sa->children; c; c = c->next)
		if (c->state == IKE_CHILD_UP && c->unconfirmed && now >= c->try_at)
			return c;
	return NULL;
}

/* Has the peer what its Quick Mode was for?  If nothing came through it, it is told that we have not. */
static void judge_unconfirmed(struct ike_sa *sa, u64 now)
{
	struct ike_child *c;

	while ((c = next_unconfirmed(sa, now))) {
		c->unconfirmed = false;
		c->try_at = IKE_NEVER;
		if (isakmp_child_used(sa, c))
			ike_rekey_used(sa, c, now);
		else
			ike_child_delete(c);
	}
}

static void run(struct ike_sa *sa, u64 now)
{
	struct ike_epoch *ep = v1_phase1_ready(sa);
	enum isakmp_reason why;

	why = delete_all(sa, ep, now);
	if (!why && ep)
		why = begin_all(sa, ep, now);
	if (!why)
		why = v1_pfs_tasks(sa, now);
	if (!ep && (next_deleted(sa, false) || next_wanted(sa, now)))
		v1_conn_want(sa, now);
	/* What is left waits for an ISAKMP SA, or for the end of another Quick Mode */
	sa->v1->waiting = next_wanted(sa, now);
	if (why) {
		isakmp_refused(sa, why, 0);
		sa->v1->retry_at = now + sa->tun->retransmit_ms;
	}
}

/**
 * v1_tasks - what children, lifetimes and DPD want done
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_tasks(struct ike_sa *sa, u64 now)
{
	if (sa->state != IKE_S_ESTABLISHED)
		return;
	v1_life_worn(sa, now);
	want_first(sa, now);
	judge_unconfirmed(sa, now);
	renew_all(sa, now);
	ike_child_tasks(sa, now);
	sa->tasks &= ~(unsigned long)(IKE_TASK_DELETE_CHILD | IKE_TASK_CREATE_CHILD);
	run(sa, now);
}

/**
 * v1_phase2_timer - have lifetimes and DPD something to do?
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_phase2_timer(struct ike_sa *sa, u64 now)
{
	v1_life_timer(sa, now);
	v1_dpd_timer(sa, now);
}

/**
 * v1_child_deadline - when children, lifetimes and DPD want the next TIMER
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 * Return: ms; IKE_NEVER: never.
 */
u64 v1_child_deadline(const struct ike_sa *sa)
{
	u64 t = min(v1_life_deadline(sa), v1_dpd_deadline(sa));
	const struct ike_child *c;

	if (sa->state != IKE_S_ESTABLISHED)
		return IKE_NEVER;
	for (c = sa->children; c; c = c->next) {
		if (c->busy || (c->state == IKE_CHILD_WANTED && sa->v1->waiting))
			continue;
		t = min(t, c->try_at);
		if (c->state == IKE_CHILD_UP)
			t = min(t, c->rekey_at);
	}
	return t;
}
