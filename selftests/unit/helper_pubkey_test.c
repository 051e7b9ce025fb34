// SPDX-License-Identifier: GPL-2.0
/*
 * The helper's decisions with keys: certificates, known keys, a secret on one
 * side and a key on the other; which certificate, and what is refused.
 */
#include "common/dn.h"
#include "helper.h"
#include "helper_pki.h"
#include "isakmpd/trust.h"

#define HASHES_ALL (IKE_HASH_BIT(IKE_HASH_SHA2_256) | IKE_HASH_BIT(IKE_HASH_SHA2_384) | \
		    IKE_HASH_BIT(IKE_HASH_SHA2_512) | IKE_HASH_BIT(IKE_HASH_IDENTITY))

/* ---- files in memory: what a cred's `file` holds, and how often it was wanted ----- */

static struct file {
	const char *name;
	u8 type;
	struct loaded *l;	/* NULL: cannot be read */
	enum cred_state state;	/* if not READY */
	unsigned int loads;
} files[40];

static size_t n_files;

static struct file *file_of(const char *name)
{
	size_t i;

	for (i = 0; i < n_files; i++)
		if (!strcmp(files[i].name, name))
			return &files[i];
	return NULL;
}

static enum cred_state load_file(const struct cred_source *src, const struct config_cred *cred,
				 struct loaded **l)
{
	struct file *f = file_of(cred->file);

	if (!f)
		return CRED_NONE;
	f->loads++;
	if (f->state)
		return f->state;
	CHECK_EQ(f->type, cred->type);
	*l = loaded_get(f->l);
	return *l ? CRED_READY : CRED_NONE;
}

static void put_file(const char *name, u8 type, X509 *const *certs, unsigned int n, EVP_PKEY *key)
{
	files[n_files++] = (struct file) { name, type, pki_loaded(type, certs, n, key), 0, 0 };
}

/* ---- a PKI -------------------------------------------------------------------------- */

static X509 *root, *middle, *alien, *certs[64];
static EVP_PKEY *root_key, *middle_key, *alien_key;
static unsigned int n_certs;

static X509 *keep(struct pki_wish w)
{
	w.name = w.name ? w.name : "leaf";
	return certs[n_certs++] = pki_cert(&w);
}

static X509 *leaf(EVP_PKEY *key, const char *alt)
{
	return keep((struct pki_wish) { .key = key, .by = root, .by_key = root_key, .alt = alt });
}

#define ALT_A "DNS:gw-a.example"
#define ALT_B "email:gw-b@example.org"

static const char *const a_files[] = { "a-rsa", "a-p256", "a-p384", "a-p521", "a-ed25519" };
static const char *const b_files[] = { "b-rsa", "b-p256", "b-p384", "b-p521", "b-ed25519" };

static void make_pki(void)
{
	struct pki_wish w;
	X509 *c, *pair[2];
	unsigned int kind;

	root_key = pki_key(PKI_P256, 2);
	middle_key = pki_key(PKI_P256, 3);
	alien_key = pki_key(PKI_P384, 2);
	root = keep((struct pki_wish) { .name = "root", .key = root_key, .ca = true });
	alien = keep((struct pki_wish) { .name = "alien", .key = alien_key, .ca = true });
	middle = keep((struct pki_wish) { .name = "middle", .key = middle_key, .by = root,
					  .by_key = root_key, .ca = true });
	put_file("root", ISAKMP_CRED_CA, &root, 1, NULL);
	put_file("alien", ISAKMP_CRED_CA, &alien, 1, NULL);
	for (kind = 0; kind < PKI_KINDS; kind++) {
		c = leaf(pki_key(kind, 0), ALT_A);
		put_file(a_files[kind], ISAKMP_CRED_X509, &c, 1, pki_key(kind, 0));
		c = leaf(pki_key(kind, 1), ALT_B);
		put_file(b_files[kind], ISAKMP_CRED_X509, &c, 1, pki_key(kind, 1));
	}
	put_file("a-key", ISAKMP_CRED_KEY, NULL, 0, pki_key(PKI_ED25519, 0));
	put_file("b-key", ISAKMP_CRED_KEY, NULL, 0, pki_key(PKI_ED25519, 1));
	put_file("a-pub", ISAKMP_CRED_PUBKEY, NULL, 0, pki_key(PKI_ED25519, 0));
	put_file("b-pub", ISAKMP_CRED_PUBKEY, NULL, 0, pki_key(PKI_ED25519, 1));
	c = leaf(pki_key(PKI_P256, 0), "DNS:gw-x.example");
	put_file("a-other", ISAKMP_CRED_X509, &c, 1, pki_key(PKI_P256, 0));
	w = (struct pki_wish) { .key = pki_key(PKI_P256, 0), .by = root, .by_key = root_key,
				.alt = ALT_A, .from = -9, .till = -1 };
	c = keep(w);
	put_file("a-over", ISAKMP_CRED_X509, &c, 1, pki_key(PKI_P256, 0));
	w = (struct pki_wish) { .key = pki_key(PKI_P256, 0), .by = alien, .by_key = alien_key,
				.alt = ALT_A };
	c = keep(w);
	put_file("a-alien", ISAKMP_CRED_X509, &c, 1, pki_key(PKI_P256, 0));
	w = (struct pki_wish) { .key = pki_key(PKI_P256, 0), .by = middle, .by_key = middle_key,
				.alt = ALT_A };
	pair[0] = keep(w);
	pair[1] = middle;
	put_file("a-far", ISAKMP_CRED_X509, pair, 2, pki_key(PKI_P256, 0));
}

