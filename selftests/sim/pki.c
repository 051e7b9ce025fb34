// SPDX-License-Identifier: GPL-2.0
/*
 * Certificates for the two gateways, from fixed keys: a run with a seed is the
 * same run whenever it is made.  Version 1 knows no Ed25519: its keys are of P-256, whose
 * signatures differ each time, but not in their length.  And the users of XAUTH.
 */
#include <crypt.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/x509v3.h>

#include "isakmpd/loaded.h"
#include "world.h"

/* Octets of a signature by P-256 whose two numbers have their highest bit set */
#define P256_SIG 72

/* By version */
static struct creds {
	struct loaded *authority, *end[NODES], *stranger;
} creds[2];
static struct loaded *users;

/* @scalar: 32 octets */
static EVP_PKEY *p256_key(const u8 *scalar)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *point = EC_POINT_new(group);
	char curve[] = "prime256v1";
	u8 native[32], pub[65];
	EVP_PKEY *key = NULL;
	BIGNUM *n = BN_bin2bn(scalar, 32, NULL);
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, sizeof(curve) - 1),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, pub, sizeof(pub)),
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_PRIV_KEY, native, sizeof(native)),
		OSSL_PARAM_END,
	};

	BN_bn2nativepad(n, native, sizeof(native));
	EC_POINT_mul(group, point, n, NULL, NULL, NULL);
	EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, pub, sizeof(pub), NULL);
	if (EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		broken("no key of P-256");
	BN_free(n);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static EVP_PKEY *fixed_key(u8 which)
{
	u8 seed[32];
	EVP_PKEY *key;

	memset(seed, which, sizeof(seed));
	if (world->v1)
		return p256_key(seed);
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
	if (!key)
		broken("no Ed25519 key");
	return key;
}

static void add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	if (!e || !X509_add_ext(cert, e, -1))
		broken("no extension %s", value);
	X509_EXTENSION_free(e);
}

/* In DER a number is as long as it needs: again, until both are longest, as one time in four. */
static void sign(X509 *cert, EVP_PKEY *by, const char *name)
{
	const ASN1_BIT_STRING *sig;

	do {
		if (!X509_sign(cert, by, world->v1 ? EVP_sha256() : NULL))
			broken("no certificate for %s", name);
		X509_get0_signature(&sig, NULL, cert);
	} while (world->v1 && sig->length != P256_SIG);
}

static X509 *certificate(EVP_PKEY *key, const char *name, const char *alt, EVP_PKEY *by,
			 const char *issuer)
{
	X509_NAME *subject = X509_NAME_new(), *from = X509_NAME_new();
	X509 *cert = X509_new();

	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const u8 *)name, -1, -1, 0);
	X509_NAME_add_entry_by_txt(from, "CN", MBSTRING_ASC, (const u8 *)issuer, -1, -1, 0);
	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), name[0]);
	X509_set_subject_name(cert, subject);
	X509_set_issuer_name(cert, from);
	X509_set_pubkey(cert, key);
	ASN1_TIME_set_string(X509_getm_notBefore(cert), "20200101000000Z");
	ASN1_TIME_set_string(X509_getm_notAfter(cert), "20991231235959Z");
	add_extension(cert, NID_basic_constraints, alt ? "CA:FALSE" : "critical,CA:TRUE");
	if (alt)
		add_extension(cert, NID_subject_alt_name, alt);
	sign(cert, by, name);
	X509_NAME_free(subject);
	X509_NAME_free(from);
	return cert;
}

static struct loaded *loaded(EVP_PKEY *key, X509 *cert, bool is_ca)
{
	struct loaded *l = calloc(1, sizeof(*l));

	atomic_init(&l->refs, 1);
	if (is_ca) {
		l->chain = sk_X509_new_null();
		sk_X509_push(l->chain, cert);
		EVP_PKEY_free(key);
	} else {
		l->key = key;
		l->cert = cert;
	}
	return l;
}

static void make(struct creds *c)
{
	static const char *const names[NODES] = { "DNS:gw-a.example", "DNS:gw-b.example" };
	EVP_PKEY *ca = fixed_key(1), *other = fixed_key(2), *key;
	int i;

	for (i = 0; i < NODES; i++) {
		key = fixed_key((u8)(10 + i));
		c->end[i] = loaded(key, certificate(key, names[i] + 4, names[i], ca, "ca"), false);
	}
	key = fixed_key(20);
	c->stranger = loaded(key, certificate(key, names[1] + 4, names[1], other, "ca"), false);
	EVP_PKEY_free(other);
	c->authority = loaded(ca, certificate(ca, "ca", NULL, ca, "ca"), true);
}

/* One, whose password is the secret of the world that is the first to ask for it. */
static struct loaded *users_made(const char *password)
{
	struct crypt_data *data;
	const char *flaw;
	struct loaded *l;
	char line[256];

	if (users)
		return users;
	data = calloc(1, sizeof(*data));
	l = calloc(1, sizeof(*l));
	atomic_init(&l->refs, 1);
	snprintf(line, sizeof(line), PKI_USER ":%s\n",
		 crypt_r(password, "$6$rounds=1000$simulated$", data));
	free(data);
	flaw = users_parse(&(struct octets){ (const u8 *)line, strlen(line) }, &l->users);
	if (flaw)
		broken("no users: %s", flaw);
	users = l;
	return users;
}

/**
 * pki_cred() - what a cred of a node holds
 * @file: "root", "stranger", the digit of the node, or "users:" and a password
 *
 * Return: with a reference for the caller.
 */
struct loaded *pki_cred(const char *file)
{
	struct creds *c = &creds[world->v1];

	if (!strncmp(file, "users:", 6))
		return loaded_get(users_made(file + 6));
	if (!c->authority)
		make(c);
	if (!strcmp(file, "root"))
		return loaded_get(c->authority);
	if (!strcmp(file, "stranger"))
		return loaded_get(c->stranger);
	return loaded_get(c->end[file[0] - '0']);
}

static void creds_free(struct creds *c)
{
	int i;

	if (!c->authority)
		return;
	for (i = 0; i < NODES; i++)
		loaded_put(c->end[i]);
	loaded_put(c->stranger);
	loaded_put(c->authority);
	c->authority = NULL;
}

/* At the end of the program: nothing is left for the leak checker. */
void pki_free(void)
{
	creds_free(&creds[0]);
	creds_free(&creds[1]);
	if (users)
		loaded_put(users);
	users = NULL;
}
