/* SPDX-License-Identifier: GPL-2.0 */
/* Payloads of version 1: what was decoded, written again. */
#ifndef _UNIT_V1_RECODE_H
#define _UNIT_V1_RECODE_H

#include "wire/v1.h"

/*
 * Decode the body of a payload and append what that says.  Everything comes back but
 * reserved octets, as zeros.  What is decoded is checked on the way: counts, covers.
 * Return: false: it is refused, or its body is its value.
 */
bool v1_recode(const struct isakmp_payload *p, struct isakmp_out *o);

/* Is there anything in the body of this type that is reserved, and so not written again? */
static inline bool v1_recode_drops(u8 type)
{
	return type == V1_PL_SA || type == V1_PL_ATTRIBUTES || type == V1_PL_NAT_OA ||
	       type == V1_PL_FRAGMENT;
}

#endif
