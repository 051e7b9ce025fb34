// SPDX-License-Identifier: GPL-2.0
/*
 * Which peer object, asked as responder.
 *
 * Those whose remote identity is exactly IDi, before those of a pattern, before
 * those that take any.  Within each of the three: the candidates in the kernel's
 * order (most specific addresses first), then, when there are more than it
 * lists, all others whose addresses match.  A peer whose method is not the one
 * that the initiator uses gives way to one of the same kind whose is.
 *
 * When the initiator says whom it wants to talk to (IDr), only a peer whose
 * local identity is exactly that one: RFC 7296, 3.5 would let us answer as
 * somebody else, which the initiator then refuses, or worse, accepts.  The first
 * peer found decides; a wrong secret is not tried on the next, so that one
 * message costs one secret.
 */
#include <isakmp/ikev1.h>
#include <isakmp/ikev2.h>

#include "v1.h"

/**
 * choose_takes() - does a peer's remote side take this identity
 * @remote: how it proves itself
 * @id: what somebody calls himself
 *
 * Return: true if it is that identity, one of that pattern, or any will do.
 */
bool choose_takes(const struct config_auth *remote, const struct ident *id)
{
	if (!remote->id.type)
		return true;
	return ident_is_pattern(&remote->id) ? ident_matches(&remote->id, id) :
					       ident_equal(&remote->id, id);
}

static enum config_id kind_of(const struct ident *id)
{
	return !id->type ? CONFIG_ID_ANY :
	       ident_is_pattern(id) ? CONFIG_ID_PATTERN : CONFIG_ID_EXACT;
}

/* A responder's peer, where phase 1 of version 1 is under way. */
static bool accepts(const struct question *q, const struct config_peer *p)
{
	u8 bits = p->accept ? p->accept : BIT(V1_MAIN);

	return q->version != 1 || !q->exchange || v1_initiator(q) || bits & BIT(q->exchange);
}

/**
 * choose_usable() - may this peer be the one, as it is configured
 * @q: the question, which says the version
 * @p: a peer
 *
 * Return: true if it speaks that version, may begin this exchange, both sides are there, and ours
 * can say who we are.
 */
bool choose_usable(const struct question *q, const struct config_peer *p)
{
	u8 other = q->version == 1 ? ISAKMP_VERSIONS_2 : ISAKMP_VERSIONS_1;

	return p->versions != other && !p->is_template && p->local.method && p->local.id.type &&
	       p->remote.method && accepts(q, p);
}

/* ---- addresses: for peers that the kernel did not look at ------------------------------- */

static bool same_prefix(const u8 *a, const u8 *b, unsigned int bits)
{
	unsigned int n = bits / 8, rest = bits % 8;

	return !memcmp(a, b, n) && (!rest || !((a[n] ^ b[n]) >> (8 - rest)));
}

static bool covers(const struct config_addr *want, unsigned int plen, const struct octets *got)
{
	if (!want->len)
		return true;
	return want->len == got->n && plen <= 8U * want->len &&
	       same_prefix(want->octets, got->p, plen);
}

static unsigned int plen_of(const struct config_peer *p)
{
	return p->has_plen ? p->plen : 8U * p->remote_addr.len;
}

/**
 * choose_reaches() - do the addresses match
 * @p: a peer that the kernel did not look at
 * @q: the question
 *
 * Return: true if so.
 */
bool choose_reaches(const struct config_peer *p, const struct question *q)
{
	return covers(&p->local_addr, 8U * p->local_addr.len, &q->local) &&
	       covers(&p->remote_addr, plen_of(p), &q->remote);
}

/* How much an object says about addresses: the more, the sooner. */
static unsigned int weight(const struct config_peer *p)
{
	return (p->remote_addr.len ? 2 * (1 + plen_of(p)) : 0) + (p->local_addr.len ? 1 : 0);
}

/* ---- one kind of identity ----------------------------------------------------------------- */

static bool method_fits(const struct decision *d, const struct config_peer *p)
{
	if (d->q->version == 1)
		return v1_goes(d, p);
	return (p->remote.method == ISAKMP_METHOD_PSK) == (d->q->auth_method == IKE_AM_PSK);
}

/* The best so far: with a method that fits, else any. */
struct best {
	const struct config_peer *fits;
	const struct config_peer *other;
};

static void listed(const struct decision *d, const struct ident *idi, const struct ident *idr,
		   enum config_id kind, struct best *best)
{
	const struct config_peer *p;
	u8 i;

	for (i = 0; i < d->q->n_peer && !best->fits; i++) {
		p = config_find_peer(d->config, d->q->peer[i].name);
		if (!p || !choose_usable(d->q, p) || kind_of(&p->remote.id) != kind ||
		    !choose_takes(&p->remote, idi) ||
		    (idr->type && !ident_equal(&p->local.id, idr)))
			continue;
		if (method_fits(d, p))
			best->fits = p;
		else if (!best->other)
			best->other = p;
	}
}

static void others(const struct decision *d, const struct ident *idi, const struct ident *idr,
		   enum config_id kind, struct best *best)
{
	const struct config_peer *p, **slot;
	size_t i;

	for (i = 0; (p = config_peer_for(d->config, idi, kind, i)); i++) {
		if (!choose_usable(d->q, p) || !choose_reaches(p, d->q) ||
		    (idr->type && !ident_equal(&p->local.id, idr)))
			continue;
		slot = method_fits(d, p) ? &best->fits : &best->other;
		if (!*slot || weight(p) > weight(*slot))
			*slot = p;
	}
}

/**
 * choose_peer() - which peer is this initiator
 * @d: an r-auth question
 * @idi: what it calls itself
 * @idr: what it calls us, type 0: nothing
 *
 * Return: the peer, or NULL.
 */
const struct config_peer *choose_peer(const struct decision *d, const struct ident *idi,
				      const struct ident *idr)
{
	struct best best = { 0 };
	int kind;

	for (kind = CONFIG_ID_EXACT; kind < CONFIG_IDS; kind++) {
		listed(d, idi, idr, kind, &best);
		if (d->q->more && !best.fits)
			others(d, idi, idr, kind, &best);
		if (best.fits || best.other)
			break;
	}
	return best.fits ? best.fits : best.other;
}
