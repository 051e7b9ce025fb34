#!/bin/bash
# ipcomp.sh: compressed children: tunnel and transport, both families; what does not get smaller goes
# as it is; strongSwan. Topology: two_sites in lib.sh; two of ours, then strongSwan as B.
. ./lib.sh
. ./gateway.sh

ktap_plan 22

both() {
	CHILD_KEYS="ipcomp deflate ${MORE-}" ours_conf "$gwA" "$1" "$2" "$3" "$4" &&
		CHILD_KEYS="ipcomp ${THEIRS-deflate} ${MORE-}" ours_conf "$gwB" "$2" "$1" "$4" "$3"
}
apply() { ours "$gwA" config apply "$work/$gwA/isakmp.conf" && ours "$gwB" config apply "$work/$gwB/isakmp.conf"; }
up() { ours "$gwA" peer up gw wait 8; }
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }
tunnel() { both 192.0.2.1 192.0.2.2 10.1.0.0/16 10.2.0.0/16; }
lab() { two_sites && tunnel && ours_start "$gwB" && ours_start "$gwA"; }
out() { ours "$gwA" -j sa | jq "[.[].children[]?.$1 // 0] | add // 0"; }
# carried FROM TO PING-OPTION...: 5 pings through the child; $octets of ESP, one way, for them
carried() {
	local from=$1 to=$2 packets
	shift 2
	packets=$(out packets_out) octets=$(out bytes_out)
	in_ns "$from" ping -q -n -c 5 -i 0.01 -W 2 "$@" "$to" >/dev/null || return
	octets=$(($(out bytes_out) - octets))
	[ $(($(out packets_out) - packets)) -ge 5 ]
}
smaller() { carried "$@" -s 1000 -p 00 && [ "$octets" -lt 2500 ]; }
larger() { carried "$@" -s 1000 -p 00 && [ "$octets" -gt 5000 ]; }

check "lab: two of ours" lab
check "up" up
check "each end has a CPI" says 'cpi-in [0-9]+ cpi-out [0-9]+' ours "$gwA" sa
check "what is the same all over gets smaller" smaller "$hostA" 10.2.0.2
check "the other way, too" eval 'ping_ok "$hostB" 10.1.0.2 3'
check "short packets go as they are" eval 'carried "$hostA" 10.2.0.2 -s 16 && ping_ok "$hostB" 10.1.0.2 3'
compressed() { [ "$(ip -n "$gwA" xfrm state | grep -c "proto comp")" = 2 ] && says 'comp deflate' ip -n "$gwA" xfrm state; }
check "two states of it" compressed
check "no packet was refused" eval 'for ns in "$gwA" "$gwB"; do in_ns "$ns" awk "\$2 { print; e = 1 } END { exit e }" /proc/net/xfrm_stat || exit 1; done'
# What comes next has CPIs of its own, and states of theirs.
cpis() { ours "$gwA" -j sa | jq -r '.[].children[] | select(.state == "up") | "\(.cpi_in) \(.cpi_out)"'; }
other_cpis() { now=$(cpis) && [ "$now" ] && [ "$now" != "$was" ]; }
in_xfrm() {
	local cpi
	for cpi in $now; do
		ip -n "$gwA" xfrm state | grep -q "proto comp spi $(printf 0x%08x "$cpi")" || return
	done
}
rekeyed() {
	was=$(cpis)
	ours "$1" sa rekey id "$(ours "$1" -j sa | jq '.[0].id')" child net && busywait 5000 other_cpis && in_xfrm &&
		smaller "$hostA" 10.2.0.2 && carried "$hostA" 10.2.0.2 -s 16 && ping_ok "$hostB" 10.1.0.2 3
}
check "rekeyed by either end: other CPIs, as small" eval 'rekeyed "$gwA" && rekeyed "$gwB"'
flush() { ip -n "$gwA" xfrm state flush proto comp; busywait 8000 smaller "$hostA" 10.2.0.2; }
check "somebody flushes them: the child is negotiated anew" eval 'refuses "$gwA" child-lost flush'
check "down: nothing is left" down

