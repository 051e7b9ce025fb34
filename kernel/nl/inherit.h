/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a peer has, with what it takes from its template.
 *
 * A peer takes every key it does not have itself, the auth object of each side it
 * has none of, and, when it has no child, all children.  A template has no
 * template, so this is one step deep.
 */
#ifndef _ISAKMP_NL_INHERIT_H
#define _ISAKMP_NL_INHERIT_H

#include "nl/store.h"

struct isakmp_object *isakmp_inherit_template(const struct isakmp_object *peer);
struct isakmp_object *isakmp_inherit_proposal(const struct isakmp_object *peer);
void isakmp_inherit_keys(const struct isakmp_object *peer, struct isakmp_peer_spec *v);
const struct isakmp_object *isakmp_inherit_auth(const struct isakmp_object *peer, u8 side,
						const struct isakmp_object *except);
struct isakmp_object *isakmp_inherit_children(struct isakmp_object *peer,
					      const struct isakmp_object *except);

static inline bool isakmp_is_template(const struct isakmp_object *peer)
{
	return ((const struct isakmp_peer_spec *)peer->c.spec)->is_template;
}

#endif
