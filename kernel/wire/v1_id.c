// SPDX-License-Identifier: GPL-2.0
/* Identification payloads (RFC 2407, 4.6.2), also as traffic selectors. */
#include "wire/v1.h"

struct id_rule {
	u8 type;
	u8 min;
	u8 max;
	bool text;	/* no terminators in it */
};

static const struct id_rule id_rules[] = {
	/* RFC 2407, 4.6.2.2 and 4.6.2.5 to 4.6.2.9: addresses; a range and a mask are two */
	{ V1_ID_IPV4,		4,	4,	false },
	{ V1_ID_IPV4_SUBNET,	8,	8,	false },
	{ V1_ID_IPV4_RANGE,	8,	8,	false },
	{ V1_ID_IPV6,		16,	16,	false },
	{ V1_ID_IPV6_SUBNET,	32,	32,	false },
	{ V1_ID_IPV6_RANGE,	32,	32,	false },
	/* RFC 2407, 4.6.2.3 and 4.6.2.4: should not contain any terminators */
	{ V1_ID_FQDN,		1,	IKE_ID_MAX, true },
	{ V1_ID_USER_FQDN,	1,	IKE_ID_MAX, true },
};

static const struct id_rule id_other = { 0, 1, IKE_ID_MAX, false };

static const struct id_rule *id_rule(u8 type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(id_rules); i++)
		if (id_rules[i].type == type)
			return &id_rules[i];
	return &id_other;
}

static bool id_terminated(struct isakmp_cur c)
{
	u8 v;

	while (isakmp_cur_u8(&c, &v))
		if (v == '\0' || v == '\n' || v == '\r')
			return true;
	return false;
}

enum isakmp_reason v1_id_decode(const struct isakmp_payload *p, struct v1_id *v)
{
	const struct id_rule *rule;
	struct isakmp_cur c;
	u8 type, proto;
	u16 port;

	isakmp_cur_init(&c, p->body, p->len);
	if (!isakmp_cur_u8(&c, &type) || !isakmp_cur_u8(&c, &proto) ||
	    !isakmp_cur_u16(&c, &port))
		return ISAKMP_R_BAD_ID;
	rule = id_rule(type);
	if (c.left < rule->min || c.left > rule->max)
		return ISAKMP_R_BAD_ID;
	if (rule->text && id_terminated(c))
		return ISAKMP_R_BAD_ID;

	v->type = type;
	v->proto = proto;
	v->port = port;
	isakmp_cur_rest(&c, &v->value, &v->len);
	return ISAKMP_OK;
}

void v1_id_encode(struct isakmp_out *o, const struct v1_id *v)
{
	isakmp_out_u8(o, v->type);
	isakmp_out_u8(o, v->proto);
	isakmp_out_u16(o, v->port);
	isakmp_out_bytes(o, v->value, v->len);
}

/* ---- as traffic selectors --------------------------------------------------- */

enum id_shape { ONE, SUBNET, RANGE };

/* The types that are addresses. */
struct addr_rule {
	u8 type;
	u8 ts;
	enum id_shape shape;
};

static const struct addr_rule addr_rules[] = {
	{ V1_ID_IPV4,		IKE_TS_IPV4, ONE },
	{ V1_ID_IPV4_SUBNET,	IKE_TS_IPV4, SUBNET },
	{ V1_ID_IPV4_RANGE,	IKE_TS_IPV4, RANGE },
	{ V1_ID_IPV6,		IKE_TS_IPV6, ONE },
	{ V1_ID_IPV6_SUBNET,	IKE_TS_IPV6, SUBNET },
	{ V1_ID_IPV6_RANGE,	IKE_TS_IPV6, RANGE },
};

static const struct addr_rule *addr_rule(u8 type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(addr_rules); i++)
		if (addr_rules[i].type == type)
			return &addr_rules[i];
	return NULL;
}

static u8 id_type_of(u8 ts, enum id_shape shape)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(addr_rules); i++)
		if (addr_rules[i].ts == ts && addr_rules[i].shape == shape)
			return addr_rules[i].type;
	return 0;
}

/* Ones, then zeros? */
static bool is_mask(const u8 *mask, size_t n)
{
	size_t i;

	for (i = 0; i + 1 < n && mask[i] == 0xff; i++)
		;
	/* Its complement is one below a power of two. */
	if ((u8)~mask[i] & ((u8)~mask[i] + 1))
		return false;
	for (i++; i < n; i++)
		if (mask[i])
			return false;
	return true;
}

/* The address of a subnet may be any in it. */
static bool subnet_to_ts(const u8 *value, size_t n, struct isakmp_ts *ts)
{
	const u8 *mask = value + n;
	size_t i;

	if (!is_mask(mask, n))
		return false;
	for (i = 0; i < n; i++) {
		ts->start[i] = value[i] & mask[i];
		ts->end[i] = value[i] | (u8)~mask[i];
	}
	return true;
}

bool v1_id_to_ts(const struct v1_id *id, struct isakmp_ts *ts)
{
	const struct addr_rule *rule = addr_rule(id->type);
	struct isakmp_ts v = { .proto = id->proto };
	size_t n;

	if (!rule)
		return false;
	n = isakmp_ts_addr_len(rule->ts);
	if (id->len != (rule->shape == ONE ? n : 2 * n))
		return false;
	v.type = rule->ts;
	v.port_start = id->port;
	v.port_end = id->port ? id->port : U16_MAX;
	if (rule->shape == SUBNET) {
		if (!subnet_to_ts(id->value, n, &v))
			return false;
	} else {
		memcpy(v.start, id->value, n);
		memcpy(v.end, id->value + id->len - n, n);
	}
	if (memcmp(v.start, v.end, n) > 0)
		return false;
	*ts = v;
	return true;
}

/* Is it all of a subnet?  Then @mask gets its mask. */
static bool ts_is_subnet(const struct isakmp_ts *ts, size_t n, u8 *mask)
{
	size_t i;

	for (i = 0; i < n; i++)
		mask[i] = (u8)~(ts->start[i] ^ ts->end[i]);
	if (!is_mask(mask, n))
		return false;
	for (i = 0; i < n; i++)
		if (ts->start[i] & ~mask[i])
			return false;
	return true;
}

static bool ts_port(const struct isakmp_ts *ts, u16 *port)
{
	*port = ts->port_start;
	if (!ts->port_start)
		return ts->port_end == U16_MAX;
	return ts->port_start == ts->port_end;
}

bool v1_id_from_ts(const struct isakmp_ts *ts, struct isakmp_out *o)
{
	size_t n = isakmp_ts_addr_len(ts->type);
	struct v1_id id = { .proto = ts->proto };
	u8 value[32], mask[16];

	if (!ts_port(ts, &id.port))
		return false;
	memcpy(value, ts->start, n);
	id.value = value;
	id.len = (u16)(2 * n);
	if (!memcmp(ts->start, ts->end, n)) {
		id.type = id_type_of(ts->type, ONE);
		id.len = (u16)n;
	} else if (ts_is_subnet(ts, n, mask)) {
		id.type = id_type_of(ts->type, SUBNET);
		memcpy(value + n, mask, n);
	} else {
		id.type = id_type_of(ts->type, RANGE);
		memcpy(value + n, ts->end, n);
	}
	v1_id_encode(o, &id);
	return true;
}
