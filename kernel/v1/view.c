// SPDX-License-Identifier: GPL-2.0
/* What may be shown of a connection, beside what every IKE SA shows. */
#include "v1/engine.h"

/**
 * v1_sa_method - how a connection is authenticated
 * @sa: the SA
 *
 * Context: Process; the SA's worker, or whoever keeps it away.
 * Return: enum v1_method of the ISAKMP SA in use; 0: version 2, or there is none now.
 */
u16 v1_sa_method(const struct ike_sa *sa)
{
	const struct ike_epoch *ep = sa->v1 ? v1_phase1_ready(sa) : NULL;

	return ep ? v1_of(ep)->method : 0;
}

/**
 * v1_sa_user - whom XAUTH found the peer to be
 * @sa: the SA
 *
 * Context: Process; the SA's worker, or whoever keeps it away.
 * Return: the name, for people; NULL: nobody.
 */
const char *v1_sa_user(const struct ike_sa *sa)
{
	return sa->v1 && sa->v1->user[0] ? sa->v1->user : NULL;
}
