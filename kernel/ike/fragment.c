// SPDX-License-Identifier: GPL-2.0
/*
 * Messages that come in fragments (RFC 7383, 2.6).
 *
 * Each fragment is checked by its own ICV before it is kept, and kept as the text
 * that was in it; what is known of the message is read when all are there.  A set has
 * a slot for each number, so that none costs more than another, in whatever order they
 * come.
 *
 * A peer that has its keys can send a part of a message and no more.  So there are
 * limits: on a message (IKE_FRAGMENTS_MAX, IKE_MSG_MAX), on the messages of an epoch (its
 * windows), on a namespace (isakmp_fragments_charge()), on time (IKE_FRAGMENT_MS).
 */
#include "ike/engine.h"

/* The text of one fragment. */
struct part {
	u32 len;
	u8 text[];
};

/**
 * struct ike_set - the fragments of one message, as far as they have come
 * @next: of the same epoch
 * @until: ms: it is whole by then, or forgotten
 * @h: header of a fragment; once the first one is there, of that
 * @path: it came on
 * @digest: of it; a request is known again by that (RFC 7383, 2.6.1)
 * @kind: enum ike_kind
 * @first: type of the first payload inside
 * @total: slots
 * @have: of which filled
 * @largest: octets of the largest of them as it came
 * @text: octets in all parts
 * @charged: octets that the namespace counts for this
 * @part: the slots
 */
struct ike_set {
	struct ike_set *next;
	u64 until;
	struct isakmp_header h;
	struct isakmp_path path;
	u64 digest;
	u8 kind;
	u8 first;
	u16 total;
	u16 have;
	u32 largest;
	u32 text;
	u32 charged;
	struct part *part[];
};

/* ---- sets ---------------------------------------------------------------- */

static struct ike_set **find(struct ike_epoch *ep, u8 kind, u32 msgid)
{
	struct ike_set **p = &ep->fragments;

	while (*p && ((*p)->kind != kind || (*p)->h.msgid != msgid))
		p = &(*p)->next;
	return p;
}

static void drop(struct ike_sa *sa, struct ike_set **p)
{
	struct ike_set *set = *p;
	unsigned int i;

	*p = set->next;
	for (i = 0; i < set->total; i++)
		isakmp_free(set->part[i]);
	isakmp_fragments_charge(sa, -(long)set->charged);
	isakmp_free(set);
}

/* Memory that the namespace counts for a set of @sa. */
static enum isakmp_reason charged_alloc(struct ike_sa *sa, size_t n, void **p)
{
	if (!isakmp_fragments_charge(sa, (long)n))
		return ISAKMP_R_FRAGMENT_ROOM;
	*p = isakmp_alloc(n);
	if (*p)
		return ISAKMP_OK;
	isakmp_fragments_charge(sa, -(long)n);
	return ISAKMP_R_NO_MEMORY;
}

static enum isakmp_reason set_new(struct ike_sa *sa, const struct ike_in *in, u8 kind,
				  const struct isakmp_skf *skf, u64 now)
{
	struct ike_set *set;
	size_t n = sizeof(*set) + skf->total * sizeof(set->part[0]);
	enum isakmp_reason why;
	void *p;

	why = charged_alloc(sa, n, &p);
	if (why)
		return why;
	set = p;
	set->charged = (u32)n;
	set->h = in->h;
	set->kind = kind;
	set->total = skf->total;
	set->until = now + IKE_FRAGMENT_MS;
	set->next = in->ep->fragments;
	in->ep->fragments = set;
	return ISAKMP_OK;
}

/* ---- one fragment -------------------------------------------------------- */

/* RFC 7383, 2.6: what can be told of a fragment without the keys. */
static enum isakmp_reason check(const struct ike_set *set, const struct isakmp_skf *skf)
{
	if (skf->total > IKE_FRAGMENTS_MAX)
		return ISAKMP_R_FRAGMENT_LIMIT;
	if (!set || skf->total > set->total)
		return ISAKMP_OK;
	if (skf->total < set->total)
		return ISAKMP_R_FRAGMENT_OLD;
	return set->part[skf->number - 1] ? ISAKMP_R_FRAGMENT_REPEATED : ISAKMP_OK;
}

