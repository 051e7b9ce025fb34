// SPDX-License-Identifier: GPL-2.0
/*
 * Messages in pieces, as Microsoft and Cisco cut them: where both vendor IDs were said.
 *
 *	HDR, FRAG(id, 1, a piece)   HDR, FRAG(id, 2, a piece)   HDR, FRAG(id, 3 = last, a piece)
 *
 * The whole message is cut, with its header and as it was encrypted; the headers of the pieces
 * are in the clear.  Nothing proves a piece: so there is one message at a time, for an ISAKMP SA
 * whose cookies are known, within the limits of a message, of a namespace and of time.
 */
#include "v1/engine.h"

/* Generic header and head of a Fragment payload. */
#define PIECE_HEAD (IKE_HDR_LEN + IKE_PL_HDR_LEN + 4)

struct v1_piece {
	u32 len;
	u8 data[];
};

/**
 * struct v1_pieces - a message that is not whole yet
 * @id: its ID
 * @last: number of its last piece; 0: not known
 * @top: the highest number of those that are there
 * @have: pieces that are there
 * @len: octets in them
 * @charged: octets that the namespace counts for this
 * @until: ms: it is whole by then, or forgotten
 * @piece: they
 */
struct v1_pieces {
	u16 id;
	u8 last;
	u8 top;
	u8 have;
	u32 len;
	u32 charged;
	u64 until;
	struct v1_piece *piece[IKE_FRAGMENTS_MAX];
};

/**
 * v1_pieces_free - forget what is not whole
 * @sa: the SA
 * @p: the ISAKMP SA
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void v1_pieces_free(struct ike_sa *sa, struct v1_phase1 *p)
{
	struct v1_pieces *all = p->fragments;
	unsigned int i;

	if (!all)
		return;
	for (i = 0; i < IKE_FRAGMENTS_MAX; i++)
		isakmp_free(all->piece[i]);
	isakmp_fragments_charge(sa, -(long)all->charged);
	isakmp_free(all);
	p->fragments = NULL;
}

/* ---- receiving ----------------------------------------------------------- */

static const struct ike_peer *peer_of(const struct ike_sa *sa, const struct v1_phase1 *p)
{
	return sa->peer || !p->setup ? sa->peer : p->setup->peer;
}

/* Has the peer said so, and have we?  The first answer to us may come in pieces itself. */
static bool agreed(const struct ike_sa *sa, const struct ike_epoch *ep)
{
	const struct v1_phase1 *p = v1_of(ep);
	const struct ike_peer *peer = peer_of(sa, p);

	if (!peer || !peer->fragment || p->state == V1_P1_GONE)
		return false;
	return p->can & BIT(V1_CAN_FRAGMENT) ||
	       (ep->initiator && p->state == V1_P1_OPENING && p->step == 2);
}

static enum isakmp_reason charged_alloc(struct ike_sa *sa, size_t n, void **to)
{
	if (!isakmp_fragments_charge(sa, (long)n))
		return ISAKMP_R_FRAGMENT_ROOM;
	*to = isakmp_alloc(n);
	if (*to)
		return ISAKMP_OK;
	isakmp_fragments_charge(sa, -(long)n);
	return ISAKMP_R_NO_MEMORY;
}

/* Can it be a piece of the message whose pieces are there?  The last one stands behind all others. */
static bool belongs(const struct v1_pieces *all, const struct v1_fragment *f)
{
	const struct v1_piece *have = all->piece[f->number - 1];

	if (have)
		return have->len == f->len && !memcmp(have->data, f->data, f->len) &&
		       f->last == (f->number == all->last);
	return !(all->last && f->number > all->last) && !(f->last && f->number < all->top);
}

/*
 * One message at a time: another one means that the one before was given up.  Its ID does not
 * tell: strongSwan and libreswan give all of theirs the same one.
 */
