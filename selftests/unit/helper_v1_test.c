// SPDX-License-Identifier: GPL-2.0
/* The helper's decisions of version 1 with secrets: SKEYID, which peer, which identity. */
#include <isakmp/ikev1.h>

#include "helper.h"

static const u8 us[] = { 192, 0, 2, 1 }, it[] = { 198, 51, 100, 7 };

static struct question v1_question(u8 kind, const char *peer)
{
	struct question q = {
		.id = 42, .sa = 1, .kind = kind, .version = 1, .method = V1_M_PSK,
		.prf = IKE_PRF_HMAC_SHA1, .n_peer = 1, .peer = { { .name = peer } },
		.local = { us, sizeof(us) }, .remote = { it, sizeof(it) },
		.msg_i = { msg_1, sizeof(msg_1) }, .msg_r = { msg_2, sizeof(msg_2) },
		.ni = { n_i, sizeof(n_i) }, .nr = { n_r, sizeof(n_r) },
		.sk_pi = { sk_i, 20 }, .id_i = id_a_body, .id_r = id_b_body,
	};

	return q;
}

static struct question skeyid_question(const char *peer)
{
	struct question q = v1_question(ISAKMP_UPCALL_V1_SKEYID, peer);

	q.id_i.n = q.id_r.n = 0;
	return q;
}

static size_t unhex(const char *hex, u8 *out)
{
	size_t n;

	for (n = 0; sscanf(hex + 2 * n, "%2hhx", &out[n]) == 1; n++)
		;
	return n;
}

/*
 * SKEYID = prf(secret, Ni_b | Nr_b), computed with Python:
 *
 *	hmac.new(b'a shared secret of 33 octets, yes', ni + nr, h).hexdigest()
 *
 * Ni = 10..2f, Nr = 40..5f; with 8 octets each, the least there may be, the first of them.
 */
static const struct {
	u16 prf;
	u8 nonce;
	const char *skeyid;
} vectors[] = {
	{ IKE_PRF_HMAC_MD5, 32, "2bab50617cf424687a724b3c74aefa6d" },
	{ IKE_PRF_HMAC_SHA1, 32, "1632fe0f5b5e544373d4687473fc15b5a9324ecb" },
	{ IKE_PRF_HMAC_SHA1, 8, "156f4d1ea17e3ac0a69bc830ec08026912ecaf32" },
	{ IKE_PRF_HMAC_SHA2_256, 32, "f0f5cf237a52ed5440dba9ec280b36ef44ef5b78787388d14de0fc8aaff6ea65" },
	{ IKE_PRF_HMAC_SHA2_512, 32,
	  "37b88b0e5db322387fbdcc05cb1a125cecde70a7f1bec39e55ab723b7956313c"
	  "ba79681e8e52cfa3c016e6d5ff3e7fa6b0fc7cb2abbe5236f1b2f405d4bbffd7" },
};

static void test_skeyid(void)
{
	struct config *a = side_a(TEXT_SECRET), *b = side_b(TEXT_SECRET);
	struct question q;
	struct answer v;
	u8 want[PSK_PRF_MAX];
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		tap_note("vector %zu", i);
		n = unhex(vectors[i].skeyid, want);
		q = skeyid_question("gw-b");
		q.prf = vectors[i].prf;
		q.ni.n = q.nr.n = vectors[i].nonce;
		q.initiator = true;
		v = decide(a, &q);
		CHECK_REASON(v.reason, ISAKMP_OK);
		CHECK_EQ(v.skeyid_len, n);
		CHECK_MEM(v.skeyid, want, n);
		CHECK_EQ(v.local_id_len, id_a_body.n);
		CHECK_MEM(v.local_id, id_a, id_a_body.n);
		CHECK(v.peer && !strcmp(v.peer->name, "gw-b") && !v.names_peer);
		/* it goes with the answer */
		auth_release(&v);
		CHECK(zero(v.skeyid, sizeof(v.skeyid)));

		q.initiator = false;
		q.peer[0].name = "gw-a";
		v = decide(b, &q);
		CHECK_REASON(v.reason, ISAKMP_OK);
		CHECK_EQ(v.skeyid_len, n);
		CHECK_MEM(v.skeyid, want, n);
		CHECK_MEM(v.local_id, id_b, id_b_body.n);
		CHECK(v.peer && !strcmp(v.peer->name, "gw-a") && v.peer->gen == 9 && v.names_peer);
	}
	tap_note(" ");
	config_put(a);
	config_put(b);
}

