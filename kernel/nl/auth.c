// SPDX-License-Identifier: GPL-2.0
/* auth objects: how one side of a peer proves itself. */
#include <isakmp/ikev2.h>
#include "nl/kind.h"

const struct nla_policy isakmp_auth_policy[ISAKMP_AUTH_MAX + 1] = {
	[ISAKMP_AUTH_PEER]	= ISAKMP_NAME_POLICY,
	[ISAKMP_AUTH_SIDE]	= NLA_POLICY_RANGE(NLA_U8, ISAKMP_SIDE_LOCAL, ISAKMP_SIDE_REMOTE),
	[ISAKMP_AUTH_METHOD]	= NLA_POLICY_RANGE(NLA_U8, ISAKMP_METHOD_PSK, ISAKMP_METHOD_XAUTH),
	[ISAKMP_AUTH_ID]	= ISAKMP_IDENT_POLICY,
	[ISAKMP_AUTH_CRED]	= ISAKMP_NAME_POLICY,
	[ISAKMP_AUTH_CA]	= ISAKMP_NAME_POLICY,
	[ISAKMP_AUTH_SCHEME]	= NLA_POLICY_RANGE(NLA_U8, ISAKMP_SCHEME_RSA_PKCS1,
						   ISAKMP_SCHEME_MAX),
	[ISAKMP_AUTH_XAUTH]	= ISAKMP_NAME_POLICY,
};

static size_t auth_size(const void *spec)
{
	const struct isakmp_auth_spec *v = spec;

	return struct_size(v, ca, v->n_cas);
}

static void auth_key(const void *spec, struct isakmp_key *key)
{
	const struct isakmp_auth_spec *v = spec;

	isakmp_key_names(key, v->peer, NULL);
	key->second[0] = (char)v->side;
}

static int auth_parse_key(const struct isakmp_parse *p, struct isakmp_key *key)
{
	int err = isakmp_attr_require(p->tb, p->nest, ISAKMP_AUTH_PEER, p->extack);

	isakmp_key_names(key, "", NULL);
	if (!err)
		err = isakmp_attr_require(p->tb, p->nest, ISAKMP_AUTH_SIDE, p->extack);
	if (err)
		return err;
	key->second[0] = (char)nla_get_u8(p->tb[ISAKMP_AUTH_SIDE]);
	return isakmp_attr_name(p->tb[ISAKMP_AUTH_PEER], key->first, p->extack);
}

static bool ca_given(const struct isakmp_auth_spec *v, const char *name)
{
	unsigned int i;

	for (i = 0; i < v->n_cas; i++)
		if (!strcmp(v->ca[i], name))
			return true;
	return false;
}

static int auth_cas(const struct isakmp_parse *p, struct isakmp_auth_spec *v)
{
	char name[ISAKMP_NAME_MAX + 1];
	const struct nlattr *a;
	int rem, err;

	memset(v->ca, 0, ISAKMP_AUTH_CAS_MAX * sizeof(v->ca[0]));
	v->n_cas = 0;
	nla_for_each_nested(a, p->nest, rem) {
		if (nla_type(a) != ISAKMP_AUTH_CA)
			continue;
		err = isakmp_attr_name(a, name, p->extack);
		if (err)
			return err;
		if (ca_given(v, name))
			return isakmp_refuse(p->extack, a, -EINVAL, "an authority is given twice");
		if (v->n_cas == ISAKMP_AUTH_CAS_MAX)
			return isakmp_refuse(p->extack, a, -E2BIG,
					     "an auth object has at most 8 authorities");
		memcpy(v->ca[v->n_cas++], name, sizeof(name));
	}
	return 0;
}

static int auth_schemes(const struct isakmp_parse *p, struct isakmp_auth_spec *v)
{
	const struct nlattr *a;
	int rem;

	memset(v->scheme, 0, sizeof(v->scheme));
	v->n_schemes = 0;
	nla_for_each_nested(a, p->nest, rem) {
		if (nla_type(a) != ISAKMP_AUTH_SCHEME)
			continue;
		if (memchr(v->scheme, nla_get_u8(a), v->n_schemes))
			return isakmp_refuse(p->extack, a, -EINVAL, "a scheme is given twice");
		v->scheme[v->n_schemes++] = nla_get_u8(a);
	}
	return 0;
}

/* RFC 7296, 3.5: names that end alike; anything else may start with '*' as it is. */
static int auth_id(const struct isakmp_parse *p, struct isakmp_auth_spec *v)
{
	const struct nlattr *a = p->tb[ISAKMP_AUTH_ID];
	const struct isakmp_ident *id = &v->id;
	int err;

	if (a) {
		err = isakmp_attr_ident(a, &v->id, p->extack);
		if (err)
			return err;
	}
	if (id->len < 2 || (id->v[0] != IKE_ID_FQDN && id->v[0] != IKE_ID_EMAIL))
		return 0;
	if (id->v[1] == '*' && v->side == ISAKMP_SIDE_LOCAL)
		return isakmp_refuse(p->extack, a ?: p->nest, -EINVAL,
				     "our own identity is one, not a pattern");
	if (memchr(id->v + 2, '*', id->len - 2))
		return isakmp_refuse(p->extack, a ?: p->nest, -EINVAL,
				     "a pattern has its '*' at the start, and one only");
	return 0;
}

