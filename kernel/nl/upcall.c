// SPDX-License-Identifier: GPL-2.0
/*
 * Questions for the helper.
 *
 *	isakmp_ask() --> waiting --accept--> accepted --done--> verdict to the SA
 *	                    ^                   |
 *	                    +-- socket closed --+   (also: stale answer, once)
 *
 * The kernel never pushes: READY only says that there is something, a helper
 * takes one when it is ready for it, so a burst cannot overflow its socket.  A
 * READY stands for all that waits until a helper has found nothing.
 *
 * Exactly one of three completes a question: an answer, the deadline, the end of
 * the SA.  Whoever sets ISAKMP_QUESTION_DONE does; it unlinks the question and, but
 * for the end of the SA, posts one verdict.  The verdict of the deadline is
 * allocated with the question, so that it cannot fail.
 *
 * Bounds: classes, each with a limit that leaves room for the better ones; a share
 * per peer object where that is known, and for responders one per source prefix
 * (hashes: two peers or prefixes may share a bucket).
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <isakmp/ikev2.h>
#include "ike/seam.h"
#include "net/sa.h"
#include "netns.h"
#include "nl/helper.h"
#include "nl/publish.h"
#include "nl/question.h"
#include "trace.h"
#include "wire/chain.h"

static const unsigned int class_max[ISAKMP_UPCALL_CLASSES] = {
	[ISAKMP_UPCALL_ESTABLISHED]	= ISAKMP_UPCALLS_MAX,
	[ISAKMP_UPCALL_OURS]		= ISAKMP_UPCALLS_MAX - ISAKMP_UPCALLS_MAX / 16,
	[ISAKMP_UPCALL_PROVEN]		= ISAKMP_UPCALLS_MAX - ISAKMP_UPCALLS_MAX / 8,
	[ISAKMP_UPCALL_STRANGER]	= ISAKMP_UPCALLS_STRANGER,
};

static void trace(const struct isakmp_question *q, u8 what, enum isakmp_reason why)
{
	trace_isakmp_upcall(q->in->net, q->sa->id, q->id, q->ask.kind, what, why);
}

/* ---- a question ---------------------------------------------------------- */

/* The spans of @ask that are copied. */
#define ASK_SPANS(ask)							\
	{ &(ask)->msg_i, &(ask)->msg_r, &(ask)->ni, &(ask)->nr, &(ask)->sk_pi, \
	  &(ask)->sk_pr, &(ask)->id_i, &(ask)->id_r, &(ask)->auth, &(ask)->certreq, \
	  &(ask)->seed, &(ask)->peer_ke, &(ask)->attributes, &(ask)->secret, \
	  &(ask)->secret_id, &(ask)->unique }

/* Does this payload of the peer go up?  The first IKE_CERTS_MAX of either type do. */
static bool cert_goes_up(const struct isakmp_payload *p, unsigned int *certs,
			 unsigned int *requests)
{
	if (p->type == IKE_PL_CERT)
		return ++*certs <= IKE_CERTS_MAX;
	if (p->type == IKE_PL_CERTREQ)
		return ++*requests <= IKE_CERTS_MAX;
	return false;
}

static size_t chain_octets(const struct isakmp_chain *c)
{
	unsigned int i, certs = 0, requests = 0;
	size_t n = 0;

	for (i = 0; c && i < c->n; i++)
		if (cert_goes_up(&c->pl[i], &certs, &requests))
			n += c->pl[i].len;
	return n;
}

static void chain_copy(struct isakmp_question *q, const struct isakmp_chain *c, u8 *to)
{
	unsigned int i, certs = 0, requests = 0;

	for (i = 0; c && i < c->n; i++) {
		const struct isakmp_payload *p = &c->pl[i];
		struct isakmp_question_cert *x;

		if (!cert_goes_up(p, &certs, &requests))
			continue;
		x = &q->cert[q->n_certs++];
		x->request = p->type == IKE_PL_CERTREQ;
		x->body.p = to;
		x->body.len = p->len;
		memcpy(to, p->body, p->len);
		to += p->len;
	}
}

