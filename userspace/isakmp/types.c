// SPDX-License-Identifier: GPL-2.0
/* The types of plain values: how each is read and written. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <isakmp/limits.h>
#include "../common/addr.h"
#include "../common/reason.h"
#include "keys.h"

const char *const no_yes[2] = { "no", "yes" };
const char *const child_modes[2] = {
	[ISAKMP_MODE_TUNNEL] = "tunnel",
	[ISAKMP_MODE_TRANSPORT] = "transport",
};

const char *const child_starts[3] = {
	[ISAKMP_START_NONE] = "none",
	[ISAKMP_START_TRAP] = "trap",
	[ISAKMP_START_NOW] = "now",
};

const char *const peer_versions[3] = {
	[ISAKMP_VERSIONS_2] = "2",
	[ISAKMP_VERSIONS_1] = "1",
	[ISAKMP_VERSIONS_2_THEN_1] = "2-then-1",
};

const char *const child_dscps[4] = {
	[ISAKMP_DSCP_OUT] = "out",
	[ISAKMP_DSCP_IN] = "in",
	[ISAKMP_DSCP_BOTH] = "both",
	[ISAKMP_DSCP_NONE] = "none",
};

const char *const child_dfs[2] = {
	[ISAKMP_DF_COPY] = "copy",
	[ISAKMP_DF_CLEAR] = "clear",
};

/* By the IANA number of the transform */
const char *const child_ipcomps[3] = { [0] = "none", [2] = "deflate" };

#define NAME_MEANS "1 to 63 of A-Z a-z 0-9 . _ @ : + -"

/**
 * name_ok() - is this a name of an object
 * @name: what the user wrote
 *
 * Return: whether the kernel would take it.
 */
bool name_ok(const char *name)
{
	size_t n = strlen(name);

	if (!n || n > ISAKMP_NAME_MAX || *name == '-')
		return false;
	for (; *name; name++)
		if (!isascii((unsigned char)*name) ||
		    (!isalnum((unsigned char)*name) && !strchr("._@:+-", *name)))
			return false;
	return true;
}

static bool name_parse(struct args *a, const struct key *k, const char *word,
		       struct why *w)
{
	if (!name_ok(word))
		return why_not(w, "\"%.80s\" is not a name: " NAME_MEANS ", not - first",
			       word);
	mnl_attr_put_strz(a->nlh, k->attr, word);
	return true;
}

static void string_print(struct out *o, const struct key *k,
			 const struct nlattr *attr, const struct nlattr *nest)
{
	char buf[ISAKMP_PATH_LEN_MAX + 1];

	(void)nest;
	out_text(o, k->name, nl_string(attr, buf, sizeof(buf)));
}

/* Printed, a control character could not be read back. */
static bool printable(const char *word)
{
	for (; *word; word++)
		if ((unsigned char)*word < ' ' || *word == 0x7f)
			return false;
	return true;
}

static bool path_parse(struct args *a, const struct key *k, const char *word,
		       struct why *w)
{
	if (!*word || strlen(word) > ISAKMP_PATH_LEN_MAX)
		return why_not(w, "a path has 1 to %u octets",
			       ISAKMP_PATH_LEN_MAX);
	if (!printable(word))
		return why_not(w, "a path with control characters");
	mnl_attr_put_strz(a->nlh, k->attr, word);
	return true;
}

static bool dev_parse(struct args *a, const struct key *k, const char *word,
		      struct why *w)
{
	if (!*word || strlen(word) > 15 || strpbrk(word, "/ \t") ||
	    !printable(word))
		return why_not(w, "\"%s\" is not the name of a device", word);
	mnl_attr_put_strz(a->nlh, k->attr, word);
	return true;
}

static bool string_parse(struct args *a, const struct key *k, const char *word,
			 struct why *w)
{
	(void)w;
	mnl_attr_put_strz(a->nlh, k->attr, word);
	return true;
}

/**
 * any_parse() - "any" is the absence of the attribute
 * @a: the command; to set, absence means: as it was
 * @w: what is wrong
 *
 * Return: whether the verb can say so.
 */
