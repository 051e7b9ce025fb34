// SPDX-License-Identifier: GPL-2.0
/* Identities (RFC 7296, 3.5): text, octets, equality, patterns, distinguished names. */
#include <openssl/err.h>
#include <openssl/x509.h>

#include "common/dn.h"
#include "helper.h"

static const struct {
	const char *text;
	const char *octets;
	size_t n;
	const char *again;	/* what is printed, when not the same */
} id_good[] = {
	{ "any", "", 0, NULL },
	{ "ipv4:192.0.2.1", "\x01\xc0\x00\x02\x01", 5, NULL },
	{ "ipv6:2001:db8::1", "\x05\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 17, NULL },
	{ "fqdn:gw-a.example", "\x02gw-a.example", 13, NULL },
	{ "fqdn:a\\x20b\\x5c", "\x02" "a b\\", 5, NULL },
	{ "email:ann@example.org", "\x03" "ann@example.org", 16, NULL },
	{ "email:\\xc3\\xa9@example.org", "\x03\xc3\xa9@example.org", 15, NULL },
	{ "keyid:branch-7", "\x0b" "branch-7", 9, NULL },
	{ "keyid:0x00ff", "\x0b\x00\xff", 3, NULL },
	{ "keyid:0x6162", "\x0b" "ab", 3, "keyid:ab" },
	{ "keyid:\\x30x41", "\x0b" "0x41", 5, "keyid:0x30783431" },
};

static const char *const id_bad[] = {
	"", "gw-a.example", "192.0.2.1", "Any", "fqdn", "fqdn:", "fqdn:a b", "fqdn:a\tb", "fqdn:\\x0a",
	"fqdn:a\\x00", "email:a\\x0d", "fqdn:\\", "fqdn:\\x", "fqdn:\\x4", "fqdn:\\y41", "fqdn:\xc3\xa9",
	"ipv4:", "ipv4:192.0.2", "ipv4:192.0.2.1/32", "ipv4:2001:db8::1", "ipv6:192.0.2.1", "ipv6:",
	"keyid:", "keyid:0x", "keyid:0x0", "keyid:0xzz", "keyid:0x00f", "type-9:0x00",
};

static void test_id_text(void)
{
	char text[IDENT_TEXT_MAX];
	u8 attr[IDENT_ATTR_MAX];
	struct ident id;
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(id_good); i++) {
		tap_note("%s", id_good[i].text);
		CHECK(!ident_parse(id_good[i].text, attr, &n));
		if (!CHECK_EQ(n, id_good[i].n))
			continue;
		CHECK_MEM(attr, id_good[i].octets, n);
		CHECK(ident_from_attr(attr, n, &id));
		CHECK(!strcmp(ident_print(&id, text, sizeof(text)),
			      id_good[i].again ? id_good[i].again : id_good[i].text));
	}
	for (i = 0; i < ARRAY_SIZE(id_bad); i++) {
		tap_note("%s", id_bad[i]);
		CHECK(ident_parse(id_bad[i], attr, &n));
		CHECK_EQ(n, 0);
	}
}

static void test_id_limits(void)
{
	char text[8 + 4 * 256], out[IDENT_TEXT_MAX], tiny[4];
	u8 attr[IDENT_ATTR_MAX], body[IDENT_BODY_MAX];
	struct ident id;
	size_t i, n;

	/* the longest value, each octet escaped */
	strcpy(text, "fqdn:");
	for (i = 0; i < 255; i++)
		strcpy(text + 5 + 4 * i, "\\xff");
	CHECK(!ident_parse(text, attr, &n));
	CHECK_EQ(n, 256);
	CHECK(ident_from_attr(attr, n, &id));
	CHECK(!strcmp(ident_print(&id, out, sizeof(out)), text));
	CHECK(strlen(ident_print(&id, tiny, sizeof(tiny))) < sizeof(tiny));
	CHECK_EQ(ident_to_body(&id, body), 259);
	strcat(text, "a");
	CHECK(ident_parse(text, attr, &n));

	attr[0] = 200;		/* a type without a name still prints */
	memset(attr + 1, 0xee, 255);
	CHECK(ident_from_attr(attr, 256, &id));
	CHECK(!strncmp(ident_print(&id, out, sizeof(out)), "type-200:0xeeee", 15));
	CHECK_EQ(strlen(out), 11 + 2 * 255);
}

