#!/bin/bash
# reauth.sh: an authentication that is good for a time: a new one takes its place, and no packet is
# lost; without helpers there is none, and the SA ends at its time. What stands on a credential or an
# identity is revoked, without a helper, too.
# Topology: two_gateways in lib.sh, both ours.
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 23

LOCAL_ID=fqdn:gw.example REMOTE_ID=fqdn:gw.example
check "lab: both ours" lab ours
timed() { ours "$gwB" peer set gw reauth 6s; }
check "B believes a peer for 6 s" timed
up() { ours "$gwA" peer up gw >/dev/null && tunnel_up "$gwA" && tunnel_up "$gwB"; }
check "up" up
left() { ours "$1" -j sa | jq '.[0].auth_left_ms // 0'; }
good_for() { local l; l=$(left "$1"); echo "$l"; [ "$l" -gt 1000 ] && [ "$l" -le 6000 ]; }
check "the responder shows how long" good_for "$gwB"
check "the initiator was told (RFC 4478)" good_for "$gwA"
id() { ours "$1" -j sa | jq '.[0].id'; }
first=$(id "$gwA")
in_ns "$hostA" ping -q -n -i 0.02 -c 350 -W 2 10.2.0.2 >"$work/ping" 2>&1 &
ping=$!
other() { [ "$(id "$gwA")" != "$first" ] && sa_is "$gwA" 1 "$with_child" && sa_is "$gwB" 1 "$with_child"; }
check "another IKE SA takes its place" busywait 8000 other
began_by() { [ "$(ours "$gwA" -j sa | jq '.[0].initiator // false')" = true ]; }
check "of the same initiator" began_by
wait $ping
lossless() { grep -q ' 0% packet loss' "$work/ping" || { cat "$work/ping"; return 1; }; }
check "no packet is lost" lossless

gone() { busywait 8000 sa_is "$1" 0 '.state != "init-sent" and .state != "auth-asked" and .state != "init-answered" and .state != "auth-asked-peer"'; }
dies() { helper_kill "$gwA"; helper_kill "$gwB"; gone "$gwA" && gone "$gwB"; }
expired() { [ $(($(refused "$gwA" auth-expired) + $(refused "$gwB" auth-expired))) -gt 0 ]; }
ends() { dies && expired; }
check "without helpers it ends: auth-expired" ends
check "and its ESP SAs" busywait 3000 no_states "$gwB"
back() { helper_start "$gwA" && helper_start "$gwB" && ours "$gwB" peer set gw reauth off && ours "$gwA" peer down gw; }
check "they come back" back

standing() { up && ours "$gwA" -d sa; }
check "an SA says what it stands on" says 'local-cred gw remote-cred gw' standing
told() { local l; l=$(left "$gwA"); [ "$l" -gt 3000000 ] && [ "$l" -le 3600000 ]; }
shorter() { ours "$gwB" peer set gw reauth 1h && busywait 3000 told && ours "$gwB" peer set gw reauth off; }
check "the operator has another word: the initiator is told (RFC 4478)" shorter
no_helpers() { helper_kill "$gwB"; busywait 3000 no_helper "$gwB"; }
check "B's helper dies" no_helpers
check "nothing stands on this" says 'no IKE SA stands on this' ours "$gwB" sa revoke cred other
check "nor on this" says 'no IKE SA stands on this' ours "$gwB" sa revoke identity fqdn:else.example
check "both are untouched" sa_is "$gwB" 1 "$with_child"
both_down() { tunnel_down "$gwB" && tunnel_down "$gwA"; }
by_cred() { ours "$gwB" sa revoke cred gw && both_down; }
check "a credential is revoked" refuses "$gwB" revoked by_cred
by_id() { helper_start "$gwB" && up && ours "$gwB" sa revoke identity fqdn:GW.Example && both_down; }
check "an identity is revoked, however it is spelled" refuses "$gwB" revoked by_id
by_number() { up && ours "$gwB" sa revoke id "$(id "$gwB")" && both_down; }
check "one IKE SA is revoked" refuses "$gwB" revoked by_number
check "which is told" says 'one of a number' ours "$gwB" sa revoke cred gw id 1
monitors() {
	isakmp -n "$gwB" monitor >"$work/monitor" 2>&1 3>&- &
	at_exit kill $!
	up && ours "$gwB" sa revoke cred gw && busywait 3000 grep -q revoked "$work/monitor"
}
check "isakmp monitor tells of it" monitors
check "the kernel has no complaint" kernel_silent
ktap_end
