// SPDX-License-Identifier: GPL-2.0
/*
 * The helper's decisions: identities, secrets, AUTH with a pre-shared secret
 * (RFC 7296, 2.15), which peer, and the attributes between kernel and helper.
 */
#include <errno.h>
#include <fcntl.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <isakmp/ikev2.h>
#include "common/id.h"
#include "isakmpd/auth.h"
#include "isakmpd/objects.h"
#include "isakmpd/secret.h"
#include "isakmpd/upcall.h"
#include "tap.h"

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

static u8 msg_1[300], msg_2[260], n_i[32], n_r[32], sk_i[48], sk_r[48];
static const u8 id_a[] = "\x02\0\0\0gw-a.example";	/* without the terminator */
static const u8 id_b[] = "\x03\0\0\0gw-b@example.org";
static const struct octets id_a_body = { id_a, sizeof(id_a) - 1 };
static const struct octets id_b_body = { id_b, sizeof(id_b) - 1 };

static void fill(u8 *p, size_t n, u8 first, u8 step)
{
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = (u8)(first + i * step);
}

static void fill_all(void)
{
	fill(msg_1, sizeof(msg_1), 1, 7);
	fill(msg_2, sizeof(msg_2), 2, 5);
	fill(n_i, sizeof(n_i), 0x10, 1);
	fill(n_r, sizeof(n_r), 0x40, 1);
	fill(sk_i, sizeof(sk_i), 0x80, 1);
	fill(sk_r, sizeof(sk_r), 0xc0, 1);
}

static struct psk_signed signed_octets(bool initiator, size_t prf_len)
{
	struct psk_signed i = { { msg_1, sizeof(msg_1) }, { n_r, sizeof(n_r) },
				{ sk_i, prf_len }, id_a_body };
	struct psk_signed r = { { msg_2, sizeof(msg_2) }, { n_i, sizeof(n_i) },
				{ sk_r, prf_len }, id_b_body };

	return initiator ? i : r;
}

#define TEXT_SECRET "a shared secret of 33 octets, yes"

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

/* A source in memory: the secret of a cred is the text in its `file`. */
static unsigned int reads;

static bool read_text(const struct secret_source *src, const struct config_cred *cred,
		      struct secret *s)
{
	reads++;
	if (!strcmp(cred->file, "unreadable"))
		return false;
	s->n = strlen(cred->file);
	memcpy(s->octets, cred->file, s->n);
	return true;
}

static const struct secret_source source = { read_text };

static struct ident ident(const char *text, u8 attr[IDENT_ATTR_MAX])
{
	struct ident id = { 0 };
	size_t n;

	CHECK(!ident_parse(text, attr, &n));
	CHECK(ident_from_attr(attr, n, &id));
	return id;
}

static void add_auth(struct config *c, const char *peer, u8 side, const char *id,
		     const char *cred)
{
	u8 attr[IDENT_ATTR_MAX];
	struct config_auth a = { .method = ISAKMP_METHOD_PSK, .cred = cred };

	a.id = ident(id, attr);
	CHECK_EQ(config_add_auth(c, peer, side, &a), 0);
}

static void add_peer(struct config *c, const char *name, u32 gen, const char *local,
		     const char *local_cred, const char *remote, const char *remote_cred)
{
	struct config_peer p = { .name = name, .gen = gen };

	CHECK_EQ(config_add_peer(c, &p), 0);
	if (local)
		add_auth(c, name, ISAKMP_SIDE_LOCAL, local, local_cred);
	if (remote)
		add_auth(c, name, ISAKMP_SIDE_REMOTE, remote, remote_cred);
}

static void add_cred(struct config *c, const char *name, const char *id, const char *secret)
{
	u8 attr[IDENT_ATTR_MAX];
	struct ident v;
	struct config_cred k = { .name = name, .type = ISAKMP_CRED_PSK, .file = secret, .id = &v };

	if (id) {
		v = ident(id, attr);
		k.n_id = 1;
	}
	CHECK_EQ(config_add_cred(c, &k), 0);
}

