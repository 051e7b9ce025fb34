// SPDX-License-Identifier: GPL-2.0
/*
 * UPCALL_DONE: the helper's answer becomes a verdict for the SA.
 *
 * An answer that does not fit its question is refused to the helper, and
 * completes the question all the same.  What is peculiar to version 1: verdict_v1.c
 * and answer_v1.c.
 */
#include <linux/slab.h>
#include <isakmp/ikev2.h>
#include "ike/seam.h"
#include "net/lease.h"
#include "netns.h"
#include "nl/attr.h"
#include "nl/family.h"
#include "nl/helper.h"
#include "nl/question.h"
#include "nl/verdict.h"

#define ID_BODY_POLICY NLA_POLICY_RANGE(NLA_BINARY, 5, 4 + IKE_ID_MAX)
#define CERT_BODY_POLICY NLA_POLICY_RANGE(NLA_BINARY, 2, IKE_MSG_MAX)
#define KE_POLICY NLA_POLICY_RANGE(NLA_BINARY, 1, IKE_KE_MAX)

const struct nla_policy isakmp_verdict_policy[ISAKMP_VERDICT_MAX + 1] = {
	[ISAKMP_VERDICT_ID]	= { .type = NLA_U64 },
	[ISAKMP_VERDICT_REASON]	= { .type = NLA_U16 },
	[ISAKMP_VERDICT_PEER]	= ISAKMP_NAME_POLICY,
	[ISAKMP_VERDICT_GEN]	= { .type = NLA_U32 },
	[ISAKMP_VERDICT_CHILD]	= ISAKMP_NAME_POLICY,
	[ISAKMP_VERDICT_LOCAL_ID] = ID_BODY_POLICY,
	[ISAKMP_VERDICT_REMOTE_ID] = ID_BODY_POLICY,
	[ISAKMP_VERDICT_AUTH_METHOD] = { .type = NLA_U8 },
	[ISAKMP_VERDICT_AUTH]	= NLA_POLICY_RANGE(NLA_BINARY, 1, IKE_AUTH_MAX),
	[ISAKMP_VERDICT_CERT]	= CERT_BODY_POLICY,
	[ISAKMP_VERDICT_CERTREQ] = CERT_BODY_POLICY,
	[ISAKMP_VERDICT_PUB]	= KE_POLICY,
	[ISAKMP_VERDICT_SHARED]	= KE_POLICY,
	[ISAKMP_VERDICT_UNIQUE]	= NLA_POLICY_RANGE(NLA_BINARY, 2, IKE_UNIQUE_MAX),
	[ISAKMP_VERDICT_LOCAL_CRED] = ISAKMP_NAME_POLICY,
	[ISAKMP_VERDICT_REMOTE_CRED] = ISAKMP_NAME_POLICY,
	[ISAKMP_VERDICT_HANDLE]	= NLA_POLICY_RANGE(NLA_BINARY, 1, IKE_HANDLE_MAX),
	[ISAKMP_VERDICT_AUTH_LEFT_S] = NLA_POLICY_MIN(NLA_U32, 1),
	[ISAKMP_VERDICT_ADDR]	= ISAKMP_ADDR_POLICY,
	[ISAKMP_VERDICT_DNS]	= ISAKMP_ADDR_POLICY,
	[ISAKMP_VERDICT_SUBNET]	= NLA_POLICY_NESTED(isakmp_range_policy),
	[ISAKMP_VERDICT_DOMAIN]	= ISAKMP_DOMAIN_POLICY,
	[ISAKMP_VERDICT_NO_ADDR] = { .type = NLA_FLAG },
	[ISAKMP_VERDICT_METHOD]	= { .type = NLA_U16 },
	[ISAKMP_VERDICT_SKEYID]	= NLA_POLICY_RANGE(NLA_BINARY, 1, 64),
	[ISAKMP_VERDICT_SECRET]	= NLA_POLICY_RANGE(NLA_BINARY, 1, IKE_AUTH_MAX),
	[ISAKMP_VERDICT_SECRET_ID] = NLA_POLICY_RANGE(NLA_BINARY, 1, IKE_AUTH_MAX),
	[ISAKMP_VERDICT_ATTRIBUTES_TYPE] = NLA_POLICY_RANGE(NLA_U8, IKE_CFG_REQUEST, IKE_CFG_ACK),
	[ISAKMP_VERDICT_ATTRIBUTES] = { .type = NLA_BINARY, .len = V1_ATTRIBUTES_MAX },
	[ISAKMP_VERDICT_MORE]	= { .type = NLA_FLAG },
	[ISAKMP_VERDICT_USER]	= { .type = NLA_NUL_STRING, .len = V1_USER_MAX },
};

