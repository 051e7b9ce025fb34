// SPDX-License-Identifier: GPL-2.0
/* The command without a kernel: words to attributes and back. */
#include <isakmp/ikev2.h>
#include "../../userspace/common/suite.h"
#include "../../userspace/common/ts.h"
#include "cli_lab.h"

static void test_suites(void)
{
	static const struct {
		u8 protocol;
		const char *text;
	} same[] = {
		{ IKE_PROTO_IKE, "aes256gcm16-prfsha384-x25519" },
		{ IKE_PROTO_IKE, "aes128gcm16-prfsha256-x25519" },
		{ IKE_PROTO_IKE, "aes128-sha1-prfsha1-modp2048" },
		{ IKE_PROTO_IKE, "aes192ctr-sha384-prfsha384-modp3072" },
		{ IKE_PROTO_IKE, "aes256-sha512-prfsha256-modp4096" },
		{ IKE_PROTO_IKE, "aes256ccm8-prfsha512-ecp256" },
		{ IKE_PROTO_IKE, "aes192ccm12-prfsha512-ecp384" },
		{ IKE_PROTO_IKE, "chacha20poly1305-prfsha256-ecp521" },
		{ IKE_PROTO_IKE, "aes128gcm8-prfsha256-x448" },
		{ IKE_PROTO_IKE, "3des-md5-prfmd5-modp1024" },
		{ IKE_PROTO_IKE, "3des-sha1-prfsha1-modp1536" },
		{ IKE_PROTO_IKE, "aes128gcm16-prfsha256-modp6144" },
		{ IKE_PROTO_IKE, "encr23_128-integ5-prf4-ke22" },
		{ IKE_PROTO_ESP, "aes256gcm16" },
		{ IKE_PROTO_ESP, "aes128gcm16-esn" },
		{ IKE_PROTO_ESP, "aes256ccm16-x25519" },
		{ IKE_PROTO_ESP, "aes256-sha256-ecp256-esn" },
		{ IKE_PROTO_ESP, "chacha20poly1305" },
		{ IKE_PROTO_ESP, "encr11-integ5" },
		{ IKE_PROTO_ESP, "3des-md5-modp1024" },
		{ IKE_PROTO_AH, "md5" },
		{ IKE_PROTO_AH, "sha256" },
		{ IKE_PROTO_AH, "sha512-x25519-esn" },
		{ IKE_PROTO_AH, "integ5" },
	};
	char buf[SUITE_TEXT_MAX];
	struct suite s;
	struct why w;

	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		tap_note("%s", same[i].text);
		CHECK(suite_parse(&s, same[i].protocol, same[i].text, &w));
		CHECK(!strcmp(suite_text(&s, buf), same[i].text));
	}
	tap_note("order of words");
	CHECK(suite_parse(&s, IKE_PROTO_IKE, "x25519-prfsha384-aes256gcm16", &w));
	CHECK_EQ(s.encr, IKE_ENCR_AES_GCM_16);
	CHECK_EQ(s.keylen, 256);
	CHECK_EQ(s.prf, IKE_PRF_HMAC_SHA2_384);
	CHECK_EQ(s.ke, IKE_KE_X25519);
	CHECK_EQ(s.integ, 0);
}

/* What may be left out, and numbers that have a word. */
static void test_suites_short(void)
{
	static const struct {
		u8 protocol;
		const char *text;
		const char *full;
	} other[] = {
		{ IKE_PROTO_IKE, "aes128-sha1-modp2048", "aes128-sha1-prfsha1-modp2048" },
		{ IKE_PROTO_IKE, "aes256-sha256-ecp256", "aes256-sha256-prfsha256-ecp256" },
		{ IKE_PROTO_IKE, "sha384-x448-aes192ctr", "aes192ctr-sha384-prfsha384-x448" },
		{ IKE_PROTO_IKE, "aes256-sha512-x25519", "aes256-sha512-prfsha512-x25519" },
		{ IKE_PROTO_IKE, "encr12_256-integ13-ke20", "aes256-sha384-prfsha384-ecp384" },
		{ IKE_PROTO_IKE, "3des-md5-modp1024", "3des-md5-prfmd5-modp1024" },
		{ IKE_PROTO_IKE, "encr3-integ1-prf1-ke18", "3des-md5-prfmd5-modp8192" },
		{ IKE_PROTO_ESP, "encr28", "chacha20poly1305" },
		{ IKE_PROTO_ESP, "noesn-aes256-sha256", "aes256-sha256" },
		{ IKE_PROTO_ESP, "encr20_128-ke31", "aes128gcm16-x25519" },
	};
	char buf[SUITE_TEXT_MAX];
	struct suite s;
	struct why w;

	for (size_t i = 0; i < ARRAY_SIZE(other); i++) {
		tap_note("%s", other[i].text);
		CHECK(suite_parse(&s, other[i].protocol, other[i].text, &w));
		CHECK(!strcmp(suite_text(&s, buf), other[i].full));
	}
}

