// SPDX-License-Identifier: GPL-2.0
/*
 * Messages that go out in fragments (RFC 7383, 2.5).
 *
 * What is inside the SK payload is cut into chunks, and each is sealed as an SKF
 * payload with a header of its own:
 *
 *	HDR, SK {IDi, CERT, AUTH, SA, TSi, TSr}
 *
 *	HDR, SKF(1 of 3) {IDi, CE}  HDR, SKF(2 of 3) {RT, AUT}  HDR, SKF(3 of 3) {H, ...}
 *
 * The datagrams of a message lie one behind the other in one buffer, each as long as
 * its header says: that is what is kept, sent, and sent again.
 */
#include "ike/engine.h"

#define UDP_HDR_LEN 8

/* What is in an SK payload. */
struct content {
	struct isakmp_header h;
	u8 first;		/* type of the first payload inside */
	const u8 *p;
	size_t n;
};

/**
 * ike_in_ip - octets of IKE in an IP packet (RFC 7383, 2.5.1)
 * @path: the way it goes
 * @size: octets of the packet
 *
 * Context: Any.
 * Return: them.
 */
size_t ike_in_ip(const struct isakmp_path *path, size_t size)
{
	size_t ip = path->remote.family == 6 ? 40 : 20;

	return size - ip - UDP_HDR_LEN - (path->lport == IKE_PORT_NATT ? IKE_NON_ESP_LEN : 0);
}

/**
 * ike_split_limit - the longest datagram for a message
 * @sa: the SA
 * @path: the way it goes
 * @like: octets of the largest datagram of the request that it answers; 0: it is a
 *	request
 *
 * RFC 7383, 2.5.1: "the responder may use the maximum size of the received IKE
 * Fragment message[s] as a threshold".  Nor is it known that more comes through than
 * came in one piece.  Where nothing is known: 1280 octets of IPv6, 576 of IPv4.
 *
 * Context: Process; the SA's worker.
 * Return: its octets of IKE; means nothing unless fragmentation was agreed on.
 */
size_t ike_split_limit(const struct ike_sa *sa, const struct isakmp_path *path, u32 like)
{
	size_t limit, least;

	if (!sa->fragment)
		return IKE_MSG_MAX;
	limit = ike_in_ip(path, sa->fragment);
	least = ike_in_ip(path, path->remote.family == 6 ? IKE_FRAGMENT_SIZE :
							   IKE_FRAGMENT_SIZE_MIN);
	return like ? min_t(size_t, limit, max_t(size_t, like, least)) : limit;
}

static enum isakmp_reason seal(struct ike_epoch *ep, u8 *msg, size_t aad, size_t text)
{
	return ike_crypto_reason(isakmp_sk_seal(ep->sk_out, msg, aad, text));
}

/* One fragment at @to, where there are @room octets; *@len: how long it is. */
static enum isakmp_reason put(struct ike_epoch *ep, const struct content *c,
			      struct isakmp_skf skf, const struct ike_span *chunk, u8 *to, size_t room,
			      size_t *len)
{
	struct isakmp_sk_size size = isakmp_sk_size(&ep->suite);
	struct isakmp_builder b;
	size_t at;

	isakmp_build_begin(&b, to, room, &c->h);
	at = isakmp_build_skf(&b, &skf, skf.number == 1 ? c->first : IKE_PL_NONE, size.iv);
	isakmp_out_bytes(&b.o, chunk->p, chunk->len);
	isakmp_build_sk_end(&b, at, size.block, size.icv);
	if (!isakmp_build_end(&b))
		return ISAKMP_R_OVERSIZE;
	*len = b.o.len;
	return seal(ep, to, at - size.iv, b.o.len - at - size.icv);
}

/* Octets of content that a fragment of @limit octets has room for. */
static size_t chunk_of(const struct ike_epoch *ep, size_t limit)
{
	struct isakmp_sk_size size = isakmp_sk_size(&ep->suite);
	size_t room = limit - IKE_HDR_LEN - IKE_PL_HDR_LEN - IKE_SKF_LEN - size.iv - size.icv;

	/* RFC 7296, 3.14: with Pad Length a multiple of the block */
	return room - room % size.block - 1;
}

static size_t fragments_of(const struct ike_epoch *ep, const struct content *c, size_t limit)
{
	size_t chunk = chunk_of(ep, limit);

	return (c->n + chunk - 1) / chunk;
}

/* The fragments into a buffer of their own. */
static enum isakmp_reason cut(struct ike_epoch *ep, const struct content *c, size_t limit,
			      u8 **bytes, size_t *len)
{
	size_t total = fragments_of(ep, c, limit), chunk = chunk_of(ep, limit), at = 0, n, done;
	enum isakmp_reason why = ISAKMP_OK;
	struct ike_span span;
	unsigned int i;
	u8 *buf;

	if (total > IKE_FRAGMENTS_MAX)
		return ISAKMP_R_OVERSIZE;
	buf = isakmp_alloc(total * limit);
	if (!buf)
		return ISAKMP_R_NO_MEMORY;
	for (i = 0; i < total && !why; i++) {
		done = i * chunk;
		span = (struct ike_span){ c->p + done, min(chunk, c->n - done) };
		why = put(ep, c, (struct isakmp_skf){ (u16)(i + 1), (u16)total }, &span,
			  buf + at, limit, &n);
		at += n;
	}
	if (why) {
		isakmp_free(buf);
		return why;
	}
	*bytes = buf;
	*len = at;
	return ISAKMP_OK;
}

