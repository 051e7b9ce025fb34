#!/bin/bash
# strongswan_pools.sh: inner addresses with strongSwan: it asks us for them, we ask it; both families, again
# after an end and after it authenticates anew.
# Topology: two_sites in lib.sh, A ours, B strongSwan.
# backends: uml
# timeout: 120
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh

ktap_plan 13

# us LINES: what differs of our side
us() {
	cat >"$work/$gwA/isakmp.conf" <<-END
	listen addr 192.0.2.1
	proposal strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
	cred gw psk file gw
	auth peer gw side local method psk id fqdn:a.example cred gw
	auth peer gw side remote method psk id fqdn:b.example cred gw
	$*
	END
	[ ! -e "$work/$gwA/isakmpd.pid" ] || ours "$gwA" config apply "$work/$gwA/isakmp.conf"
}
# them LINES LOCAL_TS REMOTE_TS [POOLS]
them() {
	cat >"$work/$gwB/swanctl/swanctl.conf" <<-END
	connections { gw {
		version = 2
		local_addrs = 192.0.2.2
		remote_addrs = 192.0.2.1
		proposals = aes256gcm16-prfsha384-x25519
		mobike = no
		$1
		local { auth = psk
			id = b.example }
		remote { auth = psk
			id = a.example }
		children { net {
			local_ts = $2
			remote_ts = $3
			esp_proposals = aes256gcm16
		} }
	} }
	secrets { ike-gw { secret = a shared secret of the selftests } }
	${4-}
	END
	[ ! -S "$work/$gwB/vici" ] || swanctl_ns "$gwB" --load-all --noprompt
}
we_serve='pool inside range 10.9.0.0/24,fd09::/112 dns 10.1.0.53 subnet 10.1.0.0/16
	peer gw local 192.0.2.1 remote 192.0.2.2 proposal strong pool inside
	child net peer gw local-ts 10.1.0.0/16,fd01::/64 remote-ts dynamic'
we_ask='peer gw local 192.0.2.1 remote 192.0.2.2 proposal strong virtual-ip ipv4,ipv6
	child net peer gw local-ts dynamic remote-ts 10.2.0.0/16,fd02::/64'
lab() {
	two_sites && mkdir -p "$work/$gwB/swanctl" "$work/$gwA/secrets" && us "$we_serve" &&
	echo "a shared secret of the selftests" >"$work/$gwA/secrets/gw" && chmod 0640 "$work/$gwA/secrets/gw" &&
	them "vips = 0.0.0.0, ::" dynamic 10.1.0.0/16,fd01::/64 && charon_start "$gwB" && ours_start "$gwA"
}
check "the lab: A ours, B strongSwan" lab
ip -n "$gwA" route add 10.9.0.0/24 via 192.0.2.2 && ip -n "$gwA" route add fd09::/64 via 2001:db8::2
result() { check "$@" || note "$(grep -a -v JOB "$work/$gwB/charon.log" | tail -n 20)"; }

# ---- it asks us

initiate() { swanctl_ns "$gwB" --initiate --child net --timeout 5; }
terminate() { swanctl_ns "$gwB" --terminate --ike gw; busywait 5000 sa_is "$gwA" 0 "$established"; }
inner() { ours "$gwA" -j sa | jq -r "[.[] | select($with_child) | .$1[]?] | unique | join(\",\")"; }
inner_is() { [ "$(inner "$1")" = "$2" ] || { echo "$1: $(inner "$1")"; return 1; }; }
it_up() { initiate && tunnel_up "$gwA" && inner_is lease 10.9.0.1,fd09::1; }
result "it gets an address of each family" it_up
knows() { swanctl_ns "$gwB" --list-sas >"$work/sas"; grep -q '10.9.0.1/32 fd09::1/128' "$work/sas" || { cat "$work/sas"; return 1; }; }
result "its child is for these" knows
from() {
	ip -n "$1" addr add "$2/32" dev lo && ip -n "$1" addr add "$3/128" dev lo nodad &&
		in_ns "$1" ping -q -c 2 -i 0.01 -W 2 -I "$2" "$4" && in_ns "$1" ping -q -c 2 -i 0.01 -W 2 -I "$3" "$5"
}
flows() { from "$gwB" 10.9.0.1 fd09::1 10.1.0.2 fd01::2 && [ "$(esp_packets "$gwA")" -ge 4 ]; }
result "packets pass from them" flows
again() { terminate && it_up; }
result "it comes again: the same" again
id() { ours "$gwA" -j sa | jq "[.[] | select($with_child) | .id] | max // 0"; }
newer() { [ "$(id)" -gt "$1" ] && sa_is "$gwA" 1 "$with_child" && charon_is "$gwB" 1 && inner_is lease 10.9.0.1,fd09::1; }
reauth() { local was; was=$(id); swanctl_ns "$gwB" --rekey --ike gw --reauth && busywait 15000 newer "$was"; }
result "it authenticates anew: the same" reauth
none_left() {
	terminate && ours "$gwA" peer replace gw local 192.0.2.1 remote 192.0.2.2 proposal strong && fails initiate
	terminate
	us "$we_serve"
}
result "no pool: it gives up" none_left

# ---- we ask it

pool='pools {
	four { addrs = 10.8.0.0/24
		dns = 10.2.0.53
		subnet = 10.2.0.0/16
		25 = corp.example }
	six { addrs = fd08::/112
		dns = fd02::53 }
}'
turned() { them "pools = four, six" 10.2.0.0/16,fd02::/64 dynamic "$pool" && us "$we_ask" && busywait 5000 sa_is "$gwA" 0; }
check "turned round" turned
we_up() { ours "$gwA" peer up gw wait 8 && inner_is virtual_ip "$1"; }
result "we get an address of each family" we_up 10.8.0.1,fd08::1
result "DNS servers" inner_is dns 10.2.0.53,fd02::53
came() { inner_is subnet 10.2.0.0/16 && inner_is domain corp.example; }
result "a subnet, a domain" came
we_flow() { from "$gwA" 10.8.0.1 fd08::1 10.2.0.2 fd02::2; }
result "packets pass from them" we_flow

check "the kernel has no complaint" kernel_silent
ktap_end
