// SPDX-License-Identifier: GPL-2.0
/* Identities (RFC 7296, 3.5): text, octets, equality, patterns, distinguished names. */
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

int main(void)
{
	TAP_RUN(test_id_text, "identity: text and octets (RFC 7296, 3.5)");
	TAP_RUN(test_id_limits, "identity: the longest, and types without a name");
	TAP_RUN(test_id_octets, "identity: payload bodies, equality");
	return tap_done();
}
