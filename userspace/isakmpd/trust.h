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

bool trust_add(STACK_OF(X509) *to, const STACK_OF(X509) *from);
enum isakmp_reason trust_chain(const struct octets *certs, u8 n, STACK_OF(X509) *cas,
			       STACK_OF(X509) *known, X509 **end, const char **why);
bool trust_identity(X509 *cert, const struct ident *id);
bool trust_names(X509 *cert, u8 hash[IKE_CERTREQ_HASH_LEN]);
bool trust_certreq(STACK_OF(X509) *cas, struct octets *body);
bool trust_raw_key(const struct octets *certs, u8 n, EVP_PKEY *key);

#endif
