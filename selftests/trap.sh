#!/bin/bash
# trap.sh: a trap policy and the acquire of the first packet; traps come back when the SA goes.
# Topology: two_gateways in lib.sh, A ours with a trap, B ours.
# tier: acceptance
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 20

check "lab: A traps" lab ours trap
check "a trap is in XFRM, no SA" no_states "$gwA"
check "policies are there before any SA" says 'dir out' ip -n "$gwA" xfrm policy
first() { in_ns "$hostA" ping -q -n -c 40 -i 0.1 -w 10 10.2.0.2 | grep -q -E ' [1-9][0-9]* received'; }
check "the first packets bring the tunnel up" first
check "one SA with its child" tunnel_up "$gwA"
check "an acquire was counted" counter_above "$gwA" acquire 0
check "pings both ways over ESP" esp_flows
check "B takes the tunnel down" ours "$gwB" peer down gw
gone() { tunnel_down "$gwA" && says 'dir out' ip -n "$gwA" xfrm policy; }
check "the SA goes, the trap stays" gone
again() { first && tunnel_up "$gwA"; }
check "and works again" again

# RFC 7296, 2.9: the packet comes first in what A asks for, so B, with two children, knows which.
in_ns "$gwA" sysctl -q net.core.xfrm_acq_expires=1
two_children() {
	ours "$gwB" child set net peer gw local-ts '10.2.0.0/16[tcp]' remote-ts '10.1.0.0/16[tcp]' &&
		ours "$gwB" child add dns peer gw local-ts '10.2.0.0/16[udp/53]' remote-ts '10.1.0.0/16[udp]' &&
		busywait 5000 sa_is "$gwA" 1 "$established and .children == null"
}
dns() { in_ns "$hostA" bash -c 'echo >/dev/udp/10.2.0.2/53'; sa_is "$gwA" 1 "$with_child"; }
packet_first() {
	two_children && busywait 5000 dns &&
		sa_is "$gwA" 1 '.children[0].remote_ts == ["10.2.0.0/16[udp/53]"]'
}
check "B takes the child that is for the packet" packet_first
reach() { busywait 10000 in_ns "$hostA" ping -q -n -c 1 -W 0.3 10.2.0.2; }
outside() { in_ns "$hostA" ping -q -n -c 1 -W 0.3 10.2.0.2; refused_above "$gwA" narrowed 0; }
check "A packet outside of it: narrowed" busywait 8000 outside
# The same in IKE_AUTH: a pair of addresses, with the answers to the packet.
pairs() {
	ours "$gwB" child del dns peer gw &&
		ours "$gwB" child set net peer gw local-ts 10.2.0.0/16 remote-ts 10.1.0.0/16 single-pair yes &&
		ours "$gwB" peer down gw && busywait 10000 sa_is "$gwA" 0 && reach
}
check "B takes a pair at a time" pairs
pair='.children[0] | .local_ts == ["10.1.0.2/32"] and .remote_ts == ["10.2.0.2/32"]'
check "that of the packet" sa_is "$gwA" 1 "$pair"
whole() {
	ours "$gwB" child set net peer gw single-pair no && ours "$gwB" peer down gw &&
		busywait 10000 sa_is "$gwA" 0 && reach && tunnel_up "$gwA"
}
check "or the whole network" whole

# A selector of ours that moves is never without a policy: what moves is updated, not deleted and added.
ip -n "$gwA" xfrm monitor policy >"$work/monitor" 2>&1 3>&- &
monitor=$!
at_exit kill $monitor
move() { ours "$gwA" peer set gw remote 198.51.100.3 && trap_to 198.51.100.3; }
trap_to() { busywait 3000 says "tmpl src .* dst $1" ip -n "$gwA" xfrm policy; }
rename() {
	sed 's/peer add gw /peer add other /; s/peer gw /peer other /' "$work/$gwA/isakmp.conf" \
		>"$work/other.conf"
	ours "$gwA" config apply "$work/other.conf" && trap_to 198.51.100.2
}
check "the peer moves: its trap moves along" move
check "another peer takes the trap over" rename
no_gap() { busywait 3000 says '^Updated' cat "$work/monitor" && fails grep '^Deleted' "$work/monitor"; }
check "there was a policy all the time" no_gap
kill $monitor
foreign() {
	ip -n "$gwA" xfrm policy add src 192.0.2.2 dst 203.0.113.9 dir out \
		tmpl src 192.0.2.2 dst 203.0.113.9 proto esp mode tunnel
	ip -n "$gwA" route add 203.0.113.0/24 via 192.0.2.1
	ping_ok "$gwA" 203.0.113.9
	no_states "$gwA"
}
busywait 10000 no_states "$gwA"
check "a trap of somebody else beside ours: no larval state" foreign
check "the kernel has no complaint" kernel_silent
ktap_end
