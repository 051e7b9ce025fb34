#!/bin/bash
# childless.sh: IKE_AUTH without a child (RFC 6023): the first one comes by an exchange of its own, on
# demand, and is there again after a reauthentication without a lost packet; who insists on it, or on
# the contrary, refuses the other by name.
# Topology: two_gateways in lib.sh, both ours.
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 10

check "lab: both insist on it" lab ours none childless force
up() { ours "$gwA" peer up gw >/dev/null && tunnel_up "$gwA" && tunnel_up "$gwB"; }
check "up" up
check "traffic" esp_flows
# IKE_SA_INIT, IKE_AUTH and CREATE_CHILD_SA: that is how it came
asked() { [ "$(ours "$gwA" -j -s sa | jq ".[0].msgs_out")" -ge 3 ]; }
check "by a third exchange" asked
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }
trapped() { down && ours "$gwA" child set net peer gw start trap && busywait 5000 ping_ok "$hostA" 10.2.0.2 && esp_flows; }
check "a packet starts it" trapped

id() { ours "$gwA" -j sa | jq '.[0].id'; }
again() {
	local was
	was=$(id)
	ours "$gwB" peer set gw reauth 3s && down && busywait 5000 ping_ok "$hostA" 10.2.0.2 || return
	in_ns "$hostA" ping -q -n -i 0.02 -c 200 -W 2 10.2.0.2 >"$work/ping" 2>&1 || return
	[ "$(id)" != "$was" ] && grep -q ' 0% packet loss' "$work/ping" || { cat "$work/ping"; return 1; }
}
check "a new authentication: no packet is lost" again
calm() { ours "$gwB" peer set gw reauth off && ours "$gwA" child set net peer gw start none && down; }
check "calm" calm

policy() { ours "$gwA" peer set gw childless "$1" && ours "$gwB" peer set gw childless "$2"; }
start() { ours "$gwA" peer up gw wait 1; }
quiet() { ours "$gwA" peer down gw; busywait 5000 sa_is "$gwA" 0; }
check_policy() { policy "$2" "$3" && refuses "$1" childless fails start && quiet; }
check "we insist, the responder has it not: childless" check_policy "$gwA" force never
check "the responder insists, we do it not: childless" check_policy "$gwB" allow force
gone() { ours "$gwA" peer down gw && tunnel_down "$gwA"; }
prefer() { policy prefer never && up && esp_flows && gone && policy prefer allow && up && esp_flows; }
check "preferred: with a child or without, as the responder has it" prefer

ktap_end
