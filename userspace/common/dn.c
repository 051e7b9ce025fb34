// SPDX-License-Identifier: GPL-2.0
/* Distinguished names: see dn.h. */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdio.h>

#include "dn.h"

#define TYPE_MAX	64	/* characters of an attribute's type */
#define VALUE_MAX	255	/* octets of an attribute's value */

/* Kinds of string that compare as text. */
#define TEXTS (B_ASN1_UTF8STRING | B_ASN1_BMPSTRING | B_ASN1_UNIVERSALSTRING | \
	       B_ASN1_PRINTABLESTRING | B_ASN1_T61STRING | B_ASN1_IA5STRING | \
	       B_ASN1_VISIBLESTRING)

/* The name, if it is one from the first octet to the last. */
static X509_NAME *read_name(const u8 *der, size_t n)
{
	const u8 *p = der;
	X509_NAME *name = d2i_X509_NAME(NULL, &p, (long)n);

	if (name && p == der + n)
		return name;
	X509_NAME_free(name);
	ERR_clear_error();
	return NULL;
}

static bool plain(u8 c)
{
	return c > ' ' && c < 0x7f && c != '\\' && c != ',';
}

/* ---- text to DER ------------------------------------------------------------------ */

/* The octet that two hex digits at @s mean, or -1. */
static int hex_octet(const char *s)
{
	int hi = OPENSSL_hexchar2int((u8)s[0]);
	int lo = hi < 0 ? -1 : OPENSSL_hexchar2int((u8)s[1]);

	return lo < 0 ? -1 : hi << 4 | lo;
}

/* @s points at \xNN, or at an octet that stands for itself; -1: neither */
static int read_octet(const char **s)
{
	int c;

	if (plain((u8)**s) || **s == ' ')
		return (u8)*(*s)++;
	c = strncmp(*s, "\\x", 2) ? -1 : hex_octet(*s + 2);
	*s += c < 0 ? 0 : 4;
	return c;
}

/* The kind of string follows from the type. */
static bool add_attribute(X509_NAME *name, const ASN1_OBJECT *type, const u8 *utf8, int n)
{
	return X509_NAME_add_entry_by_OBJ(name, type, MBSTRING_UTF8, utf8, n, -1, 0);
}

static bool add_typed(X509_NAME *name, const char *type, const u8 *utf8, int n)
{
	ASN1_OBJECT *o = OBJ_txt2obj(type, 0);
	bool good = o && add_attribute(name, o, utf8, n);

	ASN1_OBJECT_free(o);
	return good;
}

/* One type=value, up to a comma or the end. */
static const char *read_attribute(const char **s, X509_NAME *name)
{
	char type[TYPE_MAX + 1];
	u8 value[VALUE_MAX];
	size_t n = strcspn(*s, "=,");
	int len, c;

	if ((*s)[n] != '=' || !n || n > TYPE_MAX)
		return "not a list of TYPE=VALUE, with commas between them";
	memcpy(type, *s, n);
	type[n] = '\0';
	*s += n + 1;
	for (len = 0; **s && **s != ','; value[len++] = (u8)c) {
		c = read_octet(s);
		if (c < 0)
			return "an octet that is not printable ASCII: write it as \\xNN";
		if (len == VALUE_MAX)
			return "longer than 255 octets";
	}
	if (!add_typed(name, type, value, len))
		return "a type that is not known, or a value that it does not take";
	return NULL;
}

static const char *read_attributes(const char *s, X509_NAME *name)
{
	const char *why;

	for (;;) {
		why = read_attribute(&s, name);
		if (why || !*s)
			return why;
		s++;	/* the comma */
		s += strspn(s, " ");
	}
}

static const char *parse_hex(const char *s, u8 *der, size_t *n, size_t max)
{
	int c;

	for (*n = 0; *s; s += 2) {
		c = hex_octet(s);
		if (c < 0)
			return "not an even number of hex digits";
		if (*n == max)
			return "longer than 255 octets";
		der[(*n)++] = (u8)c;
	}
	return dn_valid(der, *n) ? NULL : "not the DER of a name";
}

/**
 * dn_parse() - text to DER
 * @text: what the operator typed, after "dn:"
 * @der: out
 * @n: out: octets in @der
 * @max: room in @der
 *
 * Return: NULL, or what is wrong as the end of a sentence.
 */
