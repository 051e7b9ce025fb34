#!/bin/bash
# strongswan_mobike.sh: MOBIKE (RFC 4555) with strongSwan: whoever has set up the IKE SA moves, to
# another address and to IPv6, and back, and the other one follows; where policy does not allow it, not.
# Topology: two_sites in lib.sh and a second cable, which has IPv4 alone; A ours, B strongSwan.
# backends: uml
# timeout: 240
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh

ktap_plan 24

lab_two_ways() {
	two_sites && veth "$gwA" wan2 198.51.100.1/24 "$gwB" wan2 198.51.100.2/24 &&
		ip -n "$gwA" addr add 203.0.113.1/32 dev lo && ip -n "$gwB" addr add 203.0.113.2/32 dev lo &&
		ip -n "$gwA" route add 203.0.113.2 via 192.0.2.2 && ip -n "$gwB" route add 203.0.113.1 via 192.0.2.1
}
# us REMOTE [PEER KEYS]
us() {
	mkdir -p "$work/$gwA/secrets"
	echo "a shared secret of the selftests" >"$work/$gwA/secrets/gw"
	chmod 0640 "$work/$gwA/secrets/gw"
	cat >"$work/$gwA/isakmp.conf" <<-END
	listen
	listen addr 2001:db8::1
	proposal strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
	cred gw psk file gw
	peer gw local any remote $1 proposal strong ${2-}
	auth peer gw side local method psk id fqdn:a.example cred gw
	auth peer gw side remote method psk id fqdn:b.example cred gw
	child net peer gw local-ts 10.1.0.0/16 remote-ts 10.2.0.0/16
	END
	[ ! -e "$work/$gwA/isakmpd.pid" ] || ours "$gwA" config apply "$work/$gwA/isakmp.conf"
}
# them REMOTE
them() {
	mkdir -p "$work/$gwB/swanctl"
	cat >"$work/$gwB/swanctl/swanctl.conf" <<-END
	connections { gw {
		version = 2
		remote_addrs = $1
		mobike = yes
		proposals = aes256gcm16-prfsha384-x25519
		local { auth = psk
			id = b.example }
		remote { auth = psk
			id = a.example }
		children { net {
			local_ts = 10.2.0.0/16
			remote_ts = 10.1.0.0/16
			esp_proposals = aes256gcm16
		} }
	} }
	secrets { ike-gw { secret = a shared secret of the selftests } }
	END
	[ ! -S "$work/$gwB/vici" ] || swanctl_ns "$gwB" --load-all --noprompt >"$work/load" 2>&1
}
start() { them %any && charon_start "$gwB" && us 203.0.113.2 && ours_start "$gwA"; }
flows() { ping_ok "$hostA" 10.2.0.2 5 && ping_ok "$hostB" 10.1.0.2 5; }
peer_log() { note "$(grep -a -v JOB "$work/$gwB/charon.log" | tail -n 30)" "$(ours "$gwA" sa)" "$(ip -n "$gwB" xfrm state | grep src)"; }
result() { check "$@" || peer_log; }

# states NS LOCAL REMOTE: both of its states are between these
states() { [ "$(ip -n "$1" xfrm state | grep -c -E "^src $2 dst $3|^src $3 dst $2")" = 2 ]; }
a_at() { [ "$(ours "$gwA" -j sa | jq -r '.[] | "\(.local) \(.remote)"')" = "$1 $2" ] && states "$gwA" "$1" "$2"; }
b_at() { states "$gwB" "$1" "$2"; }
# between A B: both ends are there, and traffic passes
between() { busywait 15000 a_at "$1" "$2" && busywait 15000 b_at "$2" "$1" && flows; }
spis() { ours "$gwA" -j sa | jq -c '.[] | [.spi_i, .spi_r, .children[0].spi_in, .children[0].spi_out]'; }
same() { [ "$was" = "$(spis)" ]; }
mobile() { ours "$gwA" -j sa | jq -e '.[0].mobike and .[0].lport == 4500 and (.[0].encap | not)'; }
never() { [ "$(refused "$gwA" "$1")" = 0 ]; }

check "lab: two ways between the gateways, A ours, B strongSwan" eval 'lab_two_ways && start'

# ---- we have set it up

