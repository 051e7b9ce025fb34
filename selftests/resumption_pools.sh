#!/bin/bash
# resumption_pools.sh: inner addresses and session resumption (RFC 5723): the server has lost all its
# IKE SAs; by its ticket a client has the same address again, without helpers; nobody is given one that
# another one has. Topology: two_gateways in lib.sh; clients in $gwA and $router, the server in $gwB.
cd "$(dirname "$0")" || exit 1
. ./lib.sh
. ./gateway.sh

ktap_plan 11

secret() { mkdir -p "$work/$1/secrets" && echo "a shared secret of the selftests" >"$work/$1/secrets/gw" && chmod 0640 "$work/$1/secrets/gw"; }
server() {
	cat >"$work/$gwB/isakmp.conf" <<-END
	listen addr 198.51.100.2
	proposal strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
	cred gw psk file gw
	pool inside range 10.9.0.1-10.9.0.2 dns 10.2.0.1 subnet 10.2.0.0/16 domain corp.example
	peer clients local 198.51.100.2 remote any proposal strong pool inside resumption yes
	auth peer clients side local method psk id fqdn:server.example cred gw
	auth peer clients side remote method psk id fqdn:*.client.example cred gw
	child net peer clients local-ts 10.2.0.0/16 remote-ts dynamic
	END
}
# client NS NAME LOCAL VIRTUAL-IP
client() {
	cat >"$work/$1/isakmp.conf" <<-END
	listen addr $3
	proposal strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
	cred gw psk file gw
	peer gw local $3 remote 198.51.100.2 proposal strong virtual-ip $4 resumption yes
	auth peer gw side local method psk id fqdn:$2.client.example cred gw
	auth peer gw side remote method psk id fqdn:server.example cred gw
	child net peer gw local-ts dynamic remote-ts 10.2.0.0/16
	END
}
# a dead peer is noticed within a second
fast() { in_ns "$1" sysctl -q net.isakmp.retransmit_timeout_ms=100 net.isakmp.retransmit_tries=3; }
lab_pools() {
	two_gateways || return
	for ns in "$gwA" "$router" "$gwB"; do secret "$ns" || return; done
	server && client "$gwA" a 192.0.2.2 ipv4 && client "$router" c 198.51.100.1 ipv4 || return
	for ns in "$gwA" "$router" "$gwB"; do ours_start "$ns" && fast "$ns" || return; done
	ip -n "$gwA" addr add 10.9.0.1/32 dev lo
}
check "the lab: two clients, a server with two addresses" lab_pools

up() { ours "$1" peer up gw wait 8; }
# up_with NS ADDRESS RESUMED: it comes up, has this address and what goes with it, by a ticket or not
up_with() {
	up "$1" && ours "$1" -j sa | jq -e ".[0] | .virtual_ip == [\"$2\"] and .resumed == $3 and .dns == [\"10.2.0.1\"] and
		.subnet == [\"10.2.0.0/16\"] and .domain == [\"corp.example\"]" || { ours "$1" -j sa; return 1; }
}
leases() { ours "$gwB" -j sa | jq -r '[.[] | select(.state == "established") | .lease[]?] | sort | join(",")'; }
leases_are() { [ "$(leases)" = "$1" ] || { echo "leases: $(leases), not $1"; return 1; }; }
pings() { in_ns "$gwA" ping -q -n -c 3 -i 0.01 -W 2 -I 10.9.0.1 10.2.0.2; }
check "a client comes up, with an address" up_with "$gwA" 10.9.0.1 null

# all is lost: the namespace is new, and its helper is gone; the keys of tickets are those of the file
rebuilt() {
	helper_kill "$gwB"
	report_reasons "$gwB"
	ip netns del "$gwB" && ip netns add "$gwB" && ip -n "$gwB" link set lo up &&
		veth "$router" toB 198.51.100.1/24 "$gwB" wan 198.51.100.2/24 &&
		veth "$gwB" lan 10.2.0.1/16 "$hostB" lan 10.2.0.2/16 && in_ns "$gwB" sysctl -q net.ipv4.ip_forward=1 &&
		ip -n "$gwB" route add default via 198.51.100.1 && ip -n "$hostB" route add default via 10.2.0.1 &&
		ours_start "$gwB" && fast "$gwB" && helper_kill "$gwB" && busywait 3000 no_helper "$gwB"
}
check "the server loses everything, also its helper" rebuilt
# lose NS: a question that nobody answers
id() { ours "$1" -j sa | jq '.[0].id'; }
lose() { ours "$1" sa rekey id "$(id "$1")" && busywait 8000 sa_is "$1" 0; }
returns() { lose "$gwA" && helper_kill "$gwA" && up_with "$gwA" 10.9.0.1 true && leases_are 10.9.0.1; }
check "by its ticket the client has the same address, and what goes with it" returns
check "packets pass" pings

# a helper that knows of nobody: the kernel does
forgetful() { rm -f "$work/$gwB/state/leases" && helper_start "$gwB"; }
check "the server's helper comes back, and has forgotten who had which" forgetful
second() { up_with "$router" 10.9.0.2 null && leases_are 10.9.0.1,10.9.0.2; }
check "another client is given another one" second
again() { lose_b && lose "$gwA" && up_with "$gwA" 10.9.0.1 true && leases_are 10.9.0.1,10.9.0.2 && pings; }
# lose_b: the server forgets the first client
lose_b() { ours "$gwB" sa del id "$(ours "$gwB" -j sa | jq '.[] | select(.lease == ["10.9.0.1"]) | .id')" force; }
check "lost again, it comes back again, and has it" again

# while it is away, somebody else asks for it
taken() {
	lose_b && lose "$gwA" && ours "$router" peer down gw && busywait 5000 sa_is "$router" 0 &&
		client "$router" d 198.51.100.1 10.9.0.1 && ours "$router" config apply "$work/$router/isakmp.conf" &&
		up_with "$router" 10.9.0.1 null
}
check "while it is away another client asks for its address, and has it" taken
late() {
	refuses "$gwB" address-taken fails up "$gwA" && leases_are 10.9.0.1 &&
		[ "$(ours "$router" -j sa | jq -r '.[0].virtual_ip[0]')" = 10.9.0.1 ]
}
check "by its ticket it is not given to the first one as well: address-taken" late
check "the kernel has no complaint" kernel_silent
ktap_end
