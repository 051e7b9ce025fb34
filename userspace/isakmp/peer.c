// SPDX-License-Identifier: GPL-2.0
#include <isakmp/ikev1.h>
#include "up.h"

/* A peer that is no template is not told so. */
static const char *const kinds[] = { NULL, "template" };

static const char *const uniques[] = {
	[ISAKMP_UNIQUE_NEVER] = "never",
	[ISAKMP_UNIQUE_NO] = "no",
	[ISAKMP_UNIQUE_REPLACE] = "replace",
	[ISAKMP_UNIQUE_KEEP] = "keep",
};

static const char *const childless[] = {
	[ISAKMP_CHILDLESS_NEVER] = "never",
	[ISAKMP_CHILDLESS_ALLOW] = "allow",
	[ISAKMP_CHILDLESS_PREFER] = "prefer",
	[ISAKMP_CHILDLESS_FORCE] = "force",
};

static const char *const exchanges[] = {
	[V1_BASE] = "base",
	[V1_MAIN] = "main",
	[V1_AUTH_ONLY] = "auth-only",
	[V1_AGGRESSIVE] = "aggressive",
};

static const char *const lifetime_checks[] = {
	[ISAKMP_LIFETIME_CLAIM] = "claim",
	[ISAKMP_LIFETIME_OBEY] = "obey",
	[ISAKMP_LIFETIME_STRICT] = "strict",
	[ISAKMP_LIFETIME_EXACT] = "exact",
};

