// SPDX-License-Identifier: GPL-2.0
/* What may be shown of an IKE SA and its children: a packed copy. */
#include "ike/engine.h"
#include "v1/v1.h"

static size_t child_size(const struct ike_child *c)
{
	size_t n = sizeof(struct ike_child_view) +
		   (size_t)(c->n_local + c->n_remote) * sizeof(struct isakmp_ts);

	return (n + 7) & ~(size_t)7;
}

static size_t config_size(const struct ike_sa *sa)
{
	return sa->config ? (sizeof(*sa->config) + 7) & ~(size_t)7 : 0;
}

/**
 * ike_view_size - octets of the view of an SA
 * @sa: the SA
 *
 * Context: Process; the SA's worker, or whoever keeps it away.
 * Return: what ike_view_fill() needs.
 */
size_t ike_view_size(const struct ike_sa *sa)
{
	size_t n = sizeof(struct ike_sa_view);
	const struct ike_child *c;

	for (c = sa->children; c; c = c->next)
		n += child_size(c);
	return n + config_size(sa);
}

static void fill_child(const struct ike_child *c, struct ike_child_view *v)
{
	v->size = (u16)child_size(c);
	v->state = c->state;
	v->mode = c->mode;
	v->suite = c->suite;
	v->local_end = c->local_end;
	v->remote_end = c->remote_end;
	v->spi_in = c->spi_in;
	v->spi_out = c->spi_out;
	if (c->cpi_out) {
		v->cpi_in = c->cpi_in;
		v->cpi_out = c->cpi_out;
	}
	v->rekeyed = c->rekeyed;
	memcpy(v->past, c->past, sizeof(v->past));
	v->n_local = c->n_local;
	v->n_remote = c->n_remote;
	if (c->policy)
		memcpy(v->name, c->policy->name, sizeof(v->name));
	memcpy(v->ts, c->local, c->n_local * sizeof(*c->local));
	memcpy(v->ts + c->n_local, c->remote, c->n_remote * sizeof(*c->remote));
}

static void fill_children(const struct ike_sa *sa, struct ike_sa_view *v)
{
	const struct ike_child *c;
	u8 *p = (u8 *)v->children;

	for (c = sa->children; c; c = c->next) {
		fill_child(c, (struct ike_child_view *)p);
		p += child_size(c);
		v->n_children++;
	}
}

static void fill_basis(const struct ike_sa *sa, struct ike_sa_view *v)
{
	const struct ike_basis *b = sa->basis;

	v->until_at = sa->until_at;
	if (!b)
		return;
	memcpy(v->local_cred, b->local_cred, strlen(b->local_cred));
	memcpy(v->remote_cred, b->remote_cred, strlen(b->remote_cred));
	v->handle_len = b->handle_len;
	memcpy(v->handle, b->handle, b->handle_len);
}

static void fill_mobike(const struct ike_sa *sa, struct ike_sa_view *v)
{
	const struct ike_mobike *x = sa->mobike;

	v->mobike = x;
	if (!x)
		return;
	v->n_addresses = x->n;
	memcpy(v->address, x->peer, x->n * sizeof(x->peer[0]));
}

/**
 * ike_view_fill - what may be shown of an SA
 * @sa: the SA
 * @v: filled whole: ike_view_size() octets
 *
 * Context: Process; the SA's worker, or whoever keeps it away.
 */
void ike_view_fill(const struct ike_sa *sa, struct ike_sa_view *v)
{
	size_t size = ike_view_size(sa);

	memset(v, 0, size);
	v->size = (u32)size;
	v->id = sa->id;
	v->spi_i = sa->ep->spi_i;
	v->spi_r = sa->ep->spi_r;
	v->version = sa->v1 ? 1 : 2;
	v->method = v1_sa_method(sa);
	if (v1_sa_user(sa))
		memcpy(v->user, v1_sa_user(sa), strlen(v1_sa_user(sa)));
	v->initiator = sa->initiator;
	v->nat_local = sa->nat_local;
	v->nat_remote = sa->nat_remote;
	v->encap = sa->encap;
	v->resumed = sa->resumed;
	v->redirectable = sa->redirectable;
	v->fragment = sa->fragment;
	v->state = sa->state;
	v->reason = sa->reason;
	v->path = sa->path;
	fill_mobike(sa, v);
	if (sa->peer)
		memcpy(v->peer, sa->peer->name, sizeof(v->peer));
	v->suite = sa->ep->suite;
	v->created_at = sa->created_at;
	v->established_at = sa->established_at;
	v->last_in = sa->last_in;
	v->msgs_in = sa->msgs_in;
	v->msgs_out = sa->msgs_out;
	v->resends = sa->resends;
	v->rekeyed = sa->rekeyed;
	v->id_local_len = sa->id_local_len;
	v->id_remote_len = sa->id_remote_len;
	if (sa->id_local)
		memcpy(v->id_local, sa->id_local, sa->id_local_len);
	if (sa->id_remote)
		memcpy(v->id_remote, sa->id_remote, sa->id_remote_len);
	fill_basis(sa, v);
	v->inner_ours = ike_config_wanted(sa);
	memcpy(v->inner, sa->inner, sizeof(v->inner));
	fill_children(sa, v);
	v->children_end = (u32)(size - config_size(sa));
	if (sa->config)
		memcpy((u8 *)v + v->children_end, sa->config, sizeof(*sa->config));
}

/**
 * ike_view_child - walk the children of a view
 * @v: the view
 * @after: the child before; NULL: the first
 *
 * Context: Any.
 * Return: the next child, NULL after the last.
 */
const struct ike_child_view *ike_view_child(const struct ike_sa_view *v,
					    const struct ike_child_view *after)
{
	const u8 *p = (const u8 *)v->children;

	if (after)
		p = (const u8 *)after + after->size;
	return p < (const u8 *)v + v->children_end ? (const struct ike_child_view *)p : NULL;
}

/**
 * ike_view_config - what came with the inner addresses of an SA
 * @v: the view
 *
 * Context: Any.
 * Return: it, or NULL.
 */
const struct ike_config *ike_view_config(const struct ike_sa_view *v)
{
	if (v->size == v->children_end)
		return NULL;
	return (const struct ike_config *)((const u8 *)v + v->children_end);
}

static bool takes(const struct ike_child_view *c, const struct ike_flow *flow)
{
	return ike_ts_all_within(&flow->local, 1, c->ts, c->n_local) &&
	       ike_ts_all_within(&flow->remote, 1, c->ts + c->n_local, c->n_remote);
}

/**
 * ike_view_leaves_out - is a child up, but not for this packet?
 * @v: the view
 * @child: its name
 * @flow: the packet
 *
 * Context: Any.
 * Return: true if so; false also while it is only on its way.
 */
bool ike_view_leaves_out(const struct ike_sa_view *v, const char *child,
			 const struct ike_flow *flow)
{
	const struct ike_child_view *c = NULL;
	bool up = false;

	while ((c = ike_view_child(v, c))) {
		if (c->state != IKE_CHILD_UP || strcmp(c->name, child))
			continue;
		if (takes(c, flow))
			return false;
		up = true;
	}
	return up;
}
