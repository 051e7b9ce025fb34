// SPDX-License-Identifier: GPL-2.0
/*
 * tunnel add: the objects of a tunnel with a pre-shared key, from one line.  The
 * kernel knows no tunnels: the objects are there for themselves afterwards.  When
 * it does not like one of them, those before it go again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <isakmp/ikev2.h>
#include "keys.h"

enum {
	T_NAME = ARG_LOCAL + 1, T_LOCAL, T_REMOTE, T_PSK, T_LOCAL_TS, T_REMOTE_TS,
	T_MODE, T_START, T_ID, T_REMOTE_ID, T_PROPOSAL, T_VERSION,
};

/* Made when missing; that of version 1 has suites of both. */
#define PROPOSAL "default"
#define PROPOSAL_V1 "default-v1"

/* An attribute of an object: copied from a key of the tunnel, or a number. */
struct part {
	uint16_t attr;		/* 0 ends a table */
	uint16_t from;
	uint8_t number;
};

/* The first part tells the object apart. */
static const struct part listen_parts[] = {
	{ ISAKMP_LISTEN_ADDR, T_LOCAL, 0 }, { 0 }
};
static const struct part cred_parts[] = {
	{ ISAKMP_CRED_NAME, T_NAME, 0 }, { ISAKMP_CRED_TYPE, 0, ISAKMP_CRED_PSK },
	{ ISAKMP_CRED_ID, T_REMOTE_ID, 0 }, { ISAKMP_CRED_FILE, T_PSK, 0 }, { 0 }
};
static const struct part peer_parts[] = {
	{ ISAKMP_PEER_NAME, T_NAME, 0 }, { ISAKMP_PEER_LOCAL, T_LOCAL, 0 },
	{ ISAKMP_PEER_REMOTE, T_REMOTE, 0 }, { ISAKMP_PEER_PROPOSAL, T_PROPOSAL, 0 },
	{ ISAKMP_PEER_VERSIONS, T_VERSION, 0 }, { 0 }
};
static const struct part local_parts[] = {
	{ ISAKMP_AUTH_PEER, T_NAME, 0 }, { ISAKMP_AUTH_SIDE, 0, ISAKMP_SIDE_LOCAL },
	{ ISAKMP_AUTH_METHOD, 0, ISAKMP_METHOD_PSK }, { ISAKMP_AUTH_ID, T_ID, 0 },
	{ ISAKMP_AUTH_CRED, T_NAME, 0 }, { 0 }
};
static const struct part remote_parts[] = {
	{ ISAKMP_AUTH_PEER, T_NAME, 0 }, { ISAKMP_AUTH_SIDE, 0, ISAKMP_SIDE_REMOTE },
	{ ISAKMP_AUTH_METHOD, 0, ISAKMP_METHOD_PSK }, { ISAKMP_AUTH_ID, T_REMOTE_ID, 0 },
	{ 0 }
};
static const struct part child_parts[] = {
	{ ISAKMP_CHILD_NAME, T_NAME, 0 }, { ISAKMP_CHILD_PEER, T_NAME, 0 },
	{ ISAKMP_CHILD_LOCAL_TS, T_LOCAL_TS, 0 },
	{ ISAKMP_CHILD_REMOTE_TS, T_REMOTE_TS, 0 },
	{ ISAKMP_CHILD_MODE, T_MODE, 0 }, { ISAKMP_CHILD_START, T_START, 0 }, { 0 }
};

