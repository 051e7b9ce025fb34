// SPDX-License-Identifier: GPL-2.0
/*
 * The helper's decisions: identities, AUTH with a pre-shared secret (RFC 7296,
 * 2.15), which peer, which secret.
 */
#include "helper.h"

/* ---- identities (RFC 7296, 3.5) --------------------------------------------- */

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
	"keyid:", "keyid:0x", "keyid:0x0", "keyid:0xzz", "keyid:0x00f", "dn:CN=a", "type-9:0x00",
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

/* ---- AUTH (RFC 7296, 2.15) -------------------------------------------------- */

/*
 * Computed with Python, and the first again with nothing but `openssl dgst`:
 *
 *	def prf(h, k, d): return hmac.new(k, d, h).digest()
 *	prf(h, prf(h, secret, b'Key Pad for IKEv2'), msg + nonce + prf(h, sk_p, id))
 *
 * msg1[i] = 1 + 7i (300), msg2[i] = 2 + 5i (260), Ni = 10..2f, Nr = 40..5f,
 * SK_pi = 80.., SK_pr = c0.. (PRF's length); the hex secret is (00 ff)*32 01.
 */
static const struct {
	u16 prf;
	bool hex;
	bool initiator;
	const char *auth;
} vectors[] = {
	{ IKE_PRF_HMAC_SHA2_256, false, true,
	  "b8d4451cc9b75067c3f71e93e44e98dd28f5dddefb16fe615c9afa0675ae943f" },
	{ IKE_PRF_HMAC_SHA2_256, false, false,
	  "6aac1a43b27768ab6b24b17d521d22035a33e5601bb5c86e0fefc2d05e3bf3c3" },
	{ IKE_PRF_HMAC_SHA2_256, true, true,
	  "bb3ab47a3459edd04862bb31fabcf6160e66a9538c5af82618154f4f7292f19d" },
	{ IKE_PRF_HMAC_SHA2_256, true, false,
	  "66ee26d376617201a8935aaaad7307d06ba5035d839b851e8be258cdd3a427eb" },
	{ IKE_PRF_HMAC_SHA2_384, false, true,
	  "a332d5957e3b578606605859fcfd2f7ebdf280048b1b2afb22ece8000e93ff31"
	  "78f531eebce19dc457e195cb3a0ab839" },
	{ IKE_PRF_HMAC_SHA2_384, false, false,
	  "7918b6c1584c03a4e3e685ac7cd33cd2c19ac2c0173d74da96bc1a9caee3edc1"
	  "2f8a97980595a42f0dc033c1f7573e41" },
	{ IKE_PRF_HMAC_SHA2_384, true, true,
	  "f11de78396ac2990dc10d48e0928cfe839014b4969e18215aa1f75b347d658b2"
	  "340ae50ed137609d7bd49689209ea069" },
	{ IKE_PRF_HMAC_SHA2_384, true, false,
	  "ff2138845f13894e64c6259932938df9f410d0cc48e0ab691d0e51c5f0985410"
	  "29c4d14d2d9021e4d800da086d3f33d8" },
};

static size_t unhex(const char *hex, u8 *out)
{
	size_t n;

	for (n = 0; sscanf(hex + 2 * n, "%2hhx", &out[n]) == 1; n++)
		;
	return n;
}

static void test_psk_vectors(void)
{
	u8 hex_secret[65], want[PSK_PRF_MAX], got[PSK_PRF_MAX];
	struct octets text = { (const u8 *)TEXT_SECRET, strlen(TEXT_SECRET) };
	struct octets hex = { hex_secret, sizeof(hex_secret) };
	struct psk_signed s;
	size_t i, n;

	for (i = 0; i < sizeof(hex_secret); i++)
		hex_secret[i] = i % 2 ? 0xff : 0;
	hex_secret[64] = 1;
	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		tap_note("vector %zu", i);
		s = signed_octets(vectors[i].initiator, psk_prf_len(vectors[i].prf));
		n = psk_auth(vectors[i].prf, vectors[i].hex ? &hex : &text, &s, got);
		CHECK_EQ(n, unhex(vectors[i].auth, want));
		CHECK_MEM(got, want, n);
	}
}

