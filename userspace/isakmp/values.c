// SPDX-License-Identifier: GPL-2.0
/* The types of values with a language of their own: identities, suites, selectors. */
#include <string.h>

#include "../common/id.h"
#include "../common/suite.h"
#include "../common/ts.h"
#include "keys.h"

/* ---- identities ---------------------------------------------------------- */

static bool id_any_parse(struct args *a, const struct key *k, const char *word,
			 struct why *w)
{
	uint8_t attr[IDENT_ATTR_MAX];
	const char *bad;
	size_t n;

	bad = ident_parse(word, attr, &n);
	if (bad)
		return why_not(w, "\"%.80s\" is not an identity: %s", word, bad);
	if (!n)
		return any_parse(a, w);
	mnl_attr_put(a->nlh, k->attr, n, attr);
	return true;
}

static bool id_parse(struct args *a, const struct key *k, const char *word,
		     struct why *w)
{
	if (!strcmp(word, "any"))
		return why_not(w, "\"any\" is not one identity");
	return id_any_parse(a, k, word, w);
}

/* A comma in "dn:CN=a, O=b" ends nothing. */
static bool id_begins(const char *word)
{
	static const char *const kinds[] = { "fqdn:", "email:", "ipv4:", "ipv6:",
					     "keyid:", "dn:" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncmp(word, kinds[i], strlen(kinds[i])))
			return true;
	return !strcmp(word, "any");
}

/* A comma that would begin another identity of a list. */
static void commas_escape(char *text, const char *from)
{
	for (; *from; from++) {
		if (*from == ',' && id_begins(from + 1))
			text = stpcpy(text, "\\x2c");
		else
			*text++ = *from;
	}
	*text = 0;
}

/* Whatever its spelling, as the kernel knows it. */
static bool id_canonical_parse(struct args *a, const struct key *k, const char *word,
			       struct why *w)
{
	uint8_t attr[IDENT_ATTR_MAX], canonical[IDENT_UNIQUE_MAX];
	struct ident id;
	const char *bad;
	size_t n;

	bad = ident_parse(word, attr, &n);
	if (bad)
		return why_not(w, "%s", bad);
	if (!n || !ident_from_attr(attr, n, &id))
		return why_not(w, "any is not an identity");
	mnl_attr_put(a->nlh, k->attr, ident_canonical(&id, canonical), canonical);
	return true;
}

static void id_print(struct out *o, const struct key *k,
		     const struct nlattr *attr, const struct nlattr *nest)
{
	char text[IDENT_TEXT_MAX], escaped[4 * IDENT_TEXT_MAX];
	struct ident id;

	(void)nest;
	if (!ident_from_attr(mnl_attr_get_payload(attr),
			     mnl_attr_get_payload_len(attr), &id)) {
		out_text(o, k->name, "?");
		return;
	}
	ident_print(&id, text, sizeof(text));
	commas_escape(escaped, text);
	out_text(o, k->name, k->flags & KEY_LIST && !o->json ? escaped : text);
}

/* ---- suites and selectors ------------------------------------------------ */

static bool suite_put(struct args *a, const struct key *k, const char *word,
		      struct why *w)
{
	struct nlattr *nest;
	struct suite s;

	if (!suite_parse(&s, k->arg, word, w))
		return false;
	nest = mnl_attr_nest_start(a->nlh, k->attr);
	mnl_attr_put_u8(a->nlh, ISAKMP_SUITE_PROTOCOL, s.protocol);
	if (s.encr)
		mnl_attr_put_u16(a->nlh, ISAKMP_SUITE_ENCR, s.encr);
	if (s.keylen)
		mnl_attr_put_u16(a->nlh, ISAKMP_SUITE_KEYLEN, s.keylen);
	if (s.integ)
		mnl_attr_put_u16(a->nlh, ISAKMP_SUITE_INTEG, s.integ);
	if (s.prf)
		mnl_attr_put_u16(a->nlh, ISAKMP_SUITE_PRF, s.prf);
	if (s.ke)
		mnl_attr_put_u16(a->nlh, ISAKMP_SUITE_KE, s.ke);
	if (s.esn)
		mnl_attr_put_u8(a->nlh, ISAKMP_SUITE_ESN, s.esn);
	mnl_attr_nest_end(a->nlh, nest);
	return true;
}

/* Of the suites in one nest, each of the keys ike, esp and ah has its own. */
static bool suite_mine(const struct key *k, const struct nlattr *attr)
{
	return nl_uint(nl_find(attr, ISAKMP_SUITE_PROTOCOL)) == k->arg;
}

