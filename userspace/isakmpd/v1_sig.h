/* SPDX-License-Identifier: GPL-2.0 */
/* Signatures of version 1 (RFC 2409, 5.1; RFC 4754): pure computation. */
#ifndef _ISAKMPD_V1_SIG_H
#define _ISAKMPD_V1_SIG_H

#include "sig.h"

u8 v1_sig_method(const EVP_PKEY *key);
u16 v1_sig_prf(u8 method, u16 negotiated);
size_t v1_sig_make(EVP_PKEY *key, const struct octets *hash, u8 sig[IKE_AUTH_MAX]);
bool v1_sig_check(EVP_PKEY *key, const struct octets *hash, const struct octets *sig);

#endif
