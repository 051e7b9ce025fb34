// SPDX-License-Identifier: GPL-2.0
/*
 * Building, hashing and encrypting messages; what was sent last, and its repetition.
 *
 * A retransmission is the same octets.  The initiator of an exchange retransmits by timer;
 * the other end repeats its answer when the message before comes again, so that nobody gets
 * more datagrams than it sends before it has shown that it is there.
 */
#include "v1/engine.h"

/**
 * v1_crypto_reason - why a cryptographic operation failed
 * @err: 0 or -errno
 *
 * Context: Any.
 * Return: OK, NO_MEMORY, CRYPTO.
 */
enum isakmp_reason v1_crypto_reason(int err)
{
	return ike_crypto_reason(err);
}

/* Which message ID, and the IV that goes with it. */
static enum isakmp_reason draw(struct ike_epoch *ep, struct v1_exchange *x, u8 exchange,
			       struct v1_msg *m)
{
	const struct v1_phase1 *p = v1_of(ep);

	if (exchange == p->exchange) {
		memcpy(m->iv, p->iv, sizeof(m->iv));
		return ISAKMP_OK;
	}
	if (x && exchange != V1_INFORMATIONAL) {
		m->msgid = x->msgid;
		memcpy(m->iv, x->iv, sizeof(m->iv));
		return ISAKMP_OK;
	}
	/* RFC 2408, 3.1: CONNECTED has the message ID of the exchange that it is about */
	m->msgid = x ? x->msgid : v1_id_fresh(ep);
	if (!m->msgid)
		return ISAKMP_R_NO_MEMORY;
	return v1_crypto_reason(v1_iv_of(ep, m->msgid, m->iv));
}

/**
 * v1_msg_begin - begin a message
 * @sa: the SA
 * @ep: of which ISAKMP SA
 * @x: of which exchange of phase 2; NULL: of phase 1, or a lone one (Informational)
 * @m: the message
 * @exchange: enum v1_exchange_type
 * @hash: enum v1_hash_kind; with V1_H_NONE it is in the clear, unless m->encrypt is set
 *
 * A lone one has a message ID and an IV of its own; with @x it is about that exchange
 * (CONNECTED), and has its message ID.
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY, CRYPTO.
 */
enum isakmp_reason v1_msg_begin(struct ike_sa *sa, struct ike_epoch *ep, struct v1_exchange *x,
				struct v1_msg *m, u8 exchange, u8 hash)
{
	struct isakmp_header h = {
		.spi_i = ep->spi_i, .spi_r = ep->spi_r, .major = V1_MAJOR, .exchange = exchange,
	};
	/* Certificates need room */
	size_t room = hash == V1_H_NONE ? IKE_MSG_MAX : IKE_BUILD_MAX;
	enum isakmp_reason why;

	memset(m, 0, sizeof(*m));
	m->ep = ep;
	m->x = exchange == V1_INFORMATIONAL ? NULL : x;
	m->hash = hash;
	m->encrypt = hash != V1_H_NONE;
	why = draw(ep, x, exchange, m);
	if (why)
		return why;
	m->buf = isakmp_alloc(room);
	if (!m->buf)
		return ISAKMP_R_NO_MEMORY;
	h.msgid = m->msgid;
	isakmp_build_begin(&m->b, m->buf, room, &h);
	if (hash != V1_H_NONE) {
		isakmp_build_payload(&m->b, V1_PL_HASH);
		isakmp_out_zero(&m->b.o, isakmp_prf_len(ep->suite.prf));
		isakmp_build_close(&m->b);
	}
	return ISAKMP_OK;
}

/**
 * v1_hash_message - HASH(1), HASH(2), HASH(3) (RFC 2409, 5.5)
 * @ep: the ISAKMP SA
 * @x: the exchange, with its nonces; NULL with V1_H_1
 * @kind: enum v1_hash_kind
 * @msgid: message ID
 * @rest: what follows the HASH payload
 * @out: isakmp_prf_len() octets
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_MEMORY, CRYPTO.
 */
enum isakmp_reason v1_hash_message(const struct ike_epoch *ep, const struct v1_exchange *x,
				   u8 kind, u32 msgid, struct ike_span rest, u8 *out)
{
	const u16 prf = ep->suite.prf;
	struct ike_span v[4];
	unsigned int n = 0;
	u8 head[5] = { 0 };

	put_unaligned_be32(msgid, head + 1);
	v[n++] = (struct ike_span){ kind == V1_H_3 ? head : head + 1, kind == V1_H_3 ? 5 : 4 };
	if (kind != V1_H_1)
		v[n++] = (struct ike_span){ x->ni, x->ni_len };
	if (kind == V1_H_3)
		v[n++] = (struct ike_span){ x->nr, x->nr_len };
	else
		v[n++] = rest;
	return v1_crypto_reason(isakmp_prf(prf, v1_of(ep)->skeyid_a, isakmp_prf_len(prf), v, n,
					   out));
}