static void test_id_octets(void)
{
	static const u8 body[] = { IKE_ID_FQDN, 0xff, 0xff, 0xff, 'A', 'b' };
	struct ident a, b;
	u8 out[IDENT_BODY_MAX];

	/* RFC 7296, 3.5: RESERVED is ignored on receipt, zero when sent */
	CHECK(ident_from_body(body, sizeof(body), &a));
	CHECK_EQ(a.type, IKE_ID_FQDN);
	CHECK_EQ(a.len, 2);
	CHECK_EQ(ident_to_body(&a, out), 6);
	CHECK_MEM(out, "\x02\0\0\0Ab", 6);

	CHECK(ident_from_body(body, 0, &a) && a.type == 0);
	CHECK(!ident_from_body(body, 4, &a));
	CHECK(!ident_from_attr("\x02", 1, &a));
	CHECK(!ident_from_attr("\0a", 2, &a));
	CHECK(!ident_from_attr("\x01\x01\x02\x03", 4, &a));
	CHECK(!ident_from_attr("\x05\x01\x02\x03\x04", 5, &a));

	/* names without case, everything else octet by octet, types apart */
	CHECK(ident_from_attr("\x02GW-a.Example", 13, &a));
	CHECK(ident_from_attr("\x02gw-A.eXAMPLE", 13, &b));
	CHECK(ident_equal(&a, &b));
	CHECK(ident_from_attr("\x0bGW-a.Example", 13, &a));
	CHECK(!ident_equal(&a, &b));
	CHECK(ident_from_attr("\x0bgw-A.eXAMPLE", 13, &b));
	CHECK(!ident_equal(&a, &b));
	CHECK(ident_from_attr("\x02gw-a.example", 13, &a));
	CHECK(ident_from_attr("\x02gw-a.exampl", 12, &b));
	CHECK(!ident_equal(&a, &b));
	CHECK(ident_from_attr("\x02gw-a.example.", 14, &b));
	CHECK(!ident_equal(&a, &b));
	/* no other folding than A-Z: '@' is not '`', 'I' not a dotless one */
	CHECK(ident_from_attr("\x03@", 2, &a) && ident_from_attr("\x03`", 2, &b));
	CHECK(!ident_equal(&a, &b));
	CHECK(ident_from_attr("\x03\xc0", 2, &a) && ident_from_attr("\x03\xe0", 2, &b));
	CHECK(!ident_equal(&a, &b));
}

/* ---- distinguished names (RFC 5280, 7.1) --------------------------------------- */

static const struct {
	const char *text;
	size_t n;
	const char *octets;
	const char *again;	/* what is printed, when not the same */
} dn_good[] = {
	{ "dn:CN=a", 14, "\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01\x61", NULL },
	{ "dn:O=b,CN=a", 26, "\x30\x18\x31\x0a\x30\x08\x06\x03\x55\x04\x0a\x0c\x01\x62"
	  "\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01\x61", NULL },
	{ "dn:O=b, CN=a", 26, NULL, "dn:O=b,CN=a" },
	{ "dn:O=two words", 22, NULL, "dn:O=two\\x20words" },
	{ "dn:CN=a\\x2cO=b", 18, NULL, NULL },
	{ "dn:2.5.4.3=a", 14, NULL, "dn:CN=a" },
	{ "dn:commonName=a", 14, NULL, "dn:CN=a" },
	{ "dn:CN=\\xc3\\xa9", 15, NULL, NULL },
	{ "dn:0x300c310a300806035504030c0161", 14, NULL, "dn:CN=a" },
	{ "dn:C=DE", 15, "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02" "DE", NULL },
};

static const char *const dn_bad[] = {
	"dn:", "dn:CN", "dn:=a", "dn:CN=a,", "dn:,CN=a", "dn:CN=a,,O=b", "dn:nothing=a", "dn:C=DEU",
	"dn:CN=a\tb", "dn:CN=a\\", "dn:CN=\\x4", "dn:CN=\xc3\xa9", "dn:0x", "dn:0x30", "dn:0x3001",
	"dn:0x300000", "dn:0x3000zz", "dn:CN=\\xff", "dn:CN=a\nO=b", "dn:1.2.3.4.5.6.7.8.x=a",
};

