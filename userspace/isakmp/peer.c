// SPDX-License-Identifier: GPL-2.0
#include "up.h"

static const struct key keys[] = {
	KEY("name", type_name, ISAKMP_PEER_NAME,
	    KEY_ID | KEY_POS | KEY_FILTER, "its name"),
	KEY("local", type_addr_any, ISAKMP_PEER_LOCAL, KEY_SET,
	    "our address (default: any)"),
	KEY("remote", type_prefix_any, ISAKMP_PEER_REMOTE, KEY_SET,
	    "the peer's address or addresses (default: any)"),
	KEY("proposal", type_proposal, ISAKMP_PEER_PROPOSAL, KEY_NEED,
	    "algorithms"),
	KEY("dpd", type_seconds, ISAKMP_PEER_DPD_S, KEY_SET,
	    "liveness check when idle so long (default: 30s)"),
	KEY("life", type_seconds, ISAKMP_PEER_LIFE_S, KEY_SET,
	    "the IKE SA is replaced after this time (default: 1d)"),
	KEY("generation", type_number, ISAKMP_PEER_GEN,
	    KEY_SHOW | KEY_DETAIL, "changes with the peer"),
	{ 0 }
};

static const struct key keys_up[] = {
	KEY("name", type_peer, ISAKMP_PEER_NAME, KEY_ID | KEY_POS,
	    "which peer"),
	KEYS_WAIT,
	{ 0 }
};

static const struct key keys_down[] = {
	KEY("name", type_peer, ISAKMP_PEER_NAME, KEY_ID | KEY_POS,
	    "which peer"),
	{ 0 }
};

static const struct verb verbs[] = {
	VERB_ADD, VERB_SET, VERB_REPLACE, VERB_DEL, VERB_SHOW, VERB_FLUSH,
	{ .name = "up", .run = up_run, .keys = keys_up,
	  .takes = KEY_ID | KEY_SET, .needs = KEY_ID, .writes = true,
	  .cmd = ISAKMP_CMD_PEER_UP,
	  .help = "set up its children, and wait until they are" },
	{ .name = "down", .run = down_run, .keys = keys_down,
	  .takes = KEY_ID, .needs = KEY_ID, .cmd = ISAKMP_CMD_PEER_DOWN,
	  .help = "take down its IKE SAs, telling the peer" },
	{ 0 }
};

const struct object object_peer = {
	.name = "peer",
	.help = "an IKE peer, or all that match",
	.verbs = verbs,
	.keys = keys,
	.attr = ISAKMP_A_PEER,
	.family_attr = ISAKMP_PEER_REMOTE,
	.kind = ISAKMP_KIND_PEER,
	.get = ISAKMP_CMD_PEER_GET,
	.new = ISAKMP_CMD_PEER_NEW,
	.del = ISAKMP_CMD_PEER_DEL,
};
