// SPDX-License-Identifier: GPL-2.0
/*
 * The helper's decisions of version 1 with keys: the method that our key is for, certificates
 * that are asked for, both sides of Main and of Aggressive Mode, what is refused.
 */
#include <isakmp/ikev1.h>

#include "helper.h"
#include "helper_pki.h"
#include "isakmpd/v1_sig.h"

#define SKEYID 32

static struct loaded *files[16];
static const char *file_names[16];
static unsigned int n_files;

static enum cred_state load_file(const struct cred_source *src, const struct config_cred *cred,
				 struct loaded **l)
{
	unsigned int i;

	if (!strcmp(cred->file, "slow"))
		return CRED_WAIT;
	for (i = 0; i < n_files; i++) {
		if (strcmp(file_names[i], cred->file))
			continue;
		*l = loaded_get(files[i]);
		return CRED_READY;
	}
	return CRED_NONE;
}

static void put_file(const char *name, u8 type, X509 *cert, EVP_PKEY *key)
{
	file_names[n_files] = name;
	files[n_files++] = pki_loaded(type, cert ? &cert : NULL, !!cert, key);
}

#define ALT_A "DNS:gw-a.example"
#define ALT_B "email:gw-b@example.org"

static X509 *root, *alien;

static void leaf(const char *name, EVP_PKEY *key, const char *alt)
{
	struct pki_wish w = { .name = name, .key = key, .by = root, .by_key = pki_key(PKI_P256, 2),
			      .alt = alt };
	X509 *cert = pki_cert(&w);

	put_file(name, ISAKMP_CRED_X509, cert, key);
	X509_free(cert);
}

static void make_pki(void)
{
	struct pki_wish w = { .name = "root", .key = pki_key(PKI_P256, 2), .ca = true };

	root = pki_cert(&w);
	w = (struct pki_wish) { .name = "alien", .key = pki_key(PKI_P384, 2), .ca = true };
	alien = pki_cert(&w);
	put_file("ca", ISAKMP_CRED_CA, root, NULL);
	put_file("alien-ca", ISAKMP_CRED_CA, alien, NULL);
	leaf("a-rsa", pki_key(PKI_RSA, 0), ALT_A);
	leaf("b-rsa", pki_key(PKI_RSA, 1), ALT_B);
	leaf("a-p256", pki_key(PKI_P256, 0), ALT_A);
	leaf("b-p256", pki_key(PKI_P256, 1), ALT_B);
	leaf("a-p521", pki_key(PKI_P521, 0), ALT_A);
	leaf("b-p521", pki_key(PKI_P521, 1), ALT_B);
	leaf("a-dsa", pki_dsa(0), ALT_A);
	leaf("b-dsa", pki_dsa(1), ALT_B);
	leaf("a-ed", pki_key(PKI_ED25519, 0), ALT_A);
	put_file("a-key", ISAKMP_CRED_KEY, NULL, pki_key(PKI_RSA, 0));
}

static void drop_pki(void)
{
	while (n_files)
		loaded_put(files[--n_files]);
	X509_free(root);
	X509_free(alien);
}

/* ---- configurations -------------------------------------------------------------------- */

static void cred(struct config *c, const char *name, u8 type, const char *id, const char *file)
{
	u8 attr[IDENT_ATTR_MAX];
	struct ident v;
	struct config_cred k = { .name = name, .type = type, .file = file, .id = &v };

	if (id) {
		v = ident(id, attr);
		k.n_id = 1;
	}
	CHECK_EQ(config_add_cred(c, &k), 0);
}

static void side(struct config *c, u8 which, u8 method, const char *id, const char *xauth,
		 u8 scheme)
{
	u8 attr[IDENT_ATTR_MAX];
	struct config_auth a = { .method = method, .xauth = xauth, .n_scheme = !!scheme,
				 .scheme = { scheme } };

	a.id = ident(id, attr);
	CHECK_EQ(config_add_auth(c, "gw", which, &a), 0);
}

static struct config *begin(void)
{
	struct config_peer p = { .name = "gw", .gen = 1, .versions = ISAKMP_VERSIONS_1 };
	struct config *c = config_new();

