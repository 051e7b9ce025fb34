// SPDX-License-Identifier: GPL-2.0
/*
 * Answers to questions of version 1: what only they have.  What each must and may have:
 * answer_v1.c.
 *
 * Secrets stay in the helper: of a pre-shared key SKEYID comes, of RSA encryption the nonce.
 */
#include <linux/ctype.h>
#include <isakmp/ikev1.h>
#include "ike/seam.h"
#include "netns.h"
#include "nl/family.h"
#include "nl/verdict.h"

static bool method_known(u16 m)
{
	return (m >= V1_M_PSK && m <= V1_M_RSA_REV) ||
	       (m >= V1_M_ECDSA_256 && m <= V1_M_ECDSA_521) ||
	       (m >= V1_M_HYBRID_I_RSA && m <= V1_M_HYBRID_R_DSS) ||
	       (m >= V1_M_XAUTH_I_PSK && m <= V1_M_XAUTH_R_RSA_REV);
}

static bool method_given(const struct ike_verdict *v, u16 m)
{
	unsigned int i;

	for (i = 0; i < v->n_methods; i++)
		if (v->methods[i] == m)
			return true;
	return false;
}

/* v1-begin */
static int done_methods(struct isakmp_done *d)
{
	struct netlink_ext_ack *extack = d->info->extack;
	struct ike_verdict *v = d->v;
	const struct nlattr *a;
	int rem;

	nla_for_each_nested(a, d->nest, rem) {
		if (nla_type(a) != ISAKMP_VERDICT_METHOD)
			continue;
		if (!method_known(nla_get_u16(a)))
			return isakmp_refuse(extack, a, -EINVAL,
					     "this is no authentication method of version 1");
		if (method_given(v, nla_get_u16(a)))
			return isakmp_refuse(extack, a, -EINVAL, "a method is given twice");
		if (v->n_methods == V1_METHODS_MAX)
			return isakmp_refuse(extack, a, -E2BIG, "there are at most 8 methods");
		v->methods[v->n_methods++] = nla_get_u16(a);
	}
	return 0;
}

/* Data attributes (RFC 2408, 3.3), one behind the other, up to the end. */
static bool attributes_whole(const u8 *p, size_t n)
{
	size_t len;

	while (n >= 4) {
		len = *p & 0x80 ? 4 : 4 + (size_t)get_unaligned_be16(p + 2);
		if (len > n)
			return false;
		p += len;
		n -= len;
	}
	return !n;
}

static bool is_name(const char *s)
{
	const char *p;

	for (p = s; *p; p++)
		if (iscntrl(*p))
			return false;
	return p > s;
}

/* What is said, or what came of it. */
static int done_xauth(struct isakmp_done *d)
{
	struct netlink_ext_ack *extack = d->info->extack;
	struct nlattr **tb = d->tb;
	const struct nlattr *said = tb[ISAKMP_VERDICT_ATTRIBUTES];
	const struct nlattr *user = tb[ISAKMP_VERDICT_USER];

	if (!said != !tb[ISAKMP_VERDICT_ATTRIBUTES_TYPE])
		return isakmp_refuse(extack, said ?: tb[ISAKMP_VERDICT_ATTRIBUTES_TYPE], -EINVAL,
				     "attributes and their type come together");
	if (said && !attributes_whole(nla_data(said), nla_len(said)))
		return isakmp_refuse(extack, said, -EINVAL,
				     "these are no data attributes, one behind the other");
	if (d->v->more && !said)
		return isakmp_refuse(extack, tb[ISAKMP_VERDICT_MORE], -EINVAL,
				     "more comes only after something that is said");
	if (d->v->more && user)
		return isakmp_refuse(extack, user, -EINVAL, "nobody is known before the end");
	if (user && !is_name(nla_data(user)))
		return isakmp_refuse(extack, user, -EINVAL,
				     "a user has a name, without control characters");
	return 0;
}

/* RSA encryption: what is in the clear has the length of what it is. */
static int done_decrypted(struct isakmp_done *d)
{
	const struct nlattr *id = d->tb[ISAKMP_VERDICT_SECRET_ID];
	const struct nlattr *nonce = d->tb[ISAKMP_VERDICT_SECRET];

	if (nla_len(nonce) < V1_NONCE_MIN || nla_len(nonce) > IKE_NONCE_MAX)
		return isakmp_refuse(d->info->extack, nonce, -EINVAL,
				     "a nonce has 8 to 256 octets");
	if (id && (nla_len(id) < 5 || nla_len(id) > 4 + IKE_ID_MAX))
		return isakmp_refuse(d->info->extack, id, -EINVAL,
				     "an identity has 5 to 259 octets");
	return 0;
}

/* v1-config: the inner addresses are for the SA's peer. */
static int done_own_peer(struct isakmp_done *d)
{
	d->v->peer = isakmp_peer_by_name(d->q->in, d->q->peer);
	if (d->v->peer)
		return 0;
	return isakmp_refuse(d->info->extack, d->nest, -ESTALE,
			     "the peer object is gone");
}

static int done_check(struct isakmp_done *d)
{
	const struct nlattr *skeyid = d->tb[ISAKMP_VERDICT_SKEYID];

	switch (d->v->kind) {
	case IKE_ASK_V1_BEGIN:
		return done_methods(d);
	case IKE_ASK_V1_SKEYID:
		if ((size_t)nla_len(skeyid) == isakmp_prf_len(d->q->ask.prf))
			return 0;
		return isakmp_refuse(d->info->extack, skeyid, -EINVAL,
				     "SKEYID has not the length that its PRF gives");
	case IKE_ASK_V1_DECRYPT:
		return done_decrypted(d);
	case IKE_ASK_V1_XAUTH:
		return done_xauth(d);
	case IKE_ASK_V1_CONFIG:
		return done_own_peer(d);
	}
	return 0;
}

/**
 * isakmp_done_v1() - read what only answers of version 1 have
 * @d: the verdict; what does not belong into it is refused already
 * @at: where to copy what is kept; moved
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_done_v1(struct isakmp_done *d, u8 **at)
{
	struct ike_verdict *v = d->v;
	const struct {
		u8 attr;
		struct ike_span *to;
	} spans[] = {
		{ ISAKMP_VERDICT_SKEYID, &v->skeyid },
		{ ISAKMP_VERDICT_SECRET, &v->secret },
		{ ISAKMP_VERDICT_SECRET_ID, &v->secret_id },
		{ ISAKMP_VERDICT_ATTRIBUTES, &v->attributes },
		{ ISAKMP_VERDICT_USER,	&v->user },
	};
	unsigned int i;
	int err;

	v->more = d->tb[ISAKMP_VERDICT_MORE];
	err = done_check(d);
	if (err)
		return err;
	if (d->tb[ISAKMP_VERDICT_ATTRIBUTES_TYPE])
		v->attributes_type = nla_get_u8(d->tb[ISAKMP_VERDICT_ATTRIBUTES_TYPE]);
	for (i = 0; i < ARRAY_SIZE(spans); i++)
		if (d->tb[spans[i].attr])
			*spans[i].to = isakmp_done_copy(d->tb[spans[i].attr], at);
	if (v->user.len)
		v->user.len = strlen((const char *)v->user.p);
	return isakmp_done_list(d, ISAKMP_VERDICT_CERTREQ, v->certreqs, &v->n_certreqs, at);
}
