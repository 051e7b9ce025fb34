// SPDX-License-Identifier: GPL-2.0
/*
 * Protocol law of version 1: which message is allowed when, and what must be in it.
 *
 * A message is compared with the one row that its exchange, its number in it, our role,
 * the method and encryption select.  What comes in another order than this is refused.
 */
#include "v1/engine.h"

#define PL(t) V1_PL_BIT(V1_PL_##t)
/* RFC 2408, 4: NOTIFY and VENDOR may be in any message. */
#define ANY (PL(NOTIFY) | PL(VENDOR))
/* RFC 2408, 3.9 and 3.10: "MUST be accepted at any point during the exchange" */
#define PHASE1 (ANY | PL(CERT) | PL(CERTREQ))
#define QUICK_MANY (ANY | PL(ID) | PL(NAT_OA))

const struct v1_law v1_laws[] = {
	/*
	 * Main Mode (RFC 2409, 5.1 and 5.4; RFC 3947)
	 *
	 * Initiator				Responder
	 * HDR, SA			-->
	 */
	{
		.story = "Main Mode 1: what is offered",
		.exchange = V1_MAIN, .step = 1, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_ALL,
		.required = PL(SA), .many = PHASE1,
		.handle = v1_main_first,
	},
	/*
	 *				<--  HDR, SA
	 */
	{
		.story = "Main Mode 2: what is chosen",
		.exchange = V1_MAIN, .step = 2, .role = IKE_WE_INITIATE,
		.methods = V1_CLASS_ALL,
		.required = PL(SA), .many = PHASE1,
		.handle = v1_main_second,
	},
	/*
	 * HDR, KE, Ni, [NAT-D, NAT-D]	-->
	 */
	{
		.story = "Main Mode 3: key exchange",
		.exchange = V1_MAIN, .step = 3, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_PSK | V1_CLASS_SIG,
		.required = PL(KE) | PL(NONCE), .many = PHASE1 | PL(NAT_D),
		.handle = v1_main_third,
	},
	/*
	 *				<--  HDR, KE, Nr, [NAT-D, NAT-D]
	 */
	{
		.story = "Main Mode 4: key exchange",
		.exchange = V1_MAIN, .step = 4, .role = IKE_WE_INITIATE,
		.methods = V1_CLASS_PSK | V1_CLASS_SIG,
		.required = PL(KE) | PL(NONCE), .many = PHASE1 | PL(NAT_D),
		.handle = v1_main_fourth,
	},
	/*
	 * HDR*, IDii, HASH_I		-->
	 */
	{
		.story = "Main Mode 5: the initiator, by secret",
		.exchange = V1_MAIN, .step = 5, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_PSK, .encrypted = true,
		.required = PL(ID) | PL(HASH), .many = PHASE1,
		.handle = v1_main_fifth,
	},
	/*
	 * HDR*, IDii, [CERT,] SIG_I	-->
	 */
	{
		.story = "Main Mode 5: the initiator, by signature",
		.exchange = V1_MAIN, .step = 5, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_SIG, .encrypted = true,
		.required = PL(ID) | PL(SIG), .many = PHASE1,
		.handle = v1_main_fifth,
	},
	/*
	 *				<--  HDR*, IDir, HASH_R
	 */
	{
		.story = "Main Mode 6: the responder, by secret",
		.exchange = V1_MAIN, .step = 6, .role = IKE_WE_INITIATE,
		.methods = V1_CLASS_PSK, .encrypted = true,
		.required = PL(ID) | PL(HASH), .many = PHASE1,
		.handle = v1_main_sixth,
	},
	/*
	 *				<--  HDR*, IDir, [CERT,] SIG_R
	 */
	{
		.story = "Main Mode 6: the responder, by signature",
		.exchange = V1_MAIN, .step = 6, .role = IKE_WE_INITIATE,
		.methods = V1_CLASS_SIG, .encrypted = true,
		.required = PL(ID) | PL(SIG), .many = PHASE1,
		.handle = v1_main_sixth,
	},
	/*
	 * Main Mode by RSA encryption (RFC 2409, 5.2)
	 *
	 * HDR, KE, [HASH(1),] <IDii>, <Ni> -->
	 */
	{
		.story = "Main Mode 3, encrypted for the responder",
		.exchange = V1_MAIN, .step = 3, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_ENC,
		.required = PL(KE) | PL(ID) | PL(NONCE), .once = PL(HASH),
		.many = PHASE1 | PL(NAT_D),
		.sealed = PL(ID) | PL(NONCE),
		.handle = v1_secret_key,
	},
	/*
	 *				<--  HDR, KE, <IDir>, <Nr>
	 */
	{
		.story = "Main Mode 4, encrypted for the initiator",
		.exchange = V1_MAIN, .step = 4, .role = IKE_WE_INITIATE,
		.methods = V1_CLASS_ENC,
		.required = PL(KE) | PL(ID) | PL(NONCE), .many = PHASE1 | PL(NAT_D),
		.sealed = PL(ID) | PL(NONCE),
		.handle = v1_secret_key,
	},
	/*
	 * Revised (RFC 2409, 5.3); what the cipher has encrypted is looked into later
	 *
	 * HDR, [HASH(1),] <Ni>, <KE>, <IDii> [, <CERT>] -->
	 */
	{
		.story = "Main Mode 3, revised",
		.exchange = V1_MAIN, .step = 3, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_REV,
		.required = PL(KE) | PL(ID) | PL(NONCE), .once = PL(HASH),
		.many = PHASE1 | PL(NAT_D),
		.sealed = PL(KE) | PL(ID) | PL(NONCE) | PL(CERT),
		.handle = v1_secret_key,
	},
	/*
	 *				<--  HDR, <Nr>, <KE>, <IDir>
	 */
	{
		.story = "Main Mode 4, revised",
		.exchange = V1_MAIN, .step = 4, .role = IKE_WE_INITIATE,
		.methods = V1_CLASS_REV,
		.required = PL(KE) | PL(ID) | PL(NONCE), .many = PHASE1 | PL(NAT_D),
		.sealed = PL(KE) | PL(ID) | PL(NONCE) | PL(CERT),
		.handle = v1_secret_key,
	},
	/*
	 * HDR*, HASH_I			-->
	 *				<--  HDR*, HASH_R
	 */
	{
		.story = "Main Mode 5: the initiator has read our nonce",
		.exchange = V1_MAIN, .step = 5, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_RSA, .encrypted = true,
		.required = PL(HASH), .many = PHASE1,
		.handle = v1_main_fifth,
	},
	{
		.story = "Main Mode 6: the responder has read our nonce",
		.exchange = V1_MAIN, .step = 6, .role = IKE_WE_INITIATE,
		.methods = V1_CLASS_RSA, .encrypted = true,
		.required = PL(HASH), .many = PHASE1,
		.handle = v1_main_sixth,
	},
	/*
	 * Aggressive Mode (RFC 2409, 5.1 and 5.4; RFC 3947)
	 *
	 * HDR, SA, KE, Ni, IDii	-->
	 *
	 * By RSA encryption with HASH(1) and CERT, and nothing can be looked into: which method
	 * it is the SA payload says
	 */
	{
		.story = "Aggressive Mode 1",
		.exchange = V1_AGGRESSIVE, .step = 1, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_ALL,
		.required = PL(SA) | PL(KE) | PL(NONCE) | PL(ID), .once = PL(HASH), .many = PHASE1,
		.sealed = PL(KE) | PL(ID) | PL(NONCE) | PL(CERT),
		.handle = v1_aggressive_first,
	},
	/*
	 *				<--  HDR, SA, KE, Nr, IDir, HASH_R
	 *				 or [CERT,] SIG_R, [NAT-D, NAT-D]
	 */
	{
		.story = "Aggressive Mode 2",
		.exchange = V1_AGGRESSIVE, .step = 2, .role = IKE_WE_INITIATE,
		.methods = V1_CLASS_PSK | V1_CLASS_SIG,
		.required = PL(SA) | PL(KE) | PL(NONCE) | PL(ID),
		.once = PL(HASH) | PL(SIG),
		.many = PHASE1 | PL(NAT_D),
		.handle = v1_aggressive_second,
	},
	/*
	 *				<--  HDR, SA, KE, <IDir>, <Nr>, HASH_R, or revised
	 */
	{
		.story = "Aggressive Mode 2, encrypted for the initiator",
		.exchange = V1_AGGRESSIVE, .step = 2, .role = IKE_WE_INITIATE,
		.methods = V1_CLASS_ENC,
		.required = PL(SA) | PL(KE) | PL(NONCE) | PL(ID) | PL(HASH),
		.many = PHASE1 | PL(NAT_D),
		.sealed = PL(ID) | PL(NONCE),
		.handle = v1_aggressive_sealed,
	},
	{
		.story = "Aggressive Mode 2, revised",
		.exchange = V1_AGGRESSIVE, .step = 2, .role = IKE_WE_INITIATE,
		.methods = V1_CLASS_REV,
		.required = PL(SA) | PL(KE) | PL(NONCE) | PL(ID) | PL(HASH),
		.many = PHASE1 | PL(NAT_D),
		.sealed = PL(KE) | PL(ID) | PL(NONCE) | PL(CERT),
		.handle = v1_aggressive_sealed,
	},
	/*
	 * HDR, HASH_I, [NAT-D, NAT-D]	-->
	 * in the clear as the RFC draws it, or encrypted: "it need not be"
	 */
	{
		.story = "Aggressive Mode 3, by HASH, encrypted",
		.exchange = V1_AGGRESSIVE, .step = 3, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_PSK | V1_CLASS_RSA, .encrypted = true,
		.required = PL(HASH), .many = PHASE1 | PL(NAT_D),
		.handle = v1_aggressive_third,
	},
	{
		.story = "Aggressive Mode 3, by HASH",
		.exchange = V1_AGGRESSIVE, .step = 3, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_PSK | V1_CLASS_RSA,
		.required = PL(HASH), .many = PHASE1 | PL(NAT_D),
		.handle = v1_aggressive_third,
	},
	/*
	 * HDR, [CERT,] SIG_I, [NAT-D, NAT-D] -->
	 */
	{
		.story = "Aggressive Mode 3, by signature, encrypted",
		.exchange = V1_AGGRESSIVE, .step = 3, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_SIG, .encrypted = true,
		.required = PL(SIG), .many = PHASE1 | PL(NAT_D),
		.handle = v1_aggressive_third,
	},
	{
		.story = "Aggressive Mode 3, by signature",
		.exchange = V1_AGGRESSIVE, .step = 3, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_SIG,
		.required = PL(SIG), .many = PHASE1 | PL(NAT_D),
		.handle = v1_aggressive_third,
	},
	/*
	 * Base Mode (RFC 2408, 4.4)
	 *
	 * HDR, SA, Ni			-->
	 *				<--  HDR, SA, Nr
	 */
	{
		.story = "Base Mode 1",
		.exchange = V1_BASE, .step = 1, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_ALL,
		.required = PL(SA) | PL(NONCE), .many = PHASE1,
		.handle = v1_base_first,
	},
	{
		.story = "Base Mode 2",
		.exchange = V1_BASE, .step = 2, .role = IKE_WE_INITIATE,
		.methods = V1_CLASS_ALL,
		.required = PL(SA) | PL(NONCE), .many = PHASE1,
		.handle = v1_base_second,
	},
	/*
	 * HDR, KE, IDii, HASH_I or SIG_I -->
	 */
	{
		.story = "Base Mode 3, by secret",
		.exchange = V1_BASE, .step = 3, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_PSK,
		.required = PL(KE) | PL(ID) | PL(HASH), .many = PHASE1 | PL(NAT_D),
		.handle = v1_base_third,
	},
	{
		.story = "Base Mode 3, by signature",
		.exchange = V1_BASE, .step = 3, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_SIG,
		.required = PL(KE) | PL(ID) | PL(SIG), .many = PHASE1 | PL(NAT_D),
		.handle = v1_base_third,
	},
	/*
	 *				<--  HDR, KE, IDir, HASH_R or SIG_R
	 */
	{
		.story = "Base Mode 4, by secret",
		.exchange = V1_BASE, .step = 4, .role = IKE_WE_INITIATE,
		.methods = V1_CLASS_PSK,
		.required = PL(KE) | PL(ID) | PL(HASH), .many = PHASE1 | PL(NAT_D),
		.handle = v1_base_fourth,
	},
	{
		.story = "Base Mode 4, by signature",
		.exchange = V1_BASE, .step = 4, .role = IKE_WE_INITIATE,
		.methods = V1_CLASS_SIG,
		.required = PL(KE) | PL(ID) | PL(SIG), .many = PHASE1 | PL(NAT_D),
		.handle = v1_base_fourth,
	},
	/*
	 * Authentication Only (RFC 2408, 4.6)
	 *
	 * HDR, SA, Ni			-->
	 */
	{
		.story = "Authentication Only 1",
		.exchange = V1_AUTH_ONLY, .step = 1, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_ALL,
		.required = PL(SA) | PL(NONCE), .many = PHASE1,
		.handle = v1_auth_only_first,
	},
	/*
	 *				<--  HDR, SA, Nr, IDir, HASH_R or [CERT,] SIG_R
	 */
	{
		.story = "Authentication Only 2",
		.exchange = V1_AUTH_ONLY, .step = 2, .role = IKE_WE_INITIATE,
		.methods = V1_CLASS_ALL,
		.required = PL(SA) | PL(NONCE) | PL(ID), .once = PL(HASH) | PL(SIG), .many = PHASE1,
		.handle = v1_auth_only_second,
	},
	/*
	 * HDR, IDii, HASH_I or [CERT,] SIG_I -->
	 */
	{
		.story = "Authentication Only 3, by secret",
		.exchange = V1_AUTH_ONLY, .step = 3, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_PSK,
		.required = PL(ID) | PL(HASH), .many = PHASE1,
		.handle = v1_auth_only_third,
	},
	{
		.story = "Authentication Only 3, by signature",
		.exchange = V1_AUTH_ONLY, .step = 3, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_SIG,
		.required = PL(ID) | PL(SIG), .many = PHASE1,
		.handle = v1_auth_only_third,
	},
	/*
	 * Quick Mode (RFC 2409, 5.5; RFC 3947, 5)
	 *
	 * HDR*, HASH(1), SA, Ni [, KE]
	 *   [, IDci, IDcr] [, NAT-OA, NAT-OA] -->
	 */
	{
		.story = "Quick Mode 1",
		.exchange = V1_QUICK, .step = 1, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_ALL, .encrypted = true, .hash = V1_H_1,
		.required = PL(HASH) | PL(SA) | PL(NONCE), .once = PL(KE), .many = QUICK_MANY,
		.handle = v1_quick_asked,
	},
	/*
	 *				<--  HDR*, HASH(2), SA, Nr [, KE]
	 *				       [, IDci, IDcr] [, NAT-OA, NAT-OA]
	 */
	{
		.story = "Quick Mode 2",
		.exchange = V1_QUICK, .step = 2, .role = IKE_WE_INITIATE,
		.methods = V1_CLASS_ALL, .encrypted = true, .hash = V1_H_2,
		.required = PL(HASH) | PL(SA) | PL(NONCE), .once = PL(KE), .many = QUICK_MANY,
		.handle = v1_quick_answered,
	},
	/*
	 * HDR*, HASH(3)		-->
	 */
	{
		.story = "Quick Mode 3",
		.exchange = V1_QUICK, .step = 3, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_ALL, .encrypted = true, .hash = V1_H_3,
		.required = PL(HASH), .many = ANY,
		.handle = v1_quick_confirmed,
	},
	/*
	 * New Group Mode (RFC 2409, 5.6)
	 *
	 * HDR*, HASH(1), SA		-->
	 */
	{
		.story = "New Group Mode 1",
		.exchange = V1_NEW_GROUP, .step = 1, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_ALL, .encrypted = true, .hash = V1_H_1,
		.required = PL(HASH) | PL(SA), .many = ANY,
		.handle = v1_group_asked,
	},
	/*
	 *				<--  HDR*, HASH(2), SA
	 */
	{
		.story = "New Group Mode 2",
		.exchange = V1_NEW_GROUP, .step = 2, .role = IKE_WE_INITIATE,
		.methods = V1_CLASS_ALL, .encrypted = true, .hash = V1_H_1,
		.required = PL(HASH) | PL(SA), .many = ANY,
		.handle = v1_group_answered,
	},
	/*
	 * Transaction (draft-ietf-ipsec-isakmp-mode-cfg)
	 *
	 * HDR*, HASH, ATTR		-->
	 *				<--  HDR*, HASH, ATTR
	 */
	{
		.story = "Transaction 1",
		.exchange = V1_TRANSACTION, .step = 1, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_ALL, .encrypted = true, .hash = V1_H_1,
		.required = PL(HASH) | PL(ATTRIBUTES), .many = ANY,
		.handle = v1_trans_request,
	},
	{
		.story = "Transaction 2",
		.exchange = V1_TRANSACTION, .step = 2, .role = IKE_WE_INITIATE,
		.methods = V1_CLASS_ALL, .encrypted = true, .hash = V1_H_1,
		.required = PL(HASH) | PL(ATTRIBUTES), .many = ANY,
		.handle = v1_trans_reply,
	},
	/*
	 * Informational (RFC 2409, 5.7): one way, and from either end
	 *
	 * HDR*, HASH(1), N/D		-->
	 */
	{
		.story = "Informational",
		.exchange = V1_INFORMATIONAL, .step = 1, .role = IKE_WE_RESPOND,
		.methods = V1_CLASS_ALL, .encrypted = true, .hash = V1_H_1,
		.required = PL(HASH), .many = ANY | PL(DELETE),
		.handle = v1_info_heard,
	},
};