static void test_suites_refused(void)
{
	static const struct {
		u8 protocol;
		const char *text;
		const char *why;
	} bad[] = {
		{ IKE_PROTO_IKE, "", "no encr" },
		{ IKE_PROTO_IKE, "aes256gcm16-prfsha384", "no ke" },
		{ IKE_PROTO_IKE, "aes256gcm16-x25519", "no prf" },
		{ IKE_PROTO_IKE, "prfsha384-x25519", "no encr" },
		{ IKE_PROTO_IKE, "aes256gcm16-prfsha384-prfsha256-x25519", "second" },
		{ IKE_PROTO_IKE, "aes256gcm16-prfsha384-x25519-esn", "esp" },
		{ IKE_PROTO_IKE, "aes257gcm16-prfsha384-x25519", "aes257gcm16" },
		{ IKE_PROTO_IKE, "encr0-prf5-ke31", "encr0" },
		{ IKE_PROTO_IKE, "encr65536-prf5-ke31", "encr65536" },
		{ IKE_PROTO_IKE, "encr20_99999999999-prf5-ke31", "encr20_" },
		{ IKE_PROTO_IKE, "aes256-prfsha384-x25519", "aes256 needs an integrity" },
		{ IKE_PROTO_IKE, "aes128gcm8-sha256-x25519", "aes128gcm8 needs no integrity" },
		{ IKE_PROTO_IKE, "chacha20poly1305-prfsha256-sha256-x25519", "chacha20poly1305 needs no" },
		{ IKE_PROTO_IKE, "aes256-sha256-noesn-x25519", "noesn belongs to esp and ah" },
		{ IKE_PROTO_ESP, "aes256", "needs an integrity" },
		{ IKE_PROTO_ESP, "aes256gcm16-sha256", "needs no integrity" },
		{ IKE_PROTO_ESP, "aes256gcm16-esn-noesn", "second" },
		{ IKE_PROTO_ESP, "sha256", "no encr" },
		{ IKE_PROTO_ESP, "aes256gcm16-prfsha384", "ike suites" },
		{ IKE_PROTO_ESP, "aes256gcm16x", "aes256gcm16x" },
		{ IKE_PROTO_AH, "aes256-sha256", "\"aes256\" belongs to ike and esp suites" },
		{ IKE_PROTO_AH, "x25519-esn", "no integ" },
		{ IKE_PROTO_AH, "sha256-prfsha256", "belongs to ike suites" },
	};
	struct suite s;
	struct why w;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		tap_note("%s", bad[i].text);
		w.text[0] = 0;
		CHECK(!suite_parse(&s, bad[i].protocol, bad[i].text, &w));
		tap_check(strstr(w.text, bad[i].why), TAP_WHERE, "%s", w.text);
	}
}

