// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include <isakmp/ikev1.h>
#include "keys.h"

#define ARG_FORCE (ARG_LOCAL + 1)

/* What hangs from an IKE SA */
static const struct key child_keys[] = {
	KEY("name", type_string, ISAKMP_CHILD_SA_NAME, KEY_SHOW | KEY_POS,
	    "child object"),
	KEY("state", type_string, ISAKMP_CHILD_SA_STATE, KEY_SHOW, "state"),
	KEY("mode", type_names, ISAKMP_CHILD_SA_MODE, KEY_SHOW,
	    "tunnel or transport", NAMES(child_modes)),
	KEY("protocol", type_protocol, ISAKMP_CHILD_SA_SUITE, KEY_SHOW,
	    "ah; without it, esp"),
	KEY("suite", type_suite_shown, ISAKMP_CHILD_SA_SUITE, KEY_SHOW,
	    "what was negotiated"),
	KEY("spi-in", type_espspi, ISAKMP_CHILD_SA_SPI_IN, KEY_SHOW,
	    "our ESP SPI"),
	KEY("spi-out", type_espspi, ISAKMP_CHILD_SA_SPI_OUT, KEY_SHOW,
	    "the peer's ESP SPI"),
	KEY("cpi-in", type_number, ISAKMP_CHILD_SA_CPI_IN, KEY_SHOW,
	    "our CPI, of IPComp"),
	KEY("cpi-out", type_number, ISAKMP_CHILD_SA_CPI_OUT, KEY_SHOW,
	    "the peer's CPI"),
	KEY("offload-in", type_string, ISAKMP_CHILD_SA_OFFLOAD_IN, KEY_SHOW,
	    "device that decrypts"),
	KEY("offload-out", type_string, ISAKMP_CHILD_SA_OFFLOAD_OUT, KEY_SHOW,
	    "device that encrypts"),
	KEY("local-ts", type_ts, ISAKMP_CHILD_SA_LOCAL_TS,
	    KEY_SHOW | KEY_LIST | KEY_BREAK, "traffic of our side"),
	KEY("remote-ts", type_ts, ISAKMP_CHILD_SA_REMOTE_TS,
	    KEY_SHOW | KEY_LIST, "traffic of the peer's side"),
	KEY("bytes-in", type_count, ISAKMP_CHILD_SA_BYTES_IN,
	    KEY_SHOW | KEY_STAT | KEY_BREAK, "octets received"),
	KEY("packets-in", type_count, ISAKMP_CHILD_SA_PACKETS_IN,
	    KEY_SHOW | KEY_STAT, "packets received"),
	KEY("bytes-out", type_count, ISAKMP_CHILD_SA_BYTES_OUT,
	    KEY_SHOW | KEY_STAT, "octets sent"),
	KEY("packets-out", type_count, ISAKMP_CHILD_SA_PACKETS_OUT,
	    KEY_SHOW | KEY_STAT, "packets sent"),
	KEY("rekeys", type_number, ISAKMP_CHILD_SA_REKEYS,
	    KEY_SHOW | KEY_STAT, "how often it was rekeyed"),
	{ 0 }
};

/* Called once for all children: the key is shown without an attribute too. */
static void children_print(struct out *o, const struct key *k,
			   const struct nlattr *attr, const struct nlattr *nest)
{
	if (!attr)
		return;
	out_records(o, "children");
	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) != k->attr)
			continue;
		out_break(o);
		out_open(o, k->name);
		keys_print(o, child_keys, 0, attr);
		out_close(o);
	}
	out_records_end(o);
}

static const struct type type_children = {
	.print = children_print,
};

