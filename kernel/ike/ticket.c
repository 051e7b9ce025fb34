// SPDX-License-Identifier: GPL-2.0
/*
 * Tickets (RFC 5723): what stands in one; giving, getting and losing it.
 *
 *	Initiator				Responder
 *	HDR, SK {..., N(TICKET_REQUEST)}   -->
 *				<--  HDR, SK {..., N(TICKET_LT_OPAQUE)}
 *			or	<--  HDR, SK {..., N(TICKET_ACK)}: later
 *			or	<--  HDR, SK {..., N(TICKET_NACK)}: none
 *
 * In IKE_AUTH, and in INFORMATIONAL when there is a need for another.  A ticket belongs
 * to one epoch of an IKE SA: a rekey is its end, and so is the deletion of the IKE SA by
 * either end (6.2).  What it is for is an IKE SA that was lost without being deleted.
 */
#include "ike/engine.h"

#define AAD_LEN (1 + IKE_TICKET_KEY_ID_LEN + IKE_TICKET_NUMBER_LEN + 8)
#define IV_LEN 8
#define ICV_LEN 16

/* ---- the text ------------------------------------------------------------ */

static void put_span(struct isakmp_out *o, const struct ike_span *s)
{
	isakmp_out_u16(o, (u16)s->len);
	isakmp_out_bytes(o, s->p, s->len);
}

/**
 * ike_ticket_encode - write what a ticket stands for
 * @o: where to
 * @t: the ticket
 *
 * Context: Process.
 */
void ike_ticket_encode(struct isakmp_out *o, const struct ike_ticket *t)
{
	const u16 suite[] = { t->suite.encr, t->suite.keylen, t->suite.integ, t->suite.prf,
			      t->suite.ke };
	unsigned int i;

	isakmp_out_u64(o, t->given.era);
	isakmp_out_u64(o, t->given.revocations);
	isakmp_out_u64(o, t->until);
	isakmp_out_u64(o, t->binding);
	isakmp_out_u64(o, t->spi);
	for (i = 0; i < ARRAY_SIZE(suite); i++)
		isakmp_out_u16(o, suite[i]);
	isakmp_out_u32(o, t->children);
	for (i = 0; i < IKE_INNER; i++) {
		isakmp_out_u8(o, t->inner[i].family);
		isakmp_out_bytes(o, t->inner[i].a, sizeof(t->inner[i].a));
	}
	put_span(o, &t->sk_d);
	put_span(o, &t->peer);
	put_span(o, &t->id_local);
	put_span(o, &t->id_remote);
	put_span(o, &t->unique);
	put_span(o, &t->local_cred);
	put_span(o, &t->remote_cred);
	put_span(o, &t->handle);
	put_span(o, &t->config);
}

static bool get_suite(struct isakmp_cur *c, struct ike_suite *s)
{
	s->protocol = IKE_PROTO_IKE;
	return isakmp_cur_u16(c, &s->encr) && isakmp_cur_u16(c, &s->keylen) &&
	       isakmp_cur_u16(c, &s->integ) && isakmp_cur_u16(c, &s->prf) &&
	       isakmp_cur_u16(c, &s->ke);
}

static bool get_inner(struct isakmp_cur *c, struct isakmp_addr inner[IKE_INNER])
{
	static const u8 families[IKE_INNER] = { 4, 6 };
	unsigned int i;
	const u8 *a;

	for (i = 0; i < IKE_INNER; i++) {
		if (!isakmp_cur_u8(c, &inner[i].family) ||
		    (inner[i].family && inner[i].family != families[i]) ||
		    !isakmp_cur_take(c, sizeof(inner[i].a), &a))
			return false;
		memcpy(inner[i].a, a, sizeof(inner[i].a));
	}
	return true;
}

static bool get_span(struct isakmp_cur *c, struct ike_span *s, size_t least, size_t most)
{
	u16 n;

	if (!isakmp_cur_u16(c, &n) || n < least || n > most)
		return false;
	s->len = n;
	return isakmp_cur_take(c, n, &s->p);
}