const unsigned int v1_n_laws = ARRAY_SIZE(v1_laws);

/**
 * v1_class_of - what a method has in common with others: how SKEYID is made
 * @method: enum v1_method
 *
 * Context: Any.
 * Return: V1_CLASS_*; 0: it is not known here.
 */
u8 v1_class_of(u16 method)
{
	switch (method) {
	case V1_M_PSK:
	case V1_M_XAUTH_I_PSK:
	case V1_M_XAUTH_R_PSK:
		return V1_CLASS_PSK;
	case V1_M_DSS_SIG:
	case V1_M_RSA_SIG:
	case V1_M_ECDSA_256:
	case V1_M_ECDSA_384:
	case V1_M_ECDSA_521:
	case V1_M_XAUTH_I_DSS:
	case V1_M_XAUTH_R_DSS:
	case V1_M_XAUTH_I_RSA:
	case V1_M_XAUTH_R_RSA:
	case V1_M_HYBRID_I_RSA:
	case V1_M_HYBRID_R_RSA:
	case V1_M_HYBRID_I_DSS:
	case V1_M_HYBRID_R_DSS:
		return V1_CLASS_SIG;
	case V1_M_RSA_ENC:
	case V1_M_XAUTH_I_RSA_ENC:
	case V1_M_XAUTH_R_RSA_ENC:
		return V1_CLASS_ENC;
	case V1_M_RSA_REV:
	case V1_M_XAUTH_I_RSA_REV:
	case V1_M_XAUTH_R_RSA_REV:
		return V1_CLASS_REV;
	}
	return 0;
}

