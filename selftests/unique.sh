#!/bin/bash
# unique.sh: two initiators with one identity, under each of the four policies, with and without
# INITIAL_CONTACT, from another address and from the same one.
#
#	gwA (192.0.2.2), gwC (203.0.113.2) --- router --- gwB (198.51.100.2)
# boot: time-travel
# timeout: 180
. ./lib.sh
. ./gateway.sh

ktap_plan 25

lab_three() {
	setup_ns gwA gwC router gwB &&
	veth "$gwA" wan 192.0.2.2/24 "$router" toA 192.0.2.1/24 &&
	veth "$gwC" wan 203.0.113.2/24 "$router" toC 203.0.113.1/24 &&
	veth "$router" toB 198.51.100.1/24 "$gwB" wan 198.51.100.2/24 || return
	in_ns "$router" sysctl -q net.ipv4.ip_forward=1
	ip -n "$gwA" route add default via 192.0.2.1
	ip -n "$gwC" route add default via 203.0.113.1
	ip -n "$gwB" route add default via 198.51.100.1
}
# client NS ADDRESS N [SECRET]: all call themselves the same
client() {
	PSK=${4-} LOCAL_ID=fqdn:${5:-client} REMOTE_ID=fqdn:hub ours_conf "$1" "$2" 198.51.100.2 \
		"10.20.$3.0/24" 10.2.0.0/16 none dpd off
}
hub() {
	mkdir -p "$work/$gwB/secrets"
	echo 'a shared secret of the selftests' >"$work/$gwB/secrets/gw"
	chmod 0640 "$work/$gwB/secrets/gw"
	cat >"$work/$gwB/isakmp.conf" <<-EOF
	listen add addr 198.51.100.2
	proposal add strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
	cred add gw psk id fqdn:client file gw
	peer add many local 198.51.100.2 proposal strong dpd off
	auth add peer many side local method psk id fqdn:hub cred gw
	auth add peer many side remote method psk id fqdn:* cred gw
	child add net peer many local-ts 10.2.0.0/16 remote-ts 10.20.0.0/16
	EOF
}
start_all() {
	lab_three && hub && ours_start "$gwB" && client "$gwA" 192.0.2.2 1 && ours_start "$gwA" &&
		client "$gwC" 203.0.113.2 2 && ours_start "$gwC"
}
check "lab: two clients with one identity, a hub" start_all

up() { ours "$1" peer up gw >/dev/null; }
# as after a crash: nobody is told
lose() { local id; for id in $(ours "$1" -j sa | jq '.[].id'); do ours "$1" sa del id "$id" force || return; done; busywait 3000 sa_is "$1" 0; }
fresh() { lose "$gwA"; lose "$gwC"; lose "$gwB"; }
# policy HUB [CLIENTS]: never at the clients: they do not say INITIAL_CONTACT
policy() {
	ours "$gwB" peer set many unique "$1" && ours "$gwA" peer set gw unique "${2:-replace}" &&
		ours "$gwC" peer set gw unique "${2:-replace}" && fresh
}
from() { ours "$gwB" -j sa | jq -r '[.[] | select(.state == "established") | .remote] | sort | join(" ")'; }
hub_has() { [ "$(from)" = "$*" ]; }
soon() { busywait 5000 hub_has "$@"; }

check "never" policy never
both() { up "$gwA" && up "$gwC" && soon 192.0.2.2 203.0.113.2; }
check "both are there, in spite of INITIAL_CONTACT" both
twice() { lose "$gwA" && up "$gwA" && soon 192.0.2.2 192.0.2.2 203.0.113.2; }
check "who comes again is there twice" twice

check "no, nobody says INITIAL_CONTACT" policy no never
check "both are there" both
check "no, and INITIAL_CONTACT" policy no
second() { up "$gwA" && up "$gwC" && soon 203.0.113.2; }
check "the second takes the place of the first: replaced" refuses "$gwB" replaced second
check "who is not told" sa_is "$gwA" 1 "$established"

check "replace, nobody says INITIAL_CONTACT" policy replace never
check "the second takes the place of the first: replaced" refuses "$gwB" replaced second
check "who is told" busywait 3000 sa_is "$gwA" 0
check "replace, and INITIAL_CONTACT" policy replace
check "the second takes the place of the first: replaced" refuses "$gwB" replaced second
check "who is not told" sa_is "$gwA" 1 "$established"
others() { client "$gwC" 203.0.113.2 2 '' other && ours "$gwC" config apply "$work/$gwC/isakmp.conf" && fresh && both; }
check "others with identities of their own stay" others
client "$gwC" 203.0.113.2 2 'another secret'
stranger() { fresh && ours "$gwC" config apply "$work/$gwC/isakmp.conf" && up "$gwA" && ! up "$gwC"; }
check "INITIAL_CONTACT of one who has not the secret: auth-failed" refuses "$gwB" auth-failed stranger
check "does nothing" hub_has 192.0.2.2
client "$gwC" 203.0.113.2 2
ours "$gwC" config apply "$work/$gwC/isakmp.conf"

check "keep" policy keep
kept() { up "$gwA" && ! up "$gwC"; }
check "the second is refused: not-unique" refuses "$gwB" not-unique kept
check "the first stays" hub_has 192.0.2.2
anew() { lose "$gwA" && up "$gwA" && soon 192.0.2.2; }
check "who has lost his own comes in again, from the same address" anew

# without a word, from the same address: it may be authenticating anew, so the old one has a while
check "replace, nobody says INITIAL_CONTACT" policy replace never
again() { up "$gwA" && lose "$gwA" && up "$gwA" && hub_has 192.0.2.2 192.0.2.2 && busywait 15000 hub_has 192.0.2.2; }
check "who comes again from the same address is there twice for a while only" again
check "the kernel has no complaint" kernel_silent
ktap_end
