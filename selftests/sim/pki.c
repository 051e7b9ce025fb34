// SPDX-License-Identifier: GPL-2.0
/*
 * Certificates for the two gateways, from fixed keys: a run with a seed is the
 * same run whenever it is made.
 */
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "isakmpd/loaded.h"
#include "world.h"

static struct loaded *authority, *end_cred[NODES], *stranger;

static EVP_PKEY *fixed_key(u8 which)
{
	u8 seed[32];
	EVP_PKEY *key;

	memset(seed, which, sizeof(seed));
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
	if (!X509_sign(cert, by, NULL))
		broken("no certificate for %s", name);
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

static void make(void)
{
	static const char *const names[NODES] = { "DNS:gw-a.example", "DNS:gw-b.example" };
	EVP_PKEY *ca = fixed_key(1), *other = fixed_key(2), *key;
	int i;

	for (i = 0; i < NODES; i++) {
		key = fixed_key((u8)(10 + i));
		end_cred[i] = loaded(key, certificate(key, names[i] + 4, names[i], ca, "ca"), false);
	}
	key = fixed_key(20);
	stranger = loaded(key, certificate(key, names[1] + 4, names[1], other, "ca"), false);
	EVP_PKEY_free(other);
	authority = loaded(ca, certificate(ca, "ca", NULL, ca, "ca"), true);
}

/**
 * pki_cred() - what a cred of a node holds
 * @file: "root", "stranger", or the digit of the node
 *
 * Return: with a reference for the caller.
 */
struct loaded *pki_cred(const char *file)
{
	if (!authority)
		make();
	if (!strcmp(file, "root"))
		return loaded_get(authority);
	if (!strcmp(file, "stranger"))
		return loaded_get(stranger);
	return loaded_get(end_cred[file[0] - '0']);
}

/* At the end of the program: nothing is left for the leak checker. */
void pki_free(void)
{
	int i;

	if (!authority)
		return;
	for (i = 0; i < NODES; i++)
		loaded_put(end_cred[i]);
	loaded_put(stranger);
	loaded_put(authority);
	authority = NULL;
}