static void drop_pki(void)
{
	while (n_files)
		loaded_put(files[--n_files].l);
	while (n_certs)
		X509_free(certs[--n_certs]);
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

static void side(struct config *c, u8 which, u8 method, const char *id, const char *name,
		 const char *ca)
{
	u8 attr[IDENT_ATTR_MAX];
	struct config_auth a = { .method = method, .cred = name, .n_ca = !!ca, .ca = &ca };

	a.id = ident(id, attr);
	CHECK_EQ(config_add_auth(c, "gw", which, &a), 0);
}

static struct config *begin(void)
{
	struct config *c = config_new();

	CHECK_EQ(config_add_peer(c, &(struct config_peer) { .name = "gw", .gen = 1 }), 0);
	return c;
}

static struct config *end(struct config *c)
{
	CHECK_EQ(config_finish(c), 0);
	return c;
}

/* One that signs with what is in @file, and trusts @ca. */
static struct config *signer(const char *us, const char *them, const char *file, const char *ca)
{
	struct config *c = begin();

	side(c, ISAKMP_SIDE_LOCAL, ISAKMP_METHOD_PUBKEY, us, NULL, NULL);
	side(c, ISAKMP_SIDE_REMOTE, ISAKMP_METHOD_PUBKEY, them, NULL, NULL);
	cred(c, "own", ISAKMP_CRED_X509, us, file);
	cred(c, "ca", ISAKMP_CRED_CA, NULL, ca);
	return end(c);
}

/* ---- conversations ----------------------------------------------------------------------- */

struct talk {
	struct answer i, r, v;
};

static void carry(struct question *q, const struct answer *a)
{
	u8 k;

	q->auth_method = a->auth_method;
	q->auth = (struct octets) { a->auth, a->auth_len };
	for (k = 0; k < a->n_cert; k++)
		q->cert[k] = a->cert[k];
	q->n_cert = a->n_cert;
	if (a->certreq.n) {
		q->certreq[0] = a->certreq;
		q->n_certreq = 1;
	}
}

/* As far as it goes; returns the reason that ended it. */
static u16 converse(const struct config *a, const struct config *b, u32 hashes, struct talk *t)
{
	struct question q = question(ISAKMP_UPCALL_I_AUTH, "gw");

	*t = (struct talk) { 0 };
	q.hashes = hashes;
	t->i = decide(a, &q);
	if (t->i.reason)
		return t->i.reason;
	q = question(ISAKMP_UPCALL_R_AUTH, "gw");
	q.hashes = hashes;
	q.id_i = (struct octets) { t->i.local_id, t->i.local_id_len };
	q.id_r = (struct octets) { t->i.remote_id, t->i.remote_id_len };
	carry(&q, &t->i);
	t->r = decide(b, &q);
	if (t->r.reason)
		return t->r.reason;
	q = question(ISAKMP_UPCALL_I_VERIFY, "gw");
	q.id_i = (struct octets) { t->i.local_id, t->i.local_id_len };
	q.id_r = (struct octets) { t->r.local_id, t->r.local_id_len };
	carry(&q, &t->r);
	t->v = decide(a, &q);
	return t->v.reason;
}

static void talk_release(struct talk *t)
{
	auth_release(&t->i);
	auth_release(&t->r);
	auth_release(&t->v);
}

/* Takes both configurations. */
static u16 outcome(struct config *a, struct config *b, u32 hashes)
{
	struct talk t;
	u16 reason = converse(a, b, hashes, &t);

	talk_release(&t);
	config_put(a);
	config_put(b);
	return reason;
}

static struct config *is_a(const char *file)
{
	return signer(A, B, file, "root");
}

static struct config *is_b(const char *file)
{
	return signer(B, A, file, "root");
}

static void test_conversations(void)
{
	unsigned int i, k;

	for (i = 0; i < PKI_KINDS; i++) {
		for (k = 0; k < PKI_KINDS; k++) {
			tap_note("%s, %s", a_files[i], b_files[k]);
			CHECK_REASON(outcome(is_a(a_files[i]), is_b(b_files[k]), HASHES_ALL),
				     ISAKMP_OK);
		}
	}
	/* nobody announced hashes: RFC 4754 */
	CHECK_REASON(outcome(is_a("a-p256"), is_b("b-p521"), 0), ISAKMP_OK);
	CHECK_REASON(outcome(is_a("a-rsa"), is_b("b-p521"), 0), ISAKMP_R_AUTH_HASH);
	CHECK_REASON(outcome(is_a("a-p384"), is_b("b-ed25519"), 0), ISAKMP_R_AUTH_HASH);
}

static struct config *knows(const char *us, const char *them, const char *key, const char *pub)
{
	struct config *c = begin();

	side(c, ISAKMP_SIDE_LOCAL, ISAKMP_METHOD_PUBKEY, us, "own", NULL);
	side(c, ISAKMP_SIDE_REMOTE, ISAKMP_METHOD_PUBKEY, them, NULL, NULL);
	cred(c, "own", ISAKMP_CRED_KEY, NULL, key);
	cred(c, "his", ISAKMP_CRED_PUBKEY, them, pub);
	return end(c);
}

static void test_known_keys(void)
{
	struct config *a = knows(A, B, "a-key", "b-pub"), *b = knows(B, A, "b-key", "a-pub");
	struct talk t;

	/* RFC 7670 is for those who do not know the key: nothing is sent, nothing asked for */
	CHECK_REASON(converse(a, b, HASHES_ALL, &t), ISAKMP_OK);
	CHECK(!t.i.n_cert && !t.i.certreq.n && !t.r.n_cert);
	talk_release(&t);
	config_put(a);
	config_put(b);
	CHECK_REASON(outcome(knows(A, B, "a-key", "b-pub"), knows(B, A, "b-key", "b-pub"), HASHES_ALL),
		     ISAKMP_R_AUTH_FAILED);
	CHECK_REASON(outcome(knows(A, B, "a-key", "a-pub"), knows(B, A, "b-key", "a-pub"), HASHES_ALL),
		     ISAKMP_R_AUTH_FAILED);
	CHECK_REASON(outcome(knows(A, B, "a-key", "b-pub"), knows(B, A, "b-key", "gone"), HASHES_ALL),
		     ISAKMP_R_NO_SECRET);
	/* the key is known: the certificate that came with it is not looked at */
	CHECK_REASON(outcome(is_a("a-ed25519"), knows(B, A, "b-key", "a-pub"), HASHES_ALL),
		     ISAKMP_R_CERT_UNTRUSTED);	/* by A, who has no key of B's */
}

static void test_raw_payload(void)
{
	struct config *a = knows(A, B, "a-key", "b-pub"), *b = knows(B, A, "b-key", "a-pub");
	struct question q = question(ISAKMP_UPCALL_I_AUTH, "gw");
	struct answer i;
	u8 body[256], *p;
	int n;

	q.hashes = HASHES_ALL;
	i = decide(a, &q);
	q = question(ISAKMP_UPCALL_R_AUTH, "gw");
	q.hashes = HASHES_ALL;
	carry(&q, &i);
	body[0] = IKE_CERT_RAW_PUBLIC_KEY;
	p = body + 1;
	n = i2d_PUBKEY(pki_key(PKI_ED25519, 0), &p);
	q.cert[0] = (struct octets) { body, 1 + (size_t)n };
	q.n_cert = 1;
	CHECK_REASON(verdict(b, &q), ISAKMP_OK);
	/* another key than the one that is known, whoever signed */
	p = body + 1;
	n = i2d_PUBKEY(pki_key(PKI_ED25519, 1), &p);
	CHECK_REASON(verdict(b, &q), ISAKMP_R_CERT_UNTRUSTED);
	q.cert[0].n = 1;
	CHECK_REASON(verdict(b, &q), ISAKMP_R_CERT_UNTRUSTED);
	auth_release(&i);
	config_put(a);
	config_put(b);
}

/* RFC 7296, 2.15: the two sides need not authenticate alike. */
static void test_asymmetric(void)
{
	struct config *a = begin(), *b = begin();

	side(a, ISAKMP_SIDE_LOCAL, ISAKMP_METHOD_PSK, A, "psk", NULL);
	side(a, ISAKMP_SIDE_REMOTE, ISAKMP_METHOD_PUBKEY, B, NULL, "ca");
	cred(a, "psk", ISAKMP_CRED_PSK, NULL, TEXT_SECRET);
	cred(a, "ca", ISAKMP_CRED_CA, NULL, "root");
	side(b, ISAKMP_SIDE_LOCAL, ISAKMP_METHOD_PUBKEY, B, "own", NULL);
	side(b, ISAKMP_SIDE_REMOTE, ISAKMP_METHOD_PSK, A, "psk", NULL);
	cred(b, "psk", ISAKMP_CRED_PSK, NULL, TEXT_SECRET);
	cred(b, "own", ISAKMP_CRED_X509, NULL, "b-rsa");
	CHECK_REASON(outcome(end(a), end(b), HASHES_ALL), ISAKMP_OK);
	/* who has to sign may not use a secret, nor the other way round */
	CHECK_REASON(outcome(is_a("a-rsa"), side_b(TEXT_SECRET), HASHES_ALL), ISAKMP_R_NO_IDENTITY);
}

/* A peer that signs with PKCS #1 gets PKCS #1 (libreswan 639). */
static void test_his_scheme(void)
{
	struct config *a = begin(), *b = is_b("b-rsa");
	static const u8 pkcs1 = ISAKMP_SCHEME_RSA_PKCS1;
	struct config_auth l = { .method = ISAKMP_METHOD_PUBKEY, .n_scheme = 1, .scheme = { pkcs1 } };
	u8 attr[IDENT_ATTR_MAX];
	struct talk t;

	l.id = ident(A, attr);
	CHECK_EQ(config_add_auth(a, "gw", ISAKMP_SIDE_LOCAL, &l), 0);
	side(a, ISAKMP_SIDE_REMOTE, ISAKMP_METHOD_PUBKEY, B, NULL, NULL);
	cred(a, "own", ISAKMP_CRED_X509, A, "a-rsa");
	cred(a, "ca", ISAKMP_CRED_CA, NULL, "root");
	end(a);
	CHECK_REASON(converse(a, b, HASHES_ALL, &t), ISAKMP_OK);
	CHECK_EQ(t.r.auth[0], 15);
	talk_release(&t);
	config_put(a);
	a = is_a("a-rsa");
	CHECK_REASON(converse(a, b, HASHES_ALL, &t), ISAKMP_OK);
	CHECK_EQ(t.r.auth[0], 67);	/* PSS is ours when the peer has no wish */
	talk_release(&t);
	config_put(a);
	config_put(b);
}

/* ---- refusals ------------------------------------------------------------------------------ */

static void test_refusals(void)
{
	static const struct { const char *file; u16 reason; } bad[] = {
		{ "a-alien", ISAKMP_R_CERT_UNTRUSTED }, { "a-over", ISAKMP_R_CERT_EXPIRED },
		{ "a-other", ISAKMP_R_CERT_IDENTITY }, { "gone", ISAKMP_R_NO_SECRET },
	};
	struct config *b = is_b("b-rsa"), *a;
	struct talk t;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		tap_note("%s", bad[i].file);
		a = is_a(bad[i].file);
		file_of("b-rsa")->loads = 0;
		CHECK_REASON(converse(a, b, HASHES_ALL, &t), bad[i].reason);
		/* our key was not even looked at for somebody who has proven nothing */
		CHECK_EQ(file_of("b-rsa")->loads, 0);
		talk_release(&t);
		config_put(a);
	}
	/* all of a chain but its end is to be looked at again */
	a = is_a("a-far");
	CHECK_REASON(converse(a, b, HASHES_ALL, &t), ISAKMP_OK);
	CHECK_EQ(t.r.handle_len, TRUST_DIGEST_LEN + 2 * TRUST_SERIAL_LEN);
	CHECK_EQ(t.v.handle_len, TRUST_DIGEST_LEN + TRUST_SERIAL_LEN);
	talk_release(&t);
	config_put(a);
	/* the responder's side of it: the initiator goes no further */
	tap_note("responder");
	CHECK_REASON(outcome(is_a("a-rsa"), signer(B, A, "a-other", "root"), HASHES_ALL),
		     ISAKMP_R_CERT_IDENTITY);
	CHECK_REASON(outcome(is_a("a-rsa"), signer("fqdn:gw-x.example", A, "a-other", "root"),
			     HASHES_ALL), ISAKMP_R_NO_IDENTITY);
	CHECK_REASON(outcome(signer(A, B, "a-rsa", "alien"), is_b("b-rsa"), HASHES_ALL),
		     ISAKMP_R_CERT_UNTRUSTED);
	CHECK_REASON(outcome(signer(A, B, "a-rsa", "gone"), is_b("b-rsa"), HASHES_ALL),
		     ISAKMP_R_CERT_UNTRUSTED);
	config_put(b);
}