static enum isakmp_reason need(struct ike_sa *sa, struct v1_phase1 *p,
			       const struct v1_fragment *f, u64 now)
{
	enum isakmp_reason why;
	void *all;

	if (p->fragments && p->fragments->id == f->id && belongs(p->fragments, f))
		return ISAKMP_OK;
	v1_pieces_free(sa, p);
	why = charged_alloc(sa, sizeof(*p->fragments), &all);
	if (why)
		return why;
	p->fragments = all;
	p->fragments->id = f->id;
	p->fragments->charged = sizeof(*p->fragments);
	p->fragments->until = now + IKE_FRAGMENT_MS;
	return ISAKMP_OK;
}

static enum isakmp_reason keep(struct ike_sa *sa, struct v1_pieces *all,
			       const struct v1_fragment *f)
{
	enum isakmp_reason why;
	struct v1_piece *piece;
	void *room;

	if (all->piece[f->number - 1])
		return ISAKMP_R_FRAGMENT_REPEATED;
	if (all->len + f->len > IKE_MSG_MAX)
		return ISAKMP_R_FRAGMENT_LIMIT;
	why = charged_alloc(sa, sizeof(*piece) + f->len, &room);
	if (why)
		return why;
	piece = room;
	piece->len = f->len;
	memcpy(piece->data, f->data, f->len);
	all->piece[f->number - 1] = piece;
	all->have++;
	all->top = max(all->top, f->number);
	all->len += f->len;
	all->charged += (u32)sizeof(*piece) + f->len;
	if (f->last)
		all->last = f->number;
	return ISAKMP_OK;
}

/* All pieces, one behind the other; the caller's to free.  NULL: no memory. */
static u8 *join(const struct v1_pieces *all)
{
	u8 *whole = isakmp_alloc(all->len), *at = whole;
	unsigned int i;

	for (i = 0; whole && i < all->last; i++) {
		memcpy(at, all->piece[i]->data, all->piece[i]->len);
		at += all->piece[i]->len;
	}
	return whole;
}

/* As if it had come in one piece; the same message again has the same digest. */
static enum isakmp_reason deliver(struct ike_sa *sa, const struct v1_in *in, u64 now)
{
	const u64 key[2] = { in->h.spi_i, in->h.spi_r };
	struct v1_phase1 *p = v1_of(in->ep);
	struct ike_packet whole = { .path = in->pkt->path };

	whole.len = p->fragments->len;
	whole.data = join(p->fragments);
	v1_pieces_free(sa, p);
	if (!whole.data)
		return ISAKMP_R_NO_MEMORY;
	whole.digest = isakmp_siphash(key, whole.data, whole.len);
	/* A message in pieces is no piece itself */
	if (whole.len < IKE_HDR_LEN || whole.data[IKE_HDR_NEXT_AT] == V1_PL_FRAGMENT)
		isakmp_refused(sa, ISAKMP_R_V1_BAD_FRAGMENT, 0);
	else
		v1_receive(sa, &whole, now);
	isakmp_free(whole.data);
	return ISAKMP_OK;
}

/**
 * v1_fragment_take - a piece of a message
 * @sa: the SA
 * @in: the datagram: its first payload says that it is one
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: OK: kept, or the whole message was handled; V1_BAD_FRAGMENT, FRAGMENT_UNAGREED,
 * FRAGMENT_LIMIT, FRAGMENT_REPEATED, FRAGMENT_ROOM, NO_MEMORY.
 */
enum isakmp_reason v1_fragment_take(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct v1_phase1 *p = v1_of(in->ep);
	enum isakmp_reason why;
	struct v1_fragment f;

	if (!in->h.spi_r || !agreed(sa, in->ep))
		return ISAKMP_R_FRAGMENT_UNAGREED;
	if (v1_chain_decode(in->h.next, in->pkt->data + IKE_HDR_LEN, in->pkt->len - IKE_HDR_LEN,
			    false, &in->chain) ||
	    in->chain.n != 1 || v1_fragment_decode(&in->chain.pl[0], &f))
		return ISAKMP_R_V1_BAD_FRAGMENT;
	if (f.number > IKE_FRAGMENTS_MAX)
		return ISAKMP_R_FRAGMENT_LIMIT;
	why = need(sa, p, &f, now);
	if (!why)
		why = keep(sa, p->fragments, &f);
	if (why == ISAKMP_R_FRAGMENT_LIMIT)
		v1_pieces_free(sa, p);
	if (why || p->fragments->have < p->fragments->last || !p->fragments->last)
		return why;
	return deliver(sa, in, now);
}

