#!/bin/bash
# ranges.sh: traffic selectors that are no prefix: ranges of addresses and ports, ICMP types; and those
# that would take too many policies. Topology: two_sites in lib.sh, both of ours.
. ./lib.sh
. ./gateway.sh

ktap_plan 14

# selectors LOCAL REMOTE: both ends have these, A's view
selectors() {
	ours_conf "$gwA" 192.0.2.1 192.0.2.2 "$1" "$2" none &&
		ours_conf "$gwB" 192.0.2.2 192.0.2.1 "$2" "$1" none
}
apply() { selectors "$@" && ours "$gwB" config apply "$work/$gwB/isakmp.conf" &&
	ours "$gwA" config apply "$work/$gwA/isakmp.conf"; }
up() { ours "$gwA" peer up gw && tunnel_up "$gwA"; }
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }
out_policies() { ip -n "$gwA" xfrm policy list dir out | grep '^src' | grep -v 'src 0.0.0.0/0 dst 0.0.0.0/0'; }
# out_are LINE...: exactly these, in any order
out_are() {
	out_policies
	[ "$(out_policies | sed 's/ *$//' | sort)" = "$(printf '%s\n' "$@" | sort)" ]
}
through() {
	local was
	was=$(esp_packets "$gwA")
	ping_ok "$hostA" 10.2.0.2 3 && [ "$(esp_packets "$gwA")" -ge $((was + 3)) ]
}

lab() { two_sites && selectors 10.1.0.1-10.1.0.6 10.2.0.0/16 && ours_start "$gwB" && ours_start "$gwA"; }
check "lab: two of ours, a range of addresses" lab
check "up" up
check "the range is the prefixes that make it up" out_are \
	"src 10.1.0.1/32 dst 10.2.0.0/16" "src 10.1.0.2/31 dst 10.2.0.0/16" \
	"src 10.1.0.4/31 dst 10.2.0.0/16" "src 10.1.0.6/32 dst 10.2.0.0/16"
check "pings from within go over ESP" through
check "down: nothing is left" eval 'down && [ ! "$(out_policies)" ]'

check "a range of ports" eval 'apply "10.1.0.0/16[tcp/1000-1003]" "10.2.0.0/16[tcp/8080-8081]" && up'
ports() {
	ip -n "$gwA" -d xfrm policy list dir out
	[ "$(out_policies | grep -c 'proto tcp')" = 1 ]
}
check "aligned ones are one masked policy" ports
down
check "an ICMP type and its answer" eval \
	'apply "10.1.0.0/16[icmp/2048-2303],10.1.0.0/16[icmp/0-255]" "10.2.0.0/16[icmp/2048-2303],10.2.0.0/16[icmp/0-255]" && up'
check "one policy for each type" eval '[ "$(out_policies | grep -c "proto icmp type [08]")" = 2 ]'
check "pings go over ESP" through
down

# 30 prefixes of addresses at A, 30 of ports at B: what both have in common takes 900
apart() {
	selectors "10.1.0.1-10.1.255.254[udp]" "10.2.0.0/16[udp]"
	sed -i 's|remote-ts 10.1.0.1-10.1.255.254.udp.|remote-ts 10.1.0.0/16[udp/1-65534]|' "$work/$gwB/isakmp.conf"
	ours "$gwB" config apply "$work/$gwB/isakmp.conf" && ours "$gwA" config apply "$work/$gwA/isakmp.conf"
}
check "ranges that have a far worse one in common" apart
too_many() { fails ours "$gwA" peer up gw; }
check "that does not come up: ts-prefixes" refuses "$gwB" ts-prefixes too_many
ours "$gwA" peer down gw
check "nothing is left" eval 'busywait 5000 no_states "$gwA" && [ ! "$(out_policies)" ]'
check "the kernel has no complaint" kernel_silent
ktap_end