/* Answers a v1-skeyid question; the name of the peer whose secret it is. */
static const char *whose(const struct config *c, const struct question *q, const char *secret)
{
	struct octets key = { (const u8 *)secret, strlen(secret) }, v[] = { q->ni, q->nr };
	struct answer a = decide(c, q);
	u8 want[PSK_PRF_MAX];

	CHECK_REASON(a.reason, ISAKMP_OK);
	CHECK(psk_prf(q->prf, &key, v, 2, want));
	if (a.reason || a.skeyid_len != 20 || memcmp(a.skeyid, want, 20))
		return "(another secret)";
	return a.peer->name;
}

static void set_addresses(struct config *c, const char *name, u32 gen, const u8 *remote,
			  u8 versions)
{
	struct config_peer p = { .name = name, .gen = gen, .has_versions = true,
				 .versions = versions };

	if (remote) {
		p.remote_addr.len = 4;
		memcpy(p.remote_addr.octets, remote, 4);
	}
	CHECK_EQ(config_add_peer(c, &p), 0);
	add_auth(c, name, ISAKMP_SIDE_LOCAL, B, NULL);
}

/* Main Mode: by addresses alone, whoever the peer will say it is. */
static void test_by_address(void)
{
	static const u8 other[] = { 198, 51, 100, 8 };
	struct config *c = config_new();
	struct question q = skeyid_question("no-secret");

	set_addresses(c, "no-secret", 1, it, ISAKMP_VERSIONS_1);
	add_auth(c, "no-secret", ISAKMP_SIDE_REMOTE, "fqdn:nobody.example", NULL);
	set_addresses(c, "v2", 2, it, ISAKMP_VERSIONS_2);
	add_auth(c, "v2", ISAKMP_SIDE_REMOTE, A, "one");
	set_addresses(c, "one", 3, it, ISAKMP_VERSIONS_1);
	add_auth(c, "one", ISAKMP_SIDE_REMOTE, A, "one");
	set_addresses(c, "two", 4, it, ISAKMP_VERSIONS_2_THEN_1);
	add_auth(c, "two", ISAKMP_SIDE_REMOTE, "fqdn:gw-c.example", "two");
	set_addresses(c, "by-address", 5, it, ISAKMP_VERSIONS_1);
	add_auth(c, "by-address", ISAKMP_SIDE_REMOTE, "any", NULL);
	set_addresses(c, "elsewhere", 6, other, ISAKMP_VERSIONS_1);
	add_auth(c, "elsewhere", ISAKMP_SIDE_REMOTE, "any", "two");
	set_addresses(c, "slow", 7, it, ISAKMP_VERSIONS_1);
	add_auth(c, "slow", ISAKMP_SIDE_REMOTE, "any", "slow");
	add_cred(c, "one", NULL, TEXT_SECRET);
	add_cred(c, "two", NULL, "this is not what they think");
	add_cred(c, "z-address", "ipv4:198.51.100.7", "of the address");
	add_cred(c, "slow", NULL, "slow");
	CHECK_EQ(config_finish(c), 0);

	/* a secret of an address is anybody's there who has none of its own */
	CHECK(!strcmp(whose(c, &q, "of the address"), "no-secret"));
	q.n_peer = 4;
	q.peer[0].name = "gone", q.peer[1].name = "v2";
	q.peer[2].name = "one", q.peer[3].name = "two";
	CHECK(!strcmp(whose(c, &q, TEXT_SECRET), "one"));
	q.peer[2].name = "two";
	CHECK(!strcmp(whose(c, &q, "this is not what they think"), "two"));
	q.peer[2].name = "by-address";
	CHECK(!strcmp(whose(c, &q, "of the address"), "by-address"));
	/* a secret that is being read is waited for: the next is not tried instead */
	q.peer[2].name = "slow";
	CHECK_REASON(verdict(c, &q), ISAKMP_R_CRED_BUSY);
	q.n_peer = 2;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_SECRET);
	/* more than were listed: those whose addresses match */
	q.more = true;
	CHECK(!strcmp(whose(c, &q, "of the address"), "by-address"));
	q.remote.p = other;
	CHECK(!strcmp(whose(c, &q, "this is not what they think"), "elsewhere"));
	/* a method with XAUTH is not one without */
	q.method = V1_M_XAUTH_I_PSK;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_SECRET);
	config_put(c);
}