static size_t ask_octets(const struct ike_ask *ask)
{
	const struct ike_span *const v[] = ASK_SPANS(ask);
	unsigned int i;
	size_t n = 0;

	for (i = 0; i < ARRAY_SIZE(v); i++)
		n += v[i]->len;
	return n + chain_octets(ask->chain);
}

static void ask_copy(struct isakmp_question *q, const struct ike_ask *ask)
{
	struct ike_span *v[] = ASK_SPANS(&q->ask);
	u8 *p = q->data;
	unsigned int i;

	q->ask = *ask;
	for (i = 0; i < ARRAY_SIZE(v); i++) {
		if (v[i]->len)
			memcpy(p, v[i]->p, v[i]->len);
		v[i]->p = p;
		p += v[i]->len;
	}
	chain_copy(q, ask->chain, p);
	q->ask.chain = NULL;
}

static u8 sa_class(const struct ike_sa *sa)
{
	if (sa->established_at)
		return ISAKMP_UPCALL_ESTABLISHED;
	if (sa->initiator)
		return ISAKMP_UPCALL_OURS;
	return sa->proven ? ISAKMP_UPCALL_PROVEN : ISAKMP_UPCALL_STRANGER;
}

/* The bucket of the /24 or /48 that the peer's address is in. */
static u16 sa_bucket(struct isakmp_net *in, const struct isakmp_addr *remote)
{
	size_t n = remote->family == 4 ? 3 : 6;

	return (u16)(siphash(remote->a, n, &in->upcall.key) % ISAKMP_UPCALL_SHARES);
}

static u16 name_bucket(struct isakmp_net *in, const char *peer)
{
	return (u16)(siphash(peer, strlen(peer), &in->upcall.key) % ISAKMP_UPCALL_SHARES);
}

static struct isakmp_question *question_new(struct ike_sa *ike, const struct ike_ask *ask)
{
	size_t size = sizeof(struct isakmp_question) + ask_octets(ask);
	struct isakmp_question *q = kvzalloc(size, GFP_KERNEL);

	if (!q)
		return NULL;
	q->lost = isakmp_alloc(sizeof(*q->lost));
	if (!q->lost) {
		kvfree(q);
		return NULL;
	}
	q->lost->kind = ask->kind;
	q->lost->question = ask->question;
	q->lost->reason = ISAKMP_R_HELPER_LOST;
	refcount_set(&q->ref, 1);
	q->size = size;
	q->sa = isakmp_sa_of(ike);
	isakmp_sa_get(q->sa);
	q->in = q->sa->in;
	q->class = sa_class(ike);
	q->bucket = sa_bucket(q->in, &ike->path.remote);
	q->path = ike->path;
	q->suite = ike->ep->suite;
	if (ike->peer) {
		memcpy(q->peer, ike->peer->name, sizeof(q->peer));
		q->gen = ike->peer->gen;
		q->peer_bucket = name_bucket(q->in, q->peer);
	}
	ask_copy(q, ask);
	return q;
}

/**
 * isakmp_upcall_put() - drop a reference
 * @q: the question
 *
 * Context: process.
 */
void isakmp_upcall_put(struct isakmp_question *q)
{
	if (!refcount_dec_and_test(&q->ref))
		return;
	isakmp_free(q->lost);
	isakmp_sa_put(q->sa);
	/* SK_pi, SK_pr; SKEYID, nonces */
	kvfree_sensitive(q, q->size);
}

/* ---- queues; all of it must hold the lock -------------------------------- */

/* Responders share by where they are, whoever has a peer object by that. */
static bool has_prefix_share(const struct isakmp_question *q)
{
	return q->class == ISAKMP_UPCALL_PROVEN || q->class == ISAKMP_UPCALL_STRANGER;
}

