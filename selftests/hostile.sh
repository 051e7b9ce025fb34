#!/bin/bash
# hostile.sh: what a stranger sends that is no IKE at all, or nearly none: short ESP and AH through XFRM's
# own input, noise, words that would do harm elsewhere; with every log and tracepoint on, and with none.
# The tunnel stands, nothing is logged, no memory stays. Topology: two_gateways in lib.sh, both ours;
# the router is the stranger.
# timeout: 240
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 17

hostile() { in_ns "$router" python3 ./hostile.py "$@" >"$work/sent" && [ "$(cat "$work/sent")" -gt 0 ]; }
state() { ours "$gwA" -j sa | jq -c '[.[] | select(.state == "established") | {id, spi_i, spi_r, children: [.children[]? | {spi_in, spi_out}]}]'; }
same() { [ "$(state)" = "$was" ] && esp_flows; }
stands() { busywait 20000 same; }
calm() { [ "$(sa_count "$gwA")" = 1 ]; }

check "lab: two of ours" lab ours
# anybody may try
any() { ours "$gwA" peer add any proposal strong; }
check "a peer object for everybody" any
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB" && esp_flows; }
check "up" up
was=$(state)
spi=$(ours "$gwA" -j sa | jq -r '.[0].children[0].spi_in')

check "ESP and AH of 0 to 40 octets, whole and in fragments" hostile short 192.0.2.2 "$spi"
reached() { [ "$(in_ns "$gwA" awk '/^XfrmIn/ { n += $2 } END { print n }' /proc/net/xfrm_stat)" -gt 100 ]; }
check "they came as far as XFRM's input" reached
check "the tunnel stands: nothing reads past a short packet (threat 26)" stands
check "nor past a short datagram on port 4500 (threat 12)" [ "$(refused "$gwA" short)" -gt 0 ]

# ---- every log there is, and none

log_mark
noise_and_words() { hostile noise 192.0.2.2 3000 "$1" && hostile words 192.0.2.2; }
check "every log on" logs_on
check "noise and words, all of it logged (threats 59, 60, 61)" noise_and_words 1
traced() { grep -q isakmp_refused $tracefs/trace; }
check "refusals were traced" traced
check "every log off" logs_off
check "noise and words, nothing logged (threats 59, 60, 61)" noise_and_words 2
unsaid() { ! log_said | grep -E 'isakmp|reboot|rm -rf|id #'; }
check "nothing of it stands in the log above debug (threats 62, 63)" unsaid

# ---- memory

# when nothing is half-open
settled() { busywait 40000 calm && memory_settled; }
in_ns "$gwA" sysctl -q net.isakmp.half_open_timeout_ms=4000 net.isakmp.prefix_rate=100000 net.isakmp.prefix_burst=100000 \
	net.isakmp.half_open_max=200 net.isakmp.cookie_threshold=100000
many=$([ "$VM_BACKEND" = tcg ] && echo 10000 || echo 60000)
hostile noise 192.0.2.2 $((many / 4)) 3
before=$(settled)
flat() {
	hostile noise 192.0.2.2 "$many" 4 || return
	# good first messages, from everywhere
	in_ns "$router" python3 ./ikeprobe.py first 192.0.2.2 --src 203.0.113.7 --count 3000 --spread
	high=$(memory_used)
	after=$(settled)
	echo "$before KB before, $high KB at the end, $after KB after"
	[ $((after - before)) -lt 1024 ]
}
check "$many bad messages leave no memory behind (threats 50, 70, 71)" flat
# an SA of a stranger is less than 16 KB, and there are at most 200: then cookies are asked for. The rest
# is slack.
bounded() {
	echo "$before KB, then $high KB; $(in_ns "$gwA" awk '$2' /proc/net/isakmp_stat)"
	[ "$(refused "$gwA" cookie-sent)" -gt 1000 ] && [ $((high - before)) -lt $((200 * 16 + 2048)) ]
}
check "while they came, it was bounded by the half-open SAs (threat 25)" bounded
check "the tunnel stood through all of it" stands
check "the kernel has no complaint" kernel_silent
ktap_end
