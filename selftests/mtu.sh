#!/bin/bash
# mtu.sh: an IKE_AUTH of 8 KB, with certificates, gets over a path with an MTU of 1280 as fragments of
# IP, both ways, over IPv4 and IPv6; and what arrives in fragments is answered.
# Topology: two_sites in lib.sh, both ours.
# timeout: 180
. ./lib.sh
. ./gateway.sh

ktap_plan 11

narrow() {
	ip -n "$gwA" link set wan mtu 1280 && ip -n "$gwB" link set wan mtu 1280
}
lab_large() {
	two_sites && narrow && large_confs 4 fragmentation no && ours_start "$gwB" && ours_start "$gwA"
}
check "lab: two of ours with large certificates, an MTU of 1280" lab_large

snmp() { in_ns "$1" awk -v n="$2" '$1 == n { print $2 }' /proc/net/snmp6; }
snmp4() {
	in_ns "$1" awk -v n="$2" '$1 == "Ip:" && !k { for (i = 2; i <= NF; i++) k = $i == n ? i : k; next }
		$1 == "Ip:" { print $k }' /proc/net/snmp
}
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB"; }
more() { [ "$($1 "$2" "$3")" -ge $(($4 + 5)) ]; }
sent=$(snmp4 "$gwA" FragCreates) back=$(snmp4 "$gwB" FragCreates)
check "IPv4: up" up
check "the request went in fragments" more snmp4 "$gwA" FragCreates "$sent"
check "so did the answer" more snmp4 "$gwB" FragCreates "$back"
check "ESP flows" esp_flows

sixth() {
	ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB" &&
		large_confs 6 fragmentation no && ours "$gwB" config apply "$work/$gwB/isakmp.conf" &&
		ours "$gwA" config apply "$work/$gwA/isakmp.conf"
}
check "the same over IPv6" sixth
sent=$(snmp "$gwA" Ip6FragCreates) back=$(snmp "$gwB" Ip6FragCreates)
check "IPv6: up" up
check "the request went in fragments" more snmp "$gwA" Ip6FragCreates "$sent"
check "so did the answer" more snmp "$gwB" Ip6FragCreates "$back"
check "ESP flows" esp_flows
check "the kernel has no complaint" kernel_silent
ktap_end
