// SPDX-License-Identifier: GPL-2.0
/* Messages of version 1 that are wrong, but for their HASH and encryption. */
#include "v1_forge.h"

/* The exchange of phase 2 that it belongs to at who gets it; NULL: a new one, or a lone one. */
static struct v1_exchange *chained(const struct v1_forge *f)
{
	if (!f->h.msgid || f->h.exchange == V1_INFORMATIONAL)
		return NULL;
	return v1_exchange_of(f->to->ike.ep, f->h.msgid);
}

static void iv_of(const struct v1_forge *f, u8 iv[V1_BLOCK_MAX])
{
	struct ike_epoch *ep = f->to->ike.ep;
	struct v1_exchange *x = chained(f);

	if (!f->h.msgid)
		memcpy(iv, ep->v1->iv, V1_BLOCK_MAX);
	else if (x)
		memcpy(iv, x->iv, V1_BLOCK_MAX);
	else if (v1_iv_of(ep, f->h.msgid, iv))
		talk_broken("no IV");
}

static void crypt(const struct v1_forge *f, u8 *p, size_t n, bool encrypt)
{
	const struct ike_epoch *ep = f->to->ike.ep;
	u8 iv[V1_BLOCK_MAX];

	iv_of(f, iv);
	if (n && isakmp_cbc(ep->suite.encr, ep->v1->key, ep->v1->key_len, iv, p, n, encrypt))
		talk_broken("cannot be deciphered");
}

static const struct v1_law *law_of(const struct v1_forge *f)
{
	const struct ike_epoch *ep = f->to->live ? f->to->ike.ep : NULL;
	struct v1_exchange *x = ep && ep->v1 ? chained(f) : NULL;
	bool begun = f->h.msgid ? x && x->initiator : ep && ep->initiator;
	u8 step = f->h.msgid ? (x ? x->step : 1) : (ep && ep->v1 ? ep->v1->step : 1);
	u8 class = !f->h.msgid && ep && ep->v1 ? v1_class_of(ep->v1->method) : 0;

	return v1_law_find(f->h.exchange, step, begun ? IKE_WE_INITIATE : IKE_WE_RESPOND, class,
			   f->encrypted);
}

void v1_forge_read(struct v1_forge *f, struct end *to, const struct packet *p)
{
	size_t at = IKE_HDR_LEN, n;
	u8 type;

	memset(f, 0, sizeof(*f));
	f->to = to;
	if (isakmp_header_decode(p->p, p->n, &f->h))
		talk_broken("no header");
	f->encrypted = f->h.flags & V1_FLAG_ENCRYPTION;
	f->law = law_of(f);
	f->buf = malloc(p->n);
	memcpy(f->buf, p->p, p->n);
	/* The responder makes keys when message 5 is there */
	if (f->encrypted && !to->ike.ep->v1->key_len && v1_keys_need(&to->ike, to->ike.ep))
		talk_broken("no keys");
	if (f->encrypted)
		crypt(f, f->buf + at, p->n - at, false);
	for (type = f->h.next; type; type = f->buf[at], at += n) {
		n = at + 4 <= p->n ? get_unaligned_be16(f->buf + at + 2) : 0;
		if (n < 4 || at + n > p->n || f->n == IKE_PAYLOADS_MAX)
			talk_broken("no chain");
		f->b[f->n++] = (struct v1_forge_body){ type, f->buf + at + 4, n - 4 };
	}
}

/* HASH(1), HASH(2) or HASH(3), where one stands first. */
static void fill_hash(const struct v1_forge *f, struct isakmp_builder *b, u8 *p)
{
	size_t at = IKE_HDR_LEN + IKE_PL_HDR_LEN, len;
	struct ike_span rest;

	if (!f->h.msgid || !f->n || f->b[0].type != V1_PL_HASH || !f->law || !f->law->hash)
		return;
	len = isakmp_prf_len(f->to->ike.ep->suite.prf);
	rest = (struct ike_span){ p + at + len, b->o.len - at - len };
	if (f->b[0].n != len || v1_hash_message(f->to->ike.ep, chained(f), f->law->hash,
						f->h.msgid, rest, p + at))
		talk_broken("no HASH");
}

struct packet v1_forge_write(const struct v1_forge *f, const struct isakmp_path *path)
{
	struct packet p = { .p = calloc(1, IKE_MSG_MAX), .path = *path };
	struct isakmp_header h = f->h;
	struct isakmp_builder b;
	unsigned int i;
	size_t block;

	h.flags = f->h.flags & ~V1_FLAG_ENCRYPTION;
	h.next = 0;
	isakmp_build_begin(&b, p.p, IKE_MSG_MAX, &h);
	for (i = 0; i < f->n; i++) {
		isakmp_build_payload(&b, f->b[i].type);
		isakmp_out_bytes(&b.o, f->b[i].p, f->b[i].n);
		isakmp_build_close(&b);
	}
	fill_hash(f, &b, p.p);
	if (f->encrypted) {
		block = isakmp_cbc_block(f->to->ike.ep->suite.encr);
		isakmp_out_zero(&b.o, (block - (b.o.len - IKE_HDR_LEN) % block) % block);
		p.p[IKE_HDR_FLAGS_AT] |= V1_FLAG_ENCRYPTION;
	}
	if (!isakmp_build_end(&b))
		talk_broken("too long");
	p.n = b.o.len;
	if (f->encrypted)
		crypt(f, p.p + IKE_HDR_LEN, p.n - IKE_HDR_LEN, true);
	p.p = realloc(p.p, p.n);
	return p;
}

void v1_forge_free(struct v1_forge *f)
{
	free(f->buf);
	f->buf = NULL;
}

void v1_forge_drop(struct v1_forge *f, unsigned int i)
{
	f->n--;
	memmove(f->b + i, f->b + i + 1, (f->n - i) * sizeof(*f->b));
}

void v1_forge_double(struct v1_forge *f, unsigned int i)
{
	v1_forge_add(f, f->b[i].type, f->b[i].p, f->b[i].n);
}

void v1_forge_add(struct v1_forge *f, u8 type, const void *p, size_t n)
{
	if (f->n == IKE_PAYLOADS_MAX)
		talk_broken("too many payloads");
	f->b[f->n++] = (struct v1_forge_body){ type, p, n };
}

int v1_forge_find(const struct v1_forge *f, u8 type)
{
	unsigned int i;

	for (i = 0; i < f->n; i++)
		if (f->b[i].type == type)
			return (int)i;
	return -1;
}