static void test_selectors(void)
{
	static const struct {
		const char *in;
		const char *out;	/* NULL: the same */
	} good[] = {
		{ "10.1.0.0/16", NULL },
		{ "0.0.0.0/0", NULL },
		{ "10.1.0.1", "10.1.0.1/32" },
		{ "10.1.0.1-10.1.0.9", NULL },
		{ "10.1.0.0-10.1.255.255", "10.1.0.0/16" },
		{ "10.1.0.4-10.1.0.8", NULL },
		{ "10.1.0.1-10.1.0.1", "10.1.0.1/32" },
		{ "10.1.0.0/16[tcp]", NULL },
		{ "10.1.0.0/16[tcp/443]", NULL },
		{ "10.1.0.0/16[17/53]", "10.1.0.0/16[udp/53]" },
		{ "10.1.0.0/16[200]", NULL },
		{ "10.1.0.0/16[udp/1000-2000]", NULL },
		{ "10.1.0.0/16[udp/0-65535]", "10.1.0.0/16[udp]" },
		{ "10.1.0.0/16[udp/0]", NULL },
		{ "2001:db8::/32[sctp/1]", NULL },
		{ "2001:db8::5-2001:db8::77", NULL },
		{ "10.0.0.5-10.0.0.77[tcp/80-443]", NULL },
		{ "::/0", NULL },
		{ "dynamic", NULL },
		{ "dynamic[gre]", NULL },
		{ "dynamic[udp/1701]", NULL },
		{ "10.1.0.0/16[tcp/opaque]", NULL },
	};
	char buf[TS_TEXT_MAX];
	struct ts ts;
	struct why w;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		tap_note("%s", good[i].in);
		CHECK(ts_parse(&ts, good[i].in, &w));
		ts_text(&ts, buf);
		tap_check(!strcmp(buf, good[i].out ? good[i].out : good[i].in),
			  TAP_WHERE, "%s", buf);
	}
}

static void test_selectors_refused(void)
{
	static const char *const bad[] = {
		"", "10.1.0.0/33", "10.1.2.3/16", "10.1.0.0/", "10.1.0.0/-1",
		"10.1.0/24", "10.1.0.9-10.1.0.1", "10.1.0.1-2001:db8::1",
		"10.1.0.0/16[", "10.1.0.0/16[tcp", "10.1.0.0/16]",
		"10.1.0.0/16[]", "10.1.0.0/16[tcp/]", "10.1.0.0/16[tcp/65536]",
		"10.1.0.0/16[tcp/2-1]", "10.1.0.0/16[tcp/1-]", "10.1.0.0/16[0]",
		"10.1.0.0/16[256]", "10.1.0.0/16[nosuch]", "10.1.0.0/16[/53]",
		"10.1.0.0/16[tcp/1]x", "10.1.0.0/16 ", "10.1.0.0/16-10.2.0.0/16",
		"dynamic/32", "dynamic-10.0.0.1", "Dynamic", "10.1.0.0/16[opaque]",
	};
	struct ts ts;
	struct why w;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		tap_note("%s", bad[i]);
		CHECK(!ts_parse(&ts, bad[i], &w));
	}
}