static bool get_name(struct isakmp_cur *c, struct ike_span *s, size_t least)
{
	return get_span(c, s, least, ISAKMP_NAME_MAX) && !memchr(s->p, '\0', s->len);
}

static bool get_spans(struct isakmp_cur *c, struct ike_ticket *t)
{
	size_t prf = isakmp_prf_len(t->suite.prf);

	return prf && get_span(c, &t->sk_d, prf, prf) && get_name(c, &t->peer, 1) &&
	       get_span(c, &t->id_local, 5, 4 + IKE_ID_MAX) &&
	       get_span(c, &t->id_remote, 5, 4 + IKE_ID_MAX) &&
	       get_span(c, &t->unique, 0, IKE_UNIQUE_MAX) &&
	       get_name(c, &t->local_cred, 0) && get_name(c, &t->remote_cred, 0) &&
	       get_span(c, &t->handle, 0, IKE_HANDLE_MAX) &&
	       get_span(c, &t->config, 0, IKE_TICKET_MAX);
}

static bool get_all(struct isakmp_cur *c, struct ike_ticket *t)
{
	return isakmp_cur_u64(c, &t->given.era) && isakmp_cur_u64(c, &t->given.revocations) &&
	       isakmp_cur_u64(c, &t->until) && isakmp_cur_u64(c, &t->binding) &&
	       isakmp_cur_u64(c, &t->spi) && get_suite(c, &t->suite) &&
	       isakmp_cur_u32(c, &t->children) && get_inner(c, t->inner) &&
	       get_spans(c, t) && !c->left;
}

/**
 * ike_ticket_decode - read what a ticket stands for
 * @p: the text, as ike_ticket_encode() wrote it; copied
 * @n: its octets
 *
 * Context: Process.
 * Return: for ike_ticket_free(); NULL: it is no such text, or there is no memory.
 */
struct ike_ticket *ike_ticket_decode(const u8 *p, size_t n)
{
	struct ike_ticket *t;
	struct isakmp_cur c;

	if (n > IKE_TICKET_MAX)
		return NULL;
	t = isakmp_alloc(sizeof(*t) + n);
	if (!t)
		return NULL;
	memcpy(t->text, p, n);
	t->text_len = (u16)n;
	isakmp_cur_init(&c, t->text, n);
	if (get_all(&c, t))
		return t;
	isakmp_free(t);
	return NULL;
}

/**
 * ike_ticket_free - forget a ticket
 * @t: the ticket, or NULL
 *
 * Context: Any.
 */
void ike_ticket_free(struct ike_ticket *t)
{
	if (!t)
		return;
	isakmp_free(t->opaque);
	isakmp_free(t);
}

static struct ike_span span_of(const void *p, size_t n)
{
	return (struct ike_span){ p, n };
}

/* How long the peer is believed, in ms since 1970; 0: for ever. */
static u64 until_of(const struct ike_sa *sa, u64 now)
{
	if (sa->until_at == IKE_NEVER)
		return 0;
	return isakmp_wall() + (sa->until_at > now ? sa->until_at - now : 0);
}

/* The spans point into the SA. */
static void describe(const struct ike_sa *sa, struct ike_ticket *t, u64 now)
{
	const struct ike_basis *b = sa->basis;

	memset(t, 0, sizeof(*t));
	t->until = until_of(sa, now);
	t->binding = sa->peer->binding;
	t->spi = ike_epoch_spi(sa->ep);
	t->suite = sa->ep->suite;
	t->children = sa->allowed;
	memcpy(t->inner, sa->inner, sizeof(t->inner));
	t->sk_d = span_of(sa->ep->sk_d, isakmp_prf_len(sa->ep->suite.prf));
	t->peer = span_of(sa->peer->name, strlen(sa->peer->name));
	t->id_local = span_of(sa->id_local, sa->id_local_len);
	t->id_remote = span_of(sa->id_remote, sa->id_remote_len);
	t->unique = span_of(b->unique, b->unique_len);
	t->local_cred = span_of(b->local_cred, strlen(b->local_cred));
	t->remote_cred = span_of(b->remote_cred, strlen(b->remote_cred));
	t->handle = span_of(b->handle, b->handle_len);
	t->config = span_of(b->config, b->config_len);
}

