// SPDX-License-Identifier: GPL-2.0
/*
 * Upcalls and verdicts: attributes <-> structs.
 *
 * The kernel is taken at its word no more than the kernel takes us at ours:
 * every length is checked here, what the octets mean in auth.c.
 */
#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "upcall.h"

static const struct nla_policy top_policy[ISAKMP_A_MAX + 1] = {
	[ISAKMP_A_UPCALL] = { .type = NLA_NESTED },
};

/* Octets have no type for libnl: their bounds are in octet_fields[]. */
static const struct nla_policy upcall_policy[ISAKMP_UPCALL_MAX + 1] = {
	[ISAKMP_UPCALL_ID]	    = { .type = NLA_U64 },
	[ISAKMP_UPCALL_KIND]	    = { .type = NLA_U8 },
	[ISAKMP_UPCALL_SA]	    = { .type = NLA_U64 },
	[ISAKMP_UPCALL_GEN]	    = { .type = NLA_U32 },
	[ISAKMP_UPCALL_PRF]	    = { .type = NLA_U16 },
	[ISAKMP_UPCALL_AUTH_METHOD] = { .type = NLA_U8 },
	[ISAKMP_UPCALL_DEADLINE]    = { .type = NLA_U32 },
	[ISAKMP_UPCALL_HASHES]	    = { .type = NLA_U32 },
	[ISAKMP_UPCALL_GROUP]	    = { .type = NLA_U16 },
	[ISAKMP_UPCALL_VERSION]	    = { .type = NLA_U8 },
	[ISAKMP_UPCALL_METHOD]	    = { .type = NLA_U16 },
	[ISAKMP_UPCALL_ATTRIBUTES_TYPE] = { .type = NLA_U8 },
	[ISAKMP_UPCALL_EXCHANGE]    = { .type = NLA_U8 },
	[ISAKMP_UPCALL_PEER]	    = { .type = NLA_STRING, .maxlen = ISAKMP_NAME_MAX + 1 },
};

static const struct octet_field {
	u16 attr;
	u16 max;
	size_t offset;
} octet_fields[] = {
	{ ISAKMP_UPCALL_MSG_I, V1_HASHED_MAX,  offsetof(struct question, msg_i) },
	{ ISAKMP_UPCALL_MSG_R, V1_HASHED_MAX,  offsetof(struct question, msg_r) },
	{ ISAKMP_UPCALL_NI,    IKE_NONCE_MAX,  offsetof(struct question, ni) },
	{ ISAKMP_UPCALL_NR,    IKE_NONCE_MAX,  offsetof(struct question, nr) },
	{ ISAKMP_UPCALL_SK_PI, PSK_PRF_MAX,    offsetof(struct question, sk_pi) },
	{ ISAKMP_UPCALL_SK_PR, PSK_PRF_MAX,    offsetof(struct question, sk_pr) },
	{ ISAKMP_UPCALL_ID_I,  IDENT_BODY_MAX, offsetof(struct question, id_i) },
	{ ISAKMP_UPCALL_ID_R,  IDENT_BODY_MAX, offsetof(struct question, id_r) },
	{ ISAKMP_UPCALL_AUTH,  IKE_AUTH_MAX,   offsetof(struct question, auth) },
	{ ISAKMP_UPCALL_SEED,  IKE_KEX_SEED_LEN, offsetof(struct question, seed) },
	{ ISAKMP_UPCALL_PEER_KE, IKE_KE_MAX,   offsetof(struct question, peer_ke) },
	{ ISAKMP_UPCALL_ATTRIBUTES, V1_ATTRIBUTES_MAX, offsetof(struct question, attributes) },
	{ ISAKMP_UPCALL_SECRET, IKE_AUTH_MAX,  offsetof(struct question, secret) },
	{ ISAKMP_UPCALL_SECRET_ID, IKE_AUTH_MAX, offsetof(struct question, secret_id) },
	{ ISAKMP_UPCALL_UNIQUE, IKE_UNIQUE_MAX, offsetof(struct question, unique) },
	{ ISAKMP_UPCALL_LOCAL, 16,	       offsetof(struct question, local) },
	{ ISAKMP_UPCALL_REMOTE, 16,	       offsetof(struct question, remote) },
};

static bool get_octets(struct nlattr **tb, struct question *q)
{
	const struct octet_field *f;
	struct octets *o;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(octet_fields); i++) {
		f = &octet_fields[i];
		if (!tb[f->attr])
			continue;
		o = (struct octets *)((u8 *)q + f->offset);
		o->p = nla_data(tb[f->attr]);
		o->n = (size_t)nla_len(tb[f->attr]);
		if (o->n > f->max)
			return false;
	}
	return true;
}

