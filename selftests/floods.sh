#!/bin/bash
# floods.sh: a hundred thousand first messages from forged addresses. They cost no memory beyond what is
# allowed and get no more than they bring; an established SA is served all the while; afterwards
# everything is as before. Topology: two_gateways in lib.sh, both ours; the router forges.
# timeout: 240
# backends: uml
. ./lib.sh
. ./gateway.sh

ktap_plan 13

probe() { in_ns "$router" python3 ./ikeprobe.py "$@"; }
set_a() { in_ns "$gwA" sysctl -q "net.isakmp.$1"; }
check "lab: two of ours" lab ours none dpd 1s
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB" && ours "$gwA" peer add any proposal strong; }
check "up, and anybody may try" up
# answers go back to the router, which knows those addresses as its own dead end
ip -n "$router" route add blackhole 10.64.0.0/10
# in use, of the cache of SAs
slab() { awk '$1 == "isakmp_sa" { print $2 }' /proc/slabinfo; }
[ "$(slab)" ] || slab() { counter "$gwA" sas; }
messages_in() { ours "$gwB" -j -s sa | jq '.[0].msgs_in // .[0]["messages-in"] // 0'; }
before=$(slab)
half_max=0
watch_it() {
	local n
	while [ -e "$work/flooding" ]; do
		n=$(counter "$gwA" half-open)
		[ "$n" -le "$half_max" ] || half_max=$n
		echo "$half_max" >"$work/half_max"
		slab >>"$work/slabs"
		pause 0.05
	done
}
# flood COUNT: what it sent and what came back is in $sent, $sent_octets, $got, $got_octets
flood() {
	touch "$work/flooding"
	watch_it &
	probe flood 192.0.2.2 toA --count "$1" >"$work/flood"
	rm "$work/flooding"
	wait $!
	read -r sent sent_octets got got_octets <"$work/flood"
	[ "$got" -gt 0 ]
}
set_a half_open_timeout_ms=4000
check "a flood of 100,000, of which some are answered" flood 100000
note "sent $sent packets, $sent_octets octets; got $got packets, $got_octets octets"
check "no more packets came out than went in (threat 72)" test "$got" -le "$sent"
check "and no more octets" test "$got_octets" -le "$sent_octets"
bounded() { note "half-open at most $(cat "$work/half_max")"; [ "$(cat "$work/half_max")" -le 70 ]; }
check "half-open SAs stay at the threshold (threat 50)" bounded
slabs() { [ "$(sort -n "$work/slabs" | tail -n 1)" -le $((before + 400)) ]; }
check "so does their memory" slabs
asked() { [ "$(refused "$gwA" cookie-sent)" -gt 10000 ]; }
check "the others were asked for cookies" asked
check "who has a good one comes in" says '34/None' probe first 192.0.2.2 --what --cookie good

served() {
	local was
	touch "$work/flooding"
	while [ -e "$work/flooding" ]; do probe flood 192.0.2.2 toA --count 2000 >/dev/null; done &
	was=$(counter "$gwB" rx)
	busywait 8000 counter_above "$gwB" rx $((was + 4)) && esp_flows && sa_is "$gwB" 1 "$with_child"
	was=$?
	rm "$work/flooding"
	wait $!
	return $was
}
check "meanwhile the established SA is checked and answers, ESP flows" served
emptied() { busywait 35000 counter_is "$gwA" half-open 0; }
counter_is() { [ "$(counter "$1" "$2")" = "$3" ]; }
check "afterwards nobody is half-open" emptied
# freed a grace period later; a slab keeps what its neighbours need
as_before() { [ "$(slab)" -le $((before + 64)) ]; }
check "and the memory is back (threat 71)" busywait 10000 as_before
check "the kernel has no complaint" kernel_silent
ktap_end
