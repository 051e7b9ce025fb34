#!/bin/bash
# helper_restart.sh: the helper is killed and comes back, under traffic: not one packet is lost, a
# liveness check works without it, and a new authentication waits for it.
# Topology: two_gateways in lib.sh, A ours, B strongSwan.
# tier: acceptance
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 12

check "lab: A ours with liveness checks, B strongSwan" lab strongswan none dpd 1s
check "up" ours "$gwA" peer up gw
tunnel_up "$gwA"
in_ns "$hostA" ping -q -n -i 0.05 -c 200 -w 60 10.2.0.2 >"$work/ping" 2>&1 &
pinger=$!
check "kill -9 isakmpd" helper_kill "$gwA"
check "the module knows" busywait 15000 no_helper "$gwA"
check "the SA stays" sa_is "$gwA" 1 "$with_child"
msgs() { ours "$gwA" -j sa | jq '.[0].msgs_in'; }
more() { [ "$(msgs)" -gt "$1" ]; }
check "it comes back" helper_start "$gwA"
helper_kill "$gwA"
wait $pinger
check "no packet was lost meanwhile" grep -q ' 0% packet loss' "$work/ping"
was=$(msgs)
check "liveness is checked without it" busywait 30000 more "$was"

ours "$gwA" peer down gw
tunnel_down "$gwA"
ours "$gwA" peer up gw nowait
waits() { sa_is "$gwA" 1 '.state == "auth-asked"'; }
check "without it a new SA waits for authentication" busywait 15000 waits
check "it comes back once more" helper_start "$gwA"
check "and the SA comes up" tunnel_up "$gwA"
check "the kernel has no complaint" kernel_silent
ktap_end
