#!/bin/bash
# dpd.sh: a peer that falls silent is noticed and its SA taken down; one that lives is not.
# Topology: two_gateways in lib.sh, A ours, B ours.
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 9

quick() {
	in_ns "$1" sysctl -q net.isakmp.retransmit_timeout_ms=100 &&
		in_ns "$1" sysctl -q net.isakmp.retransmit_tries=3
}

check "lab: liveness checks every second" lab ours none dpd 1s
check "shorter retransmission" quick "$gwA"
up() { ours "$gwA" peer up gw && tunnel_up "$gwA"; }
check "up" up
msgs() { ours "$gwA" -j sa | jq '.[0].msgs_in'; }
more() { [ "$(msgs)" -gt "$1" ]; }
was=$(msgs)
check "an idle peer is asked, and answers" busywait 8000 more "$((was + 1))"
check "the SA lives" sa_is "$gwA" 1 "$with_child"
ip -n "$router" link set toB down
was=$(refused "$gwA" timeout)
check "the peer falls silent: timeout" busywait 15000 refused_above "$gwA" timeout "$was"
check "the SA is gone here" tunnel_down "$gwA"
quick "$gwB"
check "and there" busywait 15000 sa_is "$gwB" 0
check "the kernel has no complaint" kernel_silent
ktap_end
