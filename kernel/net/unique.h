/* SPDX-License-Identifier: GPL-2.0 */
/* IKE SAs of one identity on one peer object. */
#ifndef _ISAKMP_NET_UNIQUE_H
#define _ISAKMP_NET_UNIQUE_H

#include <isakmp/reason.h>
#include "net/group.h"

struct ike_basis;
struct ike_peer;

struct isakmp_identity *isakmp_identity_new(const struct ike_basis *b);

enum isakmp_reason isakmp_unique_check(const struct isakmp_group *g, struct isakmp_sa *sa,
				       const struct ike_peer *peer);
bool isakmp_unique_anew(const struct isakmp_group *g, const struct isakmp_sa *sa);
bool isakmp_unique_replaces(const struct isakmp_group *g, const struct isakmp_sa *sa);
bool isakmp_unique_is_alone(const struct isakmp_sa *sa);
int isakmp_unique_join(struct isakmp_sa *sa, struct isakmp_enlist *e);
void isakmp_unique_leave(struct isakmp_sa *sa);
u64 isakmp_unique_elder(const struct isakmp_group *g, struct isakmp_sa *sa);
void isakmp_unique_settle(struct isakmp_sa *sa);
struct isakmp_sa *isakmp_unique_crossing(const struct isakmp_sa *sa,
					 bool (*share)(const struct isakmp_sa *a,
						       const struct isakmp_sa *b));

/* Who is meant: one of the two. */
struct isakmp_revoke {
	const char *cred;
	const u8 *identity;
	u16 identity_len;
};

bool isakmp_basis_meant(const struct ike_basis *b, const struct isakmp_revoke *what);
unsigned int isakmp_revoke(struct isakmp_net *in, const struct isakmp_revoke *what);

int isakmp_unique_net_init(struct isakmp_net *in);
void isakmp_unique_net_exit(struct isakmp_net *in);

#endif
