// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers: HELPER_REGISTER, UPCALL_READY, UPCALL_ACCEPT.
 *
 * A question carries SK_pi or SK_pr, in version 1 SKEYID or, with RSA encryption, the
 * nonces that it is made from, and with XAUTH the password that the peer gave; kex carries
 * what our private value is made from.  Our copy is zeroed when it is freed.  The message
 * they go up in is not: netlink frees its data, once read, like that of any other
 * (init_on_free=1 zeroes it), and a tap (nlmon, which takes CAP_NET_ADMIN in the initial
 * namespace) sees it.  SK_pi, SK_pr, SKEYID and nonces are good for nothing but the proofs of
 * their one SA: without g^ir no key of it can be computed.
 */
#include <isakmp/ikev1.h>
#include <linux/slab.h>
#include "ike/seam.h"
#include "nl/attr.h"
#include "nl/event.h"
#include "nl/family.h"
#include "nl/helper.h"
#include "nl/question.h"

/* ---- HELPER_REGISTER, UPCALL_READY --------------------------------------- */

/**
 * isakmp_helper_register_doit() - HELPER_REGISTER
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_helper_register_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct isakmp_net *in = isakmp_info_net(info);
	struct isakmp_helper *h = kzalloc(sizeof(*h), GFP_KERNEL_ACCOUNT);
	int n;

	if (!h)
		return -ENOMEM;
	h->portid = info->snd_portid;
	n = isakmp_upcall_register(in, h);
	if (n < 0) {
		kfree(h);
		if (n == -EALREADY)
			NL_SET_ERR_MSG(info->extack, "this socket is registered already");
		else
			NL_SET_ERR_MSG(info->extack, "too many helpers are registered");
		return n;
	}
	isakmp_event_helper(in, (u32)n);
	isakmp_upcall_announce(in);
	return 0;
}

/**
 * isakmp_helper_ready() - send UPCALL_READY
 * @in: the namespace
 *
 * Context: process.
 * Return: 0, also when a socket was full (it is told); else nobody heard.
 */
int isakmp_helper_ready(struct isakmp_net *in)
{
	struct sk_buff *msg = genlmsg_new(0, GFP_KERNEL);
	void *hdr;
	int err;

	if (!msg)
		return -ENOMEM;
	if (!isakmp_family_heard(in, ISAKMP_GROUP_UPCALL)) {
		nlmsg_free(msg);
		return -ESRCH;
	}
	hdr = genlmsg_put(msg, 0, 0, &isakmp_family, 0, ISAKMP_CMD_UPCALL_READY);
	if (!hdr) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	err = genlmsg_multicast_netns(&isakmp_family, in->net, msg, 0, ISAKMP_GROUP_UPCALL,
				      GFP_KERNEL);
	return err == -ENOBUFS ? 0 : err;
}

/**
 * isakmp_helper_closed() - a socket is gone; maybe it was a helper's
 * @in: the namespace
 * @portid: of the socket
 *
 * Context: process.
 */
void isakmp_helper_closed(struct isakmp_net *in, u32 portid)
{
	if (!isakmp_upcall_unregister(in, portid))
		return;
	isakmp_event_helper(in, READ_ONCE(in->upcall.n_helpers));
	isakmp_upcall_announce(in);
}

/* ---- UPCALL_ACCEPT ------------------------------------------------------- */

static int put_peer(struct sk_buff *msg, const char *name, u32 gen)
{
	if (nla_put_string(msg, ISAKMP_UPCALL_PEER, name))
		return -EMSGSIZE;
	return nla_put_u32(msg, ISAKMP_UPCALL_GEN, gen);
}

/* Who it may be, as of now; whose secret was used is the first. */
static int put_candidates(struct sk_buff *msg, const struct isakmp_question *q)
{
	const struct ike_peer *v[IKE_CANDIDATES_MAX];
	unsigned int i, n, known = q->peer[0] != 0;
	int idx, err = 0;
	bool more;

	if (known)
		err = put_peer(msg, q->peer, q->gen);
	idx = isakmp_peers_read_lock();
	n = isakmp_peers_allowing(q->in, &q->path, q->ask.v1 ? 1 : 2, &q->suite, v,
				  ARRAY_SIZE(v) - known, &more);
	for (i = 0; i < n && !err; i++)
		if (strcmp(v[i]->name, q->peer))
			err = put_peer(msg, v[i]->name, v[i]->gen);
	isakmp_peers_read_unlock(idx);
	if (!err && more)
		err = nla_put_flag(msg, ISAKMP_UPCALL_MORE);
	return err;
}

