/* SPDX-License-Identifier: GPL-2.0 */
/* A view of somebody else's octets. */
#ifndef _ISAKMPD_OCTETS_H
#define _ISAKMPD_OCTETS_H

#include <isakmp/pure.h>

struct octets {
	const u8 *p;
	size_t n;
};

#endif