static void share_add(struct isakmp_upcall_net *u, const struct isakmp_question *q, int n)
{
	BUILD_BUG_ON(ISAKMP_UPCALLS_PREFIX > U8_MAX || ISAKMP_UPCALLS_PEER > U8_MAX);
	lockdep_assert_held(&u->lock);
	u->n[q->class] += n;
	if (has_prefix_share(q))
		u->share[q->bucket] += n;
	if (q->peer[0])
		u->peer_share[q->peer_bucket] += n;
}

static enum isakmp_reason queue_room(struct isakmp_upcall_net *u, const struct isakmp_question *q)
{
	unsigned int i, n = 0;

	lockdep_assert_held(&u->lock);
	if (u->dying)
		return ISAKMP_R_DYING;
	for (i = 0; i < ISAKMP_UPCALL_CLASSES; i++)
		n += u->n[i];
	if (n >= class_max[q->class] || u->n[q->class] >= class_max[q->class])
		return ISAKMP_R_UPCALL_LIMIT;
	if (has_prefix_share(q) && u->share[q->bucket] >= ISAKMP_UPCALLS_PREFIX)
		return ISAKMP_R_UPCALL_LIMIT;
	if (q->peer[0] && u->peer_share[q->peer_bucket] >= ISAKMP_UPCALLS_PEER)
		return ISAKMP_R_UPCALL_LIMIT;
	return ISAKMP_OK;
}

static void queue_link(struct isakmp_upcall_net *u, struct isakmp_question *q)
{
	lockdep_assert_held(&u->lock);
	q->id = ++u->last_id;
	q->due_at = isakmp_now() + ISAKMP_UPCALL_MS;
	hash_add(u->by_id, &q->by_id, q->id);
	hash_add(u->by_sa, &q->by_sa, (unsigned long)q->sa);
	list_add_tail(&q->due, &u->due);
	list_add_tail(&q->wait, &u->waiting[q->class]);
	share_add(u, q, 1);
}

/* The one who gets true completes the question, and has its first reference. */
static bool queue_claim(struct isakmp_upcall_net *u, struct isakmp_question *q)
{
	lockdep_assert_held(&u->lock);
	if (test_and_set_bit(ISAKMP_QUESTION_DONE, &q->flags))
		return false;
	hash_del(&q->by_id);
	hash_del(&q->by_sa);
	list_del(&q->due);
	list_del(&q->wait);
	share_add(u, q, -1);
	return true;
}

static void queue_wait(struct isakmp_upcall_net *u, struct isakmp_question *q)
{
	lockdep_assert_held(&u->lock);
	q->portid = 0;
	list_move(&q->wait, &u->waiting[q->class]);
	u->announced = false;
}

static struct isakmp_question *queue_first(struct isakmp_upcall_net *u)
{
	unsigned int i;

	lockdep_assert_held(&u->lock);
	for (i = 0; i < ISAKMP_UPCALL_CLASSES; i++)
		if (!list_empty(&u->waiting[i]))
			return list_first_entry(&u->waiting[i], struct isakmp_question, wait);
	return NULL;
}

static struct isakmp_helper *helper_find(struct isakmp_upcall_net *u, u32 portid)
{
	struct isakmp_helper *h;

	lockdep_assert_held(&u->lock);
	list_for_each_entry(h, &u->helpers, list)
		if (h->portid == portid)
			return h;
	return NULL;
}

/* ---- asking -------------------------------------------------------------- */

/* Seam: see ike/seam.h. */
enum isakmp_reason isakmp_ask(struct ike_sa *sa, const struct ike_ask *ask)
{
	struct isakmp_question *q = question_new(sa, ask);
	struct isakmp_net *in = isakmp_sa_of(sa)->in;
	struct isakmp_upcall_net *u = &in->upcall;
	enum isakmp_reason why;

