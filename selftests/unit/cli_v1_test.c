// SPDX-License-Identifier: GPL-2.0
/* The command without a kernel: the words of version 1. */
#include <isakmp/ikev1.h>
#include "cli_lab.h"

/* What show and config save write is what was typed. */
static void test_words(void)
{
	static const char *const lines[] = {
		"cred add staff users file staff",
		"cred add ann user id keyid:ann file ann",
		"peer add old local any remote 192.0.2.2 proposal p version 1",
		"peer add both local any remote 192.0.2.2 proposal p version 2-then-1 v1-exchange main",
		"peer add new local any remote 192.0.2.2 proposal p version 2",
		"peer add old local any remote 192.0.2.2 proposal p version 1 v1-exchange aggressive v1-accept base,main,auth-only,aggressive lifetime-check exact v1-push yes v1-new-group yes",
		"peer add old local any remote 192.0.2.2 proposal p version 1 v1-exchange auth-only v1-accept aggressive lifetime-check obey v1-push no v1-new-group no",
		"peer add old local any remote 192.0.2.2 proposal p v1-exchange base lifetime-check strict",
		"peer add old local any remote 192.0.2.2 proposal p lifetime-check claim",
		"auth add peer old side local method rsa-encryption id fqdn:a.example cred k",
		"auth add peer old side remote method rsa-encryption-revised cred k",
		"auth add peer old side remote method psk cred k xauth staff",
		"auth add peer old side local method pubkey id fqdn:a.example cred k xauth ann",
		"auth add peer old side remote method xauth xauth staff",
	};
	char want[512];

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		snprintf(want, sizeof(want), "%s\n", lines[i]);
		written(lines[i], false, want);
	}
}

static void test_forms(void)
{
	written("peer add o proposal p v1-accept main v1-accept aggressive", false,
		"peer add o local any remote any proposal p v1-accept main,aggressive\n");
	written("peer add o proposal p v1-accept main aggressive version 1", false,
		"peer add o local any remote any proposal p version 1 v1-accept main,aggressive\n");
}

static void test_json(void)
{
	written("peer add o proposal p version 2-then-1 v1-exchange base v1-accept main,aggressive v1-push yes lifetime-check strict",
		true,
		"[{\"name\":\"o\",\"proposal\":\"p\",\"version\":\"2-then-1\",\"v1_exchange\":\"base\",\"v1_accept\":[\"main\",\"aggressive\"],\"lifetime_check\":\"strict\",\"v1_push\":\"yes\"}]\n");
	written("auth add peer o side remote method xauth xauth staff", true,
		"[{\"peer\":\"o\",\"side\":\"remote\",\"method\":\"xauth\",\"xauth\":\"staff\"}]\n");
	written("cred add ann user id keyid:ann file ann", true,
		"[{\"name\":\"ann\",\"type\":\"user\",\"id\":[\"keyid:ann\"],\"file\":\"ann\"}]\n");
}

static void test_refused(void)
{
	says("peer add o proposal p version 3", CLI_USAGE, "\"3\" is none of 2 1 2-then-1");
	says("peer add o proposal p version 1-then-2", CLI_USAGE, "is none of");
	says("peer add o proposal p v1-exchange quick", CLI_USAGE,
	     "\"quick\" is none of base main auth-only aggressive");
	says("peer add o proposal p v1-accept main,none", CLI_USAGE, "\"none\" is none of");
	says("peer add o proposal p lifetime-check trust", CLI_USAGE,
	     "is none of claim obey strict exact");
	says("auth add peer o side local method rsa", CLI_USAGE,
	     "is none of psk pubkey rsa-encryption rsa-encryption-revised xauth");
	says("tunnel add t local 192.0.2.1 remote 192.0.2.2 psk t local-ts ::/0 remote-ts ::/0 version 0",
	     CLI_USAGE, "\"0\" is none of 2 1 2-then-1");
}

/* As the kernel tells of an SA. */
static void shown(uint8_t version, uint16_t method, const char *user, bool json,
		  const char *want)
{
	static char buf[512] __attribute__((aligned(4)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlattr *nest = mnl_attr_nest_start(nlh, ISAKMP_A_SA);

	if (version)
		mnl_attr_put_u8(nlh, ISAKMP_SA_VERSION, version);
	if (method)
		mnl_attr_put_u16(nlh, ISAKMP_SA_METHOD, method);
	if (user)
		mnl_attr_put_strz(nlh, ISAKMP_SA_USER, user);
	mnl_attr_nest_end(nlh, nest);
	lab_open();
	lab.cli.out.json = json;
	out_start(&lab.cli.out);
	object_print(&lab.cli.out, &object_sa, nest, NULL);
	out_end(&lab.cli.out);
	lab_flush();
	tap_check(!strcmp(lab.wrote, want), TAP_WHERE, "it writes: %s", lab.wrote);
	lab_close();
}

static void test_sa(void)
{
	shown(0, 0, NULL, true, "[{}]\n");
	shown(1, V1_M_PSK, NULL, true, "[{\"version\":1,\"method\":\"psk\"}]\n");
	shown(1, V1_M_XAUTH_I_RSA, "ann", true,
	      "[{\"version\":1,\"method\":\"xauth-init-rsa\",\"user\":\"ann\"}]\n");
	shown(1, V1_M_HYBRID_I_RSA, "an n", false,
	      "sa version 1\n\tmethod hybrid-init-rsa user \"an n\"\n");
	shown(1, 60000, NULL, false, "sa version 1\n\tmethod 60000\n");
	/* The name is what the peer said: nothing that a terminal obeys. */
	shown(1, V1_M_XAUTH_I_PSK, "a\033[2Jb", false,
	      "sa version 1\n\tmethod xauth-init-psk user a\\x1b[2Jb\n");
}

int main(void)
{
	TAP_RUN(test_words, "version 1: words, attributes, the same words");
	TAP_RUN(test_forms, "version 1: other ways to write them");
	TAP_RUN(test_json, "version 1: JSON");
	TAP_RUN(test_refused, "version 1: words that are refused, by name");
	TAP_RUN(test_sa, "version 1: an SA as it is shown");
	return tap_done();
}
