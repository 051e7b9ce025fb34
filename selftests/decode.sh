#!/bin/bash
# decode.sh: a capture of whole lives of IKE SAs, one for each kind of cipher, opened by isakmp decode
# with the keys that isakmp monitor keys wrote. Keys are given only when root of the machine allows it.
# Topology: two_gateways in lib.sh, both ours.
. ./lib.sh
. ./gateway.sh

suites="aes256gcm16-prfsha384-x25519 aes128-sha256-x25519 aes256-sha384-x25519
	chacha20poly1305-prfsha256-x25519 aes256ctr-sha512-x25519 aes128ccm8-prfsha256-x25519"
n=$(wc -w <<<"$suites")
ktap_plan $((n + 13))
check "lab: two of ours" lab ours
i() { ours "$gwA" "$@"; }

check_not "no keys unless debug_keys is 1" i monitor keys
check "the kernel says what to do" says 'debug_keys' i monitor keys
check "a capture and the keys begin" \
	eval 'capture_start "$router" toA "$work/ike.pcap" && keys_start "$gwA" "$work/keys"'

# life SUITE: up, a ping, down
life() {
	ours "$gwB" proposal set strong ike "$1" esp aes256gcm16
	i proposal set strong ike "$1" esp aes256gcm16
	i peer up gw >/dev/null && ping_ok "$hostA" 10.2.0.2 3 && i peer down gw &&
		tunnel_down "$gwA" && tunnel_down "$gwB"
}
for s in $suites; do
	check "$s" life "$s"
done
keys_stop
capture_stop

check "a line of keys for each" [ "$(grep -c '^#*[0-9a-f]\{16\},' "$work/keys")" = "$n" ]
decode() { isakmp -j decode "$work/ike.pcap" "$@"; }
# count JQ-FILTER: how many the whole of it gives
count() { decode keys "$work/keys" | jq "[$1] | length"; }
inner='.[] | select(.exchange == "IKE_AUTH") | .payloads[] | select(.decrypted) | .payloads'
is() { local got; got=$(count "$2"); echo "$got"; [ "$got" = "$1" ]; }
check "both IKE_AUTH messages of each are opened" is $((2 * n)) "$inner"
check "identities" is $((3 * n)) "$inner | .[] | select(.payload == \"IDi\" or .payload == \"IDr\") |
	select(.id == \"ipv4:192.0.2.2\" or .id == \"ipv4:198.51.100.2\")"
check "selectors" is $((2 * n)) "$inner | .[] | select(.payload == \"TSi\") |
	select(.selectors == [\"10.1.0.0/16\"])"
check "nothing is refused" is 0 '.. | objects | select(.refused)'
check "ESP is there, a record for each packet" is $((6 * n)) '.[] | select(.kind == "ESP")'
sealed() { [ "$(decode | jq '[.. | objects | select(.decrypted)] | length')" = 0 ]; }
check "without keys nothing is opened" sealed
check "text has the same" says '^		IDi ipv4:192.0.2.2$' isakmp decode "$work/ike.pcap" keys "$work/keys"
pipe() { isakmp decode - <"$work/ike.pcap" | grep -q 'IKE_SA_INIT request'; }
check "from standard input" pipe
ktap_end
