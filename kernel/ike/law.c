// SPDX-License-Identifier: GPL-2.0
/*
 * Protocol law: which message is allowed when, and what must be in it.
 *
 * A message is compared with the one row that its exchange, kind, our role,
 * the state and the variant select.  N and V are allowed everywhere; they are
 * in the rows so that a row says all.
 */
#include "ike/engine.h"

#define PL(t) ISAKMP_PL_BIT(IKE_PL_##t)
#define B(s) IKE_STATE_BIT(IKE_S_##s)

const struct ike_law ike_laws[] = {
	/*
	 * Initiator				Responder
	 * HDR, [N(COOKIE),] SAi1, KEi, Ni  -->
	 */
	{
		.story = "IKE_SA_INIT request",
		.exchange = IKE_SA_INIT, .kind = IKE_REQUEST, .role = IKE_WE_RESPOND,
		.states = B(NEW), .next = IKE_S_R_INIT,
		.required = PL(SA) | PL(KE) | PL(NONCE),
		.many = PL(NOTIFY) | PL(VENDOR),
		.handle = ike_init_request,
	},
	/*
	 *				<--  HDR, SAr1, KEr, Nr, [CERTREQ]
	 */
	{
		.story = "IKE_SA_INIT response",
		.exchange = IKE_SA_INIT, .kind = IKE_RESPONSE, .role = IKE_WE_INITIATE,
		.states = B(I_INIT), .next = IKE_S_I_ASK,
		.when = PL(SA) | PL(KE) | PL(NONCE),
		.required = PL(SA) | PL(KE) | PL(NONCE),
		.many = PL(NOTIFY) | PL(VENDOR) | PL(CERTREQ),
		.handle = ike_init_response,
	},
	/*
	 *				<--  HDR, N(COOKIE) or N(error)
	 */
	{
		.story = "IKE_SA_INIT response without SA: cookie or error",
		.exchange = IKE_SA_INIT, .kind = IKE_RESPONSE, .role = IKE_WE_INITIATE,
		.states = B(I_INIT), .next = IKE_STAY,
		.unless = PL(SA) | PL(KE) | PL(NONCE),
		.required = 0,
		.many = PL(NOTIFY) | PL(VENDOR),
		.handle = ike_init_notify,
	},
	/*
	 * HDR, [N(COOKIE),] Ni, N(TICKET_OPAQUE) -->
	 */
	{
		.story = "IKE_SESSION_RESUME request",
		.exchange = IKE_SESSION_RESUME, .kind = IKE_REQUEST, .role = IKE_WE_RESPOND,
		.states = B(NEW), .next = IKE_S_R_RESUME,
		.required = PL(NONCE),
		.many = PL(NOTIFY) | PL(VENDOR),
		.handle = ike_resume_request,
	},
	/*
	 *				<--  HDR, Nr
	 */
	{
		.story = "IKE_SESSION_RESUME response",
		.exchange = IKE_SESSION_RESUME, .kind = IKE_RESPONSE, .role = IKE_WE_INITIATE,
		.states = B(I_RESUME), .next = IKE_S_I_AUTH,
		.when = PL(NONCE),
		.required = PL(NONCE),
		.many = PL(NOTIFY) | PL(VENDOR),
		.handle = ike_resume_response,
	},
	/*
	 *				<--  HDR, N(COOKIE) or N(TICKET_NACK)
	 */
	{
		.story = "IKE_SESSION_RESUME response without nonce: cookie or refusal",
		.exchange = IKE_SESSION_RESUME, .kind = IKE_RESPONSE, .role = IKE_WE_INITIATE,
		.states = B(I_RESUME), .next = IKE_STAY,
		.unless = PL(NONCE),
		.required = 0,
		.many = PL(NOTIFY) | PL(VENDOR),
		.handle = ike_resume_notify,
	},
	/*
	 * HDR, SK {IDi, [IDr,] AUTH, SAi2, TSi, TSr} -->
	 */
	{
		.story = "IKE_AUTH request after a ticket: no certificates",
		.exchange = IKE_AUTH, .kind = IKE_REQUEST, .role = IKE_WE_RESPOND,
		.states = B(R_RESUME), .next = IKE_STAY,
		.when = PL(SA) | PL(TSI) | PL(TSR),
		.required = PL(IDI) | PL(AUTH) | PL(SA) | PL(TSI) | PL(TSR),
		.once = PL(IDR) | PL(CP),
		.many = PL(NOTIFY) | PL(VENDOR),
		.handle = ike_auth_request,
	},
	/*
	 * HDR, SK {IDi, [IDr,] AUTH}	   -->
	 */
	{
		.story = "IKE_AUTH request after a ticket, without a child",
		.exchange = IKE_AUTH, .kind = IKE_REQUEST, .role = IKE_WE_RESPOND,
		.states = B(R_RESUME), .next = IKE_STAY,
		.unless = PL(SA) | PL(TSI) | PL(TSR),
		.required = PL(IDI) | PL(AUTH),
		.once = PL(IDR) | PL(CP),
		.many = PL(NOTIFY) | PL(VENDOR),
		.handle = ike_childless_request,
	},
	/*
	 * HDR, SK {IDi, [CERT,] [CERTREQ,]
	 *   [IDr,] AUTH, SAi2, TSi, TSr}   -->
	 */
	{
		.story = "IKE_AUTH request",
		.exchange = IKE_AUTH, .kind = IKE_REQUEST, .role = IKE_WE_RESPOND,
		.states = B(R_INIT), .next = IKE_S_R_ASK,
		.when = PL(SA) | PL(TSI) | PL(TSR),
		.required = PL(IDI) | PL(AUTH) | PL(SA) | PL(TSI) | PL(TSR),
		.once = PL(IDR) | PL(CP),
		.many = PL(CERT) | PL(CERTREQ) | PL(NOTIFY) | PL(VENDOR),
		.handle = ike_auth_request,
	},
	/*
	 * HDR, SK {IDi, [CERT,] [CERTREQ,]
	 *   [IDr,] AUTH}		   -->
	 */
	{
		.story = "IKE_AUTH request without a child",
		.exchange = IKE_AUTH, .kind = IKE_REQUEST, .role = IKE_WE_RESPOND,
		.states = B(R_INIT), .next = IKE_S_R_ASK,
		.unless = PL(SA) | PL(TSI) | PL(TSR),
		.required = PL(IDI) | PL(AUTH),
		.once = PL(IDR) | PL(CP),
		.many = PL(CERT) | PL(CERTREQ) | PL(NOTIFY) | PL(VENDOR),
		.handle = ike_childless_request,
	},
	/*
	 *				<--  HDR, SK {IDr, [CERT,] AUTH,
	 *					SAr2, TSi, TSr}
	 * or, when only the child failed:	SK {IDr, [CERT,] AUTH, N(error)}
	 * or, when none was asked for:		SK {IDr, [CERT,] AUTH}
	 */
	{
		.story = "IKE_AUTH response",
		.exchange = IKE_AUTH, .kind = IKE_RESPONSE, .role = IKE_WE_INITIATE,
		.states = B(I_AUTH), .next = IKE_S_I_VERIFY,
		.when = PL(IDR) | PL(AUTH),
		.required = PL(IDR) | PL(AUTH),
		.once = PL(SA) | PL(TSI) | PL(TSR) | PL(CP),
		.many = PL(CERT) | PL(NOTIFY) | PL(VENDOR),
		.handle = ike_auth_response,
	},
	/*
	 *				<--  HDR, SK {N(error)}
	 */
	{
		.story = "IKE_AUTH refusal",
		.exchange = IKE_AUTH, .kind = IKE_RESPONSE, .role = IKE_WE_INITIATE,
		.states = B(I_AUTH), .next = IKE_STAY,
		.unless = PL(IDR) | PL(AUTH),
		.required = 0,
		.many = PL(NOTIFY) | PL(VENDOR),
		.handle = ike_auth_refused,
	},
	/*
	 *				<--  HDR, SK {anything}
	 * to an initiator that has given up meanwhile
	 */
	{
		.story = "IKE_AUTH response, late",
		.exchange = IKE_AUTH, .kind = IKE_RESPONSE, .role = IKE_WE_INITIATE,
		.states = B(DELETING), .next = IKE_STAY,
		.required = 0,
		.once = PL(IDR) | PL(AUTH) | PL(SA) | PL(TSI) | PL(TSR) | PL(CP),
		.many = PL(CERT) | PL(NOTIFY) | PL(VENDOR),
		.handle = ike_auth_late,
	},
	/*
	 * HDR, SK {[N(REKEY_SA),] SA, Ni, [KEi,] TSi, TSr} -->
	 */
	{
		.story = "CREATE_CHILD_SA request",
		.exchange = IKE_CREATE_CHILD_SA, .kind = IKE_REQUEST, .role = IKE_EITHER,
		.states = B(ESTABLISHED) | B(DELETING), .next = IKE_STAY,
		.when = PL(TSI) | PL(TSR),
		.required = PL(SA) | PL(NONCE) | PL(TSI) | PL(TSR),
		.once = PL(KE) | PL(CP),
		.many = PL(NOTIFY) | PL(VENDOR),
		.handle = ike_create_request,
	},
	/*
	 * HDR, SK {SA, Ni, KEi}	-->
	 */
	{
		.story = "CREATE_CHILD_SA request to rekey the IKE SA",
		.exchange = IKE_CREATE_CHILD_SA, .kind = IKE_REQUEST, .role = IKE_EITHER,
		.states = B(ESTABLISHED) | B(DELETING), .next = IKE_STAY,
		.unless = PL(TSI) | PL(TSR),
		.required = PL(SA) | PL(NONCE) | PL(KE),
		.many = PL(NOTIFY) | PL(VENDOR),
		.handle = ike_sa_rekey_request,
	},
	/*
	 *				<--  HDR, SK {SA, Nr, [KEr,] TSi, TSr}
	 */
	{
		.story = "CREATE_CHILD_SA response",
		.exchange = IKE_CREATE_CHILD_SA, .kind = IKE_RESPONSE, .role = IKE_EITHER,
		.states = B(ESTABLISHED) | B(DELETING), .next = IKE_STAY,
		.task = IKE_TASK_CREATE_CHILD,
		.when = PL(SA) | PL(NONCE) | PL(KE) | PL(TSI) | PL(TSR),
		.required = PL(SA) | PL(NONCE) | PL(TSI) | PL(TSR),
		.once = PL(KE) | PL(CP),
		.many = PL(NOTIFY) | PL(VENDOR),
		.handle = ike_create_response,
	},
	/*
	 *				<--  HDR, SK {SA, Nr, KEr}
	 */
	{
		.story = "CREATE_CHILD_SA response to a rekey of the IKE SA",
		.exchange = IKE_CREATE_CHILD_SA, .kind = IKE_RESPONSE, .role = IKE_EITHER,
		.states = B(ESTABLISHED) | B(DELETING), .next = IKE_STAY,
		.task = IKE_TASK_REKEY,
		.when = PL(SA) | PL(NONCE) | PL(KE),
		.required = PL(SA) | PL(NONCE) | PL(KE),
		.many = PL(NOTIFY) | PL(VENDOR),
		.handle = ike_sa_rekey_response,
	},
	/*
	 *				<--  HDR, SK {N(error)}
	 */
	{
		.story = "CREATE_CHILD_SA refusal of a rekey of the IKE SA",
		.exchange = IKE_CREATE_CHILD_SA, .kind = IKE_RESPONSE, .role = IKE_EITHER,
		.states = B(ESTABLISHED) | B(DELETING), .next = IKE_STAY,
		.task = IKE_TASK_REKEY,
		.unless = PL(SA) | PL(NONCE) | PL(KE),
		.required = 0,
		.many = PL(NOTIFY) | PL(VENDOR),
		.handle = ike_sa_rekey_refused,
	},
	/*
	 *				<--  HDR, SK {N(error)}
	 */
	{
		.story = "CREATE_CHILD_SA refusal",
		.exchange = IKE_CREATE_CHILD_SA, .kind = IKE_RESPONSE, .role = IKE_EITHER,
		.states = B(ESTABLISHED) | B(DELETING), .next = IKE_STAY,
		.task = IKE_TASK_CREATE_CHILD,
		.unless = PL(SA) | PL(NONCE) | PL(KE) | PL(TSI) | PL(TSR),
		.required = 0,
		.many = PL(NOTIFY) | PL(VENDOR),
		.handle = ike_create_refused,
	},
	/*
	 * HDR, SK {[N,] [D,] [CP,] ...}	-->
	 */
	{
		.story = "INFORMATIONAL request",
		.exchange = IKE_INFORMATIONAL, .kind = IKE_REQUEST, .role = IKE_EITHER,
		.states = B(ESTABLISHED) | B(DELETING), .next = IKE_STAY,
		.once = PL(CP),
		.many = PL(NOTIFY) | PL(DELETE) | PL(VENDOR),
		.handle = ike_info_request,
	},
	/*
	 *				<--  HDR, SK {[N,] [D,] [CP,] ...}
	 */
	{
		.story = "INFORMATIONAL response",
		.exchange = IKE_INFORMATIONAL, .kind = IKE_RESPONSE, .role = IKE_EITHER,
		.states = B(ESTABLISHED) | B(DELETING), .next = IKE_STAY,
		.once = PL(CP),
		.many = PL(NOTIFY) | PL(DELETE) | PL(VENDOR),
		.handle = ike_info_response,
	},
};

