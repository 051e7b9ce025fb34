// SPDX-License-Identifier: GPL-2.0
/* Attributes that several kinds of objects share: checks, reading, writing. */
#include <linux/ctype.h>
#include <linux/in.h>
#include <linux/netdevice.h>
#include <net/ipv6.h>
#include <isakmp/ikev2.h>
#include "nl/attr.h"

const struct nla_policy isakmp_ts_policy[ISAKMP_TS_ATTR_MAX + 1] = {
	[ISAKMP_TS_PROTO]	= { .type = NLA_U8 },
	[ISAKMP_TS_PORT_START]	= { .type = NLA_U16 },
	[ISAKMP_TS_PORT_END]	= { .type = NLA_U16 },
	[ISAKMP_TS_START]	= ISAKMP_ADDR_POLICY,
	[ISAKMP_TS_END]		= ISAKMP_ADDR_POLICY,
	[ISAKMP_TS_DYNAMIC]	= NLA_POLICY_RANGE(NLA_U8, 1, 1),
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
	if (nla_len(a) != 4 && nla_len(a) != 16)
		return isakmp_refuse(extack, a, -EINVAL, "an address has 4 or 16 octets");
	memset(x, 0, sizeof(*x));
	x->family = nla_len(a) == 4 ? 4 : 6;
	nla_memcpy(x->a, a, sizeof(x->a));
	return 0;
}

/**
 * isakmp_attr_host() - read an address that one host has and sends from
 * @a: the attribute; its policy was ISAKMP_ADDR_POLICY
 * @x: filled
 * @extack: told why not
 *
 * Context: process.
 * Return: 0 or -EINVAL.
 */
int isakmp_attr_host(const struct nlattr *a, struct isakmp_addr *x,
		     struct netlink_ext_ack *extack)
{
	struct in6_addr ip6;
	bool good;
	__be32 ip;
	int err;

	err = isakmp_attr_addr(a, x, extack);
	if (err)
		return err;
	if (x->family == 4) {
		memcpy(&ip, x->a, sizeof(ip));
		good = !ipv4_is_zeronet(ip) && !ipv4_is_multicast(ip) && !ipv4_is_lbcast(ip);
	} else {
		memcpy(&ip6, x->a, sizeof(ip6));
		good = !ipv6_addr_any(&ip6) && !ipv6_addr_is_multicast(&ip6) &&
		       !ipv6_addr_v4mapped(&ip6);
	}
	if (!good)
		return isakmp_refuse(extack, a, -EINVAL, "this is not the address of a host");
	return 0;
}

/**
 * isakmp_attr_dev() - read the name of a device
 * @a: the attribute; its policy was ISAKMP_DEV_POLICY
 * @dev: IFNAMSIZ octets, which are all written
 * @extack: told why not
 *
 * Context: process.
 * Return: 0 or -EINVAL.
 */
int isakmp_attr_dev(const struct nlattr *a, char *dev, struct netlink_ext_ack *extack)
{
	memset(dev, 0, IFNAMSIZ);
	nla_strscpy(dev, a, IFNAMSIZ);
	if (!dev_valid_name(dev))
		return isakmp_refuse(extack, a, -EINVAL, "this is not a name for a device");
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
	if (!ts->proto)
		return isakmp_refuse(extack, at, -EINVAL, "a port needs a protocol");
	return 0;
}

static int ts_range(struct nlattr *tb[], const struct nlattr *nest, struct isakmp_ts *ts,
		    struct netlink_ext_ack *extack)
{
	struct isakmp_addr start, end;
	int err;

	BUILD_BUG_ON(sizeof(ts->start) != sizeof(start.a));
	err = isakmp_attr_require(tb, nest, ISAKMP_TS_START, extack);
	if (!err)
		err = isakmp_attr_require(tb, nest, ISAKMP_TS_END, extack);
	if (!err)
		err = isakmp_attr_addr(tb[ISAKMP_TS_START], &start, extack);
	if (!err)
		err = isakmp_attr_addr(tb[ISAKMP_TS_END], &end, extack);
	if (err)
		return err;
	if (start.family != end.family)
		return isakmp_refuse(extack, tb[ISAKMP_TS_END], -EINVAL,
				     "both ends of an address range are IPv4, or both are IPv6");
	if (memcmp(start.a, end.a, sizeof(start.a)) > 0)
		return isakmp_refuse(extack, tb[ISAKMP_TS_START], -EINVAL,
				     "the address range starts above its end");
	ts->type = start.family == 4 ? IKE_TS_IPV4 : IKE_TS_IPV6;
	memcpy(ts->start, start.a, sizeof(ts->start));
	memcpy(ts->end, end.a, sizeof(ts->end));
	return 0;
}

static int ts_dynamic(struct nlattr *tb[], struct isakmp_ts *ts, struct netlink_ext_ack *extack)
{
	const struct nlattr *also = tb[ISAKMP_TS_START] ?: tb[ISAKMP_TS_END];

	if (also)
		return isakmp_refuse(extack, also, -EINVAL,
				     "a dynamic selector has no addresses of its own");
	ts->type = IKE_TS_DYNAMIC;
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
	memset(ts, 0, sizeof(*ts));
	if (tb[ISAKMP_TS_PROTO])
		ts->proto = nla_get_u8(tb[ISAKMP_TS_PROTO]);
	err = ts_ports(tb, ts, extack);
	if (err)
		return err;
	return tb[ISAKMP_TS_DYNAMIC] ? ts_dynamic(tb, ts, extack) : ts_range(tb, nest, ts, extack);
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

static int put_range(struct sk_buff *skb, const struct isakmp_ts *ts)
{
	int len = (int)isakmp_ts_addr_len(ts->type);

	if (ts->type == IKE_TS_DYNAMIC)
		return nla_put_u8(skb, ISAKMP_TS_DYNAMIC, 1);
	return nla_put(skb, ISAKMP_TS_START, len, ts->start) ?:
	       nla_put(skb, ISAKMP_TS_END, len, ts->end);
}

static int put_ts(struct sk_buff *skb, int type, const struct isakmp_ts *ts)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest ||
	    (ts->proto && nla_put_u8(skb, ISAKMP_TS_PROTO, ts->proto)) ||
	    nla_put_u16(skb, ISAKMP_TS_PORT_START, ts->port_start) ||
	    nla_put_u16(skb, ISAKMP_TS_PORT_END, ts->port_end) ||
	    put_range(skb, ts))
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