static void test_psk_refuses(void)
{
	struct octets secret = { (const u8 *)TEXT_SECRET, strlen(TEXT_SECRET) };
	struct octets empty = { (const u8 *)"", 0 };
	struct psk_signed s = signed_octets(true, 32), bad;
	u8 out[PSK_PRF_MAX];

	CHECK_EQ(psk_auth(IKE_PRF_HMAC_SHA2_256, &secret, &s, out), 32);
	CHECK_EQ(psk_auth(IKE_PRF_HMAC_SHA2_256, &empty, &s, out), 0);
	CHECK_EQ(psk_auth(2 /* HMAC-SHA1 */, &secret, &s, out), 0);
	CHECK_EQ(psk_auth(0, &secret, &s, out), 0);
	CHECK_EQ(psk_auth(IKE_PRF_HMAC_SHA2_384, &secret, &s, out), 0);	/* SK_p of 32 */
	bad = s;
	bad.msg.n = 0;
	CHECK_EQ(psk_auth(IKE_PRF_HMAC_SHA2_256, &secret, &bad, out), 0);
	bad = s;
	bad.nonce.n = 0;
	CHECK_EQ(psk_auth(IKE_PRF_HMAC_SHA2_256, &secret, &bad, out), 0);
	bad = s;
	bad.id.n = 0;
	CHECK_EQ(psk_auth(IKE_PRF_HMAC_SHA2_256, &secret, &bad, out), 0);
}

/* Nothing but the right AUTH is the right AUTH. */
static void wrong_auths(u16 prf, size_t len)
{
	struct octets secret = { (const u8 *)TEXT_SECRET, strlen(TEXT_SECRET) };
	struct octets other = { (const u8 *)"A shared secret of 33 octets, yes", 33 };
	struct octets shorter = { secret.p, secret.n - 1 };
	u16 prf2 = prf == IKE_PRF_HMAC_SHA2_256 ? IKE_PRF_HMAC_SHA2_384 : IKE_PRF_HMAC_SHA2_256;
	struct psk_signed his = signed_octets(true, len), s;
	u8 good[PSK_PRF_MAX + 1] = { 0 }, bad[IKE_AUTH_MAX] = { 0 };
	struct octets auth = { good, len }, wrong = { bad, len };
	size_t i;

	CHECK_EQ(psk_auth(prf, &secret, &his, good), len);
	CHECK(psk_verify(prf, &secret, &his, &auth));

	/* empty, zero, ones, one bit off anywhere, every other length */
	wrong.n = 0;
	CHECK(!psk_verify(prf, &secret, &his, &wrong));
	wrong.n = len;
	CHECK(!psk_verify(prf, &secret, &his, &wrong));
	memset(bad, 0xff, len);
	CHECK(!psk_verify(prf, &secret, &his, &wrong));
	for (i = 0; i < 8 * len; i++) {
		memcpy(bad, good, len);
		bad[i / 8] ^= (u8)(1 << i % 8);
		CHECK(!psk_verify(prf, &secret, &his, &wrong));
	}
	memcpy(bad, good, len);
	for (i = 1; i <= sizeof(bad); i++) {
		wrong.n = i;
		CHECK(psk_verify(prf, &secret, &his, &wrong) == (i == len));
	}
	wrong.n = len;

	/* other key, shorter key, empty key */
	CHECK(!psk_verify(prf, &other, &his, &auth));
	CHECK(!psk_verify(prf, &shorter, &his, &auth));
	secret.n = 0;
	CHECK(!psk_verify(prf, &secret, &his, &auth));
	secret.n = strlen(TEXT_SECRET);

	/* another hash, truncated or not */
	s = signed_octets(true, psk_prf_len(prf2));
	wrong.n = psk_auth(prf2, &secret, &s, bad);
	CHECK(wrong.n && !psk_verify(prf, &secret, &his, &wrong));
	wrong.n = len;
	CHECK(!psk_verify(prf, &secret, &his, &wrong));

	/* right key, wrong octets: each part in turn */
	s = signed_octets(false, len);		/* reflected: the responder's own */
	CHECK(psk_auth(prf, &secret, &s, bad) && !psk_verify(prf, &secret, &his, &wrong));
	s = his;
	s.msg.n--;
	CHECK(psk_auth(prf, &secret, &s, bad) && !psk_verify(prf, &secret, &his, &wrong));
	s = his;
	s.nonce.p = n_i;			/* our own nonce instead of theirs */
	CHECK(psk_auth(prf, &secret, &s, bad) && !psk_verify(prf, &secret, &his, &wrong));
	s = his;
	s.sk_p.p = sk_r;
	CHECK(psk_auth(prf, &secret, &s, bad) && !psk_verify(prf, &secret, &his, &wrong));
	s = his;
	s.id = id_b_body;
	CHECK(psk_auth(prf, &secret, &s, bad) && !psk_verify(prf, &secret, &his, &wrong));
}

