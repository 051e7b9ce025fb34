/* SPDX-License-Identifier: GPL-2.0 */
/* Objects -> what the engine sees. */
#ifndef _ISAKMP_NL_COMPILE_H
#define _ISAKMP_NL_COMPILE_H

#include "nl/peers.h"

struct isakmp_object;
struct netlink_ext_ack;
struct nlattr;

struct isakmp_peer *isakmp_compile(struct isakmp_net *in, struct isakmp_object *peer,
				   const struct isakmp_object *except,
				   const struct nlattr *blame, struct netlink_ext_ack *extack);
bool isakmp_compile_same(const struct isakmp_peer *a, const struct isakmp_peer *b);

#endif
