// SPDX-License-Identifier: GPL-2.0
/*
 * HELPER_PUBLISH: what IKE_SA_INIT says without a question to the helper, the secret behind
 * our tokens, and the keys of tickets.  It stays when the helper goes: the next one replaces
 * it.
 *
 * Secrets can be written, not read.  They are zeroed in the message that brought them, and
 * when they are freed.
 */
#include <linux/slab.h>
#include <isakmp/ikev2.h>
#include "ike/seam.h"
#include "nl/attr.h"
#include "nl/family.h"
#include "nl/publish.h"
#include "netns.h"

#define QCD_SECRET_LEN 32	/* RFC 6290, 5.1 */
#define TICKET_KEY_POLICY NLA_POLICY_RANGE(NLA_BINARY, ISAKMP_TICKET_KEY_LEN, ISAKMP_TICKET_KEY_LEN)
#define CERTREQ_LEN_MAX (1 + IKE_CERTREQ_MAX * IKE_CERTREQ_HASH_LEN)

const struct nla_policy isakmp_publish_policy[ISAKMP_PUBLISH_MAX + 1] = {
	[ISAKMP_PUBLISH_CERTREQ] = NLA_POLICY_RANGE(NLA_BINARY, 1, CERTREQ_LEN_MAX),
	[ISAKMP_PUBLISH_KE]	= { .type = NLA_U16 },
	[ISAKMP_PUBLISH_TICKET_KEY] = TICKET_KEY_POLICY,
	[ISAKMP_PUBLISH_QCD_SECRET] = NLA_POLICY_RANGE(NLA_BINARY, QCD_SECRET_LEN, QCD_SECRET_LEN),
};

/* RFC 7296, 3.7: the encoding, then hashes of the authorities' keys */
static int publish_certreq(const struct nlattr *a, struct isakmp_published *v,
			   struct netlink_ext_ack *extack)
{
	const u8 *body = nla_data(a);
	size_t n = nla_len(a);

	if (body[0] != IKE_CERT_X509_SIGNATURE || n == 1 || (n - 1) % IKE_CERTREQ_HASH_LEN)
		return isakmp_refuse(extack, a, -EINVAL,
				     "authorities are X.509 (encoding 4), each a hash of 20 octets");
	v->certreq_len = (u16)n;
	memcpy(v->certreq, body, n);
	return 0;
}

static bool published_ke(const struct isakmp_published *v, u16 group)
{
	unsigned int i;

	for (i = 0; i < v->n_ke; i++)
		if (v->ke[i] == group)
			return true;
	return false;
}

static int publish_groups(const struct nlattr *nest, struct isakmp_published *v,
			  struct netlink_ext_ack *extack)
{
	const struct nlattr *a;
	int rem;

	nla_for_each_nested(a, nest, rem) {
		if (nla_type(a) != ISAKMP_PUBLISH_KE)
			continue;
		if (!isakmp_kex_by_helper(nla_get_u16(a)))
			return isakmp_refuse(extack, a, -EINVAL,
					     "this group is not one that a helper computes");
		if (published_ke(v, nla_get_u16(a)))
			return isakmp_refuse(extack, a, -EINVAL, "a group is given twice");
		if (v->n_ke == ISAKMP_PUBLISH_KE_MAX)
			return isakmp_refuse(extack, a, -E2BIG, "too many groups are given");
		v->ke[v->n_ke++] = nla_get_u16(a);
	}
	return 0;
}

static int publish_tickets(struct isakmp_net *in, const struct nlattr *nest,
			   struct netlink_ext_ack *extack)
{
	struct ike_ticket_key key[ISAKMP_TICKET_KEYS_MAX];
	unsigned int n = 0;
	struct nlattr *a;
	int rem, err = 0;

	BUILD_BUG_ON(sizeof(key[0]) != ISAKMP_TICKET_KEY_LEN);
	nla_for_each_nested(a, nest, rem) {
		if (nla_type(a) != ISAKMP_PUBLISH_TICKET_KEY)
			continue;
		if (n < ARRAY_SIZE(key))
			nla_memcpy(&key[n++], a, sizeof(key[0]));
		else
			err = isakmp_refuse(extack, a, -E2BIG, "too many keys are given");
	}
	if (!err)
		isakmp_ticket_keys(in, key, n);
	memzero_explicit(key, sizeof(key));
	return err;
}

static void publish_secret(const struct nlattr *a, struct isakmp_published *v)
{
	const u8 *secret = nla_data(a);
	unsigned int i;

	BUILD_BUG_ON(sizeof(v->token_key) != QCD_SECRET_LEN);
	for (i = 0; i < ARRAY_SIZE(v->token_key.k); i++)
		v->token_key.k[i] = get_unaligned_be64(secret + 8 * i);
	v->has_token_key = true;
}

static int publish_read(const struct nlattr *nest, struct nlattr **tb,
			struct isakmp_published *v, struct netlink_ext_ack *extack)
{
	int err = 0;

	if (tb[ISAKMP_PUBLISH_CERTREQ])
		err = publish_certreq(tb[ISAKMP_PUBLISH_CERTREQ], v, extack);
	if (tb[ISAKMP_PUBLISH_QCD_SECRET])
		publish_secret(tb[ISAKMP_PUBLISH_QCD_SECRET], v);
	return err ?: publish_groups(nest, v, extack);
}

/*
 * RFC 6290, 4.4: tokens of another secret are given to all who had one; each IKE SA does so
 * in a time of its own.
 */