	CHECK_EQ(config_add_peer(c, &p), 0);
	return c;
}

static struct config *end(struct config *c)
{
	CHECK_EQ(config_finish(c), 0);
	return c;
}

static struct config *signer(const char *us, const char *them, const char *file,
			     const char *file2, u8 scheme)
{
	struct config *c = begin();

	side(c, ISAKMP_SIDE_LOCAL, ISAKMP_METHOD_PUBKEY, us, NULL, scheme);
	side(c, ISAKMP_SIDE_REMOTE, ISAKMP_METHOD_PUBKEY, them, NULL, scheme);
	cred(c, "own", ISAKMP_CRED_X509, us, file);
	if (file2)
		cred(c, "own2", ISAKMP_CRED_X509, us, file2);
	cred(c, "ca", ISAKMP_CRED_CA, NULL, "ca");
	return end(c);
}

/* ---- questions ----------------------------------------------------------------------------- */

static struct question v1_question(u8 kind, u16 method)
{
	struct question q = {
		.id = 42, .sa = 1, .kind = kind, .version = 1, .method = method,
		.prf = IKE_PRF_HMAC_SHA2_256, .n_peer = 1, .peer = { { .name = "gw" } },
		.msg_i = { msg_1, sizeof(msg_1) }, .msg_r = { msg_2, sizeof(msg_2) },
		.sk_pi = { sk_i, SKEYID }, .id_i = id_a_body, .id_r = id_b_body,
	};

	q.initiator = kind != ISAKMP_UPCALL_R_AUTH;
	return q;
}

static struct question i_auth_question(u16 method)
{
	struct question q = v1_question(ISAKMP_UPCALL_I_AUTH, method);

	q.id_i.n = q.id_r.n = 0;
	return q;
}

static void carry(struct question *q, const struct answer *a)
{
	u8 k;

	q->auth = (struct octets) { a->auth, a->auth_len };
	for (k = 0; k < a->n_cert; k++)
		q->cert[k] = a->cert[k];
	q->n_cert = a->n_cert;
}

struct talk {
	struct answer i, r, v;
};

static void talk_release(struct talk *t)
{
	auth_release(&t->i);
	auth_release(&t->r);
	auth_release(&t->v);
}

/* Main Mode, as far as it goes; returns the reason that ended it. */
static u16 main_mode(const struct config *a, const struct config *b, u16 method, struct talk *t)
{
	struct question q = i_auth_question(method);

	*t = (struct talk) { 0 };
	t->i = decide(a, &q);
	if (t->i.reason)
		return t->i.reason;
	q = v1_question(ISAKMP_UPCALL_R_AUTH, method);
	q.id_i = (struct octets) { t->i.local_id, t->i.local_id_len };
	q.id_r.n = 0;
	carry(&q, &t->i);
	t->r = decide(b, &q);
	if (t->r.reason)
		return t->r.reason;
	q = v1_question(ISAKMP_UPCALL_I_VERIFY, method);
	q.id_r = (struct octets) { t->r.local_id, t->r.local_id_len };
	carry(&q, &t->r);
	t->v = decide(a, &q);
	return t->v.reason;
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void test_main_mode(void)
{
	static const struct {
		const char *a, *b;
		u16 method, len;
	} kinds[] = {
		{ "a-rsa", "b-rsa", V1_M_RSA_SIG, 256 },
		{ "a-p256", "b-p256", V1_M_ECDSA_256, 64 },
		{ "a-p521", "b-p521", V1_M_ECDSA_521, 132 },
		{ "a-dsa", "b-dsa", V1_M_DSS_SIG, 56 },
	};
	struct config *a, *b;
	static struct talk t;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		tap_note("%s", kinds[i].a);
		a = signer(A, B, kinds[i].a, NULL, 0);
		b = signer(B, A, kinds[i].b, NULL, 0);
		CHECK_REASON(main_mode(a, b, kinds[i].method, &t), ISAKMP_OK);
		CHECK_EQ(t.i.auth_len, kinds[i].len);
		CHECK_EQ(t.r.auth_len, kinds[i].len);
		CHECK(!t.i.auth_method && !t.r.auth_method);	/* a number of version 2 */
		CHECK(t.i.n_cert == 1 && t.r.n_cert == 1 && t.r.names_peer && !t.v.names_peer);
		CHECK(!strcmp(t.i.local_cred, "own") && !strcmp(t.r.remote_cred, "ca"));
		CHECK(t.r.unique_len && t.r.handle_len && t.r.auth_left && t.v.unique_len);
		talk_release(&t);
		config_put(a);
		config_put(b);
	}
	tap_note(" ");
}