/* What belongs to signatures only, or to XAUTH. */
static int auth_method(const struct isakmp_parse *p, const struct isakmp_auth_spec *v)
{
	const struct nlattr *a = p->tb[ISAKMP_AUTH_METHOD];

	if (v->n_cas && (v->method != ISAKMP_METHOD_PUBKEY || v->side != ISAKMP_SIDE_REMOTE))
		return isakmp_refuse(p->extack, p->tb[ISAKMP_AUTH_CA] ?: a, -EINVAL,
				     "authorities are for a remote side that signs (pubkey)");
	if (v->n_schemes && v->method != ISAKMP_METHOD_PUBKEY)
		return isakmp_refuse(p->extack, p->tb[ISAKMP_AUTH_SCHEME] ?: a, -EINVAL,
				     "signature schemes are for a side that signs (pubkey)");
	if (v->method == ISAKMP_METHOD_XAUTH && !v->xauth[0])
		return isakmp_attr_require(p->tb, p->nest, ISAKMP_AUTH_XAUTH, p->extack);
	if (v->method == ISAKMP_METHOD_XAUTH && v->cred[0])
		return isakmp_refuse(p->extack, p->tb[ISAKMP_AUTH_CRED] ?: a, -EINVAL,
				     "with XAUTH alone there is no other credential");
	return 0;
}

static int auth_parse(const struct isakmp_parse *p, void *spec)
{
	struct isakmp_auth_spec *v = spec;
	struct nlattr **tb = p->tb;
	int err;

	v->side = nla_get_u8(tb[ISAKMP_AUTH_SIDE]);
	if (tb[ISAKMP_AUTH_METHOD])
		v->method = nla_get_u8(tb[ISAKMP_AUTH_METHOD]);
	err = isakmp_attr_name(tb[ISAKMP_AUTH_PEER], v->peer, p->extack);
	if (!err && !v->method)
		err = isakmp_attr_require(tb, p->nest, ISAKMP_AUTH_METHOD, p->extack);
	if (!err)
		err = auth_id(p, v);
	if (!err && v->side == ISAKMP_SIDE_LOCAL && !v->id.len)
		err = isakmp_attr_require(tb, p->nest, ISAKMP_AUTH_ID, p->extack);
	if (!err && tb[ISAKMP_AUTH_CRED])
		err = isakmp_attr_name(tb[ISAKMP_AUTH_CRED], v->cred, p->extack);
	if (!err && tb[ISAKMP_AUTH_XAUTH])
		err = isakmp_attr_name(tb[ISAKMP_AUTH_XAUTH], v->xauth, p->extack);
	if (!err && tb[ISAKMP_AUTH_CA])
		err = auth_cas(p, v);
	if (!err && tb[ISAKMP_AUTH_SCHEME])
		err = auth_schemes(p, v);
	return err ?: auth_method(p, v);
}

static bool auth_ref(const void *spec, unsigned int i, struct isakmp_named *ref)
{
	const struct isakmp_auth_spec *v = spec;

	ref->kind = ISAKMP_KIND_CRED;
	if (i < 2) {
		ref->attr = i ? ISAKMP_AUTH_XAUTH : ISAKMP_AUTH_CRED;
		ref->name = i ? v->xauth : v->cred;
		return true;
	}
	ref->attr = ISAKMP_AUTH_CA;
	ref->name = i - 2 < v->n_cas ? v->ca[i - 2] : "";
	return i - 2 < v->n_cas;
}

static u8 cred_type(struct isakmp_store *s, const char *name)
{
	const struct isakmp_object *o = isakmp_store_find_name(s, ISAKMP_KIND_CRED, name);

	return ((const struct isakmp_cred_spec *)o->c.spec)->type;
}

/* Which side proves itself how, with which types of credential. */
static bool cred_fits(const struct isakmp_auth_spec *v, u8 type)
{
	if (v->method == ISAKMP_METHOD_PSK)
		return type == ISAKMP_CRED_PSK;
	if (v->side == ISAKMP_SIDE_LOCAL)
		return type == ISAKMP_CRED_X509 || type == ISAKMP_CRED_KEY;
	return type == ISAKMP_CRED_PUBKEY;
}

static bool decrypts(const struct isakmp_auth_spec *v)
{
	return v->method == ISAKMP_METHOD_RSA_ENC || v->method == ISAKMP_METHOD_RSA_REV;
}

/*
 * A key that decrypts what strangers send must not sign: whoever learns anything from how
 * it decrypts could sign with it.  All others that name it are alike, so one is enough.
 */
