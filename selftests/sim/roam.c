// SPDX-License-Identifier: GPL-2.0
/*
 * MOBIKE: node A goes from network to network, behind a NAT and out of it, while all else
 * goes on.  Where it was nobody hears anything any more.
 */
#include "world.h"

/**
 * roam_setup - may the nodes of this run move?
 * @w: the world, its policies made
 */
void roam_setup(struct world *w)
{
	int i, j;

	w->mobile = w->seed % 5 < 2;
	if (!w->mobile)
		return;
	for (i = 0; i < NODES; i++) {
		w->node[i].peer.mobike = true;
		/* RFC 4555, 1.2: "only tunnel mode"; whose inner addresses stay */
		w->node[i].more[1].mode = IKE_MODE_TUNNEL;
		w->node[i].more_ts[1][0] = w->node[i].local_ts;
		w->node[i].more_ts[1][1] = w->node[i].remote_ts;
		for (j = 0; j < 2; j++)
			w->node[i].more_ts[1][j].start[0] = w->node[i].more_ts[1][j].end[0] = 11;
	}
	w->node[0].addr.a[2] = 3;
}

/* The node notices, now or a little later. */
static void notice(struct world *w, struct node *node)
{
	struct sim_sa *s;

	for (s = node->sas; s; s = s->next)
		sa_event_in(s, chance(w, 200), IKE_EV_ROAM);
}

/**
 * roam_move - node A is in another network from now on, if it can be
 * @w: the world
 *
 * Behind a NAT only as initiator of them all: nobody finds a responder there.
 */
void roam_move(struct world *w)
{
	struct node *node = &w->node[0];
	bool hidden = chance(w, 3) == 0;
	struct sim_sa *s;

	if (!w->mobile)
		return;
	for (s = node->sas; s; s = s->next) {
		if (s->ike.state != IKE_S_ESTABLISHED || !s->ike.mobike)
			return;
		hidden &= s->ike.initiator;
	}
	node->addr.a[2] = (u8)(3 + chance(w, 20));
	node->addr.a[3] = (u8)(1 + chance(w, 250));
	node->nat.on = false;
	if (hidden)
		nat_setup(node);
	say("%c: is now at %u.%u%s", 'A' + node->n, node->addr.a[2], node->addr.a[3],
	    node->nat.on ? ", behind a NAT" : "");
	notice(w, node);
}

/**
 * roam_there - is a node where a datagram goes to, or comes from?
 * @w: the world
 * @node: the node
 * @addr: the address, inside of its NAT
 */
bool roam_there(const struct world *w, const struct node *node, const struct isakmp_addr *addr)
{
	return !w->mobile || isakmp_addr_equal(&node->addr, addr);
}

/* ---- seams --------------------------------------------------------------- */

bool isakmp_path_local(struct ike_sa *sa, struct isakmp_path *path)
{
	native_process(__func__);
	path->local = sim_sa_of(sa)->node->addr;
	return true;
}

bool isakmp_path_stands(struct ike_sa *sa)
{
	native_process(__func__);
	return isakmp_addr_equal(&sa->path.local, &sim_sa_of(sa)->node->addr);
}

unsigned int isakmp_path_others(struct ike_sa *sa, struct isakmp_addr *out, unsigned int max)
{
	native_process(__func__);
	return 0;
}
