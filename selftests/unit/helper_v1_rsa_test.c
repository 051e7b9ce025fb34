// SPDX-License-Identifier: GPL-2.0
/*
 * RSA encryption of version 1: what was encrypted for us, what was not, and that nobody can
 * tell one from the other; keys that sign do not decrypt.
 */
#include <isakmp/ikev1.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "helper.h"
#include "helper_pki.h"
#include "isakmpd/v1_rsa.h"

#define K 256

static EVP_PKEY *key_a(void)
{
	return pki_key(PKI_RSA, 0);
}

static EVP_PKEY *key_b(void)
{
	return pki_key(PKI_RSA, 1);
}

/* A block, encrypted as it is. */
static struct octets raw(const u8 b[K])
{
	static u8 out[K];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key_a(), NULL);
	size_t n = sizeof(out);

	CHECK(EVP_PKEY_encrypt_init(ctx) > 0 &&
	      EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0 &&
	      EVP_PKEY_encrypt(ctx, out, &n, b, K) > 0 && n == K);
	EVP_PKEY_CTX_free(ctx);
	return (struct octets) { out, n };
}

static void block(u8 b[K], size_t n)
{
	memset(b, 0x77, K);
	b[0] = 0, b[1] = 2;
	b[K - n - 1] = 0;
	fill(b + K - n, n, 0x31, 5);
}

/* Decrypts; true: to what is in the block. */
static bool opens(const u8 b[K], size_t n, size_t min, size_t max)
{
	struct octets c = raw(b);
	u8 out[V1_RSA_PLAIN_MAX], again[V1_RSA_PLAIN_MAX], nothing[V1_RSA_PLAIN_MAX];
	size_t len = v1_rsa_decrypt(key_a(), &c, min, max, out);
	size_t none = v1_rsa_nothing(key_a(), &c, min, max, nothing);
	bool good = len == n && !memcmp(out, b + K - n, n);

	/* the same whenever it comes, of a length that may be */
	CHECK_EQ(v1_rsa_decrypt(key_a(), &c, min, max, again), len);
	CHECK_MEM(again, out, len);
	CHECK(len >= min && len <= max);
	if (!good) {
		CHECK_EQ(len, none);
		CHECK_MEM(out, nothing, len);
	}
	return good;
}

static void test_block(void)
{
	size_t n, at;
	u8 b[K];

	for (n = 8; n <= 245; n++) {
		block(b, n);
		CHECK(opens(b, n, 8, 256));
	}
	block(b, 32);
	CHECK(opens(b, 32, 32, 32));
	CHECK(!opens(b, 32, 33, 256));
	CHECK(!opens(b, 32, 8, 31));
	b[0] = 0x40;		/* less than the modulus, whose highest bit is set */
	CHECK(!opens(b, 32, 8, 256));
	b[0] = 0;
	b[1] = 1;
	CHECK(!opens(b, 32, 8, 256));
	b[1] = 0;
	CHECK(!opens(b, 32, 8, 256));
	/* a fill that is too short, one octet after the other */
	for (at = 2; at < 12; at++) {
		block(b, 32);
		b[at] = 0;
		CHECK(opens(b, K - at - 1, 8, 256) == (at >= 10));
	}
	/* no end of the fill, nothing behind it */
	block(b, 32);
	b[K - 33] = 1;
	fill(b + K - 32, 32, 1, 1);
	CHECK(!opens(b, 32, 8, 256));
	b[K - 1] = 0;
	CHECK(!opens(b, 0, 8, 256));
	CHECK(!ERR_peek_error());
}

