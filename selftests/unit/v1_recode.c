// SPDX-License-Identifier: GPL-2.0
/* Payloads of version 1: what was decoded, written again. */
#include "native.h"
#include "v1_recode.h"

#define MUST(cond)							\
	do {								\
		if (!(cond))						\
			native_die("v1_recode: %s", #cond);		\
	} while (0)

static void recode_attrs(struct isakmp_cur c, struct isakmp_out *o)
{
	struct v1_attr_value v;

	while (v1_attr_next(&c, &v)) {
		MUST(!v.basic || (v.len == 2 && v.small <= U16_MAX));
		if (v.basic)
			v1_attr_encode(o, v.type, (u32)v.small);
		else
			v1_attr_encode_long(o, v.type, v.value, v.len);
	}
	MUST(!c.left);
}

static unsigned int recode_proposal(const struct v1_proposal *p, struct v1_sa_out *s)
{
	struct isakmp_cur c = p->transforms;
	const u8 *end = c.p + c.left;
	struct v1_transform t;
	unsigned int n = 0;

	v1_proposal_open(s, p->num, p->protocol, p->spi, p->spi_len);
	while (v1_transform_next(&c, &t)) {
		MUST(t.raw + t.raw_len == t.attrs.p + t.attrs.left);
		MUST(t.raw + t.raw_len <= end);
		v1_transform_open(s, t.num, t.id);
		recode_attrs(t.attrs, s->o);
		v1_transform_close(s);
		n++;
	}
	MUST(!c.left && n == p->n && n);
	v1_proposal_close(s);
	return n;
}

static bool recode_sa(const struct isakmp_payload *p, struct isakmp_out *o)
{
	unsigned int proposals = 0, transforms = 0;
	struct v1_proposal v;
	struct v1_sa_out s;
	struct isakmp_cur c;
	u32 doi, situation;

	if (v1_sa_decode(p, &doi, &situation, &c) != ISAKMP_OK)
		return false;
	MUST(doi == V1_DOI_IPSEC && situation == V1_SIT_IDENTITY_ONLY);
	v1_sa_begin(&s, o);
	while (v1_proposal_next(&c, &v)) {
		transforms += recode_proposal(&v, &s);
		proposals++;
	}
	MUST(!c.left && proposals && proposals <= IKE_PROPOSALS_MAX &&
	     transforms <= V1_TRANSFORMS_MAX);
	return true;
}

static bool recode_id(const struct isakmp_payload *p, struct isakmp_out *o)
{
	struct isakmp_ts ts, again;
	struct v1_id v, back;
	struct isakmp_payload pl = { .type = V1_PL_ID };
	struct isakmp_out out;
	u8 buf[64];

	if (v1_id_decode(p, &v) != ISAKMP_OK)
		return false;
	v1_id_encode(o, &v);
	if (!v1_id_to_ts(&v, &ts))
		return true;
	/* The selector, maybe said in another way, is the same selector. */
	MUST(memcmp(ts.start, ts.end, 16) <= 0 && ts.port_start <= ts.port_end);
	isakmp_out_init(&out, buf, sizeof(buf));
	MUST(v1_id_from_ts(&ts, &out) && !out.full);
	pl.body = buf;
	pl.len = (u16)out.len;
	MUST(v1_id_decode(&pl, &back) == ISAKMP_OK && v1_id_to_ts(&back, &again));
	MUST(!memcmp(&ts, &again, sizeof(ts)));
	return true;
}

static bool recode_attributes(const struct isakmp_payload *p, struct isakmp_out *o)
{
	struct v1_attributes v;

	if (v1_attributes_decode(p, &v) != ISAKMP_OK)
		return false;
	v1_attributes_encode(o, v.type, v.id);
	recode_attrs(v.attrs, o);
	return true;
}

static bool recode_nat_oa(const struct isakmp_payload *p, struct isakmp_out *o)
{
	struct isakmp_addr v;

	if (v1_nat_oa_decode(p, &v) != ISAKMP_OK)
		return false;
	v1_nat_oa_encode(o, &v);
	return true;
}

#define RECODE(kind)							\
	static bool recode_##kind(const struct isakmp_payload *p, struct isakmp_out *o) \
	{								\
		struct v1_##kind v;					\
									\
		if (v1_##kind##_decode(p, &v) != ISAKMP_OK)		\
			return false;					\
		v1_##kind##_encode(o, &v);				\
		return true;						\
	}
RECODE(notify)
RECODE(delete)
RECODE(fragment)
#undef RECODE

bool v1_recode(const struct isakmp_payload *p, struct isakmp_out *o)
{
	switch (p->type) {
	case V1_PL_SA:
		return recode_sa(p, o);
	case V1_PL_ID:
		return recode_id(p, o);
	case V1_PL_NOTIFY:
		return recode_notify(p, o);
	case V1_PL_DELETE:
		return recode_delete(p, o);
	case V1_PL_ATTRIBUTES:
		return recode_attributes(p, o);
	case V1_PL_NAT_OA:
		return recode_nat_oa(p, o);
	case V1_PL_FRAGMENT:
		return recode_fragment(p, o);
	default:
		return false;
	}
}
