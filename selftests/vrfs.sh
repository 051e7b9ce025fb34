#!/bin/bash
# vrfs.sh: VRFs: two peers that have the same addresses, identities, and networks behind them; and a
# tunnel whose inside is in another VRF than its outside, in the two ways isakmp(8) tells. All are of ours.
#
#	hostR 10.1.0.2 ---- [VRF red]  ---- wanR 192.0.2.1 ---- 192.0.2.2 peerR (10.2.0.1)
#	                    gwA
#	hostB 10.1.0.2 ---- [VRF blue] ---- wanB 192.0.2.1 ---- 192.0.2.2 peerB (10.2.0.1)
. ./lib.sh
. ./gateway.sh

ktap_plan 18

# arm COLOUR TABLE HOST PEER: its half of the drawing
arm() {
	local c=$1
	ip -n "$gwA" link add "$1" type vrf table "$2" && ip -n "$gwA" link set "$1" up &&
	veth "$3" lan 10.1.0.2/16 "$gwA" "lan$c" - && veth "$gwA" "wan$c" - "$4" wan 192.0.2.2/24 &&
	ip -n "$gwA" link set "lan$c" master "$c" && ip -n "$gwA" link set "wan$c" master "$c" &&
	ip -n "$gwA" addr add 10.1.0.1/16 dev "lan$c" && ip -n "$gwA" addr add 192.0.2.1/24 dev "wan$c" &&
	ip -n "$3" route add default via 10.1.0.1 && ip -n "$4" addr add 10.2.0.1/32 dev lo &&
	ip -n "$4" route add 10.1.0.0/16 via 192.0.2.1 &&
	PSK="a shared secret: $c" ours_conf "$4" 192.0.2.2 192.0.2.1 10.2.0.0/16 10.1.0.0/16 &&
	ours_start "$4" && cp -p "$work/$4/secrets/gw" "$work/$gwA/secrets/$1"
}
# peer COLOUR CHILD-KEYS [PEER-KEYS]: our object for its peer
peer() {
	cat <<-END
	listen dev $1
	peer $1 local 192.0.2.1 remote 192.0.2.2 proposal strong dev $1 ${3-}
	cred $1 psk file $1
	auth peer $1 side local method psk id ipv4:192.0.2.1 cred $1
	auth peer $1 side remote method psk id ipv4:192.0.2.2 cred $1
	child net peer $1 local-ts 10.1.0.0/16 remote-ts 10.2.0.0/16 $2
	END
}
# gateway OBJECTS: these, and what all need
gateway() {
	printf '%s\n' "proposal strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16" "$1" \
		>"$work/$gwA/isakmp.conf"
	ours "$gwA" config apply "$work/$gwA/isakmp.conf"
}
lab() {
	setup_ns gwA hostR hostB peerR peerB && in_ns "$gwA" sysctl -q net.ipv4.ip_forward=1 &&
	mkdir -p "$work/$gwA/secrets" && arm red 100 "$hostR" "$peerR" &&
	arm blue 200 "$hostB" "$peerB" && at_exit report_reasons "$gwA" && helper_start "$gwA"
}
check "lab: two VRFs, the same addresses in both" lab

# reaches HOST PEER: pings, there and back, and they came through that peer's tunnel
packets_in() { ours "$1" -j sa | jq '[.[].children[]?.packets_in // 0] | add // 0'; }
reaches() {
	local was
	was=$(packets_in "$2")
	ping_ok "$1" 10.2.0.1 3 && [ "$(packets_in "$2")" = $((was + 3)) ]
}

# ---- two peers, one address

