#!/bin/bash
# v1_tunnel.sh: two gateways of ours with version 1: Main Mode with a pre-shared key, traffic, Deletes
# from either side, rekeys of both phases under a stream; an ISAKMP SA that ends while no helper is
# there takes nothing with it; a peer that falls silent is noticed. Topology: two_gateways in lib.sh.
# boot: time-travel
# timeout: 240
. ./lib.sh
. ./gateway.sh

ktap_plan 27

export IKE=aes256-sha256-modp2048 ESP=aes256-sha256
check "lab: two of ours, version 1" lab ours none version 1 dpd 30s

of() { ours "$1" -j sa | jq -r ".[0] | $2"; }
child='[.children[] | select(.state == "up")] | last'
spi() { of "$1" "$child | .spi_in"; }
cookie() { of "$1" .spi_i; }

check "A: peer up" ours "$gwA" peer up gw
check "one connection with its child at A" tunnel_up "$gwA"
check "and at B" tunnel_up "$gwB"
check "both say that it is version 1" [ "$(of "$gwA" .version) $(of "$gwB" .version)" = "1 1" ]
agree() {
	[ "$(cookie "$gwA") $(spi "$gwA")" = "$(cookie "$gwB") $(of "$gwB" "$child | .spi_out")" ]
}
check "both have the same cookies, and SPIs crossed" agree
check "pings both ways over ESP" esp_flows

# ---- rekeys

settled() { [ "$(of "$1" '[.children[] | select(.state != "gone")] | length')" = 1 ]; }
quiet() { busywait 15000 settled "$gwA" && busywait 15000 settled "$gwB" && busywait 5000 agree; }
is_another() { [ "$("$2" "$1")" != "$3" ] && sa_is "$1" 1 "$with_child"; }
child_rekey() {
	local was
	was=$(spi "$1")
	ours "$1" sa rekey id "$(of "$1" .id)" child net && busywait 8000 is_another "$1" spi "$was" && quiet
}
phase1_rekey() {
	local was
	was=$(cookie "$1")
	ours "$1" sa rekey id "$(of "$1" .id)" && busywait 8000 is_another "$1" cookie "$was" && busywait 8000 agree
}
check "something that answers" echo_start "$hostB"
lossless() {
	local status
	stream_start "$hostA" 10.2.0.2 15
	"$@"
	status=$?
	stream_whole && return $status
}
children() { child_rekey "$gwA" && child_rekey "$gwB" && child_rekey "$gwA"; }
check "rekeys of the child by either end: no packet is lost" lossless children
ids=$(of "$gwA" .id)/$(of "$gwB" .id)
phases() { phase1_rekey "$gwA" && phase1_rekey "$gwB" && child_rekey "$gwB"; }
check "rekeys of phase 1 by either end: no packet is lost" lossless phases
same() { [ "$(of "$gwA" .id)/$(of "$gwB" .id)" = "$ids" ] && sa_is "$gwA" 1 && sa_is "$gwB" 1; }
check "these are the same connections" busywait 15000 same

# ---- without a helper

# from the next one on phase 1 lives for 20 s
short() { ours "$gwA" peer set gw life 20s && ours "$gwB" peer set gw life 20s && phase1_rekey "$gwA"; }
check "a short phase 1" short
nobody() { helper_kill "$gwA" && helper_kill "$gwB" && busywait 3000 no_helper "$gwA"; }
check "the helpers are killed" nobody
check "Quick Mode goes on without them" lossless child_rekey "$gwA"
# its phase 1 ends, another one has to wait
outlive() {
	stream_start "$hostA" 10.2.0.2 50
	pause 40
	stream_whole && same && [ "$(of "$gwA" "$child | .state")" = up ]
}
check "it is over by now, traffic goes on" outlive
helpers_back() { helper_start "$gwA" && helper_start "$gwB"; }
check "the helpers come back" helpers_back
check "Quick Mode has another ISAKMP SA" child_rekey "$gwA"
check "the same connection" same

# ---- Deletes

no_child() { busywait 5000 sa_is "$1" 1 "$established and ((.children // []) | length == 0)"; }
child_down() { ours "$gwB" child down net peer gw && no_child "$gwA" && no_child "$gwB" && no_states "$gwA"; }
check "B: child down: none at either end" child_down
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }
check "A: peer down: nothing is left at either end" down
up_again() { ours "$gwB" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB" && esp_flows; }
check "B: peer up" up_again
check "nobody spoke of replay or of a bad HASH" [ "$(refused "$gwA" v1-hash)$(refused "$gwB" v1-hash)" = 00 ]

# ---- liveness (RFC 3706)

dpd() { ours "$gwA" peer set gw dpd 2s && in_ns "$gwA" sysctl -q net.isakmp.retransmit_timeout_ms=200 net.isakmp.retransmit_tries=3; }
check "liveness checks every 2 s" dpd
again() { down && ours "$gwA" peer up gw && tunnel_up "$gwA"; }
check "up again" again
msgs() { of "$gwA" .msgs_in; }
more() { [ "$(msgs)" -gt "$1" ]; }
asked() { busywait 15000 more $(($(msgs) + 2)); }
check "an idle peer is asked, and answers" asked
silence() { ip -n "$router" link set toB down && busywait 30000 refused_above "$gwA" timeout "$was" && tunnel_down "$gwA"; }
was=$(refused "$gwA" timeout)
check "the peer falls silent: timeout, and it is gone" silence
check "the kernel has no complaint" kernel_silent
ktap_end