/* Of another length, more than the modulus, for somebody else. */
static void test_others(void)
{
	u8 c[IKE_AUTH_MAX] = { 0 }, d[IKE_AUTH_MAX], out[V1_RSA_PLAIN_MAX], plain[16] = "0123456789abcde";
	struct octets o = { plain, 16 };

	o.n = v1_rsa_encrypt(key_b(), &o, c);
	o.p = c;
	CHECK_EQ(o.n, K);
	CHECK(v1_rsa_decrypt(key_a(), &o, 16, 16, out) == 16 && memcmp(out, plain, 16));
	CHECK(v1_rsa_decrypt(key_b(), &o, 16, 16, out) == 16 && !memcmp(out, plain, 16));
	o.n = K - 1;
	CHECK(v1_rsa_decrypt(key_b(), &o, 16, 16, out) == 16 && memcmp(out, plain, 16));
	o.n = K + 1;
	CHECK(v1_rsa_decrypt(key_b(), &o, 16, 16, out) == 16 && memcmp(out, plain, 16));
	memset(c, 0xff, K);
	o.n = K;
	CHECK_EQ(v1_rsa_decrypt(key_b(), &o, 16, 16, out), 16);
	CHECK_EQ(v1_rsa_decrypt(pki_key(PKI_P256, 0), &o, 16, 16, out), 0);
	CHECK(!ERR_peek_error());
	/* nobody can tell it who has not both the key and what came */
	CHECK_EQ(v1_rsa_nothing(key_b(), &o, 16, 16, out), 16);
	CHECK_EQ(v1_rsa_nothing(key_a(), &o, 16, 16, d), 16);
	CHECK(memcmp(out, d, 16));
	c[0] ^= 1;
	CHECK_EQ(v1_rsa_nothing(key_b(), &o, 16, 16, d), 16);
	CHECK(memcmp(out, d, 16));
	/* more than fits into a block */
	o = (struct octets) { c, K - 10 };
	CHECK_EQ(v1_rsa_encrypt(key_b(), &o, d), 0);
}

/* ---- decisions ------------------------------------------------------------------------- */

static struct loaded *files[7];

static enum cred_state load_file(const struct cred_source *src, const struct config_cred *cred,
				 struct loaded **l)
{
	if (cred->file[0] < '0' || cred->file[0] > '6')
		return CRED_NONE;
	*l = loaded_get(files[cred->file[0] - '0']);
	return CRED_READY;
}

static enum cred_state slow;

static const char *slow_one = "own";

/* The file of a key that decrypts is slow. */
static enum cred_state load_slowly(const struct cred_source *src, const struct config_cred *cred,
				   struct loaded **l)
{
	return strcmp(cred->name, slow_one) ? load_file(src, cred, l) : slow;
}

static void cred(struct config *c, const char *name, u8 type, const char *file)
{
	CHECK(!config_add_cred(c, &(struct config_cred) { .name = name, .type = type,
							   .file = file }));
}

static void side(struct config *c, const char *peer, u8 which, u8 method, const char *id,
		 const char *cred_name)
{
	u8 attr[IDENT_ATTR_MAX];
	struct config_auth a = { .method = method, .cred = cred_name };

	a.id = ident(id, attr);
	CHECK_EQ(config_add_auth(c, peer, which, &a), 0);
}

static struct config *configure(bool a, u8 method, const char *also)
{
	struct config_peer p = { .name = "gw", .gen = 1, .versions = ISAKMP_VERSIONS_1 };
	struct config *c = config_new();

	CHECK_EQ(config_add_peer(c, &p), 0);
	side(c, "gw", ISAKMP_SIDE_LOCAL, method, a ? A : B, "own");
	side(c, "gw", ISAKMP_SIDE_REMOTE, method, a ? B : A, "his");
	cred(c, "own", ISAKMP_CRED_KEY, a ? "0" : "1");
	cred(c, "his", ISAKMP_CRED_PUBKEY, a ? "3" : "2");
	cred(c, "copy", ISAKMP_CRED_KEY, a ? "0" : "1");
	cred(c, "other", ISAKMP_CRED_KEY, "4");
	if (also) {
		p.name = "also";
		CHECK_EQ(config_add_peer(c, &p), 0);
		side(c, "also", ISAKMP_SIDE_LOCAL, ISAKMP_METHOD_PUBKEY, a ? A : B, also);
		side(c, "also", ISAKMP_SIDE_REMOTE, ISAKMP_METHOD_PUBKEY, "any", "his");
	}
	CHECK_EQ(config_finish(c), 0);
	return c;
}

static struct question ask(u8 kind, u16 method)
{
	return (struct question) {
		.id = 42, .sa = 1, .kind = kind, .version = 1, .method = method,
		.prf = IKE_PRF_HMAC_SHA2_256, .n_peer = 1, .peer = { { .name = "gw" } },
		.secret = { n_i, 32 }, .secret_id = id_a_body, .id_i = id_a_body,
		.initiator = kind == ISAKMP_UPCALL_V1_ENCRYPT,
	};
}

