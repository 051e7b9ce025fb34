// SPDX-License-Identifier: GPL-2.0
/*
 * A message on its way through version 1.  Refuse before paying:
 *
 *	cookies			of which ISAKMP SA it is
 *	pieces			when all are there: the whole
 *	repeat			what was answered is answered again
 *	state, law		whether such a message can come now at all
 *	message ID		not used up (phase 2)
 *	decryption, chain	on a chain of IVs that has not moved yet
 *	HASH			from here on the octets are the peer's (phase 2)
 *	law, bodies		what is in it
 *	handler
 *
 * What is refused changes nothing: the chain of IVs moves, and the message ID is used up, when
 * HASH was found right.  In phase 1 the handler finds out whose octets they are.
 */
#include "v1/engine.h"

static u8 role_of(const struct v1_in *in)
{
	return (in->x ? in->x->initiator : in->ep->initiator) ? IKE_WE_INITIATE : IKE_WE_RESPOND;
}

/* ---- whose is it? -------------------------------------------------------- */

/* A first message has no cookie of the responder; until message 2 is there we know none. */
static bool has_cookies(const struct ike_epoch *ep, const struct isakmp_header *h)
{
	if (!ep->v1 || ep->spi_i != h->spi_i)
		return false;
	return ep->spi_r == h->spi_r || !h->spi_r || (ep->initiator && !ep->spi_r);
}

static enum isakmp_reason find_epoch(const struct ike_sa *sa, struct v1_in *in)
{
	struct ike_epoch *ep = sa->ep;

	while (ep && !has_cookies(ep, &in->h))
		ep = ep->next;
	if (!ep)
		return ISAKMP_R_NO_SA;
	if (ep->initiator && !in->h.spi_r && in->h.exchange == v1_of(ep)->exchange)
		return ISAKMP_R_REFLECTED;
	in->ep = ep;
	return ISAKMP_OK;
}

/* ---- decryption ---------------------------------------------------------- */

/* Nobody can tell a wrong key from a message that was tampered with. */
static enum isakmp_reason undecipherable(const struct v1_in *in)
{
	return v1_of(in->ep)->state < V1_P1_XAUTH ? ISAKMP_R_AUTH_FAILED : ISAKMP_R_ICV;
}

/* In place; @in->iv becomes that of what follows. */
static enum isakmp_reason decrypt(struct v1_in *in)
{
	const struct v1_phase1 *p = v1_of(in->ep);
	u16 encr = in->ep->suite.encr;
	size_t n = in->pkt->len - IKE_HDR_LEN;

	if (!n || n % isakmp_cbc_block(encr))
		return ISAKMP_R_ICV;
	return v1_crypto_reason(isakmp_cbc(encr, p->key, p->key_len, in->iv,
					   in->pkt->data + IKE_HDR_LEN, n, false));
}

/* Some peers pad what is in the clear, too, to whole words. */
static enum isakmp_reason decode(struct v1_in *in)
{
	size_t n = in->pkt->len - IKE_HDR_LEN;
	enum isakmp_reason why;

	why = v1_chain_decode(in->h.next, in->pkt->data + IKE_HDR_LEN, n, true, &in->chain);
	if (!why && !in->encrypted && n - in->chain.end > V1_PAD_CLEAR_MAX)
		why = ISAKMP_R_PAYLOAD_TRAILING;
	return why;
}

static enum isakmp_reason open(struct v1_in *in)
{
	enum isakmp_reason why = decrypt(in);

	if (!why && decode(in))
		why = undecipherable(in);
	return why;
}

/* What is copied to where it is kept is no longer than that: a nonce in the clear. */
static enum isakmp_reason check_body(const struct isakmp_payload *p)
{
	enum isakmp_reason why = v1_payload_check(p);

	if (!why && p->type == V1_PL_NONCE && !v1_nonce_holds(p))
		why = ISAKMP_R_BAD_NONCE;
	return why;
}

