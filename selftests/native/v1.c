// SPDX-License-Identifier: GPL-2.0
/* Native doubles of the seams of version 1: a namespace where each SA is the only one. */
#include "ike/seam.h"
#include "native.h"

u64 isakmp_v1_elder(struct ike_sa *sa)
{
	native_process(__func__);
	return 0;
}

u64 isakmp_v1_stand(struct ike_sa *sa)
{
	native_process(__func__);
	return 0;
}

enum isakmp_reason isakmp_v1_hand_over(struct ike_sa *sa, struct ike_epoch *ep, u64 id)
{
	native_process(__func__);
	return ISAKMP_R_NO_SA;
}