/* ---- the responder's ticket ---------------------------------------------- */

/* The key of one ticket. */
static struct isakmp_sk *key_of(const struct ike_ticket_key *k, const u8 *number)
{
	static const struct ike_suite suite = {
		.protocol = IKE_PROTO_IKE, .encr = IKE_ENCR_AES_GCM_16, .keylen = 256,
	};
	static const u8 label[] = "isakmp ticket";
	const struct ike_span seed[] = {
		{ label, sizeof(label) - 1 }, { number, IKE_TICKET_NUMBER_LEN },
	};
	struct isakmp_sk *sk = NULL;
	u8 key[36];		/* with the salt */

	if (!ike_prf_plus(IKE_PRF_HMAC_SHA2_256, k->key, sizeof(k->key), seed,
			  ARRAY_SIZE(seed), key, sizeof(key)))
		sk = isakmp_sk_new(&suite, key, sizeof(key));
	memzero_explicit(key, sizeof(key));
	return sk;
}

/* @o: room for a ticket, in zeros */
static enum isakmp_reason seal_with(const struct ike_ticket_key *k, const struct ike_ticket *t,
				    struct isakmp_out *o)
{
	struct isakmp_sk *sk;
	int err;

	isakmp_out_u8(o, IKE_TICKET_VERSION);
	isakmp_out_bytes(o, k->id, sizeof(k->id));
	isakmp_out_bytes(o, t->number, sizeof(t->number));
	isakmp_out_u64(o, t->expires);
	isakmp_out_zero(o, IV_LEN);
	ike_ticket_encode(o, t);
	isakmp_out_zero(o, ICV_LEN);
	if (o->full)
		return ISAKMP_R_OVERSIZE;
	sk = key_of(k, t->number);
	if (!sk)
		return ISAKMP_R_NO_MEMORY;
	err = isakmp_sk_seal(sk, o->p, AAD_LEN, o->len - AAD_LEN - IV_LEN - ICV_LEN);
	isakmp_sk_free(sk);
	return ike_crypto_reason(err);
}

/* RFC 5723, 6.2: the least of a day, the life of the IKE SA, the time until the end. */
static u32 life_of(const struct ike_sa *sa, u64 now)
{
	u64 ms = IKE_TICKET_MS;

	if (sa->peer->life_s)
		ms = min_t(u64, ms, (u64)sa->peer->life_s * 1000);
	if (sa->until_at != IKE_NEVER)
		ms = min_t(u64, ms, sa->until_at > now ? sa->until_at - now : 0);
	return (u32)ms;
}

static enum isakmp_reason seal(struct ike_sa *sa, struct isakmp_out *o, struct ike_grant *g,
			       u32 life_ms, u64 now)
{
	struct ike_ticket_key k;
	enum isakmp_reason why = ISAKMP_R_TICKET_UNKNOWN;
	struct ike_ticket t;

	describe(sa, &t, now);
	t.given = isakmp_ticket_stamp(sa);
	t.expires = isakmp_wall() + life_ms;
	isakmp_random(t.number, sizeof(t.number));
	g->expires = t.expires;
	memcpy(g->number, t.number, sizeof(g->number));
	if (isakmp_ticket_key(sa, true, &k))
		why = seal_with(&k, &t, o);
	memzero_explicit(&k, sizeof(k));
	return why;
}

static enum isakmp_reason unseal(const struct ike_ticket_key *k, const u8 *p, size_t n,
				 struct ike_ticket **t)
{
	struct isakmp_sk *sk = key_of(k, p + 1 + IKE_TICKET_KEY_ID_LEN);
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;
	u8 *copy = ike_copy(p, n);
	int err;

	if (sk && copy) {
		err = isakmp_sk_open(sk, copy, AAD_LEN, n - AAD_LEN);
		if (err != -ENOMEM)
			why = err ? ISAKMP_R_TICKET_BAD : ISAKMP_OK;
	}
	if (!why) {
		*t = ike_ticket_decode(copy + AAD_LEN + IV_LEN, n - AAD_LEN - IV_LEN - ICV_LEN);
		why = *t ? ISAKMP_OK : ISAKMP_R_TICKET_BAD;
	}
	isakmp_sk_free(sk);
	isakmp_free(copy);
	return why;
}