/* Secrets that are none: empty, of a cred of another type, of a family, of somebody elsewhere. */
static void test_no_secret(void)
{
	static const u8 six[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 }, other[] = { 198, 51, 100, 8 };
	struct config_cred users = { .name = "users", .type = ISAKMP_CRED_USERS, .file = "s" };
	struct question q = skeyid_question("empty");
	struct config *c = config_new();

	set_addresses(c, "a-far", 1, other, ISAKMP_VERSIONS_1);
	add_auth(c, "a-far", ISAKMP_SIDE_REMOTE, "any", "one");
	set_addresses(c, "by-six", 2, NULL, ISAKMP_VERSIONS_1);
	add_auth(c, "by-six", ISAKMP_SIDE_REMOTE, "any", NULL);
	set_addresses(c, "empty", 3, it, ISAKMP_VERSIONS_1);
	add_auth(c, "empty", ISAKMP_SIDE_REMOTE, "any", "nothing");
	set_addresses(c, "users", 4, it, ISAKMP_VERSIONS_1);
	add_auth(c, "users", ISAKMP_SIDE_REMOTE, "any", "users");
	add_cred(c, "nothing", NULL, "");
	add_cred(c, "one", NULL, TEXT_SECRET);
	add_cred(c, "six", "ipv6:2001:db8::1", "of the address");
	CHECK(!config_add_cred(c, &users));
	CHECK_EQ(config_finish(c), 0);

	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_SECRET);
	q.peer[0].name = "users";
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_SECRET);
	/* nor does anybody stand on it */
	q.kind = ISAKMP_UPCALL_R_AUTH;
	q.id_i = id_a_body;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_SECRET);
	q = skeyid_question("empty");
	/* others there may be, but not from there */
	q.more = true;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_SECRET);
	q.remote = (struct octets) { six, sizeof(six) };
	CHECK(!strcmp(whose(c, &q, "of the address"), "by-six"));
	config_put(c);
}

/* In Main Mode the identity comes too late to say whose secret it is. */
static void test_main_stands(void)
{
	struct question q = skeyid_question("one");
	struct config *c = config_new();
	struct answer a;

	add_peer(c, "one", 1, B, NULL, "any", NULL);
	add_cred(c, "a", A, TEXT_SECRET);
	add_cred(c, "by-address", "ipv4:198.51.100.7", "of the address");
	CHECK_EQ(config_finish(c), 0);
	CHECK(!strcmp(whose(c, &q, "of the address"), "one"));
	q.kind = ISAKMP_UPCALL_R_AUTH;
	q.id_i = id_a_body;
	a = decide(c, &q);
	CHECK_REASON(a.reason, ISAKMP_OK);
	CHECK(a.remote_cred && !strcmp(a.remote_cred, "by-address"));
	config_put(c);
}

/* Of several peers one whose method it is, that is no template; asked as who has begun, any mode. */
static void test_which(void)
{
	struct question q = v1_question(ISAKMP_UPCALL_R_AUTH, "a-template");
	struct config_peer t = { .name = "a-template", .versions = ISAKMP_VERSIONS_1,
				 .is_template = true };
	u8 attr[IDENT_ATTR_MAX];
	struct config_auth x = { .method = ISAKMP_METHOD_PSK, .cred = "psk", .xauth = "users" };
	struct config *c = config_new();
	struct answer a;

	CHECK_EQ(config_add_peer(c, &t), 0);
	add_auth(c, "a-template", ISAKMP_SIDE_LOCAL, B, "psk");
	add_auth(c, "a-template", ISAKMP_SIDE_REMOTE, "any", "psk");
	add_peer(c, "asks", 1, B, "psk", NULL, NULL);
	x.id = ident("any", attr);
	CHECK_EQ(config_add_auth(c, "asks", ISAKMP_SIDE_REMOTE, &x), 0);
	add_peer(c, "plain", 2, B, "psk", "any", NULL);
	add_cred(c, "psk", NULL, TEXT_SECRET);
	CHECK_EQ(config_finish(c), 0);
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_IDENTITY);
	q.n_peer = 3;
	q.peer[1].name = "asks";
	q.peer[2].name = "plain";
	a = decide(c, &q);
	CHECK_REASON(a.reason, ISAKMP_OK);
	CHECK(a.peer && !strcmp(a.peer->name, "plain"));
	q.n_peer = 2;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_AUTH_METHOD);
	/* what the peer may begin with does not bind us */
	q = v1_question(ISAKMP_UPCALL_I_VERIFY, "plain");
	q.initiator = true;
	q.exchange = V1_AGGRESSIVE;
	CHECK_REASON(verdict(c, &q), ISAKMP_OK);
	q.initiator = false;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_IDENTITY);
	config_put(c);
}