#define ALWAYS (A(ID) | A(REASON))
#define PROOF (A(LOCAL_ID) | A(AUTH_METHOD) | A(AUTH))

/* What an answer that accepts must have, and what it may have besides. */
static const struct isakmp_answer answers[] = {
	[IKE_ASK_I_AUTH]	= { PROOF, A(REMOTE_ID) | A(CERT) | A(CERTREQ) | A(LOCAL_CRED) },
	[IKE_ASK_R_AUTH]	= { A(PEER) | A(GEN) | PROOF, A(CERT) | A(CHILD) |
								A(LOCAL_CRED) | BASIS | INNER },
	[IKE_ASK_I_VERIFY]	= { 0, BASIS },
	[IKE_ASK_KEX]		= { A(PUB), A(SHARED) },
};

/* What the spans of a verdict point to, at most: certificates, a request; or two values. */
#define DATA_MAX (2 * IKE_MSG_MAX)

static_assert(DATA_MAX >= 2 * IKE_KE_MAX);

/* Octets of what they will point to. */
static size_t data_octets(const struct isakmp_done *d)
{
	const struct nlattr *a;
	size_t n = 0;
	int rem;

	nla_for_each_nested(a, d->nest, rem)
		switch (nla_type(a)) {
		case ISAKMP_VERDICT_CERT:
		case ISAKMP_VERDICT_CERTREQ:
		case ISAKMP_VERDICT_PUB:
		case ISAKMP_VERDICT_SHARED:
		case ISAKMP_VERDICT_UNIQUE:
		case ISAKMP_VERDICT_LOCAL_CRED:
		case ISAKMP_VERDICT_REMOTE_CRED:
		case ISAKMP_VERDICT_HANDLE:
		case ISAKMP_VERDICT_SKEYID:
		case ISAKMP_VERDICT_SECRET:
		case ISAKMP_VERDICT_SECRET_ID:
		case ISAKMP_VERDICT_ATTRIBUTES:
		case ISAKMP_VERDICT_USER:
			n += nla_len(a);
		}
	return n;
}

static int done_attributes(const struct isakmp_done *d, u64 must, u64 may)
{
	unsigned int i;
	int err;

	for (i = 1; i <= ISAKMP_VERDICT_MAX; i++) {
		if (d->tb[i] && !((must | may) & BIT_ULL(i)))
			return isakmp_refuse(d->info->extack, d->tb[i], -EINVAL,
					     "this does not belong in an answer of this kind");
		if (!(must & BIT_ULL(i)))
			continue;
		err = isakmp_attr_require((struct nlattr **)d->tb, d->nest, i, d->info->extack);
		if (err)
			return err;
	}
	return 0;
}

static int done_refused(struct isakmp_done *d)
{
	u16 why = nla_get_u16(d->tb[ISAKMP_VERDICT_REASON]);
	bool allowed = false;

	switch (why) {
	case ISAKMP_R_AUTH_FAILED:
	case ISAKMP_R_NO_SECRET:
	case ISAKMP_R_NO_IDENTITY:
	case ISAKMP_R_AUTH_METHOD:
	case ISAKMP_R_AUTH_HASH:
	case ISAKMP_R_CERT_UNTRUSTED:
	case ISAKMP_R_CERT_EXPIRED:
	case ISAKMP_R_CERT_IDENTITY:
	case ISAKMP_R_CERT_REVOKED:
	case ISAKMP_R_CRL_EXPIRED:
	case ISAKMP_R_CRED_BUSY:
		allowed = d->v->kind != IKE_ASK_KEX;
		break;
	case ISAKMP_R_KE_VALUE:
		allowed = d->v->kind == IKE_ASK_KEX;
		break;
	case ISAKMP_R_HELPER_ERROR:
		allowed = true;
		break;
	}
	if (!allowed)
		return isakmp_refuse(d->info->extack, d->tb[ISAKMP_VERDICT_REASON], -EINVAL,
				     "a helper does not refuse for this reason");
	d->v->reason = why;
	return 0;
}