/* What the initiator sent, with something of it taken away or exchanged. */
static void test_tampered(void)
{
	struct config *a = is_a("a-rsa"), *b = is_b("b-rsa"), *c = signer(A, B, "a-p256", "root");
	struct question q = question(ISAKMP_UPCALL_I_AUTH, "gw"), good;
	struct answer i, other;

	q.hashes = HASHES_ALL;
	i = decide(a, &q);
	other = decide(c, &q);
	good = question(ISAKMP_UPCALL_R_AUTH, "gw");
	good.hashes = HASHES_ALL;
	carry(&good, &i);
	CHECK_REASON(verdict(b, &good), ISAKMP_OK);
	q = good;
	q.n_cert = 0;
	CHECK_REASON(verdict(b, &q), ISAKMP_R_CERT_UNTRUSTED);
	q = good;
	q.cert[0] = other.cert[0];	/* a good certificate, of another key */
	CHECK_REASON(verdict(b, &q), ISAKMP_R_AUTH_FAILED);
	q = good;
	q.auth_method = IKE_AM_RSA_SIG;
	CHECK_REASON(verdict(b, &q), ISAKMP_R_AUTH_HASH);
	q.auth_method = 200;
	CHECK_REASON(verdict(b, &q), ISAKMP_R_AUTH_METHOD);
	q = good;
	q.nr.p = n_i;
	CHECK_REASON(verdict(b, &q), ISAKMP_R_AUTH_FAILED);
	q = good;
	q.msg_i.n--;
	CHECK_REASON(verdict(b, &q), ISAKMP_R_AUTH_FAILED);
	q = good;
	q.sk_pi.p = sk_r;
	CHECK_REASON(verdict(b, &q), ISAKMP_R_AUTH_FAILED);
	q = good;	/* AUTH covers RESERVED, though it means nothing */
	q.id_i = (struct octets) { (const u8 *)"\x02\0\0\1gw-a.example", id_a_body.n };
	CHECK_REASON(verdict(b, &q), ISAKMP_R_AUTH_FAILED);
	q = good;
	q.auth.n = 0;
	CHECK(verdict(b, &q));
	auth_release(&i);
	auth_release(&other);
	config_put(a);
	config_put(b);
	config_put(c);
}

