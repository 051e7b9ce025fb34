// SPDX-License-Identifier: GPL-2.0
/*
 * Keys and certificates of tests: see helper_pki.h.  None is in a file of the
 * project.  What is asked for more than once is made once; whoever is out of
 * memory here has no test to run.
 */
#include <isakmp/ikev2.h>
#include <linux/isakmp.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include "helper_pki.h"

#define SOME 4	/* keys of one kind */
#define DAY 86400L

static void *need(void *p)
{
	if (p)
		return p;
	puts("Bail out! a key or certificate could not be made");
	exit(1);
}

static EVP_PKEY *make_key(enum pki_kind kind)
{
	switch (kind) {
	case PKI_RSA:
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	case PKI_P256:
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	case PKI_P384:
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
	case PKI_P521:
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-521");
	default:
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	}
}

/* The @which-th key of a kind, the same one each time; nobody frees it. */
EVP_PKEY *pki_key(enum pki_kind kind, unsigned int which)
{
	static EVP_PKEY *keys[PKI_KINDS][SOME];

	if (!keys[kind][which])
		keys[kind][which] = need(make_key(kind));
	return keys[kind][which];
}

/* A new RSA key. */
EVP_PKEY *pki_rsa(unsigned int bits, unsigned int e)
{
	EVP_PKEY_CTX *ctx = need(EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL));
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_BITS, &bits),
		OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_E, &e),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY *key = NULL;

	if (EVP_PKEY_keygen_init(ctx) > 0 && EVP_PKEY_CTX_set_params(ctx, params) > 0)
		EVP_PKEY_generate(ctx, &key);
	EVP_PKEY_CTX_free(ctx);
	return need(key);
}

static EVP_PKEY *from_params(const char *type, OSSL_PARAM *params, int selection)
{
	EVP_PKEY_CTX *ctx = need(EVP_PKEY_CTX_new_from_name(NULL, type, NULL));
	EVP_PKEY *key = NULL;

	if (EVP_PKEY_fromdata_init(ctx) > 0)
		EVP_PKEY_fromdata(ctx, &key, selection, params);
	EVP_PKEY_CTX_free(ctx);
	return need(key);
}

static EVP_PKEY *generate(EVP_PKEY *params)
{
	EVP_PKEY_CTX *ctx = need(EVP_PKEY_CTX_new_from_pkey(NULL, params, NULL));
	EVP_PKEY *key = NULL;

	if (EVP_PKEY_keygen_init(ctx) > 0)
		EVP_PKEY_generate(ctx, &key);
	EVP_PKEY_CTX_free(ctx);
	return need(key);
}

/* The group of RFC 5114, 2.2: one of one's own takes long to be made. */
static EVP_PKEY *dsa_group(void)
{
	static char name[] = "dh_2048_224";
	static const char *const parts[] = {
		OSSL_PKEY_PARAM_FFC_P, OSSL_PKEY_PARAM_FFC_Q, OSSL_PKEY_PARAM_FFC_G,
	};
	OSSL_PARAM dh[] = { OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 11),
			    OSSL_PARAM_construct_end() }, *params;
	EVP_PKEY *group = from_params("DHX", dh, EVP_PKEY_KEY_PARAMETERS), *key;
	OSSL_PARAM_BLD *b = need(OSSL_PARAM_BLD_new());
	BIGNUM *n[3] = { NULL };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		EVP_PKEY_get_bn_param(group, parts[i], &n[i]);
		OSSL_PARAM_BLD_push_BN(b, parts[i], need(n[i]));
	}
	params = need(OSSL_PARAM_BLD_to_param(b));
	key = from_params("DSA", params, EVP_PKEY_KEY_PARAMETERS);
	for (i = 0; i < 3; i++)
		BN_free(n[i]);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(b);
	EVP_PKEY_free(group);
	return key;
}

/* The @which-th DSA key, the same one each time; nobody frees it. */
EVP_PKEY *pki_dsa(unsigned int which)
{
	static EVP_PKEY *group, *keys[SOME];

	if (!group)
		group = dsa_group();
	if (!keys[which])
		keys[which] = generate(group);
	return keys[which];
}

/* The public half. */
EVP_PKEY *pki_public(EVP_PKEY *key)
{
	u8 *der = NULL;
	const u8 *p;
	int n = i2d_PUBKEY(key, &der);
	EVP_PKEY *public;

	p = need(der);
	public = need(d2i_PUBKEY(NULL, &p, n));
	OPENSSL_free(der);
	return public;
}

static void extend(X509 *cert, X509 *by, int nid, const char *value)
{
	X509_EXTENSION *ext;
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, by ? by : cert, cert, NULL, NULL, 0);
	ext = need(X509V3_EXT_conf_nid(NULL, &ctx, nid, value));
	X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
}