static enum isakmp_reason fill_hash(struct v1_msg *m)
{
	size_t at = IKE_HDR_LEN + IKE_PL_HDR_LEN;
	size_t end = at + isakmp_prf_len(m->ep->suite.prf);
	struct ike_span rest = { m->buf + end, m->b.o.len - end };

	if (m->hash == V1_H_NONE)
		return ISAKMP_OK;
	return v1_hash_message(m->ep, m->x, m->hash, m->msgid, rest, m->buf + at);
}

/* RFC 2409, appendix B: "padded up to the nearest block size using bytes containing 0x00" */
static enum isakmp_reason encrypt(struct v1_msg *m)
{
	const struct v1_phase1 *p = v1_of(m->ep);
	size_t block = isakmp_cbc_block(m->ep->suite.encr);
	size_t over = (m->b.o.len - IKE_HDR_LEN) % block;

	if (over)
		isakmp_out_zero(&m->b.o, block - over);
	m->buf[IKE_HDR_FLAGS_AT] |= V1_FLAG_ENCRYPTION;
	if (!isakmp_build_end(&m->b))
		return ISAKMP_R_OVERSIZE;
	return v1_crypto_reason(isakmp_cbc(m->ep->suite.encr, p->key, p->key_len, m->iv,
					   m->buf + IKE_HDR_LEN, m->b.o.len - IKE_HDR_LEN,
					   true));
}

/**
 * v1_msg_end - close a message: HASH, padding, encryption, lengths
 * @sa: the SA
 * @m: the message; m->b.o.len octets at m->buf are ready afterwards, and m->iv is the IV of
 *	what follows
 *
 * Context: Process; the SA's worker.
 * Return: OK, OVERSIZE, NO_MEMORY or CRYPTO.
 */
enum isakmp_reason v1_msg_end(struct ike_sa *sa, struct v1_msg *m)
{
	enum isakmp_reason why;

	if (m->b.o.full || !isakmp_build_end(&m->b))
		return ISAKMP_R_OVERSIZE;
	why = fill_hash(m);
	if (!why && m->encrypt)
		why = encrypt(m);
	return why;
}

/**
 * v1_msg_free - drop a message
 * @m: the message
 *
 * Context: Process.
 */
void v1_msg_free(struct v1_msg *m)
{
	isakmp_free(m->buf);
	m->buf = NULL;
}

/**
 * v1_msg_bytes - add a payload
 * @m: the message
 * @type: enum v1_payload_type
 * @p: its body
 * @n: octets of @p
 *
 * Context: Process.
 */
void v1_msg_bytes(struct v1_msg *m, u8 type, const void *p, size_t n)
{
	isakmp_build_payload(&m->b, type);
	isakmp_out_bytes(&m->b.o, p, n);
	isakmp_build_close(&m->b);
}

/**
 * v1_msg_notify - add a Notification payload (RFC 2408, 3.14)
 * @m: the message
 * @n: the notification
 *
 * Context: Process.
 */
void v1_msg_notify(struct v1_msg *m, const struct v1_notify *n)
{
	isakmp_build_payload(&m->b, V1_PL_NOTIFY);
	v1_notify_encode(&m->b.o, n);
	isakmp_build_close(&m->b);
}

/* ---- sending ------------------------------------------------------------- */

/*
 * Answers go where the message came from, whatever the path is.  An initiator goes its own way:
 * it may have changed ports since (RFC 3947, 4).
 */
static const struct isakmp_path *way(const struct ike_sa *sa, const struct ike_epoch *ep,
				     const struct v1_in *in)
{
	const struct v1_setup *u = v1_of(ep)->setup;

	if (in)
		return &in->pkt->path;
	return !ep->initiator && u && u->pending ? &u->path : &sa->path;
}

/* What is kept is as long as it is; a buffer that is longer only where there is no memory. */
static u8 *kept(struct v1_msg *m)
{
	u8 *copy = ike_copy(m->buf, m->b.o.len);

	if (!copy)
		return m->buf;
	isakmp_free(m->buf);
	m->buf = copy;
	return copy;
}