static void test_talk(void)
{
	struct config *a = configure(true, ISAKMP_METHOD_RSA_ENC, NULL);
	struct config *b = configure(false, ISAKMP_METHOD_RSA_ENC, NULL);
	struct question q = ask(ISAKMP_UPCALL_V1_ENCRYPT, V1_M_RSA_ENC);
	static struct answer i, r, v;

	i = decide(a, &q);
	CHECK_REASON(i.reason, ISAKMP_OK);
	CHECK(i.secret.n == K && i.secret_id.n == K && !i.names_peer && !i.remote_cred);
	q = ask(ISAKMP_UPCALL_V1_DECRYPT, V1_M_RSA_ENC);
	q.secret = i.secret;
	q.secret_id = i.secret_id;
	r = decide(b, &q);
	CHECK_REASON(r.reason, ISAKMP_OK);
	CHECK(r.secret.n == 32 && !memcmp(r.secret.p, n_i, 32));
	CHECK(r.secret_id.n == id_a_body.n && !memcmp(r.secret_id.p, id_a, id_a_body.n));
	CHECK(r.local_cred && !strcmp(r.local_cred, "own"));
	auth_release(&i);

	/* the responder's, for the one whom it read of */
	q = ask(ISAKMP_UPCALL_V1_ENCRYPT, V1_M_RSA_ENC);
	q.initiator = false;
	q.id_i = r.secret_id;
	v = decide(b, &q);
	CHECK_REASON(v.reason, ISAKMP_OK);
	CHECK(v.names_peer && v.local_id_len == id_b_body.n && !v.handle_len);
	q = ask(ISAKMP_UPCALL_V1_DECRYPT, V1_M_RSA_ENC);
	q.initiator = true;
	q.secret = v.secret;
	q.secret_id = v.secret_id;
	i = decide(a, &q);
	CHECK_REASON(i.reason, ISAKMP_OK);
	CHECK(i.secret.n == 32 && !memcmp(i.secret.p, n_i, 32));
	CHECK(i.secret_id.n == id_b_body.n && !memcmp(i.secret_id.p, id_b, id_b_body.n));
	auth_release(&i);
	auth_release(&r);
	auth_release(&v);

	q = ask(ISAKMP_UPCALL_R_AUTH, V1_M_RSA_ENC);
	r = decide(b, &q);
	CHECK_REASON(r.reason, ISAKMP_OK);
	CHECK(r.remote_cred && !strcmp(r.remote_cred, "his") && r.handle_len && r.unique_len);
	auth_release(&r);
	config_put(a);
	config_put(b);
}

/* Bleichenbacher: whatever comes is answered alike, as far as one can see. */
static void test_oracle(void)
{
	struct config *b = configure(false, ISAKMP_METHOD_RSA_ENC, NULL);
	struct question q = ask(ISAKMP_UPCALL_V1_DECRYPT, V1_M_RSA_ENC);
	u8 junk[K] = { 1 };
	static struct answer r, again, v;
	struct ident id;

	q.secret = q.secret_id = (struct octets) { junk, K };
	r = decide(b, &q);
	again = decide(b, &q);
	CHECK_REASON(r.reason, ISAKMP_OK);
	CHECK(r.secret.n >= V1_NONCE_MIN && r.secret.n <= IKE_NONCE_MAX);
	CHECK(r.secret.n == again.secret.n && !memcmp(r.secret.p, again.secret.p, r.secret.n));
	CHECK(ident_from_body(r.secret_id.p, r.secret_id.n, &id) && id.type && !r.secret_id.p[1]);
	/* goes on: for somebody that nobody knows, too */
	q = ask(ISAKMP_UPCALL_V1_ENCRYPT, V1_M_RSA_ENC);
	q.initiator = false;
	q.id_i = r.secret_id;
	v = decide(b, &q);
	CHECK_REASON(v.reason, ISAKMP_OK);
	CHECK(v.secret.n == K && v.secret_id.n == K && v.local_id_len);
	auth_release(&v);
	/* nor does it matter what it said (revised, the kernel opens that) */
	q.method = V1_M_RSA_ENC;
	q.id_i = (struct octets) { junk, 1 };
	v = decide(b, &q);
	CHECK_REASON(v.reason, ISAKMP_OK);
	CHECK(v.secret.n == K && v.secret_id.n == K && v.local_id_len);
	auth_release(&v);
	/* and gets nowhere */
	q = ask(ISAKMP_UPCALL_R_AUTH, V1_M_RSA_ENC);
	q.id_i = r.secret_id;
	CHECK_REASON(verdict(b, &q), ISAKMP_R_NO_IDENTITY);
	auth_release(&r);
	auth_release(&again);
	config_put(b);
}

