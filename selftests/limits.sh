#!/bin/bash
# limits.sh: what is bounded inside is bounded, says so by its name, and works again afterwards:
# the inbox of an SA, acquires that wait, states that XFRM refuses, secrets that are not there.
# Topology: two_gateways in lib.sh, both ours; the router is the stranger.
# timeout: 240
# backends: uml
. ./lib.sh
. ./gateway.sh

ktap_plan 23

# A real-time process has the one processor, and kernel workers wait: also for as long as this needs.
echo 0 2>/dev/null >/sys/kernel/debug/sched/fair_server/cpu0/runtime

up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB"; }
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }

check "lab: two of ours" lab ours
check "up" up

# messages of the SA, as far as their header goes
crowd() {
	local head junk
	head=$(ours "$gwA" -j sa | jq -r '.[0] | .spi_i + .spi_r' | sed 's/0x//g')
	junk=${head}2e20250000000000$(printf %08x 64)00000024$(printf %064x 7)
	# shellcheck disable=SC2046
	in_ns "$router" python3 ./ikeprobe.py hex --at-once 192.0.2.2 \
		$(for ((i = 0; i < 150; i++)); do echo "$junk"; done)
}
check "more messages than the worker can take: inbox-full" refuses "$gwA" inbox-full crowd
icv() { [ "$(refused "$gwA" icv)" -gt 0 ]; }
check "those that fit it were looked at: icv" icv
# more than may wait in all inboxes together (ISAKMP_QUEUED_MAX), but not at once
plenty() {
	local head
	head=$(ours "$gwA" -j sa | jq -r '.[0] | .spi_i + .spi_r' | sed 's/0x//g')
	in_ns "$router" python3 ./ikeprobe.py hex --wait 0 --times 3000 192.0.2.2 \
		"${head}2e20250000000000$(printf %08x 16384)$(printf %08x 16356)$(printf %032704d 0)"
	[ "$(refused "$gwA" icv)" -gt 2100 ]
}
check "what was looked at leaves room for more" plenty
check "the SA stands" sa_is "$gwA" 1 "$with_child"
big() {
	in_ns "$router" python3 ./ikeprobe.py hex --wait 0 192.0.2.2 \
		"0123456789abcdef00000000000000002120220800000000$(printf %08x 20000)$(printf %039944d 0)"
}
check "longer than any message: oversize" refuses "$gwA" oversize big
check "ESP flows through all of it" esp_flows
check "down" down

# 20 peers of 16 traps each: more traps than may wait
many() {
	local p c
	cat "$work/$gwA/isakmp.conf"
	for p in {1..20}; do
		echo "peer add p$p local 192.0.2.2 remote 198.51.100.$((100 + p)) proposal strong"
		echo "auth add peer p$p side local method psk id ipv4:192.0.2.2 cred gw"
		echo "auth add peer p$p side remote method psk id fqdn:p$p cred gw"
		for c in {1..16}; do
			echo "child add c$c peer p$p local-ts 10.1.0.0/16 remote-ts 10.3.$p.$c/32 start trap"
		done
	done
}
traps() { many >"$work/many" && ours "$gwA" config apply "$work/many"; }
check "320 traps" traps
hit() {
	in_ns "$hostA" python3 -c '
import os, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
for p in range(1, 21):
    for c in range(1, 17):
        s.sendto(b"x", (f"10.3.{p}.{c}", 9))'
}
in_ns "$gwA" sysctl -q net.isakmp.retransmit_timeout_ms=100 net.isakmp.retransmit_tries=1
check "one packet for each at once: acquire-limit" refuses "$gwA" acquire-limit hit
acquired() { busywait 5000 counter_above "$gwA" acquire 255; }
check "as many as may wait were started" acquired
# the traps that could not be queued are as good as before
again() {
	local was
	was=$(counter "$gwA" acquire)
	in_ns "$hostA" ping -q -c 1 -W 1 10.3.20.16
	busywait 5000 counter_above "$gwA" acquire "$was"
}
check "one that was refused starts next time" again
fewer() { ours "$gwA" config apply "$work/$gwA/isakmp.conf" && busywait 20000 sa_is "$gwA" 0; }
check "the traps go, and what they started" fewer

in_ns "$gwA" sysctl -q net.isakmp.retransmit_timeout_ms=8000

rm "$work/$gwB/secrets/gw"
unknown() { ours "$gwA" peer up gw; :; }
check "a secret that is not there: no-secret" refuses "$gwB" no-secret unknown
cp "$work/$gwA/secrets/gw" "$work/$gwB/secrets/gw"
check "and when it is there: up" up
check "down" ours "$gwA" peer down gw

# The response that names the SPI that B has chosen is lost; until it is repeated, somebody else takes
# that SPI.
spi_of_b() { ip -n "$gwB" xfrm state | awk '/^src 192.0.2.2/ { getline; print $4 }' | grep 0x; }
in_ns "$gwA" sysctl -q net.isakmp.retransmit_timeout_ms=1000 net.isakmp.retransmit_tries=6
taken() {
	local spi asked up
	busywait 35000 no_states "$gwB" || return
	ip -n "$gwA" xfrm state flush	# what held back the flows of the traps
	asked=$(counter "$gwB" upcall)
	kill -STOP "$(cat "$work/$gwB/isakmpd.pid")"
	ours "$gwA" peer up gw &
	up=$!
	busywait 5000 counter_above "$gwB" upcall "$asked"
	in_ns "$router" tc qdisc add dev toA root netem loss 100%
	kill -CONT "$(cat "$work/$gwB/isakmpd.pid")"
	spi=$(busywait 10000 spi_of_b)
	ip -n "$gwA" xfrm state add src 192.0.2.2 dst 198.51.100.2 proto esp spi "$spi" reqid 7 \
		mode tunnel aead 'rfc4106(gcm(aes))' "0x$(printf %072x 5)" 128
	in_ns "$router" tc qdisc del dev toA root
	wait $up
	:
}
check "an SPI that is taken: xfrm-state" refuses "$gwA" xfrm-state taken
foreign() { [ "$(sas "$gwA")" = 1 ] && ip -n "$gwA" xfrm state | grep -q 'reqid 7 '; }
check "the state of somebody else is still there, and no other" busywait 10000 foreign
free() { ip -n "$gwA" xfrm state flush && ours "$gwA" peer down gw && tunnel_down "$gwA"; }
check "it goes, and the IKE SA" free
check "up" up
check "ESP flows" esp_flows
check "the kernel has no complaint" kernel_silent
ktap_end
