// SPDX-License-Identifier: GPL-2.0
/* proposal objects: suites in order of preference. */
#include <isakmp/ikev2.h>
#include "nl/kind.h"

const struct nla_policy isakmp_proposal_policy[ISAKMP_PROPOSAL_MAX + 1] = {
	[ISAKMP_PROPOSAL_NAME]	= ISAKMP_NAME_POLICY,
	[ISAKMP_PROPOSAL_SUITE]	= NLA_POLICY_NESTED(isakmp_suite_policy),
};

static size_t proposal_size(const void *spec)
{
	const struct isakmp_proposal_spec *p = spec;

	return struct_size(p, s, p->n);
}

static void proposal_key(const void *spec, struct isakmp_key *key)
{
	isakmp_key_names(key, ((const struct isakmp_proposal_spec *)spec)->name, NULL);
}

static int proposal_parse_key(const struct isakmp_parse *p, struct isakmp_key *key)
{
	int err;

	err = isakmp_attr_require(p->tb, p->nest, ISAKMP_PROPOSAL_NAME, p->extack);
	isakmp_key_names(key, "", NULL);
	return err ?: isakmp_attr_name(p->tb[ISAKMP_PROPOSAL_NAME], key->first, p->extack);
}

static bool suite_given(const struct isakmp_proposal_spec *v, const struct ike_suite *s)
{
	unsigned int i;

	for (i = 0; i < v->n; i++)
		if (!memcmp(&v->s[i], s, sizeof(*s)))
			return true;
	return false;
}

/* A child is of one of them: its traps and policies say which before any is chosen. */
static bool suite_mixes(const struct isakmp_proposal_spec *v, const struct ike_suite *s)
{
	unsigned int i;

	for (i = 0; i < v->n; i++)
		if (v->s[i].protocol != IKE_PROTO_IKE && s->protocol != IKE_PROTO_IKE &&
		    v->s[i].protocol != s->protocol)
			return true;
	return false;
}

static int proposal_suites(const struct isakmp_parse *p, struct isakmp_proposal_spec *v)
{
	const struct nlattr *a;
	struct ike_suite s;
	int rem, err;

	BUILD_BUG_ON(sizeof(s) != 12);	/* no padding */
	v->n = 0;
	nla_for_each_nested(a, p->nest, rem) {
		if (nla_type(a) != ISAKMP_PROPOSAL_SUITE)
			continue;
		if (v->n == ISAKMP_SUITES_MAX)
			return isakmp_refuse(p->extack, a, -E2BIG,
					     "a proposal has at most 16 suites");
		err = isakmp_suite_attr(a, &s, p->extack);
		if (err)
			return err;
		if (suite_given(v, &s))
			return isakmp_refuse(p->extack, a, -EINVAL, "a suite is given twice");
		if (suite_mixes(v, &s))
			return isakmp_refuse(p->extack, a, -EINVAL,
					     "a proposal has suites of ESP or of AH, not both");
		v->s[v->n++] = s;
	}
	/* What an earlier, longer list left behind shall not make two specs differ. */
	memset(&v->s[v->n], 0, (ISAKMP_SUITES_MAX - v->n) * sizeof(s));
	return 0;
}

static int proposal_parse(const struct isakmp_parse *p, void *spec)
{
	struct isakmp_proposal_spec *v = spec;
	int err;

	err = isakmp_attr_name(p->tb[ISAKMP_PROPOSAL_NAME], v->name, p->extack);
	if (!err && p->tb[ISAKMP_PROPOSAL_SUITE])
		err = proposal_suites(p, v);
	if (!err && !v->n)
		err = isakmp_attr_require(p->tb, p->nest, ISAKMP_PROPOSAL_SUITE, p->extack);
	return err;
}

static int proposal_fill_key(struct sk_buff *skb, const struct isakmp_object *o)
{
	const struct isakmp_proposal_spec *p = o->c.spec;

	return nla_put_string(skb, ISAKMP_PROPOSAL_NAME, p->name);
}

static int proposal_fill(struct sk_buff *skb, const struct isakmp_object *o)
{
	const struct isakmp_proposal_spec *p = o->c.spec;
	unsigned int i;
	int err = 0;

	for (i = 0; i < p->n && !err; i++)
		err = isakmp_suite_put(skb, ISAKMP_PROPOSAL_SUITE, &p->s[i]);
	return err;
}

const struct isakmp_kind_ops isakmp_proposal_kind = {
	.attr		= ISAKMP_A_PROPOSAL,
	.maxattr	= ISAKMP_PROPOSAL_MAX,
	.policy		= isakmp_proposal_policy,
	.key_attrs	= BIT(ISAKMP_PROPOSAL_NAME),
	.draft		= struct_size_t(struct isakmp_proposal_spec, s, ISAKMP_SUITES_MAX),
	.size		= proposal_size,
	.parse_key	= proposal_parse_key,
	.key		= proposal_key,
	.parse		= proposal_parse,
	.fill_key	= proposal_fill_key,
	.fill		= proposal_fill,
};
