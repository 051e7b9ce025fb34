// SPDX-License-Identifier: GPL-2.0
/* Attributes that several kinds of objects share: checks, reading, writing. */
#include <linux/ctype.h>
#include <linux/in.h>
#include <isakmp/ikev2.h>
#include "ike/seam.h"
#include "nl/attr.h"

const struct nla_policy isakmp_suite_policy[ISAKMP_SUITE_MAX + 1] = {
	[ISAKMP_SUITE_PROTOCOL]	= { .type = NLA_U8 },
	[ISAKMP_SUITE_ENCR]	= { .type = NLA_U16 },
	[ISAKMP_SUITE_KEYLEN]	= { .type = NLA_U16 },
	[ISAKMP_SUITE_INTEG]	= { .type = NLA_U16 },
	[ISAKMP_SUITE_PRF]	= { .type = NLA_U16 },
	[ISAKMP_SUITE_KE]	= { .type = NLA_U16 },
	[ISAKMP_SUITE_ESN]	= NLA_POLICY_MAX(NLA_U8, IKE_ESN_YES),
};

const struct nla_policy isakmp_ts_policy[ISAKMP_TS_ATTR_MAX + 1] = {
	[ISAKMP_TS_PROTO]	= { .type = NLA_U8 },
	[ISAKMP_TS_PORT_START]	= { .type = NLA_U16 },
	[ISAKMP_TS_PORT_END]	= { .type = NLA_U16 },
	[ISAKMP_TS_START]	= ISAKMP_ADDR_POLICY,
	[ISAKMP_TS_END]		= ISAKMP_ADDR_POLICY,
	[ISAKMP_TS_DYNAMIC] = { .type = NLA_REJECT },
};

/**
 * isakmp_attr_require() - refuse when an attribute is missing
 * @tb: the parsed attributes
 * @nest: the nest they are from, NULL at the top level
 * @type: the attribute
 * @extack: told which one is missing
 *
 * Context: process.
 * Return: 0 or -EINVAL.
 */
int isakmp_attr_require(struct nlattr *tb[], const struct nlattr *nest, int type,
			struct netlink_ext_ack *extack)
{
	if (!NL_REQ_ATTR_CHECK(extack, nest, tb, type))
		return 0;
	NL_SET_ERR_MSG(extack, "a required attribute is missing");
	return -EINVAL;
}

/**
 * isakmp_attr_name() - read the name of an object
 * @a: the attribute; its policy was ISAKMP_NAME_POLICY
 * @name: ISAKMP_NAME_MAX + 1 octets, which are all written
 * @extack: told why not
 *
 * Context: process.
 * Return: 0 or -EINVAL.
 */
int isakmp_attr_name(const struct nlattr *a, char *name, struct netlink_ext_ack *extack)
{
	const char *p = nla_data(a);

	if (!*p)
		return isakmp_refuse(extack, a, -EINVAL, "the name is empty");
	if (*p == '-')
		return isakmp_refuse(extack, a, -EINVAL, "a name does not start with '-'");
	for (; *p; p++)
		if (!isascii(*p) || (!isalnum(*p) && !strchr("._@:+-", *p)))
			return isakmp_refuse(extack, a, -EINVAL,
					     "a name has letters, digits and ._@:+- only");
	memset(name, 0, ISAKMP_NAME_MAX + 1);
	strscpy(name, nla_data(a), ISAKMP_NAME_MAX + 1);
	return 0;
}

/**
 * isakmp_attr_addr() - read an address
 * @a: the attribute; its policy was ISAKMP_ADDR_POLICY
 * @x: filled
 * @extack: told why not
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_attr_addr(const struct nlattr *a, struct isakmp_addr *x,
		     struct netlink_ext_ack *extack)
{
	if (nla_len(a) == 16)
		return isakmp_refuse(extack, a, -EAFNOSUPPORT, "IPv6 is not supported");
	if (nla_len(a) != 4)
		return isakmp_refuse(extack, a, -EINVAL, "an address has 4 or 16 octets");
	memset(x, 0, sizeof(*x));
	x->family = 4;
	nla_memcpy(x->a, a, 4);
	return 0;
}

/* FQDN and EMAIL: RFC 7296, 3.5: no terminators, and nothing a log would break on */
static bool ident_printable(const u8 *p, size_t n)
{
	for (; n; n--, p++)
		if (!isascii(*p) || !isgraph(*p))
			return false;
	return true;
}

