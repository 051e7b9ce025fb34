/* SPDX-License-Identifier: GPL-2.0 */
/* Groups of integers modulo a prime.  Pure. */
#ifndef _ISAKMP_CRYPTO_MODP_H
#define _ISAKMP_CRYPTO_MODP_H

#include "crypto/sizes.h"

const u8 *isakmp_modp_prime(const struct isakmp_group *group);
bool isakmp_modp_valid(const struct isakmp_group *group, const u8 *value);

#endif