transport() { MORE="mode transport" both 192.0.2.1 192.0.2.2 dynamic dynamic && apply && up && smaller "$gwA" 192.0.2.2; }
check "transport mode" eval 'transport && carried "$gwA" 192.0.2.2 -s 16 && ping_ok "$gwB" 192.0.2.1 3 && down'
six() { LISTEN="addr any" both 2001:db8::1 2001:db8::2 fd01::/64 fd02::/64 && apply && up && smaller "$hostA" fd02::2; }
check "IPv6" eval 'LOCAL_ID=fqdn:gw REMOTE_ID=fqdn:gw six && carried "$hostA" fd02::2 -s 16 && ping_ok "$hostB" fd01::2 3 && down'
ah() {
	tunnel && sed -i '/^proposal/ s/ esp .*/ ah sha256/' "$work/$gwA/isakmp.conf" "$work/$gwB/isakmp.conf" &&
		apply && up && smaller "$hostA" 10.2.0.2
}
check "in AH" eval 'ah && down'
trap_conf() { tunnel && sed -i 's/start none/start trap/' "$work/$gwA/isakmp.conf" && apply; }
check "a trap" eval 'trap_conf && busywait 5000 smaller "$hostA" 10.2.0.2 && down'
check "a peer that does not compress: without" eval 'THEIRS=none tunnel && apply && up && larger "$hostA" 10.2.0.2 && down'
nat() { tunnel && sed -i '/^peer/ s/$/ encap yes/' "$work/$gwA/isakmp.conf" && apply && up; }
check "a NAT: without" eval 'nat && larger "$hostA" 10.2.0.2 && down'
# MOBIKE: A has another address
roaming() {
	LISTEN="addr any" LOCAL_ID=fqdn:a REMOTE_ID=fqdn:b CHILD_KEYS="ipcomp deflate" \
		ours_conf "$gwA" any 192.0.2.2 10.1.0.0/16 10.2.0.0/16 &&
		LISTEN="addr any" LOCAL_ID=fqdn:b REMOTE_ID=fqdn:a CHILD_KEYS="ipcomp deflate" \
		ours_conf "$gwB" 192.0.2.2 any 10.2.0.0/16 10.1.0.0/16 && apply && up && smaller "$hostA" 10.2.0.2
}
# at NS ADDRESS: its states are of that address of A, all of them
at() {
	ip -n "$1" xfrm state | tee "$work/states" | awk -v a="$2" '
		/^src/ { if ($2 != a && $4 != a) e = 1 }
		/proto (comp|esp)/ { n++ }
		END { exit e || n != 4 }' || { cat "$work/states"; return 1; }
}
moves() {
	was=$(cpis)
	at "$gwA" 192.0.2.1 && in_ns "$gwA" sysctl -q net.ipv4.conf.all.promote_secondaries=1 &&
		ip -n "$gwA" addr add 192.0.2.9/24 dev wan && ip -n "$gwA" addr del 192.0.2.1/24 dev wan || return
	busywait 10000 at "$gwA" 192.0.2.9 && busywait 10000 at "$gwB" 192.0.2.9 && [ "$(cpis)" = "$was" ]
}
flows_on() { smaller "$hostA" 10.2.0.2 && carried "$hostA" 10.2.0.2 -s 16 && ping_ok "$hostB" 10.1.0.2 3; }
home() { down; ip -n "$gwA" addr add 192.0.2.1/24 dev wan; ip -n "$gwA" addr del 192.0.2.9/24 dev wan; }
check "another address: all of the states follow, with their CPIs" eval 'roaming && moves && flows_on && home'
check "the kernel has no complaint" kernel_silent

# strongSwan
interop() {
	ours "$gwB" config apply /dev/null; helper_kill "$gwB"
	tunnel && ours "$gwA" config apply "$work/$gwA/isakmp.conf" || return
	charon_conf "$gwB" 192.0.2.2 192.0.2.1 10.2.0.0/16 10.1.0.0/16
	sed -i 's/esp_proposals = .*/&\n\t\t\t\tipcomp = yes/' "$work/$gwB/swanctl/swanctl.conf"
	charon_start "$gwB"
}
check "strongSwan" interop
flows() { smaller "$hostA" 10.2.0.2 && carried "$hostA" 10.2.0.2 -s 16 && ping_ok "$hostB" 10.1.0.2 3; }
check "we start" eval 'up && flows && ours "$gwA" peer down gw && busywait 5000 no_states "$gwB" && tunnel_down "$gwA"'
check "it starts" eval 'swanctl_ns "$gwB" --initiate --child net >/dev/null && tunnel_up "$gwA" && flows && compressed'
ktap_end
