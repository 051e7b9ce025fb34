#!/bin/bash
# crossing.sh: both ends start at once. Two IKE SAs for one child are one too many: the ends agree
# which goes, and no packet is lost on the way (RFC 7296, 2.8 has the rule for other exchanges).
# Topology: two_gateways in lib.sh, both ours.
# timeout: 180
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 7

# so slow that the first messages of both cross
delayed() {
	two_gateways &&
		in_ns "$router" tc qdisc add dev toA root netem delay 40ms &&
		in_ns "$router" tc qdisc add dev toB root netem delay 40ms || return
	ours_conf "$gwA" 192.0.2.2 198.51.100.2 10.1.0.0/16 10.2.0.0/16 now
	ours_conf "$gwB" 198.51.100.2 192.0.2.2 10.2.0.0/16 10.1.0.0/16 now
	cp "$work/$gwA/isakmp.conf" "$work/$gwA/quiet.conf"
	cp "$work/$gwB/isakmp.conf" "$work/$gwB/quiet.conf"
	sed -i 's/start now/start none/' "$work/$gwA/quiet.conf" "$work/$gwB/quiet.conf"
	ours_start_quiet "$gwA" && ours_start_quiet "$gwB"
}
ours_start_quiet() {
	[ -d /sys/module/isakmp ] || load_isakmp || return
	at_exit report_reasons "$1"
	helper_start "$1" && ours "$1" config apply "$work/$1/quiet.conf"
}
check "lab: two of ours, 80 ms apart" delayed

apply_both() {
	local pid
	ours "$gwA" config apply "$work/$gwA/$1.conf" &
	pid=$!
	ours "$gwB" config apply "$work/$gwB/$1.conf"
	wait $pid
}
crossed() { [ $(($(refused "$gwA" crossed) + $(refused "$gwB" crossed))) -gt 0 ]; }
two() { [ "$(sa_count "$gwA" "$with_child")" = 2 ]; }
collide() {
	local i
	for i in 1 2 3 4 5; do
		apply_both isakmp
		! busywait 2000 two || return 0
		apply_both quiet
		ours "$gwA" peer down gw
		tunnel_down "$gwA" && tunnel_down "$gwB"
	done
	return 1
}
check "both start at once: two IKE SAs with one child" collide
in_ns "$hostA" ping -q -n -i 0.02 -c 500 -W 2 10.2.0.2 >"$work/ping" 2>&1 &
ping=$!
one_each() { tunnel_up "$gwA" && tunnel_up "$gwB"; }
same() {
	[ "$(ours "$gwA" -j sa | jq -r '.[0].spi_i')" = "$(ours "$gwB" -j sa | jq -r '.[0].spi_i')" ]
}
settled() { busywait 15000 crossed && one_each && same; }
check "one gives way: crossed, and the same IKE SA stays at both ends" settled
check "its loser is told of, once" test $(($(refused "$gwA" crossed) + $(refused "$gwB" crossed))) = 1
wait $ping
lossless() { grep -q ' 0% packet loss' "$work/ping" || { cat "$work/ping"; return 1; }; }
check "no packet is lost meanwhile" lossless
stays() { one_each && same && esp_flows; }
check "it stays that way, ESP flows" stays
check "the kernel has no complaint" kernel_silent
ktap_end
