/* SPDX-License-Identifier: GPL-2.0 */
/* A question for the helper, inside nl/. */
#ifndef _ISAKMP_NL_QUESTION_H
#define _ISAKMP_NL_QUESTION_H

#include <linux/list.h>
#include <linux/refcount.h>
#include "ike/sa.h"
#include "nl/upcall.h"

struct isakmp_lease_wish;
struct isakmp_sa;

#define ISAKMP_QUESTION_DONE 0		/* bit: completed, one way or another */

/* CERT and CERTREQ payloads of one question */
#define ISAKMP_QUESTION_CERTS (2 * IKE_CERTS_MAX)

/**
 * struct isakmp_question_cert - a CERT or CERTREQ payload of the peer
 * @request: CERTREQ
 * @body: of the payload
 */
struct isakmp_question_cert {
	bool request;
	struct ike_span body;
};

/**
 * struct isakmp_question - a question, with all it carries
 * @ref: one while it can be found, one for whoever looks at it
 * @flags: ISAKMP_QUESTION_DONE: whoever sets it completes the question
 * @by_id: in isakmp_upcall_net.by_id
 * @by_sa: in isakmp_upcall_net.by_sa
 * @due: in isakmp_upcall_net.due
 * @wait: in isakmp_upcall_net.waiting, or in isakmp_helper.accepted
 * @in: the namespace
 * @sa: who asks; pinned
 * @id: unique in the namespace
 * @due_at: ms: then nobody answered in time
 * @class: enum isakmp_upcall_class
 * @bucket: in isakmp_upcall_net.share, by source prefix
 * @peer_bucket: in isakmp_upcall_net.peer_share, by @peer
 * @portid: of the helper that accepted it; 0: waiting; under the lock
 * @again: a stale answer came already; under the lock
 * @path: the SA's
 * @suite: the SA's
 * @peer: the SA's peer, empty if not known yet
 * @gen: its generation
 * @ask: the question, which points into @data
 * @n_certs: in @cert
 * @cert: payloads of the peer's message, which point into @data
 * @lost: the verdict in case nobody answers
 * @size: octets of all this
 * @data: what @ask points to; secrets among it
 */
struct isakmp_question {
	refcount_t ref;
	unsigned long flags;
	struct hlist_node by_id;
	struct hlist_node by_sa;
	struct list_head due;
	struct list_head wait;
	struct isakmp_net *in;
	struct isakmp_sa *sa;
	u64 id;
	u64 due_at;
	u8 class;
	u16 bucket;
	u16 peer_bucket;
	u32 portid;
	bool again;
	struct isakmp_path path;
	struct ike_suite suite;
	char peer[ISAKMP_NAME_MAX + 1];
	u32 gen;
	struct ike_ask ask;
	u8 n_certs;
	struct isakmp_question_cert cert[ISAKMP_QUESTION_CERTS];
	struct ike_verdict *lost;
	size_t size;
	u8 data[];
};

/**
 * struct isakmp_helper - a registered socket
 * @list: in isakmp_upcall_net.helpers
 * @portid: of the socket
 * @accepted: questions it has taken
 */
struct isakmp_helper {
	struct list_head list;
	u32 portid;
	struct list_head accepted;
};

int isakmp_upcall_register(struct isakmp_net *in, struct isakmp_helper *helper);
struct isakmp_question *isakmp_upcall_take(struct isakmp_net *in, u32 portid);
struct isakmp_question *isakmp_upcall_taken(struct isakmp_net *in, u64 id, u32 portid);
void isakmp_upcall_put_back(struct isakmp_question *q);
bool isakmp_upcall_again(struct isakmp_question *q);
int isakmp_upcall_answer(struct isakmp_question *q, struct ike_verdict *v,
			 struct isakmp_lease_wish *w);
void isakmp_upcall_put(struct isakmp_question *q);
void isakmp_upcall_announce(struct isakmp_net *in);
bool isakmp_upcall_unregister(struct isakmp_net *in, u32 portid);

#endif
