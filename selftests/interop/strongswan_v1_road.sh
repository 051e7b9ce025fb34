#!/bin/bash
# strongswan_v1_road.sh: version 1 for people on the road: two clients behind one NAT, in Aggressive Mode with
# a secret and a name that all of them share, XAUTH, inner addresses of both families from several pools, each
# side being strongSwan once; phase 1 anew with XAUTH, a NAT that forgets, wrong passwords.
#
#	c1 ---\ 10.10.1.0/24
#	       router (masquerades) ---------------- gw ------- host
#	c2 ---/ 10.10.2.0/24    203.0.113.1   203.0.113.2   10.1.0.0/16, fd01::/64
#
# backends: uml
# tier: long
# timeout: 240
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh

ktap_plan 22

ike=aes256-sha256-modp2048 esp=aes256-sha256
gw_at=203.0.113.2
charon_plugins+=" aes sha1 sha2 xauth-generic"
word() { echo "the password of $1"; }

lab() {
	local ns
	setup_ns c1 c2 router gw host || return
	veth "$c1" wan 10.10.1.2/24 "$router" to1 10.10.1.1/24 && veth "$c2" wan 10.10.2.2/24 "$router" to2 10.10.2.1/24 &&
		veth "$router" out 203.0.113.1/24 "$gw" wan $gw_at/24 && veth "$gw" lan 10.1.0.1/16 "$host" lan 10.1.0.2/16 || return
	ip -n "$gw" addr add fd01::1/64 dev lan && ip -n "$host" addr add fd01::2/64 dev lan || return
	for ns in "$c1" "$c2" "$router" "$gw"; do
		in_ns "$ns" sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	done
	ip -n "$c1" route add default via 10.10.1.1 && ip -n "$c2" route add default via 10.10.2.1
	ip -n "$gw" route add default via 203.0.113.1
	ip -n "$host" route add default via 10.1.0.1 && ip -n "$host" route add default via fd01::1
	# for XFRM to meet packets at all
	ip -n "$gw" link add far type dummy && ip -n "$gw" link set far up && ip -n "$gw" -6 route add default dev far
	for ns in "$c1" "$c2"; do
		ip -n "$ns" link add far type dummy && ip -n "$ns" link set far up && ip -n "$ns" -6 route add default dev far
	done
	echo_start "$host" && hide 40000
}
# hide PORT: the router masquerades with so many ports from there on; what it knew is forgotten
hide() {
	in_ns "$router" nft -f - <<-END && in_ns "$router" conntrack -F >"$work/conntrack" 2>&1
	flush ruleset
	table ip n {
		chain post {
			type nat hook postrouting priority srcnat;
			oifname out meta l4proto udp masquerade to :$1-$(($1 + 999))
		}
	}
	END
}

# ---- ours

