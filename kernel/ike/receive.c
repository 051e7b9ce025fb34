// SPDX-License-Identifier: GPL-2.0
/*
 * A message on its way through the engine.  Refuse before paying:
 *
 *	header, role, law	whether such a message can come at all
 *	message ID		in the window (RFC 7296, 2.2 and 2.3)
 *	keys			derived once, when the first protected message comes
 *	ICV			from here on the octets are the peer's
 *	chain, law, bodies	what is in it
 *	handler
 */
#include "ike/engine.h"

static u8 kind_of(const struct ike_in *in)
{
	return in->h.flags & IKE_FLAG_RESPONSE ? IKE_RESPONSE : IKE_REQUEST;
}

/* A request we are busy with came again: its answer is on the way. */
static bool is_repeat(const struct ike_sa *sa, const struct ike_in *in)
{
	return kind_of(in) == IKE_REQUEST && sa->in.ep == in->ep &&
	       sa->in.digest == in->pkt->digest && sa->in.msgid == in->h.msgid &&
	       in->ep->next_in > in->h.msgid;
}

/* A request that came in fragments comes again, its octets others than before. */
static bool is_answered_fragment(const struct ike_sa *sa, const struct ike_in *in)
{
	const struct ike_epoch *ep = in->ep;
	u32 id = in->h.msgid;

	return kind_of(in) == IKE_REQUEST && in->h.next == IKE_PL_SKF && sa->fragment &&
	       ep->sk_in && ike_epoch_check_id(ep, id) == ISAKMP_R_OLD_ID &&
	       id + ep->window_in >= ep->next_in;
}

static enum isakmp_reason check_msgid(const struct ike_in *in)
{
	if (kind_of(in) == IKE_REQUEST)
		return ike_epoch_check_id(in->ep, in->h.msgid);
	return ike_request_is_out(in->ep, in->h.msgid, in->h.exchange) ?
	       ISAKMP_OK : ISAKMP_R_UNASKED;
}

/* g^ir: of the kernel's own groups it is computed here, of others it waits. */
static enum isakmp_reason secret(const struct ike_setup *s, u8 *shared, u16 *len)
{
	if (s->kex)
		return ike_kex_reason(isakmp_kex_derive(s->kex, s->peer_ke,
							s->peer_ke_len, shared, len));
	*len = s->shared_len;
	memcpy(shared, s->shared, s->shared_len);
	return ISAKMP_OK;
}

/* The responder derives its keys when the first protected message is there. */
static enum isakmp_reason need_keys(struct ike_sa *sa, const struct ike_epoch *ep)
{
	struct ike_setup *s = sa->setup;
	enum isakmp_reason why;
	u8 *shared;
	u16 len;

	if (ep->sk_in)
		return ISAKMP_OK;
	if (s && s->resuming && !sa->initiator)
		return ike_keys_resume(sa);
	if (!s || !(s->kex || s->shared_len))
		return ISAKMP_R_NO_LAW;
	shared = isakmp_alloc(IKE_KE_MAX);
	if (!shared)
		return ISAKMP_R_NO_MEMORY;
	why = secret(s, shared, &len);
	if (!why)
		why = ike_keys_derive(sa, shared, len);
	isakmp_free(shared);
	if (why == ISAKMP_R_NO_MEMORY)
		return why;	/* the peer will repeat itself */
	/* At most one derivation per half-open SA, whatever comes of it */
	isakmp_kex_free(s->kex);
	s->kex = NULL;
	memzero_explicit(s->shared, s->shared_len);
	s->shared_len = 0;
	return why;
}

static bool set_up(const struct ike_sa *sa)
{
	return sa->state >= IKE_S_ESTABLISHED;
}

static enum isakmp_reason bad_icv(struct ike_sa *sa, u64 now)
{
	/* RFC 8019, 4.6: a half-open SA does not pay for junk without end */
	if (set_up(sa) || ++sa->junk < IKE_JUNK_MAX)
		return ISAKMP_R_ICV;
	if (sa->initiator)
		return ISAKMP_R_ICV;
	ike_sa_die(sa, ISAKMP_R_JUNK_LIMIT, 0, now);
	return ISAKMP_R_JUNK_LIMIT;
}

