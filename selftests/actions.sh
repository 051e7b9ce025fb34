#!/bin/bash
# actions.sh: what becomes of a child when its peer is dead (dpd), and when the peer closes it (close):
# nothing, a trap, or it is set up again.
# Topology: two_gateways in lib.sh, both ours.
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 26

quick() {
	in_ns "$1" sysctl -q net.isakmp.retransmit_timeout_ms=100 &&
		in_ns "$1" sysctl -q net.isakmp.retransmit_tries=2
}
lab_quick() { lab ours none dpd 1s && ours "$gwB" peer set gw dpd off && quick "$gwA"; }
check "lab: A checks liveness every second" lab_quick

up() { ours "$gwA" peer up gw >/dev/null && tunnel_up "$gwA"; }
traps() { ip -n "$gwA" xfrm policy | grep -c 'dir out'; }
cut() { ip -n "$router" link set toB down; }
mend() { ip -n "$router" link set toB up && ip -n "$router" addr replace 198.51.100.1/24 dev toB; }
dies() { cut && busywait 10000 refused_above "$gwA" timeout "$1" && busywait 3000 sa_is "$gwA" 0 "$with_child"; }
# the other end forgets as well
forgets() { local id; for id in $(ours "$gwB" -j sa | jq '.[].id'); do ours "$gwB" sa del id "$id" force; done; }
# action KEY VALUE [START]
action() { ours "$gwA" peer down gw; tunnel_down "$gwA"; forgets; ours "$gwA" child set net peer gw "$@"; }
# it would be tried after a second at the latest
quiet() { sleep 1.5 && sa_is "$gwA" 0; }
none_left() { [ "$(traps)" = 0 ]; }
falls() { up && dies "$(refused "$gwA" timeout)"; }

check "dpd clear" action dpd clear
check "the peer is dead: the child goes" falls
check "for good" quiet
check "without a policy" none_left
mend

check "dpd trap" action dpd trap
check "the peer is dead: the child goes" falls
check "a trap is there" [ "$(traps)" = 1 ]
forgets; mend
packet() { busywait 10000 ping_ok "$hostA" 10.2.0.2 && tunnel_up "$gwA"; }
check "a packet sets it up again" packet
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && none_left; }
check "which takes the place of the trap" down

check "dpd restart" action dpd restart
check "the peer is dead: the child goes" falls
forgets; mend
check "it is set up again" busywait 15000 sa_is "$gwA" 1 "$with_child"
check "not after it was taken down" down

closes() { up && ours "$gwB" child down net peer gw && busywait 3000 no_states "$gwB"; }
check "close start: the peer closes the child" action dpd clear close start
again() { closes; busywait 5000 sa_is "$gwA" 1 "$with_child"; }
check "it is set up again" again
closes_all() { ours "$gwB" peer down gw; busywait 8000 sa_is "$gwB" 1 "$with_child"; }
check "so it is when the peer closes the IKE SA" closes_all

check "close trap: the peer closes the IKE SA" action dpd clear close trap
trapped() { up && ours "$gwB" peer down gw && tunnel_down "$gwA"; busywait 3000 [ "$(traps)" = 1 ] && packet; }
check "a trap is there, and a packet sets it up again" trapped
# kept: the trap stays when something else of the child is changed
has_one() { [ "$(traps)" = 1 ]; }
kept() {
	ours "$gwB" peer down gw && tunnel_down "$gwA" && busywait 3000 has_one &&
		ours "$gwA" child set net peer gw life 2h && has_one && packet
}
check "it stays when another key of the child is changed" kept
id() { ours "$gwA" -j sa | jq '.[0].id'; }
another() { [ "$(id)" != "$1" ] && sa_is "$gwA" 1 "$with_child"; }
# the old IKE SA is closed by the peer, which has a new one
anew() {
	local was
	ours "$gwA" peer down gw && tunnel_down "$gwA" && ours "$gwA" peer set gw reauth 8s &&
		ours "$gwB" peer up gw >/dev/null && tunnel_up "$gwA" || return
	was=$(id)
	busywait 12000 another "$was" && down && ours "$gwA" peer set gw reauth off
}
check "none after the peer has authenticated anew" anew
check "close none, although it starts at once" action start now close none
stays_down() { busywait 8000 sa_is "$gwA" 1 "$with_child" && ours "$gwB" peer down gw && tunnel_down "$gwA" && quiet; }
check "the peer closes the IKE SA: for good" stays_down
changed() { ours "$gwA" child up net peer gw && tunnel_up "$gwA" && ours "$gwA" peer set gw dpd 2s && stays_down; }
check "so it is when its peer object has changed meanwhile" changed
# The peer closes it, and meanwhile the peer object goes
with_trap() { ours "$gwA" config apply "$work/$gwA/isakmp.conf" && ours "$gwA" child set net peer gw close trap; }
gone_meanwhile() {
	local r
	for r in 1 2 3 4 5; do
		with_trap && up && ours "$gwB" peer down gw && ours "$gwA" config apply /dev/null &&
			tunnel_down "$gwA" && busywait 3000 none_left || { echo "round $r"; return 1; }
	done
}
check "close trap: no trap of a peer that is gone" gone_meanwhile
check "the kernel has no complaint" kernel_silent
ktap_end