secrets() {
	local d=$work/$1/secrets who
	mkdir -p "$d" && printf '%s\n' "a shared secret of the selftests" >"$d/group" || return
	for who in ann bob; do
		word $who >"$d/$who" && printf '%s:%s\n' $who "$(openssl passwd -6 "$(word $who)")" >>"$d/staff"
	done
	chmod 0640 "$d"/*
}
# our_gateway GROUP [PEER KEYS]
our_gateway() {
	local group=$1
	shift
	cat >"$work/$gw/isakmp.conf" <<-END
	listen addr $gw_at
	proposal old ike $ike esp $esp
	cred group psk file group
	cred staff users file staff
	pool four range 10.9.0.0/24 dns 10.1.0.53 subnet 10.1.0.0/16
	pool six range fd09::/120 dns fd01::53
	peer gw local $gw_at remote any proposal old version 1 v1-exchange aggressive v1-accept aggressive pool four,six $*
	auth peer gw side local method psk id fqdn:gw.example cred group
	auth peer gw side remote method psk id $group cred group xauth staff
	child four peer gw local-ts 10.1.0.0/16 remote-ts dynamic
	child six peer gw local-ts fd01::/64 remote-ts dynamic
	END
	ours "$gw" config apply "$work/$gw/isakmp.conf"
}
# our_client NS USER GROUP [PEER KEYS]
our_client() {
	local ns=$1 user=$2 group=$3
	shift 3
	cat >"$work/$ns/isakmp.conf" <<-END
	listen
	proposal old ike $ike esp $esp
	cred group psk file group
	cred user user id fqdn:$user file $user
	peer gw remote $gw_at proposal old version 1 v1-exchange aggressive v1-accept aggressive virtual-ip ipv4,ipv6 $*
	auth peer gw side local method psk id $group cred group xauth user
	auth peer gw side remote method psk id fqdn:gw.example cred group
	child four peer gw local-ts dynamic remote-ts 10.1.0.0/16
	child six peer gw local-ts dynamic remote-ts fd01::/64
	END
	ours "$ns" config apply "$work/$ns/isakmp.conf"
}
our_start() { secrets "$1" && at_exit report_reasons "$1" && helper_start "$1"; }

# ---- strongSwan

swan_load() {
	if [ ! -S "$work/$1/vici" ]; then
		CHARON_OPTIONS="i_dont_care_about_security_and_use_aggressive_mode_psk = yes" charon_start "$1"
	else
		swanctl_ns "$1" --load-all --noprompt --clear
	fi
}
children() {
	echo "children { four { $1
		esp_proposals = $esp }
	six { $2
		esp_proposals = $esp } }"
}
# its_client NS USER GROUP PASSWORD: of the two addresses that are dynamic it would take the first one alone
its_client() {
	local inner=fd09::1
	[ "$2" = ann ] || inner=fd09::2
	mkdir -p "$work/$1/swanctl"
	cat >"$work/$1/swanctl/swanctl.conf" <<-END
	connections { gw {
		version = 1
		aggressive = yes
		remote_addrs = $gw_at
		proposals = $ike
		vips = 0.0.0.0, ::
		local { auth = psk
			id = "$3" }
		local-xauth { auth = xauth
			xauth_id = $2 }
		remote { auth = psk
			id = gw.example }
		$(children "local_ts = dynamic
			remote_ts = 10.1.0.0/16" "local_ts = $inner/128
			remote_ts = fd01::/64")
	} }
	secrets { ike-gw { secret = a shared secret of the selftests }
		xauth-$2 { id = $2
			secret = "$4" } }
	END
	swan_load "$1"
}
its_gateway() {
	mkdir -p "$work/$gw/swanctl"
	cat >"$work/$gw/swanctl/swanctl.conf" <<-END
	connections { gw {
		version = 1
		aggressive = yes
		local_addrs = $gw_at
		proposals = $ike
		pools = four, six
		unique = never
		local { auth = psk
			id = gw.example }
		remote { auth = psk
			id = "$1" }
		remote-xauth { auth = xauth }
		$(children "local_ts = 10.1.0.0/16" "local_ts = fd01::/64")
	} }
	pools { four { addrs = 10.8.0.0/24
			dns = 10.1.0.53
			subnet = 10.1.0.0/16 }
		six { addrs = fd08::/120
			dns = fd01::53 } }
	secrets { ike-gw { secret = a shared secret of the selftests }
		xauth-ann { id = ann
			secret = "$(word ann)" }
		xauth-bob { id = bob
			secret = "$(word bob)" } }
	END
	swan_load "$gw"
}

# ---- what is tried

peer_log() {
	local ns
	for ns in "$c1" "$gw"; do
		[ ! -f "$work/$ns/charon.log" ] || note "$ns" "$(grep -a -v JOB "$work/$ns/charon.log" | tail -n 40)"
		[ ! -f "$work/$ns/isakmpd.log" ] || note "$ns" "$(tail -n 5 "$work/$ns/isakmpd.log")" "$(ours "$ns" sa)" \
			"$(in_ns "$ns" grep refused- /proc/net/isakmp_stat | grep -v ' 0$')"
	done
}
result() { check "$@" || peer_log; }

two_up='.state == "established" and ([.children[]? | select(.state == "up") | .name] | unique | length) == 2'
# its_up NS: both children of a client of strongSwan's
its_up() {
	swanctl_ns "$1" --initiate --child four --timeout 10 && swanctl_ns "$1" --initiate --child six --timeout 10
}
# here NS ADDRESS...: what it was given it has
here() {
	local ns=$1 a
	shift
	for a; do ip -n "$ns" addr replace "$a" dev lo || return; done
}
# talk: both speak to one port, through their tunnels, and hear all of it
talk() {
	local status was
	ip netns exec "$c1" ./stream.py send 10.1.0.2 7000 10 "$1" >"$work/talk1" 2>&1 3>&- &
	first=$!
	ip netns exec "$c2" ./stream.py send 10.1.0.2 7000 10 "$2" >"$work/talk2" 2>&1 3>&- &
	second=$!
	busywait 10000 speaks "$c1" && busywait 10000 speaks "$c2" && was=$(heard_now) && busywait 10000 heard_more $((was + 40))
	kill $first $second
	wait $first
	status=$?
	wait $second && [ $status = 0 ]
	status=$?
	cat "$work/talk1" "$work/talk2"
	return $status
}
speaks() { in_ns "$1" ss -un | grep -q 10.1.0.2:7000; }
heard_now() { in_ns "$host" awk '/^Udp: [0-9]/ { print $2 }' /proc/net/snmp; }
heard_more() { [ "$(heard_now)" -gt "$1" ]; }
six() { in_ns "$c1" ping -q -c 2 -i 0.01 -W 2 -I "$1" fd01::2 && in_ns "$c2" ping -q -c 2 -i 0.01 -W 2 -I "$2" fd01::2; }
# who NS: user and leases
who() { ours "$gw" -j sa | jq -r '[.[] | select('"$two_up"') | .user + " " + (.lease | join(" "))] | sort | join(", ")'; }
who_is() { [ "$(who)" = "$1" ] || { who; return 1; }; }
all_gone() { busywait 8000 sa_is "$1" 0 && busywait 5000 no_states "$1"; }

# ---- we are the gateway

group=keyid:staff
start() { lab && load_isakmp && our_start "$gw" && our_gateway $group && its_client "$c1" ann $group "$(word ann)" && its_client "$c2" bob $group "$(word bob)"; }
check "the lab: we are the gateway, the clients are strongSwan" start
come() { its_up "$c1" && its_up "$c2" && busywait 5000 sa_is "$gw" 2 "$two_up"; }
result "both come, by the name of their group (KEY_ID)" come
both="ann 10.9.0.1 fd09::1, bob 10.9.0.2 fd09::2"
result "each has an address of either family" who_is "$both"
check "which they use" here "$c1" 10.9.0.1/32 fd09::1/128
here "$c2" 10.9.0.2/32 fd09::2/128
result "both speak at once" talk 10.9.0.1 10.9.0.2
result "over IPv6, too" six fd09::1 fd09::2
cookie_of() { ours "$gw" -j sa | jq -r '.[] | select(.user == "'"$1"'" and .state == "established") | .spi_i'; }
is_other() { [ "$(cookie_of "$1")" != "$2" ] && busywait 5000 who_is "$both"; }
anew() {
	local was
	was=$(cookie_of ann)
	"$@" && busywait 8000 is_other ann "$was" && talk 10.9.0.1 10.9.0.2
}
result "phase 1 anew with XAUTH: the same user, the same addresses" anew swanctl_ns "$c1" --rekey --ike gw --reauth
forgets() { hide 50000 && busywait 8000 in_ns "$c1" ping -q -c 1 -W 0.3 -I 10.9.0.1 10.1.0.2 && busywait 8000 in_ns "$c2" ping -q -c 1 -W 0.3 -I 10.9.0.2 10.1.0.2 && talk 10.9.0.1 10.9.0.2; }
result "the NAT forgets both, and gives them other ports" forgets
go() { swanctl_ns "$c1" --terminate --ike gw && swanctl_ns "$c2" --terminate --ike gw; all_gone "$gw"; }
result "both go: nothing is left" go
wrong() { its_client "$c1" ann $group "another password" && refuses "$gw" auth-failed fails its_up "$c1" && all_gone "$gw"; }
result "a wrong password: auth-failed, and nothing is left" wrong
other_group() { its_client "$c1" ann keyid:others "$(word ann)" && fails its_up "$c1" && all_gone "$gw"; }
result "another group: nothing comes of it" other_group
fqdn() { our_gateway fqdn:staff.example && its_client "$c1" ann staff.example "$(word ann)" && its_up "$c1" && busywait 5000 sa_is "$gw" 1 "$two_up"; }
result "the group's name as an FQDN" fqdn
swanctl_ns "$c1" --terminate --ike gw >/dev/null 2>&1
all_gone "$gw"
for ns in "$c1" "$c2"; do charon_stop "$ns"; rm -f "$work/$ns/vici"; done
helper_kill "$gw"
ours "$gw" config apply /dev/null

# ---- we are the clients

start() { its_gateway $group && our_start "$c1" && our_start "$c2" && our_client "$c1" ann $group && our_client "$c2" bob $group; }
check "strongSwan is the gateway, we are the clients" start
up() { ours "$1" peer up gw wait 10 && busywait 5000 sa_is "$1" 1 "$two_up"; }
come() { up "$c1" && up "$c2"; }
result "both come" come
vips() { ours "$1" -j sa | jq -r '.[0].virtual_ip | join(" ")'; }
vips_are() { [ "$(vips "$c1"), $(vips "$c2")" = "$1" ] || { vips "$c1"; vips "$c2"; return 1; }; }
result "each has an address of either family" vips_are "10.8.0.1 fd08::1, 10.8.0.2 fd08::2"
here "$c1" 10.8.0.1/32 fd08::1/128 && here "$c2" 10.8.0.2/32 fd08::2/128
result "both speak at once" talk 10.8.0.1 10.8.0.2
result "over IPv6, too" six fd08::1 fd08::2
cookie() { ours "$c1" -j sa | jq -r '.[0].spi_i'; }
other_cookie() { [ "$(cookie)" != "$1" ] && sa_is "$c1" 1 "$two_up"; }
anew() {
	local was
	was=$(cookie)
	ours "$c1" sa rekey id "$(ours "$c1" -j sa | jq -r '.[0].id')" && busywait 8000 other_cookie "$was" &&
		vips_are "10.8.0.1 fd08::1, 10.8.0.2 fd08::2" && talk 10.8.0.1 10.8.0.2
}
result "phase 1 anew with XAUTH: the same addresses" anew
forgets() { hide 40000 && busywait 8000 in_ns "$c1" ping -q -c 1 -W 0.3 -I 10.8.0.1 10.1.0.2 && busywait 8000 in_ns "$c2" ping -q -c 1 -W 0.3 -I 10.8.0.2 10.1.0.2 && talk 10.8.0.1 10.8.0.2; }
result "the NAT forgets both, and gives them other ports" forgets
go() { ours "$c1" peer down gw && ours "$c2" peer down gw && all_gone "$c1" && all_gone "$c2" && busywait 5000 no_states "$gw"; }
result "both go: nothing is left" go
wrong() {
	echo "another password" >"$work/$c1/secrets/ann"
	refuses "$c1" auth-failed fails ours "$c1" peer up gw wait 5 && ours "$c1" peer down gw && all_gone "$c1"
}
result "a wrong password: auth-failed, and nothing is left" wrong
check "the kernel has no complaint" kernel_silent
ktap_end