/**
 * v1_talk_say - end and send a message, and keep it
 * @sa: the SA
 * @m: the message; freed in any case
 * @t: where it is kept
 * @in: the message that it answers; NULL: none, or one that waited for the helper
 * @timed: it is sent again by timer until the other end answers
 * @now: ms
 *
 * The chain of IVs moves with it.  A datagram that could not leave is sent again later.
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why it was not built.
 */
enum isakmp_reason v1_talk_say(struct ike_sa *sa, struct v1_msg *m, struct v1_talk *t,
			       const struct v1_in *in, bool timed, u64 now)
{
	const struct isakmp_path *path = way(sa, m->ep, in);
	struct v1_phase1 *p = v1_of(m->ep);
	enum isakmp_reason why = v1_msg_end(sa, m);

	if (!why)
		why = v1_fragment_cut(sa, m, path);
	if (why) {
		v1_msg_free(m);
		return why;
	}
	v1_talk_free(t);
	t->bytes = kept(m);
	t->len = (u32)m->b.o.len;
	t->answers = in ? in->pkt->digest : 0;
	if (!in && !m->x && p->setup)
		t->answers = p->setup->pending;
	t->resend_at = timed ? now + sa->tun->retransmit_ms : IKE_NEVER;
	/* A lone one has a chain of its own */
	if (m->encrypt && (m->x || !m->msgid))
		memcpy(m->x ? m->x->iv : p->iv, m->iv, sizeof(m->iv));
	sa->msgs_out++;
	why = ike_send(sa, path, t->bytes, t->len);
	if (why)
		isakmp_refused(sa, why, 0);
	return ISAKMP_OK;
}

/**
 * v1_say_once - end and send a message that nobody answers for sure (Informational)
 * @sa: the SA
 * @m: the message; freed in any case
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why it was not sent.
 */
enum isakmp_reason v1_say_once(struct ike_sa *sa, struct v1_msg *m)
{
	const struct isakmp_path *path = way(sa, m->ep, NULL);
	enum isakmp_reason why = v1_msg_end(sa, m);

	if (!why)
		why = v1_fragment_cut(sa, m, path);
	if (!why) {
		sa->msgs_out++;
		why = ike_send(sa, path, m->buf, m->b.o.len);
	}
	v1_msg_free(m);
	return why;
}

/* An initiator may have changed ports since the message came first (RFC 3947, 4). */
static const struct isakmp_path *way_again(const struct ike_sa *sa, const struct v1_talk *t,
					   const struct v1_in *in)
{
	return in->ep->initiator && t == &v1_of(in->ep)->talk ? &sa->path : &in->pkt->path;
}

/**
 * v1_talk_repeat - the message that was answered came again: so does the answer
 * @sa: the SA
 * @t: what was sent
 * @b: how often that may be
 * @in: the message
 * @now: ms
 *
 * Before the peer has proved itself it is said again only to where it was first: an answer may
 * be longer than what asks for it.
 *
 * Context: Process; the SA's worker.
 * Return: OK, NO_LAW, REPEATED_OFTEN, SEND.
 */
enum isakmp_reason v1_talk_repeat(struct ike_sa *sa, struct v1_talk *t,
				  struct isakmp_bucket *b, const struct v1_in *in, u64 now)
{
	if (!t->bytes)
		return ISAKMP_OK;
	if (!sa->proven && !isakmp_addr_equal(&in->pkt->path.remote, &sa->path.remote))
		return ISAKMP_R_NO_LAW;
	if (!isakmp_bucket_spend(b, now, IKE_REPEAT_PER_SECOND, IKE_REPEAT_BURST))
		return ISAKMP_R_REPEATED_OFTEN;
	sa->resends++;
	return ike_send(sa, way_again(sa, t, in), t->bytes, t->len);
}

/**
 * v1_talk_resend - it is time to send it again
 * @sa: the SA
 * @t: what was sent
 * @now: ms
 *
 * Context: Process; the SA's worker.
 * Return: false: it was sent often enough.
 */
bool v1_talk_resend(struct ike_sa *sa, struct v1_talk *t, u64 now)
{
	enum isakmp_reason why;

	if (t->tries >= sa->tun->retransmit_tries)
		return false;
	t->tries++;
	t->resend_at = now + ((u64)sa->tun->retransmit_ms << min_t(u8, t->tries, 16));
	sa->resends++;
	why = ike_send(sa, &sa->path, t->bytes, t->len);
	if (why)
		isakmp_refused(sa, why, 0);
	return true;
}

/**
 * v1_talk_free - forget what was sent
 * @t: it
 *
 * Context: Process.
 */
void v1_talk_free(struct v1_talk *t)
{
	isakmp_free(t->bytes);
	memset(t, 0, sizeof(*t));
	t->resend_at = IKE_NEVER;
}