static const struct key keys[] = {
	KEY("name", type_name, ISAKMP_PEER_NAME,
	    KEY_ID | KEY_POS | KEY_FILTER, "its name"),
	KEY("kind", type_names, ISAKMP_PEER_IS_TEMPLATE, KEY_SET,
	    "it matches nobody: others take keys from it", NAMES(kinds)),
	KEY("template", type_peer, ISAKMP_PEER_TEMPLATE, KEY_SET,
	    "where keys, auth and child objects come from that it has not itself"),
	KEY("local", type_addr_any, ISAKMP_PEER_LOCAL, KEY_SET,
	    "our address (default: any)", .unless = ISAKMP_PEER_TEMPLATE),
	KEY("remote", type_prefix_any, ISAKMP_PEER_REMOTE, KEY_SET,
	    "the peer's address or addresses (default: any)",
	    .unless = ISAKMP_PEER_TEMPLATE),
	KEY("proposal", type_proposal, ISAKMP_PEER_PROPOSAL, KEY_NEED,
	    "algorithms", .unless = ISAKMP_PEER_TEMPLATE),
	KEY("dpd", type_seconds, ISAKMP_PEER_DPD_S, KEY_SET,
	    "liveness check when idle so long (default: 30s)"),
	KEY("life", type_seconds, ISAKMP_PEER_LIFE_S, KEY_SET,
	    "the IKE SA is rekeyed within this time (default: 1d)"),
	KEY("reauth", type_seconds, ISAKMP_PEER_REAUTH_S, KEY_SET,
	    "it authenticates anew after this time (default: 0, never)"),
	KEY("unique", type_names, ISAKMP_PEER_UNIQUE, KEY_SET,
	    "a further IKE SA of one identity: the others go never, when it says so (no), "
	    "in any case (replace), or it is refused (keep) (default: replace)",
	    NAMES(uniques)),
	KEY("encap", type_names, ISAKMP_PEER_ENCAP, KEY_SET,
	    "ESP in UDP also without a NAT (default: no)", NAMES(no_yes)),
	KEY("mark", type_mark, ISAKMP_PEER_MARK, KEY_SET,
	    "of the IKE and ESP packets we send (default: none)"),
	KEY("dev", type_dev, ISAKMP_PEER_DEV, KEY_SET,
	    "device or VRF they leave by (default: what the route says)"),
	KEY("max-sas", type_u32, ISAKMP_PEER_MAX_SAS, KEY_SET,
	    "IKE SAs it may have (default: 1024)"),
	KEY("fragmentation", type_names, ISAKMP_PEER_FRAGMENTATION, KEY_SET,
	    "of long IKE messages, when the peer has it too (default: yes)",
	    NAMES(no_yes)),
	KEY("fragment-size", type_number, ISAKMP_PEER_FRAGMENT_SIZE, KEY_SET,
	    "octets of an IP packet with IKE at most (default: 1280)"),
	KEY("window", type_number, ISAKMP_PEER_WINDOW, KEY_SET,
	    "requests that it may have under way at once, 1 to 8 (default: 1)"),
	KEY("childless", type_names, ISAKMP_PEER_CHILDLESS, KEY_SET,
	    "IKE_AUTH without a child (RFC 6023): refused (never), taken (allow), done when "
	    "the peer takes it (prefer), or nothing else (force) (default: allow)",
	    NAMES(childless)),
	KEY("resumption", type_names, ISAKMP_PEER_RESUMPTION, KEY_SET,
	    "a lost IKE SA may come back by a ticket, without authentication (RFC 5723) "
	    "(default: no)", NAMES(no_yes)),
	KEY("pool", type_pool, ISAKMP_PEER_POOL, KEY_SET | KEY_LIST,
	    "where inner addresses for it come from, if it asks (default: none)"),
	KEY("virtual-ip", type_vip, ISAKMP_PEER_VIRTUAL_IP, KEY_SET | KEY_LIST,
	    "inner addresses that it is asked for (default: none)"),
	KEY("mobike", type_names, ISAKMP_PEER_MOBIKE, KEY_SET,
	    "its IKE SAs may move to other addresses (default: yes)",
	    NAMES(no_yes)),
	KEY("roam", type_ts, ISAKMP_PEER_ROAM, KEY_SET | KEY_LIST,
	    "addresses that it may move to (default: any)"),
	KEY("qcd", type_names, ISAKMP_PEER_QCD, KEY_SET,
	    "quick crash detection (RFC 6290): who has lost all SAs proves it (default: yes)",
	    NAMES(no_yes)),
	KEY("redirect", type_addr_one, ISAKMP_PEER_REDIRECT, KEY_SET,
	    "another gateway that it is told to go to (RFC 5685); 0.0.0.0: none (default)"),
	KEY("follow", type_ts, ISAKMP_PEER_FOLLOW, KEY_SET | KEY_LIST,
	    "gateways that it may redirect us to (default: none)"),
	KEY("version", type_names, ISAKMP_PEER_VERSIONS, KEY_SET,
	    "of IKE; 2-then-1: version 1 when nobody answers to 2, and 2 has never worked "
	    "(default: 2)", NAMES(peer_versions)),
	KEY("v1-exchange", type_names, ISAKMP_PEER_V1_EXCHANGE, KEY_SET,
	    "version 1: what we begin with (default: main)", NAMES(exchanges)),
	KEY("v1-accept", type_names, ISAKMP_PEER_V1_ACCEPT, KEY_SET | KEY_LIST,
	    "version 1: what it may begin with; aggressive with psk gives strangers a hash "
	    "to guess the secret by (default: main)", NAMES(exchanges)),
	KEY("lifetime-check", type_names, ISAKMP_PEER_LIFETIME_CHECK, KEY_SET,
	    "version 1: when it proposes a longer lifetime: ours counts, and it is told "
	    "(claim), its own counts (obey), refused (strict); any other one refused (exact) "
	    "(default: claim)", NAMES(lifetime_checks)),
	KEY("v1-push", type_names, ISAKMP_PEER_V1_PUSH, KEY_SET,
	    "version 1: who has inner addresses pushes them, nobody asks (default: no)",
	    NAMES(no_yes)),
	KEY("v1-new-group", type_names, ISAKMP_PEER_V1_NEW_GROUP, KEY_SET,
	    "version 1: MODP groups of children get numbers that only both ends know "
	    "(default: no)", NAMES(no_yes)),
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

static const struct key keys_del[] = {
	KEY("name", type_peer, ISAKMP_PEER_NAME, KEY_ID | KEY_POS,
	    "which peer"),
	KEY_KEEP,
	{ 0 }
};

static const struct key keys_flush[] = {
	KEY_KEEP,
	{ 0 }
};

static int peer_del(struct cli *cli, const struct object *o, const struct verb *v,
		    struct args *a)
{
	struct nlmsghdr *nlh;
	struct nlattr *nest;
	uint32_t at;

	(void)v;
	if (!nl_open(&cli->nl))
		return cli_fault(cli, NULL, 0);
	nlh = nl_request(&cli->nl, o->del, 0);
	nest = mnl_attr_nest_start(nlh, o->attr);
	at = nlh->nlmsg_len;
	mnl_attr_put_strz(nlh, ISAKMP_PEER_NAME,
			  mnl_attr_get_str(args_get(a, ISAKMP_PEER_NAME)));
	mnl_attr_nest_end(nlh, nest);
	if (args_get(a, ARG_KEEP))
		mnl_attr_put(nlh, ISAKMP_A_KEEP, 0, NULL);
	if (!nl_talk(&cli->nl, nlh, NULL, NULL))
		return cli_fault(cli, a, at);
	return CLI_OK;
}

static const struct key keys_down[] = {
	KEY("name", type_peer, ISAKMP_PEER_NAME, KEY_ID | KEY_POS,
	    "which peer"),
	{ 0 }
};

static const struct verb verbs[] = {
	VERB_ADD, VERB_SET, VERB_REPLACE,
	{ .name = "del", .alias = "delete", .run = peer_del, .keys = keys_del,
	  .takes = KEY_ID | KEY_SET, .needs = KEY_ID, .help = "remove one" },
	VERB_SHOW,
	{ .name = "flush", .run = object_flush, .keys = keys_flush, .takes = KEY_SET,
	  .help = "remove all" },
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
