// SPDX-License-Identifier: GPL-2.0
/*
 * New Group Mode (RFC 2409, 5.6): a group gets a number that only this ISAKMP SA knows, so that
 * nobody else sees by which one a Quick Mode is.
 *
 *	Initiator				Responder
 *	HDR*, HASH(1), SA		-->
 *					<--	HDR*, HASH(2), SA
 *
 * with HASH(1) and HASH(2) both prf (SKEYID_a, M-ID | SA).
 *
 * Groups that anybody makes up are not spoken: one with a trapdoor gives the keys away, and to
 * see that it has none takes longer than to use it.  Prime and generator have to be those of a
 * MODP group that policy allows anyway.  The numbers go with the ISAKMP SA.
 *
 * We propose one only where the peer object says so (v1-new-group), before the first Quick Mode
 * with a MODP group.  Who does not want it hears the number that everybody knows.
 */
#include "v1/phase2.h"

/* What an SA payload says of a group. */
struct said {
	u16 number;
	u16 type;
	struct ike_span prime;
	struct ike_span g1;
};

/* ---- the numbers --------------------------------------------------------- */

static struct v1_group *find(const struct ike_epoch *ep, u16 number)
{
	struct v1_phase1 *p = v1_of(ep);
	unsigned int i;

	for (i = 0; i < p->n_groups; i++)
		if (p->groups[i].number == number)
			return &p->groups[i];
	return NULL;
}

/* Of a group, whose number it is is no matter. */
static struct v1_group *find_ke(const struct ike_epoch *ep, u16 ke)
{
	struct v1_phase1 *p = v1_of(ep);
	struct v1_group *found = NULL;
	unsigned int i;

	for (i = 0; i < p->n_groups; i++)
		if (p->groups[i].ke == ke && (!found || p->groups[i].state == V1_GROUP_AGREED))
			found = &p->groups[i];
	return found;
}

static struct v1_group *note(struct ike_epoch *ep, u16 number, u16 ke, u8 state)
{
	struct v1_phase1 *p = v1_of(ep);

	if (p->n_groups == V1_GROUPS_MAX)
		return NULL;
	p->groups[p->n_groups] = (struct v1_group){ .number = number, .ke = ke, .state = state };
	return &p->groups[p->n_groups++];
}

/**
 * v1_group_number - what a group is called in Quick Modes of ours
 * @ep: the ISAKMP SA
 * @ke: KE transform ID
 *
 * Context: Process; the SA's worker.
 * Return: a private number, or that of the registry.
 */
u16 v1_group_number(const struct ike_epoch *ep, u16 ke)
{
	const struct v1_group *g = find_ke(ep, ke);

	return g && g->state == V1_GROUP_AGREED ? g->number : ke;
}

/**
 * v1_group_of - which group a number in a Quick Mode means
 * @ep: the ISAKMP SA
 * @number: the group description
 *
 * Context: Process; the SA's worker.
 * Return: KE transform ID; of a private number that nobody has agreed on: it.
 */
u16 v1_group_of(const struct ike_epoch *ep, u16 number)
{
	const struct v1_group *g = number >= V1_GROUP_PRIVATE ? find(ep, number) : NULL;

	return g && g->state == V1_GROUP_AGREED ? g->ke : number;
}

/* ---- SA payloads --------------------------------------------------------- */

/* A number of any length without zeros in front. */
static struct ike_span number_of(const struct v1_attr_value *a)
{
	struct ike_span v = { a->value, a->len };

	while (v.len && !*v.p) {
		v.p++;
		v.len--;
	}
	return v;
}

static bool take(const struct v1_attr_value *a, struct said *s, u32 *seen)
{
	if (a->type > V1_A_GROUP_ORDER || *seen & BIT(a->type))
		return false;
	*seen |= BIT(a->type);
	switch (a->type) {
	case V1_A_GROUP:
		s->number = (u16)a->small;
		return a->small >= V1_GROUP_PRIVATE && a->small <= U16_MAX;
	case V1_A_GROUP_TYPE:
		s->type = (u16)a->small;
		return a->small == V1_GROUP_MODP;
	case V1_A_GROUP_PRIME:
		s->prime = number_of(a);
		return true;
	case V1_A_GROUP_G1:
		s->g1 = number_of(a);
		return true;
	}
	return false;
}

#define MUST (BIT(V1_A_GROUP) | BIT(V1_A_GROUP_TYPE) | BIT(V1_A_GROUP_PRIME) | BIT(V1_A_GROUP_G1))

