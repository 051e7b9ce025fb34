#!/bin/bash
# ipv6.sh: IPv6 outside and inside, in each combination with IPv4, and traps of both.
# Topology: two_sites in lib.sh, both of ours, two children of one peer.
. ./lib.sh
. ./gateway.sh

ktap_plan 17

# conf NS LOCAL REMOTE LOCAL-SITE REMOTE-SITE KIND START
conf() {
	LOCAL_ID=$6:$2 REMOTE_ID=$6:$3 ours_conf "$1" "$2" "$3" "10.$4.0.0/16" "10.$5.0.0/16" "$7"
	echo "child add net6 peer gw local-ts fd0$4::/64 remote-ts fd0$5::/64 start $7" \
		>>"$work/$1/isakmp.conf"
}
# outside KIND A B START: both ends, on these addresses
outside() {
	conf "$gwA" "$2" "$3" 1 2 "$1" "$4" && conf "$gwB" "$3" "$2" 2 1 "$1" none
}
children_up() { [ "$(ours "$gwA" -j sa | jq '[.[].children[]? | select(.state == "up")] | length')" = "$1" ]; }
up() { ours "$gwA" peer up gw && busywait 10000 children_up 2; }
# through ADDRESS SPI: it answers, and the outbound state of this child counts it
through() {
	local was
	was=$(child_out "$2")
	ping_ok "$hostA" "$1" 3 && [ "$(child_out "$2")" -ge $((was + 3)) ]
}
child_out() { ours "$gwA" -j sa | jq "[.[].children[]? | select(.name == \"$1\") | .packets_out] | add // 0"; }
family_is() { [ "$(ip -n "$gwA" xfrm state | grep -c "^src $1.* dst $1")" = 4 ]; }
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }
apply() { ours "$1" config apply "$work/$1/isakmp.conf"; }

lab6() { two_sites && outside ipv6 2001:db8::1 2001:db8::2 none && ours_start "$gwB" && ours_start "$gwA"; }
check "lab: two of ours, IPv6 outside" lab6
check "both children up" up
check "the states are of IPv6" family_is 2001:db8::
check "IPv4 in IPv6" through 10.2.0.2 net
check "IPv6 in IPv6" through fd02::2 net6
check "and the other way" ping_ok "$hostB" fd01::2
check "down: nothing is left" down

lab4() { outside ipv4 192.0.2.1 192.0.2.2 none && apply "$gwB" && apply "$gwA"; }
check "the same peer, IPv4 outside" lab4
check "both children up" up
check "the states are of IPv4" family_is 192.0.2.
check "IPv4 in IPv4" through 10.2.0.2 net
check "IPv6 in IPv4" through fd02::2 net6
check "down: nothing is left" down

traps() { outside ipv6 2001:db8::1 2001:db8::2 trap && apply "$gwB" && apply "$gwA" && no_states "$gwA"; }
check "traps instead, IPv6 outside" traps
first() { in_ns "$hostA" ping -q -n -c 40 -i 0.1 -w 10 fd02::2 | grep -q -E ' [1-9][0-9]* received'; }
check "the first packet of IPv6 brings its child up" first
gone() { ours "$gwB" peer down gw; tunnel_down "$gwA" && ip -n "$gwA" xfrm policy | grep -q '^src fd01::/64 dst fd02::/64'; }
check "the SA goes, the trap stays" gone
check "the kernel has no complaint" kernel_silent
ktap_end