const char *dn_parse(const char *text, u8 *der, size_t *n, size_t max)
{
	X509_NAME *name;
	const char *why;
	int len;

	if (!strncmp(text, "0x", 2))
		return parse_hex(text + 2, der, n, max);
	name = X509_NAME_new();
	why = name ? read_attributes(text, name) : "memory ran out";
	len = why ? 0 : i2d_X509_NAME(name, NULL);
	if (!why && (len <= 0 || (size_t)len > max))
		why = "longer than 255 octets";
	if (!why)
		*n = (size_t)i2d_X509_NAME(name, &der);
	X509_NAME_free(name);
	ERR_clear_error();
	return why;
}

/* ---- DER to text ------------------------------------------------------------------ */

struct text {
	char *p;
	char *end;	/* room for a terminator is left */
	bool full;
};

static void put(struct text *t, const char *s, size_t n)
{
	if ((size_t)(t->end - t->p) < n) {
		t->full = true;
		return;
	}
	memcpy(t->p, s, n);
	t->p += n;
}

static void put_value(struct text *t, const u8 *v, int n)
{
	char hex[5];
	int i;

	for (i = 0; i < n; i++) {
		snprintf(hex, sizeof(hex), "\\x%02x", v[i]);
		if (plain(v[i]))
			put(t, (const char *)v + i, 1);
		else
			put(t, hex, 4);
	}
}

static bool put_type(struct text *t, const ASN1_OBJECT *o)
{
	char oid[TYPE_MAX + 1];
	int nid = OBJ_obj2nid(o), n;

	if (nid != NID_undef) {
		put(t, OBJ_nid2sn(nid), strlen(OBJ_nid2sn(nid)));
		return true;
	}
	n = OBJ_obj2txt(oid, sizeof(oid), o, 1);
	if (n <= 0 || n > TYPE_MAX)
		return false;
	put(t, oid, (size_t)n);
	return true;
}

/* @again: what dn_parse() makes of the text so far */
static bool put_entry(struct text *t, const X509_NAME_ENTRY *e, X509_NAME *again)
{
	const ASN1_OBJECT *type = X509_NAME_ENTRY_get_object(e);
	u8 *utf8 = NULL;
	int n = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(e));
	bool good = n >= 0 && n <= VALUE_MAX && put_type(t, type) &&
		    add_attribute(again, type, utf8, n);

	if (good) {
		put(t, "=", 1);
		put_value(t, utf8, n);
	}
	OPENSSL_free(utf8);
	return good;
}

static bool put_name(struct text *t, const X509_NAME *name, X509_NAME *again)
{
	int i, n = X509_NAME_entry_count(name);

	for (i = 0; i < n; i++) {
		/* two attributes in one RDN have no order, hence no text here */
		if (X509_NAME_ENTRY_set(X509_NAME_get_entry(name, i)) != i)
			return false;
		if (i)
			put(t, ",", 1);
		if (!put_entry(t, X509_NAME_get_entry(name, i), again))
			return false;
	}
	return n && !t->full;
}

/* The name that the text means is one that is accepted, and the same. */
static bool survives(const X509_NAME *again, const X509_NAME *name)
{
	int n = i2d_X509_NAME(again, NULL);

	return n > 0 && n <= VALUE_MAX && !X509_NAME_cmp(again, name);
}

/**
 * dn_print() - DER to text, if dn_parse() would read it back
 * @der: octets of whatever kind
 * @n: how many
 * @text: terminated if true
 * @size: of @text, at least 1
 *
 * Only printable ASCII comes out.  The text is not parsed to find out: whatever
 * a peer sends, no parser of text sees it.
 *
 * Return: false when there is no such text.
 */
bool dn_print(const u8 *der, size_t n, char *text, size_t size)
{
	struct text t = { .p = text, .end = text + size - 1 };
	X509_NAME *name = read_name(der, n), *again = X509_NAME_new();
	bool good = name && again && put_name(&t, name, again) && survives(again, name);

	*t.p = '\0';
	X509_NAME_free(name);
	X509_NAME_free(again);
	ERR_clear_error();
	return good;
}

/* ---- comparing -------------------------------------------------------------------- */

/**
 * dn_valid() - is it the DER of a name, and nothing more
 * @der: octets of whatever kind
 * @n: how many
 *
 * Return: true if it is.
 */
