/* SPDX-License-Identifier: GPL-2.0 */
/* Which version is spoken with a peer. */
#ifndef _ISAKMP_NET_VERSION_H
#define _ISAKMP_NET_VERSION_H

#include <isakmp/reason.h>
#include "net/group.h"

u8 isakmp_version_begins(const struct ike_peer *peer, struct isakmp_sa *old);
void isakmp_version_worked(struct isakmp_sa *sa);
enum isakmp_reason isakmp_version_check(const struct isakmp_group *g, const struct isakmp_sa *sa,
					const struct ike_peer *peer);
void isakmp_version_change(struct isakmp_net *in, const struct ike_peer *old,
			   const struct ike_peer *now);
void isakmp_version_fall_back(struct isakmp_sa *sa, const char *name);

#endif
