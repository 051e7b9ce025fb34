/* SPDX-License-Identifier: GPL-2.0 */
/* What the helper has published for IKE_SA_INIT. */
#ifndef _ISAKMP_NL_PUBLISH_H
#define _ISAKMP_NL_PUBLISH_H

#include <linux/rcupdate.h>
#include <isakmp/limits.h>

struct isakmp_net;

/**
 * struct isakmp_published - what a helper published; immutable
 * @rcu: for freeing
 * @n_ke: groups in @ke
 * @ke: groups that helpers compute
 * @certreq_len: octets of @certreq, 0: none
 * @certreq: body of a CERTREQ payload
 */
struct isakmp_published {
	struct rcu_head rcu;
	u8 n_ke;
	u16 ke[ISAKMP_PUBLISH_KE_MAX];
	u16 certreq_len;
	u8 certreq[];
};

bool isakmp_kex_published(struct isakmp_net *in, u16 group);
void isakmp_publish_net_exit(struct isakmp_net *in);

#endif