/**
 * isakmp_done_copy() - keep an attribute with the verdict
 * @a: the attribute
 * @at: where to; moved.  There is room, see done_alloc()
 *
 * Context: process.
 * Return: the copy.
 */
struct ike_span isakmp_done_copy(const struct nlattr *a, u8 **at)
{
	struct ike_span s = { .p = *at, .len = nla_len(a) };

	memcpy(*at, nla_data(a), s.len);
	*at += s.len;
	return s;
}

/**
 * isakmp_done_list() - bodies of payloads that go out with one message
 * @d: the verdict
 * @type: ISAKMP_VERDICT_CERT or _CERTREQ
 * @to: room for IKE_CERTS_OUT_MAX of them
 * @n: how many there are; 0 before
 * @at: where to copy them; moved
 *
 * Context: process.
 * Return: 0 or -E2BIG.
 */
int isakmp_done_list(struct isakmp_done *d, u8 type, struct ike_span *to, u8 *n, u8 **at)
{
	const struct nlattr *a;
	size_t total = 0;
	int rem;

	nla_for_each_nested(a, d->nest, rem) {
		if (nla_type(a) != type)
			continue;
		if (*n == IKE_CERTS_OUT_MAX)
			return isakmp_refuse(d->info->extack, a, -E2BIG,
					     "more certificates than go into one message");
		total += nla_len(a);
		if (total > IKE_MSG_MAX)
			return isakmp_refuse(d->info->extack, a, -E2BIG,
					     "the certificates are longer than a message");
		to[(*n)++] = isakmp_done_copy(a, at);
	}
	return 0;
}

/* What it stands on, as far as it is known: all but kex. */
static int done_basis(struct isakmp_done *d, u8 **at)
{
	const struct {
		u8 attr;
		struct ike_span *to;
	} names[] = {
		{ ISAKMP_VERDICT_LOCAL_CRED, &d->v->local_cred },
		{ ISAKMP_VERDICT_REMOTE_CRED, &d->v->remote_cred },
	};
	char name[ISAKMP_NAME_MAX + 1];
	struct nlattr **tb = d->tb;
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!tb[names[i].attr])
			continue;
		err = isakmp_attr_name(tb[names[i].attr], name, d->info->extack);
		if (err)
			return err;
		*names[i].to = isakmp_done_copy(tb[names[i].attr], at);
		names[i].to->len = strlen(name);
	}
	if (tb[ISAKMP_VERDICT_UNIQUE])
		d->v->unique = isakmp_done_copy(tb[ISAKMP_VERDICT_UNIQUE], at);
	if (tb[ISAKMP_VERDICT_HANDLE])
		d->v->handle = isakmp_done_copy(tb[ISAKMP_VERDICT_HANDLE], at);
	if (tb[ISAKMP_VERDICT_AUTH_LEFT_S])
		d->v->left_s = nla_get_u32(tb[ISAKMP_VERDICT_AUTH_LEFT_S]);
	return 0;
}

/* What fits is copied: the policy has seen to the length. */
static u16 done_body(const struct nlattr *a, u8 *to, size_t room)
{
	return a ? (u16)nla_memcpy(to, a, (int)room) : 0;
}

