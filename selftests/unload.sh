#!/bin/bash
# unload.sh: the module goes, and a namespace goes, with live SAs, traps, a helper, half-open SAs
# and questions pending: nothing is left, nobody complains; peers are told on unload.
# Topology: two_gateways in lib.sh, A ours with a trap, B strongSwan.
# tier: acceptance
. ./lib.sh
. ./gateway.sh

ktap_plan 12

check "lab: A ours with a trap, B strongSwan" lab strongswan trap
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && esp_flows; }
check "up" up
report_reasons "$gwA"
check "rmmod with a live SA" unload_isakmp
check "the peer was told" busywait 5000 charon_is "$gwB" 0
nothing() { no_states "$gwA" && [ -z "$(ip -n "$gwA" xfrm policy)" ]; }
check "no state, no policy is left" nothing
check "no socket is left" fails says ':(500|4500) ' in_ns "$gwA" ss -uln
check "the kernel has no complaint" kernel_silent

check "the helper waits for the module: load again" load_isakmp
back() { busywait 10000 helpers_above "$gwA" 0 && ours "$gwA" config apply "$work/$gwA/isakmp.conf"; }
check "it registers, the configuration goes in" back
check "up again" up
helper_kill "$gwA"
ours "$gwA" peer down gw
tunnel_down "$gwA"
ours "$gwA" peer up gw nowait
helper_start "$gwA"
up_again() { tunnel_up "$gwA" && report_reasons "$gwA"; }
check "up once more" up_again
namespace_goes() {
	charon_stop "$gwB"
	helper_kill "$gwA"
	ip netns del "$gwA" && ip netns add "$gwA" && busywait 5000 unload_isakmp && kernel_silent
}
check "the namespace goes with live SA and trap, then the module" namespace_goes
ktap_end
