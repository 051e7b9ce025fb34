#!/bin/bash
# nat_keepalive.sh: who is behind a NAT keeps its mapping with an octet every twenty seconds
# (RFC 3948, 4); who is not sends none.
# Topology: two_gateways in lib.sh, both ours; the router masquerades A.
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 5

two_gateways
in_ns "$router" nft -f - <<-END
	table inet isakmp_nat {
		chain postrouting {
			type nat hook postrouting priority srcnat
			oifname toB masquerade
		}
	}
END
ours_conf "$gwA" 192.0.2.2 198.51.100.2 10.1.0.0/16 10.2.0.0/16
REMOTE_ID=ipv4:192.0.2.2 ours_conf "$gwB" 198.51.100.2 198.51.100.1 10.2.0.0/16 10.1.0.0/16
start() { ours_start "$gwB" && ours_start "$gwA" && ours "$gwA" peer up gw && tunnel_up "$gwA"; }
check "A behind a NAT, up" start
check "A sends a keepalive, and another" busywait 45000 counter_above "$gwA" keepalive-sent 1
check "B has received one at least" counter_above "$gwB" keepalive 0
check_not "B sends none" counter_above "$gwB" keepalive-sent 0
ends() { ours "$gwA" peer down gw && tunnel_down "$gwA" && kernel_silent; }
check "down; the kernel has no complaint" ends
ktap_end
