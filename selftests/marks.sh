#!/bin/bash
# marks.sh: children of the same selectors kept apart by a mark; an XFRM interface; a peer's mark on
# what is sent; a tunnel through a VRF. Topology: two_sites in lib.sh, both of ours.
. ./lib.sh
. ./gateway.sh

ktap_plan 15

both() { ours_conf "$gwA" 192.0.2.1 192.0.2.2 "$1" "$2" none "${@:3}" &&
	ours_conf "$gwB" 192.0.2.2 192.0.2.1 "$2" "$1" none "${@:3}"; }
apply() { ours "$1" config apply "$work/$1/isakmp.conf"; }
up() { ours "$gwA" peer up gw && tunnel_up "$gwA"; }
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }
through() {
	local was
	was=$(esp_packets "$gwA")
	ping_ok "$hostA" 10.2.0.2 3 && [ "$(esp_packets "$gwA")" -ge $((was + 3)) ]
}

marked() { CHILD_KEYS="mark 0x2a/0xff" both 10.1.0.0/16 10.2.0.0/16 mark 7; }
lab() { two_sites && marked && ours_start "$gwB" && ours_start "$gwA"; }
check "lab: two of ours, a child with a mark" lab
check "up" up
check "the policies have the mark" says 'mark 0x2a/0xff' ip -n "$gwA" xfrm policy
past() { ping_ok "$hostA" 10.2.0.2 2 && [ "$(esp_packets "$gwA")" = 0 ]; }
check "packets without it pass beside the tunnel" past
for ns in "$gwA" "$gwB"; do
	in_ns "$ns" nft -f - <<-END
	table ip m {
		counter seven { }
		chain pre {
			type filter hook prerouting priority mangle;
			iifname "lan" meta mark set 0x2a
		}
		chain post {
			type filter hook postrouting priority mangle;
			oifname "wan" ip protocol esp meta mark 7 counter name "seven"
		}
	}
	END
done
check "packets with it go through, both ways" eval 'through && ping_ok "$hostB" 10.1.0.2 2'
seven() { in_ns "$gwA" nft list counter ip m seven; in_ns "$gwA" nft -j list counter ip m seven |
	jq -e '.nftables[] | select(.counter) | .counter.packets >= 3'; }
check "what is sent has the peer's mark" seven
check "down: nothing is left" down
for ns in "$gwA" "$gwB"; do in_ns "$ns" nft delete table ip m; done

# An XFRM interface: everything that is routed there
routed() {
	CHILD_KEYS="if-id 77" both 0.0.0.0/0 0.0.0.0/0
	for ns in "$gwA" "$gwB"; do
		ip -n "$ns" link add xfrm0 type xfrm dev wan if_id 77 && ip -n "$ns" link set xfrm0 up &&
			apply "$ns" || return
	done
	ip -n "$gwA" route replace 10.2.0.0/16 dev xfrm0 && ip -n "$gwB" route replace 10.1.0.0/16 dev xfrm0
}
check "an XFRM interface, selectors of everything" routed
check "up" up
check "what is routed there goes through, both ways" eval 'through && ping_ok "$hostB" 10.1.0.2 2'
check "the gateways' own packets do not" ping_ok "$gwA" 192.0.2.2
check "down: nothing is left" down

# The outside of A in a VRF
vrf() {
	both 10.1.0.0/16 10.2.0.0/16
	sed -i 's/peer add gw .*/& dev red/; s/listen add .*/listen add dev red/' "$work/$gwA/isakmp.conf"
	ip -n "$gwA" link add red type vrf table 100 && ip -n "$gwA" link set red up &&
		ip -n "$gwA" link set wan master red && ip -n "$gwA" link set lan master red &&
		ip -n "$gwA" route replace vrf red 10.2.0.0/16 via 192.0.2.2 &&
		ip -n "$gwB" route replace 10.1.0.0/16 via 192.0.2.1 &&
		apply "$gwB" && apply "$gwA"
}
check "the outside of A in a VRF" vrf
check "up, and pings go through" eval 'up && through'
check "down; the kernel has no complaint" eval 'down && kernel_silent'
ktap_end