/* HASH_I was right; may this identity connect with that secret? */
static void test_r_auth(void)
{
	struct question q = v1_question(ISAKMP_UPCALL_R_AUTH, "exact"), bad;
	struct config *c = config_new();
	struct answer a;
	static const u8 boss[] = "\x02\0\0\0boss.example";
	static const u8 port[] = "\x02\x11\x01\xf4gw-a.example", nat[] = "\x02\x11\x11\x94gw-a.example";
	static const u8 none[] = "\x02\x11\0\0gw-a.example", tcp[] = "\x02\x06\0\0gw-a.example";
	static const u8 ike[] = "\x02\x11\x01\xf5gw-a.example", half[] = "\x02\0\x01\xf4gw-a.example";

	add_peer(c, "exact", 9, B, "psk", A, NULL);
	add_peer(c, "any", 2, B, NULL, "any", "psk");
	add_peer(c, "boss", 3, B, "other", "fqdn:boss.example", NULL);
	add_cred(c, "psk", NULL, TEXT_SECRET);
	add_cred(c, "other", NULL, "this is not what they think");
	CHECK_EQ(config_finish(c), 0);

	a = decide(c, &q);
	CHECK_REASON(a.reason, ISAKMP_OK);
	CHECK(a.peer && !strcmp(a.peer->name, "exact") && a.auth_len == 0);
	CHECK_MEM(a.local_id, id_b, id_b_body.n);
	CHECK(a.remote_cred && !strcmp(a.remote_cred, "psk"));
	CHECK(a.local_cred && !strcmp(a.local_cred, "psk"));
	CHECK_EQ(a.unique_len, 1 + id_a_body.n - 4);
	CHECK_MEM(a.unique + 1, id_a + 4, id_a_body.n - 4);

	/* somebody else with the same secret is not this one */
	bad = q;
	bad.id_i = (struct octets) { boss, sizeof(boss) - 1 };
	CHECK_REASON(verdict(c, &bad), ISAKMP_R_NO_IDENTITY);
	/* a group's secret does not make one who has his own */
	bad.n_peer = 2;
	bad.peer[0].name = "any", bad.peer[1].name = "boss";
	CHECK_REASON(verdict(c, &bad), ISAKMP_R_AUTH_FAILED);
	/* of several with this secret that one whose identity it is */
	q.n_peer = 2;
	q.peer[0].name = "any", q.peer[1].name = "exact";
	a = decide(c, &q);
	CHECK_REASON(a.reason, ISAKMP_OK);
	CHECK(a.peer && !strcmp(a.peer->name, "exact"));

	/* RFC 2407, 4.6.2: for no protocol, or for IKE */
	q.id_i.p = port;
	CHECK_REASON(verdict(c, &q), ISAKMP_OK);
	q.id_i.p = nat;
	CHECK_REASON(verdict(c, &q), ISAKMP_OK);
	q.id_i.p = none;
	CHECK_REASON(verdict(c, &q), ISAKMP_OK);
	q.id_i.p = tcp;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_IDENTITY);
	q.id_i.p = ike;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_IDENTITY);
	q.id_i.p = half;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_IDENTITY);
	config_put(c);
}

/* Main Mode: the secret is of the first, the identity of another one, whom we call ourselves otherwise. */
static void test_same_secret(void)
{
	static const u8 other[] = "\x02\0\0\0gw-c.example", alias[] = "\x02\0\0\0alias.example";
	struct question q = v1_question(ISAKMP_UPCALL_R_AUTH, "first");
	struct config *c = config_new();
	struct answer a;

	add_peer(c, "first", 9, B, "psk", A, NULL);
	add_peer(c, "second", 8, "fqdn:alias.example", "psk", "fqdn:gw-c.example", NULL);
	add_cred(c, "psk", NULL, TEXT_SECRET);
	CHECK_EQ(config_finish(c), 0);
	q.exchange = V1_MAIN;
	q.n_peer = 2;
	q.peer[1].name = "second";
	q.id_i = (struct octets) { other, sizeof(other) - 1 };
	a = decide(c, &q);
	CHECK_REASON(a.reason, ISAKMP_OK);
	CHECK(a.peer && !strcmp(a.peer->name, "second"));
	CHECK_EQ(a.local_id_len, sizeof(alias) - 1);
	CHECK_MEM(a.local_id, alias, sizeof(alias) - 1);
	/* who takes no Main Mode does not */
	q.exchange = V1_AGGRESSIVE;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_IDENTITY);
	config_put(c);
}

/* So it is by another cred of the same file; one of another file is another secret. */
static void test_same_file(void)
{
	static const u8 c_id[] = "\x02\0\0\0gw-c.example", d_id[] = "\x02\0\0\0gw-d.example";
	struct question q = v1_question(ISAKMP_UPCALL_R_AUTH, "first");
	struct config *c = config_new();
	struct answer a;

	add_peer(c, "first", 9, B, "psk", A, NULL);
	add_peer(c, "second", 8, B, "again", "fqdn:gw-c.example", NULL);
	add_peer(c, "third", 7, B, "other", "fqdn:gw-d.example", NULL);
	add_cred(c, "psk", NULL, TEXT_SECRET);
	add_cred(c, "again", NULL, TEXT_SECRET);
	add_cred(c, "other", NULL, "this is not what they think");
	CHECK_EQ(config_finish(c), 0);
	q.exchange = V1_MAIN;
	q.n_peer = 3;
	q.peer[1].name = "second";
	q.peer[2].name = "third";
	q.id_i = (struct octets) { c_id, sizeof(c_id) - 1 };
	a = decide(c, &q);
	CHECK_REASON(a.reason, ISAKMP_OK);
	CHECK(a.peer && !strcmp(a.peer->name, "second"));
	CHECK(a.remote_cred && !strcmp(a.remote_cred, "again"));
	q.id_i = (struct octets) { d_id, sizeof(d_id) - 1 };
	CHECK_REASON(verdict(c, &q), ISAKMP_R_AUTH_FAILED);
	config_put(c);
}