#define A "fqdn:gw-a.example"
#define B "email:gw-b@example.org"

static struct config *side_a(const char *secret)
{
	struct config *c = config_new();

	add_peer(c, "gw-b", 7, A, NULL, B, NULL);
	add_cred(c, "psk", B, secret);
	CHECK_EQ(config_finish(c), 0);
	return c;
}

static struct config *side_b(const char *secret)
{
	struct config *c = config_new();

	add_peer(c, "gw-a", 9, B, "psk", A, NULL);
	add_cred(c, "psk", NULL, secret);
	CHECK_EQ(config_finish(c), 0);
	return c;
}

static struct question question(u8 kind, const char *peer)
{
	struct question q = {
		.id = 42, .sa = 1, .kind = kind, .prf = IKE_PRF_HMAC_SHA2_256,
		.n_peer = 1, .peer = { { .name = peer } }, .auth_method = IKE_AM_PSK,
		.msg_i = { msg_1, sizeof(msg_1) }, .msg_r = { msg_2, sizeof(msg_2) },
		.ni = { n_i, sizeof(n_i) }, .nr = { n_r, sizeof(n_r) },
		.sk_pi = { sk_i, 32 }, .sk_pr = { sk_r, 32 },
		.id_i = id_a_body, .id_r = id_b_body,
	};

	return q;
}

static bool zero(const void *p, size_t n)
{
	const u8 *o = p;

	while (n && !*o)
		n--, o++;
	return !n;
}

/* Decides; whatever comes out, no secret stays behind and a refusal is bare. */
static struct answer decide(const struct config *c, const struct question *q)
{
	struct secret scratch;
	struct answer a;

	memset(&scratch, 0xaa, sizeof(scratch));
	memset(&a, 0xaa, sizeof(a));
	auth_decide(c, &source, q, &scratch, &a);
	CHECK(zero(&scratch, sizeof(scratch)));
	CHECK_EQ(a.id, q->id);
	CHECK_EQ(a.kind, q->kind);
	if (a.reason) {
		CHECK(a.why);
		CHECK(!a.local_id_len && !a.remote_id_len && !a.auth_len);
		CHECK(zero(a.auth, sizeof(a.auth)));
	}
	return a;
}

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

/* The initiator's right AUTH under TEXT_SECRET, as a question to "gw-a". */
static struct question r_auth(u8 auth[PSK_PRF_MAX])
{
	struct octets secret = { (const u8 *)TEXT_SECRET, strlen(TEXT_SECRET) };
	struct psk_signed s = signed_octets(true, 32);
	struct question q = question(ISAKMP_UPCALL_R_AUTH, "gw-a");

