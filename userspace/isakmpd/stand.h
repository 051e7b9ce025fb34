/* SPDX-License-Identifier: GPL-2.0 */
/* Do SAs still stand on what they stood on when they were set up?  Pure, as auth.h. */
#ifndef _ISAKMPD_STAND_H
#define _ISAKMPD_STAND_H

#include <netlink/msg.h>

#include "source.h"

/**
 * struct standing - an IKE SA that is established
 * @next: in a list
 * @id: of the SA
 * @local_cred: what our side was proven with; empty: not known
 * @remote_cred: what the peer is believed for; empty: not known
 * @handle_len: octets in @handle
 * @handle: which key, or which authority and chain: see stand_on()
 */
struct standing {
	struct standing *next;
	u64 id;
	char local_cred[ISAKMP_NAME_MAX + 1];
	char remote_cred[ISAKMP_NAME_MAX + 1];
	u8 handle_len;
	u8 handle[IKE_HANDLE_MAX];
};

/* Does it? */
enum stand {
	STAND_YES,
	STAND_NO,
	STAND_WAIT,		/* a credential is being read: not known yet */
};

int stand_add(struct nlmsghdr *nlh, void *list);
void stand_free(struct standing *list);
enum stand stand_check(const struct config *c, const struct cred_source *src,
		       const struct standing *s, const char **why);

#endif
