// SPDX-License-Identifier: GPL-2.0
/* Inner addresses: the types of their values, and pools of them. */
#include <string.h>

#include "../common/ts.h"
#include "keys.h"
#include "wire/cp.h"

/* ---- ranges and prefixes ------------------------------------------------- */

static void range_attrs(struct args *a, const struct key *k, const struct ts *ts)
{
	struct nlattr *nest = mnl_attr_nest_start(a->nlh, k->attr);

	mnl_attr_put(a->nlh, ISAKMP_RANGE_START, ts->first.len, ts->first.octets);
	mnl_attr_put(a->nlh, ISAKMP_RANGE_END, ts->last.len, ts->last.octets);
	mnl_attr_nest_end(a->nlh, nest);
}

/* As in a selector, but addresses alone. */
static bool range_read(struct ts *ts, const char *word, struct why *w)
{
	if (strchr(word, '['))
		return why_not(w, "\"%s\" is not a range: protocols and ports have no place here",
			       word);
	if (!ts_parse(ts, word, w))
		return false;
	return !ts->dynamic || why_not(w, "\"dynamic\" is not a range of addresses");
}

static bool range_parse(struct args *a, const struct key *k, const char *word, struct why *w)
{
	struct ts ts;

	if (!range_read(&ts, word, w))
		return false;
	range_attrs(a, k, &ts);
	return true;
}

static bool subnet_parse(struct args *a, const struct key *k, const char *word, struct why *w)
{
	struct ts ts;

	if (!range_read(&ts, word, w))
		return false;
	if (addr_plen(&ts.first, &ts.last) < 0)
		return why_not(w, "\"%s\" is not a prefix", word);
	range_attrs(a, k, &ts);
	return true;
}

static void range_print(struct out *o, const struct key *k, const struct nlattr *attr,
			const struct nlattr *nest)
{
	struct ts ts = { .port_last = 65535 };
	char buf[TS_TEXT_MAX];

	(void)nest;
	nl_addr(nl_find(attr, ISAKMP_RANGE_START), &ts.first);
	nl_addr(nl_find(attr, ISAKMP_RANGE_END), &ts.last);
	out_text(o, k->name, ts_text(&ts, buf));
}

/* ---- virtual IPs --------------------------------------------------------- */

static const uint8_t zeros[16];

static bool vip_parse(struct args *a, const struct key *k, const char *word, struct why *w)
{
	struct addr addr = { .len = !strcmp(word, "ipv4") ? 4 : !strcmp(word, "ipv6") ? 16 : 0 };

	if (!addr.len && !addr_parse(&addr, word, w))
		return why_not(w, "\"%.80s\" is neither an address nor ipv4 nor ipv6", word);
	mnl_attr_put(a->nlh, k->attr, addr.len, addr.octets);
	return true;
}

static void vip_print(struct out *o, const struct key *k, const struct nlattr *attr,
		      const struct nlattr *nest)
{
	char buf[ADDR_TEXT_MAX];
	struct addr addr;

	(void)nest;
	nl_addr(attr, &addr);
	if (addr.len && !memcmp(addr.octets, zeros, addr.len))
		out_text(o, k->name, addr.len == 4 ? "ipv4" : "ipv6");
	else
		out_text(o, k->name, addr_text(addr.octets, addr.len, buf));
}

/* ---- domains and names --------------------------------------------------- */

static bool domain_parse(struct args *a, const struct key *k, const char *word, struct why *w)
{
	if (!isakmp_cp_domain_ok((const uint8_t *)word, strlen(word)))
		return why_not(w, "\"%.80s\" is not a domain: letters, digits, hyphens and dots",
			       word);
	mnl_attr_put_strz(a->nlh, k->attr, word);
	return true;
}

static bool pool_parse(struct args *a, const struct key *k, const char *word, struct why *w)
{
	return type_name.parse(a, k, word, w);
}

static void text_print(struct out *o, const struct key *k, const struct nlattr *attr,
		       const struct nlattr *nest)
{
	type_string.print(o, k, attr, nest);
}

const struct type type_range = {
	.name = "RANGE", .means = "{ address[/length] | address-address }",
	.parse = range_parse, .print = range_print,
};
const struct type type_subnet = {
	.name = "SUBNET", .means = "address/length",
	.parse = subnet_parse, .print = range_print,
};
const struct type type_vip = {
	.name = "VIP", .means = "{ ipv4 | ipv6 | address }",
	.parse = vip_parse, .print = vip_print,
};
const struct type type_domain = {
	.name = "DOMAIN", .means = "letters, digits, hyphens and dots",
	.parse = domain_parse, .print = text_print,
};
const struct type type_pool = {
	.name = "POOL", .means = "NAME of a pool",
	.parse = pool_parse, .print = text_print,
};

/* ---- pools --------------------------------------------------------------- */

static const struct key keys[] = {
	KEY("name", type_name, ISAKMP_POOL_NAME, KEY_ID | KEY_POS | KEY_FILTER, "its name"),
	KEY("range", type_range, ISAKMP_POOL_RANGE, KEY_NEED | KEY_LIST,
	    "addresses to be given out"),
	KEY("dns", type_addr_one, ISAKMP_POOL_DNS, KEY_SET | KEY_LIST,
	    "DNS servers that go with them"),
	KEY("subnet", type_subnet, ISAKMP_POOL_SUBNET, KEY_SET | KEY_LIST,
	    "what is behind us"),
	KEY("domain", type_domain, ISAKMP_POOL_DOMAIN, KEY_SET | KEY_LIST,
	    "what these servers are to be asked about"),
	{ 0 }
};

static const struct verb verbs[] = {
	VERB_ADD, VERB_SET, VERB_REPLACE, VERB_DEL, VERB_SHOW, VERB_FLUSH,
	{ 0 }
};

const struct object object_pool = {
	.name = "pool",
	.help = "inner addresses for peers that ask for them",
	.verbs = verbs,
	.keys = keys,
	.attr = ISAKMP_A_POOL,
	.kind = ISAKMP_KIND_POOL,
	.get = ISAKMP_CMD_POOL_GET,
	.new = ISAKMP_CMD_POOL_NEW,
	.del = ISAKMP_CMD_POOL_DEL,
};
