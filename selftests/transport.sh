#!/bin/bash
# transport.sh: transport mode between two hosts, IPv4 and IPv6, negotiated and trapped.
# Topology: the two gateways of two_sites in lib.sh, both of ours.
. ./lib.sh
. ./gateway.sh

ktap_plan 17

# conf NS LOCAL REMOTE KIND START
conf() {
	LOCAL_ID=$4:$2 REMOTE_ID=$4:$3 CHILD_KEYS="mode transport" \
		ours_conf "$1" "$2" "$3" dynamic dynamic "$5"
}
hosts() { conf "$gwA" "$2" "$3" "$1" "$4" && conf "$gwB" "$3" "$2" "$1" none; }
apply() { ours "$1" config apply "$work/$1/isakmp.conf"; }
up() { ours "$gwA" peer up gw && tunnel_up "$gwA"; }
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }
in_mode() { [ "$(ip -n "$1" xfrm state | grep -c 'mode transport')" = 2 ] && fails says 'mode tunnel' ip -n "$1" xfrm state; }
# policies LOCAL REMOTE: of these two hosts alone, and none to forward
policies() {
	ip -n "$gwA" xfrm policy
	says "^src $1/[0-9]+ dst $2/[0-9]+" ip -n "$gwA" xfrm policy &&
		fails says 'dir fwd' ip -n "$gwA" xfrm policy && says 'mode transport' ip -n "$gwA" xfrm policy
}
# through NS ADDRESS: it answers, and A's states count it
through() {
	local was
	was=$(esp_packets "$gwA")
	ping_ok "$1" "$2" 3 && [ "$(esp_packets "$gwA")" -ge $((was + 3)) ]
}

lab() { two_sites && hosts ipv4 192.0.2.1 192.0.2.2 none && ours_start "$gwB" && ours_start "$gwA"; }
check "lab: two hosts of ours" lab
check "up" up
check "transport mode at both ends" eval 'in_mode "$gwA" && in_mode "$gwB"'
check "policies of the two hosts" policies 192.0.2.1 192.0.2.2
check "A to B over ESP" through "$gwA" 192.0.2.2
check "B to A over ESP" through "$gwB" 192.0.2.1
check "down: nothing is left" down

lab6() { hosts ipv6 2001:db8::1 2001:db8::2 none && apply "$gwB" && apply "$gwA"; }
check "the same with IPv6" lab6
check "up" up
check "transport mode at both ends" eval 'in_mode "$gwA" && in_mode "$gwB"'
check "policies of the two hosts" policies 2001:db8::1 2001:db8::2
check "A to B over ESP" through "$gwA" 2001:db8::2
check "B to A over ESP" through "$gwB" 2001:db8::1
check "down: nothing is left" down

trap6() { hosts ipv6 2001:db8::1 2001:db8::2 trap && apply "$gwB" && apply "$gwA" && no_states "$gwA"; }
check "a trap between the two hosts" trap6
first() { in_ns "$gwA" ping -q -n -c 40 -i 0.1 -w 10 2001:db8::2 | grep -q -E ' [1-9][0-9]* received'; }
check "the first packets bring it up" first
check "in transport mode; the kernel has no complaint" eval 'in_mode "$gwA" && kernel_silent'
ktap_end
