#!/bin/bash
# churn.sh: everything at once, for a minute: configurations, ups and downs, flushes, helpers killed,
# namespaces and their SAs deleted, the module unloaded under all of it. Then a tunnel as ever.
# Topology: two_gateways in lib.sh, both ours, with traffic; pairs c, d of short life.
# tier: long
# timeout: 300
. ./lib.sh
. ./gateway.sh

ktap_plan 9

# loop CMD...: until the time is over, whatever CMD says
loop() {
	(
		trap - EXIT
		while [ "$(date +%s)" -lt $over ]; do "$@"; done
	) >/dev/null 2>&1 3>&- &
	loops+=($!)
}

ours_soon() { timeout 5 isakmp -n "$@"; }
apply() {
	ours_soon "$gwA" config apply "$work/$gwA/other.conf"
	pause 0.3
	ours_soon "$gwA" config apply "$work/$gwA/isakmp.conf"
	pause 0.7
}
updown() {
	ours_soon "$1" peer up gw
	pause 0.2
	ours_soon "$1" peer down gw
}
look() { ours_soon "$gwA" -s sa; ours_soon "$gwB" -j config save; in_ns "$gwA" cat /proc/net/isakmp_stat; }
flush() {
	pause 1
	ip -n "$gwA" xfrm state flush
	pause 0.3
	ip -n "$gwB" xfrm policy flush
}
# kill_helper NS: and the next one
kill_helper() {
	kill -9 "$(cat "$work/$1/isakmpd.pid")"
	ip netns exec "$1" isakmpd -c "$work/$1/secrets" &
	echo $! >"$work/$1/isakmpd.pid"
	pause 2
}
# a pair of namespaces that goes away with its SAs up, or on their way
pair() {
	local c=c-$$ d=d-$$
	ip netns add $c && ip netns add $d
	veth $c eth0 192.0.2.2/24 $d eth0 192.0.2.3/24
	ours_conf $c 192.0.2.2 192.0.2.3 10.1.0.0/16 10.2.0.0/16 now
	ours_conf $d 192.0.2.3 192.0.2.2 10.2.0.0/16 10.1.0.0/16 trap
	ip netns exec $c isakmpd -c "$work/$c/secrets" &
	ip netns exec $d isakmpd -c "$work/$d/secrets" &
	ours_soon $d config apply "$work/$d/isakmp.conf"
	ours_soon $c config apply "$work/$c/isakmp.conf"
	pause "0.$((RANDOM % 10))"
	ip netns del $c
	ip netns del $d
	kill %1 %2
	wait
}
reload() {
	pause 9
	rmmod isakmp
	insmod_again
	kill -9 "$(cat "$work/$gwA/isakmpd.pid")" "$(cat "$work/$gwB/isakmpd.pid")"
	ours_soon "$gwA" config apply "$work/$gwA/isakmp.conf"
	ours_soon "$gwB" config apply "$work/$gwB/isakmp.conf"
}
insmod_again() { if [ "${ISAKMP_MODULE-}" ]; then insmod "$ISAKMP_MODULE"; else modprobe isakmp; fi; }

check "lab: two of ours" lab ours trap
sed 's/ start trap/ start now/; s/10.2.0.0/10.3.0.0/' "$work/$gwA/isakmp.conf" >"$work/$gwA/other.conf"
fast() {
	local ns
	for ns in "$gwA" "$gwB"; do
		in_ns "$ns" sysctl -q net.isakmp.retransmit_timeout_ms=200 net.isakmp.retransmit_tries=3 \
			net.isakmp.prefix_rate=100000 net.isakmp.prefix_burst=100000
	done
}
check "impatient" fast

# churn SECONDS LOOP...: all of them
churn() {
	local over=$(($(date +%s) + $1)) loops=() l
	shift
	for l in "$@"; do
		# shellcheck disable=SC2086
		loop $l
	done
	wait "${loops[@]}"
	:
}
pings="ping_ok $hostA 10.2.0.2 20"
all=("$pings" "updown $gwA" "updown $gwB" apply look flush "kill_helper $gwA" "kill_helper $gwB" pair)
check "a minute of everything" churn 60 "${all[@]}"
check "nothing complained" kernel_silent
check "half a minute of it while the module comes and goes" churn 30 "${all[@]}" reload
check "nothing complained" kernel_silent

anew() {
	local ns
	for ns in "$gwA" "$gwB"; do
		pkill -9 -F "$work/$ns/isakmpd.pid"
		[ -d /sys/module/isakmp ] || insmod_again
		helper_start "$ns" && ours "$ns" config apply "$work/$ns/isakmp.conf" || return
		ours "$ns" peer down gw
		ours "$ns" config apply "$work/$ns/isakmp.conf"
	done
	busywait 40000 esp_flows
}
check "a tunnel as ever" anew
# what XFRM holds for flows that wait is not ours
clean() { ! ip -n "$1" xfrm state | grep -q aead && ! ip -n "$1" xfrm policy | grep -q tmpl; }
gone() { helper_kill "$gwA"; helper_kill "$gwB"; busywait 5000 unload_isakmp && clean "$gwA" && clean "$gwB"; }
check "the module unloads, no state is left" gone
check "the kernel has no complaint" kernel_silent
ktap_end