/**
 * ike_ticket_open - what does a ticket stand for that somebody presents?
 * @sa: a responder
 * @p: the ticket
 * @n: its octets
 * @t: for ike_ticket_free() when OK is returned
 *
 * What its clear part says is looked at first: it costs least.  One that would be good for
 * days yet was given by a clock that this one is far behind: nobody knows whether it is over.
 *
 * Context: Process; the SA's worker.
 * Return: OK; TICKET_BAD, _UNKNOWN, _EXPIRED, _USED, _LIMIT; NO_MEMORY.
 */
enum isakmp_reason ike_ticket_open(struct ike_sa *sa, const u8 *p, size_t n,
				   struct ike_ticket **t)
{
	const u8 *number = p + 1 + IKE_TICKET_KEY_ID_LEN;
	enum isakmp_reason why;
	struct ike_ticket_key k;
	u64 expires, wall = isakmp_wall();

	if (n < AAD_LEN + IV_LEN + ICV_LEN || n > IKE_TICKET_MAX || p[0] != IKE_TICKET_VERSION)
		return ISAKMP_R_TICKET_BAD;
	expires = get_unaligned_be64(number + IKE_TICKET_NUMBER_LEN);
	if (expires <= wall || expires > wall + 2ULL * IKE_TICKET_MS)
		return ISAKMP_R_TICKET_EXPIRED;
	why = isakmp_ticket_unused(sa, number, expires);
	if (why)
		return why;
	memcpy(k.id, p + 1, sizeof(k.id));
	why = ISAKMP_R_TICKET_UNKNOWN;
	if (isakmp_ticket_key(sa, false, &k))
		why = unseal(&k, p, n, t);
	memzero_explicit(&k, sizeof(k));
	if (why)
		return why;
	memcpy((*t)->number, number, IKE_TICKET_NUMBER_LEN);
	(*t)->expires = expires;
	return ISAKMP_OK;
}

/* ---- giving -------------------------------------------------------------- */

/**
 * ike_ticket_asked - does a request ask for a ticket?
 * @c: its payloads
 *
 * Context: Any.
 * Return: true if it does.
 */
bool ike_ticket_asked(const struct isakmp_chain *c)
{
	return ike_init_says(c, IKE_N_TICKET_REQUEST);
}

/* A ticket counts no more, here; with the initiator it may still be. */
static void spend(struct ike_sa *sa)
{
	enum isakmp_reason why;

	if (!sa->grant || sa->initiator)
		return;
	why = isakmp_ticket_spend(sa, sa->grant->number, sa->grant->expires, true);
	/* Used: it is that one that takes our place; over: so much the better */
	if (why == ISAKMP_R_TICKET_LIMIT || why == ISAKMP_R_NO_MEMORY)
		isakmp_refused(sa, why, 0);
}

/* The ticket that the SA had before is its ticket no more. */
static enum isakmp_reason give(struct ike_sa *sa, struct ike_msg *m, u64 now)
{
	u32 life_ms = life_of(sa, now);
	struct ike_grant *g = isakmp_alloc(sizeof(*g));
	u8 *data = isakmp_alloc(4 + IKE_TICKET_MAX);
	enum isakmp_reason why = ISAKMP_R_NO_MEMORY;
	struct isakmp_out o;

	if (g && data && sa->peer->resume && life_ms >= 1000) {
		put_unaligned_be32(life_ms / 1000, data);
		isakmp_out_init(&o, data + 4, IKE_TICKET_MAX);
		why = seal(sa, &o, g, life_ms, now);
	} else if (g && data) {
		why = ISAKMP_R_TICKET_NONE;
	}
	if (!why) {
		ike_msg_notify(m, IKE_N_TICKET_LT_OPAQUE, data, 4 + o.len);
		ike_ticket_end(sa);
		sa->grant = g;
		g = NULL;
	}
	isakmp_free(g);
	isakmp_free(data);
	return why;
}

