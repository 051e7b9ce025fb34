#!/bin/bash
# nat_ways.sh: NATs in every place, strongSwan as the peer: in front of the one who is asked, in front
# of both, over IPv4 and IPv6, tunnel and transport mode; a mapping that goes while all is quiet; UDP
# without a NAT, because the peer wants it, or because it begins on port 4500.
# Topology: lab_both_families in lib.sh, A ours, B strongSwan. The router lets no bare ESP pass.
# backends: uml
# boot: time-travel
# timeout: 240
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh
. interop/lib.sh

ktap_plan 28

# ---- the router; addresses of its own, of the family of $a: $ra towards A, $rb towards B

# between RULE...: hideA, hideB: their packets leave with the router's address, and one of $ports if
# that says so; inA, inB: UDP to the router is for them; bare: bare ESP passes
ports=
between() {
	local pre= post= bare=drop r
	for r; do
		case $r in
		hideA) post+="oifname toB meta l4proto udp masquerade $ports; " ;;
		hideB) post+="oifname toA meta l4proto udp masquerade $ports; " ;;
		inA) pre+="iifname toB $ip daddr $rb udp dport { 500, 4500 } dnat $ip to $a; " ;;
		inB) pre+="iifname toA $ip daddr $ra udp dport { 500, 4500 } dnat $ip to $b; " ;;
		bare) bare=accept ;;
		esac
	done
	in_ns "$router" nft -f - <<-END && in_ns "$router" conntrack -F >"$work/conntrack" 2>&1
	flush ruleset
	table inet n {
		chain f { type filter hook forward priority 0; meta l4proto esp $bare; }
		chain pre { type nat hook prerouting priority dstnat; $pre }
		chain post { type nat hook postrouting priority srcnat; $post }
	}
	END
}
family() {
	if [ "$1" = 4 ]; then
		ip=ip a=$a4 b=$b4 ra=192.0.2.1 rb=198.51.100.1 netA=10.1.0.0/16 netB=10.2.0.0/16 hA=10.1.0.2 hB=10.2.0.2
	else
		ip=ip6 a=$a6 b=$b6 ra=2001:db8:1::1 rb=2001:db8:2::1 netA=fd01::/64 netB=fd02::/64 hA=fd01::2 hB=fd02::2
	fi
	mode=$2
	[ "$mode" = tunnel ] || netA=dynamic netB=dynamic
}

# ---- the ends: seenB is B as A sees it, seenA the other way

us() {
	cat >"$work/$gwA/isakmp.conf" <<-END
	listen addr $a
	proposal strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16
	cred gw psk file gw
	peer gw local $a remote $seenB proposal strong ${PEER_KEYS-}
	auth peer gw side local method psk id fqdn:a.example cred gw
	auth peer gw side remote method psk id fqdn:b.example cred gw
	child net peer gw local-ts $netA remote-ts $netB mode $mode
	END
	ours "$gwA" config apply "$work/$gwA/isakmp.conf"
}
them() {
	cat >"$work/$gwB/swanctl/swanctl.conf" <<-END
	connections { gw {
		version = 2
		local_addrs = $b
		remote_addrs = $seenA
		proposals = aes256gcm16-prfsha384-x25519
		mobike = no
		${THEM-}
		local { auth = psk
			id = b.example }
		remote { auth = psk
			id = a.example }
		children { net {
			local_ts = $netB
			remote_ts = $netA
			esp_proposals = aes256gcm16
			mode = $mode
		} }
	} }
	secrets { ike-gw { secret = a shared secret of the selftests } }
	END
	[ -S "$work/$gwB/vici" ] || return 0
	swanctl_ns "$gwB" --load-all --noprompt >"$work/load" 2>&1 || { cat "$work/load"; return 1; }
}

# ---- what is tried