/* What show and config save write is what was typed. */
static void test_round_trip(void)
{
	static const char *const lines[] = {
		"listen add addr any",
		"listen add dev eth0 addr 192.0.2.1",
		"proposal add strong ike aes256gcm16-prfsha384-x25519,aes128gcm16-prfsha256-x25519 esp aes256gcm16,aes128gcm16-esn",
		"cred add gw-b-psk psk id fqdn:gw-b.example,ipv4:192.0.2.2 file /etc/isakmp/secrets/gw-b",
		"cred add odd psk id keyid:0x00ff,fqdn:a\\x20b,email:a@b file gw",
		"peer add gw-b local 192.0.2.1 remote 192.0.2.2 proposal strong dpd 30s life 1d",
		"peer add all local any remote any proposal strong dpd off",
		"peer add some local any remote 198.51.100.0/24 proposal p life 1h1m1s",
		"auth add peer gw-b side local method psk id fqdn:gw-a.example cred gw-b-psk",
		"auth add peer gw-b side remote method psk",
		"cred add me x509 id fqdn:gw-a.example file gw-a.crt key gw-a.key",
		"cred add me key id email:ann@example.org file ann.key",
		"cred add them pubkey id fqdn:gw-b.example,keyid:0x00ff file gw-b.pub",
		"cred add root ca file root.crt",
		"auth add peer gw-b side local method pubkey id fqdn:gw-a.example cred me scheme ed25519,rsa-pss",
		"auth add peer gw-b side remote method pubkey id fqdn:*.branch.example ca root,other scheme rsa-pkcs1,rsa-pss,ecdsa,ed25519",
		"auth add peer gw-b side remote method pubkey id email:*@example.org",
		"peer add branch kind template local any remote any proposal p reauth 8h unique keep encap yes mark 0x2a dev vrf-blue max-sas 4294967295 fragmentation no fragment-size 1280 window 4 childless prefer resumption yes mobike no roam 198.51.100.0/24,2001:db8::/32 qcd no",
		"peer add b1 template branch remote 198.51.100.7",
		"peer add b2 template branch",
		"peer add road local any remote any proposal p pool four,six",
		"peer add corp local any remote 192.0.2.1 proposal p virtual-ip ipv4,ipv6",
		"peer add corp local any remote 192.0.2.1 proposal p virtual-ip 10.9.0.7,fd09::7",
		"pool add road range 10.9.0.0/24",
		"pool add road range 10.9.0.7-10.9.0.99,fd09::/112,10.8.0.1/32 dns 10.1.0.53,fd01::53"
		" subnet 10.0.0.0/8,::/0 domain corp.example,9.10.in-addr.arpa",
		"child add t peer b1 local-ts dynamic remote-ts dynamic[gre] mode transport dpd restart close none single-pair yes mark 0x1/0xff if-id 7 dscp both df clear ecn no",
		"proposal add signed ike aes256gcm16-prfsha384-x25519 ah sha256,sha512-x25519-esn",
		"child add pad peer b1 local-ts dynamic remote-ts ::/0 dscp in df copy ecn yes tfc mtu",
		"child add len peer b1 local-ts dynamic remote-ts ::/0 dscp none tfc 1400",
		"child add comp peer b1 local-ts dynamic remote-ts ::/0 ipcomp deflate",
		"child add comp peer b1 local-ts dynamic remote-ts ::/0 ipcomp none",
		"child add hw peer b1 local-ts dynamic remote-ts ::/0 offload auto",
		"child add hw peer b1 local-ts dynamic remote-ts ::/0 offload crypto offload-dev eth0",
		"child add m peer b1 local-ts 10.0.0.5-10.0.0.77,2001:db8::/32 remote-ts ::/0 mode tunnel single-pair no mark 0x2a",
		"child add net peer gw-b local-ts 10.1.0.0/16,10.3.0.0/16 remote-ts 10.2.0.0/16[tcp/443] start trap proposal p life 8h bytes 1073741824 packets 0 replay-window 128",
	};
	char want[512];

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		snprintf(want, sizeof(want), "%s\n", lines[i]);
		written(lines[i], false, want);
	}
}

static void test_forms(void)
{
	written("proposal add p ike aes256gcm16-prfsha384-x25519 ike aes128gcm16-prfsha256-x25519 esp aes256gcm16 aes128gcm16",
		false,
		"proposal add p ike aes256gcm16-prfsha384-x25519,aes128gcm16-prfsha256-x25519 esp aes256gcm16,aes128gcm16\n");
	written("peer add life proposal p life 90 dpd 1h30m remote any", false,
		"peer add life local any remote any proposal p dpd 1h30m life 1m30s\n");
	written("child add c remote-ts 10.2.0.1 local-ts 10.1.0.0/16 10.3.0.0/16 peer p bytes 2G",
		false,
		"child add c peer p local-ts 10.1.0.0/16,10.3.0.0/16 remote-ts 10.2.0.1/32 bytes 2147483648\n");
	written("child add c peer p local-ts dynamic remote-ts dynamic mark 16/255 if-id 0x10",
		false,
		"child add c peer p local-ts dynamic remote-ts dynamic mark 0x10/0xff if-id 16\n");
	written("auth add peer p side remote method pubkey ca a ca b scheme ecdsa ed25519",
		false,
		"auth add peer p side remote method pubkey ca a,b scheme ecdsa,ed25519\n");
	/* set names what changes, and nothing else */
	written("child set c peer p start now", false,
		"child add c peer p start now\n");
}