bool any_parse(const struct args *a, struct why *w)
{
	return !a->changes ||
	       why_not(w, "set cannot make it any, replace can");
}

/* ---- addresses ----------------------------------------------------------- */

static bool addr_one_parse(struct args *a, const struct key *k,
			   const char *word, struct why *w)
{
	struct addr addr;

	if (!addr_parse(&addr, word, w))
		return false;
	mnl_attr_put(a->nlh, k->attr, addr.len, addr.octets);
	return true;
}

static bool addr_any_parse(struct args *a, const struct key *k,
			   const char *word, struct why *w)
{
	if (!strcmp(word, "any"))
		return any_parse(a, w);
	return addr_one_parse(a, k, word, w);
}

static void addr_print(struct out *o, const struct key *k,
		       const struct nlattr *attr, const struct nlattr *nest)
{
	char buf[ADDR_TEXT_MAX];

	(void)nest;
	if (attr)
		out_text(o, k->name, addr_text(mnl_attr_get_payload(attr),
					       mnl_attr_get_payload_len(attr),
					       buf));
	else if (!o->json)
		out_text(o, k->name, "any");
}

/* The attribute behind the address is the prefix length. */
static bool prefix_any_parse(struct args *a, const struct key *k,
			     const char *word, struct why *w)
{
	struct addr addr;
	uint8_t plen;

	if (!strcmp(word, "any"))
		return any_parse(a, w);
	if (!addr_parse_prefix(&addr, &plen, word, w))
		return false;
	mnl_attr_put(a->nlh, k->attr, addr.len, addr.octets);
	if (strchr(word, '/'))
		mnl_attr_put_u8(a->nlh, k->attr + 1, plen);
	return true;
}

static void prefix_print(struct out *o, const struct key *k,
			 const struct nlattr *attr, const struct nlattr *nest)
{
	const struct nlattr *plen = nl_find(nest, k->attr + 1);
	unsigned int len = attr ? mnl_attr_get_payload_len(attr) : 0;
	char buf[ADDR_TEXT_MAX + 8];

	if (!attr || !plen || nl_uint(plen) == len * 8) {
		addr_print(o, k, attr, nest);
		return;
	}
	addr_text(mnl_attr_get_payload(attr), len, buf);
	snprintf(buf + strlen(buf), 8, "/%u", (unsigned int)(uint8_t)nl_uint(plen));
	out_text(o, k->name, buf);
}

/* ---- numbers ------------------------------------------------------------- */

static bool names_parse(struct args *a, const struct key *k, const char *word,
			struct why *w)
{
	size_t n;

	for (unsigned int i = 0; i < k->arg; i++) {
		if (!k->names[i] || strcmp(k->names[i], word))
			continue;
		mnl_attr_put_u8(a->nlh, k->attr, i);
		return true;
	}
	n = snprintf(w->text, sizeof(w->text), "\"%.40s\" is none of", word);
	for (unsigned int i = 0; i < k->arg; i++)
		if (k->names[i] && n < sizeof(w->text))
			n += snprintf(w->text + n, sizeof(w->text) - n, " %s",
				      k->names[i]);
	return false;
}

static void names_print(struct out *o, const struct key *k,
			const struct nlattr *attr, const struct nlattr *nest)
{
	uint64_t n = nl_uint(attr);

	(void)nest;
	if (n < k->arg && k->names[n])
		out_text(o, k->name, k->names[n]);
	else
		out_uint(o, k->name, n);
}

/* A name that is a string to the kernel. */
static bool state_parse(struct args *a, const struct key *k, const char *word,
			struct why *w)
{
	struct nlattr *at = mnl_nlmsg_get_payload_tail(a->nlh);
	uint32_t len = a->nlh->nlmsg_len;

	if (!names_parse(a, k, word, w))
		return false;
	a->nlh->nlmsg_len = len;
	memset(at, 0, MNL_ATTR_HDRLEN);
	mnl_attr_put_strz(a->nlh, k->attr, word);
	return true;
}

static void number_print(struct out *o, const struct key *k,
			 const struct nlattr *attr, const struct nlattr *nest)
{
	(void)nest;
	out_uint(o, k->name, nl_uint(attr));
}

