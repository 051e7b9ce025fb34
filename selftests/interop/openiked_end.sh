#!/bin/bash
# openiked_end.sh: how it ends with OpenIKED: each side deletes the child, and the IKE SA; each side looks
# whether the other one lives, and notices when it does not. OpenIKED looks when it has heard nothing for
# five minutes, and gives up a minute after that.
# tier: long
# backends: uml
# boot: time-travel
# guest-time: 2400
cd "$(dirname "$0")/.." || exit 1
. ./lib.sh
. ./gateway.sh
. interop/lib.sh
. interop/openiked/lib.sh

ktap_plan 17

result() { check "$@" || peer_log; }
# its IKE SAs, as it shows them; what is in its log since the mark
its_sas() { ikectl -s "$iked/socket" show sa | grep -c '^iked_sas: .*ESTABLISHED'; }
it_has() { [ "$(its_sas)" = "$1" ]; }
mark() { seen=$(wc -l <"$iked/log"); }
its_log() { tail -n +$((seen + 1)) "$iked/log" | grep -q "$1"; }
up() { ours "$gwA" peer up gw && tunnel_up "$gwA" && flows; }
childless() { busywait 10000 sa_is "$gwA" 1 "$established and ((.children // []) | length == 0)"; }
no_child() { childless && busywait 10000 no_states "$gwA" && busywait 10000 no_states "$gwB"; }
nothing() { busywait 10000 sa_is "$gwA" 0 && busywait 10000 no_states "$gwA" && busywait 10000 no_states "$gwB"; }
nothing_anywhere() { nothing && busywait 10000 it_has 0; }

row_set aes256gcm16-prfsha384-x25519 aes256-sha1 psk 4 off tunnel
extra="set dpd_check_interval 5"
begin() { ready && peer_conf && our_conf && ours "$gwA" peer set gw dpd off; }
check "the lab" begin

# ---- by a Delete

result "up" up
check "we delete the child" ours "$gwA" child down net peer gw
result "it goes at both ends, the IKE SA stays" eval 'no_child && it_has 1'
result "it comes again" eval 'ours "$gwA" child up net peer gw && tunnel_up "$gwA" && flows'
its_spi() { ip -n "$gwB" xfrm state | awk '/^src 192.0.2.2/ { getline; print $4 }'; }
it_drops() { in_ns "$gwB" python3 interop/openiked/expire.py hard "$b" "$(its_spi)" && no_child; }
result "it deletes the child, which has expired there: it goes at both ends, the IKE SA stays" it_drops
we_end() { ours "$gwA" peer down gw && nothing_anywhere; }
result "we delete the IKE SA: it goes at both ends" we_end
it_ends() { ikectl -s "$iked/socket" reset id FQDN/a.example && nothing_anywhere; }
result "up" up
result "it deletes the IKE SA: it goes at both ends" it_ends

# ---- one who is dead

cut() { ip -n "$router" link set toB down; }
mend() { ip -n "$router" link set toB up && ip -n "$router" addr replace 198.51.100.1/24 dev toB; }
result "up" up
msgs() { ours "$gwA" -j sa | jq '.[0].msgs_in'; }
more() { [ "$(msgs)" -gt "$1" ]; }
we_look() { ours "$gwA" peer set gw dpd 1s && busywait 10000 more $(($(msgs) + 2)) && sa_is "$gwA" 1 "$with_child"; }
result "we look each second, and it answers" we_look
in_ns "$gwA" sysctl -q net.isakmp.retransmit_timeout_ms=100 net.isakmp.retransmit_tries=3
we_notice() { cut && busywait 15000 refused_above "$gwA" timeout 0 && busywait 10000 sa_is "$gwA" 0; }
result "it is cut off: we notice: timeout" we_notice
anew() { mend && peer_conf && ours "$gwA" peer set gw dpd off && up; }
result "up, with another one there" anew
it_looks() { mark && slowwait 600 its_log 'sending alive check' && sa_is "$gwA" 1 "$with_child" && it_has 1 && flows; }
result "it looks, and we answer: the SAs stay" it_looks
it_notices() { mark && cut && slowwait 900 it_has 0 && busywait 10000 no_states "$gwB"; }
result "we are cut off: it notices" it_notices
forgotten() { mend && ours "$gwA" peer down gw; busywait 20000 sa_is "$gwA" 0; }
check "down" forgotten
check "the kernel has no complaint" kernel_silent
ktap_end