/* @sealed: types that cannot be looked into yet */
static bool is_sealed(u8 type, u32 sealed)
{
	return v1_payload_known(type) && sealed & V1_PL_BIT(type);
}

static enum isakmp_reason check_bodies(struct v1_in *in, u32 sealed)
{
	enum isakmp_reason why;
	unsigned int i;

	for (i = 0; i < in->chain.n; i++) {
		if (is_sealed(in->chain.pl[i].type, sealed))
			continue;
		why = check_body(&in->chain.pl[i]);
		if (why) {
			in->arg = in->chain.pl[i].type;
			return why;
		}
	}
	return ISAKMP_OK;
}

/* ---- phase 1 ------------------------------------------------------------- */

static const struct v1_law *phase1_law(const struct v1_in *in)
{
	const struct v1_phase1 *p = v1_of(in->ep);

	return v1_law_find(in->h.exchange, p->step, role_of(in),
			   v1_proof_of(p->method, !in->ep->initiator), in->encrypted);
}

static enum isakmp_reason handle_phase1(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	const struct v1_law *law = phase1_law(in);
	enum isakmp_reason why;

	if (!law)
		return ISAKMP_R_NO_LAW;
	if (in->encrypted) {
		why = v1_keys_need(sa, in->ep);
		memcpy(in->iv, v1_of(in->ep)->iv, sizeof(in->iv));
		if (!why)
			why = open(in);
	} else {
		why = decode(in);
	}
	if (!why)
		why = v1_law_check(law, &in->chain, &in->arg);
	if (!why)
		why = check_bodies(in, law->sealed);
	return why ? why : law->handle(sa, in, now);
}

/* The helper has refused it, or will answer it: it is not looked at again. */
static bool is_busy_with(const struct v1_setup *u, u64 digest)
{
	return u && (u->pending == digest || u->refused == digest);
}

static enum isakmp_reason receive_phase1(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct v1_phase1 *p = v1_of(in->ep);
	enum isakmp_reason why;

	if (p->talk.bytes && p->talk.answers == in->pkt->digest)
		return v1_talk_repeat(sa, &p->talk, &p->repeats, in, now);
	if (is_busy_with(p->setup, in->pkt->digest))
		return ISAKMP_OK;
	if (p->state != V1_P1_OPENING && p->state != V1_P1_NEW)
		return ISAKMP_R_NO_LAW;
	if (p->setup && p->setup->junk >= IKE_JUNK_MAX)
		return ISAKMP_R_JUNK_LIMIT;
	why = handle_phase1(sa, in, now);
	if (why && in->encrypted && !v1_is_ours(why) && p->setup)
		p->setup->junk += p->setup->junk < IKE_JUNK_MAX;
	return why;
}

/* ---- phase 2 ------------------------------------------------------------- */

/* May a message with this ID come now?  @in->x: of which exchange. */
static enum isakmp_reason check_id(struct v1_in *in)
{
	struct v1_exchange *x = v1_exchange_of(in->ep, in->h.msgid);
	bool info = in->h.exchange == V1_INFORMATIONAL;

	if (!x || (info && !x->commit))
		return v1_id_used(in->ep, in->h.msgid) ? ISAKMP_R_OLD_ID : ISAKMP_OK;
	in->x = x;
	if (info)
		return ISAKMP_OK;	/* CONNECTED */
	if (!x->step)
		return ISAKMP_R_OLD_ID;
	return x->ops->type == in->h.exchange ? ISAKMP_OK : ISAKMP_R_NO_LAW;
}

static bool state_allows(const struct v1_in *in)
{
	u8 state = v1_of(in->ep)->state;

	return state == V1_P1_UP ||
	       (state < V1_P1_UP && (in->h.exchange == V1_TRANSACTION ||
					 in->h.exchange == V1_INFORMATIONAL));
}

/* Chain of an exchange; Informational has none, and a message ID of its own. */
static struct v1_exchange *chained(const struct v1_in *in)
{
	return in->h.exchange == V1_INFORMATIONAL ? NULL : in->x;
}

