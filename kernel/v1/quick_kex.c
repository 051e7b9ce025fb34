// SPDX-License-Identifier: GPL-2.0
/*
 * The key exchange of a Quick Mode (RFC 2409, 5.5: "PFS").
 *
 * In a group of the helper's the private key is a seed that stays here, as in phase 1:
 *
 *	initiator	seed -> our value		before message 1 goes out
 *			seed, KE -> g(qm)^xy		message 2 waits for it
 *	responder	seed, KE -> our value, g(qm)^xy	message 1 waits for it
 *
 * A message that waits is kept, and comes again to no effect.  One question of a connection is
 * with the helper at a time: further Quick Modes wait for its answer, and let phase 1 go first.
 * Nobody waits for ever: the question has a deadline, and the exchange has one.
 */
#include "v1/phase2.h"

static struct v1_pfs *pfs_of(const struct v1_exchange *x)
{
	struct v1_quick *q = x->ops == &v1_quick_ops ? x->body : NULL;

	return q ? &q->pfs : NULL;
}

/**
 * v1_pfs_waits - does a Quick Mode wait for the helper?
 * @x: an exchange
 *
 * Context: Process; the SA's worker.
 * Return: true if it does.
 */
bool v1_pfs_waits(const struct v1_exchange *x)
{
	const struct v1_pfs *pfs = pfs_of(x);

	return pfs && pfs->state != V1_PFS_IDLE;
}

/* ---- the kernel's own groups ------------------------------------------------- */

/**
 * v1_pfs_check - has a message a KE payload exactly when the suite has a group?
 * @in: the message
 * @group: the group, or IKE_KE_NONE
 * @ke: set; NULL: it has none
 *
 * Context: Process; the SA's worker.
 * Return: OK: and it is a value of the group; KE_GROUP, MISSING, KE_VALUE.
 */
enum isakmp_reason v1_pfs_check(const struct v1_in *in, u16 group,
				const struct isakmp_payload **ke)
{
	*ke = v1_chain_find(&in->chain, V1_PL_KE);
	if (group == IKE_KE_NONE)
		return *ke ? ISAKMP_R_KE_GROUP : ISAKMP_OK;
	if (!*ke)
		return ISAKMP_R_MISSING;
	return isakmp_kex_pub_ok(group, (*ke)->body, (*ke)->len) ? ISAKMP_OK : ISAKMP_R_KE_VALUE;
}

/**
 * v1_pfs_make - our private key, and the value that goes with it
 * @pfs: its group
 * @pub: IKE_KE_MAX room
 * @pub_len: set; 0: without PFS
 *
 * Context: Process; the SA's worker.
 * Return: OK, or as ike_kex_none().
 */
enum isakmp_reason v1_pfs_make(struct v1_pfs *pfs, u8 *pub, u16 *pub_len)
{
	*pub_len = 0;
	if (pfs->group == IKE_KE_NONE)
		return ISAKMP_OK;
	pfs->kex = isakmp_kex_new(pfs->group, pub, pub_len);
	return pfs->kex ? ISAKMP_OK : ike_kex_none(pfs->group);
}

/**
 * v1_pfs_derive - g(qm)^xy
 * @kex: our private key; NULL: a fresh one, with its value in @pub
 * @group: the group
 * @ke: the peer's value; NULL: there is no PFS
 * @pub: IKE_KE_MAX room
 * @pub_len: set with it
 * @shared: IKE_KE_MAX room
 * @out: set: it, in @shared
 *
 * Context: Process; the SA's worker.
 * Return: OK; KE_VALUE; as ike_kex_none().
 */
enum isakmp_reason v1_pfs_derive(struct isakmp_kex *kex, u16 group,
				 const struct isakmp_payload *ke, u8 *pub, u16 *pub_len,
				 u8 *shared, struct ike_span *out)
{
	struct isakmp_kex *fresh = NULL;
	enum isakmp_reason why;
	u16 len;

	if (!ke)
		return ISAKMP_OK;
	if (!kex)
		kex = fresh = isakmp_kex_new(group, pub, pub_len);
	if (!kex)
		return ike_kex_none(group);
	why = ike_kex_reason(isakmp_kex_derive(kex, ke->body, ke->len, shared, &len));
	isakmp_kex_free(fresh);
	*out = (struct ike_span){ shared, len };
	return why;
}

/* ---- asking the helper --------------------------------------------------------- */

static unsigned int count_waiting(const struct ike_epoch *ep)
{
	const struct v1_exchange *x;
	unsigned int n = 0;

	for (x = v1_of(ep)->exchanges; x; x = x->next)
		n += v1_pfs_waits(x);
	return n;
}

static void drop_kept(struct v1_exchange *x, struct v1_pfs *pfs)
{
	isakmp_free(pfs->kept);
	pfs->kept = NULL;
	pfs->kept_len = 0;
	pfs->state = V1_PFS_IDLE;
	x->pending = 0;
}