/**
 * v1_proof_of - how a side proves itself: by HASH or by SIG
 * @method: enum v1_method
 * @of_initiator: which side
 *
 * draft-ietf-ipsec-isakmp-hybrid-auth, 3.2: who has no certificate sends HASH.
 *
 * Context: Any.
 * Return: V1_CLASS_*; 0: the method is not known here.
 */
u8 v1_proof_of(u16 method, bool of_initiator)
{
	bool i = method == V1_M_HYBRID_I_RSA || method == V1_M_HYBRID_I_DSS;
	bool r = method == V1_M_HYBRID_R_RSA || method == V1_M_HYBRID_R_DSS;

	return (of_initiator ? i : r) ? V1_CLASS_PSK : v1_class_of(method);
}

/**
 * v1_method_goes - is there such an exchange by this method?
 * @exchange: enum v1_exchange_type of phase 1
 * @method: enum v1_method
 *
 * RSA encryption is for Main and Aggressive Mode.  XAUTH needs the keys of an ISAKMP SA.
 *
 * Context: Any.
 * Return: true if the table has it.
 */
bool v1_method_goes(u8 exchange, u16 method)
{
	u8 class = v1_class_of(method);

	if (exchange == V1_AUTH_ONLY && method > V1_M_ECDSA_521)
		return false;
	/* Message 3 is the first that differs, in all of them */
	return class && (v1_law_find(exchange, 3, IKE_WE_RESPOND, class, false) ||
			 v1_law_find(exchange, 3, IKE_WE_RESPOND, class, true));
}