static void test_dn_text(void)
{
	char text[IDENT_TEXT_MAX], long_one[600] = "dn:CN=";
	u8 attr[IDENT_ATTR_MAX];
	struct ident id;
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(dn_good); i++) {
		tap_note("%s", dn_good[i].text);
		CHECK(!ident_parse(dn_good[i].text, attr, &n));
		if (!CHECK_EQ(n, 1 + dn_good[i].n))
			continue;
		if (dn_good[i].octets)
			CHECK_MEM(attr + 1, dn_good[i].octets, n - 1);
		CHECK(ident_from_attr(attr, n, &id));
		CHECK(!strcmp(ident_print(&id, text, sizeof(text)),
			      dn_good[i].again ? dn_good[i].again : dn_good[i].text));
	}
	for (i = 0; i < ARRAY_SIZE(dn_bad); i++) {
		tap_note("%s", dn_bad[i]);
		CHECK(ident_parse(dn_bad[i], attr, &n));
		CHECK_EQ(n, 0);
	}
	/* longer than a fixed buffer: an attribute's type, its value, the whole */
	memset(long_one + 6, 'a', 300);
	CHECK(ident_parse(long_one, attr, &n));
	memset(long_one + 3, 'a', 400);
	CHECK(ident_parse(long_one, attr, &n));
	strcpy(long_one, "dn:");
	for (i = 0; i < 30; i++)
		strcat(long_one, i ? ",O=bcdefgh" : "O=bcdefgh");
	CHECK(ident_parse(long_one, attr, &n));
}

/* Canonical octets are the same for equal identities, and for no others. */
static void canonical(const struct ident *a, const struct ident *b)
{
	u8 x[IDENT_UNIQUE_MAX], y[IDENT_UNIQUE_MAX];
	size_t n = ident_canonical(a, x), m = ident_canonical(b, y);

	CHECK((n == m && !memcmp(x, y, n)) == !ident_compare(a, b));
	CHECK(n > 1 && x[0] == a->type);
}

static void test_canonical(void)
{
	static const char *const all[] = {
		"fqdn:gw.example", "fqdn:GW.Example", "email:a@b", "email:A@B", "keyid:gw", "keyid:GW",
		"ipv4:192.0.2.1", "ipv4:192.0.2.2", "dn:CN=a", "dn:CN=A", "dn:CN=a,O=b", "dn:O=b,CN=a",
		"dn:O=two words,CN=a", "dn:O=\\x20Two\\x20\\x20Words,CN=a", "dn:C=DE,CN=a",
		"dn:0x300c310a30080603550403130161", "dn:CN=\\xc3\\xa9",
		"dn:0x30163114300806035504030c0161300806035504" "0a0c0162",
	};
	u8 x[IDENT_ATTR_MAX], y[IDENT_ATTR_MAX], broken[] = { 0x30, 3, 1, 'A' };
	struct ident a, b = { IKE_ID_DN, sizeof(broken), broken };
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		a = ident(all[i], x);
		canonical(&a, &b);
		for (k = 0; k < ARRAY_SIZE(all); k++) {
			b = ident(all[k], y);
			tap_note("%s and %s", all[i], all[k]);
			canonical(&a, &b);
		}
		b = (struct ident) { IKE_ID_DN, sizeof(broken), broken };
	}
	canonical(&b, &b);
}

static void test_dn_equal(void)
{
	static const struct { const char *a, *b; bool equal; } pairs[] = {
		{ "dn:CN=a", "dn:CN=A", true },
		{ "dn:O=two words,CN=a", "dn:O=Two\\x20\\x20Words,CN=a", true },
		/* a PrintableString and a UTF8String */
		{ "dn:CN=a", "dn:0x300c310a30080603550403130161", true },
		{ "dn:CN=a", "dn:CN=b", false }, { "dn:CN=a", "dn:O=a", false },
		{ "dn:CN=a,O=b", "dn:O=b,CN=a", false }, { "dn:CN=a", "dn:CN=a,O=b", false },
		{ "dn:CN=a,O=b", "dn:CN=a\\x2cO=b", false },
		/* two in one RDN are not two RDNs */
		{ "dn:CN=a,O=b", "dn:0x3016311430080603550403"
		  "0c0161300806035504" "0a0c0162", false },
	};
	u8 x[IDENT_ATTR_MAX], y[IDENT_ATTR_MAX];
	struct ident a, b;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		tap_note("%s and %s", pairs[i].a, pairs[i].b);
		a = ident(pairs[i].a, x);
		b = ident(pairs[i].b, y);
		CHECK(ident_equal(&a, &b) == pairs[i].equal && ident_equal(&b, &a) == pairs[i].equal);
		CHECK(ident_equal(&a, &a));
		CHECK(!ident_compare(&a, &b) == pairs[i].equal);
		CHECK(ident_compare(&a, &b) * ident_compare(&b, &a) <= 0);
		if (pairs[i].equal)
			CHECK_EQ(ident_hash(&a), ident_hash(&b));
	}
}

