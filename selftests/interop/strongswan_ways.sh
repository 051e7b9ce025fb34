#!/bin/bash
# strongswan_ways.sh: strongSwan as it likes it: default proposals on either side, a group guessed wrong
# by either, cookies, fragments it would send, no child in IKE_AUTH; and what it asks of a tunnel that is
# up: to rekey, whether we live, to delete a child or all.
# Topology: two_sites in lib.sh, A ours, B strongSwan; what did not come as ESP goes no further.
# backends: uml
# timeout: 240
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh

ktap_plan 31

# ---- the ends

# us IKE ESP
us() {
	cat >"$work/$gwA/isakmp.conf" <<-END
	listen addr 192.0.2.1
	proposal strong ike $1 esp $2
	cred gw psk file gw
	peer gw local 192.0.2.1 remote 192.0.2.2 proposal strong ${PEER_KEYS-}
	auth peer gw side local method psk id fqdn:a.example cred gw
	auth peer gw side remote method psk id fqdn:b.example cred gw
	child net peer gw local-ts 10.1.0.0/16 remote-ts 10.2.0.0/16 ${CHILD_KEYS-}
	END
	[ ! -e "$work/$gwA/isakmpd.pid" ] || ours "$gwA" config apply "$work/$gwA/isakmp.conf"
}
# them IKE ESP [LINE...]: empty: its defaults; lines for the connection
them() {
	local ike=${1:+proposals = $1} esp=${2:+esp_proposals = $2}
	shift 2
	cat >"$work/$gwB/swanctl/swanctl.conf" <<-END
	connections { gw {
		version = 2
		local_addrs = 192.0.2.2
		remote_addrs = 192.0.2.1
		$ike
		$(printf '%s\n' "$@")
		local { auth = psk
			id = b.example }
		remote { auth = psk
			id = a.example }
		children { net {
			local_ts = 10.2.0.0/16
			remote_ts = 10.1.0.0/16
			$esp
			${CHILD-}
		} }
	} }
	secrets { ike-gw { secret = a shared secret of the selftests } }
	END
	[ -S "$work/$gwB/vici" ] || return 0
	swanctl_ns "$gwB" --load-all --noprompt >"$work/load" 2>&1 || { cat "$work/load"; return 1; }
}
sides() { us "$1" "$2" && them "${@:3}"; }
plain=(aes256gcm16-prfsha384-x25519 aes256gcm16)
esp_only() {
	in_ns "$1" nft add table ip clear \; add chain ip clear f '{ type filter hook forward priority 0; }' \; \
		add rule ip clear f iifname wan meta ipsec missing drop
}
flows() { ping_ok "$hostA" 10.2.0.2 && ping_ok "$hostB" 10.1.0.2; }
down() { ours "$gwA" peer down gw && busywait 5000 no_states "$gwA" && busywait 5000 no_states "$gwB"; }
we_start() { ours "$gwA" peer up gw wait 8; }
initiate() { swanctl_ns "$gwB" --initiate --child net --timeout 5; }
they_start() { initiate && tunnel_up "$gwA"; }
both_ways() { we_start && flows && down && they_start && flows && down; }
peer_log() { note "$(grep -a -v JOB "$work/$gwB/charon.log" | tail -n 20)"; }
result() { check "$@" || { peer_log; down >/dev/null 2>&1; }; }
set_up_works() { "$@" && both_ways; }
works() { result "$1" set_up_works "${@:2}"; }

# said PATTERN N: strongSwan's log has it more than N times
said() { grep -a -c -- "$1" "$work/$gwB/charon.log"; }
said_more() { [ "$(said "$1")" -gt "$2" ]; }
charon_says() {
	local re=$1 was
	was=$(said "$re")
	shift
	"$@" && busywait 5000 said_more "$re" "$was"
}

