// SPDX-License-Identifier: GPL-2.0
/*
 * IKE_AUTH without a child (RFC 6023): all children come by CREATE_CHILD_SA, each with a
 * key exchange of its own where policy has one.
 *
 *	Initiator				Responder
 *	HDR, SAi1, KEi, Ni		   -->
 *					<--  HDR, SAr1, KEr, Nr, [CERTREQ,]
 *						  N(CHILDLESS_IKEV2_SUPPORTED)
 *	HDR, SK {IDi, [CERT,] [CERTREQ,]
 *		 [IDr,] AUTH}		   -->
 *					<--  HDR, SK {IDr, [CERT,] AUTH}
 *
 * Only what the responder announces may come: who it is, and with that whether its policy
 * agrees, is known with the helper's answer alone.
 */
#include "ike/engine.h"

/**
 * ike_childless_spoken - shall a responder announce it?
 * @sa: a new responder SA
 *
 * As soon as one of the peers that may come is allowed to: the one that does come is
 * looked at by ike_childless_fits().
 *
 * Context: Process; the SA's worker.
 * Return: true if so.
 */
bool ike_childless_spoken(struct ike_sa *sa)
{
	const struct ike_peer *peer;
	unsigned int i;

	for (i = 0; (peer = isakmp_candidate(sa, i)); i++)
		if (peer->childless != IKE_CHILDLESS_NEVER)
			return true;
	return false;
}

/**
 * ike_childless_heard - does the responder announce what policy wants?
 * @sa: the initiator
 * @c: payloads of an IKE_SA_INIT response
 *
 * Context: Process; the SA's worker.
 * Return: OK or CHILDLESS.
 */
enum isakmp_reason ike_childless_heard(struct ike_sa *sa, const struct isakmp_chain *c)
{
	sa->setup->childless = ike_init_says(c, IKE_N_CHILDLESS_SUPPORTED);
	if (sa->peer->childless == IKE_CHILDLESS_FORCE && !sa->setup->childless)
		return ISAKMP_R_CHILDLESS;
	return ISAKMP_OK;
}

/**
 * ike_childless_wanted - is our IKE_AUTH without a child?
 * @sa: the initiator; IKE_SA_INIT is answered
 *
 * Context: Process; the SA's worker.
 * Return: true if so.
 */
bool ike_childless_wanted(const struct ike_sa *sa)
{
	return sa->setup->childless && sa->peer->childless >= IKE_CHILDLESS_PREFER;
}

/**
 * ike_childless_answer - a child in the answer comes of one in the request
 * @sa: the initiator
 * @in: the IKE_AUTH response
 *
 * Context: Process; the SA's worker.
 * Return: OK or UNEXPECTED.
 */
enum isakmp_reason ike_childless_answer(const struct ike_sa *sa, struct ike_in *in)
{
	static const u8 types[] = { IKE_PL_SA, IKE_PL_TSI, IKE_PL_TSR };
	unsigned int i;

	for (i = 0; sa->setup->bare && i < ARRAY_SIZE(types); i++) {
		if (!isakmp_chain_find(&in->chain, types[i]))
			continue;
		in->arg = types[i];
		return ISAKMP_R_UNEXPECTED;
	}
	return ISAKMP_OK;
}

/**
 * ike_childless_request - the initiator's IDi and AUTH
 * @sa: the responder
 * @in: the message; it obeys the law
 * @now: ms
 *
 * What was not announced is answered as if it was not known here: with INVALID_SYNTAX.
 *
 * Context: Process; the SA's worker.
 * Return: as ike_auth_request(); CHILDLESS.
 */
enum isakmp_reason ike_childless_request(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	sa->setup->bare = true;
	if (sa->setup->childless)
		return ike_auth_request(sa, in, now);
	ike_respond_notify(sa, IKE_N_INVALID_SYNTAX, NULL, 0);
	ike_sa_die(sa, ISAKMP_R_CHILDLESS, IKE_LINGER_MS, now);
	return ISAKMP_R_CHILDLESS;
}

/**
 * ike_childless_fits - may the initiator come as it came?
 * @sa: the responder
 * @peer: who it is
 *
 * Context: Process; the SA's worker.
 * Return: OK or CHILDLESS.
 */
enum isakmp_reason ike_childless_fits(const struct ike_sa *sa, const struct ike_peer *peer)
{
	if (peer->childless == (sa->setup->bare ? IKE_CHILDLESS_NEVER : IKE_CHILDLESS_FORCE))
		return ISAKMP_R_CHILDLESS;
	return ISAKMP_OK;
}