/**
 * ike_split - seal a message as fragments
 * @m: the message, its SK payload still open; afterwards m->b.o.len octets at m->buf:
 *	the datagrams
 * @limit: octets of the longest one
 *
 * Context: Process; the SA's worker.
 * Return: OK, OVERSIZE, NO_MEMORY or CRYPTO.
 */
enum isakmp_reason ike_split(struct ike_msg *m, size_t limit)
{
	struct content c = { .p = m->buf + m->sk, .n = m->b.o.len - m->sk };
	enum isakmp_reason why;
	size_t len;
	u8 *buf;

	isakmp_header_decode(m->buf, m->b.o.len, &c.h);
	c.first = m->buf[m->b.sk];
	why = cut(m->ep, &c, limit, &buf, &len);
	if (why)
		return why;
	isakmp_free(m->buf);
	m->buf = buf;
	m->b.o.len = len;
	return ISAKMP_OK;
}

/* ---- smaller pieces ------------------------------------------------------ */

/* Opens a datagram of ours where it is. */
static int reopen(struct ike_epoch *ep, u8 *msg, size_t n, struct ike_span *text)
{
	struct isakmp_sk_size size = isakmp_sk_size(&ep->suite);
	size_t aad = IKE_HDR_LEN + IKE_PL_HDR_LEN;
	int err;

	if (msg[IKE_HDR_NEXT_AT] == IKE_PL_SKF)
		aad += IKE_SKF_LEN;
	err = isakmp_sk_open(ep->sk_out, msg, aad, n - aad);
	if (err)
		return err;
	text->p = msg + aad + size.iv;
	text->len = n - aad - size.iv - size.icv;
	text->len -= text->p[text->len - 1] + 1U;
	return 0;
}

/*
 * What a request of ours says: no copy of it is kept in the clear.  @buf has its
 * datagrams, and in the end what was in them.
 */
static bool recover(struct ike_epoch *ep, u8 *buf, size_t len, struct content *c)
{
	size_t at, n, text = 0;
	struct ike_span span;

	for (at = 0; at < len; at += n) {
		n = isakmp_header_length(buf + at);
		if (!at) {
			isakmp_header_decode(buf, n, &c->h);
			c->first = buf[IKE_HDR_LEN];
		}
		if (reopen(ep, buf + at, n, &span))
			return false;
		memmove(buf + text, span.p, span.len);
		text += span.len;
	}
	c->p = buf;
	c->n = text;
	return true;
}

static unsigned int datagrams(const u8 *p, size_t len)
{
	unsigned int n = 0;
	size_t at;

	for (at = 0; at < len; at += isakmp_header_length(p + at))
		n++;
	return n;
}

/* RFC 7383, 2.5.2: a few thresholds, from larger to smaller; 0: there is none. */
static u16 next_size(u16 size)
{
	if (size > IKE_FRAGMENT_SIZE)
		return IKE_FRAGMENT_SIZE;
	return size > IKE_FRAGMENT_SIZE_MIN ? IKE_FRAGMENT_SIZE_MIN : 0;
}

static bool resplit(struct ike_sa *sa, struct ike_epoch *ep, struct ike_request *r, u8 *copy,
		    u16 size)
{
	size_t limit = ike_in_ip(&sa->path, size), len;
	struct content c;
	u8 *bytes;

	memcpy(copy, r->bytes, r->len);
	/* RFC 7383, 2.5.2: in the new set there MUST be more of them */
	if (!recover(ep, copy, r->len, &c) ||
	    fragments_of(ep, &c, limit) <= datagrams(r->bytes, r->len) ||
	    cut(ep, &c, limit, &bytes, &len))
		return false;
	isakmp_free(r->bytes);
	r->bytes = bytes;
	r->len = (u32)len;
	sa->fragment = size;
	return true;
}

/**
 * ike_split_finer - make smaller pieces of a request that nobody answers
 * @sa: the SA
 * @ep: its epoch
 * @r: the request
 *
 * Whatever the peer has of the larger pieces it forgets.  When it cannot be done the
 * request stays as it is.
 *
 * Context: Process; the SA's worker.
 * Return: true if @r has other octets now, which have not gone out yet.
 */
bool ike_split_finer(struct ike_sa *sa, struct ike_epoch *ep, struct ike_request *r)
{
	u16 size = sa->fragment;
	bool done = false;
	u8 *copy;

	if (!size || isakmp_exchange_is_first(r->exchange) ||
	    r->len <= ike_in_ip(&sa->path, IKE_FRAGMENT_SIZE_MIN))
		return false;	/* not looked into for nothing: peers are silent by the thousand */
	copy = isakmp_alloc(r->len);
	if (!copy)
		return false;
	while (!done && (size = next_size(size)))
		done = resplit(sa, ep, r, copy, size);
	isakmp_free(copy);
	return done;
}

/* ---- on the way ---------------------------------------------------------- */

/**
 * ike_send - send all datagrams of a message
 * @sa: the SA
 * @path: where to
 * @p: one behind the other
 * @n: octets of all
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why not all could be sent.
 */
enum isakmp_reason ike_send(struct ike_sa *sa, const struct isakmp_path *path, const u8 *p,
			    size_t n)
{
	enum isakmp_reason why = ISAKMP_OK;
	size_t at, one;

	for (at = 0; at < n && !why; at += one) {
		one = isakmp_header_length(p + at);
		why = isakmp_send(sa, path, p + at, one);
	}
	return why;
}