static void test_methods(void)
{
	struct question q = v1_question(ISAKMP_UPCALL_R_AUTH, "gw-a");
	struct config *c = side_b(TEXT_SECRET);
	u32 m, allowed = 0;

	/* all there are: the one of the peer object alone */
	for (m = 0; m <= 65535; m++) {
		q.method = (u16)m;
		if (!verdict(c, &q))
			allowed = allowed << 16 | m;
	}
	CHECK_EQ(allowed, V1_M_PSK);
	q.method = V1_M_RSA_SIG;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_AUTH_METHOD);
	config_put(c);
	/* nor is a responder believed who proves nothing yet, as with hybrid authentication */
	c = side_a(TEXT_SECRET);
	q = v1_question(ISAKMP_UPCALL_I_VERIFY, "gw-b");
	for (q.initiator = true, allowed = m = 0; m <= 65535; m++) {
		q.method = (u16)m;
		if (!verdict(c, &q))
			allowed = allowed << 16 | m;
	}
	CHECK_EQ(allowed, V1_M_PSK);
	config_put(c);
}

static void test_i_verify(void)
{
	struct question q = v1_question(ISAKMP_UPCALL_I_VERIFY, "gw-b");
	struct config *c = side_a(TEXT_SECRET);
	struct answer a;

	q.initiator = true;
	a = decide(c, &q);
	CHECK_REASON(a.reason, ISAKMP_OK);
	CHECK(a.remote_cred && !strcmp(a.remote_cred, "psk") && a.unique_len);
	CHECK(!a.local_cred && !a.local_id_len && !a.names_peer);
	/* right secret, other identity: an insider is not somebody else */
	q.id_r = id_a_body;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_IDENTITY);
	/* Aggressive Mode: nothing of the secret is computed with for anybody else */
	q.kind = ISAKMP_UPCALL_V1_SKEYID;
	q.aggressive = true;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_IDENTITY);
	q.id_r = id_b_body;
	CHECK_REASON(verdict(c, &q), ISAKMP_OK);
	config_put(c);
}

/* Aggressive Mode: nobody is told which identities there are. */
static void test_decoy(void)
{
	struct question q = v1_question(ISAKMP_UPCALL_V1_SKEYID, "gw-a");
	struct config *c = side_b(TEXT_SECRET), *none = side_b("unreadable");
	struct answer known, strange, again;

	q.aggressive = true;
	known = decide(c, &q);
	CHECK_REASON(known.reason, ISAKMP_OK);
	q.id_i = id_b_body;
	reads = 0;
	strange = decide(c, &q);
	CHECK_EQ(reads, 1);
	again = decide(c, &q);
	CHECK_REASON(strange.reason, ISAKMP_OK);
	CHECK(strange.peer == known.peer);
	CHECK_EQ(strange.skeyid_len, known.skeyid_len);
	CHECK_EQ(strange.local_id_len, known.local_id_len);
	CHECK_MEM(strange.local_id, known.local_id, known.local_id_len);
	/* nobody's, and each time another */
	CHECK(memcmp(strange.skeyid, known.skeyid, known.skeyid_len));
	CHECK(memcmp(strange.skeyid, again.skeyid, again.skeyid_len));
	/* in Main Mode there is nothing to be hidden */
	q.aggressive = false;
	CHECK_REASON(verdict(none, &q), ISAKMP_R_NO_SECRET);
	q.aggressive = true;
	CHECK_REASON(verdict(none, &q), ISAKMP_R_NO_SECRET);
	config_put(c);
	config_put(none);
}

