// SPDX-License-Identifier: GPL-2.0
/* Payload chains: walking them, building them (RFC 7296, 3.2, 3.14; RFC 7383, 2.5). */
#include "wire/chain.h"

/* Take one payload of type *@type off @c; *@type becomes its Next Payload. */
static enum isakmp_reason payload_take(struct isakmp_cur *c, u8 *type,
				       struct isakmp_payload *v)
{
	struct isakmp_cur body;
	u8 next, flags;
	u16 len;

	if (!isakmp_cur_u8(c, &next) || !isakmp_cur_u8(c, &flags) ||
	    !isakmp_cur_u16(c, &len))
		return ISAKMP_R_PAYLOAD_SHORT;
	/* RFC 7296, 3.2: Payload Length includes the generic header */
	if (len < IKE_PL_HDR_LEN)
		return ISAKMP_R_PAYLOAD_SHORT;
	if (!isakmp_cur_sub(c, len - IKE_PL_HDR_LEN, &body))
		return ISAKMP_R_PAYLOAD_LENGTH;

	v->type = *type;
	/* RFC 7296, 3.2: the 7 reserved bits MUST be ignored on receipt */
	v->critical = flags & IKE_PL_CRITICAL;
	isakmp_cur_rest(&body, &v->body, &v->len);
	*type = next;
	return ISAKMP_OK;
}

static bool is_sealed(u8 type)
{
	return type == IKE_PL_SK || type == IKE_PL_SKF;
}

/* RFC 7296, 3.14: SK is the last payload; its Next Payload is the first inner one. */
static bool chain_goes_on(u8 type, u8 next)
{
	return !is_sealed(type) && next != IKE_PL_NONE;
}

/* First pass: every length and the whole cover; nothing is kept but the refusal. */
static enum isakmp_reason chain_check(u8 first, struct isakmp_cur c, u8 *critical)
{
	struct isakmp_payload pl = { .type = IKE_PL_NONE };
	enum isakmp_reason r;
	u8 next = first;
	unsigned int n;

	for (n = 0; chain_goes_on(pl.type, next); n++) {
		if (n == IKE_PAYLOADS_MAX)
			return ISAKMP_R_PAYLOAD_MANY;
		r = payload_take(&c, &next, &pl);
		if (r != ISAKMP_OK)
			return r;
		/* RFC 7296, 3.2: of a known type the critical bit MUST be ignored */
		if (pl.critical && !isakmp_payload_known(pl.type) && !*critical)
			*critical = pl.type;
	}
	if (c.left)
		return ISAKMP_R_PAYLOAD_TRAILING;
	/* RFC 7296, 2.5: an unknown critical payload MUST refuse the message */
	return *critical ? ISAKMP_R_PAYLOAD_CRITICAL : ISAKMP_OK;
}

/* Second pass, over octets that chain_check() accepted. */
static void chain_fill(u8 first, struct isakmp_cur cur, struct isakmp_chain *c)
{
	struct isakmp_payload *pl;
	u8 next = first, type = IKE_PL_NONE;
	u64 bit;

	while (chain_goes_on(type, next)) {
		pl = &c->pl[c->n];
		if (payload_take(&cur, &next, pl) != ISAKMP_OK)
			return;
		c->n++;
		type = pl->type;
		if (!isakmp_payload_known(type))
			continue;
		bit = ISAKMP_PL_BIT(type);
		c->repeated |= c->seen & bit;
		c->seen |= bit;
	}
	if (is_sealed(type))
		c->next_in_sk = next;
}

enum isakmp_reason isakmp_chain_decode(u8 first, const u8 *p, size_t n,
				       struct isakmp_chain *c)
{
	enum isakmp_reason r;
	struct isakmp_cur cur;

	c->seen = 0;
	c->repeated = 0;
	c->critical_type = 0;
	c->next_in_sk = 0;
	c->n = 0;