	q.auth = (struct octets) { auth, psk_auth(q.prf, &secret, &s, auth) };
	return q;
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
	q = question(4, "gw-a");
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

/* ---- files of secrets ---------------------------------------------------------- */

static char dir[64];

static char *path(const char *name)
{
	static char p[PATH_MAX];

	snprintf(p, sizeof(p), "%s/%s", dir, name);
	return p;
}

static void put_file(const char *name, const void *octets, size_t n, mode_t mode)
{
	int fd = open(path(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0 && write(fd, octets, n) == (ssize_t)n);
	CHECK(!fchmod(fd, mode));
	close(fd);
}

static const char *try(const char *file, struct secret *s)
{
	const char *why = secret_read(dir, file, s);

	CHECK(!why == !!s->n);		/* refused: nothing is left */
	return why;
}

static bool make_dir(void)
{
	strcpy(dir, "/tmp/isakmpd-test-XXXXXX");
	return mkdtemp(dir) && !mkdir(path("in"), 0700);
}

static void remove_dir(void)
{
	static const char *const names[] = {
		"good", "mode", "dir", "out", "chain", "inside", "fifo", "big", "empty", "in/deep",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (unlink(path(names[i])) && errno == EISDIR)
			rmdir(path(names[i]));
	rmdir(path("in"));
	CHECK(!rmdir(dir));
}

static void check_modes(void)
{
	static const mode_t good[] = { 0600, 0400, 0640, 0440, 0700 };
	static const mode_t bad[] = { 0644, 0604, 0601, 0602, 0660, 0620, 0666, 0777, 04604 };
	struct secret s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		tap_note("mode %04o", good[i]);
		put_file("mode", "secret", 6, good[i]);
		CHECK(!try("mode", &s));
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		tap_note("mode %04o", bad[i]);
		put_file("mode", "secret", 6, bad[i]);
		CHECK(try("mode", &s));
	}
	tap_note(" ");
}

static void check_places(void)
{
	struct secret s;
	char slashes[96];

	/* absolute, relative, deeper, with slashes; nothing else */
	put_file("good", "secret\n", 7, 0640);
	put_file("in/deep", "deep", 4, 0600);
	CHECK(!try("good", &s) && s.n == 6 && !memcmp(s.octets, "secret", 6));
	CHECK(!try(path("good"), &s));
	CHECK(!try("in/deep", &s) && s.n == 4);
	CHECK(!try("in/../good", &s));
	snprintf(slashes, sizeof(slashes), "%s///", dir);
	CHECK(!secret_read(slashes, path("good"), &s));
	CHECK(try("nowhere", &s));
	CHECK(try("", &s));
	CHECK(try("/", &s));
	CHECK(try(dir, &s));
	CHECK(try("..", &s));
	CHECK(try("../etc/hostname", &s));
	CHECK(try("in/../../etc/hostname", &s));
	CHECK(try("/etc/hostname", &s));
	snprintf(slashes, sizeof(slashes), "%s-not/x", dir);
	CHECK(try(slashes, &s));

	/* links: inside yes, outside no, absolute no */
	CHECK(!symlink("good", path("inside")) && !try("inside", &s));
	CHECK(!symlink("../../etc/hostname", path("out")) && try("out", &s));
	unlink(path("out"));
	CHECK(!symlink("/etc/hostname", path("out")) && try("out", &s));
	CHECK(!symlink("out", path("chain")) && try("chain", &s));
}

static void check_kinds(void)
{
	static u8 big[SECRET_FILE_MAX + 1];
	struct secret s;

	CHECK(!mkdir(path("dir"), 0700) && try("dir", &s));
	CHECK(!mkfifo(path("fifo"), 0600) && try("fifo", &s));
	put_file("empty", "", 0, 0600);
	CHECK(try("empty", &s));
	memset(big, 'x', sizeof(big));
	put_file("big", big, SECRET_FILE_MAX, 0600);
	CHECK(!try("big", &s) && s.n == SECRET_FILE_MAX);
	put_file("big", big, SECRET_FILE_MAX + 1, 0600);
	CHECK(try("big", &s));
	if (geteuid() == 0) {
		CHECK(!chown(path("good"), 12345, 0) && try("good", &s));
		CHECK(!chown(path("good"), 0, 12345) && !try("good", &s));
	}
}

static void check_directory(void)
{
	struct secret s;

	CHECK(!secret_check_dir(dir));
	CHECK(secret_check_dir("/nowhere/at/all"));
	CHECK(secret_check_dir(path("good")));
	CHECK(secret_read("/nowhere/at/all", "good", &s));
	CHECK(!chmod(dir, 0770) && secret_check_dir(dir) && try("good", &s));
	CHECK(!chmod(dir, 0702) && secret_check_dir(dir) && try("good", &s));
	CHECK(!chmod(dir, 0755) && !secret_check_dir(dir) && !try("good", &s));
}

static void test_secret_files(void)
{
	if (!CHECK(make_dir()))
		return;
	check_modes();
	check_places();
	check_kinds();
	check_directory();
	remove_dir();
}

static void test_secret_text(void)
{
	static const struct {
		const char *file;
		size_t n;
		const char *secret;	/* NULL: refused */
		size_t len;
	} cases[] = {
		{ "word", 4, "word", 4 },
		{ "word\n", 5, "word", 4 },
		{ "two words \n", 11, "two words ", 10 },
		{ "caf\xc3\xa9", 5, "caf\xc3\xa9", 5 },
		{ "0xff00", 6, "\xff\x00", 2 },
		{ "0xFf00\n", 7, "\xff\x00", 2 },
		{ "0", 1, "0", 1 },
		{ "0X41", 4, "0X41", 4 },
		{ "", 0, NULL, 0 },
		{ "\n", 1, NULL, 0 },
		{ "\n\n", 2, NULL, 0 },
		{ "word\n\n", 6, NULL, 0 },
		{ "word\r\n", 6, NULL, 0 },
		{ "a\nb", 3, NULL, 0 },
		{ "a\tb", 3, NULL, 0 },
		{ "a\0b", 3, NULL, 0 },
		{ "a\x7f", 2, NULL, 0 },
		{ "0x", 2, NULL, 0 },
		{ "0x\n", 3, NULL, 0 },
		{ "0xf", 3, NULL, 0 },
		{ "0xfg", 4, NULL, 0 },
		{ "0xff ", 5, NULL, 0 },
		{ "0x ff", 5, NULL, 0 },
		{ "0xff\nff", 7, NULL, 0 },
	};
	struct secret s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		tap_note("case %zu", i);
		memset(&s, 0, sizeof(s));
		s.n = cases[i].n;
		memcpy(s.octets, cases[i].file, s.n);
		if (!cases[i].secret) {
			CHECK(secret_parse(&s));
			continue;
		}
		CHECK(!secret_parse(&s));
		CHECK_EQ(s.n, cases[i].len);
		CHECK_MEM(s.octets, cases[i].secret, cases[i].len);
	}
}

/* ---- attributes ------------------------------------------------------------------ */

static struct nl_msg *message(u8 cmd)
{
	struct nl_msg *msg = nlmsg_alloc_size(65536);