/* A key is for one method; of several keys the one that the method is for. */
static void test_methods(void)
{
	struct config *a = signer(A, B, "a-rsa", "a-p256", 0), *b = signer(B, A, "b-rsa", "b-p256", 0);
	struct config *rsa = signer(A, B, "a-rsa", NULL, 0), *ed = signer(A, B, "a-ed", NULL, 0);
	struct question q = v1_question(ISAKMP_UPCALL_V1_BEGIN, 0);
	struct answer v;
	static struct talk t;

	v = decide(a, &q);
	CHECK_REASON(v.reason, ISAKMP_OK);
	CHECK(v.n_methods == 2 && v.methods[0] == V1_M_RSA_SIG && v.methods[1] == V1_M_ECDSA_256);
	auth_release(&v);
	v = decide(rsa, &q);
	CHECK(v.n_methods == 1 && v.methods[0] == V1_M_RSA_SIG);
	auth_release(&v);
	CHECK_REASON(verdict(ed, &q), ISAKMP_R_AUTH_METHOD);

	CHECK_REASON(main_mode(a, b, V1_M_ECDSA_256, &t), ISAKMP_OK);
	CHECK_EQ(t.r.auth_len, 64);
	talk_release(&t);
	CHECK_REASON(main_mode(a, b, V1_M_RSA_SIG, &t), ISAKMP_OK);
	talk_release(&t);
	CHECK_REASON(main_mode(a, b, V1_M_ECDSA_384, &t), ISAKMP_R_AUTH_METHOD);
	talk_release(&t);
	CHECK_REASON(main_mode(rsa, b, V1_M_ECDSA_256, &t), ISAKMP_R_AUTH_METHOD);
	talk_release(&t);
	CHECK_REASON(main_mode(rsa, b, V1_M_PSK, &t), ISAKMP_R_AUTH_METHOD);
	talk_release(&t);
	CHECK_REASON(main_mode(rsa, b, V1_M_XAUTH_I_RSA, &t), ISAKMP_R_AUTH_METHOD);
	talk_release(&t);
	config_put(a);
	config_put(b);
	config_put(rsa);
	config_put(ed);
}

/* Of all methods there are, one: that of the peer object and of the key. */
static void test_own_method(void)
{
	struct config *rsa = signer(A, B, "a-rsa", NULL, 0), *ec = signer(A, B, "a-p256", NULL, 0);
	struct config *b = signer(B, A, "b-rsa", "b-p256", 0);
	struct question q = i_auth_question(V1_M_RSA_SIG), bad;
	u32 m, by_rsa = 0, by_ec = 0;
	static struct answer i;

	for (m = 0; m <= 65535; m++) {
		q.method = (u16)m;
		if (!verdict(rsa, &q))
			by_rsa = by_rsa << 16 | m;
		if (!verdict(ec, &q))
			by_ec = by_ec << 16 | m;
	}
	CHECK_EQ(by_rsa, V1_M_RSA_SIG);
	CHECK_EQ(by_ec, V1_M_ECDSA_256);
	/* a signature that is right, by a key that is not for the method */
	q.method = V1_M_RSA_SIG;
	i = decide(rsa, &q);
	CHECK_REASON(i.reason, ISAKMP_OK);
	bad = v1_question(ISAKMP_UPCALL_R_AUTH, V1_M_ECDSA_256);
	bad.id_r.n = 0;
	carry(&bad, &i);
	CHECK_REASON(verdict(b, &bad), ISAKMP_R_AUTH_METHOD);
	bad.method = V1_M_RSA_SIG;
	CHECK_REASON(verdict(b, &bad), ISAKMP_OK);
	auth_release(&i);
	config_put(rsa);
	config_put(ec);
	config_put(b);
}

