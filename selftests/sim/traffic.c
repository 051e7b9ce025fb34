// SPDX-License-Identifier: GPL-2.0
/*
 * Packets through the children, and what must be true after every step.
 *
 * What is sent arrives: it finds a state at the other end, whatever is being rekeyed
 * meanwhile.  After trouble (an end was killed, gave up, lost or deleted something)
 * that may fail for a while.
 */
#include <stdio.h>
#include <stdlib.h>

#include "record.h"

#define TROUBLE_MS 600000	/* an end that hears nothing has noticed by then ... */
#define MOBILE_TROUBLE_MS 2400000	/* ... one that moves meanwhile, too */

/* ---- who sends: as the claims on a policy in kernel/xfrm/policy.c ---------- */

#define STEP (1 << 20)

static u64 highest;

static bool rivals(const struct isakmp_xfrm *x, const struct isakmp_xfrm *o)
{
	return o != x && o->node == x->node && !strcmp(o->name, x->name);
}

/* Before all others, or right behind the first. */
void traffic_enter(struct isakmp_xfrm *x)
{
	const struct isakmp_xfrm *o;
	u64 first = 0;

	for (o = records; o; o = o->next)
		if (rivals(x, o))
			first = max(first, o->lead);
	x->lead = x->held && first ? first - 1 : (highest += STEP);
}

void traffic_lead(struct isakmp_xfrm *x)
{
	x->lead = highest += STEP;
}

/* Behind all others. */
void traffic_yield(struct isakmp_xfrm *x)
{
	const struct isakmp_xfrm *o;

	for (o = records; o; o = o->next)
		if (rivals(x, o) && o->lead <= x->lead)
			x->lead = o->lead - 1;
}

static bool sends(const struct isakmp_xfrm *x)
{
	const struct isakmp_xfrm *o, *first = x;

	for (o = records; o; o = o->next)
		if (o->node == x->node && !strcmp(o->name, x->name) &&
		    (o->lead > first->lead))
			first = o;
	return first == x;
}

/* ---- packets ---------------------------------------------------------------- */

void traffic_trouble(struct world *w)
{
	w->trouble_at = w->now;
}

bool traffic_troubled(const struct world *w)
{
	return w->trouble_at &&
	       w->now - w->trouble_at < (w->mobile ? MOBILE_TROUBLE_MS : TROUBLE_MS);
}

static struct isakmp_xfrm *receiver(int node, u32 spi)
{
	struct isakmp_xfrm *x;

	for (x = records; x; x = x->next)
		if (x->node == node && x->spi_in == spi && !x->expired)
			return x;
	return NULL;
}

static struct sim_sa *owner(const struct isakmp_xfrm *x, struct ike_child **child)
{
	struct sim_sa *s;

	for (s = world->node[x->node].sas; s; s = s->next)
		for (*child = s->ike.children; *child; *child = (*child)->next)
			if ((*child)->xfrm == x)
				return s;
	return NULL;
}

/* As xfrm/ tells: a held one is used, a soft limit is reached. */
static void tell(struct isakmp_xfrm *x)
{
	struct ike_event ev = { .spi = x->spi_in };
	struct ike_child *c;
	struct sim_sa *s = owner(x, &c);

	if (s && x->held)
		ev.type = IKE_EV_CHILD_USED;
	else if (s && c->soft_packets && max(x->received, x->sent) == c->soft_packets)
		ev.type = IKE_EV_CHILD_SOFT;
	if (ev.type)
		sa_event(s, &ev);
}

static void arrive(struct world *w, u64 arg)
{
	int node = (int)(arg >> 32);
	struct isakmp_xfrm *x = receiver(node, (u32)arg);

	if (x) {
		x->received++;
		w->packets++;
		tell(x);
		return;
	}
	w->packets_lost++;
	say("%c: a packet for %08x finds nobody", 'A' + node, (u32)arg);
	if (!traffic_troubled(w))
		broken("a packet for child %08x at %c is lost", (u32)arg, 'A' + node);
}

static void send(struct world *w, struct isakmp_xfrm *x)
{
	u64 arg = (u64)(1 - x->node) << 32 | x->spi_out;

	x->sent++;
	world_call_in(w, 1 + chance(w, w->weather.delay + 1), arrive, arg);
	tell(x);
}

/* A packet each way through each child that is to be had. */
void traffic_flow(struct world *w)
{
	struct isakmp_xfrm *x;

	for (x = records; x; x = x->next)
		/* The first one: the other end may not have it yet, and nothing is broken off */
		if (sends(x) && !x->expired && (x->rekeyed || record_mirror(x)))
			send(w, x);
}

/* ---- after every step ---------------------------------------------------- */

static void check_owners(void)
{
	static u64 round;
	const struct isakmp_xfrm *x;
	struct ike_child *c;
	struct sim_sa *s;
	int i;

	round++;
	for (i = 0; i < NODES; i++)
		for (s = world->node[i].sas; s; s = s->next)
			for (c = s->ike.children; c; c = c->next)
				if (c->xfrm)
					c->xfrm->owned = round;
	for (x = records; x; x = x->next)
		if (x->owned != round)
			broken("child %08x/%08x has no owner", x->spi_in, x->spi_out);
}

static bool under_way(const struct sim_sa *s)
{
	const struct ike_epoch *ep;

	if (s->ike.v1)
		return v1_busy(s);
	for (ep = s->ike.ep; ep; ep = ep->next)
		if (ep->out)
			return true;
	return s->ike.tasks;
}

/* Is there an exchange under way anywhere? */
bool traffic_busy(const struct world *w)
{
	const struct sim_sa *s;
	int i;

	for (i = 0; i < NODES; i++)
		for (s = w->node[i].sas; s; s = s->next)
			if (under_way(s))
				return true;
	return false;
}

/* What is up here is there as well, unless one of them has lost it. */
static void check_children(const struct sim_sa *s, const struct sim_sa *o)
{
	const struct ike_child *c, *d;

	for (c = s->ike.children; c; c = c->next) {
		if (c->state != IKE_CHILD_UP)
			continue;
		d = ike_child_of(&o->ike, c->spi_out);
		if (!d || (d->state != IKE_CHILD_UP && d->state != IKE_CHILD_LOST))
			broken("child %08x/%08x is up at %c alone (state %u), and nothing is under way",
			       c->spi_in, c->spi_out, 'A' + s->node->n, d ? d->state : 0);
	}
}

/* Message IDs of each epoch go up, one by one. */
static void check_ids(struct sim_sa *s)
{
	const struct ike_epoch *ep;
	struct id_seen *i;

	for (ep = s->ike.ep; ep; ep = ep->next) {
		for (i = s->ids; i; i = i->next)
			if (i->spi == ike_epoch_spi(ep))
				break;
		if (!i) {
			i = calloc(1, sizeof(*i));
			i->spi = ike_epoch_spi(ep);
			i->next = s->ids;
			s->ids = i;
		}
		if (ep->next_in - i->next_in > ep->window_in)
			broken("the request window jumped from %u to %u", i->next_in,
			       ep->next_in);
		i->next_in = ep->next_in;
	}
}

void traffic_check(struct sim_sa *s)
{
	const struct sim_sa *o = nat_mirror(s);

	check_owners();
	/* A Delete of version 1 is said once: one end may have more than the other one */
	if (s->ike.v1)
		return;
	check_ids(s);
	if (s->ike.state != IKE_S_ESTABLISHED)
		return;
	if (!o || under_way(s) || under_way(o))
		return;
	check_children(s, o);
	check_children(o, s);
}
