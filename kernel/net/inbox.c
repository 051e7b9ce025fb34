// SPDX-License-Identifier: GPL-2.0
/* Messages that wait at an IKE SA. */
#include <linux/slab.h>
#include "net/work.h"
#include "netns.h"

/**
 * isakmp_packet_new - a copy of a message
 * @data: the message
 * @n: its octets, at most IKE_MSG_MAX
 * @gfp: how to allocate
 *
 * Context: Any that @gfp allows.
 * Return: the copy, its digest and path not set; NULL: no memory.
 */
struct isakmp_packet *isakmp_packet_new(const u8 *data, size_t n, gfp_t gfp)
{
	struct isakmp_packet *p = kmalloc(struct_size(p, data, n), gfp | __GFP_NOWARN);

	if (!p)
		return NULL;
	memset(p, 0, sizeof(*p));
	memcpy(p->data, data, n);
	p->ike.data = p->data;
	p->ike.len = (u32)n;
	return p;
}

/**
 * isakmp_packet_free - forget a message, which may be decrypted by now
 * @p: the message
 *
 * Context: Any.
 */
void isakmp_packet_free(struct isakmp_packet *p)
{
	kfree_sensitive(p);
}

/* Must hold sa.lock.  Strangers may fill half of what there is, the proven three quarters. */
static bool has_room(const struct isakmp_sa *sa, u32 len)
{
	long max = ISAKMP_QUEUED_MAX / 4 * (4 - sa->prio);

	lockdep_assert_held(&sa->lock);
	if (isakmp_sa_inbox_full(sa, len))
		return false;
	return atomic_long_read(&sa->in->sas.queued) + len <= max;
}

/**
 * isakmp_sa_deliver - put a message into the inbox of an SA
 * @sa: the SA
 * @p: the message; changes hands in any case
 *
 * Context: Any.
 * Return: OK, DYING or INBOX_FULL.
 */
enum isakmp_reason isakmp_sa_deliver(struct isakmp_sa *sa, struct isakmp_packet *p)
{
	enum isakmp_reason why = ISAKMP_OK;

	spin_lock_bh(&sa->lock);
	if (sa->dead) {
		why = ISAKMP_R_DYING;
	} else if (!has_room(sa, p->ike.len)) {
		why = ISAKMP_R_INBOX_FULL;
	} else {
		WRITE_ONCE(sa->answered, true);
		atomic_long_add(p->ike.len, &sa->in->sas.queued);
		WRITE_ONCE(sa->n_inbox, sa->n_inbox + 1);
		WRITE_ONCE(sa->inbox_len, sa->inbox_len + p->ike.len);
		list_add_tail(&p->list, &sa->inbox);
		isakmp_work_queue(sa);
	}
	spin_unlock_bh(&sa->lock);
	if (why)
		isakmp_packet_free(p);
	return why;
}

/**
 * isakmp_inbox_take - take all messages out of the inbox of an SA
 * @sa: the SA
 * @inbox: they are put here
 *
 * Context: Process; the SA's worker.  Must hold sa.lock.
 */
void isakmp_inbox_take(struct isakmp_sa *sa, struct list_head *inbox)
{
	struct isakmp_packet *p;

	lockdep_assert_held(&sa->lock);
	INIT_LIST_HEAD(inbox);
	list_splice_init(&sa->inbox, inbox);
	list_for_each_entry(p, inbox, list)
		atomic_long_sub(p->ike.len, &sa->in->sas.queued);
	WRITE_ONCE(sa->n_inbox, 0);
	WRITE_ONCE(sa->inbox_len, 0);
}

/**
 * isakmp_inbox_drop - nobody reads these messages
 * @sa: the SA that they came for
 * @inbox: messages
 *
 * Version 1: what came for an ISAKMP SA that is another one's now goes there.
 *
 * Context: Process; the SA's worker.
 */
void isakmp_inbox_drop(struct isakmp_sa *sa, struct list_head *inbox)
{
	struct isakmp_sa *heir = sa->heir ? isakmp_sa_get_id(sa->in, sa->heir) : NULL;
	struct isakmp_packet *p, *next;

	list_for_each_entry_safe(p, next, inbox, list) {
		list_del(&p->list);
		if (heir)
			isakmp_sa_deliver(heir, p);
		else
			isakmp_packet_free(p);
	}
	if (heir)
		isakmp_sa_put(heir);
}
