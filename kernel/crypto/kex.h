/* SPDX-License-Identifier: GPL-2.0 */
/* What a key exchange keeps; for kex.c, its native double and the known answers. */
#ifndef _ISAKMP_CRYPTO_KEX_H
#define _ISAKMP_CRYPTO_KEX_H

#include "crypto/sizes.h"

struct isakmp_kex {
	const struct isakmp_group *group;
	u8 private[ISAKMP_KEX_PRIVATE_MAX]; /* group->private octets */
};

#endif
