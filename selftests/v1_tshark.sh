#!/bin/bash
# v1_tshark.sh: whole lives of version 1 as Wireshark reads them, opened with the keys of isakmp monitor
# keys: no malformed frame, no expert error, and message by message what isakmp decode says.
# Topology: two_gateways in lib.sh, both ours.
# timeout: 300
. ./lib.sh
. ./gateway.sh

command -v tshark >/dev/null || skip_all "no tshark in this tree"
suites="aes256-sha256-modp2048 aes128-sha1-modp2048 aes256-sha384-ecp384 3des-md5-modp1536"
ktap_plan 15
export ESP=aes256-sha256 IKE=aes256-sha256-modp2048
v1() {
	two_gateways &&
		ours_conf "$gwA" 192.0.2.2 198.51.100.2 10.1.0.0/16 10.2.0.0/16 none version 1 "$@" &&
		ours_conf "$gwB" 198.51.100.2 192.0.2.2 10.2.0.0/16 10.1.0.0/16 none version 1 "$@" &&
		ours_start "$gwB" && ours_start "$gwA"
}
check "lab: two of ours" v1 dpd 1s
i() { ours "$gwA" "$@"; }
check "a capture and the keys begin" \
	eval 'capture_start "$router" toA "$work/ike.pcap" && keys_start "$gwA" "$work/keys"'

both() { ours "$gwB" "$@" && i "$@"; }
up_and_down() {
	i peer up gw >/dev/null && ping_ok "$hostA" 10.2.0.2 3 &&
		i sa rekey id "$(i -j sa | jq '.[0].id')" child net && busywait 5000 rekeyed &&
		ping_ok "$hostA" 10.2.0.2 3 && i peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"
}
rekeyed() { [ "$(i -j sa | jq '[.[0].children[] | .rekeys // 0] | max')" -ge 1 ]; }
# lives: up, traffic, a rekey, down; with each suite, and in each exchange
lives() {
	local s
	for s in $suites; do
		both proposal set strong ike "$s" esp aes256-sha256 && up_and_down || return
	done
	for s in aggressive base; do
		both peer set gw v1-exchange "$s" v1-accept "$s" && up_and_down || return
	done
}
check "six lives" lives
keys_stop
capture_stop

mkdir "$work/ws"
sed -n 's/^#ikev1 //p' "$work/keys" >"$work/ws/ikev1_decryption_table"
check "a line of keys for each" [ "$(wc -l <"$work/ws/ikev1_decryption_table")" = 6 ]
shark() { WIRESHARK_CONFIG_DIR=$work/ws tshark -r "$work/ike.pcap" "$@" 2>"$work/shark.log"; }
# empty FILTER: no frame passes it
empty() { local got; got=$(shark -Y "$1") && [ -z "$got" ] || { echo "$got"; cat "$work/shark.log"; return 1; }; }
some() { shark -Y "$1" | grep -q .; }
complaints() { ! grep -v 'Running as user' "$work/shark.log"; }

check "no malformed frame" empty '_ws.malformed'
check "no expert error" empty '_ws.expert.severity >= error'
check "the table of keys is taken" complaints
check "all that is encrypted is opened" empty 'isakmp.flag_e == 1 && !isakmp.typepayload'
check "our identity is to be seen" some 'isakmp.flag_e == 1 && isakmp.id.data.ipv4_addr == 192.0.2.2'
check "Deletes are read" some 'isakmp.exchangetype == 5 && isakmp.typepayload == 12'

isakmp -j decode "$work/ike.pcap" keys "$work/keys" >"$work/ours.json"
isakmp -j decode "$work/ike.pcap" keys "$work/ws/ikev1_decryption_table" >"$work/plain.json"
shark -Y isakmp -T json --no-duplicate-keys >"$work/shark.json"
check "Wireshark's own table serves decode as well" cmp "$work/ours.json" "$work/plain.json"
sealed() { [ "$(jq '[.[] | select(.flags // [] | index("encrypted")) | select(.decrypted | not)] | length' "$work/ours.json")" = 0 ]; }
check "decode opens all of it, too" sealed
for what in headers chains bodies; do
	check "both read the same: $what" python3 v1tshark.py "$what" "$work/ours.json" "$work/shark.json"
done
ktap_end
