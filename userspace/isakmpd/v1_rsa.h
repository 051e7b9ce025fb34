/* SPDX-License-Identifier: GPL-2.0 */
/* RSA encryption of version 1 (RFC 2409, 5.2, 5.3): pure computation. */
#ifndef _ISAKMPD_V1_RSA_H
#define _ISAKMPD_V1_RSA_H

#include <openssl/evp.h>

#include "octets.h"
#include "sig.h"

#define V1_RSA_PLAIN_MAX 320	/* octets of the longest thing that is encrypted, and more */

size_t v1_rsa_encrypt(EVP_PKEY *key, const struct octets *plain, u8 out[IKE_AUTH_MAX]);
size_t v1_rsa_decrypt(EVP_PKEY *key, const struct octets *in, size_t min, size_t max,
		      u8 out[V1_RSA_PLAIN_MAX]);
size_t v1_rsa_nothing(EVP_PKEY *key, const struct octets *in, size_t min, size_t max,
		      u8 out[V1_RSA_PLAIN_MAX]);

#endif