/**
 * isakmp_attr_ident() - read an identity
 * @a: the attribute; its policy was ISAKMP_IDENT_POLICY
 * @id: filled, the unused rest with zeros
 * @extack: told why not
 *
 * Context: process.
 * Return: 0 or -EINVAL.
 */
int isakmp_attr_ident(const struct nlattr *a, struct isakmp_ident *id,
		      struct netlink_ext_ack *extack)
{
	const u8 *p = nla_data(a);
	size_t n = nla_len(a) - 1;

	switch (p[0]) {
	case IKE_ID_IPV4:
		if (n != 4)
			return isakmp_refuse(extack, a, -EINVAL,
					     "an IPv4 identity has 4 octets");
		break;
	case IKE_ID_IPV6:
		if (n != 16)
			return isakmp_refuse(extack, a, -EINVAL,
					     "an IPv6 identity has 16 octets");
		break;
	case IKE_ID_FQDN:
	case IKE_ID_EMAIL:
		if (!ident_printable(p + 1, n))
			return isakmp_refuse(extack, a, -EINVAL,
					     "a name as identity is printable ASCII without spaces");
		break;
	case IKE_ID_DN:
	case IKE_ID_KEY_ID:
		break;
	default:
		return isakmp_refuse(extack, a, -EINVAL, "the identity type is not known");
	}
	memset(id, 0, sizeof(*id));
	id->len = (u16)nla_len(a);
	memcpy(id->v, p, id->len);
	return 0;
}

static u16 get_u16(struct nlattr *tb[], int type)
{
	return tb[type] ? nla_get_u16(tb[type]) : 0;
}

static int suite_ike(struct nlattr *tb[], struct ike_suite *s, struct netlink_ext_ack *extack)
{
	if (tb[ISAKMP_SUITE_ESN])
		return isakmp_refuse(extack, tb[ISAKMP_SUITE_ESN], -EINVAL,
				     "an IKE suite has no sequence numbers");
	s->prf = get_u16(tb, ISAKMP_SUITE_PRF);
	if (!isakmp_crypto_has(IKE_T_PRF, s->prf, 0))
		return isakmp_refuse(extack, tb[ISAKMP_SUITE_PRF], -EOPNOTSUPP,
				     "this PRF is not supported here");
	if (!isakmp_crypto_has(IKE_T_KE, s->ke, 0))
		return isakmp_refuse(extack, tb[ISAKMP_SUITE_KE], -EOPNOTSUPP,
				     "this key exchange is not supported here");
	return 0;
}

static int suite_esp(struct nlattr *tb[], struct ike_suite *s, struct netlink_ext_ack *extack)
{
	if (tb[ISAKMP_SUITE_PRF])
		return isakmp_refuse(extack, tb[ISAKMP_SUITE_PRF], -EINVAL,
				     "an ESP suite has no PRF");
	if (s->ke != IKE_KE_NONE)
		return isakmp_refuse(extack, tb[ISAKMP_SUITE_KE], -EOPNOTSUPP,
				     "a key exchange for ESP is not supported");
	if (tb[ISAKMP_SUITE_ESN])
		s->esn = nla_get_u8(tb[ISAKMP_SUITE_ESN]);
	return 0;
}

