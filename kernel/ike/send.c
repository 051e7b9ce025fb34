// SPDX-License-Identifier: GPL-2.0
/*
 * Building and sealing messages; our requests and their retransmission.
 *
 * A retransmission is the same octets: they are kept, never encrypted again
 * (RFC 7296, 2.1).
 */
#include "ike/engine.h"

static enum isakmp_reason begin(struct ike_msg *m, const struct isakmp_header *h)
{
	/* Certificates need room */
	size_t room = h->exchange == IKE_AUTH ? IKE_MSG_MAX : IKE_BUILD_MAX;

	m->sk = 0;
	m->exchange = h->exchange;
	m->buf = isakmp_alloc(room);
	if (!m->buf)
		return ISAKMP_R_NO_MEMORY;
	isakmp_build_begin(&m->b, m->buf, room, h);
	if (!isakmp_exchange_is_first(h->exchange))
		m->sk = isakmp_build_sk(&m->b, isakmp_sk_size(&m->ep->suite).iv);
	return ISAKMP_OK;
}

static struct isakmp_header header(const struct ike_epoch *ep, u8 exchange, u32 msgid)
{
	return (struct isakmp_header){
		.spi_i = ep->spi_i,
		.spi_r = ep->spi_r,
		.major = IKE_V2_MAJOR,
		.exchange = exchange,
		.flags = ep->initiator ? IKE_FLAG_INITIATOR : 0,
		.msgid = msgid,
	};
}

/**
 * ike_request_begin - start a request of ours
 * @sa: the SA
 * @ep: whose keys; its window is open
 * @m: the message; all but a first one is protected
 * @exchange: exchange type
 *
 * Context: Process; the SA's worker.
 * Return: OK; NO_MEMORY; AHEAD_ID: there are no message IDs left.
 */
enum isakmp_reason ike_request_begin(struct ike_sa *sa, struct ike_epoch *ep,
				     struct ike_msg *m, u8 exchange)
{
	struct isakmp_header h = header(ep, exchange, ep->next_out);

	if (ep->next_out >= IKE_MSGID_MAX)
		return ISAKMP_R_AHEAD_ID;
	m->ep = ep;
	return begin(m, &h);
}

/**
 * ike_response_begin - start the response to the request being answered
 * @sa: the SA; sa->in says to what
 * @m: the message; all but a first one is protected
 *
 * Context: Process; the SA's worker.
 * Return: OK or NO_MEMORY.
 */
enum isakmp_reason ike_response_begin(struct ike_sa *sa, struct ike_msg *m)
{
	struct isakmp_header h = header(sa->in.ep, sa->in.exchange, sa->in.msgid);

	h.flags |= IKE_FLAG_RESPONSE;
	m->ep = sa->in.ep;
	return begin(m, &h);
}

/* Of a response the way it came decides, and the way the request came. */
static size_t datagram_limit(const struct ike_sa *sa, const struct ike_msg *m)
{
	if (m->buf[IKE_HDR_FLAGS_AT] & IKE_FLAG_RESPONSE)
		return ike_split_limit(sa, &sa->in.path, sa->in.largest);
	return ike_split_limit(sa, &sa->path, 0);
}

static size_t padding(size_t n, size_t block)
{
	return n % block ? block - n % block : 0;
}

/**
 * ike_msg_end - close a message: padding, lengths, encryption, ICV
 * @sa: the SA
 * @m: the message; m->b.o.len octets at m->buf are ready afterwards: one datagram, or
 *	its fragments one behind the other
 *
 * Context: Process; the SA's worker.
 * Return: OK, OVERSIZE, NO_MEMORY or CRYPTO.
 */
enum isakmp_reason ike_msg_end(struct ike_sa *sa, struct ike_msg *m)
{
	struct isakmp_sk_size size;
	size_t text, limit;

	if (!m->sk || m->b.o.full)
		return isakmp_build_end(&m->b) ? ISAKMP_OK : ISAKMP_R_OVERSIZE;
	size = isakmp_sk_size(&m->ep->suite);
	limit = datagram_limit(sa, m);
	text = m->b.o.len - m->sk + 1;
	if (sa->fragment && m->sk + text + padding(text, size.block) + size.icv > limit)
		return ike_split(m, limit);
	isakmp_build_sk_end(&m->b, m->sk, size.block, size.icv);
	if (!isakmp_build_end(&m->b))
		return ISAKMP_R_OVERSIZE;
	text = m->b.o.len - m->sk - size.icv;
	return ike_crypto_reason(isakmp_sk_seal(m->ep->sk_out, m->buf, m->sk - size.iv, text));
}