	CHECK(msg && genlmsg_put(msg, 0, 0, 31, 0, 0, cmd, ISAKMP_GENL_VERSION));
	return msg;
}

static void put(struct nl_msg *msg, int attr, const struct octets *o)
{
	CHECK(!nla_put(msg, attr, (int)o->n, o->p));
}

static void put_peer(struct nl_msg *msg, const struct candidate *p)
{
	nla_put_string(msg, ISAKMP_UPCALL_PEER, p->name);
	if (p->has_gen)
		nla_put_u32(msg, ISAKMP_UPCALL_GEN, p->gen);
}

static struct nl_msg *r_auth_upcall(const struct question *q)
{
	struct nl_msg *msg = message(ISAKMP_CMD_UPCALL_ACCEPT);
	struct nlattr *nest = nla_nest_start(msg, ISAKMP_A_UPCALL);
	u8 i;

	nla_put_u64(msg, ISAKMP_UPCALL_ID, q->id);
	nla_put_u8(msg, ISAKMP_UPCALL_KIND, q->kind);
	nla_put_u64(msg, ISAKMP_UPCALL_SA, q->sa);
	nla_put(msg, ISAKMP_UPCALL_LOCAL, 4, "\xc0\0\2\1");
	nla_put(msg, ISAKMP_UPCALL_REMOTE, 4, "\xc0\0\2\2");
	nla_put_u32(msg, ISAKMP_UPCALL_DEADLINE, 20000);
	for (i = 0; i < q->n_peer; i++)
		put_peer(msg, &q->peer[i]);
	nla_put_u16(msg, ISAKMP_UPCALL_PRF, q->prf);
	put(msg, ISAKMP_UPCALL_MSG_I, &q->msg_i);
	put(msg, ISAKMP_UPCALL_MSG_R, &q->msg_r);
	put(msg, ISAKMP_UPCALL_NI, &q->ni);
	put(msg, ISAKMP_UPCALL_NR, &q->nr);
	put(msg, ISAKMP_UPCALL_SK_PI, &q->sk_pi);
	put(msg, ISAKMP_UPCALL_SK_PR, &q->sk_pr);
	put(msg, ISAKMP_UPCALL_ID_I, &q->id_i);
	put(msg, ISAKMP_UPCALL_ID_R, &q->id_r);
	nla_put_u8(msg, ISAKMP_UPCALL_AUTH_METHOD, q->auth_method);
	put(msg, ISAKMP_UPCALL_AUTH, &q->auth);
	nla_nest_end(msg, nest);
	return msg;
}

static bool same(const struct octets *a, const struct octets *b)
{
	return a->n == b->n && (!a->n || !memcmp(a->p, b->p, a->n));
}

static void test_upcall(void)
{
	struct config *c = side_b(TEXT_SECRET);
	u8 auth[PSK_PRF_MAX];
	struct question q = r_auth(auth), got;
	struct nl_msg *msg;

	q.n_peer = 3;
	q.peer[0] = (struct candidate) { "gw-a", true, 5 };
	q.peer[1] = (struct candidate) { "second", false, 0 };
	q.peer[2] = (struct candidate) { "third", true, 6 };
	msg = r_auth_upcall(&q);
	CHECK(!upcall_parse(nlmsg_hdr(msg), &got));
	CHECK(got.id == 42 && got.sa == 1 && got.kind == q.kind && got.prf == q.prf);
	CHECK(got.auth_method == IKE_AM_PSK);
	CHECK(got.peer[0].has_gen && got.peer[0].gen == 5 && !got.peer[1].has_gen);
	CHECK(got.peer[2].has_gen && got.peer[2].gen == 6);
	CHECK(got.n_peer == 3 && !strcmp(got.peer[0].name, "gw-a") && !strcmp(got.peer[1].name, "second"));
	CHECK(same(&got.msg_i, &q.msg_i) && same(&got.msg_r, &q.msg_r));
	CHECK(same(&got.ni, &q.ni) && same(&got.nr, &q.nr) && same(&got.auth, &q.auth));
	CHECK(same(&got.sk_pi, &q.sk_pi) && same(&got.sk_pr, &q.sk_pr));
	CHECK(same(&got.id_i, &q.id_i) && same(&got.id_r, &q.id_r));
	CHECK_REASON(decide(c, &got).reason, ISAKMP_OK);
	nlmsg_free(msg);
	config_put(c);
}

static const char *parse_with(int attr, const void *p, int n, struct question *q)
{
	struct nl_msg *msg = message(ISAKMP_CMD_UPCALL_ACCEPT);
	struct nlattr *nest = nla_nest_start(msg, ISAKMP_A_UPCALL);
	const char *why;

	nla_put_u64(msg, ISAKMP_UPCALL_ID, 77);
	nla_put(msg, attr, n, p);
	nla_nest_end(msg, nest);
	why = upcall_parse(nlmsg_hdr(msg), q);
	*q = (struct question) { .id = q->id, .n_peer = q->n_peer };
	nlmsg_free(msg);
	return why;
}

static void test_upcall_hostile(void)
{
	static u8 big[20000];
	static const u16 octets[][2] = {
		{ ISAKMP_UPCALL_MSG_I, IKE_MSG_MAX }, { ISAKMP_UPCALL_MSG_R, IKE_MSG_MAX },
		{ ISAKMP_UPCALL_NI, IKE_NONCE_MAX }, { ISAKMP_UPCALL_NR, IKE_NONCE_MAX },
		{ ISAKMP_UPCALL_SK_PI, 48 }, { ISAKMP_UPCALL_SK_PR, 48 },
		{ ISAKMP_UPCALL_ID_I, 259 }, { ISAKMP_UPCALL_ID_R, 259 },
		{ ISAKMP_UPCALL_AUTH, IKE_AUTH_MAX },
	};
	struct question q;
	struct nl_msg *msg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(octets); i++) {
		tap_note("attribute %u", octets[i][0]);
		CHECK(!parse_with(octets[i][0], big, octets[i][1], &q));
		CHECK(parse_with(octets[i][0], big, octets[i][1] + 1, &q));
		CHECK_EQ(q.id, 77);	/* can still be refused */
	}
	memset(big, 'n', 64);
	CHECK(!parse_with(ISAKMP_UPCALL_PEER, "peer", 5, &q));
	CHECK(parse_with(ISAKMP_UPCALL_PEER, "peer", 4, &q));		/* no terminator */
	CHECK(parse_with(ISAKMP_UPCALL_PEER, "", 1, &q));		/* empty */
	CHECK(parse_with(ISAKMP_UPCALL_PEER, "pe\0r", 5, &q));		/* two of them */
	CHECK(parse_with(ISAKMP_UPCALL_PEER, big, 65, &q));		/* too long */
	CHECK(parse_with(ISAKMP_UPCALL_PRF, big, 1, &q));
	CHECK(parse_with(ISAKMP_UPCALL_GEN, big, 3, &q));
	CHECK(parse_with(ISAKMP_UPCALL_GEN, big, 4, &q));		/* of no peer */
	CHECK(!parse_with(200, big, 3, &q));				/* of a later kernel */

