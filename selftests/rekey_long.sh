#!/bin/bash
# rekey_long.sh: fifty rekeys of the child and ten of the IKE SA by both ends under a constant stream
# both ways and under iperf3; the same while what B says comes 500 ms late and two of three are lost;
# the same while both helpers are killed every two seconds: not one packet is lost.
#
#	two_gateways in lib.sh, both ours; IKE from B to A may take a longer way:
#	gwA -- router -- gwB
#	         | |
#	         slow (500 ms)
# tier: long
# timeout: 600
# backends: uml
. ./lib.sh
. ./gateway.sh

ktap_plan 14

of() { ours "$1" -j sa | jq -r ".[0] | $2"; }
child='[.children[] | select(.state == "up")] | last'
spi() { of "$1" "$child | .spi_in"; }
ike_spi() { of "$1" .spi_i; }
is_another() { [ "$("$2" "$1")" != "$3" ] && sa_is "$1" 1 "$with_child"; }
settled() { [ "$(of "$1" '[.children[] | select(.state != "gone")] | length')" = 1 ]; }
quiet() { busywait 20000 settled "$gwA" && busywait 20000 settled "$gwB"; }
# child_rekey NS, ike_rekey NS: until it has happened
child_rekey() {
	local was
	was=$(spi "$1")
	ours "$1" sa rekey id "$id" child net && busywait 20000 is_another "$1" spi "$was" && quiet
}
ike_rekey() {
	local was
	was=$(ike_spi "$1")
	ours "$1" sa rekey id "$id" && busywait 20000 is_another "$1" ike_spi "$was"
}
# rounds N: of five rekeys of the child and one of the IKE SA, by one end and the other
rounds() {
	local i n a=$gwA b=$gwB t
	for ((i = 0; i < $1; i++)); do
		for n in 1 2 3 4 5; do
			child_rekey "$a" || return
			t=$a a=$b b=$t
		done
		ike_rekey "$a" || return
	done
}

start() { lab ours && ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB" && esp_flows && echo_start "$hostB"; }
check "two of ours, up" start
id=1
lossless() { stream_start "$hostA" 10.2.0.2 5 && "$@" && stream_whole; }
check "50 rekeys of the child, 10 of the IKE SA: no packet is lost" lossless rounds 10
is() { of "$1" "$2"; [ "$(of "$1" "$2")" = "$3" ]; }
check "they were that many" is "$gwA" "$child | .rekeys" 50
check "and ten" is "$gwA" .rekeys 10

iperf_server() { ip netns exec "$hostB" iperf3 -s -1 >"$work/server" 2>&1 3>&- & at_exit kill $!; busywait 5000 server_listens; }
server_listens() { in_ns "$hostB" ss -ltn | grep -q :5201; }
# iperf CMD...: UDP, 2 Mbit/s both ways, until CMD has ended
iperf() {
	local pid
	iperf_server || return
	in_ns "$hostA" iperf3 -c 10.2.0.2 -u -b 2M -l 1200 --bidir -t 3600 -J >"$work/iperf" 2>&1 3>&- &
	pid=$!
	busywait 5000 flowing && "$@" || { kill $pid; return 1; }
	kill -INT "$(pgrep -P $pid iperf3 || echo $pid)"
	wait $pid
	jq -c '.end | {sent: .sum.packets, lost: .sum.lost_packets, back: .sum_bidir_reverse.packets,
		lost_back: .sum_bidir_reverse.lost_packets}' "$work/iperf"
}
flowing() { [ "$(esp_packets "$gwA")" -gt $((flowed + 20)) ]; }
flowed=$(esp_packets "$gwA")
# what went in at one end came out at the other, by the counters of the child that are kept over rekeys
counts() { of "$1" "$child | .packets_$2"; }
nothing_lost() {
	echo "A sent $(counts "$gwA" out), B received $(counts "$gwB" in); B sent $(counts "$gwB" out), A received $(counts "$gwA" in)"
	[ "$(counts "$gwA" out)" = "$(counts "$gwB" in)" ] && [ "$(counts "$gwB" out)" = "$(counts "$gwA" in)" ]
}
check "iperf3 both ways, 25 and 5 rekeys" iperf rounds 5
check "each packet that went in came out" busywait 5000 nothing_lost

# ---- late and lost

slow_way() {
	setup_ns slow && veth "$router" slow 10.99.0.1/24 "$slow" eth0 10.99.0.2/24 &&
		in_ns "$slow" sysctl -q net.ipv4.ip_forward=1 && ip -n "$slow" route add default via 10.99.0.1 &&
		ip netns exec "$slow" tc qdisc add dev eth0 root netem delay 500ms &&
		ip -n "$router" route add default via 10.99.0.2 table 100 &&
		ip -n "$router" rule add iif toB ipproto udp sport 500-4500 table 100 &&
		in_ns "$router" nft -f - <<-END
		table ip late {
			chain f {
				type filter hook forward priority 0;
				iifname "toB" udp sport { 500, 4500 } numgen inc mod 3 < 2 drop
			}
		}
		END
}
check "what B says takes 500 ms longer than ESP, and is lost twice" slow_way
# some twenty seconds each
late() { child_rekey "$gwA" && child_rekey "$gwB" && ike_rekey "$gwA" && child_rekey "$gwA" && ike_rekey "$gwB"; }
check "rekeys by both: no packet is lost" lossless late
soon() { in_ns "$router" nft delete table ip late && ip -n "$router" rule del table 100; }
check "as it was" soon

# ---- helpers that die

die() {
	while [ -e "$work/dying" ]; do
		for ns in "$gwA" "$gwB"; do helper_kill "$ns"; helper_start "$ns"; done
		sleep 2
		echo >>"$work/deaths"
	done >/dev/null 2>&1
}
killed() {
	local status dying
	touch "$work/dying"
	die &
	dying=$!
	lossless rounds 3
	status=$?
	rm "$work/dying"
	wait $dying
	for ns in "$gwA" "$gwB"; do helper_kill "$ns"; done
	echo "$(wc -l <"$work/deaths") times"
	[ "$(wc -l <"$work/deaths")" -ge 3 ] && return $status
}
check "15 and 3 rekeys, helpers die every two seconds: no packet is lost" killed
check "it is the same IKE SA" is "$gwA" .id 1
expired() { [ "$(refused "$gwA" child-expired)" = 0 ] && [ "$(refused "$gwB" child-expired)" = 0 ]; }
check "nothing has expired" expired
down() { helper_start "$gwA" && helper_start "$gwB" && ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }
check "down" down
check "the kernel has no complaint" kernel_silent
ktap_end
