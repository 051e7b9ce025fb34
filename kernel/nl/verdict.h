/* SPDX-License-Identifier: GPL-2.0 */
/* A helper's answer while it is read. */
#ifndef _ISAKMP_NL_VERDICT_H
#define _ISAKMP_NL_VERDICT_H

#include "nl/attr.h"
#include "nl/question.h"

/**
 * struct isakmp_done - a verdict being read
 * @q: the question
 * @v: the verdict
 * @why: what the SA is told if the answer does not fit
 * @tb: its attributes
 * @nest: where they are from
 * @inner: inner addresses by slot
 * @taken: slot of one that another IKE SA has
 * @info: the message
 */
struct isakmp_done {
	struct isakmp_question *q;
	struct ike_verdict *v;
	enum isakmp_reason why;
	struct nlattr *tb[ISAKMP_VERDICT_MAX + 1];
	const struct nlattr *nest;
	const struct nlattr *inner[IKE_INNER];
	unsigned int taken;
	struct genl_info *info;
};

/* What an answer that accepts must have, and what it may have besides: bits. */
struct isakmp_answer {
	u64 must;
	u64 may;
};

#define A(name) BIT_ULL(ISAKMP_VERDICT_##name)
#define INNER (A(ADDR) | A(DNS) | A(SUBNET) | A(DOMAIN) | A(NO_ADDR))
#define BASIS (A(UNIQUE) | A(REMOTE_CRED) | A(HANDLE) | A(AUTH_LEFT_S))

struct ike_span isakmp_done_copy(const struct nlattr *a, u8 **at);
int isakmp_done_list(struct isakmp_done *d, u8 type, struct ike_span *to, u8 *n, u8 **at);

/* verdict_v1.c */
struct isakmp_answer isakmp_done_v1_answer(const struct isakmp_question *q);
int isakmp_done_v1(struct isakmp_done *d, u8 **at);

#endif