	msg = message(ISAKMP_CMD_UPCALL_ACCEPT);
	CHECK(upcall_parse(nlmsg_hdr(msg), &q) && !q.id);
	nlmsg_hdr(msg)->nlmsg_len = NLMSG_HDRLEN;
	CHECK(upcall_parse(nlmsg_hdr(msg), &q));
	nlmsg_free(msg);
}

static void test_upcall_peers(void)
{
	struct question q = { .id = 1, .kind = ISAKMP_UPCALL_R_AUTH }, got;
	struct nl_msg *msg;

	while (q.n_peer < IKE_CANDIDATES_MAX)
		q.peer[q.n_peer++].name = "peer";
	msg = r_auth_upcall(&q);
	CHECK(!upcall_parse(nlmsg_hdr(msg), &got));
	CHECK_EQ(got.n_peer, IKE_CANDIDATES_MAX);
	nlmsg_free(msg);

	msg = message(ISAKMP_CMD_UPCALL_ACCEPT);
	{
		struct nlattr *nest = nla_nest_start(msg, ISAKMP_A_UPCALL);
		u8 i;

		nla_put_u64(msg, ISAKMP_UPCALL_ID, 1);
		for (i = 0; i <= IKE_CANDIDATES_MAX; i++)
			nla_put_string(msg, ISAKMP_UPCALL_PEER, "peer");
		nla_nest_end(msg, nest);
	}
	CHECK(upcall_parse(nlmsg_hdr(msg), &got));
	nlmsg_free(msg);
}