/* What is signed is made with the hash of the curve, or of DSS, whatever was negotiated. */
static void test_own_hash(void)
{
	const struct {
		const char *file;
		u16 method, prf;
		EVP_PKEY *key;
	} rows[] = {
		{ "a-rsa", V1_M_RSA_SIG, IKE_PRF_HMAC_MD5, pki_key(PKI_RSA, 0) },
		{ "a-p256", V1_M_ECDSA_256, IKE_PRF_HMAC_SHA2_256, pki_key(PKI_P256, 0) },
		{ "a-p521", V1_M_ECDSA_521, IKE_PRF_HMAC_SHA2_512, pki_key(PKI_P521, 0) },
		{ "a-dsa", V1_M_DSS_SIG, IKE_PRF_HMAC_SHA1, pki_dsa(0) },
	};
	struct octets key = { sk_i, 16 }, hash, sig;
	struct question q;
	u8 octets[PSK_PRF_MAX];
	static struct answer v;
	struct config *c;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		tap_note("%s", rows[i].file);
		c = signer(A, B, rows[i].file, NULL, 0);
		q = i_auth_question(rows[i].method);
		q.prf = IKE_PRF_HMAC_MD5;
		q.sk_pi.n = 16;
		v = decide(c, &q);
		CHECK_REASON(v.reason, ISAKMP_OK);
		struct octets what[] = { q.msg_i, { v.local_id, v.local_id_len } };

		CHECK(psk_prf(rows[i].prf, &key, what, 2, octets));
		hash = (struct octets) { octets, psk_prf_len(rows[i].prf) };
		sig = (struct octets) { v.auth, v.auth_len };
		CHECK(v1_sig_check(rows[i].key, &hash, &sig));
		auth_release(&v);
		config_put(c);
	}
	tap_note(" ");
}

/* Our name as the certificate writes it; but what we have said already stays as it was said. */
static void test_said(void)
{
	X509_NAME *subject = X509_NAME_new();
	struct pki_wish w = { .subject = subject, .key = pki_key(PKI_RSA, 0), .by = root,
			      .by_key = pki_key(PKI_P256, 2) };
	struct question q = i_auth_question(V1_M_RSA_SIG);
	u8 attr[IDENT_ATTR_MAX], body[IDENT_BODY_MAX];
	struct ident id = ident("dn:CN=gw-a", attr);
	static struct answer v;
	struct config *c;
	X509 *cert;
	size_t n;

	CHECK(X509_NAME_add_entry_by_txt(subject, "CN", V_ASN1_PRINTABLESTRING,
					 (const u8 *)"gw-a", -1, -1, 0));
	cert = pki_cert(&w);
	put_file("a-dn", ISAKMP_CRED_X509, cert, w.key);
	c = signer("dn:CN=gw-a", B, "a-dn", NULL, 0);
	n = ident_to_body(&id, body);
	v = decide(c, &q);
	CHECK_REASON(v.reason, ISAKMP_OK);
	CHECK_EQ(v.local_id_len, n);
	CHECK(memcmp(v.local_id, body, n));
	auth_release(&v);
	q.id_i = (struct octets) { body, n };
	v = decide(c, &q);
	CHECK_REASON(v.reason, ISAKMP_OK);
	CHECK_EQ(v.local_id_len, n);
	CHECK_MEM(v.local_id, body, n);
	auth_release(&v);
	config_put(c);
	X509_free(cert);
	X509_NAME_free(subject);
}

