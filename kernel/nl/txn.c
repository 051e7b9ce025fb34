// SPDX-License-Identifier: GPL-2.0
/* Transactions: TXN_BEGIN, TXN_COMMIT, TXN_ABORT. */
#include <linux/slab.h>
#include "nl/event.h"
#include "nl/family.h"
#include "nl/store.h"
#include "nl/txn.h"

static void txn_free(struct isakmp_net *in, struct isakmp_txn *t)
{
	list_del(&t->list);
	in->config.n_txns--;
	isakmp_store_free(t->store);
	kfree(t);
}

/**
 * isakmp_txn_find() - the transaction a message belongs to
 * @in: the namespace
 * @info: a message with ISAKMP_A_TXN
 *
 * Context: process.  Must hold config.lock.
 * Return: the transaction, or an ERR_PTR.
 */
struct isakmp_txn *isakmp_txn_find(struct isakmp_net *in, struct genl_info *info)
{
	struct isakmp_txn *t;
	u32 id;

	lockdep_assert_held(&in->config.lock);
	if (isakmp_attr_require(info->attrs, NULL, ISAKMP_A_TXN, info->extack))
		return ERR_PTR(-EINVAL);
	id = nla_get_u32(info->attrs[ISAKMP_A_TXN]);
	list_for_each_entry(t, &in->config.txns, list)
		if (t->id == id && t->portid == info->snd_portid)
			return t;
	return ERR_PTR(isakmp_refuse(info->extack, info->attrs[ISAKMP_A_TXN], -ENOENT,
				     "this socket has no transaction of this number open"));
}

static struct isakmp_txn *txn_new(struct isakmp_net *in, u32 portid)
{
	struct isakmp_txn *t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);

	if (!t)
		return NULL;
	t->store = isakmp_store_new();
	if (!t->store) {
		kfree(t);
		return NULL;
	}
	t->id = ++in->config.last_txn;
	t->portid = portid;
	list_add_tail(&t->list, &in->config.txns);
	in->config.n_txns++;
	return t;
}

/* The number goes back; whoever does not get it cannot use the transaction. */
static int txn_reply(struct genl_info *info, u32 id)
{
	struct sk_buff *msg = genlmsg_new(nla_total_size(sizeof(id)), GFP_KERNEL);
	void *hdr;

	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &isakmp_family, 0, ISAKMP_CMD_TXN_BEGIN);
	if (!hdr || nla_put_u32(msg, ISAKMP_A_TXN, id)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/**
 * isakmp_txn_begin_doit() - TXN_BEGIN
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_txn_begin_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct isakmp_net *in = isakmp_info_net(info);
	struct isakmp_txn *t;
	int err;

	mutex_lock(&in->config.lock);
	if (in->config.n_txns >= ISAKMP_TXNS_MAX) {
		err = isakmp_refuse(info->extack, NULL, -EBUSY,
				    "too many transactions are open in this namespace");
		goto out;
	}
	t = txn_new(in, info->snd_portid);
	err = t ? txn_reply(info, t->id) : -ENOMEM;
	if (t && err)
		txn_free(in, t);
out:
	mutex_unlock(&in->config.lock);
	return err;
}

/**
 * isakmp_txn_commit_doit() - TXN_COMMIT
 * @skb: the message
 * @info: the message, parsed
 *
 * A commit that is refused, or that only checks, leaves the transaction open.
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_txn_commit_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct isakmp_net *in = isakmp_info_net(info);
	bool check = info->attrs[ISAKMP_A_CHECK], keep = info->attrs[ISAKMP_A_KEEP];
	struct isakmp_txn *t;
	int err;

	mutex_lock(&in->config.lock);
	t = isakmp_txn_find(in, info);
	err = IS_ERR(t) ? PTR_ERR(t) : isakmp_commit(in, t->store, check, keep, info->extack);
	if (!err && !check) {
		t->store = NULL;
		txn_free(in, t);
		isakmp_event_config(in, info);
	}
	mutex_unlock(&in->config.lock);
	return err;
}

/**
 * isakmp_txn_abort_doit() - TXN_ABORT
 * @skb: the message
 * @info: the message, parsed
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_txn_abort_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct isakmp_net *in = isakmp_info_net(info);
	struct isakmp_txn *t;

	mutex_lock(&in->config.lock);
	t = isakmp_txn_find(in, info);
	if (!IS_ERR(t))
		txn_free(in, t);
	mutex_unlock(&in->config.lock);
	return PTR_ERR_OR_ZERO(t);
}

static void txns_free(struct isakmp_net *in, const u32 *portid)
{
	struct isakmp_txn *t, *tmp;

	list_for_each_entry_safe(t, tmp, &in->config.txns, list)
		if (!portid || t->portid == *portid)
			txn_free(in, t);
}

/**
 * isakmp_txn_closed() - a socket is gone, and with it its transactions
 * @in: the namespace
 * @portid: of the socket
 *
 * Context: process.
 */
void isakmp_txn_closed(struct isakmp_net *in, u32 portid)
{
	if (list_empty_careful(&in->config.txns))
		return;
	mutex_lock(&in->config.lock);
	txns_free(in, &portid);
	mutex_unlock(&in->config.lock);
}

/**
 * isakmp_txn_free_all() - the namespace goes
 * @in: the namespace
 *
 * Context: process.
 */
void isakmp_txn_free_all(struct isakmp_net *in)
{
	txns_free(in, NULL);
}
