// SPDX-License-Identifier: GPL-2.0
/*
 * The codec under libFuzzer.  Every input is copied into a buffer of its exact
 * size, and what is accepted must mean something:
 *
 *  - an accepted chain covers its octets exactly; a refused one is empty;
 *  - what a decoder accepts, encoded again, is the same but for reserved bits,
 *    which is checked by decoding and encoding once more: no change any more;
 *  - whatever is asked twice is answered twice the same.
 *
 * Inner chains, which come out of an SK payload, are mode WIRE_CHAIN.
 */

#include "gate/gate.h"
#include "v1_recode.h"
#include "wire/chain.h"
#include "wire/cp.h"
#include "wire/payload.h"
#include "wire/sa.h"
#include "wire/ts.h"

#include "fuzz.h"
#include "wire_modes.h"

/* The encoder of a decoded struct, whatever it is. */
#define RECODE(kind)							\
	static bool recode_##kind(const struct isakmp_payload *p, struct isakmp_out *o) \
	{								\
		struct isakmp_##kind v;					\
									\
		if (isakmp_##kind##_decode(p, &v) != ISAKMP_OK)		\
			return false;					\
		isakmp_##kind##_encode(o, &v);				\
		return true;						\
	}
RECODE(ke)
RECODE(id)
RECODE(cert)
RECODE(nonce)
RECODE(notify)
RECODE(delete)
RECODE(eap)
#undef RECODE

static bool recode_auth(const struct isakmp_payload *p, struct isakmp_out *o)
{
	struct isakmp_auth_pl v;

	if (isakmp_auth_decode(p, &v) != ISAKMP_OK)
		return false;
	isakmp_auth_encode(o, &v);
	return true;
}

/* Only what is known is written again, so unknown selectors get lost. */
static bool recode_ts(const struct isakmp_payload *p, struct isakmp_out *o)
{
	struct isakmp_ts v[U8_MAX];
	unsigned int n, i;

	if (isakmp_ts_decode(p, v, U8_MAX, &n) != ISAKMP_OK)
		return false;
	MUST(n <= p->body[0]);
	for (i = 0; i < n; i++)
		MUST(memcmp(v[i].start, v[i].end, 16) <= 0);
	if (n && n <= IKE_TS_MAX)
		isakmp_ts_encode(o, v, n);
	else
		isakmp_out_bytes(o, p->body, p->len);
	return true;
}

static bool recode_cp(const struct isakmp_payload *p, struct isakmp_out *o)
{
	struct isakmp_cp_attr a;
	struct isakmp_cur c;
	u8 type;

	if (isakmp_cp_decode(p, &type, &c) != ISAKMP_OK)
		return false;
	isakmp_cp_encode(o, type);
	while (isakmp_cp_attr_next(&c, &a))
		isakmp_cp_attr_encode(o, &a);
	MUST(!c.left);
	MUST(o->len == p->len);
	return true;
}

static void recode_proposal(const struct isakmp_proposal *v, struct isakmp_out *o, bool last)
{
	struct isakmp_sa_build b;
	struct isakmp_transform t;
	struct isakmp_cur c;
	unsigned int n = 0;

	isakmp_sa_build_begin(&b, o, v->num, v->protocol, v->spi, v->spi_size);
	isakmp_cur_init(&c, v->transforms, v->len);
	while (isakmp_transform_next(&c, &t)) {
		isakmp_sa_build_transform(&b, t.type, t.id, t.keylen);
		n++;
	}
	MUST(!c.left);
	MUST(n == v->n);
	isakmp_sa_build_end(&b, last);
}

/* Attributes unknown to us get lost. */
static bool recode_sa(const struct isakmp_payload *p, struct isakmp_out *o)
{
	struct isakmp_proposal v;
	unsigned int want, n = 0;
	struct isakmp_cur c;

	if (isakmp_sa_decode(p, &want) != ISAKMP_OK)
		return false;
	isakmp_cur_init(&c, p->body, p->len);
	while (isakmp_proposal_next(&c, &v)) {
		n++;
		MUST(v.num == n || want == 1);
		recode_proposal(&v, o, n == want);
	}
	MUST(n == want);
	MUST(!c.left);
	return true;
}

static bool recode(const struct isakmp_payload *p, struct isakmp_out *o)
{
	switch (p->type) {
	case IKE_PL_SA:
		return recode_sa(p, o);
	case IKE_PL_KE:
		return recode_ke(p, o);
	case IKE_PL_IDI:
	case IKE_PL_IDR:
		return recode_id(p, o);
	case IKE_PL_CERT:
	case IKE_PL_CERTREQ:
		return recode_cert(p, o);
	case IKE_PL_AUTH:
		return recode_auth(p, o);
	case IKE_PL_NONCE:
		return recode_nonce(p, o);
	case IKE_PL_NOTIFY:
		return recode_notify(p, o);
	case IKE_PL_DELETE:
		return recode_delete(p, o);
	case IKE_PL_TSI:
	case IKE_PL_TSR:
		return recode_ts(p, o);
	case IKE_PL_CP:
		return recode_cp(p, o);
	case IKE_PL_EAP:
		return recode_eap(p, o);
	default:
		return false;
	}
}

/* Payloads whose accepted body holds nothing that encoding drops or clears */
static bool no_reserved(u8 type)
{
	return type == IKE_PL_CERT || type == IKE_PL_CERTREQ || type == IKE_PL_NONCE ||
	       type == IKE_PL_NOTIFY || type == IKE_PL_DELETE || type == IKE_PL_EAP;
}

static void fuzz_payload(const struct isakmp_payload *p)
{
	static u8 buf[2][65536];
	struct isakmp_payload again = *p;
	enum isakmp_reason r = isakmp_payload_check(p);
	struct isakmp_out o, o2;

	MUST(isakmp_payload_check(p) == r);
	isakmp_out_init(&o, buf[0], sizeof(buf[0]));
	if (!recode(p, &o)) {
		MUST(r != ISAKMP_OK || p->type == IKE_PL_SK || p->type == IKE_PL_SKF ||
		     p->type == IKE_PL_VENDOR || !isakmp_payload_known(p->type));
		return;
	}
	MUST(r == ISAKMP_OK);
	MUST(!o.full && o.len <= p->len);
	if (no_reserved(p->type))
		MUST(o.len == p->len && !memcmp(o.p, p->body, p->len));

	again.body = exact(o.p, o.len);
	again.len = (u16)o.len;
	isakmp_out_init(&o2, buf[1], sizeof(buf[1]));
	MUST(isakmp_payload_check(&again) == ISAKMP_OK);
	MUST(recode(&again, &o2));
	MUST(o2.len == o.len && !memcmp(o2.p, o.p, o.len));
	free((void *)again.body);
}

static void chain_covers(const struct isakmp_chain *c, const u8 *p, size_t n)
{
	const u8 *at = p;
	unsigned int i;

	MUST(c->n <= IKE_PAYLOADS_MAX);
	for (i = 0; i < c->n; i++) {
		MUST(c->pl[i].body == at + IKE_PL_HDR_LEN);
		MUST(c->pl[i].type != IKE_PL_SK || i + 1 == c->n);
		at = c->pl[i].body + c->pl[i].len;
		MUST(!isakmp_payload_known(c->pl[i].type) ||
		     c->seen & ISAKMP_PL_BIT(c->pl[i].type));
	}
	MUST(at == p + n);
	MUST(!(c->repeated & ~c->seen));
}

static void fuzz_chain(u8 first, const u8 *p, size_t n)
{
	static struct isakmp_chain c, c2;
	enum isakmp_reason r = isakmp_chain_decode(first, p, n, &c);
	unsigned int i;

	MUST(isakmp_chain_decode(first, p, n, &c2) == r);
	MUST(c2.n == c.n && c2.seen == c.seen && c2.repeated == c.repeated &&
	     c2.next_in_sk == c.next_in_sk && c2.critical_type == c.critical_type);
	MUST(!c.critical_type == (r != ISAKMP_R_PAYLOAD_CRITICAL));
	if (r == ISAKMP_OK)
		chain_covers(&c, p, n);
	else
		MUST(!c.n && !c.seen && !c.repeated && !c.next_in_sk);
	for (i = 0; i < c.n; i++)
		fuzz_payload(&c.pl[i]);
}

static void fuzz_message(u8 *p, size_t n, bool fix)
{
	struct isakmp_header h;
	struct isakmp_out o;
	u8 buf[IKE_HDR_LEN];

	if (fix && n >= IKE_HDR_LEN)
		put_unaligned_be32((u32)n, p + 24);
	if (isakmp_header_decode(p, n, &h) == ISAKMP_R_SHORT) {
		MUST(n < IKE_HDR_LEN);
		return;
	}
	isakmp_out_init(&o, buf, sizeof(buf));
	isakmp_header_encode(&o, &h);
	MUST(!o.full && !memcmp(buf, p, sizeof(buf)));
	if (h.len == n)
		fuzz_chain(h.next, p + IKE_HDR_LEN, n - IKE_HDR_LEN);
}

static void fuzz_body(u8 type, const u8 *p, size_t n)
{
	struct isakmp_payload pl = { .type = type, .body = p, .len = (u16)n };

	if (n <= U16_MAX - IKE_PL_HDR_LEN)
		fuzz_payload(&pl);
}

/* ---- version 1 --------------------------------------------------------------- */

/* Payloads that are known, and not decoded: their body is their value. */
static bool v1_is_value(u8 type)
{
	switch (type) {
	case V1_PL_SA:
	case V1_PL_ID:
	case V1_PL_NOTIFY:
	case V1_PL_DELETE:
	case V1_PL_ATTRIBUTES:
	case V1_PL_NAT_OA:
	case V1_PL_FRAGMENT:
		return false;
	default:
		return true;
	}
}

/* encode(decode(x)) is x, but for what is reserved; that, decoded and encoded again, the same. */
static void fuzz_v1_payload(const struct isakmp_payload *p)
{
	static u8 buf[2][65536];
	enum isakmp_reason r = v1_payload_check(p);
	struct isakmp_payload again = *p;
	struct isakmp_out o, o2;

	MUST(v1_payload_check(p) == r);
	isakmp_out_init(&o, buf[0], sizeof(buf[0]));
	if (!v1_recode(p, &o)) {
		MUST(r != ISAKMP_OK || v1_is_value(p->type));
		return;
	}
	MUST(r == ISAKMP_OK);
	MUST(!o.full && o.len == p->len);
	MUST(v1_recode_drops(p->type) || !memcmp(o.p, p->body, p->len));

	again.body = exact(o.p, o.len);
	isakmp_out_init(&o2, buf[1], sizeof(buf[1]));
	MUST(v1_payload_check(&again) == ISAKMP_OK);
	MUST(v1_recode(&again, &o2));
	MUST(o2.len == o.len && !memcmp(o2.p, o.p, o.len));
	free((void *)again.body);
}

/* Return: whether it was accepted. */
static bool fuzz_v1_chain(u8 first, const u8 *p, size_t n, bool padded)
{
	static struct v1_chain c, exactly;
	enum isakmp_reason r = v1_chain_decode(first, p, n, padded, &c);
	const u8 *at = p;
	unsigned int i;

	if (r != ISAKMP_OK) {
		MUST(!c.n && !c.seen && !c.repeated && !c.unknown && !c.end);
		return false;
	}
	MUST(c.n <= IKE_PAYLOADS_MAX && c.end <= n && (padded || c.end == n));
	for (i = 0; i < c.n; i++) {
		MUST(c.pl[i].body == at + IKE_PL_HDR_LEN);
		at = c.pl[i].body + c.pl[i].len;
		MUST(c.pl[i].critical <= (c.pl[i].type == V1_PL_NAT_D ||
					  c.pl[i].type == V1_PL_NAT_OA));
		if (v1_payload_known(c.pl[i].type))
			MUST(c.seen & V1_PL_BIT(c.pl[i].type));
		else
			MUST(c.unknown);
		fuzz_v1_payload(&c.pl[i]);
	}
	MUST(at == p + c.end);
	MUST(!(c.repeated & ~c.seen));
	/* Without its padding it is the same chain, and needs no excuse. */
	MUST(v1_chain_decode(first, p, c.end, false, &exactly) == ISAKMP_OK);
	MUST(exactly.n == c.n && exactly.seen == c.seen && exactly.end == c.end);
	return true;
}

static void fuzz_v1_message(u8 *p, size_t n)
{
	enum isakmp_reason r, first;
	struct isakmp_header h;
	bool good;

	if (n < IKE_HDR_LEN)
		return;
	put_unaligned_be32((u32)n, p + IKE_HDR_LENGTH_AT);
	p[IKE_HDR_NEXT_AT + 1] = V1_MAJOR << 4;
	r = isakmp_gate_header(p, n, &h);
	/* In the clear there may be padding, too: V1_PAD_CLEAR_MAX octets */
	good = fuzz_v1_chain(h.next, p + IKE_HDR_LEN, n - IKE_HDR_LEN, true);
	if (r != ISAKMP_OK || !isakmp_gate_v1_is_first(&h))
		return;
	first = isakmp_gate_v1_first(p, n, &h);
	/* What the cheap pass lets by, the whole one does. */
	MUST(first != ISAKMP_OK || (good && p[IKE_HDR_NEXT_AT] == V1_PL_SA));
}

static void fuzz_v1_body(u8 type, const u8 *p, size_t n)
{
	struct isakmp_payload pl = { .type = type, .body = p, .len = (u16)n };

	if (type == V1_PL_VENDOR)
		MUST(!(v1_vendor_bits(&pl) & ~(BIT(V1_CANS) - 1)));
	fuzz_v1_payload(&pl);
}

static void fuzz_v1(unsigned int mode, u8 type, u8 *p, size_t n)
{
	if (n > U16_MAX - IKE_PL_HDR_LEN)
		return;
	if (mode == WIRE_V1_BODY) {
		fuzz_v1_body(type, p, n);
	} else if (mode == WIRE_V1_MESSAGE) {
		fuzz_v1_message(p, n);
	} else {
		fuzz_v1_chain(type, p, n, true);
		fuzz_v1_chain(type, p, n, false);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
	unsigned int mode, head;
	u8 *p;

	if (n < 2)
		return 0;
	mode = data[0] % WIRE_MODES;
	head = wire_mode_typed(mode) ? 2 : 1;
	p = exact(data + head, n - head);
	n -= head;
	if (mode >= WIRE_V1_MESSAGE)
		fuzz_v1(mode, data[1], p, n);
	else if (mode == WIRE_CHAIN)
		fuzz_chain(data[1], p, n);
	else if (mode == WIRE_BODY)
		fuzz_body(data[1], p, n);
	else
		fuzz_message(p, n, mode == WIRE_FIXED);
	free(p);
	return 0;
}