static void test_psk_negative(void)
{
	wrong_auths(IKE_PRF_HMAC_SHA2_256, 32);
	wrong_auths(IKE_PRF_HMAC_SHA2_384, 48);
}

/* ---- decisions ---------------------------------------------------------------- */

static void conversation(u16 prf, size_t len)
{
	struct config *a = side_a(TEXT_SECRET), *b = side_b(TEXT_SECRET);
	struct question q = question(ISAKMP_UPCALL_I_AUTH, "gw-b");
	struct answer i, r, v;

	/* the initiator's AUTH is the vector's */
	q.prf = prf;
	q.sk_pi.n = len;
	i = decide(a, &q);
	CHECK_REASON(i.reason, ISAKMP_OK);
	CHECK_EQ(i.auth_method, IKE_AM_PSK);
	CHECK_EQ(i.auth_len, len);
	CHECK_EQ(i.local_id_len, id_a_body.n);
	CHECK_MEM(i.local_id, id_a, id_a_body.n);
	CHECK_EQ(i.remote_id_len, id_b_body.n);
	CHECK_MEM(i.remote_id, id_b, id_b_body.n);

	q = question(ISAKMP_UPCALL_R_AUTH, "gw-a");
	q.prf = prf;
	q.sk_pi.n = q.sk_pr.n = len;
	q.auth = (struct octets) { i.auth, i.auth_len };
	r = decide(b, &q);
	CHECK_REASON(r.reason, ISAKMP_OK);
	CHECK(r.peer && !strcmp(r.peer->name, "gw-a") && r.peer->gen == 9);
	CHECK_EQ(r.local_id_len, id_b_body.n);
	CHECK_MEM(r.local_id, id_b, id_b_body.n);
	CHECK_EQ(r.auth_method, IKE_AM_PSK);

	q = question(ISAKMP_UPCALL_I_VERIFY, "gw-b");
	q.prf = prf;
	q.sk_pr.n = len;
	q.auth = (struct octets) { r.auth, r.auth_len };
	v = decide(a, &q);
	CHECK_REASON(v.reason, ISAKMP_OK);
	CHECK_EQ(v.auth_len, 0);

	/* our own AUTH sent back to us is not the responder's */
	q.auth = (struct octets) { i.auth, i.auth_len };
	CHECK_REASON(decide(a, &q).reason, ISAKMP_R_AUTH_FAILED);
	config_put(a);
	config_put(b);
}

static void test_conversation(void)
{
	conversation(IKE_PRF_HMAC_SHA2_256, 32);
	conversation(IKE_PRF_HMAC_SHA2_384, 48);
}

static void test_r_auth_refuses(void)
{
	struct config *c = side_b(TEXT_SECRET), *other = side_b("another secret, as long as it is");
	struct config *none = side_b("unreadable"), *empty = side_b("");
	u8 auth[PSK_PRF_MAX];
	struct question good = r_auth(auth), q;
	static const u8 methods[] = { 0, IKE_AM_RSA_SIG, IKE_AM_DSS_SIG, 13, IKE_AM_DIGITAL_SIG, 255 };
	size_t i;

	CHECK_REASON(decide(c, &good).reason, ISAKMP_OK);
	CHECK_REASON(decide(other, &good).reason, ISAKMP_R_AUTH_FAILED);
	CHECK_REASON(decide(none, &good).reason, ISAKMP_R_NO_SECRET);
	CHECK_REASON(decide(empty, &good).reason, ISAKMP_R_NO_SECRET);
	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		q = good;
		q.auth_method = methods[i];
		CHECK_REASON(decide(c, &q).reason, ISAKMP_R_AUTH_FAILED);
	}
	for (i = 0; i < 32; i++) {
		q = good;
		q.auth.n = i;
		CHECK_REASON(decide(c, &q).reason, ISAKMP_R_AUTH_FAILED);
	}
	q = good;
	q.id_i = id_b_body;
	CHECK_REASON(decide(c, &q).reason, ISAKMP_R_NO_IDENTITY);
	q = good;
	q.id_r = id_a_body;	/* IDr: they want somebody else */
	CHECK_REASON(decide(c, &q).reason, ISAKMP_R_NO_IDENTITY);
	q = good;
	q.id_r.n = 0;		/* no IDr: whoever we are */
	CHECK_REASON(decide(c, &q).reason, ISAKMP_OK);
	/* RFC 7296, 2.15: AUTH covers RESERVED, though it means nothing */
	q = good;
	q.id_i = (struct octets) { (const u8 *)"\x02\0\0\1gw-a.example", id_a_body.n };
	CHECK_REASON(decide(c, &q).reason, ISAKMP_R_AUTH_FAILED);
	q = good;
	q.peer[0].name = "gw-x";
	CHECK_REASON(decide(c, &q).reason, ISAKMP_R_NO_IDENTITY);
	config_put(c);
	config_put(other);
	config_put(none);
	config_put(empty);
}