static bool number16_parse(struct args *a, const struct key *k,
			   const char *word, struct why *w)
{
	uint64_t n;

	if (!number_parse(&n, word, 65535))
		return why_not(w, "\"%s\" is not a number up to 65535", word);
	mnl_attr_put_u16(a->nlh, k->attr, n);
	return true;
}

#define PADDING_MTU 65535

static bool padding_parse(struct args *a, const struct key *k,
			  const char *word, struct why *w)
{
	uint64_t n = PADDING_MTU;

	if (strcmp(word, "mtu") && !number_parse(&n, word, PADDING_MTU - 1))
		return why_not(w, "\"%s\" is not mtu, or a number up to 65534",
			       word);
	mnl_attr_put_u16(a->nlh, k->attr, n);
	return true;
}

static void padding_print(struct out *o, const struct key *k,
			  const struct nlattr *attr, const struct nlattr *nest)
{
	(void)nest;
	if (nl_uint(attr) == PADDING_MTU)
		out_text(o, k->name, "mtu");
	else
		out_uint(o, k->name, nl_uint(attr));
}

/* Decimal, or hexadecimal with 0x. */
static bool u32_read(uint32_t *value, const char *word)
{
	uint64_t n;
	char *end;

	if (strncmp(word, "0x", 2)) {
		if (!number_parse(&n, word, UINT32_MAX))
			return false;
	} else {
		if (!isxdigit((unsigned char)word[2]) || strlen(word) > 10)
			return false;
		n = strtoull(word + 2, &end, 16);
		if (*end)
			return false;
	}
	*value = n;
	return true;
}

static bool u32_parse(struct args *a, const struct key *k, const char *word,
		      struct why *w)
{
	uint32_t n;

	if (!u32_read(&n, word))
		return why_not(w, "\"%s\" is not a number up to 4294967295 or 0xffffffff",
			       word);
	mnl_attr_put_u32(a->nlh, k->attr, n);
	return true;
}

/* The attribute behind the mark is the mask. */
static bool mark_mask_parse(struct args *a, const struct key *k,
			    const char *word, struct why *w)
{
	const char *slash = strchr(word, '/');
	uint32_t mark, mask = UINT32_MAX;
	char value[16] = "";

	if (!slash)
		return u32_parse(a, k, word, w);
	if ((size_t)(slash - word) < sizeof(value))
		memcpy(value, word, slash - word);
	if (!u32_read(&mark, value) || !u32_read(&mask, slash + 1))
		return why_not(w, "\"%s\" is not MARK or MARK/MASK, each a number or 0x...",
			       word);
	if (mark & ~mask)
		return why_not(w, "\"%s\" has bits set outside its mask", word);
	mnl_attr_put_u32(a->nlh, k->attr, mark);
	mnl_attr_put_u32(a->nlh, k->attr + 1, mask);
	return true;
}

static void mark_print(struct out *o, const struct key *k,
		       const struct nlattr *attr, const struct nlattr *nest)
{
	char buf[32];

	(void)nest;
	if (o->json) {
		out_uint(o, k->name, nl_uint(attr));
		return;
	}
	snprintf(buf, sizeof(buf), "0x%x", (unsigned int)nl_uint(attr));
	out_text(o, k->name, buf);
}

static void mark_mask_print(struct out *o, const struct key *k,
			    const struct nlattr *attr, const struct nlattr *nest)
{
	const struct nlattr *mask = nl_find(nest, k->attr + 1);
	char buf[32];

	if (!mask || o->json) {
		mark_print(o, k, attr, nest);
		if (mask)
			out_uint(o, "mask", nl_uint(mask));
		return;
	}
	snprintf(buf, sizeof(buf), "0x%x/0x%x", (unsigned int)nl_uint(attr),
		 (unsigned int)nl_uint(mask));
	out_text(o, k->name, buf);
}