/* Octets of a name with one attribute, as some peer might write it; 0: there are none. */
static int one_attribute(int nid, int type, const char *value, int n, u8 *der)
{
	X509_NAME *name = X509_NAME_new();
	int len = 0;

	if (X509_NAME_add_entry_by_NID(name, nid, type, (const u8 *)value, n, -1, 0) &&
	    i2d_X509_NAME(name, NULL) <= IKE_ID_MAX)
		len = i2d_X509_NAME(name, &der);
	X509_NAME_free(name);
	ERR_clear_error();
	return len;
}

/* Whatever attribute a peer's name has: what is printed as text is read back as this name. */
static void test_dn_inverse(void)
{
	static const struct { int type; const char *value; int n; } values[] = {
		{ V_ASN1_UTF8STRING, "a", 1 }, { V_ASN1_PRINTABLESTRING, "DEU", 3 },
		{ V_ASN1_UTF8STRING, "", 0 }, { V_ASN1_BMPSTRING, "\0a\0,", 4 },
		{ V_ASN1_IA5STRING, "a@b, c\\=\0d", 10 }, { V_ASN1_UTF8STRING, "\xc3\xa9 ", 3 },
		{ V_ASN1_UTF8STRING, "\xff", 1 }, { V_ASN1_T61STRING, "\xe9", 1 },
		{ V_ASN1_OCTET_STRING, "\1\2", 2 }, { V_ASN1_PRINTABLESTRING,
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 160 },
	};
	unsigned int texts = 0, hexes = 0;
	u8 der[IKE_ID_MAX], attr[IDENT_ATTR_MAX], canon[IDENT_UNIQUE_MAX];
	char text[IDENT_TEXT_MAX];
	struct ident id, back;
	size_t i, len;
	int nid, n;

	for (nid = 1; nid < OBJ_new_nid(0); nid++) {
		for (i = 0; i < ARRAY_SIZE(values); i++) {
			n = one_attribute(nid, values[i].type, values[i].value, values[i].n, der);
			if (!n)
				continue;
			id = (struct ident) { IKE_ID_DN, (u8)n, der };
			CHECK(ident_canonical(&id, canon) > 1);
			ident_print(&id, text, sizeof(text));
			tap_note("attribute %d, value %zu: %s", nid, i, text);
			if (!dn_valid(der, (size_t)n))
				CHECK(!strncmp(text, "dn:0x", 5));
			else
				CHECK(!ident_parse(text, attr, &len) &&
				      ident_from_attr(attr, len, &back) && ident_equal(&back, &id));
			if (strncmp(text, "dn:0x", 5))
				texts++;
			else
				hexes++;
		}
	}
	CHECK(texts > 1000 && hexes > 1000);
}

/* Every part of a name, in memory that ends where it does, against the whole. */
static void test_dn_truncated(void)
{
	u8 whole[IDENT_ATTR_MAX], *cut, wrong[IDENT_ATTR_MAX];
	struct ident a = ident("dn:C=DE,O=Example Works,CN=gw-a.example", whole), b;
	size_t i;

	for (i = 1; i <= a.len; i++) {
		cut = malloc(i);
		memcpy(cut, a.value, i);
		b = (struct ident) { IKE_ID_DN, (u8)i, cut };
		CHECK(ident_equal(&a, &b) == (i == a.len) && ident_equal(&b, &a) == (i == a.len));
		CHECK(ident_equal(&b, &b) == (i == a.len));
		ident_hash(&b);
		free(cut);
	}
	/* each octet another one: never equal but for case */
	for (i = 0; i < a.len; i++) {
		memcpy(wrong, a.value, a.len);
		wrong[i] ^= 0x81;
		b = (struct ident) { IKE_ID_DN, a.len, wrong };
		CHECK(!ident_equal(&a, &b) && !ident_equal(&b, &a));
	}
}