static const char *chosen(const struct config *c, const struct question *q)
{
	struct answer a = decide(c, q);

	return a.peer ? a.peer->name : "";
}

static void test_r_auth_chooses(void)
{
	struct config *c = config_new();
	u8 auth[PSK_PRF_MAX];
	struct question q = r_auth(auth);

	add_peer(c, "any", 1, B, "psk", "any", NULL);
	add_peer(c, "other", 2, B, "psk", "fqdn:gw-c.example", NULL);
	add_peer(c, "exact", 3, B, "psk", A, NULL);
	add_peer(c, "exact-too", 4, B, "bad", A, NULL);
	add_peer(c, "as-another", 5, "fqdn:vpn.example", "psk", "fqdn:GW-A.EXAMPLE", NULL);
	add_peer(c, "no-local", 6, NULL, NULL, A, "psk");
	add_peer(c, "no-remote", 7, B, "psk", NULL, NULL);
	add_peer(c, "local-any", 8, "any", "psk", A, NULL);
	add_cred(c, "psk", NULL, TEXT_SECRET);
	add_cred(c, "bad", NULL, "this is not what they think");
	CHECK_EQ(config_finish(c), 0);

	/* an exact identity before any, whatever the order */
	q.n_peer = 3;
	q.peer[0].name = "any", q.peer[1].name = "other", q.peer[2].name = "exact";
	CHECK(!strcmp(chosen(c, &q), "exact"));
	q.n_peer = 2;
	CHECK(!strcmp(chosen(c, &q), "any"));
	/* within the exact ones the first; its secret alone is tried */
	q.peer[0].name = "exact-too", q.peer[1].name = "exact";
	reads = 0;
	CHECK_REASON(decide(c, &q).reason, ISAKMP_R_AUTH_FAILED);
	CHECK_EQ(reads, 1);
	/* IDr decides between identities of ours */
	q.peer[0].name = "as-another", q.peer[1].name = "exact";
	CHECK(!strcmp(chosen(c, &q), "exact"));
	q.id_r = (struct octets) { (const u8 *)"\x02\0\0\0vpn.example", 15 };
	CHECK(!strcmp(chosen(c, &q), "as-another"));
	q.id_r.n = 0;
	CHECK(!strcmp(chosen(c, &q), "as-another"));
	/* peers whose auth objects are incomplete are none */
	q.n_peer = 3;
	q.peer[0].name = "no-local", q.peer[1].name = "no-remote", q.peer[2].name = "local-any";
	CHECK_REASON(decide(c, &q).reason, ISAKMP_R_NO_IDENTITY);
	config_put(c);
}

static void test_which_secret(void)
{
	struct config *c = config_new();
	u8 auth[PSK_PRF_MAX];
	struct question q = r_auth(auth);

	/* of each pair only the right cred holds TEXT_SECRET */
	add_peer(c, "both", 1, B, "bad", A, "psk");
	add_peer(c, "other-side", 2, B, "psk", A, NULL);
	add_peer(c, "by-id", 3, B, NULL, A, NULL);
	add_peer(c, "any-by-id", 4, B, NULL, "any", NULL);
	add_peer(c, "gone", 5, B, NULL, A, "no-such-cred");
	add_cred(c, "psk", NULL, TEXT_SECRET);
	add_cred(c, "bad", NULL, "this is not what they think");
	add_cred(c, "z-for-a", A, "the first by name is another");
	add_cred(c, "b-for-a", A, TEXT_SECRET);
	add_cred(c, "a-for-c", "fqdn:gw-c.example", "not for gw-a");
	CHECK_EQ(config_finish(c), 0);

	q.peer[0].name = "both";
	CHECK_REASON(decide(c, &q).reason, ISAKMP_OK);
	q.peer[0].name = "other-side";
	CHECK_REASON(decide(c, &q).reason, ISAKMP_OK);
	q.peer[0].name = "by-id";
	CHECK_REASON(decide(c, &q).reason, ISAKMP_OK);
	q.peer[0].name = "any-by-id";
	CHECK_REASON(decide(c, &q).reason, ISAKMP_OK);
	/* a name that leads nowhere is not replaced by a guess */
	q.peer[0].name = "gone";
	CHECK_REASON(decide(c, &q).reason, ISAKMP_R_NO_SECRET);

	/* as initiator the identity of "any" is not known yet */
	q = question(ISAKMP_UPCALL_I_AUTH, "any-by-id");
	CHECK_REASON(decide(c, &q).reason, ISAKMP_R_NO_SECRET);
	q.peer[0].name = "other-side";
	CHECK_REASON(decide(c, &q).reason, ISAKMP_OK);
	q.peer[0].name = "no-such-peer";
	CHECK_REASON(decide(c, &q).reason, ISAKMP_R_NO_IDENTITY);
	config_put(c);
}

