#!/bin/bash
# ike_scan.sh: Debian's ike-scan against the responder. What it proposes (AES-CBC, 3DES, DES; SHA-1,
# MD5; MODP 1024 to 2048, in one proposal) is answered where a suite of ours is in it, refused by name
# where not; nobody gets more packets than he sent, and nothing stays.
. ./lib.sh
. ./gateway.sh

ready() {
	two_gateways || return
	IKE=aes256-sha1-modp2048 ours_conf "$gwA" 192.0.2.2 198.51.100.2 10.1.0.0/16 10.2.0.0/16
	ours_start "$gwA" && in_ns "$gwA" sysctl -q net.isakmp.half_open_timeout_ms=4000
}

# scan NS GROUP: one datagram of NS, with a key of that group; what came back is in $work/scan
scan() {
	in_ns "$1" ike-scan --ikev2 --nodns --retry=1 --timeout=1000 --sport=0 "--dhgroup=$2" 192.0.2.2 |
		tee "$work/scan"
}
got() { grep -q "^192\.0\.2\.2.*$1" "$work/scan"; }

suite='SA=(Encr=AES_CBC,KeyLength=256 Prf=HMAC_SHA1 Integ=HMAC_SHA1_96 DH_Group=14:modp2048)'
answered() { scan "$gwB" 14 && got "$suite" && sa_is "$gwA" 1 '.state == "init-answered"'; }
other_group() { refuses "$gwA" ke-group scan "$gwB" "$1" && got INVALID_KE_PAYLOAD; }
stranger() { refuses "$gwA" no-peer scan "$router" 14 && ! got ''; }
times_out() { busywait 6000 sa_is "$gwA" 0 && [ "$(refused "$gwA" half-open-timeout)" = 1 ]; }
# our suite without SHA-1: it offers none
without_sha1() { ours "$gwA" proposal replace strong ike aes256-sha256-modp2048 esp aes256gcm16; }
all_refused() {
	local group
	for group in 1 2 14 18 21; do
		refuses "$gwA" no-proposal scan "$gwB" $group && got NO_PROPOSAL_CHOSEN || return
	done
}
as_many() { [ "$(counter "$gwA" rx)" = $1 ] && [ "$(counter "$gwA" tx)" = $2 ]; }
nothing_left() { sa_is "$gwA" 0 && [ "$(counter "$gwA" sa-created)" = "$(counter "$gwA" sa-ended)" ]; }

ktap_plan 11

check "a gateway of ours" ready
check "a suite of ours is answered" answered
check "weak group, strong one offered: it is named" other_group 2
check "group nobody offered: ours is named" other_group 19
check "a stranger gets no answer" stranger
check "each packet has had one answer, the stranger's none" as_many 4 3
check "the half-open SA ends" times_out
check "another suite" without_sha1
check "nothing of ours among it: refused by name" all_refused
check "nothing is left of it" nothing_left
check "the kernel has no complaint" kernel_silent
ktap_end
