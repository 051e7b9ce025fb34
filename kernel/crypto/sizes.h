/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The algorithms spoken here and their sizes, in octets.  Pure, like wire/:
 * kernel/crypto and its native double share these facts.
 */
#ifndef _ISAKMP_CRYPTO_SIZES_H
#define _ISAKMP_CRYPTO_SIZES_H

#include <isakmp/ikev2.h>
#include <isakmp/pure.h>

/* AES-GCM with a 16-octet ICV in IKE: RFC 5282, 3 and 4; RFC 4106, 8.1 */
#define ISAKMP_GCM_SALT	4	/* after the key, never sent */
#define ISAKMP_GCM_IV	8	/* sent: a counter */
#define ISAKMP_GCM_ICV	16
#define ISAKMP_SEALS_MAX U32_MAX /* messages under one key */

#define ISAKMP_PRF_LEN_MAX	48
#define ISAKMP_ENCR_KEY_LEN_MAX	(32 + ISAKMP_GCM_SALT)
#define ISAKMP_X25519_LEN	32	/* RFC 8031, 3.1 */

/* RFC 4868, 2.4: the output is also the preferred key length. */
static inline size_t isakmp_sizes_prf(u16 prf)
{
	switch (prf) {
	case IKE_PRF_HMAC_SHA2_256:
		return 32;
	case IKE_PRF_HMAC_SHA2_384:
		return 48;
	default:
		return 0;
	}
}

/* RFC 5282, 7.1: the key, then the salt; no separate integrity key. */
static inline size_t isakmp_sizes_encr_key(u16 encr, u16 keylen)
{
	if (encr != IKE_ENCR_AES_GCM_16 || (keylen != 128 && keylen != 256))
		return 0;
	return keylen / 8 + ISAKMP_GCM_SALT;
}

static inline size_t isakmp_sizes_ke_pub(u16 group)
{
	return group == IKE_KE_X25519 ? ISAKMP_X25519_LEN : 0;
}

/* Is this transform one of ours?  Whether the running kernel has it is another question. */
static inline bool isakmp_sizes_spoken(u8 transform_type, u16 id, u16 keylen)
{
	if (transform_type == IKE_T_ENCR)
		return isakmp_sizes_encr_key(id, keylen);
	if (keylen)
		return false;
	switch (transform_type) {
	case IKE_T_PRF:
		return isakmp_sizes_prf(id);
	case IKE_T_INTEG:
		return id == IKE_INTEG_NONE;
	case IKE_T_KE:
		return id == IKE_KE_NONE || isakmp_sizes_ke_pub(id);
	case IKE_T_ESN:
		return id == IKE_ESN_NO || id == IKE_ESN_YES;
	default:
		return false;
	}
}

#endif
