#!/bin/bash
# pools.sh: inner addresses: two clients of ours at a gateway of ours with a pool. Who gets which, also
# when the helper dies in between; addresses, routes and DNS by the hook; replacing an SA keeps the address.
# Topology: two_gateways in lib.sh; clients in $gwA and $router, the server in $gwB.
# timeout: 180
cd "$(dirname "$0")" || exit 1
. ./lib.sh
. ./gateway.sh

ktap_plan 28

# server [POOL KEYS...]: many clients, by name
server() {
	mkdir -p "$work/$gwB/secrets"
	cat >"$work/$gwB/isakmp.conf" <<-END
	listen addr 198.51.100.2
	proposal strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
	cred gw psk file gw
	pool inside $*
	peer clients local 198.51.100.2 remote any proposal strong pool inside
	auth peer clients side local method psk id fqdn:server.example cred gw
	auth peer clients side remote method psk id fqdn:*.client.example cred gw
	child net peer clients local-ts 10.2.0.0/16,fd02::/64 remote-ts dynamic
	END
}
# client NS NAME LOCAL [PEER KEYS...]
client() {
	local ns=$1 name=$2 local=$3
	shift 3
	mkdir -p "$work/$ns/secrets"
	cat >"$work/$ns/isakmp.conf" <<-END
	listen addr $local
	proposal strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
	cred gw psk file gw
	peer gw local $local remote 198.51.100.2 proposal strong $*
	auth peer gw side local method psk id fqdn:$name.client.example cred gw
	auth peer gw side remote method psk id fqdn:server.example cred gw
	child net peer gw local-ts dynamic remote-ts 10.2.0.0/16,fd02::/64
	END
}
secret() { echo "a shared secret of the selftests" >"$work/$1/secrets/gw"; chmod 0640 "$work/$1/secrets/gw"; }

inside="range 10.9.0.0/29,fd09::/125 dns 10.2.0.1,fd02::1 subnet 10.2.0.0/16,fd02::/64 domain corp.example,lab.example"
lab() {
	two_gateways || return
	# shellcheck disable=SC2086
	server $inside
	client "$gwA" a 192.0.2.2 virtual-ip ipv4,ipv6
	client "$router" c 198.51.100.1 virtual-ip ipv4
	for ns in "$gwA" "$router" "$gwB"; do secret "$ns" && ours_start "$ns" || return; done
}
check "the lab: two clients, a server with a pool" lab

# ---- give and take

up() { ours "$1" peer up gw wait 8; }
down() { ours "$1" peer down gw; busywait 5000 sa_is "$1" 0; }
vip() { ours "$1" -j sa | jq -r '[.[] | select(.state == "established") | .virtual_ip[]?] | join(",")'; }
vip_is() { [ "$(vip "$1")" = "$2" ] || { echo "it has $(vip "$1"), not $2"; return 1; }; }
leases() { ours "$gwB" -j sa | jq -r '[.[] | select(.state == "established") | .lease[]?] | sort | join(",")'; }
leases_are() { [ "$(leases)" = "$1" ] || { echo "leases: $(leases), not $1"; return 1; }; }
config_came() {
	ours "$gwA" -j sa | jq -e '.[0] | .dns == ["10.2.0.1", "fd02::1"] and .subnet == ["10.2.0.0/16", "fd02::/64"]
		and .domain == ["corp.example", "lab.example"]'
}
first_up() { up "$gwA" && vip_is "$gwA" 10.9.0.1,fd09::1 && leases_are 10.9.0.1,fd09::1; }
check "the first client gets the first address of each family" first_up
check "with DNS servers, subnets and domains" config_came
ts_is() { ours "$1" -j sa | jq -e --arg ts "$3" ".[0].children[0].$2 | join(\",\") == \$ts"; }
check "its child is for these addresses alone" ts_is "$gwA" local_ts 10.9.0.1/32,fd09::1/128
second_up() { up "$router" && vip_is "$router" 10.9.0.2 && leases_are 10.9.0.1,10.9.0.2,fd09::1; }
check "the second one gets the next" second_up

back() { down "$gwA" && leases_are 10.9.0.2 && up "$gwA" && vip_is "$gwA" 10.9.0.1,fd09::1; }
check "it leaves: the address is free; it comes again: it has the same" back

# an address of policy; one that another client has; one that is in no pool
again() { client "$router" c 198.51.100.1 "$@" && ours "$router" config apply "$work/$router/isakmp.conf"; }
asks() { down "$router" && again virtual-ip "$1" && up "$router" && vip_is "$router" "$2"; }
check "who asks for an address gets it" asks 10.9.0.5 10.9.0.5
check "but not one that another client has: address-taken" refuses "$gwB" address-taken asks 10.9.0.1 10.9.0.5
check "nor one that is in no pool" asks 10.1.0.1 10.9.0.5

# ---- traffic

