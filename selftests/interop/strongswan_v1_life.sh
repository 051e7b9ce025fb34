#!/bin/bash
# strongswan_v1_life.sh: the later life of version 1 with strongSwan: one end has lost everything, and says
# that it begins (INITIAL-CONTACT); a peer that is killed and started again, of which traffic comes back
# without a word from it; limits in seconds and kilobytes that differ between the ends; which status
# notifications are seen on the wire.
# Topology: lab_both_families in lib.sh, A ours, B strongSwan.
# backends: uml
# tier: long
# boot: time-travel
# timeout: 300
# guest-time: 2400
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh
. interop/lib.sh
. interop/strongswan/v1.sh

ktap_plan 37
check "the lab" ready
in_ns "$gwA" sysctl -q net.isakmp.retransmit_timeout_ms=500 net.isakmp.retransmit_tries=3

result() { check "$@" || { peer_log; note "$(ours "$gwA" -p -j sa)"; }; }
of() { ours "$gwA" -j sa | jq -r "[.[] | select($with_child)][0] | $1"; }
id_now() { ours "$gwA" -j sa | jq "[.[] | select($with_child) | .id] | max // 0"; }
conf() { nat off && peer_conf && our_conf; }
main
row_set aes256-sha256-ecp256 aes256-sha256 psk 4 off tunnel

# ---- one end has lost everything

# A loses everything, and nobody hears of it
silence() { in_ns "$router" nft -f - <<<'table ip mute { chain f { type filter hook forward priority 0; policy drop; }; }'; }
speech() { in_ns "$router" nft delete table ip mute; }
we_forget() {
	silence && ours "$gwA" peer down gw
	tunnel_down "$gwA" && speech
}
# In Aggressive Mode nobody says that in phase 1 (RFC 2407, 4.6.3), and strongSwan neither says nor hears it
# later: the new child has the place of the old one, which goes in a while.
left() { [ "$exchange" = aggressive ] || [ "$(sas "$1")" = 2 ]; }
ours_left() { [ "$(sas "$gwA")" = 2 ]; }
its_one() { busywait 10000 charon_is "$gwB" 1 && busywait 2000 left "$gwB" && flows; }
ours_one() { busywait 10000 sa_is "$gwA" 1 "$with_child" && flows && busywait 2000 left "$gwA" && slowwait 70 ours_left; }
it_forgets() {
	silence && swanctl_ns "$gwB" --terminate --ike gw --force --timeout 1
	speech
}
for mode_of in main aggressive; do
	$mode_of
	result "$exchange: up" eval "conf && we_start"
	again() { we_forget && [ "$(charon_sas "$gwB")" = 1 ] && we_start && its_one; }
	result "$exchange: we forget, and begin anew: strongSwan has one of us" again
	it_again() { it_forgets; busywait 5000 charon_is "$gwB" 0 && peer_up && ours_one; }
	result "$exchange: it forgets, and begins anew: we have one of it" it_again
	result "$exchange: down" all_down
done
main

# ---- killed, and started again

kill_it() {
	local pid
	pid=$(cat "$work/$gwB/pid")
	kill -9 "$pid" && busywait 5000 fails kill -0 "$pid"
	rm -f "$work/$gwB/vici" "$work/$gwB/pid"
	ip -n "$gwB" xfrm state flush && ip -n "$gwB" xfrm policy flush
}
back() { busywait "$1" in_ns "$hostA" ping -q -n -c 1 -W 0.3 "$hB"; }
now_s() { date +%s; }
# returns STARTER LIMIT: after it was killed packets of ours bring the tunnel back, in so many seconds
returns() {
	local since
	conf && if [ "$1" = we ]; then we_start; else peer_up && tunnel_up "$gwA" && flows; fi || return
	kill_it && conf && since=$(now_s) && back 60000 && flows || return
	echo "$(($(now_s) - since)) s"
	[ $(($(now_s) - since)) -le "$2" ]
}
# dpd every 5 s; four tries take 0.5 + 1 + 2 + 4 s
start=trap peer_keys="version 1 dpd 5s" result "we had begun, it is killed: traffic is back in 20 s" returns we 20
{ conf && all_down; } >/dev/null 2>&1
start=trap peer_keys="version 1 dpd 5s" result "it had begun, it is killed: traffic is back in 20 s" returns they 20
{ conf && all_down; } >/dev/null 2>&1
# it begins again by itself: at once
it_begins() { conf && we_start && kill_it && conf && peer_up && ours_one; }
result "it is killed, and begins itself: at once, and one is left" it_begins
all_down >/dev/null 2>&1
# the other way: our side loses all, strongSwan looks whether we live
we_die() {
	conf && "$1" && silence && ours "$gwA" peer down gw
	tunnel_down "$gwA" && speech && busywait 30000 in_ns "$hostB" ping -q -n -c 1 -W 0.3 "$hA"
}
its_trap="start_action = trap
dpd_action = restart"
peer_dpd=3 its_child=$its_trap result "we forget: it notices, and its packets bring it back" we_die we_start
peer_dpd=3 its_child=$its_trap result "the same, where it had begun" we_die peer_starts
ours "$gwA" peer down gw >/dev/null 2>&1
{ conf && all_down; } >/dev/null 2>&1

