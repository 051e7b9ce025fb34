#!/bin/bash
# trap.sh: a trap policy and the acquire of the first packet; traps come back when the SA goes.
# Topology: two_gateways in lib.sh, A ours with a trap, B ours.
# tier: acceptance
. ./lib.sh
. ./gateway.sh

ktap_plan 10

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
again() { first && tunnel_up "$gwA" && kernel_silent; }
check "and works again" again
ktap_end
