// SPDX-License-Identifier: GPL-2.0
/*
 * The answer to a request, kept to be sent again, bit by bit, when the request
 * comes again (RFC 7296, 2.1).
 *
 * One that is large is several datagrams (RFC 7383), sent again together: for the
 * request, or for its first fragment.
 */
#include <linux/slab.h>
#include "net/response.h"
#include "net/send.h"
#include "netns.h"

/* The message ID is in the header of each datagram. */
static u32 msgid_of(const struct isakmp_response *r)
{
	return get_unaligned_be32(r->data + IKE_HDR_MSGID_AT);
}

/**
 * isakmp_response_put - keep a response in place of the one before
 * @slot: where; of a door
 * @r: the response, from kmalloc(), which changes hands; NULL: none
 *
 * Context: Process; the worker of the door's SA, or its last owner.
 */
void isakmp_response_put(struct isakmp_response __rcu **slot, struct isakmp_response *r)
{
	struct isakmp_response *old;

	if (r)
		r->until = isakmp_now() + IKE_RESPONSE_MS;
	old = rcu_replace_pointer(*slot, r, true);
	if (old)
		kfree_rcu(old, rcu);
}

/**
 * isakmp_response_store - keep the response to a request
 * @d: the door that it came to
 * @r: the response, from kmalloc(), which changes hands
 * @window: requests that the peer may have under way
 *
 * Those to requests that have left the window go.  A window that has grown keeps what
 * was there.
 *
 * Context: Process; the worker of the door's SA.
 */
void isakmp_response_store(struct isakmp_door *d, struct isakmp_response *r, u32 window)
{
	const struct isakmp_response *old;
	u32 id = msgid_of(r);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(d->response); i++) {
		old = rcu_dereference_protected(d->response[i], true);
		if (old && msgid_of(old) + window <= id)
			isakmp_response_put(&d->response[i], NULL);
	}
	isakmp_response_put(&d->response[id % ARRAY_SIZE(d->response)], r);
}

/* When it is to go; U64_MAX: there is none. */
static u64 expire(struct isakmp_response __rcu **slot, u64 now)
{
	const struct isakmp_response *r = rcu_dereference_protected(*slot, true);

	if (!r)
		return U64_MAX;
	if (now < r->until)
		return r->until;
	isakmp_response_put(slot, NULL);
	return U64_MAX;
}

/**
 * isakmp_response_expire - forget the old responses of an SA
 * @sa: the SA
 *
 * RFC 7296, 2.1: "responders are allowed to forget the response after a timeout of
 * several minutes".
 *
 * Context: Process; the SA's worker.
 * Return: ms: when to come back; U64_MAX: nothing is kept.
 */
u64 isakmp_response_expire(struct isakmp_sa *sa)
{
	u64 at = U64_MAX, now = isakmp_now();
	struct ike_epoch *ep;
	unsigned int i;

	for (ep = sa->ike.ep; ep; ep = ep->next)
		for (i = 0; ep->door && i < IKE_WINDOW_MAX; i++)
			at = min(at, expire(&ep->door->response[i], now));
	return at;
}

/**
 * isakmp_response_to - the response to a request
 * @d: the door it came to
 * @msgid: its message ID
 *
 * Context: Any, under RCU.
 * Return: the response, valid under RCU; NULL: none is kept.
 */
const struct isakmp_response *isakmp_response_to(const struct isakmp_door *d, u32 msgid)
{
	const struct isakmp_response *r;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(d->response); i++) {
		r = rcu_dereference(d->response[i]);
		if (r && msgid_of(r) == msgid && isakmp_now() < r->until)
			return r;
	}
	return NULL;
}

/* Must hold sa.lock. */
static bool may_repeat(struct isakmp_sa *sa)
{
	lockdep_assert_held(&sa->lock);
	return isakmp_bucket_spend(&sa->repeat, isakmp_now(), IKE_REPEAT_PER_SECOND,
				   IKE_REPEAT_BURST);
}

/**
 * isakmp_response_repeat - send a response again
 * @sa: the SA
 * @r: its response
 * @path: how the request came this time
 *
 * Only on the path that the request came on: a copy of it sent from elsewhere is a
 * trap.  But a peer behind a NAT, from IKE_AUTH on, may have another address by now
 * (RFC 7296, 2.23), and with MOBIKE it asks from whatever address it has.  Wherever it
 * asks from, the answer goes back there (2.11): out of a VRF into it, never by the way
 * that the request came first.
 *
 * Context: Any, with no lock of ours held.
 * Return: OK; REPEATED_OFTEN; SEND; NO_MEMORY.
 */
enum isakmp_reason isakmp_response_repeat(struct isakmp_sa *sa, const struct isakmp_response *r,
					  const struct isakmp_path *path)
{
	enum isakmp_reason why = ISAKMP_OK;
	struct isakmp_path out = *path;
	u32 at, n;
	bool may;

	if (!out.ifindex)
		out.ifindex = r->ifindex;
	if (!out.mark)
		out.mark = r->mark;
	spin_lock_bh(&sa->lock);
	may = may_repeat(sa);
	spin_unlock_bh(&sa->lock);
	if (!may)
		return ISAKMP_R_REPEATED_OFTEN;
	for (at = 0; at < r->len && !why; at += n) {
		n = isakmp_header_length(r->data + at);
		why = isakmp_send_message(sa->in, &out, ISAKMP_SENDER_GATE, r->data + at, n);
	}
	if (!why)
		isakmp_count(sa->in, ISAKMP_S_REPEAT);
	return why;
}