static void test_patterns(void)
{
	struct config *b = signer(B, "fqdn:*.example", "b-rsa", "root");

	CHECK_REASON(outcome(is_a("a-rsa"), config_get(b), HASHES_ALL), ISAKMP_OK);
	/* within the pattern, but not what the certificate says */
	CHECK_REASON(outcome(signer("fqdn:gw-z.example", B, "a-rsa", "root"), config_get(b), HASHES_ALL),
		     ISAKMP_R_CERT_IDENTITY);
	CHECK_REASON(outcome(signer("fqdn:*.example", B, "a-rsa", "root"), config_get(b), HASHES_ALL),
		     ISAKMP_R_NO_IDENTITY);
	CHECK_REASON(outcome(signer("fqdn:gw-a.example.net", B, "a-rsa", "root"), config_get(b),
			     HASHES_ALL), ISAKMP_R_NO_IDENTITY);
	config_put(b);
	/* names in DER, compared as such */
	CHECK_REASON(outcome(signer("dn:O=Test,CN=leaf", B, "a-rsa", "root"),
			     signer(B, "dn:O=TEST,CN=Leaf", "b-rsa", "root"), HASHES_ALL), ISAKMP_OK);
	CHECK_REASON(outcome(signer("dn:O=Test,CN=leaf", B, "a-rsa", "root"),
			     signer(B, "dn:CN=leaf,O=Test", "b-rsa", "root"), HASHES_ALL),
		     ISAKMP_R_NO_IDENTITY);
}

