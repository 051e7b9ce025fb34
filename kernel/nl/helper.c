// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers: HELPER_REGISTER, UPCALL_READY, UPCALL_ACCEPT, UPCALL_DONE.
 *
 * A question carries SK_pi or SK_pr.  Our copy is zeroed when it is freed.  The
 * message they go up in is not: netlink frees its data, once read, like that of
 * any other (init_on_free=1 zeroes it), and a tap (nlmon, which takes
 * CAP_NET_ADMIN in the initial namespace) sees it.  They are good for nothing but
 * the AUTH payloads of their one IKE SA.
 */
#include <linux/slab.h>
#include <isakmp/ikev2.h>
#include "ike/seam.h"
#include "nl/attr.h"
#include "nl/event.h"
#include "nl/family.h"
#include "nl/helper.h"
#include "nl/question.h"

#define ID_BODY_POLICY NLA_POLICY_RANGE(NLA_BINARY, 5, 4 + IKE_ID_MAX)

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
	[ISAKMP_VERDICT_CERT] = { .type = NLA_REJECT },
	[ISAKMP_VERDICT_CERTREQ] = { .type = NLA_REJECT },
	[ISAKMP_VERDICT_PUB] = { .type = NLA_REJECT },
	[ISAKMP_VERDICT_SHARED] = { .type = NLA_REJECT },
};

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

static bool suite_allowed(const struct ike_peer *p, const struct ike_suite *s)
{
	unsigned int i;

	for (i = 0; i < p->ike.n; i++) {
		const struct ike_suite *a = &p->ike.s[i];

		if (a->encr == s->encr && a->keylen == s->keylen && a->integ == s->integ &&
		    a->prf == s->prf && a->ke == s->ke)
			return true;
	}
	return false;
}

static int put_peer(struct sk_buff *msg, const char *name, u32 gen)
{
	if (nla_put_string(msg, ISAKMP_UPCALL_PEER, name))
		return -EMSGSIZE;
	return nla_put_u32(msg, ISAKMP_UPCALL_GEN, gen);
}

/* r-auth: who it may be, as of now. */
static int put_candidates(struct sk_buff *msg, const struct isakmp_question *q)
{
	const struct ike_peer *p;
	unsigned int i;
	int idx, err = 0;

	idx = isakmp_peers_read_lock();
	for (i = 0; i < IKE_CANDIDATES_MAX && !err; i++) {
		p = isakmp_peers_nth(q->in, &q->path, i);
		if (!p)
			break;
		if (suite_allowed(p, &q->suite))
			err = put_peer(msg, p->name, p->gen);
	}
	isakmp_peers_read_unlock(idx);
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
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(v); i++)
		if (v[i].span->len && nla_put(msg, v[i].attr, (int)v[i].span->len, v[i].span->p))
			return -EMSGSIZE;
	return 0;
}