/* Spans and where they go; empty ones are left out. */
static int put_spans(struct sk_buff *msg, const struct ike_ask *ask)
{
	const struct {
		const struct ike_span *span;
		int attr;
	} v[] = {
		{ &ask->msg_i,	ISAKMP_UPCALL_MSG_I },
		{ &ask->msg_r,	ISAKMP_UPCALL_MSG_R },
		{ &ask->ni,	ISAKMP_UPCALL_NI },
		{ &ask->nr,	ISAKMP_UPCALL_NR },
		{ &ask->sk_pi,	ISAKMP_UPCALL_SK_PI },
		{ &ask->sk_pr,	ISAKMP_UPCALL_SK_PR },
		{ &ask->id_i,	ISAKMP_UPCALL_ID_I },
		{ &ask->id_r,	ISAKMP_UPCALL_ID_R },
		{ &ask->auth,	ISAKMP_UPCALL_AUTH },
		{ &ask->certreq, ISAKMP_UPCALL_CERTREQ },
		{ &ask->seed,	ISAKMP_UPCALL_SEED },
		{ &ask->peer_ke, ISAKMP_UPCALL_PEER_KE },
		{ &ask->attributes, ISAKMP_UPCALL_ATTRIBUTES },
		{ &ask->secret,	ISAKMP_UPCALL_SECRET },
		{ &ask->secret_id, ISAKMP_UPCALL_SECRET_ID },
		{ &ask->unique,	ISAKMP_UPCALL_UNIQUE },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(v); i++)
		if (v[i].span->len && nla_put(msg, v[i].attr, (int)v[i].span->len, v[i].span->p))
			return -EMSGSIZE;
	return 0;
}

/* CERT and CERTREQ payloads of the peer's message, in its order */
static int put_certs(struct sk_buff *msg, const struct isakmp_question *q)
{
	const struct isakmp_question_cert *c;

	for (c = q->cert; c < q->cert + q->n_certs; c++)
		if (nla_put(msg, c->request ? ISAKMP_UPCALL_CERTREQ : ISAKMP_UPCALL_CERT,
			    (int)c->body.len, c->body.p))
			return -EMSGSIZE;
	return 0;
}

/*
 * In version 1 the secret may have said already who the responder's peer is.  In Main Mode that was
 * by addresses: of those that have the same one the identity chooses.
 */
static bool has_candidates(const struct isakmp_question *q)
{
	if (q->ask.kind == IKE_ASK_KEX)
		return false;
	return !q->peer[0] || (q->ask.kind == IKE_ASK_R_AUTH &&
			       (!q->ask.v1 || v1_by_address(q->ask.exchange, q->ask.method)));
}

/* About whom it is. */
static int put_peers(struct sk_buff *msg, const struct isakmp_question *q)
{
	if (q->ask.kind == IKE_ASK_KEX)
		return nla_put_u16(msg, ISAKMP_UPCALL_GROUP, q->ask.group);
	return has_candidates(q) ? put_candidates(msg, q) : put_peer(msg, q->peer, q->gen);
}

/* What questions of version 1 have besides. */
static int put_v1(struct sk_buff *msg, const struct ike_ask *ask)
{
	if (!ask->v1)
		return 0;
	if (nla_put_u8(msg, ISAKMP_UPCALL_VERSION, 1) ||
	    (ask->method && nla_put_u16(msg, ISAKMP_UPCALL_METHOD, ask->method)) ||
	    (ask->initiator && nla_put_flag(msg, ISAKMP_UPCALL_INITIATOR)) ||
	    (ask->aggressive && nla_put_flag(msg, ISAKMP_UPCALL_AGGRESSIVE)) ||
	    (ask->proof_later && nla_put_flag(msg, ISAKMP_UPCALL_PROOF_LATER)) ||
	    (ask->exchange && nla_put_u8(msg, ISAKMP_UPCALL_EXCHANGE, ask->exchange)) ||
	    (ask->attributes_type &&
	     nla_put_u8(msg, ISAKMP_UPCALL_ATTRIBUTES_TYPE, ask->attributes_type)))
		return -EMSGSIZE;
	return 0;
}