result "we start" eval 'ours "$gwA" peer up gw wait 8 && between 192.0.2.1 203.0.113.2'
check "MOBIKE is spoken, on port 4500, ESP not in UDP" mobile
told() { ours "$gwA" -j sa | jq -e '.[0].address | index("2001:db8::2")'; }
check "it has told its other addresses" told
was=$(spis)
ip -n "$gwA" route replace 203.0.113.2 via 198.51.100.2
result "our route leads elsewhere: it follows" between 198.51.100.1 203.0.113.2
ip -n "$gwA" route replace 203.0.113.2 via 192.0.2.2
result "and back" between 192.0.2.1 203.0.113.2
no_v4() {
	ip -n "$gwA" route del 203.0.113.2 && ip -n "$gwA" addr del 198.51.100.1/24 dev wan2 &&
		ip -n "$gwA" addr del 192.0.2.1/24 dev wan &&
		ip -n "$gwA" route replace 10.2.0.0/16 via inet6 2001:db8::2 dev wan
}
result "our IPv4 addresses go: IPv6" eval 'no_v4 && between 2001:db8::1 2001:db8::2'
v4() {
	ip -n "$gwA" addr add 192.0.2.1/24 dev wan && ip -n "$gwA" addr add 198.51.100.1/24 dev wan2 &&
		ip -n "$gwA" route replace 203.0.113.2 via 192.0.2.2 && ip -n "$gwA" route replace 10.2.0.0/16 via 192.0.2.2
}
v6_goes() { v4 && ip -n "$gwA" addr del 2001:db8::1/64 dev wan; }
v4_again() { busywait 15000 states "$gwA" 192.0.2.1 '(192.0.2.2|198.51.100.2|203.0.113.2)' && flows; }
result "they come again and IPv6 goes: IPv4" eval 'v6_goes && v4_again'
check "the same SAs all the while" same
rekeyed() { ours "$gwA" sa rekey id "$(ours "$gwA" -j sa | jq '.[0].id')" child net && busywait 8000 fails same && flows; }
result "a rekey there" rekeyed
check "no answer was wrong" eval 'never cookie2 && never path-refused && never nat-forbidden'
down() { ours "$gwA" peer down gw && busywait 5000 no_states "$gwA" && busywait 5000 no_states "$gwB"; }
check "down" down

# ---- it has

ip -n "$gwA" addr add 2001:db8::1/64 dev wan nodad
they_start() { us any && them 203.0.113.1 && swanctl_ns "$gwB" --initiate --child net --timeout 8 && between 203.0.113.1 192.0.2.2; }
result "it starts" they_start
check "MOBIKE is spoken, on port 4500, ESP not in UDP" mobile
was=$(spis)
# b_leaves ADDRESS/LEN DEV NEXTHOP: that address of B goes; that of A is by the other cable
b_leaves() { ip -n "$gwB" route replace 203.0.113.1 via "$3"; ip -n "$gwB" addr del "$1" dev "$2"; }
result "its address goes: we follow to the other one" eval \
	'b_leaves 192.0.2.2/24 wan 198.51.100.1 && between 203.0.113.1 198.51.100.2'
ip -n "$gwB" addr add 192.0.2.2/24 dev wan
result "and back" eval 'b_leaves 198.51.100.2/24 wan2 192.0.2.1 && between 203.0.113.1 192.0.2.2'
b_v6() { ip -n "$gwB" route del 203.0.113.1 && ip -n "$gwB" addr del 192.0.2.2/24 dev wan &&
	ip -n "$gwB" route replace 10.1.0.0/16 via inet6 2001:db8::1 dev wan; }
result "to IPv6, at an address that we have told" eval 'b_v6 && between 2001:db8::1 2001:db8::2'
check "the same SAs all the while" same
b_rekeys() { swanctl_ns "$gwB" --rekey --child net && busywait 8000 fails same && flows; }
result "it rekeys there" b_rekeys
check "no answer was wrong" eval 'never cookie2 && never roam && never nat-forbidden'

# ---- as far as policy allows

back() {
	ip -n "$gwB" addr add 192.0.2.2/24 dev wan && ip -n "$gwB" addr add 198.51.100.2/24 dev wan2 &&
		ip -n "$gwB" route add 203.0.113.1 via 192.0.2.1 && ip -n "$gwB" route replace 10.1.0.0/16 via 192.0.2.1
}
confined() { back && us any "roam 192.0.2.0/24,2001:db8::/32" && swanctl_ns "$gwB" --initiate --child net --timeout 8 && between 203.0.113.1 192.0.2.2; }
result "again, with roam" eval 'down && confined'
elsewhere() { refuses "$gwA" roam b_leaves 192.0.2.2/24 wan 198.51.100.1; }
result "elsewhere is refused: roam" elsewhere
check "we stay where we were" a_at 203.0.113.1 192.0.2.2
check "the kernel has no complaint" kernel_silent
ktap_end