/**
 * ike_msg_free - drop a message
 * @m: the message
 *
 * Context: Process.
 */
void ike_msg_free(struct ike_msg *m)
{
	isakmp_free(m->buf);
	m->buf = NULL;
}

/**
 * ike_msg_nonce - add a Nonce payload (RFC 7296, 3.9)
 * @m: the message
 * @n: the nonce
 *
 * Context: Process.
 */
void ike_msg_nonce(struct ike_msg *m, const struct isakmp_nonce *n)
{
	isakmp_build_payload(&m->b, IKE_PL_NONCE);
	isakmp_nonce_encode(&m->b.o, n);
	isakmp_build_close(&m->b);
}

/**
 * ike_msg_ke - add a Key Exchange payload (RFC 7296, 3.4)
 * @m: the message
 * @ke: the public value
 *
 * Context: Process.
 */
void ike_msg_ke(struct ike_msg *m, const struct isakmp_ke *ke)
{
	isakmp_build_payload(&m->b, IKE_PL_KE);
	isakmp_ke_encode(&m->b.o, ke);
	isakmp_build_close(&m->b);
}

static void add_notify(struct ike_msg *m, const struct isakmp_notify *n)
{
	isakmp_build_payload(&m->b, IKE_PL_NOTIFY);
	isakmp_notify_encode(&m->b.o, n);
	isakmp_build_close(&m->b);
}

/**
 * ike_msg_notify - add a Notify payload about the IKE SA (RFC 7296, 3.10)
 * @m: the message
 * @type: notify message type
 * @data: its data
 * @len: octets of @data
 *
 * Context: Process.
 */
void ike_msg_notify(struct ike_msg *m, u16 type, const void *data, size_t len)
{
	const struct isakmp_notify n = { .type = type, .data = data, .len = (u16)len };

	add_notify(m, &n);
}

/**
 * ike_respond - send the response to the request being answered
 * @sa: the SA; sa->in says to what
 * @m: the message, ended with ike_msg_end(); still the caller's
 *
 * The response goes where the request came from and is kept for repetition.
 *
 * Context: Process; the SA's worker.
 * Return: OK; NO_MEMORY: there is no response; SEND: it could not leave, and is kept.
 */
enum isakmp_reason ike_respond(struct ike_sa *sa, struct ike_msg *m)
{
	enum isakmp_reason why;

	why = isakmp_store_response(sa, &sa->in, m->buf, m->b.o.len);
	if (why)
		return why;
	sa->msgs_out++;
	/* From here on it counts: the request again has it sent */
	return ike_send(sa, &sa->in.path, m->buf, m->b.o.len) ? ISAKMP_R_SEND : ISAKMP_OK;
}

/**
 * ike_respond_with - answer a protected request with one notification
 * @sa: the SA
 * @n: the notification; NULL: an empty response
 *
 * Context: Process; the SA's worker.
 * Return: OK or why it could not be sent.
 */
enum isakmp_reason ike_respond_with(struct ike_sa *sa, const struct isakmp_notify *n)
{
	enum isakmp_reason why;
	struct ike_msg m;

	why = ike_response_begin(sa, &m);
	if (why)
		return why;
	if (n)
		add_notify(&m, n);
	why = ike_msg_end(sa, &m);
	if (!why)
		why = ike_respond(sa, &m);
	ike_msg_free(&m);
	return why;
}

/**
 * ike_respond_notify - the same, about the IKE SA
 * @sa: the SA
 * @type: notify message type
 * @data: its data
 * @len: octets of @data
 *
 * Context: Process; the SA's worker.
 * Return: OK or why it could not be sent.
 */
enum isakmp_reason ike_respond_notify(struct ike_sa *sa, u16 type, const void *data,
				      size_t len)
{
	const struct isakmp_notify n = { .type = type, .data = data, .len = (u16)len };

	return ike_respond_with(sa, &n);
}

