/* SPDX-License-Identifier: GPL-2.0 */
/* Certificates of a peer: chain, time, identity (RFC 5280, RFC 4945). */
#ifndef _ISAKMPD_TRUST_H
#define _ISAKMPD_TRUST_H

#include <isakmp/limits.h>
#include <isakmp/reason.h>
#include <openssl/x509.h>

#include "common/id.h"
#include "octets.h"

#define TRUST_DEPTH_MAX 8	/* certificates between the peer's and the authority's */

#define TRUST_DIGEST_LEN 32	/* SHA-256 */

/**
 * struct trust_found - a chain that leads to an authority
 * @end: the peer's certificate, to be freed
 * @left: seconds until the first certificate of the chain ends
 * @anchor: digest of the authority's certificate
 * @serial: digest of who issued the peer's certificate, and its number there
 */
struct trust_found {
	X509 *end;
	u32 left;
	u8 anchor[TRUST_DIGEST_LEN];
	u8 serial[TRUST_DIGEST_LEN];
};

bool trust_add(STACK_OF(X509) *to, const STACK_OF(X509) *from);
enum isakmp_reason trust_chain(const struct octets *certs, u8 n, STACK_OF(X509) *cas,
			       STACK_OF(X509) *known, struct trust_found *found,
			       const char **why);
bool trust_digest(const X509 *cert, u8 digest[TRUST_DIGEST_LEN]);
bool trust_holds(const STACK_OF(X509) *certs, const u8 digest[TRUST_DIGEST_LEN]);
bool trust_key_digest(EVP_PKEY *key, u8 digest[TRUST_DIGEST_LEN]);
bool trust_identity(X509 *cert, const struct ident *id);
bool trust_names(X509 *cert, u8 hash[IKE_CERTREQ_HASH_LEN]);
bool trust_certreq(STACK_OF(X509) *cas, struct octets *body);
bool trust_raw_key(const struct octets *certs, u8 n, EVP_PKEY *key);

#endif
