/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The algorithms spoken here and their sizes, in octets: one row each.  Pure,
 * like wire/: kernel/crypto and its native double share these facts.  ESP takes
 * its keys by the same rows.
 */
#ifndef _ISAKMP_CRYPTO_SIZES_H
#define _ISAKMP_CRYPTO_SIZES_H

#include <isakmp/ikev2.h>
#include <isakmp/pure.h>
#include "ike/policy.h"

#define ISAKMP_SEALS_MAX	U32_MAX	/* messages under one key */
#define ISAKMP_SHA1_LEN		20
#define ISAKMP_PRF_LEN_MAX	64
#define ISAKMP_SALT_MAX		4
#define ISAKMP_IV_MAX		16	/* also of what the ciphers take */
#define ISAKMP_ICV_MAX		32
#define ISAKMP_ENCR_KEY_LEN_MAX	(32 + ISAKMP_SALT_MAX)
#define ISAKMP_INTEG_KEY_LEN_MAX ISAKMP_PRF_LEN_MAX
#define ISAKMP_X25519_LEN	32	/* RFC 8031, 3.1 */
#define ISAKMP_MODP_MAX		1024
#define ISAKMP_ECP_MAX		48	/* one coordinate */
#define ISAKMP_KEX_PRIVATE_MAX	52	/* of MODP-8192 */

/* Algorithms under the ENCR transforms: several of those share one. */
enum isakmp_mode {
	ISAKMP_MODE_CBC,	/* of AES */
	ISAKMP_MODE_3DES,	/* CBC as well */
	ISAKMP_MODE_CTR,
	ISAKMP_MODE_CCM,
	ISAKMP_MODE_GCM,
	ISAKMP_MODE_CHACHA,
	ISAKMP_MODES,
};

/**
 * struct isakmp_encr - an encryption algorithm
 * @id: ENCR transform ID
 * @mode: enum isakmp_mode
 * @key: octets of its key; 0: the key length attribute says 128, 192 or 256 bits
 * @salt: octets of KEYMAT after the key: the part of the nonce that is never sent
 * @iv: octets of IV sent
 * @block: the text is a multiple of it
 * @icv: octets of ICV; 0: it is no AEAD and needs an INTEG transform
 */
struct isakmp_encr {
	u16 id;
	u8 mode;
	u8 key;
	u8 salt;
	u8 iv;
	u8 block;
	u8 icv;
};

/* CBC sends the IV as the cipher takes it: a block. */
static inline bool isakmp_encr_is_cbc(const struct isakmp_encr *e)
{
	return !e->icv && e->iv == e->block;
}

/* An integrity algorithm: the first @icv octets of @prf, keyed with as many as that makes. */
struct isakmp_integ {
	u16 id;
	u16 prf;
	u8 icv;
};

enum isakmp_kex_kind {
	ISAKMP_KEX_HELPER,	/* the kernel has no code for it */
	ISAKMP_KEX_X25519,
	ISAKMP_KEX_ECP,
	ISAKMP_KEX_MODP,
};

/**
 * struct isakmp_group - a key exchange
 * @id: KE transform ID
 * @kind: enum isakmp_kex_kind
 * @pub: octets of a public value
 * @shared: octets of the secret
 * @private: octets of a private key of ours
 */
struct isakmp_group {
	u16 id;
	u8 kind;
	u8 private;
	u16 pub;
	u16 shared;
};

const struct isakmp_encr *isakmp_sizes_encr(u16 id, u16 keylen);
const struct isakmp_encr *isakmp_sizes_cbc(u16 id, size_t key_len);
const struct isakmp_integ *isakmp_sizes_integ(u16 id);
const struct isakmp_group *isakmp_sizes_group(u16 id);
size_t isakmp_sizes_sk_key(const struct ike_suite *s);
bool isakmp_sizes_spoken(u8 transform_type, u16 id, u16 keylen);

#endif
