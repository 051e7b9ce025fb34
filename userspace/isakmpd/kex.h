/* SPDX-License-Identifier: GPL-2.0 */
/* Key exchange in groups that the kernel has no code for: pure computation. */
#ifndef _ISAKMPD_KEX_H
#define _ISAKMPD_KEX_H

#include <isakmp/reason.h>

#include "octets.h"

#define KEX_PUB_MAX	132	/* ECP-521: x and y */
#define KEX_SHARED_MAX	66	/* ECP-521: x */

/**
 * struct kex_result - what a key exchange gives
 * @pub_len: octets in @pub
 * @shared_len: octets in @shared, 0: the peer's value is not there yet
 * @pub: our public value, as in the KE payload
 * @shared: g^ir
 */
struct kex_result {
	u16 pub_len;
	u16 shared_len;
	u8 pub[KEX_PUB_MAX];
	u8 shared[KEX_SHARED_MAX];
};

u16 kex_group_at(size_t i);
enum isakmp_reason kex_compute(u16 group, const struct octets *seed,
			       const struct octets *peer, struct kex_result *r);

#endif
