/* SPDX-License-Identifier: GPL-2.0 */
/* Certificates of a peer: chain, time, identity (RFC 5280, RFC 4945). */
#ifndef _ISAKMPD_TRUST_H
#define _ISAKMPD_TRUST_H

#include <isakmp/limits.h>
#include <isakmp/reason.h>
#include <openssl/x509.h>

#include "common/id.h"
#include "loaded.h"
#include "octets.h"

#define TRUST_DEPTH_MAX 8	/* certificates between the peer's and the authority's */

#define TRUST_DIGEST_LEN LOADED_DIGEST_LEN
#define TRUST_SERIAL_LEN 16	/* the first octets of such a digest, where many are kept */

/**
 * struct trust_from - who may vouch for a peer
 * @cas: authorities: a chain ends at one of them
 * @crls: certificates that they have revoked; NULL: no lists
 * @known: others that a chain may pass; NULL: those that the peer sent will do
 * @v1: the peer speaks version 1
 */
struct trust_from {
	STACK_OF(X509) *cas;
	STACK_OF(X509_CRL) *crls;
	STACK_OF(X509) *known;
	bool v1;
};

/**
 * struct trust_found - a chain that leads to an authority
 * @end: the peer's certificate, to be freed
 * @left: seconds until the first certificate of the chain ends, or a list of revoked
 *	ones has to be followed by another
 * @anchor: digest of the authority's certificate
 * @n_serials: in @serial
 * @serial: the peer's certificate, then those on the way to the authority's: the first
 *	octets of trust_serial() of each
 */
struct trust_found {
	X509 *end;
	u32 left;
	u8 anchor[TRUST_DIGEST_LEN];
	u8 n_serials;
	u8 serial[TRUST_DEPTH_MAX + 1][TRUST_SERIAL_LEN];
};

/* trust_read.c */
X509 *trust_read(const struct octets *certs, u8 n, bool v1, STACK_OF(X509) *help);

/* trust.c */
bool trust_add(STACK_OF(X509) *to, const STACK_OF(X509) *from);
enum isakmp_reason trust_chain(const struct octets *certs, u8 n, const struct trust_from *from,
			       struct trust_found *found, const char **why);
bool trust_serial(const X509_NAME *issuer, const ASN1_INTEGER *number,
		  u8 digest[TRUST_DIGEST_LEN]);
void trust_sort(u8 (*digests)[TRUST_DIGEST_LEN], size_t n);
bool trust_revoked(const struct loaded *ca, const u8 serial[TRUST_SERIAL_LEN]);
bool trust_digest(const X509 *cert, u8 digest[TRUST_DIGEST_LEN]);
bool trust_holds(const STACK_OF(X509) *certs, const u8 digest[TRUST_DIGEST_LEN]);
bool trust_key_digest(EVP_PKEY *key, u8 digest[TRUST_DIGEST_LEN]);
bool trust_identity(X509 *cert, const struct ident *id);
bool trust_names(X509 *cert, u8 hash[IKE_CERTREQ_HASH_LEN]);
bool trust_certreq(STACK_OF(X509) *cas, struct octets *body);
bool trust_authority(X509 *cert, struct octets *body);
bool trust_is_asked(const X509_NAME *authority, const struct octets *body);
bool trust_raw_key(const struct octets *certs, u8 n, EVP_PKEY *key);

#endif
