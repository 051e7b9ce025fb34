// SPDX-License-Identifier: GPL-2.0
/* cred objects: where the helper finds a secret, and for whom it is. */
#include <linux/ctype.h>
#include "nl/kind.h"

const struct nla_policy isakmp_cred_policy[ISAKMP_CRED_MAX + 1] = {
	[ISAKMP_CRED_NAME]	= ISAKMP_NAME_POLICY,
	[ISAKMP_CRED_TYPE]	= NLA_POLICY_RANGE(NLA_U8, ISAKMP_CRED_PSK, ISAKMP_CRED_USER),
	[ISAKMP_CRED_ID]	= ISAKMP_IDENT_POLICY,
	[ISAKMP_CRED_FILE]	= { .type = NLA_NUL_STRING, .len = ISAKMP_PATH_LEN_MAX },
	[ISAKMP_CRED_KEY_FILE]	= { .type = NLA_NUL_STRING, .len = ISAKMP_PATH_LEN_MAX },
};

static size_t cred_size(const void *spec)
{
	const struct isakmp_cred_spec *c = spec;

	return struct_size(c, id, c->n_ids);
}

static void cred_key(const void *spec, struct isakmp_key *key)
{
	isakmp_key_names(key, ((const struct isakmp_cred_spec *)spec)->name, NULL);
}

static int cred_parse_key(const struct isakmp_parse *p, struct isakmp_key *key)
{
	int err = isakmp_attr_require(p->tb, p->nest, ISAKMP_CRED_NAME, p->extack);

	isakmp_key_names(key, "", NULL);
	return err ?: isakmp_attr_name(p->tb[ISAKMP_CRED_NAME], key->first, p->extack);
}

static int cred_ids(const struct isakmp_parse *p, struct isakmp_cred_spec *c)
{
	const struct nlattr *a;
	int rem, err;

	memset(c->id, 0, ISAKMP_CRED_IDS_MAX * sizeof(c->id[0]));
	c->n_ids = 0;
	nla_for_each_nested(a, p->nest, rem) {
		if (nla_type(a) != ISAKMP_CRED_ID)
			continue;
		if (c->n_ids == ISAKMP_CRED_IDS_MAX)
			return isakmp_refuse(p->extack, a, -E2BIG,
					     "a credential has at most 8 identities");
		err = isakmp_attr_ident(a, &c->id[c->n_ids], p->extack);
		if (err)
			return err;
		c->n_ids++;
	}
	return 0;
}

static int cred_path(const struct nlattr *a, char *path, struct netlink_ext_ack *extack)
{
	const char *s;

	for (s = nla_data(a); *s; s++)
		if (iscntrl(*s))
			return isakmp_refuse(extack, a, -EINVAL, "a path has no control characters");
	if (s == nla_data(a))
		return isakmp_refuse(extack, a, -EINVAL, "the path is empty");
	strscpy_pad(path, nla_data(a), ISAKMP_PATH_LEN_MAX + 1);
	return 0;
}

static int cred_files(const struct isakmp_parse *p, struct isakmp_cred_spec *c)
{
	struct nlattr **tb = p->tb;
	int err = 0;

	if (tb[ISAKMP_CRED_FILE])
		err = cred_path(tb[ISAKMP_CRED_FILE], c->file, p->extack);
	if (!err && tb[ISAKMP_CRED_KEY_FILE])
		err = cred_path(tb[ISAKMP_CRED_KEY_FILE], c->key_file, p->extack);
	if (!err && !c->file[0])
		err = isakmp_attr_require(tb, p->nest, ISAKMP_CRED_FILE, p->extack);
	return err;
}

