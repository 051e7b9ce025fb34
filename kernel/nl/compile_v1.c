// SPDX-License-Identifier: GPL-2.0
/*
 * What a peer and its auth objects say of version 1.  There one method is negotiated for
 * both sides, and name and password (XAUTH) come after it.
 */
#include <isakmp/ikev1.h>
#include <isakmp/ikev2.h>
#include "nl/compile_v1.h"
#include "nl/inherit.h"
#include "v1/v1.h"

static const struct isakmp_auth_spec *side(const struct isakmp_object *peer, u8 which,
					   const struct isakmp_object *except)
{
	const struct isakmp_object *o = isakmp_inherit_auth(peer, which, except);

	return o ? o->c.spec : NULL;
}

/* The ways that are the same on both sides. */
static u8 same_way(u8 method)
{
	switch (method) {
	case ISAKMP_METHOD_PSK:
		return BIT(IKE_V1_PSK);
	case ISAKMP_METHOD_PUBKEY:
		return BIT(IKE_V1_SIG);
	case ISAKMP_METHOD_RSA_ENC:
		return BIT(IKE_V1_RSA_ENC);
	case ISAKMP_METHOD_RSA_REV:
		return BIT(IKE_V1_RSA_REV);
	}
	return 0;
}

/* 0: no method has one side do this, and the other that. */
static u8 ways(u8 local, u8 remote)
{
	if (local == remote)
		return same_way(local);
	if ((local == ISAKMP_METHOD_XAUTH && remote == ISAKMP_METHOD_PUBKEY) ||
	    (local == ISAKMP_METHOD_PUBKEY && remote == ISAKMP_METHOD_XAUTH))
		return BIT(IKE_V1_HYBRID);
	return 0;
}

static u8 asked(const struct isakmp_auth_spec *local, const struct isakmp_auth_spec *remote)
{
	if (remote && remote->xauth[0])
		return IKE_V1_XAUTH_PEER;
	return local && local->xauth[0] ? IKE_V1_XAUTH_US : IKE_V1_XAUTH_NONE;
}

/**
 * isakmp_compile_v1() - what is said of version 1
 * @keys: of the peer, with what it takes from its template
 * @peer: the peer object
 * @except: an object to overlook, or NULL
 * @v1: filled, which is all zeros; left so when version 1 is not spoken
 *
 * Context: process.  Must hold config.lock.
 */
void isakmp_compile_v1(const struct isakmp_peer_spec *keys, const struct isakmp_object *peer,
		       const struct isakmp_object *except, struct ike_v1 *v1)
{
	const struct isakmp_auth_spec *local = side(peer, ISAKMP_SIDE_LOCAL, except);
	const struct isakmp_auth_spec *remote = side(peer, ISAKMP_SIDE_REMOTE, except);

	BUILD_BUG_ON((int)IKE_VERSIONS_1 != (int)ISAKMP_VERSIONS_1);
	BUILD_BUG_ON((int)IKE_VERSIONS_2_THEN_1 != (int)ISAKMP_VERSIONS_2_THEN_1);
	BUILD_BUG_ON((int)IKE_LIFETIME_OBEY != (int)ISAKMP_LIFETIME_OBEY);
	BUILD_BUG_ON((int)IKE_LIFETIME_EXACT != (int)ISAKMP_LIFETIME_EXACT);

	if (keys->versions == ISAKMP_VERSIONS_2)
		return;
	v1->versions = keys->versions;
	v1->exchange = keys->v1_exchange;
	v1->accept = keys->v1_accept;
	v1->push = keys->v1_push;
	v1->new_group = keys->v1_new_group;
	v1->lifetime = keys->lifetime_check;
	v1->xauth = asked(local, remote);
	if (local && remote)
		v1->methods = ways(local->method, remote->method);
}

/* RFC 2409, appendix A: a cipher and a hash; the groups are those of version 2. */
static bool suite_fits(const struct ike_suite *s)
{
	return (s->encr == IKE_ENCR_3DES || s->encr == IKE_ENCR_AES_CBC) &&
	       s->ke <= IKE_KE_ECP_521;
}

static bool any_suite_fits(const struct ike_peer *p)
{
	unsigned int i;

	for (i = 0; i < p->ike.n; i++)
		if (suite_fits(&p->ike.s[i]))
			return true;
	return false;
}

/* RSA encryption is for Main and Aggressive Mode; XAUTH needs the keys of an ISAKMP SA. */
static bool exchange_fits(const struct ike_v1 *v1, u8 exchange)
{
	if (exchange == V1_BASE)
		return v1->methods & ~(BIT(IKE_V1_RSA_ENC) | BIT(IKE_V1_RSA_REV));
	if (exchange == V1_AUTH_ONLY)
		return v1->methods & (BIT(IKE_V1_PSK) | BIT(IKE_V1_SIG)) &&
		       v1->xauth == IKE_V1_XAUTH_NONE;
	return true;
}