/* Schemes that the operator allows are those of version 2; version 1 has their like. */
static void test_schemes(void)
{
	struct config *pss = signer(A, B, "a-rsa", NULL, ISAKMP_SCHEME_RSA_PSS);
	struct config *pkcs1 = signer(A, B, "a-rsa", NULL, ISAKMP_SCHEME_RSA_PKCS1);
	struct config *ecdsa = signer(A, B, "a-dsa", "a-p256", ISAKMP_SCHEME_ECDSA);
	struct question q = v1_question(ISAKMP_UPCALL_V1_BEGIN, 0);
	struct answer v;

	CHECK_REASON(verdict(pss, &q), ISAKMP_R_AUTH_METHOD);
	CHECK_REASON(verdict(pkcs1, &q), ISAKMP_OK);
	v = decide(ecdsa, &q);
	CHECK(v.n_methods == 1 && v.methods[0] == V1_M_ECDSA_256);
	auth_release(&v);
	config_put(pss);
	config_put(pkcs1);
	config_put(ecdsa);
}

/* ID and HASH: what is signed is the whole conversation and who it was. */
static void test_refusals(void)
{
	struct config *a = signer(A, B, "a-rsa", NULL, 0), *b = signer(B, A, "b-rsa", NULL, 0);
	struct question q = i_auth_question(V1_M_RSA_SIG), good, bad;
	static struct answer i, v;
	u8 sk[SKEYID], msg[sizeof(msg_1)], id[sizeof(id_a)];

	i = decide(a, &q);
	CHECK_REASON(i.reason, ISAKMP_OK);
	good = v1_question(ISAKMP_UPCALL_R_AUTH, V1_M_RSA_SIG);
	good.id_r.n = 0;
	carry(&good, &i);
	CHECK_REASON(verdict(b, &good), ISAKMP_OK);
	bad = good;
	memcpy(sk, sk_i, SKEYID);
	sk[31] ^= 1;
	bad.sk_pi.p = sk;
	CHECK_REASON(verdict(b, &bad), ISAKMP_R_AUTH_FAILED);
	bad = good;
	memcpy(msg, msg_1, sizeof(msg));
	msg[299] ^= 1;
	bad.msg_i.p = msg;
	CHECK_REASON(verdict(b, &bad), ISAKMP_R_AUTH_FAILED);
	/* the port of the ID is signed, too */
	bad = good;
	memcpy(id, id_a, sizeof(id));
	id[1] = 17, id[2] = 1, id[3] = 0xf4;
	bad.id_i.p = id;
	CHECK_REASON(verdict(b, &bad), ISAKMP_R_AUTH_FAILED);
	bad = good;
	bad.prf = IKE_PRF_HMAC_SHA1;
	bad.sk_pi.n = 20;
	CHECK_REASON(verdict(b, &bad), ISAKMP_R_AUTH_FAILED);
	/* no signature, no certificate, somebody else's */
	bad = good;
	bad.auth.n = 0;
	CHECK_REASON(verdict(b, &bad), ISAKMP_R_AUTH_FAILED);
	bad = good;
	bad.n_cert = 0;
	CHECK_REASON(verdict(b, &bad), ISAKMP_R_CERT_UNTRUSTED);
	v = decide(b, &good);
	bad = good;
	bad.cert[0] = v.cert[0];
	CHECK_REASON(verdict(b, &bad), ISAKMP_R_CERT_IDENTITY);
	auth_release(&v);
	auth_release(&i);
	config_put(a);
	config_put(b);
}

/* Every part that a signature is of, missing, too short and too long. */
static void test_incomplete(void)
{
	static const struct {
		size_t offset;
		size_t bad[3];
		u8 kinds;	/* BIT(kind) */
	} parts[] = {
		{ offsetof(struct question, msg_i), { 0, V1_HASHED_MAX + 1 }, BIT(1) | BIT(2) },
		{ offsetof(struct question, msg_r), { 0, V1_HASHED_MAX + 1 }, BIT(2) | BIT(3) },
		{ offsetof(struct question, sk_pi), { 0, 31, 33 }, BIT(1) | BIT(2) | BIT(3) },
		{ offsetof(struct question, id_i), { 4, 260 }, BIT(1) | BIT(2) },
		{ offsetof(struct question, id_r), { 4, 260 }, BIT(2) | BIT(3) },
	};
	struct config *c = signer(B, A, "b-rsa", NULL, 0);
	struct octets *o;
	struct question q;
	size_t i, j;
	u8 kind;

	for (kind = 1; kind <= 3; kind++) {
		for (i = 0; i < ARRAY_SIZE(parts); i++) {
			for (j = 0; j < 3 && (!j || parts[i].bad[j]); j++) {
				q = v1_question(kind, V1_M_RSA_SIG);
				o = (struct octets *)((u8 *)&q + parts[i].offset);
				o->n = parts[i].bad[j];
				tap_note("kind %u part %zu length %zu", kind, i, o->n);
				if (parts[i].kinds & BIT(kind))
					CHECK_REASON(verdict(c, &q), ISAKMP_R_HELPER_ERROR);
			}
		}
	}
	tap_note(" ");
	config_put(c);
}

