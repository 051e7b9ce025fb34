/* SPDX-License-Identifier: GPL-2.0 */
/* Objects -> what the engine sees: of version 1. */
#ifndef _ISAKMP_NL_COMPILE_V1_H
#define _ISAKMP_NL_COMPILE_V1_H

#include "nl/store.h"

void isakmp_compile_v1(const struct isakmp_peer_spec *keys, const struct isakmp_object *peer,
		       const struct isakmp_object *except, struct ike_v1 *v1);
int isakmp_compile_v1_check(const struct ike_peer *p, const struct isakmp_object *peer,
			    const struct isakmp_object *except, const struct nlattr *blame,
			    struct netlink_ext_ack *extack);

int isakmp_compile_v1_child(const struct ike_peer *p, const struct ike_child_policy *c,
			    const struct nlattr *blame, struct netlink_ext_ack *extack);

#endif