static int auth_check_key(const struct isakmp_parse *p, struct isakmp_store *s,
			  const struct isakmp_object *self, const struct isakmp_auth_spec *v)
{
	const struct isakmp_object *cred;
	const struct isakmp_ref *ref;

	if (v->side != ISAKMP_SIDE_LOCAL || v->method == ISAKMP_METHOD_PSK || !v->cred[0])
		return 0;
	cred = isakmp_store_find_name(s, ISAKMP_KIND_CRED, v->cred);
	list_for_each_entry(ref, &cred->refs, node) {
		if (ref->from == self)
			continue;
		if (decrypts(ref->from->c.spec) == decrypts(v))
			break;
		return isakmp_refuse_name(p->extack,
					  p->tb[ISAKMP_AUTH_CRED] ?: p->tb[ISAKMP_AUTH_METHOD],
					  -EINVAL, "a key that signs does not decrypt, too",
					  v->cred);
	}
	return 0;
}

/* The side that is asked. */
static int auth_check_xauth(const struct isakmp_parse *p, struct isakmp_store *s,
			    const struct isakmp_auth_spec *v)
{
	u8 type = v->xauth[0] ? cred_type(s, v->xauth) : 0;

	if (type && v->side == ISAKMP_SIDE_LOCAL && type != ISAKMP_CRED_USER)
		return isakmp_refuse_name(p->extack, p->tb[ISAKMP_AUTH_XAUTH] ?: p->nest, -EINVAL,
					  "this credential is no user", v->xauth);
	if (type && v->side == ISAKMP_SIDE_REMOTE && type != ISAKMP_CRED_USERS)
		return isakmp_refuse_name(p->extack, p->tb[ISAKMP_AUTH_XAUTH] ?: p->nest, -EINVAL,
					  "this credential is no list of users", v->xauth);
	return 0;
}

static int auth_check(const struct isakmp_parse *p, struct isakmp_store *s,
		      const struct isakmp_object *owner, const struct isakmp_object *self,
		      const void *spec)
{
	const struct isakmp_auth_spec *v = spec;
	unsigned int i;

	if (v->cred[0] && !cred_fits(v, cred_type(s, v->cred)))
		return isakmp_refuse_name(p->extack,
					  p->tb[ISAKMP_AUTH_CRED] ?: p->tb[ISAKMP_AUTH_METHOD],
					  -EINVAL, "this side cannot use a credential of this type",
					  v->cred);
	for (i = 0; i < v->n_cas; i++)
		if (cred_type(s, v->ca[i]) != ISAKMP_CRED_CA)
			return isakmp_refuse_name(p->extack, p->tb[ISAKMP_AUTH_CA], -EINVAL,
						  "this credential is no authority (ca)",
						  v->ca[i]);
	return auth_check_xauth(p, s, v) ?: auth_check_key(p, s, self, v);
}

static int auth_fill_key(struct sk_buff *skb, const struct isakmp_object *o)
{
	const struct isakmp_auth_spec *v = o->c.spec;

	if (nla_put_string(skb, ISAKMP_AUTH_PEER, v->peer))
		return -EMSGSIZE;
	return nla_put_u8(skb, ISAKMP_AUTH_SIDE, v->side);
}

static int auth_fill(struct sk_buff *skb, const struct isakmp_object *o)
{
	const struct isakmp_auth_spec *v = o->c.spec;
	unsigned int i;

	if (nla_put_u8(skb, ISAKMP_AUTH_METHOD, v->method) ||
	    (v->id.len && nla_put(skb, ISAKMP_AUTH_ID, v->id.len, v->id.v)) ||
	    (v->cred[0] && nla_put_string(skb, ISAKMP_AUTH_CRED, v->cred)) ||
	    (v->xauth[0] && nla_put_string(skb, ISAKMP_AUTH_XAUTH, v->xauth)))
		return -EMSGSIZE;
	for (i = 0; i < v->n_cas; i++)
		if (nla_put_string(skb, ISAKMP_AUTH_CA, v->ca[i]))
			return -EMSGSIZE;
	for (i = 0; i < v->n_schemes; i++)
		if (nla_put_u8(skb, ISAKMP_AUTH_SCHEME, v->scheme[i]))
			return -EMSGSIZE;
	return 0;
}

const struct isakmp_kind_ops isakmp_auth_kind = {
	.attr		= ISAKMP_A_AUTH,
	.maxattr	= ISAKMP_AUTH_MAX,
	.policy		= isakmp_auth_policy,
	.key_attrs	= BIT(ISAKMP_AUTH_PEER) | BIT(ISAKMP_AUTH_SIDE),
	.draft		= struct_size_t(struct isakmp_auth_spec, ca, ISAKMP_AUTH_CAS_MAX),
	.size		= auth_size,
	.parse_key	= auth_parse_key,
	.key		= auth_key,
	.parse		= auth_parse,
	.ref		= auth_ref,
	.check		= auth_check,
	.fill_key	= auth_fill_key,
	.fill		= auth_fill,
};