	if (!q)
		return ISAKMP_R_NO_MEMORY;
	isakmp_revocations_note(q->sa, ask->kind == IKE_ASK_V1_BEGIN);
	spin_lock(&u->lock);
	why = queue_room(u, q);
	if (!why) {
		queue_link(u, q);
		trace(q, ISAKMP_TRACE_ASKED, ISAKMP_OK);
	}
	spin_unlock(&u->lock);
	if (why) {
		isakmp_upcall_put(q);
		return why;
	}
	isakmp_count(in, ISAKMP_S_UPCALL);
	/* Armed already, if there is an older one. */
	queue_delayed_work(system_unbound_wq, &u->deadline, msecs_to_jiffies(ISAKMP_UPCALL_MS));
	isakmp_upcall_announce(in);
	return ISAKMP_OK;
}

/* Seam: see ike/seam.h. */
void isakmp_ask_cancel(struct ike_sa *ike)
{
	struct isakmp_sa *sa = isakmp_sa_of(ike);
	struct isakmp_upcall_net *u = &sa->in->upcall;
	struct isakmp_question *q, *found = NULL;
	struct hlist_node *tmp;

	spin_lock(&u->lock);
	hash_for_each_possible_safe(u->by_sa, q, tmp, by_sa, (unsigned long)sa)
		if (q->sa == sa && queue_claim(u, q))
			found = q;
	spin_unlock(&u->lock);
	if (!found)
		return;
	trace(found, ISAKMP_TRACE_CANCELLED, ISAKMP_OK);
	isakmp_upcall_put(found);
}

/* The oldest question if it is overdue, claimed; else the time until it is. */
static struct isakmp_question *claim_overdue(struct isakmp_upcall_net *u, u64 *left)
{
	struct isakmp_question *q;
	u64 now = isakmp_now();

	*left = 0;
	spin_lock(&u->lock);
	q = list_first_entry_or_null(&u->due, struct isakmp_question, due);
	if (q && q->due_at > now) {
		*left = q->due_at - now;
		q = NULL;
	}
	if (q)
		queue_claim(u, q);
	spin_unlock(&u->lock);
	return q;
}

/* Hands @v to the SA of a question that the caller has claimed. */
static void question_complete(struct isakmp_question *q, struct ike_verdict *v, u8 what)
{
	trace(q, what, v->reason);
	isakmp_sa_post_verdict(q->sa, v);
	isakmp_upcall_put(q);
}

static void upcall_deadline(struct work_struct *work)
{
	struct isakmp_upcall_net *u = container_of(to_delayed_work(work),
						   struct isakmp_upcall_net, deadline);
	struct isakmp_question *q;
	struct ike_verdict *v;
	u64 left;

	while ((q = claim_overdue(u, &left))) {
		v = q->lost;
		q->lost = NULL;
		question_complete(q, v, ISAKMP_TRACE_LOST);
		cond_resched();
	}
	/* Even if a question that came meanwhile has armed it for its own. */
	if (left)
		mod_delayed_work(system_unbound_wq, &u->deadline,
				 msecs_to_jiffies((unsigned int)left) + 1);
}

/* ---- what helpers do ----------------------------------------------------- */

/**
 * isakmp_upcall_announce() - say READY, unless that was said
 * @in: the namespace
 *
 * Context: process.
 */
void isakmp_upcall_announce(struct isakmp_net *in)
{
	struct isakmp_upcall_net *u = &in->upcall;
	bool tell;

	spin_lock(&u->lock);
	tell = !u->announced && u->n_helpers && queue_first(u);
	if (tell)
		u->announced = true;
	spin_unlock(&u->lock);
	if (!tell || !isakmp_helper_ready(in))
		return;
	/* Nobody heard it: the next question tries again. */
	spin_lock(&u->lock);
	u->announced = false;
	spin_unlock(&u->lock);
}