static enum isakmp_reason check_hash(const struct v1_law *law, struct v1_in *in)
{
	const struct isakmp_payload *h = &in->chain.pl[0];
	size_t len = isakmp_prf_len(in->ep->suite.prf);
	const u8 *start = in->pkt->data + IKE_HDR_LEN;
	enum isakmp_reason why;
	struct ike_span rest;
	u8 want[64];

	if (!in->chain.n || h->type != V1_PL_HASH || h->len != len)
		return ISAKMP_R_ICV;
	rest.p = h->body + h->len;
	rest.len = start + in->chain.end - rest.p;
	why = v1_hash_message(in->ep, chained(in), law->hash, in->h.msgid, rest, want);
	if (why)
		return why;
	if (isakmp_differ(want, h->body, len))
		return ISAKMP_R_ICV;
	in->authentic = true;
	return ISAKMP_OK;
}

static void heard(struct ike_sa *sa, const struct v1_in *in, u64 now)
{
	sa->proven = true;
	sa->msgs_in++;
	sa->last_in = now;
	/* Before XAUTH is over it may be anybody who has the same secret */
	if (v1_of(in->ep)->state != V1_P1_UP)
		return;
	v1_nat_seen(sa, in->ep, &in->pkt->path, now);
}

static enum isakmp_reason open_phase2(struct v1_in *in, const struct v1_law *law)
{
	const struct v1_exchange *x = chained(in);
	enum isakmp_reason why = ISAKMP_OK;

	if (x)
		memcpy(in->iv, x->iv, sizeof(in->iv));
	else
		why = v1_crypto_reason(v1_iv_of(in->ep, in->h.msgid, in->iv));
	if (!why)
		why = open(in);
	return why ? why : check_hash(law, in);
}

/*
 * It is the peer's: its message ID is used up, and the chain of IVs moves.  When there is no
 * memory for what follows, or no helper, it is as if it had not come, and it will come again.
 */
static enum isakmp_reason obey(struct ike_sa *sa, struct v1_in *in, const struct v1_law *law,
			       u64 now)
{
	struct v1_exchange *x = chained(in);
	struct ike_epoch *ep = in->ep;
	u32 msgid = in->h.msgid;
	enum isakmp_reason why;
	u8 iv[V1_BLOCK_MAX];

	why = in->x ? ISAKMP_OK : v1_id_use(ep, msgid);
	if (why)
		return why;
	/* CONNECTED may come again: it is no sign of life */
	if (x || !in->x)
		heard(sa, in, now);
	if (x) {
		memcpy(iv, x->iv, sizeof(iv));
		memcpy(x->iv, in->iv, sizeof(iv));
	}
	sa->v1->in = in;
	why = law->handle(sa, in, now);
	sa->v1->in = NULL;
	if (!v1_is_ours(why) || sa->state == IKE_S_DEAD || v1_of(ep)->state == V1_P1_GONE)
		return why;
	if (x && v1_exchange_of(ep, msgid) == x)
		memcpy(x->iv, iv, sizeof(iv));
	else if (!x && !v1_exchange_of(ep, msgid))
		v1_id_unuse(ep, msgid);
	return why;
}

static enum isakmp_reason handle_phase2(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	const struct v1_exchange *x = chained(in);
	const struct v1_law *law = v1_law_find(in->h.exchange, x ? x->step : 1,
					       x ? role_of(in) : IKE_WE_RESPOND, 0, true);
	enum isakmp_reason why;

	if (!law)
		return ISAKMP_R_NO_LAW;
	why = open_phase2(in, law);
	if (why)
		return why;
	why = v1_law_check(law, &in->chain, &in->arg);
	if (!why)
		why = check_bodies(in, 0);
	return why ? why : obey(sa, in, law, now);
}

/*
 * The responder may refuse our proof, before it has shown its own.  It is noted for the report,
 * should nothing better come, and decides nothing.
 */
