#!/bin/bash
# mobike.sh: MOBIKE (RFC 4555): we move between addresses, devices and families while pings go on;
# the responder, of ours, follows; children keep their numbers.
# timeout: 240
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 28

# A second way between the gateways, which has IPv4 of its own
lab_two_ways() {
	two_sites && veth "$gwA" wan2 198.51.100.1/24 "$gwB" wan2 198.51.100.2/24 &&
		ip -n "$gwB" addr add 203.0.113.2/32 dev lo &&
		ip -n "$gwA" route add 203.0.113.2 via 192.0.2.2 || return
	LISTEN="addr 203.0.113.2" LOCAL_ID=fqdn:b REMOTE_ID=fqdn:a \
		ours_conf "$gwB" any any 10.2.0.0/16 10.1.0.0/16
	LISTEN="dev wan" LOCAL_ID=fqdn:a REMOTE_ID=fqdn:b \
		ours_conf "$gwA" any 203.0.113.2 10.1.0.0/16 10.2.0.0/16
	# any address of ours, and of B's those that it names
	sed -i 's/^listen .*/listen add/' "$work/$gwA/isakmp.conf"
	sed -i '1a listen add addr 2001:db8::2' "$work/$gwB/isakmp.conf"
	# more than are told, which no device has
	for n in {1..9}; do sed -i "1a listen add addr 198.18.0.$n" "$work/$gwB/isakmp.conf"; done
	ours_start "$gwB" && ours_start "$gwA"
}
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB"; }
# at NS LOCAL REMOTE: its IKE SA and its two states are there
at() {
	[ "$(ours "$1" -j sa | jq -r '.[] | "\(.local) \(.remote)"')" = "$2 $3" ] &&
		[ "$(ip -n "$1" xfrm state | grep -c -E "^src $2 dst $3|^src $3 dst $2")" = 2 ] &&
		[ "$(ip -n "$1" xfrm policy | grep -c -E "tmpl src $2 dst $3|tmpl src $3 dst $2")" = 3 ]
}
both_at() { busywait 10000 at "$gwA" "$1" "$2" && busywait 10000 at "$gwB" "$2" "$1"; }
shows() { ours "$gwA" -j sa | jq -e '.[0].mobike and (.[0].address | index("2001:db8::2"))'; }
spis() { ours "$1" -j sa | jq -r '.[0] | "\(.spi_i) \(.children[-1].spi_in) \(.children[-1].spi_out)"'; }
out() { ours "$gwA" -j sa | jq '.[0].children[0].packets_out'; }
flows() { ping_ok "$hostA" 10.2.0.2 5 && ping_ok "$hostB" 10.1.0.2 5; }
flood_start() {
	in_ns "$hostA" ping -q -n -i 0.01 -w 60 10.2.0.2 >"$work/ping.out" &
	flood=$!
}
# flood_lost MAX: no more were lost than MAX
flood_lost() {
	local sent got
	kill -INT $flood && wait $flood
	read -r sent _ _ got _ <<<"$(grep transmitted "$work/ping.out")"
	note "$(grep transmitted "$work/ping.out")"
	[ "$sent" -gt 50 ] && [ $((sent - got)) -le "$1" ]
}
# stream_begin, stream_end: from host A to host B and back, each 5 ms; how many were lost
stream_begin() {
	ip netns exec "$hostA" ./stream.py send 10.2.0.2 7000 5 >"$work/stream" 2>&1 3>&- &
	stream=$!
	at_exit kill $stream
}
stream_end() {
	kill $stream
	wait $stream
	cat "$work/stream"
	[ "$(awk '{ print $4 }' "$work/stream")" -le "$1" ]
}
echoes() {
	ip netns exec "$hostB" ./stream.py echo 7000 3>&- &
	at_exit kill $!
	busywait 5000 says :7000 in_ns "$hostB" ss -ln
}
via() { ip -n "$gwA" route replace 203.0.113.2 via "$1"; }
same_sas() { [ "$was" = "$(spis "$gwA")" ]; }
grew() { [ "$(out)" -gt "$1" ]; }

