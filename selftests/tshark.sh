#!/bin/bash
# tshark.sh: whole lives of IKE SAs as Wireshark reads them, opened with the keys of isakmp monitor
# keys: no malformed frame, no expert error, and what is inside is to be seen.
# Topology: two_gateways in lib.sh, both ours.
# timeout: 240
. ./lib.sh
. ./gateway.sh

command -v tshark >/dev/null || skip_all "no tshark in this tree"
suites="aes256gcm16-prfsha384-x25519 aes128-sha256-x25519 aes256-sha384-ecp256 chacha20poly1305-prfsha256-x25519"
ktap_plan 11
check "lab: two of ours" lab ours
i() { ours "$gwA" "$@"; }
check "a capture and the keys begin" \
	eval 'capture_start "$router" toA "$work/ike.pcap" && keys_start "$gwA" "$work/keys"'

# lives: up, traffic, liveness, down; with each suite
lives() {
	local s
	for s in $suites; do
		ours "$gwB" proposal set strong ike "$s" esp aes256gcm16
		i proposal set strong ike "$s" esp aes256gcm16
		i peer up gw >/dev/null && ping_ok "$hostA" 10.2.0.2 3 && i peer down gw &&
			tunnel_down "$gwA" && tunnel_down "$gwB" || return
	done
}
check "four lives" lives
keys_stop
capture_stop

mkdir "$work/ws"
cp "$work/keys" "$work/ws/ikev2_decryption_table"
shark() { WIRESHARK_CONFIG_DIR=$work/ws tshark -r "$work/ike.pcap" "$@" 2>"$work/shark.log"; }
# empty FILTER: no frame passes it
empty() { local got; got=$(shark -Y "$1") && [ -z "$got" ] || { echo "$got"; cat "$work/shark.log"; return 1; }; }
# frames N FILTER
frames() { local got; got=$(shark -Y "$2" | wc -l); echo "$got"; [ "$got" = "$1" ]; }
complaints() { ! grep -v 'Running as user' "$work/shark.log"; }

check "all of it is there" frames 8 'isakmp.exchangetype == 34'
check "no malformed frame" empty '_ws.malformed'
check "no expert error" empty '_ws.expert.severity >= error'
check "the table of keys is taken" complaints
check "AES-GCM and AES-CBC are opened" frames 6 'isakmp.exchangetype == 35 && isakmp.enc.decrypted'
check "our identity is to be seen" frames 3 'isakmp.exchangetype == 35 && isakmp.typepayload == 35 && isakmp.id.data.ipv4_addr == 192.0.2.2'
wrong() { shark -V -Y 'isakmp.enc.icd' | grep -i 'incorrect'; }
check_not "every integrity checksum is correct" wrong
check "Deletes are read" frames 3 'isakmp.exchangetype == 37 && isakmp.typepayload == 42'
ktap_end
