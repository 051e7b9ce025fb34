#!/bin/bash
# peer_strongswan_baseline.sh: two strongSwan daemons, a tunnel between them, pings through it: the
# lab works before our module is in it. Topology: two_gateways in lib.sh.
. ./lib.sh

ktap_plan 6

check "two gateways and a router" two_gateways
check_not "no way from host to host without a tunnel" ping_ok "$hostA" 10.2.0.2

charon_conf "$gwA" 192.0.2.2 198.51.100.2 10.1.0.0/16 10.2.0.0/16
charon_conf "$gwB" 198.51.100.2 192.0.2.2 10.2.0.0/16 10.1.0.0/16
daemons() { charon_start "$gwA" && charon_start "$gwB"; }
check "both daemons run" daemons
check "the handshake" swanctl_ns "$gwA" --initiate --child net --timeout 10
esp() { ping_ok "$hostA" 10.2.0.2 3 && says 'proto esp' ip -n "$gwB" xfrm state; }
check "pings over ESP" esp
check "the kernel has no complaint" kernel_silent
ktap_end