/* A name is terminated within its attribute, and nothing follows. */
static const char *get_name(struct nlattr *a)
{
	const char *s = nla_data(a);
	int n = nla_len(a);

	if (n < 2 || n > ISAKMP_NAME_MAX + 1 || memchr(s, '\0', (size_t)n) != s + n - 1)
		return NULL;
	return s;
}

/* A GEN is that of the PEER before it. */
static bool get_peers(struct nlattr *nest, struct question *q)
{
	struct candidate *p = NULL;
	struct nlattr *a;
	int left;

	nla_for_each_nested(a, nest, left) {
		if (nla_type(a) == ISAKMP_UPCALL_PEER) {
			if (q->n_peer == ARRAY_SIZE(q->peer))
				return false;
			p = &q->peer[q->n_peer++];
			p->name = get_name(a);
			if (!p->name)
				return false;
		} else if (nla_type(a) == ISAKMP_UPCALL_GEN) {
			if (!p || nla_len(a) != sizeof(u32))
				return false;
			p->has_gen = true;
			p->gen = nla_get_u32(a);
		}
	}
	return true;
}

static bool get_body(struct nlattr *a, struct octets *to, u8 *n, u8 max)
{
	if (*n == max || !nla_len(a) || nla_len(a) > IKE_MSG_MAX)
		return false;
	to[(*n)++] = (struct octets) { nla_data(a), (size_t)nla_len(a) };
	return true;
}

/* Certificates and what is asked of ours, in their order. */
static bool get_bodies(struct nlattr *nest, struct question *q)
{
	struct nlattr *a;
	int left;

	nla_for_each_nested(a, nest, left) {
		if (nla_type(a) == ISAKMP_UPCALL_CERT &&
		    !get_body(a, q->cert, &q->n_cert, ARRAY_SIZE(q->cert)))
			return false;
		if (nla_type(a) == ISAKMP_UPCALL_CERTREQ &&
		    !get_body(a, q->certreq, &q->n_certreq, ARRAY_SIZE(q->certreq)))
			return false;
	}
	return true;
}

/* One address of each family. */
static bool get_wish(struct nlattr *nest, struct question *q)
{
	struct config_addr *w;
	struct nlattr *a;
	int left;

	nla_for_each_nested(a, nest, left) {
		if (nla_type(a) != ISAKMP_UPCALL_ADDR)
			continue;
		if (nla_len(a) != 4 && nla_len(a) != 16)
			return false;
		w = &q->wish[nla_len(a) == 16];
		w->len = (u8)nla_len(a);
		memcpy(w->octets, nla_data(a), w->len);
	}
	return true;
}

static u32 get_u32(struct nlattr *a)
{
	return a ? nla_get_u32(a) : 0;
}

static void get_v1(struct nlattr **tb, struct question *q)
{
	q->version = tb[ISAKMP_UPCALL_VERSION] ? nla_get_u8(tb[ISAKMP_UPCALL_VERSION]) : 0;
	q->method = tb[ISAKMP_UPCALL_METHOD] ? nla_get_u16(tb[ISAKMP_UPCALL_METHOD]) : 0;
	q->initiator = tb[ISAKMP_UPCALL_INITIATOR];
	q->aggressive = tb[ISAKMP_UPCALL_AGGRESSIVE];
	q->proof_later = tb[ISAKMP_UPCALL_PROOF_LATER];
	q->exchange = tb[ISAKMP_UPCALL_EXCHANGE] ? nla_get_u8(tb[ISAKMP_UPCALL_EXCHANGE]) : 0;
	q->attributes_type = tb[ISAKMP_UPCALL_ATTRIBUTES_TYPE] ?
			     nla_get_u8(tb[ISAKMP_UPCALL_ATTRIBUTES_TYPE]) : 0;
}

static void get_numbers(struct nlattr **tb, struct question *q)
{
	q->kind = tb[ISAKMP_UPCALL_KIND] ? nla_get_u8(tb[ISAKMP_UPCALL_KIND]) : 0;
	q->sa = tb[ISAKMP_UPCALL_SA] ? nla_get_u64(tb[ISAKMP_UPCALL_SA]) : 0;
	q->prf = tb[ISAKMP_UPCALL_PRF] ? nla_get_u16(tb[ISAKMP_UPCALL_PRF]) : 0;
	q->auth_method = tb[ISAKMP_UPCALL_AUTH_METHOD] ?
			 nla_get_u8(tb[ISAKMP_UPCALL_AUTH_METHOD]) : 0;
	q->more = tb[ISAKMP_UPCALL_MORE];
	q->deadline = get_u32(tb[ISAKMP_UPCALL_DEADLINE]);
	q->hashes = get_u32(tb[ISAKMP_UPCALL_HASHES]);
	q->group = tb[ISAKMP_UPCALL_GROUP] ? nla_get_u16(tb[ISAKMP_UPCALL_GROUP]) : 0;
}

