// SPDX-License-Identifier: GPL-2.0
/* One IKE message: header, chain, and what is inside the SK or SKF payload. */
#include <stdlib.h>

#include <isakmp/ikev1.h>
#include "decode.h"

/* A chain of payloads of one message. */
struct walk {
	struct decoder *d;
	const struct isakmp_header *h;
	const uint8_t *msg;	/* the whole message */
	size_t n;
	bool inside;		/* an SK payload */
	bool told;		/* what is wrong with the message */
};

static void chain_show(const struct walk *w, u8 first, const u8 *p, size_t n);

/* What the keys open, as long as the message at most; NULL: they do not.  For free(). */
static uint8_t *open_text(const struct walk *w, const uint8_t *body, size_t *len)
{
	const struct keytable_sa *sa = keytable_find(&w->d->keys, w->h->spi_i, w->h->spi_r);
	enum isakmp_reason r;
	uint8_t *text;

	if (!sa || w->inside)
		return NULL;
	text = malloc(w->n);
	if (!text)
		abort();
	r = decode_open(sa, w->h->flags & IKE_FLAG_INITIATOR, w->msg, body - w->msg, w->n,
			text, len);
	if (r == ISAKMP_OK) {
		out_flag(w->d->out, "decrypted");
		return text;
	}
	out_reason(w->d->out, r);
	free(text);
	return NULL;
}

static void sk_show(const struct walk *w, const struct isakmp_payload *sk, u8 next)
{
	struct walk in = *w;
	uint8_t *text;
	size_t len;

	out_uint(w->d->out, "octets", sk->len);
	text = open_text(w, sk->body, &len);
	if (!text)
		return;
	in.inside = true;
	chain_show(&in, next, text, len);
	free(text);
}

/* A fragment (RFC 7383) is a piece of a chain, cut anywhere. */
static void skf_show(const struct walk *w, const struct isakmp_payload *p, u8 next)
{
	struct out *o = w->d->out;
	struct walk in = *w;
	struct isakmp_skf skf;
	enum isakmp_reason r = isakmp_skf_decode(p, &skf);
	uint8_t *text;
	size_t len;

	if (r != ISAKMP_OK) {
		out_reason(o, r);
		out_octets(o, "data", p->body, p->len);
		return;
	}
	out_uint(o, "fragment", skf.number);
	out_uint(o, "of", skf.total);
	out_uint(o, "octets", p->len);
	text = open_text(w, p->body + IKE_SKF_LEN, &len);
	in.inside = true;
	if (text && skf.total == 1)
		chain_show(&in, next, text, len);
	else if (text)
		out_octets(o, "data", text, len);
	free(text);
}

static void payload_show(const struct walk *w, const struct isakmp_payload *p, u8 next)
{
	struct out *o = w->d->out;
	const char *name = decode_payload(p->type);
	char number[24];

	snprintf(number, sizeof(number), "payload-%u", p->type);
	out_break(o);
	out_open(o, name ? name : number);
	if (o->json)
		out_name(o, "payload", name, p->type);
	if (p->critical)
		out_flag(o, "critical");
	if (p->type == IKE_PL_SK && p->len)
		sk_show(w, p, next);
	else if (p->type == IKE_PL_SKF)
		skf_show(w, p, next);
	else
		decode_body(o, p);
	out_close(o);
}

/*
 * The payloads before the place where the chain breaks; the codec gives a chain
 * as a whole or not at all.
 */
static void chain_prefix(u8 first, const u8 *p, size_t n, struct isakmp_chain *c)
{
	struct isakmp_cur cur, body;
	u8 flags;
	u16 len;

	isakmp_cur_init(&cur, p, n);
	memset(c, 0, sizeof(*c));
	while (first && c->n < IKE_PAYLOADS_MAX) {
		struct isakmp_payload *pl = &c->pl[c->n];

		pl->type = first;
		if (!isakmp_cur_u8(&cur, &first) || !isakmp_cur_u8(&cur, &flags) ||
		    !isakmp_cur_u16(&cur, &len) || len < IKE_PL_HDR_LEN ||
		    !isakmp_cur_sub(&cur, len - IKE_PL_HDR_LEN, &body))
			break;
		pl->critical = flags & IKE_PL_CRITICAL;
		isakmp_cur_rest(&body, &pl->body, &pl->len);
		c->n++;
		/* Without the rest of the message it cannot be opened. */
		if (pl->type == IKE_PL_SK || pl->type == IKE_PL_SKF)
			break;
	}
}

static void chain_show(const struct walk *w, u8 first, const u8 *p, size_t n)
{
	struct isakmp_chain *c = malloc(sizeof(*c));
	enum isakmp_reason r;

	if (!c)
		abort();
	r = isakmp_chain_decode(first, p, n, c);
	if (r != ISAKMP_OK) {
		if (!w->told)
			out_reason(w->d->out, r);
		chain_prefix(first, p, n, c);
	}
	out_records(w->d->out, "payloads");
	for (unsigned int i = 0; i < c->n; i++)
		payload_show(w, &c->pl[i], c->next_in_sk);
	out_records_end(w->d->out);
	free(c);
}

static void spi_show(struct out *o, const char *name, u64 spi)
{
	if (spi)
		out_hex(o, name, spi, 16);
}

static void header_show(struct out *o, const struct isakmp_header *h)
{
	out_bare(o);
	out_name(o, "exchange", h->major == V1_MAJOR ? decode_v1_exchange(h->exchange) :
		 decode_exchange(h->exchange), h->exchange);
	if (h->major == V1_MAJOR) {
		decode_v1_header(o, h);
	} else if (h->major != IKE_V2_MAJOR) {
		out_uint(o, "version", h->major);
	} else if (o->json) {
		out_text(o, "type", h->flags & IKE_FLAG_RESPONSE ? "response" : "request");
		out_text(o, "from", h->flags & IKE_FLAG_INITIATOR ? "initiator" :
								    "responder");
	} else {
		out_word(o, h->flags & IKE_FLAG_RESPONSE ? "response" : "request");
		out_word(o, "from");
		out_word(o, h->flags & IKE_FLAG_INITIATOR ? "initiator" : "responder");
	}
	out_uint(o, "id", h->msgid);
	spi_show(o, "spi-i", h->spi_i);
	spi_show(o, "spi-r", h->spi_r);
}

/**
 * decode_message() - writes the members of an IKE message
 * @d: the writer, the keys
 * @p: the message, without a non-ESP marker
 * @n: its octets
 */
void decode_message(struct decoder *d, const uint8_t *p, size_t n)
{
	struct isakmp_header h;
	struct walk w = { .d = d, .h = &h, .msg = p, .n = n };
	enum isakmp_reason r = isakmp_header_decode(p, n, &h);

	if (r != ISAKMP_R_SHORT)
		header_show(d->out, &h);
	out_uint(d->out, "octets", n);
	if (r != ISAKMP_R_SHORT && h.major != IKE_V2_MAJOR && h.major != V1_MAJOR)
		r = ISAKMP_R_VERSION;
	w.told = r != ISAKMP_OK;
	if (w.told)
		out_reason(d->out, r);
	if (r == ISAKMP_R_SHORT || r == ISAKMP_R_VERSION)
		return;
	/* After a wrong length, what is there may still be worth a look. */
	if (h.major == V1_MAJOR)
		decode_v1_chain(d, &h, p + IKE_HDR_LEN, n - IKE_HDR_LEN, w.told);
	else
		chain_show(&w, h.next, p + IKE_HDR_LEN, n - IKE_HDR_LEN);
}