/* What is no nonce, or no identity of phase 1, does not come out, though it was encrypted for us. */
static void test_unusual(void)
{
	static const struct octets bodies[] = {
		{ (const u8 *)"\4\0\0\0\xc0\0\2\0\xff\xff\xff\0", 12 },	/* a subnet */
		{ (const u8 *)"\2\6\0\x50gw-a.example", 16 },			/* for TCP */
		{ (const u8 *)"\2\x11\1\xf4gw-a.example", 16 },			/* usual */
	};
	struct config *b = configure(false, ISAKMP_METHOD_RSA_ENC, NULL);
	struct question q = ask(ISAKMP_UPCALL_V1_DECRYPT, V1_M_RSA_ENC);
	struct octets nonce = { n_i, V1_NONCE_MIN - 1 };
	u8 n[IKE_AUTH_MAX], id[IKE_AUTH_MAX];
	static struct answer r;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bodies); i++) {
		tap_note("identity %u", i);
		nonce.n = V1_NONCE_MIN - (i < 2);
		q.secret = (struct octets) { n, v1_rsa_encrypt(key_b(), &nonce, n) };
		q.secret_id = (struct octets) { id, v1_rsa_encrypt(key_b(), &bodies[i], id) };
		r = decide(b, &q);
		CHECK_REASON(r.reason, ISAKMP_OK);
		CHECK(r.secret.n >= V1_NONCE_MIN);
		CHECK_EQ(r.secret.n == nonce.n, i == 2);
		CHECK_EQ(r.secret_id.n == bodies[i].n && !memcmp(r.secret_id.p, bodies[i].p, 12), i == 2);
		CHECK_EQ(r.secret_id.p[0], i == 2 ? IKE_ID_FQDN : IKE_ID_KEY_ID);
		auth_release(&r);
	}
	tap_note(" ");
	config_put(b);
}

/* The peer's key by its identity; without it nothing is encrypted, and nobody believed. */
static void test_his_key(void)
{
	struct config_peer p = { .name = "gw", .gen = 1, .versions = ISAKMP_VERSIONS_1 };
	struct question q = ask(ISAKMP_UPCALL_V1_ENCRYPT, V1_M_RSA_ENC);
	struct config *c = config_new();
	u8 attr[IDENT_ATTR_MAX];
	struct ident id = ident(B, attr);
	static struct answer v;

	CHECK_EQ(config_add_peer(c, &p), 0);
	side(c, "gw", ISAKMP_SIDE_LOCAL, ISAKMP_METHOD_RSA_ENC, A, "own");
	side(c, "gw", ISAKMP_SIDE_REMOTE, ISAKMP_METHOD_RSA_ENC, B, NULL);
	cred(c, "own", ISAKMP_CRED_KEY, "0");
	CHECK(!config_add_cred(c, &(struct config_cred) { .name = "his", .file = "3", .id = &id,
							   .type = ISAKMP_CRED_PUBKEY, .n_id = 1 }));
	CHECK_EQ(config_finish(c), 0);
	v = decide(c, &q);
	CHECK_REASON(v.reason, ISAKMP_OK);
	CHECK_EQ(v.secret.n, K);
	auth_release(&v);
	config_put(c);

	c = config_new();
	CHECK_EQ(config_add_peer(c, &p), 0);
	side(c, "gw", ISAKMP_SIDE_LOCAL, ISAKMP_METHOD_RSA_ENC, A, "own");
	side(c, "gw", ISAKMP_SIDE_REMOTE, ISAKMP_METHOD_RSA_ENC, B, "his");
	cred(c, "own", ISAKMP_CRED_KEY, "0");
	cred(c, "his", ISAKMP_CRED_PUBKEY, "gone");
	CHECK_EQ(config_finish(c), 0);
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_SECRET);
	q = ask(ISAKMP_UPCALL_I_VERIFY, V1_M_RSA_ENC);
	q.initiator = true;
	q.id_r = id_b_body;
	CHECK_REASON(verdict(c, &q), ISAKMP_R_NO_SECRET);
	config_put(c);
}