# ---- lifetimes

spi() { of '[.children[] | select(.state == "up")] | last | .spi_in'; }
changes() {
	local was
	was=$(spi)
	slowwait "$1" is_other "$was" && flows
}
is_other() { [ "$(spi)" != "$1" ] && sa_is "$gwA" 1 "$with_child"; }
cookies() { of .spi_i; }
cookies_change() {
	local was
	was=$(cookies)
	slowwait "$1" other_cookies "$was" && flows
}
other_cookies() { [ "$(cookies)" != "$1" ] && sa_is "$gwA" 1 "$with_child"; }
up_by() { conf && "$@"; }
told() { grep -a 'parsed QUICK_MODE response' "$work/$gwB/charon.log" | tail -n 1 | tee /dev/stderr | grep -q 'N((24576))'; }
for starter in we_start peer_starts; do
	who=${starter%%_start*}
	child_keys="life 40s" result "$who start; ours is the shorter (40 s, 1 h): up" up_by $starter
	[ $starter = we_start ] || result "it was told so (RESPONDER-LIFETIME)" told
	result "its child is rekeyed in time" changes 45
	result "down" all_down
	its_child="life_time = 40s
	rekey_time = 30s
	rand_time = 0" result "$who start; its is the shorter: up" up_by $starter
	result "its child is rekeyed in time" changes 45
	result "down" all_down
done
# what is longer than ours, or another one, may be refused
for check in strict exact; do
	longer() { conf && refuses "$gwA" v1-lifetime fails peer_up; }
	child_keys="life 40s" peer_keys="version 1 lifetime-check $check" result "it wants 1 h, we allow 40 s, $check: v1-lifetime" longer
	ours "$gwA" peer down gw >/dev/null 2>&1
	swanctl_ns "$gwB" --terminate --ike gw --timeout 3 >/dev/null 2>&1
	busywait 5000 sa_is "$gwA" 0
done
child_keys="life 2h" peer_keys="version 1 lifetime-check strict" result "it wants 1 h, we allow 2 h, strict: up" up_by peer_starts
all_down >/dev/null 2>&1
our_conf
# of phase 1
peer_keys="version 1 life 60s" result "phase 1 of ours is the shorter: up" up_by we_start
result "it is renewed in time" cookies_change 60
all_down >/dev/null 2>&1
its_lines="rekey_time = 30s
rand_time = 0" result "phase 1 of strongSwan is the shorter: up" up_by we_start
result "it is renewed in time" cookies_change 45
all_down >/dev/null 2>&1
# kilobytes
used_up() {
	local was n
	was=$(spi)
	for n in 1 2 3 4 5 6 7 8; do
		in_ns "$hostA" ping -q -n -c 20 -i 0.02 -s 1000 "$hB" >/dev/null || return
		! is_other "$was" || break
	done
	busywait 8000 is_other "$was" && flows
}
child_keys="bytes 64K" result "64 KB by us: another child" up_by we_start
result "it is rekeyed by what went through it" used_up
all_down >/dev/null 2>&1
check "the kernel has no complaint" kernel_silent
ktap_end