/* Who we are, and our side's proof. */
static int done_auth(struct isakmp_done *d, u8 **at)
{
	struct nlattr **tb = d->tb;
	struct ike_verdict *v = d->v;

	if (tb[ISAKMP_VERDICT_AUTH_METHOD])
		v->auth_method = nla_get_u8(tb[ISAKMP_VERDICT_AUTH_METHOD]);
	v->id_len = done_body(tb[ISAKMP_VERDICT_LOCAL_ID], v->id, sizeof(v->id));
	v->auth_len = done_body(tb[ISAKMP_VERDICT_AUTH], v->auth, sizeof(v->auth));
	v->id_want_len = done_body(tb[ISAKMP_VERDICT_REMOTE_ID], v->id_want, sizeof(v->id_want));
	if (tb[ISAKMP_VERDICT_CERTREQ] && v->kind == IKE_ASK_I_AUTH)
		v->certreq = isakmp_done_copy(tb[ISAKMP_VERDICT_CERTREQ], at);
	return isakmp_done_list(d, ISAKMP_VERDICT_CERT, v->certs, &v->n_certs, at);
}

static int child_bit(const struct ike_peer *p, const struct nlattr *a, u32 *bits)
{
	unsigned int i;

	for (i = 0; i < p->n_child; i++) {
		if (!strcmp(p->child[i]->name, nla_data(a))) {
			*bits |= (u32)BIT(i);
			return 0;
		}
	}
	return -ENOENT;
}

/* The peer, maybe one that was not listed, and which of its children. */
static int done_peer(struct isakmp_done *d)
{
	struct netlink_ext_ack *extack = d->info->extack;
	const struct ike_peer *p;
	const struct nlattr *a;
	int rem;

	p = isakmp_peer_by_name(d->q->in, nla_data(d->tb[ISAKMP_VERDICT_PEER]));
	d->v->peer = p;
	if (!p || p->gen != nla_get_u32(d->tb[ISAKMP_VERDICT_GEN]))
		return isakmp_refuse(extack, d->tb[ISAKMP_VERDICT_GEN], -ESTALE,
				     "the peer object changed while the helper decided");
	if (!isakmp_peer_covers(d->q->in, p, &d->q->path)) {
		d->why = ISAKMP_R_NO_IDENTITY;
		return isakmp_refuse(extack, d->tb[ISAKMP_VERDICT_PEER], -EINVAL,
				     "the peer is for other addresses");
	}
	if (!ike_v1_speaks(&p->v1, d->q->ask.v1 ? 1 : 2)) {
		d->why = ISAKMP_R_NO_IDENTITY;
		return isakmp_refuse(extack, d->tb[ISAKMP_VERDICT_PEER], -EINVAL,
				     "the peer does not speak this version");
	}
	d->v->children = d->tb[ISAKMP_VERDICT_CHILD] ? 0 : (u32)(BIT_ULL(p->n_child) - 1);
	nla_for_each_nested(a, d->nest, rem)
		if (nla_type(a) == ISAKMP_VERDICT_CHILD && child_bit(p, a, &d->v->children))
			return isakmp_refuse(extack, a, -EINVAL, "the peer has no such child");
	return 0;
}

static int done_address(struct isakmp_done *d, const struct nlattr *a)
{
	struct ike_verdict *v = d->v;
	struct isakmp_addr inner;
	unsigned int slot;
	int err;

	err = isakmp_attr_host(a, &inner, d->info->extack);
	if (err)
		return err;
	slot = inner.family == 6;
	if (!d->q->ask.wish[slot].family)
		return isakmp_refuse(d->info->extack, a, -EINVAL,
				     "no inner address of this family was asked for");
	if (v->inner[slot].family)
		return isakmp_refuse(d->info->extack, a, -EINVAL,
				     "there is one inner address of each family");
	v->inner[slot] = inner;
	d->inner[slot] = a;
	return 0;
}

/* Inner addresses, and what goes with them. */
static int done_inner(struct isakmp_done *d)
{
	struct netlink_ext_ack *extack = d->info->extack;
	const struct nlattr *a;
	int rem, err = 0;

	d->v->no_address = d->tb[ISAKMP_VERDICT_NO_ADDR];
	if (d->v->no_address && d->tb[ISAKMP_VERDICT_ADDR])
		return isakmp_refuse(extack, d->tb[ISAKMP_VERDICT_NO_ADDR], -EINVAL,
				     "there is an inner address, or there is none");
	nla_for_each_nested(a, d->nest, rem) {
		switch (nla_type(a)) {
		case ISAKMP_VERDICT_ADDR:
			err = done_address(d, a);
			break;
		case ISAKMP_VERDICT_DNS:
		case ISAKMP_VERDICT_SUBNET:
		case ISAKMP_VERDICT_DOMAIN:
			err = isakmp_config_attr(a, nla_type(a) - ISAKMP_VERDICT_DNS +
						 ISAKMP_POOL_DNS, &d->v->config, extack);
			break;
		}
		if (err)
			return err;
	}
	return 0;
}

