/* SPDX-License-Identifier: GPL-2.0 */
/* Questions for the helper (DESIGN: pull, exactly one answer). */
#ifndef _ISAKMP_NL_UPCALL_H
#define _ISAKMP_NL_UPCALL_H

#include <linux/hashtable.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <isakmp/limits.h>

struct genl_info;
struct isakmp_net;
struct isakmp_published;
struct sk_buff;

/* Who asks, in the order of service. */
enum isakmp_upcall_class {
	ISAKMP_UPCALL_ESTABLISHED, /* SAs that carry traffic */
	ISAKMP_UPCALL_OURS,	/* SAs that we started */
	ISAKMP_UPCALL_PROVEN,	/* the address returned a cookie or a valid ICV */
	ISAKMP_UPCALL_STRANGER,
	ISAKMP_UPCALL_CLASSES,
};

#define ISAKMP_UPCALL_SHARES 1024

/**
 * struct isakmp_upcall_net - the questions of a namespace
 * @lock: protects all of this; a leaf, taken with bottom halves on
 * @waiting: questions no helper has taken, by class
 * @due: all questions, the oldest first
 * @by_id: all questions
 * @by_sa: all questions
 * @n: questions of each class
 * @share: questions of responder SAs for each bucket of source prefixes
 * @peer_share: questions of SAs whose peer is known for each bucket of peer names
 * @key: of the hash behind @share and @peer_share
 * @last_id: id of the newest question
 * @helpers: registered sockets
 * @n_helpers: their number
 * @announced: READY went out since the last helper found nothing
 * @dying: no more questions
 * @deadline: runs when the oldest question is overdue
 * @published: for IKE_SA_INIT, see publish.c; changed by exchange, read under RCU
 * @in: back
 */
struct isakmp_upcall_net {
	spinlock_t lock;
	struct list_head waiting[ISAKMP_UPCALL_CLASSES];
	struct list_head due;
	DECLARE_HASHTABLE(by_id, 8);
	DECLARE_HASHTABLE(by_sa, 8);
	unsigned int n[ISAKMP_UPCALL_CLASSES];
	u8 share[ISAKMP_UPCALL_SHARES];
	u8 peer_share[ISAKMP_UPCALL_SHARES];
	siphash_key_t key;
	u64 last_id;
	struct list_head helpers;
	unsigned int n_helpers;
	bool announced;
	bool dying;
	struct delayed_work deadline;
	struct isakmp_published __rcu *published;
	struct isakmp_net *in;
};

int isakmp_upcall_net_init(struct isakmp_net *in);
void isakmp_upcall_net_pre_exit(struct isakmp_net *in);
void isakmp_upcall_net_exit(struct isakmp_net *in);

#endif