lab() {
	two_sites && esp_only "$gwA" && esp_only "$gwB" &&
	mkdir -p "$work/$gwB/swanctl" "$work/$gwA/secrets" && us "${plain[@]}" &&
	echo "a shared secret of the selftests" >"$work/$gwA/secrets/gw" && chmod 0640 "$work/$gwA/secrets/gw" &&
	them "" "" && CHARON_OPTIONS="cookie_threshold_ip = 1" charon_start "$gwB" && ours_start "$gwA" &&
	echo_start "$hostB"
}
check "the lab: A ours, B strongSwan" lab

# ---- what is offered

several=aes256-sha512-modp4096,chacha20poly1305-prfsha256-ecp256,aes128-sha256-modp2048
works "its defaults, ours of \"tunnel add\"" sides "${plain[@]}" "" ""
works "its defaults, several of ours" sides $several aes128-sha256,chacha20poly1305 "" ""
one=aes128-sha256-modp2048
works "the third of ours fits" sides $several aes256gcm16,chacha20poly1305,aes128-sha256 $one aes128-sha256
works "the third of its own does" sides $one aes128-sha256 $several aes256gcm16,chacha20poly1305,aes128-sha256

guess=aes256gcm16-prfsha384-ecp384
wrong_here() { sides "${plain[@]}" "$guess-x25519" "" && refuses "$gwA" ke-group they_start && flows && down; }
result "it guesses another group: ke-group, and the next try" wrong_here
wrong_there() {
	sides $guess,${plain[0]} aes256gcm16 "${plain[@]}" && charon_says 'N(INVAL_KE)' we_start && flows && down
}
result "we do: INVALID_KE_PAYLOAD, and the next try" wrong_there

# ---- what it may want of IKE

works "fragmentation = force" sides "${plain[@]}" "" "" "fragmentation = force"
works "childless = prefer: with a child for us" sides "${plain[@]}" "" "" "childless = prefer"
childless() {
	sides "${plain[@]}" "" "" "childless = force" && refuses "$gwA" peer-error fails we_start &&
		they_start && flows && down
}
result "childless = force: refused when we start with a child, taken when it starts without" childless
PEER_KEYS="childless prefer"
works "childless = never, ours prefer: with a child" sides "${plain[@]}" "" "" "childless = never"
works "childless = allow, ours prefer" sides "${plain[@]}" "" "" "childless = allow"
PEER_KEYS="childless force"
works "childless = force, ours too" sides "${plain[@]}" "" "" "childless = force"
PEER_KEYS="childless never"
never() { sides "${plain[@]}" "" "" "childless = force" && fails initiate && busywait 5000 sa_is "$gwA" 0 "$established"; }
result "childless = force, ours never: nothing stays" never
PEER_KEYS="childless force"
forced() { sides "${plain[@]}" "" "" "childless = never" && refuses "$gwA" childless fails initiate; }
result "childless = never, ours force: refused" forced
PEER_KEYS=
# a half-open one from here, and it asks for cookies
its_cookie() {
	sides "${plain[@]}" "" "" && in_ns "$gwA" python3 ./ikeprobe.py first 192.0.2.2 --wait 0.5 >"$work/probe" &&
		charon_says 'N(COOKIE)' we_start && flows && down
}
result "it asks for a cookie" its_cookie
our_cookie() {
	in_ns "$gwA" sysctl -q net.isakmp.cookie_threshold=0 && refuses "$gwA" cookie-sent they_start && flows &&
		in_ns "$gwA" sysctl -q net.isakmp.cookie_threshold=64 && down
}
result "we ask for one" our_cookie

# ---- what it wants of a tunnel that is up