/**
 * v1_fragment_timer - forget what did not become whole in time
 * @sa: the SA
 * @ep: one of its epochs
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_fragment_timer(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	struct v1_phase1 *p = v1_of(ep);

	if (!p || !p->fragments || now < p->fragments->until)
		return;
	isakmp_refused(sa, ISAKMP_R_FRAGMENT_TIMEOUT, p->fragments->have);
	v1_pieces_free(sa, p);
}

/**
 * v1_fragment_deadline - when that is
 * @ep: an epoch
 *
 * Context: Process; the SA's worker.
 * Return: ms; U64_MAX: never.
 */
u64 v1_fragment_deadline(const struct ike_epoch *ep)
{
	return ep->v1 && v1_of(ep)->fragments ? v1_of(ep)->fragments->until : IKE_NEVER;
}

/* ---- sending ------------------------------------------------------------- */

static void put(struct isakmp_out *o, const struct isakmp_header *h, const struct v1_fragment *f)
{
	struct isakmp_builder b;

	isakmp_build_begin(&b, o->p + o->len, o->cap - o->len, h);
	isakmp_build_payload(&b, V1_PL_FRAGMENT);
	v1_fragment_encode(&b.o, f);
	isakmp_build_close(&b);
	if (isakmp_build_end(&b))
		o->len += b.o.len;
	else
		o->full = true;
}

/**
 * v1_fragment_cut - cut a message that is longer than its way takes
 * @sa: the SA
 * @m: the message, ended; then its pieces, one behind the other
 * @path: the way it goes
 *
 * Only when the peer has said that it can read that; never a first message.
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY, FRAGMENT_LIMIT.
 */
enum isakmp_reason v1_fragment_cut(struct ike_sa *sa, struct v1_msg *m,
				   const struct isakmp_path *path)
{
	const struct v1_phase1 *p = v1_of(m->ep);
	const struct ike_peer *peer = peer_of(sa, p);
	struct isakmp_header h;
	struct v1_fragment f = {};
	size_t room, at, n;
	struct isakmp_out o;
	u8 *buf;

	if (!m->ep->spi_r || !agreed(sa, m->ep) || !(p->can & BIT(V1_CAN_FRAGMENT)))
		return ISAKMP_OK;
	room = ike_in_ip(path, peer->fragment);
	if (m->b.o.len <= room)
		return ISAKMP_OK;
	room -= PIECE_HEAD;
	n = (m->b.o.len + room - 1) / room;
	if (n > IKE_FRAGMENTS_MAX)
		return ISAKMP_R_FRAGMENT_LIMIT;
	buf = isakmp_alloc(m->b.o.len + n * PIECE_HEAD);
	if (!buf)
		return ISAKMP_R_NO_MEMORY;
	isakmp_header_decode(m->buf, m->b.o.len, &h);
	h.flags = 0;
	h.msgid = 0;
	isakmp_out_init(&o, buf, m->b.o.len + n * PIECE_HEAD);
	isakmp_random(&f.id, sizeof(f.id));
	for (at = 0; at < m->b.o.len; at += f.len) {
		f.number++;
		f.data = m->buf + at;
		f.len = (u16)min(room, m->b.o.len - at);
		f.last = at + f.len == m->b.o.len;
		put(&o, &h, &f);
	}
	isakmp_free(m->buf);
	m->buf = buf;
	m->b.o = o;
	return ISAKMP_OK;
}