/**
 * isakmp_upcall_register() - a socket is a helper from now on
 * @in: the namespace
 * @helper: with its portid; owned by the namespace on success
 *
 * Context: process.
 * Return: how many helpers there are now; -EALREADY, -ENOSPC.
 */
int isakmp_upcall_register(struct isakmp_net *in, struct isakmp_helper *helper)
{
	struct isakmp_upcall_net *u = &in->upcall;
	int n;

	spin_lock(&u->lock);
	if (helper_find(u, helper->portid)) {
		n = -EALREADY;
	} else if (u->n_helpers >= ISAKMP_HELPERS_MAX) {
		n = -ENOSPC;
	} else {
		INIT_LIST_HEAD(&helper->accepted);
		list_add_tail(&helper->list, &u->helpers);
		n = (int)u->n_helpers + 1;
		WRITE_ONCE(u->n_helpers, n);
		/* It did not hear what was announced before. */
		u->announced = false;
	}
	spin_unlock(&u->lock);
	return n;
}

/**
 * isakmp_upcall_unregister() - a socket is gone; what it had accepted waits again
 * @in: the namespace
 * @portid: of the socket
 *
 * Context: process.
 * Return: whether it was a helper.
 */
bool isakmp_upcall_unregister(struct isakmp_net *in, u32 portid)
{
	struct isakmp_upcall_net *u = &in->upcall;
	struct isakmp_question *q, *tmp;
	struct isakmp_helper *h;
	bool found;

	/* Most sockets that close are none. */
	if (list_empty_careful(&u->helpers))
		return false;
	spin_lock(&u->lock);
	h = helper_find(u, portid);
	if (h) {
		list_for_each_entry_safe_reverse(q, tmp, &h->accepted, wait)
			queue_wait(u, q);
		list_del(&h->list);
		WRITE_ONCE(u->n_helpers, u->n_helpers - 1);
		u->announced = false;
	}
	spin_unlock(&u->lock);
	found = h;
	kfree(h);
	return found;
}

/**
 * isakmp_upcall_take() - the next question for a helper
 * @in: the namespace
 * @portid: of the helper's socket
 *
 * Context: process.
 * Return: the question, pinned; ERR_PTR: -EAGAIN, none waits; -ENOTCONN, not
 * registered.
 */
struct isakmp_question *isakmp_upcall_take(struct isakmp_net *in, u32 portid)
{
	struct isakmp_upcall_net *u = &in->upcall;
	struct isakmp_helper *h;
	struct isakmp_question *q;

	spin_lock(&u->lock);
	h = helper_find(u, portid);
	q = h ? queue_first(u) : ERR_PTR(-ENOTCONN);
	if (!q) {
		u->announced = false;
		q = ERR_PTR(-EAGAIN);
	} else if (h) {
		q->portid = portid;
		list_move_tail(&q->wait, &h->accepted);
		refcount_inc(&q->ref);
		trace(q, ISAKMP_TRACE_ACCEPTED, ISAKMP_OK);
	}
	spin_unlock(&u->lock);
	return q;
}

/**
 * isakmp_upcall_taken() - a question that a helper has accepted
 * @in: the namespace
 * @id: of the question
 * @portid: of the helper's socket
 *
 * Context: process.
 * Return: the question, pinned, or NULL.
 */
struct isakmp_question *isakmp_upcall_taken(struct isakmp_net *in, u64 id, u32 portid)
{
	struct isakmp_upcall_net *u = &in->upcall;
	struct isakmp_question *q, *found = NULL;

	spin_lock(&u->lock);
	hash_for_each_possible(u->by_id, q, by_id, id) {
		if (q->id == id && q->portid == portid) {
			refcount_inc(&q->ref);
			found = q;
			break;
		}
	}
	spin_unlock(&u->lock);
	return found;
}

/**
 * isakmp_upcall_put_back() - the helper did not get it: it waits again
 * @q: a question it had taken; may be completed meanwhile
 *
 * Context: process.
 */