/* The name that we give ourselves says as little: it is one of those that we have, and stays. */
static void test_decoy_names(void)
{
	struct question q = v1_question(ISAKMP_UPCALL_V1_SKEYID, "one");
	u8 body[] = { IKE_ID_FQDN, 0, 0, 0, 'x', '.', 'e', 'x', 'a', 'm', 'p', 'l', 'e' };
	struct config *c = config_new();
	struct answer a, again;
	unsigned int i, n[2] = { 0 };

	add_peer(c, "one", 1, A, "a", "fqdn:one.example", NULL);
	add_peer(c, "two", 2, B, "a", "fqdn:two.example", NULL);
	add_peer(c, "none", 3, "fqdn:none.example", NULL, "fqdn:three.example", NULL);
	add_cred(c, "a", NULL, TEXT_SECRET);
	CHECK_EQ(config_finish(c), 0);
	q.aggressive = true;
	q.n_peer = 3;
	q.peer[1].name = "two";
	q.peer[2].name = "none";
	q.id_i = (struct octets) { body, sizeof(body) };
	for (body[4] = '!'; body[4] < 'a'; body[4]++) {
		reads = 0;
		a = decide(c, &q);
		CHECK_EQ(reads, 1);
		again = decide(c, &q);
		CHECK_REASON(a.reason, ISAKMP_OK);
		CHECK(a.peer == again.peer && strcmp(a.peer->name, "none"));
		CHECK(memcmp(a.skeyid, again.skeyid, a.skeyid_len));
		n[!strcmp(a.peer->name, "two")]++;
	}
	for (i = 0; i < 2; i++)
		CHECK(n[i] >= 8);
	config_put(c);
}

/* Aggressive Mode tells several secrets at one address apart. */
static void test_by_identity(void)
{
	struct question q = v1_question(ISAKMP_UPCALL_V1_SKEYID, "one");
	struct config *c = config_new();

	add_peer(c, "one", 1, B, NULL, "any", NULL);
	add_peer(c, "two", 2, B, "c", "fqdn:gw-c.example", NULL);
	add_peer(c, "many", 3, B, NULL, "fqdn:*.example", NULL);
	add_cred(c, "a", A, TEXT_SECRET);
	add_cred(c, "c", NULL, "this is not what they think");
	CHECK_EQ(config_finish(c), 0);
	q.aggressive = true;
	/* a pattern is nobody's name */
	q.peer[0].name = "many";
	CHECK(!strcmp(whose(c, &q, TEXT_SECRET), "many"));
	q.peer[0].name = "one";
	q.n_peer = 2;
	q.peer[1].name = "two";
	CHECK(!strcmp(whose(c, &q, TEXT_SECRET), "one"));
	q.id_i = (struct octets) { (const u8 *)"\x02\0\0\0gw-c.example", 16 };
	CHECK(!strcmp(whose(c, &q, "this is not what they think"), "two"));
	config_put(c);
}

/* Base Mode: what was said in the clear with message 3 says whose secret it stands on, too. */
static void test_base(void)
{
	static const struct octets nobody = { (const u8 *)"\x02\0\0\0gw-z.example", 16 };
	struct question q = v1_question(ISAKMP_UPCALL_V1_SKEYID, "one");
	struct config *c = config_new();
	struct answer a;

	add_peer(c, "one", 1, B, NULL, "any", NULL);
	add_cred(c, "a", A, TEXT_SECRET);
	add_cred(c, "by-address", "ipv4:198.51.100.7", "this is not what they think");
	CHECK_EQ(config_finish(c), 0);
	q.aggressive = true;
	CHECK(!strcmp(whose(c, &q, TEXT_SECRET), "one"));
	q.kind = ISAKMP_UPCALL_R_AUTH;
	a = decide(c, &q);
	CHECK_REASON(a.reason, ISAKMP_OK);
	CHECK(a.remote_cred && !strcmp(a.remote_cred, "a"));
	CHECK(a.local_cred && !strcmp(a.local_cred, "a"));
	q.id_i = nobody;
	a = decide(c, &q);
	CHECK(a.remote_cred && !strcmp(a.remote_cred, "by-address"));
	config_put(c);
}

/* A question of Aggressive Mode from who says that he is @id; whom he is taken for. */
static struct answer ask_aggressive(const struct config *c, const char *id)
{
	struct question q = v1_question(ISAKMP_UPCALL_V1_SKEYID, "main");
	static u8 body[64];

	memset(body, 0, 4);
	body[0] = IKE_ID_FQDN;
	memcpy(body + 4, id, strlen(id));
	q.id_i = (struct octets) { body, 4 + strlen(id) };
	q.aggressive = true;
	q.exchange = V1_AGGRESSIVE;
	q.n_peer = 3;
	q.peer[1].name = "one";
	q.peer[2].name = "two";
	return decide(c, &q);
}

/*
 * Of three peers the first may not begin by Aggressive Mode: its identity, and one that nobody
 * has, are answered alike, by one that may; with none that may, by nobody.
 */