/* One octet of a message wrong, anywhere: ASan looks on, nothing is accepted twice. */
static void test_upcall_mutated(void)
{
	struct config *c = side_b(TEXT_SECRET);
	u8 auth[PSK_PRF_MAX];
	struct question q = r_auth(auth), got;
	struct nl_msg *msg = r_auth_upcall(&q);
	size_t n = nlmsg_hdr(msg)->nlmsg_len, i;
	static const u8 xors[] = { 1, 4, 0x80, 0xff };
	unsigned int accepted = 0, k;

	for (i = NLMSG_HDRLEN; i < n; i++) {
		for (k = 0; k < ARRAY_SIZE(xors); k++) {
			u8 *copy = malloc(n);

			memcpy(copy, nlmsg_hdr(msg), n);
			copy[i] ^= xors[k];
			if (!upcall_parse((struct nlmsghdr *)copy, &got))
				accepted += !decide(c, &got).reason;
			free(copy);
		}
	}
	/* what is not covered by AUTH: ids, addresses, deadline, Ni, msg_r, SK_pr */
	CHECK(accepted > 0 && accepted < 4 * n);
	for (i = NLMSG_HDRLEN; i < n; i++) {
		u8 *copy = malloc(i);

		memcpy(copy, nlmsg_hdr(msg), i);
		((struct nlmsghdr *)copy)->nlmsg_len = (u32)i;
		if (!upcall_parse((struct nlmsghdr *)copy, &got))
			decide(c, &got);
		free(copy);
	}
	nlmsg_free(msg);
	config_put(c);
}