const unsigned int ike_n_laws = ARRAY_SIZE(ike_laws);

/* What the helper's answers do. */
const struct ike_verdict_law ike_verdict_laws[] = {
	/* NEW -> pub -> IKE_SA_INIT; another group is asked for -> pub -> the same again */
	{ IKE_ASK_KEX,	    IKE_S_I_KEX,    IKE_S_I_INIT, ike_try_made },
	{ IKE_ASK_KEX,	    IKE_S_I_INIT,   IKE_STAY,	  ike_try_made },
	/* the response is there -> g^ir -> keys */
	{ IKE_ASK_KEX,	    IKE_S_I_SECRET, IKE_S_I_ASK,  ike_kex_secret },
	/* the request is there -> pub, g^ir -> IKE_SA_INIT answered */
	{ IKE_ASK_KEX,	    IKE_S_R_KEX,    IKE_S_R_INIT, ike_kex_both },
	{ IKE_ASK_I_AUTH,   IKE_S_I_ASK,    IKE_S_I_AUTH, ike_auth_made },
	{ IKE_ASK_I_VERIFY, IKE_S_I_VERIFY, IKE_STAY,	  ike_auth_verified },
	{ IKE_ASK_R_AUTH,   IKE_S_R_ASK,    IKE_STAY,	  ike_auth_judged },
};

