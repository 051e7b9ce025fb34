// SPDX-License-Identifier: GPL-2.0
#include <isakmp/ikev2.h>
#include "keys.h"

static const struct key keys[] = {
	KEY("name", type_name, ISAKMP_PROPOSAL_NAME,
	    KEY_ID | KEY_POS | KEY_FILTER, "its name"),
	KEY("ike", type_suite, ISAKMP_PROPOSAL_SUITE, KEY_SET | KEY_LIST,
	    "suites for IKE SAs, best first", .arg = IKE_PROTO_IKE),
	KEY("esp", type_suite, ISAKMP_PROPOSAL_SUITE, KEY_SET | KEY_LIST,
	    "suites for child SAs, best first", .arg = IKE_PROTO_ESP),
	KEY("ah", type_suite, ISAKMP_PROPOSAL_SUITE, KEY_SET | KEY_LIST,
	    "the same without encryption, in place of esp", .arg = IKE_PROTO_AH),
	{ 0 }
};

static const struct verb verbs[] = {
	VERB_ADD, VERB_SET, VERB_REPLACE, VERB_DEL, VERB_SHOW, VERB_FLUSH,
	{ 0 }
};

const struct object object_proposal = {
	.name = "proposal",
	.help = "algorithms, in order of preference",
	.verbs = verbs,
	.keys = keys,
	.attr = ISAKMP_A_PROPOSAL,
	.kind = ISAKMP_KIND_PROPOSAL,
	.get = ISAKMP_CMD_PROPOSAL_GET,
	.new = ISAKMP_CMD_PROPOSAL_NEW,
	.del = ISAKMP_CMD_PROPOSAL_DEL,
};
