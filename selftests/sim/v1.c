// SPDX-License-Identifier: GPL-2.0
/*
 * Worlds of version 1: what net/ does for it, and what is otherwise than in version 2.
 *
 * A connection lives as long as one of its ISAKMP SAs or of its children.  Its ends may differ
 * in who has begun it, and for a while in what they have: Deletes are said once, and may be
 * lost.  So children have an end in the calm part, too, after which both have the same ones.
 */
#include <stdlib.h>

#include "v1/engine.h"
#include "world.h"

#define STORM_LIFE_S 200		/* of children ... */
#define CALM_LIFE_S 150		/* ... when all is calm */

/* ---- look-up ------------------------------------------------------------- */

static bool has_door(const struct sim_sa *s, const struct isakmp_header *h, bool initiator)
{
	const struct ike_epoch *ep;

	for (ep = s->ike.ep; ep; ep = ep->next)
		if (ep->v1 && ep->initiator == initiator &&
		    (initiator ? ep->spi_i == h->spi_i : ep->spi_r == h->spi_r))
			return true;
	return false;
}

/**
 * v1_find - the SA that a message is for
 * @node: who has received it
 * @h: its header: no first message
 */
struct sim_sa *v1_find(struct node *node, const struct isakmp_header *h)
{
	struct sim_sa *s;

	for (s = node->sas; s && h->spi_r; s = s->next)
		if (has_door(s, h, false))
			return s;
	for (s = node->sas; s; s = s->next)
		if (has_door(s, h, true))
			return s;
	return NULL;
}

/* ---- an ISAKMP SA that goes to another connection ------------------------- */

static bool fits_inner(const struct ike_sa *sa, const struct ike_sa *other)
{
	unsigned int i;

	for (i = 0; i < IKE_INNER; i++)
		if (sa->inner[i].family && !isakmp_addr_equal(&sa->inner[i], &other->inner[i]))
			return false;
	return true;
}

u64 isakmp_v1_elder(struct ike_sa *sa)
{
	struct sim_sa *s = sim_sa_of(sa), *o;

	native_process(__func__);
	for (o = s->node->sas; o; o = o->next)
		if (o != s && o->ike.v1 && o->ike.state == IKE_S_ESTABLISHED &&
		    isakmp_addr_equal(&o->ike.path.remote, &sa->path.remote) &&
		    fits_inner(sa, &o->ike) &&
		    !(sa->contact && o->ike.established_at < sa->created_at))
			return o->ike.id;
	return 0;
}

u64 isakmp_v1_stand(struct ike_sa *sa)
{
	return isakmp_v1_elder(sa);
}

/* What was to be set up on an SA is, on another one. */
static void bequeath(const struct ike_sa *sa, struct sim_sa *heir)
{
	struct ike_event ev = { .type = IKE_EV_CHILD_START };
	const struct ike_child *c;

	ev.peer = sa->peer;
	ev.child = sa->want;
	if (sa->want)
		sa_event(heir, &ev);
	for (c = sa->children; c; c = c->next) {
		ev.peer = sa->peer;
		ev.child = c->policy;
		if (c->state == IKE_CHILD_WANTED && c->policy)
			sa_event(heir, &ev);
	}
}

enum isakmp_reason isakmp_v1_hand_over(struct ike_sa *sa, struct ike_epoch *ep, u64 id)
{
	struct ike_event ev = { .type = IKE_EV_V1_TAKE };
	struct sim_sa *heir = sim_sa_by_id(world, id);
	struct ike_v1_take take = {
		.path = sa->path, .nat = { sa->natt, sa->nat_local, sa->nat_remote },
		.encap = sa->encap, .last_in = sa->last_in,
		.until_at = sa->until_at, .reauth_at = sa->reauth_at,
		.peer = sa->peer, .allowed = sa->allowed,
	};

