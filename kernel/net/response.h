/* SPDX-License-Identifier: GPL-2.0 */
/* The answer to a request, kept to be sent again. */
#ifndef _ISAKMP_NET_RESPONSE_H
#define _ISAKMP_NET_RESPONSE_H

#include <linux/rcupdate.h>
#include <isakmp/reason.h>
#include "ike/path.h"

struct isakmp_door;
struct isakmp_sa;

/**
 * struct isakmp_response - the answer to a request, ready to be repeated
 * @rcu: for freeing after the readers
 * @digest: of the request; of its first fragment, if it came in several
 * @until: ms: it is repeated until then
 * @path: the request came on
 * @ifindex: by which it leaves when the request says none: the peer object's
 * @mark: the same
 * @roams: enum isakmp_roams: how else the request may come again
 * @len: octets of @data
 * @data: its datagrams, one behind the other, without non-ESP markers
 *
 * Immutable once it is published.
 */
struct isakmp_response {
	struct rcu_head rcu;
	u64 digest;
	u64 until;
	struct isakmp_path path;
	u32 ifindex;
	u32 mark;
	u8 roams;
	u32 len;
	u8 data[];
};

void isakmp_response_put(struct isakmp_response __rcu **slot, struct isakmp_response *r);
void isakmp_response_store(struct isakmp_door *d, struct isakmp_response *r, u32 window);
u64 isakmp_response_expire(struct isakmp_sa *sa);
const struct isakmp_response *isakmp_response_to(const struct isakmp_door *d, u32 msgid);
enum isakmp_reason isakmp_response_repeat(struct isakmp_sa *sa, const struct isakmp_response *r,
					  const struct isakmp_path *path);

#endif
