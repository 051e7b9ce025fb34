/* SPDX-License-Identifier: GPL-2.0 */
/* The crypto API's key exchanges; for kex.c, and for algs.c at load. */
#ifndef _ISAKMP_CRYPTO_GROUP_H
#define _ISAKMP_CRYPTO_GROUP_H

#include "crypto/sizes.h"

int isakmp_group_init(void);
void isakmp_group_exit(void);
bool isakmp_group_usable(u16 group);
int isakmp_group_run(const struct isakmp_group *group, const u8 *private,
		   const u8 *peer, u8 *out);

/* powm.c, for group.c */
int isakmp_powm(const struct isakmp_group *group, const u8 *private, const u8 *peer, u8 *out);

#endif