/* ---- whose certificate, whose authority -------------------------------------------------------- */

static struct config *both_ways(void)
{
	struct config *c = begin();

	side(c, ISAKMP_SIDE_LOCAL, ISAKMP_METHOD_PUBKEY, A, NULL, NULL);
	side(c, ISAKMP_SIDE_REMOTE, ISAKMP_METHOD_PUBKEY, B, NULL, NULL);
	cred(c, "1-alien", ISAKMP_CRED_X509, A, "a-alien");
	cred(c, "2-far", ISAKMP_CRED_X509, A, "a-far");
	cred(c, "ca-1", ISAKMP_CRED_CA, NULL, "root");
	cred(c, "ca-2", ISAKMP_CRED_CA, NULL, "alien");
	return end(c);
}

static void sent(const struct config *c, const u8 *certreq, size_t n, X509 *want, u8 many)
{
	struct question q = question(ISAKMP_UPCALL_I_AUTH, "gw");
	struct octets body = pki_body(want);
	struct answer a;

	q.hashes = HASHES_ALL;
	q.certreq[0] = (struct octets) { certreq, n };
	q.n_certreq = n != 0;
	a = decide(c, &q);
	CHECK_REASON(a.reason, ISAKMP_OK);
	CHECK_EQ(a.n_cert, many);
	CHECK(a.n_cert && a.cert[0].n == body.n);
	CHECK_MEM(a.cert[0].p, body.p, body.n);
	CHECK_EQ(a.certreq.n, 1 + 2 * 20);
	free((void *)body.p);
	auth_release(&a);
}

