#!/bin/bash
# resumption.sh: session resumption (RFC 5723): an IKE SA that was lost comes back by a ticket, without
# helpers; each ticket once; keys outlive the namespace; what refuses one. Topology: two_gateways in
# lib.sh, both of ours; gwA is the client.
# timeout: 180
cd "$(dirname "$0")" || exit 1
. ./lib.sh
. ./gateway.sh

ktap_plan 29

# a dead peer is noticed within a second
fast() { in_ns "$1" sysctl -q net.isakmp.retransmit_timeout_ms=100 net.isakmp.retransmit_tries=3; }
resumption() { lab ours none resumption yes && fast "$gwA" && fast "$gwB"; }
check "lab: both resume" resumption
up() { ours "$gwA" peer up gw wait 8 && tunnel_up "$gwA" && tunnel_up "$gwB"; }
check "the tunnel comes up" up
is_resumed() { ours "$1" -j sa | jq -e ".[0].resumed == $2"; }
check "by authentication" is_resumed "$gwA" null
tickets="$work/$gwB/state/tickets"
kept() { [ "$(stat -c %a "$tickets")" = 600 ] && grep -q '^isakmpd-tickets 1$' "$tickets"; }
check "the keys of tickets are kept, for their owner alone" kept

# lost: B forgets the IKE SA, A notices
id() { ours "$1" -j sa | jq '.[0].id'; }
lose_b() { ours "$gwB" sa del id "$(id "$gwB")" force && busywait 3000 sa_is "$gwB" 0; }
# a question that nobody answers
lose_a() { ours "$gwA" sa rekey id "$(id "$gwA")" && busywait 8000 sa_is "$gwA" 0; }
lose() { lose_b && lose_a; }

# ---- without helpers

dead() { helper_kill "$gwA"; helper_kill "$gwB"; busywait 3000 no_helper "$gwA" && busywait 3000 no_helper "$gwB"; }
counts() { echo "$(counter "$1" "$2") $(counter "$gwB" "$2")"; }
resumes() {
	local asked sent
	asked=$(counts "$gwA" upcall) sent=$(counter "$gwA" tx)
	up && is_resumed "$gwA" true && is_resumed "$gwB" true && [ "$(counts "$gwA" upcall)" = "$asked" ] &&
		[ $(($(counter "$gwA" tx) - sent)) = 2 ] || { echo "sent $sent, now $(counter "$gwA" tx)"; ours "$gwA" stat; return 1; }
}
check "the helpers die" dead
check "both ends lose the IKE SA" lose
capture() { capture_start "$gwA" wan "$work/resume.pcap"; }
check "a capture begins" capture
check "it comes back by its ticket: two messages, no question to a helper" resumes
check "which is counted" [ "$(counter "$gwA" sa-resumed) $(counter "$gwB" sa-resumed)" = "1 1" ]
check "packets pass" esp_flows
again() { lose && resumes; }
check "and again, by the ticket that came with it" again

# ---- once

replay() { in_ns "$gwA" ./ikeprobe.py replay "$work/resume.pcap" 198.51.100.2 --times 2; }
replayed() { capture_stop; lose_b && refuses "$gwB" ticket-used replay && sa_is "$gwB" 0; }
check "its first message again: ticket-used" replayed
check "A loses its end, too" lose_a

# ---- another kernel, or as good as one: the namespace is new, the keys are those of the file

rebuilt() {
	helper_kill "$gwB"
	ip netns del "$gwB" && ip netns add "$gwB" && ip -n "$gwB" link set lo up &&
		veth "$router" toB 198.51.100.1/24 "$gwB" wan 198.51.100.2/24 &&
		veth "$gwB" lan 10.2.0.1/16 "$hostB" lan 10.2.0.2/16 && in_ns "$gwB" sysctl -q net.ipv4.ip_forward=1 &&
		ip -n "$gwB" route add default via 198.51.100.1 && ip -n "$hostB" route add default via 10.2.0.1 &&
		ours_start "$gwB" && fast "$gwB" && helper_kill "$gwB" && busywait 3000 no_helper "$gwB"
}
check "the responder's namespace is built anew, and its helper is gone" rebuilt
check "the tunnel comes back by the ticket" resumes
check "and packets pass" esp_flows