static void renew_tokens(struct isakmp_net *in)
{
	struct isakmp_sa *sa;
	u64 id = 0;

	while ((sa = isakmp_sa_next(in, id))) {
		id = sa->id;
		isakmp_sa_post(sa, IKE_EV_TOKEN, 0);
		isakmp_sa_put(sa);
		cond_resched();
	}
}

static bool same_tokens(const struct isakmp_published *a, const struct isakmp_published *b)
{
	return a && a->has_token_key == b->has_token_key &&
	       !isakmp_differ(&a->token_key, &b->token_key, sizeof(a->token_key));
}

/* Whatever became of them, and of what else was said: secrets are nowhere but here. */
static void wipe(const struct nlattr *nest)
{
	struct nlattr *a;
	int rem;

	nla_for_each_nested(a, nest, rem)
		if (nla_type(a) == ISAKMP_PUBLISH_TICKET_KEY ||
		    nla_type(a) == ISAKMP_PUBLISH_QCD_SECRET)
			memzero_explicit(nla_data(a), nla_len(a));
}

static void published_free(struct rcu_head *rcu)
{
	kfree_sensitive(container_of(rcu, struct isakmp_published, rcu));
}

static int publish(struct isakmp_net *in, const struct nlattr *nest,
		   struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ISAKMP_PUBLISH_MAX + 1];
	struct isakmp_published *v, *old;
	bool same;
	int err;

	err = nla_parse_nested(tb, ISAKMP_PUBLISH_MAX, nest, isakmp_publish_policy, extack);
	if (err)
		return err;
	v = kzalloc(struct_size(v, certreq, tb[ISAKMP_PUBLISH_CERTREQ] ?
				nla_len(tb[ISAKMP_PUBLISH_CERTREQ]) : 0), GFP_KERNEL_ACCOUNT);
	if (!v)
		return -ENOMEM;
	err = publish_read(nest, tb, v, extack);
	if (!err)
		err = publish_tickets(in, nest, extack);
	if (err) {
		kfree_sensitive(v);
		return err;
	}
	rcu_read_lock();	/* @v may be replaced at once */
	old = unrcu_pointer(xchg(&in->upcall.published, RCU_INITIALIZER(v)));
	same = same_tokens(old, v);
	rcu_read_unlock();
	if (old)
		call_rcu(&old->rcu, published_free);
	if (!same)
		renew_tokens(in);
	return 0;
}

/**
 * isakmp_publish_doit() - HELPER_PUBLISH
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_publish_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *nest = info->attrs[ISAKMP_A_PUBLISH];
	int err;

	err = isakmp_attr_require(info->attrs, NULL, ISAKMP_A_PUBLISH, info->extack);
	if (err)
		return err;
	err = publish(isakmp_info_net(info), nest, info->extack);
	wipe(nest);
	return err;
}

/**
 * isakmp_kex_published() - did a helper say that it computes this group?
 * @in: the namespace
 * @group: KE transform ID
 *
 * Context: any.
 * Return: whether it did.
 */
bool isakmp_kex_published(struct isakmp_net *in, u16 group)
{
	const struct isakmp_published *v;
	bool found;

	rcu_read_lock();
	v = rcu_dereference(in->upcall.published);
	found = v && published_ke(v, group);
	rcu_read_unlock();
	return found;
}

/* Seam: see ike/seam.h. */
bool isakmp_kex_ready(struct ike_sa *sa, u16 group)
{
	struct isakmp_net *in = isakmp_sa_of(sa)->in;

	return !isakmp_kex_by_helper(group) ||
	       (READ_ONCE(in->upcall.n_helpers) && isakmp_kex_published(in, group));
}

/**
 * isakmp_token_key() - what our tokens are made from
 * @in: the namespace
 * @key: a copy; to be zeroed
 *
 * Context: any.
 * Return: false: nobody published it; @key is zero.
 */
bool isakmp_token_key(struct isakmp_net *in, struct isakmp_token_key *key)
{
	const struct isakmp_published *v;

	memset(key, 0, sizeof(*key));
	rcu_read_lock();
	v = rcu_dereference(in->upcall.published);
	if (v && v->has_token_key)
		*key = v->token_key;
	else
		v = NULL;
	rcu_read_unlock();
	return v;
}

/* Seam: see ike/seam.h. */
bool isakmp_token(struct ike_sa *sa, const struct ike_epoch *ep, u8 out[ISAKMP_TOKEN_LEN])
{
	struct isakmp_token_key key;
	bool yes = isakmp_token_key(isakmp_sa_of(sa)->in, &key);

	if (yes)
		isakmp_gate_token(&key, ep->initiator, ep->spi_i, ep->spi_r, out);
	memzero_explicit(&key, sizeof(key));
	return yes;
}

/* Seam: see ike/seam.h. */
size_t isakmp_certreq(struct ike_sa *sa, u8 *out, size_t room)
{
	const struct isakmp_published *v;
	size_t n = 0;

	rcu_read_lock();
	v = rcu_dereference(isakmp_sa_of(sa)->in->upcall.published);
	if (v && v->certreq_len <= room) {
		n = v->certreq_len;
		memcpy(out, v->certreq, n);
	}
	rcu_read_unlock();
	return n;
}

/**
 * isakmp_publish_net_exit() - the namespace goes
 * @in: the namespace; nobody reads what was published any more
 *
 * Context: process.
 */
void isakmp_publish_net_exit(struct isakmp_net *in)
{
	kfree_sensitive(rcu_dereference_protected(in->upcall.published, true));
}
