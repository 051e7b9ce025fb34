// SPDX-License-Identifier: GPL-2.0
/*
 * New Group Mode (RFC 2409, 5.6).  Groups that anybody makes up are not spoken: one with a
 * trapdoor gives the keys away, and to see that it has none takes longer than to use it.
 */
#include "v1/phase2.h"

/**
 * v1_group_asked - the peer proposes a group
 * @sa: the SA
 * @in: the message; it obeys the law
 * @now: ms
 *
 * "If the group is not acceptable, the responder MUST reply with a Notify payload with the
 * message type set to ATTRIBUTES-NOT-SUPPORTED".
 *
 * Context: Process; the SA's worker.
 * Return: KE_GROUP; the peer was told.
 */
enum isakmp_reason v1_group_asked(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	v1_info_error(sa, in->ep, V1_N_ATTRIBUTES_NOT_SUPPORTED, V1_PROTO_ISAKMP, 0);
	return ISAKMP_R_KE_GROUP;
}