	native_process(__func__);
	if (!heir || heir->ike.state != IKE_S_ESTABLISHED)
		return ISAKMP_R_NO_SA;
	take.ep = isakmp_alloc(sizeof(*take.ep));
	if (!take.ep)
		return ISAKMP_R_NO_MEMORY;
	*take.ep = *ep;
	take.ep->next = NULL;
	ep->v1 = NULL;
	ep->door = NULL;
	take.basis = sa->basis;
	sa->basis = NULL;
	say("%c: SA %llu hands its ISAKMP SA to %llu", 'A' + heir->node->n,
	    (unsigned long long)sa->id, (unsigned long long)id);
	ev.take = &take;
	isakmp_peer_get(sa->peer);
	sa_event(heir, &ev);
	if (take.peer)
		isakmp_peer_put(take.peer);
	if (take.ep)
		broken("an ISAKMP SA was not taken");
	bequeath(sa, heir);
	return ISAKMP_OK;
}

/**
 * v1_is_alone - is there no other one of the peer?
 * @s: the SA; a responder does not count what is not known to be of its peer
 */
bool v1_is_alone(const struct sim_sa *s)
{
	const struct sim_sa *o;

	for (o = s->node->sas; o; o = o->next)
		if (o != s && (s->ike.initiator || o->ike.state == IKE_S_ESTABLISHED))
			return false;
	return true;
}

/**
 * v1_settle - one is up: those that its peer has forgotten, or elder ones, go
 * @s: the SA
 *
 * As net/unique.c has it.  Of the same two ends there are no two, started at once or not.
 */
void v1_settle(struct sim_sa *s)
{
	const struct ike_sa *new = &s->ike;
	struct sim_sa *o;

	for (o = s->node->sas; o; o = o->next) {
		if (o == s || o->ike.state != IKE_S_ESTABLISHED)
			continue;
		if (new->contact && o->ike.established_at < new->created_at)
			sa_event_in(o, 0, IKE_EV_KILL);
		else if (new->initiator == o->ike.initiator ||
			 new->established_at - o->ike.established_at > IKE_CROSS_MS)
			sa_event_in(o, IKE_CROSS_MS, IKE_EV_STOP);
	}
}

/* ---- what must be true ----------------------------------------------------- */

static bool share_cookies(const struct ike_sa *a, const struct ike_sa *b)
{
	const struct ike_epoch *x, *y;

	for (x = a->ep; x; x = x->next)
		for (y = b->ep; x->v1 && x->spi_r && y; y = y->next)
			if (y->v1 && x->spi_i == y->spi_i && x->spi_r == y->spi_r)
				return true;
	return false;
}

static bool share_child(const struct ike_sa *a, const struct ike_sa *b)
{
	const struct ike_child *c;

	for (c = a->children; c; c = c->next)
		if (c->spi_out && ike_child_of(b, c->spi_out))
			return true;
	return false;
}

/**
 * v1_mirror - the other end of an established connection
 * @s: it
 */
struct sim_sa *v1_mirror(const struct sim_sa *s)
{
	struct sim_sa *o;

	for (o = world->node[1 - s->node->n].sas; o; o = o->next)
		if (o->ike.v1 && o->ike.state == IKE_S_ESTABLISHED &&
		    (share_cookies(&s->ike, &o->ike) || share_child(&s->ike, &o->ike)))
			return o;
	return NULL;
}

/* A Delete is said once: for a while one end has what the other has not any more. */
static bool lingers(const struct sim_sa *s)
{
	const struct ike_child *c;

	for (c = s->ike.children; c; c = c->next)
		if (c->xfrm && c->state != IKE_CHILD_UP)
			return true;
	return false;
}

/**
 * v1_busy - is an exchange under way, or a child about to go?
 * @s: the SA
 */
bool v1_busy(const struct sim_sa *s)
{
	const struct ike_epoch *ep;
	const struct v1_exchange *x;

	if (lingers(s))
		return true;
	for (ep = s->ike.ep; ep; ep = ep->next) {
		if (!ep->v1)
			continue;
		if (ep->v1->state < V1_P1_UP)
			return true;
		for (x = ep->v1->exchanges; x; x = x->next)
			if (x->step)
				return true;
	}
	return false;
}

/* ---- a world --------------------------------------------------------------- */

