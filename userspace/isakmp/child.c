// SPDX-License-Identifier: GPL-2.0
#include "up.h"

/* Said in the words of each; clear and none are one. */
static const char *const dead_actions[] = {
	[ISAKMP_ACTION_NONE] = "clear",
	[ISAKMP_ACTION_TRAP] = "trap",
	[ISAKMP_ACTION_START] = "restart",
};

static const char *const close_actions[] = {
	[ISAKMP_ACTION_NONE] = "none",
	[ISAKMP_ACTION_TRAP] = "trap",
	[ISAKMP_ACTION_START] = "start",
};

static const char *const offloads[] = {
	[ISAKMP_OFFLOAD_NO] = "no",
	[ISAKMP_OFFLOAD_CRYPTO] = "crypto",
	[ISAKMP_OFFLOAD_AUTO] = "auto",
};

static const struct key keys[] = {
	KEY("name", type_name, ISAKMP_CHILD_NAME, KEY_ID | KEY_POS,
	    "its name, unique within its peer"),
	KEY("peer", type_peer, ISAKMP_CHILD_PEER, KEY_ID | KEY_FILTER,
	    "whose it is"),
	KEY("local-ts", type_ts, ISAKMP_CHILD_LOCAL_TS, KEY_NEED | KEY_LIST,
	    "traffic of our side"),
	KEY("remote-ts", type_ts, ISAKMP_CHILD_REMOTE_TS, KEY_NEED | KEY_LIST,
	    "traffic of the peer's side"),
	KEY("mode", type_names, ISAKMP_CHILD_MODE, KEY_SET,
	    "with or without an IP header of its own (default: tunnel)",
	    NAMES(child_modes)),
	KEY("start", type_names, ISAKMP_CHILD_START, KEY_SET,
	    "set up when asked, at the first packet, or at once (default: none)",
	    NAMES(child_starts)),
	KEY("dpd", type_names, ISAKMP_CHILD_ON_DEAD, KEY_SET,
	    "what becomes of it when the peer is dead (default: as start says)",
	    NAMES(dead_actions)),
	KEY("close", type_names, ISAKMP_CHILD_ON_CLOSE, KEY_SET,
	    "what becomes of it when the peer closes it (default: as start says)",
	    NAMES(close_actions)),
	KEY("proposal", type_proposal, ISAKMP_CHILD_PROPOSAL, KEY_SET,
	    "algorithms (default: the peer's)"),
	KEY("life", type_seconds, ISAKMP_CHILD_LIFE_S, KEY_SET,
	    "hard lifetime; rekeyed before (default: 8h)"),
	KEY("bytes", type_count, ISAKMP_CHILD_LIFE_BYTES, KEY_SET,
	    "hard limit of octets (default: 0, none)"),
	KEY("packets", type_count, ISAKMP_CHILD_LIFE_PACKETS, KEY_SET,
	    "hard limit of packets (default: 0, none)"),
	KEY("replay-window", type_number, ISAKMP_CHILD_REPLAY_WINDOW, KEY_SET,
	    "packets (default: 128)"),
	KEY("single-pair", type_names, ISAKMP_CHILD_SINGLE_PAIR, KEY_SET,
	    "one pair of addresses at a time (default: no)", NAMES(no_yes)),
	KEY("mark", type_mark_mask, ISAKMP_CHILD_MARK, KEY_SET,
	    "of the packets selected (default: none)"),
	KEY("if-id", type_u32, ISAKMP_CHILD_IF_ID, KEY_SET,
	    "of an XFRM interface (default: none)"),
	KEY("dscp", type_names, ISAKMP_CHILD_DSCP, KEY_SET,
	    "copied to the outer header, from it, both, or none (default: out)",
	    NAMES(child_dscps)),
	KEY("df", type_names, ISAKMP_CHILD_DF, KEY_SET,
	    "of the outer IPv4 header: copied or clear (default: copy)",
	    NAMES(child_dfs)),
	KEY("ecn", type_names, ISAKMP_CHILD_ECN, KEY_SET,
	    "congestion is told through the tunnel (default: yes)", NAMES(no_yes)),
	KEY("tfc", type_padding, ISAKMP_CHILD_TFC, KEY_SET,
	    "packets are padded to that length (default: 0, not)"),
	KEY("ipcomp", type_names, ISAKMP_CHILD_IPCOMP, KEY_SET,
	    "compression (default: none)", NAMES(child_ipcomps)),
	KEY("offload", type_names, ISAKMP_CHILD_OFFLOAD, KEY_SET,
	    "encryption by a device, or if one can (default: no)", NAMES(offloads)),
	KEY("offload-dev", type_dev, ISAKMP_CHILD_OFFLOAD_DEV, KEY_SET,
	    "by this one (default: where the route to the peer leads to)"),
	{ 0 }
};

static const struct key keys_up[] = {
	KEY("name", type_child, ISAKMP_CHILD_NAME, KEY_ID | KEY_POS,
	    "which child"),
	KEY("peer", type_peer, ISAKMP_CHILD_PEER, KEY_ID,
	    "of which peer"),
	KEYS_WAIT,
	{ 0 }
};

static const struct key keys_down[] = {
	KEY("name", type_child, ISAKMP_CHILD_NAME, KEY_ID | KEY_POS,
	    "which child"),
	KEY("peer", type_peer, ISAKMP_CHILD_PEER, KEY_ID,
	    "of which peer"),
	{ 0 }
};

static const struct verb verbs[] = {
	VERB_ADD, VERB_SET, VERB_REPLACE, VERB_DEL, VERB_SHOW, VERB_FLUSH,
	{ .name = "up", .run = up_run, .keys = keys_up,
	  .takes = KEY_ID | KEY_SET, .needs = KEY_ID, .writes = true,
	  .cmd = ISAKMP_CMD_CHILD_UP,
	  .help = "set it up, and wait until it is" },
	{ .name = "down", .run = down_run, .keys = keys_down,
	  .takes = KEY_ID, .needs = KEY_ID, .cmd = ISAKMP_CMD_CHILD_DOWN,
	  .help = "take it down, telling the peer" },
	{ 0 }
};

const struct object object_child = {
	.name = "child",
	.help = "traffic to protect",
	.verbs = verbs,
	.keys = keys,
	.attr = ISAKMP_A_CHILD,
	.kind = ISAKMP_KIND_CHILD,
	.get = ISAKMP_CMD_CHILD_GET,
	.new = ISAKMP_CMD_CHILD_NEW,
	.del = ISAKMP_CMD_CHILD_DEL,
};
