#!/bin/bash
# children.sh: several children of a peer share one IKE SA: those that are started together, one that
# is started later, and when the IKE SA is rekeyed.
# Topology: two_gateways in lib.sh, both ours.
. ./lib.sh
. ./gateway.sh

ktap_plan 20

more_children() {
	cat >>"$work/$gwA/isakmp.conf" <<-EOF
	child add two peer gw local-ts 10.1.0.0/16 remote-ts 10.4.0.0/16 ${1-}
	child add three peer gw local-ts 10.1.0.0/16 remote-ts 10.5.0.0/16 ${1-}
	EOF
	cat >>"$work/$gwB/isakmp.conf" <<-EOF
	child add two peer gw local-ts 10.4.0.0/16 remote-ts 10.1.0.0/16
	child add three peer gw local-ts 10.5.0.0/16 remote-ts 10.1.0.0/16
	EOF
	ours "$gwB" config apply "$work/$gwB/isakmp.conf" &&
		ours "$gwA" config apply "$work/$gwA/isakmp.conf"
}
lab_of_three() { lab ours && more_children; }
check "lab: two of ours, three children" lab_of_three

children() { ours "$1" -j sa | jq '[.[] | .children[]? | select(.state == "up")] | length'; }
children_are() { [ "$(children "$1")" = "$2" ]; }
# up NS N: one IKE SA with N children
one_sa_with() { sa_is "$1" 1 "$established" && sa_is "$1" 1 && children_are "$1" "$2"; }
both_have() { busywait 8000 one_sa_with "$gwA" "$1" && busywait 2000 one_sa_with "$gwB" "$1"; }

all_up() { ours "$gwA" peer up gw && both_have 3; }
check "the peer up: one IKE SA with three children" all_up
check "up again changes nothing" all_up
one_down() { ours "$gwA" child down two peer gw && both_have 2; }
check "one child down: the others stay" one_down
one_up() { ours "$gwA" child up two peer gw && both_have 3; }
check "and up again, on the same IKE SA" one_up
check "ESP flows" esp_flows
from_b() { ours "$gwB" child down three peer gw && both_have 2 && ours "$gwB" child up three peer gw && both_have 3; }
check "the responder takes one down and sets it up" from_b
quick() { ours "$gwA" child down two peer gw && ours "$gwA" child up two peer gw && both_have 3; }
check "down and up at once" quick
cut() { ip -n "$router" link set toB down; }
mend() { ip -n "$router" link set toB up && ip -n "$router" addr replace 198.51.100.1/24 dev toB; }
both_want() { cut; ours "$gwA" child up two peer gw nowait; ours "$gwB" child up two peer gw nowait; mend; both_have 4; }
twice() { ours "$gwA" child down two peer gw && both_have 2 && both_want; }
check "both ends set one up at once: there are two" twice
none_of() { ours "$1" child down two peer gw && both_have 2; }
check "down: both go" eval 'none_of "$gwA" && both_want && none_of "$gwB" && ours "$gwA" child up two peer gw && both_have 3'
gone() { ours "$gwA" child del two peer gw && both_have 2; }
check "a child that is configured no more goes alone" gone

down() { ours "$gwA" peer down gw && tunnel_down "$gwA" && tunnel_down "$gwB"; }
check "down" down
now() {
	sed -i '/^child/ s/start none//; /^child/ s/$/ start now/' "$work/$gwA/isakmp.conf"
	ours "$gwA" config apply "$work/$gwA/isakmp.conf" && both_have 3
}
check "start now: one IKE SA with three children" now
sa_id() { ours "$gwA" -j sa | jq '.[0].id'; }
another() { both_have 3 && [ "$(sa_id)" != "$1" ]; }
lost() {
	local was
	was=$(sa_id)
	ours "$gwB" peer down gw && busywait 8000 another "$was"
}
check "and after the peer has deleted it" lost
refused_often() { [ "$(refused "$gwB" ts)" -ge "$1" ]; }
# after one second, two, four; never sooner than seven eighths of that
patient() {
	local was start
	was=$(refused "$gwB" ts) start=$(date +%s%3N)
	ours "$gwA" child add four peer gw local-ts 10.1.0.0/16 remote-ts 10.6.0.0/16 start now &&
		busywait 15000 refused_often $((was + 4)) &&
		[ $(($(date +%s%3N) - start)) -gt 6000 ] && both_have 3 && ours "$gwA" child del four peer gw
}
check "one that the peer refuses is asked for again, each time later" patient
rekeyed() { one_sa_with "$gwA" 3 && [ "$(sa_id)" = "$1" ] && [ "$(sa_spi)" != "$2" ]; }
sa_spi() { ours "$gwA" -j sa | jq -r '.[0].spi_i'; }
early() {
	local was spi
	ours "$gwA" peer down gw && tunnel_down "$gwA" && cut && ours "$gwA" peer up gw nowait &&
		ours "$gwA" peer set gw life 4s && mend && both_have 3 || return
	was=$(sa_id) spi=$(sa_spi)
	busywait 12000 rekeyed "$was" "$spi"
}
check "a lifetime that changes while it is set up" early
renewed() {
	local was spi
	sed -i '/^peer add gw/ s/$/ life 4s/' "$work/$gwA/isakmp.conf"
	ours "$gwA" config apply "$work/$gwA/isakmp.conf" && ours "$gwA" peer down gw &&
		tunnel_down "$gwA" && ours "$gwA" peer up gw && both_have 3 || return
	was=$(sa_id) spi=$(sa_spi)
	busywait 12000 rekeyed "$was" "$spi" && both_have 3
}
check "rekeyed with all of its children, and still the same" renewed
suite() { sed -i "/^proposal/ s/ esp .*/ esp $1/" "$work/$gwB/isakmp.conf" && ours "$gwB" config apply "$work/$gwB/isakmp.conf"; }
tried() { counter_above "$gwB" refused-no-proposal "$1"; }
# the rekey is refused, and so are all children of the IKE SA that was to replace this one
in_vain() {
	local was before
	was=$(sa_id) before=$(refused "$gwB" no-proposal)
	suite aes128gcm16 && ours "$gwA" sa rekey id "$was" child two &&
		busywait 8000 tried $((before + 3)) && both_have 3 && [ "$(sa_id)" = "$was" ] && suite aes256gcm16
}
check "an IKE SA in its place that gets no child goes again" in_vain
# its life is short, and counters end with it
flows() { ping_ok "$hostA" 10.2.0.2 3 && ping_ok "$hostB" 10.1.0.2 3; }
check "traffic flows" flows
check "the kernel has no complaint" kernel_silent
ktap_end