static void verdict_attrs(const struct answer *a, struct nlattr **tb, struct nl_msg **msg)
{
	struct nlattr *top[ISAKMP_A_MAX + 1];

	*msg = message(ISAKMP_CMD_UPCALL_DONE);
	CHECK(!upcall_put(*msg, a));
	CHECK(!genlmsg_parse(nlmsg_hdr(*msg), 0, top, ISAKMP_A_MAX, NULL));
	CHECK(top[ISAKMP_A_VERDICT]);
	CHECK(!nla_parse_nested(tb, ISAKMP_VERDICT_MAX, top[ISAKMP_A_VERDICT], NULL));
}

static void test_verdict(void)
{
	struct config_peer peer = { .name = "gw-a", .gen = 9 };
	struct answer a = { .id = 3, .kind = ISAKMP_UPCALL_R_AUTH, .peer = &peer,
			    .auth_method = IKE_AM_PSK, .local_id_len = 5, .auth_len = 32 };
	struct nlattr *tb[ISAKMP_VERDICT_MAX + 1];
	struct nl_msg *msg, *small;

	verdict_attrs(&a, tb, &msg);
	CHECK(nla_get_u64(tb[ISAKMP_VERDICT_ID]) == 3 && !nla_get_u16(tb[ISAKMP_VERDICT_REASON]));
	CHECK(!strcmp(nla_get_string(tb[ISAKMP_VERDICT_PEER]), "gw-a"));
	CHECK_EQ(nla_get_u32(tb[ISAKMP_VERDICT_GEN]), 9);
	CHECK_EQ(nla_get_u8(tb[ISAKMP_VERDICT_AUTH_METHOD]), IKE_AM_PSK);
	CHECK(nla_len(tb[ISAKMP_VERDICT_LOCAL_ID]) == 5 && nla_len(tb[ISAKMP_VERDICT_AUTH]) == 32);
	CHECK(!tb[ISAKMP_VERDICT_REMOTE_ID] && !tb[ISAKMP_VERDICT_CHILD]);
	nlmsg_free(msg);

	/* a refusal carries nothing but its reason */
	a.reason = ISAKMP_R_AUTH_FAILED;
	verdict_attrs(&a, tb, &msg);
	CHECK_EQ(nla_get_u16(tb[ISAKMP_VERDICT_REASON]), ISAKMP_R_AUTH_FAILED);
	CHECK(!tb[ISAKMP_VERDICT_PEER] && !tb[ISAKMP_VERDICT_AUTH] && !tb[ISAKMP_VERDICT_LOCAL_ID]);
	nlmsg_free(msg);

	a = (struct answer) { .id = 4, .kind = ISAKMP_UPCALL_I_VERIFY, .peer = &peer };
	verdict_attrs(&a, tb, &msg);
	CHECK(!tb[ISAKMP_VERDICT_PEER] && !tb[ISAKMP_VERDICT_AUTH_METHOD]);
	nlmsg_free(msg);

	a.kind = ISAKMP_UPCALL_R_AUTH;
	small = nlmsg_alloc_size(NLMSG_HDRLEN + GENL_HDRLEN + 24);
	CHECK(genlmsg_put(small, 0, 0, 31, 0, 0, ISAKMP_CMD_UPCALL_DONE, 1));
	CHECK_EQ(-upcall_put(small, &a), EMSGSIZE);
	nlmsg_free(small);
}

