#!/bin/bash
# many.sh: 10,000 and 20,000 peers by config apply: the time grows with their number, no faster; the
# same again changes nothing; one peer is shown without looking at all; a dump goes on while the
# configuration changes.
# Topology: one namespace with a dummy device; no peer is needed.
# backends: uml
. ./lib.sh
. ./gateway.sh

ktap_plan 13

setup_ns gw
load_isakmp
ip -n "$gw" link add wan type dummy
ip -n "$gw" addr add 192.0.2.1/24 dev wan
ip -n "$gw" link set wan up
i() { ours "$gw" "$@"; }

small=1000 large=20000 half=10000
[ "$VM_KERNEL" = debug ] && small=200 large=2000 half=1000

# conf N: N peers
conf() { many_peers "$1" >"$work/conf.$1"; }

# ms CMD...: how long it takes, into $took
ms() {
	local begin
	begin=$(date +%s%3N)
	"$@" >"$work/out" || { cat "$work/out"; return 1; }
	took=$(($(date +%s%3N) - begin))
}

# at_most A N B: A is at most N tenths of B, give or take what a process costs
at_most() { echo "$1 ms, $3 ms"; [ "$1" -le $(($3 * $2 / 10 + 200)) ]; }

gen() { i -j peer show "$1" | jq '.[0].generation'; }

for n in $small $half $large; do conf $n; done

ms i config apply "$work/conf.$half"; half_took=$took
check "$half peers, each with two auths and a child, in 5 s" at_most "$half_took" 10 5000
was=$(gen "n$((half - 1))")
ms i config apply "$work/conf.$half"
check "the same again takes no longer" at_most "$took" 10 "$half_took"
check "and touches nothing" [ "$(gen "n$((half - 1))")" = "$was" ]
ms i config apply "$work/conf.$large"; large_took=$took
# this machine may have had other things to do: up to three rounds
for _ in 1 2; do
	! at_most "$large_took" 22 "$half_took" >/dev/null || break
	i config apply /dev/null
	ms i config apply "$work/conf.$half"; half_took=$took
	was=$(gen "n$((half - 1))")
	ms i config apply "$work/conf.$large"; large_took=$took
done
check "$large take at most 2.2 times that" at_most "$large_took" 22 "$half_took"
check "what was there is not touched" [ "$(gen "n$((half - 1))")" = "$was" ]

ms i peer show; text_took=$took
check "all are shown" [ "$(grep -c '^peer' "$work/out")" = $large ]
ms i -j peer show
check "as JSON in no more than four times the time" at_most "$took" 40 "$text_took"
ms i peer show "n$((large - 1))"
check "one peer in no more than a tenth" at_most "$took" 1 "$text_took"
ms i child show peer "n$((large - 1))"
check "its child, too" at_most "$took" 1 "$text_took"

# Peers come and go while all are shown: what stays is shown once.
restless() {
	local end=$((SECONDS + 2))
	while [ $SECONDS -lt $end ]; do
		i peer add guest local 192.0.2.1 remote 10.255.0.1 proposal p && i peer del guest
	done
}
restless & pid=$!
whole=yes
for _ in 1 2 3; do
	i -j peer show | jq -r '.[].name' | grep -v guest | sort | uniq -d | grep -q . && whole=twice
	[ "$(i -j peer show | jq -r '.[].name' | grep -vc guest)" = $large ] || whole=lost
done
wait $pid
check "a dump while the configuration changes shows each peer once" [ $whole = yes ]

ms i config apply "$work/conf.$small"; less_took=$took
check "back to $small in no more than the time of all" at_most "$less_took" 10 "$large_took"
ms i config apply "$work/conf.$large"
emptied() { ms i config apply /dev/null && at_most "$took" 10 "$large_took" && [ -z "$(i config save -)" ]; }
check "all gone in no more than that" emptied
check "the kernel has no complaint" kernel_silent
ktap_end