/* Aggressive Mode: the responder signs first, and has said who it is when it checks. */
static void test_aggressive(void)
{
	struct config *a = signer(A, B, "a-rsa", NULL, 0), *b = signer(B, A, "b-rsa", NULL, 0);
	struct question q = v1_question(ISAKMP_UPCALL_R_AUTH, V1_M_RSA_SIG);
	static const u8 said[] = "\x02\x11\x01\xf4gw-a.example";
	static struct answer i, r, v;

	q.aggressive = q.proof_later = true;
	q.id_i = (struct octets) { said, sizeof(said) - 1 };
	q.id_r.n = 0;
	r = decide(b, &q);
	CHECK_REASON(r.reason, ISAKMP_OK);
	/* nobody is believed yet */
	CHECK(r.auth_len == 256 && !r.unique_len && !r.remote_cred && !r.handle_len);

	q = v1_question(ISAKMP_UPCALL_I_VERIFY, V1_M_RSA_SIG);
	q.aggressive = true;
	carry(&q, &r);
	CHECK_REASON(verdict(a, &q), ISAKMP_OK);
	/* our identity went out as it is in the question */
	q = i_auth_question(V1_M_RSA_SIG);
	q.aggressive = true;
	q.id_i = (struct octets) { said, sizeof(said) - 1 };
	i = decide(a, &q);
	CHECK_REASON(i.reason, ISAKMP_OK);
	CHECK_MEM(i.local_id, said, sizeof(said) - 1);

	q = v1_question(ISAKMP_UPCALL_I_VERIFY, V1_M_RSA_SIG);
	q.initiator = false;
	q.aggressive = true;
	q.id_i = (struct octets) { said, sizeof(said) - 1 };
	carry(&q, &i);
	v = decide(b, &q);
	CHECK_REASON(v.reason, ISAKMP_OK);
	CHECK(v.unique_len && v.remote_cred && !v.auth_len && !v.local_id_len);
	/* its own signature sent back is none of the initiator's */
	carry(&q, &r);
	CHECK_REASON(verdict(b, &q), ISAKMP_R_CERT_IDENTITY);
	q.n_cert = i.n_cert;
	q.cert[0] = i.cert[0];
	CHECK_REASON(verdict(b, &q), ISAKMP_R_AUTH_FAILED);
	q.auth.n = 0;
	CHECK_REASON(verdict(b, &q), ISAKMP_R_AUTH_FAILED);
	auth_release(&i);
	auth_release(&r);
	auth_release(&v);
	config_put(a);
	config_put(b);
}