/* What begins like DER: lengths of every form, in names of every type. */
static void test_dn_lengths(void)
{
	static const u8 types[] = { IKE_ID_DN, IKE_ID_FQDN, IKE_ID_EMAIL, IKE_ID_KEY_ID, IKE_ID_GN };
	u8 whole[IDENT_ATTR_MAX], *p, attr[IDENT_ATTR_MAX];
	struct ident name = ident("dn:CN=a", whole), id, back;
	char text[IDENT_TEXT_MAX];
	size_t i, k, n, len;

	for (i = 0; i < 256; i++) {
		for (k = 0; k < ARRAY_SIZE(types); k++) {
			for (n = 2; n <= 10; n += 2) {
				p = malloc(n);
				memset(p, (int)(i * 7 + n), n);
				p[0] = 0x30;
				p[1] = (u8)i;
				id = (struct ident) { types[k], (u8)n, p };
				CHECK(!ident_equal(&id, &name));
				ident_print(&id, text, sizeof(text));
				if (types[k] == IKE_ID_DN && !(i == 0 && n == 2))
					CHECK(!strncmp(text, "dn:0x30", 7));
				if (!ident_parse(text, attr, &len))
					CHECK(ident_from_attr(attr, len, &back) &&
					      ident_equal(&back, &id));
				free(p);
			}
		}
	}
}

/* ---- patterns ------------------------------------------------------------------- */

static void test_patterns(void)
{
	static const struct { const char *pattern, *id; bool takes; } cases[] = {
		{ "fqdn:*.example", "fqdn:a.example", true },
		{ "fqdn:*.example", "fqdn:a.b.EXAMPLE", true },
		{ "fqdn:*", "fqdn:a", true },
		{ "email:*@example.org", "email:ann@Example.org", true },
		{ "fqdn:*.example", "fqdn:.example", false },	/* nothing where the * is */
		{ "fqdn:*.example", "fqdn:example", false },
		{ "fqdn:*.example", "fqdn:a.example.net", false },
		{ "fqdn:*.example", "fqdn:aXexample", false },
		{ "fqdn:*.example", "email:a.example", false },
		{ "fqdn:*.example", "keyid:a.example", false },
		/* what a peer says is never a pattern */
		{ "fqdn:*.example", "fqdn:*.example", false },
		{ "fqdn:*.example", "fqdn:*a.example", false },
		/* an exact one takes nothing here */
		{ "fqdn:a.example", "fqdn:a.example", false },
		{ "keyid:*", "keyid:a", false },
		/* only the first "*" means something */
		{ "fqdn:*.*.example", "fqdn:a.b.example", false },
		{ "fqdn:*.*.example", "fqdn:a.*.example", true },
	};
	u8 x[IDENT_ATTR_MAX], y[IDENT_ATTR_MAX];
	struct ident pattern, id;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		tap_note("%s and %s", cases[i].pattern, cases[i].id);
		pattern = ident(cases[i].pattern, x);
		id = ident(cases[i].id, y);
		CHECK(ident_matches(&pattern, &id) == cases[i].takes);
	}
}

int main(void)
{
	TAP_RUN(test_id_text, "identity: text and octets (RFC 7296, 3.5)");
	TAP_RUN(test_id_limits, "identity: the longest, and types without a name");
	TAP_RUN(test_id_octets, "identity: payload bodies, equality");
	TAP_RUN(test_dn_text, "identity: names as an operator types them (threat 29)");
	TAP_RUN(test_canonical, "identity: canonical octets are those of equal identities alone");
	TAP_RUN(test_dn_equal, "identity: names are equal as names (RFC 5280, 7.1)");
	TAP_RUN(test_dn_inverse, "identity: what is printed of any name is read back as the same");
	TAP_RUN(test_dn_truncated, "identity: truncated and mutated names equal nothing (threat 27)");
	TAP_RUN(test_dn_lengths, "identity: what begins like DER (threat 28)");
	TAP_RUN(test_patterns, "identity: patterns");
	return tap_done();
}