/**
 * upcall_parse() - the reply to UPCALL_ACCEPT
 * @nlh: the message, of nlmsg_len octets
 * @q: out; points into the message.  @q->id is set whenever the message has
 *     one, so that what cannot be read can still be refused
 *
 * Return: NULL, or what is wrong with the message.
 */
const char *upcall_parse(struct nlmsghdr *nlh, struct question *q)
{
	struct nlattr *top[ISAKMP_A_MAX + 1], *tb[ISAKMP_UPCALL_MAX + 1];

	*q = (struct question) { 0 };
	if (!genlmsg_valid_hdr(nlh, 0) ||
	    genlmsg_parse(nlh, 0, top, ISAKMP_A_MAX, top_policy))
		return "malformed";
	if (!top[ISAKMP_A_UPCALL])
		return "without a question in it";
	if (nla_parse_nested(tb, ISAKMP_UPCALL_MAX, top[ISAKMP_A_UPCALL], upcall_policy))
		return "with a malformed attribute";
	if (!tb[ISAKMP_UPCALL_ID])
		return "without an id";
	q->id = nla_get_u64(tb[ISAKMP_UPCALL_ID]);
	get_numbers(tb, q);
	get_v1(tb, q);
	if (!get_octets(tb, q))
		return "with octets longer than their limit";
	if (!get_peers(top[ISAKMP_A_UPCALL], q))
		return "with a bad list of peers";
	if (!get_bodies(top[ISAKMP_A_UPCALL], q))
		return "with bad certificates";
	if (!get_wish(top[ISAKMP_A_UPCALL], q))
		return "with a bad inner address";
	return NULL;
}

static int put_octets(struct nl_msg *msg, int attr, const u8 *p, u16 n)
{
	return n ? nla_put(msg, attr, n, p) : 0;
}

static int put_bodies(struct nl_msg *msg, const struct answer *a)
{
	u8 i;

	for (i = 0; i < a->n_cert; i++)
		if (nla_put(msg, ISAKMP_VERDICT_CERT, (int)a->cert[i].n, a->cert[i].p))
			return -EMSGSIZE;
	for (i = 0; i < a->n_authority; i++)
		if (nla_put(msg, ISAKMP_VERDICT_CERTREQ, (int)a->authority[i].n,
			    a->authority[i].p))
			return -EMSGSIZE;
	return a->certreq.n ? nla_put(msg, ISAKMP_VERDICT_CERTREQ, (int)a->certreq.n,
				      a->certreq.p) : 0;
}

/* What version 1 alone has. */
static int put_v1(struct nl_msg *msg, const struct answer *a)
{
	u8 i;

	for (i = 0; i < a->n_methods; i++)
		if (nla_put_u16(msg, ISAKMP_VERDICT_METHOD, a->methods[i]))
			return -EMSGSIZE;
	if ((a->attributes_type &&
	     nla_put_u8(msg, ISAKMP_VERDICT_ATTRIBUTES_TYPE, a->attributes_type)) ||
	    put_octets(msg, ISAKMP_VERDICT_ATTRIBUTES, a->attributes.p, (u16)a->attributes.n) ||
	    put_octets(msg, ISAKMP_VERDICT_SECRET, a->secret.p, (u16)a->secret.n) ||
	    put_octets(msg, ISAKMP_VERDICT_SECRET_ID, a->secret_id.p, (u16)a->secret_id.n) ||
	    (a->more && nla_put_flag(msg, ISAKMP_VERDICT_MORE)) ||
	    (a->user[0] && nla_put_string(msg, ISAKMP_VERDICT_USER, a->user)))
		return -EMSGSIZE;
	return put_octets(msg, ISAKMP_VERDICT_SKEYID, a->skeyid, a->skeyid_len);
}

/* What the acceptance stands on. */
static int put_basis(struct nl_msg *msg, const struct answer *a)
{
	if ((a->local_cred && nla_put_string(msg, ISAKMP_VERDICT_LOCAL_CRED, a->local_cred)) ||
	    (a->remote_cred && nla_put_string(msg, ISAKMP_VERDICT_REMOTE_CRED, a->remote_cred)) ||
	    (a->auth_left && nla_put_u32(msg, ISAKMP_VERDICT_AUTH_LEFT_S, a->auth_left)) ||
	    put_octets(msg, ISAKMP_VERDICT_UNIQUE, a->unique, a->unique_len) ||
	    put_octets(msg, ISAKMP_VERDICT_HANDLE, a->handle, a->handle_len))
		return -EMSGSIZE;
	return 0;
}