/* A number with one of the suffixes, which multiply it. */
static bool scaled(uint64_t *value, const char *word, const char *suffixes,
		   const uint64_t *scales, uint64_t max)
{
	char digits[24];
	size_t n = strlen(word);
	const char *s = n ? strchr(suffixes, word[n - 1]) : NULL;
	uint64_t scale = s ? scales[s - suffixes] : 1;

	if (s)
		n--;
	if (!n || n >= sizeof(digits))
		return false;
	memcpy(digits, word, n);
	digits[n] = 0;
	if (!number_parse(value, digits, max / scale))
		return false;
	*value *= scale;
	return true;
}

static bool count_parse(struct args *a, const struct key *k, const char *word,
			struct why *w)
{
	static const uint64_t scales[] = { 1ULL << 10, 1ULL << 20, 1ULL << 30,
					   1ULL << 40 };
	uint64_t n;

	if (!scaled(&n, word, "KMGT", scales, UINT64_MAX))
		return why_not(w, "\"%s\" is not a number, or one with K M G T (powers of 1024)",
			       word);
	mnl_attr_put_u64(a->nlh, k->attr, n);
	return true;
}

/* "90", "90s", "1h30m": each unit once, in falling order. */
static bool seconds_read(uint64_t *total, const char *word)
{
	static const char units[] = "dhms";
	static const uint64_t scales[] = { 86400, 3600, 60, 1 };
	const char *unit = units, *at;
	char part[24];

	for (*total = 0; *word; word = at) {
		size_t n = strspn(word, "0123456789");
		uint64_t value;

		if (word[n])
			unit = strchr(unit, word[n++]);
		if (!unit || n >= sizeof(part))
			return false;
		memcpy(part, word, n);
		part[n] = 0;
		at = word + n;
		if (!scaled(&value, part, units, scales, UINT32_MAX))
			return false;
		*total += value;
		if (!*at)
			break;
		unit++;
	}
	return *total <= UINT32_MAX;
}

static bool seconds_parse(struct args *a, const struct key *k, const char *word,
			  struct why *w)
{
	uint64_t n = 0;

	if (strcmp(word, "off") && (!*word || !seconds_read(&n, word)))
		return why_not(w, "\"%s\" is not a time: 90, 90s, 1h30m, 2d or off",
			       word);
	mnl_attr_put_u32(a->nlh, k->attr, n);
	return true;
}

static void seconds_print(struct out *o, const struct key *k,
			  const struct nlattr *attr, const struct nlattr *nest)
{
	(void)nest;
	out_seconds(o, k->name, nl_uint(attr));
}

static void ms_print(struct out *o, const struct key *k,
		     const struct nlattr *attr, const struct nlattr *nest)
{
	(void)nest;
	out_ms(o, k->name, nl_uint(attr));
}

static bool id64_parse(struct args *a, const struct key *k, const char *word,
		       struct why *w)
{
	uint64_t n;

	if (!number_parse(&n, word, UINT64_MAX))
		return why_not(w, "\"%s\" is not a number", word);
	mnl_attr_put_u64(a->nlh, k->attr, n);
	return true;
}

static void spi_print(struct out *o, const struct key *k,
		      const struct nlattr *attr, const struct nlattr *nest)
{
	(void)nest;
	/* 0: the responder has not chosen its own yet */
	if (nl_uint(attr))
		out_hex(o, k->name, nl_uint(attr), 16);
}

static void espspi_print(struct out *o, const struct key *k,
			 const struct nlattr *attr, const struct nlattr *nest)
{
	(void)nest;
	out_hex(o, k->name, nl_uint(attr), 8);
}

static void reason_print(struct out *o, const struct key *k,
			 const struct nlattr *attr, const struct nlattr *nest)
{
	unsigned int r = nl_uint(attr);
	const char *name = reason_name(r);

	(void)nest;
	if (!r)
		return;
	if (name)
		out_text(o, k->name, name);
	else
		out_uint(o, k->name, r);
	if (name)
		out_note(o, "reason-text", reason_text(r));
}

/* ---- flags --------------------------------------------------------------- */

static bool flag_parse(struct args *a, const struct key *k, const char *word,
		       struct why *w)
{
	(void)word;
	(void)w;
	mnl_attr_put(a->nlh, k->attr, 0, NULL);
	return true;
}