static void put_hash(u8 to[20], EVP_PKEY *key)
{
	u8 *der = NULL;
	int n = i2d_PUBKEY(key, &der);

	CHECK(EVP_Q_digest(NULL, "SHA1", NULL, der, (size_t)n, to, NULL));
	OPENSSL_free(der);
}

static void test_certreq(void)
{
	X509 *first = file_of("a-alien")->l->cert, *far = file_of("a-far")->l->cert;
	struct config *c = both_ways();
	u8 req[1 + 60] = { IKE_CERT_X509_SIGNATURE }, many[1 + 20 * 500];

	sent(c, NULL, 0, first, 1);
	put_hash(req + 1, root_key);
	sent(c, req, 21, far, 2);	/* ours, then the one between */
	put_hash(req + 1, middle_key);
	sent(c, req, 21, far, 2);
	put_hash(req + 1, alien_key);
	sent(c, req, 21, first, 1);
	put_hash(req + 21, root_key);
	sent(c, req, 41, first, 1);	/* the first by name that is asked for */
	put_hash(req + 1, pki_key(PKI_P521, 2));
	sent(c, req, 41, far, 2);
	/* a length that fits no hash, another encoding, nothing in it */
	sent(c, req, 40, first, 1);
	sent(c, req, 1, first, 1);
	req[0] = 7;
	sent(c, req, 41, first, 1);
	/* the last of very many */
	req[0] = IKE_CERT_X509_SIGNATURE;
	memset(many, 1, sizeof(many));
	memcpy(many, req, 1);
	put_hash(many + sizeof(many) - 20, root_key);
	sent(c, many, sizeof(many), far, 2);
	config_put(c);
}

static void test_authorities(void)
{
	struct config *a, *b;
	static const struct { const char *ca; u16 reason; } cases[] = {
		{ NULL, ISAKMP_OK }, { "ca-root", ISAKMP_OK },
		{ "ca-alien", ISAKMP_R_CERT_UNTRUSTED }, { "ca-broken", ISAKMP_R_CERT_UNTRUSTED },
		{ "no-such", ISAKMP_R_CERT_UNTRUSTED }, { "own", ISAKMP_R_CERT_UNTRUSTED },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		tap_note("%s", cases[i].ca ? cases[i].ca : "all");
		a = is_a("a-rsa");
		b = begin();
		side(b, ISAKMP_SIDE_LOCAL, ISAKMP_METHOD_PUBKEY, B, NULL, NULL);
		side(b, ISAKMP_SIDE_REMOTE, ISAKMP_METHOD_PUBKEY, A, NULL, cases[i].ca);
		cred(b, "own", ISAKMP_CRED_X509, B, "b-rsa");
		cred(b, "ca-broken", ISAKMP_CRED_CA, NULL, "gone");
		cred(b, "ca-alien", ISAKMP_CRED_CA, NULL, "alien");
		cred(b, "ca-root", ISAKMP_CRED_CA, NULL, "root");
		CHECK_REASON(outcome(a, end(b), HASHES_ALL), cases[i].reason);
	}
}

/* ---- which of several, by what its key can do ------------------------------------------------------ */

/* Two of our own for one identity, neither of them named. */
static struct config *either(const char *us, const char *them, const char *const *own, u8 scheme)
{
	struct config_auth l = { .method = ISAKMP_METHOD_PUBKEY, .n_scheme = !!scheme,
				 .scheme = { scheme } };
	struct config *c = begin();
	u8 attr[IDENT_ATTR_MAX];

	l.id = ident(us, attr);
	CHECK_EQ(config_add_auth(c, "gw", ISAKMP_SIDE_LOCAL, &l), 0);
	side(c, ISAKMP_SIDE_REMOTE, ISAKMP_METHOD_PUBKEY, them, NULL, NULL);
	cred(c, "1st", ISAKMP_CRED_X509, us, own[0]);
	cred(c, "2nd", ISAKMP_CRED_X509, us, own[1]);
	cred(c, "ca", ISAKMP_CRED_CA, NULL, "root");
	return end(c);
}

static const char *const rsa_or_ec[] = { "a-rsa", "a-p256" };
static const char *const rsa_or_384[] = { "a-p384", "a-rsa" };