/**
 * ike_refuse_clear - answer a first request with an error, once
 * @sa: a responder SA that will not be
 * @in: the request
 * @type: notify message type
 * @data: its data
 * @len: octets of @data
 *
 * Nothing is kept.  The responder's SPI stays zero: there is no SA (RFC 7296,
 * 2.6).
 *
 * Context: Process; the SA's worker.
 * Return: OK or why it could not be sent.
 */
enum isakmp_reason ike_refuse_clear(struct ike_sa *sa, const struct ike_in *in, u16 type,
				    const void *data, size_t len)
{
	struct isakmp_header h = header(sa->ep, in->h.exchange, in->h.msgid);
	struct ike_msg m = { .ep = sa->ep };
	enum isakmp_reason why;

	h.flags |= IKE_FLAG_RESPONSE;
	h.spi_r = 0;
	why = begin(&m, &h);
	if (why)
		return why;
	ike_msg_notify(&m, type, data, len);
	why = ike_msg_end(sa, &m);
	if (!why)
		why = isakmp_send(sa, &in->pkt->path, m.buf, m.b.o.len);
	ike_msg_free(&m);
	return why;
}

static void append(struct ike_epoch *ep, struct ike_request *r)
{
	struct ike_request **end = &ep->out;

	while (*end)
		end = &(*end)->next;
	r->next = NULL;
	*end = r;
}

/**
 * ike_request_send - send a request of ours and wait for its response
 * @sa: the SA
 * @m: the message from ike_request_begin(), not yet ended; owned from here on
 * @about: its task, child and negotiation, which is owned when this succeeds; NULL:
 *	nothing to be remembered
 * @now: ms
 *
 * A datagram that could not leave now is sent again by the timer.
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why there is no such request.
 */
enum isakmp_reason ike_request_send(struct ike_sa *sa, struct ike_msg *m,
				    const struct ike_request *about, u64 now)
{
	struct ike_request *r = isakmp_alloc(sizeof(*r));
	enum isakmp_reason why = r ? ike_msg_end(sa, m) : ISAKMP_R_NO_MEMORY;

	if (why) {
		isakmp_free(r);
		ike_msg_free(m);
		return why;
	}
	if (about)
		*r = *about;
	r->bytes = m->buf;
	r->len = (u32)m->b.o.len;
	r->msgid = m->ep->next_out++;
	r->exchange = m->exchange;
	r->resend_at = now + sa->tun->retransmit_ms;
	append(m->ep, r);
	sa->msgs_out++;
	why = ike_send(sa, ike_path_out(sa, r), r->bytes, r->len);
	if (why)
		isakmp_refused(sa, why, 0);
	return ISAKMP_OK;
}

/**
 * ike_request_is_out - does a request of ours wait for its response?
 * @ep: the epoch
 * @msgid: its message ID
 * @exchange: its exchange type
 *
 * Context: Process; the SA's worker.
 * Return: true if it does.
 */
bool ike_request_is_out(const struct ike_epoch *ep, u32 msgid, u8 exchange)
{
	const struct ike_request *r;

	for (r = ep->out; r; r = r->next)
		if (r->msgid == msgid)
			return r->exchange == exchange;
	return false;
}

/**
 * ike_request_take - a request was answered
 * @ep: the epoch
 * @msgid: its message ID; it is out
 *
 * Context: Process; the SA's worker.
 * Return: the request, the caller's from now on.
 */
struct ike_request *ike_request_take(struct ike_epoch *ep, u32 msgid)
{
	struct ike_request **at = &ep->out, *r;

	while ((*at)->msgid != msgid)
		at = &(*at)->next;
	r = *at;
	*at = r->next;
	return r;
}

/**
 * ike_request_put_back - the answer to a request cannot count: it is out again
 * @ep: its epoch
 * @r: from ike_request_take()
 *
 * Context: Process; the SA's worker.
 */
void ike_request_put_back(struct ike_epoch *ep, struct ike_request *r)
{
	append(ep, r);
}

