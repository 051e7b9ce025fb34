// SPDX-License-Identifier: GPL-2.0
/* Identities: see id.h.  No name resolution, no log. */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>

#include "dn.h"
#include "id.h"

struct id_kind {
	const char *prefix;
	u8 type;
	const char *(*parse)(const char *s, u8 *v, size_t *n);
	void (*print)(const struct ident *id, char **p, char *end);
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The octet that two hex digits at @s mean, or -1. */
static int hex_octet(const char *s)
{
	int hi = hex_digit(s[0]);
	int lo = hi < 0 ? -1 : hex_digit(s[1]);

	return lo < 0 ? -1 : hi << 4 | lo;
}

static bool plain(u8 c)
{
	return c > ' ' && c < 0x7f && c != '\\';
}

/* ---- text to octets ------------------------------------------------------ */

static const char *parse_ipv4(const char *s, u8 *v, size_t *n)
{
	*n = 4;
	return inet_pton(AF_INET, s, v) == 1 ? NULL : "not an IPv4 address";
}

static const char *parse_ipv6(const char *s, u8 *v, size_t *n)
{
	*n = 16;
	return inet_pton(AF_INET6, s, v) == 1 ? NULL : "not an IPv6 address";
}

static const char *parse_hex(const char *s, u8 *v, size_t *n)
{
	int c;

	for (*n = 0; *s; s += 2) {
		c = hex_octet(s);
		if (c < 0)
			return "not an even number of hex digits";
		if (*n == IKE_ID_MAX)
			return "longer than 255 octets";
		v[(*n)++] = (u8)c;
	}
	return *n ? NULL : "empty";
}

static const char *parse_text(const char *s, u8 *v, size_t *n)
{
	int c;

	for (*n = 0; *s; s++) {
		c = (u8)*s;
		if (c == '\\') {
			c = s[1] == 'x' ? hex_octet(s + 2) : -1;
			if (c < 0)
				return "a backslash must begin \\xNN";
			s += 3;
		} else if (!plain((u8)c)) {
			return "a blank or an unprintable octet: write it as \\xNN";
		}
		if (*n == IKE_ID_MAX)
			return "longer than 255 octets";
		v[(*n)++] = (u8)c;
	}
	return *n ? NULL : "empty";
}

/* RFC 7296, 3.5: MUST NOT contain any terminators (e.g., NULL, CR, etc.) */
static const char *parse_name(const char *s, u8 *v, size_t *n)
{
	const char *why = parse_text(s, v, n);
	size_t i;

	for (i = 0; !why && i < *n; i++)
		if (v[i] == '\0' || v[i] == '\r' || v[i] == '\n')
			why = "a name must not contain terminators";
	return why;
}

static const char *parse_dn(const char *s, u8 *v, size_t *n)
{
	return dn_parse(s, v, n, IKE_ID_MAX);
}

static const char *parse_keyid(const char *s, u8 *v, size_t *n)
{
	return strncmp(s, "0x", 2) ? parse_text(s, v, n) : parse_hex(s + 2, v, n);
}

/* ---- octets to text ------------------------------------------------------ */

__attribute__((format(printf, 3, 4)))
static void put(char **p, char *end, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(*p, (size_t)(end - *p), fmt, ap);
	va_end(ap);
	if (n > 0)
		*p += min((ptrdiff_t)n, end - *p - 1);
}

static void print_ip(const struct ident *id, char **p, char *end)
{
	char s[INET6_ADDRSTRLEN] = "?";

	inet_ntop(id->type == IKE_ID_IPV4 ? AF_INET : AF_INET6, id->value, s, sizeof(s));
	put(p, end, "%s", s);
}

static void print_hex(const struct ident *id, char **p, char *end)
{
	u8 i;

	put(p, end, "0x");
	for (i = 0; i < id->len; i++)
		put(p, end, "%02x", id->value[i]);
}

static void print_text(const struct ident *id, char **p, char *end)
{
	u8 i;

	for (i = 0; i < id->len; i++)
		put(p, end, plain(id->value[i]) ? "%c" : "\\x%02x", id->value[i]);
}

static void print_keyid(const struct ident *id, char **p, char *end)
{
	bool text = id->len < 2 || memcmp(id->value, "0x", 2);
	u8 i;

	for (i = 0; i < id->len; i++)
		text = text && plain(id->value[i]);
	(text ? print_text : print_hex)(id, p, end);
}

static void print_dn(const struct ident *id, char **p, char *end)
{
	char text[IDENT_TEXT_MAX];

	if (dn_print(id->value, id->len, text, sizeof(text)))
		put(p, end, "%s", text);
	else
		print_hex(id, p, end);
}

/* -------------------------------------------------------------------------- */

static const struct id_kind id_kinds[] = {
	{ "ipv4:",  IKE_ID_IPV4,   parse_ipv4,  print_ip },
	{ "ipv6:",  IKE_ID_IPV6,   parse_ipv6,  print_ip },
	{ "fqdn:",  IKE_ID_FQDN,   parse_name,  print_text },
	{ "email:", IKE_ID_EMAIL,  parse_name,  print_text },
	{ "dn:",    IKE_ID_DN,     parse_dn,    print_dn },
	{ "keyid:", IKE_ID_KEY_ID, parse_keyid, print_keyid },
};

/**
 * ident_parse() - text to octets
 * @text: what the operator typed
 * @attr: type and value
 * @len: octets in @attr; 0 for "any"
 *
 * Return: NULL, or what is wrong as the end of a sentence.
 */
const char *ident_parse(const char *text, u8 attr[IDENT_ATTR_MAX], size_t *len)
{
	const char *why;
	size_t i, n;

	*len = 0;
	if (!strcmp(text, "any"))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(id_kinds); i++) {
		n = strlen(id_kinds[i].prefix);
		if (strncmp(text, id_kinds[i].prefix, n))
			continue;
		attr[0] = id_kinds[i].type;
		why = id_kinds[i].parse(text + n, attr + 1, &n);
		if (!why)
			*len = 1 + n;
		return why;
	}
	return "not any, ipv4:, ipv6:, fqdn:, email:, dn: or keyid:";
}

