// SPDX-License-Identifier: GPL-2.0
/*
 * Transaction exchanges (draft-ietf-ipsec-isakmp-mode-cfg), each of two messages under a
 * message ID of its own:
 *
 *	HDR*, HASH(1), ATTR(REQUEST)	-->
 *					<--	HDR*, HASH(1), ATTR(REPLY)
 * or
 *	HDR*, HASH(1), ATTR(SET)	-->
 *					<--	HDR*, HASH(1), ATTR(ACK)
 *
 * Between phase 1 and Quick Mode there come, where the peer object wants them, XAUTH
 * (xauth.c), then inner addresses (config.c).
 */
#include "v1/transaction.h"

static void lost(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x, u64 now)
{
	if (v1_trans_of(x)->what == V1_T_CONFIG)
		v1_config_lost(sa, ep, x, now);
	else
		v1_xauth_lost(sa, ep, x, now);
}

static void free_body(struct ike_sa *sa, struct v1_exchange *x)
{
	isakmp_free(x->body);
}

static const struct v1_exchange_ops ops = {
	.type = V1_TRANSACTION,
	.lost = lost,
	.free = free_body,
};

/**
 * v1_trans_of - what a Transaction exchange is about
 * @x: the exchange
 *
 * Context: Process; the SA's worker.
 * Return: its body.
 */
struct v1_trans *v1_trans_of(const struct v1_exchange *x)
{
	return x->body;
}

/**
 * v1_trans_new - one more Transaction exchange
 * @sa: the SA
 * @ep: by which ISAKMP SA
 * @msgid: the peer's; 0: it is ours
 * @what: enum v1_trans_what
 * @type: enum ike_cfg_type of its first message
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: it, or NULL: no memory.
 */
struct v1_exchange *v1_trans_new(struct ike_sa *sa, struct ike_epoch *ep, u32 msgid, u8 what,
				 u8 type, u64 now)
{
	struct v1_trans *t = isakmp_alloc(sizeof(*t));
	struct v1_exchange *x;

	if (!t)
		return NULL;
	x = v1_exchange_new(sa, ep, &ops, msgid, now);
	if (!x) {
		isakmp_free(t);
		return NULL;
	}
	t->what = what;
	t->type = type;
	isakmp_random(&t->id, sizeof(t->id));
	x->body = t;
	return x;
}

/**
 * v1_trans_say - send the message of ours in a Transaction exchange
 * @sa: the SA
 * @ep: its ISAKMP SA
 * @x: the exchange
 * @type: enum ike_cfg_type
 * @attrs: data attributes, as they go out
 * @now: ms
 *
 * The first message is sent again until it is answered; the second one when the first
 * comes again.
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why it was not built.
 */
enum isakmp_reason v1_trans_say(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x,
				u8 type, const struct ike_span *attrs, u64 now)
{
	struct v1_trans *t = v1_trans_of(x);
	enum isakmp_reason why;
	struct v1_msg m;

	why = v1_msg_begin(sa, ep, x, &m, V1_TRANSACTION, V1_H_1);
	if (why)
		return why;
	isakmp_build_payload(&m.b, V1_PL_ATTRIBUTES);
	v1_attributes_encode(&m.b.o, type, t->id);
	isakmp_out_bytes(&m.b.o, attrs->p, attrs->len);
	isakmp_build_close(&m.b);
	why = v1_talk_say(sa, &m, &x->talk, NULL, x->initiator, now);
	if (why)
		return why;
	if (x->initiator) {
		x->step = 2;
		return ISAKMP_OK;
	}
	x->talk.answers = t->digest;
	v1_exchange_done(x, now);
	return ISAKMP_OK;
}

/**
 * v1_trans_fail - an ISAKMP SA ends before Quick Mode: the peer, which has it, is told
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @why: why
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_trans_fail(struct ike_sa *sa, struct ike_epoch *ep, enum isakmp_reason why, u64 now)
{
	if (v1_of(ep)->state == V1_P1_GONE)
		return;
	v1_info_delete(sa, ep);
	v1_phase1_end(sa, ep, why, now);
}

/* ---- what comes in ------------------------------------------------------- */

static bool is_xauth(u16 type)
{
	return type >= V1_X_TYPE && type <= V1_X_ANSWER;
}

