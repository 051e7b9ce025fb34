#!/bin/bash
# redirect.sh: a gateway sends clients to another one (RFC 5685): before it knows them, when it does, and
# later; they go only where they are allowed to, and are found there.
#
#	gwA (192.0.2.2) --- router --- gwB (198.51.100.2), gwC (203.0.113.2)
# A is the client; B and C are one peer to it.
. ./lib.sh
. ./gateway.sh

ktap_plan 13

cables() {
	setup_ns gwA gwC router gwB &&
	veth "$gwA" wan 192.0.2.2/24 "$router" toA 192.0.2.1/24 &&
	veth "$gwC" wan 203.0.113.2/24 "$router" toC 203.0.113.1/24 &&
	veth "$router" toB 198.51.100.1/24 "$gwB" wan 198.51.100.2/24 || return
	in_ns "$router" sysctl -q net.ipv4.ip_forward=1
	ip -n "$gwA" route add default via 192.0.2.1 && ip -n "$gwA" addr add 10.20.1.1/24 dev lo
	ip -n "$gwC" route add default via 203.0.113.1 && ip -n "$gwC" addr add 10.2.0.1/16 dev lo
	ip -n "$gwB" route add default via 198.51.100.1 && ip -n "$gwB" addr add 10.2.0.1/16 dev lo
}
hub() {
	mkdir -p "$work/$1/secrets"
	echo 'a shared secret of the selftests' >"$work/$1/secrets/gw"
	chmod 0640 "$work/$1/secrets/gw"
	cat >"$work/$1/isakmp.conf" <<-EOT
	listen add addr $2
	proposal add strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
	cred add gw psk id fqdn:client file gw
	peer add many local $2 proposal strong
	auth add peer many side local method psk id fqdn:hub cred gw
	auth add peer many side remote method psk id fqdn:client cred gw
	child add net peer many local-ts 10.2.0.0/16 remote-ts 10.20.0.0/16
	EOT
	ours_start "$1"
}
client() {
	LOCAL_ID=fqdn:client REMOTE_ID=fqdn:hub ours_conf "$gwA" 192.0.2.2 198.51.100.2 10.20.1.0/24 10.2.0.0/16
	ours_start "$gwA"
}
lab_three() { cables && hub "$gwB" 198.51.100.2 && hub "$gwC" 203.0.113.2 && client; }
check "lab: a client, two gateways" lab_three

up() { ours "$gwA" peer up gw >/dev/null; }
down() { ours "$gwA" peer down gw && tunnel_down "$gwA"; }
pinged() { in_ns "$gwA" ping -q -n -c 2 -i 0.01 -W 2 -I 10.20.1.1 10.2.0.1 >/dev/null; }
# at ADDRESS: the tunnel is there, and nowhere else
at() { busywait 8000 sa_is "$gwA" 1 "$with_child and .remote == \"$1\"" && busywait 8000 sa_is "$gwA" 1 && pinged; }
C=203.0.113.2

unwilling() { ours "$gwB" peer set many redirect $C && up && at 198.51.100.2; }
check "who follows no redirects stays" unwilling
follows() { down && ours "$gwA" peer set gw follow $C; }
check "A may go to C" follows
check "before it is known: redirected" refuses "$gwB" redirected up
check "the tunnel is at C" at $C
again() { ! ours "$gwA" peer up gw >"$work/again" 2>&1 || at $C; }
check "it is found there" again
check "and goes down" down

# another one who may come to B, from anywhere: now it matters who it is
other() {
	ours "$gwB" peer add other local 198.51.100.2 proposal strong &&
		ours "$gwB" auth add peer other side local method psk id fqdn:hub cred gw &&
		ours "$gwB" auth add peer other side remote method psk id fqdn:other cred gw &&
		ours "$gwB" child add net peer other local-ts 10.2.0.0/16 remote-ts 10.21.0.0/16
}
told() { other && refuses "$gwB" redirected up_anyhow; }
up_anyhow() { up || :; }
check "when it is known: redirected" told
check "the tunnel is at C" at $C

stays() { down && ours "$gwB" peer set many redirect 0.0.0.0 && up && at 198.51.100.2; }
check "B keeps it" stays
id() { ours "$gwB" -j sa | jq '.[0].id'; }
sent() { ours "$gwB" sa redirect id "$(id)" to $C && at $C && busywait 5000 sa_is "$gwB" 0; }
check "the operator of B sends it away, and it is at C" sent
elsewhere() { down && up && refuses "$gwA" redirect-refused ours "$gwB" sa redirect id "$(id)" to 203.0.113.9 && pinged; }
check "it does not go where it is not allowed to" elsewhere
check "the kernel has no complaint" kernel_silent
ktap_end
