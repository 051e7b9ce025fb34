#!/bin/bash
# day.sh: a day without any helper, in a guest whose clock runs ahead while it is idle: two children,
# one of default lifetimes, one that is rekeyed some 170 times, and the IKE SA; a datagram each ten seconds
# there and back. Nothing is lost, nothing is left over, and counters add up.
# Topology: two_gateways in lib.sh, both ours.
# backends: uml
# tier: long
# boot: time-travel
# guest-time: 100000
# timeout: 400
. ./lib.sh
. ./gateway.sh

ktap_plan 13

start() {
	local ns
	lab ours && for ns in "$gwA" "$gwB"; do
		local net=10.1 other=10.2
		[ "$ns" = "$gwA" ] || net=10.2 other=10.1
		ours "$ns" child set net peer gw local-ts $net.0.0/24 remote-ts $other.0.0/24 &&
			ours "$ns" child add often peer gw local-ts $net.1.0/24 remote-ts $other.1.0/24 life 10m || return
	done
	ip -n "$hostA" addr add 10.1.1.2/16 dev lan && ip -n "$hostB" addr add 10.2.1.2/16 dev lan &&
		ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB"
}
check "two of ours, two children" start

of() { ours "$1" -j sa | jq -r ".[0] | $2"; }
child() { of "$1" "[.children[] | select(.name == \"$2\" and .state == \"up\")] | last | .$3"; }
id=$(of "$gwA" .id)
spis() { for n in net often; do child "$gwA" $n spi_in; child "$gwA" $n spi_out; done; of "$gwA" '.spi_i, .spi_r'; }
first=$(spis)

no_helper_there() { helper_kill "$gwA" && helper_kill "$gwB" && busywait 3000 no_helper "$gwA" && busywait 3000 no_helper "$gwB"; }
check "their helpers are killed" no_helper_there

# a stream through each child
for net in 0 1; do
	ip netns exec "$hostB" ./stream.py echo 700$net 10.2.$net.2 3>&- &
	at_exit kill $!
	listens() { in_ns "$hostB" ss -ln | grep -q ":700$net"; }
	busywait 5000 listens
	ip netns exec "$hostA" ./stream.py send "10.2.$net.2" 700$net 10000 10.1.$net.2 >"$work/stream$net" 2>&1 3>&- &
	stream[net]=$!
	at_exit kill ${stream[net]}
done
slept=$(date +%s)
sleep 86400
slept=$(($(date +%s) - slept))
check "a day has passed" [ "$slept" -ge 86400 ]
note "$(uptime)"

whole() { kill "${stream[$1]}"; wait "${stream[$1]}"; local status=$?; cat "$work/stream$1"; return $status; }
check "the child of default lifetimes lost nothing" whole 0
check "nor the other one" whole 1

same() { [ "$(of "$gwA" .id)" = "$id" ] && sa_is "$gwA" 1 "$with_child" && sa_is "$gwB" 1 "$with_child"; }
check "it is the same IKE SA" same
another() { spis | grep -Fx -f <(printf '%s\n' "$first"); [ "$(spis | grep -cFx -f <(printf '%s\n' "$first"))" = 0 ]; }
check "with no SPI of then" another
# 8 hours: rekeyed at 81 to 88 %; a day: the IKE SA
rekeyed() {
	local net often ike
	net=$(child "$1" net rekeys) often=$(child "$1" often rekeys) ike=$(of "$1" .rekeys)
	echo "net $net, often $often, IKE $ike"
	[ "$net" -ge 3 ] && [ "$net" -le 4 ] && [ "$often" -ge 140 ] && [ "$often" -le 190 ] && [ "$ike" -ge 1 ] && [ "$ike" -le 2 ]
}
check "rekeyed as often as it should be" rekeyed "$gwA"
check "and the other end says the same" rekeyed "$gwB"
passed() { [ "$(child "$1" "$2" packets_in)" -ge 8600 ] && [ "$(child "$1" "$2" packets_in)" = "$(child "$3" "$2" packets_out)" ]; }
sums() { passed "$gwA" net "$gwB" && passed "$gwB" net "$gwA" && passed "$gwA" often "$gwB" && passed "$gwB" often "$gwA"; }
check "counters add up" sums
left() {
	sas "$gwA"; sas "$gwB"; ours "$gwA" sa
	[ "$(sas "$gwA")" = 4 ] && [ "$(sas "$gwB")" = 4 ] && [ "$(of "$gwA" '.children | length')" = 2 ]
}
check "two pairs of states, no more" busywait 20000 left
expired() { for r in child-expired child-lost timeout auth-expired; do [ "$(refused "$1" $r)" = 0 ] || { echo "$1: $r"; return 1; }; done; }
neither() { expired "$gwA" && expired "$gwB"; }
check "nothing has expired" neither
check "the kernel has no complaint" kernel_silent
ktap_end