/**
 * ike_open - check the ICV of a message and decrypt it where it is
 * @sa: the SA
 * @in: the message; the keys of its epoch are there
 * @p: its SK or SKF payload
 * @text: what was in it, without padding; NULL in it: the ICV was not found right
 * @now: ms
 *
 *	HDR, SK generic header | [number, total |] IV | text, padding, Pad Length | ICV
 *
 * Context: Process; the SA's worker.
 * Return: OK; ICV; JUNK_LIMIT, the SA is over; NO_MEMORY; BAD_SK or BAD_SKF, too short
 * or the padding is wrong.
 */
enum isakmp_reason ike_open(struct ike_sa *sa, struct ike_in *in,
			    const struct isakmp_payload *p, struct ike_span *text, u64 now)
{
	struct isakmp_sk_size size = isakmp_sk_size(&in->ep->suite);
	enum isakmp_reason bad = p->type == IKE_PL_SK ? ISAKMP_R_BAD_SK : ISAKMP_R_BAD_SKF;
	size_t skip = p->type == IKE_PL_SK ? 0 : IKE_SKF_LEN;
	size_t aad = p->body - in->pkt->data + skip;
	int err;

	text->p = NULL;
	if (p->len < skip + size.iv + 1 + size.icv)
		return bad;
	err = isakmp_sk_open(in->ep->sk_in, in->pkt->data, aad, p->len - skip);
	if (err == -ENOMEM)
		return ISAKMP_R_NO_MEMORY;
	if (err)
		return bad_icv(sa, now);
	text->p = in->pkt->data + aad + size.iv;
	text->len = p->len - skip - size.iv - size.icv;
	/* RFC 7296, 3.14: the last octet says how many before it are padding */
	if (text->p[text->len - 1] + 1U > text->len)
		return bad;
	text->len -= text->p[text->len - 1] + 1U;
	return ISAKMP_OK;
}

/* Opens SK in place and decodes the inner chain. */
static enum isakmp_reason open_sk(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	const struct isakmp_payload *sk = isakmp_chain_find(&in->chain, IKE_PL_SK);
	enum isakmp_reason why;
	struct ike_span text;

	why = ike_open(sa, in, sk, &text, now);
	in->authentic = text.p;
	if (why)
		return why;
	return isakmp_chain_decode(in->chain.next_in_sk, text.p, text.len, &in->chain);
}

/* Is it protected?  Are fragments what was agreed on? */
static enum isakmp_reason check_protected(const struct ike_sa *sa, struct ike_in *in)
{
	u64 seen = in->chain.seen;

	if (seen & ISAKMP_PL_BIT(IKE_PL_SKF))
		return sa->fragment ? ISAKMP_OK : ISAKMP_R_FRAGMENT_UNAGREED;
	if (seen & ISAKMP_PL_BIT(IKE_PL_SK))
		return ISAKMP_OK;
	in->arg = IKE_PL_SK;
	return ISAKMP_R_MISSING;
}

static enum isakmp_reason open_protected(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	if (in->chain.seen & ISAKMP_PL_BIT(IKE_PL_SKF))
		return ike_fragment_take(sa, in, kind_of(in), now);
	return open_sk(sa, in, now);
}

static void heard(struct ike_sa *sa, u64 now)
{
	sa->proven = true;
	sa->msgs_in++;
	sa->last_in = now;
	if (sa->dpd_at != IKE_NEVER)
		sa->dpd_at = now + (u64)sa->dpd_s * 1000;
}

static enum isakmp_reason check_bodies(struct ike_in *in)
{
	enum isakmp_reason why;
	unsigned int i;

	for (i = 0; i < in->chain.n; i++) {
		why = isakmp_payload_check(&in->chain.pl[i]);
		if (why) {
			in->arg = in->chain.pl[i].type;
			return why;
		}
	}
	return ISAKMP_OK;
}