static void test_i_verify(void)
{
	struct octets secret = { (const u8 *)TEXT_SECRET, strlen(TEXT_SECRET) };
	struct psk_signed s = signed_octets(false, 32);
	struct question q = question(ISAKMP_UPCALL_I_VERIFY, "gw-b");
	struct config *c = side_a(TEXT_SECRET), *any = config_new();
	u8 auth[PSK_PRF_MAX];

	add_peer(any, "gw-b", 7, A, "psk", "any", NULL);
	add_cred(any, "psk", NULL, TEXT_SECRET);
	CHECK_EQ(config_finish(any), 0);
	q.auth = (struct octets) { auth, psk_auth(q.prf, &secret, &s, auth) };
	CHECK_REASON(decide(c, &q).reason, ISAKMP_OK);
	CHECK_REASON(decide(any, &q).reason, ISAKMP_OK);

	/* right secret, other identity: an insider is not somebody else */
	s.id = q.id_r = (struct octets) { (const u8 *)"\x02\0\0\0gw-c.example", 16 };
	CHECK(psk_auth(q.prf, &secret, &s, auth));
	CHECK_REASON(decide(c, &q).reason, ISAKMP_R_NO_IDENTITY);
	CHECK_REASON(decide(any, &q).reason, ISAKMP_OK);
	q.auth_method = IKE_AM_RSA_SIG;
	CHECK_REASON(decide(any, &q).reason, ISAKMP_R_AUTH_FAILED);
	config_put(c);
	config_put(any);
}

/* Every part that a kind of question needs, missing, too short and too long. */
static void test_incomplete(void)
{
	static const struct {
		size_t offset;
		size_t bad[5];
		u8 kinds;	/* BIT(kind) */
	} parts[] = {
		{ offsetof(struct question, msg_i), { 0, 27, 16385 }, BIT(1) | BIT(2) },
		{ offsetof(struct question, msg_r), { 0, 27, 16385 }, BIT(2) | BIT(3) },
		{ offsetof(struct question, ni), { 0, 15, 257 }, BIT(2) | BIT(3) },
		{ offsetof(struct question, nr), { 0, 15, 257 }, BIT(1) | BIT(2) },
		{ offsetof(struct question, sk_pi), { 0, 31, 33, 48 }, BIT(1) | BIT(2) },
		{ offsetof(struct question, sk_pr), { 0, 31, 33, 48 }, BIT(2) | BIT(3) },
		{ offsetof(struct question, id_i), { 0, 4, 260 }, BIT(2) },
		{ offsetof(struct question, id_r), { 4, 260 }, BIT(2) | BIT(3) },
	};
	struct config *c = side_b(TEXT_SECRET);
	struct octets *o;
	struct question q;
	size_t i, j;
	u8 kind;

	for (kind = 1; kind <= 3; kind++) {
		for (i = 0; i < ARRAY_SIZE(parts); i++) {
			for (j = 0; j < 5 && (!j || parts[i].bad[j]); j++) {
				q = question(kind, "gw-a");
				o = (struct octets *)((u8 *)&q + parts[i].offset);
				o->n = parts[i].bad[j];
				tap_note("kind %u part %zu length %zu", kind, i, o->n);
				if (parts[i].kinds & BIT(kind))
					CHECK_REASON(decide(c, &q).reason, ISAKMP_R_HELPER_ERROR);
			}
		}
		q = question(kind, "gw-a");
		q.prf = 2;
		CHECK_REASON(decide(c, &q).reason, ISAKMP_R_HELPER_ERROR);
		q = question(kind, "gw-a");
		q.n_peer = 0;
		CHECK_REASON(decide(c, &q).reason, ISAKMP_R_HELPER_ERROR);
	}
	tap_note(" ");
	q = question(ISAKMP_UPCALL_I_VERIFY, "gw-a");
	q.id_r.n = 0;
	CHECK_REASON(decide(c, &q).reason, ISAKMP_R_HELPER_ERROR);
	q = question(0, "gw-a");
	CHECK_REASON(decide(c, &q).reason, ISAKMP_R_HELPER_ERROR);
	q = question(5, "gw-a");
	CHECK_REASON(decide(c, &q).reason, ISAKMP_R_HELPER_ERROR);
	config_put(c);
}

