#!/bin/bash
# slow_credential.sh: a credential that takes its time holds up those who need it, and nobody else: the
# secret of one peer comes through a FIFO that nobody writes into, for now.
# Topology: two_gateways in lib.sh, both ours; A is two peers to B, by their identities.
. ./lib.sh
. ./gateway.sh

ktap_plan 9

gateways() {
	local ns
	two_gateways || return
	ours_conf "$gwA" 192.0.2.2 198.51.100.2 10.1.0.0/16 10.2.0.0/16
	ours_conf "$gwB" 198.51.100.2 192.0.2.2 10.2.0.0/16 10.1.0.0/16
	for ns in "$gwA" "$gwB"; do
		echo "cred add slow psk id fqdn:slow.example file slow" >>"$work/$ns/isakmp.conf"
	done
	cat >>"$work/$gwA/isakmp.conf" <<-EOF
	peer add slow local 192.0.2.2 remote 198.51.100.2 proposal strong
	auth add peer slow side local method psk id fqdn:slow.example cred slow
	auth add peer slow side remote method psk id fqdn:b.slow.example
	child add net peer slow local-ts 10.5.0.0/16 remote-ts 10.6.0.0/16
	EOF
	cat >>"$work/$gwB/isakmp.conf" <<-EOF
	peer add slow local 198.51.100.2 remote 192.0.2.2 proposal strong
	auth add peer slow side local method psk id fqdn:b.slow.example cred slow
	auth add peer slow side remote method psk id fqdn:slow.example
	child add net peer slow local-ts 10.6.0.0/16 remote-ts 10.5.0.0/16
	EOF
	(umask 077 && echo "a secret that is elsewhere" >"$work/$gwA/secrets/slow" &&
		mkfifo "$work/$gwB/secrets/slow") && ours_start "$gwB" && ours_start "$gwA"
}
check "lab: the secret of one peer is in a FIFO" gateways

ours "$gwA" peer up slow nowait
asked() { sa_is "$gwB" 1 '.state | test("asked")'; }
check "B's helper wants it" busywait 5000 asked
fast() {
	for _ in 1 2 3 4 5 6; do
		ours "$gwA" peer up gw && esp_flows && ours "$gwA" peer down gw || return
	done
}
check "the other peer comes and goes meanwhile, more often than there are threads" fast
check "one still waits" asked
waits() { sa_is "$gwA" 0 '.peer == "slow" and .state == "established"'; }
check "and is not up" waits

timeout 20 sh -c 'echo "a secret that is elsewhere" >"$1"' sh "$work/$gwB/secrets/slow"
slow_up() { sa_is "$gwA" 1 '.peer == "slow" and .state == "established"'; }
check "the secret comes: it is up" busywait 5000 slow_up

# nobody writes at all: the kernel gives up, by name, and nothing is left
ours "$gwA" peer down slow
gone() { busywait 10000 sa_is "$gwB" 0; }
check "down" gone
ours "$gwA" peer up slow nowait
again() { busywait 5000 asked && ours "$gwA" peer up gw && esp_flows; }
check "once more: it waits, the other is up" again
check "the kernel has no complaint" kernel_silent
ktap_end