static void test_json(void)
{
	written("peer add gw local 192.0.2.1 proposal p dpd 30", true,
		"[{\"name\":\"gw\",\"local\":\"192.0.2.1\",\"proposal\":\"p\",\"dpd_s\":30}]\n");
	written("child add c peer p local-ts 10.1.0.0/16,10.3.0.0/16 remote-ts 0.0.0.0/0 start none bytes 5",
		true,
		"[{\"name\":\"c\",\"peer\":\"p\",\"local_ts\":[\"10.1.0.0/16\",\"10.3.0.0/16\"],\"remote_ts\":[\"0.0.0.0/0\"],\"start\":\"none\",\"bytes\":5}]\n");
	written("cred add x psk id fqdn:a\\x22b file a\"b\\c", true,
		"[{\"name\":\"x\",\"type\":\"psk\",\"id\":[\"fqdn:a\\\"b\"],\"file\":\"a\\\"b\\\\c\"}]\n");
	written("listen add", true, "[{}]\n");
	written("child add c peer p local-ts dynamic remote-ts ::/0 mark 1/3 single-pair yes if-id 9",
		true,
		"[{\"name\":\"c\",\"peer\":\"p\",\"local_ts\":[\"dynamic\"],\"remote_ts\":[\"::/0\"],\"single_pair\":\"yes\",\"mark\":1,\"mask\":3,\"if_id\":9}]\n");
}

