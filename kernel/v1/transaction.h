/* SPDX-License-Identifier: GPL-2.0 */
/* Between transaction.c, xauth.c and config.c. */
#ifndef _ISAKMP_V1_TRANSACTION_H
#define _ISAKMP_V1_TRANSACTION_H

#include "v1/engine.h"
#include "wire/cp.h"

/* What a Transaction exchange is about. */
enum v1_trans_what {
	V1_T_CONFIG,
	V1_T_XAUTH,		/* name and password */
	V1_T_STATUS,		/* what came of them */
};

/**
 * struct v1_trans - body of a Transaction exchange
 * @what: enum v1_trans_what
 * @type: enum ike_cfg_type of its first message
 * @good: V1_T_STATUS of ours: the peer is believed
 * @why: V1_T_STATUS of ours, not @good: why it is not
 * @elder: V1_T_STATUS of ours, @good: the connection that it becomes one of; 0: none
 * @id: identifier
 * @digest: the peer's: of the message that is answered when the helper has decided
 * @wish: V1_T_CONFIG, the peer's request
 */
struct v1_trans {
	u8 what;
	u8 type;
	bool good;
	u16 why;
	u16 id;
	u64 elder;
	u64 digest;
	struct ike_cfg_wish wish;
};

struct v1_trans *v1_trans_of(const struct v1_exchange *x);
struct v1_exchange *v1_trans_new(struct ike_sa *sa, struct ike_epoch *ep, u32 msgid, u8 what,
				 u8 type, u64 now);
enum isakmp_reason v1_trans_say(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x,
				u8 type, const struct ike_span *attrs, u64 now);

/* It comes to nothing: the peer is told. */
void v1_trans_fail(struct ike_sa *sa, struct ike_epoch *ep, enum isakmp_reason why, u64 now);

/* xauth.c */
enum isakmp_reason v1_xauth_request(struct ike_sa *sa, struct v1_in *in,
				    const struct v1_attributes *a, u64 now);
enum isakmp_reason v1_xauth_reply(struct ike_sa *sa, struct v1_in *in,
				  const struct v1_attributes *a, u64 now);
enum isakmp_reason v1_xauth_status(struct ike_sa *sa, struct v1_in *in,
				   const struct v1_attributes *a, u64 now);
void v1_xauth_told(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x, u64 now);
void v1_xauth_lost(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x, u64 now);

/* config.c */
enum isakmp_reason v1_config_request(struct ike_sa *sa, struct v1_in *in,
				     const struct v1_attributes *a, u64 now);
enum isakmp_reason v1_config_given(struct ike_sa *sa, struct v1_in *in,
				   const struct v1_attributes *a, u64 now);
void v1_config_acked(struct ike_sa *sa, struct ike_epoch *ep, u64 now);
void v1_config_lost(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x, u64 now);

#endif
