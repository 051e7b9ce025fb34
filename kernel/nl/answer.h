/* SPDX-License-Identifier: GPL-2.0 */
/* What a helper's answer must and may have. */
#ifndef _ISAKMP_NL_ANSWER_H
#define _ISAKMP_NL_ANSWER_H

#include <uapi/linux/isakmp.h>
#include "ike/sa.h"

/* What an answer that accepts must have, and what it may have besides: bits. */
struct isakmp_answer {
	u64 must;
	u64 may;
};

#define A(name) BIT_ULL(ISAKMP_VERDICT_##name)
#define INNER (A(ADDR) | A(DNS) | A(SUBNET) | A(DOMAIN) | A(NO_ADDR))
#define BASIS (A(UNIQUE) | A(REMOTE_CRED) | A(HANDLE) | A(AUTH_LEFT_S))

/* answer_v1.c */
struct isakmp_answer isakmp_answer_v1(const struct ike_ask *ask, bool known);

#endif
