#!/bin/bash
# tunnel_ours.sh: two gateways of ours, every suite, up and down from either side.
# Topology: two_gateways in lib.sh.
# tier: acceptance
. ./lib.sh
. ./gateway.sh

ktap_plan 18

export IKE=aes256gcm16-prfsha384-x25519,aes128gcm16-prfsha256-x25519 ESP=aes128gcm16,aes256gcm16
check "lab: two of ours" lab ours
check "A: peer up" ours "$gwA" peer up gw
check "one SA with child at A" tunnel_up "$gwA"
check "one SA with child at B" tunnel_up "$gwB"
check "pings both ways over ESP" esp_flows
spis() { ours "$1" -j sa | jq -r '.[0].children[0] | "\(.'"$2"') \(.'"$3"')"'; }
same_spis() { [ "$(spis "$gwA" spi_in spi_out)" = "$(spis "$gwB" spi_out spi_in)" ]; }
check "both ends show the same SPIs, crossed" same_spis
check "B: child down" ours "$gwB" child down net peer gw
no_child() { busywait 5000 sa_is "$1" 1 "$established and ((.children // []) | length == 0)"; }
check "no child at A, the IKE SA stays" no_child "$gwA"
check "no child at B, the IKE SA stays" no_child "$gwB"
check "no state is left in XFRM" no_states "$gwA"
check "A: peer down" ours "$gwA" peer down gw
check "nothing is left at A" tunnel_down "$gwA"
check "nothing is left at B" tunnel_down "$gwB"
# on its way, while B's helper is slow
early() {
	kill -STOP "$(cat "$work/$gwB/isakmpd.pid")"
	ours "$gwA" peer up gw nowait && busywait 3000 sa_is "$gwA" 1 '.state == "auth-sent"' &&
		ours "$gwA" child down net peer gw &&
		busywait 3000 sa_is "$gwA" 1 '.state == "deleting"'
}
check "A: a child that is on its way goes down too" early
kill -CONT "$(cat "$work/$gwB/isakmpd.pid")"
# B's answer comes late, and is met by a Delete (RFC 7296, 2.21)
check "and stays down" tunnel_down "$gwA"
was_up() { [ "$(in_ns "$gwB" awk '$1 == "sa-established" { print $2 }' /proc/net/isakmp_stat)" = 2 ]; }
check "B had it" was_up
check "nothing is left at B" tunnel_down "$gwB"
up_again() { ours "$gwB" peer up gw && tunnel_up "$gwA" && esp_flows && kernel_silent; }
check "B: peer up; the kernel has no complaint" up_again
ktap_end
