#!/bin/bash
# strongswan_redirect.sh: strongSwan, a client, is redirected by us (RFC 5685): before we know it, when we
# do, and later.
# Topology: two_sites in lib.sh, A ours, with two addresses, B strongSwan.
# backends: uml
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh

ktap_plan 5

us() {
	mkdir -p "$work/$gwA/secrets"
	echo "a shared secret of the selftests" >"$work/$gwA/secrets/gw"
	chmod 0640 "$work/$gwA/secrets/gw"
	cat >"$work/$gwA/isakmp.conf" <<-END
	listen addr 192.0.2.1
	listen addr 192.0.2.11
	proposal strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
	cred gw psk file gw
	peer first proposal strong mobike no
	auth peer first side local method psk id ipv4:192.0.2.1 cred gw
	auth peer first side remote method psk id ipv4:192.0.2.2 cred gw
	child net peer first local-ts 10.1.0.0/16 remote-ts 10.2.0.0/16
	END
	ip -n "$gwA" addr add 192.0.2.11/24 dev wan && ours_start "$gwA"
}
lab() {
	two_sites && charon_conf "$gwB" 192.0.2.2 192.0.2.1 10.2.0.0/16 10.1.0.0/16 && charon_start "$gwB" && us
}
check "the lab: A ours, B strongSwan" lab
initiate() { swanctl_ns "$gwB" --initiate --child net --timeout 8; }
at() { busywait 8000 sa_is "$gwA" 1 "$with_child and .local == \"$1\"" && ping_ok "$hostB" 10.1.0.2 2; }
leave() { swanctl_ns "$gwB" --terminate --ike gw --timeout 5; busywait 5000 sa_is "$gwA" 0; }
result() { check "$@" || note "$(grep -a -v JOB "$work/$gwB/charon.log" | tail -n 25)"; }

before() {
	ours "$gwA" peer set first redirect 192.0.2.11 && refuses "$gwA" redirected initiate && at 192.0.2.11 && leave
}
result "in IKE_SA_INIT" before
# another one who may come there
known() {
	ours "$gwA" peer add third proposal strong &&
		ours "$gwA" auth add peer third side local method psk id ipv4:192.0.2.1 cred gw &&
		ours "$gwA" auth add peer third side remote method psk id fqdn:third cred gw &&
		ours "$gwA" child add net peer third local-ts 10.1.0.0/16 remote-ts 10.3.0.0/16 &&
		refuses "$gwA" redirected initiate && at 192.0.2.11 && leave
}
result "in IKE_AUTH" known
later() {
	ours "$gwA" peer set first redirect 0.0.0.0 && initiate && at 192.0.2.1 &&
		ours "$gwA" sa redirect id "$(ours "$gwA" -j sa | jq '.[0].id')" to 192.0.2.11 && at 192.0.2.11
}
result "of an IKE SA that stands" later
check "the kernel has no complaint" kernel_silent
ktap_end
