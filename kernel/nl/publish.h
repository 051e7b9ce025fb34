/* SPDX-License-Identifier: GPL-2.0 */
/* What the helper has published for IKE_SA_INIT. */
#ifndef _ISAKMP_NL_PUBLISH_H
#define _ISAKMP_NL_PUBLISH_H

#include <linux/rcupdate.h>
#include <isakmp/limits.h>
#include "gate/gate.h"

struct isakmp_net;

/**
 * struct isakmp_published - what a helper published; immutable
 * @rcu: for freeing
 * @has_token_key: is there one?
 * @token_key: what our tokens are made from (RFC 6290)
 * @n_ke: groups in @ke
 * @ke: groups that helpers compute
 * @certreq_len: octets of @certreq, 0: none
 * @certreq: body of a CERTREQ payload
 */
struct isakmp_published {
	struct rcu_head rcu;
	bool has_token_key;
	struct isakmp_token_key token_key;
	u8 n_ke;
	u16 ke[ISAKMP_PUBLISH_KE_MAX];
	u16 certreq_len;
	u8 certreq[];
};

bool isakmp_kex_published(struct isakmp_net *in, u16 group);
bool isakmp_token_key(struct isakmp_net *in, struct isakmp_token_key *key);
void isakmp_publish_net_exit(struct isakmp_net *in);

#endif