# hooks_start NS: the hook that sets addresses, routes and DNS there; resolvectl only writes down what it is told
hooks_start() {
	mkdir -p "$work/hooks.d" "$work/bin" && cp ../userspace/hooks/virtual-ip "$work/hooks.d/" &&
		printf '#!/bin/sh\necho "$@" >>%s/resolved\n' "$work" >"$work/bin/resolvectl" &&
		chmod 755 "$work/hooks.d" "$work/hooks.d/virtual-ip" "$work/bin/resolvectl" || return
	: >"$work/resolved"
	PATH=$work/bin:$PATH ip netns exec "$1" ../userspace/hooks/isakmp-hooks "$work/hooks.d" >"$work/hooks.log" 2>&1 3>&- &
	hooks=$!
	at_exit kill $hooks
}
dev() { ip -n "$gwA" -o link show type dummy | sed -n 's/^[0-9]*: \(ike-[^:]*\):.*/\1/p'; }
has_dev() { [ "$(dev)" ]; }
set_up() {
	busywait 10000 says 'src fd09::1' ip -n "$gwA" -6 route show dev "$(dev)" fd02::/64 &&
		says '10.9.0.1/32' ip -n "$gwA" addr show dev "$(dev)" &&
		says 'src 10.9.0.1' ip -n "$gwA" route show 10.2.0.0/16 || { ip -n "$gwA" addr; ip -n "$gwA" route; cat "$work/hooks.log"; return 1; }
}
# listeners: sockets that hear of events there
listeners() { in_ns "$gwA" awk '$2 == 16 && $4 != "00000000"' /proc/net/netlink | wc -l; }
listeners_above() { [ "$(listeners)" -gt "$1" ]; }
hooked() {
	local was
	down "$gwA"
	was=$(listeners)
	hooks_start "$gwA" && busywait 10000 listeners_above "$was" && up "$gwA" && busywait 10000 has_dev && set_up
}
check "the hook sets the addresses and the routes" hooked
resolved() { grep -q "^dns ike-.* 10.2.0.1 fd02::1$" "$work/resolved" && grep -q "^domain ike-.* ~corp.example ~lab.example$" "$work/resolved"; }
check "and DNS" busywait 5000 resolved
pings() { in_ns "$gwA" ping -q -n -c 3 -i 0.01 -W 2 10.2.0.2 && [ "$(esp_packets "$gwA")" -ge 3 ]; }
check "packets pass from the address" pings

# the hook is called, and cannot ask the kernel what there is
blind() {
	mkdir -p "$work/blind" && printf '#!/bin/sh\nexit 2\n' >"$work/blind/isakmp" && chmod 755 "$work/blind/isakmp" || return
	PATH=$work/blind:$work/bin:$PATH ISAKMP_SA_PEER=gw ISAKMP_SA_VIRTUAL_IP_0=10.9.0.1 in_ns "$gwA" ../userspace/hooks/virtual-ip
	[ $? = 1 ] && set_up
}
check "when it cannot know it changes nothing" blind

# an operator's routes to the same networks: beside them, not in their place
theirs() { ip -n "$gwA" route "$1" 10.2.0.0/16 via 192.0.2.1 && ip -n "$gwA" -6 route "$1" fd02::/64 dev wan; }
theirs_stay() {
	says 'via 192.0.2.1' ip -n "$gwA" route show 10.2.0.0/16 && says fd02::/64 ip -n "$gwA" -6 route show dev wan ||
		{ ip -n "$gwA" route; ip -n "$gwA" -6 route; return 1; }
}
hook_again() { PATH=$work/bin:$PATH ISAKMP_SA_PEER=gw ISAKMP_SA_VIRTUAL_IP_0=10.9.0.1 in_ns "$gwA" ../userspace/hooks/virtual-ip; }
beside() { theirs add && hook_again && set_up && theirs_stay && theirs del && set_up; }
check "a route of the operator's to the same network is not touched" beside

# nobody listens when the tunnel goes, or comes: who listens from then on finds out
unheard() {
	kill $hooks && { wait $hooks; :; } && "$1" "$gwA" && "${@:2}" || return
	hooks_start "$gwA"
}
goes_unheard() { unheard down has_dev && busywait 10000 fails has_dev; }
check "a tunnel goes while nobody listens: the hook clears up afterwards" goes_unheard
comes_unheard() { unheard up fails has_dev && busywait 10000 has_dev && set_up; }
check "and one that comes is set up afterwards" comes_unheard