/* Version 1; init, resp: who is asked for name and password. */
static const struct {
	uint16_t method;
	const char *name;
} v1_methods[] = {
	{ V1_M_PSK, "psk" },
	{ V1_M_DSS_SIG, "dss" },
	{ V1_M_RSA_SIG, "rsa" },
	{ V1_M_RSA_ENC, "rsa-encryption" },
	{ V1_M_RSA_REV, "rsa-encryption-revised" },
	{ V1_M_ECDSA_256, "ecdsa-256" },
	{ V1_M_ECDSA_384, "ecdsa-384" },
	{ V1_M_ECDSA_521, "ecdsa-521" },
	{ V1_M_HYBRID_I_RSA, "hybrid-init-rsa" },
	{ V1_M_HYBRID_R_RSA, "hybrid-resp-rsa" },
	{ V1_M_HYBRID_I_DSS, "hybrid-init-dss" },
	{ V1_M_HYBRID_R_DSS, "hybrid-resp-dss" },
	{ V1_M_XAUTH_I_PSK, "xauth-init-psk" },
	{ V1_M_XAUTH_R_PSK, "xauth-resp-psk" },
	{ V1_M_XAUTH_I_DSS, "xauth-init-dss" },
	{ V1_M_XAUTH_R_DSS, "xauth-resp-dss" },
	{ V1_M_XAUTH_I_RSA, "xauth-init-rsa" },
	{ V1_M_XAUTH_R_RSA, "xauth-resp-rsa" },
	{ V1_M_XAUTH_I_RSA_ENC, "xauth-init-rsa-encryption" },
	{ V1_M_XAUTH_R_RSA_ENC, "xauth-resp-rsa-encryption" },
	{ V1_M_XAUTH_I_RSA_REV, "xauth-init-rsa-encryption-revised" },
	{ V1_M_XAUTH_R_RSA_REV, "xauth-resp-rsa-encryption-revised" },
};

static void v1_method_print(struct out *o, const struct key *k,
			    const struct nlattr *attr, const struct nlattr *nest)
{
	(void)nest;
	for (size_t i = 0; i < sizeof(v1_methods) / sizeof(v1_methods[0]); i++)
		if (v1_methods[i].method == nl_uint(attr)) {
			out_text(o, k->name, v1_methods[i].name);
			return;
		}
	out_uint(o, k->name, nl_uint(attr));
}

static const struct type type_v1_method = {
	.print = v1_method_print,
};

/* Those that are shown; see isakmp(7). */
static const char *const states[] = {
	"new", "resume-sent", "key-asked", "init-sent", "secret-asked", "auth-asked",
	"auth-sent", "verifying", "key-asked-peer", "init-answered",
	"resume-answered", "auth-asked-peer", "phase-1", "established", "deleting",
};

