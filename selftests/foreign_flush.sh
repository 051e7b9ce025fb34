#!/bin/bash
# foreign_flush.sh: somebody else flushes or deletes our states and policies, or a child reaches its
# hard life, as the peer cannot be reached when it is to be rekeyed: it is noticed, named and mended.
# Topology: two_gateways in lib.sh, A ours.
. ./lib.sh
. ./gateway.sh

ktap_plan 14

mended() { busywait 10000 fresh "$1" && busywait 10000 esp_flows; }
fresh() { sa_is "$gwA" 1 "$with_child" && [ "$(spi)" != "$1" ]; }
spi() { ours "$gwA" -j sa | jq -r '[.[].children[]?.spi_in][0]'; }
check "lab: A ours, B strongSwan" lab strongswan
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && esp_flows; }
check "up" up

was=$(spi)
check "ip xfrm state flush: child-lost" \
	refuses "$gwA" child-lost ip -n "$gwA" xfrm state flush
check "a new child takes its place" mended "$was"
was=$(spi)
one_deleted() {
	ip -n "$gwA" xfrm state delete src 198.51.100.2 dst 192.0.2.2 proto esp spi "$was"
}
check "one state deleted: child-lost" refuses "$gwA" child-lost one_deleted
check "a new child takes its place" mended "$was"
was=$(spi)
check "ip xfrm policy flush: child-lost" \
	refuses "$gwA" child-lost ip -n "$gwA" xfrm policy flush
check "a new child takes its place" mended "$was"

was=$(spi)
short_life() { ours "$gwA" child set net peer gw life 2s; }
check "a life of two seconds from the next child on" short_life
ours "$gwA" peer down gw
tunnel_down "$gwA"
ours "$gwA" peer up gw
rekeyed() { busywait 10000 counter_above "$gwA" child-rekeyed 0 && [ "$(refused "$gwA" child-expired)" = 0 ]; }
check "it is rekeyed before" rekeyed
cut() {
	in_ns "$router" nft add table ip cut &&
		in_ns "$router" nft 'add chain ip cut f { type filter hook forward priority 0; udp dport { 500, 4500 } drop; }'
}
expired() { cut && busywait 10000 refused_above "$gwA" child-expired 0; }
check "the peer is out of reach; the hard life ends: child-expired" expired
was=$(spi)
again() { in_ns "$router" nft delete table ip cut && mended "$was"; }
check "it is negotiated anew when the peer is back" again

trap_lost() {
	ours "$gwA" child set net peer gw start trap life 1h &&
		ours "$gwA" peer down gw && tunnel_down "$gwA" &&
		ip -n "$gwA" xfrm policy flush &&
		busywait 10000 says 'dir out' ip -n "$gwA" xfrm policy
}
check "a flushed trap comes back" trap_lost
check "the kernel has no complaint" kernel_silent
ktap_end