static void v1_suites(struct world *w, struct ike_suites *ike, struct ike_suites *esp)
{
	static const struct ike_suite ikes[] = {
		{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_256_128,
		  IKE_PRF_HMAC_SHA2_256, IKE_KE_ECP_256 },
		{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_CBC, 128, IKE_INTEG_HMAC_SHA1_96,
		  IKE_PRF_HMAC_SHA1, IKE_KE_ECP_384 },
		{ IKE_PROTO_IKE, 0, IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_512_256,
		  IKE_PRF_HMAC_SHA2_512, IKE_KE_ECP_256 },
	};
	static const struct ike_suite esps[] = {
		{ IKE_PROTO_ESP, 0, IKE_ENCR_AES_GCM_16, 256, 0, 0, 0 },
		{ IKE_PROTO_ESP, 0, IKE_ENCR_AES_CBC, 128, IKE_INTEG_HMAC_SHA1_96, 0, 0 },
		{ IKE_PROTO_ESP, 0, IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_256_128, 0,
		  IKE_KE_ECP_256 },
	};
	unsigned int i;

	ike->n = 2;
	for (i = 0; i < 2; i++)
		ike->s[i] = ikes[(w->seed + i) % ARRAY_SIZE(ikes)];
	esp->n = 1;
	esp->s[0] = esps[w->seed / 3 % ARRAY_SIZE(esps)];
}

/**
 * v1_give_address - A has an inner address of B's
 * @w: the world
 * @push: B says it; otherwise A asks for it
 */
void v1_give_address(struct world *w, bool push)
{
	static const struct isakmp_ts dynamic = { .type = IKE_TS_DYNAMIC, .port_end = 65535 };
	int i;

	for (i = 0; i < NODES; i++)
		w->node[i].peer.v1.push = push;
	w->node[0].peer.vip[0].family = 4;
	w->node[1].peer.pools = 1;
	w->node[0].local_ts = dynamic;
	w->node[1].remote_ts = dynamic;
}

static u8 exchange_of(const struct world *w)
{
	static const u8 exchanges[] = { V1_MAIN, V1_MAIN, V1_BASE, V1_MAIN, V1_AGGRESSIVE };

	return exchanges[w->seed % ARRAY_SIZE(exchanges)];
}

static void v1_peer(struct world *w, struct node *node)
{
	static const u8 sides[] = { IKE_V1_XAUTH_US, IKE_V1_XAUTH_PEER };

	node->xauth = !node->certs && w->seed % 7 == 3;
	node->wrong = w->seed % 49 == 3;
	node->peer.mobike = false;
	node->peer.v1 = (struct ike_v1){
		.versions = IKE_VERSIONS_1, .exchange = exchange_of(w),
		.accept = BIT(V1_MAIN) | BIT(V1_AGGRESSIVE) | BIT(V1_BASE),
		.methods = BIT(node->certs ? IKE_V1_SIG : IKE_V1_PSK),
		.xauth = node->xauth ? sides[node->n] : IKE_V1_XAUTH_NONE,
	};
}

/**
 * v1_setup - both ends of a world speak version 1
 * @w: the world, of which nothing has happened yet
 */
void v1_setup(struct world *w)
{
	unsigned int i, j;

	w->v1 = true;
	for (i = 0; i < NODES; i++) {
		struct node *node = &w->node[i];

		v1_suites(w, &node->peer.ike, &node->child.esp);
		node->child.life_s = STORM_LIFE_S;
		for (j = 0; j < MORE; j++) {
			node->more[j].esp = node->child.esp;
			node->more[j].life_s = STORM_LIFE_S;
		}
		v1_peer(w, node);
	}
	if (w->seed % 7 == 3 || w->seed % 7 == 5)
		v1_give_address(w, w->seed / 7 % 2);
	for (i = 0; i < NODES; i++)
		helper_setup(&w->node[i]);
}

/**
 * v1_calm - children have an end: so has what one end has alone, if it looks for the other
 * @w: the world
 */
void v1_calm(struct world *w)
{
	struct sim_sa *s;
	unsigned int i, j;

	for (i = 0; i < NODES; i++) {
		w->node[i].child.life_s = CALM_LIFE_S;
		for (j = 0; j < MORE; j++)
			w->node[i].more[j].life_s = CALM_LIFE_S;
		for (s = w->node[i].sas; s; s = s->next)
			sa_event_in(s, 1000, IKE_EV_CHECK);
	}
}
