#!/bin/bash
# roam.sh: what is noticed of our addresses and devices, also slowly or not by MOBIKE: listen objects,
# IPv6 addresses that others might have, devices that come again, the addresses of a VRF. All of ours.
# timeout: 240
. ./lib.sh
. ./gateway.sh

ktap_plan 20

# A chooses its addresses, and reaches B by IPv6; B names two that it has not yet
lab() {
	two_sites && ip -n "$gwB" addr add 203.0.113.2/32 dev lo || return
	LOCAL_ID=fqdn:a REMOTE_ID=fqdn:b LISTEN="dev wan" \
		ours_conf "$gwA" any 2001:db8::2 10.1.0.0/16 10.2.0.0/16 none dev wan
	LOCAL_ID=fqdn:b REMOTE_ID=fqdn:a LISTEN="addr 2001:db8::2" \
		ours_conf "$gwB" any any 10.2.0.0/16 10.1.0.0/16
	sed -i '1a listen add addr 2001:db8::22\nlisten add addr 2001:db8::23' "$work/$gwB/isakmp.conf"
	in_ns "$gwB" sysctl -q net.ipv6.conf.wan.accept_dad=1 net.ipv6.conf.wan.dad_transmits=1 &&
		ours_start "$gwB" && ours_start "$gwA"
}
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB"; }
told() { ours "$gwA" -j sa | jq -e '.[0].address | index("'"$1"'")' >/dev/null; }
# at NS LOCAL REMOTE: its IKE SA and its two states are there
at() {
	[ "$(ours "$1" -j sa | jq -r '.[] | "\(.local) \(.remote)"')" = "$2 $3" ] &&
		[ "$(ip -n "$1" xfrm state | grep -c -E "^src $2 dst $3|^src $3 dst $2")" = 2 ]
}
both_at() { busywait 10000 at "$gwA" "$1" "$2" && busywait 10000 at "$gwB" "$2" "$1"; }
flows() { ping_ok "$hostA" 10.2.0.2 5 && ping_ok "$hostB" 10.1.0.2 5; }
spis() { ours "$gwA" -j sa | jq -r '.[0].spi_i'; }
check "lab" lab
check "up" up

# ---- addresses of the responder

named() { ! told 203.0.113.2 && ours "$gwB" listen add addr 203.0.113.2 && busywait 5000 told 203.0.113.2; }
check "a listen object names an address that is there: the peer is told" named
unnamed() { ours "$gwB" listen del addr 203.0.113.2 && busywait 5000 fails told 203.0.113.2; }
check "it goes: so is that" unnamed
tentative() { ip -n "$gwB" -6 addr show dev wan tentative | grep -q "$1"; }
slowly() { ip -n "$gwB" addr add "$1/64" dev wan && tentative "$1"; }
check "an address that somebody else might have" slowly 2001:db8::23
check "nobody has: the peer is told" busywait 10000 told 2001:db8::23
changed() { slowly 2001:db8::22 && ip -n "$gwB" addr del 2001:db8::23/64 dev wan && ip -n "$gwB" addr del 2001:db8::2/64 dev wan; }
check "the responder's address goes, the next is not sure yet" changed
check "then it goes on from there, and the initiator follows" both_at 2001:db8::1 2001:db8::22
check "pings both ways" flows
# a route comes later than the address
no_path_above() { busywait 5000 refused_above "$gwB" no-path "$1"; }
stranded() {
	ip -n "$gwB" -6 route add unreachable 2001:db8::/64 && ip -n "$gwB" addr del 2001:db8::22/64 dev wan &&
		no_path_above "$1" &&
		ip -n "$gwB" addr add 2001:db8::23/128 dev wan nodad && no_path_above $(($1 + 1))
}
check "it goes again, and no route leads from the next one" stranded "$(refused "$gwB" no-path)"
route() {
	ip -n "$gwB" -6 route del unreachable 2001:db8::/64 && ip -n "$gwB" -6 route add 2001:db8::/64 dev wan &&
		both_at 2001:db8::1 2001:db8::23
}
check "then one does: on from there" route
check "pings both ways" flows

# ---- the device of the initiator

# again: the cable is another one, with the same addresses
again() {
	ip -n "$gwA" link del wan && veth "$gwA" wan 192.0.2.1/24 "$gwB" wan 192.0.2.2/24 || return
	ip -n "$gwA" addr add 2001:db8::1/64 dev wan nodad
	ip -n "$gwB" addr add 2001:db8::2/64 dev wan nodad
	ip -n "$gwB" addr add 2001:db8::23/64 dev wan nodad
	ip -n "$gwA" route add 10.2.0.0/16 via 192.0.2.2
	ip -n "$gwB" route add 10.1.0.0/16 via 192.0.2.1
}
rekeyed() {
	local was
	was=$(spis)
	ours "$gwA" sa rekey id "$(ours "$gwA" -j sa | jq '.[0].id')" && busywait 8000 others "$was"
}
others() { [ "$(spis)" != "$1" ]; }
check "the peer's device goes and comes again, with the same addresses: rekeyed by it" eval 'again && rekeyed'
check "pings both ways" flows
without() {
	ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB" &&
		ours "$gwA" peer set gw mobike no && up && again && rekeyed && flows
}
check "and without MOBIKE" without
check "down" eval 'ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"'

# ---- the addresses of a VRF

vrf() {
	ip -n "$gwB" link add red type vrf table 7 && ip -n "$gwB" link set red up &&
		ip -n "$gwB" link set wan master red && ip -n "$gwB" addr replace 192.0.2.2/24 dev wan &&
		ip -n "$gwB" addr add 192.0.2.22/32 dev wan && ip -n "$gwB" route add vrf red 192.0.2.1/32 dev wan &&
		LOCAL_ID=fqdn:b REMOTE_ID=fqdn:a LISTEN="dev red" \
			ours_conf "$gwB" any any 10.2.0.0/16 10.1.0.0/16 &&
		LOCAL_ID=fqdn:a REMOTE_ID=fqdn:b LISTEN="dev wan" \
			ours_conf "$gwA" any 192.0.2.2 10.1.0.0/16 10.2.0.0/16 &&
		ours "$gwB" config apply "$work/$gwB/isakmp.conf" && ours "$gwA" config apply "$work/$gwA/isakmp.conf"
}
check "the responder in a VRF, of which its peer object says nothing" vrf
check "up there" eval 'up && both_at 192.0.2.1 192.0.2.2'
leaves() { ip -n "$gwB" addr del 192.0.2.2/24 dev wan && both_at 192.0.2.1 192.0.2.22; }
check "the address goes: on from another one of the VRF" leaves
check "the kernel has no complaint" kernel_silent
ktap_end