/* Law, bodies, handler: what clear and protected messages have in common. */
static enum isakmp_reason obey(struct ike_sa *sa, struct ike_in *in, u64 now,
			       bool *handled)
{
	const struct ike_law *law;
	enum isakmp_reason why;
	u8 state = sa->state;

	why = ike_law_find(sa, in, kind_of(in), &law);
	if (!why)
		why = ike_law_check(law, &in->chain, &in->arg);
	if (!why)
		why = check_bodies(in);
	if (why)
		return why;
	*handled = true;
	why = law->handle(sa, in, now);
	if (!why && law->next != IKE_STAY && sa->state == state)
		ike_sa_set_state(sa, law->next);
	return why;
}

static void accept_request(struct ike_sa *sa, const struct ike_in *in)
{
	ike_epoch_accept(in->ep, in->h.msgid);
	sa->in.ep = in->ep;
	sa->in.digest = in->pkt->digest;
	sa->in.msgid = in->h.msgid;
	sa->in.largest = in->largest;
	sa->in.exchange = in->h.exchange;
	sa->in.path = in->pkt->path;
}

static enum isakmp_reason receive_clear(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	enum isakmp_reason why;
	bool handled = false;
	u8 critical;

	why = isakmp_chain_decode(in->h.next, in->pkt->data + IKE_HDR_LEN,
				  in->pkt->len - IKE_HDR_LEN, &in->chain);
	if (why == ISAKMP_R_PAYLOAD_CRITICAL && kind_of(in) == IKE_REQUEST) {
		/* RFC 7296, 2.5: say which one, reject the message */
		critical = in->chain.critical_type;
		in->arg = critical;
		ike_refuse_clear(sa, in, IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD, &critical, 1);
	}
	if (why)
		return why;
	return obey(sa, in, now, &handled);
}

/*
 * RFC 7296, 2.21.3: a protected request that is malformed is answered, and ends
 * the SA; one with a critical payload that we do not know is answered alone.
 */
static void answer_malformed(struct ike_sa *sa, struct ike_in *in,
			     enum isakmp_reason why, u64 now)
{
	u8 critical = in->chain.critical_type;

	if (why == ISAKMP_R_PAYLOAD_CRITICAL) {
		in->arg = critical;
		ike_respond_notify(sa, IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD, &critical, 1);
		if (set_up(sa))
			return;
	} else {
		ike_respond_notify(sa, IKE_N_INVALID_SYNTAX, NULL, 0);
	}
	ike_sa_die(sa, why, IKE_LINGER_MS, now);
}

/* A malformed response cannot be answered: the SA is deleted by us. */
static void malformed_response(struct ike_sa *sa, const struct ike_in *in,
			       enum isakmp_reason why, u64 now)
{
	sa->reason = why;
	if (sa->state == IKE_S_ESTABLISHED)
		sa->tasks |= IKE_TASK_DELETE_IKE;
	else if (in->h.exchange == IKE_AUTH)
		ike_auth_undo(sa, why, now);
	else
		ike_sa_die(sa, why, 0, now);
}

/*
 * The handler could do nothing with it for lack of memory, or of room for a
 * question: it counts as not heard, and will come again.
 */
static void step_back(struct ike_in *in)
{
	if (kind_of(in) == IKE_REQUEST) {
		ike_epoch_unaccept(in->ep, in->h.msgid);
		return;
	}
	ike_request_put_back(in->ep, in->req);
	in->req = NULL;
}

static bool is_lack(enum isakmp_reason why)
{
	return why == ISAKMP_R_NO_MEMORY || why == ISAKMP_R_UPCALL_LIMIT;
}

/*
 * RFC 6989, 2.5: a KE value that cannot be right is the end of the IKE SA: of a request,
 * after INVALID_SYNTAX; of a response, by our Delete.
 */