/**
 * ike_ticket_answer - the initiator has asked for a ticket
 * @sa: the responder; whom it believes is known
 * @m: the response
 * @now: ms
 *
 * RFC 5723, 4.1: a ticket, TICKET_ACK for later, or TICKET_NACK.
 *
 * Context: Process; the SA's worker.
 * Return: true: a ticket; ike_ticket_unsaid() if @m is not sent.
 */
bool ike_ticket_answer(struct ike_sa *sa, struct ike_msg *m, u64 now)
{
	enum isakmp_reason why;

	if (sa->ticket_at != IKE_NEVER && now < sa->ticket_at) {
		ike_msg_notify(m, IKE_N_TICKET_ACK, NULL, 0);
		return false;
	}
	why = sa->initiator || sa->barred ? ISAKMP_R_TICKET_NONE : give(sa, m, now);
	if (!why) {
		sa->ticket_at = now + IKE_TICKET_AGAIN_MS;
		return true;
	}
	ike_msg_notify(m, why == ISAKMP_R_NO_MEMORY ? IKE_N_TICKET_ACK : IKE_N_TICKET_NACK,
		       NULL, 0);
	isakmp_refused(sa, ISAKMP_R_TICKET_NONE, why);
	return false;
}

/**
 * ike_ticket_unsaid - the ticket that ike_ticket_answer() gave is not sent
 * @sa: the responder
 *
 * The request comes again, and so does the question for a ticket.
 *
 * Context: Process; the SA's worker.
 */
void ike_ticket_unsaid(struct ike_sa *sa)
{
	ike_ticket_forget(sa);
	sa->ticket_at = IKE_NEVER;
}

/* ---- getting ------------------------------------------------------------- */

/**
 * ike_ticket_ask - ask for a ticket, where policy wants one
 * @sa: the initiator
 * @m: the request
 *
 * Context: Process; the SA's worker.
 */
void ike_ticket_ask(const struct ike_sa *sa, struct ike_msg *m)
{
	if (sa->initiator && sa->peer->resume)
		ike_msg_notify(m, IKE_N_TICKET_REQUEST, NULL, 0);
}

/* Without memory it is asked for again soon. */
static void take(struct ike_sa *sa, const struct isakmp_notify *n, u64 now)
{
	u64 life_ms = min_t(u64, (u64)get_unaligned_be32(n->data) * 1000, IKE_TICKET_MS);
	u16 len = n->len - 4;
	struct ike_grant *g;

	if (!life_ms || len > IKE_TICKET_KEPT_MAX)
		return;
	sa->ticket_at = now + IKE_TICKET_ASK_MS;
	g = isakmp_alloc(sizeof(*g) + len);
	if (!g)
		return;
	g->given = isakmp_ticket_stamp(sa);
	g->expires = isakmp_wall() + life_ms;
	g->len = len;
	memcpy(g->opaque, n->data + 4, len);
	isakmp_free(sa->grant);
	sa->grant = g;
	/* RFC 5723, 4.1: "when the ticket lifetime is about to expire" */
	sa->ticket_at = max(sa->ticket_at, now + life_ms - (life_ms >> 2));
}

/**
 * ike_ticket_hear - what the responder says to our request for a ticket
 * @sa: the initiator
 * @c: payloads of the response
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void ike_ticket_hear(struct ike_sa *sa, const struct isakmp_chain *c, u64 now)
{
	const struct isakmp_payload *p = NULL;
	struct isakmp_notify n;

	if (!sa->initiator || !sa->peer->resume)
		return;
	while ((p = isakmp_chain_next(c, IKE_PL_NOTIFY, p))) {
		if (isakmp_notify_decode(p, &n))
			continue;
		if (n.type == IKE_N_TICKET_LT_OPAQUE)
			take(sa, &n, now);
		else if (n.type == IKE_N_TICKET_ACK)
			sa->ticket_at = now + IKE_TICKET_AGAIN_MS;
		else if (n.type == IKE_N_TICKET_NACK)
			isakmp_refused(sa, ISAKMP_R_TICKET_NONE, n.type);
	}
}

/**
 * ike_ticket_timer - the ticket ends soon: another one is asked for
 * @sa: the SA
 * @now: ms
 *
 * Context: Process; the SA's worker.
 */
