#!/bin/bash
# delete.sh: deletion of child and IKE SA from either side, with strongSwan as the other.
# Topology: two_gateways in lib.sh, A ours, B strongSwan.
. ./lib.sh
. ./gateway.sh

ktap_plan 13

up() { ours "$gwA" peer up gw && tunnel_up "$gwA"; }
childless() { busywait 5000 sa_is "$gwA" 1 "$established and ((.children // []) | length == 0)"; }
charon_children() { swanctl_ns "$gwB" --list-sas 2>/dev/null | grep -c INSTALLED; }
charon_childless() { [ "$(charon_children)" = 0 ]; }

check "lab: A ours, B strongSwan" lab strongswan
check "up" up
check "we delete the child" ours "$gwA" child down net peer gw
check "it is gone here, the IKE SA stays" childless
check "and gone there" busywait 5000 charon_childless
check "we delete the IKE SA" ours "$gwA" peer down gw
check "gone here" tunnel_down "$gwA"
check "gone there" busywait 5000 charon_is "$gwB" 0

check "up again" up
check "strongSwan deletes the child" swanctl_ns "$gwB" --terminate --child net --timeout 5
check "gone here, the IKE SA stays" childless
check "strongSwan deletes the IKE SA" swanctl_ns "$gwB" --terminate --ike gw --timeout 5
gone() { tunnel_down "$gwA" && kernel_silent; }
check "gone here; the kernel has no complaint" gone
ktap_end