static bool all_exchanges_fit(const struct ike_v1 *v1)
{
	u8 x;

	for (x = V1_BASE; x <= V1_AGGRESSIVE; x++)
		if ((x == v1->exchange || v1->accept & BIT(x)) && !exchange_fits(v1, x))
			return false;
	return true;
}

/* Version 2 has no such thing; it would come up without what the operator wants. */
static bool is_v1_alone(const struct isakmp_auth_spec *v)
{
	return v && (v->method >= ISAKMP_METHOD_RSA_ENC || v->xauth[0]);
}

/* Of its own, not of its template, which others may have, too. */
static bool says_v1_keys(const struct isakmp_peer_spec *own)
{
	return (own->given & ISAKMP_GIVEN_V1_EXCHANGE && own->v1_exchange != V1_MAIN) ||
	       (own->given & ISAKMP_GIVEN_V1_ACCEPT && own->v1_accept != BIT(V1_MAIN)) ||
	       (own->given & ISAKMP_GIVEN_LIFETIME_CHECK &&
		own->lifetime_check != ISAKMP_LIFETIME_CLAIM) ||
	       (own->given & ISAKMP_GIVEN_V1_PUSH && own->v1_push) ||
	       (own->given & ISAKMP_GIVEN_V1_NEW_GROUP && own->v1_new_group);
}

/**
 * isakmp_compile_v1_child() - can a child be set up by version 1?
 * @p: its peer, compiled; no template
 * @c: the child, compiled
 * @blame: attribute to name in a refusal, or NULL
 * @extack: told why not
 *
 * One suite that can be said is enough; where version 2 comes first, none is.
 *
 * Context: process.
 * Return: 0 or -EINVAL.
 */
int isakmp_compile_v1_child(const struct ike_peer *p, const struct ike_child_policy *c,
			    const struct nlattr *blame, struct netlink_ext_ack *extack)
{
	unsigned int i;

	if (p->v1.versions != IKE_VERSIONS_1)
		return 0;
	for (i = 0; i < c->esp.n; i++)
		if (v1_child_suite(&c->esp.s[i]))
			return 0;
	return isakmp_refuse_name(extack, blame, -EINVAL,
				  "the proposal has no ESP or AH suite of version 1, child",
				  c->name);
}

/**
 * isakmp_compile_v1_check() - can it be spoken like that?
 * @p: the peer, compiled; no template
 * @peer: the peer object
 * @except: an object to overlook, or NULL
 * @blame: attribute to name in a refusal, or NULL
 * @extack: told why not
 *
 * A side that is not there yet is no reason to refuse.
 *
 * Context: process.  Must hold config.lock.
 * Return: 0, -EINVAL or -EOPNOTSUPP.
 */
int isakmp_compile_v1_check(const struct ike_peer *p, const struct isakmp_object *peer,
			    const struct isakmp_object *except, const struct nlattr *blame,
			    struct netlink_ext_ack *extack)
{
	const struct isakmp_auth_spec *local = side(peer, ISAKMP_SIDE_LOCAL, except);
	const struct isakmp_auth_spec *remote = side(peer, ISAKMP_SIDE_REMOTE, except);

	if (p->v1.versions != IKE_VERSIONS_1 && (is_v1_alone(local) || is_v1_alone(remote)))
		return isakmp_refuse_name(extack, blame, -EINVAL,
					  "only version 1 alone authenticates so, peer", p->name);
	if (p->v1.versions == IKE_VERSIONS_2 && says_v1_keys(peer->c.spec))
		return isakmp_refuse_name(extack, blame, -EINVAL,
					  "its keys of version 1 say nothing without version 1, peer",
					  p->name);
	if (p->v1.versions == IKE_VERSIONS_2)
		return 0;
#ifndef ISAKMP_V1
	return isakmp_refuse_name(extack, blame, -EOPNOTSUPP,
				  "built with ISAKMP_V1=n: version 2 alone, or another module, for peer",
				  p->name);
#endif
	if (!any_suite_fits(p))
		return isakmp_refuse_name(extack, blame, -EINVAL,
					  "the proposal has no IKE suite of version 1, peer",
					  p->name);
	if (!local || !remote)
		return 0;
	if (local->xauth[0] && remote->xauth[0])
		return isakmp_refuse_name(extack, blame, -EINVAL,
					  "XAUTH asks one side, not both, of peer", p->name);
	if (!p->v1.methods)
		return isakmp_refuse_name(extack, blame, -EINVAL,
					  "no method of version 1 joins both sides of peer",
					  p->name);
	if (!all_exchanges_fit(&p->v1))
		return isakmp_refuse_name(extack, blame, -EINVAL,
					  "base or auth-only is not for how both sides authenticate, peer",
					  p->name);
	return 0;
}
