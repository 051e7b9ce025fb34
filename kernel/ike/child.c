// SPDX-License-Identifier: GPL-2.0
/*
 * The child SAs of an IKE SA: wished for, up, lost, deleted.
 *
 *	WANTED -> UP -> LOST -> DELETING -> gone
 *		  UP -> REKEYED (rekey_child.c) -> GONE -> gone
 *
 * A child is negotiated in IKE_AUTH (auth.c) or CREATE_CHILD_SA (create.c); what
 * is agreed on is in negotiate.c.
 */
#include "ike/engine.h"

/**
 * ike_child_of - the child with an inbound SPI of ours
 * @sa: the SA
 * @spi_in: host order
 *
 * Context: Process; the SA's worker.
 * Return: the child or NULL.
 */
struct ike_child *ike_child_of(const struct ike_sa *sa, u32 spi_in)
{
	struct ike_child *c;

	for (c = sa->children; c; c = c->next)
		if (c->spi_in == spi_in)
			return c;
	return NULL;
}

/**
 * ike_child_new - one more child of an IKE SA, WANTED
 * @sa: the SA
 * @peer: the snapshot it is made from; a reference is taken
 * @policy: child of @peer; NULL: not chosen yet
 *
 * It has an inbound SPI and room for its selectors, no more.
 *
 * Context: Process; the SA's worker.
 * Return: the child, or NULL: no memory.
 */
struct ike_child *ike_child_new(struct ike_sa *sa, const struct ike_peer *peer,
				const struct ike_child_policy *policy)
{
	struct ike_child *c = isakmp_alloc(sizeof(*c)), **end = &sa->children;

	if (!c)
		return NULL;
	c->local = isakmp_alloc(2 * IKE_TS_MAX * sizeof(*c->local));
	if (!c->local) {
		isakmp_free(c);
		return NULL;
	}
	c->remote = c->local + IKE_TS_MAX;
	c->state = IKE_CHILD_WANTED;
	isakmp_peer_get(peer);
	c->peer = peer;
	c->policy = policy;
	c->life = ike_life_of(policy);
	c->spi_in = isakmp_child_spi(sa);
	c->try_at = IKE_NEVER;
	c->rekey_at = IKE_NEVER;
	while (*end)
		end = &(*end)->next;
	*end = c;
	sa->n_children++;
	return c;
}

/* Is one of this name, for the same selectors, in a state? */
static bool is_there(const struct ike_sa *sa, const char *name, u8 nth, u8 state)
{
	const struct ike_child *c;

	for (c = sa->children; c; c = c->next)
		if (c->state == state && c->policy && c->nth == nth &&
		    !strcmp(c->policy->name, name))
			return true;
	return false;
}

/**
 * ike_children_count - how many children there are
 * @sa: the SA
 *
 * One that is being rekeyed is one.
 *
 * Context: Process; the SA's worker.
 * Return: the number.
 */
unsigned int ike_children_count(const struct ike_sa *sa)
{
	const struct ike_child *c;
	unsigned int n = 0;

	for (c = sa->children; c; c = c->next)
		n += c->state <= IKE_CHILD_LOST && (!c->rekeys || ike_rekey_stale(sa, c));
	return n;
}

/**
 * ike_children_full - are there as many children as there may be?
 * @sa: the SA
 *
 * Those that are on their way out count, too, as far as memory goes.
 *
 * Context: Process; the SA's worker.
 * Return: true if there may be no other one.
 */
bool ike_children_full(const struct ike_sa *sa)
{
	return ike_children_count(sa) >= IKE_CHILDREN_MAX ||
	       sa->n_children >= IKE_INSTANCES_MAX;
}

/**
 * ike_child_want_nth - set up a child for some of its selectors as soon as can be
 * @sa: the SA
 * @peer: the peer as it is now
 * @policy: child of @peer
 * @nth: version 1: which pair of selectors; version 2: 0, for all
 * @flow: the packet it is for; NULL: not known
 * @replaces: inbound SPI of a lost child it takes the place of, or 0
 * @at: ms: not before
 *
 * Context: Process; the SA's worker.
 * Return: OK, also when such a child is there or wanted already;
 * NO_ADDITIONAL_SAS, NO_MEMORY.
 */
