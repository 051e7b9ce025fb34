/* SPDX-License-Identifier: GPL-2.0 */
/* Keys and certificates of tests, made while they run. */
#ifndef _HELPER_PKI_H
#define _HELPER_PKI_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "isakmpd/loaded.h"
#include "isakmpd/octets.h"

enum pki_kind {
	PKI_RSA,
	PKI_P256,
	PKI_P384,
	PKI_P521,
	PKI_ED25519,
	PKI_KINDS,
};

/**
 * struct pki_wish - what a certificate should be like
 * @name: common name of its subject
 * @subject: its subject in full, instead
 * @key: whose it is
 * @by: certificate of the issuer; NULL: self-signed
 * @by_key: key of the issuer
 * @ca: an authority's
 * @alt: subjectAltName as in openssl.cnf, or NULL
 * @usage: keyUsage, the same
 * @from: days from now when it begins; 0: yesterday
 * @till: days from now when it ends; 0: tomorrow
 * @sha1: signed with SHA-1
 * @nid: a further extension, or 0
 * @ext: what is in it
 */
struct pki_wish {
	const char *name;
	X509_NAME *subject;
	EVP_PKEY *key;
	X509 *by;
	EVP_PKEY *by_key;
	bool ca;
	const char *alt;
	const char *usage;
	int from;
	int till;
	bool sha1;
	int nid;
	const char *ext;
};

EVP_PKEY *pki_key(enum pki_kind kind, unsigned int which);
EVP_PKEY *pki_rsa(unsigned int bits, unsigned int e);
EVP_PKEY *pki_dsa(unsigned int which);
EVP_PKEY *pki_public(EVP_PKEY *key);
X509 *pki_cert(const struct pki_wish *w);

struct octets pki_body(X509 *cert);
struct octets pki_pem(X509 *const *certs, unsigned int n, EVP_PKEY *key);
struct octets pki_pem_public(EVP_PKEY *key);
struct octets pki_pem_crl(X509 *by, EVP_PKEY *key, X509 *const *revoked, unsigned int n, int till);
struct octets pki_both(struct octets a, struct octets b);
struct loaded *pki_loaded(u8 type, X509 *const *certs, unsigned int n, EVP_PKEY *key);

#endif /* _HELPER_PKI_H */
