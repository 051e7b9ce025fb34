// SPDX-License-Identifier: GPL-2.0
/*
 * Tickets, and what else decides where an IKE SA goes on, under libFuzzer: redirects (RFC
 * 5685), tokens (RFC 6290).  See ticket_modes.h.
 *
 *  - the text of a ticket that is accepted is written as it was read;
 *  - no ticket of a stranger's is good;
 *  - A goes where it is allowed to, and nowhere else;
 *  - A ends for B's token alone;
 *  - in the end nothing is left: no memory, no reference, no child.
 */
#include "fuzz.h"
#include "ike/engine.h"
#include "native.h"
#include "resume.h"
#include "ticket_modes.h"

static bool inside(const struct ike_ticket *t, const struct ike_span *s)
{
	return s->p >= t->text && s->p + s->len <= t->text + t->text_len;
}

static void read_text(const u8 *p, size_t n)
{
	struct ike_ticket *t = ike_ticket_decode(p, n);
	u8 again[IKE_TICKET_MAX];
	struct isakmp_out o;

	if (!t)
		return;
	MUST(inside(t, &t->sk_d) && inside(t, &t->peer) && inside(t, &t->id_local) &&
	     inside(t, &t->id_remote) && inside(t, &t->unique) && inside(t, &t->local_cred) &&
	     inside(t, &t->remote_cred) && inside(t, &t->handle) && inside(t, &t->config));
	MUST(t->peer.len && t->peer.len <= ISAKMP_NAME_MAX);
	isakmp_out_init(&o, again, sizeof(again));
	ike_ticket_encode(&o, t);
	MUST(!o.full && o.len == n && !memcmp(again, p, n));
	ike_ticket_free(t);
}

static void present(const u8 *p, size_t n)
{
	static struct ike_sa sa;
	struct ike_ticket *t = NULL;

	MUST(ike_ticket_open(&sa, p, n, &t) && !t);
}

/* ---- two ends ---------------------------------------------------------------- */

static const struct isakmp_addr gateways[] = {
	{ 4, { 192, 0, 2, 3 } }, { 6, { 0x20, 1, 0x0d, 0xb8, [15] = 9 } },
};

/* They resume, give tokens, and A follows to two gateways. */
static struct talk *pair(void)
{
	struct talk *t = willing();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(gateways); i++)
		ike_ts_set_addr(&t->a.peer.follow[t->a.peer.n_follow++], &gateways[i]);
	t->a.source[1] = (struct isakmp_addr){ 6, { 0x20, 1, 0x0d, 0xb8, [15] = 1 } };
	t->a.peer.qcd = t->b.peer.qcd = true;
	t->a.tokens = 1;
	t->b.tokens = 2;
	t->liar = true;
	return t;
}

static bool may_be(const struct isakmp_addr *a)
{
	return isakmp_addr_equal(a, &gateways[0]) || isakmp_addr_equal(a, &gateways[1]);
}

static void part(struct talk *t)
{
	MUST(isakmp_addr_equal(&t->a.ike.path.remote, &t->a.path.remote) || !t->a.live ||
	     may_be(&t->a.ike.path.remote));
	MUST(!t->a.redirected.family || may_be(&t->a.redirected));
	MUST(!t->b.redirected.family);
	native_tickets_reset();
	talk_release(t);
	MUST(!native_mem_outstanding() && !t->refs && !t->a.xfrm && !t->b.xfrm);
	talk_free(t);
}

/* The body of a notification, to be freed. */
static u8 *body(u8 protocol, u16 type, const u8 *p, size_t n, const u8 *more, size_t n_more)
{
	u8 *b = malloc(4 + n + n_more);

	MUST(b);
	b[0] = protocol;
	b[1] = 0;
	put_unaligned_be16(type, b + 2);
	if (n)
		memcpy(b + 4, p, n);
	if (n_more)
		memcpy(b + 4 + n, more, n_more);
	return b;
}

static void say(struct end *from, struct message *m, u8 protocol, u16 type, const u8 *p, size_t n)
{
	u8 *b = body(protocol, type, p, n, NULL, 0);

	message_add(m, IKE_PL_NOTIFY, b, 4 + n);
	message_deliver(m, from);
	free(b);
}

/* As answer to A's first message, by who has seen it. */
static void redirect_first(struct talk *t, const u8 *p, size_t n)
{
	struct message m = { .h = {
		.spi_i = t->a.ike.ep->spi_i, .major = 2, .flags = IKE_FLAG_RESPONSE,
		.exchange = t->a.ike.setup->resuming ? IKE_SESSION_RESUME : IKE_SA_INIT,
	} };
	u8 *b = body(0, IKE_N_REDIRECT, p, n, t->a.ike.setup->ni, t->a.ike.setup->ni_len);

	message_add(&m, IKE_PL_NOTIFY, b, 4 + n + t->a.ike.setup->ni_len);
	message_deliver(&m, &t->b);
	free(b);
	talk_flush(&t->a);
	part(t);
}

