#!/bin/bash
# v1_strangers.sh: clients of hybrid authentication prove nothing before XAUTH, and here they never answer to
# it. Each holds a half-open SA so long; a source prefix has no more of them than its share, the gateway no
# more than its part for version 1, and a peer from elsewhere gets in all the while.
# Topology: two_gateways in lib.sh; the router is the honest peer.
# boot: time-travel
# timeout: 240
. ./lib.sh
. ./gateway.sh

ktap_plan 8

export IKE=aes256-sha256-ecp256 ESP=aes256-sha256
many=(0 1 2 3 4 5 6 7 8 9)

lab() {
	local n d b
	two_gateways || return
	d=$work/$gwA/secrets b=$work/$gwB
	REMOTE_ID=fqdn:router LOCAL_ID=fqdn:a.example \
		ours_conf "$gwA" 192.0.2.2 192.0.2.1 10.1.0.0/16 10.9.0.0/16 none version 1
	REMOTE_ID=fqdn:a.example LOCAL_ID=fqdn:router \
		ours_conf "$router" 192.0.2.1 192.0.2.2 10.9.0.0/16 10.1.0.0/16 none version 1
	ours_conf "$gwB" 198.51.100.2 192.0.2.2 10.2.0.0/16 10.1.0.0/16 none version 1
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$d/own.key" 2>/dev/null &&
		openssl pkey -in "$d/own.key" -pubout -out "$b/secrets/his.pub" || return
	printf 'ann:!\n' >"$d/staff"
	printf 'what she says\n' >"$b/secrets/ann"
	chmod 0640 "$d"/* "$b"/secrets/*
	cat >>"$work/$gwA/isakmp.conf" <<-END
	cred add own key id fqdn:a.example file own.key
	cred add staff users file staff
	peer add road local 192.0.2.2 remote 198.51.100.0/24 proposal strong version 1
	auth add peer road side local method pubkey id fqdn:a.example cred own
	auth add peer road side remote method xauth xauth staff
	child add net peer road local-ts 10.1.0.0/16 remote-ts 10.2.0.0/16
	END
	sed -i '/^listen\|^proposal/!d' "$b/isakmp.conf"
	cat >>"$b/isakmp.conf" <<-END
	cred add his pubkey id fqdn:a.example file his.pub
	cred add ann user id fqdn:ann file ann
	END
	sed -i 's/^listen.*/listen add/' "$b/isakmp.conf"
	for n in "${many[@]}"; do
		ip -n "$gwB" addr add "198.51.100.1$n/24" dev wan || return
		cat >>"$b/isakmp.conf" <<-END
		peer add s$n local 198.51.100.1$n remote 192.0.2.2 proposal strong version 1
		auth add peer s$n side local method xauth xauth ann id fqdn:s$n.example
		auth add peer s$n side remote method pubkey id fqdn:a.example cred his
		child add net peer s$n local-ts 10.2.$n.0/24 remote-ts 10.1.0.0/16
		END
	done
	ours_start "$gwA" && ours_start "$gwB" && ours_start "$router" &&
		in_ns "$gwA" sysctl -q net.isakmp.half_open_max=32 net.isakmp.cookie_threshold=1 \
			net.isakmp.prefix_half_open=5 net.isakmp.prefix_burst=100
}
check "a server of hybrid authentication, and a gateway's peer" lab

# what a client says in Transaction exchanges, octet 18 of an ISAKMP header, is lost
mute() {
	in_ns "$gwB" nft -f - <<-'END'
	table ip cut {
		chain out {
			type filter hook output priority 0;
			udp dport 500 @th,208,8 6 counter drop
		}
	}
	END
}
check "nobody says his name" mute
half_open() { sa_is "$gwA" "$1" '.state == "phase-1"'; }
begin() {
	local n
	for n in "${many[@]}"; do
		ours "$gwB" peer up s$n nowait || return
	done
}
check "more clients than a prefix may have: prefix-limit" refuses "$gwA" prefix-limit begin
check "as many as it may" busywait 5000 half_open 5
dropped() { [ "$(in_ns "$gwB" nft -j list table ip cut | jq '[.. | .packets? // empty] | add')" -ge "$1" ]; }
check "each is asked for its name, and wants to answer" busywait 10000 dropped 5
honest() { ours "$router" peer up gw && busywait 5000 sa_is "$gwA" 1 "$with_child" && half_open 5; }
check "a peer from elsewhere gets in" honest
over() { busywait 90000 half_open 0 && sa_is "$gwA" 1 "$with_child"; }
check "they end by themselves" over
check "the kernel has no complaint" kernel_silent
ktap_end
