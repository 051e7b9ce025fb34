// SPDX-License-Identifier: GPL-2.0
/*
 * Which traffic a Quick Mode is for: a pair of selectors, said by two ID payloads, and the
 * child of ours that it belongs to (RFC 2409, 5.5; RFC 2407, 4.6.2).
 *
 * A child object with several selectors needs a Quick Mode for each pair.  Nobody narrows:
 * the responder takes the pair as it is, all of it or a part of what its policy has, or
 * refuses it.
 */
#include "v1/phase2.h"

/* ---- pairs ------------------------------------------------------------------- */

/* The selectors of a policy as they are now; @lists is scratch. */
struct resolved {
	unsigned int n_local;
	unsigned int n_remote;
	struct ike_ts_lists ts;
};

static void resolve(const struct ike_sa *sa, const struct ike_child_policy *p,
		    struct resolved *r)
{
	r->n_local = ike_config_resolve(sa, p, true, r->ts.local);
	r->n_remote = ike_config_resolve(sa, p, false, r->ts.remote);
}

/* Pairs are numbered the same whatever else the lists have. */
static u8 number(unsigned int local, unsigned int remote)
{
	return (u8)(local * IKE_TS_MAX + remote);
}

static bool numbered(const struct resolved *r, u8 nth, struct v1_pair *pair)
{
	unsigned int i = nth / IKE_TS_MAX, j = nth % IKE_TS_MAX;

	if (i >= r->n_local || j >= r->n_remote || r->ts.local[i].type != r->ts.remote[j].type)
		return false;
	pair->local = r->ts.local[i];
	pair->remote = r->ts.remote[j];
	return true;
}

static bool within(const struct v1_pair *a, const struct v1_pair *b)
{
	return ike_ts_within(&a->local, &b->local) && ike_ts_within(&a->remote, &b->remote);
}

/**
 * v1_pair_of - what a child of ours is to be for
 * @sa: the SA
 * @c: the child, WANTED
 * @pair: set when true: of one that takes the place of another, what that one has, or had and
 *	policy still has
 *
 * Context: Process; the SA's worker.
 * Return: false: its policy has no such pair, or no memory.
 */
bool v1_pair_of(const struct ike_sa *sa, const struct ike_child *c, struct v1_pair *pair)
{
	const struct ike_floor *f = c->mode == IKE_MODE_TUNNEL ? c->floor : NULL;
	struct v1_pair had;
	struct resolved *r;
	bool found;

	if (f)
		had = (struct v1_pair){ f->ts[0], f->ts[f->n_local] };
	if (f && c->rekeys) {
		*pair = had;
		return true;
	}
	r = isakmp_alloc(sizeof(*r));
	if (!r)
		return false;
	resolve(sa, c->policy, r);
	found = numbered(r, c->nth, pair);
	isakmp_free(r);
	if (found && f && within(&had, pair))
		*pair = had;
	return found;
}

/**
 * v1_pair_wanted - is a child up what another one is wanted for?
 * @sa: the SA
 * @wish: WANTED
 * @c: of the same pair of the same policy: all of it, or a part
 *
 * Context: Process; the SA's worker.
 * Return: false when @wish shall have the place of another part.
 */
bool v1_pair_wanted(const struct ike_sa *sa, const struct ike_child *wish,
		    const struct ike_child *c)
{
	struct v1_pair want, have = { c->local[0], c->remote[0] };

	return !wish->floor || wish->mode != IKE_MODE_TUNNEL || !v1_pair_of(sa, wish, &want) ||
	       v1_pair_is(&want, &have);
}

/**
 * v1_pair_set - a child has these selectors
 * @c: the child
 * @pair: they
 *
 * Context: Process; the SA's worker.
 */
void v1_pair_set(struct ike_child *c, const struct v1_pair *pair)
{
	c->local[0] = pair->local;
	c->remote[0] = pair->remote;
	c->n_local = 1;
	c->n_remote = 1;
}

/**
 * v1_pair_is - do two pairs say the same?
 * @a: the one
 * @b: the other
 *
 * Context: Any.
 * Return: true if so.
 */
bool v1_pair_is(const struct v1_pair *a, const struct v1_pair *b)
{
	return within(a, b) && within(b, a);
}

/* ---- ID payloads --------------------------------------------------------------- */