/**
 * v1_law_find - the row for a message, asked for before anything is paid
 * @exchange: enum v1_exchange_type
 * @step: number of the message in it
 * @role: enum ike_role, of us
 * @class: V1_CLASS_* of the method; 0: it is not known yet
 * @encrypted: is it?
 *
 * Context: Process; the SA's worker.
 * Return: the row; NULL: there is none.
 */
const struct v1_law *v1_law_find(u8 exchange, u8 step, u8 role, u8 class, bool encrypted)
{
	const struct v1_law *l;
	unsigned int i;

	for (i = 0; i < v1_n_laws; i++) {
		l = &v1_laws[i];
		if (l->exchange == exchange && l->step == step && l->role == role &&
		    l->encrypted == encrypted && (!class || l->methods & class))
			return l;
	}
	return NULL;
}

static u32 first_type(u32 mask)
{
	u32 type = V1_PL_SA;

	while (type < V1_PL_NAT_OA && !(mask & V1_PL_BIT(type)))
		type++;
	return type;
}

/**
 * v1_law_check - compare a message with its row
 * @law: the row
 * @c: the payloads
 * @arg: the payload type at fault
 *
 * Context: Process.
 * Return: OK, MISSING, UNEXPECTED (RFC 2408, 5.3: so is a type that is not known), REPEATED.
 */
enum isakmp_reason v1_law_check(const struct v1_law *law, const struct v1_chain *c, u32 *arg)
{
	u32 once = law->required | law->once;
	u32 missing = law->required & ~c->seen;
	u32 unexpected = c->seen & ~(once | law->many);
	u32 repeated = c->repeated & once;

	if (missing) {
		*arg = first_type(missing);
		return ISAKMP_R_MISSING;
	}
	if (c->unknown || unexpected) {
		*arg = c->unknown ? c->unknown : first_type(unexpected);
		return ISAKMP_R_UNEXPECTED;
	}
	if (repeated) {
		*arg = first_type(repeated);
		return ISAKMP_R_REPEATED;
	}
	return ISAKMP_OK;
}