enum isakmp_reason ike_child_want_nth(struct ike_sa *sa, const struct ike_peer *peer,
				      const struct ike_child_policy *policy, u8 nth,
				      const struct ike_flow *flow, u32 replaces, u64 at)
{
	struct ike_child *c;

	if (is_there(sa, policy->name, nth, IKE_CHILD_WANTED) ||
	    is_there(sa, policy->name, nth, IKE_CHILD_UP))
		return ISAKMP_OK;
	if (ike_children_full(sa))
		return ISAKMP_R_NO_ADDITIONAL_SAS;
	c = ike_child_new(sa, peer, policy);
	if (!c)
		return ISAKMP_R_NO_MEMORY;
	c->proposer = true;
	c->nth = nth;
	c->replaces = replaces;
	c->mode = policy->mode;
	c->try_at = at;
	c->flow = flow ? isakmp_alloc(sizeof(*flow)) : NULL;
	if (c->flow)	/* a hint: it may be missing */
		*c->flow = *flow;
	return ISAKMP_OK;
}

/**
 * ike_child_want - set up a child as soon as the IKE SA can
 * @sa: the SA
 * @peer: the peer as it is now
 * @policy: child of @peer
 * @flow: the packet it is for; NULL: not known
 * @replaces: inbound SPI of a lost child it takes the place of, or 0
 * @at: ms: not before
 *
 * Context: Process; the SA's worker.
 * Return: as ike_child_want_nth().
 */
enum isakmp_reason ike_child_want(struct ike_sa *sa, const struct ike_peer *peer,
				  const struct ike_child_policy *policy,
				  const struct ike_flow *flow, u32 replaces, u64 at)
{
	return ike_child_want_nth(sa, peer, policy, 0, flow, replaces, at);
}

/**
 * ike_child_as_pair - the peer takes a single pair of addresses at a time
 * @c: the child, WANTED
 * @now: ms
 *
 * RFC 7296, 2.9: "The requestor is expected to respond by requesting an SA for only
 * the specific traffic it is trying to forward."
 *
 * Context: Process; the SA's worker.
 * Return: true: it is asked for again, as a pair; false: it was already.
 */
bool ike_child_as_pair(struct ike_child *c, u64 now)
{
	if (c->pair)
		return false;
	c->pair = true;
	c->try_at = now;
	return true;
}

/**
 * ike_child_is_at - the states of a child are on a path from here on
 * @c: the child
 * @path: the path
 *
 * Context: Process; the SA's worker.
 */
void ike_child_is_at(struct ike_child *c, const struct isakmp_path *path)
{
	c->local_end = path->local;
	c->remote_end = path->remote;
}

/**
 * ike_child_install - keys, then states and policies, of a child agreed on
 * @sa: the SA
 * @c: the child: suite, SPIs, mode and selectors are set
 * @secrets: nonces and g^ir of its negotiation
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when it is UP; else why not, it is as it was.
 */
enum isakmp_reason ike_child_install(struct ike_sa *sa, struct ike_child *c,
				     const struct ike_child_secrets *secrets, u64 now)
{
	u8 key_in[IKE_CHILD_KEY_MAX], key_out[IKE_CHILD_KEY_MAX];
	enum isakmp_reason why;

	why = ike_child_keys(sa, c, secrets, key_in, key_out);
	if (!why)
		why = ike_child_raise(sa, c, secrets, key_in, key_out, now);
	memzero_explicit(key_in, sizeof(key_in));
	memzero_explicit(key_out, sizeof(key_out));
	return why;
}

/**
 * ike_child_raise - states and policies of a child agreed on
 * @sa: the SA
 * @c: the child: suite, SPIs, mode and selectors are set
 * @secrets: nonces of its negotiation
 * @key_in: octets of KEYMAT of its inbound SA
 * @key_out: of its outbound SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when it is UP; else why not, it is as it was.
 */
enum isakmp_reason ike_child_raise(struct ike_sa *sa, struct ike_child *c,
				   const struct ike_child_secrets *secrets,
				   const u8 *key_in, const u8 *key_out, u64 now)
{
	enum isakmp_reason why = sa->barred;

	if (c->rekeys && !c->lowest)
		c->lowest = ike_lowest_of(&secrets->ni, &secrets->nr);
	if (c->rekeys && !c->lowest)
		return ISAKMP_R_NO_MEMORY;
	ike_life_bound(&c->life, c->suite.encr);
	ike_rekey_limits(c, now);
	if (!why)
		why = isakmp_child_install(sa, c, key_in, key_out);
	if (why)
		return why;
	ike_child_is_at(c, &sa->path);
	c->state = IKE_CHILD_UP;
	c->try_at = IKE_NEVER;
	c->delays = 0;
	isakmp_free(c->flow);
	isakmp_free(c->floor);
	c->flow = NULL;
	c->floor = NULL;
	isakmp_child_changed(sa, c, ISAKMP_OK);
	return ISAKMP_OK;
}

