#!/bin/bash
# ah.sh: children whose packets are authenticated and not encrypted: tunnel and transport, both
# families, ESN; what changes on the way is dropped; a NAT is refused; strongSwan.
# Topology: two_sites in lib.sh; two of ours, then strongSwan as B.
. ./lib.sh
. ./gateway.sh

ktap_plan 19

# both LOCAL REMOTE LOCAL_TS REMOTE_TS [PEER KEYS...]: AH of $AH between two of ours
both() {
	ours_conf "$gwA" "$1" "$2" "$3" "$4" none "${@:5}" && ours_conf "$gwB" "$2" "$1" "$4" "$3" none "${@:5}" &&
		sed -i "/^proposal/ s/ esp .*/ ah ${AH:-sha256}/" "$work/$gwA/isakmp.conf" "$work/$gwB/isakmp.conf"
}
apply() { ours "$gwA" config apply "$work/$gwA/isakmp.conf" && ours "$gwB" config apply "$work/$gwB/isakmp.conf"; }
up() { ours "$gwA" peer up gw wait 8; }
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }
lab() { two_sites && both 192.0.2.1 192.0.2.2 10.1.0.0/16 10.2.0.0/16 && ours_start "$gwB" && ours_start "$gwA"; }
# carried FROM TO [N]: pings through the child, both ways counted by A
carried() {
	local was n=${3:-3}
	was=$(esp_packets "$gwA")
	ping_ok "$1" "$2" "$n" && [ "$(esp_packets "$gwA")" -ge $((was + n)) ]
}

check "lab: two of ours" lab
check "up" up
check "the child says so" says 'protocol ah suite sha256 ' ours "$gwA" sa
check "packets go through, both ways" eval 'carried "$hostA" 10.2.0.2 && ping_ok "$hostB" 10.1.0.2 3'
check "states of AH, 4 octets aligned" eval 'says "proto ah" ip -n "$gwA" xfrm state && says align4 ip -n "$gwA" xfrm state'

# a byte that the ICV covers changes on the way
in_ns "$gwB" nft -f - <<-'END'
table ip m {
	chain pre {
		type filter hook prerouting priority raw;
		iifname "wan" ip protocol ah @nh,512,8 set 0x55
	}
}
END
icvfail() { in_ns "$gwB" awk '$1 == "XfrmInStateProtoError" { print $2 }' /proc/net/xfrm_stat; }
changed() {
	local was
	was=$(icvfail)
	! ping_ok "$hostA" 10.2.0.2 && [ "$(icvfail)" -gt "$was" ]
}
check "what is changed on the way is dropped" changed
in_ns "$gwB" nft delete table ip m
check "one child down under its protocol: none is left at the other end" eval '
	ours "$gwA" child down net peer gw && busywait 3000 no_states "$gwB" && busywait 3000 no_states "$gwA"'
check "down" down

esn() { AH=sha512-x25519-esn both 192.0.2.1 192.0.2.2 10.1.0.0/16 10.2.0.0/16 && apply && up && carried "$hostA" 10.2.0.2; }
check "with ESN" esn
check "which the states have" eval 'says "auth-trunc hmac\(sha512\).* 256" ip -n "$gwA" xfrm state && says " esn" ip -n "$gwA" xfrm state; down'
md5() {
	AH=md5 both 192.0.2.1 192.0.2.2 10.1.0.0/16 10.2.0.0/16 && apply && up && carried "$hostA" 10.2.0.2 &&
		says "auth-trunc hmac\(md5\).* 96" ip -n "$gwA" xfrm state
}
check "MD5" eval 'md5 && down'
transport() {
	CHILD_KEYS="mode transport" both 192.0.2.1 192.0.2.2 dynamic dynamic && apply && up && carried "$gwA" 192.0.2.2
}
check "transport mode" eval 'transport && down'
six() { LISTEN="addr any" both 2001:db8::1 2001:db8::2 fd01::/64 fd02::/64 && apply && up && carried "$hostA" fd02::2; }
check "IPv6" eval 'LOCAL_ID=fqdn:gw REMOTE_ID=fqdn:gw six && down'
trap_conf() {
	both 192.0.2.1 192.0.2.2 10.1.0.0/16 10.2.0.0/16 && sed -i 's/start none/start trap/' "$work/$gwA/isakmp.conf" && apply
}
check "a trap" eval 'trap_conf && busywait 5000 carried "$hostA" 10.2.0.2 1 && down'
nat() { both 192.0.2.1 192.0.2.2 10.1.0.0/16 10.2.0.0/16 encap yes && apply && ours "$gwA" peer up gw wait 1; }
check "not where there is a NAT, or looks as if" refuses "$gwA" ah-nat fails nat
check "the kernel has no complaint" kernel_silent

# strongSwan
interop() {
	ours "$gwB" config apply /dev/null; helper_kill "$gwB"
	both 192.0.2.1 192.0.2.2 10.1.0.0/16 10.2.0.0/16 && ours "$gwA" config apply "$work/$gwA/isakmp.conf" || return
	charon_conf "$gwB" 192.0.2.2 192.0.2.1 10.2.0.0/16 10.1.0.0/16
	sed -i 's/esp_proposals = .*/ah_proposals = sha256/' "$work/$gwB/swanctl/swanctl.conf"
	charon_start "$gwB"
}
check "strongSwan" interop
check "we start, ESP flows" eval 'up && carried "$hostA" 10.2.0.2 && ping_ok "$hostB" 10.1.0.2 3 && ours "$gwA" peer down gw && busywait 5000 no_states "$gwB"'
theirs() { swanctl_ns "$gwB" --initiate --child net >/dev/null && tunnel_up "$gwA" && carried "$hostA" 10.2.0.2; }
check "it starts; the child goes when it says so" eval 'theirs && swanctl_ns "$gwB" --terminate --child net >/dev/null && busywait 5000 no_states "$gwA"'
ktap_end
