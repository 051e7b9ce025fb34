#!/bin/bash
# v1_revoke.sh: two gateways of ours with version 1: each ISAKMP SA authenticates anew, and what the
# last one stands on can be revoked, at the end that began it and at the other one.
# Topology: two_gateways in lib.sh.
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 9

export IKE=aes256-sha256-modp2048 ESP=aes256-sha256
check "lab: two of ours, version 1" lab ours none version 1

of() { ours "$1" -j sa | jq -r ".[0] | $2"; }
cookie() { of "$1" .spi_i; }
id() { of "$1" .id; }
is_another() { [ "$(cookie "$1")" != "$2" ] && sa_is "$1" 1; }
phase1_rekey() {
	local was
	was=$(cookie "$gwA")
	ours "$gwA" sa rekey id "$(id "$gwA")" && busywait 8000 is_another "$gwA" "$was" &&
		busywait 5000 is_another "$gwB" "$was"
}
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB"; }
both_down() { tunnel_down "$gwA" && tunnel_down "$gwB"; }

for end in "$gwA" "$gwB"; do
	check "A: peer up" up
	check "three more phases 1" eval 'phase1_rekey && phase1_rekey && phase1_rekey'
	by_cred() { ours "$end" sa revoke cred gw && both_down; }
	check "$end: its credential is revoked" refuses "$end" revoked by_cred
done
check "nothing stands on it" says 'no IKE SA stands on this' ours "$gwA" sa revoke cred gw
check "the kernel has no complaint" kernel_silent
ktap_end