/**
 * isakmp_attr_suite() - read a suite and see whether it can be used here
 * @nest: enum isakmp_suite_attr; validated
 * @s: filled
 * @extack: told why not
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_attr_suite(const struct nlattr *nest, struct ike_suite *s,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ISAKMP_SUITE_MAX + 1];
	int err;

	err = nla_parse_nested(tb, ISAKMP_SUITE_MAX, nest, isakmp_suite_policy, extack);
	if (err)
		return err;
	err = isakmp_attr_require(tb, nest, ISAKMP_SUITE_PROTOCOL, extack);
	if (!err)
		err = isakmp_attr_require(tb, nest, ISAKMP_SUITE_ENCR, extack);
	if (err)
		return err;
	memset(s, 0, sizeof(*s));
	s->protocol = nla_get_u8(tb[ISAKMP_SUITE_PROTOCOL]);
	s->encr = get_u16(tb, ISAKMP_SUITE_ENCR);
	s->keylen = get_u16(tb, ISAKMP_SUITE_KEYLEN);
	s->integ = get_u16(tb, ISAKMP_SUITE_INTEG);
	s->ke = get_u16(tb, ISAKMP_SUITE_KE);
	if (!isakmp_crypto_has(IKE_T_ENCR, s->encr, s->keylen))
		return isakmp_refuse(extack, tb[ISAKMP_SUITE_ENCR], -EOPNOTSUPP,
				     "this cipher and key length are not supported here");
	if (s->integ != IKE_INTEG_NONE)
		return isakmp_refuse(extack, tb[ISAKMP_SUITE_INTEG], -EINVAL,
				     "this cipher needs no integrity algorithm");
	if (s->protocol == IKE_PROTO_IKE)
		return suite_ike(tb, s, extack);
	if (s->protocol == IKE_PROTO_ESP)
		return suite_esp(tb, s, extack);
	return isakmp_refuse(extack, tb[ISAKMP_SUITE_PROTOCOL], -EINVAL,
			     "a suite is for IKE (1) or ESP (3)");
}

static int ts_ports(struct nlattr *tb[], struct isakmp_ts *ts, struct netlink_ext_ack *extack)
{
	const struct nlattr *at = tb[ISAKMP_TS_PORT_START];

	ts->port_start = 0;
	ts->port_end = U16_MAX;
	if (!at && !tb[ISAKMP_TS_PORT_END])
		return 0;
	if (!at || !tb[ISAKMP_TS_PORT_END])
		return isakmp_refuse(extack, at ?: tb[ISAKMP_TS_PORT_END], -EINVAL,
				     "a port range has a start and an end");
	ts->port_start = nla_get_u16(at);
	ts->port_end = nla_get_u16(tb[ISAKMP_TS_PORT_END]);
	if (ts->port_start > ts->port_end)
		return isakmp_refuse(extack, at, -EINVAL, "the port range starts above its end");
	if (ts->port_start == 0 && ts->port_end == U16_MAX)
		return 0;
	if (ts->port_start != ts->port_end)
		return isakmp_refuse(extack, at, -EOPNOTSUPP,
				     "a selector has one port or all: no range between");
	if (!ts->proto)
		return isakmp_refuse(extack, at, -EINVAL, "a port needs a protocol");
	return 0;
}

/* XFRM policies select by prefix: the range must be one. */
static int ts_range(struct nlattr *tb[], struct isakmp_ts *ts, struct netlink_ext_ack *extack)
{
	struct isakmp_addr start, end;
	u32 a, b;
	int err;

	err = isakmp_attr_addr(tb[ISAKMP_TS_START], &start, extack);
	if (!err)
		err = isakmp_attr_addr(tb[ISAKMP_TS_END], &end, extack);
	if (err)
		return err;
	a = get_unaligned_be32(start.a);
	b = get_unaligned_be32(end.a);
	if (a > b)
		return isakmp_refuse(extack, tb[ISAKMP_TS_START], -EINVAL,
				     "the address range starts above its end");
	if (((b - a) & (b - a + 1)) || (a & (b - a)))
		return isakmp_refuse(extack, tb[ISAKMP_TS_START], -EOPNOTSUPP,
				     "the address range is not one prefix: give several selectors");
	ts->type = IKE_TS_IPV4;
	memcpy(ts->start, start.a, sizeof(ts->start));
	memcpy(ts->end, end.a, sizeof(ts->end));
	return 0;
}