# lossless CMD...: under a stream both ways
lossless() { stream_start "$hostA" 10.2.0.2 5 && "$@" && stream_whole; }
id() { ours "$gwA" -j sa | jq "[.[] | select($with_child) | .id] | max // 0"; }
newer() { [ "$(id)" -gt "$1" ] && sa_is "$gwA" 1 "$with_child" && charon_is "$gwB" 1; }
anew() { local was; was=$(id); swanctl_ns "$gwB" "$@" && busywait 10000 newer "$was"; }
up() { sides "${plain[@]}" "" "" "dpd_delay = ${1:-0}" && they_start && flows; }
result "up" up
# rekeyed COUNTER WHAT...: by it, and by us; the IKE SA is the same
rekeyed() {
	local was before counter=$1
	shift
	was=$(id) before=$(counter "$gwA" "$counter")
	swanctl_ns "$gwB" --rekey "$@" && busywait 10000 counter_above "$gwA" "$counter" "$before" || return
	[ "$counter" = sa-rekeyed ] && ours "$gwA" sa rekey id "$was"
	[ "$counter" = sa-rekeyed ] || ours "$gwA" sa rekey id "$was" child net
	busywait 10000 counter_above "$gwA" "$counter" $((before + 1)) && [ "$(id)" = "$was" ] &&
		busywait 10000 charon_is "$gwB" 1
}
# before the rekeys: it puts this off while a rekeyed child is on its way out
reauth() { lossless anew --rekey --ike gw --reauth; }
result "it reauthenticates: no packet is lost" reauth
child_anew() { lossless rekeyed child-rekeyed --child net; }
result "it rekeys the child, then we: no packet is lost" child_anew
ike_anew() { lossless rekeyed sa-rekeyed --ike gw; }
result "it rekeys the IKE SA, then we: no packet is lost" ike_anew

bare='.state == "established" and (.children | length == 0)'
only_child() { swanctl_ns "$gwB" --terminate --child net && busywait 9000 sa_is "$gwA" 1 "$bare" && no_states "$gwA"; }
result "it deletes the child: the IKE SA stays" only_child
again() { initiate && busywait 5000 sa_is "$gwA" 1 "$with_child" && flows; }
result "it asks for the child again, in the same IKE SA" again
we_again() { only_child && we_start && sa_is "$gwA" 1 "$with_child" && flows; }
result "we do" we_again
all_of_it() {
	swanctl_ns "$gwB" --terminate --ike gw && busywait 9000 no_states "$gwA" &&
		busywait 5000 sa_is "$gwA" 0 "$established"
}
result "it deletes the IKE SA" all_of_it

pfs() { sides "${plain[0]}" aes256gcm16-x25519 "${plain[0]}" "$1" && they_start && only_child && again && we_again && all_of_it; }
result "children anew, with a key exchange of a group that it guesses wrong" pfs aes256gcm16-ecp384-x25519
# with nothing to say it asks each second; an answer has no payload
answered='parsed INFORMATIONAL response [0-9]* \[ \]'
looks() { up 1 && charon_says "$answered" true && charon_says "$answered" true && flows; }
result "it looks whether we live" looks
msgs() { ours "$gwA" -j sa | jq '.[0].msgs_in'; }
more() { [ "$(msgs)" -gt "$1" ]; }
we_look() { ours "$gwA" peer set gw dpd 1s && busywait 5000 more $(($(msgs) + 6)) && sa_is "$gwA" 1 "$with_child"; }
result "we look whether it lives, too" we_look
cut() {
	in_ns "$gwA" nft add table ip cut \; add chain ip cut i '{ type filter hook input priority 0; }' \; \
		add rule ip cut i udp sport '{ 500, 4500 }' drop \; \
		add chain ip cut o '{ type filter hook output priority 0; }' \; add rule ip cut o udp dport '{ 500, 4500 }' drop
}
in_ns "$gwA" sysctl -q net.isakmp.retransmit_timeout_ms=200 net.isakmp.retransmit_tries=3
we_notice() { cut && sa_gone; }
sa_gone() { busywait 15000 sa_is "$gwA" 0 && busywait 3000 no_states "$gwA"; }
result "neither hears the other one: we notice: timeout" refuses "$gwA" timeout we_notice
it_notices() { busywait 15000 charon_is "$gwB" 0 && busywait 3000 no_states "$gwB" && grep -a -q 'giving up after 3 retransmits' "$work/$gwB/charon.log"; }
result "so does it" it_notices

check "the kernel has no complaint" kernel_silent
ktap_end
