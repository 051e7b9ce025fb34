/* SPDX-License-Identifier: GPL-2.0 */
/* Keys and certificates of one credential, in memory: immutable, shared by reference. */
#ifndef _ISAKMPD_LOADED_H
#define _ISAKMPD_LOADED_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdatomic.h>

#include "users.h"

#define LOADED_DIGEST_LEN 32	/* SHA-256 */

/**
 * struct loaded - what a credential's files hold
 * @refs: references
 * @key: x509, key: our private key; pubkey: the peer's public key
 * @cert: x509: our certificate, else NULL
 * @chain: x509: what comes after it in the file; ca: the authorities
 * @crls: ca: lists of certificates that they have revoked
 * @revoked: digests of these certificates, sorted: trust_revoked() is for them
 * @n_revoked: how many are in @revoked
 * @users: users: they, else NULL
 */
struct loaded {
	atomic_uint refs;
	EVP_PKEY *key;
	X509 *cert;
	STACK_OF(X509) *chain;
	STACK_OF(X509_CRL) *crls;
	u8 (*revoked)[LOADED_DIGEST_LEN];
	size_t n_revoked;
	struct users *users;
};

const char *loaded_parse(u8 type, const struct octets *file, const struct octets *key_file,
			 struct loaded **out);
struct loaded *loaded_get(struct loaded *l);
void loaded_put(struct loaded *l);
bool loaded_same_revoked(const struct loaded *a, const struct loaded *b);
bool loaded_same_word(const struct loaded *a, const struct loaded *b);

#endif
