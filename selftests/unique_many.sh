#!/bin/bash
# unique_many.sh: 2,000 IKE SAs with one identity on one peer object: the second thousand takes no longer
# than the first, and all of them give way to one at once.
#
#	gwA (10.9.0.0/16 behind 10.8.0.2, an address for each) ---- gwB (10.8.0.1)
# tier: long
# backends: uml
# timeout: 240
. ./lib.sh
. ./gateway.sh

ktap_plan 9

half=1000
[ "$VM_KERNEL" = debug ] && half=100

addresses() { awk -v n=$((2 * half)) 'BEGIN { for (i = 0; i < n; i++) print "addr add 10.9." int(i / 250) "." i % 250 + 1 "/32 dev lo" }'; }
secret() { mkdir -p "$work/$1/secrets"; echo 'a shared secret of the selftests' >"$work/$1/secrets/gw"; chmod 0640 "$work/$1/secrets/gw"; }
clients() {
	secret "$gwA"
	awk -v n=$((2 * half)) 'BEGIN {
		print "listen add"
		print "proposal add p ike aes128gcm16-prfsha256-x25519 esp aes128gcm16"
		print "cred add gw psk id fqdn:hub file gw"
		for (i = 0; i < n; i++) {
			print "peer add n" i " local 10.9." int(i / 250) "." i % 250 + 1 " remote 10.8.0.1 proposal p dpd off"
			print "auth add peer n" i " side local method psk id fqdn:client cred gw"
			print "auth add peer n" i " side remote method psk id fqdn:hub"
			print "child add net peer n" i " local-ts 10.10." int(i / 250) "." i % 250 + 1 "/32 remote-ts 10.11.0.0/16"
		}
	}' >"$work/$gwA/isakmp.conf"
}
hub() {
	secret "$gwB"
	cat >"$work/$gwB/isakmp.conf" <<-EOF
	listen add
	proposal add p ike aes128gcm16-prfsha256-x25519 esp aes128gcm16
	cred add gw psk id fqdn:client file gw
	peer add many proposal p dpd off unique never max-sas 4000
	auth add peer many side local method psk id fqdn:hub cred gw
	auth add peer many side remote method psk id fqdn:client cred gw
	child add net peer many local-ts 10.11.0.0/16 remote-ts 10.10.0.0/16
	EOF
}
lab_many() {
	setup_ns gwA gwB && veth "$gwA" wan 10.8.0.2/24 "$gwB" wan 10.8.0.1/24 &&
		addresses >"$work/addresses" && ip -n "$gwA" -b "$work/addresses" &&
		ip -n "$gwB" route add 10.9.0.0/16 via 10.8.0.2 && clients && hub && ours_start "$gwB" && ours_start "$gwA"
}
check "lab: $((2 * half)) clients with one identity, a hub" lab_many

ms() { local begin; begin=$(date +%s%3N); "$@" || return; took=$(($(date +%s%3N) - begin)); }
established() { counter "$gwB" sa_established; }
# bring FROM TO: one after the other
bring() {
	seq "$1" "$2" | sed 's/.*/peer up n&/' >"$work/batch"
	isakmp -n "$gwA" -b "$work/batch" >"$work/out" 2>&1 || { tail -n 3 "$work/out"; return 1; }
}
there() { ours "$gwB" -j sa show peer many | jq '[.[] | select(.state == "established")] | length'; }
has() { [ "$(there)" = "$1" ]; }
ms bring 0 $((half - 1)); first=$took
check "the first $half are there" has $half
ms bring $half $((2 * half - 1)); second=$took
check "all are" has $((2 * half))
note "$first ms, then $second ms"
linear() { echo "$first ms, then $second ms"; [ "$second" -le $((first * 15 / 10 + 500)) ]; }
check "the second half takes no longer than the first" linear

check "from now on INITIAL_CONTACT counts" ours "$gwB" peer set many unique no
ours "$gwA" peer down n0
busywait 5000 has $((2 * half - 1))
# n0 has no other IKE SA with its peer: it says so
one() { ms bring 0 0 && busywait 20000 has 1; }
check "one more, and all others go" one
gone() { [ "$(refused "$gwB" replaced)" = $((2 * half - 1)) ]; }
check "each is told of as replaced" gone
quick() { echo "$took ms"; [ "$took" -le $((2000 + half)) ]; }
check "it did not wait for them" quick
check "the kernel has no complaint" kernel_silent
ktap_end