/* CERTREQ: one for each authority, by its name; ours is chosen by what is asked for. */
static void test_certreq(void)
{
	struct config *c = begin(), *two;
	struct question q = v1_question(ISAKMP_UPCALL_V1_BEGIN, 0);
	struct answer v;
	const u8 *der;
	size_t n;
	u8 body[300] = { IKE_CERT_X509_SIGNATURE }, any[] = { IKE_CERT_X509_SIGNATURE };

	side(c, ISAKMP_SIDE_LOCAL, ISAKMP_METHOD_PUBKEY, A, NULL, 0);
	side(c, ISAKMP_SIDE_REMOTE, ISAKMP_METHOD_PUBKEY, B, NULL, 0);
	cred(c, "own", ISAKMP_CRED_X509, A, "a-rsa");
	cred(c, "ca", ISAKMP_CRED_CA, NULL, "ca");
	cred(c, "ca2", ISAKMP_CRED_CA, NULL, "alien-ca");
	end(c);
	v = decide(c, &q);
	CHECK_REASON(v.reason, ISAKMP_OK);
	CHECK(v.n_authority == 2 && !v.certreq.n);
	CHECK(X509_NAME_get0_der(X509_get_subject_name(root), &der, &n));
	CHECK_EQ(v.authority[0].n, 1 + n);
	CHECK(v.authority[0].p[0] == IKE_CERT_X509_SIGNATURE);
	CHECK_MEM(v.authority[0].p + 1, der, n);
	auth_release(&v);
	config_put(c);

	/* two keys for one method: which authority is asked for decides */
	two = begin();
	side(two, ISAKMP_SIDE_LOCAL, ISAKMP_METHOD_PUBKEY, A, NULL, 0);
	side(two, ISAKMP_SIDE_REMOTE, ISAKMP_METHOD_PUBKEY, B, NULL, 0);
	cred(two, "a-key", ISAKMP_CRED_KEY, A, "a-key");
	cred(two, "own", ISAKMP_CRED_X509, A, "a-rsa");
	cred(two, "ca", ISAKMP_CRED_CA, NULL, "ca");
	end(two);
	q = i_auth_question(V1_M_RSA_SIG);
	v = decide(two, &q);
	CHECK(v.local_cred && !strcmp(v.local_cred, "a-key"));
	auth_release(&v);
	memcpy(body + 1, der, n);
	q.n_certreq = 1;
	q.certreq[0] = (struct octets) { body, 1 + n };
	v = decide(two, &q);
	CHECK(v.local_cred && !strcmp(v.local_cred, "own"));
	auth_release(&v);
	q.certreq[0] = (struct octets) { any, 1 };
	v = decide(two, &q);
	CHECK(v.local_cred && !strcmp(v.local_cred, "own"));
	auth_release(&v);
	/* whose lists are asked for does not matter */
	body[0] = IKE_CERT_CRL;
	q.certreq[0] = (struct octets) { body, 1 + n };
	v = decide(two, &q);
	CHECK(v.local_cred && !strcmp(v.local_cred, "a-key"));
	auth_release(&v);
	body[0] = IKE_CERT_X509_SIGNATURE;
	body[3] ^= 1;
	q.certreq[0] = (struct octets) { body, 1 + n };
	v = decide(two, &q);
	CHECK(v.local_cred && !strcmp(v.local_cred, "a-key"));
	auth_release(&v);
	config_put(two);
}

/* Of two certificates that one whose issuer is asked for, though we know nothing else of either. */
static void test_issuer(void)
{
	struct pki_wish w = { .name = "a", .key = pki_key(PKI_RSA, 0), .alt = ALT_A,
			      .by = alien, .by_key = pki_key(PKI_P384, 2) };
	X509 *const issuers[] = { root, alien };
	static const char *const creds[] = { "first", "second" };
	X509 *cert = pki_cert(&w);
	struct config *c = begin();
	struct question q = i_auth_question(V1_M_RSA_SIG);
	u8 body[300] = { IKE_CERT_X509_SIGNATURE };
	struct answer v;
	const u8 *der;
	unsigned int i;
	size_t n;

	put_file("a-alien", ISAKMP_CRED_X509, cert, w.key);
	side(c, ISAKMP_SIDE_LOCAL, ISAKMP_METHOD_PUBKEY, A, NULL, 0);
	side(c, ISAKMP_SIDE_REMOTE, ISAKMP_METHOD_PUBKEY, B, NULL, 0);
	cred(c, "first", ISAKMP_CRED_X509, A, "a-rsa");
	cred(c, "second", ISAKMP_CRED_X509, A, "a-alien");
	end(c);
	for (i = 0; i < 2; i++) {
		CHECK(X509_NAME_get0_der(X509_get_subject_name(issuers[i]), &der, &n));
		memcpy(body + 1, der, n);
		q.n_certreq = 1;
		q.certreq[0] = (struct octets) { body, 1 + n };
		v = decide(c, &q);
		CHECK(v.local_cred && !strcmp(v.local_cred, creds[i]));
		auth_release(&v);
	}
	config_put(c);
	X509_free(cert);
}