static void forbidden_value(struct ike_sa *sa, bool request, u64 now)
{
	if (request) {
		ike_sa_die(sa, ISAKMP_R_KE_VALUE, IKE_LINGER_MS, now);
		return;
	}
	sa->reason = ISAKMP_R_KE_VALUE;
	sa->tasks |= IKE_TASK_DELETE_IKE;
}

/* What can be said of a protected message before it is opened. */
static enum isakmp_reason check_closed(struct ike_sa *sa, struct ike_in *in)
{
	enum isakmp_reason why = check_msgid(in);

	if (!why)
		why = isakmp_chain_decode(in->h.next, in->pkt->data + IKE_HDR_LEN,
					  in->pkt->len - IKE_HDR_LEN, &in->chain);
	if (!why)
		why = check_protected(sa, in);
	return why ? why : need_keys(sa, in->ep);
}

static enum isakmp_reason receive_protected(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	bool request = kind_of(in) == IKE_REQUEST, handled = false;
	enum isakmp_reason why;
	u8 state = sa->state;

	why = check_closed(sa, in);
	if (why)
		return why;
	why = open_protected(sa, in, now);
	if (!in->authentic)
		return why;
	ike_fragments_drop(sa, in->ep, kind_of(in), in->h.msgid);
	heard(sa, now);
	ike_epoch_heard(sa, in->ep, now);
	ike_window_used(sa, in->ep);
	ike_path_seen(sa, in, request, now);
	if (request)
		accept_request(sa, in);
	else
		in->req = ike_request_take(in->ep, in->h.msgid);
	if (!why)
		why = obey(sa, in, now, &handled);
	if (handled && is_lack(why) && sa->state == state)
		step_back(in);
	if (handled && why == ISAKMP_R_KE_VALUE)
		forbidden_value(sa, request, now);
	if (why && !handled && sa->state != IKE_S_DEAD) {
		if (request)
			answer_malformed(sa, in, why, now);
		else
			malformed_response(sa, in, why, now);
	}
	return why;
}

static enum isakmp_reason receive(struct ike_sa *sa, struct ike_in *in, u64 now)
{
	enum isakmp_reason why;

	if (isakmp_header_decode(in->pkt->data, in->pkt->len, &in->h))
		return ISAKMP_R_LENGTH;
	why = ike_epoch_of(sa, in);
	if (why)
		return why;
	if (sa->state == IKE_S_DEAD || in->ep->state == IKE_EPOCH_GONE)
		return ISAKMP_R_DYING;
	if (is_repeat(sa, in))
		return ISAKMP_OK;
	if (is_answered_fragment(sa, in))
		return ike_fragment_again(sa, in, now);
	if (!ike_law_any(sa, in->h.exchange, kind_of(in)))
		return kind_of(in) == IKE_RESPONSE ? ISAKMP_R_UNASKED : ISAKMP_R_NO_LAW;
	if (isakmp_exchange_is_first(in->h.exchange))
		return receive_clear(sa, in, now);
	why = ike_hint_clear(sa, in, now);
	return why ? why : receive_protected(sa, in, now);
}

/**
 * ike_receive - handle one datagram
 * @sa: the SA it belongs to by its SPI or digest
 * @pkt: the datagram; its octets may be changed
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void ike_receive(struct ike_sa *sa, const struct ike_packet *pkt, u64 now)
{
	struct ike_in *in = isakmp_alloc(sizeof(*in));
	enum isakmp_reason why;

	if (!in) {
		isakmp_refused(sa, ISAKMP_R_NO_MEMORY, 0);
		return;
	}
	in->pkt = pkt;
	in->largest = pkt->len;
	why = receive(sa, in, now);
	if (why)
		isakmp_refused(sa, why, in->arg);
	/* A first message that was refused leaves nothing behind */
	if (sa->state == IKE_S_NEW && !sa->initiator)
		ike_sa_die(sa, why, 0, now);
	ike_request_free(sa, in->req);
	isakmp_free(in->whole.data);
	isakmp_free(in);
}
