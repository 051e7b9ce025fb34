#!/bin/bash
# nat_twins.sh: two initiators behind one NAT choose the same SPI: two IKE SAs. And the limits of one
# peer object: IKE SAs (max-sas), also while one replaces another.
#
#	hostA (10.1.0.2), hostC (10.1.0.3) --- router, a NAT --- gwB (198.51.100.2)
. ./lib.sh
. ./gateway.sh

ktap_plan 12

nat_lab() {
	setup_ns gwA gwC router gwB &&
	ip -n "$router" link add br0 type bridge && ip -n "$router" link set br0 up &&
	ip -n "$router" addr add 10.9.0.1/24 dev br0 || return
	veth "$gwA" wan 10.9.0.2/24 "$router" toA - && veth "$gwC" wan 10.9.0.3/24 "$router" toC - &&
	veth "$router" toB 198.51.100.1/24 "$gwB" wan 198.51.100.2/24 || return
	ip -n "$router" link set toA master br0
	ip -n "$router" link set toC master br0
	ip -n "$gwA" route add default via 10.9.0.1
	ip -n "$gwC" route add default via 10.9.0.1
	in_ns "$router" sysctl -q net.ipv4.ip_forward=1
	in_ns "$router" nft -f - <<-END
	table ip n {
		chain p {
			type nat hook postrouting priority srcnat;
			oifname "toB" masquerade
		}
	}
	END
}
# client NS ADDRESS NAME: one of many, each with an identity of its own and the same secret
client() {
	LOCAL_ID=fqdn:$3 REMOTE_ID=fqdn:hub ours_conf "$1" "$2" 198.51.100.2 "10.20.$4.0/24" 10.2.0.0/16 none
	ours_start "$1"
}
hub() {
	mkdir -p "$work/$gwB/secrets"
	printf '%s\n' "${PSK:-a shared secret of the selftests}" >"$work/$gwB/secrets/gw"
	chmod 0640 "$work/$gwB/secrets/gw"
	cat >"$work/$gwB/isakmp.conf" <<-EOF
	listen add addr 198.51.100.2
	proposal add strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
	cred add gw psk id fqdn:a file gw
	cred add gc psk id fqdn:c file gw
	peer add many local 198.51.100.2 proposal strong max-sas ${1:-8} unique never
	auth add peer many side local method psk id fqdn:hub cred gw
	auth add peer many side remote method psk id fqdn:*
	child add net peer many local-ts 10.2.0.0/16 remote-ts 10.20.0.0/16
	EOF
}
lab_many() {
	nat_lab && hub && ours_start "$gwB" && client "$gwA" 10.9.0.2 a 1 && client "$gwC" 10.9.0.3 c 2
}
check "lab: two clients behind a NAT, a hub" lab_many

first() { in_ns "$1" python3 ./ikeprobe.py first 198.51.100.2 --spi 81985529216486895 --sport 4444 --what; }
twins() {
	first "$gwA" >"$work/a" &
	first "$gwC" >"$work/c"
	wait $!
	grep -q 34/None "$work/a" && grep -q 34/None "$work/c"
}
check "both start with the same SPI, both are answered" twins
two_of_them() { [ "$(ours "$gwB" -j sa | jq '[.[] | select(.spi_i == "0x0123456789abcdef")] | length')" = 2 ]; }
check "they are two IKE SAs" two_of_them
spis() { [ "$(ours "$gwB" -j sa | jq '[.[].spi_r] | unique | length')" = 2 ]; }
check "with SPIs of their own" spis

up_a() { ours "$gwA" peer up gw && tunnel_up "$gwA"; }
up_c() { ours "$gwC" peer up gw && tunnel_up "$gwC"; }
check "one client comes up" up_a
check "the other as well" up_c
established_is() { [ "$(sa_count "$gwB" "$established")" = "$1" ]; }
check "the hub has both" busywait 5000 established_is 2

one_only() {
	hub 1 && ours "$gwC" peer down gw && tunnel_down "$gwC" &&
		ours "$gwB" config apply "$work/$gwB/isakmp.conf" && busywait 5000 established_is 1
}
check "from now on the peer object may have one IKE SA" one_only
third() { ours "$gwC" peer up gw; :; }
check "another client is one too many: peer-limit" refuses "$gwB" peer-limit third
# as after a crash: nobody is told
lose() { ours "$gwA" sa del id "$(ours "$gwA" -j sa | jq '.[0].id')" force && busywait 3000 sa_is "$gwA" 0; }
again() { lose && up_a && established_is 2; }
check "but who comes again, after having lost his, gets in" again
third_time() { lose && ours "$gwA" peer up gw; :; }
check "not without end: peer-limit" refuses "$gwB" peer-limit third_time
check "the kernel has no complaint" kernel_silent
ktap_end
