#!/bin/bash
# headers.sh: what the outer header of a tunnel has of the inner one (DSCP, DF, ECN), and padding.
# Topology: two_sites in lib.sh, both of ours; counters before and behind B's decapsulation.
. ./lib.sh
. ./gateway.sh

ktap_plan 16

lab() {
	two_sites || return
	ours_conf "$gwA" 192.0.2.1 192.0.2.2 10.1.0.0/16 10.2.0.0/16
	ours_conf "$gwB" 192.0.2.2 192.0.2.1 10.2.0.0/16 10.1.0.0/16
	ours_start "$gwB" && ours_start "$gwA" || return
	in_ns "$gwB" nft -f - <<-'END' || return
	table ip m {
		chain pre {
			type filter hook prerouting priority raw;
			iifname "wan" ip protocol esp jump outer
		}
		chain outer {
			counter comment "all"
			ip dscp 10 counter comment "dscp"
			ip frag-off & 0x4000 != 0 counter comment "df"
			ip ecn ect0 counter comment "ecn"
			ip length 1000 counter comment "1000"
			ip length > 1400 counter comment "mtu"
		}
		chain inner {
			type filter hook forward priority filter;
			oifname "lan" ip dscp 10 counter comment "inner-dscp"
			oifname "lan" ip dscp 12 counter comment "inner-outer"
		}
	}
	END
	in_ns "$gwA" nft -f - <<-'END'
	table ip m {
		chain out {
			type filter hook postrouting priority mangle;
			oifname "wan" ip protocol esp meta mark 5 ip dscp set 12
		}
	}
	END
}
check "lab: two of ours" lab

# with KEYS...: the tunnel with these keys of the child at both ends
with() {
	local ns
	ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB" || return
	for ns in "$gwA" "$gwB"; do
		sed -i '/^child/ s/start none.*/start none '"$*/" "$work/$ns/isakmp.conf"
		ours "$ns" config apply "$work/$ns/isakmp.conf" || return
	done
	ours "$gwA" peer up gw wait 8
}
counted() { in_ns "$gwB" nft -j list table ip m | jq "[.. | objects | select(.comment? == \"$1\") | .expr[].counter?.packets // 0] | add"; }
# seen COMMENT PING-OPTION...: are 5 packets with these options counted there?
seen() {
	local what=$1 was all
	shift
	was=$(counted "$what") all=$(counted all)
	in_ns "$hostA" ping -q -n -c 5 -i 0.01 -W 2 "$@" 10.2.0.2 >/dev/null || return
	[ $(($(counted all) - all)) -ge 5 ] && [ $(($(counted "$what") - was)) -ge 5 ]
}
unseen() { ! seen "$@"; }
af11=(-Q 0x28) df=(-M "do") ect=(-Q 0x02)

check "up, without a word of it" with
check "DSCP, DF and ECN are in the outer header" eval 'seen dscp "${af11[@]}" && seen df "${df[@]}" && seen ecn "${ect[@]}"'
check "the inner DSCP stays" seen inner-dscp "${af11[@]}"
check "none of it in the outer one" eval 'with dscp none df clear ecn no && unseen dscp "${af11[@]}" && unseen df "${df[@]}" && unseen ecn "${ect[@]}"'
check "but in the inner one" seen inner-dscp "${af11[@]}"

# on the way the outer DSCP becomes another one
mark() { in_ns "$gwA" nft insert rule ip m out oifname "wan" ip protocol esp meta mark set 5; }
mark
check "DSCP that the network sets is not copied" eval 'with && seen inner-dscp "${af11[@]}"'
check "unless it is to be" eval 'with dscp in && seen inner-outer "${af11[@]}"'
check "both ways" eval 'with dscp both && seen inner-outer "${af11[@]}"'

check "packets padded to a length" eval 'with tfc 946 && seen 1000'
check "with and without data" seen 1000 -s 400
check "longer ones pass as they are" unseen 1000 -s 1200
check "to the path's MTU" eval 'with tfc mtu && seen mtu && seen mtu -s 1300'
check "the keys of the states" eval 'ip -n "$gwA" -d xfrm state | grep -q "tfcpad 65535"'
check "shown as it was set" says 'tfc mtu' ours "$gwA" child
check "down; the kernel has no complaint" eval 'ours "$gwA" peer down gw && tunnel_down "$gwA" && kernel_silent'
ktap_end