const unsigned int ike_n_verdict_laws = ARRAY_SIZE(ike_verdict_laws);

static bool law_applies(const struct ike_law *l, const struct ike_sa *sa, u8 exchange,
			u8 kind)
{
	u8 role = sa->initiator ? IKE_WE_INITIATE : IKE_WE_RESPOND;

	return l->exchange == exchange && l->kind == kind &&
	       (l->role == IKE_EITHER || l->role == role) &&
	       l->states & IKE_STATE_BIT(sa->state);
}

/**
 * ike_law_any - may this kind of message come now at all?
 * @sa: the SA
 * @exchange: exchange type
 * @kind: enum ike_kind
 *
 * Asked before anything is paid for.
 *
 * Context: Process; the SA's worker.
 * Return: true if some row applies, whatever the payloads.
 */
bool ike_law_any(const struct ike_sa *sa, u8 exchange, u8 kind)
{
	unsigned int i;

	for (i = 0; i < ike_n_laws; i++)
		if (law_applies(&ike_laws[i], sa, exchange, kind))
			return true;
	return false;
}

/**
 * ike_law_find - the row for a message
 * @sa: the SA
 * @in: the message; its chain is decoded
 * @kind: enum ike_kind
 * @law: where the row goes
 *
 * Context: Process; the SA's worker.
 * Return: OK, or NO_LAW.
 */