static void test_refused(void)
{
	says("peers", CLI_USAGE, "\"peers\" is not an object");
	says("peer ad x", CLI_USAGE, "\"ad\" is not a verb of \"peer\"");
	says("peer add", CLI_USAGE, "missing key \"name\"");
	says("peer add gw", CLI_USAGE, "missing key \"proposal\"");
	says("peer add gw proposal", CLI_USAGE, "no value after the key \"proposal\"");
	says("peer add gw proposal p proposal q", CLI_USAGE, "duplicate key \"proposal\"");
	says("peer add gw proposal p dead-peer 5", CLI_USAGE, "unknown key \"dead-peer\"");
	says("peer add gw proposal p generation 5", CLI_USAGE, "unknown key \"generation\"");
	says("peer add -gw proposal p", CLI_USAGE, "is not a name");
	says("peer add gw proposal p dpd never", CLI_USAGE, "dpd: \"never\" is not a time");
	says("peer add gw proposal p dpd 1m1h", CLI_USAGE, "dpd:");
	says("peer add gw proposal p life 4294967296", CLI_USAGE, "life:");
	says("peer add gw proposal p virtual-ip any", CLI_USAGE, "neither an address nor ipv4 nor ipv6");
	says("peer add gw proposal p virtual-ip 10.9.0.0/24", CLI_USAGE, "virtual-ip:");
	says("pool add p", CLI_USAGE, "missing key \"range\"");
	says("pool add p range dynamic", CLI_USAGE, "\"dynamic\" is not a range");
	says("pool add p range 10.9.0.1/24", CLI_USAGE, "range:");
	says("pool add p range 10.9.0.9-10.9.0.1", CLI_USAGE, "range:");
	says("pool add p range 10.9.0.0/24[tcp]", CLI_USAGE, "have no place here");
	says("pool add p range 10.9.0.0/24 subnet 10.0.0.1-10.0.0.2", CLI_USAGE, "is not a prefix");
	says("pool add p range 10.9.0.0/24 domain a;b", CLI_USAGE, "is not a domain");
	says("pool add p range 10.9.0.0/24 dns any", CLI_USAGE, "dns:");
	says("peer add gw proposal p local 10.0.0.0/8", CLI_USAGE, "local: \"10.0.0.0/8\" is not an address");
	says("peer add gw proposal p remote 10.0.0.1/8", CLI_USAGE, "remote:");
	says("peer set gw remote any", CLI_USAGE, "replace can");
	says("peer del gw proposal p", CLI_USAGE, "unknown key \"proposal\"");
	says("peer flush gw", CLI_USAGE, "unknown key \"gw\"");
	says("peer del gw keep keep", CLI_USAGE, "duplicate key \"keep\"");
	says("peer flush keep gw", CLI_USAGE, "unknown key \"gw\"");
	says("peer set gw keep", CLI_USAGE, "unknown key \"keep\"");
	says("cred del c keep", CLI_USAGE, "unknown key \"keep\"");
	says("config check /dev/null keep", CLI_USAGE, "unknown key \"keep\"");
	says("auth add peer gw side left method psk", CLI_USAGE, "\"left\" is none of local remote");
	says("auth add peer gw side local method psk id gw-a", CLI_USAGE, "not any, ipv4:");
	says("cred add c psk id any file f", CLI_USAGE, "not one identity");
	says("child add c peer p local-ts 10.0.0.0/8 remote-ts 10.0.0.0/8 strat trap", CLI_USAGE, "unknown key \"strat\"");
	says("child add c peer p local-ts 10.0.0.0/8 remote-ts 10.0.0.0/8 replay-window 65536", CLI_USAGE, "replay-window:");
	says("child add c peer p local-ts 10.0.0.0/8 remote-ts 10.0.0.0/8 tfc 65535", CLI_USAGE, "tfc: \"65535\" is not mtu");
	says("child add c peer p local-ts 10.0.0.0/8 remote-ts 10.0.0.0/8 df set", CLI_USAGE, "df: \"set\" is none of copy clear");
	says("child add c peer p local-ts 10.0.0.0/8", CLI_USAGE, "missing key \"remote-ts\"");
	says("peer add gw template", CLI_USAGE, "no value after the key \"template\"");
	says("peer add gw kind client", CLI_USAGE, "kind: \"client\" is none of template");
	says("peer add gw proposal p encap maybe", CLI_USAGE, "encap: \"maybe\" is none of no yes");
	says("peer add gw proposal p mark 0x", CLI_USAGE, "mark: \"0x\" is not a number");
	says("peer add gw proposal p mark 0x100000000", CLI_USAGE, "mark:");
	says("peer add gw proposal p mark 1/1", CLI_USAGE, "mark:");
	says("peer add gw proposal p dev a/b", CLI_USAGE, "dev: \"a/b\" is not the name of a device");
	says("peer add gw proposal p max-sas -1", CLI_USAGE, "max-sas:");
	says("peer add gw proposal p fragmentation force", CLI_USAGE, "fragmentation: \"force\" is none of no yes");
	says("peer add gw proposal p fragment-size 65536", CLI_USAGE, "fragment-size:");
	says("child add c peer p local-ts dynamic remote-ts dynamic mark 0x3/0x1", CLI_USAGE, "outside its mask");
	says("child add c peer p local-ts dynamic remote-ts dynamic mark /1", CLI_USAGE, "not MARK or MARK/MASK");
	says("child add c peer p local-ts dynamic remote-ts dynamic mode tunel", CLI_USAGE, "mode: \"tunel\" is none of tunnel transport");
	says("cred add c x508 file f", CLI_USAGE, "is none of psk x509 key pubkey ca");
	says("cred add c x509 file f key", CLI_USAGE, "no value after the key \"key\"");
	says("auth add peer gw side remote method pubkey scheme dsa", CLI_USAGE, "scheme: \"dsa\" is none of rsa-pkcs1 rsa-pss ecdsa ed25519");
	says("tunnel add t local any remote 192.0.2.2 psk f local-ts 10.1.0.0/16 remote-ts 10.2.0.0/16", CLI_USAGE, "local: \"any\" is not an address");
	says("tunnel add t local 192.0.2.1 psk f local-ts 10.1.0.0/16 remote-ts 10.2.0.0/16", CLI_USAGE, "missing key \"remote\"");
	says("tunnel add t local 192.0.2.1 remote 192.0.2.2 local-ts 10.1.0.0/16 remote-ts 10.2.0.0/16", CLI_USAGE, "missing key \"psk\"");
	says("tunnel set t start now", CLI_USAGE, "\"set\" is not a verb of \"tunnel\"");
	says("tunnel del", CLI_USAGE, "missing key \"name\"");
	says("monitor keys sa", CLI_USAGE, "keys are watched alone");
	says("decode", CLI_USAGE, "missing key \"file\"");
	says("decode /nonexistent", CLI_USAGE, "No such file");
	says("decode /dev/null", CLI_USAGE, "/dev/null");
	says("decode /dev/null keys /nonexistent", CLI_USAGE, "keys: cannot read");
	says("sa show state up", CLI_USAGE, "state: \"up\" is none of new");
	says("sa del", CLI_USAGE, "missing key \"id\"");
	says("sa del id -1", CLI_USAGE, "id: \"-1\" is not a number");
	says("sa revoke identity any", CLI_USAGE, "identity: any is not");
	says("sa revoke cred -x", CLI_USAGE, "cred: \"-x\" is not a name");
	says("peer set gw unique maybe", CLI_USAGE, "unique: \"maybe\" is none of never");
	says("monitor everything", CLI_USAGE, "\"everything\" is none of all");
	says("decode a b", CLI_USAGE, "unknown key \"b\" of \"decode\".");
	says("config", CLI_USAGE, "Usage:");
	says("config apply", CLI_USAGE, "missing key \"file\"");
	says("config apply /nonexistent", CLI_USAGE, "No such file");
}