void ike_ticket_timer(struct ike_sa *sa, u64 now)
{
	if (!sa->initiator || sa->state != IKE_S_ESTABLISHED || now < sa->ticket_at)
		return;
	sa->ticket_at = IKE_NEVER;
	sa->tasks |= IKE_TASK_TICKET;
}

/* ---- losing -------------------------------------------------------------- */

/**
 * ike_ticket_forget - the SA goes as if it had never been
 * @sa: the SA
 *
 * Without a word to the peer: its ticket is good.  Ours is ours no more.
 *
 * Context: Process; the SA's worker, or the last owner.
 */
void ike_ticket_forget(struct ike_sa *sa)
{
	isakmp_free(sa->grant);
	sa->grant = NULL;
}

/**
 * ike_ticket_end - the ticket of an SA counts no more
 * @sa: the SA; fine if it has none
 *
 * Context: Process; the SA's worker.
 */
void ike_ticket_end(struct ike_sa *sa)
{
	spend(sa);
	ike_ticket_forget(sa);
}

/**
 * ike_ticket_rekeyed - the SA has other keys
 * @sa: the SA
 *
 * RFC 5723, 6.2: "When the IKE SA is rekeyed, the ticket is invalidated, and the client
 * SHOULD request a new ticket."
 *
 * Context: Process; the SA's worker.
 */
void ike_ticket_rekeyed(struct ike_sa *sa)
{
	ike_ticket_end(sa);
	if (!sa->initiator || !sa->peer->resume)
		return;
	sa->ticket_at = IKE_NEVER;
	sa->tasks |= IKE_TASK_TICKET;
}

/* What is kept of an SA that is lost; NULL: nothing. */
static struct ike_ticket *keep(struct ike_sa *sa, u64 now)
{
	u8 *text = isakmp_alloc(IKE_TICKET_MAX);
	struct ike_ticket *t = NULL, about;
	struct isakmp_out o;

	if (!text)
		return NULL;
	describe(sa, &about, now);
	about.given = sa->grant->given;
	isakmp_out_init(&o, text, IKE_TICKET_MAX);
	ike_ticket_encode(&o, &about);
	if (!o.full)
		t = ike_ticket_decode(text, o.len);
	isakmp_free(text);
	if (!t)
		return NULL;
	t->expires = sa->grant->expires;
	t->opaque_len = sa->grant->len;
	t->opaque = ike_copy(sa->grant->opaque, sa->grant->len);
	if (t->opaque)
		return t;
	ike_ticket_free(t);
	return NULL;
}

/* One that we have presented, and nobody has said anything to it. */
static void put_back(struct ike_sa *sa, enum isakmp_reason why)
{
	struct ike_setup *s = sa->setup;

	if (!s || !s->ticket || !sa->initiator || !why || sa->msgs_in)
		return;
	isakmp_ticket_keep(sa, s->ticket);
	s->ticket = NULL;
}

/**
 * ike_ticket_lost - an SA ends
 * @sa: the SA
 * @why: why; OK: as asked
 * @now: ms
 *
 * An initiator keeps its ticket when the peer does not answer, or proves that it has lost
 * the SA (RFC 6290, 7), and in no other case: it was deleted, or its Delete was next, and
 * that is the end of the ticket (RFC 5723, 6.2).  Of a responder's initiator that does not
 * answer, the ticket is good.
 *
 * Context: Process; the SA's worker.
 */
void ike_ticket_lost(struct ike_sa *sa, enum isakmp_reason why, u64 now)
{
	bool lost = why == ISAKMP_R_TIMEOUT || why == ISAKMP_R_CRASHED;
	bool silent = lost && sa->established_at && !sa->barred &&
		      !(sa->tasks & IKE_TASK_DELETE_IKE);
	struct ike_ticket *t;

	put_back(sa, why);
	if (silent && sa->initiator && sa->grant && sa->peer->resume) {
		t = keep(sa, now);
		if (t)
			isakmp_ticket_keep(sa, t);
	}
	if (silent)
		ike_ticket_forget(sa);
	else
		ike_ticket_end(sa);
}