/**
 * ident_print() - octets to text
 * @id: checked by ident_from_attr() or ident_from_body()
 * @text: always terminated
 * @size: of @text; IDENT_TEXT_MAX fits every identity
 *
 * Whatever a peer sent, only printable ASCII comes out.
 *
 * Return: @text.
 */
const char *ident_print(const struct ident *id, char *text, size_t size)
{
	char *p = text, *end = text + size;
	size_t i;

	*p = '\0';
	if (!id->type) {
		put(&p, end, "any");
		return text;
	}
	for (i = 0; i < ARRAY_SIZE(id_kinds); i++) {
		if (id_kinds[i].type != id->type)
			continue;
		put(&p, end, "%s", id_kinds[i].prefix);
		id_kinds[i].print(id, &p, end);
		return text;
	}
	put(&p, end, "type-%u:", id->type);
	print_hex(id, &p, end);
	return text;
}

static bool ident_set(struct ident *id, u8 type, const u8 *value, size_t n)
{
	if (!type || !n || n > IKE_ID_MAX)
		return false;
	/* RFC 7296, 3.5: a single four (4) octet, sixteen (16) octet address */
	if ((type == IKE_ID_IPV4 && n != 4) || (type == IKE_ID_IPV6 && n != 16))
		return false;
	*id = (struct ident) { .type = type, .len = (u8)n, .value = value };
	return true;
}

/**
 * ident_from_attr() - look at type and value
 * @p: octets, which @id will point into
 * @n: how many; 0 is "any"
 * @id: out
 *
 * Return: false when the length does not fit the type.
 */
bool ident_from_attr(const void *p, size_t n, struct ident *id)
{
	const u8 *o = p;

	*id = (struct ident) { 0 };
	return !n || ident_set(id, o[0], o + 1, n - 1);
}

/**
 * ident_from_body() - look at the body of an Identification payload
 * @p: octets, which @id will point into
 * @n: how many; 0 (no payload) is "any"
 * @id: out
 *
 * Return: false when the length does not fit the type.
 */
bool ident_from_body(const void *p, size_t n, struct ident *id)
{
	const u8 *o = p;

	*id = (struct ident) { 0 };
	/* RFC 7296, 3.5: RESERVED MUST be ignored on receipt */
	return !n || (n > 4 && ident_set(id, o[0], o + 4, n - 4));
}

