// SPDX-License-Identifier: GPL-2.0
/*
 * XAUTH (draft-beaulieu-ike-xauth): after phase 1 one side is asked for name and
 * password, which the helper knows.
 *
 *	asks					is asked
 *	REQUEST(NAME, PASSWORD)		-->
 *					<--	REPLY(NAME, PASSWORD)
 *	SET(STATUS)			-->
 *					<--	ACK(STATUS)
 *
 * There may be several requests and replies.  Until the end of it there is nothing else on
 * the ISAKMP SA but Deletes and notifications; who is not believed loses it.
 */
#include "v1/transaction.h"

/* STATUS of the value that says whether the peer is believed. */
static struct ike_span status(bool good, u8 buf[4])
{
	struct isakmp_out o;

	isakmp_out_init(&o, buf, 4);
	v1_attr_encode(&o, V1_X_STATUS, good);
	return (struct ike_span){ buf, o.len };
}

static enum isakmp_reason ask(struct ike_sa *sa, struct ike_epoch *ep, u32 msgid, u8 type,
			      const struct isakmp_cur *attrs)
{
	struct ike_ask a = {
		.kind = IKE_ASK_V1_XAUTH,
		.initiator = sa->peer->v1.xauth == IKE_V1_XAUTH_US,
		/* As the method is: by who began this ISAKMP SA, not the connection */
		.id_i = { ep->initiator ? sa->id_local : sa->id_remote,
			  ep->initiator ? sa->id_local_len : sa->id_remote_len },
		.id_r = { ep->initiator ? sa->id_remote : sa->id_local,
			  ep->initiator ? sa->id_remote_len : sa->id_local_len },
		.attributes_type = type,
	};

	if (attrs)
		a.attributes = (struct ike_span){ attrs->p, attrs->left };
	return v1_ask(sa, ep, msgid, &a);
}

/**
 * v1_xauth_begin - does XAUTH come first?
 * @sa: the SA; phase 1 is over
 * @ep: the ISAKMP SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: true: it does, and was begun or is waited for.
 */
bool v1_xauth_begin(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);
	enum isakmp_reason why;

	if (sa->peer->v1.xauth == IKE_V1_XAUTH_NONE || p->user_known)
		return false;
	p->state = V1_P1_XAUTH;
	if (sa->peer->v1.xauth == IKE_V1_XAUTH_US)
		return true;
	why = ask(sa, ep, 0, 0, NULL);
	if (why) {
		isakmp_refused(sa, why, 0);
		v1_trans_fail(sa, ep, why, now);
	}
	return true;
}

/* ---- who asks ------------------------------------------------------------ */

static void say_status(struct ike_sa *sa, struct ike_epoch *ep, enum isakmp_reason verdict,
		       u64 elder, u64 now)
{
	struct v1_exchange *x = v1_trans_new(sa, ep, 0, V1_T_STATUS, IKE_CFG_SET, now);
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;
	struct ike_span attrs;
	u8 buf[4];

	if (x) {
		v1_trans_of(x)->good = !verdict;
		v1_trans_of(x)->why = verdict;
		v1_trans_of(x)->elder = elder;
		attrs = status(!verdict, buf);
		why = v1_trans_say(sa, ep, x, IKE_CFG_SET, &attrs, now);
	}
	if (!why)
		return;
	isakmp_refused(sa, why, 0);
	v1_trans_fail(sa, ep, verdict ? verdict : why, now);
}

/**
 * v1_xauth_reply - who was asked has answered
 * @sa: the SA
 * @in: the message
 * @a: its attributes
 * @now: ms
 *
 * When the helper cannot be asked now, it is as if it had not come: it will come again, as what we
 * asked is said again.
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper looks at it.
 */
enum isakmp_reason v1_xauth_reply(struct ike_sa *sa, struct v1_in *in,
				  const struct v1_attributes *a, u64 now)
{
	enum isakmp_reason why = ISAKMP_R_NO_LAW;

	if (v1_of(in->ep)->state == V1_P1_XAUTH)
		why = ask(sa, in->ep, 0, a->type, &a->attrs);
	if (why == ISAKMP_R_UPCALL_LIMIT)
		return why;
	v1_exchange_done(in->x, now);
	if (why && why != ISAKMP_R_NO_LAW)
		v1_trans_fail(sa, in->ep, why, now);
	return why;
}