static int put_range(struct nl_msg *msg, int attr, const struct config_range *r)
{
	struct nlattr *nest = nla_nest_start(msg, attr | NLA_F_NESTED);

	if (!nest || nla_put(msg, ISAKMP_RANGE_START, r->start.len, r->start.octets) ||
	    nla_put(msg, ISAKMP_RANGE_END, r->end.len, r->end.octets))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/* What of the pools still fits into a message of IKE. */
struct room {
	unsigned int dns;
	unsigned int subnets;
	size_t domains;
};

static int put_pool(struct nl_msg *msg, const struct config_pool *p, struct room *r)
{
	size_t n;
	u8 i;

	for (i = 0; i < p->n_dns && r->dns; i++, r->dns--)
		if (nla_put(msg, ISAKMP_VERDICT_DNS, p->dns[i].len, p->dns[i].octets))
			return -EMSGSIZE;
	for (i = 0; i < p->n_subnet && r->subnets; i++, r->subnets--)
		if (put_range(msg, ISAKMP_VERDICT_SUBNET, &p->subnet[i]))
			return -EMSGSIZE;
	for (i = 0; i < p->n_domain; i++) {
		n = strlen(p->domain[i]) + 1;
		if (n > r->domains)
			break;
		r->domains -= n;
		if (nla_put_string(msg, ISAKMP_VERDICT_DOMAIN, p->domain[i]))
			return -EMSGSIZE;
	}
	return 0;
}

static int put_inner(struct nl_msg *msg, const struct answer *a)
{
	struct room room = { IKE_CFG_DNS_MAX, IKE_CFG_SUBNETS_MAX, IKE_CFG_DOMAINS_LEN };
	u8 i;

	if (a->no_inner)
		return nla_put_flag(msg, ISAKMP_VERDICT_NO_ADDR);
	for (i = 0; i < ARRAY_SIZE(a->inner); i++)
		if (put_octets(msg, ISAKMP_VERDICT_ADDR, a->inner[i].octets, a->inner[i].len))
			return -EMSGSIZE;
	for (i = 0; i < a->inner_pools; i++)
		if (put_pool(msg, a->inner_pool[i], &room))
			return -EMSGSIZE;
	return 0;
}

static int put_accept(struct nl_msg *msg, const struct answer *a)
{
	if (a->names_peer &&
	    (nla_put_string(msg, ISAKMP_VERDICT_PEER, a->peer->name) ||
	     nla_put_u32(msg, ISAKMP_VERDICT_GEN, a->peer->gen)))
		return -EMSGSIZE;
	if (a->auth_method && nla_put_u8(msg, ISAKMP_VERDICT_AUTH_METHOD, a->auth_method))
		return -EMSGSIZE;
	if (put_octets(msg, ISAKMP_VERDICT_LOCAL_ID, a->local_id, a->local_id_len) ||
	    put_octets(msg, ISAKMP_VERDICT_REMOTE_ID, a->remote_id, a->remote_id_len) ||
	    put_octets(msg, ISAKMP_VERDICT_AUTH, a->auth, a->auth_len) ||
	    put_octets(msg, ISAKMP_VERDICT_PUB, a->kex.pub, a->kex.pub_len) ||
	    put_octets(msg, ISAKMP_VERDICT_SHARED, a->kex.shared, a->kex.shared_len) ||
	    put_bodies(msg, a) || put_v1(msg, a) || put_inner(msg, a))
		return -EMSGSIZE;
	return put_basis(msg, a);
}

/**
 * upcall_put() - the attributes of UPCALL_DONE
 * @msg: a message with its generic netlink header
 * @a: the answer
 *
 * Return: 0 or -EMSGSIZE.
 */
int upcall_put(struct nl_msg *msg, const struct answer *a)
{
	struct nlattr *nest = nla_nest_start(msg, ISAKMP_A_VERDICT | NLA_F_NESTED);

	if (!nest || nla_put_u64(msg, ISAKMP_VERDICT_ID, a->id) ||
	    nla_put_u16(msg, ISAKMP_VERDICT_REASON, a->reason))
		return -EMSGSIZE;
	if (!a->reason && put_accept(msg, a))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/**
 * upcall_six_at() - where an answer has its inner IPv6 address
 * @msg: of upcall_put()
 *
 * Return: from the message's first octet, as the kernel counts; 0: it has none.
 */
u32 upcall_six_at(struct nl_msg *msg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct nlattr *nest = genlmsg_attrdata(nlmsg_data(nlh), 0), *a;
	int left;

	nla_for_each_nested(a, nest, left)
		if (nla_type(a) == ISAKMP_VERDICT_ADDR && nla_len(a) == 16)
			return (u32)((const u8 *)a - (const u8 *)nlh);
	return 0;
}
