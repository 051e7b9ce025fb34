#!/bin/bash
# rekey.sh: children and the IKE SA get other keys under a constant stream both ways, by either end, by
# both at once, by the packets that went through, without a helper, and with answers that are late and
# lost: not one packet is. Topology: two_gateways in lib.sh, both ours.
. ./lib.sh
. ./gateway.sh

ktap_plan 17

stream_begin() { stream_start "$hostA" 10.2.0.2 5; }

# of NS JQ: what is so of its one IKE SA
of() { ours "$1" -j sa | jq -r ".[0] | $2"; }
child='[.children[] | select(.state == "up")] | last'
spi() { of "$1" "$child | .spi_in"; }
ike_spi() { of "$1" .spi_i; }
is_another() { [ "$("$2" "$1")" != "$3" ] && sa_is "$1" 1 "$with_child"; }

# child_rekey NS, ike_rekey NS: there, until it has happened
child_rekey() {
	local was
	was=$(spi "$1")
	ours "$1" sa rekey id "$(of "$1" .id)" child net && busywait 8000 is_another "$1" spi "$was"
}
ike_rekey() {
	local was
	was=$(ike_spi "$1")
	ours "$1" sa rekey id "$(of "$1" .id)" && busywait 8000 is_another "$1" ike_spi "$was"
}
settled() { [ "$(of "$1" '[.children[] | select(.state != "gone")] | length')" = 1 ]; }
quiet() { busywait 5000 settled "$gwA" && busywait 5000 settled "$gwB"; }

start() { lab ours && ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB" && esp_flows && echo_start "$hostB"; }
check "two of ours, up" start
id=$(of "$gwA" .id)

children() {
	local i
	stream_begin
	for i in 1 2 3; do
		child_rekey "$gwA" && quiet && child_rekey "$gwB" && quiet || return
	done
	stream_whole
}
check "six rekeys of the child, by either end: no packet is lost" children
count() { [ "$(of "$1" "$child | .rekeys")" = "$2" ] && [ "$(of "$1" "$child | .packets_in")" -ge 100 ]; }
both() { busywait 8000 "$1" "$gwA" "$2" && busywait 8000 "$1" "$gwB" "$2"; }
check "counters add up" both count 6

ikes() {
	stream_begin
	ike_rekey "$gwA" && child_rekey "$gwB" && quiet && ike_rekey "$gwB" && child_rekey "$gwA" && quiet &&
		stream_whole
}
check "two rekeys of the IKE SA between two of the child: no packet is lost" ikes
ike_count() { [ "$(of "$1" .rekeys)" = "$2" ]; }
check "it was rekeyed twice" both ike_count 2
same() { [ "$(of "$gwA" .id)" = "$id" ]; }
check "and is still the same" same

at_once() {
	local i a b
	stream_begin
	a=$(of "$gwA" .id) b=$(of "$gwB" .id)
	for i in 1 2 3; do
		ours "$gwA" sa rekey id "$a" child net & ours "$gwB" sa rekey id "$b" child net
		wait $!
		quiet || return
		ours "$gwA" sa rekey id "$a" & ours "$gwB" sa rekey id "$b"
		wait $!
		quiet || return
	done
	stream_whole
}
check "both ends at once: no packet is lost" at_once
agree() {
	[ "$(ike_spi "$gwA")" = "$(ike_spi "$gwB")" ] &&
		[ "$(spi "$gwA")" = "$(of "$gwB" "$child | .spi_out")" ]
}
check "and both agree" busywait 3000 agree

refused_by() { ! ours "$gwA" sa rekey id "$id" child nobody && ! ours "$gwA" sa rekey id 999; }
check "what is not there is not rekeyed" refused_by

# delayed: what the gateways say to each other is late; two answers are lost
delayed() {
	in_ns "$router" nft -f - <<-END
		table ip late {
			chain f {
				type filter hook forward priority 0;
				udp sport { 500, 4500 } ip saddr 198.51.100.2 numgen inc mod 3 < 2 drop
			}
		}
	END
}
timely() { in_ns "$router" nft delete table ip late; }
late() {
	stream_begin
	delayed && child_rekey "$gwA" && timely && quiet && stream_whole
}
check "the answer is lost twice: no packet is" late

no_helper_there() { helper_kill "$gwA" && helper_kill "$gwB" && busywait 3000 no_helper "$gwA"; }
check "the helpers are killed" no_helper_there
alone() {
	stream_begin
	child_rekey "$gwA" && child_rekey "$gwB" && quiet && ike_rekey "$gwA" && ike_rekey "$gwB" &&
		child_rekey "$gwA" && quiet && stream_whole
}
check "rekeys go on without them" alone
back() { helper_start "$gwA" && helper_start "$gwB" && same && esp_flows; }
check "they come back, and nothing has changed" back

# by_packets: a hard limit of 400 packets, some 800 of them; more on a slow machine
by_packets() {
	ours "$gwA" child set net peer gw packets $([ "$VM_BACKEND" = tcg ] && echo 1200 || echo 400) && child_rekey "$gwA" || return
	local was
	was=$(of "$gwA" "$child | .rekeys")
	stream_begin
	busywait 10000 rekeyed_above $((was + 1)) && quiet && stream_whole
}
rekeyed_above() { [ "$(of "$gwA" "$child | .rekeys")" -gt "$1" ]; }
check "by packets, before the limit: no packet is lost" by_packets
never_expired() { [ "$(refused "$gwA" child-expired)" = 0 ] && [ "$(refused "$gwB" child-expired)" = 0 ]; }
check "nothing has expired" never_expired
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }
check "down" down
check "the kernel has no complaint" kernel_silent
ktap_end