static const struct key keys[] = {
	KEY("id", type_id64, ISAKMP_SA_ID, KEY_ID | KEY_FILTER, "its number"),
	KEY("peer", type_peer, ISAKMP_SA_PEER, KEY_ID | KEY_FILTER,
	    "peer object"),
	KEY("state", type_state, ISAKMP_SA_STATE, KEY_ID | KEY_LOOK, "state",
	    NAMES(states)),
	KEY("version", type_number, ISAKMP_SA_VERSION, KEY_SHOW, "1; without it, 2"),
	KEY("initiator", type_flag, ISAKMP_SA_INITIATOR, KEY_SHOW,
	    "we started it"),
	KEY("reason", type_reason, ISAKMP_SA_REASON, KEY_SHOW,
	    "the last trouble"),
	KEY("local", type_addr, ISAKMP_SA_LOCAL, KEY_SHOW | KEY_BREAK,
	    "our address"),
	KEY("lport", type_number, ISAKMP_SA_LPORT, KEY_SHOW, "our port"),
	KEY("remote", type_addr, ISAKMP_SA_REMOTE, KEY_SHOW,
	    "the peer's address"),
	KEY("rport", type_number, ISAKMP_SA_RPORT, KEY_SHOW, "its port"),
	KEY("nat-local", type_flag, ISAKMP_SA_NAT_LOCAL, KEY_SHOW,
	    "we are behind a NAT"),
	KEY("nat-remote", type_flag, ISAKMP_SA_NAT_REMOTE, KEY_SHOW,
	    "the peer is"),
	KEY("encap", type_flag, ISAKMP_SA_ENCAP, KEY_SHOW, "ESP goes in UDP"),
	KEY("resumed", type_flag, ISAKMP_SA_RESUMED, KEY_SHOW,
	    "by a ticket, without authentication"),
	KEY("fragment-size", type_number, ISAKMP_SA_FRAGMENT_SIZE, KEY_SHOW,
	    "octets of our IP packets with IKE at most"),
	KEY("mobike", type_flag, ISAKMP_SA_MOBIKE, KEY_SHOW, "it may move"),
	KEY("address", type_addr, ISAKMP_SA_ADDRESS, KEY_SHOW | KEY_LIST,
	    "where the peer says it is"),
	KEY("local-id", type_id_any, ISAKMP_SA_LOCAL_ID, KEY_SHOW,
	    "our identity"),
	KEY("remote-id", type_id_any, ISAKMP_SA_REMOTE_ID, KEY_SHOW,
	    "the peer's identity"),
	KEY("method", type_v1_method, ISAKMP_SA_METHOD, KEY_SHOW,
	    "version 1: how both ends have authenticated"),
	KEY("user", type_string, ISAKMP_SA_USER, KEY_SHOW, "who the peer is by XAUTH"),
	KEY("local-cred", type_string, ISAKMP_SA_LOCAL_CRED,
	    KEY_SHOW | KEY_DETAIL | KEY_BREAK, "what we proved ourselves with"),
	KEY("remote-cred", type_string, ISAKMP_SA_REMOTE_CRED,
	    KEY_SHOW | KEY_DETAIL, "what the peer is believed for"),
	KEY("lease", type_addr_one, ISAKMP_SA_LEASE,
	    KEY_SHOW | KEY_LIST | KEY_BREAK, "inner addresses of the peer, from our pools"),
	KEY("virtual-ip", type_addr_one, ISAKMP_SA_VIRTUAL_IP,
	    KEY_SHOW | KEY_LIST | KEY_BREAK, "inner addresses of ours, from the peer"),
	KEY("dns", type_addr_one, ISAKMP_SA_DNS, KEY_SHOW | KEY_LIST,
	    "DNS servers that go with them"),
	KEY("subnet", type_subnet, ISAKMP_SA_SUBNET, KEY_SHOW | KEY_LIST,
	    "what the peer says is behind it"),
	KEY("domain", type_domain, ISAKMP_SA_DOMAIN, KEY_SHOW | KEY_LIST,
	    "what these servers are to be asked about"),
	KEY("suite", type_suite_shown, ISAKMP_SA_SUITE, KEY_SHOW | KEY_BREAK,
	    "what was negotiated"),
	KEY("spi-i", type_spi, ISAKMP_SA_SPI_I, KEY_SHOW, "initiator's SPI"),
	KEY("spi-r", type_spi, ISAKMP_SA_SPI_R, KEY_SHOW, "responder's SPI"),
	KEY("age", type_ms, ISAKMP_SA_AGE, KEY_SHOW | KEY_BREAK,
	    "since it was created"),
	KEY("up", type_ms, ISAKMP_SA_UP, KEY_SHOW, "since it was established"),
	KEY("idle", type_ms, ISAKMP_SA_IDLE, KEY_SHOW,
	    "since the peer was heard"),
	KEY("auth-left", type_ms, ISAKMP_SA_AUTH_LEFT, KEY_SHOW,
	    "authenticated until then"),
	KEY("msgs-in", type_number, ISAKMP_SA_MSGS_IN, KEY_SHOW | KEY_STAT,
	    "messages received"),
	KEY("msgs-out", type_number, ISAKMP_SA_MSGS_OUT, KEY_SHOW | KEY_STAT,
	    "messages sent"),
	KEY("resends", type_number, ISAKMP_SA_RESENDS, KEY_SHOW | KEY_STAT,
	    "messages sent again"),
	KEY("rekeys", type_number, ISAKMP_SA_REKEYS, KEY_SHOW | KEY_STAT,
	    "how often it was rekeyed"),
	KEY("child", type_children, ISAKMP_SA_CHILD, KEY_SHOW, "its children"),
	{ 0 }
};

static const struct key keys_del[] = {
	KEY("id", type_id64, ISAKMP_SA_ID, KEY_ID, "its number"),
	KEY("force", type_flag, ARG_FORCE, KEY_SET,
	    "without telling the peer"),
	{ 0 }
};

static int sa_del(struct cli *cli, const struct object *o, const struct verb *v,
		  struct args *a)
{
	struct nlmsghdr *nlh;
	struct nlattr *nest;