/* One proposal with one transform, which says all of a MODP group and nothing else. */
static bool read(const struct v1_in *in, struct said *s)
{
	struct v1_proposal p, other;
	struct v1_transform t, more;
	struct v1_attr_value a;
	struct isakmp_cur c;
	u32 doi, situation, seen = 0;

	memset(s, 0, sizeof(*s));
	if (v1_sa_decode(v1_chain_find(&in->chain, V1_PL_SA), &doi, &situation, &c) ||
	    !v1_proposal_next(&c, &p) || v1_proposal_next(&c, &other) ||
	    p.protocol != V1_PROTO_ISAKMP || !v1_transform_next(&p.transforms, &t) ||
	    v1_transform_next(&p.transforms, &more) || t.id != V1_TRANSFORM_KEY_IKE)
		return false;
	while (v1_attr_next(&t.attrs, &a))
		if (!take(&a, s, &seen))
			return false;
	return seen == MUST;
}

static bool is_group(const struct said *s, u16 ke)
{
	struct ike_span prime = isakmp_kex_prime(ke);

	return prime.len && s->prime.len == prime.len && !memcmp(s->prime.p, prime.p, prime.len) &&
	       s->g1.len == 1 && *s->g1.p == V1_GROUP_GENERATOR;
}

static u16 among(const struct ike_suites *suites, const struct said *s)
{
	unsigned int i;

	for (i = 0; i < suites->n; i++)
		if (is_group(s, suites->s[i].ke))
			return suites->s[i].ke;
	return IKE_KE_NONE;
}

/* The group of the peer's policy, of either phase, that this is; IKE_KE_NONE: of none. */
static u16 allowed(const struct ike_peer *peer, const struct said *s)
{
	u16 ke = among(&peer->ike, s);
	unsigned int i;

	for (i = 0; ke == IKE_KE_NONE && i < peer->n_child; i++)
		ke = among(&peer->child[i]->esp, s);
	return ke;
}

static void add_group(struct v1_msg *m, const struct v1_group *g)
{
	struct ike_span prime = isakmp_kex_prime(g->ke);
	struct v1_sa_out s;

	isakmp_build_payload(&m->b, V1_PL_SA);
	v1_sa_begin(&s, &m->b.o);
	v1_proposal_open(&s, 1, V1_PROTO_ISAKMP, NULL, 0);
	v1_transform_open(&s, 1, V1_TRANSFORM_KEY_IKE);
	v1_attr_encode(&m->b.o, V1_A_GROUP, g->number);
	v1_attr_encode(&m->b.o, V1_A_GROUP_TYPE, V1_GROUP_MODP);
	v1_attr_encode_long(&m->b.o, V1_A_GROUP_PRIME, prime.p, (u16)prime.len);
	v1_attr_encode(&m->b.o, V1_A_GROUP_G1, V1_GROUP_GENERATOR);
	v1_transform_close(&s);
	v1_proposal_close(&s);
	isakmp_build_close(&m->b);
}

/* ---- who is asked -------------------------------------------------------- */

static void lost(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x, u64 now);

static const struct v1_exchange_ops ops = { .type = V1_NEW_GROUP, .lost = lost };

static enum isakmp_reason agree(struct ike_sa *sa, struct v1_in *in)
{
	const struct ike_peer *peer = isakmp_peer_now(sa);
	struct v1_group *g;
	struct said s;
	u16 ke = IKE_KE_NONE;

	if (peer && read(in, &s))
		ke = allowed(peer, &s);
	if (peer)
		isakmp_peer_put(peer);
	if (ke == IKE_KE_NONE)
		return ISAKMP_R_KE_GROUP;
	g = find(in->ep, s.number);
	if (g && g->ke != ke)
		return ISAKMP_R_KE_GROUP;
	if (!g)
		g = note(in->ep, s.number, ke, V1_GROUP_AGREED);
	if (!g)
		return ISAKMP_R_KE_GROUP;
	g->state = V1_GROUP_AGREED;
	return ISAKMP_OK;
}

/* HDR*, HASH(2), SA: as it came */
static enum isakmp_reason say_second(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	const struct isakmp_payload *pl = v1_chain_find(&in->chain, V1_PL_SA);
	enum isakmp_reason why;
	struct v1_msg m;

	why = v1_msg_begin(sa, in->ep, in->x, &m, V1_NEW_GROUP, V1_H_1);
	if (why)
		return why;
	v1_msg_bytes(&m, V1_PL_SA, pl->body, pl->len);
	return v1_talk_say(sa, &m, &in->x->talk, in, false, now);
}

/**
 * v1_group_asked - the peer proposes a group
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * "If the group is not acceptable, the responder MUST reply with a Notify payload with the
 * message type set to ATTRIBUTES-NOT-SUPPORTED".
 *
 * Context: Process; the SA's worker.
 * Return: OK; KE_GROUP: the peer was told; NO_MEMORY, CRYPTO, OVERSIZE.
 */
