/* SPDX-License-Identifier: GPL-2.0 */
/* Transactions. */
#ifndef _ISAKMP_NL_TXN_H
#define _ISAKMP_NL_TXN_H

#include <linux/list.h>

struct genl_info;
struct isakmp_net;
struct isakmp_store;
struct netlink_ext_ack;

/**
 * struct isakmp_txn - an open transaction
 * @list: in isakmp_config.txns
 * @id: its number
 * @portid: the socket it belongs to
 * @store: what was sent so far
 */
struct isakmp_txn {
	struct list_head list;
	u32 id;
	u32 portid;
	struct isakmp_store *store;
};

struct isakmp_txn *isakmp_txn_find(struct isakmp_net *in, struct genl_info *info);
void isakmp_txn_closed(struct isakmp_net *in, u32 portid);
void isakmp_txn_free_all(struct isakmp_net *in);

/* commit.c */
int isakmp_commit(struct isakmp_net *in, struct isakmp_store *new, bool check, bool keep,
		  struct netlink_ext_ack *extack);

#endif