static enum isakmp_reason note_refusal(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	const struct v1_law *law = v1_law_find(V1_INFORMATIONAL, 1, IKE_WE_RESPOND, 0, true);
	const struct v1_phase1 *p = v1_of(in->ep);

	if (in->h.exchange != V1_INFORMATIONAL || !in->ep->initiator || !p->key_len ||
	    p->state != V1_P1_OPENING)
		return ISAKMP_OK;
	if (open_phase2(in, law) || v1_law_check(law, &in->chain, &in->arg) || check_bodies(in, 0))
		return ISAKMP_OK;
	return v1_info_clear(sa, in, now) == ISAKMP_R_FORGEABLE ? ISAKMP_R_PEER_ERROR : ISAKMP_OK;
}

/* Phase 1 is not over here: it may be there.  How many is bounded, and how long. */
static enum isakmp_reason keep_early(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct v1_phase1 *p = v1_of(in->ep);
	struct v1_setup *u = p->setup;
	enum isakmp_reason why = ISAKMP_OK;
	unsigned int i = 0;

	if (!u || in->pkt->len > V1_EARLY_LEN)
		return ISAKMP_R_NO_LAW;
	while (i < V1_EARLY_MAX && u->early[i] && u->early_digest[i] != in->pkt->digest)
		i++;
	if (i == V1_EARLY_MAX)
		return ISAKMP_R_INBOX_FULL;
	if (!u->early[i]) {
		u->early[i] = ike_copy(in->pkt->data, in->pkt->len);
		if (!u->early[i])
			return ISAKMP_R_NO_MEMORY;
		u->early_len[i] = in->pkt->len;
		u->early_digest[i] = in->pkt->digest;
		why = note_refusal(sa, in, now);
	}
	/*
	 * The initiator believes that phase 1 is over: its last message is lost, and it says it
	 * again when it gets ours again
	 */
	if (!in->ep->initiator && p->state == V1_P1_OPENING && p->exchange == V1_AGGRESSIVE)
		return v1_talk_repeat(sa, &p->talk, &p->repeats, in, now);
	return why;
}

static enum isakmp_reason repeat_phase2(struct ike_sa *sa, struct v1_in *in,
					struct v1_exchange *x, u64 now)
{
	if (x->ops->again && x->ops->again(sa, in, x, now))
		return ISAKMP_OK;
	return v1_talk_repeat(sa, &x->talk, &v1_of(in->ep)->repeats, in, now);
}

static enum isakmp_reason receive_phase2(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	struct v1_phase1 *p = v1_of(in->ep);
	struct v1_exchange *x;
	enum isakmp_reason why;

	if (!in->h.msgid)
		return ISAKMP_R_V1_MESSAGE_ID;
	if (p->exchange == V1_AUTH_ONLY)
		return ISAKMP_R_NO_LAW;
	if (p->state == V1_P1_OPENING || p->state == V1_P1_ASKING)
		return in->ep->spi_r ? keep_early(sa, in, now) : ISAKMP_R_NO_LAW;
	x = v1_exchange_of(in->ep, in->h.msgid);
	if (x && x->talk.bytes && x->talk.answers == in->pkt->digest)
		return repeat_phase2(sa, in, x, now);
	if (!state_allows(in))
		return p->state == V1_P1_GONE ? ISAKMP_R_DYING : ISAKMP_R_NO_LAW;
	if (x && x->pending && in->h.exchange == x->ops->type)
		return x->pending == in->pkt->digest ? ISAKMP_OK : ISAKMP_R_NO_LAW;
	why = check_id(in);
	return why ? why : handle_phase2(sa, in, now);
}

/* ---- all of them --------------------------------------------------------- */

/*
 * In the clear: of anybody.  Once there are keys it says nothing (RFC 2409, 5.7); before, it
 * is noted, and decides nothing.
 */
static enum isakmp_reason receive_clear_info(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	enum isakmp_reason why;

	if (v1_of(in->ep)->key_len || !v1_of(in->ep)->setup)
		return ISAKMP_R_FORGEABLE;
	why = decode(in);
	if (!why)
		why = check_bodies(in, 0);
	return why ? why : v1_info_clear(sa, in, now);
}