/**
 * ike_child_took_over - a child came up: the lost one it replaces may go
 * @sa: the SA
 * @c: the child, UP
 *
 * Context: Process; the SA's worker.
 */
void ike_child_took_over(struct ike_sa *sa, struct ike_child *c)
{
	struct ike_child *old = c->replaces ? ike_child_of(sa, c->replaces) : NULL;

	c->replaces = 0;
	if (old && old->state == IKE_CHILD_LOST)
		ike_child_delete(old);
}

/**
 * ike_child_delete - tell the peer that a child goes
 * @c: the child
 *
 * Its inbound half stays until the peer has answered.
 *
 * Context: Process; the SA's worker.
 */
void ike_child_delete(struct ike_child *c)
{
	c->state = IKE_CHILD_DELETING;
	c->try_at = IKE_NEVER;
	c->rekey_at = IKE_NEVER;
}

static void unlink_child(struct ike_sa *sa, struct ike_child *c)
{
	struct ike_child **at = &sa->children;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	sa->n_children--;
}

/* What went through it is told a last time. */
static void count_up(struct ike_sa *sa, struct ike_child *c)
{
	u64 n[ISAKMP_COUNTS];
	unsigned int i;

	isakmp_child_counters(sa, c, n);
	for (i = 0; i < ISAKMP_COUNTS; i++)
		c->past[i] += n[i];
}

/**
 * ike_child_drop - take a child away, telling nobody
 * @sa: the SA
 * @c: the child; freed
 * @why: for the event; OK: as asked
 *
 * Context: Process; the SA's worker.
 */
void ike_child_drop(struct ike_sa *sa, struct ike_child *c, enum isakmp_reason why)
{
	bool installed = c->xfrm;

	ike_rekey_inherit(sa, c);
	if (installed)
		count_up(sa, c);
	isakmp_child_remove(sa, c);
	c->state = IKE_CHILD_DELETING;
	if (installed)
		isakmp_child_changed(sa, c, why);
	unlink_child(sa, c);
	isakmp_peer_put(c->peer);
	isakmp_free(c->flow);
	isakmp_free(c->floor);
	isakmp_free(c->lowest);
	isakmp_free(c->rival);
	isakmp_free(c->local);
	isakmp_free(c);
}

/**
 * ike_child_drop_all - the same for all of an IKE SA
 * @sa: the SA
 * @why: for the events
 *
 * Context: Process; the SA's worker.
 */
void ike_child_drop_all(struct ike_sa *sa, enum isakmp_reason why)
{
	while (sa->children)
		ike_child_drop(sa, sa->children, why);
}

/**
 * ike_child_gone - a child was lost or has reached its hard lifetime
 * @sa: the SA
 * @c: the child
 * @why: CHILD_LOST or CHILD_EXPIRED
 * @now: ms
 *
 * It is negotiated anew; its policies stay until then.  A hard lifetime ends at
 * both ends at once: there the responder leaves it to the initiator for a while.  One
 * that another has the place of is not needed any more.
 *
 * Context: Process; the SA's worker.
 */
void ike_child_gone(struct ike_sa *sa, struct ike_child *c, enum isakmp_reason why,
		    u64 now)
{
	if (c->state == IKE_CHILD_REKEYED)
		ike_rekey_lost(sa, c);
	if (c->state != IKE_CHILD_UP)
		return;
	isakmp_refused(sa, why, c->spi_in);
	sa->reason = why;
	c->state = IKE_CHILD_LOST;
	c->try_at = now;
	if (why == ISAKMP_R_CHILD_EXPIRED && !c->proposer)
		c->try_at += IKE_RENEW_WAIT_MS;
}

/* A lost child: is it to be negotiated anew, or has the peer done that?  Version 1: see v1/child.c. */
static void renew(struct ike_sa *sa, struct ike_child *c, u64 now)
{
	enum isakmp_reason why;

	c->try_at = now + IKE_RENEW_RETRY_MS;
	if (is_there(sa, c->policy->name, 0, IKE_CHILD_UP)) {
		ike_child_delete(c);
		return;
	}
	why = ike_child_want(sa, c->peer, c->policy, NULL, c->spi_in, now);
	if (why)
		isakmp_refused(sa, why, 0);
}