static bool add_id(const struct isakmp_ts *ts, struct v1_msg *m)
{
	bool said;

	isakmp_build_payload(&m->b, V1_PL_ID);
	said = v1_id_from_ts(ts, &m->b.o);
	isakmp_build_close(&m->b);
	return said;
}

/**
 * v1_pair_add - IDci and IDcr of a Quick Mode
 * @pair: what they say
 * @initiator: we are the initiator of it
 * @m: the message
 *
 * Context: Process; the SA's worker.
 * Return: false: no ID can say it; the message is of no use.
 */
bool v1_pair_add(const struct v1_pair *pair, bool initiator, struct v1_msg *m)
{
	return add_id(initiator ? &pair->local : &pair->remote, m) &&
	       add_id(initiator ? &pair->remote : &pair->local, m);
}

/* Exactly two side by side, or none.  Return: false: it is something else. */
static bool find_ids(const struct v1_chain *c, const struct isakmp_payload *id[2])
{
	unsigned int i, n = 0, at = 0;

	for (i = 0; i < c->n; i++) {
		if (c->pl[i].type != V1_PL_ID)
			continue;
		if (n == 2 || (n && i != at + 1))
			return false;
		id[n++] = &c->pl[i];
		at = i;
	}
	return n != 1;
}

static bool read_id(const struct isakmp_payload *p, struct isakmp_ts *ts)
{
	struct v1_id id;

	return !v1_id_decode(p, &id) && v1_id_to_ts(&id, ts);
}

/**
 * v1_pair_read - what the ID payloads of a Quick Mode say
 * @sa: the SA
 * @in: message 1 or 2
 * @initiator: we are the initiator of it
 * @pair: set when OK
 * @there: set when OK: there are some; if not, "the identities ... are implicitly assumed to be
 *	the IP addresses of the ISAKMP peers" (RFC 2409, 5.5)
 *
 * Context: Process; the SA's worker.
 * Return: OK; V1_QUICK_ID: they are not two side by side, or not addresses of one family.
 */
enum isakmp_reason v1_pair_read(const struct ike_sa *sa, const struct v1_in *in, bool initiator,
				struct v1_pair *pair, bool *there)
{
	struct isakmp_ts any = { .port_end = U16_MAX };
	const struct isakmp_payload *id[2] = {};

	if (!find_ids(&in->chain, id))
		return ISAKMP_R_V1_QUICK_ID;
	*there = id[0];
	pair->local = any;
	pair->remote = any;
	ike_ts_set_addr(&pair->local, &sa->path.local);
	ike_ts_set_addr(&pair->remote, &sa->path.remote);
	if (*there && (!read_id(id[0], initiator ? &pair->local : &pair->remote) ||
		       !read_id(id[1], initiator ? &pair->remote : &pair->local)))
		return ISAKMP_R_V1_QUICK_ID;
	return pair->local.type == pair->remote.type ? ISAKMP_OK : ISAKMP_R_V1_QUICK_ID;
}

/* ---- original addresses (RFC 3947, 5.2) ------------------------------------------ */

/**
 * v1_nat_oa_wanted - do the original addresses go with a Quick Mode?
 * @sa: the SA
 * @c: the child
 *
 * "In the case of transport mode, both ends MUST send both original ... addresses"; it is so
 * in UDP alone.  What the peer says of them is not needed here: XFRM does not check what
 * ESP in UDP has protected.
 *
 * Context: Process; the SA's worker.
 * Return: true if so.
 */
bool v1_nat_oa_wanted(const struct ike_sa *sa, const struct ike_child *c)
{
	return sa->encap && c->mode == IKE_MODE_TRANSPORT;
}

static void add_oa(struct v1_msg *m, u8 type, const struct isakmp_addr *a)
{
	isakmp_build_payload(&m->b, type);
	v1_nat_oa_encode(&m->b.o, a);
	isakmp_build_close(&m->b);
}

/**
 * v1_nat_oa_add - NAT-OAi and NAT-OAr
 * @sa: the SA
 * @m: the message
 * @initiator: we are the initiator of the Quick Mode
 *
 * Context: Process; the SA's worker.
 */
void v1_nat_oa_add(const struct ike_sa *sa, struct v1_msg *m, bool initiator)
{
	bool rfc = m->ep->v1->natt & BIT(V1_CAN_NATT_RFC);
	u8 type = rfc ? V1_PL_NAT_OA : V1_PL_NAT_OA_DRAFT;

	add_oa(m, type, initiator ? &sa->path.local : &sa->path.remote);
	add_oa(m, type, initiator ? &sa->path.remote : &sa->path.local);
}

