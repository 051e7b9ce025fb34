#!/bin/bash
# paths.sh: from and to which addresses and devices IKE goes: IPv6, also link-local; the source that
# routing chooses, the one that was asked; VRFs, that come and go; what cannot be, by its sentence.
# Topology: two_sites in lib.sh, both of ours; B sends probes as well.
. ./lib.sh
. ./gateway.sh

ktap_plan 19

both() {
	LOCAL_ID=fqdn:a REMOTE_ID=fqdn:b ours_conf "$gwA" "$1" "$2" 10.1.0.0/16 10.2.0.0/16 none "${@:3}" &&
		LOCAL_ID=fqdn:b REMOTE_ID=fqdn:a ours_conf "$gwB" "$2" "$1" 10.2.0.0/16 10.1.0.0/16 none "${@:3}"
}
apply() { ours "$1" config apply "$work/$1/isakmp.conf"; }
apply_both() { apply "$gwB" && apply "$gwA"; }
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB"; }
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }
lab6() { two_sites && both 2001:db8::1 2001:db8::2 && ours_start "$gwB" && ours_start "$gwA"; }
check "lab: two of ours, IPv6 outside" lab6

ask() { in_ns "$gwC" python3 ./ikeprobe.py first "$1" --suite none --wait 0.5; }
third() {
	setup_ns gwC && veth "$gwC" eth0 2001:db8:1::9/64 "$gwA" dmz 2001:db8:1::1/64 &&
		ip -n "$gwA" addr add 2001:db8:1::2/64 dev dmz nodad &&
		ours "$gwA" listen add addr 2001:db8:1::2 && ours "$gwA" peer add any proposal strong
}
check "a stranger at another interface" third
check "an answer leaves from the address that was asked" test "$(ask 2001:db8:1::2)" = 2001:db8:1::2
silent() { [ -z "$(ask "$1")" ]; }
check "the other address: not listening" refuses "$gwA" not-listening silent 2001:db8:1::1
check "nobody speaks for a multicast address: not listening" \
	refuses "$gwA" not-listening silent ff02::1%eth0
check "not so with a listen object for the device" ours "$gwA" listen add dev dmz
check "then the other address answers as well" test "$(ask 2001:db8:1::1)" = 2001:db8:1::1

anywhere() { sed -i '/^peer add gw/ s/local [^ ]*/local any/; s/^listen add.*/listen add dev wan/' "$work/$gwA/isakmp.conf"; }
chosen() { anywhere && apply "$gwA" && up && [ "$(ours "$gwA" -j sa | jq -r '.[0].local')" = 2001:db8::1 ]; }
check "routing chooses the source" chosen
check "down" down

# link-local: means something only with the device
local_of() { ip -n "$1" -6 -j addr show dev wan scope link | jq -r '.[].addr_info[]?.local // empty'; }
link_local() { both "$(local_of "$gwA")" "$(local_of "$gwB")" "$@" && apply_both; }
check "link-local addresses and the device" link_local dev wan
check "up" up
check "ESP flows" esp_flows
check "down" down
no_dev() { link_local && ! ours "$gwA" peer up gw 2>"$work/said" && grep -q "needs the peer's device" "$work/said"; }
check "without the device: refused, and says what it needs" no_dev

mixed() {
	both 192.0.2.1 2001:db8::2
	if apply "$gwA" 2>"$work/said"; then ours "$gwA" peer up gw 2>"$work/said" && return 1; fi
	grep -qi 'IPv4.*IPv6\|IPv6.*IPv4\|famil' "$work/said" || { cat "$work/said"; return 1; }
}
check "an IPv4 and an IPv6 address: refused" mixed

# a VRF comes after the listen object for its device, goes, and comes again
vrf_in() { ip -n "$gwA" link add red type vrf table 7 && ip -n "$gwA" link set red up &&
	ip -n "$gwA" link set dmz master red; }
vrf_out() { ip -n "$gwA" link del red; }
vrf_ask() { busywait 3000 answers_from 2001:db8:1::1; }
answers_from() { [ "$(ask "$1")" = "$1" ]; }
devs() { printf 'listen add dev dmz\nproposal add strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16\n%s\n' \
	'peer add any proposal strong' >"$work/$gwA/dev.conf" && ours "$gwA" config apply "$work/$gwA/dev.conf"; }
addresses() { ip -n "$gwA" addr replace 2001:db8:1::1/64 dev dmz nodad; }
into() { devs && vrf_in && addresses && vrf_ask; }
check "the device moves into a VRF: still answered" into
out() { vrf_out && addresses && vrf_ask; }
check "the VRF goes: still answered" out
back() { vrf_in && addresses && vrf_ask && ours "$gwA" listen del dev dmz && silent 2001:db8:1::1; }
check "it comes again, and the listen object goes: silence" back
check "the kernel has no complaint" kernel_silent
ktap_end