/* kex: our public value, and the secret when the peer's is known. */
static int done_kex(struct isakmp_done *d)
{
	const struct nlattr *pub = d->tb[ISAKMP_VERDICT_PUB];
	const struct nlattr *shared = d->tb[ISAKMP_VERDICT_SHARED];
	bool asked = d->q->ask.peer_ke.len;
	u8 *at = d->v->data;

	if ((size_t)nla_len(pub) != isakmp_kex_pub_len(d->q->ask.group))
		return isakmp_refuse(d->info->extack, pub, -EINVAL,
				     "the public value has not the length of its group's");
	if (asked && !shared)
		return isakmp_attr_require(d->tb, d->nest, ISAKMP_VERDICT_SHARED,
					   d->info->extack);
	if (!asked && shared)
		return isakmp_refuse(d->info->extack, shared, -EINVAL,
				     "no secret was asked for");
	d->v->pub = isakmp_done_copy(pub, &at);
	if (shared)
		d->v->shared = isakmp_done_copy(shared, &at);
	return 0;
}

/* All but kex: whatever is there, and it may be. */
static int done_parts(struct isakmp_done *d)
{
	u8 *at = d->v->data;
	int err;

	err = done_basis(d, &at);
	if (!err)
		err = done_auth(d, &at);
	if (!err && d->q->ask.v1)
		err = isakmp_done_v1(d, &at);
	if (!err && d->tb[ISAKMP_VERDICT_PEER])
		err = done_peer(d);
	return err ?: done_inner(d);
}

static int done_fill(struct isakmp_done *d)
{
	u8 kind = d->v->kind;
	struct isakmp_answer fits;
	int err;

	if (data_octets(d) > DATA_MAX)
		return isakmp_refuse(d->info->extack, d->nest, -E2BIG,
				     "the answer is longer than a message can be");
	err = isakmp_attr_require(d->tb, d->nest, ISAKMP_VERDICT_REASON, d->info->extack);
	if (err)
		return err;
	if (nla_get_u16(d->tb[ISAKMP_VERDICT_REASON]))
		return done_attributes(d, ALWAYS, 0) ?: done_refused(d);
	if (d->q->ask.v1 && kind != IKE_ASK_KEX)
		fits = isakmp_answer_v1(&d->q->ask, d->q->peer[0]);
	else
		fits = answers[kind];
	err = done_attributes(d, ALWAYS | fits.must, fits.may);
	if (err)
		return err;
	return kind == IKE_ASK_KEX ? done_kex(d) : done_parts(d);
}

/* What a verdict holds that did not become the SA's. */
static void verdict_free(struct ike_verdict *v)
{
	isakmp_peer_put(v->peer);
	isakmp_free(v);
}

/* Not a word of an answer that does not fit goes to the SA. */
static void done_misfit(struct ike_verdict *v, enum isakmp_reason why)
{
	u32 question = v->question;
	u8 kind = v->kind;

	isakmp_peer_put(v->peer);
	memset(v, 0, sizeof(*v));
	v->kind = kind;
	v->question = question;
	v->reason = (u16)why;
}

static bool has_inner(const struct ike_verdict *v)
{
	return v->inner[0].family || v->inner[1].family;
}

/* Who holds the lease: the identity, canonical. */
static struct ike_span done_holder(const struct isakmp_done *d)
{
	if (d->v->unique.len)
		return d->v->unique;
	return d->q->ask.initiator ? d->q->ask.id_r : d->q->ask.id_i;
}

