/* SPDX-License-Identifier: GPL-2.0 */
/* The verbs of objects. */
#ifndef _ISAKMP_NL_OBJECT_H
#define _ISAKMP_NL_OBJECT_H

#include "nl/store.h"

struct isakmp_net;

int isakmp_object_key(u8 kind, struct nlattr **attrs, struct isakmp_key *key,
		      struct netlink_ext_ack *extack);
struct isakmp_object *isakmp_object_find(struct isakmp_net *in, u8 kind, struct nlattr **attrs,
					 struct netlink_ext_ack *extack);

#endif