/* ---- what is wanted --------------------------------------------------------------- */

static enum isakmp_reason want(struct ike_sa *sa, const struct ike_peer *peer,
			       const struct ike_child_policy *policy, const struct resolved *r,
			       u8 nth, u64 now)
{
	struct v1_pair pair;

	if (!numbered(r, nth, &pair))
		return ISAKMP_OK;
	return ike_child_want_nth(sa, peer, policy, nth, NULL, 0, now);
}

/* The pair that a packet belongs to is the first. */
static u8 first_pair(const struct resolved *r, const struct ike_flow *flow)
{
	unsigned int i, j;

	for (i = 0; flow && i < r->n_local; i++)
		for (j = 0; j < r->n_remote; j++)
			if (ike_ts_within(&flow->local, &r->ts.local[i]) &&
			    ike_ts_within(&flow->remote, &r->ts.remote[j]))
				return number(i, j);
	return 0;
}

/**
 * v1_pairs_want - set up a child: all pairs of its selectors, as far as they are not there
 * @sa: the SA
 * @peer: the peer as it is now
 * @policy: child of @peer
 * @flow: the packet it is for; NULL: not known
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_pairs_want(struct ike_sa *sa, const struct ike_peer *peer,
		   const struct ike_child_policy *policy, const struct ike_flow *flow, u64 now)
{
	struct resolved *r = isakmp_alloc(sizeof(*r));
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;
	unsigned int i, j;

	if (r) {
		resolve(sa, policy, r);
		why = want(sa, peer, policy, r, first_pair(r, flow), now);
		for (i = 0; i < r->n_local && !why; i++)
			for (j = 0; j < r->n_remote && !why; j++)
				why = want(sa, peer, policy, r, number(i, j), now);
	}
	isakmp_free(r);
	if (why)
		isakmp_refused(sa, why, 0);
}

static bool is_pair_of(const struct ike_child *d, const struct ike_child *c)
{
	return d != c && d->policy && !strcmp(d->policy->name, c->policy->name);
}

/* The peer was quicker. */
static bool is_there(const struct ike_sa *sa, const struct ike_child *c)
{
	const struct ike_child *d;

	for (d = sa->children; d; d = d->next)
		if (is_pair_of(d, c) && d->nth == c->nth && d->state == IKE_CHILD_UP)
			return true;
	return false;
}

/* Is another pair of the same child there, or being negotiated? */
static bool has_other(const struct ike_sa *sa, const struct ike_child *c)
{
	const struct ike_child *d;

	for (d = sa->children; d; d = d->next)
		if (is_pair_of(d, c) && (d->state == IKE_CHILD_UP ||
					 (d->state == IKE_CHILD_WANTED && d->busy)))
			return true;
	return false;
}

/* Those that failed before, and wait to be tried again. */
static void forget_others(struct ike_sa *sa, const struct ike_child *c, u64 now)
{
	struct ike_child *d, *next;

	for (d = sa->children; d; d = next) {
		next = d->next;
		if (is_pair_of(d, c) && d->state == IKE_CHILD_WANTED && !d->busy && !d->rekeys &&
		    d->try_at > now)
			ike_rekey_forget(sa, d, ISAKMP_OK, now);
	}
}

/**
 * v1_pair_failed - a child that we wanted will not be, at least not now
 * @sa: the SA
 * @c: the child, WANTED; it may be freed
 * @why: why not
 * @now: ms
 *
 * Who has just a part of a child hears of the rest from nobody: it is tried again, later and
 * later, as long as there is that part.  The loss of the whole is for others to mend.
 *
 * Context: Process; the SA's worker.
 */
void v1_pair_failed(struct ike_sa *sa, struct ike_child *c, enum isakmp_reason why, u64 now)
{
	u64 wait = min_t(u64, (u64)V1_AGAIN_MS << min_t(u8, c->delays, 16), V1_AGAIN_MAX_MS);

	c->busy = false;
	if (c->rekeys || c->replaces || is_there(sa, c)) {
		ike_rekey_forget(sa, c, why, now);
	} else if (has_other(sa, c)) {
		c->delays += c->delays < U8_MAX;
		c->try_at = now + wait + ike_spread(wait >> 2);
	} else {
		forget_others(sa, c, now);
		ike_rekey_forget(sa, c, why, now);
	}
}