/* Objects as the kernel dumps them. */
static int add_object(struct config *c, int top, const char *name, int extra, const void *p,
		      int n)
{
	struct nl_msg *msg = message(ISAKMP_CMD_PEER_GET);
	struct nlattr *nest = nla_nest_start(msg, top);
	int err;

	nla_put_string(msg, 1, name);		/* NAME, and PEER of an auth */
	if (top == ISAKMP_A_PEER)
		nla_put_u32(msg, ISAKMP_PEER_GEN, 5);
	else
		nla_put_u8(msg, 2, 1);		/* SIDE or TYPE */
	if (top == ISAKMP_A_AUTH)
		nla_put_u8(msg, ISAKMP_AUTH_METHOD, ISAKMP_METHOD_PSK);
	if (p)
		nla_put(msg, extra, n, p);
	nla_nest_end(msg, nest);
	err = objects_add(nlmsg_hdr(msg), c);
	nlmsg_free(msg);
	return err;
}

static void test_objects(void)
{
	struct config *c = config_new();
	const struct config_peer *p;
	const struct config_cred *k;
	static char name[65], file[257];
	struct nl_msg *msg;

	CHECK_EQ(add_object(c, ISAKMP_A_PEER, "gw", 0, NULL, 0), 0);
	CHECK_EQ(add_object(c, ISAKMP_A_AUTH, "gw", ISAKMP_AUTH_ID, "\x02name", 5), 0);
	CHECK_EQ(add_object(c, ISAKMP_A_CRED, "psk", ISAKMP_CRED_FILE, "psk", 4), 0);
	memset(name, 'n', 64);
	memset(file, 'f', 256);
	CHECK_EQ(-add_object(c, ISAKMP_A_PEER, name, 0, NULL, 0), EBADMSG);
	CHECK_EQ(-add_object(c, ISAKMP_A_PEER, "", 0, NULL, 0), EBADMSG);
	CHECK_EQ(-add_object(c, ISAKMP_A_AUTH, "gw", ISAKMP_AUTH_ID, "\x01name!", 6), EBADMSG);
	CHECK_EQ(-add_object(c, ISAKMP_A_CRED, "k", ISAKMP_CRED_FILE, file, 257), EBADMSG);
	CHECK_EQ(-add_object(c, ISAKMP_A_CRED, "k", ISAKMP_CRED_FILE, "f", 1), EBADMSG);
	CHECK_EQ(-add_object(c, ISAKMP_A_CHILD, "k", 0, NULL, 0), EBADMSG);
	msg = message(ISAKMP_CMD_PEER_GET);
	CHECK_EQ(-objects_add(nlmsg_hdr(msg), c), EBADMSG);
	nlmsg_free(msg);

	CHECK_EQ(config_finish(c), 0);
	p = config_find_peer(c, "gw");
	k = config_find_cred(c, "psk");
	CHECK(p && p->gen == 5 && p->local.id.len == 4 && !p->remote.method);
	CHECK(k && k->type == ISAKMP_CRED_PSK && !strcmp(k->file, "psk"));
	CHECK(config_peers(c) == 1 && !config_cred_at(c, 1));
	config_put(c);
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
	TAP_RUN(test_secret_files, "secret: modes, owners, links, kinds of files");
	TAP_RUN(test_secret_text, "secret: text and hex");
	TAP_RUN(test_upcall, "netlink: a question survives its attributes");
	TAP_RUN(test_upcall_hostile, "netlink: lengths and terminators are checked");
	TAP_RUN(test_upcall_peers, "netlink: as many candidates as may be, not one more");
	TAP_RUN(test_upcall_mutated, "netlink: mutated and truncated questions");
	TAP_RUN(test_verdict, "netlink: verdicts carry what their kind needs");
	TAP_RUN(test_objects, "netlink: dumped objects");
	return tap_done();
}