# interface COLOUR OUTSIDE ID: an XFRM interface in the VRF COLOUR, ESP by that device
interface() {
	ip -n "$gwA" link add "x$1" type xfrm dev "$2" if_id "$3" && ip -n "$gwA" link set "x$1" master "$1" &&
	ip -n "$gwA" link set "x$1" up && ip -n "$gwA" route add vrf "$1" 10.2.0.0/16 dev "x$1"
}
twins() {
	interface red wanred 1 && interface blue wanblue 2 &&
	gateway "$(peer red "if-id 1"; peer blue "if-id 2")"
}
check "two peers with one address, an XFRM interface for each" twins
both_up() { ours "$gwA" peer up red wait 8 && ours "$gwA" peer up blue wait 8; }
check "both up" both_up
each() { reaches "$hostR" "$peerR" && reaches "$hostB" "$peerB"; }
check "each VRF reaches its own" each
down() { ours "$gwA" peer down red; ours "$gwA" peer down blue; tunnel_down "$gwA"; }
check "down" down
they() { ours "$peerR" peer up gw wait 8 && ours "$peerB" peer up gw wait 8 && each; }
check "up from the other ends, each with the secret of its VRF" they
# With MOBIKE a request may come again from wherever the peer is then
rekeyed() { [ "$(ours "$1" -j sa | jq '[.[0].children[] | select(.state == "up") | .rekeys] | max')" = "$2" ]; }
record() {
	ours "$peerR" -j sa | jq -e '.[0].mobike' && capture_start "$peerR" wan "$work/red.pcap" &&
		ours "$peerR" sa rekey id "$(ours "$peerR" -j sa | jq '.[0].id')" child net &&
		busywait 5000 rekeyed "$peerR" 1 && busywait 5000 idle "$peerR" && capture_stop
}
idle() { [ "$(ours "$1" -j sa | jq '[.[0].children[] | select(.state == "deleting")] | length')" = 0 ]; }
again() {
	local red blue repeats
	red=$(counter "$peerR" rx) blue=$(counter "$peerB" rx) repeats=$(counter "$gwA" repeat)
	in_ns "$peerB" python3 ./ikeprobe.py replay "$work/red.pcap" 192.0.2.1
	busywait 3000 counter_above "$gwA" repeat "$repeats" && busywait 3000 counter_above "$peerB" rx "$blue" &&
		[ "$(counter "$peerR" rx)" = "$red" ]
}
check "a request that comes again by the other VRF is answered there" eval 'record && again'
check "down" down

# ---- inside red, outside blue

ip -n "$gwA" link del xred
ip -n "$gwA" link del xblue
front() { interface red wanblue 1 && gateway "$(peer blue "if-id 1")" && ours "$gwA" peer up blue wait 8; }
check "outside another VRF than inside: by an XFRM interface over the outside's device" front
check "the inside reaches the peer" reaches "$hostR" "$peerB"
open_inside() {
	ip -n "$gwA" link set lanred nomaster && ip -n "$gwA" link set xred nomaster &&
		ip -n "$gwA" route replace 10.2.0.0/16 dev xred
}
check "so it does outside of all VRFs" eval 'open_inside && reaches "$hostR" "$peerB"'
check "down" down
ip -n "$gwA" link del xred
ip -n "$gwA" link set lanred master red
alone() { gateway "$(peer blue "")" && ip -n "$gwA" route add vrf red 10.2.0.0/16 dev wanred && ours "$gwA" peer up blue wait 8; }
check "the peer's device alone" alone
check_not "is not enough: ESP is routed as what is inside" ping_ok "$hostR" 10.2.0.1
check "down" down
marks() {
	gateway "$(peer blue "mark 5" "mark 6")" && in_ns "$gwA" nft -f - <<-'END' &&
	table ip m {
		chain pre { type filter hook prerouting priority mangle; iifname "lanred" meta mark set 5; }
	}
	END
	ip -n "$gwA" rule add pref 10 fwmark 6 lookup 200 && ip -n "$gwA" rule add pref 11 fwmark 5 lookup 100 &&
	ours "$gwA" peer up blue wait 8
}
check "by marks and rules" marks
check "the inside reaches the peer" reaches "$hostR" "$peerB"
check "down; the kernel has no complaint" eval 'down && kernel_silent'
ktap_end