/* Who answers whom: the file of the certificate that goes out, or the reason. */
static void test_own_kind(void)
{
	static const struct {
		const char *const *own;
		u8 scheme;
		u32 hashes;
		const char *sent;	/* NULL: refused */
		u16 reason;
	} cases[] = {
		{ rsa_or_ec, 0, HASHES_ALL, "a-rsa", 0 },
		{ rsa_or_ec, ISAKMP_SCHEME_ECDSA, HASHES_ALL, "a-p256", 0 },
		{ rsa_or_ec, ISAKMP_SCHEME_RSA_PKCS1, HASHES_ALL, "a-rsa", 0 },
		{ rsa_or_ec, 0, 0, "a-p256", 0 },	/* RFC 4754 is all there is */
		{ rsa_or_384, 0, 0, "a-p384", 0 },
		{ rsa_or_ec, ISAKMP_SCHEME_RSA_PSS, 0, NULL, ISAKMP_R_AUTH_HASH },
		{ rsa_or_ec, ISAKMP_SCHEME_ED25519, HASHES_ALL, NULL, ISAKMP_R_AUTH_METHOD },
		{ rsa_or_ec, 0, IKE_HASH_BIT(IKE_HASH_IDENTITY), NULL, ISAKMP_R_AUTH_HASH },
	};
	struct question q = question(ISAKMP_UPCALL_I_AUTH, "gw");
	struct config *c;
	struct octets body;
	struct answer a;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		tap_note("case %zu", i);
		c = either(A, B, cases[i].own, cases[i].scheme);
		q.hashes = cases[i].hashes;
		a = decide(c, &q);
		CHECK_REASON(a.reason, cases[i].reason);
		if (cases[i].sent && CHECK_EQ(a.n_cert, 1)) {
			body = pki_body(file_of(cases[i].sent)->l->cert);
			CHECK(a.cert[0].n == body.n && !memcmp(a.cert[0].p, body.p, body.n));
			free((void *)body.p);
		}
		auth_release(&a);
		config_put(c);
	}
}

/* Who signs with one kind of key may know no other. */
static void test_his_kind(void)
{
	static const char *const both[] = { "b-rsa", "b-p256" };
	static const char *const foreign[] = { "a-alien", "a-rsa" };
	struct config *b = either(B, A, both, 0), *a = is_a("a-p384");
	struct talk t;

	CHECK_REASON(converse(a, b, HASHES_ALL, &t), ISAKMP_OK);
	CHECK_EQ(t.r.auth[0], 12);	/* ECDSA */
	talk_release(&t);
	config_put(a);
	a = is_a("a-rsa");
	CHECK_REASON(converse(a, b, HASHES_ALL, &t), ISAKMP_OK);
	CHECK_EQ(t.r.auth[0], 67);	/* RSA-PSS */
	talk_release(&t);
	config_put(a);
	a = is_a("a-ed25519");
	CHECK_REASON(converse(a, b, HASHES_ALL, &t), ISAKMP_OK);
	CHECK_EQ(t.r.auth[0], 67);	/* we have none like it: the first */
	talk_release(&t);
	config_put(a);
	config_put(b);
	/* an authority that was asked for weighs more: A answers B's ECDSA with RSA */
	a = either(A, B, foreign, 0);
	b = is_b("b-p256");
	CHECK_REASON(converse(b, a, HASHES_ALL, &t), ISAKMP_OK);
	CHECK_EQ(t.r.auth[0], 67);
	talk_release(&t);
	config_put(a);
	config_put(b);
}

/* ---- a distinguished name of ours ------------------------------------------------------------------- */

static X509_NAME *name_of(int type, const char *o, int o_len, const char *cn, int cn_len)
{
	X509_NAME *n = X509_NAME_new();

	CHECK(X509_NAME_add_entry_by_txt(n, "O", type, (const u8 *)o, o_len, -1, 0) &&
	      X509_NAME_add_entry_by_txt(n, "CN", type, (const u8 *)cn, cn_len, -1, 0));
	return n;
}

/* Another file for A, of this subject. */
static struct config *is_named(const char *us, const char *file, X509_NAME *subject)
{
	X509 *c = keep((struct pki_wish) { .subject = subject, .key = pki_key(PKI_P256, 0),
					   .by = root, .by_key = root_key });

	put_file(file, ISAKMP_CRED_X509, &c, 1, pki_key(PKI_P256, 0));
	return signer(us, B, file, "root");
}

/* IDi is what is wanted, and what is signed. */
static void names_itself(struct config *a, const char *conf, const u8 *want, size_t n)
{
	struct config *b = signer(B, conf, "b-p256", "root");
	struct talk t;

	CHECK_REASON(converse(a, b, HASHES_ALL, &t), ISAKMP_OK);
	if (CHECK_EQ(t.i.local_id_len, 4 + n))
		CHECK(t.i.local_id[0] == IKE_ID_DN && !memcmp(t.i.local_id + 4, want, n));
	talk_release(&t);
	config_put(a);
	config_put(b);
}

