// SPDX-License-Identifier: GPL-2.0
/*
 * The peer object of an IKE SA is another now: what applies at once, without other
 * keys: lifetimes and the time of a liveness check.  They count from when the keys
 * were made.  What is over already is rekeyed soon, and ends a while later.
 * What was authenticated by other objects is authenticated anew, or ends.
 */
#include "ike/engine.h"

/**
 * ike_life_of - the hard limits of a child
 * @p: its policy, or NULL
 *
 * Context: Any.
 * Return: the limits; of no policy, none.
 */
struct ike_life ike_life_of(const struct ike_child_policy *p)
{
	struct ike_life l = {};

	if (p) {
		l.s = p->life_s;
		l.bytes = p->life_bytes;
		l.packets = p->life_packets;
	}
	return l;
}

static u64 shorter(u64 a, u64 b)
{
	return !a || (b && b < a) ? b : a;
}

/**
 * ike_life_bound - no more than the cipher is good for
 * @l: the limits
 * @encr: encryption transform ID
 *
 * Blocks of 64 bits repeat after few gigabytes (RFC 8221, 5: 3DES "SHOULD NOT").
 *
 * Context: Any.
 */
void ike_life_bound(struct ike_life *l, u16 encr)
{
	if (encr == IKE_ENCR_3DES)
		l->bytes = shorter(l->bytes, IKE_3DES_BYTES);
}

static bool same(const struct ike_life *a, const struct ike_life *b)
{
	return a->s == b->s && a->bytes == b->bytes && a->packets == b->packets;
}

/* So are many others, maybe: not all at once, and in half of the time that is left. */
static u64 not_before(u64 at, u32 life_s, u64 now)
{
	u64 most = min_t(u64, IKE_SPREAD_MS, (u64)life_s * 1000 >> 4);

	return at > now ? at : now + ike_spread(most);
}

/* Version 1: what was agreed on is not prolonged. */
static struct ike_life shortened(const struct ike_life *agreed, const struct ike_life *policy)
{
	return (struct ike_life){
		.s = (u32)shorter(agreed->s, policy->s),
		.bytes = shorter(agreed->bytes, policy->bytes),
		.packets = policy->packets,
	};
}

static void relimit_child(const struct ike_sa *sa, struct ike_child *c,
			  const struct ike_peer *peer, u64 now)
{
	const struct ike_child_policy *p = NULL;
	struct ike_life life;
	unsigned int i;

	for (i = 0; i < peer->n_child && !p; i++)
		if (!strcmp(peer->child[i]->name, c->policy->name))
			p = peer->child[i];
	life = ike_life_of(p);
	ike_life_bound(&life, c->suite.encr);
	if (sa->v1)
		life = shortened(&c->life, &life);
	if (!p || same(&life, &c->life))
		return;
	c->life = life;
	if (c->state != IKE_CHILD_UP)
		return;
	ike_rekey_limits(c, c->up_at);
	c->rekey_at = not_before(c->rekey_at, life.s, now);
	isakmp_child_relimit(c);
}

static void relimit_sa(struct ike_sa *sa, u32 life_s, u64 now)
{
	u64 least = now + ((u64)life_s * 1000 >> 3);

	if (life_s == sa->life_s)
		return;
	sa->life_s = life_s;
	if (sa->v1)	/* those of an ISAKMP SA are agreed on: of the next one */
		return;
	ike_sa_limits(sa, sa->keyed_at);
	sa->rekey_at = not_before(sa->rekey_at, life_s, now);
	if (life_s)
		sa->expire_at = max(sa->expire_at, least);
}

/**
 * ike_sa_relimit - the peer object of an IKE SA has changed
 * @sa: the SA
 * @peer: the object as it is now
 * @now: ms
 *
 * Of what has ended by the new limits an eighth of them is left, to rekey in.
 *
 * Context: Process; the SA's worker.
 */
void ike_sa_relimit(struct ike_sa *sa, const struct ike_peer *peer, u64 now)
{
	struct ike_child *c;

	for (c = sa->children; c; c = c->next)
		if (c->policy)
			relimit_child(sa, c, peer, now);
	if (sa->state != IKE_S_ESTABLISHED)
		return;
	if (peer->auth != sa->peer->auth)
		ike_until_changed(sa, now);
	relimit_sa(sa, peer->life_s, now);
	if (sa->dpd_s == peer->dpd_s)
		return;
	sa->dpd_s = peer->dpd_s;
	sa->dpd_at = peer->dpd_s ? now + (u64)peer->dpd_s * 1000 : IKE_NEVER;
}