void isakmp_upcall_put_back(struct isakmp_question *q)
{
	struct isakmp_upcall_net *u = &q->in->upcall;

	spin_lock(&u->lock);
	if (!test_bit(ISAKMP_QUESTION_DONE, &q->flags))
		queue_wait(u, q);
	spin_unlock(&u->lock);
}

/**
 * isakmp_upcall_again() - the answer was stale: ask again, once
 * @q: a question that a helper has taken
 *
 * Context: process.
 * Return: whether it waits again; else the caller answers it.
 */
bool isakmp_upcall_again(struct isakmp_question *q)
{
	struct isakmp_upcall_net *u = &q->in->upcall;
	bool again;

	spin_lock(&u->lock);
	again = !q->again && !test_bit(ISAKMP_QUESTION_DONE, &q->flags);
	if (again) {
		q->again = true;
		queue_wait(u, q);
	}
	spin_unlock(&u->lock);
	return again;
}

/**
 * isakmp_upcall_answer() - complete a question
 * @q: the question; the caller keeps its reference
 * @v: the verdict; owned by the SA on success
 * @w: inner addresses that the SA is to hold with it, or NULL
 *
 * Who completes a question enters the addresses, in one step.
 *
 * Context: process.
 * Return: 0; -ENOENT: it is completed already; as isakmp_lease_enter(): it is not.
 */
int isakmp_upcall_answer(struct isakmp_question *q, struct ike_verdict *v,
			 struct isakmp_lease_wish *w)
{
	struct isakmp_upcall_net *u = &q->in->upcall;
	int err = 0;

	spin_lock(&u->lock);
	if (test_bit(ISAKMP_QUESTION_DONE, &q->flags))
		err = -ENOENT;
	else if (w)
		err = isakmp_lease_enter(w);
	if (!err)
		queue_claim(u, q);
	spin_unlock(&u->lock);
	if (err)
		return err;
	question_complete(q, v, ISAKMP_TRACE_ANSWERED);
	return 0;
}

/* ---- a namespace --------------------------------------------------------- */

/**
 * isakmp_upcall_net_init() - nobody asks, nobody answers
 * @in: the namespace
 *
 * Context: process.
 * Return: 0.
 */
int isakmp_upcall_net_init(struct isakmp_net *in)
{
	struct isakmp_upcall_net *u = &in->upcall;
	unsigned int i;

	spin_lock_init(&u->lock);
	for (i = 0; i < ISAKMP_UPCALL_CLASSES; i++)
		INIT_LIST_HEAD(&u->waiting[i]);
	INIT_LIST_HEAD(&u->due);
	INIT_LIST_HEAD(&u->helpers);
	hash_init(u->by_id);
	hash_init(u->by_sa);
	get_random_bytes(&u->key, sizeof(u->key));
	INIT_DELAYED_WORK(&u->deadline, upcall_deadline);
	isakmp_debug_net_init(in);
	u->in = in;
	return 0;
}

/**
 * isakmp_upcall_net_pre_exit() - no more questions
 * @in: the namespace
 *
 * Context: process.
 */
void isakmp_upcall_net_pre_exit(struct isakmp_net *in)
{
	spin_lock(&in->upcall.lock);
	in->upcall.dying = true;
	spin_unlock(&in->upcall.lock);
}

/**
 * isakmp_upcall_net_exit() - the namespace goes
 * @in: the namespace.  Its SAs are gone and have cancelled their questions; its
 *	sockets are closed, or the family is not registered any more
 *
 * Context: process.
 */
void isakmp_upcall_net_exit(struct isakmp_net *in)
{
	struct isakmp_upcall_net *u = &in->upcall;
	struct isakmp_helper *h, *tmp;

	cancel_delayed_work_sync(&u->deadline);
	WARN_ON_ONCE(!list_empty(&u->due));
	list_for_each_entry_safe(h, tmp, &u->helpers, list)
		kfree(h);
	isakmp_publish_net_exit(in);
}
