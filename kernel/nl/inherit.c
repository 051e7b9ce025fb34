// SPDX-License-Identifier: GPL-2.0
/* What a peer has, with what it takes from its template: see inherit.h. */
#include "nl/inherit.h"

/* The first object of a kind that a peer names. */
static struct isakmp_object *named(const struct isakmp_object *peer, u8 kind)
{
	unsigned int i;

	for (i = 0; i < peer->c.n_refs; i++)
		if (peer->c.refs[i].to->kind == kind)
			return peer->c.refs[i].to;
	return NULL;
}

/**
 * isakmp_inherit_template() - the template of a peer
 * @peer: a peer object
 *
 * Context: process.  Must hold config.lock.
 * Return: the template, or NULL.
 */
struct isakmp_object *isakmp_inherit_template(const struct isakmp_object *peer)
{
	return named(peer, ISAKMP_KIND_PEER);
}

/**
 * isakmp_inherit_proposal() - the proposal of a peer
 * @peer: a peer object
 *
 * Context: process.  Must hold config.lock.
 * Return: its own one, else that of its template, else NULL.
 */
struct isakmp_object *isakmp_inherit_proposal(const struct isakmp_object *peer)
{
	struct isakmp_object *own = named(peer, ISAKMP_KIND_PROPOSAL);
	struct isakmp_object *template = isakmp_inherit_template(peer);

	return own || !template ? own : named(template, ISAKMP_KIND_PROPOSAL);
}

#define TAKE(v, t, bit, member) do {			\
	if (!((v)->given & (bit)))			\
		(v)->member = (t)->member;		\
} while (0)

/**
 * isakmp_inherit_keys() - the keys of a peer
 * @peer: a peer object
 * @v: filled; its proposal and template are not to be looked at
 *
 * Context: process.  Must hold config.lock.
 */
void isakmp_inherit_keys(const struct isakmp_object *peer, struct isakmp_peer_spec *v)
{
	const struct isakmp_object *template = isakmp_inherit_template(peer);
	const struct isakmp_peer_spec *t;

	*v = *(const struct isakmp_peer_spec *)peer->c.spec;
	if (!template)
		return;
	t = template->c.spec;
	if (!v->local.family)
		v->local = t->local;
	if (!v->remote.family) {
		v->remote = t->remote;
		v->remote_plen = t->remote_plen;
	}
	if (!v->dev[0])
		memcpy(v->dev, t->dev, sizeof(v->dev));
	if (!v->vip[0].family && !v->vip[1].family)
		memcpy(v->vip, t->vip, sizeof(v->vip));
	TAKE(v, t, ISAKMP_GIVEN_DPD, dpd_s);
	TAKE(v, t, ISAKMP_GIVEN_LIFE, life_s);
	TAKE(v, t, ISAKMP_GIVEN_ENCAP, encap);
	TAKE(v, t, ISAKMP_GIVEN_MARK, mark);
	TAKE(v, t, ISAKMP_GIVEN_MAX_SAS, max_sas);
	TAKE(v, t, ISAKMP_GIVEN_REAUTH, reauth_s);
	TAKE(v, t, ISAKMP_GIVEN_UNIQUE, unique);
	TAKE(v, t, ISAKMP_GIVEN_FRAGMENTS, fragmentation);
	TAKE(v, t, ISAKMP_GIVEN_FRAGMENT_SIZE, fragment_size);
	TAKE(v, t, ISAKMP_GIVEN_WINDOW, window);
	TAKE(v, t, ISAKMP_GIVEN_CHILDLESS, childless);
	TAKE(v, t, ISAKMP_GIVEN_RESUMPTION, resumption);
	TAKE(v, t, ISAKMP_GIVEN_MOBIKE, mobike);
	if (!(v->given & ISAKMP_GIVEN_ROAM)) {
		v->n_roam = t->n_roam;
		memcpy(v->roam, t->roam, sizeof(v->roam));
	}
	TAKE(v, t, ISAKMP_GIVEN_QCD, qcd);
	TAKE(v, t, ISAKMP_GIVEN_REDIRECT, redirect);
	TAKE(v, t, ISAKMP_GIVEN_VERSIONS, versions);
	TAKE(v, t, ISAKMP_GIVEN_V1_EXCHANGE, v1_exchange);
	TAKE(v, t, ISAKMP_GIVEN_V1_ACCEPT, v1_accept);
	TAKE(v, t, ISAKMP_GIVEN_LIFETIME_CHECK, lifetime_check);
	TAKE(v, t, ISAKMP_GIVEN_V1_PUSH, v1_push);
	TAKE(v, t, ISAKMP_GIVEN_V1_NEW_GROUP, v1_new_group);
	if (!(v->given & ISAKMP_GIVEN_FOLLOW)) {
		v->n_follow = t->n_follow;
		memcpy(v->follow, t->follow, sizeof(v->follow));
	}
}

/**
 * isakmp_inherit_auth() - how one side of a peer proves itself
 * @peer: a peer object
 * @side: enum isakmp_side
 * @except: an object to overlook, or NULL
 *
 * Context: process.  Must hold config.lock.
 * Return: the auth object, or NULL.
 */
const struct isakmp_object *isakmp_inherit_auth(const struct isakmp_object *peer, u8 side,
						const struct isakmp_object *except)
{
	const struct isakmp_object *template = isakmp_inherit_template(peer);
	const struct isakmp_object *own = peer->auth[side - 1];

	if (own && own != except)
		return own;
	own = template ? template->auth[side - 1] : NULL;
	return own != except ? own : NULL;
}

/**
 * isakmp_inherit_children() - whose children a peer has
 * @peer: a peer object
 * @except: a child of it to overlook, or NULL
 *
 * Context: process.  Must hold config.lock.
 * Return: the peer, or its template.
 */
struct isakmp_object *isakmp_inherit_children(struct isakmp_object *peer,
					      const struct isakmp_object *except)
{
	unsigned int own = peer->n_children;

	if (except && except->kind == ISAKMP_KIND_CHILD && except->owner == peer)
		own--;
	return own ? peer : isakmp_inherit_template(peer) ?: peer;
}