static void set_name(X509 *cert, const char *name)
{
	X509_NAME *n = X509_get_subject_name(cert);

	X509_NAME_add_entry_by_txt(n, "O", MBSTRING_ASC, (const u8 *)"Test", -1, -1, 0);
	X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_ASC, (const u8 *)name, -1, -1, 0);
}

static void sign(X509 *cert, const struct pki_wish *w)
{
	EVP_PKEY *key = w->by_key ? w->by_key : w->key;
	const EVP_MD *md = w->sha1 ? EVP_sha1() : EVP_sha256();

	if (!X509_sign(cert, key, EVP_PKEY_is_a(key, "ED25519") ? NULL : md))
		need(NULL);
}

/* A certificate, to be freed. */
X509 *pki_cert(const struct pki_wish *w)
{
	static long serial;
	X509 *cert = need(X509_new());

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(cert), (w->from ? w->from : -1) * DAY);
	X509_gmtime_adj(X509_getm_notAfter(cert), (w->till ? w->till : 1) * DAY);
	if (w->subject)
		X509_set_subject_name(cert, w->subject);
	else
		set_name(cert, w->name);
	X509_set_issuer_name(cert, X509_get_subject_name(w->by ? w->by : cert));
	X509_set_pubkey(cert, w->key);
	if (w->ca)
		extend(cert, w->by, NID_basic_constraints, "critical,CA:TRUE");
	if (w->alt)
		extend(cert, w->by, NID_subject_alt_name, w->alt);
	if (w->usage)
		extend(cert, w->by, NID_key_usage, w->usage);
	if (w->nid)
		extend(cert, w->by, w->nid, w->ext);
	sign(cert, w);
	return cert;
}

/* The body of a CERT payload; lives as long as the program, as do the next two. */
struct octets pki_body(X509 *cert)
{
	int n = i2d_X509(cert, NULL);
	u8 *body = need(malloc(1 + (size_t)n)), *p = body + 1;

	body[0] = IKE_CERT_X509_SIGNATURE;
	i2d_X509(cert, &p);
	return (struct octets) { body, 1 + (size_t)n };
}

static struct octets contents(BIO *bio)
{
	char *p;
	long n = BIO_get_mem_data(bio, &p);
	u8 *copy = need(malloc((size_t)n));

	memcpy(copy, p, (size_t)n);
	BIO_free(bio);
	return (struct octets) { copy, (size_t)n };
}

/* A file with these certificates and this private key, as far as there are. */
struct octets pki_pem(X509 *const *certs, unsigned int n, EVP_PKEY *key)
{
	BIO *bio = need(BIO_new(BIO_s_mem()));
	unsigned int i;

	for (i = 0; i < n; i++)
		PEM_write_bio_X509(bio, certs[i]);
	if (key)
		PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	return contents(bio);
}

/* A file with a public key. */
struct octets pki_pem_public(EVP_PKEY *key)
{
	BIO *bio = need(BIO_new(BIO_s_mem()));

	PEM_write_bio_PUBKEY(bio, key);
	return contents(bio);
}

/* A list of revoked certificates, good for so many days. */
struct octets pki_pem_crl(X509 *by, EVP_PKEY *key, X509 *const *revoked, unsigned int n, int till)
{
	ASN1_TIME *from = need(X509_gmtime_adj(NULL, -9 * DAY)), *to = need(X509_gmtime_adj(NULL, till * DAY));
	BIO *bio = need(BIO_new(BIO_s_mem()));
	X509_CRL *crl = need(X509_CRL_new());
	X509_REVOKED *entry;
	unsigned int i;

	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(by));
	X509_CRL_set1_lastUpdate(crl, from);
	X509_CRL_set1_nextUpdate(crl, to);
	for (i = 0; i < n; i++) {
		entry = need(X509_REVOKED_new());
		X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked[i]));
		X509_REVOKED_set_revocationDate(entry, from);
		X509_CRL_add0_revoked(crl, entry);
	}
	X509_CRL_sort(crl);
	if (!X509_CRL_sign(crl, key, EVP_sha256()))
		need(NULL);
	PEM_write_bio_X509_CRL(bio, crl);
	X509_CRL_free(crl);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	return contents(bio);
}

/* One file of two; frees both. */
struct octets pki_both(struct octets a, struct octets b)
{
	u8 *p = need(malloc(a.n + b.n));

	memcpy(p, a.p, a.n);
	memcpy(p + a.n, b.p, b.n);
	free((void *)a.p);
	free((void *)b.p);
	return (struct octets) { p, a.n + b.n };
}

/* What a credential of this type with these in its file holds; to be put. */
struct loaded *pki_loaded(u8 type, X509 *const *certs, unsigned int n, EVP_PKEY *key)
{
	struct octets none = { 0 };
	struct octets file = type == ISAKMP_CRED_PUBKEY && !n ? pki_pem_public(key) :
							       pki_pem(certs, n, key);
	struct loaded *l = NULL;
	const char *why = loaded_parse(type, &file, &none, &l);

	if (why)
		puts(why);
	free((void *)file.p);
	return need(l);
}