/* Are attributes of XAUTH among them? */
static u8 what_of(const struct v1_attributes *a)
{
	struct isakmp_cur c = a->attrs;
	struct v1_attr_value v;
	u8 what = V1_T_CONFIG;

	while (v1_attr_next(&c, &v)) {
		if (v.type == V1_X_STATUS)
			return V1_T_STATUS;
		if (is_xauth(v.type))
			what = V1_T_XAUTH;
	}
	return what;
}

static enum isakmp_reason dispatch(struct ike_sa *sa, struct v1_in *in,
				   const struct v1_attributes *a, u64 now)
{
	if (v1_trans_of(in->x)->what == V1_T_STATUS)
		return v1_xauth_status(sa, in, a, now);
	if (v1_trans_of(in->x)->what == V1_T_XAUTH)
		return v1_xauth_request(sa, in, a, now);
	return a->type == IKE_CFG_SET ? v1_config_given(sa, in, a, now) :
					v1_config_request(sa, in, a, now);
}

/**
 * v1_trans_request - the peer begins a Transaction exchange
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when it is answered, or will be; else why not.
 */
enum isakmp_reason v1_trans_request(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct v1_attributes a;
	enum isakmp_reason why;
	struct v1_trans *t;

	why = v1_attributes_decode(v1_chain_find(&in->chain, V1_PL_ATTRIBUTES), &a);
	if (why)
		return why;
	in->arg = a.type;
	if (a.type != IKE_CFG_REQUEST && a.type != IKE_CFG_SET)
		return ISAKMP_R_UNEXPECTED;
	in->x = v1_trans_new(sa, in->ep, in->h.msgid, what_of(&a), a.type, now);
	if (!in->x)
		return ISAKMP_R_NO_MEMORY;
	t = v1_trans_of(in->x);
	t->id = a.id;
	t->digest = in->pkt->digest;
	why = dispatch(sa, in, &a, now);
	if (why && in->x) {
		v1_exchange_free(sa, in->ep, in->x);
		in->x = NULL;
	}
	return why;
}

/**
 * v1_trans_reply - the peer answers in a Transaction exchange of ours
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why it is not believed.
 */
enum isakmp_reason v1_trans_reply(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct v1_trans *t = v1_trans_of(in->x);
	struct v1_exchange *x = in->x;
	struct v1_attributes a;
	enum isakmp_reason why;

	why = v1_attributes_decode(v1_chain_find(&in->chain, V1_PL_ATTRIBUTES), &a);
	if (why)
		return why;
	in->arg = a.type;
	if (a.type != (t->type == IKE_CFG_SET ? IKE_CFG_ACK : IKE_CFG_REPLY))
		return ISAKMP_R_UNEXPECTED;
	if (t->what == V1_T_XAUTH)
		return v1_xauth_reply(sa, in, &a, now);
	v1_exchange_done(x, now);
	if (t->what == V1_T_STATUS) {
		v1_xauth_told(sa, in->ep, x, now);
		return ISAKMP_OK;
	}
	if (t->type == IKE_CFG_REQUEST)
		return v1_config_given(sa, in, &a, now);
	v1_config_acked(sa, in->ep, now);
	return ISAKMP_OK;
}

/* Hybrid authentication: whoever began may be anybody until XAUTH is over. */
static bool is_anybody(const struct ike_epoch *ep)
{
	u16 method = v1_of(ep)->method;

	return !ep->initiator && !v1_of(ep)->user_known && v1_class_of(method) == V1_CLASS_SIG &&
	       v1_proof_of(method, true) != V1_CLASS_SIG;
}

/* Somebody types, maybe.  The more half-open SAs there are, the shorter anybody has time for that. */
static u64 patience(const struct ike_sa *sa, const struct ike_epoch *ep)
{
	u64 lives = (u64)V1_UNSHOWN_LIVES * sa->tun->half_open_ms;

	return is_anybody(ep) ? min_t(u64, lives, IKE_ESTABLISH_MS) : IKE_ESTABLISH_MS;
}

/**
 * v1_trans_begin - both are authenticated: what comes before Quick Mode
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @now: ms
 *
 * Where nothing does, it is up.  Whoever waits for the other end waits so long.
 *
 * Context: Process; the SA's worker.
 */
void v1_trans_begin(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	v1_of(ep)->until_at = now + patience(sa, ep);
	if (sa->state == IKE_S_V1)
		sa->give_up_at = v1_of(ep)->until_at;
	if (!v1_xauth_begin(sa, ep, now))
		v1_config_begin(sa, ep, now);
}