bool dn_valid(const u8 *der, size_t n)
{
	X509_NAME *name = read_name(der, n);
	bool good = name;

	X509_NAME_free(name);
	return good;
}

/**
 * dn_hash() - a number that equal names share
 * @der: octets of whatever kind
 * @n: how many
 *
 * Return: it; 0 for what is no name.
 */
u32 dn_hash(const u8 *der, size_t n)
{
	X509_NAME *name = read_name(der, n);
	u32 hash = name ? (u32)X509_NAME_hash_ex(name, NULL, NULL, NULL) : 0;

	X509_NAME_free(name);
	return hash;
}

static bool is_space(u8 c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* In place: ASCII in lower case, white space once, none at the ends.  Returns octets left. */
static int fold(u8 *p, int n)
{
	int from = 0, to = 0;

	while (n && is_space(p[n - 1]))
		n--;
	while (from < n && is_space(p[from]))
		from++;
	for (; from < n; from++) {
		if (is_space(p[from])) {
			if (!is_space(p[from + 1]))
				p[to++] = ' ';
			continue;
		}
		p[to++] = p[from] >= 'A' && p[from] <= 'Z' ? (u8)(p[from] + 'a' - 'A') : p[from];
	}
	return to;
}

/* @set: 0, an RDN of its own; -1, in the last one */
static bool add_canonical(X509_NAME *to, const X509_NAME_ENTRY *e, int set)
{
	const ASN1_OBJECT *type = X509_NAME_ENTRY_get_object(e);
	const ASN1_STRING *value = X509_NAME_ENTRY_get_data(e);
	u8 *utf8 = NULL;
	bool good;
	int n;

	if (!(ASN1_tag2bit(ASN1_STRING_type(value)) & TEXTS))
		return X509_NAME_add_entry_by_OBJ(to, type, ASN1_STRING_type(value),
						  ASN1_STRING_get0_data(value),
						  ASN1_STRING_length(value), -1, set);
	n = ASN1_STRING_to_UTF8(&utf8, value);
	good = n >= 0 && X509_NAME_add_entry_by_OBJ(to, type, V_ASN1_UTF8STRING, utf8,
						    fold(utf8, n), -1, set);
	OPENSSL_free(utf8);
	return good;
}

/**
 * dn_canonical() - the one form that equal names share
 * @der: octets of whatever kind
 * @n: how many
 * @out: DER: each string UTF-8, folded as dn_compare() compares
 * @max: room in @out
 *
 * Return: octets in @out; 0: it is no name, or there is no room.
 */
size_t dn_canonical(const u8 *der, size_t n, u8 *out, size_t max)
{
	X509_NAME *name = read_name(der, n), *to = X509_NAME_new();
	const X509_NAME_ENTRY *e;
	bool good = name && to;
	int i, len = 0, last = -1;

	for (i = 0; good && i < X509_NAME_entry_count(name); i++) {
		e = X509_NAME_get_entry(name, i);
		good = add_canonical(to, e, X509_NAME_ENTRY_set(e) == last ? -1 : 0);
		last = X509_NAME_ENTRY_set(e);
	}
	if (good)
		len = i2d_X509_NAME(to, NULL);
	if (len > 0 && (size_t)len <= max)
		i2d_X509_NAME(to, &out);
	else
		len = 0;
	X509_NAME_free(name);
	X509_NAME_free(to);
	ERR_clear_error();
	return (size_t)len;
}

static int compare_octets(const u8 *a, size_t a_len, const u8 *b, size_t b_len)
{
	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	return memcmp(a, b, a_len);
}

/**
 * dn_compare() - a total order of names
 * @a: one
 * @a_len: octets
 * @b: the other
 * @b_len: octets
 *
 * RFC 5280, 7.1: without regard to case, to white space at the ends and
 * repeated, and to the kind of string.  What is no name comes before those that
 * are, in the order of its octets.
 *
 * Return: as memcmp().
 */
int dn_compare(const u8 *a, size_t a_len, const u8 *b, size_t b_len)
{
	X509_NAME *x = read_name(a, a_len), *y = read_name(b, b_len);
	int d;

	if (x && y)
		d = X509_NAME_cmp(x, y);
	else if (x || y)
		d = x ? 1 : -1;
	else
		d = compare_octets(a, a_len, b, b_len);
	X509_NAME_free(x);
	X509_NAME_free(y);
	return d;
}
