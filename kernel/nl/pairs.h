/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pairs of selectors, (local, remote), of the compiled peers in force.
 *
 * Two policies with one selector cannot be installed side by side, so no two
 * children may have the same pair; with another mark or XFRM interface it is
 * another one.  A dynamic selector counts as the address it will be, where that is
 * known beforehand.
 */
#ifndef _ISAKMP_NL_PAIRS_H
#define _ISAKMP_NL_PAIRS_H

#include "nl/index.h"

struct ike_child_policy;
struct isakmp_net;
struct isakmp_peer;

/**
 * struct isakmp_pair - one pair of a child
 * @node: in isakmp_config.pairs; unhashed when an end is not known beforehand
 * @peer: whose
 * @child: index in @peer->p.child
 * @local: index of the child's local selector
 * @remote: of the remote one
 */
struct isakmp_pair {
	struct isakmp_node node;
	struct isakmp_peer *peer;
	u8 child;
	u8 local;
	u8 remote;
};

void isakmp_pairs_make(struct isakmp_peer *peer);
void isakmp_pairs_link(struct isakmp_net *in, struct isakmp_peer *peer);
void isakmp_pairs_unlink(struct isakmp_net *in, struct isakmp_peer *peer);
const struct isakmp_pair *isakmp_pairs_link_new(struct isakmp_net *in, struct isakmp_peer *peer);

#endif
