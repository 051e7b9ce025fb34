/* SPDX-License-Identifier: GPL-2.0 */
/* The crypto API's ciphers; for sk.c, cbc.c, and for algs.c at load. */
#ifndef _ISAKMP_CRYPTO_LANE_H
#define _ISAKMP_CRYPTO_LANE_H

#include <crypto/aead.h>
#include <crypto/skcipher.h>
#include <linux/mutex.h>

#include "crypto/sizes.h"

struct isakmp_lane {
	struct mutex lock;	/* all below, and the key in the transform */
	struct crypto_aead *aead;	/* one of the two */
	struct crypto_skcipher *cipher;
	struct aead_request *aead_req;
	struct skcipher_request *cipher_req;
	u8 nobody;		/* octets of the key that it is left with */
	u8 iv[ISAKMP_IV_MAX];	/* what the transform takes */
};

int isakmp_lane_init(void);
void isakmp_lane_exit(void);
bool isakmp_lane_usable(u8 mode);
struct isakmp_lane *isakmp_lane_take(u8 mode);
void isakmp_lane_leave(struct isakmp_lane *lane);
int isakmp_lane_cipher(struct isakmp_lane *lane, const u8 *key, size_t key_len, u8 *p,
		       size_t n, bool seal);

#endif