static void test_accept(void)
{
	static const char *const ids[] = { "gw-m.example", "nobody.example" };
	struct config *c = config_new(), *none = config_new();
	struct answer a, known;
	size_t i;

	add_peer(c, "main", 1, B, "s", "fqdn:gw-m.example", NULL);
	add_peer(none, "main", 1, B, "s", "fqdn:gw-m.example", NULL);
	peer_accept = BIT(V1_AGGRESSIVE) | BIT(V1_MAIN);
	add_peer(c, "one", 2, B, "s", "fqdn:gw-1.example", NULL);
	add_peer(c, "two", 3, B, "s", "fqdn:gw-2.example", NULL);
	peer_accept = 0;
	add_cred(c, "s", NULL, TEXT_SECRET);
	add_cred(none, "s", NULL, TEXT_SECRET);
	CHECK_EQ(config_finish(c), 0);
	CHECK_EQ(config_finish(none), 0);
	known = ask_aggressive(c, "gw-2.example");
	CHECK(!known.reason && known.peer && !strcmp(known.peer->name, "two"));
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		tap_note("%s", ids[i]);
		a = ask_aggressive(c, ids[i]);
		CHECK_REASON(a.reason, ISAKMP_OK);
		CHECK(a.peer && strcmp(a.peer->name, "main"));
		CHECK(memcmp(a.skeyid, known.skeyid, known.skeyid_len));
		a = ask_aggressive(none, ids[i]);
		CHECK_REASON(a.reason, ISAKMP_R_NO_SECRET);
	}
	config_put(c);
	config_put(none);
}

static void test_begin(void)
{
	struct question q = v1_question(ISAKMP_UPCALL_V1_BEGIN, "gw-b");
	struct config *c = side_a(TEXT_SECRET);
	struct answer a;

	q.prf = 0;
	a = decide(c, &q);
	CHECK_REASON(a.reason, ISAKMP_OK);
	CHECK_EQ(a.n_methods, 1);
	CHECK_EQ(a.methods[0], V1_M_PSK);
	CHECK_EQ(a.local_id_len, id_a_body.n);
	CHECK_MEM(a.local_id, id_a, id_a_body.n);
	q.peer[0].name = "gone";
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_IDENTITY);
	config_put(c);
}

/* Each version has its peers. */
static void test_versions(void)
{
	struct question q = v1_question(ISAKMP_UPCALL_R_AUTH, "gw-a"), q2;
	u8 auth[PSK_PRF_MAX];
	struct config *c;
	static const u16 want[][2] = {
		[ISAKMP_VERSIONS_2]	   = { ISAKMP_OK, ISAKMP_R_NO_IDENTITY },
		[ISAKMP_VERSIONS_1]	   = { ISAKMP_R_NO_IDENTITY, ISAKMP_OK },
		[ISAKMP_VERSIONS_2_THEN_1] = { ISAKMP_OK, ISAKMP_OK },
	};

	q2 = r_auth(auth);
	for (peer_versions = 0; peer_versions < ARRAY_SIZE(want); peer_versions++) {
		c = side_b(TEXT_SECRET);
		q.more = q2.more = !q.more;
		CHECK_REASON(verdict(c, &q2), want[peer_versions][0]);
		CHECK_REASON(verdict(c, &q), want[peer_versions][1]);
		config_put(c);
	}
	peer_versions = ISAKMP_VERSIONS_2_THEN_1;
}

/* Every part that a kind of question needs, missing, too short and too long. */
static void test_incomplete(void)
{
	static const struct {
		size_t offset;
		size_t bad[3];
		u32 kinds;
	} parts[] = {
		{ offsetof(struct question, ni), { 0, 7, 257 }, BIT(6) },
		{ offsetof(struct question, nr), { 0, 7, 257 }, BIT(6) },
		{ offsetof(struct question, id_i), { 0, 4, 260 }, BIT(2) },
		{ offsetof(struct question, id_r), { 0, 4, 260 }, BIT(3) },
	};
	static const u8 kinds[] = { ISAKMP_UPCALL_R_AUTH, ISAKMP_UPCALL_I_VERIFY,
				    ISAKMP_UPCALL_V1_SKEYID };
	struct config *c = side_b(TEXT_SECRET);
	struct octets *o;
	struct question q;
	size_t i, j, k;

	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		for (i = 0; i < ARRAY_SIZE(parts); i++) {
			for (j = 0; j < 3 && (!j || parts[i].bad[j]); j++) {
				q = v1_question(kinds[k], "gw-a");
				q.initiator = kinds[k] == ISAKMP_UPCALL_I_VERIFY;
				o = (struct octets *)((u8 *)&q + parts[i].offset);
				o->n = parts[i].bad[j];
				tap_note("kind %u part %zu length %zu", kinds[k], i, o->n);
				if (parts[i].kinds & BIT(kinds[k]))
					CHECK_REASON(verdict(c, &q), ISAKMP_R_HELPER_ERROR);
			}
		}
		q = v1_question(kinds[k], "gw-a");
		q.prf = 4;
		CHECK_REASON(verdict(c, &q), ISAKMP_R_HELPER_ERROR);
		q = v1_question(kinds[k], "gw-a");
		q.n_peer = 0;
		CHECK_REASON(verdict(c, &q), ISAKMP_R_HELPER_ERROR);
		/* one of version 2 is no such question */
		q = v1_question(kinds[k], "gw-a");
		q.version = 0;
		CHECK_REASON(verdict(c, &q), ISAKMP_R_HELPER_ERROR);
	}
	tap_note(" ");
	q = v1_question(99, "gw-a");
	CHECK_REASON(verdict(c, &q), ISAKMP_R_HELPER_ERROR);
	config_put(c);
}