static const struct step {
	const struct object *o;
	const struct part *parts;
} steps[] = {
	{ &object_cred, cred_parts }, { &object_peer, peer_parts },
	{ &object_auth, local_parts }, { &object_auth, remote_parts },
	{ &object_child, child_parts },
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* All values of one key; a fault of the kernel then names it. */
static void part_copy(struct args *to, const struct part *p, const struct args *a)
{
	const struct nlattr *at;
	size_t len;

	mnl_attr_for_each(at, a->nlh, 0) {
		if (mnl_attr_get_type(at) != p->from)
			continue;
		args_body(to, &len);
		to->marks[to->n_marks++] = (struct mark){
			.at = len, .key = key_of_attr(a->keys, p->from) };
		mnl_attr_put(to->nlh, p->attr | (at->nla_type & NLA_F_NESTED),
			     mnl_attr_get_payload_len(at), mnl_attr_get_payload(at));
	}
}

/* @n: so many parts, 0: all. */
static void parts_build(struct args *to, const struct part *p, unsigned int n,
			const struct args *a)
{
	to->keys = a->keys;
	to->n_marks = 0;
	to->nlh = mnl_nlmsg_put_header(to->buf);
	for (unsigned int i = 0; p[i].attr && (!n || i < n); i++)
		if (p[i].from)
			part_copy(to, &p[i], a);
		else
			mnl_attr_put_u8(to->nlh, p[i].attr, p[i].number);
}

/* Whether the kernel agreed. */
static bool object_try(struct cli *cli, const struct object *o, uint8_t cmd,
		       uint16_t flags, const struct args *body, uint32_t *at)
{
	struct nlmsghdr *nlh;

	*at = 0;
	if (!nl_open(&cli->nl))
		return false;
	nlh = nl_request(&cli->nl, cmd, flags);
	*at = object_put(nlh, o, body);
	return nl_talk(&cli->nl, nlh, NULL, NULL);
}

/* What is there already is as good. */
static int object_ensure(struct cli *cli, const struct object *o, const struct args *body)
{
	uint32_t at;

	if (object_try(cli, o, o->new, NLM_F_CREATE | NLM_F_EXCL, body, &at) ||
	    cli->nl.fault.error == EEXIST)
		return CLI_OK;
	return cli_fault(cli, body, at);
}

static int ensure_proposal(struct cli *cli, struct args *body, const char *name)
{
	char *modern[] = { PROPOSAL, "ike", "aes256gcm16-prfsha384-x25519", "esp",
			   "aes256gcm16" };
	char *both[] = { PROPOSAL_V1, "ike",
			 "aes256gcm16-prfsha384-x25519,aes256-sha256-modp2048", "esp",
			 "aes256gcm16,aes256-sha256" };
	int status = args_parse(cli, &object_proposal, object_proposal.verbs, 5,
				strcmp(name, PROPOSAL) ? both : modern, body);

	return status == CLI_OK ? object_ensure(cli, &object_proposal, body) : status;
}

static const char *default_proposal(const struct args *a)
{
	return nl_uint(args_get(a, T_VERSION)) == ISAKMP_VERSIONS_2 ? PROPOSAL : PROPOSAL_V1;
}

/* The first tunnel opens the ports, on its own address. */
static int ensure_listen(struct cli *cli, struct args *body, const struct args *a)
{
	struct nl_records r = { 0 };
	int status = object_dump(cli, &object_listen, NULL, &r);
	bool none = !r.len;

	free(r.buf);
	if (status != CLI_OK || !none)
		return status;
	parts_build(body, listen_parts, 0, a);
	return object_ensure(cli, &object_listen, body);
}

/* An identity that was not given is the address. */
static void default_id(struct args *a, uint16_t id, uint16_t addr)
{
	const struct nlattr *at = args_get(a, addr);
	uint8_t value[17];
	size_t n = mnl_attr_get_payload_len(at);

	if (args_get(a, id))
		return;
	value[0] = n == 4 ? IKE_ID_IPV4 : IKE_ID_IPV6;
	memcpy(value + 1, mnl_attr_get_payload(at), n);
	mnl_attr_put(a->nlh, id, n + 1, value);
}

static void steps_undo(struct cli *cli, unsigned int done, struct args *body,
		       const struct args *a)
{
	struct nl_fault fault = cli->nl.fault;
	uint32_t at;

	/* A peer takes its auth and child objects along. */
	while (done--)
		if (steps[done].o == &object_cred || steps[done].o == &object_peer) {
			parts_build(body, steps[done].parts, 1, a);
			object_try(cli, steps[done].o, steps[done].o->del, 0, body, &at);
		}
	cli->nl.fault = fault;
}

static int steps_run(struct cli *cli, struct args *body, const struct args *a)
{
	uint32_t at;

	for (unsigned int i = 0; i < STEPS; i++) {
		parts_build(body, steps[i].parts, 0, a);
		if (object_try(cli, steps[i].o, steps[i].o->new,
			       NLM_F_CREATE | NLM_F_EXCL, body, &at))
			continue;
		cli_fault(cli, body, at);
		steps_undo(cli, i, body, a);
		return CLI_REFUSED;
	}
	return CLI_OK;
}

static int tunnel_add(struct cli *cli, const struct object *o, const struct verb *v,
		      struct args *a)
{
	struct args *body = malloc(sizeof(*body));
	int status = CLI_OK;

	(void)o;
	(void)v;
	if (!body)
		abort();
	default_id(a, T_ID, T_LOCAL);
	default_id(a, T_REMOTE_ID, T_REMOTE);
	if (!args_get(a, T_PROPOSAL)) {
		mnl_attr_put_strz(a->nlh, T_PROPOSAL, default_proposal(a));
		status = ensure_proposal(cli, body, default_proposal(a));
	}
	if (status == CLI_OK)
		status = ensure_listen(cli, body, a);
	if (status == CLI_OK)
		status = steps_run(cli, body, a);
	free(body);
	return status;
}

static int tunnel_del(struct cli *cli, const struct object *o, const struct verb *v,
		      struct args *a)
{
	struct args *body = malloc(sizeof(*body));
	int status = CLI_OK;
	uint32_t at;

	(void)o;
	(void)v;
	if (!body)
		abort();
	/* The peer first, which refers to the cred. */
	for (int i = 1; i >= 0 && status == CLI_OK; i--) {
		parts_build(body, steps[i].parts, 1, a);
		if (!object_try(cli, steps[i].o, steps[i].o->del, 0, body, &at))
			status = cli_fault(cli, body, at);
	}
	free(body);
	return status;
}

static const struct key keys[] = {
	KEY("name", type_name, T_NAME, KEY_ID | KEY_POS,
	    "name of its cred, peer and child"),
	KEY("local", type_addr_one, T_LOCAL, KEY_NEED, "our address"),
	KEY("remote", type_addr_one, T_REMOTE, KEY_NEED, "the peer's address"),
	KEY("psk", type_path, T_PSK, KEY_NEED,
	    "where the helper finds the shared secret"),
	KEY("local-ts", type_ts, T_LOCAL_TS, KEY_NEED | KEY_LIST,
	    "traffic of our side"),
	KEY("remote-ts", type_ts, T_REMOTE_TS, KEY_NEED | KEY_LIST,
	    "traffic of the peer's side"),
	KEY("mode", type_names, T_MODE, KEY_SET,
	    "with or without an IP header of its own (default: tunnel)",
	    NAMES(child_modes)),
	KEY("start", type_names, T_START, KEY_SET,
	    "set up when asked, at the first packet, or at once (default: none)",
	    NAMES(child_starts)),
	KEY("id", type_id, T_ID, KEY_SET, "our identity (default: our address)"),
	KEY("remote-id", type_id, T_REMOTE_ID, KEY_SET,
	    "the peer's identity (default: its address)"),
	KEY("proposal", type_proposal, T_PROPOSAL, KEY_SET,
	    "algorithms (default: the proposal \"default\", with version 1 \"default-v1\", "
	    "made when missing)"),
	KEY("version", type_names, T_VERSION, KEY_SET, "of IKE (default: 2)",
	    NAMES(peer_versions)),
	{ 0 }
};

static const struct verb verbs[] = {
	{ .name = "add", .run = tunnel_add, .takes = KEY_ID | KEY_NEED | KEY_SET,
	  .needs = KEY_ID | KEY_NEED,
	  .help = "make its cred, peer, auth and child objects" },
	{ .name = "del", .alias = "delete", .run = tunnel_del, .takes = KEY_ID,
	  .needs = KEY_ID, .help = "remove the peer and the cred of this name" },
	{ 0 }
};

const struct object object_tunnel = {
	.name = "tunnel",
	.help = "the objects of a tunnel with a pre-shared key, in one line",
	.verbs = verbs,
	.keys = keys,
};