enum isakmp_reason ike_law_find(const struct ike_sa *sa, const struct ike_in *in, u8 kind,
				const struct ike_law **law)
{
	u64 seen = in->chain.seen;
	unsigned int i;

	for (i = 0; i < ike_n_laws; i++) {
		const struct ike_law *l = &ike_laws[i];

		if (!law_applies(l, sa, in->h.exchange, kind))
			continue;
		if ((l->when && !(seen & l->when)) || seen & l->unless)
			continue;
		if (l->task && l->task != in->req->task)
			continue;
		*law = l;
		return ISAKMP_OK;
	}
	return ISAKMP_R_NO_LAW;
}

static u32 first_type(u64 mask)
{
	u32 type = IKE_PL_FIRST;

	while (type < IKE_PL_SKF && !(mask & ISAKMP_PL_BIT(type)))
		type++;
	return type;
}

/**
 * ike_law_check - compare a message with its row
 * @law: the row
 * @c: the payloads
 * @arg: the payload type at fault
 *
 * Context: Process.
 * Return: OK, MISSING, UNEXPECTED or REPEATED.
 */
enum isakmp_reason ike_law_check(const struct ike_law *law,
				 const struct isakmp_chain *c, u32 *arg)
{
	u64 once = law->required | law->once;
	u64 missing = law->required & ~c->seen;
	u64 unexpected = c->seen & ~(once | law->many);
	u64 repeated = c->repeated & once;

	if (missing) {
		*arg = first_type(missing);
		return ISAKMP_R_MISSING;
	}
	if (unexpected) {
		*arg = first_type(unexpected);
		return ISAKMP_R_UNEXPECTED;
	}
	if (repeated) {
		*arg = first_type(repeated);
		return ISAKMP_R_REPEATED;
	}
	return ISAKMP_OK;
}
