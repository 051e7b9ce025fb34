// SPDX-License-Identifier: GPL-2.0
/* One cheap pass over a first message, and the digest that knows it again. */
#include "gate/gate.h"
#include "ike/seam.h"
#include "wire/payload.h"

/* RFC 7296, 1.2: HDR, SAi1, KEi, Ni --> */
#define FIRST_NEEDS (ISAKMP_PL_BIT(IKE_PL_SA) | ISAKMP_PL_BIT(IKE_PL_KE) | \
		     ISAKMP_PL_BIT(IKE_PL_NONCE))
/* RFC 5723, 4.3.2: HDR, [N(COOKIE),] Ni, N(TICKET_OPAQUE) [,N+] --> */
#define RESUME_NEEDS ISAKMP_PL_BIT(IKE_PL_NONCE)

/* What one pass finds. */
struct pass {
	struct isakmp_first *f;
	u64 seen;
	bool ticket;
};

/* Take one payload of type *@type off @c; *@type becomes its Next Payload. */
static enum isakmp_reason take_payload(struct isakmp_cur *c, u8 *type,
				       struct isakmp_payload *pl)
{
	struct isakmp_cur body;
	u8 next, flags;
	u16 len;

	if (!isakmp_cur_u8(c, &next) || !isakmp_cur_u8(c, &flags) ||
	    !isakmp_cur_u16(c, &len) || len < IKE_PL_HDR_LEN)
		return ISAKMP_R_PAYLOAD_SHORT;
	if (!isakmp_cur_sub(c, len - IKE_PL_HDR_LEN, &body))
		return ISAKMP_R_PAYLOAD_LENGTH;
	pl->type = *type;
	pl->critical = flags & IKE_PL_CRITICAL;
	isakmp_cur_rest(&body, &pl->body, &pl->len);
	*type = next;
	return ISAKMP_OK;
}

static enum isakmp_reason note_nonce(const struct isakmp_payload *pl, struct isakmp_first *f)
{
	struct isakmp_nonce nonce;
	enum isakmp_reason r;

	if (f->ni)
		return ISAKMP_R_REPEATED;
	r = isakmp_nonce_decode(pl, &nonce);
	if (r != ISAKMP_OK)
		return r;
	f->ni = nonce.value;
	f->ni_len = nonce.len;
	return ISAKMP_OK;
}

/* RFC 7296, 2.6: COOKIE comes back as the first payload; elsewhere it is none. */
static enum isakmp_reason note_notify(const struct isakmp_payload *pl, bool leads,
				      struct pass *p)
{
	struct isakmp_notify notify;
	enum isakmp_reason r;

	r = isakmp_notify_decode(pl, &notify);
	if (r != ISAKMP_OK)
		return leads ? r : ISAKMP_OK;
	if (notify.type == IKE_N_TICKET_OPAQUE)
		p->ticket = true;
	if (!leads || notify.type != IKE_N_COOKIE)
		return ISAKMP_OK;
	p->f->cookie = notify.data;
	p->f->cookie_len = notify.len;
	return ISAKMP_OK;
}

static enum isakmp_reason note_payload(const struct isakmp_payload *pl, unsigned int index,
				       struct pass *p)
{
	if (isakmp_payload_known(pl->type))
		p->seen |= ISAKMP_PL_BIT(pl->type);
	if (pl->type == IKE_PL_NONCE)
		return note_nonce(pl, p->f);
	if (pl->type == IKE_PL_NOTIFY)
		return note_notify(pl, !index, p);
	return ISAKMP_OK;
}

static bool has_all(const struct pass *p, u8 exchange)
{
	if (exchange == IKE_SESSION_RESUME)
		return p->ticket && (p->seen & RESUME_NEEDS) == RESUME_NEEDS;
	return (p->seen & FIRST_NEEDS) == FIRST_NEEDS;
}

enum isakmp_reason isakmp_gate_first(const u8 *p, size_t n, const struct isakmp_header *h,
				     struct isakmp_first *f)
{
	struct pass pass = { .f = f };
	struct isakmp_payload pl;
	enum isakmp_reason r;
	struct isakmp_cur c;
	u8 type = h->next;
	unsigned int i;

	memset(f, 0, sizeof(*f));
	isakmp_cur_init(&c, p, n);
	if (!isakmp_cur_take(&c, IKE_HDR_LEN, NULL))
		return ISAKMP_R_SHORT;
	for (i = 0; type != IKE_PL_NONE; i++) {
		if (i == IKE_PAYLOADS_MAX)
			return ISAKMP_R_PAYLOAD_MANY;
		r = take_payload(&c, &type, &pl);
		if (r == ISAKMP_OK)
			r = note_payload(&pl, i, &pass);
		if (r != ISAKMP_OK)
			return r;
	}
	if (c.left)
		return ISAKMP_R_PAYLOAD_TRAILING;
	return has_all(&pass, h->exchange) ? ISAKMP_OK : ISAKMP_R_MISSING;
}

u64 isakmp_gate_digest(const u64 key[2], const u8 *p, size_t n)
{
	return isakmp_siphash(key, p, n);
}