static int put_question(struct sk_buff *msg, const struct isakmp_question *q)
{
	u64 now = isakmp_now(), left = q->due_at > now ? q->due_at - now : 0;
	struct nlattr *nest = nla_nest_start(msg, ISAKMP_A_UPCALL);

	BUILD_BUG_ON((int)IKE_ASK_I_AUTH != (int)ISAKMP_UPCALL_I_AUTH);
	BUILD_BUG_ON((int)IKE_ASK_R_AUTH != (int)ISAKMP_UPCALL_R_AUTH);
	BUILD_BUG_ON((int)IKE_ASK_I_VERIFY != (int)ISAKMP_UPCALL_I_VERIFY);

	if (!nest ||
	    nla_put_u64_64bit(msg, ISAKMP_UPCALL_ID, q->id, ISAKMP_UPCALL_PAD) ||
	    nla_put_u8(msg, ISAKMP_UPCALL_KIND, q->ask.kind) ||
	    nla_put_u64_64bit(msg, ISAKMP_UPCALL_SA, q->sa->id, ISAKMP_UPCALL_PAD) ||
	    isakmp_attr_put_addr(msg, ISAKMP_UPCALL_LOCAL, &q->path.local) ||
	    isakmp_attr_put_addr(msg, ISAKMP_UPCALL_REMOTE, &q->path.remote) ||
	    nla_put_u32(msg, ISAKMP_UPCALL_DEADLINE, (u32)left) ||
	    nla_put_u16(msg, ISAKMP_UPCALL_PRF, q->ask.prf) ||
	    (q->ask.auth_method &&
	     nla_put_u8(msg, ISAKMP_UPCALL_AUTH_METHOD, q->ask.auth_method)) ||
	    (q->ask.kind == IKE_ASK_R_AUTH ? put_candidates(msg, q) :
					     put_peer(msg, q->peer, q->gen)) ||
	    put_spans(msg, &q->ask))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/* Octets of a question: what is fixed, the peers, the spans with their headers. */
static size_t question_room(const struct isakmp_question *q)
{
	size_t peers = q->ask.kind == IKE_ASK_R_AUTH ? IKE_CANDIDATES_MAX : 1;

	return 256 + peers * (nla_total_size(ISAKMP_NAME_MAX + 1) + nla_total_size(sizeof(u32))) +
	       q->size + 16 * NLA_HDRLEN;
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

/* ---- UPCALL_DONE --------------------------------------------------------- */

/**
 * struct done - a verdict being read
 * @q: the question
 * @v: the verdict
 * @tb: its attributes
 * @nest: where they are from
 * @info: the message
 */
struct done {
	struct isakmp_question *q;
	struct ike_verdict *v;
	struct nlattr *tb[ISAKMP_VERDICT_MAX + 1];
	const struct nlattr *nest;
	struct genl_info *info;
};

static int done_refused(struct done *d)
{
	u16 why = nla_get_u16(d->tb[ISAKMP_VERDICT_REASON]);

	switch (why) {
	case ISAKMP_R_AUTH_FAILED:
	case ISAKMP_R_NO_SECRET:
	case ISAKMP_R_NO_IDENTITY:
	case ISAKMP_R_HELPER_ERROR:
		d->v->reason = why;
		return 0;
	}
	return isakmp_refuse(d->info->extack, d->tb[ISAKMP_VERDICT_REASON], -EINVAL,
			     "a helper does not refuse for this reason");
}

/* Our side's proof: i-auth and r-auth. */
static int done_auth(struct done *d)
{
	static const int needed[] = {
		ISAKMP_VERDICT_LOCAL_ID, ISAKMP_VERDICT_AUTH_METHOD, ISAKMP_VERDICT_AUTH,
	};
	struct nlattr **tb = d->tb;
	struct ike_verdict *v = d->v;
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(needed); i++) {
		err = isakmp_attr_require(tb, d->nest, needed[i], d->info->extack);
		if (err)
			return err;
	}
	v->auth_method = nla_get_u8(tb[ISAKMP_VERDICT_AUTH_METHOD]);
	v->id_len = (u16)nla_memcpy(v->id, tb[ISAKMP_VERDICT_LOCAL_ID], sizeof(v->id));
	v->auth_len = (u16)nla_memcpy(v->auth, tb[ISAKMP_VERDICT_AUTH], sizeof(v->auth));
	if (v->kind == IKE_ASK_I_AUTH && tb[ISAKMP_VERDICT_REMOTE_ID])
		v->id_want_len = (u16)nla_memcpy(v->id_want, tb[ISAKMP_VERDICT_REMOTE_ID],
						 sizeof(v->id_want));
	return 0;
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

/* r-auth: the peer and which of its children. */
static int done_peer(struct done *d)
{
	struct netlink_ext_ack *extack = d->info->extack;
	const struct ike_peer *p;
	const struct nlattr *a;
	int rem, err;

	err = isakmp_attr_require(d->tb, d->nest, ISAKMP_VERDICT_PEER, extack);
	if (!err)
		err = isakmp_attr_require(d->tb, d->nest, ISAKMP_VERDICT_GEN, extack);
	if (err)
		return err;
	p = isakmp_peer_by_name(d->q->in, nla_data(d->tb[ISAKMP_VERDICT_PEER]));
	d->v->peer = p;
	if (!p || p->gen != nla_get_u32(d->tb[ISAKMP_VERDICT_GEN]))
		return isakmp_refuse(extack, d->tb[ISAKMP_VERDICT_GEN], -ESTALE,
				     "the peer object changed while the helper decided");
	if (!isakmp_peer_covers(p, &d->q->path))
		return isakmp_refuse(extack, d->tb[ISAKMP_VERDICT_PEER], -EINVAL,
				     "the peer is for other addresses");
	d->v->children = d->tb[ISAKMP_VERDICT_CHILD] ? 0 : (u32)(BIT_ULL(p->n_child) - 1);
	nla_for_each_nested(a, d->nest, rem)
		if (nla_type(a) == ISAKMP_VERDICT_CHILD && child_bit(p, a, &d->v->children))
			return isakmp_refuse(extack, a, -EINVAL, "the peer has no such child");
	return 0;
}

static int done_fill(struct done *d)
{
	int err;

	err = isakmp_attr_require(d->tb, d->nest, ISAKMP_VERDICT_REASON, d->info->extack);
	if (err)
		return err;
	if (nla_get_u16(d->tb[ISAKMP_VERDICT_REASON]))
		return done_refused(d);
	if (d->v->kind == IKE_ASK_I_VERIFY)
		return 0;
	err = done_auth(d);
	if (!err && d->v->kind == IKE_ASK_R_AUTH)
		err = done_peer(d);
	return err;
}

/* What a verdict holds that did not become the SA's. */
static void verdict_free(struct ike_verdict *v)
{
	isakmp_peer_put(v->peer);
	isakmp_free(v);
}

/* An answer that does not fit completes the question all the same. */
static void done_misfit(struct ike_verdict *v, enum isakmp_reason why)
{
	u8 kind = v->kind;

	isakmp_peer_put(v->peer);
	memset(v, 0, sizeof(*v));
	v->kind = kind;
	v->reason = (u16)why;
}

static int done_answer(struct done *d)
{
	int err = done_fill(d);

	if (err == -ESTALE) {
		if (isakmp_upcall_again(d->q)) {
			verdict_free(d->v);
			isakmp_upcall_announce(d->q->in);
			return err;
		}
		done_misfit(d->v, ISAKMP_R_STALE);
	} else if (err) {
		done_misfit(d->v, ISAKMP_R_HELPER_ERROR);
	}
	if (isakmp_upcall_answer(d->q, d->v)) {
		verdict_free(d->v);
		return isakmp_refuse(d->info->extack, d->tb[ISAKMP_VERDICT_ID], -ENOENT,
				     "the question is answered, timed out or cancelled");
	}
	return err;
}

/**
 * isakmp_helper_done_doit() - UPCALL_DONE
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_helper_done_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct isakmp_net *in = isakmp_info_net(info);
	struct done d = { .info = info };
	int err;

	err = isakmp_attr_require(info->attrs, NULL, ISAKMP_A_VERDICT, info->extack);
	if (err)
		return err;
	d.nest = info->attrs[ISAKMP_A_VERDICT];
	err = nla_parse_nested(d.tb, ISAKMP_VERDICT_MAX, d.nest, isakmp_verdict_policy,
			       info->extack);
	if (!err)
		err = isakmp_attr_require(d.tb, d.nest, ISAKMP_VERDICT_ID, info->extack);
	if (err)
		return err;
	d.q = isakmp_upcall_taken(in, nla_get_u64(d.tb[ISAKMP_VERDICT_ID]), info->snd_portid);
	if (!d.q)
		return isakmp_refuse(info->extack, d.tb[ISAKMP_VERDICT_ID], -ENOENT,
				     "the question is answered, timed out or cancelled");
	d.v = isakmp_alloc(sizeof(*d.v));
	if (d.v) {
		d.v->kind = d.q->ask.kind;
		err = done_answer(&d);
	} else {
		err = -ENOMEM;
	}
	isakmp_upcall_put(d.q);
	return err;
}