static void test_revised(void)
{
	struct config *a = configure(true, ISAKMP_METHOD_RSA_REV, NULL);
	struct config *b = configure(false, ISAKMP_METHOD_RSA_REV, NULL);
	struct question q = ask(ISAKMP_UPCALL_V1_ENCRYPT, V1_M_RSA_REV);
	static struct answer i, r;

	q.secret_id.n = 0;
	i = decide(a, &q);
	CHECK_REASON(i.reason, ISAKMP_OK);
	CHECK(i.secret.n == K && !i.secret_id.n);
	q = ask(ISAKMP_UPCALL_V1_DECRYPT, V1_M_RSA_REV);
	q.secret = i.secret;
	q.secret_id.n = 0;
	r = decide(b, &q);
	CHECK_REASON(r.reason, ISAKMP_OK);
	CHECK(r.secret.n == 32 && !memcmp(r.secret.p, n_i, 32) && !r.secret_id.n);
	auth_release(&r);
	/* the other method is not what the operator has named */
	q.method = V1_M_RSA_ENC;
	q.secret_id = q.secret;
	CHECK_REASON(verdict(b, &q), ISAKMP_R_AUTH_METHOD);
	auth_release(&i);
	config_put(a);
	config_put(b);
}

/* The second certificate is not read yet: who may mean it waits, unless the first is meant. */
static void slow_meant(const struct config *c, const struct question *q, unsigned int j)
{
	static const enum cred_state states[] = { CRED_WAIT, CRED_BUSY, CRED_NONE };
	static struct answer r;
	unsigned int i;

	source.load = load_slowly;
	slow_one = "cert-2";
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		slow = states[i];
		r = decide(c, q);
		if (j < 2 || slow == CRED_NONE) {
			CHECK_REASON(r.reason, ISAKMP_OK);
		} else {
			CHECK_REASON(r.reason, ISAKMP_R_CRED_BUSY);
			CHECK_EQ(r.wait, slow == CRED_WAIT);
		}
		auth_release(&r);
	}
	slow_one = "own";
	source.load = load_file;
}

/* Several keys of ours: HASH(1) says which; of a certificate that nobody has, it says nothing. */
static void meant(X509 *const *certs)
{
	struct config_peer p = { .gen = 1, .versions = ISAKMP_VERSIONS_1 };
	static const char *const names[] = { "gw", "two" };
	struct config *c = config_new();
	struct question q = ask(ISAKMP_UPCALL_V1_DECRYPT, V1_M_RSA_REV);
	u8 to[IKE_AUTH_MAX], hash[32];
	struct octets plain = { n_i, 32 };
	static struct answer r;
	unsigned int i, j;

	cred(c, "his", ISAKMP_CRED_PUBKEY, "2");
	for (i = 0; i < 2; i++) {
		p.name = names[i];
		CHECK_EQ(config_add_peer(c, &p), 0);
		cred(c, i ? "cert-2" : "cert-1", ISAKMP_CRED_X509, i ? "6" : "5");
		side(c, p.name, ISAKMP_SIDE_LOCAL, ISAKMP_METHOD_RSA_REV, B,
		     i ? "cert-2" : "cert-1");
		side(c, p.name, ISAKMP_SIDE_REMOTE, ISAKMP_METHOD_RSA_REV, A, "his");
	}
	CHECK_EQ(config_finish(c), 0);
	q.n_peer = 2;
	q.peer[1].name = "two";
	q.secret_id.n = 0;
	for (i = 0; i < 2; i++) {
		q.secret = (struct octets) { to, v1_rsa_encrypt(i ? pki_key(PKI_RSA, 2) : key_b(),
								&plain, to) };
		/* none, that of the first, of the second, of another */
		for (j = 0; j < 4; j++) {
			tap_note("key %u, hash %u", i, j);
			q.auth = (struct octets) { hash, j ? 32 : 0 };
			if (j) {
				struct octets b = pki_body(certs[j - 1]);

				CHECK(EVP_Q_digest(NULL, "SHA256", NULL, b.p + 1, b.n - 1, hash,
						   NULL) == 1);
				free((void *)b.p);
			}
			r = decide(c, &q);
			CHECK_REASON(r.reason, ISAKMP_OK);
			CHECK_EQ(r.secret.n == 32 && !memcmp(r.secret.p, n_i, 32), i == (j == 2));
			CHECK(!strcmp(r.local_cred, j == 2 ? "cert-2" : "cert-1"));
			auth_release(&r);
			slow_meant(c, &q, j);
		}
	}
	config_put(c);
}

