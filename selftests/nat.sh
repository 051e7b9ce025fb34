#!/bin/bash
# nat.sh: a NAT between the gateways: detection, UDP port 4500, and a mapping that changes.
# Topology: two_gateways in lib.sh; the router gives A an address and ports of its own, and lets no
# bare ESP pass. A is ours, then strongSwan; B the same; then IPv6.
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 34

# masquerade PORTS: from now on what A sends comes from one of these
masquerade() {
	in_ns "$router" nft -f - <<-END
		table inet isakmp_nat {}
		delete table inet isakmp_nat
		table inet isakmp_nat {
			counter bare {}
			chain forward {
				type filter hook forward priority 0
				meta l4proto esp counter name bare drop
			}
			chain postrouting {
				type nat hook postrouting priority srcnat
				oifname toB udp sport { 500, 4500 } masquerade to :$1
			}
		}
	END
}
rebind() { masquerade "$1" && in_ns "$router" conntrack -F; }
no_bare_esp() { in_ns "$router" nft -j list counter inet isakmp_nat bare | jq -e '.nftables[] | .counter? // empty | .packets == 0'; }

two_gateways
masquerade 30000-30999

sa_has() { sa_is "$1" 1 "$with_child and ($2)"; }
port_in() { sa_has "$1" ".rport >= $2 and .rport <= $3"; }
a_behind() { busywait 3000 sa_has "$gwA" '.nat_local and (.nat_remote | not) and .encap and .lport == 4500 and .rport == 4500'; }
b_sees() { busywait 3000 sa_has "$gwB" '(.nat_local | not) and .nat_remote and .encap and .lport == 4500'; }

# moves WHO: the NAT forgets; what the host behind A sends makes B look and follow
round=0
moves() {
	local first=$((40000 + 1000 * round))
	round=$((round + 1))
	rebind "$first-$((first + 999))" && busywait 8000 ping_ok "$hostA" 10.2.0.2 &&
		ping_ok "$hostB" 10.1.0.2 3 && { [ "$1" != ours ] ||
		busywait 3000 port_in "$gwB" $first $((first + 999)); }
}
down() { ours "$1" peer down gw && tunnel_down "$1"; }
flows() { ping_ok "$hostA" 10.2.0.2 3 && ping_ok "$hostB" 10.1.0.2 3; }

# ---- ours and ours

ours_conf "$gwA" 192.0.2.2 198.51.100.2 10.1.0.0/16 10.2.0.0/16
REMOTE_ID=ipv4:192.0.2.2 ours_conf "$gwB" 198.51.100.2 198.51.100.1 10.2.0.0/16 10.1.0.0/16
start() { ours_start "$gwB" && ours_start "$gwA"; }
check "A behind a NAT, both ours" start
check "A starts" ours "$gwA" peer up gw
check "up at A" tunnel_up "$gwA"
check "up at B" tunnel_up "$gwB"
check "A knows that it is behind a NAT, and uses port 4500" a_behind
check "B knows that A is, and where" b_sees
check "B sees the NAT's port" port_in "$gwB" 30000 30999
check "pings both ways, ESP in UDP" flows
check "the NAT maps A anew: B follows, pings go on" moves ours
check "and again" moves ours
check "nothing but UDP passed the NAT" no_bare_esp
quiet() { down "$gwA" && tunnel_down "$gwB"; }
check "A: peer down, through the new mapping" quiet

# ---- without a NAT, at the operator's wish

forced() {
	in_ns "$router" nft flush chain inet isakmp_nat postrouting && in_ns "$router" conntrack -F
	ours "$gwB" peer set gw remote 192.0.2.2 && ours "$gwA" peer set gw encap yes &&
		ours "$gwA" peer up gw && tunnel_up "$gwA"
}
check "no NAT, but encap yes at A" forced
encap() { sa_has "$gwA" '.encap and .lport == 4500' && busywait 3000 sa_has "$gwB" .encap && flows && no_bare_esp; }
check "ESP in UDP, both ways" encap
check "down" quiet
end_of() { ours "$1" config apply /dev/null; helper_kill "$1"; }
end_of "$gwA"

# ---- B ours, A strongSwan

masquerade 30000-30999
ours "$gwB" peer set gw remote 198.51.100.1
charon_conf "$gwA" 192.0.2.2 198.51.100.2 10.1.0.0/16 10.2.0.0/16
check "A is strongSwan" charon_start "$gwA"
check "strongSwan starts, behind the NAT" swanctl_ns "$gwA" --initiate --child net --timeout 5
check "up at B" tunnel_up "$gwB"
check "B knows that it is behind a NAT" b_sees
check "pings both ways, ESP in UDP" flows
check "the NAT maps it anew: B follows, pings go on" moves ours
check "B: peer down, through the new mapping" down "$gwB"
charon_stop "$gwA"
end_of "$gwB"

# ---- A ours, B strongSwan

masquerade 30000-30999
charon_conf "$gwB" 198.51.100.2 192.0.2.2 10.2.0.0/16 10.1.0.0/16
sed -i 's/remote_addrs = .*/remote_addrs = %any/' "$work/$gwB/swanctl/swanctl.conf"
start() { charon_start "$gwB" && ours_start "$gwA"; }
check "B is strongSwan" start
check "A starts, behind the NAT" ours "$gwA" peer up gw
check "up at A" tunnel_up "$gwA"
check "A knows that it is behind a NAT" a_behind
check "pings both ways, ESP in UDP" flows
check "the NAT maps A anew: strongSwan follows, pings go on" moves charon
check "A: peer down" down "$gwA"
charon_stop "$gwB"
end_of "$gwA"

# ---- IPv6

six() {
	ip -n "$gwA" addr add 2001:db8:1::2/64 dev wan &&
	ip -n "$router" addr add 2001:db8:1::1/64 dev toA &&
	ip -n "$router" addr add 2001:db8:2::1/64 dev toB &&
	ip -n "$gwB" addr add 2001:db8:2::2/64 dev wan &&
	ip -n "$gwA" route add default via 2001:db8:1::1 &&
	ip -n "$gwB" route add default via 2001:db8:2::1 &&
	in_ns "$router" sysctl -q net.ipv6.conf.all.forwarding=1 && masquerade 30000-30999 || return
	ours_conf "$gwA" 2001:db8:1::2 2001:db8:2::2 10.1.0.0/16 10.2.0.0/16
	REMOTE_ID=ipv6:2001:db8:1::2 ours_conf "$gwB" 2001:db8:2::2 2001:db8:2::1 10.2.0.0/16 10.1.0.0/16
	sed -i 's/ipv4:2001/ipv6:2001/' "$work/$gwA/isakmp.conf" "$work/$gwB/isakmp.conf"
	ours_start "$gwB" && ours_start "$gwA" && ours "$gwA" peer up gw
}
check "IPv6: A behind a NAT" six
up() { tunnel_up "$gwA" && a_behind && b_sees; }
check "both know" up
check "pings both ways, ESP in UDP" flows
check "the NAT maps A anew: B follows, pings go on" moves ours
last() { no_bare_esp && kernel_silent; }
check "nothing but UDP passed; the kernel has no complaint" last
ktap_end