# another IKE SA in place of the first: same address, nothing is lost, though each way takes 20 ms
id() { ours "$gwA" -j sa | jq "[.[] | select($with_child) | .id] | max // 0"; }
newer() { [ "$(id)" -gt "$1" ] && sa_is "$gwA" 1 && sa_is "$gwB" 1 '.remote == "192.0.2.2"'; }
far() { for dev in toA toB; do ip netns exec "$router" tc qdisc "$1" dev $dev root ${2:+netem delay $2} || return; done; }
renewed() {
	local was
	down "$gwA" && ours "$gwA" peer set gw reauth 4s && up "$gwA" && busywait 10000 has_dev && set_up &&
		echo_start "$hostB" && far add 20ms || return
	was=$(id)
	stream_start "$gwA" 10.2.0.2
	busywait 10000 newer "$was" && ours "$gwA" peer set gw reauth off && vip_is "$gwA" 10.9.0.1,fd09::1 && stream_whole && far del
}
check "an IKE SA in place of it has the same addresses, and no packet is lost" renewed

# ---- without and with the helper

saved() { grep -q "^10.9.0.5 clients fqdn:c.client.example$" "$work/$gwB/state/leases"; }
check "who has had which is kept in a file" busywait 5000 saved
mode() { [ "$(stat -c %a "$work/$gwB/state/leases")" = 600 ]; }
check "of mode 0600" mode
# c leaves while nobody is there to notice; d comes before c does
killed() {
	helper_kill "$gwB" && busywait 5000 no_helper "$gwB" && down "$router" && leases_are 10.9.0.1,fd09::1 &&
		helper_start "$gwB" && client "$router" d 198.51.100.1 virtual-ip ipv4 &&
		ours "$router" config apply "$work/$router/isakmp.conf" && up "$router" &&
		vip_is "$router" 10.9.0.2 && leases_are 10.9.0.1,10.9.0.2,fd09::1
}
check "kill -9 of the helper: another one gets another address" killed
returns() { down "$router" && again virtual-ip ipv4 && up "$router" && vip_is "$router" 10.9.0.5; }
check "the one that was there before has his again" returns
# no file at all, and a damaged one: the kernel knows who is there
lost() {
	helper_kill "$gwB" && busywait 5000 no_helper "$gwB" && echo "10.9.0.1 clients fqdn:c.client" >"$work/$gwB/state/leases" &&
		helper_start "$gwB" && grep -q 'damaged in line 1: put aside' "$work/$gwB/isakmpd.log" &&
		[ -e "$work/$gwB/state/leases.damaged" ] && down "$router" &&
		client "$router" e 198.51.100.1 virtual-ip ipv4 &&
		ours "$router" config apply "$work/$router/isakmp.conf" && up "$router" &&
		leases_are 10.9.0.1,10.9.0.2,fd09::1
}
check "a damaged file: told, put aside, nobody gets what another one has" lost

# ---- when there is none

none_left() {
	down "$router" && ours "$gwB" pool set inside range 10.9.0.1-10.9.0.1,fd09::/125 &&
		refuses "$gwB" no-address fails up "$router" && [ "$(refused "$router" no-address)" -ge 1 ] &&
		busywait 5000 sa_is "$router" 0 && leases_are 10.9.0.1,fd09::1
}
check "none is left: no-address at both ends, nothing stays" none_left
no_pool() {
	ours "$gwB" peer replace clients local 198.51.100.2 remote any proposal strong && fails up "$router" &&
		busywait 5000 sa_is "$router" 0 && ours "$gwB" pool del inside
}
check "a peer object without pools: the same for who asks" no_pool

cleared() {
	theirs add && down "$gwA" && busywait 10000 fails has_dev && theirs_stay &&
		[ "$(ip -n "$gwA" route show 10.2.0.0/16 | wc -l)" = 1 ]
}
check "the hook takes all of its own away, and nothing else" cleared

# the module is taken out: nobody who looks for it has it loaded again
modprobe=/proc/sys/kernel/modprobe
noted() {
	at_exit "echo '$(cat $modprobe)' >$modprobe"
	printf '#!/bin/sh\necho "$@" >>%s/asked\nexit 1\n' "$work" >"$work/modprobe" && chmod 755 "$work/modprobe" &&
		echo "$work/modprobe" >$modprobe
}
waits() { for ns in "$gwA" "$router" "$gwB"; do grep -q 'waiting for the module' "$work/$ns/isakmpd.log" || return; done; }
again_pool() { ours "$gwB" pool add inside range 10.9.0.0/29 && ours "$gwB" peer set clients pool inside; }
taken_out() {
	for ns in "$gwA" "$router" "$gwB"; do report_reasons "$ns"; done
	noted && again_pool && up "$gwA" && busywait 10000 has_dev && unload_isakmp && busywait 10000 waits &&
		busywait 10000 fails has_dev || { tail -n 3 "$work"/*/isakmpd.log "$work/hooks.log"; return 1; }
}
check "the module goes: the hook clears up, the helpers wait" taken_out
asked() { grep -q family-isakmp "$work/asked"; }
# whoever asks for it by hand is noted
not_again() { fails asked && fails ours "$gwA" sa && asked || { cat "$work/asked"; return 1; }; }
check "and nobody has it loaded again" not_again
check "the kernel has no complaint" kernel_silent
ktap_end