static int put_wish(struct sk_buff *msg, const struct ike_ask *ask)
{
	unsigned int i;

	for (i = 0; i < IKE_INNER; i++)
		if (isakmp_attr_put_addr(msg, ISAKMP_UPCALL_ADDR, &ask->wish[i]))
			return -EMSGSIZE;
	return 0;
}

static int put_content(struct sk_buff *msg, const struct isakmp_question *q)
{
	const struct ike_ask *ask = &q->ask;

	if (put_peers(msg, q) ||
	    (ask->kind != IKE_ASK_KEX && ask->prf &&
	     nla_put_u16(msg, ISAKMP_UPCALL_PRF, ask->prf)) ||
	    (ask->auth_method &&
	     nla_put_u8(msg, ISAKMP_UPCALL_AUTH_METHOD, ask->auth_method)) ||
	    (ask->hashes && nla_put_u32(msg, ISAKMP_UPCALL_HASHES, ask->hashes)) ||
	    put_v1(msg, ask) || put_spans(msg, ask) || put_wish(msg, ask))
		return -EMSGSIZE;
	return put_certs(msg, q);
}

static int put_question(struct sk_buff *msg, const struct isakmp_question *q)
{
	u64 now = isakmp_now(), left = q->due_at > now ? q->due_at - now : 0;
	struct nlattr *nest = nla_nest_start(msg, ISAKMP_A_UPCALL);

	BUILD_BUG_ON((int)IKE_ASK_I_AUTH != (int)ISAKMP_UPCALL_I_AUTH);
	BUILD_BUG_ON((int)IKE_ASK_R_AUTH != (int)ISAKMP_UPCALL_R_AUTH);
	BUILD_BUG_ON((int)IKE_ASK_I_VERIFY != (int)ISAKMP_UPCALL_I_VERIFY);
	BUILD_BUG_ON((int)IKE_ASK_KEX != (int)ISAKMP_UPCALL_KEX);
	BUILD_BUG_ON((int)IKE_ASK_V1_CONFIG != (int)ISAKMP_UPCALL_V1_CONFIG);

	if (!nest ||
	    nla_put_u64_64bit(msg, ISAKMP_UPCALL_ID, q->id, ISAKMP_UPCALL_PAD) ||
	    nla_put_u8(msg, ISAKMP_UPCALL_KIND, q->ask.kind) ||
	    nla_put_u64_64bit(msg, ISAKMP_UPCALL_SA, q->sa->id, ISAKMP_UPCALL_PAD) ||
	    isakmp_attr_put_addr(msg, ISAKMP_UPCALL_LOCAL, &q->path.local) ||
	    isakmp_attr_put_addr(msg, ISAKMP_UPCALL_REMOTE, &q->path.remote) ||
	    nla_put_u32(msg, ISAKMP_UPCALL_DEADLINE, (u32)left) ||
	    put_content(msg, q))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/* Octets of a question: what is fixed, the peers, the spans with their headers. */
static size_t question_room(const struct isakmp_question *q)
{
	size_t peers = has_candidates(q) ? IKE_CANDIDATES_MAX : 1;
	size_t spans = 20 + q->n_certs;

	return 256 + peers * (nla_total_size(ISAKMP_NAME_MAX + 1) + nla_total_size(sizeof(u32))) +
	       q->size + spans * nla_total_size(NLA_ALIGNTO - 1);
}

static int question_send(const struct isakmp_question *q, struct genl_info *info)
{
	struct sk_buff *msg = genlmsg_new(question_room(q), GFP_KERNEL);
	void *hdr;
	int err;

	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &isakmp_family, 0, ISAKMP_CMD_UPCALL_ACCEPT);
	err = hdr ? put_question(msg, q) : -EMSGSIZE;
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	/* -EAGAIN would say that no question waits. */
	return genlmsg_reply(msg, info) ? -ENOBUFS : 0;
}

/**
 * isakmp_helper_accept_doit() - UPCALL_ACCEPT
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_helper_accept_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct isakmp_net *in = isakmp_info_net(info);
	struct isakmp_question *q = isakmp_upcall_take(in, info->snd_portid);
	int err;

	if (PTR_ERR_OR_ZERO(q) == -ENOTCONN)
		NL_SET_ERR_MSG(info->extack, "this socket is not registered as a helper");
	if (IS_ERR(q))
		return (int)PTR_ERR(q);
	err = question_send(q, info);
	if (err) {
		isakmp_upcall_put_back(q);
		isakmp_upcall_announce(in);
	}
	isakmp_upcall_put(q);
	return err;
}
