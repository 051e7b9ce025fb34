/* SPDX-License-Identifier: GPL-2.0 */
/* Data attributes (RFC 2408, 3.3). */
#ifndef _ISAKMPD_V1_ATTR_H
#define _ISAKMPD_V1_ATTR_H

#include "octets.h"

/**
 * struct xattr - a data attribute
 * @type: without the bit that says its form
 * @value: its octets; a short one has two
 */
struct xattr {
	u16 type;
	struct octets value;
};

/* Where attributes are written to. */
struct xattr_out {
	u8 *p;
	size_t n;
	size_t size;
};

bool xattr_next(struct octets *rest, struct xattr *a);
bool xattr_number(const struct xattr *a, u32 *v);
bool xattr_put_short(struct xattr_out *o, u16 type, u16 v);
bool xattr_put(struct xattr_out *o, u16 type, const struct octets *value);

#endif
