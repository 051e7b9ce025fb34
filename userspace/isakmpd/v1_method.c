// SPDX-License-Identifier: GPL-2.0
/*
 * Methods of phase 1 (RFC 2409, appendix A; RFC 4754; the drafts of XAUTH and of hybrid
 * authentication): one number says how both sides prove themselves, and whom XAUTH asks.
 *
 * A peer object has an auth object of each side.  For version 1 both have to say the same,
 * but with hybrid authentication: there the side that is asked has the method xauth, the
 * other one signs.
 */
#include "v1.h"

#define XAUTH(what)							      \
	{ V1_M_XAUTH_I_##what, V1_M_##what, V1_ASKED_INITIATOR, false },      \
	{ V1_M_XAUTH_R_##what, V1_M_##what, V1_ASKED_RESPONDER, false }

static const struct v1_way ways[] = {
	{ V1_M_PSK, V1_M_PSK, V1_ASKED_NOBODY, false },
	{ V1_M_DSS_SIG, V1_M_DSS_SIG, V1_ASKED_NOBODY, false },
	{ V1_M_RSA_SIG, V1_M_RSA_SIG, V1_ASKED_NOBODY, false },
	{ V1_M_RSA_ENC, V1_M_RSA_ENC, V1_ASKED_NOBODY, false },
	{ V1_M_RSA_REV, V1_M_RSA_REV, V1_ASKED_NOBODY, false },
	{ V1_M_ECDSA_256, V1_M_ECDSA_256, V1_ASKED_NOBODY, false },
	{ V1_M_ECDSA_384, V1_M_ECDSA_384, V1_ASKED_NOBODY, false },
	{ V1_M_ECDSA_521, V1_M_ECDSA_521, V1_ASKED_NOBODY, false },
	{ V1_M_HYBRID_I_RSA, V1_M_RSA_SIG, V1_ASKED_INITIATOR, true },
	{ V1_M_HYBRID_R_RSA, V1_M_RSA_SIG, V1_ASKED_RESPONDER, true },
	{ V1_M_HYBRID_I_DSS, V1_M_DSS_SIG, V1_ASKED_INITIATOR, true },
	{ V1_M_HYBRID_R_DSS, V1_M_DSS_SIG, V1_ASKED_RESPONDER, true },
	XAUTH(PSK),
	{ V1_M_XAUTH_I_DSS, V1_M_DSS_SIG, V1_ASKED_INITIATOR, false },
	{ V1_M_XAUTH_R_DSS, V1_M_DSS_SIG, V1_ASKED_RESPONDER, false },
	{ V1_M_XAUTH_I_RSA, V1_M_RSA_SIG, V1_ASKED_INITIATOR, false },
	{ V1_M_XAUTH_R_RSA, V1_M_RSA_SIG, V1_ASKED_RESPONDER, false },
	XAUTH(RSA_ENC),
	XAUTH(RSA_REV),
};

/**
 * v1_way() - what a method stands for
 * @method: enum v1_method
 *
 * Return: it, or NULL: a method not known here.
 */
const struct v1_way *v1_way(u16 method)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		if (ways[i].method == method)
			return &ways[i];
	return NULL;
}

/* ---- a peer object's ------------------------------------------------------------------- */

static u8 method_of(u8 base)
{
	switch (base) {
	case V1_M_PSK:
		return ISAKMP_METHOD_PSK;
	case V1_M_RSA_ENC:
		return ISAKMP_METHOD_RSA_ENC;
	case V1_M_RSA_REV:
		return ISAKMP_METHOD_RSA_REV;
	}
	return ISAKMP_METHOD_PUBKEY;
}

/* Which schemes an operator may have named: those of version 1 are their like. */
static bool allows(const struct config_auth *a, u8 base)
{
	if (!a->n_scheme || !v1_method_signs(base, true))
		return true;
	if (base == V1_M_DSS_SIG)
		return false;
	return memchr(a->scheme, base == V1_M_RSA_SIG ? ISAKMP_SCHEME_RSA_PKCS1 :
						       ISAKMP_SCHEME_ECDSA, a->n_scheme);
}

/* @side: asked by XAUTH, or not */
static bool side_does(const struct config_auth *side, const struct v1_way *w, bool asked)
{
	if (asked != (side->xauth != NULL))
		return false;
	if (asked && w->hybrid)
		return side->method == ISAKMP_METHOD_XAUTH;
	return side->method == method_of(w->base) && allows(side, w->base);
}

static bool does(const struct config_peer *p, const struct v1_way *w, bool initiator)
{
	u8 us = initiator ? V1_ASKED_INITIATOR : V1_ASKED_RESPONDER;
	u8 it = initiator ? V1_ASKED_RESPONDER : V1_ASKED_INITIATOR;

	return side_does(&p->local, w, w->asked == us) && side_does(&p->remote, w, w->asked == it);
}

/**
 * v1_fits() - does a peer object allow a method
 * @p: the peer
 * @method: enum v1_method
 * @initiator: we are the initiator
 *
 * Return: true if so.
 */
bool v1_fits(const struct config_peer *p, u16 method, bool initiator)
{
	const struct v1_way *w = v1_way(method);

	return w && does(p, w, initiator);
}

/**
 * v1_way_of() - the method of a kind that a peer object asks for
 * @p: the peer
 * @base: one without XAUTH
 * @initiator: we are the initiator
 *
 * Return: it, or NULL: this kind is not allowed.
 */
const struct v1_way *v1_way_of(const struct config_peer *p, u8 base, bool initiator)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		if (ways[i].base == base && does(p, &ways[i], initiator))
			return &ways[i];
	return NULL;
}
