/* SPDX-License-Identifier: GPL-2.0 */
/* The native double of kernel/net/door.c: what an SA answered, by epoch. */
#ifndef _ISAKMP_SELFTESTS_DOOR_H
#define _ISAKMP_SELFTESTS_DOOR_H

#include "ike/sa.h"

/* An answer that softirq repeats. */
struct native_response {
	u64 digest;
	struct isakmp_path path;
	u8 roams;		/* enum isakmp_roams */
	u8 *p;			/* its datagrams */
	size_t n;
};

struct isakmp_door {
	struct native_response response[IKE_WINDOW_MAX];
};

/* The epoch with the SPI of ours in a header; NULL: none. */
struct ike_epoch *native_door(const struct ike_sa *sa, const struct isakmp_header *h);
/* The answer to a request come on @path; NULL: there is none. */
const struct native_response *native_answered(const struct ike_epoch *ep, u64 digest,
					      const struct isakmp_path *path);
/* The answer to a request that came again in other octets; NULL: there is none. */
const struct native_response *native_answer_to(const struct ike_epoch *ep, u32 msgid,
						const struct isakmp_path *path);
void native_store(const struct ike_sa *sa, const struct ike_answer *to, const u8 *p, size_t n);

#endif
