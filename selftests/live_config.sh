#!/bin/bash
# live_config.sh: the configuration changes under 24 tunnels with traffic: by ids, SPIs and counters only
# those are touched that it concerns. Lifetimes apply at once, with the same keys, proposals with the
# next ones; what is narrowed or removed goes, unless it is kept.
#
#	gwA (192.0.2.101 to .124) ---- gwB (192.0.2.2): a peer object for each pair; 10.1.N.1 and 10.2.N.1 on lo
. ./lib.sh
. ./gateway.sh

ktap_plan 24

many=24
# conf NS US THEM: peers p1 to p24
conf() {
	local ns=$1 n
	mkdir -p "$work/$ns/secrets"
	for n in one two; do echo 'a shared secret of the selftests' >"$work/$ns/secrets/$n"; done
	chmod 0640 "$work/$ns"/secrets/*
	{
		echo "listen add"
		echo "proposal add strong ike aes256gcm16-prfsha384-x25519 esp aes256gcm16"
		echo "proposal add other ike aes256gcm16-prfsha384-x25519 esp aes128gcm16,aes256gcm16"
		for n in one two; do echo "cred add $n psk file $n"; done
		for ((n = 1; n <= many; n++)); do
			local us=192.0.2.$((100 + n)) them=192.0.2.2 left=10.1.$n.0/24 right=10.2.$n.0/24 i=a$n r=b
			[ "$2" = a ] || us=192.0.2.2 them=192.0.2.$((100 + n)) left=10.2.$n.0/24 right=10.1.$n.0/24 i=b r=a$n
			echo "peer add p$n local $us remote $them proposal strong dpd off"
			echo "auth add peer p$n side local method psk id fqdn:$i cred one"
			echo "auth add peer p$n side remote method psk id fqdn:$r cred one"
			echo "child add net peer p$n local-ts $left remote-ts $right"
		done
	} >"$work/$ns/isakmp.conf"
}
ns_batch() { printf '%s\n' "${@:2}" | ip -n "$1" -batch -; }
lab_many() {
	local n a=() b=()
	setup_ns gwA gwB && veth "$gwA" wan 192.0.2.1/24 "$gwB" wan 192.0.2.2/24 || return
	for ((n = 1; n <= many; n++)); do
		a+=("addr add 192.0.2.$((100 + n))/24 dev wan" "addr add 10.1.$n.1/32 dev lo"
			"route add 10.2.$n.0/24 via 192.0.2.2 src 10.1.$n.1")
		b+=("addr add 10.2.$n.1/32 dev lo" "route add 10.1.$n.0/24 via 192.0.2.1 src 10.2.$n.1")
	done
	ns_batch "$gwA" "${a[@]}" && ns_batch "$gwB" "${b[@]}" && conf "$gwA" a && conf "$gwB" b &&
		ours_start "$gwB" && ours_start "$gwA"
}
check "lab: $many peers" lab_many
i() { ours "$gwA" "$@"; }
start_all() {
	local n
	for ((n = 1; n <= many; n++)); do echo "peer up p$n nowait"; done >"$work/up"
	i -b "$work/up" >/dev/null && busywait 10000 sa_is "$gwA" $many "$with_child" || return
	for ((n = 1; n <= many; n++)); do in_ns "$gwA" ping -q -n -c 2 -i 0.01 -W 2 10.2.$n.1 >/dev/null || return; done
}
check "all are up, with traffic" start_all

# what there is of everybody: ids, SPIs, counters; a child that is gone is forgotten soon
look() {
	ours "$1" -j -s sa | jq -r '.[] | "\(.peer) id \(.id) spi \(.spi_i) \(.spi_r) \(.state) rekeys \(.rekeys // 0)" as $sa |
		(.children[]? | select(.state != "gone") | "\($sa) child \(.spi_in) \(.spi_out) \(.state) in \(.bytes_in) \(.packets_in) out \(.bytes_out) \(.packets_out)"), $sa' |
		sort
}
all_look() { look "$gwA"; look "$gwB"; }
was=$(all_look)
# only N...: of all others everything is as it was when that was last asked
only() {
	local now but="^p($(IFS='|'; echo "${*:-none}")) "
	now=$(all_look)
	if ! diff <(grep -Ev "$but" <<<"$was") <(grep -Ev "$but" <<<"$now"); then
		was=$now
		return 1
	fi
	was=$now
}
# of N WHAT: at A
of() { i -j sa | jq -r "[.[] | select(.peer == \"p$1\")] | last | $2"; }
spi() { of "$1" '[.children[]? | select(.state == "up")] | last | .spi_in'; }
is_not() { [ "$("$1" "$2")" != "$3" ]; }
ike_spi() { of "$1" .spi_i; }
id() { of "$1" .id; }

same_file() { i config apply "$work/$gwA/isakmp.conf" && only; }
check "the same file again: nothing is touched" same_file

hard() { ip -n "$gwA" -s xfrm state | grep -c "hard $1(sec)"; }
in_place() { [ "$(hard 28800)" = $((2 * many)) ] && i child set net peer p1 life 20m && busywait 3000 relimited; }
relimited() { [ "$(hard 1200)" = 2 ] && [ "$(hard 28800)" = $((2 * many - 2)) ] || { echo "$(hard 1200) and $(hard 28800)"; return 1; }; }
check "a child's lifetime: two states have another" in_place
check "with their keys and counters; nobody else is touched" only
packets() { ip -n "$gwA" -s xfrm state | grep -c 'hard 5000(packets)'; }
by_packets() { i child set net peer p1 packets 5000 && busywait 3000 relimited_packets && only; }
relimited_packets() { [ "$(packets)" = 2 ]; }
check "the same of packets" by_packets

# rekeyed WHAT N COMMAND...: by the new limit its time is up
rekeyed() {
	local what=$1 n=$2 before
	before=$("$what" "$n")
	shift 2
	i "$@" && busywait 9000 is_not "$what" "$n" "$before"
}
check "a child whose time is over by the new one is rekeyed" rekeyed spi 2 child set net peer p2 life 2s
longer() { i child set net peer p2 life 8h && only 2; }
check "nobody else is touched" longer
check "an IKE SA, too" rekeyed ike_spi 3 peer set p3 life 2s
ike_longer() { i peer set p3 life 1d && [ "$(id 3)" ] && only 3; }
check "nobody else is touched" ike_longer
suite() { of "$1" '[.children[] | select(.state == "up")] | last | .suite'; }
proposals() { i peer set p4 proposal other && ours "$gwB" peer set p4 proposal other && only; }
check "proposals: nothing is touched" proposals
next_keys() {
	[[ "$(suite 4)" = aes256gcm16* ]] && rekeyed spi 4 sa rekey id "$(id 4)" child net && [[ "$(suite 4)" = aes128gcm16* ]] && only 4
}
check "but by the next keys" next_keys

children() { of "$1" '[.children[]? | select(.state == "up")] | length'; }
# the responder first: it says until when, the initiator authenticates anew as soon as it is changed as well
other_id() {
	local was_id
	was_id=$(id 9)
	ours "$gwB" auth set peer p9 side remote id fqdn:other && i auth set peer p9 side local id fqdn:other &&
		busywait 15000 is_not id 9 "$was_id" && busywait 5000 one_of 9 && only 9
}
one_of() { [ "$(i -j sa | jq "[.[] | select(.peer == \"p$1\" and .state == \"established\")] | length")" = 1 ] && [ "$(children "$1")" = 1 ]; }
check "another identity: a new IKE SA takes over, nobody else is touched" other_id

childless() { [ "$(children "$1")" = 0 ] && [ "$(of "$1" .state)" = established ]; }
narrowed() { i child set net peer p5 remote-ts 10.2.5.0/25 && busywait 5000 childless 5 && only 5; }
check "a child is narrowed: it goes, its IKE SA stays" narrowed
removed() { i child del net peer p6 && busywait 5000 childless 6 && only 5 6; }
check "a child is removed: the same" removed
no_peer() { [ "$(of 7 .)" = null ]; }
gone() { i peer del p7 && busywait 5000 no_peer && only 5 6 7; }
check "a peer is removed: it goes" gone

# one line of a file
dpd() { [ "$(of "$1" .msgs_in)" -gt "$2" ]; }
one_line() {
	local asked
	i config save "$work/saved" && sed '/^peer add p8 /,/^[a-z]* add/s/dpd off/dpd 1s/; s/^\(peer add p8 .*\)dpd off/\1dpd 1s/' "$work/saved" >"$work/changed"
	! cmp -s "$work/saved" "$work/changed" && asked=$(of 8 .msgs_in) && i config apply "$work/changed" && busywait 5000 dpd 8 "$asked" && only 5 6 7
}
check "liveness checks, by one line of a file: the same keys, nobody is touched" one_line

# ---- keep: the peer goes, its IKE SA does not

# who goes on: with traffic, rekeyed by either end, child and IKE SA
b_id() { ours "$gwB" -j sa | jq -r ".[] | select(.peer == \"p$1\") | .id"; }
goes_on() {
	in_ns "$gwA" ping -q -n -c 2 -i 0.01 -W 2 "10.2.$1.1" && rekeyed spi "$1" sa rekey id "$(id "$1")" child net &&
		rekeyed ike_spi "$1" sa rekey id "$(id "$1")" && by_peer "$1" &&
		in_ns "$gwA" ping -q -n -c 2 -i 0.01 -W 2 "10.2.$1.1"
}
by_peer() {
	local was_spi was_ike
	was_spi=$(spi "$1") was_ike=$(ike_spi "$1")
	ours "$gwB" sa rekey id "$(b_id "$1")" child net && busywait 9000 is_not spi "$1" "$was_spi" &&
		ours "$gwB" sa rekey id "$(b_id "$1")" && busywait 9000 is_not ike_spi "$1" "$was_ike"
}
kept() {
	i config save "$work/whole" && was=$(all_look) && i peer del p10 keep && ! i peer show p10 && goes_on 10 && only 10 &&
		[ "$(id 10)" ] && fails i peer up p10
}
check "a peer is removed, and its IKE SA kept: it goes on, nobody else is touched" kept
# a file without p11 and p12: SAs of the one are deleted then, those of the other are there yet
without() {
	grep -Ev ' p1[012]( |$)' "$work/whole" >"$work/less" && i config apply "$work/less" keep && goes_on 11 && only 10 11 &&
		i sa del id "$(id 11)" && busywait 5000 no_sa 11 && only 10 11
}
no_sa() { [ "$(of "$1" .)" = null ]; }
check "the same by a file; sa del ends it" without
limits() { [ "$(hard 1500)" = 2 ]; }
back() {
	local was_id
	was_id=$(id 12)
	i config apply "$work/whole" && only 10 11 && i child set net peer p12 life 25m && busywait 5000 limits && goes_on 12 &&
		[ "$(id 12)" = "$was_id" ]
}
check "a peer of the name comes back: the IKE SA is its own" back
own() { i peer del p12 && busywait 5000 no_sa 12 && only 10 11 12; }
check "and goes with it" own
# who is not there yet when its peer goes
setting_up() {
	helper_kill "$gwB" && i peer up p11 nowait && busywait 9000 state_is 11 auth-sent && i peer del p11 keep &&
		busywait 9000 state_is 11 deleting
}
state_is() { [ "$(of "$1" .state)" = "$2" ]; }
check "one that is being set up goes in any case" setting_up
flushed() {
	local up
	up=$(sa_count "$gwA" "$with_child")
	i peer flush keep && goes_on 10 && goes_on 24 && [ "$(i -j peer | jq length)" = 0 ] && sa_is "$gwA" "$up" "$with_child"
}
check "all peers are removed, and what is up is kept" flushed
check "the kernel has no complaint" kernel_silent
ktap_end
