// SPDX-License-Identifier: GPL-2.0
/*
 * Building and sealing messages; our requests and their retransmission.
 *
 * One request is out at a time (window 1).  A retransmission is the same
 * octets: they are kept, never encrypted again (RFC 7296, 2.1).
 */
#include "ike/engine.h"

/**
 * ike_msg_begin - start a message of this SA
 * @sa: the SA
 * @m: the message
 * @exchange: exchange type
 * @kind: enum ike_kind
 * @msgid: message ID
 * @protect: open an SK payload for what follows
 *
 * Context: Process; the SA's worker.
 * Return: OK or NO_MEMORY.
 */
enum isakmp_reason ike_msg_begin(struct ike_sa *sa, struct ike_msg *m, u8 exchange,
				 u8 kind, u32 msgid, bool protect)
{
	struct isakmp_header h = {
		.spi_i = sa->spi_i,
		.spi_r = sa->spi_r,
		.major = IKE_V2_MAJOR,
		.exchange = exchange,
		.flags = (sa->initiator ? IKE_FLAG_INITIATOR : 0) |
			 (kind == IKE_RESPONSE ? IKE_FLAG_RESPONSE : 0),
		.msgid = msgid,
	};

	/* Certificates need room */
	size_t room = exchange == IKE_AUTH ? IKE_MSG_MAX : IKE_BUILD_MAX;

	m->sk = 0;
	m->buf = isakmp_alloc(room);
	if (!m->buf)
		return ISAKMP_R_NO_MEMORY;
	isakmp_build_begin(&m->b, m->buf, room, &h);
	if (protect)
		m->sk = isakmp_build_sk(&m->b, isakmp_sk_size(&sa->suite).iv);
	return ISAKMP_OK;
}

/**
 * ike_msg_end - close a message: padding, lengths, encryption, ICV
 * @sa: the SA
 * @m: the message; m->b.o.len octets at m->buf are ready afterwards
 *
 * Context: Process; the SA's worker.
 * Return: OK, OVERSIZE, NO_MEMORY or CRYPTO.
 */
enum isakmp_reason ike_msg_end(struct ike_sa *sa, struct ike_msg *m)
{
	struct isakmp_sk_size size;
	size_t text;
	int err;

	if (!m->sk)
		return isakmp_build_end(&m->b) ? ISAKMP_OK : ISAKMP_R_OVERSIZE;
	size = isakmp_sk_size(&sa->suite);
	isakmp_build_sk_end(&m->b, m->sk, size.block, size.icv);
	if (!isakmp_build_end(&m->b))
		return ISAKMP_R_OVERSIZE;
	text = m->b.o.len - m->sk - size.icv;
	err = isakmp_sk_seal(sa->sk_out, m->buf, m->sk - size.iv, text);
	if (err == -ENOMEM)
		return ISAKMP_R_NO_MEMORY;
	return err ? ISAKMP_R_CRYPTO : ISAKMP_OK;
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
	struct isakmp_notify n = { .type = type, .data = data, .len = (u16)len };

	isakmp_build_payload(&m->b, IKE_PL_NOTIFY);
	isakmp_notify_encode(&m->b.o, &n);
	isakmp_build_close(&m->b);
}

/**
 * ike_respond - send the response to the request being answered
 * @sa: the SA; sa->in says to what
 * @m: the message, ended with ike_msg_end(); still the caller's
 *
 * The response goes where the request came from and is kept for repetition.
 *
 * Context: Process; the SA's worker.
 * Return: OK or why it could not be sent.
 */
enum isakmp_reason ike_respond(struct ike_sa *sa, struct ike_msg *m)
{
	enum isakmp_reason why;

	why = isakmp_store_response(sa, sa->in.digest, &sa->in.path, m->buf, m->b.o.len);
	if (why)
		return why;
	sa->msgs_out++;
	return isakmp_send(sa, &sa->in.path, m->buf, m->b.o.len);
}

/**
 * ike_respond_notify - answer a protected request with one notification
 * @sa: the SA
 * @type: notify message type; 0: an empty response
 * @data: its data
 * @len: octets of @data
 *
 * Context: Process; the SA's worker.
 * Return: OK or why it could not be sent.
 */
enum isakmp_reason ike_respond_notify(struct ike_sa *sa, u16 type, const void *data,
				      size_t len)
{
	enum isakmp_reason why;
	struct ike_msg m;

	why = ike_msg_begin(sa, &m, sa->in.exchange, IKE_RESPONSE, sa->in.msgid, true);
	if (why)
		return why;
	if (type)
		ike_msg_notify(&m, type, data, len);
	why = ike_msg_end(sa, &m);
	if (!why)
		why = ike_respond(sa, &m);
	ike_msg_free(&m);
	return why;
}