enum isakmp_reason v1_group_asked(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	enum isakmp_reason why;

	in->x = v1_exchange_new(sa, in->ep, &ops, in->h.msgid, now);
	if (!in->x)
		return ISAKMP_R_NO_MEMORY;
	why = agree(sa, in);
	if (!why)
		why = say_second(sa, in, now);
	if (!why) {
		v1_exchange_done(in->x, now);
		return ISAKMP_OK;
	}
	v1_exchange_free(sa, in->ep, in->x);
	in->x = NULL;
	if (why == ISAKMP_R_KE_GROUP)
		v1_info_error(sa, in->ep, V1_N_ATTRIBUTES_NOT_SUPPORTED, V1_PROTO_ISAKMP, 0);
	return why;
}

/* ---- who begins ---------------------------------------------------------- */

/* The one that we have proposed, and nobody has answered for yet. */
static struct v1_group *proposed(const struct ike_epoch *ep)
{
	struct v1_phase1 *p = v1_of(ep);
	unsigned int i;

	for (i = 0; i < p->n_groups; i++)
		if (p->groups[i].state == V1_GROUP_PROPOSED)
			return &p->groups[i];
	return NULL;
}

/* Nobody answers: we go on without. */
static void lost(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x, u64 now)
{
	struct v1_group *g = x->initiator ? proposed(ep) : NULL;

	if (g)
		g->state = V1_GROUP_REFUSED;
}

static u16 fresh_number(const struct ike_epoch *ep)
{
	u16 number;

	do {
		isakmp_random(&number, sizeof(number));
		number |= V1_GROUP_PRIVATE;
	} while (find(ep, number));
	return number;
}

static enum isakmp_reason propose(struct ike_sa *sa, struct ike_epoch *ep, u16 ke, u64 now)
{
	struct v1_exchange *x = v1_exchange_new(sa, ep, &ops, 0, now);
	const struct v1_group g = { .number = fresh_number(ep), .ke = ke };
	enum isakmp_reason why;
	struct v1_msg m;

	if (!x)
		return ISAKMP_R_NO_MEMORY;
	why = v1_msg_begin(sa, ep, x, &m, V1_NEW_GROUP, V1_H_1);
	if (!why) {
		add_group(&m, &g);
		why = v1_talk_say(sa, &m, &x->talk, NULL, true, now);
	}
	if (why)
		v1_exchange_free(sa, ep, x);
	else
		note(ep, g.number, ke, V1_GROUP_PROPOSED);
	return why;
}

/**
 * v1_group_need - before a Quick Mode of ours: has its group a private number, where it shall?
 * @sa: the SA
 * @ep: by which ISAKMP SA
 * @c: the child
 * @now: ms
 * @wait: set: it is being negotiated, and the child has to wait
 *
 * Context: Process; the SA's worker.
 * Return: OK, or NO_MEMORY: later.
 */
enum isakmp_reason v1_group_need(struct ike_sa *sa, struct ike_epoch *ep,
				 const struct ike_child *c, u64 now, bool *wait)
{
	enum isakmp_reason why;
	u16 ke;

	*wait = false;
	if (!sa->peer->v1.new_group || v1_offer_group(sa, c, &ke) || !isakmp_kex_prime(ke).len)
		return ISAKMP_OK;
	*wait = proposed(ep);
	if (*wait || find_ke(ep, ke) || v1_of(ep)->n_groups == V1_GROUPS_MAX)
		return ISAKMP_OK;
	why = propose(sa, ep, ke, now);
	*wait = !why;
	if (why && why != ISAKMP_R_NO_MEMORY) {
		isakmp_refused(sa, why, ke);
		note(ep, 0, ke, V1_GROUP_REFUSED);
		why = ISAKMP_OK;
	}
	return why;
}

/**
 * v1_group_answered - the peer has taken the group that we proposed
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK; BAD_CHOICE: it says another one, and we go on without.
 */
enum isakmp_reason v1_group_answered(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct v1_group *g = proposed(in->ep);
	struct said s;

	v1_exchange_done(in->x, now);
	if (!g)
		return ISAKMP_OK;
	g->state = V1_GROUP_REFUSED;
	if (!read(in, &s) || s.number != g->number || !is_group(&s, g->ke))
		return ISAKMP_R_BAD_CHOICE;
	g->state = V1_GROUP_AGREED;
	return ISAKMP_OK;
}

/**
 * v1_group_refused - ATTRIBUTES-NOT-SUPPORTED came, authenticated: of a group of ours?
 * @sa: the SA
 * @ep: by which ISAKMP SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: false: none is proposed.
 */
bool v1_group_refused(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct v1_group *g = proposed(ep);
	struct v1_exchange *x;

	if (!g)
		return false;
	g->state = V1_GROUP_REFUSED;
	for (x = v1_of(ep)->exchanges; x; x = x->next)
		if (x->ops == &ops && x->initiator && x->step)
			v1_exchange_done(x, now);
	return true;
}