/**
 * ident_to_body() - make the body of an Identification payload
 * @id: not "any"
 * @body: type, three reserved octets, value
 *
 * Return: octets in @body.
 */
size_t ident_to_body(const struct ident *id, u8 body[IDENT_BODY_MAX])
{
	body[0] = id->type;
	/* RFC 7296, 3.5: RESERVED MUST be sent as zero */
	memset(body + 1, 0, 3);
	memcpy(body + 4, id->value, id->len);
	return 4U + id->len;
}

static u8 fold(u8 type, u8 c)
{
	bool name = type == IKE_ID_FQDN || type == IKE_ID_EMAIL;

	return name && c >= 'A' && c <= 'Z' ? (u8)(c + 'a' - 'A') : c;
}

/**
 * ident_compare() - a total order of identities
 * @a: one
 * @b: the other
 *
 * Type, then length, then octets.  Names compare without ASCII case; there are
 * no wildcards, and no other locale than C.  Distinguished names compare as such.
 *
 * Return: as memcmp().
 */
int ident_compare(const struct ident *a, const struct ident *b)
{
	int d;
	u8 i;

	if (a->type != b->type)
		return a->type - b->type;
	if (a->type == IKE_ID_DN)
		return dn_compare(a->value, a->len, b->value, b->len);
	if (a->len != b->len)
		return a->len - b->len;
	for (i = 0; i < a->len; i++) {
		d = fold(a->type, a->value[i]) - fold(b->type, b->value[i]);
		if (d)
			return d;
	}
	return 0;
}

/**
 * ident_equal() - is this the same identity
 * @a: one
 * @b: the other
 *
 * "any" equals only "any": whether it matches is the caller's decision.  What
 * claims to be a distinguished name and is none equals nothing.
 *
 * Return: true if so.
 */
bool ident_equal(const struct ident *a, const struct ident *b)
{
	if (a->type == IKE_ID_DN && !dn_valid(a->value, a->len))
		return false;
	return !ident_compare(a, b);
}

/**
 * ident_canonical() - the one form that equal identities share
 * @id: not "any"
 * @out: type and value: names in lower case, a distinguished name as dn_canonical()
 *
 * What claims to be a distinguished name and is none stays as it is.
 *
 * Return: octets in @out.
 */
size_t ident_canonical(const struct ident *id, u8 out[IDENT_UNIQUE_MAX])
{
	size_t n = 0;
	u8 i;

	out[0] = id->type;
	if (id->type == IKE_ID_DN)
		n = dn_canonical(id->value, id->len, out + 1, IDENT_UNIQUE_MAX - 1);
	if (n)
		return 1 + n;
	for (i = 0; i < id->len; i++)
		out[1 + i] = fold(id->type, id->value[i]);
	return 1U + id->len;
}

/**
 * ident_hash() - a number that equal identities share
 * @id: the identity
 *
 * Spares ident_compare() where that is dear: 0 for all but distinguished names.
 *
 * Return: it.
 */
u32 ident_hash(const struct ident *id)
{
	return id->type == IKE_ID_DN ? dn_hash(id->value, id->len) : 0;
}

/**
 * ident_is_pattern() - does an identity of the configuration mean many
 * @id: the identity
 *
 * Return: true if so.
 */
bool ident_is_pattern(const struct ident *id)
{
	return (id->type == IKE_ID_FQDN || id->type == IKE_ID_EMAIL) && id->value[0] == '*';
}

/**
 * ident_matches() - is an identity among those that a pattern means
 * @pattern: of the configuration
 * @id: what a peer calls itself; "*" in it is nothing but an octet
 *
 * Something has to stand where the pattern has its "*".
 *
 * Return: true if it is.
 */
bool ident_matches(const struct ident *pattern, const struct ident *id)
{
	struct ident tail, end;
	u8 n;

	if (!ident_is_pattern(pattern) || pattern->type != id->type || id->len < pattern->len)
		return false;
	n = pattern->len - 1;
	tail = (struct ident) { pattern->type, n, pattern->value + 1 };
	end = (struct ident) { id->type, n, id->value + id->len - n };
	return !ident_is_pattern(id) && !ident_compare(&tail, &end);
}
