#!/bin/bash
# v1_scan.sh: Debian's ike-scan against the responder of version 1. Main Mode is answered with a suite of
# ours, once a packet; Aggressive Mode and Authentication Only, whose answers can be cracked offline, only
# where the operator has allowed them for that peer; where version 1 is not allowed nothing is.
. ./lib.sh
. ./gateway.sh

ktap_plan 22

ready() {
	two_gateways || return
	PSK=guessable IKE=aes256-sha1-modp2048 LOCAL_ID=fqdn:a.example REMOTE_ID=fqdn:b.example \
		ours_conf "$gwA" 192.0.2.2 198.51.100.2 10.1.0.0/16 10.2.0.0/16
	ours_start "$gwA" && in_ns "$gwA" sysctl -q net.isakmp.half_open_timeout_ms=4000
}

# scan NS ARG...: one datagram from there; what came back is in $work/scan
scan() {
	local ns=$1
	shift
	in_ns "$ns" ike-scan --nodns --retry=1 --timeout=2000 --sport=0 "$@" 192.0.2.2 | tee "$work/scan"
}
got() { grep -q "^192\.0\.2\.2.*$1" "$work/scan"; }
nothing() { ! got ''; }
# AES-256, SHA-1, pre-shared key, MODP-2048
ours=--trans=7/256,2,1,14
suite='SA=(Enc=AES Hash=SHA1 Auth=PSK Group=14:modp2048 KeyLength=256 '
aggressive=(-A --id=b.example --idtype=2 --dhgroup=14 "--pskcrack=$work/hash")

check "a gateway of ours" ready
default() { scan "$gwB" $ours; nothing; }
check "version 1 is off by itself: no answer (threat 86)" refuses "$gwA" v1-no-peer default
check "version 1 for that peer" ours "$gwA" peer set gw version 1
handshake() { scan "$gwB" $ours && got 'Main Mode Handshake returned' && got "$suite"; }
check "Main Mode: a suite of ours is answered" handshake
one_each() { [ "$(counter "$gwA" tx)" = 1 ]; }
half_open() { sa_is "$gwA" 1 '.state == "phase-1"'; }
check "which leaves a half-open SA" half_open
over() { busywait 8000 sa_is "$gwA" 0; }
check "and that ends" over
check "one packet is all that it has sent (threat 72)" one_each
tune() { in_ns "$gwA" sysctl -qw "net.isakmp.half_open_max=$1" "net.isakmp.cookie_threshold=$2"; }
mapfile -t were < <(in_ns "$gwA" sysctl -n net.isakmp.half_open_max net.isakmp.cookie_threshold)
# a fourth of four
loaded() { tune 4 1 && scan "$gwB" $ours && got 'Handshake returned' && scan "$gwB" $ours && nothing; }
check "under load version 1 has a part of half-open SAs alone" refuses "$gwA" v1-load loaded
relieved() { tune "${were[@]}" && over; }
check "and they end" relieved
others() { scan "$gwB"; got NO-PROPOSAL-CHOSEN || nothing; }
check "its usual eight transforms: none is ours" refuses "$gwA" no-proposal others
many() { scan "$gwB" --trans=5,2,1,2 --trans=5,1,1,2 --trans=1,1,1,1 $ours && got "$suite"; }
check "ours among others is found" many
stranger() { scan "$router" $ours; nothing; }
check "a stranger gets no answer" refuses "$gwA" v1-no-peer stranger

closed() { scan "$gwB" "${aggressive[@]}" $ours; ! got 'Handshake returned' && [ ! -s "$work/hash" ]; }
check "Aggressive Mode: no hash" refuses "$gwA" no-proposal closed
# auth_only: the types of the payloads that come back
auth_only() {
	in_ns "$gwB" python3 - <<-'END' | tee "$work/answer"
	import socket
	from v1matrix import KEYS, Message, association, basic, transform

	suite = ("encr", 1, 7), ("bits", 14, 256), ("hash", 2, 2), ("method", 3, 1), ("group", 4, 14)
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.settimeout(2)
	s.sendto(Message(3, [association(transform(1, [basic(*w) for w in suite])), KEYS[1]]).build(), ("192.0.2.2", 500))
	try:
	    data = s.recv(65535)
	except TimeoutError:
	    data = b""
	kind, at = (data[16], 28) if data[18:19] == b"\3" else (0, 0)
	while kind:
	    print("payload", kind)
	    kind, at = data[at], at + int.from_bytes(data[at + 2:at + 4], "big")
	END
}
no_hash() { auth_only && [ ! -s "$work/answer" ]; }
a_hash() { auth_only && grep -q '^payload 8$' "$work/answer"; }
check "Authentication Only: no hash" refuses "$gwA" no-proposal no_hash
check "the operator allows it" ours "$gwA" peer set gw v1-accept main,auth-only
check "now there is one, for whoever has the peer's address" a_hash
check "Aggressive Mode instead" ours "$gwA" peer set gw v1-accept main,aggressive
open() { scan "$gwB" "${aggressive[@]}" $ours && got 'Aggressive Mode Handshake returned' && [ -s "$work/hash" ]; }
check "Aggressive Mode: now there is one" open
# cracked: it was made with our secret
cracked() { psk-crack -d "$work/$gwA/secrets/gw" "$work/hash" | tee "$work/crack" && grep -q 'key "guessable" matches' "$work/crack"; }
check "and the secret is found by it, as far as it can be guessed" cracked
unknown() {
	rm "$work/hash" && scan "$gwB" -A --id=nobody.example --idtype=2 --dhgroup=14 "--pskcrack=$work/hash" $ours &&
		[ -s "$work/hash" ] && ! cracked
}
check "somebody who is not known gets one of a secret that nobody has" unknown
left() { busywait 10000 sa_is "$gwA" 0 && [ "$(counter "$gwA" sa-created)" = "$(counter "$gwA" sa-ended)" ]; }
check "nothing is left of it" left
check "the kernel has no complaint" kernel_silent
ktap_end