/* With what the SA is to hold from now on. */
static int done_complete(struct isakmp_done *d)
{
	struct isakmp_question *q = d->q;
	struct isakmp_lease_wish w;
	struct ike_span id;
	int err;

	if (!has_inner(d->v))
		return isakmp_upcall_answer(q, d->v, NULL);
	id = done_holder(d);
	err = isakmp_lease_wish_init(&w, q->sa, d->v->inner, q->ask.wish, d->v->peer, &id);
	if (!err)
		err = isakmp_upcall_answer(q, d->v, &w);
	d->taken = w.taken;
	isakmp_lease_wish_free(&w);
	return err;
}

/* The question is not completed: the helper may answer again, if there is a reason to. */
static int done_not(struct isakmp_done *d, int err)
{
	verdict_free(d->v);
	switch (err) {
	case -EADDRINUSE:
		isakmp_net_refused(d->q->in, &d->q->path, ISAKMP_R_ADDRESS_TAKEN, 0);
		return isakmp_refuse(d->info->extack, d->inner[d->taken], err,
				     "another IKE SA has this inner address");
	case -ENOENT:
		return isakmp_refuse(d->info->extack, d->tb[ISAKMP_VERDICT_ID], err,
				     "the question is answered, timed out or cancelled");
	}
	return err;
}

static int done_answer(struct isakmp_done *d)
{
	int err = done_fill(d), late;

	if (err == -ESTALE) {
		if (isakmp_upcall_again(d->q)) {
			verdict_free(d->v);
			isakmp_upcall_announce(d->q->in);
			return err;
		}
		done_misfit(d->v, ISAKMP_R_STALE);
	} else if (err) {
		done_misfit(d->v, d->why);
	}
	late = done_complete(d);
	return late ? done_not(d, late) : err;
}

static int done_alloc(struct isakmp_done *d)
{
	size_t n = data_octets(d);

	/* If it is too long it is refused, but for that, too, a verdict is needed. */
	d->v = isakmp_alloc(struct_size(d->v, data, n <= DATA_MAX ? n : 0));
	if (!d->v)
		return -ENOMEM;
	d->v->kind = d->q->ask.kind;
	d->v->question = d->q->ask.question;
	d->why = ISAKMP_R_HELPER_ERROR;
	return 0;
}

static int done(struct isakmp_done *d)
{
	struct genl_info *info = d->info;
	int err;

	err = nla_parse_nested(d->tb, ISAKMP_VERDICT_MAX, d->nest, isakmp_verdict_policy,
			       info->extack);
	if (!err)
		err = isakmp_attr_require(d->tb, d->nest, ISAKMP_VERDICT_ID, info->extack);
	if (err)
		return err;
	d->q = isakmp_upcall_taken(isakmp_info_net(info), nla_get_u64(d->tb[ISAKMP_VERDICT_ID]),
				   info->snd_portid);
	if (!d->q)
		return isakmp_refuse(info->extack, d->tb[ISAKMP_VERDICT_ID], -ENOENT,
				     "the question is answered, timed out or cancelled");
	err = done_alloc(d) ?: done_answer(d);
	isakmp_upcall_put(d->q);
	return err;
}

/* Whatever became of it: netlink does not zero what it frees, and may send it back. */
static void wipe(const struct nlattr *nest)
{
	struct nlattr *a;
	int rem;

	nla_for_each_nested(a, nest, rem)
		switch (nla_type(a)) {
		case ISAKMP_VERDICT_SHARED:
		case ISAKMP_VERDICT_SKEYID:
		case ISAKMP_VERDICT_SECRET:
		case ISAKMP_VERDICT_SECRET_ID:
		case ISAKMP_VERDICT_ATTRIBUTES:
			memzero_explicit(nla_data(a), nla_len(a));
		}
}

/**
 * isakmp_verdict_doit() - UPCALL_DONE
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_verdict_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct isakmp_done d = { .info = info };
	int err;

	err = isakmp_attr_require(info->attrs, NULL, ISAKMP_A_VERDICT, info->extack);
	if (err)
		return err;
	d.nest = info->attrs[ISAKMP_A_VERDICT];
	err = done(&d);
	wipe(d.nest);
	return err;
}