# ---- refused, then a full exchange at once

back() { helper_start "$gwA" && helper_start "$gwB"; }
check "the helpers come back" back
# refused_by REASON CMD...: after CMD the ticket is refused for this, and the tunnel is there all the same
refused_by() {
	local why=$1
	shift
	lose && "$@" && refuses "$gwB" "$why" up && [ "$(refused "$gwA" ticket-refused)" -gt 0 ] &&
		is_resumed "$gwA" null && is_resumed "$gwB" null
}
resumes_now() { up && is_resumed "$gwB" true; }
revoked() { says 'no IKE SA stands on this' ours "$gwB" sa revoke cred gw; }
check "what it stands on was revoked: ticket-revoked" refused_by ticket-revoked revoked
# behind the time at which the ticket was given
clock() { date -s "@$(($(date +%s) $1 3600))"; }
set_back() { at_exit clock + && clock - && revoked; }
check "the same, by a clock that was set back: ticket-revoked" refused_by ticket-revoked set_back
# some FROM TO: creds of these numbers are revoked; no IKE SA stands on them
some() {
	seq -f 'sa revoke cred x%.0f' "$1" "$2" >"$work/batch"
	ours "$gwB" -force -b "$work/batch" || :
}
# more than are remembered; but those that are forgotten were revoked before the ticket was given
others_revoked() { some 1 100 && lose && resumes_now && some 101 260 && lose && resumes_now; }
check "many others were revoked, before and since: it counts" others_revoked
check "too many others were revoked since: ticket-revoked" refused_by ticket-revoked some 261 520
# a file of keys that are as old as they can be
turn() {
	helper_kill "$gwB"
	busywait 3000 no_helper "$gwB" && sed -i 's/^[0-9]* /0 /' "$tickets" && helper_start "$gwB"
}
once() { lose && turn && resumes_now; }
check "another key makes tickets: the one before opens them" once
twice() { turn && turn; }
check "two others do: ticket-unknown" refused_by ticket-unknown twice
others() { [ "$(cat "$tickets")" != "$1" ]; }
turned() {
	local was
	was=$(cat "$tickets")
	kill -HUP "$(cat "$work/$gwB/isakmpd.pid")" && busywait 3000 others "$was"
}
# with the second signal taken, what the first one did has reached the kernel
hup() { turned && turned; }
check "SIGHUP of its helper: no ticket is good any more" refused_by ticket-unknown hup
cred() { ours "$gwB" cred set gw id ipv4:192.0.2.2,fqdn:else.example; }
check "a cred that it stands on is another one: ticket-revoked" refused_by ticket-revoked cred
# one that no auth object names can be deleted; and there is one of its name again
unnamed() {
	ours "$gwB" auth replace peer gw side local method psk id ipv4:198.51.100.2 && ours "$gwA" peer down gw &&
		busywait 5000 sa_is "$gwA" 0 && busywait 5000 sa_is "$gwB" 0 && up
}
deleted() { ours "$gwB" cred del gw && ours "$gwB" cred add gw psk id ipv4:192.0.2.2 file gw; }
deleted_one() { unnamed && refused_by ticket-revoked deleted; }
check "a cred that it stands on was deleted: ticket-revoked" deleted_one
other() { ours "$gwB" auth set peer gw side remote method psk id ipv4:192.0.2.2 cred gw; }
check "the peer object is another one: ticket-stale" refused_by ticket-stale other

# ---- under load

cookies() {
	local was
	was=$(counter "$gwB" cookies-good)
	lose && in_ns "$gwB" sysctl -q net.isakmp.cookie_threshold=0 && resumes_now && counter_above "$gwB" cookies-good "$was"
}
check "a cookie is asked for first" cookies
check "the kernel has no complaint" kernel_silent
ktap_end