static void test_hash_1(void)
{
	struct pki_wish w[3] = {
		{ .name = "b", .key = key_b() }, { .name = "b", .key = pki_key(PKI_RSA, 2) },
		{ .name = "c", .key = key_a() },
	};
	X509 *certs[3];
	unsigned int i;

	for (i = 0; i < 3; i++)
		certs[i] = pki_cert(&w[i]);
	files[5] = pki_loaded(ISAKMP_CRED_X509, &certs[0], 1, w[0].key);
	files[6] = pki_loaded(ISAKMP_CRED_X509, &certs[1], 1, w[1].key);
	meant(certs);
	for (i = 0; i < 3; i++)
		X509_free(certs[i]);
}

/* A key does one thing. */
static void test_separate(void)
{
	struct config *same = configure(false, ISAKMP_METHOD_RSA_ENC, "own");
	struct config *copy = configure(false, ISAKMP_METHOD_RSA_ENC, "copy");
	struct config *other = configure(false, ISAKMP_METHOD_RSA_ENC, "other");
	struct question q = ask(ISAKMP_UPCALL_V1_DECRYPT, V1_M_RSA_REV), sign, v2;
	u8 junk[K] = { 1 };

	q.method = V1_M_RSA_ENC;
	q.secret = q.secret_id = (struct octets) { junk, K };
	CHECK_REASON(verdict(same, &q), ISAKMP_R_AUTH_METHOD);
	CHECK_REASON(verdict(other, &q), ISAKMP_OK);
	sign = ask(ISAKMP_UPCALL_I_AUTH, V1_M_RSA_SIG);
	sign.peer[0].name = "also";
	sign.msg_i = (struct octets) { msg_1, sizeof(msg_1) };
	sign.sk_pi = (struct octets) { sk_i, 32 };
	sign.id_i.n = 0;
	CHECK_REASON(verdict(same, &sign), ISAKMP_R_AUTH_METHOD);
	CHECK_REASON(verdict(copy, &sign), ISAKMP_R_AUTH_METHOD);
	CHECK_REASON(verdict(other, &sign), ISAKMP_OK);
	/* nor while it cannot be known */
	source.load = load_slowly;
	slow = CRED_BUSY;
	CHECK_REASON(verdict(copy, &sign), ISAKMP_R_CRED_BUSY);
	slow = CRED_WAIT;
	CHECK(verdict(copy, &sign) != ISAKMP_OK);
	/* what is not there decrypts nothing */
	slow = CRED_NONE;
	CHECK_REASON(verdict(other, &sign), ISAKMP_OK);
	source.load = load_file;
	/* nor for version 2 */
	v2 = question(ISAKMP_UPCALL_I_AUTH, "also");
	v2.hashes = IKE_HASH_BIT(IKE_HASH_SHA2_256);
	CHECK_REASON(verdict(copy, &v2), ISAKMP_R_AUTH_METHOD);
	CHECK_REASON(verdict(other, &v2), ISAKMP_OK);
	config_put(same);
	config_put(copy);
	config_put(other);
}

int main(void)
{
	unsigned int i;

	fill_all();
	source.load = load_file;
	files[0] = pki_loaded(ISAKMP_CRED_KEY, NULL, 0, key_a());
	files[1] = pki_loaded(ISAKMP_CRED_KEY, NULL, 0, key_b());
	files[2] = pki_loaded(ISAKMP_CRED_PUBKEY, NULL, 0, key_a());
	files[3] = pki_loaded(ISAKMP_CRED_PUBKEY, NULL, 0, key_b());
	files[4] = pki_loaded(ISAKMP_CRED_KEY, NULL, 0, pki_key(PKI_RSA, 2));
	TAP_RUN(test_block, "v1 encryption: the right block alone, all others are no error");
	TAP_RUN(test_others, "v1 encryption: for somebody else, of another length");
	TAP_RUN(test_talk, "v1 encryption: there and back");
	TAP_RUN(test_oracle, "v1 encryption: what was not encrypted for us goes on, to nowhere");
	TAP_RUN(test_unusual, "v1 encryption: what is no nonce and no identity of phase 1");
	TAP_RUN(test_his_key, "v1 encryption: the peer's key, or nobody is believed");
	TAP_RUN(test_revised, "v1 encryption: revised: the nonce alone");
	TAP_RUN(test_hash_1, "v1 encryption: HASH(1) says which key is meant");
	TAP_RUN(test_separate, "v1 encryption: a key that signs does not decrypt");
	for (i = 0; i < ARRAY_SIZE(files); i++)
		loaded_put(files[i]);
	return tap_done();
}
