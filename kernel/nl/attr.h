/* SPDX-License-Identifier: GPL-2.0 */
/* Attributes that several kinds of objects share: checks, reading, writing. */
#ifndef _ISAKMP_NL_ATTR_H
#define _ISAKMP_NL_ATTR_H

#include <linux/if.h>
#include <net/netlink.h>
#include <uapi/linux/isakmp.h>
#include <isakmp/limits.h>
#include "compat.h"
#include "ike/path.h"
#include "ike/policy.h"
#include "ike/sa.h"

/* A refusal: the sentence, the attribute at fault, and the errno to return. */
#define isakmp_refuse(extack, attr, err, msg) ({	\
	NL_SET_ERR_MSG_ATTR(extack, attr, msg);		\
	(err);						\
})

/*
 * The same with a name at the end where the kernel has room for one: 80 octets,
 * which the longest name may not fill.
 */
#ifdef NL_SET_ERR_MSG_FMT
#define isakmp_refuse_name(extack, attr, err, msg, name) ({		\
	NL_SET_ERR_MSG_FMT(extack, msg ": %.*s",			\
			   (int)(NETLINK_MAX_FMTMSG_LEN - sizeof(msg) - 2), name); \
	NL_SET_BAD_ATTR(extack, attr);					\
	(err);								\
})
#else
#define isakmp_refuse_name(extack, attr, err, msg, name) ({	\
	(void)(name);						\
	isakmp_refuse(extack, attr, err, msg);			\
})
#endif

#define ISAKMP_NAME_POLICY { .type = NLA_NUL_STRING, .len = ISAKMP_NAME_MAX }
#define ISAKMP_DEV_POLICY { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 }
#define ISAKMP_DOMAIN_POLICY { .type = NLA_NUL_STRING, .len = IKE_CFG_DOMAIN_MAX }
#define ISAKMP_ADDR_POLICY NLA_POLICY_RANGE(NLA_BINARY, 4, 16)
#define ISAKMP_IDENT_POLICY NLA_POLICY_RANGE(NLA_BINARY, 2, 1 + IKE_ID_MAX)

extern const struct nla_policy isakmp_ts_policy[ISAKMP_TS_ATTR_MAX + 1];

/**
 * struct isakmp_ident - an identity
 * @len: octets of @v
 * @v: type (RFC 7296, 3.5), then value
 */
struct isakmp_ident {
	u16 len;
	u8 v[1 + IKE_ID_MAX];
};

int isakmp_attr_require(struct nlattr *tb[], const struct nlattr *nest, int type,
			struct netlink_ext_ack *extack);
int isakmp_attr_name(const struct nlattr *a, char *name, struct netlink_ext_ack *extack);
int isakmp_attr_addr(const struct nlattr *a, struct isakmp_addr *x,
		     struct netlink_ext_ack *extack);
int isakmp_attr_host(const struct nlattr *a, struct isakmp_addr *x,
		     struct netlink_ext_ack *extack);
int isakmp_attr_dev(const struct nlattr *a, char *dev, struct netlink_ext_ack *extack);
int isakmp_attr_ident(const struct nlattr *a, struct isakmp_ident *id,
		      struct netlink_ext_ack *extack);
int isakmp_attr_ts(const struct nlattr *nest, struct isakmp_ts *ts,
		   struct netlink_ext_ack *extack);

int isakmp_attr_put_addr(struct sk_buff *skb, int type, const struct isakmp_addr *x);
int isakmp_attr_put_ts(struct sk_buff *skb, int type, const struct isakmp_ts *v,
		       unsigned int n);

/* suite.c */
extern const struct nla_policy isakmp_suite_policy[ISAKMP_SUITE_MAX + 1];
int isakmp_suite_attr(const struct nlattr *nest, struct ike_suite *s,
		      struct netlink_ext_ack *extack);
int isakmp_suite_put(struct sk_buff *skb, int type, const struct ike_suite *s);

/* pool.c */

/* Both of one family, both included. */
struct isakmp_range {
	struct isakmp_addr start;
	struct isakmp_addr end;
};

extern const struct nla_policy isakmp_range_policy[ISAKMP_RANGE_MAX + 1];
int isakmp_range_attr(const struct nlattr *nest, struct isakmp_range *r,
		      struct netlink_ext_ack *extack);
int isakmp_subnet_attr(const struct nlattr *nest, struct ike_net *net,
		       struct netlink_ext_ack *extack);
int isakmp_range_put(struct sk_buff *skb, int type, const struct isakmp_range *r);
int isakmp_config_attr(const struct nlattr *a, int as, struct ike_config *c,
		       struct netlink_ext_ack *extack);
int isakmp_config_put(struct sk_buff *skb, const struct ike_config *c, int dns);

#endif