/* What a type must and may not have. */
static int cred_type(const struct isakmp_parse *p, const struct isakmp_cred_spec *c)
{
	struct nlattr **tb = p->tb;

	if (c->type == ISAKMP_CRED_X509 && !c->key_file[0])
		return isakmp_attr_require(tb, p->nest, ISAKMP_CRED_KEY_FILE, p->extack);
	if (c->type != ISAKMP_CRED_X509 && c->key_file[0])
		return isakmp_refuse(p->extack,
				     tb[ISAKMP_CRED_KEY_FILE] ?: tb[ISAKMP_CRED_TYPE], -EINVAL,
				     "only an x509 credential has its key in another file");
	if (c->type == ISAKMP_CRED_CA && c->n_ids)
		return isakmp_refuse(p->extack, tb[ISAKMP_CRED_ID] ?: tb[ISAKMP_CRED_TYPE],
				     -EINVAL, "an authority is for no identity");
	if (c->type == ISAKMP_CRED_USERS && c->n_ids)
		return isakmp_refuse(p->extack, tb[ISAKMP_CRED_ID] ?: tb[ISAKMP_CRED_TYPE],
				     -EINVAL, "the names of users are in their file");
	if (c->type == ISAKMP_CRED_USER && c->n_ids != 1)
		return isakmp_refuse(p->extack, tb[ISAKMP_CRED_ID] ?: tb[ISAKMP_CRED_TYPE],
				     -EINVAL, "a user has one identity: the name that is told");
	return 0;
}

static int cred_parse(const struct isakmp_parse *p, void *spec)
{
	struct isakmp_cred_spec *c = spec;
	int err;

	err = isakmp_attr_name(p->tb[ISAKMP_CRED_NAME], c->name, p->extack);
	if (p->tb[ISAKMP_CRED_TYPE])
		c->type = nla_get_u8(p->tb[ISAKMP_CRED_TYPE]);
	if (!err && !c->type)
		err = isakmp_attr_require(p->tb, p->nest, ISAKMP_CRED_TYPE, p->extack);
	if (!err && p->tb[ISAKMP_CRED_ID])
		err = cred_ids(p, c);
	if (!err)
		err = cred_files(p, c);
	return err ?: cred_type(p, c);
}

/* What names it counts on its type. */
static int cred_check(const struct isakmp_parse *p, struct isakmp_store *s,
		      const struct isakmp_object *owner, const struct isakmp_object *self,
		      const void *spec)
{
	const struct isakmp_cred_spec *c = spec, *was = self ? self->c.spec : c;

	if (c->type == was->type || list_empty(&self->refs))
		return 0;
	return isakmp_refuse(p->extack, p->tb[ISAKMP_CRED_TYPE], -EBUSY,
			     "an auth object refers to this credential: its type stays");
}

static int cred_fill_key(struct sk_buff *skb, const struct isakmp_object *o)
{
	const struct isakmp_cred_spec *c = o->c.spec;

	return nla_put_string(skb, ISAKMP_CRED_NAME, c->name);
}

static int cred_fill(struct sk_buff *skb, const struct isakmp_object *o)
{
	const struct isakmp_cred_spec *c = o->c.spec;
	unsigned int i;

	if (nla_put_u8(skb, ISAKMP_CRED_TYPE, c->type) ||
	    nla_put_string(skb, ISAKMP_CRED_FILE, c->file) ||
	    (c->key_file[0] && nla_put_string(skb, ISAKMP_CRED_KEY_FILE, c->key_file)))
		return -EMSGSIZE;
	for (i = 0; i < c->n_ids; i++)
		if (nla_put(skb, ISAKMP_CRED_ID, c->id[i].len, c->id[i].v))
			return -EMSGSIZE;
	return 0;
}

const struct isakmp_kind_ops isakmp_cred_kind = {
	.attr		= ISAKMP_A_CRED,
	.maxattr	= ISAKMP_CRED_MAX,
	.policy		= isakmp_cred_policy,
	.key_attrs	= BIT(ISAKMP_CRED_NAME),
	.draft		= struct_size_t(struct isakmp_cred_spec, id, ISAKMP_CRED_IDS_MAX),
	.size		= cred_size,
	.parse_key	= cred_parse_key,
	.key		= cred_key,
	.parse		= cred_parse,
	.check		= cred_check,
	.fill_key	= cred_fill_key,
	.fill		= cred_fill,
};