check "lab: two ways between the gateways" lab_two_ways
check "up" up
check "at the first address; pings both ways" eval 'both_at 192.0.2.1 203.0.113.2 && flows'
check "shown: MOBIKE, and the addresses that the peer has told: those that it has" shows
was=$(spis "$gwA") n=$(out)
flood_start
ip -n "$gwA" route replace 203.0.113.2 via 198.51.100.2
check "the route leads over another device: both ends follow" both_at 198.51.100.1 203.0.113.2
ip -n "$gwA" route replace 203.0.113.2 via 192.0.2.2
check "and back" both_at 192.0.2.1 203.0.113.2
check "next to nothing is lost of the pings meanwhile" flood_lost 30
# Requests of B do not reach A: nothing but answers does
unasked() {
	in_ns "$gwA" nft -f - <<-'END' && via 198.51.100.2 &&
	table ip r {
		chain in { type filter hook input priority 0; udp sport 4500 @th,240,8 37 @th,248,8 & 0x20 == 0 counter drop; }
	}
	END
		busywait 10000 at "$gwA" 198.51.100.1 203.0.113.2 && busywait 10000 asks && at "$gwB" 203.0.113.2 192.0.2.1
}
asks() { in_ns "$gwA" nft list table ip r | grep -q 'packets [1-9]'; }
check "not before the other end has asked there, and was answered" unasked
answered() { in_ns "$gwA" nft delete table ip r && both_at 198.51.100.1 203.0.113.2 && via 192.0.2.2 && both_at 192.0.2.1 203.0.113.2; }
check "then it follows; and back" answered
# Nothing of B reaches A: the IKE SA is at one address, its children are at the other
came() { ours "$gwA" -j sa | jq '.[0].children[0].packets_in'; }
seeks() { [ "$(ours "$gwA" -j sa | jq -r '.[0].local')" = 198.51.100.1 ] && says '^src 192.0.2.1' ip -n "$gwA" xfrm state; }
sought() {
	in_ns "$gwA" nft 'add table ip r; add chain ip r in { type filter hook input priority 0; }; add rule ip r in udp sport 4500 drop' &&
		via 198.51.100.2 && busywait 5000 seeks && [ "$(came)" -gt 0 ] && seeks
}
check "while a way is looked for, what went through the children is shown" sought
check "then they follow; and back" answered
ip -n "$gwA" route del 203.0.113.2
check "no route: IPv6, to an address that the peer has told" both_at 2001:db8::1 2001:db8::2
check "pings both ways" flows
ip -n "$gwA" route add 203.0.113.2 via 198.51.100.2
ip -n "$gwA" addr del 2001:db8::1/64 dev wan
check "the IPv6 address goes: IPv4 again" both_at 198.51.100.1 203.0.113.2
check "pings both ways" flows
check "the same SAs all the while" same_sas
check "their numbers go on" grew "$n"

# numbers: of A: the sequence number sent; of all four states: packets refused as replayed or late
numbers() {
	ip -n "$gwA" -s xfrm state | awk '
		/^src/ { out = $2 != "203.0.113.2" && $2 !~ /:/ }
		/anti-replay/ && out { for (i = 1; i < NF; i++) if ($i == "oseq") n = $(i + 1)
			getline; for (i = 1; i < NF; i++) if ($i == "oseq") n = $(i + 1)
			sub(",", "", n); print n }'
}
drops() { { ip -n "$gwA" -s xfrm state; ip -n "$gwB" -s xfrm state; } | awk '/replay-window .* replay .* failed/ { s += $2 + $4 + $6 } END { print s }'; }
go_on() { [ $(($(numbers))) = "$(out)" ] && [ "$(drops)" = 0 ]; }
check "in the kernel, too; nothing was taken for a replay" busywait 3000 go_on

# What is in flight while the two ends do not agree yet is lost; nothing because of a rekey.
rekeyed() { ours "$gwA" sa rekey id "$(ours "$gwA" -j sa | jq '.[0].id')" child net; }
b_rekeys() { ours "$gwB" sa rekey id "$(ours "$gwB" -j sa | jq '.[0].id')" "$@"; }
others() { [ "$(spis "$1")" != "$2" ] && [ "$(ours "$1" -j sa | jq '[.[0].children[] | select(.state != "gone")] | length')" = 1 ]; }
changed() { busywait 10000 others "$gwA" "$1" && busywait 10000 others "$gwB" "$2"; }
# amid CMD...: a move while that goes on
amid() {
	local a b
	a=$(spis "$gwA") b=$(spis "$gwB")
	"$@" && via 192.0.2.2 && changed "$a" "$b" && both_at 192.0.2.1 203.0.113.2 &&
		a=$(spis "$gwA") b=$(spis "$gwB") && via 198.51.100.2 && "$@" && changed "$a" "$b" && both_at 198.51.100.1 203.0.113.2
}
moves() { echoes && stream_begin && amid rekeyed && amid b_rekeys child net && amid b_rekeys && stream_end 120; }
check "six moves amid rekeys of the child and of the IKE SA by either end, under a stream" moves
check "pings both ways" flows
check "nothing was taken for a replay" [ "$(drops)" = 0 ]

b_moves() {
	ours "$gwB" listen add addr 198.51.100.2 && ip -n "$gwB" addr del 203.0.113.2/32 dev lo &&
		both_at 198.51.100.1 198.51.100.2
}
check "the responder's address goes: it tells another one, and the initiator follows" b_moves
check "pings both ways" flows
b_back() {
	ip -n "$gwB" addr add 203.0.113.2/32 dev lo && ours "$gwA" peer down gw && tunnel_down "$gwA" &&
		tunnel_down "$gwB" && ours "$gwB" config apply "$work/$gwB/isakmp.conf" && up
}
check "down, and up there again" b_back
check "elsewhere than the peer may roam" eval '
	ours "$gwB" peer set gw roam 198.51.100.0/24 && ours "$gwB" peer show gw | grep -q "roam 198.51.100.0/24" &&
	ours "$gwA" peer down gw && tunnel_down "$gwA" && up &&
	ip -n "$gwA" route replace 203.0.113.2 via 192.0.2.2 &&
	busywait 10000 refused_above "$gwB" roam 0 && busywait 10000 refused_above "$gwA" path-refused 0'
check "no return routability check failed" [ "$(refused "$gwA" cookie2) $(refused "$gwB" cookie2)" = "0 0" ]
check "is refused: the other end stays where it was" at "$gwB" 203.0.113.2 198.51.100.1
check "the kernel has no complaint" kernel_silent
ktap_end