/**
 * ike_refuse_clear - answer an IKE_SA_INIT request with an error, once
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
	enum isakmp_reason why;
	u64 spi_r = sa->spi_r;
	struct ike_msg m;

	sa->spi_r = 0;
	why = ike_msg_begin(sa, &m, in->h.exchange, IKE_RESPONSE, in->h.msgid, false);
	sa->spi_r = spi_r;
	if (why)
		return why;
	ike_msg_notify(&m, type, data, len);
	why = ike_msg_end(sa, &m);
	if (!why)
		why = isakmp_send(sa, &in->pkt->path, m.buf, m.b.o.len);
	ike_msg_free(&m);
	return why;
}

/**
 * ike_request_send - send a request of ours and wait for its response
 * @sa: the SA; no other request is out
 * @m: the message with ID sa->next_out, not yet ended; owned from here on
 * @exchange: its exchange type
 * @task: the IKE_TASK_* it carries out, or 0
 * @now: ms
 *
 * A datagram that could not leave now is sent again by the timer.
 *
 * Context: Process; the SA's worker.
 * Return: OK, or why there is no such request.
 */
enum isakmp_reason ike_request_send(struct ike_sa *sa, struct ike_msg *m, u8 exchange,
				    unsigned long task, u64 now)
{
	enum isakmp_reason why = ike_msg_end(sa, m);

	if (why) {
		ike_msg_free(m);
		return why;
	}
	sa->out.bytes = m->buf;
	sa->out.len = (u32)m->b.o.len;
	sa->out.msgid = sa->next_out++;
	sa->out.exchange = exchange;
	sa->out.task = task;
	sa->out.tries = 0;
	sa->out.resend_at = now + sa->tun->retransmit_ms;
	sa->msgs_out++;
	why = isakmp_send(sa, ike_path_out(sa), sa->out.bytes, sa->out.len);
	if (why)
		isakmp_refused(sa, why, 0);
	return ISAKMP_OK;
}

/**
 * ike_request_take - the request that was answered, in case the answer cannot count
 * @sa: the SA; nothing is out any more
 *
 * What it was (exchange, task) stays readable until the next one.
 *
 * Context: Process; the SA's worker.
 * Return: the request; its octets are the caller's.
 */
struct ike_request ike_request_take(struct ike_sa *sa)
{
	struct ike_request was = sa->out;

	sa->out.bytes = NULL;
	sa->out.resend_at = IKE_NEVER;
	return was;
}

/**
 * ike_request_done - the request that was out is out no more
 * @sa: the SA
 *
 * What it was (exchange, task) stays readable until the next one.
 *
 * Context: Process; the SA's worker.
 */
void ike_request_done(struct ike_sa *sa)
{
	isakmp_free(ike_request_take(sa).bytes);
}

/* Why an initiator gave up: what the peer's unprotected answer hinted, if any. */
static enum isakmp_reason silence(const struct ike_sa *sa)
{
	return sa->setup && sa->setup->forgeable ? ISAKMP_R_PEER_ERROR : ISAKMP_R_TIMEOUT;
}

/**
 * ike_request_timer - retransmit, or give the peer up (RFC 7296, 2.1 and 2.4)
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void ike_request_timer(struct ike_sa *sa, u64 now)
{
	struct ike_request *r = &sa->out;
	enum isakmp_reason why;

	if (now < r->resend_at)
		return;
	if (!r->bytes) {	/* nothing is out: a task waits for memory */
		r->resend_at = IKE_NEVER;
		return;
	}
	if (r->tries >= sa->tun->retransmit_tries) {
		why = silence(sa);
		isakmp_refused(sa, why, sa->setup ? sa->setup->forgeable : 0);
		ike_sa_die(sa, why, 0, now);
		return;
	}
	r->tries++;
	r->resend_at = now + ((u64)sa->tun->retransmit_ms << min_t(u8, r->tries, 16));
	sa->resends++;
	why = isakmp_send(sa, ike_path_out(sa), r->bytes, r->len);
	if (why)
		isakmp_refused(sa, why, 0);
}

/**
 * ike_tasks_run - send the most urgent request that waits
 * @sa: the SA
 * @now: ms
 *
 * Without memory it goes on waiting, until the timer of a retransmission.
 *
 * Context: Process; the SA's worker.
 */
void ike_tasks_run(struct ike_sa *sa, u64 now)
{
	static const unsigned long order[] = {
		IKE_TASK_DELETE_IKE, IKE_TASK_DELETE_CHILD, IKE_TASK_PROBE,
		IKE_TASK_CREATE_CHILD, IKE_TASK_LIVENESS,
	};
	enum isakmp_reason why;
	unsigned int i;

	if (sa->out.bytes || sa->state != IKE_S_ESTABLISHED)
		return;
	ike_child_tasks(sa, now);
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		if (!(sa->tasks & order[i]))
			continue;
		sa->tasks &= ~order[i];
		if (order[i] == IKE_TASK_CREATE_CHILD)
			why = ike_create_send(sa, now);
		else
			why = ike_info_send(sa, order[i], now);
		if (why)
			isakmp_refused(sa, why, 0);
		if (why == ISAKMP_R_NO_MEMORY) {
			sa->tasks |= order[i];
			sa->out.resend_at = now + sa->tun->retransmit_ms;
		} else if (why) {
			ike_sa_die(sa, why, 0, now);
		}
		if (why || sa->out.bytes)
			return;
	}
}
