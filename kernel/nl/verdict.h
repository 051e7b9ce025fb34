/* SPDX-License-Identifier: GPL-2.0 */
/* A helper's answer while it is read. */
#ifndef _ISAKMP_NL_VERDICT_H
#define _ISAKMP_NL_VERDICT_H

#include "nl/answer.h"
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

struct ike_span isakmp_done_copy(const struct nlattr *a, u8 **at);
int isakmp_done_list(struct isakmp_done *d, u8 type, struct ike_span *to, u8 *n, u8 **at);

/* verdict_v1.c */
int isakmp_done_v1(struct isakmp_done *d, u8 **at);

#endif