static void suite_print(struct out *o, const struct key *k,
			const struct nlattr *attr, const struct nlattr *nest)
{
	struct suite s = {
		.protocol = nl_uint(nl_find(attr, ISAKMP_SUITE_PROTOCOL)),
		.encr = nl_uint(nl_find(attr, ISAKMP_SUITE_ENCR)),
		.keylen = nl_uint(nl_find(attr, ISAKMP_SUITE_KEYLEN)),
		.integ = nl_uint(nl_find(attr, ISAKMP_SUITE_INTEG)),
		.prf = nl_uint(nl_find(attr, ISAKMP_SUITE_PRF)),
		.ke = nl_uint(nl_find(attr, ISAKMP_SUITE_KE)),
		.esn = nl_uint(nl_find(attr, ISAKMP_SUITE_ESN)),
	};
	char buf[SUITE_TEXT_MAX];

	(void)nest;
	/* An SA whose peer has not chosen yet has an empty one. */
	if (*suite_text(&s, buf))
		out_text(o, k->name, buf);
}

/* What is not ESP. */
static void protocol_print(struct out *o, const struct key *k,
			   const struct nlattr *attr, const struct nlattr *nest)
{
	(void)nest;
	if (nl_uint(nl_find(attr, ISAKMP_SUITE_PROTOCOL)) == IKE_PROTO_AH)
		out_text(o, k->name, "ah");
}

static bool ts_put(struct args *a, const struct key *k, const char *word,
		   struct why *w)
{
	struct nlattr *nest;
	struct ts ts;

	if (!ts_parse(&ts, word, w))
		return false;
	nest = mnl_attr_nest_start(a->nlh, k->attr);
	if (ts.proto)
		mnl_attr_put_u8(a->nlh, ISAKMP_TS_PROTO, ts.proto);
	if (ts.port_first || ts.port_last != 65535) {
		mnl_attr_put_u16(a->nlh, ISAKMP_TS_PORT_START, ts.port_first);
		mnl_attr_put_u16(a->nlh, ISAKMP_TS_PORT_END, ts.port_last);
	}
	if (ts.dynamic) {
		mnl_attr_put_u8(a->nlh, ISAKMP_TS_DYNAMIC, 1);
	} else {
		mnl_attr_put(a->nlh, ISAKMP_TS_START, ts.first.len,
			     ts.first.octets);
		mnl_attr_put(a->nlh, ISAKMP_TS_END, ts.last.len,
			     ts.last.octets);
	}
	mnl_attr_nest_end(a->nlh, nest);
	return true;
}

static void ts_print(struct out *o, const struct key *k,
		     const struct nlattr *attr, const struct nlattr *nest)
{
	const struct nlattr *end = nl_find(attr, ISAKMP_TS_PORT_END);
	struct ts ts = {
		.proto = nl_uint(nl_find(attr, ISAKMP_TS_PROTO)),
		.port_first = nl_uint(nl_find(attr, ISAKMP_TS_PORT_START)),
		.port_last = end ? nl_uint(end) : 65535,
		.dynamic = nl_uint(nl_find(attr, ISAKMP_TS_DYNAMIC)),
	};
	char buf[TS_TEXT_MAX];

	(void)nest;
	nl_addr(nl_find(attr, ISAKMP_TS_START), &ts.first);
	nl_addr(nl_find(attr, ISAKMP_TS_END), &ts.last);
	out_text(o, k->name, ts_text(&ts, buf));
}

/* -------------------------------------------------------------------------- */

#define ID_MEANS "{ fqdn: | email: | ipv4: | ipv6: | keyid: | dn: }value"

const struct type type_id = {
	.name = "ID",
	.means = ID_MEANS,
	.parse = id_parse, .print = id_print, .begins = id_begins,
};
const struct type type_id_any = {
	.name = "ID", .means = "{ " ID_MEANS " | any }",
	.parse = id_any_parse, .print = id_print,
};
const struct type type_id_canonical = {
	.name = "ID", .means = ID_MEANS,
	.parse = id_canonical_parse,
};
const struct type type_suite = {
	.name = "SUITE",
	.means = "ike: ENCR[-INTEG][-PRF]-KE, esp: ENCR[-INTEG][-KE][-esn]\n"
		 "ENCR := { { aes128 | aes192 | aes256 }[ctr] | chacha20poly1305 |\n"
		 "          { aes128 | aes192 | aes256 }{ gcm | ccm }{ 8 | 12 | 16 } }\n"
		 "INTEG := { sha1 | sha256 | sha384 | sha512 }, with aesN and aesNctr\n"
		 "PRF := { prfsha1 | prfsha256 | prfsha384 | prfsha512 }\n"
		 "KE := { x25519 | x448 | ecp256 | ecp384 | ecp521 | modp2048 |\n"
		 "        modp3072 | modp4096 | modp6144 | modp8192 }\n"
		 "weak, for old peers: ENCR 3des, INTEG md5, PRF prfmd5, KE modp1024, modp1536",
	.parse = suite_put, .print = suite_print, .mine = suite_mine,
};
const struct type type_protocol = {
	.print = protocol_print,
};
const struct type type_suite_shown = {
	.print = suite_print,
};
const struct type type_ts = {
	.name = "TS",
	.means = "{ address[/length] | address-address | dynamic }[\\[proto[/port[-port]]\\]]",
	.parse = ts_put, .print = ts_print,
};