/* Hybrid: one side signs, the other one is asked by XAUTH. */
static void test_hybrid(void)
{
	struct config *client = begin(), *server = begin();
	struct question q = v1_question(ISAKMP_UPCALL_V1_BEGIN, 0);
	struct answer v, r;

	side(client, ISAKMP_SIDE_LOCAL, ISAKMP_METHOD_XAUTH, A, "me", 0);
	side(client, ISAKMP_SIDE_REMOTE, ISAKMP_METHOD_PUBKEY, B, NULL, 0);
	cred(client, "ca", ISAKMP_CRED_CA, NULL, "ca");
	end(client);
	side(server, ISAKMP_SIDE_LOCAL, ISAKMP_METHOD_PUBKEY, B, NULL, 0);
	side(server, ISAKMP_SIDE_REMOTE, ISAKMP_METHOD_XAUTH, "any", "users", 0);
	cred(server, "own", ISAKMP_CRED_X509, B, "b-rsa");
	end(server);

	v = decide(client, &q);
	CHECK_REASON(v.reason, ISAKMP_OK);
	CHECK(v.n_methods == 2 && v.methods[0] == V1_M_HYBRID_I_RSA &&
	      v.methods[1] == V1_M_HYBRID_I_DSS && v.n_authority == 1);
	auth_release(&v);
	q = i_auth_question(V1_M_HYBRID_I_RSA);
	CHECK_REASON(verdict(client, &q), ISAKMP_R_AUTH_METHOD);	/* it does not sign */
	q = v1_question(ISAKMP_UPCALL_R_AUTH, V1_M_HYBRID_I_RSA);
	q.id_r.n = 0;
	r = decide(server, &q);
	CHECK_REASON(r.reason, ISAKMP_OK);
	CHECK_EQ(r.auth_len, 256);
	q = v1_question(ISAKMP_UPCALL_I_VERIFY, V1_M_HYBRID_I_RSA);
	carry(&q, &r);
	CHECK_REASON(verdict(client, &q), ISAKMP_OK);
	q.auth.n--;
	CHECK_REASON(verdict(client, &q), ISAKMP_R_AUTH_FAILED);
	/* a certificate does not make up for the name and password that are asked for */
	q = v1_question(ISAKMP_UPCALL_R_AUTH, V1_M_RSA_SIG);
	carry(&q, &r);
	CHECK_REASON(verdict(server, &q), ISAKMP_R_AUTH_METHOD);
	auth_release(&r);
	config_put(client);
	config_put(server);
}

int main(void)
{
	fill_all();
	make_pki();
	source.load = load_file;
	TAP_RUN(test_main_mode, "v1 keys: Main Mode between two sides");
	TAP_RUN(test_methods, "v1 keys: methods are those of our keys");
	TAP_RUN(test_own_method, "v1 keys: of all methods the one of the key alone (threat 84)");
	TAP_RUN(test_own_hash, "v1 keys: what is signed is made with the hash of the key");
	TAP_RUN(test_said, "v1 keys: who we are stays as it was said");
	TAP_RUN(test_schemes, "v1 keys: schemes that are allowed");
	TAP_RUN(test_refusals, "v1 keys: nothing but the right signature of the right one");
	TAP_RUN(test_incomplete, "v1 keys: incomplete questions are helper-error");
	TAP_RUN(test_aggressive, "v1 keys: Aggressive Mode");
	TAP_RUN(test_certreq, "v1 keys: CERTREQ, ours and the peer's");
	TAP_RUN(test_issuer, "v1 keys: CERTREQ names the issuer of one of our certificates");
	TAP_RUN(test_hybrid, "v1 keys: hybrid authentication");
	drop_pki();
	return tap_done();
}