static void test_outdated(void)
{
	struct config *c = side_b(TEXT_SECRET);
	struct question q = question(ISAKMP_UPCALL_I_AUTH, "gw-a");

	CHECK(!auth_outdated(c, &q));
	q.peer[0].has_gen = true;
	q.peer[0].gen = 9;
	CHECK(!auth_outdated(c, &q));
	q.peer[0].gen = 10;
	CHECK(auth_outdated(c, &q));
	q.peer[0].gen = 8;		/* the SA began on an older peer */
	CHECK(!auth_outdated(c, &q));
	q.peer[0].gen = 0xfffffff0U;	/* wrapped */
	CHECK(!auth_outdated(c, &q));
	q = question(ISAKMP_UPCALL_R_AUTH, "gw-a");
	q.n_peer = 2;
	q.peer[1].name = "new";
	CHECK(auth_outdated(c, &q));
	config_put(c);
}

static void test_many(void)
{
	struct config *c = config_new(), *again;
	char name[16], id[24];
	unsigned int i;

	for (i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "p%u", i * 7919 % 3000);
		snprintf(id, sizeof(id), "fqdn:n%u", i * 7919 % 3000);
		add_peer(c, name, i, A, NULL, id, NULL);
		add_cred(c, name, id, "secret");
	}
	add_auth(c, "nobody", ISAKMP_SIDE_LOCAL, A, NULL);
	CHECK_EQ(config_finish(c), 0);
	again = config_get(c);
	config_put(c);
	CHECK_EQ(config_peers(again), 3000);
	for (i = 0; i < 3000; i++) {
		u8 attr[IDENT_ATTR_MAX];
		struct ident v;

		snprintf(name, sizeof(name), "p%u", i);
		snprintf(id, sizeof(id), "fqdn:n%u", i);
		v = ident(id, attr);
		CHECK(config_find_peer(again, name) &&
		      ident_equal(&config_find_peer(again, name)->remote.id, &v));
		CHECK(config_cred_for(again, &v) == config_find_cred(again, name));
	}
	CHECK(!config_find_peer(again, "nobody"));
	CHECK(config_cred_at(again, 2999) && !config_cred_at(again, 3000));
	config_put(again);
}

int main(void)
{
	fill_all();
	TAP_RUN(test_id_text, "identity: text and octets (RFC 7296, 3.5)");
	TAP_RUN(test_id_limits, "identity: the longest, and types without a name");
	TAP_RUN(test_id_octets, "identity: payload bodies, equality");
	TAP_RUN(test_psk_vectors, "psk: AUTH computed elsewhere (RFC 7296, 2.15)");
	TAP_RUN(test_psk_refuses, "psk: empty secret, unknown PRF, missing parts");
	TAP_RUN(test_psk_negative, "psk: whatever is not the right AUTH is refused");
	TAP_RUN(test_conversation, "auth: i-auth, r-auth, i-verify between two sides");
	TAP_RUN(test_r_auth_refuses, "auth: r-auth refuses: secret, method, identity");
	TAP_RUN(test_r_auth_chooses, "auth: r-auth chooses among candidates");
	TAP_RUN(test_which_secret, "auth: which cred's secret");
	TAP_RUN(test_i_verify, "auth: i-verify holds the responder to its identity");
	TAP_RUN(test_incomplete, "auth: incomplete questions are helper-error");
	TAP_RUN(test_outdated, "auth: when a snapshot is too old");
	TAP_RUN(test_many, "config: thousands of objects are found again");
	return tap_done();
}
