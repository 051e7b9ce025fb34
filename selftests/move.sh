#!/bin/bash
# move.sh: a peer behind a NAT gets another address there: our states move along with their sequence
# numbers, windows and counters, with ESN and without. Topology: two_gateways in lib.sh, both of ours.
. ./lib.sh
. ./gateway.sh

ktap_plan 21

# nat ADDRESS: from now on A comes from there
nat() {
	in_ns "$router" nft -f - <<-END && in_ns "$router" conntrack -F
		table ip nat
		delete table ip nat
		table ip nat {
			chain post {
				type nat hook postrouting priority srcnat;
				oifname "toB" snat to $1
			}
		}
	END
}
lab_behind() {
	two_gateways && ip -n "$router" addr add 198.51.100.9/24 dev toB && nat 198.51.100.1 &&
		ours_conf "$gwA" 192.0.2.2 198.51.100.2 10.1.0.0/16 10.2.0.0/16 &&
		REMOTE_ID=ipv4:192.0.2.2 ours_conf "$gwB" 198.51.100.2 198.51.100.0/24 10.2.0.0/16 10.1.0.0/16 &&
		ours_start "$gwB" && ours_start "$gwA"
}
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB"; }
flows() { ping_ok "$hostA" 10.2.0.2 5 && ping_ok "$hostB" 10.1.0.2 5; }
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }
# seqs: inbound and outbound sequence number at B, SPIs, packets
seqs() {
	ip -n "$gwB" -s xfrm state | awk '
		/^src/ { out = $2 == "198.51.100.2" }
		/proto esp spi/ { spi[out] = $4 }
		/anti-replay/ { for (i = 1; i < NF; i++) {
			if ($i == "seq" && !out) seq = $(i + 1)
			if ($i == "oseq" && out) seq_out = $(i + 1) } getline
			for (i = 1; i < NF; i++) {
			if ($i == "seq" && !out) seq = $(i + 1)
			if ($i == "oseq" && out) seq_out = $(i + 1) } }
		END { gsub(",", "", seq); gsub(",", "", seq_out)
			print spi[0], spi[1], seq, seq_out }'
}
packets() { ours "$gwB" -j sa | jq '[.[].children[].packets_in] | add'; }
at() { [ "$(ip -n "$gwB" xfrm state | grep -c -E "^src $1 dst 198.51.100.2|^src 198.51.100.2 dst $1")" = 2 ] &&
	[ "$(ip -n "$gwB" xfrm policy | grep -c -E "tmpl src $1 dst 198.51.100.2|tmpl src 198.51.100.2 dst $1")" = 3 ]; }
# move ADDRESS: A sends from there until B has followed
move() {
	nat "$1" && busywait 10000 moved "$1"
}
moved() { ping_ok "$hostA" 10.2.0.2; at "$1"; }
# goes_on: the same SPIs, and numbers above those of before
goes_on() {
	local a1 a2 a3 a4 b1 b2 b3 b4
	read -r a1 a2 a3 a4 <<<"$1"
	read -r b1 b2 b3 b4 <<<"$(seqs)"
	echo "before: $1, $2 packets; now: $b1 $b2 $b3 $b4, $(packets)"
	[ "$a1 $a2" = "$b1 $b2" ] && [ $((a3)) -ge 10 ] && [ $((b3)) -gt $((a3)) ] &&
		[ $((b4)) -gt $((a4)) ] && [ "$(packets)" -gt "$2" ]
}

round() {
	check "up, ESP in UDP: $1" up
	check "pings both ways" flows
	check "the states of B are of the NAT's address" at 198.51.100.1
	was=$(seqs) count=$(packets)
	check "the NAT's address changes: states and policies of B follow" move 198.51.100.9
	check "pings both ways" flows
	check "SPIs stay; numbers, windows and counters go on" goes_on "$was" "$count"
	check "down: nothing is left" down
	nat 198.51.100.1
}

check "lab: A behind a NAT" lab_behind
round "without ESN"
esn() { for ns in "$gwA" "$gwB"; do ours "$ns" proposal set strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16-esn || return; done; }
check "ESN at both" esn
round "with ESN"
# A limit that is lowered below what went through leaves some to rekey in, also after a move
lowered() {
	up && in_ns "$hostA" ping -q -n -c 100 -i 0.005 10.2.0.2 >/dev/null && ours "$gwB" child set net peer gw packets 80 &&
		busywait 3000 says 'hard 1[0-9][0-9]\(packets\)' ip -n "$gwB" -s xfrm state
}
# quietly: nothing but IKE comes from the new address
quietly() {
	ours "$gwA" peer set gw dpd 1s && asked=$(asked) && busywait 10000 asks && nat 198.51.100.9 && busywait 10000 at 198.51.100.9
}
asked() { ours "$gwA" -j sa | jq '.[0].msgs_out'; }
asks() { [ "$(asked)" -gt $((asked + 1)) ]; }
has_some_left() {
	ip -n "$gwB" -s xfrm state | awk '
		/limit:.*\(packets\)/ { sub(/.*hard /, ""); hard = $0 + 0 }
		/\(bytes\), [0-9]+\(packets\)/ { sub(/.*, /, ""); n++; if (hard <= $0 + 0) { print $0 + 0, "of", hard; bad = 1 } }
		END { exit n < 2 || bad }'
}
check "a lower limit of packets" lowered
check "the NAT's address changes before anything is sent" quietly
check "some are left" has_some_left
check "pings both ways" flows
check "the kernel has no complaint" kernel_silent
ktap_end
