#!/bin/bash
# covering_policies.sh: policies that cover IKE itself do not cut it off: a 0/0 tunnel, and a
# default of "block" in all directions. Topology: two_gateways in lib.sh, A ours, B ours.
. ./lib.sh
. ./gateway.sh

ktap_plan 8

two_gateways
ours_conf "$gwA" 192.0.2.2 198.51.100.2 0.0.0.0/0 0.0.0.0/0 none dpd 1s
ours_conf "$gwB" 198.51.100.2 192.0.2.2 0.0.0.0/0 0.0.0.0/0 none dpd 1s
start() { ours_start "$gwB" && ours_start "$gwA"; }
check "two gateways with a 0/0 tunnel" start
up() { ours "$gwA" peer up gw && tunnel_up "$gwA"; }
check "up" up
msgs() { ours "$gwA" -j sa | jq '.[0].msgs_in'; }
more() { [ "$(msgs)" -gt "$1" ]; }
was=$(msgs)
check "IKE goes on beside the 0/0 tunnel" busywait 8000 more "$((was + 1))"
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }
check "and down" down

block() { ip -n "$1" xfrm policy setdefault in block out block fwd block; }
both() { block "$gwA" && block "$gwB"; }
check "everything is blocked by default" both
check_not "plain packets do not pass" ping_ok "$gwA" 198.51.100.2
check "IKE does, and the tunnel comes up" up
pinged() { ping_ok "$gwA" 198.51.100.2 3 && kernel_silent; }
check "the tunnel carries traffic; the kernel has no complaint" pinged
ktap_end