/**
 * v1_pfs_wait - a Quick Mode has to wait for the helper
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @x: the Quick Mode; its group is one of the helper's
 * @in: the message that waits; NULL: message 1 of ours
 *
 * The question is asked when no other one is under way: by v1_pfs_tasks(), after each event.
 *
 * Context: Process; the SA's worker.
 * Return: OK; HELPER_LOST: there is none; UPCALL_LIMIT: too many wait; OVERSIZE; NO_MEMORY.
 */
enum isakmp_reason v1_pfs_wait(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x,
			       const struct v1_in *in)
{
	struct v1_pfs *pfs = pfs_of(x);

	if (!isakmp_kex_ready(sa, pfs->group))
		return ISAKMP_R_HELPER_LOST;
	if (!x->initiator && count_waiting(ep) >= V1_WAIT_MAX)
		return ISAKMP_R_UPCALL_LIMIT;
	if (in && in->chain.end > V1_WAIT_LEN)
		return ISAKMP_R_OVERSIZE;
	if (in) {
		pfs->kept = ike_copy(in->pkt->data + IKE_HDR_LEN, in->chain.end);
		if (!pfs->kept)
			return ISAKMP_R_NO_MEMORY;
		pfs->kept_len = (u32)in->chain.end;
		pfs->kept_first = in->h.next;
		pfs->path = in->pkt->path;
		x->pending = in->pkt->digest;
		x->talk.resend_at = IKE_NEVER;
	}
	if (!in || !x->initiator)
		isakmp_random(pfs->seed, sizeof(pfs->seed));
	pfs->state = V1_PFS_WAITS;
	return ISAKMP_OK;
}

/* The message that waits, as it was when it came. */
static enum isakmp_reason read_kept(struct ike_epoch *ep, struct v1_exchange *x,
				    const struct ike_packet *pkt, struct v1_in *in)
{
	const struct v1_pfs *pfs = pfs_of(x);

	in->ep = ep;
	in->x = x;
	in->h.msgid = x->msgid;
	in->h.exchange = V1_QUICK;
	in->encrypted = true;
	in->authentic = true;
	if (!pfs->kept)
		return ISAKMP_OK;
	in->pkt = pkt;
	return v1_chain_decode(pfs->kept_first, pfs->kept, pfs->kept_len, false, &in->chain);
}

static enum isakmp_reason ask(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x,
			      struct v1_in *in)
{
	struct v1_pfs *pfs = pfs_of(x);
	const struct ike_packet pkt = { .path = pfs->path, .digest = x->pending };
	const struct isakmp_payload *ke;
	struct ike_ask a = {
		.kind = IKE_ASK_KEX,
		.group = pfs->group,
		.seed = { pfs->seed, sizeof(pfs->seed) },
	};
	enum isakmp_reason why = read_kept(ep, x, &pkt, in);

	ke = v1_chain_find(&in->chain, V1_PL_KE);
	if (ke)
		a.peer_ke = (struct ike_span){ ke->body, ke->len };
	if (!why)
		why = v1_ask(sa, ep, x->msgid, &a);
	if (!why)
		pfs->state = V1_PFS_ASKED;
	return why;
}

/* The one that waits for the longest time: new ones are first. */
static struct v1_exchange *next_of(const struct ike_epoch *ep)
{
	struct v1_exchange *x, *found = NULL;

	for (x = ep->v1 ? v1_of(ep)->exchanges : NULL; x; x = x->next)
		if (v1_pfs_waits(x) && pfs_of(x)->state == V1_PFS_WAITS)
			found = x;
	return found;
}

static enum isakmp_reason ask_all(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct v1_exchange *x = NULL;
	enum isakmp_reason why;
	struct ike_epoch *ep;

	for (ep = sa->ep; ep && !sa->v1->asking; ep = x ? ep : ep->next) {
		x = next_of(ep);
		if (!x)
			continue;
		memset(in, 0, sizeof(*in));
		why = ask(sa, ep, x, in);
		if (why == ISAKMP_R_NO_MEMORY)
			return why;
		if (why) {
			isakmp_refused(sa, why, pfs_of(x)->group);
			v1_pfs_failed(sa, ep, x, why, now);
		}
	}
	return ISAKMP_OK;
}

/**
 * v1_pfs_tasks - ask the helper for who waits, when it can be asked
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK; NO_MEMORY: later.
 */
enum isakmp_reason v1_pfs_tasks(struct ike_sa *sa, u64 now)
{
	enum isakmp_reason why;
	struct ike_epoch *ep;
	struct v1_in *in;

	for (ep = sa->ep; ep && !next_of(ep); ep = ep->next)
		;
	if (!ep || sa->v1->asking)
		return ISAKMP_OK;
	in = isakmp_alloc(sizeof(*in));
	why = in ? ask_all(sa, in, now) : ISAKMP_R_NO_MEMORY;
	isakmp_free(in);
	return why;
}

