#!/bin/bash
# v1_crossing.sh: both ends start at once with version 1, at whatever moment of the other's phase 1:
# one connection is left at each end, with one ISAKMP SA and one child in the end, no packet is lost on
# the way, and it stays so although both start again what is closed. Topology: two_gateways in lib.sh.
# tier: long
# timeout: 240
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 9

export IKE=aes256-sha256-ecp256 ESP=aes256-sha256 CHILD_KEYS='close start'
# so slow that the messages of both cross
delayed() {
	two_gateways &&
		in_ns "$router" tc qdisc add dev toA root netem delay 40ms &&
		in_ns "$router" tc qdisc add dev toB root netem delay 40ms || return
	ours_conf "$gwA" 192.0.2.2 198.51.100.2 10.1.0.0/16 10.2.0.0/16 none version 1
	ours_conf "$gwB" 198.51.100.2 192.0.2.2 10.2.0.0/16 10.1.0.0/16 none version 1
	ours_start "$gwA" && ours_start "$gwB"
}
check "lab: two of ours, 80 ms apart" delayed

of() { ours "$1" -j sa | jq -r ".[0] | $2"; }
children='[.children[] | select(.state == "up")]'
one_child() { [ "$(of "$1" "$children | length")" = 1 ]; }
alone() { [ "$(of "$1" '[.children[] | select(.state != "gone")] | length')" = 1 ]; }
same() {
	[ "$(of "$gwA" .spi_i) $(of "$gwA" "$children[0].spi_in")" = \
		"$(of "$gwB" .spi_i) $(of "$gwB" "$children[0].spi_out")" ]
}
quiet() { sa_is "$gwA" 1 "$with_child" && sa_is "$gwB" 1 "$with_child" && alone "$gwA" && alone "$gwB" && same; }
down() {
	# nobody begins once more for what the other one closes: what is half-open cannot be taken back
	ours "$gwA" child set net peer gw start none close none &&
		ours "$gwB" child set net peer gw start none close none
	ours "$gwA" peer down gw
	ours "$gwB" peer down gw
	tunnel_down "$gwA" && tunnel_down "$gwB"
}
# both TENTHS: B starts so much later than A
both() {
	ours "$gwA" child set net peer gw start now close start || return
	pause "0.$1"
	ours "$gwB" child set net peer gw start now close start && busywait 5000 sa_is "$gwA" 1 "$with_child" &&
		busywait 5000 sa_is "$gwB" 1 "$with_child" && busywait 20000 quiet
}
crossings() { echo $(($(refused "$gwA" crossed) + $(refused "$gwB" crossed))); }
for late in 00 08 16 24; do
	check "B starts $late hundredths of a second later: one connection each, the same, one child" both $late
	[ $late = 24 ] || down || { note "still there:" "$(ours "$gwA" sa; ours "$gwB" sa)"; exit 1; }
done
check "they have crossed: one joined the other" [ "$(crossings)" -gt 0 ]
# what is there now
spis() { of "$1" "$children[0] | \"\\(.spi_in) \\(.spi_out)\""; }
was=$(spis "$gwA")
pings() { in_ns "$hostA" ping -q -n -i 0.02 -c 1000 -W 2 10.2.0.2 | tee "$work/ping" | grep -q ' 0% packet loss'; }
check "no packet is lost in 20 s of it" pings
stays() { quiet && [ "$(spis "$gwA")" = "$was" ] && esp_flows; }
check "nothing is closed and started again: the same child" stays
check "the kernel has no complaint" kernel_silent
ktap_end