/**
 * isakmp_attr_ts() - read a traffic selector
 * @nest: enum isakmp_ts_attr; validated
 * @ts: filled
 * @extack: told why not
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int isakmp_attr_ts(const struct nlattr *nest, struct isakmp_ts *ts,
		   struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ISAKMP_TS_ATTR_MAX + 1];
	int err;

	err = nla_parse_nested(tb, ISAKMP_TS_ATTR_MAX, nest, isakmp_ts_policy, extack);
	if (err)
		return err;
	err = isakmp_attr_require(tb, nest, ISAKMP_TS_START, extack);
	if (!err)
		err = isakmp_attr_require(tb, nest, ISAKMP_TS_END, extack);
	if (err)
		return err;
	memset(ts, 0, sizeof(*ts));
	if (tb[ISAKMP_TS_PROTO])
		ts->proto = nla_get_u8(tb[ISAKMP_TS_PROTO]);
	err = ts_ports(tb, ts, extack);
	return err ?: ts_range(tb, ts, extack);
}

/**
 * isakmp_attr_put_addr() - write an address
 * @skb: where to
 * @type: attribute
 * @x: the address; nothing is written when it is not set
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int isakmp_attr_put_addr(struct sk_buff *skb, int type, const struct isakmp_addr *x)
{
	if (!x->family)
		return 0;
	return nla_put(skb, type, (int)isakmp_addr_len(x), x->a);
}

/**
 * isakmp_attr_put_suite() - write a suite
 * @skb: where to
 * @type: attribute of the nest
 * @s: the suite; nothing is written when there is none
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int isakmp_attr_put_suite(struct sk_buff *skb, int type, const struct ike_suite *s)
{
	struct nlattr *nest;

	if (!s->protocol)
		return 0;
	nest = nla_nest_start(skb, type);
	if (!nest ||
	    nla_put_u8(skb, ISAKMP_SUITE_PROTOCOL, s->protocol) ||
	    nla_put_u16(skb, ISAKMP_SUITE_ENCR, s->encr) ||
	    (s->keylen && nla_put_u16(skb, ISAKMP_SUITE_KEYLEN, s->keylen)) ||
	    (s->integ && nla_put_u16(skb, ISAKMP_SUITE_INTEG, s->integ)) ||
	    (s->prf && nla_put_u16(skb, ISAKMP_SUITE_PRF, s->prf)) ||
	    (s->ke && nla_put_u16(skb, ISAKMP_SUITE_KE, s->ke)) ||
	    (s->protocol == IKE_PROTO_ESP &&
	     nla_put_u8(skb, ISAKMP_SUITE_ESN, s->esn)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_ts(struct sk_buff *skb, int type, const struct isakmp_ts *ts)
{
	int len = (int)isakmp_ts_addr_len(ts->type);
	struct nlattr *nest;

	nest = nla_nest_start(skb, type);
	if (!nest ||
	    (ts->proto && nla_put_u8(skb, ISAKMP_TS_PROTO, ts->proto)) ||
	    nla_put_u16(skb, ISAKMP_TS_PORT_START, ts->port_start) ||
	    nla_put_u16(skb, ISAKMP_TS_PORT_END, ts->port_end) ||
	    nla_put(skb, ISAKMP_TS_START, len, ts->start) ||
	    nla_put(skb, ISAKMP_TS_END, len, ts->end))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * isakmp_attr_put_ts() - write traffic selectors
 * @skb: where to
 * @type: attribute of each one's nest
 * @v: the selectors
 * @n: how many
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int isakmp_attr_put_ts(struct sk_buff *skb, int type, const struct isakmp_ts *v,
		       unsigned int n)
{
	int err = 0;

	for (; n && !err; n--, v++)
		err = put_ts(skb, type, v);
	return err;
}