static struct talk *resuming(void)
{
	struct talk *t = pair();

	talk_advance(t, TALK_UP);
	lose_b(t);
	lose_a(t);
	start(t);
	return t;
}

static struct talk *standing(void)
{
	struct talk *t = pair();

	talk_advance(t, TALK_UP);
	return t;
}

static struct talk *beginning(void)
{
	struct talk *t = pair();

	talk_advance(t, TALK_INIT);
	return t;
}

static void redirect_from(struct talk *t, const u8 *p, size_t n)
{
	struct packet first = talk_take(&t->a);
	struct message m;

	message_read(&m, &t->a, &first);
	packet_free(&first);
	say(&t->a, &m, 0, IKE_N_REDIRECTED_FROM, p, n);
	talk_flush(&t->b);
	part(t);
}

static void presented_to_b(struct talk *t, const u8 *p, size_t n)
{
	struct message m;

	talk_open_a(t);
	message_new(&m, &t->a, IKE_SESSION_RESUME, IKE_REQUEST, 0);
	m.sk = false;
	message_insert(&m, 0, talk_body(IKE_PL_NONCE));
	say(&t->a, &m, 0, IKE_N_TICKET_OPAQUE, p, n);
	MUST(!t->b.live);
	talk_flush(&t->b);
	part(t);
}

static void given(struct talk *t, const u8 *p, size_t n)
{
	struct message m;

	talk_timer(&t->a, t->a.ike.ticket_at);
	MUST(t->a.ike.ep->out);
	message_new(&m, &t->b, IKE_INFORMATIONAL, IKE_RESPONSE, t->a.ike.ep->out->msgid);
	say(&t->b, &m, 0, IKE_N_TICKET_LT_OPAQUE, p, n);
	/* A response that is malformed is the end (RFC 7296, 2.21) */
	MUST(t->a.ike.state != IKE_S_ESTABLISHED || t->a.ike.grant->len <= IKE_TICKET_KEPT_MAX);
	MUST(t->a.ike.ticket_at >= t->now + IKE_TICKET_ASK_MS);
	talk_flush(&t->a);
	part(t);
}

static void token_clear(struct talk *t, const u8 *p, size_t n)
{
	const struct ike_token *token = t->a.ike.ep->token;
	bool same = n == token->len && !memcmp(p, token->data, n);
	u8 spi[4] = { 0, 0, 0, IKE_N_INVALID_IKE_SPI };
	struct message m = { .h = {
		.spi_i = t->a.ike.ep->spi_i, .spi_r = t->a.ike.ep->spi_r, .major = 2,
		.exchange = IKE_INFORMATIONAL, .flags = IKE_FLAG_RESPONSE,
	} };

	message_add(&m, IKE_PL_NOTIFY, spi, sizeof(spi));
	say(&t->b, &m, IKE_PROTO_IKE, IKE_N_QCD_TOKEN, p, n);
	MUST(same == !!t->a.refused[ISAKMP_R_CRASHED]);
	MUST(same == (t->a.ike.state == IKE_S_DEAD));
	talk_flush(&t->a);
	part(t);
}

static void said(struct talk *t, struct end *by, const u8 *p, size_t n)
{
	const struct ike_token *token;
	struct message m;

	message_new(&m, by, IKE_INFORMATIONAL, IKE_REQUEST, by->ike.ep->next_out++);
	say(by, &m, IKE_PROTO_IKE, n < 2 ? 0 : get_unaligned_be16(p), p + (n < 2 ? n : 2),
	    n < 2 ? 0 : n - 2);
	token = talk_other(by)->ike.ep->token;
	MUST(!token || (token->len >= IKE_TOKEN_MIN && token->len <= IKE_TOKEN_MAX));
	talk_flush(&t->a);
	talk_flush(&t->b);
	part(t);
}

static void choose(u8 mode, const u8 *p, size_t n)
{
	struct talk *t;

	switch (mode % TICKET_MODES) {
	case TICKET_TEXT:
		return read_text(p, n);
	case TICKET_OPENED:
		return present(p, n);
	case TICKET_PRESENTED:
		return presented_to_b(pair(), p, n);
	case TICKET_GIVEN:
		return given(standing(), p, n);
	case REDIRECT_FIRST:
		return redirect_first(beginning(), p, n);
	case REDIRECT_RESUMING:
		return redirect_first(resuming(), p, n);
	case REDIRECT_FROM:
		return redirect_from(beginning(), p, n);
	case TOKEN_CLEAR:
		return token_clear(standing(), p, n);
	default:
		t = standing();
		return said(t, mode % TICKET_MODES == SAID_BY_A ? &t->a : &t->b, p, n);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
	u8 *p;

	if (!n || n > IKE_BUILD_MAX / 2)
		return 0;
	native_seed(1);
	if (!native_tickets.n_keys)
		native_tickets_reset();
	p = exact(data + 1, n - 1);
	choose(data[0], p, n - 1);
	free(p);
	MUST(!native_mem_outstanding());
	return 0;
}