/**
 * ike_request_free - a request is over
 * @sa: the SA
 * @r: from ike_request_take(); NULL is fine
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void ike_request_free(struct ike_sa *sa, struct ike_request *r)
{
	if (!r)
		return;
	ike_create_free(sa, r->create);
	isakmp_free(r->bytes);
	isakmp_free(r);
}

/**
 * ike_request_drop_all - nothing is out any more
 * @sa: the SA
 * @ep: the epoch
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void ike_request_drop_all(struct ike_sa *sa, struct ike_epoch *ep)
{
	while (ep->out)
		ike_request_free(sa, ike_request_take(ep, ep->out->msgid));
}

/* Why an initiator gave up: what the peer's unprotected answer hinted, if any. */
static enum isakmp_reason silence(const struct ike_sa *sa)
{
	return sa->setup && sa->setup->forgeable ? ISAKMP_R_PEER_ERROR : ISAKMP_R_TIMEOUT;
}

/* RFC 7296, 2.4: the peer is dead; with what a rekey has left over, nothing else is. */
static void unanswered(struct ike_sa *sa, struct ike_epoch *ep, u64 now)
{
	enum isakmp_reason why = silence(sa);

	isakmp_refused(sa, why, sa->setup ? sa->setup->forgeable : 0);
	if (ep == sa->ep)
		ike_sa_die(sa, why, 0, now);
	else
		ike_epoch_gone(sa, ep, now);
}

/*
 * RFC 4555, 3.11: the responder is patient, "at least five minutes": the initiator has to
 * notice, and to find another path.
 */
static u32 tries_of(const struct ike_sa *sa)
{
	u32 tries = sa->tun->retransmit_tries, most = tries;

	if (sa->mobike && !sa->initiator && sa->state == IKE_S_ESTABLISHED)
		most += IKE_PATIENT_TRIES;
	while (tries < most && (u64)sa->tun->retransmit_ms << min_t(u32, tries + 1, 16) < IKE_PATIENT_MS)
		tries++;
	return tries;
}

/* RFC 7296, 2.1 */
static void resend(struct ike_sa *sa, struct ike_epoch *ep, struct ike_request *r, u64 now)
{
	enum isakmp_reason why;

	/* However few tries there are: it may be the exchange that is not known there */
	if (sa->state == IKE_S_I_RESUME &&
	    r->tries >= min_t(u32, IKE_RESUME_TRIES, tries_of(sa))) {
		ike_resume_fall_back(sa, now);
		return;
	}
	/* RFC 4555, 3.5: "continues retransmitting them using the addresses in the IKE_SA" */
	if (r->tries >= min_t(u32, IKE_PATH_TRIES, tries_of(sa)) &&
	    ike_roam_next(sa, now)) {
		r->tries = 0;
	} else if (r->tries >= tries_of(sa)) {
		unanswered(sa, ep, now);
		return;
	}
	/* RFC 7383, 2.5.2: smaller pieces, and the timers start over */
	if (r->tries >= IKE_FRAGMENT_TRIES && ike_split_finer(sa, ep, r))
		r->tries = 0;
	else
		r->tries++;
	r->resend_at = now + ((u64)sa->tun->retransmit_ms << min_t(u8, r->tries, 16));
	sa->resends++;
	why = ike_send(sa, ike_path_out(sa, r), r->bytes, r->len);
	if (why)
		isakmp_refused(sa, why, 0);
}

static struct ike_request *due(const struct ike_epoch *ep, u64 now)
{
	struct ike_request *r = ep->out;

	while (r && now < r->resend_at)
		r = r->next;
	return r;
}

/**
 * ike_request_timer - retransmit, or give the peer up
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void ike_request_timer(struct ike_sa *sa, u64 now)
{
	struct ike_epoch *ep;
	struct ike_request *r;

	if (now >= sa->retry_at)
		sa->retry_at = IKE_NEVER;
	for (ep = sa->ep; ep; ep = ep->next)
		while ((r = due(ep, now)))
			resend(sa, ep, r, now);
}

/**
 * ike_request_deadline - when a request wants to be sent again
 * @sa: the SA
 *
 * Context: Process; the SA's worker.
 * Return: ms; U64_MAX: never.
 */
u64 ike_request_deadline(const struct ike_sa *sa)
{
	const struct ike_epoch *ep;
	const struct ike_request *r;
	u64 t = sa->retry_at;

	for (ep = sa->ep; ep; ep = ep->next)
		for (r = ep->out; r; r = r->next)
			t = min(t, r->resend_at);
	return t;
}
