/* SPDX-License-Identifier: GPL-2.0 */
/* Points of elliptic curves over a prime field.  Pure. */
#ifndef _ISAKMP_CRYPTO_ECP_H
#define _ISAKMP_CRYPTO_ECP_H

#include "crypto/sizes.h"

bool isakmp_ecp_is(u16 group);
bool isakmp_ecp_valid(u16 group, const u8 *value);

#endif