/* What others wrote stands in sentences, too: no terminal obeys it (threat 62). */
static void test_sentences(void)
{
	says("ev\x1b[2Jil", CLI_USAGE, "Error: \"ev\\x1b[2Jil\" is not an object");
	says("peer \x9b\x7f", CLI_USAGE, "Error: \"\\x9b\\x7f\" is not a verb");
	says("peer add x\ny\r", CLI_USAGE, "\"x\\x0ay\\x0d\" is not a name");
	says("peer add \xc2\x9b" "2J", CLI_USAGE, "\"\\xc2\\x9b2J\" is not a name");
	says("peer add Z\xc3\xbcrich", CLI_USAGE, "\"Z\xc3\xbcrich\" is not a name");
	says("decode /no\x1b]0;such\a", CLI_USAGE, "cannot read \"/no\\x1b]0;such\\x07\": No such file");
	says("config apply /no\x1bsuch", CLI_USAGE, "cannot read \"/no\\x1bsuch\": No such file");
	lab_open();
	lab.cli.file = "a\x1b";
	cli_error(&lab.cli, CLI_USAGE, "%s", "b");
	lab_flush();
	CHECK(!strcmp(lab.said, "Error: a\\x1b:0: b.\n"));
	lab_close();
}

/* JSON is UTF-8, or each octet by itself. */
static void test_json_octets(void)
{
	static const struct {
		const char *path, *json;
	} paths[] = {
		{ "\xc3\xbc", "\xc3\xbc" }, { "\xf0\x90\x80\x80", "\xf0\x90\x80\x80" },
		{ "\xed\x9f\xbf", "\xed\x9f\xbf" }, { "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
		{ "\x80", "\\u0080" }, { "\xc3", "\\u00c3" }, { "\xc0\x80", "\\u00c0\\u0080" },
		{ "\xe0\x80\x80", "\\u00e0\\u0080\\u0080" },
		{ "\xed\xa0\x80", "\\u00ed\\u00a0\\u0080" },
		{ "\xf0\x80\x80\x80", "\\u00f0\\u0080\\u0080\\u0080" },
		{ "\xf4\x90\x80\x80", "\\u00f4\\u0090\\u0080\\u0080" },
		{ "\xf5\x80\x80\x80", "\\u00f5\\u0080\\u0080\\u0080" },
		{ "\xe2\x82", "\\u00e2\\u0082" },
	};
	char line[128], want[256];

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		snprintf(line, sizeof(line), "cred add x ca file %s", paths[i].path);
		snprintf(want, sizeof(want),
			 "[{\"name\":\"x\",\"type\":\"ca\",\"file\":\"%s\"}]\n", paths[i].json);
		written(line, true, want);
	}
}

int main(void)
{
	TAP_RUN(test_suites, "suites: text and back");
	TAP_RUN(test_suites_short, "suites: the PRF of the MAC, numbers that have a word");
	TAP_RUN(test_suites_refused, "suites: what is refused");
	TAP_RUN(test_selectors, "selectors: text and back");
	TAP_RUN(test_selectors_refused, "selectors: what is refused");
	TAP_RUN(test_round_trip, "objects: words, attributes, the same words");
	TAP_RUN(test_forms, "objects: other ways to write them");
	TAP_RUN(test_json, "objects: JSON");
	TAP_RUN(test_refused, "words that are refused, by name");
	TAP_RUN(test_sentences, "errors: what others wrote is escaped (threat 62)");
	TAP_RUN(test_json_octets, "JSON: valid whatever the octets (threat 62)");
	return tap_done();
}