/* RFC 2408, 3.1: what has only integrity "will not be encrypted"; no HASH covers the flags */
static bool flags_fit(u8 flags)
{
	if (flags & V1_FLAG_AUTH_ONLY && flags & V1_FLAG_ENCRYPTION)
		return false;
	return !(flags & ~(V1_FLAG_ENCRYPTION | V1_FLAG_COMMIT | V1_FLAG_AUTH_ONLY));
}

static enum isakmp_reason receive(struct ike_sa *sa, struct v1_in *in, u64 now)
{
	enum isakmp_reason why;

	if (isakmp_header_decode(in->pkt->data, in->pkt->len, &in->h))
		return ISAKMP_R_LENGTH;
	/* RFC 2408, 3.1 and 5.2: nor a minor version, or flags, that are not known here */
	if (in->h.major != V1_MAJOR || in->h.minor)
		return ISAKMP_R_VERSION;
	if (!flags_fit(in->h.flags))
		return ISAKMP_R_V1_FLAGS;
	why = find_epoch(sa, in);
	if (why)
		return why;
	if (in->h.next == V1_PL_FRAGMENT)
		return v1_fragment_take(sa, in, now);
	in->encrypted = in->h.flags & V1_FLAG_ENCRYPTION;
	switch (in->h.exchange) {
	case V1_INFORMATIONAL:
		return in->encrypted ? receive_phase2(sa, in, now) :
				       receive_clear_info(sa, in, now);
	case V1_QUICK:
	case V1_NEW_GROUP:
	case V1_TRANSACTION:
		return in->encrypted ? receive_phase2(sa, in, now) : ISAKMP_R_V1_FLAGS;
	}
	if (in->h.msgid)
		return ISAKMP_R_V1_MESSAGE_ID;
	/* RFC 2409, 5: "MUST NOT switch exchange types in the middle of an exchange" */
	if (v1_of(in->ep)->exchange && in->h.exchange != v1_of(in->ep)->exchange)
		return ISAKMP_R_NO_LAW;
	return receive_phase1(sa, in, now);
}

/**
 * v1_receive - handle one datagram
 * @sa: the SA it belongs to by its cookie
 * @pkt: the datagram; its octets may be changed
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_receive(struct ike_sa *sa, const struct ike_packet *pkt, u64 now)
{
	struct v1_in *in = isakmp_alloc(sizeof(*in));
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;

	if (in) {
		in->pkt = pkt;
		why = receive(sa, in, now);
	}
	if (why)
		isakmp_refused(sa, why, in ? in->arg : 0);
	/* A first message that was refused leaves nothing behind */
	if (sa->state == IKE_S_NEW && !sa->initiator)
		ike_sa_die(sa, why, 0, now);
	isakmp_free(in);
}

/* ---- early messages ------------------------------------------------------ */

static void run(struct ike_sa *sa, struct v1_setup *u, u64 now)
{
	struct ike_packet pkt = { .path = sa->path };
	unsigned int i;

	for (i = 0; i < V1_EARLY_MAX && u->early[i]; i++) {
		pkt.data = u->early[i];
		pkt.len = u->early_len[i];
		pkt.digest = u->early_digest[i];
		if (sa->state != IKE_S_DEAD)
			v1_receive(sa, &pkt, now);
	}
}

/**
 * v1_early_run - phase 1 is over: handle what came before its end, forget what it needed
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void v1_early_run(struct ike_sa *sa, u64 now)
{
	struct ike_epoch *ep, *next;
	struct v1_setup *u;

	for (ep = sa->ep; ep; ep = next) {
		next = ep->next;
		if (!ep->v1 || !v1_of(ep)->setup || v1_of(ep)->state < V1_P1_XAUTH)
			continue;
		u = v1_of(ep)->setup;
		v1_of(ep)->setup = NULL;
		run(sa, u, now);
		v1_setup_free(u);
	}
}
