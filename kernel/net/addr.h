/* SPDX-License-Identifier: GPL-2.0 */
/* Between the addresses of ike/ and those of the kernel. */
#ifndef _ISAKMP_NET_ADDR_H
#define _ISAKMP_NET_ADDR_H

#include <linux/in.h>
#include <linux/in6.h>
#include "ike/path.h"

static inline struct isakmp_addr isakmp_addr_v4(__be32 a)
{
	struct isakmp_addr x = { .family = 4 };

	memcpy(x.a, &a, sizeof(a));
	return x;
}

/* Context: any.  @x must be an IPv4 address. */
static inline __be32 isakmp_addr_be32(const struct isakmp_addr *x)
{
	__be32 a;

	memcpy(&a, x->a, sizeof(a));
	return a;
}

static inline struct isakmp_addr isakmp_addr_v6(const struct in6_addr *a)
{
	struct isakmp_addr x = { .family = 6 };

	memcpy(x.a, a, sizeof(*a));
	return x;
}

/* Context: any.  @x must be an IPv6 address, or not set: then it is ::. */
static inline struct in6_addr isakmp_addr_in6(const struct isakmp_addr *x)
{
	struct in6_addr a;

	memcpy(&a, x->a, sizeof(a));
	return a;
}

/* Does it mean something only together with a device (RFC 4291, 2.5.6)? */
static inline bool isakmp_addr_is_link_local(const struct isakmp_addr *x)
{
	return x->family == 6 && x->a[0] == 0xfe && (x->a[1] & 0xc0) == 0x80;
}

/* For %pISpc: @to has room for the larger of both kinds. */
static inline void isakmp_addr_sockaddr(struct sockaddr_in6 *to, const struct isakmp_addr *x,
					u16 port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)to;

	memset(to, 0, sizeof(*to));
	if (x->family == 6) {
		to->sin6_family = AF_INET6;
		to->sin6_port = htons(port);
		memcpy(&to->sin6_addr, x->a, sizeof(to->sin6_addr));
	} else {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		v4->sin_addr.s_addr = isakmp_addr_be32(x);
	}
}

#endif