	(void)v;
	if (!nl_open(&cli->nl))
		return cli_fault(cli, NULL, 0);
	nlh = nl_request(&cli->nl, o->del, 0);
	nest = mnl_attr_nest_start(nlh, o->attr);
	mnl_attr_put_u64(nlh, ISAKMP_SA_ID, nl_uint(args_get(a, ISAKMP_SA_ID)));
	mnl_attr_nest_end(nlh, nest);
	if (args_get(a, ARG_FORCE))
		mnl_attr_put(nlh, ISAKMP_A_FORCE, 0, NULL);
	if (!nl_talk(&cli->nl, nlh, NULL, NULL))
		return cli_fault(cli, NULL, 0);
	return CLI_OK;
}

static const struct key keys_revoke[] = {
	KEY("id", type_id64, ISAKMP_SA_ID, KEY_SET, "one IKE SA by its number"),
	KEY("cred", type_cred, ISAKMP_SA_CRED, KEY_SET,
	    "all that stand on this credential, the peer's or ours"),
	KEY("identity", type_id_canonical, ISAKMP_SA_UNIQUE, KEY_SET,
	    "all of the peer with this identity"),
	{ 0 }
};

/* A command of its own, with what was given. */
static int tell(struct cli *cli, const struct object *o, struct args *a, uint8_t cmd)
{
	struct nlmsghdr *nlh;
	uint32_t at;

	if (!nl_open(&cli->nl))
		return cli_fault(cli, NULL, 0);
	nlh = nl_request(&cli->nl, cmd, 0);
	at = object_put(nlh, o, a);
	if (!nl_talk(&cli->nl, nlh, NULL, NULL))
		return cli_fault(cli, a, at);
	return CLI_OK;
}

static int sa_revoke(struct cli *cli, const struct object *o, const struct verb *v,
		     struct args *a)
{
	(void)v;
	return tell(cli, o, a, ISAKMP_CMD_SA_REVOKE);
}

static const struct key keys_rekey[] = {
	KEY("id", type_id64, ISAKMP_SA_ID, KEY_ID, "the number of the IKE SA"),
	KEY("child", type_name, ISAKMP_SA_CHILD_NAME, KEY_SET,
	    "its child of this name, and not the IKE SA itself"),
	{ 0 }
};

static int sa_rekey(struct cli *cli, const struct object *o, const struct verb *v,
		    struct args *a)
{
	(void)v;
	return tell(cli, o, a, ISAKMP_CMD_SA_REKEY);
}

static const struct key keys_redirect[] = {
	KEY("id", type_id64, ISAKMP_SA_ID, KEY_ID, "the number of the IKE SA"),
	KEY("to", type_addr_one, ISAKMP_SA_GATEWAY, KEY_NEED | KEY_SET, "the gateway"),
	{ 0 }
};

static int sa_redirect(struct cli *cli, const struct object *o, const struct verb *v,
		       struct args *a)
{
	(void)v;
	return tell(cli, o, a, ISAKMP_CMD_SA_REDIRECT);
}

static const struct verb verbs[] = {
	VERB_SHOW,
	{ .name = "del", .alias = "delete", .run = sa_del, .keys = keys_del,
	  .takes = KEY_ID | KEY_SET, .needs = KEY_ID,
	  .help = "take one down" },
	{ .name = "revoke", .run = sa_revoke, .keys = keys_revoke, .takes = KEY_SET,
	  .help = "take down at once what stands on a credential or an identity" },
	{ .name = "rekey", .run = sa_rekey, .keys = keys_rekey, .takes = KEY_ID | KEY_SET,
	  .needs = KEY_ID, .help = "other keys, now" },
	{ .name = "redirect", .run = sa_redirect, .keys = keys_redirect,
	  .takes = KEY_ID | KEY_NEED | KEY_SET, .needs = KEY_ID | KEY_NEED,
	  .help = "tell the peer to go to another gateway" },
	{ 0 }
};

const struct object object_sa = {
	.name = "sa",
	.help = "IKE SAs and their children, as they are",
	.verbs = verbs,
	.keys = keys,
	.attr = ISAKMP_A_SA,
	.family_attr = ISAKMP_SA_REMOTE,
	.get = ISAKMP_CMD_SA_GET,
	.del = ISAKMP_CMD_SA_DEL,
};
