#!/bin/bash
# v1_hostile.sh: somebody on the path has seen all messages of a connection of version 1: set up, Quick Modes,
# a rekey of phase 1, Deletes. He says all of it again, says it with each octet changed, says Deletes and
# notifications in the clear. Nothing changes, and nobody gets more packets than he has sent. With
# every log and tracepoint on, and with none; in no log stands what he says.
# Topology: two_gateways in lib.sh, both ours; the router is the stranger.
# timeout: 240
# boot: time-travel
. ./lib.sh
. ./gateway.sh

ktap_plan 20

export IKE=aes256-sha256-modp2048 ESP=aes256-sha256
check "lab: two of ours, version 1" lab ours none version 1 dpd off
of() { ours "$1" -j sa | jq -r ".[0] | $2"; }
child='[.children[] | select(.state == "up")] | last'
is_another() { [ "$(of "$gwA" "$1")" != "$2" ] && sa_is "$gwA" 1 "$with_child"; }
rekey() {
	local what=$1 was
	shift
	was=$(of "$gwA" "$what")
	ours "$gwA" sa rekey id "$(of "$gwA" .id)" "$@" && busywait 8000 is_another "$what" "$was"
}
alone() { [ "$(of "$1" '.children | length')" = 1 ]; }
life() {
	capture_start "$router" toA "$work/seen" &&
		ours "$gwA" peer up gw && tunnel_up "$gwA" && tunnel_up "$gwB" && rekey "$child | .spi_in" child net &&
		rekey .spi_i && rekey "$child | .spi_in" child net &&
		busywait 60000 alone "$gwA" && busywait 60000 alone "$gwB" && capture_stop && esp_flows
}
check "a life: two rekeys of the child, one of phase 1; all of it is seen" life
state() { ours "$1" -j sa | jq -c '[.[] | {id, spi_i, spi_r, state, children: [.children[]? | {spi_in, spi_out, state}]}]'; }
remember() { a=$(state "$gwA") b=$(state "$gwB"); }
same() { [ "$(state "$gwA")$(state "$gwB")" = "$a$b" ]; }
# half-open ones of replayed first messages go by themselves
stands() { busywait 60000 same && esp_flows; }
# he VERB: his datagrams, of which each one is answered by one at most
he() {
	local tx
	tx=$(($(counter "$gwA" tx) + $(counter "$gwB" tx)))
	in_ns "$router" python3 ./v1hostile.py "$1" "$work/seen" >"$work/sent" || return
	[ "$(cat "$work/sent")" -gt 10 ] && busywait 5000 quiet &&
		[ $(($(counter "$gwA" tx) + $(counter "$gwB" tx) - tx)) -le "$(cat "$work/sent")" ]
}
quiet() { local n; n=$(counter "$gwA" rx); pause 0.5; [ "$(counter "$gwA" rx)" = "$n" ]; }
remember
log_mark
check "every log on" logs_on
check "all of it again, all of it logged (threats 59, 60, 61)" he replay
check "nothing has changed: Quick Modes and Deletes count once" stands
check "each octet of each encrypted message changed, logged (threats 53, 59, 60, 61)" he flip
check "nothing has changed" stands
clear=$(refused "$gwA" forgeable)
check "Deletes and notifications in the clear, logged (threats 59, 60, 61)" he clear
check "are counted: forgeable" [ "$(refused "$gwA" forgeable)" -gt "$clear" ]
check "words in the clear that would do harm elsewhere, logged (threats 59, 60, 61, 62)" he words
check "nothing has changed" stands
traced() { grep -q isakmp_refused $tracefs/trace; }
check "refusals were traced" traced
unharmed() { ! grep -E 'reboot|rm -rf|id #' $tracefs/trace; }
check "without a word of his" unharmed
check "every log off" logs_off
again() { he replay && he clear && he words; }
check "all but the changed ones once more, nothing logged (threats 59, 60, 61)" again
check "nothing has changed" stands
unsaid() { ! log_said | grep .; }
check "nothing of it stands in the log above debug (threat 63)" unsaid
rekeys() { rekey "$child | .spi_in" child net && rekey .spi_i && esp_flows; }
check "both phases are rekeyed as before" rekeys
down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }
check "down" down
check "the kernel has no complaint" kernel_silent
ktap_end
