#!/bin/bash
# garbage.sh: a real exchange, then every message of it again: as it was, truncated at every octet,
# with flipped bits, reflected, from elsewhere. Every SA stays as it is, nothing new is there, every
# drop has a name. Topology: two_gateways in lib.sh, both ours; the router is the vandal.
# timeout: 240
. ./lib.sh
. ./gateway.sh

ktap_plan 19

check "lab: two of ours" lab ours
capture() {
	ip netns exec "$router" tcpdump -q -U --immediate-mode -i any -s 0 -w "$work/pcap" udp port 500 or udp port 4500 >"$work/tcpdump" 2>&1 3>&- &
	tcpdump=$!
	at_exit kill $tcpdump
	busywait 5000 grep -q 'listening on' "$work/tcpdump"
}
captured() { kill -INT $tcpdump; wait $tcpdump; }
capture
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB"; }
check "up" up
# a Delete of the child both ways belongs to the exchange
down_up() { ours "$gwA" child down net peer gw && ours "$gwA" peer down gw && tunnel_down "$gwA" && up; }
check "down and up again" down_up
captured

state() { ours "$1" -j sa | jq -c '[.[] | {id, state, spi_i, spi_r, children: [.children[]? | {spi_in, spi_out}]}] | sort_by(.id)'; }
A=$(state "$gwA") B=$(state "$gwB")
stays() { busywait 35000 as_before && esp_flows; }
as_before() { [ "$(state "$gwA")" = "$A" ] && [ "$(state "$gwB")" = "$B" ]; }
vandal() { in_ns "$router" python3 ./ikeprobe.py replay "$work/pcap" "$@" >"$work/sent" && [ "$(cat "$work/sent")" -gt 0 ]; }
# replayed HOW [ARG...]: to both
replayed() {
	local how=$1
	shift
	both() { vandal 192.0.2.2 "$@" && vandal 198.51.100.2 "$@"; }
	check "$how: sent" both "$@"
	check "$how: every SA is as it was" stays
}
replayed as-is --how as-is
check "as-is: the stored response came again" counter_above "$gwB" repeat 0
# of what is changed new SAs come, which are soon gone
for ns in "$gwA" "$gwB"; do in_ns "$ns" sysctl -q net.isakmp.half_open_timeout_ms=2000; done
for how in truncate flip reflect; do replayed $how --how $how; done
# With MOBIKE who repeats the last request has its answer wherever it asks from: another one, without.
fixed() {
	ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB" &&
		ours "$gwA" peer set gw mobike no && ours "$gwB" peer set gw mobike no && capture && up && captured || return
	A=$(state "$gwA") B=$(state "$gwB") repeated=$(counter "$gwB" repeat)
}
check "up without MOBIKE" fixed
replayed "from elsewhere" --src 203.0.113.77
check "from elsewhere: no stored response went there" [ "$(counter "$gwB" repeat)" = "$repeated" ]
names() {
	local r
	for r in short length no-sa version exchange; do
		[ "$(refused "$gwA" $r)" -gt 0 ] || { echo "refused-$r is 0"; return 1; }
	done
}
check "drops have names" names
check "nothing was logged above debug" fails says 'isakmp.*(error|warn|bad|invalid)' dmesg --level=emerg,alert,crit,err,warn
check "the kernel has no complaint" kernel_silent
ktap_end
