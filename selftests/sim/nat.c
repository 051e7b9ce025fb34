// SPDX-License-Identifier: GPL-2.0
/*
 * A NAT in front of a node: what it makes of addresses and ports, how it forgets,
 * and what must be true of paths when all is quiet.
 */
#include "world.h"

static void draw(struct nat *nat)
{
	nat->outer.a[3] = (u8)(1 + chance(world, 250));
	nat->port[0] = (u16)(10000 + chance(world, 10000));
	nat->port[1] = (u16)(30000 + chance(world, 10000));
}

void nat_setup(struct node *node)
{
	node->nat.on = true;
	node->nat.outer = (struct isakmp_addr){ .family = 4, .a = { 198, 51, 100 } };
	draw(&node->nat);
}

/* From now on what the node sends comes from elsewhere. */
void nat_forget(struct node *node)
{
	if (!node->nat.on)
		return;
	draw(&node->nat);
	say("%c: the NAT maps it to %u and %u", 'A' + node->n, node->nat.port[0],
	    node->nat.port[1]);
}

/* How @to sees what was sent on a path; false: a NAT knows nothing of it. */
bool nat_way(const struct node *to, const struct isakmp_path *sent, struct isakmp_path *path)
{
	const struct nat *from = &world->node[1 - to->n].nat;
	const struct nat *nat = &to->nat;

	if (!roam_there(world, &world->node[1 - to->n], &sent->local))
		return false;
	*path = (struct isakmp_path){
		.local = sent->remote, .remote = sent->local,
		.lport = sent->rport, .rport = sent->lport,
	};
	if (from->on) {
		path->remote = from->outer;
		path->rport = from->port[sent->lport == IKE_PORT_NATT];
	}
	if (!nat->on)
		return roam_there(world, to, &path->local);
	if (!isakmp_addr_equal(&path->local, &nat->outer) ||
	    (path->lport != nat->port[0] && path->lport != nat->port[1]))
		return false;
	path->local = to->addr;
	path->lport = path->lport == nat->port[1] ? IKE_PORT_NATT : 500;
	return true;
}

/* The other end of an established SA. */
struct sim_sa *nat_mirror(const struct sim_sa *s)
{
	struct sim_sa *o;

	if (s->ike.v1)
		return v1_mirror(s);
	for (o = world->node[1 - s->node->n].sas; o; o = o->next)
		if (o->ike.state == IKE_S_ESTABLISHED && o->ike.ep->spi_i == s->ike.ep->spi_i &&
		    o->ike.ep->spi_r == s->ike.ep->spi_r && o->ike.initiator != s->ike.initiator)
			return o;
	return NULL;
}

/* ESP from each child of a node: the other end notes where it comes from. */
void nat_esp(struct node *node)
{
	struct sim_sa *s, *o;
	struct isakmp_path path;

	for (s = node->sas; s; s = s->next) {
		if (s->ike.state != IKE_S_ESTABLISHED || !s->ike.children || !s->ike.encap)
			continue;
		o = nat_mirror(s);
		if (o && nat_way(o->node, &s->ike.path, &path) &&
		    !isakmp_path_equal(&path, &o->ike.path))
			sa_mapping(o, &path);
	}
}

/* When all is quiet both ends know where the other one is. */
void nat_check(const struct sim_sa *s, const struct sim_sa *o)
{
	struct isakmp_path path;

	if (s->ike.encap != o->ike.encap)
		broken("ESP is in UDP at one end only (ports %u and %u)",
		       s->ike.path.lport, o->ike.path.lport);
	if (!nat_way(o->node, &s->ike.path, &path) ||
	    !isakmp_path_equal(&path, &o->ike.path))
		broken("%c: SA %llu does not know where its peer is", 'A' + o->node->n,
		       (unsigned long long)o->ike.id);
}
