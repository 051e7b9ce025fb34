/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses, and the way a message came or goes. */
#ifndef _ISAKMP_IKE_PATH_H
#define _ISAKMP_IKE_PATH_H

#include <isakmp/pure.h>

/**
 * struct isakmp_addr - an IP address
 * @family: 4, 6, or 0 for "not set"
 * @a: network order; an IPv4 address uses the first 4 octets, the rest is zero
 */
struct isakmp_addr {
	u8 family;
	u8 a[16];
};

static inline bool isakmp_addr_equal(const struct isakmp_addr *x,
				     const struct isakmp_addr *y)
{
	return x->family == y->family && !memcmp(x->a, y->a, sizeof(x->a));
}

static inline size_t isakmp_addr_len(const struct isakmp_addr *x)
{
	return x->family == 4 ? 4 : 16;
}

/**
 * struct isakmp_path - where messages of an SA go
 * @local: our address: the one the peer asked, never another
 * @remote: the peer's
 * @lport: our port, host order; 4500 carries the non-ESP marker
 * @rport: the peer's port, host order
 * @ifindex: device or VRF the socket look-up was bound to, 0 = none
 * @mark: skb mark, 0 = none
 */
struct isakmp_path {
	struct isakmp_addr local;
	struct isakmp_addr remote;
	u16 lport;
	u16 rport;
	u32 ifindex;
	u32 mark;
};

/* What may be another when a request comes again. */
enum isakmp_roams {
	ISAKMP_ROAMS_NOT,
	ISAKMP_ROAMS_REMOTE,	/* the peer's end (RFC 7296, 2.23) */
	ISAKMP_ROAMS_BOTH,	/* the peer chooses ours as well (RFC 4555, 3.5) */
};

static inline bool isakmp_path_repeats(const struct isakmp_path *x,
				       const struct isakmp_path *y, u8 roams)
{
	if (roams == ISAKMP_ROAMS_BOTH)
		return true;
	return isakmp_addr_equal(&x->local, &y->local) && x->lport == y->lport &&
	       x->ifindex == y->ifindex && x->mark == y->mark &&
	       (roams || (isakmp_addr_equal(&x->remote, &y->remote) &&
			  x->rport == y->rport));
}

static inline bool isakmp_path_equal(const struct isakmp_path *x,
				     const struct isakmp_path *y)
{
	return isakmp_path_repeats(x, y, ISAKMP_ROAMS_NOT);
}

#endif
