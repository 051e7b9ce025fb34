#!/bin/bash
# encap.sh: ESP in UDP where the operator wants it, without a NAT: IPv4 and IPv6, tunnel and transport
# mode. Topology: two_sites in lib.sh, both of ours.
. ./lib.sh
. ./gateway.sh

ktap_plan 14

# conf NS LOCAL REMOTE KIND LOCAL-TS REMOTE-TS
conf() { LOCAL_ID=$4:$2 REMOTE_ID=$4:$3 ours_conf "$1" "$2" "$3" "$5" "$6" none encap yes; }
apply() { ours "$1" config apply "$work/$1/isakmp.conf"; }
up() { ours "$gwA" peer up gw && tunnel_up "$gwA"; }
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }
# wrapped NS: both its states are in UDP between the ports 4500
wrapped() {
	ip -n "$1" xfrm state
	[ "$(ip -n "$1" xfrm state | grep -c 'encap type espinudp sport 4500 dport 4500')" = 2 ]
}
wire() { in_ns "$gwB" nft -j list counter inet w "$1" | jq '.nftables[] | .counter // empty | .packets'; }
# through NS ADDRESS: it answers, in UDP, and no bare ESP is on the wire
through() {
	local was
	was=$(wire wrapped)
	ping_ok "$1" "$2" 3 && [ "$(wire wrapped)" -ge $((was + 3)) ] && [ "$(wire bare)" = 0 ]
}

lab() {
	two_sites && in_ns "$gwB" nft -f - <<-END || return
	table inet w {
		counter bare { }
		counter wrapped { }
		chain in {
			type filter hook prerouting priority raw;
			meta l4proto esp counter name "bare"
			udp dport 4500 counter name "wrapped"
		}
	}
	END
	conf "$gwA" 192.0.2.1 192.0.2.2 ipv4 10.1.0.0/16 10.2.0.0/16 &&
		conf "$gwB" 192.0.2.2 192.0.2.1 ipv4 10.2.0.0/16 10.1.0.0/16 && ours_start "$gwB" && ours_start "$gwA"
}
check "lab: two of ours" lab
check "up" up
check "the states of both ends are in UDP" eval 'wrapped "$gwA" && wrapped "$gwB"'
check "A to B" through "$hostA" 10.2.0.2
check "B to A" through "$hostB" 10.1.0.2
check "down: nothing is left" down

lab6() {
	CHILD_KEYS="mode transport" conf "$gwA" 2001:db8::1 2001:db8::2 ipv6 dynamic dynamic &&
		CHILD_KEYS="mode transport" conf "$gwB" 2001:db8::2 2001:db8::1 ipv6 dynamic dynamic &&
		apply "$gwB" && apply "$gwA"
}
check "IPv6, transport mode" lab6
check "up" up
check "the states of both ends are in UDP" eval 'wrapped "$gwA" && wrapped "$gwB"'
check "A to B" through "$gwA" 2001:db8::2
check "B to A" through "$gwB" 2001:db8::1
big() { in_ns "$gwA" ping -q -n -c 3 -i 0.01 -W 2 -s 4000 2001:db8::2 >/dev/null; }
check "and in fragments" big
check "down: nothing is left" down
check "the kernel has no complaint" kernel_silent
ktap_end
