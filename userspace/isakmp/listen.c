// SPDX-License-Identifier: GPL-2.0
#include "keys.h"

static const struct key keys[] = {
	KEY("dev", type_dev, ISAKMP_LISTEN_DEV, KEY_ID,
	    "device that is asked on (default: every one)"),
	KEY("addr", type_addr_any, ISAKMP_LISTEN_ADDR, KEY_ID,
	    "address that is asked (default: any)"),
	{ 0 }
};

/* Both keys are optional, and there is nothing else to set. */
static const struct verb verbs[] = {
	{ .name = "add", .run = object_new, .takes = KEY_ID,
	  .flags = NLM_F_CREATE | NLM_F_EXCL,
	  .help = "answer here; the first one opens UDP 500 and 4500" },
	{ .name = "del", .alias = "delete", .run = object_del, .takes = KEY_ID,
	  .help = "do not answer here any more" },
	VERB_SHOW,
	VERB_FLUSH,
	{ 0 }
};

const struct object object_listen = {
	.name = "listen",
	.help = "which of our addresses answer",
	.verbs = verbs,
	.keys = keys,
	.attr = ISAKMP_A_LISTEN,
	.family_attr = ISAKMP_LISTEN_ADDR,
	.kind = ISAKMP_KIND_LISTEN,
	.get = ISAKMP_CMD_LISTEN_GET,
	.new = ISAKMP_CMD_LISTEN_NEW,
	.del = ISAKMP_CMD_LISTEN_DEL,
};
