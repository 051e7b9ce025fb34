// SPDX-License-Identifier: GPL-2.0
/* What the helper's answers do in phase 1, as a table. */
#include "v1/engine.h"

const struct v1_verdict_law v1_verdict_laws[] = {
	/* who we are -> message 1 */
	{ IKE_ASK_V1_BEGIN,  V1_MAIN, 1, true,	V1_SURE,	v1_main_begun },
	/* message 2 -> our public value -> 3 */
	{ IKE_ASK_KEX,	     V1_MAIN, 2, true,	V1_SURE,	v1_main_public },
	/* message 4 -> g^xy; SKEYID or our signature -> 5 */
	{ IKE_ASK_KEX,	     V1_MAIN, 4, true,	V1_SURE,	v1_main_secret },
	{ IKE_ASK_V1_SKEYID, V1_MAIN, 4, true,	V1_SURE,	v1_main_keyed },
	{ IKE_ASK_I_AUTH,    V1_MAIN, 4, true,	V1_SURE,	v1_main_signed },
	/* message 6 -> up */
	{ IKE_ASK_I_VERIFY,  V1_MAIN, 6, true,	V1_DOUBTS_SIG, v1_main_verified },
	/* message 3 -> our public value and g^xy; SKEYID -> 4 */
	{ IKE_ASK_KEX,	     V1_MAIN, 3, false,	V1_SURE,	v1_main_both },
	{ IKE_ASK_V1_SKEYID, V1_MAIN, 3, false,	V1_SURE,	v1_main_keyed },
	/* message 5 -> 6, up */
	{ IKE_ASK_R_AUTH,    V1_MAIN, 5, false,	V1_DOUBTS_SIG, v1_main_judged },
	/*
	 * by RSA encryption: message 2 -> ours sealed -> 3; message 4 -> the peer's opened -> 5
	 */
	{ IKE_ASK_V1_ENCRYPT, V1_MAIN, 2, true,	V1_SURE, v1_secret_sealed },
	{ IKE_ASK_V1_DECRYPT, V1_MAIN, 4, true,	V1_DOUBTS_ALL, v1_secret_opened },
	/* message 3 -> the peer's opened, ours sealed -> 4 */
	{ IKE_ASK_V1_DECRYPT, V1_MAIN, 3, false, V1_DOUBTS_ALL, v1_secret_opened },
	{ IKE_ASK_V1_ENCRYPT, V1_MAIN, 3, false, V1_DOUBTS_ALL, v1_secret_sealed },
	/*
	 * Aggressive Mode: who we are, our public value -> message 1
	 */
	{ IKE_ASK_V1_BEGIN,  V1_AGGRESSIVE, 1, true,  V1_SURE, v1_aggressive_begun },
	{ IKE_ASK_KEX,	     V1_AGGRESSIVE, 1, true,  V1_SURE, v1_aggressive_public },
	/* message 2 -> g^xy, SKEYID, its proof, ours -> 3, up */
	{ IKE_ASK_KEX,	     V1_AGGRESSIVE, 2, true,  V1_DOUBTS_ALL, v1_aggressive_secret },
	{ IKE_ASK_V1_SKEYID, V1_AGGRESSIVE, 2, true,  V1_DOUBTS_ALL, v1_aggressive_keyed },
	{ IKE_ASK_I_VERIFY,  V1_AGGRESSIVE, 2, true,  V1_DOUBTS_SIG, v1_aggressive_verified },
	{ IKE_ASK_I_AUTH,    V1_AGGRESSIVE, 2, true,  V1_SURE, v1_aggressive_signed },
	/* message 1 -> our public value and g^xy, SKEYID or our signature -> 2 */
	{ IKE_ASK_KEX,	     V1_AGGRESSIVE, 1, false, V1_SURE, v1_aggressive_both },
	{ IKE_ASK_V1_SKEYID, V1_AGGRESSIVE, 1, false, V1_SURE, v1_aggressive_keyed },
	{ IKE_ASK_R_AUTH,    V1_AGGRESSIVE, 1, false, V1_SURE, v1_aggressive_named },
	/* message 3 -> up */
	{ IKE_ASK_R_AUTH,    V1_AGGRESSIVE, 3, false, V1_DOUBTS_SIG, v1_aggressive_judged },
	{ IKE_ASK_I_VERIFY,  V1_AGGRESSIVE, 3, false, V1_DOUBTS_SIG, v1_aggressive_judged },
	/*
	 * by RSA encryption: ours sealed -> message 1; message 2 -> the peer's opened
	 */
	{ IKE_ASK_V1_ENCRYPT, V1_AGGRESSIVE, 1, true, V1_SURE, v1_secret_aggressive },
	{ IKE_ASK_V1_DECRYPT, V1_AGGRESSIVE, 2, true, V1_DOUBTS_ALL, v1_secret_opened },
	/* message 1 -> the peer's opened, ours sealed -> 2 */
	{ IKE_ASK_V1_DECRYPT, V1_AGGRESSIVE, 1, false, V1_SURE, v1_secret_opened },
	{ IKE_ASK_V1_ENCRYPT, V1_AGGRESSIVE, 1, false, V1_SURE, v1_secret_aggressive },
	/*
	 * Base Mode: who we are -> message 1
	 */
	{ IKE_ASK_V1_BEGIN,  V1_BASE, 1, true,	V1_SURE, v1_base_begun },
	/* message 2 -> our public value, SKEYID or our signature -> 3 */
	{ IKE_ASK_KEX,	     V1_BASE, 2, true,	V1_SURE, v1_base_public },
	{ IKE_ASK_V1_SKEYID, V1_BASE, 2, true,	V1_SURE, v1_base_keyed },
	{ IKE_ASK_I_AUTH,    V1_BASE, 2, true,	V1_SURE, v1_base_signed },
	/* message 4 -> g^xy -> up */
	{ IKE_ASK_I_VERIFY,  V1_BASE, 4, true,	V1_DOUBTS_SIG, v1_base_verified },
	{ IKE_ASK_KEX,	     V1_BASE, 4, true,	V1_SURE, v1_base_secret },
	/* message 3 -> our public value and g^xy, SKEYID -> 4, up */
	{ IKE_ASK_KEX,	     V1_BASE, 3, false,	V1_DOUBTS_ALL, v1_base_both },
	{ IKE_ASK_V1_SKEYID, V1_BASE, 3, false,	V1_DOUBTS_ALL, v1_base_keyed },
	{ IKE_ASK_R_AUTH,    V1_BASE, 3, false,	V1_DOUBTS_SIG, v1_base_judged },
	/*
	 * Authentication Only: who we are -> message 1
	 */
	{ IKE_ASK_V1_BEGIN,  V1_AUTH_ONLY, 1, true,  V1_SURE, v1_auth_only_begun },
	/* message 2 -> SKEYID, its proof, ours -> 3, over */
	{ IKE_ASK_V1_SKEYID, V1_AUTH_ONLY, 2, true,  V1_DOUBTS_ALL, v1_auth_only_keyed },
	{ IKE_ASK_I_VERIFY,  V1_AUTH_ONLY, 2, true,  V1_DOUBTS_SIG, v1_auth_only_verified },
	{ IKE_ASK_I_AUTH,    V1_AUTH_ONLY, 2, true,  V1_SURE, v1_auth_only_signed },
	/* message 1 -> SKEYID or our signature -> 2 */
	{ IKE_ASK_V1_SKEYID, V1_AUTH_ONLY, 1, false, V1_SURE, v1_auth_only_keyed },
	{ IKE_ASK_I_AUTH,    V1_AUTH_ONLY, 1, false, V1_SURE, v1_auth_only_signed },
	/* message 3 -> over */
	{ IKE_ASK_R_AUTH,    V1_AUTH_ONLY, 3, false, V1_DOUBTS_SIG, v1_auth_only_judged },
	{ IKE_ASK_I_VERIFY,  V1_AUTH_ONLY, 3, false, V1_DOUBTS_SIG, v1_auth_only_judged },
};

const unsigned int v1_n_verdict_laws = ARRAY_SIZE(v1_verdict_laws);