/* strongSwan compares octets: our name is spelled as in our certificate. */
static void test_subject(void)
{
	static const char conf[] = "dn:O=Test Works,CN=GW-P";
	X509_NAME *name = name_of(V_ASN1_PRINTABLESTRING, "Test Works", -1, "gw-p", -1);
	u8 attr[IDENT_ATTR_MAX];
	struct ident id = ident(conf, attr);
	const u8 *der;
	size_t n;

	CHECK(X509_NAME_get0_der(name, &der, &n) && n == id.len && memcmp(der, id.value, n));
	names_itself(is_named(conf, "a-printable", name), conf, der, n);
	X509_NAME_free(name);
	/* somebody else's name: as configured, and no certificate for it */
	name = name_of(V_ASN1_UTF8STRING, "Test Works", -1, "gw-q", -1);
	CHECK_REASON(outcome(is_named(conf, "a-differs", name), signer(B, conf, "b-p256", "root"),
			     HASHES_ALL), ISAKMP_R_CERT_IDENTITY);
	X509_NAME_free(name);
}

/* A certificate may spell it longer than an identity may be. */
static void test_long_subject(void)
{
	char conf[] = "dn:O=oooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooo,"
		      "CN=nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn";
	char o[2 * 64], cn[2 * 64];
	u8 attr[IDENT_ATTR_MAX];
	struct ident id = ident(conf, attr);
	X509_NAME *name;
	const u8 *der;
	size_t n;

	for (n = 0; n < 64; n++) {
		memcpy(o + 2 * n, "\0o", 2);
		memcpy(cn + 2 * n, "\0n", 2);
	}
	name = name_of(V_ASN1_BMPSTRING, o, sizeof(o), cn, sizeof(cn));
	CHECK(X509_NAME_get0_der(name, &der, &n) && n > IKE_ID_MAX &&
	      !dn_compare(der, n, id.value, id.len));
	names_itself(is_named(conf, "a-long", name), conf, id.value, id.len);
	X509_NAME_free(name);
}

/* ---- credentials that are not there (yet) -------------------------------------------------------- */

static void test_states(void)
{
	static const char *const wanted[] = { "root", "b-rsa" };
	struct config *a = is_a("a-rsa"), *b = is_b("b-rsa");
	struct talk t;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		tap_note("%s", wanted[i]);
		/* A has been asked before the file became slow */
		struct question q = question(ISAKMP_UPCALL_I_AUTH, "gw");
		static struct answer first, r;

		q.hashes = HASHES_ALL;
		first = decide(a, &q);
		q = question(ISAKMP_UPCALL_R_AUTH, "gw");
		q.hashes = HASHES_ALL;
		carry(&q, &first);
		file_of(wanted[i])->state = CRED_WAIT;
		r = decide(b, &q);
		CHECK_REASON(r.reason, ISAKMP_R_CRED_BUSY);
		CHECK(r.wait);
		file_of(wanted[i])->state = CRED_BUSY;
		r = decide(b, &q);
		CHECK_REASON(r.reason, ISAKMP_R_CRED_BUSY);
		CHECK(!r.wait);
		file_of(wanted[i])->state = CRED_READY;
		auth_release(&first);
	}
	CHECK_REASON(converse(a, b, HASHES_ALL, &t), ISAKMP_OK);
	talk_release(&t);
	config_put(a);
	config_put(b);
}

int main(void)
{
	fill_all();
	make_pki();
	source.load = load_file;
	TAP_RUN(test_conversations, "pubkey: every kind of key with every other, certificates");
	TAP_RUN(test_known_keys, "pubkey: known keys, without certificates");
	TAP_RUN(test_raw_payload, "pubkey: a raw key in a CERT payload has to be the known one");
	TAP_RUN(test_asymmetric, "pubkey: a secret on one side, a key on the other");
	TAP_RUN(test_his_scheme, "pubkey: a responder signs in the scheme of the initiator");
	TAP_RUN(test_refusals, "pubkey: nothing of ours before the peer is who it has to be (threat 55)");
	TAP_RUN(test_tampered, "pubkey: certificates, signature and what is signed belong together");
	TAP_RUN(test_patterns, "pubkey: patterns and names, against the certificate");
	TAP_RUN(test_certreq, "pubkey: the certificate that the peer asks for");
	TAP_RUN(test_authorities, "pubkey: the authorities of the auth object, else all");
	TAP_RUN(test_own_kind, "pubkey: of several credentials one that can sign as is wanted");
	TAP_RUN(test_his_kind, "pubkey: of several credentials one of the peer's kind");
	TAP_RUN(test_subject, "pubkey: our distinguished name as our certificate writes it");
	TAP_RUN(test_long_subject, "pubkey: a subject too long for an identity");
	TAP_RUN(test_states, "pubkey: credentials that are slow");
	drop_pki();
	return tap_done();
}