/**
 * v1_pfs_yield - something else has to be asked
 * @sa: the SA; a question is under way
 *
 * Context: Process; the SA's worker.
 * Return: true: it was of a Quick Mode, which waits again.
 */
bool v1_pfs_yield(struct ike_sa *sa)
{
	struct v1_exchange *x = v1_exchange_of(sa->v1->asking, sa->v1->ask_msgid);

	if (!x || !v1_pfs_waits(x))
		return false;
	pfs_of(x)->state = V1_PFS_WAITS;
	v1_unask(sa, sa->v1->asking);
	return true;
}

/* ---- its answer ------------------------------------------------------------------ */

/**
 * v1_pfs_failed - the helper has not computed
 * @sa: the SA
 * @ep: the ISAKMP SA
 * @x: the Quick Mode; gone afterwards
 * @why: why
 * @now: ms
 *
 * A child that the peer has already is deleted there.  A peer that has begun, and has done nothing
 * wrong, may say the same again.
 *
 * Context: Process; the SA's worker.
 */
void v1_pfs_failed(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x,
		   enum isakmp_reason why, u64 now)
{
	const struct v1_quick *q = x->body;
	struct ike_child *c = x->initiator ? ike_child_of(sa, q->spi) : NULL;
	bool there = x->pending;

	if (!x->initiator && v1_is_ours(why))
		v1_id_unuse(ep, x->msgid);
	v1_exchange_free(sa, ep, x);
	if (!c || c->state != IKE_CHILD_WANTED)
		return;
	if (there)
		ike_child_delete(c);
	else
		ike_rekey_forget(sa, c, why, now);
}

static enum isakmp_reason go_on(struct ike_sa *sa, struct v1_in *in, const struct ike_verdict *v,
				u64 now)
{
	struct v1_exchange *x = in->x;
	struct v1_pfs *pfs = pfs_of(x);
	struct ike_epoch *ep = in->ep;
	u32 msgid = x->msgid;
	enum isakmp_reason why;

	pfs->state = V1_PFS_IDLE;
	why = v1_quick_computed(sa, in, v, now);
	if (sa->state == IKE_S_DEAD || !ep->v1 || v1_exchange_of(ep, msgid) != x)
		return why;
	if (why == ISAKMP_R_NO_MEMORY)
		pfs->state = V1_PFS_WAITS;
	else if (why && x->step)
		v1_pfs_failed(sa, ep, x, why, now);
	else
		drop_kept(x, pfs);
	return why;
}

static enum isakmp_reason hear(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x,
			       const struct ike_verdict *v, u64 now)
{
	const struct v1_pfs *pfs = pfs_of(x);
	const struct ike_packet pkt = { .path = pfs->path, .digest = x->pending };
	enum isakmp_reason why = ike_kex_check(v, pfs->group, pfs->kept);
	struct v1_in *in = isakmp_alloc(sizeof(*in));

	if (!in)
		why = why ? why : ISAKMP_R_NO_MEMORY;
	else if (read_kept(ep, x, &pkt, in))
		why = ISAKMP_R_NO_LAW;
	if (!why) {
		why = go_on(sa, in, v, now);
	} else {
		if (in && !x->initiator && !v1_is_ours(why))
			v1_info_refused(sa, in, why);
		v1_pfs_failed(sa, ep, x, why, now);
	}
	isakmp_free(in);
	return why;
}

/**
 * v1_pfs_verdict - the helper has answered
 * @sa: the SA
 * @ep: for which ISAKMP SA
 * @msgid: for which Quick Mode of it
 * @v: the verdict
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why there is no child.
 */
enum isakmp_reason v1_pfs_verdict(struct ike_sa *sa, struct ike_epoch *ep, u32 msgid,
				  const struct ike_verdict *v, u64 now)
{
	struct v1_exchange *x = v1_exchange_of(ep, msgid);

	if (v->kind != IKE_ASK_KEX)
		return ISAKMP_R_HELPER_ERROR;
	if (!x || !pfs_of(x) || pfs_of(x)->state != V1_PFS_ASKED)
		return ISAKMP_OK;
	return hear(sa, ep, x, v, now);
}

/**
 * v1_pfs_free - the key exchange of a Quick Mode is over
 * @sa: the SA
 * @x: the Quick Mode
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void v1_pfs_free(struct ike_sa *sa, struct v1_exchange *x)
{
	struct v1_pfs *pfs = pfs_of(x);

	if (!pfs)
		return;
	if (pfs->state == V1_PFS_ASKED && sa->v1->asking && sa->v1->ask_msgid == x->msgid)
		v1_unask(sa, sa->v1->asking);
	isakmp_kex_free(pfs->kex);
	pfs->kex = NULL;
	drop_kept(x, pfs);
	memzero_explicit(pfs->seed, sizeof(pfs->seed));
}