static void flag_print(struct out *o, const struct key *k,
		       const struct nlattr *attr, const struct nlattr *nest)
{
	(void)attr;
	(void)nest;
	out_flag(o, k->name);
}

/* -------------------------------------------------------------------------- */

const struct type type_name = {
	.name = "NAME", .means = NAME_MEANS,
	.parse = name_parse, .print = string_print,
};
const struct type type_peer = {
	.name = "PEER", .means = "NAME of a peer",
	.parse = name_parse, .print = string_print,
};
const struct type type_proposal = {
	.name = "PROPOSAL", .means = "NAME of a proposal",
	.parse = name_parse, .print = string_print,
};
const struct type type_cred = {
	.name = "CRED", .means = "NAME of a cred",
	.parse = name_parse, .print = string_print,
};
const struct type type_child = {
	.name = "CHILD", .means = "NAME of a child",
	.parse = name_parse, .print = string_print,
};
const struct type type_dev = {
	.name = "DEV", .means = "name of a device",
	.parse = dev_parse, .print = string_print,
};
const struct type type_addr = {
	.print = addr_print,
};
const struct type type_addr_any = {
	.name = "ADDR", .means = "{ address | any }",
	.absent = true, .parse = addr_any_parse, .print = addr_print,
};
const struct type type_addr_one = {
	.name = "ADDRESS", .means = "IPv4 or IPv6",
	.parse = addr_one_parse, .print = addr_print,
};
const struct type type_prefix_any = {
	.name = "REMOTE", .means = "{ address | address/length | any }",
	.absent = true, .parse = prefix_any_parse, .print = prefix_print,
};
const struct type type_names = {
	.name = "", .parse = names_parse, .print = names_print,
};
const struct type type_state = {
	.name = "STATE",
	.means = "{ new | init-sent | auth-asked | auth-sent | verifying |\n"
		 "           init-answered | auth-asked-peer | key-asked | secret-asked |\n"
		 "           key-asked-peer | resume-sent | resume-answered | phase-1 |\n"
		 "           established | deleting }",
	.parse = state_parse, .print = string_print,
};
const struct type type_seconds = {
	.name = "TIME", .means = "{ seconds | [Nd][Nh][Nm][Ns] | off }",
	.parse = seconds_parse, .print = seconds_print,
};
const struct type type_number = {
	.name = "NUMBER", .means = "0 to 65535",
	.parse = number16_parse, .print = number_print,
};
const struct type type_padding = {
	.name = "OCTETS", .means = "mtu, or 0 to 65534",
	.parse = padding_parse, .print = padding_print,
};
const struct type type_u32 = {
	.name = "UINT", .means = "0 to 4294967295, or 0x...",
	.parse = u32_parse, .print = number_print,
};
const struct type type_mark = {
	.name = "MARK", .means = "number, decimal or 0x...",
	.parse = u32_parse, .print = mark_print,
};
const struct type type_mark_mask = {
	.name = "MARK[/MASK]", .means = "numbers, decimal or 0x...",
	.parse = mark_mask_parse, .print = mark_mask_print,
};
const struct type type_count = {
	.name = "COUNT", .means = "number[K|M|G|T], 0 = no limit",
	.parse = count_parse, .print = number_print,
};
const struct type type_id64 = {
	.name = "N", .means = "number of an IKE SA",
	.parse = id64_parse, .print = number_print,
};
const struct type type_path = {
	.name = "PATH", .means = "of a file that isakmpd(8) reads",
	.parse = path_parse, .print = string_print,
};
const struct type type_file = {
	.name = "FILE", .means = "path of a file, - for standard input or output",
	.parse = string_parse, .print = string_print,
};
const struct type type_word = {
	.name = "WORD", .means = "name of a counter",
	.parse = string_parse, .print = string_print,
};
const struct type type_flag = {
	.parse = flag_parse, .print = flag_print,
};
const struct type type_string = {
	.print = string_print,
};
const struct type type_spi = {
	.print = spi_print,
};
const struct type type_espspi = {
	.print = espspi_print,
};
const struct type type_ms = {
	.print = ms_print,
};
const struct type type_reason = {
	.print = reason_print,
};
