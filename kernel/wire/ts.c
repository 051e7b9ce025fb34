// SPDX-License-Identifier: GPL-2.0
/* Traffic Selector payloads (RFC 7296, 3.13). */
#include "wire/ts.h"

#define SELECTOR_LEN	8	/* without addresses */
#define OPAQUE_START	65535	/* RFC 7296, 3.13.1: OPAQUE is 65535 to 0 */
#define OPAQUE_END	0

static bool ts_type_known(u8 type)
{
	return type == IKE_TS_IPV4 || type == IKE_TS_IPV6;
}

/* RFC 7296, 3.13.1: the smallest and the largest value allowed, both inclusive. */
static bool ts_ranges_hold(const struct isakmp_ts *v)
{
	if (memcmp(v->start, v->end, isakmp_ts_addr_len(v->type)) > 0)
		return false;
	return v->port_start <= v->port_end ||
	       (v->port_start == OPAQUE_START && v->port_end == OPAQUE_END);
}

/* The rest of a selector of a known type; must be used up. */
static bool ts_body_take(struct isakmp_cur *c, struct isakmp_ts *v)
{
	size_t len = isakmp_ts_addr_len(v->type);
	const u8 *start, *end;

	if (!isakmp_cur_u16(c, &v->port_start) || !isakmp_cur_u16(c, &v->port_end) ||
	    !isakmp_cur_take(c, len, &start) || !isakmp_cur_take(c, len, &end) || c->left)
		return false;
	memset(v->start, 0, sizeof(v->start));
	memset(v->end, 0, sizeof(v->end));
	memcpy(v->start, start, len);
	memcpy(v->end, end, len);
	return ts_ranges_hold(v);
}

static bool ts_take(struct isakmp_cur *c, struct isakmp_ts *v)
{
	struct isakmp_cur body;
	u16 len;

	/* RFC 7296, 3.13.1: Selector Length includes the header */
	if (!isakmp_cur_u8(c, &v->type) || !isakmp_cur_u8(c, &v->proto) ||
	    !isakmp_cur_u16(c, &len) || len < 4 ||
	    !isakmp_cur_sub(c, len - 4, &body))
		return false;
	/* RFC 7296, 3.13.1: of other types only Type and Length are known */
	return !ts_type_known(v->type) || ts_body_take(&body, v);
}

/* Number of TSs and the three reserved octets. */
static bool ts_header_take(struct isakmp_cur *c, u8 *count)
{
	/* RFC 7296, 3.13: RESERVED MUST be ignored on receipt */
	return isakmp_cur_u8(c, count) && isakmp_cur_take(c, 3, NULL);
}

static bool ts_check(struct isakmp_cur c)
{
	struct isakmp_ts ts;
	unsigned int i;
	u8 count;

	if (!ts_header_take(&c, &count) || !count)
		return false;
	for (i = 0; i < count; i++)
		if (!ts_take(&c, &ts))
			return false;
	return !c.left;
}

/* Second pass, over a body that ts_check() accepted; counts on when @v is full. */
static unsigned int ts_fill(struct isakmp_cur c, struct isakmp_ts *v, unsigned int max)
{
	unsigned int n = 0;
	struct isakmp_ts ts;
	u8 count;

	if (!ts_header_take(&c, &count))
		return 0;
	while (c.left && ts_take(&c, &ts)) {
		if (!ts_type_known(ts.type))
			continue;
		if (n < max)
			v[n] = ts;
		n++;
	}
	return n;
}

enum isakmp_reason isakmp_ts_decode(const struct isakmp_payload *p,
				    struct isakmp_ts *v, unsigned int max, unsigned int *n)
{
	struct isakmp_cur c;
	unsigned int filled = 0;
	bool good;

	isakmp_cur_init(&c, p->body, p->len);
	good = ts_check(c);
	if (good)
		filled = ts_fill(c, v, max);
	if (n)
		*n = filled;
	return good ? ISAKMP_OK : ISAKMP_R_BAD_TS;
}

static void ts_encode_one(struct isakmp_out *o, const struct isakmp_ts *v)
{
	size_t len = isakmp_ts_addr_len(v->type);

	isakmp_out_u8(o, v->type);
	isakmp_out_u8(o, v->proto);
	isakmp_out_u16(o, (u16)(SELECTOR_LEN + 2 * len));
	isakmp_out_u16(o, v->port_start);
	isakmp_out_u16(o, v->port_end);
	isakmp_out_bytes(o, v->start, len);
	isakmp_out_bytes(o, v->end, len);
}

void isakmp_ts_encode(struct isakmp_out *o, const struct isakmp_ts *v, unsigned int n)
{
	unsigned int i;

	if (!n || n > IKE_TS_MAX) {
		o->full = true;
		return;
	}
	isakmp_out_u8(o, (u8)n);
	isakmp_out_zero(o, 3);
	for (i = 0; i < n; i++)
		ts_encode_one(o, &v[i]);
}