/**
 * v1_pairs_readdress - our inner addresses are other ones: children go that have the old ones
 * @sa: the SA
 * @now: ms
 *
 * Others take their place.
 *
 * Context: Process; the SA's worker.
 */
void v1_pairs_readdress(struct ike_sa *sa, u64 now)
{
	struct resolved *r = isakmp_alloc(sizeof(*r));
	enum isakmp_reason why = r ? ISAKMP_OK : ISAKMP_R_NO_MEMORY;
	struct v1_pair have, will;
	struct ike_child *c;

	for (c = sa->children; c && !why; c = c->next) {
		if (c->state != IKE_CHILD_UP || c->mode != IKE_MODE_TUNNEL)
			continue;
		have = (struct v1_pair){ c->local[0], c->remote[0] };
		resolve(sa, c->policy, r);
		if (!numbered(r, c->nth, &will) || within(&have, &will))
			continue;
		ike_child_delete(c);
		why = want(sa, c->peer, c->policy, r, c->nth, now);
	}
	isakmp_free(r);
	if (why)
		isakmp_refused(sa, why, 0);
}

/* ---- what is asked for -------------------------------------------------------------- */

/* Does a policy have the pair, as one of its own or as a part of one? */
static bool fits(const struct resolved *r, const struct v1_pair *pair, bool exact, u8 *nth)
{
	struct v1_pair ours;
	unsigned int n;

	for (n = 0; n < IKE_TS_MAX * IKE_TS_MAX; n++) {
		if (!numbered(r, (u8)n, &ours))
			continue;
		if (exact ? !v1_pair_is(pair, &ours) : !within(pair, &ours))
			continue;
		*nth = (u8)n;
		return true;
	}
	return false;
}

/* The child's policy, when it serves the pair, and the peer offers what it has. */
static enum isakmp_reason try(struct ike_sa *sa, struct ike_child *c,
			      const struct ike_child_policy *p, const struct v1_in *in,
			      const struct v1_pair *asked, bool exact, struct resolved *r,
			      struct v1_choice *choice)
{
	bool ke = v1_chain_find(&in->chain, V1_PL_KE);
	struct v1_pair pair = *asked;
	enum isakmp_reason why;

	if (p->mode == IKE_MODE_TRANSPORT)
		ike_child_substitute(sa, &pair.local, 1, &pair.remote, 1);
	resolve(sa, p, r);
	if (!fits(r, &pair, exact, &c->nth))
		return ISAKMP_R_TS;
	why = ike_child_passes(sa, p);
	if (!why)
		why = v1_offer_choose(sa, p, in, ke, c->peer->v1.lifetime, choice);
	if (why)
		return why;
	c->policy = p;
	c->mode = p->mode;
	c->life = ike_life_of(p);
	v1_pair_set(c, &pair);
	return ISAKMP_OK;
}

/**
 * v1_match - find the child of ours that a Quick Mode is for
 * @sa: the SA
 * @c: a new child; policy, mode, selectors and lifetime are set when OK
 * @in: message 1
 * @asked: what its IDs say
 * @allowed: bit n: child n of c->peer may be set up
 * @choice: what was chosen of its proposals
 *
 * One that has just this pair comes before one that has more.
 *
 * Context: Process; the SA's worker.
 * Return: OK; TS; of those that have the pair, why not: AH_NAT, NO_PROPOSAL, V1_BUNDLE,
 * V1_LIFETIME, BAD_SA, V1_DOI, V1_SITUATION; NO_MEMORY.
 */
enum isakmp_reason v1_match(struct ike_sa *sa, struct ike_child *c, const struct v1_in *in,
			    const struct v1_pair *asked, u32 allowed, struct v1_choice *choice)
{
	struct resolved *r = isakmp_alloc(sizeof(*r));
	enum isakmp_reason why, best = ISAKMP_R_TS;
	unsigned int i, n = c->peer->n_child;

	if (!r)
		return ISAKMP_R_NO_MEMORY;
	for (i = 0; i < 2 * n; i++) {
		if (!(allowed & BIT(i % n)))
			continue;
		why = try(sa, c, c->peer->child[i % n], in, asked, i < n, r, choice);
		if (!why)
			break;
		best = why == ISAKMP_R_TS ? best : why;
	}
	isakmp_free(r);
	return i < 2 * n ? ISAKMP_OK : best;
}