/*
 * Version 1: a Delete is said once, and may be lost.  Then packets come in even after those
 * that were under way, which the first look has counted: it is said again, but not for ever.
 * Of a child in vain it is said again anyway: no message 1 says what it is to replace, so the
 * peer may have put it in the place of its own, and have nothing to send yet.
 */
static bool say_again(struct ike_sa *sa, struct ike_child *c, u64 now)
{
	u64 n[ISAKMP_COUNTS];

	if (!sa->v1 || c->delays >= IKE_DELAYS_MAX)
		return false;
	isakmp_child_counters(sa, c, n);
	if (!c->looked_at) {
		c->looked_at = true;
		c->rx_seen = n[ISAKMP_PACKETS_IN];
		c->try_at = now + IKE_CHILD_LINGER_MS / 2;
		return true;
	}
	c->looked_at = false;
	if (n[ISAKMP_PACKETS_IN] == c->rx_seen && !(c->in_vain && c->delays < IKE_IN_VAIN_AGAIN))
		return false;
	c->delays++;
	ike_child_delete(c);
	return true;
}

/* What its time has come for. */
static void look(struct ike_sa *sa, struct ike_child *c, u64 now)
{
	if (c->state == IKE_CHILD_UP && now >= c->rekey_at)
		ike_rekey_begin(sa, c, now);
	if (now < c->try_at)
		return;
	switch (c->state) {
	case IKE_CHILD_UP:
		c->try_at = IKE_NEVER;
		ike_rekey_used(sa, c, now);
		break;
	case IKE_CHILD_LOST:
		renew(sa, c, now);
		break;
	case IKE_CHILD_REKEYED:
		ike_rekey_over(sa, c);
		break;
	case IKE_CHILD_GONE:
		if (c->closed && ike_rekey_wanted(sa, c))
			c->try_at = now + IKE_CHILD_LINGER_MS;	/* the answer is not there yet */
		else if (!say_again(sa, c, now))
			ike_child_drop(sa, c, ISAKMP_OK);
		break;
	}
}

/**
 * ike_child_tasks - what the children want to be sent
 * @sa: the SA
 * @now: ms
 *
 * Sets IKE_TASK_DELETE_CHILD and IKE_TASK_CREATE_CHILD as they are needed.
 *
 * Context: Process; the SA's worker.
 */
void ike_child_tasks(struct ike_sa *sa, u64 now)
{
	struct ike_child *c, *next;

	for (c = sa->children; c; c = next) {
		next = c->next;
		look(sa, c, now);
	}
	sa->tasks &= ~(unsigned long)(IKE_TASK_DELETE_CHILD | IKE_TASK_CREATE_CHILD);
	for (c = sa->children; c; c = c->next) {
		if (c->busy)
			continue;
		if (c->state == IKE_CHILD_DELETING)
			sa->tasks |= IKE_TASK_DELETE_CHILD;
		if (c->state == IKE_CHILD_WANTED && now >= c->try_at)
			sa->tasks |= IKE_TASK_CREATE_CHILD;
	}
}

/**
 * ike_child_deadline - when a child wants to be looked at
 * @sa: the SA
 *
 * While a request is out its own deadline counts; without memory, that of the wait.
 *
 * Context: Process; the SA's worker.
 * Return: ms; U64_MAX: never.
 */
u64 ike_child_deadline(const struct ike_sa *sa)
{
	const struct ike_child *c;
	u64 t = IKE_NEVER;

	if (sa->state != IKE_S_ESTABLISHED || sa->ep->out || sa->retry_at != IKE_NEVER)
		return t;
	for (c = sa->children; c; c = c->next) {
		if (c->busy)
			continue;
		t = min(t, c->try_at);
		if (c->state == IKE_CHILD_UP)
			t = min(t, c->rekey_at);
	}
	return t;
}

/**
 * ike_child_next - the next child that is to be negotiated
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: the child or NULL.
 */
struct ike_child *ike_child_next(const struct ike_sa *sa, u64 now)
{
	struct ike_child *c;

	for (c = sa->children; c; c = c->next)
		if (c->state == IKE_CHILD_WANTED && !c->busy && now >= c->try_at)
			return c;
	return NULL;
}