	isakmp_cur_init(&cur, p, n);
	r = chain_check(first, cur, &c->critical_type);
	if (r == ISAKMP_OK)
		chain_fill(first, cur, c);
	else if (r != ISAKMP_R_PAYLOAD_CRITICAL)
		c->critical_type = 0;
	return r;
}

const struct isakmp_payload *isakmp_chain_find(const struct isakmp_chain *c, u8 type)
{
	return isakmp_chain_next(c, type, NULL);
}

const struct isakmp_payload *isakmp_chain_next(const struct isakmp_chain *c, u8 type,
					       const struct isakmp_payload *prev)
{
	const struct isakmp_payload *pl;

	for (pl = prev ? prev + 1 : c->pl; pl < c->pl + c->n; pl++)
		if (pl->type == type)
			return pl;
	return NULL;
}

enum isakmp_reason isakmp_skf_decode(const struct isakmp_payload *p, struct isakmp_skf *v)
{
	struct isakmp_cur c;
	u16 number, total;

	isakmp_cur_init(&c, p->body, p->len);
	if (!isakmp_cur_u16(&c, &number) || !isakmp_cur_u16(&c, &total) || !c.left)
		return ISAKMP_R_BAD_SKF;
	/* RFC 7383, 2.6: neither is zero, and the number is not above the total */
	if (!number || number > total)
		return ISAKMP_R_BAD_SKF;
	v->number = number;
	v->total = total;
	return ISAKMP_OK;
}

void isakmp_build_begin(struct isakmp_builder *b, void *buf, size_t cap,
			const struct isakmp_header *h)
{
	struct isakmp_header hdr = *h;

	hdr.next = IKE_PL_NONE;
	hdr.len = 0;
	isakmp_out_init(&b->o, buf, cap);
	isakmp_header_encode(&b->o, &hdr);
	b->link = IKE_HDR_NEXT_AT;
	b->start = 0;
	b->sk = 0;
}

void isakmp_build_payload(struct isakmp_builder *b, u8 type)
{
	isakmp_out_patch8(&b->o, b->link, type);
	b->link = b->o.len;
	b->start = b->o.len;
	/* RFC 7296, 3.2: not critical (defined there), reserved bits zero */
	isakmp_out_zero(&b->o, IKE_PL_HDR_LEN);
}

void isakmp_build_close(struct isakmp_builder *b)
{
	isakmp_out_patch_size(&b->o, b->start, b->start + 2);
}

size_t isakmp_build_sk(struct isakmp_builder *b, size_t iv)
{
	isakmp_build_payload(b, IKE_PL_SK);
	b->sk = b->start;
	isakmp_out_zero(&b->o, iv);
	return b->o.len;
}

size_t isakmp_build_skf(struct isakmp_builder *b, const struct isakmp_skf *skf, u8 next,
			size_t iv)
{
	isakmp_build_payload(b, IKE_PL_SKF);
	b->sk = b->start;
	isakmp_out_patch8(&b->o, b->sk, next);
	isakmp_out_u16(&b->o, skf->number);
	isakmp_out_u16(&b->o, skf->total);
	isakmp_out_zero(&b->o, iv);
	return b->o.len;
}

void isakmp_build_sk_end(struct isakmp_builder *b, size_t sk, size_t block, size_t icv)
{
	size_t over = block ? (b->o.len - sk + 1) % block : 0;
	size_t pad = over ? block - over : 0;

	/* RFC 7296, 3.14: payloads, Padding and Pad Length: a multiple of the block */
	isakmp_out_zero(&b->o, pad);
	isakmp_out_u8(&b->o, (u8)pad);
	isakmp_out_zero(&b->o, icv);
	isakmp_out_patch_size(&b->o, b->sk, b->sk + 2);
	isakmp_header_set_length(&b->o);
}

bool isakmp_build_end(struct isakmp_builder *b)
{
	isakmp_header_set_length(&b->o);
	return !b->o.full;
}