/* For the log: who the peer is, in whichever role. */
static void test_his(void)
{
	static const struct {
		u8 kind;
		bool initiator;
		u16 method;
		char who;
	} rows[] = {
		{ ISAKMP_UPCALL_R_AUTH, false, V1_M_PSK, 'a' },
		{ ISAKMP_UPCALL_I_VERIFY, true, V1_M_PSK, 'b' },
		{ ISAKMP_UPCALL_I_VERIFY, false, V1_M_PSK, 'a' },
		{ ISAKMP_UPCALL_V1_SKEYID, true, V1_M_PSK, 'b' },
		{ ISAKMP_UPCALL_V1_SKEYID, false, V1_M_PSK, 'a' },
		{ ISAKMP_UPCALL_V1_CONFIG, true, V1_M_PSK, 'b' },
		{ ISAKMP_UPCALL_V1_CONFIG, false, V1_M_PSK, 'a' },
		/* XAUTH: there the flag says who is asked */
		{ ISAKMP_UPCALL_V1_XAUTH, false, V1_M_XAUTH_I_PSK, 'a' },
		{ ISAKMP_UPCALL_V1_XAUTH, true, V1_M_XAUTH_I_PSK, 'b' },
		{ ISAKMP_UPCALL_V1_XAUTH, false, V1_M_XAUTH_R_PSK, 'b' },
		{ ISAKMP_UPCALL_V1_XAUTH, true, V1_M_XAUTH_R_PSK, 'a' },
	};
	static const struct answer none;
	struct ident id, want;
	struct question q;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		tap_note("row %zu", i);
		q = v1_question(rows[i].kind, "gw");
		q.initiator = rows[i].initiator;
		q.method = rows[i].method;
		auth_his(&q, &none, &id);
		CHECK(ident_from_body(rows[i].who == 'a' ? q.id_i.p : q.id_r.p,
				      rows[i].who == 'a' ? q.id_i.n : q.id_r.n, &want));
		CHECK(ident_equal(&id, &want));
	}
	q.id_i.n = 0;
	auth_his(&q, &none, &id);
	CHECK_EQ(id.type, 0);
}

int main(void)
{
	fill_all();
	peer_versions = ISAKMP_VERSIONS_2_THEN_1;
	TAP_RUN(test_skeyid, "v1: SKEYID of both sides is the one of the vectors");
	TAP_RUN(test_by_address, "v1: Main Mode: whose secret, by addresses");
	TAP_RUN(test_no_secret, "v1: what is no secret of the peer's");
	TAP_RUN(test_main_stands, "v1: Main Mode: what an acceptance stands on is the secret that was used");
	TAP_RUN(test_which, "v1: r-auth: templates, other methods, other exchanges");
	TAP_RUN(test_by_identity, "v1: Aggressive Mode: whose secret, by identity");
	TAP_RUN(test_base, "v1: Base Mode: whose secret, by identity, and what stands on it");
	TAP_RUN(test_decoy, "v1: Aggressive Mode: who is not known is answered alike");
	TAP_RUN(test_decoy_names, "v1: Aggressive Mode: the name of ours tells nobody who is known");
	TAP_RUN(test_accept, "v1-skeyid: an identity that may not begin so, and one that nobody has, are answered alike");
	TAP_RUN(test_begin, "v1: who we are and how we authenticate");
	TAP_RUN(test_r_auth, "v1: r-auth: who may connect with that secret");
	TAP_RUN(test_i_verify, "v1: i-verify holds the responder to its identity");
	TAP_RUN(test_same_secret, "v1: Main Mode: two peers with one secret");
	TAP_RUN(test_same_file, "v1: two creds of the same file are one secret");
	TAP_RUN(test_methods, "v1: of all methods the one of the peer object alone");
	TAP_RUN(test_versions, "v1: each version has its peers");
	TAP_RUN(test_his, "v1: the log names the peer, not us");
	TAP_RUN(test_incomplete, "v1: incomplete questions are helper-error");
	return tap_done();
}