initiate() { swanctl_ns "$gwB" --initiate --child net --timeout 5; }
down() { ours "$gwA" peer down gw && busywait 5000 no_states "$gwA" && busywait 5000 no_states "$gwB"; }
# both hosts, or both gateways by what they know of each other; counted by XFRM
both_ping() {
	if [ "$mode" = tunnel ]; then
		ping_ok "$hostA" $hB "${1:-1}" && ping_ok "$hostB" $hA "${1:-1}"
	else
		ping_ok "$gwA" "$seenB" "${1:-1}" && ping_ok "$gwB" "$seenA" "${1:-1}"
	fi
}
flows() {
	local was
	was=$(esp_packets "$gwA")
	both_ping 2 && [ "$(esp_packets "$gwA")" -ge $((was + 4)) ]
}
has() { sa_is "$gwA" 1 "$with_child and ($1)" || { ours "$gwA" -p -j sa; return 1; }; }
start() { if [ "$1" = we ]; then ours "$gwA" peer up gw wait 8; else initiate && tunnel_up "$gwA"; fi; }
peer_log() { note "$(grep -a -v -E 'CFG|JOB' "$work/$gwB/charon.log" | tail -n 15)"; }
result() { check "$@" || { peer_log; down >/dev/null 2>&1; }; }

# row FAMILY MODE STARTER SEEN-A SEEN-B WHAT-A-KNOWS RULE...
run_row() { between "${@:2}" && us && them && start "$starter" && has "$1" && flows && down; }
row() {
	family "$1" "$2"
	starter=$3 seenA=$4 seenB=$5
	[ "$seenA" != A ] || seenA=$a
	[ "$seenB" != B ] || seenB=$b
	[ "$seenA" != R ] || seenA=$rb
	[ "$seenB" != R ] || seenB=$ra
	result "IPv$1, $2, ${*:7}: $3 start" run_row "${@:6}"
}

lab() {
	lab_both_families && family 4 tunnel && seenA=$a seenB=$b && mkdir -p "$work/$gwB/swanctl" "$work/$gwA/secrets" &&
	printf '%s\n' "a shared secret of the selftests" >"$work/$gwA/secrets/gw" && chmod 0640 "$work/$gwA/secrets/gw" &&
	load_isakmp && at_exit report_reasons "$gwA" && helper_start "$gwA" && us && them && charon_start "$gwB"
}
check "the lab" lab

only_us='.encap and .nat_local and (.nat_remote | not) and .lport == 4500'
only_it='.encap and .nat_remote and (.nat_local | not) and .lport == 4500'
each='.encap and .nat_local and .nat_remote and .lport == 4500'
for kind in "4 tunnel" "4 transport" "6 transport"; do
	# shellcheck disable=SC2086
	{
		row $kind we A R "$only_it" inB
		row $kind they R B "$only_us" inA
		row $kind we R R "$each" hideA inB
		row $kind they R R "$each" hideB inA
	}
done
row 6 tunnel we R R "$each" hideA inB
row 6 tunnel they R R "$each" hideB inA

# ---- the mapping goes: the port is another one then

# goes NAME RULE... -- CMD...: and CMD is what is seen first on the way
round=40000
goes() {
	round=$((round + 1000)) ports="to :$round-$((round + 999))"
	between "$1" && busywait 10000 "${@:2}" && both_ping 2
	ports=
}
up_behind() { between "$1" && us && them && ours "$gwA" peer up gw && flows; }
family 4 tunnel
seenA=$rb seenB=$b
PEER_KEYS="dpd 1" result "we are behind a NAT, quiet but for a look each second" up_behind hideA
result "the mapping goes; we send first" goes hideA ping_ok "$hostA" $hB
result "it goes; strongSwan sends first" goes hideA ping_ok "$hostB" $hA
PEER_KEYS="dpd 1" result "down" down
behind() { between hideB && us && them && initiate && tunnel_up "$gwA" && flows; }
seenA=$a seenB=$ra
THEM="dpd_delay = 1" result "strongSwan is, it looks each second" behind
result "the mapping goes; it sends first" goes hideB ping_ok "$hostB" $hA
result "it goes; we send first" goes hideB ping_ok "$hostA" $hB
result "down" down

# ---- no NAT

udp='.encap and .lport == 4500'
wish() { THEM=$1 run_row "${@:2}"; }
seenA=$a seenB=$b
for starter in we they; do
	result "no NAT, it wants UDP: $starter start" wish "encap = yes" "$udp"
done
starter=they
result "it begins on port 4500" wish "remote_port = 4500" '(.encap | not) and .lport == 4500' bare
seenB=$ra
result "and behind a NAT" wish "remote_port = 4500" "$only_it" hideB
check "the kernel has no complaint" kernel_silent
ktap_end