static enum isakmp_reason keep(struct ike_sa *sa, struct ike_set *set, const struct ike_in *in,
			       u16 number, const struct ike_span *text)
{
	size_t n = sizeof(struct part) + text->len;
	enum isakmp_reason why;
	struct part *part;
	void *p;

	if (set->text + text->len > IKE_MSG_MAX)
		return ISAKMP_R_FRAGMENT_LIMIT;
	why = charged_alloc(sa, n, &p);
	if (why)
		return why;
	part = p;
	part->len = (u32)text->len;
	memcpy(part->text, text->p, text->len);
	set->part[number - 1] = part;
	set->have++;
	set->charged += (u32)n;
	set->text += (u32)text->len;
	set->largest = max(set->largest, in->pkt->len);
	if (number == 1) {
		set->h = in->h;
		set->first = in->chain.next_in_sk;
		set->digest = in->pkt->digest;
		set->path = in->pkt->path;
	}
	return ISAKMP_OK;
}

/*
 * All are there: @in becomes the message, as if it had come in one piece when and
 * where its first fragment did.  A chain that is malformed is the peer's doing.
 */
static enum isakmp_reason join(const struct ike_set *set, struct ike_in *in)
{
	u8 *text = isakmp_alloc(set->text + 1);	/* it may be empty */
	const struct part *part;
	unsigned int i;
	u8 *p = text;

	if (!text)
		return ISAKMP_R_NO_MEMORY;
	for (i = 0; i < set->total; i++) {
		part = set->part[i];
		memcpy(p, part->text, part->len);
		p += part->len;
	}
	in->whole = (struct ike_packet){ text, set->text, set->digest, set->path };
	in->pkt = &in->whole;
	in->h = set->h;
	in->largest = set->largest;
	in->authentic = true;
	return isakmp_chain_decode(set->first, text, set->text, &in->chain);
}

/*
 * RFC 7383, 5: more than can be a message.  Of a stranger it ends the IKE SA; one who
 * is authenticated has the set forgotten.
 */
static void too_much(struct ike_sa *sa, struct ike_set **p, u64 now)
{
	drop(sa, p);
	if (!sa->initiator && sa->state < IKE_S_ESTABLISHED)
		ike_sa_die(sa, ISAKMP_R_FRAGMENT_LIMIT, 0, now);
}

/**
 * ike_fragment_take - a fragment of a message that may come now
 * @sa: the SA; fragmentation was agreed on, and its keys are there
 * @in: the datagram; its chain is decoded and ends with an SKF payload.  When it was the
 *	last that was missing: the message, authentic, @in->whole the caller's to free
 * @kind: enum ike_kind
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK, kept or whole; BAD_SKF, FRAGMENT_LIMIT, FRAGMENT_OLD, FRAGMENT_REPEATED,
 * before anything was paid; what ike_open() says; FRAGMENT_ROOM, NO_MEMORY: it will come
 * again; when @in is authentic, what is wrong with the chain of the message.
 */
enum isakmp_reason ike_fragment_take(struct ike_sa *sa, struct ike_in *in, u8 kind, u64 now)
{
	const struct isakmp_payload *p = isakmp_chain_find(&in->chain, IKE_PL_SKF);
	struct ike_set **set = find(in->ep, kind, in->h.msgid);
	enum isakmp_reason why;
	struct isakmp_skf skf;
	struct ike_span text;

