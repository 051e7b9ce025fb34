// SPDX-License-Identifier: GPL-2.0
/*
 * What answers to questions of version 1 must and may have.
 *
 * Pure: unit tests hold their own helper's answers against it.
 */
#include <isakmp/ikev1.h>
#include "ike/sa.h"
#include "nl/answer.h"

static const struct isakmp_answer answers[] = {
	[IKE_ASK_I_AUTH]	= { A(LOCAL_ID) | A(AUTH), A(CERT) | A(LOCAL_CRED) },
	[IKE_ASK_R_AUTH]	= { A(PEER) | A(GEN), A(LOCAL_ID) | A(CHILD) | A(LOCAL_CRED) | BASIS },
	[IKE_ASK_I_VERIFY]	= { 0, BASIS },
	[IKE_ASK_V1_BEGIN]	= { A(METHOD) | A(LOCAL_ID), A(CERTREQ) },
	[IKE_ASK_V1_SKEYID]	= { A(SKEYID) | A(LOCAL_ID), A(LOCAL_CRED) },
	[IKE_ASK_V1_ENCRYPT]	= { A(SECRET), 0 },
	[IKE_ASK_V1_DECRYPT]	= { A(SECRET), A(LOCAL_CRED) },
	[IKE_ASK_V1_XAUTH]	= { 0, A(ATTRIBUTES_TYPE) | A(ATTRIBUTES) | A(MORE) | A(USER) |
				       A(UNIQUE) | A(REMOTE_CRED) | A(HANDLE) },
	[IKE_ASK_V1_CONFIG]	= { 0, INNER | A(UNIQUE) },
};

/* The identity is encrypted with the key of the peer, not with one made from the nonce. */
static bool encrypts_id(u16 method)
{
	return method == V1_M_RSA_ENC || method == V1_M_XAUTH_I_RSA_ENC ||
	       method == V1_M_XAUTH_R_RSA_ENC;
}

/**
 * isakmp_answer_v1() - what fits a question of version 1
 * @ask: the question, not kex
 * @known: its SA has a peer already
 *
 * Context: any.
 * Return: what an answer that accepts must and may have.
 */
struct isakmp_answer isakmp_answer_v1(const struct ike_ask *ask, bool known)
{
	struct isakmp_answer fits = answers[ask->kind];

	switch (ask->kind) {
	case IKE_ASK_R_AUTH:
		/* HASH_R is the kernel's. */
		if (v1_method_signs(ask->method, false)) {
			fits.must |= A(LOCAL_ID) | A(AUTH);
			fits.may |= A(CERT);
		}
		break;
	case IKE_ASK_V1_SKEYID:
		if (!known)
			fits.must |= A(PEER) | A(GEN);
		break;
	case IKE_ASK_V1_ENCRYPT:
		if (!known)
			fits.must |= A(PEER) | A(GEN);
		if (!ask->initiator)
			fits.must |= A(LOCAL_ID);
		if (encrypts_id(ask->method))
			fits.must |= A(SECRET_ID);
		else
			fits.may |= A(CERT);
		break;
	case IKE_ASK_V1_DECRYPT:
		if (encrypts_id(ask->method))
			fits.must |= A(SECRET_ID);
		break;
	}
	return fits;
}