/**
 * v1_xauth_told - the peer has heard what came of XAUTH
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @x: the exchange
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_xauth_told(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x, u64 now)
{
	const struct v1_trans *t = v1_trans_of(x);
	enum isakmp_reason why;

	if (v1_of(ep)->state != V1_P1_XAUTH)
		return;
	if (!t->good) {
		v1_trans_fail(sa, ep, t->why, now);
		return;
	}
	v1_of(ep)->user_known = true;
	why = v1_phase1_join(sa, ep, t->elder, now);
	if (!why)
		return;
	isakmp_refused(sa, why, 0);
	v1_trans_fail(sa, ep, why, now);
}

/* More is asked, or it is over. */
static void judge(struct ike_sa *sa, struct ike_epoch *ep, const struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v->reason;
	struct v1_exchange *x;
	u64 elder = 0;

	if (!why && v->more) {
		x = v1_trans_new(sa, ep, 0, V1_T_XAUTH, IKE_CFG_REQUEST, now);
		why = x ? v1_trans_say(sa, ep, x, IKE_CFG_REQUEST, &v->attributes, now) :
			  ISAKMP_R_NO_MEMORY;
		if (why)
			v1_trans_fail(sa, ep, why, now);
		return;
	}
	if (!why)
		why = v1_user_known(sa, ep, v, &elder, now);
	if (why)
		isakmp_refused(sa, why, 0);
	say_status(sa, ep, why, elder, now);
}

/* ---- who is asked -------------------------------------------------------- */

/**
 * v1_xauth_request - we are asked
 * @sa: the SA
 * @in: the message; its exchange is new
 * @a: its attributes
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK when the helper answers; NO_LAW, nobody has to ask us now.
 */
enum isakmp_reason v1_xauth_request(struct ike_sa *sa, struct v1_in *in,
				    const struct v1_attributes *a, u64 now)
{
	if (a->type != IKE_CFG_REQUEST || sa->peer->v1.xauth != IKE_V1_XAUTH_US ||
	    v1_of(in->ep)->state != V1_P1_XAUTH)
		return ISAKMP_R_NO_LAW;
	return ask(sa, in->ep, in->h.msgid, a->type, &a->attrs);
}

static void answer(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x,
		   const struct ike_verdict *v, u64 now)
{
	enum isakmp_reason why = v->reason;
	struct ike_span fail;
	u8 buf[4];

	fail = status(false, buf);
	if (!why)
		why = v1_trans_say(sa, ep, x, IKE_CFG_REPLY, &v->attributes, now);
	else
		v1_trans_say(sa, ep, x, IKE_CFG_REPLY, &fail, now);
	if (!why)
		return;
	isakmp_refused(sa, why, 0);
	v1_trans_fail(sa, ep, why, now);
}

static bool says_good(const struct v1_attributes *a)
{
	struct isakmp_cur c = a->attrs;
	struct v1_attr_value v;

	while (v1_attr_next(&c, &v))
		if (v.type == V1_X_STATUS)
			return v.small == 1;
	return false;
}

/**
 * v1_xauth_status - we are told what came of it
 * @sa: the SA
 * @in: the message; its exchange is new
 * @a: its attributes
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK; AUTH_FAILED, we are not believed; NO_LAW.
 */
enum isakmp_reason v1_xauth_status(struct ike_sa *sa, struct v1_in *in,
				   const struct v1_attributes *a, u64 now)
{
	struct v1_phase1 *p = v1_of(in->ep);
	bool good = says_good(a);
	enum isakmp_reason why;
	struct ike_span attrs;
	u8 buf[4];

	if (a->type != IKE_CFG_SET || sa->peer->v1.xauth != IKE_V1_XAUTH_US ||
	    p->state != V1_P1_XAUTH)
		return ISAKMP_R_NO_LAW;
	attrs = status(good, buf);
	why = v1_trans_say(sa, in->ep, in->x, IKE_CFG_ACK, &attrs, now);
	if (why)
		return why;
	if (good) {
		p->user_known = true;
		v1_config_begin(sa, in->ep, now);
		return ISAKMP_OK;
	}
	in->x = NULL;
	v1_trans_fail(sa, in->ep, ISAKMP_R_AUTH_FAILED, now);
	return ISAKMP_R_AUTH_FAILED;
}

/* ---- either -------------------------------------------------------------- */

/**
 * v1_xauth_verdict - the helper has decided
 * @sa: the SA
 * @ep: the ISAKMP SA that it was asked for
 * @msgid: of the exchange that waits for it; 0: it is we who ask the peer
 * @v: the answer
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_xauth_verdict(struct ike_sa *sa, struct ike_epoch *ep, u32 msgid,
		      const struct ike_verdict *v, u64 now)
{
	struct v1_exchange *x = msgid ? v1_exchange_of(ep, msgid) : NULL;

	if (v1_of(ep)->state != V1_P1_XAUTH)
		return;
	if (!msgid)
		judge(sa, ep, v, now);
	else if (x)
		answer(sa, ep, x, v, now);
}

/**
 * v1_xauth_lost - nobody has answered
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @x: the exchange
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_xauth_lost(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x, u64 now)
{
	const struct v1_trans *t = v1_trans_of(x);

	if (v1_of(ep)->state != V1_P1_XAUTH || !x->initiator)
		return;
	v1_trans_fail(sa, ep, t->why ? t->why : ISAKMP_R_TIMEOUT, now);
}