	why = isakmp_skf_decode(p, &skf);
	if (!why)
		why = check(*set, &skf);
	if (!why)
		why = ike_open(sa, in, p, &text, now);
	if (why)
		return why;
	sa->proven = true;
	/* RFC 7383, 2.6: in more fragments than before: these are of no use any more */
	if (*set && skf.total > (*set)->total)
		drop(sa, set);
	if (!*set)
		why = set_new(sa, in, kind, &skf, now);
	set = find(in->ep, kind, in->h.msgid);
	if (!why)
		why = keep(sa, *set, in, skf.number, &text);
	if (why == ISAKMP_R_FRAGMENT_LIMIT && *set)
		too_much(sa, set, now);
	if (why || (*set)->have < (*set)->total)
		return why;
	why = join(*set, in);
	drop(sa, set);
	return why;
}

/**
 * ike_fragment_again - a fragment of a request that has been answered
 * @sa: the SA
 * @in: the datagram, which begins with an SKF payload
 * @now: ms
 *
 * The peer has made smaller pieces of its request: RFC 7383, 2.6.1: the first of them,
 * and no other, has the response sent again.
 *
 * Context: Process; the SA's worker.
 * Return: OK; FRAGMENT_ANSWERED; what isakmp_chain_decode(), isakmp_skf_decode(),
 * ike_open() and isakmp_repeat() say.
 */
enum isakmp_reason ike_fragment_again(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	const struct isakmp_payload *p = &in->chain.pl[0];
	enum isakmp_reason why;
	struct isakmp_skf skf;
	struct ike_span text;

	why = isakmp_chain_decode(in->h.next, in->pkt->data + IKE_HDR_LEN,
				  in->pkt->len - IKE_HDR_LEN, &in->chain);
	if (!why)
		why = isakmp_skf_decode(p, &skf);
	if (!why && skf.number != 1)
		why = ISAKMP_R_FRAGMENT_ANSWERED;
	if (!why)
		why = ike_open(sa, in, p, &text, now);
	return why ? why : isakmp_repeat(sa, in->ep, in->h.msgid, &in->pkt->path);
}

/* ---- their end ----------------------------------------------------------- */

/**
 * ike_fragments_drop - forget the fragments of a message that came whole
 * @sa: the SA
 * @ep: the epoch
 * @kind: enum ike_kind
 * @msgid: its message ID
 *
 * Context: Process; the SA's worker.
 */
void ike_fragments_drop(struct ike_sa *sa, struct ike_epoch *ep, u8 kind, u32 msgid)
{
	struct ike_set **p = find(ep, kind, msgid);

	if (*p)
		drop(sa, p);
}

/**
 * ike_fragments_free - forget all fragments
 * @sa: the SA
 * @ep: the epoch
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void ike_fragments_free(struct ike_sa *sa, struct ike_epoch *ep)
{
	while (ep->fragments)
		drop(sa, &ep->fragments);
}

/**
 * ike_fragments_deadline - when the oldest set is to be forgotten
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 * Return: ms; U64_MAX: there is none.
 */
u64 ike_fragments_deadline(const struct ike_sa *sa)
{
	const struct ike_epoch *ep;
	const struct ike_set *set;
	u64 at = IKE_NEVER;

	for (ep = sa->ep; ep; ep = ep->next)
		for (set = ep->fragments; set; set = set->next)
			at = min(at, set->until);
	return at;
}

static void forget_late(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct ike_set **p = &ep->fragments;

	while (*p) {
		if (now < (*p)->until) {
			p = &(*p)->next;
			continue;
		}
		isakmp_refused(sa, ISAKMP_R_FRAGMENT_TIMEOUT, (*p)->total - (*p)->have);
		drop(sa, p);
	}
}

/**
 * ike_fragments_timer - forget what did not become whole in time
 * @sa: the SA
 * @now: ms
 *
 * RFC 7383, 2.6: as if nothing had come.
 *
 * Context: Process; the SA's worker.
 */
void ike_fragments_timer(struct ike_sa *sa, u64 now)
{
	struct ike_epoch *ep;

	for (ep = sa->ep; ep; ep = ep->next)
		forget_late(sa, ep, now);
}
